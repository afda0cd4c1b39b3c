#!/bin/bash
# The pure cores of cards and keys: vectors of the standards, a million forged
# credentials, under the address and undefined-behaviour sanitizers.
. "$(dirname "$0")/../lib/check.sh"

mkdir -p build
gcc -std=gnu99 -O2 -g -Wall -Wextra -Werror -Isrc -fsanitize=address,undefined -fno-sanitize-recover \
    test/unit/card_core_test.c src/card/*_core.c src/grid/gridcode_core.c -lcrypto -o build/card_core_test
gcc -std=gnu99 -O2 -g -Wall -Wextra -Werror -Isrc -fsanitize=address,undefined -fno-sanitize-recover \
    test/unit/card_purpose_test.c src/card/*_core.c src/grid/gridcode_core.c -lcrypto -o build/card_purpose_test
if ! out=$(build/card_core_test "${ROUNDS:-1}" 2>&1); then
    finding "$(tail -40 <<<"$out")"
fi
echo "$out" | tail -5
n=$(sed -n 's/^\([0-9]*\) checks, 0 failed$/\1/p' <<<"$out")
[ "${n:-0}" -ge 1000000 ] || finding "only ${n:-0} checks ran"
forged=$(sed -n 's/^\([0-9]*\) forged credentials, 0 wrong answers$/\1/p' <<<"$out")
[ "${forged:-0}" -ge 1000000 ] || finding "only ${forged:-0} forged credentials were tried"
# Every kind of signed object is refused where another is expected.
if ! out=$(build/card_purpose_test 2>&1); then
    finding "$out"
fi
echo "$out"
# The cores must not need the server: the offline reader links them.
bad=$(grep -lE '#include "(postgres|fmgr|utils/|compat)' src/card/*_core.c src/worktime/*_core.c src/text/*_core.c || true)
[ -z "$bad" ] || finding "a pure core includes headers of the server: $bad"
done_checking
