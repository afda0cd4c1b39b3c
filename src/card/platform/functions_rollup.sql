-- Counting what doors decided.

CREATE OR REPLACE FUNCTION community._rollup_door_hour(p_from bigint, p_to bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_keep interval := (SELECT t.keep FROM community.log_table t WHERE t.table_name = 'door_log');
    v_hour record;
    v_rows bigint := 0;
BEGIN
    -- Different holders do not add up, so an hour is counted anew as a whole.  An
    -- hour of which the log has dropped rows stays as it was counted.
    FOR v_hour IN
        SELECT date_bin(interval '1 hour', l.at, timestamptz '2000-01-01 00:00+00') AS hour, array_agg(DISTINCT l.community_id) AS communities,
               count(*) AS n
          FROM community.door_log l
         WHERE l.tx >= p_from AND l.tx < p_to AND (v_keep IS NULL OR l.at > now() - v_keep)
         GROUP BY 1 ORDER BY 1
    LOOP
        DELETE FROM community.rollup_door_hour r
         WHERE r.hour = v_hour.hour AND r.community_id = ANY (v_hour.communities);
        INSERT INTO community.rollup_door_hour (community_id, hour, point_id, decision, reason, offline, taps, holders)
        SELECT l.community_id, v_hour.hour, l.point_id, l.decision, l.reason, l.offline, count(*), count(DISTINCT l.holder)
          FROM community.door_log l
         WHERE l.at >= v_hour.hour AND l.at < v_hour.hour + interval '1 hour' AND l.community_id = ANY (v_hour.communities)
         GROUP BY l.community_id, l.point_id, l.decision, l.reason, l.offline;
        v_rows := v_rows + v_hour.n;
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._rollup_door_hour(bigint, bigint) IS 'Job: count the hours anew that rows of the door log in a window of transactions fall into; returns the rows. Hours beyond the retention of the log are left alone. / 作业：对事务窗口内门禁日志涉及的小时重新计数，返回日志行数；超出日志保留期的小时不动。';
