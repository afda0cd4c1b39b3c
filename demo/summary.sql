-- The summary that demo/run prints; reads the views only.
\pset format aligned
\pset border 0
\pset footer off
\pset tuples_only off
\pset null ''

\echo
\echo 'Taken in  接收'
SELECT c.name_en AS city, sum(p.reports) AS reports, sum(p.events) AS "other events", sum(p.repeated) AS "delivered twice",
       (SELECT count(*) FROM demo.refused AS r WHERE r.source = c.source) AS refused,
       round(max(p.seconds)) AS seconds,
       round(sum(p.reports + p.events) / nullif(max(p.seconds), 0)) AS "calls per second"
  FROM demo.city AS c JOIN demo.progress AS p USING (source)
 GROUP BY c.source, c.name_en, c.ord ORDER BY c.ord;

SELECT to_regclass('demo.facility_result') IS NOT NULL AS facilities \gset
\if :facilities
\echo 'Divisions and facilities loaded (demo/out/facilities.csv)  区划与设施'
SELECT (SELECT count(*) FROM community.division) AS divisions, (SELECT count(*) FROM community.grid) AS grids,
       count(*) FILTER (WHERE status = 'added') AS "facilities added", count(*) FILTER (WHERE status = 'duplicate') AS duplicates,
       count(*) FILTER (WHERE status = 'refused') AS refused
  FROM demo.facility_result;
\endif

\echo 'Refused, with reasons (each one in demo/out/refused.csv)  拒收'
SELECT source AS city, reason, n AS calls, left(example, 70) AS "for example" FROM demo.v_refused ORDER BY 1, 3 DESC, 2;

\echo 'Corrected or remarked by rule (each one in demo/out/noted.csv)  更正'
SELECT source AS city, rule, n AS rows, text_en AS "what was done" FROM demo.v_noted ORDER BY 1, 3 DESC, 2;

\echo 'Cases  案件'
SELECT c.name_en AS city, t.cases, t.closed, t.open, t.judged AS "closed with a deadline", t.on_time AS "on time",
       demo.pct(t.on_time, t.judged) AS share, t.no_grid AS "in no grid"
  FROM demo.v_total AS t JOIN demo.city AS c USING (source) ORDER BY c.ord;

\echo 'Busiest grids  最忙网格'
SELECT source AS city, name AS grid, code, reported, closed, demo.pct(on_time, judged) AS "on time"
  FROM (SELECT *, row_number() OVER (PARTITION BY source ORDER BY reported DESC, code) AS i FROM demo.v_grid) AS g
 WHERE i <= 5 ORDER BY source, i;

\echo 'Indices over the whole time  指标'
SELECT source AS city, name_en || ' ' || name_zh AS index, numerator, denominator, demo.pct(numerator, denominator) AS value
  FROM demo.v_index ORDER BY source, ord;

\echo 'Daily reports, sealed and in the outbox to the city  日报'
SELECT source AS city, reports, days, outbox, peer AS "to", left(hash, 32) || '...' AS "hash over all" FROM demo.v_sealed ORDER BY 1;
