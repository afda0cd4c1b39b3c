#!/bin/sh
# build.sh [OUTPUT]: build the signer; it needs libcrypto only.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
exec ${CC:-gcc} -std=gnu99 -D_DEFAULT_SOURCE -O2 -Wall -Wextra -Werror -I"$root/src" ${CFLAGS:-} \
    -o "${1:-$root/demo/signer/signer}" "$root/demo/signer/signer.c" "$root/src/card/ring_core.c" \
    "$root/src/card/card_core.c" "$root/src/card/cardno_core.c" "$root/src/grid/gridcode_core.c" -lcrypto
