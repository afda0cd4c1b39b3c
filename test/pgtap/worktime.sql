-- Weekly hours against their meaning, written down anew in SQL: what the grammar
-- says, whether they are open, when they open and close next.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET TimeZone = 'Asia/Shanghai';
SELECT setseed(0.31);

-- The grammar: random rules, each a set of days with times.  A rule after ";"
-- replaces the days that it names, after "," it adds; "off" with times takes
-- them away, without times it closes the days.
CREATE TEMPORARY TABLE rule AS
SELECT t, r, d1, d2, ph, CASE WHEN r = 1 THEN NULL WHEN random() < 0.6 THEN '; ' ELSE ', ' END AS sep, kind,
       a1, a1 + 1 + (random() * (690 - a1))::integer AS b1, CASE WHEN random() < 0.4 THEN a2 END AS a2, a2 + 1 + (random() * (1439 - a2))::integer AS b2
  FROM (SELECT t, r, (random() * 6)::integer AS d1, (random() * 6)::integer AS d2, random() < 0.2 AS ph, (random() * 600)::integer AS a1, 720 + (random() * 600)::integer AS a2,
               CASE WHEN random() < 0.75 OR r = 1 THEN 'open' WHEN random() < 0.5 THEN 'off' ELSE 'cut' END AS kind
          FROM generate_series(1, 600) t, generate_series(1, 4) r WHERE r <= 1 + t % 4) x;
UPDATE rule SET sep = '; ' WHERE kind = 'off' AND sep IS NOT NULL;
CREATE FUNCTION pg_temp.clock(p integer) RETURNS text LANGUAGE sql AS $$SELECT lpad((p / 60)::text, 2, '0') || ':' || lpad((p % 60)::text, 2, '0')$$;
CREATE TEMPORARY TABLE phrase AS
SELECT t, string_agg(coalesce(sep, '') || (ARRAY['Mo','Tu','We','Th','Fr','Sa','Su'])[d1 + 1] || CASE WHEN d2 <> d1 THEN '-' || (ARRAY['Mo','Tu','We','Th','Fr','Sa','Su'])[d2 + 1] ELSE '' END
           || CASE WHEN ph THEN ',PH' ELSE '' END
           || CASE WHEN kind = 'off' THEN ' off' ELSE ' ' || pg_temp.clock(a1) || '-' || pg_temp.clock(b1) || CASE WHEN a2 IS NOT NULL THEN ',' || pg_temp.clock(a2) || '-' || pg_temp.clock(b2) ELSE '' END
                || CASE WHEN kind = 'cut' THEN ' off' ELSE '' END END, '' ORDER BY r) AS text
  FROM rule GROUP BY t;
-- Day 7 stands for holidays; while no rule names them they take what is open on all seven days.
CREATE FUNCTION pg_temp.meaning(p_t integer) RETURNS int4multirange LANGUAGE plpgsql AS $$
DECLARE
    v rule;
    v_days int4multirange[] := ARRAY['{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}']::int4multirange[];
    v_named boolean := false;
    v_times int4multirange;
    v_all int4multirange := '{[0,1440)}';
    v_week int4multirange := '{}';
BEGIN
    FOR v IN SELECT * FROM rule WHERE t = p_t ORDER BY r LOOP
        v_times := int4multirange(int4range(v.a1, v.b1)) + CASE WHEN v.a2 IS NULL THEN '{}'::int4multirange ELSE int4multirange(int4range(v.a2, v.b2)) END;
        FOR d IN 0 .. 7 LOOP
            CONTINUE WHEN d = 7 AND NOT v.ph OR d < 7 AND NOT CASE WHEN v.d1 <= v.d2 THEN d BETWEEN v.d1 AND v.d2 ELSE d >= v.d1 OR d <= v.d2 END;
            v_named := v_named OR d = 7;
            v_days[d + 1] := CASE v.kind WHEN 'off' THEN '{}' WHEN 'cut' THEN v_days[d + 1] - v_times
                                         ELSE CASE WHEN v.sep = ', ' THEN v_days[d + 1] ELSE '{}' END + v_times END;
        END LOOP;
    END LOOP;
    FOR d IN 0 .. 6 LOOP
        v_all := v_all * v_days[d + 1];
    END LOOP;
    IF NOT v_named THEN
        v_days[8] := v_all;
    END IF;
    RETURN (SELECT coalesce(range_agg(int4range(lower(r) + 1440 * d, upper(r) + 1440 * d)), '{}') FROM generate_series(0, 7) d, unnest(v_days[d + 1]) r);
