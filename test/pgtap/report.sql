-- Reports: rollups against a recount, the Tianmen bulletin, seals and adjustments.
-- Not one transaction: rollups take what is committed.  The database is a copy.
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT setseed(0.5);

-- The rollup waits for transactions that began before the rows' own to end, in
-- any database of the cluster; so does the test.
CREATE FUNCTION pg_temp.roll_up() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    WHILE (SELECT max(tx) FROM community.case_log) >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint LOOP
        PERFORM pg_sleep(0.05);
    END LOOP;
    RETURN community.run_job('case_day');
END $$;

-- A random walk of 200 cases over two weeks through everything the machine allows.
SELECT community.duty_add('330203', NULL, bureau, '(,)', true) FROM fixture;
CREATE FUNCTION pg_temp.walk(p_from integer, p_to integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_case community.case_file;
    v_event text;
    v_at timestamptz;
    v_type text[] := '{dirty_road,street_lamp,noise,resident_request}';
BEGIN
    FOR i IN p_from..p_to LOOP
        v_at := timestamptz '2024-03-01 00:00+08' + i * interval '3 minutes';
        IF i % 30 = 0 OR i < 60 THEN
            PERFORM community.case_report(NULL, v_type[1 + i / 15 % 4], 121.5 + (i * 7 % 45) * 0.001, 29.805, NULL,
                CASE WHEN i % 60 = 0 THEN 'patrol' ELSE 'app' END, '{}', v_at);
        ELSE
            SELECT f.* INTO v_case FROM community.case_file f WHERE f.state <> 'archived' ORDER BY random() * CASE WHEN f.state IN ('escalated', 'transferred', 'suspended') THEN 0.05 ELSE 1 END LIMIT 1;
            CONTINUE WHEN NOT FOUND;
            SELECT t.event INTO v_event FROM community.case_transition t
             WHERE t.version = 1 AND t.from_state = v_case.state ORDER BY random() LIMIT 1;
            BEGIN
                PERFORM community.case_event(NULL, v_case.community_id, v_case.case_id, v_event, jsonb_build_object('reason', 'r',
                    'actor', v_event, 'until', v_at + interval '5 minutes', 'extend_by', '1 hour', 'rating', i % 5 + 1,
                    'into_case_id', (SELECT o.case_id FROM community.case_file o JOIN community.case_state s USING (state)
                                      WHERE o.community_id = v_case.community_id AND o.case_type = v_case.case_type
                                        AND s.is_open AND o.case_id <> v_case.case_id LIMIT 1)), v_at);
            EXCEPTION WHEN OTHERS THEN
                IF SQLSTATE !~ '^PT4' THEN
                    RAISE;
                END IF;
            END;
        END IF;
    END LOOP;
END $$;
SELECT pg_temp.walk(1, 2500);
SELECT cmp_ok(pg_temp.roll_up(), '>', 500::bigint, 'the first window is rolled up');
SELECT is(pg_temp.roll_up(), 0::bigint, 'nothing counts twice');
SELECT pg_temp.walk(2501, 5000);
SELECT cmp_ok(pg_temp.roll_up(), '>', 500::bigint, 'then the next one');
SELECT is_empty($$SELECT event FROM community.case_transition WHERE version = 1 AND event <> 'auto_evaluate' EXCEPT SELECT event FROM community.case_log$$,
    'every event occurred in the walk');
SELECT is((SELECT sum(events) FROM community.rollup_case_day), (SELECT count(*) FROM community.case_log), 'each log row is counted once');
SELECT results_eq(
    $$SELECT day, grid_id, case_type, sum(reported), sum(filed), sum(closed), sum(closed_on_time), sum(returned), sum(rated), sum(satisfied),
             sum(reopened), sum(suspended), sum(extended), sum(filed_collected), sum(merged)
        FROM community.rollup_case_day GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$$,
    $$SELECT (l.occurred_at AT TIME ZONE 'Asia/Shanghai')::date, COALESCE(l.grid_id, 0), l.case_type,
             sum((l.event = 'report')::int), sum((l.event IN ('file', 'self_handle'))::int), sum((l.event IN ('check_ok', 'close_by_upper'))::int),
             sum((l.event IN ('check_ok', 'close_by_upper') AND l.occurred_at <= l.deadline)::int), sum((l.event = 'return')::int),
             sum((l.event = 'rate')::int), sum((l.event = 'rate' AND (l.doc ->> 'rating')::int > 3)::int), sum((l.event = 'reopen')::int),
             sum((l.to_state = 'suspended')::int), sum((l.event = 'approve' AND l.to_state = 'handling')::int),
             sum((l.event IN ('file', 'self_handle') AND f.channel = 'patrol')::int), sum((l.event = 'merge')::int)
        FROM community.case_log l JOIN community.case_file f USING (community_id, case_id) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$$,
    'flows agree with a recount of the log');
CREATE FUNCTION pg_temp.standing(p_day date) RETURNS TABLE (community_id bigint, case_type text, due bigint, suspended bigint, closed bigint, on_time bigint)
LANGUAGE sql AS $$
    SELECT l.community_id, l.case_type, count(*), count(*) FILTER (WHERE l.clock = 'paused'), count(*) FILTER (WHERE l.clock = 'ended'),
           count(*) FILTER (WHERE l.clock = 'ended' AND l.on_time)
      FROM (SELECT DISTINCT ON (l.community_id, l.case_id) l.* FROM community.case_log l
             WHERE l.occurred_at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
             ORDER BY l.community_id, l.case_id, l.seq DESC) l
     WHERE l.clock IN ('running', 'paused', 'ended') AND (l.deadline AT TIME ZONE 'Asia/Shanghai')::date = p_day
     GROUP BY 1, 2 $$;
SELECT results_eq(
    $$SELECT d::date, r.community_id, r.case_type, sum(due), sum(due_suspended), sum(due_closed), sum(due_on_time)
        FROM generate_series(date '2024-03-01', '2024-03-20', '1 day') d JOIN community.rollup_case_due r ON r.due_day = d AND r.day <= d
       GROUP BY 1, 2, 3 HAVING sum(due) <> 0 ORDER BY 1, 2, 3$$,
    $$SELECT d::date, s.community_id, s.case_type, s.due::bigint, s.suspended::bigint, s.closed::bigint, s.on_time::bigint
        FROM generate_series(date '2024-03-01', '2024-03-20', '1 day') d CROSS JOIN LATERAL pg_temp.standing(d::date) s ORDER BY 1, 2, 3$$,
    'cases due stand at the end of each day as the log says');

-- Drafts, seals.
SELECT is(pg_temp.reason($$SELECT community.report_draft(330203001001, 'decade', '2024-03-01')$$), 'period_unknown', 'an unknown period');
SELECT is(pg_temp.reason($$SELECT community.report_draft(330203001001, 'week', '2024-03-01')$$), 'period_start', 'a week that begins on a Friday');
SELECT is(pg_temp.reason($$SELECT community.report_seal(330203001001, 'month', '2023-03-01')$$), 'report_unknown', 'nothing to seal');
SELECT is(pg_temp.reason(format($$SELECT community.report_draft(330203001001, 'day', current_date + 1), community.report_seal(330203001001, 'day', current_date + 1)$$)),
    'period_running', 'a day that is not over');
CREATE TEMP TABLE touched AS
SELECT count(*) AS n FROM community.report_period WHERE last_day <= '2024-03-10';
SELECT is(community.run_job('daily_report', '2024-03-11 01:59+08'), (SELECT count(*) FROM community.report_period WHERE last_day < '2024-03-10'),
    'the job waits two hours after midnight');
SELECT is(community.run_job('daily_report', '2024-03-11 02:00+08'), (SELECT count(*) FROM community.report_period WHERE last_day = '2024-03-10'), 'then it seals');
SELECT is(community.run_job('daily_report', '2024-03-11 02:00+08'), 0::bigint, 'again it changes nothing');
SELECT is((SELECT count(*) FROM community.report_seal), (SELECT n FROM touched), 'one seal to a report');
SELECT is((SELECT count(*) FROM community.outbox WHERE peer = 'city' AND topic = 'daily' AND kind = 'report'), (SELECT n FROM touched), 'one message to a seal');
SELECT is_empty($$SELECT 1 FROM community.report_seal s JOIN community.outbox o ON o.community_id = s.community_id AND o.peer = 'city' AND o.seq = s.outbox_seq
    WHERE o.payload ->> 'hash' IS DISTINCT FROM encode(s.hash, 'hex') OR (o.payload ->> 'first_day')::date <> s.first_day
       OR jsonb_array_length(o.payload -> 'lines') <> s.lines$$, 'which bears its hash and lines');
SELECT is_empty($$SELECT 1 FROM community.report_seal s WHERE s.hash <> community.report_hash(s.community_id, s.period, s.first_day, s.revision)$$,
    'the hash can be computed again');
SELECT results_eq($$SELECT first_day, sum((measures ->> 'due')::int), sum(COALESCE((measures ->> 'due_closed')::int, 0)) FROM community.report_line
     WHERE community_id = 330203001001 AND measures ? 'due' GROUP BY 1 ORDER BY 1$$,
    $$SELECT d::date, sum(s.due)::bigint, sum(s.closed)::bigint FROM generate_series(date '2024-03-01', '2024-03-10', '1 day') d
        CROSS JOIN LATERAL pg_temp.standing(d::date) s WHERE s.community_id = 330203001001 GROUP BY 1 ORDER BY 1$$, 'sealed lines agree with the log');
SELECT is(pg_temp.reason(format($$%s WHERE first_day = '2024-03-02'$$, sql)), 'report_sealed', sql)
  FROM (VALUES ('UPDATE community.report_seal SET lines = 0'), ('DELETE FROM community.report_seal'), ('UPDATE community.report_line SET measures = ''{"due": 1}'''),
    ('DELETE FROM community.report_line'), ('UPDATE community.report_value SET value = 100, denominator = 1'), ('DELETE FROM community.report_value'),
    ('INSERT INTO community.report_line SELECT community_id, period, first_day, revision, ''x'', case_type, measures FROM community.report_line')) AS v (sql);
SELECT is((SELECT hash FROM community.report_seal WHERE community_id = 330203001001 AND first_day = '2024-03-05'),
    community.report_seal(330203001001, 'day', '2024-03-05'), 'sealing again returns the hash');

-- Late events become adjustments.
CREATE TEMP TABLE late AS
SELECT r.* FROM community.case_report(NULL, 'noise', 121.505, 29.805, 'late', 'app', '{}', '2024-03-05 12:00+08') r;
SELECT is(pg_temp.reason($$SELECT community.report_seal(330203001001, 'day', '2024-03-05')$$), 'rollup_behind', 'nothing is sealed that is not rolled up');
SELECT is(community.run_job('daily_report', '2024-03-11 03:00+08'), 0::bigint, 'nor by the job');
SELECT is(pg_temp.roll_up(), 1::bigint, 'the late row is rolled up');
SELECT is((SELECT touched FROM community.report_period WHERE community_id = 330203001001 AND period = 'day' AND first_day = '2024-03-05'), true, 'and opens its day');
SELECT is(community.run_job('daily_report', '2024-03-11 03:00+08'), 1::bigint, 'an adjustment is due');
SELECT results_eq($$SELECT grid_code, case_type, measures FROM community.report_line WHERE first_day = '2024-03-05' AND revision = 1$$,
    $$VALUES ('330203001001001', 'noise', '{"events": 1, "reported": 1}'::jsonb)$$, 'which holds what was added');
SELECT is((SELECT prev_hash FROM community.report_seal WHERE first_day = '2024-03-05' AND revision = 1),
    (SELECT hash FROM community.report_seal WHERE community_id = 330203001001 AND first_day = '2024-03-05' AND revision = 0), 'and continues the seal before');
SELECT is((SELECT payload ->> 'revision' FROM community.outbox WHERE community_id = 330203001001 ORDER BY seq DESC LIMIT 1), '1', 'and is sent');
SELECT is(community.run_job('daily_report', '2024-03-11 03:00+08'), 0::bigint, 'once');
SELECT is((SELECT denominator - 1 FROM community.report_value WHERE first_day = '2024-03-05' AND indicator = 'filing_rate' AND revision = 1),
    (SELECT denominator FROM community.report_value WHERE community_id = 330203001001 AND first_day = '2024-03-05' AND indicator = 'filing_rate' AND revision = 0),
    'its indices are the corrected ones');
SELECT is_empty($$SELECT * FROM community.outbox_verify(330203001001, 'city')$$, 'the chain of messages is whole');

-- The bulletin of Tianmen, December 2016: 1,054 reported and 996 filed; 972
-- should be closed, 911 were, 737 of them on time; 953 found by collectors.
SELECT community.case_type_set('tm_event', '事件', 'event', '5 days', 'calendar', 'test'),
       community.case_type_set('tm_component', '部件', 'component', '5 days', 'calendar', 'test');
CREATE TEMP TABLE tianmen AS
SELECT n, n <= 996 AS filed, CASE WHEN n <= 956 OR n BETWEEN 973 AND 987 THEN 'tm_event' WHEN n <= 996 THEN 'tm_component' ELSE 'tm_event' END AS case_type,
       n <= 972 AS due, n <= 902 OR n BETWEEN 957 AND 965 AS closed, n <= 730 OR n BETWEEN 957 AND 963 AS on_time,
       CASE WHEN n % 20 = 0 AND n <= 860 THEN 'hotline' ELSE 'patrol' END AS channel,
       timestamptz '2016-12-01 08:00+08' + CASE WHEN n <= 972 THEN n * interval '20 minutes' ELSE interval '29 days' END AS at
  FROM generate_series(1, 1054) n;
DO $$
DECLARE
    t record;
    v record;
BEGIN
    FOR t IN SELECT * FROM tianmen ORDER BY at, n LOOP
        SELECT r.community_id, r.case_id INTO v FROM community.case_report(NULL, t.case_type, 121.505, 29.805, NULL, t.channel, '{}', t.at) r;
        IF NOT t.filed THEN
            PERFORM community.case_event(NULL, v.community_id, v.case_id, 'reject', '{"reason": "r"}', t.at);
            CONTINUE;
        END IF;
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'accept', '{}', t.at);
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'file', '{}', t.at);
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'dispatch', '{}', t.at);
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'sign', '{"actor": "h"}', t.at);
        IF t.closed THEN
            PERFORM community.case_event(NULL, v.community_id, v.case_id, 'handled', '{"actor": "h"}', t.at + interval '1 day');
            PERFORM community.case_event(NULL, v.community_id, v.case_id, 'check_ok', '{"actor": "i"}',
                CASE WHEN t.on_time THEN t.at + interval '5 days' ELSE t.at + interval '5 days 1 second' END);
        END IF;
    END LOOP;
