-- Open311 GeoReport v2, and the BI views of the way of cases.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.duty_add('330203', NULL, bureau, '(,)', true), community.duty_add('330203001001', 'dirty_road', committee, '(,)') FROM fixture;
CREATE TEMP TABLE c AS SELECT n, r.* FROM (VALUES (1, 'dirty_road', 121.505, '2024-07-01 08:00+08', '路面不洁'), (2, 'street_lamp', 121.525, '2024-07-02 08:00+08', NULL), (3, 'neighbour_dispute', 121.505, '2024-07-02 08:00+08', 'secret'))
    AS v (n, t, lon, at, d) CROSS JOIN LATERAL community.case_report(NULL, v.t, v.lon, 29.805, v.d, 'app', '{"address": "南门街1号", "zipcode": "315000"}', v.at::timestamptz) r;
SELECT community.case_event(NULL, community_id, case_id, e, jsonb_build_object('actor', e), at)
  FROM c, (VALUES (1, 'accept', timestamptz '2024-07-01 08:10+08'), (2, 'file', '2024-07-01 08:50+08'), (3, 'dispatch', '2024-07-01 09:00+08'), (4, 'sign', '2024-07-01 09:30+08'),
    (5, 'handled', '2024-07-01 10:00+08'), (6, 'check_ok', '2024-07-01 10:30+08')) AS v (k, e, at) WHERE n = 1 ORDER BY k;
SELECT community.case_attach(community_id, case_id, 'report', 'https://files/1.jpg', 'image/jpeg', sha256('1')) FROM c WHERE n = 1;
INSERT INTO community.patrol_plan (community_id, worker, grid_id, revisit, valid) SELECT 330203001001, 'wang', grid_id, '1 day', '(,)' FROM community.grid WHERE code::text = '330203001001001';
SELECT community.patrol_track(330203001001, 'wang', '[{"at": "2024-07-01 08:00+08", "lon": 121.505, "lat": 29.805}, {"at": "2024-07-01 08:30+08", "lon": 121.505, "lat": 29.805}]');

SELECT is((SELECT count(*) FROM jsonb_array_elements(community_api.open311_services())), (SELECT count(*) FROM community.case_type WHERE active AND kind IN ('component', 'event')), 'services are events and components');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(community_api.open311_services() -> 0) k), '{description,group,keywords,metadata,service_code,service_name,type}', 'with the fields of the standard');
SELECT is(community_api.open311_request((SELECT case_no FROM c WHERE n = 1)), jsonb_build_array(jsonb_build_object(
    'service_request_id', '330203001001-20240701-00001', 'status', 'closed', 'status_notes', 'Closed', 'service_name', '道路不洁', 'service_code', 'dirty_road',
    'description', '路面不洁', 'agency_responsible', '第一社区居委会', 'service_notice', NULL, 'requested_datetime', '2024-07-01T00:00:00Z', 'updated_datetime', '2024-07-01T02:30:00Z',
    'expected_datetime', NULL, 'address', '南门街1号', 'address_id', '330203001001001', 'zipcode', '315000', 'lat', 29.805, 'long', 121.505, 'media_url', 'https://files/1.jpg')),
    'a request, field by field');
CREATE FUNCTION pg_temp.ids(p jsonb) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(substr(r ->> 'service_request_id', 14), ' ' ORDER BY o) FROM jsonb_array_elements(p) WITH ORDINALITY AS x (r, o) $$;
SELECT is(pg_temp.ids(community_api.open311_requests(NULL, NULL, '2024-06-01', '2024-08-01')), '20240702-00001 20240701-00001', 'requests of some time, newest first, no disputes');
SELECT is(pg_temp.ids(community_api.open311_requests(NULL, NULL, '2024-06-01')), '20240702-00001 20240701-00001', 'a start alone asks for 90 days');
SELECT is(pg_temp.ids(community_api.open311_requests()), NULL, 'none of the last 90 days');
SELECT is(pg_temp.ids(community_api.open311_requests(NULL, 'dirty_road,noise', '2024-06-01')), '20240701-00001', 'by service');
SELECT is(pg_temp.ids(community_api.open311_requests(NULL, NULL, '2024-06-01', NULL, 'open')), '20240702-00001', 'by status');
SELECT is(pg_temp.ids(community_api.open311_requests((SELECT string_agg(case_no, ', ' ORDER BY n) FROM c), 'noise')), '20240702-00001 20240701-00001', 'named ones whatever else is asked');
SELECT is(pg_temp.reason(format('SELECT community_api.open311_request(%L)', (SELECT case_no FROM c WHERE n = 3))), 'case_not_found', 'a dispute is not shown');
SELECT is(pg_temp.reason('SELECT community_api.open311_request(NULL)'), 'case_not_found', 'nor nothing');
SELECT is((SELECT jsonb_agg(u - 'update_id' ORDER BY o) -> 0 FROM jsonb_array_elements(community_api.open311_request_updates((SELECT case_no FROM c WHERE n = 1))) WITH ORDINALITY x (u, o)),
    '{"service_request_id": "330203001001-20240701-00001", "status": "open", "updated_datetime": "2024-07-01T00:00:00Z", "description": "Reported", "media_url": null}', 'an update, field by field');
