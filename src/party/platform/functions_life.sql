-- Duplicates, erasure, anonymisation, and keys that rotate.

CREATE OR REPLACE FUNCTION community.person_merge(p_community_id bigint, p_kept_id bigint, p_merged_id bigint, p_reason text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_kept community.person;
    v_merged community.person;
    v_merge bigint := nextval('community.person_merge_seq');
    v_takes boolean;
    v_key bytea;
    v_number text;
BEGIN
    PERFORM community.require_capability('person_merge', p_community_id);
    IF p_kept_id = p_merged_id OR coalesce(btrim(p_reason), '') = '' THEN
        PERFORM community.refuse('merge_invalid');
    END IF;
    -- In order of number, so that two merges of one pair cannot lock each other.
    PERFORM community._person_lock(p_community_id, least(p_kept_id, p_merged_id));
    PERFORM community._person_lock(p_community_id, greatest(p_kept_id, p_merged_id));
    SELECT * INTO v_kept FROM community.person p WHERE p.community_id = p_community_id AND p.person_id = p_kept_id;
    SELECT * INTO v_merged FROM community.person p WHERE p.community_id = p_community_id AND p.person_id = p_merged_id;
    IF v_kept.id_hash <> v_merged.id_hash AND v_kept.id_kind = v_merged.id_kind THEN
        PERFORM community.refuse('merge_numbers', p_kept_id::text, p_merged_id::text);
    END IF;
    v_takes := v_kept.id_hash IS NULL AND v_merged.id_hash IS NOT NULL;
    INSERT INTO community.person_merge (community_id, merge_id, kept_id, merged_id, reason, took_number, actor)
    VALUES (p_community_id, v_merge, p_kept_id, p_merged_id, btrim(p_reason), v_takes, community.actor());
    UPDATE community.residence r SET suspended_by = v_merge
     WHERE r.community_id = p_community_id AND r.person_id = p_merged_id AND r.suspended_by IS NULL;
    INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, outside, valid, stat_key, birth_year, sex, merge_id)
    SELECT r.community_id, p_kept_id, r.kind, r.lives, r.place_id, r.grid_id, r.address_id, r.outside, r.valid,
           v_kept.stat_key, v_kept.birth_year, v_kept.sex, v_merge
      FROM community.residence r
     WHERE r.community_id = p_community_id AND r.person_id = p_merged_id AND r.suspended_by = v_merge
       AND NOT EXISTS (SELECT FROM community.residence k
                        WHERE k.community_id = p_community_id AND k.person_id = p_kept_id AND k.suspended_by IS NULL
                          AND k.valid && r.valid AND (k.kind = r.kind OR (k.lives AND r.lives)));
    UPDATE community.care_tag t SET suspended_by = v_merge
     WHERE t.community_id = p_community_id AND t.person_id = p_merged_id AND t.suspended_by IS NULL;
    INSERT INTO community.care_tag (community_id, person_id, tag, valid, source, merge_id)
    SELECT t.community_id, p_kept_id, t.tag, t.valid, t.source, v_merge
      FROM community.care_tag t
     WHERE t.community_id = p_community_id AND t.person_id = p_merged_id AND t.suspended_by = v_merge
       AND NOT EXISTS (SELECT FROM community.care_tag k
                        WHERE k.community_id = p_community_id AND k.person_id = p_kept_id AND k.suspended_by IS NULL
                          AND k.tag = t.tag AND k.valid && t.valid);
    UPDATE community.household_member m SET suspended_by = v_merge
     WHERE m.community_id = p_community_id AND m.person_id = p_merged_id AND m.suspended_by IS NULL;
    INSERT INTO community.household_member (community_id, household_id, person_id, relation, valid, merge_id)
    SELECT m.community_id, m.household_id, p_kept_id, m.relation, m.valid, v_merge
      FROM community.household_member m
     WHERE m.community_id = p_community_id AND m.person_id = p_merged_id AND m.suspended_by = v_merge
       AND NOT EXISTS (SELECT FROM community.household_member k
                        WHERE k.community_id = p_community_id AND k.person_id = p_kept_id AND k.suspended_by IS NULL AND k.valid && m.valid);
    UPDATE community.person p SET status = 'merged', closed_on = CURRENT_DATE, closed_at = now(), merged_into_id = p_kept_id
     WHERE p.community_id = p_community_id AND p.person_id = p_merged_id;
    UPDATE community.person_index i SET person_id = p_kept_id
     WHERE i.community_id = p_community_id AND i.person_id = p_merged_id;
    IF v_takes THEN
        SELECT community.unseal_under(k.data_key, community._person_place('key', p_community_id, p_merged_id), v_merged.id_no_sealed,
                                      community._person_place('id_no', p_community_id, p_merged_id)) INTO v_number
          FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_merged_id;
        SELECT k.data_key INTO v_key FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_kept_id;
        UPDATE community.person p
           SET id_kind = v_merged.id_kind, id_hash = v_merged.id_hash,
               id_no_sealed = community.seal_under(v_key, community._person_place('key', p_community_id, p_kept_id), v_number,
                                                   community._person_place('id_no', p_community_id, p_kept_id))
         WHERE p.community_id = p_community_id AND p.person_id = p_kept_id;
    END IF;
    PERFORM community.audit_write(p_community_id, 'person_merge', 'person/' || p_kept_id, 'register', 1,
                                  jsonb_build_object('merge', v_merge, 'merged', p_merged_id));
    RETURN v_merge;
