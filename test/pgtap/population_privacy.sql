-- Population of a small place, asked in every way that is allowed: exact answers
-- equal a count by hand, and no rounded answer, no difference of two, and not all
-- of them together tell of a group below k.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299002', '西街道', 'street'),
       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299002001', '西风社区', 'residential'),
       community.community_register('330299', '虚拟', 'virtual') AS virtual \gset
SELECT community.virtual_member_add(:virtual, 330299001001), community.virtual_member_add(:virtual, 330299002001);
CREATE TEMPORARY TABLE g AS
SELECT c, i, (c * 1000 + i)::text AS code, community.grid_add((c * 1000 + i)::text::gridcode, 'g', 'unit',
    ST_AsGeoJSON(ST_MakeEnvelope(121 + (c - 330299001001) / 1e7 + i * 0.01, 29, 121.01 + (c - 330299001001) / 1e7 + i * 0.01, 29.01, 4326), 9)::jsonb, '[2010-01-01,)') AS grid_id
  FROM unnest('{330299001001,330299002001}'::bigint[]) c, generate_series(1, 2) i;
-- Sixty residences: some in no known grid, one place of work, tags, people who came and went.
SELECT setseed(0.11);
CREATE TEMPORARY TABLE plan AS
SELECT n, (ARRAY[330299001001, 330299002001])[1 + (random() < 0.4)::integer] AS c, 1 + (random() < 0.5)::integer AS i, random() AS luck, (1938 + random() * 84)::integer AS born,
       (ARRAY['male', 'female'])[1 + (random() < 0.5)::integer] AS sex, (random() * 9e17)::bigint AS stat_key, random() AS kind, random() AS tag
  FROM generate_series(1, 60) n;
INSERT INTO community.person (community_id, person_id, stat_key, birth_year, sex) SELECT c, 800000 + n, stat_key, CASE WHEN n <> 7 THEN born END, sex FROM plan;
INSERT INTO community.residence (community_id, residence_id, person_id, kind, lives, place_id, grid_id, valid, stat_key, birth_year, sex)
SELECT p.c, n, 800000 + n, CASE WHEN kind < 0.6 THEN 'registered' WHEN kind < 0.85 THEN 'floating' ELSE 'workplace' END, kind < 0.85 AND kind NOT BETWEEN 0.5 AND 0.56, p.c,
       CASE WHEN luck < 0.93 THEN grid_id END, daterange('2020-01-01', NULL) * CASE WHEN luck < 0.12 THEN daterange('2024-02-10', NULL) WHEN luck < 0.24 THEN daterange(NULL, '2024-01-20') ELSE '(,)' END,
       stat_key, CASE WHEN n <> 7 THEN born END, p.sex
  FROM plan p JOIN g ON g.c = p.c AND g.i = p.i;
INSERT INTO community.care_tag (community_id, person_id, tag, valid)
SELECT c, 800000 + n, t, daterange('2020-01-01', CASE WHEN n % 4 = 0 THEN date '2024-02-01' END)
  FROM plan, unnest(CASE WHEN tag < 0.15 THEN '{living_alone}' WHEN tag < 0.25 THEN '{disabled,living_alone}' WHEN tag < 0.35 THEN '{mental}' WHEN tag < 0.4 THEN '{disabled}' ELSE '{}' END::text[]) t;
ANALYZE community.person, community.residence, community.care_tag, community.grid;

-- What may be asked: every scope, every set of dimensions, three month ends.
CREATE TEMPORARY TABLE scope AS
SELECT s AS scope, ARRAY(SELECT g.c FROM g WHERE g.code LIKE s || '%') AS places, CASE WHEN length(s) = 15 THEN ARRAY(SELECT grid_id FROM g WHERE code = s) END AS grids
  FROM unnest('{33,3302,330299,330299001,330299002,330299001001,330299002001,330299001001001,330299001001002,330299002001001,330299002001002}'::text[]) s
