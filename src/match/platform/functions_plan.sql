-- Plans over many demands: the optimum, compared with first come first served.

CREATE OR REPLACE FUNCTION community._match_plan(p_community_id bigint, p_service text, p_upto timestamptz, p_demands bigint[])
RETURNS TABLE (plan_id bigint, demands integer, assigned integer, cost numeric, fcfs_assigned integer, fcfs_cost numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_k integer := community.setting_int('match_plan_k', p_community_id);
    v_edges jsonb;
    v_left jsonb := '{}';
    v_edge record;
    v_last bigint;
    v_plan_id bigint;
BEGIN
    SELECT count(DISTINCT d.demand_id)::integer,
           jsonb_agg(jsonb_build_array(d.demand_id, c.offer_id, 1 - c.score, o.capacity - o.taken) ORDER BY d.opened_at, d.demand_id, c.score DESC, c.offer_id)
               FILTER (WHERE c.offer_id IS NOT NULL)
      INTO demands, v_edges
      FROM community.demand d
      LEFT JOIN LATERAL community.match_candidates(p_community_id, d.demand_id, v_k) c ON true
      LEFT JOIN community.offer o ON o.community_id = p_community_id AND o.offer_id = c.offer_id
     WHERE d.community_id = p_community_id AND d.demand_id = ANY (p_demands);

    -- What the same candidates give when each demand takes its best one in turn.
    fcfs_assigned := 0;
    fcfs_cost := 0;
    FOR v_edge IN
        SELECT (e.v ->> 0)::bigint AS demand_id, e.v ->> 1 AS offer_key, (e.v ->> 2)::numeric AS cost, (e.v ->> 3)::integer AS capacity
          FROM jsonb_array_elements(coalesce(v_edges, '[]')) WITH ORDINALITY e(v, n)
         ORDER BY e.n
    LOOP
        IF v_edge.demand_id IS DISTINCT FROM v_last AND coalesce((v_left ->> v_edge.offer_key)::integer, v_edge.capacity) > 0 THEN
            v_left := jsonb_set(v_left, ARRAY[v_edge.offer_key], to_jsonb(coalesce((v_left ->> v_edge.offer_key)::integer, v_edge.capacity) - 1));
            v_last := v_edge.demand_id;
            fcfs_assigned := fcfs_assigned + 1;
            fcfs_cost := fcfs_cost + v_edge.cost;
        END IF;
    END LOOP;

    INSERT INTO community.match_plan (community_id, service, upto, made_by, demands, assigned, cost, fcfs_assigned, fcfs_cost)
    VALUES (p_community_id, p_service, p_upto, community.actor(), demands, 0, 0, fcfs_assigned, fcfs_cost)
    RETURNING match_plan.plan_id INTO v_plan_id;
    INSERT INTO community.match_plan_pair (community_id, plan_id, demand_id, offer_id, cost)
    SELECT p_community_id, v_plan_id, a.request, a.provider, round(a.cost::numeric, 6)
      FROM unnest((SELECT community.assign_min_cost((e.v ->> 0)::bigint, (e.v ->> 1)::bigint, (e.v ->> 2)::float8, (e.v ->> 3)::integer)
                     FROM jsonb_array_elements(coalesce(v_edges, '[]')) e(v))) a;
    SELECT count(*)::integer, coalesce(sum(p.cost), 0) INTO assigned, cost
      FROM community.match_plan_pair p
     WHERE p.community_id = p_community_id AND p.plan_id = v_plan_id;
    UPDATE community.match_plan p
       SET (assigned, cost) = (SELECT count(*)::integer, coalesce(sum(q.cost), 0) FROM community.match_plan_pair q
                                WHERE q.community_id = p_community_id AND q.plan_id = v_plan_id)
     WHERE p.community_id = p_community_id AND p.plan_id = v_plan_id;
    plan_id := v_plan_id;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION community._match_plan(bigint, text, timestamptz, bigint[]) IS 'Plan the given demands and keep the plan, which says p_service and p_upto as its scope; returns its number and figures. / 对给定需求制定并保存计划。';

CREATE OR REPLACE FUNCTION community.match_plan(p_community_id bigint, p_service text DEFAULT NULL, p_horizon interval DEFAULT interval '7 days')
RETURNS TABLE (plan_id bigint, demands integer, assigned integer, cost numeric, fcfs_assigned integer, fcfs_cost numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_upto timestamptz;
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'plan');
    IF p_service IS NOT NULL THEN
        PERFORM community._service_known(p_service);
    END IF;
    IF p_horizon IS NULL OR p_horizon <= interval '0' OR p_horizon > interval '1000 years' THEN
        PERFORM community.refuse('match_form', 'horizon', coalesce(p_horizon::text, 'NULL'));
    END IF;
    v_upto := now() + p_horizon;
    RETURN QUERY
    SELECT p.* FROM community._match_plan(p_community_id, p_service, v_upto,
        ARRAY(SELECT d.demand_id FROM community.demand d
               WHERE d.community_id = p_community_id AND d.state = 'open' AND lower(d.slot) < v_upto AND (p_service IS NULL OR d.service = p_service))) p;
END $$;
COMMENT ON FUNCTION community.match_plan(bigint, text, interval) IS 'Plan the open demands of a service (NULL: all) that begin within the horizon, at most 1000 years: as many as possible, then at the least cost, a cost being 1 less the score. A dry run: nothing is ordered until match_commit. The answer compares it with first come first served over the same candidates. Needs match. Refuses match_form, match_unknown, match_role. / 批量撮合推演，并与先到先得比较。';

CREATE OR REPLACE FUNCTION community._match_reopened(p_community_id bigint, p_since timestamptz)
RETURNS bigint[] LANGUAGE sql STABLE
RETURN ARRAY(SELECT d.demand_id
               FROM community.demand d
              WHERE d.community_id = p_community_id AND d.state = 'open' AND upper(d.slot) > now()
                AND EXISTS (SELECT FROM community.service_order o
                             WHERE o.community_id = d.community_id AND o.demand_id = d.demand_id
                               AND o.state IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed') AND coalesce(o.missed_at, o.ended_at) > p_since)
              ORDER BY d.demand_id);
COMMENT ON FUNCTION community._match_reopened(bigint, timestamptz) IS 'Demands that lost an order since a time and are open again. / 自某时起订单失效而重新开放的需求。';

CREATE OR REPLACE FUNCTION community.match_replan(p_community_id bigint, p_provider_id bigint DEFAULT NULL)
RETURNS TABLE (plan_id bigint, demands integer, assigned integer, cost numeric, fcfs_assigned integer, fcfs_cost numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_demands bigint[];
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'plan');
    IF p_provider_id IS NULL THEN
        v_demands := community._match_reopened(p_community_id, '-infinity');
    ELSIF NOT EXISTS (SELECT FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id) THEN
        PERFORM community.refuse('match_unknown', 'provider', p_provider_id::text);
    ELSE
        v_demands := ARRAY(SELECT DISTINCT d.demand_id
                             FROM community.service_order o
                             JOIN community.demand d ON d.community_id = o.community_id AND d.demand_id = o.demand_id
                            WHERE o.community_id = p_community_id AND o.provider_id = p_provider_id AND upper(d.slot) > now()
                              AND (d.state = 'open' OR (o.state IN ('matched', 'confirmed') AND lower(o.period) > now())));
    END IF;
    RETURN QUERY
    SELECT p.* FROM community._match_plan(p_community_id, NULL,
        coalesce((SELECT max(upper(d.slot)) FROM community.demand d WHERE d.community_id = p_community_id AND d.demand_id = ANY (v_demands)), now()), v_demands) p;
END $$;
COMMENT ON FUNCTION community.match_replan(bigint, bigint) IS 'Plan again the demands that lost an order of a provider (NULL: of any), and those that would lose one if it fell out now: its orders that have not begun. Other orders stay as they are; who fell out of a demand is no candidate for it again. A dry run with the figures of match_plan: match_commit makes the orders of the demands that are open by then. The job match.replan does both when providers cancel or are suspended. Needs match. Refuses match_unknown, match_role. / 对失去（或将失去）某服务方订单的需求重新推演，不影响其他订单；由 match_commit 执行，作业 match.replan 自动进行。';

CREATE OR REPLACE FUNCTION community.match_commit(p_key uuid, p_community_id bigint, p_plan_id bigint, OUT made integer, OUT skipped integer)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_plan community.match_plan;
    v_demand community.demand;
    v_pair record;
    v_c record;
    v_order bigint;
BEGIN
    v_answer := community.api_once(p_key, 'match_commit', jsonb_build_array(p_community_id, p_plan_id));
    IF v_answer IS NOT NULL THEN
        made := (v_answer ->> 'made')::integer;
        skipped := (v_answer ->> 'skipped')::integer;
        RETURN;
    END IF;
    PERFORM community._match_require('match', p_community_id, NULL, 'plan');
    SELECT * INTO v_plan FROM community.match_plan p WHERE p.community_id = p_community_id AND p.plan_id = p_plan_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'plan', coalesce(p_plan_id::text, 'NULL'));
    END IF;
    IF v_plan.committed_at IS NOT NULL THEN
        PERFORM community.refuse('plan_done', p_plan_id::text, v_plan.committed_at::text);
    END IF;
    made := 0;
    skipped := 0;
    -- All demands first, without waiting: whoever holds one now is matching it.
    -- Then the markets in one order, so that two plans never wait in a circle.
    FOR v_pair IN
        WITH locked AS MATERIALIZED (
            SELECT d.demand_id, d.service
              FROM community.demand d
             WHERE d.community_id = p_community_id AND d.state = 'open'
               AND d.demand_id IN (SELECT p.demand_id FROM community.match_plan_pair p WHERE p.community_id = p_community_id AND p.plan_id = p_plan_id)
             ORDER BY d.demand_id
               FOR NO KEY UPDATE SKIP LOCKED)
        SELECT p.demand_id, p.offer_id, l.demand_id IS NOT NULL AS free
          FROM community.match_plan_pair p
          LEFT JOIN locked l ON l.demand_id = p.demand_id
         WHERE p.community_id = p_community_id AND p.plan_id = p_plan_id
         ORDER BY l.service, p.demand_id
    LOOP
        v_order := NULL;
        IF v_pair.free THEN
            v_demand := community._demand_lock(p_community_id, v_pair.demand_id);
            FOR v_c IN
                SELECT c.* FROM community.match_candidates(p_community_id, v_pair.demand_id, NULL, v_pair.offer_id) c
            LOOP
                BEGIN
                    v_order := community._order_make(v_demand, v_c.offer_id, v_c.begins, v_c.price, v_c.score, v_c.why, p_plan_id);
                EXCEPTION WHEN SQLSTATE 'PT409' THEN
                    NULL;       -- counted as skipped, planned again next time
                END;
            END LOOP;
        END IF;
        IF v_order IS NULL THEN
            skipped := skipped + 1;
        ELSE
            made := made + 1;
            UPDATE community.match_plan_pair p SET order_id = v_order
             WHERE p.community_id = p_community_id AND p.plan_id = p_plan_id AND p.demand_id = v_pair.demand_id;
        END IF;
    END LOOP;
    UPDATE community.match_plan p SET committed_at = now(), made = match_commit.made, skipped = match_commit.skipped
     WHERE p.community_id = p_community_id AND p.plan_id = p_plan_id;
    PERFORM community.api_answer(p_key, jsonb_build_object('made', made, 'skipped', skipped));
END $$;
COMMENT ON FUNCTION community.match_commit(uuid, bigint, bigint) IS 'Carry a plan out once: each pair that is still possible becomes an order, the rest is skipped and stays open; existing orders are never touched. Needs match. Refuses plan_done, match_unknown, match_role. / 执行计划，已不可行者跳过，既有订单不受影响。';
