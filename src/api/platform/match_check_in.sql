-- Check-in by card for apps and readers.  Credentials are text; a text that is
-- none is a refused tap, not an error.  Only its digest is kept with the key.
-- Without the module card the functions refuse module_off.

CREATE OR REPLACE FUNCTION community_api.card_check_in(p_key uuid, p_community_id bigint, p_booking_id bigint, p_credential text, p_counter bigint DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id), community._check_in_module(p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'card_check_in', jsonb_build_array(p_community_id, p_booking_id, encode(sha256(convert_to(p_credential, 'UTF8')), 'hex'), p_counter)),
        community.api_answer(p_key, (SELECT jsonb_build_object('status', c.status, 'state', c.state)
            FROM community.booking_check_in(p_community_id, p_booking_id,
                CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, p_counter) c)));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_check_in(uuid, bigint, bigint, text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_check_in(uuid, bigint, bigint, text, bigint) IS 'Check in to a booking by the card (text or QR text) of the one it is for: status ok, other_holder, or why the card is refused, and the state of the booking. Every try is logged. The same p_key returns the first answer. Refuses as community.booking_check_in, module_off, key_reused, key_missing. / 以预订人本人的卡签到：返回结果与预订状态，每次均留日志。';

CREATE OR REPLACE FUNCTION community_api.order_check_in(p_key uuid, p_community_id bigint, p_order_id bigint, p_credential text, p_counter bigint DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id), community._check_in_module(p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'order_check_in', jsonb_build_array(p_community_id, p_order_id, encode(sha256(convert_to(p_credential, 'UTF8')), 'hex'), p_counter)),
        community.api_answer(p_key, (SELECT jsonb_build_object('status', c.status, 'state', c.state, 'side', c.side)
            FROM community.order_check_in(p_community_id, p_order_id,
                CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, p_counter) c)));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.order_check_in(uuid, bigint, bigint, text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.order_check_in(uuid, bigint, bigint, text, bigint) IS 'Check in for an order by a shown credential (text or QR text) of the requester, the provider or its staff: status ok or why not, the state of the order, the side. Every try is logged. The same p_key returns the first answer. Refuses as community.order_check_in, module_off, key_reused, key_missing. / 刷卡或扫码为订单签到（需求方、服务方或其员工）。';

CREATE OR REPLACE FUNCTION community_api.provider_staff_set(p_key uuid, p_community_id bigint, p_provider_id bigint, p_person_id bigint, p_works boolean DEFAULT true)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    IF community.api_once(p_key, 'provider_staff_set', jsonb_build_array(p_community_id, p_provider_id, p_person_id, p_works)) IS NULL THEN
        PERFORM community.provider_staff_set(p_community_id, p_provider_id, p_person_id, p_works);
        PERFORM community.api_answer(p_key, to_jsonb(p_works));
    END IF;
    RETURN p_works;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.provider_staff_set(uuid, bigint, bigint, bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.provider_staff_set(uuid, bigint, bigint, bigint, boolean) IS 'Let a person check in for the caller''s provider by card, or no longer; returns p_works. The same p_key again does nothing. Refuses as community.provider_staff_set. / 登记或取消可刷卡代签到的员工。';
