-- Classes of tables and columns, and the small registries of modules.

CREATE OR REPLACE FUNCTION community.classify_table(
    p_table text, p_class text, p_level text, p_purpose text, p_retention interval)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_table regclass := to_regclass(format('community.%I', p_table));
BEGIN
    IF v_table IS NULL THEN
        PERFORM community.refuse('table_unknown', p_table);
    END IF;
    INSERT INTO community.table_class (table_name, class)
    VALUES (p_table, p_class)
    ON CONFLICT (table_name) DO UPDATE SET class = excluded.class WHERE table_class.class <> excluded.class;
    DELETE FROM community.data_class d
     WHERE d.table_name = p_table
       AND NOT EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = v_table AND a.attname = d.column_name AND NOT a.attisdropped);
    INSERT INTO community.data_class (table_name, column_name, level, purpose, retention)
    SELECT p_table, a.attname, p_level, p_purpose, p_retention
      FROM pg_attribute a
     WHERE a.attrelid = v_table AND a.attnum > 0 AND NOT a.attisdropped
    ON CONFLICT (table_name, column_name) DO UPDATE
       SET level = excluded.level, purpose = excluded.purpose, retention = excluded.retention;
    -- A table that came after a restore numbers its transactions as the others do.
    PERFORM community._log_default_tx(p_table, (SELECT tx_offset FROM community.installation));
END
$$;
COMMENT ON FUNCTION community.classify_table(text, text, text, text, interval) IS 'Class a table of schema community (tenant, ref, index, local) and all of its columns; columns that no longer exist are forgotten. A NULL retention sets no limit. Call classify_columns() after it for columns that differ. Refuses table_unknown; 23514 for an unknown class or level. / 为 community 模式的表归类（tenant、ref、index、local），并为其全部列设定级别、目的和保存期限（NULL 表示不限）；已删除的列随之清除。例外列随后用 classify_columns() 设定。可拒绝 table_unknown；类别或级别非法报 23514。';

CREATE OR REPLACE FUNCTION community.classify_columns(
    p_table text, p_columns text[], p_level text, p_purpose text, p_retention interval)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_column text;
BEGIN
    FOREACH v_column IN ARRAY p_columns LOOP
        UPDATE community.data_class
           SET level = p_level, purpose = p_purpose, retention = p_retention
         WHERE table_name = p_table AND column_name = v_column;
        IF NOT FOUND THEN
            PERFORM community.refuse('column_unknown', p_table, v_column);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.classify_columns(text, text[], text, text, interval) IS 'Class some columns of a table otherwise than the table. Refuses column_unknown when the table is not classed or has no such column; 23514 for an unknown level. / 为表中部分列单独设定级别、目的和保存期限。表未归类或无此列时拒绝 column_unknown；级别非法报 23514。';

CREATE OR REPLACE FUNCTION community.register_health(p_name text, p_function text, p_module text)
RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO community.health_check (name, function, module)
    VALUES (p_name, p_function, p_module)
    ON CONFLICT (name) DO UPDATE SET function = excluded.function, module = excluded.module;
END;
COMMENT ON FUNCTION community.register_health(text, text, text) IS 'Register a check for health(): p_function is the qualified name of a function without arguments that returns TABLE(severity text, subject text, detail text), severity ok, warn or error. / 为 health() 登记检查项：p_function 为无参数函数全名，返回 TABLE(severity, subject, detail)，severity 取 ok、warn、error。';

CREATE OR REPLACE FUNCTION community.register_follower(p_topic text, p_name text, p_function text, p_module text)
RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO community.follower (topic, name, function, module)
    VALUES (p_topic, p_name, p_function, p_module)
    ON CONFLICT (topic, name) DO UPDATE SET function = excluded.function, module = excluded.module;
END;
COMMENT ON FUNCTION community.register_follower(text, text, text, text) IS 'Register a function that follows what happens to objects of a lower module: p_function is the qualified name of a function (community_id bigint, object_id bigint, event text), run in the same transaction. Topic person: events end (death, departure) and erase; a record may be told of the same event twice. / 登记跟随下层模块对象事件的函数：p_function 为 (community_id, object_id, event) 函数全名，在同一事务内执行。主题 person 的事件为 end（死亡、离市）与 erase（清除），同一事件可能重复通知。';

