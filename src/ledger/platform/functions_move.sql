-- The one place where money moves.
--
-- Order: the journal row first, where repeated commands wait for the first one;
-- then the accounts, locked in the order of their numbers, and their balances.
-- The CHECK of account is the last guard against an overdraft.

CREATE OR REPLACE FUNCTION community._ledger_move(
    p_community_id bigint, p_key uuid, p_phase text, p_hold community.transfer, p_refund_of bigint,
    p_debit_id bigint, p_credit_id bigint, p_amount bigint, p_code text, p_reference text, p_expires_at timestamptz,
    OUT seq bigint, OUT at timestamptz, OUT replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_actor text := community.actor();
    v_debit community.account;
    v_credit community.account;
    v_first community.transfer;
    v_posted bigint := CASE WHEN p_phase IN ('single', 'post') THEN p_amount ELSE 0 END;
    v_pending bigint := CASE p_phase WHEN 'single' THEN 0 WHEN 'hold' THEN p_amount ELSE -p_hold.amount END;
    v_takes boolean := p_phase IN ('single', 'hold');
    v_day date;
    v_spent bigint;
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'ledger_' || CASE p_phase WHEN 'single' THEN 'transfer' ELSE p_phase END);
    END IF;
    IF p_amount IS NULL OR p_amount <= 0 THEN
        PERFORM community.refuse('amount_invalid', coalesce(p_amount::text, 'NULL'));
    END IF;
    IF p_debit_id IS NULL OR p_credit_id IS NULL OR p_debit_id = p_credit_id
       OR p_code IS NULL OR p_code !~ '^[a-z][a-z0-9_]{0,31}$' THEN
        PERFORM community.refuse('transfer_form', format('debit %s, credit %s, code %s', p_debit_id, p_credit_id, p_code));
    END IF;
    SELECT * INTO v_credit
      FROM community.account a
     WHERE a.community_id = p_community_id AND a.account_id = p_credit_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('account_unknown', p_credit_id::text);
    END IF;

    INSERT INTO community.transfer (community_id, actor, key, phase, hold_seq, refund_of, debit_id, credit_id,
                                    currency, amount, code, reference, expires_at)
    VALUES (p_community_id, v_actor, p_key, p_phase, p_hold.seq, p_refund_of, p_debit_id, p_credit_id,
            v_credit.currency, p_amount, p_code, p_reference, p_expires_at)
        ON CONFLICT DO NOTHING
    RETURNING transfer.seq, transfer.at INTO seq, at;
    IF NOT FOUND THEN
        SELECT * INTO v_first
          FROM community.transfer t
         WHERE t.community_id = p_community_id AND t.actor = v_actor AND t.key = p_key;
        IF NOT FOUND THEN
            SELECT * INTO v_first
              FROM community.transfer t
             WHERE t.community_id = p_community_id AND t.hold_seq = p_hold.seq;
            PERFORM community.refuse('hold_resolved', p_hold.seq::text, v_first.phase, v_first.seq::text);
        END IF;
        IF (v_first.phase, v_first.debit_id, v_first.credit_id, v_first.amount, v_first.code)
           <> (p_phase, p_debit_id, p_credit_id, p_amount, p_code)
           OR v_first.hold_seq IS DISTINCT FROM p_hold.seq OR v_first.refund_of IS DISTINCT FROM p_refund_of
           OR v_first.reference IS DISTINCT FROM p_reference OR v_first.expires_at IS DISTINCT FROM p_expires_at THEN
            PERFORM community.refuse('key_reused', p_key::text);
        END IF;
        seq := v_first.seq;
        at := v_first.at;
        replayed := true;
        RETURN;
    END IF;
    replayed := false;

    -- The accounts in the order of their numbers.  A credit needs no look at the
    -- account, so its row is locked by the update, as late as the order allows.
    IF v_credit.deferred AND current_setting('transaction_isolation') = 'read committed' THEN
        -- Payers of a busy account wait only for its closing, not for each other.
        PERFORM FROM community.account a
          WHERE a.community_id = p_community_id AND a.account_id = p_credit_id
            FOR KEY SHARE;
    ELSIF v_credit.deferred AND p_credit_id < p_debit_id THEN
        v_credit := community._account_lock(p_community_id, p_credit_id);
    ELSIF p_credit_id < p_debit_id THEN
        PERFORM community._account_credit(p_community_id, p_credit_id, v_posted, v_pending);
    END IF;
    v_debit := community._account_lock(p_community_id, p_debit_id);
    IF v_debit.currency <> v_credit.currency THEN
        PERFORM community.refuse('currency_differs', v_debit.currency, v_credit.currency);
    END IF;
    IF p_phase <> 'void' AND v_debit.state <> 'open' THEN
        PERFORM community.refuse('account_' || v_debit.state, p_debit_id::text);
    END IF;
    IF p_phase <> 'void' AND v_credit.state = 'closed' THEN
        PERFORM community.refuse('account_closed', p_credit_id::text);
    END IF;
    IF v_debit.deferred AND community._account_fold(p_community_id, p_debit_id) > 0 THEN
        v_debit := community._account_lock(p_community_id, p_debit_id);
    END IF;

    IF v_takes THEN
        IF NOT v_debit.floating
           AND v_debit.credits_posted - v_debit.debits_posted - v_debit.debits_pending < p_amount THEN
            PERFORM community.refuse('funds_insufficient', p_debit_id::text,
                (v_debit.credits_posted - v_debit.debits_posted - v_debit.debits_pending)::text, p_amount::text);
        END IF;
        IF p_amount > v_debit.limit_transfer THEN
            PERFORM community.refuse('limit_transfer', p_amount::text, v_debit.limit_transfer::text);
        END IF;
    END IF;
    IF p_refund_of IS NOT NULL THEN
        PERFORM community._ledger_refund_check(p_community_id, p_refund_of, seq, p_amount);
    END IF;
    IF v_debit.limit_day IS NOT NULL THEN
        v_day := community.local_day(now(), (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id));
        v_spent := CASE WHEN v_debit.spent_day = v_day THEN v_debit.spent ELSE 0 END;
        IF v_takes THEN
            v_spent := v_spent + p_amount;
            IF v_spent > v_debit.limit_day THEN
                PERFORM community.refuse('limit_day', p_amount::text, v_debit.limit_day::text);
            END IF;
        ELSIF p_hold.at >= v_day::timestamp AT TIME ZONE (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id) THEN
            v_spent := greatest(v_spent - (p_hold.amount - v_posted), 0);
        END IF;
        UPDATE community.account a
           SET debits_posted = a.debits_posted + v_posted, debits_pending = a.debits_pending + v_pending,
               spent_day = v_day, spent = v_spent
         WHERE a.community_id = p_community_id AND a.account_id = p_debit_id;
    ELSE
        UPDATE community.account a
           SET debits_posted = a.debits_posted + v_posted, debits_pending = a.debits_pending + v_pending
         WHERE a.community_id = p_community_id AND a.account_id = p_debit_id;
    END IF;
    IF v_credit.deferred THEN
        IF p_debit_id < p_credit_id AND current_setting('transaction_isolation') <> 'read committed' THEN
            v_credit := community._account_lock(p_community_id, p_credit_id);
        END IF;
        INSERT INTO community.credit_delta (community_id, account_id, posted, pending)
        SELECT a.community_id, a.account_id, v_posted, v_pending
          FROM community.account a
         WHERE a.community_id = p_community_id AND a.account_id = p_credit_id AND a.state <> 'closed';
        IF NOT FOUND THEN
            PERFORM community.refuse('account_closed', p_credit_id::text);
        END IF;
    ELSIF p_debit_id < p_credit_id THEN
        PERFORM community._account_credit(p_community_id, p_credit_id, v_posted, v_pending);
    END IF;
