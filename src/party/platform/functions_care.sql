-- Care tags, guardians and proxies, consent.

CREATE OR REPLACE FUNCTION community.care_add(p_community_id bigint, p_person_id bigint, p_tag text, p_since date DEFAULT CURRENT_DATE, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
BEGIN
    PERFORM community.require_capability('care_write', p_community_id);
    PERFORM community._person_lock(p_community_id, p_person_id);
    IF NOT EXISTS (SELECT FROM community.care_kind k WHERE k.tag = p_tag) THEN
        PERFORM community.refuse('care_kind_unknown', p_tag);
    END IF;
    IF p_since IS NULL OR NOT isfinite(p_since) OR (p_doc ->> 'until')::date <= p_since THEN
        PERFORM community.refuse('person_day_invalid');
    END IF;
    INSERT INTO community.care_tag (community_id, person_id, tag, valid, source)
    VALUES (p_community_id, p_person_id, p_tag, daterange(p_since, (p_doc ->> 'until')::date), p_doc ->> 'source')
    RETURNING care_tag_id INTO v_new;
    RETURN v_new;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('care_known', p_person_id::text, p_tag);
END
$$;
COMMENT ON FUNCTION community.care_add(bigint, bigint, text, date, jsonb) IS 'Tag a person from a day; p_doc may hold until and source. Needs the capability care_write. Refuses care_kind_unknown, care_known, person_day_invalid, person_not_found, person_closed. / 为人员加关怀标签；同期已有则拒绝。';

CREATE OR REPLACE FUNCTION community.care_end(p_community_id bigint, p_person_id bigint, p_tag text, p_until date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.require_capability('care_write', p_community_id);
    UPDATE community.care_tag t SET valid = daterange(lower(t.valid), p_until)
     WHERE t.community_id = p_community_id AND t.person_id = p_person_id AND t.tag = p_tag AND t.suspended_by IS NULL
       AND lower(t.valid) < p_until AND t.valid @> (p_until - 1);
    IF NOT FOUND THEN
        PERFORM community.refuse('care_not_found', p_person_id::text, p_tag);
    END IF;
END
$$;
COMMENT ON FUNCTION community.care_end(bigint, bigint, text, date) IS 'End a care tag on a day, which is excluded. Needs the capability care_write. Refuses care_not_found. / 自某日起（不含）终止关怀标签。';

CREATE OR REPLACE FUNCTION community.guardian_add(p_community_id bigint, p_person_id bigint, p_by_community_id bigint, p_by_person_id bigint,
    p_kind text, p_document text, p_since date DEFAULT CURRENT_DATE, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
    v_by community.person;
BEGIN
    PERFORM community.require_capability('consent_write', p_community_id);
    PERFORM community._person_lock(p_community_id, p_person_id);
    SELECT * INTO v_by FROM community.person p WHERE p.community_id = p_by_community_id AND p.person_id = p_by_person_id AND p.status = 'active';
    IF NOT FOUND THEN
        PERFORM community.refuse('person_not_found', p_by_person_id::text, p_by_community_id::text);
    END IF;
    IF p_kind IS NULL OR p_kind NOT IN ('parent', 'guardian', 'proxy') OR p_since IS NULL OR NOT isfinite(p_since) OR coalesce(btrim(p_document), '') = ''
       OR (p_community_id = p_by_community_id AND p_person_id = p_by_person_id)
       OR v_by.birth_year > extract(year FROM p_since) - 18 OR (p_doc ->> 'until')::date <= p_since THEN
        PERFORM community.refuse('guardian_invalid');
    END IF;
    INSERT INTO community.guardian (community_id, person_id, by_community_id, by_person_id, kind, actions, document, valid)
    VALUES (p_community_id, p_person_id, p_by_community_id, p_by_person_id, p_kind,
            coalesce((SELECT array_agg(a) FROM jsonb_array_elements_text(p_doc -> 'actions') a), '{all}'), btrim(p_document),
            daterange(p_since, (p_doc ->> 'until')::date))
    RETURNING guardian_id INTO v_new;
    PERFORM community.audit_write(p_community_id, 'guardian_add', 'guardian/' || v_new, 'register', 1, jsonb_build_object('kind', p_kind));
    RETURN v_new;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('guardian_known', p_person_id::text);
END
$$;
COMMENT ON FUNCTION community.guardian_add(bigint, bigint, bigint, bigint, text, text, date, jsonb) IS 'Record who may act for a person from a day: parent, guardian or proxy, of age, by which document; p_doc may hold actions (array, default all) and until. Needs the capability consent_write. Refuses guardian_invalid, guardian_known, person_not_found, person_closed. / 登记代行人：父母、监护人或代理人，须成年并有证明文件。';

CREATE OR REPLACE FUNCTION community.guardian_end(p_community_id bigint, p_guardian_id bigint, p_until date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.require_capability('consent_write', p_community_id);
    UPDATE community.guardian g SET valid = daterange(lower(g.valid), p_until)
     WHERE g.community_id = p_community_id AND g.guardian_id = p_guardian_id AND lower(g.valid) < p_until AND g.valid @> (p_until - 1);
    IF NOT FOUND THEN
        PERFORM community.refuse('guardian_missing', p_guardian_id::text);
    END IF;
    PERFORM community.audit_write(p_community_id, 'guardian_end', 'guardian/' || p_guardian_id, 'register', 1);
END
$$;
COMMENT ON FUNCTION community.guardian_end(bigint, bigint, date) IS 'End a guardianship or proxy on a day, which is excluded. Needs the capability consent_write. Refuses guardian_missing. / 自某日起（不含）终止监护或代理。';

CREATE OR REPLACE FUNCTION community.act_for(p_community_id bigint, p_person_id bigint, p_by_community_id bigint, p_by_person_id bigint, p_action text, p_object text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_guardian bigint;
    v_new bigint;
BEGIN
    SELECT g.guardian_id INTO v_guardian
      FROM community.guardian g
     WHERE g.community_id = p_community_id AND g.person_id = p_person_id
       AND g.by_community_id = p_by_community_id AND g.by_person_id = p_by_person_id
       AND g.valid @> CURRENT_DATE AND g.actions && ARRAY[p_action, 'all']
       -- Who is gone or erased acts for nobody.
       AND EXISTS (SELECT FROM community.person p WHERE p.community_id = p_by_community_id AND p.person_id = p_by_person_id AND p.status IN ('active', 'merged'));
    IF NOT FOUND THEN
        PERFORM community.refuse('guardian_missing', p_by_person_id::text);
    END IF;
    INSERT INTO community.proxy_act (community_id, guardian_id, action, object, actor)
    VALUES (p_community_id, v_guardian, p_action, p_object, community.actor())
    RETURNING proxy_act_id INTO v_new;
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.act_for(bigint, bigint, bigint, bigint, text, text) IS 'Record that one person does something for another, and return the number of the act, which callers keep beside what was done. Every module that lets somebody act for a person calls it. Refuses guardian_missing when no guardianship or proxy covers the action today. / 记录代办并返回编号，供各模块随业务保存；无有效监护或代理则拒绝。';

CREATE OR REPLACE FUNCTION community.act_by(p_community_id bigint, p_person_id bigint, p_doc jsonb, p_action text, p_object text)
RETURNS bigint LANGUAGE sql
RETURN CASE WHEN p_doc ? 'by_person_id'
            THEN community.act_for(p_community_id, p_person_id, coalesce((p_doc ->> 'by_community_id')::bigint, p_community_id), (p_doc ->> 'by_person_id')::bigint, p_action, p_object) END;
COMMENT ON FUNCTION community.act_by(bigint, bigint, jsonb, text, text) IS 'Record that something is done for a person by whom p_doc names (by_person_id, by_community_id where not of the same community), as act_for() does; NULL when it names nobody: the person acts alone. Refuses guardian_missing. / 若 p_doc 指明代办人则登记代办并返回编号，否则为空（本人办理）。';

CREATE OR REPLACE FUNCTION community.consent_give(p_community_id bigint, p_person_id bigint, p_purpose text, p_evidence text, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
    v_act bigint;
    v_new bigint := nextval('community.consent_seq');
BEGIN
    PERFORM community.require_capability('consent_write', p_community_id);
    v_person := community._person_lock(p_community_id, p_person_id);
    IF NOT EXISTS (SELECT FROM community.purpose u WHERE u.purpose = p_purpose) THEN
        PERFORM community.refuse('purpose_unknown', p_purpose);
    END IF;
    IF coalesce(btrim(p_evidence), '') = '' THEN
        PERFORM community.refuse('consent_invalid');
    END IF;
    v_act := community.act_by(p_community_id, p_person_id, p_doc, 'consent', 'consent/' || v_new);
    IF v_act IS NULL AND v_person.birth_year > extract(year FROM CURRENT_DATE) - 15 THEN
        -- Perhaps not yet 14: only the year of birth is known in clear.
        PERFORM community.refuse('consent_minor', p_person_id::text);
    END IF;
    INSERT INTO community.consent (community_id, consent_id, person_id, purpose, sensitive, given_at, evidence, proxy_act_id)
    VALUES (p_community_id, v_new, p_person_id, p_purpose, coalesce((p_doc ->> 'sensitive')::boolean, false), now(), btrim(p_evidence), v_act);
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.consent_give(bigint, bigint, text, text, jsonb) IS 'Record the consent of a person to a purpose; p_doc may hold sensitive (separate consent to sensitive data) and by_person_id, by_community_id of the guardian or proxy who gives it, as it must be for those who may be under 14. Needs the capability consent_write. Refuses consent_minor, consent_invalid, purpose_unknown, guardian_missing, person_not_found, person_closed. / 登记同意；可能未满 14 岁者须由监护人代为同意。';

CREATE OR REPLACE FUNCTION community.consent_withdraw(p_community_id bigint, p_consent_id bigint, p_doc jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person bigint;
BEGIN
    PERFORM community.require_capability('consent_write', p_community_id);
    UPDATE community.consent c SET withdrawn_at = clock_timestamp()
     WHERE c.community_id = p_community_id AND c.consent_id = p_consent_id AND c.withdrawn_at IS NULL
    RETURNING c.person_id INTO v_person;
    IF NOT FOUND THEN
        PERFORM community.refuse('consent_not_found', p_consent_id::text);
    END IF;
    PERFORM community.act_by(p_community_id, v_person, p_doc, 'consent', 'withdrawal/' || p_consent_id);
END
$$;
COMMENT ON FUNCTION community.consent_withdraw(bigint, bigint, jsonb) IS 'Withdraw a consent now; tickets that rest on it read no more. p_doc may name the guardian or proxy who does it (by_person_id, by_community_id), who may act for consent. Needs the capability consent_write. Refuses consent_not_found, guardian_missing. / 撤回同意，立即生效，依据其开出的凭单不再可读。';

CREATE OR REPLACE FUNCTION community.has_consent(p_community_id bigint, p_person_id bigint, p_purpose text, p_sensitive boolean DEFAULT false)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM community.consent c
                WHERE c.community_id = p_community_id AND c.person_id = p_person_id AND c.purpose = p_purpose
                  AND c.withdrawn_at IS NULL AND (c.sensitive OR NOT p_sensitive));
COMMENT ON FUNCTION community.has_consent(bigint, bigint, text, boolean) IS 'Tell whether a person consents to a purpose now, with p_sensitive: to sensitive data too. / 判断某人当前是否同意某目的（及敏感信息）。';
