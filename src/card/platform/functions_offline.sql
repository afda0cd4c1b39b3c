-- What readers without a connection need, passes, and certificates.

CREATE OR REPLACE FUNCTION community.card_publish(p_community_id bigint)
RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_issuer community.card_issuer;
    v_now timestamptz;
BEGIN
    UPDATE community.card_issuer i SET epoch = i.epoch + 1
     WHERE i.community_id = p_community_id
    RETURNING i.* INTO v_issuer;
    IF NOT FOUND THEN
        PERFORM community.refuse('issuer_unknown', p_community_id::text);
    END IF;
    -- Whoever changed a card has committed or waits for this row.
    v_now := clock_timestamp();
    INSERT INTO community.card_status (community_id, epoch, published_at, bitmap)
    SELECT p_community_id, v_issuer.epoch, v_now,
           community.status_bitmap(v_issuer.issuer, v_issuer.epoch, v_now, v_issuer.next_index,
               coalesce((SELECT array_agg(c.card_index)
                           FROM community.card c
                          WHERE c.community_id = p_community_id
                            AND community.card_state_at(c.state, c.state_until, c.expires, v_now) <> 'active'), '{}'),
               CASE WHEN v_issuer.suite IN ('ed25519', 'sm2') THEN v_issuer.suite ELSE 'ed25519' END);
    DELETE FROM community.card_status s
     WHERE s.community_id = p_community_id AND s.epoch <= v_issuer.epoch - 100;
    RETURN v_issuer.epoch;
END
$$;
COMMENT ON FUNCTION community.card_publish(bigint) IS 'Publish the signed status bitmap of a community''s cards and return its epoch; every card that is not active is marked. The last 100 are kept. Refuses issuer_unknown; 55000 without a key. / 发布社区卡状态签名位图并返回批次，非 active 的卡均置位，保留最近 100 期。';

CREATE OR REPLACE FUNCTION community._job_card_publish(p_now timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_issuer community.card_issuer;
    v_rows bigint := 0;
BEGIN
    FOR v_issuer IN
        SELECT i.*
          FROM community.card_issuer i
         WHERE NOT EXISTS (SELECT FROM community.card_status s
                            WHERE s.community_id = i.community_id AND s.published_at > i.changed_at
                              AND s.published_at > p_now - interval '1 hour')
         ORDER BY i.issuer
    LOOP
        PERFORM community.card_publish(v_issuer.community_id);
        v_rows := v_rows + 1;
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._job_card_publish(timestamptz) IS 'Job: publish the status of issuers whose cards changed, and of all once an hour; returns their number. / 作业：发布有变更的发卡方位图，至少每小时一期；返回数量。';

CREATE OR REPLACE FUNCTION community.door_package(p_community_id bigint, p_point_id bigint, p_have_epoch integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_point community.access_point;
    v_zone community.access_zone;
    v_last community.card_status;
    v_have bytea;
BEGIN
    PERFORM community.require_capability('door', p_community_id);
    SELECT * INTO v_point FROM community.access_point p WHERE p.community_id = p_community_id AND p.point_id = p_point_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('point_unknown', coalesce(p_point_id::text, 'NULL'));
    END IF;
    SELECT * INTO v_zone FROM community.access_zone z WHERE z.community_id = p_community_id AND z.zone_id = v_point.zone_id;
    SELECT * INTO v_last FROM community.card_status s WHERE s.community_id = p_community_id ORDER BY s.epoch DESC LIMIT 1;
    SELECT s.bitmap INTO v_have FROM community.card_status s
     WHERE s.community_id = p_community_id AND s.epoch = p_have_epoch AND s.epoch < v_last.epoch;
    RETURN jsonb_build_object(
        'format', 1,
        'made_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'community', p_community_id, 'point', p_point_id, 'code', v_point.code::text, 'direction', v_point.direction,
        'mode', v_zone.mode, 'needs_counter', v_point.needs_counter, 'active', v_point.active,
        'stale_seconds', extract(epoch FROM community.setting_interval('card_stale', p_community_id))::bigint,
        'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', r.key_id, 'suite', r.use, 'public', encode(r.public_key, 'hex')) ORDER BY r.key_id), '[]')
                   FROM community.key_ring() r
                   LEFT JOIN community.card_key k ON k.key_id = r.key_id
                  WHERE r.use IN ('ed25519', 'sm2', 'sign-ed25519', 'sign-sm2') AND coalesce(k.status, 'active') IN ('active', 'verify_only')),
        'offsets', (SELECT jsonb_agg(jsonb_build_object('from', extract(epoch FROM o.starts)::bigint, 'seconds', o.utc_offset) ORDER BY o.starts)
                      FROM community.community c CROSS JOIN LATERAL community.tz_offsets(c.tz, now(), now() + interval '400 days') o
                     WHERE c.community_id = p_community_id),
        'holidays', (SELECT coalesce(jsonb_agg(d), '[]') FROM unnest(community.calendar_days(p_community_id, 'holiday')) d WHERE d >= current_date - 1),
        'workdays', (SELECT coalesce(jsonb_agg(d), '[]') FROM unnest(community.calendar_days(p_community_id, 'workday')) d WHERE d >= current_date - 1),
        'rules', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                             'hours', r.hours::text, 'from', extract(epoch FROM lower(r.valid))::bigint,
                             'until', extract(epoch FROM upper(r.valid))::bigint, 'needs_pin', r.needs_pin, 'when_locked', r.when_locked,
                             'holders', CASE WHEN r.card_kind IS NULL AND r.person_id IS NULL AND r.group_name IS NULL THEN NULL ELSE (
                                 SELECT coalesce(jsonb_agg(DISTINCT c.holder::text), '[]')
                                   FROM community.card c
                                  WHERE c.community_id = p_community_id AND c.state IN ('issued', 'active', 'temp_lost', 'frozen')
                                    AND (r.card_kind IS NULL OR c.kind = r.card_kind)
                                    AND (r.person_id IS NULL OR c.person_id = r.person_id)
                                    AND (r.group_name IS NULL OR EXISTS (
                                         SELECT FROM community.access_group g
                                          WHERE g.community_id = p_community_id AND g.group_name = r.group_name AND g.person_id = c.person_id))) END)
                             ORDER BY r.rule_id), '[]')
                    FROM community.access_rule r
                   WHERE r.community_id = p_community_id AND r.zone_id = v_point.zone_id AND upper(r.valid) IS DISTINCT FROM '-infinity'
                     AND coalesce(upper(r.valid), 'infinity') > now()),
        'epoch', v_last.epoch,
        'bitmap', CASE WHEN v_have IS NULL THEN encode(v_last.bitmap, 'base64') END,
        'delta', CASE WHEN v_have IS NOT NULL THEN encode(community.status_bitmap_delta(v_have, v_last.bitmap), 'base64') END);
