-- Supervision: violations and penalties with due process, shares of the market,
-- published figures.

CREATE OR REPLACE FUNCTION community.violation_add(p_community_id bigint, p_provider_id bigint, p_rule text, p_evidence text, p_order_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'violation');
    IF coalesce(p_rule, '') = '' OR coalesce(p_evidence, '') = ''
       OR (p_order_id IS NOT NULL AND NOT EXISTS (SELECT FROM community.service_order o
             WHERE o.community_id = p_community_id AND o.order_id = p_order_id AND o.provider_id = p_provider_id)) THEN
        PERFORM community.refuse('match_form', 'violation', 'a rule, evidence, and an order of the provider');
    END IF;
    IF NOT EXISTS (SELECT FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id) THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    INSERT INTO community.violation (community_id, provider_id, rule, order_id, evidence, reported_by)
    VALUES (p_community_id, p_provider_id, p_rule, p_order_id, p_evidence, community.actor())
    RETURNING violation_id INTO v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.violation_add(bigint, bigint, text, text, bigint) IS 'Record a violation with its evidence. Needs supervise. Refuses match_form, match_unknown, provider_supervises, match_role. / 记录违规及证据。';

CREATE OR REPLACE FUNCTION community.penalty_propose(p_community_id bigint, p_violation_id bigint, p_kind text, p_amount bigint DEFAULT NULL, p_lasts interval DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_violation community.violation;
    v_id bigint;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'penalty');
    SELECT * INTO v_violation FROM community.violation v
     WHERE v.community_id = p_community_id AND v.violation_id = p_violation_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'violation', coalesce(p_violation_id::text, 'NULL'));
    END IF;
    IF p_kind IS NULL OR p_kind NOT IN ('warning', 'fine', 'points', 'suspension', 'ban') OR p_amount <= 0 OR p_lasts <= interval '0'
       OR p_lasts > interval '100 years' OR (p_kind = 'points' AND p_amount > 1000000)
       OR (p_kind IN ('fine', 'points')) <> (p_amount IS NOT NULL) OR (p_kind = 'suspension') <> (p_lasts IS NOT NULL)
       OR EXISTS (SELECT FROM community.penalty n
                   WHERE n.community_id = p_community_id AND n.violation_id = p_violation_id AND n.state <> 'revoked') THEN
        PERFORM community.refuse('match_form', 'penalty', format('%s, amount %s, lasting %s', p_kind, p_amount, p_lasts));
    END IF;
    INSERT INTO community.penalty (community_id, violation_id, provider_id, kind, amount, lasts, proposed_by, hearing_until)
    VALUES (p_community_id, p_violation_id, v_violation.provider_id, p_kind, p_amount, p_lasts, community.actor(),
            now() + community.setting_interval('match_hearing', p_community_id))
    RETURNING penalty_id INTO v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.penalty_propose(bigint, bigint, text, bigint, interval) IS 'Propose one penalty for a violation: warning, fine (fen), points (up to a million), suspension (p_lasts, up to 100 years) or ban; the provider is heard first. Needs supervise. Refuses match_form, match_unknown, provider_supervises, match_role. / 提议处罚，先行申辩。';

