#!/bin/bash
# doc/reference.md is what doc/reference.sql makes of the comments.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

psql_q -f doc/reference.sql >build/reference.md
if ! diff -q doc/reference.md build/reference.md >/dev/null; then
    finding "doc/reference.md is out of date; make it anew with: make reference
$(diff doc/reference.md build/reference.md | head -10)"
fi
[ "$(wc -l <build/reference.md)" -gt 200 ] || finding "the reference is almost empty"
done_checking
