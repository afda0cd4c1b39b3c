-- What BI tools see of the market: each view with figures counted by hand.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
CREATE ROLE bi_reader LOGIN IN ROLE community_bi;
SELECT community.member_add('bi_reader', 'bi', 330203001001);

-- Two grids side by side; the first holds the place of the usual demand.
SELECT community.grid_add('330203001001001', 'West', 'unit', '{"type": "Polygon", "coordinates": [[[121.50, 29.80], [121.51, 29.80], [121.51, 29.81], [121.50, 29.81], [121.50, 29.80]]]}', '[2020-01-01,)'),
       community.grid_add('330203001001002', 'East', 'unit', '{"type": "Polygon", "coordinates": [[[121.51, 29.80], [121.52, 29.80], [121.52, 29.81], [121.51, 29.81], [121.51, 29.80]]]}', '[2020-01-01,)');
CREATE TEMP TABLE p AS SELECT x.provider_id, v.name FROM m, LATERAL (VALUES ('Clean', shop), ('Tidy', tidy)) v (name, owner), community.provider_apply(pg_temp.k(), c, 'organization', owner, v.name, 'merchant') x;
INSERT INTO p SELECT x.provider_id, 'Vera' FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 5, 'Vera', 'volunteer') x;
INSERT INTO p SELECT x.provider_id, 'Will' FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 6, 'Will', 'volunteer') x;
UPDATE community.provider SET state = 'active';
-- Supply: 3 everywhere, 2 in the west by grid, 1 in the east by polygon.
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', name, 121.505, 29.805, 1000, '{"capacity": 3}') FROM p WHERE name = 'Clean';
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', name, 121.505, 29.805, 2000, '{"capacity": 2, "grids": ["330203001001001"]}') FROM p WHERE name = 'Tidy';
SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', name, 121.505, 29.805, 2000, '{"capacity": 1, "polygon": {"type": "Polygon", "coordinates": [[[121.511, 29.801], [121.519, 29.801], [121.519, 29.809], [121.511, 29.809], [121.511, 29.801]]]}}') FROM p WHERE name = 'Tidy';
SELECT community.offer_add(330203001001, provider_id, 'volunteer_visit', name, 121.505, 29.805, 60) FROM p WHERE name IN ('Vera', 'Will');
-- Demand: three in the west (one settled, one only matched, one withdrawn), one in the east that is open, one in no grid next week.
CREATE FUNCTION pg_temp.at(p_person bigint, p_service text, p_lon double precision, p_doc jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT community.demand_add(pg_temp.k(), 330203001001, 'person', p_person, p_service, p_lon, 29.805,
        jsonb_build_object('from', pg_temp.ten(), 'upto', pg_temp.ten() + interval '2 hours') || p_doc) $$;
CREATE TEMP TABLE d AS SELECT pg_temp.at(1, 'house_cleaning', 121.505) AS settled, pg_temp.at(2, 'house_cleaning', 121.505) AS matched, pg_temp.at(3, 'house_cleaning', 121.505, '{"channel": "window", "proxy": "no phone"}') AS gone,
    pg_temp.at(4, 'house_cleaning', 121.515) AS open, pg_temp.at(4, 'house_cleaning', 121.6, jsonb_build_object('from', pg_temp.ten() + interval '7 days', 'upto', pg_temp.ten() + interval '7 days 2 hours')) AS later,
    pg_temp.at(7, 'volunteer_visit', 121.505, '{"duration": "90 minutes"}') AS visit1, pg_temp.at(8, 'volunteer_visit', 121.505, '{"duration": "30 minutes"}') AS visit2;
CREATE FUNCTION pg_temp.through(p_demand bigint, p_stars text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, p_demand));
BEGIN
    PERFORM pg_temp.event(v, 'confirm');
    PERFORM community.setting_set('match_check_in', '3 days', 330203001001);
    PERFORM pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish');
    PERFORM pg_temp.event(v, 'rate', jsonb_build_object('stars', p_stars)), pg_temp.event(v, 'settle');
END $$;
SELECT pg_temp.through(settled, '5'), pg_temp.through(visit1, '5'), pg_temp.through(visit2, '4') FROM d;
SELECT community.match_demand(pg_temp.k(), 330203001001, matched) FROM d;
SELECT community.demand_event(pg_temp.k(), 330203001001, gone, 'withdraw') FROM d;
-- Rent of a hall: one month paid, one in arrears.
INSERT INTO community.facility (community_id, facility_id, class, name, geom, source)
SELECT 330203001001, 1, (SELECT class FROM community.facility_class ORDER BY 1 LIMIT 1), 'Hall', community.gridcell_centroid(community.gridcell(121.505, 29.805, 8)), 'test';
INSERT INTO community.lease (community_id, lease_id, facility_id, unit, term, least_rent, bids_until, provider_id, rent, state, fund_account_id)
SELECT 330203001001, 1, 1, '', '[2026-01-01,2026-03-01)', 100, now(), provider_id, 50000, 'active', community.account_open(330203001001, 'CNY', 'fund', 'facility', 1) FROM p WHERE name = 'Clean';
INSERT INTO community.lease_rent (community_id, lease_id, month, amount, state) VALUES (330203001001, 1, '2026-01-01', 50000, 'arrears'), (330203001001, 1, '2026-02-01', 40000, 'arrears');
UPDATE community.lease_rent SET state = 'paid', paid_at = now(), transfer_seq = 1 WHERE month = '2026-01-01';

