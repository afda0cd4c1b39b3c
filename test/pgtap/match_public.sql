-- Leases, procurement and the time bank through the door of apps, each party
-- under its own login.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
SELECT community.community_register('330203001002', 'Two', 'residential');
CREATE ROLE pub_boss LOGIN IN ROLE community_app;
CREATE ROLE pub_shop LOGIN IN ROLE community_app;
CREATE ROLE pub_rival LOGIN IN ROLE community_app;
CREATE ROLE pub_vera LOGIN IN ROLE community_app;
CREATE ROLE pub_clerk LOGIN IN ROLE community_app;
CREATE ROLE pub_anna LOGIN IN ROLE community_app;
CREATE ROLE pub_stranger LOGIN IN ROLE community_app;
SELECT community.member_add(r::name, c, 330203001001)
  FROM (VALUES ('pub_boss', 'supervise'), ('pub_shop', 'provide'), ('pub_rival', 'provide'), ('pub_vera', 'provide'), ('pub_clerk', 'match'), ('pub_anna', 'request')) AS v (r, c);
SELECT community.member_add('pub_stranger', 'all', 330203001002);
INSERT INTO community.facility (community_id, facility_id, class, name, geom, source)
SELECT 330203001001, 1, (SELECT class FROM community.facility_class ORDER BY 1 LIMIT 1), 'Hall', community.gridcell_centroid(community.gridcell(121.505, 29.805, 8)), 'test';
SELECT community.account_open(330203001001, 'CNY', 'fund', 'facility', 1);
CREATE TEMP TABLE v (name text PRIMARY KEY, id text);
GRANT ALL ON v TO PUBLIC;
GRANT SELECT ON m TO PUBLIC;
CREATE FUNCTION pg_temp.v(p_name text) RETURNS text LANGUAGE sql AS 'SELECT id FROM v WHERE name = p_name';
INSERT INTO v SELECT 'shop', x.provider_id::text FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean', 'merchant', '{"login": "pub_shop"}') x;
INSERT INTO v SELECT 'rival', x.provider_id::text FROM m, community.provider_apply(pg_temp.k(), c, 'organization', tidy, 'Tidy', 'merchant', '{"login": "pub_rival"}') x;
INSERT INTO v SELECT 'vera', x.provider_id::text FROM m, community.provider_apply(pg_temp.k(), c, 'person', 5, 'Vera', 'volunteer', '{"login": "pub_vera"}') x;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'accept') FROM community.provider WHERE state = 'applied';

-- A statement under a login, with :name for what was kept under that name; the reason when it is refused.
CREATE FUNCTION pg_temp.as(p_login text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_sql text := p_sql;
    v_name text;
    v_out text;
    v_detail text;
BEGIN
    FOR v_name IN SELECT name FROM v ORDER BY length(name) DESC LOOP
        v_sql := regexp_replace(v_sql, '(?<!:):' || v_name || '\y', pg_temp.v(v_name), 'g');
    END LOOP;
    v_sql := regexp_replace(regexp_replace(v_sql, '\y_key\y', 'gen_random_uuid()', 'g'), '\y_c\y', '330203001001', 'g');
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_login);
    EXECUTE v_sql INTO v_out;
    RESET SESSION AUTHORIZATION;
    RETURN v_out;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;

