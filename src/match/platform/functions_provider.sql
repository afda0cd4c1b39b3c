-- Providers: onboarding by the operating model, lifecycle, certificates.

CREATE OR REPLACE FUNCTION community._provider_lock(p_community_id bigint, p_provider_id bigint)
RETURNS community.provider LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
BEGIN
    SELECT * INTO v_provider
      FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id
       FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    RETURN v_provider;
END $$;
COMMENT ON FUNCTION community._provider_lock(bigint, bigint) IS 'Lock a provider against new orders and return it; refuses match_unknown. / 锁定并返回服务方。';

CREATE OR REPLACE FUNCTION community._provider_share(p_community_id bigint, p_provider_id bigint)
RETURNS community.provider LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
BEGIN
    SELECT * INTO v_provider
      FROM community.provider p
     WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id
       FOR SHARE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    ELSIF v_provider.state NOT IN ('active', 'warned') THEN
        PERFORM community.refuse('provider_not_active', p_provider_id::text, v_provider.state);
    END IF;
    RETURN v_provider;
END $$;
COMMENT ON FUNCTION community._provider_share(bigint, bigint) IS 'Lock an active provider against suspension and return it; refuses match_unknown, provider_not_active. / 锁定有效服务方以防其间被暂停。';

CREATE OR REPLACE FUNCTION community.provider_apply(p_key uuid, p_community_id bigint, p_owner_kind text, p_owner_id bigint, p_name text,
    p_kind text, p_doc jsonb DEFAULT '{}', OUT provider_id bigint, OUT state text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_answer jsonb;
    v_community community.community;
    v_rule community.operating_rule;
    v_org community.organization;
    v_login text := coalesce(p_doc ->> 'login', community.actor());
BEGIN
    v_answer := community.api_once(p_key, 'provider_apply', jsonb_build_array(p_community_id, p_owner_kind, p_owner_id, p_name, p_kind, p_doc));
    IF v_answer IS NOT NULL THEN
        provider_id := (v_answer ->> 'provider_id')::bigint;
        state := v_answer ->> 'state';
        RETURN;
    END IF;
    PERFORM community._community_known(p_community_id);
    PERFORM community._match_require('provide', p_community_id, v_login, 'apply');
    SELECT * INTO v_community FROM community.community c WHERE c.community_id = p_community_id;
    SELECT * INTO v_rule FROM community.operating_rule r WHERE r.operating_model = v_community.operating_model;
    IF p_owner_kind = 'organization' THEN
        SELECT * INTO v_org
          FROM community.organization o
         WHERE o.community_id = coalesce((p_doc ->> 'organization_community_id')::bigint, p_community_id) AND o.organization_id = p_owner_id;
    END IF;
    IF p_owner_kind IS NULL OR p_owner_kind NOT IN ('person', 'organization') OR p_name IS NULL OR p_name = ''
       OR p_kind IS NULL OR p_kind NOT IN ('merchant', 'ngo', 'volunteer', 'resident', 'public')
       OR (p_kind IN ('volunteer', 'resident')) <> (p_owner_kind = 'person')
       OR (p_owner_kind = 'organization' AND v_org.organization_id IS NULL)
       OR (p_owner_kind = 'person' AND NOT EXISTS (SELECT FROM community.person x
             WHERE x.community_id = p_community_id AND x.person_id = p_owner_id AND x.status = 'active')) THEN
        PERFORM community.refuse('match_form', 'provider', format('%s %s as %s', p_owner_kind, p_owner_id, p_kind));
    END IF;
    IF (v_org.kind IN ('government', 'committee') OR p_kind = 'public') AND NOT v_rule.government_provides THEN
        PERFORM community.refuse('provider_government', p_community_id::text, v_community.operating_model);
    END IF;
    INSERT INTO community.provider (community_id, owner_kind, owner_id, name, kind, login, sex)
    VALUES (p_community_id, p_owner_kind, p_owner_id, p_name, p_kind, v_login,
            CASE p_owner_kind WHEN 'person' THEN (SELECT x.sex FROM community.person x
                WHERE x.community_id = p_community_id AND x.person_id = p_owner_id) ELSE 'unknown' END)
        ON CONFLICT (community_id, owner_kind, owner_id) DO NOTHING
    RETURNING provider.provider_id, provider.state INTO provider_id, state;
    IF NOT FOUND THEN
        PERFORM community.refuse('provider_exists');
    END IF;
    IF v_rule.onboarding = 'self' OR (v_rule.onboarding = 'registered' AND v_org.credit_code IS NOT NULL) THEN
        state := 'active';
        PERFORM community._match_note('provider', p_community_id, provider_id, 'applied', 'accept', 'active', 'job',
                                      jsonb_build_object('rule', v_rule.onboarding));
        UPDATE community.provider p SET state = 'active' WHERE p.community_id = p_community_id AND p.provider_id = provider_apply.provider_id;
    END IF;
    PERFORM community.api_answer(p_key, jsonb_build_object('provider_id', provider_id, 'state', state));
END $$;
COMMENT ON FUNCTION community.provider_apply(uuid, bigint, text, bigint, text, text, jsonb) IS 'Apply to provide services: volunteers and residents as persons, the rest as organizations. The operating model decides whether a supervisor accepts (government), organizations with a credit code join at once (mixed), or everybody (market). p_doc: login, organization_community_id. Refuses match_form, provider_exists, provider_government, supervisor_provides, match_role. / 申请成为服务方；由运营模式决定准入方式。';

CREATE OR REPLACE FUNCTION community.provider_event(p_key uuid, p_community_id bigint, p_provider_id bigint, p_event text, p_doc jsonb DEFAULT '{}')
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_provider community.provider;
    v_to text;
    v_until timestamptz := (p_doc ->> 'until')::timestamptz;
BEGIN
    v_answer := community.api_once(p_key, 'provider_event', jsonb_build_array(p_community_id, p_provider_id, p_event, p_doc));
    IF v_answer IS NOT NULL THEN
        RETURN v_answer ->> 'state';
    END IF;
    v_provider := community._provider_lock(p_community_id, p_provider_id);
    v_to := community._provider_move(v_provider, p_event, v_until, p_doc);
    PERFORM community.api_answer(p_key, jsonb_build_object('state', v_to));
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.provider_event(uuid, bigint, bigint, text, jsonb) IS 'Move a provider by an event of its lifecycle: accept, decline, warn, clear, suspend (p_doc.until; again to change it), resume, ban, lift, withdraw; returns the state, which after resume and lift is what other penalties in force ask for. Waits for orders that are just being made. Refuses match_state, match_role, match_form, match_unknown. / 推进服务方生命周期，返回新状态；会等待正在生成的订单。';

CREATE OR REPLACE FUNCTION community._provider_move(p_provider community.provider, p_event text, p_until timestamptz, p_doc jsonb)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_move record;
    v_provider community.provider;
    v_standing record;
BEGIN
    SELECT m.to_state, m.role INTO v_move
      FROM community._match_move('provider', p_provider.community_id, p_provider.provider_id, p_provider.state, p_event,
                                 p_provider.login, NULL, NULL, p_doc) m;
    IF (v_move.to_state = 'suspended') <> (p_until IS NOT NULL) OR p_until <= now() OR NOT isfinite(p_until) THEN
        PERFORM community.refuse('match_form', 'suspension', 'until ' || coalesce(p_until::text, 'NULL'));
    END IF;
    UPDATE community.provider p
       SET state = v_move.to_state, suspended_until = p_until
     WHERE p.community_id = p_provider.community_id AND p.provider_id = p_provider.provider_id
    RETURNING * INTO v_provider;
    IF p_event IN ('resume', 'lift') THEN
        -- What another penalty still asks for comes back.
        v_standing := community._penalty_standing(p_provider.community_id, p_provider.provider_id);
        IF v_standing.suspended_until IS NOT NULL THEN
            RETURN community._provider_move(v_provider, 'suspend', v_standing.suspended_until, jsonb_build_object('penalty_id', v_standing.penalty_id));
        ELSIF v_standing.warned THEN
            RETURN community._provider_move(v_provider, 'warn', NULL, jsonb_build_object('penalty_id', v_standing.penalty_id));
        END IF;
    END IF;
    IF v_move.to_state = 'withdrawn' THEN
        UPDATE community.offer o
           SET state = 'ended'
         WHERE o.community_id = p_provider.community_id AND o.provider_id = p_provider.provider_id AND o.state <> 'ended';
    END IF;
    RETURN v_move.to_state;
END $$;
COMMENT ON FUNCTION community._provider_move(community.provider, text, timestamptz, jsonb) IS 'Move a locked provider: one that is resumed comes back as its other penalties ask, one that withdraws ends its offers; returns the state. / 推进已锁定的服务方：恢复时按其余处罚定态，退出时终止供给；返回状态。';

CREATE OR REPLACE FUNCTION community.provider_cap(p_community_id bigint, p_provider_id bigint, p_share_cap numeric)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'cap');
    v_provider := community._provider_lock(p_community_id, p_provider_id);
    IF p_share_cap <= 0 OR p_share_cap > 1 THEN
        PERFORM community.refuse('match_form', 'share cap', p_share_cap::text);
    END IF;
    UPDATE community.provider p SET share_cap = p_share_cap
     WHERE p.community_id = p_community_id AND p.provider_id = v_provider.provider_id;
