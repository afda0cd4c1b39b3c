-- Casework: the machine as data, every move and every refusal, clock, duty, numbers.
BEGIN;
SELECT no_plan();
SELECT throws_ok($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app')$$, 'PT422',
    'location (121.505, 29.805) lies in no registered community', 'without any community nothing is taken (location_outside)');
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;

-- The machine.
SELECT is(count(*), 44::bigint, 'the standard machine has 44 transitions') FROM community.case_transition WHERE version = 1;
SELECT is(count(*), 19::bigint, 'and 19 states') FROM community.case_state;
SELECT is_empty('SELECT * FROM community.case_machine_check()', 'the standard machine is sound');
SELECT is(status, 'active', 'and active') FROM community.case_machine WHERE version = 1;
SELECT is(pg_temp.reason($$UPDATE community.case_transition SET clock = 'stop' WHERE event = 'file'$$), 'machine_frozen',
    'an active version is not edited');
SELECT is(pg_temp.reason($$DELETE FROM community.case_transition WHERE event = 'file'$$), 'machine_frozen', 'nor shortened');
SELECT is(pg_temp.reason($$INSERT INTO community.case_transition VALUES (1, 'filed', 'skip', 'system', 'closed', 'stop')$$),
    'machine_frozen', 'nor extended');
SELECT is(community.case_machine_copy(1, 'City edition', 'test'), 2, 'a copy is the next version');
DELETE FROM community.case_transition WHERE version = 2 AND event IN ('report_up', 'appeal');
DELETE FROM community.case_transition WHERE version = 2 AND from_state = 'voided';
INSERT INTO community.case_transition VALUES (2, 'filed', 'dispatch', 'arbiter', 'handling', 'run'),
    (2, 'escalated', 'give_up', 'supervisor', 'closed', 'run'), (2, 'archived', 'revive', 'supervisor', 'filed', 'start');
SELECT results_eq($$SELECT problem, state, event FROM community.case_machine_check(2)$$,
    $$VALUES ('ambiguous', 'filed', 'dispatch'), ('clock_runs_on', 'escalated', 'give_up'),
             ('leaves_archive', 'archived', 'revive'), ('never_archived', 'voided', NULL), ('unreachable', 'transferred', NULL)$$,
    'the check names what is wrong with a copy');
DELETE FROM community.case_transition WHERE version = 2 AND from_state = 'archived';
SELECT is(pg_temp.reason('SELECT community.case_machine_activate(2)'), 'machine_invalid', 'an unsound version is not activated');
SELECT is(pg_temp.reason('SELECT community.case_machine_activate(99)'), 'machine_unknown', 'nor an unknown one');
SELECT is(pg_temp.reason($$SELECT community.case_machine_copy(99, 'x', 'x')$$), 'machine_unknown', 'nor copied');
SELECT community.case_machine_copy(1, 'Sound edition', 'test');
DELETE FROM community.case_transition WHERE version = 3 AND event = 'verify_request';
DELETE FROM community.case_transition WHERE version = 3 AND from_state = 'verifying';
SELECT is((SELECT count(*) FROM community.case_machine_check(3)), 2::bigint, 'a state left out is unreachable and ends nowhere');

-- Duty.
SELECT isnt(community.duty_add('330203', NULL, bureau, '[2020-01-01,)', true), NULL, 'a fallback for the district') FROM fixture;
SELECT isnt(community.duty_add('330203', 'street_lamp', bureau, '[2020-01-01,)'), NULL, 'a department for one type') FROM fixture;
SELECT isnt(community.duty_add('330203001001', NULL, committee, '[2020-01-01,)'), NULL, 'the committee of a community') FROM fixture;
SELECT isnt(community.duty_add('330203001001001', 'dirty_road', property, '[2020-01-01,2025-01-01)'), NULL, 'a company in a grid') FROM fixture;
SELECT isnt(community.duty_add('330203001001001', 'dirty_road', committee, '[2025-01-01,)'), NULL, 'another one afterwards') FROM fixture;
SELECT is(pg_temp.reason(format($$SELECT community.duty_add('330203001001001', 'dirty_road', %s, '[2024-12-31,2025-02-01)')$$, property)),
    'duty_overlap', 'two at one time are refused') FROM fixture;
