-- place: division editions, grids with history, checks, virtual communities,
-- addresses.  The geometry is made of squares of 0.001 degree near 121.5 30.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';

CREATE FUNCTION pg_temp.square(x double precision, y double precision, w double precision DEFAULT 1, h double precision DEFAULT 1)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT ST_AsGeoJSON(ST_MakeEnvelope(121.5 + x / 1000, 30 + y / 1000, 121.5 + (x + w) / 1000, 30 + (y + h) / 1000, 4326), 12)::jsonb
$$;
CREATE FUNCTION pg_temp.point(x double precision, y double precision) RETURNS geometry LANGUAGE sql AS $$
    SELECT ST_SetSRID(ST_MakePoint(121.5 + x / 1000, 30 + y / 1000), 4326)
$$;
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

-- Divisions -------------------------------------------------------------------
CREATE TEMPORARY TABLE edition (year text, code text, name text);
INSERT INTO edition VALUES
    ('2022', '33', '浙江省'), ('2022', '3302', '宁波市'), ('2022', '330299', '试验区'), ('2022', '330299001', '东街道'), ('2022', '330299002', '西街道'),
    ('2022', '330299001001', '东风社区居委会'), ('2022', '330299001002', '南门村委会'), ('2022', '330299001003', '北站社区居委会'),
    ('2022', '330299001004', '红旗社区居委会'), ('2022', '330299001005', '新建社区居委会'), ('2022', '330299001006', '甲社区居委会'), ('2022', '330299001007', '乙社区居委会'),
    ('2022', '330299002001', '万里社区居委会'),
    -- 001 stays; 002 becomes a residents' committee; 003 moves to 008, and its
    -- code goes to a new one; 004 is gone; 005 gets a name unlike the old one;
    -- 006 and 007 swap their codes; 009 is new.
    ('2023', '33', '浙江省'), ('2023', '3302', '宁波市'), ('2023', '330299', '试验区'), ('2023', '330299001', '东街道'), ('2023', '330299002', '西街道'),
    ('2023', '330299001001', '东风社区居委会'), ('2023', '330299001002', '南门社区居委会'), ('2023', '330299001003', '星海社区居委会'), ('2023', '330299001008', '北站社区居委会'),
    ('2023', '330299001005', '滨江社区居委会'), ('2023', '330299001006', '乙社区居委会'), ('2023', '330299001007', '甲社区居委会'), ('2023', '330299001009', '高桥社区居委会'),
    ('2023', '330299002001', '万里社区居委会');
CREATE FUNCTION pg_temp.rows(p_year text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name)) FROM edition WHERE year = p_year
$$;

SELECT results_eq($$SELECT * FROM community.division_load('2022', pg_temp.rows('2022'), 'made up')$$, $$VALUES ('added', 13::bigint)$$, 'the first edition adds all');
SELECT is((SELECT scope::text FROM community.division_edition WHERE edition = '2022'), '330299', 'its scope is the lowest division above all leaves');
SELECT is((SELECT count(*) FROM community.division_stage), 0::bigint, 'nothing is left on the stage');
SELECT is(community.division_path('330299001003', '2022-06-01'), '浙江省宁波市试验区东街道北站社区居委会', 'the path is written from the top down');
SELECT is(community.division_register('330299', '2022-06-01'), 13::bigint, 'all are registered as communities');
SELECT is(community.division_register('330299', '2022-06-01'), 0::bigint, 'and only once');
SELECT is((SELECT kind FROM community.community WHERE community_id = 330299001002), 'village', 'a village committee is a village');
SELECT is((SELECT parent_id FROM community.community WHERE community_id = 330299001002), 330299001000::bigint, 'its parent is the street');

SELECT results_eq($$SELECT * FROM community.division_load('2023', pg_temp.rows('2023'), 'made up')$$,
    $$VALUES ('added', 1::bigint), ('recoded', 3), ('removed', 1), ('renamed', 1), ('reused', 2)$$, 'the second edition is compared with the first');
SELECT results_eq($$SELECT * FROM community.division_load('2023', pg_temp.rows('2023'), 'made up')$$,
    $$VALUES ('added', 1::bigint), ('recoded', 3), ('removed', 1), ('renamed', 1), ('reused', 2)$$, 'the same rows again answer the same');
