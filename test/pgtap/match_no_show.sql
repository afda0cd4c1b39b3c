-- A stated no-show: its money waits, the other side contests it, a supervisor decides.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

CREATE TEMP TABLE p AS SELECT x.provider_id FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Shop', 'merchant') x;
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'Cleaning', 121.506, 29.805, 10000, '{"capacity": 50}') FROM m, p;
CREATE FUNCTION pg_temp.deal(p_person bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_person, 'house_cleaning')));
BEGIN
    PERFORM pg_temp.event(v, 'confirm');
    UPDATE community.service_order SET period = tstzrange(now() - interval '1 hour', now() + interval '1 hour') WHERE order_id = v;
    RETURN v;
END $$;
-- An order whose other side does not come, as the side that came says.
CREATE FUNCTION pg_temp.missed(p_person bigint, p_by text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint := pg_temp.deal(p_person);
BEGIN
    PERFORM pg_temp.event(v, 'check_in', jsonb_build_object('role', p_by)), pg_temp.event(v, 'no_show', jsonb_build_object('role', p_by));
    RETURN v;
END $$;
CREATE FUNCTION pg_temp.state_of(p_order bigint) RETURNS text LANGUAGE sql AS $$
    SELECT o.state || ' ' || d.state || coalesce(' ' || paid, '') || CASE WHEN ended_at IS NOT NULL THEN ' ended' ELSE '' END
      FROM community.service_order o JOIN community.demand d USING (community_id, demand_id) WHERE order_id = p_order $$;

-- Stated by the provider.
CREATE TEMP TABLE a AS SELECT pg_temp.missed(1, 'provide') AS id;
SELECT is(pg_temp.state_of(id), 'no_show withdrawn', 'a no-show of the requester ends its demand') FROM a;
SELECT is(pg_temp.bal('person', 1) || ' ' || pg_temp.bal('organization', shop), '90000 0', 'and pays nothing yet: the price is still held') FROM m;
SELECT is(taken, 0, 'the capacity is given back at once') FROM community.offer WHERE title = 'Cleaning';
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'dispute', '{"role": "provide", "reason": "x"}')$$, id)), 'match_role', 'who states it does not contest it') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'dispute', '{"role": "request"}')$$, id)), 'match_form', 'a contest has a reason') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'settle', '{"role": "match"}')$$, id)), 'match_state', 'nobody settles it before its time by hand') FROM a;
SELECT is(community._job_match_settle(now() + interval '6 days'), 0::bigint, 'there are some days to contest it');
SAVEPOINT contested;
SELECT is(pg_temp.event(id, 'dispute', '{"role": "request", "reason": "I was there"}'), 'contested', 'the requester contests') FROM a;
SELECT is(community._job_match_settle(now() + interval '1 year'), 0::bigint, 'what is contested does not settle');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'refund', '{"keep": 10001}')$$, id)), 'match_form', 'at most the price is kept') FROM a;
SELECT is(pg_temp.event(id, 'refund'), 'refunded', 'and is found right') FROM a;
SELECT is(pg_temp.state_of(id), 'refunded withdrawn 0 ended', 'for nothing') FROM a;
SELECT is(pg_temp.bal('person', 1), 100000::bigint, 'the hold is given back');
SELECT ok(community._order_failed(o), 'an order that failed at its provider') FROM community.service_order o JOIN a ON order_id = id;
ROLLBACK TO contested;
SELECT pg_temp.event(id, 'dispute', '{"reason": "I was there"}') FROM a;
SELECT is(pg_temp.event(id, 'dismiss'), 'missed', 'or is not found right') FROM a;
SELECT is(pg_temp.state_of(id), 'missed withdrawn 5000 ended', 'and pays half') FROM a;
SELECT is(pg_temp.bal('person', 1) || ' ' || pg_temp.bal('organization', shop), '95000 5000', 'to the provider') FROM m;
ROLLBACK TO contested;
SELECT is(community._job_match_settle(now() + interval '8 days'), 1::bigint, 'else it settles by itself');
SELECT is(pg_temp.state_of(id), 'missed withdrawn 5000 ended', 'by the rule of the service') FROM a;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'dispute', '{"reason": "late"}')$$, id)), 'match_state', 'after which nobody contests it') FROM a;
SELECT is(community._job_match_settle(now() + interval '1 year'), 0::bigint, 'nor does it settle again');
SELECT ok(NOT community._order_failed(o), 'it did not fail at the provider') FROM community.service_order o JOIN a ON order_id = id;