SELECT is(pg_temp.reason(format($$SELECT community.duty_add('440203', NULL, %s)$$, bureau)), 'duty_scope', 'a scope nobody owns') FROM fixture;
SELECT is(pg_temp.reason(format($$SELECT community.duty_add('330203', 'nothing', %s)$$, bureau)), 'case_type_unknown', 'an unknown type') FROM fixture;
SELECT is(pg_temp.reason(format($$SELECT community.duty_add('330203001001', NULL, %s)$$, bureau)), 'organization_not_found',
    'an organization of another owner') FROM fixture;
SELECT throws_ok(format($$INSERT INTO community.duty (community_id, scope, scope_key, organization_id, valid)
    VALUES (330203001001, '330203001001', 330203001001000, %s, '[2021-01-01,2021-02-01)')$$, committee), '23P01', NULL,
    'the constraint holds for any client') FROM fixture;
SELECT is((community.duty_of('330203001001001', 'dirty_road', '2024-12-31')).duty_organization_id, property, 'the grid wins') FROM fixture;
SELECT is((community.duty_of('330203001001001', 'dirty_road', '2025-01-01')).duty_organization_id, committee, 'by day') FROM fixture;
SELECT is((community.duty_of('330203001001002', 'dirty_road', '2024-12-31')).duty_organization_id, committee, 'then the community') FROM fixture;
SELECT is((community.duty_of('330203001001002', 'street_lamp', '2024-12-31')).duty_organization_id, committee,
    'a smaller scope wins over the type') FROM fixture;
SELECT is((community.duty_of('330203001002001', 'street_lamp', '2024-12-31')).duty_organization_id, bureau, 'then the district') FROM fixture;
SELECT is((community.duty_of('330203001002001', 'noise', '2024-12-31')).duty_organization_id, bureau, 'then the fallback') FROM fixture;
SELECT is((community.duty_of('330203001002001', 'noise', '2024-12-31')).duty_community_id, 330203000000, 'which the district owns');
SELECT is((community.duty_of('330203001002001', 'noise', '2019-12-31')).duty_organization_id, NULL, 'before, nobody');

-- Reports.
CREATE TEMP TABLE got AS
SELECT * FROM community.case_report('00000000-0000-0000-0000-000000000001', 'dirty_road', 121.505, 29.805, '路面不洁', 'patrol',
    '{"source": "s", "external_id": "e1", "reporter": "张三", "colour": "red"}', '2024-06-01 08:00+08');
SELECT is(community_id, 330203001001, 'a report finds its community') FROM got;
SELECT is(case_no, '330203001001-20240601-00001', 'and gets the first number of the day') FROM got;
SELECT is(state, 'reported', 'and is reported') FROM got;
SELECT is(due_at, NULL, 'without a deadline') FROM got;
SELECT is(grid_code::text, '330203001001001', 'its unit grid is found') FROM community.case_file JOIN got USING (community_id, case_id);
SELECT is(f.cell::text, community.gridcell(121.505, 29.805, 7)::text, 'and its cell') FROM community.case_file f JOIN got USING (community_id, case_id);
SELECT is(f.duty_organization_id, property, 'and duty') FROM fixture, community.case_file f JOIN got USING (community_id, case_id);
SELECT is(f.doc, '{"colour": "red"}', 'unknown fields are kept') FROM community.case_file f JOIN got USING (community_id, case_id);
SELECT results_eq($$SELECT seq, event, from_state, to_state, occurred_at, l.tableoid::regclass::text FROM community.case_log l JOIN got USING (community_id, case_id)$$,
    $$VALUES (1, 'report', NULL, 'reported', '2024-06-01 08:00+08'::timestamptz, 'community.case_log_default')$$, 'and its first log row');
SELECT results_eq($$SELECT community_id, case_id, case_no, state FROM community.case_report('00000000-0000-0000-0000-000000000001', 'dirty_road', 121.505, 29.805,
    '路面不洁', 'patrol', '{"source": "s", "external_id": "e1", "reporter": "张三", "colour": "red"}', '2024-06-01 08:00+08')$$,
    'SELECT community_id, case_id, case_no, state FROM got', 'the same key gives the same answer');
SET LOCAL TimeZone = 'UTC';
SELECT is((SELECT case_id FROM community.case_report('00000000-0000-0000-0000-000000000001', 'dirty_road', 121.505, 29.805,
    '路面不洁', 'patrol', '{"source": "s", "external_id": "e1", "reporter": "张三", "colour": "red"}', '2024-06-01 08:00+08')), case_id,
    'in a session of another time zone too') FROM got;
