-- P1 to P6: the types gridcell and gridcode beside their peers.
-- Costs are marginal: the query less the bare scan of its columns.
\set ON_ERROR_STOP on
\set rows 1000000
SET search_path = bench, community, public;
CREATE EXTENSION IF NOT EXISTS ltree;

-- 33 by 33 cells of level 4, about 1,000 points in each
CREATE TABLE point AS
SELECT lon, lat, st_setsrid(st_makepoint(lon, lat), 4326) AS geom
  FROM (SELECT 121.25 + random() * 0.55 AS lon, 29.5 + random() * 0.55 AS lat FROM generate_series(1, :rows)) s;
CREATE TABLE cell AS SELECT gridcell(lon, lat, 8) AS cell, gridcell(lon, lat, 8)::bigint AS k, geom FROM point
 ORDER BY gridcell(lon, lat, 4), random();
CREATE TABLE pair AS SELECT gridcell_parent(cell, 4 + (random() * 3)::int) AS a, cell AS b, gridcell_parent(cell, 5) AS c, k AS m, k + (random() * 2)::int - 1 AS n FROM cell;
VACUUM ANALYZE point;
VACUUM ANALYZE cell;
VACUUM ANALYZE pair;

-- P1: a cell from two numbers
SELECT bench.race(ARRAY['SELECT count(lat) FROM point', 'SELECT count(bench.nothing(lon, lat, 8)) FROM point',
    'SELECT count(gridcell(lon, lat, 5)) FROM point', 'SELECT count(gridcell(lon, lat, 8)) FROM point',
    'SELECT count(gridcell(lon, lat, 10)) FROM point'], 7, :rows) AS t \gset
SELECT bench.note('P1.lonlat_5', t[3] - t[1], t[2] - t[1], 2, 'ns', 'peer: a C function of three arguments that does nothing'),
       bench.note('P1.lonlat_8', t[4] - t[1], t[2] - t[1], 2, 'ns', 'the same, level 8'),
       bench.note('P1.lonlat_10', t[5] - t[1], t[2] - t[1], 2, 'ns', 'the same, level 10'),
       bench.note('P1.lonlat_8_h3', t[4] - t[1], 302, 1 / 12.0, 'ns', 'peer: h3-pg as measured once, not in Debian'),
       bench.note('P1.stretch_scan', t[4], t[1], 1.3, 'ns', 'stretch goal; peer: the bare scan of both columns')
  FROM (SELECT :'t'::float8[] AS t) s;

-- P1 beside the cell system of astronomy that Debian packages and 15 loads.
CREATE EXTENSION q3c;
SELECT bench.race(ARRAY['SELECT count(lat) FROM point', 'SELECT count(gridcell(lon, lat, 8)) FROM point',
    'SELECT count(q3c_ang2ipix(lon, lat)) FROM point'], 5, :rows) AS t \gset
SELECT bench.note('P1.lonlat_8_q3c', t[2] - t[1], t[3] - t[1], 1, 'ns', 'peer: q3c_ang2ipix')
  FROM (SELECT :'t'::float8[] AS t) s;

-- P2: a cell from a point geometry
SELECT bench.race(ARRAY['SELECT count(geom) FROM point', 'SELECT count(gridcell(geom, 8)) FROM point',
    'SELECT count(st_geohash(geom, 8)) FROM point', 'SELECT count(st_x(geom)) FROM point'], 5, :rows) AS t \gset
SELECT bench.note('P2.point_geohash', t[2] - t[1], t[3] - t[1], 0.1, 'ns', 'peer: ST_GeoHash'),
       bench.note('P2.point_st_x', t[2] - t[1], t[4] - t[1], 1, 'ns', 'peer: ST_X, which only reads the point'),
       bench.note('P2.stretch_scan', t[2], t[1], 1.2, 'ns', 'stretch goal; peer: the bare scan of the geometry')
  FROM (SELECT :'t'::float8[] AS t) s;

