-- Assignment and stable matching over candidate edges.
SET search_path = community, public;
\pset null '(null)'

-- Maximum cardinality first: the dear pair is taken so that both are served.
SELECT * FROM unnest((SELECT assign_min_cost(r, p, c) FROM (VALUES (1, 10, 1.0), (1, 11, 100.0), (2, 10, 2.0)) e(r, p, c)));
-- Then minimum cost, sparse and rectangular.
SELECT * FROM unnest((SELECT assign_min_cost(r, p, c) FROM (VALUES
    (1, 10, 4.5), (1, 11, 1.25), (1, 12, 3.0), (2, 10, 2.0), (2, 12, 5.0), (3, 11, 2.0), (3, 12, 2.5)) e(r, p, c)));
-- No edges, no rows, and NULL edges.
SELECT assign_min_cost(r, p, c) FROM (VALUES (1::bigint, 2::bigint, NULL::float8), (NULL, 2, 1), (1, NULL, 1)) e(r, p, c);
SELECT assign_min_cost(1, 2, 3) WHERE false;
SELECT stable_match(1, 2, 3, 4) WHERE false;
SELECT assign_duals(1, 2, 3) WHERE false;
-- Ties go to the lower keys, whatever the order of the edges.
SELECT DISTINCT a FROM (
    SELECT (SELECT assign_min_cost(r, p, 1 ORDER BY hashint8(r * 100 + p + s)) FROM generate_series(1, 4) r, generate_series(-3, 1) p) AS a
      FROM generate_series(1, 50) s) t;
SELECT DISTINCT a FROM (
    SELECT (SELECT assign_min_cost(r, p, (r * p) % 3, 2 ORDER BY hashint8(r * 100 + p + s)) FROM generate_series(1, 6) r, generate_series(1, 4) p) AS a
      FROM generate_series(1, 50) s) t;
-- Capacities of providers; none at all closes a provider.
SELECT * FROM unnest((SELECT assign_min_cost(r, p, c, k) FROM (VALUES
    (1, 10, 1.0, 2), (2, 10, 1.0, 2), (3, 10, 1.0, 2), (3, 11, 9.0, 1), (1, 12, 0.0, 0)) e(r, p, c, k)));
-- Capacities of requests: two different providers each, never one twice.
SELECT * FROM unnest((SELECT assign_min_cost(r, p, c, 5, 2) FROM (VALUES
    (1, 10, 1.0), (1, 10, 0.5), (1, 11, 2.0), (1, 12, 3.0), (2, 10, 7.0)) e(r, p, c)));
-- Duplicate edges: the cheaper counts; negative costs; forbidden pairs.
SELECT assign_min_cost(r, p, c) FROM (VALUES (1, 1, 5.0), (1, 1, -3.0), (1, 1, 4.0), (2, 2, 'Infinity'), (2, 3, 1e-300)) e(r, p, c);
SELECT assign_max_score(r, p, c) FROM (VALUES (1, 1, 5.0), (1, 1, -3.0), (1, 2, 4.0), (2, 1, 4.5), (2, 2, '-Infinity')) e(r, p, c);
-- Costs come back as they were given, also those that scaling rounds.
SELECT bool_and((a).cost = 0.1::float8 * (a).request) FROM (
    SELECT unnest(assign_min_cost(i, i, 0.1::float8 * i)) AS a FROM generate_series(1, 1000) i) t;
-- A cost of leaving a request unmatched; at equal cost it is matched.
SELECT assign_min_cost_optional(r, p, c, u) FROM (VALUES (1, 10, 5.0, 4.0), (2, 11, 5.0, 5.0), (3, 12, 5.0, 6.0), (4, 12, 1.0, 6.0)) e(r, p, c, u);
SELECT assign_min_cost_optional(r, p, c, u, 2) FROM (VALUES (3, 12, 5.0, 6.0), (4, 12, 1.0, 6.0)) e(r, p, c, u);
SELECT assign_min_cost_optional(r, p, c, u, 2, 2) FROM (VALUES (3, 12, 5.0, 6.0), (3, 13, 7.0, 6.0), (4, 12, 1.0, 6.0)) e(r, p, c, u);
-- Whatever the order of the edges, each aggregate gives one answer, also with
-- capacities on both sides and with ties.
CREATE TEMPORARY TABLE tied AS
SELECT s, r, p, ((r * p) % 3)::float8 AS c, (r % 4)::float8 AS u, 1 + p % 2 AS k, 1 + r % 3 AS units, hashint8(r * 100 + p + s) AS place
  FROM generate_series(1, 50) s, generate_series(1, 6) r, generate_series(1, 5) p;
