-- Persons: enter, change, show masked, find.

CREATE OR REPLACE FUNCTION community._person_place(p_what text, p_community_id bigint, p_person_id bigint)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'person.' || p_what || '/' || p_community_id::text || '/' || p_person_id::text;
COMMENT ON FUNCTION community._person_place(text, bigint, bigint) IS 'Name the place (column and row) that a sealed value of a person is bound to. / 人员密封值所绑定的位置（列与行）。';

CREATE OR REPLACE FUNCTION community._id_index_text(p_kind text, p_number text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_kind || ':' || upper(translate(normalize(p_number, NFKC), U&' -\200B\200C\200D\2060\FEFF', ''));
COMMENT ON FUNCTION community._id_index_text(text, text) IS 'Write kind and number of a document the one way that its blind index is made of: in capitals of half width, without blanks, hyphens and marks of no width. / 证件类型与号码的规范写法（半角大写，去空格、连字符与零宽字符），用于生成盲索引。';

CREATE OR REPLACE FUNCTION community._person_problem(p_name text, p_id_kind text, p_id_no text, p_phone text, p_birth_year integer, p_sex text,
    OUT column_name text, OUT reason text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF coalesce(p_name, '') = '' OR length(p_name) > 100 THEN
        column_name := 'name'; reason := 'person_name_invalid';
    ELSIF (p_id_kind IS NULL) <> (p_id_no IS NULL)
          OR p_id_kind NOT IN ('resident_id', 'passport', 'permit', 'birth_certificate', 'other') THEN
        column_name := 'id_kind'; reason := 'id_kind_invalid';
    ELSIF (p_id_kind = 'resident_id' AND NOT community.resident_id_valid(p_id_no)) OR length(p_id_no) NOT BETWEEN 4 AND 40 THEN
        column_name := 'id_no'; reason := 'id_no_invalid';
    ELSIF p_phone !~ '^\+?[0-9][0-9 -]{4,22}[0-9]$' THEN
        column_name := 'phone'; reason := 'phone_invalid';
    ELSIF p_birth_year NOT BETWEEN 1800 AND extract(year FROM CURRENT_DATE)::integer THEN
        column_name := 'birth_year'; reason := 'birth_year_invalid';
    ELSIF p_sex NOT IN ('male', 'female', 'unknown') THEN
        column_name := 'sex'; reason := 'sex_invalid';
    ELSIF p_id_kind = 'resident_id' AND p_birth_year <> extract(year FROM community.resident_id_birth(p_id_no)) THEN
        column_name := 'birth_year'; reason := 'birth_year_invalid';
    ELSIF p_id_kind = 'resident_id' AND p_sex <> 'unknown' AND p_sex <> community.resident_id_sex(p_id_no) THEN
        column_name := 'sex'; reason := 'sex_invalid';
    END IF;
END
$$;
COMMENT ON FUNCTION community._person_problem(text, text, text, text, integer, text) IS 'Find the first thing that is wrong with what identifies a person: the column and the reason of the refusal, NULLs when nothing is; never the value. / 校验人员身份信息，返回首个有误的列与原因（不含值），无误为空。';

CREATE OR REPLACE FUNCTION community._person_insert(p_community_id bigint, p_name text, p_id_kind text, p_id_no text, p_phone text,
    p_birth_year integer, p_sex text, p_source text, p_stat_key bigint DEFAULT NULL, p_indexed boolean DEFAULT true)
RETURNS bigint LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person_id bigint := nextval('community.person_seq');
    v_key bytea;
    v_place text := community._person_place('key', p_community_id, v_person_id);
    v_hash bytea;
    v_resident boolean := p_id_kind = 'resident_id';
BEGIN
    IF p_id_no IS NOT NULL THEN
        v_hash := community.blind_index(community._id_index_text(p_id_kind, p_id_no), 'person.id_no');
        IF p_indexed THEN
            -- Hashes under former keys of the ring count until they are made anew.
            IF EXISTS (SELECT FROM community.person_index i
                        WHERE i.id_hash = ANY (community.blind_index_all(community._id_index_text(p_id_kind, p_id_no), 'person.id_no'))) THEN
                RETURN NULL;
            END IF;
            INSERT INTO community.person_index AS i (id_hash, community_id, person_id)
            VALUES (v_hash, p_community_id, v_person_id)
            ON CONFLICT (id_hash) DO NOTHING;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
        END IF;
    END IF;
    v_key := community.data_key_new(v_place);
    INSERT INTO community.person (community_id, person_id, stat_key, name_sealed, id_no_sealed, phone_sealed, id_kind, id_hash, name_hash, phone_hash,
                                  birth_year, sex, source)
    VALUES (p_community_id, v_person_id, coalesce(p_stat_key, ('x' || encode(substr(sha256(v_key), 1, 8), 'hex'))::bit(64)::bigint),
            community.seal_under(v_key, v_place, p_name, community._person_place('name', p_community_id, v_person_id)),
            community.seal_under(v_key, v_place, p_id_no, community._person_place('id_no', p_community_id, v_person_id)),
            community.seal_under(v_key, v_place, p_phone, community._person_place('phone', p_community_id, v_person_id)),
            p_id_kind, v_hash, community.blind_index(p_name, 'person.name'),
            community.blind_index(translate(p_phone, ' -', ''), 'person.phone'),
            coalesce(p_birth_year, CASE WHEN v_resident THEN extract(year FROM community.resident_id_birth(p_id_no)) END),
            CASE WHEN v_resident THEN community.resident_id_sex(p_id_no) ELSE coalesce(p_sex, 'unknown') END, p_source);
    INSERT INTO community.person_key (community_id, person_id, data_key) VALUES (p_community_id, v_person_id, v_key);
    RETURN v_person_id;
END
$$;
COMMENT ON FUNCTION community._person_insert(bigint, text, text, text, text, integer, text, text, bigint, boolean) IS 'Enter a checked person under a new data key and return the number, or NULL when the document is on record in the city (p_indexed false: the index is left to the caller). / 以新数据密钥登记已校验的人员并返回编号；证件全市已有则返回空。';

CREATE OR REPLACE FUNCTION community._person_lock(p_community_id bigint, p_person_id bigint)
RETURNS community.person LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
BEGIN
    SELECT * INTO v_person FROM community.person p
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('person_not_found', p_person_id::text, p_community_id::text);
    END IF;
    IF v_person.status <> 'active' THEN
        PERFORM community.refuse('person_closed', p_person_id::text, v_person.status);
    END IF;
    RETURN v_person;
END
$$;
COMMENT ON FUNCTION community._person_lock(bigint, bigint) IS 'Lock an active person for a change. Refuses person_not_found, person_closed. / 锁定在册人员以便变更；不存在或已销档则拒绝。';

CREATE OR REPLACE FUNCTION community._person_in_scope(p_capability text, p_community_id bigint, p_person_id bigint)
RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN community.has_capability(p_capability, p_community_id)
        OR EXISTS (SELECT FROM (SELECT DISTINCT r.place_id
                                  FROM community.residence r
                                 WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND r.suspended_by IS NULL
                                   AND r.place_id <> p_community_id AND r.valid @> CURRENT_DATE) o
                    WHERE community.has_capability(p_capability, o.place_id));
END
$$;
COMMENT ON FUNCTION community._person_in_scope(text, bigint, bigint) IS 'Tell whether the caller has a capability where the person is kept, or where the person is registered, lives or works today. / 调用者在建档社区或该人现登记、居住、工作的社区是否拥有权限。';

CREATE OR REPLACE FUNCTION community.person_add(p_community_id bigint, p_name text, p_id_kind text DEFAULT NULL, p_id_no text DEFAULT NULL,
    p_phone text DEFAULT NULL, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_name text := btrim(p_name);
    v_id_no text := upper(nullif(btrim(p_id_no), ''));
    v_id_kind text := nullif(p_id_kind, '');
    v_phone text := nullif(btrim(p_phone), '');
    v_birth_year integer;
    v_sex text := coalesce(p_doc ->> 'sex', 'unknown');
    v_problem record;
    v_person_id bigint;
BEGIN
    PERFORM community._community_known(p_community_id);
    PERFORM community.require_capability('person_write', p_community_id);
    IF p_doc ->> 'birth_year' !~ '^\d{4}$' THEN
        PERFORM community.refuse('birth_year_invalid');
    END IF;
    v_birth_year := (p_doc ->> 'birth_year')::integer;
    SELECT * INTO v_problem FROM community._person_problem(v_name, v_id_kind, v_id_no, v_phone, v_birth_year, v_sex);
    IF v_problem.reason IS NOT NULL THEN
        PERFORM community.refuse(v_problem.reason);
    END IF;
    v_person_id := community._person_insert(p_community_id, v_name, v_id_kind, v_id_no, v_phone, v_birth_year, v_sex, p_doc ->> 'source');
    IF v_person_id IS NULL THEN
        PERFORM community.refuse('person_known');
    END IF;
    IF p_doc ? 'residence' THEN
        PERFORM community.residence_add(p_community_id, v_person_id, p_doc #>> '{residence,kind}',
                                        coalesce((p_doc #>> '{residence,since}')::date, CURRENT_DATE), p_doc -> 'residence');
    END IF;
    RETURN v_person_id;
END
$$;
COMMENT ON FUNCTION community.person_add(bigint, text, text, text, text, jsonb) IS 'Enter a person: name, document (resident_id, passport, permit, birth_certificate, other) and phone are sealed; p_doc may hold sex, birth_year (both read from a resident id), source, residence (kind, since and what residence_add takes). Pass the values as bound parameters only: literals stand in logs. Needs the capability person_write. Refuses person_known when the document is on record anywhere in the city, and what is invalid, by name. / 登记人员：姓名、证件、电话密封存放；证件全市已有或数据有误则拒绝。务必以绑定参数传值。';

CREATE OR REPLACE FUNCTION community.person_update(p_community_id bigint, p_person_id bigint, p_doc jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
    v_key bytea;
    v_place text := community._person_place('key', p_community_id, p_person_id);
    v_name text;
    v_id_no text;
    v_phone text;
    v_hash bytea;
    v_problem record;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    v_person := community._person_lock(p_community_id, p_person_id);
    SELECT k.data_key INTO v_key FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_person_id;
    v_name := CASE WHEN p_doc ? 'name' THEN btrim(p_doc ->> 'name')
                   ELSE community.unseal_under(v_key, v_place, v_person.name_sealed, community._person_place('name', p_community_id, p_person_id)) END;
    v_id_no := CASE WHEN p_doc ? 'id_no' THEN upper(nullif(btrim(p_doc ->> 'id_no'), ''))
                    ELSE community.unseal_under(v_key, v_place, v_person.id_no_sealed, community._person_place('id_no', p_community_id, p_person_id)) END;
    v_phone := CASE WHEN p_doc ? 'phone' THEN nullif(btrim(p_doc ->> 'phone'), '')
                    ELSE community.unseal_under(v_key, v_place, v_person.phone_sealed, community._person_place('phone', p_community_id, p_person_id)) END;
    v_person.id_kind := CASE WHEN p_doc ? 'id_kind' THEN nullif(p_doc ->> 'id_kind', '') ELSE v_person.id_kind END;
    IF p_doc ->> 'birth_year' !~ '^\d{4}$' THEN
        PERFORM community.refuse('birth_year_invalid');
    END IF;
    v_person.birth_year := CASE WHEN p_doc ? 'birth_year' THEN (p_doc ->> 'birth_year')::smallint ELSE v_person.birth_year END;
    v_person.sex := CASE WHEN p_doc ? 'sex' THEN coalesce(p_doc ->> 'sex', 'unknown') ELSE v_person.sex END;
    IF v_person.id_kind = 'resident_id' AND (p_doc ? 'id_no' OR p_doc ? 'id_kind') AND community.resident_id_valid(v_id_no) THEN
        v_person.birth_year := extract(year FROM community.resident_id_birth(v_id_no));
        v_person.sex := community.resident_id_sex(v_id_no);
    END IF;
    SELECT * INTO v_problem FROM community._person_problem(v_name, v_person.id_kind, v_id_no, v_phone, v_person.birth_year, v_person.sex);
    IF v_problem.reason IS NOT NULL THEN
        PERFORM community.refuse(v_problem.reason);
    END IF;
    v_hash := community.blind_index(community._id_index_text(v_person.id_kind, v_id_no), 'person.id_no');
    IF (v_hash = v_person.id_hash) IS NOT TRUE THEN
        DELETE FROM community.person_index i WHERE i.id_hash = v_person.id_hash AND i.community_id = p_community_id AND i.person_id = p_person_id;
        IF v_hash IS NOT NULL THEN
            -- Hashes under former keys of the ring count until they are made anew.
            IF EXISTS (SELECT FROM community.person_index i
                        WHERE i.id_hash = ANY (community.blind_index_all(community._id_index_text(v_person.id_kind, v_id_no), 'person.id_no'))) THEN
                PERFORM community.refuse('person_known');
            END IF;
            INSERT INTO community.person_index AS i (id_hash, community_id, person_id) VALUES (v_hash, p_community_id, p_person_id)
            ON CONFLICT (id_hash) DO NOTHING;
            IF NOT FOUND THEN
                PERFORM community.refuse('person_known');
            END IF;
        END IF;
    END IF;
    UPDATE community.person p
       SET name_sealed = community.seal_under(v_key, v_place, v_name, community._person_place('name', p_community_id, p_person_id)),
           id_no_sealed = community.seal_under(v_key, v_place, v_id_no, community._person_place('id_no', p_community_id, p_person_id)),
           phone_sealed = community.seal_under(v_key, v_place, v_phone, community._person_place('phone', p_community_id, p_person_id)),
           id_kind = v_person.id_kind, id_hash = v_hash, name_hash = community.blind_index(v_name, 'person.name'),
           phone_hash = community.blind_index(translate(v_phone, ' -', ''), 'person.phone'),
           birth_year = v_person.birth_year, sex = v_person.sex
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id;
    UPDATE community.residence r SET birth_year = v_person.birth_year, sex = v_person.sex
     WHERE r.community_id = p_community_id AND r.person_id = p_person_id
       AND (r.birth_year IS DISTINCT FROM v_person.birth_year OR r.sex <> v_person.sex);
    PERFORM community.audit_write(p_community_id, 'person_update', 'person/' || p_person_id, 'correction', 1,
                                  jsonb_build_object('fields', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(p_doc) k)));
END
$$;
COMMENT ON FUNCTION community.person_update(bigint, bigint, jsonb) IS 'Change what the document names of a person: name, id_kind, id_no, phone, birth_year, sex; audited by the names of the fields. Needs the capability person_write. Refuses what person_add refuses, person_not_found, person_closed. / 更正人员信息中文档所列各项并留审计；校验同新增。';

CREATE OR REPLACE FUNCTION community.person_masked(p_community_id bigint, p_person_id bigint)
RETURNS TABLE (community_id bigint, person_id bigint, name text, id_kind text, id_no text, phone text, birth_year integer, sex text, status text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_key bytea;
    v_place text := community._person_place('key', p_community_id, p_person_id);
BEGIN
    IF NOT community._person_in_scope('person_read', p_community_id, p_person_id) THEN
        PERFORM community.refuse('capability_missing', community.actor(), 'person_read', p_community_id::text);
    END IF;
    SELECT k.data_key INTO v_key FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_person_id;
    RETURN QUERY
    SELECT p.community_id, p.person_id,
           community.name_mask(community.unseal_under(v_key, v_place, p.name_sealed, community._person_place('name', p.community_id, p.person_id))),
           p.id_kind,
           CASE WHEN p.id_kind = 'resident_id'
                THEN community.resident_id_mask(community.unseal_under(v_key, v_place, p.id_no_sealed, community._person_place('id_no', p.community_id, p.person_id)))
                WHEN p.id_no_sealed IS NOT NULL THEN '********' END,
           community.phone_mask(community.unseal_under(v_key, v_place, p.phone_sealed, community._person_place('phone', p.community_id, p.person_id))),
           p.birth_year::integer, p.sex, p.status
      FROM community.person p
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id;
END
$$;
COMMENT ON FUNCTION community.person_masked(bigint, bigint) IS 'Show a person with name, number and phone masked, no row when there is none. Needs the capability person_read where the person is kept, registered, lives or works. / 以脱敏形式显示人员，无则无行；需在相关社区有 person_read 权限。';

CREATE OR REPLACE FUNCTION community.person_find(p_community_id bigint, p_field text, p_value text)
RETURNS TABLE (community_id bigint, person_id bigint, name text, id_kind text, id_no text, phone text, birth_year integer, sex text, status text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_ids bigint[];
BEGIN
    PERFORM community.require_capability('person_read', p_community_id);
    IF p_field = 'id_no' THEN
        SELECT array_agg(p.person_id) INTO v_ids
          FROM community.person p
         WHERE p.community_id = p_community_id AND p.status = 'active'
           AND p.id_hash = ANY (ARRAY(SELECT h
                  FROM unnest('{resident_id,passport,permit,birth_certificate,other}'::text[]) k
                 CROSS JOIN LATERAL unnest(community.blind_index_all(community._id_index_text(k, btrim(p_value)), 'person.id_no')) h));
    ELSIF p_field = 'phone' THEN
        SELECT array_agg(p.person_id) INTO v_ids
          FROM community.person p
         WHERE p.community_id = p_community_id AND p.status = 'active'
           AND p.phone_hash = ANY (community.blind_index_all(translate(btrim(p_value), ' -', ''), 'person.phone'));
    ELSIF p_field = 'name' THEN
        SELECT array_agg(p.person_id) INTO v_ids
          FROM community.person p
         WHERE p.community_id = p_community_id AND p.status = 'active'
           AND p.name_hash = ANY (community.blind_index_all(btrim(p_value), 'person.name'));
    ELSE
        PERFORM community.refuse('find_field_invalid', p_field);
    END IF;
    RETURN QUERY
    SELECT m.*
      FROM unnest(v_ids) i
     CROSS JOIN LATERAL community.person_masked(p_community_id, i) m
     ORDER BY m.person_id
     LIMIT 100;
END
$$;
COMMENT ON FUNCTION community.person_find(bigint, text, text) IS 'Find active persons of one community by a whole value: p_field is id_no, phone or name; masked, at most 100. Nothing is told of other communities. Needs the capability person_read. Refuses find_field_invalid, capability_missing. / 按完整的证件号、电话或姓名在本社区查找，结果脱敏，至多 100 条。';
