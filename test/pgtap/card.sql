-- Cards: keys, life, applications, bindings, PINs, doors, offline readers,
-- passes, payment, identity, certificates, and every refusal.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v_detail text;
BEGIN
    EXECUTE p_sql;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;

-- Keys.
SELECT ok((SELECT count(*) FROM community.card_key_sync()) >= 9, 'the keys of the ring are noted');
SELECT is((SELECT count(*) FROM community.card_key_sync()), 0::bigint, 'once');
SELECT is_empty('SELECT * FROM community._health_card()', 'and all is well');
SAVEPOINT s;
UPDATE community.card_key SET kcv = '\x00000000' WHERE use = 'index' AND status = 'active';
SELECT is((SELECT change FROM community.card_key_sync()), 'differs', 'a ring that is not the right one shows');
SELECT is((SELECT severity FROM community._health_card()), 'error', 'and is an error of health');
ROLLBACK TO s;
UPDATE community.card_key SET use = 'ed25519' WHERE use = 'sign-ed25519' AND status = 'active';
SELECT is((SELECT change FROM community.card_key_sync()), 'differs', 'so does a key that is given another use');
SELECT is((SELECT severity FROM community._health_card()), 'error', 'which is an error of health too');
ROLLBACK TO s;
INSERT INTO community.card_key (key_id, use, kcv, status) VALUES (65000, 'ed25519', '\x01020304', 'active');
UPDATE community.card_key SET valid = tstzrange(now() - interval '1 year', now() + interval '3 days') WHERE use = 'pin' AND status = 'active';
SELECT is((SELECT count(*) FROM community._health_card() WHERE severity = 'warn'), 2::bigint, 'a missing key and one that ends are warnings');
ROLLBACK TO s;

-- Issuer and new cards.
SELECT community.community_register('330203001001', 'One', 'residential');
SELECT community.community_register('330203001002', 'Two', 'residential');
SELECT community.card_issuer_add(330203001001, 7);
SELECT is(pg_temp.reason('SELECT community.card_issuer_add(330203001001, 8)'), 'issuer_exists', 'a community issues under one number');
SELECT is(pg_temp.reason('SELECT community.card_issuer_add(330203001002, 7)'), 'issuer_exists', 'which is its own');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001002, '{1}', 'resident', '{door}', now() + interval '1 year')$$), 'issuer_unknown', 'no cards without an issuer');
CREATE TEMP TABLE c AS SELECT * FROM community.card_apply(330203001001, '{1,2,3,NULL}', 'resident', '{door,identity,debit,volunteer}', now() + interval '3 years', '{330203001001}');
SELECT is((SELECT count(*) FROM c), 4::bigint, 'four cards are applied for');
SELECT is((SELECT array_agg(card_index ORDER BY card_index) FROM community.card), '{0,1,2,3}', 'with dense indexes');
SELECT is((SELECT count(DISTINCT holder) FROM community.card), 4::bigint, 'and pseudonyms');
SELECT is((SELECT count(*) FROM community.card_index i JOIN community.card c USING (community_id, card_id) WHERE i.number_key = c.card_no::bigint), 4::bigint, 'all found by number');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001001, '{9,1}', 'resident', '{door}', now() + interval '1 year')$$), 'card_live', 'one live card per person and kind: all or none');
SELECT is((SELECT count(*) FROM community.card), 4::bigint, 'none');
SELECT is((SELECT count(*) FROM community.card_apply(330203001001, '{1}', 'volunteer', '{volunteer}', now() + interval '1 year')), 1::bigint, 'another kind is another card');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001001, '{5}', 'king', '{door}', now() + interval '1 year')$$), 'card_form', 'an unknown kind');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001001, '{5}', 'resident', '{window}', now() + interval '1 year')$$), 'card_form', 'an unknown application');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001001, '{5}', 'resident', '{door}', now() - interval '1 year')$$), 'card_form', 'a validity that is over');
SELECT is(pg_temp.reason($$SELECT community.card_apply(330203001001, '{5}', 'resident', '{door}', now() + interval '1 year', (SELECT array_agg((330203001 + i)::text) FROM generate_series(0, 8) i))$$), 'card_form', 'nine zones');
SELECT is((SELECT count(*) FROM community.card_apply(330203001001, '{}', 'resident', '{door}', now() + interval '1 year')), 0::bigint, 'nobody');
SELECT throws_ok($$INSERT INTO community.card (community_id, number_key, card_no, issuer, card_index, person_id, holder, kind, not_before, expires)
    VALUES (330203001001, community.cardno_new(330203, 999999)::bigint, community.cardno_new(330203, 999999), 7, 99, 1, 1, 'resident', now(), now() + interval '1 day')$$, '23505', NULL,
    'no client gives a person two live cards of a kind');

