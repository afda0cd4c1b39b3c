#!/bin/bash
# The pure cores of matching: enumeration of small instances under sanitizers,
# the instances of OR-Library, and LEMON's network simplex on larger ones.
. "$(dirname "$0")/../lib/check.sh"

mkdir -p build
core="src/match/assign_*.c src/match/stable_core.c"
flags="-std=gnu99 -g -Wall -Wextra -Werror -Isrc"
sanitize="-O1 -fsanitize=address,undefined -fno-sanitize-recover"

# A short list of one arc lets the small instances reach the code for long rows.
gcc $flags $sanitize -DSHORT_LIST=1 test/unit/assign_brute.c $core -lm -o build/assign_brute
gcc $flags $sanitize test/unit/stable_brute.c $core -lm -o build/stable_brute
gcc $flags -O2 test/unit/assign_brute.c $core -lm -o build/assign_brute_fast
for run in "build/assign_brute 20000 1" "build/assign_brute_fast 200000 2" "build/stable_brute 10000 1"; do
    out=$($run 2>&1) || finding "$(head -40 <<<"$out")"
    echo "$out"
done

# Interrupts are looked for often enough, counted in blocks of code run.
for f in $core; do gcc $flags -O2 -fsanitize-coverage=trace-pc -c "$f" -o "build/$(basename "$f" .c).traced.o"; done
gcc $flags -O2 test/unit/assign_pause.c build/assign_*.traced.o build/stable_core.traced.o -lm -o build/assign_pause
for size in small ${LARGE:+large}; do
    out=$(build/assign_pause $size 2>&1) || finding "$out"
    echo "$out"
done

# The optimum of the instances that are published with one; a relaxation of
# generalised assignment is at most its optimum.
gcc $flags -O2 test/unit/assign_beasley.c $core -lm -o build/assign_beasley
data=$COMMUNITY_DATA/assignment
if [ -f "$data/assign100.txt" ]; then
    for pair in 100:305 200:475 300:626 400:804; do
        got=$(build/assign_beasley "$data/assign${pair%:*}.txt") || finding "assign${pair%:*} fails"
        [ "$got" = "${pair#*:}" ] || finding "assign${pair%:*}: $got instead of ${pair#*:}"
    done
    got=$(build/assign_beasley -g "$data/gapa.txt" 1698 3235 1360 2623 1158 2339) || finding "gapa: $got"
    echo "$got"
else
    echo "the instances of OR-Library are absent: passed over"
fi

# LEMON, where it is installed.
if [ -f /usr/include/lemon/network_simplex.h ]; then
    for f in $core; do gcc $flags -O2 -c "$f" -o "build/$(basename "$f" .c).unit.o"; done
    g++ -O2 -Isrc test/unit/assign_lemon.cc build/assign_*.unit.o -o build/assign_lemon
    for kind in dense near random tight ties capacity nearcap slack; do
        for seed in 1 2 3; do
            out=$(build/assign_lemon $kind 400 $seed 2>&1) || finding "$kind 400 $seed: $out"
        done
    done
    for run in "dense 1000 1" "near 10000 1" "random 20000 1" "tight 10000 1" "ties 10000 1" "capacity 20000 1" "nearcap 10000 1" "slack 100000 1" ${LARGE:+"random 100000 1" "capacity 100000 1" "near 100000 1"}; do
        out=$(build/assign_lemon $run 2>&1) || finding "$run: $out"
        echo "$out"
    done
else
    echo "liblemon-dev is not installed: the comparison with LEMON is passed over"
fi

bad=$(grep -lE '#include "(postgres|fmgr|utils/|compat)' $core src/match/assign_*.h || true)
[ -z "$bad" ] || finding "a pure core includes headers of the server: $bad"
done_checking
