-- gridmap: irregular management grids as one value.
SET search_path = community, public;
SET extra_float_digits = 0;
CREATE TEMP TABLE area (code gridcode, geom geometry);
INSERT INTO area VALUES
    ('330203001001001', 'SRID=4326;POLYGON((121.50 29.80,121.51 29.80,121.51 29.81,121.50 29.81,121.50 29.80))'),
    ('330203001001002', 'SRID=4326;POLYGON((121.51 29.80,121.52 29.80,121.52 29.81,121.51 29.81,121.51 29.80))'),
    ('330203001001003', 'SRID=4490;MULTIPOLYGON(((121.50 29.81,121.51 29.81,121.51 29.82,121.50 29.82,121.50 29.81),
        (121.502 29.812,121.504 29.812,121.504 29.814,121.502 29.814,121.502 29.812)),
        ((121.53 29.81,121.54 29.81,121.54 29.82,121.53 29.81)))'),
    -- fills the hole of 003, and overlaps 002 by a sliver
    ('330203001001004', 'SRID=4326;POLYGON((121.502 29.812,121.504 29.812,121.504 29.814,121.502 29.814,121.502 29.812))'),
    ('330203001001005', 'SRID=4326;POLYGON((121.519 29.80,121.53 29.80,121.53 29.81,121.519 29.81,121.519 29.80),
        (121.524 29.804,121.526 29.804,121.526 29.806,121.524 29.804))');
CREATE TEMP TABLE map AS SELECT gridmap(code, geom ORDER BY code) AS m FROM area;
SELECT gridmap_codes(m) FROM map;
SELECT areas, rings, vertices, border_cells > 0 AS border, bytes > 1000 AS bytes FROM map, gridmap_stats(m);
-- inside, borders and corners (the lowest code), holes, overlaps, outside
SELECT what, gridmap_lookup(m, lon, lat) AS code, gridmap_lookup(m, st_setsrid(st_makepoint(lon, lat), 4326)) AS by_point,
       ARRAY(SELECT gridmap_lookup_all(m, lon, lat)) AS all_codes,
       ARRAY(SELECT gridmap_lookup_all(m, st_setsrid(st_makepoint(lon, lat), 4490))) AS all_by_point
  FROM map, (VALUES ('inside', 121.505, 29.805), ('shared edge', 121.51, 29.805), ('corner', 121.51, 29.81),
                    ('outer edge', 121.50, 29.805), ('hole', 121.503, 29.813), ('edge of hole', 121.502, 29.813),
                    ('overlap', 121.5195, 29.805), ('second part', 121.5375, 29.814), ('gap', 121.5255, 29.805),
                    ('outside', 120, 29.8), ('far', -71, 42), ('not a number', 'NaN', 29.8),
                    ('infinite', 121.5, 'Infinity')) p(what, lon, lat);
SELECT gridmap_lookup(m, 'SRID=4326;POINT EMPTY'::geometry) IS NULL AS empty_point,
       gridmap_lookup(m, 'SRID=4326;POINT Z (121.505 29.805 12)'::geometry) AS with_height,
       gridmap_lookup(NULL::gridmap, 121, 29) IS NULL AS null_map,
       gridmap_lookup(m, NULL::geometry) IS NULL AS null_point,
       (SELECT count(*) FROM gridmap_lookup_all(m, 'SRID=4326;POINT EMPTY'::geometry)) AS none
  FROM map;
-- what is wrong with the map
SELECT problem, code, other, round(area) AS area, st_astext(geom, 4) FROM map, gridmap_report(m) ORDER BY 1, 2;
-- areas come out as they went in
SELECT bool_and(st_equals(g, st_setsrid(geom, 4326))) AS equal, bool_and(st_isvalid(g)) AS valid,
       bool_and(box2d(g)::text = box2d(st_geomfromewkb(st_asewkb(g)))::text) AS box
  FROM map, area, gridmap_geometry(m, code) g;
SELECT st_asewkt(gridmap_geometry(m, '330203001001003')), gridmap_geometry(m, '330203001001009') IS NULL AS unknown FROM map;
-- the same areas make the same value in any order, and the text form brings it back
SELECT gridmap_send(m) = (SELECT gridmap_send(gridmap(code, geom ORDER BY code DESC)) FROM area) AS any_order,
       m::text::gridmap::text = m::text AS text,
       gridmap_lookup(m::text::gridmap, 121.505, 29.805) AS code
  FROM map;
