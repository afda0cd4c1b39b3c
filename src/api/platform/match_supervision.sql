-- Supervision for apps: officers under their own logins, providers who appeal.

CREATE OR REPLACE FUNCTION community_api.violation_add(p_key uuid, p_community_id bigint, p_provider_id bigint, p_rule text,
    p_evidence text, p_order_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'violation_add', jsonb_build_array(p_community_id, p_provider_id, p_rule, p_evidence, p_order_id)),
        community.api_answer(p_key, to_jsonb(community.violation_add(p_community_id, p_provider_id, p_rule, p_evidence, p_order_id))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.violation_add(uuid, bigint, bigint, text, text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.violation_add(uuid, bigint, bigint, text, text, bigint) IS 'Record a violation of a provider with its evidence, as a supervisor; returns the number. The same p_key returns the first answer. Refuses as community.violation_add, module_off, community_unknown. / 监管者记录违规及证据，返回编号。';

CREATE OR REPLACE FUNCTION community_api.penalty_propose(p_key uuid, p_community_id bigint, p_violation_id bigint, p_kind text,
    p_amount bigint DEFAULT NULL, p_days integer DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'penalty_propose', jsonb_build_array(p_community_id, p_violation_id, p_kind, p_amount, p_days)),
        community.api_answer(p_key, to_jsonb(community.penalty_propose(p_community_id, p_violation_id, p_kind, p_amount, make_interval(days => p_days)))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.penalty_propose(uuid, bigint, bigint, text, bigint, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.penalty_propose(uuid, bigint, bigint, text, bigint, integer) IS 'Propose a penalty for a violation: warning, fine (p_amount in fen), points (p_amount), suspension (p_days) or ban; returns the number. The same p_key returns the first answer. Refuses as community.penalty_propose, module_off, community_unknown. / 监管者提议处罚，返回编号。';

CREATE OR REPLACE FUNCTION community_api.penalty_event(p_key uuid, p_community_id bigint, p_penalty_id bigint, p_event text,
    p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.penalty_event(p_key, p_community_id, p_penalty_id, p_event, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.penalty_event(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.penalty_event(uuid, bigint, bigint, text, jsonb) IS 'Move a penalty: decide or drop, uphold or revoke, each by another officer, as community.penalty_event; returns its state. The same p_key returns the first answer. / 监管者推进处罚：决定、放弃、维持、撤销，返回状态。';

CREATE OR REPLACE FUNCTION community_api.penalty_appeal(p_key uuid, p_community_id bigint, p_penalty_id bigint, p_reason text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.penalty_event(p_key, p_community_id, p_penalty_id, 'appeal', jsonb_build_object('reason', p_reason));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.penalty_appeal(uuid, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.penalty_appeal(uuid, bigint, bigint, text) IS 'Appeal against a penalty in effect, as the provider and in time; returns its state. / 服务方对生效处罚提出申诉。';

CREATE OR REPLACE FUNCTION community_api.supervision_figures(p_community_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS TABLE (figure text, number bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('match', p_community_id);
    RETURN QUERY
    SELECT f.figure, f.number FROM community.supervision_figures(p_community_id, p_from, p_upto) f
     WHERE p_community_id = ANY (community.my_communities());
END $$;
REVOKE EXECUTE ON FUNCTION community_api.supervision_figures(bigint, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.supervision_figures(bigint, timestamptz, timestamptz) IS 'Published figures of supervision of a community of the caller. / 本人社区的监管公开数据。';

CREATE OR REPLACE FUNCTION community_api.provider_ratings(p_community_id bigint, p_provider_id bigint)
RETURNS TABLE (rating_id bigint, stars integer, comment text, counted boolean, appealed boolean, struck boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    SELECT p.login INTO v_login FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    IF NOT community._match_may('supervise', p_community_id, NULL) THEN
        PERFORM community._match_require('provide', p_community_id, v_login, 'ratings');
    END IF;
    RETURN QUERY
    SELECT r.rating_id, r.stars, r.comment, r.counted, r.appealed, r.struck FROM community.provider_ratings(p_community_id, p_provider_id) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.provider_ratings(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.provider_ratings(bigint, bigint) IS 'What was said of the caller''s provider, without order, time and rater, as community.provider_ratings; also for supervisors. Refuses match_unknown, match_role, module_off, community_unknown. / 本服务方收到的评价，不含订单、时间与评价人。';

CREATE OR REPLACE FUNCTION community_api.rating_appeal(p_key uuid, p_community_id bigint, p_rating_id bigint, p_reason text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'rating_appeal', jsonb_build_array(p_community_id, p_rating_id, p_reason)),
        community.api_answer(p_key, to_jsonb(community.rating_appeal(p_community_id, p_rating_id, p_reason)))) #>> '{}';
END $$;
REVOKE EXECUTE ON FUNCTION community_api.rating_appeal(uuid, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.rating_appeal(uuid, bigint, bigint, text) IS 'Appeal against a rating as its provider, as community.rating_appeal; returns its state. The same p_key returns the first answer. / 服务方对评价申诉，返回状态。';

CREATE OR REPLACE FUNCTION community_api.rating_review(p_community_id bigint)
RETURNS TABLE (rating_id bigint, order_id bigint, provider_id bigint, stars integer, comment text, flag text, appeal text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    PERFORM community._match_require('supervise', p_community_id, NULL, 'ratings');
    RETURN QUERY
    SELECT r.rating_id, r.order_id, r.provider_id, r.stars, r.comment, r.flag, r.appeal FROM community.rating_review(p_community_id) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.rating_review(bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.rating_review(bigint) IS 'Flagged ratings and those appealed against, for supervisors. Refuses match_role, provider_supervises, module_off, community_unknown. / 监管者查看异常与被申诉的评价。';

CREATE OR REPLACE FUNCTION community_api.rating_decide(p_key uuid, p_community_id bigint, p_rating_id bigint, p_strike boolean)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'rating_decide', jsonb_build_array(p_community_id, p_rating_id, p_strike)),
        community.api_answer(p_key, to_jsonb(community.rating_decide(p_community_id, p_rating_id, p_strike)))) #>> '{}';
END $$;
REVOKE EXECUTE ON FUNCTION community_api.rating_decide(uuid, bigint, bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.rating_decide(uuid, bigint, bigint, boolean) IS 'Strike a rating out on appeal, or keep it, as community.rating_decide; returns struck or kept. For supervisors. The same p_key returns the first answer. / 监管者剔除或保留被申诉的评价。';

CREATE OR REPLACE FUNCTION community_api.rating_clear(p_key uuid, p_community_id bigint, p_order_id bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'rating_clear', jsonb_build_array(p_community_id, p_order_id)),
        community.api_answer(p_key, to_jsonb(community.rating_clear(p_community_id, p_order_id))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.rating_clear(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.rating_clear(uuid, bigint, bigint) IS 'Let a flagged rating count after all, as community.rating_clear; returns the order. For supervisors. The same p_key returns the first answer. / 监管者解除异常标记，返回订单号。';

CREATE OR REPLACE FUNCTION community_api.market_share(p_community_id bigint, p_service text, p_period date DEFAULT NULL)
RETURNS TABLE (provider_id bigint, name text, orders bigint, share numeric, hhi numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_period date := coalesce(date_trunc('quarter', p_period::timestamp)::date, community._quarter(p_community_id, now()));
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY
    SELECT m.provider_id, m.name, m.orders, m.share, community.hhi(p_community_id, p_service, v_period)
      FROM community.market_share(p_community_id, p_service, v_period) m;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.market_share(bigint, text, date) FROM PUBLIC;
COMMENT ON FUNCTION community_api.market_share(bigint, text, date) IS 'Published shares of providers in the orders of a service in the quarter of p_period (NULL: this one), with the Herfindahl-Hirschman index of them all. Refuses module_off, community_unknown. / 某服务季度订单份额与赫芬达尔指数公示。';
