# check.sh: what the scripts under test/checks share.  Source it; bash.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cd "$COMMUNITY_ROOT"
findings=0

# finding TEXT: print one thing that is wrong.
finding() {
    echo "$*"
    findings=$((findings + 1))
}

# none QUERY TITLE: run a query in the test's database; every row is a finding.
none() {
    local rows
    rows=$(psql_q -F ' | ' -c "$1") || { finding "query failed: $2"; return 0; }
    [ -z "$rows" ] || finding "$2:
$(sed 's/^/    /' <<<"$rows")"
}

# at_least NUMBER QUERY TITLE: the query's one number must reach NUMBER, so that
# a check that looks at nothing fails.
at_least() {
    local n
    n=$(psql_q -c "$2")
    [ "${n:-0}" -ge "$1" ] || finding "$3: only ${n:-0} found, expected at least $1"
}

# skip TEXT: end as skipped.
skip() {
    echo "$*"
    exit 77
}

# done_checking: fail when anything was found.
done_checking() {
    [ "$findings" = 0 ] || { echo "$findings findings"; exit 1; }
    echo "no findings"
}
