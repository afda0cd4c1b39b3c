-- Candidates: every part of the score, every filter, the pool, polygons.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
\ir ../lib/match_plain.sql

-- Two offers alike: same place, price, hours, provider kind.
CREATE TEMP TABLE p AS
SELECT x.provider_id, o AS owner, row_number() OVER (ORDER BY o) AS n
  FROM m, unnest(ARRAY[shop, tidy]) o, community.provider_apply(pg_temp.k(), c, 'organization', o, 'Co ' || o, 'merchant') x;
UPDATE community.provider SET state = 'active';
SELECT community.offer_add(c, provider_id, 'house_cleaning', CASE n WHEN 1 THEN 'A' ELSE 'B' END, 121.510, 29.805, 8000, '{"skills": ["windows", "floors"], "capacity": 9, "languages": ["zh", "en"], "accessibility": ["home_visit"]}') FROM m, p;
CREATE TEMP TABLE d AS SELECT pg_temp.want(1, 'house_cleaning', '{"skills": ["windows", "floors"], "max_price": 10000}') AS id;
CREATE FUNCTION pg_temp.rank() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(o.title, '' ORDER BY c.score DESC, c.offer_id) FROM d, community.match_candidates(330203001001, id) c JOIN community.offer o USING (offer_id) $$;
CREATE FUNCTION pg_temp.part(p_title text, p_part text) RETURNS numeric LANGUAGE sql AS $$
    SELECT (c.why ->> p_part)::numeric FROM d, community.match_candidates(330203001001, id) c JOIN community.offer o USING (offer_id) WHERE o.title = p_title $$;
