-- Claims, windows and outcomes of jobs: the parts that run_due() and run_job()
-- are made of.

CREATE OR REPLACE FUNCTION community.tx_horizon()
RETURNS bigint
LANGUAGE sql STABLE
RETURN (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint + (SELECT tx_offset FROM community.installation);
COMMENT ON FUNCTION community.tx_horizon() IS 'Number below which every column tx of a log is final: each such transaction has ended, in whatever database a running one stands. / 日志 tx 列小于此值者均已定局：相应事务均已结束（任一数据库中运行的事务都会占住该边界）。';

CREATE OR REPLACE FUNCTION community._job_backoff(p_attempt integer)
RETURNS interval
LANGUAGE sql STABLE
RETURN least(community.setting_interval('job_backoff') * power(2, least(p_attempt - 1, 30)),
             community.setting_interval('job_backoff_max'));
COMMENT ON FUNCTION community._job_backoff(integer) IS 'Wait after the n-th try without success: the setting job_backoff, doubled each time, at most job_backoff_max. / 第 n 次未成功后的等待时间：job_backoff 逐次加倍，不超过 job_backoff_max。';

CREATE OR REPLACE FUNCTION community._job_next(p_every interval, p_now timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT
RETURN timestamptz '2000-01-01 00:00:00+08' + make_interval(secs =>
    extract(epoch FROM p_every)::float8
    * (floor(extract(epoch FROM p_now - timestamptz '2000-01-01 00:00:00+08') / extract(epoch FROM p_every)) + 1)::float8);
COMMENT ON FUNCTION community._job_next(interval, timestamptz) IS 'First time after now that is a whole number of intervals (a month counts 30 days) from midnight in China; NULL for NULL. / 此刻之后、自中国零点起整数个间隔（月按 30 天）的首个时刻；NULL 返回 NULL。';

CREATE OR REPLACE FUNCTION community._job_open(p_job community.job, p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_to_at timestamptz;
    v_to_tx bigint;
    v_run_id bigint;
BEGIN
    IF p_job.window_kind = 'time' THEN
        v_to_at := least(p_now, p_job.watermark_at + p_job.max_span);
    ELSIF p_job.window_kind = 'tx' THEN
        v_to_tx := least(community.tx_horizon(), p_job.watermark_tx + p_job.span_tx);
    END IF;
    IF v_to_at <= p_job.watermark_at OR v_to_tx <= p_job.watermark_tx THEN
        UPDATE community.job
           SET next_run = community._job_next(every, p_now), attempts = 0, last_error = NULL,
               last_success = clock_timestamp()
         WHERE name = p_job.name;
        RETURN NULL;
    END IF;
    INSERT INTO community.job_run (job_name, attempt, pid, backend_start, due_at, run_at,
                                   from_at, to_at, from_tx, to_tx)
    VALUES (p_job.name, p_job.attempts + 1, pg_backend_pid(),
            (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()),
            p_job.next_run, p_now, p_job.watermark_at, v_to_at, p_job.watermark_tx, v_to_tx)
    RETURNING run_id INTO v_run_id;
    UPDATE community.job
       SET attempts = attempts + 1, run_id = v_run_id,
           next_run = p_now + community._job_backoff(p_job.attempts + 1)
     WHERE name = p_job.name;
    RETURN v_run_id;
END
$$;
COMMENT ON FUNCTION community._job_open(community.job, timestamptz) IS 'Open a run of a locked job over its next window and set the time of the next try, in case this one dies; NULL, and the job is up to date, when the window is empty. / 为已锁定的作业按下一窗口开启运行，并预设下次重试时间以防本次中断；窗口为空时返回 NULL 并视为已完成。';

CREATE OR REPLACE FUNCTION community._job_killed(p_name text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    UPDATE community.job_run
       SET state = 'killed', finished_at = clock_timestamp(), error = 'the session ended before the run did'
     WHERE job_name = p_name AND state = 'running';
    IF FOUND THEN
        UPDATE community.job
           SET failures = failures + 1, last_error = 'the session ended before the run did'
         WHERE name = p_name;
    END IF;
END
$$;
COMMENT ON FUNCTION community._job_killed(text) IS 'Record that whoever ran this job is gone; the wait was set when it claimed. / 记录执行该作业的会话已消失；等待时间在领取时已设定。';

CREATE OR REPLACE FUNCTION community._job_reap(p_queue text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN
        SELECT j.name
          FROM community.job j JOIN community.job_run r ON r.job_name = j.name AND r.state = 'running'
         WHERE j.queue = p_queue
           AND NOT EXISTS (SELECT FROM pg_stat_activity a
                            WHERE a.pid = r.pid AND coalesce(a.backend_start = r.backend_start, true))
           FOR UPDATE OF j SKIP LOCKED
    LOOP
        PERFORM community._job_killed(v_name);
    END LOOP;
END
$$;
COMMENT ON FUNCTION community._job_reap(text) IS 'Find runs of a queue whose session is gone and record them as killed. / 找出会话已消失的运行并记为被终止。';

CREATE OR REPLACE FUNCTION community._job_claim(p_queue text, p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_job community.job;
    v_run_id bigint;
BEGIN
    LOOP
        SELECT j.* INTO v_job
          FROM community.job j
         WHERE j.queue = p_queue AND j.enabled AND j.next_run <= p_now
         ORDER BY j.next_run, j.name
         LIMIT 1
           FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        PERFORM community._job_killed(v_job.name);
        v_run_id := community._job_open(v_job, p_now);
        EXIT WHEN v_run_id IS NOT NULL;
    END LOOP;
    RETURN v_run_id;
END
$$;
COMMENT ON FUNCTION community._job_claim(text, timestamptz) IS 'Claim the job of the queue that has been due longest and that nobody works on; returns the run, or NULL when none is left. / 领取队列中到期最久且无人处理的作业，返回运行编号；无作业返回 NULL。';

CREATE OR REPLACE FUNCTION community._job_work(p_run_id bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_job community.job;
    v_run community.job_run;
    v_function regproc;
    v_rows bigint;
BEGIN
    -- The claim is committed and the row is free: it is ours only while run_id says so.
    SELECT j.* INTO v_job FROM community.job j WHERE j.run_id = p_run_id FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        UPDATE community.job_run SET state = 'skipped', finished_at = clock_timestamp() WHERE run_id = p_run_id;
        RETURN NULL;
    END IF;
    SELECT r.* INTO v_run FROM community.job_run r WHERE r.run_id = p_run_id;
    v_function := to_regproc(v_job.function);
    IF v_function IS NULL THEN
        RAISE EXCEPTION 'function % of job % does not exist or is not unique', v_job.function, v_job.name
            USING ERRCODE = '42883';
    END IF;
    PERFORM set_config('application_name', format('community %s: %s', v_job.queue, v_job.name), true);
    IF v_job.window_kind = 'time' THEN
        EXECUTE format('SELECT %s($1, $2)', v_function) INTO v_rows USING v_run.from_at, v_run.to_at;
    ELSIF v_job.window_kind = 'tx' THEN
        EXECUTE format('SELECT %s($1, $2)', v_function) INTO v_rows USING v_run.from_tx, v_run.to_tx;
    ELSE
        EXECUTE format('SELECT %s($1)', v_function) INTO v_rows USING v_run.run_at;
    END IF;
    v_rows := coalesce(v_rows, 0);
    -- A window that was cut short by its greatest width leaves the job due.
    UPDATE community.job j
       SET watermark_at = v_run.to_at, watermark_tx = v_run.to_tx,
           span_tx = CASE WHEN v_rows = 0 THEN least(j.span_tx, 1::bigint << 60) * 2 ELSE j.max_tx END,
           attempts = 0, last_error = NULL, last_success = clock_timestamp(),
           next_run = CASE WHEN v_run.to_at < v_run.run_at OR v_run.to_tx - v_run.from_tx = j.span_tx
                           THEN v_run.run_at ELSE community._job_next(j.every, v_run.run_at) END
     WHERE j.name = v_job.name;
    UPDATE community.job_run
       SET state = 'done', finished_at = clock_timestamp(), rows = v_rows
     WHERE run_id = p_run_id;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_work(bigint) IS 'Do the work of a run, move the watermark and set the next time; returns the rows done, or NULL when another session holds the job. / 执行一次运行，推进水位并设定下次时间；返回处理行数，作业被其他会话占用时返回 NULL。';

CREATE OR REPLACE FUNCTION community._job_failed(p_run_id bigint, p_error text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_run community.job_run;
BEGIN
    UPDATE community.job_run
       SET state = 'failed', finished_at = clock_timestamp(), error = p_error
     WHERE run_id = p_run_id
    RETURNING * INTO v_run;
    UPDATE community.job
       SET failures = failures + 1, last_error = p_error,
           next_run = v_run.run_at + community._job_backoff(v_run.attempt)
     WHERE name = v_run.job_name AND run_id = p_run_id;
END
$$;
COMMENT ON FUNCTION community._job_failed(bigint, text) IS 'Record that a run failed and when it is tried again. / 记录运行失败及下次重试时间。';
