#!/bin/bash
# The pictures of the documents are what their SQL draws now.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/doc/img"
ln -s "$COMMUNITY_ROOT/demo" "$dir/demo"
for script in doc/*_pictures.sql; do
    (cd "$dir" && psql_q -f "$COMMUNITY_ROOT/$script" >/dev/null) || finding "$script fails"
done
drawn=$(find "$dir/doc/img" -name '*.svg' | wc -l)
[ "$drawn" -ge 7 ] || finding "only $drawn pictures are drawn"
for picture in doc/img/*.svg; do
    cmp -s "$picture" "$dir/$picture" || finding "$picture is not what its SQL draws: run its script and look"
done
# Each stands in a document, and none is drawn that stands nowhere.
for picture in "$dir"/doc/img/*.svg; do
    name=${picture##*/}
    grep -q "img/$name" doc/*.md || finding "$name stands in no document"
done
done_checking
