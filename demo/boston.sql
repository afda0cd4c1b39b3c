-- The Boston 311 export: rows of demo.boston_raw (and the precincts in
-- demo.geojson) become grids and a stream.  psql variable: limit.
--
-- Rules for what is dirty; each row they touch is listed in demo.refused or
-- demo.noted under the rule's name:
--
--   open_time_unreadable   no time of opening: the row is refused
--   case_repeated          a case number seen before: the later row is refused
--   closed_before_opened   by at most a minute the clocks of two systems differ:
--                          closed at the moment of opening; by more the closing
--                          is refused and the case stays open
--   time_in_gap            a local time that the clocks skipped in March: moved
--                          on by the hour that was skipped
--   time_ambiguous         a local time that occurred twice in November: taken
--                          as standard time, the later one
--   target_missing         no target: the case has no deadline and no verdict
--   default_coordinates    42.3594,-71.0587 (City Hall) stands for "not geocoded":
--                          a case with ward and precinct gets a point inside that
--                          precinct, any other a point in the harbour, which is
--                          in no precinct; both are marked in the case's document
--   ward_written_otherwise "03", "3" and "Ward 3" are ward 3
--   ward_differs           the precinct's ward is another than the ward: the
--                          precinct, the finer one, counts
--   in_two_grids           precincts overlap in slivers: the lowest code counts
--   in_no_grid             the case goes to the city's own community
--   precinct_differs       the polygon that holds the point counts, not the
--                          precinct written in the row
--   status_differs         open with a closing time or closed without one: the
--                          times count
--   ring_repaired          a precinct's ring crossed itself and was repaired

\set tz '''America/New_York'''

INSERT INTO demo.rule VALUES
    ('open_time_unreadable', 'time of opening missing or unreadable: refused', '开立时间缺失或无法识别：拒收'),
    ('case_repeated', 'case number repeated in the file: refused', '文件内案号重复：拒收'),
    ('closed_before_opened', 'closed up to a minute before opened: closed at opening', '结案早于开立不足一分钟：按开立时刻结案'),
    ('time_in_gap', 'local time skipped by the clock change: moved on by it', '夏令时跳过的时刻：顺延'),
    ('time_ambiguous', 'local time that occurred twice: standard time', '夏令时重复的时刻：按标准时间'),
    ('target_missing', 'no target: no deadline, no verdict', '无目标时间：不设时限、不作评判'),
    ('default_precinct', 'default coordinates: a point of the precinct in the row', '默认坐标：取所记选区内一点'),
    ('default_nowhere', 'default coordinates and no precinct: in no grid', '默认坐标且无选区：不入网格'),
    ('ward_written_otherwise', 'ward written as a number: read as such', '选区号书写不一：统一识别'),
    ('ward_differs', 'ward and precinct contradict: the precinct counts', '大小选区矛盾：以小选区为准'),
    ('in_two_grids', 'point in two overlapping grids: the lower code', '落入两个网格：取编码小者'),
    ('in_no_grid', 'point in no grid: the city''s own community', '不在任何网格：归城市自身'),
    ('precinct_differs', 'precinct in the row differs from the polygon: the polygon counts', '所记选区与图形不符：以图形为准'),
    ('status_differs', 'status contradicts the times: the times count', '状态与时间矛盾：以时间为准'),
    ('ring_repaired', 'precinct ring crossed itself: repaired', '网格边界自交：已修复');

-- A local time as written in the file; NULL when it cannot be read.
CREATE FUNCTION demo.boston_time(p_text text) RETURNS timestamp
    LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    IF p_text !~ '^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d$' THEN
        RETURN NULL;
    END IF;
    RETURN p_text::timestamp;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- A number as written in the file; NULL when it is none.
CREATE FUNCTION demo.boston_number(p_text text) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p_text ~ '^-?\d{1,9}(\.\d{1,9})?$' THEN p_text::numeric END;

-- The precincts: ward WW and precinct PP are grid 990101001 0WW 0PP; the part
-- "A" of a divided precinct (5-2A) is numbered 1PP.
CREATE TABLE demo.boston_grid AS
SELECT '990101001' || lpad(left(wp, 2), 3, '0') || CASE WHEN wp ~ 'A$' THEN '1' ELSE '0' END || substr(wp, 3, 2) AS code,
       format('Ward %s, precinct %s', left(wp, 2)::int, ltrim(substr(wp, 3), '0')) AS name,
       left(wp, 2)::int AS ward, CASE WHEN wp ~ '^\d{4}$' THEN right(wp, 2)::int END AS precinct,
       ST_Multi(CASE WHEN ST_IsValid(g) THEN g ELSE ST_CollectionExtract(ST_MakeValid(g), 3) END) AS geom,
       CASE WHEN NOT ST_IsValid(g) THEN ST_IsValidReason(g) END AS repaired
  FROM (SELECT f -> 'properties' ->> 'WARD_PRECINCT' AS wp, ST_SetSRID(ST_GeomFromGeoJSON(f ->> 'geometry'), 4326) AS g
          FROM (SELECT string_agg(line, E'\n' ORDER BY ord)::jsonb AS doc FROM demo.geojson) AS d,
               jsonb_array_elements(doc -> 'features') AS f) AS p;
