-- Partitions of logs: made ahead, filled from the DEFAULT partition when rows
-- came first, dropped when their time is over.

CREATE OR REPLACE FUNCTION community._log_default_tx(p_table text, p_offset bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_table regclass := to_regclass(format('community.%I', p_table));
    v_default text := '(pg_current_xact_id()::text)::bigint';
BEGIN
    IF p_offset > 0 THEN
        v_default := format('((pg_current_xact_id()::text)::bigint + %s::bigint)', p_offset);
    ELSIF NOT EXISTS (
        SELECT FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid = v_table AND a.attname = 'tx' AND pg_get_expr(d.adbin, d.adrelid) LIKE '%+%') THEN
        RETURN;     -- the default that the step made is the right one
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = v_table AND attname = 'tx' AND NOT attisdropped) THEN
        EXECUTE format('ALTER TABLE %s ALTER COLUMN tx SET DEFAULT %s', v_table, v_default);
    END IF;
END
$$;
COMMENT ON FUNCTION community._log_default_tx(text, bigint) IS 'Make the default of a log''s column tx add this offset, on its partitions too; logs without tx are left alone. / 使日志 tx 列（含各分区）的默认值加上此偏移量；无 tx 列者不变。';

CREATE OR REPLACE FUNCTION community._log_guard(p_partition regclass)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- Policies of the parent do not hold for a partition that is read by its own name.
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_partition);
    EXECUTE format('COMMENT ON TABLE %s IS %L', p_partition,
                   (SELECT format('Partition of %1$s; read %1$s instead. / %1$s 的分区，请查询 %1$s。', h.inhparent::regclass)
                      FROM pg_inherits h WHERE h.inhrelid = p_partition));
END
$$;
COMMENT ON FUNCTION community._log_guard(regclass) IS 'Let nobody but the owner read a partition directly, and say what it is. / 禁止归属角色以外者直接读取分区，并加注释。';