SELECT is((SELECT count(*) FROM community.division), 13 + 8::bigint - 1, 'and change nothing');
SELECT results_eq($$SELECT kind, code::text, old_code_key, old_name, new_name, decided FROM community.division_change WHERE edition = '2023' ORDER BY code_key, kind$$,
    $$VALUES ('renamed', '330299001002', NULL::bigint, '南门村委会', '南门社区居委会', true),
             ('reused', '330299001003', NULL, '北站社区居委会', '星海社区居委会', true),
             ('removed', '330299001004', NULL, '红旗社区居委会', NULL, true),
             ('reused', '330299001005', NULL, '新建社区居委会', '滨江社区居委会', false),
             ('recoded', '330299001006', 330299001007000, '乙社区居委会', '乙社区居委会', true),
             ('recoded', '330299001007', 330299001006000, '甲社区居委会', '甲社区居委会', true),
             ('recoded', '330299001008', 330299001003000, '北站社区居委会', '北站社区居委会', true),
             ('added', '330299001009', NULL, NULL, '高桥社区居委会', true)$$, 'each change says what was and what is');
SELECT is(community.division_name('330299001003', '2022-12-31'), '北站社区居委会', 'a code keeps its old meaning before the edition');
SELECT is(community.division_name('330299001003', '2023-01-01'), '星海社区居委会', 'and has the new one from its day on');
SELECT is(community.division_name('330299001004', '2023-01-01'), NULL, 'a removed code names nothing');
SELECT is((SELECT count(DISTINCT unit_id) FROM community.division WHERE code_key = 330299001003000), 2::bigint, 'a re-used code is two units');
SELECT is((SELECT count(DISTINCT unit_id) FROM community.division WHERE name = '北站社区居委会'), 1::bigint, 'a recoded division is one unit');
SELECT is(community.community_at('330299001008', '2023-05-01'), 330299001003::bigint, 'its community moved along to the new code');
SELECT is(community.community_at('330299001003', '2023-05-01'), NULL, 'the re-used code does not name that community');
SELECT is(community.community_at('330299001003', '2022-05-01'), 330299001003::bigint, 'but it did before');
SELECT is(community.community_at('330299001006', '2023-05-01'), 330299001007::bigint, 'swapped codes are followed');
SELECT is((SELECT code::text FROM community.community WHERE community_id = 330299001003), '330299001008', 'the tenant table shows the code of today');
SELECT is((SELECT name FROM community.community WHERE community_id = 330299001002), '南门社区居委会', 'and the name of today');
SELECT is(community.division_register('330299001003', '2023-05-01'), 1::bigint, 'the new unit registers under the re-used code');
SELECT is(community.community_at('330299001003', '2023-05-01') BETWEEN 330299001901 AND 330299001999, true, 'with a 9xx number, for the older community has the other');
SELECT is((SELECT count(*) FROM community.place_health() WHERE subject = 'undecided division changes'), 1::bigint, 'health tells of the doubtful change');
SELECT lives_ok($$SELECT community.division_decide('2023', '330299001005', true)$$, 'somebody decides that it was a renaming');
SELECT is((SELECT count(DISTINCT unit_id) FROM community.division WHERE code_key = 330299001005000), 1::bigint, 'then both versions are one unit');
SELECT is(community.community_at('330299001005', '2023-05-01'), 330299001005::bigint, 'and its community keeps the code');
SELECT is((SELECT count(*) FROM community.division_history('330299001003')), 3::bigint, 'the history of a re-used code shows both units');
SELECT is(pg_temp.reason($$SELECT community.division_decide('2023', '330299001005', true)$$), 'change_not_found', 'only once');
SELECT is(pg_temp.reason($$SELECT community.division_load('2023', pg_temp.rows('2022'))$$), 'edition_loaded', 'an edition cannot change its rows');
SELECT is(pg_temp.reason($$SELECT community.division_load('2021', pg_temp.rows('2022'))$$), 'edition_out_of_order', 'an older edition comes too late');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[{"code":"33029","name":"x"}]')$$), 'division_rows_invalid', 'a code of five digits is wrong');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[{"code":"330299","name":" "}]')$$), 'division_rows_invalid', 'a name must not be empty');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[{"code":"330299","name":"a"},{"code":"330299000000","name":"b"}]')$$), 'division_rows_invalid', 'a code must not occur twice');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[{"code":"440106","name":"a"}]')$$), 'division_rows_invalid', 'a parent must be known');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[{"code":"330299","name":"a","geometry":{"type":"Point","coordinates":[1,2]}}]')$$), 'division_rows_invalid', 'a boundary is an area');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '[]')$$), 'division_rows_invalid', 'an edition has rows');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '{"code":"330299"}')$$), 'division_rows_invalid', 'in an array');
SELECT is(pg_temp.reason($$SELECT community.division_load('2024', '7')$$), 'division_rows_invalid', 'not a number');
SELECT is(pg_temp.reason($$SELECT community.division_load(NULL, NULL)$$), 'division_edition_missing', 'and a name');
SELECT is(pg_temp.reason($$SELECT community.division_load(' ', '[{"code":"330299","name":"x"}]')$$), 'division_edition_missing', 'that says something');
SELECT is(pg_temp.reason($$SELECT community.division_load('2099')$$), 'division_rows_invalid', 'a stage without rows of the edition is none');
SELECT is(pg_temp.reason($$SELECT community.division_register('330298')$$), 'division_not_found', 'an unknown division cannot be registered');
SELECT is((SELECT count(*) FROM community.division WHERE last_edition = '2024'), 0::bigint, 'a refused edition changed nothing');
SELECT throws_ok($$INSERT INTO community.division (unit_id, code, code_key, level, name, valid, edition, last_edition) VALUES (1, '330299', 330299000000000, 3, 'x', '[2022-05-01,2022-06-01)', 'x', 'x')$$, '23P01', NULL, 'a code names one division a day under any client');
SELECT is((SELECT count(*) FROM community.division_load('2025', pg_temp.rows('2023') || '[{"code":"330299001010","name":"港东社区居委会"}]') WHERE kind = 'added' AND divisions = 1), 1::bigint, 'a later edition adds one');
SELECT is((SELECT parent_key FROM community.division WHERE code_key = 330299001010000), 330299001000000::bigint, 'under its street');
SELECT is(community._division_parent(441900003000000), 441900000000000::bigint, 'a town directly under a city lies under the city');
INSERT INTO community.division_stage (edition, code, name) VALUES ('s', '44', '广东省'), ('s', '4419', '东莞市'), ('s', '441900003000', '东城街道'), ('s', '11', '北京市'), ('s', '1101', '市辖区');
SELECT results_eq($$SELECT * FROM community.division_load('s', NULL, 'staged', '2024-01-01')$$, $$VALUES ('added', 5::bigint)$$, 'a staged list of several provinces loads');
SELECT results_eq($$SELECT scope::text FROM community.division_edition WHERE edition = 's' ORDER BY 1$$, $$VALUES ('11'), ('44')$$, 'province by province');

