-- Rules of core: settings, tenants, capabilities, jobs, chains, logs, grants.
BEGIN;
SET search_path = community, public;   -- operators are found only there
SELECT no_plan();

-- Run a statement that must be refused; give back SQLSTATE and DETAIL, and
-- remember the reason.
CREATE TEMP TABLE seen (reason text);
CREATE FUNCTION pg_temp.refused(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_state text;
    v_detail text;
    v_hint text;
BEGIN
    EXECUTE p_sql;
    RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    INSERT INTO seen VALUES (substr(v_detail, 8));
    RETURN CASE WHEN v_hint = '' THEN 'no hint ' ELSE '' END || v_state || ' ' || CASE v_detail WHEN '' THEN SQLERRM ELSE v_detail END;
END
$$;

-- Refusals.
SELECT throws_ok($$SELECT community.refuse('setting_unknown', 'x')$$, 'PT404', 'there is no setting x', 'a refusal has its SQLSTATE and message');
SET community.lang = 'zh';
SELECT throws_ok($$SELECT community.refuse('setting_unknown', 'x')$$, 'PT404', '没有设置项 x', 'it speaks Chinese when asked');
SELECT throws_ok($$SELECT community.refuse('capability_missing', 'a', 'b', 'c')$$, 'PT403', 'a 在社区 c 没有 b 权限', 'arguments find their place in Chinese');
RESET community.lang;
SELECT throws_ok($$SELECT community.refuse('nonsense')$$, '22023', NULL, 'an unregistered reason is an error of the program');
SELECT is_empty($$
    SELECT reason FROM community.refusal
     WHERE (SELECT count(*) FROM regexp_matches(message_en, '%(\d\$)?s', 'g'))
        <> (SELECT count(*) FROM regexp_matches(message_zh, '%(\d\$)?s', 'g'))$$, 'both languages take the same arguments');
SELECT is_empty($$SELECT reason FROM community.refusal WHERE message_zh !~ '[一-龥]' OR hint_zh !~ '[一-龥]' OR hint_en !~ '[A-Za-z]'$$, 'every refusal speaks both languages');

-- Hashes and days.
SELECT is(community.hash_fields('a', NULL, ''), sha256(convert_to('1:a,-,0:,', 'UTF8')), 'hash_fields encodes as documented');
SELECT is(community.hash_fields('社'), sha256(convert_to('3:社,', 'UTF8')), 'lengths are bytes');
SELECT isnt(community.hash_fields('ab', 'c'), community.hash_fields('a', 'bc'), 'fields do not run together');
SELECT isnt(community.hash_fields(NULL::text), community.hash_fields('-'), 'NULL is no text');
SET timezone = 'America/New_York';
SELECT is(community.local_day('2025-03-01 15:59:59+00', 'Asia/Shanghai'), '2025-03-01'::date, 'before midnight in Shanghai');
SELECT is(community.local_day('2025-03-01 16:00:00+00', 'Asia/Shanghai'), '2025-03-02'::date, 'midnight in Shanghai begins a day, wherever the server is');
RESET timezone;

-- Communities.  (Their codes load the library, which checks the language.)
SELECT is(community.community_register('330299', '甲区', 'district'), 330299000000, 'a district gets its padded code');
SELECT is(community.community_register('330299001', '乙街道', 'street'), 330299001000, 'a street too');
SELECT is(community.community_register('330299001001', '丙社区', 'residential'), 330299001001, 'a community has its own code');
SELECT is(community.community_register('330299001', '大社区', 'virtual'), 330299001901, 'a virtual community takes a free 9xx number');
SELECT throws_ok($$SET community.lang = 'fr'$$, '22023', NULL, 'no other language');
SELECT is((SELECT array_agg(parent_id ORDER BY community_id) FROM community.community WHERE code <@ '330299001'::community.gridcode),
          '{330299000000,330299001000,330299001000}'::bigint[], 'the nearest division above is the parent');
UPDATE community.community SET until = CURRENT_DATE + 1 WHERE community_id = 330299001001;
SELECT is(community.community_register('330299001001', '丁社区', 'village'), 330299001902, 'a code used again gets a new key');
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001001', 'x', 'residential')$$), 'PT409 reason=community_exists');
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001', 'x', 'village')$$), 'PT400 reason=community_kind');
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001002', 'x', 'hamlet')$$), 'PT400 reason=community_kind');
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001002', 'x', 'village', NULL, 'Mars/Base')$$), 'PT400 reason=tz_unknown');
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001002', 'x', 'village', 1)$$), 'PT404 reason=community_unknown');
INSERT INTO community.community (community_id, code, name, kind)
SELECT 330299001000 + n, '330299001', 'v' || n, 'virtual' FROM generate_series(903, 999) n;
SELECT is(pg_temp.refused($$SELECT community.community_register('330299001', 'x', 'virtual')$$), 'PT409 reason=community_full');
DELETE FROM community.community WHERE community_id BETWEEN 330299001903 AND 330299001999;

-- Settings.
SELECT community.register_setting('test_number', 'integer', '5', 'A number. / 一个数。', 'core');
SELECT is(community.setting_int('test_number'), 5::bigint, 'the default holds at first');
SELECT community.setting_set('test_number', '6');
SELECT community.setting_set('test_number', '7', 330299001001);
SELECT is(community.setting_int('test_number'), 6::bigint, 'the value of the database');
SELECT is(community.setting_int('test_number', 330299001001), 7::bigint, 'the value of a community');
SELECT is(community.setting_int('test_number', 330299000000), 6::bigint, 'another community has none of its own');
SELECT community.register_setting('test_number', 'integer', '8', 'A number. / 一个数。', 'core');
SELECT is(community.setting_int('test_number'), 6::bigint, 'a new default does not touch what was set');
SELECT community.setting_set('test_number', NULL);
SELECT community.setting_set('test_number', NULL, 330299001001);
SELECT is(community.setting_int('test_number', 330299001001), 8::bigint, 'NULL takes settings back');
SELECT is(community.setting_interval('job_backoff'), '1 minute'::interval, 'an interval');
SELECT is(community.setting_bool('module_default'), true, 'a boolean');
SELECT is(community.setting_numeric('test_number'), 8::numeric, 'a numeric');
SELECT is(pg_temp.refused($$SELECT community.setting_value('nothing')$$), 'PT404 reason=setting_unknown');
SELECT is(pg_temp.refused($$SELECT community.setting_set('nothing', '1')$$), 'PT404 reason=setting_unknown');
SELECT is(pg_temp.refused($$SELECT community.setting_set('test_number', 'many')$$), 'PT400 reason=setting_invalid');
SELECT is(pg_temp.refused($$SELECT community.setting_set('keep_job_run', '-1 day')$$), 'PT400 reason=setting_invalid');
SELECT is(pg_temp.refused($$SELECT community.register_setting('t', 'boolean', 'perhaps', 'x', 'core')$$), 'PT400 reason=setting_invalid');
SELECT is(pg_temp.refused($$SELECT community.setting_set('test_number', '1', 1)$$), 'PT404 reason=community_unknown');
SELECT throws_ok($$SELECT community.register_setting('t', 'money', NULL, 'x', 'core')$$, '23514', NULL, 'no unknown type');

-- Capabilities.
CREATE ROLE test_team;
CREATE ROLE test_person LOGIN IN ROLE test_team;
GRANT USAGE ON SCHEMA public TO test_person;
SELECT community.register_grant('public', 'routine', 'community.' || f, 'EXECUTE', 'test')
  FROM unnest('{has_capability,require_capability,refuse,actor,setting_set,member_end}'::text[]) f;
SELECT community.register_grant('public', 'relation', 'community.' || t, 'SELECT', 'test')
  FROM unnest('{refusal,setting,member}'::text[]) t;
SET ROLE community_owner;
SELECT community.apply_grants();
RESET ROLE;
GRANT INSERT, SELECT ON seen TO PUBLIC;
SELECT ok(community.has_capability('anything', NULL), 'a superuser may do everything');
SELECT community.setting_set('calendar', 'a', 330299001001);
SELECT community.setting_set('calendar', 'b', 330299001902);
INSERT INTO community.calendar (calendar, day, kind, name, source)
VALUES ('a', '2030-05-03', 'holiday', 'x', 'x'), ('a', '2030-05-01', 'holiday', 'x', 'x'), ('a', '2030-05-02', 'workday', 'x', 'x'), ('a', '2030-05-06', 'holiday', 'x', 'x');
SELECT is(community.calendar_days(330299001001, 'holiday'), '{2030-05-01,2030-05-03,2030-05-06}'::date[], 'days of the community''s own calendar, in order');
SELECT is(community.calendar_days(330299001001, 'holiday', '2030-05-03 23:30+00'), '{2030-05-01,2030-05-03}'::date[], 'about a time');
SELECT is(community.calendar_days(330299001001, 'workday', '2030-04-30 00:00+00'), '{2030-05-02}'::date[], 'worked instead');
SELECT is(community.calendar_days(330299001902, 'holiday'), '{}'::date[], 'none, but never NULL');
SELECT community.setting_set('calendar', 'c', 330299000000);
SET SESSION AUTHORIZATION test_person;
SELECT is(community.actor(), 'test_person', 'the actor is the login role');
SELECT ok(NOT community.has_capability('handle', 330299001001), 'a stranger may do nothing');
SELECT is(community.my_communities(), '{}'::bigint[], 'and sees no community');
SELECT is((SELECT count(*) FROM community.setting), 0::bigint, 'nor rows of any');
SELECT is(pg_temp.refused($$SELECT community.require_capability('handle', 330299001001)$$), 'PT403 reason=capability_missing');
SELECT is(pg_temp.refused($$SELECT community.setting_set('calendar', 'x')$$), 'PT403 reason=capability_missing');
RESET SESSION AUTHORIZATION;
SELECT community.member_add('test_team', 'handle', 330299001001) AS team_member \gset
SET SESSION AUTHORIZATION test_person;
SELECT ok(community.has_capability('handle', 330299001001), 'a member of the team may handle');
SELECT ok(NOT community.has_capability('close', 330299001001), 'but not close');
SELECT ok(NOT community.has_capability('handle', 330299001902), 'nor handle elsewhere');
SELECT ok(NOT community.has_capability('handle', NULL), 'nor in the whole database');
SELECT is((SELECT string_agg(value, '') FROM community.setting), 'a', 'rows of the own community are seen');
RESET SESSION AUTHORIZATION;
SELECT community.member_add('test_person', 'all', NULL, '330299001');
SET SESSION AUTHORIZATION test_person;
SELECT ok(community.has_capability('close', 330299001902), 'all capabilities under a division');
SELECT ok(NOT community.has_capability('close', 330299000000), 'not above it');
SELECT is((SELECT string_agg(value, '' ORDER BY value) FROM community.setting), 'ab', 'rows of the division are seen');
RESET SESSION AUTHORIZATION;
UPDATE community.member SET valid = tstzrange('2020-01-01', '2021-01-01') WHERE member_role = 'test_person';
SELECT community.member_end(:team_member);
SET SESSION AUTHORIZATION test_person;
SELECT ok(NOT community.has_capability('handle', 330299001001), 'a capability that ended is gone');
SELECT is(community.my_communities(), '{}'::bigint[], 'so are the rows');
RESET SESSION AUTHORIZATION;
SELECT is(pg_temp.refused($$SELECT community.member_add('test_team', 'handle')$$), 'PT400 reason=member_where');
SELECT is(pg_temp.refused($$SELECT community.member_add('test_team', 'handle', 330299001001, '33')$$), 'PT400 reason=member_where');
SELECT is(pg_temp.refused($$SELECT community.member_add('nobody_here', 'handle', 330299001001)$$), 'PT404 reason=role_unknown');
SELECT is(pg_temp.refused($$SELECT community.member_add('test_team', 'handle', 5)$$), 'PT404 reason=community_unknown');
SELECT is(pg_temp.refused($$SELECT community.member_end(-1)$$), 'PT404 reason=member_unknown');
SELECT is(pg_temp.refused(format('SELECT community.member_end(%s, NULL)', community.member_add('test_team', 'handle', 330299001001))), 'PT400 reason=period_invalid');

-- Modules per community.
SELECT r AS base, m.module AS upper
  FROM community.modules() m, unnest(m.requires) r
 WHERE r <> 'core' AND EXISTS (SELECT FROM community.migration g WHERE g.module = m.module)
   AND NOT EXISTS (SELECT FROM community.modules() u WHERE m.module = ANY (u.requires)
                      AND EXISTS (SELECT FROM community.migration g WHERE g.module = u.module))
 ORDER BY m.floor DESC, 2, 1 LIMIT 1 \gset
SELECT lives_ok(format('SELECT community.module_require(%L, 330299001001)', :'upper'), 'a module is on by default');
SELECT is(pg_temp.refused(format('SELECT community.module_disable(%L, 330299001001)', :'base')), 'PT409 reason=module_needed');
SELECT community.module_disable(:'upper', 330299001001);
SELECT is(pg_temp.refused(format('SELECT community.module_require(%L, 330299001001)', :'upper')), 'PT403 reason=module_off');
SELECT lives_ok(format('SELECT community.module_require(%L, 330299001902)', :'upper'), 'elsewhere it is on');
SELECT community.module_enable(:'upper', 330299001001);
SELECT lives_ok(format('SELECT community.module_require(%L, 330299001001)', :'upper'), 'switched on again');
SELECT community.setting_set('module_default', 'off', 330299001902);
SELECT is(pg_temp.refused(format('SELECT community.module_enable(%L, 330299001902)', :'upper')), 'PT409 reason=module_needs');
SELECT is(pg_temp.refused($$SELECT community.module_disable('core', 330299001001)$$), 'PT400 reason=module_core');
SELECT is(pg_temp.refused($$SELECT community.module_enable('nothing', 330299001001)$$), 'PT404 reason=module_unknown');
SELECT lives_ok($$SELECT community.module_require('core', 330299001902)$$, 'core is always on');

-- Classes.
SELECT is_empty($$
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'community'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped
    EXCEPT SELECT table_name, column_name FROM community.data_class$$, 'every column is classed');
SELECT is((SELECT level FROM community.data_class WHERE (table_name, column_name) = ('outbox', 'payload')), 'personal', 'a column may differ from its table');
SELECT is(pg_temp.refused($$SELECT community.classify_table('nothing', 'ref', 'public', 'x', NULL)$$), 'PT404 reason=table_unknown');
SELECT is(pg_temp.refused($$SELECT community.classify_columns('outbox', '{nothing}', 'public', 'x', NULL)$$), 'PT404 reason=column_unknown');
SELECT throws_ok($$SELECT community.classify_table('outbox', 'ref', 'secret', 'x', NULL)$$, '23514', NULL, 'no unknown level');

-- Calls once.
SELECT is(community.api_once('00000000-0000-0000-0000-00000000000a', 'f', '{"a": 1}'), NULL, 'the first call claims');
SELECT is(pg_temp.refused($$SELECT community.api_once('00000000-0000-0000-0000-00000000000a', 'f', '{"a": 1}')$$), 'PT409 reason=key_unanswered');
SELECT community.api_answer('00000000-0000-0000-0000-00000000000a', '{"id": 7}');
SELECT is(community.api_once('00000000-0000-0000-0000-00000000000a', 'f', '{"a":1}'), '{"id": 7}'::jsonb, 'the second gets the first answer');
SELECT is(pg_temp.refused($$SELECT community.api_once('00000000-0000-0000-0000-00000000000a', 'f', '{"a": 2}')$$), 'PT409 reason=key_reused');
SELECT is(pg_temp.refused($$SELECT community.api_once('00000000-0000-0000-0000-00000000000a', 'g', '{"a": 1}')$$), 'PT409 reason=key_reused');
SELECT is(pg_temp.refused($$SELECT community.api_once(NULL, 'g', '{}')$$), 'PT400 reason=key_missing');
SELECT is(pg_temp.refused($$SELECT community.api_answer('00000000-0000-0000-0000-00000000000a', '1')$$), 'PT409 reason=key_unclaimed');
SELECT is(community.api_once('00000000-0000-0000-0000-00000000000b', 'f', '{}'), NULL, 'another key');
SELECT community.api_answer('00000000-0000-0000-0000-00000000000b', NULL);
SELECT is(community.api_once('00000000-0000-0000-0000-00000000000b', 'f', '{}'), 'null'::jsonb, 'no answer is an answer');
SELECT is((SELECT count(*) FROM community.api_call c WHERE c::text LIKE '%"a"%'), 0::bigint, 'arguments are not kept');

-- Messages.
SELECT is(community.outbox_put(330299001001, 'city', 'report', 'daily', '{"n": 1}'), 1::bigint, 'first message');
SELECT is(community.outbox_put(330299001001, 'city', 'report', 'daily', '{"n": 2}', '00000000-0000-0000-0000-0000000000aa'), 2::bigint, 'second message');
SELECT is(community.outbox_put(330299001001, 'street', 'report', 'daily', '{"n": 2}', '00000000-0000-0000-0000-0000000000aa'), 1::bigint, 'each peer has its own chain');
SELECT is(community.outbox_put(330299001001, 'city', 'report', 'daily', '{"n":2}', '00000000-0000-0000-0000-0000000000aa'), 2::bigint, 'the same message again is the same message');
SELECT is(pg_temp.refused($$SELECT community.outbox_put(330299001001, 'city', 'report', 'daily', '{"n": 3}', '00000000-0000-0000-0000-0000000000aa')$$), 'PT409 reason=message_reused');
SELECT is(pg_temp.refused($$SELECT community.outbox_put(330299001001, 'city', 'gossip', 'daily', '{}')$$), 'PT400 reason=message_invalid');
SELECT is(pg_temp.refused($$SELECT community.outbox_put(330299001001, NULL, 'report', 'daily', '{}')$$), 'PT400 reason=message_invalid');
SELECT is(pg_temp.refused($$SELECT community.outbox_put(5, 'city', 'report', 'daily', '{}')$$), 'PT404 reason=community_unknown');
SELECT community.outbox_put(330299001001, 'city', 'notice', 'x', '{"n": 3}');
SELECT is_empty($$SELECT * FROM community.outbox_verify(330299001001, 'city')$$, 'the chain holds');
SELECT is((SELECT o.prev_hash FROM community.outbox o WHERE o.seq = 2 AND o.peer = 'city'),
          (SELECT o.hash FROM community.outbox o WHERE o.seq = 1 AND o.peer = 'city'), 'each message holds the hash before');
SAVEPOINT tampered;
UPDATE community.outbox SET payload = '{"n": 9}' WHERE peer = 'city' AND seq = 2;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.outbox_verify(330299001001, 'city')), '2 content was changed', 'a changed message is found');
ROLLBACK TO tampered;
DELETE FROM community.outbox WHERE peer = 'city' AND seq = 2;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.outbox_verify(330299001001, 'city')), '3 number 2 is missing', 'a removed message is found');
ROLLBACK TO tampered;
DELETE FROM community.outbox WHERE peer = 'city' AND seq = 3;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.outbox_verify(330299001001, 'city')), '3 the end of the chain is missing', 'a cut chain is found');
ROLLBACK TO tampered;

