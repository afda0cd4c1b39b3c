-- Weekly hours and the working-time clock.
SET timezone = 'Asia/Shanghai';
SET datestyle = 'ISO';

-- weekly hours: text, value, text
SELECT community.weekly_hours('Mo-Fr 08:00-17:30; Sa 09:00-12:00; PH off');
SELECT t, community.weekly_text(community.weekly_hours(t)) AS canonical
  FROM unnest(ARRAY[
    'Mo-Fr 08:00-17:30; Sa 09:00-12:00; PH off', 'mo-fr 8:00-12:00,14:00-18:00', '24/7', '24/7; PH off', 'off',
    'Fr 22:00-02:00', 'Fr,Sa 22:00-26:00; PH 20:00-03:00', '22:00-02:00', 'Su-Tu 10:00-16:00', 'Mo,We,Fr 09:00-10:00',
    '08:00-20:00; Sa,Su 10:00-18:00', 'Mo-Fr 08:00-20:00; Sa-Su 10:00-22:00', 'Mo-Su 22:00-02:00; Sa off',
    'Mo-Fr 08:00-12:00, We 14:00-18:00', '24/7; Mo-Fr 12:00-13:00 off', 'Su 22:00-06:00; Mo 02:00-04:00 off',
    'Mo-Fr', 'Mo-Fr open; PH closed', 'PH 10:00-12:00', 'Mo 00:00-24:00', 'Mo 10:00-10:00', 'Mo-Su,PH 09:00-18:00',
    'Sa-Su 00:00-24:00; Su 23:00-24:00 off']) t;
-- a later rule replaces whole days, but not the night before
SELECT community.weekly_hours('Fr 22:00-02:00; Sa 10:00-12:00');
SELECT community.weekly_text('{[0,60),[1380,1500)}'), community.weekly_text('{}'), community.weekly_text('{[0,11520)}');

-- every error, with its place
DO $$
DECLARE
    t text; v_message text; v_detail text; v_state text;
BEGIN
    FOREACH t IN ARRAY ARRAY['', '  ', 'Mo-Fr 08:00', 'Mo-Fr 08:00-', 'Mo-Fr 08-17', 'Mo-Fr 08:0-17:00', 'Mo-Fr 08:60-17:00',
        'Mo-Fr 24:00-25:00', 'Mo-Fr 08:00-49:00', 'Mo 08:00-40:00', 'Mo-Xx 08:00-12:00', 'Mo- 08:00-12:00', 'Mo-PH 08:00-12:00',
        'Mo,Xx 08:00-12:00', 'SH off', 'Jan-Mar 08:00-12:00', 'sunrise-sunset', 'Mo 08:00-12:00 || off', 'Mo 08:00-12:00;',
        'Mo 08:00-12:00 "by appointment"', '08:00+', '周一 08:00-12:00', 'Mo-Fr 08:00-12:00; 周六 08:00', 'Monday 08:00-12:00', '24/7x',
        'Mo 123:00-13:00']
    LOOP
        BEGIN
            PERFORM community.weekly_hours(t);
            RAISE NOTICE 'accepted: %', t;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL, v_state = RETURNED_SQLSTATE;
            RAISE NOTICE '% % | %', v_state, v_message, v_detail;
        END;
    END LOOP;
END
$$;
DO $$
BEGIN
    PERFORM community.weekly_hours('Mo ' || string_agg('08:00-09:00', ',')) FROM generate_series(1, 721);
EXCEPTION WHEN invalid_text_representation THEN
    RAISE NOTICE '%', left(SQLERRM, 60);
END
$$;
SELECT community.weekly_text('{[0,11521)}');
SELECT community.weekly_text('{(,5)}');

-- text and value are inverses on random hours
SELECT setseed(0.25);
CREATE TEMP TABLE random_hours AS
SELECT i, (SELECT coalesce(range_agg(int4range(a, least(a + 1 + (random() * (CASE i % 3 WHEN 0 THEN 30 WHEN 1 THEN 700 ELSE 3000 END))::int, 11520))), '{}')
             FROM (SELECT (random() * 11519)::int AS a FROM generate_series(1, 1 + i % 12)) s) AS hours
  FROM generate_series(1, 500) i;
SELECT count(*), bool_and(community.weekly_hours(community.weekly_text(hours)) = hours) AS inverse FROM random_hours;

