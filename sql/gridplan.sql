-- Plans and estimates of containment, under the default settings.
SET search_path = community, public;
-- Events in a city: dense around a centre, 14 % at one place; areas.  ANALYZE reads
-- all of 30,000 rows, so that the estimates are always the same.
CREATE TABLE event AS
SELECT i AS id, CASE WHEN i % 7 = 0 THEN gridcell(121.5503, 29.8733, 8)
                ELSE gridcell(121.55 + 0.1 * x * abs(x), 29.87 + 0.1 * y * abs(y), 8) END AS cell,
       ('3302030' || to_char(1 + i % 17, 'FM00') || to_char(1 + i / 17 % 20, 'FM000') || to_char(1 + i / 340 % 9, 'FM000'))::gridcode AS code
  FROM (SELECT i, (hashint8extended(i, 1) & 65535) / 32768.0 - 1 AS x, (hashint8extended(i, 2) & 65535) / 32768.0 - 1 AS y
          FROM generate_series(1, 30000) i) s;
CREATE INDEX event_cell ON event (cell);
CREATE INDEX event_code ON event (code);
CREATE TABLE area AS
SELECT row_number() OVER (ORDER BY gridcell_hash(cell))::int AS id, cell, gridcode_parent(code) AS code
  FROM (SELECT DISTINCT ON (gridcell_parent(cell, 5)) gridcell_parent(cell, 5) AS cell, code FROM event WHERE id % 100 = 1) s;
CREATE INDEX area_cell ON area (cell);
VACUUM ANALYZE event;
VACUUM ANALYZE area;
-- constants become a range
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ 'N51H33442';
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ 'N51H3344333';
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE 'N51H3344333' @> cell;
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE gridcell_contained(cell, 'N51H3344333');
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE code <@ '330203001001';
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ 'N51H3344333' OR cell <@ 'N51H3344444';
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ NULL::gridcell;
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ gridcell(121.5, 29.9, 5);
EXPLAIN (COSTS OFF) SELECT count(*) FROM event WHERE cell <@ 'N51H3344333';
-- parameters, in custom and generic plans
PREPARE within(gridcell) AS SELECT id FROM event WHERE cell <@ $1;
EXPLAIN (COSTS OFF) EXECUTE within('N51H3344333');
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE within('N51H3344333');
RESET plan_cache_mode;
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE cell <@ (SELECT cell FROM area WHERE id = 7);
-- joins, from both sides
EXPLAIN (COSTS OFF) SELECT count(*) FROM area a JOIN event e ON e.cell <@ a.cell WHERE a.id < 9;
EXPLAIN (COSTS OFF) SELECT count(*) FROM area a JOIN event e ON a.cell @> e.cell WHERE a.id < 9;
EXPLAIN (COSTS OFF) SELECT e.id FROM unnest('{N51H3344333,N51H3344444}'::gridcell[]) u(cell) JOIN event e ON e.cell <@ u.cell;
-- who contains this cell: the ancestors are looked up
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM area WHERE cell @> gridcell(121.5503, 29.8733, 8);
EXPLAIN (COSTS OFF) SELECT a.id FROM event e JOIN area a ON a.cell @> e.cell WHERE e.id < 3;
RESET enable_seqscan;
-- an expression is not computed twice, and is indexed as it stands
CREATE INDEX event_parent ON event (gridcell_parent(cell, 7));
ANALYZE event;
EXPLAIN (COSTS OFF) SELECT id FROM event WHERE gridcell_parent(cell, 7) <@ 'N51H3344333';
DROP INDEX event_parent;
-- the same rows as without an index
SELECT bool_and(n = m) AS same, sum(n) > 100 AS many
  FROM (SELECT a.cell, (SELECT count(*) FROM event e WHERE e.cell <@ a.cell) AS n,
               (SELECT count(*) FROM event e WHERE left(e.cell::text, 11) = a.cell::text) AS m FROM area a WHERE id % 10 = 0) s;
SELECT count(*) AS around, count(*) FILTER (WHERE a.cell = gridcell_parent(e.cell, 5)) AS same FROM area a JOIN event e ON a.cell @> e.cell WHERE e.id % 30 = 0;
-- partitions are pruned
CREATE TABLE part (cell gridcell) PARTITION BY RANGE (cell);
CREATE TABLE part_n PARTITION OF part FOR VALUES FROM (MINVALUE) TO ('N51H');
CREATE TABLE part_h PARTITION OF part FOR VALUES FROM ('N51H') TO ('N51I');
CREATE TABLE part_s PARTITION OF part FOR VALUES FROM ('N51I') TO (MAXVALUE);
EXPLAIN (COSTS OFF) SELECT * FROM part WHERE cell <@ 'N51H33';

