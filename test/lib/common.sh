# common.sh: what demo/run, test/run and private.sh share.  Source it; bash.
#
# It finds the repository, makes sure the packages are there, builds, and runs
# a private throw-away cluster: own directory, own socket, no TCP, never root.

set -euo pipefail

COMMUNITY_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
COMMUNITY_DATA=${COMMUNITY_DATA:-$COMMUNITY_ROOT/../shared/data}
COMMUNITY_BUILD=$COMMUNITY_ROOT/build
PGBIN=/usr/lib/postgresql/15/bin
PGXS_DIR=/usr/lib/postgresql/15/lib/pgxs
PG_USER=postgres                # the system user that runs the server when we are root
export COMMUNITY_ROOT COMMUNITY_DATA COMMUNITY_BUILD PGBIN
mkdir -p "$COMMUNITY_BUILD"

say() { echo "$*" >&2; }
die() { say "community: $*"; exit 1; }

# as_pg COMMAND...: run as the user that owns the private cluster.
as_pg() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u "$PG_USER" -- "$@")
    else
        (cd / && "$@")
    fi
}

# as_pg_sh SCRIPT ARG...: the same for a shell script given as text.
as_pg_sh() { as_pg bash -c "$@"; }

# --- packages ---------------------------------------------------------------

# What the build, the demo and the tests need; README gives each its reason.
PACKAGES_BASE="postgresql-15 postgresql-server-dev-15 postgresql-15-postgis-3 postgresql-15-cron
    gcc make libc6-dev libssl-dev openssl perl gzip procps"
PACKAGES_TEST="postgresql-15-pgtap postgresql-15-plpgsql-check libtap-parser-sourcehandler-pgtap-perl
    libipc-run-perl pg-bsd-indent binutils clang-14 libclang-rt-14-dev jq g++ liblemon-dev git
    postgresql-15-pgrouting"

PACKAGES_BENCH="postgresql-15-q3c postgresql-15-pgrouting liblemon-dev g++ python3-scipy"

# packages_missing NAME...: print those that are not installed.
packages_missing() {
    local p
    for p in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || echo "$p"
    done
}

# clusters_online: names of the running PostgreSQL 15 clusters of this machine.
clusters_online() {
    command -v pg_lsclusters >/dev/null || return 0
    pg_lsclusters --no-header 2>/dev/null | awk '$1 == "15" && $4 ~ /^online/ { print $1 "/" $2 }'
}