-- Audit.
SELECT is(community.audit_write(330299001001, 'read', 'person 1', 'visit', 1), 1::bigint, 'first entry of a community');
SELECT is(community.audit_write(330299001001, 'read', 'person 2', 'visit', 1, '{"k": 1}'), 2::bigint, 'second entry');
SELECT is(community.audit_write(330299001001, 'read', 'person 3', 'visit', 1), 3::bigint, 'third entry');
SELECT is(community.audit_write(330299001902, 'read', 'person 3', 'visit', 1), 1::bigint, 'another community has its own chain');
SELECT ok(community.audit_write(NULL, 'x', 'y', 'z', 0) > 0, 'the installation has one too');
SELECT is(pg_temp.refused('SELECT * FROM community.audit_block_verify(''nothing'', 330299001001)'), 'PT404 reason=log_unsealed', 'a log that is not sealed is not verified');
SELECT is_empty($$SELECT * FROM community.audit_verify(330299001001)$$, 'the audit chain holds');
SAVEPOINT tampered;
UPDATE community.audit_log SET object = 'nobody' WHERE community_id = 330299001001 AND seq = 2;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.audit_verify(330299001001)), '2 content was changed', 'a changed entry is found');
ROLLBACK TO tampered;
DELETE FROM community.audit_log WHERE community_id = 330299001001 AND seq = 1;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.audit_verify(330299001001)), '2 number 1 is missing', 'a removed entry is found');
ROLLBACK TO tampered;
UPDATE community.audit_log SET seq = 9 - seq WHERE community_id = 330299001001;
UPDATE community.audit_log SET seq = seq - 5 WHERE community_id = 330299001001;
SELECT isnt_empty($$SELECT * FROM community.audit_verify(330299001001)$$, 'reordered entries are found');
ROLLBACK TO tampered;
UPDATE community.audit_log SET actor = 'x', hash = community.audit_hash(community_id, seq, recorded_at, 'x', action, object, purpose, rows, detail, prev_hash)
 WHERE community_id = 330299001001 AND seq = 2;
