-- Families, neighbourhood, measures and covers of gridcell, against PostGIS.
SET search_path = community, public;
SET extra_float_digits = 0;
-- families
SELECT gridcell_children('N50J47539B8') ORDER BY 1;
SELECT count(*) AS children, bool_and(gridcell_parent(c) = 'N50J47539') AS parent, min(gridcell_level(c)) AS level
  FROM gridcell_children('N50J47539') c;
SELECT l AS level, count(*) AS n, count(DISTINCT c::bigint) AS distinct_n, bool_and(gridcell_parent(c, 3) = 'N50J475') AS below,
       bool_and(gridcell_level(c) = l) AS level_ok, bool_and(c::bigint > coalesce(p::bigint, -1)) AS in_order
  FROM (SELECT l, c, lag(c) OVER (PARTITION BY l ORDER BY n) AS p
          FROM generate_series(3, 6) l, gridcell_children('N50J475', l) WITH ORDINALITY d(c, n)) s
 GROUP BY l ORDER BY l;
SELECT count(*) AS none FROM gridcell_children(gridcell(121.5, 29.8, 10));
SELECT gridcell_siblings('N50J47539B82');
SELECT count(*) AS level_2, (SELECT count(*) FROM gridcell_siblings('N50J')) AS level_1
  FROM gridcell_siblings('N50J47') s WHERE gridcell_parent(s) = 'N50J' AND s <> 'N50J47';
-- neighbours: found again by moving the centre, at zone edges, the equator, the meridian, 180 and 88 degrees
CREATE TEMP TABLE place (lon float8, lat float8);
INSERT INTO place VALUES (0.001, 0.001), (-0.001, 0.001), (0.001, -0.001), (-0.001, -0.001), (180, 30), (-180, 30), (180, -87.9999),
    (-180, -87.9999), (120.0001, 29.9999), (119.9999, 30.0001), (6, 4), (-6, -4), (12, 87.9999999), (-12, -87.9999999), (179.9999, 0), (-179.9999, 0);
INSERT INTO place SELECT i * 61.803 % 360 - 180, i * 37.77 % 176 - 88 FROM generate_series(1, 500) i;
CREATE TEMP TABLE cell AS
SELECT DISTINCT c, gridcell_level(c) AS level, (b).west, (b).south, (b).east, (b).north
  FROM (SELECT c, gridcell_bounds(c) AS b FROM place, generate_series(1, 10) l, gridcell(lon, lat, l) c) s;
SELECT count(*) > 4000 AS enough, count(*) FILTER (WHERE n <> expected) AS wrong
  FROM (SELECT ARRAY(SELECT x::bigint FROM gridcell_neighbors(c) x ORDER BY 1) AS n,
               ARRAY(SELECT DISTINCT gridcell(CASE WHEN lon > 180 THEN lon - 360 WHEN lon < -180 THEN lon + 360 ELSE lon END, lat, level)::bigint
                       FROM generate_series(-1, 1) dx, generate_series(-1, 1) dy,
                            LATERAL (SELECT (west + east) / 2 + dx * (east - west) AS lon, (south + north) / 2 + dy * (north - south) AS lat) m
                      WHERE (dx, dy) <> (0, 0) AND abs(lat) < 88 ORDER BY 1) AS expected
          FROM cell) s;
SELECT count(*) AS neighbors, count(DISTINCT c) AS cells FROM cell, gridcell_neighbors(c);
-- a neighbour touches, and is one step away; the relation is mutual
SELECT bool_and(ST_Touches(gridcell_geometry(c), gridcell_geometry(n))) AS touches, bool_and(gridcell_steps(c, n) = 1) AS one_step,
       bool_and(EXISTS (SELECT FROM gridcell_neighbors(n) b WHERE b = c)) AS mutual
  FROM (SELECT c, west, east FROM cell WHERE level IN (2, 5, 8, 10) AND west > -179 AND east < 179) s, gridcell_neighbors(c) n;
-- disks are sums of rings, and agree with the steps
SELECT k, count(*) AS disk, count(*) FILTER (WHERE gridcell_steps(c, 'N51H233E7E3') > k) AS too_far,
       count(DISTINCT c::bigint) AS distinct_n, sum(1) FILTER (WHERE gridcell_steps(c, 'N51H233E7E3') = k) AS at_k,
       (SELECT count(*) FROM gridcell_ring('N51H233E7E3', k)) AS ring,
       cardinality(gridcell_disk_array('N51H233E7E3', k)) AS array_n
  FROM generate_series(0, 4) k, gridcell_disk('N51H233E7E3', k) c GROUP BY k ORDER BY k;
