-- Planning again when a provider cancels, is suspended, banned or withdraws.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

-- Three providers: A has room, B speaks English and is nearer than C; B and C have little room.
CREATE TEMP TABLE p AS
SELECT x.provider_id, v.name FROM m, LATERAL (VALUES ('A', shop), ('B', tidy), ('C', hall)) v (name, owner),
       community.provider_apply(pg_temp.k(), c, 'organization', owner, v.name, CASE WHEN v.name = 'C' THEN 'public' ELSE 'merchant' END) x;
UPDATE community.provider SET state = 'active';
SELECT community.account_open(330203001001, 'CNY', 'merchant', 'organization', hall) FROM m;
UPDATE community.operating_rule SET share_cap = 1;
CREATE TEMP TABLE o AS
SELECT v.name, community.offer_add(330203001001, provider_id, 'house_cleaning', v.name, v.lon, 29.805, 1000, v.doc::jsonb) AS offer
  FROM (VALUES ('A', 121.505, '{"capacity": 9, "languages": ["zh", "en"]}'), ('B', 121.507, '{"capacity": 2, "languages": ["zh", "en"]}'), ('C', 121.515, '{"capacity": 1}')) v (name, lon, doc) JOIN p USING (name);
CREATE TEMP TABLE d (n integer, demand bigint, ord bigint);
CREATE FUNCTION pg_temp.deal(p_n integer, p_name text, p_doc jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_demand bigint := pg_temp.want(p_n, 'house_cleaning', p_doc);
BEGIN
    INSERT INTO d SELECT p_n, v_demand, x.order_id FROM o, community.match_demand(pg_temp.k(), 330203001001, v_demand, offer) x WHERE name = p_name;
END $$;
SELECT pg_temp.deal(1, 'A'), pg_temp.deal(2, 'A', '{"languages": ["en"]}'), pg_temp.deal(3, 'B'), pg_temp.deal(4, 'A');
SELECT pg_temp.event(ord, 'confirm') FROM d WHERE n < 4;
-- Who serves which demand now: its live order, else its state.
CREATE FUNCTION pg_temp.serves() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(x.n || coalesce(p.name, ' ' || x.state), ' ' ORDER BY x.n)
      FROM (SELECT DISTINCT d.n, d.demand, m.state FROM d JOIN community.demand m ON m.demand_id = d.demand) x
      LEFT JOIN community.service_order s ON s.demand_id = x.demand AND s.state IN ('matched', 'confirmed', 'in_service')
      LEFT JOIN p USING (provider_id) $$;
SELECT is(pg_temp.serves(), '1A 2A 3B 4A', 'as matched');
CREATE TEMP TABLE before AS SELECT s.* FROM community.service_order s JOIN d ON ord = order_id WHERE n = 3;

-- What if A fell out: a dry run.
CREATE TEMP TABLE dry AS SELECT * FROM community.match_replan(330203001001, (SELECT provider_id FROM p WHERE name = 'A'));
SELECT is(format('%s %s %s', demands, assigned, fcfs_assigned), '3 2 2', 'three demands would be free, two find another') FROM dry;
SELECT is(pg_temp.serves(), '1A 2A 3B 4A', 'nothing has changed');
SELECT is(x.made || ' ' || x.skipped, '0 2', 'nor does carrying it out change an order that stands') FROM dry, community.match_commit(pg_temp.k(), 330203001001, plan_id) x;
SELECT is(pg_temp.serves(), '1A 2A 3B 4A', 'so far');
SELECT is(pg_temp.reason('SELECT community.match_replan(330203001001, 0)'), 'match_unknown', 'an unknown provider');

-- A suspension that ends before the orders begin frees none of those confirmed.
SAVEPOINT short;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'suspend', jsonb_build_object('until', now() + interval '1 hour')) FROM p WHERE name = 'A';
SELECT is(community._job_match_replan(now()), 0::bigint, 'a short suspension');
SELECT is(pg_temp.serves(), '1A 2A 3B 4A', 'leaves tomorrow''s orders');
ROLLBACK TO short;

