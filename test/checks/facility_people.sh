#!/bin/bash
# Life circles counted from the register of persons, around the real facilities
# of Haishu.  People, households and care tags are entered at addresses; what
# life_circle(), life_circle_care(), facility_gap() and facility_site() say is
# recomputed from the tables person, residence, household, care_tag and address
# with plain PostGIS, without population points.
# database: copy
. "$(dirname "$0")/../lib/check.sh"

[ -f "$COMMUNITY_DATA/facilities/haishu_osm.csv" ] || skip "no real facilities under $COMMUNITY_DATA"

psql_q >/dev/null <<EOF
CREATE TABLE public.osm (kind text, name text, county text, lon float8, lat float8, shape text, n integer, wkt text);
\\copy public.osm FROM '$COMMUNITY_DATA/facilities/haishu_osm.csv' CSV HEADER
EOF

psql_q >/dev/null <<'EOF'
SELECT community.community_register('330203', '海曙区', 'district'), community.community_register('330203001', '南门街道', 'street'),
       community.community_register('330203001001', '甲社区', 'residential'), community.community_register('330203001002', '乙社区', 'residential');
SELECT community.facility_import(330203000000, (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'wkt', wkt)) FROM public.osm), '{"source":"OpenStreetMap","refine":true}');
-- Two communities of six unit grids in the old town.
CREATE TABLE public.cell AS
SELECT c, x, y, community.grid_add((330203001000000 + c * 1000 + 3 * y + x + 1)::text::community.gridcode, 'g', 'unit',
           ST_AsGeoJSON(ST_MakeEnvelope(121.525 + (c - 1) * 0.015 + x * 0.005, 29.864 + y * 0.008, 121.525 + (c - 1) * 0.015 + (x + 1) * 0.005, 29.864 + (y + 1) * 0.008), 9)::jsonb, '[2010-01-01,)') AS grid_id
  FROM generate_series(1, 2) c, generate_series(0, 2) x, generate_series(0, 1) y;
-- Thirty buildings to a community with rooms; a room stands where its building does.
SELECT setseed(0.7);
CREATE TABLE public.house AS
SELECT c, b, community.address_add(330203001000 + c, 'building', c || '-' || b || '号楼', NULL, 121.525 + (c - 1) * 0.015 + random() * 0.015, 29.864 + random() * 0.016, '[2010-01-01,)') AS building
  FROM generate_series(1, 2) c, generate_series(1, 30) b;
CREATE TABLE public.room AS
SELECT c, b, r, community.address_add(330203001000 + c, 'room', (100 + r)::text, building, NULL, NULL, '[2010-01-01,)') AS address_id
  FROM public.house, generate_series(1, 6) r;
-- People in most rooms, some known by the grid only, some gone, some on record in the other community.
CREATE TABLE public.dweller AS
SELECT row_number() OVER () + 700000 AS person_id, c, CASE WHEN random() < 0.1 THEN 3 - c ELSE c END AS record, b, r, n,
       CASE WHEN random() < 0.85 THEN address_id END AS address_id, random() AS age, random() AS luck
  FROM (SELECT m.*, (random() * 4)::integer AS k FROM public.room m WHERE b > 3 OR r = 1) m, generate_series(1, k) n;
INSERT INTO community.person (community_id, person_id, stat_key, birth_year, sex)
SELECT 330203001000 + record, person_id, person_id, 1930 + (age * 90)::integer, 'unknown' FROM public.dweller;
INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, valid, stat_key, birth_year, sex)
SELECT 330203001000 + d.record, d.person_id, CASE WHEN luck < 0.1 THEN 'workplace' ELSE 'registered' END, luck >= 0.1, 330203001000 + d.c,
       CASE WHEN d.address_id IS NULL OR luck > 0.5 THEN coalesce((SELECT a.grid_id FROM community.address a WHERE a.address_id = h.building), (SELECT min(grid_id) FROM public.cell g WHERE g.c = d.c)) END,
       d.address_id, daterange('2019-01-01', CASE WHEN luck BETWEEN 0.2 AND 0.3 THEN date '2023-06-30' END), d.person_id, 1930 + (age * 90)::integer, 'unknown'
  FROM public.dweller d JOIN public.house h USING (c, b);