SET LOCAL TimeZone = 'Asia/Shanghai';
SELECT is(count(*), 1::bigint, 'and no second case') FROM community.case_file;
SELECT is(pg_temp.reason($$SELECT community.case_report('00000000-0000-0000-0000-000000000001', 'noise', 121.505, 29.805, NULL, 'app')$$),
    'key_reused', 'the key with other arguments is refused');
SELECT is(case_no, '330203001001-20240601-00002', 'numbers run on') FROM community.case_report(NULL, 'noise', 121.515, 29.805, NULL, 'app', '{}', '2024-06-01 23:59+08');
SELECT is(case_no, '330203001001-20240602-00001', 'and begin anew on the next local day') FROM community.case_report(NULL, 'noise', 121.515, 29.805, NULL, 'app', '{}', '2024-06-02 00:00+08');
SELECT is(case_no, '330203001002-20240602-00001', 'in each community') FROM community.case_report(NULL, 'noise', 121.525, 29.805, NULL, 'app', '{}', '2024-06-02 00:00+08');
SELECT is(community_id, 330203000000, 'outside of all grids the district takes the case') FROM community.case_report(NULL, 'noise', 121.59, 29.805, NULL, 'app');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'nothing', 121.5, 29.8, NULL, 'app')$$), 'case_type_unknown', 'unknown type');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, NULL, 121.5, 29.8, NULL, 'app')$$), 'case_type_unknown', 'no type');
SELECT is(pg_temp.reason(format($$SELECT community.case_report(NULL, 'noise', %s, %s, NULL, 'app')$$, lon, lat)), 'location_invalid',
    format('location %s %s', lon, lat))
  FROM (VALUES ('NULL', '29.8'), ('121.5', 'NULL'), ('181', '29.8'), ('121.5', '88'), ('''NaN''', '29.8'), ('121.5', '''NaN'''), ('''infinity''', '0')) AS v (lon, lat);
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'letter')$$), 'channel_unknown', 'unknown channel');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, NULL)$$), 'channel_unknown', 'no channel');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '[1]')$$), 'document_invalid', 'no object');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '{"due_at": "soon"}')$$), 'document_invalid', 'no time');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '{"due_at": "infinity"}')$$), 'document_invalid', 'no end');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '{}', 'infinity')$$), 'time_invalid', 'endless time');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '{}', now() + interval '1 hour')$$), 'time_future', 'future');
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app', '{"source": "s", "external_id": "e1"}')$$),
    'case_external_taken', 'a number of a source twice');