-- P3: the floor is the call of a built-in function on one or two int8.
-- Each query is compared with the scan that reads the same columns.
SELECT bench.race(ARRAY['SELECT count(a) FROM pair', 'SELECT count(b) FROM pair', 'SELECT count(c) FROM pair', 'SELECT count(m) FROM pair', 'SELECT count(n) FROM pair',
    'SELECT count(int8up(m)) FROM pair', 'SELECT count(gridcell_level(b)) FROM pair', 'SELECT count(gridcell_level(a)) FROM pair',
    'SELECT count(gridcell_parent(b)) FROM pair', 'SELECT count(gridcell_parent(b, 5)) FROM pair',
    'SELECT count(m < n) FROM pair', 'SELECT count(b < c) FROM pair', 'SELECT count(c @> b) FROM pair', 'SELECT count(a @> b) FROM pair'], 9, :rows) AS t \gset
SELECT bench.note('P3.level', t[7] - t[2], t[6] - t[4], 1.1, 'ns', 'peer: unary plus of int8'),
       bench.note('P3.level_mixed', t[8] - t[1], t[6] - t[4], 1.1, 'ns', 'levels 4 to 7 mixed, so that branches cannot be foreseen'),
       bench.note('P3.parent', t[9] - t[2], t[6] - t[4], 1.1, 'ns', 'peer: unary plus of int8'),
       bench.note('P3.parent_at', t[10] - t[2], t[6] - t[4], 1.1, 'ns', 'ancestor at level 5; peer: unary plus of int8'),
       bench.note('P3.compare', t[12] - t[3], t[11] - t[5], 1.1, 'ns', 'peer: int8 < int8'),
       bench.note('P3.contains', t[13] - t[3], t[11] - t[5], 1.1, 'ns', 'peer: int8 < int8'),
       bench.note('P3.contains_mixed', t[14] - t[2], t[11] - t[5], 1.1, 'ns', 'containers of levels 4 to 7 mixed')
  FROM (SELECT :'t'::float8[] AS t) s;

-- P4: the rectangle of a cell
SELECT bench.race(ARRAY['SELECT count(cell) FROM cell', 'SELECT count(gridcell_geometry(cell)) FROM cell', 'SELECT count(gridcell_centroid(cell)) FROM cell',
    'SELECT count(lat) FROM point', 'SELECT count(st_makeenvelope(lon, lat, 122, 30.25, 4326)) FROM point', 'SELECT count(st_makepoint(lon, lat)) FROM point'], 5, :rows) AS t \gset
SELECT bench.note('P4.rectangle', t[2] - t[1], t[5] - t[4], 1.3, 'ns', 'peer: ST_MakeEnvelope'),
       bench.note('P4.centre', t[3] - t[1], t[6] - t[4], 1.3, 'ns', 'peer: ST_MakePoint'),
       bench.note('P4.stretch_100', t[2] - t[1], 100, 1, 'ns', 'stretch goal: 100 ns')
  FROM (SELECT :'t'::float8[] AS t) s;
DROP TABLE pair;

-- P5, P6: one table per kind of key, the same rows in the same order: as the
-- events of a city lie, by neighbourhood but not sorted within it
CREATE TABLE by_cell AS SELECT cell, 1 AS v FROM cell;
CREATE TABLE by_int8 AS SELECT k, 1 AS v FROM cell;
CREATE TABLE by_text AS SELECT cell::text COLLATE "C" AS code, 1 AS v FROM cell;
CREATE TABLE by_path AS SELECT concat_ws('.', left(t, 4), substr(t, 5, 2), substr(t, 7, 1), substr(t, 8, 2), substr(t, 10, 2), substr(t, 12, 1), substr(t, 13, 2), substr(t, 15, 2))::ltree AS path, 1 AS v
  FROM (SELECT cell::text AS t FROM cell) s;
CREATE TABLE by_geom AS SELECT geom, 1 AS v FROM cell;
DROP TABLE cell;
SELECT bench.race(ARRAY['CREATE INDEX i_cell ON by_cell (cell); DROP INDEX i_cell', 'CREATE INDEX i_int8 ON by_int8 (k); DROP INDEX i_int8'], 7, 1e6) AS t \gset
SELECT bench.race(ARRAY['CREATE INDEX i_text ON by_text (code)', 'CREATE INDEX i_path ON by_path USING gist (path)', 'CREATE INDEX i_geom ON by_geom USING gist (geom)'], 1, 1e6) AS u \gset
CREATE INDEX i_cell ON by_cell (cell);
CREATE INDEX i_int8 ON by_int8 (k);
SELECT bench.note('P6.build_int8', t[1], t[2], 1.05, 'ms', 'peer: btree on int8'),
       bench.note('P6.build_text', t[1], u[1], 1, 'ms', 'peer: btree on the code as text'),
       bench.note('P6.build_ltree', t[1], u[2], 0.1, 'ms', 'peer: GiST on ltree'),
       bench.note('P6.build_geometry', t[1], u[3], 1, 'ms', 'peer: GiST on points'),
       bench.note('P6.size_int8', pg_relation_size('i_cell') / 1e6, pg_relation_size('i_int8') / 1e6, 1, 'MB', 'peer: btree on int8'),
       bench.note('P6.size_row', pg_relation_size('i_cell') / :rows.0, 23, 1, 'B', 'stretch goal: 23 bytes a row'),
       bench.note('P6.size_ltree', pg_relation_size('i_cell') / 1e6, pg_relation_size('i_path') / 1e6, 0.2, 'MB', 'peer: GiST on ltree')
  FROM (SELECT :'t'::float8[] AS t, :'u'::float8[] AS u) s;
