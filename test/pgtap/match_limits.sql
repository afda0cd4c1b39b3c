-- Matching at its limits: summer time, times without end, one thing paid twice,
-- quarters without orders, lists of closed resources, praise from inside, a login
-- on both sides.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

-- A demand comes again at the same local time, for any time zone of the session.
CREATE FUNCTION pg_temp.again(p_tz text, p_from text, p_every text, p_hours integer DEFAULT 2) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint;
    v_from timestamp := p_from;
BEGIN
    UPDATE community.community SET tz = p_tz WHERE community_id = 330203001001;
    v_id := pg_temp.want(1, 'policy_advice', jsonb_build_object('from', v_from AT TIME ZONE p_tz, 'upto', (v_from AT TIME ZONE p_tz) + make_interval(hours => p_hours),
        'repeat_every', p_every, 'repeat_until', '2030-01-01'));
    PERFORM community._job_match_upkeep(v_from AT TIME ZONE p_tz + make_interval(hours => p_hours));
    RETURN (SELECT (lower(n.slot) AT TIME ZONE p_tz) || ' ' || (upper(n.slot) - lower(n.slot)) FROM community.demand n WHERE n.repeats = v_id);
END $$;
SELECT pg_temp.again('America/New_York', '2026-03-06 09:00', '7 days') AS spring, pg_temp.again('America/New_York', '2026-10-30 09:00', '7 days') AS autumn,
       pg_temp.again('America/New_York', '2026-03-07 02:15', '1 day') AS gap \gset
SELECT is(:'spring'::text, '2026-03-13 09:00:00 02:00:00', 'when the clocks go forward');
SELECT is(:'autumn'::text, '2026-11-06 09:00:00 02:00:00', 'and back');
SELECT is(:'gap'::text, '2026-03-08 03:15:00 02:00:00', 'a time that does not exist is the one after, as long as before');
SET LOCAL TimeZone = 'UTC';
SELECT is(pg_temp.again('Asia/Shanghai', '2026-03-01 06:00', '1 month'), '2026-04-01 06:00:00 02:00:00', 'the first of a month stays the first where the session counts the day before');
SET LOCAL TimeZone = 'Asia/Shanghai';
SELECT is(pg_temp.again('Asia/Shanghai', '2026-01-31 06:00', '2 months -59 days'), NULL, 'what would come again at the same time does not');
SELECT is(pg_temp.reason($$SELECT pg_temp.want(1, 'house_cleaning', '{"max_price": -1}')$$), 'match_form', 'nobody pays less than nothing');

-- Terms, tenders and periods end.
CREATE TEMP TABLE p AS SELECT x.provider_id, o AS owner, x.state FROM m, unnest(ARRAY[shop, tidy]) o, community.provider_apply(pg_temp.k(), c, 'organization', o, 'Co ' || o, 'merchant') x;
SELECT community.provider_event(pg_temp.k(), c, provider_id, 'accept') FROM m, p WHERE state = 'applied';
INSERT INTO community.facility (community_id, facility_id, class, name, geom, source)
SELECT 330203001001, 1, (SELECT class FROM community.facility_class ORDER BY 1 LIMIT 1), 'Hall', community.gridcell_centroid(community.gridcell(121.505, 29.805, 8)), 'test';
SELECT community.account_open(330203001001, 'CNY', 'fund', 'facility', 1);
CREATE FUNCTION pg_temp.tender(p_term daterange, p_until timestamptz DEFAULT now() + interval '1 day', p_unit text DEFAULT '') RETURNS bigint LANGUAGE sql AS
    'SELECT community.lease_tender(330203001001, 1, p_term, 100, p_until, p_unit)';
SELECT is(pg_temp.reason($$SELECT pg_temp.tender(daterange('-infinity', '2027-01-01'))$$), 'match_form', 'a lease has a first day');
SELECT is(pg_temp.reason($$SELECT pg_temp.tender(daterange('2026-01-01', 'infinity'))$$), 'match_form', 'and a last one');
SELECT is(pg_temp.reason($$SELECT pg_temp.tender('[2026-01-01,2027-01-01)', 'infinity')$$), 'match_form', 'a tender ends');
SELECT is(pg_temp.reason($$SELECT pg_temp.tender('[2026-01-01,2027-01-01)', now() + interval '1 day', NULL)$$), 'match_form', 'a part has a name');
SELECT is(pg_temp.reason($$SELECT pg_temp.tender('[2026-01-01,2027-01-01)')$$), 'done', 'this one is possible');
SELECT throws_ok($$UPDATE community.lease SET term = daterange('-infinity', '2027-01-01')$$, '23514', NULL, 'for any client');

