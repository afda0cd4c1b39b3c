-- Booking and checking in by card.
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
SELECT community.community_register('330203001001', 'One', 'residential'), community.community_register('330203001002', 'Two', 'residential');
SELECT community.card_issuer_add(330203001001, 7, 'hmac-sha256'), community.card_issuer_add(330203001002, 8, 'hmac-sha256');
CREATE TEMP TABLE m AS
SELECT x.n, a.card_id, x.c, NULL::text AS cred
  FROM (VALUES (1, 330203001001, 11::bigint, '{booking,door}'::text[]), (2, 330203001001, 12, '{booking}'), (3, 330203001001, 13, '{door}'), (4, 330203001001, NULL, '{booking}'), (5, 330203001002, 15, '{booking}')) AS x (n, c, person, apps)
 CROSS JOIN LATERAL community.card_apply(x.c, ARRAY[x.person], 'resident', x.apps, now() + interval '1 year') a;
SELECT count(community.card_event(c, card_id, 'produce')) FROM m;
UPDATE m SET cred = (SELECT credential FROM community.card_issue(m.c, m.card_id));
SELECT count(community.card_event(c, card_id, 'activate')) FROM m;
CREATE TEMP TABLE r AS SELECT community.resource_add(330203001001, 'Room', 1) AS room;
CREATE FUNCTION pg_temp.book(p_n integer, p_key uuid, p_wait boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
    SELECT community_api.card_book(p_key, 330203001001, room, cred, now() + interval '5 minutes', now() + interval '65 minutes', p_wait) FROM r, m WHERE n = p_n $$;
CREATE TEMP TABLE b AS SELECT pg_temp.book(1, '00000000-0000-0000-0000-000000000001') AS doc;
SELECT is(doc - 'booking_id', '{"status": "ok", "state": "held"}', 'a card books') FROM b;
SELECT is(pg_temp.book(1, '00000000-0000-0000-0000-000000000001'), doc, 'once under a key') FROM b;
SELECT is((SELECT requester_kind || ' ' || requester_id FROM community.booking), 'person 11', 'for its holder');
SELECT is(pg_temp.reason($$SELECT pg_temp.book(2, gen_random_uuid())$$), 'booking_full', 'a seat is a seat');
SELECT is(pg_temp.book(2, gen_random_uuid(), true)->>'state', 'waiting', 'or a place to wait');
SELECT is(pg_temp.book(3, gen_random_uuid()), '{"status": "wrong_app"}', 'a card without the application');
SELECT is(pg_temp.book(4, gen_random_uuid()), '{"status": "no_person"}', 'an unnamed card');
SELECT is(pg_temp.book(5, gen_random_uuid()), '{"status": "other_community"}', 'a card of another community');
SELECT is((SELECT community_api.card_book(gen_random_uuid(), 330203001001, room, 'x', now(), now() + interval '1 hour') FROM r), '{"status": "malformed"}', 'nonsense');
SELECT community.booking_event(gen_random_uuid(), 330203001001, (doc->>'booking_id')::bigint, 'confirm') FROM b;
CREATE FUNCTION pg_temp.check_in(p_n integer, p_key uuid DEFAULT gen_random_uuid()) RETURNS jsonb LANGUAGE sql AS $$
    SELECT community_api.card_check_in(p_key, 330203001001, (doc->>'booking_id')::bigint, cred) FROM b, m WHERE n = p_n $$;
SELECT is(pg_temp.check_in(2), '{"status": "other_holder", "state": "confirmed"}', 'nobody else checks in');
SELECT community.card_event(330203001001, card_id, 'lose_temp', p_until => now() + interval '1 day') FROM m WHERE n = 1;
SELECT is(pg_temp.check_in(1), '{"status": "card_temp_lost", "state": "confirmed"}', 'nor a card that is lost');
SELECT community.card_event(330203001001, card_id, 'found') FROM m WHERE n = 1;
SELECT is(pg_temp.check_in(1, '00000000-0000-0000-0000-000000000011'), '{"status": "ok", "state": "checked_in"}', 'the card of the one who booked does');
SELECT is(pg_temp.check_in(1, '00000000-0000-0000-0000-000000000011'), '{"status": "ok", "state": "checked_in"}', 'once');
-- Rights: a login that may not book does not book with a card either.
CREATE ROLE kiosk LOGIN IN ROLE community_app;
SELECT community.member_add('kiosk', 'read', 330203001001);
GRANT ALL ON r, m, b TO kiosk;
SET SESSION AUTHORIZATION kiosk;
SELECT is(pg_temp.reason($$SELECT community_api.card_book(gen_random_uuid(), 330203001001, room, cred, now() + interval '2 hours', now() + interval '3 hours') FROM r, m WHERE n = 2$$), 'match_role', 'a login without the right');
SELECT is(pg_temp.reason($$SELECT community_api.card_book(gen_random_uuid(), 330203001001, room, 'x', now() + interval '2 hours', now() + interval '3 hours') FROM r$$), 'match_role', 'learns nothing of a card');
RESET SESSION AUTHORIZATION;
SELECT community.member_add('kiosk', 'request', 330203001001);
SET SESSION AUTHORIZATION kiosk;
SELECT is((SELECT community_api.card_book(gen_random_uuid(), 330203001001, room, cred, now() + interval '2 hours', now() + interval '3 hours')->>'state' FROM r, m WHERE n = 2), 'held', 'one with it books');
RESET SESSION AUTHORIZATION;
SELECT community.card_app_set(330203001001, card_id, 'booking', 'suspended') FROM m WHERE n = 2;
SELECT is(pg_temp.book(2, gen_random_uuid()), '{"status": "application_off"}', 'a suspended application');
SELECT * FROM finish();
ROLLBACK;
