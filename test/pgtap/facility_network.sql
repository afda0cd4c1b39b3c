-- facility: ways on foot, by distance and along the walking network: life
-- circles, sites and what lies within minutes, recomputed by plain SQL.
-- Places are given in steps of 0.001 degree from 121.5 30 (96 m by 111 m).
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
CREATE FUNCTION pg_temp.point(x double precision, y double precision) RETURNS geometry LANGUAGE sql AS $$
    SELECT ST_SetSRID(ST_MakePoint(121.5 + x / 1000, 30 + y / 1000), 4326)
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '甲社区', 'residential');
SELECT community.grid_add('330299001001001', 'a', 'unit', ST_AsGeoJSON(ST_MakeEnvelope(121.4995, 29.9995, 121.5095, 30.0095, 4326))::jsonb);

-- Streets at every step, and a river between x = 4 and x = 5 with one bridge at y = 0.
CREATE TEMPORARY TABLE street AS
SELECT row_number() OVER () AS id, a.x AS xa, a.y AS ya, b.x AS xb, b.y AS yb
  FROM (SELECT x, y FROM generate_series(0, 9) x, generate_series(0, 9) y) a
  JOIN (SELECT x, y FROM generate_series(0, 9) x, generate_series(0, 9) y) b ON (b.x = a.x + 1 AND b.y = a.y) OR (b.x = a.x AND b.y = a.y + 1)
 WHERE NOT (a.x = 4 AND b.x = 5 AND a.y > 0);
-- Homes beside the corners, 3 to 40 people each, none at some corners.
CREATE TEMPORARY TABLE home AS
SELECT x, y, pg_temp.point(x + 0.2, y - 0.15) AS geom, 3 + (x * 7 + y * 13) % 38 AS residents FROM generate_series(0, 9) x, generate_series(0, 9) y WHERE (x * 3 + y * 5) % 4 > 0;
SELECT is((SELECT count(*) FROM community.population_set(330299001001, (SELECT jsonb_agg(jsonb_build_object('lon', ST_X(geom), 'lat', ST_Y(geom), 'residents', residents, 'households', 1)) FROM home), 'test') WHERE status = 'added'),
    (SELECT count(*) FROM home), 'homes are counted');
CREATE TEMPORARY TABLE built AS SELECT * FROM (VALUES ('bank', 3.9, 6.0), ('bank', 8.0, 8.2), ('public_toilet', 4.1, 4.0), ('police_station', 2.0, 9.0), ('kindergarten', 5.0, 2.0)) v (class, x, y);
SELECT is((SELECT count(*) FROM community.facility_import(330299001001, (SELECT jsonb_agg(jsonb_build_object('name', class || x, 'class', class, 'lon', ST_X(pg_temp.point(x, y)), 'lat', ST_Y(pg_temp.point(x, y)))) FROM built)) WHERE status = 'added'), 5::bigint, 'facilities stand there');

-- The way from each home to each home and facility, by distance and on foot.
CREATE TEMPORARY TABLE stop AS SELECT 'home' AS kind, x::float8 AS x, y::float8 AS y, geom, residents FROM home UNION ALL SELECT class, x, y, pg_temp.point(x, y), 0 FROM built;
ALTER TABLE stop ADD id serial, ADD corner integer, ADD step double precision;
UPDATE stop s SET corner = n.corner, step = n.d
  FROM stop t CROSS JOIN LATERAL (SELECT 10 * x + y AS corner, ST_Distance(pg_temp.point(x, y)::geography, t.geom::geography) AS d
                                    FROM generate_series(0, 9) x, generate_series(0, 9) y ORDER BY 2 LIMIT 1) n WHERE t.id = s.id;
