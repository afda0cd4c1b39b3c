#!/bin/sh
# build.sh [OUTPUT]: build the offline reader; it needs libcrypto only.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
exec ${CC:-gcc} -std=gnu99 -O2 -Wall -Wextra -Werror -I"$root/src" ${CFLAGS:-} -o "${1:-$root/demo/reader/reader}" \
    "$root/demo/reader/reader.c" "$root/src/card/ring_core.c" "$root/src/card/card_core.c" \
    "$root/src/card/card_text_core.c" "$root/src/card/cardno_core.c" "$root/src/card/status_core.c" "$root/src/card/document_core.c" \
    "$root/src/worktime/worktime_core.c" "$root/src/grid/gridcode_core.c" -lcrypto
