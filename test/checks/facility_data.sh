#!/bin/bash
# facility on real data: OpenStreetMap of Haishu, brands of Shanghai in BD-09;
# answers recomputed by plain PostGIS.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

[ -f "$COMMUNITY_DATA/facilities/haishu_osm.csv" ] && [ -f "$COMMUNITY_DATA/facilities/shanghai_brand_poi_bd09.csv" ] ||
    skip "no real facilities under $COMMUNITY_DATA"

# same ANSWER QUERY TITLE: the query's rows must be ANSWER.
same() {
    local rows
    rows=$(psql_q -F ' ' -c "$2") || { finding "query failed: $3"; return 0; }
    [ "$rows" = "$1" ] || finding "$3: $rows instead of $1"
}

psql_q >/dev/null <<EOF
CREATE TABLE public.osm (kind text, name text, county text, lon float8, lat float8, shape text, n integer, wkt text);
\\copy public.osm FROM '$COMMUNITY_DATA/facilities/haishu_osm.csv' CSV HEADER
CREATE TABLE public.poi (category text, name text, lon float8, lat float8);
\\copy public.poi FROM '$COMMUNITY_DATA/facilities/shanghai_brand_poi_bd09.csv' CSV HEADER
ALTER TABLE public.osm ADD n_row serial;
ALTER TABLE public.poi ADD n_row serial;
SELECT community.community_register('330203', '海曙区', 'district'), community.community_register('31', '上海市', 'province');
CREATE TABLE public.haishu AS SELECT * FROM community.facility_import(330203000000,
    (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt) ORDER BY n_row) FROM public.osm), '{"source":"OpenStreetMap","refine":true}');
CREATE TABLE public.shanghai AS SELECT * FROM community.facility_import(310000000000,
    (SELECT jsonb_agg(jsonb_build_object('kind', category, 'name', name, 'lon', lon, 'lat', lat) ORDER BY n_row) FROM public.poi),
    '{"source":"brands","datum":"BD-09","class_default":"shop","within":[120.85,30.67,122.25,31.88],"refuse_name":"(路|大道|街)$","class_map":{"星巴克":"restaurant","肯德基":"restaurant","乐购":"supermarket","世纪华联":"supermarket"}}');
EOF

# The answers.
same "150" "SELECT count(*) FROM public.haishu WHERE status IN ('added', 'duplicate')" "every row of Haishu is taken or a duplicate"
same "宁波市海曙区储能学校 2" "SELECT o.name, count(*) FROM public.osm o JOIN public.haishu h ON h.row_no = o.n_row WHERE h.status = 'added' GROUP BY o.name HAVING count(*) > 1" "one school has two places 890 m apart, which stay two"
same "宝马路 本田路 别克路 欧宝路" "SELECT string_agg(p.name, ' ' ORDER BY p.name COLLATE \"zh-x-icu\") FROM public.shanghai s JOIN public.poi p ON p.n_row = s.row_no WHERE s.reason = 'name_refused'" "roads named after cars are refused"
same "欧尚超市(舟山店)" "SELECT p.name FROM public.shanghai s JOIN public.poi p ON p.n_row = s.row_no WHERE s.reason = 'outside'" "so is the shop on Zhoushan"
same "1293" "SELECT count(*) FROM public.shanghai" "every row has an answer"
same "0" "SELECT count(*) FROM public.shanghai WHERE status = 'refused' AND reason NOT IN ('name_refused', 'outside')" "nothing else is refused"
at_least 1270 "SELECT count(*) FROM public.shanghai WHERE status = 'added'" "shops taken"
same "0" "SELECT count(*) FROM public.shanghai s JOIN public.poi p ON p.n_row = s.row_no JOIN community.facility f ON f.facility_id = s.facility_id
    WHERE s.status = 'added' AND (ST_Distance(community.to_bd09(f.geom), ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) > 1e-9 OR f.datum <> 'bd09')" "places turned back into BD-09 are those delivered"