CREATE TEMPORARY TABLE way (a integer, b integer, d double precision, PRIMARY KEY (a, b));
INSERT INTO way SELECT c, c, 0 FROM generate_series(0, 99) c;
DO $$
BEGIN
    -- Relax along the streets until nothing gets shorter.
    LOOP
        INSERT INTO way AS w
        SELECT q.a, q.b, min(q.d)
          FROM (SELECT w.a, s.b, w.d + s.d AS d
                  FROM way w
                  JOIN (SELECT 10 * xa + ya AS a, 10 * xb + yb AS b, ST_Distance(pg_temp.point(xa, ya)::geography, pg_temp.point(xb, yb)::geography) AS d FROM street
                        UNION ALL SELECT 10 * xb + yb, 10 * xa + ya, ST_Distance(pg_temp.point(xa, ya)::geography, pg_temp.point(xb, yb)::geography) FROM street) s ON s.a = w.b) q
         GROUP BY 1, 2
        ON CONFLICT (a, b) DO UPDATE SET d = excluded.d WHERE excluded.d < w.d - 1e-6;
        EXIT WHEN NOT FOUND;
    END LOOP;
END
$$;
CREATE TEMPORARY TABLE reach AS
SELECT 'distance' AS method, a.id AS a, b.id AS b, ST_Distance(a.geom::geography, b.geom::geography) AS d FROM stop a, stop b
UNION ALL SELECT 'network', a.id, b.id, a.step + w.d + b.step FROM stop a, stop b, way w WHERE w.a = a.corner AND w.b = b.corner;
ANALYZE reach, stop;
SELECT is((SELECT count(*) FROM way), 10000::bigint, 'every corner is reached');
SELECT cmp_ok((SELECT count(*) FROM reach d JOIN reach n USING (a, b) WHERE d.method = 'distance' AND n.method = 'network' AND d.d < 500 AND n.d > 1000), '>', 50::bigint, 'the river makes ways long');

-- By hand: circle, greedy sites, and the best n sites of all.
CREATE FUNCTION pg_temp.covered(p_method text, p_class text, p_radius double precision) RETURNS bigint LANGUAGE sql AS $$
    SELECT COALESCE(sum(h.residents), 0) FROM stop h WHERE h.kind = 'home'
       AND EXISTS (SELECT FROM reach r JOIN stop f ON f.id = r.b AND f.kind = p_class WHERE r.method = p_method AND r.a = h.id AND r.d <= p_radius)
$$;
CREATE FUNCTION pg_temp.best(p_method text, p_class text, p_radius double precision, p_n integer) RETURNS bigint LANGUAGE sql AS $$
    WITH RECURSIVE open AS MATERIALIZED (
        SELECT h.id, h.residents, row_number() OVER (ORDER BY h.id)::integer - 1 AS i FROM stop h WHERE h.kind = 'home'
           AND NOT EXISTS (SELECT FROM reach r JOIN stop f ON f.id = r.b AND f.kind = p_class WHERE r.method = p_method AND r.a = h.id AND r.d <= p_radius)
    ), site AS MATERIALIZED (
        SELECT a.i, bit_or(set_bit(0::bit(128), b.i, 1)) AS mask
          FROM open a JOIN reach r ON r.method = p_method AND r.a = a.id AND r.d <= p_radius JOIN open b ON b.id = r.b GROUP BY a.i
    ), pick AS (
        SELECT i, mask, 1 AS n FROM site
        UNION ALL
        SELECT s.i, p.mask | s.mask, p.n + 1 FROM pick p JOIN site s ON s.i > p.i WHERE p.n < p_n
    ), distinct_pick AS (SELECT DISTINCT mask FROM pick WHERE n = p_n)
    SELECT max((SELECT sum(o.residents) FROM open o WHERE get_bit(p.mask, o.i) = 1)) FROM distinct_pick p
