#!/bin/bash
# private.sh start|stop|psql: a private cluster with the platform installed.
# start prints only shell assignments:  eval "$(make -s start)"
. "$(dirname "$0")/common.sh"

state=$COMMUNITY_BUILD/private.env

case ${1:-} in
start)
    packages_ensure $PACKAGES_BASE
    build
    if [ -f "$state" ]; then
        "$0" stop
    fi
    cluster_start
    trap 'cluster_remove' ERR
    psql_q -d community -c 'CREATE EXTENSION pg_cron' >&2
    platform_install community
    psql_q -d community -c "SELECT community.setup_roles('')" >/dev/null
    {
        echo "export PGHOST=$PGHOST PGPORT=$PGPORT PGUSER=$PGUSER PGDATABASE=community"
    } | tee "$state"
    echo "$CLUSTER" >"$COMMUNITY_BUILD/private.dir"
    ;;
stop)
    [ -f "$COMMUNITY_BUILD/private.dir" ] || die "no private cluster is running"
    CLUSTER=$(cat "$COMMUNITY_BUILD/private.dir")
    cluster_remove
    rm -f "$state" "$COMMUNITY_BUILD/private.dir"
    ;;
psql)
    [ -f "$state" ] || die "no private cluster is running; start one with: make start"
    . "$state"
    shift
    exec "$PGBIN/psql" "$@"
    ;;
*)
    die "usage: private.sh start|stop|psql"
    ;;
esac