SELECT count(DISTINCT a) AS single, count(DISTINCT b) AS provider, count(DISTINCT c) AS both,
       count(DISTINCT d) AS score, count(DISTINCT e) AS score_provider, count(DISTINCT f) AS score_both,
       count(DISTINCT g) AS optional, count(DISTINCT h) AS optional_both, count(DISTINCT i) AS stable,
       count(DISTINCT j) AS duals_keys
  FROM (SELECT assign_min_cost(r, p, c ORDER BY place) AS a, assign_min_cost(r, p, c, k ORDER BY place) AS b,
               assign_min_cost(r, p, c, k, units ORDER BY place) AS c, assign_max_score(r, p, c ORDER BY place) AS d,
               assign_max_score(r, p, c, k ORDER BY place) AS e, assign_max_score(r, p, c, k, units ORDER BY place) AS f,
               assign_min_cost_optional(r, p, c, u ORDER BY place) AS g,
               assign_min_cost_optional(r, p, c, u, k, units ORDER BY place) AS h,
               stable_match(r, p, c, u, k, units ORDER BY place) AS i,
               (SELECT string_agg(key::text, ',') FROM unnest(assign_duals(r, p, c, k, units ORDER BY place))) AS j
          FROM tied GROUP BY s) t;
-- Scores with capacities: three requests for two places, and one that wants two.
SELECT assign_max_score(r, p, c, 2) FROM (VALUES (1, 10, 5.0), (2, 10, 4.0), (3, 10, 3.0), (3, 11, 1.0)) e(r, p, c);
SELECT assign_max_score(r, p, c, 1, 2) FROM (VALUES (1, 10, 5.0), (1, 11, 4.0), (1, 12, 3.0), (2, 11, 1.0)) e(r, p, c);
-- Keys are found again however they are spread: each request has one provider.
SELECT kind, cardinality(a) AS pairs, (SELECT bool_and(x.provider = ~x.request) FROM unnest(a) x) AS right
  FROM (SELECT kind, assign_min_cost(key, ~key, 1, 2 ORDER BY turn, CASE turn WHEN 1 THEN i ELSE hashint8(i) END) AS a
          FROM generate_series(1::bigint, 5000) i, generate_series(1, 2) turn,
               LATERAL (VALUES ('ascending', i), ('descending', -i), ('outward', CASE WHEN i % 2 = 0 THEN i ELSE -i END),
                   ('strided', i * 1000000007), ('hashed', hashint8extended(i, 0)), ('clusters', i % 3 * 4000000000000000000 + i),
                   ('ends', CASE WHEN i % 2 = 0 THEN 9223372036854775807 - i ELSE -9223372036854775807 + i END),
                   ('strayed', CASE WHEN i % 100 = 0 THEN i * 1000000007 ELSE i END)) k(kind, key)
         GROUP BY kind) t ORDER BY kind;
-- Grouping, keys at the ends of their type.
SELECT g, assign_min_cost(r, p, c) FROM (VALUES ('a', 9223372036854775807, -9223372036854775808, 1.0), ('b', 0, 0, 2.0), ('b', -1, 0, 1.0)) e(g, r, p, c) GROUP BY g ORDER BY g;

-- Just below the bound, and on it: |cost| * (requests + 1) < 2^62.
SELECT ((assign_min_cost(1, p, c))[1]).cost::numeric FROM (VALUES (1, 2305843009213693440), (2, 2305843009213693696)) e(p, c);
SELECT assign_min_cost(1, 1, 2305843009213693952);
SELECT assign_min_cost(r, 1, 1e300) FROM generate_series(1, 3) r;
SELECT assign_max_score(1, 1, -4e18);

-- The duals certify the optimum: lexicographic in (big, dual).
CREATE TEMPORARY TABLE edge AS
SELECT r, p, (hashint8(r * 1000 + p) % 100)::float8 / 4 AS c, 1 + p % 3 AS k
  FROM generate_series(1, 60) r, generate_series(1, 22) p WHERE abs(hashint8(r * 77 + p) % 10) < 3;
WITH pair AS (SELECT (unnest(assign_min_cost(r, p, c, k))).* FROM edge),
dual AS (SELECT (unnest(assign_duals(r, p, c, k))).* FROM edge)
SELECT (SELECT count(*) FROM pair) AS pairs,
       count(*) FILTER (WHERE (u.big + v.big, u.dual + v.dual) > (0, e.c)) AS infeasible,
       count(*) FILTER (WHERE a.cost IS NOT NULL AND (u.big + v.big, u.dual + v.dual) <> (0, e.c)) AS slack_pairs,
       count(*) FILTER (WHERE (v.big, v.dual) > (0, 0)) AS positive,
       count(*) FILTER (WHERE (u.big, u.dual) > (1, 0)) AS beyond
  FROM edge e
  JOIN dual u ON NOT u.provider AND u.key = e.r
  JOIN dual v ON v.provider AND v.key = e.p
  LEFT JOIN pair a ON a.request = e.r AND a.provider = e.p;