SET SESSION AUTHORIZATION bi_reader;
SELECT results_eq($$SELECT day - (SELECT min(day) FROM community_bi.agg_service_weekly), grid_code, demands, open, fulfilled, lost, capacity FROM community_bi.agg_service_weekly WHERE service = 'house_cleaning' ORDER BY 1, 2$$,
    $$VALUES (0, '330203001001001', 3::bigint, 0::bigint, 1::bigint, 1::bigint, 5::bigint), (0, '330203001001002', 1, 1, 0, 0, 4), (7, NULL, 1, 1, 0, 0, 6)$$, 'supply and demand by service, grid and week');
SELECT results_eq($$SELECT sum(demands)::bigint, sum(matched)::bigint, sum(confirmed)::bigint, sum(done)::bigint, sum(settled)::bigint FROM community_bi.agg_service_funnel WHERE service = 'house_cleaning'$$,
    'VALUES (5::bigint, 2::bigint, 1::bigint, 1::bigint, 1::bigint)', 'funnel');
SELECT results_eq('SELECT provider_name, provider_kind, rated, good, place, rating_bound > 0 FROM community_bi.dim_provider ORDER BY place, provider_key',
    $$VALUES ('Clean', 'merchant', 1, 1, 1::bigint, true), (NULL, 'volunteer', 1, 1, 1, true), (NULL, 'volunteer', 1, 1, 1, true), ('Tidy', 'merchant', 0, 0, 4, false)$$, 'ranking: equal ones share a place, persons have no name');
SELECT results_eq($$SELECT orders, share, hhi FROM community_bi.agg_market_share WHERE service = 'house_cleaning'$$, 'VALUES (2::bigint, 1::numeric(8,6), 10000::numeric(8,2))', 'market share of one');
SELECT results_eq($$SELECT orders, share, hhi FROM community_bi.agg_market_share WHERE service = 'volunteer_visit'$$, 'VALUES (1::bigint, 0.5::numeric(8,6), 5000::numeric(8,2)), (1, 0.5, 5000)', 'of two');
SELECT results_eq($$SELECT service, volunteers, orders, hours, credits FROM community_bi.agg_volunteer_monthly$$, $$VALUES ('volunteer_visit', 2::bigint, 2::bigint, 2.00::numeric(12,2), 120::bigint)$$, 'volunteer hours and credits');
SELECT results_eq('SELECT date_key, facility_name, due, paid, arrears FROM community_bi.agg_lease_monthly ORDER BY 1', $$VALUES (20260101, 'Hall', 50000::bigint, 50000::bigint, 0::bigint), (20260201, 'Hall', 40000, 0, 40000)$$, 'lease income and arrears');
SELECT results_eq($$SELECT channel, by_proxy, recurring, state, count(*) FROM community_bi.fact_service_demand WHERE service = 'house_cleaning' GROUP BY 1, 2, 3, 4 ORDER BY 1, 4$$,
    $$VALUES ('app', false, false, 'fulfilled', 1::bigint), ('app', false, false, 'matched', 1), ('app', false, false, 'open', 2), ('window', true, false, 'withdrawn', 1)$$, 'demands by channel');
SELECT results_eq($$SELECT provider_kind, currency, state, paid, minutes FROM community_bi.fact_service_order ORDER BY order_key$$,
    $$VALUES ('merchant', 'CNY', 'settled', 1000::bigint, 60), ('volunteer', 'TIME', 'settled', 60, 90), ('volunteer', 'TIME', 'settled', 60, 30), ('merchant', 'CNY', 'matched', NULL, 60)$$, 'orders');
RESET SESSION AUTHORIZATION;
SELECT community.member_end(member_id) FROM community.member WHERE member_role = 'bi_reader';
SET SESSION AUTHORIZATION bi_reader;
SELECT is((SELECT count(*) FROM community_bi.agg_service_weekly) + (SELECT count(*) FROM community_bi.agg_lease_monthly) + (SELECT count(*) FROM community_bi.dim_provider) + (SELECT count(*) FROM community_bi.agg_volunteer_monthly), 0::bigint, 'nothing of other communities');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
