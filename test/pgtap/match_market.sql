-- Matching: providers, offers, demands, candidates, on-line matching.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

-- Onboarding follows the operating model.
CREATE TEMP TABLE p AS
SELECT x.* FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean', 'merchant') x;
SELECT is(state, 'active', 'mixed: an organization with a credit code joins by itself') FROM p;
SELECT is((SELECT state FROM community.provider_apply(pg_temp.k(), c, 'organization', tidy, 'Tidy', 'merchant')), 'applied', 'one without waits for a supervisor') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.provider_apply(pg_temp.k(), %s, 'organization', %s, 'Again', 'merchant')$$, c, shop)), 'provider_exists', 'an owner is one provider') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.provider_apply(pg_temp.k(), %s, 'organization', %s, 'X', 'volunteer')$$, c, tidy)), 'match_form', 'a volunteer is a person') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.provider_apply(pg_temp.k(), %s, 'person', 99, 'X', 'volunteer')$$, c)), 'match_form', 'of the register') FROM m;
SELECT is(community.provider_event(pg_temp.k(), c, p.provider_id, 'accept'), 'active', 'who is accepted by a supervisor') FROM m, community.provider p WHERE p.owner_id = tidy;
UPDATE community.community SET operating_model = 'market' FROM m WHERE community_id = c;
SELECT is(pg_temp.reason(format($$SELECT community.provider_apply(pg_temp.k(), %s, 'organization', %s, 'Hall', 'public')$$, c, hall)), 'provider_government', 'market: government does not provide') FROM m;
SELECT is((SELECT state FROM community.provider_apply(pg_temp.k(), c, 'person', 5, 'Vera', 'volunteer')), 'active', 'and everybody joins') FROM m;
UPDATE community.community SET operating_model = 'government' FROM m WHERE community_id = c;
SELECT is((SELECT state FROM community.provider_apply(pg_temp.k(), c, 'organization', hall, 'Hall', 'public')), 'applied', 'government: it may, once accepted') FROM m;
SELECT is((SELECT state FROM community.provider_apply(pg_temp.k(), c, 'person', 6, 'Will', 'volunteer')), 'applied', 'like all') FROM m;
SELECT is(community.provider_event(pg_temp.k(), c, p.provider_id, 'accept'), 'active', 'accepted') FROM m, community.provider p WHERE p.owner_kind = 'person' AND p.owner_id = 6;
UPDATE community.community SET operating_model = 'mixed' FROM m WHERE community_id = c;
SELECT is(pg_temp.reason(format($$SELECT community.provider_event(pg_temp.k(), %s, %s, 'accept')$$, c, provider_id)), 'match_state', 'nobody is accepted twice') FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT community.provider_event(pg_temp.k(), %s, 0, 'warn')$$, c)), 'match_unknown', 'an unknown provider') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.provider_event(pg_temp.k(), %s, %s, 'suspend')$$, c, provider_id)), 'match_form', 'a suspension has an end') FROM m, p;

-- Certificates.
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'water_repair', 'Pipes', 121.505, 29.805, 100)$$, c, provider_id)), 'qualification_missing', 'plumbers show a certificate') FROM m, p;
CREATE TEMP TABLE q AS SELECT community.qualification_add(c, provider_id, 'plumber', 'P-1', 'Board', daterange(CURRENT_DATE, CURRENT_DATE + 10)) AS id FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'water_repair', 'Pipes', 121.505, 29.805, 100)$$, c, provider_id)), 'qualification_missing', 'that is verified') FROM m, p;
SELECT community.qualification_verify(c, id) FROM m, q;
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'water_repair', 'Pipes', 121.505, 29.805, 100)$$, c, provider_id)), 'done', 'then they offer') FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT community.qualification_verify(%s, 0)$$, c)), 'match_unknown', 'an unknown certificate') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.qualification_add(%s, %s, 'plumber', 'P-2', 'Board', '(,)')$$, c, provider_id)), 'match_form', 'a certificate expires') FROM m, p;
SELECT is((SELECT count(*) FROM pg_temp.candidates(1, 'water_repair')), 1::bigint, 'a certificate in force on the day');
SELECT is((SELECT count(*) FROM pg_temp.candidates(1, 'water_repair', jsonb_build_object('from', pg_temp.ten() + interval '20 days', 'upto', pg_temp.ten() + interval '21 days'))), 0::bigint, 'and not after its end');