-- a disk around the world counts each column once
SELECT k, count(*) AS n, count(DISTINCT c::bigint) AS distinct_n, (SELECT count(*) FROM gridcell_ring('N31A', k)) AS ring,
       max(gridcell_steps(c, 'N31A')) AS steps
  FROM unnest('{1,29,30,31,45}'::int[]) k, gridcell_disk('N31A', k) c GROUP BY k ORDER BY k;
SELECT sum(r) AS rings, (SELECT count(*) FROM gridcell_disk('N31A', 45)) AS disk
  FROM generate_series(0, 45) k, LATERAL (SELECT count(*) AS r FROM gridcell_ring('N31A', k)) s;
-- steps and lines
SELECT gridcell_steps(gridcell(179.999, 10, 5), gridcell(-179.999, 10, 5)) AS across_180,
       gridcell_steps(gridcell(0.0001, 0.0001, 5), gridcell(-0.0001, -0.0001, 5)) AS across_origin,
       gridcell_steps('N50J', 'N50J') AS same, gridcell_steps('N01A', 'N31A') AS half_way;
SELECT count(*) = gridcell_steps(a, b) + 1 AS length, bool_and(p IS NULL OR gridcell_steps(p, c) = 1) AS joined,
       min(c::bigint) FILTER (WHERE n = 1) = a::bigint AS starts, bool_or(c = b) AS ends
  FROM (SELECT a, b, c, n, lag(c) OVER (PARTITION BY a::bigint, b::bigint ORDER BY n) AS p
          FROM (VALUES (gridcell(121.5, 29.8, 6), gridcell(121.53, 29.79, 6)), (gridcell(179.99, 0.01, 5), gridcell(-179.98, -0.02, 5)),
                       (gridcell(-71, 42, 4), gridcell(-71.2, 42.5, 4)), (gridcell(5, 5, 8), gridcell(5, 5, 8))) v(a, b),
               gridcell_line(a, b) WITH ORDINALITY l(c, n)) s
 GROUP BY a, b;
-- measures
SELECT l AS level, round(gridcell_area(c)::numeric, 6) AS area,
       abs(gridcell_area(c) / ST_Area(gridcell_geometry(c)::geography) - 1) < CASE WHEN l < 3 THEN 1e-2 WHEN l < 9 THEN 1e-6 ELSE 1e-2 END AS postgis
  FROM generate_series(1, 10) l, gridcell(121.5, 29.8, l) c;
SELECT max(abs(s / gridcell_area(c) - 1)) < 1e-9 AS children_sum_up
  FROM (SELECT c, (SELECT sum(gridcell_area(k)) FROM gridcell_children(c) k) AS s FROM cell WHERE level < 10) x;
SELECT count(*) > 400 AS enough, max(abs(gridcell_distance(a, b) - ST_Distance(gridcell_centroid(a)::geography, gridcell_centroid(b)::geography))) < 0.001 AS millimetre
  FROM (SELECT c AS a, lead(c) OVER (ORDER BY c::bigint) AS b FROM cell WHERE level = 6) s
 WHERE b IS NOT NULL AND ST_Distance(gridcell_centroid(a)::geography, gridcell_centroid(b)::geography) < 15000000;
SELECT gridcell_distance('N50J', 'N50J') AS zero, round(gridcell_distance(gridcell(0.0001, 0.0001, 5), gridcell(-179.9999, -0.0001, 5)) / 1000) AS opposite_km,
       round(gridcell_distance('N50J', 'N50J475')) AS other_level;
SELECT * FROM gridcell_bounds('S30A');
SELECT st_asewkt(gridcell_boundary('S30A'));
SELECT bool_and(ST_XMin(g) = west AND ST_YMin(g) = south AND ST_XMax(g) = east AND ST_YMax(g) = north) AS bounds
  FROM cell, gridcell_geometry(c) g;
-- compact and uncompact: lossless on random sets, never more cells, nothing left to compact
SELECT gridcell_compact('{}'), gridcell_compact(ARRAY(SELECT gridcell_children('N50J47539B8'))) AS family,
       gridcell_compact(ARRAY(SELECT gridcell_children('N50J475', 6))) AS three_levels,
       gridcell_compact('{N50J47539B8,N50J47539,N50J47539,N50J47539B82}') AS repeats;