-- What every command asks: a key, the right arguments for it, the module, a community of one's own, the role.
CREATE TEMP TABLE command (login text, call text, denied text, other text);
INSERT INTO command VALUES
    ('pub_boss', $$lease_tender(_k, _c, 1, '2026-01-01', '2027-01-01', 1000, now() + interval '1 day', 'a')$$, 'match_role', 'pub_shop'),
    ('pub_boss', $$lease_event(_k, _c, 0, 'award')$$, 'match_unknown', 'pub_shop'),
    ('pub_shop', 'lease_bid(_k, _c, 0, 0, 5)', 'match_unknown', 'pub_anna'),
    ('pub_boss', $$fund_spend(_k, _c, 1, 1, 5, 'repair')$$, 'match_role', 'pub_shop'),
    ('pub_boss', $$procurement_publish(_k, _c, 'house_cleaning', '2026-01-01', '2026-02-01', 5, 1, '{}')$$, 'match_form', 'pub_shop'),
    ('pub_shop', 'procurement_offer(_k, _c, 0, 0, 5)', 'match_unknown', 'pub_anna'),
    ('pub_boss', $$procurement_event(_k, _c, 0, 'award')$$, 'match_unknown', 'pub_shop'),
    ('pub_boss', 'procurement_pay(_k, _c, 0)', 'match_unknown', 'pub_shop'),
    ('pub_clerk', $$time_earn(_k, _c, 5, 60, 'tree planting')$$, 'match_role', 'pub_vera'),
    ('pub_clerk', $$time_spend(_k, _c, 5, 1, 'lunch')$$, 'match_role', 'pub_anna'),
    ('pub_clerk', $$time_kin_set(_k, _c, 5, 6, 'parent')$$, 'match_role', 'pub_vera'),
    ('pub_clerk', 'time_give(_k, _c, 5, 7, 1)', 'match_role', 'pub_anna'),
    ('pub_boss', $$violation_add(_k, _c, 0, 'x', 'y')$$, 'match_role', 'pub_shop'),
    ('pub_boss', $$penalty_propose(_k, _c, 0, 'ban')$$, 'match_role', 'pub_shop'),
    ('pub_boss', $$penalty_event(_k, _c, 0, 'decide')$$, 'match_unknown', 'pub_shop');
CREATE FUNCTION pg_temp.call(p_login text, p_call text, p_key text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.as(p_login, 'SELECT community_api.' || replace(p_call, '_k,', p_key || ',')) $$;
SELECT is(pg_temp.call(login, call, 'NULL'), 'key_missing', 'a key: ' || split_part(call, '(', 1)) FROM command WHERE call ~ 'bid|tender|publish|offer|kin_set|earn|event|pay|violation|propose';
SELECT is(pg_temp.call('pub_stranger', call, '_key'), 'community_unknown', 'a community of the caller: ' || split_part(call, '(', 1)) FROM command;
SELECT is(pg_temp.call(other, call, '_key'), denied, 'the role: ' || split_part(call, '(', 1)) FROM command;
SELECT community.module_disable('match', 330203001001);
SELECT is(pg_temp.call(login, call, '_key'), 'module_off', 'the module: ' || split_part(call, '(', 1)) FROM command;
SELECT is(pg_temp.as('pub_boss', 'SELECT count(*) FROM community_api.' || q), 'module_off', 'also to read: ' || q)
  FROM unnest('{lease_list(_c),lease_arrears(_c),"lease_rents(_c, 0)",procurement_list(_c),"procurement_measure(_c, 0)","time_balance(_c, 5)","time_statement(_c, 5, now(), now())"}'::text[]) q;
SELECT community.module_enable('match', 330203001001);

-- A lease: tendered, bid for, awarded, paid month by month, ended.
INSERT INTO v SELECT 'lease', pg_temp.as('pub_boss', $$SELECT community_api.lease_tender('00000000-0000-0000-0000-0000000000b1', _c, 1, '2026-01-16', '2026-12-01', 31000, now() + interval '1 day')$$);
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_tender('00000000-0000-0000-0000-0000000000b1', _c, 1, '2026-01-16', '2026-12-01', 31000, now() + interval '1 day')$$), pg_temp.v('lease'), 'the same key, the same tender');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_tender('00000000-0000-0000-0000-0000000000b1', _c, 1, '2026-01-16', '2026-12-01', 31001, now() + interval '1 day')$$), 'key_reused', 'the same key for another one');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_tender(_key, _c, 1, '2026-06-01', '2027-12-01', 31000, now() + interval '1 day')$$), 'lease_overlap', 'tenders do not overlap');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_tender(_key, _c, 1, '2026-06-01', '2026-06-01', 31000, now() + interval '1 day', 'b')$$), 'match_form', 'a term has days');
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.lease_bid(_key, _c, :lease, :shop, 40000)'), '40000', 'a provider bids');
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.lease_bid(_key, _c, :lease, :rival, 1)'), 'match_role', 'for itself');
SELECT is(pg_temp.as('pub_boss', 'SELECT community_api.lease_bid(_key, _c, :lease, :shop, 99000)'), 'supervisor_provides', 'a supervisor does not');
SELECT is(pg_temp.as('pub_rival', 'SELECT community_api.lease_bid(_key, _c, :lease, :rival, 62000)'), '62000', 'another bids more');
SELECT is(pg_temp.as('pub_anna', $$SELECT state || ' ' || least_rent || ' ' || coalesce(rent::text, '-') FROM community_api.lease_list(_c)$$), 'tender 31000 -', 'all see the tender, nobody the bids');
UPDATE community.lease SET bids_until = now() - interval '1 minute';
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_event(_key, _c, :lease, 'award')$$), 'active', 'awarded');
SELECT is(pg_temp.as('pub_anna', $$SELECT provider_name || ' ' || rent FROM community_api.lease_list(_c, 1)$$), 'Tidy 62000', 'to the highest bid, which all see');
SELECT community._job_match_rent('2026-03-10 12:00+08');
SELECT is(pg_temp.as('pub_rival', $$SELECT string_agg(month || ' ' || amount || ' ' || state || ' ' || arrears, ', ' ORDER BY month) FROM community_api.lease_rents(_c, :lease)$$),
    '2026-01-01 32000 arrears 32000, 2026-02-01 62000 arrears 94000, 2026-03-01 62000 arrears 156000', 'the tenant sees what it owes');
