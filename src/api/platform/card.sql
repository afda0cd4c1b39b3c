-- Cards and doors for apps.  Credentials are text; a text that is none is a
-- refused tap, not an error.

CREATE OR REPLACE FUNCTION community_api.door_open(p_key uuid, p_community_id bigint, p_point_id bigint, p_credential text, p_counter bigint DEFAULT NULL,
    p_attempt_id bigint DEFAULT NULL)
RETURNS TABLE (decision text, reason text, log_id bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_done jsonb;
BEGIN
    PERFORM community.module_require('card', p_community_id);
    v_done := community.api_once(p_key, 'door_open', jsonb_build_object('community', p_community_id, 'point', p_point_id,
        'credential', encode(sha256(convert_to(p_credential, 'UTF8')), 'hex'), 'counter', p_counter, 'attempt', p_attempt_id));
    IF v_done IS NOT NULL THEN
        RETURN QUERY SELECT v_done->>'decision', v_done->>'reason', (v_done->>'log_id')::bigint;
        RETURN;
    END IF;
    SELECT o.decision, o.reason, o.log_id INTO decision, reason, log_id
      FROM community.door_open(p_community_id, p_point_id, CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, p_counter, p_attempt_id) o;
    PERFORM community.api_answer(p_key, jsonb_build_object('decision', decision, 'reason', reason, 'log_id', log_id));
    RETURN NEXT;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.door_open(uuid, bigint, bigint, text, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.door_open(uuid, bigint, bigint, text, bigint, bigint) IS 'Decide whether a door opens for a credential (text or QR text), and log it: granted or refused with its reason, never an error for a credential. The same p_key returns the first answer. Needs door. Refuses point_unknown, capability_missing, module_off, key_reused, key_missing. / 判定是否开门并留日志;凭证无效时返回拒绝而非报错;相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.pin_attempt(p_key uuid, p_community_id bigint, p_card_id bigint, p_pin text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'pin_attempt', jsonb_build_array(p_community_id, p_card_id)),
        community.api_answer(p_key, to_jsonb(community.pin_attempt(p_community_id, p_card_id, p_pin))))::bigint;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.pin_attempt(uuid, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.pin_attempt(uuid, bigint, bigint, text) IS 'Enter a PIN as a bound parameter and return the number of the attempt for door_open; commit before using it. The same p_key returns the first attempt. Needs door. Refuses as community.pin_attempt, module_off. / 输入密码(须为绑定参数)并返回尝试编号,提交后方可用于开门。';

CREATE OR REPLACE FUNCTION community_api.pin_set(p_key uuid, p_community_id bigint, p_card_id bigint, p_pin text, p_duress text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'pin_set');
    PERFORM community.pin_set(p_community_id, p_card_id, p_pin, p_duress);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.pin_set(uuid, bigint, bigint, text, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.pin_set(uuid, bigint, bigint, text, text) IS 'Set the PIN of a card and, if wanted, the one under duress (NULL: none); pass both as bound parameters. Setting the same again changes nothing that a door would notice. Needs card. Refuses pin_form, pin_same, card_unknown, capability_missing, module_off, key_missing. / 设置卡密码与可选胁迫密码，须以绑定参数传入；重复设置无妨。需要 card 权限。';

CREATE OR REPLACE FUNCTION community_api.card_pay(p_key uuid, p_community_id bigint, p_credential text, p_merchant_id bigint, p_amount bigint, p_counter bigint DEFAULT NULL,
    p_reference text DEFAULT NULL)
RETURNS TABLE (status text, seq bigint, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'card_pay');
    RETURN QUERY SELECT r.status, r.seq, r.replayed
      FROM community.card_pay(p_key, p_community_id, CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, p_merchant_id, p_amount, p_counter, p_reference) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_pay(uuid, bigint, text, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_pay(uuid, bigint, text, bigint, bigint, bigint, text) IS 'Pay a merchant with a card: ok with the transfer, or why the card does not pay. The same p_key returns the first transfer. Needs pay and ledger. Refuses as community.ledger_transfer, module_off. / 刷卡付款:返回转账或不能付款的原因。';

CREATE OR REPLACE FUNCTION community_api.identify(p_key uuid, p_community_id bigint, p_credential text, p_purpose text)
RETURNS TABLE (status text, holder bigint, person_id bigint, card_kind text, card_mask text, state text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'identify');
    RETURN QUERY SELECT r.status, r.holder, r.person_id, r.card_kind, r.card_mask, r.state
      FROM community.identify(p_community_id, CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, p_purpose) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.identify(uuid, bigint, text, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.identify(uuid, bigint, text, text) IS 'Who shows a credential, as far as the purpose and the callers rights allow; every call is audited. Needs identify; the person only with person. Refuses identify_purpose, capability_missing, module_off, key_missing. / 查验出示者,按目的与权限返回并留痕。';

CREATE OR REPLACE FUNCTION community_api.card_apply(p_key uuid, p_community_id bigint, p_persons jsonb, p_kind text, p_applications jsonb, p_expires timestamptz,
    p_zones jsonb DEFAULT '[]')
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'card_apply', jsonb_build_array(p_community_id, p_persons, p_kind, p_applications, p_expires, p_zones)),
        community.api_answer(p_key, (
            SELECT coalesce(jsonb_agg(jsonb_build_object('card_id', a.card_id, 'card_no', a.card_no, 'person_id', a.person_id) ORDER BY a.card_id), '[]')
              FROM community.card_apply(p_community_id, ARRAY(SELECT (e #>> '{}')::bigint FROM jsonb_array_elements(p_persons) WITH ORDINALITY j (e, o) ORDER BY o),
                       p_kind, ARRAY(SELECT jsonb_array_elements_text(p_applications)), p_expires, ARRAY(SELECT jsonb_array_elements_text(p_zones))) a)));
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_apply(uuid, bigint, jsonb, text, jsonb, timestamptz, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_apply(uuid, bigint, jsonb, text, jsonb, timestamptz, jsonb) IS 'Apply for cards, one for each person of an array (null: unnamed); an array of {card_id, card_no, person_id}. The same p_key returns the first answer. Needs card. Refuses as community.card_apply, module_off. / 批量申请卡,返回卡号数组。';

CREATE OR REPLACE FUNCTION community_api.card_event(p_key uuid, p_community_id bigint, p_card_id bigint, p_event text, p_reason text DEFAULT NULL, p_until timestamptz DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN coalesce(
        community.api_once(p_key, 'card_event', jsonb_build_array(p_community_id, p_card_id, p_event, p_reason, p_until)),
        community.api_answer(p_key, to_jsonb(community.card_event(p_community_id, p_card_id, p_event, p_reason, p_until)))) #>> '{}';
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_event(uuid, bigint, bigint, text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_event(uuid, bigint, bigint, text, text, timestamptz) IS 'Let something happen to a card and return its new state; events as community.card_event. The same p_key returns the first answer. Needs card, or card_authority. Refuses as community.card_event, module_off. / 执行卡事件并返回新状态。';

CREATE OR REPLACE FUNCTION community_api.card_issue(p_key uuid, p_community_id bigint, p_card_id bigint)
RETURNS TABLE (card_no text, credential text, qr text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'card_issue');
    RETURN QUERY SELECT r.card_no, r.credential, r.qr FROM community.card_issue(p_community_id, p_card_id) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_issue(uuid, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_issue(uuid, bigint, bigint) IS 'Hand a produced card out: its credential, this once; it is not stored, so a repeated call is refused. Needs card. Refuses as community.card_issue, module_off, key_missing. / 发放卡,凭证仅返回一次且不留存,重复调用将被拒绝。';

CREATE OR REPLACE FUNCTION community_api.card_replace(p_key uuid, p_community_id bigint, p_card_id bigint, p_reason text DEFAULT NULL)
RETURNS TABLE (card_id bigint, card_no text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN QUERY
    SELECT (a.answer ->> 'card_id')::bigint, a.answer ->> 'card_no'
      FROM coalesce(
        community.api_once(p_key, 'card_replace', jsonb_build_array(p_community_id, p_card_id, p_reason)),
        community.api_answer(p_key, (SELECT to_jsonb(r) FROM community.card_replace(p_community_id, p_card_id, p_reason) r))) a (answer);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.card_replace(uuid, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION community_api.card_replace(uuid, bigint, bigint, text) IS 'Replace a lost, expired or frozen card; the purse moves to the new one. The same p_key returns the first answer. Needs card. Refuses as community.card_replace, module_off. / 补换卡,钱包随之转移。';

CREATE OR REPLACE FUNCTION community_api.guest_pass(p_key uuid, p_community_id bigint, p_credential text, p_applications jsonb, p_from timestamptz, p_until timestamptz, p_zones jsonb)
RETURNS TABLE (credential text, qr text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'guest_pass');
    RETURN QUERY SELECT r.credential, r.qr
      FROM community.guest_pass(CASE WHEN community._credential_text(p_credential) THEN p_credential::community.credential END, ARRAY(SELECT jsonb_array_elements_text(p_applications)), p_from, p_until,
                                ARRAY(SELECT jsonb_array_elements_text(p_zones))) r;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.guest_pass(uuid, bigint, text, jsonb, timestamptz, timestamptz, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.guest_pass(uuid, bigint, text, jsonb, timestamptz, timestamptz, jsonb) IS 'A pass for a guest or a delivery, made from a residents credential: fewer applications, a shorter time, smaller zones. It is not stored; a repeated call makes another. Needs pass. Refuses pass_refused, capability_missing, module_off, key_missing. / 由居民凭证签发访客或快递通行证,权限只能缩小。';

CREATE OR REPLACE FUNCTION community_api.door_package(p_community_id bigint, p_point_id bigint, p_have_epoch integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN community.door_package(p_community_id, p_point_id, p_have_epoch);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.door_package(bigint, bigint, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.door_package(bigint, bigint, integer) IS 'What a reader needs to decide without a connection; with p_have_epoch only the delta of the status bitmap. Needs door. Refuses point_unknown, capability_missing, module_off. / 读卡器离线判定所需的数据包。';

CREATE OR REPLACE FUNCTION community_api.door_package_file(p_community_id bigint, p_point_id bigint)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.module_require('card', p_community_id);
    RETURN community.door_package_file(p_community_id, p_point_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.door_package_file(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.door_package_file(bigint, bigint) IS 'The package of a door as signed lines of text. Needs door. Refuses as door_package. / 门禁点离线包的签名文本。';

CREATE OR REPLACE FUNCTION community_api.door_upload(p_key uuid, p_community_id bigint, p_point_id bigint, p_events jsonb)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'door_upload');
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('no', u.event_no, 'status', u.status)), '[]')
              FROM community.door_upload(p_community_id, p_point_id, p_events) u);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.door_upload(uuid, bigint, bigint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.door_upload(uuid, bigint, bigint, jsonb) IS 'Take what a reader decided without a connection, in any order and repeated; an array of {no, status}. Needs door. Refuses point_unknown, capability_missing, module_off, key_missing. / 接收读卡器离线事件,可乱序重复。';

CREATE OR REPLACE FUNCTION community_api.offline_settle(p_key uuid, p_community_id bigint, p_merchant_id bigint, p_items jsonb)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM community._api_key('card', p_community_id, p_key, 'offline_settle');
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('item', u.item, 'status', u.status) ORDER BY u.item), '[]')
              FROM community.offline_settle(p_community_id, p_merchant_id, p_items) u);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.offline_settle(uuid, bigint, bigint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION community_api.offline_settle(uuid, bigint, bigint, jsonb) IS 'Settle a merchants batch of offline payments; an array of {item, status}. A batch may be repeated. Needs ledger. Refuses account_unknown, capability_missing, module_off, key_missing. / 结算商户脱机消费批次,可重复提交。';

-- Doors have a role of their own.
SELECT community.register_grant('reader', 'routine', 'community_api.' || f, 'EXECUTE', 'api')
  FROM unnest('{door_open,pin_attempt,door_package,door_package_file,door_upload}'::text[]) f;