-- One provider is paid once for the same service and time.
CREATE TEMP TABLE bk AS SELECT community.account_open(330203001001, 'CNY', 'fund', 'community', 330203001001) AS id;
SELECT t.seq FROM m, bk, community.ledger_transfer(pg_temp.k(), c, bank, id, 100000, 'topup') t;
CREATE FUNCTION pg_temp.buy(p_period daterange, p_provider integer DEFAULT 1, p_service text DEFAULT 'house_cleaning', p_target text DEFAULT '4', p_weight text DEFAULT '1') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.reason(format('SELECT community.procurement_add(pg_temp.k(), 330203001001, %s, %L, %L, 1000, %s, %L)', provider_id, p_service, p_period, bk.id,
        jsonb_build_array(jsonb_build_object('indicator', 'orders', 'target', p_target, 'weight', p_weight))))
      FROM bk, (SELECT provider_id FROM p ORDER BY 1 LIMIT 1 OFFSET p_provider - 1) x
$$;
SELECT is(pg_temp.buy('[2026-01-01,2026-02-01)'), 'done', 'bought for a month');
SELECT is(pg_temp.buy('[2026-01-31,2026-03-01)'), 'procurement_overlap', 'not for one of its days again');
SELECT is((SELECT b.available FROM bk, community.account_balance(330203001001, bk.id) b), 99000::bigint, 'nothing is held for what is refused');
SELECT is(pg_temp.buy('[2026-02-01,2026-03-01)'), 'done', 'for the next month');
SELECT is(pg_temp.buy('[2026-01-01,2026-02-01)', 2), 'done', 'from another provider');
SELECT is(pg_temp.buy('[2026-01-01,2026-02-01)', 1, 'appliance_repair'), 'done', 'and for another service');
SELECT community.procurement_settle(pg_temp.k(), 330203001001, min(procurement_id)) FROM community.procurement WHERE upper(period) <= current_date HAVING min(procurement_id) IS NOT NULL;
SELECT is(pg_temp.buy('[2026-01-01,2026-01-02)'), 'procurement_overlap', 'a settled one was paid for too');
SELECT is(pg_temp.buy(daterange('2027-01-01', 'infinity')), 'match_form', 'a period ends');
SELECT is(pg_temp.buy('[2027-01-01,2027-02-01)', 1, 'house_cleaning', 'NaN'), 'match_form', 'a target is a number');
SELECT is(pg_temp.buy('[2027-01-01,2027-02-01)', 1, 'house_cleaning', '4', 'NaN'), 'match_form', 'and so is a weight');

-- Penalties that could not be carried out are not proposed.
CREATE TEMP TABLE vi AS SELECT community.violation_add(330203001001, provider_id, 'rule', 'evidence') AS id FROM p LIMIT 1;
SELECT is(pg_temp.reason(format($$SELECT community.penalty_propose(330203001001, %s, 'points', 1000001)$$, id)), 'match_form', 'more points than any provider has') FROM vi;
SELECT is(pg_temp.reason(format($$SELECT community.penalty_propose(330203001001, %s, 'suspension', NULL, '400000 years')$$, id)), 'match_form', 'longer than any calendar') FROM vi;
SELECT is(pg_temp.reason(format($$SELECT community.penalty_propose(330203001001, %s, 'points', 1000000)$$, id)), 'done', 'as many as there may be') FROM vi;

-- A quarter without orders, and one whose only order was given back.
SELECT is(community.hhi(c, 'house_cleaning', '2031-01-01'), NULL, 'no index without orders') FROM m;
INSERT INTO community.market_count (community_id, service, period, provider_id, orders)
SELECT 330203001001, 'house_cleaning', '2031-04-01', x, 0 FROM (SELECT 0 UNION ALL (SELECT provider_id FROM p LIMIT 1)) y(x);
SELECT is(community.hhi(c, 'house_cleaning', '2031-04-01'), NULL, 'nor of orders that were given back') FROM m;
SELECT is_empty($$SELECT * FROM community.market_share(330203001001, 'house_cleaning', '2031-04-01')$$, 'and no shares of nothing');

-- The waiting list of a closed resource keeps its places.
CREATE TEMP TABLE r AS SELECT community.resource_add(330203001001, 'Room') AS id;
CREATE FUNCTION pg_temp.hold(p_person bigint) RETURNS jsonb LANGUAGE sql AS
    'SELECT community.booking_hold(pg_temp.k(), 330203001001, r.id, ''person'', p_person, pg_temp.ten(), pg_temp.ten() + interval ''1 hour'', true) FROM r';