WITH base AS (SELECT r, l, array_agg(c) AS cells
                FROM generate_series(1, 60) r, LATERAL (SELECT 5 + r % 3 AS l) s,
                     LATERAL (SELECT c FROM gridcell_cover(ST_Buffer(ST_SetSRID(ST_MakePoint(121.5 + r * 0.001, 29.8), 4326),
                                                                     0.0004 + 0.0001 * (r % 7), 3), l) c
                               WHERE (c::bigint / 7 + r) % (2 + r % 5) > 0 OR r % 4 = 0) c
               GROUP BY r, l),
packed AS (SELECT *, gridcell_compact(cells) AS small FROM base)
SELECT count(*) AS sets, bool_and(ARRAY(SELECT c::bigint FROM unnest(cells) c ORDER BY 1) = ARRAY(SELECT u::bigint FROM gridcell_uncompact(small, l) u ORDER BY 1)) AS lossless,
       bool_and(cardinality(small) <= cardinality(cells)) AS not_more, bool_or(cardinality(small) < cardinality(cells)) AS fewer,
       bool_and(gridcell_compact(small)::text = small::text) AS stable,
       bool_and(gridcell_compact(ARRAY(SELECT c FROM unnest(cells || small) c ORDER BY md5(c::text)))::text = small::text) AS any_order
  FROM packed;
SELECT count(*) AS n, count(DISTINCT gridcell_level(c)) AS levels FROM gridcell_uncompact('{N50J47539,N50J47539B8}', 6) c;
-- covers, exactly by mode, against ST_Intersects, ST_Covers and the centres of all cells around
CREATE TEMP TABLE shape (id int, level int, geom geometry);
-- stars in all hemispheres and across the axes
INSERT INTO shape
SELECT i, l, ST_MakePolygon(ST_MakeLine(ARRAY(SELECT ST_MakePoint(x + r * w * cos(k % 16 * pi() / 8), y + r * h * sin(k % 16 * pi() / 8))
           FROM generate_series(0, 16) k, LATERAL (SELECT 1.5 + 6 * ((hashint8(i * 100 + k % 16) & 255) / 255.0) AS r) q ORDER BY k)))
  FROM generate_series(1, 36) i, LATERAL (SELECT 1 + i % 10 AS l) a,
       LATERAL (SELECT (ARRAY[121.5123, -71.0571, 18.42, -58.3712, 0.0, 6.0])[1 + i % 6] AS x, (ARRAY[29.8711, 42.36, -33.92, -34.6, 0.0, 4.0])[1 + i % 6] AS y) p,
       LATERAL (SELECT (b).east - (b).west AS w, (b).north - (b).south AS h FROM (SELECT gridcell_bounds(gridcell(x, y, l)) AS b) s) z
 WHERE l > 1;
-- shapes that lie on the lattice: one cell, a family, with a hole, along corners
INSERT INTO shape SELECT 100 + l, l, gridcell_geometry(gridcell(121.5, 29.8, l)) FROM generate_series(2, 10) l;
INSERT INTO shape SELECT 120, 6, gridcell_geometry('N51H233E7E3');
INSERT INTO shape SELECT 121, 6, ST_Union(gridcell_geometry(c)) FROM gridcell_ring(gridcell(-71, 42, 6), 2) c;
INSERT INTO shape SELECT 122, 5, ST_MakeEnvelope(-b.east + b.west, -b.north + b.south, b.east - b.west, b.north - b.south, 4326) FROM gridcell_bounds(gridcell(0.00001, 0.00001, 5)) b;
INSERT INTO shape SELECT 123, 5, ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(b.west, b.south), ST_MakePoint(b.east, b.north), ST_MakePoint(b.west, b.north + b.north - b.south), ST_MakePoint(b.west, b.south)]))
  FROM gridcell_bounds(gridcell(121.5, 29.8, 5)) b;
-- many parts, holes, lines, points, slivers
INSERT INTO shape VALUES
    (130, 6, 'POLYGON((121.5 29.8,121.51 29.8,121.51 29.81,121.5 29.81,121.5 29.8),(121.502 29.802,121.508 29.802,121.508 29.808,121.502 29.808,121.502 29.802))'),
    (131, 6, 'MULTIPOLYGON(((121.5 29.8,121.503 29.8,121.503 29.803,121.5 29.8)),((121.504 29.801,121.509 29.802,121.505 29.806,121.504 29.801)))'),
    (132, 6, 'LINESTRING(121.5 29.8,121.505 29.8021,121.503 29.81,121.5031 29.81)'),
    (133, 6, 'MULTILINESTRING((121.5 29.8,121.51 29.8),(121.5 29.8,121.5 29.81))'),
    (134, 6, 'POINT(121.5 29.8)'), (135, 6, 'MULTIPOINT(121.5 29.8,121.50123 29.80123)'),
    (136, 6, 'POLYGON((121.5 29.8,121.51 29.8000001,121.51 29.8000002,121.5 29.8))'),
    (137, 7, 'POLYGON((121.5 29.8,121.5003 29.8,121.5003 29.8003,121.5 29.8))');