SELECT is(last_no, 2, 'a refused report uses up no number') FROM community.case_counter WHERE community_id = 330203001001 AND day = '2024-06-01';
UPDATE community.case_type SET active = false WHERE case_type = 'noise';
SELECT is(pg_temp.reason($$SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app')$$), 'case_type_unknown', 'a type no longer in use');
UPDATE community.case_type SET active = true WHERE case_type = 'noise';

-- Walking the machine.  begin() opens a case; go() takes it along one event
-- with what that event asks for; to_state() takes it along the shortest way.
CREATE TEMP SEQUENCE minute;
CREATE FUNCTION pg_temp.tick() RETURNS timestamptz LANGUAGE sql AS $$
    SELECT timestamptz '2024-07-01 00:00+08' + nextval('minute') * interval '1 minute' $$;
CREATE FUNCTION pg_temp.begin(p_type text DEFAULT 'dirty_road', p_doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT case_id FROM community.case_report(NULL, p_type, 121.505, 29.805, NULL, 'patrol', p_doc, pg_temp.tick()) $$;
SELECT set_config('test.target', pg_temp.begin()::text, true);
CREATE FUNCTION pg_temp.go(p_case bigint, p_event text, p_doc jsonb DEFAULT '{}', p_at timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_at timestamptz := COALESCE(p_at, pg_temp.tick());
BEGIN
    RETURN (SELECT state FROM community.case_event(NULL, 330203001001, p_case, p_event,
        jsonb_build_object('reason', 'a reason', 'until', v_at + interval '1 minute', 'extend_by', '1 hour', 'rating', 5,
            'into_case_id', current_setting('test.target'), 'actor', p_event) || p_doc, v_at));
END $$;
CREATE FUNCTION pg_temp.path(p_state text) RETURNS text[] LANGUAGE sql AS $$
    WITH RECURSIVE way (state, events) AS (
        SELECT 'reported', '{}'::text[]
        UNION ALL
        SELECT t.to_state, w.events || t.event
          FROM way w JOIN community.case_transition t ON t.version = 1 AND t.from_state = w.state
         WHERE cardinality(w.events) < 7 AND t.event NOT IN ('return', 'reopen', 'unmerge', 'appeal'))
    SELECT events FROM way WHERE state = p_state ORDER BY cardinality(events), events LIMIT 1 $$;
CREATE FUNCTION pg_temp.to_state(p_state text, p_type text DEFAULT 'dirty_road', p_doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_case bigint := pg_temp.begin(p_type, p_doc);
    v_event text;
BEGIN
    FOREACH v_event IN ARRAY pg_temp.path(p_state) LOOP
        PERFORM pg_temp.go(v_case, v_event);
    END LOOP;
    RETURN v_case;
END $$;
SELECT is(pg_temp.go(pg_temp.to_state(from_state), event), to_state, format('%s --%s--> %s', from_state, event, to_state))
  FROM community.case_transition WHERE version = 1 ORDER BY from_state, event;
CREATE TEMP TABLE stand AS SELECT state, pg_temp.to_state(state) AS case_id FROM community.case_state;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, %L)', s.case_id, e.event)), 'transition_illegal', format('%s in %s is refused', e.event, s.state))
  FROM stand s CROSS JOIN (SELECT DISTINCT event FROM community.case_transition WHERE version = 1) e
 WHERE NOT EXISTS (SELECT FROM community.case_transition t WHERE t.version = 1 AND t.from_state = s.state AND t.event = e.event)
 ORDER BY s.state, e.event;
SELECT is(f.state, s.state, format('refusals left %s as it was', s.state)) FROM stand s JOIN community.case_file f USING (case_id);
SELECT is_empty($$SELECT f.case_id FROM community.case_file f
    WHERE f.seq <> (SELECT count(*) FROM community.case_log l WHERE l.community_id = f.community_id AND l.case_id = f.case_id)$$,
    'every event has its log row');
SELECT is_empty($$SELECT 1 FROM (SELECT l.from_state, lag(l.to_state) OVER w AS before, l.seq, lag(l.seq) OVER w AS seq_before
      FROM community.case_log l WINDOW w AS (PARTITION BY l.community_id, l.case_id ORDER BY l.seq)) x
    WHERE x.seq > 1 AND (x.from_state <> x.before OR x.seq <> x.seq_before + 1)$$, 'every log row begins where the one before ended');

-- What events ask for.
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, %L)', pg_temp.begin(), 'fly')), 'event_unknown', 'an event nobody knows');
SELECT is(pg_temp.reason('SELECT pg_temp.go(-1, ''accept'')'), 'case_not_found', 'a case that does not exist');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''accept'', ''{"role": "handler"}'')', pg_temp.begin())), 'role_unfit', 'another role');
SELECT is(pg_temp.go(pg_temp.begin(), 'accept', '{"role": "acceptor"}'), 'accepted', 'the role may be named');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, %L, ''{"reason": " "}'')', pg_temp.to_state(from_state), event)), 'reason_missing',
    format('%s needs a reason', event))
  FROM (VALUES ('verifying', 'verify_fail'), ('reported', 'reject'), ('accepted', 'refuse'), ('filed', 'void'), ('dispatched', 'return'),
    ('dispatched', 'force_assign'), ('handling', 'request_suspend'), ('handling', 'request_extend'), ('suspend_pending', 'deny'),
    ('checking', 'check_fail'), ('closed', 'reopen'), ('escalated', 'report_up'), ('rejected', 'appeal'), ('duplicate', 'unmerge')) AS v (from_state, event);
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''check_ok'', ''{"actor": "%s"}'')', c, a)), 'inspector_is_handler',
    format('%s may not inspect', a))
  FROM (SELECT pg_temp.to_state('checking') AS c) s, (VALUES ('self_handle')) AS v (a);
CREATE TEMP TABLE rework AS SELECT pg_temp.to_state('dispatched') AS c;
SELECT pg_temp.go(c, 'sign', '{"actor": "wang"}'), pg_temp.go(c, 'handled', '{"actor": "li"}') FROM rework;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''check_ok'', ''{"actor": "wang"}'')', c)), 'inspector_is_handler', 'who signed may not inspect') FROM rework;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''check_fail'', ''{"actor": "li"}'')', c)), 'inspector_is_handler', 'nor who handled') FROM rework;
SELECT is(pg_temp.go(c, 'check_fail', '{"actor": "zhao"}'), 'rework', 'another may') FROM rework;
SELECT is(pg_temp.go(c, 'handled', '{"actor": "sun"}'), 'checking', 'handled again by a third') FROM rework;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''check_ok'', ''{"actor": "wang"}'')', c)), 'inspector_is_handler', 'the first is still barred') FROM rework;
SELECT is(handlers, '{wang,li,sun}', 'all handlers are on record') FROM community.case_file JOIN rework ON c = case_id;

SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''merge'', ''{"into_case_id": %s}'')', c, v)), 'merge_target_missing', format('merging into %s', v))
  FROM (SELECT pg_temp.begin() AS c) s, (VALUES ('null'), ('-5')) AS x (v);
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''merge'', ''{"into_case_id": "%s"}'')', c, c)), 'merge_target_missing', 'into itself') FROM (SELECT pg_temp.begin() AS c) s;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''merge'', ''{"into_case_id": "x"}'')', pg_temp.begin())), 'document_invalid', 'into no number');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''merge'', ''{"into_case_id": %s}'')', pg_temp.begin(), pg_temp.to_state('closed'))), 'merge_target_closed', 'into a closed case');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''merge'')', pg_temp.begin('noise'))), 'merge_type_differs', 'into another type');
CREATE TEMP TABLE pair AS SELECT pg_temp.begin() AS a, pg_temp.begin() AS b;
SELECT pg_temp.go(a, 'merge', jsonb_build_object('into_case_id', b)) FROM pair;
SELECT is(supporters, 2, 'a duplicate supports its case') FROM community.case_file JOIN pair ON b = case_id;
SELECT is(merged_into, b, 'and points at it') FROM community.case_file JOIN pair ON a = case_id;
SELECT is(pg_temp.go(a, 'unmerge'), 'accepted', 'it can be taken back') FROM pair;
SELECT is(supporters, 1, 'with its support') FROM community.case_file JOIN pair ON b = case_id;
SELECT is(clock, 'idle', 'and a clock that never ran') FROM community.case_file JOIN pair ON a = case_id;
CREATE TEMP TABLE chain AS SELECT pg_temp.begin() AS a, pg_temp.begin() AS b, pg_temp.begin() AS c;
SELECT pg_temp.go(a, 'merge', jsonb_build_object('into_case_id', b)) FROM chain;
SELECT pg_temp.go(b, 'merge', jsonb_build_object('into_case_id', c)) FROM chain;
SELECT is(supporters, 3, 'a case that had a duplicate brings both') FROM community.case_file JOIN chain ON c = case_id;
SELECT pg_temp.go(a, 'unmerge') FROM chain;
SELECT is(array_agg(supporters ORDER BY case_id), '{1,1,2}', 'a duplicate of a duplicate leaves every case above it')
  FROM community.case_file JOIN chain ON case_id IN (a, b, c);

SELECT is(f.organization_id, property, 'dispatch without an organization takes duty''s') FROM fixture, community.case_file f WHERE f.case_id = pg_temp.to_state('dispatched');
CREATE TEMP TABLE sent AS SELECT pg_temp.to_state('filed') AS c;
SELECT pg_temp.go(c, 'dispatch', jsonb_build_object('organization_id', bureau, 'organization_community_id', 330203000000)) FROM sent, fixture;
SELECT is(f.organization_community_id, 330203000000, 'or the one named, of another owner') FROM sent JOIN community.case_file f ON case_id = c;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''dispatch'', ''{"organization_id": -1}'')', pg_temp.to_state('filed'))), 'organization_not_found', 'an unknown one');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''dispatch'', ''{"organization_id": "x"}'')', pg_temp.to_state('filed'))), 'document_invalid', 'no number');
UPDATE community.duty SET valid = '[2020-01-01,2020-02-01)' WHERE scope_key <> 330203001001001;
UPDATE community.duty SET valid = '[2020-01-01,2020-02-01)' WHERE valid @> date '2024-07-01';
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''dispatch'')', pg_temp.to_state('filed'))), 'organization_missing', 'where duty has a gap');
SELECT results_eq($$SELECT severity, subject FROM community.health() WHERE check_name = 'casework'$$, $$VALUES ('warn', 'duty gaps')$$, 'which health() tells');
UPDATE community.duty SET valid = '[2020-01-01,2025-01-01)' WHERE valid = '[2020-01-01,2020-02-01)';