CREATE TEMP TABLE b AS SELECT (pg_temp.hold(1) ->> 'booking_id')::bigint AS first;
SELECT pg_temp.hold(2), pg_temp.hold(3);
UPDATE community.resource SET state = 'closed' FROM r WHERE resource_id = r.id;
SELECT is(community.booking_event(pg_temp.k(), 330203001001, first, 'cancel'), 'cancelled', 'cancelled while closed') FROM b;
SELECT is((SELECT string_agg(state, ' ') FROM community.booking_wait), 'waiting waiting', 'nobody moves up, nobody loses a place');
UPDATE community.resource SET state = 'open' FROM r WHERE resource_id = r.id;
SELECT is((SELECT community._booking_advance(330203001001, id) FROM r), 1, 'when it opens, one moves up');
SELECT is((SELECT string_agg(requester_id || ' ' || state, ', ' ORDER BY wait_id) FROM community.booking_wait), '2 booked, 3 waiting', 'the first of the list');
SELECT is(community._ical_text(E'a\r\nb\rc\nd\x01;\\'), 'a\nb\nc\nd\;\\', 'names bring no lines of their own into a calendar');

-- Praise by staff of the provider does not count by itself; blame does.
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'Cleaning', 121.506, 29.805, 0, '{"capacity": 9}') FROM m, p WHERE owner = shop;
CREATE FUNCTION pg_temp.served(p_person bigint, p_stars integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_person, 'house_cleaning')));
BEGIN
    PERFORM pg_temp.event(v, 'confirm');
    UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour') WHERE order_id = v;
    PERFORM pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish');
    PERFORM pg_temp.event(v, 'rate', jsonb_build_object('stars', p_stars)), pg_temp.event(v, 'settle');
    RETURN v;
END $$;
SELECT community.provider_staff_set(c, provider_id, 8) FROM m, p WHERE owner = shop;
CREATE TEMP TABLE s AS SELECT pg_temp.served(7, 5) AS guest, pg_temp.served(8, 5) AS praise, pg_temp.served(8, 1) AS blame;
SELECT is(rated || ' ' || good, '2 1', 'the praise of a guest and the blame count') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;
SELECT is((SELECT string_agg(order_id || ' ' || flag, ', ') FROM community.rating_review(330203001001)), praise || ' ring', 'the praise of staff waits for a supervisor') FROM s;
SELECT community.rating_clear(330203001001, praise) FROM s;
SELECT is(rated || ' ' || good, '3 2', 'who may let it count') FROM community.provider JOIN p USING (provider_id) JOIN m ON owner = shop;

-- A login that asks for a person does not serve it too.
CREATE ROLE limits_both LOGIN IN ROLE community_app;
SELECT community.member_add('limits_both', c, 330203001001) FROM unnest('{request,provide}'::text[]) c;
UPDATE community.provider SET login = 'limits_both' FROM p JOIN m ON owner = shop WHERE provider.provider_id = p.provider_id;
CREATE FUNCTION pg_temp.both(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_out text;
    v_detail text;
BEGIN
    SET LOCAL SESSION AUTHORIZATION limits_both;
    EXECUTE p_sql INTO v_out;
    RESET SESSION AUTHORIZATION;
    RETURN v_out;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;
CREATE TEMP TABLE l AS SELECT pg_temp.want(9, 'house_cleaning') AS mine, pg_temp.want(10, 'house_cleaning') AS other, offer_id AS offer FROM community.offer WHERE title = 'Cleaning';
UPDATE community.demand SET login = 'limits_both' FROM l WHERE demand_id = mine;
SELECT is(pg_temp.both(format('SELECT community_api.match_demand(gen_random_uuid(), 330203001001, %s, %s)', mine, offer)), 'self_dealing', 'its own demand is not for its own offer') FROM l;
SELECT is(pg_temp.both(format('SELECT community_api.match_demand(gen_random_uuid(), 330203001001, %s)', mine)), 'no_candidate', 'nor found for it') FROM l;
CREATE TEMP TABLE lo AS SELECT d, (community.match_demand(pg_temp.k(), 330203001001, d)).order_id AS id FROM l, unnest(ARRAY[mine, other]) d;
SELECT is(pg_temp.both(format($$SELECT community_api.order_event(gen_random_uuid(), 330203001001, %s, 'confirm')$$, id)), 'self_dealing', 'when the platform matches the two, it does not accept') FROM lo JOIN l ON d = mine;
SELECT is(pg_temp.both(format($$SELECT community_api.order_event(gen_random_uuid(), 330203001001, %s, 'confirm')$$, id)), 'confirmed', 'what others ask for it does') FROM lo JOIN l ON d = other;
SELECT * FROM finish();
ROLLBACK;
