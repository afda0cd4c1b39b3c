-- Money from and to the bank, and the settlement of merchants.

CREATE OR REPLACE FUNCTION community._bank_order(
    p_key uuid, p_community_id bigint, p_kind text, p_account_id bigint, p_bank_account_id bigint, p_amount bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_order community.bank_order;
    v_hold bigint;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'bank_' || p_kind);
    END IF;
    IF p_amount IS NULL OR p_amount <= 0 THEN
        PERFORM community.refuse('amount_invalid', coalesce(p_amount::text, 'NULL'));
    END IF;
    IF NOT EXISTS (SELECT FROM community.account a WHERE a.community_id = p_community_id AND a.account_id = p_account_id) THEN
        PERFORM community.refuse('account_unknown', coalesce(p_account_id::text, 'NULL'));
    END IF;
    IF NOT EXISTS (SELECT FROM community.account a
                    WHERE a.community_id = p_community_id AND a.account_id = p_bank_account_id AND a.kind = 'bank') THEN
        PERFORM community.refuse('account_unknown', coalesce(p_bank_account_id::text, 'NULL'));
    END IF;
    -- A withdrawal is held first: the hold's key makes a repetition wait here.
    IF p_kind = 'withdrawal' THEN
        SELECT m.seq INTO v_hold
          FROM community._ledger_move(p_community_id, community._ledger_key(p_key, 'bank'), 'hold', NULL, NULL,
                                      p_account_id, p_bank_account_id, p_amount, 'withdrawal', NULL, 'infinity') m;
    END IF;
    INSERT INTO community.bank_order (community_id, kind, account_id, bank_account_id, amount, hold_seq, actor, key)
    VALUES (p_community_id, p_kind, p_account_id, p_bank_account_id, p_amount, v_hold, community.actor(), p_key)
        ON CONFLICT (community_id, actor, key) DO NOTHING
    RETURNING * INTO v_order;
    IF NOT FOUND THEN
        SELECT * INTO v_order
          FROM community.bank_order o
         WHERE o.community_id = p_community_id AND o.actor = community.actor() AND o.key = p_key;
        IF (v_order.kind, v_order.account_id, v_order.bank_account_id, v_order.amount)
           <> (p_kind, p_account_id, p_bank_account_id, p_amount) THEN
            PERFORM community.refuse('key_reused', p_key::text);
        END IF;
        RETURN v_order.order_id;
    END IF;
    PERFORM community.outbox_put(p_community_id, community.setting_value('ledger_bank_peer', p_community_id), 'share',
        'bank.' || p_kind, jsonb_build_object('order', v_order.order_id, 'account', p_account_id, 'amount', p_amount),
        p_key);
    RETURN v_order.order_id;
END
$$;
COMMENT ON FUNCTION community._bank_order(uuid, bigint, text, bigint, bigint, bigint) IS 'Record an order to the bank, hold the money of a withdrawal and put the message into the outbox. / 记录银行指令，提现先冻结，并放入发件箱。';

CREATE OR REPLACE FUNCTION community.bank_topup(
    p_key uuid, p_community_id bigint, p_account_id bigint, p_bank_account_id bigint, p_amount bigint)
RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT community._bank_order(p_key, p_community_id, 'topup', p_account_id, p_bank_account_id, p_amount);
END;
COMMENT ON FUNCTION community.bank_topup(uuid, bigint, bigint, bigint, bigint) IS 'Order the bank to collect an amount for an account; the money arrives with bank_answer(). Returns the number of the order, the first one for a repeated key. Needs the capability ledger. Refuses account_unknown, amount_invalid, key_reused, key_missing, capability_missing. / 向银行发出充值指令，答复后入账；返回指令编号。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.bank_withdraw(
    p_key uuid, p_community_id bigint, p_account_id bigint, p_bank_account_id bigint, p_amount bigint)
RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT community._bank_order(p_key, p_community_id, 'withdrawal', p_account_id, p_bank_account_id, p_amount);
END;
COMMENT ON FUNCTION community.bank_withdraw(uuid, bigint, bigint, bigint, bigint) IS 'Order the bank to pay an amount out; it is held until bank_answer() takes it or gives it back. Returns the number of the order, the first one for a repeated key. Needs the capability ledger. Refuses as bank_topup() and ledger_hold(). / 向银行发出提现指令，先冻结，答复后入账或退回；返回指令编号。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.bank_answer(
    p_community_id bigint, p_order_id bigint, p_state text, p_bank_reference text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_order community.bank_order;
    v_hold community.transfer;
    v_seq bigint;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF p_state IS NULL OR p_state NOT IN ('done', 'failed') OR (p_state = 'done' AND p_bank_reference IS NULL) THEN
        PERFORM community.refuse('bank_answer_form');
    END IF;
    SELECT * INTO v_order
      FROM community.bank_order o
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('bank_order_unknown', coalesce(p_order_id::text, 'NULL'));
    END IF;
    IF v_order.state <> 'sent' THEN
        IF v_order.state <> p_state OR v_order.bank_reference IS DISTINCT FROM p_bank_reference THEN
            PERFORM community.refuse('bank_answer_differs', p_order_id::text, v_order.state);
        END IF;
        RETURN v_order.state;
    END IF;
    IF v_order.kind = 'withdrawal' THEN
        v_hold := community._ledger_hold_of(p_community_id, v_order.hold_seq);
        SELECT m.seq INTO v_seq
          FROM community._ledger_move(p_community_id, community._ledger_key(v_order.key, 'answer'),
                                      CASE p_state WHEN 'done' THEN 'post' ELSE 'void' END, v_hold, NULL,
                                      v_hold.debit_id, v_hold.credit_id, v_hold.amount, v_hold.code, p_bank_reference, NULL) m;
    ELSIF p_state = 'done' THEN
        SELECT m.seq INTO v_seq
          FROM community._ledger_move(p_community_id, community._ledger_key(v_order.key, 'answer'), 'single', NULL, NULL,
                                      v_order.bank_account_id, v_order.account_id, v_order.amount, 'topup', p_bank_reference, NULL) m;
    END IF;
    UPDATE community.bank_order o
       SET state = p_state, transfer_seq = v_seq, bank_reference = p_bank_reference, answered_at = now()
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id;
    RETURN p_state;
EXCEPTION WHEN unique_violation THEN
    PERFORM community.refuse('bank_answer_differs', p_order_id::text, 'a reference of another order');
