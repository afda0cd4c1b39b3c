-- facility: open now and next opening, with weekly hours, exceptions, holidays and
-- shifted working days, recomputed minute by minute; the nearest that are open.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET TimeZone = 'Asia/Shanghai';
SELECT setseed(0.23);
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299001001', '甲社区', 'residential');
SELECT community.facility_import(330299001001, (SELECT jsonb_agg(jsonb_build_object('name', md5(i::text), 'class', CASE WHEN i % 2 = 0 THEN 'pharmacy' ELSE 'bank' END, 'lon', 121.5 + random() / 50, 'lat', 30 + random() / 50,
        'capacity', CASE WHEN i % 3 > 0 THEN (i % 7)::text END,
        'opening', (ARRAY['Mo-Fr 08:00-17:30; Sa 09:00-12:00; PH off', '24/7; PH off', 'Fr,Sa 20:00-26:00; PH 10:00-12:00', 'Mo-Su 06:00-22:00', NULL, 'Tu 10:00-11:00; PH off', 'off'])[1 + i % 7])) FROM generate_series(1, 60) i), '{"duplicates":"keep"}');
SELECT is((SELECT count(*) FROM community.facility), 60::bigint, 'facilities');
UPDATE community.facility SET occupied = facility_id % 5;
INSERT INTO community.facility_exception (community_id, facility_id, day, hours, reason)
SELECT f.community_id, f.facility_id, d::date, CASE (f.facility_id + extract(doy FROM d)::bigint) % 3 WHEN 0 THEN '{}' WHEN 1 THEN '{[600,720),[1320,1440)}' ELSE '{[0,30)}' END::int4multirange, 'test'
  FROM community.facility f, generate_series('2025-09-25'::timestamp, '2025-10-20', '1 day') d WHERE random() < 0.15;

-- By hand: the exception of the local day, else the eighth day on a holiday, else
-- the hours of Monday to Friday on a shifted working day, else those of the day.
CREATE FUNCTION pg_temp.open(p community.facility, p_at timestamptz) RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce((SELECT x.hours @> m FROM community.facility_exception x WHERE x.facility_id = (p).facility_id AND x.day = l::date),
                    CASE (SELECT c.kind FROM community.calendar c WHERE c.calendar = 'cn' AND c.day = l::date)
                         WHEN 'holiday' THEN (p).weekly @> (10080 + m)
                         WHEN 'workday' THEN (SELECT CASE WHEN (p).weekly IS NOT NULL THEN w @> m END FROM (SELECT (SELECT coalesce(range_agg(int4range(lower(r) - 1440 * d, upper(r) - 1440 * d)), '{}') FROM unnest((p).weekly * int4multirange(int4range(1440 * d, 1440 * d + 1440))) r) AS w, d
                                                                    FROM unnest(ARRAY[0, 1, 2, 3, 4, extract(isodow FROM l)::integer - 1]) d) q
                                               ORDER BY (SELECT sum(upper(r) - lower(r)) FROM unnest(w) r) DESC NULLS LAST, d = extract(isodow FROM l) - 1 DESC LIMIT 1)
                         ELSE (p).weekly @> (1440 * (extract(isodow FROM l)::integer - 1) + m) END)
      FROM (SELECT l, extract(hour FROM l)::integer * 60 + extract(minute FROM l)::integer AS m FROM (SELECT p_at AT TIME ZONE 'Asia/Shanghai') y (l)) z