at_least 300 "SELECT min(ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)::geography))::integer FROM public.shanghai s JOIN public.poi p ON p.n_row = s.row_no JOIN community.facility f ON f.facility_id = s.facility_id WHERE s.status = 'added'" "metres that a datum mixed up would be off"
# A duplicate is near and alike; nothing that was added is both.
same "0" "SELECT count(*) FROM public.shanghai s JOIN public.poi p ON p.n_row = s.row_no JOIN community.facility f ON f.facility_id = s.facility_id
    WHERE s.status = 'duplicate' AND (ST_Distance(f.geom::geography, community.from_bd09(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))::geography) > 100 OR community._facility_alikeness(f.name, p.name) < 0.7)" "duplicates are near and alike"
same "0" "SELECT count(*) FROM community.facility a JOIN community.facility b ON a.class = b.class AND a.community_id = b.community_id AND a.facility_id < b.facility_id
    AND ST_Distance(a.geom, b.geom) < 0.002 AND ST_Distance(a.geom::geography, b.geom::geography) <= 100 AND community._facility_alikeness(a.name, b.name) >= 0.7" "no pair of duplicates was added"
same "0" "SELECT count(*) FROM community.facility_import(310000000000, (SELECT jsonb_agg(jsonb_build_object('kind', 'restaurant', 'name', name, 'lon', lon, 'lat', lat) ORDER BY n_row) FROM public.poi WHERE category = '星巴克'), '{\"datum\":\"bd09\"}') WHERE status <> 'duplicate'" "the same rows again are duplicates"
same "34 24" "SELECT count(*) FILTER (WHERE class = 'primary_school'), count(*) FILTER (WHERE class = 'middle_school') FROM community.facility WHERE source = 'OpenStreetMap'" "schools are told apart by name"

# Questions, recomputed.
same "0" "SELECT count(*) FROM (SELECT x, y, c, n.facility_id, n.distance_m FROM generate_series(1, 6) x, generate_series(1, 6) y, (VALUES (NULL), ('school'), ('restaurant'), ('commercial')) v(c),
      LATERAL community.facility_near(ST_SetSRID(ST_MakePoint(121.35 + x * 0.04, 31.05 + y * 0.04), 4326), c, 6) n
    EXCEPT SELECT x, y, c, n.facility_id, n.d FROM generate_series(1, 6) x, generate_series(1, 6) y, (VALUES (NULL), ('school'), ('restaurant'), ('commercial')) v(c),
      LATERAL (SELECT f.facility_id, ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(121.35 + x * 0.04, 31.05 + y * 0.04), 4326)::geography) AS d
                 FROM community.facility f JOIN community.facility_class k ON k.class = f.class WHERE c IS NULL OR c IN (k.class, k.parent_class) ORDER BY 2, 1 LIMIT 6) n) d" "the six nearest of four classes at 36 places"
same "0" "SELECT count(*) FROM ((SELECT x, n.facility_id FROM generate_series(1, 40) x, LATERAL community.facility_within(ST_SetSRID(ST_MakePoint(121.50 + x * 0.002, 29.86 + x * 0.0007), 4326), 300 + 10 * x, 'school') n)
    EXCEPT SELECT x, f.facility_id FROM generate_series(1, 40) x, community.facility f WHERE f.class IN ('school', 'primary_school', 'middle_school', 'kindergarten', 'college', 'training')
       AND ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(121.50 + x * 0.002, 29.86 + x * 0.0007), 4326)::geography) <= 300 + 10 * x) d" "within holds nothing else"
same "0" "SELECT count(*) FROM ((SELECT x, f.facility_id FROM generate_series(1, 40) x, community.facility f WHERE f.class IN ('school', 'primary_school', 'middle_school', 'kindergarten', 'college', 'training')
       AND ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(121.50 + x * 0.002, 29.86 + x * 0.0007), 4326)::geography) <= 300 + 10 * x)
    EXCEPT SELECT x, n.facility_id FROM generate_series(1, 40) x, LATERAL community.facility_within(ST_SetSRID(ST_MakePoint(121.50 + x * 0.002, 29.86 + x * 0.0007), 4326), 300 + 10 * x, 'school') n) d" "and misses nothing"
