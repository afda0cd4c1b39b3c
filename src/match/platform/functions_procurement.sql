-- Procurement: services that government buys.  Published, offered and awarded to
-- the lowest price, or awarded at once; paid on measured indicators.

CREATE OR REPLACE FUNCTION community._procurement_new(p_community_id bigint, p_service text, p_period daterange, p_budget bigint,
    p_payer_id bigint, p_kpis jsonb, p_offers_until timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'procurement');
    PERFORM community._service_known(p_service);
    IF p_period IS NULL OR isempty(p_period) OR lower_inf(p_period) OR upper_inf(p_period) OR NOT isfinite(lower(p_period)) OR NOT isfinite(upper(p_period))
       OR p_budget IS NULL OR p_budget <= 0
       OR jsonb_typeof(p_kpis) IS DISTINCT FROM 'array' OR jsonb_array_length(p_kpis) = 0
       OR EXISTS (SELECT FROM jsonb_to_recordset(p_kpis) AS k(indicator text, target numeric, least numeric, weight numeric)
                   WHERE k.indicator IS NULL OR k.indicator NOT IN ('orders', 'people', 'minutes', 'kept_rate', 'rating_bound')
                      OR k.target IS NULL OR k.target <= 0 OR k.target = 'NaN' OR k.weight IS NULL OR k.weight <= 0 OR k.weight = 'NaN'
                      OR k.least < 0 OR k.least > k.target)
       OR EXISTS (SELECT FROM jsonb_to_recordset(p_kpis) AS k(indicator text) GROUP BY k.indicator HAVING count(*) > 1) THEN
        PERFORM community.refuse('match_form', 'procurement', 'a period, a budget and different indicators with targets and weights');
    END IF;
    IF NOT EXISTS (SELECT FROM community.account a
                    WHERE a.community_id = p_community_id AND a.account_id = p_payer_id AND a.kind = 'fund' AND a.currency = 'CNY'
                      AND a.owner_kind IN ('community', 'organization') AND a.state <> 'closed') THEN
        PERFORM community.refuse('account_missing', 'CNY', 'fund', coalesce(p_payer_id::text, 'NULL'));
    END IF;
    INSERT INTO community.procurement (community_id, service, period, budget, offers_until, payer_id)
    VALUES (p_community_id, p_service, p_period, p_budget, p_offers_until, p_payer_id)
    RETURNING procurement_id INTO v_id;
    INSERT INTO community.procurement_kpi (community_id, procurement_id, indicator, target, least, weight)
    SELECT p_community_id, v_id, k.indicator, k.target, coalesce(k.least, 0), k.weight
      FROM jsonb_to_recordset(p_kpis) AS k(indicator text, target numeric, least numeric, weight numeric);
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community._procurement_new(bigint, text, daterange, bigint, bigint, jsonb, timestamptz) IS 'Record a procurement with its indicators, not yet awarded; the payer is a fund of the community or of an organization. Needs supervise. Refuses match_form, match_unknown, account_missing, provider_supervises, match_role. / 登记未授予的购买服务及指标，付款方须为专项资金。';

CREATE OR REPLACE FUNCTION community._procurement_lock(p_community_id bigint, p_procurement_id bigint)
RETURNS community.procurement LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_procurement community.procurement;
BEGIN
    SELECT * INTO v_procurement FROM community.procurement p
     WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'procurement', coalesce(p_procurement_id::text, 'NULL'));
    END IF;
    RETURN v_procurement;
END $$;
COMMENT ON FUNCTION community._procurement_lock(bigint, bigint) IS 'Lock a procurement and return it; refuses match_unknown. / 锁定并返回购买服务。';

CREATE OR REPLACE FUNCTION community._procurement_award(p_procurement community.procurement, p_provider_id bigint, p_price bigint)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider := community._provider_share(p_procurement.community_id, p_provider_id);
    v_lacks text := community._qualification_lacks(p_procurement.community_id, p_provider_id, p_procurement.service, CURRENT_DATE);
    v_to text;
    v_hold bigint;
