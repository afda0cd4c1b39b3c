-- What becomes of cards when their holder ends.

CREATE OR REPLACE FUNCTION community._card_person_follow(p_community_id bigint, p_person_id bigint, p_event text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_id bigint;
    v_card community.card;
    v_state text;
    v_to text;
BEGIN
    FOR v_id IN
        SELECT c.card_id FROM community.card c
         WHERE c.community_id = p_community_id AND c.person_id = p_person_id
         ORDER BY c.card_id
    LOOP
        v_card := community._card_lock_issuer(p_community_id, v_id);
        v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, now());
        v_to := CASE WHEN community._card_purse_money(v_card) IS NULL THEN 'cancelled' ELSE 'frozen' END;
        IF v_state NOT IN ('cancelled', 'replaced') AND (v_to = 'cancelled' OR v_state NOT IN ('frozen', 'lost', 'expired')) THEN
            UPDATE community.card c SET state = v_to, state_until = NULL, changed_at = now()
             WHERE c.community_id = p_community_id AND c.card_id = v_id;
            PERFORM community._card_log(v_card, CASE v_to WHEN 'frozen' THEN 'freeze' ELSE 'cancel' END, v_to, 'person ' || p_event);
        END IF;
        UPDATE community.card_binding b SET ended_at = now()
         WHERE b.community_id = p_community_id AND b.card_id = v_id AND b.ended_at IS NULL;
        IF p_event = 'erase' THEN
            UPDATE community.card c SET pin = NULL, duress = NULL
             WHERE c.community_id = p_community_id AND c.card_id = v_id AND (c.pin IS NOT NULL OR c.duress IS NOT NULL);
            -- Their numbers are sealed under the ring, not under the person's key.
            DELETE FROM community.card_binding b WHERE b.community_id = p_community_id AND b.card_id = v_id;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community._card_person_follow(bigint, bigint, text) IS 'Follow the end of a person: every card is cancelled, and with it its guest passes; while its purse holds money it is frozen instead, whatever its state was before, until an authority has paid the money out (lost and expired ones stay so). Bindings end. Event erase also removes PINs and the numbers of bindings. Journal, card log and certificates stay. Changes nothing the second time. / 随人员销档：注销其全部卡及访客通行证；钱包有余额者改为冻结，待清退后注销；解除绑定。erase 另清除密码与绑定号码；账目、卡日志与证书保留。重复执行无变化。';

SELECT community.register_follower('person', 'card', 'community._card_person_follow', 'card');
