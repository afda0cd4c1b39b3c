-- What commands the ledger takes.

CREATE OR REPLACE FUNCTION community.ledger_transfer(
    p_key uuid, p_community_id bigint, p_debit_id bigint, p_credit_id bigint, p_amount bigint,
    p_code text DEFAULT 'payment', p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_rule community.fee_rule;
    v_fee bigint := 0;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF community._account_fenced(p_debit_id) THEN
        PERFORM community.refuse('account_fenced', p_debit_id::text, coalesce(p_code, 'NULL'));
    END IF;
    SELECT f.* INTO v_rule
      FROM community.fee_rule f
      JOIN community.account a ON a.community_id = f.community_id AND a.currency = f.currency
     WHERE f.community_id = p_community_id AND f.code = p_code
       AND a.account_id = p_credit_id AND a.kind = 'merchant' AND a.account_id <> f.fee_account_id;
    IF FOUND AND p_amount > 0 THEN
        -- A repeated command keeps the fee that it had.
        SELECT t.amount INTO v_fee
          FROM community.transfer t
         WHERE t.community_id = p_community_id AND t.actor = community.actor()
           AND t.key = community._ledger_key(p_key, 'fee');
        IF NOT FOUND AND EXISTS (SELECT FROM community.transfer t
             WHERE t.community_id = p_community_id AND t.actor = community.actor() AND t.key = p_key) THEN
            v_fee := 0;
        ELSIF v_fee IS NULL THEN
            v_fee := least(greatest(round(p_amount * v_rule.rate), v_rule.least), coalesce(v_rule.most, p_amount), p_amount - 1);
        END IF;
    END IF;
    RETURN QUERY
    SELECT m.seq, m.at, m.replayed
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL, NULL, p_debit_id, p_credit_id,
                                  p_amount - v_fee, p_code, p_reference, NULL) m;
    IF v_fee > 0 THEN
        PERFORM community._ledger_move(p_community_id, community._ledger_key(p_key, 'fee'), 'single', NULL, NULL,
                                       p_debit_id, v_rule.fee_account_id, v_fee, 'fee',
                                       'account ' || p_credit_id, NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION community.ledger_transfer(uuid, bigint, bigint, bigint, bigint, text, text) IS 'Move an amount (units, above zero) between two accounts of a community. When fee_rule has the code, a merchant receives the amount less the fee, which goes to the fee account. The same p_key with the same arguments returns the first answer (replayed). Needs the capability ledger. Refuses funds_insufficient, limit_transfer, limit_day, account_frozen, account_fenced, account_closed, account_unknown, currency_differs, amount_invalid, transfer_form, key_reused, key_missing, capability_missing. / 在社区两账户间转账；有手续费规则时商户收到扣费后的金额，费用记入手续费账户。相同 p_key 与参数返回首次结果。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.ledger_hold(
    p_key uuid, p_community_id bigint, p_debit_id bigint, p_credit_id bigint, p_amount bigint,
    p_expires_at timestamptz, p_code text DEFAULT 'payment', p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF community._account_fenced(p_debit_id) THEN
        PERFORM community.refuse('account_fenced', p_debit_id::text, coalesce(p_code, 'NULL'));
    END IF;
    IF p_expires_at IS NULL OR p_expires_at = 'infinity'
       OR (p_expires_at <= now() AND NOT EXISTS (SELECT FROM community.transfer t
             WHERE t.community_id = p_community_id AND t.actor = community.actor() AND t.key = p_key)) THEN
        PERFORM community.refuse('hold_time', coalesce(p_expires_at::text, 'NULL'));
    END IF;
    RETURN QUERY
    SELECT m.seq, m.at, m.replayed
      FROM community._ledger_move(p_community_id, p_key, 'hold', NULL, NULL, p_debit_id, p_credit_id,
                                  p_amount, p_code, p_reference, p_expires_at) m;
END
$$;
COMMENT ON FUNCTION community.ledger_hold(uuid, bigint, bigint, bigint, bigint, timestamptz, text, text) IS 'Reserve an amount on one account in favour of another until a time; ledger_post() takes it, ledger_void() or the job gives it back. Repeated keys as ledger_transfer(). Needs the capability ledger. Refuses hold_time and as ledger_transfer(). / 冻结一笔金额至指定时间；ledger_post() 入账，ledger_void() 或作业退回。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community._ledger_hold_of(p_community_id bigint, p_hold_seq bigint)
RETURNS community.transfer
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_hold community.transfer;
BEGIN
    SELECT * INTO v_hold
      FROM community.transfer t
     WHERE t.community_id = p_community_id AND t.seq = p_hold_seq AND t.phase = 'hold';
    IF NOT FOUND THEN
        PERFORM community.refuse('hold_unknown', coalesce(p_hold_seq::text, 'NULL'));
    END IF;
    RETURN v_hold;
END
$$;
COMMENT ON FUNCTION community._ledger_hold_of(bigint, bigint) IS 'The hold with this number; refuses hold_unknown. / 指定编号的冻结；不存在则拒绝 hold_unknown。';

CREATE OR REPLACE FUNCTION community.ledger_post(
    p_key uuid, p_community_id bigint, p_hold_seq bigint, p_amount bigint DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_hold community.transfer;
    v_amount bigint;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    v_hold := community._ledger_hold_of(p_community_id, p_hold_seq);
    v_amount := coalesce(p_amount, v_hold.amount);
    IF v_amount > v_hold.amount THEN
        PERFORM community.refuse('hold_too_small', p_hold_seq::text, v_hold.amount::text, v_amount::text);
    END IF;
    RETURN QUERY
    SELECT m.seq, m.at, m.replayed
      FROM community._ledger_move(p_community_id, p_key, 'post', v_hold, NULL, v_hold.debit_id, v_hold.credit_id,
                                  v_amount, v_hold.code, v_hold.reference, NULL) m;
    -- An answer that was given stays given.
    IF v_hold.expires_at <= now() AND NOT EXISTS (SELECT FROM community.transfer t
         WHERE t.community_id = p_community_id AND t.hold_seq = p_hold_seq AND t.at < now()) THEN
        PERFORM community.refuse('hold_expired', p_hold_seq::text, v_hold.expires_at::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.ledger_post(uuid, bigint, bigint, bigint) IS 'Take a hold, whole (p_amount NULL) or in part; the rest is given back. Needs the capability ledger. Refuses hold_unknown, hold_resolved, hold_expired, hold_too_small and as ledger_transfer(). / 冻结入账，p_amount 为 NULL 时全额，否则部分入账、余额退回。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.ledger_void(p_key uuid, p_community_id bigint, p_hold_seq bigint)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_hold community.transfer;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    v_hold := community._ledger_hold_of(p_community_id, p_hold_seq);
    RETURN QUERY
    SELECT m.seq, m.at, m.replayed
      FROM community._ledger_move(p_community_id, p_key, 'void', v_hold, NULL, v_hold.debit_id, v_hold.credit_id,
                                  v_hold.amount, v_hold.code, v_hold.reference, NULL) m;
END
$$;
COMMENT ON FUNCTION community.ledger_void(uuid, bigint, bigint) IS 'Give a hold back. Needs the capability ledger. Refuses hold_unknown, hold_resolved, key_reused, key_missing, capability_missing. / 撤销冻结。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community._ledger_refund_between(
    p_key uuid, p_first community.transfer, p_other_id bigint, p_amount bigint, p_reference text)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_mirror community.transfer;
BEGIN
    -- Both sides were written by one transaction, under two keys of one command.
    SELECT t.* INTO v_mirror
      FROM community.transfer t
     WHERE t.community_id = p_other_id AND t.tx = p_first.tx AND t.actor = p_first.actor AND t.phase = 'single' AND t.refund_of IS NULL
       AND (t.key = community._ledger_key(p_first.key, 'to') OR community._ledger_key(t.key, 'to') = p_first.key);
    IF NOT FOUND THEN
        PERFORM community.refuse('transfer_unknown', p_first.seq::text);
    END IF;
    FOR v_turn IN 1..2 LOOP
        IF (v_turn = 1) = (p_first.community_id < p_other_id) THEN
            SELECT m.seq, m.at, m.replayed INTO seq, at, replayed
              FROM community._ledger_move(p_first.community_id, p_key, 'single', NULL, p_first.seq, p_first.credit_id, p_first.debit_id,
                                          p_amount, 'refund', p_reference, NULL) m;
        ELSE
            PERFORM community._ledger_move(p_other_id, community._ledger_key(p_key, 'back'), 'single', NULL, v_mirror.seq, v_mirror.credit_id,
                                           v_mirror.debit_id, p_amount, 'refund', p_reference, NULL);
        END IF;
    END LOOP;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community._ledger_refund_between(uuid, community.transfer, bigint, bigint, text) IS 'Give back a payment that went through clearing, on both sides, the lower community first; refuses transfer_unknown when the other side is not there, and as ledger_refund(). / 退回经清算的付款，双方同时冲回。';

CREATE OR REPLACE FUNCTION community.ledger_refund(
    p_key uuid, p_community_id bigint, p_seq bigint, p_amount bigint, p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_first community.transfer;
    v_other bigint;
    v_paid_out boolean;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    SELECT * INTO v_first
      FROM community.transfer t
     WHERE t.community_id = p_community_id AND t.seq = p_seq AND t.phase IN ('single', 'post') AND t.refund_of IS NULL;
    IF NOT FOUND THEN
        PERFORM community.refuse('transfer_unknown', coalesce(p_seq::text, 'NULL'));
    END IF;
    SELECT a.owner_id, a.account_id = v_first.credit_id INTO v_other, v_paid_out
      FROM community.account a
     WHERE a.community_id = p_community_id AND a.account_id IN (v_first.debit_id, v_first.credit_id) AND a.kind = 'clearing';
    IF FOUND THEN
        -- What was paid to another community is that community's to give back.
        IF v_paid_out THEN
            PERFORM community.require_capability('ledger', v_other);
        END IF;
        RETURN QUERY SELECT b.seq, b.at, b.replayed FROM community._ledger_refund_between(p_key, v_first, v_other, p_amount, p_reference) b;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT m.seq, m.at, m.replayed
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL, p_seq, v_first.credit_id, v_first.debit_id,
                                  p_amount, 'refund', p_reference, NULL) m;
END
$$;
COMMENT ON FUNCTION community.ledger_refund(uuid, bigint, bigint, bigint, text) IS 'Give back some or all of a transfer, never more than it moved in all; a payment through clearing on both sides. Fees are not given back. Needs the capability ledger, and that of the other community to take back what was paid to it. Refuses transfer_unknown, refund_too_much and as ledger_transfer(). / 退回转账的部分或全部，累计不超过原额；手续费不退。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community._clearing_account(p_community_id bigint, p_other bigint, p_currency text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account_id bigint := community.account_of(p_community_id, p_currency, 'clearing', 'community', p_other);
BEGIN
    IF v_account_id IS NULL THEN
        INSERT INTO community.account (community_id, currency, kind, owner_kind, owner_id, floating)
        VALUES (p_community_id, p_currency, 'clearing', 'community', p_other, true)
            ON CONFLICT (community_id, currency, kind, owner_kind, owner_id) WHERE state <> 'closed' DO NOTHING
        RETURNING account_id INTO v_account_id;
        IF NOT FOUND THEN
            v_account_id := community.account_of(p_community_id, p_currency, 'clearing', 'community', p_other);
        END IF;
    END IF;
    RETURN v_account_id;
END
$$;
COMMENT ON FUNCTION community._clearing_account(bigint, bigint, text) IS 'Clearing account of a community with another one, opened when it is missing. / 与另一社区的清算账户，缺则开立。';

CREATE OR REPLACE FUNCTION community._ledger_between(
    p_key uuid, p_from_community_id bigint, p_debit_id bigint, p_to_community_id bigint, p_credit_id bigint,
    p_amount bigint, p_code text, p_reference text)
RETURNS TABLE (from_seq bigint, to_seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_currency text;
    v_to_currency text;
    v_from_clearing bigint;
    v_to_clearing bigint;
BEGIN
    IF p_from_community_id = p_to_community_id THEN
        PERFORM community.refuse('clearing_same', p_from_community_id::text);
    END IF;
    SELECT a.currency INTO v_currency FROM community.account a
     WHERE a.community_id = p_from_community_id AND a.account_id = p_debit_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('account_unknown', coalesce(p_debit_id::text, 'NULL'));
    END IF;
    SELECT a.currency INTO v_to_currency FROM community.account a
     WHERE a.community_id = p_to_community_id AND a.account_id = p_credit_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('account_unknown', coalesce(p_credit_id::text, 'NULL'));
    END IF;
    IF v_currency <> v_to_currency THEN
        PERFORM community.refuse('currency_differs', v_currency, v_to_currency);
    END IF;
    v_from_clearing := community._clearing_account(p_from_community_id, p_to_community_id, v_currency);
    v_to_clearing := community._clearing_account(p_to_community_id, p_from_community_id, v_currency);
    -- The lower community first, whichever pays: then opposite payments never
    -- wait for each other in a circle.
    FOR v_turn IN 1..2 LOOP
        IF (v_turn = 1) = (p_from_community_id < p_to_community_id) THEN
            SELECT m.seq, m.at, m.replayed INTO from_seq, at, replayed
              FROM community._ledger_move(p_from_community_id, p_key, 'single', NULL, NULL, p_debit_id, v_from_clearing,
                                          p_amount, p_code, p_reference, NULL) m;
        ELSE
            SELECT m.seq INTO to_seq
              FROM community._ledger_move(p_to_community_id, community._ledger_key(p_key, 'to'), 'single', NULL, NULL,
                                          v_to_clearing, p_credit_id, p_amount, p_code, p_reference, NULL) m;
        END IF;
    END LOOP;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community._ledger_between(uuid, bigint, bigint, bigint, bigint, bigint, text, text) IS 'Pay across communities through their clearing accounts, for a caller that has checked the right; refuses as ledger_transfer_between(). / 经清算账户跨社区付款，权限由调用者检查。';

CREATE OR REPLACE FUNCTION community.ledger_transfer_between(
    p_key uuid, p_from_community_id bigint, p_debit_id bigint, p_to_community_id bigint, p_credit_id bigint,
    p_amount bigint, p_code text DEFAULT 'payment', p_reference text DEFAULT NULL)
RETURNS TABLE (from_seq bigint, to_seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('ledger', p_from_community_id);
    IF community._account_fenced(p_debit_id) THEN
        PERFORM community.refuse('account_fenced', p_debit_id::text, coalesce(p_code, 'NULL'));
    END IF;
    RETURN QUERY
    SELECT b.from_seq, b.to_seq, b.at, b.replayed
      FROM community._ledger_between(p_key, p_from_community_id, p_debit_id, p_to_community_id, p_credit_id, p_amount, p_code, p_reference) b;
END
$$;
COMMENT ON FUNCTION community.ledger_transfer_between(uuid, bigint, bigint, bigint, bigint, bigint, text, text) IS 'Pay from an account of one community to an account of another through their clearing accounts, which net to zero. Repeated keys as ledger_transfer(). Needs the capability ledger in the paying community. Refuses clearing_same and as ledger_transfer(). / 经清算账户由一社区账户付至另一社区账户，清算账户合计为零。需要付款社区的 ledger 权限。';

CREATE OR REPLACE FUNCTION community._job_ledger_expire(p_from timestamptz, p_to timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_hold community.transfer;
    v_rows bigint := 0;
BEGIN
    -- A day more than the window: a hold may have been committed late.
    FOR v_hold IN
        SELECT t.*
          FROM community.transfer t
         WHERE t.phase = 'hold' AND t.expires_at >= p_from - interval '1 day' AND t.expires_at < p_to
           AND NOT EXISTS (SELECT FROM community.transfer r WHERE r.community_id = t.community_id AND r.hold_seq = t.seq)
         ORDER BY t.community_id, t.debit_id, t.seq
    LOOP
        BEGIN
            PERFORM community._ledger_move(v_hold.community_id, community._ledger_key(v_hold.key, 'expire ' || v_hold.seq),
                'void', v_hold, NULL, v_hold.debit_id, v_hold.credit_id, v_hold.amount, v_hold.code, v_hold.reference, NULL);
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' THEN
            -- Resolved by somebody else while this ran.
            CONTINUE;
        END;
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_ledger_expire(timestamptz, timestamptz) IS 'Job: give back holds that expired in the window; returns their number. / 作业：退回窗口内到期的冻结，返回笔数。';
