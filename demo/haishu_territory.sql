-- Synthetic territories for the 280 communities of Haishu.
--
-- No polygons of the communities are published, so the demo makes its own, the
-- same ones every time: Voronoi cells of the seventeen anchors (approximate
-- centres of the streets and towns) inside a hand-drawn outline of the
-- district, and inside each street Voronoi cells of seeded points, evened out
-- by three Lloyd rounds.  Each community is cut into unit grids by columns and
-- rows, numbered from west to east, then from north to south (GB/T 30428).
-- One noding of all lines on a raster of 1e-7 degree (about a centimetre) makes
-- neighbours share their vertices: no gaps, no overlaps.
--
-- In:  demo.place (kind, code, lon, lat, ord), demo.division (code, level, parent).
-- Out: demo.territory (code of the unit grid, name, geom).

-- A number in [0,1) that depends on nothing but the text.
CREATE FUNCTION demo.seeded(p_seed text) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ('x' || substr(md5(p_seed), 1, 12))::bit(48)::bigint / 281474976710656.0::float8;

CREATE TEMP TABLE outline AS
SELECT ST_MakePolygon(ST_AddPoint(line, ST_StartPoint(line))) AS geom
  FROM (SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint(lon, lat) ORDER BY ord), 4326) AS line
          FROM demo.place WHERE kind = 'outline') AS o;

-- cells(seeds, area): the Voronoi cell of each seed, clipped to the area.
CREATE FUNCTION pg_temp.cells(p_seeds geometry[], p_area geometry)
    RETURNS TABLE (seed int, cell geometry)
    LANGUAGE sql AS
$$
    SELECT (SELECT i::int FROM unnest(p_seeds) WITH ORDINALITY AS s (pt, i)
             ORDER BY ST_Distance(s.pt, d.geom), i LIMIT 1),
           ST_Intersection(d.geom, p_area)
      FROM ST_Dump(ST_VoronoiPolygons(ST_Collect(p_seeds), 0, ST_Expand(p_area, 0.2))) AS d
$$;

CREATE TEMP TABLE street AS
SELECT a.code, c.cell AS geom
  FROM outline AS o,
       (SELECT array_agg(code ORDER BY code) AS codes,
               array_agg(ST_SetSRID(ST_MakePoint(lon, lat), 4326) ORDER BY code) AS seeds
          FROM demo.place WHERE kind = 'anchor') AS s,
       pg_temp.cells(s.seeds, o.geom) AS c,
       LATERAL (SELECT s.codes[c.seed] AS code) AS a;

CREATE TEMP TABLE community_cell (code text, seed geometry, geom geometry);

DO $$
DECLARE
    s       record;
    codes   text[];
    seeds   geometry[];
    cells   geometry[];
BEGIN
    FOR s IN SELECT code, geom FROM street ORDER BY code LOOP
        SELECT array_agg(d.code ORDER BY d.code) INTO codes
          FROM demo.division AS d WHERE d.parent = s.code;
        -- the first tries of each community that fall into the street
        SELECT array_agg(t.pt ORDER BY t.code) INTO seeds
          FROM (SELECT DISTINCT ON (c.code) c.code, p.pt
                  FROM unnest(codes) AS c (code), generate_series(1, 60) AS i,
                       LATERAL (SELECT ST_SetSRID(ST_MakePoint(
                                    ST_XMin(s.geom) + (ST_XMax(s.geom) - ST_XMin(s.geom)) * demo.seeded('lon ' || c.code || i),
                                    ST_YMin(s.geom) + (ST_YMax(s.geom) - ST_YMin(s.geom)) * demo.seeded('lat ' || c.code || i)), 4326)) AS p (pt)
                 WHERE ST_Contains(s.geom, p.pt)
                 ORDER BY c.code, i) AS t;
        FOR round IN 0 .. 3 LOOP
            SELECT array_agg(c.cell ORDER BY c.seed) INTO cells FROM pg_temp.cells(seeds, s.geom) AS c;
            EXIT WHEN round = 3;
            SELECT array_agg(ST_Centroid(c) ORDER BY i) INTO seeds FROM unnest(cells) WITH ORDINALITY AS u (c, i);
        END LOOP;
        INSERT INTO community_cell
        SELECT codes[i], seeds[i], cells[i] FROM generate_subscripts(codes, 1) AS i;
    END LOOP;
END
$$;

-- Three to six unit grids to a community: columns times rows.
CREATE TEMP TABLE cut AS
SELECT code, geom,
       (ARRAY[3, 2, 2, 3])[k] AS cols, (ARRAY[1, 2, 2, 2])[k] AS rows,
       ST_XMin(geom) AS x0, ST_XMax(geom) AS x1, ST_YMin(geom) AS y0, ST_YMax(geom) AS y1
  FROM (SELECT code, geom, 1 + floor(4 * demo.seeded('cut ' || code))::int AS k
          FROM community_cell) AS c;

CREATE TEMP TABLE face AS
WITH line AS (
    SELECT ST_Boundary(geom) AS geom FROM cut
    UNION ALL
    SELECT ST_Intersection(geom, ST_SetSRID(ST_MakeLine(
               ST_MakePoint(x0 + (x1 - x0) * i / cols, y0), ST_MakePoint(x0 + (x1 - x0) * i / cols, y1)), 4326))
      FROM cut, generate_series(1, cols - 1) AS i
    UNION ALL
    SELECT ST_Intersection(geom, ST_SetSRID(ST_MakeLine(
               ST_MakePoint(x0, y0 + (y1 - y0) * i / rows), ST_MakePoint(x1, y0 + (y1 - y0) * i / rows)), 4326))
      FROM cut, generate_series(1, rows - 1) AS i
)
SELECT d.geom, ST_PointOnSurface(d.geom) AS pt
  FROM (SELECT ST_UnaryUnion(ST_Collect(geom), 1e-7) AS geom FROM line) AS n,
       ST_Dump(ST_Polygonize(ARRAY[n.geom])) AS d;

CREATE TABLE demo.territory AS
WITH placed AS (
    SELECT DISTINCT ON (f.pt) c.code, f.geom,
           least(floor((ST_X(f.pt) - c.x0) / (c.x1 - c.x0) * c.cols), c.cols - 1)::int AS col,
           least(floor((c.y1 - ST_Y(f.pt)) / (c.y1 - c.y0) * c.rows), c.rows - 1)::int AS line
      FROM face AS f JOIN cut AS c ON ST_Intersects(c.geom, f.pt)
     ORDER BY f.pt, c.code
), grid AS (
    SELECT code AS community, line, col, ST_Multi(ST_Union(geom)) AS geom
      FROM placed GROUP BY code, line, col
)
SELECT g.community || lpad(n.n::text, 3, '0') AS code, d.name || n.n || '号网格' AS name, g.geom
  FROM (SELECT *, row_number() OVER (PARTITION BY community ORDER BY line, col) AS n FROM grid) AS n
  JOIN grid AS g USING (community, line, col)
  JOIN demo.division AS d ON d.code = g.community;