UNION ALL SELECT :'virtual', ARRAY(SELECT DISTINCT c FROM g), NULL
UNION ALL SELECT a.area, ARRAY(SELECT g.c FROM g WHERE g.grid_id = ANY (a.grids)), a.grids
  FROM (SELECT p.area, ARRAY(SELECT g.grid_id FROM g JOIN community.grid x USING (grid_id) WHERE ST_Covers(ST_SetSRID(ST_GeomFromGeoJSON(p.area), 4326), ST_PointOnSurface(x.geom))) AS grids
          FROM (SELECT ST_AsGeoJSON(ST_MakeEnvelope(120.9, 28.9, e, 29.1, 4326), 9) AS area FROM unnest('{121.013,121.0151,121.021,121.118,121.2}'::float8[]) e
                UNION ALL SELECT ST_AsGeoJSON(ST_MakeEnvelope(121.0195, 28.9, 121.125, 29.1, 4326), 9)) p) a;
CREATE TEMPORARY TABLE dims AS SELECT DISTINCT ARRAY(SELECT d FROM unnest('{grid,age_band,sex,residence_kind,care_tag}'::text[]) WITH ORDINALITY u (d, n) WHERE m & (1 << n::int - 1) > 0) AS by FROM generate_series(0, 31) m
UNION ALL SELECT '{community,age_band}';
CREATE TEMPORARY TABLE asked AS SELECT row_number() OVER () AS q, day, s.*, by FROM unnest('{2023-12-31,2024-01-31,2024-03-31}'::date[]) day, scope s, dims;

-- By hand: which residences stand behind a row of an answer, as bits.
CREATE FUNCTION pg_temp.band(p_age integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_age IS NULL THEN 'unknown' WHEN p_age < 6 THEN '0-5' WHEN p_age < 15 THEN '6-14' WHEN p_age < 18 THEN '15-17' WHEN p_age < 35 THEN '18-34'
                WHEN p_age < 60 THEN '35-59' WHEN p_age < 65 THEN '60-64' WHEN p_age < 80 THEN '65-79' ELSE '80+' END
$$;
CREATE FUNCTION pg_temp.by_hand(p_day date, p_places bigint[], p_grids bigint[], p_by text[])
RETURNS TABLE (community_id bigint, grid_code text, age_band text, sex text, residence_kind text, care_tag text, who bit(64)) LANGUAGE sql AS $$
    SELECT CASE WHEN p_by && '{grid,community}' THEN r.place_id END, CASE WHEN 'grid' = ANY (p_by) THEN coalesce(g.code, 'unknown') END,
           CASE WHEN 'age_band' = ANY (p_by) THEN pg_temp.band(extract(year FROM p_day)::integer - r.birth_year) END, CASE WHEN 'sex' = ANY (p_by) THEN r.sex END,
           CASE WHEN 'residence_kind' = ANY (p_by) THEN r.kind END, t.tag, bit_or(set_bit(0::bit(64), r.residence_id::integer, 1))
      FROM community.residence r
      LEFT JOIN g ON g.grid_id = r.grid_id
      LEFT JOIN LATERAL (SELECT unnest(coalesce((SELECT array_agg(c.tag) FROM community.care_tag c WHERE c.community_id = r.community_id AND c.person_id = r.person_id AND c.tag <> 'mental'
                                                   AND lower(c.valid) <= p_day AND (upper(c.valid) IS NULL OR upper(c.valid) > p_day)), '{none}'))) t (tag) ON 'care_tag' = ANY (p_by)
     WHERE lower(r.valid) <= p_day AND (upper(r.valid) IS NULL OR upper(r.valid) > p_day) AND (r.lives OR 'residence_kind' = ANY (p_by))
       AND r.place_id = ANY (p_places) AND (p_grids IS NULL OR r.grid_id = ANY (p_grids))
     GROUP BY 1, 2, 3, 4, 5, 6
$$;
CREATE TEMPORARY TABLE truth AS SELECT a.q, h.* FROM asked a, pg_temp.by_hand(a.day, a.places, a.grids, a.by) h;
SELECT cmp_ok((SELECT count(*) FROM truth WHERE bit_count(who) BETWEEN 1 AND 4), '>', 1000::bigint, 'most groups are small');

-- Exact, with a purpose: any day, any scope, any dimensions.
CREATE TEMPORARY TABLE wanted AS SELECT row_number() OVER () AS w, day, s.*, by FROM unnest('{2023-06-15,2024-01-19,2024-01-20,2024-02-10,2024-12-31}'::date[]) day, scope s, dims WHERE cardinality(by) <> 4;
CREATE TEMPORARY TABLE ticket AS
SELECT w.w, community.access_open('statistics', 'population/330299000000', jsonb_build_object('reason', 'test', 'day', w.day, 'scope', w.scope, 'by', w.by)) AS ticket FROM wanted w;
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1);
CREATE TEMPORARY TABLE exact AS SELECT t.w, x.* FROM ticket t, community.population_exact(t.ticket) x;
SELECT is_empty($$SELECT w.w, h.community_id, h.grid_code, h.age_band, h.sex, h.residence_kind, h.care_tag, bit_count(h.who) FROM wanted w, pg_temp.by_hand(w.day, w.places, w.grids, w.by) h
    EXCEPT SELECT w, community_id, grid_code, age_band, sex, residence_kind, care_tag, persons FROM exact$$, 'exact answers for every scope, day and set of dimensions are complete');