CREATE OR REPLACE FUNCTION community._follow(p_topic text, p_community_id bigint, p_object_id bigint, p_event text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_follower community.follower;
    v_function regproc;
BEGIN
    FOR v_follower IN SELECT * FROM community.follower f WHERE f.topic = p_topic ORDER BY f.name LOOP
        v_function := to_regproc(v_follower.function);
        IF v_function IS NULL THEN
            RAISE EXCEPTION 'function % does not exist or is not unique', v_follower.function
                USING ERRCODE = '42883';
        END IF;
        EXECUTE format('SELECT %s($1, $2, $3)', v_function) USING p_community_id, p_object_id, p_event;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community._follow(text, bigint, bigint, text) IS 'Tell the followers of a topic what happened to an object; whatever one of them raises ends the whole. 42883 when its function is not there. / 将对象事件通知该主题的跟随者；任一报错则整体中止；函数不存在报 42883。';

CREATE OR REPLACE FUNCTION community.register_grant(
    p_role text, p_kind text, p_object text, p_privilege text, p_module text)
RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO community.grant_rule (role, kind, object, privilege, module)
    VALUES (p_role, p_kind, p_object, p_privilege, p_module)
    ON CONFLICT (role, kind, object, privilege) DO NOTHING;
END;
COMMENT ON FUNCTION community.register_grant(text, text, text, text, text) IS 'Add a rule for apply_grants(): a role of the platform (or public) gets a privilege on a schema, relation or routine, or on all of them in a schema. 23514 for an unknown kind or privilege. / 为 apply_grants() 增加规则：平台角色（或 public）在模式、关系或函数上（或模式内全部对象上）获得某权限。类别或权限非法报 23514。';

CREATE OR REPLACE FUNCTION community.register_job(
    p_name text, p_queue text, p_every interval, p_window text, p_function text, p_module text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- The function may come later in the same module, so only its name is checked.
    BEGIN
        IF cardinality(parse_ident(p_function)) IS DISTINCT FROM 2 THEN
            PERFORM community.refuse('job_function_invalid', p_function, p_name);
        END IF;
    EXCEPTION WHEN invalid_parameter_value THEN
        PERFORM community.refuse('job_function_invalid', p_function, p_name);
    END;
    INSERT INTO community.job (name, queue, every, window_kind, function, module, watermark_at, watermark_tx)
    VALUES (p_name, p_queue, p_every, p_window, p_function, p_module,
            CASE WHEN p_window = 'time' THEN now() END,
            CASE WHEN p_window = 'tx' THEN 0 END)
    ON CONFLICT (name) DO UPDATE
       SET queue = excluded.queue, window_kind = excluded.window_kind,
           function = excluded.function, module = excluded.module,
           watermark_at = CASE WHEN excluded.window_kind = 'time' THEN coalesce(job.watermark_at, now()) END,
           watermark_tx = CASE WHEN excluded.window_kind = 'tx' THEN coalesce(job.watermark_tx, 0) END
     WHERE (job.queue, job.window_kind, job.function, job.module)
           <> (excluded.queue, excluded.window_kind, excluded.function, excluded.module);
END
$$;
COMMENT ON FUNCTION community.register_job(text, text, interval, text, text, text) IS 'Register a job; p_queue is rollup, exchange or upkeep. The function takes p_window = time: (timestamptz, timestamptz), tx: (bigint, bigint), both half-open, none: (timestamptz), and returns bigint, the rows done. Time windows start now, tx windows at the first row. A known job keeps its interval, watermark and state. Refuses job_function_invalid when p_function is not schema.function; 23514 for an unknown queue or window. / 登记作业；p_queue 为 rollup、exchange 或 upkeep。函数参数按 p_window：time 为两个 timestamptz，tx 为两个 bigint（均为左闭右开），none 为一个 timestamptz；返回处理行数 bigint。时间窗口自现在起，事务窗口自首行起。已有作业保留间隔、水位和状态。函数名非 模式.函数 时拒绝 job_function_invalid；队列或窗口非法报 23514。';

CREATE OR REPLACE FUNCTION community.register_log(p_table text, p_period text, p_keep interval)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_partitioned_table p
                    WHERE p.partrelid = to_regclass(format('community.%I', p_table))
                      AND p.partstrat = 'r' AND p.partnatts = 1 AND p.partdefid <> 0) THEN
        PERFORM community.refuse('log_unfit', p_table);
    END IF;
    -- The interval to keep is the city's once the row is there.
    INSERT INTO community.log_table (table_name, period, keep)
    VALUES (p_table, p_period, p_keep)
    ON CONFLICT (table_name) DO UPDATE SET period = excluded.period WHERE log_table.period <> excluded.period;
    PERFORM community._log_guard(c.oid)
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
      WHERE h.inhparent = to_regclass(format('community.%I', p_table)) AND NOT c.relrowsecurity;
END
$$;
COMMENT ON FUNCTION community.register_log(text, text, interval) IS 'Put a table that is partitioned by range of one timestamptz and has a DEFAULT partition under the care of ensure_partitions() and of the retention job. p_period: day, month or year. A known log keeps its retention. Refuses log_unfit; 23514 for an unknown period. / 将按单个 timestamptz 范围分区且有 DEFAULT 分区的表交由 ensure_partitions() 与清理作业管理。p_period 为 day、month 或 year；已登记者保留原保存期限。可拒绝 log_unfit；周期非法报 23514。';

CREATE OR REPLACE FUNCTION community._module_forget(p_module text)
RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    DELETE FROM community.job WHERE module = p_module;
    DELETE FROM community.health_check WHERE module = p_module;
    DELETE FROM community.follower WHERE module = p_module;
    DELETE FROM community.grant_rule WHERE module = p_module;
    DELETE FROM community.refusal WHERE module = p_module;
    DELETE FROM community.setting s USING community.setting_definition d WHERE d.name = s.name AND d.module = p_module;
    DELETE FROM community.setting_definition WHERE module = p_module;
    DELETE FROM community.module_state WHERE module = p_module;
    DELETE FROM community.log_table WHERE to_regclass(format('community.%I', table_name)) IS NULL;
    DELETE FROM community.data_class WHERE to_regclass(format('community.%I', table_name)) IS NULL;
    DELETE FROM community.table_class WHERE to_regclass(format('community.%I', table_name)) IS NULL;
END;
COMMENT ON FUNCTION community._module_forget(text) IS 'Forget what a module registered, after the installer dropped its objects. / 安装程序删除模块对象后，清除该模块登记的内容。';