SELECT is((SELECT string_agg(seq || ' ' || problem, '; ') FROM community.audit_verify(330299001001)), '3 does not continue the entry before', 'an entry with a new hash is found');
ROLLBACK TO tampered;
RELEASE tampered;
SELECT throws_ok($$SELECT community.audit_write(330299001001, NULL, 'y', 'z', 0)$$, '23502', NULL, 'an entry says what was done');

-- Logs and their partitions.
SET ROLE community_owner;
CREATE TABLE community.test_log (
    community_id bigint NOT NULL, at timestamptz NOT NULL, n integer,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, at)) PARTITION BY RANGE (at);
CREATE TABLE community.test_log_default PARTITION OF community.test_log DEFAULT;
SELECT community.register_log('test_log', 'day', '10 days');
INSERT INTO community.test_log (community_id, at, n)
SELECT 1, '2025-01-31 00:00Z'::timestamptz + n * interval '6 hours', n FROM generate_series(0, 11) n;
-- In this style CST stands for China, and is read as the middle of America.
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL timezone = 'Asia/Shanghai';
SELECT is(community.ensure_partitions('2025-01-31 12:00Z', '2025-02-01 12:00Z', 'test_log'), 2::bigint, 'two days, two partitions');
SELECT is((SELECT array_agg(extract(epoch FROM starts)::bigint ORDER BY starts) FROM community.log_partitions('test_log') WHERE starts IS NOT NULL),
          '{1738281600,1738368000}'::bigint[], 'whose bounds do not depend on the style of dates');
