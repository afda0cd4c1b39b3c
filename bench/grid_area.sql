-- P7 to P9: points into irregular management grids, covers, disks.
\set ON_ERROR_STOP on
\set points 1000000
SET search_path = bench, community, public;
CREATE FUNCTION jitter(a int, b int, k int, d int) RETURNS float8
    LANGUAGE sql IMMUTABLE RETURN (hashint8(((a * 1000 + b) * 1000 + k)::bigint * 10 + d) & 65535) / 65536.0 - 0.5;
CREATE TABLE knot AS SELECT i, j, ST_MakePoint(121.3 + 0.01 * (i + 0.5 * jitter(i, j, 0, 1)), 29.6 + 0.01 * (j + 0.5 * jitter(i, j, 0, 2))) AS p
  FROM generate_series(0, 50) i, generate_series(0, 40) j;
-- ragged borders of 23 edges, shared by the areas on both sides; d = 3 runs east, d = 4 north
CREATE TABLE side AS
SELECT a.i, a.j, d, ST_MakeLine(CASE k WHEN 0 THEN a.p WHEN 23 THEN b.p ELSE
           ST_MakePoint(ST_X(a.p) + (ST_X(b.p) - ST_X(a.p)) * k / 23 + CASE d WHEN 4 THEN 0.0006 * jitter(a.i, a.j, k, d) ELSE 0 END,
                        ST_Y(a.p) + (ST_Y(b.p) - ST_Y(a.p)) * k / 23 + CASE d WHEN 3 THEN 0.0006 * jitter(a.i, a.j, k, d) ELSE 0 END) END ORDER BY k) AS line
  FROM generate_series(3, 4) d, knot a JOIN knot b ON true, generate_series(0, 23) k
 WHERE (b.i, b.j) = (a.i + (d = 3)::int, a.j + (d = 4)::int) GROUP BY a.i, a.j, d;
CREATE TABLE tile AS
SELECT (330203001001000 + (s.j * 50 + s.i) / 999 * 1000 + (s.j * 50 + s.i) % 999 + 1)::bigint::gridcode AS code,
       ST_SetSRID(ST_MakePolygon(ST_RemoveRepeatedPoints(ST_MakeLine(ARRAY[s.line, e.line, ST_Reverse(n.line), ST_Reverse(w.line)]))), 4326) AS geom
  FROM side s JOIN side e ON e.i = s.i + 1 AND e.j = s.j AND e.d = 4 JOIN side n ON n.i = s.i AND n.j = s.j + 1 AND n.d = 3
  JOIN side w ON w.i = s.i AND w.j = s.j AND w.d = 4 WHERE s.d = 3;
SELECT setseed(0.5);
CREATE TABLE point AS SELECT lon, lat, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom
  FROM (SELECT 121.3 + 0.5 * random() AS lon, 29.6 + 0.4 * random() AS lat FROM generate_series(1, :points)) s;
CREATE TABLE few AS SELECT * FROM point LIMIT 100000;
CREATE TABLE map AS SELECT gridmap(code, geom) AS m FROM tile;
CREATE TABLE other_map AS SELECT gridmap(code, geom) AS m FROM tile WHERE code::bigint <> 330203001001001;
CREATE INDEX ON tile USING gist (geom);
VACUUM ANALYZE tile;
VACUUM ANALYZE point;
VACUUM ANALYZE few;
ANALYZE map;

SELECT bench.race(ARRAY[
    'SELECT count(lon + lat) FROM point', 'SELECT count(geom) FROM point',
    'SELECT count(gridmap_lookup((SELECT m FROM map), lon, lat)) FROM point',
    'SELECT count(gridmap_lookup((SELECT m FROM map), geom)) FROM point'], 7, :points) AS t \gset
-- the usual join, and the best plan of PostGIS: prepared polygons outside, an index on the points
SELECT bench.race(ARRAY['SELECT count(geom) FROM few', 'SELECT count(*) FROM few p JOIN tile g ON ST_Covers(g.geom, p.geom)'], 1, 1e5) AS u \gset
CREATE INDEX few_geom ON few USING gist (geom);
SET enable_seqscan = off;
SELECT bench.race(ARRAY['SELECT count(*) FROM tile g CROSS JOIN LATERAL (SELECT 1 FROM few p WHERE g.geom ~ p.geom AND ST_Covers(g.geom, p.geom) OFFSET 0) s'], 2, 1e5) AS v \gset
RESET enable_seqscan;
SELECT bench.race(ARRAY['DROP INDEX few_geom; CREATE INDEX few_geom ON few USING gist (geom)'], 2, 1e5) AS w \gset
SELECT bench.note('P7.lookup', t[3] - t[1], 120, 1, 'ns/point', 'gridmap_lookup(map, lon, lat) less the scan; goal 120 ns, stretch 70'),
       bench.note('P7.lookup_geometry', t[4] - t[2], 120, 1, 'ns/point', 'gridmap_lookup(map, point) less the scan'),
       bench.note('P7.join', t[4] - t[2], u[2] - u[1], 0.01, 'ns/point', 'peer: points outside, ST_Covers through the index on areas'),
       bench.note('P7.best_plan', t[4] - t[2], v[1] + w[1], 0.0833, 'ns/point', 'peer: areas outside, prepared; with the build of the index on points')
  FROM (SELECT :'t'::float8[] AS t, :'u'::float8[] AS u, :'v'::float8[] AS v, :'w'::float8[] AS w) s;
