-- The ledger for apps: amounts in units of the currency (fen, minutes, points).

CREATE OR REPLACE FUNCTION community_api.ledger_transfer(p_key uuid, p_community_id bigint, p_debit_id bigint, p_credit_id bigint, p_amount bigint,
    p_code text DEFAULT 'payment', p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    RETURN QUERY SELECT r.seq, r.at, r.replayed FROM community.ledger_transfer(p_key, p_community_id, p_debit_id, p_credit_id, p_amount, p_code, p_reference) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.ledger_transfer(uuid, bigint, bigint, bigint, bigint, text, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.ledger_transfer(uuid, bigint, bigint, bigint, bigint, text, text) IS 'Move an amount between two accounts of a community; the same p_key returns the first answer (replayed). Needs ledger. Refuses as community.ledger_transfer, module_off. / 社区内转账,相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.ledger_hold(p_key uuid, p_community_id bigint, p_debit_id bigint, p_credit_id bigint, p_amount bigint, p_expires_at timestamptz,
    p_code text DEFAULT 'payment', p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    RETURN QUERY SELECT r.seq, r.at, r.replayed FROM community.ledger_hold(p_key, p_community_id, p_debit_id, p_credit_id, p_amount, p_expires_at, p_code, p_reference) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.ledger_hold(uuid, bigint, bigint, bigint, bigint, timestamptz, text, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.ledger_hold(uuid, bigint, bigint, bigint, bigint, timestamptz, text, text) IS 'Reserve an amount until a time; the same p_key returns the first answer. Needs ledger. Refuses as community.ledger_hold, module_off. / 冻结一笔金额至指定时间。';

CREATE OR REPLACE FUNCTION community_api.ledger_post(p_key uuid, p_community_id bigint, p_hold_seq bigint, p_amount bigint DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    RETURN QUERY SELECT r.seq, r.at, r.replayed FROM community.ledger_post(p_key, p_community_id, p_hold_seq, p_amount) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.ledger_post(uuid, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.ledger_post(uuid, bigint, bigint, bigint) IS 'Take a hold, whole (NULL) or in part; the same p_key returns the first answer. Needs ledger. Refuses as community.ledger_post, module_off. / 冻结入账,NULL 为全额。';

CREATE OR REPLACE FUNCTION community_api.ledger_void(p_key uuid, p_community_id bigint, p_hold_seq bigint)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    RETURN QUERY SELECT r.seq, r.at, r.replayed FROM community.ledger_void(p_key, p_community_id, p_hold_seq) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.ledger_void(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.ledger_void(uuid, bigint, bigint) IS 'Give a hold back; the same p_key returns the first answer. Needs ledger. Refuses as community.ledger_void, module_off. / 撤销冻结。';

CREATE OR REPLACE FUNCTION community_api.ledger_refund(p_key uuid, p_community_id bigint, p_seq bigint, p_amount bigint, p_reference text DEFAULT NULL)
RETURNS TABLE (seq bigint, at timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    RETURN QUERY SELECT r.seq, r.at, r.replayed FROM community.ledger_refund(p_key, p_community_id, p_seq, p_amount, p_reference) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.ledger_refund(uuid, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.ledger_refund(uuid, bigint, bigint, bigint, text) IS 'Give back some or all of a transfer; the same p_key returns the first answer. Needs ledger. Refuses as community.ledger_refund, module_off. / 退款。';

CREATE OR REPLACE FUNCTION community_api.account_balance(p_community_id bigint, p_account_id bigint)
RETURNS TABLE (currency text, balance bigint, available bigint, pending_in bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    PERFORM community.require_capability('ledger', p_community_id);
    RETURN QUERY SELECT b.currency, b.balance, b.available, b.pending_in FROM community.account_balance(p_community_id, p_account_id) b;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.account_balance(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.account_balance(bigint, bigint) IS 'Balance of an account, what of it can be spent and what is held in its favour; no row for an unknown account. Needs ledger. Refuses capability_missing, module_off. / 账户余额、可用额与在途收入。';

CREATE OR REPLACE FUNCTION community_api.account_statement(p_community_id bigint, p_account_id bigint, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (seq bigint, at timestamptz, code text, other_id bigint, amount bigint, balance bigint, reference text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('ledger', p_community_id);
    PERFORM community.require_capability('ledger', p_community_id);
    RETURN QUERY SELECT s.seq, s.at, s.code, s.other_id, s.amount, s.balance, s.reference
      FROM community.account_statement(p_community_id, p_account_id, p_from, p_to) s;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.account_statement(bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.account_statement(bigint, bigint, timestamptz, timestamptz) IS 'Movements of an account from p_from until before p_to with the balance after each. Needs ledger. Refuses capability_missing, module_off. / 账户明细与逐笔余额。';