-- Offers and demands.
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'sorcery', 'X', 121.5, 29.8, 100)$$, c, provider_id)), 'match_unknown', 'a service of the catalogue') FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'certificate_errand', 'X', 121.5, 29.8, 5001)$$, c, provider_id)), 'price_above_cap', 'within its price cap') FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(%s, %s, 'house_cleaning', 'X', 221.5, 29.8, 5001)$$, c, provider_id)), 'match_form', 'somewhere on earth') FROM m, p;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.want(1, 'house_cleaning', '{"channel": "drum"}')$$)), 'channel_unfit', 'by a channel of the service');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.want(1, 'house_cleaning', '{"duration": "3 hours"}')$$)), 'match_form', 'within the time wanted');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.want(1, 'house_cleaning', '{"repeat_every": "7 days"}')$$)), 'match_form', 'a series ends');
CREATE TEMP TABLE o AS
SELECT community.offer_add(c, p.provider_id, 'house_cleaning', 'Near', 121.506, 29.805, 8000, '{"hours": "Mo-Su,PH 08:00-18:00", "skills": ["windows"], "languages": ["zh", "en"]}') AS near,
       community.offer_add(c, t.provider_id, 'house_cleaning', 'Far', 121.525, 29.805, 6000, '{"capacity": 2, "accessibility": ["home_visit"]}') AS far
  FROM m, p, community.provider t WHERE t.owner_id = tidy AND t.owner_kind = 'organization';
CREATE TEMP TABLE d AS SELECT pg_temp.want(1, 'house_cleaning', '{"channel": "hotline", "proxy": "neighbour, no phone"}') AS id;
SELECT is(state || ' ' || channel || ' ' || proxy, 'open hotline neighbour, no phone', 'a demand by proxy') FROM community.demand JOIN d ON demand_id = id;
SELECT results_eq('SELECT offer_id FROM d, community.match_candidates(330203001001, id)', 'SELECT near FROM o UNION ALL SELECT far FROM o', 'the nearer one first');
SELECT is(score, (SELECT sum(w.value::numeric) FROM jsonb_each_text(why) w), 'the parts add up to the score') FROM d, community.match_candidates(330203001001, id);
SELECT is(count(*), 8::bigint, 'each part is named') FROM d, community.match_candidates(330203001001, id, 1), jsonb_object_keys(why);
SELECT is(begins, pg_temp.ten(), 'as soon as wanted') FROM d, community.match_candidates(330203001001, id, 1);

-- What fits.
CREATE FUNCTION pg_temp.fits(p_doc jsonb, p_person bigint DEFAULT 1, p_kind text DEFAULT 'person') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(c.title, ',' ORDER BY c.title) FROM pg_temp.candidates(p_person, 'house_cleaning', p_doc, p_kind) c
$$;
SELECT is(pg_temp.fits('{}'), 'Far,Near', 'both fit');
SELECT is(pg_temp.fits('{"languages": ["en"]}'), 'Near', 'by language');
SELECT is(pg_temp.fits('{"accessibility": ["home_visit"]}'), 'Far', 'by accessibility');
SELECT is(pg_temp.fits('{"max_price": 7000}'), 'Far', 'by price');
SELECT is(pg_temp.fits('{"wants_sex": "female"}'), NULL, 'by sex');
SELECT is(pg_temp.fits(jsonb_build_object('from', pg_temp.ten() + interval '10 hours', 'upto', pg_temp.ten() + interval '12 hours')), 'Far', 'by hours');
SELECT community.match_block_set(c, 'person', 2, provider_id, 'quarrel') FROM m, p;
SELECT is(pg_temp.fits('{}', 2), 'Far', 'blocked pairs are kept apart');
SELECT community.match_block_set(c, 'person', 2, provider_id, 'quarrel', false) FROM m, p;
SELECT is(pg_temp.fits('{}', 2), 'Far,Near', 'until they make up');
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'Area', 121.505, 29.805, 8000, '{"grids": ["330203001001009"]}') FROM m, p;
SELECT is(pg_temp.fits('{}'), 'Far,Near', 'not outside of the grids served');
SELECT community.offer_add(c, provider_id, 'house_cleaning', 'Cell', 121.505, 29.805, 8000, jsonb_build_object('cells', jsonb_build_array(community.gridcell(121.505, 29.805, 5)::text))) FROM m, p;
SELECT is(pg_temp.fits('{}'), 'Cell,Far,Near', 'but within the cells served');
UPDATE community.offer SET state = 'ended' WHERE title IN ('Area', 'Cell');
SELECT is(pg_temp.fits('{}', shop, 'organization'), 'Far', 'nobody is offered what he sells himself') FROM m;
SELECT is(pg_temp.reason($$SELECT count(*) FROM community.match_candidates(330203001001, 0)$$), 'match_unknown', 'an unknown demand');
SELECT is(pg_temp.reason(format('SELECT count(*) FROM community.match_candidates(330203001001, %s, -1)', id)), 'match_form', 'no fewer candidates than none') FROM d;
SELECT is((SELECT count(*) FROM community.match_candidates(330203001001, id, 2147483647)), (SELECT count(*) FROM community.match_candidates(330203001001, id, NULL)), 'any number more is all of them') FROM d;
SELECT is((SELECT count(*) FROM community.match_candidates(330203001001, id, 0)), 0::bigint, 'none when none is asked for') FROM d;

