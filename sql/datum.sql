-- GCJ-02 and BD-09.
SET search_path = community, public;
SET extra_float_digits = 0;
-- three public implementations agree on these
SELECT round(st_x(g)::numeric, 9) AS lon, round(st_y(g)::numeric, 9) AS lat
  FROM to_gcj02(st_setsrid(st_makepoint(116.397428, 39.90923), 4326)) g;
SELECT round(st_x(g)::numeric, 9) AS lon, round(st_y(g)::numeric, 9) AS lat
  FROM to_bd09(st_setsrid(st_makepoint(116.397428, 39.90923), 4326)) g;
-- there and back: below 1e-9 degree, a tenth of a millimetre
WITH p AS (SELECT st_setsrid(st_makepoint(72.5 + i * 0.6531 % 65, 1 + i * 0.3127 % 54), 4326) AS g
             FROM generate_series(1, 20000) i)
SELECT max(st_distance(g, from_gcj02(to_gcj02(g)))) < 1e-9 AS gcj,
       max(st_distance(g, from_bd09(to_bd09(g)))) < 1e-9 AS bd,
       min(st_distance(g, to_gcj02(g))) > 0 AS shifted
  FROM p;
-- identity outside the box, both ways
SELECT bool_and(st_asbinary(g) = st_asbinary(to_gcj02(g)) AND st_asbinary(g) = st_asbinary(from_gcj02(g))
            AND st_asbinary(g) = st_asbinary(to_bd09(g)) AND st_asbinary(g) = st_asbinary(from_bd09(g))) AS identity
  FROM (SELECT st_setsrid(st_makepoint(lon, lat), 4326) AS g
          FROM (VALUES (-71.06, 42.36), (2.35, 48.85), (0, 0), (180, 0), (-180, -90), (71.9, 30), (137.9, 30),
                       (100, 0.7), (100, 55.9), ('NaN', 30), ('Infinity', 30)) v(lon, lat)) s;
-- any type; Z, M, SRID and structure stay
SELECT st_astext(to_gcj02(g), 6), st_srid(to_gcj02(g))
  FROM (VALUES ('SRID=4326;POINT EMPTY'::geometry),
               ('SRID=4490;POINT Z (121.5 29.8 7)'),
               ('SRID=4326;POINT ZM (121.5 29.8 7 8)'),
               ('SRID=4326;LINESTRING M (121.5 29.8 1, 121.6 29.9 2)'),
               ('SRID=4326;POLYGON((121 29,122 29,122 30,121 29),(121.5 29.2,121.7 29.4,121.6 29.2,121.5 29.2))'),
               ('SRID=4326;MULTIPOINT(121.5 29.8,2 3)'),
               ('SRID=4326;MULTILINESTRING((121.5 29.8,121.6 29.9),(121 29,121 30))'),
               ('SRID=4326;MULTIPOLYGON(((121 29,122 29,122 30,121 29)),EMPTY)'),
               ('SRID=4326;GEOMETRYCOLLECTION(POINT(121.5 29.8),LINESTRING EMPTY,GEOMETRYCOLLECTION(POINT(2 3)))'),
               ('SRID=4326;TRIANGLE((121 29,122 29,122 30,121 29))'),
               ('SRID=4326;TIN(((121 29,122 29,122 30,121 29)))'),
               ('SRID=4326;POLYHEDRALSURFACE(((121 29,122 29,122 30,121 29)))')) v(g);
SELECT st_astext(to_gcj02(g)) LIKE 'CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(121.004%' AS curve,
       st_astext(from_gcj02(to_gcj02(g)), 9) = st_astext(g) AS back
  FROM (VALUES ('SRID=4326;CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(121 29,121.5 29.5,122 29),(122 29,121 29)))'::geometry)) v(g);
-- the box follows the coordinates, so that index searches find the result
SELECT bool_and(to_gcj02(g) && st_expand(to_gcj02(g), 0)) AS box,
       bool_and(st_extent(to_gcj02(g))::text = st_extent(st_geomfromewkb(st_asewkb(to_gcj02(g))))::text) OVER () AS same
  FROM (VALUES ('SRID=4326;LINESTRING(121.5 29.8,121.6 29.9)'::geometry)) v(g) GROUP BY g;
SELECT st_extent(to_gcj02(g))::text = st_extent(st_geomfromewkb(st_asewkb(to_gcj02(g))))::text AS arc_box
  FROM (VALUES ('SRID=4326;CIRCULARSTRING(121 29,121.5 29.5,122 29)'::geometry)) v(g);
-- the datum by name
SELECT st_astext(from_datum(g, 'wgs84')) = st_astext(g) AS wgs84,
       st_astext(from_datum(g, 'cgcs2000')) = st_astext(g) AS cgcs2000,
       st_astext(from_datum(g, 'gcj02')) = st_astext(from_gcj02(g)) AS gcj02,
       st_astext(from_datum(g, 'bd09')) = st_astext(from_bd09(g)) AS bd09
  FROM (VALUES ('SRID=4326;POINT(121.5 29.8)'::geometry)) v(g);
SELECT to_gcj02(NULL) IS NULL AND from_datum(NULL, 'gcj02') IS NULL AS null_stays;
-- what is refused
SELECT st_astext(from_datum('SRID=4326;POINT(121.5 29.8)'::geometry, 'GCJ-02'), 6);
SELECT from_datum('SRID=4326;POINT(121.5 29.8)'::geometry, 'beijing54');
SELECT to_gcj02('POINT(121.5 29.8)'::geometry);
SELECT to_bd09('SRID=3857;POINT(121.5 29.8)'::geometry);
SELECT from_datum('SRID=3857;POINT(121.5 29.8)'::geometry, 'wgs84');
