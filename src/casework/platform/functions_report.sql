-- Taking a report in: where it lies, who is responsible, its number, its first log row.

CREATE OR REPLACE FUNCTION community._case_no(p_community_id bigint, p_day date)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_no integer;
BEGIN
    -- The counter's row is held until commit: numbers have no gaps.
    INSERT INTO community.case_counter AS c (community_id, day, last_no)
    VALUES (p_community_id, p_day, 1)
    ON CONFLICT (community_id, day) DO UPDATE SET last_no = c.last_no + 1
    RETURNING c.last_no INTO v_no;
    RETURN p_community_id || to_char(p_day, '-YYYYMMDD-') || CASE WHEN v_no < 100000 THEN lpad(v_no::text, 5, '0') ELSE v_no::text END;
END $$;
COMMENT ON FUNCTION community._case_no(bigint, date) IS 'Next case number of a community and local day, without gaps. / 取社区当日下一个案卷号，连续无缺。';

CREATE OR REPLACE FUNCTION community._case_locate(p_lon double precision, p_lat double precision, p_at timestamptz,
    OUT community_id bigint, OUT grid_id bigint, OUT grid_code community.gridcode, OUT place_code community.gridcode,
    OUT day date)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_tz text := 'Asia/Shanghai';
    v_found_tz text;
BEGIN
    -- Which grids are valid depends on the local day, and that on the place:
    -- a second look settles places of another time zone.
    FOR v_round IN 1..2 LOOP
        day := community.local_day(p_at, v_tz);
        SELECT g.community_id, g.grid_id, g.code
          INTO community_id, grid_id, grid_code
          FROM community.grid_locate(p_lon, p_lat, day, 'unit') g;
        IF community_id IS NULL THEN
            community_id := community.fallback_community(p_lon, p_lat, day);
        END IF;
        IF community_id IS NULL THEN
            RETURN;
        END IF;
        SELECT c.tz, c.code INTO v_found_tz, place_code
          FROM community.community c
         WHERE c.community_id = _case_locate.community_id;
        EXIT WHEN v_found_tz = v_tz;
        v_tz := v_found_tz;
    END LOOP;
    IF grid_code IS NOT NULL THEN
        place_code := grid_code;
    END IF;
END $$;
COMMENT ON FUNCTION community._case_locate(double precision, double precision, timestamptz) IS 'Community, unit grid and local day of a place and time; in no grid the fallback community of its district; community NULL when there is none. / 定位社区、单元网格与当地日期；不在网格内归属兜底社区。';

CREATE OR REPLACE FUNCTION community.case_report(p_key uuid, p_case_type text, p_lon double precision, p_lat double precision,
    p_description text, p_channel text, p_doc jsonb DEFAULT '{}', p_at timestamptz DEFAULT NULL)
RETURNS TABLE (community_id bigint, case_id bigint, case_no text, state text, due_at timestamptz) LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_answer jsonb;
    v_doc jsonb := community._case_doc(p_doc);
    v_at timestamptz := COALESCE(p_at, clock_timestamp());
    v_place record;
    v_duty record;
    v_cell community.gridcell;
    v_machine integer;
    v_actor text;
    v_due timestamptz;
    v_role text;
    v_stage_due timestamptz;