-- One input changed, the order changes as stated.
CREATE FUNCTION pg_temp.first() RETURNS text LANGUAGE sql AS
    'SELECT o.title FROM d, community.match_candidates(330203001001, id, 1) c, community.offer o WHERE o.offer_id = c.offer_id';
SAVEPOINT s;
UPDATE community.match_weight SET weight = 0;
UPDATE community.match_part SET weight = (part = 'rating')::integer;
UPDATE community.provider SET rated = 10, good = 10 WHERE name = 'Tidy';
SELECT is(pg_temp.first(), 'Far', 'rating: better rated first');
UPDATE community.provider SET rated = 100, good = 100 WHERE name = 'Clean';
SELECT is(pg_temp.first(), 'Near', 'rating: many good ones outrank few');
UPDATE community.match_part SET weight = (part = 'newcomer')::integer;
UPDATE community.provider SET rated = 4, good = 0 WHERE name = 'Tidy';
SELECT is(pg_temp.first(), 'Far', 'newcomer: who has few ratings gets a chance');
UPDATE community.match_part SET weight = (part = 'price')::integer;
SELECT is(pg_temp.first(), 'Far', 'price: cheaper first');
UPDATE community.match_part SET weight = (part = 'load')::integer;
INSERT INTO community.market_count SELECT c, 'house_cleaning', community._quarter(c, now()), provider_id, 6 FROM m, p;
SELECT is(pg_temp.first(), 'Far', 'load: who has fewer orders first');
UPDATE community.market_count SET orders = 0;
SELECT is(pg_temp.first(), 'Near', 'load: else the older offer');
UPDATE community.match_part SET weight = (part = 'skill')::integer;
UPDATE community.demand SET skills = '{home_visit,windows}' FROM d WHERE demand_id = id;
UPDATE community.offer SET skills = '{windows,home_visit}' WHERE title = 'Far';
SELECT is(pg_temp.first(), 'Far', 'skill: more of what is wished for first');
UPDATE community.match_part SET weight = (part = 'time')::integer;
UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su,PH 10:30-18:00') WHERE title = 'Near';
SELECT is(pg_temp.first(), 'Far', 'time: sooner first');
ROLLBACK TO s;

-- On-line matching.
CREATE TEMP TABLE r AS SELECT x.* FROM d, community.match_demand('00000000-0000-0000-0000-00000000000a', 330203001001, id) x;
SELECT is(offer_id, near, 'the best candidate gets it') FROM r, o;
SELECT is(taken, 1, 'and has an order more') FROM community.offer JOIN o ON offer_id = near;
SELECT is((SELECT order_id FROM d, community.match_demand('00000000-0000-0000-0000-00000000000a', 330203001001, id)), order_id, 'the same key, the same order') FROM r;
SELECT is(pg_temp.reason(format($$SELECT community.match_demand(pg_temp.k(), 330203001001, %s)$$, id)), 'demand_taken', 'one order for a demand') FROM d;
SELECT is(state, 'matched', 'which is matched') FROM community.demand JOIN d ON demand_id = id;
CREATE TEMP TABLE full_demand AS SELECT pg_temp.want(3, 'house_cleaning') AS id;
SELECT is((SELECT x.offer_id FROM community.match_demand(pg_temp.k(), 330203001001, id) x), far, 'the next one when the best is full') FROM full_demand, o;
SELECT is(pg_temp.reason(format($$SELECT community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(4, 'house_cleaning'), %s)$$, near)), 'no_candidate', 'a full one that is asked for') FROM o;
SELECT is(pg_temp.reason($$SELECT community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(4, 'gas_check'))$$), 'no_candidate', 'nobody offers it');
SELECT is(pg_temp.reason($$SELECT community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(4, 'house_cleaning', '{"draft": true}'))$$), 'match_state', 'a draft is not matched');
SELECT is(pg_temp.reason($$SELECT community.match_demand(pg_temp.k(), 330203001001, 0)$$), 'match_unknown', 'nor what is not there');

