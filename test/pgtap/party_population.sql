-- Population from the register: exact by ticket, rounded for analysts, the same for any past day.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
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
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential'),
       community.community_register('330299001', '虚拟', 'virtual') AS virtual \gset
SELECT community.virtual_member_add(:virtual, 330299001001), community.virtual_member_add(:virtual, 330299001002);
CREATE TEMP TABLE g AS
SELECT c, i, community.grid_add((c * 1000 + i)::text::gridcode, 'g' || c || i, 'unit',
    format('{"type":"Polygon","coordinates":[[[%1$s,29],[%2$s,29],[%2$s,29.01],[%1$s,29.01],[%1$s,29]]]}',
           round(121 + (c - 330299001001) * 0.1 + i * 0.01, 2), round(121.01 + (c - 330299001001) * 0.1 + i * 0.01, 2))::jsonb, '[2010-01-01,)') AS grid_id
  FROM unnest('{330299001001,330299001002}'::bigint[]) c, generate_series(1, 4) i;
-- Two thousand people who come, go and carry tags, without sealed values.
SELECT setseed(0.42);
INSERT INTO community.person (community_id, person_id, stat_key, birth_year, sex)
SELECT 330299001001 + (n % 2), 900000 + n, (random() * 1e18)::bigint, 1935 + (random() * 88)::int, CASE WHEN random() < 0.5 THEN 'male' ELSE 'female' END FROM generate_series(1, 2000) n;
INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, valid, stat_key, birth_year, sex)
SELECT p.community_id, p.person_id, k.kind, k.kind <> 'workplace', p.community_id, g.grid_id,
       daterange('2019-01-01'::date + (random() * 1500)::int, CASE WHEN random() < 0.3 THEN '2023-06-01'::date + (random() * 700)::int END), p.stat_key, p.birth_year, p.sex
  FROM community.person p
 CROSS JOIN LATERAL (SELECT CASE WHEN random() < 0.7 THEN 'registered' WHEN random() < 0.9 THEN 'floating' ELSE 'overseas' END AS kind WHERE p.person_id > 0) k
  JOIN g ON g.c = p.community_id AND g.i = 1 + (p.person_id / 2) % 4
 WHERE p.person_id > 900000;
INSERT INTO community.care_tag (community_id, person_id, tag, valid)
SELECT p.community_id, p.person_id, t, daterange('2020-01-01', NULL)
  FROM community.person p CROSS JOIN unnest('{living_alone,disabled,mental}'::text[]) t
 WHERE p.person_id > 900000 AND random() < 0.05;
ANALYZE community.person, community.residence, community.care_tag, community.grid;
SELECT is(community.age_band(community._age_band_no(2024, y)), b, 'band of ' || coalesce(y::text, 'NULL'))
  FROM (VALUES (NULL, 'unknown'), (2024, '0-5'), (2019, '0-5'), (2018, '6-14'), (2010, '6-14'), (2009, '15-17'), (2006, '18-34'), (1989, '35-59'), (1964, '60-64'), (1959, '65-79'), (1945, '65-79'), (1944, '80+')) v (y, b);

-- What is refused.
SELECT is(pg_temp.reason($$SELECT community.population_asof('2024-03-30', '330299')$$), 'population_day', 'month ends only');
SELECT is(pg_temp.reason($$SELECT community.population_asof((date_trunc('month', CURRENT_DATE) + interval '1 month - 1 day')::date, '330299')$$), 'population_day', 'that are over');
SELECT is(pg_temp.reason($$SELECT community.population_asof('2024-03-31', '3302-99')$$), 'population_scope', 'scopes');
SELECT is(pg_temp.reason($$SELECT community.population_asof('2024-03-31', '{"type":"Point","coordinates":[121,29]}')$$), 'population_scope', 'polygons');
SELECT is(pg_temp.reason($$SELECT community.population_asof('2024-03-31', '330299', '{name}')$$), 'population_by', 'dimensions');