BEGIN
    IF v_lacks IS NOT NULL THEN
        PERFORM community.refuse('qualification_missing', p_provider_id::text, v_lacks);
    END IF;
    SELECT m.to_state INTO v_to
      FROM community._match_move('procurement', p_procurement.community_id, p_procurement.procurement_id, p_procurement.state, 'award', NULL, NULL, NULL, '{}') m;
    SELECT m.seq INTO v_hold
      FROM community._ledger_move(p_procurement.community_id,
        community._ledger_key(md5(format('procurement %s %s', p_procurement.community_id, p_procurement.procurement_id))::uuid, 'hold'),
        'hold', NULL::community.transfer, NULL, p_procurement.payer_id,
        community._match_account(p_procurement.community_id, 'CNY', v_provider.owner_kind, v_provider.owner_id), p_price, 'procurement',
        'procurement ' || p_procurement.procurement_id, 'infinity') m;
    UPDATE community.procurement p SET state = v_to, provider_id = p_provider_id, price = p_price, hold_seq = v_hold
     WHERE p.community_id = p_procurement.community_id AND p.procurement_id = p_procurement.procurement_id;
    RETURN v_to;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('procurement_overlap', p_provider_id::text, p_procurement.service);
END $$;
COMMENT ON FUNCTION community._procurement_award(community.procurement, bigint, bigint) IS 'Award a locked procurement to a provider at a price, which is held on the payer. Needs supervise. Refuses procurement_overlap, provider_not_active, qualification_missing, match_state, match_role, account_missing and what the ledger refuses. / 授予服务方并冻结成交价。';

CREATE OR REPLACE FUNCTION community.procurement_add(p_key uuid, p_community_id bigint, p_provider_id bigint, p_service text, p_period daterange,
    p_budget bigint, p_payer_id bigint, p_kpis jsonb)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_id bigint;
BEGIN
    v_answer := community.api_once(p_key, 'procurement_add', jsonb_build_array(p_community_id, p_provider_id, p_service, p_period, p_budget, p_payer_id, p_kpis));
    IF v_answer IS NULL THEN
        v_id := community._procurement_new(p_community_id, p_service, p_period, p_budget, p_payer_id, p_kpis, NULL);
        PERFORM community._procurement_award(community._procurement_lock(p_community_id, v_id), p_provider_id, p_budget);
        v_answer := community.api_answer(p_key, to_jsonb(v_id));
    END IF;
    RETURN v_answer::bigint;
END $$;
COMMENT ON FUNCTION community.procurement_add(uuid, bigint, bigint, text, daterange, bigint, bigint, jsonb) IS 'Buy a service from a provider at once, without offers: the budget (fen) is held on the paying fund, p_kpis is an array of {indicator, target, least, weight}. Returns the number. Needs supervise. Refuses procurement_overlap, match_form, match_unknown, provider_not_active, qualification_missing, account_missing, provider_supervises, match_role and what the ledger refuses. / 直接授予的政府购买服务：冻结预算并约定指标。';