END
$$;
COMMENT ON FUNCTION community.bank_answer(bigint, bigint, text, text) IS 'Take the bank''s answer to an order: done with its reference moves the money, failed gives a withdrawal back. The same answer again changes nothing. Needs the capability ledger. Refuses bank_order_unknown, bank_answer_form, bank_answer_differs, capability_missing and as ledger_transfer(). / 接收银行答复：done（附流水号）入账，failed 退回提现；重复答复不变。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.merchant_settle(p_community_id bigint, p_account_id bigint, p_day date)
RETURNS TABLE (payments bigint, gross bigint, refunds bigint, fees bigint, net bigint, file text, hash bytea)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_tz text := (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id);
    v_from timestamptz := p_day::timestamp AT TIME ZONE v_tz;
    v_to timestamptz := (p_day + 1)::timestamp AT TIME ZONE v_tz;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF NOT EXISTS (SELECT FROM community.account a WHERE a.community_id = p_community_id AND a.account_id = p_account_id
                      AND a.kind = 'merchant') THEN
        PERFORM community.refuse('account_unknown', coalesce(p_account_id::text, 'NULL'));
    END IF;
    IF v_to > now() THEN
        PERFORM community.refuse('settlement_early', p_day::text, p_community_id::text);
    END IF;
    INSERT INTO community.merchant_settlement (community_id, account_id, day, payments, gross, refunds, fees, net, file, hash)
    SELECT p_community_id, p_account_id, p_day, s.payments, s.paid + s.fees, s.refunds, s.fees, s.paid - s.refunds, s.file,
           sha256(convert_to(s.file, 'UTF8'))
      FROM (SELECT count(*) FILTER (WHERE x.kind = 'payment') AS payments,
                   coalesce(sum(x.amount) FILTER (WHERE x.kind = 'payment'), 0)::bigint AS paid,
                   coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0)::bigint AS refunds,
                   coalesce(sum(x.amount) FILTER (WHERE x.kind = 'fee'), 0)::bigint AS fees,
                   E'seq,at,kind,amount,code,reference\n' || coalesce(string_agg(format(E'%s,%s,%s,%s,%s,"%s"\n', x.seq,
                       to_char(x.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), x.kind, x.amount, x.code,
                       replace(x.reference, '"', '""')), '' ORDER BY x.seq), '') AS file
              FROM (SELECT t.seq, t.at, 'payment' AS kind, t.amount, t.code, coalesce(t.reference, '') AS reference
                      FROM community.transfer t
                     WHERE t.community_id = p_community_id AND t.credit_id = p_account_id AND t.phase IN ('single', 'post')
                       AND t.at >= v_from AND t.at < v_to
                    UNION ALL
                    SELECT t.seq, t.at, 'refund', t.amount, t.code, coalesce(t.reference, '')
                      FROM community.transfer t
                     WHERE t.community_id = p_community_id AND t.debit_id = p_account_id AND t.refund_of IS NOT NULL
                       AND t.at >= v_from AND t.at < v_to
                    UNION ALL
                    SELECT t.seq, t.at, 'fee', t.amount, t.code, coalesce(t.reference, '')
                      FROM community.fee_rule f
                      JOIN community.transfer t ON t.community_id = f.community_id AND t.credit_id = f.fee_account_id
                     WHERE f.community_id = p_community_id AND t.code = 'fee' AND t.reference = 'account ' || p_account_id
                       AND t.at >= v_from AND t.at < v_to
                     GROUP BY t.seq, t.at, t.amount, t.code, t.reference) x) s
        ON CONFLICT (community_id, account_id, day) DO NOTHING;
    RETURN QUERY
    SELECT m.payments, m.gross, m.refunds, m.fees, m.net, m.file, m.hash
      FROM community.merchant_settlement m
     WHERE m.community_id = p_community_id AND m.account_id = p_account_id AND m.day = p_day;
END
$$;
COMMENT ON FUNCTION community.merchant_settle(bigint, bigint, date) IS 'Seal the settlement of a merchant for a local day that is over, and return it; a sealed one is returned as it is. Gross is what customers paid, net what the merchant receives. Needs the capability ledger. Refuses account_unknown, settlement_early, capability_missing. / 封存并返回商户已结束当地日的结算单，已封存则原样返回；gross 为顾客付款，net 为商户实收。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community._job_ledger_settle(p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_merchant record;
    v_rows bigint := 0;
BEGIN
    FOR v_merchant IN
        SELECT a.community_id, a.account_id, community.local_day(p_now, c.tz) - 1 AS day
          FROM community.account a
          JOIN community.community c ON c.community_id = a.community_id
         WHERE a.kind = 'merchant' AND a.opened_at < p_now
           AND NOT EXISTS (SELECT FROM community.merchant_settlement m
                            WHERE m.community_id = a.community_id AND m.account_id = a.account_id
                              AND m.day = community.local_day(p_now, c.tz) - 1)
           AND (a.state <> 'closed' OR a.closed_at >= p_now - interval '2 days')
         ORDER BY a.community_id, a.account_id
    LOOP
        PERFORM community.merchant_settle(v_merchant.community_id, v_merchant.account_id, v_merchant.day);
        v_rows := v_rows + 1;
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_ledger_settle(timestamptz) IS 'Job: seal yesterday''s settlement of every merchant; returns their number. / 作业：封存各商户前一日结算单，返回数量。';
