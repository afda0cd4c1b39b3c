-- Make the pictures of doc/grid.md:
--     psql -XAtq -v ON_ERROR_STOP=1 -d DATABASE -f doc/grid_pictures.sql
-- from the root of the repository, in a database with the extension.  Nothing stays in the database.
BEGIN;
SET LOCAL search_path = community, public, pg_catalog, pg_temp;
SET LOCAL extra_float_digits = 0;

-- A frame: the part of the world that a picture shows, and its place on the page.
CREATE TEMP TABLE frame (picture text, pane int, west float8, south float8, east float8, north float8, width float8, PRIMARY KEY (picture, pane));
CREATE TEMP TABLE layer (picture text, pane int, z int, svg text);

-- Scale a geometry into its frame; ST_AsSVG turns the y axis.
CREATE FUNCTION pg_temp.place(g geometry, f frame) RETURNS geometry LANGUAGE sql
    RETURN ST_Affine(g, f.width / (f.east - f.west), 0, 0, f.width / (f.east - f.west) / cos(radians((f.south + f.north) / 2)),
                     -f.west * f.width / (f.east - f.west) + 10 + (f.pane - 1) * (f.width + 20),
                     -f.north * f.width / (f.east - f.west) / cos(radians((f.south + f.north) / 2)));
CREATE FUNCTION pg_temp.draw(g geometry, f frame, style text) RETURNS text LANGUAGE sql
    RETURN format('<path d="%s" %s/>', ST_AsSVG(pg_temp.place(g, f), 1, 1), style);
CREATE FUNCTION pg_temp.label(g geometry, f frame, body text, size float8) RETURNS text LANGUAGE sql
    RETURN (SELECT format('<text x="%s" y="%s" font-size="%s" text-anchor="middle" dominant-baseline="central">%s</text>',
                          round(ST_X(p)::numeric, 1), round((-ST_Y(p))::numeric, 1), size, body) FROM pg_temp.place(g, f) p);
CREATE FUNCTION pg_temp.dot(g geometry, f frame, style text) RETURNS text LANGUAGE sql
    RETURN (SELECT format('<circle cx="%s" cy="%s" r="4" %s/>', round(ST_X(p)::numeric, 1), round((-ST_Y(p))::numeric, 1), style) FROM pg_temp.place(g, f) p);
-- The whole picture, titled panes side by side.
CREATE FUNCTION pg_temp.picture(name text) RETURNS text LANGUAGE sql
    RETURN (SELECT format(E'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -24 %s %s" font-family="sans-serif" stroke-linejoin="round">\n<rect x="0" y="-24" width="%s" height="%s" fill="white"/>\n%s\n</svg>',
                          round(width), round(height), round(width), round(height),
                          (SELECT string_agg(svg, E'\n' ORDER BY z, pane, svg) FROM layer l WHERE l.picture = name))
              FROM (SELECT sum(f.width + 20) AS width,
                           max((f.north - f.south) * f.width / (f.east - f.west) / cos(radians((f.south + f.north) / 2))) + 34 AS height
                      FROM frame f WHERE f.picture = name) s);
CREATE FUNCTION pg_temp.title(f frame, body text) RETURNS text LANGUAGE sql
    RETURN format('<text x="%s" y="-9" font-size="13" text-anchor="middle">%s</text>', round((10 + (f.pane - 1) * (f.width + 20) + f.width / 2)::numeric), body);

-- 1. Levels: a level-4 cell in level-5 cells, one of those in level 6, one of those in level 7.
INSERT INTO frame SELECT 'levels', n, (b).west, (b).south, (b).east, (b).north, 220
  FROM (VALUES (1, 'N51H23300'::gridcell), (2, 'N51H2330077'), (3, 'N51H23300772')) v(n, c), LATERAL (SELECT gridcell_bounds(c) AS b) s;
INSERT INTO layer SELECT 'levels', n, 1, pg_temp.draw(ST_Collect(gridcell_geometry(k)), f, 'fill="#eef3f8" stroke="#5b7fa3" stroke-width="0.6"')
  FROM (VALUES (1, 'N51H23300'::gridcell), (2, 'N51H2330077'), (3, 'N51H23300772')) v(n, c) JOIN frame f ON f.picture = 'levels' AND f.pane = n, gridcell_children(c) k GROUP BY n, f;
INSERT INTO layer SELECT 'levels', n, 2, pg_temp.draw(gridcell_geometry(c), f, 'fill="#f4a259" stroke="#b5651d" stroke-width="1.2"')
  FROM (VALUES (1, 'N51H2330077'::gridcell), (2, 'N51H23300772'), (3, 'N51H2330077234')) v(n, c) JOIN frame f ON f.picture = 'levels' AND f.pane = n;
