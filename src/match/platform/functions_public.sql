-- Leases of public facilities, procurement on indicators, time bank.

CREATE OR REPLACE FUNCTION community.lease_tender(p_community_id bigint, p_facility_id bigint, p_term daterange, p_least_rent bigint,
    p_bids_until timestamptz, p_unit text DEFAULT '')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_fund bigint;
    v_id bigint;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'lease');
    IF NOT EXISTS (SELECT FROM community.facility f WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id) THEN
        PERFORM community.refuse('match_unknown', 'facility', coalesce(p_facility_id::text, 'NULL'));
    END IF;
    IF p_term IS NULL OR isempty(p_term) OR lower_inf(p_term) OR upper_inf(p_term) OR p_least_rent IS NULL OR p_least_rent <= 0
       OR p_bids_until IS NULL OR p_bids_until <= now() THEN
        PERFORM community.refuse('match_form', 'tender', format('term %s, least rent %s, bids until %s', p_term, p_least_rent, p_bids_until));
    END IF;
    v_fund := community._match_account(p_community_id, 'CNY', 'facility', p_facility_id);
    INSERT INTO community.lease (community_id, facility_id, unit, term, least_rent, bids_until, fund_account_id)
    VALUES (p_community_id, p_facility_id, p_unit, p_term, p_least_rent, p_bids_until, v_fund)
    RETURNING lease_id INTO v_id;
    RETURN v_id;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('lease_overlap', p_facility_id::text);
END $$;
COMMENT ON FUNCTION community.lease_tender(bigint, bigint, daterange, bigint, timestamptz, text) IS 'Invite bids for the lease of a facility or a part of it; the facility needs its fund account, which the rent goes to. Needs supervise. Refuses lease_overlap, account_missing, match_form, match_unknown, provider_supervises, match_role. / 公共设施招租，租金归入设施专户。';

CREATE OR REPLACE FUNCTION community._lease_lock(p_community_id bigint, p_lease_id bigint)
RETURNS community.lease LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_lease community.lease;
BEGIN
    SELECT * INTO v_lease FROM community.lease l WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'lease', coalesce(p_lease_id::text, 'NULL'));
    END IF;
    RETURN v_lease;
END $$;
COMMENT ON FUNCTION community._lease_lock(bigint, bigint) IS 'Lock a lease and return it; refuses match_unknown. / 锁定并返回租约。';

CREATE OR REPLACE FUNCTION community.lease_bid_put(p_community_id bigint, p_lease_id bigint, p_provider_id bigint, p_rent bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_lease community.lease := community._lease_lock(p_community_id, p_lease_id);
    v_provider community.provider;
BEGIN
    SELECT * INTO v_provider FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id FOR SHARE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_provider.login, 'bid');
    IF v_provider.state NOT IN ('active', 'warned') THEN
        PERFORM community.refuse('provider_not_active', p_provider_id::text, v_provider.state);
    END IF;
    IF v_lease.state <> 'tender' OR v_lease.bids_until <= clock_timestamp() THEN
        PERFORM community.refuse('bid_refused', p_lease_id::text, 'the tender is over');
    ELSIF p_rent IS NULL OR p_rent < v_lease.least_rent THEN
        PERFORM community.refuse('bid_refused', p_lease_id::text, 'the least rent is ' || v_lease.least_rent);
    END IF;
    INSERT INTO community.lease_bid (community_id, lease_id, provider_id, rent)
    VALUES (p_community_id, p_lease_id, p_provider_id, p_rent)
    ON CONFLICT (community_id, lease_id, provider_id) DO UPDATE SET rent = EXCLUDED.rent, bid_at = clock_timestamp();
END $$;
COMMENT ON FUNCTION community.lease_bid_put(bigint, bigint, bigint, bigint) IS 'Bid a monthly rent in fen, or change the bid, until the tender ends. Refuses bid_refused, provider_not_active, supervisor_provides, match_role, match_unknown. / 招租报价（分/月），截止前可改。';

