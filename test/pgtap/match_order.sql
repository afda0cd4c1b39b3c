-- Orders and their money, ratings, supervision.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

CREATE TEMP TABLE p AS
SELECT x.provider_id, o AS owner, x.state FROM m, unnest(ARRAY[shop, tidy]) o, community.provider_apply(pg_temp.k(), c, 'organization', o, 'Co ' || o, 'merchant') x;
SELECT community.provider_event(pg_temp.k(), c, provider_id, 'accept') FROM m, p WHERE state = 'applied';
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'Cleaning', 121.506, 29.805, 10000, '{"capacity": 50}') FROM m, p WHERE owner = shop;
CREATE FUNCTION pg_temp.deal(p_person bigint) RETURNS bigint LANGUAGE sql AS
    $$ SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_person, 'house_cleaning')) $$;
-- Let the time of an order be now.
CREATE FUNCTION pg_temp.now_is_time(p_order bigint) RETURNS bigint LANGUAGE sql AS
    $$ UPDATE community.service_order SET period = tstzrange(now() - interval '1 hour', now() + interval '1 hour') WHERE order_id = p_order RETURNING order_id $$;
CREATE FUNCTION pg_temp.done(p_person bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint := pg_temp.deal(p_person);
BEGIN
    PERFORM pg_temp.event(v, 'confirm');
    PERFORM pg_temp.now_is_time(v);
    PERFORM pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish');
    RETURN v;
END $$;
CREATE FUNCTION pg_temp.state_of(p_order bigint) RETURNS text LANGUAGE sql AS $$
    SELECT o.state || ' ' || d.state FROM community.service_order o JOIN community.demand d USING (community_id, demand_id) WHERE order_id = p_order $$;

-- The usual course: hold at confirmation, post and fee at settlement.
CREATE TEMP TABLE a AS SELECT pg_temp.deal(1) AS id;
SELECT is(pg_temp.bal('person', 1), 100000::bigint, 'a match costs nothing');
SELECT is(community.order_event('00000000-0000-0000-0000-0000000000aa', 330203001001, id, 'confirm'), 'confirmed', 'confirmed') FROM a;
SELECT is(community.order_event('00000000-0000-0000-0000-0000000000aa', 330203001001, id, 'confirm'), 'confirmed', 'the same key, the same answer') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'confirm')$$, id)), 'match_state', 'another key, too late') FROM a;
SELECT is(pg_temp.bal('person', 1), 90000::bigint, 'the price is held');
SELECT is(pg_temp.bal('organization', shop), 0::bigint, 'and not yet paid') FROM m;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'check_in', '{"role": "provide"}')$$, id)), 'check_in_early', 'check-in opens later') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'no_show', '{"role": "provide"}')$$, id)), 'no_show_early', 'a no-show is stated later') FROM a;
SELECT pg_temp.now_is_time(id) FROM a;
SELECT is(pg_temp.event(id, 'check_in', '{"role": "provide"}'), 'confirmed', 'one side checked in') FROM a;
SELECT is(pg_temp.event(id, 'check_in', '{"role": "request"}'), 'in_service', 'both did') FROM a;
SELECT is(string_agg(from_state || ' ' || to_state, ', ' ORDER BY log_id), 'confirmed confirmed, confirmed in_service', 'and the log says so') FROM community.match_log JOIN a ON object_id = id AND machine = 'order' AND event = 'check_in';
SELECT is(pg_temp.event(id, 'finish'), 'done', 'finished') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'rate', '{"stars": 6}')$$, id)), 'match_form', 'stars are one to five') FROM a;
SELECT is(pg_temp.event(id, 'rate', '{"stars": 5, "comment": "fine"}'), 'rated', 'rated') FROM a;
SELECT is(rated, 0, 'a rating does not count before the settlement') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is(community._job_match_settle(clock_timestamp()), 1::bigint, 'a rated order settles');
SELECT is(pg_temp.state_of(id), 'settled fulfilled', 'and its demand is fulfilled') FROM a;
SELECT is(rated || '/' || good, '1/1', 'now it counts') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is(pg_temp.bal('organization', shop), 9900::bigint, 'the provider has the price less the fee') FROM m;
SELECT is(pg_temp.bal('community', 330203001001), 100::bigint, 'the community has the fee of the mixed model');
SELECT is(pg_temp.event(id, 'rate', '{"stars": 4, "role": "provide"}'), 'settled', 'the provider rates after the settlement') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'rate', '{"stars": 1, "role": "request"}')$$, id)), 'rating_twice', 'each side once') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'cancel')$$, id)), 'match_state', 'a settled order is not cancelled') FROM a;
SELECT is(pg_temp.reason($$SELECT pg_temp.event(0, 'confirm')$$), 'match_unknown', 'an unknown order');

