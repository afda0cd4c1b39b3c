-- Bookings of resources: holds, seats, waiting lists, calendars.

CREATE OR REPLACE FUNCTION community._booking_guard()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_resource community.resource;
BEGIN
    SELECT * INTO v_resource
      FROM community.resource r
     WHERE r.community_id = NEW.community_id AND r.resource_id = NEW.resource_id
       FOR SHARE;
    IF v_resource.state IS DISTINCT FROM 'open' THEN
        PERFORM community.refuse('booking_closed', coalesce(NEW.resource_id::text, 'NULL'));
    END IF;
    IF NEW.seat > v_resource.seats + v_resource.buffer THEN
        PERFORM community.refuse('booking_full', NEW.resource_id::text);
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION community._booking_guard() IS 'For any client: a seat is one of the seats and the buffer of an open resource. / 席位须在开放资源的座位与超额范围内。';

CREATE OR REPLACE FUNCTION community.resource_add(p_community_id bigint, p_name text, p_seats integer DEFAULT 1, p_hours text DEFAULT 'Mo-Su,PH 00:00-24:00',
    p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'resource');
    IF coalesce(p_name, '') = '' OR p_seats IS NULL OR p_seats < 1 OR (p_doc ->> 'buffer')::integer < 0 THEN
        PERFORM community.refuse('match_form', 'resource', 'a name, seats from 1 and a buffer from 0');
    END IF;
    INSERT INTO community.resource (community_id, facility_id, name, seats, buffer, weekly, hold_for, late, no_shows)
    VALUES (p_community_id, (p_doc ->> 'facility_id')::bigint, p_name, p_seats, coalesce((p_doc ->> 'buffer')::integer, 0),
            community.weekly_hours(p_hours), coalesce((p_doc ->> 'hold_for')::interval, interval '15 minutes'),
            coalesce((p_doc ->> 'late')::interval, interval '15 minutes'), coalesce((p_doc ->> 'no_shows')::integer, 3))
    RETURNING resource_id INTO v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.resource_add(bigint, text, integer, text, jsonb) IS 'Add a bookable resource with seats and weekly hours; p_doc: facility_id, buffer, hold_for, late, no_shows. Needs match. Refuses match_form, match_role. / 新增可预订资源。';

CREATE OR REPLACE FUNCTION community._booking_place(p_resource community.resource, p_kind text, p_id bigint, p_login text, p_period tstzrange)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_seat integer;
    v_id bigint;
    v_constraint text;
BEGIN
    -- The resource is locked: the lowest free seat stays free until the insert,
    -- unless the snapshot is older than the lock; then the next one is tried.
    FOR v_seat IN
        SELECT s
          FROM generate_series(1, p_resource.seats + p_resource.buffer) s
         WHERE NOT EXISTS (SELECT FROM community.booking b
                            WHERE b.community_id = p_resource.community_id AND b.resource_id = p_resource.resource_id AND b.seat = s
                              AND b.period && p_period AND b.state IN ('held', 'confirmed', 'checked_in'))
         ORDER BY s
    LOOP
        BEGIN
            INSERT INTO community.booking (community_id, resource_id, seat, requester_kind, requester_id, login, period, hold_until)
            VALUES (p_resource.community_id, p_resource.resource_id, v_seat, p_kind, p_id, p_login, p_period,
                    clock_timestamp() + p_resource.hold_for)
            RETURNING booking_id INTO v_id;
            RETURN v_id;
        EXCEPTION WHEN exclusion_violation THEN
            GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
            IF v_constraint = 'booking_one_seat' THEN
                PERFORM community.refuse('booking_twice', p_resource.resource_id::text);
            END IF;
        END;
    END LOOP;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._booking_place(community.resource, text, bigint, text, tstzrange) IS 'Hold the lowest free seat of a locked resource; NULL when none is free. Refuses booking_twice. / 预留最小空席，无则为空。';

