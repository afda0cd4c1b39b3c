-- "Overdue or due within an hour in my scope" among five million cases, from
-- the partial index, beside the same question without it.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT count(*) FROM community.install();
SET search_path = bench, community, public;
CREATE UNLOGGED TABLE cases (LIKE case_file INCLUDING DEFAULTS);
INSERT INTO cases (community_id, case_id, case_no, case_type, machine, state, last_at, clock, due_at, deadline, channel, lon, lat, cell, cell_key, reported_at)
SELECT 330203001001 + n % 300, n, n::text, 'noise', 1, CASE WHEN n % 50 = 0 THEN 'handling' ELSE 'archived' END, now(),
       CASE WHEN n % 50 = 0 THEN 'running' ELSE 'ended' END, CASE WHEN n % 50 = 0 THEN now() + (n % 20000 - 1000) * interval '1 minute' END,
       now(), 'app', 121, 29, c, c::bigint, now()
  FROM generate_series(1, 5000000) n, gridcell(121, 29, 7) c;
CREATE INDEX cases_due ON cases (community_id, due_at) WHERE due_at IS NOT NULL;
VACUUM ANALYZE cases;
CREATE FUNCTION ask() RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    v_start bigint := bench.cpu();
BEGIN
    PERFORM case_no FROM cases
      WHERE community_id = ANY ('{330203001001,330203001051,330203001101,330203001151,330203001201}') AND due_at <= now() + interval '1 hour'
      ORDER BY due_at;
    RETURN (bench.cpu() - v_start) / 1e6;
END $$;
SELECT min(ask()) AS ours FROM generate_series(1, 5) \gset
DROP INDEX cases_due;
SELECT min(ask()) AS peer FROM generate_series(1, 2) \gset
SELECT bench.note('P17.due_of_5m', :ours, :peer, 0.05, 'ms', 'peer: the table without the partial index');