UPDATE shape SET geom = ST_SetSRID(geom, 4326);
CREATE TEMP TABLE verdict AS
SELECT s.id, level, c, geom, ST_Intersects(geom, g) AS overlap,
       ST_Dimension(geom) = 2 AND ST_Covers(geom, g) AS contain, ST_Dimension(geom) = 2 AND ST_Covers(geom, gridcell_centroid(c)) AS centre
  FROM shape s, gridcell_bounds(gridcell(ST_XMin(geom), ST_YMin(geom), level)) b,
       LATERAL (SELECT DISTINCT gridcell((b.west + b.east) / 2 + x * (b.east - b.west), (b.south + b.north) / 2 + y * (b.north - b.south), level) AS c
                  FROM generate_series(-2, 2 + ceil((ST_XMax(geom) - ST_XMin(geom)) / (b.east - b.west))::int) x,
                       generate_series(-2, 2 + ceil((ST_YMax(geom) - ST_YMin(geom)) / (b.north - b.south))::int) y) k,
       gridcell_geometry(c) g;
CREATE TEMP TABLE ours AS
SELECT id, mode, c FROM shape, unnest('{overlap,contain,centre}'::text[]) mode, gridcell_cover(geom, level, mode) c;
CREATE TEMP TABLE theirs AS
SELECT id, 'overlap' AS mode, c FROM verdict WHERE overlap
UNION ALL SELECT id, 'contain', c FROM verdict WHERE contain
UNION ALL SELECT id, 'centre', c FROM verdict WHERE centre;
SELECT mode, count(*) > 500 AS enough, count(*) - count(DISTINCT (id, c::bigint)) AS repeats FROM ours GROUP BY mode ORDER BY mode;
SELECT 'missing' AS what, id, mode, c::text FROM (SELECT id, mode, c::bigint FROM theirs EXCEPT SELECT id, mode, c::bigint FROM ours) m
UNION ALL SELECT 'wrong', id, mode, c::text FROM (SELECT id, mode, c::bigint FROM ours EXCEPT SELECT id, mode, c::bigint FROM theirs) w
 ORDER BY 1, 2, 3, 4 LIMIT 20;
-- the estimate is of the right size
SELECT mode, bool_and(e >= n * 0.5 - 1) AS not_far_below, bool_and(e <= n * 4 + 40) AS not_far_above
  FROM (SELECT s.id, mode, gridcell_cover_estimate(geom, level, mode) AS e, (SELECT count(*) FROM ours o WHERE o.id = s.id AND o.mode = m.mode) AS n
          FROM shape s, (VALUES ('overlap'), ('centre')) m(mode) WHERE ST_Area(geom) > 0) x GROUP BY mode ORDER BY mode;
-- mixed covers: enough, few, without overlap, the border finer than the inside
SELECT n, bool_and(cells <= n) AS few, bool_and(ST_Covers(ST_Buffer(u, 1e-12), geom)) AS covers, bool_and(apart) AS apart, max(levels) > 1 AS mixed
  FROM (SELECT n, geom, count(*) AS cells, ST_Union(gridcell_geometry(c)) AS u, count(DISTINCT gridcell_level(c)) AS levels,
               cardinality(gridcell_compact(array_agg(c))) <= count(*) AND sum(gridcell_area(c)) <= 1.000001 * (SELECT sum(gridcell_area(k)) FROM unnest(gridcell_compact(array_agg(c))) k) AS apart
          FROM shape, unnest('{8,20,200}'::int[]) n, gridcell_cover_mixed(geom, n) c WHERE ST_Dimension(geom) = 2 GROUP BY n, id, geom) s
 GROUP BY n ORDER BY n;