-- What one change makes of the order, in a savepoint of its own; the parts add up before and after.
CREATE FUNCTION pg_temp.after(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v text; v_bad bigint;
BEGIN
    EXECUTE p_sql;
    v := pg_temp.rank();
    SELECT count(*) INTO v_bad FROM d, community.match_candidates(330203001001, id) c
     WHERE c.score <> (SELECT sum(w.value::numeric) FROM jsonb_each_text(c.why) w) OR c.score NOT BETWEEN 0 AND 1
        OR EXISTS (SELECT FROM jsonb_each_text(c.why) w WHERE w.value::numeric < 0);
    RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = coalesce(v, 'none') || CASE WHEN v_bad > 0 THEN ' does not add up' ELSE '' END;
EXCEPTION WHEN SQLSTATE 'P0001' THEN
    RETURN SQLERRM;
END $$;
SELECT is(pg_temp.rank(), 'AB', 'equal offers: the older first');
SELECT is((SELECT count(DISTINCT score) FROM d, community.match_candidates(330203001001, id)), 1::bigint, 'with equal scores');
SELECT is((SELECT string_agg(k, ',' ORDER BY k) FROM d, community.match_candidates(330203001001, id, 1) c, jsonb_object_keys(c.why) k),
    'continuity,distance,load,newcomer,price,rating,skill,time', 'eight parts');

-- B comes first as soon as one input is better for it ...
SELECT is(pg_temp.after(s), 'BA', f || ' of B better: B first') FROM (VALUES
    ('distance', $$UPDATE community.offer SET lon = 121.509 WHERE title = 'B'$$),
    ('price', $$UPDATE community.offer SET price = 7999 WHERE title = 'B'$$),
    ('rating', $$UPDATE community.provider SET rated = 20, good = CASE provider_id WHEN (SELECT provider_id FROM p WHERE n = 2) THEN 20 ELSE 19 END$$),
    ('continuity', $$INSERT INTO community.service_order (community_id, demand_id, offer_id, provider_id, service, requester_kind, requester_id, exclusive, period, price, fee, currency, score, why, market_period, confirm_due)
        SELECT 330203001001, pg_temp.want(1, 'house_cleaning'), offer_id, provider_id, service, 'person', 1, false, '[2020-01-01,2020-01-02)', 1, 0, 'CNY', 0, '{}', '2020-01-01', now() FROM community.offer WHERE title = 'B';
        ALTER TABLE community.service_order DISABLE TRIGGER USER; UPDATE community.service_order SET state = 'settled'$$)) x (f, s);
-- ... or worse for A.
SELECT is(pg_temp.after(s), 'BA', f || ' of A worse: B first') FROM (VALUES
    ('skill', $$UPDATE community.offer SET skills = '{windows}' WHERE title = 'A'$$),
    ('time', $$UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su,PH 10:01-20:00') WHERE title = 'A'$$),
    ('load', $$INSERT INTO community.market_count SELECT 330203001001, 'meal_delivery', community._quarter(330203001001, now()), provider_id, 1 FROM p WHERE n = 1$$),
    ('newcomer', $$UPDATE community.provider SET rated = 5 WHERE provider_id = (SELECT provider_id FROM p WHERE n = 1)$$),
    ('distance', $$UPDATE community.offer SET lat = 29.807 WHERE title = 'A'$$),
    ('price', $$UPDATE community.offer SET price = 8001 WHERE title = 'A'$$)) x (f, s);
-- What stands outside of a weight does not count: the same changes with the part switched off.
SELECT is(pg_temp.after(format('UPDATE community.match_part SET weight = 0 WHERE part = %L; DELETE FROM community.match_weight; %s', f, s)), 'AB', f || ' without weight changes nothing') FROM (VALUES
    ('distance', $$UPDATE community.offer SET lon = 121.509 WHERE title = 'B'$$),
    ('price', $$UPDATE community.offer SET price = 7999 WHERE title = 'B'$$),
    ('skill', $$UPDATE community.offer SET skills = '{windows}' WHERE title = 'A'$$),
    ('time', $$UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su,PH 10:01-20:00') WHERE title = 'A'$$),
    ('load', $$INSERT INTO community.market_count SELECT 330203001001, 'meal_delivery', community._quarter(330203001001, now()), provider_id, 1 FROM p WHERE n = 1$$),
    ('newcomer', $$UPDATE community.provider SET rated = 5 WHERE provider_id = (SELECT provider_id FROM p WHERE n = 1)$$)) x (f, s);
SELECT is(pg_temp.after('UPDATE community.match_part SET weight = 0; DELETE FROM community.match_weight'), 'AB', 'no weights at all: scores of 0, the older first');

-- What each part is, in its unit times its weight.
SELECT is(pg_temp.part('A', 'skill'), round(0.15, 6), 'all skills');
SELECT is(pg_temp.part('A', 'price'), round(0.10 * 0.2, 6), '8,000 of 10,000: a fifth is left');
SELECT is(pg_temp.part('A', 'distance'), round((0.25 / (1 + community._distance_m(121.505, 29.805, 121.510, 29.805) / 1000))::numeric, 6), 'half at a kilometre');
SELECT is(pg_temp.part('A', 'time'), 0.100000, 'at once');
SELECT is(pg_temp.part('A', 'newcomer'), 0.050000, 'a newcomer');
SELECT is(pg_temp.part('A', 'load'), 0.100000, 'without orders');
SELECT is(pg_temp.part('A', 'rating'), 0.000000, 'unrated');
SELECT is(pg_temp.part('A', 'continuity'), 0.000000, 'unknown to each other');

-- Filters: one input changed keeps A out, nothing else does.
SELECT is(pg_temp.after(s), 'B', f || ' keeps A out') FROM (VALUES
    ('language', $$UPDATE community.offer SET languages = '{zh}' WHERE title = 'A'; UPDATE community.demand SET languages = '{en}'$$),
    ('accessibility', $$UPDATE community.offer SET accessibility = '{}' WHERE title = 'A'; UPDATE community.demand SET accessibility = '{home_visit}'$$),
    ('gender wanted', $$UPDATE community.provider SET sex = 'female' WHERE provider_id = (SELECT provider_id FROM p WHERE n = 2); UPDATE community.demand SET wants_sex = 'female'$$),
    ('gender served', $$UPDATE community.offer SET serves_sex = 'female' WHERE title = 'A'$$),
    ('a blocked pair', $$SELECT community.match_block_set(330203001001, 'person', 1, provider_id, 'x') FROM p WHERE n = 1$$),
    ('self-dealing', $$UPDATE community.demand SET requester_kind = 'organization', requester_id = (SELECT owner FROM p WHERE n = 1)$$),
    ('a suspension', $$SELECT community.provider_event(pg_temp.k(), 330203001001, provider_id, 'suspend', jsonb_build_object('until', now() + interval '1 day')) FROM p WHERE n = 1$$),
    ('the share cap', $$INSERT INTO community.market_count SELECT 330203001001, 'house_cleaning', community._quarter(330203001001, now()), x.i, x.n FROM (VALUES (0, 99), ((SELECT provider_id FROM p WHERE n = 1), 40)) x (i, n)$$),
    ('its own share cap', $$INSERT INTO community.market_count SELECT 330203001001, 'house_cleaning', community._quarter(330203001001, now()), x.i, x.n FROM (VALUES (0, 99), ((SELECT provider_id FROM p WHERE n = 1), 10)) x (i, n); SELECT community.provider_cap(330203001001, provider_id, 0.1) FROM p WHERE n = 1$$),
    ('capacity', $$UPDATE community.offer SET taken = capacity WHERE title = 'A'$$),
    ('price', $$UPDATE community.offer SET price = 10001 WHERE title = 'A'$$),
    ('hours', $$UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su,PH 10:00-10:59,11:01-12:00') WHERE title = 'A'$$),
    ('a certificate', $$UPDATE community.service_catalog SET qualification = '{x,y}' WHERE service = 'house_cleaning'; INSERT INTO community.qualification (community_id, provider_id, kind, certificate_no, issuer, valid, verified_by, verified_at)
        SELECT 330203001001, provider_id, k, 'n', 'i', daterange(CURRENT_DATE, CURRENT_DATE + 9), 'v', CASE WHEN n = 2 OR k = 'x' THEN now() END FROM p, unnest('{x,y}'::text[]) k WHERE n = 2 OR k = 'x'$$),
    ('a pause', $$UPDATE community.offer SET state = 'paused' WHERE title = 'A'$$),
    ('its validity', $$UPDATE community.offer SET valid = tstzrange(NULL, now() - interval '1 s') WHERE title = 'A'$$),
    ('the area', $$SELECT community.offer_area_set(330203001001, offer_id, '{"grids": ["330203001002"]}') FROM community.offer WHERE title = 'A'$$)) x (f, s);
SELECT is(pg_temp.after($$INSERT INTO community.market_count SELECT 330203001001, 'house_cleaning', community._quarter(330203001001, now()), x.i, x.n FROM (VALUES (0, 18), ((SELECT provider_id FROM p WHERE n = 1), 15)) x (i, n)$$), 'BA', 'no share cap in a small market, but load');
SELECT is(pg_temp.after($$UPDATE community.demand SET slot = tstzrange(pg_temp.ten(), pg_temp.ten() + interval '7 hours'); UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su,PH 10:30-10:59,11:10-12:05,16:00-17:00') WHERE title = 'A'$$), 'BA', 'the third opening may be the first that is long enough');

-- Holidays are those of the community's calendar, in its time.
INSERT INTO community.calendar (calendar, day, kind, name, source) VALUES ('test', (pg_temp.ten() AT TIME ZONE 'Asia/Shanghai')::date, 'holiday', 'x', 'test');
SELECT is(pg_temp.after($$UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su 08:00-20:00; PH off') WHERE title = 'A'$$), 'AB', 'a holiday of another calendar');
SELECT is(pg_temp.after($$UPDATE community.offer SET weekly = community.weekly_hours('Mo-Su 08:00-20:00; PH off') WHERE title = 'A'; SELECT community.setting_set('calendar', 'test', 330203001001)$$), 'B', 'and of its own');
SELECT community.setting_set('calendar', 'test', 330203001001);
SELECT is(pg_temp.reason(format('SELECT community.booking_hold(pg_temp.k(), 330203001001, %s, %L, 1, pg_temp.ten(), pg_temp.ten() + interval %L)',
    community.resource_add(330203001001, 'Hall', 1, 'Mo-Su 08:00-20:00; PH off'), 'person', '1 hour')), 'booking_closed', 'which closes rooms too');
SELECT community.setting_set('calendar', NULL, 330203001001);

-- A person who is busy at first serves later in the time wanted.
SELECT provider_id, state FROM community.provider_apply(pg_temp.k(), 330203001001, 'person', 5, 'Vera', 'volunteer') x;
UPDATE community.provider SET state = 'active';
CREATE TEMP TABLE v AS SELECT community.offer_add(330203001001, provider_id, 'volunteer_visit', 'Vera', 121.505, 29.805, 60, '{"capacity": 5}') AS offer FROM community.provider WHERE name = 'Vera';
SELECT is((SELECT count(*) FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(7, 'volunteer_visit', jsonb_build_object('from', pg_temp.ten() + interval '15 minutes', 'duration', '30 minutes')))), 1::bigint, 'an order from 10:15 to 10:45');
CREATE FUNCTION pg_temp.begins(p_from interval, p_upto interval, p_duration text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE v_id bigint := pg_temp.want(8, 'volunteer_visit', jsonb_build_object('from', pg_temp.ten() + p_from, 'upto', pg_temp.ten() + p_upto, 'duration', p_duration));
BEGIN
    RETURN (SELECT c.begins FROM community.match_candidates(330203001001, v_id) c);
END $$;
SELECT is(pg_temp.begins('0', '2 hours', '1 hour'), pg_temp.ten() + interval '45 minutes', 'then from 10:45');
SELECT is(pg_temp.begins('0', '2 hours', '15 minutes'), pg_temp.ten(), 'or before it, when that fits');
SELECT is(pg_temp.begins('0', '100 minutes', '1 hour'), NULL, 'or not at all');
CREATE TEMP TABLE late AS SELECT x.order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(9, 'volunteer_visit')) x;
SELECT is(lower(period), pg_temp.ten() + interval '45 minutes', 'an order is made for then') FROM late JOIN community.service_order USING (order_id);

-- One offer alone, beyond the pool.
SELECT community.setting_set('match_pool', '4', 330203001001);
SELECT community.offer_add(330203001001, provider_id, 'appliance_repair', 'R' || g, 121.505 + g * 0.001, 29.805, 10000 - g * 100, '{"capacity": 9}') FROM p, generate_series(1, 30) g WHERE n = 1;
CREATE TEMP TABLE r AS SELECT pg_temp.want(2, 'appliance_repair') AS id;
SELECT is(count(*), 4::bigint, 'k of 1: the four nearest are scored') FROM r, community.match_candidates(330203001001, id, 1) c, pg_temp.plain_candidates(330203001001, id, 100, 4) x;
SELECT is((SELECT array_agg(c.offer_id) FROM community.match_candidates(330203001001, id, 1) c), (SELECT array_agg(x.offer_id) FROM pg_temp.plain_candidates(330203001001, id, 1, 4) x), 'and the best of them is the answer') FROM r;
SELECT is((SELECT array_agg(c.offer_id) FROM community.match_candidates(330203001001, id, 7) c), (SELECT array_agg(x.offer_id) FROM pg_temp.plain_candidates(330203001001, id, 7, 28) x), 'k of 7: of 28') FROM r;
SELECT is((SELECT array_agg(c.offer_id) FROM community.match_candidates(330203001001, id, 8) c), (SELECT array_agg(x.offer_id) FROM pg_temp.plain_candidates(330203001001, id, 8) x), 'k of 8: the pool holds all 30, the answer is that over all') FROM r;
SELECT is((SELECT c.offer_id FROM community.match_candidates(330203001001, id, 1, o.offer_id) c), o.offer_id, 'an offer asked for by number') FROM r, community.offer o WHERE title = 'R30';
SELECT is((SELECT x.offer_id FROM community.match_demand(pg_temp.k(), 330203001001, id, o.offer_id) x), o.offer_id, 'is taken however far away it is') FROM r, community.offer o WHERE title = 'R30';
SELECT community.setting_set('match_pool', NULL, 330203001001);

-- Service areas as polygons: candidates are those that ST_Covers says.
CREATE FUNCTION pg_temp.served(p_lon double precision, p_lat double precision) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v_id bigint := community.demand_add(gen_random_uuid(), 330203001001, 'person', 3, 'certificate_errand', p_lon, p_lat, jsonb_build_object('from', pg_temp.ten(), 'upto', pg_temp.ten() + interval '2 hours'));
BEGIN
    RETURN (SELECT string_agg(o.title, ',' ORDER BY o.title) FROM community.match_candidates(330203001001, v_id, 100) c JOIN community.offer o USING (offer_id));
END $$;
SELECT community.offer_add(330203001001, provider_id, 'certificate_errand', 'P', 121.505, 29.805, 100,
    '{"polygon": {"type": "Polygon", "coordinates": [[[121.50, 29.80], [121.52, 29.80], [121.52, 29.82], [121.51, 29.81], [121.50, 29.82], [121.50, 29.80]]]}}') FROM p WHERE n = 1;
SELECT is(pg_temp.served(121.505, 29.805), 'P', 'inside of a polygon');
SELECT is(pg_temp.served(121.51, 29.815), NULL, 'in its notch');
SELECT is(pg_temp.served(121.50, 29.82), 'P', 'on a corner');
SELECT is(pg_temp.served(121.51, 29.80), 'P', 'on its border');
SELECT is(pg_temp.served(121.49999999, 29.805), NULL, 'a millimetre beside it');
SELECT community.offer_area_set(330203001001, offer_id, jsonb_build_object('cells', jsonb_build_array(community.gridcell(121.6, 29.9, 6)::text)), geom) FROM community.offer_area JOIN community.offer USING (community_id, offer_id);
SELECT is(pg_temp.served(121.6, 29.9) || pg_temp.served(121.505, 29.805), 'PP', 'a polygon and cells together');
SELECT is(pg_temp.served(121.7, 29.9), NULL, 'and nowhere else');
SELECT community.offer_area_set(330203001001, offer_id, jsonb_build_object('cells', jsonb_build_array(community.gridcell(121.6, 29.9, 9)::text))) FROM community.offer WHERE title = 'P';
SELECT is(pg_temp.served(121.6, 29.9), 'P', 'a cell finer than those of demands');
SELECT is(pg_temp.served(121.6005, 29.9), NULL, 'holds only what is in it');
SELECT is(count(*), 0::bigint, 'a polygon that is taken away is gone') FROM community.offer_area;
SELECT community.offer_area_set(330203001001, offer_id) FROM community.offer WHERE title = 'P';
SELECT is(pg_temp.served(121.7, 29.9), 'P', 'without any area: everywhere');

-- Stars of random shape, holes and all, against plain PostGIS.
SELECT setseed(0.5);
CREATE TEMP TABLE star AS
SELECT n, community.offer_add(330203001001, (SELECT provider_id FROM p WHERE p.n = 1), 'certificate_errand', 'S' || to_char(n, 'FM000'), 121.5, 29.8, 100) AS offer,
       ST_SetSRID(CASE WHEN n % 3 = 0 THEN ST_Difference(g, ST_Buffer(ST_Centroid(g), 0.004)) ELSE g END, CASE WHEN n % 2 = 0 THEN 4490 ELSE 4326 END) AS geom
  FROM (SELECT n, (SELECT ST_MakePolygon(ST_AddPoint(l, ST_StartPoint(l)))
                     FROM (SELECT ST_MakeLine(ST_Point(x + cos(a * pi() / 8) * r, y + sin(a * pi() / 8) * r) ORDER BY a) AS l
                             FROM (SELECT a, 0.002 + random() * 0.03 + n * 0 AS r FROM generate_series(0, 15) a) q) z) AS g
          FROM (SELECT n, 121.45 + random() * 0.1 AS x, 29.75 + random() * 0.1 AS y FROM generate_series(1, 60) n) s) raw;
UPDATE community.offer SET state = 'ended' WHERE title = 'P';
SELECT community.offer_area_set(330203001001, offer, '{}', geom) FROM star;
SELECT is((SELECT count(*) FROM community.offer_area), 60::bigint, 'sixty polygons of both systems');
CREATE TEMP TABLE probe AS
SELECT lon, lat, pg_temp.served(lon, lat) AS ours FROM (
    SELECT 121.42 + random() * 0.16 AS lon, 29.72 + random() * 0.16 AS lat FROM generate_series(1, 150)
    UNION ALL SELECT ST_X(q.geom), ST_Y(q.geom) FROM (SELECT geom FROM star WHERE n <= 5) s, ST_DumpPoints(s.geom) q
    UNION ALL SELECT ST_X(q.geom), ST_Y(q.geom) FROM (SELECT ST_PointOnSurface(geom) AS geom FROM star) q) x;
SELECT is_empty($$SELECT lon, lat, ours, plain FROM probe
    CROSS JOIN LATERAL (SELECT string_agg(o.title, ',' ORDER BY o.title) AS plain FROM star JOIN community.offer o ON o.offer_id = star.offer
                         WHERE ST_Covers(ST_SetSRID(star.geom, 4326), ST_SetSRID(ST_Point(probe.lon, probe.lat), 4326))) x WHERE ours IS DISTINCT FROM plain$$, 'as ST_Covers alone says, corners too');
SELECT cmp_ok(count(*), '>', 250::bigint, 'at many places') FROM probe;
SELECT cmp_ok(count(ours), '>', 80::bigint, 'many of them served') FROM probe;

-- What is no service area.
CREATE FUNCTION pg_temp.area(p_doc jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.reason(format('SELECT community.offer_area_set(330203001001, %s, %L)', offer, p_doc)) FROM star WHERE n = 1 $$;
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.6, 29.9], [121.6, 29.8], [121.5, 29.9], [121.5, 29.8]]]}}'), 'match_form', 'a bow tie');
SELECT is(pg_temp.area('{"polygon": {"type": "Point", "coordinates": [121.5, 29.8]}}'), 'match_form', 'a point');
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "coordinates": []}}'), 'match_form', 'nothing');
SELECT is(pg_temp.area('{"polygon": "here"}'), 'match_form', 'no GeoJSON');
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}}'), 'match_form', 'another system');
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}, "coordinates": [[[121, 29], [121.01, 29], [121.01, 29.01], [121, 29]]]}}'), 'done', 'CGCS2000 is taken');
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "coordinates": [[[121, 29], [123, 29], [123, 30], [121, 30], [121, 29]]]}}'), 'match_form', 'too large');
SELECT is(pg_temp.area('{"polygon": {"type": "Polygon", "coordinates": [[[0, 87.99], [0.01, 87.99], [0.01, 88.01], [0, 87.99]]]}}'), 'match_form', 'beyond the cells');
SELECT is(pg_temp.area('{"cells": ["nowhere"]}') ~ '^22P02', true, 'no cell');
SELECT is(pg_temp.reason(format('SELECT community.offer_area_set(330203001001, %s, NULL, ST_SetSRID(ST_MakeEnvelope(1, 1, 2, 2), 3857))', offer)), 'match_form', 'a geometry of another system') FROM star WHERE n = 1;
SELECT is(pg_temp.reason(format('SELECT community.offer_area_set(330203001001, %s, NULL, ST_Buffer(ST_SetSRID(ST_Point(121.5, 29.8), 4326), 0.01, 2000))', offer)), 'match_form', 'too many points') FROM star WHERE n = 1;
SELECT is(pg_temp.reason('SELECT community.offer_area_set(330203001001, 0)'), 'match_unknown', 'no offer');
SELECT is((SELECT count(*) FROM community.offer_area), 60::bigint, 'what was refused changed nothing');

