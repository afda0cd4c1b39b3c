-- The Haishu week: facts, synthetic territories, duties, and the stream.
-- Run by demo/load in this folder; demo.haishu_raw holds the stream.

-- The district itself and what lies above it; demo.division_raw may hold the
-- whole city.
INSERT INTO demo.division
SELECT code, level::int, name, nullif(parent, '') FROM demo.division_raw
 WHERE code LIKE '330203%' OR code IN ('330000000000', '330200000000');
\copy demo.place (kind, code, lon, lat) FROM 'haishu_places.csv' WITH (FORMAT csv, HEADER)
\ir haishu_territory.sql

-- The divisions as the statistics bureau lists them; each becomes a tenant.
SELECT count(*) AS n FROM community.division_load('2023',
    (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name) ORDER BY code) FROM demo.division_raw),
    'National Bureau of Statistics, division codes for statistics, 2023', '2023-01-01') \gset
SELECT community.division_register('330203') AS n \gset

SELECT count(community.grid_add(code::community.gridcode, name, 'unit', ST_AsGeoJSON(geom, 9)::jsonb,
           daterange('2025-01-01', NULL), p_source => 'synthetic territory of the demo')) AS n
  FROM (SELECT * FROM demo.territory ORDER BY code) AS t \gset

-- Facilities, each into the community whose grid it lies in.
CREATE TABLE demo.facility_result AS
SELECT f.row_no, r.name, r.class, f.status, f.detail
  FROM community.facility_import(NULL,
           (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', name, 'class', class, 'wkt', wkt, 'lon', lon, 'lat', lat)) ORDER BY line)
              FROM demo.facility_raw),
           '{"source": "OpenStreetMap contributors, ODbL", "datum": "wgs84", "refine": true}') AS f
  JOIN (SELECT *, row_number() OVER (ORDER BY line) AS n FROM demo.facility_raw) AS r ON r.n = f.row_no;

-- Who acts: a team in each street, and the district for what lies in no street.
SELECT count(community.duty_add(code::community.gridcode, NULL,
           community.organization_add(community_id, name || '综合行政执法队', 'government',
                                      p_doc => '{"source": "demo, invented", "valid_from": "2025-01-01"}'),
           daterange('2025-01-01', NULL), level = 3, 'demo')) AS n
  FROM (SELECT left(code, CASE level WHEN 3 THEN 6 ELSE 9 END) AS code, code::bigint AS community_id, name, level
          FROM demo.division WHERE level IN (3, 4) ORDER BY code) AS d \gset

-- Types and limits are data with their source.
CREATE TABLE demo.haishu_case_type (
    code text PRIMARY KEY, kind text, name text, name_en text, limit_hours int, per_1000 int, rhythm text, source text);
\copy demo.haishu_case_type FROM 'haishu_case_types.csv' WITH (FORMAT csv, HEADER)
INSERT INTO community.case_type (case_type, name, kind, time_limit, clock, source)
SELECT code, name, kind, make_interval(hours => limit_hours), 'calendar', 'demo: ' || source
  FROM demo.haishu_case_type;
INSERT INTO demo.type_name SELECT name, name_en FROM demo.haishu_case_type;

SELECT community.ensure_partitions('2025-03-01', '2025-04-01') AS n \gset

INSERT INTO demo.city
VALUES ('haishu', 1, '330203', '海曙区一周', 'A simulated week in Haishu, Ningbo', 'Asia/Shanghai', '2025-03-10', '2025-03-16',
    ARRAY[121.492, 29.842, 121.5585, 29.908], '老城区放大 The old town, enlarged',
    'Divisions: National Bureau of Statistics 2023. Territories and grids: synthetic. Facilities: © OpenStreetMap contributors, ODbL. '
    'Events: demo/simulate, seeded. 区划为国家统计局2023年数据；社区与网格范围、事件均为模拟；设施来自 OpenStreetMap（ODbL）。');

INSERT INTO demo.stream (source, pos, event_id, again, at, case_ref, event, case_type, lon, lat, channel, into_ref, description, doc)
SELECT 'haishu', line, event_id, row_number() OVER (PARTITION BY event_id ORDER BY line) > 1, at::timestamptz, case_ref, event,
       case_type, lon::float8, lat::float8, channel, into_ref, description,
       jsonb_strip_nulls(jsonb_build_object('actor', actor, 'reason', reason, 'until', until, 'extend_by', extend_by,
           'rating', rating, 'reporter', CASE WHEN event = 'report' THEN actor END,
           'source', CASE WHEN event = 'report' THEN 'haishu' END,
           'external_id', CASE WHEN event = 'report' THEN case_ref END))
  FROM demo.haishu_raw;
INSERT INTO demo.noted
SELECT source, event_id, 'delivered_again', 'position ' || pos FROM demo.stream WHERE source = 'haishu' AND again;
INSERT INTO demo.rule VALUES ('delivered_again', 'event delivered twice: the first answer holds', '事件重复送达：沿用首次结果');
ANALYZE demo.stream;
