-- Casework: working time, stages, pauses of overdue cases.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.setting_set('work_hours', NULL);
CREATE FUNCTION pg_temp.due(p_start timestamptz, p_limit interval, p_clock text, p_organization bigint DEFAULT NULL) RETURNS timestamp LANGUAGE sql AS $$
    SELECT community.work_due(330203001001, p_start, p_limit, p_clock, 330203001001, p_organization) AT TIME ZONE 'Asia/Shanghai' $$;

SELECT is(pg_temp.due('2024-07-01 10:00+08', '4 hours', 'work'), '2024-07-01 16:00', 'the noon break is no working time');
SELECT is(pg_temp.due('2024-07-05 17:00+08', '1 hour', 'work'), '2024-07-08 09:00', 'nor is the weekend');
SELECT is(pg_temp.due('2024-09-30 17:00+08', '1 hour', 'work'), '2024-10-08 09:00', 'nor the national holiday');
SELECT is(pg_temp.due('2024-10-11 17:00+08', '1 hour', 'work'), '2024-10-12 09:00', 'but the weekend day worked instead is');
SELECT is(pg_temp.due('2024-09-30 10:00+08', '5 days', 'work'), '2024-10-12 10:00', 'five working days over the holiday end on the shifted Saturday');
SELECT is(pg_temp.due('2024-09-30 10:00+08', '5 days', 'calendar'), '2024-10-05 10:00', 'five days of the calendar');
SELECT is(pg_temp.due('2024-09-30 10:00+08', '4 hours', 'urgent'), '2024-09-30 14:00', 'an urgent limit runs on');
SELECT is(pg_temp.due('2023-01-03 10:00+08', n, 'work'), community.due_at('2023-01-03 10:00+08', n, 'work', community.weekly_hours('Mo-Fr 08:30-12:00,14:00-17:30; PH off'),
    'Asia/Shanghai', array_agg(day) FILTER (WHERE kind = 'holiday'), array_agg(day) FILTER (WHERE kind = 'workday')) AT TIME ZONE 'Asia/Shanghai',
    format('a limit of %s reads as much of the calendar as it needs', n))
  FROM community.calendar, (VALUES (interval '12 days'), ('240 days'), ('700 days'), ('1700 hours'), ('200 hours')) AS v (n) WHERE calendar = 'cn' GROUP BY n;
SELECT is(pg_temp.due('2024-01-01 10:00+08', NULL, 'work'), NULL, 'no limit, no deadline');

SELECT community.work_hours_set(330203000000, NULL, 'Mo-Fr 09:00-17:00; PH off', 'test');
SELECT is(pg_temp.due('2024-07-01 16:30+08', '1 hour', 'work'), '2024-07-02 09:30', 'a community takes the hours of its district');
SELECT community.work_hours_set(330203001001, NULL, 'Mo-Su 09:00-18:00; PH off', 'test');
SELECT is(pg_temp.due('2024-07-01 17:30+08', '1 hour', 'work'), '2024-07-02 09:30', 'unless it has its own');
SELECT community.work_hours_set(330203001001, property, 'Mo-Su 00:00-24:00', 'test') FROM fixture;
SELECT is(pg_temp.due('2024-07-01 17:30+08', '1 hour', 'work', property), '2024-07-01 18:30', 'and an organization its own') FROM fixture;
SELECT is(pg_temp.reason($$SELECT community.work_hours_set(330203001001, -1, 'Mo 09:00-10:00', 'test')$$), 'organization_not_found', 'hours of nobody');
SELECT is(pg_temp.reason(format('SELECT community.work_hours_set(330203001001, NULL, %L, ''test'')', v)), 'work_hours_invalid', format('hours "%s"', v))
  FROM (VALUES ('whenever'), ('PH 09:00-10:00; Mo-Su off')) AS x (v);
DELETE FROM community.work_hours;

-- Due and left are inverses, forwards and back, on random times.
SELECT setseed(0.5);
CREATE TEMP TABLE pair AS
SELECT timestamptz '2023-12-01' + random() * interval '600 days' AS a, timestamptz '2023-12-01' + random() * interval '600 days' AS b FROM generate_series(1, 400);
SELECT is_empty($$SELECT a, b FROM (SELECT a, b, community.work_left(330203001001, a, b, 'work') AS l FROM pair) x
    WHERE community.work_left(330203001001, a, community.work_due(330203001001, a, l, 'work'), 'work') <> l$$, 'working time left comes back');
SELECT is_empty($$SELECT a, b FROM pair WHERE community.work_due(330203001001, a, community.work_left(330203001001, a, b, 'calendar'), 'calendar') <> b$$,
    'the calendar gives the time itself');
SELECT is_empty($$SELECT a, b FROM pair WHERE community.work_due(330203001001, a, community.work_left(330203001001, a, b, 'urgent'), 'urgent') <> b$$, 'and so do urgent hours');
SELECT is_empty($$SELECT a, b FROM (SELECT a, community.work_due(330203001001, a, '90 minutes', 'work') AS b FROM pair) x
    WHERE community.work_due(330203001001, a, community.work_left(330203001001, a, b, 'work'), 'work') <> b$$, 'a deadline in working time comes back');
SELECT is(community.work_left(330203001001, '2024-07-01 22:00+08', '2024-07-01 17:30+08', 'work'), interval '-1 microsecond', 'overdue by a night is overdue');

