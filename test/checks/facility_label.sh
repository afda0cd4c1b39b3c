#!/bin/bash
# The county of every Haishu facility.  The district that the database gives a
# facility (its community, that community's division, the ancestor of six
# digits, its name) must agree with what the facility is labelled.  No boundary
# of the district is in the data, so nothing here asks a polygon.  A label is
# either the column "county" that came with the row, written by the source, or
# the name of a street or town within the facility's own name (古林镇卫生院),
# whose division code begins with its district.  The database is told where
# Haishu lies by one small grid around each of the approximate centres of its
# seventeen streets and towns; what lies in none goes to the nearest.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

[ -f "$COMMUNITY_DATA/facilities/haishu_osm.csv" ] && [ -f "$COMMUNITY_DATA/divisions/ningbo_3302.csv" ] ||
    skip "no real facilities and divisions under $COMMUNITY_DATA"

psql_q >/dev/null <<EOF
CREATE TABLE public.osm (kind text, name text, county text, lon float8, lat float8, shape text, n integer, wkt text);
\\copy public.osm FROM '$COMMUNITY_DATA/facilities/haishu_osm.csv' CSV HEADER
ALTER TABLE public.osm ADD n_row serial;
CREATE TABLE public.listed (code text, level text, name text, parent text);
\\copy public.listed FROM '$COMMUNITY_DATA/divisions/ningbo_3302.csv' CSV HEADER
CREATE TABLE public.place (kind text, code text, lon float8, lat float8);
\\copy public.place FROM '$COMMUNITY_ROOT/demo/haishu_places.csv' CSV HEADER
EOF

psql_q >/dev/null <<'EOF'
-- All ten districts of Ningbo are on record, so that the answer can be a wrong one.
SELECT * FROM community.division_load('2023', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM public.listed), 'NBS 2023');
SELECT community.division_register('330203', '2023-06-01');
SELECT community.community_register(left(code, 6)::community.gridcode, name, 'district') FROM public.listed WHERE level = '3' AND code <> '330203000000';
SELECT community.grid_add((c.code || '001')::community.gridcode, 'centre', 'unit', ST_AsGeoJSON(ST_Expand(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326), 0.001))::jsonb, '[2023-06-01,)')
  FROM public.place p CROSS JOIN LATERAL (SELECT min(l.code) AS code FROM public.listed l WHERE l.parent = p.code) c WHERE p.kind = 'anchor';
CREATE TABLE public.answer AS SELECT * FROM community.facility_import(NULL, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt) ORDER BY n_row) FROM public.osm), '{"source":"OpenStreetMap","duplicates":"keep"}');
-- What the database says of a facility: its district by the division of its community.
CREATE VIEW public.told AS
SELECT o.n_row, o.name, o.county, o.lon, o.lat, o.wkt, f.facility_id, f.community_id, f.geom, f.datum, k.code::text AS code, d.name AS district
  FROM public.osm o
  JOIN public.answer a ON a.row_no = o.n_row
  LEFT JOIN community.facility f ON f.community_id = a.community_id AND f.facility_id = a.facility_id
  LEFT JOIN community.community_code k ON k.community_id = f.community_id AND k.valid @> CURRENT_DATE
  LEFT JOIN community.division d ON d.code_key = community.gridcode_parent(k.code, 3)::bigint AND d.valid @> CURRENT_DATE;
