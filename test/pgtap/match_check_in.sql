-- Check-in by card: bookings, both sides of orders, cards that are not valid, readers.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
SELECT community.community_register('330203001002', 'Two', 'residential');
INSERT INTO community.person (community_id, person_id, stat_key) SELECT 330203001002, 1, 100;
SELECT community.card_issuer_add(330203001001, 7), community.card_issuer_add(330203001002, 8);
-- Cards of persons 1 to 8, and of person 1 of the other community.
CREATE TEMP TABLE k (community bigint, person bigint, card bigint, cred text);
INSERT INTO k SELECT 330203001001, a.person_id, a.card_id FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(1, 8)::bigint), 'resident', '{door,booking}', now() + interval '1 year') a;
INSERT INTO k SELECT 330203001001, 0, a.card_id FROM community.card_apply(330203001001, ARRAY[NULL::bigint], 'guest', '{booking}', now() + interval '1 year') a;
INSERT INTO k SELECT 330203001002, a.person_id, a.card_id FROM community.card_apply(330203001002, '{1}', 'resident', '{door,booking}', now() + interval '1 year') a;
SELECT count(community.card_event(community, card, 'produce')) FROM k;
UPDATE k SET cred = (SELECT credential FROM community.card_issue(community, card));
SELECT count(community.card_event(community, card, 'activate')) FROM k;
GRANT SELECT ON k TO PUBLIC;
CREATE FUNCTION pg_temp.cred(p_person bigint, p_community bigint DEFAULT 330203001001) RETURNS text LANGUAGE sql AS 'SELECT cred FROM k WHERE person = p_person AND community = p_community';
CREATE FUNCTION pg_temp.card(p_person bigint) RETURNS bigint LANGUAGE sql AS 'SELECT card FROM k WHERE person = p_person AND community = 330203001001';

-- A booking of person 1, tomorrow at ten.
CREATE TEMP TABLE b AS
SELECT r AS room, (community.booking_hold(pg_temp.k(), 330203001001, r, 'person', 1, pg_temp.ten(), pg_temp.ten() + interval '1 hour') ->> 'booking_id')::bigint AS id
  FROM community.resource_add(330203001001, 'Room') r;
