-- The audit chain.

CREATE OR REPLACE FUNCTION community.audit_hash(
    p_community_id bigint, p_seq bigint, p_recorded_at timestamptz, p_actor text,
    p_action text, p_object text, p_purpose text, p_rows bigint, p_detail jsonb, p_prev_hash bytea)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN community.hash_fields(p_community_id::text, p_seq::text,
                             (extract(epoch FROM p_recorded_at) * 1000000)::bigint::text, p_actor,
                             p_action, p_object, p_purpose, p_rows::text, p_detail::text,
                             encode(p_prev_hash, 'hex'));
COMMENT ON FUNCTION community.audit_hash(bigint, bigint, timestamptz, text, text, text, text, bigint, jsonb, bytea) IS 'Hash of an audit entry: hash_fields over its columns, the time in microseconds since 1970, and the hash before in hex; NULLs are marked. / 审计记录的哈希：对各列、时间（1970 年以来的微秒数）及前一哈希（十六进制）计算；NULL 有标记。';

CREATE OR REPLACE FUNCTION community.audit_write(
    p_community_id bigint, p_action text, p_object text, p_purpose text,
    p_rows bigint, p_detail jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_community_id bigint := coalesce(p_community_id, 0);
    v_head community.audit_head;
    v_at timestamptz;
    v_hash bytea;
BEGIN
    SELECT * INTO v_head FROM community.audit_head WHERE community_id = v_community_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        INSERT INTO community.audit_head (community_id) VALUES (v_community_id)
        ON CONFLICT (community_id) DO NOTHING;
        SELECT * INTO v_head FROM community.audit_head WHERE community_id = v_community_id FOR NO KEY UPDATE;
    END IF;
    -- Read the clock only now that the chain is ours: numbers and times grow together.
    v_at := clock_timestamp();
    v_hash := community.audit_hash(v_community_id, v_head.seq + 1, v_at, community.actor(), p_action,
                                   p_object, p_purpose, p_rows, p_detail, v_head.hash);
    INSERT INTO community.audit_log (community_id, seq, recorded_at, actor, action, object, purpose, rows, detail, prev_hash, hash)
    VALUES (v_community_id, v_head.seq + 1, v_at, community.actor(), p_action,
            p_object, p_purpose, p_rows, p_detail, v_head.hash, v_hash);
    UPDATE community.audit_head SET seq = v_head.seq + 1, hash = v_hash WHERE community_id = v_community_id;
    RETURN v_head.seq + 1;
END
$$;
COMMENT ON FUNCTION community.audit_write(bigint, text, text, text, bigint, jsonb) IS 'Append an entry to the audit chain of a community (NULL or 0: of the installation) and return its number; writers of one chain wait for each other until they commit. 23502 when action, object, purpose or rows is NULL. / 向社区审计链（NULL 或 0 为本安装）追加一条记录并返回序号；同链写入者相互等待至提交。action、object、purpose 或 rows 为 NULL 报 23502。';

CREATE OR REPLACE FUNCTION community.audit_verify(p_community_id bigint)
RETURNS TABLE (seq bigint, problem text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_head community.audit_head;
    v_row community.audit_log;
    v_seq bigint;
    v_hash bytea;
BEGIN
    SELECT * INTO v_head FROM community.audit_head h WHERE h.community_id = p_community_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_seq := v_head.first_seq;
    v_hash := v_head.first_prev;
    FOR v_row IN SELECT * FROM community.audit_log l WHERE l.community_id = p_community_id ORDER BY l.seq LOOP
        seq := v_row.seq;
        IF v_row.seq <> v_seq THEN
            problem := format('number %s is missing', v_seq);
            RETURN NEXT;
        ELSIF v_row.prev_hash <> v_hash THEN
            problem := 'does not continue the entry before';
            RETURN NEXT;
        END IF;
        IF v_row.hash <> community.audit_hash(v_row.community_id, v_row.seq, v_row.recorded_at, v_row.actor,
                                              v_row.action, v_row.object, v_row.purpose, v_row.rows,
                                              v_row.detail, v_row.prev_hash) THEN
            problem := 'content was changed';
            RETURN NEXT;
        END IF;
        v_seq := v_row.seq + 1;
        v_hash := v_row.hash;
    END LOOP;
    IF v_seq <> v_head.seq + 1 OR v_hash <> v_head.hash THEN
        seq := v_head.seq;
        problem := 'the end of the chain is missing';
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION community.audit_verify(bigint) IS 'Check an audit chain from the first entry that retention kept; no row means that nothing was changed, removed or reordered. 0 is the chain of the installation. / 校验审计链（自仍保留的首条起）；无返回行表示未被更改、删除或调序。0 为本安装的链。';