-- Ratings, for any client.
CREATE TEMP TABLE b AS SELECT pg_temp.deal(2) AS id;
SELECT is(pg_temp.reason(format($$INSERT INTO community.rating (community_id, order_id, side, provider_id, requester_kind, requester_id, stars)
    SELECT 330203001001, %s, 'requester', provider_id, 'person', 2, 5 FROM community.service_order WHERE order_id = %1$s$$, id)), 'rating_early', 'no rating of a matched order') FROM b;
SELECT is(pg_temp.reason($$UPDATE community.rating SET stars = 1$$), 'match_form', 'stars stay');

-- Rejection, cancellation, no-show.
SELECT is(pg_temp.event(id, 'reject'), 'rejected', 'rejected') FROM b;
SELECT is(pg_temp.state_of(id), 'rejected open', 'the demand is open again') FROM b;
SELECT is((SELECT orders FROM community.market_count WHERE provider_id = 0), 1::bigint, 'and the market does not count it');
SELECT is(taken, 0, 'nor the capacity') FROM community.offer WHERE title = 'Cleaning';
CREATE TEMP TABLE e AS SELECT pg_temp.deal(3) AS id;
SELECT pg_temp.event(id, 'confirm') FROM e;
UPDATE community.service_order SET period = tstzrange(now() + interval '30 hours', now() + interval '31 hours') FROM e WHERE order_id = id;
SELECT is(pg_temp.event(id, 'cancel'), 'cancelled', 'cancelled in time') FROM e;
SELECT is(pg_temp.bal('person', 3), 100000::bigint, 'free of charge');
SELECT is(pg_temp.state_of(id), 'cancelled withdrawn', 'with its demand') FROM e;
CREATE TEMP TABLE l AS SELECT pg_temp.deal(4) AS id;
SELECT pg_temp.event(id, 'confirm'), pg_temp.now_is_time(id) FROM l;
SELECT is(pg_temp.event(id, 'cancel'), 'cancelled', 'cancelled late') FROM l;
SELECT is(pg_temp.bal('person', 4), 97000::bigint, 'costs the cancellation fee');
CREATE TEMP TABLE pc AS SELECT pg_temp.deal(4) AS id;
SELECT pg_temp.event(id, 'confirm'), pg_temp.now_is_time(id) FROM pc;
SELECT is(pg_temp.event(id, 'cancel', '{"role": "provide"}'), 'cancelled', 'the provider cancels') FROM pc;
SELECT is(pg_temp.state_of(id), 'cancelled open', 'and the demand is planned again') FROM pc;
SELECT is(pg_temp.bal('person', 4), 97000::bigint, 'for nothing');
CREATE TEMP TABLE n AS SELECT pg_temp.deal(5) AS id;
SELECT pg_temp.event(id, 'confirm'), pg_temp.now_is_time(id) FROM n;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'no_show', '{"role": "provide"}')$$, id)), 'no_show_early', 'who states a no-show was there') FROM n;
SELECT pg_temp.event(id, 'check_in', '{"role": "provide"}') FROM n;
SELECT is(pg_temp.event(id, 'no_show', '{"role": "provide"}'), 'no_show', 'the requester did not come') FROM n;
SELECT is(community._job_match_settle(now() + interval '8 days'), 1::bigint, 'which settles by itself');
SELECT is(pg_temp.bal('person', 5), 95000::bigint, 'and pays half');
CREATE TEMP TABLE n2 AS SELECT pg_temp.deal(5) AS id;
SELECT pg_temp.event(id, 'confirm'), pg_temp.now_is_time(id), pg_temp.event(id, 'check_in', '{"role": "request"}') FROM n2;
SELECT is(pg_temp.event(id, 'no_show', '{"role": "request"}'), 'no_show', 'the provider did not come') FROM n2;
SELECT is(community._job_match_settle(now() + interval '8 days'), 1::bigint, 'which settles as well');
SELECT is(pg_temp.bal('person', 5), 95000::bigint, 'and gets nothing');