CREATE TEMP TABLE back AS SELECT pg_temp.to_state('dispatched') AS c;
SELECT pg_temp.go(c, 'return'), pg_temp.go(c, 'dispatch'), pg_temp.go(c, 'return'), pg_temp.go(c, 'dispatch') FROM back;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''return'')', c)), 'return_limit', 'a third return') FROM back;
SELECT is(pg_temp.go(c, 'force_assign'), 'handling', 'is the arbiter''s business') FROM back;
SELECT is(f.deadline, (SELECT occurred_at + interval '5 hours' FROM community.case_log l WHERE l.case_id = c AND l.event = 'file'),
    'and returns did not move the deadline') FROM back JOIN community.case_file f ON f.case_id = c;

-- The clock.
CREATE TEMP TABLE clock AS SELECT pg_temp.begin() AS c, timestamptz '2024-08-01 08:00+08' AS t;
SELECT pg_temp.go(c, 'accept', '{}', t), pg_temp.go(c, 'file', '{}', t + interval '1 hour') FROM clock;
SELECT is(due_at, t + interval '6 hours', 'the clock starts at filing') FROM clock JOIN community.case_file ON case_id = c;
SELECT pg_temp.go(c, 'dispatch', '{}', t + interval '1 hour'), pg_temp.go(c, 'sign', '{}', t + interval '2 hours'),
    pg_temp.go(c, 'request_suspend', jsonb_build_object('until', t + interval '10 hours'), t + interval '3 hours') FROM clock;
SELECT is(due_at, t + interval '6 hours', 'a request does not stop it') FROM clock JOIN community.case_file ON case_id = c;
SELECT pg_temp.go(c, 'approve', '{}', t + interval '4 hours') FROM clock;
SELECT is(due_at, NULL, 'a suspension does') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(time_left, interval '2 hours', 'keeping what is left') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''auto_resume'', ''{}'', %L)', c, t + interval '9 hours')), 'suspension_runs', 'no automatic end before its time') FROM clock;
SELECT pg_temp.go(c, 'auto_resume', '{}', t + interval '10 hours') FROM clock;
SELECT is(due_at, t + interval '12 hours', 'and afterwards it goes on') FROM clock JOIN community.case_file ON case_id = c;
SELECT pg_temp.go(c, 'request_extend', '{"extend_by": "90 minutes"}', t + interval '10 hours'), pg_temp.go(c, 'approve', '{}', t + interval '11 hours') FROM clock;
SELECT is(due_at, t + interval '13 hours 30 minutes', 'an extension lengthens it') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_extend'', ''{}'', %L)', c, t + interval '12 hours')), 'extend_limit', 'once') FROM clock;
SELECT pg_temp.go(c, 'handled', '{}', t + interval '12 hours'), pg_temp.go(c, 'check_ok', '{}', t + interval '13 hours 30 minutes') FROM clock;
SELECT is(on_time, true, 'closed in the last instant is on time') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(deadline, t + interval '13 hours 30 minutes', 'the deadline is kept') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(due_at, NULL, 'but the clock stands') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''reopen'', ''{}'', %L)', c, t + interval '17 days')), 'reopen_late', 'too late to reopen') FROM clock;
SELECT is(pg_temp.go(c, 'reopen', '{}', t + interval '2 days'), 'filed', 'in time it is reopened') FROM clock;
SELECT is(due_at, t + interval '2 days 5 hours', 'with a new deadline') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(closed_at, NULL, 'and is no longer closed') FROM clock JOIN community.case_file ON case_id = c;
SELECT is(on_time, NULL, 'nor judged') FROM clock JOIN community.case_file ON case_id = c;

CREATE TEMP TABLE up AS SELECT pg_temp.begin() AS c, timestamptz '2024-08-01 08:00+08' AS t;
SELECT pg_temp.go(c, 'accept', '{}', t), pg_temp.go(c, 'file', '{}', t), pg_temp.go(c, 'dispatch', '{}', t),
    pg_temp.go(c, 'escalate', '{}', t + interval '4 hours'), pg_temp.go(c, 'report_up', '{}', t + interval '4 hours') FROM up;
