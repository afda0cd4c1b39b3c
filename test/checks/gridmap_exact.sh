#!/bin/bash
# gridmap gives the answer of ST_Covers, lowest code first, on every point: a
# million random ones on each map, all vertices, all edge midpoints and their
# neighbouring doubles; on a made-up tiling of 2,000 areas and on the real
# precincts of Boston, which overlap and leave gaps.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

# A tiling of 50 x 40 areas of 93 vertices whose borders are shared and ragged.
psql_q >/dev/null <<'EOF' || finding "the tiling cannot be made"
SET search_path = community, public;
CREATE FUNCTION public.jitter(a bigint, b bigint, k bigint, d bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE RETURN (hashint8(((a * 1000 + b) * 1000 + k) * 10 + d) & 65535) / 65536.0 - 0.5;
CREATE FUNCTION public.knot(i bigint, j bigint) RETURNS geometry LANGUAGE sql IMMUTABLE
    RETURN ST_MakePoint(121.3 + 0.01 * (i + 0.5 * public.jitter(i, j, 0, 1)), 29.6 + 0.01 * (j + 0.5 * public.jitter(i, j, 0, 2)));
-- a ragged line of 23 edges from one knot to the next; d = 3 runs east, d = 4 north
CREATE FUNCTION public.side(i bigint, j bigint, d bigint) RETURNS geometry LANGUAGE sql IMMUTABLE
    RETURN (SELECT ST_MakeLine(CASE k WHEN 0 THEN a WHEN 23 THEN b ELSE
                   ST_MakePoint(ST_X(a) + (ST_X(b) - ST_X(a)) * k / 23 + CASE d WHEN 4 THEN 0.0006 * public.jitter(i, j, k, d) ELSE 0 END,
                                ST_Y(a) + (ST_Y(b) - ST_Y(a)) * k / 23 + CASE d WHEN 3 THEN 0.0006 * public.jitter(i, j, k, d) ELSE 0 END) END
                   ORDER BY k)
              FROM (SELECT public.knot(i, j) AS a, CASE d WHEN 3 THEN public.knot(i + 1, j) ELSE public.knot(i, j + 1) END AS b) e,
                   generate_series(0, 23) k);
CREATE TABLE public.tile AS
SELECT ((330203001001000 + (j * 50 + i) / 999 * 1000) + (j * 50 + i) % 999 + 1)::bigint::gridcode AS code,
       ST_SetSRID(ST_MakePolygon(ST_RemoveRepeatedPoints(ST_MakeLine(ARRAY[public.side(i, j, 3), public.side(i + 1, j, 4),
           ST_Reverse(public.side(i, j + 1, 3)), ST_Reverse(public.side(i, j, 4))]))), 4326) AS geom
  FROM generate_series(0, 49) i, generate_series(0, 39) j;
EOF
maps=tile
if [ -f "$COMMUNITY_DATA/grids/boston_precincts_4326.geojson" ]; then
    psql_q -c "CREATE TABLE public.boston_json (j text)"
    tr -d '\n\001' <"$COMMUNITY_DATA/grids/boston_precincts_4326.geojson" |
        psql_q -c "COPY public.boston_json FROM STDIN (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
    psql_q -c "
SET search_path = community, public;
SET client_min_messages = warning;
CREATE TABLE public.boston AS
SELECT (250250001001000 + n)::bigint::gridcode AS code,
       CASE WHEN ST_IsValid(geom) THEN geom ELSE ST_CollectionExtract(ST_MakeValid(geom), 3) END AS geom
  FROM public.boston_json, jsonb_array_elements(j::jsonb -> 'features') WITH ORDINALITY f(f, n),
       LATERAL (SELECT ST_GeomFromGeoJSON(f -> 'geometry') AS geom) g" >/dev/null
    maps="tile boston"
fi

for map in $maps; do
    psql_q >/dev/null <<EOF || finding "$map: the comparison failed"
SET search_path = community, public;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE public.map AS SELECT gridmap(code, geom) AS m FROM public.$map;
CREATE INDEX ${map}_geom ON public.$map USING gist (geom);
CREATE UNLOGGED TABLE public.located AS
WITH box AS (SELECT ST_Expand(ST_Extent(geom)::geometry, 0.002) AS b FROM public.$map),
edge AS (SELECT ST_X(a) AS x1, ST_Y(a) AS y1, ST_X(b) AS x2, ST_Y(b) AS y2
           FROM (SELECT (d).geom AS a, lead((d).geom) OVER (PARTITION BY code, (d).path[1:cardinality((d).path) - 1] ORDER BY (d).path) AS b
                   FROM (SELECT code, ST_DumpPoints(geom) AS d FROM public.$map) s) e
          WHERE b IS NOT NULL)
SELECT row_number() OVER () AS id, lon, lat, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom FROM (
    SELECT ST_XMin(b) + (ST_XMax(b) - ST_XMin(b)) * random() AS lon, ST_YMin(b) + (ST_YMax(b) - ST_YMin(b)) * random() AS lat
      FROM box, generate_series(1, 1000000)
    UNION ALL SELECT x1, y1 FROM edge
    UNION ALL SELECT (x1 + x2) / 2, (y1 + y2) / 2 FROM edge
    -- one double beside the vertex
    UNION ALL SELECT x1 + 1.5e-14, y1 FROM edge
    -- the same height as a vertex, elsewhere
    UNION ALL SELECT x1 + 0.0003, y1 FROM edge) p;
EOF
    # polygons outside, points inside through an index: the fast way to ask ST_Covers
    psql_q >/dev/null <<EOF || finding "$map: ST_Covers failed"
SET search_path = community, public;
CREATE INDEX located_geom ON public.located USING gist (geom);
ANALYZE public.located;
CREATE UNLOGGED TABLE public.covered AS
SELECT p.id, min(g.code::bigint) AS code, array_agg(DISTINCT g.code::bigint) AS codes
  FROM public.$map g JOIN public.located p ON g.geom ~ p.geom AND ST_Covers(g.geom, p.geom)
 GROUP BY p.id;
CREATE UNLOGGED TABLE public.answer AS
SELECT p.id, p.lon, p.lat, gridmap_lookup(m, p.lon, p.lat)::bigint AS code,
       gridmap_lookup(m, p.geom)::bigint AS by_point
  FROM public.located p, public.map;
ANALYZE public.covered, public.answer, public.map;
EOF
    at_least 1000000 "SELECT count(*) FROM public.answer" "$map: points"
    at_least 300000 "SELECT count(*) FROM public.covered" "$map: points that an area covers"
    none "SELECT a.lon, a.lat, a.code, a.by_point, c.code FROM public.answer a LEFT JOIN public.covered c ON c.id = a.id
           WHERE a.code IS DISTINCT FROM c.code OR a.by_point IS DISTINCT FROM c.code LIMIT 20" "$map: gridmap and ST_Covers disagree"
    none "SELECT p.lon, p.lat, c.codes FROM public.covered c JOIN public.located p ON p.id = c.id, public.map
           WHERE cardinality(c.codes) > 1
             AND ARRAY(SELECT community.gridmap_lookup_all(m, p.lon, p.lat)::bigint) <> c.codes LIMIT 20" \
        "$map: gridmap_lookup_all and ST_Covers disagree"
    psql_q -c "DROP TABLE public.map, public.located, public.covered, public.answer"
done
at_least 2000 "SELECT count(*) FROM public.tile" "areas of the tiling"
done_checking
