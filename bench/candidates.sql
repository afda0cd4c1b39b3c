-- Candidates of a demand among 100,000 offers: 1,000 random demands, the
-- processor time of each call in the backend, at the median and at the 99th of
-- a hundred; goal 5 ms.  Twice: all offers in one community of 500 grids, and
-- spread over 500 communities.  The plain query that filters every offer of the
-- service and sorts what is left must give the same answer.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT setseed(0.7);
SELECT count(*) FROM community.install('{match}');
SELECT community.community_register('330299', 'district', 'district'), community.community_register('330299001', 'street', 'street');
SELECT count(community.community_register((330299001000 + c)::text::community.gridcode, 'c' || c, 'residential')) FROM generate_series(1, 501) c;
-- 500 grids of 200 m in the one community.
SELECT count(community.grid_add((330299001001000 + i)::text::community.gridcode, 'g' || i, 'unit',
    format('{"type":"Polygon","coordinates":[[[%1$s,%3$s],[%2$s,%3$s],[%2$s,%4$s],[%1$s,%4$s],[%1$s,%3$s]]]}',
           121 + (i % 25) * 0.002, 121.002 + (i % 25) * 0.002, 29 + (i / 25) * 0.002, 29.002 + (i / 25) * 0.002)::jsonb, '[2010-01-01,)'))
  FROM generate_series(1, 500) i;
-- 50 services, of which every third asks for a certificate.
INSERT INTO community.service_catalog (service, name, tier, qualification, currency)
SELECT 's' || n, 's' || n, 'merchant', CASE WHEN n % 3 = 0 THEN '{licence}'::text[] ELSE '{}' END, 'CNY' FROM generate_series(1, 50) n;
CREATE TABLE bench.hours AS
SELECT n, community.weekly_hours(t) AS weekly FROM unnest(ARRAY['Mo-Fr 08:00-17:30', 'Mo-Su,PH 08:00-20:00', 'Mo-Su,PH 00:00-24:00',
    'Mo-Fr 09:00-12:00,13:30-18:00; Sa 09:00-12:00', 'Sa-Su,PH 09:00-18:00', 'Mo-Fr 18:00-22:00; Sa-Su 10:00-20:00']) WITH ORDINALITY x(t, n);

