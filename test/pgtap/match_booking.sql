-- Bookings, plans, leases, procurement, time bank.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

-- Bookings.
CREATE TEMP TABLE r AS
SELECT community.resource_add(330203001001, '会议室, "大"', 2, 'Mo-Su,PH 08:00-20:00', '{"buffer": 1, "no_shows": 2}') AS room,
       community.resource_add(330203001001, 'Court') AS court;
CREATE FUNCTION pg_temp.book(p_resource bigint, p_person bigint, p_hours integer DEFAULT 0, p_wait boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
    SELECT community.booking_hold(pg_temp.k(), 330203001001, p_resource, 'person', p_person, pg_temp.ten() + make_interval(hours => p_hours),
        pg_temp.ten() + make_interval(hours => p_hours + 1), p_wait)
$$;
CREATE FUNCTION pg_temp.bk(p_booking bigint, p_event text) RETURNS text LANGUAGE sql AS
    'SELECT community.booking_event(pg_temp.k(), 330203001001, p_booking, p_event)';
CREATE TEMP TABLE b AS SELECT n, (pg_temp.book(room, n) ->> 'booking_id')::bigint AS id FROM r, generate_series(1, 3) n;
SELECT results_eq('SELECT seat FROM community.booking JOIN b ON booking_id = id ORDER BY n', 'VALUES (1), (2), (3)', 'two seats and a buffer');
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 4)', room)), 'booking_full', 'and no more') FROM r;
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 1)', room)), 'booking_full', 'for nobody') FROM r;
SELECT is(pg_temp.book(room, 4, 1) ->> 'state', 'held', 'the next hour is free') FROM r;
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 4, 1)', room)), 'booking_twice', 'once for a party') FROM r;
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 5, 10)', room)), 'booking_closed', 'within the hours') FROM r;
SELECT is(pg_temp.reason($$SELECT pg_temp.book(0, 5)$$), 'match_unknown', 'an unknown resource');
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 5, -100)', room)), 'match_form', 'not in the past') FROM r;
SELECT is(pg_temp.reason($$SELECT community.resource_add(330203001001, 'None', 0)$$), 'match_form', 'a resource has a seat');
SELECT throws_ok(format($$INSERT INTO community.booking (community_id, resource_id, seat, requester_kind, requester_id, login, period, hold_until)
    SELECT 330203001001, %s, 2, 'person', 9, 'x', period, now() FROM community.booking WHERE booking_id = %s$$, room, id), '23P01', NULL, 'no overlap, for any client') FROM r, b WHERE n = 2;
SELECT is(pg_temp.reason(format($$INSERT INTO community.booking (community_id, resource_id, seat, requester_kind, requester_id, login, period, hold_until)
    SELECT 330203001001, %s, 4, 'person', 9, 'x', period, now() FROM community.booking WHERE booking_id = %s$$, room, id)), 'booking_full', 'nor a seat too many') FROM r, b WHERE n = 2;

SAVEPOINT begun;
UPDATE community.booking SET state = 'confirmed', period = tstzrange(now() - interval '1 minute', now() + interval '1 hour') FROM b WHERE booking_id = id AND n = 2;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.bk(%s, 'cancel')$$, id)), 'booking_begun', 'what has begun is not cancelled') FROM b WHERE n = 2;
ROLLBACK TO begun;
-- The waiting list moves up in order.
CREATE TEMP TABLE w AS SELECT n, (pg_temp.book(room, n, 0, true) ->> 'wait_id')::bigint AS id FROM r, generate_series(6, 7) n;
SELECT is(pg_temp.bk(id, 'confirm'), 'confirmed', 'confirmed') FROM b WHERE n = 1;
SELECT is(pg_temp.bk(id, 'cancel'), 'cancelled', 'cancelled') FROM b WHERE n = 2;
SELECT results_eq('SELECT x.state, k.requester_id FROM w JOIN community.booking_wait x ON wait_id = id LEFT JOIN community.booking k USING (community_id, booking_id) ORDER BY n',
    $$VALUES ('booked', 6::bigint), ('waiting', NULL)$$, 'the first one waiting gets the seat');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.bk(%s, 'check_in')$$, id)), 'check_in_early', 'check-in opens later') FROM b WHERE n = 1;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.bk(%s, 'no_show')$$, id)), 'no_show_early', 'nobody is missing before') FROM b WHERE n = 1;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.bk(%s, 'check_in')$$, id)), 'match_state', 'only what is confirmed') FROM b WHERE n = 3;
