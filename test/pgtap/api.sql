-- API functions of casework, as an app and as members with their capabilities.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_casework.sql
SET client_min_messages = warning;
SELECT community.duty_add('330203', NULL, bureau, '(,)', true) FROM fixture;
CREATE ROLE app_reporter LOGIN IN ROLE community_app;
CREATE ROLE app_acceptor LOGIN IN ROLE community_app;
CREATE ROLE app_everything LOGIN IN ROLE community_app;
CREATE ROLE app_stranger LOGIN IN ROLE community_app;
SELECT community.member_add('app_reporter', 'reporter', NULL, '330203001'),
       community.member_add('app_acceptor', 'acceptor', 330203001001),
       community.member_add('app_stranger', 'acceptor', 330203001002);
SELECT community.member_add('app_everything', c, NULL, '330203')
  FROM unnest('{reporter,acceptor,filer,dispatcher,handler,act_for}'::text[]) c;
GRANT SELECT ON fixture TO PUBLIC;
CREATE TEMP TABLE got (community_id bigint, case_id bigint, case_no text, state text, due_at timestamptz);
GRANT ALL ON got TO PUBLIC;

SET SESSION AUTHORIZATION app_reporter;
INSERT INTO got SELECT * FROM community_api.case_report('00000000-0000-0000-0000-00000000000a', 'dirty_road', 121.505, 29.805, '路面不洁', 'app');
SELECT is(community_id || state, '330203001001reported', 'a reporter reports') FROM got;
SELECT results_eq($$SELECT * FROM community_api.case_report('00000000-0000-0000-0000-00000000000a', 'dirty_road', 121.505, 29.805, '路面不洁', 'app')$$,
    'SELECT * FROM got', 'the same key returns the first answer');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report('00000000-0000-0000-0000-00000000000a', 'dirty_road', 121.505, 29.806, '路面不洁', 'app')$$),
    'key_reused', 'with other arguments it is refused');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(NULL, 'dirty_road', 121.505, 29.805, '路面不洁', 'app')$$), 'key_missing', 'a command needs a key');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.59, 29.805, NULL, 'app')$$), 'capability_missing',
    'a place outside of his scope');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'app', '{}', '2024-01-01')$$), 'capability_missing',
    'a recorded time needs import');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'app', '{"due_at": "2034-01-01"}')$$), 'capability_missing',
    'so does a deadline');
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'app', '{"actor": "x"}')$$), 'capability_missing',
    'another actor needs act_for');
SELECT is(pg_temp.reason(format($$SELECT * FROM community_api.case_event(gen_random_uuid(), %s, %s, 'accept')$$, community_id, case_id)), 'capability_missing',
    'a reporter does not accept') FROM got;
SELECT is(pg_temp.reason(format($$SELECT * FROM community_api.case_event(NULL, %s, %s, 'accept')$$, community_id, case_id)), 'key_missing', 'an event needs a key') FROM got;
SELECT is(community_api.case_get(community_id, case_id) ->> 'state', 'reported', 'he reads the case') FROM got;
SELECT throws_ok('SELECT * FROM community.case_file', '42501', NULL, 'but not the table');
SELECT throws_ok($$SELECT community.case_event(NULL, 1, 1, 'accept')$$, '42501', NULL, 'and calls nothing inside');
RESET SESSION AUTHORIZATION;

SET SESSION AUTHORIZATION app_acceptor;
SELECT is(community_api.case_get(community_id, case_id) -> 'events', '["accept", "merge", "reject", "verify_request"]', 'the acceptor sees what he may do') FROM got;
SELECT results_eq(format($$SELECT state, due_at FROM community_api.case_event('00000000-0000-0000-0000-00000000000b', %s, %s, 'accept')$$, community_id, case_id),
    $$VALUES ('accepted', NULL::timestamptz)$$, 'and does it') FROM got;