CREATE INDEX ON demo.boston_grid USING gist (geom);

CREATE TABLE demo.boston_case AS
SELECT line, case_enquiry_id AS id, 'Boston: ' || type AS case_type, department, source AS intake,
       o AS opened_local, t AS target_local, c AS closed_local,
       o AT TIME ZONE :tz AS opened, t AT TIME ZONE :tz AS target,
       CASE WHEN c AT TIME ZONE :tz >= o AT TIME ZONE :tz THEN c AT TIME ZONE :tz
            WHEN c AT TIME ZONE :tz >= o AT TIME ZONE :tz - interval '1 minute' THEN o AT TIME ZONE :tz END AS closed,
       nullif(ontime_status, '') AS verdict, case_status, ward AS ward_text,
       substring(ward FROM '\d+')::int AS ward,
       demo.boston_number(precinct)::int % 100 AS precinct, demo.boston_number(precinct)::int / 100 AS precinct_ward,
       demo.boston_number(latitude)::float8 AS lat, demo.boston_number(longitude)::float8 AS lon,
       coalesce(demo.boston_number(latitude) = 42.3594 AND demo.boston_number(longitude) = -71.0587, true) AS is_default,
       row_number() OVER (PARTITION BY case_enquiry_id ORDER BY line) AS nth
  FROM (SELECT *, demo.boston_time(open_dt) AS o, demo.boston_time(target_dt) AS t, demo.boston_time(closed_dt) AS c
          FROM demo.boston_raw WHERE line <= :limit) AS r;

-- Where each case lies: its own point, or a stand-in for default coordinates.
CREATE TABLE demo.boston_place AS
SELECT c.line, CASE WHEN NOT is_default THEN 'point' WHEN p.code IS NOT NULL THEN 'precinct' ELSE 'unknown' END AS position,
       CASE WHEN NOT is_default THEN lon WHEN p.code IS NOT NULL THEN ST_X(p.inside) ELSE -71.0330 END AS lon,
       CASE WHEN NOT is_default THEN lat WHEN p.code IS NOT NULL THEN ST_Y(p.inside) ELSE 42.3560 END AS lat,
       p.code AS written, NULL::text[] AS codes
  FROM demo.boston_case AS c
  LEFT JOIN (SELECT code, ward, precinct, ST_PointOnSurface(geom) AS inside FROM demo.boston_grid) AS p
    ON p.ward = c.precinct_ward AND p.precinct = c.precinct;
UPDATE demo.boston_place AS p
   SET codes = (SELECT array_agg(g.code ORDER BY g.code) FROM demo.boston_grid AS g
                 WHERE ST_Intersects(g.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)));

DO $$
BEGIN
    IF EXISTS (SELECT FROM demo.boston_grid WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint(-71.0330, 42.3560), 4326))) THEN
        RAISE EXCEPTION 'a precinct holds the point that stands for unknown places';
    END IF;
END
$$;

INSERT INTO demo.refused
SELECT 'boston', 'line ' || line, 'report',
       CASE WHEN opened IS NULL THEN 'open_time_unreadable' ELSE 'case_repeated' END, 'case ' || id
  FROM demo.boston_case WHERE opened IS NULL OR nth > 1;
INSERT INTO demo.refused
SELECT 'boston', id || '-7', 'check_ok', 'closed_before_opened', format('opened %s, closed %s', opened_local, closed_local)
  FROM demo.boston_case WHERE opened IS NOT NULL AND nth = 1 AND closed_local IS NOT NULL AND closed IS NULL;

INSERT INTO demo.noted
SELECT 'boston', c.id, n.rule, n.detail
  FROM demo.boston_case AS c
  JOIN demo.boston_place AS p USING (line),
       LATERAL (VALUES
        ('closed_before_opened', closed_local < opened_local, format('opened %s, closed %s', opened_local, closed_local)),
        ('time_in_gap', EXISTS (SELECT FROM unnest(ARRAY[opened_local, target_local, closed_local]) AS u (x)
                                 WHERE (x AT TIME ZONE :tz) AT TIME ZONE :tz <> x),
            format('opened %s, target %s, closed %s', opened_local, target_local, closed_local)),
        ('time_ambiguous', EXISTS (SELECT FROM unnest(ARRAY[opened_local, target_local, closed_local]) AS u (x)
                                    WHERE ((x AT TIME ZONE :tz) - interval '1 hour') AT TIME ZONE :tz = x),
            format('opened %s, target %s, closed %s', opened_local, target_local, closed_local)),
        ('target_missing', target IS NULL, ''),
        ('default_precinct', position = 'precinct', written),
        ('default_nowhere', position = 'unknown', ''),
        ('ward_written_otherwise', ward_text ~ '^\d', ward_text),
        ('ward_differs', ward <> precinct_ward, format('ward %s, precinct %s', ward_text, written)),
        ('in_two_grids', cardinality(p.codes) > 1, array_to_string(p.codes, ' ')),
        ('in_no_grid', position = 'point' AND p.codes IS NULL, format('%s %s', p.lon, p.lat)),
        ('precinct_differs', position = 'point' AND written <> p.codes[1], format('written %s, by point %s', written, p.codes[1])),
        ('status_differs', (case_status = 'Closed') <> (closed_local IS NOT NULL), case_status)) AS n (rule, applies, detail)
 WHERE n.applies AND c.opened IS NOT NULL AND c.nth = 1 AND (n.rule <> 'closed_before_opened' OR c.closed IS NOT NULL);