CREATE OR REPLACE FUNCTION community._penalty_standing(p_community_id bigint, p_provider_id bigint,
    OUT banned boolean, OUT suspended_until timestamptz, OUT warned boolean, OUT penalty_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A penalty holds until it is revoked, runs out, or what it did is ended by an event.
    SELECT coalesce(bool_or(n.kind = 'ban'), false), max(n.effective_at + n.lasts), coalesce(bool_or(n.kind = 'warning'), false),
           max(n.penalty_id)
      FROM community.penalty n
     WHERE n.community_id = p_community_id AND n.provider_id = p_provider_id AND n.state IN ('effective', 'appealed', 'upheld')
       AND n.kind IN ('ban', 'suspension', 'warning') AND (n.lasts IS NULL OR n.effective_at + n.lasts > now())
       AND NOT EXISTS (SELECT FROM community.match_log l
                        WHERE l.community_id = n.community_id AND l.machine = 'provider' AND l.object_id = n.provider_id
                          AND l.event = CASE n.kind WHEN 'ban' THEN 'lift' WHEN 'suspension' THEN 'resume' ELSE 'clear' END
                          AND l.occurred_at > n.effective_at);
END;
COMMENT ON FUNCTION community._penalty_standing(bigint, bigint) IS 'What the penalties in force make of a provider: banned, suspended until (NULL: not), warned; with the number of the latest. / 服务方现行处罚：禁入、暂停截止（空为无）、警告，及最近处罚编号。';

CREATE OR REPLACE FUNCTION community._penalty_apply(p_penalty community.penalty, p_undo boolean)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider := community._provider_lock(p_penalty.community_id, p_penalty.provider_id);
    v_standing record;
    v_event text;
    v_until timestamptz;
    v_payer bigint;
    v_fund bigint;
    v_seq bigint;
BEGIN
    CASE p_penalty.kind
        WHEN 'points' THEN
            UPDATE community.provider p
               SET points = (p.points + CASE WHEN p_undo THEN -p_penalty.amount ELSE p_penalty.amount END)::integer
             WHERE p.community_id = p_penalty.community_id AND p.provider_id = p_penalty.provider_id;
        WHEN 'fine' THEN
            v_payer := community._match_account(p_penalty.community_id, 'CNY', v_provider.owner_kind, v_provider.owner_id);
            v_fund := community._match_account(p_penalty.community_id, 'CNY', 'community', p_penalty.community_id);
            SELECT m.seq INTO v_seq
              FROM community._ledger_move(p_penalty.community_id, community._ledger_key(md5('penalty ' || p_penalty.community_id || ' ' || p_penalty.penalty_id)::uuid, p_undo::text),
                'single', NULL::community.transfer, CASE WHEN p_undo THEN p_penalty.fine_seq END, CASE WHEN p_undo THEN v_fund ELSE v_payer END,
                CASE WHEN p_undo THEN v_payer ELSE v_fund END, p_penalty.amount, CASE WHEN p_undo THEN 'fine_back' ELSE 'fine' END,
                'penalty ' || p_penalty.penalty_id, NULL) m;
        ELSE
            IF NOT p_undo THEN
                v_event := CASE p_penalty.kind WHEN 'warning' THEN 'warn' WHEN 'suspension' THEN 'suspend' ELSE 'ban' END;
                v_until := greatest(p_penalty.effective_at + p_penalty.lasts, v_provider.suspended_until);
            ELSIF (SELECT l.doc ? 'penalty_id'
                     FROM community.match_log l
                    WHERE l.community_id = v_provider.community_id AND l.machine = 'provider' AND l.object_id = v_provider.provider_id
                      AND l.to_state = v_provider.state
                    ORDER BY l.log_id DESC LIMIT 1) THEN
                -- What no other penalty asks for is undone; what a supervisor did by hand stays.
                v_standing := community._penalty_standing(v_provider.community_id, v_provider.provider_id);
                IF p_penalty.kind = 'warning' AND v_provider.state = 'warned' AND NOT v_standing.warned THEN
                    v_event := 'clear';
                ELSIF p_penalty.kind = 'suspension' AND v_provider.suspended_until = p_penalty.effective_at + p_penalty.lasts THEN
                    v_event := CASE WHEN v_standing.suspended_until IS NULL THEN 'resume' ELSE 'suspend' END;
                    v_until := v_standing.suspended_until;
                ELSIF p_penalty.kind = 'ban' AND v_provider.state = 'banned' AND NOT v_standing.banned THEN
                    v_event := 'lift';
                END IF;
            END IF;
            -- A provider that a harder penalty holds, or that has left, is left alone.
            IF EXISTS (SELECT FROM community.match_transition t
                        WHERE t.machine = 'provider' AND t.from_state = v_provider.state AND t.event = v_event) THEN
                PERFORM community._provider_move(v_provider, v_event, CASE v_event WHEN 'suspend' THEN v_until END,
                                                 jsonb_build_object('penalty_id', p_penalty.penalty_id));
            END IF;
    END CASE;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community._penalty_apply(community.penalty, boolean) IS 'Put a penalty that is in effect upon its provider, or take back one that is revoked: points, the fine through the ledger, or the state, unless another penalty or a supervisor asks for it; returns the transfer of a fine. Refuses account_missing and what the ledger refuses. / 执行生效处罚，或撤回已撤销处罚的效果（扣分、罚款、状态），返回罚款转账号。';

CREATE OR REPLACE FUNCTION community.penalty_event(p_key uuid, p_community_id bigint, p_penalty_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_penalty community.penalty;
    v_login text;
    v_to text;
    v_seq bigint;
    v_at timestamptz := clock_timestamp();
BEGIN
    v_answer := community.api_once(p_key, 'penalty_event', jsonb_build_array(p_community_id, p_penalty_id, p_event, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    SELECT * INTO v_penalty FROM community.penalty n
     WHERE n.community_id = p_community_id AND n.penalty_id = p_penalty_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'penalty', coalesce(p_penalty_id::text, 'NULL'));
    END IF;
    SELECT p.login INTO v_login FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = v_penalty.provider_id;
    SELECT m.to_state INTO v_to
      FROM community._match_move('penalty', p_community_id, p_penalty_id, v_penalty.state, p_event, v_login, NULL, NULL, p_doc) m;
    IF p_event IN ('decide', 'uphold', 'revoke') AND (community.actor() = v_penalty.proposed_by OR community.actor() = v_penalty.decided_by) THEN
        PERFORM community.refuse('four_eyes', community.actor(), p_penalty_id::text);
    END IF;
    IF p_event = 'decide' AND v_at < v_penalty.hearing_until THEN
        PERFORM community.refuse('hearing_open', v_penalty.hearing_until::text);
    ELSIF p_event = 'appeal' AND v_at > v_penalty.appeal_until THEN
        PERFORM community.refuse('appeal_late', v_penalty.appeal_until::text);
    END IF;
    UPDATE community.penalty n
       SET state = v_to,
           decided_by = CASE p_event WHEN 'decide' THEN community.actor() ELSE n.decided_by END,
           effective_at = CASE p_event WHEN 'decide' THEN v_at ELSE n.effective_at END,
           appeal_until = CASE p_event WHEN 'decide' THEN v_at + community.setting_interval('match_appeal', p_community_id) ELSE n.appeal_until END,
           appealed_at = CASE p_event WHEN 'appeal' THEN v_at ELSE n.appealed_at END,
           appeal_by = CASE WHEN p_event IN ('uphold', 'revoke') THEN community.actor() ELSE n.appeal_by END,
           ended_at = CASE WHEN p_event IN ('uphold', 'revoke', 'drop') THEN v_at END
     WHERE n.community_id = p_community_id AND n.penalty_id = p_penalty_id
    RETURNING * INTO v_penalty;
    IF p_event IN ('decide', 'revoke') THEN
        v_seq := community._penalty_apply(v_penalty, p_event = 'revoke');
        UPDATE community.penalty n SET fine_seq = v_seq
         WHERE n.community_id = p_community_id AND n.penalty_id = p_penalty_id AND p_event = 'decide';
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.penalty_event(uuid, bigint, bigint, text, jsonb) IS 'Move a penalty: decide (by another person than proposed it, after the hearing), drop, appeal (by the provider, in time), uphold or revoke (by a third person; what was done is undone). Returns the state. Refuses four_eyes, hearing_open, appeal_late, match_state, match_role, match_unknown, account_missing. / 推进处罚：决定、申诉、维持或撤销。';

CREATE OR REPLACE FUNCTION community.market_share(p_community_id bigint, p_service text, p_period date)
RETURNS TABLE (provider_id bigint, name text, orders bigint, share numeric) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.provider_id, p.name, m.orders, round(m.orders::numeric / sum(m.orders) OVER (), 6)
      FROM community.market_count m
      JOIN community.provider p ON p.community_id = m.community_id AND p.provider_id = m.provider_id
     WHERE m.community_id = p_community_id AND m.service = p_service AND m.period = p_period AND m.orders > 0
     ORDER BY m.orders DESC, m.provider_id;
END;
COMMENT ON FUNCTION community.market_share(bigint, text, date) IS 'Shares of providers in the orders of a service in the quarter that begins on p_period. / 某季度某服务各服务方的订单份额。';

CREATE OR REPLACE FUNCTION community.hhi(p_community_id bigint, p_service text, p_period date)
RETURNS numeric LANGUAGE sql STABLE
RETURN (SELECT round(sum((100.0 * m.orders) ^ 2) / sum(m.orders) ^ 2, 2)
          FROM community.market_count m
         WHERE m.community_id = p_community_id AND m.service = p_service AND m.period = p_period AND m.provider_id > 0 AND m.orders > 0);
COMMENT ON FUNCTION community.hhi(bigint, text, date) IS 'Herfindahl-Hirschman index of a service in a quarter: sum of squared shares in percent, up to 10,000 for one provider; NULL without orders. / 赫芬达尔指数（0 至 10000），无订单为空。';

CREATE OR REPLACE FUNCTION community.supervision_figures(p_community_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS TABLE (figure text, number bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'violations', count(*) FROM community.violation v
     WHERE v.community_id = p_community_id AND v.reported_at >= p_from AND v.reported_at < p_upto
    UNION ALL
    SELECT 'penalties_' || k.kind, count(n.penalty_id)
      FROM unnest('{warning,fine,points,suspension,ban}'::text[]) k(kind)
      LEFT JOIN community.penalty n ON n.community_id = p_community_id AND n.kind = k.kind AND n.effective_at >= p_from AND n.effective_at < p_upto
     GROUP BY k.kind
    UNION ALL
    SELECT 'appeals', count(*) FROM community.penalty n
     WHERE n.community_id = p_community_id AND n.appealed_at >= p_from AND n.appealed_at < p_upto
    UNION ALL
    SELECT CASE WHEN k.dropped THEN 'dropped' ELSE 'revoked' END, count(n.penalty_id)
      FROM unnest('{false,true}'::boolean[]) k(dropped)
      LEFT JOIN community.penalty n ON n.community_id = p_community_id AND n.state = 'revoked' AND (n.effective_at IS NULL) = k.dropped
       AND n.ended_at >= p_from AND n.ended_at < p_upto
     GROUP BY k.dropped
    UNION ALL
    SELECT 'ratings_flagged', count(*) FROM community.rating r
     WHERE r.community_id = p_community_id AND r.flag IN ('ring', 'burst') AND r.rated_at >= p_from AND r.rated_at < p_upto
    UNION ALL
    SELECT 'ratings_appealed', count(*) FROM community.rating r
     WHERE r.community_id = p_community_id AND r.appealed_at >= p_from AND r.appealed_at < p_upto
    UNION ALL
    SELECT 'ratings_struck', count(*) FROM community.rating r
     WHERE r.community_id = p_community_id AND r.flag = 'struck' AND r.decided_at >= p_from AND r.decided_at < p_upto
    UNION ALL
    SELECT 'providers_' || p.state, count(*) FROM community.provider p WHERE p.community_id = p_community_id GROUP BY p.state
     ORDER BY 1;
END;
COMMENT ON FUNCTION community.supervision_figures(bigint, timestamptz, timestamptz) IS 'Figures of supervision in [p_from, p_upto) for publication: violations, penalties by kind, appeals, penalties revoked on appeal, proposals dropped, ratings flagged, appealed against and struck out; and the providers by state today. / 监管公开数据（违规、处罚、申诉、撤销、放弃、异常评价）及当前服务方状态分布。';