SELECT is(pg_temp.reason($$SELECT pg_temp.bk(0, 'confirm')$$), 'match_unknown', 'an unknown booking');
SELECT community._job_match_upkeep(now() + interval '20 minutes');
SELECT is(state, 'expired', 'a hold ends') FROM community.booking JOIN b ON booking_id = id WHERE n = 3;
SELECT is(x.state, 'booked', 'and the next one waiting gets the seat') FROM w JOIN community.booking_wait x ON wait_id = id WHERE n = 7;
-- A place on the list is left, or has no use any more.
SAVEPOINT list;
CREATE TEMP TABLE full_room AS SELECT pg_temp.book(room, n, 5) FROM r, generate_series(1, 3) n;
CREATE TEMP TABLE w2 AS SELECT n, (pg_temp.book(room, n, 5, true) ->> 'wait_id')::bigint AS id FROM r, generate_series(4, 6) n;
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 5, 5, true)', room)), 'wait_twice', 'a party waits once') FROM r;
SELECT throws_ok($$INSERT INTO community.booking_wait (community_id, resource_id, requester_kind, requester_id, login, period)
    SELECT community_id, resource_id, requester_kind, requester_id, login, period FROM community.booking_wait WHERE state = 'waiting' AND requester_id = 5$$, '23505', NULL, 'for any client');
SELECT is(community.booking_wait_leave(pg_temp.k(), 330203001001, id), 'gone', 'the first one leaves the list') FROM w2 WHERE n = 4;
SELECT is(pg_temp.reason(format('SELECT community.booking_wait_leave(pg_temp.k(), 330203001001, %s)', id)), 'match_state', 'once') FROM w2 WHERE n = 4;
SELECT is(pg_temp.reason('SELECT community.booking_wait_leave(pg_temp.k(), 330203001001, 0)'), 'match_unknown', 'an unknown place');
UPDATE community.booking SET requester_id = 5 WHERE requester_id = 1 AND lower(period) = pg_temp.ten() + interval '5 hours';
SELECT pg_temp.bk(booking_id, 'cancel') FROM community.booking WHERE requester_id = 2 AND lower(period) = pg_temp.ten() + interval '5 hours';
SELECT results_eq('SELECT state FROM community.booking_wait JOIN w2 ON wait_id = id ORDER BY n', $$VALUES ('gone'), ('gone'), ('booked')$$, 'who has a seat by other means leaves it too, the next one moves up');
CREATE TEMP TABLE w3 AS SELECT (pg_temp.book(room, 8, 5, true) ->> 'wait_id')::bigint AS id FROM r;
UPDATE community.booking_wait SET period = tstzrange(now() - interval '1 minute', now() + interval '1 hour') FROM w3 WHERE wait_id = id;
SELECT community._job_match_upkeep(now());
SELECT is(state, 'gone', 'who waited in vain waits no longer') FROM community.booking_wait JOIN w3 ON wait_id = id;
ROLLBACK TO list;
UPDATE community.booking SET hold_until = now() - interval '1 minute' WHERE requester_id = 7;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.bk(%s, 'confirm')$$, booking_id)), 'booking_hold_over', 'a hold that is over') FROM community.booking WHERE requester_id = 7;
UPDATE community.booking SET period = tstzrange(now() - interval '20 minutes', now() + interval '40 minutes') FROM b WHERE booking_id = id AND n = 1;
SELECT is(pg_temp.bk(id, 'check_in'), 'checked_in', 'checked in') FROM b WHERE n = 1;
SELECT community._job_match_upkeep(now() + interval '1 hour');
SELECT is(state, 'done', 'done when its time is over') FROM community.booking JOIN b ON booking_id = id WHERE n = 1;
INSERT INTO community.booking (community_id, resource_id, seat, requester_kind, requester_id, login, period, state, hold_until)
SELECT 330203001001, court, 1, 'person', 8, 'x', tstzrange(now() - make_interval(hours => 2 * n), now() - make_interval(hours => 2 * n - 1)), 'confirmed', now() FROM r, generate_series(1, 2) n;
SELECT community._job_match_upkeep(now());
SELECT is(count(*), 2::bigint, 'who does not come is a no-show') FROM community.booking WHERE state = 'no_show';
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 8)', room)), 'booking_banned', 'and twice is enough') FROM r;
SELECT is(pg_temp.book(court, 8) ->> 'state', 'held', 'elsewhere three times') FROM r;
UPDATE community.resource SET state = 'closed' FROM r WHERE resource_id = court;
SELECT is(pg_temp.reason(format('SELECT pg_temp.book(%s, 9, 3)', court)), 'booking_closed', 'a closed resource') FROM r;

