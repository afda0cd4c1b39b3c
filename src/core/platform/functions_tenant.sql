-- Communities, members and capabilities, and the modules that are on.

CREATE OR REPLACE FUNCTION community.actor()
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN session_user::text;
COMMENT ON FUNCTION community.actor() IS 'Who acts, for logs and audit: the login role of the session. / 操作者，用于日志与审计：会话的登录角色。';

CREATE OR REPLACE FUNCTION community._owner()
RETURNS name
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.rolname
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
     WHERE c.oid = 'community.migration'::regclass;
END;
COMMENT ON FUNCTION community._owner() IS 'Role that owns the platform of this database. / 本数据库平台的归属角色。';

CREATE OR REPLACE FUNCTION community._acts_as_owner()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN community.session_owns('community.migration'::regclass);
COMMENT ON FUNCTION community._acts_as_owner() IS 'Whether the login role is a superuser or a member of the owner, to whom everything is allowed. / 登录角色是否为超级用户或归属角色成员（拥有全部权限）。';

CREATE OR REPLACE FUNCTION community.has_capability(p_capability text, p_community_id bigint)
RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- current_user is the definer, that is the owner: no look-up, this is on hot paths.
    IF pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM community.member m
         WHERE m.member_role = ANY (community.session_roles())
           AND m.capability IN (p_capability, 'all')
           AND m.valid @> now()
           AND (m.community_id = p_community_id
                OR EXISTS (SELECT FROM community.community c
                            WHERE c.community_id = p_community_id AND c.code <@ m.scope)));
