-- What is too old goes.

CREATE OR REPLACE FUNCTION community._keep(p_setting text, p_table text)
RETURNS interval
LANGUAGE sql STABLE
RETURN least(community.setting_interval(p_setting),
             (SELECT max(d.retention) FROM community.data_class d WHERE d.table_name = p_table));
COMMENT ON FUNCTION community._keep(text, text) IS 'How long rows of a table are kept: as the setting says, but never longer than its data class allows. / 表中数据的保存时间：按设置，但不超过其数据分级允许的期限。';

CREATE OR REPLACE FUNCTION community._purge_log(p_log community.log_table, p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_before timestamptz := community._period_start(p_log.period, p_now - p_log.keep);
    v_parent regclass := to_regclass(format('community.%I', p_log.table_name));
    v_partition regclass;
    v_default regclass;
    v_column name;
    v_waiting boolean;
    v_gone bigint := 0;
BEGIN
    -- The chain of the audit goes on from the first entry that stays.
    IF p_log.table_name = 'audit_log' THEN
        UPDATE community.audit_head h
           SET first_seq = l.seq + 1, first_prev = l.hash
          FROM (SELECT DISTINCT ON (community_id) community_id, seq, hash
                  FROM community.audit_log WHERE recorded_at < v_before
                 ORDER BY community_id, seq DESC) l
         WHERE l.community_id = h.community_id;
    END IF;
    FOR v_partition IN SELECT p.partition FROM community.log_partitions(p_log.table_name) p
                        WHERE p.ends <= v_before LOOP
        EXECUTE format('DROP TABLE %s', v_partition);
        v_gone := v_gone + 1;
    END LOOP;
    SELECT p.partdefid::regclass, a.attname INTO v_default, v_column
      FROM pg_partitioned_table p
      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partrelid = v_parent;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I < $1)', v_default, v_column) INTO v_waiting USING v_before;
    IF v_waiting THEN
        -- Under this lock even an append-only log lets its rows go.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_default);
        EXECUTE format('DELETE FROM %s WHERE %I < $1', v_default, v_column) USING v_before;
    END IF;
    RETURN v_gone;
END
$$;
COMMENT ON FUNCTION community._purge_log(community.log_table, timestamptz) IS 'Drop the partitions of a log that ended longer ago than it keeps, and such rows of its DEFAULT partition; returns the number of partitions. / 删除超过保存期限的日志分区及 DEFAULT 分区中的相应行，返回分区数。';

CREATE OR REPLACE FUNCTION community._purge_outbox(p_before timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_head community.outbox_head;
    v_last record;
    v_gone bigint := 0;
    v_rows bigint;
BEGIN
    -- Only from the beginning of a chain, up to the first that is unsent or young.
    FOR v_head IN SELECT * FROM community.outbox_head ORDER BY community_id, peer FOR NO KEY UPDATE LOOP
        SELECT o.seq, o.hash INTO v_last
          FROM community.outbox o
         WHERE o.community_id = v_head.community_id AND o.peer = v_head.peer
           AND o.seq < coalesce((SELECT min(w.seq) FROM community.outbox w
                                  WHERE w.community_id = v_head.community_id AND w.peer = v_head.peer
                                    AND (w.sent_at IS NULL OR w.put_at >= p_before)), v_head.seq + 1)
         ORDER BY o.seq DESC LIMIT 1;
        IF FOUND THEN
            DELETE FROM community.outbox
             WHERE community_id = v_head.community_id AND peer = v_head.peer AND seq <= v_last.seq;
            GET DIAGNOSTICS v_rows = ROW_COUNT;
            v_gone := v_gone + v_rows;
            UPDATE community.outbox_head SET first_seq = v_last.seq + 1, first_prev = v_last.hash
             WHERE community_id = v_head.community_id AND peer = v_head.peer;
        END IF;
    END LOOP;
    RETURN v_gone;
END
$$;
COMMENT ON FUNCTION community._purge_outbox(timestamptz) IS 'Delete messages that were sent and put before a time, from the beginning of each chain; returns their number. / 自各链起点删除此前放入且已发送的消息，返回条数。';

CREATE OR REPLACE FUNCTION community._purge_cron(p_before timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_notes regclass := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                          WHERE n.nspname = 'cron' AND c.relname = 'job_run_details'
                            AND has_schema_privilege(session_user, n.oid, 'USAGE'));
    v_role text := current_setting('role');
    v_gone bigint := 0;
BEGIN
    IF v_notes IS NOT NULL THEN
        -- pg_cron shows its rows to the login role alone, which rang the bell.
        PERFORM set_config('role', 'none', true);
        EXECUTE format('DELETE FROM %s WHERE database = current_database() AND starts_with(command, $1) AND end_time < $2',
                       v_notes)
          USING 'CALL community.run_due(', p_before;
        GET DIAGNOSTICS v_gone = ROW_COUNT;
        PERFORM set_config('role', v_role, true);
    END IF;
    RETURN v_gone;
END
$$;
COMMENT ON FUNCTION community._purge_cron(timestamptz) IS 'Delete old rows that pg_cron wrote about our bells, when it lives in this database; returns their number. / pg_cron 在本库时，删除其关于本平台的旧运行记录，返回行数。';

CREATE OR REPLACE FUNCTION community._job_retention(p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_log community.log_table;
    v_gone bigint := 0;
    v_rows bigint;
BEGIN
    FOR v_log IN SELECT * FROM community.log_table ORDER BY table_name LOOP
        v_gone := v_gone + community._purge_log(v_log, p_now);
    END LOOP;
    DELETE FROM community.job_run
     WHERE state <> 'running'
       AND (started_at < p_now - community._keep('keep_job_run', 'job_run')
            OR (state = 'done' AND rows = 0 AND started_at < p_now - interval '1 day'));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
    DELETE FROM community.api_call WHERE called_at < p_now - community._keep('keep_api_call', 'api_call');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
    -- The last message of each sender stays: it says where the chain goes on.
    DELETE FROM community.inbox i
     WHERE i.state <> 'received' AND i.received_at < p_now - community._keep('keep_message', 'inbox')
       AND EXISTS (SELECT FROM community.inbox n
                    WHERE n.community_id = i.community_id AND n.peer = i.peer AND n.seq > i.seq
                      AND n.state <> 'quarantined');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_gone := v_gone + v_rows;
    v_gone := v_gone + community._purge_outbox(p_now - community._keep('keep_message', 'outbox'));
    RETURN v_gone + community._purge_cron(p_now - community.setting_interval('keep_cron_run'));
END
$$;
COMMENT ON FUNCTION community._job_retention(timestamptz) IS 'Job core.retention: drop old partitions of logs and delete old runs, answered calls, messages and notes of pg_cron; returns how many. / 作业 core.retention：删除过期日志分区、运行记录、已答复调用、消息及 pg_cron 记录，返回数目。';
