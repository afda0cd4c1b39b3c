-- What needs the attention of a DBA.

CREATE OR REPLACE FUNCTION community.health()
RETURNS TABLE (check_name text, severity text, subject text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_check community.health_check;
    v_function regproc;
BEGIN
    FOR v_check IN SELECT * FROM community.health_check ORDER BY name LOOP
        check_name := v_check.name;
        v_function := to_regproc(v_check.function);
        BEGIN
            IF v_function IS NULL THEN
                RAISE EXCEPTION 'function % does not exist or is not unique', v_check.function
                    USING ERRCODE = '42883';
            END IF;
            FOR severity, subject, detail IN EXECUTE format('SELECT severity, subject, detail FROM %s()', v_function) LOOP
                RETURN NEXT;
            END LOOP;
            IF NOT FOUND THEN
                severity := 'ok';
                subject := NULL;
                detail := NULL;
                RETURN NEXT;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            severity := 'error';
            subject := v_check.function;
            detail := SQLERRM;
            RETURN NEXT;
        END;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION community.health() FROM PUBLIC;
COMMENT ON FUNCTION community.health() IS 'Run every registered check: one row ok for a check that finds nothing, else a row (warn or error) for each finding; a check that fails is itself an error. Changes nothing and runs on a standby too. / 执行全部登记的检查：无发现的检查返回一行 ok，否则每个发现一行（warn 或 error）；检查本身出错记为 error。不更改数据，备库亦可执行。';

CREATE OR REPLACE FUNCTION community._health_jobs()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'error', j.name, format('function %s does not exist or is not unique', j.function)
      FROM community.job j
     WHERE j.enabled AND to_regproc(j.function) IS NULL
    UNION ALL
    SELECT CASE WHEN j.attempts >= 3 THEN 'error' ELSE 'warn' END, j.name,
           format('%s tries without success, next at %s: %s', j.attempts, j.next_run, coalesce(j.last_error, 'running'))
      FROM community.job j
     WHERE j.enabled AND j.attempts > 0 AND j.last_error IS NOT NULL
    UNION ALL
    SELECT 'warn', j.name,
           format(CASE WHEN j.last_success IS NULL AND j.attempts = 0 THEN 'has never run: does anything call run_due(''%s'')?'
                       ELSE 'due since %2$s: does anything call run_due(''%1$s'')?' END, j.queue, j.next_run)
      FROM community.job j
     WHERE j.enabled AND j.next_run < now() - community.setting_interval('job_late')
       AND NOT EXISTS (SELECT FROM community.job_run r WHERE r.job_name = j.name AND r.state = 'running')
       AND (j.queue <> 'exchange' OR (SELECT i.confirmed FROM community.installation i))
    UNION ALL
    SELECT 'warn', j.name, format('is not due before %s: was it run with a p_now of days to come?', j.next_run)
      FROM community.job j
     WHERE j.enabled AND j.next_run > now() + j.every + community.setting_interval('job_backoff_max')
    UNION ALL
    SELECT 'warn', r.job_name, format('runs since %s in process %s, and its queue with it', r.started_at, r.pid)
      FROM community.job_run r JOIN pg_stat_activity a
        ON a.pid = r.pid AND coalesce(a.backend_start = r.backend_start, true)
     WHERE r.state = 'running' AND r.started_at < clock_timestamp() - community.setting_interval('job_long')
    UNION ALL
    SELECT 'warn', r.job_name, format('run %s ended with its session %s and is not yet recorded as killed', r.run_id, r.pid)
      FROM community.job_run r
     WHERE r.state = 'running'
       AND NOT EXISTS (SELECT FROM pg_stat_activity a
                        WHERE a.pid = r.pid AND coalesce(a.backend_start = r.backend_start, true));
END;
COMMENT ON FUNCTION community._health_jobs() IS 'Check jobs: late, put off too far, failing, running for longer than the setting job_long, killed, or without their function. / 检查作业：迟延、推后过久、失败、运行时间超过设置 job_long、被终止或缺少函数。';

CREATE OR REPLACE FUNCTION community._health_restore()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn', 'restored copy',
           CASE WHEN i.confirmed
                THEN 'this is a copy that has not been recognised yet: run any queue, or after_restore()'
                ELSE format('this copy was restored on %s and does not report until restore_confirm()', i.restored_at) END
      FROM community.installation i, pg_control_system() s, pg_database d
     WHERE d.datname = current_database()
       AND (NOT i.confirmed OR i.system_identifier <> s.system_identifier OR i.database_oid <> d.oid);
END;
COMMENT ON FUNCTION community._health_restore() IS 'Check copies: restored and not yet confirmed as the original. / 检查副本：已恢复但尚未确认为正本。';

CREATE OR REPLACE FUNCTION community._health_default()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE plpgsql STABLE
SET datestyle = 'ISO'
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_log community.log_table;
    v_default regclass;
    v_column name;
    v_first timestamptz;
    v_last timestamptz;
BEGIN
    severity := 'warn';
    FOR v_log IN SELECT * FROM community.log_table ORDER BY table_name LOOP
        SELECT p.partdefid::regclass, a.attname INTO v_default, v_column
          FROM pg_partitioned_table p
          JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
         WHERE p.partrelid = to_regclass(format('community.%I', v_log.table_name));
        EXECUTE format('SELECT min(%I), max(%I) FROM %s', v_column, v_column, v_default) INTO v_first, v_last;
        IF v_first IS NOT NULL THEN
            subject := v_default::text;
            detail := format('rows from %s to %s wait here: SELECT community.ensure_partitions(%L, %L)',
                             v_first, v_last, v_first, v_last);
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community._health_default() IS 'Check DEFAULT partitions of logs: rows there had no partition of their own. / 检查日志的 DEFAULT 分区：其中的行没有对应分区。';

CREATE OR REPLACE FUNCTION community._health_partitions()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN p.last IS NULL OR p.last <= now() THEN 'error' ELSE 'warn' END, p.table_name,
           format('partitions end at %s', coalesce(p.last::text, 'none'))
      FROM (SELECT l.table_name, l.period, (SELECT max(p.ends) FROM community.log_partitions(l.table_name) p) AS last
              FROM community.log_table l) p
     WHERE p.last IS NULL
        OR p.last < now() + least(community.setting_interval('partitions_ahead') / 2, interval '14 days');
END;
COMMENT ON FUNCTION community._health_partitions() IS 'Check that logs have partitions for the time ahead: error when there is none for now. / 检查日志是否有未来分区：当前时段无分区为 error。';

CREATE OR REPLACE FUNCTION community._health_outbox()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn', o.peer, format('%s messages unsent, the oldest since %s, last error: %s',
                                  count(*), min(o.put_at), coalesce(max(o.error), 'none'))
      FROM community.outbox o
     WHERE o.sent_at IS NULL
     GROUP BY o.peer
    HAVING min(o.put_at) < now() - community.setting_interval('outbox_late');
