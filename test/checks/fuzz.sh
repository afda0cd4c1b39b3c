#!/bin/bash
# The pure cores hold against random input for some seconds each; longer runs:
# test/fuzz/run SECONDS.
. "$(dirname "$0")/../lib/check.sh"
command -v clang-14 >/dev/null || skip "no clang-14"
ls test/fuzz/*.c >/dev/null || finding "there are no fuzz targets"
test/fuzz/run "${FUZZ_SECONDS:-8}" || finding "a fuzz target failed"
[ "$(grep -lE '^stat::number_of_executed_units: *[1-9][0-9]{2}' test/fuzz/build/*.log | wc -l)" -ge 6 ] ||
    finding "fewer than six targets really ran"
done_checking