END $$;
COMMENT ON FUNCTION community.provider_cap(bigint, bigint, numeric) IS 'Give a provider a share cap of its own (0 to 1), or none (NULL); the strictest of provider, service and operating model holds. Needs supervise. / 设定服务方自身的份额上限，取最严者。';

CREATE OR REPLACE FUNCTION community.qualification_add(p_community_id bigint, p_provider_id bigint, p_kind text, p_certificate_no text,
    p_issuer text, p_valid daterange)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_provider community.provider;
    v_id bigint;
BEGIN
    SELECT * INTO v_provider FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_provider.login, 'qualify');
    IF coalesce(p_kind, '') = '' OR coalesce(p_certificate_no, '') = '' OR coalesce(p_issuer, '') = ''
       OR p_valid IS NULL OR isempty(p_valid) OR upper_inf(p_valid) THEN
        PERFORM community.refuse('match_form', 'certificate', 'kind, number, issuer and expiry are needed');
    END IF;
    INSERT INTO community.qualification (community_id, provider_id, kind, certificate_no, issuer, valid)
    VALUES (p_community_id, p_provider_id, p_kind, p_certificate_no, p_issuer, p_valid)
    RETURNING qualification_id INTO v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.qualification_add(bigint, bigint, text, text, text, daterange) IS 'Hand in a certificate with its expiry; it counts once a supervisor verified it. 23505 for the same certificate twice. Refuses match_form, match_unknown, match_role. / 提交证书，经核验后生效。';