-- A random market: the answer is that of one plain query over all offers.
SELECT setseed(0.25);
UPDATE community.offer SET state = 'ended';
INSERT INTO community.provider (community_id, provider_id, owner_kind, owner_id, name, kind, sex, state, rated, good)
SELECT 330203001001, 1000 + n, CASE WHEN n % 2 = 0 THEN 'organization' ELSE 'person' END, 1000 + n, 'r' || n, CASE WHEN n % 2 = 0 THEN 'ngo' ELSE 'volunteer' END,
       CASE WHEN n % 2 = 0 THEN 'unknown' WHEN random() < 0.5 THEN 'female' ELSE 'male' END, CASE WHEN random() < 0.9 THEN 'active' ELSE 'withdrawn' END, 9, floor(random() * 10)
  FROM generate_series(1, 60) n;
SELECT count(community.offer_add(330203001001, provider_id, s, 'r', 121.5 + random() * 0.02, 29.8 + random() * 0.02, (random() * 3000)::bigint, jsonb_strip_nulls(jsonb_build_object(
       'capacity', floor(random() * 3), 'hours', (ARRAY['Mo-Fr 08:00-11:15', 'Mo-Su,PH 09:00-10:30,10:45-13:00', 'Mo-Su,PH 00:00-24:00'])[ceil(random() * 3)],
       'languages', CASE WHEN random() < 0.5 THEN '["zh", "en"]'::jsonb END, 'accessibility', CASE WHEN random() < 0.5 THEN '["home_visit"]'::jsonb END,
       'skills', to_jsonb((ARRAY['a', 'b', 'c'])[1:floor(random() * 4)]), 'serves_sex', CASE WHEN random() < 0.1 THEN 'male' END,
       'cells', CASE WHEN random() < 0.3 THEN jsonb_build_array(community.gridcell(121.5 + random() * 0.02, 29.8 + random() * 0.02, 6)::text) END))))
  FROM community.provider, unnest('{house_cleaning,volunteer_visit}'::text[]) s, generate_series(1, 3) WHERE provider_id > 1000 AND state = 'active';
