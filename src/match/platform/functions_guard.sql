-- What holds for every order and rating, whichever client writes it.

CREATE OR REPLACE FUNCTION community._order_live(p_state text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_state IN ('matched', 'confirmed', 'in_service');
COMMENT ON FUNCTION community._order_live(text) IS 'Whether an order in a state takes capacity of its offer. / 该状态的订单是否占用供给容量。';

CREATE OR REPLACE FUNCTION community._market_add(p_community_id bigint, p_service text, p_period date, p_provider_id bigint, p_n integer,
    OUT orders bigint, OUT all_orders bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    -- The row of the whole market first: it makes new orders of a service queue.
    INSERT INTO community.market_count AS m (community_id, service, period, provider_id, orders)
    VALUES (p_community_id, p_service, p_period, 0, greatest(p_n, 0))
    ON CONFLICT (community_id, service, period, provider_id) DO UPDATE SET orders = m.orders + p_n
    RETURNING m.orders INTO all_orders;
    INSERT INTO community.market_count AS m (community_id, service, period, provider_id, orders)
    VALUES (p_community_id, p_service, p_period, p_provider_id, greatest(p_n, 0))
    ON CONFLICT (community_id, service, period, provider_id) DO UPDATE SET orders = m.orders + p_n
    RETURNING m.orders INTO orders;
END $$;
COMMENT ON FUNCTION community._market_add(bigint, text, date, bigint, integer) IS 'Count orders of a provider and of the whole market up or down; returns both numbers. / 增减服务方与全市场订单数并返回。';

CREATE OR REPLACE FUNCTION community._order_guard()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
    v_demand community.demand;
    v_counts record;
    v_cap numeric;
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (NEW.community_id, NEW.order_id, NEW.demand_id, NEW.offer_id, NEW.provider_id, NEW.service,
            NEW.requester_kind, NEW.requester_id, NEW.market_period, NEW.exclusive)
        IS DISTINCT FROM (OLD.community_id, OLD.order_id, OLD.demand_id, OLD.offer_id, OLD.provider_id, OLD.service,
            OLD.requester_kind, OLD.requester_id, OLD.market_period, OLD.exclusive)) THEN
        PERFORM community.refuse('order_kept');
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;

    -- A provider that is being suspended is waited for, and one that has an
    -- order made waits with its suspension.
    IF TG_OP = 'INSERT' OR NEW.state = 'confirmed' THEN
        SELECT * INTO v_provider
          FROM community.provider p
         WHERE p.community_id = NEW.community_id AND p.provider_id = NEW.provider_id
           FOR SHARE;
        IF v_provider.state IS NULL OR v_provider.state NOT IN ('active', 'warned') THEN
            PERFORM community.refuse('provider_not_active', NEW.provider_id::text, coalesce(v_provider.state, 'unknown'));
        END IF;
        -- A login that asks for a person does not serve it as well, unless it is the platform.
        IF v_provider.login = (SELECT d.login FROM community.demand d WHERE d.community_id = NEW.community_id AND d.demand_id = NEW.demand_id)
           AND NOT community._match_may('match', NEW.community_id, NULL) THEN
            PERFORM community.refuse('self_dealing', NEW.provider_id::text);
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state IN ('rejected', 'cancelled') AND OLD.state IN ('matched', 'confirmed') THEN
            PERFORM community._market_add(NEW.community_id, NEW.service, NEW.market_period, NEW.provider_id, -1);
        END IF;
        IF community._order_live(OLD.state) AND NOT community._order_live(NEW.state) THEN
            UPDATE community.offer o SET taken = o.taken - 1 WHERE o.community_id = NEW.community_id AND o.offer_id = NEW.offer_id;
        ELSIF community._order_live(NEW.state) AND NOT community._order_live(OLD.state) THEN
            PERFORM community.refuse('match_state', NEW.state, 'order', NEW.order_id::text, OLD.state);
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.state <> 'matched' THEN
        PERFORM community.refuse('match_state', NEW.state, 'order', NEW.order_id::text, 'new');
    END IF;
    SELECT * INTO v_demand FROM community.demand d WHERE d.community_id = NEW.community_id AND d.demand_id = NEW.demand_id;
    IF (v_demand.requester_kind, v_demand.requester_id) IS DISTINCT FROM (NEW.requester_kind, NEW.requester_id)
       OR v_demand.service IS DISTINCT FROM NEW.service THEN
        PERFORM community.refuse('match_form', 'order', 'requester and service are those of the demand');
    END IF;
    IF (v_provider.owner_kind, v_provider.owner_id) = (NEW.requester_kind, NEW.requester_id) THEN
        PERFORM community.refuse('self_dealing', NEW.provider_id::text);
    END IF;
    IF EXISTS (SELECT FROM community.match_block b
                WHERE b.community_id = NEW.community_id AND b.requester_kind = NEW.requester_kind
                  AND b.requester_id = NEW.requester_id AND b.provider_id = NEW.provider_id) THEN
        PERFORM community.refuse('pair_blocked', NEW.provider_id::text);
    END IF;
    NEW.exclusive := v_provider.owner_kind = 'person';

    SELECT m.orders, m.all_orders INTO v_counts
      FROM community._market_add(NEW.community_id, NEW.service, NEW.market_period, NEW.provider_id, 1) m;
    SELECT least(v_provider.share_cap, s.share_cap, r.share_cap) INTO v_cap
      FROM community.service_catalog s, community.community c
      JOIN community.operating_rule r ON r.operating_model = c.operating_model
     WHERE s.service = NEW.service AND c.community_id = NEW.community_id;
    IF v_counts.all_orders >= community.setting_int('match_share_from', NEW.community_id)
       AND v_counts.orders > v_cap * v_counts.all_orders THEN
        PERFORM community.refuse('share_cap_reached', NEW.provider_id::text, v_counts.orders::text, v_counts.all_orders::text, v_cap::text);
    END IF;
    -- One statement takes the capacity: a racer waits here and then sees what is left.
    UPDATE community.offer o
       SET taken = o.taken + 1
     WHERE o.community_id = NEW.community_id AND o.offer_id = NEW.offer_id AND o.provider_id = NEW.provider_id
       AND o.service = NEW.service AND o.state = 'open' AND o.taken < o.capacity;
    IF NOT FOUND THEN
        PERFORM community.refuse('offer_full', NEW.offer_id::text);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION community._order_guard() IS 'For any client: locks the provider FOR SHARE and refuses it unless active and under its share cap, refuses self-dealing (one party, or one login that is not the platform) and blocked pairs, takes and gives back capacity, counts the market, keeps orders from being deleted or redirected. / 订单守卫：服务方状态与份额、自我交易、屏蔽、容量与市场计数，对任何客户端生效。';

CREATE OR REPLACE FUNCTION community._rating_guard()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_order community.service_order;
    v_was boolean := TG_OP = 'UPDATE' AND OLD.counted;
BEGIN
    SELECT * INTO v_order
      FROM community.service_order o
     WHERE o.community_id = NEW.community_id AND o.order_id = NEW.order_id
       FOR SHARE;
    -- A rated order may be disputed: its rating stays, and does not count.
    IF v_order.state IS NULL OR (TG_OP = 'INSERT' AND v_order.state NOT IN ('rated', 'settled')) OR (NEW.counted AND v_order.state <> 'settled') THEN
        PERFORM community.refuse('rating_early', NEW.order_id::text, coalesce(v_order.state, 'unknown'));
    END IF;
    IF (NEW.provider_id, NEW.requester_kind, NEW.requester_id)
       IS DISTINCT FROM (v_order.provider_id, v_order.requester_kind, v_order.requester_id)
       OR (TG_OP = 'UPDATE' AND (NEW.stars, NEW.order_id, NEW.side, NEW.rating_id) IS DISTINCT FROM (OLD.stars, OLD.order_id, OLD.side, OLD.rating_id)) THEN
        PERFORM community.refuse('match_form', 'rating', 'parties are those of the order, and stars stay');
    END IF;
    -- Praise by those who work for the provider waits for a supervisor.
    IF TG_OP = 'INSERT' AND NEW.side = 'requester' AND NEW.requester_kind = 'person' AND NEW.stars >= 4
       AND EXISTS (SELECT FROM community.provider_staff s
                    WHERE s.community_id = NEW.community_id AND s.provider_id = NEW.provider_id AND s.person_id = NEW.requester_id) THEN
        NEW.flag := 'ring';
    END IF;
    NEW.counted := NEW.counted AND NEW.flag IS NULL;
    IF NEW.side = 'requester' AND NEW.counted <> v_was THEN
        UPDATE community.provider p
           SET rated = p.rated + CASE WHEN NEW.counted THEN 1 ELSE -1 END,
               good = p.good + CASE WHEN NEW.stars < 4 THEN 0 WHEN NEW.counted THEN 1 ELSE -1 END
         WHERE p.community_id = NEW.community_id AND p.provider_id = NEW.provider_id;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION community._rating_guard() IS 'For any client: ratings only of finished orders by their own parties, counted only once settled and while not flagged, good ones by staff of the provider flagged at once (ring); keeps the counts of the provider. / 评价守卫：仅限已完成订单的双方，结算后且未标记方计入。';

CREATE OR REPLACE FUNCTION community._offer_sex()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'offer' THEN
        NEW.sex := coalesce((SELECT p.sex FROM community.provider p WHERE p.community_id = NEW.community_id AND p.provider_id = NEW.provider_id), 'unknown');
        RETURN NEW;
    END IF;
    UPDATE community.offer o SET sex = NEW.sex WHERE o.community_id = NEW.community_id AND o.provider_id = NEW.provider_id AND o.sex <> NEW.sex;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._offer_sex() IS 'For any client: offers bear the sex of their provider, from their beginning and when it is corrected. / 供给的性别与其服务方一致，对任何客户端生效。';