SELECT t.seq FROM m, community.ledger_transfer(pg_temp.k(), c, bank, community.account_of(c, 'CNY', 'merchant', 'organization', tidy), 40000, 'topup') t;
SELECT community._job_match_rent('2026-03-11 12:00+08');
SELECT is(pg_temp.as('pub_boss', $$SELECT string_agg(amount || ' ' || state || ' ' || arrears, ', ' ORDER BY month) FROM community_api.lease_rents(_c, :lease)$$),
    '32000 paid 0, 62000 arrears 62000, 62000 arrears 124000', 'and a supervisor what is paid');
SELECT is(pg_temp.as('pub_shop', 'SELECT count(*) FROM community_api.lease_rents(_c, :lease)'), 'match_role', 'others do not');
SELECT is(pg_temp.as('pub_boss', $$SELECT format('%s %s %s %s', provider_name, months, arrears, since) FROM community_api.lease_arrears(_c)$$), 'Tidy 2 124000 2026-02-01', 'all arrears at once');
SELECT is(pg_temp.as('pub_shop', 'SELECT count(*) FROM community_api.lease_arrears(_c)'), 'match_role', 'are not for providers');
SELECT is(pg_temp.as('pub_boss', 'SELECT count(*) FROM community_api.lease_rents(_c, 0)'), 'match_unknown', 'an unknown lease');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_event(_key, _c, :lease, 'end', '{"until": "2026-01-20"}')$$), 'match_form', 'it does not end before what is paid');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_event(_key, _c, :lease, 'end', '{"until": "2026-02-15"}')$$), 'ended', 'ended');
SELECT is(pg_temp.as('pub_clerk', $$SELECT string_agg(amount || ' ' || state, ', ' ORDER BY month) FROM community_api.lease_rents(_c, :lease)$$), '32000 paid, 31000 arrears', 'and the arrears with it');
SELECT is(pg_temp.as('pub_boss', format($$SELECT community_api.fund_spend(_key, _c, 1, %s, 2000, 'repair') > 0$$, fee)), 'true', 'the rent pays for repairs') FROM m;
SELECT is(pg_temp.as('pub_boss', format($$SELECT community_api.fund_spend(_key, _c, 1, %s, 2000, 'party')$$, fee)), 'fund_purpose', 'and for no parties') FROM m;
SELECT is(pg_temp.bal('facility', 1), 30000::bigint, 'the rest stays');
INSERT INTO v SELECT 'empty', pg_temp.as('pub_boss', $$SELECT community_api.lease_tender(_key, _c, 1, '2028-01-01', '2029-01-01', 31000, now() + interval '1 day')$$);
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.lease_event(_key, _c, :empty, 'close')$$), 'void', 'a tender is closed without award');