-- Grids -----------------------------------------------------------------------
SELECT isnt(community.grid_add('330299001001002', '二', 'unit', pg_temp.square(1, 0)), NULL, 'a grid is added');
SELECT isnt(community.grid_add('330299001001001', '一', 'unit', pg_temp.square(0, 0)), NULL, 'and its neighbour');
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(0.5, 0.5))), '330299001001001', 'a point inside has its grid');
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(1, 0.5))), '330299001001001', 'on the shared edge the lowest code wins');
SELECT is((SELECT code::text FROM community.grid_at(ST_SetSRID(pg_temp.point(1.5, 0.5), 4490))), '330299001001002', 'CGCS2000 is taken as WGS84');
SELECT is((SELECT code::text FROM community.grid_at(ST_GeomFromGeoJSON(pg_temp.square(1.2, 0.2, 0.2, 0.2)))), '330299001001002', 'an area counts by a point on it');
SELECT is((SELECT count(*) FROM community.grid_at(pg_temp.point(5, 5))), 0::bigint, 'outside all grids there is none');
SELECT is((SELECT count(*) FROM community.grid_at(pg_temp.point(0.5, 0.5), CURRENT_DATE, 'management')), 0::bigint, 'another kind is not found');
SELECT results_eq($$SELECT * FROM community.grid_locate(121.5005, 30.0005)$$, $$SELECT * FROM community.grid_at(pg_temp.point(0.5, 0.5))$$, 'coordinates answer the same');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001001', 'x', 'unit', pg_temp.square(0, 3))$$), 'grid_code_in_force', 'a code is in force once');
SELECT throws_ok($$INSERT INTO community.grid (community_id, code, code_key, kind, name, geom, valid) SELECT community_id, code, code_key, kind, 'x', geom, '[2020-01-01,2020-01-02)' FROM community.grid WHERE code_key = 330299001001001$$, '23P01', NULL, 'under any client');
SELECT isnt(community.grid_add('330299001001001', 'm', 'management', pg_temp.square(0, 0, 2, 1)), NULL, 'but another kind may bear it');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001', 'x', 'unit', pg_temp.square(0, 3))$$), 'grid_code_invalid', 'a community code is no grid code');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299009001001', 'x', 'unit', pg_temp.square(0, 3))$$), 'community_unknown', 'the community must be registered');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001009', 'x', 'area', pg_temp.square(0, 3))$$), 'grid_kind_invalid', 'the kind must be known');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001009', 'x', NULL, pg_temp.square(0, 3))$$), 'grid_kind_invalid', 'and given');
CREATE TEMPORARY TABLE bow AS SELECT '{"type":"Polygon","coordinates":[[[121.51,30],[121.511,30.001],[121.511,30],[121.51,30.001],[121.51,30]]]}'::jsonb AS g;
SELECT throws_like($$SELECT community.grid_add('330299001001009', 'x', 'unit', (SELECT g FROM bow))$$, 'grid 330299001001009: Self-intersection%', 'an invalid ring is refused by the code of the grid');
SELECT isnt(community.grid_add('330299001001009', 'bow', 'unit', (SELECT g FROM bow), '(,)', true), NULL, 'or repaired when asked');
SELECT matches((SELECT repair FROM community.grid WHERE code_key = 330299001001009), '^Self-intersection', 'which is recorded');
SELECT throws_ok($$INSERT INTO community.grid (community_id, code, code_key, kind, name, geom, valid) VALUES (330299001001, '330299001001010', 330299001001010, 'unit', 'x', ST_Multi(ST_SetSRID(ST_GeomFromGeoJSON((SELECT g FROM bow)), 4326)), '(,)')$$, '23514', NULL, 'an invalid ring cannot enter by any client');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001011', 'x', 'unit', '{"type":"Point","coordinates":[121,30]}')$$), 'grid_geometry_invalid', 'a grid is an area');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001011', 'x', 'unit', '{"type":"Polygon"}')$$), 'grid_geometry_invalid', 'malformed GeoJSON is refused');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001011', 'x', 'unit', '{"type":"Polygon","coordinates":[[[12150,30],[12151,30],[12151,31],[12150,30]]]}')$$), 'grid_geometry_invalid', 'coordinates are degrees');
SELECT is(pg_temp.reason($$SELECT community.grid_add('330299001001011', 'x', 'unit', pg_temp.square(0, 5), 'empty')$$), 'grid_period_empty', 'a period must have a day');

