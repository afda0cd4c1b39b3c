-- Ringing the bell with pg_cron, wherever it lives, if it is there at all.

CREATE OR REPLACE FUNCTION community._cron_bells(p_here boolean)
RETURNS TABLE (job text, schedule text, command text, database text, role_name text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_queue text;
    v_suffix text := CASE WHEN p_here THEN '' ELSE format(' @ %s', current_database()) END;
BEGIN
    SELECT m.role_name INTO role_name FROM community.role_map m WHERE m.role = 'job';
    IF NOT FOUND THEN
        PERFORM community.refuse('roles_missing');
    END IF;
    RETURN NEXT;        -- no job: the role must reach pg_cron's notes to purge them
    schedule := '* * * * *';
    database := current_database();
    FOREACH v_queue IN ARRAY '{rollup,exchange,upkeep}'::text[] LOOP
        job := format('community: %s%s', v_queue, v_suffix);
        command := format('CALL community.run_due(%L)', v_queue);
        RETURN NEXT;
    END LOOP;
    IF NOT p_here THEN
        -- Retention cannot reach pg_cron's notes there.
        job := format('community: notes%s', v_suffix);
        schedule := '17 3 * * *';
        command := format('DELETE FROM cron.job_run_details WHERE username = current_user AND end_time < now() - interval %L',
                          community.setting_interval('keep_cron_run'));
        database := current_setting('cron.database_name');
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION community._cron_bells(boolean) IS 'Jobs of pg_cron that ring for this database; with p_here false pg_cron lives in another one and purges its own notes. The first row has no job, only the role. Refuses roles_missing. / 为本库报时的 pg_cron 任务；p_here 为 false 表示 pg_cron 位于他库，并自行清理记录。首行无任务，仅给出角色。可拒绝 roles_missing。';

CREATE OR REPLACE FUNCTION community._cron_database()
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF to_regprocedure('cron.schedule_in_database(text,text,text,text,text,boolean)') IS NOT NULL THEN
        RETURN current_database();
    END IF;
    IF coalesce(current_setting('cron.database_name', true), '') IN ('', current_database()) THEN
        PERFORM community.refuse('cron_absent');
    END IF;
    RETURN current_setting('cron.database_name');
END
$$;
COMMENT ON FUNCTION community._cron_database() IS 'Database where pg_cron keeps its jobs. Refuses cron_absent. / pg_cron 保存任务的数据库。可拒绝 cron_absent。';

CREATE OR REPLACE FUNCTION community._cron_remote(p_database text, p_statement text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_dblink name := (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                       WHERE e.extname = 'dblink');
BEGIN
    IF v_dblink IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT answer FROM %I.dblink($1, $2) AS t (answer text)', v_dblink)
      USING format('host=%s port=%s dbname=%s user=%s',
                   split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'),
                   quote_literal(p_database), quote_literal(current_user)), p_statement;
    RETURN true;
END
$$;
COMMENT ON FUNCTION community._cron_remote(text, text) IS 'Run a statement in the database of pg_cron over dblink; false when dblink is not installed here. / 经 dblink 在 pg_cron 的数据库中执行语句；本库未安装 dblink 时返回 false。';

CREATE OR REPLACE FUNCTION community.schedule_jobs()
RETURNS TABLE (job text, action text, statement text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_database text := community._cron_database();
    v_here boolean := v_database = current_database();
    v_bell record;
BEGIN
    FOR v_bell IN SELECT * FROM community._cron_bells(v_here) LOOP
        job := v_bell.job;
        statement := format('SELECT cron.schedule_in_database(%L, %L, %L, %L, %L)::text',
                            job, v_bell.schedule, v_bell.command, v_bell.database, v_bell.role_name);
        IF job IS NULL THEN
            statement := format('GRANT USAGE ON SCHEMA cron TO %I', v_bell.role_name);
        END IF;
        IF v_here THEN
            EXECUTE statement;
            action := CASE WHEN job IS NULL THEN 'granted' ELSE 'scheduled' END;
        ELSIF community._cron_remote(v_database, statement) THEN
            action := format('scheduled in database %s', v_database);
        ELSE
            action := format('run the statement in database %s', v_database);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.schedule_jobs() IS 'Let pg_cron call run_due() for each queue every minute, as the role job. When pg_cron lives in another database it is reached over dblink if that is installed here; else the column statement holds what to run there. The first row, without a job, gives the role job the use of its schema. Running it again changes nothing. For superusers. Refuses cron_absent, roles_missing. / 由 pg_cron 以 job 角色每分钟对各队列调用 run_due()。pg_cron 位于他库时，本库装有 dblink 则经其登记，否则 statement 列给出须在该库执行的语句。首行（无任务名）授予 job 角色使用 pg_cron 模式的权限。可重复执行，限超级用户。可拒绝 cron_absent、roles_missing。';

CREATE OR REPLACE FUNCTION community.unschedule_jobs()
RETURNS TABLE (job text, action text, statement text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_database text := community._cron_database();
    v_here boolean := v_database = current_database();
BEGIN
    FOR job IN SELECT b.job FROM community._cron_bells(v_here) b WHERE b.job IS NOT NULL LOOP
        statement := format('SELECT cron.unschedule(jobid)::text FROM cron.job WHERE jobname = %L', job);
        IF v_here THEN
            EXECUTE statement;
            action := 'unscheduled';
        ELSIF community._cron_remote(v_database, statement) THEN
            action := format('unscheduled in database %s', v_database);
        ELSE
            action := format('run the statement in database %s', v_database);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.unschedule_jobs() IS 'Take back what schedule_jobs() scheduled; for a pg_cron in another database as there. Does nothing when nothing is scheduled. Refuses cron_absent, roles_missing. / 撤销 schedule_jobs() 登记的任务；pg_cron 位于他库时处理方式相同。未登记则无动作。可拒绝 cron_absent、roles_missing。';
