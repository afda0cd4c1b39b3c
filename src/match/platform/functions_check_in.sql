-- Check-in by card: who shows a credential checks in for the side he is of.
-- Every try is logged, so the answer is a status, not an error.

CREATE OR REPLACE FUNCTION community._check_in_try(p_community_id bigint, p_credential community.credential, p_counter bigint, p_period tstzrange, p_legal boolean,
    OUT status text, OUT card_id bigint, OUT person_id bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_found community.card_answer;
    v_card community.card;
BEGIN
    v_found := community._card_of_credential(p_credential, clock_timestamp(), NULL, 'booking', true);
    v_card := v_found.card;
    status := v_found.status;
    IF v_card.community_id <> p_community_id THEN
        status := 'other_community';
    ELSIF v_card.card_id IS NOT NULL THEN
        card_id := v_card.card_id;
        person_id := v_card.person_id;
    END IF;
    IF status = 'ok' AND person_id IS NULL THEN
        status := 'no_person';
    END IF;
    IF status = 'ok' AND NOT p_legal THEN
        status := 'state';
    ELSIF status = 'ok' AND clock_timestamp() < lower(p_period) - community.setting_interval('match_check_in', p_community_id) THEN
        status := 'early';
    ELSIF status = 'ok' AND p_counter IS NOT NULL AND NOT community._counter_take(v_card, p_counter) THEN
        status := 'replay';
    END IF;
END $$;
COMMENT ON FUNCTION community._check_in_try(bigint, community.credential, bigint, tstzrange, boolean) IS 'What a shown credential is worth for a check-in: ok, why the card is not valid, other_community, no_person, state (p_legal false), early, replay; with card and person of a genuine card of the community. / 凭证用于签到的核验结果及其卡与人员。';

CREATE OR REPLACE FUNCTION community._check_in_require(p_community_id bigint, p_role text, p_login text)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._check_in_module(p_community_id);
    IF NOT community.has_capability('door', p_community_id) THEN
        PERFORM community._match_require(p_role, p_community_id, p_login, 'check_in');
    END IF;
END $$;
COMMENT ON FUNCTION community._check_in_require(bigint, text, text) IS 'Who may present cards for check-in: readers (capability door), the platform, and in the role the login given. Refuses module_off, match_role, supervisor_provides. / 可代刷卡签到者：读卡器、平台及所属账号。';

CREATE OR REPLACE FUNCTION community.booking_check_in(p_community_id bigint, p_booking_id bigint, p_credential community.credential, p_counter bigint DEFAULT NULL,
    OUT status text, OUT state text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_booking community.booking;
    v_try record;
    v_to text;
BEGIN
    v_booking := community._booking_lock(p_community_id, p_booking_id);
    PERFORM community._check_in_require(p_community_id, 'request', v_booking.login);
    SELECT max(t.to_state) INTO v_to FROM community.match_transition t
     WHERE t.machine = 'booking' AND t.from_state = v_booking.state AND t.event = 'check_in';
    SELECT * INTO v_try FROM community._check_in_try(p_community_id, p_credential, p_counter, v_booking.period, v_to IS NOT NULL);
    status := v_try.status;
    IF status = 'ok' AND (v_booking.requester_kind <> 'person' OR v_booking.requester_id IS DISTINCT FROM v_try.person_id) THEN
        status := 'other_holder';
    END IF;
    state := CASE status WHEN 'ok' THEN v_to ELSE v_booking.state END;
    PERFORM community._match_note('booking', p_community_id, p_booking_id, v_booking.state, CASE status WHEN 'ok' THEN 'check_in' ELSE 'check_in_refused' END,
                                  state, 'request', jsonb_build_object('status', status, 'card_id', v_try.card_id));
    IF status = 'ok' THEN
        UPDATE community.booking b SET state = v_to, evidence = 'card ' || v_try.card_id
         WHERE b.community_id = p_community_id AND b.booking_id = p_booking_id;
    END IF;
END $$;
COMMENT ON FUNCTION community.booking_check_in(bigint, bigint, community.credential, bigint) IS 'Check a booking in by the card of its party, application booking; p_counter is what the card''s chip counts. Every try is logged in match_log. status is ok, or why not: the reasons of door_open() for a card, other_community, no_person, other_holder, early, state (not confirmed), replay; state is that of the booking. Organizations check in by booking_event. Needs the capability door or match, or to be the login that booked. Refuses match_unknown, match_role, module_off. / 刷预订人卡签到（booking 应用）；返回结果与预订状态，每次均留日志。';

CREATE OR REPLACE FUNCTION community.order_check_in(p_community_id bigint, p_order_id bigint, p_credential community.credential, p_counter bigint DEFAULT NULL,
    OUT status text, OUT state text, OUT side text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_o community.service_order;
    v_provider community.provider;
    v_try record;
    v_to text;
    v_at timestamptz;
BEGIN
    -- The demand first, as every event of an order does.
    SELECT * INTO v_o FROM community.service_order o WHERE o.community_id = p_community_id AND o.order_id = p_order_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'order', coalesce(p_order_id::text, 'NULL'));
    END IF;
    SELECT * INTO v_provider FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = v_o.provider_id;
    PERFORM community._check_in_require(p_community_id, 'provide', v_provider.login);
    PERFORM community._demand_lock(p_community_id, v_o.demand_id);
    SELECT * INTO v_o FROM community.service_order o
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id FOR NO KEY UPDATE;
    SELECT max(t.to_state) INTO v_to FROM community.match_transition t
     WHERE t.machine = 'order' AND t.from_state = v_o.state AND t.event = 'check_in';
    SELECT * INTO v_try FROM community._check_in_try(p_community_id, p_credential, p_counter, v_o.period, v_to IS NOT NULL);
    status := v_try.status;
    IF status = 'ok' THEN
        side := CASE WHEN v_o.requester_kind = 'person' AND v_o.requester_id = v_try.person_id THEN 'request'
                     WHEN v_provider.owner_kind = 'person' AND v_provider.owner_id = v_try.person_id THEN 'provide'
                     WHEN EXISTS (SELECT FROM community.provider_staff s
                                   WHERE s.community_id = p_community_id AND s.provider_id = v_o.provider_id AND s.person_id = v_try.person_id) THEN 'provide' END;
        IF side IS NULL THEN
            status := 'other_holder';
        END IF;
    END IF;
    v_at := clock_timestamp();
    IF side = 'provide' THEN
        v_o.provider_in := coalesce(v_o.provider_in, v_at);
    ELSIF side = 'request' THEN
        v_o.requester_in := coalesce(v_o.requester_in, v_at);
    END IF;
    state := CASE WHEN side IS NOT NULL AND v_o.provider_in IS NOT NULL AND v_o.requester_in IS NOT NULL THEN v_to ELSE v_o.state END;
    PERFORM community._match_note('order', p_community_id, p_order_id, v_o.state, CASE status WHEN 'ok' THEN 'check_in' ELSE 'check_in_refused' END,
                                  state, coalesce(side, 'match'), jsonb_build_object('status', status, 'card_id', v_try.card_id));
    IF side IS NOT NULL THEN
        UPDATE community.service_order o SET state = order_check_in.state, provider_in = v_o.provider_in, requester_in = v_o.requester_in
         WHERE o.community_id = p_community_id AND o.order_id = p_order_id;
    END IF;
END $$;
COMMENT ON FUNCTION community.order_check_in(bigint, bigint, community.credential, bigint) IS 'Check in for an order by card, application booking: the requester''s own, the provider''s own or that of its staff (provider_staff_set) decides the side; in service once both sides did, by card or otherwise. p_counter is what the card''s chip counts. Every try is logged in match_log. status is ok, or why not: the reasons of door_open() for a card, other_community, no_person, other_holder, early, state (not confirmed), replay; state is that of the order, side provide or request. Needs the capability door or match, or to be the provider. Refuses match_unknown, match_role, supervisor_provides, module_off. / 刷卡为订单签到：按持卡人判定需求方或服务方（含其员工），双方到齐即开始服务；返回结果、状态与一方，每次均留日志。';