SELECT is(e.state, 'accepted', 'once, by the same key') FROM got, community_api.case_event('00000000-0000-0000-0000-00000000000b', community_id, got.case_id, 'accept') e;
SELECT is(pg_temp.reason(format($$SELECT * FROM community_api.case_event(gen_random_uuid(), %s, %s, 'accept')$$, community_id, case_id)), 'transition_illegal', 'but not twice') FROM got;
RESET SESSION AUTHORIZATION;

SET SESSION AUTHORIZATION app_stranger;
SELECT is(pg_temp.reason(format('SELECT community_api.case_get(%s, %s)', community_id, case_id)), 'case_not_found', 'to a stranger the case does not exist') FROM got;
SELECT is(pg_temp.reason(format($$SELECT * FROM community_api.case_event(gen_random_uuid(), %s, %s, 'file')$$, community_id, case_id)), 'case_not_found', 'nor to be moved') FROM got;
RESET SESSION AUTHORIZATION;

SET SESSION AUTHORIZATION app_everything;
SELECT is(e.due_at IS NOT NULL, true, 'filing sets the deadline') FROM got, community_api.case_event(gen_random_uuid(), community_id, got.case_id, 'file', '{"actor": "王五"}') e;
SELECT is((SELECT string_agg(case_no, ' ') FROM community_api.case_due(301)), case_no, 'which is listed within five hours and a minute') FROM got;
SELECT is_empty('SELECT * FROM community_api.case_due(60)', 'but not within one');
SELECT throws_ok('SELECT * FROM community_api.case_due(-1)', '22023', '-1 is not a number of minutes', 'nor within less than none');
SELECT throws_ok('SELECT * FROM community_api.case_due(301, 0)', '22023', '0 is not a number of cases', 'nor no cases at all');
SELECT ok(NOT community_api.case_get(community_id, case_id)::text ~ '王五', 'names of persons are not shown') FROM got;
RESET SESSION AUTHORIZATION;
SELECT is(actor || '/' || recorded_by, '王五/app_everything', 'the log knows actor and login')
  FROM community.case_log JOIN got USING (community_id, case_id) WHERE event = 'file';

-- Workers of the grid need no app, doors only theirs.
CREATE ROLE api_worker LOGIN IN ROLE community_grid_worker;
CREATE ROLE api_door LOGIN IN ROLE community_reader;
SELECT community.member_add('api_worker', 'grid_worker', 330203001001), community.member_add('api_door', 'grid_worker', 330203001001);
SET SESSION AUTHORIZATION api_worker;
SELECT lives_ok($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'patrol')$$, 'a grid worker reports');
SELECT throws_ok('SELECT community_api.person_get(1, 1)', '42501', NULL, 'but asks for no person');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION api_door;
SELECT throws_ok($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'patrol')$$, '42501', NULL, 'a door does not');
RESET SESSION AUTHORIZATION;
SELECT ok(has_function_privilege('api_door', p.oid, 'EXECUTE'), 'a door decides') FROM pg_proc p WHERE p.oid = 'community_api.door_open'::regproc;

SELECT community.module_disable('report', 330203001001), community.module_disable('casework', 330203001001);
SET SESSION AUTHORIZATION app_everything;
SELECT is(pg_temp.reason($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.505, 29.805, NULL, 'app')$$), 'module_off', 'switched off, nothing is reported');
SELECT is(pg_temp.reason(format($$SELECT * FROM community_api.case_event(gen_random_uuid(), %s, %s, 'dispatch')$$, community_id, case_id)), 'module_off', 'nor moved') FROM got;
SELECT is(pg_temp.reason(format('SELECT community_api.case_get(%s, %s)', community_id, case_id)), 'module_off', 'nor read') FROM got;
SELECT lives_ok($$SELECT * FROM community_api.case_report(gen_random_uuid(), 'dirty_road', 121.525, 29.805, NULL, 'app')$$, 'elsewhere all goes on');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*) FROM community.case_file WHERE community_id = 330203001001), 2::bigint, 'a refused report leaves nothing');
SELECT * FROM finish();
ROLLBACK;