CREATE OR REPLACE FUNCTION community.booking_hold(p_key uuid, p_community_id bigint, p_resource_id bigint, p_requester_kind text, p_requester_id bigint,
    p_from timestamptz, p_upto timestamptz, p_wait boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_resource community.resource;
    v_tz text;
    v_days record;
    v_missed bigint;
    v_id bigint;
BEGIN
    v_answer := community.api_once(p_key, 'booking_hold', jsonb_build_array(p_community_id, p_resource_id, p_requester_kind, p_requester_id, extract(epoch FROM p_from), extract(epoch FROM p_upto), p_wait));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    END IF;
    PERFORM community._match_require('request', p_community_id, community.actor(), 'book');
    IF p_from IS NULL OR p_upto IS NULL OR p_from >= p_upto OR p_from < now() OR NOT isfinite(p_upto)
       OR p_requester_kind IS NULL OR p_requester_kind NOT IN ('person', 'organization') OR p_requester_id IS NULL THEN
        PERFORM community.refuse('match_form', 'booking', format('%s %s from %s to %s', p_requester_kind, p_requester_id, p_from, p_upto));
    END IF;
    SELECT * INTO v_resource
      FROM community.resource r
     WHERE r.community_id = p_community_id AND r.resource_id = p_resource_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'resource', coalesce(p_resource_id::text, 'NULL'));
    END IF;
    SELECT c.tz INTO v_tz FROM community.community c WHERE c.community_id = p_community_id;
    SELECT * INTO v_days FROM community._match_days(p_community_id, (p_from AT TIME ZONE v_tz)::date, (p_upto AT TIME ZONE v_tz)::date);
    IF v_resource.state <> 'open'
       OR community.hours_fit(p_from, p_upto, p_upto - p_from, v_resource.weekly, v_tz, v_days.holidays, v_days.workdays) IS NULL THEN
        PERFORM community.refuse('booking_closed', p_resource_id::text);
    END IF;
    SELECT count(*) INTO v_missed
      FROM community.booking b
     WHERE b.community_id = p_community_id AND b.requester_kind = p_requester_kind AND b.requester_id = p_requester_id
       AND b.state = 'no_show' AND lower(b.period) > now() - interval '90 days';
    IF v_missed >= v_resource.no_shows THEN
        PERFORM community.refuse('booking_banned', v_missed::text);
    END IF;
    v_id := community._booking_place(v_resource, p_requester_kind, p_requester_id, community.actor(), tstzrange(p_from, p_upto));
    IF v_id IS NOT NULL THEN
        v_answer := jsonb_build_object('booking_id', v_id, 'state', 'held');
    ELSIF p_wait THEN
        INSERT INTO community.booking_wait (community_id, resource_id, requester_kind, requester_id, login, period)
        VALUES (p_community_id, p_resource_id, p_requester_kind, p_requester_id, community.actor(), tstzrange(p_from, p_upto))
        ON CONFLICT (community_id, resource_id, requester_kind, requester_id, period) WHERE state = 'waiting' DO NOTHING
        RETURNING wait_id INTO v_id;
        IF v_id IS NULL THEN
            PERFORM community.refuse('wait_twice', p_resource_id::text);
        END IF;
        v_answer := jsonb_build_object('wait_id', v_id, 'state', 'waiting');
    ELSE
        PERFORM community.refuse('booking_full', p_resource_id::text);
    END IF;
    PERFORM community.api_answer(p_key, v_answer);
    RETURN v_answer;
END $$;
COMMENT ON FUNCTION community.booking_hold(uuid, bigint, bigint, text, bigint, timestamptz, timestamptz, boolean) IS 'Hold a seat of a resource for a time, until it is confirmed or its hold ends; with p_wait a full resource gives a place on the waiting list, one to a party for the same time. Returns booking_id or wait_id and state. Refuses booking_full, booking_closed, booking_twice, wait_twice, booking_banned, match_form, match_unknown, match_role. / 预留资源席位，满员可候补。';

