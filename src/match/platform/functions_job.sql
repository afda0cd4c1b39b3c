-- Jobs: what happens by itself when time passes.  They hold many locks at once,
-- so they hardly wait for one: what somebody works on is left for the next run.

CREATE OR REPLACE FUNCTION community._demand_next(p_demand community.demand, p_tz text)
RETURNS tstzrange LANGUAGE sql STABLE
RETURN (SELECT tstzrange(n.begins, greatest(n.begins + make_interval(secs => date_part('epoch', upper(p_demand.slot)) - date_part('epoch', lower(p_demand.slot))),
                                            n.begins + p_demand.duration))
          FROM (SELECT (lower(p_demand.slot) AT TIME ZONE p_tz + p_demand.repeat_every) AT TIME ZONE p_tz AS begins) n);
COMMENT ON FUNCTION community._demand_next(community.demand, text) IS 'Time of a recurring demand when it comes again: at the same local time of the day, whatever summer time and the time zone of the session, and as long as before. NULL for one that does not recur. / 周期需求的下一时段：按社区当地时间推算，时长不变。';

CREATE OR REPLACE FUNCTION community._job_match_upkeep(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp
SET lock_timeout = '10ms' AS $$
DECLARE
    v record;
    v_booking community.booking;
    v_provider community.provider;
    v_event text;
    v_rows bigint := 0;
BEGIN
    FOR v IN SELECT p.community_id, p.provider_id FROM community.provider p
              WHERE p.state = 'suspended' AND p.suspended_until <= p_now ORDER BY 1, 2 LOOP
        BEGIN
            v_provider := community._provider_lock(v.community_id, v.provider_id);
            IF v_provider.state = 'suspended' AND v_provider.suspended_until <= p_now THEN
                PERFORM community._provider_move(v_provider, 'resume', NULL, '{}');
                v_rows := v_rows + 1;
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            CONTINUE;
        END;
    END LOOP;

    -- Matches that nobody confirmed, and those of providers that fell out.
    FOR v IN SELECT o.community_id, o.order_id FROM community.service_order o
               JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
              WHERE o.state = 'matched' AND (o.confirm_due <= p_now OR p.state NOT IN ('active', 'warned')) ORDER BY 1, 2 LOOP
        BEGIN
            PERFORM community.order_event(gen_random_uuid(), v.community_id, v.order_id, 'reject', '{"role": "job"}');
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- confirmed or cancelled meanwhile
        END;
    END LOOP;

    -- Orders that are over: served, when both came; else given back.
    FOR v IN SELECT o.community_id, o.order_id, CASE o.state WHEN 'in_service' THEN 'finish' ELSE 'cancel' END AS event
               FROM community.service_order o
              WHERE o.state IN ('confirmed', 'in_service')
                AND upper(o.period) <= p_now - community.setting_interval('match_lapse', o.community_id) ORDER BY 1, 2 LOOP
        BEGIN
            PERFORM community.order_event(gen_random_uuid(), v.community_id, v.order_id, v.event, '{"role": "job"}');
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- moved on meanwhile
        END;
    END LOOP;

    -- Recurring demands come again, whatever became of the last one; a withdrawn series has its last beginning behind it.
    FOR v IN SELECT d.community_id, d.demand_id, n.slot FROM community.demand d
               JOIN community.community c ON c.community_id = d.community_id
              CROSS JOIN LATERAL (SELECT community._demand_next(d, c.tz) AS slot OFFSET 0) n
              WHERE d.repeat_every IS NOT NULL AND upper(d.slot) <= p_now
                AND lower(n.slot) > lower(d.slot) AND lower(n.slot) <= d.repeat_until
                AND NOT EXISTS (SELECT FROM community.demand n WHERE n.community_id = d.community_id AND n.repeats = d.demand_id)
              ORDER BY 1, 2 LOOP
        INSERT INTO community.demand (community_id, requester_kind, requester_id, login, proxy, channel, service, description, lon, lat, cell_key,
            grid_id, grid_key, slot, duration, languages, accessibility, skills, wants_sex, sex, max_price, state, opened_at, repeat_every,
            repeat_until, repeats)
        SELECT d.community_id, d.requester_kind, d.requester_id, d.login, d.proxy, d.channel, d.service, d.description, d.lon, d.lat, d.cell_key,
               d.grid_id, d.grid_key, v.slot, d.duration, d.languages,
               d.accessibility, d.skills, d.wants_sex, d.sex, d.max_price, 'open', clock_timestamp(), d.repeat_every, d.repeat_until, d.demand_id
          FROM community.demand d
         WHERE d.community_id = v.community_id AND d.demand_id = v.demand_id
        ON CONFLICT (community_id, repeats) DO NOTHING;
        v_rows := v_rows + 1;
    END LOOP;

    FOR v IN SELECT d.community_id, d.demand_id FROM community.demand d
              WHERE d.state IN ('draft', 'open') AND upper(d.slot) <= p_now ORDER BY 1, 2 LOOP
        BEGIN
            IF (SELECT l.state FROM community._demand_lock(v.community_id, v.demand_id) l) IN ('draft', 'open') THEN
                PERFORM community._demand_move(v.community_id, v.demand_id, 'expire', NULL);
                v_rows := v_rows + 1;
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            CONTINUE;
        END;
    END LOOP;

    FOR v IN SELECT b.community_id, b.booking_id FROM community.booking b
               JOIN community.resource r ON r.community_id = b.community_id AND r.resource_id = b.resource_id
              WHERE (b.state = 'held' AND b.hold_until <= p_now)
                 OR (b.state = 'confirmed' AND lower(b.period) + r.late <= p_now)
                 OR (b.state = 'checked_in' AND upper(b.period) <= p_now)
              ORDER BY b.community_id, b.resource_id, b.booking_id LOOP
        BEGIN
            v_booking := community._booking_lock(v.community_id, v.booking_id);
            v_event := CASE v_booking.state WHEN 'held' THEN 'expire' WHEN 'confirmed' THEN 'no_show' WHEN 'checked_in' THEN 'finish' END;
            IF v_event IS NOT NULL AND (v_event <> 'no_show' OR lower(v_booking.period) <= p_now) THEN
                PERFORM community._booking_move(v_booking, v_event, '{}');
                v_rows := v_rows + 1;
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            CONTINUE;
        END;
    END LOOP;

    -- Who waited in vain waits no longer.
    FOR v IN SELECT w.community_id, w.wait_id FROM community.booking_wait w
              WHERE w.state = 'waiting' AND lower(w.period) <= p_now ORDER BY 1, 2 FOR NO KEY UPDATE SKIP LOCKED LOOP
        UPDATE community.booking_wait w SET state = 'gone' WHERE w.community_id = v.community_id AND w.wait_id = v.wait_id;
        v_rows := v_rows + 1;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_upkeep(timestamptz) IS 'Job: end suspensions, reject matches nobody confirmed or whose provider fell out, finish or cancel orders long over, repeat and expire demands, expire holds, state no-shows and ends of bookings, end what was waited for in vain; returns the number of changes. / 作业：到期处理暂停、未确认与逾期未结订单、需求、预订等。';

CREATE OR REPLACE FUNCTION community._job_match_settle(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp
SET lock_timeout = '10ms' AS $$
DECLARE
    v record;
    v_rows bigint := 0;
BEGIN
    FOR v IN SELECT o.community_id, o.order_id FROM community.service_order o
              WHERE o.state IN ('done', 'rated', 'no_show') AND o.settle_due <= p_now ORDER BY 1, 2 LIMIT 1000 LOOP
        BEGIN
            PERFORM community.order_event(gen_random_uuid(), v.community_id, v.order_id, 'settle', '{"role": "job"}');
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- disputed meanwhile, or the account is frozen: tried again
        END;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_settle(timestamptz) IS 'Job: settle rated orders, and finished ones and no-shows after the time of their service; returns their number. / 作业：结算已评价的订单及到期的完成订单与爽约。';

CREATE OR REPLACE FUNCTION community._job_match_replan(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp
SET lock_timeout = '10ms' AS $$
DECLARE
    v record;
    v_plan record;
    v_made integer;
    v_rows bigint := 0;
BEGIN
    -- Confirmed orders of providers that fell out before these begin.
    FOR v IN SELECT o.community_id, o.order_id, p.state FROM community.service_order o
               JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
              WHERE o.state = 'confirmed' AND lower(o.period) > p_now
                AND (p.state IN ('banned', 'withdrawn') OR (p.state = 'suspended' AND lower(o.period) < p.suspended_until)) ORDER BY 1, 2 LOOP
        BEGIN
            PERFORM community.order_event(gen_random_uuid(), v.community_id, v.order_id, 'cancel',
                                          jsonb_build_object('role', 'match', 'reason', 'provider ' || v.state));
            v_rows := v_rows + 1;
        EXCEPTION WHEN SQLSTATE 'PT409' OR lock_not_available THEN
            CONTINUE;       -- moved on meanwhile
        END;
    END LOOP;

    -- Demands that lost an order within the last hour get another, as far as
    -- there is one; what is ordered stays as it is.
    FOR v IN SELECT DISTINCT d.community_id FROM community.demand d
               JOIN community.service_order o ON o.community_id = d.community_id AND o.demand_id = d.demand_id
              WHERE d.state = 'open' AND upper(d.slot) > p_now
                AND o.state IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed') AND coalesce(o.missed_at, o.ended_at) > p_now - interval '1 hour' ORDER BY 1 LOOP
        BEGIN
            SELECT p.plan_id, p.assigned INTO v_plan
              FROM community._match_plan(v.community_id, NULL, p_now, community._match_reopened(v.community_id, p_now - interval '1 hour')) p;
            IF v_plan.assigned = 0 THEN
                DELETE FROM community.match_plan p WHERE p.community_id = v.community_id AND p.plan_id = v_plan.plan_id;
                CONTINUE;
            END IF;
            SELECT c.made INTO v_made FROM community.match_commit(gen_random_uuid(), v.community_id, v_plan.plan_id) c;
            v_rows := v_rows + v_made;
        EXCEPTION WHEN lock_not_available THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_replan(timestamptz) IS 'Job: cancel the confirmed orders that suspended, banned or withdrawn providers cannot keep, free of charge, and plan again what lost an order within an hour; returns the number of changes. / 作业：免费取消停业服务方无法履行的已确认订单，并对一小时内失单的需求重新撮合。';

CREATE OR REPLACE FUNCTION community._health_match()
RETURNS TABLE (severity text, subject text, detail text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn'::text, 'orders of community ' || o.community_id, format('%s orders wait for their settlement since %s or later; an account may be frozen or missing', count(*), min(o.settle_due))
      FROM community.service_order o
     WHERE o.state IN ('done', 'rated', 'no_show') AND o.settle_due < now() - interval '1 day'
     GROUP BY o.community_id;
END;
COMMENT ON FUNCTION community._health_match() IS 'Check matching: orders whose settlement has been due for a day. / 检查撮合：应结算逾一日的订单。';