INSERT INTO community.service_order (community_id, demand_id, offer_id, provider_id, service, requester_kind, requester_id, exclusive, period, price, fee, currency, score, why, market_period, confirm_due)
SELECT 330203001001, pg_temp.want(1 + n % 10, o.service), o.offer_id, o.provider_id, o.service, 'person', 1 + n % 10, false,
       tstzrange(x.at, x.at + interval '25 minutes'), 1, 0, 'CNY', 0, '{}', community._quarter(330203001001, now()), now()
  FROM (SELECT *, row_number() OVER (ORDER BY offer_id) AS n FROM community.offer WHERE provider_id > 1000 AND capacity > 1) o
 CROSS JOIN LATERAL (SELECT pg_temp.ten() + make_interval(mins => (random() * 12)::int * 10 + o.n::int * 0) AS at) x
 WHERE o.n % 2 = 0
    ON CONFLICT DO NOTHING;
UPDATE community.service_order SET state = 'in_service' WHERE false;
SELECT community.match_block_set(330203001001, 'person', 1 + provider_id % 10, provider_id, 'x') FROM community.provider WHERE provider_id > 1000 AND provider_id % 4 = 0;
CREATE TEMP TABLE ask AS
SELECT n, community.demand_add(gen_random_uuid(), 330203001001, 'person', 1 + n % 10, CASE WHEN n % 2 = 0 THEN 'house_cleaning' ELSE 'volunteer_visit' END, 121.5 + random() * 0.02, 29.8 + random() * 0.02,
       jsonb_strip_nulls(jsonb_build_object('from', x.at, 'upto', x.at + make_interval(mins => 45 + (random() * 120)::int + n * 0), 'duration', CASE WHEN random() < 0.5 THEN '45 minutes' ELSE '20 minutes' END,
       'languages', CASE WHEN random() < 0.3 THEN '["en"]'::jsonb END, 'accessibility', CASE WHEN random() < 0.3 THEN '["home_visit"]'::jsonb END,
       'skills', to_jsonb((ARRAY['a', 'c', 'd'])[1:floor(random() * 4)]), 'wants_sex', CASE WHEN random() < 0.2 THEN 'female' END, 'max_price', CASE WHEN random() < 0.5 THEN (random() * 3000)::int END))) AS id
  FROM generate_series(1, 80) n, LATERAL (SELECT pg_temp.ten() + make_interval(mins => (random() * 120)::int + n * 0) AS at) x;
