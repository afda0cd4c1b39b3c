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

CREATE OR REPLACE FUNCTION community._match_weight(p_service text)
RETURNS jsonb LANGUAGE sql STABLE
RETURN (SELECT jsonb_object_agg(m.part, w.weight / nullif(t.total, 0))
          FROM community.match_part m
         CROSS JOIN LATERAL (SELECT coalesce((SELECT o.weight FROM community.match_weight o WHERE o.service = p_service AND o.part = m.part), m.weight) AS weight) w
         CROSS JOIN (SELECT sum(coalesce(o.weight, n.weight)) AS total
                       FROM community.match_part n LEFT JOIN community.match_weight o ON o.service = p_service AND o.part = n.part) t);
COMMENT ON FUNCTION community._match_weight(text) IS 'Weights of the parts of the score of a service; they add up to one. / 服务的得分权重，合计为一。';

-- The plan is always the same: walk out from the place and stop when the pool is
-- full.  Estimates of what the filters keep must not turn it into reading all.
CREATE OR REPLACE FUNCTION community.match_candidates(p_community_id bigint, p_demand_id bigint, p_k integer DEFAULT 10)
RETURNS TABLE (offer_id bigint, provider_id bigint, score numeric, why jsonb, begins timestamptz, price bigint, distance_m double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET enable_sort = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET jit = off AS $$
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
    v_w jsonb;
    v_top numeric;
    v_from timestamptz;
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
    v_w := community._match_weight(v_d.service);
    v_top := coalesce(v_d.max_price, v_service.price_cap);
    v_from := greatest(lower(v_d.slot), now());
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
           AND ((isempty(o.cells) AND isempty(o.codes)) OR o.cells @> v_d.cell_key OR o.codes @> v_d.grid_key)
           AND NOT EXISTS (SELECT FROM community.match_block b
                            WHERE b.community_id = o.community_id AND b.requester_kind = v_d.requester_kind
                              AND b.requester_id = v_d.requester_id AND b.provider_id = o.provider_id)
         ORDER BY o.location <-> v_here
         LIMIT v_pool
    ), begin AS MATERIALIZED (
        SELECT n.*, community.hours_next_open(v_from, n.weekly, v_tz, v_holidays, v_workdays) AS b0
          FROM near n
    ), fit AS MATERIALIZED (
        SELECT n.*, t.begins AS b, community._distance_m(v_d.lon, v_d.lat, n.lon, n.lat) AS metres
          FROM begin n
         -- Mostly the first opening serves; else the later ones are looked through.
         CROSS JOIN LATERAL (SELECT CASE WHEN n.b0 IS NULL OR n.b0 + v_d.duration > upper(v_d.slot) THEN NULL
             WHEN coalesce(community.hours_next_close(n.b0, n.weekly, v_tz, v_holidays, v_workdays), 'infinity') >= n.b0 + v_d.duration THEN n.b0
             ELSE community._match_begin(v_d.slot, v_d.duration, n.weekly, v_tz, v_holidays, v_workdays) END AS begins) t
         WHERE t.begins IS NOT NULL
           AND (v_service.qualification = '{}' OR community._qualification_lacks(p_community_id, n.provider_id, v_d.service, v_day) IS NULL)
           AND NOT (n.kind IN ('volunteer', 'resident') AND EXISTS (
                SELECT FROM community.service_order x
                 WHERE x.community_id = n.community_id AND x.provider_id = n.provider_id
                   AND x.state IN ('matched', 'confirmed', 'in_service') AND x.period && tstzrange(t.begins, t.begins + v_d.duration)))
    ), part AS (
        SELECT f.offer_id AS o, f.provider_id AS p, f.b, f.price AS cost, f.metres,
               1 / (1 + f.metres / 1000) AS distance,
               CASE WHEN cardinality(v_d.skills) = 0 THEN 1
                    ELSE (SELECT count(*) FROM unnest(v_d.skills) s WHERE s = ANY (f.skills))::float8 / cardinality(v_d.skills) END AS skill,
               1 - extract(epoch FROM f.b - lower(v_d.slot))::float8 / extract(epoch FROM upper(v_d.slot) - lower(v_d.slot))::float8 AS soon,
               community.wilson_lower(f.good, f.rated) AS rating,
               CASE WHEN f.price = 0 THEN 1 WHEN v_top > 0 THEN 1 - least(f.price / v_top, 1)::float8 ELSE 1 / (1 + f.price / 10000.0::float8) END AS price,
               1 / (1 + coalesce((SELECT sum(m.orders) FROM community.market_count m
                    WHERE m.community_id = p_community_id AND m.provider_id = f.provider_id AND m.period = v_quarter), 0) / 5.0)::float8 AS load,
               (f.rated < 5)::integer AS newcomer,
               EXISTS (SELECT FROM community.service_order s
                        WHERE s.community_id = p_community_id AND s.requester_kind = v_d.requester_kind AND s.requester_id = v_d.requester_id
                          AND s.provider_id = f.provider_id AND s.state = 'settled')::integer AS continuity
          FROM fit f
    ), point AS (
        SELECT q.o, q.p, q.b, q.cost, q.metres,
               round((q.distance * (v_w ->> 'distance')::float8)::numeric, 6) AS distance,
               round((q.skill * (v_w ->> 'skill')::float8)::numeric, 6) AS skill,
               round((q.soon * (v_w ->> 'time')::float8)::numeric, 6) AS soon,
               round((q.rating * (v_w ->> 'rating')::float8)::numeric, 6) AS rating,
               round((q.price * (v_w ->> 'price')::float8)::numeric, 6) AS price,
               round((q.load * (v_w ->> 'load')::float8)::numeric, 6) AS load,
               round((q.newcomer * (v_w ->> 'newcomer')::float8)::numeric, 6) AS newcomer,
               round((q.continuity * (v_w ->> 'continuity')::float8)::numeric, 6) AS continuity
          FROM part q
    ), best AS (
        SELECT x.*, x.distance + x.skill + x.soon + x.rating + x.price + x.load + x.newcomer + x.continuity AS total
          FROM point x
         ORDER BY total DESC, x.o
         LIMIT p_k
    )
    SELECT y.o, y.p, y.total, jsonb_build_object('distance', y.distance, 'skill', y.skill, 'time', y.soon, 'rating', y.rating, 'price', y.price,
               'load', y.load, 'newcomer', y.newcomer, 'continuity', y.continuity), y.b, y.cost, y.metres
      FROM best y
     ORDER BY y.total DESC, y.o;
END $$;
COMMENT ON FUNCTION community.match_candidates(bigint, bigint, integer) IS 'The best p_k offers for a demand among the nearest that fit: area, time, capacity, price, language, accessibility, sex, certificates, not blocked, not the requester''s own, of an active provider. score is between 0 and 1, why says what each part adds to it. Refuses match_unknown. / 需求的最佳候选供给及得分构成。';
