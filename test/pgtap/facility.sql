-- facility: import, questions, hours, components, life circles.  Places are
-- given in steps of 0.001 degree from 121.5 30 (96 m by 111 m).
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
SET TimeZone = 'Asia/Shanghai';
CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_message text;
BEGIN
    EXECUTE p_sql;
    RETURN 'no refusal';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_message = MESSAGE_TEXT;
    RETURN COALESCE(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE || ' ' || v_message);
END
$$;
CREATE FUNCTION pg_temp.square(x double precision, y double precision, w double precision DEFAULT 1, h double precision DEFAULT 1)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT ST_AsGeoJSON(ST_MakeEnvelope(121.5 + x / 1000, 30 + y / 1000, 121.5 + (x + w) / 1000, 30 + (y + h) / 1000, 4326), 12)::jsonb
$$;
CREATE FUNCTION pg_temp.point(x double precision, y double precision) RETURNS geometry LANGUAGE sql AS $$
    SELECT ST_SetSRID(ST_MakePoint(121.5 + x / 1000, 30 + y / 1000), 4326)
$$;
CREATE FUNCTION pg_temp.at(x double precision, y double precision) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('lon', 121.5 + x / 1000, 'lat', 30 + y / 1000)
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '甲社区', 'residential'), community.community_register('330299001002', '乙社区', 'residential'),
       community.community_register('330299001003', '丙社区', 'residential');
SELECT community.grid_add('330299001001001', 'a', 'unit', pg_temp.square(0, 0, 10, 10)), community.grid_add('330299001002001', 'b', 'unit', pg_temp.square(10, 0, 10, 10));

-- Seeds -----------------------------------------------------------------------
SELECT is((SELECT count(*) FROM community.component_class), 81::bigint, 'there are 81 component classes');
SELECT is((SELECT count(*) FROM community.life_circle_standard), 19::bigint, 'and 19 life circle standards');
SELECT is((SELECT count(*) FROM community.facility_class WHERE source = ''), 0::bigint, 'every class has a source');
SELECT is((SELECT count(DISTINCT layer) FROM community.facility_class), 2::bigint, 'in both layers');
SELECT is_empty($$SELECT class FROM community.facility_class WHERE parent_class IS NULL AND osm_tag IS NULL AND class <> 'service_station'$$, 'classes at the top have a tag of OpenStreetMap, save the one that it does not know');
SELECT is_empty($$SELECT class FROM (SELECT class, source FROM community.facility_class UNION ALL SELECT class, source FROM community.component_class) c WHERE source ~* 'remembered'$$, 'no code is from memory');
SELECT is_empty($$SELECT class, std_code, source FROM community.facility_class WHERE (std_code IS NULL) <> (source = 'conventional') OR position(std_code IN source) = 0$$, 'a code stands with its standard and its title there, or there is none');
SELECT is_empty($$SELECT f.class FROM community.facility_class f LEFT JOIN community.component_class c ON c.class = f.std_code
    WHERE f.source LIKE 'component class%' AND f.source NOT LIKE format('component class %s %s,%%', c.class, c.name)$$, 'codes of components are those of the component classes');
SELECT is_empty($$SELECT class, source FROM community.facility_class WHERE source NOT LIKE 'component class%' AND std_code IS NOT NULL AND source !~ ('^GB/T 4754-2017 ' || std_code || ' \S+, ')$$, 'the others are industries');