-- A household to each inhabited room, some known by the grid only, some ended; one stands where nobody lives.
INSERT INTO community.household (community_id, address_id, grid_id, valid)
SELECT 330203001000 + m.c, CASE WHEN (m.b + m.r) % 7 > 0 THEN m.address_id END,
       CASE WHEN (m.b + m.r) % 7 = 0 THEN (SELECT grid_id FROM community.address a WHERE a.address_id = h.building) END,
       daterange('2019-01-01', CASE WHEN (m.b * m.r) % 11 = 0 THEN date '2023-01-01' END)
  FROM public.room m JOIN public.house h USING (c, b) WHERE m.r <= 4;
INSERT INTO community.care_tag (community_id, person_id, tag, valid)
SELECT 330203001000 + record, person_id, t, daterange('2020-01-01', CASE WHEN luck > 0.95 THEN date '2022-01-01' END)
  FROM public.dweller, unnest('{living_alone,disabled,mental}'::text[]) WITH ORDINALITY u (t, i) WHERE (person_id * 7 + i) % 5 = 0;
ANALYZE;
SELECT community.population_feed(330203001001, '2024-03-31'), community.population_feed(330203001002, '2024-03-31');

-- By hand.  A door with five people or more stands for itself, another for its grid's inner point; so do the bearers of a tag.
CREATE VIEW public.living AS
SELECT r.community_id, r.person_id, r.place_id, coalesce(r.grid_id, a.grid_id) AS grid_id, a.geom AS door, r.birth_year
  FROM community.residence r LEFT JOIN community.address a ON a.community_id = r.place_id AND a.address_id = r.address_id
 WHERE r.lives AND lower(r.valid) <= '2024-03-31' AND (upper(r.valid) IS NULL OR upper(r.valid) > '2024-03-31');
CREATE TABLE public.inner_point AS SELECT community_id, grid_id, ST_PointOnSurface(geom) AS geom FROM community.grid;
CREATE TABLE public.soul AS
SELECT l.*, CASE WHEN count(*) OVER (PARTITION BY l.grid_id, l.door) >= 5 AND l.door IS NOT NULL THEN l.door ELSE i.geom END AS home
  FROM public.living l LEFT JOIN public.inner_point i ON i.grid_id = l.grid_id;
CREATE TABLE public.family AS
SELECT h.household_id, CASE WHEN a.geom IS NOT NULL AND (SELECT count(*) FROM public.living l WHERE l.door = a.geom AND l.grid_id = coalesce(h.grid_id, a.grid_id)) >= 5 THEN a.geom ELSE i.geom END AS home
  FROM community.household h
  LEFT JOIN community.address a ON a.community_id = h.community_id AND a.address_id = h.address_id
  LEFT JOIN public.inner_point i ON i.grid_id = coalesce(h.grid_id, a.grid_id)
 WHERE lower(h.valid) <= '2024-03-31' AND (upper(h.valid) IS NULL OR upper(h.valid) > '2024-03-31');
CREATE TABLE public.bearer AS
SELECT t.tag, CASE WHEN l.door IS NOT NULL AND count(*) OVER (PARTITION BY t.tag, l.grid_id, l.door) >= 5 THEN l.door ELSE i.geom END AS home
  FROM public.living l
  JOIN community.care_tag t ON t.community_id = l.community_id AND t.person_id = l.person_id AND lower(t.valid) <= '2024-03-31' AND (upper(t.valid) IS NULL OR upper(t.valid) > '2024-03-31')
  LEFT JOIN public.inner_point i ON i.grid_id = l.grid_id;