END
$$;
COMMENT ON FUNCTION community.person_merge(bigint, bigint, bigint, text) IS 'Merge a duplicate into the record that stays, and return the number of the merge, by which it can be undone. Residences, tags and memberships of households that the kept record lacks are added to it; where both know the same time, the kept record counts. Consents and guardianships stay with the duplicate: they are given anew. Two records with different numbers of one kind are no duplicates. Needs the capability person_merge. Refuses merge_invalid, merge_numbers, person_not_found, person_closed. / 将重复档案并入保留档案并返回合并编号（可撤销）；居住、标签与户内身份随之转入，同意与监护须重新办理；同类证件号不同者不可合并。';

CREATE OR REPLACE FUNCTION community.person_unmerge(p_community_id bigint, p_merge_id bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_merge community.person_merge;
    v_hash bytea;
    v_household bigint;
BEGIN
    PERFORM community.require_capability('person_merge', p_community_id);
    SELECT * INTO v_merge FROM community.person_merge m
     WHERE m.community_id = p_community_id AND m.merge_id = p_merge_id AND m.undone_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('merge_not_found', p_merge_id::text);
    END IF;
    PERFORM community._person_lock(p_community_id, v_merge.kept_id);
    SELECT p.id_hash INTO v_hash FROM community.person p
     WHERE p.community_id = p_community_id AND p.person_id = v_merge.merged_id AND p.status = 'merged' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('person_closed', v_merge.merged_id::text, 'erased');
    END IF;
    DELETE FROM community.residence r WHERE r.community_id = p_community_id AND r.person_id = v_merge.kept_id AND r.merge_id = p_merge_id;
    UPDATE community.residence r SET suspended_by = NULL WHERE r.community_id = p_community_id AND r.suspended_by = p_merge_id;
    DELETE FROM community.care_tag t WHERE t.community_id = p_community_id AND t.person_id = v_merge.kept_id AND t.merge_id = p_merge_id;
    UPDATE community.care_tag t SET suspended_by = NULL WHERE t.community_id = p_community_id AND t.suspended_by = p_merge_id;
    DELETE FROM community.household_member m WHERE m.community_id = p_community_id AND m.person_id = v_merge.kept_id AND m.merge_id = p_merge_id;
    SELECT m.household_id INTO v_household
      FROM community.household_member m
      JOIN community.household_member o ON o.community_id = m.community_id AND o.household_id = m.household_id AND o.valid && m.valid
     WHERE m.community_id = p_community_id AND m.suspended_by = p_merge_id AND m.relation = 'head' AND o.relation = 'head' AND o.suspended_by IS NULL
     LIMIT 1;
    IF FOUND THEN
        PERFORM community.refuse('household_member_overlap', v_merge.merged_id::text, v_household::text);
    END IF;
    UPDATE community.household_member m SET suspended_by = NULL WHERE m.community_id = p_community_id AND m.suspended_by = p_merge_id;
    -- A number that was corrected since is the kept record's own.
    UPDATE community.person p SET id_kind = NULL, id_hash = NULL, id_no_sealed = NULL
     WHERE p.community_id = p_community_id AND p.person_id = v_merge.kept_id AND v_merge.took_number AND p.id_hash = v_hash;
    IF v_hash IS NOT NULL THEN
        INSERT INTO community.person_index AS i (id_hash, community_id, person_id)
        VALUES (v_hash, p_community_id, v_merge.merged_id)
        ON CONFLICT (id_hash) DO UPDATE SET person_id = excluded.person_id
         WHERE i.community_id = p_community_id AND i.person_id IN (v_merge.kept_id, v_merge.merged_id);
        IF NOT FOUND THEN
            PERFORM community.refuse('person_known');
        END IF;
    END IF;
    UPDATE community.person p SET status = 'active', closed_on = NULL, closed_at = NULL, merged_into_id = NULL
     WHERE p.community_id = p_community_id AND p.person_id = v_merge.merged_id;
    UPDATE community.person_merge m SET undone_at = now(), undone_by = community.actor()
     WHERE m.community_id = p_community_id AND m.merge_id = p_merge_id;
    PERFORM community.audit_write(p_community_id, 'person_unmerge', 'person/' || v_merge.merged_id, 'register', 1, jsonb_build_object('merge', p_merge_id));
END
$$;
COMMENT ON FUNCTION community.person_unmerge(bigint, bigint) IS 'Undo a merge: the duplicate is active again with all that it had, and the kept record loses what it took, but not a number that was corrected since. Needs the capability person_merge. Refuses merge_not_found, person_closed when one of them was closed or erased since, person_known when the number of the duplicate was entered anew meanwhile, household_member_overlap when a household that it headed has another head by now. / 撤销合并：被并档案恢复，保留档案退回所取内容（其后更正的证件号除外）；证件号已另行建档或原户已有新户主则拒绝。';

CREATE OR REPLACE FUNCTION community._person_wipe(p_community_id bigint, p_person_id bigint, p_status text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    DELETE FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_person_id;
    DELETE FROM community.person_index i WHERE i.community_id = p_community_id AND i.person_id = p_person_id;
    UPDATE community.person p
       SET name_sealed = NULL, id_no_sealed = NULL, phone_sealed = NULL, id_kind = NULL, id_hash = NULL, name_hash = NULL, phone_hash = NULL,
           status = p_status, closed_on = coalesce(p.closed_on, CURRENT_DATE), closed_at = coalesce(p.closed_at, now()), died_on = NULL
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id;
    -- The grid stays for statistics, the door does not.
    UPDATE community.residence r SET address_id = NULL, outside = CASE WHEN r.outside IS NOT NULL THEN '' END
     WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND (r.address_id IS NOT NULL OR r.outside <> '');
    -- Words that people wrote may name anyone.
    UPDATE community.consent c SET evidence = 'erased', withdrawn_at = coalesce(c.withdrawn_at, now())
     WHERE c.community_id = p_community_id AND c.person_id = p_person_id;
    UPDATE community.guardian g SET document = 'erased'
     WHERE g.community_id = p_community_id AND g.person_id = p_person_id;
    UPDATE community.person_merge m SET reason = 'erased'
     WHERE m.community_id = p_community_id AND p_person_id IN (m.kept_id, m.merged_id);
    DELETE FROM community.household_member m WHERE m.community_id = p_community_id AND m.person_id = p_person_id;
    PERFORM community._follow('person', p_community_id, p_person_id, 'erase');
END
$$;
COMMENT ON FUNCTION community._person_wipe(bigint, bigint, text) IS 'Take everything from a record that tells who it was: the data key goes, so older copies of sealed values open no more; words of consents, guardianships and merges go, and consents end; other modules follow (register_follower(), event erase). Birth year, sex and grid stay for statistics. / 清除可识别身份的内容：销毁数据密钥，抹去同意、监护与合并的文字并终止同意，仅留出生年、性别与网格供统计。';

CREATE OR REPLACE FUNCTION community.person_erase(p_community_id bigint, p_person_id bigint, p_reason text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
    v_kept bigint;
    v_record record;
    v_done bigint := 0;
BEGIN
    PERFORM community.require_capability('person_erase', p_community_id);
    -- A duplicate alone would leave the person known under the record that was kept.
    SELECT k.person_id INTO v_kept
      FROM community.person p
      JOIN community.person k ON k.community_id = p.community_id AND k.person_id = p.merged_into_id
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id AND p.status = 'merged' AND k.status NOT IN ('erased', 'anonymised');
    IF FOUND THEN
        RETURN community.person_erase(p_community_id, v_kept, p_reason);
    END IF;
    SELECT * INTO v_person FROM community.person p
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('person_not_found', p_person_id::text, p_community_id::text);
    END IF;
    IF v_person.status = 'merged' AND EXISTS (SELECT FROM community.person k WHERE k.community_id = p_community_id AND k.person_id = v_person.merged_into_id
                                                 AND k.status NOT IN ('erased', 'anonymised')) THEN
        -- Merged while this waited for the record.
        RETURN community.person_erase(p_community_id, p_person_id, p_reason);
    END IF;
    IF v_person.status IN ('erased', 'anonymised') THEN
        PERFORM community.refuse('person_closed', p_person_id::text, v_person.status);
    END IF;
    IF coalesce(btrim(p_reason), '') = '' THEN
        PERFORM community.refuse('erase_invalid');
    END IF;
    IF v_person.status = 'active' THEN
        PERFORM community._person_end(v_person, 'departed', CURRENT_DATE);
    END IF;
    -- Duplicates and the records left behind by moves are the same person.
    FOR v_record IN
        SELECT p.community_id, p.person_id
          FROM community._person_same(p_community_id, p_person_id) s JOIN community.person p USING (community_id, person_id)
         WHERE p.status NOT IN ('erased', 'anonymised')
         ORDER BY p.community_id, p.person_id
    LOOP
        PERFORM community._person_wipe(v_record.community_id, v_record.person_id, 'erased');
        PERFORM community.audit_write(v_record.community_id, 'person_erase', 'person/' || v_record.person_id, 'erasure', 1, jsonb_build_object('reason', p_reason));
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END
$$;
COMMENT ON FUNCTION community.person_erase(bigint, bigint, text) IS 'Erase who a person was on request, with duplicates, the record that a duplicate was merged into, and the records that moves left behind: data keys, sealed values, hashes, doors and the words of consents, guardianships and merges go, and what other modules hold of the person (register_follower()): all or nothing; counts and the ledger stay. Returns how many records. The reason goes into the audit: write no personal data in it. Needs the capability person_erase. Refuses person_not_found, person_closed, erase_invalid. / 应请求删除个人身份（含重复档与迁移旧档），仅保留统计计数；返回处理的档案数。';

CREATE OR REPLACE FUNCTION community._job_party_retention(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_record record;
    v_rows bigint;
    v_done bigint := 0;
BEGIN
    FOR v_record IN
        SELECT p.community_id, p.person_id
          FROM community.person p
         WHERE p.closed_on IS NOT NULL AND p.status NOT IN ('erased', 'anonymised')
           AND p.closed_on < (p_now - community._keep('party.keep_person', 'person_key'))::date
           -- A day that was stated wrongly destroys nothing.
           AND p.closed_at < p_now - community._keep('party.keep_person', 'person_key')
         ORDER BY p.closed_on
         LIMIT 10000
           FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        PERFORM community._person_wipe(v_record.community_id, v_record.person_id, 'anonymised');
        v_done := v_done + 1;
    END LOOP;
    DELETE FROM community.access_ticket t WHERE t.opened_at < p_now - community._keep('party.keep_ticket', 'access_ticket');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_done := v_done + v_rows;
    -- Lines of batches that nobody finished.
    DELETE FROM community.person_stage s
     WHERE NOT EXISTS (SELECT FROM community.import_batch b
                        WHERE b.batch_id = s.batch_id AND b.finished_at IS NULL AND b.opened_at > p_now - interval '7 days');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_done + v_rows;
END
$$;
COMMENT ON FUNCTION community._job_party_retention(timestamptz) IS 'Job party.retention: anonymise records that were closed longer ago than person_key may be kept, delete old tickets and forgotten lines of imports; returns how many. / 作业 party.retention：将超过保存期限的已销档案匿名化，清除旧凭单与遗留导入行，返回数目。';

CREATE OR REPLACE FUNCTION community.person_rekey(p_limit integer DEFAULT 10000)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_seal integer;
    v_index bytea;
    v_row record;
    v_place text;
    v_hash bytea;
    v_name text;
    v_number text;
    v_phone text;
    v_key bytea;
    v_done bigint := 0;
BEGIN
    PERFORM community.require_capability('key', NULL);
    SELECT k.key_id INTO v_seal FROM community.key_ring() k WHERE k.use IN ('seal-aes', 'seal-sm4') AND k.state = 'active';
    v_index := substr(community.blind_index('', 'person.name'), 1, 2);
    IF v_seal IS NULL THEN
        PERFORM community.refuse('key_absent');
    END IF;
    FOR v_row IN
        SELECT p.*, k.data_key
          FROM community.person p JOIN community.person_key k ON k.community_id = p.community_id AND k.person_id = p.person_id
         WHERE community.seal_key_id(k.data_key) <> v_seal OR substr(p.name_hash, 1, 2) <> v_index
         ORDER BY p.community_id, p.person_id
         LIMIT p_limit
           FOR NO KEY UPDATE OF p SKIP LOCKED
    LOOP
        v_place := community._person_place('key', v_row.community_id, v_row.person_id);
        v_name := community.unseal_under(v_row.data_key, v_place, v_row.name_sealed, community._person_place('name', v_row.community_id, v_row.person_id));
        v_number := community.unseal_under(v_row.data_key, v_place, v_row.id_no_sealed, community._person_place('id_no', v_row.community_id, v_row.person_id));
        v_phone := community.unseal_under(v_row.data_key, v_place, v_row.phone_sealed, community._person_place('phone', v_row.community_id, v_row.person_id));
        v_key := community.data_key_new(v_place);
        v_hash := community.blind_index(community._id_index_text(v_row.id_kind, v_number), 'person.id_no');
        UPDATE community.person_index i SET id_hash = v_hash WHERE i.id_hash = v_row.id_hash AND v_hash IS NOT NULL;
        UPDATE community.person p
           SET name_sealed = community.seal_under(v_key, v_place, v_name, community._person_place('name', p.community_id, p.person_id)),
               id_no_sealed = community.seal_under(v_key, v_place, v_number, community._person_place('id_no', p.community_id, p.person_id)),
               phone_sealed = community.seal_under(v_key, v_place, v_phone, community._person_place('phone', p.community_id, p.person_id)),
               id_hash = v_hash, name_hash = community.blind_index(v_name, 'person.name'),
               phone_hash = community.blind_index(translate(v_phone, ' -', ''), 'person.phone')
         WHERE p.community_id = v_row.community_id AND p.person_id = v_row.person_id;
        UPDATE community.person_key k SET data_key = v_key WHERE k.community_id = v_row.community_id AND k.person_id = v_row.person_id;
        v_done := v_done + 1;
    END LOOP;
    IF v_done > 0 THEN
        PERFORM community.audit_write(NULL, 'person_rekey', 'person', 'keys', v_done, jsonb_build_object('key', v_seal));
    END IF;
    RETURN v_done;
END
$$;
COMMENT ON FUNCTION community.person_rekey(integer) IS 'Seal persons anew under the active keys of the ring after a rotation: data keys, values and hashes; at most p_limit, and returns how many: repeat until 0, then the old keys may leave the ring. Needs the capability key. Refuses key_absent, capability_missing. / 密钥轮换后以现用密钥重新密封人员数据（数据密钥、密封值、盲索引），返回处理数，重复至 0。';

CREATE OR REPLACE FUNCTION community.party_health()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_stale bigint;
    v_seal integer;
BEGIN
    SELECT k.key_id INTO v_seal FROM community.key_ring() k WHERE k.use IN ('seal-aes', 'seal-sm4') AND k.state = 'active';
    IF v_seal IS NULL THEN
        IF EXISTS (SELECT FROM community.person_key) THEN
            RETURN QUERY SELECT 'error', 'key ring', 'persons are on record, but the key ring has no active key for seals';
        END IF;
        RETURN;
    END IF;
    SELECT count(*) INTO v_stale
      FROM (SELECT FROM community.person_key k WHERE community.seal_key_id(k.data_key) <> v_seal LIMIT 100000) s;
    IF v_stale > 0 THEN
        RETURN QUERY SELECT 'warn', 'person_key', format('%s persons are sealed under a former key: run community.person_rekey()', v_stale);
    END IF;
    RETURN QUERY
    SELECT 'warn', format('import %s', b.batch_id), format('opened %s, not finished', b.opened_at::date)
      FROM community.import_batch b WHERE b.finished_at IS NULL AND b.opened_at < now() - interval '1 day';
END
$$;
COMMENT ON FUNCTION community.party_health() IS 'Health of party: no key for seals, persons under former keys, imports that nobody finished. / 人模块健康检查：缺少密封密钥、旧密钥下的人员、未完成的导入。';