CREATE FUNCTION public.disagree() RETURNS SETOF text LANGUAGE sql AS
$$SELECT format('%s: %s, labelled %s', name, district, county) FROM public.told WHERE district IS NULL OR position(county IN district) = 0$$;
-- Streets and towns of the whole city with the word that facilities are named after.
CREATE TABLE public.town AS
SELECT code, name, regexp_replace(name, '(街道|镇|乡)$', '') AS word FROM public.listed WHERE level = '4';
-- The box of the outline of the district.
CREATE TABLE public.box AS SELECT ST_SetSRID(ST_Extent(ST_MakePoint(lon, lat))::geometry, 4326) AS geom FROM public.place WHERE kind = 'outline';
-- Facilities named after a street or town of Haishu, with the centre they are nearest to.
CREATE VIEW public.named AS
SELECT t.n_row, t.name, w.code AS town, n.code AS nearest
  FROM public.told t
  JOIN public.town w ON t.name LIKE '%' || w.word || '%' AND left(w.code, 6) = '330203' AND length(w.word) > 1
 CROSS JOIN LATERAL (SELECT p.code FROM public.place p WHERE p.kind = 'anchor' ORDER BY ST_Distance(t.geom::geography, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)::geography) LIMIT 1) n;
EOF

at_least 150 "SELECT count(*) FROM public.answer WHERE status = 'added'" "facilities taken"
at_least 10 "SELECT count(*) FROM community.community WHERE kind = 'district'" "districts to choose from"
none "SELECT * FROM public.disagree()" "the district of a facility is not the one it is labelled"
at_least 150 "SELECT count(*) FROM public.told WHERE district = '海曙区' AND left(code, 6) = '330203'" "facilities in Haishu by code"
none "SELECT name, count(*) FROM public.told GROUP BY n_row, name HAVING count(*) <> 1" "a facility has two districts"

# Labels within names: the town they name lies in the same district.
at_least 25 "SELECT count(DISTINCT n_row) FROM public.named" "facilities named after a street or town of Haishu"
at_least 12 "SELECT count(*) FROM public.told WHERE name LIKE '%海曙%'" "facilities named after the district"
none "SELECT t.name, w.name, w.code FROM public.told t JOIN public.town w ON t.name LIKE '%' || w.name || '%'
      WHERE left(w.code, 6) <> left(t.code, 6)" "a facility is named after a town of another district"

# The nearest centre of a street or town: as near as the setting asks, its district the label's.
none "SELECT t.name, n.metres, n.code FROM public.told t
      CROSS JOIN LATERAL (SELECT p.code, ST_Distance(t.geom::geography, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)::geography)::integer AS metres FROM public.place p WHERE p.kind = 'anchor' ORDER BY 2 LIMIT 1) n
      JOIN community.division d ON d.code_key = (left(n.code, 6) || '000000000')::bigint AND d.valid @> CURRENT_DATE
      WHERE n.metres > community.setting_numeric('place.nearest_grid') OR d.name <> t.county" "the nearest centre is far, or in another district"
at_least 20 "SELECT count(*) FROM public.named WHERE town = nearest" "facilities nearest to the centre of the town they are named after"

# The places themselves: inside the box of the district, as delivered, shifted by no datum or by one.
none "SELECT t.name, t.lon, t.lat FROM public.told t, public.box b WHERE NOT ST_Covers(b.geom, t.geom)" "a facility lies outside the box of the district"
none "SELECT t.name FROM public.told t WHERE t.datum <> 'wgs84' OR ST_Distance(t.geom::geography, ST_SetSRID(ST_MakePoint(t.lon, t.lat), 4326)::geography) > 20" "a facility is not where its own columns lon and lat say"
none "SELECT t.name FROM public.told t WHERE GeometryType(t.geom) <> 'POINT' AND ST_AsText(t.geom) <> ST_AsText(ST_GeomFromText(t.wkt, 4326)) AND ST_IsValid(ST_GeomFromText(t.wkt, 4326))" "a valid polygon was not stored as delivered"
at_least 130 "SELECT count(*) FROM public.told t WHERE ST_AsText(t.geom) = ST_AsText(ST_GeomFromText(t.wkt, 4326))" "polygons stored as delivered"
# Delivered in another datum they meet the records there are; turned twice, or not at all, they would be new.
for datum in gcj02 bd09; do
    none "SELECT o.name, i.status FROM community.facility_import(NULL, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', ST_AsText(community.to_$datum(ST_GeomFromText(wkt, 4326)), 15)) ORDER BY n_row) FROM public.osm), '{\"datum\":\"$datum\"}') i
          JOIN public.osm o ON o.n_row = i.row_no WHERE i.status <> 'duplicate'" "delivered in $datum a facility is not recognized"
