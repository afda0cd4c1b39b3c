-- Communities and their official codes, virtual communities, fallback.

CREATE OR REPLACE FUNCTION community._community_code_period(p_key bigint, p_since date, p_until date)
RETURNS daterange LANGUAGE sql STABLE
RETURN daterange(
    CASE WHEN EXISTS (SELECT FROM community.community_code k WHERE k.code_key = p_key)
         THEN greatest((SELECT max(upper(k.valid)) FROM community.community_code k WHERE k.code_key = p_key),
                       (SELECT lower(d.valid) FROM community.division d WHERE d.code_key = p_key AND d.valid @> p_since))
    END, p_until);
COMMENT ON FUNCTION community._community_code_period(bigint, date, date) IS 'Period during which a code names a community registered since a day: from ever when it is the first with that code (what happened before registration counts too), else from where the code became free. / 代码指称新登记社区的时期：首个使用者自始有效，否则自该代码空出之日起。';

CREATE OR REPLACE FUNCTION community._community_code_begin()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_valid daterange;
BEGIN
    IF NEW.kind <> 'virtual' THEN
        v_valid := community._community_code_period(NEW.code::bigint, NEW.since, NEW.until);
        -- A code still in force elsewhere is not taken away: health() tells.
        INSERT INTO community.community_code (code_key, valid, code, community_id)
        SELECT NEW.code::bigint, v_valid, NEW.code, NEW.community_id WHERE NOT isempty(v_valid)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._community_code_begin() IS 'Trigger: note the official code of a newly registered community. / 触发器：登记社区时记录其官方代码。';

CREATE OR REPLACE TRIGGER community_code_begin AFTER INSERT ON community.community
FOR EACH ROW EXECUTE FUNCTION community._community_code_begin();

CREATE OR REPLACE FUNCTION community._community_code_end()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    UPDATE community.community_code k
       SET valid = daterange(lower(k.valid), NEW.until)
     WHERE k.community_id = NEW.community_id AND k.valid @> NEW.until AND (lower_inf(k.valid) OR lower(k.valid) < NEW.until);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._community_code_end() IS 'Trigger: end the official code of a community that is closed. / 触发器：社区终止时终止其官方代码。';

CREATE OR REPLACE TRIGGER community_code_end AFTER UPDATE OF until ON community.community
FOR EACH ROW WHEN (NEW.until IS NOT NULL) EXECUTE FUNCTION community._community_code_end();

INSERT INTO community.community_code (code_key, valid, code, community_id)
SELECT c.code::bigint, daterange(NULL, c.until), c.code, c.community_id
  FROM community.community c
 WHERE c.kind <> 'virtual' AND NOT EXISTS (SELECT FROM community.community_code k WHERE k.community_id = c.community_id OR k.code_key = c.code::bigint)
ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION community.community_at(p_code community.gridcode, p_at date DEFAULT CURRENT_DATE)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT k.community_id FROM community.community_code k
         WHERE k.code_key = p_code::bigint / 1000 * 1000 AND k.valid @> p_at);
COMMENT ON FUNCTION community.community_at(community.gridcode, date) IS 'Give the community that a division or grid code names on a day, NULL when none is registered. / 查区划或网格编码在某日所指的社区编号，未登记为空。';

