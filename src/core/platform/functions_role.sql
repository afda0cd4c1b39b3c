-- Roles and their privileges.

CREATE OR REPLACE FUNCTION community._grants_wanted()
RETURNS TABLE (class regclass, object oid, grantee oid, privilege text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH rule AS (
        SELECT g.kind, g.object, g.privilege, CASE WHEN g.role = 'public' THEN 0::oid ELSE r.oid END AS grantee
          FROM community.grant_rule g
          LEFT JOIN community.role_map m ON m.role = g.role
          LEFT JOIN pg_catalog.pg_roles r ON r.rolname = m.role_name
         WHERE g.role = 'public' OR r.oid IS NOT NULL)
    SELECT 'pg_namespace'::regclass, n.oid, r.grantee, r.privilege
      FROM rule r JOIN pg_catalog.pg_namespace n ON n.nspname = r.object
     WHERE r.kind = 'schema'
    UNION
    SELECT 'pg_class'::regclass, c.oid, r.grantee, r.privilege
      FROM rule r
      JOIN pg_catalog.pg_class c ON c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       AND ((r.kind = 'relation' AND format('%s.%s', n.nspname, c.relname) = r.object)
            OR (r.kind = 'relations_in' AND n.nspname = r.object))
    UNION
    SELECT 'pg_proc'::regclass, p.oid, r.grantee, r.privilege
      FROM rule r
      JOIN pg_catalog.pg_proc p ON true
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
       AND ((r.kind = 'routine' AND format('%s.%s', n.nspname, p.proname) = r.object)
            OR (r.kind = 'routines_in' AND n.nspname = r.object));
END;
COMMENT ON FUNCTION community._grants_wanted() IS 'Privileges that the rules give, for the roles that exist; grantee 0 is PUBLIC. / 规则授予现有角色的权限；grantee 为 0 表示 PUBLIC。';

CREATE OR REPLACE FUNCTION community._grants_held()
RETURNS TABLE (class regclass, object oid, grantee oid, privilege text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.class, o.object, a.grantee, a.privilege_type
      FROM (SELECT 'pg_namespace'::regclass AS class, n.oid AS object, n.nspowner AS owner,
                   coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) AS acl
              FROM pg_catalog.pg_namespace n
             WHERE n.nspname IN ('community_api', 'community_bi', 'community_map')
            UNION ALL
            SELECT 'pg_class'::regclass, c.oid, c.relowner, coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('community', 'community_api', 'community_bi', 'community_map')
               AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, p.proowner, coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
              FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname IN ('community', 'community_api', 'community_bi', 'community_map')) o
     CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) a
     WHERE o.owner = (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = 'community.grant_rule'::regclass)
       AND (a.grantee = 0 OR a.grantee IN (SELECT r.oid FROM pg_catalog.pg_roles r
                                             JOIN community.role_map m ON m.role_name = r.rolname));
END;
COMMENT ON FUNCTION community._grants_held() IS 'Privileges on objects of the platform that PUBLIC and the mapped roles hold now. / PUBLIC 与各平台角色当前在平台对象上拥有的权限。';