GRANT SELECT ON b TO PUBLIC;
CREATE FUNCTION pg_temp.tap(p_cred text, p_counter bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS
    $$ SELECT x.status || ' ' || x.state FROM b, community.booking_check_in(330203001001, id, p_cred::community.credential, p_counter) x $$;
SELECT is(pg_temp.tap(pg_temp.cred(1)), 'state held', 'only what is confirmed');
SELECT community.booking_event(pg_temp.k(), 330203001001, id, 'confirm') FROM b;
SELECT is(pg_temp.tap(pg_temp.cred(1)), 'early confirmed', 'not a day before');
UPDATE community.booking SET period = tstzrange(now() - interval '5 minutes', now() + interval '55 minutes') FROM b WHERE booking_id = id;
SELECT is(pg_temp.tap(NULL), 'malformed confirmed', 'nothing shown');
SELECT is(pg_temp.tap(pg_temp.cred(2)), 'other_holder confirmed', 'the card of somebody else');
SELECT is(pg_temp.tap(pg_temp.cred(0)), 'no_person confirmed', 'an unnamed card');
SELECT is(pg_temp.tap(pg_temp.cred(1, 330203001002)), 'other_community confirmed', 'a card of another community, of a person with the same number');
SELECT community.card_app_set(330203001001, pg_temp.card(1), 'booking', 'suspended', 'test');
SELECT is(pg_temp.tap(pg_temp.cred(1)), 'application_off confirmed', 'a card without booking');
SELECT community.card_app_set(330203001001, pg_temp.card(1), 'booking', 'enabled', 'test');
SELECT community.card_event(330203001001, pg_temp.card(1), 'lose_temp', 'test', now() + interval '1 day');
SELECT is(pg_temp.tap(pg_temp.cred(1)), 'card_temp_lost confirmed', 'a lost card');
SELECT community.card_event(330203001001, pg_temp.card(1), 'found', 'test');
SELECT is(pg_temp.tap(pg_temp.cred(1), 5), 'ok checked_in', 'the right card, valid again');
SELECT is(pg_temp.tap(pg_temp.cred(1), 6), 'state checked_in', 'once');
SELECT is(evidence, 'card ' || pg_temp.card(1), 'the booking says by which card') FROM community.booking JOIN b ON booking_id = id;
SELECT results_eq($$SELECT event, doc ->> 'status', doc -> 'card_id' = to_jsonb(pg_temp.card(1)) FROM community.match_log JOIN b ON object_id = id WHERE machine = 'booking' AND event ~ 'check_in' ORDER BY log_id$$,
    $$VALUES ('check_in_refused', 'state', true), ('check_in_refused', 'early', true), ('check_in_refused', 'malformed', false), ('check_in_refused', 'other_holder', false), ('check_in_refused', 'no_person', false), ('check_in_refused', 'other_community', false),
             ('check_in_refused', 'application_off', true), ('check_in_refused', 'card_temp_lost', true), ('check_in', 'ok', true), ('check_in_refused', 'state', true)$$, 'every try is in the log');
SELECT is(count(*), 0::bigint, 'and no credential is') FROM community.match_log WHERE doc::text ~ 'cc1';
SELECT is(pg_temp.reason($$SELECT community.booking_check_in(330203001001, 0, NULL)$$), 'match_unknown', 'an unknown booking');
-- The counter of the chip is taken once.
CREATE TEMP TABLE b2 AS SELECT (community.booking_hold(pg_temp.k(), 330203001001, room, 'person', 1, now() + interval '56 minutes', now() + interval '2 hours') ->> 'booking_id')::bigint AS id FROM b;
SELECT community.booking_event(pg_temp.k(), 330203001001, id, 'confirm') FROM b2;
SELECT is((SELECT status FROM b2, community.booking_check_in(330203001001, id, pg_temp.cred(1)::community.credential, 5)), 'replay', 'a recorded tap');
SELECT is((SELECT status FROM b2, community.booking_check_in(330203001001, id, pg_temp.cred(1)::community.credential, 7)), 'ok', 'a new one');
CREATE TEMP TABLE b3 AS SELECT (community.booking_hold(pg_temp.k(), 330203001001, room, 'organization', 1, now() + interval '3 hours', now() + interval '4 hours') ->> 'booking_id')::bigint AS id FROM b;
SELECT community.booking_event(pg_temp.k(), 330203001001, id, 'confirm') FROM b3;
UPDATE community.booking SET period = tstzrange(now() + interval '2 hours', now() + interval '3 hours') FROM b3 WHERE booking_id = id;
SELECT community.setting_set('match_check_in', '3 hours', 330203001001);
SELECT is((SELECT status FROM b3, community.booking_check_in(330203001001, id, pg_temp.cred(1)::community.credential)), 'other_holder', 'an organization has no card, though person 1 has');

-- Orders: an organization with staff, and a volunteer.
CREATE TEMP TABLE p AS SELECT x.provider_id FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean', 'merchant', '{"login": "in_shop"}') x;
CREATE TEMP TABLE v AS SELECT x.provider_id FROM m, community.provider_apply(pg_temp.k(), c, 'person', 5, 'Vera', 'volunteer') x;
UPDATE community.provider SET state = 'active';
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', 'Clean', 121.505, 29.805, 1000, '{"capacity": 9}') FROM p;
SELECT community.offer_add(330203001001, provider_id, 'volunteer_visit', 'Vera', 121.505, 29.805, 0, '{"capacity": 9}') FROM v;
CREATE TEMP TABLE o AS SELECT 'clean' AS name, x.order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(2, 'house_cleaning')) x;
INSERT INTO o SELECT 'visit', x.order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(3, 'volunteer_visit')) x;
GRANT SELECT ON o TO PUBLIC;
CREATE FUNCTION pg_temp.touch(p_name text, p_person bigint) RETURNS text LANGUAGE sql AS
    $$ SELECT concat_ws(' ', x.status, x.state, x.side) FROM o, community.order_check_in(330203001001, order_id, pg_temp.cred(p_person)::community.credential) x WHERE name = p_name $$;
