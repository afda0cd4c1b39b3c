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