$$;
-- What each method must answer; standards and radii from the table.
CREATE FUNCTION pg_temp.compare(p_method text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    s record;
    v_before bigint;
    v_best bigint;
BEGIN
    RETURN NEXT is((SELECT string_agg(DISTINCT method, ',') FROM community.life_circle(330299001001)), p_method, 'life circles by ' || p_method);
    RETURN NEXT is_empty(format($q$SELECT class, covered FROM community.life_circle(330299001001) EXCEPT SELECT s.class, pg_temp.covered(%L, s.class, s.radius_m) FROM community.life_circle_standard s$q$, p_method), 'equal the ways by hand');
    RETURN NEXT cmp_ok((SELECT count(*) FROM community.life_circle(330299001001) WHERE covered BETWEEN 1 AND residents - 1), '>=', 4::bigint, 'some are partly met');
    FOR s IN SELECT * FROM (VALUES ('kindergarten', 300, 1), ('kindergarten', 300, 2), ('kindergarten', 420, 3), ('bank', 500, 2), ('library', 250, 2), ('library', 600, 2)) v (class, radius, n) LOOP
        CREATE TEMPORARY TABLE site ON COMMIT DROP AS SELECT * FROM community.facility_site(330299001001, s.class, s.n, s.radius);
        RETURN NEXT is((SELECT string_agg(DISTINCT method, ',') FROM site), p_method, format('%s %s within %s m by %s', s.n, s.class, s.radius, p_method));
        -- Greedy: each gains what no other place could exceed, given those before it.
        RETURN NEXT results_eq('SELECT place, gain FROM site ORDER BY place', format($q$
            WITH RECURSIVE home AS (SELECT id, residents, geom FROM stop WHERE kind = 'home'),
            chosen AS (SELECT t.place, h.id FROM site t JOIN home h ON ST_Distance(h.geom, ST_SetSRID(ST_MakePoint(t.lon, t.lat), 4326)) < 1e-9),
            left_over AS (SELECT t.place, h.id, h.residents FROM site t CROSS JOIN home h
                     WHERE NOT EXISTS (SELECT FROM reach r JOIN stop f ON f.id = r.b AND f.kind = %2$L WHERE r.method = %1$L AND r.a = h.id AND r.d <= %3$s)
                       AND NOT EXISTS (SELECT FROM reach r JOIN chosen c ON c.id = r.b WHERE c.place < t.place AND r.method = %1$L AND r.a = h.id AND r.d <= %3$s))
            SELECT g.place, max(g.gain) FROM (SELECT l.place, c.id, sum(l.residents)::bigint AS gain FROM left_over l JOIN left_over c ON c.place = l.place
                                               JOIN reach r ON r.method = %1$L AND r.a = c.id AND r.b = l.id AND r.d <= %3$s GROUP BY 1, 2) g GROUP BY 1 ORDER BY 1$q$, p_method, s.class, s.radius),
            'each site gains the most that is left');
        RETURN NEXT is((SELECT uncovered FROM site ORDER BY place DESC LIMIT 1), (SELECT sum(residents) FROM home) - pg_temp.covered(p_method, s.class, s.radius) - (SELECT sum(gain)::bigint FROM site), 'what is left is told');
        v_best := pg_temp.best(p_method, s.class, s.radius, s.n);
        RETURN NEXT cmp_ok((SELECT sum(gain) FROM site), '>=', (1 - exp(-1)::numeric) * v_best, 'at least 63 % of the best choice of all');
        RETURN NEXT cmp_ok((SELECT sum(gain) FROM site), '<=', v_best::numeric, 'and no more than it');
        DROP TABLE site;
    END LOOP;
    -- What is promised is kept: built, the circle grows by the gain.
    SELECT covered INTO v_before FROM community.life_circle(330299001001) WHERE class = 'primary_school';
    CREATE TEMPORARY TABLE site ON COMMIT DROP AS SELECT * FROM community.facility_site(330299001001, 'primary_school', 3);
    PERFORM community.facility_import(330299001001, (SELECT jsonb_agg(jsonb_build_object('name', '新' || place, 'class', 'primary_school', 'lon', lon, 'lat', lat)) FROM site), '{"source":"plan"}');
    RETURN NEXT is((SELECT covered - v_before FROM community.life_circle(330299001001) WHERE class = 'primary_school'), (SELECT sum(gain)::bigint FROM site), 'built at the sites the circle grows by their gain');
    RETURN NEXT is((SELECT residents - covered FROM community.life_circle(330299001001) WHERE class = 'primary_school'), (SELECT min(uncovered) FROM site), 'and leaves those that were told');
    DELETE FROM community.facility WHERE source = 'plan';
    DROP TABLE site;
END
$$;
SELECT pg_temp.compare('distance');
SELECT is((SELECT string_agg(DISTINCT method, ',') FROM community.facility_within(pg_temp.point(3, 6), p_minutes => 6)), 'distance', 'minutes by distance say so');

-- The same along the network.
SELECT is(community.walk_network_load(jsonb_build_object('type', 'FeatureCollection', 'features',
    (SELECT jsonb_agg(jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(ST_MakeLine(pg_temp.point(xa, ya), pg_temp.point(xb, yb)), 9)::jsonb)) FROM street)), 'test'), (SELECT count(*) FROM street), 'streets are loaded');