-- fill(n, communities): n offers of n / 4 providers, in that many communities
-- (1: all in the first one).
CREATE FUNCTION bench.fill(p_n int, p_communities int) RETURNS void LANGUAGE plpgsql SET search_path = community, bench, public AS $$
BEGIN
    -- Counts are made up, so triggers and keys have nothing to say.
    SET LOCAL session_replication_role = replica;
    TRUNCATE provider, qualification, offer, demand, service_order, market_count, match_block CASCADE;
    INSERT INTO provider (community_id, provider_id, owner_kind, owner_id, name, kind, sex, state, rated, good)
    SELECT 330299001001 + n % p_communities, n, CASE WHEN n % 5 < 3 THEN 'organization' ELSE 'person' END, n, 'p' || n,
           CASE n % 5 WHEN 0 THEN 'merchant' WHEN 1 THEN 'merchant' WHEN 2 THEN 'ngo' WHEN 3 THEN 'volunteer' ELSE 'resident' END,
           CASE WHEN n % 5 < 3 THEN 'unknown' WHEN random() < 0.5 THEN 'female' ELSE 'male' END,
           CASE WHEN random() < 0.95 THEN 'active' ELSE 'withdrawn' END, x.rated, (x.rated * (0.5 + random() / 2))::int
      FROM generate_series(1, p_n / 4) n, LATERAL (SELECT (random() * 60 + n * 0)::int AS rated) x;
    INSERT INTO qualification (community_id, provider_id, kind, certificate_no, issuer, valid, verified_by, verified_at)
    SELECT community_id, provider_id, 'licence', 'l', 'i', daterange(CURRENT_DATE - 500, CURRENT_DATE + (random() * 700)::int - 50), 'x', now()
      FROM provider WHERE provider_id % 4 > 0;
    INSERT INTO offer (community_id, provider_id, service, title, capacity, taken, price, weekly, lon, lat, area, sex, languages, accessibility, skills)
    SELECT p.community_id, p.provider_id, 's' || 1 + n % 50, 'o', 5, x.taken, 1000 + (random() * 9000)::int,
           (SELECT h.weekly FROM hours h WHERE h.n = x.hours), x.lon, x.lat,
           CASE WHEN x.kind < 3 THEN '{(,)}'
                WHEN x.kind < 5 THEN int8multirange(int8range(gridcell_first(x.cell)::bigint, gridcell_last(x.cell)::bigint, '[]'))
                WHEN p_communities > 1 THEN int8multirange(int8range(-p.community_id * 1000 - 999, -p.community_id * 1000))
                ELSE (SELECT range_agg(int8range(-g.code, 1 - g.code)) FROM unnest(ARRAY[x.code - 26, x.code - 25, x.code - 24, x.code - 1, x.code, x.code + 1,
                      x.code + 24, x.code + 25, x.code + 26]) g(code)) END,
           p.sex, CASE WHEN random() < 0.2 THEN '{en,zh}'::text[] ELSE '{zh}' END, CASE WHEN random() < 0.3 THEN '{home_visit}'::text[] ELSE '{}' END,
           ARRAY(SELECT 'k' || 1 + (n * 13 + i * i) % 20 FROM generate_series(1, 3) i)
      FROM generate_series(1, p_n) n
      JOIN provider p ON p.provider_id = 1 + (hashint8(n)::bigint + 2147483648) % (p_n / 4)
     CROSS JOIN LATERAL (SELECT floor(random() * 6)::int AS taken, 1 + floor(random() * 6)::int AS hours, floor(random() * 10)::int AS kind, y.lon, y.lat, gridcell(y.lon, y.lat, 5) AS cell,
               330299001001000 + floor((y.lon - 121) / 0.002)::int + 25 * floor((y.lat - 29) / 0.002)::int AS code
          FROM (SELECT 121 + random() * 0.05 + n * 0 AS lon, 29 + random() * 0.04 AS lat) y) x;
    -- Every tenth serves a polygon of some 500 m about its base.
    INSERT INTO offer_area SELECT community_id, offer_id, ST_Multi(ST_Buffer(ST_SetSRID(ST_Point(lon, lat), 4326), 0.005)) FROM offer WHERE hashint8(offer_id) % 10 = 0;
    UPDATE offer o SET sure = '{}', area = (SELECT range_agg(int8range(gridcell_first(c)::bigint, gridcell_last(c)::bigint, '[]')) FROM _served_cells(a.geom) c)
      FROM offer_area a WHERE a.community_id = o.community_id AND a.offer_id = o.offer_id;
    INSERT INTO service_order (community_id, demand_id, offer_id, provider_id, service, requester_kind, requester_id, exclusive, period, price, fee,
                               currency, score, why, state, market_period, confirm_due)
    SELECT o.community_id, n, o.offer_id, o.provider_id, o.service, 'person', n % 20000, p.owner_kind = 'person',
           tstzrange(x.at, x.at + interval '2 hours'), o.price, 0, 'CNY', 0.5, '{}', CASE WHEN n % 2 = 0 THEN 'settled' ELSE 'confirmed' END, CURRENT_DATE, now()
      FROM generate_series(1, p_n) n JOIN (SELECT *, row_number() OVER () AS i FROM offer) o ON o.i = 1 + (n * 104729::bigint) % p_n
      JOIN provider p USING (community_id, provider_id)
     CROSS JOIN LATERAL (SELECT date_trunc('hour', now()) + make_interval(hours => (random() * 340)::int + n * 0 - 170) AS at) x
        ON CONFLICT DO NOTHING;
    INSERT INTO market_count SELECT community_id, service, _quarter(community_id, now()), provider_id, count(*) FROM service_order GROUP BY 1, 2, 4;
    INSERT INTO match_block SELECT community_id, 'person', (random() * 20000)::int, provider_id, 'x' FROM provider WHERE provider_id % 5 = 0 ON CONFLICT DO NOTHING;
    INSERT INTO demand (community_id, demand_id, requester_kind, requester_id, login, channel, service, lon, lat, cell_key, grid_key, slot, duration,
                        languages, accessibility, skills, wants_sex, max_price, state, opened_at)
    SELECT 330299001001 + n % p_communities, n, 'person', (random() * 20000)::int, 'x', 'app', 's' || 1 + (random() * 49)::int, x.lon, x.lat,
           gridcell(x.lon, x.lat, 7)::bigint,
           CASE WHEN p_communities = 1 THEN 330299001001000 + floor((x.lon - 121) / 0.002)::int + 25 * floor((x.lat - 29) / 0.002)::int
                ELSE (330299001001 + n % p_communities) * 1000 + 1 END,
           tstzrange(x.at, x.at + make_interval(hours => 2 + n % 5)), CASE WHEN n % 2 = 0 THEN interval '1 hour' ELSE interval '90 minutes' END,
           CASE WHEN random() < 0.2 THEN '{en}'::text[] ELSE '{}' END, CASE WHEN random() < 0.1 THEN '{home_visit}'::text[] ELSE '{}' END,
           CASE WHEN random() < 0.5 THEN ARRAY['k' || 1 + n % 20, 'k' || 1 + (n * 3) % 20] ELSE '{}' END,
           CASE WHEN random() < 0.15 THEN 'female' END, CASE WHEN random() < 0.4 THEN 4000 + (random() * 6000)::int END, 'open', now()
      FROM generate_series(1, 1000) n
     CROSS JOIN LATERAL (SELECT 121 + random() * 0.05 + n * 0 AS lon, 29 + random() * 0.04 AS lat,
                                date_trunc('day', now()) + make_interval(days => 1 + (random() * 6)::int, hours => 8 + (random() * 11)::int) AS at) x;