END
$$;
REVOKE EXECUTE ON FUNCTION community.has_capability(text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community.has_capability(text, bigint) IS 'Whether the login role may do this in the community, by rows of member; superusers and members of the owner may do everything. A NULL community means the whole database: only they may. / 登录角色在该社区是否拥有此权限（依据 member 表）；超级用户与归属角色成员拥有全部权限。社区为 NULL 指全库，仅后者拥有。';

CREATE OR REPLACE FUNCTION community.require_capability(p_capability text, p_community_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT community.has_capability(p_capability, p_community_id) THEN
        PERFORM community.refuse('capability_missing', community.actor(), p_capability,
                                 coalesce(p_community_id::text, '*'));
    END IF;
END
$$;
COMMENT ON FUNCTION community.require_capability(text, bigint) IS 'Refuse capability_missing (403) unless has_capability(). / 若 has_capability() 不成立则拒绝 capability_missing（403）。';

CREATE OR REPLACE FUNCTION community.my_communities()
RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF community._acts_as_owner() THEN
        RETURN coalesce((SELECT array_agg(c.community_id) FROM community.community c), '{}');
    END IF;
    RETURN coalesce((
        SELECT array_agg(DISTINCT c.community_id)
          FROM community.member m
          JOIN community.community c ON c.community_id = m.community_id OR c.code <@ m.scope
         WHERE m.valid @> now() AND m.member_role = ANY (community.session_roles())), '{}');
END
$$;
REVOKE EXECUTE ON FUNCTION community.my_communities() FROM PUBLIC;
COMMENT ON FUNCTION community.my_communities() IS 'Communities whose rows the login role may see: those of any of its rows in member, all for superusers and members of the owner. Never NULL. Policies and outward views call it. / 登录角色可见的社区：其 member 记录涉及的社区；超级用户与归属角色成员可见全部。从不为 NULL。供策略与对外视图调用。';

CREATE OR REPLACE FUNCTION community.member_add(
    p_member_role name, p_capability text, p_community_id bigint DEFAULT NULL,
    p_scope text DEFAULT NULL, p_valid tstzrange DEFAULT tstzrange(now(), NULL))
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_member_id bigint;
BEGIN
    PERFORM community.require_capability('member', p_community_id);
    IF (p_community_id IS NULL) = (p_scope IS NULL) THEN
        PERFORM community.refuse('member_where');
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = p_member_role) THEN
        PERFORM community.refuse('role_unknown', p_member_role);
    END IF;
    IF p_community_id IS NOT NULL THEN
        PERFORM community._community_known(p_community_id);
    END IF;
    INSERT INTO community.member (member_role, community_id, scope, capability, valid)
    VALUES (p_member_role, p_community_id, p_scope::community.gridcode, p_capability, p_valid)
    RETURNING member_id INTO v_member_id;
    RETURN v_member_id;
END
$$;
COMMENT ON FUNCTION community.member_add(name, text, bigint, text, tstzrange) IS 'Give a role a capability in one community (p_community_id) or in all communities under a division (p_scope); returns the key of the row. Needs the capability member there. Refuses member_where, role_unknown, community_unknown, capability_missing. / 授予角色在某社区（p_community_id）或某区划全部社区（p_scope）的权限，返回行键。需要 member 权限。可拒绝 member_where、role_unknown、community_unknown、capability_missing。';

CREATE OR REPLACE FUNCTION community.member_end(p_member_id bigint, p_at timestamptz DEFAULT now())
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_member community.member;
BEGIN
    SELECT * INTO v_member FROM community.member WHERE member_id = p_member_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('member_unknown', p_member_id::text);
    END IF;
    PERFORM community.require_capability('member', v_member.community_id);
    IF p_at IS NULL THEN
        PERFORM community.refuse('period_invalid', lower(v_member.valid)::text, NULL);
    ELSIF p_at <= lower(v_member.valid) THEN
        DELETE FROM community.member WHERE member_id = p_member_id;
    ELSE
        UPDATE community.member
           SET valid = valid * tstzrange(NULL, p_at)
         WHERE member_id = p_member_id;
    END IF;
END
$$;
COMMENT ON FUNCTION community.member_end(bigint, timestamptz) IS 'Take a capability back from p_at on; a row that had not begun is deleted. Needs the capability member. Refuses member_unknown, capability_missing, period_invalid (p_at is NULL). / 自 p_at 起收回权限；尚未开始的记录直接删除。需要 member 权限。可拒绝 member_unknown、capability_missing、period_invalid（p_at 为 NULL）。';

CREATE OR REPLACE FUNCTION community._community_known(p_community_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.community WHERE community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._community_known(bigint) IS 'Refuse community_unknown (404) when no such community is registered. / 社区未登记时拒绝 community_unknown（404）。';

CREATE OR REPLACE FUNCTION community.community_register(
    p_code community.gridcode, p_name text, p_kind text,
    p_parent bigint DEFAULT NULL, p_tz text DEFAULT 'Asia/Shanghai')
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_digits integer := length(p_code::text);
    v_base bigint := rpad(p_code::text, 12, '0')::bigint;
    v_wanted bigint := CASE WHEN p_kind = 'virtual' THEN NULL ELSE v_base END;
    v_parent bigint := p_parent;
    v_id bigint;
BEGIN
    PERFORM community.require_capability('community', p_parent);
    IF p_code IS NULL OR p_kind IS NULL
       OR v_digits <> ALL (CASE p_kind WHEN 'province' THEN '{2}' WHEN 'city' THEN '{4}'
                                WHEN 'district' THEN '{6}' WHEN 'street' THEN '{9}'
                                WHEN 'residential' THEN '{12}' WHEN 'village' THEN '{12}'
                                WHEN 'virtual' THEN '{2,4,6,9}' ELSE '{}' END::integer[]) THEN
        PERFORM community.refuse('community_kind', p_code::text, p_kind);
    END IF;
    IF p_kind <> 'virtual' AND EXISTS (
        SELECT FROM community.community c
         WHERE c.code = p_code AND c.until IS NULL AND c.kind <> 'virtual') THEN
        PERFORM community.refuse('community_exists', p_code::text);
    END IF;
    BEGIN
        PERFORM now() AT TIME ZONE p_tz;
    EXCEPTION WHEN invalid_parameter_value THEN
        PERFORM community.refuse('tz_unknown', p_tz);
    END;
    IF v_parent IS NOT NULL THEN
        PERFORM community._community_known(v_parent);
    ELSE
        SELECT c.community_id INTO v_parent
          FROM community.community c
         WHERE c.code @> p_code AND c.until IS NULL AND c.kind <> 'virtual'
         ORDER BY c.code DESC
         LIMIT 1;
    END IF;
    LOOP
        IF v_wanted IS NOT NULL
           AND NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = v_wanted) THEN
            v_id := v_wanted;
        ELSE
            SELECT n INTO v_id
              FROM generate_series(v_base / 1000 * 1000 + 901, v_base / 1000 * 1000 + 999) n
             WHERE NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = n)
             ORDER BY n
             LIMIT 1;
            IF NOT FOUND THEN
                PERFORM community.refuse('community_full', p_code::text);
            END IF;
        END IF;
        BEGIN
            INSERT INTO community.community (community_id, code, name, kind, parent_id, tz)
            VALUES (v_id, p_code, p_name, p_kind, v_parent, p_tz);
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            -- Another session was faster: with the same code, or only the same free number.
            IF p_kind <> 'virtual' AND EXISTS (
                SELECT FROM community.community c
                 WHERE c.code = p_code AND c.until IS NULL AND c.kind <> 'virtual') THEN
                PERFORM community.refuse('community_exists', p_code::text);
            END IF;
            -- An old snapshot never shows that number: looking again would not end.
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'could not serialize access due to a concurrent registration'
                    USING ERRCODE = '40001', HINT = 'Repeat the transaction.';
            END IF;
        END;
    END LOOP;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.community_register(community.gridcode, text, text, bigint, text) IS 'Register a tenant and return its key: the code padded to 12 digits, or the next free 9xx number under it when an older community has that key; virtual communities always take a 9xx number under their area. Without p_parent the nearest registered division above is taken. Needs the capability community at the parent. Refuses community_kind (code and kind do not fit), community_exists, community_full, community_unknown, tz_unknown, capability_missing. / 登记租户并返回其键：补足 12 位的代码；若该键已被旧社区占用则取其下 9xx 空号；虚拟社区总取所在区域下的 9xx 号。未给 p_parent 时取最近的已登记上级。需要上级处的 community 权限。可拒绝 community_kind、community_exists、community_full、community_unknown、tz_unknown、capability_missing。';

