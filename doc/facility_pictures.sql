-- Make the picture of doc/facility.md:
--     psql -XAtq -v ON_ERROR_STOP=1 -d DATABASE -f doc/facility_pictures.sql
-- from the root of the repository, in a database with the platform.  Nothing stays in the database.
BEGIN;
SET LOCAL search_path = community, public, pg_catalog, pg_temp;
CREATE TEMP TABLE fact (name text, class text, lon float8, lat float8, wkt text) ON COMMIT DROP;
\copy fact (name, class, lon, lat) FROM 'demo/haishu_facilities.csv' CSV HEADER
-- A made-up quarter of the old town: two communities of six unit grids each.
SELECT community_register('330203', '海曙区', 'district'), community_register('330203990', '示例街道', 'street'),
       community_register('330203990001', '示例一社区', 'residential'), community_register('330203990002', '示例二社区', 'residential') \g /dev/null
SELECT grid_add(gridcode(330203990000000 + c * 1000 + 3 * (1 - y) + x + 1), '网格 ' || c || '-' || 3 * (1 - y) + x + 1, 'unit',
                ST_AsGeoJSON(ST_MakeEnvelope(121.530 + (c - 1) * 0.012 + x * 0.004, 29.864 + y * 0.006, 121.530 + (c - 1) * 0.012 + (x + 1) * 0.004, 29.864 + (y + 1) * 0.006), 9)::jsonb)
  FROM generate_series(1, 2) c, generate_series(0, 2) x, generate_series(0, 1) y \g /dev/null
SELECT count(*) FROM facility_import(330203990000, (SELECT jsonb_agg(to_jsonb(f)) FROM fact f), '{"source":"OpenStreetMap contributors","refine":true}') \g /dev/null
SELECT life_circle_svg(330203990000, 'primary_school')
\g doc/img/facility_gap.svg
SELECT format('%-12s %-28s %s %s', class, name, radius_m, share) FROM life_circle(330203990000) WHERE covered > 0;
SELECT place, cell, gain, uncovered FROM facility_site(330203990000, 'primary_school', 3);
ROLLBACK;
