-- What the summary and the HTML report read: one view to a part, a row or more
-- to each city.  Figures come from the outward views community_bi.*, from the
-- indicators as they are defined in the database, and from the sealed reports.

-- The tenants of a city: those whose number begins with its code.
CREATE VIEW demo.v_member AS
SELECT c.source, m.community_id
  FROM demo.city AS c
  JOIN community.community AS m ON m.community_id / 1000000 = c.code::bigint;

CREATE VIEW demo.v_total AS
SELECT m.source, count(*) AS cases, count(f.closed_at) AS closed,
       count(*) FILTER (WHERE f.closed_at IS NOT NULL AND f.on_time) AS on_time,
       count(*) FILTER (WHERE f.closed_at IS NOT NULL AND f.on_time IS NOT NULL) AS judged,
       count(*) FILTER (WHERE f.is_open) AS open, count(*) FILTER (WHERE f.grid_id IS NULL) AS no_grid,
       (SELECT count(*) FROM demo.refused AS r WHERE r.source = m.source) AS refused
  FROM demo.v_member AS m
  JOIN community_bi.fact_case AS f ON f.community_id = m.community_id
 GROUP BY m.source;

CREATE VIEW demo.v_grid AS
SELECT m.source, g.code::text AS code, g.name, g.geom, coalesce(r.reported, 0) AS reported, coalesce(r.closed, 0) AS closed,
       coalesce(r.on_time, 0) AS on_time, coalesce(r.judged, 0) AS judged
  FROM demo.v_member AS m
  JOIN community.grid AS g ON g.community_id = m.community_id AND g.kind = 'unit'
  LEFT JOIN (SELECT community_id, grid_id, sum(reported) AS reported, sum(closed) AS closed, sum(closed_on_time) AS on_time,
                    sum(closed_on_time + closed_late) AS judged
               FROM community_bi.fact_case_daily
              GROUP BY community_id, grid_id) AS r
    ON r.community_id = g.community_id AND r.grid_id = g.grid_id;

CREATE VIEW demo.v_day AS
SELECT c.source, d.day::date AS day, coalesce(sum(f.reported), 0) AS reported, coalesce(sum(f.closed), 0) AS closed
  FROM demo.city AS c
  JOIN demo.v_member AS m ON m.source = c.source
 CROSS JOIN generate_series(c.first_day::timestamp, c.last_day::timestamp, interval '1 day') AS d (day)
  LEFT JOIN community_bi.fact_case_daily AS f ON f.community_id = m.community_id AND f.day = d.day::date
 GROUP BY c.source, d.day;

CREATE VIEW demo.v_hour AS
SELECT m.source, extract(hour FROM f.reported_at)::int AS hour, count(*) AS reported
  FROM demo.v_member AS m
  JOIN community_bi.fact_case AS f ON f.community_id = m.community_id
 GROUP BY 1, 2;

CREATE VIEW demo.v_type AS
SELECT m.source, f.case_type_name AS name, min(n.name_en) AS name_en, sum(f.reported) AS reported, sum(f.closed) AS closed,
       sum(f.closed_on_time) AS on_time, sum(f.closed_on_time + f.closed_late) AS judged
  FROM demo.v_member AS m
  JOIN community_bi.fact_case_daily AS f ON f.community_id = m.community_id
  LEFT JOIN demo.type_name AS n ON n.name = f.case_type_name
 GROUP BY 1, 2;

-- The indices over the whole time shown, by the database's own indicators.
CREATE VIEW demo.v_index AS
WITH measure AS (
    SELECT m.source, e.key AS name, sum(e.value::numeric) AS n
      FROM demo.city AS c
      JOIN demo.v_member AS m ON m.source = c.source
     CROSS JOIN LATERAL community.case_measures(m.community_id, c.first_day, c.last_day) AS x
     CROSS JOIN LATERAL jsonb_each_text(x.measures) AS e
     GROUP BY m.source, e.key
), total AS (
    SELECT source, jsonb_object_agg(name, n) AS measures FROM measure GROUP BY source
)
SELECT t.source, row_number() OVER (PARTITION BY t.source
           ORDER BY array_position(ARRAY['filing_rate', 'closing_rate', 'on_time_rate'], i.code), i.code) AS ord,
       i.code, i.name AS name_en, i.name_zh,
       community._measures_sum(t.measures, i.numerator)::bigint AS numerator,
       community._measures_sum(t.measures, i.denominator)::bigint AS denominator
  FROM total AS t
  JOIN community.indicator AS i ON i.subject = 'community' AND i.valid @> current_date;

CREATE VIEW demo.v_refused AS
SELECT source, reason, count(*) AS n, min(message) AS example FROM demo.refused GROUP BY source, reason;

CREATE VIEW demo.v_noted AS
SELECT n.source, n.rule, r.text_en, r.text_zh, count(*) AS n
  FROM demo.noted AS n JOIN demo.rule AS r ON r.rule = n.rule
 GROUP BY n.source, n.rule, r.text_en, r.text_zh;

-- The sealed daily reports; one hash over all of them in the order of their
-- keys.  It holds no sequence number and no time of the wall clock.
CREATE VIEW demo.v_sealed AS
SELECT m.source, count(*) AS reports, count(DISTINCT s.first_day) AS days, count(o.seq) AS outbox,
       min(p.peer) AS peer, min(p.name) AS peer_zh,
       encode(sha256(string_agg(s.hash, ''::bytea ORDER BY s.community_id, s.period, s.first_day, s.revision)), 'hex') AS hash
  FROM demo.v_member AS m
  JOIN community.report_seal AS s ON s.community_id = m.community_id
  LEFT JOIN community.outbox AS o ON o.community_id = s.community_id AND o.peer = 'city' AND o.seq = s.outbox_seq AND o.kind = 'report'
  LEFT JOIN community.peer AS p ON p.peer = o.peer
 GROUP BY m.source;
