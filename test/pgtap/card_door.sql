-- The plain tap: door_plain() answers only what _door_decide() would, for doors,
-- zones, rules, keys and cards in every state.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

SELECT count(*) FROM community.card_key_sync();
SELECT community.community_register('330203001001', 'One', 'residential'), community.card_issuer_add(330203001001, 7, 'hmac-sha256');
CREATE TEMP TABLE it AS
SELECT a.card_id, NULL::community.credential AS cred, NULL::bigint AS zone, NULL::bigint AS door
  FROM community.card_apply(330203001001, '{5}', 'resident', '{door}', now() + interval '1 year', '{330203001001}') a;
SELECT community.card_event(330203001001, card_id, 'produce') FROM it;
UPDATE it SET cred = (SELECT credential::community.credential FROM community.card_issue(330203001001, card_id));
SELECT community.card_event(330203001001, card_id, 'activate') FROM it;
UPDATE it SET zone = community.zone_add(330203001001, 'Z');
UPDATE it SET door = community.point_add(330203001001, zone, 'D', '330203001001002');
SELECT community.rule_add(330203001001, zone, '24/7', 'resident') IS NOT NULL FROM it;

-- seen(): holder of the plain tap, and the reason by SQL.
CREATE FUNCTION pg_temp.seen(OUT plain bigint, OUT reason text) LANGUAGE plpgsql AS $$
DECLARE
    v it;
    v_at timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO v FROM it;
    plain := community.door_plain(330203001001, v.door, v.cred, v_at);
    reason := (SELECT d.reason FROM community._door_decide(330203001001, v.door, v.cred, NULL, NULL, v_at) d);