INSERT INTO demo.noted
SELECT 'boston', code, 'ring_repaired', repaired FROM demo.boston_grid WHERE repaired IS NOT NULL;

-- The city and its wards as tenants of their own, under a private prefix.
SELECT community.community_register('990101', 'Boston', 'district', NULL, :tz) AS n \gset
SELECT community.community_register('990101001', 'Boston wards', 'street', 990101000000, :tz) AS n \gset
SELECT count(community.community_register(left(code, 12)::community.gridcode, 'Ward ' || ward, 'residential', 990101001000, :tz)) AS n
  FROM (SELECT DISTINCT left(code, 12) AS code, ward FROM demo.boston_grid ORDER BY 1) AS w \gset
SELECT count(community.grid_add(code::community.gridcode, name, 'unit', ST_AsGeoJSON(geom, 12)::jsonb,
           daterange('2015-01-01', NULL), p_source => 'Boston precincts')) AS n
  FROM (SELECT * FROM demo.boston_grid ORDER BY code) AS g \gset

-- A type has no limit of its own here: the deadline comes with the case.  Its
-- unit is the department that has most cases of the type.
INSERT INTO community.case_type (case_type, name, kind, time_limit, clock, source)
SELECT DISTINCT case_type, substr(case_type, 9), 'request', NULL::interval, 'calendar', 'Boston 311, target imported with the case'
  FROM demo.boston_case WHERE case_type IS NOT NULL
ON CONFLICT DO NOTHING;
CREATE TEMP TABLE department AS
SELECT department, community.organization_add(990101000000, 'Boston ' || department, 'government',
           p_doc => '{"source": "Boston 311", "valid_from": "2015-01-01"}') AS organization_id
  FROM (SELECT DISTINCT department FROM demo.boston_case ORDER BY 1) AS d;
SELECT count(community.duty_add('990101', case_type, organization_id, daterange('2015-01-01', NULL), false, 'Boston 311')) AS n
  FROM (SELECT case_type, mode() WITHIN GROUP (ORDER BY department) AS department
          FROM demo.boston_case GROUP BY case_type) AS m JOIN department USING (department) \gset

SELECT community.ensure_partitions((SELECT min(opened) FROM demo.boston_case),
                                   (SELECT max(greatest(opened, closed)) FROM demo.boston_case)) AS n \gset

INSERT INTO demo.city
SELECT 'boston', 2, '990101', '波士顿 311', format('Boston 311, %s cases as recorded', to_char(count(*), 'FM999,999')), :tz,
       min(opened_local)::date, max(opened_local)::date, NULL, NULL,
       'Events: City of Boston open data (311 service requests, first half of 2015). Grids: Boston precincts. '
       'Deadlines imported with the cases. 事件为波士顿开放数据，时限随案件导入。'
  FROM demo.boston_case WHERE opened IS NOT NULL AND nth = 1;

-- The minimal path, at the times the file knows: opened and closed.  Wards with
-- odd numbers are one lane, the others and what is in no ward the other.
INSERT INTO demo.stream (source, lane, pos, event_id, at, case_ref, event, case_type, lon, lat, channel, description, doc)
SELECT 'boston', coalesce(substr(p.codes[1], 10, 3)::int % 2, 0), row_number() OVER (ORDER BY e.at, c.line, e.step), c.id || '-' || e.step, e.at, c.id, e.event,
       CASE WHEN e.step = 1 THEN c.case_type END, CASE WHEN e.step = 1 THEN p.lon END, CASE WHEN e.step = 1 THEN p.lat END,
       CASE WHEN e.step = 1 THEN 'import' END, CASE WHEN e.step = 1 THEN c.intake END,
       CASE e.step
            WHEN 1 THEN jsonb_build_object('actor', 'boston intake', 'source', 'boston311', 'external_id', c.id, 'position', p.position)
                        || CASE WHEN c.target IS NULL THEN '{}' ELSE jsonb_build_object('due_at', c.target) END
            WHEN 5 THEN jsonb_build_object('actor', c.department)
            WHEN 6 THEN jsonb_build_object('actor', c.department)
            WHEN 7 THEN jsonb_build_object('actor', 'boston inspection')
            ELSE jsonb_build_object('actor', 'boston intake') END
  FROM demo.boston_case AS c
  JOIN demo.boston_place AS p USING (line),
       LATERAL (VALUES (1, 'report', opened), (2, 'accept', opened), (3, 'file', opened), (4, 'dispatch', opened),
                       (5, 'sign', opened), (6, 'handled', closed), (7, 'check_ok', closed)) AS e (step, event, at)
 WHERE c.opened IS NOT NULL AND c.nth = 1 AND e.at IS NOT NULL;
ANALYZE demo.stream;