-- Life.
CREATE TEMP TABLE me AS SELECT card_id AS id, card_no FROM c WHERE person_id = 1;
CREATE FUNCTION pg_temp.ev(p_event text, p_until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$ SELECT community.card_event(330203001001, (SELECT id FROM me), p_event, 'test', p_until) $$;
SELECT is(pg_temp.reason('SELECT community.card_issue(330203001001, (SELECT id FROM me))'), 'card_transition', 'only a produced card is issued');
SELECT is(pg_temp.reason($$SELECT pg_temp.ev('activate')$$), 'card_transition', 'an applied card is not activated');
SELECT is(pg_temp.reason($$SELECT pg_temp.ev('dance')$$), 'card_transition', 'an unknown event');
SELECT is(pg_temp.reason($$SELECT community.card_event(330203001001, 0, 'produce')$$), 'card_unknown', 'an unknown card');
SELECT is(pg_temp.ev('produce'), 'produced', 'produced');
CREATE TEMP TABLE cred AS SELECT i.credential::community.credential AS cred, i.qr FROM community.card_issue(330203001001, (SELECT id FROM me)) i;
SELECT is(pg_temp.reason('SELECT community.card_issue(330203001001, (SELECT id FROM me))'), 'card_transition', 'the credential is given once');
SELECT is((SELECT credential_hash FROM community.card JOIN me ON card_id = id), sha256(cred::bytea), 'its hash is kept') FROM cred;
SELECT is_empty($$SELECT a.attname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid WHERE a.atttypid = 'community.credential'::regtype AND t.relkind IN ('r', 'p') AND t.relnamespace = 'community'::regnamespace$$, 'no table holds a credential');
SELECT is(qr::community.credential::text, cred::text, 'the QR form is the same credential') FROM cred;

-- A zone with two doors.
CREATE TEMP TABLE z AS SELECT community.zone_add(330203001001, 'Building 1') AS zone;
CREATE TEMP TABLE d AS SELECT community.point_add(330203001001, zone, 'Front', '330203001001003', 'in') AS front,
    community.point_add(330203001001, zone, 'Back', '330203001001003', 'out') AS back, community.point_add(330203001001, zone, 'Chip', '330203001001003', 'in', true) AS chip FROM z;
CREATE FUNCTION pg_temp.door(p_point bigint DEFAULT NULL, p_counter bigint DEFAULT NULL, p_attempt bigint DEFAULT NULL, p_cred community.credential DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT o.decision || ' ' || o.reason FROM community.door_open(330203001001, coalesce(p_point, (SELECT front FROM d)), coalesce(p_cred, (SELECT cred FROM cred)), p_counter, p_attempt) o $$;
SELECT is(pg_temp.reason($$SELECT community.point_add(330203001001, 0, 'x', '330203001001')$$), 'zone_unknown', 'a door needs a zone');
SELECT is(pg_temp.reason($$SELECT community.rule_add(330203001001, 0)$$), 'zone_unknown', 'a rule too');
SELECT is(pg_temp.reason($$SELECT community.zone_mode(330203001001, 0, 'locked', 'x')$$), 'zone_unknown', 'a mode too');
SELECT is(pg_temp.reason($$SELECT community.door_open(330203001001, 0, (SELECT cred FROM cred))$$), 'point_unknown', 'an unknown door');
SELECT is(pg_temp.door(), 'refused card_issued', 'a card that is not active opens nothing');
SELECT is(pg_temp.ev('activate'), 'active', 'activated');
SELECT is(pg_temp.door(), 'refused no_rule', 'without a rule nobody passes');
SELECT is(pg_temp.reason($$SELECT community.rule_add(330203001001, (SELECT zone FROM z), 'Mo 25:00')$$) LIKE '22P02%', true, 'hours must be hours');
CREATE TEMP TABLE r AS SELECT community.rule_add(330203001001, zone, '24/7', 'worker') AS worker FROM z;
SELECT is(pg_temp.door(), 'refused no_rule', 'a rule for others');
SELECT lives_ok($$SELECT community.rule_add(330203001001, zone, 'off', 'resident') FROM z$$, 'a rule that is never open');
SELECT is(pg_temp.door(), 'refused out_of_hours', 'out of hours');
CREATE TEMP TABLE r2 AS SELECT community.rule_add(330203001001, zone, to_char(now() AT TIME ZONE 'Asia/Shanghai' - interval '1 minute', 'HH24:MI') || '-' || to_char(now() AT TIME ZONE 'Asia/Shanghai' + interval '2 hours', 'HH24:MI'), 'resident') AS rule FROM z;
SELECT is(pg_temp.door(), 'granted ok', 'within hours');
SELECT is((SELECT count(*) FROM community.door_log), 5::bigint, 'every decision is logged');
SELECT is((SELECT count(*) FROM community.door_log WHERE holder = community.card_pseudonym(7, 1)), 5::bigint, 'by pseudonym');
SELECT is(pg_temp.door(p_cred => set_bit((SELECT cred FROM cred)::bytea, 150, 1 - get_bit((SELECT cred FROM cred)::bytea, 150))::community.credential), 'refused bad_tag', 'a forged one');
SELECT is((SELECT holder FROM community.door_log ORDER BY log_id DESC LIMIT 1), NULL, 'tells no holder');
SELECT is(pg_temp.door(p_point => community.point_add(330203001001, zone, 'Far', '330203001002001')), 'refused wrong_zone', 'a door outside its zones') FROM z;
UPDATE community.access_point SET active = false FROM d WHERE point_id = front;
SELECT is(pg_temp.door(), 'refused point_off', 'a door out of service');
UPDATE community.access_point SET active = true FROM d WHERE point_id = front;

-- Counters.
SELECT is(pg_temp.door(p_point => chip), 'refused counter_missing', 'a door that wants a counter') FROM d;
SELECT is(pg_temp.door(p_counter => 100), 'granted ok', 'the first counter');
SELECT is(pg_temp.door(p_counter => 100), 'refused replay', 'is good once');
SELECT is(pg_temp.door(p_counter => 103), 'granted ok', 'a higher one');
SELECT is(pg_temp.door(p_counter => 101), 'granted ok', 'a late one');
SELECT is(pg_temp.door(p_counter => 101), 'refused replay', 'once');
SELECT is(pg_temp.door(p_counter => 100), 'refused replay', 'the first stays used');
SELECT is(pg_temp.door(p_counter => 167), 'granted ok', '64 further');
SELECT is(pg_temp.door(p_counter => 103), 'refused replay', 'at the end of the window');
SELECT is(pg_temp.door(p_counter => 102), 'refused replay', 'and before it');
SELECT is(pg_temp.door(p_counter => 104), 'granted ok', 'within');
SELECT is(pg_temp.door(p_counter => 1000), 'granted ok', 'far ahead');
SELECT is(pg_temp.door(p_counter => 936), 'granted ok', 'the oldest of the new window');
SELECT is(pg_temp.door(p_counter => 935), 'refused replay', 'older');
SELECT is(pg_temp.door(p_counter => -1), 'refused replay', 'less than nothing');

-- Losses.
SELECT is(pg_temp.reason($$SELECT pg_temp.ev('lose_temp')$$), 'temp_loss_time', 'a temporary loss has an end');
SELECT is(pg_temp.reason($$SELECT pg_temp.ev('lose_temp', now() + interval '8 days')$$), 'temp_loss_time', 'within a week');
SELECT is(pg_temp.ev('lose_temp', now() + interval '1 day'), 'temp_lost', 'lost for a day');
SELECT is(pg_temp.door(), 'refused card_temp_lost', 'opens nothing');
SELECT is(pg_temp.ev('found'), 'active', 'found');
SELECT is(pg_temp.ev('lose_temp', now() + interval '1 day'), 'temp_lost', 'lost again');
UPDATE community.card SET state_until = clock_timestamp() FROM me WHERE card_id = id;
SELECT is(pg_temp.door(), 'granted ok', 'at its end it opens without any job');
SELECT is(community._job_card_lapse(clock_timestamp()), 1::bigint, 'which writes it down');
SELECT is((SELECT state FROM community.card JOIN me ON card_id = id), 'active', 'afterwards');
SELECT is(community.card_state_at('temp_lost', '2026-01-01', '2027-01-01', '2025-12-31 23:59:59.999999'), 'temp_lost', 'to the microsecond');
SELECT is(community.card_state_at('temp_lost', '2026-01-01', '2027-01-01', '2026-01-01'), 'active', 'exactly');
SELECT is(community.card_state_at('active', NULL, '2027-01-01', '2027-01-01'), 'expired', 'validity too');
SELECT is(community.card_state_at('lost', NULL, '2027-01-01', '2028-01-01'), 'lost', 'final states stay');
SELECT is(pg_temp.ev('freeze'), 'frozen', 'an authority freezes');
SELECT is(pg_temp.door(), 'refused card_frozen', 'a frozen card opens nothing');
SELECT is(pg_temp.ev('release'), 'active', 'and releases');

-- Applications.
SELECT community.card_app_set(330203001001, id, 'door', 'suspended', 'test') FROM me;
SELECT is(pg_temp.door(), 'refused application_off', 'an application on its own');
SELECT community.card_app_set(330203001001, id, 'door', 'enabled') FROM me;
SELECT is(pg_temp.door(), 'granted ok', 'is enabled again');
SELECT community.card_app_set(330203001001, id, 'volunteer', 'revoked') FROM me;
SELECT is(pg_temp.reason($$SELECT community.card_app_set(330203001001, id, 'volunteer', 'enabled') FROM me$$), 'card_app_final', 'revoked is final');
SELECT is(pg_temp.reason($$SELECT community.card_app_set(330203001001, id, 'parking', 'enabled') FROM me$$), 'card_form', 'an application that the card has not');

-- Holidays, by the calendar that the community keeps.
SAVEPOINT h;
SELECT community.setting_set('calendar', 'test', 330203001001);
DELETE FROM community.access_rule;
SELECT lives_ok($$SELECT community.rule_add(330203001001, zone, 'Mo-Su 00:00-24:00; PH off', 'resident') FROM z$$, 'a rule of ordinary days');
SELECT is(pg_temp.door(), 'granted ok', 'on one');
INSERT INTO community.calendar (calendar, day, kind, name, source) SELECT 'test', (now() AT TIME ZONE 'Asia/Shanghai')::date + n, 'holiday', 'Day', 'test' FROM generate_series(0, 1) n;
SELECT is(pg_temp.door(), 'refused out_of_hours', 'but not on a holiday');
ROLLBACK TO h;

-- Lock-down and fire.
SELECT community.zone_mode(330203001001, zone, 'locked', 'drill') FROM z;
SELECT is(pg_temp.door(), 'refused locked', 'locked down');
SELECT lives_ok($$SELECT community.rule_add(330203001001, zone, '24/7', 'resident', p_when_locked => true) FROM z$$, 'but for whom a rule says so');
SELECT is(pg_temp.door(), 'granted ok', 'passes');
DELETE FROM community.access_rule WHERE when_locked;
SELECT community.zone_mode(330203001001, zone, 'released', 'fire') FROM z;
SELECT is(pg_temp.door(p_cred => set_bit((SELECT cred FROM cred)::bytea, 150, 1 - get_bit((SELECT cred FROM cred)::bytea, 150))::community.credential), 'granted released', 'in a fire the door is open');
SELECT community.zone_mode(330203001001, zone, 'normal', 'over') FROM z;
SELECT is((SELECT count(*) FROM community.audit_log WHERE action ~ '^zone_'), 3::bigint, 'audited');

-- Anti-passback.
UPDATE community.access_zone SET anti_passback = 'hard' FROM z WHERE zone_id = zone;
SELECT is(pg_temp.door(), 'granted ok', 'in');
SELECT is(pg_temp.door(), 'refused passback', 'not in again');
SELECT is(pg_temp.door(p_point => back), 'granted ok', 'out') FROM d;
SELECT is(pg_temp.door(p_point => back), 'refused passback', 'not out again') FROM d;
UPDATE community.area_state SET at = at - interval '13 hours';
SELECT is(pg_temp.door(p_point => back), 'granted ok', 'forgiven after a time') FROM d;
UPDATE community.access_zone SET anti_passback = 'soft' FROM z WHERE zone_id = zone;
SELECT is(pg_temp.door(p_point => back), 'granted passback_marked', 'or only marked') FROM d;
UPDATE community.access_zone SET anti_passback = 'off' FROM z WHERE zone_id = zone;

-- An area of two zones: entered by a door of either, left by a door of either.
SAVEPOINT area;
CREATE TEMP TABLE ar AS SELECT w.a, community.zone_add(330203001001, 'West', 'hard', '12 hours', w.a) AS b FROM (SELECT community.zone_add(330203001001, 'East', 'hard') AS a) w;
CREATE TEMP TABLE ad AS SELECT community.point_add(330203001001, a, 'East in', '330203001001003', 'in') AS a_in, community.point_add(330203001001, b, 'West in', '330203001001003', 'in') AS b_in,
    community.point_add(330203001001, b, 'West out', '330203001001003', 'out') AS b_out, community.point_add(330203001001, community.zone_add(330203001001, 'South', 'hard', p_within => b), 'South in', '330203001001003', 'in') AS c_in FROM ar;
SELECT community.rule_add(z.community_id, z.zone_id) FROM community.access_zone z WHERE z.name IN ('East', 'West', 'South');
SELECT is(pg_temp.door(p_point => a_in), 'granted ok', 'into the area by one door') FROM ad;
SELECT is(pg_temp.door(p_point => b_in), 'refused passback', 'not again by another') FROM ad;
SELECT is(pg_temp.door(p_point => c_in), 'refused passback', 'nor by that of a zone within a zone') FROM ad;
SELECT is(pg_temp.door(p_point => b_out), 'granted ok', 'out by any') FROM ad;
SELECT is(pg_temp.door(p_point => c_in), 'granted ok', 'and in by any') FROM ad;
SELECT is((SELECT count(*) FROM ad, me JOIN community.card k ON k.card_id = me.id, community.door_upload(330203001001, b_out, jsonb_build_array(jsonb_build_object('no', 1, 'at', clock_timestamp(), 'holder', k.holder, 'card', k.number_key, 'decision', 'granted', 'reason', 'ok')))), 1::bigint, 'a reader uploads that it went out');
SELECT is(pg_temp.door(p_point => a_in), 'granted ok', 'so it may come in') FROM ad;
SELECT is(pg_temp.reason($$SELECT community.zone_add(330203001001, 'North', 'hard', '1 hour', 0)$$), 'zone_unknown', 'within a known zone');
ROLLBACK TO area;

-- PINs: the attempt is judged once committed, so nothing is learnt in one transaction.
SELECT is(pg_temp.reason($$SELECT community.pin_attempt(330203001001, id, '1234') FROM me$$), 'pin_unset', 'no PIN yet');
SELECT is(pg_temp.reason($$SELECT community.pin_set(330203001001, id, '12') FROM me$$), 'pin_form', 'too short');
SELECT is(pg_temp.reason($$SELECT community.pin_set(330203001001, id, '1234', '1234') FROM me$$), 'pin_same', 'duress is another');
SELECT lives_ok($$SELECT community.pin_set(330203001001, id, '1234', '9876') FROM me$$, 'a PIN and one under duress');
CREATE TEMP TABLE a AS SELECT community.pin_attempt(330203001001, id, '1234') AS attempt FROM me;
SELECT is(community.pin_result(330203001001, attempt), 'uncommitted', 'uncommitted attempts tell nothing') FROM a;
SELECT is(community.pin_result(330203001001, 0), 'uncommitted', 'nor unknown ones');
SELECT is(pg_temp.reason($$SELECT community.pin_attempt(330203001001, id, 'abcd') FROM me$$), 'pin_form', 'not a PIN');
SELECT lives_ok($$SELECT community.pin_attempt(330203001001, id, '0000') FROM me$$, 'a second');
SELECT lives_ok($$SELECT community.pin_attempt(330203001001, id, '0001') FROM me$$, 'a third');
SELECT is(pg_temp.reason($$SELECT community.pin_attempt(330203001001, id, '0002') FROM me$$), 'pin_locked', 'and no more');
DELETE FROM community.access_rule;
SELECT lives_ok($$SELECT community.rule_add(330203001001, zone, '24/7', 'resident', p_needs_pin => true) FROM z$$, 'a rule with a PIN');
SELECT is(pg_temp.door(), 'refused pin_missing', 'no attempt');
SELECT is(pg_temp.door(p_attempt => attempt), 'refused pin_uncommitted', 'an uncommitted one') FROM a;
-- what a committed, judged attempt does
UPDATE community.pin_attempt SET outcome = 'right', guess = NULL FROM a WHERE attempt_id = attempt;
SELECT is(pg_temp.door(p_attempt => attempt), 'granted ok', 'a right PIN') FROM a;
SELECT is(pg_temp.door(p_attempt => attempt), 'refused pin_used', 'opens once') FROM a;
UPDATE community.pin_attempt SET outcome = 'duress', used = false FROM a WHERE attempt_id = attempt;
SELECT is(pg_temp.door(p_attempt => attempt), 'granted duress', 'duress opens and tells') FROM a;
UPDATE community.pin_attempt SET outcome = 'wrong', used = false FROM a WHERE attempt_id = attempt;
SELECT is(pg_temp.door(p_attempt => attempt), 'refused pin_wrong', 'a wrong one') FROM a;
DELETE FROM community.access_rule;
SELECT lives_ok($$SELECT community.rule_add(330203001001, zone, '24/7', p_person_id => 1) FROM z$$, 'a rule for one person');
SELECT is(pg_temp.door(), 'granted ok', 'lets that person in');
UPDATE community.access_rule SET person_id = NULL, group_name = 'board';
SELECT is(pg_temp.door(), 'refused no_rule', 'a group without him');
INSERT INTO community.access_group (community_id, group_name, person_id) VALUES (330203001001, 'board', 1);
SELECT is(pg_temp.door(), 'granted ok', 'and with');

-- Retired keys.
SELECT community.card_key_status((SELECT key_id FROM community.card_key WHERE use = 'ed25519' AND status = 'active'), 'retired');
SELECT is(pg_temp.door(), 'refused no_key', 'a retired key opens nothing');
SELECT community.card_key_status((SELECT key_id FROM community.card_key WHERE use = 'ed25519' AND status = 'retired'), 'active');
SELECT throws_ok($$SELECT community.card_key_status(1, 'odd')$$, '23514', NULL, 'a status is one of five');
SELECT is(pg_temp.reason('SELECT community.card_key_status(65000, $$retired$$)'), 'key_gone', 'an unknown key');
SAVEPOINT keys;
SELECT community.card_key_status(1, 'destroyed');
SELECT is(pg_temp.reason('SELECT community.card_key_status(1, $$active$$)'), 'key_gone', 'a destroyed key stays so');
ROLLBACK TO keys;

-- Readers without connection.
SELECT is(community.card_publish(330203001001), 1, 'a status bitmap is published');
SELECT is(pg_temp.reason('SELECT community.card_publish(330203001002)'), 'issuer_unknown', 'by issuers only');
SELECT is(community.status_bitmap_revoked(bitmap, 0), false, 'the active card is clear') FROM community.card_status;
SELECT is(community.status_bitmap_revoked(bitmap, 1), true, 'those not active are marked') FROM community.card_status;
SELECT is(community._job_card_publish(now()), 0::bigint, 'nothing changed, nothing is published');
CREATE TEMP TABLE pack AS SELECT community.door_package(330203001001, front) AS p FROM d;
SELECT ok(p->>'bitmap' IS NOT NULL AND p->>'code' = '330203001001003' AND jsonb_array_length(p->'keys') >= 2, 'a package with bitmap and keys') FROM pack;
SELECT is(p->'rules'->0->'holders'->>0, (SELECT holder::text FROM community.card JOIN me ON card_id = id), 'and whom the rules admit, by pseudonym') FROM pack;
SELECT is((SELECT string_agg(DISTINCT k, ',' ORDER BY k) FROM pack, jsonb_array_elements(p->'keys') e, jsonb_object_keys(e) k), 'key,public,suite', 'keys are public halves only');
SELECT is(pg_temp.reason('SELECT community.door_package(330203001001, 0)'), 'point_unknown', 'for known doors');
SELECT is(pg_temp.ev('lose'), 'lost', 'the card is lost for good');
SELECT is(pg_temp.door(), 'refused card_lost', 'and opens nothing');
SELECT is(community._job_card_publish(now()), 1::bigint, 'the loss is published');
SELECT is(community.status_bitmap_revoked(bitmap, 0), true, 'in the next bitmap') FROM community.card_status WHERE epoch = 2;
SELECT is(community.status_bitmap_apply((SELECT bitmap FROM community.card_status WHERE epoch = 1), decode(community.door_package(330203001001, front, 1)->>'delta', 'base64')),
    (SELECT bitmap FROM community.card_status WHERE epoch = 2), 'which the package carries as a delta') FROM d;
SELECT is(pg_temp.reason($$SELECT pg_temp.ev('found')$$), 'card_transition', 'a formal loss is final');
SELECT results_eq(format($$SELECT * FROM community.door_upload(330203001001, %s, '[{"no": 2, "at": "2026-01-01 10:00+08", "holder": 5, "card": 7, "decision": "granted", "reason": "ok"},
        {"no": 1, "at": "2026-01-01 09:00+08", "decision": "refused", "reason": "bad_tag"}, {"no": 3, "at": "2999-01-01", "decision": "granted", "reason": "ok"}, {"at": "2026-01-01"}, {"no": 4, "at": "2026-01-01", "decision": "odd", "reason": "x"}]') ORDER BY event_no$$, front),
    $$VALUES (1::bigint, 'stored'), (2, 'stored'), (3, 'invalid'), (4, 'invalid'), (NULL, 'invalid')$$, 'offline events arrive out of order') FROM d;
SELECT is((SELECT count(*) FROM community.door_upload(330203001001, front, '[{"no": 1, "at": "2026-01-01 09:00+08", "decision": "refused", "reason": "bad_tag"}]') u WHERE u.status = 'repeated'), 1::bigint, 'and repeated') FROM d;
SELECT is((SELECT count(*) FROM community.door_log WHERE offline), 2::bigint, 'without harm');
SELECT results_eq(format($$SELECT u.status FROM me JOIN community.card c ON c.card_id = me.id, community.door_upload(330203001001, %s, jsonb_build_array(
        jsonb_build_object('no', 10, 'at', now(), 'holder', c.holder, 'card', c.number_key, 'decision', 'granted', 'reason', 'ok', 'counter', 1001),
        jsonb_build_object('no', 11, 'at', now(), 'holder', c.holder, 'card', c.number_key, 'decision', 'granted', 'reason', 'ok', 'counter', 1000))) u$$, front),
    $$VALUES ('stored'), ('replayed_counter')$$, 'a counter shown elsewhere is told: the card has a copy') FROM d;
SELECT results_eq(format($$SELECT * FROM community.door_upload(330203001001, %s, '[5, null, [], {"no": "x"}, {"no": 99999999999999999999}, {"no": 20, "at": "yesterday or so"},
        {"no": 21, "at": "2026-01-01", "card": 1.5, "decision": "granted", "reason": "ok"}, {"no": 22, "at": "2026-01-01", "decision": "granted", "reason": "ok"}]') ORDER BY event_no, status$$, front),
    $$VALUES (20::bigint, 'invalid'), (21, 'invalid'), (22, 'stored'), (NULL, 'invalid'), (NULL, 'invalid'), (NULL, 'invalid'), (NULL, 'invalid'), (NULL, 'invalid')$$, 'one bad event does not hold up the others') FROM d;
SELECT is(pg_temp.reason($$SELECT community.door_upload(330203001001, 0, '[]')$$), 'point_unknown', 'for known doors');

-- Replacement moves the purse; payment.
SELECT community.card_event(330203001001, card_id, 'produce') FROM c WHERE person_id = 2;
CREATE TEMP TABLE two AS SELECT (SELECT card_id FROM c WHERE person_id = 2) AS id, i.credential::community.credential AS cred FROM community.card_issue(330203001001, (SELECT card_id FROM c WHERE person_id = 2)) i;
SELECT community.card_event(330203001001, id, 'activate') FROM two;
CREATE TEMP TABLE money AS SELECT community.account_open(330203001001, 'CNY', 'bank', 'community', 330203001001) AS bank, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1) AS shop;
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 5)), 'no_purse', 'a card without a purse') FROM two, money;
SELECT isnt(community.card_purse_open(330203001001, id), NULL, 'gets one') FROM two;
SELECT is(community.card_purse_open(330203001001, id), community.account_of(330203001001, 'CNY', 'purse', 'person', 2), 'that of its holder, once') FROM two;
SELECT is((SELECT count(*) FROM community.ledger_transfer(gen_random_uuid(), 330203001001, bank, community.account_of(330203001001, 'CNY', 'purse', 'person', 2), 1000, 'topup')), 1::bigint, 'money') FROM money;
SELECT is((SELECT status FROM community.card_pay('00000000-0000-0000-0000-000000000009', 330203001001, cred, shop, 300, 5)), 'ok', 'the card pays') FROM two, money;
SELECT is((SELECT status || replayed FROM community.card_pay('00000000-0000-0000-0000-000000000009', 330203001001, cred, shop, 300, 5)), 'oktrue', 'once') FROM two, money;
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 300, 5)), 'replay', 'a counter pays once') FROM two, money;
SELECT is(pg_temp.reason($$SELECT community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 701) FROM two, money$$), 'funds_insufficient', 'not more than there is');
SELECT is(pg_temp.reason($$SELECT community.card_event(330203001001, id, 'cancel') FROM two$$), 'card_purse', 'a card with money is not cancelled');
SELECT is(pg_temp.reason('SELECT community.card_replace(330203001001, id) FROM two'), 'card_transition', 'an active card is not replaced');
-- In another community: through clearing, once, and given back the same way.
CREATE TEMP TABLE away AS SELECT community.account_open(330203001002, 'CNY', 'merchant', 'organization', 2) AS shop, community.account_of(330203001001, 'CNY', 'purse', 'person', 2) AS purse;
SELECT is((SELECT status || replayed FROM community.card_pay('00000000-0000-0000-0000-000000000019', 330203001002, cred, shop, 40, 6)), 'okfalse', 'a card pays in another community') FROM two, away;
SELECT is((SELECT status || replayed FROM community.card_pay('00000000-0000-0000-0000-000000000019', 330203001002, cred, shop, 40, 6)), 'oktrue', 'once') FROM two, away;
SELECT is(pg_temp.reason($$SELECT community.card_pay('00000000-0000-0000-0000-000000000019', 330203001002, cred, shop, 41, 6) FROM two, away$$), 'key_reused', 'not another amount under the key');
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001002, cred, shop, 40, 6)), 'replay', 'a counter pays once') FROM two, away;
SELECT is((SELECT balance FROM away, community.account_balance(330203001002, shop)), 40::bigint, 'the shop there has the money');
SELECT is((SELECT string_agg(owed::text, ',' ORDER BY community_id) FROM community.clearing_position()), '40,-40', 'one community owes it the other');
SELECT is(pg_temp.reason($$SELECT community.card_pay(gen_random_uuid(), 330203001002, cred, shop, 701) FROM two, away$$), 'funds_insufficient', 'not more than there is');
-- A key that stands for something else there is no payment of this card: a forgery pays nothing under it.
CREATE TEMP TABLE forged AS SELECT set_bit(cred::bytea, 8 * octet_length(cred::bytea) - 1, 1 - get_bit(cred::bytea, 8 * octet_length(cred::bytea) - 1))::community.credential AS cred FROM two;
SELECT is((SELECT status FROM community.card_pay('00000000-0000-0000-0000-000000000029', 330203001002, cred, shop, 40)), 'bad_tag', 'a forgery pays nothing') FROM forged, away;
CREATE TEMP TABLE away_bank AS SELECT community.account_open(330203001002, 'CNY', 'bank', 'community', 330203001002) AS bank;
SELECT is((SELECT count(*) FROM away, away_bank, unnest(ARRAY['00000000-0000-0000-0000-000000000029', community._ledger_key('00000000-0000-0000-0000-000000000039', 'to')]::uuid[]) k (key),
    community.ledger_transfer(k.key, 330203001002, bank, shop, 1, 'topup')), 2::bigint, 'keys are used in the community of the shop');