SELECT is((SELECT string_agg(DISTINCT method, ',') FROM community.facility_site(330299001001, 'bank', 1)), 'distance', 'without pgRouting sites are found by distance');
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgrouting') AS routing \gset
\if :routing
CREATE EXTENSION pgrouting;
SELECT pg_temp.compare('network');
SELECT is_empty($$SELECT h.id, w.class, round(w.distance_m::numeric, 3) FROM stop h, LATERAL community.facility_within(h.geom, p_minutes => 9) w WHERE h.kind = 'home'
    EXCEPT SELECT r.a, f.kind, round(r.d::numeric, 3) FROM reach r JOIN stop h ON h.id = r.a AND h.kind = 'home' JOIN stop f ON f.id = r.b AND f.kind <> 'home' WHERE r.method = 'network' AND r.d <= 9 * 67$$, 'minutes are walked along the network');
SELECT is_empty($$SELECT r.a, f.kind, round(r.d::numeric, 3) FROM reach r JOIN stop h ON h.id = r.a AND h.kind = 'home' JOIN stop f ON f.id = r.b AND f.kind <> 'home' WHERE r.method = 'network' AND r.d <= 9 * 67
    EXCEPT SELECT h.id, w.class, round(w.distance_m::numeric, 3) FROM stop h, LATERAL community.facility_within(h.geom, p_minutes => 9) w WHERE h.kind = 'home'$$, 'and nothing within them is missed');
SELECT is((SELECT string_agg(DISTINCT method, ',') FROM community.facility_within(pg_temp.point(3, 6), p_minutes => 6)), 'network', 'which it says');
SELECT is((SELECT string_agg(DISTINCT method, ',') FROM community.facility_within(pg_temp.point(3, 6), 600)), 'distance', 'metres stay as the crow flies');
SELECT is((SELECT distance_m FROM community.facility_within(ST_GeomFromText('POLYGON((121.5035 30.0055,121.5045 30.0055,121.5045 30.0065,121.5035 30.0065,121.5035 30.0055))', 4326), p_minutes => 1, p_class => 'bank')), 0::double precision, 'what stands in an area is there already');
SELECT community.setting_set('facility.circle_method', 'distance');
SELECT is((SELECT string_agg(DISTINCT method, ',') FROM (SELECT method FROM community.facility_site(330299001001, 'bank', 1) UNION SELECT method FROM community.facility_within(pg_temp.point(3, 6), p_minutes => 6)) m), 'distance', 'a setting forbids the network');
\else
SELECT skip('pgRouting is not available: apt-get install postgresql-15-pgrouting', 41);
\endif