-- Numbering: four squares, read like a page.
CREATE TEMPORARY TABLE page AS SELECT * FROM community.grid_import(330299001002, jsonb_build_object('type', 'FeatureCollection', 'features', (
    SELECT jsonb_agg(jsonb_build_object('type', 'Feature', 'properties', jsonb_build_object('n', n), 'geometry', g) ORDER BY n)
      FROM (VALUES ('a-sw', pg_temp.square(20, 0)), ('b-se', pg_temp.square(21, 0.1)), ('c-ne', pg_temp.square(21, 1.1)), ('d-nw', pg_temp.square(20, 1)), ('e-bad', (SELECT g FROM bow))) v(n, g))),
    '{"name":"n"}');
SELECT is((SELECT string_agg(g.name || ' ' || right(i.code, 3), ', ' ORDER BY i.code) FROM page i JOIN community.grid g ON g.grid_id = i.grid_id),
    'd-nw 001, c-ne 002, a-sw 003, b-se 004', 'import numbers west to east, north to south');
SELECT results_eq($$SELECT row_no, status, detail ~ 'Self-intersection' FROM page WHERE grid_id IS NULL$$, $$VALUES (5, 'refused', true)$$, 'and leaves the bad one out');
SELECT results_eq($$SELECT status, detail IS NOT NULL FROM community.grid_import(330299001002, '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"c":"7"},"geometry":null},{"type":"Feature","properties":{"c":"001"},"geometry":{"type":"Polygon","coordinates":[[[121,30],[121.001,30],[121.001,30.001],[121,30]]]}},{"type":"Feature","properties":{"c":"330299001001005"},"geometry":{"type":"Polygon","coordinates":[[[121,30],[121.001,30],[121.001,30.001],[121,30]]]}}]}', '{"code":"c"}')$$,
    $$VALUES ('refused', true), ('refused', true), ('refused', true)$$, 'no geometry, a code in force, a code of another community: each is refused with why');
SELECT is(pg_temp.reason($$SELECT community.grid_import(330299001002, '[]')$$), 'import_invalid', 'only a FeatureCollection is imported');
SELECT is((SELECT count(*) FROM community.grid_number(330299001002, 'unit') WHERE old_code <> new_code), 0::bigint, 'renumbering finds the order kept');

-- Split, merge, reshape, retire -----------------------------------------------
CREATE TEMPORARY TABLE step (name text, ids bigint[]);
INSERT INTO step SELECT 'split', array_agg(s) FROM community.grid_split(330299001001,
    (SELECT grid_id FROM community.grid WHERE code_key = 330299001001001 AND kind = 'unit'),
    jsonb_build_array(jsonb_build_object('geometry', pg_temp.square(0, 0, 0.5, 1), 'name', '西'), jsonb_build_object('geometry', pg_temp.square(0.5, 0, 0.5, 1))), '2026-01-01', 'grown') s;