SELECT is((SELECT string_agg(p.status, ' ') FROM forged, away, unnest('{00000000-0000-0000-0000-000000000029,00000000-0000-0000-0000-000000000039}'::uuid[]) k (key), community.card_pay(k.key, 330203001002, cred, shop, 40) p), 'bad_tag bad_tag', 'nor under a key that was used there');
SELECT is((SELECT balance FROM away, community.account_balance(330203001001, purse)), 660::bigint, 'the purse is as it was');
SELECT is((SELECT count(*) FROM away, away_bank, community.ledger_transfer(gen_random_uuid(), 330203001002, shop, bank, 2, 'withdrawal')), 1::bigint, 'and the shop');
SELECT is((SELECT count(*) FROM away, community.card_pay('00000000-0000-0000-0000-000000000019', 330203001002, (SELECT cred FROM two), shop, 40, 6) p, community.ledger_refund(gen_random_uuid(), 330203001002, p.seq, 40)), 1::bigint, 'the shop gives it back');
SELECT is((SELECT balance FROM away, community.account_balance(330203001001, purse)), 700::bigint, 'to the purse');
SELECT community.setting_set('card_clearing', 'false', 330203001001);
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001002, cred, shop, 1)), 'other_community', 'unless the community says otherwise') FROM two, away;
SELECT community.setting_set('card_clearing', 'true', 330203001001);
SELECT community.card_event(330203001001, id, 'lose') FROM two;
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 1)), 'card_lost', 'a lost card pays nothing') FROM two, money;
CREATE TEMP TABLE new AS SELECT n.* FROM two, community.card_replace(330203001001, two.id) n;
SELECT is((SELECT generation || ' ' || state || ' ' || (purse_id = community.account_of(330203001001, 'CNY', 'purse', 'person', 2)) FROM community.card JOIN new USING (card_id)), '2 applied true', 'its successor has the purse');
SELECT is((SELECT state || ' ' || (purse_id IS NULL) || ' ' || (replaced_by = (SELECT card_id FROM new)) FROM community.card JOIN two ON card_id = id), 'replaced true true', 'it has not');
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 1)), 'card_replaced', 'and pays nothing') FROM two, money;
SELECT community.card_event(330203001001, card_id, 'produce') FROM new;
CREATE TEMP TABLE new_cred AS SELECT i.credential::community.credential AS cred FROM community.card_issue(330203001001, (SELECT card_id FROM new)) i;
SELECT community.card_event(330203001001, card_id, 'activate') FROM new;
SELECT is((SELECT status FROM community.card_pay(gen_random_uuid(), 330203001001, cred, shop, 700)), 'ok', 'the successor pays') FROM new_cred, money;
SELECT is(community.card_event(330203001001, card_id, 'cancel'), 'cancelled', 'an empty card is cancelled') FROM new;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');