CREATE OR REPLACE FUNCTION community.procurement_publish(p_community_id bigint, p_service text, p_period daterange, p_budget bigint, p_payer_id bigint,
    p_kpis jsonb, p_offers_until timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_offers_until IS NULL OR p_offers_until <= now() OR NOT isfinite(p_offers_until) THEN
        PERFORM community.refuse('match_form', 'procurement', 'offers until ' || coalesce(p_offers_until::text, 'NULL'));
    END IF;
    RETURN community._procurement_new(p_community_id, p_service, p_period, p_budget, p_payer_id, p_kpis, p_offers_until);
END $$;
COMMENT ON FUNCTION community.procurement_publish(bigint, text, daterange, bigint, bigint, jsonb, timestamptz) IS 'Publish a procurement: providers offer at most the budget (fen) until a time; p_kpis is an array of {indicator, target, least, weight} that the price will be paid on. Returns the number. Needs supervise. Refuses match_form, match_unknown, account_missing, provider_supervises, match_role. / 发布购买服务，截止前接受不高于预算的报价。';

CREATE OR REPLACE FUNCTION community.procurement_offer_put(p_community_id bigint, p_procurement_id bigint, p_provider_id bigint, p_price bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_procurement community.procurement := community._procurement_lock(p_community_id, p_procurement_id);
    v_provider community.provider := community._provider_share(p_community_id, p_provider_id);
    v_lacks text := community._qualification_lacks(p_community_id, p_provider_id, v_procurement.service, CURRENT_DATE);
BEGIN
    PERFORM community._match_require('provide', p_community_id, v_provider.login, 'offer');
    IF v_lacks IS NOT NULL THEN
        PERFORM community.refuse('qualification_missing', p_provider_id::text, v_lacks);
    END IF;
    IF v_procurement.state <> 'published' OR v_procurement.offers_until <= clock_timestamp() THEN
        PERFORM community.refuse('bid_refused', 'procurement', p_procurement_id::text, 'the time for offers is over');
    ELSIF p_price IS NULL OR p_price <= 0 OR p_price > v_procurement.budget THEN
        PERFORM community.refuse('bid_refused', 'procurement', p_procurement_id::text, 'the budget is ' || v_procurement.budget);
    END IF;
    INSERT INTO community.procurement_offer (community_id, procurement_id, provider_id, price)
    VALUES (p_community_id, p_procurement_id, p_provider_id, p_price)
    ON CONFLICT (community_id, procurement_id, provider_id) DO UPDATE SET price = EXCLUDED.price, offered_at = clock_timestamp();
    RETURN p_price;
END $$;
COMMENT ON FUNCTION community.procurement_offer_put(bigint, bigint, bigint, bigint) IS 'Offer to deliver a procurement for a price in fen, or change the offer, until the time for offers ends; returns the price. Refuses bid_refused, provider_not_active, qualification_missing, supervisor_provides, match_role, match_unknown. / 对购买服务报价（分），截止前可改。';

CREATE OR REPLACE FUNCTION community.procurement_event(p_key uuid, p_community_id bigint, p_procurement_id bigint, p_event text)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_procurement community.procurement;
    v_offer record;
    v_winner bigint;
    v_to text;
BEGIN
    v_answer := community.api_once(p_key, 'procurement_event', jsonb_build_array(p_community_id, p_procurement_id, p_event));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    v_procurement := community._procurement_lock(p_community_id, p_procurement_id);
    CASE p_event
        WHEN 'award' THEN
            IF v_procurement.offers_until > clock_timestamp() THEN
                PERFORM community.refuse('bid_refused', 'procurement', p_procurement_id::text, 'offers are open until ' || v_procurement.offers_until);
            END IF;
            FOR v_offer IN
                SELECT o.provider_id, o.price FROM community.procurement_offer o
                 WHERE o.community_id = p_community_id AND o.procurement_id = p_procurement_id
                   AND community._qualification_lacks(o.community_id, o.provider_id, v_procurement.service, CURRENT_DATE) IS NULL
                 ORDER BY o.price, o.offered_at, o.provider_id
            LOOP
                SELECT p.provider_id INTO v_winner FROM community.provider p
                 WHERE p.community_id = p_community_id AND p.provider_id = v_offer.provider_id AND p.state IN ('active', 'warned') FOR SHARE;
                EXIT WHEN FOUND;
            END LOOP;
            IF v_winner IS NULL AND v_procurement.state = 'published' THEN
                PERFORM community.refuse('bid_refused', 'procurement', p_procurement_id::text, 'nobody offers');
            END IF;
            v_to := community._procurement_award(v_procurement, v_winner, v_offer.price);
        WHEN 'close' THEN
            SELECT m.to_state INTO v_to
              FROM community._match_move('procurement', p_community_id, p_procurement_id, v_procurement.state, p_event, NULL, NULL, NULL, '{}') m;
            UPDATE community.procurement p SET state = v_to
             WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id;
        ELSE
            PERFORM community.refuse('match_form', 'event', coalesce(p_event, 'NULL'));
    END CASE;
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.procurement_event(uuid, bigint, bigint, text) IS 'Move a published procurement: award (to the lowest offer of an active and qualified provider, the earlier of equal ones; the price is held on the payer) or close (without award). Returns the state. Needs supervise. Refuses procurement_overlap, bid_refused, match_form, match_state, match_role, match_unknown, account_missing and what the ledger refuses. / 推进购买服务：授予最低报价并冻结价款，或流标。';

CREATE OR REPLACE FUNCTION community._order_failed(p_order community.service_order)
RETURNS boolean LANGUAGE sql STABLE
RETURN CASE
    WHEN p_order.missed_at IS NOT NULL AND p_order.provider_in IS NULL THEN p_order.state IN ('no_show', 'missed')
    ELSE p_order.state = 'refunded' OR EXISTS (
    SELECT FROM community.match_log l
     WHERE l.community_id = p_order.community_id AND l.machine = 'order' AND l.object_id = p_order.order_id AND l.to_state = p_order.state
       AND CASE p_order.state WHEN 'rejected' THEN l.role IN ('provide', 'job') WHEN 'cancelled' THEN l.role = 'provide' ELSE false END)
    END;
COMMENT ON FUNCTION community._order_failed(community.service_order) IS 'Whether an order failed at its provider: rejected or left unconfirmed, cancelled by it, missed by it (unless it contests that and is found right), refunded. / 订单是否因服务方而未履行。';

CREATE OR REPLACE FUNCTION community._kpi_value(p_procurement community.procurement, p_indicator text)
RETURNS numeric LANGUAGE sql STABLE
RETURN (SELECT CASE p_indicator
                   WHEN 'orders' THEN count(*) FILTER (WHERE o.state = 'settled')
                   WHEN 'people' THEN count(DISTINCT (o.requester_kind, o.requester_id)) FILTER (WHERE o.state = 'settled')
                   WHEN 'minutes' THEN coalesce(round(sum(extract(epoch FROM upper(o.period) - lower(o.period))) FILTER (WHERE o.state = 'settled') / 60), 0)
                   WHEN 'kept_rate' THEN coalesce(round(count(*) FILTER (WHERE o.state = 'settled')::numeric
                        / nullif(count(*) FILTER (WHERE o.state = 'settled' OR community._order_failed(o)), 0), 4), 0)
                   WHEN 'rating_bound' THEN (SELECT round(community.wilson_lower(count(*) FILTER (WHERE r.stars >= 4), count(*))::numeric, 4)
                        FROM community.rating r JOIN community.service_order x ON x.community_id = r.community_id AND x.order_id = r.order_id
                       WHERE r.community_id = p_procurement.community_id AND r.provider_id = p_procurement.provider_id AND r.side = 'requester'
                         AND r.counted AND x.service = p_procurement.service AND p_procurement.period @> (lower(x.period) AT TIME ZONE c.tz)::date)
               END
          FROM community.community c
          LEFT JOIN community.service_order o
            ON o.community_id = c.community_id AND o.provider_id = p_procurement.provider_id AND o.service = p_procurement.service
           AND p_procurement.period @> (lower(o.period) AT TIME ZONE c.tz)::date
         WHERE c.community_id = p_procurement.community_id
         GROUP BY c.community_id, c.tz);
COMMENT ON FUNCTION community._kpi_value(community.procurement, text) IS 'Measured value of an indicator over the orders of a procurement. / 购买服务指标的实测值。';

CREATE OR REPLACE FUNCTION community._kpi_share(p_kpi community.procurement_kpi, p_measured numeric)
RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_measured < p_kpi.least THEN 0 ELSE least(p_measured / p_kpi.target, 1) END;
COMMENT ON FUNCTION community._kpi_share(community.procurement_kpi, numeric) IS 'Share of its weight that an indicator earns: in proportion to its target, at most 1, nothing below its least value. / 指标得分：按目标折算，封顶 1，低于起付值为 0。';

CREATE OR REPLACE FUNCTION community.procurement_measure(p_community_id bigint, p_procurement_id bigint)
RETURNS TABLE (indicator text, target numeric, at_least numeric, weight numeric, measured numeric, share numeric, pays bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.indicator, k.target, k.least, k.weight, m.measured, round(community._kpi_share(k, m.measured), 6),
           floor(p.price * k.weight * community._kpi_share(k, m.measured) / sum(k.weight) OVER ())::bigint
      FROM community.procurement p
      JOIN community.procurement_kpi k ON k.community_id = p.community_id AND k.procurement_id = p.procurement_id
     CROSS JOIN LATERAL (SELECT coalesce(k.measured, community._kpi_value(p, k.indicator)) AS measured) m
     WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id AND p.provider_id IS NOT NULL
     ORDER BY k.indicator;
END;
COMMENT ON FUNCTION community.procurement_measure(bigint, bigint) IS 'Indicators of an awarded procurement as they stand (of a settled one as they were measured), the share each earns and what it pays in fen; no row when it is not awarded. / 购买服务各指标的现值（已结算者为结算值）、得分与应付。';

CREATE OR REPLACE FUNCTION community.procurement_settle(p_key uuid, p_community_id bigint, p_procurement_id bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_procurement community.procurement;
    v_hold community.transfer;
    v_to text;
    v_pay bigint;
BEGIN
    v_answer := community.api_once(p_key, 'procurement_settle', jsonb_build_array(p_community_id, p_procurement_id));
    IF v_answer IS NOT NULL THEN
        RETURN (v_answer ->> 'paid')::bigint;
    END IF;
    v_procurement := community._procurement_lock(p_community_id, p_procurement_id);
    SELECT m.to_state INTO v_to
      FROM community._match_move('procurement', p_community_id, p_procurement_id, v_procurement.state, 'settle', NULL, NULL, NULL, '{}') m;
    IF upper(v_procurement.period) > community.local_day(now(), (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id)) THEN
        PERFORM community.refuse('match_form', 'settlement', 'the period ends on ' || upper(v_procurement.period));
    END IF;
    UPDATE community.procurement_kpi k SET measured = community._kpi_value(v_procurement, k.indicator)
     WHERE k.community_id = p_community_id AND k.procurement_id = p_procurement_id;
    SELECT floor(v_procurement.price * sum(k.weight * community._kpi_share(k, k.measured)) / sum(k.weight))::bigint
      INTO v_pay
      FROM community.procurement_kpi k
     WHERE k.community_id = p_community_id AND k.procurement_id = p_procurement_id;
    v_hold := community._ledger_hold_of(p_community_id, v_procurement.hold_seq);
    PERFORM community._ledger_move(p_community_id, community._ledger_key(p_key, 'pay'), CASE WHEN v_pay > 0 THEN 'post' ELSE 'void' END, v_hold, NULL,
        v_hold.debit_id, v_hold.credit_id, CASE WHEN v_pay > 0 THEN v_pay ELSE v_hold.amount END, v_hold.code, v_hold.reference, NULL);
    UPDATE community.procurement p SET state = v_to, paid = v_pay
     WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id;
    PERFORM community.api_answer(p_key, jsonb_build_object('paid', v_pay));
    RETURN v_pay;
END $$;
COMMENT ON FUNCTION community.procurement_settle(uuid, bigint, bigint) IS 'Measure the indicators after the period and pay that share of the price: each earns its weight in proportion to its target, nothing below its least value; the rest of the hold goes back. Returns what was paid, in fen. Needs supervise. Refuses match_form, match_state, match_role, match_unknown. / 期满实测指标并按比例付款，余额退回。';
