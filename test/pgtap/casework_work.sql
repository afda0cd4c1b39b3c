-- Casework: jobs, duplicates, assistants, attachments, duty by day, sealed log.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.duty_add('330203', NULL, bureau, '[2020-01-01,)', true, 'order 1'), community.duty_add('330203001001', 'noise', committee, '[2024-01-01,2024-08-01)') FROM fixture;
CREATE FUNCTION pg_temp.go(p_case bigint, p_event text, p_at timestamptz, p_doc jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT state FROM community.case_event(NULL, 330203001001, p_case, p_event, jsonb_build_object('reason', 'r', 'actor', p_event, 'until', p_at + interval '5 hours') || p_doc, p_at) $$;
CREATE FUNCTION pg_temp.open(p_at timestamptz, p_doc jsonb DEFAULT '{}', p_lon float8 DEFAULT 121.505, p_type text DEFAULT 'noise') RETURNS bigint LANGUAGE sql AS $$
    SELECT case_id FROM community.case_report(NULL, p_type, p_lon, 29.805, NULL, 'patrol', p_doc, p_at) $$;
CREATE FUNCTION pg_temp.walk(p_case bigint, p_at timestamptz, VARIADIC p_events text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    e text;
BEGIN
    FOREACH e IN ARRAY p_events LOOP
        PERFORM pg_temp.go(p_case, e, p_at);
    END LOOP;
    RETURN p_case;
END $$;

-- By itself: suspensions end, nobody's ratings, the archive.
CREATE TEMP TABLE s AS SELECT pg_temp.walk(pg_temp.open('2024-07-01 08:00+08'), '2024-07-01 08:00+08', 'accept', 'file', 'dispatch', 'sign', 'request_suspend', 'approve') AS c;
SELECT results_eq('SELECT case_id, suspend_until, time_left, reason FROM community.case_pool(330203001001)', $$SELECT c, timestamptz '2024-07-01 13:00+08', interval '4 hours', 'r' FROM s$$, 'the suspension pool');
SELECT is(community.run_job('case.wake', '2024-07-01 12:59+08'), 0::bigint, 'before its end a suspension stays');
SELECT is(community.run_job('case.wake', '2024-07-01 15:00+08'), 1::bigint, 'afterwards the job ends it');
SELECT is(due_at, timestamptz '2024-07-01 17:00+08', 'with its own end, not when the job came by') FROM community.case_file JOIN s ON c = case_id;
SELECT is_empty('SELECT * FROM community.case_pool(330203001001)', 'the pool is empty');
CREATE TEMP TABLE d AS SELECT pg_temp.walk(c, '2024-07-01 16:00+08', 'handled', 'check_ok') AS c FROM s;
SELECT is(community.run_job('case.wake', '2024-07-08 15:00+08'), 0::bigint, 'a closed case waits for a rating');
SELECT is(community.run_job('case.wake', '2024-07-08 16:00+08'), 1::bigint, 'a week');
SELECT is(state, 'evaluated', 'then it is evaluated') FROM community.case_file JOIN d ON c = case_id;
SELECT is(wake_at, timestamptz '2024-07-16 16:00+08', 'while it may be reopened it is not archived') FROM community.case_file JOIN d ON c = case_id;
SELECT is(community.run_job('case.wake', '2024-07-16 16:00+08'), 1::bigint, 'then it is');
SELECT is(state || COALESCE(wake_at::text, '-'), 'archived-', 'and rests') FROM community.case_file JOIN d ON c = case_id;
CREATE TEMP TABLE r AS SELECT pg_temp.walk(pg_temp.open('2024-07-02 08:00+08'), '2024-07-02 08:00+08', 'reject') AS c;
SELECT is(community.run_job('case.wake', '2024-08-01 08:00+08'), 1::bigint, 'a rejected case is archived after a month');

-- Escalation by time.
CREATE TEMP TABLE e AS SELECT pg_temp.walk(pg_temp.open('2024-09-01 08:00+08'), '2024-09-01 08:00+08', 'accept', 'file', 'dispatch', 'sign') AS c;
SELECT is(community.run_job('case.escalate', '2024-09-02 12:00+08'), 0::bigint, 'overdue by a day is not yet escalated');
SELECT is(community.run_job('case.escalate', '2024-09-02 12:01+08'), 1::bigint, 'by more it is');
SELECT is(state || escalations, 'escalated1', 'once') FROM community.case_file JOIN e ON c = case_id;
SELECT pg_temp.walk(c, '2024-09-02 13:00+08', 'dispatch') FROM e;
SELECT is(community.run_job('case.escalate', '2024-09-03 13:00+08'), 0::bigint, 'a new dispatch has as long again');
SELECT is(community.run_job('case.escalate', '2024-09-03 13:01+08'), 1::bigint, 'and no longer');

-- Up and back.
SELECT pg_temp.walk(c, '2024-09-03 14:00+08', 'report_up') FROM e;
SELECT results_eq($$SELECT peer, kind, topic, payload ->> 'case_no', payload ->> 'reason' FROM community.outbox WHERE topic = 'case_transfer'$$,
    $$SELECT 'city', 'report', 'case_transfer', case_no, 'r' FROM community.case_file JOIN e ON c = case_id$$, 'a transfer is told to the level above');
SELECT pg_temp.walk(c, '2024-09-04 14:00+08', 'directive_back') FROM e;
SELECT is(state || organization_id, 'dispatched' || bureau, 'which may send it back') FROM fixture, community.case_file JOIN e ON c = case_id;

-- Duplicates.
CREATE TEMP TABLE dup AS SELECT pg_temp.open('2024-10-01 08:00+08') AS a, pg_temp.open('2024-10-02 08:00+08', '{}', 121.5052) AS b, pg_temp.open('2024-10-02 08:00+08', '{}', 121.5058) AS far,
    pg_temp.open('2024-10-20 08:00+08') AS late, pg_temp.open('2024-10-02 08:00+08', '{}', 121.505, 'dirty_road') AS other,
    pg_temp.open('2024-10-02 08:00+08', '{"component_id": "3302030102000001"}') AS lamp, pg_temp.open('2024-12-02 08:00+08', '{"component_id": "3302030102000001"}', 121.508) AS lamp2;
SELECT results_eq('SELECT d.case_id, d.rule, round(d.distance_m) FROM dup, community.case_duplicates(330203001001, b) d', $$SELECT a, 'place', 19::float8 FROM dup$$,
    'near in place and time, of one type, and neither component');
SELECT results_eq('SELECT d.case_id, d.rule FROM dup, community.case_duplicates(330203001001, lamp2) d', $$SELECT lamp, 'component' FROM dup$$, 'one component at any time');
SELECT is(community.case_merge_nearest(330203001001, b), a, 'merged into the nearest') FROM dup;
SELECT is(supporters, 2, 'which it supports') FROM community.case_file JOIN dup ON a = case_id;
SELECT is(community.case_merge_nearest(330203001001, far), NULL, 'what repeats nothing stays') FROM dup;
SELECT is((SELECT state FROM community.case_event(NULL, 330203001001, b, 'unmerge', '{"reason": "r"}')), 'accepted', 'and can be taken back') FROM dup;
SELECT is(supporters, 1, 'with its support') FROM community.case_file JOIN dup ON a = case_id;
SELECT is(pg_temp.reason('SELECT * FROM community.case_duplicates(330203001001, -1)'), 'case_not_found', 'duplicates of nothing');

-- Several organizations, one lead.
CREATE TEMP TABLE j AS SELECT pg_temp.walk(pg_temp.open('2024-11-01 08:00+08'), '2024-11-01 08:00+08', 'accept', 'file') AS c;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_add(330203001001, %s, 330203001001, %s, ''t'')', c, property)), 'assist_untimely', 'nobody assists before dispatch') FROM j, fixture;
SELECT pg_temp.walk(c, '2024-11-01 08:00+08', 'dispatch', 'sign') FROM j;
SELECT community.case_assist_add(330203001001, c, 330203001001, property, 'clear the yard') FROM j, fixture;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_add(330203001001, %s, 330203001001, %s, ''t'')', c, property)), 'assist_twice', 'once') FROM j, fixture;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_add(330203001001, %s, 330203000000, %s, ''t'')', c, bureau)), 'assist_twice', 'the lead does not assist itself') FROM j, fixture;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_add(330203001001, %s, 330203000000, -1, ''t'')', c)), 'organization_not_found', 'nor nobody') FROM j;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_add(330203001001, -1, 330203000000, %s, ''t'')', bureau)), 'case_not_found', 'nor in no case') FROM fixture;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''handled'', ''2024-11-01 09:00+08'')', c)), 'assist_open', 'handling waits for the assistants') FROM j;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_done(330203001001, %s, 330203001001, %s, ''d'')', c, committee)), 'assist_missing', 'who has no part is not done with it') FROM j, fixture;
SELECT community.case_assist_done(330203001001, c, 330203001001, property, 'cleared') FROM j, fixture;
SELECT is(pg_temp.go(c, 'handled', '2024-11-01 09:00+08'), 'checking', 'and is done when they are') FROM j;
SELECT is(pg_temp.reason(format('SELECT community.case_assist_done(330203001001, %s, 330203001001, %s, ''d'')', c, property)), 'assist_missing', 'done is done') FROM j, fixture;