BEGIN
    IF p_key IS NOT NULL THEN
        v_answer := community.api_once(p_key, 'case_report',
            jsonb_build_array(p_case_type, p_lon, p_lat, p_description, p_channel, v_doc, extract(epoch FROM p_at)));
        IF v_answer IS NOT NULL THEN
            RETURN QUERY SELECT (v_answer ->> 'community_id')::bigint, (v_answer ->> 'case_id')::bigint,
                v_answer ->> 'case_no', v_answer ->> 'state', (v_answer ->> 'due_at')::timestamptz;
            RETURN;
        END IF;
    END IF;

    -- What can be told from the arguments alone.
    PERFORM FROM community.case_type t WHERE t.case_type = p_case_type AND t.active;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_type_unknown', p_case_type);
    END IF;
    IF p_lon IS NULL OR p_lat IS NULL OR NOT (abs(p_lon) <= 180 AND abs(p_lat) < 88) THEN
        PERFORM community.refuse('location_invalid', p_lon::text, p_lat::text);
    END IF;
    PERFORM FROM community.case_channel c WHERE c.channel = p_channel;
    IF NOT FOUND THEN
        PERFORM community.refuse('channel_unknown', p_channel);
    END IF;
    IF NOT isfinite(v_at) THEN
        PERFORM community.refuse('time_invalid', p_at::text);
    END IF;

    v_place := community._case_locate(p_lon, p_lat, v_at);
    IF v_place.community_id IS NULL THEN
        PERFORM community.refuse('location_outside', p_lon::text, p_lat::text);
    END IF;
    IF community.has_capability('reporter', v_place.community_id) THEN
        v_role := 'reporter';
    ELSIF community.has_capability('grid_worker', v_place.community_id) THEN
        v_role := 'grid_worker';
    ELSE
        PERFORM community.require_capability('reporter', v_place.community_id);
    END IF;
    IF p_at IS NOT NULL THEN
        v_at := community._case_at(v_place.community_id, p_at, p_at);
    END IF;
    v_actor := community._case_actor(v_place.community_id, v_doc);
    IF v_doc ? 'due_at' THEN
        PERFORM community.require_capability('import', v_place.community_id);
        v_due := community._case_doc_time(v_doc, 'due_at');
    END IF;

    v_cell := community.gridcell(p_lon, p_lat, 7);
    v_duty := community.duty_of(v_place.place_code, p_case_type, v_place.day);
    SELECT m.version INTO STRICT v_machine FROM community.case_machine m WHERE m.status = 'active';

    v_stage_due := community._case_stage_due(jsonb_populate_record(NULL::community.case_file, jsonb_build_object(
        'community_id', v_place.community_id, 'case_type', p_case_type, 'duty_community_id', v_duty.duty_community_id,
        'duty_organization_id', v_duty.duty_organization_id)), NULL, 'reported', v_at);
    community_id := v_place.community_id;
    case_no := community._case_no(v_place.community_id, v_place.day);
    state := 'reported';
    INSERT INTO community.case_file AS f (community_id, case_no, case_type, machine, state, last_at, due_import, channel,
        source, external_id, reporter, description, component_id, doc, lon, lat, cell, cell_key, grid_id, grid_code,
        duty_community_id, duty_organization_id, reported_at, stage_due)
    VALUES (v_place.community_id, case_no, p_case_type, v_machine, 'reported', v_at, v_due, p_channel,
        v_doc ->> 'source', v_doc ->> 'external_id', v_doc ->> 'reporter', p_description, v_doc ->> 'component_id',
        v_doc - '{source,external_id,reporter,component_id,due_at,actor}'::text[], p_lon, p_lat, v_cell, v_cell::bigint,
        v_place.grid_id, v_place.grid_code, v_duty.duty_community_id, v_duty.duty_organization_id, v_at, v_stage_due)
    ON CONFLICT (community_id, source, external_id) WHERE external_id IS NOT NULL AND source IS NOT NULL DO NOTHING
    RETURNING f.case_id INTO case_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_external_taken', v_doc ->> 'external_id', v_doc ->> 'source');
    END IF;
    INSERT INTO community.case_log (community_id, case_id, seq, event, to_state, role, actor, case_type, channel, grid_id,
        clock, doc, occurred_at, stage_due)
    VALUES (v_place.community_id, case_id, 1, 'report', 'reported', v_role, v_actor, p_case_type, p_channel, v_place.grid_id,
        'idle', v_doc - 'actor', v_at, v_stage_due);

    IF p_key IS NOT NULL THEN
        PERFORM community.api_answer(p_key, jsonb_build_object('community_id', community_id, 'case_id', case_id,
            'case_no', case_no, 'state', state, 'due_at', due_at));
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION community.case_report(uuid, text, double precision, double precision, text, text, jsonb, timestamptz) IS 'Take in a report: finds cell, unit grid, community and duty, gives it a number, opens the case in state reported. p_doc: source, external_id, reporter, component_id, actor (needs act_for), due_at (imported deadline, needs import), anything else is kept. p_at: time of the report, needs import; NULL is now. A repeated p_key returns the first answer. / 受理上报：定位网格与社区、确定责任单位、编号并建案；同一请求键重复调用返回首次结果。';