END $$;
SELECT is(pg_temp.roll_up(), (SELECT count(*) + sum(CASE WHEN NOT filed THEN 1 WHEN closed THEN 6 ELSE 4 END) FROM tianmen)::bigint, 'the bulletin''s month is rolled up');
SELECT cmp_ok(community.report_draft(330203001001, 'month', '2016-12-01'), '=', 2, 'its report has a line for each type');
SELECT results_eq($$SELECT m.key, sum(m.value::int)::int FROM community.report_line l, jsonb_each_text(l.measures) m
     WHERE l.period = 'month' AND m.key IN ('reported', 'filed', 'due', 'due_closed', 'due_on_time', 'filed_collected') GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('due', 972), ('due_closed', 911), ('due_on_time', 737), ('filed', 996), ('filed_collected', 953), ('reported', 1054)$$, 'the counts of the bulletin');
SELECT results_eq($$SELECT indicator, value FROM community.report_value WHERE period = 'month' AND indicator IN ('filing_rate', 'closing_rate', 'on_time_rate', 'collected_share') ORDER BY 1$$,
    $$VALUES ('closing_rate', 93.72::numeric(9,2)), ('collected_share', 95.68), ('filing_rate', 94.50), ('on_time_rate', 75.82)$$, 'the rates of the bulletin');