-- The property: all answers are sums of one table whose cells are 0 or at least k.
CREATE TEMP TABLE scope AS
SELECT '330299' AS scope UNION ALL SELECT '330299001' UNION ALL SELECT '330299001001' UNION ALL SELECT '330299001002' UNION ALL SELECT :'virtual'
UNION ALL SELECT (c * 1000 + i)::text FROM g
UNION ALL SELECT format('{"type":"Polygon","coordinates":[[[120.9,28],[%1$s,28],[%1$s,30],[120.9,30],[120.9,28]]]}', x) FROM unnest('{121.013,121.021,121.03,121.12}'::numeric[]) x;
CREATE TEMP TABLE dims AS SELECT DISTINCT ARRAY(SELECT d FROM unnest('{grid,age_band,sex,residence_kind,care_tag}'::text[]) WITH ORDINALITY u (d, n) WHERE m & (1 << n::int - 1) > 0) AS by FROM generate_series(0, 31) m;
CREATE TEMP TABLE answer AS
SELECT day, scope, by, a.* FROM unnest('{2023-12-31,2024-03-31}'::date[]) day CROSS JOIN scope CROSS JOIN dims CROSS JOIN LATERAL community.population_asof(day, scope, by) a;
SELECT cmp_ok((SELECT count(*) FROM answer), '>', 5000::bigint, 'answers to compare');
SELECT is_empty('SELECT * FROM answer WHERE persons % 5 <> 0 OR (persons < 5 AND by <> $${}$$)', 'every number is a multiple of k');
SELECT is_empty($$SELECT f.day, f.scope, f.by FROM answer f
    JOIN (SELECT day, scope, sum(persons) AS persons FROM answer WHERE by = '{grid,age_band,sex}' GROUP BY 1, 2) s USING (day, scope)
    WHERE f.by = '{}' AND f.persons <> s.persons$$, 'totals are the sums of their parts: nothing to subtract');
-- Search: pairs of answers, one group within the other, whose difference would tell a group of 1 to k - 1.
CREATE TEMP TABLE cell AS
SELECT row_number() OVER () AS id, day, r.*, community.age_band(r.band) AS age_band, (SELECT (g.c * 1000 + g.i)::text FROM g WHERE g.grid_id = r.grid_id) AS grid_code FROM unnest('{2023-12-31,2024-03-31}'::date[]) day
  CROSS JOIN LATERAL community._population_rounded(day, '{330299001001,330299001002}', NULL) r;
SELECT cmp_ok((SELECT count(*) FROM cell), '>', 200::bigint, 'finest cells');
CREATE TEMP TABLE place AS SELECT scope, day, w.* FROM scope CROSS JOIN unnest('{2023-12-31,2024-03-31}'::date[]) day CROSS JOIN LATERAL community._population_places(scope, day) w;
CREATE TEMP TABLE inside AS SELECT p.scope, c.* FROM place p JOIN cell c ON c.day = p.day AND c.place_id = ANY (p.places) AND (p.grids IS NULL OR c.grid_id = ANY (p.grids));
CREATE INDEX ON inside (scope, day);
ANALYZE inside, answer;
CREATE TEMP TABLE made AS
SELECT a.ctid AS id, a.day, a.persons, coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE c.id IS NOT NULL), '{}') AS cells, coalesce(sum(c.persons), 0) AS sum
  FROM answer a
  LEFT JOIN inside c ON c.scope = a.scope AND c.day = a.day
       AND (a.residence_kind IS NULL AND c.lives OR a.residence_kind = c.kind)
       AND (a.grid_code IS NULL OR c.grid_code = a.grid_code)
       AND (a.age_band IS NULL OR a.age_band = c.age_band) AND (a.sex IS NULL OR a.sex = c.sex)
       AND (a.care_tag IS NULL OR a.care_tag = ANY (coalesce(c.tags, '{none}')))
 GROUP BY a.ctid, a.day, a.persons;