INSERT INTO layer SELECT 'levels', 2, 3, pg_temp.label(gridcell_centroid(k), f, right(k::text, 1), 18) FROM frame f, gridcell_children('N51H2330077') k WHERE f.picture = 'levels' AND pane = 2;
INSERT INTO layer SELECT 'levels', n, 4, pg_temp.title(f, t) FROM frame f JOIN (VALUES (1, 'N51H23300 in 15 x 15 of level 5'), (2, 'N51H2330077 in 2 x 2 of level 6'), (3, 'N51H23300772 in 8 x 8 of level 7')) v(n, t) ON f.picture = 'levels' AND f.pane = n;

-- 2. Digits count away from the equator and the prime meridian.
INSERT INTO frame VALUES ('origin', 1, -0.55, -0.55, 0.55, 0.55, 480);
INSERT INTO layer SELECT 'origin', 1, 1, pg_temp.draw(gridcell_geometry(c), f, CASE WHEN left(c::text, 1) = 'N' THEN 'fill="#eef3f8"' ELSE 'fill="#f8f3ee"' END || ' stroke="#5b7fa3" stroke-width="0.8"')
  FROM frame f, gridcell_cover(ST_MakeEnvelope(-0.49, -0.49, 0.49, 0.49, 4326), 3) c WHERE f.picture = 'origin';
INSERT INTO layer SELECT 'origin', 1, 2, pg_temp.label(gridcell_centroid(c), f, c::text, 13)
  FROM frame f, gridcell_cover(ST_MakeEnvelope(-0.49, -0.49, 0.49, 0.49, 4326), 3) c WHERE f.picture = 'origin';
INSERT INTO layer SELECT 'origin', 1, 3, pg_temp.draw(g, f, 'fill="none" stroke="#b03a2e" stroke-width="2"')
  FROM frame f, (VALUES ('LINESTRING(-0.53 0,0.53 0)'::geometry), ('LINESTRING(0 -0.53,0 0.53)')) v(g) WHERE f.picture = 'origin';
INSERT INTO layer SELECT 'origin', 1, 4, pg_temp.title(f, 'level 3 around 0 N 0 E: digits mirror in each quadrant') FROM frame f WHERE f.picture = 'origin';

-- 3. Cover modes over one shape.
CREATE TEMP TABLE shape AS
SELECT ST_SetSRID('POLYGON((121.5034 29.8022,121.5071 29.8017,121.5092 29.8049,121.5078 29.8071,121.5083 29.8094,121.5049 29.8098,121.5021 29.8079,121.5037 29.8055,121.5034 29.8022))'::geometry, 4326) AS geom;
INSERT INTO frame SELECT 'modes', n, 121.5005, 29.8005, 121.5105, 29.8108, 230 FROM generate_series(1, 3) n;
INSERT INTO layer SELECT 'modes', pane, 1, pg_temp.draw(ST_Collect(gridcell_geometry(c)), f, 'fill="none" stroke="#c8d2dc" stroke-width="0.6"')
  FROM frame f, gridcell_cover(ST_MakeEnvelope(121.5008, 29.8008, 121.5102, 29.8105, 4326), 6) c WHERE f.picture = 'modes' GROUP BY pane, f;
INSERT INTO layer SELECT 'modes', pane, 2, pg_temp.draw(ST_Collect(gridcell_geometry(c)), f, 'fill="#f4a259" fill-opacity="0.75" stroke="#b5651d" stroke-width="0.8"')
  FROM frame f, shape, gridcell_cover(geom, 6, (ARRAY['centre', 'overlap', 'contain'])[pane]) c WHERE f.picture = 'modes' GROUP BY pane, f;
INSERT INTO layer SELECT 'modes', pane, 3, pg_temp.draw(geom, f, 'fill="none" stroke="#1f3a5f" stroke-width="1.8"') FROM frame f, shape WHERE f.picture = 'modes';
INSERT INTO layer SELECT 'modes', pane, 4, pg_temp.title(f, (ARRAY['centre', 'overlap', 'contain'])[pane] || ': ' || (SELECT count(*) FROM shape, gridcell_cover(geom, 6, (ARRAY['centre', 'overlap', 'contain'])[pane])) || ' cells')
  FROM frame f WHERE f.picture = 'modes';

-- 4. A mixed cover, with few and with more cells.
INSERT INTO frame SELECT 'mixed', n, 121.4995, 29.7995, 121.5115, 29.8115, 330 FROM generate_series(1, 2) n;
INSERT INTO layer SELECT 'mixed', pane, 1, pg_temp.draw(gridcell_geometry(c), f, format('fill="%s" stroke="#b5651d" stroke-width="0.7"', (ARRAY['#8fb8de', '#f4a259', '#f7c59f', '#fae3d0', '#fdf3ea', '#ffffff'])[gridcell_level(c) - 4]))
  FROM frame f, shape, gridcell_cover_mixed(geom, (ARRAY[70, 300])[pane]) c WHERE f.picture = 'mixed';