-- Import ----------------------------------------------------------------------
CREATE TEMPORARY TABLE answer AS SELECT * FROM community.facility_import(NULL, jsonb_build_array(
    pg_temp.at(2, 2) || '{"name":"阳光小学","class":"school","capacity":"600","opening":"Mo-Fr 08:00-17:00; PH off","owner":"教育局"}',
    pg_temp.at(12, 2) || '{"name":"向阳医院","kind":"hospital","opening":"24/7"}',
    jsonb_build_object('name', '中心公园', 'leisure', 'park', 'geometry', pg_temp.square(4, 4, 2, 2)),
    jsonb_build_object('name', '步道', 'class', 'sports_ground', 'wkt', 'LINESTRING(121.501 30.001, 121.503 30.001)'),
    pg_temp.at(2.1, 2.1) || '{"name":"阳光小学校","class":"school"}',
    pg_temp.at(2, 2) || '{"class":"school"}',
    pg_temp.at(2, 2) || '{"name":"x","class":"castle"}',
    pg_temp.at(2, 2) || '{"name":"x","class":"school","opening":"sometimes"}',
    pg_temp.at(2, 2) || '{"name":"x","class":"school","capacity":"-3"}',
    '{"name":"x","class":"school","lon":"east","lat":"30"}'::jsonb,
    '{"name":"x","class":"school","lon":500,"lat":30}'::jsonb,
    '{"name":"x","class":"school"}'::jsonb,
    '{"name":"x","class":"school","wkt":"POLYGON((0 0))"}'::jsonb,
    '{"name":"x","class":"school","wkt":"GEOMETRYCOLLECTION(POINT(121 30))"}'::jsonb,
    pg_temp.at(2, 2) || '{"name":"x","class":"school","valid_from":"2026-13-01"}',
    '7'::jsonb,
    jsonb_build_object('name', '领结园', 'class', 'green_space', 'wkt', 'POLYGON((121.507 30.007,121.508 30.008,121.508 30.007,121.507 30.008,121.507 30.007))'),
    jsonb_build_object('name', '圆亭', 'class', 'shelter', 'geometry', ST_AsGeoJSON(ST_Buffer(pg_temp.point(8, 1)::geography, 5)::geometry, 12)::jsonb),
    pg_temp.at(90, 90) || '{"name":"野外站","class":"bus_stop"}'),
    '{"source":"test","refine":true}');
SELECT results_eq($$SELECT row_no, status, reason FROM answer ORDER BY row_no$$,
    $$VALUES (1, 'added', NULL), (2, 'added', NULL), (3, 'added', NULL), (4, 'added', NULL), (5, 'duplicate', 'duplicate'), (6, 'refused', 'name_missing'),
             (7, 'refused', 'class_unknown'), (8, 'refused', 'opening_invalid'), (9, 'refused', 'capacity_invalid'), (10, 'refused', 'geometry_invalid'),
             (11, 'refused', 'geometry_invalid'), (12, 'refused', 'geometry_invalid'), (13, 'refused', 'geometry_invalid'), (14, 'refused', 'geometry_invalid'),
             (15, 'refused', 'dates_invalid'), (16, 'refused', 'row_invalid'), (17, 'added', NULL), (18, 'added', NULL), (19, 'added', NULL)$$, 'every row has its own answer');
SELECT results_eq($$SELECT status, reason FROM community.facility_import(330299001001, jsonb_build_array(
    jsonb_build_object('name', '长号店', 'class', 'bank', 'lon', 121.5, 'lat', 30, 'source_id', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)), '{"name": "短号店"}'::jsonb))$$,
    $$VALUES ('refused', 'row_invalid'), ('refused', 'class_unknown')$$, 'an endless number stops no other row');
SELECT is((SELECT a.facility_id FROM answer a WHERE row_no = 5), (SELECT facility_id FROM answer WHERE row_no = 1), 'a duplicate names the record there is');
SELECT results_eq($$SELECT f.name, f.class, f.community_id, GeometryType(f.geom) FROM answer a JOIN community.facility f ON f.facility_id = a.facility_id WHERE a.status = 'added' ORDER BY a.row_no$$,
    $$VALUES ('阳光小学', 'primary_school', 330299001001, 'POINT'), ('向阳医院', 'hospital', 330299001002, 'POINT'), ('中心公园', 'green_space', 330299001001, 'POLYGON'),
             ('步道', 'sports_ground', 330299001001, 'LINESTRING'), ('领结园', 'green_space', 330299001001, 'MULTIPOLYGON'), ('圆亭', 'shelter', 330299001001, 'POINT'),
             ('野外站', 'bus_stop', 330299000000, 'POINT')$$, 'class by name or tag, community by grid, small circles are points, what lies in no grid goes to the district');
