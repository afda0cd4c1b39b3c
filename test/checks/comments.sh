#!/bin/bash
# Every object of the extension and the platform has a comment, in English and
# Chinese, that says more than the name.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

psql_q >/dev/null <<'EOF'
CREATE TABLE public.commented AS
WITH space AS (
    SELECT oid, nspname FROM pg_namespace
     WHERE nspname IN ('community', 'community_api', 'community_bi', 'community_map'))
SELECT 'function' AS kind, p.oid::regprocedure::text AS object, p.proname::text AS name,
       obj_description(p.oid, 'pg_proc') AS comment
  FROM pg_proc p JOIN space n ON n.oid = p.pronamespace
 WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype = 'i')
UNION ALL
SELECT 'relation', c.oid::regclass::text, c.relname, obj_description(c.oid, 'pg_class')
  FROM pg_class c JOIN space n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT c.relispartition
UNION ALL
SELECT 'column', c.oid::regclass || '.' || a.attname, a.attname, col_description(c.oid, a.attnum)
  FROM pg_class c JOIN space n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'type', t.oid::regtype::text, t.typname, obj_description(t.oid, 'pg_type')
  FROM pg_type t JOIN space n ON n.oid = t.typnamespace
 WHERE (t.typtype IN ('b', 'd', 'e', 'r') AND t.typelem = 0)
    OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
UNION ALL
SELECT 'operator', o.oid::regoperator::text, o.oprname, obj_description(o.oid, 'pg_operator')
  FROM pg_operator o JOIN space n ON n.oid = o.oprnamespace;
EOF
at_least 100 "SELECT count(*) FROM public.commented" "commented objects"
none "SELECT kind, object FROM public.commented WHERE comment IS NULL ORDER BY 1, 2" "without a comment"
none "SELECT kind, object, comment FROM public.commented
       WHERE comment !~ '[一-龥]' OR comment !~ '[A-Za-z]{2}' ORDER BY 1, 2" "not in English and Chinese"
none "SELECT kind, object, comment FROM public.commented
       WHERE regexp_replace(lower(split_part(comment, '/', 1)), '[^a-z]', '', 'g')
             = regexp_replace(lower(name), '[^a-z]', '', 'g')
         AND name ~ '[a-z]' ORDER BY 1, 2" "only repeats the name"
done_checking
