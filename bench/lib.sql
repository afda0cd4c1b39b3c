-- What the benchmarks share; bench/run loads it into the database first.
CREATE SCHEMA bench;
CREATE FUNCTION bench.nothing(float8, float8, int) RETURNS bigint LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS :'helper', 'bench_nothing';
CREATE FUNCTION bench.cpu() RETURNS bigint LANGUAGE c VOLATILE STRICT AS :'helper', 'bench_cpu';
-- bench.feed(...): an aggregate over edges that does nothing.
CREATE FUNCTION bench.edge(bigint, bigint, bigint, float8) RETURNS bigint LANGUAGE c IMMUTABLE AS :'helper', 'bench_edge';
CREATE AGGREGATE bench.feed(bigint, bigint, float8) (SFUNC = bench.edge, STYPE = bigint, INITCOND = '0');

-- Measured work: ours and its peer in one unit, and the goal of their ratio.
CREATE TABLE bench.result (
    n int GENERATED ALWAYS AS IDENTITY,
    name text, ours numeric, peer numeric, goal numeric, unit text, note text
);

-- bench.race(queries, rounds, per): the least CPU time of each query, in
-- nanoseconds by `per`.  The queries run in turn, in this backend, so that
-- what else the machine does meets them all alike.
CREATE FUNCTION bench.race(p_queries text[], p_rounds int DEFAULT 5, p_per float8 DEFAULT 1) RETURNS float8[]
LANGUAGE plpgsql AS $$
DECLARE
    v_best float8[] := array_fill('Infinity'::float8, ARRAY[cardinality(p_queries)]);
    v_start bigint;
    v_time float8;
BEGIN
    FOR r IN 1 .. p_rounds LOOP
        FOR i IN 1 .. cardinality(p_queries) LOOP
            v_start := bench.cpu();
            EXECUTE p_queries[i];
            v_time := (bench.cpu() - v_start) / p_per;
            v_best[i] := least(v_best[i], v_time);
        END LOOP;
    END LOOP;
    RETURN v_best;
END $$;

-- bench.note(...): keep one result.
CREATE FUNCTION bench.note(p_name text, p_ours float8, p_peer float8, p_goal float8, p_unit text, p_note text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO bench.result (name, ours, peer, goal, unit, note)
    VALUES (p_name, p_ours, p_peer, p_goal, p_unit, p_note)
$$;