SELECT is((SELECT attrs ->> 'geometry_note' FROM community.facility WHERE name = '领结园'), (SELECT detail FROM answer WHERE row_no = 17), 'a repair is noted with the record');
SELECT is((SELECT weekly FROM community.facility WHERE name = '阳光小学'), community.weekly_hours('Mo-Fr 08:00-17:00; PH off'), 'hours are read');
SELECT is((SELECT count(*) FROM community.facility_import(NULL, jsonb_build_array(pg_temp.at(2, 2) || '{"name":"阳光小学","class":"primary_school"}'), '{"duplicates":"keep"}') WHERE status = 'added'), 1::bigint, 'duplicates are kept when asked');
DELETE FROM community.facility WHERE source = 'import';
SELECT results_eq($$SELECT status FROM community.facility_import(330299001001, jsonb_build_array(pg_temp.at(6, 6) || '{"name":"一号亭","class":"shelter","source_id":"9"}'), '{"source":"s"}')
    UNION ALL SELECT status FROM community.facility_import(330299001001, jsonb_build_array(pg_temp.at(7, 7) || '{"name":"二号亭","class":"shelter","source_id":"9"}'), '{"source":"s"}')$$, $$VALUES ('added'), ('updated')$$, 'the same number of a source updates');
SELECT is((SELECT count(*) FROM community.facility WHERE source = 's' AND name = '二号亭'), 1::bigint, 'the one record');
SELECT is((SELECT status FROM community.facility_import(330299001001, jsonb_build_array(jsonb_build_object('name', '偏移亭', 'class', 'shelter',
    'lon', ST_X(community.to_bd09(pg_temp.point(3, 3))), 'lat', ST_Y(community.to_bd09(pg_temp.point(3, 3))))), '{"datum":"BD-09"}')), 'added', 'BD-09 is taken');
SELECT is((SELECT ST_Distance(geom, pg_temp.point(3, 3)) < 1e-9 AND datum = 'bd09' FROM community.facility WHERE name = '偏移亭'), true, 'and turned back exactly');
SELECT results_eq($$SELECT reason FROM community.facility_import(330299001001, jsonb_build_array(pg_temp.at(3, 3) || '{"name":"别克路","class":"shop"}', pg_temp.at(50, 3) || '{"name":"店","class":"shop"}'), '{"refuse_name":"路$","within":[121.5,30,121.52,30.01]}')$$,
    $$VALUES ('name_refused'), ('outside')$$, 'names and places may be limited');
SELECT is((SELECT count(*) FROM community.facility_import(330299001001, jsonb_build_object('type', 'FeatureCollection', 'features', jsonb_build_array(
    jsonb_build_object('type', 'Feature', 'properties', '{"name":"东站","highway":"bus_stop"}'::jsonb, 'geometry', ST_AsGeoJSON(pg_temp.point(9, 9))::jsonb)))) WHERE status = 'added'), 1::bigint, 'GeoJSON is imported');
SELECT is(pg_temp.reason($$SELECT community.facility_import(330299001001, '[]', '{"datum":"xian80"}')$$), 'datum_unknown', 'the datum must be known');
SELECT is(pg_temp.reason($$SELECT community.facility_import(1, '[]')$$), 'community_unknown', 'the community too');
SELECT is(pg_temp.reason($$SELECT community.facility_import(330299001001, '{}')$$), 'facility_rows_invalid', 'rows are needed');
SELECT throws_ok($$INSERT INTO community.facility (community_id, class, name, geom, source) VALUES (330299001001, 'school', 'x', ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))', 4326), 's')$$, '23514', NULL, 'a collection cannot enter by any client');
SELECT is(round(community._facility_alikeness('麦德龙(普陀店)', '麦德龙')::numeric, 2), 1.00, 'a branch is its brand');
SELECT cmp_ok(community._facility_alikeness('H&M(南京西路店)', 'GAP(南京西路店)'), '<', 0.5::double precision, 'two brands in one mall are two');
SELECT is(community._facility_alikeness('酷购商城A馆', '酷购商城B馆'), 0::double precision, 'so are two buildings');