-- For any client: the guard.
CREATE FUNCTION pg_temp.raw(p_person bigint, p_offer bigint, p_kind text DEFAULT 'person') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.reason(format($q$INSERT INTO community.service_order (community_id, demand_id, offer_id, provider_id, service, requester_kind, requester_id,
        exclusive, period, price, fee, currency, score, why, market_period, confirm_due)
    SELECT 330203001001, d.demand_id, o.offer_id, o.provider_id, 'house_cleaning', %L, %s, false, '[2030-01-01 10:00,2030-01-01 11:00)', 1, 0, 'CNY', 0, '{}', '2030-01-01', '2030-01-01'
      FROM community.offer o, (SELECT pg_temp.want(%s, 'house_cleaning', '{}', %L) AS demand_id) d WHERE o.offer_id = %s$q$, p_kind, p_person, p_person, p_kind, p_offer))
$$;
SELECT is(pg_temp.raw(4, near), 'offer_full', 'a full offer') FROM o;
SELECT is(pg_temp.raw(shop, far, 'organization'), 'done', 'another one has room') FROM o, m;
SELECT is(pg_temp.raw(4, far), 'offer_full', 'until it is full') FROM o;
SELECT community.offer_set(c, near, 'open', 10), community.offer_set(c, far, 'open', 10) FROM m, o;
SELECT is(pg_temp.reason(format('SELECT community.offer_set(330203001001, %s, %L, 0)', near, 'open')), 'match_form', 'capacity never falls below its orders') FROM o;
SELECT is(pg_temp.reason($$SELECT community.offer_set(330203001001, 0, 'open')$$), 'match_unknown', 'an unknown offer');
SELECT is(pg_temp.raw(shop, near, 'organization'), 'self_dealing', 'self-dealing') FROM o, m;
SELECT community.match_block_set(c, 'person', 4, provider_id, 'quarrel') FROM m, p;
SELECT is(pg_temp.raw(4, near), 'pair_blocked', 'a blocked pair') FROM o;
SELECT community.provider_event(pg_temp.k(), c, provider_id, 'suspend', jsonb_build_object('until', now() + interval '1 day')) FROM m, p;
SELECT is(pg_temp.raw(3, near), 'provider_not_active', 'a suspended provider') FROM o;
SELECT is(pg_temp.fits('{}'), 'Far', 'who is no candidate either');
SELECT is(pg_temp.reason(format('SELECT community.order_event(pg_temp.k(), 330203001001, %s, %L)', order_id, 'confirm')), 'provider_not_active', 'nor confirms') FROM r;
SELECT is(pg_temp.reason(format($$SELECT community.offer_add(330203001001, %s, 'house_cleaning', 'X', 121.5, 29.8, 1)$$, provider_id)), 'provider_not_active', 'nor offers') FROM p;
SELECT community.provider_event(pg_temp.k(), c, provider_id, 'resume') FROM m, p;
SELECT is(pg_temp.reason('DELETE FROM community.service_order'), 'order_kept', 'orders are kept');
SELECT is(pg_temp.reason('UPDATE community.service_order SET offer_id = offer_id + 1'), 'order_kept', 'and not redirected');
SELECT is(pg_temp.reason($$UPDATE community.match_log SET actor = 'x'$$), '55000 rows of match_log are never changed', 'so is the log');
SELECT is((SELECT bool_and(o.taken = (SELECT count(*) FROM community.service_order s WHERE s.offer_id = o.offer_id AND community._order_live(s.state))) FROM community.offer o), true, 'capacity taken is what is open');

-- Share cap.
SELECT community.setting_set('match_share_from', '4', c) FROM m;
SELECT is(pg_temp.reason(format('SELECT community.provider_cap(330203001001, %s, 2)', provider_id)), 'match_form', 'a share is at most one') FROM p;
SELECT community.provider_cap(c, provider_id, 0.3) FROM m, p;

INSERT INTO community.market_count SELECT c, 'house_cleaning', '2030-01-01', x.i, x.n FROM m, (VALUES (0, 3), ((SELECT provider_id FROM p), 1)) x(i, n)
    ON CONFLICT (community_id, service, period, provider_id) DO UPDATE SET orders = EXCLUDED.orders;