SELECT is_empty($$SELECT w, community_id, grid_code, age_band, sex, residence_kind, care_tag, persons FROM exact
    EXCEPT SELECT w.w, h.community_id, h.grid_code, h.age_band, h.sex, h.residence_kind, h.care_tag, bit_count(h.who) FROM wanted w, pg_temp.by_hand(w.day, w.places, w.grids, w.by) h$$, 'and equal the count by hand');
SELECT cmp_ok((SELECT count(DISTINCT w) FROM exact), '>', 1500::bigint, 'questions of analysts with a purpose');
SELECT is((SELECT count(*) FROM community.access_log WHERE action = 'read' AND status = 'ok'), (SELECT count(*) FROM ticket), 'each of which is on record');

-- Rounded, for analysts: every answer there is.
CREATE TEMPORARY TABLE answer AS SELECT a.q, r.* FROM asked a CROSS JOIN LATERAL community.population_asof(a.day, a.scope, a.by) r;
CREATE TEMPORARY TABLE said AS
SELECT t.q, a.day, t.who, coalesce(r.persons, 0) AS persons
  FROM truth t JOIN asked a ON a.q = t.q
  LEFT JOIN answer r ON r.q = t.q AND (r.community_id, r.grid_code, r.age_band, r.sex, r.residence_kind, r.care_tag) IS NOT DISTINCT FROM (t.community_id, t.grid_code, t.age_band, t.sex, t.residence_kind, t.care_tag);