SELECT is_empty('SELECT * FROM made WHERE sum <> persons', 'every answer is the sum of finest cells');
SELECT is_empty('SELECT * FROM cell WHERE persons < 5', 'and none of them is below k: the table could be the truth, so no answers together prove a smaller group');
CREATE TEMP TABLE pair AS
SELECT DISTINCT a.persons - b.persons AS d FROM (SELECT DISTINCT day, cells, persons FROM made) a JOIN (SELECT DISTINCT day, cells, persons FROM made) b ON b.day = a.day AND b.cells <@ a.cells AND b.cells <> a.cells
 WHERE a.day = '2024-03-31' AND cardinality(a.cells) <= 60;
SELECT cmp_ok((SELECT count(*) FROM pair), '>', 5::bigint, 'differences of nested groups');
SELECT is_empty('SELECT * FROM pair WHERE d BETWEEN 1 AND 4', 'no difference of two answers is a group below k');
-- The same search over exact counts finds plenty, so it can fail.
SELECT isnt_empty($$SELECT FROM community._population_cells('2024-03-31', '{330299001001,330299001002}', NULL, true) WHERE n BETWEEN 1 AND 4$$, 'there are small groups to hide');

-- One group always gives one answer.
SELECT results_eq(format($$SELECT sum(persons) FROM answer WHERE scope = '%s' AND by = '{age_band,sex}' GROUP BY day ORDER BY day$$, :virtual),
    $$SELECT sum(persons) FROM answer WHERE scope = '330299001' AND by = '{age_band,sex}' GROUP BY day ORDER BY day$$, 'a virtual community of the same people answers like the street');
SELECT results_eq($$SELECT day, age_band, sex, persons FROM answer WHERE scope = '330299001001002' AND by = '{age_band,sex}' ORDER BY 1, 2, 3$$,
    $$SELECT day, age_band, sex, persons FROM answer WHERE scope = '330299001001' AND by = '{grid,age_band,sex}' AND grid_code = '330299001001002' ORDER BY 1, 2, 3$$, 'a grid answers like its row');
CREATE TEMP TABLE exact AS SELECT scope, day, array_agg(ROW(band, sex, kind, lives, tags, cell, n)::text ORDER BY ROW(band, sex, kind, lives, tags, cell, n)::text) AS x
  FROM place p CROSS JOIN LATERAL community._population_cells(p.day, p.places, p.grids, true) GROUP BY 1, 2;
SELECT is_empty($$SELECT FROM answer a JOIN answer b ON b.scope = a.scope AND b.day <> a.day AND b.by = '{}' AND a.by = '{}'
    JOIN exact p ON p.scope = a.scope AND p.day = a.day
    JOIN exact q ON q.scope = b.scope AND q.day = b.day
    WHERE p.x = q.x AND a.persons <> b.persons$$, 'on another day too');
SELECT results_eq($$SELECT persons FROM community.population_asof('2024-03-31', '330299')$$, $$SELECT persons FROM answer WHERE day = '2024-03-31' AND scope = '330299' AND by = '{}'$$, 'asked twice');
SELECT ok(abs(persons - exact) < 5 * sqrt(4.0 * cells), 'rounding is fair: ' || persons || ' for ' || exact)
  FROM (SELECT persons FROM answer WHERE day = '2024-03-31' AND scope = '330299' AND by = '{}') a,
       (SELECT sum(n) AS exact, count(*) AS cells FROM community._population_cells('2024-03-31', '{330299001001,330299001002}', NULL, true) WHERE lives) b;
SELECT is_empty($$SELECT FROM community.population_asof('2024-03-31', '330299', '{age_band,sex,grid}', 60) WHERE persons < 60$$, 'a greater k leaves more out');
SELECT is_empty($$SELECT a.* FROM community.population_asof('2024-03-31', '330299', '{age_band,sex,grid}', 60) a
    EXCEPT SELECT community_id, grid_code, age_band, sex, residence_kind, care_tag, persons FROM answer WHERE day = '2024-03-31' AND scope = '330299' AND by = '{grid,age_band,sex}'$$, 'and tells nothing else');
