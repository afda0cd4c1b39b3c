-- The life of a card.

CREATE OR REPLACE FUNCTION community.card_state_at(
    p_state text, p_state_until timestamptz, p_expires timestamptz, p_at timestamptz)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_state NOT IN ('issued', 'active', 'temp_lost', 'frozen') THEN p_state
            WHEN p_expires <= p_at THEN 'expired'
            WHEN p_state = 'temp_lost' AND p_state_until <= p_at THEN 'active'
            ELSE p_state END;
COMMENT ON FUNCTION community.card_state_at(text, timestamptz, timestamptz, timestamptz) IS 'State of a card at a time: a temporary loss ends by itself exactly at its time, and so does the validity, whether a job ran or not. / 某时刻的卡状态：临时挂失与有效期到时自动改变，与作业是否运行无关。';

CREATE OR REPLACE FUNCTION community.card_event(
    p_community_id bigint, p_card_id bigint, p_event text, p_reason text DEFAULT NULL, p_until timestamptz DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_state text;
    v_to text;
BEGIN
    PERFORM community.require_capability(CASE WHEN p_event IN ('freeze', 'release') THEN 'card_authority' ELSE 'card' END, p_community_id);
    v_card := community._card_lock_issuer(p_community_id, p_card_id);
    v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, now());
    v_to := CASE
        WHEN p_event = 'produce' AND v_state = 'applied' THEN 'produced'
        WHEN p_event = 'activate' AND v_state = 'issued' THEN 'active'
        WHEN p_event = 'lose_temp' AND v_state = 'active' THEN 'temp_lost'
        WHEN p_event = 'found' AND v_state = 'temp_lost' THEN 'active'
        WHEN p_event = 'lose' AND v_state IN ('active', 'temp_lost', 'frozen') THEN 'lost'
        WHEN p_event = 'freeze' AND v_state IN ('active', 'issued', 'temp_lost') THEN 'frozen'
        WHEN p_event = 'release' AND v_state = 'frozen' THEN 'active'
        WHEN p_event = 'cancel' AND v_state NOT IN ('cancelled', 'replaced') THEN 'cancelled'
        END;
    IF v_to IS NULL THEN
        PERFORM community.refuse('card_transition', coalesce(p_event, 'NULL'), v_state);
    END IF;
    IF p_event = 'lose_temp' AND (p_until IS NULL OR p_until <= now()
       OR p_until > now() + community.setting_interval('card_temp_loss', p_community_id)) THEN
        PERFORM community.refuse('temp_loss_time', community.setting_value('card_temp_loss', p_community_id), coalesce(p_until::text, 'NULL'));
    END IF;
    IF p_event = 'cancel' THEN
        PERFORM community._card_purse_empty(v_card);
    END IF;
    UPDATE community.card c
       SET state = v_to, state_until = CASE WHEN p_event = 'lose_temp' THEN p_until END, changed_at = now()
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    PERFORM community._card_log(v_card, p_event, v_to, p_reason);
    RETURN v_to;
END
$$;
COMMENT ON FUNCTION community.card_event(bigint, bigint, text, text, timestamptz) IS 'Let something happen to a card and return its new state: produce, activate, lose_temp (until p_until, then it is active again), found, lose (final), freeze and release (capability card_authority), cancel (its purse must be empty). Other events need the capability card. Refuses card_transition, temp_loss_time, card_purse, card_unknown, capability_missing. / 执行卡事件并返回新状态：制卡、激活、临时挂失、解挂、正式挂失、冻结与解冻、注销（钱包须为零）。';

CREATE OR REPLACE FUNCTION community._card_purse_money(p_card community.card)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_purse community.account;
BEGIN
    IF p_card.purse_id IS NOT NULL THEN
        v_purse := community._account_lock(p_card.community_id, p_card.purse_id);
        IF v_purse.credits_posted <> v_purse.debits_posted OR v_purse.debits_pending + v_purse.credits_pending > 0 THEN
            RETURN v_purse.credits_posted - v_purse.debits_posted;
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._card_purse_money(community.card) IS 'Lock the purse of a card and return its balance in fen; NULL when there is none or nothing is in it or held. / 锁定卡的钱包并返回余额（分）；无钱包或无余额与冻结为 NULL。';