SELECT is((SELECT sum(persons) FROM answer), (SELECT sum(persons)::bigint FROM said)::numeric, 'no answer tells of a group that does not exist');
SELECT is_empty('SELECT * FROM answer WHERE persons % 5 <> 0', 'every number is a multiple of k');
-- One group of one day, one answer, whatever way it is asked for: nothing to average.
SELECT is_empty('SELECT day, who FROM said GROUP BY day, who HAVING count(DISTINCT persons) > 1', 'one group has one answer in all its ways');
SELECT cmp_ok((SELECT max(n) FROM (SELECT count(*) AS n FROM said GROUP BY day, who) s), '>', 20::bigint, 'although it can be asked for in many');
CREATE TEMPORARY TABLE fact AS SELECT row_number() OVER () AS f, day, who, min(persons) AS persons FROM said GROUP BY day, who;
ANALYZE fact;
-- Every pair of answers, of one day and of two, whose groups lie one within the other and differ by one to four people.
CREATE TEMPORARY TABLE pair AS
SELECT a.day = b.day AS same_day, bit_count(a.who # b.who) AS really, a.persons - b.persons AS told
  FROM fact a JOIN fact b ON a.f <> b.f AND b.who & ~a.who = 0::bit(64);
SELECT cmp_ok((SELECT count(*) FROM pair WHERE really BETWEEN 1 AND 4), '>', 5000::bigint, 'pairs of answers that differ by one to four people');
SELECT cmp_ok((SELECT count(*) FROM pair WHERE really BETWEEN 1 AND 4 AND NOT same_day), '>', 1000::bigint, 'on two days as well');
SELECT is_empty('SELECT DISTINCT told FROM pair WHERE told % 5 <> 0', 'no difference is a number below k');
SELECT is_empty($$SELECT s.told FROM (SELECT DISTINCT told FROM pair WHERE really BETWEEN 1 AND 4) s
    WHERE NOT EXISTS (SELECT FROM pair p WHERE p.told = s.told AND p.really >= 5) AND s.told <> 0$$, 'whatever is told of a small difference is told of a large one too');
SELECT results_eq('SELECT DISTINCT really FROM pair WHERE told = 0 AND really <= 4 ORDER BY 1', $$SELECT r FROM generate_series((SELECT min(really) FROM pair WHERE told = 0), 4) r$$, 'no difference is told of none and of each small one');
SELECT is((SELECT count(DISTINCT really) FROM pair WHERE told = 5 AND really BETWEEN 1 AND 4), 4::bigint, 'and a difference of k of each small one');

-- All answers together: another population, in which no cell is smaller than k,
-- gives the very same answers.  Whatever anybody infers from them holds for it
-- too, and it has no group below k that could be proved.
CREATE TEMPORARY TABLE cell AS
SELECT row_number() OVER () AS id, day, r.* FROM unnest('{2023-12-31,2024-01-31,2024-03-31}'::date[]) day CROSS JOIN LATERAL community._population_rounded(day, '{330299001001,330299002001}', NULL) r;
SELECT cmp_ok((SELECT min(persons) FROM cell), '>=', 5::bigint, 'the published table has no cell below k');
CREATE TEMPORARY TABLE double AS
SELECT row_number() OVER () + 900000 AS person_id, c.*, (random() * 9e17)::bigint AS stat_key,
       CASE c.band WHEN 1 THEN 3 WHEN 2 THEN 10 WHEN 3 THEN 16 WHEN 4 THEN 25 WHEN 5 THEN 45 WHEN 6 THEN 62 WHEN 7 THEN 70 WHEN 8 THEN 90 END AS age
  FROM cell c CROSS JOIN LATERAL generate_series(1, c.persons);
DELETE FROM community.care_tag;
DELETE FROM community.residence;
INSERT INTO community.person (community_id, person_id, stat_key, birth_year, sex) SELECT place_id, person_id, stat_key, extract(year FROM day) - age, sex FROM double;
INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, valid, stat_key, birth_year, sex)
SELECT place_id, person_id, kind, lives, place_id, grid_id, daterange(day, day + 1), stat_key, extract(year FROM day) - age, sex FROM double;
INSERT INTO community.care_tag (community_id, person_id, tag, valid) SELECT place_id, person_id, t, daterange(day, day + 1) FROM double, unnest(tags) t;
SELECT isnt_empty($$SELECT 1 FROM double WHERE tags IS NOT NULL$$, 'tags stand in it as well');
CREATE TEMPORARY TABLE again AS SELECT a.q, r.* FROM asked a CROSS JOIN LATERAL community.population_asof(a.day, a.scope, a.by) r;
SELECT is_empty('SELECT * FROM answer EXCEPT SELECT * FROM again', 'it gives every answer');
SELECT is_empty('SELECT * FROM again EXCEPT SELECT * FROM answer', 'and no other');
SELECT is((SELECT count(*) FROM again), (SELECT count(*) FROM answer), 'row for row');
SELECT * FROM finish();
ROLLBACK;