SELECT is(pg_temp.touch('clean', 2), 'state matched', 'a match that is not confirmed');
SELECT pg_temp.event(order_id, 'confirm') FROM o;
SELECT is(pg_temp.touch('clean', 2), 'early confirmed', 'too early');
UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour');
SELECT is(pg_temp.touch('clean', 6), 'other_holder confirmed', 'somebody who does not work there');
SELECT community.provider_staff_set(330203001001, provider_id, 6) FROM p;
SELECT is(pg_temp.touch('clean', 6), 'ok confirmed provide', 'now he does');
SELECT is(provider_in IS NOT NULL AND requester_in IS NULL, true, 'one side is there') FROM community.service_order JOIN o USING (order_id) WHERE name = 'clean';
SELECT is(pg_temp.touch('clean', 2), 'ok in_service request', 'and the other: the service begins');
SELECT is(pg_temp.touch('clean', 2), 'state in_service', 'once');
SELECT is(pg_temp.touch('visit', 3), 'ok confirmed request', 'the requester first');
SELECT is(pg_temp.touch('visit', 6), 'other_holder confirmed', 'staff of another provider');
SELECT is(pg_temp.event(order_id, 'check_in', '{"role": "provide"}'), 'in_service', 'the volunteer without a card') FROM o WHERE name = 'visit';
SELECT results_eq($$SELECT event, role, to_state, doc ->> 'status' FROM community.match_log JOIN o ON object_id = order_id WHERE machine = 'order' AND event ~ 'check_in' AND name = 'clean' ORDER BY log_id$$,
    $$VALUES ('check_in_refused', 'match', 'matched', 'state'), ('check_in_refused', 'match', 'confirmed', 'early'), ('check_in_refused', 'match', 'confirmed', 'other_holder'),
             ('check_in', 'provide', 'confirmed', 'ok'), ('check_in', 'request', 'in_service', 'ok'), ('check_in_refused', 'match', 'in_service', 'state')$$, 'the log of the order');
SELECT is(pg_temp.event(order_id, 'finish'), 'done', 'and goes on as usual') FROM o WHERE name = 'clean';
SELECT is(pg_temp.reason('SELECT community.order_check_in(330203001001, 0, NULL)'), 'match_unknown', 'an unknown order');
SELECT is(pg_temp.reason(format('SELECT community.provider_staff_set(330203001001, %s, 99)', provider_id)), 'match_form', 'staff are persons of the register') FROM p;
SELECT is(pg_temp.reason('SELECT community.provider_staff_set(330203001001, 0, 6)'), 'match_unknown', 'of a provider');
SELECT community.provider_staff_set(330203001001, provider_id, 6, false) FROM p;
SELECT is_empty('SELECT * FROM community.provider_staff', 'nobody works there any more');