CREATE OR REPLACE FUNCTION community._period_start(p_period text, p_at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN date_trunc(p_period, p_at, 'UTC');
COMMENT ON FUNCTION community._period_start(text, timestamptz) IS 'Start of the partition (day, month, year in UTC) that holds a moment; NULL for NULL. / 某时刻所在分区（UTC 日、月、年）的起点；NULL 返回 NULL。';

-- Bounds pass through text: in other styles the name of a zone is ambiguous.
CREATE OR REPLACE FUNCTION community._log_partition(p_table text, p_period text, p_start timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET datestyle = 'ISO'
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_parent regclass := format('community.%I', p_table);
    v_utc timestamp := p_start AT TIME ZONE 'UTC';
    v_end timestamptz := (v_utc + ('1 ' || p_period)::interval) AT TIME ZONE 'UTC';
    v_name text := p_table || '_' || to_char(v_utc, CASE p_period WHEN 'day' THEN 'YYYYMMDD' WHEN 'month' THEN 'YYYYMM' ELSE 'YYYY' END);
    v_default regclass;
    v_column name;
    v_waiting boolean;
BEGIN
    IF to_regclass(format('community.%I', v_name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- One maker at a time: the second finds the partition made.
    EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', v_parent);
    IF to_regclass(format('community.%I', v_name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    SELECT p.partdefid::regclass, a.attname INTO v_default, v_column
      FROM pg_partitioned_table p
      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
     WHERE p.partrelid = v_parent;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_default);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I >= $1 AND %I < $2)', v_default, v_column, v_column)
       INTO v_waiting USING p_start, v_end;
    IF v_waiting THEN
        EXECUTE format('CREATE TABLE community.%I (LIKE %s INCLUDING ALL)', v_name, v_parent);
        EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %I >= $1 AND %I < $2 RETURNING *) INSERT INTO community.%I SELECT * FROM moved',
                       v_default, v_column, v_column, v_name)
          USING p_start, v_end;
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION community.%I FOR VALUES FROM (%L) TO (%L)',
                       v_parent, v_name, p_start, v_end);
    ELSE
        EXECUTE format('CREATE TABLE community.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                       v_name, v_parent, p_start, v_end);
    END IF;
    PERFORM community._log_guard(format('community.%I', v_name)::regclass);
    RETURN true;
END
$$;
COMMENT ON FUNCTION community._log_partition(text, text, timestamptz) IS 'Make one partition of a log; rows of its time that wait in the DEFAULT partition move into it. False when it was there. / 建立日志的一个分区，并将 DEFAULT 分区中属于该时段的行移入；已存在返回 false。';

CREATE OR REPLACE FUNCTION community.ensure_partitions(
    p_from timestamptz, p_to timestamptz, p_table text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_log community.log_table;
    v_start timestamptz;
    v_made bigint := 0;
    v_most bigint := community.setting_int('partitions_most');
    v_asked bigint;
BEGIN
    IF NOT (isfinite(p_from) AND isfinite(p_to) AND p_from <= p_to) IS TRUE THEN
        PERFORM community.refuse('period_invalid', p_from::text, p_to::text);
    END IF;
    -- Each stays locked to the end of the transaction.
    SELECT ceil(sum(extract(epoch FROM p_to - p_from) / extract(epoch FROM ('1 ' || l.period)::interval) + 1)) INTO v_asked
      FROM community.log_table l
     WHERE p_table IS NULL OR l.table_name = p_table;
    IF v_asked IS NULL AND p_table IS NOT NULL THEN
        PERFORM community.refuse('log_unknown', p_table);
    ELSIF v_asked > v_most THEN
        PERFORM community.refuse('partitions_too_many', v_asked::text, p_from::text, p_to::text, v_most::text);
    END IF;
    FOR v_log IN SELECT * FROM community.log_table
                  WHERE p_table IS NULL OR table_name = p_table ORDER BY table_name LOOP
        v_start := community._period_start(v_log.period, p_from);
        WHILE v_start <= p_to LOOP
            v_made := v_made + community._log_partition(v_log.table_name, v_log.period, v_start)::integer;
            v_start := (v_start AT TIME ZONE 'UTC' + ('1 ' || v_log.period)::interval) AT TIME ZONE 'UTC';
        END LOOP;
    END LOOP;
    RETURN v_made;
END
$$;
COMMENT ON FUNCTION community.ensure_partitions(timestamptz, timestamptz, text) IS 'Make every missing partition of all logs (or of p_table) from the one that holds p_from to the one that holds p_to; returns their number. Call it before an import of old or future rows. Refuses period_invalid, log_unknown, and partitions_too_many when there would be more than the setting partitions_most. / 为全部日志（或 p_table）补齐自 p_from 至 p_to 的分区，返回新建数目；导入历史或未来数据前调用。可拒绝 period_invalid、log_unknown、partitions_too_many。';

CREATE OR REPLACE FUNCTION community.log_partitions(p_table text)
RETURNS TABLE (partition regclass, starts timestamptz, ends timestamptz)
LANGUAGE plpgsql STABLE
SET datestyle = 'ISO'
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT c.oid::regclass,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)''\)'))[1]::timestamptz,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz
      FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
     WHERE h.inhparent = to_regclass(format('community.%I', p_table))
     ORDER BY 2 NULLS LAST;
END
$$;
COMMENT ON FUNCTION community.log_partitions(text) IS 'Partitions of a log with their bounds [starts, ends); both are NULL for the DEFAULT partition. / 日志的分区及其界限 [starts, ends)；DEFAULT 分区两者为 NULL。';

CREATE OR REPLACE FUNCTION community._job_partitions(p_now timestamptz)
RETURNS bigint
LANGUAGE sql VOLATILE
RETURN community.ensure_partitions(p_now, p_now + community.setting_interval('partitions_ahead'));
COMMENT ON FUNCTION community._job_partitions(timestamptz) IS 'Job core.partitions: make the partitions of the time ahead. / 作业 core.partitions：提前建立分区。';
