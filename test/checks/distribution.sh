#!/bin/bash
# Rules that keep the schema distributable by community_id.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

psql_q >/dev/null <<'EOF'
CREATE VIEW public.classed AS
SELECT c.oid, c.relname, c.relkind, k.class
  FROM pg_class c
  LEFT JOIN community.table_class k ON k.table_name = c.relname
 WHERE c.relnamespace = 'community'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
CREATE VIEW public.tenant_key AS
SELECT t.oid, t.relname, a.attnum, a.attnotnull, a.atttypid
  FROM public.classed t
  LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'community_id' AND NOT a.attisdropped
 WHERE t.class = 'tenant';
EOF
at_least 5 "SELECT count(*) FROM public.tenant_key" "tenant tables"
none "SELECT relname FROM public.classed WHERE class IS NULL" "tables without a class"
none "SELECT table_name FROM community.table_class k
       WHERE NOT EXISTS (SELECT FROM public.classed c WHERE c.relname = k.table_name)" "classes without a table"
none "SELECT relname FROM public.tenant_key WHERE attnum IS NULL OR NOT attnotnull OR atttypid <> 'bigint'::regtype" \
    "tenant tables without community_id bigint NOT NULL"
none "SELECT t.relname FROM public.tenant_key t
       WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'p'
                            AND c.conkey[1] = t.attnum)" "tenant tables whose primary key does not begin with community_id"
none "SELECT t.relname, i.indexrelid::regclass FROM public.tenant_key t JOIN pg_index i ON i.indrelid = t.oid
       WHERE (i.indisunique OR i.indisexclusion) AND NOT t.attnum = ANY (i.indkey::int2[])" \
    "unique or exclusion constraints without community_id"
none "SELECT c.conrelid::regclass, c.conname FROM pg_constraint c
        JOIN public.tenant_key t ON t.oid = c.conrelid JOIN public.tenant_key f ON f.oid = c.confrelid
       WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT (t.attnum = ANY (c.conkey) AND f.attnum = ANY (c.confkey))" \
    "foreign keys between tenants without community_id"
none "SELECT c.conrelid::regclass, c.conname FROM pg_constraint c
        JOIN public.classed t ON t.oid = c.conrelid JOIN public.tenant_key f ON f.oid = c.confrelid
       WHERE c.contype = 'f' AND t.class IN ('ref', 'local')" "foreign keys from ref or local to tenant"
none "SELECT conrelid::regclass, conname FROM pg_constraint
       WHERE contype = 'f' AND connamespace = 'community'::regnamespace
         AND (confdeltype IN ('n', 'd') OR confupdtype IN ('n', 'd'))" "SET NULL or SET DEFAULT foreign keys"
none "SELECT t.relname, a.attname FROM public.classed t JOIN pg_attribute a ON a.attrelid = t.oid
       WHERE a.attidentity <> '' AND NOT a.attisdropped" "identity columns"
none "SELECT t.relname, a.attname, format_type(a.atttypid, NULL)
        FROM pg_constraint c JOIN public.classed t ON t.oid = c.conrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
       WHERE c.contype IN ('p', 'f') AND a.atttypid IN
             (SELECT oid FROM pg_type WHERE typnamespace = 'community'::regnamespace AND typtype = 'b')" \
    "custom types in primary or foreign keys"
none "SELECT tgrelid::regclass, tgname FROM pg_trigger g JOIN public.classed t ON t.oid = g.tgrelid
       WHERE NOT g.tgisinternal AND ((g.tgtype & 1) = 0 OR g.tgoldtable IS NOT NULL OR g.tgnewtable IS NOT NULL)" \
    "statement or transition-table triggers"
none "SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_trigger g ON g.tgfoid = p.oid
       WHERE p.pronamespace = 'community'::regnamespace AND p.prosrc ~* '\mnotify\M'" "NOTIFY inside a trigger"
none "SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace::regnamespace::text ~ '^community' AND p.prosrc ~* 'pg_(try_)?advisory'" "advisory locks"
none "SELECT c.conrelid::regclass, c.conname FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.confrelid AND t.relkind = 'p'
       WHERE c.contype = 'f' AND t.relnamespace = 'community'::regnamespace" "foreign keys that point at a log"
none "SELECT t.relname FROM pg_type y JOIN public.classed t ON t.relname = y.typname
       WHERE y.typnamespace = 'community'::regnamespace AND y.typtype IN ('b', 'e', 'd', 'r')" \
    "tables that bear the name of a type"
# Custom types in USING, NULLIF and IS DISTINCT FROM do not restore; the restore
# test proves it for what exists, this finds it before.
none "SELECT c.oid::regclass::text FROM pg_class c
       WHERE c.relkind IN ('v', 'm') AND c.relnamespace::regnamespace::text ~ '^community'
         AND pg_get_viewdef(c.oid) ~* '(\mUSING \(\w*(cell|code)\w*\))|(NULLIF\([^,]*(cell|code),)|((cell|code) IS (NOT )?DISTINCT FROM)'" \
    "custom types in expressions that do not restore"
none "SELECT p.oid::regprocedure FROM pg_proc p
       WHERE p.pronamespace::regnamespace::text ~ '^community'
         AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
         AND p.prosrc ~* '\mEXECUTE [^;]*\|\|'" "dynamic SQL by concatenation"
done_checking