SELECT results_eq($$SELECT code::text, name, valid FROM community.grid WHERE community_id = 330299001001 AND kind = 'unit' AND name <> 'bow' ORDER BY code_key$$,
    $$VALUES ('330299001001001', '一', '(,2026-01-01)'::daterange), ('330299001001002', '二', '(,)'), ('330299001001010', '西', '[2026-01-01,)'), ('330299001001011', '一-2', '[2026-01-01,)')$$, 'a split ends the grid and begins two under fresh numbers');
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(0.2, 0.5), '2025-12-31')), '330299001001001', 'the day before, the old grid answers');
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(0.2, 0.5), '2026-01-01')), '330299001001010', 'on the day, the new one');
SELECT is(pg_temp.reason($$SELECT community.grid_split(330299001001, (SELECT grid_id FROM community.grid WHERE code_key = 330299001001002 AND kind = 'unit'), jsonb_build_array(jsonb_build_object('geometry', pg_temp.square(1, 0, 0.5, 1)), jsonb_build_object('geometry', pg_temp.square(1.6, 0, 0.4, 1))))$$), 'split_not_covering', 'parts must cover the grid');
SELECT is(pg_temp.reason($$SELECT community.grid_split(330299001001, (SELECT grid_id FROM community.grid WHERE code_key = 330299001001002 AND kind = 'unit'), jsonb_build_array(jsonb_build_object('geometry', pg_temp.square(1, 0, 0.6, 1)), jsonb_build_object('geometry', pg_temp.square(1.5, 0, 0.5, 1))))$$), 'split_not_covering', 'and not overlap');
SELECT is(pg_temp.reason($$SELECT community.grid_split(330299001001, (SELECT grid_id FROM community.grid WHERE code_key = 330299001001002 AND kind = 'unit'), NULL)$$), 'too_few_grids', 'no parts are none, and end nothing');
SELECT is(pg_temp.reason($$SELECT community.grid_split(330299001001, (SELECT grid_id FROM community.grid WHERE code_key = 330299001001002 AND kind = 'unit'), '[]')$$), 'too_few_grids', 'one part is no split');
INSERT INTO step SELECT 'merge', ARRAY[community.grid_merge(330299001001, (SELECT ids FROM step WHERE name = 'split'), '合', '2026-06-01', 'shrunk')];
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(0.7, 0.5), '2026-06-01')), '330299001001012', 'merged grids answer as one');
SELECT is((SELECT ST_Area(ST_SymDifference(geom, ST_SetSRID(ST_GeomFromGeoJSON(pg_temp.square(0, 0)), 4326))) FROM community.grid WHERE code_key = 330299001001012) < 1e-15, true, 'with the area of both');
SELECT is(pg_temp.reason($$SELECT community.grid_merge(330299001002, (SELECT array_agg(grid_id) FROM community.grid WHERE code_key IN (330299001002002, 330299001002003)), 'x', CURRENT_DATE)$$), 'grids_not_adjacent', 'grids that share less than an edge do not merge');
SELECT is(pg_temp.reason($$SELECT community.grid_merge(330299001001, (SELECT ids FROM step WHERE name = 'split'), 'x', '2026-07-01')$$), 'grid_not_found', 'ended grids do not merge');
INSERT INTO step SELECT 'reshape', ARRAY[community.grid_reshape(330299001001, (SELECT ids[1] FROM step WHERE name = 'merge'), pg_temp.square(0, 0, 1, 2), '2026-08-01')];
SELECT is((SELECT code::text FROM community.grid_at(pg_temp.point(0.5, 1.5), '2026-08-01')), '330299001001012', 'a reshaped grid keeps its code');
SELECT is((SELECT count(*) FROM community.grid_at(pg_temp.point(0.5, 1.5), '2026-07-31')), 0::bigint, 'and has its old shape before');
SELECT lives_ok($$SELECT community.grid_retire(330299001001, (SELECT ids[1] FROM step WHERE name = 'reshape'), '2026-09-01', 'left', (SELECT grid_id FROM community.grid WHERE code_key = 330299001001002 AND kind = 'unit'))$$, 'a grid retires in favour of another');
SELECT is((SELECT count(*) FROM community.grid_at(pg_temp.point(0.5, 1.5), '2026-09-01')), 0::bigint, 'and answers no more');
SELECT results_eq($$SELECT right(code, 3), came_by, cardinality(from_grids) FROM community.grid_history(330299001001, (SELECT ids[1] FROM step WHERE name = 'merge'))$$,
    $$VALUES ('001', NULL, 0), ('002', 'replaced', 1), ('010', 'split', 1), ('011', 'split', 1), ('012', 'merged', 2), ('012', 'reshaped', 1)$$, 'its whole kin is known');