CREATE OR REPLACE FUNCTION community._card_purse_empty(p_card community.card)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_money bigint := community._card_purse_money(p_card);
BEGIN
    IF v_money IS NOT NULL THEN
        PERFORM community.refuse('card_purse', p_card.card_id::text, v_money::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._card_purse_empty(community.card) IS 'Refuse card_purse unless the purse of the card is empty. / 钱包未清零则拒绝 card_purse。';

CREATE OR REPLACE FUNCTION community.card_issue(p_community_id bigint, p_card_id bigint)
RETURNS TABLE (card_no text, credential text, qr text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_card community.card;
    v_credential community.credential;
    v_suite text;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock_issuer(p_community_id, p_card_id);
    IF v_card.state <> 'produced' THEN
        PERFORM community.refuse('card_transition', 'issue', v_card.state);
    END IF;
    SELECT i.suite INTO v_suite FROM community.card_issuer i WHERE i.issuer = v_card.issuer;
    v_credential := community.credential_issue(v_card.issuer, v_card.card_no, v_card.holder, v_card.generation,
        v_card.applications, v_card.not_before, v_card.expires, v_card.card_index, v_card.zones, v_suite);
    UPDATE community.card c
       SET state = 'issued', credential_hash = sha256(v_credential::bytea), changed_at = now()
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    PERFORM community._card_log(v_card, 'issue', 'issued');
    RETURN QUERY SELECT v_card.card_no::text, v_credential::text, community.credential_qr(v_credential);
END
$$;
COMMENT ON FUNCTION community.card_issue(bigint, bigint) IS 'Hand a produced card out: its credential as text and for a QR code, this once; only its hash is kept. Needs the capability card. Refuses card_transition, card_unknown, capability_missing; 55000 without a key. / 发放已制作的卡，凭证只返回这一次，库中仅存哈希。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_unsigned(p_community_id bigint, p_card_id bigint, p_key_id integer)
RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_suite text;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    SELECT * INTO v_card FROM community.card c WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('card_unknown', coalesce(p_card_id::text, 'NULL'));
    END IF;
    IF v_card.state <> 'produced' THEN
        PERFORM community.refuse('card_transition', 'issue', v_card.state);
    END IF;
    SELECT i.suite INTO v_suite FROM community.card_issuer i WHERE i.issuer = v_card.issuer;
    RETURN community.credential_unsigned(v_card.issuer, v_card.card_no, v_card.holder, v_card.generation, v_card.applications,
        v_card.not_before, v_card.expires, v_card.card_index, v_card.zones, v_suite, p_key_id);
END
$$;
COMMENT ON FUNCTION community.card_unsigned(bigint, bigint, integer) IS 'The bytes of a produced card that a signer outside the server signs with a key; card_issue_signed() takes them with the signature. Needs the capability card. Refuses card_transition, card_unknown, capability_missing. / 已制作卡待外部签名器签名的字节，连同签名交 card_issue_signed()。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_issue_signed(p_community_id bigint, p_card_id bigint, p_signed bytea)
RETURNS TABLE (card_no text, credential text, qr text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_card community.card;
    v_credential community.credential;
    v_key integer;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock_issuer(p_community_id, p_card_id);
    IF v_card.state <> 'produced' THEN
        PERFORM community.refuse('card_transition', 'issue', v_card.state);
    END IF;
    BEGIN
        v_credential := p_signed::community.credential;
        v_key := (community.credential_claims(v_credential)).key_id;
    EXCEPTION WHEN invalid_binary_representation THEN
        PERFORM community.refuse('card_signature');
    END;
    -- The same claims to the byte, and a signature that the ring's public half verifies.
    IF v_credential IS NULL
       OR substr(p_signed, 1, octet_length(p_signed) - 64) <> community.card_unsigned(p_community_id, p_card_id, v_key)
       OR community.credential_verify(v_credential, v_card.not_before + interval '1 minute') NOT IN ('ok', 'expired') THEN
        PERFORM community.refuse('card_signature');
    END IF;
    UPDATE community.card c
       SET state = 'issued', credential_hash = sha256(p_signed), changed_at = now()
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    PERFORM community._card_log(v_card, 'issue', 'issued', 'signed outside');
    RETURN QUERY SELECT v_card.card_no::text, v_credential::text, community.credential_qr(v_credential);
END
$$;
COMMENT ON FUNCTION community.card_issue_signed(bigint, bigint, bytea) IS 'Hand a produced card out with a signature made outside: the bytes of card_unsigned() and 64 more. Needs the capability card. Refuses card_signature unless it is that card''s and verifies, card_transition, card_unknown, capability_missing. / 以外部签名发卡：card_unsigned() 的字节加 64 字节签名，须与该卡一致且验签通过。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_replace(p_community_id bigint, p_card_id bigint, p_reason text DEFAULT NULL)
RETURNS TABLE (card_id bigint, card_no text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_card community.card;
    v_issuer community.card_issuer;
    v_state text;
    v_id bigint := nextval('community.card_seq');
    v_no community.cardno;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock_issuer(p_community_id, p_card_id);
    v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, now());
    IF v_state NOT IN ('lost', 'expired', 'frozen') THEN
        PERFORM community.refuse('card_transition', 'replace', v_state);
    END IF;
    -- Somebody may have applied for a new card since: the issuer is locked, so
    -- nobody does now.
    IF EXISTS (SELECT FROM community.card c
                WHERE c.community_id = p_community_id AND c.person_id = v_card.person_id AND c.kind = v_card.kind AND c.card_id <> p_card_id
                  AND c.state IN ('applied', 'produced', 'issued', 'active', 'temp_lost', 'frozen')) THEN
        PERFORM community.refuse('card_live', v_card.kind);
    END IF;
    UPDATE community.card_issuer i
       SET next_index = i.next_index + 1, changed_at = clock_timestamp()
     WHERE i.issuer = v_card.issuer
    RETURNING i.* INTO v_issuer;
    v_no := community.cardno_new(v_issuer.region, nextval('community.card_serial_seq'));
    -- The old card first, so that there is one live card at any time; the purse
    -- follows in the same transaction.
    UPDATE community.card c
       SET state = 'replaced', state_until = NULL, replaced_by = v_id, purse_id = NULL, changed_at = now()
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    INSERT INTO community.card (community_id, card_id, number_key, card_no, issuer, card_index, person_id, holder, kind, generation,
                                applications, zones, not_before, expires, purse_id)
    VALUES (p_community_id, v_id, v_no::bigint, v_no, v_card.issuer, v_issuer.next_index - 1, v_card.person_id, v_card.holder,
            v_card.kind, v_card.generation + 1, v_card.applications, v_card.zones, now(),
            greatest(v_card.expires, now() + (v_card.expires - v_card.not_before)), v_card.purse_id);
    INSERT INTO community.card_index (number_key, community_id, card_id) VALUES (v_no::bigint, p_community_id, v_id);
    INSERT INTO community.card_app (community_id, card_id, application, state)
    SELECT a.community_id, v_id, a.application, a.state
      FROM community.card_app a
     WHERE a.community_id = p_community_id AND a.card_id = p_card_id;
    PERFORM community._card_log(v_card, 'replace', 'replaced', p_reason);
    INSERT INTO community.card_log (community_id, card_id, event, to_state, actor, reason)
    VALUES (p_community_id, v_id, 'apply', 'applied', community.actor(), 'replaces ' || p_card_id);
    RETURN QUERY SELECT v_id, v_no::text;
END
$$;
COMMENT ON FUNCTION community.card_replace(bigint, bigint, text) IS 'Replace a lost, expired or frozen card: a new number, the next generation, the same holder, applications and purse. The new card is applied for and goes its own way. Needs the capability card. Refuses card_live when the person has applied for another one, card_transition, card_unknown, capability_missing. / 补换已挂失、到期或冻结的卡：新卡号、代数加一，持卡人、应用与钱包不变。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_purse_open(p_community_id bigint, p_card_id bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_purse bigint;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock(p_community_id, p_card_id);
    IF v_card.purse_id IS NOT NULL THEN
        RETURN v_card.purse_id;
    END IF;
    v_purse := community.account_of(p_community_id, 'CNY', 'purse', CASE WHEN v_card.person_id IS NULL THEN 'card' ELSE 'person' END,
                                    coalesce(v_card.person_id, p_card_id));
    IF v_purse IS NULL THEN
        v_purse := community.account_open(p_community_id, 'CNY', 'purse', CASE WHEN v_card.person_id IS NULL THEN 'card' ELSE 'person' END,
                                          coalesce(v_card.person_id, p_card_id));
    END IF;
    UPDATE community.card c SET purse_id = v_purse
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    RETURN v_purse;
END
$$;
COMMENT ON FUNCTION community.card_purse_open(bigint, bigint) IS 'Give a card its purse, that of its holder when there is one, and return the number of the account. Needs the capabilities card and account. Refuses card_unknown, capability_missing. / 为卡开通钱包（持卡人已有则沿用）并返回账户编号。需要 card 与 account 权限。';

CREATE OR REPLACE FUNCTION community._job_card_lapse(p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_to text;
    v_rows bigint := 0;
BEGIN
    -- Issuers before cards, as everywhere.
    PERFORM FROM community.card_issuer i
     WHERE i.community_id IN (
            SELECT c.community_id FROM community.card c WHERE c.state = 'temp_lost' AND c.state_until <= p_now
             UNION
            SELECT c.community_id FROM community.card c
             WHERE c.state IN ('issued', 'active', 'temp_lost', 'frozen') AND c.expires <= p_now)
     ORDER BY i.issuer
       FOR NO KEY UPDATE;
    FOR v_card IN
        SELECT c.*
          FROM community.card c
         WHERE (c.state = 'temp_lost' AND c.state_until <= p_now)
            OR (c.state IN ('issued', 'active', 'temp_lost', 'frozen') AND c.expires <= p_now)
         ORDER BY c.community_id, c.card_id
         LIMIT 10000
           FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        v_to := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, p_now);
        UPDATE community.card c SET state = v_to, state_until = NULL, changed_at = p_now
         WHERE c.community_id = v_card.community_id AND c.card_id = v_card.card_id;
        PERFORM community._card_log(v_card, CASE v_to WHEN 'expired' THEN 'expire' ELSE 'found_by_time' END, v_to);
        v_rows := v_rows + 1;
    END LOOP;
    DELETE FROM community.pin_attempt a WHERE a.at < p_now - interval '30 days';
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_card_lapse(timestamptz) IS 'Job: write down losses and validities that ended by time, and forget old PIN attempts; returns the number of cards. / 作业：落实到时的挂失与有效期，清理旧密码尝试；返回卡数。';
