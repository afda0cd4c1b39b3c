-- Candidates of a demand, scored by parts that add up.

CREATE OR REPLACE FUNCTION community._match_begin(p_slot tstzrange, p_duration interval, p_weekly int4multirange, p_tz text,
    p_holidays date[], p_workdays date[])
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_at timestamptz := greatest(lower(p_slot), now());
BEGIN
    FOR v_turn IN 1..64 LOOP
        v_at := community.hours_next_open(v_at, p_weekly, p_tz, p_holidays, p_workdays);
        IF v_at IS NULL OR v_at + p_duration > upper(p_slot) THEN
            RETURN NULL;
        END IF;
        IF coalesce(community.hours_next_close(v_at, p_weekly, p_tz, p_holidays, p_workdays), 'infinity') >= v_at + p_duration THEN
            RETURN v_at;
        END IF;
        v_at := community.hours_next_close(v_at, p_weekly, p_tz, p_holidays, p_workdays);
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._match_begin(tstzrange, interval, int4multirange, text, date[], date[]) IS 'First time within a slot, not before now, from which the weekly hours stay open for the duration; NULL: none. / 时段内可完整提供服务的最早开始时间，无则为空。';

CREATE OR REPLACE FUNCTION community._distance_m(p_lon1 double precision, p_lat1 double precision, p_lon2 double precision, p_lat2 double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 12742017.6 * asin(least(1, sqrt(sin(radians(p_lat2 - p_lat1) / 2) ^ 2
       + cos(radians(p_lat1)) * cos(radians(p_lat2)) * sin(radians(p_lon2 - p_lon1) / 2) ^ 2)));
COMMENT ON FUNCTION community._distance_m(double precision, double precision, double precision, double precision) IS 'Great-circle distance in metres between two places in degrees. / 两点大圆距离（米）。';

CREATE OR REPLACE FUNCTION community._match_score(p_service text, p_parts jsonb, OUT score numeric, OUT why jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH w AS (
        SELECT m.part, coalesce(o.weight, m.weight) AS weight
          FROM community.match_part m
          LEFT JOIN community.match_weight o ON o.service = p_service AND o.part = m.part
    ), t AS (
        SELECT w.part, round(w.weight / sum(w.weight) OVER () * least(greatest((p_parts ->> w.part)::numeric, 0), 1), 6) AS points
          FROM w
    )
    SELECT sum(t.points), jsonb_object_agg(t.part, t.points) FROM t;
END;
COMMENT ON FUNCTION community._match_score(text, jsonb) IS 'Score of a match from its parts (each 0 to 1) by the weights of the service; why holds what each part adds, and adds up to the score. / 按服务权重由各项（0 至 1）计算得分，why 为各项贡献，合计等于得分。';

CREATE OR REPLACE FUNCTION community.match_candidates(p_community_id bigint, p_demand_id bigint, p_k integer DEFAULT 10)
RETURNS TABLE (offer_id bigint, provider_id bigint, score numeric, why jsonb, begins timestamptz, price bigint, distance_m double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_d community.demand;
    v_service community.service_catalog;
    v_tz text;
    v_quarter date;
    v_day date;
    v_here point;
    v_holidays date[];
    v_workdays date[];
    v_pool integer := community.setting_int('match_pool', p_community_id);
BEGIN
    SELECT * INTO v_d FROM community.demand d WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'demand', coalesce(p_demand_id::text, 'NULL'));
    END IF;
    v_service := community._service_known(v_d.service);
    SELECT c.tz INTO v_tz FROM community.community c WHERE c.community_id = p_community_id;
    v_quarter := community._quarter(p_community_id, now());
    v_day := (lower(v_d.slot) AT TIME ZONE v_tz)::date;
    v_here := point(v_d.lon * 0.85, v_d.lat);
    v_holidays := community._match_days('holiday', lower(v_d.slot));
    v_workdays := community._match_days('workday', lower(v_d.slot));
    RETURN QUERY
    WITH near AS MATERIALIZED (
        SELECT o.*, p.rated, p.good, p.kind
          FROM community.offer o
          JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
         WHERE o.community_id = p_community_id AND o.service = v_d.service AND o.state = 'open' AND o.taken < o.capacity
           AND o.valid @> now()
           AND p.state IN ('active', 'warned')
           AND (p.owner_kind, p.owner_id) <> (v_d.requester_kind, v_d.requester_id)
           AND (v_d.max_price IS NULL OR o.price <= v_d.max_price)
           AND o.languages @> v_d.languages AND o.accessibility @> v_d.accessibility
           AND (v_d.wants_sex IS NULL OR p.sex = v_d.wants_sex)
           AND (o.serves_sex IS NULL OR o.serves_sex = v_d.sex)
           AND (NOT EXISTS (SELECT FROM community.offer_area a WHERE a.community_id = o.community_id AND a.offer_id = o.offer_id)
                OR EXISTS (SELECT FROM community.offer_area a
                            WHERE a.community_id = o.community_id AND a.offer_id = o.offer_id
                              AND CASE a.kind WHEN 'gridcell' THEN v_d.cell_key ELSE v_d.grid_key END BETWEEN a.from_key AND a.upto_key))
           AND NOT EXISTS (SELECT FROM community.match_block b
                            WHERE b.community_id = o.community_id AND b.requester_kind = v_d.requester_kind
                              AND b.requester_id = v_d.requester_id AND b.provider_id = o.provider_id)
         ORDER BY o.location <-> v_here
         LIMIT v_pool
    ), fit AS (
        SELECT n.*, t.begins AS b, community._distance_m(v_d.lon, v_d.lat, n.lon, n.lat) AS metres
          FROM near n
         CROSS JOIN LATERAL (SELECT community._match_begin(v_d.slot, v_d.duration, n.weekly, v_tz, v_holidays, v_workdays) AS begins) t
         WHERE t.begins IS NOT NULL
           AND (v_service.qualification = '{}' OR community._qualification_lacks(p_community_id, n.provider_id, v_d.service, v_day) IS NULL)
           AND NOT (n.kind IN ('volunteer', 'resident') AND EXISTS (
                SELECT FROM community.service_order x
                 WHERE x.community_id = n.community_id AND x.provider_id = n.provider_id
                   AND x.state IN ('matched', 'confirmed', 'in_service') AND x.period && tstzrange(t.begins, t.begins + v_d.duration)))
    ), part AS (
        SELECT f.offer_id AS o, f.provider_id AS p, f.b, f.price AS cost, f.metres, jsonb_build_object(
                   'distance', 1 / (1 + f.metres / 1000),
                   'skill', CASE WHEN cardinality(v_d.skills) = 0 THEN 1
                                 ELSE (SELECT count(*) FROM unnest(v_d.skills) s WHERE s = ANY (f.skills))::numeric / cardinality(v_d.skills) END,
                   'time', 1 - extract(epoch FROM f.b - lower(v_d.slot)) / extract(epoch FROM upper(v_d.slot) - lower(v_d.slot)),
                   'rating', community.wilson_lower(f.good, f.rated),
                   'price', CASE WHEN f.price = 0 THEN 1
                                 WHEN coalesce(v_d.max_price, v_service.price_cap) > 0
                                 THEN 1 - least(f.price::numeric / coalesce(v_d.max_price, v_service.price_cap), 1)
                                 ELSE 1 / (1 + f.price::numeric / 10000) END,
                   'load', 1 / (1 + coalesce((SELECT sum(m.orders) FROM community.market_count m
                        WHERE m.community_id = p_community_id AND m.provider_id = f.provider_id AND m.period = v_quarter), 0) / 5.0),
                   'newcomer', (f.rated < 5)::integer,
                   'continuity', EXISTS (SELECT FROM community.service_order s
                        WHERE s.community_id = p_community_id AND s.requester_kind = v_d.requester_kind AND s.requester_id = v_d.requester_id
                          AND s.provider_id = f.provider_id AND s.state = 'settled')::integer) AS parts
          FROM fit f
    )
    SELECT q.o, q.p, s.score, s.why, q.b, q.cost, q.metres
      FROM part q CROSS JOIN LATERAL community._match_score(v_d.service, q.parts) s
     ORDER BY s.score DESC, q.o
     LIMIT p_k;
END $$;
COMMENT ON FUNCTION community.match_candidates(bigint, bigint, integer) IS 'The best p_k offers for a demand among the nearest that fit: area, time, capacity, price, language, accessibility, sex, certificates, not blocked, not the requester''s own, of an active provider. score is between 0 and 1, why says what each part adds to it. Refuses match_unknown. / 需求的最佳候选供给及得分构成。';
