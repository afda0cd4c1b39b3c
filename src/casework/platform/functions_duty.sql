-- Who is responsible.

CREATE OR REPLACE FUNCTION community.duty_add(p_scope community.gridcode, p_case_type text, p_organization_id bigint,
    p_valid daterange DEFAULT '(,)', p_fallback boolean DEFAULT false, p_source text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_community_id bigint;
    v_duty_id bigint;
BEGIN
    -- The nearest community or division at or above the scope owns the duty.
    SELECT c.community_id INTO v_community_id
      FROM community.community c
     WHERE c.code @> p_scope AND c.kind <> 'virtual'
     ORDER BY c.code DESC
     LIMIT 1;
    IF NOT FOUND THEN
        PERFORM community.refuse('duty_scope', p_scope::text);
    END IF;
    IF p_case_type IS NOT NULL THEN
        PERFORM FROM community.case_type WHERE case_type = p_case_type;
        IF NOT FOUND THEN
            PERFORM community.refuse('case_type_unknown', p_case_type);
        END IF;
    END IF;
    PERFORM FROM community.organization
      WHERE community_id = v_community_id AND organization_id = p_organization_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('organization_not_found', p_organization_id::text, v_community_id::text);
    END IF;
    BEGIN
        INSERT INTO community.duty (community_id, scope, scope_key, case_type, organization_id, fallback, valid, source)
        VALUES (v_community_id, p_scope, p_scope::bigint, p_case_type, p_organization_id, p_fallback, p_valid, p_source)
        RETURNING duty_id INTO v_duty_id;
    EXCEPTION WHEN exclusion_violation THEN
        PERFORM community.refuse('duty_overlap', p_scope::text, COALESCE(p_case_type, '*'));
    END;
    RETURN v_duty_id;
END $$;
COMMENT ON FUNCTION community.duty_add(community.gridcode, text, bigint, daterange, boolean, text) IS 'Make an organization responsible for a scope and case type (NULL: all types) on the days of a range; the organization belongs to the community or division that owns the scope. Refuses duty_scope, case_type_unknown, organization_not_found, duty_overlap. / 设置责任单位；类型为 NULL 表示全部类型。';

CREATE OR REPLACE FUNCTION community.duty_of(p_code community.gridcode, p_case_type text, p_day date,
    OUT duty_community_id bigint, OUT duty_organization_id bigint, OUT duty_id bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_scopes bigint[] := '{}'::bigint[];
    v_code community.gridcode := p_code;
BEGIN
    WHILE v_code IS NOT NULL LOOP
        v_scopes := v_scopes || v_code::bigint;
        v_code := community.gridcode_parent(v_code);
    END LOOP;
    SELECT d.community_id, d.organization_id, d.duty_id
      INTO duty_community_id, duty_organization_id, duty_id
      FROM community.duty d
     WHERE d.scope_key = ANY (v_scopes)
       AND (d.case_type = p_case_type OR d.case_type IS NULL)
       AND d.valid @> p_day
     ORDER BY d.fallback, array_position(v_scopes, d.scope_key), d.case_type NULLS LAST, d.community_id, d.duty_id
     LIMIT 1;
END $$;
COMMENT ON FUNCTION community.duty_of(community.gridcode, text, date) IS 'Who is responsible for a place and case type on a day: the most specific scope, then the named type, then the fallback. All NULL when nobody is. / 查询某地、某类型、某日的责任单位；无则全为 NULL。';

CREATE OR REPLACE FUNCTION community._casework_health()
RETURNS TABLE (severity text, subject text, detail text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'error'::text, 'case machine'::text, concat_ws(' ', c.problem, c.state, c.event)
      FROM community.case_machine_check() c
    UNION ALL
    SELECT 'warn'::text, 'duty gaps'::text,
           format('%s open cases fall under nobody''s duty, the newest is %s', count(*), max(f.case_no))
      FROM community.case_file f
     WHERE f.due_at IS NOT NULL AND f.duty_organization_id IS NULL AND f.organization_id IS NULL
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION community._casework_health() IS 'Health: faults of the active machine, and cases in time that nobody is responsible for. / 健康检查：状态机缺陷、无责任单位的在办案卷。';

CREATE OR REPLACE FUNCTION community.duty_at(p_lon double precision, p_lat double precision, p_case_type text, p_day date)
RETURNS TABLE (grid_code text, duty_id bigint, scope text, case_type text, fallback boolean, organization_community_id bigint,
    organization_id bigint, organization_name text, valid daterange, source text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_place record;
    v_duty record;
BEGIN
    v_place := community._case_locate(p_lon, p_lat, p_day + time '12:00' AT TIME ZONE 'Asia/Shanghai');
    v_duty := community.duty_of(v_place.place_code, p_case_type, p_day);
    RETURN QUERY
    SELECT v_place.grid_code::text, d.duty_id, d.scope::text, d.case_type, d.fallback, d.community_id, d.organization_id, o.name, d.valid, d.source
      FROM community.duty d
      JOIN community.organization o ON o.community_id = d.community_id AND o.organization_id = d.organization_id
     WHERE d.community_id = v_duty.duty_community_id AND d.duty_id = v_duty.duty_id;
END $$;
COMMENT ON FUNCTION community.duty_at(double precision, double precision, text, date) IS 'Who was responsible at a place for a case type on a day, and by which duty; no row when nobody was. Grids are those of the noon of that day. / 某地、某类型、某日由谁负责及依据；无人负责则无行。';

CREATE OR REPLACE FUNCTION community.duty_gaps(p_community_id bigint, p_day date)
RETURNS TABLE (community_id bigint, grid_id bigint, grid_code text, case_type text, only_fallback boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.community_id, g.grid_id, g.code::text, t.case_type, COALESCE(d.fallback, false)
      FROM community.community c
      JOIN community.community m ON c.code @> m.code
      JOIN community.grid g ON g.community_id = m.community_id AND g.kind = 'unit' AND g.valid @> p_day
     CROSS JOIN community.case_type t
      LEFT JOIN LATERAL (SELECT bool_and(u.fallback) AS fallback
                           FROM community.duty u
                          WHERE u.scope @> g.code AND u.valid @> p_day AND (u.case_type IS NULL OR u.case_type = t.case_type)) d ON true
     WHERE c.community_id = p_community_id AND t.active AND COALESCE(d.fallback, true)
     ORDER BY g.code, t.case_type;
END;
COMMENT ON FUNCTION community.duty_gaps(bigint, date) IS 'Unit grids and active case types of a community, and of all below it, that nobody is responsible for on a day; only_fallback: the fallback alone answers. Empty when there is no gap. / 责任空白：无人负责的单元网格与类型；only_fallback 表示仅属地兜底。';