-- open, next open, next close: National Day 2025 (holiday 1 to 8 October, working Sunday 28 September and Saturday 11 October)
CREATE TEMP TABLE cal AS
SELECT community.weekly_hours('Mo-Fr 08:30-12:00,14:00-17:30; PH off') AS hours, 'Asia/Shanghai'::text AS tz,
       ARRAY(SELECT d::date FROM generate_series('2025-10-01'::timestamp, '2025-10-08', '1 day') d) AS holidays,
       '{2025-09-28,2025-10-11}'::date[] AS workdays;
SELECT at, community.hours_open(at, hours, tz, holidays, workdays) AS open,
       community.hours_next_open(at, hours, tz, holidays, workdays) AS next_open,
       community.hours_next_close(at, hours, tz, holidays, workdays) AS next_close
  FROM cal, unnest('{2025-09-28 08:30,2025-09-28 12:00,2025-09-30 17:29:59.999999,2025-09-30 17:30,2025-10-08 23:00,2025-10-10 18:00,2025-10-11 14:00,2025-10-12 10:00}'::timestamptz[]) at;
SELECT community.hours_next_open('2025-01-01', '{}', 'UTC') AS never_open,
       community.hours_next_close('2025-01-01', '{[0,11520)}', 'UTC', '{2030-01-01}') AS never_closed,
       community.hours_next_close('2025-01-01', '{[0,10080)}', 'UTC', '{2025-01-06}') AS closed_on_holiday,
       community.hours_open(NULL, '{}', 'UTC') AS null_stays;

-- the first time that a length fits into
SELECT f, u, l, community.hours_fit(f, u, l, hours, tz, holidays, workdays)
  FROM cal, (VALUES ('2025-09-28 08:00'::timestamptz, '2025-09-28 17:00'::timestamptz, '1 hour'::interval), ('2025-09-28 11:30', '2025-09-28 17:00', '1 hour'),
       ('2025-09-28 11:30', '2025-09-28 17:00', '30 minutes'), ('2025-09-28 11:30', '2025-09-28 14:59', '1 hour'), ('2025-09-28 17:00', '2025-10-20 00:00', '3 hours 30 minutes'),
       ('2025-09-30 15:00', '2025-10-08 24:00', '3 hours'), ('2025-09-30 15:00', '2025-10-09 24:00', '3 hours'), ('2025-09-28 08:30', '2025-09-28 12:00', '3 hours 30 minutes'),
       ('2025-09-28 08:00', '2026-09-28 08:00', '4 hours'), ('2025-09-28 09:00', '2025-09-28 08:00', '0'), ('2025-09-28 09:00', '2025-09-28 09:00', '0')) v (f, u, l);
SELECT community.hours_fit('2025-01-01', '2025-02-01', '20 days', '{[0,11520)}', 'UTC') AS always, community.hours_fit('2025-01-01', '2025-02-01', '1 hour', '{}', 'UTC') AS never;
-- as a minute after the other tells
SELECT count(*) AS tried, count(fit) AS fits, count(*) FILTER (WHERE fit IS DISTINCT FROM slow) AS wrong
  FROM (SELECT community.hours_fit(at, at + interval '9 hours', l, h.hours, tz, holidays, workdays) AS fit,
               (SELECT min(m) FROM generate_series(at, at + interval '9 hours' - l, '1 minute') m
                 WHERE community.hours_open(m, h.hours, tz, holidays, workdays)
                   AND coalesce(community.hours_next_close(m, h.hours, tz, holidays, workdays), 'infinity') >= m + l) AS slow
          FROM cal, (SELECT hours, row_number() OVER () AS n FROM random_hours LIMIT 60) h,
               unnest('{2025-09-28 06:00,2025-10-01 22:00,2025-10-10 12:34}'::timestamptz[]) at, unnest('{7 minutes,1 hour,3 hours}'::interval[]) l) s;

-- deadlines: hours, days, the three clocks
SELECT at AS start, l AS "limit",
       community.due_at(at, l, 'work', hours, tz, holidays, workdays) AS work,
       community.due_at(at, l, 'calendar', hours, tz, holidays, workdays) AS calendar,
       community.due_at(at, l, 'urgent', hours, tz, holidays, workdays) AS urgent
  FROM cal, unnest('{2025-09-29 10:00,2025-09-30 16:00,2025-10-03 09:00,2025-10-10 17:30}'::timestamptz[]) at,
       unnest('{0,2 hours,7 hours,1 day,3 days,1 day 1 hour}'::interval[]) l;
