-- Matching for those who run it: providers and their certificates, resources,
-- plans.

CREATE OR REPLACE FUNCTION community_api.provider_event(p_key uuid, p_community_id bigint, p_provider_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.provider_event(p_key, p_community_id, p_provider_id, p_event, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.provider_event(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.provider_event(uuid, bigint, bigint, text, jsonb) IS 'Move a provider: accept, refuse, withdraw and what supervision does, as community.provider_event; returns its state. The same p_key returns the first answer. / 推进服务方：受理、拒绝、退出等，返回状态。';

CREATE OR REPLACE FUNCTION community_api.offer_set(p_key uuid, p_community_id bigint, p_offer_id bigint, p_state text, p_capacity integer DEFAULT NULL)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    IF community.api_once(p_key, 'offer_set', jsonb_build_array(p_community_id, p_offer_id, p_state, p_capacity)) IS NULL THEN
        PERFORM community.offer_set(p_community_id, p_offer_id, p_state, p_capacity);
        PERFORM community.api_answer(p_key, to_jsonb(p_state));
    END IF;
    RETURN p_state;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.offer_set(uuid, bigint, bigint, text, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.offer_set(uuid, bigint, bigint, text, integer) IS 'Open, pause or end the caller''s offer and change its capacity (NULL: as it is); returns p_state. The same p_key again does nothing. Refuses as community.offer_set. / 开放、暂停或终止本人供给并调整容量。';

CREATE OR REPLACE FUNCTION community_api.qualification_add(p_key uuid, p_community_id bigint, p_provider_id bigint, p_kind text, p_certificate_no text,
    p_issuer text, p_from date, p_upto date)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'qualification_add', jsonb_build_array(p_community_id, p_provider_id, p_kind, p_certificate_no, p_issuer, p_from, p_upto)),
        community.api_answer(p_key, to_jsonb(community.qualification_add(p_community_id, p_provider_id, p_kind, p_certificate_no, p_issuer,
            CASE WHEN p_from < p_upto THEN daterange(p_from, p_upto) END))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.qualification_add(uuid, bigint, bigint, text, text, text, date, date) FROM PUBLIC;
COMMENT ON FUNCTION community_api.qualification_add(uuid, bigint, bigint, text, text, text, date, date) IS 'Hand in a certificate of the caller''s provider, good from p_from until before p_upto; it counts once verified. Returns the number. The same p_key returns the first answer. Refuses as community.qualification_add. / 提交证书及有效期，返回编号。';

CREATE OR REPLACE FUNCTION community_api.qualification_verify(p_key uuid, p_community_id bigint, p_qualification_id bigint, p_good boolean DEFAULT true)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    IF community.api_once(p_key, 'qualification_verify', jsonb_build_array(p_community_id, p_qualification_id, p_good)) IS NULL THEN
        PERFORM community.qualification_verify(p_community_id, p_qualification_id, p_good);
        PERFORM community.api_answer(p_key, to_jsonb(p_good));
    END IF;
    RETURN p_good;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.qualification_verify(uuid, bigint, bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.qualification_verify(uuid, bigint, bigint, boolean) IS 'State that a certificate is genuine, or no longer so; returns p_good. For supervisors. The same p_key again does nothing. Refuses as community.qualification_verify. / 核验或取消核验证书。';

CREATE OR REPLACE FUNCTION community_api.match_block_set(p_key uuid, p_community_id bigint, p_requester_kind text, p_requester_id bigint, p_provider_id bigint,
    p_reason text, p_blocked boolean DEFAULT true)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    IF community.api_once(p_key, 'match_block_set', jsonb_build_array(p_community_id, p_requester_kind, p_requester_id, p_provider_id, p_reason, p_blocked)) IS NULL THEN
        PERFORM community.match_block_set(p_community_id, p_requester_kind, p_requester_id, p_provider_id, p_reason, p_blocked);
        PERFORM community.api_answer(p_key, to_jsonb(p_blocked));
    END IF;
    RETURN p_blocked;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_block_set(uuid, bigint, text, bigint, bigint, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_block_set(uuid, bigint, text, bigint, bigint, text, boolean) IS 'Keep a requester and a provider apart, or no longer; returns p_blocked. For the platform. The same p_key again does nothing. Refuses as community.match_block_set. / 屏蔽或解除屏蔽一对双方。';

CREATE OR REPLACE FUNCTION community_api.resource_add(p_key uuid, p_community_id bigint, p_name text, p_seats integer DEFAULT 1,
    p_hours text DEFAULT 'Mo-Su,PH 00:00-24:00', p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'resource_add', jsonb_build_array(p_community_id, p_name, p_seats, p_hours, p_doc)),
        community.api_answer(p_key, to_jsonb(community.resource_add(p_community_id, p_name, p_seats, p_hours, p_doc))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.resource_add(uuid, bigint, text, integer, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.resource_add(uuid, bigint, text, integer, text, jsonb) IS 'Add a bookable resource with seats and weekly hours; p_doc as in community.resource_add. Returns the number. For the platform. The same p_key returns the first answer. Refuses as community.resource_add. / 新增可预订资源，返回编号。';

CREATE OR REPLACE FUNCTION community_api.match_plan(p_key uuid, p_community_id bigint, p_service text DEFAULT NULL, p_days integer DEFAULT 7)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'match_plan', jsonb_build_array(p_community_id, p_service, p_days)),
        community.api_answer(p_key, (SELECT to_jsonb(r) FROM community.match_plan(p_community_id, p_service, make_interval(days => p_days)) r)));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_plan(uuid, bigint, text, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_plan(uuid, bigint, text, integer) IS 'Plan the open demands of a service (NULL: all) that begin within p_days; nothing is ordered until match_commit. Returns {plan_id, demands, assigned, cost, fcfs_assigned, fcfs_cost}, the last two for first come first served. For the platform. The same p_key returns the first answer. Refuses as community.match_plan. / 批量撮合推演，返回与先到先得的比较。';

CREATE OR REPLACE FUNCTION community_api.match_replan(p_key uuid, p_community_id bigint, p_provider_id bigint DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'match_replan', jsonb_build_array(p_community_id, p_provider_id)),
        community.api_answer(p_key, (SELECT to_jsonb(r) FROM community.match_replan(p_community_id, p_provider_id) r)));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_replan(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_replan(uuid, bigint, bigint) IS 'Plan again the demands that lost, or would lose, an order of a provider (NULL: of any); figures as match_plan(), orders by match_commit(). For the platform. The same p_key returns the first answer. Refuses as community.match_replan. / 为失去订单的需求重新推演。';

CREATE OR REPLACE FUNCTION community_api.match_commit(p_key uuid, p_community_id bigint, p_plan_id bigint)
RETURNS TABLE (made integer, skipped integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY SELECT c.made, c.skipped FROM community.match_commit(p_key, p_community_id, p_plan_id) c;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_commit(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_commit(uuid, bigint, bigint) IS 'Carry a plan out: how many orders were made and how many pairs were no longer possible. For the platform. The same p_key returns the first answer. Refuses as community.match_commit. / 执行计划，返回成单数与跳过数。';
