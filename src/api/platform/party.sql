-- Persons for apps: masked by default, clear by ticket.  Pass values as bound
-- parameters; literals stand in logs.

CREATE OR REPLACE FUNCTION community_api.person_get(p_community_id bigint, p_person_id bigint)
RETURNS TABLE (community_id bigint, person_id bigint, name text, id_kind text, id_no text, phone text, birth_year integer, sex text, status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('party', p_community_id);
    RETURN QUERY SELECT * FROM community.person_masked(p_community_id, p_person_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.person_get(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.person_get(bigint, bigint) IS 'Show a person with name, number and phone masked; no row when there is none. Needs person_read. Refuses capability_missing, module_off. / 以脱敏形式显示人员。';

CREATE OR REPLACE FUNCTION community_api.person_find(p_community_id bigint, p_field text, p_value text)
RETURNS TABLE (community_id bigint, person_id bigint, name text, id_kind text, id_no text, phone text, birth_year integer, sex text, status text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('party', p_community_id);
    RETURN QUERY SELECT * FROM community.person_find(p_community_id, p_field, p_value);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.person_find(bigint, text, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.person_find(bigint, text, text) IS 'Find active persons of a community by a whole id_no, phone or name; masked, at most 100. Needs person_read. Refuses find_field_invalid, capability_missing, module_off. / 按完整证件号、电话或姓名查找，结果脱敏。';

CREATE OR REPLACE FUNCTION community_api.person_add(p_key uuid, p_community_id bigint, p_name text, p_id_kind text DEFAULT NULL,
    p_id_no text DEFAULT NULL, p_phone text DEFAULT NULL, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('party', p_community_id);
    -- The log of calls keeps a keyed hash of the arguments, not the values.
    RETURN coalesce(
        community.api_once(p_key, 'person_add', jsonb_build_array(p_community_id,
            encode(community.blind_index(jsonb_build_array(p_name, p_id_kind, p_id_no, p_phone, p_doc)::text, 'api.person_add'), 'hex'))),
        community.api_answer(p_key, to_jsonb(community.person_add(p_community_id, p_name, p_id_kind, p_id_no, p_phone, p_doc))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.person_add(uuid, bigint, text, text, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.person_add(uuid, bigint, text, text, text, text, jsonb) IS 'Enter a person and return the number; arguments as in community.person_add. The same p_key returns the first answer. Needs person_write. Refuses person_known and what is invalid by name, key_missing, key_reused, capability_missing, module_off. / 登记人员并返回编号；相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.person_change(p_key uuid, p_community_id bigint, p_person_id bigint, p_action text, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
    v_on date := coalesce((p_doc ->> 'on')::date, CURRENT_DATE);
BEGIN
    PERFORM community.module_require('party', p_community_id);
    v_answer := community.api_once(p_key, 'person_change', jsonb_build_array(p_community_id, p_person_id, p_action,
        encode(community.blind_index(p_doc::text, 'api.person_change'), 'hex')));
    IF v_answer IS NULL THEN
        -- Whatever a guardian or proxy does is on record; a consent records it itself.
        IF p_action <> 'consent' THEN
            PERFORM community.act_by(p_community_id, p_person_id, p_doc, p_action, 'person/' || p_person_id);
        END IF;
        CASE p_action
            WHEN 'correct' THEN PERFORM community.person_update(p_community_id, p_person_id, p_doc);
            WHEN 'reside' THEN v_answer := to_jsonb(community.residence_add(p_community_id, p_person_id, p_doc ->> 'kind', v_on, p_doc));
            WHEN 'move' THEN v_answer := to_jsonb(community.person_move(p_community_id, p_person_id, (p_doc ->> 'to_community_id')::bigint, v_on, p_doc - '{to_community_id,on}'::text[]));
            WHEN 'depart' THEN PERFORM community.person_depart(p_community_id, p_person_id, v_on);
            WHEN 'death' THEN PERFORM community.person_death(p_community_id, p_person_id, v_on);
            WHEN 'care' THEN v_answer := to_jsonb(community.care_add(p_community_id, p_person_id, p_doc ->> 'tag', v_on, p_doc));
            WHEN 'care_end' THEN PERFORM community.care_end(p_community_id, p_person_id, p_doc ->> 'tag', v_on);
            WHEN 'consent' THEN v_answer := to_jsonb(community.consent_give(p_community_id, p_person_id, p_doc ->> 'purpose', p_doc ->> 'evidence', p_doc));
            WHEN 'merge' THEN v_answer := to_jsonb(community.person_merge(p_community_id, p_person_id, (p_doc ->> 'merged_id')::bigint, p_doc ->> 'reason'));
            WHEN 'erase' THEN v_answer := to_jsonb(community.person_erase(p_community_id, p_person_id, p_doc ->> 'reason'));
            ELSE PERFORM community.refuse('person_action', p_action);
        END CASE;
        v_answer := coalesce(v_answer, to_jsonb(p_person_id));
        PERFORM community.api_answer(p_key, v_answer);
    END IF;
    RETURN v_answer::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.person_change(uuid, bigint, bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.person_change(uuid, bigint, bigint, text, jsonb) IS 'Change a person: p_action is correct (fields of person_update), reside (kind and what residence_add takes), move (to_community_id, kind, ...), depart, death, care (tag), care_end (tag), consent (purpose, evidence ...), merge (merged_id, reason) or erase (reason); p_doc may hold on, the day, and by_person_id (by_community_id) of the guardian or proxy who does it for the person, which is recorded. Returns the number of what was made (residence, new person, tag, consent, merge), of records for erase, else of the person. The same p_key returns the first answer. Rights and refusals are those of the functions named so in community; person_action for another action. / 变更人员：更正、居住、迁移、离开、死亡、关怀、同意、合并、删除；相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.access_open(p_key uuid, p_purpose text, p_object text, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN coalesce(
        community.api_once(p_key, 'access_open', jsonb_build_array(p_purpose, p_object, p_doc)),
        community.api_answer(p_key, to_jsonb(community.access_open(p_purpose, p_object, p_doc))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.access_open(uuid, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.access_open(uuid, text, text, jsonb) IS 'Announce a reading of clear values and return the ticket; commit before access_read(). Arguments, rights and refusals as in community.access_open. The same p_key returns the first ticket. / 申请读取明文并返回凭单，提交后方可读取。';

CREATE OR REPLACE FUNCTION community_api.access_read(p_key uuid, p_ticket_id bigint)
RETURNS TABLE (status text, community_id bigint, person_id bigint, field text, value text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'access_read');
    END IF;
    -- Clear values are never stored as an answer: each call reads and logs anew.
    RETURN QUERY SELECT * FROM community.access_read(p_ticket_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.access_read(uuid, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.access_read(uuid, bigint) IS 'Read with a committed ticket: one row for each person and field, or a row whose status says why not, as in community.access_read. Clear values are not kept under p_key: a repeated call reads and logs again. Refuses key_missing. / 凭已提交凭单读取；明文不随请求键保存，重复调用将再次读取并留痕。';

CREATE OR REPLACE FUNCTION community_api.person_export(p_key uuid, p_ticket_id bigint)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_key IS NULL THEN
        PERFORM community.refuse('key_missing', 'person_export');
    END IF;
    RETURN community.person_export(p_ticket_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.person_export(uuid, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.person_export(uuid, bigint) IS 'Give all that is held on a person, by a committed ticket for purpose subject; status says why not otherwise. Not kept under p_key. Refuses key_missing. / 凭本人请求凭单导出全部个人信息。';
