-- Cards of people for whom somebody acts: a parent reports the loss.

CREATE OR REPLACE FUNCTION community_api.card_event_by(p_key uuid, p_community_id bigint, p_card_id bigint, p_event text, p_by_person_id bigint,
    p_reason text DEFAULT NULL, p_until timestamptz DEFAULT NULL, p_by_community_id bigint DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_state text;
BEGIN
    PERFORM community.module_require('card', p_community_id), community.module_require('party', p_community_id);
    v_answer := community.api_once(p_key, 'card_event_by', jsonb_build_array(p_community_id, p_card_id, p_event, p_by_person_id, p_reason, p_until, p_by_community_id));
    IF v_answer IS NULL THEN
        -- The event first: its rights come before what is known of the holder.
        v_state := community.card_event(p_community_id, p_card_id, p_event, p_reason, p_until);
        PERFORM community.act_for(p_community_id, (SELECT c.person_id FROM community.card c WHERE c.community_id = p_community_id AND c.card_id = p_card_id),
                                  coalesce(p_by_community_id, p_community_id), p_by_person_id, 'card', 'card/' || p_card_id || '/' || p_event);
        v_answer := community.api_answer(p_key, to_jsonb(v_state));
    END IF;
    RETURN v_answer #>> '{}';
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_event_by(uuid, bigint, bigint, text, bigint, text, timestamptz, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_event_by(uuid, bigint, bigint, text, bigint, text, timestamptz, bigint) IS 'Let something happen to the card of a person at the wish of a guardian or proxy (p_by_person_id, of p_by_community_id where that is another), as card_event(), and record it as act_for() does with the action card; returns the new state. The same p_key returns the first answer. Refuses guardian_missing and as card_event(). / 由监护人或代理人代办卡事件并登记代办，返回新状态。';