CREATE OR REPLACE FUNCTION community.qualification_verify(p_community_id bigint, p_qualification_id bigint, p_good boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'verify');
    UPDATE community.qualification q
       SET verified_by = CASE WHEN p_good THEN community.actor() END, verified_at = CASE WHEN p_good THEN now() END
     WHERE q.community_id = p_community_id AND q.qualification_id = p_qualification_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'certificate', coalesce(p_qualification_id::text, 'NULL'));
    END IF;
END $$;
COMMENT ON FUNCTION community.qualification_verify(bigint, bigint, boolean) IS 'State that a certificate is genuine (or, false, no longer so). Needs supervise. / 核验（或取消核验）证书，需要监管权限。';

CREATE OR REPLACE FUNCTION community._qualification_lacks(p_community_id bigint, p_provider_id bigint, p_service text, p_day date)
RETURNS text LANGUAGE sql STABLE
RETURN (SELECT min(k.kind)
          FROM community.service_catalog s, unnest(s.qualification) k(kind)
         WHERE s.service = p_service
           AND NOT EXISTS (SELECT FROM community.qualification q
                            WHERE q.community_id = p_community_id AND q.provider_id = p_provider_id AND q.kind = k.kind
                              AND q.verified_at IS NOT NULL AND q.valid @> p_day));
COMMENT ON FUNCTION community._qualification_lacks(bigint, bigint, text, date) IS 'First kind of certificate that a provider lacks for a service on a day; NULL: none. / 服务方在某日缺少的首个证书种类，空为齐全。';

CREATE OR REPLACE FUNCTION community.match_block_set(p_community_id bigint, p_requester_kind text, p_requester_id bigint, p_provider_id bigint,
    p_reason text, p_blocked boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'block');
    IF p_blocked THEN
        INSERT INTO community.match_block (community_id, requester_kind, requester_id, provider_id, reason)
        VALUES (p_community_id, p_requester_kind, p_requester_id, p_provider_id, p_reason)
        ON CONFLICT (community_id, requester_kind, requester_id, provider_id) DO UPDATE SET reason = EXCLUDED.reason;
    ELSE
        DELETE FROM community.match_block b
         WHERE b.community_id = p_community_id AND b.requester_kind = p_requester_kind AND b.requester_id = p_requester_id
           AND b.provider_id = p_provider_id;
    END IF;
END $$;
COMMENT ON FUNCTION community.match_block_set(bigint, text, bigint, bigint, text, boolean) IS 'Keep a requester and a provider apart, or no longer (false). Needs match. / 屏蔽或解除屏蔽一对双方。';

CREATE OR REPLACE FUNCTION community.provider_staff_set(p_community_id bigint, p_provider_id bigint, p_person_id bigint, p_works boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text;
BEGIN
    SELECT p.login INTO v_login FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = p_provider_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'provider', coalesce(p_provider_id::text, 'NULL'));
    END IF;
    PERFORM community._match_require('provide', p_community_id, v_login, 'staff');
    IF NOT p_works THEN
        DELETE FROM community.provider_staff s
         WHERE s.community_id = p_community_id AND s.provider_id = p_provider_id AND s.person_id = p_person_id;
    ELSIF NOT EXISTS (SELECT FROM community.person x WHERE x.community_id = p_community_id AND x.person_id = p_person_id AND x.status = 'active') THEN
        PERFORM community.refuse('match_form', 'staff', 'person ' || coalesce(p_person_id::text, 'NULL'));
    ELSE
        INSERT INTO community.provider_staff (community_id, provider_id, person_id) VALUES (p_community_id, p_provider_id, p_person_id)
        ON CONFLICT DO NOTHING;
    END IF;
END $$;
COMMENT ON FUNCTION community.provider_staff_set(bigint, bigint, bigint, boolean) IS 'Let a person of the register check in for a provider by his card, or no longer (false). A person who is the provider needs no entry. Refuses match_form, match_unknown, supervisor_provides, match_role. / 登记（或取消）可刷卡代服务方签到的人员。';