SELECT gridcell_cover_mixed(ST_Buffer('SRID=4326;POINT(121.5003 29.8003)'::geometry, 0.002), 12) AS circle;
SELECT count(*) AS none FROM gridcell_cover_mixed('SRID=4326;POLYGON EMPTY'::geometry, 5);
SELECT count(*) AS none FROM gridcell_cover('SRID=4326;GEOMETRYCOLLECTION EMPTY'::geometry, 5);
SELECT count(*) AS with_empty_part, (SELECT count(*) FROM ours WHERE id = 131 AND mode = 'overlap') AS without
  FROM shape, gridcell_cover(ST_GeomFromText(replace(ST_AsText(geom), ')))', ')),EMPTY)'), 4326), level) WHERE id = 131;
SELECT count(*) AS overlapping_parts_do_not_cancel
  FROM gridcell_cover('SRID=4326;GEOMETRYCOLLECTION(POLYGON((0 0,0.01 0,0.01 0.01,0 0.01,0 0)),POLYGON((0 0,0.01 0,0.01 0.01,0 0.01,0 0)))'::geometry, 6, 'contain');
SELECT count(*) AS cap FROM gridcell_cover(ST_MakeEnvelope(10, 86, 20, 90, 4326), 1);
SELECT ST_AsText(ST_Extent(gridcell_geometry(c))::geometry) AS world, count(*) FROM gridcell_cover(ST_MakeEnvelope(-180, -90, 180, 90, 4326), 1) c;
SELECT gridcell_cover(ST_SetSRID('POINT(121.5 29.8)'::geometry, 4490), 3);
-- a LIMIT ends the work; the limit is checked before it begins
SELECT count(*) AS five FROM (SELECT gridcell_children('N50J475', 6) LIMIT 5) s;
SET community.max_cover_cells = 100;
SELECT gridcell_cover(ST_MakeEnvelope(121, 29, 122, 30, 4326), 6);
SELECT gridcell_cover(ST_MakeEnvelope(121, 29, 122, 30, 4326), 6, 'centre');
SELECT count(*) AS allowed FROM gridcell_cover(ST_MakeEnvelope(121, 29, 122, 30, 4326), 3);
SELECT gridcell_children('N50J', 4);
SELECT gridcell_disk('N50J475', 10);
SELECT gridcell_disk_array('N50J475', 10);
SELECT gridcell_ring('N50J475', 1000);
SELECT count(*) AS ring FROM gridcell_ring('N50J475', 10);
SELECT gridcell_line(gridcell(121, 29, 6), gridcell(122, 29, 6));
SELECT gridcell_uncompact('{N50J}', 4);
SELECT gridcell_cover_mixed(gridcell_geometry('N50J'), 101);
RESET community.max_cover_cells;
-- a sliver that holds no cell must not cost millions of tests
SELECT gridcell_cover('SRID=4326;POLYGON((0 0.0000001,90 0.0000001,90 0.000000100001,0 0.0000001))'::geometry, 10, 'contain');
-- what else is refused
SELECT gridcell_children('N50J475', 2);
SELECT gridcell_children('N50J475', 0);
SELECT gridcell_children('N50J475', 11);
SELECT gridcell_disk('N50J475', -1);
SELECT gridcell_ring('N50J475', -1);
SELECT gridcell_disk_array('N50J475', -1);
SELECT gridcell_steps('N50J475', 'N50J');
SELECT gridcell_line('N50J475', 'N50J');
SELECT gridcell_uncompact('{N50J475,N50J}', 2);
SELECT gridcell_uncompact('{N50J}', 11);
SELECT gridcell_compact('{N50J,NULL}');
SELECT gridcell_uncompact('{N50J,NULL}', 3);
SELECT gridcell_cover('SRID=4326;POINT(121.5 29.8)'::geometry, 11);
SELECT gridcell_cover('SRID=4326;POINT(121.5 29.8)'::geometry, 5, 'touch');
SELECT gridcell_cover('SRID=3857;POINT(121.5 29.8)'::geometry, 5);
SELECT gridcell_cover('POINT(121.5 29.8)'::geometry, 5);
SELECT gridcell_cover('SRID=4326;POINT(181 29.8)'::geometry, 5);
SELECT gridcell_cover('SRID=4326;CIRCULARSTRING(0 0,1 1,2 0)'::geometry, 2);
SELECT gridcell_cover('SRID=4326;CURVEPOLYGON((0 0,1 1,2 0,0 0))'::geometry, 2);
SELECT gridcell_cover_mixed(gridcell_geometry('N50J'), 0);
SELECT gridcell_cover_mixed(ST_MakeEnvelope(-180, -80, 180, 80, 4326), 10);