-- Who reaches what: each home against every facility of each class.
CREATE TABLE public.spot AS SELECT DISTINCT home FROM (SELECT home FROM public.soul UNION SELECT home FROM public.family UNION SELECT home FROM public.bearer) h;
CREATE TABLE public.reached AS
SELECT s.home, l.circle, l.class, l.radius_m, EXISTS (SELECT FROM community.facility f JOIN community.facility_class k ON k.class = f.class
         WHERE l.class IN (k.class, k.parent_class) AND ST_Distance(f.geom::geography, s.home::geography) <= l.radius_m) AS yes
  FROM public.spot s CROSS JOIN community.life_circle_standard l;
CREATE TABLE public.circle AS SELECT * FROM community.life_circle(330203001000);
CREATE TABLE public.care AS SELECT t.tag, l.* FROM unnest('{living_alone,disabled}'::text[]) t (tag), community.life_circle_care(330203001000, tag) l;
EOF

# There is something to count, of each kind.
at_least 500 "SELECT count(*) FROM public.soul" "people"
at_least 20 "SELECT count(DISTINCT home) FROM public.soul WHERE home = door" "doors of five people or more"
at_least 50 "SELECT count(*) FROM public.soul WHERE (home = door) IS NOT TRUE" "people told by their grid"
at_least 20 "SELECT count(*) FROM public.soul WHERE community_id <> place_id" "people on record elsewhere"
at_least 20 "SELECT count(*) FROM public.family f WHERE NOT EXISTS (SELECT FROM public.house h JOIN community.address a ON a.address_id = h.building WHERE a.geom = f.home)" "households told by their grid"
at_least 60 "SELECT count(*) FROM public.bearer WHERE tag = 'living_alone'" "people living alone"
at_least 2 "SELECT count(*) FROM public.circle WHERE covered BETWEEN 1 AND residents - 1" "standards partly met"
none "SELECT 1 FROM public.soul WHERE home IS NULL UNION ALL SELECT 1 FROM public.family WHERE home IS NULL" "somebody has no place"

# Residents, households and elderly, in all and within reach, and the share.
none "SELECT l.class, l.basis, l.residents, l.covered, l.share, l.elderly, l.elderly_covered, h.* FROM public.circle l
      CROSS JOIN LATERAL (SELECT count(*) AS residents, count(*) FILTER (WHERE r.yes) AS covered, round(count(*) FILTER (WHERE r.yes)::numeric / count(*), 4) AS share,
                                 count(*) FILTER (WHERE s.birth_year <= 1964) AS elderly, count(*) FILTER (WHERE s.birth_year <= 1964 AND r.yes) AS elderly_covered
                            FROM public.soul s JOIN public.reached r ON r.home = s.home AND r.class = l.class AND r.circle = l.circle) h
      WHERE (l.residents, l.covered, l.share, l.elderly, l.elderly_covered) <> (h.residents, h.covered, h.share, h.elderly, h.elderly_covered) OR l.basis <> 'residents' OR l.method <> 'distance'" "residents differ from the count by hand"
none "SELECT l.class, l.households, l.households_covered, h.* FROM public.circle l
      CROSS JOIN LATERAL (SELECT count(*) AS households, count(*) FILTER (WHERE r.yes) AS covered FROM public.family s JOIN public.reached r ON r.home = s.home AND r.class = l.class AND r.circle = l.circle) h
      WHERE (l.households, l.households_covered) <> (h.households, h.covered)" "households differ from the count by hand"
at_least 19 "SELECT count(*) FROM public.circle" "standards measured"
none "SELECT l.class FROM public.circle l WHERE l.uncovered_cells IS DISTINCT FROM
          (SELECT coalesce(array_agg(DISTINCT community.gridcell(ST_X(s.home), ST_Y(s.home), 6)::text), '{}') FROM public.soul s JOIN public.reached r ON r.home = s.home AND r.class = l.class AND r.circle = l.circle AND NOT r.yes)" "the cells out of reach differ"
none "SELECT g.class FROM community.facility_gap(330203001000) g FULL JOIN public.circle l ON l.class = g.class AND l.circle = g.circle
      WHERE g.uncovered IS DISTINCT FROM nullif(l.residents - l.covered, 0)" "gaps in people differ"