SELECT is((SELECT detail FROM community._health_default() WHERE subject LIKE '%test_log_default') LIKE '%''2025-02-02 08:00:00+08''%', true, 'nor does what health() says to run');
SET LOCAL datestyle = 'ISO, MDY';
SET LOCAL timezone = 'UTC';
SELECT is((SELECT string_agg(format('%s %s', tableoid::regclass, c), ', ') FROM (SELECT tableoid, count(*) AS c FROM community.test_log GROUP BY 1 ORDER BY tableoid::regclass::text) x),
          'test_log_20250131 4, test_log_20250201 4, test_log_default 4', 'waiting rows moved into their partitions');
SELECT is(community.ensure_partitions('2025-01-31 12:00Z', '2025-02-01 12:00Z', 'test_log'), 0::bigint, 'made once');
SELECT is((SELECT sum(n) FROM community.test_log), 66::bigint, 'no row was lost');
SELECT ok((SELECT relrowsecurity FROM pg_class WHERE oid = 'community.test_log_20250131'::regclass), 'a partition cannot be read around the policy');
SELECT is((SELECT detail FROM community._health_default() WHERE subject LIKE '%test_log_default') LIKE 'rows from %', true, 'health sees rows in the DEFAULT partition');
SELECT is((SELECT severity FROM community._health_partitions() WHERE subject = 'test_log'), 'error', 'health sees that no partition is there for today');
SELECT is((SELECT string_agg(starts AT TIME ZONE 'UTC' || '', ' ') FROM community.log_partitions('test_log')), '2025-01-31 00:00:00 2025-02-01 00:00:00', 'bounds are in UTC');
SELECT community._purge_log(l, '2025-02-11 06:00Z') FROM community.log_table l WHERE table_name = 'test_log';
SELECT is((SELECT min(at) FROM community.test_log), '2025-02-01 00:00Z'::timestamptz, 'retention drops what ended too long ago');
SELECT community._purge_log(l, '2025-02-14 06:00Z') FROM community.log_table l WHERE table_name = 'test_log';
SELECT is((SELECT count(*) FROM community.test_log), 0::bigint, 'and old rows of the DEFAULT partition');
RESET ROLE;
SELECT is(pg_temp.refused($$SELECT community.register_log('job', 'day', '1 day')$$), 'PT400 reason=log_unfit');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('2025-01-02', '2025-01-01')$$), 'PT400 reason=period_invalid');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('-infinity', '2025-01-01')$$), 'PT400 reason=period_invalid');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('1025-01-01', '2025-01-01')$$), 'PT422 reason=partitions_too_many', 'centuries are a slip of the pen');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('2025-01-01', '2028-01-01', 'test_log')$$), 'PT422 reason=partitions_too_many', 'so are a thousand days of one log');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('2025-01-01', '2025-01-02', 'no_log')$$), 'PT404 reason=log_unknown', 'a log must be known');
SELECT is((SELECT count(*) FROM community.log_partitions('test_log') p WHERE p.starts > '2025-03-01'), 0::bigint, 'refused, nothing is made');
SELECT community.setting_set('partitions_most', '2');
SELECT is(pg_temp.refused($$SELECT community.ensure_partitions('2026-03-01 00:00Z', '2026-03-04 00:00Z', 'test_log')$$), 'PT422 reason=partitions_too_many', 'the limit is a setting');
SELECT community.setting_set('partitions_most', NULL);
SELECT throws_ok($$SELECT community.register_log('test_log', 'week', '1 day')$$, '23514', NULL, 'no unknown period');