SELECT is((SELECT string_agg(u ->> 'status', ' ' ORDER BY o) FROM jsonb_array_elements(community_api.open311_request_updates((SELECT case_no FROM c WHERE n = 1))) WITH ORDINALITY x (u, o)),
    'open open open open open open closed', 'one for each event');
SELECT is(jsonb_array_length(community_api.open311_request_updates(NULL, '2024-07-02')), 1, 'or those of some time');
CREATE TEMP TABLE p AS SELECT community_api.open311_post_request('00000000-0000-0000-0000-000000000001', 'dirty_road', 29.805, 121.505, 'd') AS a;
SELECT is((SELECT array_agg(k ORDER BY k) FROM p, jsonb_object_keys(a -> 0) k), '{account_id,service_notice,service_request_id}', 'posting answers as the standard says');
SELECT is(community_api.open311_post_request('00000000-0000-0000-0000-000000000001', 'dirty_road', 29.805, 121.505, 'd'), a, 'once for one key') FROM p;
SELECT is(community_api.open311_request(a -> 0 ->> 'service_request_id') -> 0 ->> 'description', 'd', 'and can be read back') FROM p;
SELECT is(pg_temp.reason($$SELECT community_api.open311_post_request(NULL, 'dirty_road', 29.805, 121.505)$$), 'key_missing', 'a command needs a key');
SELECT is(pg_temp.reason($$SELECT community_api.open311_post_request(gen_random_uuid(), 'neighbour_dispute', 29.805, 121.505)$$), 'case_type_unknown', 'disputes are not reported this way');

-- BI.
SELECT results_eq($$SELECT seq, event, from_state, to_state, occurred_at FROM community_bi.fact_case_flow JOIN c ON case_key = case_id WHERE n = 1 ORDER BY seq LIMIT 2$$,
    $$VALUES (1, 'report', NULL, 'reported', timestamp '2024-07-01 08:00'), (2, 'accept', 'reported', 'accepted', '2024-07-01 08:10')$$, 'the flow of a case');
SELECT results_eq($$SELECT stage, hours, stage_due, stage_on_time FROM community_bi.fact_case_stage JOIN c ON case_key = case_id WHERE n = 1 ORDER BY case_stage_key$$,
    $$VALUES ('accept', 0.17::numeric(12,2), timestamp '2024-07-01 08:30', true), ('file', 0.67, '2024-07-01 08:40', false), ('dispatch', 0.17, '2024-07-01 09:20', true),
             ('sign', 0.50, '2024-07-01 11:00', true), ('handle', 0.50, NULL, NULL), ('check', 0.50, NULL, NULL)$$, 'its stages and their limits');
SELECT results_eq($$SELECT day, grid_code, fixes, planned, minutes FROM community_bi.fact_patrol$$, $$VALUES (date '2024-07-01', '330203001001001', 2, true, 30.0::numeric(12,1))$$, 'patrols');
SELECT is((SELECT count(*) FROM community_bi.duty_gap), 4 * (SELECT count(*) FROM community.case_type WHERE active) - 2, 'gaps of duty');
SELECT results_eq($$SELECT severity, subject FROM community.health() WHERE check_name = 'casework.late'$$, $$VALUES ('warn', 'late stages')$$, 'health() tells of late stages');
UPDATE community.patrol_plan SET case_cap = 1;
SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app');
SELECT results_eq($$SELECT subject FROM community.health() WHERE check_name = 'casework.late' ORDER BY 1$$, $$VALUES ('late stages'), ('overload')$$, 'and of overload');
CREATE ROLE open311_reader LOGIN IN ROLE community_app, community_bi;
SELECT community.member_add('open311_reader', 'read', 330203001002), community.member_add('open311_reader', 'grid_worker', 330203001002);
SET SESSION AUTHORIZATION open311_reader;
SELECT is(jsonb_array_length(community_api.open311_requests(NULL, NULL, '2024-06-01')), 1, 'a reader sees his community');
SELECT is((SELECT count(DISTINCT community_id) FROM community_bi.fact_case_flow), 1::bigint, 'its flow');
SELECT is((SELECT count(DISTINCT community_id) FROM community_bi.fact_case_stage), 1::bigint, 'its stages');
SELECT is((SELECT count(*) FROM community_bi.fact_patrol), 0::bigint, 'its patrols');
SELECT is((SELECT count(DISTINCT community_id) FROM community_bi.duty_gap), 1::bigint, 'and its gaps');
SELECT is(pg_temp.reason($$SELECT community_api.patrol_track('00000000-0000-0000-0000-00000000000b', 330203001001, 'open311_reader', '[]')$$), 'capability_missing', 'a patrol elsewhere is not his');
SELECT is(pg_temp.reason($$SELECT community_api.patrol_track('00000000-0000-0000-0000-00000000000b', 330203001002, 'wang', '[]')$$), 'capability_missing', 'another''s track needs act_for');
SELECT is(community_api.patrol_track('00000000-0000-0000-0000-00000000000b', 330203001002, 'open311_reader', '[{"at": "2024-07-01 08:00+08", "lon": 121.525, "lat": 29.805}]'), 1::bigint, 'his own does not') FROM generate_series(1, 2);
SELECT is(pg_temp.reason($$SELECT community_api.patrol_track(NULL, 330203001002, 'open311_reader', '[]')$$), 'key_missing', 'a command needs a key');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
