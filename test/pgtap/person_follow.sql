-- What a person's end takes along in the modules above: cards, matching.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

CREATE FUNCTION pg_temp.card_state(p_person bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(state, ' ' ORDER BY card_id) FROM community.card WHERE community_id = 330203001001 AND person_id = p_person $$;
CREATE FUNCTION pg_temp.demand_state(p_demand bigint) RETURNS text LANGUAGE sql AS 'SELECT state FROM community.demand WHERE demand_id = p_demand';
CREATE FUNCTION pg_temp.deal(p_demand bigint) RETURNS bigint LANGUAGE sql AS
    'SELECT order_id FROM community.match_demand(gen_random_uuid(), 330203001001, p_demand)';

-- Registering.
SELECT results_eq($$SELECT name, module FROM community.follower WHERE topic = 'person' ORDER BY name$$, $$VALUES ('card', 'card'), ('match', 'match')$$, 'cards and matching follow persons');
SELECT is_empty($$SELECT function FROM community.follower WHERE to_regprocedure(function || '(bigint, bigint, text)') IS NULL$$, 'with functions that are there');

-- Cards: 1 without money, 2 with money, 3 without any purse and with a pass, 4 stays.
SELECT community.ledger_transfer(pg_temp.k(), c, a.account_id, bank, 100000, 'withdrawal')
  FROM m, community.account a WHERE a.kind = 'purse' AND a.currency = 'CNY' AND a.owner_id IN (1, 3);
SELECT community.card_key_sync();
SELECT community.card_issuer_add(330203001001, 7);
CREATE TEMP TABLE card AS
SELECT person_id, card_id, NULL::text AS cred FROM community.card_apply(330203001001, '{1,2,3,4,5}'::bigint[], 'resident', '{door}', now() + interval '1 year', '{330203001001}');
SELECT community.card_event(330203001001, card_id, 'produce') FROM card WHERE person_id < 5;
UPDATE card SET cred = i.credential FROM (SELECT x.card_id, (community.card_issue(330203001001, x.card_id)).credential FROM card x WHERE person_id < 5) i WHERE i.card_id = card.card_id;
SELECT community.card_event(330203001001, card_id, 'activate') FROM card WHERE person_id < 5;
SELECT community.card_purse_open(330203001001, card_id) FROM card WHERE person_id IN (1, 2, 5);
SELECT community.card_bind(330203001001, card_id, 'phone', '1380013800' || person_id) FROM card WHERE person_id IN (1, 2);
SELECT community.pin_set(330203001001, card_id, '493817') FROM card WHERE person_id IN (1, 2);
CREATE TEMP TABLE pass AS
SELECT p.credential::community.credential AS cred FROM card, community.guest_pass(card.cred::community.credential, '{door}', now(), now() + interval '1 hour', '{330203001001}') p WHERE person_id = 3;
SELECT is((community._card_of_credential(cred, clock_timestamp(), NULL, NULL, false)).status, 'ok', 'a pass of a living holder is good') FROM pass;
SELECT community.person_death(330203001001, 3);
SELECT is(pg_temp.card_state(3), 'cancelled', 'the card of the dead is cancelled');
SELECT is((community._card_of_credential(cred, clock_timestamp(), NULL, NULL, false)).status, 'card_cancelled', 'and its pass dies with it') FROM pass;
SELECT is(event || ' ' || from_state || ' ' || to_state || ' ' || reason, 'cancel active cancelled person end', 'the log says why')
  FROM community.card_log JOIN card USING (card_id) WHERE person_id = 3 ORDER BY log_id DESC LIMIT 1;
SELECT community.person_depart(330203001001, 2);
SELECT is(pg_temp.card_state(2), 'frozen', 'a card with money is frozen');
SELECT is(pg_temp.bal('person', 2), 100000::bigint, 'its money stays');
SELECT is_empty('SELECT FROM community.card_binding JOIN card USING (card_id) WHERE person_id = 2 AND ended_at IS NULL', 'its binding ended');
SELECT isnt_empty('SELECT FROM community.card_binding JOIN card USING (card_id) WHERE person_id = 2', 'and is on record');
SELECT community.person_depart(330203001001, 5);
SELECT is(pg_temp.card_state(5), 'frozen', 'so is one that was never handed out');
SELECT is(pg_temp.reason(format('SELECT community.card_event(330203001001, %s, ''produce'')', card_id)), 'card_transition', 'nor ever will be') FROM card WHERE person_id = 5;
SELECT community.person_erase(330203001001, 1, 'asked for');
SELECT is(pg_temp.card_state(1), 'cancelled', 'an empty purse holds up no cancellation');
SELECT is_empty('SELECT FROM community.card_binding JOIN card USING (card_id) WHERE person_id = 1', 'an erasure takes the numbers of bindings');
SELECT is(c.pin, NULL, 'and the PIN') FROM community.card c JOIN card USING (card_id) WHERE c.person_id = 1;
SELECT isnt(c.pin, NULL, 'which a departure leaves') FROM community.card c JOIN card USING (card_id) WHERE c.person_id = 2;
SELECT is(pg_temp.card_state(4), 'active', 'the card of a neighbour goes on');
-- Paid out, a frozen card is cancelled by the erasure.
SELECT community.ledger_transfer(pg_temp.k(), c, a.account_id, bank, 100000, 'withdrawal')
  FROM m, community.account a WHERE a.kind = 'purse' AND a.currency = 'CNY' AND a.owner_id = 2;
SELECT community.person_erase(330203001001, 2, 'asked for');
SELECT is(pg_temp.card_state(2), 'cancelled', 'paid out and erased, it is cancelled');
SELECT is(count(*), 2::bigint, 'each change is logged once') FROM community.card_log JOIN card USING (card_id) WHERE person_id = 2 AND reason LIKE 'person %';

-- Matching: 6 asks, books and provides.
CREATE TEMP TABLE p AS SELECT provider_id FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean Co', 'merchant');
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', 'Cleaning', 121.506, 29.805, 10000, '{"capacity": 50}') FROM p;
CREATE TEMP TABLE d AS
SELECT pg_temp.want(6, 'house_cleaning') AS asked, pg_temp.want(7, 'house_cleaning') AS other;
ALTER TABLE d ADD rated bigint, ADD held bigint, ADD again bigint, ADD o_rated bigint, ADD o_held bigint;
UPDATE d SET rated = pg_temp.want(6, 'house_cleaning', '{"description": "Knock at Wang''s", "proxy": "her son Wang"}');
UPDATE d SET o_rated = pg_temp.deal(rated);
SELECT pg_temp.event(o_rated, 'confirm') FROM d;
UPDATE community.service_order SET period = tstzrange(now() - interval '1 hour', now() + interval '1 hour') FROM d WHERE order_id = o_rated;
SELECT pg_temp.event(o_rated, 'check_in', '{"role": "provide"}') FROM d;
SELECT pg_temp.event(o_rated, 'check_in', '{"role": "request"}') FROM d;
SELECT pg_temp.event(o_rated, 'finish') FROM d;
SELECT pg_temp.event(o_rated, 'rate', '{"stars": 5, "comment": "Li was kind to Wang"}') FROM d;
UPDATE d SET held = pg_temp.want(6, 'house_cleaning', jsonb_build_object('from', pg_temp.ten() + interval '1 day', 'upto', pg_temp.ten() + interval '26 hours'));
UPDATE d SET o_held = pg_temp.deal(held);
SELECT pg_temp.event(o_held, 'confirm') FROM d;
UPDATE d SET again = pg_temp.want(6, 'house_cleaning', jsonb_build_object('from', pg_temp.ten() + interval '2 days', 'upto', pg_temp.ten() + interval '50 hours',
    'repeat_every', '7 days', 'repeat_until', pg_temp.ten() + interval '60 days'));
SELECT isnt(repeat_every, NULL, 'a demand that repeats') FROM community.demand, d WHERE demand_id = again;
SELECT is(pg_temp.bal('person', 6), 80000::bigint, 'two orders hold money');
CREATE TEMP TABLE v AS SELECT provider_id FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 6, 'Wang Wei', 'volunteer');
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'accept') FROM v JOIN community.provider USING (provider_id) WHERE state = 'applied';
SELECT community.offer_add(330203001001, provider_id, 'volunteer_visit', 'Visits by Wang', 121.506, 29.805, 0) FROM v;
SELECT community.qualification_add(330203001001, provider_id, 'first_aid', 'C-17', 'Red Cross', daterange(CURRENT_DATE, CURRENT_DATE + 100)) FROM v;
SELECT community.provider_staff_set(330203001001, provider_id, 6) FROM p;
SELECT community.match_block_set(330203001001, 'person', 6, provider_id, 'quarrel with Wang') FROM p;
CREATE TEMP TABLE r AS SELECT community.resource_add(330203001001, 'Room') AS room;
SELECT community.booking_hold(pg_temp.k(), 330203001001, room, 'person', 6, pg_temp.ten(), pg_temp.ten() + interval '1 hour') FROM r;
SELECT community.booking_hold(pg_temp.k(), 330203001001, room, 'person', 7, pg_temp.ten(), pg_temp.ten() + interval '1 hour', true) FROM r;
SELECT community.booking_hold(pg_temp.k(), 330203001001, room, 'person', 7, pg_temp.ten() + interval '2 hours', pg_temp.ten() + interval '3 hours') FROM r;
SELECT community.booking_hold(pg_temp.k(), 330203001001, room, 'person', 6, pg_temp.ten() + interval '2 hours', pg_temp.ten() + interval '3 hours', true) FROM r;

