-- The candidates of a demand by one plain query: every offer of the service is
-- looked at, every rule written out.  Tests and bench compare with it.
-- p_pool: how many of the nearest are scored; NULL: all.
CREATE FUNCTION pg_temp.plain_candidates(p_community bigint, p_demand bigint, p_k bigint DEFAULT 10, p_pool bigint DEFAULT NULL)
RETURNS TABLE (offer_id bigint, score numeric, begins timestamptz, fits bigint) LANGUAGE sql STABLE AS $$
    WITH d AS (
        SELECT d.*, s.qualification, c.tz, least(s.share_cap, r.share_cap) AS cap, coalesce(d.max_price, s.price_cap)::float8 AS top,
               greatest(lower(d.slot), now()) AS a, upper(d.slot) AS z, date_trunc('quarter', now() AT TIME ZONE c.tz)::date AS quarter,
               ARRAY(SELECT day FROM community.calendar k WHERE k.calendar = community.setting_value('calendar', p_community) AND k.kind = 'holiday') AS holidays,
               ARRAY(SELECT day FROM community.calendar k WHERE k.calendar = community.setting_value('calendar', p_community) AND k.kind = 'workday') AS workdays,
               community._st_point(d.lon, d.lat) AS place
          FROM community.demand d
          JOIN community.service_catalog s USING (service)
          JOIN community.community c USING (community_id)
          JOIN community.operating_rule r USING (operating_model)
         WHERE d.community_id = p_community AND d.demand_id = p_demand
    ), w AS (
        SELECT jsonb_object_agg(m.part, coalesce(o.weight, m.weight) / t.total) AS share
          FROM community.match_part m
          LEFT JOIN community.match_weight o ON o.part = m.part AND o.service = (SELECT service FROM d)
         CROSS JOIN (SELECT nullif(sum(coalesce(o.weight, m.weight)), 0) AS total FROM community.match_part m
                       LEFT JOIN community.match_weight o ON o.part = m.part AND o.service = (SELECT service FROM d)) t
    ), fit AS (
        SELECT o.*, p.rated, p.good, t.b, row_number() OVER (ORDER BY o.location <-> point(d.lon * 0.85, d.lat)) AS n
          FROM d
          JOIN community.offer o ON o.community_id = d.community_id AND o.service = d.service
          JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
         CROSS JOIN LATERAL (SELECT array_agg(x.period) AS periods FROM community.service_order x
                              WHERE p.owner_kind = 'person' AND x.community_id = p_community AND x.provider_id = o.provider_id
                                AND x.state IN ('matched', 'confirmed', 'in_service')) busy
         CROSS JOIN LATERAL (SELECT min(f.b) AS b
                               FROM (SELECT d.a AS at UNION ALL SELECT upper(x) FROM unnest(busy.periods) x WHERE upper(x) >= d.a) y
                              CROSS JOIN LATERAL (SELECT community.hours_fit(y.at, d.z, d.duration, o.weekly, d.tz, d.holidays, d.workdays) AS b) f
                              WHERE NOT EXISTS (SELECT FROM unnest(busy.periods) x WHERE x && tstzrange(f.b, f.b + d.duration))) t
         WHERE o.state = 'open' AND o.taken < o.capacity AND o.valid @> now() AND p.state IN ('active', 'warned')
           AND (p.owner_kind, p.owner_id) <> (d.requester_kind, d.requester_id)
           AND (d.max_price IS NULL OR o.price <= d.max_price)
           AND o.languages @> d.languages AND o.accessibility @> d.accessibility
           AND (d.wants_sex IS NULL OR p.sex = d.wants_sex) AND (o.serves_sex IS NULL OR o.serves_sex = d.sex)
           AND NOT EXISTS (SELECT FROM community.match_block b WHERE b.community_id = p_community AND b.requester_kind = d.requester_kind
                              AND b.requester_id = d.requester_id AND b.provider_id = o.provider_id)
           AND NOT EXISTS (SELECT FROM community.service_order x WHERE x.community_id = p_community AND x.demand_id = p_demand AND x.provider_id = p.provider_id)
           AND (coalesce(o.sure, o.area) @> community.gridcell(d.lon, d.lat, 10)::bigint OR coalesce(o.sure, o.area) @> -d.grid_key
                OR EXISTS (SELECT FROM community.offer_area a WHERE a.community_id = p_community AND a.offer_id = o.offer_id AND ST_Covers(a.geom, d.place)))
           AND NOT EXISTS (SELECT FROM unnest(d.qualification) k WHERE NOT EXISTS (SELECT FROM community.qualification q
                WHERE q.community_id = p_community AND q.provider_id = p.provider_id AND q.kind = k AND q.verified_at IS NOT NULL
                  AND q.valid @> (lower(d.slot) AT TIME ZONE d.tz)::date))
           AND NOT EXISTS (SELECT FROM community.market_count m
                             LEFT JOIN community.market_count x ON (x.community_id, x.service, x.period, x.provider_id) = (m.community_id, m.service, m.period, p.provider_id)
                            WHERE m.community_id = p_community AND m.service = d.service AND m.period = d.quarter AND m.provider_id = 0
                              AND m.orders + 1 >= community.setting_int('match_share_from', p_community)
                              AND coalesce(x.orders, 0) + 1 > least(p.share_cap, d.cap) * (m.orders + 1))
           AND t.b IS NOT NULL
    ), scored AS (
        SELECT f.offer_id, f.b, (SELECT sum(round(1000000 * coalesce((w.share ->> v.part)::float8, 0) * v.value)::bigint) / 1000000.0
            FROM (VALUES ('distance', 1 / (1 + community._distance_m(d.lon, d.lat, f.lon, f.lat) / 1000)),
                         ('skill', CASE cardinality(d.skills) WHEN 0 THEN 1 ELSE (SELECT count(*) FROM unnest(d.skills) s WHERE s = ANY (f.skills))::float8 / cardinality(d.skills) END),
                         ('time', 1 - extract(epoch FROM f.b - lower(d.slot))::float8 / extract(epoch FROM upper(d.slot) - lower(d.slot))::float8),
                         ('rating', community.wilson_lower(f.good, f.rated)),
                         ('price', CASE WHEN f.price = 0 THEN 1 WHEN d.top > 0 THEN 1 - least(f.price / d.top, 1) ELSE 1 / (1 + f.price / 10000.0::float8) END),
                         ('load', 1 / (1 + coalesce((SELECT sum(m.orders)::float8 FROM community.market_count m
                                       WHERE m.community_id = p_community AND m.provider_id = f.provider_id AND m.period = d.quarter), 0) / 5)),
                         ('newcomer', (f.rated < 5)::int),
                         ('continuity', EXISTS (SELECT FROM community.service_order s WHERE s.community_id = p_community AND s.requester_kind = d.requester_kind
                                       AND s.requester_id = d.requester_id AND s.provider_id = f.provider_id AND s.state = 'settled')::int)) v (part, value)) AS score
          FROM fit f, d, w
         WHERE f.n <= coalesce(p_pool, f.n)
    )
    SELECT s.offer_id, s.score, s.b, (SELECT count(*) FROM fit) FROM scored s ORDER BY s.score DESC, s.offer_id LIMIT p_k
$$;