# Two characters are answered from the index, of the planner's own accord: with a
# hundred thousand names, as a city has.
psql_q >/dev/null <<'EOF'
INSERT INTO community.facility (community_id, class, name, geom, source)
SELECT 310000000000, 'shop', md5(i::text) || '号店', ST_SetSRID(ST_MakePoint(121 + i / 1e6, 31), 4326), 'padding' FROM generate_series(1, 100000) i;
VACUUM ANALYZE community.facility;
EOF
for word in 小学 银泰; do
    psql_q -c "EXPLAIN SELECT * FROM community.facility_search('$word')" >build/facility_search.plan
    grep -q facility_name_idx build/facility_search.plan || finding "the search for $word does not use the index on pairs"
    ! grep -q 'Seq Scan on facility' build/facility_search.plan || finding "the search for $word reads the whole table"
    at_least 3 "SELECT count(*) FROM community.facility_search('$word')" "facilities found for $word"
done
psql_q -c "DELETE FROM community.facility WHERE source = 'padding'" -c "VACUUM ANALYZE community.facility"

for word in 小学 银泰 医院 中学 星巴克 广场; do
    same "t" "SELECT (SELECT array_agg(facility_id ORDER BY facility_id) FROM community.facility_search('$word', NULL, 10000)) = (SELECT array_agg(facility_id ORDER BY facility_id) FROM community.facility WHERE name LIKE '%$word%')" "search for $word equals LIKE"
done

# Life circles of two made-up communities in the old town, by brute force.
psql_q >/dev/null <<'EOF'
SELECT community.community_register('330203001', '南门街道', 'street'), community.community_register('330203001001', '澄浪社区', 'residential'), community.community_register('330203001002', '周江岸社区', 'residential');
SELECT community.grid_add('330203001001001', 'a', 'unit', ST_AsGeoJSON(ST_MakeEnvelope(121.53, 29.865, 121.54, 29.875, 4326))::jsonb),
       community.grid_add('330203001002001', 'b', 'unit', ST_AsGeoJSON(ST_MakeEnvelope(121.54, 29.865, 121.55, 29.875, 4326))::jsonb);
CREATE TABLE public.cell AS SELECT ST_SetSRID(ST_MakePoint((x + 0.5) / 1800, (y + 0.5) / 1800), 4326) AS geom
  FROM generate_series(floor(121.53 * 1800)::integer, floor(121.55 * 1800)::integer) x, generate_series(floor(29.865 * 1800)::integer, floor(29.875 * 1800)::integer) y;
DELETE FROM public.cell WHERE NOT ST_Covers(ST_MakeEnvelope(121.53, 29.865, 121.55, 29.875, 4326), geom);
EOF
same "0" "SELECT count(*) FROM community.life_circle(330203001000) l
    WHERE format('%s %s', l.residents, l.covered) IS DISTINCT FROM (SELECT format('%s %s', count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM community.facility f JOIN community.facility_class k ON k.class = f.class
             WHERE l.class IN (k.class, k.parent_class) AND ST_Distance(f.geom::geography, c.geom::geography) <= l.radius_m))) FROM public.cell c)" "life circles equal the brute force"
at_least 3 "SELECT count(*) FROM community.life_circle(330203001000) WHERE covered BETWEEN 1 AND residents - 1" "standards partly met"
# Greedy coverage: each site is the best one left.
same "t" "WITH site AS (SELECT * FROM community.facility_site(330203001000, 'kindergarten', 4)),
    gain AS (SELECT s.place, s.gain, (SELECT max(n) FROM (SELECT count(*) AS n FROM public.cell a JOIN public.cell b ON ST_Distance(a.geom::geography, b.geom::geography) <= 300
        WHERE NOT EXISTS (SELECT FROM site e WHERE e.place < s.place AND ST_Distance(ST_SetSRID(ST_MakePoint(e.lon, e.lat), 4326)::geography, b.geom::geography) <= 300) GROUP BY a.geom) x) AS best FROM site s)
    SELECT bool_and(gain = best) FROM gain" "each site gains the most that is left"