-- Jobs in the caller's transaction.
CREATE TABLE public.work (f timestamptz, t timestamptz, a bigint, b bigint);
GRANT ALL ON public.work TO PUBLIC;
CREATE FUNCTION public.job_time(timestamptz, timestamptz) RETURNS bigint LANGUAGE sql AS 'INSERT INTO public.work VALUES ($1, $2); SELECT 2::bigint';
CREATE FUNCTION public.job_tx(bigint, bigint) RETURNS bigint LANGUAGE sql AS 'INSERT INTO public.work VALUES (NULL, NULL, $1, $2); SELECT 0::bigint';
CREATE FUNCTION public.job_fails(timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'out of paper'; END$$;
SELECT community.register_job('test.time', 'upkeep', '1 hour', 'time', 'public.job_time', 'test');
SELECT community.register_job('test.tx', 'rollup', '1 minute', 'tx', 'public.job_tx', 'test');
SELECT community.register_job('test.none', 'exchange', '1 minute', 'none', 'public.job_fails', 'test');
UPDATE community.job SET watermark_at = '2025-01-01 00:00Z' WHERE name = 'test.time';
SELECT is(community.run_job('test.time', '2025-01-03 06:00Z'), 6::bigint, 'three windows of at most a day');
SELECT is((SELECT string_agg(f || ' ' || t, ', ' ORDER BY f) FROM (SELECT to_char(f AT TIME ZONE 'UTC', 'MM-DD HH24') AS f, to_char(t AT TIME ZONE 'UTC', 'MM-DD HH24') AS t FROM public.work) w),
          '01-01 00 01-02 00, 01-02 00 01-03 00, 01-03 00 01-03 06', 'windows touch and do not overlap');
SELECT is(community.run_job('test.time', '2025-01-03 06:00Z'), 0::bigint, 'nothing is left to do');
SELECT is((SELECT next_run FROM community.job WHERE name = 'test.time'), '2025-01-03 07:00Z'::timestamptz, 'the next run is the next whole interval');
SELECT community.run_job('test.time', '2025-01-02 00:00Z');
SELECT is((SELECT watermark_at FROM community.job WHERE name = 'test.time'), '2025-01-03 06:00Z'::timestamptz, 'a clock that goes back moves no watermark');
DELETE FROM public.work;
UPDATE community.job SET max_tx = 10, span_tx = 10 WHERE name = 'test.tx';
SELECT community.run_job('test.tx');
SELECT is((SELECT max(b) FROM public.work), community.tx_horizon(), 'windows of tx reach the horizon');
SELECT is((SELECT count(*) FROM (SELECT a, lag(b) OVER (ORDER BY a) AS p FROM public.work) w WHERE a IS DISTINCT FROM coalesce(p, 0)), 0::bigint, 'and leave no gap');
SELECT is((SELECT b - a FROM public.work ORDER BY a OFFSET 2 LIMIT 1), 40::bigint, 'empty windows of tx grow');
SELECT is((SELECT watermark_tx FROM community.job WHERE name = 'test.tx'), community.tx_horizon(), 'the watermark stands at the horizon');
SELECT ok(community.tx_horizon() <= (pg_current_xact_id()::text)::bigint, 'the own transaction is not final');
SELECT throws_ok($$SELECT community.run_job('test.none')$$, 'P0001', 'out of paper', 'an error of the job reaches the caller');
SELECT is((SELECT attempts FROM community.job WHERE name = 'test.none'), 0, 'and undoes the run');
SELECT is(pg_temp.refused($$SELECT community.run_job('nothing')$$), 'PT404 reason=job_unknown');
SELECT is(pg_temp.refused($$CALL community.run_due('nothing')$$), 'PT400 reason=queue_unknown');
SELECT is(pg_temp.refused($$CALL community.run_due('upkeep', 'infinity')$$), 'PT400 reason=now_invalid');
SELECT is(pg_temp.refused($$SELECT community.run_job('test.time', NULL)$$), 'PT400 reason=now_invalid');
UPDATE community.job SET next_run = now() + interval '30 days' WHERE name = 'test.time';
SELECT is((SELECT severity FROM community._health_jobs() WHERE subject = 'test.time' AND detail LIKE 'is not due before%'), 'warn', 'health sees a job that was put off too far');
SELECT throws_ok($$CALL community.run_due('upkeep')$$, '2D000', NULL, 'run_due cannot be called inside a transaction');
SELECT throws_ok($$SELECT community.register_job('t', 'nothing', '1 hour', 'none', 'public.f', 'test')$$, '23514', NULL, 'no unknown queue');
SELECT throws_ok($$SELECT community.register_job('t', 'rollup', '1 hour', 'space', 'public.f', 'test')$$, '23514', NULL, 'no unknown window');
SELECT is(pg_temp.refused(format('SELECT community.register_job(''t'', ''rollup'', ''1 hour'', ''none'', %L, ''test'')', f)), 'PT422 reason=job_function_invalid', coalesce(f, 'NULL') || ' is no name of a function')
  FROM unnest('{f,"",public.,.f,a.b.c,public.f(),public.f; DROP TABLE x,public.\"f,public f,1.f,NULL}'::text[]) f;
SELECT lives_ok($$SELECT community.register_job('t', 'rollup', '1 hour', 'none', 'public."Later"', 'test')$$, 'a function may come later');
UPDATE community.job SET every = '2 hours', enabled = false WHERE name = 'test.time';
SELECT community.register_job('test.time', 'upkeep', '1 hour', 'time', 'public.job_time2', 'test');
SELECT is((SELECT (every, enabled, watermark_at, function)::text FROM community.job WHERE name = 'test.time'),
          (SELECT ('2 hours'::interval, false, '2025-01-03 06:00Z'::timestamptz, 'public.job_time2')::text), 'registering again keeps interval, switch and watermark');
SELECT is(array(SELECT community._job_backoff(n) FROM unnest('{1,2,3,7,40}'::integer[]) n)::text, '{00:01:00,00:02:00,00:04:00,01:00:00,01:00:00}', 'waits double up to an hour');

-- A run that failed, and one whose session is gone.
UPDATE community.job SET enabled = false WHERE module <> 'test';
SELECT community._job_claim('exchange', now()) AS run \gset
SELECT is((SELECT run_id FROM community.job WHERE name = 'test.none'), :run::bigint, 'a due job is claimed');
SELECT is((SELECT (attempts, next_run)::text FROM community.job WHERE name = 'test.none'), (SELECT (1, now() + interval '1 minute')::text), 'the claim puts it off in case it dies');
SELECT is(community._job_claim('exchange', now()), NULL, 'and nobody else finds it');
SELECT community._job_failed((SELECT run_id FROM community.job WHERE name = 'test.none'), 'P0001: out of paper');
SELECT is((SELECT (attempts, failures, last_error, next_run)::text FROM community.job WHERE name = 'test.none'),
          (SELECT (1, 1, 'P0001: out of paper', now() + interval '1 minute')::text), 'a failure is counted and waits');
SELECT is((SELECT string_agg(severity, '') FROM community._health_jobs() WHERE subject = 'test.none'), 'warn', 'health sees it');
SELECT community._job_claim('exchange', now() + interval '1 hour');
UPDATE community.job_run SET started_at = started_at - interval '2 hours' WHERE state = 'running';
SELECT ok((SELECT bool_or(detail LIKE 'runs since %') FROM community._health_jobs() WHERE subject = 'test.none'), 'health sees a run that does not end');
UPDATE community.job_run SET pid = 0 WHERE state = 'running';
SELECT is((SELECT string_agg(severity, '' ORDER BY severity) FROM community._health_jobs() WHERE subject = 'test.none' AND detail NOT LIKE 'is not due%'), 'warnwarn', 'health sees a session that is gone');
SELECT community._job_reap('exchange');
SELECT is((SELECT (attempts, failures, next_run)::text FROM community.job WHERE name = 'test.none'),
          (SELECT (2, 2, now() + interval '1 hour 2 minutes')::text), 'a killed run is counted, and its wait doubles');
SELECT is((SELECT state FROM community.job_run ORDER BY run_id DESC LIMIT 1), 'killed', 'and recorded as killed');
UPDATE community.job SET attempts = 3 WHERE name = 'test.none';
SELECT is((SELECT severity FROM community._health_jobs() WHERE subject = 'test.none' AND detail NOT LIKE 'is not due%'), 'error', 'three tries are an error');
UPDATE community.job SET next_run = now() - interval '1 day', function = 'public.nowhere' WHERE name = 'test.tx';
SELECT is((SELECT string_agg(severity, ' ' ORDER BY severity) FROM community._health_jobs() WHERE subject = 'test.tx'), 'error warn', 'health sees a job that is late and one without its function');

-- Copies.
SELECT is(pg_temp.refused($$SELECT community.restore_confirm()$$), 'PT409 reason=restore_confirmed');
UPDATE community.installation SET system_identifier = 1;
SELECT is((SELECT detail LIKE '%not been recognised%' FROM community._health_restore()), true, 'health sees a copy at once');
SELECT ok(community.after_restore(), 'another cluster is recognised');
SELECT ok(NOT community.after_restore(), 'once');
SELECT is((SELECT detail LIKE '%restore_confirm()%' FROM community._health_restore()), true, 'health says what to do');
SELECT is(pg_temp.refused($$SELECT community.run_job('test.none')$$), 'PT503 reason=restore_unconfirmed');
SELECT ok(NOT community._run_begin('exchange'), 'the queue exchange stands still');
SELECT ok(community._run_begin('rollup'), 'the others go on');
SELECT community.restore_confirm();
SELECT ok(community._run_begin('exchange'), 'until the copy is confirmed');
SELECT is((SELECT confirmed_by FROM community.installation), session_user::text, 'by whom is known');

-- Retention of what is no log.
UPDATE community.outbox SET sent_at = now() WHERE peer = 'city' AND seq IN (1, 3);
INSERT INTO community.inbox (community_id, peer, msg_id, seq, kind, topic, payload, prev_hash, hash, state)
SELECT 330299001001, 'city', gen_random_uuid(), n, 'directive', 'x', '{}', '', '', CASE n WHEN 2 THEN 'received' ELSE 'applied' END FROM generate_series(1, 3) n;
SELECT community._job_retention(now() + interval '11 years');
SELECT is((SELECT array_agg(seq ORDER BY seq) FROM community.outbox WHERE peer = 'city'), '{2,3}'::bigint[], 'an unsent message and all after it stay');
SELECT is_empty($$SELECT * FROM community.outbox_verify(330299001001, 'city')$$, 'the chain holds from there');
SELECT is((SELECT array_agg(seq ORDER BY seq) FROM community.inbox), '{2,3}'::bigint[], 'a waiting message stays, and the last');
SELECT is((SELECT count(*) FROM community.api_call), 0::bigint, 'answered calls are forgotten');
SELECT is((SELECT count(*) FROM community.job_run), 0::bigint, 'so are runs');
SELECT is((SELECT count(*) FROM community.audit_log), 0::bigint, 'so are old entries of the audit');
SELECT is_empty($$SELECT * FROM community.audit_verify(330299001001)$$, 'and their chain is whole');
SELECT is(community.audit_write(330299001001, 'read', 'person 4', 'visit', 1), 4::bigint, 'it goes on');
SELECT is_empty($$SELECT * FROM community.audit_verify(330299001001)$$, 'and holds');

-- Health itself.
CREATE FUNCTION public.check_broken() RETURNS TABLE (severity text, subject text, detail text) LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'broken'; END$$;
SELECT community.register_health('test.broken', 'public.check_broken', 'test');
SELECT community.register_health('test.missing', 'public.check_missing', 'test');
SELECT is((SELECT string_agg(check_name || ' ' || severity, ', ' ORDER BY check_name) FROM community.health() WHERE check_name LIKE 'test.%'),
          'test.broken error, test.missing error', 'a check that fails is a finding');
SELECT is((SELECT severity FROM community.health() WHERE check_name = 'core.outbox'), 'ok', 'a young message is no backlog');
UPDATE community.outbox SET put_at = now() - interval '2 days';
SELECT is((SELECT severity || ' ' || subject FROM community.health() WHERE check_name = 'core.outbox' AND subject = 'city'), 'warn city', 'an old one is');

-- The auditor reads the chain of the installation, and those of its communities.
SELECT community.member_add('community_auditor', 'audit', 330299001001);
SELECT community.audit_write(0, 'x', 'y', 'z', 0);
SELECT community.audit_write(330299001902, 'read', 'person 5', 'visit', 1);
SET SESSION AUTHORIZATION community_auditor;
SELECT is((SELECT array_agg(DISTINCT community_id ORDER BY community_id) FROM community.audit_log), '{0,330299001001}'::bigint[], 'an auditor sees the chains of the scope');
SELECT is_empty($$SELECT * FROM community.audit_verify(0)$$, 'and verifies them');
SELECT throws_ok($$DELETE FROM community.audit_log$$, '42501', NULL, 'but changes none');
SELECT throws_ok($$SELECT * FROM community.audit_log_default$$, '42501', NULL, 'nor reads a partition around the policy');
RESET SESSION AUTHORIZATION;

-- Grants.
DELETE FROM community.grant_rule WHERE module = 'test';
SET ROLE community_owner;
SELECT ok(community.apply_grants() >= 9, 'rules that are gone take their privileges along');
SELECT is(community.apply_grants(), 0::bigint, 'nothing is left to change');
SELECT ok(NOT has_function_privilege('test_person', 'community.setting_set(text,text,bigint)', 'EXECUTE'), 'a stranger cannot call');
GRANT SELECT ON community.member TO community_bi;
REVOKE EXECUTE ON FUNCTION community.my_communities() FROM PUBLIC;
SELECT is(community.apply_grants(), 2::bigint, 'what no rule gives is taken, what a rule gives is given');
SELECT ok(NOT has_table_privilege('community_bi', 'community.member', 'SELECT'), 'taken');
SELECT ok(has_function_privilege('community_bi', 'community.my_communities()', 'EXECUTE'), 'given');
RESET ROLE;
SELECT ok(has_function_privilege('community_admin', 'community.restore_confirm()', 'EXECUTE'), 'an administrator may confirm a copy');
SELECT ok(NOT has_function_privilege('community_app', 'community.restore_confirm()', 'EXECUTE'), 'an application may not');
SELECT is((SELECT string_agg(DISTINCT action, ' ') FROM community.setup_roles('')), 'taken', 'roles are set up once');
SELECT ok(NOT has_database_privilege('test_person', current_database(), 'TEMP'), 'PUBLIC has no temporary tables');
SELECT ok(NOT has_schema_privilege('test_person', 'public', 'CREATE'), 'nor the schema public');
SELECT is((SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname LIKE 'community\_%' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)), NULL, 'no role of the platform is powerful');
SELECT is((SELECT string_agg(m.role, ' ') FROM community.role_map m WHERE pg_has_role(m.role_name, 'community_owner', 'MEMBER')), 'job', 'only the job role acts as the owner');
CREATE ROLE zz_community_admin SUPERUSER;
SELECT is(pg_temp.refused($$SELECT community.setup_roles('zz_')$$), 'PT403 reason=role_powerful');
SELECT is(pg_temp.refused($$SELECT community.setup_roles('Zürich ')$$), 'PT400 reason=prefix_invalid');
SET ROLE community_owner;
SELECT throws_ok($$SELECT community.setup_roles('')$$, 'PT403', NULL, 'setting roles up takes a superuser');
RESET ROLE;
INSERT INTO seen VALUES ('superuser_needed');

-- pg_cron lives in another database here, without a way to reach it.
SELECT is((SELECT count(*) FROM community.schedule_jobs() WHERE action = 'run the statement in database community'), 5::bigint, 'schedule_jobs says what to run there');
SELECT matches((SELECT statement FROM community.schedule_jobs() WHERE job LIKE 'community: rollup @ %'),
               'cron.schedule_in_database\(.*CALL community.run_due\(''''rollup''''\).*, ''community_job''\)', 'in the other database, for this one, as the job role');
SELECT is((SELECT count(*) FROM community.unschedule_jobs()), 4::bigint, 'so does unschedule_jobs');
DELETE FROM community.role_map;
SELECT is(pg_temp.refused($$SELECT community.schedule_jobs()$$), 'PT409 reason=roles_missing');

-- cron_absent needs a server without pg_cron: test/t/020_jobs.pl.
SELECT is_empty($$SELECT reason FROM community.refusal WHERE module = 'core' AND reason <> 'cron_absent'
                  EXCEPT SELECT reason FROM seen$$, 'every refusal of core was provoked');
SELECT * FROM finish();
ROLLBACK;