WITH pair AS (SELECT (unnest(assign_min_cost(r, p, c, k))).* FROM edge),
dual AS (SELECT (unnest(assign_duals(r, p, c, k))).* FROM edge)
SELECT (SELECT sum(cost) FROM pair) = sum(d.dual * coalesce(cap.k, 1)) AS total_equal,
       (SELECT 60 - count(*) FROM pair) = sum(d.big * coalesce(cap.k, 1)) AS unmatched_equal
  FROM dual d LEFT JOIN (SELECT DISTINCT p, k FROM edge) cap ON d.provider AND cap.p = d.key;

-- Stable matching: best for the requests; equal ranks by key.
SELECT * FROM unnest((SELECT stable_match(r, p, a, b) FROM (VALUES
    (1, 1, 1, 3), (1, 2, 2, 2), (1, 3, 3, 1), (2, 1, 3, 1), (2, 2, 1, 3), (2, 3, 2, 2), (3, 1, 2, 2), (3, 2, 3, 1), (3, 3, 1, 3)) e(r, p, a, b)));
SELECT stable_match(r, p, 1, 1) FROM generate_series(1, 3) r, generate_series(7, 9) p;
SELECT stable_match(r, 7, 1, r, 2) FROM generate_series(1, 3) r;
SELECT stable_match(r, p, p, r, 1, 2) FROM generate_series(1, 3) r, generate_series(7, 9) p;
SELECT stable_match(1, p, p, b) FROM (VALUES (7, 'Infinity'::float8), (8, 2)) e(p, b);

-- Errors.
SELECT assign_min_cost(1, 1, 'NaN');
SELECT assign_max_score(5, 1, 'NaN');
SELECT assign_min_cost(5, 1, '-Infinity');
SELECT assign_max_score(5, 1, 'Infinity');
SELECT assign_min_cost(1, 7, 1, -1);
SELECT assign_min_cost(8, 7, 1, 1, -1);
SELECT assign_min_cost(1, 7, 1, NULL);
SELECT assign_min_cost(1, 7, 1, 1, NULL);
SELECT assign_min_cost(r, 7, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost(7, r, 1, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost_optional(7, r, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost_optional(7, 1, 1, NULL);
SELECT assign_min_cost_optional(7, 1, 1, 'NaN');
SELECT assign_min_cost_optional(7, 1, 1, 'Infinity');
SELECT stable_match(7, 1, 'NaN', 1);
SELECT stable_match(7, 1, 1, 'NaN');
SELECT stable_match(7, 1, 1, '-Infinity');
SELECT stable_match(7, r, 1, 1, 1, r) FROM generate_series(1, 2) r;
-- Their codes.
\set VERBOSITY sqlstate
SELECT assign_min_cost(1, 1, 'NaN');
SELECT assign_max_score(5, 1, 'NaN');
SELECT assign_min_cost(5, 1, '-Infinity');
SELECT assign_max_score(5, 1, 'Infinity');
SELECT assign_min_cost(1, 7, 1, -1);
SELECT assign_min_cost(8, 7, 1, 1, -1);
SELECT assign_min_cost(1, 7, 1, NULL);
SELECT assign_min_cost(1, 7, 1, 1, NULL);
SELECT assign_min_cost(r, 7, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost(7, r, 1, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost_optional(7, r, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost_optional(7, 1, 1, NULL);
SELECT assign_min_cost_optional(7, 1, 1, 'NaN');
SELECT assign_min_cost_optional(7, 1, 1, 'Infinity');
SELECT stable_match(7, 1, 'NaN', 1);
SELECT stable_match(7, 1, 1, 'NaN');
SELECT stable_match(7, 1, 1, '-Infinity');
SELECT stable_match(7, r, 1, 1, 1, r) FROM generate_series(1, 2) r;
SELECT assign_min_cost(1, 1, 2305843009213693952);
SET community.match_memory = '1MB';
SELECT assign_min_cost(i, i, 1) FROM generate_series(1, 100000) i;
\set VERBOSITY default
SELECT assign_min_cost(i, i, 1) FROM generate_series(1, 100000) i;
SET community.match_memory = '100kB';
RESET community.match_memory;

-- A long assignment, which takes seconds once its edges are there, is cancelled.
SET statement_timeout = '1s';
DO $$
BEGIN
    PERFORM assign_min_cost(r, p, (r * p % 7)::float8, 2, 3)
       FROM generate_series(1, 1500) r, generate_series(1, 1500) p;
    RAISE NOTICE 'not cancelled';
EXCEPTION WHEN query_canceled THEN
    RAISE NOTICE 'cancelled';
END
$$;
RESET statement_timeout;
