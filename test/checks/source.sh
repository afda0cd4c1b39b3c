#!/bin/bash
# The sources: exported symbols, version shims, file sizes, white space,
# indentation, replayable files, lists of modules.
. "$(dirname "$0")/../lib/check.sh"

# The files of the project: from git, or everything outside of build products.
files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard
    else
        find . -type f -not -path './build/*' | sed 's|^\./||'
    fi
}
list=$(files | while read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done)

# Every exported symbol is prefixed; only the server's own entry points are not.
bad=$(nm -D --defined-only community.so | awk '{ print $3 }' |
    grep -vE '^(community_|pg_finfo_community_|_PG_init$|Pg_magic_func$|_init$|_fini$)' || true)
[ -z "$bad" ] || finding "exported symbols without the prefix community_:" $bad
[ "$(nm -D --defined-only community.so | grep -c ' community_')" -gt 10 ] || finding "nm finds no symbols: the check is blind"

# Differences between server versions stand in compat.h alone.
for f in $(grep -E '^src/.*\.[ch]$' <<<"$list" | grep -v '^src/compat.h$' | xargs grep -l PG_VERSION_NUM || true); do
    finding "PG_VERSION_NUM in $f"
done

# Files that people can hold in mind.  Seeds and facts are data.
for f in $(grep -E '^(src|test|demo|bench)/.*\.(c|h|sql|sh|pl|pm)$' <<<"$list" | grep -vE 'seed|facts'); do
    n=$(wc -l <"$f")
    [ "$n" -le 700 ] || finding "$f has $n lines; about 600 is the most"
done

# White space.
text=$(grep -E '\.(c|h|sql|sh|pl|pm|md|spec)$|Makefile$' <<<"$list" | grep -vE '^expected/|^test/expected/')
bad=$(xargs grep -nIE '[[:blank:]]+$' <<<"$text" | head -5 || true)
[ -z "$bad" ] || finding "trailing white space:
$bad"
bad=$(grep -E '\.(sql|sh)$' <<<"$text" | xargs grep -nIP '^\s*\t' | head -5 || true)
[ -z "$bad" ] || finding "tabs in SQL or shell:
$bad"

# pg_bsd_indent agrees with the C files, but for a few lines that it does not
# understand (designated initialisers, macros with types).
typedefs=build/typedefs.txt
mkdir -p build
{
    cat src/*.h src/*.c src/*/*.h src/*/*.c | awk '
        /^typedef .*;$/ { sub(/;$/, ""); sub(/.*[ *]/, ""); print; next }
        /^typedef (struct|enum|union)/ { open = 1 }
        open && /^}/ { sub(/;.*/, ""); sub(/.*[ *}]/, ""); print; open = 0 }'
    sed -e '/^#/d' test/checks/typedefs.txt
} | sort -u >"$typedefs"
for f in $(grep -E '^src/.*\.[ch]$' <<<"$list"); do
    cp "$f" build/indent.c
    pg_bsd_indent -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 -l100 -lp -lpl -nip -npro -sac -tpg -ts4 \
        -U"$typedefs" build/indent.c build/indent.out >/dev/null 2>&1 || true
    n=$(diff "$f" build/indent.out | grep -c '^>' || true)
    [ "$n" -le $(($(wc -l <"$f") / 50 + 3)) ] || finding "$f is not indented as pg_bsd_indent does: $n lines differ"
done

# Replayable platform files hold only statements that can be repeated.
for f in $(grep -E '^src/[a-z]+/platform/.*\.sql$' <<<"$list" | grep -vE '/[0-9]{3}_'); do
    bad=$(grep -nE '^(CREATE (TABLE|SEQUENCE|TYPE|INDEX|UNIQUE INDEX|FUNCTION|PROCEDURE|VIEW|TRIGGER|DOMAIN|MATERIALIZED)|ALTER TABLE .* ADD (COLUMN|CONSTRAINT)|DROP TABLE)' "$f" || true)
    [ -z "$bad" ] || finding "$f is replayable but holds: $bad"
done

# The lists of modules and files agree with the folders.
for d in src/*/platform; do
    m=$(basename "$(dirname "$d")")
    grep -qx "$m" src/modules || finding "module $m is not in src/modules"
    for f in "$d"/*.sql; do
        grep -qE "^(step|replay) +$(basename "$f")( |$)" "$d/manifest" || finding "$f is not in its manifest"
    done
done
for f in src/*/extension*.sql; do
    grep -qx "${f#src/}" src/extension_order || finding "$f is not in src/extension_order"
done
for f in $(grep -E '^sql/.*\.sql$' <<<"$list"); do
    [ -f "expected/$(basename "$f" .sql).out" ] || finding "$f has no expected output"
done

# No unfinished work.
bad=$(xargs grep -nIE '\b(TODO|FIXME|XXX)\b' <<<"$text" | grep -v '^test/checks/source.sh' | head -5 || true)
[ -z "$bad" ] || finding "unfinished work:
$bad"
done_checking
