-- Offers and demands.

CREATE OR REPLACE FUNCTION community._doc_texts(p_doc jsonb, p_name text, p_else text[] DEFAULT '{}')
RETURNS text[] LANGUAGE sql IMMUTABLE
RETURN CASE WHEN jsonb_typeof(p_doc -> p_name) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(p_doc -> p_name) ORDER BY 1) ELSE p_else END;
COMMENT ON FUNCTION community._doc_texts(jsonb, text, text[]) IS 'Array of texts in a field of a document, or p_else. / 文档字段中的文本数组。';

CREATE OR REPLACE FUNCTION community._service_known(p_service text)
RETURNS community.service_catalog LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_service community.service_catalog;
BEGIN
    SELECT * INTO v_service FROM community.service_catalog s WHERE s.service = p_service;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'service', coalesce(p_service, 'NULL'));
    END IF;
    RETURN v_service;
END $$;
COMMENT ON FUNCTION community._service_known(text) IS 'Row of a service; refuses match_unknown. / 服务目录行。';

CREATE OR REPLACE FUNCTION community._offer_area_put(p_community_id bigint, p_offer_id bigint, p_doc jsonb, p_geom community.offer_area.geom%TYPE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_read record;
    v_shape community.shape := p_geom;
    v_problem text := community._st_served_problem(p_geom);
    v_sure int8multirange;
    v_cover int8multirange;
BEGIN
    IF p_geom IS NULL AND p_doc ? 'polygon' THEN
        IF p_doc #>> '{polygon,crs,properties,name}' !~ '(EPSG:+(4326|4490)|CRS84)$' THEN
            v_problem := 'the polygon is not in WGS84 or CGCS2000';
        ELSE
            SELECT * INTO v_read FROM community._polygon_read((p_doc -> 'polygon')::text, false);
            v_problem := coalesce(v_read.problem, community._st_served_problem(v_read.geom));
            v_shape := v_read.geom;
        END IF;
    END IF;
    IF v_problem IS NULL AND community._st_points(v_shape) > community.setting_int('match_area_points', p_community_id) THEN
        v_problem := format('the polygon has more than %s points', community.setting_int('match_area_points', p_community_id));
    ELSIF v_problem IS NULL AND community._st_area_m2(v_shape) > 1000000.0 * community.setting_int('match_area_km2', p_community_id) THEN
        v_problem := format('the polygon is larger than %s square kilometres', community.setting_int('match_area_km2', p_community_id));
    END IF;
    IF v_problem IS NOT NULL THEN
        PERFORM community.refuse('match_form', 'service area', v_problem);
    END IF;
    SELECT coalesce(range_agg(x.part), '{}') INTO v_sure
      FROM (SELECT int8range(community.gridcell_first(c::community.gridcell)::bigint, community.gridcell_last(c::community.gridcell)::bigint, '[]') AS part
              FROM unnest(community._doc_texts(p_doc, 'cells')) c
            UNION ALL
            SELECT int8range(-community.gridcode_last(g::community.gridcode)::bigint, -community.gridcode_first(g::community.gridcode)::bigint, '[]')
              FROM unnest(community._doc_texts(p_doc, 'grids')) g) x;
    SELECT range_agg(int8range(community.gridcell_first(c)::bigint, community.gridcell_last(c)::bigint, '[]')) INTO v_cover
      FROM community._served_cells(v_shape) c;
    UPDATE community.offer o
       SET area = CASE WHEN v_shape IS NOT NULL THEN v_sure + v_cover WHEN isempty(v_sure) THEN '{(,)}' ELSE v_sure END,
           sure = CASE WHEN v_shape IS NOT NULL THEN v_sure END
     WHERE o.community_id = p_community_id AND o.offer_id = p_offer_id;
    DELETE FROM community.offer_area a WHERE a.community_id = p_community_id AND a.offer_id = p_offer_id;
    INSERT INTO community.offer_area (community_id, offer_id, geom)
    SELECT p_community_id, p_offer_id, community._st_served(v_shape) WHERE v_shape IS NOT NULL;
END $$;
COMMENT ON FUNCTION community._offer_area_put(bigint, bigint, jsonb, geometry) IS 'Put the area that a locked offer serves: cells, grids and polygon of p_doc, or p_geom in place of the polygon. Refuses match_form. / 写入已锁定供给的服务范围。';

CREATE OR REPLACE FUNCTION community.offer_area_set(p_community_id bigint, p_offer_id bigint, p_doc jsonb DEFAULT '{}', p_geom community.offer_area.geom%TYPE DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    SELECT p.login INTO v_login
      FROM community.offer o
      JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
     WHERE o.community_id = p_community_id AND o.offer_id = p_offer_id AND o.state <> 'ended'
       FOR NO KEY UPDATE OF o;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'offer', coalesce(p_offer_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_login, 'offer');
    PERFORM community._offer_area_put(p_community_id, p_offer_id, coalesce(p_doc, '{}'), p_geom);
    RETURN p_offer_id;
END $$;
COMMENT ON FUNCTION community.offer_area_set(bigint, bigint, jsonb, geometry) IS 'Say anew where an offer serves: p_doc.cells (texts of grid cells), p_doc.grids (administrative grid codes, each with all below it), p_doc.polygon (GeoJSON) or p_geom (SRID 4326 or 4490), any of them together; none: the whole community. A place on the border of the polygon is served. The polygon must be valid, with at most match_area_points points and match_area_km2 square kilometres. Orders that it has stay. Returns the number of the offer. 22P02 for a cell or code that is none. Refuses match_form, match_unknown, supervisor_provides, match_role. / 重新设定供给的服务范围：北斗网格、区划网格码（含下级）与多边形（GeoJSON 或几何），均无则为全社区；边界上的点算在内。';

CREATE OR REPLACE FUNCTION community.offer_add(p_community_id bigint, p_provider_id bigint, p_service text, p_title text,
    p_lon double precision, p_lat double precision, p_price bigint, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_service community.service_catalog := community._service_known(p_service);
    v_provider community.provider;
    v_id bigint;
    v_lacks text;
BEGIN
    SELECT * INTO v_provider FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_provider.login, 'offer');
    IF v_provider.state NOT IN ('active', 'warned') THEN
        PERFORM community.refuse('provider_not_active', p_provider_id::text, v_provider.state);
    END IF;
    IF p_price IS NULL OR p_price < 0 OR coalesce(p_title, '') = '' OR coalesce((p_doc ->> 'capacity')::integer, 1) < 0
       OR abs(p_lon) > 180 OR abs(p_lat) > 90 OR p_lon IS NULL OR p_lat IS NULL THEN
        PERFORM community.refuse('match_form', 'offer', 'title, price, capacity and place are needed');
    END IF;
    IF p_price > v_service.price_cap THEN
        PERFORM community.refuse('price_above_cap', p_price::text, v_service.price_cap::text, p_service);
    END IF;
    v_lacks := community._qualification_lacks(p_community_id, p_provider_id, p_service, CURRENT_DATE);
    IF v_lacks IS NOT NULL THEN
        PERFORM community.refuse('qualification_missing', p_provider_id::text, v_lacks);
    END IF;
    INSERT INTO community.offer (community_id, provider_id, service, title, capacity, price, weekly, lon, lat, languages, accessibility,
                                 skills, serves_sex)
    VALUES (p_community_id, p_provider_id, p_service, p_title, coalesce((p_doc ->> 'capacity')::integer, 1), p_price,
            community.weekly_hours(coalesce(p_doc ->> 'hours', 'Mo-Su,PH 00:00-24:00')), p_lon, p_lat,
            community._doc_texts(p_doc, 'languages', '{zh}'), community._doc_texts(p_doc, 'accessibility'),
            community._doc_texts(p_doc, 'skills'), p_doc ->> 'serves_sex')
    RETURNING offer_id INTO v_id;
    PERFORM community._offer_area_put(p_community_id, v_id, p_doc, NULL);
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.offer_add(bigint, bigint, text, text, double precision, double precision, bigint, jsonb) IS 'Offer a service at a price in units of its currency, from a base in degrees. p_doc: hours (grammar of weekly_hours), capacity (1), cells, grids and polygon (areas served, as in offer_area_set; none: the whole community), languages, accessibility, skills, serves_sex. Refuses provider_not_active, qualification_missing, price_above_cap, match_form, match_unknown, match_role. / 发布供给：时段、容量、服务范围、价格与适配条件。';

CREATE OR REPLACE FUNCTION community.offer_set(p_community_id bigint, p_offer_id bigint, p_state text, p_capacity integer DEFAULT NULL)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
    v_taken integer;
BEGIN
    SELECT p.login, o.taken INTO v_login, v_taken
      FROM community.offer o
      JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
     WHERE o.community_id = p_community_id AND o.offer_id = p_offer_id AND o.state <> 'ended'
       FOR NO KEY UPDATE OF o;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'offer', coalesce(p_offer_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_login, 'offer');
    IF p_state IS NULL OR p_state NOT IN ('open', 'paused', 'ended') OR p_capacity < v_taken THEN
        PERFORM community.refuse('match_form', 'offer', format('state %s, capacity %s with %s taken', p_state, p_capacity, v_taken));
    END IF;
    UPDATE community.offer o
       SET state = p_state, capacity = coalesce(p_capacity, o.capacity)
     WHERE o.community_id = p_community_id AND o.offer_id = p_offer_id;
END $$;
COMMENT ON FUNCTION community.offer_set(bigint, bigint, text, integer) IS 'Open, pause or end an offer, and change its capacity, never below the orders it has. Refuses match_form, match_unknown, match_role. / 开放、暂停或终止供给，并调整容量。';

CREATE OR REPLACE FUNCTION community.demand_add(p_key uuid, p_community_id bigint, p_requester_kind text, p_requester_id bigint, p_service text,
    p_lon double precision, p_lat double precision, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_service community.service_catalog := community._service_known(p_service);
    v_channel text := coalesce(p_doc ->> 'channel', 'app');
    v_from timestamptz := (p_doc ->> 'from')::timestamptz;
    v_upto timestamptz := (p_doc ->> 'upto')::timestamptz;
    v_duration interval := coalesce((p_doc ->> 'duration')::interval, interval '1 hour');
    v_grid record;
    v_id bigint;
BEGIN
    v_answer := community.api_once(p_key, 'demand_add', jsonb_build_array(p_community_id, p_requester_kind, p_requester_id, p_service, p_lon, p_lat, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN (v_answer ->> 'demand_id')::bigint;
    END IF;
    PERFORM community._community_known(p_community_id);
    PERFORM community._match_require('request', p_community_id, community.actor(), 'demand');
    IF v_channel <> ALL (v_service.channels) THEN
        PERFORM community.refuse('channel_unfit', p_service, v_channel);
    END IF;
    IF p_requester_kind IS NULL OR p_requester_kind NOT IN ('person', 'organization') OR p_requester_id IS NULL
       OR p_lon IS NULL OR p_lat IS NULL OR abs(p_lon) > 180 OR abs(p_lat) > 90
       OR v_from IS NULL OR v_upto IS NULL OR v_duration <= interval '0' OR NOT isfinite(v_from) OR NOT isfinite(v_upto)
       OR v_from + v_duration > v_upto
       OR (p_doc ? 'repeat_every') <> (p_doc ? 'repeat_until') OR (p_doc ->> 'repeat_every')::interval < interval '1 day'
       OR (p_doc ->> 'max_price')::bigint < 0 THEN
        PERFORM community.refuse('match_form', 'demand', 'requester, place, and a time from .. upto that the duration fits in');
    END IF;
    SELECT g.grid_id, g.code INTO v_grid
      FROM community.grid_locate(p_lon, p_lat) g
     WHERE g.community_id = p_community_id;
    INSERT INTO community.demand (community_id, requester_kind, requester_id, login, proxy, channel, service, description, lon, lat,
        cell_key, grid_id, grid_key, slot, duration, languages, accessibility, skills, wants_sex, sex, max_price, repeat_every, repeat_until)
    VALUES (p_community_id, p_requester_kind, p_requester_id, community.actor(), p_doc ->> 'proxy', v_channel, p_service,
        coalesce(p_doc ->> 'description', ''), p_lon, p_lat, community.gridcell(p_lon, p_lat, 7)::bigint, v_grid.grid_id,
        v_grid.code::bigint, tstzrange(v_from, v_upto), v_duration, community._doc_texts(p_doc, 'languages'),
        community._doc_texts(p_doc, 'accessibility'), community._doc_texts(p_doc, 'skills'), p_doc ->> 'wants_sex',
        coalesce((SELECT x.sex FROM community.person x WHERE p_requester_kind = 'person' AND x.community_id = p_community_id
                     AND x.person_id = p_requester_id), 'unknown'),
        (p_doc ->> 'max_price')::bigint, (p_doc ->> 'repeat_every')::interval, (p_doc ->> 'repeat_until')::timestamptz)
    RETURNING demand_id INTO v_id;
    PERFORM community._match_act(p_community_id, p_requester_kind, p_requester_id, p_doc, 'demand', 'demand/' || v_id);
    IF NOT coalesce((p_doc ->> 'draft')::boolean, false) THEN
        PERFORM community._demand_move(p_community_id, v_id, 'open', NULL);
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('demand_id', v_id));
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.demand_add(uuid, bigint, text, bigint, text, double precision, double precision, jsonb) IS 'Ask for a service at a place in degrees; opens the demand unless p_doc.draft. p_doc: from, upto, duration (1 hour), channel (app), proxy, description, languages, accessibility, skills, wants_sex, max_price, repeat_every and repeat_until, by_person_id and by_community_id of a guardian or proxy, which is recorded. Refuses channel_unfit, guardian_missing, match_form, match_unknown, match_role. / 提交服务需求（默认即开放），可代办、可周期。';

CREATE OR REPLACE FUNCTION community._demand_lock(p_community_id bigint, p_demand_id bigint)
RETURNS community.demand LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_demand community.demand;
BEGIN
    SELECT * INTO v_demand
      FROM community.demand d
     WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'demand', coalesce(p_demand_id::text, 'NULL'));
    END IF;
    RETURN v_demand;
END $$;
COMMENT ON FUNCTION community._demand_lock(bigint, bigint) IS 'Lock a demand and return it; refuses match_unknown. / 锁定并返回需求。';

CREATE OR REPLACE FUNCTION community._demand_move(p_community_id bigint, p_demand_id bigint, p_event text, p_provider_login text)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_demand community.demand := community._demand_lock(p_community_id, p_demand_id);
    v_to text;
BEGIN
    SELECT m.to_state INTO v_to
      FROM community._match_move('demand', p_community_id, p_demand_id, v_demand.state, p_event, p_provider_login, v_demand.login, NULL, NULL) m;
    UPDATE community.demand d
       SET state = v_to, opened_at = CASE WHEN v_to = 'open' THEN coalesce(d.opened_at, clock_timestamp()) ELSE d.opened_at END,
           repeat_until = CASE WHEN p_event = 'withdraw' AND d.repeat_every IS NOT NULL THEN least(d.repeat_until, lower(d.slot)) ELSE d.repeat_until END
     WHERE d.community_id = p_community_id AND d.demand_id = p_demand_id;
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community._demand_move(bigint, bigint, text, text) IS 'Move a demand by an event and return its state. / 推进需求并返回新状态。';

CREATE OR REPLACE FUNCTION community.demand_event(p_key uuid, p_community_id bigint, p_demand_id bigint, p_event text)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_to text;
BEGIN
    v_answer := community.api_once(p_key, 'demand_event', jsonb_build_array(p_community_id, p_demand_id, p_event));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    IF p_event IS NULL OR p_event NOT IN ('open', 'withdraw') THEN
        PERFORM community.refuse('match_form', 'event', coalesce(p_event, 'NULL'));
    END IF;
    v_to := community._demand_move(p_community_id, p_demand_id, p_event, NULL);
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.demand_event(uuid, bigint, bigint, text) IS 'Open a draft or withdraw a demand that has no order, and with it the series it begins; returns its state. Refuses match_state, match_role, match_form, match_unknown. / 开放草稿或撤回未成交需求（及其后续周期）。';