-- Estimates. rows(query): what the planner expects at the top.
CREATE FUNCTION pg_temp.rows(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    v_plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO v_plan;
    RETURN (v_plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8;
END $$;
CREATE FUNCTION pg_temp.count(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    v_count bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (%s) s', query) INTO v_count;
    RETURN v_count;
END $$;
-- off(query, factor): NULL when the estimate is within the factor, else both numbers
CREATE FUNCTION pg_temp.off(query text, factor float8) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN greatest(e, 1) / greatest(n, 1) NOT BETWEEN 1 / factor AND factor THEN format('%s rows, %s expected', n, e) END
      FROM (SELECT pg_temp.rows(query) AS e, pg_temp.count(query) AS n) s $$;
-- restrictions: within a factor of 2
SELECT query, pg_temp.off(query, 2) AS off
  FROM unnest(ARRAY['SELECT FROM event WHERE cell <@ ''N51H''', 'SELECT FROM event WHERE cell <@ ''N51H33''', 'SELECT FROM event WHERE cell <@ ''N51H334''',
      'SELECT FROM event WHERE cell <@ ''N51H33432''', 'SELECT FROM event WHERE cell <@ ''N51H33442''',
      'SELECT FROM event WHERE ''N51H33432'' @> cell', 'SELECT FROM event WHERE cell <@ ''N51H33432'' OR cell <@ ''N51H33433''',
      'SELECT FROM event WHERE cell < ''N51H33432''', 'SELECT FROM event WHERE cell >= ''N51H33432''', 'SELECT FROM event WHERE ''N51H33432'' > cell',
      'SELECT FROM event WHERE cell BETWEEN ''N51H33432'' AND ''N51H33435''', 'SELECT FROM event WHERE cell > ''N51H33432'' AND cell < ''N51H33435''',
      'SELECT FROM event WHERE ''N51H33432'' <= cell AND ''N51H33435'' >= cell', 'SELECT FROM event WHERE cell >= ''N51H33432'' AND cell <= gridcell_last(''N51H33432'')',
      'SELECT FROM event WHERE cell <@ ''N51H3343201''', 'SELECT FROM event WHERE cell && ''N51H33432''', 'SELECT FROM event WHERE cell = ''N51H334321001616''',
      'SELECT FROM event WHERE cell <@ ''S51H''', 'SELECT FROM event WHERE cell < ''N51A''', 'SELECT FROM event WHERE NOT cell <@ ''N51H33432''',
      'SELECT FROM event WHERE code <@ ''330203001001''', 'SELECT FROM event WHERE code <@ ''330203''', 'SELECT FROM event WHERE code <@ ''330203004''',
      'SELECT FROM event WHERE code < ''330203004''', 'SELECT FROM event WHERE code BETWEEN ''330203004'' AND ''330203005999999''']) WITH ORDINALITY u(query, n) ORDER BY n;
-- every cell with more rows than two bins of the histogram
SELECT level, count(*) AS cells, count(pg_temp.off(format('SELECT FROM event WHERE cell <@ %L', cell), 2)) AS off
  FROM (SELECT level, gridcell_parent(cell, level) AS cell FROM event, generate_series(3, 5) level
         GROUP BY 1, 2 HAVING count(*) >= 600) s GROUP BY 1 ORDER BY 1;
-- those with a tenth of a bin, for which the bins are coarse: within a factor of 5
SELECT count(*) AS cells, count(pg_temp.off(format('SELECT FROM event WHERE cell <@ %L', cell), 5)) AS off
  FROM (SELECT gridcell_parent(cell, 5) AS cell FROM event GROUP BY 1 HAVING count(*) >= 50) s;
-- joins: within a factor of 10
SELECT query, pg_temp.off(query, 10) AS off
  FROM unnest(ARRAY['SELECT FROM area a JOIN event e ON e.cell <@ a.cell', 'SELECT FROM area a JOIN event e ON a.cell @> e.cell',
      'SELECT FROM area a JOIN event e ON a.cell && e.cell',
      'SELECT FROM event e WHERE EXISTS (SELECT FROM area a WHERE a.cell @> e.cell)', 'SELECT FROM area a WHERE EXISTS (SELECT FROM event e WHERE e.cell <@ a.cell)',
      'SELECT FROM event e WHERE NOT EXISTS (SELECT FROM area a WHERE a.cell @> e.cell)',
      'SELECT FROM (SELECT DISTINCT code FROM area) a JOIN event e ON e.code <@ a.code', 'SELECT FROM area a JOIN event e ON e.code <@ a.code']) WITH ORDINALITY u(query, n) ORDER BY n;
-- without statistics the estimators fall back, with NULLs they count them out
CREATE TABLE bare (cell gridcell);
INSERT INTO bare SELECT cell FROM event WHERE id <= 1000;
SELECT pg_temp.rows($$SELECT FROM bare WHERE cell <@ 'N51H'$$) < 1000 AS bare, pg_temp.rows('SELECT FROM bare a JOIN bare b ON a.cell <@ b.cell') > 0 AS joined;
INSERT INTO bare SELECT NULL FROM generate_series(1, 9000);
ANALYZE bare;
SELECT pg_temp.off($$SELECT FROM bare WHERE cell <@ 'N51H'$$, 1.5) AS "nulls", pg_temp.off($$SELECT FROM bare WHERE cell > 'N51H'$$, 1.5) AS above,
       pg_temp.off('SELECT FROM bare a JOIN event b ON b.cell <@ a.cell', 10) AS joined;
DROP TABLE event, area, part, bare;
