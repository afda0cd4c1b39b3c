-- Copies that wake up elsewhere.
--
-- Transaction numbers restart in another cluster.  Windows over tx would then
-- meet the numbers of restored rows a second time.  So a restored platform
-- never goes back: an offset is added to new numbers (default of column tx,
-- horizon of windows) that lifts them above every number that came along.
-- Rows that came but were not counted lie between the watermark and the
-- horizon: the next window counts them, once.

CREATE OR REPLACE FUNCTION community._tx_tables()
RETURNS SETOF text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.relname::text
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tx' AND NOT a.attisdropped AND a.atthasdef
     WHERE c.relnamespace = 'community'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY c.relname;
END;
COMMENT ON FUNCTION community._tx_tables() IS 'Tables whose rows bear the number of their transaction: partitioned logs, and journals that are not. / 行内带有事务号的表：分区日志及未分区的流水表。';

CREATE OR REPLACE FUNCTION community._log_tx_max()
RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_table text;
    v_tx bigint;
    v_max bigint;
BEGIN
    SELECT coalesce(max(watermark_tx), 0) INTO v_max FROM community.job;
    FOR v_table IN SELECT t FROM community._tx_tables() t LOOP
        EXECUTE format('SELECT max(tx) FROM community.%I', v_table) INTO v_tx;
        v_max := greatest(v_max, v_tx);
    END LOOP;
    RETURN v_max;
END
$$;
COMMENT ON FUNCTION community._log_tx_max() IS 'Greatest transaction number in any log, journal or watermark. / 全部日志、流水与水位中最大的事务号。';

CREATE OR REPLACE FUNCTION community._log_tx_lift(p_table text, p_old bigint, p_new bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_now bigint := (pg_current_xact_id()::text)::bigint;
    v_since bigint;
    v_rows bigint;
BEGIN
    -- A restore makes constraints after it has loaded the rows of all tables, so
    -- whoever is younger than this constraint was written here.
    SELECT v_now - age(c.xmin) INTO v_since
      FROM pg_constraint c
     WHERE c.conrelid = 'community.installation'::regclass AND c.contype = 'p';
    EXECUTE format('UPDATE community.%I SET tx = tx - $1 + $2
                     WHERE tx > $3 + $1 AND tx <= $4 + $1 AND age(xmin) < $4 - $3
                       AND tx - $1 <= $4 - age(xmin)', p_table)
      USING p_old, p_new, v_since, v_now;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._log_tx_lift(text, bigint, bigint) IS 'Lift the numbers of the rows that were written here before the restore was recognised; returns their number. / 提升识别出恢复之前在本处写入的行的事务号，返回行数。';

CREATE OR REPLACE FUNCTION community.after_restore()
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_here record;
    v_was community.installation;
    v_table text;
    v_max bigint;
    v_offset bigint;
    v_lifted bigint := 0;
BEGIN
    SELECT s.system_identifier, d.oid AS database_oid INTO v_here
      FROM pg_control_system() s, pg_database d
     WHERE d.datname = current_database();
    SELECT * INTO v_was FROM community.installation;
    IF v_was.system_identifier = v_here.system_identifier AND v_was.database_oid = v_here.database_oid THEN
        RETURN false;
    END IF;
    SELECT * INTO v_was FROM community.installation FOR UPDATE;
    IF v_was.system_identifier = v_here.system_identifier AND v_was.database_oid = v_here.database_oid THEN
        RETURN false;       -- another session was faster
    END IF;
    -- Nobody writes a log while numbers move.
    FOR v_table IN SELECT t FROM community._tx_tables() t LOOP
        EXECUTE format('LOCK TABLE community.%I IN SHARE ROW EXCLUSIVE MODE', v_table);
    END LOOP;
    v_max := community._log_tx_max();
    v_offset := CASE WHEN (pg_current_xact_id()::text)::bigint + v_was.tx_offset > v_max
                     THEN v_was.tx_offset ELSE v_max END;
    IF v_offset <> v_was.tx_offset THEN
        FOR v_table IN SELECT t FROM community._tx_tables() t LOOP
            v_lifted := v_lifted + community._log_tx_lift(v_table, v_was.tx_offset, v_offset);
            PERFORM community._log_default_tx(v_table, v_offset);
        END LOOP;
    END IF;
    -- One block closes over what came along.
    PERFORM community.audit_seal(v_max + 1);
    UPDATE community.installation
       SET system_identifier = v_here.system_identifier, database_oid = v_here.database_oid,
           tx_offset = v_offset, confirmed = false, restored_at = now(), confirmed_by = NULL;
    UPDATE community.job_run
       SET state = 'killed', finished_at = clock_timestamp(), error = 'was running when the copy was made'
     WHERE state = 'running';
    PERFORM community.audit_write(0, 'restore', 'installation', 'operation', v_lifted,
        jsonb_build_object('from_system', v_was.system_identifier::text, 'from_database', v_was.database_oid::text,
                           'to_system', v_here.system_identifier::text, 'to_database', v_here.database_oid::text,
                           'tx_offset', v_offset));
    RETURN true;
END
$$;
COMMENT ON FUNCTION community.after_restore() IS 'Recognise that the data woke up in another cluster or database: transaction numbers of logs go on above all that came along, so that every row is counted exactly once; the queue exchange stops until restore_confirm(); an audit entry is written. True when it was so, false when nothing had changed. run_due() and run_job() call it first. / 识别数据在另一集群或数据库中恢复：日志事务号在已有最大值之上继续，使每行恰好统计一次；exchange 队列停止直至 restore_confirm()，并写入审计。确为恢复返回 true，否则返回 false。run_due() 与 run_job() 首先调用它。';

CREATE OR REPLACE FUNCTION community.restore_confirm()
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.after_restore();
    UPDATE community.installation SET confirmed = true, confirmed_by = community.actor() WHERE NOT confirmed;
    IF NOT FOUND THEN
        PERFORM community.refuse('restore_confirmed');
    END IF;
    PERFORM community.audit_write(0, 'restore_confirm', 'installation', 'operation', 1);
END
$$;
REVOKE EXECUTE ON FUNCTION community.restore_confirm() FROM PUBLIC;
COMMENT ON FUNCTION community.restore_confirm() IS 'Confirm that this restored copy is now the original and may report to its peers: the queue exchange goes on. For administrators. Refuses restore_confirmed when nothing waits. / 确认此恢复副本即为正本、可向对端上报：exchange 队列恢复运行。限管理员使用；无待确认事项时拒绝 restore_confirmed。';
