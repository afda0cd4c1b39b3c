#!/bin/bash
# place on real data: the divisions of Haishu and Ningbo, the precincts of Boston.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

[ -f "$COMMUNITY_DATA/grids/boston_precincts_4326.geojson" ] && [ -f "$COMMUNITY_DATA/divisions/ningbo_3302.csv" ] ||
    skip "no real divisions and grids under $COMMUNITY_DATA"

# same ANSWER QUERY TITLE: the query's rows must be ANSWER.
same() {
    local rows
    rows=$(psql_q -F ' ' -c "$2") || { finding "query failed: $3"; return 0; }
    [ "$rows" = "$1" ] || finding "$3: $rows instead of $1"
}

psql_q >/dev/null <<EOF
CREATE TABLE public.listed (code text, level text, name text, parent text);
\\copy public.listed FROM '$COMMUNITY_DATA/divisions/ningbo_3302.csv' CSV HEADER
CREATE TABLE public.haishu (code text, level text, name text, parent text);
\\copy public.haishu FROM '$COMMUNITY_DATA/divisions/haishu_330203.csv' CSV HEADER
CREATE TABLE public.line (n serial, t text);
\\copy public.line (t) FROM '$COMMUNITY_DATA/grids/boston_precincts_4326.geojson' CSV QUOTE E'\\001' DELIMITER E'\\002'
CREATE TABLE public.boston AS SELECT string_agg(t, '' ORDER BY n)::jsonb AS doc FROM public.line;
CREATE TABLE public.precinct AS
SELECT x.n, x.f -> 'properties' ->> 'WARD_PRECINCT' AS name, ST_SetSRID(ST_GeomFromGeoJSON(x.f -> 'geometry'), 4326) AS geom
  FROM public.boston, jsonb_array_elements(doc -> 'features') WITH ORDINALITY AS x(f, n);
EOF

# Divisions: one district, then the city around it, of the same edition.
same "added 300" "SELECT * FROM community.division_load('2023', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM public.haishu), 'NBS 2023')" "Haishu loads"
same "330203" "SELECT scope FROM community.division_edition" "its scope is the district"
same "added 2916" "SELECT * FROM community.division_load('2023', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM public.listed), 'NBS 2023')" "the rest of Ningbo is added"
same "added 2916" "SELECT * FROM community.division_load('2023', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM public.listed), 'NBS 2023')" "loading again changes nothing"
same "" "SELECT rpad(l.code, 15, '0'), l.name FROM public.listed l EXCEPT SELECT d.code_key::text, d.name FROM community.division d" "every listed division is there"
same "" "SELECT l.code FROM public.listed l JOIN community.division d ON d.code_key = rpad(l.code, 15, '0')::bigint
          WHERE d.parent_key IS DISTINCT FROM rpad(l.parent, 15, '0')::bigint OR d.level <> l.level::integer" "parents and levels are those of the list"
same "300" "SELECT community.division_register('330203', '2023-06-01')" "Haishu registers with the city and the province above"
same "1 1 1 17 280" "SELECT count(*) FILTER (WHERE kind = 'province'), count(*) FILTER (WHERE kind = 'city'), count(*) FILTER (WHERE kind = 'district'),
       count(*) FILTER (WHERE kind = 'street'), count(*) FILTER (WHERE kind IN ('residential', 'village')) FROM community.community" "the kinds are right"
# An edition with known differences: what is found is what was made.
psql_q >/dev/null <<'EOF'
CREATE TABLE public.changed AS
WITH v AS (SELECT code, name, row_number() OVER (ORDER BY code) AS n FROM public.haishu WHERE level = '5')
SELECT code, name FROM public.haishu WHERE level <> '5'
UNION ALL SELECT code, CASE WHEN n <= 20 THEN regexp_replace(name, '(社区|村)$', '') || CASE WHEN name ~ '村$' THEN '社区' ELSE '新社区' END ELSE name END FROM v WHERE n > 10
UNION ALL SELECT left(code, 9) || 990 + n, name FROM v WHERE n <= 5;
EOF
same "recoded 5
removed 5
renamed 10" "SELECT * FROM community.division_load('2024', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM public.changed), 'made up')" "a changed edition is told apart"
same "5" "SELECT count(*) FROM community.community_code k JOIN community.community c ON c.community_id = k.community_id
           WHERE upper_inf(k.valid) AND k.code_key / 1000 % 1000 > 990 AND c.code::bigint = k.code_key" "communities follow their recoded divisions"