-- Passes, identity, bindings.
SELECT community.card_event(330203001001, card_id, 'produce') FROM c WHERE person_id = 3;
CREATE TEMP TABLE three AS SELECT (SELECT card_id FROM c WHERE person_id = 3) AS id, i.credential::community.credential AS cred FROM community.card_issue(330203001001, (SELECT card_id FROM c WHERE person_id = 3)) i;
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{door}', now(), now() + interval '1 hour', '{330203001001003}') FROM three$$), 'pass_refused', 'a card that is not active makes no pass');
SELECT community.card_event(330203001001, id, 'activate') FROM three;
CREATE TEMP TABLE pass AS SELECT p.credential::community.credential AS cred FROM three, community.guest_pass(three.cred, '{door}', now(), now() + interval '1 hour', '{330203001001003}') p;
INSERT INTO community.access_group (community_id, group_name, person_id) VALUES (330203001001, 'board', 3);
SELECT is(pg_temp.door(p_cred => cred), 'granted ok', 'a guest passes') FROM pass;
CREATE TEMP TABLE side AS SELECT community.point_add(330203001001, zone, 'Side', '330203001001004') AS side FROM z;
SELECT is(pg_temp.door(p_point => side, p_cred => three.cred), 'granted ok', 'where the resident passes') FROM side, three;
SELECT is(pg_temp.door(p_point => side, p_cred => pass.cred), 'refused wrong_zone', 'the guest does not') FROM side, pass;
SELECT is(community.credential_verify(cred, now() + interval '61 minutes', '330203001001003', 'door'), 'expired', 'nor after the hour') FROM pass;
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{door}', now(), now() + interval '1 hour', '{330203001001}') FROM pass$$), 'pass_refused', 'a pass makes no wider one');
SELECT lives_ok($$SELECT community.guest_pass(cred, '{door}', now(), now() + interval '30 minutes', '{330203001001003}') FROM pass$$, 'but a smaller one');
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{debit}', now(), now() + interval '30 minutes', '{330203001001003}') FROM pass$$), 'pass_refused', 'of the same kind');
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{door,parking}', now(), now() + interval '1 hour', '{330203001001003}') FROM three$$), 'pass_refused', 'not with more than the card has');
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{door}', now(), now() + interval '9 years', '{330203001001003}') FROM three$$), 'pass_refused', 'nor longer');
SELECT is(pg_temp.reason($$SELECT community.guest_pass(cred, '{door}', now(), NULL, '{330203001001003}') FROM three$$), 'pass_refused', 'nor for no time');
SELECT is((SELECT status || ' ' || person_id || ' ' || card_mask FROM three, community.identify(330203001001, three.cred, 'identity')), (SELECT 'ok 3 ' || community.card_mask(card_no) FROM community.card JOIN three ON card_id = id), 'who it is');
SELECT is((SELECT purpose FROM community.audit_log WHERE action = 'identify'), 'identity', 'is audited with its purpose');
SELECT is((SELECT i::text FROM three, community.identify(330203001001, three.cred, 'visit') i), '(ok,,,resident,,active)', 'a register of visitors is told little');
SELECT is((SELECT count(holder) || ' ' || count(person_id) || ' ' || count(card_mask) FROM three, community.identify(330203001001, three.cred, 'service')), '1 0 1', 'a desk more, but not who it is');
UPDATE community.card_purpose SET shows = '{}', edited = true WHERE purpose = 'visit';
SELECT is((SELECT i::text FROM three, community.identify(330203001001, three.cred, 'visit') i), '(ok,,,,,)', 'the city may change what a purpose shows');
SELECT is(pg_temp.reason($$SELECT community.identify(330203001001, cred, 'curiosity') FROM three$$), 'identify_purpose', 'no other purpose');
SELECT is(pg_temp.reason($$SELECT community.identify(330203001001, cred, NULL) FROM three$$), 'identify_purpose', 'nor none');
SELECT is((SELECT string_agg(detail->>'shows', ' ' ORDER BY seq) FROM community.audit_log WHERE action = 'identify'),
    '["holder", "person", "kind", "number", "state"] ["kind", "state"] ["holder", "kind", "number", "state"] []', 'what was shown is audited');