SELECT results_eq($$SELECT t.kind, round(100.0 * sum((measures ->> 'due_closed')::int) / sum((measures ->> 'due')::int), 2)
     FROM community.report_line l JOIN community.case_type t USING (case_type) WHERE l.period = 'month' GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('component', 56.25), ('event', 94.35)$$, 'closing of events and components');
SELECT is((SELECT value FROM community.report_value WHERE period = 'month' AND indicator = 'satisfaction'), NULL, 'nothing over nothing is NULL');
SELECT isnt(community.report_seal(330203001001, 'month', '2016-12-01'), NULL, 'a month can be sealed');
SELECT is((SELECT topic FROM community.outbox ORDER BY put_at DESC, seq DESC LIMIT 1), 'monthly', 'and sent');
SELECT throws_ok($$INSERT INTO community.indicator (code, version, name, name_zh, numerator, denominator, direction, source)
    VALUES ('filing_rate', 2, 'n', 'n', '{filed}', '{reported}', 'up', 's')$$, '23P01', NULL, 'one version of an index at a time');

-- The same input gives the same hash, in other numbers and another order.
CREATE FUNCTION pg_temp.story(p_order integer) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    v record;
    i integer;
BEGIN
    PERFORM nextval('community.case_file_seq'), nextval('community.case_log_seq') FROM generate_series(1, p_order * 100);
    FOR i IN SELECT n FROM generate_series(1, 20) n ORDER BY n * p_order % 21 LOOP
        SELECT r.community_id, r.case_id INTO v FROM community.case_report(NULL, 'noise', 121.52 + i % 4 * 0.005, 29.805, NULL, 'app', '{}', '2015-05-05 10:00+08') r;
        CONTINUE WHEN i % 3 = 0;
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'accept', '{}', '2015-05-05 11:00+08');
        PERFORM community.case_event(NULL, v.community_id, v.case_id, 'file', '{}', '2015-05-05 11:00+08');
    END LOOP;
    PERFORM community._rollup_case_day((pg_current_xact_id()::text)::bigint, 9223372036854775807);
    RETURN community._report_seal(p) FROM community.report_period p
     WHERE p.community_id = 330203001002 AND p.period = 'day' AND p.first_day = '2015-05-05';
END $$;
BEGIN;
SELECT pg_temp.story(1) AS story1 \gset
ROLLBACK;
BEGIN;
SET LOCAL DateStyle = 'SQL, DMY';
SET LOCAL TimeZone = 'America/New_York';
SELECT pg_temp.story(5) AS story2 \gset
ROLLBACK;
SELECT is(:'story2'::text, :'story1'::text, 'the same input gives the same hash, in any session');
SELECT cmp_ok(length(:'story1'), '=', 66, 'which is a hash');
SELECT is_empty($$SELECT reason FROM community.refusal WHERE module = 'report' AND reason !~ '^population_' EXCEPT SELECT reason FROM provoked$$,
    'every refusal of report was provoked');
SELECT is((SELECT severity FROM community.health() WHERE check_name = 'report.unsealed'), 'warn', 'health() tells of reports that should be sealed');
SELECT * FROM finish();