END
$$;
COMMENT ON FUNCTION community.door_package(bigint, bigint, integer) IS 'What a reader needs to decide without a connection: public keys, rules with the pseudonyms they admit, days, offsets from UTC for the next 400 days, signed status bitmap, or its delta from p_have_epoch. It holds no secret and no name. Needs the capability door. Refuses point_unknown, capability_missing. / 读卡器离线判定所需的包：公钥、规则与假名、日历、未来 400 天的 UTC 偏移、签名位图或自 p_have_epoch 起的增量；不含任何密钥与姓名。需要 door 权限。';

CREATE OR REPLACE FUNCTION community.door_package_file(p_community_id bigint, p_point_id bigint)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_package jsonb := community.door_package(p_community_id, p_point_id);
    v_file text;
BEGIN
    SELECT format(E'community-door 1\nmade %s\npoint %s %s %s %s %s %s\nstale %s\n',
                  extract(epoch FROM now())::bigint, p_community_id, p_point_id, v_package->>'code', v_package->>'mode',
                  CASE WHEN (v_package->>'active')::boolean THEN 'active' ELSE 'off' END,
                  CASE WHEN (v_package->>'needs_counter')::boolean THEN 'counter' ELSE 'any' END,
                  v_package->>'stale_seconds')
           || (SELECT string_agg(format(E'offset %s %s\n', CASE WHEN o.n = 1 THEN '-' ELSE o.it->>'from' END, o.it->>'seconds'), '' ORDER BY o.n)
                 FROM jsonb_array_elements(v_package->'offsets') WITH ORDINALITY o (it, n))
           || coalesce((SELECT string_agg(format(E'key %s %s-public old %s\n', k->>'key', k->>'suite', k->>'public'), '')
                          FROM jsonb_array_elements(v_package->'keys') k), '')
           || coalesce((SELECT string_agg(format(E'holiday %s\n', (d.day #>> '{}')::date - '2000-01-01'::date), '')
                          FROM jsonb_array_elements(v_package->'holidays') d (day)), '')
           || coalesce((SELECT string_agg(format(E'workday %s\n', (d.day #>> '{}')::date - '2000-01-01'::date), '')
                          FROM jsonb_array_elements(v_package->'workdays') d (day)), '')
           || coalesce((SELECT string_agg(format(E'blocked %s\n', c.card_index), '' ORDER BY c.card_index)
                          FROM community.card_app a
                          JOIN community.card c ON c.community_id = a.community_id AND c.card_id = a.card_id
                         WHERE a.community_id = p_community_id AND a.application = 'door' AND a.state <> 'enabled'), '')
           || coalesce((SELECT string_agg(format(E'rule %s %s %s %s\n', coalesce(r->>'from', '-'), coalesce(r->>'until', '-'),
                                  CASE WHEN (r->>'needs_pin')::boolean THEN 'pin' ELSE 'free' END,
                                  CASE WHEN (r->>'when_locked')::boolean THEN 'locked' ELSE 'normal' END)
                              || coalesce((SELECT string_agg(format(E'hours %s %s\n', lower(h), upper(h)), '')
                                             FROM unnest((r->>'hours')::int4multirange) h), '')
                              || CASE jsonb_typeof(r->'holders') WHEN 'array' THEN
                                     E'listed\n' || coalesce((SELECT string_agg(format(E'holder %s\n', p #>> '{}'), '')
                                                                FROM jsonb_array_elements(r->'holders') p), '')
                                 ELSE '' END, '' ORDER BY n)
                          FROM jsonb_array_elements(v_package->'rules') WITH ORDINALITY e (r, n)), '')
           || coalesce(format(E'bitmap %s\n', encode(decode(v_package->>'bitmap', 'base64'), 'hex')), '')
      INTO v_file;
    RETURN v_file || format(E'proof %s\n', encode(community.document_sign(v_file, 'door package'), 'hex'));
END
$$;
COMMENT ON FUNCTION community.door_package_file(bigint, bigint) IS 'The package of a door as a signed text of lines, which the reader under demo/reader takes; days count from 2000-01-01. Needs the capability door. Refuses point_unknown, capability_missing; 55000 without a key. / 门禁点离线包的签名文本形式，供 demo/reader 的读卡器使用。需要 door 权限。';

CREATE OR REPLACE FUNCTION community._door_event(
    p_event jsonb,
    OUT no bigint, OUT at timestamptz, OUT holder bigint, OUT card bigint, OUT decision text, OUT reason text, OUT counter bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    SELECT e.no, e.at, e.holder, e.card, e.decision, e.reason, e.counter INTO no, at, holder, card, decision, reason, counter
      FROM jsonb_to_record(CASE jsonb_typeof(p_event) WHEN 'object' THEN p_event ELSE '{}' END)
           AS e (no bigint, at timestamptz, holder bigint, card bigint, decision text, reason text, counter bigint);
EXCEPTION WHEN data_exception THEN
    no := CASE WHEN p_event->>'no' ~ '^[0-9]{1,18}$' THEN (p_event->>'no')::bigint END;
END
$$;
COMMENT ON FUNCTION community._door_event(jsonb) IS 'An event of a reader as a row; of one that is not well formed its number alone, so that it does not hold up the others. / 读卡器事件解析为行；格式有误者仅取其编号，不妨碍其余事件。';

CREATE OR REPLACE FUNCTION community.door_upload(p_community_id bigint, p_point_id bigint, p_events jsonb)
RETURNS TABLE (event_no bigint, status text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_event record;
    v_point community.access_point;
    v_log bigint;
    v_card community.card;
BEGIN
    PERFORM community.require_capability('door', p_community_id);
    SELECT * INTO v_point FROM community.access_point p WHERE p.community_id = p_community_id AND p.point_id = p_point_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('point_unknown', coalesce(p_point_id::text, 'NULL'));
    END IF;
    FOR v_event IN
        SELECT e.no, e.at, e.holder, e.card, e.decision, e.reason, e.counter
          FROM jsonb_array_elements(CASE jsonb_typeof(p_events) WHEN 'array' THEN p_events ELSE '[]' END) i (event)
         CROSS JOIN LATERAL community._door_event(i.event) e
         ORDER BY e.card, e.at, e.no
    LOOP
        event_no := v_event.no;
        IF v_event.no IS NULL OR v_event.at IS NULL OR v_event.at > now() + interval '10 minutes' OR NOT isfinite(v_event.at)
           OR v_event.decision IS NULL OR v_event.decision NOT IN ('granted', 'refused') OR v_event.reason IS NULL THEN
            status := 'invalid';
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO community.door_event (community_id, point_id, event_no, log_id)
        VALUES (p_community_id, p_point_id, v_event.no, nextval('community.door_log_seq'))
            ON CONFLICT (community_id, point_id, event_no) DO NOTHING
        RETURNING log_id INTO v_log;
        IF NOT FOUND THEN
            status := 'repeated';
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO community.door_log (community_id, log_id, point_id, holder, decision, reason, counter, offline, at)
        VALUES (p_community_id, v_log, p_point_id, v_event.holder, v_event.decision, v_event.reason, v_event.counter, true, v_event.at);
        status := 'stored';
        SELECT c.* INTO v_card FROM community.card c
         WHERE c.community_id = p_community_id AND c.number_key = v_event.card AND c.holder = v_event.holder
           FOR NO KEY UPDATE;
        IF FOUND THEN
            -- A counter that was shown elsewhere means that the card has a copy.
            IF v_event.counter IS NOT NULL AND NOT community._counter_take(v_card, v_event.counter) THEN
                status := 'replayed_counter';
            END IF;
            IF v_event.decision = 'granted' THEN
                INSERT INTO community.area_state (community_id, zone_id, card_id, inside, at)
                SELECT z.community_id, coalesce(z.within_zone, z.zone_id), v_card.card_id, v_point.direction = 'in', v_event.at
                  FROM community.access_zone z
                 WHERE z.community_id = p_community_id AND z.zone_id = v_point.zone_id
                    ON CONFLICT (community_id, zone_id, card_id) DO UPDATE SET inside = excluded.inside, at = excluded.at
                 WHERE area_state.at <= excluded.at;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.door_upload(bigint, bigint, jsonb) IS 'Take what a reader decided without a connection, in any order and as often as it likes: an array of {no, at, holder, card, decision, reason, counter}. Answers stored, repeated, invalid, or replayed_counter when the counter was shown before (the card may have a copy). Needs the capability door. Refuses point_unknown, capability_missing. / 接收读卡器离线判定事件，乱序或重复均可；逐条返回 stored、repeated、invalid 或 replayed_counter（疑似被复制）。需要 door 权限。';

CREATE OR REPLACE FUNCTION community.guest_pass(
    p_credential community.credential, p_applications text[], p_from timestamptz, p_until timestamptz, p_zones text[])
RETURNS TABLE (credential text, qr text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_found community.card_answer;
    v_card community.card;
    v_pass community.credential;
BEGIN
    v_found := community._card_of_credential(p_credential, clock_timestamp(), NULL, NULL, false);
    v_card := v_found.card;
    IF v_found.status <> 'ok' THEN
        PERFORM community.refuse('pass_refused', v_found.status);
    END IF;
    PERFORM community.require_capability('pass', v_card.community_id);
    BEGIN
        v_pass := community.credential_attenuate(p_credential, p_applications, p_from, p_until, p_zones::community.gridcode[]);
    EXCEPTION WHEN invalid_parameter_value OR program_limit_exceeded OR datetime_field_overflow THEN
        PERFORM community.refuse('pass_refused', SQLERRM);
    END;
    IF v_pass IS NULL THEN
        PERFORM community.refuse('pass_refused', 'NULL');
    END IF;
    PERFORM community._card_log(v_card, 'pass', v_card.state, format('%s from %s until %s', p_applications, p_from, p_until));
    RETURN QUERY SELECT v_pass::text, community.credential_qr(v_pass);
END
$$;
COMMENT ON FUNCTION community.guest_pass(community.credential, text[], timestamptz, timestamptz, text[]) IS 'A pass for a guest or a delivery, made from a resident''s credential: fewer applications, a shorter time, smaller zones. Losing the card ends its passes. Needs the capability pass. Refuses pass_refused, capability_missing. / 由居民凭证签发访客或快递通行证，权限只能缩小；挂失原卡即失效。需要 pass 权限。';

CREATE OR REPLACE FUNCTION community.volunteer_credit(
    p_key uuid, p_community_id bigint, p_person_id bigint, p_minutes bigint, p_reference text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_issue bigint := community.account_of(p_community_id, 'TIME', 'issue', 'community', p_community_id);
    v_purse bigint := community.account_of(p_community_id, 'TIME', 'purse', 'person', p_person_id);
BEGIN
    PERFORM community.require_capability('volunteer', p_community_id);
    IF v_issue IS NULL THEN
        v_issue := community.account_open(p_community_id, 'TIME', 'issue', 'community', p_community_id, false);
    END IF;
    IF v_purse IS NULL THEN
        v_purse := community.account_open(p_community_id, 'TIME', 'purse', 'person', p_person_id);
    END IF;
    RETURN (SELECT t.seq FROM community.ledger_transfer(p_key, p_community_id, v_issue, v_purse, p_minutes, 'volunteer', p_reference) t);
END
$$;
COMMENT ON FUNCTION community.volunteer_credit(uuid, bigint, bigint, bigint, text) IS 'Credit confirmed minutes of voluntary service to a person and return the number of the transfer; accounts are opened when missing. Repeated keys as ledger_transfer(). Needs the capabilities volunteer, account and ledger. Refuses as ledger_transfer(). / 记入已确认的志愿服务分钟并返回转账编号。需要 volunteer、account、ledger 权限。';

CREATE OR REPLACE FUNCTION community.volunteer_certify(
    p_community_id bigint, p_person_id bigint, p_identity text, p_minutes bigint, p_content text, p_period daterange)
RETURNS TABLE (certificate_id bigint, document text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_id bigint := nextval('community.volunteer_certificate_seq');
    v_name text;
    v_tz text;
    v_credited bigint;
    v_document text;
BEGIN
    PERFORM community._community_known(p_community_id);
    PERFORM community.require_capability('volunteer', p_community_id);
    IF p_person_id IS NULL OR p_minutes IS NULL OR p_minutes <= 0 OR coalesce(p_content, '') = '' OR coalesce(p_identity, '') = ''
       OR p_period IS NULL OR isempty(p_period) OR lower_inf(p_period) OR upper_inf(p_period) THEN
        PERFORM community.refuse('certificate_form');
    END IF;
    SELECT c.name, c.tz INTO v_name, v_tz FROM community.community c WHERE c.community_id = p_community_id;
    -- Only what was confirmed: issued by the community, or paid for an order; gifts are none.
    SELECT coalesce(sum(t.amount - coalesce((SELECT sum(r.amount) FROM community.transfer r
                                              WHERE r.community_id = t.community_id AND r.refund_of = t.seq), 0)), 0)
      INTO v_credited
      FROM community.transfer t
      JOIN community.account d ON d.community_id = t.community_id AND d.account_id = t.debit_id
     WHERE t.community_id = p_community_id AND t.refund_of IS NULL AND t.phase IN ('single', 'post')
       AND t.credit_id = community.account_of(p_community_id, 'TIME', 'purse', 'person', p_person_id)
       AND (d.kind = 'issue' OR t.phase = 'post')
       AND t.at >= lower(p_period)::timestamp AT TIME ZONE v_tz;
    IF p_minutes > v_credited THEN
        PERFORM community.refuse('certificate_hours', p_minutes::text, lower(p_period)::text, v_credited::text);
    END IF;
    v_document := format(E'志愿服务证明 / Certificate of voluntary service\n编号 / Number: %s-%s\n身份 / Identity: %s\n时长 / Minutes: %s\n内容 / Content: %s\n期间 / Days: %s - %s\n出具 / Issuer: %s (%s)\n日期 / Date: %s\n',
        p_community_id, v_id, p_identity, p_minutes, p_content, lower(p_period), upper(p_period) - 1, v_name, p_community_id, current_date);
    INSERT INTO community.volunteer_certificate (community_id, certificate_id, person_id, minutes, content, period, document, proof)
    VALUES (p_community_id, v_id, p_person_id, p_minutes, p_content, p_period, v_document,
            community.document_sign(v_document, 'certificate'));
    RETURN QUERY SELECT v_id, v_document;
END
$$;
COMMENT ON FUNCTION community.volunteer_certify(bigint, bigint, text, bigint, text, daterange) IS 'Write the certificate of a volunteer: identity, hours and content, issuer, number and date; volunteer_verify() checks it. No more minutes are certified than were credited for service since the first day (from the community''s issue, or for orders; gifts do not count). Needs the capability volunteer. Refuses certificate_hours, certificate_form, community_unknown, capability_missing; 55000 without a key. / 出具志愿服务证明：身份、时长与内容、出具方、编号与日期，可由 volunteer_verify() 核验；时长不得超过自首日起已记入的服务时长（转赠不计）。需要 volunteer 权限。';

CREATE OR REPLACE FUNCTION community.volunteer_verify(p_document text)
RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM community.volunteer_certificate v
                WHERE v.document = p_document AND community.document_verify(p_document, 'certificate', v.proof));
COMMENT ON FUNCTION community.volunteer_verify(text) IS 'Whether a document is a certificate that was issued, unchanged to the last character; false for NULL. / 文本是否为已出具且一字未改的证明；NULL 为 false。';