CREATE OR REPLACE FUNCTION community._booking_advance(p_community_id bigint, p_resource_id bigint)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_resource community.resource;
    v_wait community.booking_wait;
    v_id bigint;
    v_moved integer := 0;
BEGIN
    SELECT * INTO STRICT v_resource
      FROM community.resource r
     WHERE r.community_id = p_community_id AND r.resource_id = p_resource_id
       FOR NO KEY UPDATE;
    IF v_resource.state <> 'open' THEN
        RETURN 0;       -- the list keeps its places until it opens again
    END IF;
    FOR v_wait IN
        SELECT w.* FROM community.booking_wait w
         WHERE w.community_id = p_community_id AND w.resource_id = p_resource_id AND w.state = 'waiting'
         ORDER BY w.wait_id
    LOOP
        v_id := NULL;
        IF lower(v_wait.period) > clock_timestamp() THEN
            BEGIN
                v_id := community._booking_place(v_resource, v_wait.requester_kind, v_wait.requester_id, v_wait.login, v_wait.period);
            EXCEPTION WHEN SQLSTATE 'PT409' THEN
                -- Has a seat by other means: leaves the list.
                v_wait.state := 'gone';
            END;
        ELSE
            v_wait.state := 'gone';
        END IF;
        IF v_id IS NOT NULL THEN
            v_wait.state := 'booked';
            v_moved := v_moved + 1;
        END IF;
        IF v_wait.state <> 'waiting' THEN
            UPDATE community.booking_wait w SET state = v_wait.state, booking_id = v_id
             WHERE w.community_id = p_community_id AND w.wait_id = v_wait.wait_id;
        END IF;
    END LOOP;
    RETURN v_moved;
END $$;
COMMENT ON FUNCTION community._booking_advance(bigint, bigint) IS 'Move the waiting list of a resource up into seats that became free, in order; returns how many got one. / 候补依次递补，返回人数。';

CREATE OR REPLACE FUNCTION community.booking_wait_leave(p_key uuid, p_community_id bigint, p_wait_id bigint)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_wait community.booking_wait;
BEGIN
    v_answer := community.api_once(p_key, 'booking_wait_leave', jsonb_build_array(p_community_id, p_wait_id));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    SELECT * INTO v_wait FROM community.booking_wait w
     WHERE w.community_id = p_community_id AND w.wait_id = p_wait_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'place on the waiting list', coalesce(p_wait_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('request', p_community_id, v_wait.login, 'leave');
    IF v_wait.state <> 'waiting' THEN
        PERFORM community.refuse('match_state', 'leave', 'place', p_wait_id::text, v_wait.state);
    END IF;
    UPDATE community.booking_wait w SET state = 'gone' WHERE w.community_id = p_community_id AND w.wait_id = p_wait_id;
    PERFORM community.api_answer(p_key, '{"state": "gone"}');
    RETURN 'gone';
END $$;
COMMENT ON FUNCTION community.booking_wait_leave(uuid, bigint, bigint) IS 'Leave a waiting list; returns gone. Refuses match_state once it gave a seat or was left, match_role, match_unknown. / 退出候补。';

CREATE OR REPLACE FUNCTION community._booking_move(p_booking community.booking, p_event text, p_doc jsonb)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_to text;
BEGIN
    SELECT m.to_state INTO v_to
      FROM community._match_move('booking', p_booking.community_id, p_booking.booking_id, p_booking.state, p_event,
                                 NULL, p_booking.login, NULL, p_doc) m;
    UPDATE community.booking b SET state = v_to, evidence = coalesce(p_doc ->> 'evidence', b.evidence)
     WHERE b.community_id = p_booking.community_id AND b.booking_id = p_booking.booking_id;
    IF v_to IN ('cancelled', 'expired', 'no_show', 'done') THEN
        PERFORM community._booking_advance(p_booking.community_id, p_booking.resource_id);
    END IF;
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community._booking_move(community.booking, text, jsonb) IS 'Move a booking whose resource is locked; a seat that becomes free goes to the waiting list. / 推进预订，空出席位递补候补。';

CREATE OR REPLACE FUNCTION community._booking_lock(p_community_id bigint, p_booking_id bigint)
RETURNS community.booking LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_booking community.booking;
BEGIN
    -- The resource before the booking, as holds do.
    PERFORM FROM community.resource r
      WHERE r.community_id = p_community_id
        AND r.resource_id = (SELECT b.resource_id FROM community.booking b WHERE b.community_id = p_community_id AND b.booking_id = p_booking_id)
        FOR NO KEY UPDATE;
    SELECT * INTO v_booking
      FROM community.booking b
     WHERE b.community_id = p_community_id AND b.booking_id = p_booking_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'booking', coalesce(p_booking_id::text, 'NULL'));
    END IF;
    RETURN v_booking;
