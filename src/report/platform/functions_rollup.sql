-- Keeping the rollups: windows of case_log.tx, each row once.

CREATE OR REPLACE FUNCTION community._rollup_case_day(p_from bigint, p_to bigint)
RETURNS bigint LANGUAGE plpgsql
-- Compiling the many expressions costs more than a usual window.
SET jit = off
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    -- One pass over the window, down to the combinations that occur; what is
    -- counted is then told from few rows.
    WITH g AS MATERIALIZED (
        SELECT l.community_id, community.local_day(l.occurred_at, c.tz) AS day, COALESCE(l.grid_id, 0) AS grid_id, l.case_type,
               l.event, l.from_state, l.to_state, l.channel, l.clock_was, l.clock, l.on_time_was, l.on_time, l.rating,
               CASE WHEN l.clock_was <> l.clock OR l.deadline_was <> l.deadline
                    THEN community.local_day(l.deadline_was, c.tz) END AS due_was,
               CASE WHEN l.clock_was <> l.clock OR l.deadline_was <> l.deadline
                    THEN community.local_day(l.deadline, c.tz) END AS due,
               count(*) AS n
          FROM community.case_log l
          JOIN community.community c ON c.community_id = l.community_id
         WHERE l.tx >= p_from AND l.tx < p_to
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    ), flow AS (
        INSERT INTO community.rollup_case_day AS r (community_id, day, grid_id, case_type, events,
            reported, filed, filed_collected, self_handled, dispatched, returned, handled, closed,
            closed_on_time, closed_late, reworked, extended, suspended, escalated, transferred, rejected,
            merged, voided, reopened, rated, satisfied)
        SELECT g.community_id, g.day, g.grid_id, g.case_type, sum(g.n),
               COALESCE(sum(g.n) FILTER (WHERE g.event = 'report'), 0) AS reported,
               COALESCE(sum(g.n) FILTER (WHERE g.clock = 'running' AND (g.clock_was = 'idle' OR (g.clock_was = 'stopped' AND g.event <> 'unmerge'))), 0) AS filed,
               COALESCE(sum(g.n) FILTER (WHERE g.clock = 'running' AND (g.clock_was = 'idle' OR (g.clock_was = 'stopped' AND g.event <> 'unmerge'))
                   AND h.collected), 0) AS filed_collected,
               COALESCE(sum(g.n) FILTER (WHERE g.event = 'self_handle'), 0) AS self_handled,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'dispatched'), 0) AS dispatched,
               COALESCE(sum(g.n) FILTER (WHERE g.event = 'return'), 0) AS returned,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'checking'), 0) AS handled,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'closed'), 0) AS closed,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'closed' AND g.on_time), 0) AS closed_on_time,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'closed' AND NOT g.on_time), 0) AS closed_late,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'rework'), 0) AS reworked,
               COALESCE(sum(g.n) FILTER (WHERE g.from_state = 'extend_pending' AND g.event = 'approve'), 0) AS extended,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'suspended'), 0) AS suspended,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'escalated'), 0) AS escalated,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'transferred'), 0) AS transferred,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'rejected'), 0) AS rejected,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'duplicate'), 0) AS merged,
               COALESCE(sum(g.n) FILTER (WHERE g.to_state = 'voided'), 0) AS voided,
               COALESCE(sum(g.n) FILTER (WHERE g.event = 'reopen'), 0) AS reopened,
               COALESCE(sum(g.n) FILTER (WHERE g.rating IS NOT NULL), 0) AS rated,
               COALESCE(sum(g.n) FILTER (WHERE g.rating >= 4), 0) AS satisfied
          FROM g
          LEFT JOIN community.case_channel h ON h.channel = g.channel
         GROUP BY g.community_id, g.day, g.grid_id, g.case_type
        ON CONFLICT (community_id, day, grid_id, case_type) DO UPDATE SET
            events = r.events + EXCLUDED.events,
            reported = r.reported + EXCLUDED.reported,
            filed = r.filed + EXCLUDED.filed,
            filed_collected = r.filed_collected + EXCLUDED.filed_collected,
            self_handled = r.self_handled + EXCLUDED.self_handled,
            dispatched = r.dispatched + EXCLUDED.dispatched,
            returned = r.returned + EXCLUDED.returned,
            handled = r.handled + EXCLUDED.handled,
            closed = r.closed + EXCLUDED.closed,
            closed_on_time = r.closed_on_time + EXCLUDED.closed_on_time,
            closed_late = r.closed_late + EXCLUDED.closed_late,
            reworked = r.reworked + EXCLUDED.reworked,
            extended = r.extended + EXCLUDED.extended,
            suspended = r.suspended + EXCLUDED.suspended,
            escalated = r.escalated + EXCLUDED.escalated,
            transferred = r.transferred + EXCLUDED.transferred,
            rejected = r.rejected + EXCLUDED.rejected,
            merged = r.merged + EXCLUDED.merged,
            voided = r.voided + EXCLUDED.voided,
            reopened = r.reopened + EXCLUDED.reopened,
            rated = r.rated + EXCLUDED.rated,
            satisfied = r.satisfied + EXCLUDED.satisfied
        RETURNING r.community_id, r.day
    ), due AS (
        -- What each event changes: out of the deadline the case had, into the
        -- one it has.
        INSERT INTO community.rollup_case_due AS r (community_id, due_day, day, grid_id, case_type,
            due, due_suspended, due_closed, due_on_time)
        SELECT g.community_id, s.due, g.day, g.grid_id, g.case_type, sum(s.n),
               COALESCE(sum(s.n) FILTER (WHERE s.clock = 'paused'), 0),
               COALESCE(sum(s.n) FILTER (WHERE s.clock = 'ended'), 0),
               COALESCE(sum(s.n) FILTER (WHERE s.clock = 'ended' AND s.on_time), 0)
          FROM g
         CROSS JOIN LATERAL (VALUES (-g.n, g.clock_was, g.due_was, g.on_time_was),
                                    (g.n, g.clock, g.due, g.on_time)) AS s (n, clock, due, on_time)
         WHERE s.clock IN ('running', 'paused', 'ended') AND s.due IS NOT NULL
         GROUP BY g.community_id, s.due, g.day, g.grid_id, g.case_type
        HAVING sum(s.n) <> 0 OR count(*) FILTER (WHERE s.clock <> 'running') > 0
        ON CONFLICT (community_id, due_day, day, grid_id, case_type) DO UPDATE SET
            due = r.due + EXCLUDED.due,
            due_suspended = r.due_suspended + EXCLUDED.due_suspended,
            due_closed = r.due_closed + EXCLUDED.due_closed,
            due_on_time = r.due_on_time + EXCLUDED.due_on_time
        RETURNING r.community_id, r.due_day, r.day
    ), touched AS (
        -- A day's report shows what happened on it and how the cases due on it
        -- stood at its end; what came after its end does not change it.
        INSERT INTO community.report_period AS p (community_id, period, first_day, last_day)
        SELECT t.community_id, 'day', t.day, t.day
          FROM (SELECT f.community_id, f.day FROM flow f
                UNION SELECT d.community_id, d.due_day FROM due d WHERE d.day <= d.due_day) t
         ORDER BY t.community_id, t.day     -- the order in which the reports lock them
        ON CONFLICT (community_id, period, first_day) DO UPDATE SET touched = true WHERE NOT p.touched
    )
    SELECT COALESCE(sum(g.n), 0)::bigint INTO v_rows FROM g;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._rollup_case_day(bigint, bigint) IS 'Job: add the log rows of a half-open window of tx to the rollups and mark the days they touch; returns the number of rows. / 作业：将 tx 半开区间内的日志计入汇总并标记受影响日期，返回行数。';