$$;
SELECT cmp_ok((SELECT count(*) FROM community.calendar WHERE calendar = 'cn' AND day BETWEEN '2025-09-25' AND '2025-10-20' AND kind = 'holiday'), '>=', 8::bigint, 'with the holidays of October');
SELECT cmp_ok((SELECT count(*) FROM community.calendar WHERE calendar = 'cn' AND day BETWEEN '2025-09-25' AND '2025-10-20' AND kind = 'workday'), '>=', 2::bigint, 'and days that are worked for them');
CREATE TEMPORARY TABLE moment AS SELECT date_trunc('minute', timestamptz '2025-09-26 00:00' + random() * interval '18 days') + interval '7 seconds' AS at FROM generate_series(1, 150);
SELECT is_empty('SELECT f.facility_id, f.opening, m.at FROM community.facility f, moment m WHERE community.facility_open(f.community_id, f.facility_id, m.at) IS DISTINCT FROM pg_temp.open(f, m.at)', 'open as the rules say');
SELECT is((SELECT bool_and(community.facility_open(community_id, facility_id) IS NOT DISTINCT FROM community.facility_open(community_id, facility_id, now())) FROM community.facility), true, 'without a time it is now');
CREATE TEMPORARY TABLE tick AS SELECT f.facility_id, t AS at FROM community.facility f, generate_series('2025-09-26 00:00+08'::timestamptz, '2025-10-20 00:00+08', '10 minutes') t WHERE f.facility_id % 3 = 0 AND pg_temp.open(f, t);
CREATE INDEX ON tick (facility_id, at);
ANALYZE tick;
-- All hours here begin at whole ten minutes.
CREATE TEMPORARY TABLE next AS
SELECT f.facility_id, m.at, community.facility_next_open(f.community_id, f.facility_id, m.at) AS opens,
       CASE WHEN pg_temp.open(f, m.at) THEN m.at ELSE (SELECT min(t.at) FROM tick t WHERE t.facility_id = f.facility_id AND t.at > m.at) END AS really
  FROM community.facility f, moment m WHERE f.facility_id % 3 = 0;
SELECT is_empty($$SELECT * FROM next WHERE opens IS DISTINCT FROM really AND (really IS NOT NULL OR opens < '2025-10-20')$$, 'the next opening is the first open minute, over exceptions and holidays');
SELECT cmp_ok((SELECT count(*) FROM next WHERE opens > at + interval '2 days'), '>', 30::bigint, 'some lie days ahead');

-- The nearest that are open and have room: distance, class, open at, free, all at once.
CREATE FUNCTION pg_temp.near(p_class text, p_k integer, p_within double precision, p_at timestamptz, p_free boolean) RETURNS TABLE (facility_id bigint, d numeric) LANGUAGE sql AS $$
    SELECT f.facility_id, round(ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(121.51, 30.01), 4326)::geography)::numeric, 6)
      FROM community.facility f
     WHERE (p_class IS NULL OR f.class = p_class) AND (p_within IS NULL OR ST_Distance(f.geom::geography, ST_SetSRID(ST_MakePoint(121.51, 30.01), 4326)::geography) <= p_within)
       AND (p_at IS NULL OR pg_temp.open(f, p_at)) AND (NOT p_free OR f.capacity > f.occupied)
     ORDER BY 2, 1 LIMIT p_k
$$;
CREATE TEMPORARY TABLE question AS
SELECT row_number() OVER () AS q, c, k, w, at, free FROM unnest('{NULL,bank,pharmacy}'::text[]) c, unnest('{1,4,25}'::integer[]) k, unnest('{NULL,700}'::double precision[]) w, (SELECT at FROM moment LIMIT 12 OFFSET 3) m, unnest('{t,f}'::boolean[]) free;
CREATE TEMPORARY TABLE found AS SELECT q, n.facility_id, round(n.distance_m::numeric, 6) AS d, n.open, n.free FROM question, community.facility_near(ST_SetSRID(ST_MakePoint(121.51, 30.01), 4326), c, k, w, at, question.free) n;
SELECT is_empty('SELECT q, facility_id, d FROM found EXCEPT SELECT q, n.facility_id, n.d FROM question, pg_temp.near(c, k, w, at, free) n', 'the nearest that are open and free');
SELECT is_empty('SELECT q, n.facility_id, n.d FROM question, pg_temp.near(c, k, w, at, free) n EXCEPT SELECT q, facility_id, d FROM found', 'none is missed');
SELECT cmp_ok((SELECT count(*) FROM found), '>', 500::bigint, 'of many');
SELECT is_empty('SELECT FROM found WHERE open IS NOT TRUE', 'each says that it is open');
SELECT is_empty('SELECT FROM found JOIN community.facility f USING (facility_id) WHERE found.free IS DISTINCT FROM f.capacity - f.occupied', 'and how many places are free');
SELECT * FROM finish();
ROLLBACK;