-- Disputes.
CREATE TEMP TABLE d AS SELECT pg_temp.done(6) AS id;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'dispute')$$, id)), 'match_form', 'a dispute has a reason') FROM d;
SELECT is(pg_temp.event(id, 'dispute', '{"reason": "dirty"}'), 'disputed', 'disputed') FROM d;
SELECT is(community._job_match_settle(now() + interval '1 year'), 0::bigint, 'a disputed order does not settle');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'refund', '{"keep": 10001}')$$, id)), 'match_form', 'at most the price is kept') FROM d;
SELECT is(pg_temp.event(id, 'refund', '{"keep": 2000}'), 'refunded', 'refunded but for a part') FROM d;
SELECT is(pg_temp.bal('person', 6), 98000::bigint, 'that the provider keeps');
CREATE TEMP TABLE d2 AS SELECT pg_temp.done(7) AS id;
SELECT pg_temp.event(id, 'dispute', '{"reason": "dear"}') FROM d2;
SELECT is(pg_temp.event(id, 'dismiss'), 'dismissed', 'dismissed') FROM d2;
SELECT is(pg_temp.bal('person', 7), 90000::bigint, 'and paid');
CREATE TEMP TABLE au AS SELECT pg_temp.done(8) AS id;
SELECT is(community._job_match_settle(now() + interval '6 days'), 0::bigint, 'a finished order waits for its rating');
SELECT is(community._job_match_settle(now() + interval '8 days'), 1::bigint, 'and then settles by itself');
UPDATE community.person SET person_id = person_id WHERE false;
SELECT community.account_freeze(330203001001, account_id, true) FROM community.account WHERE owner_kind = 'person' AND owner_id = 9 AND currency = 'CNY';
CREATE TEMP TABLE fr AS SELECT pg_temp.deal(9) AS id;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'confirm')$$, id)), 'account_frozen', 'without money there is no confirmation') FROM fr;
SELECT is(pg_temp.state_of(id), 'matched matched', 'and nothing is half done') FROM fr;
SELECT is(pg_temp.reason($$SELECT pg_temp.event(pg_temp.deal(99), 'confirm')$$), 'account_missing', 'nor without an account');
-- Late confirmations, before the job looks at them.
CREATE TEMP TABLE cl AS SELECT pg_temp.deal(2) AS id;
SAVEPOINT late_confirm;
UPDATE community.service_order SET confirm_due = now() - interval '1 second' FROM cl WHERE order_id = id;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'confirm')$$, id)), 'confirm_late', 'nobody confirms after his time') FROM cl;
SELECT is(pg_temp.state_of(id), 'matched matched', 'the order waits to be rejected') FROM cl;
ROLLBACK TO late_confirm;
UPDATE community.service_order SET period = tstzrange(now() - interval '2 hours', now() - interval '1 hour') FROM cl WHERE order_id = id;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'confirm')$$, id)), 'confirm_late', 'nor after the end of the order') FROM cl;
ROLLBACK TO late_confirm;
SELECT is(pg_temp.event(id, 'confirm'), 'confirmed', 'but in time') FROM cl;
SELECT pg_temp.event(id, 'cancel', '{"role": "provide"}') FROM cl;
-- Orders that nobody moves on.
SAVEPOINT lapse;
CREATE TEMP TABLE la AS SELECT pg_temp.deal(1) AS confirmed, pg_temp.deal(2) AS served;
SELECT pg_temp.event(confirmed, 'confirm'), pg_temp.event(served, 'confirm'), pg_temp.now_is_time(confirmed), pg_temp.now_is_time(served) FROM la;
SELECT pg_temp.event(confirmed, 'check_in', '{"role": "provide"}'), pg_temp.event(served, 'check_in', '{"role": "provide"}'), pg_temp.event(served, 'check_in', '{"role": "request"}') FROM la;
CREATE TEMP TABLE had AS SELECT pg_temp.bal('person', 1) AS money;
SELECT is((SELECT count(*) FROM community.transfer h JOIN la ON h.reference = 'order ' || confirmed WHERE h.phase = 'hold' AND h.expires_at = 'infinity'), 1::bigint, 'a hold lasts as long as its order');
SELECT community._job_match_upkeep(now() + interval '3 days');
SELECT is(pg_temp.state_of(confirmed) || ', ' || pg_temp.state_of(served), 'confirmed matched, in_service matched', 'both sides have some days') FROM la;
SELECT community._job_match_upkeep(now() + interval '4 days');
SELECT is(pg_temp.state_of(confirmed) || ', ' || pg_temp.state_of(served), 'cancelled withdrawn, done matched', 'then what was served is done, and the rest cancelled') FROM la;
SELECT is(pg_temp.bal('person', 1), money + 10000, 'and its money given back') FROM had;
SELECT is_empty('SELECT * FROM community._health_match()', 'health has nothing to say');
UPDATE community.service_order SET settle_due = now() - interval '2 days' FROM la WHERE order_id = served;
SELECT is(count(*), 1::bigint, 'until a settlement is late') FROM community._health_match() WHERE severity = 'warn' AND detail ~ '^1 orders';
ROLLBACK TO lapse;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
SELECT is_empty($$SELECT order_id FROM community.service_order o WHERE hold_seq IS NOT NULL AND community._order_live(state) = EXISTS (SELECT FROM community.transfer t WHERE t.hold_seq = o.hold_seq)
    AND state <> 'done'$$, 'every ended order resolved its hold, no live one did');

