-- BI views of place and casework: what they show, and to whom.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.community_register('440203', '武江区', 'district');
CREATE TEMP TABLE made AS
SELECT r.*, l.n FROM (VALUES (1, 121.505, '2024-06-30 23:30+08'), (2, 121.525, '2024-07-01 08:00+08'), (3, 121.59, '2024-07-01 09:00+08')) AS l (n, lon, at)
 CROSS JOIN LATERAL community.case_report(NULL, 'dirty_road', l.lon, 29.805, '张三 13800000000', 'app', '{"reporter": "李四"}', l.at::timestamptz) r;
SELECT community.case_event(NULL, community_id, case_id, e, jsonb_build_object('actor', e, 'organization_id', o, 'organization_community_id', 330203000000), at)
  FROM made, (SELECT bureau AS o FROM fixture) x,
       (VALUES (1, 'accept', timestamptz '2024-07-01 00:10+08'), (2, 'file', '2024-07-01 00:20+08'), (3, 'dispatch', '2024-07-01 00:30+08'),
               (4, 'sign', '2024-07-01 00:40+08'), (5, 'handled', '2024-07-01 01:40+08'), (6, 'check_ok', '2024-07-01 01:50+08')) AS v (k, e, at)
 WHERE n = 1 ORDER BY k;
SELECT community._rollup_case_day(0, 9223372036854775807);
CREATE TEMP TABLE dispute AS SELECT * FROM community.case_report(NULL, 'neighbour_dispute', 121.525432, 29.805678, NULL, 'app');

SELECT results_eq($$SELECT date_key, day, community_id, cell, grid_code, lon, lat, case_type_name, case_kind, state, state_name_zh, is_open, organization_name,
        reported_at, closed_at, deadline, due_at, on_time, hours_to_close FROM community_bi.fact_case WHERE case_key = (SELECT case_id FROM made WHERE n = 1)$$,
    $$VALUES (20240630, date '2024-06-30', 330203001001, community.gridcell(121.505, 29.805, 7)::text, '330203001001001', 121.505::float8, 29.805::float8,
        '道路不洁', 'event', 'closed', '已结案', false, '区城管局', timestamp '2024-06-30 23:30', timestamp '2024-07-01 01:50', timestamp '2024-07-01 05:20',
        NULL::timestamp, true, 1.50::numeric(12,2))$$, 'a case with its local times');
SELECT is((SELECT grid_code FROM community_bi.fact_case WHERE case_key = (SELECT case_id FROM made WHERE n = 3)), NULL, 'a case in no grid');
SELECT results_eq($$SELECT cell, lon, lat FROM community_bi.fact_case JOIN dispute ON case_key = case_id$$,
    $$VALUES (community.gridcell(121.525432, 29.805678, 5)::text, 121.525::float8, 29.806::float8)$$, 'a dispute only to about 100 m');
SELECT results_eq($$SELECT date_key, community_id, grid_code, reported, filed, closed, closed_on_time FROM community_bi.fact_case_daily ORDER BY 1, 2$$,
    $$VALUES (20240630, 330203001001, '330203001001001', 1, 0, 0, 0), (20240701, 330203000000, NULL, 1, 0, 0, 0),
             (20240701, 330203001001, '330203001001001', 0, 1, 1, 1), (20240701, 330203001002, '330203001002001', 1, 0, 0, 0)$$, 'days with what happened');
SELECT results_eq($$SELECT community_code, community_kind, parent_name FROM community_bi.dim_community ORDER BY 1$$,
    $$VALUES ('330203', 'district', NULL), ('330203001', 'street', '海曙区'), ('330203001001', 'residential', '南门街道'),
             ('330203001002', 'residential', '南门街道'), ('440203', 'district', NULL)$$, 'communities');
SELECT results_eq($$SELECT grid_code, grid_kind, round(lon::numeric, 3), round(lat::numeric, 3) FROM community_bi.dim_grid ORDER BY 1 LIMIT 1$$,
    $$VALUES ('330203001001001', 'unit', 121.505, 29.805)$$, 'grids');
SELECT is_empty($$SELECT 1 FROM community_bi.dim_grid WHERE NOT isfinite(valid_from) OR NOT isfinite(valid_until)$$, 'without infinity');
SELECT is_empty($$SELECT view_name, column_name FROM community_bi.data_dictionary WHERE COALESCE(comment_en, '') = '' OR COALESCE(comment_zh, '') = ''
    OR COALESCE(view_comment_en, '') = '' OR COALESCE(view_comment_zh, '') = ''$$, 'the dictionary explains every column in both languages');
SELECT is((SELECT count(*) FROM community_bi.data_dictionary), (SELECT count(*) FROM information_schema.columns WHERE table_schema = 'community_bi'), 'and has them all');

-- A reader sees his communities, and of persons nothing.
CREATE ROLE bi_reader LOGIN IN ROLE community_bi;
SELECT community.member_add('bi_reader', 'read', 330203001001);
SET SESSION AUTHORIZATION bi_reader;
SELECT is(count(*), 1::bigint, 'a reader sees the cases of his community') FROM community_bi.fact_case;
SELECT is(count(*), 2::bigint, 'its days') FROM community_bi.fact_case_daily;
SELECT is(count(*), 2::bigint, 'its grids') FROM community_bi.dim_grid;
SELECT is(count(*), 1::bigint, 'and itself') FROM community_bi.dim_community;
SELECT cmp_ok(count(*), '>', 50::bigint, 'and the dictionary') FROM community_bi.data_dictionary;
SELECT throws_ok('SELECT * FROM community.case_file', '42501', NULL, 'but no table');
SELECT throws_ok('DELETE FROM community_bi.dim_grid', '42501', NULL, 'and changes nothing');
SELECT is_empty($$SELECT 1 FROM community_bi.fact_case f WHERE f::text ~ '张三|李四|13800000000'$$, 'no personal data is shown');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
