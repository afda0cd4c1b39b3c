-- API functions of persons: an app's login, its rights, and keys.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
CREATE FUNCTION public.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_message text;
BEGIN
    EXECUTE p_sql;
    RETURN 'no refusal';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_message = MESSAGE_TEXT;
    RETURN COALESCE(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE || ' ' || v_message);
END
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential');
CREATE ROLE app_clerk LOGIN IN ROLE community_app;
CREATE ROLE app_reader LOGIN IN ROLE community_app;
CREATE ROLE app_stranger LOGIN IN ROLE community_app;
SELECT community.member_add('app_clerk', c, NULL, '330299001')
  FROM unnest('{person_read,person_write,person_merge,person_erase,care_write,consent_write,purpose_contact,purpose_subject}'::text[]) c;
SELECT community.member_add('app_reader', 'person_read', 330299001002), community.member_add('app_stranger', 'person_read', 330299001001);
CREATE TEMP TABLE got (k text, id bigint);
GRANT ALL ON got TO PUBLIC;

SET SESSION AUTHORIZATION app_clerk;
INSERT INTO got SELECT 'wang', community_api.person_add('00000000-0000-0000-0000-000000000001', 330299001001, '王小明', 'passport', 'E12345678', '13800138000', '{"birth_year": "1950"}');
SELECT is(community_api.person_add('00000000-0000-0000-0000-000000000001', 330299001001, '王小明', 'passport', 'E12345678', '13800138000', '{"birth_year": "1950"}'), id, 'the same key returns the first answer') FROM got;
SELECT is(reason($$SELECT community_api.person_add('00000000-0000-0000-0000-000000000001', 330299001001, '王小明', 'passport', 'E12345679', '13800138000', '{"birth_year": "1950"}')$$), 'key_reused', 'with other values it is refused');
SELECT is(reason($$SELECT community_api.person_add(NULL, 330299001001, '王小明')$$), 'key_missing', 'a command needs a key');
SELECT is(reason($$SELECT community_api.person_add(gen_random_uuid(), 330299001002, 'x', 'passport', 'e12345678')$$), 'person_known', 'one record in the city');
SELECT is(reason($$SELECT community_api.person_add(gen_random_uuid(), 330299000000, 'x')$$), 'capability_missing', 'not in the district');
SELECT is((SELECT name || phone FROM community_api.person_get(330299001001, id)), '王**138******00', 'masked') FROM got;
SELECT is((SELECT count(*) FROM community_api.person_find(330299001001, 'phone', '138 0013 8000')), 1::bigint, 'found');
INSERT INTO got SELECT 'home', community_api.person_change('00000000-0000-0000-0000-000000000002', 330299001001, id, 'reside', '{"kind": "registered", "on": "2020-01-01"}') FROM got WHERE k = 'wang';
INSERT INTO got SELECT 'flat', community_api.person_change('00000000-0000-0000-0000-000000000003', 330299001001, id, 'reside', '{"kind": "floating", "on": "2021-01-01", "place_id": 330299001002, "replace": true}') FROM got WHERE k = 'wang';
SELECT is(community_api.person_change('00000000-0000-0000-0000-000000000003', 330299001001, (SELECT id FROM got WHERE k = 'wang'), 'reside', '{"kind": "floating", "on": "2021-01-01", "place_id": 330299001002, "replace": true}'), id, 'once') FROM got WHERE k = 'flat';
SELECT lives_ok(format($$SELECT community_api.person_change(gen_random_uuid(), 330299001001, %s, a, d) FROM (VALUES
    ('correct', '{"name": "王晓明"}'::jsonb), ('care', '{"tag": "living_alone"}'), ('consent', '{"purpose": "care", "evidence": "form"}'), ('care_end', jsonb_build_object('tag', 'living_alone', 'on', CURRENT_DATE + 1))) v (a, d)$$, id), 'changes') FROM got WHERE k = 'wang';