-- A case in working time.
CREATE FUNCTION pg_temp.go(p_case bigint, p_event text, p_at timestamptz, p_doc jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT state FROM community.case_event(NULL, 330203001001, p_case, p_event, '{"reason": "r", "until": "2030-01-01"}'::jsonb || jsonb_build_object('actor', p_event) || p_doc, p_at) $$;
CREATE FUNCTION pg_temp.open(p_at timestamptz, p_doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT case_id FROM community.case_report(NULL, 'dirty_road', 121.505, 29.805, NULL, 'patrol', p_doc, p_at) $$;
SELECT community.duty_add('330203', NULL, bureau, '(,)', true) FROM fixture;
CREATE TEMP TABLE c AS SELECT pg_temp.open('2024-07-05 14:00+08') AS c;
SELECT is(stage_due, timestamptz '2024-07-05 14:30+08', 'half an hour to accept') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'verify_request', '2024-07-05 14:10+08') FROM c;
SELECT is(stage_due, timestamptz '2024-07-05 14:30+08', 'which verification does not lengthen') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'verify_ok', '2024-07-05 16:00+08') FROM c;
SELECT is(stage_due, timestamptz '2024-07-05 16:30+08', 'half an hour to file') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'file', '2024-07-05 16:00+08') FROM c;
SELECT is(due_at, timestamptz '2024-07-08 12:00+08', 'five working hours over a weekend') FROM community.case_file JOIN c ON c = case_id;
SELECT is(stage_due, timestamptz '2024-07-05 16:30+08', 'half an hour to dispatch') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'dispatch', '2024-07-05 16:30+08') FROM c;
SELECT is(stage_due, timestamptz '2024-07-08 09:30+08', 'two hours to sign') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'sign', '2024-07-08 09:00+08') FROM c;
SELECT is(stage_due, NULL, 'and then only the total') FROM community.case_file JOIN c ON c = case_id;
SELECT is((SELECT array_agg(stage_due ORDER BY seq) FROM community.case_log JOIN c ON c = case_id), ARRAY['2024-07-05 14:30+08', '2024-07-05 14:30+08', '2024-07-05 16:30+08',
    '2024-07-05 16:30+08', '2024-07-08 09:30+08', NULL]::timestamptz[], 'the log keeps the limits of the stages');
SELECT pg_temp.go(c, 'request_suspend', '2024-07-08 10:00+08'), pg_temp.go(c, 'approve', '2024-07-08 15:00+08') FROM c;
SELECT is(time_left, interval '-1 hours', 'suspended when already overdue by a working hour') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'resume', '2024-07-10 08:30+08') FROM c;
SELECT is(due_at, timestamptz '2024-07-09 16:30+08', 'resumed it is overdue by as much') FROM community.case_file JOIN c ON c = case_id;
SELECT pg_temp.go(c, 'handled', '2024-07-10 08:30+08'), pg_temp.go(c, 'check_ok', '2024-07-10 08:30+08') FROM c;
SELECT is(on_time, false, 'and closed late') FROM community.case_file JOIN c ON c = case_id;

CREATE TEMP TABLE i AS SELECT pg_temp.open('2024-07-05 14:00+08', '{"due_at": "2024-07-06 14:00+08"}') AS c;
SELECT pg_temp.go(c, 'accept', '2024-07-05 14:00+08'), pg_temp.go(c, 'file', '2024-07-05 14:00+08'), pg_temp.go(c, 'dispatch', '2024-07-05 14:00+08'),
    pg_temp.go(c, 'sign', '2024-07-05 14:00+08'), pg_temp.go(c, 'request_suspend', '2024-07-06 13:00+08'), pg_temp.go(c, 'approve', '2024-07-06 13:00+08'),
    pg_temp.go(c, 'resume', '2024-07-07 13:00+08') FROM i;
SELECT is(due_at, timestamptz '2024-07-07 14:00+08', 'around an imported deadline time elapses') FROM community.case_file JOIN i ON c = case_id;
SELECT pg_temp.go(c, 'handled', '2024-07-07 13:00+08'), pg_temp.go(c, 'check_ok', '2024-07-07 13:00+08'), pg_temp.go(c, 'reopen', '2024-07-08 09:00+08') FROM i;
SELECT is(due_at, timestamptz '2024-07-08 16:00+08', 'reopened, the limit of the type counts in working time') FROM community.case_file JOIN i ON c = case_id;

SELECT community.case_stage_set('dirty_road', 'accept', '2 hours', 'urgent', 'test');
SELECT is(stage_due, timestamptz '2024-07-05 20:00+08', 'a type may have stage limits of its own') FROM community.case_file WHERE case_id = pg_temp.open('2024-07-05 18:00+08');
SELECT community.case_stage_set('dirty_road', 'accept', NULL, NULL, NULL), community.case_stage_set('*', 'accept', NULL, NULL, NULL);
SELECT is(stage_due, NULL, 'or none') FROM community.case_file WHERE case_id = pg_temp.open('2024-07-05 18:00+08');
SELECT is(pg_temp.reason($$SELECT community.case_stage_set('nothing', 'accept', '1 hour', 'work', 'test')$$), 'case_type_unknown', 'for a type nobody knows');
SELECT * FROM finish();
ROLLBACK;