-- Near, within, search --------------------------------------------------------
SELECT results_eq($$SELECT name, round(distance_m)::integer FROM community.facility_near(pg_temp.point(2, 3), 'school', 3)$$, $$VALUES ('阳光小学', 111)$$, 'a wider class finds the narrower');
SELECT is((SELECT distance_m FROM community.facility_near(pg_temp.point(5, 5), 'green_space', 1)), 0::double precision, 'a place inside is at distance 0');
SELECT results_eq($$SELECT name FROM community.facility_near(pg_temp.point(2, 2), NULL, 3)$$, $$SELECT f.name FROM community.facility f ORDER BY ST_Distance(f.geom::geography, pg_temp.point(2, 2)::geography), facility_id LIMIT 3$$, 'without class anything counts');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), 'hospital', 5, 500)), 0::bigint, 'a limit in metres holds');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), 'school', 5, NULL, '2026-11-25 09:00')), 1::bigint, 'on Wednesday morning the school is open');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), 'school', 5, NULL, '2026-11-28 09:00')), 0::bigint, 'on Saturday it is not');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), 'green_space', 5, NULL, '2026-11-25 09:00')), 0::bigint, 'unknown hours are not open');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), NULL, 5, NULL, NULL, true)), 1::bigint, 'one has free capacity');
SELECT is((SELECT community.facility_set_occupied(community_id, facility_id, 600) FROM community.facility WHERE name = '阳光小学'), 0, 'it fills up');
SELECT is((SELECT count(*) FROM community.facility_near(pg_temp.point(2, 2), NULL, 5, NULL, NULL, true)), 0::bigint, 'then none has');
SELECT is(pg_temp.reason($$SELECT community.facility_near(pg_temp.point(2, 2), 'castle')$$), 'facility_class_unknown', 'the class must be known');
SELECT results_eq($$SELECT name FROM community.facility_within(ST_GeomFromGeoJSON(pg_temp.square(3.5, 3.5, 1, 1)))$$, $$VALUES ('中心公园')$$, 'what touches an area is in it');
SELECT results_eq($$SELECT facility_id FROM community.facility_within(pg_temp.point(2, 2), 400)$$, $$SELECT facility_id FROM community.facility WHERE ST_Distance(geom::geography, pg_temp.point(2, 2)::geography) <= 400 ORDER BY ST_Distance(geom::geography, pg_temp.point(2, 2)::geography), facility_id$$, 'within metres');
SELECT is((SELECT count(*) FROM community.facility_within(pg_temp.point(12, 3), NULL, 'hospital', 2)), 1::bigint, 'within minutes on foot');
SELECT results_eq($$SELECT name FROM community.facility_search('阳光')$$, $$VALUES ('阳光小学')$$, 'two characters find a name');
SELECT is((SELECT count(*) FROM community.facility_search('医学')), 0::bigint, 'pairs must be adjacent');
SELECT is((SELECT count(*) FROM community.facility_search(' ')), 0::bigint, 'nothing finds nothing');
SET LOCAL enable_seqscan = off;
CREATE TEMPORARY TABLE plan (line text);
DO $$ DECLARE l text; BEGIN FOR l IN EXPLAIN SELECT * FROM community.facility_search('阳光') LOOP INSERT INTO plan VALUES (l); END LOOP; END $$;
SELECT is((SELECT count(*) FROM plan WHERE line ~ 'facility_name_idx'), 1::bigint, 'by the index on pairs');
RESET enable_seqscan;

-- Hours -----------------------------------------------------------------------
CREATE TEMPORARY TABLE s AS SELECT community_id AS c, facility_id AS f FROM community.facility WHERE name = '阳光小学';
INSERT INTO community.facility_exception SELECT c, f, d, h, r FROM s, (VALUES (date '2026-11-26', int4multirange '{}', 'staff day'), ('2026-11-28', '{[600,720)}', 'open day')) v(d, h, r);
SELECT is((SELECT community.facility_open(c, f, '2026-11-25 16:59') FROM s), true, 'open by the week');
SELECT is((SELECT community.facility_open(c, f, '2026-11-26 10:00') FROM s), false, 'closed by exception');
SELECT is((SELECT community.facility_open(c, f, '2026-11-28 10:00') FROM s), true, 'open by exception');
SELECT is((SELECT community.facility_next_open(c, f, '2026-11-25 18:00') FROM s), '2026-11-27 08:00 Asia/Shanghai'::timestamptz, 'the next opening passes over the staff day');
SELECT is((SELECT community.facility_next_open(c, f, '2026-11-27 18:00') FROM s), '2026-11-28 10:00 Asia/Shanghai'::timestamptz, 'and finds the open day');
SELECT is((SELECT community.facility_next_open(c, f, '2026-11-28 11:00') FROM s), '2026-11-28 11:00 Asia/Shanghai'::timestamptz, 'now is the next opening while it is open');
SELECT is((SELECT community.facility_next_open(c, f, '2026-11-28 12:00') FROM s), '2026-11-30 08:00 Asia/Shanghai'::timestamptz, 'after it, Monday');
SELECT is((SELECT community.facility_open(community_id, facility_id, now()) FROM community.facility WHERE name = '中心公园'), NULL, 'unknown hours are NULL');
SELECT is(pg_temp.reason($$SELECT community.facility_open(330299001001, 0)$$), 'facility_not_found', 'the facility must exist');
SELECT results_eq($$SELECT name FROM community.facility_near(pg_temp.point(2, 2), 'school', 1, NULL, '2026-11-28 10:30')$$, $$VALUES ('阳光小学')$$, 'nearest open ones know exceptions');
SELECT throws_ok($$INSERT INTO community.facility_exception SELECT c, f, '2026-12-01', '{[0,2000)}', 'x' FROM s$$, '23514', NULL, 'a day has 1440 minutes');

