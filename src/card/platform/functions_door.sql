-- What a door decides.  door_open() returns its answer, it never raises a
-- refusal: an exception would take the log row with it.

CREATE OR REPLACE FUNCTION community.zone_add(
    p_community_id bigint, p_name text, p_anti_passback text DEFAULT 'off', p_forgive interval DEFAULT '12 hours', p_within bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_within bigint;
    v_id bigint;
BEGIN
    PERFORM community._community_known(p_community_id);
    PERFORM community.require_capability('access', p_community_id);
    IF p_within IS NOT NULL THEN
        SELECT coalesce(z.within_zone, z.zone_id) INTO v_within
          FROM community.access_zone z
         WHERE z.community_id = p_community_id AND z.zone_id = p_within;
        IF NOT FOUND THEN
            PERFORM community.refuse('zone_unknown', p_within::text);
        END IF;
    END IF;
    INSERT INTO community.access_zone (community_id, name, anti_passback, forgive, within_zone)
    VALUES (p_community_id, p_name, p_anti_passback, p_forgive, v_within)
    RETURNING zone_id INTO v_id;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.zone_add(bigint, text, text, interval, bigint) IS 'Add a zone and return its key; p_anti_passback off, soft (mark) or hard (refuse), forgiven after p_forgive. With p_within it counts with that zone: both are one area, entered by a door of either. A zone of one door guards that door alone. Needs the capability access. Refuses zone_unknown, community_unknown, capability_missing; 23505 for a name that is taken. / 新增门禁区域并返回键；p_within 指定与之同片区计算反潜回的区域，单门区域即按门计算。需要 access 权限。';

CREATE OR REPLACE FUNCTION community.point_add(
    p_community_id bigint, p_zone_id bigint, p_name text, p_code text, p_direction text DEFAULT 'in', p_needs_counter boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_code community.gridcode := p_code::community.gridcode;
    v_id bigint;
BEGIN
    PERFORM community.require_capability('access', p_community_id);
    IF NOT EXISTS (SELECT FROM community.access_zone z WHERE z.community_id = p_community_id AND z.zone_id = p_zone_id) THEN
        PERFORM community.refuse('zone_unknown', coalesce(p_zone_id::text, 'NULL'));
    END IF;
    INSERT INTO community.access_point (community_id, zone_id, name, code, code_key, direction, needs_counter)
    VALUES (p_community_id, p_zone_id, p_name, v_code, v_code::bigint, p_direction, p_needs_counter)
    RETURNING point_id INTO v_id;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.point_add(bigint, bigint, text, text, text, boolean) IS 'Add a door into (in) or out of (out) a zone and return its key; p_code is its grid code. Needs the capability access. Refuses zone_unknown, capability_missing; 22P02 for a wrong grid code, 23505 for a name that is taken. / 新增门禁点并返回键；p_code 为所在网格。需要 access 权限。';

CREATE OR REPLACE FUNCTION community.rule_add(
    p_community_id bigint, p_zone_id bigint, p_hours text DEFAULT '24/7', p_card_kind text DEFAULT NULL,
    p_person_id bigint DEFAULT NULL, p_group text DEFAULT NULL, p_needs_pin boolean DEFAULT false, p_when_locked boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM community.require_capability('access', p_community_id);
    IF NOT EXISTS (SELECT FROM community.access_zone z WHERE z.community_id = p_community_id AND z.zone_id = p_zone_id) THEN
        PERFORM community.refuse('zone_unknown', coalesce(p_zone_id::text, 'NULL'));
    END IF;
    INSERT INTO community.access_rule (community_id, zone_id, hours, card_kind, person_id, group_name, needs_pin, when_locked)
    VALUES (p_community_id, p_zone_id, community.weekly_hours(p_hours), p_card_kind, p_person_id, p_group, p_needs_pin, p_when_locked)
    RETURNING rule_id INTO v_id;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.rule_add(bigint, bigint, text, text, bigint, text, boolean, boolean) IS 'Let cards into a zone: by kind, person and group (NULL: any), within weekly hours in the grammar of weekly_hours(). Returns the key. Needs the capability access. Refuses zone_unknown, capability_missing; 22P02 for wrong hours. / 新增准入规则：按卡类别、人员、群组（NULL 不限）与每周时段。需要 access 权限。';

CREATE OR REPLACE FUNCTION community.zone_mode(p_community_id bigint, p_zone_id bigint, p_mode text, p_reason text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('access', p_community_id);
    UPDATE community.access_zone z SET mode = p_mode
     WHERE z.community_id = p_community_id AND z.zone_id = p_zone_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('zone_unknown', coalesce(p_zone_id::text, 'NULL'));
    END IF;
    PERFORM community.audit_write(p_community_id, 'zone_' || p_mode, 'zone ' || p_zone_id, coalesce(p_reason, 'access'), 1);
END
$$;
COMMENT ON FUNCTION community.zone_mode(bigint, bigint, text, text) IS 'Lock a zone down (locked), open it for everybody (released, in case of fire) or return it to normal; audited with the reason. Needs the capability access. Refuses zone_unknown, capability_missing; 23514 for another mode. / 封闭（locked）、消防释放（released）或恢复（normal）区域，连同原因留痕。需要 access 权限。';

CREATE OR REPLACE FUNCTION community._counter_take(p_card community.card, p_counter bigint)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_ahead bigint := p_counter - p_card.counter;
    v_window bigint;
BEGIN
    -- Bit n of the window stands for counter - 1 - n.
    IF v_ahead > 0 THEN
        v_window := CASE WHEN v_ahead > 64 OR p_card.counter < 0 THEN 0
                         WHEN v_ahead = 64 THEN 1::bigint << 63
                         ELSE (p_card.counter_window << v_ahead::integer) | (1::bigint << (v_ahead - 1)::integer) END;
        UPDATE community.card c SET counter = p_counter, counter_window = v_window
         WHERE c.community_id = p_card.community_id AND c.card_id = p_card.card_id;
        RETURN true;
    END IF;
    IF p_counter < 0 OR v_ahead = 0 OR v_ahead < -64
       OR (p_card.counter_window >> (-v_ahead - 1)::integer) & 1 = 1 THEN
        RETURN false;
    END IF;
    UPDATE community.card c SET counter_window = p_card.counter_window | (1::bigint << (-v_ahead - 1)::integer)
     WHERE c.community_id = p_card.community_id AND c.card_id = p_card.card_id;
    RETURN true;
END
$$;
COMMENT ON FUNCTION community._counter_take(community.card, bigint) IS 'Accept a counter of a locked card once: a higher one, or one of the 64 below that was not seen. / 接受计数一次：更大的，或其下 64 个中未用过的。';

CREATE OR REPLACE FUNCTION community._card_of_credential(
    p_credential community.credential, p_at timestamptz, p_code community.gridcode, p_application text, p_lock boolean)
RETURNS community.card_answer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_status text := community.credential_verify(p_credential, p_at, p_code, p_application);
    v_claims record;
    v_row record;
    v_card community.card;
    v_state text;
BEGIN
    IF v_status IS NULL OR v_status IN ('malformed', 'no_key', 'bad_tag') THEN
        RETURN (coalesce(v_status, 'malformed'), NULL::community.card);
    END IF;
    v_claims := community.credential_claims(p_credential);
    -- One look-up of everything.  Who is to move money or a counter locks the
    -- card, and so waits for a loss that is being reported.
    IF p_lock THEN
        SELECT c AS card, a.state AS app_state, k.status AS key_status, k.valid AS key_valid INTO v_row
          FROM community.card_index i
          JOIN community.card c ON c.community_id = i.community_id AND c.card_id = i.card_id
          LEFT JOIN community.card_app a
            ON a.community_id = c.community_id AND a.card_id = c.card_id AND a.application = p_application
          LEFT JOIN community.card_key k ON k.key_id = v_claims.key_id
         WHERE i.number_key = v_claims.card_no::bigint
           FOR NO KEY UPDATE OF c;
    ELSE
        SELECT c AS card, a.state AS app_state, k.status AS key_status, k.valid AS key_valid INTO v_row
          FROM community.card_index i
          JOIN community.card c ON c.community_id = i.community_id AND c.card_id = i.card_id
          LEFT JOIN community.card_app a
            ON a.community_id = c.community_id AND a.card_id = c.card_id AND a.application = p_application
          LEFT JOIN community.card_key k ON k.key_id = v_claims.key_id
         WHERE i.number_key = v_claims.card_no::bigint;
    END IF;
    v_card := v_row.card;
    IF v_card.card_id IS NULL OR v_card.issuer <> v_claims.issuer OR v_card.card_index <> v_claims.card_index
       OR v_card.holder <> v_claims.holder THEN
        RETURN ('unknown_card'::text, NULL::community.card);
    END IF;
    IF v_row.key_status NOT IN ('active', 'verify_only') OR NOT v_row.key_valid @> p_at THEN
        RETURN ('no_key'::text, NULL::community.card);
    END IF;
    IF v_status <> 'ok' THEN
        RETURN (v_status, v_card);
    END IF;
    IF v_card.generation <> v_claims.generation THEN
        RETURN ('old_generation'::text, v_card);
    END IF;
    v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, p_at);
    IF v_state <> 'active' THEN
        v_status := 'card_' || v_state;
    ELSIF p_application IS NOT NULL AND v_row.app_state IS DISTINCT FROM 'enabled' THEN
        v_status := 'application_off';
    END IF;
    RETURN (v_status, v_card);
END
$$;
COMMENT ON FUNCTION community._card_of_credential(community.credential, timestamptz, community.gridcode, text, boolean) IS 'Verify a credential and find its card, locked when p_lock; status ok, or why not. The card is NULL unless the credential is genuine. / 验证凭证并查得其卡（p_lock 时锁定）；status 为 ok 或原因，凭证不实时卡为 NULL。';

CREATE OR REPLACE FUNCTION community._door_pin(
    p_community_id bigint, p_card_id bigint, p_attempt_id bigint, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_pin text := CASE WHEN p_attempt_id IS NULL THEN 'missing' ELSE community.pin_result(p_community_id, p_attempt_id) END;
BEGIN
    IF v_pin NOT IN ('right', 'duress') THEN
        RETURN 'pin_' || v_pin;
    END IF;
    UPDATE community.pin_attempt a SET used = true
     WHERE a.community_id = p_community_id AND a.attempt_id = p_attempt_id AND a.card_id = p_card_id
       AND NOT a.used AND a.at > p_at - community.setting_interval('pin_window', p_community_id);
    RETURN CASE WHEN NOT FOUND THEN 'pin_used' WHEN v_pin = 'duress' THEN 'duress' ELSE 'ok' END;
END
$$;
COMMENT ON FUNCTION community._door_pin(bigint, bigint, bigint, timestamptz) IS 'Use a PIN attempt of a card for one opening: ok, duress, or why not. / 使用一次密码尝试：ok、duress 或不可用的原因。';

CREATE OR REPLACE FUNCTION community._door_passback(
    p_community_id bigint, p_zone_id bigint, p_card_id bigint, p_inside boolean, p_mode text, p_forgive interval, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_zone bigint;
    v_area community.area_state;
    v_again boolean;
BEGIN
    SELECT coalesce(z.within_zone, z.zone_id) INTO v_zone
      FROM community.access_zone z
     WHERE z.community_id = p_community_id AND z.zone_id = p_zone_id;
    -- The row first: of two taps at once the second waits for the first.
    INSERT INTO community.area_state (community_id, zone_id, card_id, inside, at)
    VALUES (p_community_id, v_zone, p_card_id, p_inside, p_at)
        ON CONFLICT (community_id, zone_id, card_id) DO NOTHING;
    IF FOUND THEN
        RETURN 'ok';
    END IF;
    SELECT * INTO v_area FROM community.area_state s
     WHERE s.community_id = p_community_id AND s.zone_id = v_zone AND s.card_id = p_card_id
       FOR NO KEY UPDATE;
    v_again := v_area.at > p_at - p_forgive AND v_area.inside = p_inside;
    IF v_again AND p_mode = 'hard' THEN
        RETURN 'passback';
    END IF;
    UPDATE community.area_state s SET inside = p_inside, at = p_at
     WHERE s.community_id = p_community_id AND s.zone_id = v_zone AND s.card_id = p_card_id AND s.at <= p_at;
    RETURN CASE WHEN v_again THEN 'passback_marked' ELSE 'ok' END;
END
$$;
COMMENT ON FUNCTION community._door_passback(bigint, bigint, bigint, boolean, text, interval, timestamptz) IS 'Note that a card enters or leaves a zone, or the area it counts with: ok, passback_marked, or passback when it is refused. / 记录卡进出区域：ok、passback_marked 或 passback（拒绝）。';

CREATE OR REPLACE FUNCTION community._door_rule(
    p_community_id bigint, p_zone_id bigint, p_kind text, p_person_id bigint, p_locked boolean, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_rule record;
    v_tz text := (SELECT c.tz FROM community.community c WHERE c.community_id = p_community_id);
    v_holidays date[] := community.calendar_days(p_community_id, 'holiday', p_at);
    v_workdays date[] := community.calendar_days(p_community_id, 'workday', p_at);
    v_answer text := CASE WHEN p_locked THEN 'locked' ELSE 'no_rule' END;
BEGIN
    FOR v_rule IN
        SELECT q.hours, q.needs_pin
          FROM community.access_rule q
         WHERE q.community_id = p_community_id AND q.zone_id = p_zone_id
           AND (q.card_kind IS NULL OR q.card_kind = p_kind)
           AND (q.person_id IS NULL OR q.person_id = p_person_id)
           AND (q.group_name IS NULL OR EXISTS (
                SELECT FROM community.access_group g
                 WHERE g.community_id = q.community_id AND g.group_name = q.group_name AND g.person_id = p_person_id))
           AND q.valid @> p_at AND (NOT p_locked OR q.when_locked)
         ORDER BY q.needs_pin
    LOOP
        IF community.hours_open(p_at, v_rule.hours, v_tz, v_holidays, v_workdays) THEN
            RETURN CASE WHEN v_rule.needs_pin THEN 'pin' ELSE 'ok' END;
        END IF;
        v_answer := CASE WHEN p_locked THEN 'locked' ELSE 'out_of_hours' END;
    END LOOP;
    RETURN v_answer;
END
$$;
COMMENT ON FUNCTION community._door_rule(bigint, bigint, text, bigint, boolean, timestamptz) IS 'What the rules of a zone say of a card at a time: ok, pin, out_of_hours, no_rule, locked. / 区域规则对卡的判定：ok、pin、out_of_hours、no_rule、locked。';

CREATE OR REPLACE FUNCTION community._door_decide(
    p_community_id bigint, p_point_id bigint, p_credential community.credential, p_counter bigint, p_attempt_id bigint, p_at timestamptz,
    OUT reason text, OUT holder bigint)
RETURNS record
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_claims record;
    v_door record;
    v record;
    v_card community.card;
    v_state text;
BEGIN
    SELECT p.code, p.direction, p.needs_counter, p.active, p.zone_id, z.mode, z.anti_passback, z.forgive
      INTO v_door
      FROM community.access_point p
      JOIN community.access_zone z ON z.community_id = p.community_id AND z.zone_id = p.zone_id
     WHERE p.community_id = p_community_id AND p.point_id = p_point_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('point_unknown', coalesce(p_point_id::text, 'NULL'));
    END IF;

    reason := coalesce(community.credential_verify(p_credential, p_at, v_door.code, 'door'), 'malformed');
    IF reason NOT IN ('malformed', 'no_key', 'bad_tag') THEN
        v_claims := community.credential_claims(p_credential);
        SELECT c.card_id, c.generation, c.state, c.state_until, c.expires, c.kind, c.person_id,
               c.issuer = v_claims.issuer AND c.card_index = v_claims.card_index AND c.holder = v_claims.holder AS known,
               a.state AS app_state, k.status NOT IN ('active', 'verify_only') OR NOT k.valid @> p_at AS key_off
          INTO v
          FROM community.card c
          LEFT JOIN community.card_app a
            ON a.community_id = c.community_id AND a.card_id = c.card_id AND a.application = 'door'
          LEFT JOIN community.card_key k ON k.key_id = v_claims.key_id
         WHERE c.community_id = p_community_id AND c.number_key = v_claims.card_no::bigint;
        IF v.known IS NOT TRUE THEN
            reason := CASE WHEN v.known IS NULL AND EXISTS (
                SELECT FROM community.card_index i WHERE i.number_key = v_claims.card_no::bigint) THEN 'other_community'
                ELSE 'unknown_card' END;
        ELSIF v.key_off THEN
            reason := 'no_key';
        ELSE
            holder := v_claims.holder;
        END IF;
    END IF;
    IF reason = 'ok' THEN
        v_state := community.card_state_at(v.state, v.state_until, v.expires, p_at);
        reason := CASE WHEN v.generation <> v_claims.generation THEN 'old_generation'
                       WHEN v_state <> 'active' THEN 'card_' || v_state
                       WHEN v.app_state IS DISTINCT FROM 'enabled' THEN 'application_off'
                       WHEN p_counter IS NULL AND v_door.needs_counter THEN 'counter_missing'
                       ELSE 'ok' END;
    END IF;
    IF NOT v_door.active THEN
        reason := 'point_off';
    ELSIF v_door.mode = 'released' THEN
        reason := 'released';
    ELSIF reason = 'ok' AND p_counter IS NOT NULL THEN
        -- The lock waits for a loss that is being reported.
        SELECT * INTO v_card FROM community.card c
         WHERE c.community_id = p_community_id AND c.card_id = v.card_id
           FOR NO KEY UPDATE;
        v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, p_at);
        IF v_state <> 'active' THEN
            reason := 'card_' || v_state;
        ELSIF NOT community._counter_take(v_card, p_counter) THEN
            reason := 'replay';
        END IF;
    END IF;
    IF reason = 'ok' THEN
        -- A rule without hours and PIN needs neither calendar nor clock.
        IF NOT EXISTS (
            SELECT FROM community.access_rule q
             WHERE q.community_id = p_community_id AND q.zone_id = v_door.zone_id AND q.hours = '{[0,11520)}'::int4multirange
               AND NOT q.needs_pin AND q.group_name IS NULL AND (q.card_kind IS NULL OR q.card_kind = v.kind)
               AND (q.person_id IS NULL OR q.person_id = v.person_id)
               AND q.valid @> p_at AND (v_door.mode <> 'locked' OR q.when_locked)) THEN
            reason := community._door_rule(p_community_id, v_door.zone_id, v.kind, v.person_id, v_door.mode = 'locked', p_at);
            IF reason = 'pin' THEN
                reason := community._door_pin(p_community_id, v.card_id, p_attempt_id, p_at);
            END IF;
        END IF;
        IF reason IN ('ok', 'duress') AND v_door.anti_passback <> 'off' THEN
            v_state := community._door_passback(p_community_id, v_door.zone_id, v.card_id, v_door.direction = 'in',
                                                v_door.anti_passback, v_door.forgive, p_at);
            IF v_state = 'passback' OR reason = 'ok' THEN
                reason := v_state;
            END IF;
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION community._door_decide(bigint, bigint, community.credential, bigint, bigint, timestamptz) IS 'The reason with which a door opens or not at a time, as door_open() gives it, and the holder of a genuine credential. Takes the counter, the PIN attempt and the step into the zone; writes no log. Refuses point_unknown. / 判定某时刻是否开门的原因及真实凭证的持有人；登记计数、密码尝试与进出状态，不写日志。';

CREATE OR REPLACE FUNCTION community.door_open(
    p_community_id bigint, p_point_id bigint, p_credential community.credential,
    p_counter bigint DEFAULT NULL, p_attempt_id bigint DEFAULT NULL)
RETURNS TABLE (decision text, reason text, log_id bigint)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_at timestamptz := clock_timestamp();
    v_holder bigint;
    v_decided record;
BEGIN
    -- This is the hot path of the city: a tap that is plain in every respect
    -- needs one statement, its log row.
    IF NOT community.session_owns('community.door_log') THEN
        PERFORM community.require_capability('door', p_community_id);
    END IF;
    IF p_counter IS NULL THEN
        v_holder := community.door_plain(p_community_id, p_point_id, p_credential, v_at);
    END IF;
    IF v_holder IS NOT NULL THEN
        decision := 'granted';
        reason := 'ok';
    ELSE
        v_decided := community._door_decide(p_community_id, p_point_id, p_credential, p_counter, p_attempt_id, v_at);
        reason := v_decided.reason;
        v_holder := v_decided.holder;
        decision := CASE WHEN reason IN ('ok', 'duress', 'passback_marked', 'released') THEN 'granted' ELSE 'refused' END;
    END IF;
    log_id := nextval('community.door_log_seq');
    INSERT INTO community.door_log (community_id, log_id, point_id, holder, decision, reason, counter, at)
    VALUES (p_community_id, log_id, p_point_id, v_holder, decision, reason, p_counter, v_at);
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community.door_open(bigint, bigint, community.credential, bigint, bigint) IS 'Decide whether a door opens for a credential, and log it: granted (ok, duress, passback_marked, released) or refused (malformed, no_key, bad_tag, not_yet, expired, wrong_app, wrong_zone, unknown_card, old_generation, card_<state>, application_off, other_community, point_off, counter_missing, replay, no_rule, out_of_hours, locked, pin_<result>, pin_used, passback). p_counter is what the card''s chip counts, p_attempt_id a committed pin_attempt(). Needs the capability door. Refuses only point_unknown, capability_missing. / 判定是否开门并留日志；p_counter 为芯片计数，p_attempt_id 为已提交的密码尝试。需要 door 权限。';

CREATE OR REPLACE FUNCTION community.card_pay(
    p_key uuid, p_community_id bigint, p_credential community.credential, p_merchant_id bigint, p_amount bigint,
    p_counter bigint DEFAULT NULL, p_reference text DEFAULT NULL)
RETURNS TABLE (status text, seq bigint, replayed boolean)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_found community.card_answer;
    v_card community.card;
BEGIN
    PERFORM community.require_capability('pay', p_community_id);
    SELECT c.* INTO v_card
      FROM community.card_index i
      JOIN community.card c ON c.community_id = i.community_id AND c.card_id = i.card_id
     WHERE i.number_key = ((community.credential_claims(p_credential)).card_no)::bigint;
    -- Only what this purse itself paid under the key is a repetition.
    IF NOT EXISTS (SELECT FROM community.transfer t
                    WHERE t.community_id = v_card.community_id AND t.actor = community.actor() AND t.key = p_key
                      AND t.debit_id = v_card.purse_id) THEN
        v_found := community._card_of_credential(p_credential, clock_timestamp(), NULL, 'debit', true);
        v_card := v_found.card;
        status := v_found.status;
        IF status = 'ok' AND v_card.community_id <> p_community_id
           AND NOT community.setting_bool('card_clearing', v_card.community_id) THEN
            status := 'other_community';
        ELSIF status = 'ok' AND v_card.purse_id IS NULL THEN
            status := 'no_purse';
        ELSIF status = 'ok' AND p_counter IS NOT NULL AND NOT community._counter_take(v_card, p_counter) THEN
            status := 'replay';
        END IF;
        IF status <> 'ok' THEN
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;
    IF v_card.community_id <> p_community_id THEN
        -- The purse pays its own community's clearing account, and the merchant is
        -- paid from the other's: the two owe each other nothing but the sum.
        PERFORM community.require_capability('ledger', p_community_id);
        SELECT b.to_seq, b.replayed INTO seq, replayed
          FROM community._ledger_between(p_key, v_card.community_id, v_card.purse_id, p_community_id, p_merchant_id, p_amount,
                                         'payment', p_reference) b;
    ELSE
        SELECT m.seq, m.replayed INTO seq, replayed
          FROM community.ledger_transfer(p_key, p_community_id, v_card.purse_id, p_merchant_id, p_amount, 'payment', p_reference) m;
    END IF;
    status := 'ok';
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community.card_pay(uuid, bigint, community.credential, bigint, bigint, bigint, text) IS 'Pay a merchant of p_community_id from the purse of a card: status ok with the merchant''s transfer, or why the card does not pay, as in door_open(). A card of another community pays through clearing, without a fee, unless the setting card_clearing of its community is off (other_community). A repeated key returns the first transfer. Needs the capabilities pay and ledger. Refuses as ledger_transfer(). / 以卡钱包向本社区商户付款：status 为 ok 并返回商户入账，或不能付款的原因；外社区卡经清算账户付款（通用，免手续费），除非其社区关闭 card_clearing。需要 pay 与 ledger 权限。';

CREATE OR REPLACE FUNCTION community._card_holder(p_community_id bigint, p_credential community.credential, p_application text)
RETURNS TABLE (status text, person_id bigint, card_mask text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_found community.card_answer := community._card_of_credential(p_credential, clock_timestamp(), NULL, p_application, false);
    v_card community.card := v_found.card;
BEGIN
    status := CASE WHEN v_found.status <> 'ok' THEN v_found.status
                   WHEN v_card.community_id <> p_community_id THEN 'other_community'
                   WHEN v_card.person_id IS NULL THEN 'no_person'
                   ELSE 'ok' END;
    IF status = 'ok' THEN
        person_id := v_card.person_id;
        card_mask := community.card_mask(v_card.card_no);
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community._card_holder(bigint, community.credential, text) IS 'The person whose card of this community is shown for an application: status ok, or why not; for functions that have checked the caller''s rights. / 为某应用出示的本社区卡的持卡人：status 为 ok 或原因；供已检查权限的函数使用。';

CREATE OR REPLACE FUNCTION community.identify(p_community_id bigint, p_credential community.credential, p_purpose text)
RETURNS TABLE (status text, holder bigint, person_id bigint, card_kind text, card_mask text, state text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_found community.card_answer;
    v_card community.card;
    v_shows text[];
BEGIN
    PERFORM community.require_capability('identify', p_community_id);
    SELECT p.shows INTO v_shows FROM community.card_purpose p WHERE p.purpose = p_purpose;
    IF NOT FOUND THEN
        PERFORM community.refuse('identify_purpose', coalesce(p_purpose, 'NULL'));
    END IF;
    v_found := community._card_of_credential(p_credential, clock_timestamp(), NULL, 'identity', false);
    v_card := v_found.card;
    status := v_found.status;
    IF v_card.card_id IS NOT NULL THEN
        holder := CASE WHEN 'holder' = ANY (v_shows) THEN v_card.holder END;
        card_kind := CASE WHEN 'kind' = ANY (v_shows) THEN v_card.kind END;
        card_mask := CASE WHEN 'number' = ANY (v_shows) THEN community.card_mask(v_card.card_no) END;
        state := CASE WHEN 'state' = ANY (v_shows) THEN community.card_state_at(v_card.state, v_card.state_until, v_card.expires, clock_timestamp()) END;
        -- The person only to whoever may know it, and only for a valid card.
        IF 'person' = ANY (v_shows) AND status = 'ok' AND community.has_capability('person', v_card.community_id) THEN
            person_id := v_card.person_id;
        END IF;
    END IF;
    PERFORM community.audit_write(p_community_id, 'identify', 'card ' || coalesce(v_card.card_id::text, '?'), p_purpose, 1,
                                  jsonb_build_object('status', status, 'shows', v_shows, 'person', person_id IS NOT NULL));
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community.identify(bigint, community.credential, text) IS 'Who shows this credential: status ok or why not, and of pseudonym, kind, masked number, state and person what the purpose allows (card_purpose: visit, service, identity); NULL for the rest. The person only with the capability person. Every call is audited with its purpose and what it may show. Needs the capability identify. Refuses identify_purpose, capability_missing. / 查验出示者：状态，以及该目的（card_purpose）允许的假名、类别、掩码卡号、卡状态与人员，其余为 NULL；人员另需 person 权限。每次调用连同目的留痕。需要 identify 权限。';
