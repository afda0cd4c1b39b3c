-- What becomes of demands, orders, bookings and providers when a person ends.

CREATE OR REPLACE FUNCTION community._match_requester_end(p_community_id bigint, p_person_id bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_demand community.demand;
    v_order community.service_order;
BEGIN
    -- What would come again comes no more, whatever became of the last one.
    UPDATE community.demand d SET repeat_every = NULL, repeat_until = NULL
     WHERE d.community_id = p_community_id AND d.requester_kind = 'person' AND d.requester_id = p_person_id AND d.repeat_every IS NOT NULL;
    FOR v_demand IN
        UPDATE community.demand d SET state = 'withdrawn'
          FROM community.demand was
         WHERE was.community_id = p_community_id AND was.requester_kind = 'person' AND was.requester_id = p_person_id
           AND was.state IN ('draft', 'open') AND d.community_id = was.community_id AND d.demand_id = was.demand_id
           AND d.state IN ('draft', 'open')
        RETURNING was.*
    LOOP
        PERFORM community._match_note('demand', p_community_id, v_demand.demand_id, v_demand.state, 'withdraw', 'withdrawn', 'job', '{"person": "ended"}');
    END LOOP;
    FOR v_order IN
        SELECT o.* FROM community.service_order o
         WHERE o.community_id = p_community_id AND o.requester_kind = 'person' AND o.requester_id = p_person_id AND o.state IN ('matched', 'confirmed')
         ORDER BY o.order_id
           FOR NO KEY UPDATE
    LOOP
        PERFORM community._match_note('order', p_community_id, v_order.order_id, v_order.state, 'cancel', 'cancelled', 'job', '{"person": "ended"}');
        IF v_order.hold_seq IS NOT NULL THEN
            PERFORM community._order_pay(v_order, 'end', 0);
        END IF;
        UPDATE community.service_order o SET state = 'cancelled', paid = 0, ended_at = clock_timestamp()
         WHERE o.community_id = p_community_id AND o.order_id = v_order.order_id;
        PERFORM community._demand_follow(p_community_id, v_order.demand_id, 'cancel', 'job');
    END LOOP;
END $$;
COMMENT ON FUNCTION community._match_requester_end(bigint, bigint) IS 'End what a person asked for: nothing repeats, drafts and open demands are withdrawn, orders not yet served are cancelled without a fee and their holds void. Locked demands come first. / 终止某人的需求：停止重复，撤回未成交需求，免费取消未服务订单并解除冻结。';

CREATE OR REPLACE FUNCTION community._match_booker_end(p_community_id bigint, p_person_id bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint;
    v_booking community.booking;
BEGIN
    -- The places first: a seat that becomes free is not for the same person.
    UPDATE community.booking_wait w SET state = 'gone'
     WHERE w.community_id = p_community_id AND w.requester_kind = 'person' AND w.requester_id = p_person_id AND w.state = 'waiting';
    FOR v_id IN
        SELECT b.booking_id FROM community.booking b
         WHERE b.community_id = p_community_id AND b.requester_kind = 'person' AND b.requester_id = p_person_id AND b.state IN ('held', 'confirmed')
         ORDER BY b.resource_id, b.booking_id
    LOOP
        v_booking := community._booking_lock(p_community_id, v_id);
        IF v_booking.state IN ('held', 'confirmed') THEN
            PERFORM community._match_note('booking', p_community_id, v_id, v_booking.state, 'cancel', 'cancelled', 'job', '{"person": "ended"}');
            UPDATE community.booking b SET state = 'cancelled' WHERE b.community_id = p_community_id AND b.booking_id = v_id;
            PERFORM community._booking_advance(p_community_id, v_booking.resource_id);
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION community._match_booker_end(bigint, bigint) IS 'Take a person off waiting lists and cancel the bookings that are held or confirmed; the seats go to those who wait. / 退出候补并取消其未开始的预订，席位递补。';

CREATE OR REPLACE FUNCTION community._match_person_follow(p_community_id bigint, p_person_id bigint, p_event text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
BEGIN
    -- Demands, then the provider, then accounts, as orders lock them.
    PERFORM FROM community.demand d
      WHERE d.community_id = p_community_id AND d.requester_kind = 'person' AND d.requester_id = p_person_id
      ORDER BY d.demand_id FOR NO KEY UPDATE;
    SELECT * INTO v_provider FROM community.provider p
     WHERE p.community_id = p_community_id AND p.owner_kind = 'person' AND p.owner_id = p_person_id FOR UPDATE;
    IF v_provider.state IN ('applied', 'active', 'warned', 'suspended') THEN
        PERFORM community._match_note('provider', p_community_id, v_provider.provider_id, v_provider.state, 'withdraw', 'withdrawn', 'job', '{"person": "ended"}');
        UPDATE community.provider p SET state = 'withdrawn', suspended_until = NULL
         WHERE p.community_id = p_community_id AND p.provider_id = v_provider.provider_id;
    END IF;
    UPDATE community.offer o SET state = 'ended'
     WHERE o.community_id = p_community_id AND o.provider_id = v_provider.provider_id AND o.state <> 'ended';
    DELETE FROM community.provider_staff s WHERE s.community_id = p_community_id AND s.person_id = p_person_id;
    PERFORM community._match_requester_end(p_community_id, p_person_id);
    PERFORM community._match_booker_end(p_community_id, p_person_id);
    IF p_event <> 'erase' THEN
        RETURN;
    END IF;
    -- Words that people wrote may name anyone.
    UPDATE community.demand d SET description = '', proxy = NULL
     WHERE d.community_id = p_community_id AND d.requester_kind = 'person' AND d.requester_id = p_person_id;
    UPDATE community.rating r
       SET comment = CASE WHEN r.comment IS NOT NULL THEN '' END, appeal = CASE WHEN r.appeal IS NOT NULL THEN '' END
     WHERE r.community_id = p_community_id AND (r.comment <> '' OR r.appeal <> '')
       AND ((r.requester_kind = 'person' AND r.requester_id = p_person_id) OR r.provider_id = v_provider.provider_id);
    UPDATE community.match_block b SET reason = 'erased'
     WHERE b.community_id = p_community_id
       AND ((b.requester_kind = 'person' AND b.requester_id = p_person_id) OR b.provider_id = v_provider.provider_id);
    UPDATE community.provider p SET name = 'erased', login = NULL
     WHERE p.community_id = p_community_id AND p.provider_id = v_provider.provider_id;
    UPDATE community.offer o SET title = 'erased'
     WHERE o.community_id = p_community_id AND o.provider_id = v_provider.provider_id;
    UPDATE community.qualification q SET certificate_no = 'erased/' || q.qualification_id
     WHERE q.community_id = p_community_id AND q.provider_id = v_provider.provider_id;
    DELETE FROM community.time_kin k
     WHERE (k.community_id = p_community_id AND k.person_id = p_person_id) OR (k.kin_community_id = p_community_id AND k.kin_id = p_person_id);
END $$;
COMMENT ON FUNCTION community._match_person_follow(bigint, bigint, text) IS 'Follow the end of a person: open demands are withdrawn, nothing repeats, orders not yet served are cancelled without a fee, bookings and places on waiting lists end, the person as a provider withdraws (its orders are given back as for any provider that withdraws) and as staff leaves. Event erase also replaces words: descriptions, proxies, comments and appeals of ratings, reasons of blocks, name, login, offers and certificate numbers of the provider; kinship of the time bank goes. Orders, stars, penalties, logs and the ledger stay. Changes nothing the second time. / 随人员销档：撤回需求、停止重复、免费取消未服务订单、终止预订与候补、作为服务方退出。erase 另抹去描述、代办、评价文字、屏蔽理由、服务方名称、账号、供给标题与证书号及时间银行亲属关系；订单、星级、处罚、日志与账目保留。重复执行无变化。';

SELECT community.register_follower('person', 'match', 'community._match_person_follow', 'match');
