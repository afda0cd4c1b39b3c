-- Deadlines of the Boston file by the clock.  Table target (type, open, target)
-- holds the rows with a target; what Boston promised is not in the file, so each
-- type gets the one limit that explains most of its rows: a number of working
-- days (Mo-Fr 08:30-17:00 without the holidays of the city) or of calendar days.
-- Boston writes an end at closing time as the opening that follows: in working
-- time that is the same instant.

CREATE TEMP TABLE city AS
SELECT community.weekly_hours('Mo-Fr 08:30-17:00; PH off') AS hours, 'America/New_York' AS tz,
       '{2015-01-01,2015-01-19,2015-02-16,2015-04-20,2015-05-25,2015-07-03,2015-09-07,2015-10-12,2015-11-11,2015-11-26,2015-12-25,2016-01-01,2016-01-18,2016-02-15,2016-04-18,2016-05-30,2016-07-04,2016-09-05,2016-10-10,2016-11-11,2016-11-24,2016-12-26}'::date[] AS holidays;

-- For each row the working days and the calendar days that give its target
-- within two seconds, if any do.
CREATE TEMP TABLE fit AS
SELECT t.type, t.open, t.target, n.clock, n.days
  FROM target t, city
 CROSS JOIN LATERAL (
    SELECT 'work' AS clock, d AS days
      FROM generate_series(greatest(0, community.worked_days(t.open, t.target, hours, tz, holidays) - 1),
                           community.worked_days(t.open, t.target, hours, tz, holidays) + 1) d
    UNION ALL
    SELECT 'calendar', round(extract(epoch FROM t.target - t.open) / 86400)) n
 WHERE n.days > 0
   AND (abs(extract(epoch FROM community.due_at(t.open, make_interval(days => n.days::integer), n.clock, hours, tz, holidays) - t.target)) <= 2
        OR n.clock = 'work' AND abs(extract(epoch FROM community.hours_next_open(
               community.due_at(t.open, make_interval(days => n.days::integer), n.clock, hours, tz, holidays), hours, tz, holidays) - t.target)) <= 2);

CREATE TEMP TABLE rule AS
SELECT DISTINCT ON (type) type, clock, days, count(*) AS hits
  FROM fit GROUP BY type, clock, days ORDER BY type, count(*) DESC, clock, days;

CREATE TEMP TABLE answer AS
SELECT CASE WHEN f.type IS NOT NULL THEN 'by the rule of the type'
            WHEN EXISTS (SELECT FROM fit g WHERE g.type = t.type AND g.open = t.open AND g.target = t.target) THEN 'whole days, but another number of them'
            WHEN t.target - t.open < interval '1 day' THEN 'hours, not days'
            WHEN (t.target AT TIME ZONE tz)::time = '08:30' THEN 'an opening, as if begun outside of the hours, though it was opened within'
            WHEN abs(abs(extract(epoch FROM t.target - t.open) - round(extract(epoch FROM t.target - t.open) / 86400) * 86400) - 3600) <= 2 THEN 'days of 24 hours across a change of the clocks'
            ELSE 'counted from another moment than the opening of the case' END AS how, count(*) AS n
  FROM city, target t
  LEFT JOIN (SELECT DISTINCT f.type, f.open, f.target FROM fit f JOIN rule r ON r.type = f.type AND r.clock = f.clock AND r.days = f.days) f
    ON f.type = t.type AND f.open = t.open AND f.target = t.target
 GROUP BY 1;