CREATE OR REPLACE FUNCTION community._grant_command(p_give boolean, p_class regclass, p_object oid, p_item aclitem)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT format(CASE WHEN p_give THEN 'GRANT %s ON %s TO %s' ELSE 'REVOKE %s ON %s FROM %s' END,
                  a.privilege_type,
                  CASE p_class WHEN 'pg_namespace'::regclass THEN format('SCHEMA %s', p_object::regnamespace)
                               WHEN 'pg_class'::regclass THEN format('TABLE %s', p_object::regclass)
                               ELSE format('ROUTINE %s', p_object::regprocedure) END,
                  CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
      FROM aclexplode(ARRAY[p_item]) a;
END;
COMMENT ON FUNCTION community._grant_command(boolean, regclass, oid, aclitem) IS 'Command that gives or takes the privilege of an ACL item on a schema (pg_namespace), relation (pg_class) or routine (pg_proc). / 授予或收回 ACL 项所列权限的命令，对象为模式（pg_namespace）、关系（pg_class）或函数（pg_proc）。';

CREATE OR REPLACE FUNCTION community.apply_grants()
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_change record;
    v_changes bigint := 0;
BEGIN
    FOR v_change IN
        WITH wanted AS (SELECT * FROM community._grants_wanted()),
             held AS (SELECT * FROM community._grants_held())
        SELECT c.give, c.class, c.object,
               makeaclitem(c.grantee, quote_ident(current_user)::regrole, c.privilege, false) AS item
          FROM (SELECT x.*, false AS give FROM (TABLE held EXCEPT TABLE wanted) x
                UNION ALL
                SELECT x.*, true FROM (TABLE wanted EXCEPT TABLE held) x) c
         ORDER BY c.give, c.class, c.object, c.grantee, c.privilege
    LOOP
        EXECUTE community._grant_command(v_change.give, v_change.class, v_change.object, v_change.item);
        v_changes := v_changes + 1;
    END LOOP;
    RETURN v_changes;
END
$$;
COMMENT ON FUNCTION community.apply_grants() IS 'Make the privileges of the mapped roles and of PUBLIC on the platform''s objects equal to grant_rule: what no rule gives is revoked. Returns the number of changes. The installer calls it after every change. / 使各平台角色与 PUBLIC 在平台对象上的权限与 grant_rule 一致，规则之外的权限一律收回；返回变更数。安装程序在每次变更后调用。';

CREATE OR REPLACE FUNCTION community.setup_roles(p_prefix text DEFAULT '')
RETURNS TABLE (role text, role_name name, action text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_owner name := community._owner();
    v_database name := current_database();
    v_postgis name := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                        WHERE e.extname = 'postgis');
    v_before text := current_setting('role');
BEGIN
    IF NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        PERFORM community.refuse('superuser_needed', 'setup_roles');
    END IF;
    IF p_prefix ~ '^([a-z][a-z0-9_]{0,30})?$' IS NOT TRUE THEN
        PERFORM community.refuse('prefix_invalid', p_prefix);
    END IF;
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', v_database);
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT CREATE, TEMPORARY, CONNECT ON DATABASE %I TO %I', v_database, v_owner);
    -- To see in statistics who holds the horizon, and which session ran a job.
    EXECUTE format('GRANT pg_monitor TO %I', v_owner);
    FOREACH role IN ARRAY '{admin,key_officer,auditor,operator,dispatcher,grid_worker,analyst,bi,app,reader,job}'::text[] LOOP
        role_name := format('%scommunity_%s', p_prefix, role);
        IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role_name) THEN
            action := 'created';
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        ELSE
            action := 'taken';
            IF EXISTS (SELECT FROM pg_roles r
                        WHERE (r.rolsuper OR r.rolcreaterole OR r.rolbypassrls)
                          AND pg_has_role(setup_roles.role_name, r.oid, 'MEMBER')) THEN
                PERFORM community.refuse('role_powerful', role_name);
            END IF;
        END IF;
        INSERT INTO community.role_map AS m (role, role_name) VALUES (setup_roles.role, setup_roles.role_name)
        ON CONFLICT ON CONSTRAINT role_map_pkey DO UPDATE SET role_name = excluded.role_name;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', v_database, role_name);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = community_api, community_bi, community_map, community, %I',
                       role_name, v_database, v_postgis);
        IF role = 'bi' THEN
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only = on', role_name, v_database);
            EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = %L', role_name, v_database, '5min');
        ELSIF role = 'job' THEN
            EXECUTE format('GRANT %I TO %I', v_owner, role_name);
        END IF;
        RETURN NEXT;
    END LOOP;
    -- Names, credentials and PINs come as bound parameters.  The whole database,
    -- since a login does not have the settings of the roles it is a member of.
    EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length = 0', v_database);
    EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length_on_error = 0', v_database);
    PERFORM set_config('role', v_owner, true);
    PERFORM community.apply_grants();
    PERFORM set_config('role', v_before, true);
END
$$;
COMMENT ON FUNCTION community.setup_roles(text) IS 'Make or take the database roles <prefix>community_admin, key_officer, auditor, operator, dispatcher, grid_worker, analyst, bi, app, reader and job, give them their path and privileges, take CREATE and TEMPORARY in this database from PUBLIC, and keep bound parameters of this database out of the server''s log (log_parameter_max_length, log_parameter_max_length_on_error). The roles have no password: they cannot log in by one until they are given it. job is a member of the owner, for schedulers. For superusers; running it again changes nothing. Refuses superuser_needed, prefix_invalid, role_powerful. / 创建或采用数据库角色 <前缀>community_admin、key_officer、auditor、operator、dispatcher、grid_worker、analyst、bi、app、reader、job，设定搜索路径与权限，收回 PUBLIC 在本库的 CREATE 与 TEMPORARY，并使本库绑定参数不写入服务器日志。角色没有密码，设置前无法用密码登录。job 是归属角色成员，供调度器使用。限超级用户，可重复执行。可拒绝 superuser_needed、prefix_invalid、role_powerful。';
