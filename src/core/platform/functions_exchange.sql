-- Putting messages into the outbox, and answering a command once.

CREATE OR REPLACE FUNCTION community.outbox_hash(
    p_community_id bigint, p_peer text, p_seq bigint, p_msg_id uuid,
    p_kind text, p_topic text, p_payload jsonb, p_prev_hash bytea)
RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN community.hash_fields(p_community_id::text, p_peer, p_seq::text, p_msg_id::text,
                             p_kind, p_topic, p_payload::text, encode(p_prev_hash, 'hex'));
COMMENT ON FUNCTION community.outbox_hash(bigint, text, bigint, uuid, text, text, jsonb, bytea) IS 'Hash of a message, computed alike by sender and receiver: hash_fields over community, peer, seq, msg_id, kind, topic, payload and the hash before in hex; NULLs are marked. / 消息哈希，收发双方算法一致：对社区、对端、序号、标识、类别、主题、内容及前一哈希（十六进制）计算；NULL 有标记。';

CREATE OR REPLACE FUNCTION community.outbox_put(
    p_community_id bigint, p_peer text, p_kind text, p_topic text,
    p_payload jsonb, p_msg_id uuid DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_head community.outbox_head;
    v_known community.outbox;
    v_msg_id uuid := coalesce(p_msg_id, gen_random_uuid());
    v_hash bytea;
BEGIN
    IF p_peer IS NULL OR p_topic IS NULL OR p_payload IS NULL
       OR p_kind IN ('report', 'directive', 'ack', 'share', 'notice') IS NOT TRUE THEN
        PERFORM community.refuse('message_invalid', p_kind, p_topic);
    END IF;
    SELECT * INTO v_head FROM community.outbox_head
     WHERE community_id = p_community_id AND peer = p_peer FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community._community_known(p_community_id);
        INSERT INTO community.outbox_head (community_id, peer) VALUES (p_community_id, p_peer)
        ON CONFLICT (community_id, peer) DO NOTHING;
        SELECT * INTO v_head FROM community.outbox_head
         WHERE community_id = p_community_id AND peer = p_peer FOR NO KEY UPDATE;
    END IF;
    IF p_msg_id IS NOT NULL THEN
        SELECT * INTO v_known FROM community.outbox
         WHERE community_id = p_community_id AND peer = p_peer AND msg_id = p_msg_id;
        IF FOUND THEN
            IF v_known.kind <> p_kind OR v_known.topic <> p_topic OR v_known.payload <> p_payload THEN
                PERFORM community.refuse('message_reused', p_msg_id::text);
            END IF;
            RETURN v_known.seq;
        END IF;
    END IF;
    v_hash := community.outbox_hash(p_community_id, p_peer, v_head.seq + 1, v_msg_id,
                                    p_kind, p_topic, p_payload, v_head.hash);
    INSERT INTO community.outbox (community_id, peer, seq, msg_id, kind, topic, payload, prev_hash, hash)
    VALUES (p_community_id, p_peer, v_head.seq + 1, v_msg_id, p_kind, p_topic, p_payload, v_head.hash, v_hash);
    UPDATE community.outbox_head SET seq = v_head.seq + 1, hash = v_hash
     WHERE community_id = p_community_id AND peer = p_peer;
    RETURN v_head.seq + 1;
END
$$;
COMMENT ON FUNCTION community.outbox_put(bigint, text, text, text, jsonb, uuid) IS 'Put a message to a peer at the end of the community''s chain and return its number; senders of one chain wait for each other until they commit. p_kind: report, directive, ack, share or notice. The same p_msg_id with the same content returns the first number, with other content it refuses message_reused. Also refuses message_invalid, community_unknown. / 将发往对端的消息加入社区消息链末尾并返回序号；同链发送者相互等待至提交。p_kind 为 report、directive、ack、share 或 notice。相同 p_msg_id 且内容相同返回首个序号，内容不同拒绝 message_reused。另可拒绝 message_invalid、community_unknown。';

CREATE OR REPLACE FUNCTION community.outbox_verify(p_community_id bigint, p_peer text)
RETURNS TABLE (seq bigint, problem text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_head community.outbox_head;
    v_row community.outbox;
    v_seq bigint;
    v_hash bytea;
BEGIN
    SELECT * INTO v_head FROM community.outbox_head h WHERE h.community_id = p_community_id AND h.peer = p_peer;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_seq := v_head.first_seq;
    v_hash := v_head.first_prev;
    FOR v_row IN SELECT * FROM community.outbox o
                  WHERE o.community_id = p_community_id AND o.peer = p_peer ORDER BY o.seq LOOP
        seq := v_row.seq;
        IF v_row.seq <> v_seq THEN
            problem := format('number %s is missing', v_seq);
            RETURN NEXT;
        ELSIF v_row.prev_hash <> v_hash THEN
            problem := 'does not continue the message before';
            RETURN NEXT;
        END IF;
        IF v_row.hash <> community.outbox_hash(v_row.community_id, v_row.peer, v_row.seq, v_row.msg_id,
                                               v_row.kind, v_row.topic, v_row.payload, v_row.prev_hash) THEN
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
COMMENT ON FUNCTION community.outbox_verify(bigint, text) IS 'Check the chain of messages to a peer from the first that retention kept; no row means that nothing was changed, removed or reordered. / 校验发往对端的消息链（自仍保留的首条起）；无返回行表示未被更改、删除或调序。';

CREATE OR REPLACE FUNCTION community.api_once(p_key uuid, p_function text, p_args jsonb)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_hash bytea := community.hash_fields(p_key::text, p_function, p_args::text);
    v_call community.api_call;
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', p_function);
    END IF;
    -- A call with the same key that is still running makes this one wait here.
    INSERT INTO community.api_call (actor, key, function, args_hash)
    VALUES (community.actor(), p_key, p_function, v_hash)
    ON CONFLICT (actor, key) DO NOTHING;
    IF FOUND THEN
        RETURN NULL;
    END IF;
    SELECT * INTO v_call FROM community.api_call WHERE actor = community.actor() AND key = p_key;
    IF v_call.args_hash IS DISTINCT FROM v_hash THEN
        PERFORM community.refuse('key_reused', p_key::text);
    END IF;
    IF v_call.answer IS NULL THEN
        PERFORM community.refuse('key_unanswered', p_key::text);
    END IF;
    RETURN v_call.answer;
END
$$;
COMMENT ON FUNCTION community.api_once(uuid, text, jsonb) IS 'Claim the idempotency key of a command: NULL the first time (do the work, then call api_answer), the stored answer when the same caller used it with the same function and arguments. Refuses key_reused (409) for other arguments, key_unanswered when the first call stored no answer, key_missing for a NULL key. / 领取命令的幂等键：首次返回 NULL（执行后调用 api_answer）；同一调用者以相同函数和参数重复调用时返回已存答复。参数不同拒绝 key_reused（409），首次调用未存答复拒绝 key_unanswered，键为 NULL 拒绝 key_missing。';

CREATE OR REPLACE FUNCTION community.api_answer(p_key uuid, p_answer jsonb)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    UPDATE community.api_call SET answer = coalesce(p_answer, 'null')
     WHERE actor = community.actor() AND key = p_key AND answer IS NULL;
    IF NOT FOUND THEN
        PERFORM community.refuse('key_unclaimed', p_key::text);
    END IF;
    RETURN coalesce(p_answer, 'null');
END
$$;
COMMENT ON FUNCTION community.api_answer(uuid, jsonb) IS 'Store the answer of a command whose key api_once() claimed and return it; NULL is stored as JSON null. A whole command is coalesce(api_once(key, name, arguments), api_answer(key, the work)): the work is done only for a new key. Refuses key_unclaimed when the key was not claimed or has its answer. / 保存并返回 api_once() 已领取键的命令答复；NULL 存为 JSON null。键未领取或已有答复时拒绝 key_unclaimed。';