-- Anomalous ratings, ranking.
SELECT is(community._job_match_ratings(now()), 0::bigint, 'one good rating is no anomaly');
SELECT community.setting_set('match_burst', '2', 330203001001);
CREATE TEMP TABLE bu AS SELECT pg_temp.done(10) AS id;
SELECT pg_temp.event(id, 'rate', '{"stars": 5}') FROM bu;
SELECT community._job_match_settle(clock_timestamp());
SELECT is(rated, 2, 'two ratings count') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is(community._job_match_ratings(clock_timestamp()), 2::bigint, 'many within an hour are flagged');
SELECT is(rated || '/' || good, '0/0', 'and do not count') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT community.rating_clear(330203001001, id) FROM bu;
SELECT is(rated || '/' || good, '1/1', 'until they are cleared') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is(community._job_match_ratings(clock_timestamp()), 0::bigint, 'for good');
SELECT is(pg_temp.reason(format('SELECT community.rating_clear(330203001001, %s)', id)), 'match_unknown', 'once') FROM bu;
SELECT community.offer_add(c, x.provider_id, 'house_cleaning', 'Ring', 121.506, 29.805, 0) FROM m, p x WHERE owner = tidy;
SELECT community.setting_set('match_burst', '50', 330203001001);
CREATE FUNCTION pg_temp.ring(p_org bigint, p_title text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_org, 'house_cleaning', '{}', 'organization'), (SELECT offer_id FROM community.offer WHERE title = p_title)));
BEGIN
    UPDATE community.service_order SET price = 0, fee = 0 WHERE order_id = v;
    PERFORM pg_temp.event(v, 'confirm'), pg_temp.now_is_time(v);
    PERFORM pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish');
    PERFORM pg_temp.event(v, 'rate', '{"stars": 5}');
