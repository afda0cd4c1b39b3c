-- Running jobs: for schedulers, and in the caller's own transaction.

-- run_due() commits, so it can have neither SET nor SECURITY DEFINER: it puts
-- role and path in place at the start and again after each COMMIT.
CREATE OR REPLACE PROCEDURE community.run_due(p_queue text, p_now timestamptz DEFAULT now())
LANGUAGE plpgsql
AS $$
DECLARE
    v_path text := 'pg_catalog, community, pg_temp';
    v_owner text;
    v_run_id bigint;
    v_state text;
    v_message text;
BEGIN
    IF pg_catalog.pg_is_in_recovery() THEN
        RETURN;
    END IF;
    PERFORM pg_catalog.set_config('search_path', v_path, true);
    v_owner := community._owner();
    PERFORM set_config('role', v_owner, true);
    PERFORM community._now_check(p_now);
    IF NOT community._run_begin(p_queue) THEN
        COMMIT;
        RETURN;
    END IF;
    COMMIT;
    LOOP
        PERFORM pg_catalog.set_config('search_path', v_path, true);
        PERFORM pg_catalog.set_config('role', v_owner, true);
        v_run_id := community._job_claim(p_queue, p_now);
        COMMIT;
        EXIT WHEN v_run_id IS NULL;
        PERFORM pg_catalog.set_config('search_path', v_path, true);
        PERFORM pg_catalog.set_config('role', v_owner, true);
        BEGIN
            PERFORM community._job_work(v_run_id);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT;
            PERFORM community._job_failed(v_run_id, format('%s: %s', v_state, v_message));
        END;
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE community.run_due(text, timestamptz) IS 'Run every due job of a queue (rollup, exchange or upkeep), each in a transaction of its own; claims are committed first, so a killed job is seen and tried again later. Several sessions may call it at once; a failing job is put off and the rest goes on. p_now is taken as the present. Does nothing on a standby; the queue exchange stands still after a restore until restore_confirm(). Must not be called inside a transaction (2D000). Refuses queue_unknown, now_invalid. / 执行队列（rollup、exchange 或 upkeep）中全部到期作业，每个作业一个事务；先提交领取记录，被终止的作业可被发现并稍后重试。可多会话并发调用；失败的作业延后，其余继续。p_now 视作当前时间。备库上不执行；恢复后 exchange 队列停止直至 restore_confirm()。不得在事务内调用（2D000）。可拒绝 queue_unknown、now_invalid。';

CREATE OR REPLACE FUNCTION community._now_check(p_now timestamptz)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- The next run is reckoned from it: after infinity there would be none.
    IF isfinite(p_now) IS NOT TRUE THEN
        PERFORM community.refuse('now_invalid', p_now::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._now_check(timestamptz) IS 'Refuse now_invalid for a present that is NULL or infinite. / 当前时间为 NULL 或无穷时拒绝 now_invalid。';

CREATE OR REPLACE FUNCTION community._run_begin(p_queue text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF p_queue IN ('rollup', 'exchange', 'upkeep') IS NOT TRUE THEN
        PERFORM community.refuse('queue_unknown', p_queue);
    END IF;
    PERFORM community.after_restore();
    PERFORM community._job_reap(p_queue);
    RETURN p_queue <> 'exchange' OR (SELECT confirmed FROM community.installation);
END
$$;
COMMENT ON FUNCTION community._run_begin(text) IS 'Look at the copy and at killed runs before a queue is served; false when the queue must stand still. / 处理队列前检查副本与被终止的运行；队列须停止时返回 false。';

CREATE OR REPLACE FUNCTION community.run_job(p_name text, p_now timestamptz DEFAULT now())
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_job community.job;
    v_run_id bigint;
    v_rows bigint := 0;
BEGIN
    PERFORM community._now_check(p_now);
    PERFORM community.after_restore();
    LOOP
        SELECT j.* INTO v_job FROM community.job j WHERE j.name = p_name FOR UPDATE;
        IF NOT FOUND THEN
            PERFORM community.refuse('job_unknown', p_name);
        END IF;
        IF v_job.queue = 'exchange' AND NOT (SELECT confirmed FROM community.installation) THEN
            PERFORM community.refuse('restore_unconfirmed');
        END IF;
        v_run_id := community._job_open(v_job, p_now);
        EXIT WHEN v_run_id IS NULL;
        v_rows := v_rows + community._job_work(v_run_id);
        EXIT WHEN (SELECT j.next_run > p_now FROM community.job j WHERE j.name = p_name);
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community.run_job(text, timestamptz) IS 'Run one job in the caller''s transaction, due or not, until it has caught up with p_now; returns the rows done. An error of the job is raised and undoes all. Windows of tx end before the caller''s own transaction: commit the rows first. Refuses job_unknown, restore_unconfirmed, now_invalid. / 在调用者事务内执行一个作业（无论是否到期），直至追上 p_now，返回处理行数。作业出错则抛出并全部回滚。事务窗口不含调用者自身事务：须先提交数据。可拒绝 job_unknown、restore_unconfirmed、now_invalid。';