SELECT is((SELECT count(*) FROM community.grid_number(330299001001, 'unit', '2026-10-01', true) WHERE old_code <> new_code), 2::bigint, 'renumbering closes the holes in the numbers');
SELECT results_eq($$SELECT right(code::text, 3), name FROM community.grid WHERE community_id = 330299001001 AND kind = 'unit' AND valid @> '2026-10-01'::date ORDER BY code_key$$, $$VALUES ('001', '二'), ('002', 'bow')$$, 'west to east');
SELECT is(pg_temp.reason($$SELECT community.grid_retire(330299001001, 0, '2026-09-01')$$), 'grid_not_found', 'an unknown grid cannot retire');
SELECT is(pg_temp.reason($$SELECT community.grid_retire(330299001001, (SELECT max(grid_id) FROM community.grid WHERE community_id = 330299001001 AND valid @> date '2026-09-01'), NULL)$$), 'grid_not_found', 'nor does one without a day');
SELECT throws_ok($$DELETE FROM community.grid WHERE grid_id = (SELECT ids[1] FROM step WHERE name = 'merge')$$, '23503', NULL, 'a grid with descent cannot be deleted');

-- Composed grids --------------------------------------------------------------
SELECT isnt(community.grid_compose(330299001002, 'management', '西半', (SELECT array_agg(grid_id) FROM community.grid WHERE code_key IN (330299001002001, 330299001002003))), NULL, 'adjacent unit grids compose a management grid');
SELECT is((SELECT count(*) FROM community.grid_part WHERE community_id = 330299001002), 2::bigint, 'whose parts are known');
SELECT is((SELECT name FROM community.grid_at(pg_temp.point(20.5, 0.5), CURRENT_DATE, 'management') a JOIN community.grid g ON g.community_id = a.community_id AND g.grid_id = a.grid_id), '西半', 'and which is found by its kind');
SELECT is(pg_temp.reason($$SELECT community.grid_compose(330299001002, 'management', 'x', (SELECT array_agg(grid_id) FROM community.grid WHERE code_key IN (330299001002002, 330299001002003) AND kind = 'unit'))$$), 'grids_not_adjacent', 'parts of a management grid are adjacent');
SELECT isnt(community.grid_compose(330299001002, 'exclusive', 'x', (SELECT array_agg(grid_id) FROM community.grid WHERE code_key IN (330299001002002, 330299001002003) AND kind = 'unit')), NULL, 'those of an exclusive grid need not be');
SELECT is(pg_temp.reason($$SELECT community.grid_compose(330299001002, 'unit', 'x', '{1}')$$), 'grid_kind_invalid', 'unit grids are not composed');

-- Maps ------------------------------------------------------------------------
CREATE TEMPORARY TABLE probe AS SELECT pg_temp.point(x * 0.25, y * 0.25) AS p FROM generate_series(-2, 100) x, generate_series(-2, 12) y;
CREATE FUNCTION pg_temp.wrong(p_at date, p_kind text DEFAULT 'unit') RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM probe
      LEFT JOIN LATERAL community.grid_at(p, p_at, p_kind) a ON true
      LEFT JOIN LATERAL (SELECT g.grid_id FROM community.grid g WHERE ST_Covers(g.geom, p) AND g.valid @> p_at AND g.kind = p_kind ORDER BY g.code_key LIMIT 1) b ON true
     WHERE a.grid_id IS DISTINCT FROM b.grid_id
$$;
SELECT is(pg_temp.wrong('2026-01-15'), 0::bigint, 'before the maps are built the polygons answer');
SELECT cmp_ok((SELECT count(*) FROM community.grid_map_dirty), '>', 0::bigint, 'changed grids are marked');
SELECT cmp_ok(community.run_job('place.grid_map', '2026-01-15 12:00 Asia/Shanghai'), '>=', 3::bigint, 'the job builds maps of communities and of the district');
SELECT is((SELECT count(*) FROM community.grid_map_dirty), 0::bigint, 'and takes the marks away');
SELECT results_eq($$SELECT holder_id, root, grids, valid FROM community.grid_map WHERE kind = 'unit' ORDER BY 1$$,
    $$VALUES (330299000000, true, 8, daterange('2026-01-01', '2026-06-01')), (330299001001, false, 4, '[2026-01-01,2026-06-01)'), (330299001002::bigint, false, 4, '(,)')$$, 'each holds while its grids do not change');