INSERT INTO layer SELECT 'mixed', pane, 2, pg_temp.draw(geom, f, 'fill="none" stroke="#1f3a5f" stroke-width="1.8"') FROM frame f, shape WHERE f.picture = 'mixed';
INSERT INTO layer SELECT 'mixed', pane, 3, pg_temp.title(f, 'at most ' || (ARRAY[70, 300])[pane] || ' cells') FROM frame f WHERE f.picture = 'mixed';

-- 5. One place in three datums, over level-5 cells.
INSERT INTO frame VALUES ('datums', 1, 121.545, 29.866, 121.561, 29.8785, 520);
INSERT INTO layer SELECT 'datums', 1, 1, pg_temp.draw(ST_Collect(gridcell_geometry(c)), f, 'fill="#eef3f8" stroke="#9fb4c9" stroke-width="0.6"')
  FROM frame f, gridcell_cover(ST_MakeEnvelope(west, south, east, north, 4326), 5, 'contain') c WHERE f.picture = 'datums' GROUP BY f;
INSERT INTO layer SELECT 'datums', 1, 2, pg_temp.dot(g, f, style) || pg_temp.label(ST_Translate(g, 0, 0.0006), f, name, 13)
  FROM frame f, (SELECT ST_SetSRID('POINT(121.5475 29.8715)'::geometry, 4326) AS w) s,
       LATERAL (VALUES ('WGS84', w, 'fill="#1f3a5f"'), ('GCJ-02', to_gcj02(w), 'fill="#b03a2e"'), ('BD-09', to_bd09(w), 'fill="#7d3c98"')) v(name, g, style) WHERE f.picture = 'datums';
INSERT INTO layer SELECT 'datums', 1, 3, pg_temp.title(f, format('one place, three sets of coordinates: %s m and %s m apart',
           round(ST_Distance(w::geography, to_gcj02(w)::geography)), round(ST_Distance(w::geography, to_bd09(w)::geography))))
  FROM frame f, (SELECT ST_SetSRID('POINT(121.5475 29.8715)'::geometry, 4326) AS w) s WHERE f.picture = 'datums';

-- 6. Management grids, and where a point needs an exact test.
CREATE TEMP TABLE area AS
SELECT ('33020300100100' || n)::gridcode AS code, ST_SetSRID(g, 4326) AS geom
  FROM (VALUES (1, 'POLYGON((0 0,3.1 0.2,3.4 2.1,2.2 3.3,0 2.8,0 0))'::geometry), (2, 'POLYGON((3.1 0.2,6 0,6 2.6,3.4 2.1,3.1 0.2))'),
               (3, 'POLYGON((0 2.8,2.2 3.3,2.6 5.2,0 5.5,0 2.8))'), (4, 'POLYGON((2.2 3.3,3.4 2.1,6 2.6,6 5.4,2.6 5.2,2.2 3.3))')) v(n, s),
       LATERAL (SELECT ST_Translate(ST_Scale(s, 0.002, 0.002), 121.5, 29.8) AS g) t;
INSERT INTO frame VALUES ('gridmap', 1, 121.4996, 29.7996, 121.5124, 29.8114, 420);
INSERT INTO layer SELECT 'gridmap', 1, 1, pg_temp.draw(ST_Collect(sq.geom), f, CASE WHEN border THEN 'fill="#f4a259"' ELSE 'fill="#e3edf6"' END || ' stroke="white" stroke-width="0.5"')
  FROM frame f, ST_SquareGrid(0.0004, ST_SetSRID(ST_MakeEnvelope(121.5001, 29.8001, 121.5119, 29.8109), 4326)) sq,
       LATERAL (SELECT bool_or(ST_Intersects(ST_Boundary(geom), sq.geom)) AS border FROM area) k WHERE f.picture = 'gridmap' GROUP BY f, border;
INSERT INTO layer SELECT 'gridmap', 1, 2, pg_temp.draw(geom, f, 'fill="none" stroke="#1f3a5f" stroke-width="2"') FROM frame f, area WHERE f.picture = 'gridmap';
INSERT INTO layer SELECT 'gridmap', 1, 3, pg_temp.label(ST_Centroid(geom), f, right(code::text, 3), 16) FROM frame f, area WHERE f.picture = 'gridmap';
INSERT INTO layer SELECT 'gridmap', 1, 4, pg_temp.title(f, 'blue raster cells answer at once, orange ones test the border') FROM frame f WHERE f.picture = 'gridmap';

\o doc/img/grid_levels.svg
SELECT pg_temp.picture('levels');
\o doc/img/grid_origin.svg
SELECT pg_temp.picture('origin');
\o doc/img/grid_modes.svg
SELECT pg_temp.picture('modes');
\o doc/img/grid_mixed.svg
SELECT pg_temp.picture('mixed');
\o doc/img/grid_datums.svg
SELECT pg_temp.picture('datums');
\o doc/img/grid_map.svg
SELECT pg_temp.picture('gridmap');
\o
ROLLBACK;
