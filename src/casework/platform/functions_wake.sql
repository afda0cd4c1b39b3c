-- What the system does by itself, by time.

CREATE OR REPLACE FUNCTION community._case_wake_at(p_case community.case_file, p_state text, p_at timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN CASE p_state
        WHEN 'suspended' THEN p_case.suspend_until
        WHEN 'closed' THEN p_at + community.setting_interval('case_evaluate_after', p_case.community_id)
        WHEN 'evaluated' THEN greatest(p_at, p_case.closed_at + COALESCE(
            (SELECT t.reopen_within FROM community.case_type t WHERE t.case_type = p_case.case_type),
            community.setting_interval('case_archive_after', p_case.community_id)))
        WHEN 'archived' THEN NULL
        ELSE p_at + community.setting_interval('case_archive_after', p_case.community_id) END;
END $$;
COMMENT ON FUNCTION community._case_wake_at(community.case_file, text, timestamptz) IS 'When the system goes on with a case that is suspended (its end), closed (evaluation), evaluated (archive, when it can no longer be reopened) or ended otherwise (archive). / 系统自动处理时间：挂起到期、自动评价、归档。';

CREATE OR REPLACE FUNCTION community._job_case_wake(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_case record;
    v_done bigint := 0;
BEGIN
    -- Whoever holds a case at this moment decides about it.
    FOR v_case IN
        SELECT f.community_id, f.case_id, t.event, greatest(f.wake_at, f.last_at) AS at
          FROM community.case_file f
          JOIN community.case_transition t
            ON t.version = f.machine AND t.from_state = f.state AND t.role = 'system'
           AND t.event IN ('auto_resume', 'auto_evaluate', 'archive')
         WHERE f.wake_at <= p_now
         ORDER BY f.wake_at, f.community_id, f.case_id
         LIMIT 1000
           FOR NO KEY UPDATE OF f SKIP LOCKED
    LOOP
        -- A suspension ends at its end, not when the job comes by.
        PERFORM community.case_event(NULL, v_case.community_id, v_case.case_id, v_case.event,
            '{"role": "system"}', CASE WHEN v_case.event = 'auto_resume' THEN v_case.at ELSE greatest(v_case.at, p_now) END);
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;
COMMENT ON FUNCTION community._job_case_wake(timestamptz) IS 'Job case.wake: end suspensions at their end, evaluate closed cases that nobody rated, archive what is over; at most 1000 a run. / 作业 case.wake：到期恢复挂起、自动评价、归档，每次至多 1000 件。';

CREATE OR REPLACE FUNCTION community._job_case_escalate(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_case record;
    v_done bigint := 0;
BEGIN
    FOR v_case IN
        SELECT f.community_id, f.case_id
          FROM (SELECT c.community_id, community.setting_interval('case_escalate_after', c.community_id) AS after
                  FROM community.community c) c
          JOIN community.case_file f ON f.community_id = c.community_id AND f.due_at < p_now - c.after
          JOIN community.case_transition t
            ON t.version = f.machine AND t.from_state = f.state AND t.role = 'system' AND t.event = 'escalate'
         -- After a new dispatch the organization has as long again.
         WHERE f.escalations = 0 OR f.dispatched_at < p_now - c.after
         ORDER BY f.due_at, f.community_id, f.case_id
         LIMIT 1000
           FOR NO KEY UPDATE OF f SKIP LOCKED
    LOOP
        PERFORM community.case_event(NULL, v_case.community_id, v_case.case_id, 'escalate',
            '{"role": "system", "reason": "overdue"}', p_now);
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;
COMMENT ON FUNCTION community._job_case_escalate(timestamptz) IS 'Job case.escalate: escalate cases that are dispatched or handled and overdue by more than the setting case_escalate_after, again only when a new dispatch is as old; at most 1000 a run. / 作业 case.escalate：升级超期案卷，重新派遣后重新计时，每次至多 1000 件。';