-- Calendar.
SELECT is(community.booking_calendar(330203001001, room, '2000-01-01', '2001-01-01'), E'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//community//match//EN\r\nEND:VCALENDAR\r\n', 'an empty calendar') FROM r;
SELECT pg_temp.book(room, 9, 4) FROM r;
CREATE TEMP TABLE cal AS SELECT community.booking_calendar(330203001001, room, now(), now() + interval '3 days') AS text FROM r;
SELECT matches(text, E'SUMMARY:会议室\\\\, "大" #1\r\n', 'text is escaped') FROM cal;
SELECT matches(text, E'STATUS:TENTATIVE\r\n', 'a hold is tentative') FROM cal;
SELECT is(bool_and(octet_length(l) <= 75), true, 'lines have at most 75 octets') FROM cal, regexp_split_to_table(text, E'\r\n') l;
SELECT is(community._ical_line(repeat('字', 30)), repeat('字', 25) || E'\r\n ' || repeat('字', 5) || E'\r\n', 'long lines are folded between characters');

-- Plans: the optimum serves more than first come, first served.
CREATE TEMP TABLE p AS SELECT x.provider_id, o AS owner, x.state FROM m, unnest(ARRAY[shop, tidy]) o, community.provider_apply(pg_temp.k(), c, 'organization', o, 'Co ' || o, 'merchant') x;
SELECT community.provider_event(pg_temp.k(), c, provider_id, 'accept') FROM m, p WHERE state = 'applied';
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'A', 121.505, 29.805, 5000, '{"languages": ["zh", "en"]}') FROM m, p WHERE owner = shop;
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'B', 121.515, 29.805, 5000) FROM m, p WHERE owner = tidy;
CREATE TEMP TABLE d AS SELECT pg_temp.want(1, 'house_cleaning') AS either;
ALTER TABLE d ADD COLUMN english bigint;
UPDATE d SET english = pg_temp.want(2, 'house_cleaning', '{"languages": ["en"]}');
CREATE TEMP TABLE pl AS SELECT * FROM community.match_plan(330203001001, 'house_cleaning');
SELECT is(format('%s %s %s', demands, assigned, fcfs_assigned), '2 2 1', 'two served instead of one') FROM pl;
SELECT is(count(*), 0::bigint, 'a dry run orders nothing') FROM community.service_order;
SELECT results_eq('SELECT o.title FROM community.match_plan_pair JOIN community.offer o USING (community_id, offer_id) ORDER BY demand_id', $$VALUES ('B'), ('A')$$, 'who speaks English goes where it is needed');
SELECT is(cost, (SELECT sum(x.cost) FROM community.match_plan_pair x), 'the cost is that of its pairs') FROM pl;
SELECT is(x.made || ' ' || x.skipped, '2 0', 'carried out') FROM pl, community.match_commit('00000000-0000-0000-0000-0000000000cc', 330203001001, plan_id) x;
SELECT is(x.made || ' ' || x.skipped, '2 0', 'the same key, the same answer') FROM pl, community.match_commit('00000000-0000-0000-0000-0000000000cc', 330203001001, plan_id) x;
SELECT is(pg_temp.reason(format('SELECT community.match_commit(pg_temp.k(), 330203001001, %s)', plan_id)), 'plan_done', 'once') FROM pl;
SELECT is(pg_temp.reason('SELECT community.match_commit(pg_temp.k(), 330203001001, 0)'), 'match_unknown', 'an unknown plan');
SELECT is(pg_temp.reason($$SELECT community.match_plan(330203001001, 'sorcery')$$), 'match_unknown', 'an unknown service');
SELECT is(pg_temp.reason($$SELECT community.match_plan(330203001001, NULL, '-1 day')$$), 'match_form', 'a horizon ahead');
SELECT is(pg_temp.reason($$SELECT community.match_plan(330203001001, NULL, '290000 years')$$), 'match_form', 'within a thousand years');
SELECT is(pg_temp.reason($$SELECT community_api.match_plan(pg_temp.k(), 330203001001, NULL, 2147483647)$$), 'match_form', 'for apps too');
SELECT is((SELECT demands FROM community.match_plan(330203001001, NULL, '1000 years')), (SELECT demands FROM community.match_plan(330203001001, NULL, '10 years')), 'which are enough');
SELECT is((SELECT demands || ' ' || assigned FROM community.match_plan(330203001001)), '0 0', 'nothing is left to plan');
-- A provider cancels: its demand is planned again, the other order stays.
SELECT pg_temp.event(order_id, 'confirm') FROM community.service_order;
SELECT pg_temp.event(order_id, 'cancel', '{"role": "provide"}') FROM community.service_order JOIN community.offer o USING (community_id, offer_id) WHERE o.title = 'B';
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'C', 121.515, 29.805, 5000) FROM m, p WHERE owner = shop;
CREATE TEMP TABLE pl2 AS SELECT * FROM community.match_plan(330203001001);
SELECT is(format('%s %s', demands, assigned), '1 1', 'planned again') FROM pl2;
UPDATE community.offer SET state = 'ended' WHERE title IN ('B', 'C');
SELECT is(x.made || ' ' || x.skipped, '0 1', 'what is no longer possible is skipped') FROM pl2, community.match_commit(pg_temp.k(), 330203001001, plan_id) x;
SELECT results_eq('SELECT state FROM community.service_order ORDER BY state', $$VALUES ('cancelled'), ('confirmed')$$, 'and the confirmed order is not disturbed');