-- A procurement: published, offered, awarded to the lowest, measured, paid.
INSERT INTO v SELECT 'fund', community.account_open(330203001001, 'CNY', 'fund', 'community', 330203001001)::text;
SELECT t.seq FROM m, community.ledger_transfer(pg_temp.k(), c, bank, pg_temp.v('fund')::bigint, 100000, 'topup') t;
CREATE FUNCTION pg_temp.publish(p_payer text, p_kpis text, p_until text DEFAULT '1 day') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.as('pub_boss', format('SELECT community_api.procurement_publish(_key, _c, %L, current_date - 3, current_date, 20000, %s, jsonb_build_object(%L, %L::jsonb, %L, now() + %L::interval))',
        'house_cleaning', p_payer, 'kpis', p_kpis, 'offers_until', p_until))
$$;
INSERT INTO v SELECT 'proc', pg_temp.publish(':fund', '[{"indicator": "orders", "target": 4, "weight": 3}, {"indicator": "kept_rate", "target": 1, "least": 0.5, "weight": 1}]');
SELECT is(pg_temp.publish(':fund', '[]'), 'match_form', 'a procurement has indicators');
SELECT is(pg_temp.publish(':fund', '[{"indicator": "orders", "target": 4, "weight": 3}, {"indicator": "orders", "target": 5, "weight": 3}]'), 'match_form', 'different ones');
SELECT is(pg_temp.publish(':fund', '[{"indicator": "orders", "target": 4, "weight": 3}]', '-1 day'), 'match_form', 'and a time for offers');
SELECT is(pg_temp.publish(account_id::text, '[{"indicator": "orders", "target": 4, "weight": 3}]'), 'account_missing', 'no purse of a resident pays') FROM community.account WHERE kind = 'purse' AND currency = 'CNY' AND owner_id = 1;
SELECT is(pg_temp.publish(community.account_of(330203001001, 'CNY', 'fund', 'facility', 1)::text, '[{"indicator": "orders", "target": 4, "weight": 3}]'), 'account_missing', 'nor the fund of a facility');
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.procurement_offer(_key, _c, :proc, :shop, 20001)'), 'bid_refused', 'at most the budget');
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.procurement_offer(_key, _c, :proc, :shop, 18000)'), '18000', 'a provider offers');
SELECT is(pg_temp.as('pub_rival', 'SELECT community_api.procurement_offer(_key, _c, :proc, :rival, 15000)'), '15000', 'another for less');
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.procurement_offer(_key, _c, :proc, :shop, 16000)'), '16000', 'an offer is changed');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :proc, 'award')$$), 'bid_refused', 'no award while offers come');
SELECT is(pg_temp.as('pub_anna', $$SELECT state || ' ' || budget || ' ' || coalesce(price::text, '-') FROM community_api.procurement_list(_c)$$), 'published 20000 -', 'all see it, nobody the offers');
UPDATE community.procurement SET offers_until = now() - interval '1 minute';
SELECT is(pg_temp.as('pub_shop', 'SELECT community_api.procurement_offer(_key, _c, :proc, :shop, 1)'), 'bid_refused', 'no offer afterwards');
SELECT community.provider_event(pg_temp.k(), 330203001001, pg_temp.v('rival')::bigint, 'suspend', jsonb_build_object('until', now() + interval '1 day'));
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :proc, 'boil')$$), 'match_form', 'an unknown event');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :proc, 'award')$$), 'active', 'awarded');
SELECT is(pg_temp.as('pub_anna', $$SELECT provider_name || ' ' || price FROM community_api.procurement_list(_c)$$), 'Clean 16000', 'to the lowest offer of a provider that is not suspended');
SELECT is(b.available, 84000::bigint, 'its price is held, not the budget') FROM community.account_balance(330203001001, pg_temp.v('fund')::bigint) b;
SELECT community.offer_add(330203001001, pg_temp.v('shop')::bigint, 'house_cleaning', 'Cleaning', 121.506, 29.805, 0, '{"capacity": 9}');
CREATE FUNCTION pg_temp.order(p_person bigint, p_end text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_person, 'house_cleaning')));
BEGIN
    FOR i IN 1 .. cardinality(p_end) LOOP
        PERFORM pg_temp.event(v, split_part(p_end[i], ' ', 1), jsonb_build_object('role', nullif(split_part(p_end[i], ' ', 2), ''), 'stars', 5));
        UPDATE community.service_order SET period = tstzrange(now() - interval '30 hours', now() - interval '29 hours') WHERE order_id = v AND i = 1;
    END LOOP;