SELECT community.worked_between('2025-09-30 16:00', '2025-10-09 09:30', 'work', hours, tz, holidays, workdays) AS work,
       community.worked_between('2025-10-09 09:30', '2025-09-30 16:00', 'work', hours, tz, holidays, workdays) AS turned,
       community.worked_between('2025-09-30 16:00', '2025-10-09 09:30', 'calendar', hours, tz, holidays, workdays) AS calendar,
       community.worked_between('2025-09-30 16:00', '2025-10-09 09:30', 'urgent', hours, tz, holidays, workdays) AS urgent,
       community.worked_days('2025-09-30 16:00', '2025-10-13 16:00', hours, tz, holidays, workdays) AS days,
       community.worked_days('2025-10-13 16:00', '2025-09-30 16:00', hours, tz, holidays, workdays) AS turned_days
  FROM cal;

-- zones with summer time: the hour that is missing and the hour that comes twice
SELECT community.worked_between('2025-03-09 00:00-05', '2025-03-10 00:00-04', 'work', h, 'America/New_York') AS spring,
       community.worked_between('2025-11-02 00:00-04', '2025-11-03 00:00-05', 'work', h, 'America/New_York') AS autumn,
       community.worked_between('2025-03-09 00:00-05', '2025-03-10 00:00-04', 'calendar', h, 'America/New_York') AS spring_day,
       community.worked_between('2025-03-09 00:00-05', '2025-03-10 00:00-04', 'urgent', h, 'America/New_York') AS spring_hours,
       community.due_at('2025-03-08 02:30-05', '1 day', 'calendar', h, 'America/New_York') AT TIME ZONE 'America/New_York' AS gap,
       community.due_at('2025-03-08 02:30-05', '1 day', 'urgent', h, 'America/New_York') AT TIME ZONE 'America/New_York' AS elapsed
  FROM community.weekly_hours('00:30-04:30') h;

-- errors
SELECT community.due_at('2025-01-01', '1 month', 'work', '{[0,60)}', 'UTC');
SELECT community.due_at('2025-01-01', '-1 hour', 'work', '{[0,60)}', 'UTC');
SELECT community.hours_fit('2025-01-01', '2025-02-01', '1 month', '{[0,60)}', 'UTC');
SELECT community.hours_fit('2025-01-01', '2025-02-01', '-1 hour', '{[0,60)}', 'UTC');
SELECT community.due_at('2025-01-01', '1 hour', 'nap', '{[0,60)}', 'UTC');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{[0,60)}', 'Mars/Base');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{[0,99999)}', 'UTC');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{}', 'UTC');
SELECT community.due_at('2025-01-01', '1 day', 'work', '{}', 'UTC');
SELECT community.due_at('2025-01-01', '7000000 days', 'work', '{[0,1)}', 'UTC');
SELECT community.due_at('2025-01-01', '8000000 days', 'work', '{[0,1)}', 'UTC');
SELECT community.due_at('infinity', '1 day', 'work', '{[0,1)}', 'UTC');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{[0,60)}', 'UTC', '{2025-01-01}', '{2025-01-01}');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{[0,60)}', 'UTC', '{NULL}');
SELECT community.due_at('2025-01-01', '1 hour', 'work', '{[0,60)}', 'UTC', '{infinity}');

-- properties on random clocks, against counting minute by minute
CREATE TEMP TABLE clocks AS
SELECT i, hours, tz, ARRAY(SELECT ('2025-01-01'::date + (random() * 400)::int) FROM generate_series(1, 30)) AS holidays,
       ARRAY(SELECT ('2024-01-01'::date + (random() * 365)::int) FROM generate_series(1, 10)) AS workdays
  FROM random_hours, unnest('{Asia/Shanghai,America/New_York,Europe/London,Australia/Lord_Howe,Asia/Kathmandu}'::text[]) WITH ORDINALITY z(tz, o)
 WHERE upper(hours) IS NOT NULL AND i % 5 = o - 1
   AND EXISTS (SELECT FROM unnest(hours) r WHERE lower(r) < 10080);
CREATE TEMP TABLE cases AS
SELECT c.*, '2024-06-01'::timestamptz + random() * interval '500 days' AS a,
       (random() * 40 * 3600)::int * interval '1 second' + (random() * 1e6)::int * interval '1 microsecond' AS l, (random() * 25)::int AS n
  FROM clocks c, generate_series(1, 40);
SELECT count(*) > 10000 AS enough,
       bool_and(community.worked_between(a, d, 'work', hours, tz, holidays, workdays) = l) AS worked_is_limit,
       bool_and(community.due_at(a, l, 'work', hours, tz, holidays, workdays) = d
                AND (l = '0' OR community.worked_between(a, d - interval '1 microsecond', 'work', hours, tz, holidays, workdays) < l)) AS earliest,
       bool_and(community.worked_days(a, e, hours, tz, holidays, workdays) = n) AS days_are_limit,
       bool_and(community.due_at(a, community.worked_between(a, d, 'calendar', hours, tz), 'calendar', hours, tz) = d) AS calendar_inverse
  FROM (SELECT *, community.due_at(a, l, 'work', hours, tz, holidays, workdays) AS d,
               community.due_at(a, make_interval(days => n), 'work', hours, tz, holidays, workdays) AS e FROM cases) s;