-- two maps in turn and no cache: every call loads
SET community.gridmap_cache = 0;
SELECT bench.race(ARRAY['SELECT gridmap_lookup(a.m, 121.4, 29.7), gridmap_lookup(b.m, 121.4, 29.7) FROM map a, other_map b'], 5, 2e6) AS t \gset
RESET community.gridmap_cache;
SELECT bench.note('P7.load', t[1], 50, 1, 'ms', 'fetch and check a map of 2,000 areas; goal 50 ms') FROM (SELECT :'t'::float8[] AS t) s;
SELECT bench.race(ARRAY['SELECT gridmap(code, geom) FROM tile', 'SELECT count(ST_IsValidReason(geom)) FROM tile'], 3, 1e6) AS t \gset
SELECT bench.note('P7.build', t[1], 1000, 1, 'ms', format('build with checks of validity, of which PostGIS takes %s ms', round(t[2]))) FROM (SELECT :'t'::float8[] AS t) s;

-- P8: a star of 200 edges in cells of levels 6 and 7; peer ST_SquareGrid, which only tests boxes
CREATE TABLE star AS SELECT ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY(
    SELECT ST_MakePoint(121.5 + 0.1 * r * cos(k % 200 * pi() / 100), 29.8 + 0.1 * r * sin(k % 200 * pi() / 100))
      FROM generate_series(0, 200) k, LATERAL (SELECT 0.6 + 0.4 * jitter(k % 200, 1, 1, 1) AS r) q ORDER BY k))), 4326) AS geom;
SET community.max_cover_cells = 100000000;
SELECT count(*) AS cells FROM star, gridcell_cover(geom, 6, 'overlap') \gset
SELECT count(*) AS squares FROM star, ST_SquareGrid(0.00056, geom) \gset
SELECT bench.race(ARRAY['SELECT count(*) FROM (SELECT gridcell_cover(geom, 6, ''overlap'') FROM star OFFSET 0) s',
    'SELECT count(*) FROM (SELECT gridcell_cover(geom, 6, ''centre'') FROM star OFFSET 0) s',
    'SELECT count(*) FROM (SELECT gridcell_cover(geom, 6, ''contain'') FROM star OFFSET 0) s',
    'SELECT count(*) FROM (SELECT generate_series(1, ' || :cells || ') FROM star OFFSET 0) s'], 9, :cells) AS t \gset
SELECT bench.race(ARRAY['SELECT count(*) FROM (SELECT ST_SquareGrid(0.00056, geom) FROM star OFFSET 0) s'], 5, :squares) AS u \gset
SELECT bench.note('P8.overlap', t[1], 300, 1, 'ns/cell', 'goal 300 ns, stretch 60'),
       bench.note('P8.centre', t[2], 300, 1, 'ns/cell', 'goal 300 ns'),
       bench.note('P8.contain', t[3], 300, 1, 'ns/cell', 'goal 300 ns'),
       bench.note('P8.square_grid', t[1], u[1], 0.6, 'ns/cell', 'peer: ST_SquareGrid, boxes only'),
       bench.note('P8.series', t[1], t[4], 3, 'ns/cell', 'peer: generate_series of as many rows')
  FROM (SELECT :'t'::float8[] AS t, :'u'::float8[] AS u) s;

-- P9: disks of radius 3
CREATE TABLE centre AS SELECT gridcell(121.3 + i * 0.00001, 29.6 + i * 0.000007, 6) AS c FROM generate_series(1, 20000) i;
ANALYZE centre;
SELECT bench.race(ARRAY['SELECT count(*) FROM (SELECT gridcell_disk(c, 3) FROM centre OFFSET 0) s',
    'SELECT count(*) FROM (SELECT generate_series(1, 49) FROM centre OFFSET 0) s',
    'SELECT count(*) FROM centre, gridcell_disk(c, 3)', 'SELECT count(*) FROM centre, generate_series(1 + c::bigint * 0, 49)',
    'SELECT count(gridcell_disk_array(c, 3)) FROM centre'], 7, 20000 * 49) AS t \gset
SELECT bench.note('P9.disk', t[1], t[2], 1.2, 'ns/row', 'radius 3, 49 cells; peer: generate_series(1, 49)'),
       bench.note('P9.disk_from', t[3], t[4], 1.2, 'ns/row', 'the same in FROM'),
       bench.note('P9.array', t[5], t[2], 1, 'ns/row', 'as an array; stretch 5 ns a cell')
  FROM (SELECT :'t'::float8[] AS t) s;