END $$;
\ir ../test/lib/match_plain.sql

-- both(name, n): the least processor time of three runs for each demand, ours and for n
-- of them the plain query in turn, which must answer the same.
CREATE FUNCTION bench.both(p_name text, p_plain int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v record;
    v_start bigint;
    v_ours text[];
    v_plain text[];
    v_pool bigint := community.setting_int('match_pool', 330299001001);
    v_fits bigint := 0;
BEGIN
    CREATE TEMPORARY TABLE took (demand_id bigint, ours float8, plain float8) ON COMMIT DROP;
    FOR v IN SELECT d.community_id, d.demand_id, r FROM generate_series(1, 3) r, community.demand d ORDER BY r, d.demand_id LOOP
        v_start := bench.cpu();
        SELECT array_agg(c.offer_id || ' ' || c.score) INTO v_ours FROM community.match_candidates(v.community_id, v.demand_id, 10) c;
        INSERT INTO took (demand_id, ours) VALUES (v.demand_id, (bench.cpu() - v_start) / 1e6);
        IF v.demand_id <= p_plain THEN
            v_start := bench.cpu();
            SELECT array_agg(c.offer_id || ' ' || c.score::numeric(8,6)), coalesce(max(c.fits), 0) + v_fits INTO v_plain, v_fits
              FROM pg_temp.plain_candidates(v.community_id, v.demand_id, 10, v_pool) c;
            INSERT INTO took (demand_id, plain) VALUES (v.demand_id, (bench.cpu() - v_start) / 1e6);
            IF v_plain IS DISTINCT FROM v_ours THEN
                RAISE EXCEPTION 'demand %: % but plainly %', v.demand_id, v_ours, v_plain;
            END IF;
        END IF;
    END LOOP;
    PERFORM bench.note('candidates.' || p_name || '.' || x.at, x.ours, 5, 1, 'ms', format('goal 5 ms; the plain query takes %s ms; %s offers fit a demand', round(x.plain::numeric, 1), round(v_fits / 3.0 / p_plain)))
       FROM (SELECT p.name AS at, percentile_cont(p.share) WITHIN GROUP (ORDER BY t.ours) AS ours, percentile_cont(p.share) WITHIN GROUP (ORDER BY t.plain) AS plain
               FROM (VALUES ('p50', 0.5), ('p99', 0.99)) p (name, share), (SELECT min(ours) AS ours, min(plain) AS plain FROM took GROUP BY demand_id) t
              GROUP BY p.name, p.share) x
      ORDER BY x.at;
    PERFORM bench.note('candidates.' || p_name || '.plain', sum(t.ours), sum(t.plain), 1, 'ms', format('%s demands; peer: the same answer by a plain query', p_plain))
       FROM (SELECT min(ours) AS ours, min(plain) AS plain FROM took WHERE demand_id <= p_plain GROUP BY demand_id) t;
END $$;
SELECT bench.fill(100000, 1);
VACUUM ANALYZE;
SELECT bench.both('one', 40);
SELECT bench.fill(100000, 500);
VACUUM ANALYZE;
SELECT bench.both('many', 40);