-- Components ------------------------------------------------------------------
CREATE TEMPORARY TABLE duty AS SELECT community.organization_add(330299000000, '排水公司', 'utility') AS o;
SELECT is((SELECT community.component_add(330299001001, '0103', pg_temp.at(1, 1), jsonb_build_object('duty_organization_id', o, 'duty_community_id', 330299000000, 'surveyed_at', '2020-01-01')) FROM duty), 3302990103000001, 'a component gets its 16 digits');
SELECT is(community.component_add(330299001002, '0103', pg_temp.at(11, 1)), 3302990103000002, 'the county counts on across communities');
SELECT is(community.component_add(330299001001, '0305', pg_temp.at(1, 1), '{"component_id":"3302990305000001"}'), 3302990305000001, 'a number may be brought along');
SELECT is(community.component_add(330299001001, '0305', pg_temp.at(1, 1)), 3302990305000002, 'and is then passed over');
SELECT is(pg_temp.reason($$SELECT community.component_add(330299001002, '0305', pg_temp.at(11, 1), '{"component_id":"3302990305000001"}')$$), 'component_known', 'a number stands once in the city');
SELECT is(pg_temp.reason($$SELECT community.component_add(330299001002, '0305', pg_temp.at(11, 1), '{"component_id":"3302990103000009"}')$$), 'component_id_invalid', 'and agrees with the class');
SELECT is(pg_temp.reason($$SELECT community.component_add(330299001002, '9999', pg_temp.at(11, 1))$$), 'component_class_unknown', 'the class must be known');
SELECT is(pg_temp.reason($$SELECT community.component_add(330299001002, '0305', '{}')$$), 'component_geometry_invalid', 'a place is needed');
SELECT is(pg_temp.reason($$SELECT community.component_add(330299001002, '0305', pg_temp.at(11, 1), '{"duty_organization_id":0}')$$), 'organization_not_found', 'the duty organization must exist');
SELECT results_eq($$SELECT component_id, days > 2000 FROM community.component_stale(330299001001)$$, $$VALUES (3302990103000001, true)$$, 'what nobody has seen for a year is listed');
SELECT lives_ok($$SELECT community.component_survey(330299001001, 3302990103000001, 'damaged')$$, 'a survey');
SELECT is((SELECT count(*) FROM community.component_stale(330299001001)), 0::bigint, 'makes it fresh');
SELECT is((SELECT count(*) FROM community.facility_health()), 2::bigint, 'health tells of components nobody answers for');
SELECT is((SELECT g.code::text FROM community.component c JOIN community.grid g ON g.community_id = c.community_id AND g.grid_id = c.grid_id WHERE component_id = 3302990103000002), '330299001002001', 'a component lies in its grid');

