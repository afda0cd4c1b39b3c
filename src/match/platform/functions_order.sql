-- Orders: on-line matching and the lifecycle with its money.

CREATE OR REPLACE FUNCTION community._order_make(p_demand community.demand, p_offer_id bigint, p_begins timestamptz, p_price bigint,
    p_score numeric, p_why jsonb, p_plan_id bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_service community.service_catalog := community._service_known(p_demand.service);
    v_provider_id bigint;
    v_id bigint;
    v_constraint text;
BEGIN
    SELECT o.provider_id INTO v_provider_id FROM community.offer o WHERE o.community_id = p_demand.community_id AND o.offer_id = p_offer_id;
    INSERT INTO community.service_order (community_id, demand_id, offer_id, provider_id, service, requester_kind, requester_id, exclusive,
        period, price, fee, currency, score, why, market_period, plan_id, confirm_due)
    SELECT p_demand.community_id, p_demand.demand_id, p_offer_id, v_provider_id, p_demand.service, p_demand.requester_kind,
           p_demand.requester_id, false, tstzrange(p_begins, p_begins + p_demand.duration), p_price,
           CASE v_service.currency WHEN 'TIME' THEN 0 ELSE round(p_price * r.fee_rate)::bigint END, v_service.currency,
           p_score, p_why, community._quarter(p_demand.community_id, now()), p_plan_id,
           least(now() + v_service.confirm_within, greatest(p_begins, now() + interval '1 minute'))
      FROM community.community c
      JOIN community.operating_rule r ON r.operating_model = c.operating_model
     WHERE c.community_id = p_demand.community_id
    RETURNING order_id INTO v_id;
    PERFORM community._demand_move(p_demand.community_id, p_demand.demand_id, 'match', NULL);
    RETURN v_id;
EXCEPTION
    WHEN exclusion_violation THEN
        PERFORM community.refuse('provider_busy', v_provider_id::text);
    WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
        IF v_constraint <> 'service_order_demand_key' THEN
            RAISE;
        END IF;
        PERFORM community.refuse('demand_taken', p_demand.demand_id::text);
END $$;
COMMENT ON FUNCTION community._order_make(community.demand, bigint, timestamptz, bigint, numeric, jsonb, bigint) IS 'Make the order of a locked demand with an offer; everything the guard or a constraint finds is a refusal: provider_not_active, share_cap_reached, offer_full, provider_busy, demand_taken, self_dealing, pair_blocked. / 为已锁定需求生成订单。';

CREATE OR REPLACE FUNCTION community.match_demand(p_key uuid, p_community_id bigint, p_demand_id bigint, p_offer_id bigint DEFAULT NULL)
RETURNS TABLE (order_id bigint, offer_id bigint, provider_id bigint, score numeric)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_answer jsonb;
    v_demand community.demand;
    v_c record;
    v_id bigint;
BEGIN
    v_answer := community.api_once(p_key, 'match_demand', jsonb_build_array(p_community_id, p_demand_id, p_offer_id));
    IF v_answer IS NULL THEN
        v_demand := community._demand_lock(p_community_id, p_demand_id);
        IF v_demand.state = 'matched' THEN
            PERFORM community.refuse('demand_taken', p_demand_id::text);
        ELSIF v_demand.state <> 'open' THEN
            PERFORM community.refuse('match_state', 'match', 'demand', p_demand_id::text, v_demand.state);
        END IF;
        PERFORM community._match_require('request', p_community_id, v_demand.login, 'match');
        FOR v_c IN
            SELECT c.* FROM community.match_candidates(p_community_id, p_demand_id, CASE WHEN p_offer_id IS NULL THEN 10 END, p_offer_id) c
        LOOP
            BEGIN
                v_id := community._order_make(v_demand, v_c.offer_id, v_c.begins, v_c.price, v_c.score, v_c.why, NULL);
                EXIT;
            EXCEPTION WHEN SQLSTATE 'PT409' THEN
                -- Taken by somebody else meanwhile: the next one, unless this one was asked for.
                IF p_offer_id IS NOT NULL THEN
                    RAISE;
                END IF;
            END;
        END LOOP;
        IF v_id IS NULL THEN
            PERFORM community.refuse('no_candidate', p_demand_id::text);
        END IF;
        v_answer := to_jsonb(v_id);
        PERFORM community.api_answer(p_key, v_answer);
    END IF;
    RETURN QUERY
    SELECT o.order_id, o.offer_id, o.provider_id, o.score
      FROM community.service_order o
     WHERE o.community_id = p_community_id AND o.order_id = (v_answer #>> '{}')::bigint;
END $$;
COMMENT ON FUNCTION community.match_demand(uuid, bigint, bigint, bigint) IS 'Match an open demand at once with its best candidate that is still free, or with p_offer_id when that fits. Refuses no_candidate, demand_taken, match_state, match_role, match_unknown and, for an offer asked for, what keeps it from taking the order. / 在线撮合：取最佳可用候选，或指定供给。';

CREATE OR REPLACE FUNCTION community._order_pay(p_order community.service_order, p_step text, p_amount bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_key uuid := community._ledger_key(md5('order ' || p_order.community_id || ' ' || p_order.order_id)::uuid, p_step);
    v_hold community.transfer;
    v_provider community.provider;
    v_payer bigint;
    v_payee bigint;
    v_free bigint;
    v_seq bigint;
BEGIN
    IF p_step = 'hold' THEN
        SELECT * INTO v_provider FROM community.provider p
         WHERE p.community_id = p_order.community_id AND p.provider_id = p_order.provider_id;
        v_payee := community._match_account(p_order.community_id, p_order.currency, v_provider.owner_kind, v_provider.owner_id);
        v_payer := community._match_account(p_order.community_id, p_order.currency, p_order.requester_kind, p_order.requester_id,
                                            p_order.currency <> 'TIME');
        IF p_order.currency = 'TIME' THEN
            -- Who has no credits yet is served on credits of the community.
            SELECT b.available INTO v_free FROM community.account_balance(p_order.community_id, v_payer) b;
            IF coalesce(v_free, 0) < p_amount THEN
                v_payer := community._match_account(p_order.community_id, 'TIME', 'community', p_order.community_id);
            END IF;
        END IF;
        SELECT m.seq INTO v_seq
          FROM community._ledger_move(p_order.community_id, v_key, 'hold', NULL::community.transfer, NULL, v_payer, v_payee, p_amount,
                                      'service', 'order ' || p_order.order_id, 'infinity') m;
        RETURN v_seq;
    END IF;
    v_hold := community._ledger_hold_of(p_order.community_id, p_order.hold_seq);
    SELECT m.seq INTO v_seq
      FROM community._ledger_move(p_order.community_id, v_key, CASE WHEN p_amount > 0 THEN 'post' ELSE 'void' END, v_hold, NULL,
                                  v_hold.debit_id, v_hold.credit_id, CASE WHEN p_amount > 0 THEN p_amount ELSE v_hold.amount END,
                                  v_hold.code, v_hold.reference, NULL) m;
    IF p_amount = p_order.price AND p_order.fee > 0 THEN
        PERFORM community._ledger_move(p_order.community_id, community._ledger_key(v_key, 'fee'), 'single', NULL::community.transfer, NULL,
            v_hold.credit_id, community._match_account(p_order.community_id, p_order.currency, 'community', p_order.community_id),
            p_order.fee, 'platform_fee', 'order ' || p_order.order_id, NULL);
    END IF;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community._order_pay(community.service_order, text, bigint) IS 'Place the hold of an order, which lasts as long as the order, or resolve it: take p_amount (and the platform fee when that is the whole price), give back the rest; 0 gives all back. / 订单冻结、入账或退回；全额入账时收取平台费。';

CREATE OR REPLACE FUNCTION community.order_event(p_key uuid, p_community_id bigint, p_order_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_o community.service_order;
    v_service community.service_catalog;
    v_provider_login text;
    v_requester_login text;
    v_move record;
    v_to text;
    v_demand_id bigint;
    v_demand_event text;
    v_pay bigint;
    v_role text := p_doc ->> 'role';
    v_late interval;
    v_at timestamptz;
BEGIN
    v_answer := community.api_once(p_key, 'order_event', jsonb_build_array(p_community_id, p_order_id, p_event, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    -- The demand first, as matching does; then the order, which decides every race.
    SELECT o.demand_id INTO v_demand_id FROM community.service_order o WHERE o.community_id = p_community_id AND o.order_id = p_order_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'order', coalesce(p_order_id::text, 'NULL'));
    END IF;
    SELECT d.login INTO v_requester_login FROM community._demand_lock(p_community_id, v_demand_id) d;
    SELECT * INTO v_o FROM community.service_order o
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id FOR NO KEY UPDATE;
    SELECT p.login INTO v_provider_login FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = v_o.provider_id;
    -- The provider before the accounts, as fines do.
    IF p_event = 'confirm' THEN
        PERFORM FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = v_o.provider_id FOR SHARE;
    ELSIF p_event IN ('settle', 'rate') THEN
        PERFORM FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = v_o.provider_id FOR NO KEY UPDATE;
    END IF;
    -- A no-show is contested by the side that is said to be missing.
    IF v_o.state = 'no_show' AND p_event = 'dispute' THEN
        v_role := CASE WHEN v_o.provider_in IS NULL THEN 'provide' ELSE 'request' END;
        IF v_role <> p_doc ->> 'role' THEN
            PERFORM community.refuse('match_role', community.actor(), 'order dispute', 'community', p_community_id::text);
        END IF;
    END IF;
    v_service := community._service_known(v_o.service);
    SELECT m.to_state, m.role INTO v_move
      FROM community._match_find('order', p_community_id, p_order_id, v_o.state, p_event, v_provider_login, v_requester_login,
                                 v_role) m;
    v_to := v_move.to_state;
    v_at := clock_timestamp();
    IF v_move.role = 'request' THEN
        PERFORM community._match_act(p_community_id, v_o.requester_kind, v_o.requester_id, p_doc, 'order', 'order/' || p_order_id);
    END IF;
    CASE p_event
        WHEN 'confirm' THEN
            IF v_at >= least(v_o.confirm_due, upper(v_o.period)) THEN
                PERFORM community.refuse('confirm_late', p_order_id::text, least(v_o.confirm_due, upper(v_o.period))::text);
            END IF;
            IF v_o.price > 0 THEN
                v_o.hold_seq := community._order_pay(v_o, 'hold', v_o.price);
            END IF;
        WHEN 'reject' THEN
            v_demand_event := 'reopen';
        WHEN 'cancel' THEN
            v_pay := CASE WHEN v_o.state = 'confirmed' AND v_move.role = 'request' AND v_at > lower(v_o.period) - v_service.free_before
                          THEN round(v_o.price * v_service.cancel_rate)::bigint ELSE 0 END;
            v_demand_event := CASE WHEN v_move.role IN ('request', 'job') THEN 'cancel' ELSE 'reopen' END;
        WHEN 'check_in' THEN
            IF v_at < lower(v_o.period) - community.setting_interval('match_check_in', p_community_id) THEN
                PERFORM community.refuse('check_in_early', (lower(v_o.period) - community.setting_interval('match_check_in', p_community_id))::text);
            END IF;
            IF v_move.role = 'provide' THEN
                v_o.provider_in := coalesce(v_o.provider_in, v_at);
            ELSE
                v_o.requester_in := coalesce(v_o.requester_in, v_at);
            END IF;
            IF v_o.provider_in IS NULL OR v_o.requester_in IS NULL THEN
                v_to := v_o.state;
            END IF;
        WHEN 'no_show' THEN
            v_late := community.setting_interval('match_late', p_community_id);
            IF v_at < lower(v_o.period) + v_late
               OR (CASE v_move.role WHEN 'provide' THEN v_o.provider_in IS NULL OR v_o.requester_in IS NOT NULL
                                    ELSE v_o.requester_in IS NULL OR v_o.provider_in IS NOT NULL END) THEN
                PERFORM community.refuse('no_show_early', (lower(v_o.period) + v_late)::text);
            END IF;
            v_o.missed_at := v_at;
            v_o.settle_due := v_at + v_service.settle_after;
            v_demand_event := CASE v_move.role WHEN 'provide' THEN 'cancel' ELSE 'reopen' END;
        WHEN 'finish' THEN
            v_o.done_at := v_at;
            v_o.settle_due := v_at + v_service.settle_after;
        WHEN 'dispute' THEN
            IF coalesce(btrim(p_doc ->> 'reason'), '') = '' THEN
                PERFORM community.refuse('match_form', 'dispute', 'a reason is needed');
            END IF;
            v_o.settle_due := NULL;
        WHEN 'rate' THEN
            IF v_o.state = 'done' THEN
                v_o.settle_due := v_at;
            END IF;
        WHEN 'settle', 'dismiss' THEN
            IF v_to = 'missed' THEN
                v_pay := CASE WHEN v_o.provider_in IS NULL THEN 0 ELSE round(v_o.price * v_service.no_show_rate)::bigint END;
            ELSE
                v_pay := v_o.price;
                v_demand_event := 'fulfil';
            END IF;
        WHEN 'refund' THEN
            v_pay := coalesce((p_doc ->> 'keep')::bigint, 0);
            IF v_pay < 0 OR v_pay > v_o.price THEN
                PERFORM community.refuse('match_form', 'refund', 'keep ' || v_pay);
            END IF;
            -- The demand of a no-show went its own way when it was stated.
            v_demand_event := CASE v_o.state WHEN 'disputed' THEN 'cancel' END;
        ELSE
            PERFORM community.refuse('match_form', 'event', p_event);
    END CASE;
    PERFORM community._match_note('order', p_community_id, p_order_id, v_o.state, p_event, v_to, v_move.role, p_doc);
    IF v_pay IS NOT NULL THEN
        v_o.paid := CASE WHEN v_o.hold_seq IS NULL THEN 0 ELSE v_pay END;
        IF v_o.hold_seq IS NOT NULL THEN
            PERFORM community._order_pay(v_o, 'end', v_pay);
        END IF;
    END IF;
    UPDATE community.service_order o
       SET state = v_to, provider_in = v_o.provider_in, requester_in = v_o.requester_in, missed_at = v_o.missed_at, done_at = v_o.done_at,
           settle_due = v_o.settle_due, hold_seq = v_o.hold_seq, paid = v_o.paid,
           ended_at = CASE WHEN v_pay IS NOT NULL OR v_to = 'rejected' THEN v_at ELSE o.ended_at END
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id;
    IF p_event = 'rate' THEN
        PERFORM community._order_rate(v_o, v_to, CASE WHEN v_move.role = 'provide' THEN 'provider' ELSE 'requester' END, p_doc);
    ELSIF v_to = 'settled' THEN
        UPDATE community.rating r SET counted = true WHERE r.community_id = p_community_id AND r.order_id = p_order_id AND NOT r.counted;
    END IF;
    IF v_demand_event IS NOT NULL THEN
        PERFORM community._demand_follow(p_community_id, v_demand_id, v_demand_event, v_move.role);
    END IF;
    IF p_event = 'cancel' AND v_move.role = 'request' AND (p_doc ->> 'series')::boolean THEN
        UPDATE community.demand d SET repeat_until = least(d.repeat_until, lower(d.slot))
         WHERE d.community_id = p_community_id AND d.demand_id = v_demand_id AND d.repeat_every IS NOT NULL;
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.order_event(uuid, bigint, bigint, text, jsonb) IS 'Move an order: confirm (places the hold; before confirm_due and the end of the order), reject, cancel (fee by the rule of the service; with p_doc.series the requester ends a recurring demand as well), check_in (in service once both did), no_show (by the side that checked in; paid by the rule of the service when it settles), finish, dispute (p_doc.reason; of a no-show by the side said to be missing, until it settles), rate (p_doc.stars, comment), settle (posts the hold), refund (p_doc.keep stays with the provider), dismiss (a dispute: paid in full; a contested no-show: it stands); p_doc.role chooses the side for the platform, p_doc.by_person_id is a guardian or proxy who acts for the requester, which is recorded. Returns the state. Refuses guardian_missing, match_state, match_role, supervisor_provides, provider_not_active, account_missing, confirm_late, check_in_early, no_show_early, rating_early, rating_twice, match_form, match_unknown and what the ledger refuses. / 推进订单：确认冻结、取消收费、签到、完成、争议、评价、结算入账。';

CREATE OR REPLACE FUNCTION community._demand_follow(p_community_id bigint, p_demand_id bigint, p_event text, p_role text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_to text;
BEGIN
    -- The right was checked for the order; the demand follows it.
    SELECT t.to_state INTO STRICT v_to
      FROM community.match_transition t
     WHERE t.machine = 'demand' AND t.from_state = 'matched' AND t.event = p_event
     GROUP BY t.to_state;
    UPDATE community.demand d SET state = v_to
     WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id AND d.state = 'matched';
    IF FOUND THEN
        PERFORM community._match_note('demand', p_community_id, p_demand_id, 'matched', p_event, v_to, p_role, NULL);
    END IF;
END $$;
COMMENT ON FUNCTION community._demand_follow(bigint, bigint, text, text) IS 'Let a matched demand follow what happened to its order. / 需求随订单状态变化。';

CREATE OR REPLACE FUNCTION community._order_rate(p_order community.service_order, p_state text, p_side text, p_doc jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_stars integer := (p_doc ->> 'stars')::integer;
BEGIN
    IF v_stars IS NULL OR v_stars NOT BETWEEN 1 AND 5 THEN
        PERFORM community.refuse('match_form', 'rating', 'stars from 1 to 5 are needed');
    END IF;
    INSERT INTO community.rating (community_id, order_id, side, provider_id, requester_kind, requester_id, stars, comment, counted)
    VALUES (p_order.community_id, p_order.order_id, p_side, p_order.provider_id, p_order.requester_kind, p_order.requester_id,
            v_stars, p_doc ->> 'comment', p_state = 'settled')
    ON CONFLICT (community_id, order_id, side) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM community.refuse('rating_twice', p_order.order_id::text);
    END IF;
END $$;
COMMENT ON FUNCTION community._order_rate(community.service_order, text, text, jsonb) IS 'Record the rating of one side of an order; it counts when the order is settled. Refuses match_form, rating_twice. / 记录订单一方的评价，结算后计入。';