SELECT is((SELECT status FROM pass, community.identify(330203001001, pass.cred, 'visit')), 'wrong_app', 'a door pass identifies nobody');
SELECT isnt(community.card_bind(330203001001, id, 'bank', '6222 0212 3456 7894'), NULL, 'a bank card is bound') FROM three;
SELECT is(pg_temp.reason($$SELECT community.card_bind(330203001001, id, 'bank', '6222021234567895') FROM three$$), 'binding_number', 'its number checked');
SELECT is(pg_temp.reason($$SELECT community.card_bind(330203001001, id, 'bank', '6222021234567894') FROM three$$), 'binding_taken', 'once');
SELECT is(pg_temp.reason($$SELECT community.card_bind(330203001001, id, 'ring', '1') FROM three$$), 'card_form', 'of known kinds');
SELECT is((SELECT card_id FROM community.card_find_bound('bank', '6222021234567894')), id, 'and found by it') FROM three;
SELECT is_empty($$SELECT FROM community.card_binding WHERE number_sealed::text LIKE '%36323232%'$$, 'the number is sealed');
SELECT is(community.unseal(number_sealed, format('card_binding/%s/%s', community_id, binding_id)), '6222021234567894', 'and opens with its place') FROM community.card_binding;
SELECT community.card_unbind(330203001001, binding_id) FROM community.card_binding;
SELECT is_empty($$SELECT * FROM community.card_find_bound('bank', '6222021234567894')$$, 'until it is ended');
SELECT community.card_event(330203001001, id, 'lose') FROM three;
SELECT is(pg_temp.door(p_cred => cred), 'refused card_lost', 'the loss of the card ends its passes') FROM pass;

