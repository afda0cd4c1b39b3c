-- The Haishu week: facts, synthetic territories, duties, and the stream.
-- Run in this folder; the stream stands in out/haishu_stream.csv (demo/simulate).

\copy demo.division FROM 'haishu_divisions.csv' WITH (FORMAT csv, HEADER)
\copy demo.place (kind, code, lon, lat) FROM 'haishu_places.csv' WITH (FORMAT csv, HEADER)
\ir haishu_territory.sql

-- Divisions as the statistics bureau lists them, and each as a tenant.
SELECT count(*) AS changes FROM community.division_load('2023',
    (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name) ORDER BY code) FROM demo.division),
    'National Bureau of Statistics, division codes for statistics, 2023', '2023-01-01') \gset

SELECT count(community.community_register(
           (regexp_replace(code, '(000)+$', ''))::community.gridcode, name,
           CASE WHEN level = 5 THEN CASE WHEN name ~ '村' THEN 'village' ELSE 'residential' END
                ELSE (ARRAY['province', 'city', 'district', 'street'])[level] END)) AS communities
  FROM (SELECT CASE level WHEN 1 THEN left(code, 2) WHEN 2 THEN left(code, 4) ELSE code END AS code, level, name
          FROM demo.division ORDER BY level, code) AS d \gset

SELECT count(community.grid_add(code::community.gridcode, name, 'unit', ST_AsGeoJSON(geom, 9)::jsonb,
                                daterange('2025-01-01', NULL))) AS grids
  FROM (SELECT * FROM demo.territory ORDER BY code) AS t \gset