VACUUM ANALYZE by_cell;
VACUUM ANALYZE by_int8;
VACUUM ANALYZE by_text;
VACUUM ANALYZE by_path;
VACUUM ANALYZE by_geom;

-- 200 look-ups of one level-4 cell each
CREATE TABLE lookup AS
SELECT c AS cell, c::bigint AS low, gridcell_last(c)::bigint AS high, c::text COLLATE "C" AS code, c::text || 'G' COLLATE "C" AS behind,
       concat_ws('.', left(c::text, 4), substr(c::text, 5, 2), substr(c::text, 7, 1), substr(c::text, 8, 2))::ltree AS path, gridcell_geometry(c) AS geom
  FROM (SELECT DISTINCT gridcell_parent(cell, 4) AS c FROM by_cell) s ORDER BY gridcell_hash(c) LIMIT 200;
ANALYZE lookup;
-- each look-up as a statement of its own: planned, with the value as a constant
CREATE FUNCTION bench.each(p_query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_row bench.lookup;
    v_sum bigint := 0;
    v_one bigint;
BEGIN
    FOR v_row IN SELECT * FROM bench.lookup LOOP
        EXECUTE format(p_query, v_row.cell, v_row.low, v_row.high, v_row.code, v_row.behind, v_row.path, v_row.geom) INTO v_one;
        v_sum := v_sum + v_one;
    END LOOP;
    RETURN v_sum;
END $$;
SELECT bench.race(ARRAY[
    $$SELECT bench.each('SELECT sum(v) FROM by_cell WHERE cell <@ %1$L')$$,
    $$SELECT bench.each('SELECT sum(v) FROM by_int8 WHERE k BETWEEN %2$s AND %3$s')$$,
    $$SELECT bench.each('SELECT sum(v) FROM by_text WHERE code >= %4$L AND code < %5$L')$$,
    $$SELECT bench.each('SELECT sum(v) FROM by_path WHERE path <@ %6$L')$$,
    $$SELECT bench.each('SELECT sum(v) FROM by_geom WHERE geom && %7$L::geometry')$$,
    $$SELECT sum(v) FROM lookup q JOIN by_cell t ON t.cell <@ q.cell$$,
    $$SELECT sum(v) FROM lookup q JOIN by_int8 t ON t.k BETWEEN q.low AND q.high$$,
    $$SELECT count(*) FROM lookup q JOIN by_cell t ON t.cell <@ q.cell$$,
    $$SELECT count(*) FROM lookup q JOIN by_int8 t ON t.k BETWEEN q.low AND q.high$$], 7, 200 * 1e3) AS t \gset
SELECT bench.note('P5.constant_int8', t[1], t[2], 1.05, 'us', 'cell <@ constant; peer: k BETWEEN constants'),
       bench.note('P5.constant_text', t[1], t[3], 1, 'us', 'peer: range of the code as text'),
       bench.note('P5.constant_ltree', t[1], t[4], 1, 'us', 'peer: path <@ constant, GiST'),
       bench.note('P5.constant_geometry', t[1], t[5], 1, 'us', 'peer: geom && rectangle, GiST'),
       bench.note('P5.join_int8', t[6], t[7], 1.05, 'us', 't.cell <@ q.cell; peer: t.k BETWEEN q.low AND q.high'),
       bench.note('P5.join_index_only', t[8], t[9], 1.05, 'us', 'the same without the table')
  FROM (SELECT :'t'::float8[] AS t) s;