END $$;
SELECT pg_temp.order(1, '{confirm,check_in provide,check_in request,finish,settle}'), pg_temp.order(2, '{confirm,check_in provide,check_in request,finish,settle}');
SELECT pg_temp.order(3, '{confirm,cancel request}'), pg_temp.order(4, '{confirm,cancel provide}');
SELECT is(pg_temp.as('pub_shop', $$SELECT string_agg(format('%s %s %s %s', indicator, measured, share, pays), ', ' ORDER BY indicator) FROM community_api.procurement_measure(_c, :proc)$$),
    'kept_rate 0.6667 0.666700 2666, orders 2 0.500000 6000', 'measured: what the requester cancelled is not the fault of the provider');
SELECT is(pg_temp.as('pub_rival', 'SELECT count(*) FROM community_api.procurement_measure(_c, :proc)'), 'match_role', 'others do not see it');
SELECT is(pg_temp.as('pub_boss', 'SELECT count(*) FROM community_api.procurement_measure(_c, 0)'), 'match_unknown', 'an unknown procurement');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_pay('00000000-0000-0000-0000-0000000000b2', _c, :proc)$$), '8666', 'paid on that') FROM generate_series(1, 2);
SELECT is(pg_temp.as('pub_boss', 'SELECT community_api.procurement_pay(_key, _c, :proc)'), 'match_state', 'once');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :proc, 'award')$$), 'match_state', 'and not awarded again');
SELECT is(b.available, 91334::bigint, 'the rest is given back') FROM community.account_balance(330203001001, pg_temp.v('fund')::bigint) b;
SELECT is(pg_temp.as('pub_anna', 'SELECT paid FROM community_api.procurement_list(_c)'), '8666', 'which all see');
INSERT INTO v SELECT 'none', pg_temp.publish(':fund', '[{"indicator": "orders", "target": 4, "weight": 3}]');
UPDATE community.procurement SET offers_until = now() - interval '1 minute' WHERE state = 'published';
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :none, 'award')$$), 'bid_refused', 'nobody offers');
SELECT is(pg_temp.as('pub_boss', $$SELECT community_api.procurement_event(_key, _c, :none, 'close')$$), 'void', 'closed');