-- Leases.
INSERT INTO community.facility (community_id, facility_id, class, name, geom, source)
SELECT 330203001001, 1, (SELECT class FROM community.facility_class ORDER BY 1 LIMIT 1), 'Hall', community.gridcell_centroid(community.gridcell(121.505, 29.805, 8)), 'test';
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-01-01,2027-01-01)', 100000, now() + interval '1 day')$$), 'account_missing', 'a facility needs its fund');
SELECT community.account_open(330203001001, 'CNY', 'fund', 'facility', 1);
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 2, '[2026-01-01,2027-01-01)', 100000, now() + interval '1 day')$$), 'match_unknown', 'an unknown facility');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-01-01,)', 100000, now() + interval '1 day')$$), 'match_form', 'a lease ends');
CREATE TEMP TABLE l AS SELECT community.lease_tender(330203001001, 1, '[2026-01-16,2026-04-01)', 31000, now() + interval '1 day') AS id;
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-03-01,2027-01-01)', 100000, now() + interval '1 day')$$), 'lease_overlap', 'leases do not overlap');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-03-01,2027-01-01)', 100000, now() + interval '1 day', 'kiosk')$$), 'lease_overlap', 'nor does one of a part with one of all');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-04-01,2027-01-01)', 100000, now() + interval '1 day', 'kiosk')$$), 'done', 'a part is let afterwards');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-04-01,2027-01-01)', 100000, now() + interval '1 day', 'cellar')$$), 'done', 'and another part beside it');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-12-01,2027-01-01)', 100000, now() + interval '1 day', 'cellar')$$), 'lease_overlap', 'but not the same');
SELECT is(pg_temp.reason($$SELECT community.lease_tender(330203001001, 1, '[2026-12-01,2027-01-01)', 100000, now() + interval '1 day')$$), 'lease_overlap', 'nor all of it');
SELECT is(pg_temp.reason(format('SELECT community.lease_bid_put(330203001001, %s, %s, 30999)', id, provider_id)), 'bid_refused', 'at least the least rent') FROM l, p LIMIT 1;
SELECT is(pg_temp.reason(format('SELECT community.lease_bid_put(330203001001, %s, 0, 31000)', id)), 'match_unknown', 'of a provider') FROM l;
SELECT is(pg_temp.reason('SELECT community.lease_bid_put(330203001001, 0, 0, 31000)'), 'match_unknown', 'in a tender');
SELECT community.lease_bid_put(330203001001, id, provider_id, 31000 + (owner = shop)::integer * 31000) FROM l, p, m;
SELECT is(pg_temp.reason(format($$SELECT community.lease_event(pg_temp.k(), 330203001001, %s, 'award')$$, id)), 'bid_refused', 'not before bids end') FROM l;
UPDATE community.lease SET bids_until = now() - interval '1 minute' FROM l WHERE lease_id = id;
SELECT is(pg_temp.reason(format('SELECT community.lease_bid_put(330203001001, %s, %s, 99000)', id, provider_id)), 'bid_refused', 'nor after') FROM l, p LIMIT 1;
SELECT is(community.lease_event(pg_temp.k(), 330203001001, id, 'award'), 'active', 'awarded') FROM l;
SELECT is(rent || ' ' || (provider_id = (SELECT provider_id FROM p, m WHERE owner = shop)), '62000 true', 'to the highest bid') FROM community.lease JOIN l ON lease_id = id;
SELECT is(pg_temp.reason(format($$SELECT community.lease_event(pg_temp.k(), 330203001001, %s, 'end', '{"until": "2030-01-01"}')$$, id)), 'match_form', 'a lease is not made longer') FROM l;
SELECT is(community._job_match_rent('2026-02-10 12:00+08'), 2::bigint, 'two months accrue');
SELECT results_eq('SELECT month, amount, state FROM community.lease_rent ORDER BY 1', $$VALUES (date '2026-01-01', 32000::bigint, 'arrears'), ('2026-02-01', 62000, 'arrears')$$, 'by days, and wait for money');
SELECT t.seq FROM m, community.ledger_transfer(pg_temp.k(), c, bank, community.account_of(c, 'CNY', 'merchant', 'organization', shop), 50000, 'topup') t;
SELECT is(community._job_match_rent('2026-02-11 12:00+08'), 1::bigint, 'what can be paid is paid');
SELECT is(pg_temp.bal('facility', 1), 32000::bigint, 'into the fund of the facility');
SELECT is(community._job_match_rent('2026-02-12 12:00+08'), 0::bigint, 'once');
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend(pg_temp.k(), 330203001001, 1, %s, 100, 'party')$$, fee)), 'fund_purpose', 'the fund is for the facility') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend(pg_temp.k(), 330203001001, 1, %s, 100, 'repair')$$, fee)), 'done', 'such as repairs') FROM m;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(), 330203001001, community.account_of(330203001001, 'CNY', 'fund', 'facility', 1), %s, 10, 'party')$$, fee)), 'account_fenced', 'by no other way') FROM m;
SELECT is(community.lease_event(pg_temp.k(), 330203001001, id, 'end', '{"until": "2026-02-15"}'), 'ended', 'ended') FROM l;