CREATE TEMP TABLE compared AS
SELECT a.n, (SELECT array_agg(ROW (c.offer_id, c.score, c.begins)::text) FROM community.match_candidates(330203001001, a.id, 10) c) AS ours,
       x.plain, x.fits
  FROM ask a
 CROSS JOIN LATERAL (SELECT array_agg(ROW (x.offer_id, x.score::numeric(8,6), x.begins)::text) AS plain, coalesce(max(x.fits), 0) AS fits
                       FROM pg_temp.plain_candidates(330203001001, a.id) x) x;
SELECT is_empty('SELECT n, ours, plain FROM compared WHERE fits <= 40 AND ours IS DISTINCT FROM plain', 'where the pool does not cut: the best of all');
SELECT cmp_ok(count(*) FILTER (WHERE fits BETWEEN 11 AND 40), '>', 20::bigint, 'often with more to choose from than asked for') FROM compared;
SELECT community.setting_set('match_pool', '5', 330203001001);
SELECT is_empty($$SELECT n FROM ask a CROSS JOIN LATERAL (SELECT (SELECT array_agg(c.offer_id) FROM community.match_candidates(330203001001, a.id, 1) c) AS ours,
    (SELECT array_agg(x.offer_id) FROM pg_temp.plain_candidates(330203001001, a.id, 1, 5) x) AS plain) x WHERE ours IS DISTINCT FROM plain$$, 'where it cuts: the best of the nearest');
SELECT * FROM finish();
ROLLBACK;