# packages_ensure NAME...: install what is missing, without touching a running
# cluster and without creating a default one.
packages_ensure() {
    local missing plan online made_conf=
    missing=$(packages_missing "$@" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    [ "$(id -u)" = 0 ] ||
        die "packages are missing: $missing
Install them as root (apt-get install $missing), then run this again."
    say "installing packages: $missing"
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    if ! apt-cache show ${missing%% *} >/dev/null 2>&1; then
        apt-get -q update >&2 || die "apt-get update failed"
    fi
    plan=$(apt-get -s -o Debug::NoLocking=true install --no-install-recommends $missing) || {
        apt-get -q update >&2 || die "apt-get update failed"
        plan=$(apt-get -s install --no-install-recommends $missing) || die "apt cannot install: $missing"
    }
    online=$(clusters_online)
    if [ -n "$online" ] && grep -qE '^(Inst|Remv) (postgresql-15|postgresql-common|libpq5|postgresql-client-15) \[' <<<"$plan"; then
        die "installing would upgrade the server under a running cluster ($online) and restart it.
Upgrade PostgreSQL at a time of your choice (apt-get install postgresql-15), then run this again."
    fi
    # A drop-in file keeps the packages from creating a default cluster.
    if [ ! -d /var/lib/postgresql/15/main ]; then
        made_conf=/etc/postgresql-common/createcluster.d/community.conf
        mkdir -p "${made_conf%/*}"
        echo "create_main_cluster = false" >"$made_conf"
    fi
    if ! apt-get -q -y install --no-install-recommends $missing >"${TMPDIR:-/tmp}/community-apt.log" 2>&1; then
        [ -z "$made_conf" ] || rm -f "$made_conf"
        tail -20 "${TMPDIR:-/tmp}/community-apt.log" >&2
        die "apt-get install failed: $missing"
    fi
    [ -z "$made_conf" ] || rm -f "$made_conf"
}

# --- build ------------------------------------------------------------------

# build: compile into the source tree, quietly unless it fails.
build() {
    mkdir -p "$COMMUNITY_BUILD"
    local log=$COMMUNITY_BUILD/build.log
    if ! make -C "$COMMUNITY_ROOT" with_llvm=no -j"$(nproc)" all >"$log" 2>&1; then
        grep -E 'error|warning' -A3 "$log" >&2 || tail -40 "$log" >&2
        die "the build failed; the whole output is in $log"
    fi
}

# --- the private cluster ----------------------------------------------------

# cluster_start: make and start a cluster; sets CLUSTER (its directory) and PG*.
# Further lines of postgresql.conf may be given as arguments.
cluster_start() {
    CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/community.XXXXXX")
    chmod 755 "$CLUSTER"
    make -C "$COMMUNITY_ROOT" with_llvm=no install DESTDIR="$CLUSTER/dest" >"$COMMUNITY_BUILD/install.log" 2>&1 ||
        { tail -20 "$COMMUNITY_BUILD/install.log" >&2; die "make install failed"; }
    mkdir "$CLUSTER/sock" "$CLUSTER/keys"
    chmod 700 "$CLUSTER/sock" "$CLUSTER/keys"
    [ "$(id -u)" != 0 ] || chown "$PG_USER:" "$CLUSTER" "$CLUSTER/sock" "$CLUSTER/keys"
    as_pg "$PGBIN/initdb" -D "$CLUSTER/data" -U postgres -E UTF8 --locale=C.UTF-8 \
        --auth=trust --no-sync --no-instructions >"$COMMUNITY_BUILD/initdb.log" 2>&1 ||
        { tail -5 "$COMMUNITY_BUILD/initdb.log" >&2; die "initdb failed"; }
    cluster_ring
    {
        cat <<EOF
listen_addresses = ''
port = 5432
unix_socket_directories = '$CLUSTER/sock'
unix_socket_permissions = 0700
extension_destdir = '$CLUSTER/dest'
dynamic_library_path = '$CLUSTER/dest/usr/lib/postgresql/15/lib:\$libdir'
shared_preload_libraries = 'pg_cron,pg_stat_statements'
cron.use_background_workers = on
cron.database_name = 'community'
max_worker_processes = 16
max_connections = 100
shared_buffers = 256MB
max_wal_size = 2GB
timezone = 'Asia/Shanghai'
log_timezone = 'UTC'
logging_collector = off
EOF
        [ ! -f "$CLUSTER/keys/ring" ] || echo "community.key_file = '$CLUSTER/keys/ring'"
        printf '%s\n' "$@"
    } | as_pg_sh 'cat >> "$1/data/postgresql.conf"' _ "$CLUSTER"
    cluster_up
    export PGHOST=$CLUSTER/sock PGPORT=5432 PGUSER=postgres PGDATABASE=community
    unset PGPASSWORD PGSERVICE PGOPTIONS
    "$PGBIN/psql" -qX -d postgres -c 'CREATE DATABASE community'
}

# cluster_ring: give the cluster a throw-away key ring of its own.
cluster_ring() {
    [ -x "$COMMUNITY_ROOT/test/lib/make-ring.sh" ] || return 0
    as_pg_sh 'umask 077; cat > "$1"; chmod 0400 "$1"' _ "$CLUSTER/keys/ring" \
        < <("$COMMUNITY_ROOT/test/lib/make-ring.sh")
}

# cluster_up, cluster_down [MODE]: start and stop the server of $CLUSTER.
cluster_up() {
    as_pg "$PGBIN/pg_ctl" -s -w -t 60 -D "$CLUSTER/data" -l "$CLUSTER/server.log" start ||
        { tail -20 "$CLUSTER/server.log" >&2; die "the private cluster does not start"; }
}
cluster_down() {
    as_pg "$PGBIN/pg_ctl" -s -w -D "$CLUSTER/data" -m "${1:-fast}" stop >/dev/null 2>&1 || true
}

# cluster_remove: stop the server and remove everything it made.
cluster_remove() {
    [ -n "${CLUSTER:-}" ] || return 0
    cluster_down immediate
    rm -rf "$CLUSTER"
    CLUSTER=
}

# platform_install DATABASE: extension and platform, as a DBA would type it.
platform_install() {
    "$PGBIN/psql" -qXAt -v ON_ERROR_STOP=1 -d "$1" >/dev/null <<'EOF'
SET client_min_messages = warning;
CREATE EXTENSION community CASCADE;
SELECT count(*) FROM community.install();
EOF
}

psql_q() { "$PGBIN/psql" -qXAt -v ON_ERROR_STOP=1 "$@"; }