-- All or nothing.
SAVEPOINT s;
CREATE FUNCTION community.test_follower(bigint, bigint, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = 'UE001'; END $$;
SELECT community.register_follower('person', 'zz', 'community.test_follower', 'test');
SELECT is(pg_temp.reason('SELECT community.person_death(330203001001, 6)'), 'UE001 not now', 'a follower ends all with its own error');
SELECT is(pg_temp.reason('SELECT community.person_erase(330203001001, 6, ''x'')'), 'UE001 not now', 'an erasure too');
SELECT is(status, 'active', 'the person is on record') FROM community.person WHERE person_id = 6;
SELECT is(pg_temp.demand_state(asked) || (SELECT state FROM community.provider JOIN v USING (provider_id)), 'openactive', 'and matching as it was') FROM d;
DROP FUNCTION community.test_follower(bigint, bigint, text);
SELECT is(pg_temp.reason('SELECT community.person_death(330203001001, 6)'), '42883 function community.test_follower does not exist or is not unique', 'a function that is not there is no silence');
SELECT community._module_forget('test');
SELECT is(pg_temp.reason('SELECT community.person_death(330203001001, 6)'), 'done', 'with its module it is forgotten');
ROLLBACK TO s;
-- A module that was removed is not told.
SELECT community._module_forget('card'), community._module_forget('match');
SELECT is_empty($$SELECT FROM community.follower WHERE topic = 'person'$$, 'removed modules follow no more');
SELECT is(pg_temp.reason('SELECT community.person_death(330203001001, 4)'), 'done', 'a person ends without them');
SELECT is(pg_temp.card_state(4), 'active', 'and only in the register');
ROLLBACK TO s;

-- Who may only write persons may end them; the rest follows.
CREATE ROLE follow_desk LOGIN IN ROLE community_app;
SELECT community.member_add('follow_desk', 'person_write', 330203001001);
SET SESSION AUTHORIZATION follow_desk;
SELECT lives_ok($$SELECT community_api.person_change(gen_random_uuid(), 330203001001, 6, 'death')$$, 'a desk without rights in matching records a death');
RESET SESSION AUTHORIZATION;
SELECT is(pg_temp.demand_state(asked) || ' ' || pg_temp.demand_state(again) || ' ' || pg_temp.demand_state(held), 'withdrawn withdrawn withdrawn', 'what the dead asked for is withdrawn') FROM d;
SELECT isnt(pg_temp.demand_state(other), 'withdrawn', 'what others ask for is not') FROM d;
SELECT is_empty('SELECT FROM community.demand WHERE requester_id = 6 AND repeat_every IS NOT NULL', 'nothing comes again');
SELECT is(state || ' ' || paid, 'cancelled 0', 'an order not yet served is cancelled without a fee') FROM community.service_order, d WHERE order_id = o_held;
SELECT is(pg_temp.bal('person', 6), 90000::bigint, 'its money is free again');
SELECT is(state, 'rated', 'one that was served runs its course') FROM community.service_order, d WHERE order_id = o_rated;
SELECT is(x.state || ' ' || o.state, 'withdrawn ended', 'the provider withdrew') FROM v JOIN community.provider x USING (provider_id) JOIN community.offer o USING (provider_id);
SELECT is_empty('SELECT FROM community.provider_staff WHERE person_id = 6', 'staff no more');
SELECT results_eq('SELECT requester_id, state FROM community.booking ORDER BY lower(period), booking_id', $$VALUES (6::bigint, 'cancelled'), (7, 'held'), (7, 'held')$$, 'the booking is cancelled and its seat goes to who waits');
SELECT results_eq('SELECT requester_id, state FROM community.booking_wait ORDER BY requester_id', $$VALUES (6::bigint, 'gone'), (7, 'booked')$$, 'who is gone waits no more');
SELECT is_empty($$SELECT l.machine, l.event FROM community.match_log l WHERE l.doc ->> 'person' = 'ended'
    AND NOT EXISTS (SELECT FROM community.match_transition t WHERE (t.machine, t.from_state, t.event, t.role, t.to_state) = (l.machine, l.from_state, l.event, l.role, l.to_state))$$, 'every change is one of the lifecycles');
SELECT is(count(*), 5::bigint, 'and in the log') FROM community.match_log l WHERE l.doc ->> 'person' = 'ended';
SELECT is(description || proxy || name, 'Knock at Wang''sher son WangWang Wei', 'a death leaves the words') FROM d JOIN community.demand ON demand_id = rated, v JOIN community.provider USING (provider_id);

-- Erasure.
SELECT community.person_erase(330203001001, 6, 'asked for');
SELECT is(description || coalesce(proxy, '-'), '-', 'descriptions and proxies go') FROM d JOIN community.demand ON demand_id = rated;
SELECT is(comment || stars, '5', 'words of ratings go, stars stay') FROM community.rating, d WHERE order_id = o_rated;
SELECT is(concat_ws(' ', x.name, x.login, o.title, q.certificate_no), 'erased erased erased/' || q.qualification_id, 'so do name, login, offers, certificates of the provider')
  FROM v JOIN community.provider x USING (provider_id) JOIN community.offer o USING (provider_id) JOIN community.qualification q USING (provider_id);
SELECT is(reason, 'erased', 'and reasons of blocks') FROM community.match_block;
SELECT is(community._job_match_settle(clock_timestamp()), 1::bigint, 'the order that was served still settles');
SELECT is_empty('SELECT * FROM community.ledger_check(330203001001)', 'and the ledger balances');

-- A move takes nothing along; the end of the new record does.
SELECT community.community_register('330203001002', 'Two', 'residential');
UPDATE community.person SET moved_community_id = 330203001002, moved_person_id = 44, status = 'moved', closed_on = CURRENT_DATE, closed_at = now() WHERE community_id = 330203001001 AND person_id = 4;
INSERT INTO community.person (community_id, person_id, stat_key) VALUES (330203001002, 44, 44);
SELECT is(pg_temp.card_state(4), 'active', 'who moved keeps the card');
SELECT community.person_death(330203001002, 44);
SELECT is(pg_temp.card_state(4), 'cancelled', 'which ends with the new record');

-- Retention takes what an erasure takes, long after the end.
UPDATE community.person SET status = 'departed', closed_on = CURRENT_DATE - 20000, closed_at = now() - interval '20000 days' WHERE community_id = 330203001001 AND person_id = 7;
SELECT community._job_party_retention(now());
SELECT is(status, 'anonymised', 'an old record is anonymised') FROM community.person WHERE community_id = 330203001001 AND person_id = 7;
SELECT is(pg_temp.demand_state(other), 'withdrawn', 'and the modules follow') FROM d;
SELECT * FROM finish();
ROLLBACK;
