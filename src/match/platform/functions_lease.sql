-- Leases of public facilities: tender, award, rent into a fund that only the
-- facility's own purposes open.

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
    IF p_term IS NULL OR isempty(p_term) OR lower_inf(p_term) OR upper_inf(p_term) OR NOT isfinite(lower(p_term)) OR NOT isfinite(upper(p_term))
       OR p_least_rent IS NULL OR p_least_rent <= 0 OR p_bids_until IS NULL OR p_bids_until <= now() OR NOT isfinite(p_bids_until) OR p_unit IS NULL THEN
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
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_lease community.lease := community._lease_lock(p_community_id, p_lease_id);
    v_provider community.provider := community._provider_share(p_community_id, p_provider_id);
BEGIN
    PERFORM community._match_require('provide', p_community_id, v_provider.login, 'bid');
    IF v_lease.state <> 'tender' OR v_lease.bids_until <= clock_timestamp() THEN
        PERFORM community.refuse('bid_refused', 'lease', p_lease_id::text, 'the tender is over');
    ELSIF p_rent IS NULL OR p_rent < v_lease.least_rent THEN
        PERFORM community.refuse('bid_refused', 'lease', p_lease_id::text, 'the least rent is ' || v_lease.least_rent);
    END IF;
    INSERT INTO community.lease_bid (community_id, lease_id, provider_id, rent)
    VALUES (p_community_id, p_lease_id, p_provider_id, p_rent)
    ON CONFLICT (community_id, lease_id, provider_id) DO UPDATE SET rent = EXCLUDED.rent, bid_at = clock_timestamp();
    RETURN p_rent;
END $$;
COMMENT ON FUNCTION community.lease_bid_put(bigint, bigint, bigint, bigint) IS 'Bid a monthly rent in fen, or change the bid, until the tender ends; returns the rent. Refuses bid_refused, provider_not_active, supervisor_provides, match_role, match_unknown. / 招租报价（分/月），截止前可改。';

CREATE OR REPLACE FUNCTION community.lease_event(p_key uuid, p_community_id bigint, p_lease_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_lease community.lease;
    v_bid record;
    v_winner bigint;
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
            PERFORM community.refuse('bid_refused', 'lease', p_lease_id::text, 'bids are open until ' || v_lease.bids_until);
        END IF;
        -- A provider that is being suspended is waited for, and then passed over.
        FOR v_bid IN
            SELECT b.provider_id, b.rent FROM community.lease_bid b
             WHERE b.community_id = p_community_id AND b.lease_id = p_lease_id
             ORDER BY b.rent DESC, b.bid_at, b.provider_id
        LOOP
            SELECT p.provider_id INTO v_winner FROM community.provider p
             WHERE p.community_id = p_community_id AND p.provider_id = v_bid.provider_id AND p.state IN ('active', 'warned') FOR SHARE;
            EXIT WHEN FOUND;
        END LOOP;
        IF v_winner IS NULL THEN
            PERFORM community.refuse('bid_refused', 'lease', p_lease_id::text, 'nobody bids');
        END IF;
        UPDATE community.lease l SET state = v_to, provider_id = v_winner, rent = v_bid.rent
         WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id;
    ELSE
        IF p_event = 'end' AND v_until IS NOT NULL AND (v_until <= lower(v_lease.term) OR v_until > upper(v_lease.term)
                OR EXISTS (SELECT FROM community.lease_rent r
                            WHERE r.community_id = p_community_id AND r.lease_id = p_lease_id AND r.state = 'paid'
                              AND r.amount > coalesce(community._rent_due(v_lease.rent, daterange(lower(v_lease.term), v_until), r.month), 0))) THEN
            PERFORM community.refuse('match_form', 'lease', 'until ' || v_until);
        END IF;
        UPDATE community.lease l
           SET state = v_to, term = CASE WHEN p_event = 'end' THEN daterange(lower(l.term), coalesce(v_until, upper(l.term))) ELSE l.term END
         WHERE l.community_id = p_community_id AND l.lease_id = p_lease_id
        RETURNING * INTO v_lease;
        -- Rent that waits falls with the days that are let no longer.
        DELETE FROM community.lease_rent r
         WHERE r.community_id = p_community_id AND r.lease_id = p_lease_id AND r.state = 'arrears'
           AND coalesce(community._rent_due(v_lease.rent, v_lease.term, r.month), 0) = 0;
        UPDATE community.lease_rent r SET amount = community._rent_due(v_lease.rent, v_lease.term, r.month)
         WHERE r.community_id = p_community_id AND r.lease_id = p_lease_id AND r.state = 'arrears'
           AND r.amount <> community._rent_due(v_lease.rent, v_lease.term, r.month);
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.lease_event(uuid, bigint, bigint, text, jsonb) IS 'Move a lease: award (to the highest bid of an active provider, the earlier of equal ones), close (without award), end (p_doc.until, first day no longer let, not before what is paid; arrears fall with it). Returns the state. Refuses bid_refused, match_form, match_state, match_role, match_unknown. / 推进租约：授予最高报价、流标、终止。';

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
    -- A lease that somebody ends now is left for the next run, and waits with
    -- its end until this one is over.
    INSERT INTO community.lease_rent (community_id, lease_id, month, amount, state)
    SELECT l.community_id, l.lease_id, m.month::date, community._rent_due(l.rent, l.term, m.month::date), 'arrears'
      FROM community.lease l
      JOIN community.community c ON c.community_id = l.community_id
     CROSS JOIN LATERAL generate_series(date_trunc('month', lower(l.term)::timestamp),
            least((upper(l.term) - 1)::timestamp, p_now AT TIME ZONE c.tz), interval '1 month') m(month)
     WHERE l.state IN ('active', 'ended') AND community._rent_due(l.rent, l.term, m.month::date) > 0
       FOR SHARE OF l SKIP LOCKED
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
           FOR SHARE OF l SKIP LOCKED
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

CREATE OR REPLACE FUNCTION community.lease_account(p_community_id bigint, p_lease_id bigint)
RETURNS TABLE (month date, amount bigint, state text, accrued_at timestamptz, paid_at timestamptz, arrears bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.month, r.amount, r.state, r.accrued_at, r.paid_at,
           coalesce(sum(r.amount) FILTER (WHERE r.state = 'arrears') OVER (ORDER BY r.month), 0)::bigint
      FROM community.lease_rent r
     WHERE r.community_id = p_community_id AND r.lease_id = p_lease_id
     ORDER BY r.month;
END;
COMMENT ON FUNCTION community.lease_account(bigint, bigint) IS 'Rent of a lease by month in fen, with what is in arrears up to and with each month. / 租约逐月租金与截至各月的累计欠租（分）。';
