-- Keeping the rollups: windows of case_log.tx, each row once.

CREATE OR REPLACE FUNCTION community._rollup_case_day(p_from bigint, p_to bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    WITH counted AS (
        SELECT l.community_id, community.local_day(l.occurred_at, c.tz) AS day, COALESCE(l.grid_id, 0) AS grid_id, l.case_type,
               count(*) AS events,
               count(*) FILTER (WHERE l.event = 'report') AS reported,
               count(*) FILTER (WHERE l.clock = 'running' AND (l.clock_was = 'idle' OR (l.clock_was = 'stopped' AND l.event <> 'unmerge'))) AS filed,
               count(*) FILTER (WHERE (l.clock = 'running' AND (l.clock_was = 'idle' OR (l.clock_was = 'stopped' AND l.event <> 'unmerge')))
                   AND h.collected) AS filed_collected,
               count(*) FILTER (WHERE l.event = 'self_handle') AS self_handled,
               count(*) FILTER (WHERE l.to_state = 'dispatched') AS dispatched,
               count(*) FILTER (WHERE l.event = 'return') AS returned,
               count(*) FILTER (WHERE l.to_state = 'checking') AS handled,
               count(*) FILTER (WHERE l.to_state = 'closed') AS closed,
               count(*) FILTER (WHERE l.to_state = 'closed' AND l.on_time) AS closed_on_time,
               count(*) FILTER (WHERE l.to_state = 'closed' AND NOT l.on_time) AS closed_late,
               count(*) FILTER (WHERE l.to_state = 'rework') AS reworked,
               count(*) FILTER (WHERE l.from_state = 'extend_pending' AND l.event = 'approve') AS extended,
               count(*) FILTER (WHERE l.to_state = 'suspended') AS suspended,
               count(*) FILTER (WHERE l.to_state = 'escalated') AS escalated,
               count(*) FILTER (WHERE l.to_state = 'transferred') AS transferred,
               count(*) FILTER (WHERE l.to_state = 'rejected') AS rejected,
               count(*) FILTER (WHERE l.to_state = 'duplicate') AS merged,
               count(*) FILTER (WHERE l.to_state = 'voided') AS voided,
               count(*) FILTER (WHERE l.event = 'reopen') AS reopened,
               count(*) FILTER (WHERE l.rating IS NOT NULL) AS rated,
               count(*) FILTER (WHERE l.rating >= 4) AS satisfied
          FROM community.case_log l
          JOIN community.community c ON c.community_id = l.community_id
          LEFT JOIN community.case_channel h ON h.channel = l.channel
         WHERE l.tx >= p_from AND l.tx < p_to
         GROUP BY 1, 2, 3, 4
    ), kept AS (
        INSERT INTO community.rollup_case_day AS r (community_id, day, grid_id, case_type, events,
            reported, filed, filed_collected, self_handled, dispatched, returned, handled, closed,
            closed_on_time, closed_late, reworked, extended, suspended, escalated, transferred, rejected,
            merged, voided, reopened, rated, satisfied)
        SELECT community_id, day, grid_id, case_type, events,
            reported, filed, filed_collected, self_handled, dispatched, returned, handled, closed,
            closed_on_time, closed_late, reworked, extended, suspended, escalated, transferred, rejected,
            merged, voided, reopened, rated, satisfied
          FROM counted
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
    ), touched AS (
        INSERT INTO community.report_period AS p (community_id, period, first_day, last_day)
        SELECT DISTINCT k.community_id, 'day', k.day, k.day FROM kept k
        ON CONFLICT (community_id, period, first_day) DO UPDATE SET touched = true WHERE NOT p.touched
    )
    SELECT COALESCE(sum(events), 0)::bigint INTO v_rows FROM counted;

    -- What each row changes: out of the deadline it had, into the one it has.
    WITH kept AS (
        INSERT INTO community.rollup_case_due AS r (community_id, due_day, day, grid_id, case_type,
            due, due_suspended, due_closed, due_on_time)
        SELECT l.community_id, community.local_day(s.deadline, c.tz), community.local_day(l.occurred_at, c.tz),
               COALESCE(l.grid_id, 0), l.case_type,
               sum(s.sign), COALESCE(sum(s.sign) FILTER (WHERE s.clock = 'paused'), 0),
               COALESCE(sum(s.sign) FILTER (WHERE s.clock = 'ended'), 0),
               COALESCE(sum(s.sign) FILTER (WHERE s.clock = 'ended' AND s.on_time), 0)
          FROM community.case_log l
          JOIN community.community c ON c.community_id = l.community_id
         CROSS JOIN LATERAL (VALUES (-1, l.clock_was, l.deadline_was, l.on_time_was),
                                    (1, l.clock, l.deadline, l.on_time)) AS s (sign, clock, deadline, on_time)
         WHERE l.tx >= p_from AND l.tx < p_to
           AND (l.clock_was <> l.clock OR l.deadline_was <> l.deadline)
           AND s.clock IN ('running', 'paused', 'ended') AND s.deadline IS NOT NULL
         GROUP BY 1, 2, 3, 4, 5
        HAVING sum(s.sign) <> 0 OR count(*) FILTER (WHERE s.clock <> 'running') > 0
        ON CONFLICT (community_id, due_day, day, grid_id, case_type) DO UPDATE SET
            due = r.due + EXCLUDED.due,
            due_suspended = r.due_suspended + EXCLUDED.due_suspended,
            due_closed = r.due_closed + EXCLUDED.due_closed,
            due_on_time = r.due_on_time + EXCLUDED.due_on_time
        RETURNING r.community_id, r.due_day, r.day
    )
    INSERT INTO community.report_period AS p (community_id, period, first_day, last_day)
    SELECT DISTINCT k.community_id, 'day', k.due_day, k.due_day FROM kept k WHERE k.day <= k.due_day
    ON CONFLICT (community_id, period, first_day) DO UPDATE SET touched = true WHERE NOT p.touched;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._rollup_case_day(bigint, bigint) IS 'Job: add the log rows of a half-open window of tx to the rollups and mark the days they touch; returns the number of rows. / 作业：将 tx 半开区间内的日志计入汇总并标记受影响日期，返回行数。';
