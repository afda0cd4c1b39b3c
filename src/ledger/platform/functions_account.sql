-- Opening, limiting, freezing and closing accounts; folding deferred credits.

CREATE OR REPLACE FUNCTION community.account_open(
    p_community_id bigint, p_currency text, p_kind text, p_owner_kind text, p_owner_id bigint,
    p_deferred boolean DEFAULT false, p_limit_transfer bigint DEFAULT NULL, p_limit_day bigint DEFAULT NULL, p_fence text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account_id bigint;
    v_fence text := coalesce(p_fence, CASE WHEN p_kind = 'fund' AND p_owner_kind = 'facility' THEN 'facility' END);
BEGIN
    PERFORM community._community_known(p_community_id);
    PERFORM community.require_capability('account', p_community_id);
    IF NOT EXISTS (SELECT FROM community.currency c WHERE c.currency = p_currency) OR p_owner_id IS NULL
       OR p_kind IS NULL OR p_kind <> ALL ('{purse,merchant,fund,fee,bank,issue,clearing}')
       OR p_owner_kind IS NULL OR p_owner_kind <> ALL ('{person,organization,community,facility,card}')
       OR (v_fence IS NOT NULL AND NOT EXISTS (SELECT FROM community.fence f WHERE f.fence = v_fence)) THEN
        PERFORM community.refuse('account_form', p_kind, p_currency);
    END IF;
    INSERT INTO community.account (community_id, account_id, currency, kind, owner_kind, owner_id, floating, deferred,
                                   limit_transfer, limit_day, fence)
    VALUES (p_community_id,
            CASE WHEN v_fence IS NULL THEN nextval('community.account_seq') ELSE nextval('community.fenced_account_seq') END,
            p_currency, p_kind, p_owner_kind, p_owner_id,
            p_kind IN ('bank', 'issue', 'clearing'), p_deferred, p_limit_transfer, p_limit_day, v_fence)
        ON CONFLICT (community_id, currency, kind, owner_kind, owner_id) WHERE state <> 'closed' DO NOTHING
    RETURNING account_id INTO v_account_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('account_exists');
    END IF;
    RETURN v_account_id;
END
$$;
COMMENT ON FUNCTION community.account_open(bigint, text, text, text, bigint, boolean, bigint, bigint, text) IS 'Open an account and return its number. One open account per owner, kind and currency. Kinds bank, issue and clearing may fall below zero. Limits in units, NULL for none. p_fence: ring fence of community.fence that the account keeps for good, NULL for none; the fund of a facility has the fence facility. Needs the capability account. Refuses account_form, account_exists, community_unknown, capability_missing. / 开立账户并返回编号；每个所有者同类同币种仅一户；bank、issue、clearing 可为负；限额以最小单位计，NULL 表示不限；p_fence 为专款围栏，设施专户必有。需要 account 权限。';

CREATE OR REPLACE FUNCTION community._account_fenced(p_account_id bigint)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_account_id >= 900000000000000;
COMMENT ON FUNCTION community._account_fenced(bigint) IS 'Whether a number is that of a fenced account. / 账户编号是否属于专户。';

CREATE OR REPLACE FUNCTION community._account_fence_keep()
RETURNS trigger
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NEW.fence IS DISTINCT FROM OLD.fence OR NEW.account_id <> OLD.account_id OR NEW.community_id <> OLD.community_id THEN
        PERFORM community.refuse('account_fenced', OLD.account_id::text, 'another account');
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION community._account_fence_keep() IS 'Keep the number and the fence of an account, for any client: refuses account_fenced. / 账户编号与围栏不可更改，对任何客户端生效。';

CREATE OR REPLACE FUNCTION community._transfer_fence()
RETURNS trigger
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.account a
                     JOIN community.fence f ON f.fence = a.fence
                    WHERE a.community_id = NEW.community_id AND a.account_id = NEW.debit_id AND NEW.code = ANY (f.codes)) THEN
        PERFORM community.refuse('account_fenced', NEW.debit_id::text, NEW.code);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION community._transfer_fence() IS 'Let money leave a fenced account only for a code of its fence, for any client: refuses account_fenced. / 专户资金仅可按围栏用途支出，对任何客户端生效。';

CREATE OR REPLACE FUNCTION community.account_of(
    p_community_id bigint, p_currency text, p_kind text, p_owner_kind text, p_owner_id bigint)
RETURNS bigint
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.account_id
      FROM community.account a
     WHERE a.community_id = p_community_id AND a.currency = p_currency AND a.kind = p_kind
       AND a.owner_kind = p_owner_kind AND a.owner_id = p_owner_id AND a.state <> 'closed';
END;
COMMENT ON FUNCTION community.account_of(bigint, text, text, text, bigint) IS 'Number of the open account of an owner, NULL when there is none. / 所有者现有账户的编号，没有时为 NULL。';

CREATE OR REPLACE FUNCTION community._account_lock(p_community_id bigint, p_account_id bigint)
RETURNS community.account
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account community.account;
BEGIN
    SELECT * INTO v_account
      FROM community.account a
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('account_unknown', p_account_id::text);
    END IF;
    RETURN v_account;
END
$$;
COMMENT ON FUNCTION community._account_lock(bigint, bigint) IS 'Lock an account and return it; refuses account_unknown. / 锁定并返回账户；不存在则拒绝 account_unknown。';