-- Attachments.
CREATE TEMP TABLE att AS SELECT c, community.case_attach(330203001001, c, 'report', 's3://b/1.jpg', 'image/jpeg', sha256('1'), 1) AS n FROM j;
SELECT is(community.case_attach(330203001001, c, 'report', 's3://b/2.jpg', 'image/jpeg', sha256('1'), 1), n, 'one file is kept once') FROM att;
SELECT isnt(community.case_attach(330203001001, c, 'check', 's3://b/2.jpg', 'image/jpeg', sha256('2')), n, 'another has its own number') FROM att;
SELECT is(pg_temp.reason(format('SELECT community.case_attach(330203001001, %s, %L, %L, %L, %L)', c, k, u, m, h)), 'attachment_invalid', format('%s %s %s', k, u, m))
  FROM j, (VALUES ('selfie', 'u', 'image/jpeg', sha256('3')), ('report', '', 'image/jpeg', sha256('3')), ('report', 'u', 'jpeg', sha256('3')), ('report', 'u', 'image/jpeg', '\x00'), ('report', 'u', 'image/jpeg', NULL)) AS v (k, u, m, h);
SELECT is(pg_temp.reason($$SELECT community.case_attach(330203001001, -1, 'report', 'u', 'image/jpeg', sha256('3'))$$), 'case_not_found', 'to no case');