-- A suspension until after them: the confirmed ones are given back and planned again.
SELECT pg_temp.event(ord, 'reject') FROM d WHERE n = 4;
UPDATE community.demand SET state = 'withdrawn' FROM d WHERE demand_id = demand AND n = 4;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'suspend', jsonb_build_object('until', now() + interval '5 days')) FROM p WHERE name = 'A';
SELECT is(pg_temp.bal('person', 1) || ' ' || pg_temp.bal('person', 2), '99000 99000', 'both have money held');
SAVEPOINT suspended;
SELECT is(community._job_match_replan(now()), 4::bigint, 'two orders end, two begin');
SELECT is(pg_temp.serves(), '1C 2B 3B 4 withdrawn', 'who needs English goes to B, the other one to C');
SELECT is(pg_temp.bal('person', 1) || ' ' || pg_temp.bal('person', 2), '100000 100000', 'what was held is given back, free of charge');
SELECT is(string_agg(state || ' ' || paid, ',' ORDER BY order_id), 'cancelled 0,cancelled 0', 'the orders of A are cancelled') FROM community.service_order JOIN d ON ord = order_id WHERE n IN (1, 2);
SELECT is((SELECT count(*) FROM community.service_order s JOIN before b USING (order_id) WHERE s = b), 1::bigint, 'the confirmed order of B is the same in every column');
SELECT is(count(*), 0::bigint, 'no order stands with a provider that is suspended') FROM community.service_order s JOIN p USING (provider_id) WHERE p.name = 'A' AND s.state IN ('matched', 'confirmed');
SELECT is(format('%s %s %s %s', demands, assigned, fcfs_assigned, made), '2 2 1 2', 'first come first served would have left one out') FROM community.match_plan ORDER BY plan_id DESC LIMIT 1;
SELECT is(doc ->> 'reason', 'provider suspended', 'the log says why') FROM community.match_log JOIN d ON ord = object_id WHERE machine = 'order' AND event = 'cancel' AND n = 1;
SELECT is(community._job_match_replan(now()), 0::bigint, 'once');
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');

-- Without room elsewhere the demands are open, and tried for an hour.
ROLLBACK TO suspended;
UPDATE community.offer SET state = 'paused' FROM o WHERE offer_id = offer AND name IN ('B', 'C');
SELECT is(community._job_match_replan(now()), 2::bigint, 'two orders end');
SELECT is(pg_temp.serves(), '1 open 2 open 3B 4 withdrawn', 'their demands are open');
SELECT is(count(*), n, 'a plan that finds nothing is not kept') FROM community.match_plan, (SELECT count(*) AS n FROM community.match_plan WHERE assigned > 0) x GROUP BY n;
UPDATE community.offer SET state = 'open' FROM o WHERE offer_id = offer AND name = 'C';
SAVEPOINT hour;
SELECT is(community._job_match_replan(now() + interval '59 minutes'), 1::bigint, 'within the hour they take what has come free');
SELECT is(pg_temp.serves(), '1C 2 open 3B 4 withdrawn', 'as far as it fits');
ROLLBACK TO hour;
SELECT is(community._job_match_replan(now() + interval '61 minutes'), 0::bigint, 'after it they wait for an ordinary plan');
SELECT is(format('%s %s', demands, assigned), '2 1', 'which finds room when there is some') FROM community.match_replan(330203001001);
-- A comes back: not by itself to those it left, but when it is asked for.
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'resume') FROM p WHERE name = 'A';
SELECT is((SELECT count(*) FROM community.match_candidates(330203001001, demand)), 0::bigint, 'who fell out is no candidate again') FROM d WHERE n = 2;
SELECT is((SELECT count(*) FROM community.match_demand(pg_temp.k(), 330203001001, demand, offer)), 1::bigint, 'unless asked for by number') FROM d, o WHERE n = 2 AND name = 'A';
SELECT is(pg_temp.serves(), '1 open 2A 3B 4 withdrawn', 'and serves again');

-- Bans and withdrawals end orders whenever they are; a cancellation by the provider is planned again too.
ROLLBACK TO suspended;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'ban') FROM p WHERE name = 'A';
UPDATE community.service_order SET period = tstzrange(lower(period) + interval '1 hour', upper(period) + interval '1 hour');
SELECT community._job_match_replan(now());
SELECT is(pg_temp.serves(), '1C 2B 3B 4 withdrawn', 'banned');
ROLLBACK TO suspended;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'withdraw') FROM p WHERE name = 'A';
SELECT community._job_match_replan(now());
SELECT is(pg_temp.serves(), '1C 2B 3B 4 withdrawn', 'withdrawn');
ROLLBACK TO suspended;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'resume') FROM p WHERE name = 'A';
SELECT pg_temp.event(ord, 'cancel', '{"role": "provide"}') FROM d WHERE n = 1;
SELECT is(community._job_match_replan(now()), 1::bigint, 'the provider cancels one order');
SELECT is(pg_temp.serves(), '1B 2A 3B 4 withdrawn', 'its demand goes to the next best, not back to A');
UPDATE community.service_order SET period = tstzrange(now() - interval '10 minutes', now() + interval '1 hour') FROM d WHERE ord = order_id AND n = 2;
SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'ban') FROM p WHERE name = 'A';
SELECT community._job_match_replan(now());
SELECT is(pg_temp.serves(), '1B 2A 3B 4 withdrawn', 'an order whose time has begun is left to its parties');
SELECT * FROM finish();
ROLLBACK;