-- Who may present cards: readers, the provider of the order, the platform.
CREATE TEMP TABLE o2 AS SELECT x.order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(4, 'house_cleaning')) x;
SELECT pg_temp.event(order_id, 'confirm') FROM o2;
UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour') FROM o2 WHERE service_order.order_id = o2.order_id;
GRANT SELECT ON o2 TO PUBLIC;
CREATE ROLE in_shop LOGIN IN ROLE community_app;
CREATE ROLE in_reader LOGIN IN ROLE community_app;
CREATE ROLE in_anna LOGIN IN ROLE community_app;
SELECT community.member_add('in_shop', 'provide', 330203001001), community.member_add('in_reader', 'door', 330203001001), community.member_add('in_anna', 'request', 330203001001);
SET SESSION AUTHORIZATION in_anna;
SELECT is(pg_temp.reason('SELECT community_api.order_check_in(pg_temp.k(), 330203001001, order_id, pg_temp.cred(4)) FROM o2'), 'match_role', 'a requester does not present cards');
SELECT is(pg_temp.reason('SELECT community_api.card_check_in(pg_temp.k(), 330203001001, id, pg_temp.cred(1)) FROM b'), 'match_role', 'nor for a booking');
SET SESSION AUTHORIZATION in_shop;
SELECT is(pg_temp.reason('SELECT community_api.card_check_in(pg_temp.k(), 330203001001, id, pg_temp.cred(1)) FROM b'), 'match_role', 'nor does a provider for a booking');
SELECT is(concat_ws(' ', x ->> 'status', x ->> 'side'), 'ok request', 'a provider for its order') FROM o2, community_api.order_check_in('00000000-0000-0000-0000-0000000000c1', 330203001001, order_id, pg_temp.cred(4)) x;
SELECT is(concat_ws(' ', x ->> 'status', x ->> 'side'), 'ok request', 'the same key, the same answer') FROM o2, community_api.order_check_in('00000000-0000-0000-0000-0000000000c1', 330203001001, order_id, pg_temp.cred(4)) x;
SELECT is(pg_temp.reason($$SELECT community_api.order_check_in('00000000-0000-0000-0000-0000000000c1', 330203001001, order_id, pg_temp.cred(5)) FROM o2$$), 'key_reused', 'not for another card');
SELECT is(community_api.provider_staff_set('00000000-0000-0000-0000-0000000000c2', 330203001001, provider_id, 6), true, 'it names its staff') FROM (SELECT provider_id FROM o2, LATERAL (SELECT (community_api.order_get(330203001001, order_id) ->> 'provider_id')::bigint AS provider_id) x) y;
SELECT is(pg_temp.reason('SELECT community_api.provider_staff_set(NULL, 330203001001, 1, 6)'), 'key_missing', 'with a key');
SET SESSION AUTHORIZATION in_reader;
SELECT is(concat_ws(' ', x ->> 'status', x ->> 'state', x ->> 'side'), 'ok in_service provide', 'a reader for anybody') FROM o2, community_api.order_check_in(pg_temp.k(), 330203001001, order_id, pg_temp.cred(6)) x;
SELECT is(x ->> 'status', 'malformed', 'a text that is no credential is a refused tap') FROM b, community_api.card_check_in(pg_temp.k(), 330203001001, id, 'nonsense') x;
SELECT is(x ->> 'status', 'state', 'a reader at the room') FROM b, community_api.card_check_in('00000000-0000-0000-0000-0000000000c3', 330203001001, id, pg_temp.cred(1)) x;
SELECT is(x ->> 'status', 'state', 'the same key, the same answer') FROM b, community_api.card_check_in('00000000-0000-0000-0000-0000000000c3', 330203001001, id, pg_temp.cred(1)) x;
SELECT is(pg_temp.reason('SELECT community_api.card_check_in(NULL, 330203001001, id, pg_temp.cred(1)) FROM b'), 'key_missing', 'a command needs a key');
RESET SESSION AUTHORIZATION;
SELECT community.module_disable('card', 330203001001);
SET SESSION AUTHORIZATION in_reader;
SELECT is(pg_temp.reason('SELECT community_api.card_check_in(pg_temp.k(), 330203001001, id, pg_temp.cred(1)) FROM b'), 'module_off', 'without cards there is no check-in by card');
SELECT is(pg_temp.reason('SELECT community_api.order_check_in(pg_temp.k(), 330203001001, order_id, pg_temp.cred(4)) FROM o2'), 'module_off', 'nor for orders');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