-- The time bank: earned, spent, passed on, moved along, expired.
SELECT community.account_open(330203001002, 'TIME', 'purse', 'person', 77);
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_earn('00000000-0000-0000-0000-0000000000b3', _c, 5, 300, 'tree planting') > 0$$), 'true', 'earned outside of an order') FROM generate_series(1, 2);
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_earn(_key, _c, 5, 300, ' ')$$), 'match_form', 'for something that is named');
SELECT is(pg_temp.as('pub_vera', $$SELECT community_api.time_spend(_key, _c, 5, 40, 'lunch') > 0$$), 'true', 'the volunteer spends');
SELECT is(pg_temp.as('pub_vera', $$SELECT community_api.time_spend(_key, _c, 5, 40, '')$$), 'match_form', 'on something');
SELECT is(pg_temp.as('pub_vera', $$SELECT community_api.time_spend(_key, _c, 5, 400, 'lunch')$$), 'funds_insufficient', 'what is there');
SELECT is(pg_temp.as('pub_vera', $$SELECT community_api.time_spend(_key, _c, 6, 1, 'lunch')$$), 'match_role', 'of one''s own');
SELECT is(pg_temp.as('pub_vera', 'SELECT community_api.time_give(_key, _c, 5, 6, 10)'), 'kin_unknown', 'nothing to strangers');
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_kin_set(_key, _c, 5, 6, 'parent')$$), '6', 'a relative is recorded');
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_kin_set(_key, _c, 5, 77, 'child', 330203001002)$$), '77', 'and one in another community');
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_kin_set(_key, _c, 5, 8, 'self')$$), 'match_form', 'oneself is one person here');
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_kin_set(_key, _c, 5, 8, 'child', 1)$$), 'community_unknown', 'there is no such community');
SELECT community.setting_set('time_year_cap', '100', 330203001001);
SELECT is(pg_temp.as('pub_vera', $$SELECT community_api.time_give('00000000-0000-0000-0000-0000000000b4', _c, 5, 6, 60) > 0$$), 'true', 'passed on') FROM generate_series(1, 2);
SELECT is(pg_temp.as('pub_vera', 'SELECT community_api.time_give(_key, _c, 5, 77, 41, 330203001002)'), 'time_year_cap', 'both count against the cap');
SELECT is(pg_temp.as('pub_vera', 'SELECT community_api.time_give(_key, _c, 5, 77, 40, 330203001002) > 0'), 'true', 'up to it');
SELECT is((SELECT b.available FROM community.account_balance(330203001002, community.account_of(330203001002, 'TIME', 'purse', 'person', 77)) b), 40::bigint, 'they arrive in the other community');
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_kin_set(_key, _c, 5, 77, 'self', 330203001002)$$), '77', 'who moves takes them along');
SELECT is(pg_temp.as('pub_clerk', 'SELECT community_api.time_give(_key, _c, 5, 77, 60, 330203001002) > 0'), 'true', 'beside the cap');
SELECT results_eq($$SELECT owed, owed_by_other FROM community.clearing_position() WHERE community_id = 330203001001 AND currency = 'TIME'$$, 'VALUES (100::bigint, -100::bigint)', 'and the communities know what they owe');
SELECT is(pg_temp.as('pub_vera', $$SELECT format('%s %s %s %s %s/%s %s %s', balance, available, earned, spent, given_this_year, year_cap, expires, expires_at = now() + interval '3 years') FROM community_api.time_balance(_c, 5)$$),
    '100 100 300 200 100/100 100 t', 'the balance');
SELECT is(pg_temp.as('pub_vera', $$SELECT string_agg(code || ' ' || minutes || ' ' || balance, ', ' ORDER BY balance DESC) FROM community_api.time_statement(_c, 5, now(), now() + interval '1 day')$$),
    'time_earned 300 300, time_spent -40 260, time_gift -60 200, time_gift -40 160, time_move -60 100', 'and how it came about');
SELECT is(pg_temp.as('pub_anna', 'SELECT count(*) FROM community_api.time_balance(_c, 5)'), 'match_role', 'which others do not see');
SELECT is(pg_temp.as('pub_shop', 'SELECT count(*) FROM community_api.time_statement(_c, 5, now(), now())'), 'match_role', 'nor the statement');
UPDATE community.transfer SET at = now() - interval '2 years' WHERE code = 'time_earned';
SELECT is(pg_temp.as('pub_clerk', $$SELECT community_api.time_earn(_key, _c, 5, 50, 'more') > 0$$), 'true', 'later credits');
SELECT is(pg_temp.as('pub_vera', $$SELECT expires || ' ' || (expires_at = now() + interval '1 year') FROM community_api.time_balance(_c, 5)$$), '100 true', 'expire later');
SELECT is(community._job_match_time(now() + interval '366 days'), 1::bigint, 'the oldest expire first');
SELECT is(pg_temp.as('pub_vera', $$SELECT available || ' ' || expires || ' ' || (expires_at = now() + interval '3 years') FROM community_api.time_balance(_c, 5)$$), '50 50 true', 'and only they');
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
SELECT * FROM finish();
ROLLBACK;
