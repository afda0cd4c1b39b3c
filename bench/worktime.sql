-- Deadlines of the working-time clock: at least 200,000 a second in one
-- backend, that is 5 us each, with twelve years of China's calendar.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT count(*) FROM community.install('{core}');
SET search_path = bench, community, public;
CREATE TABLE start AS SELECT '2024-01-01'::timestamptz + random() * interval '900 days' AS a FROM generate_series(1, 200000);
CREATE TABLE cal AS
SELECT weekly_hours('Mo-Fr 08:30-12:00,14:00-17:30; PH off') AS h, array_agg(day) FILTER (WHERE kind = 'holiday') AS d, array_agg(day) FILTER (WHERE kind = 'workday') AS w
  FROM calendar WHERE calendar = 'cn';
VACUUM ANALYZE start;
SELECT r AS ns FROM race(ARRAY[
    'SELECT count(a) FROM start',
    'SELECT count(due_at(a, ''20 hours'', ''work'', h, ''Asia/Shanghai'', d, w)) FROM start, cal',
    'SELECT count(due_at(a, ''5 days'', ''work'', h, ''Asia/Shanghai'', d, w)) FROM start, cal',
    'SELECT count(worked_between(a, a + interval ''30 days'', ''work'', h, ''Asia/Shanghai'', d, w)) FROM start, cal',
    'SELECT count(due_at(a, ''20 hours'', ''work'', h, ''America/New_York'', d, w)) FROM start, cal',
    'SELECT count(hours_open(a, h, ''Asia/Shanghai'', d, w)) FROM start, cal'], 3, 200000) r \gset
SELECT note('due_at_hours', (:'ns'::float8[])[2] - (:'ns'::float8[])[1], 5000, 1, 'ns', 'against 200,000 deadlines a second'),
       note('due_at_days', (:'ns'::float8[])[3] - (:'ns'::float8[])[1], 5000, 1, 'ns', 'the same in working days'),
       note('worked_between', (:'ns'::float8[])[4] - (:'ns'::float8[])[1], 5000, 1, 'ns', 'over 30 days'),
       note('due_at_summer_time', (:'ns'::float8[])[5] - (:'ns'::float8[])[1], 5000, 1, 'ns', 'in a zone with summer time'),
       note('hours_open', (:'ns'::float8[])[6] - (:'ns'::float8[])[1], 5000, 1, 'ns', 'open now');