-- The offline purse.
SELECT community.card_event(330203001001, card_id, 'produce') FROM c WHERE person_id IS NULL;
SELECT count(*) FROM c, community.card_issue(330203001001, card_id) WHERE person_id IS NULL;
CREATE TEMP TABLE off AS SELECT c.card_id AS id, k.card_no, k.number_key FROM c JOIN community.card k USING (card_id) WHERE c.person_id IS NULL;
SELECT is(pg_temp.reason('SELECT community.offline_load(gen_random_uuid(), 330203001001, id, 5) FROM off'), 'card_transition', 'only an active card is loaded');
SELECT community.card_event(330203001001, id, 'activate') FROM off;
SELECT is(pg_temp.reason('SELECT community.offline_load(gen_random_uuid(), 330203001001, id, 5) FROM off'), 'card_transition', 'with a purse');
SELECT count(*) FROM off, money, community.ledger_transfer(gen_random_uuid(), 330203001001, bank, community.card_purse_open(330203001001, id), 1000, 'topup');
SELECT ok(community.offline_load('00000000-0000-0000-0000-0000000000bb', 330203001001, id, 600) > 0, 'money goes to the chip') FROM off;
SELECT is(pg_temp.reason('SELECT community.offline_load(gen_random_uuid(), 330203001001, id, 500) FROM off'), 'funds_insufficient', 'no more than there is');
CREATE FUNCTION pg_temp.item(p_counter bigint, p_amount bigint, p_sum bigint DEFAULT 0) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('card', number_key, 'counter', p_counter, 'amount', p_amount + p_sum, 'at', 1772000000,
        'tac', encode(community.offline_code(card_no, 1, p_counter, p_amount, shop, to_timestamp(1772000000)), 'hex')) FROM off, money $$;