-- Numbers that make no sense.
SELECT throws_ok($$SELECT community.facility_near(pg_temp.point(1, 1), NULL, -1)$$, '22023', '-1 is not a number of facilities', 'as many as none');
SELECT throws_ok($$SELECT community.facility_near(pg_temp.point(1, 1), NULL, NULL)$$, '22023', '0 is not a number of facilities', 'nor as many as unknown');
SELECT throws_ok($$SELECT community.facility_near(pg_temp.point(1, 1), NULL, 3, -5)$$, '22023', '-5 is not a distance', 'nearer than here');
SELECT throws_ok($$SELECT community.facility_near(pg_temp.point(1, 1), NULL, 3, 'NaN')$$, '22023', 'NaN is not a distance', 'or no distance at all');
SELECT results_eq($$SELECT facility_id, distance_m FROM community.facility_near(ST_SetSRID(pg_temp.point(1, 1), 4490), NULL, 2000000000)$$, $$SELECT facility_id, distance_m FROM community.facility_near(pg_temp.point(1, 1), NULL, 100)$$, 'CGCS2000 is taken as equal, and k may be huge');
SELECT results_eq($$SELECT facility_id, distance_m FROM community.facility_within(ST_SetSRID(pg_temp.point(1, 1), 4490), 2000)$$, $$SELECT facility_id, distance_m FROM community.facility_within(pg_temp.point(1, 1), 2000)$$, 'also within metres');
SELECT isnt_empty($$SELECT * FROM community.facility_within(pg_temp.point(1, 1), 2000)$$, 'where there are some');
SELECT throws_ok(format($$SELECT community.%s$$, q), '22023', m, q)
  FROM (VALUES ('facility_near(ST_SetSRID(ST_MakePoint(13520000, 3500000), 3857))', 'geometry has SRID 3857 instead of 4326 or 4490'),
               ('facility_within(ST_SetSRID(ST_MakePoint(13520000, 3500000), 3857), 100)', 'geometry has SRID 3857 instead of 4326 or 4490'),
               ('facility_near(ST_SetSRID(ST_MakePoint(500, 100), 4326))', 'coordinates are no degrees'),
               ('facility_within(ST_SetSRID(ST_MakePoint(''NaN'', 30), 4326), 100)', 'coordinates are no degrees')) AS t (q, m);
SELECT is_empty(format($$SELECT community.%s$$, q), q)
  FROM unnest('{facility_near(NULL),"facility_near(ST_GeomFromText(''POINT EMPTY'', 4326))","facility_within(NULL, 1000)","facility_within(ST_GeomFromText(''POLYGON EMPTY'', 4326))"}'::text[]) q;
SELECT throws_ok($$SELECT community.facility_within(pg_temp.point(1, 1), -1)$$, '22023', '-1 is not a distance', 'within less than nothing');
SELECT throws_ok($$SELECT community.facility_within(pg_temp.point(1, 1), p_minutes => -1)$$, '22023', '-1 is not a time', 'in no time');
SELECT throws_ok($$SELECT community.facility_site(330299001001, 'bank', 0)$$, '22023', '0 is not a number of places', 'no place');
SELECT throws_ok($$SELECT community.facility_site(330299001001, 'bank', 1, -1)$$, '22023', '-1 is not a radius', 'no radius');
SELECT throws_ok($$SELECT community.facility_site(1, 'bank', 1)$$, 'PT404', 'community 1 is not registered', 'no community');
SELECT throws_ok($$SELECT community.facility_site(330299001001, 'castle', 1, 100)$$, 'PT404', 'there is no facility class castle', 'no class');
DO $$
DECLARE
    v_detail text;
    v_hint text;
BEGIN
    PERFORM community.facility_near(pg_temp.point(1, 1), NULL, -1);
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    CREATE TEMPORARY TABLE told AS SELECT v_detail AS detail, v_hint AS hint;
END
$$;
SELECT results_eq('SELECT detail, hint FROM told', $$VALUES ('The number of facilities must be at least 1.', 'Give such a number, or leave the argument out where it has a default.')$$, 'detail and hint say what to give');
SELECT * FROM finish();
ROLLBACK;