# Grids.
psql_q >/dev/null <<'EOF'
SELECT community.community_register('990101', 'Boston', 'district'), community.community_register('990101001001', 'Boston', 'residential');
CREATE TABLE public.refused AS SELECT * FROM community.grid_import(990101001001, (SELECT doc FROM public.boston), '{"name":"WARD_PRECINCT","kind":"evaluation"}');
CREATE TABLE public.imported AS SELECT * FROM community.grid_import(990101001001, (SELECT doc FROM public.boston), '{"name":"WARD_PRECINCT","invalid":"repair"}');
EOF
same "added 253
refused 2" "SELECT status, count(*) FROM public.refused GROUP BY 1 ORDER BY 1" "two invalid rings are refused"
same "1713 0511" "SELECT string_agg(p.name, ' ' ORDER BY r.row_no) FROM public.refused r JOIN public.precinct p ON p.n = r.row_no WHERE r.status = 'refused' AND r.detail LIKE 'Ring Self-intersection%'" "and named"
same "added 253
repaired 2" "SELECT status, count(*) FROM public.imported GROUP BY 1 ORDER BY 1" "or repaired on request"
same "1
255" "SELECT min(code_key % 1000) FROM community.grid WHERE kind = 'unit' UNION ALL SELECT max(code_key % 1000) FROM community.grid WHERE kind = 'unit'" "grids are numbered without holes"
same "coverage 1
gap 55
invalid 2
sliver 44" "SELECT problem, count(*) FROM community.grid_check(990101001001) GROUP BY 1 ORDER BY 1" "the check finds two invalid rings, 44 slivers and the holes"
psql_q >/dev/null <<'EOF'
CREATE TABLE public.overlap AS
SELECT x.code AS a, y.code AS b FROM public.precinct a JOIN public.precinct b ON a.n < b.n AND ST_Intersects(ST_MakeValid(a.geom), ST_MakeValid(b.geom))
  JOIN public.imported x ON x.row_no = a.n JOIN public.imported y ON y.row_no = b.n
 WHERE ST_Area(ST_Intersection(ST_MakeValid(a.geom), ST_MakeValid(b.geom))::geography) >= 1;
EOF
same "44" "SELECT count(*) FROM public.overlap" "plain PostGIS finds as many overlaps"
same "0" "SELECT count(*) FROM (SELECT least(code, other_code), greatest(code, other_code) FROM community.grid_check(990101001001) WHERE problem = 'sliver'
      EXCEPT SELECT least(a, b), greatest(a, b) FROM public.overlap) d" "namely the same pairs"
# Points: the tie rule over ST_Covers, recomputed without index and functions.
psql_q >/dev/null <<'EOF'
CREATE TABLE public.probe AS
SELECT row_number() OVER () AS n, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
  FROM (SELECT ST_SetSRID(ST_MakePoint(-71.2 + 0.25 * (i * 0.618033988749895 - floor(i * 0.618033988749895)), 42.22 + 0.18 * i / 4000), 4326) AS geom FROM generate_series(1, 4000) i
        UNION ALL (SELECT d.geom FROM public.precinct, ST_DumpPoints(geom) d ORDER BY md5(ST_AsText(d.geom)) LIMIT 1500)) p;
EOF
psql_q >/dev/null <<'EOF'
CREATE TABLE public.truth AS
SELECT p.n, min(g.code_key) AS code_key, count(g.code_key) AS grids
  FROM public.probe p LEFT JOIN community.grid g ON g.kind = 'unit' AND _ST_Covers(g.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) GROUP BY p.n;
EOF
same "0" "SELECT count(*) FROM public.probe p JOIN public.truth t ON t.n = p.n
     LEFT JOIN LATERAL (SELECT g.code::bigint AS key FROM community.grid_locate(p.lon, p.lat) g) a ON true
     LEFT JOIN LATERAL (SELECT g.code::bigint AS key FROM community.grid_at(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) g) b ON true
     WHERE a.key IS DISTINCT FROM t.code_key OR b.key IS DISTINCT FROM t.code_key" "grid_at and grid_locate equal the rule on 5,500 points"
same "4" "SELECT community.run_job('place.grid_map', now())" "the maps of Boston are built"
same "0" "SELECT count(*) FROM public.probe p JOIN public.truth t ON t.n = p.n
     LEFT JOIN LATERAL (SELECT g.code::bigint AS key FROM community.grid_at(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) g) b ON true
     WHERE b.key IS DISTINCT FROM t.code_key" "by the maps grid_at answers the same"
at_least 500 "SELECT count(*) FROM public.truth WHERE grids > 1" "points in two grids"
at_least 500 "SELECT count(*) FROM public.truth WHERE grids = 0" "points in none"
same "990101000000" "SELECT DISTINCT community.fallback_community(lon, lat) FROM public.probe p JOIN public.truth t ON t.n = p.n WHERE t.grids = 0" "points in no grid fall to the district"
done_checking
