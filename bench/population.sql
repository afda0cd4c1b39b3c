-- Population from a register of a million residences, against a plain GROUP BY
-- over the same rows; and the bulk import of persons.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = bench, community, public;
SELECT count(*) FROM community.install();
SELECT community.community_register('330299', 'district', 'district'), community.community_register('330299001', 'street', 'street');
SELECT community.community_register((330299001000 + c)::text::gridcode, 'c' || c, 'residential') FROM generate_series(1, 100) c;
SELECT community.grid_add(((330299001000 + c) * 1000 + i)::text::gridcode, 'g' || c || '-' || i, 'unit',
    format('{"type":"Polygon","coordinates":[[[%1$s,%3$s],[%2$s,%3$s],[%2$s,%4$s],[%1$s,%4$s],[%1$s,%3$s]]]}',
           round(121 + c * 0.01, 2), round(121.01 + c * 0.01, 2), round(29 + i * 0.01, 2), round(29.01 + i * 0.01, 2))::jsonb, '[2010-01-01,)')
  FROM generate_series(1, 100) c, generate_series(1, 10) i;
-- Persons without sealed values; constraints are checked elsewhere.
SET session_replication_role = replica;
ALTER TABLE community.residence DROP CONSTRAINT residence_kind_excl, DROP CONSTRAINT residence_lives_excl;
INSERT INTO community.person (community_id, person_id, stat_key, birth_year, sex)
SELECT 330299001001 + n % 100, n, (random() * 9e18)::bigint, 1935 + (random() * 88)::int, CASE WHEN random() < 0.5 THEN 'male' ELSE 'female' END FROM generate_series(1, 1000000) n;
INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, valid, stat_key, birth_year, sex)
SELECT p.community_id, p.person_id, CASE WHEN p.person_id % 10 < 7 THEN 'registered' WHEN p.person_id % 10 < 9 THEN 'floating' ELSE 'overseas' END, true, p.community_id,
       g.grid_id, daterange('2019-01-01'::date + (random() * 1500)::int, CASE WHEN random() < 0.1 THEN '2023-06-01'::date + (random() * 700)::int END), p.stat_key, p.birth_year, p.sex
  FROM community.person p
  JOIN (SELECT community_id, grid_id, row_number() OVER (PARTITION BY community_id ORDER BY grid_id) AS i FROM community.grid) g
    ON g.community_id = p.community_id AND g.i = 1 + p.person_id / 100 % 10;
INSERT INTO community.care_tag (community_id, person_id, tag, valid)
SELECT community_id, person_id, CASE WHEN person_id % 3 = 0 THEN 'living_alone' ELSE 'disabled' END, '[2020-01-01,)' FROM community.person WHERE random() < 0.1;
RESET session_replication_role;
VACUUM ANALYZE community.person, community.residence, community.care_tag;
SELECT bench.race(ARRAY[
    $$SELECT count(*) FROM (SELECT r.place_id, r.grid_id, r.kind, r.lives, community._age_band_no(2024, r.birth_year), r.sex, count(*) FROM community.residence r
       WHERE r.valid @> '2024-03-31'::date AND r.suspended_by IS NULL AND r.lives AND r.place_id = ANY (ARRAY(SELECT community_id FROM community.community)) GROUP BY 1, 2, 3, 4, 5, 6) s$$,
    $$SELECT count(*) FROM community.population_asof('2024-03-31', '330299', '{grid,age_band,sex,residence_kind}')$$,
    $$SELECT count(*) FROM community.population_asof('2024-03-31', '330299')$$,
    $$SELECT count(*) FROM community.population_asof('2024-03-31', '330299', '{community,care_tag}')$$], 3, 1e6) AS t \gset
SELECT bench.note('population.cells', t[2], t[1], 3, 'ms', 'by grid, age band, sex and kind, rounded, 1 M residences; peer: GROUP BY over the same rows'),
       bench.note('population.total', t[3], t[1], 3, 'ms', 'a total of the same rows, from the same cells; same peer'),
       bench.note('population.care', t[4], t[1], 3, 'ms', 'by community and care tag; same peer')
  FROM (SELECT :'t'::float8[] AS t) s;