SELECT results_eq($$SELECT row_no, status, community_id, component_id, reason FROM community.component_import(NULL, jsonb_build_array(
        pg_temp.at(3, 3) || '{"class":"0103","state":"damaged"}', pg_temp.at(13, 3) || '{"component_id":"3302990305000007"}',
        pg_temp.at(13, 3) || '{"component_id":"3302990305000007","surveyed_at":"2030-01-01"}', pg_temp.at(3, 3) || '{"component_id":"3302990305000007"}',
        pg_temp.at(3, 3) || '{"class":"9999"}', pg_temp.at(3, 3) || '{"class":"0103","component_id":"3302990305000008"}', pg_temp.at(3, 3) || '{"class":"0103","state":"new"}',
        '{"class":"0103"}'::jsonb, pg_temp.at(3, 3) || '{"class":"0103","surveyed_at":"soon"}', pg_temp.at(3, 3) || '{"class":"0103","duty_organization_id":"0"}', '[]'::jsonb))$$,
    $$VALUES (1, 'added', 330299001001, 3302990103000003, NULL), (2, 'added', 330299001002, 3302990305000007, NULL), (3, 'updated', 330299001002, 3302990305000007, NULL),
             (4, 'refused', 330299001001, 3302990305000007, 'known_elsewhere'), (5, 'refused', NULL, NULL, 'class_unknown'), (6, 'refused', NULL, NULL, 'id_invalid'),
             (7, 'refused', NULL, NULL, 'state_invalid'), (8, 'refused', NULL, NULL, 'geometry_invalid'), (9, 'refused', NULL, NULL, 'dates_invalid'),
             (10, 'refused', 330299001001, NULL, 'duty_unknown'), (11, 'refused', NULL, NULL, 'row_invalid')$$, 'a survey is imported, each row with its answer');
SELECT is((SELECT surveyed_at FROM community.component WHERE component_id = 3302990305000007), '2030-01-01'::date, 'a later survey makes it fresh');

-- Life circles ----------------------------------------------------------------
SELECT results_eq($$SELECT method, basis, residents, covered, uncovered_cells FROM community.life_circle(330299001003) WHERE class = 'primary_school'$$, $$SELECT 'distance', 'area', 1::bigint, 1::bigint, '{}'::text[] WHERE false$$, 'a community without grids and people has no circle');
SELECT results_eq($$SELECT residents, covered FROM community.life_circle(330299001001) WHERE class = 'primary_school'$$,
    $$SELECT count(*), count(*) FILTER (WHERE ST_Distance(p::geography, pg_temp.point(2, 2)::geography) <= 500)
        FROM (SELECT ST_SetSRID(ST_MakePoint((x + 0.5) / 1800, (y + 0.5) / 1800), 4326) AS p FROM generate_series(121.49 * 1800, 121.52 * 1800) x, generate_series(29.99 * 1800, 30.02 * 1800) y) c
       WHERE ST_Covers(ST_GeomFromGeoJSON(pg_temp.square(0, 0, 10, 10)), p)$$, 'without people the cells of the grids count');
SELECT is((SELECT cardinality(uncovered_cells) FROM community.life_circle(330299001001) WHERE class = 'primary_school'), (SELECT (residents - covered)::integer FROM community.life_circle(330299001001) WHERE class = 'primary_school'), 'and the uncovered ones are listed');
SELECT results_eq($$SELECT status, reason FROM community.population_set(330299001001, jsonb_build_array(pg_temp.at(3, 2) || '{"residents":100,"households":40,"elderly":30}', pg_temp.at(9, 9) || '{"residents":50,"households":20,"elderly":5}', pg_temp.at(1, 1) || '{"residents":"many"}', pg_temp.at(1, 1) || '{"residents":1,"elderly":2}', '{"residents":1}'), 'test')$$,
    $$VALUES ('added', NULL), ('added', NULL), ('refused', 'count_invalid'), ('refused', 'count_invalid'), ('refused', 'geometry_invalid')$$, 'people are counted at places');
SELECT results_eq($$SELECT basis, residents, covered, share, households, households_covered, elderly, elderly_covered, cardinality(uncovered_cells) FROM community.life_circle(330299001001) WHERE class = 'primary_school'$$,
    $$VALUES ('residents', 150::bigint, 100::bigint, 0.6667, 60::bigint, 40::bigint, 35::bigint, 30::bigint, 1)$$, 'then people count');
SELECT results_eq($$SELECT reason, detail FROM community.population_set(330299001002, jsonb_build_array(pg_temp.at(13, 2) || '{"residents":9,"care":[]}', pg_temp.at(13, 2) || '{"residents":9,"care":{"mental":1}}',
        pg_temp.at(13, 2) || '{"residents":9,"care":{"living_alone":"many"}}', pg_temp.at(13, 2) || '{"residents":9,"care":{"living_alone":6}}', pg_temp.at(18, 8) || '{"residents":9,"care":{"living_alone":4,"disabled":7}}'), 'test')$$,
    $$VALUES ('care_invalid', 'care is no object'), ('care_invalid', 'care: mental 1'), ('care_invalid', 'care: living_alone many'), (NULL, NULL), (NULL, NULL)$$, 'those who bear a care tag too, if statistics count it');