-- Duty by day, and its gaps.
SELECT results_eq($$SELECT grid_code, scope, fallback, organization_name, source FROM community.duty_at(121.505, 29.805, 'noise', '2024-07-31')$$,
    $$VALUES ('330203001001001', '330203001001', false, '第一社区居委会', NULL::text)$$, 'who was responsible on a day');
SELECT results_eq($$SELECT scope, fallback, source FROM community.duty_at(121.505, 29.805, 'noise', '2024-08-01')$$, $$VALUES ('330203', true, 'order 1')$$, 'the day after it is the fallback');
SELECT is_empty($$SELECT * FROM community.duty_at(121.505, 29.805, 'noise', '2019-08-01')$$, 'and years ago nobody');
SELECT is((SELECT count(*) FROM community.duty_gaps(330203000000, '2024-07-01')), 4 * (SELECT count(*) FROM community.case_type WHERE active) - 2, 'all grids and types but two grids and one type');
SELECT is((SELECT bool_and(only_fallback) FROM community.duty_gaps(330203000000, '2024-07-01')), true, 'have the fallback alone');
SELECT is((SELECT bool_or(only_fallback) FROM community.duty_gaps(330203001002, '2019-07-01')), false, 'years ago not even that');

-- The sealed log.
SELECT community.audit_seal(9000000000000000000);
SELECT is_empty('SELECT * FROM community.case_verify(330203001001)', 'a whole log has no faults');
SELECT is((SELECT sum(n) FROM community.audit_block WHERE log = 'case_log'), (SELECT count(*) FROM community.case_log)::numeric, 'every row is in a block');
CREATE FUNCTION pg_temp.plant(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_found text;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE p_sql;
        SELECT string_agg(DISTINCT problem, '; ' ORDER BY problem) INTO v_found FROM community.case_verify(330203001001);
        RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ999';
    EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
        RETURN v_found;
    END;
END $$;
SELECT is(pg_temp.plant(format('UPDATE community.case_log SET actor = ''x'' WHERE case_id = %s AND seq = 2', c)), 'content was changed', 'a changed actor') FROM j;
SELECT is(pg_temp.plant(format('UPDATE community.case_log SET doc = ''{"a": 1}'' WHERE case_id = %s AND seq = 1', c)), 'content was changed', 'a changed document') FROM j;
SELECT matches(pg_temp.plant(format('DELETE FROM community.case_log WHERE case_id = %s AND seq = 3', c)), 'events are missing before this one; has \d+ rows, sealed were \d+', 'a deleted row') FROM j;
SELECT matches(pg_temp.plant(format('DELETE FROM community.case_log WHERE case_id = %s', c)), 'has \d+ rows, sealed were \d+; the case has no log', 'a case without its log') FROM j;
SELECT is(pg_temp.plant(format('UPDATE community.case_log SET seq = CASE seq WHEN 3 THEN 103 ELSE 3 END WHERE case_id = %s AND seq IN (3, 4); UPDATE community.case_log SET seq = 4 WHERE case_id = %s AND seq = 103', c, c)),
    'content was changed; does not begin where the event before ended', 'two rows in another order') FROM j;
SELECT matches(pg_temp.plant(format('INSERT INTO community.case_log SELECT (jsonb_populate_record(l, ''{"log_id": 0, "occurred_at": "2024-11-01 12:00+08", "seq": 7, "from_state": "checking"}'')).* FROM community.case_log l WHERE case_id = %s AND seq = 6', c)),
    'has \d+ rows, sealed were \d+; the case is not what', 'a row slipped in') FROM j;
SELECT matches(pg_temp.plant('UPDATE community.audit_block SET n = n + 1 WHERE community_id = 330203001001'), 'block was changed; has', 'a changed block');
SELECT matches(pg_temp.plant('DELETE FROM community.audit_block WHERE community_id = 330203001001'), 'rows in sealed time belong to no block', 'a removed block');
SELECT is(pg_temp.plant(format('UPDATE community.case_file SET deadline = ''2030-01-01'' WHERE case_id = %s', c)), 'the case is not what its last event made it', 'a case that differs from its log') FROM j;
SELECT is(pg_temp.plant(format('UPDATE community.case_log SET tx = 9100000000000000000 WHERE case_id = %s AND seq = 3', c)), (SELECT format('has %s rows, sealed were %s', n - 1, n) FROM community.audit_block WHERE community_id = 330203001001), 'a row moved out of its block') FROM j;
SELECT matches(pg_temp.plant(format('DELETE FROM community.case_log WHERE case_id = %s AND seq = 1', c)), 'has \d+ rows, sealed were \d+; the log does not begin with the report', 'a case without its beginning') FROM j;
SET LOCAL TimeZone = 'America/New_York';
SET LOCAL DateStyle = 'SQL, DMY';
SELECT is_empty('SELECT * FROM community.case_verify(330203001001)', 'in any session it is whole');
SAVEPOINT kept;
UPDATE community.log_table SET keep = '1 day' WHERE table_name = 'case_log';
SET LOCAL session_replication_role = replica;
DELETE FROM community.case_log WHERE occurred_at < now() - interval '1 day';
SET LOCAL session_replication_role = origin;
SELECT is_empty('SELECT * FROM community.case_verify(330203001001)', 'what retention took is no fault');
ROLLBACK TO kept;
SELECT is(pg_temp.reason($$SELECT * FROM community.audit_block_verify('case_file', 330203001001)$$), 'log_unsealed', 'what is not sealed is not verified');
SELECT is(community.audit_seal(9000000000000000000), 0::bigint, 'nothing is sealed twice');
SELECT is_empty($$SELECT unnest('{attachment_invalid,assist_untimely,assist_twice,assist_missing,assist_open,log_unsealed}'::text[]) EXCEPT SELECT reason FROM provoked$$, 'every refusal was provoked');
SELECT * FROM finish();
ROLLBACK;
