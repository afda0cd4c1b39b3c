#!/bin/bash
# The pure cores hold against random input: those of the grid for 30 seconds
# each, the others for 8 (FUZZ_SECONDS sets both); longer runs: test/fuzz/run.
. "$(dirname "$0")/../lib/check.sh"
command -v clang-14 >/dev/null || skip "no clang-14"

targets=$(cd test/fuzz && for f in *.c; do echo "${f%.c}"; done)
grid="gridcell_text gridcell_binary gridmap_bytes gserial_cover"
others=$(grep -vxF "${grid// /$'\n'}" <<<"$targets")
rm -f test/fuzz/build/*.log
test/fuzz/run "${FUZZ_SECONDS:-30}" $grid || finding "a fuzz target of the grid failed"
test/fuzz/run "${FUZZ_SECONDS:-8}" $others || finding "a fuzz target failed"
for t in $targets; do
    grep -qE '^stat::number_of_executed_units: *[1-9][0-9]{2}' "test/fuzz/build/$t.log" ||
        finding "target $t did not really run"
done
done_checking
