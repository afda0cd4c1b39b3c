-- Matching for apps.  Rights are those of the login: the functions below check
-- the capabilities of session_user, and whose object it is.

CREATE OR REPLACE FUNCTION community_api.provider_apply(p_key uuid, p_community_id bigint, p_owner_kind text, p_owner_id bigint, p_name text,
    p_kind text, p_doc jsonb DEFAULT '{}')
RETURNS TABLE (provider_id bigint, state text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY
    SELECT a.provider_id, a.state FROM community.provider_apply(p_key, p_community_id, p_owner_kind, p_owner_id, p_name, p_kind, p_doc) a;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.provider_apply(uuid, bigint, text, bigint, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.provider_apply(uuid, bigint, text, bigint, text, text, jsonb) IS 'Apply to provide services, as community.provider_apply; returns number and state. The same p_key returns the first answer. / 申请成为服务方，返回编号与状态。';

CREATE OR REPLACE FUNCTION community_api.offer_add(p_key uuid, p_community_id bigint, p_provider_id bigint, p_service text, p_title text,
    p_price bigint, p_place jsonb, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'offer_add', jsonb_build_array(p_community_id, p_provider_id, p_service, p_title, p_price, p_place, p_doc)),
        community.api_answer(p_key, to_jsonb(community.offer_add(p_community_id, p_provider_id, p_service, p_title,
            (p_place ->> 'lon')::double precision, (p_place ->> 'lat')::double precision, p_price, p_doc))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.offer_add(uuid, bigint, bigint, text, text, bigint, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.offer_add(uuid, bigint, bigint, text, text, bigint, jsonb, jsonb) IS 'Offer a service from a base p_place {lon, lat}; p_doc as in community.offer_add. Returns the number. The same p_key returns the first answer. / 发布供给，返回编号。';

CREATE OR REPLACE FUNCTION community_api.offer_area_set(p_key uuid, p_community_id bigint, p_offer_id bigint, p_area jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'offer_area_set', jsonb_build_array(p_community_id, p_offer_id, p_area)),
        community.api_answer(p_key, to_jsonb(community.offer_area_set(p_community_id, p_offer_id, p_area))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.offer_area_set(uuid, bigint, bigint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.offer_area_set(uuid, bigint, bigint, jsonb) IS 'Say anew where an offer serves: p_area as p_doc of community.offer_area_set, {cells, grids, polygon (GeoJSON)}. Returns the number of the offer. The same p_key returns the first answer. / 重新设定供给的服务范围，返回编号。';

CREATE OR REPLACE FUNCTION community_api.demand_add(p_key uuid, p_community_id bigint, p_requester_kind text, p_requester_id bigint, p_service text,
    p_place jsonb, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.demand_add(p_key, p_community_id, p_requester_kind, p_requester_id, p_service, (p_place ->> 'lon')::double precision,
                                (p_place ->> 'lat')::double precision, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.demand_add(uuid, bigint, text, bigint, text, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.demand_add(uuid, bigint, text, bigint, text, jsonb, jsonb) IS 'Ask for a service at p_place {lon, lat}, for oneself or by proxy; p_doc as in community.demand_add. Returns the number. The same p_key returns the first answer. / 提交服务需求，可代办，返回编号。';

CREATE OR REPLACE FUNCTION community_api.demand_withdraw(p_key uuid, p_community_id bigint, p_demand_id bigint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.demand_event(p_key, p_community_id, p_demand_id, 'withdraw');
END $$;
REVOKE EXECUTE ON FUNCTION community_api.demand_withdraw(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.demand_withdraw(uuid, bigint, bigint) IS 'Withdraw a demand that has no order; returns its state. / 撤回未成交需求。';

CREATE OR REPLACE FUNCTION community_api.match_candidates(p_community_id bigint, p_demand_id bigint, p_k integer DEFAULT 10)
RETURNS TABLE (offer_id bigint, provider_id bigint, provider_name text, title text, score numeric, why jsonb, begins timestamptz, price bigint, distance_m double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    PERFORM community.module_require('match', p_community_id);
    SELECT d.login INTO v_login FROM community.demand d
     WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id AND d.community_id = ANY (community.my_communities());
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'demand', coalesce(p_demand_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('request', p_community_id, v_login, 'candidates');
    RETURN QUERY
    SELECT c.offer_id, c.provider_id, p.name, o.title, c.score, c.why, c.begins, c.price, c.distance_m
      FROM community.match_candidates(p_community_id, p_demand_id, least(p_k, 100)) c
      JOIN community.offer o ON o.community_id = p_community_id AND o.offer_id = c.offer_id
      JOIN community.provider p ON p.community_id = p_community_id AND p.provider_id = c.provider_id
     ORDER BY c.score DESC, c.offer_id;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_candidates(bigint, bigint, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_candidates(bigint, bigint, integer) IS 'The best offers for a demand of the caller, with what each part adds to the score; at most 100. Refuses match_unknown, match_form for a negative p_k, match_role. / 本人需求的最佳候选及得分构成，最多 100 条。';

CREATE OR REPLACE FUNCTION community_api.match_demand(p_key uuid, p_community_id bigint, p_demand_id bigint, p_offer_id bigint DEFAULT NULL)
RETURNS TABLE (order_id bigint, offer_id bigint, provider_id bigint, score numeric)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN QUERY
    SELECT m.order_id, m.offer_id, m.provider_id, m.score FROM community.match_demand(p_key, p_community_id, p_demand_id, p_offer_id) m;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.match_demand(uuid, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.match_demand(uuid, bigint, bigint, bigint) IS 'Match a demand at once with its best free candidate, or with p_offer_id; returns the order. The same p_key returns the first answer. / 在线撮合，返回订单。';

CREATE OR REPLACE FUNCTION community_api.order_event(p_key uuid, p_community_id bigint, p_order_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.order_event(p_key, p_community_id, p_order_id, p_event, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.order_event(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.order_event(uuid, bigint, bigint, text, jsonb) IS 'Move an order by an event, as community.order_event; returns its state. The same p_key returns the first answer. / 推进订单，返回新状态。';

CREATE OR REPLACE FUNCTION community_api.order_get(p_community_id bigint, p_order_id bigint)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_order jsonb;
BEGIN
    PERFORM community.module_require('match', p_community_id);
    SELECT jsonb_build_object('order_id', o.order_id, 'demand_id', o.demand_id, 'service', o.service, 'provider_id', o.provider_id,
               'provider', p.name, 'begins', lower(o.period), 'ends', upper(o.period), 'price', o.price, 'currency', o.currency,
               'score', o.score, 'why', o.why, 'state', o.state, 'confirm_due', o.confirm_due, 'settle_due', o.settle_due, 'paid', o.paid)
      INTO v_order
      FROM community.service_order o
      JOIN community.demand d ON d.community_id = o.community_id AND d.demand_id = o.demand_id
      JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
     WHERE o.community_id = p_community_id AND o.order_id = p_order_id AND o.community_id = ANY (community.my_communities())
       AND (community._match_may('request', p_community_id, d.login) OR community._match_may('provide', p_community_id, p.login)
            OR community._match_may('supervise', p_community_id, NULL));
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'order', coalesce(p_order_id::text, 'NULL'));
    END IF;
    RETURN v_order;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.order_get(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.order_get(bigint, bigint) IS 'An order for its requester, its provider, a supervisor or the platform; no ratings and no raters. Refuses match_unknown to all others. / 订单内容，仅双方、监管者与平台可见，不含评价人。';

CREATE OR REPLACE FUNCTION community_api.provider_rating(p_community_id bigint, p_service text DEFAULT NULL)
RETURNS TABLE (place bigint, provider_id bigint, name text, kind text, rated integer, good integer, lower_bound numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('match', p_community_id);
    RETURN QUERY
    SELECT r.place, r.provider_id, r.name, r.kind, r.rated, r.good, r.lower_bound
      FROM community.provider_ranking(p_community_id, p_service) r
     WHERE p_community_id = ANY (community.my_communities());
END $$;
REVOKE EXECUTE ON FUNCTION community_api.provider_rating(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.provider_rating(bigint, text) IS 'Ranking of providers by the lower bound of their good ratings: sums only, a provider never learns who rated. / 服务方排名（汇总值），不显示评价人。';

CREATE OR REPLACE FUNCTION community_api.booking_hold(p_key uuid, p_community_id bigint, p_resource_id bigint, p_requester_kind text,
    p_requester_id bigint, p_from timestamptz, p_upto timestamptz, p_wait boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.booking_hold(p_key, p_community_id, p_resource_id, p_requester_kind, p_requester_id, p_from, p_upto, p_wait);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.booking_hold(uuid, bigint, bigint, text, bigint, timestamptz, timestamptz, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.booking_hold(uuid, bigint, bigint, text, bigint, timestamptz, timestamptz, boolean) IS 'Hold a seat of a resource, or join its waiting list (p_wait); returns booking_id or wait_id and state. The same p_key returns the first answer. / 预留席位或加入候补。';

CREATE OR REPLACE FUNCTION community_api.booking_event(p_key uuid, p_community_id bigint, p_booking_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.booking_event(p_key, p_community_id, p_booking_id, p_event, p_doc);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.booking_event(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.booking_event(uuid, bigint, bigint, text, jsonb) IS 'Move a booking by an event, as community.booking_event; returns its state. / 推进预订，返回新状态。';

CREATE OR REPLACE FUNCTION community_api.booking_wait_leave(p_key uuid, p_community_id bigint, p_wait_id bigint)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('match', p_community_id);
    RETURN community.booking_wait_leave(p_key, p_community_id, p_wait_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.booking_wait_leave(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.booking_wait_leave(uuid, bigint, bigint) IS 'Leave the waiting list of a resource; returns gone. The same p_key returns the first answer. Refuses match_state, match_role, match_unknown. / 退出候补。';

CREATE OR REPLACE FUNCTION community_api.booking_calendar(p_community_id bigint, p_resource_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('match', p_community_id);
    IF p_community_id <> ALL (community.my_communities()) THEN
        PERFORM community.refuse('match_unknown', 'resource', p_resource_id::text);
    END IF;
    RETURN community.booking_calendar(p_community_id, p_resource_id, p_from, p_upto);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.booking_calendar(bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.booking_calendar(bigint, bigint, timestamptz, timestamptz) IS 'Bookings of a resource as iCalendar text, without persons. / 资源预订的 iCalendar 文本，不含个人信息。';

CREATE OR REPLACE FUNCTION community_api.order_calendar(p_community_id bigint, p_provider_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    PERFORM community.module_require('match', p_community_id);
    SELECT p.login INTO v_login FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id AND p.community_id = ANY (community.my_communities());
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_login, 'calendar');
    RETURN community.order_calendar(p_community_id, p_provider_id, p_from, p_upto);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.order_calendar(bigint, bigint, timestamptz, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.order_calendar(bigint, bigint, timestamptz, timestamptz) IS 'Orders of the caller''s provider as iCalendar text, without requesters. Refuses match_unknown, match_role. / 本服务方订单的 iCalendar 文本。';