COPY map TO PROGRAM 'cat >gridmap.tmp' (FORMAT binary);
CREATE TEMP TABLE back (m gridmap);
COPY back FROM PROGRAM 'cat gridmap.tmp; rm gridmap.tmp' (FORMAT binary);
SELECT gridmap_send(a.m) = gridmap_send(b.m) AS binary FROM map a, back b;
-- several rows of one code are one grid; an empty polygon covers nothing
SELECT gridmap_lookup(m, 121.505, 29.805) AS first, gridmap_lookup(m, 121.521, 29.805) AS second,
       ARRAY(SELECT gridmap_codes(m)) AS codes, ARRAY(SELECT gridmap_lookup_all(m, 121.5195, 29.805)) AS once,
       st_numgeometries(gridmap_geometry(m, '330203001001001')) AS parts,
       (SELECT string_agg(problem || ' ' || code::text, ',') FROM gridmap_report(m)) AS report
  FROM (SELECT gridmap(code, geom) AS m
          FROM (SELECT '330203001001001'::gridcode AS code, geom FROM area WHERE code::bigint <> 330203001001003
                UNION ALL VALUES ('330203001001009'::gridcode, 'SRID=4326;POLYGON EMPTY'::geometry)) s) t;
-- NULL rows are passed over; no row at all gives NULL
SELECT ARRAY(SELECT gridmap_codes(gridmap(code, geom))) AS codes
  FROM (SELECT NULL::gridcode AS code, geom FROM area UNION ALL SELECT code, NULL FROM area
        UNION ALL SELECT code, geom FROM area WHERE code::bigint = 330203001001001) s;
SELECT gridmap(code, geom) IS NULL AS no_rows, gridmap(code, geom, true) IS NULL AS no_rows_either FROM area WHERE false;
SELECT gridmap(NULL, geom) IS NULL AS only_nulls FROM area;
-- nothing but an empty area
SELECT gridmap_lookup(gridmap('330203001001001', 'SRID=4326;POLYGON EMPTY'::geometry), 0, 0) IS NULL AS nowhere;
-- several maps in one query, more than the cache holds; a call site that changes its map
CREATE TEMP TABLE maps AS
SELECT i, gridmap(('330203001001' || lpad(i::text, 3, '0'))::gridcode,
                  st_setsrid(st_makeenvelope(121.5, 29.8, 121.5 + i * 0.01, 29.9), 4326)) AS m
  FROM generate_series(1, 50) i GROUP BY i;
SELECT count(*) AS wrong FROM maps, generate_series(1, 3) n
 WHERE gridmap_lookup(m, 121.505, 29.85)::bigint <> 330203001001000 + i;
SET community.gridmap_cache = 0;
SELECT count(*) AS wrong FROM generate_series(1, 3) n, maps
 WHERE gridmap_lookup(m, 121.505, 29.85)::bigint <> 330203001001000 + i;
RESET community.gridmap_cache;
-- parallel plans may use it
SELECT proparallel, provolatile, count(*) FROM pg_proc
 WHERE pronamespace = 'community'::regnamespace AND proname ~ '^_?gridmap' GROUP BY 1, 2;
-- what is refused
SELECT gridmap('330203001001001', 'SRID=4326;POLYGON((0 0,1 1,1 0,0 1,0 0))'::geometry);
SELECT st_astext(gridmap_geometry(gridmap('330203001001001', 'SRID=4326;POLYGON((0 0,1 1,1 0,0 1,0 0))'::geometry, true), '330203001001001'));
SELECT gridmap('330203001001001', 'SRID=4326;POLYGON((0 0,1 1,1 0,0 1,0 0))'::geometry, false);
SELECT gridmap('330203001001001', 'SRID=4326;LINESTRING(0 0,1 1)'::geometry);
SELECT gridmap('330203001001001', 'SRID=3857;POLYGON((0 0,1 1,1 0,0 0))'::geometry);
SELECT gridmap('330203001001001', 'POLYGON((0 0,1 1,1 0,0 0))'::geometry);
SELECT gridmap('330203001001001', 'SRID=4326;POLYGON((0 0,181 1,1 0,0 0))'::geometry);
SELECT gridmap_lookup(m, 'SRID=4326;LINESTRING(0 0,1 1)'::geometry) FROM map;
SELECT gridmap_lookup(m, 'SRID=3857;POINT(0 0)'::geometry) FROM map;
SELECT ''::gridmap;
SELECT '0'::gridmap;
SELECT '0g'::gridmap;
SELECT '0000000200000000'::gridmap;
SELECT '0000000100000001'::gridmap;
SELECT '0000000100000000ff'::gridmap;
SELECT gridmap_codes('0000000100000000'::gridmap);
-- a code that is none, a ring without shell, a short ring, an open ring, a wild coordinate
SELECT ('0000000100000001' || '0000000000000001' || '00000000')::gridmap;
SELECT ('0000000100000001' || '00012c53d8ff8c69' || '00000001' || '00000000' || '00000004')::gridmap;
SELECT ('0000000100000001' || '00012c53d8ff8c69' || '00000001' || '00000001' || '00000003' || repeat('0', 96))::gridmap;
SELECT ('0000000100000001' || '00012c53d8ff8c69' || '00000001' || '00000001' || '00000004' || repeat('0', 112) || '3ff0000000000000')::gridmap;
SELECT ('0000000100000001' || '00012c53d8ff8c69' || '00000001' || '00000001' || '00000004' || repeat('7ff8000000000000', 8))::gridmap;
SELECT ('0000000100000001' || '00012c53d8ff8c69' || '00000001' || '00000001' || 'ffffffff')::gridmap;