SELECT is(due_at, NULL, 'a transfer pauses the clock') FROM up JOIN community.case_file ON case_id = c;
SELECT pg_temp.go(c, 'close_by_upper', '{}', t + interval '4 days') FROM up;
SELECT is(on_time, true, 'closed above with time left is on time') FROM up JOIN community.case_file ON case_id = c;
CREATE TEMP TABLE late AS SELECT pg_temp.begin() AS c, timestamptz '2024-08-01 08:00+08' AS t;
SELECT pg_temp.go(c, 'self_handle', '{}', t), pg_temp.go(c, 'check_ok', '{}', t + interval '5 hours 1 second') FROM late;
SELECT is(on_time, false, 'a second after the deadline is late') FROM late JOIN community.case_file ON case_id = c;
CREATE TEMP TABLE imported AS SELECT pg_temp.begin('noise', '{"due_at": "2024-08-03 12:00+08"}') AS c, timestamptz '2024-08-01 08:00+08' AS t;
SELECT is(due_at, NULL, 'an imported deadline waits for the filing') FROM imported JOIN community.case_file ON case_id = c;
SELECT pg_temp.go(c, 'accept', '{}', t), pg_temp.go(c, 'file', '{}', t) FROM imported;
SELECT is(due_at, timestamptz '2024-08-03 12:00+08', 'and holds from then') FROM imported JOIN community.case_file ON case_id = c;
SELECT is(due_imported, true, 'marked as imported') FROM imported JOIN community.case_file ON case_id = c;
SELECT community.case_type_set('free', '不限时', 'request', NULL, 'calendar', 'test');
CREATE TEMP TABLE free AS SELECT pg_temp.to_state('handling', 'free') AS c;
SELECT is(clock || COALESCE(due_at::text, '-'), 'running-', 'a type without a limit has no deadline') FROM free JOIN community.case_file ON case_id = c;
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_extend'')', c)), 'deadline_missing', 'and none to extend') FROM free;
SELECT pg_temp.go(c, 'handled'), pg_temp.go(c, 'check_ok') FROM free;
SELECT is(on_time, NULL, 'nor a verdict') FROM free JOIN community.case_file ON case_id = c;

SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_suspend'', ''{"until": %s}'')', pg_temp.to_state('handling'), v)), 'suspend_until_missing', format('a suspension until %s', v))
  FROM (VALUES ('null'), ('"2024-01-01"')) AS x (v);
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_suspend'', ''{"until": "later"}'')', pg_temp.to_state('handling'))), 'document_invalid', 'until later');
UPDATE community.case_type SET suspend_at_most = '1 day' WHERE case_type = 'dirty_road';
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_suspend'', ''{"until": "2024-12-01"}'')', pg_temp.to_state('handling'))), 'suspend_too_long', 'a long suspension');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''request_extend'', ''{"extend_by": %s}'')', pg_temp.to_state('handling'), v)), r, format('an extension by %s', v))
  FROM (VALUES ('null', 'extend_by_missing'), ('"-1 hour"', 'extend_by_missing'), ('"long"', 'document_invalid'), ('"6 hours"', 'extend_too_long')) AS x (v, r);
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''rate'', ''{"rating": %s}'')', pg_temp.to_state('closed'), v)), 'rating_invalid', format('a rating of %s', v))
  FROM (VALUES ('null'), ('0'), ('6'), ('"good"'), ('3.5')) AS x (v);
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''accept'', ''{}'', %L)', pg_temp.begin(), v)), r, format('an event at %s', v))
  FROM (VALUES ('2024-06-30', 'time_backwards'), ('2124-06-30', 'time_future'), ('infinity', 'time_invalid'), ('-infinity', 'time_invalid')) AS x (v, r);

-- Idempotent events.
CREATE TEMP TABLE once AS SELECT pg_temp.begin() AS c;
CREATE TEMP TABLE answer AS SELECT e.* FROM once, community.case_event('00000000-0000-0000-0000-000000000002', 330203001001, c, 'accept') e;
SELECT results_eq($$SELECT e.* FROM once, community.case_event('00000000-0000-0000-0000-000000000002', 330203001001, c, 'accept') e$$, 'SELECT * FROM answer',
    'an event with the same key gives the same answer');
SELECT is(seq, 2, 'and happens once') FROM once JOIN community.case_file ON case_id = c;
SELECT is(pg_temp.reason(format($$SELECT community.case_event('00000000-0000-0000-0000-000000000002', 330203001001, %s, 'file')$$, c)), 'key_reused', 'another event under the key') FROM once;

-- Running cases finish under their version.
CREATE TEMP TABLE old AS SELECT pg_temp.begin() AS c;
DELETE FROM community.case_transition WHERE version = 2;
INSERT INTO community.case_transition SELECT 2, from_state, event, role, to_state, clock FROM community.case_transition WHERE version = 1;
INSERT INTO community.case_transition VALUES (2, 'reported', 'jump', 'filer', 'filed', 'start');
SELECT lives_ok('SELECT community.case_machine_activate(2)', 'a sound version is activated');
SELECT is((SELECT string_agg(version || status, ' ' ORDER BY version) FROM community.case_machine), '1retired 2active 3draft', 'the one before is retired');
SELECT is(pg_temp.go(pg_temp.begin(), 'jump'), 'filed', 'new cases run under it');
SELECT is(pg_temp.reason(format('SELECT pg_temp.go(%s, ''jump'')', c)), 'event_unknown', 'old ones under theirs') FROM old;

