-- Public services for apps: leases of facilities, procurement, the time bank.
-- Amounts in fen, credits in minutes.

CREATE OR REPLACE FUNCTION community_api.lease_tender(p_key uuid, p_community_id bigint, p_facility_id bigint, p_begins date, p_ends date,
    p_least_rent bigint, p_bids_until timestamptz, p_unit text DEFAULT '')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'lease_tender', jsonb_build_array(p_community_id, p_facility_id, p_begins, p_ends, p_least_rent, extract(epoch FROM p_bids_until), p_unit)),
        community.api_answer(p_key, to_jsonb(community.lease_tender(p_community_id, p_facility_id,
            CASE WHEN p_begins < p_ends THEN daterange(p_begins, p_ends) END, p_least_rent, p_bids_until, p_unit))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_tender(uuid, bigint, bigint, date, date, bigint, timestamptz, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_tender(uuid, bigint, bigint, date, date, bigint, timestamptz, text) IS 'Invite bids for a facility or a part of it (p_unit) from p_begins until before p_ends; returns the number. For supervisors. The same p_key returns the first answer. Refuses as community.lease_tender, module_off, community_unknown. / 公共设施招租，返回编号。';

CREATE OR REPLACE FUNCTION community_api.lease_bid(p_key uuid, p_community_id bigint, p_lease_id bigint, p_provider_id bigint,
    p_rent bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'lease_bid', jsonb_build_array(p_community_id, p_lease_id, p_provider_id, p_rent)),
        community.api_answer(p_key, to_jsonb(community.lease_bid_put(p_community_id, p_lease_id, p_provider_id, p_rent))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_bid(uuid, bigint, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_bid(uuid, bigint, bigint, bigint, bigint) IS 'Bid a monthly rent as a provider, or change the bid, until the tender ends; returns the rent. The same p_key returns the first answer. Refuses as community.lease_bid_put, module_off, community_unknown. / 对招租报价（分/月）。';

CREATE OR REPLACE FUNCTION community_api.lease_event(p_key uuid, p_community_id bigint, p_lease_id bigint, p_event text,
    p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.lease_event(p_key, p_community_id, p_lease_id, p_event, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_event(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_event(uuid, bigint, bigint, text, jsonb) IS 'Move a lease: award, close, or end (p_doc.until), as community.lease_event; returns its state. For supervisors. The same p_key returns the first answer. / 推进租约：授予、流标、终止，返回状态。';

CREATE OR REPLACE FUNCTION community_api.lease_list(p_community_id bigint, p_facility_id bigint DEFAULT NULL)
RETURNS TABLE (lease_id bigint, facility_id bigint, unit text, begins date, ends date, state text, least_rent bigint, bids_until timestamptz, provider_id bigint,
    provider_name text, rent bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY
    SELECT l.lease_id, l.facility_id, l.unit, lower(l.term), upper(l.term), l.state, l.least_rent, l.bids_until, l.provider_id, p.name, l.rent
      FROM community.lease l
      LEFT JOIN community.provider p ON p.community_id = l.community_id AND p.provider_id = l.provider_id
     WHERE l.community_id = p_community_id AND (p_facility_id IS NULL OR l.facility_id = p_facility_id)
     ORDER BY l.lease_id;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_list(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_list(bigint, bigint) IS 'Leases of the caller''s community, which are public: tenders with least rent and end, awards with tenant and rent; bids are not shown. Refuses module_off, community_unknown. / 本社区租约公示：招租与成交，不显示报价。';

CREATE OR REPLACE FUNCTION community_api.lease_rents(p_community_id bigint, p_lease_id bigint)
RETURNS TABLE (month date, amount bigint, state text, paid_at timestamptz, arrears bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    SELECT p.login INTO v_login
      FROM community.lease l
      LEFT JOIN community.provider p ON p.community_id = l.community_id AND p.provider_id = l.provider_id
     WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'lease', coalesce(p_lease_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require_overseen(p_community_id, v_login, 'rents');
    RETURN QUERY SELECT r.month, r.amount, r.state, r.paid_at, r.arrears FROM community.lease_account(p_community_id, p_lease_id) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_rents(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_rents(bigint, bigint) IS 'Rent of a lease by month and what is in arrears up to then, for its tenant, supervisors and the platform. Refuses match_unknown, match_role, module_off, community_unknown. / 租约逐月租金与欠租，承租方、监管者与平台可见。';

CREATE OR REPLACE FUNCTION community_api.lease_arrears(p_community_id bigint)
RETURNS TABLE (lease_id bigint, facility_id bigint, unit text, provider_id bigint, provider_name text, months bigint, arrears bigint, since date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    IF NOT community._match_may('match', p_community_id, NULL) THEN
        PERFORM community._match_require('supervise', p_community_id, NULL, 'arrears');
    END IF;
    RETURN QUERY
    SELECT l.lease_id, l.facility_id, l.unit, p.provider_id, p.name, count(*), sum(r.amount)::bigint, min(r.month)
      FROM community.lease_rent r
      JOIN community.lease l ON l.community_id = r.community_id AND l.lease_id = r.lease_id
      JOIN community.provider p ON p.community_id = l.community_id AND p.provider_id = l.provider_id
     WHERE r.community_id = p_community_id AND r.state = 'arrears'
     GROUP BY l.lease_id, l.facility_id, l.unit, p.provider_id, p.name
     ORDER BY min(r.month), l.lease_id;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.lease_arrears(bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.lease_arrears(bigint) IS 'Leases with rent in arrears, the oldest first: months, amount in fen and since when; for supervisors and the platform. Refuses match_role, provider_supervises, module_off, community_unknown. / 欠租租约一览，欠缴最久在前，监管者与平台可见。';

CREATE OR REPLACE FUNCTION community_api.fund_spend(p_key uuid, p_community_id bigint, p_facility_id bigint, p_credit_id bigint,
    p_amount bigint, p_purpose text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.fund_spend(p_key, p_community_id, p_facility_id, p_credit_id, p_amount, p_purpose);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.fund_spend(uuid, bigint, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.fund_spend(uuid, bigint, bigint, bigint, bigint, text) IS 'Spend from the ring-fenced fund of a facility, as community.fund_spend; returns the transfer. For supervisors. The same p_key returns the first answer. / 设施专户支出，返回转账编号。';

CREATE OR REPLACE FUNCTION community_api.procurement_publish(p_key uuid, p_community_id bigint, p_service text, p_begins date, p_ends date,
    p_budget bigint, p_payer_id bigint, p_doc jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'procurement_publish', jsonb_build_array(p_community_id, p_service, p_begins, p_ends, p_budget, p_payer_id, p_doc)),
        community.api_answer(p_key, to_jsonb(community.procurement_publish(p_community_id, p_service,
            CASE WHEN p_begins < p_ends THEN daterange(p_begins, p_ends) END, p_budget, p_payer_id, p_doc -> 'kpis', (p_doc ->> 'offers_until')::timestamptz))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_publish(uuid, bigint, text, date, date, bigint, bigint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_publish(uuid, bigint, text, date, date, bigint, bigint, jsonb) IS 'Publish a procurement for the days from p_begins until before p_ends, paid from a fund; p_doc: kpis (array of {indicator, target, least, weight}) and offers_until. Returns the number. For supervisors. The same p_key returns the first answer. Refuses as community.procurement_publish, module_off, community_unknown. / 发布购买服务，返回编号。';

CREATE OR REPLACE FUNCTION community_api.procurement_offer(p_key uuid, p_community_id bigint, p_procurement_id bigint,
    p_provider_id bigint, p_price bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'procurement_offer', jsonb_build_array(p_community_id, p_procurement_id, p_provider_id, p_price)),
        community.api_answer(p_key, to_jsonb(community.procurement_offer_put(p_community_id, p_procurement_id, p_provider_id, p_price))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_offer(uuid, bigint, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_offer(uuid, bigint, bigint, bigint, bigint) IS 'Offer to deliver a procurement for a price as a provider, or change the offer; returns the price. The same p_key returns the first answer. Refuses as community.procurement_offer_put, module_off, community_unknown. / 对购买服务报价（分）。';

CREATE OR REPLACE FUNCTION community_api.procurement_event(p_key uuid, p_community_id bigint, p_procurement_id bigint, p_event text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.procurement_event(p_key, p_community_id, p_procurement_id, p_event);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_event(uuid, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_event(uuid, bigint, bigint, text) IS 'Award a published procurement to its lowest offer, or close it, as community.procurement_event; returns its state. For supervisors. The same p_key returns the first answer. / 授予或流标，返回状态。';

CREATE OR REPLACE FUNCTION community_api.procurement_list(p_community_id bigint)
RETURNS TABLE (procurement_id bigint, service text, begins date, ends date, state text, budget bigint, offers_until timestamptz, provider_id bigint,
    provider_name text, price bigint, paid bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY
    SELECT p.procurement_id, p.service, lower(p.period), upper(p.period), p.state, p.budget, p.offers_until, p.provider_id, v.name, p.price, p.paid
      FROM community.procurement p
      LEFT JOIN community.provider v ON v.community_id = p.community_id AND v.provider_id = p.provider_id
     WHERE p.community_id = p_community_id
     ORDER BY p.procurement_id;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_list(bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_list(bigint) IS 'Procurements of the caller''s community, which are public: what is wanted, who was awarded at which price, what was paid; offers are not shown. Refuses module_off, community_unknown. / 本社区购买服务公示，不显示报价。';

CREATE OR REPLACE FUNCTION community_api.procurement_measure(p_community_id bigint, p_procurement_id bigint)
RETURNS TABLE (indicator text, target numeric, at_least numeric, weight numeric, measured numeric, share numeric, pays bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    SELECT v.login INTO v_login
      FROM community.procurement p
      LEFT JOIN community.provider v ON v.community_id = p.community_id AND v.provider_id = p.provider_id
     WHERE p.community_id = p_community_id AND p.procurement_id = p_procurement_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'procurement', coalesce(p_procurement_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require_overseen(p_community_id, v_login, 'measurement');
    RETURN QUERY
    SELECT m.indicator, m.target, m.at_least, m.weight, m.measured, m.share, m.pays FROM community.procurement_measure(p_community_id, p_procurement_id) m;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_measure(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_measure(bigint, bigint) IS 'Indicators of an awarded procurement as they stand, and what each pays, for its provider, supervisors and the platform. Refuses match_unknown, match_role, module_off, community_unknown. / 购买服务指标现值与应付，承接方、监管者与平台可见。';

CREATE OR REPLACE FUNCTION community_api.procurement_pay(p_key uuid, p_community_id bigint, p_procurement_id bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.procurement_settle(p_key, p_community_id, p_procurement_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.procurement_pay(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.procurement_pay(uuid, bigint, bigint) IS 'Measure and pay a procurement after its period, as community.procurement_settle; returns what was paid. For supervisors. The same p_key returns the first answer. / 期满实测并付款，返回实付。';

CREATE OR REPLACE FUNCTION community_api.time_earn(p_key uuid, p_community_id bigint, p_person_id bigint, p_minutes bigint,
    p_reference text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.time_earn(p_key, p_community_id, p_person_id, p_minutes, p_reference);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_earn(uuid, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_earn(uuid, bigint, bigint, bigint, text) IS 'Credit a person with minutes of service outside of an order, as community.time_earn; returns the transfer. For the platform. The same p_key returns the first answer. / 计入订单外志愿服务时间积分。';

CREATE OR REPLACE FUNCTION community_api.time_spend(p_key uuid, p_community_id bigint, p_person_id bigint, p_minutes bigint,
    p_reference text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.time_spend(p_key, p_community_id, p_person_id, p_minutes, p_reference);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_spend(uuid, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_spend(uuid, bigint, bigint, bigint, text) IS 'Spend minutes of a person, as community.time_spend; returns the transfer. For the volunteer and the platform. The same p_key returns the first answer. / 兑换时间积分。';

CREATE OR REPLACE FUNCTION community_api.time_kin_set(p_key uuid, p_community_id bigint, p_person_id bigint, p_kin_id bigint,
    p_relation text, p_kin_community_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'time_kin_set', jsonb_build_array(p_community_id, p_person_id, p_kin_id, p_relation, p_kin_community_id)),
        community.api_answer(p_key, to_jsonb(community.time_kin_set(p_community_id, p_person_id, p_kin_id, p_relation, p_kin_community_id))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_kin_set(uuid, bigint, bigint, bigint, text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_kin_set(uuid, bigint, bigint, bigint, text, bigint) IS 'Record to whom a person may pass credits, as community.time_kin_set; returns p_kin_id. For the platform. The same p_key returns the first answer. / 登记可受让时间积分者。';

CREATE OR REPLACE FUNCTION community_api.time_give(p_key uuid, p_community_id bigint, p_person_id bigint, p_kin_id bigint,
    p_minutes bigint, p_kin_community_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.time_give(p_key, p_community_id, p_person_id, p_kin_id, p_minutes, p_kin_community_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_give(uuid, bigint, bigint, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_give(uuid, bigint, bigint, bigint, bigint, bigint) IS 'Pass minutes on to a recorded relative, here or in another community, as community.time_give; returns the transfer. For the volunteer and the platform. The same p_key returns the first answer. / 转让时间积分。';

CREATE OR REPLACE FUNCTION community_api.time_balance(p_community_id bigint, p_person_id bigint)
RETURNS TABLE (balance bigint, available bigint, earned bigint, spent bigint, given_this_year bigint, year_cap integer, expires_at timestamptz, expires bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    PERFORM community._time_require(p_community_id, p_person_id, 'balance');
    RETURN QUERY
    SELECT b.balance, b.available, b.earned, b.spent, b.given_this_year, b.year_cap, b.expires_at, b.expires FROM community.time_balance(p_community_id, p_person_id) b;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_balance(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_balance(bigint, bigint) IS 'Time credits of a person: balance, sums, what may still be given this year, what expires next and when. For the volunteer and the platform. Refuses match_role, module_off, community_unknown. / 个人时间积分余额、累计、本年转让与最近到期。';

CREATE OR REPLACE FUNCTION community_api.time_statement(p_community_id bigint, p_person_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS TABLE (at timestamptz, code text, minutes bigint, balance bigint, reference text) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    PERFORM community._time_require(p_community_id, p_person_id, 'statement');
    RETURN QUERY
    SELECT s.at, s.code, s.amount, s.balance, s.reference
      FROM community.account_statement(p_community_id, community._match_account(p_community_id, 'TIME', 'person', p_person_id), p_from, p_upto) s;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.time_statement(bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.time_statement(bigint, bigint, timestamptz, timestamptz) IS 'Movements of a person''s time credits in [p_from, p_upto), minutes that went out negative. For the volunteer and the platform. Refuses account_missing, match_role, module_off, community_unknown. / 时间积分明细，支出为负。';