END
$$;
SELECT is_empty('SELECT t, text, community.weekly_hours(text) AS have, pg_temp.meaning(t) AS want FROM phrase WHERE community.weekly_hours(text) <> pg_temp.meaning(t)', 'six hundred texts mean what the grammar says');
SELECT cmp_ok((SELECT count(DISTINCT community.weekly_hours(text)) FROM phrase), '>', 500::bigint, 'and nearly each another thing');
SELECT is_empty('SELECT text FROM phrase WHERE community.weekly_hours(community.weekly_text(community.weekly_hours(text))) <> community.weekly_hours(text)', 'what is written is read back the same');
SELECT is_empty('SELECT text FROM phrase WHERE community.weekly_text(community.weekly_hours(community.weekly_text(community.weekly_hours(text)))) <> community.weekly_text(community.weekly_hours(text))', 'in one form');

-- Open or not: minute of the week, the eighth day on a holiday, the hours of
-- Monday to Friday on a shifted working day.
CREATE TEMPORARY TABLE hours AS
SELECT t AS h, CASE WHEN t % 3 = 0 THEN community.weekly_hours(text) ELSE community.weekly_hours('Mo-Fr ' || pg_temp.clock(60 * (t % 9)) || '-' || pg_temp.clock(700 + t) || '; Sa 10:00-14:00; PH ' || CASE t % 2 WHEN 0 THEN 'off' ELSE '09:00-11:00' END) END AS hours,
       CASE WHEN t % 3 = 0 THEN '{}'::date[] ELSE '{2025-09-28,2025-10-11}' END AS workdays
  FROM phrase WHERE t <= 90;
CREATE FUNCTION pg_temp.minute(p_at timestamptz, p_workdays date[]) RETURNS integer LANGUAGE sql AS $$
    SELECT CASE WHEN l::date BETWEEN '2025-10-01' AND '2025-10-08' THEN 10080 WHEN l::date = ANY (p_workdays) THEN 0 ELSE 1440 * (extract(isodow FROM l)::integer - 1) END
           + extract(hour FROM l)::integer * 60 + extract(minute FROM l)::integer FROM (SELECT p_at AT TIME ZONE 'Asia/Shanghai') x (l)
$$;
CREATE TEMPORARY TABLE moment AS SELECT timestamptz '2025-09-25 00:00' + random() * interval '16 days' AS at FROM generate_series(1, 300);
INSERT INTO moment SELECT unnest('{2025-10-01 00:00,2025-10-08 23:59:59.999999,2025-10-09 00:00,2025-09-28 09:00,2025-10-11 10:00}'::timestamptz[]);
CREATE TEMPORARY TABLE holiday AS SELECT ARRAY(SELECT d::date FROM generate_series('2025-10-01'::timestamp, '2025-10-08', '1 day') d) AS days;
SELECT is_empty($$SELECT h, at FROM hours, moment, holiday WHERE community.hours_open(at, hours, 'Asia/Shanghai', days, workdays) <> (hours @> pg_temp.minute(at, workdays))$$, 'open when the minute is');
SELECT cmp_ok((SELECT count(*) FROM hours, moment, holiday WHERE community.hours_open(at, hours, 'Asia/Shanghai', days, workdays)), '>', 3000::bigint, 'often');
-- The next opening and closing, minute by minute.
CREATE TEMPORARY TABLE tick AS
SELECT h, m AS at, hours @> pg_temp.minute(m, workdays) AS open
  FROM hours, generate_series('2025-09-25 00:00+08'::timestamptz, '2025-10-25 00:00+08', '1 minute') m WHERE h % 5 = 0;
CREATE INDEX ON tick (h, open, at);
ANALYZE tick;
CREATE TEMPORARY TABLE next AS
SELECT h, m.at, community.hours_next_open(m.at, hours, 'Asia/Shanghai', days, workdays) AS opens, community.hours_next_close(m.at, hours, 'Asia/Shanghai', days, workdays) AS closes,
       CASE WHEN hours @> pg_temp.minute(m.at, workdays) THEN m.at ELSE (SELECT min(t.at) FROM tick t WHERE t.h = hours.h AND t.open AND t.at > m.at) END AS really_opens,
       CASE WHEN hours @> pg_temp.minute(m.at, workdays) THEN (SELECT min(t.at) FROM tick t WHERE t.h = hours.h AND NOT t.open AND t.at > m.at) ELSE m.at END AS really_closes
  FROM hours, moment m, holiday WHERE h % 5 = 0;
SELECT is_empty($$SELECT * FROM next WHERE opens IS DISTINCT FROM really_opens AND (opens <= '2025-10-25' OR really_opens IS NOT NULL)$$, 'the next opening is the first open minute');
SELECT is_empty($$SELECT * FROM next WHERE closes IS DISTINCT FROM really_closes AND (closes <= '2025-10-25' OR really_closes IS NOT NULL)$$, 'the next closing the first closed one');
SELECT cmp_ok((SELECT count(*) FROM next WHERE opens > at + interval '1 day'), '>', 50::bigint, 'some lie days ahead');
SELECT * FROM finish();
ROLLBACK;