SELECT bool_and(community.worked_between(a, b, 'work', hours, tz, holidays, workdays) = minutes * interval '1 minute') AS counted
  FROM (SELECT date_trunc('minute', a) AS a, date_trunc('minute', a) + interval '4000 minutes' AS b, hours, tz, holidays, workdays FROM cases WHERE i % 9 = 0 LIMIT 300) s,
       LATERAL (SELECT count(*) AS minutes FROM generate_series(a, b - interval '1 minute', '1 minute') m
                 CROSS JOIN LATERAL (SELECT m AT TIME ZONE tz AS t) x
                 CROSS JOIN LATERAL (SELECT CASE WHEN t::date = ANY (holidays) THEN 7 WHEN NOT t::date = ANY (workdays) THEN extract(isodow FROM t)::int - 1 ELSE
                       (SELECT w FROM (SELECT w, (SELECT coalesce(sum(least(upper(r), w * 1440 + 1440) - greatest(lower(r), w * 1440)), 0)
                                                    FROM unnest(hours * int4multirange(int4range(w * 1440, w * 1440 + 1440))) r) AS len
                                         FROM generate_series(0, 6) w WHERE w < 5 OR w = extract(isodow FROM t)::int - 1) q
                         ORDER BY len DESC, (w = extract(isodow FROM t)::int - 1) DESC, w LIMIT 1) END AS day) y
                 WHERE hours @> (day * 1440 + extract(hour FROM t)::int * 60 + extract(minute FROM t)::int)) c;

-- backwards: the latest start of a limit that runs out at an instant
SELECT bool_and(community.worked_between(f, a, 'work', hours, tz, holidays, workdays) = l) AS worked_is_limit,
       bool_and(l = '0' OR community.worked_between(f + interval '1 microsecond', a, 'work', hours, tz, holidays, workdays) < l) AS latest,
       bool_and(l = '0' OR community.due_at(f, l, 'work', hours, tz, holidays, workdays) <= a) AS due
  FROM (SELECT *, community.due_back(a, l, hours, tz, holidays, workdays) AS f FROM cases) s;
SELECT community.due_back('2025-10-09 09:30+08', '3 hours', '{[480,1020)}', 'Asia/Shanghai', '{2025-10-08}') AS nothing_on_the_holiday;
SELECT community.due_back('2025-01-01', '1 day', '{[0,60)}', 'UTC');
SELECT community.due_back('2025-01-01', '-1 hour', '{[0,60)}', 'UTC');
SELECT community.due_back('2025-01-01', '1 hour', '{}', 'UTC');
SELECT community.due_back('2025-01-01', '200000000 hours', '{[0,1)}', 'UTC');

-- offsets of a zone, and when they change
SELECT * FROM community.tz_offsets('Europe/Berlin', '2026-01-01 00:00+00', '2027-01-01 00:00+00');
SELECT * FROM community.tz_offsets('Asia/Shanghai', '2026-01-01 00:00+00', '2027-01-01 00:00+00');
SELECT * FROM community.tz_offsets('Australia/Lord_Howe', '2026-04-04 14:59:59.5+00', '2026-10-03 15:30+00');
SELECT count(*) FROM community.tz_offsets('UTC', '2026-01-01', '2026-01-01');
SELECT count(*) FROM community.tz_offsets('UTC', '2026-01-01', NULL);
SELECT bool_and(extract(epoch FROM (t AT TIME ZONE z) - (t AT TIME ZONE 'UTC')) = (SELECT o.utc_offset FROM community.tz_offsets(z, '1940-01-01', '2060-01-01') o WHERE o.starts <= t ORDER BY o.starts DESC LIMIT 1)) AS as_the_server
  FROM unnest(ARRAY['Europe/Berlin', 'Asia/Shanghai', 'America/New_York', 'Africa/Casablanca', 'Pacific/Apia', 'Asia/Kathmandu']) z,
       generate_series('1940-01-02'::timestamptz, '2059-12-01', '17 days 5 hours') t;
SELECT * FROM community.tz_offsets('Nowhere/Land', '2026-01-01', '2027-01-01');
SELECT * FROM community.tz_offsets('UTC', '-infinity', '2027-01-01');