SELECT results_eq($$SELECT item, status FROM money, community.offline_settle(330203001001, shop, jsonb_build_array(pg_temp.item(3, 100), pg_temp.item(1, 300), pg_temp.item(4, 250),
        pg_temp.item(1, 300), pg_temp.item(1, 301), pg_temp.item(7, 5, 1), '{"card": 330203000000012346, "counter": 1, "amount": 1, "at": 1, "tac": "00000000000000000000000000000000"}'::jsonb, '{"card": 1}'::jsonb, 5)) ORDER BY item$$,
    $$VALUES (1, 'paid'), (2, 'paid'), (3, 'over_limit'), (4, 'repeated'), (5, 'duplicate_counter'), (6, 'bad_tac'), (7, 'unknown_card'), (8, 'invalid'), (9, 'invalid')$$,
    'every payment is judged by itself');
SELECT is((SELECT string_agg(status, ',' ORDER BY item) FROM money, community.offline_settle(330203001001, shop, jsonb_build_array(pg_temp.item(3, 100), pg_temp.item(4, 250)))), 'repeated,repeated', 'a batch again changes nothing');
SELECT is((SELECT balance FROM off, community.account_balance(330203001001, community.account_of(330203001001, 'CNY', 'fund', 'card', id))), 200::bigint, 'what was loaded less what was paid');
SELECT results_eq('SELECT first_missing, missing FROM community.offline_gaps(330203001001)', 'VALUES (2::bigint, 1::bigint)', 'a counter is missing');
SELECT is(pg_temp.reason('SELECT community.offline_settle(330203001001, 0, ''[]'')'), 'account_unknown', 'merchants only');
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');

