-- Statements, balances, proofs.

CREATE OR REPLACE FUNCTION community.account_balance(p_community_id bigint, p_account_id bigint)
RETURNS TABLE (currency text, balance bigint, available bigint, pending_in bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.currency, a.credits_posted + d.posted - a.debits_posted,
           a.credits_posted + d.posted - a.debits_posted - a.debits_pending, a.credits_pending + d.pending
      FROM community.account a
     CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.posted), 0)::bigint AS posted, coalesce(sum(c.pending), 0)::bigint AS pending
          FROM community.credit_delta c
         WHERE c.community_id = a.community_id AND c.account_id = a.account_id) d
     WHERE a.community_id = p_community_id AND a.account_id = p_account_id;
END;
COMMENT ON FUNCTION community.account_balance(bigint, bigint) IS 'Balance of an account, what of it can be spent, and what is held in its favour, in units; no row for an unknown account. / 账户余额、可用额与在途收入（最小单位）；账户不存在时无行。';

CREATE OR REPLACE FUNCTION community.account_statement(
    p_community_id bigint, p_account_id bigint, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (seq bigint, at timestamptz, code text, phase text, other_id bigint, amount bigint, balance bigint, reference text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH moved AS (
        SELECT t.seq, t.at, t.code, t.phase, t.credit_id AS other_id, -t.amount AS amount, t.reference
          FROM community.transfer t
         WHERE t.community_id = p_community_id AND t.debit_id = p_account_id AND t.phase IN ('single', 'post')
        UNION ALL
        SELECT t.seq, t.at, t.code, t.phase, t.debit_id, t.amount, t.reference
          FROM community.transfer t
         WHERE t.community_id = p_community_id AND t.credit_id = p_account_id AND t.phase IN ('single', 'post')
    ), running AS (
        SELECT m.*, (sum(m.amount) OVER (ORDER BY m.at, m.seq))::bigint AS balance FROM moved m WHERE m.at < p_to
    )
    SELECT r.seq, r.at, r.code, r.phase, r.other_id, r.amount, r.balance, r.reference
      FROM running r
     WHERE r.at >= p_from
     ORDER BY r.at, r.seq;
END;
COMMENT ON FUNCTION community.account_statement(bigint, bigint, timestamptz, timestamptz) IS 'Movements of an account in [p_from, p_to) with the balance after each; amounts that left are negative. Holds are no movements. / 账户在 [p_from, p_to) 的明细与逐笔余额，付出为负；冻结不计入。';

CREATE OR REPLACE FUNCTION community.trial_balance(p_community_id bigint DEFAULT NULL)
RETURNS TABLE (community_id bigint, currency text, kind text, accounts bigint, debits numeric, credits numeric, balance numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.community_id, a.currency, a.kind, count(*), sum(a.debits_posted), sum(a.credits_posted) + coalesce(sum(d.posted), 0),
           sum(a.credits_posted) + coalesce(sum(d.posted), 0) - sum(a.debits_posted)
      FROM community.account a
      LEFT JOIN (SELECT c.community_id, c.account_id, sum(c.posted) AS posted FROM community.credit_delta c GROUP BY 1, 2) d
        ON d.community_id = a.community_id AND d.account_id = a.account_id
     WHERE p_community_id IS NULL OR a.community_id = p_community_id
     GROUP BY a.community_id, a.currency, a.kind
     ORDER BY a.community_id, a.currency, a.kind;
END;
COMMENT ON FUNCTION community.trial_balance(bigint) IS 'Trial balance by community, currency and kind of account; the balances of a community and currency add up to zero. NULL: all communities. / 试算平衡表，按社区、币种、账户类别；同社区同币种余额合计为零。NULL 为全部社区。';

CREATE OR REPLACE FUNCTION community.clearing_position()
RETURNS TABLE (community_id bigint, other_id bigint, currency text, owed bigint, owed_by_other bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.community_id, a.owner_id, a.currency, a.credits_posted - a.debits_posted, b.credits_posted - b.debits_posted
      FROM community.account a
      LEFT JOIN community.account b
        ON b.community_id = a.owner_id AND b.owner_id = a.community_id AND b.currency = a.currency
       AND b.kind = 'clearing' AND b.owner_kind = 'community' AND b.state <> 'closed'
     WHERE a.kind = 'clearing' AND a.owner_kind = 'community' AND a.state <> 'closed'
     ORDER BY a.community_id, a.owner_id, a.currency;
END;
COMMENT ON FUNCTION community.clearing_position() IS 'What each community owes another through clearing (negative: is owed), beside the other''s books; the two add up to zero. / 各社区间清算头寸（负数为应收）及对方账面，两者合计为零。';

CREATE OR REPLACE FUNCTION community.ledger_check(p_community_id bigint DEFAULT NULL)
RETURNS TABLE (community_id bigint, problem text, object bigint, expected numeric, found numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH journal AS MATERIALIZED (
        SELECT t.* FROM community.transfer t WHERE p_community_id IS NULL OR t.community_id = p_community_id
    ), open_hold AS (
        SELECT h.* FROM journal h
         WHERE h.phase = 'hold'
           AND NOT EXISTS (SELECT FROM journal r WHERE r.community_id = h.community_id AND r.hold_seq = h.seq)
    ), side AS (
        SELECT j.community_id, j.debit_id AS account_id, j.amount AS dp, 0::bigint AS cp, 0::bigint AS dq, 0::bigint AS cq
          FROM journal j WHERE j.phase IN ('single', 'post')
        UNION ALL
        SELECT j.community_id, j.credit_id, 0, j.amount, 0, 0 FROM journal j WHERE j.phase IN ('single', 'post')
        UNION ALL
        SELECT h.community_id, h.debit_id, 0, 0, h.amount, 0 FROM open_hold h
        UNION ALL
        SELECT h.community_id, h.credit_id, 0, 0, 0, h.amount FROM open_hold h
    ), want AS (
        SELECT s.community_id, s.account_id, sum(s.dp) AS dp, sum(s.cp) AS cp, sum(s.dq) AS dq, sum(s.cq) AS cq
          FROM side s GROUP BY s.community_id, s.account_id
    ), waiting AS (
        SELECT c.community_id, c.account_id, sum(c.posted) AS posted, sum(c.pending) AS pending
          FROM community.credit_delta c WHERE p_community_id IS NULL OR c.community_id = p_community_id
         GROUP BY c.community_id, c.account_id
    ), have AS (
        SELECT a.community_id, a.account_id, a.currency, a.floating, a.state, a.debits_posted AS dp, a.debits_pending AS dq,
               a.credits_posted + coalesce(w.posted, 0) AS cp, a.credits_pending + coalesce(w.pending, 0) AS cq
          FROM community.account a
          LEFT JOIN waiting w ON w.community_id = a.community_id AND w.account_id = a.account_id
         WHERE p_community_id IS NULL OR a.community_id = p_community_id
    )
    SELECT coalesce(h.community_id, w.community_id), x.problem, coalesce(h.account_id, w.account_id), x.expected, x.found
      FROM have h
      FULL JOIN want w ON w.community_id = h.community_id AND w.account_id = h.account_id
     CROSS JOIN LATERAL (VALUES
            ('debits posted differ from the journal', coalesce(w.dp, 0), coalesce(h.dp, 0)::numeric),
            ('credits posted differ from the journal', coalesce(w.cp, 0), coalesce(h.cp, 0)::numeric),
            ('debits pending differ from the journal', coalesce(w.dq, 0), coalesce(h.dq, 0)::numeric),
            ('credits pending differ from the journal', coalesce(w.cq, 0), coalesce(h.cq, 0)::numeric)) x (problem, expected, found)
     WHERE x.expected <> x.found
    UNION ALL
    SELECT h.community_id, 'overdraft', h.account_id, h.cp, h.dp + h.dq FROM have h
     WHERE NOT h.floating AND h.dp + h.dq > h.cp
    UNION ALL
    SELECT h.community_id, 'a closed account is not empty', h.account_id, h.dp, h.cp FROM have h
     WHERE h.state = 'closed' AND (h.cp <> h.dp OR h.dq + h.cq <> 0)
    UNION ALL
    SELECT h.community_id, 'posted sides of ' || h.currency || ' differ', NULL, sum(h.dp), sum(h.cp)
      FROM have h GROUP BY h.community_id, h.currency HAVING sum(h.dp) <> sum(h.cp)
    UNION ALL
    SELECT h.community_id, 'pending sides of ' || h.currency || ' differ', NULL, sum(h.dq), sum(h.cq)
      FROM have h GROUP BY h.community_id, h.currency HAVING sum(h.dq) <> sum(h.cq)
    UNION ALL
    SELECT r.community_id, 'a hold is resolved above its amount or by no hold', r.seq, h.amount, r.amount
      FROM journal r
      LEFT JOIN journal h ON h.community_id = r.community_id AND h.seq = r.hold_seq AND h.phase = 'hold'
     WHERE r.hold_seq IS NOT NULL
       AND (h.seq IS NULL OR r.amount > h.amount OR r.debit_id <> h.debit_id OR r.credit_id <> h.credit_id
            OR (r.phase = 'void' AND r.amount <> h.amount))
    UNION ALL
    SELECT r.community_id, 'a hold is resolved twice', r.hold_seq, 1, count(*)
      FROM journal r WHERE r.hold_seq IS NOT NULL GROUP BY r.community_id, r.hold_seq HAVING count(*) > 1
    UNION ALL
    SELECT r.community_id, 'more is refunded than was moved', r.refund_of, max(t.amount), sum(r.amount)
      FROM journal r LEFT JOIN journal t ON t.community_id = r.community_id AND t.seq = r.refund_of
     WHERE r.refund_of IS NOT NULL GROUP BY r.community_id, r.refund_of HAVING coalesce(max(t.amount), 0) < sum(r.amount)
    UNION ALL
    SELECT j.community_id, 'a transfer has a currency that its accounts have not', j.seq, NULL, NULL
      FROM journal j
      JOIN have d ON d.community_id = j.community_id AND d.account_id = j.debit_id
      JOIN have c ON c.community_id = j.community_id AND c.account_id = j.credit_id
     WHERE j.currency <> d.currency OR j.currency <> c.currency
    UNION ALL
    SELECT j.community_id, 'money left a fenced account as "' || j.code || '"', j.seq, 0, j.amount
      FROM journal j
      JOIN community.account a ON a.community_id = j.community_id AND a.account_id = j.debit_id
      JOIN community.fence f ON f.fence = a.fence
     WHERE j.phase <> 'void' AND j.code <> ALL (f.codes)
    UNION ALL
    SELECT o.community_id, 'an expired hold is still open', o.seq, o.amount, 0
      FROM open_hold o WHERE o.expires_at < now() - interval '1 hour'
    UNION ALL
    SELECT p.community_id, 'clearing with community ' || p.other_id || ' does not net to zero in ' || p.currency, NULL, -p.owed, p.owed_by_other
      FROM community.clearing_position() p
     WHERE coalesce(p.owed_by_other, 0) <> -p.owed AND (p_community_id IS NULL OR p.community_id = p_community_id);
END;
COMMENT ON FUNCTION community.ledger_check(bigint) IS 'Every way in which accounts and journal disagree; no row when all is well. NULL: all communities. / 账户与流水的一切不符之处，无行即无误。NULL 为全部社区。';

CREATE OR REPLACE FUNCTION community._health_ledger()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'error', 'ledger', format('posted sides of %s in community %s differ by %s', a.currency, a.community_id,
           sum(a.credits_posted) + coalesce(sum(d.posted), 0) - sum(a.debits_posted))
      FROM community.account a
      LEFT JOIN (SELECT c.community_id, c.account_id, sum(c.posted) AS posted FROM community.credit_delta c GROUP BY 1, 2) d
        ON d.community_id = a.community_id AND d.account_id = a.account_id
     GROUP BY a.community_id, a.currency
    HAVING sum(a.credits_posted) + coalesce(sum(d.posted), 0) <> sum(a.debits_posted)
    UNION ALL
    SELECT 'warn', 'bank', format('%s orders have waited for the bank since %s or longer', count(*), min(o.ordered_at))
      FROM community.bank_order o
     WHERE o.state = 'sent' AND o.ordered_at < now() - community.setting_interval('ledger_bank_late')
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION community._health_ledger() IS 'Check the ledger: sides that differ, orders without an answer of the bank. / 检查账本：借贷不平、银行未答复的指令。';
