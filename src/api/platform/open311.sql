-- Open311 GeoReport v2: services, requests and request updates, field by field
-- as that standard names them.  A gateway only puts the answers on the wire.
-- Disputes and requests of residents concern persons and are no part of it.

CREATE OR REPLACE FUNCTION community_api.open311_services()
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN (
        SELECT COALESCE(jsonb_agg(jsonb_build_object('service_code', t.case_type, 'service_name', t.name,
                   'description', concat_ws(' ', t.filing_rule, t.closing_rule), 'metadata', false, 'type', 'realtime',
                   'keywords', t.kind, 'group', t.kind) ORDER BY t.case_type), '[]')
          FROM community.case_type t
         WHERE t.active AND t.kind IN ('component', 'event'));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.open311_services() FROM PUBLIC;
COMMENT ON FUNCTION community_api.open311_services() IS 'GET services of Open311 GeoReport v2: what may be reported. / Open311 服务列表：可上报的类型。';

CREATE OR REPLACE FUNCTION community._open311_requests(p_service_request_id text, p_service_code text, p_start_date timestamptz,
    p_end_date timestamptz, p_status text)
RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_mine bigint[] := community.my_communities();
    v_ids text[] := string_to_array(replace(p_service_request_id, ' ', ''), ',');
    v_codes text[] := string_to_array(p_service_code, ',');
    v_states text[] := string_to_array(p_status, ',');
    v_end timestamptz := COALESCE(p_end_date, CASE WHEN p_start_date IS NULL THEN now() ELSE p_start_date + interval '90 days' END);