CREATE OR REPLACE FUNCTION community.division_register(p_scope community.gridcode, p_at date DEFAULT CURRENT_DATE)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v record;
    v_count bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM community.division_at(p_scope, p_at)) THEN
        PERFORM community.refuse('division_not_found', p_scope::text, p_at::text);
    END IF;
    FOR v IN
        WITH RECURSIVE up AS (
            SELECT d.* FROM community.division d WHERE d.code_key = p_scope::bigint AND d.valid @> p_at
            UNION ALL
            SELECT d.* FROM up u JOIN community.division d ON d.code_key = u.parent_key AND d.valid @> p_at
        )
        SELECT x.code, x.code_key, x.level, x.parent_key, x.name
          FROM (SELECT u.division_id, u.code, u.code_key, u.level, u.parent_key, u.name FROM up u
                UNION
                SELECT d.division_id, d.code, d.code_key, d.level, d.parent_key, d.name
                  FROM community.division d
                 WHERE d.valid @> p_at
                   AND d.code_key BETWEEN p_scope::bigint AND p_scope::bigint + community._division_span(p_scope::bigint) - 1) x
         WHERE NOT EXISTS (SELECT FROM community.community_code k WHERE k.code_key = x.code_key AND k.valid @> p_at)
         ORDER BY x.level, x.code_key
    LOOP
        PERFORM community.community_register(
            v.code, v.name,
            CASE v.level WHEN 1 THEN 'province' WHEN 2 THEN 'city' WHEN 3 THEN 'district' WHEN 4 THEN 'street'
                 ELSE CASE WHEN v.name ~ '(村委会|村民委员会|村)$' THEN 'village' ELSE 'residential' END END,
            (SELECT k.community_id FROM community.community_code k WHERE k.code_key = v.parent_key AND k.valid @> p_at));
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;
COMMENT ON FUNCTION community.division_register(community.gridcode, date) IS 'Register a division, those above it and all under it as communities with their parents; those registered already stay; returns how many are new. / 将某区划及其上级、下级全部登记为社区，已登记者不变，返回新增数。';

