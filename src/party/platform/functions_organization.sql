-- Organizations: add, change, close, find.

CREATE OR REPLACE FUNCTION community._organization_guard()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- The index follows the row under any client.
    IF TG_OP <> 'INSERT' AND OLD.credit_code IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.credit_code IS DISTINCT FROM OLD.credit_code) THEN
        DELETE FROM community.organization_index i
         WHERE i.credit_code = OLD.credit_code AND i.community_id = OLD.community_id AND i.organization_id = OLD.organization_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.credit_code IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.credit_code IS DISTINCT FROM OLD.credit_code) THEN
        INSERT INTO community.organization_index (credit_code, community_id, organization_id)
        VALUES (NEW.credit_code, NEW.community_id, NEW.organization_id);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._organization_guard() IS 'Trigger: keep organization_index in step, so that a credit code is on record once in the city. / 触发器：同步信用代码索引，保证全市唯一。';

CREATE OR REPLACE TRIGGER organization_guard AFTER INSERT OR UPDATE OF credit_code OR DELETE ON community.organization
FOR EACH ROW EXECUTE FUNCTION community._organization_guard();

CREATE OR REPLACE FUNCTION community._organization_check(p_community_id bigint, p_name text, p_kind text, p_credit_code text, p_parent_id bigint)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF COALESCE(btrim(p_name), '') = '' THEN
        PERFORM community.refuse('organization_name_missing');
    END IF;
    IF p_kind IS NULL OR p_kind NOT IN ('government', 'committee', 'property', 'utility', 'merchant', 'ngo', 'volunteer', 'medical', 'school', 'service', 'other') THEN
        PERFORM community.refuse('organization_kind_invalid', coalesce(p_kind, 'NULL'));
    END IF;
    IF NOT community.credit_code_valid(p_credit_code) THEN
        PERFORM community.refuse('credit_code_invalid', p_credit_code);
    END IF;
    IF p_parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM community.organization o WHERE o.community_id = p_community_id AND o.organization_id = p_parent_id) THEN
        PERFORM community.refuse('organization_not_found', p_parent_id::text, p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community._organization_check(bigint, text, text, text, bigint) IS 'Refuse an empty name, an unknown community, kind or parent, and a wrong credit code (NULL passes). / 校验名称、社区、类别、上级与信用代码（空则通过）。';

CREATE OR REPLACE FUNCTION community.organization_add(p_community_id bigint, p_name text, p_kind text, p_credit_code text DEFAULT NULL, p_parent_id bigint DEFAULT NULL, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
    v_code text := upper(NULLIF(btrim(p_credit_code), ''));
BEGIN
    PERFORM community._organization_check(p_community_id, p_name, p_kind, v_code, p_parent_id);
    BEGIN
        INSERT INTO community.organization (community_id, name, short_name, kind, credit_code, parent_id, phone, address_id, attrs, valid, source)
        VALUES (p_community_id, btrim(p_name), p_doc ->> 'short_name', p_kind, v_code, p_parent_id, p_doc ->> 'phone',
                (p_doc ->> 'address_id')::bigint, COALESCE(p_doc -> 'attrs', '{}'),
                daterange((p_doc ->> 'valid_from')::date, (p_doc ->> 'valid_until')::date), p_doc ->> 'source')
        RETURNING organization_id INTO v_new;
    EXCEPTION
        WHEN unique_violation THEN
            PERFORM community.refuse('organization_known', v_code, (SELECT i.community_id::text FROM community.organization_index i WHERE i.credit_code = v_code));
        WHEN exclusion_violation THEN
            PERFORM community.refuse('organization_known', btrim(p_name), p_community_id::text);
    END;
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.organization_add(bigint, text, text, text, bigint, jsonb) IS 'Record an organization in a community; p_doc may hold short_name, phone, address_id, attrs, valid_from, valid_until, source; returns its number. Refuses a wrong credit code, one that is on record anywhere in the city, and a name that is on record here. / 在社区建立组织档案，返回编号；信用代码有误、全市已有或本社区同名则拒绝。';

CREATE OR REPLACE FUNCTION community.organization_update(p_community_id bigint, p_organization_id bigint, p_doc jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_row community.organization%ROWTYPE;
BEGIN
    SELECT * INTO v_row FROM community.organization o
     WHERE o.community_id = p_community_id AND o.organization_id = p_organization_id FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('organization_not_found', p_organization_id::text, p_community_id::text);
    END IF;
    IF p_doc ? 'name' THEN v_row.name := btrim(p_doc ->> 'name'); END IF;
    IF p_doc ? 'short_name' THEN v_row.short_name := p_doc ->> 'short_name'; END IF;
    IF p_doc ? 'kind' THEN v_row.kind := p_doc ->> 'kind'; END IF;
    IF p_doc ? 'credit_code' THEN v_row.credit_code := upper(NULLIF(btrim(p_doc ->> 'credit_code'), '')); END IF;
    IF p_doc ? 'parent_id' THEN v_row.parent_id := (p_doc ->> 'parent_id')::bigint; END IF;
    IF p_doc ? 'phone' THEN v_row.phone := p_doc ->> 'phone'; END IF;
    IF p_doc ? 'address_id' THEN v_row.address_id := (p_doc ->> 'address_id')::bigint; END IF;
    v_row.attrs := v_row.attrs || COALESCE(p_doc -> 'attrs', '{}');
    PERFORM community._organization_check(p_community_id, v_row.name, v_row.kind, v_row.credit_code, v_row.parent_id);
    IF EXISTS (WITH RECURSIVE up AS (
                   SELECT v_row.parent_id AS id
                   UNION
                   SELECT o.parent_id FROM up u JOIN community.organization o ON o.community_id = p_community_id AND o.organization_id = u.id)
               SELECT FROM up WHERE id = p_organization_id) THEN
        PERFORM community.refuse('organization_cycle', p_organization_id::text);
    END IF;
    BEGIN
        UPDATE community.organization o
           SET name = v_row.name, short_name = v_row.short_name, kind = v_row.kind, credit_code = v_row.credit_code, parent_id = v_row.parent_id,
               phone = v_row.phone, address_id = v_row.address_id, attrs = v_row.attrs
         WHERE o.community_id = p_community_id AND o.organization_id = p_organization_id;
    EXCEPTION
        WHEN unique_violation THEN
            PERFORM community.refuse('organization_known', v_row.credit_code, (SELECT i.community_id::text FROM community.organization_index i WHERE i.credit_code = v_row.credit_code));
        WHEN exclusion_violation THEN
            PERFORM community.refuse('organization_known', v_row.name, p_community_id::text);
    END;
END
$$;
COMMENT ON FUNCTION community.organization_update(bigint, bigint, jsonb) IS 'Change what the document names of an organization: name, short_name, kind, credit_code, parent_id, phone, address_id, attrs (merged). Refuses what organization_add refuses, and an organization under itself. / 修改组织档案中文档所列各项，校验同新增，且不得隶属于自身。';

CREATE OR REPLACE FUNCTION community.organization_end(p_community_id bigint, p_organization_id bigint, p_until date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    UPDATE community.organization o
       SET valid = daterange(lower(o.valid), p_until)
     WHERE o.community_id = p_community_id AND o.organization_id = p_organization_id
       AND o.valid @> p_until AND (lower_inf(o.valid) OR lower(o.valid) < p_until);
    IF NOT FOUND THEN
        PERFORM community.refuse('organization_not_found', p_organization_id::text, p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.organization_end(bigint, bigint, date) IS 'End an organization on a day, which is excluded; the record stays. / 自某日起（不含）终止组织，档案保留。';

CREATE OR REPLACE FUNCTION community.organization_by_code(p_credit_code text)
RETURNS TABLE (community_id bigint, organization_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT i.community_id, i.organization_id FROM community.organization_index i WHERE i.credit_code = upper(btrim(p_credit_code));
END;
COMMENT ON FUNCTION community.organization_by_code(text) IS 'Find the record of a credit code in the city, no row when there is none. / 按信用代码查组织档案所在。';