SELECT is(pg_temp.raw(3, near), 'share_cap_reached', 'over the share cap') FROM o;
SELECT community.provider_cap(c, provider_id, NULL) FROM m, p;
SELECT is(pg_temp.raw(3, near), 'share_cap_reached', 'of the operating model') FROM o;
UPDATE community.operating_rule SET share_cap = 0.5 WHERE operating_model = 'mixed';
SELECT is(pg_temp.raw(3, near), 'done', 'under it') FROM o;
UPDATE community.market_count m SET orders = 0 FROM community.provider t WHERE t.provider_id = m.provider_id AND t.name = 'Tidy' AND m.period = '2030-01-01';
SELECT is(community.hhi(c, 'house_cleaning', '2030-01-01'), 10000::numeric, 'HHI of one provider') FROM m;
INSERT INTO community.market_count SELECT c, 'house_cleaning', '2030-01-01', t.provider_id, 2 FROM m, community.provider t WHERE t.name = 'Tidy'
    ON CONFLICT (community_id, service, period, provider_id) DO UPDATE SET orders = 2;
SELECT is(community.hhi(c, 'house_cleaning', '2030-01-01'), 5000::numeric, 'HHI of two halves') FROM m;
SELECT results_eq($$SELECT share FROM community.market_share(330203001001, 'house_cleaning', '2030-01-01')$$, 'VALUES (0.5::numeric(8,6)), (0.5)', 'shares of the market');

-- One person does one thing at a time.
SELECT community.offer_add(c, provider_id, 'volunteer_visit', name, 121.505, 29.805, 60, '{"capacity": 5}') FROM m, community.provider WHERE name = 'Will';
SELECT is((SELECT count(*) FROM community.match_demand(pg_temp.k(), c, pg_temp.want(7, 'volunteer_visit', '{"duration": "2 hours"}'))), 1::bigint, 'a volunteer is matched') FROM m;
SELECT is(pg_temp.reason($$SELECT community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(8, 'volunteer_visit'))$$), 'no_candidate', 'and busy then');
SELECT is(pg_temp.reason(format($$SELECT community._order_make(community._demand_lock(330203001001, pg_temp.want(8, 'volunteer_visit')), %s, pg_temp.ten(), 60, 0, '{}', NULL)$$, offer_id)),
    'provider_busy', 'by constraint') FROM community.offer WHERE title = 'Will';
SELECT is((SELECT count(*) FROM community.match_demand(pg_temp.k(), c, pg_temp.want(8, 'volunteer_visit', jsonb_build_object('from', pg_temp.ten() + interval '2 hours', 'upto', pg_temp.ten() + interval '3 hours')))), 1::bigint, 'but free afterwards') FROM m;

-- Withdrawal, expiry, recurrence.
SELECT is(community.demand_event(pg_temp.k(), c, pg_temp.want(9, 'house_cleaning'), 'withdraw'), 'withdrawn', 'a demand is withdrawn') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.demand_event(pg_temp.k(), 330203001001, %s, 'withdraw')$$, id)), 'match_state', 'not once it is matched') FROM d;
SELECT is(pg_temp.reason($$SELECT community.demand_event(pg_temp.k(), 330203001001, 1, 'fulfil')$$), 'match_form', 'other events are not for callers');
CREATE TEMP TABLE again AS SELECT pg_temp.want(10, 'policy_advice', jsonb_build_object('repeat_every', '7 days', 'repeat_until', now() + interval '20 days')) AS id;
SELECT community._job_match_upkeep(now() + interval '3 days');
SELECT is(state, 'expired', 'a demand expires with its time') FROM community.demand JOIN again ON demand_id = id;
SELECT results_eq($$SELECT lower(n.slot) - lower(d.slot), n.state FROM community.demand n JOIN community.demand d ON d.demand_id = n.repeats JOIN again ON id = n.repeats$$,
    $$VALUES (interval '7 days', 'open')$$, 'and comes again');
SELECT community._job_match_upkeep(now() + interval '3 days');
SELECT is(count(*), 1::bigint, 'once') FROM community.demand JOIN again ON repeats = id;
SELECT community._job_match_upkeep(now() + interval '9 days');
SELECT community._job_match_upkeep(now() + interval '16 days');
SELECT community._job_match_upkeep(now() + interval '23 days');
SELECT is(count(*), 3::bigint, 'until its series ends') FROM community.demand WHERE service = 'policy_advice';
SELECT is(state, 'rejected', 'a match that nobody confirms is rejected') FROM community.service_order JOIN r USING (order_id);