-- Procurement.
CREATE TEMP TABLE bk AS SELECT community.account_open(330203001001, 'CNY', 'fund', 'community', 330203001001) AS id;
SELECT t.seq FROM m, bk, community.ledger_transfer(pg_temp.k(), c, bank, id, 100000, 'topup') t;
SELECT is(pg_temp.reason(format($$SELECT community.procurement_add(pg_temp.k(), 330203001001, %s, 'house_cleaning', '[2026-01-01,2026-02-01)', 1000, %s, '[]')$$, provider_id, id)), 'match_form', 'a procurement has indicators') FROM p, bk LIMIT 1;
SELECT is(pg_temp.reason(format($$SELECT community.procurement_add(pg_temp.k(), 330203001001, 0, 'house_cleaning', '[2026-01-01,2026-02-01)', 1000, %s, '[{"indicator": "orders", "target": 1, "weight": 1}]')$$, id)), 'match_unknown', 'and a provider') FROM bk;
CREATE TEMP TABLE pr AS
SELECT community.procurement_add(pg_temp.k(), 330203001001, provider_id, 'house_cleaning', daterange(CURRENT_DATE, CURRENT_DATE + 3), 10000, id,
    '[{"indicator": "orders", "target": 4, "weight": 3}, {"indicator": "kept_rate", "target": 1, "least": 0.9, "weight": 1}]') AS id FROM p, bk, m WHERE owner = shop;