# Service areas of real polygons and points: the cells whose centre is near, and no other.
same "0" "WITH f AS (SELECT community_id, facility_id, geom, 150 + 50 * (facility_id % 8) AS metres FROM community.facility WHERE source = 'OpenStreetMap' ORDER BY GeometryType(geom), facility_id LIMIT 30),
    cell AS (SELECT f.facility_id, community.gridcell(ST_X(p), ST_Y(p), 6) AS cell FROM f
        CROSS JOIN LATERAL generate_series(floor((ST_XMin(geom) - 0.008) * 1800)::integer, ceil((ST_XMax(geom) + 0.008) * 1800)::integer) x
        CROSS JOIN LATERAL generate_series(floor((ST_YMin(geom) - 0.007) * 1800)::integer, ceil((ST_YMax(geom) + 0.007) * 1800)::integer) y
        CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint((x + 0.5) / 1800, (y + 0.5) / 1800), 4326) AS p) c WHERE ST_Distance(p::geography, geom::geography) <= metres),
    told AS (SELECT f.facility_id, a AS cell FROM f, community.facility_service_area(f.community_id, f.facility_id, f.metres) a)
    SELECT count(*) FROM ((TABLE cell EXCEPT TABLE told) UNION ALL (TABLE told EXCEPT TABLE cell)) d" "service areas equal the brute force"

# Two neighbours as one: what they have twice, and what one could share.
psql_q >/dev/null <<'EOF'
SELECT community.facility_import(330203001001 + k, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt) ORDER BY n_row) FROM public.osm WHERE n_row % 2 = k OR n_row % 10 = 0), '{"source":"split","refine":true,"duplicates":"keep"}') FROM generate_series(0, 1) k;
CREATE TABLE public.joint AS SELECT community.community_register('330203', '南门联合体', 'virtual') AS v;
SELECT community.virtual_member_add(v, 330203001001 + k) FROM public.joint, generate_series(0, 1) k;
CREATE TABLE public.twice AS SELECT d.* FROM public.joint, community.duplicate_facilities(v) d;
CREATE TABLE public.hand AS
SELECT CASE WHEN p.d <= 100 AND p.alike >= 0.7 THEN 'same' ELSE 'redundant' END AS kind, p.a, p.b
  FROM (SELECT least(a.facility_id, b.facility_id) AS a, greatest(a.facility_id, b.facility_id) AS b, a.community_id <> b.community_id AS apart, ST_Distance(a.geom::geography, b.geom::geography) AS d,
               community._facility_alikeness(a.name, b.name) AS alike, (SELECT min(s.radius_m) FROM community.life_circle_standard s JOIN community.facility_class k ON k.class = a.class AND s.class IN (k.class, k.parent_class)) AS radius
          FROM community.facility a JOIN community.facility b ON b.class = a.class AND a.facility_id < b.facility_id
         WHERE a.community_id IN (330203001001, 330203001002) AND b.community_id IN (330203001001, 330203001002)) p
 WHERE (p.d <= 100 AND p.alike >= 0.7) OR (p.apart AND p.d <= p.radius);
EOF
at_least 15 "SELECT count(*) FROM public.hand WHERE kind = 'same'" "facilities recorded by both"
at_least 20 "SELECT count(*) FROM public.hand WHERE kind = 'redundant'" "facilities that one could share"
same "0" "SELECT count(*) FROM (SELECT kind, least(facility_id, other_facility_id), greatest(facility_id, other_facility_id) FROM public.twice EXCEPT TABLE public.hand) d" "no other pair is told"
same "0" "SELECT count(*) FROM (TABLE public.hand EXCEPT SELECT kind, least(facility_id, other_facility_id), greatest(facility_id, other_facility_id) FROM public.twice) d" "and none is missed"
done_checking