SELECT is_empty($$SELECT FROM answer WHERE care_tag = 'mental'$$, 'the most sensitive tags are not counted');

-- Exact, by ticket, against a count by hand; for a past day as well.
SELECT community.access_open('statistics', 'population/330299000000', '{"reason": "census", "day": "2024-03-17", "scope": "330299", "by": ["sex", "age_band"]}') AS ticket \gset
SELECT results_eq(format('SELECT status FROM community.population_exact(%s)', :ticket), $$VALUES ('ticket_uncommitted')$$, 'after the commit only');
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT results_eq(format('SELECT sex, age_band, persons FROM community.population_exact(%s) ORDER BY 1, 2', :ticket),
    $$SELECT sex, CASE WHEN a < 6 THEN '0-5' WHEN a < 15 THEN '6-14' WHEN a < 18 THEN '15-17' WHEN a < 35 THEN '18-34' WHEN a < 60 THEN '35-59' WHEN a < 65 THEN '60-64' WHEN a < 80 THEN '65-79' ELSE '80+' END, count(*)
        FROM (SELECT sex, 2024 - birth_year AS a FROM community.residence WHERE lower(valid) <= '2024-03-17' AND coalesce(upper(valid) > '2024-03-17', true) AND lives) s GROUP BY 1, 2 ORDER BY 1, 2$$,
    'the count by hand');
SELECT is((SELECT string_agg(status, ',' ORDER BY access_id) FROM community.access_log WHERE ticket_id = :ticket AND action = 'read'), 'ticket_uncommitted,ok', 'each reading is logged');
SELECT community.access_open('statistics', 'population/330299000000', '{"reason": "flood", "scope": "{\"type\":\"Polygon\",\"coordinates\":[[[121.012,28],[121.021,28],[121.021,30],[121.012,30],[121.012,28]]]}"}') AS ticket \gset
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT is((SELECT persons FROM community.population_exact(:ticket)), (SELECT count(*) FROM community.residence r JOIN g USING (grid_id) WHERE c = 330299001001 AND i = 1 AND valid @> CURRENT_DATE), 'a polygon of any shape');
-- A virtual community is who belonged to it on the day.
SELECT community.community_register('330299001', '虚拟二', 'virtual') AS virtual2 \gset
SELECT community.virtual_member_add(:virtual2, 330299001001, '2020-01-01'), community.virtual_member_add(:virtual2, 330299001002, '2024-02-01');
SELECT is((SELECT persons FROM community.population_asof('2023-12-31', :'virtual2')), (SELECT persons FROM answer WHERE day = '2023-12-31' AND scope = '330299001001' AND by = '{}'), 'before the second joined it is the first');
SELECT is((SELECT persons FROM community.population_asof('2024-03-31', :'virtual2')), (SELECT persons FROM answer WHERE day = '2024-03-31' AND scope = '330299001' AND by = '{}'), 'then both');
-- To the very address: a house at the edge of a grid, told by its door; analysts get whole grids.
SELECT community.address_add(330299001001, 'building', '角楼', NULL, 121.0299, 29.0099) AS corner \gset
UPDATE community.residence SET address_id = :corner WHERE place_id = 330299001001 AND person_id IN (SELECT person_id FROM community.residence r JOIN g USING (grid_id) WHERE c = 330299001001 AND i = 2 AND r.valid @> CURRENT_DATE ORDER BY person_id LIMIT 7);
SELECT community.access_open('statistics', 'population/330299000000', '{"reason": "fire", "scope": "{\"type\":\"Polygon\",\"coordinates\":[[[121.0298,29.0098],[121.03,29.0098],[121.03,29.01],[121.0298,29.01],[121.0298,29.0098]]]}"}') AS ticket \gset
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT is((SELECT persons FROM community.population_exact(:ticket)), 7::bigint, 'the people of one house, by its door');
SELECT is((SELECT persons FROM community.population_asof('2024-03-31', '{"type":"Polygon","coordinates":[[[121.0298,29.0098],[121.03,29.0098],[121.03,29.01],[121.0298,29.01],[121.0298,29.0098]]]}')), 0::bigint, 'nobody for an analyst: no whole grid lies there');
SELECT community.access_open('statistics', 'population/330299000000', '{"reason": "fire", "scope": "330299001001002"}') AS ticket \gset
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT is((SELECT persons FROM community.population_exact(:ticket)), (SELECT count(*) FROM community.residence r JOIN g USING (grid_id) WHERE c = 330299001001 AND i = 2 AND r.valid @> CURRENT_DATE AND lives), 'who are counted in their grid as well');
-- History: what is entered now for later does not change the past.
CREATE TEMP TABLE past AS SELECT * FROM community.population_asof('2023-12-31', '330299', '{grid,age_band,sex,residence_kind}');
SELECT community.person_depart(community_id, person_id, '2024-06-01') FROM community.person WHERE person_id BETWEEN 900001 AND 900100;
SELECT results_eq($$SELECT * FROM community.population_asof('2023-12-31', '330299', '{grid,age_band,sex,residence_kind}')$$, 'SELECT * FROM past', 'the past stays as it was');
SELECT community._person_wipe(community_id, person_id, 'anonymised') FROM community.person WHERE person_id BETWEEN 900001 AND 900100;
SELECT results_eq($$SELECT * FROM community.population_asof('2023-12-31', '330299', '{grid,age_band,sex,residence_kind}')$$, 'SELECT * FROM past', 'also when people are forgotten');

