-- Issuers, new cards, applications, bindings.

CREATE OR REPLACE FUNCTION community.card_issuer_add(p_community_id bigint, p_issuer integer, p_suite text DEFAULT 'ed25519')
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community._community_known(p_community_id);
    PERFORM community.require_capability('card', p_community_id);
    INSERT INTO community.card_issuer (issuer, community_id, region, suite)
    VALUES (p_issuer, p_community_id, (p_community_id / 1000000)::integer, p_suite)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM community.refuse('issuer_exists', p_community_id::text, p_issuer::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.card_issuer_add(bigint, integer, text) IS 'Let a community issue cards under a number that is unique in the city. Needs the capability card. Refuses issuer_exists, community_unknown, capability_missing; 23514 for an unknown suite. / 开通社区发卡并指定全市唯一编号。需要 card 权限。';

CREATE OR REPLACE FUNCTION community._card_log(
    p_card community.card, p_event text, p_to_state text, p_reason text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    INSERT INTO community.card_log (community_id, card_id, event, from_state, to_state, actor, reason)
    VALUES (p_card.community_id, p_card.card_id, p_event, p_card.state, p_to_state, community.actor(), p_reason);
    -- The next status bitmap must tell the change; once a transaction is enough,
    -- since the publisher waits for this row.
    IF p_card.state IS DISTINCT FROM p_to_state THEN
        UPDATE community.card_issuer i SET changed_at = clock_timestamp()
         WHERE i.issuer = p_card.issuer AND i.xmin <> pg_current_xact_id()::xid;
    END IF;
END
$$;
COMMENT ON FUNCTION community._card_log(community.card, text, text, text) IS 'Log an event of a card and have the status bitmap published anew. / 记录卡事件，并触发状态位图重新发布。';

CREATE OR REPLACE FUNCTION community.card_apply(
    p_community_id bigint, p_persons bigint[], p_kind text, p_applications text[], p_expires timestamptz,
    p_zones text[] DEFAULT '{}', p_not_before timestamptz DEFAULT now())
RETURNS TABLE (card_id bigint, card_no text, person_id bigint)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_issuer community.card_issuer;
    v_first integer;
    v_bad text;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    IF coalesce(array_length(p_persons, 1), 0) = 0 THEN
        RETURN;
    END IF;
    IF p_kind IS NULL OR p_kind <> ALL ('{resident,worker,volunteer,guest,elder,child}') THEN
        PERFORM community.refuse('card_form', 'kind ' || coalesce(p_kind, 'NULL'));
    END IF;
    SELECT a INTO v_bad FROM unnest(p_applications) a
     WHERE a IS NULL OR a <> ALL ('{door,identity,volunteer,booking,debit,parking,care}') LIMIT 1;
    IF FOUND THEN
        PERFORM community.refuse('card_form', 'application ' || coalesce(v_bad, 'NULL'));
    END IF;
    IF p_expires IS NULL OR p_not_before IS NULL OR p_expires <= p_not_before OR NOT isfinite(p_expires) THEN
        PERFORM community.refuse('card_form', format('validity from %s to %s', p_not_before, p_expires));
    END IF;
    IF cardinality(p_zones) > 8 THEN
        PERFORM community.refuse('card_form', cardinality(p_zones) || ' zones');
    END IF;
    -- One update for all of them gives dense indexes.
    UPDATE community.card_issuer i
       SET next_index = i.next_index + array_length(p_persons, 1), changed_at = clock_timestamp()
     WHERE i.community_id = p_community_id
    RETURNING i.* INTO v_issuer;
    IF NOT FOUND THEN
        PERFORM community.refuse('issuer_unknown', p_community_id::text);
    END IF;
    v_first := v_issuer.next_index - array_length(p_persons, 1);
    RETURN QUERY
    WITH wanted AS MATERIALIZED (
        SELECT nextval('community.card_seq') AS id, community.cardno_new(v_issuer.region, nextval('community.card_serial_seq')) AS no,
               p.person, p.o::integer AS o
          FROM unnest(p_persons) WITH ORDINALITY p (person, o)
    ), made AS (
        INSERT INTO community.card (community_id, card_id, number_key, card_no, issuer, card_index, person_id, holder, kind,
                                    applications, zones, not_before, expires)
        SELECT p_community_id, w.id, w.no::bigint, w.no, v_issuer.issuer, v_first + w.o - 1, w.person,
               community.card_pseudonym(v_issuer.issuer, coalesce(w.person, -w.id)), p_kind,
               p_applications, p_zones::community.gridcode[], p_not_before, p_expires
          FROM wanted w
        RETURNING card_id, number_key, card_no, person_id
    ), indexed AS (
        INSERT INTO community.card_index (number_key, community_id, card_id)
        SELECT m.number_key, p_community_id, m.card_id FROM made m
    ), apps AS (
        INSERT INTO community.card_app (community_id, card_id, application)
        SELECT DISTINCT p_community_id, m.card_id, a FROM made m, unnest(p_applications) a
    ), logged AS (
        INSERT INTO community.card_log (community_id, card_id, event, to_state, actor)
        SELECT p_community_id, m.card_id, 'apply', 'applied', community.actor() FROM made m
    )
    SELECT m.card_id, m.card_no::text, m.person_id FROM made m ORDER BY m.card_id;
EXCEPTION WHEN unique_violation THEN
    PERFORM community.refuse('card_live', p_kind);
END
$$;
COMMENT ON FUNCTION community.card_apply(bigint, bigint[], text, text[], timestamptz, text[], timestamptz) IS 'Apply for cards, one for each person (NULL: an unnamed card), and return their numbers, unique in the city; all or none. p_zones are at most 8 grid codes that the card is bound to, empty: anywhere. Needs the capability card. Refuses card_live, card_form, issuer_unknown, capability_missing; 22P02 for a wrong grid code. / 批量申请卡（人员为 NULL 则不记名），返回全市唯一卡号，全部成功或全部不成；p_zones 至多 8 个网格，空为不限。需要 card 权限。';

CREATE OR REPLACE FUNCTION community._card_lock(p_community_id bigint, p_card_id bigint)
RETURNS community.card
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
BEGIN
    SELECT * INTO v_card
      FROM community.card c
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('card_unknown', coalesce(p_card_id::text, 'NULL'));
    END IF;
    RETURN v_card;
END
$$;
COMMENT ON FUNCTION community._card_lock(bigint, bigint) IS 'Lock a card and return it; refuses card_unknown. / 锁定并返回卡；不存在则拒绝 card_unknown。';

CREATE OR REPLACE FUNCTION community._card_lock_issuer(p_community_id bigint, p_card_id bigint)
RETURNS community.card
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- The issuer comes before the card, as in card_apply(), which waits for a
    -- change of the person's live card with the issuer locked.
    PERFORM FROM community.card_issuer i WHERE i.community_id = p_community_id FOR NO KEY UPDATE;
    RETURN community._card_lock(p_community_id, p_card_id);
END
$$;
COMMENT ON FUNCTION community._card_lock_issuer(bigint, bigint) IS 'Lock the issuer and then a card whose state is to change, and return the card; refuses card_unknown. / 先锁发卡方、再锁将变更状态的卡并返回；不存在则拒绝 card_unknown。';

CREATE OR REPLACE FUNCTION community.card_app_set(
    p_community_id bigint, p_card_id bigint, p_application text, p_state text, p_reason text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_app community.card_app;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock(p_community_id, p_card_id);
    IF p_application IS NULL OR p_application <> ALL (v_card.applications) OR p_state IS NULL
       OR p_state <> ALL ('{enabled,suspended,revoked}') THEN
        PERFORM community.refuse('card_form', format('application %s %s', p_application, p_state));
    END IF;
    SELECT * INTO v_app FROM community.card_app a
     WHERE a.community_id = p_community_id AND a.card_id = p_card_id AND a.application = p_application;
    IF v_app.state = 'revoked' AND p_state <> 'revoked' THEN
        PERFORM community.refuse('card_app_final', p_application);
    END IF;
    UPDATE community.card_app a SET state = p_state, since = now()
     WHERE a.community_id = p_community_id AND a.card_id = p_card_id AND a.application = p_application AND a.state <> p_state;
    IF FOUND THEN
        PERFORM community._card_log(v_card, 'app_' || p_state, v_card.state, concat_ws(': ', p_application, p_reason));
    END IF;
END
$$;
COMMENT ON FUNCTION community.card_app_set(bigint, bigint, text, text, text) IS 'Enable, suspend or revoke one application of a card; revoked is final. Needs the capability card. Refuses card_app_final, card_form, card_unknown, capability_missing. / 启用、暂停或吊销卡的单个应用，吊销不可恢复。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_bind(p_community_id bigint, p_card_id bigint, p_kind text, p_number text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_id bigint := nextval('community.card_binding_seq');
    v_digits text := regexp_replace(p_number, '[ -]', '', 'g');
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    PERFORM community._card_lock(p_community_id, p_card_id);
    IF p_kind IS NULL OR p_kind <> ALL ('{social,bank,city,phone}') OR coalesce(v_digits, '') = '' THEN
        PERFORM community.refuse('card_form', 'binding ' || coalesce(p_kind, 'NULL'));
    END IF;
    IF p_kind = 'bank' AND NOT community.luhn_valid(v_digits) THEN
        PERFORM community.refuse('binding_number');
    END IF;
    INSERT INTO community.card_binding (community_id, binding_id, card_id, kind, number_sealed, number_index)
    VALUES (p_community_id, v_id, p_card_id, p_kind,
            community.seal(v_digits, format('card_binding/%s/%s', p_community_id, v_id)),
            community.blind_index(v_digits, 'card_binding.' || p_kind));
    RETURN v_id;
EXCEPTION WHEN unique_violation THEN
    PERFORM community.refuse('binding_taken');
END
$$;
COMMENT ON FUNCTION community.card_bind(bigint, bigint, text, text) IS 'Bind the card of another issuer (social, bank, city) or a phone to a card; its number is sealed, bank numbers must pass their check digit. Returns the key of the binding. Needs the capability card. Refuses binding_taken, binding_number, card_form, card_unknown, capability_missing. / 绑定外部卡或手机，号码封存，银行卡号须过校验。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_unbind(p_community_id bigint, p_binding_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    UPDATE community.card_binding b SET ended_at = now()
     WHERE b.community_id = p_community_id AND b.binding_id = p_binding_id AND b.ended_at IS NULL;
END
$$;
COMMENT ON FUNCTION community.card_unbind(bigint, bigint) IS 'End a binding; does nothing when it has ended. Needs the capability card. Refuses capability_missing. / 解除绑定，已解除则无动作。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.card_find_bound(p_kind text, p_number text)
RETURNS TABLE (community_id bigint, card_id bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.community_id, b.card_id
      FROM community.card_binding b
     WHERE b.number_index = ANY (community.blind_index_all(regexp_replace(p_number, '[ -]', '', 'g'), 'card_binding.' || p_kind))
       AND b.ended_at IS NULL;
END;
COMMENT ON FUNCTION community.card_find_bound(text, text) IS 'The card that another card''s number is bound to; no row when there is none. / 按外部卡号查找所绑定的卡。';

CREATE OR REPLACE FUNCTION community._credential_text(p_text text)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    RETURN p_text::community.credential IS NOT NULL;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION community._credential_text(text) IS 'Whether a text has the form of a credential; NULL for NULL. / 文本是否具有凭证的形式。';