END;
COMMENT ON FUNCTION community._health_outbox() IS 'Check the outbox: messages unsent for longer than the setting outbox_late. / 检查发件箱：未发送时间超过设置 outbox_late 的消息。';

CREATE OR REPLACE FUNCTION community._health_horizon()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn', format('process %s', a.pid),
           format('%s in database %s (%s) holds the horizon since %s: rollups and vacuum wait',
                  a.usename, a.datname, coalesce(a.application_name, ''), a.xact_start)
      FROM pg_stat_activity a
     WHERE (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
       AND a.pid <> pg_backend_pid()
       AND a.xact_start < now() - community.setting_interval('horizon_late')
    UNION ALL
    SELECT 'warn', format('prepared transaction %s', x.gid),
           format('%s in database %s holds the horizon since %s', x.owner, x.database, x.prepared)
      FROM pg_prepared_xacts x
     WHERE x.prepared < now() - community.setting_interval('horizon_late');
END;
COMMENT ON FUNCTION community._health_horizon() IS 'Check who holds back the transaction horizon, in any database, for longer than the setting horizon_late. / 检查任一数据库中占用事务边界超过设置 horizon_late 的会话。';

CREATE OR REPLACE FUNCTION community._health_roles()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A dump without --create, and a copy by template, hold neither rights on the
    -- database itself nor settings of roles within it.
    WITH here AS (
        SELECT d.oid, d.datname, d.datacl, d.datdba, (SELECT left(m.role_name, -length('community_' || m.role)) FROM community.role_map m LIMIT 1) AS prefix
          FROM pg_database d
         WHERE d.datname = current_database() AND EXISTS (SELECT FROM community.role_map)
    )
    SELECT 'error', h.datname::text, format('everybody may make temporary tables here: a superuser should call setup_roles(%L) again', h.prefix)
      FROM here h
     WHERE EXISTS (SELECT FROM aclexplode(coalesce(h.datacl, acldefault('d', h.datdba))) x WHERE x.grantee = 0 AND x.privilege_type IN ('CREATE', 'TEMPORARY'))
    UNION ALL
    SELECT 'error', h.datname::text, format('parameters of statements may be logged here: a superuser should call setup_roles(%L) again', h.prefix)
      FROM here h
     WHERE NOT EXISTS (SELECT FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
                        WHERE s.setdatabase = h.oid AND s.setrole = 0 AND c.setting = 'log_parameter_max_length=0')
    UNION ALL
    SELECT 'warn', m.role_name::text, format('this role has no search_path of its own here: a superuser should call setup_roles(%L) again', h.prefix)
      FROM here h
      JOIN community.role_map m ON NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
                                                WHERE s.setdatabase = h.oid AND r.rolname = m.role_name AND c.setting LIKE 'search_path=%');
END;
COMMENT ON FUNCTION community._health_roles() IS 'Check what setup_roles() set on the database itself: nobody else makes temporary tables, parameters are not logged, roles find the platform. A dump does not hold it. / 检查 setup_roles() 在数据库上的设置：禁止公众建临时表、不记录参数、角色可找到平台；转储不含这些。';