END $$;
SELECT pg_temp.ring(shop, 'Ring'), pg_temp.ring(tidy, 'Cleaning') FROM m;
SELECT is(community._job_match_ratings(clock_timestamp()), 2::bigint, 'who rate each other are flagged');
SELECT is(count(*), 2::bigint, 'as a ring') FROM community.rating WHERE flag = 'ring';
-- A ring of three, and a chain that is none.
SAVEPOINT ring3;
SELECT x.provider_id, community.provider_event(pg_temp.k(), 330203001001, x.provider_id, 'accept') FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 4, 'Third', 'resident') x;
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', 'Third', 121.506, 29.805, 0, '{"capacity": 9}') FROM community.provider WHERE name = 'Third';
CREATE FUNCTION pg_temp.best(p_kind text, p_from bigint, p_title text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_from, 'house_cleaning', '{}', p_kind), (SELECT offer_id FROM community.offer WHERE title = p_title)));
BEGIN
    UPDATE community.service_order SET price = 0, fee = 0 WHERE order_id = v;
    PERFORM pg_temp.event(v, 'confirm'), pg_temp.now_is_time(v);
    PERFORM pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish');
    PERFORM pg_temp.event(v, 'rate', '{"stars": 5}');
END $$;
DELETE FROM community.rating;
SELECT pg_temp.best('organization', shop, 'Ring'), pg_temp.best('organization', tidy, 'Third') FROM m;
SELECT is(community._job_match_ratings(clock_timestamp()), 0::bigint, 'a chain is no ring');
SELECT pg_temp.best('person', 4, 'Cleaning'), pg_temp.best('person', 6, 'Cleaning');
SELECT is(community._job_match_ratings(clock_timestamp()), 3::bigint, 'three who rate around are');
SELECT is(string_agg(flag, ' '), 'ring ring ring', 'but not who rates one of them') FROM community.rating;
ROLLBACK TO ring3;
SELECT results_eq($$SELECT place, owner = shop FROM m, community.provider_ranking(330203001001, 'house_cleaning') JOIN p USING (provider_id)$$, 'VALUES (1::bigint, true), (2, false)', 'ranking by the lower bound');
SELECT is(round(community.wilson_lower(1, 1)::numeric, 4), 0.2065, 'Wilson: one of one');
SELECT is(round(community.wilson_lower(90, 100)::numeric, 4), 0.8256, 'Wilson: 90 of 100');
SELECT is(community.wilson_lower(0, 0), 0::float8, 'Wilson: none');