SELECT results_eq($$SELECT method, persons, covered, share, uncovered_cells, scattered FROM community.life_circle_care(330299001002, 'living_alone') WHERE class IN ('bus_stop', 'public_toilet')$$,
    $$SELECT 'distance', 10::bigint, 0::bigint, 0.0000, ARRAY[community.gridcell(121.513, 30.002, 6)::text], 4::bigint UNION ALL SELECT 'distance', 10, 0, 0.0000, ARRAY[community.gridcell(121.513, 30.002, 6)::text], 4$$, 'cells of few of them are not told');
SELECT is((SELECT count(*) FROM community.life_circle_care(330299001002, 'veteran')), 0::bigint, 'where nobody bears the tag there is no answer');
SELECT is(pg_temp.reason($$SELECT community.life_circle_care(330299001002, 'mental')$$), 'care_kind_unknown', 'the most sensitive tags have none');
SELECT is(pg_temp.reason($$SELECT community.life_circle_care(1, 'living_alone')$$), 'community_unknown', 'the community must be known here too');
DELETE FROM community.population_point WHERE community_id = 330299001002;
CREATE ROLE t_carer LOGIN;
GRANT USAGE ON SCHEMA community TO t_carer;
GRANT EXECUTE ON FUNCTION community.life_circle_care(bigint, text, date), community.actor(), community.refuse(text, text[]) TO t_carer;
SET LOCAL ROLE t_carer;
SELECT isnt(pg_temp.reason($$SELECT community.life_circle_care(330299001002, 'living_alone')$$), 'no refusal', 'whoever may not ask is told nothing');
RESET ROLE;
SELECT is((SELECT verdict || ' ' || facilities || ' ' || uncovered FROM community.facility_gap(330299001001) WHERE class = 'primary_school'), 'partial 1 50', 'the gap is told in people');
SELECT is((SELECT verdict FROM community.facility_gap(330299001001) WHERE class = 'bank'), 'missing', 'what nobody reaches is missing');
SELECT is((SELECT count(*) FROM community.facility_gap(330299001001) WHERE share = 1), 0::bigint, 'what all reach is no gap');
SELECT is(pg_temp.reason($$SELECT community.life_circle(1)$$), 'community_unknown', 'the community must be known');
SELECT is((SELECT residents FROM community.life_circle(330299001000) WHERE class = 'bank'), 150::bigint, 'a street counts what lies below it');
SELECT results_eq($$SELECT place, gain, uncovered FROM community.facility_site(330299001001, 'bank', 3)$$, $$VALUES (1, 100::bigint, 50::bigint), (2, 50, 0)$$, 'sites are found greedily until all are reached');
SELECT results_eq($$SELECT gain FROM community.facility_site(330299001001, 'bank', 3, 2000)$$, $$VALUES (150::bigint)$$, 'a wider radius needs one');
SELECT is((SELECT count(*) FROM community.facility_site(330299001001, 'shelter', 1, 100000)), 0::bigint, 'where all are reached there is none');
SELECT is(pg_temp.reason($$SELECT community.facility_site(330299001001, 'library', 1)$$), 'facility_class_unknown', 'a class without standard needs a radius');