SELECT is(pg_temp.wrong('2026-01-15'), 0::bigint, 'the maps answer the same');
SELECT is(pg_temp.wrong('2026-06-01') + pg_temp.wrong('2020-01-01') + pg_temp.wrong('2026-01-15', 'management') + pg_temp.wrong('2026-01-15', 'exclusive'), 0::bigint, 'so they do on other days and for other kinds');
SELECT cmp_ok((SELECT count(*) FROM probe, community.grid_at(p, '2026-01-15')), '>', 100::bigint, 'on enough points');
SELECT is(community.run_job('place.grid_map', '2026-01-16 12:00 Asia/Shanghai'), 0::bigint, 'nothing changed, nothing is built');
SELECT is(community.run_job('place.grid_map', '2026-08-16 12:00 Asia/Shanghai'), 2::bigint, 'maps whose days have passed are built anew');
SELECT is(pg_temp.wrong('2026-08-16'), 0::bigint, 'for the new day');
UPDATE community.grid SET geom = ST_Multi(ST_Translate(geom, 0.0003, 0)) WHERE code_key = 330299001001002 AND kind = 'unit';
SELECT is(pg_temp.wrong('2026-08-16'), 0::bigint, 'a changed polygon counts at once');
SELECT is(community.run_job('place.grid_map', '2026-08-16 12:00 Asia/Shanghai'), 2::bigint, 'and enters the map of its community and district');
SELECT is(pg_temp.wrong('2026-08-16'), 0::bigint, 'with the same answers');
UPDATE community.grid SET geom = ST_Multi(ST_Translate(geom, -0.0003, 0)) WHERE code_key = 330299001001002 AND kind = 'unit';

-- Check -----------------------------------------------------------------------
SELECT results_eq($$SELECT problem, round(area_m2)::integer / 1000 FROM community.grid_check(330299001002)$$, $$VALUES ('coverage', 42)$$, 'without boundary and faults there is only the coverage') ;
SELECT community.grid_add('330299001006001', 'a', 'unit', pg_temp.square(40, 0, 3, 1)), community.grid_add('330299001006002', 'b', 'unit', pg_temp.square(40, 2, 3, 1)),
       community.grid_add('330299001006003', 'c', 'unit', pg_temp.square(40, 1, 1, 1)), community.grid_add('330299001006004', 'd', 'unit', pg_temp.square(42, 1, 1.5, 1.2)),
       community.grid_add('330299001006005', 'e', 'unit', pg_temp.square(39, 0, 1.005, 1));
SELECT results_eq($$SELECT problem, right(code, 3), right(other_code, 3) FROM community.grid_check(330299001007)$$,
    $$VALUES ('coverage', NULL, NULL), ('overlap', '002', '004'), ('sliver', '001', '005'), ('gap', NULL, NULL)$$, 'overlap, sliver and hole are found');
SELECT is((SELECT round(area_m2)::integer / 100 FROM community.grid_check(330299001007) WHERE problem = 'gap'), (SELECT round(ST_Area(ST_GeomFromGeoJSON(pg_temp.square(41, 1))::geography))::integer / 100), 'the hole is one square');
SELECT community.division_load('2026', (SELECT jsonb_agg(CASE WHEN r ->> 'code' = '330299001006' THEN r || jsonb_build_object('geometry', pg_temp.square(39, 0, 4, 3)) ELSE r END) FROM jsonb_array_elements(pg_temp.rows('2023')) r));
SELECT is((SELECT count(*) FROM community.grid_check(330299001007) WHERE problem = 'gap'), 2::bigint, 'within a boundary a corner is missing too');
SELECT matches((SELECT detail FROM community.grid_check(330299001007) WHERE problem = 'coverage'), '^5 grids cover 75\.\d+ % of the boundary$', 'coverage is a share of the boundary');
SELECT is((SELECT count(*) FROM community.grid_check(330299001007) WHERE problem = 'outside'), 1::bigint, 'and a part lies outside');
SELECT is((SELECT detail FROM community.grid_check(330299001003)), 'no grid in force', 'a community without grids says so');

-- Fallback --------------------------------------------------------------------
SELECT is(community.fallback_community(121.5412, 30.0012), 330299000000::bigint, 'a point in a hole belongs to its district by boundary');
SELECT is(community.fallback_community(121.5, 30.01), 330299000000::bigint, 'outside all boundaries the nearest grid tells');
SELECT is(community.fallback_community(10, 10), 330299000000::bigint, 'far away the only district answers');
SELECT community.division_load('d', '[{"code":"33","name":"浙江省"},{"code":"3302","name":"宁波市"},{"code":"330298","name":"他区"}]', 'made up', '2026-01-01'), community.division_register('330298');
SELECT is(community.fallback_community(10, 10), NULL, 'with two districts nobody can tell');
SELECT community.setting_set('place.fallback_community', '330299001001', 330299000000);
SELECT is(community.fallback_community(121.5412, 30.0012), 330299001001::bigint, 'a district may name another community');

