#!/bin/bash
# Function hygiene: search_path, standard bodies, SECURITY DEFINER only from the
# list, nothing open to everybody but what the list of public functions names.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

list() { sed 's/#.*//; s/ *$//; /^$/d' "test/checks/$1.txt" | sort; }

# compare FOUND LIST TITLE: the found names and the list must be the same.
compare() {
    local extra lost
    extra=$(comm -23 <(sed '/^$/d' <<<"$1" | sort -u) <(list "$2"))
    lost=$(comm -13 <(sed '/^$/d' <<<"$1" | sort -u) <(list "$2"))
    [ -z "$extra" ] || finding "$3 that test/checks/$2.txt does not list:" $extra
    [ -z "$lost" ] || finding "$3 listed in test/checks/$2.txt that do not exist:" $lost
}

psql_q >/dev/null <<'EOF'
CREATE VIEW public.own_function AS
SELECT p.*, l.lanname, n.nspname,
       EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i')) AS of_extension
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('community', 'community_api', 'community_bi', 'community_map');
EOF
at_least 30 "SELECT count(*) FROM public.own_function" "functions"
none "SELECT oid::regprocedure FROM public.own_function
       WHERE lanname = 'plpgsql' AND proname <> 'run_due'
         AND NOT EXISTS (SELECT FROM unnest(proconfig) s WHERE s = 'search_path=pg_catalog, community, pg_temp')" \
    "plpgsql functions without the fixed search_path"
none "SELECT oid::regprocedure FROM public.own_function WHERE lanname = 'sql' AND (prosqlbody IS NULL OR proconfig IS NOT NULL)" \
    "SQL functions without a standard body, or with SET"
none "SELECT oid::regprocedure FROM public.own_function WHERE lanname NOT IN ('c', 'internal', 'sql', 'plpgsql')" "other languages"
compare "$(psql_q -c "SELECT nspname || '.' || proname FROM public.own_function WHERE prosecdef AND nspname <> 'community_api'")" \
    security_definer "SECURITY DEFINER functions"
none "SELECT oid::regprocedure FROM public.own_function
       WHERE prosecdef AND NOT 'search_path=pg_catalog, community, pg_temp' = ANY (coalesce(proconfig, '{}'))" \
    "SECURITY DEFINER functions without the fixed search_path"
none "SELECT oid::regprocedure FROM public.own_function WHERE pg_get_userbyid(proowner) = 'postgres' AND NOT of_extension" \
    "platform functions owned by a superuser"
compare "$(psql_q -c "SELECT nspname || '.' || proname FROM public.own_function f
    WHERE NOT of_extension AND (proacl IS NULL
          OR EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE'))")" \
    public_functions "platform functions open to PUBLIC"
none "SELECT c.oid::regclass, a.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
       WHERE c.relnamespace::regnamespace::text ~ '^community' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND a.grantee = 0 AND NOT (c.relname = 'migration' AND a.privilege_type = 'SELECT')" "relations open to PUBLIC"
none "SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace::regnamespace::text ~ '^community'
         AND c.relkind IN ('r', 'p', 'v') AND pg_get_userbyid(c.relowner) = 'postgres'" "relations owned by a superuser"
none "SELECT c.relname FROM pg_class c JOIN community.table_class k ON k.table_name = c.relname
       WHERE k.class = 'tenant' AND c.relnamespace = 'community'::regnamespace AND NOT c.relispartition AND NOT c.relrowsecurity" \
    "tenant tables without row security"

# plpgsql_check: errors, security and performance warnings.
psql_q -c "SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS plpgsql_check" >/dev/null
none "SELECT f.oid::regprocedure, c.level, c.lineno, c.message, c.detail
        FROM public.own_function f
        LEFT JOIN LATERAL (SELECT min(tgrelid::oid)::oid AS tgrelid FROM pg_trigger WHERE tgfoid = f.oid AND NOT tgisinternal) g ON true
        CROSS JOIN LATERAL plpgsql_check_function_tb(f.oid, coalesce(g.tgrelid, 0),
             extra_warnings => true, performance_warnings => true, security_warnings => true, other_warnings => true) c
       WHERE f.lanname = 'plpgsql' AND f.proname <> 'run_due'
         AND NOT (f.prorettype = 'trigger'::regtype AND g.tgrelid IS NULL)
         AND c.message NOT LIKE 'routine is marked as VOLATILE, should be%'
         -- '{}' is text until it is assigned, and such a cast costs nothing
         AND c.message <> 'target type is different type than source type'
         -- a function that can only raise at its end
         AND c.message <> 'control reached end of function without RETURN'
         -- pg_cron is optional, and absent in this database
         AND c.message <> 'relation "cron.job_run_details" does not exist'
       ORDER BY 1, 3" "plpgsql_check"
done_checking
