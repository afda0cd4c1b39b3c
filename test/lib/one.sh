#!/bin/bash
# one.sh KIND:NAME: run one test in the cluster that test/run has started.
# Leaves NAME.log and NAME.passed, NAME.skipped (exit code 77) or NAME.failed.
. "$(dirname "$0")/common.sh"

kind=${1%%:*}
name=${1#*:}
base=$results/$kind.$name
log=$base.log
began=$(date +%s.%N)

# copy_template: give the test a database of its own and name it in PGDATABASE.
copy_template() {
    export PGDATABASE=t_${kind}_${name}
    # CREATE DATABASE waits for nobody: try again when another copy is made.
    for _ in $(seq 60); do
        if psql_q -d postgres -c "CREATE DATABASE \"$PGDATABASE\" TEMPLATE community_template" 2>"$base.copy"; then
            rm -f "$base.copy"
            # The platform sees that it was copied; the test takes it as the original.
            psql_q -d "$PGDATABASE" -c "SELECT community.restore_confirm()"
            return
        fi
        sleep 0.5
    done
    cat "$base.copy" >&2
    return 1
}

run_regress() {
    "$PGXS_DIR/src/test/regress/pg_regress" --inputdir="$COMMUNITY_ROOT" --outputdir="$base.out" \
        --bindir="$PGBIN" --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" \
        --dbname="regression_$name" --encoding=UTF8 --load-extension=postgis \
        --load-extension=btree_gist --load-extension=community "$name"
    local rc=$?
    [ $rc = 0 ] || cat "$base.out/regression.diffs"
    return $rc
}

run_isolation() {
    copy_template || return 1
    "$PGXS_DIR/src/test/isolation/pg_isolation_regress" --inputdir="$COMMUNITY_ROOT/test" \
        --outputdir="$base.out" --bindir="$PGBIN" --host="$PGHOST" --port="$PGPORT" \
        --user="$PGUSER" --dbname="$PGDATABASE" --use-existing "$name"
    local rc=$?
    [ $rc = 0 ] || cat "$base.out/output_iso/regression.diffs" "$base.out/regression.diffs" 2>/dev/null
    return $rc
}

run_pgtap() {
    copy_template || return 1
    pg_prove --norc --ext .sql --verbose -d "$PGDATABASE" "$COMMUNITY_ROOT/test/pgtap/$name.sql"
}

run_tap() {
    local dir=$CLUSTER/tap
    as_pg env PATH="$PGBIN:$PATH" PERL5LIB="$PGXS_DIR/src/test/perl:$dir/test/lib" \
        PG_REGRESS="$PGXS_DIR/src/test/regress/pg_regress" TESTDIR="$dir/tmp/$name" \
        COMMUNITY_DEST="$CLUSTER/dest" COMMUNITY_DATA="$dir/data" COMMUNITY_TREE="$dir" \
        bash -c 'mkdir -p "$TESTDIR/tmp_check"; cd "$TESTDIR"; exec prove --norc --verbose "$1"' _ "$dir/test/t/$name.pl"
    local rc=$?
    [ $rc = 0 ] || tail -n 25 "$dir/tmp/$name/tmp_check/log/"* | cut -c1-400
    return $rc
}

run_checks() {
    if grep -q '^# database: copy' "$COMMUNITY_ROOT/test/checks/$name.sh"; then
        copy_template || return 1
    fi
    bash "$COMMUNITY_ROOT/test/checks/$name.sh"
}

mkdir -p "$base.out"
set +e
run_"$kind" >"$log" 2>&1 </dev/null
rc=$?
set -e
if [ -n "${PGDATABASE:-}" ] && [ "$PGDATABASE" = "t_${kind}_${name}" ]; then
    psql_q -d postgres -c "DROP DATABASE IF EXISTS \"$PGDATABASE\" WITH (FORCE)" 2>/dev/null || true
fi
if [ $rc = 0 ] && [ "$kind" = tap ] && grep -q '^Result: NOTESTS' "$log"; then
    rc=77
fi
seconds=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
case $rc in
0)
    touch "$base.passed"
    echo "ok      $kind $name (${seconds}s)"
    ;;
77)
    touch "$base.skipped"
    echo "skipped $kind $name: $(tail -1 "$log")"
    ;;
*)
    touch "$base.failed"
    echo "FAILED  $kind $name (${seconds}s)"
    tail -60 "$log" | sed 's/^/    /'
    ;;
esac
exit 0