-- Virtual communities ---------------------------------------------------------
CREATE TEMPORARY TABLE big AS SELECT community.community_register('330299', '大社区', 'virtual') AS a, community.community_register('330299', '联合体', 'virtual') AS b;
SELECT community.virtual_member_add(a, 330299001001), community.virtual_member_add(a, 330299001002, '2026-01-01', '2026-07-01'), community.virtual_member_add(b, a), community.virtual_member_add(b, 330299001003) FROM big;
SELECT results_eq($$SELECT m.community_id FROM big, community.members_of(b, '2026-03-01') m$$, $$VALUES (330299001001), (330299001002), (330299001003::bigint)$$, 'members are found through nested ones');
SELECT results_eq($$SELECT m.community_id FROM big, community.members_of(b, '2026-07-01') m$$, $$VALUES (330299001001), (330299001003::bigint)$$, 'on the last day, excluded, one has left');
SELECT results_eq($$SELECT community_id FROM community.members_of(330299001002)$$, $$VALUES (330299001002::bigint)$$, 'a real community is itself');
SELECT is(pg_temp.reason($$SELECT community.virtual_member_add(a, b) FROM big$$), 'virtual_cycle', 'no virtual community lies within itself');
SELECT is(pg_temp.reason($$SELECT community.virtual_member_add(a, 330299001001) FROM big$$), 'member_already', 'nobody is a member twice');
SELECT is(pg_temp.reason($$SELECT community.virtual_member_add(330299001001, 330299001002)$$), 'not_virtual', 'only virtual communities have members');
SELECT is(pg_temp.reason($$SELECT community.virtual_member_add(a, 1) FROM big$$), 'community_unknown', 'a member must exist');
SELECT is((SELECT community.virtual_member_end(b, 330299001003, '2026-09-01') FROM big), true, 'a membership ends');
SELECT is((SELECT community.virtual_member_end(b, 330299001003, '2026-09-01') FROM big), false, 'once');

-- Addresses -------------------------------------------------------------------
CREATE TEMPORARY TABLE home AS SELECT community.address_add(330299001002, 'compound', '阳光小区', NULL, 121.5205, 30.0005) AS compound;
ALTER TABLE home ADD building bigint;
UPDATE home SET building = community.address_add(330299001002, 'building', '3幢', compound);
SELECT is((SELECT full_name FROM community.address, home WHERE address_id = building), '阳光小区3幢', 'an address is written from the top down');
SELECT is((SELECT g.code::text FROM home, community.address a JOIN community.grid g ON g.community_id = a.community_id AND g.grid_id = a.grid_id WHERE a.address_id = building), '330299001002003', 'and lies in the grid of the one above');
SELECT is(pg_temp.reason($$SELECT community.address_add(330299001002, 'building', '3幢', compound) FROM home$$), 'address_known', 'it exists once');
SELECT is(pg_temp.reason($$SELECT community.address_add(330299001002, 'building', '4幢', 0)$$), 'address_not_found', 'the one above must exist');
SELECT is(pg_temp.reason($$SELECT community.address_add(330299001002, 'gate', 'x', NULL, 200, 30)$$), 'coordinates_invalid', 'coordinates are degrees');
SELECT is(pg_temp.reason($$SELECT community.address_add(330299001002, 'tent', 'x')$$), 'address_kind_invalid', 'the kind must be known');
SELECT results_eq($$SELECT full_name FROM community.address_search('小区3幢')$$, $$VALUES ('阳光小区3幢')$$, 'addresses are found by a piece of them');
SELECT is((SELECT community.address_end(330299001002, compound, '2027-01-01') FROM home), 2::bigint, 'what lies below ends too');

-- Rows of other communities are not seen --------------------------------------
CREATE ROLE t_place_worker;
GRANT USAGE ON SCHEMA community TO t_place_worker;
GRANT SELECT ON community.grid, community.address TO t_place_worker;
SELECT community.member_add('t_place_worker', 'grid_worker', 330299001002);
CREATE TEMPORARY TABLE seen (n bigint, other bigint);
GRANT INSERT ON seen TO t_place_worker;
SET SESSION AUTHORIZATION t_place_worker;
INSERT INTO seen SELECT count(*), count(*) FILTER (WHERE community_id <> 330299001002) FROM community.grid;
RESET SESSION AUTHORIZATION;
SELECT is((SELECT n > 0 AND other = 0 FROM seen), true, 'a grid worker sees the grids of the own community only');

RESET SESSION AUTHORIZATION;
SELECT throws_ok(format($$SELECT * FROM community.grid_at(%L::geometry)$$, g), '22023', NULL, 'grid_at refuses ' || g)
  FROM unnest(ARRAY['SRID=3857;POINT(1 1)', 'POINT(1 1)', 'SRID=3857;LINESTRING(1 1, 2 2)']) g;

SELECT * FROM finish();
ROLLBACK;
