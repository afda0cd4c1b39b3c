-- Booking by card: the card says who it is, the booking itself is that of match.

CREATE OR REPLACE FUNCTION community_api.card_book(p_key uuid, p_community_id bigint, p_resource_id bigint, p_credential text,
    p_from timestamptz, p_upto timestamptz, p_wait boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_who record;
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    PERFORM community.module_require('card', p_community_id);
    -- Rights first: no card is judged for a login that may not book.
    PERFORM community._match_require('request', p_community_id, community.actor(), 'book');
    SELECT * INTO v_who FROM community._card_holder(p_community_id, CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, 'booking');
    IF v_who.status <> 'ok' THEN
        RETURN jsonb_build_object('status', v_who.status);
    END IF;
    RETURN jsonb_build_object('status', 'ok')
           || community.booking_hold(p_key, p_community_id, p_resource_id, 'person', v_who.person_id, p_from, p_upto, p_wait);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_book(uuid, bigint, bigint, text, timestamptz, timestamptz, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_book(uuid, bigint, bigint, text, timestamptz, timestamptz, boolean) IS 'Hold a seat of a resource for the holder of a card that is shown (application booking), as booking_hold(): status ok with booking_id or wait_id and state, or why the card books nothing, as in door_open(), no_person for an unnamed card. The same p_key returns the first answer. Refuses as booking_hold(), module_off. / 出示卡（预订应用）为持卡人预留席位：status 为 ok 并返回预订，或不能预订的原因。';