CREATE OR REPLACE FUNCTION community.lease_event(p_key uuid, p_community_id bigint, p_lease_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_lease community.lease;
    v_bid record;
    v_to text;
    v_until date := (p_doc ->> 'until')::date;
BEGIN
    v_answer := community.api_once(p_key, 'lease_event', jsonb_build_array(p_community_id, p_lease_id, p_event, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    v_lease := community._lease_lock(p_community_id, p_lease_id);
    SELECT m.to_state INTO v_to
      FROM community._match_move('lease', p_community_id, p_lease_id, v_lease.state, p_event, NULL, NULL, NULL, p_doc) m;
    IF p_event = 'award' THEN
        IF v_lease.bids_until > clock_timestamp() THEN
            PERFORM community.refuse('bid_refused', p_lease_id::text, 'bids are open until ' || v_lease.bids_until);
        END IF;
        SELECT b.provider_id, b.rent INTO v_bid
          FROM community.lease_bid b
          JOIN community.provider p ON p.community_id = b.community_id AND p.provider_id = b.provider_id
         WHERE b.community_id = p_community_id AND b.lease_id = p_lease_id AND p.state IN ('active', 'warned')
         ORDER BY b.rent DESC, b.bid_at, b.provider_id
         LIMIT 1
           FOR SHARE OF p;
        IF NOT FOUND THEN
            PERFORM community.refuse('bid_refused', p_lease_id::text, 'nobody bids');
        END IF;
        UPDATE community.lease l SET state = v_to, provider_id = v_bid.provider_id, rent = v_bid.rent
         WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id;
    ELSE
        IF p_event = 'end' AND v_until IS NOT NULL AND (v_until <= lower(v_lease.term) OR v_until > upper(v_lease.term)) THEN
            PERFORM community.refuse('match_form', 'lease', 'until ' || v_until);
        END IF;
        UPDATE community.lease l
           SET state = v_to, term = CASE WHEN p_event = 'end' THEN daterange(lower(l.term), coalesce(v_until, upper(l.term))) ELSE l.term END
         WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id;
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.lease_event(uuid, bigint, bigint, text, jsonb) IS 'Move a lease: award (to the highest bid of an active provider, the earlier of equal ones), close (without award), end (p_doc.until, first day no longer let). Returns the state. Refuses bid_refused, match_form, match_state, match_role, match_unknown. / 推进租约：授予最高报价、流标、终止。';

CREATE OR REPLACE FUNCTION community._rent_due(p_rent bigint, p_term daterange, p_month date)
RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN (SELECT round(p_rent::numeric * (upper(x.days) - lower(x.days)) / ((p_month + interval '1 month')::date - p_month))::bigint
          FROM (SELECT p_term * daterange(p_month, (p_month + interval '1 month')::date) AS days) x
         WHERE NOT isempty(x.days));
COMMENT ON FUNCTION community._rent_due(bigint, daterange, date) IS 'Rent of a month: by the days of the lease in it; NULL when there are none. / 当月租金，按租期天数折算，无则为空。';

CREATE OR REPLACE FUNCTION community._job_match_rent(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp
SET lock_timeout = '10ms' AS $$
DECLARE
    v record;
    v_seq bigint;
    v_payer bigint;
    v_rows bigint := 0;
BEGIN
    INSERT INTO community.lease_rent (community_id, lease_id, month, amount, state)
    SELECT l.community_id, l.lease_id, m.month::date, community._rent_due(l.rent, l.term, m.month::date), 'arrears'
      FROM community.lease l
      JOIN community.community c ON c.community_id = l.community_id
     CROSS JOIN LATERAL generate_series(date_trunc('month', lower(l.term)::timestamp),
            least((upper(l.term) - 1)::timestamp, p_now AT TIME ZONE c.tz), interval '1 month') m(month)
     WHERE l.state IN ('active', 'ended') AND community._rent_due(l.rent, l.term, m.month::date) > 0
    ON CONFLICT (community_id, lease_id, month) DO NOTHING;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    FOR v IN
        SELECT r.community_id, r.lease_id, r.month, r.amount, l.fund_account_id, p.owner_kind, p.owner_id
          FROM community.lease_rent r
          JOIN community.lease l ON l.community_id = r.community_id AND l.lease_id = r.lease_id
          JOIN community.provider p ON p.community_id = l.community_id AND p.provider_id = l.provider_id
         WHERE r.state = 'arrears'
         ORDER BY r.community_id, r.lease_id, r.month
           FOR NO KEY UPDATE OF r SKIP LOCKED
    LOOP
        BEGIN
            v_payer := community._match_account(v.community_id, 'CNY', v.owner_kind, v.owner_id);
            SELECT m.seq INTO v_seq
              FROM community._ledger_move(v.community_id, md5(format('rent %s %s %s', v.community_id, v.lease_id, v.month))::uuid, 'single',
                NULL::community.transfer, NULL, v_payer, v.fund_account_id, v.amount, 'rent', 'lease ' || v.lease_id, NULL) m;
            UPDATE community.lease_rent r SET state = 'paid', paid_at = p_now, transfer_seq = v_seq
             WHERE r.community_id = v.community_id AND r.lease_id = v.lease_id AND r.month = v.month;
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- no money: stays in arrears, tried again
        END;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_rent(timestamptz) IS 'Job: accrue the rent of every month begun, once, and take it into the fund of the facility; what cannot be paid stays in arrears and is tried again. Returns rows accrued and paid. / 作业：按月计提租金并入设施专户，不足则欠缴待补。';

CREATE OR REPLACE FUNCTION community.fund_spend(p_key uuid, p_community_id bigint, p_facility_id bigint, p_credit_id bigint, p_amount bigint, p_purpose text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_fund community.account;
    v_seq bigint;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'spend');
    SELECT * INTO v_fund
      FROM community.account a
     WHERE a.community_id = p_community_id
       AND a.account_id = community._match_account(p_community_id, 'CNY', 'facility', p_facility_id);
    IF NOT EXISTS (SELECT FROM community.fence f WHERE f.fence = v_fund.fence AND 'facility_' || p_purpose = ANY (f.codes)) THEN
        PERFORM community.refuse('fund_purpose', coalesce(p_purpose, 'NULL'));
    END IF;
    SELECT m.seq INTO v_seq
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL::community.transfer, NULL, v_fund.account_id, p_credit_id, p_amount,
        'facility_' || p_purpose, 'facility ' || p_facility_id, NULL) m;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community.fund_spend(uuid, bigint, bigint, bigint, bigint, text) IS 'Spend from the ring-fenced fund of a facility for a purpose of its fence: upkeep, repair, renewal, accessibility or service; the only way out of it, returns the transfer. Needs supervise. Refuses fund_purpose, account_missing, provider_supervises, match_role and what the ledger refuses. / 设施专户唯一的支出方式，仅限围栏内用途。';

CREATE OR REPLACE FUNCTION community.procurement_add(p_key uuid, p_community_id bigint, p_provider_id bigint, p_service text, p_period daterange,
    p_budget bigint, p_payer_id bigint, p_kpis jsonb)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_provider community.provider;
    v_id bigint := nextval('community.procurement_seq');
    v_hold bigint;
BEGIN
    v_answer := community.api_once(p_key, 'procurement_add', jsonb_build_array(p_community_id, p_provider_id, p_service, p_period, p_budget, p_payer_id, p_kpis));
    IF v_answer IS NOT NULL THEN
        RETURN (v_answer ->> 'procurement_id')::bigint;
    END IF;
    PERFORM community._match_require('supervise', p_community_id, NULL, 'procurement');
    PERFORM community._service_known(p_service);
    SELECT * INTO v_provider FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id FOR SHARE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    ELSIF v_provider.state NOT IN ('active', 'warned') THEN
        PERFORM community.refuse('provider_not_active', p_provider_id::text, v_provider.state);
    END IF;
    IF p_period IS NULL OR isempty(p_period) OR lower_inf(p_period) OR upper_inf(p_period) OR p_budget IS NULL OR p_budget <= 0
       OR jsonb_typeof(p_kpis) IS DISTINCT FROM 'array' OR jsonb_array_length(p_kpis) = 0
       OR EXISTS (SELECT FROM jsonb_to_recordset(p_kpis) AS k(indicator text, target numeric, least numeric, weight numeric)
                   WHERE k.indicator IS NULL OR k.indicator NOT IN ('orders', 'people', 'minutes', 'kept_rate', 'rating_bound')
                      OR k.target IS NULL OR k.target <= 0 OR k.weight IS NULL OR k.weight <= 0 OR k.least < 0 OR k.least > k.target) THEN
        PERFORM community.refuse('match_form', 'procurement', 'a period, a budget and indicators with targets and weights');
    END IF;
    SELECT m.seq INTO v_hold
      FROM community._ledger_move(p_community_id, community._ledger_key(p_key, 'budget'), 'hold', NULL::community.transfer, NULL, p_payer_id,
        community._match_account(p_community_id, 'CNY', v_provider.owner_kind, v_provider.owner_id), p_budget, 'procurement',
        'procurement ' || v_id, greatest(upper(p_period)::timestamptz, now()) + interval '2 years') m;
    INSERT INTO community.procurement (community_id, procurement_id, provider_id, service, period, budget, payer_id, hold_seq)
    VALUES (p_community_id, v_id, p_provider_id, p_service, p_period, p_budget, p_payer_id, v_hold);
    INSERT INTO community.procurement_kpi (community_id, procurement_id, indicator, target, least, weight)
    SELECT p_community_id, v_id, k.indicator, k.target, coalesce(k.least, 0), k.weight
      FROM jsonb_to_recordset(p_kpis) AS k(indicator text, target numeric, least numeric, weight numeric);
    PERFORM community.api_answer(p_key, jsonb_build_object('procurement_id', v_id));
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.procurement_add(uuid, bigint, bigint, text, daterange, bigint, bigint, jsonb) IS 'Buy a service from a provider for a period: the budget is held on the paying account, p_kpis is an array of {indicator, target, least, weight}. Needs supervise. Refuses match_form, match_unknown, provider_not_active, account_missing, provider_supervises, match_role and what the ledger refuses. / 政府购买服务：冻结预算并约定指标。';

CREATE OR REPLACE FUNCTION community._kpi_value(p_procurement community.procurement, p_indicator text)
RETURNS numeric LANGUAGE sql STABLE
RETURN (SELECT CASE p_indicator
                   WHEN 'orders' THEN count(*) FILTER (WHERE o.state = 'settled')
                   WHEN 'people' THEN count(DISTINCT (o.requester_kind, o.requester_id)) FILTER (WHERE o.state = 'settled')
                   WHEN 'minutes' THEN coalesce(round(sum(extract(epoch FROM upper(o.period) - lower(o.period))) FILTER (WHERE o.state = 'settled') / 60), 0)
                   WHEN 'kept_rate' THEN coalesce(round(count(*) FILTER (WHERE o.state = 'settled')::numeric
                        / nullif(count(*) FILTER (WHERE o.state IN ('settled', 'no_show', 'refunded', 'rejected', 'cancelled')), 0), 4), 0)
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
    SELECT * INTO v_procurement FROM community.procurement p
     WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'procurement', coalesce(p_procurement_id::text, 'NULL'));
    END IF;
    SELECT m.to_state INTO v_to
      FROM community._match_move('procurement', p_community_id, p_procurement_id, v_procurement.state, 'settle', NULL, NULL, NULL, '{}') m;
    IF upper(v_procurement.period) > community.local_day(now(), (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id)) THEN
        PERFORM community.refuse('match_form', 'settlement', 'the period ends on ' || upper(v_procurement.period));
    END IF;
    UPDATE community.procurement_kpi k SET measured = community._kpi_value(v_procurement, k.indicator)
     WHERE k.community_id = p_community_id AND k.procurement_id = p_procurement_id;
    SELECT floor(v_procurement.budget * sum(k.weight * CASE WHEN k.measured < k.least THEN 0 ELSE least(k.measured / k.target, 1) END) / sum(k.weight))::bigint
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
COMMENT ON FUNCTION community.procurement_settle(uuid, bigint, bigint) IS 'Measure the indicators after the period and pay that share of the budget: each earns its weight in proportion to its target, nothing below its least value; the rest of the hold goes back. Returns what was paid, in fen. Needs supervise. Refuses match_form, match_state, match_role, match_unknown. / 期满实测指标并按比例付款，余额退回。';

CREATE OR REPLACE FUNCTION community.time_kin_set(p_community_id bigint, p_person_id bigint, p_kin_id bigint, p_relation text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'kin');
    IF p_person_id = p_kin_id OR p_person_id IS NULL OR p_kin_id IS NULL OR p_relation IS NULL
       OR p_relation NOT IN ('spouse', 'child', 'parent', 'grandparent', 'grandchild', 'sibling') THEN
        PERFORM community.refuse('match_form', 'relation', format('%s is %s of %s', p_kin_id, p_relation, p_person_id));
    END IF;
    INSERT INTO community.time_kin (community_id, person_id, kin_id, relation, verified_by)
    VALUES (p_community_id, p_person_id, p_kin_id, p_relation, community.actor())
    ON CONFLICT (community_id, person_id, kin_id) DO UPDATE SET relation = EXCLUDED.relation, verified_by = EXCLUDED.verified_by;
END $$;
COMMENT ON FUNCTION community.time_kin_set(bigint, bigint, bigint, text) IS 'Record a relative to whom a person may pass time credits. Needs match. Refuses match_form, match_role. / 登记可受让时间积分的亲属。';

CREATE OR REPLACE FUNCTION community.time_give(p_key uuid, p_community_id bigint, p_person_id bigint, p_kin_id bigint, p_minutes bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_from bigint;
    v_to bigint;
    v_given bigint;
    v_cap integer := community.setting_int('time_year_cap', p_community_id);
    v_seq bigint;
    v_replayed boolean;
BEGIN
    PERFORM community._match_require('request', p_community_id, community.actor(), 'time');
    IF NOT EXISTS (SELECT FROM community.time_kin k
                    WHERE k.community_id = p_community_id AND k.person_id = p_person_id AND k.kin_id = p_kin_id) THEN
        PERFORM community.refuse('kin_unknown', coalesce(p_person_id::text, 'NULL'), coalesce(p_kin_id::text, 'NULL'));
    END IF;
    v_from := community._match_account(p_community_id, 'TIME', 'person', p_person_id);
    v_to := community._match_account(p_community_id, 'TIME', 'person', p_kin_id);
    SELECT m.seq, m.replayed INTO v_seq, v_replayed
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL::community.transfer, NULL, v_from, v_to, p_minutes, 'time_gift', NULL, NULL) m;
    -- The accounts are locked now: nobody gives from this one meanwhile.
    SELECT coalesce(sum(t.amount), 0) INTO v_given
      FROM community.transfer t
     WHERE t.community_id = p_community_id AND t.debit_id = v_from AND t.code = 'time_gift' AND t.at >= date_trunc('year', now());
    IF NOT v_replayed AND v_given > v_cap THEN
        PERFORM community.refuse('time_year_cap', p_minutes::text, v_cap::text);
    END IF;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community.time_give(uuid, bigint, bigint, bigint, bigint) IS 'Pass minutes of time credit on to a recorded relative, within the yearly cap; returns the transfer. Between communities ledger_transfer_between() does it. Refuses kin_unknown, time_year_cap, account_missing, match_role and what the ledger refuses. / 向已登记亲属转让时间积分，受年度上限约束。';

CREATE OR REPLACE FUNCTION community._job_match_time(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
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
          JOIN community.account i ON i.community_id = a.community_id AND i.currency = 'TIME' AND i.kind = 'issue' AND i.state = 'open'
           AND i.owner_kind = 'community' AND i.owner_id = a.community_id
         CROSS JOIN LATERAL (
            SELECT coalesce(sum(t.amount), 0)::bigint - a.debits_posted - a.debits_pending AS left_over
              FROM community.transfer t
             WHERE t.community_id = a.community_id AND t.credit_id = a.account_id AND t.phase IN ('single', 'post')
               AND t.at < p_now - community.setting_interval('time_expires', a.community_id)) x
         WHERE a.currency = 'TIME' AND a.kind = 'purse' AND a.state = 'open' AND x.left_over > 0
         ORDER BY a.community_id, a.account_id
    LOOP
        BEGIN
            PERFORM community._ledger_move(v.community_id, md5(format('time expired %s %s %s', v.community_id, v.account_id, p_now))::uuid,
                'single', NULL::community.transfer, NULL, v.account_id, v.issue_id, v.left_over, 'time_expired', NULL, NULL);
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- spent meanwhile
        END;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_time(timestamptz) IS 'Job: take back time credits older than time_expires that were not spent, the oldest counting as spent first; returns the number of purses. / 作业：收回逾期未用的时间积分（先进先出）。';
