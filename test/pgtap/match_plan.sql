-- Plans against enumeration: the optimum of small random markets, and what first come first served gives.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
UPDATE community.operating_rule SET share_cap = 1;
CREATE TEMP TABLE p AS
SELECT x.provider_id, o AS owner FROM m, unnest(ARRAY[shop, tidy]) o, community.provider_apply(pg_temp.k(), c, 'organization', o, 'Co ' || o, 'merchant') x;
UPDATE community.provider SET state = 'active';

-- Every way to assign: for each demand one of its candidates with room, or none.  The best: most, then cheapest.
CREATE FUNCTION pg_temp.best(OUT assigned integer, OUT cost numeric) LANGUAGE sql AS $$
    WITH RECURSIVE edge AS (
        SELECT d.demand_id, c.offer_id, 1 - c.score AS cost, o.capacity - o.taken AS room, dense_rank() OVER (ORDER BY d.demand_id) AS n
          FROM community.demand d CROSS JOIN LATERAL community.match_candidates(330203001001, d.demand_id, 16) c JOIN community.offer o USING (offer_id)
         WHERE d.state = 'open'
    ), way AS (
        SELECT 0::bigint AS n, '{}'::bigint[] AS taken, 0 AS assigned, 0::numeric AS cost
        UNION ALL
        SELECT w.n + 1, CASE WHEN e.offer_id IS NULL THEN w.taken ELSE w.taken || e.offer_id END, w.assigned + (e.offer_id IS NOT NULL)::integer, w.cost + coalesce(e.cost, 0)
          FROM way w
         CROSS JOIN LATERAL (SELECT e.offer_id, e.cost FROM edge e WHERE e.n = w.n + 1 AND e.room > (SELECT count(*) FROM unnest(w.taken) t WHERE t = e.offer_id)
                             UNION ALL SELECT NULL, NULL) e
         WHERE w.n < (SELECT max(n) FROM edge)
    )
    SELECT w.assigned, w.cost FROM way w WHERE w.n = (SELECT coalesce(max(n), 0) FROM edge) ORDER BY w.assigned DESC, w.cost LIMIT 1
$$;
-- Each demand takes its best candidate with room, in the order of arrival.
CREATE FUNCTION pg_temp.served(OUT assigned integer, OUT cost numeric) LANGUAGE plpgsql AS $$
DECLARE v record; v_taken bigint[] := '{}'; v_c record;
BEGIN
    assigned := 0;
    cost := 0;
    FOR v IN SELECT demand_id FROM community.demand WHERE state = 'open' ORDER BY opened_at, demand_id LOOP
        SELECT c.offer_id, c.score INTO v_c FROM community.match_candidates(330203001001, v.demand_id, 16) c JOIN community.offer o USING (offer_id)
         WHERE o.capacity - o.taken > (SELECT count(*) FROM unnest(v_taken) t WHERE t = c.offer_id) ORDER BY c.score DESC, c.offer_id LIMIT 1;
        IF FOUND THEN
            v_taken := v_taken || v_c.offer_id;
            assigned := assigned + 1;
            cost := cost + 1 - v_c.score;
        END IF;
    END LOOP;
END $$;
SELECT setseed(0.125);
CREATE TEMP TABLE tried (n integer, demands integer, assigned integer, cost numeric, fcfs_assigned integer, fcfs_cost numeric, best_assigned integer, best_cost numeric, served_assigned integer, served_cost numeric, made integer);
CREATE FUNCTION pg_temp.market(p_n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_id bigint;
BEGIN
    UPDATE community.demand SET state = 'withdrawn' WHERE state IN ('open', 'matched');
    UPDATE community.offer SET state = 'ended';
    PERFORM community.offer_add(330203001001, provider_id, 'house_cleaning', 'o', 121.50 + random() * 0.02, 29.805, (random() * 5000)::bigint,
                jsonb_build_object('capacity', 1 + (random() < 0.4)::integer, 'languages', CASE WHEN random() < 0.5 THEN '["zh", "en"]'::jsonb ELSE '["zh"]' END))
       FROM p, generate_series(1, 2);
    FOR i IN 1..6 LOOP
        PERFORM community.demand_add(pg_temp.k(), 330203001001, 'person', 1 + (p_n + i) % 10, 'house_cleaning', 121.50 + random() * 0.02, 29.805,
                jsonb_strip_nulls(jsonb_build_object('from', pg_temp.ten(), 'upto', pg_temp.ten() + interval '2 hours', 'languages', CASE WHEN random() < 0.4 THEN '["en"]'::jsonb END,
                    'max_price', CASE WHEN random() < 0.4 THEN 1000 + (random() * 4000)::integer END)));
    END LOOP;
    INSERT INTO tried SELECT p_n, x.demands, x.assigned, x.cost, x.fcfs_assigned, x.fcfs_cost, b.assigned, b.cost, s.assigned, s.cost, c.made
      FROM (SELECT * FROM pg_temp.best()) b, (SELECT * FROM pg_temp.served()) s,
           LATERAL community.match_plan(330203001001, 'house_cleaning') x, LATERAL community.match_commit(pg_temp.k(), 330203001001, x.plan_id) c;
END $$;
SELECT count(pg_temp.market(n)) FROM generate_series(1, 25) n;
SELECT is_empty('SELECT * FROM tried WHERE (assigned, cost) IS DISTINCT FROM (best_assigned, best_cost)', 'as many as enumeration finds, at no more cost');
SELECT is_empty('SELECT * FROM tried WHERE (fcfs_assigned, fcfs_cost) IS DISTINCT FROM (served_assigned, served_cost)', 'first come first served as it is said');
SELECT is_empty('SELECT * FROM tried WHERE assigned < fcfs_assigned OR (assigned = fcfs_assigned AND cost > fcfs_cost)', 'the plan is never worse than that');
SELECT cmp_ok(count(*) FILTER (WHERE assigned > fcfs_assigned OR cost < fcfs_cost), '>=', 10::bigint, 'often better') FROM tried;
SELECT cmp_ok(count(*) FILTER (WHERE assigned < demands), '>=', 5::bigint, 'where there is too little') FROM tried;
SELECT is_empty('SELECT * FROM tried WHERE made <> assigned', 'each pair becomes an order');
SELECT is_empty('SELECT offer_id FROM community.offer WHERE taken > capacity', 'within capacity');

-- The scope: a service, and what begins within the horizon.
UPDATE community.demand SET state = 'withdrawn' WHERE state IN ('open', 'matched');
SELECT pg_temp.want(1, 'policy_advice'), pg_temp.want(2, 'house_cleaning'), pg_temp.want(3, 'house_cleaning', jsonb_build_object('from', pg_temp.ten() + interval '7 days', 'upto', pg_temp.ten() + interval '8 days'));
SELECT is((SELECT demands FROM community.match_plan(330203001001)), 2, 'all services of a week');
SELECT is((SELECT demands FROM community.match_plan(330203001001, NULL, '9 days')), 3, 'of nine days');
SELECT is((SELECT demands FROM community.match_plan(330203001001, 'house_cleaning')), 1, 'of one service');
SELECT is((SELECT demands FROM community.match_plan(330203001001, NULL, '1 minute')), 0, 'of a minute');
SELECT * FROM finish();
ROLLBACK;