none "SELECT class, facilities FROM community.facility_gap(330203000000) g WHERE facilities <> (SELECT count(*) FROM community.facility f JOIN community.facility_class k ON k.class = f.class WHERE g.class IN (k.class, k.parent_class))" "gaps in facilities differ"

# Bearers of a care tag.
none "SELECT l.tag, l.class, l.persons, l.covered, l.share, h.* FROM public.care l
      CROSS JOIN LATERAL (SELECT count(*) AS persons, count(*) FILTER (WHERE r.yes) AS covered FROM public.bearer b JOIN public.reached r ON r.home = b.home AND r.class = l.class AND r.circle = l.circle WHERE b.tag = l.tag) h
      WHERE (l.persons, l.covered, l.share) <> (h.persons, h.covered, round(h.covered::numeric / h.persons, 4))" "bearers of a tag differ from the count by hand"
at_least 38 "SELECT count(*) FROM public.care" "standards measured for two tags"
none "WITH cell AS (SELECT l.tag, l.class, community.gridcell(ST_X(b.home), ST_Y(b.home), 6)::text AS cell, count(*) AS n FROM public.care l JOIN public.bearer b ON b.tag = l.tag
            JOIN public.reached r ON r.home = b.home AND r.class = l.class AND r.circle = l.circle AND NOT r.yes GROUP BY 1, 2, 3)
      SELECT l.tag, l.class FROM public.care l WHERE l.uncovered_cells IS DISTINCT FROM (SELECT coalesce(array_agg(c.cell ORDER BY c.cell), '{}') FROM cell c WHERE c.tag = l.tag AND c.class = l.class AND n >= 5)
         OR l.scattered IS DISTINCT FROM (SELECT coalesce(sum(n), 0) FROM cell c WHERE c.tag = l.tag AND c.class = l.class AND n < 5)" "the cells of bearers out of reach differ"
at_least 10 "SELECT count(*) FROM public.care WHERE uncovered_cells <> '{}'" "cells of bearers are listed"
at_least 1 "SELECT count(*) FROM public.care WHERE scattered > 0" "others are only counted"
none "SELECT 1 FROM community.population_point WHERE care ? 'mental'" "the most sensitive tags were counted"

# Sites: each gains the most people that are left, and what is left is told.
for class in kindergarten primary_school bank; do
    psql_q >/dev/null <<EOF
DROP TABLE IF EXISTS public.site, public.still;
CREATE TABLE public.site AS SELECT s.*, l.radius_m FROM community.facility_site(330203001000, '$class', 4) s, (SELECT min(radius_m) AS radius_m FROM community.life_circle_standard WHERE class = '$class') l;
CREATE TABLE public.still AS SELECT s.home, count(*) AS people FROM public.soul s JOIN public.reached r ON r.home = s.home AND r.class = '$class' AND NOT r.yes GROUP BY s.home;
EOF
    at_least 2 "SELECT count(*) FROM public.site" "sites for $class"
    none "SELECT s.place, s.gain, b.best FROM public.site s
          CROSS JOIN LATERAL (SELECT max(n) AS best FROM (SELECT sum(b.people) AS n FROM public.still a JOIN public.still b ON ST_Distance(a.home::geography, b.home::geography) <= s.radius_m
              WHERE NOT EXISTS (SELECT FROM public.site e WHERE e.place < s.place AND ST_Distance(ST_SetSRID(ST_MakePoint(e.lon, e.lat), 4326)::geography, b.home::geography) <= s.radius_m) GROUP BY a.home) x) b
          WHERE s.gain <> b.best" "a site for $class does not gain the most that is left"
    none "SELECT s.place, s.uncovered FROM public.site s WHERE s.uncovered <> (SELECT coalesce(sum(b.people), 0) FROM public.still b
          WHERE NOT EXISTS (SELECT FROM public.site e WHERE e.place <= s.place AND ST_Distance(ST_SetSRID(ST_MakePoint(e.lon, e.lat), 4326)::geography, b.home::geography) <= s.radius_m))" "what is left after a site for $class differs"
done
done_checking