END
$$;
COMMENT ON FUNCTION community._ledger_move(bigint, uuid, text, community.transfer, bigint, bigint, bigint, bigint, text, text, timestamptz) IS 'Record one transfer and move the balances of both accounts; a repeated key gets the first answer (replayed). p_hold is the hold that a post or void resolves, NULL otherwise. / 记一笔转账并更新双方余额；重复的键得到首次结果（replayed）。p_hold 为所结清的冻结，其余情形为 NULL。';

CREATE OR REPLACE FUNCTION community._account_credit(
    p_community_id bigint, p_account_id bigint, p_posted bigint, p_pending bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    UPDATE community.account a
       SET credits_posted = a.credits_posted + p_posted, credits_pending = a.credits_pending + p_pending
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id AND a.state <> 'closed';
    IF NOT FOUND THEN
        PERFORM community.refuse('account_closed', p_account_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._account_credit(bigint, bigint, bigint, bigint) IS 'Add to the credits of an account and lock it; refuses account_closed. / 增加账户贷方额并锁定；已销户则拒绝 account_closed。';

CREATE OR REPLACE FUNCTION community._ledger_refund_check(
    p_community_id bigint, p_refund_of bigint, p_seq bigint, p_amount bigint)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_left bigint;
BEGIN
    -- The giving account is locked, so no other refund of this transfer runs.
    SELECT t.amount - coalesce((SELECT sum(r.amount) FROM community.transfer r
                                 WHERE r.community_id = p_community_id AND r.refund_of = p_refund_of
                                   AND r.seq <> p_seq), 0)
      INTO v_left
      FROM community.transfer t
     WHERE t.community_id = p_community_id AND t.seq = p_refund_of;
    IF p_amount > v_left THEN
        PERFORM community.refuse('refund_too_much', p_refund_of::text, v_left::text, p_amount::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._ledger_refund_check(bigint, bigint, bigint, bigint) IS 'Refuse refund_too_much when a refund gives back more than is left of its transfer. / 退款超过剩余可退额时拒绝 refund_too_much。';

CREATE OR REPLACE FUNCTION community._ledger_key(p_key uuid, p_part text)
RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN md5(p_key::text || '/' || p_part)::uuid;
COMMENT ON FUNCTION community._ledger_key(uuid, text) IS 'Key of a part of a command, the same for the same command and part. / 由命令的键与部分名派生的键，恒定不变。';

CREATE OR REPLACE FUNCTION community._ledger_lapse(p_currency text, p_setting text, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
SET lock_timeout = '10ms' AS $$
DECLARE
    v record;
    v_rows bigint := 0;
BEGIN
    -- First earned, first spent: what came in before the limit less all that ever went out.
    FOR v IN
        SELECT a.community_id, a.account_id, i.account_id AS issue_id, x.left_over
          FROM community.account a
          JOIN community.account i ON i.community_id = a.community_id AND i.currency = a.currency AND i.kind = 'issue' AND i.state = 'open'
           AND i.owner_kind = 'community' AND i.owner_id = a.community_id
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(t.amount), 0)::bigint - a.debits_posted - a.debits_pending AS left_over
              FROM community.transfer t
             WHERE t.community_id = a.community_id AND t.credit_id = a.account_id AND t.phase IN ('single', 'post')
               AND t.at < p_now - community.setting_interval(p_setting, a.community_id)) x
         WHERE a.currency = p_currency AND a.kind = 'purse' AND a.state = 'open' AND x.left_over > 0
         ORDER BY a.community_id, a.account_id
    LOOP
        BEGIN
            PERFORM community._ledger_move(v.community_id, md5(format('%s expired %s %s %s', lower(p_currency), v.community_id, v.account_id, p_now))::uuid,
                'single', NULL::community.transfer, NULL, v.account_id, v.issue_id, v.left_over, lower(p_currency) || '_expired', NULL, NULL);
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- spent meanwhile
        END;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._ledger_lapse(text, text, timestamptz) IS 'Take back what purses of a currency received longer ago than a setting says and did not spend, the oldest counting as spent first; it goes back to the community''s issue account. Returns the number of purses; a busy one is left to the next run. / 收回某币种逾期未用的余额（先进先出），退回社区发行账户；返回账户数。';

CREATE OR REPLACE FUNCTION community._job_ledger_points(p_now timestamptz)
RETURNS bigint LANGUAGE sql VOLATILE
RETURN community._ledger_lapse('POINT', 'points_expire', p_now);
COMMENT ON FUNCTION community._job_ledger_points(timestamptz) IS 'Job: take back points older than points_expire that were not spent; returns the number of purses. / 作业：收回逾期未用的积分，返回账户数。';
