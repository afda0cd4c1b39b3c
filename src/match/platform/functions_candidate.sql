-- Candidates of a demand, scored by parts that add up.

CREATE OR REPLACE FUNCTION community._match_begin(p_from timestamptz, p_upto timestamptz, p_duration interval, p_weekly int4multirange, p_tz text,
    p_holidays date[], p_workdays date[], p_busy tstzmultirange)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_at timestamptz := p_from;
    v_free timestamptz;
BEGIN
    LOOP
        v_at := community.hours_fit(v_at, p_upto, p_duration, p_weekly, p_tz, p_holidays, p_workdays);
        SELECT max(upper(b.period)) INTO v_free FROM unnest(p_busy) b(period) WHERE b.period && tstzrange(v_at, v_at + p_duration);
        IF v_at IS NULL OR v_free IS NULL THEN
            RETURN v_at;
        END IF;
        v_at := v_free;
    END LOOP;
END $$;
COMMENT ON FUNCTION community._match_begin(timestamptz, timestamptz, interval, int4multirange, text, date[], date[], tstzmultirange) IS 'First time from which the weekly hours stay open for the duration and nothing of p_busy is met; NULL: none. / 可完整提供服务且不与占用冲突的最早开始时间，无则为空。';

CREATE OR REPLACE FUNCTION community._distance_m(p_lon1 double precision, p_lat1 double precision, p_lon2 double precision, p_lat2 double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 12742017.6 * asin(least(1, sqrt(sin(radians(p_lat2 - p_lat1) / 2) ^ 2
       + cos(radians(p_lat1)) * cos(radians(p_lat2)) * sin(radians(p_lon2 - p_lon1) / 2) ^ 2)));
COMMENT ON FUNCTION community._distance_m(double precision, double precision, double precision, double precision) IS 'Great-circle distance in metres between two places in degrees. / 两点大圆距离（米）。';

CREATE OR REPLACE FUNCTION community._match_weight(p_service text, OUT distance double precision, OUT skill double precision, OUT soon double precision,
    OUT rating double precision, OUT price double precision, OUT load double precision, OUT newcomer double precision, OUT continuity double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    SELECT coalesce(sum(w.share) FILTER (WHERE w.part = 'distance'), 0), coalesce(sum(w.share) FILTER (WHERE w.part = 'skill'), 0),
           coalesce(sum(w.share) FILTER (WHERE w.part = 'time'), 0), coalesce(sum(w.share) FILTER (WHERE w.part = 'rating'), 0),
           coalesce(sum(w.share) FILTER (WHERE w.part = 'price'), 0), coalesce(sum(w.share) FILTER (WHERE w.part = 'load'), 0),
           coalesce(sum(w.share) FILTER (WHERE w.part = 'newcomer'), 0), coalesce(sum(w.share) FILTER (WHERE w.part = 'continuity'), 0)
      INTO distance, skill, soon, rating, price, load, newcomer, continuity
      FROM (SELECT m.part, coalesce(o.weight, m.weight) / nullif(sum(coalesce(o.weight, m.weight)) OVER (), 0) AS share
              FROM community.match_part m
              LEFT JOIN community.match_weight o ON o.service = p_service AND o.part = m.part) w;
END $$;
COMMENT ON FUNCTION community._match_weight(text) IS 'Weights of the parts of the score of a service; they add up to one, or are all 0. / 服务的得分权重，合计为一（或全为零）。';

-- The plan is always the same, and made once: walk out from the place, pass
-- over what does not fit, stop when the pool is full.  Estimates of what the
-- filters keep must not turn it into reading everything.
CREATE OR REPLACE FUNCTION community.match_candidates(p_community_id bigint, p_demand_id bigint, p_k integer DEFAULT 10, p_offer_id bigint DEFAULT NULL)
RETURNS TABLE (offer_id bigint, provider_id bigint, score numeric, why jsonb, begins timestamptz, price bigint, distance_m double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_memoize = off
SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_d community.demand;
    v_service community.service_catalog;
    v_tz text;
    v_model text;
    v_quarter date;
    v_day date;
    v_here point;
    v_at community.shape;
    v_cell bigint;
    v_area int8multirange;
    v_holidays date[];
    v_workdays date[];
    v_w record;
    v_top double precision;
    v_from timestamptz;
    v_upto timestamptz;
    v_any_language boolean;
    v_any_access boolean;
    v_known bigint[];
    v_blocked bigint[];
    v_all bigint;
    v_cap numeric;
    v_pool bigint := greatest(community.setting_int('match_pool', p_community_id), 4 * p_k::bigint);
BEGIN
    IF p_k < 0 THEN
        PERFORM community.refuse('match_form', 'number of candidates', p_k::text);
    END IF;
    SELECT * INTO v_d FROM community.demand d WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'demand', coalesce(p_demand_id::text, 'NULL'));
    END IF;
    SELECT * INTO STRICT v_service FROM community.service_catalog s WHERE s.service = v_d.service;
    SELECT c.tz, c.operating_model, date_trunc('quarter', now() AT TIME ZONE c.tz)::date
      INTO v_tz, v_model, v_quarter
      FROM community.community c WHERE c.community_id = p_community_id;
    v_day := (lower(v_d.slot) AT TIME ZONE v_tz)::date;
    v_here := point(v_d.lon * 0.85, v_d.lat);
    v_at := community._st_point(v_d.lon, v_d.lat);
    v_cell := community.gridcell(v_d.lon, v_d.lat, 10)::bigint;
    v_area := int8multirange(int8range(v_cell, v_cell, '[]'))
            + CASE WHEN v_d.grid_key IS NULL THEN '{}' ELSE int8multirange(int8range(-v_d.grid_key, -v_d.grid_key, '[]')) END;
    SELECT c.holidays, c.workdays INTO v_holidays, v_workdays
      FROM community._match_days(p_community_id, v_day, (upper(v_d.slot) AT TIME ZONE v_tz)::date) c;
    SELECT * INTO v_w FROM community._match_weight(v_d.service);
    v_top := coalesce(v_d.max_price, v_service.price_cap);
    v_from := greatest(lower(v_d.slot), now());
    v_upto := upper(v_d.slot);
    v_any_language := v_d.languages = '{}';
    v_any_access := v_d.accessibility = '{}';
    v_known := ARRAY(SELECT DISTINCT s.provider_id FROM community.service_order s
                      WHERE s.community_id = p_community_id AND s.requester_kind = v_d.requester_kind
                        AND s.requester_id = v_d.requester_id AND s.state = 'settled');
    -- Kept apart, or fell out of this demand before: asked again only by number.
    v_blocked := ARRAY(SELECT b.provider_id FROM community.match_block b
                        WHERE b.community_id = p_community_id AND b.requester_kind = v_d.requester_kind AND b.requester_id = v_d.requester_id
                       UNION ALL
                       SELECT x.provider_id FROM community.service_order x
                        WHERE x.community_id = p_community_id AND x.demand_id = p_demand_id AND p_offer_id IS NULL);
    -- Orders of the service in the quarter when this one is made; NULL: no cap holds yet.
    SELECT m.orders + 1 INTO v_all FROM community.market_count m
     WHERE m.community_id = p_community_id AND m.service = v_d.service AND m.period = v_quarter AND m.provider_id = 0
       AND m.orders + 1 >= community.setting_int('match_share_from', p_community_id);
    SELECT least(v_service.share_cap, r.share_cap) INTO v_cap FROM community.operating_rule r WHERE r.operating_model = v_model;
    RETURN QUERY
    WITH fit AS MATERIALIZED (
        SELECT o.offer_id AS o, o.provider_id AS p, o.price AS cost, o.skills, o.lon, o.lat, p.rated, p.good, t.at AS b
          FROM community.offer o
          JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
         CROSS JOIN LATERAL (
               SELECT community.hours_fit(v_from, v_upto, v_d.duration, o.weekly, v_tz, v_holidays, v_workdays) AS at
               OFFSET 0) h
         -- A person who is busy then may be free later.
         CROSS JOIN LATERAL (
               SELECT CASE WHEN p.owner_kind <> 'person' THEN h.at
                           ELSE (SELECT CASE WHEN range_agg(x.period) && tstzrange(h.at, h.at + v_d.duration)
                                             THEN community._match_begin(h.at, v_upto, v_d.duration, o.weekly, v_tz, v_holidays, v_workdays, range_agg(x.period))
                                             ELSE h.at END
                                   FROM community.service_order x
                                  WHERE x.community_id = p_community_id AND x.provider_id = o.provider_id AND x.period && tstzrange(v_from, v_upto)
                                    AND x.exclusive AND x.state IN ('matched', 'confirmed', 'in_service')) END AS at
               OFFSET 0) t
         WHERE o.community_id = p_community_id AND o.service = v_d.service AND o.state = 'open' AND o.area && v_area
           AND (p_offer_id IS NULL OR o.offer_id = p_offer_id)
           AND o.taken < o.capacity
           AND (v_d.max_price IS NULL OR o.price <= v_d.max_price)
           AND (v_any_language OR o.languages @> v_d.languages)
           AND (v_any_access OR o.accessibility @> v_d.accessibility)
           AND (o.serves_sex IS NULL OR o.serves_sex = v_d.sex) AND (v_d.wants_sex IS NULL OR o.sex = v_d.wants_sex)
           AND o.valid @> now()
           AND o.provider_id <> ALL (v_blocked)
           AND (o.sure IS NULL OR o.sure && v_area OR EXISTS (SELECT FROM community.offer_area a
                 WHERE a.community_id = p_community_id AND a.offer_id = o.offer_id AND community._st_covers(a.geom, v_at)))
           AND community.hours_fit(v_from, v_upto, v_d.duration, o.weekly, v_tz, v_holidays, v_workdays) IS NOT NULL
           AND p.state IN ('active', 'warned')
           AND (p.owner_kind <> v_d.requester_kind OR p.owner_id <> v_d.requester_id)
           AND CASE WHEN v_service.qualification = '{}' THEN true
                    ELSE v_service.qualification <@ ARRAY(SELECT q.kind FROM community.qualification q
                                                           WHERE q.community_id = p_community_id AND q.provider_id = p.provider_id
                                                             AND q.verified_at IS NOT NULL AND q.valid @> v_day) END
           AND CASE WHEN v_all IS NULL THEN true
                    ELSE coalesce((SELECT m.orders FROM community.market_count m
                                    WHERE m.community_id = p_community_id AND m.service = v_d.service AND m.period = v_quarter
                                      AND m.provider_id = o.provider_id), 0) + 1 <= least(p.share_cap, v_cap) * v_all END
           AND t.at IS NOT NULL
         ORDER BY o.location <-> v_here
         LIMIT v_pool
    ), part AS (
        -- In millionths, so that the parts add up exactly.
        SELECT f.o, f.p, f.b, f.cost, g.metres,
               round(1000000 * v_w.distance / (1 + g.metres / 1000))::bigint AS distance,
               round(1000000 * v_w.skill * CASE WHEN v_d.skills = '{}' THEN 1
                    ELSE (SELECT count(*) FROM unnest(v_d.skills) s WHERE s = ANY (f.skills))::float8 / cardinality(v_d.skills) END)::bigint AS skill,
               round(1000000 * v_w.soon * (1 - date_part('epoch', f.b - lower(v_d.slot)) / date_part('epoch', v_upto - lower(v_d.slot))))::bigint AS soon,
               round(1000000 * v_w.rating * community.wilson_lower(f.good, f.rated))::bigint AS rating,
               round(1000000 * v_w.price * CASE WHEN f.cost = 0 THEN 1 WHEN v_top > 0 THEN 1 - least(f.cost / v_top, 1) ELSE 1 / (1 + f.cost / 10000.0::float8) END)::bigint AS price,
               round(1000000 * v_w.load / (1 + g.orders / 5))::bigint AS load,
               round(1000000 * v_w.newcomer * (f.rated < 5)::integer)::bigint AS newcomer,
               round(1000000 * v_w.continuity * (f.p = ANY (v_known))::integer)::bigint AS continuity
          FROM fit f
         CROSS JOIN LATERAL (
               SELECT community._distance_m(v_d.lon, v_d.lat, f.lon, f.lat) AS metres, coalesce(sum(m.orders::float8), 0) AS orders
                 FROM community.market_count m
                WHERE m.community_id = p_community_id AND m.provider_id = f.p AND m.period = v_quarter) g
    ), best AS (
        SELECT x.*, x.distance + x.skill + x.soon + x.rating + x.price + x.load + x.newcomer + x.continuity AS total
          FROM part x
         ORDER BY total DESC, x.o
         LIMIT p_k
    )
    SELECT y.o, y.p, (y.total / 1000000.0)::numeric(8,6),
           jsonb_build_object('distance', (y.distance / 1000000.0)::numeric(8,6), 'skill', (y.skill / 1000000.0)::numeric(8,6),
               'time', (y.soon / 1000000.0)::numeric(8,6), 'rating', (y.rating / 1000000.0)::numeric(8,6), 'price', (y.price / 1000000.0)::numeric(8,6),
               'load', (y.load / 1000000.0)::numeric(8,6), 'newcomer', (y.newcomer / 1000000.0)::numeric(8,6), 'continuity', (y.continuity / 1000000.0)::numeric(8,6)),
           y.b, y.cost, y.metres
      FROM best y
     ORDER BY y.total DESC, y.o;
END $$;
COMMENT ON FUNCTION community.match_candidates(bigint, bigint, integer, bigint) IS 'The best p_k offers for a demand (NULL: all) among the match_pool nearest that fit: area, time, capacity, price, language, accessibility, sex, certificates, under the share cap, not blocked, not the requester''s own, of an active provider that did not fall out of this demand before. When no more fit than the pool holds, these are the best of all; else those farther away by the map were not looked at. p_offer_id: that offer alone, when it fits, even of a provider that fell out before. score is between 0 and 1, why says what each part adds to it; equal scores in order of offer_id. Refuses match_unknown, match_form for a negative p_k. / 需求的最佳候选供给及得分构成；先取最近的至多 match_pool 个适合供给再评分，适合者不超过该数时即为全局最佳；可指定供给。';