SELECT is(b.available, 90000::bigint, 'the budget is held') FROM bk, community.account_balance(330203001001, id) b;
SELECT is(pg_temp.reason(format('SELECT community.procurement_settle(pg_temp.k(), 330203001001, %s)', id)), 'match_form', 'it is measured when the period is over') FROM pr;
UPDATE community.service_order SET state = 'in_service' WHERE state = 'confirmed';
UPDATE community.service_order SET state = 'settled' WHERE state = 'in_service';
UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour');
UPDATE community.procurement SET period = daterange(CURRENT_DATE - 3, CURRENT_DATE) WHERE true;
UPDATE community.service_order SET period = tstzrange(now() - interval '30 hours', now() - interval '29 hours');
SELECT is(community.procurement_settle(pg_temp.k(), 330203001001, id), 4375::bigint, 'one of four orders and all kept: 3/4 x 1/4 + 1/4') FROM pr;
SELECT is(b.available, 95625::bigint, 'the rest is given back') FROM bk, community.account_balance(330203001001, id) b;
SELECT is(pg_temp.reason(format('SELECT community.procurement_settle(pg_temp.k(), 330203001001, %s)', id)), 'match_state', 'once') FROM pr;
SELECT is(pg_temp.reason('SELECT community.procurement_settle(pg_temp.k(), 330203001001, 0)'), 'match_unknown', 'an unknown procurement');

-- Time bank: a visit earns minutes, which go on to relatives and expire.
SELECT x.provider_id, community.provider_event(pg_temp.k(), 330203001001, x.provider_id, 'accept') FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 5, 'Vera', 'volunteer') x;
SELECT community.offer_add(330203001001, provider_id, 'volunteer_visit', 'Visit', 121.505, 29.805, 60) FROM community.provider WHERE name = 'Vera';
CREATE TEMP TABLE t AS SELECT order_id AS id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(9, 'volunteer_visit'));
SELECT pg_temp.event(id, 'confirm') FROM t;
UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour') FROM t WHERE order_id = id;
SELECT pg_temp.event(id, 'check_in', '{"role": "provide"}'), pg_temp.event(id, 'check_in', '{"role": "request"}'), pg_temp.event(id, 'finish'), pg_temp.event(id, 'rate', '{"stars": 5}'), pg_temp.event(id, 'settle') FROM t;
SELECT is(pg_temp.bal('person', 5, 'TIME'), 60::bigint, 'a volunteer earns the minutes');
SELECT is(pg_temp.bal('person', 9, 'TIME'), 0::bigint, 'on credit of the community when the requester has none');
SELECT is(pg_temp.reason('SELECT community.time_give(pg_temp.k(), 330203001001, 5, 6, 10)'), 'kin_unknown', 'only relatives are given credits');
SELECT is(pg_temp.reason($$SELECT community.time_kin_set(330203001001, 5, 5, 'child')$$), 'match_form', 'nobody is his own');
SELECT community.time_kin_set(330203001001, 5, 6, 'parent');
SELECT is(pg_temp.reason('SELECT community.time_give(pg_temp.k(), 330203001001, 5, 6, 20)'), 'done', 'relatives are');
SELECT is(pg_temp.bal('person', 6, 'TIME'), 20::bigint, 'and have them');
SELECT community.setting_set('time_year_cap', '30', 330203001001);
SELECT is(pg_temp.reason('SELECT community.time_give(pg_temp.k(), 330203001001, 5, 6, 11)'), 'time_year_cap', 'up to the yearly cap');
CREATE TEMP TABLE t2 AS SELECT order_id AS id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(6, 'volunteer_visit', jsonb_build_object('from', pg_temp.ten() + interval '3 days', 'upto', pg_temp.ten() + interval '4 days')));
UPDATE community.service_order SET price = 15 FROM t2 WHERE order_id = id;
SELECT pg_temp.event(id, 'confirm') FROM t2;
SELECT is(pg_temp.bal('person', 6, 'TIME'), 5::bigint, 'who has credits pays with them');
SELECT is(community._job_match_time(now() + interval '2 years'), 0::bigint, 'credits keep');
SELECT is(community._job_match_time(now() + interval '4 years'), 2::bigint, 'and expire');
SELECT is(pg_temp.bal('person', 5, 'TIME') || ' ' || pg_temp.bal('person', 6, 'TIME'), '0 0', 'what was not spent');
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
SELECT * FROM finish();
ROLLBACK;