BEGIN
    RETURN (
        SELECT COALESCE(jsonb_agg(r.j ORDER BY r.reported_at DESC, r.case_no), '[]')
          FROM (SELECT f.reported_at, f.case_no, jsonb_build_object(
                       'service_request_id', f.case_no,
                       'status', CASE WHEN s.is_open THEN 'open' ELSE 'closed' END,
                       'status_notes', s.name,
                       'service_name', t.name,
                       'service_code', f.case_type,
                       'description', f.description,
                       'agency_responsible', o.name,
                       'service_notice', NULL,
                       'requested_datetime', to_char(f.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       'updated_datetime', to_char(f.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       'expected_datetime', to_char(f.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       'address', f.doc ->> 'address',
                       'address_id', f.grid_code::text,
                       'zipcode', f.doc ->> 'zipcode',
                       'lat', f.lat,
                       'long', f.lon,
                       'media_url', (SELECT a.uri FROM community.case_attachment a
                                      WHERE a.community_id = f.community_id AND a.case_id = f.case_id AND a.kind = 'report'
                                      ORDER BY a.attachment_id LIMIT 1)) AS j
                  FROM community.case_file f
                  JOIN community.case_state s ON s.state = f.state
                  JOIN community.case_type t ON t.case_type = f.case_type AND t.kind IN ('component', 'event')
                  LEFT JOIN community.organization o
                    ON o.community_id = COALESCE(f.organization_community_id, f.duty_community_id)
                   AND o.organization_id = COALESCE(f.organization_id, f.duty_organization_id)
                 WHERE f.community_id = ANY (v_mine)
                   AND CASE WHEN v_ids IS NOT NULL
                            -- Named ones are shown whatever else is asked.
                            THEN f.case_no = ANY (v_ids)
                            ELSE f.reported_at >= COALESCE(p_start_date, v_end - interval '90 days') AND f.reported_at <= v_end
                             AND (v_codes IS NULL OR f.case_type = ANY (v_codes))
                             AND (v_states IS NULL OR CASE WHEN s.is_open THEN 'open' ELSE 'closed' END = ANY (v_states)) END
                 ORDER BY f.reported_at DESC, f.case_no
                 LIMIT 1000) r);
END
$$;
COMMENT ON FUNCTION community._open311_requests(text, text, timestamptz, timestamptz, text) IS 'Requests of Open311 in the caller''s communities, newest first, at most 1000; 90 days unless a time is given. / Open311 请求列表，新者在前，至多 1000 条，默认 90 天。';

CREATE OR REPLACE FUNCTION community_api.open311_requests(p_service_request_id text DEFAULT NULL, p_service_code text DEFAULT NULL,
    p_start_date timestamptz DEFAULT NULL, p_end_date timestamptz DEFAULT NULL, p_status text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN community._open311_requests(p_service_request_id, p_service_code, p_start_date, p_end_date, p_status);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.open311_requests(text, text, timestamptz, timestamptz, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.open311_requests(text, text, timestamptz, timestamptz, text) IS 'GET requests of Open311 GeoReport v2: by numbers (comma list), else by service codes, time of report and status (open, closed); the last 90 days unless told, newest first, at most 1000. / Open311 请求列表：按编号，或按类型、时间、状态。';

CREATE OR REPLACE FUNCTION community_api.open311_request(p_service_request_id text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb := community._open311_requests(COALESCE(p_service_request_id, ''), NULL, NULL, NULL, NULL);
BEGIN
    IF v_answer = '[]'::jsonb THEN
        PERFORM community.refuse('case_not_found', p_service_request_id);
    END IF;
    RETURN v_answer;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.open311_request(text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.open311_request(text) IS 'GET request of Open311 GeoReport v2, a list of one. Refuses case_not_found. / Open311 单个请求。';

CREATE OR REPLACE FUNCTION community_api.open311_post_request(p_key uuid, p_service_code text, p_lat double precision, p_long double precision,
    p_description text DEFAULT NULL, p_doc jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_no text;
    v_community_id bigint;
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'open311_post_request');
    END IF;
    PERFORM FROM community.case_type t WHERE t.case_type = p_service_code AND t.active AND t.kind IN ('component', 'event');
    IF NOT FOUND THEN
        PERFORM community.refuse('case_type_unknown', p_service_code);
    END IF;
    SELECT r.case_no, r.community_id INTO STRICT v_no, v_community_id
      FROM community.case_report(p_key, p_service_code, p_long, p_lat, p_description, 'app', p_doc) r;
    PERFORM community.module_require('casework', v_community_id);
    RETURN jsonb_build_array(jsonb_build_object('service_request_id', v_no, 'service_notice', NULL, 'account_id', NULL));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.open311_post_request(uuid, text, double precision, double precision, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.open311_post_request(uuid, text, double precision, double precision, text, jsonb) IS 'POST request of Open311 GeoReport v2: report at lat and long in degrees; p_doc as in case_report, with address and zipcode kept. The same p_key returns the first answer. Refuses key_missing, and as case_report() does. / Open311 提交请求。';

CREATE OR REPLACE FUNCTION community_api.open311_request_updates(p_service_request_id text DEFAULT NULL, p_start_date timestamptz DEFAULT NULL,
    p_end_date timestamptz DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_mine bigint[] := community.my_communities();
    v_end timestamptz := COALESCE(p_end_date, CASE WHEN p_start_date IS NULL THEN now() ELSE p_start_date + interval '90 days' END);
BEGIN
    RETURN (
        SELECT COALESCE(jsonb_agg(r.j ORDER BY r.occurred_at, r.log_id), '[]')
          FROM (SELECT l.occurred_at, l.log_id, jsonb_build_object(
                       'update_id', l.log_id::text,
                       'service_request_id', f.case_no,
                       'status', CASE WHEN s.is_open THEN 'open' ELSE 'closed' END,
                       'updated_datetime', to_char(l.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       'description', s.name,
                       'media_url', NULL) AS j
                  FROM community.case_file f
                  JOIN community.case_type t ON t.case_type = f.case_type AND t.kind IN ('component', 'event')
                  JOIN community.case_log l ON l.community_id = f.community_id AND l.case_id = f.case_id
                  JOIN community.case_state s ON s.state = l.to_state
                 WHERE f.community_id = ANY (v_mine)
                   AND CASE WHEN p_service_request_id IS NOT NULL THEN f.case_no = p_service_request_id
                            ELSE l.occurred_at >= COALESCE(p_start_date, v_end - interval '90 days') AND l.occurred_at <= v_end END
                 ORDER BY l.occurred_at, l.log_id
                 LIMIT 1000) r);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.open311_request_updates(text, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.open311_request_updates(text, timestamptz, timestamptz) IS 'GET request updates of Open311: what happened to one request, or to all within some time, oldest first, at most 1000; names and reasons are left out. / Open311 请求进展，旧者在前，至多 1000 条，不含人员与原因。';

CREATE OR REPLACE FUNCTION community_api.patrol_track(p_key uuid, p_community_id bigint, p_worker text, p_fixes jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('casework', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'patrol_track', jsonb_build_array(p_community_id, p_worker, p_fixes)),
        community.api_answer(p_key, to_jsonb(community.patrol_track(p_community_id, p_worker, p_fixes))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.patrol_track(uuid, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.patrol_track(uuid, bigint, text, jsonb) IS 'Send in positions of a patrol, as community.patrol_track(); positions that come again under another key are not counted again, the same p_key returns the first answer. / 上报巡查轨迹，重复定位不重复计；相同请求键返回首次结果。';
