-- Casework for apps.  Rights are those of the login: the functions below check
-- the capabilities of session_user, and its communities when they read.

CREATE OR REPLACE FUNCTION community_api.case_report(p_key uuid, p_case_type text, p_lon double precision,
    p_lat double precision, p_description text, p_channel text, p_doc jsonb DEFAULT '{}', p_at timestamptz DEFAULT NULL)
RETURNS TABLE (community_id bigint, case_id bigint, case_no text, state text, due_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'case_report');
    END IF;
    SELECT r.community_id, r.case_id, r.case_no, r.state, r.due_at
      INTO STRICT community_id, case_id, case_no, state, due_at
      FROM community.case_report(p_key, p_case_type, p_lon, p_lat, p_description, p_channel, p_doc, p_at) r;
    -- Only now is the community known; a refusal undoes the report.
    PERFORM community.module_require('casework', community_id);
    RETURN NEXT;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.case_report(uuid, text, double precision, double precision, text, text, jsonb, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.case_report(uuid, text, double precision, double precision, text, text, jsonb, timestamptz) IS 'Report a case at a place in degrees (WGS 84); returns its community, numbers and state. p_channel: patrol, app, hotline, window, kiosk, sensor, hand_down or import. p_doc and p_at as in community.case_report. The same p_key returns the first answer. / 上报案卷（WGS 84 经纬度），返回社区、编号与状态；相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.case_event(p_key uuid, p_community_id bigint, p_case_id bigint, p_event text,
    p_doc jsonb DEFAULT '{}', p_at timestamptz DEFAULT NULL)
RETURNS TABLE (state text, due_at timestamptz, log_id bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_key('casework', p_community_id, p_key, 'case_event');
    IF p_community_id <> ALL (community.my_communities()) THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    RETURN QUERY
    SELECT e.state, e.due_at, e.log_id
      FROM community.case_event(p_key, p_community_id, p_case_id, p_event, p_doc, p_at) e;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.case_event(uuid, bigint, bigint, text, jsonb, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.case_event(uuid, bigint, bigint, text, jsonb, timestamptz) IS 'Move a case by an event; returns its new state, deadline (NULL while the clock stands) and log number. p_doc and p_at as in community.case_event. The same p_key returns the first answer. / 推进案卷，返回新状态、截止时间与日志号；相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.case_get(p_community_id bigint, p_case_id bigint)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_case jsonb;
BEGIN
    PERFORM community.module_require('casework', p_community_id);
    SELECT jsonb_build_object('community_id', f.community_id, 'case_id', f.case_id, 'case_no', f.case_no,
               'case_type', f.case_type, 'state', f.state, 'due_at', f.due_at, 'deadline', f.deadline, 'on_time', f.on_time,
               'channel', f.channel, 'description', f.description, 'lon', f.lon, 'lat', f.lat, 'cell', f.cell::text,
               'grid_code', f.grid_code::text, 'organization_id', f.organization_id, 'supporters', f.supporters,
               'merged_into', f.merged_into, 'rating', f.rating, 'reported_at', f.reported_at, 'closed_at', f.closed_at,
               'events', (SELECT jsonb_agg(t.event ORDER BY t.event)
                            FROM community.case_transition t
                           WHERE t.version = f.machine AND t.from_state = f.state
                             AND community.has_capability(t.role, f.community_id)),
               'log', (SELECT jsonb_agg(jsonb_build_object('seq', l.seq, 'event', l.event, 'state', l.to_state,
                                                           'role', l.role, 'reason', l.reason, 'at', l.occurred_at)
                                        ORDER BY l.seq)
                         FROM community.case_log l
                        WHERE l.community_id = f.community_id AND l.case_id = f.case_id
                          AND l.occurred_at BETWEEN f.reported_at AND f.last_at))
      INTO v_case
      FROM community.case_file f
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id
       AND f.community_id = ANY (community.my_communities());
    IF NOT FOUND THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    RETURN v_case;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.case_get(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.case_get(bigint, bigint) IS 'A case of the caller''s communities with its history and the events the caller may set off now; names of persons are left out. Refuses case_not_found. / 读取本人社区内案卷、过程与当前可执行事件，不含人员姓名。';

CREATE OR REPLACE FUNCTION community_api.case_due(p_minutes integer DEFAULT 60, p_limit integer DEFAULT 100)
RETURNS TABLE (community_id bigint, case_id bigint, case_no text, case_type text, state text, due_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._number_check('number of minutes', p_minutes, 0), community._number_check('number of cases', p_limit, 1);
    RETURN QUERY
    SELECT f.community_id, f.case_id, f.case_no, f.case_type, f.state, f.due_at
      FROM community.case_file f
     WHERE f.community_id = ANY (community.my_communities())
       AND f.due_at <= now() + make_interval(mins => p_minutes)
     ORDER BY f.due_at, f.community_id, f.case_id
     LIMIT least(p_limit, 1000);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.case_due(integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.case_due(integer, integer) IS 'Cases of the caller''s communities that are overdue or due within some minutes, most urgent first; at most 1000, none for NULL minutes. 22023 for negative minutes or a limit below 1. / 本人社区内超期或即将到期的案卷，最急在前，最多 1000 条；分钟为负或条数小于 1 报 22023。';

-- Those who work on cases call the same functions under their own logins.
SELECT community.register_grant(r, 'routine', 'community_api.' || f, 'EXECUTE', 'api')
  FROM unnest('{operator,dispatcher,grid_worker}'::text[]) r, unnest('{case_report,case_event,case_get,case_due}'::text[]) f;