-- Violations and penalties: four eyes, hearing, appeal.
CREATE TEMP TABLE v AS SELECT community.violation_add(c, provider_id, 'late', 'log of the order', NULL) AS id FROM m, p WHERE owner = shop;
SELECT is(pg_temp.reason(format($$SELECT community.violation_add(330203001001, %s, 'late', '')$$, provider_id)), 'match_form', 'a violation has evidence') FROM p LIMIT 1;
SELECT is(pg_temp.reason($$SELECT community.violation_add(330203001001, 0, 'late', 'x')$$), 'match_unknown', 'and a provider');
SELECT is(pg_temp.reason(format($$SELECT community.penalty_propose(330203001001, %s, 'suspension')$$, id)), 'match_form', 'a suspension has a length') FROM v;
SELECT is(pg_temp.reason($$SELECT community.penalty_propose(330203001001, 0, 'ban')$$), 'match_unknown', 'an unknown violation');
CREATE TEMP TABLE n3 AS SELECT community.penalty_propose(330203001001, id, 'suspension', NULL, interval '10 days') AS id FROM v;
SELECT is(pg_temp.reason(format($$SELECT community.penalty_propose(330203001001, %s, 'ban')$$, id)), 'match_form', 'one penalty for a violation') FROM v;
CREATE FUNCTION pg_temp.pen(p_id bigint, p_event text) RETURNS text LANGUAGE sql AS 'SELECT community.penalty_event(pg_temp.k(), 330203001001, p_id, p_event)';
SELECT is(pg_temp.reason(format($$SELECT pg_temp.pen(%s, 'decide')$$, id)), 'four_eyes', 'nobody decides on his own proposal') FROM n3;
UPDATE community.penalty SET proposed_by = 'first';
SELECT is(pg_temp.reason(format($$SELECT pg_temp.pen(%s, 'decide')$$, id)), 'hearing_open', 'the provider is heard first') FROM n3;
UPDATE community.penalty SET hearing_until = now();
SELECT is(pg_temp.pen(id, 'decide'), 'effective', 'then it takes effect') FROM n3;
SELECT is(x.state, 'suspended', 'the provider is suspended') FROM community.provider x JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.pen(%s, 'uphold')$$, id)), 'match_state', 'what is not appealed is not upheld') FROM n3;
SAVEPOINT late;
UPDATE community.penalty SET appeal_until = now() - interval '1 day';
SELECT is(pg_temp.reason(format($$SELECT pg_temp.pen(%s, 'appeal')$$, id)), 'appeal_late', 'an appeal has its time') FROM n3;
ROLLBACK TO late;
SELECT is(pg_temp.pen(id, 'appeal'), 'appealed', 'appealed') FROM n3;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.pen(%s, 'revoke')$$, id)), 'four_eyes', 'a third one decides on it') FROM n3;
UPDATE community.penalty SET decided_by = 'second';
SELECT is(pg_temp.pen(id, 'revoke'), 'revoked', 'revoked') FROM n3;
SELECT is(x.state, 'active', 'and the suspension lifted') FROM community.provider x JOIN p USING (provider_id) JOIN m ON owner = shop;
CREATE TEMP TABLE n4 AS SELECT community.penalty_propose(330203001001, id, 'fine', 500) AS id FROM v;
UPDATE community.penalty SET hearing_until = now(), proposed_by = 'first' FROM n4 WHERE penalty_id = id;
CREATE TEMP TABLE was AS SELECT pg_temp.bal('organization', shop) AS money FROM m;
SELECT pg_temp.pen(id, 'decide') FROM n4;
SELECT is(pg_temp.bal('organization', shop), money - 500, 'a fine is paid') FROM was, m;
SELECT pg_temp.pen(id, 'appeal') FROM n4;
UPDATE community.penalty SET decided_by = 'second' FROM n4 WHERE penalty_id = id;
SELECT pg_temp.pen(id, 'revoke') FROM n4;
SELECT is(pg_temp.bal('organization', shop), money, 'and paid back') FROM was, m;
SELECT is(pg_temp.reason($$SELECT pg_temp.pen(0, 'decide')$$), 'match_unknown', 'an unknown penalty');
CREATE TEMP TABLE n5 AS SELECT community.penalty_propose(330203001001, id, 'suspension', NULL, interval '10 days') AS id FROM v;
UPDATE community.penalty SET hearing_until = now(), proposed_by = 'first' FROM n5 WHERE penalty_id = id;
SELECT pg_temp.pen(id, 'decide') FROM n5;
SELECT community._job_match_upkeep(now() + interval '9 days');
SELECT is(x.state, 'suspended', 'a suspension lasts') FROM community.provider x JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT community._job_match_upkeep(now() + interval '11 days');
SELECT is(x.state, 'active', 'until its end') FROM community.provider x JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT throws_ok($$UPDATE community.penalty SET decided_by = proposed_by$$, '23514', NULL, 'four eyes, for any client');
SELECT is((SELECT number FROM community.supervision_figures(330203001001, now() - interval '1 day', now() + interval '1 day') WHERE figure = f), n, 'figure ' || f)
  FROM (VALUES ('violations', 1::bigint), ('penalties_suspension', 2), ('penalties_fine', 1), ('penalties_ban', 0), ('appeals', 2), ('revoked', 2), ('providers_active', 2)) x(f, n);
SELECT * FROM finish();
ROLLBACK;
