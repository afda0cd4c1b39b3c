#!/bin/bash
# Contract of the outward schemas: what BI tools, map clients and apps rely on.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

psql_q >/dev/null <<'EOF'
CREATE VIEW public.outward AS
SELECT c.oid, c.relname, c.relkind, c.reloptions, n.nspname, pg_get_viewdef(c.oid) AS definition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('community_bi', 'community_map', 'community_api') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S');
CREATE VIEW public.outward_column AS
SELECT o.*, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod) AS type
  FROM public.outward o JOIN pg_attribute a ON a.attrelid = o.oid WHERE a.attnum > 0 AND NOT a.attisdropped;
CREATE VIEW public.api AS
SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'community_api'::regnamespace;
EOF
at_least 5 "SELECT count(*) FROM public.outward WHERE nspname = 'community_bi'" "BI views"
at_least 3 "SELECT count(*) FROM public.api" "API functions"
none "SELECT nspname, relname, relkind FROM public.outward WHERE relkind <> 'v'" "outward relations that are not plain views"
none "SELECT relname, attname, type FROM public.outward_column WHERE nspname = 'community_bi'
         AND type !~ '^(integer|bigint|text|boolean|date|timestamp without time zone|numeric\(\d+,\d+\)|double precision)$'" \
    "BI columns of types that clients lose"
none "SELECT relname FROM public.outward o WHERE nspname = 'community_bi' AND relname ~ '^fact_'
         AND NOT EXISTS (SELECT FROM public.outward_column c WHERE c.oid = o.oid AND c.attnum = 1 AND c.type = 'bigint')" \
    "fact views without a bigint key first"
none "SELECT relname, w FROM public.outward o CROSS JOIN unnest(ARRAY['date_key:integer', 'day:date', 'community_id:bigint']) w
       WHERE nspname = 'community_bi' AND relname ~ '^fact_'
         AND NOT EXISTS (SELECT FROM public.outward_column c WHERE c.oid = o.oid
                            AND c.attname = split_part(w, ':', 1) AND c.type = split_part(w, ':', 2))" "fact views without a standard column"
none "SELECT relname FROM public.outward WHERE nspname = 'community_bi' AND relname <> 'data_dictionary'
         AND NOT coalesce('security_barrier=true' = ANY (reloptions), false)" "BI views without security_barrier"
none "SELECT relname FROM public.outward WHERE nspname IN ('community_bi', 'community_map') AND relname !~ '^(data_dictionary|dim_date)$'
         AND definition !~ 'my_communities'" "BI and map views without the scope predicate"
none "SELECT nspname, relname, attname FROM public.outward_column WHERE attname !~ '^[a-z][a-z0-9_]*$'" "names not in lower snake case"
none "SELECT relname FROM public.outward o WHERE nspname = 'community_map' AND 1 <> (SELECT count(*) FROM public.outward_column c
         WHERE c.oid = o.oid AND c.type ~ '^(\w+\.)?geometry\(\w+,4326\)')" "map views without one typed geometry"
none "SELECT relname FROM public.outward WHERE nspname = 'community_map' AND 'security_barrier=true' = ANY (reloptions)" "map views with a barrier"
none "SELECT proname FROM public.api WHERE prokind <> 'f'" "API procedures"
none "SELECT proname FROM public.api GROUP BY proname HAVING count(*) > 1" "overloaded API functions"
none "SELECT oid::regprocedure FROM public.api WHERE pronargs > 8" "API functions of more than 8 arguments"
none "SELECT oid::regprocedure, format_type(t, NULL) FROM public.api
       CROSS JOIN unnest(coalesce(proallargtypes, proargtypes::oid[]) || prorettype) t
       WHERE format_type(t, NULL) !~ '^(bigint|integer|text|boolean|date|timestamp with(out)? time zone|numeric|double precision|jsonb|uuid|record|void|bytea)$'" \
    "API functions with types that clients lose"
none "SELECT oid::regprocedure FROM public.api WHERE NOT prosecdef" "API functions that are not SECURITY DEFINER"
none "SELECT oid::regprocedure FROM public.api WHERE proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0)" \
    "API functions open to PUBLIC"
none "SELECT oid::regprocedure FROM public.api WHERE NOT EXISTS (SELECT FROM aclexplode(proacl) a
         WHERE a.grantee <> proowner AND a.grantee <> 0)" "API functions granted to nobody"
none "SELECT oid::regprocedure FROM public.api WHERE provolatile = 'v' AND NOT coalesce('p_key' = ANY (proargnames), false)" "API commands without p_key"
none "SELECT oid::regprocedure FROM public.api WHERE EXISTS (SELECT FROM unnest(proargnames[1:pronargs]) a WHERE a !~ '^p_')" \
    "API arguments without the prefix p_"
done_checking
