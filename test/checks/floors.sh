#!/bin/bash
# Floors: a module uses lower floors, and on its own floor only modules above it.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

psql_q >/dev/null <<'EOF'
CREATE TABLE public.house AS
SELECT module, floor, requires, row_number() OVER () AS line FROM community.modules();
-- Which module made which object.
CREATE TABLE public.made AS
SELECT a.classid, a.objid, o.module, h.line, o.kind, o.names
  FROM community.module_object o
  JOIN public.house h USING (module)
  CROSS JOIN LATERAL pg_get_object_address(o.kind, o.names, o.args) a;
INSERT INTO public.made      -- rules of views, defaults, constraints, policies, row types
SELECT d.classid, d.objid, m.module, m.line, 'part of ' || m.kind, m.names
  FROM pg_depend d JOIN public.made m ON m.classid = d.refclassid AND m.objid = d.refobjid
 WHERE d.deptype IN ('a', 'i') AND d.classid IN ('pg_rewrite'::regclass, 'pg_attrdef'::regclass,
       'pg_constraint'::regclass, 'pg_policy'::regclass, 'pg_type'::regclass);
INSERT INTO public.made      -- a trigger belongs to the module of its function
SELECT 'pg_trigger'::regclass, t.oid, m.module, m.line, 'trigger of ' || m.kind, m.names
  FROM pg_trigger t JOIN public.made m ON m.classid = 'pg_proc'::regclass AND m.objid = t.tgfoid
 WHERE NOT t.tgisinternal;
CREATE VIEW public.uses AS
SELECT DISTINCT a.module, a.line, array_to_string(a.names, '.') AS object,
       b.module AS used, b.line AS used_line, array_to_string(b.names, '.') AS used_object
  FROM pg_depend d
  JOIN public.made a ON a.classid = d.classid AND a.objid = d.objid
  JOIN public.made b ON b.classid = d.refclassid AND b.objid = d.refobjid
 WHERE a.module <> b.module;
EOF
at_least 50 "SELECT count(*) FROM public.made" "objects of modules"
at_least 10 "SELECT count(*) FROM public.uses" "uses between modules"
none "SELECT module, object, 'uses', used, used_object FROM public.uses WHERE line < used_line" "upward use (from pg_depend)"
none "WITH RECURSIVE below(module, lower) AS (
        SELECT module, unnest(requires) FROM public.house
        UNION SELECT b.module, unnest(h.requires) FROM below b JOIN public.house h ON h.module = b.lower)
      SELECT u.module, u.object, 'uses', u.used, u.used_object
        FROM public.uses u JOIN public.house h ON h.module = u.module
       WHERE h.floor < 5 AND NOT EXISTS (SELECT FROM below w WHERE w.module = u.module AND w.lower = u.used)" \
    "use of a module that the manifest does not require"
# The bodies of plpgsql are opaque to pg_depend: look for names of objects in the text.
none "SELECT DISTINCT a.module, a.names[2], 'mentions', b.module, b.names[2]
        FROM public.made a
        JOIN pg_proc p ON a.classid = 'pg_proc'::regclass AND p.oid = a.objid
        JOIN public.made b ON b.line > a.line AND b.kind NOT LIKE '% of %'
       WHERE p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
         AND p.prosrc ~ ('\m' || b.names[1] || '\.' || b.names[2] || '\M')
         AND NOT EXISTS (SELECT FROM public.made c WHERE c.line <= a.line AND c.names[1:2] = b.names[1:2])" \
    "upward use (from plpgsql bodies)"
# C modules stand apart, but for these pairs.
modules=$(cd src && ls -d */ | tr -d / | paste -sd'|')
bad=$(grep -HoE "#include \"($modules)/" src/*/*.[ch] | sed -E 's|src/([a-z]+)/.*"([a-z]+)/|\1 includes \2|' |
    awk '$1 != $3' | sort -u | grep -vE '^(place|casework|core|match|card) includes (grid|text|worktime)$' || true)
[ -z "$bad" ] || finding "C modules that include a sibling:
$bad"
done_checking