END $$;
-- after(): the same after a change, which is then undone.
CREATE FUNCTION pg_temp.after(p_change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_said text;
BEGIN
    BEGIN
        EXECUTE p_change;
        SELECT CASE WHEN s.plain IS NULL THEN 'asks ' WHEN s.plain = community.card_pseudonym(7, 5) THEN 'plain ' ELSE 'another ' END || s.reason
          INTO v_said FROM pg_temp.seen() s;
        RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
        RETURN v_said;
    END;
END $$;

SELECT is(pg_temp.after(change), said, change) FROM (VALUES
    ('SELECT 1', 'plain ok'),
    -- what changes nothing
    ('UPDATE community.access_rule SET card_kind = NULL', 'plain ok'),
    ($$UPDATE community.access_point SET direction = 'out'$$, 'plain ok'),
    ($$UPDATE community.access_rule SET valid = tstzrange(now(), now() + interval '1 hour', '[]')$$, 'plain ok'),
    ($$UPDATE community.access_rule SET valid = tstzrange(NULL, 'infinity', '()')$$, 'plain ok'),
    ($$UPDATE community.card_key SET status = 'verify_only'$$, 'plain ok'),
    ('DELETE FROM community.card_key', 'plain ok'),
    ('SELECT community.rule_add(330203001001, zone, p_needs_pin => true) FROM it', 'plain ok'),
    ($$SELECT community.rule_add(330203001001, zone, p_card_kind => 'a kind with a name of forty characters ..'), community.rule_add(330203001001, zone, 'off') FROM it$$, 'plain ok'),
    ('UPDATE community.access_rule SET when_locked = true', 'plain ok'),
    ('DELETE FROM community.card_index', 'plain ok'),
    -- the door
    ('UPDATE community.access_point SET active = false', 'asks point_off'),
    ('UPDATE community.access_point SET needs_counter = true', 'asks counter_missing'),
    ($$UPDATE community.access_point SET code = '330203001002', code_key = 330203001002000$$, 'asks wrong_zone'),
    -- the zone
    ($$UPDATE community.access_zone SET mode = 'locked'$$, 'asks locked'),
    ($$UPDATE community.access_zone SET mode = 'released'$$, 'asks released'),
    ($$UPDATE community.access_zone SET anti_passback = 'soft'$$, 'asks ok'),
    ($$UPDATE community.access_zone SET anti_passback = 'hard'$$, 'asks ok'),
    -- the rules
    ('DELETE FROM community.access_rule', 'asks no_rule'),
    ($$UPDATE community.access_rule SET card_kind = 'worker'$$, 'asks no_rule'),
    ($$UPDATE community.access_rule SET card_kind = 'residen'$$, 'asks no_rule'),
    ('UPDATE community.access_rule SET person_id = 6', 'asks no_rule'),
    ('UPDATE community.access_rule SET person_id = 5', 'asks ok'),
    ($$UPDATE community.access_rule SET group_name = 'choir'$$, 'asks no_rule'),
    ($$UPDATE community.access_rule SET needs_pin = true$$, 'asks pin_missing'),
    ($$UPDATE community.access_rule SET hours = '{}'$$, 'asks out_of_hours'),
    ($$UPDATE community.access_rule SET hours = '{[0,11519)}'$$, 'asks ok'),
    ($$UPDATE community.access_rule SET hours = '{[0,100),[100,11520)}'$$, 'plain ok'),
    ($$UPDATE community.access_rule SET valid = tstzrange(now() + interval '1 hour', NULL)$$, 'asks no_rule'),
    ($$UPDATE community.access_rule SET valid = tstzrange(NULL, now())$$, 'asks no_rule'),
    -- the key
    ($$UPDATE community.card_key SET status = 'retired'$$, 'asks no_key'),
    ($$UPDATE community.card_key SET status = 'pending'$$, 'asks no_key'),
    ($$UPDATE community.card_key SET valid = tstzrange(NULL, now())$$, 'asks no_key'),
    ($$UPDATE community.card_key SET valid = 'empty'$$, 'asks no_key'),
    -- the card
    ($$UPDATE community.card SET state = 'frozen'$$, 'asks card_frozen'),
    ($$UPDATE community.card SET state = 'temp_lost', state_until = now() + interval '1 hour'$$, 'asks card_temp_lost'),
    ($$UPDATE community.card SET state = 'temp_lost', state_until = now()$$, 'asks ok'),
    ($$UPDATE community.card SET not_before = now() - interval '2 day', expires = now()$$, 'asks card_expired'),
    ('UPDATE community.card SET generation = 2', 'asks old_generation'),
    ('UPDATE community.card SET issuer = 8', 'asks unknown_card'),
    ('UPDATE community.card SET card_index = 77', 'asks unknown_card'),
    ('UPDATE community.card SET holder = 77', 'asks unknown_card'),
    ($$UPDATE community.card_app SET state = 'suspended'$$, 'asks application_off'),
    ('DELETE FROM community.card_app', 'asks application_off'),
    -- the credential
    ('UPDATE it SET cred = NULL', 'asks malformed'),
    ('UPDATE it SET cred = set_bit(cred::bytea, 250, 1 - get_bit(cred::bytea, 250))::community.credential', 'asks bad_tag'),
    ($$UPDATE it SET cred = set_bit(cred::bytea, 8 * octet_length(cred::bytea) - 1, 1 - get_bit(cred::bytea, 8 * octet_length(cred::bytea) - 1))::community.credential$$, 'asks bad_tag')
    ) t (change, said);
SELECT is(pg_temp.after('SELECT 1'), 'plain ok', 'and every change is forgotten with its subtransaction');
-- In the midst of a statement, before its triggers; and when it fails after all.
CREATE FUNCTION pg_temp.midst(p_change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_said text;
BEGIN
    EXECUTE p_change || $q$ RETURNING (SELECT CASE WHEN s.plain IS NULL THEN 'asks ' ELSE 'plain ' END || s.reason FROM pg_temp.seen() s)$q$ INTO v_said;
    RETURN v_said;
END $$;
SELECT is(pg_temp.after('SELECT 1'), 'plain ok', 'the door is known');
SAVEPOINT midst;
SELECT is(pg_temp.midst($$UPDATE community.access_zone SET mode = 'locked'$$), 'asks locked', 'a zone that is being locked is locked');
SELECT is(pg_temp.midst($$UPDATE community.access_zone SET mode = 'normal'$$), 'plain ok', 'one that is being opened is open');
UPDATE community.access_zone SET mode = 'locked';
SELECT throws_ok($$UPDATE community.access_zone SET mode = 'normal' RETURNING 1 / (SELECT count(*) - 1 FROM pg_temp.seen() s WHERE s.plain IS NOT NULL)$$, '22012', NULL, 'it opened before the statement failed');
SELECT is(pg_temp.after('SELECT 1'), 'asks locked', 'and is locked after');
ROLLBACK TO midst;

-- Any mixture: the plain tap is never more generous, and is taken.
CREATE TEMP TABLE tried (plain boolean, reason text);
CREATE FUNCTION pg_temp.pick(p_usual text, VARIADIC p_others text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.85 THEN p_usual ELSE p_others[1 + floor(random() * cardinality(p_others))::integer] END $$;
SELECT setseed(0.16);
DO $$
DECLARE
    v_seen record;
BEGIN
    INSERT INTO community.access_rule (community_id, zone_id, card_kind) SELECT 330203001001, zone, 'worker' FROM it;
    FOR i IN 1 .. 1500 LOOP
        UPDATE community.access_point SET active = pg_temp.pick('true', 'false')::boolean, needs_counter = pg_temp.pick('false', 'true')::boolean;
        UPDATE community.access_zone SET mode = pg_temp.pick('normal', 'locked', 'released'), anti_passback = pg_temp.pick('off', 'soft', 'hard'), forgive = '0';
        UPDATE community.access_rule SET card_kind = pg_temp.pick('resident', NULL, 'worker'), needs_pin = pg_temp.pick('false', 'true')::boolean,
            person_id = pg_temp.pick(NULL, '5', '6')::bigint, hours = pg_temp.pick('{[0,11520)}', '{}', '{[0,11000)}')::int4multirange, when_locked = pg_temp.pick('false', 'true')::boolean,
            valid = tstzrange(pg_temp.pick(NULL, (now() + interval '1 day')::text)::timestamptz, NULL);
        UPDATE community.card SET state = pg_temp.pick('active', 'issued', 'frozen', 'lost'), generation = pg_temp.pick('1', '2')::integer;
        UPDATE community.card_app SET state = pg_temp.pick('enabled', 'suspended', 'revoked');
        UPDATE community.card_key SET status = pg_temp.pick('active', 'verify_only', 'retired');
        SELECT * INTO v_seen FROM pg_temp.seen();
        INSERT INTO tried VALUES (v_seen.plain IS NOT NULL, v_seen.reason);
    END LOOP;
END $$;
SELECT is((SELECT string_agg(DISTINCT reason, ' ') FROM tried WHERE plain), 'ok', 'a plain tap is one that SQL grants');
SELECT ok((SELECT count(*) FILTER (WHERE plain) > 150 AND count(*) FILTER (WHERE NOT plain AND reason <> 'ok') > 150 AND count(*) FILTER (WHERE NOT plain AND reason = 'ok') > 10
                  AND count(DISTINCT reason) > 8 FROM tried), 'and all cases were met');

-- Who has not the rights of the owner reads nothing by this way.
UPDATE community.access_point SET active = true, needs_counter = false;
UPDATE community.access_zone SET mode = 'normal', anti_passback = 'off';
UPDATE community.access_rule SET card_kind = NULL, needs_pin = false, person_id = NULL, hours = '{[0,11520)}', valid = tstzrange(NULL, NULL);
UPDATE community.card SET state = 'active', generation = 1;
UPDATE community.card_app SET state = 'enabled';
UPDATE community.card_key SET status = 'active';
SELECT is(pg_temp.after('SELECT 1'), 'plain ok', 'the owner');

-- More doors than a session keeps, in turn and turn about.
CREATE TEMP TABLE many AS SELECT n, community.point_add(330203001001, zone, 'D' || n, '330203001001002') AS door FROM it, generate_series(1, 400) n;
UPDATE community.access_point p SET active = n % 3 > 0 FROM many m WHERE p.point_id = m.door;
SELECT is((SELECT array_agg(DISTINCT (community.door_plain(330203001001, m.door, it.cred, clock_timestamp()) IS NOT NULL) = (n % 3 > 0)) FROM many m, it, generate_series(1, 3) turn), '{t}', 'each of 400 doors is its own');
SELECT is((SELECT array_agg(DISTINCT (community.door_plain(330203001001, m.door, it.cred, clock_timestamp()) IS NOT NULL) = (n % 3 > 0)) FROM (SELECT * FROM many ORDER BY n % 7, n) m, it), '{t}', 'in another order too');

CREATE ROLE door_stranger;
GRANT USAGE ON SCHEMA community TO door_stranger;
GRANT EXECUTE ON FUNCTION community.door_plain(bigint, bigint, community.credential, timestamptz) TO door_stranger;
GRANT SELECT ON it, community.access_point, community.access_zone, community.access_rule, community.card, community.card_app, community.card_key TO door_stranger;
SET LOCAL ROLE door_stranger;
SELECT is(community.door_plain(330203001001, door, cred, clock_timestamp()), NULL, 'row security is not passed by') FROM it;
RESET ROLE;
ALTER TABLE community.card FORCE ROW LEVEL SECURITY;
SELECT is(pg_temp.after('SELECT 1'), 'asks ok', 'nor where it is forced on the owner');
ALTER TABLE community.card NO FORCE ROW LEVEL SECURITY;
-- Tables that are not as expected are left to SQL.
ALTER TABLE community.card_app RENAME COLUMN state TO condition;
SELECT is(community.door_plain(330203001001, door, cred, clock_timestamp()), NULL, 'another column') FROM it;
ALTER TABLE community.card_app RENAME COLUMN condition TO state;
SELECT is(pg_temp.after('SELECT 1'), 'plain ok', 'found again');
SELECT is(pg_temp.after(format('ALTER TABLE community.%I %s TRIGGER %I', t, how, t || '_changed')), said, format('%s: %s the trigger that tells of changes', t, how))
  FROM unnest('{access_zone,access_point,access_rule,card_key}'::text[]) t,
       (VALUES ('DISABLE', 'asks ok'), ('ENABLE', 'asks ok'), ('ENABLE REPLICA', 'asks ok'), ('ENABLE ALWAYS', 'plain ok')) h (how, said);
SELECT is(pg_temp.after(format('ALTER TABLE community.%I ALTER %I DROP NOT NULL; UPDATE community.%I SET %I = NULL', t, c, t, c)), said, format('no %s of %s', c, t))
  FROM (VALUES ('card_app', 'state', 'asks application_off'), ('access_rule', 'hours', 'asks out_of_hours'), ('access_rule', 'valid', 'asks no_rule'), ('card', 'kind', 'asks ok')) n (t, c, said);
SELECT is(pg_temp.after('DROP TRIGGER access_zone_changed ON community.access_zone'), 'asks ok', 'or drop it');
SELECT is(pg_temp.after('DROP TRIGGER access_zone_changed ON community.access_zone; CREATE TRIGGER t AFTER UPDATE ON community.access_zone FOR EACH ROW EXECUTE FUNCTION community.relation_changed(); ALTER TABLE community.access_zone ENABLE ALWAYS TRIGGER t'), 'asks ok', 'or let it tell less');
SELECT is(pg_temp.after('SELECT 1'), 'plain ok', 'with all of them doors are kept');
SELECT throws_ok('SELECT community.relation_changed()', '39P01', NULL, 'a trigger function is for triggers');

-- Login roles.
SELECT ok(community.session_owns('community.door_log'), 'a superuser may do what the owner may');
SELECT is(community.session_owns(0::regclass), NULL, 'nobody owns what is not there');
CREATE ROLE door_porters;
CREATE ROLE door_company;
CREATE ROLE door_porter LOGIN;
GRANT door_porters TO door_porter;
GRANT door_company TO door_porters;
GRANT USAGE ON SCHEMA community TO door_porter;
SET SESSION AUTHORIZATION door_porter;
SELECT is((SELECT array_agg(r::text ORDER BY r::text) FROM unnest(community.session_roles()) r), '{door_company,door_porter,door_porters}', 'roles at first and further hand');
SELECT ok(NOT community.session_owns('community.door_log'), 'a porter is not the owner');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
