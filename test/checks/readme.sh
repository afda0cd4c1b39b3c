#!/bin/bash
# The SQL of the READMEs works as they say, and both show the same.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

sql_of() { awk '/^```sql$/ { on = 1; next } /^```$/ { on = 0 } on' "$1"; }

sql_of README.md >build/readme.sql
sql_of README.zh.md >build/readme.zh.sql
diff -q build/readme.sql build/readme.zh.sql >/dev/null || finding "README.md and README.zh.md show different SQL"
[ "$(wc -l <build/readme.sql)" -gt 20 ] || finding "README.md shows hardly any SQL"

# A rollup counts what lies before the oldest transaction anywhere in the
# cluster; other tests have theirs, so wait for them.
sed "s/^SELECT community.run_job('case_day');/DO \\$\\$ BEGIN FOR i IN 1..600 LOOP\\
    EXIT WHEN community.tx_horizon() > (SELECT max(tx) FROM community.case_log);\\
    PERFORM pg_sleep(0.2); END LOOP; END \\$\\$;\\
&/" build/readme.sql >build/readme.run.sql
psql -qXAt -f build/readme.run.sql >build/readme.out 2>build/readme.err
errors=$(grep -c 'ERROR:' build/readme.err || true)
[ "$errors" = 1 ] && grep -q '状态“closed”下不允许事件“sign”' build/readme.err ||
    finding "README.md: one refusal is expected, but psql says: $(grep 'ERROR:' build/readme.err | head -3)"
grep -q '^330203001001001|exposed_garbage|1|1|1$' build/readme.out || finding "README.md: the rollup is not as expected"
grep -q '^on_time_rate|1.0000|1.0000|100.00$' build/readme.out || finding "README.md: the report is not as expected"

# Files and commands that the READMEs name are there.
for f in $(grep -oE '`?(demo|test|doc|src)/[a-zA-Z0-9_./]+' README.md README.zh.md | sed 's/^[^:]*://; s/`//; s/[.]$//' | sort -u); do
    case $f in demo/out/* | doc/reference.md) continue ;; esac
    [ -e "$f" ] || [ -e "${f%/}" ] || finding "README names $f, which is not there"
done
done_checking