CREATE OR REPLACE FUNCTION community.members_of(p_virtual bigint, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (community_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE down AS (
        SELECT c.community_id, c.kind FROM community.community c WHERE c.community_id = p_virtual
        UNION
        SELECT c.community_id, c.kind
          FROM down d
          JOIN community.virtual_member m ON m.community_id = d.community_id AND m.valid @> p_at
          JOIN community.community c ON c.community_id = m.member_id
         WHERE d.kind = 'virtual'
    )
    SELECT d.community_id FROM down d WHERE d.kind <> 'virtual' ORDER BY d.community_id;
END;
COMMENT ON FUNCTION community.members_of(bigint, date) IS 'List the real communities that a virtual community consists of on a day, through nested ones; a real community consists of itself. / 列出虚拟社区在某日所含的实体社区（可嵌套）；实体社区即自身。';

CREATE OR REPLACE FUNCTION community.virtual_member_add(p_virtual bigint, p_member bigint, p_from date DEFAULT NULL, p_until date DEFAULT NULL)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_kind text;
BEGIN
    SELECT c.kind INTO v_kind FROM community.community c WHERE c.community_id = p_virtual FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('community_unknown', p_virtual::text);
    ELSIF v_kind <> 'virtual' THEN
        PERFORM community.refuse('not_virtual', p_virtual::text);
    END IF;
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_member) THEN
        PERFORM community.refuse('community_unknown', p_member::text);
    END IF;
    IF p_member = p_virtual OR EXISTS (
        WITH RECURSIVE down AS (
            SELECT p_member AS id
            UNION
            SELECT m.member_id FROM down d JOIN community.virtual_member m ON m.community_id = d.id
        ) SELECT FROM down WHERE id = p_virtual) THEN
        PERFORM community.refuse('virtual_cycle', p_member::text, p_virtual::text);
    END IF;
    BEGIN
        INSERT INTO community.virtual_member (community_id, member_id, valid) VALUES (p_virtual, p_member, daterange(p_from, p_until));
    EXCEPTION WHEN exclusion_violation OR unique_violation THEN
        PERFORM community.refuse('member_already', p_virtual::text, p_member::text);
    END;
END
$$;
COMMENT ON FUNCTION community.virtual_member_add(bigint, bigint, date, date) IS 'Let a community belong to a virtual one from a day (NULL: always) until another (NULL: open), which is excluded. Refuses non-virtual hosts, cycles and double membership. / 将社区加入虚拟社区，止日不含；拒绝非虚拟、循环与重复。';

CREATE OR REPLACE FUNCTION community.virtual_member_end(p_virtual bigint, p_member bigint, p_until date)
RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    UPDATE community.virtual_member m
       SET valid = daterange(lower(m.valid), p_until)
     WHERE m.community_id = p_virtual AND m.member_id = p_member AND m.valid @> p_until
       AND (lower_inf(m.valid) OR lower(m.valid) < p_until);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION community.virtual_member_end(bigint, bigint, date) IS 'End a membership on a day, which is excluded; false when there was none. / 自某日起（不含）终止成员关系；原无成员关系时返回假。';

CREATE OR REPLACE FUNCTION community._district_of(p_community_id bigint)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE up AS (
        SELECT c.community_id, c.kind, c.parent_id, 1 AS n FROM community.community c WHERE c.community_id = p_community_id
        UNION ALL
        SELECT c.community_id, c.kind, c.parent_id, u.n + 1
          FROM up u JOIN community.community c ON c.community_id = u.parent_id
         WHERE u.kind <> 'district' AND u.n < 10
    )
    SELECT u.community_id FROM up u WHERE u.kind = 'district';
END;
COMMENT ON FUNCTION community._district_of(bigint) IS 'Find the district that a community lies in, NULL when none is registered above it. / 查社区所在区县，未登记为空。';

CREATE OR REPLACE FUNCTION community.fallback_community(p_lon double precision, p_lat double precision, p_at date DEFAULT CURRENT_DATE)
RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_point community.shape := community._st_point(p_lon, p_lat);
    v_district bigint;
    v_near record;
BEGIN
    -- By boundary where one is loaded, else by the nearest grid, else by the
    -- only district there is.
    SELECT community._district_of(k.community_id) INTO v_district
      FROM community._division_covering(v_point, p_at) d
      JOIN community.community_code k ON k.code_key = d.code_key AND k.valid @> p_at
     WHERE d.level >= 3
     ORDER BY d.level DESC
     LIMIT 1;
    IF v_district IS NULL AND NOT EXISTS (SELECT FROM community._division_covering(v_point, p_at)) THEN
        SELECT * INTO v_near FROM community._nearest_grid(v_point, p_at);
        IF v_near.distance_m <= community.setting_numeric('place.nearest_grid') THEN
            v_district := community._district_of(v_near.community_id);
        END IF;
        IF v_district IS NULL THEN
            SELECT CASE WHEN count(*) = 1 THEN min(c.community_id) END INTO v_district FROM community.community c WHERE c.kind = 'district';
        END IF;
    END IF;
    IF v_district IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN COALESCE(community.setting_int('place.fallback_community', v_district), v_district);
END
$$;
COMMENT ON FUNCTION community.fallback_community(double precision, double precision, date) IS 'Give the community that takes what lies in no grid: that of the district by loaded boundary, else by the nearest unit grid, else the only district; NULL when no district can be told. / 不在任何网格内的事项归入的社区：依次按区县边界、最近网格、唯一区县确定，无法确定为空。';

CREATE OR REPLACE FUNCTION community.place_health()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn', 'undecided division changes', format('%s changes of name may be re-used codes: community.division_decide', count(*))
      FROM community.division_change c WHERE NOT c.decided HAVING count(*) > 0
    UNION ALL
    SELECT 'warn', 'community without code', format('%s (%s) has no official code in force', c.community_id, c.name)
      FROM community.community c
     WHERE c.kind <> 'virtual' AND c.until IS NULL
       AND NOT EXISTS (SELECT FROM community.community_code k WHERE k.community_id = c.community_id AND k.valid @> CURRENT_DATE)
    UNION ALL
    SELECT 'warn', 'repaired grids', format('%s grids of community %s were delivered with invalid rings', count(*), g.community_id)
      FROM community.grid g WHERE g.repair IS NOT NULL AND g.valid @> CURRENT_DATE GROUP BY g.community_id;
END;
COMMENT ON FUNCTION community.place_health() IS 'Health of place: doubtful changes of divisions, communities that lost their code, repaired grids. / 地模块健康检查：待定的区划变更、失去代码的社区、修复过的网格。';
