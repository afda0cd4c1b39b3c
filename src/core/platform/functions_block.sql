-- Sealing ordinary logs in hash blocks, and checking them.

CREATE OR REPLACE FUNCTION community.register_sealed(p_log text, p_order_by text[])
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO community.sealed_log (log, order_by) VALUES (p_log, p_order_by)
    ON CONFLICT (log) DO UPDATE SET order_by = EXCLUDED.order_by;
END;
COMMENT ON FUNCTION community.register_sealed(text, text[]) IS 'Have the job core.seal seal the rows of a log in hash blocks, ordered within a block by these columns. / 登记由 core.seal 作业封存的日志及块内次序。';

CREATE OR REPLACE FUNCTION community._block_columns(p_log text)
RETURNS text[] LANGUAGE sql STABLE
RETURN ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.format('community.%I', p_log))
                AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tx'
              ORDER BY a.attnum);
COMMENT ON FUNCTION community._block_columns(text) IS 'Columns of a log that are hashed: all but tx, which a restore may lift. / 计入哈希的列：除 tx 外全部。';

-- The texts of values must not depend on the session.
CREATE OR REPLACE FUNCTION community._block_rows(p_log text, p_columns text[], p_order_by text[], p_community_id bigint, p_from bigint, p_to bigint)
RETURNS TABLE (community_id bigint, n bigint, root bytea, first_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres'
SET timezone = 'UTC'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS $$
DECLARE
    v_table regclass := to_regclass(format('community.%I', p_log));
    v_time name := (SELECT a.attname FROM pg_partitioned_table p
                      JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                     WHERE p.partrelid = v_table);
BEGIN
    FOR community_id, n, root, first_at IN EXECUTE format(
        'SELECT l.community_id, count(*), sha256(string_agg(community.hash_fields(VARIADIC ARRAY[%s]), ''''::bytea ORDER BY %s)), %s
           FROM %s l
          WHERE l.tx >= $1 AND l.tx < $2 AND ($3 IS NULL OR l.community_id = $3)
          GROUP BY l.community_id ORDER BY l.community_id',
        (SELECT string_agg(format('l.%I::text', c), ', ' ORDER BY o) FROM unnest(p_columns) WITH ORDINALITY u (c, o)),
        (SELECT string_agg(format('l.%I', c), ', ' ORDER BY o) FROM unnest(p_order_by) WITH ORDINALITY u (c, o)),
        CASE WHEN v_time IS NULL THEN 'NULL::timestamptz' ELSE format('min(l.%I)', v_time) END, v_table)
      USING p_from, p_to, p_community_id
    LOOP
        RETURN NEXT;
    END LOOP;
END $$;
COMMENT ON FUNCTION community._block_rows(text, text[], text[], bigint, bigint, bigint) IS 'Per community (NULL: all), the number of rows of a log in a window of tx, their root hash and earliest time; the same in every session. / 各社区在事务窗口内的行数、根哈希与最早时间。';

CREATE OR REPLACE FUNCTION community._block_hash(p_block community.audit_block)
RETURNS bytea LANGUAGE sql STABLE
RETURN community.hash_fields(VARIADIC ARRAY[(p_block).log, (p_block).community_id::text, (p_block).block::text, (p_block).tx_from::text,
    (p_block).tx_to::text, (p_block).n::text, encode((p_block).root, 'hex'), encode((p_block).prev_hash, 'hex')] || (p_block).columns);
COMMENT ON FUNCTION community._block_hash(community.audit_block) IS 'Hash of a block: hash_fields over its numbers, root, hash before and columns. / 块哈希。';

CREATE OR REPLACE FUNCTION community.audit_seal(p_to bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_log community.sealed_log;
    v_columns text[];
    v_rows record;
    v_block community.audit_block;
    v_last community.audit_block;
    v_sealed bigint := 0;
BEGIN
    FOR v_log IN SELECT * FROM community.sealed_log s
                  WHERE s.tx_done < p_to AND to_regclass(format('community.%I', s.log)) IS NOT NULL
                  ORDER BY s.log FOR NO KEY UPDATE LOOP
        v_columns := community._block_columns(v_log.log);
        FOR v_rows IN SELECT * FROM community._block_rows(v_log.log, v_columns, v_log.order_by, NULL, v_log.tx_done, p_to) LOOP
            SELECT * INTO v_last FROM community.audit_block b
             WHERE b.community_id = v_rows.community_id AND b.log = v_log.log
             ORDER BY b.block DESC LIMIT 1;
            v_block.log := v_log.log;
            v_block.community_id := v_rows.community_id;
            v_block.block := COALESCE(v_last.block, 0) + 1;
            v_block.tx_from := COALESCE(v_last.tx_to, 0);
            v_block.tx_to := p_to;
            v_block.n := v_rows.n;
            v_block.columns := v_columns;
            v_block.first_at := v_rows.first_at;
            v_block.root := v_rows.root;
            v_block.prev_hash := COALESCE(v_last.hash, ''::bytea);
            v_block.hash := community._block_hash(v_block);
            v_block.sealed_at := clock_timestamp();
            INSERT INTO community.audit_block SELECT v_block.*;
            v_sealed := v_sealed + v_rows.n;
        END LOOP;
        UPDATE community.sealed_log s SET tx_done = p_to WHERE s.log = v_log.log;
    END LOOP;
    RETURN v_sealed;
END $$;
COMMENT ON FUNCTION community.audit_seal(bigint) IS 'Seal the rows of all registered logs with tx below a number that no running transaction can still write; returns how many. / 封存各登记日志中 tx 小于给定值的行，返回行数。';

CREATE OR REPLACE FUNCTION community._job_seal(p_from bigint, p_to bigint)
RETURNS bigint LANGUAGE sql
RETURN community.audit_seal(p_to);
COMMENT ON FUNCTION community._job_seal(bigint, bigint) IS 'Job core.seal: seal what was written since the last block. / 作业 core.seal：封存新写入的日志。';

CREATE OR REPLACE FUNCTION community.audit_block_verify(p_log text, p_community_id bigint)
RETURNS TABLE (block bigint, problem text) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_log community.sealed_log;
    v_block community.audit_block;
    v_rows record;
    v_kept timestamptz;
    v_no bigint := 0;
    v_to bigint := 0;
    v_hash bytea := '';
BEGIN
    SELECT * INTO v_log FROM community.sealed_log s WHERE s.log = p_log;
    IF NOT FOUND THEN
        PERFORM community.refuse('log_unsealed', p_log);
    END IF;
    SELECT now() - l.keep INTO v_kept FROM community.log_table l WHERE l.table_name = p_log;
    FOR v_block IN SELECT * FROM community.audit_block b
                    WHERE b.community_id = p_community_id AND b.log = p_log ORDER BY b.block LOOP
        block := v_block.block;
        IF v_block.block <> v_no + 1 OR v_block.tx_from <> v_to OR v_block.prev_hash <> v_hash THEN
            problem := 'does not continue the block before';
            RETURN NEXT;
        END IF;
        IF v_block.hash <> community._block_hash(v_block) THEN
            problem := 'block was changed';
            RETURN NEXT;
        END IF;
        IF v_block.first_at >= v_kept IS NOT FALSE THEN
            SELECT * INTO v_rows FROM community._block_rows(p_log, v_block.columns, v_log.order_by, p_community_id, v_block.tx_from, v_block.tx_to);
            IF COALESCE(v_rows.n, 0) <> v_block.n THEN
                problem := format('has %s rows, sealed were %s', COALESCE(v_rows.n, 0), v_block.n);
                RETURN NEXT;
            ELSIF v_rows.root <> v_block.root THEN
                problem := 'content was changed';
                RETURN NEXT;
            END IF;
        END IF;
        v_no := v_block.block;
        v_to := v_block.tx_to;
        v_hash := v_block.hash;
    END LOOP;
    -- Rows may lie behind the last block only when the job has not come that far.
    IF v_to < v_log.tx_done THEN
        SELECT * INTO v_rows FROM community._block_rows(p_log, community._block_columns(p_log), v_log.order_by, p_community_id, v_to, v_log.tx_done);
        IF v_rows.n > 0 THEN
            block := NULL;
            problem := format('%s rows in sealed time belong to no block', v_rows.n);
            RETURN NEXT;
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION community.audit_block_verify(text, bigint) IS 'Check the blocks of a log for a community against its rows; no row means that nothing sealed was changed, removed, added or reordered. Blocks older than the log is kept are checked for their chain alone. Refuses log_unsealed. / 按块校验社区日志；无返回行即未被更改、删除、添加或调序。';
