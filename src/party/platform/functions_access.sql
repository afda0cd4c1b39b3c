-- Reading sealed values: open a ticket, commit, read.

CREATE OR REPLACE FUNCTION community._access_object(p_object text, OUT kind text, OUT community_id bigint, OUT person_ids bigint[])
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_part text[] := regexp_match(p_object, '^(person|population)/(\d{12})(?:/(\d{1,18}(?:,\d{1,18})*))?$');
BEGIN
    IF v_part IS NULL OR (v_part[1] = 'person') <> (v_part[3] IS NOT NULL) THEN
        PERFORM community.refuse('access_object_invalid');
    END IF;
    kind := v_part[1];
    community_id := v_part[2]::bigint;
    person_ids := ARRAY(SELECT DISTINCT i::bigint FROM unnest(string_to_array(v_part[3], ',')) i ORDER BY 1);
END
$$;
COMMENT ON FUNCTION community._access_object(text) IS 'Read what a ticket is asked for: person/<community>/<number>[,<number>...] or population/<community>. Refuses access_object_invalid. / 解析凭单对象：person/<社区>/<编号>[,…] 或 population/<社区>。';

CREATE OR REPLACE FUNCTION community.access_open(p_purpose text, p_object text, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_object record;
    v_purpose community.purpose;
    v_fields text[];
    v_person bigint;
    v_new bigint;
    v_rows bigint;
BEGIN
    IF pg_is_in_recovery() THEN
        PERFORM community.refuse('access_standby');
    END IF;
    SELECT * INTO v_object FROM community._access_object(p_object);
    SELECT * INTO v_purpose FROM community.purpose u WHERE u.purpose = p_purpose;
    IF NOT FOUND THEN
        PERFORM community.refuse('purpose_unknown', p_purpose);
    END IF;
    IF coalesce(btrim(p_doc ->> 'reason'), '') = '' THEN
        PERFORM community.refuse('access_reason_missing');
    END IF;
    v_fields := coalesce(ARRAY(SELECT DISTINCT f FROM jsonb_array_elements_text(p_doc -> 'fields') f ORDER BY f), '{}');
    IF v_fields = '{}' THEN
        v_fields := v_purpose.fields;
    END IF;
    IF NOT v_fields <@ v_purpose.fields OR (v_object.kind = 'population') <> ('count' = ANY (v_fields)) THEN
        PERFORM community.refuse('purpose_fields', p_purpose, array_to_string(v_purpose.fields, ', '));
    END IF;
    v_rows := cardinality(v_object.person_ids);
    IF v_rows > v_purpose.max_rows THEN
        PERFORM community.refuse('purpose_rows', p_purpose, v_purpose.max_rows::text);
    END IF;
    IF v_object.kind = 'population' THEN
        PERFORM community.require_capability('purpose_' || p_purpose, v_object.community_id);
    END IF;
    FOREACH v_person IN ARRAY v_object.person_ids LOOP
        IF NOT community._person_in_scope('purpose_' || p_purpose, v_object.community_id, v_person) THEN
            PERFORM community.refuse('capability_missing', community.actor(), 'purpose_' || p_purpose, v_object.community_id::text);
        END IF;
        IF NOT EXISTS (SELECT FROM community.person p WHERE p.community_id = v_object.community_id AND p.person_id = v_person) THEN
            PERFORM community.refuse('person_not_found', v_person::text, v_object.community_id::text);
        END IF;
        IF v_purpose.basis = 'consent' AND NOT community.has_consent(v_object.community_id, v_person, p_purpose, 'care' = ANY (v_fields)) THEN
            PERFORM community.refuse('consent_missing', v_person::text, p_purpose);
        END IF;
    END LOOP;
    INSERT INTO community.access_ticket (community_id, actor, purpose, object, person_ids, fields, reason, doc, expires_at)
    VALUES (v_object.community_id, community.actor(), p_purpose, p_object, v_object.person_ids, v_fields, btrim(p_doc ->> 'reason'),
            p_doc - '{reason,fields}'::text[], now() + v_purpose.ttl)
    RETURNING ticket_id INTO v_new;
    PERFORM community.act_by(v_object.community_id, u, p_doc, p_purpose, 'ticket/' || v_new) FROM unnest(v_object.person_ids) u;
    INSERT INTO community.access_log (community_id, actor, purpose, object, action, status, ticket_id, person_ids, rows)
    VALUES (v_object.community_id, community.actor(), p_purpose, p_object, 'open', 'ok', v_new, v_object.person_ids, v_rows);
    PERFORM community.audit_write(v_object.community_id, 'access_open', left(p_object, 200), p_purpose, v_rows,
                                  jsonb_build_object('ticket', v_new, 'fields', to_jsonb(v_fields)));
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.access_open(text, text, jsonb) IS 'Announce a reading and return the ticket; commit, then call access_read() or population_exact(). p_object: person/<community>/<number>[,<number>...] or population/<community>; p_doc: reason (required, no personal data), fields (default: all of the purpose), by_person_id (and by_community_id) of the guardian or proxy who asks for the person, who may act for the purpose, for counts day, scope, by. The opening is the audited act: who, why, what, how many. Needs the capability purpose_<purpose> in the community. Refuses purpose_unknown, purpose_fields, purpose_rows, consent_missing, access_reason_missing, access_object_invalid, access_standby, person_not_found, guardian_missing, capability_missing. / 申请读取并返回凭单，提交后方可读取；开单即留审计（何人、何目的、何对象、多少行）。';

CREATE OR REPLACE FUNCTION community._access_status(p_ticket community.access_ticket, p_field text)
RETURNS text LANGUAGE sql STABLE
RETURN CASE
    WHEN pg_is_in_recovery() THEN 'access_standby'
    -- Somebody else's ticket is answered like one that does not exist.
    WHEN (p_ticket).ticket_id IS NULL THEN 'ticket_unknown'
    WHEN (p_ticket).expires_at <= clock_timestamp() THEN 'ticket_expired'
    WHEN (p_ticket).xact >= pg_snapshot_xmax(pg_current_snapshot()) OR coalesce(pg_xact_status((p_ticket).xact), '') <> 'committed' THEN 'ticket_uncommitted'
    WHEN ('count' = ANY ((p_ticket).fields)) <> (p_field = 'count') OR (p_field = 'export' AND NOT 'export' = ANY ((p_ticket).fields)) THEN 'ticket_unfit'
    ELSE 'ok' END;
COMMENT ON FUNCTION community._access_status(community.access_ticket, text) IS 'Tell whether a ticket of the caller may be read with: ok, ticket_unknown (NULL), ticket_expired, ticket_uncommitted, ticket_unfit or access_standby. / 判断凭单能否读取。';

CREATE OR REPLACE FUNCTION community.access_read(p_ticket_id bigint)
RETURNS TABLE (status text, community_id bigint, person_id bigint, field text, value text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_ticket community.access_ticket;
    v_purpose community.purpose;
    v_place text;
    v_row record;
    v_status text;
    v_given bigint := 0;
BEGIN
    SELECT * INTO v_ticket FROM community.access_ticket t WHERE t.ticket_id = p_ticket_id AND t.actor = community.actor();
    v_status := community._access_status(v_ticket, 'person');
    IF v_status IN ('access_standby', 'ticket_unknown') THEN
        status := v_status;
        RETURN NEXT;
        RETURN;
    END IF;
    IF v_status <> 'ok' THEN
        status := v_status;
        RETURN NEXT;
    ELSE
        SELECT * INTO v_purpose FROM community.purpose u WHERE u.purpose = v_ticket.purpose;
        FOR v_row IN
            SELECT p.*, k.data_key
              FROM unnest(v_ticket.person_ids) i
              JOIN community.person p ON p.community_id = v_ticket.community_id AND p.person_id = i
              LEFT JOIN community.person_key k ON k.community_id = p.community_id AND k.person_id = p.person_id
             ORDER BY p.person_id
        LOOP
            community_id := v_row.community_id;
            person_id := v_row.person_id;
            field := NULL;
            value := NULL;
            -- Rights and consent may have ended since the ticket was opened.
            status := CASE
                WHEN NOT community._person_in_scope('purpose_' || v_ticket.purpose, v_row.community_id, v_row.person_id) THEN 'capability_missing'
                WHEN v_purpose.basis = 'consent' AND NOT community.has_consent(v_row.community_id, v_row.person_id, v_ticket.purpose, 'care' = ANY (v_ticket.fields)) THEN 'consent_missing'
                WHEN v_row.data_key IS NULL THEN 'person_erased'
                ELSE 'ok' END;
            IF status <> 'ok' THEN
                RETURN NEXT;
                CONTINUE;
            END IF;
            v_given := v_given + 1;
            v_place := community._person_place('key', v_row.community_id, v_row.person_id);
            RETURN QUERY
            SELECT 'ok', v_row.community_id, v_row.person_id, f.field, f.value
              FROM (SELECT 'name' AS field, community.unseal_under(v_row.data_key, v_place, v_row.name_sealed, community._person_place('name', v_row.community_id, v_row.person_id)) AS value
                     WHERE 'name' = ANY (v_ticket.fields)
                    UNION ALL
                    SELECT 'id_no', community.unseal_under(v_row.data_key, v_place, v_row.id_no_sealed, community._person_place('id_no', v_row.community_id, v_row.person_id))
                     WHERE 'id_no' = ANY (v_ticket.fields)
                    UNION ALL
                    SELECT 'phone', community.unseal_under(v_row.data_key, v_place, v_row.phone_sealed, community._person_place('phone', v_row.community_id, v_row.person_id))
                     WHERE 'phone' = ANY (v_ticket.fields)
                    UNION ALL
                    SELECT 'address', a.full_name
                      FROM community.residence r JOIN community.address a ON a.community_id = r.place_id AND a.address_id = r.address_id
                     WHERE 'address' = ANY (v_ticket.fields) AND r.community_id = v_row.community_id AND r.person_id = v_row.person_id
                       AND r.suspended_by IS NULL AND r.lives AND r.valid @> CURRENT_DATE
                    UNION ALL
                    SELECT 'care', t.tag
                      FROM community.care_tag t JOIN community.care_kind c ON c.tag = t.tag
                     WHERE 'care' = ANY (v_ticket.fields) AND t.community_id = v_row.community_id AND t.person_id = v_row.person_id
                       AND t.suspended_by IS NULL AND t.valid @> CURRENT_DATE AND c.sensitivity <= v_purpose.sensitivity) f
             WHERE f.value IS NOT NULL;
        END LOOP;
    END IF;
    INSERT INTO community.access_log (community_id, actor, purpose, object, action, status, ticket_id, person_ids, rows)
    VALUES (v_ticket.community_id, v_ticket.actor, v_ticket.purpose, v_ticket.object, 'read', v_status, v_ticket.ticket_id, v_ticket.person_ids, v_given);
END
$$;
COMMENT ON FUNCTION community.access_read(bigint) IS 'Read with a committed ticket: one row for each person and field, status ok; or a row whose status says why not: ticket_unknown, ticket_uncommitted, ticket_expired, ticket_unfit, access_standby, for one person capability_missing, consent_missing, person_erased. It raises nothing, so that the log row of a denial stays. Care tags above the sensitivity of the purpose are not shown. / 凭已提交的凭单读取，逐人逐项返回；不可读时以状态说明原因而不报错，以便留痕。';

CREATE OR REPLACE FUNCTION community.person_export(p_ticket_id bigint)
RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_ticket community.access_ticket;
    v_status text;
    v_doc jsonb;
BEGIN
    SELECT * INTO v_ticket FROM community.access_ticket t WHERE t.ticket_id = p_ticket_id AND t.actor = community.actor();
    v_status := community._access_status(v_ticket, 'export');
    IF v_status <> 'ok' THEN
        IF v_status NOT IN ('access_standby', 'ticket_unknown') THEN
            INSERT INTO community.access_log (community_id, actor, purpose, object, action, status, ticket_id, person_ids, rows)
            VALUES (v_ticket.community_id, v_ticket.actor, v_ticket.purpose, v_ticket.object, 'read', v_status, v_ticket.ticket_id, v_ticket.person_ids, 0);
        END IF;
        RETURN jsonb_build_object('status', v_status);
    END IF;
    SELECT jsonb_build_object('status', 'ok', 'persons', coalesce(jsonb_agg(x.doc ORDER BY x.person_id), '[]')) INTO v_doc
      FROM (SELECT p.person_id, jsonb_build_object(
                'community_id', p.community_id, 'person_id', p.person_id, 'status', p.status, 'id_kind', p.id_kind, 'birth_year', p.birth_year,
                'sex', p.sex, 'source', p.source, 'recorded_at', p.recorded_at,
                'values', (SELECT coalesce(jsonb_object_agg(r.field, r.value), '{}') FROM community.access_read(p_ticket_id) r
                            WHERE r.person_id = p.person_id AND r.field IN ('name', 'id_no', 'phone', 'address')),
                'residences', (SELECT coalesce(jsonb_agg(to_jsonb(r) - '{stat_key,suspended_by,merge_id,birth_year,sex}'::text[] ORDER BY r.residence_id), '[]')
                                 FROM community.residence r WHERE r.community_id = p.community_id AND r.person_id = p.person_id AND r.suspended_by IS NULL),
                'care', (SELECT coalesce(jsonb_agg(jsonb_build_object('tag', t.tag, 'valid', t.valid) ORDER BY t.care_tag_id), '[]')
                           FROM community.care_tag t WHERE t.community_id = p.community_id AND t.person_id = p.person_id AND t.suspended_by IS NULL),
                'consents', (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.consent_id), '[]')
                               FROM community.consent c WHERE c.community_id = p.community_id AND c.person_id = p.person_id),
                'readings', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'actor', l.actor, 'purpose', l.purpose, 'action', l.action) ORDER BY l.at), '[]')
                               FROM community.access_log l WHERE l.community_id = p.community_id AND p.person_id = ANY (l.person_ids))) AS doc
              FROM community.person p
             WHERE p.community_id = v_ticket.community_id AND p.person_id = ANY (v_ticket.person_ids)) x;
    RETURN v_doc;
END
$$;
COMMENT ON FUNCTION community.person_export(bigint) IS 'Give all that is held on the persons of a ticket with field export, for the person to keep: values, residences, tags, consents, and who read them; or a status as access_read() says it. / 凭含 export 的凭单导出个人全部信息（含被读取记录），供本人保存。';

CREATE OR REPLACE FUNCTION community.access_by(p_actor text, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (community_id bigint, person_id bigint, purpose text, first_at timestamptz, times bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.community_id, i, l.purpose, min(l.at), count(*)
      FROM community.access_log l CROSS JOIN LATERAL unnest(l.person_ids) i
     WHERE l.actor = p_actor AND l.at >= p_from AND l.at < p_to AND l.status = 'ok'
     GROUP BY l.community_id, i, l.purpose
     ORDER BY l.community_id, i;
END;
COMMENT ON FUNCTION community.access_by(text, timestamptz, timestamptz) IS 'List whose data a login role opened or read in a time (end excluded), for the notice after a breach. / 列出某登录角色在某时段内读取过的人员，供泄露事件通知。';