-- Deadlines answer from their index.
INSERT INTO community.case_file (community_id, case_id, case_no, case_type, machine, state, last_at, clock, due_at, deadline, channel, lon, lat, cell, cell_key, reported_at)
SELECT 330203001001 + n % 2, -n, 'x' || n, 'noise', 1, CASE WHEN n % 50 = 0 THEN 'handling' ELSE 'archived' END, now(), CASE WHEN n % 50 = 0 THEN 'running' ELSE 'stopped' END,
       CASE WHEN n % 50 = 0 THEN now() + n * interval '1 minute' END, now(), 'app', 121, 29, community.gridcell(121, 29, 7), community.gridcell(121, 29, 7)::bigint, now()
  FROM generate_series(1, 20000) n;
ANALYZE community.case_file;
CREATE FUNCTION pg_temp.plan(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_line text;
    v_plan text := '';
BEGIN
    FOR v_line IN EXECUTE 'EXPLAIN ' || p_sql LOOP
        v_plan := v_plan || v_line;
    END LOOP;
    RETURN v_plan;
END $$;
SELECT matches(pg_temp.plan($$SELECT case_no FROM community.case_file WHERE community_id = ANY ('{330203001001,330203001002}') AND due_at <= now() + interval '1 hour' ORDER BY due_at$$),
    'case_file_due', 'what is due within an hour is found by the partial index');

-- The log is append-only.
SELECT is(pg_temp.reason('UPDATE community.case_log SET actor = ''x'''), 'case_log_frozen', 'the log is not changed');
SELECT is(pg_temp.reason('DELETE FROM community.case_log'), 'case_log_frozen', 'nor deleted');
SELECT is(pg_temp.reason('DELETE FROM community.case_log_default'), 'case_log_frozen', 'nor through its partition');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT cmp_ok(community.ensure_partitions('2024-06-01', '2024-08-31', 'case_log'), '>=', 3::bigint, 'partitions take the rows that came first');
SELECT is_empty($$SELECT 1 FROM community.case_log_default WHERE occurred_at >= '2024-06-02' AND occurred_at < '2024-08-30'$$, 'out of the default one');
SELECT is(pg_temp.reason('DELETE FROM community.case_log WHERE occurred_at < ''2024-07-15'''), 'case_log_frozen', 'still not deleted');

-- Restored copies renumber what was written before they were recognised, and
-- retention reaches the rows of the DEFAULT partition.
SAVEPOINT kept;
SELECT is(pg_temp.reason('UPDATE community.case_log SET tx = tx + 1'), 'case_log_frozen', 'the owner does not renumber the log');
UPDATE community.installation SET system_identifier = 1;
UPDATE community.job SET watermark_tx = (SELECT max(tx) FROM community.case_log) + 1000000 WHERE name = 'case_day';
SELECT ok(community.after_restore(), 'a copy that took cases in before it was recognised');
SELECT is((SELECT bool_and(tx > 1000000) FROM community.case_log), true, 'numbers them above all that came along');
SELECT is(pg_temp.reason('UPDATE community.case_log SET tx = tx + 1, reason = ''x'''), 'case_log_frozen', 'and changes nothing else');
ROLLBACK TO kept;
SELECT community._purge_log(l, now() + interval '30 years') FROM community.log_table l WHERE table_name = 'case_log';
SELECT is((SELECT count(*) FROM community.case_log), 0::bigint, 'what is too old is dropped, from the DEFAULT partition too');
ROLLBACK TO kept;
SELECT is_empty($$SELECT reason FROM community.refusal WHERE module = 'casework' AND reason <> ALL ('{location_outside,work_hours_invalid,attachment_invalid,assist_untimely,assist_twice,assist_missing,assist_open,track_invalid,dispute_kind,dispute_parties,dispute_opened,dispute_missing,dispute_level,agreement_missing,sentiment_invalid}') EXCEPT SELECT reason FROM provoked$$,
    'every refusal of reports, events, machine and duty was provoked');
SELECT * FROM finish();
ROLLBACK;