END $$;
COMMENT ON FUNCTION community._booking_lock(bigint, bigint) IS 'Lock a booking and its resource; refuses match_unknown. / 锁定预订及其资源。';

CREATE OR REPLACE FUNCTION community.booking_event(p_key uuid, p_community_id bigint, p_booking_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_booking community.booking;
    v_at timestamptz;
    v_to text;
BEGIN
    v_answer := community.api_once(p_key, 'booking_event', jsonb_build_array(p_community_id, p_booking_id, p_event, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    v_booking := community._booking_lock(p_community_id, p_booking_id);
    v_at := clock_timestamp();
    IF p_event = 'confirm' AND v_booking.state = 'held' AND v_booking.hold_until <= v_at THEN
        PERFORM community.refuse('booking_hold_over', p_booking_id::text, v_booking.hold_until::text);
    ELSIF p_event = 'check_in' AND v_booking.state = 'confirmed' AND v_at < lower(v_booking.period) - community.setting_interval('match_check_in', p_community_id) THEN
        PERFORM community.refuse('check_in_early', (lower(v_booking.period) - community.setting_interval('match_check_in', p_community_id))::text);
    ELSIF p_event = 'cancel' AND v_booking.state = 'confirmed' AND v_at >= lower(v_booking.period) THEN
        PERFORM community.refuse('booking_begun', p_booking_id::text, lower(v_booking.period)::text);
    ELSIF p_event = 'no_show' AND v_booking.state = 'confirmed' AND v_at < lower(v_booking.period) THEN
        PERFORM community.refuse('no_show_early', lower(v_booking.period)::text);
    END IF;
    PERFORM community._match_act(p_community_id, v_booking.requester_kind, v_booking.requester_id, p_doc, 'booking', 'booking/' || p_booking_id);
    v_to := community._booking_move(v_booking, p_event, p_doc);
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.booking_event(uuid, bigint, bigint, text, jsonb) IS 'Move a booking: confirm, check_in (p_doc.evidence, such as a card passage), finish, cancel (before it begins), no_show; returns the state. p_doc.by_person_id: guardian or proxy who does it for the person, which is recorded. Refuses guardian_missing, match_state, match_role, booking_hold_over, booking_begun, check_in_early, no_show_early, match_unknown. / 推进预订：确认、签到、结束、取消、爽约。';

CREATE OR REPLACE FUNCTION community._ical_line(p_text text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_out text := '';
    v_room integer := 75;
    v_char text;
BEGIN
    -- RFC 5545: lines of at most 75 octets, continued after a blank.
    FOREACH v_char IN ARRAY string_to_array(p_text, NULL) LOOP
        IF octet_length(v_char) > v_room THEN
            v_out := v_out || E'\r\n ';
            v_room := 74;
        END IF;
        v_out := v_out || v_char;
        v_room := v_room - octet_length(v_char);
    END LOOP;
    RETURN v_out || E'\r\n';
END $$;
COMMENT ON FUNCTION community._ical_line(text) IS 'A content line of iCalendar, folded at 75 octets and ended. / iCalendar 内容行，按 75 字节折行。';

CREATE OR REPLACE FUNCTION community._ical_text(p_text text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(replace(replace(replace(regexp_replace(regexp_replace(p_text, '\r\n?', E'\n', 'g'), '[\x01-\x08\x0b-\x1f\x7f]', '', 'g'),
       E'\\', E'\\\\'), ';', E'\\;'), ',', E'\\,'), E'\n', E'\\n');
COMMENT ON FUNCTION community._ical_text(text) IS 'Text escaped as iCalendar asks, each end of a line as \n, without control characters. / 按 iCalendar 转义的文本。';

CREATE OR REPLACE FUNCTION community.booking_calendar(p_community_id bigint, p_resource_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT community._ical_line('BEGIN:VCALENDAR') || community._ical_line('VERSION:2.0') || community._ical_line('PRODID:-//community//match//EN')
        || coalesce(string_agg(community._ical_line('BEGIN:VEVENT')
            || community._ical_line('UID:booking-' || b.community_id || '-' || b.booking_id || '@community')
            || community._ical_line('DTSTAMP:' || to_char(b.booked_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('DTSTART:' || to_char(lower(b.period) AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('DTEND:' || to_char(upper(b.period) AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('SUMMARY:' || community._ical_text(r.name || ' #' || b.seat))
            || community._ical_line('STATUS:' || CASE b.state WHEN 'held' THEN 'TENTATIVE' WHEN 'cancelled' THEN 'CANCELLED' ELSE 'CONFIRMED' END)
            || community._ical_line('END:VEVENT'), '' ORDER BY lower(b.period), b.booking_id), '')
        || community._ical_line('END:VCALENDAR')
      FROM community.booking b
      JOIN community.resource r ON r.community_id = b.community_id AND r.resource_id = b.resource_id
     WHERE b.community_id = p_community_id AND b.resource_id = p_resource_id AND b.state NOT IN ('expired', 'no_show')
       AND b.period && tstzrange(p_from, p_upto);
END;
COMMENT ON FUNCTION community.booking_calendar(bigint, bigint, timestamptz, timestamptz) IS 'Bookings of a resource in a time as iCalendar (RFC 5545) text, without persons; an empty calendar when there are none. / 资源预订的 iCalendar 文本，不含个人信息。';

CREATE OR REPLACE FUNCTION community.order_calendar(p_community_id bigint, p_provider_id bigint, p_from timestamptz, p_upto timestamptz)
RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT community._ical_line('BEGIN:VCALENDAR') || community._ical_line('VERSION:2.0') || community._ical_line('PRODID:-//community//match//EN')
        || coalesce(string_agg(community._ical_line('BEGIN:VEVENT')
            || community._ical_line('UID:order-' || o.community_id || '-' || o.order_id || '@community')
            || community._ical_line('DTSTAMP:' || to_char(o.matched_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('DTSTART:' || to_char(lower(o.period) AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('DTEND:' || to_char(upper(o.period) AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'))
            || community._ical_line('SUMMARY:' || community._ical_text(s.name))
            || community._ical_line('STATUS:' || CASE o.state WHEN 'matched' THEN 'TENTATIVE' WHEN 'cancelled' THEN 'CANCELLED' ELSE 'CONFIRMED' END)
            || community._ical_line('END:VEVENT'), '' ORDER BY lower(o.period), o.order_id), '')
        || community._ical_line('END:VCALENDAR')
      FROM community.service_order o
      JOIN community.service_catalog s ON s.service = o.service
     WHERE o.community_id = p_community_id AND o.provider_id = p_provider_id AND o.state <> 'rejected'
       AND o.period && tstzrange(p_from, p_upto);
END;
COMMENT ON FUNCTION community.order_calendar(bigint, bigint, timestamptz, timestamptz) IS 'Orders of a provider in a time as iCalendar (RFC 5545) text, without requesters; an empty calendar when there are none. / 服务方订单的 iCalendar 文本，不含需求方。';