CREATE OR REPLACE FUNCTION community._account_fold(p_community_id bigint, p_account_id bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_rows bigint;
    v_posted bigint;
    v_pending bigint;
BEGIN
    WITH gone AS (
        DELETE FROM community.credit_delta d
         WHERE d.community_id = p_community_id AND d.account_id = p_account_id
        RETURNING d.posted, d.pending)
    SELECT count(*), coalesce(sum(posted), 0), coalesce(sum(pending), 0)
      INTO v_rows, v_posted, v_pending FROM gone;
    IF v_rows > 0 THEN
        UPDATE community.account a
           SET credits_posted = a.credits_posted + v_posted, credits_pending = a.credits_pending + v_pending
         WHERE a.community_id = p_community_id AND a.account_id = p_account_id;
    END IF;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._account_fold(bigint, bigint) IS 'Fold the waiting credits of an account into it and return their number; the caller has locked the account. / 把账户的待归并贷记并入账户并返回行数；调用者须已锁定账户。';

CREATE OR REPLACE FUNCTION community._job_ledger_fold(p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account record;
    v_rows bigint := 0;
BEGIN
    -- Only accounts that wait; a busy one is left to the next run.
    FOR v_account IN
        SELECT a.community_id, a.account_id
          FROM community.account a
         WHERE (a.community_id, a.account_id) IN (
                SELECT d.community_id, d.account_id FROM community.credit_delta d)
           AND a.opened_at <= p_now
         ORDER BY a.community_id, a.account_id
         LIMIT community.setting_int('ledger_fold_accounts')
           FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        v_rows := v_rows + community._account_fold(v_account.community_id, v_account.account_id);
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_ledger_fold(timestamptz) IS 'Job: fold waiting credits into their accounts; returns the number of rows folded. / 作业：归并延迟贷记，返回归并行数。';

CREATE OR REPLACE FUNCTION community.account_limit(
    p_community_id bigint, p_account_id bigint, p_limit_transfer bigint, p_limit_day bigint, p_deferred boolean DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('account', p_community_id);
    PERFORM community._account_lock(p_community_id, p_account_id);
    UPDATE community.account a
       SET limit_transfer = p_limit_transfer, limit_day = p_limit_day, deferred = coalesce(p_deferred, a.deferred)
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id;
    PERFORM community.audit_write(p_community_id, 'account_limit', 'account ' || p_account_id, 'ledger', 1,
        jsonb_build_object('limit_transfer', p_limit_transfer, 'limit_day', p_limit_day, 'deferred', p_deferred));
END
$$;
COMMENT ON FUNCTION community.account_limit(bigint, bigint, bigint, bigint, boolean) IS 'Set the limits of an account for one transfer and for one local day (NULL: none; a day counts from when it has a limit) and whether its credits are deferred (NULL: as before). Needs the capability account. Refuses account_unknown, capability_missing. / 设置单笔与当地日限额（NULL 不限，日额自设限起累计）以及是否延迟贷记（NULL 不变）。需要 account 权限。';

CREATE OR REPLACE FUNCTION community.account_freeze(p_community_id bigint, p_account_id bigint, p_frozen boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account community.account;
BEGIN
    PERFORM community.require_capability('account', p_community_id);
    v_account := community._account_lock(p_community_id, p_account_id);
    IF v_account.state = 'closed' THEN
        PERFORM community.refuse('account_closed', p_account_id::text);
    END IF;
    UPDATE community.account a
       SET state = CASE WHEN p_frozen THEN 'frozen' ELSE 'open' END
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id;
    PERFORM community.audit_write(p_community_id, CASE WHEN p_frozen THEN 'account_freeze' ELSE 'account_release' END,
        'account ' || p_account_id, 'ledger', 1);
END
$$;
COMMENT ON FUNCTION community.account_freeze(bigint, bigint, boolean) IS 'Freeze an account, which then only receives, or release it. Needs the capability account. Refuses account_closed, account_unknown, capability_missing. / 冻结账户（只进不出）或解冻。需要 account 权限。';

CREATE OR REPLACE FUNCTION community.account_close(p_community_id bigint, p_account_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_account community.account;
BEGIN
    PERFORM community.require_capability('account', p_community_id);
    -- Payers of an account with deferred credit share its row's key.
    PERFORM FROM community.account a
      WHERE a.community_id = p_community_id AND a.account_id = p_account_id
        FOR UPDATE;
    v_account := community._account_lock(p_community_id, p_account_id);
    IF v_account.state = 'closed' THEN
        RETURN;
    END IF;
    -- An older snapshot would not see the credits that wait.
    IF v_account.deferred AND current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM community.refuse('close_isolation', p_account_id::text);
    END IF;
    PERFORM community._account_fold(p_community_id, p_account_id);
    v_account := community._account_lock(p_community_id, p_account_id);
    IF v_account.debits_posted <> v_account.credits_posted
       OR v_account.debits_pending + v_account.credits_pending > 0 THEN
        PERFORM community.refuse('account_not_empty', p_account_id::text,
                                 (v_account.credits_posted - v_account.debits_posted)::text);
    END IF;
    UPDATE community.account a
       SET state = 'closed', closed_at = now(), deferred = false
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id;
    PERFORM community.audit_write(p_community_id, 'account_close', 'account ' || p_account_id, 'ledger', 1);
END
$$;
COMMENT ON FUNCTION community.account_close(bigint, bigint) IS 'Close an empty account for good; does nothing when it is closed. Needs the capability account. Refuses account_not_empty, close_isolation, account_unknown, capability_missing. / 注销余额为零的账户，已注销则无动作。需要 account 权限。';