SELECT matches(community.life_circle_svg(330299001001, 'primary_school'), '^<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 \d+".*甲社区 · 小学 500 m · 66.7 % \(residents, distance\).*</svg>$', 'a life circle is drawn');
UPDATE community.facility SET name = '阳光<小学>&' WHERE name = '阳光小学';
SELECT matches(community.life_circle_svg(330299001001, 'primary_school'), '阳光&lt;小学&gt;&amp;', 'its text is escaped');
UPDATE community.facility SET name = '阳光小学' WHERE name = '阳光<小学>&';
SELECT is(pg_temp.reason($$SELECT community.life_circle_svg(330299001003, 'primary_school')$$), 'life_circle_empty', 'where nobody lives nothing is drawn');
SELECT is(pg_temp.reason($$SELECT community.life_circle_svg(330299001001, 'library')$$), 'life_circle_empty', 'nor without a standard');
SELECT results_eq($$SELECT c FROM community.facility f, community.facility_service_area(f.community_id, f.facility_id, 300) c WHERE f.name = '阳光小学' ORDER BY c$$,
    $$SELECT community.gridcell(ST_X(p), ST_Y(p), 6) FROM (SELECT ST_SetSRID(ST_MakePoint((x + 0.5) / 1800, (y + 0.5) / 1800), 4326) AS p
          FROM generate_series(218690, 218730) x, generate_series(53990, 54020) y) c WHERE ST_DWithin(p::geography, pg_temp.point(2, 2)::geography, 300) ORDER BY 1$$, 'a service area is the cells whose centre is near');

-- A virtual community shares: its members' facilities that stand in for each other.
CREATE TEMPORARY TABLE big AS SELECT community.community_register('330299', '大社区', 'virtual') AS v;
SELECT community.virtual_member_add(v, 330299001001), community.virtual_member_add(v, 330299001002) FROM big;
SELECT community.facility_import(NULL, jsonb_build_array(pg_temp.at(9.5, 5) || '{"name":"东公厕","class":"public_toilet"}', pg_temp.at(10.5, 5) || '{"name":"西公厕","class":"public_toilet"}', pg_temp.at(19, 5) || '{"name":"远公厕","class":"public_toilet"}'));
SELECT results_eq($$SELECT d.kind, d.name, d.other_name FROM big, community.duplicate_facilities(v) d$$, $$VALUES ('redundant', '东公厕', '西公厕')$$, 'near ones of two members are redundant');
SELECT community.facility_import(NULL, jsonb_build_array(pg_temp.at(9.4, 5) || '{"name":"东公厕","class":"public_toilet"}'), '{"duplicates":"keep"}');
SELECT is((SELECT count(*) FROM big, community.duplicate_facilities(v) d WHERE d.kind = 'same' AND d.name = '东公厕'), 1::bigint, 'one recorded twice is the same');

-- The network: a wall without a door makes the way long.
SELECT is(community.walk_network_load(jsonb_build_object('type', 'FeatureCollection', 'features', jsonb_build_array(
    jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(ST_MakeLine(ARRAY[pg_temp.point(2, 2), pg_temp.point(2, 6), pg_temp.point(3, 6), pg_temp.point(3, 2)]), 9)::jsonb),
    jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(pg_temp.point(1, 1))::jsonb))), 'test'), 3::bigint, 'lines become edges');
SELECT is((SELECT count(*) FROM community.walk_node), 4::bigint, 'that meet at their corners');
SELECT is(community.walk_network_load(jsonb_build_object('type', 'FeatureCollection', 'features', jsonb_build_array(
    jsonb_build_object('type', 'Feature', 'geometry', ST_AsGeoJSON(ST_MakeLine(ARRAY[pg_temp.point(2, 2), pg_temp.point(2, 6), pg_temp.point(3, 6), pg_temp.point(3, 2)]), 9)::jsonb))), 'test'), 3::bigint, 'loading again replaces');
SELECT is((SELECT method FROM community.life_circle(330299001001) WHERE class = 'primary_school'), 'distance', 'without pgRouting distance is straight and says so');
SELECT CASE WHEN EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgrouting') THEN 'CREATE EXTENSION pgrouting' ELSE 'SELECT 1' END \gexec
SELECT CASE WHEN EXISTS (SELECT FROM pg_extension WHERE extname = 'pgrouting')
            THEN collect_tap(is((SELECT method || ' ' || covered FROM community.life_circle(330299001001) WHERE class = 'primary_school'), 'network 0', 'along the network the school is too far'),
                             is((SELECT method || ' ' || covered FROM community.life_circle(330299001001) WHERE class = 'sports_ground'), 'network 100', 'what lies on the own side is reached'))
            ELSE collect_tap(skip('pgRouting is not available', 2)) END;
SELECT community.setting_set('facility.circle_method', 'distance');
SELECT is((SELECT method FROM community.life_circle(330299001001) WHERE class = 'primary_school'), 'distance', 'a setting forbids the network');

SELECT * FROM finish();
ROLLBACK;