-- Volunteers.
SELECT ok(community.volunteer_credit('00000000-0000-0000-0000-0000000000aa', 330203001001, 1, 90, 'park') > 0, 'minutes are credited');
SELECT is(community.volunteer_credit('00000000-0000-0000-0000-0000000000aa', 330203001001, 1, 90, 'park'), community.volunteer_credit('00000000-0000-0000-0000-0000000000aa', 330203001001, 1, 90, 'park'), 'once');
SELECT is((SELECT balance FROM community.account_balance(330203001001, community.account_of(330203001001, 'TIME', 'purse', 'person', 1))), 90::bigint, 'in time credits');
SELECT is(pg_temp.reason($$SELECT community.volunteer_certify(330203001001, 1, 'x', 91, 'y', '[2026-03-01,2026-03-08)')$$), 'certificate_hours', 'no more is certified than was credited');
SELECT is(pg_temp.reason($$SELECT community.volunteer_certify(330203001001, 2, 'x', 1, 'y', '[2026-03-01,2026-03-08)')$$), 'certificate_hours', 'to nobody else');
SELECT is((SELECT count(*) FROM community.ledger_transfer(gen_random_uuid(), 330203001001, community.account_of(330203001001, 'TIME', 'purse', 'person', 1), community.account_open(330203001001, 'TIME', 'purse', 'person', 2), 30, 'gift')), 1::bigint, 'minutes may be given away');
SELECT is(pg_temp.reason($$SELECT community.volunteer_certify(330203001001, 2, 'x', 30, 'y', '[2026-03-01,2026-03-08)')$$), 'certificate_hours', 'which makes no volunteer of the receiver');
SELECT is(pg_temp.reason($$SELECT community.volunteer_certify(330203001001, 1, 'x', 1, 'y', daterange(current_date + 2, current_date + 3))$$), 'certificate_hours', 'nor is what was done before the first day');
CREATE TEMP TABLE cert AS SELECT * FROM community.volunteer_certify(330203001001, 1, '王*明 330203********0011', 90, '公园清洁', '[2026-03-01,2026-03-08)');
SELECT ok(community.volunteer_verify(document), 'a certificate is verified') FROM cert;
SELECT ok(NOT community.volunteer_verify(replace(document, '90', '900')), 'a changed one is not') FROM cert;
SELECT ok(NOT community.volunteer_verify('x') AND NOT community.volunteer_verify(NULL), 'nor none');
SELECT is(pg_temp.reason($$SELECT community.volunteer_certify(330203001001, 1, 'x', 0, 'y', '[2026-03-01,2026-03-08)')$$), 'certificate_form', 'no minutes');

-- Rows only for members, nothing for others.
SELECT is((SELECT count(*) FROM community.card_log WHERE event = 'apply'), 6::bigint, 'the log tells of every card');
CREATE ROLE card_clerk LOGIN;
GRANT USAGE ON SCHEMA community TO card_clerk;
SET SESSION AUTHORIZATION card_clerk;
SELECT throws_ok('SELECT * FROM community.card', '42501', NULL, 'tables are closed');
SELECT throws_ok('SELECT community.card_key_sync()', '42501', NULL, 'keys too');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