SELECT is(reason(format($$SELECT community_api.person_change(gen_random_uuid(), 330299001001, %s, 'marry')$$, id)), 'person_action', 'not everything') FROM got WHERE k = 'wang';
-- Everything that one does for another is on record.
INSERT INTO got SELECT 'aunt', community_api.person_add('00000000-0000-0000-0000-000000000007', 330299001001, '王大姑', NULL, NULL, NULL, '{"birth_year": "1970"}');
SELECT is(reason(format($$SELECT community_api.person_change(gen_random_uuid(), 330299001001, %s, 'correct', '{"phone": "13900139000", "by_person_id": %s}')$$, w.id, a.id)), 'guardian_missing', 'only a guardian or proxy acts for him') FROM got w, got a WHERE w.k = 'wang' AND a.k = 'aunt';
RESET SESSION AUTHORIZATION;
SELECT community.guardian_add(330299001001, w.id, 330299001001, a.id, 'proxy', 'power of attorney 7') FROM got w, got a WHERE w.k = 'wang' AND a.k = 'aunt';
SET SESSION AUTHORIZATION app_clerk;
SELECT lives_ok(format($$SELECT community_api.person_change(gen_random_uuid(), 330299001001, %s, a, d || '{"by_person_id": %s}') FROM (VALUES
    (1, 'correct', '{"phone": "13800138000"}'::jsonb), (2, 'care', '{"tag": "disabled"}'), (3, 'consent', '{"purpose": "care", "evidence": "form 2"}')) v (n, a, d) ORDER BY n$$, w.id, a.id), 'the proxy does') FROM got w, got a WHERE w.k = 'wang' AND a.k = 'aunt';
RESET SESSION AUTHORIZATION;
SELECT results_eq('SELECT a.action, a.actor FROM community.proxy_act a ORDER BY a.proxy_act_id', $$VALUES ('correct', 'app_clerk'), ('care', 'app_clerk'), ('consent', 'app_clerk')$$, 'and each act is on record, with the clerk who entered it');
SET SESSION AUTHORIZATION app_clerk;
SELECT is(reason('SELECT community_api.access_read(NULL, 1)'), 'key_missing', 'readings need a key');
SELECT is(reason('SELECT community_api.person_export(NULL, 1)'), 'key_missing', 'copies too');
SELECT is(community_api.person_export(gen_random_uuid(), 1) ->> 'status', 'ticket_unknown', 'no ticket, no copy');
INSERT INTO got SELECT 'ticket', community_api.access_open('00000000-0000-0000-0000-000000000004', 'contact', 'person/330299001001/' || id, '{"reason": "x"}') FROM got WHERE k = 'wang';
SELECT is(community_api.access_open('00000000-0000-0000-0000-000000000004', 'contact', 'person/330299001001/' || w.id, '{"reason": "x"}'), t.id, 'one key, one ticket') FROM got w, got t WHERE w.k = 'wang' AND t.k = 'ticket';
SELECT is((SELECT status FROM community_api.access_read(gen_random_uuid(), id)), 'ticket_uncommitted', 'not before the commit') FROM got WHERE k = 'ticket';
RESET SESSION AUTHORIZATION;
SELECT is_empty($$SELECT FROM community.api_call a WHERE a::text ~ '王|E12345678|13800138000'$$, 'the log of calls holds no clear value');

-- Who may see a person: where it is kept, and where it lives today.
SET SESSION AUTHORIZATION app_reader;
SELECT is((SELECT name FROM community_api.person_get(330299001001, id)), '王**', 'where he lives') FROM got WHERE k = 'wang';
SELECT is(reason(format($$SELECT community_api.person_change(gen_random_uuid(), 330299001001, %s, 'death')$$, id)), 'capability_missing', 'reading is not writing') FROM got WHERE k = 'wang';
SET SESSION AUTHORIZATION app_stranger;
SELECT is((SELECT name FROM community_api.person_get(330299001001, id)), '王**', 'where he is on record') FROM got WHERE k = 'wang';
SELECT is(reason('SELECT community_api.person_get(330299001002, 1)'), 'capability_missing', 'nowhere else');
RESET SESSION AUTHORIZATION;

SET SESSION AUTHORIZATION app_clerk;
INSERT INTO got SELECT 'moved', community_api.person_change('00000000-0000-0000-0000-000000000005', 330299001001, id, 'move', '{"to_community_id": 330299001002, "kind": "floating", "on": "2025-01-01"}') FROM got WHERE k = 'wang';
SELECT is((SELECT name FROM community_api.person_get(330299001002, id)), '王**', 'moved') FROM got WHERE k = 'moved';
INSERT INTO got SELECT 'dup', community_api.person_add('00000000-0000-0000-0000-000000000006', 330299001002, '王晓明');
SELECT cmp_ok(community_api.person_change(gen_random_uuid(), 330299001002, a.id, 'merge', jsonb_build_object('merged_id', b.id, 'reason', 'same')), '>', 0::bigint, 'merged') FROM got a, got b WHERE a.k = 'moved' AND b.k = 'dup';
SELECT is(community_api.person_change(gen_random_uuid(), 330299001002, id, 'erase', '{"reason": "request"}'), 3::bigint, 'erased: the record, its duplicate, and what the move left') FROM got WHERE k = 'moved';
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
