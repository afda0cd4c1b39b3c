-- Patrols, disputes, what people feel.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.duty_add('330203', NULL, bureau, '(,)', true) FROM fixture;
CREATE TEMP TABLE g AS SELECT grid_id, code::text AS code FROM community.grid WHERE community_id = 330203001001;
INSERT INTO community.patrol_plan (community_id, worker, grid_id, revisit, case_cap, valid)
SELECT 330203001001, 'wang', grid_id, '1 day', CASE code WHEN '330203001001001' THEN 2 ELSE 9 END, '[2024-07-01,2024-08-01)' FROM g;
SELECT throws_ok($$INSERT INTO community.patrol_plan (community_id, worker, grid_id, revisit, valid) SELECT 330203001001, 'wang', grid_id, '2 days', '[2024-07-31,)' FROM g$$, '23P01', NULL, 'one plan at a time');

-- Tracks: two positions are a visit, one is not.
CREATE FUNCTION pg_temp.fix(p_at timestamptz, p_lon float8) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('at', p_at, 'lon', p_lon, 'lat', 29.805) $$;
SELECT is(community.patrol_track(330203001001, 'wang', jsonb_build_array(pg_temp.fix('2024-07-02 08:00+08', 121.505), pg_temp.fix('2024-07-02 08:05+08', 121.506), pg_temp.fix('2024-07-02 08:10+08', 121.515),
    pg_temp.fix('2024-07-02 08:15+08', 121.525), pg_temp.fix('2024-07-02 08:20+08', 121.59))), 5::bigint, 'positions come in');
SELECT is(community.patrol_track(330203001001, 'wang', jsonb_build_array(pg_temp.fix('2024-07-02 08:00+08', 121.505), pg_temp.fix('2024-07-02 09:00+08', 121.505))), 1::bigint, 'what comes again is not counted again');
SELECT results_eq($$SELECT code, fixes, first_at, last_at FROM community.patrol_visit v JOIN g USING (grid_id) ORDER BY 1$$,
    $$VALUES ('330203001001001', 3, timestamptz '2024-07-02 08:00+08', timestamptz '2024-07-02 09:00+08'), ('330203001001002', 1, '2024-07-02 08:10+08', '2024-07-02 08:10+08')$$, 'grids of the community that he was in');
SELECT results_eq($$SELECT grid_code, planned, visits, covered FROM community.patrol_coverage(330203001001, '2024-07-01', '2024-07-03')$$,
    $$VALUES ('330203001001001', true, 1::bigint, true), ('330203001001002', true, 0::bigint, false)$$, 'a stray position covers nothing');
SELECT results_eq($$SELECT worker, grid_code, last_at, late FROM community.patrol_overdue(330203001001, '2024-07-03 10:00+08')$$,
    $$VALUES ('wang', '330203001001002', NULL::timestamptz, interval '1 day 10:00'), ('wang', '330203001001001', '2024-07-02 09:00+08', interval '1:00')$$, 'what is not visited in time');
SELECT is(pg_temp.reason(format('SELECT community.patrol_track(330203001001, ''wang'', %L)', v)), 'track_invalid', format('track %s', v))
  FROM (VALUES (NULL), ('{}'), ('[{"at": "soon", "lon": 1, "lat": 1}]'), ('[{"lon": 1, "lat": 1}]'), ('[{"at": "2024-07-02", "lat": 1}]')) AS x (v);
CREATE TEMP TABLE c AS SELECT n, r.case_id FROM (VALUES (1, 'app', '2024-07-02 12:00+08'), (2, 'patrol', '2024-07-02 12:00+08'), (3, 'app', '2024-07-04 12:00+08')) AS v (n, ch, at)
 CROSS JOIN LATERAL community.case_report(NULL, 'dirty_road', 121.505, 29.805, NULL, v.ch, '{}', v.at::timestamptz) r;
SELECT community.case_event(NULL, 330203001001, case_id, e, '{}', '2024-07-05 08:00+08') FROM c, (VALUES (1, 'accept'), (2, 'file')) AS v (k, e) ORDER BY n, k;
SELECT results_eq('SELECT case_id, worker FROM community.patrol_missed(330203001001, ''2024-07-01'', ''2024-08-01'')', $$SELECT case_id, 'wang' FROM c WHERE n = 1$$, 'what others saw where he had been');
SELECT results_eq($$SELECT * FROM community.patrol_load(330203001001, '2024-07-05')$$, $$VALUES ('wang', 2::bigint, 3::bigint, 2, true)$$, 'load and cap');

-- Disputes.
CREATE TEMP TABLE d AS SELECT case_id FROM community.case_report(NULL, 'neighbour_dispute', 121.505, 29.805, NULL, 'window');
CREATE FUNCTION pg_temp.open(p_case bigint, p_parties jsonb DEFAULT '[{"side": "applicant", "name": "a"}, {"side": "respondent", "name": "b"}, {"side": "third", "name": "c"}]') RETURNS void LANGUAGE sql AS $$
    SELECT community.dispute_open(330203001001, p_case, 'grid', 'm', p_parties) $$;