-- Analysts: their communities only.
CREATE ROLE t_analyst LOGIN IN ROLE community_analyst;
SELECT community.member_add('t_analyst', 'statistics', 330299001001);
GRANT SELECT ON answer TO t_analyst;
SET SESSION AUTHORIZATION t_analyst;
SELECT is((SELECT persons FROM community.population_asof('2024-03-31', '330299')), (SELECT persons FROM answer WHERE day = '2024-03-31' AND scope = '330299001001' AND by = '{}'), 'an analyst sees his communities') ;
SELECT is((SELECT persons FROM community.population_asof('2024-03-31', '330299001002')), 0::bigint, 'and no other');
SELECT is(left(pg_temp.reason('SELECT community.population_exact(1)'), 5), '42501', 'exact counts are not his');
SELECT is(left(pg_temp.reason($$SELECT community._population_cells('2024-03-31', '{330299001001}', NULL, true)$$), 5), '42501', 'nor what they are made of');
RESET SESSION AUTHORIZATION;

-- For BI tools, and for life circles.
SELECT cmp_ok(community.population_store('2024-03-31'), '>', 50::bigint, 'a month is kept');
SELECT is(community.population_store('2024-03-31'), 0::bigint, 'once');
SELECT is((SELECT sum(persons) FROM community.rollup_population WHERE lives), (SELECT persons FROM community.population_asof('2024-03-31', '330299')), 'as it is published');
SELECT is(community.run_job('report.population', now()) >= 0, true, 'the job runs');
SELECT is(community.population_feed(330299001001, '2024-03-31'), 4::bigint, 'points of life circles');
SELECT is((SELECT sum(residents) FROM community.population_point WHERE community_id = 330299001001), (SELECT count(*) FROM community.residence WHERE place_id = 330299001001 AND lives AND valid @> '2024-03-31'::date), 'hold everybody');
SELECT is((SELECT sum(elderly) FROM community.population_point WHERE community_id = 330299001001), (SELECT count(*) FROM community.residence WHERE place_id = 330299001001 AND lives AND valid @> '2024-03-31'::date AND birth_year <= 1964), 'and the elderly');
SELECT results_eq('SELECT DISTINCT basis FROM community.life_circle(330299001001)', $$VALUES ('residents')$$, 'on which life circles are measured');
SELECT is(pg_temp.reason('SELECT community.population_store(CURRENT_DATE)'), 'population_day', 'months that run are not kept');
SELECT * FROM finish();
ROLLBACK;