done
# GeoJSON and CSV with lon and lat, in each of the three datums, meet them too: never the wrong one, never a new one.
for datum in wgs84 gcj02 bd09; do
    shift=$([ $datum = wgs84 ] && echo "g" || echo "community.to_$datum(g)")
    none "SELECT o.name, i.status FROM (SELECT jsonb_build_object('type', 'FeatureCollection', 'features', jsonb_agg(jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON($shift, 15)::jsonb,
                     'properties', jsonb_build_object('class', kind, 'name', name)) ORDER BY n_row)) AS doc FROM public.osm, ST_GeomFromText(wkt, 4326) g) d
          CROSS JOIN LATERAL community.facility_import(NULL, d.doc, '{\"datum\":\"$datum\"}') i JOIN public.osm o ON o.n_row = i.row_no
          WHERE i.status <> 'duplicate' OR NOT EXISTS (SELECT FROM community.facility f WHERE f.facility_id = i.facility_id AND f.class = o.kind AND community._facility_alikeness(f.name, o.name) >= 0.7)" "a GeoJSON feature in $datum is not recognized"
    psql_q -c "\copy (SELECT name, kind AS class, ST_X(p) AS lon, ST_Y(p) AS lat FROM public.osm, ST_PointOnSurface(ST_MakeValid(ST_GeomFromText(wkt, 4326))) g, LATERAL (SELECT $shift AS p) s ORDER BY n_row) TO 'build/facility.csv' CSV HEADER"
    psql_q >/dev/null <<EOF
DROP TABLE IF EXISTS public.sheet;
CREATE TABLE public.sheet (name text, class text, lon text, lat text);
\\copy public.sheet FROM 'build/facility.csv' CSV HEADER
EOF
    none "SELECT s.name, i.status FROM (SELECT jsonb_agg(to_jsonb(s)) AS doc FROM public.sheet s) d CROSS JOIN LATERAL community.facility_import(NULL, d.doc, '{\"datum\":\"$datum\"}') i
          JOIN LATERAL (SELECT d.doc -> (i.row_no - 1) ->> 'name' AS name) s ON true WHERE i.status <> 'duplicate'" "a line of CSV in $datum is not recognized"
    at_least 150 "SELECT count(*) FROM public.sheet" "lines of CSV in $datum"
done
at_least 120 "SELECT count(*) FROM community.facility_import(NULL, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt) ORDER BY n_row) FROM public.osm), '{\"datum\":\"gcj02\",\"source\":\"wrong datum\"}') WHERE status = 'added'" "facilities that a wrong datum makes new"
at_least 1 "SELECT count(*) FROM public.told t, public.box b WHERE NOT ST_Covers(b.geom, community.to_gcj02(t.geom))" "facilities that a wrong datum puts outside the box"

# The check sees a facility that goes to the wrong district.
psql_q >/dev/null <<'EOF'
SELECT community.community_register('330212991', '试验街道', 'street'), community.community_register('330212991001', '试验社区', 'residential');
SELECT community.grid_add('330212991001001', 'wrong', 'unit', ST_AsGeoJSON(ST_Expand(geom, 0.0005))::jsonb) FROM public.told WHERE name = '横街中学';
TRUNCATE public.answer;
INSERT INTO public.answer SELECT * FROM community.facility_import(NULL, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt) ORDER BY n_row) FROM public.osm), '{"source":"again","duplicates":"keep"}');
EOF
at_least 1 "SELECT count(*) FROM public.disagree() d WHERE d LIKE '横街中学: %鄞州区%'" "facilities found in the wrong district when a grid of it lies there"
done_checking
