-- P17, a case transition beside an update and an insert written by hand; P14,
-- the rollup of the case log.  Each round commits, as clients do.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT count(*) FROM community.install();
SET search_path = bench, community, public;

SELECT community_register('330203', '海曙区', 'district'), community_register('330203001', '南门街道', 'street'),
       community_register('330203001001', '一社区', 'residential');
SELECT grid_add('330203001001001', '一网格', 'unit', '{"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.51, 29.8], [121.51, 29.81], [121.5, 29.81], [121.5, 29.8]]]}'),
       duty_add('330203', NULL, organization_add(330203000000, '城管局', 'government'), '(,)', true),
       ensure_partitions(now() - interval '300 days', now() + interval '1 day');
CREATE TABLE subject AS
SELECT r.community_id, r.case_id FROM generate_series(1, 2000) g, case_report(NULL, 'noise', 121.505, 29.805, g::text, 'app') r;
DO $$
DECLARE
    e text;
BEGIN
    FOREACH e IN ARRAY '{accept,file,dispatch,sign,handled}'::text[] LOOP
        PERFORM case_event(NULL, community_id, case_id, e, '{"actor": "h"}') FROM subject;
        COMMIT;
    END LOOP;
END $$;
CREATE TABLE hand_file (LIKE case_file INCLUDING ALL);
INSERT INTO hand_file SELECT * FROM case_file;
CREATE TABLE hand_log (LIKE case_log INCLUDING ALL) PARTITION BY RANGE (occurred_at);
CREATE TABLE hand_log_default PARTITION OF hand_log DEFAULT;
VACUUM ANALYZE case_file;
VACUUM ANALYZE hand_file;
CREATE TABLE took (who text, us float8);
DO $$
DECLARE
    s subject;
    v_event text;
    v_doc jsonb;
    v_start bigint;
BEGIN
    FOR r IN 1 .. 10 LOOP
        v_event := CASE WHEN r % 2 = 1 THEN 'check_fail' ELSE 'handled' END;
        v_doc := CASE WHEN r % 2 = 1 THEN '{"actor": "i", "reason": "r"}' ELSE '{"actor": "h"}' END;
        v_start := bench.cpu();
        FOR s IN SELECT * FROM subject LOOP
            PERFORM case_event(NULL, s.community_id, s.case_id, v_event, v_doc);
        END LOOP;
        COMMIT;
        INSERT INTO took VALUES ('ours', (bench.cpu() - v_start) / 2e6);
        v_start := bench.cpu();
        FOR s IN SELECT * FROM subject LOOP
            PERFORM case_event(gen_random_uuid(), s.community_id, s.case_id, CASE WHEN r % 2 = 1 THEN 'handled' ELSE 'check_fail' END,
                '{"actor": "x", "reason": "r"}'::jsonb || jsonb_build_object('actor', CASE WHEN r % 2 = 1 THEN 'h' ELSE 'i' END));
        END LOOP;
        COMMIT;
        INSERT INTO took VALUES ('keyed', (bench.cpu() - v_start) / 2e6);
        FOR s IN SELECT * FROM subject LOOP     -- back to where the round began
            PERFORM case_event(NULL, s.community_id, s.case_id, v_event, v_doc);
        END LOOP;
        COMMIT;
        v_start := bench.cpu();
        FOR s IN SELECT * FROM subject LOOP
            UPDATE hand_file f SET state = CASE WHEN r % 2 = 1 THEN 'rework' ELSE 'checking' END, seq = f.seq + 1, last_at = clock_timestamp(), handler = 'h'
             WHERE f.community_id = s.community_id AND f.case_id = s.case_id;
            INSERT INTO hand_log (community_id, case_id, seq, event, from_state, to_state, role, actor, case_type, channel, clock, doc, occurred_at)
            VALUES (s.community_id, s.case_id, 6 + r, v_event, 'checking', 'rework', 'inspector', 'i', 'noise', 'app', 'running', v_doc, clock_timestamp());
        END LOOP;
        COMMIT;
        INSERT INTO took VALUES ('hand', (bench.cpu() - v_start) / 2e6);
    END LOOP;
END $$;
SELECT bench.note('P17.transition', min(us) FILTER (WHERE who = 'ours'), min(us) FILTER (WHERE who = 'hand'), 2, 'us', 'peer: update and insert by hand, in one backend'),
       bench.note('P17.transition_key', min(us) FILTER (WHERE who = 'keyed'), min(us) FILTER (WHERE who = 'hand'), 4, 'us', 'the same, idempotent by a client key')
  FROM took;

-- The rollup: a million rows of history, then 200,000 new ones, then a late one.
CREATE PROCEDURE events(p_from int, p_to int) LANGUAGE sql AS $$
    INSERT INTO community.case_log (community_id, case_id, seq, event, from_state, to_state, role, actor, case_type, channel, grid_id,
        clock_was, clock, deadline_was, deadline, occurred_at)
    SELECT 330203001001, 1000000 + n / 5, n % 5 + 1, (ARRAY['report', 'accept', 'file', 'dispatch', 'sign'])[1 + n % 5], CASE WHEN n % 5 > 0 THEN 'x' END,
           (ARRAY['reported', 'accepted', 'filed', 'dispatched', 'handling'])[1 + n % 5], 'r', 'a', (ARRAY['noise', 'dirty_road', 'street_lamp', 'water_leak'])[1 + n % 4],
           'app', 1, CASE WHEN n % 5 = 0 THEN NULL WHEN n % 5 < 3 THEN 'idle' ELSE 'running' END, CASE WHEN n % 5 < 2 THEN 'idle' ELSE 'running' END,
           CASE WHEN n % 5 > 2 THEN d END, CASE WHEN n % 5 > 1 THEN d END, d
      FROM (SELECT n, date_trunc('day', now()) - (n % 290) * interval '1 day' AS d FROM generate_series(p_from, p_to) n) g
$$;
CALL events(1, 1000000);
SELECT run_job('case_day');
VACUUM ANALYZE case_log;
SELECT watermark_tx AS mark FROM job WHERE name = 'case_day' \gset
CALL events(1000001, 1200000);
SELECT bench.cpu() AS began \gset
SELECT run_job('case_day');
SELECT bench.cpu() - :began AS ours \gset
SELECT bench.cpu() AS began \gset
SELECT count(*) FROM (SELECT community_id, local_day(occurred_at, 'Asia/Shanghai'), grid_id, case_type, count(*) FROM case_log WHERE tx >= :mark GROUP BY 1, 2, 3, 4) x;
SELECT bench.note('P14.case_rollup', :ours / 2e5, (bench.cpu() - :began) / 2e5, 2.65, 'ns', 'peer: GROUP BY of the new rows alone; over 1,000,000 rows of history');
VACUUM case_log;
SELECT count(*) FROM case_report(NULL, 'noise', 121.505, 29.805, 'late', 'app', '{}', now() - interval '100 days');
SELECT bench.cpu() AS began \gset
SELECT run_job('case_day');
SELECT bench.note('P14.case_late_row', (bench.cpu() - :began) / 1e6, 208, 0.1, 'ms', 'peer: one late row of a TimescaleDB continuous aggregate, as measured once');