CREATE OR REPLACE FUNCTION community._module_installed(p_module text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.migration WHERE module = p_module) THEN
        PERFORM community.refuse('module_unknown', p_module);
    END IF;
END
$$;
COMMENT ON FUNCTION community._module_installed(text) IS 'Refuse module_unknown (404) when the module is not installed in this database. / 模块未在本库安装时拒绝 module_unknown（404）。';

CREATE OR REPLACE FUNCTION community.module_enabled(p_module text, p_community_id bigint)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_enabled boolean;
BEGIN
    SELECT s.enabled INTO v_enabled
      FROM community.module_state s
     WHERE s.community_id = p_community_id AND s.module = p_module;
    IF FOUND THEN
        RETURN v_enabled;
    END IF;
    RETURN p_module = 'core' OR community.setting_bool('module_default', p_community_id);
END
$$;
COMMENT ON FUNCTION community.module_enabled(text, bigint) IS 'Whether a module is on for a community: its switch, else the setting module_default; core is always on. / 模块对某社区是否启用：按其开关，无开关时按设置 module_default；core 恒启用。';

CREATE OR REPLACE FUNCTION community.module_require(p_module text, p_community_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT community.module_enabled(p_module, p_community_id) THEN
        PERFORM community.refuse('module_off', p_module, p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.module_require(text, bigint) IS 'Refuse module_off (403) when the module is switched off for the community. / 模块对该社区关闭时拒绝 module_off（403）。';

CREATE OR REPLACE FUNCTION community._api_enter(p_module text, p_community_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.module_require(p_module, p_community_id);
    IF p_community_id IS NULL OR p_community_id <> ALL (community.my_communities()) THEN
        PERFORM community.refuse('community_unknown', coalesce(p_community_id::text, 'NULL'));
    END IF;
END
$$;
COMMENT ON FUNCTION community._api_enter(text, bigint) IS 'What an outward function asks first: the module switched on, a community of the caller. Refuses module_off, community_unknown. / 对外函数的共同前提：模块启用、本人社区。';

CREATE OR REPLACE FUNCTION community._api_key(p_module text, p_community_id bigint, p_key uuid, p_function text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', p_function);
    END IF;
    PERFORM community.module_require(p_module, p_community_id);
END
$$;
COMMENT ON FUNCTION community._api_key(text, bigint, uuid, text) IS 'What an outward command asks first whose answer is not kept under its key, because it must not be stored or repeats by itself: a key, the module switched on. Refuses key_missing, module_off. / 答复不按请求键保存的对外命令的前提：请求键、模块启用。';

CREATE OR REPLACE FUNCTION community.module_enable(p_module text, p_community_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_missing text;
BEGIN
    PERFORM community.require_capability('module', p_community_id);
    PERFORM community._module_installed(p_module);
    PERFORM community._community_known(p_community_id);
    SELECT string_agg(r, ', ' ORDER BY r) INTO v_missing
      FROM community.modules() m, unnest(m.requires) r
     WHERE m.module = p_module AND NOT community.module_enabled(r, p_community_id);
    IF v_missing IS NOT NULL THEN
        PERFORM community.refuse('module_needs', p_module, v_missing);
    END IF;
    INSERT INTO community.module_state (community_id, module, enabled)
    VALUES (p_community_id, p_module, true)
    ON CONFLICT (community_id, module) DO UPDATE SET enabled = true, since = now()
     WHERE NOT module_state.enabled;
END
$$;
COMMENT ON FUNCTION community.module_enable(text, bigint) IS 'Switch a module on for a community; does nothing when it is on. Needs the capability module. Refuses module_needs when a module it requires is off, module_unknown, community_unknown, capability_missing. / 为社区启用模块，已启用则无动作。需要 module 权限。所依赖模块未启用时拒绝 module_needs，另可拒绝 module_unknown、community_unknown、capability_missing。';

CREATE OR REPLACE FUNCTION community.module_disable(p_module text, p_community_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_users text;
BEGIN
    PERFORM community.require_capability('module', p_community_id);
    PERFORM community._module_installed(p_module);
    PERFORM community._community_known(p_community_id);
    IF p_module = 'core' THEN
        PERFORM community.refuse('module_core');
    END IF;
    SELECT string_agg(m.module, ', ' ORDER BY m.module) INTO v_users
      FROM community.modules() m
     WHERE p_module = ANY (m.requires)
       AND EXISTS (SELECT FROM community.migration g WHERE g.module = m.module)
       AND community.module_enabled(m.module, p_community_id);
    IF v_users IS NOT NULL THEN
        PERFORM community.refuse('module_needed', p_module, v_users);
    END IF;
    INSERT INTO community.module_state (community_id, module, enabled)
    VALUES (p_community_id, p_module, false)
    ON CONFLICT (community_id, module) DO UPDATE SET enabled = false, since = now()
     WHERE module_state.enabled;
END
$$;
COMMENT ON FUNCTION community.module_disable(text, bigint) IS 'Switch a module off for a community; its rows stay. Needs the capability module. Refuses module_needed while a module that requires it is on, module_core, module_unknown, community_unknown, capability_missing. / 为社区关闭模块，数据保留。需要 module 权限。仍有启用的模块依赖它时拒绝 module_needed，另可拒绝 module_core、module_unknown、community_unknown、capability_missing。';