CREATE TEMP TABLE series AS SELECT pg_temp.want(10, 'legal_aid', jsonb_build_object('repeat_every', '1 day', 'repeat_until', now() + interval '20 days')) AS id;
SELECT community.demand_event(pg_temp.k(), 330203001001, id, 'withdraw') FROM series;
SELECT community._job_match_upkeep(now() + interval '3 days');
SELECT is_empty('SELECT demand_id FROM community.demand JOIN series ON repeats = id', 'a series that is withdrawn ends');
CREATE FUNCTION pg_temp.cancelled(p_doc jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v bigint := pg_temp.want(10, 'house_cleaning', jsonb_build_object('repeat_every', '1 day', 'repeat_until', now() + interval '20 days'));
    o bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, v));
BEGIN
    PERFORM pg_temp.event(o, 'cancel', p_doc);
    RETURN v;
END $$;
CREATE TEMP TABLE one AS SELECT pg_temp.cancelled('{"role": "request"}') AS time_only, pg_temp.cancelled('{"role": "request", "series": true}') AS series;
SELECT community._job_match_upkeep(now() + interval '3 days');
SELECT results_eq('SELECT d.state, n.demand_id IS NOT NULL FROM community.demand d JOIN one ON d.demand_id = time_only LEFT JOIN community.demand n ON n.repeats = d.demand_id',
    $$VALUES ('withdrawn', true)$$, 'cancelling the order of one time leaves the series');
SELECT results_eq('SELECT d.state, n.demand_id IS NOT NULL FROM community.demand d JOIN one ON d.demand_id = series LEFT JOIN community.demand n ON n.repeats = d.demand_id',
    $$VALUES ('withdrawn', false)$$, 'unless that is said');

-- The operating model sets the fee of new orders.
CREATE FUNCTION pg_temp.fee(p_model text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v_demand bigint; v_order bigint;
BEGIN
    UPDATE community.community SET operating_model = p_model WHERE community_id = 330203001001;
    v_demand := pg_temp.want(9, 'appliance_repair');
    SELECT m.order_id INTO v_order FROM community.match_demand(pg_temp.k(), 330203001001, v_demand) m;
    RETURN (SELECT fee FROM community.service_order WHERE order_id = v_order);
END $$;
SELECT community.offer_add(c, provider_id, 'appliance_repair', 'Fix', 121.505, 29.805, 10000, '{"capacity": 9}') FROM m, p;
SELECT is(pg_temp.fee(model), fee, 'fee of the model ' || model) FROM (VALUES ('government', 0::bigint), ('market', 300), ('mixed', 100)) v (model, fee);

-- Certain capabilities keep apart.
CREATE ROLE match_both LOGIN;
CREATE ROLE match_shop LOGIN;
SELECT community.member_add('match_both', 'supervise', 330203001001);
SELECT is(pg_temp.reason($$SELECT community.member_add('match_both', 'provide', NULL, '330203')$$), 'supervisor_provides', 'a supervisor is no provider, in any area that overlaps');
SELECT community.member_add('match_shop', 'provide', 330203001001);
SELECT is(pg_temp.reason($$SELECT community.member_add('match_shop', 'supervise', 330203001001)$$), 'provider_supervises', 'nor the other way round');
GRANT match_shop TO match_both;
GRANT USAGE ON SCHEMA community TO match_both, match_shop;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA community TO match_both, match_shop;
GRANT SELECT ON ALL TABLES IN SCHEMA community TO match_both, match_shop;
SET SESSION AUTHORIZATION match_both;
SELECT is(pg_temp.reason($$SELECT community._match_require('provide', 330203001001, 'match_both')$$), 'supervisor_provides', 'who has both through other roles does not provide');
SELECT is(pg_temp.reason($$SELECT community._match_require('supervise', 330203001001)$$), 'provider_supervises', 'nor supervise');
SELECT is(pg_temp.reason($$SELECT community._match_require('match', 330203001001)$$), 'match_role', 'nor act for the platform');
SELECT is(community._match_may('job', 330203001001, NULL), false, 'nor as a job');
SET SESSION AUTHORIZATION match_shop;
SELECT is(pg_temp.reason($$SELECT community._match_require('provide', 330203001001, 'match_shop')$$), 'done', 'a provider acts for itself');
SELECT is(pg_temp.reason($$SELECT community._match_require('provide', 330203001001, 'other')$$), 'match_role', 'and for no other');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