SELECT is(pg_temp.reason('SELECT pg_temp.open(-1)'), 'case_not_found', 'no case');
SELECT is(pg_temp.reason(format('SELECT pg_temp.open(%s)', case_id)), 'dispute_kind', 'a dirty road is no dispute') FROM c WHERE n = 1;
SELECT is(pg_temp.reason(format('SELECT pg_temp.open(%s, %L)', case_id, v)), 'dispute_parties', v) FROM d, (VALUES ('[]'), ('{}'), ('[{"side": "applicant", "name": "a"}]'),
    ('[{"side": "applicant", "name": "a"}, {"side": "respondent", "name": ""}]'), ('[{"side": "applicant", "name": "a"}, {"side": "respondent", "name": "b"}, {"side": "judge", "name": "c"}]')) AS x (v);
SELECT is(pg_temp.reason(format('SELECT community.dispute_session(330203001001, %s, ''grid'', ''m'', ''failed'')', case_id)), 'dispute_missing', 'no session before it is opened') FROM d;
SELECT pg_temp.open(case_id) FROM d;
SELECT is(pg_temp.reason(format('SELECT pg_temp.open(%s)', case_id)), 'dispute_opened', 'once') FROM d;
SELECT is(community.dispute_session(330203001001, case_id, 'street', 'n', 'pending', 'no agreement yet'), 1, 'a session higher up') FROM d;
SELECT is(pg_temp.reason(format('SELECT community.dispute_session(330203001001, %s, %L, ''m'', ''pending'')', case_id, v)), 'dispute_level', v) FROM d, (VALUES ('grid'), ('moon')) AS x (v);
SELECT is(pg_temp.reason(format('SELECT community.dispute_session(330203001001, %s, ''street'', ''n'', ''agreed'', NULL, '' '')', case_id)), 'agreement_missing', 'an agreement has a text') FROM d;
SELECT is(community.dispute_session(330203001001, case_id, 'street', 'n', 'agreed', NULL, 'quiet after ten'), 2, 'agreed') FROM d;
SELECT results_eq('SELECT level, mediator, outcome, agreement, ended_at IS NOT NULL FROM community.dispute', $$VALUES ('street', 'n', 'agreed', 'quiet after ten', true)$$, 'with the level that resolved it');
SELECT results_eq('SELECT side, agrees FROM community.dispute_party ORDER BY party_no', $$VALUES ('applicant', true), ('respondent', true), ('third', NULL)$$, 'and both sides');
SELECT is(pg_temp.reason(format('SELECT community.dispute_session(330203001001, %s, ''street'', ''n'', ''failed'')', case_id)), 'dispute_missing', 'what ended has ended') FROM d;

-- What people feel: a grid against its own history.
SELECT community.sentiment_add(121.505, 29.805, 'visit', 'parking', -1, NULL, timestamptz '2024-07-31 12:00+08' - w * interval '7 days' - i * interval '1 hour')
  FROM generate_series(0, 8) w, generate_series(1, 4) i;
SELECT is_empty($$SELECT * FROM community.sentiment_warning(330203001001, '2024-07-31 20:00+08')$$, 'a grid that always grumbles does not warn');
SELECT community.sentiment_add(121.515, 29.805, 'visit', 'noise', -1, NULL, timestamptz '2024-07-31 12:00+08' - i * interval '1 hour') FROM generate_series(1, 4) i;
SELECT community.sentiment_add(121.515, 29.805, 'visit', 'park', 1, NULL, '2024-07-31 12:00+08'), community.sentiment_add(121.525, 29.805, 'visit', 'noise', -1, NULL, '2024-07-31 12:00+08');
SELECT results_eq($$SELECT grid_code, negative, usual, spread, topics FROM community.sentiment_warning(330203001001, '2024-07-31 20:00+08')$$,
    $$VALUES ('330203001001002', 4::bigint, 0::float8, 1::float8, '{noise}'::text[])$$, 'a quiet one that cries does');
SELECT is_empty($$SELECT * FROM community.sentiment_warning(330203001002, '2024-07-31 20:00+08')$$, 'a single voice does not');
SELECT is(pg_temp.reason(format('SELECT community.sentiment_add(121.505, 29.805, %L, %L, %s)', s, t, p)), 'sentiment_invalid', format('%s %s %s', s, t, p))
  FROM (VALUES ('', 't', '1'), ('s', NULL, '1'), ('s', 't', '2'), ('s', 't', 'NULL')) AS x (s, t, p);
SELECT is(pg_temp.reason($$SELECT community.sentiment_add(121.505, 29.805, 's', 't', 1, NULL, NULL, -1)$$), 'case_not_found', 'about no case');
SELECT isnt(community.sentiment_add(121.505, 29.805, 's', 't', 1, NULL, NULL, case_id), NULL, 'it may lead to a case') FROM d;
SELECT is_empty($$SELECT unnest('{track_invalid,dispute_kind,dispute_parties,dispute_opened,dispute_missing,dispute_level,agreement_missing,sentiment_invalid}'::text[]) EXCEPT SELECT reason FROM provoked$$, 'every refusal was provoked');
SELECT * FROM finish();
ROLLBACK;