-- Stated by the requester: the demand goes on to another order meanwhile.
CREATE TEMP TABLE b AS SELECT pg_temp.missed(2, 'request') AS id, NULL::bigint AS demand_id;
UPDATE b SET demand_id = o.demand_id FROM community.service_order o WHERE o.order_id = id;
SELECT is(pg_temp.state_of(id), 'no_show open', 'a no-show of the provider opens the demand again') FROM b;
SELECT ok(demand_id = ANY (community._match_reopened(330203001001, now() - interval '1 hour')), 'to be planned again at once') FROM b;
SELECT ok(community._order_failed(o), 'it counts as failed at the provider') FROM community.service_order o JOIN b ON order_id = id;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'dispute', '{"role": "request", "reason": "x"}')$$, id)), 'match_role', 'the requester does not contest its own statement') FROM b;
CREATE TEMP TABLE b2 AS SELECT x.order_id AS id FROM b, community.match_demand(pg_temp.k(), 330203001001, demand_id, (SELECT offer_id FROM community.offer WHERE title = 'Cleaning')) x;
SELECT pg_temp.event(id, 'confirm') FROM b2;
SELECT is(pg_temp.event(id, 'dispute', '{"reason": "nobody opened"}'), 'contested', 'the provider contests while another order of the demand stands') FROM b;
SELECT ok(NOT community._order_failed(o), 'until it is decided nothing failed') FROM community.service_order o JOIN b ON order_id = id;
SAVEPOINT found;
SELECT is(pg_temp.event(id, 'refund', '{"keep": 3000}'), 'refunded', 'and is found right') FROM b;
SELECT is(pg_temp.state_of(b.id) || ', ' || pg_temp.state_of(b2.id), 'refunded matched 3000 ended, confirmed matched', 'with a part of the price; the other order stays') FROM b, b2;
SELECT ok(NOT community._order_failed(o), 'nor did the order fail at it') FROM community.service_order o JOIN b ON order_id = id;
ROLLBACK TO found;
SELECT is(pg_temp.event(id, 'dismiss'), 'missed', 'or is not') FROM b;
SELECT is(pg_temp.state_of(id), 'missed matched 0 ended', 'and has nothing') FROM b;
SELECT ok(community._order_failed(o), 'the order failed at it') FROM community.service_order o JOIN b ON order_id = id;

-- A rated order until it settles.
CREATE TEMP TABLE r AS SELECT pg_temp.deal(3) AS id;
SELECT pg_temp.event(id, 'check_in', '{"role": "provide"}'), pg_temp.event(id, 'check_in', '{"role": "request"}'), pg_temp.event(id, 'finish'), pg_temp.event(id, 'rate', '{"stars": 5}') FROM r;
SELECT is(pg_temp.event(id, 'dispute', '{"reason": "not me"}'), 'disputed', 'a rated order is disputed') FROM r;
SELECT is(community._job_match_settle(now() + interval '1 year'), 0::bigint, 'and does not settle');
SELECT community.setting_set('match_burst', '1', 330203001001);
SELECT is(community._job_match_ratings(now()), 1::bigint, 'its rating is looked at as others are');
SELECT community.rating_clear(330203001001, id) FROM r;
SELECT is(pg_temp.reason($$UPDATE community.rating SET counted = true$$), 'rating_early', 'but does not count');
SELECT is(pg_temp.event(id, 'refund'), 'refunded', 'refunded') FROM r;
SELECT is(pg_temp.reason($$UPDATE community.rating SET counted = true$$), 'rating_early', 'nor afterwards');
SELECT is(rated, 0, 'for the provider') FROM community.provider JOIN p USING (provider_id);

SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
SELECT is_empty($$SELECT order_id FROM community.service_order o WHERE hold_seq IS NOT NULL
    AND (SELECT count(*) FROM community.transfer t WHERE t.hold_seq = o.hold_seq) <> (ended_at IS NOT NULL)::integer$$, 'every hold is resolved once, at the end of its order');
CREATE TEMP TABLE late AS SELECT pg_temp.missed(4, 'provide') AS id;
SELECT is_empty('SELECT * FROM community._health_match()', 'health has nothing to say');
UPDATE community.service_order SET settle_due = now() - interval '2 days' FROM late WHERE order_id = id;
SELECT is(count(*), 1::bigint, 'until the settlement of a no-show is late') FROM community._health_match();
SELECT * FROM finish();
ROLLBACK;
