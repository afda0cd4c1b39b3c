-- Where people live: residences, households, moving, death, departure.

CREATE OR REPLACE FUNCTION community._residence_insert(p_person community.person, p_kind text, p_since date, p_until date, p_lives boolean,
    p_place_id bigint, p_grid_id bigint, p_address_id bigint, p_outside text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
BEGIN
    INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, outside, valid, stat_key, birth_year, sex)
    VALUES (p_person.community_id, p_person.person_id, p_kind, p_lives, p_place_id, p_grid_id, p_address_id, p_outside,
            daterange(p_since, p_until), p_person.stat_key, p_person.birth_year, p_person.sex)
    RETURNING residence_id INTO v_new;
    RETURN v_new;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('residence_overlap', p_person.person_id::text, p_kind);
END
$$;
COMMENT ON FUNCTION community._residence_insert(community.person, text, date, date, boolean, bigint, bigint, bigint, text) IS 'Enter a checked residence of a person. Refuses residence_overlap. / 登记已校验的居住记录；时段重叠则拒绝。';

CREATE OR REPLACE FUNCTION community.residence_add(p_community_id bigint, p_person_id bigint, p_kind text, p_since date DEFAULT CURRENT_DATE, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
    v_outside text := nullif(p_doc ->> 'outside', '');
    v_place bigint := CASE WHEN v_outside IS NULL THEN coalesce((p_doc ->> 'place_id')::bigint, p_community_id) END;
    v_grid bigint := (p_doc ->> 'grid_id')::bigint;
    v_address bigint := (p_doc ->> 'address_id')::bigint;
    v_until date := (p_doc ->> 'until')::date;
    v_lives boolean := (p_doc ->> 'lives')::boolean;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    v_person := community._person_lock(p_community_id, p_person_id);
    IF p_kind IS NULL OR p_kind NOT IN ('registered', 'floating', 'overseas', 'workplace') THEN
        PERFORM community.refuse('residence_kind_invalid', p_kind);
    END IF;
    IF p_since IS NULL OR NOT isfinite(p_since) OR v_until <= p_since OR (p_kind = 'workplace' AND v_lives) THEN
        PERFORM community.refuse('residence_invalid');
    END IF;
    IF v_place IS NOT NULL THEN
        PERFORM community._community_known(v_place);
    ELSIF coalesce(v_grid, v_address) IS NOT NULL OR p_doc ? 'grid_code' THEN
        PERFORM community.refuse('residence_invalid');
    END IF;
    IF v_address IS NOT NULL THEN
        SELECT coalesce(v_grid, a.grid_id) INTO v_grid
          FROM community.address a WHERE a.community_id = v_place AND a.address_id = v_address;
        IF NOT FOUND THEN
            PERFORM community.refuse('residence_place_unknown', v_place::text);
        END IF;
    END IF;
    IF v_grid IS NULL AND p_doc ? 'grid_code' THEN
        SELECT g.grid_id INTO v_grid FROM community.grid g
         WHERE g.community_id = v_place AND g.kind = 'unit' AND g.code = (p_doc ->> 'grid_code')::community.gridcode
           AND g.valid && daterange(p_since, v_until)
         ORDER BY lower(g.valid) NULLS FIRST LIMIT 1;
        IF NOT FOUND THEN
            PERFORM community.refuse('residence_place_unknown', v_place::text);
        END IF;
    ELSIF v_grid IS NOT NULL AND NOT EXISTS (SELECT FROM community.grid g WHERE g.community_id = v_place AND g.grid_id = v_grid AND g.kind = 'unit') THEN
        PERFORM community.refuse('residence_place_unknown', v_place::text);
    END IF;
    IF (p_doc ->> 'replace')::boolean THEN
        UPDATE community.residence r SET valid = daterange(lower(r.valid), p_since)
         WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND r.suspended_by IS NULL
           AND r.valid @> p_since AND lower(r.valid) < p_since
           AND (r.kind = p_kind OR (coalesce(v_lives, p_kind <> 'workplace') AND r.lives AND r.kind <> 'registered'));
        IF coalesce(v_lives, p_kind <> 'workplace') THEN
            -- The registration goes on, but the person lives there no more.
            WITH ended AS (
                UPDATE community.residence r SET valid = daterange(lower(r.valid), p_since)
                 WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND r.suspended_by IS NULL
                   AND r.valid @> p_since AND lower(r.valid) < p_since AND r.lives AND r.kind = 'registered'
                RETURNING r.*)
            INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, outside, valid, stat_key, birth_year, sex)
            SELECT e.community_id, e.person_id, e.kind, false, e.place_id, e.grid_id, e.address_id, e.outside,
                   daterange(p_since, NULL), e.stat_key, e.birth_year, e.sex FROM ended e;
        END IF;
    END IF;
    v_lives := coalesce(v_lives, p_kind <> 'workplace' AND NOT EXISTS (
        SELECT FROM community.residence r
         WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND r.suspended_by IS NULL AND r.lives
           AND r.valid && daterange(p_since, v_until)));
    RETURN community._residence_insert(v_person, p_kind, p_since, v_until, v_lives, v_place, v_grid, v_address, v_outside);
END
$$;
COMMENT ON FUNCTION community.residence_add(bigint, bigint, text, date, jsonb) IS 'Enter where a person is registered, floating, overseas or at work from a day; p_doc may hold place_id (default: the community that keeps the person), grid_id or grid_code (its first version in that time: people may live there longer than the grid exists), address_id, outside (division or country outside of the city), lives (default: when nothing else is lived at), until, replace (true ends what it overlaps: the same kind, and the place lived at before; a registration goes on as not lived at). Needs the capability person_write. Refuses residence_overlap, residence_kind_invalid, residence_place_unknown, residence_invalid, person_not_found, person_closed. / 登记某日起的户籍、流动、境外居住或工作地；replace 为真时终止与其重叠者；时段重叠则拒绝。';

CREATE OR REPLACE FUNCTION community.residence_end(p_community_id bigint, p_residence_id bigint, p_until date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    UPDATE community.residence r SET valid = daterange(lower(r.valid), p_until)
     WHERE r.community_id = p_community_id AND r.residence_id = p_residence_id AND r.suspended_by IS NULL
       AND lower(r.valid) < p_until AND r.valid @> (p_until - 1);
    IF NOT FOUND THEN
        PERFORM community.refuse('residence_not_found', p_residence_id::text, p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.residence_end(bigint, bigint, date) IS 'End a residence on a day, which is excluded; the row stays. Needs the capability person_write. Refuses residence_not_found. / 自某日起（不含）终止居住记录，记录保留。';

CREATE OR REPLACE FUNCTION community.household_add(p_community_id bigint, p_since date DEFAULT CURRENT_DATE, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    PERFORM community._community_known(p_community_id);
    INSERT INTO community.household (community_id, kind, address_id, grid_id, valid, source)
    SELECT p_community_id, coalesce(p_doc ->> 'kind', 'family'), (p_doc ->> 'address_id')::bigint,
           coalesce((p_doc ->> 'grid_id')::bigint, (SELECT a.grid_id FROM community.address a
                     WHERE a.community_id = p_community_id AND a.address_id = (p_doc ->> 'address_id')::bigint)),
           daterange(p_since, NULL), p_doc ->> 'source'
    RETURNING household_id INTO v_new;
    RETURN v_new;
EXCEPTION
    WHEN foreign_key_violation THEN
        PERFORM community.refuse('residence_place_unknown', p_community_id::text);
    WHEN check_violation THEN
        PERFORM community.refuse('household_form', coalesce(p_doc ->> 'kind', 'NULL'));
END
$$;
COMMENT ON FUNCTION community.household_add(bigint, date, jsonb) IS 'Enter a household from a day; p_doc may hold kind (family, collective), address_id, grid_id, source. Needs the capability person_write. Refuses residence_place_unknown, household_form for an unknown kind. / 自某日起立户。';

CREATE OR REPLACE FUNCTION community.household_join(p_community_id bigint, p_household_id bigint, p_person_id bigint, p_relation text, p_since date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    PERFORM community._person_lock(p_community_id, p_person_id);
    IF NOT EXISTS (SELECT FROM community.household h WHERE h.community_id = p_community_id AND h.household_id = p_household_id AND h.valid @> p_since) THEN
        PERFORM community.refuse('household_not_found', p_household_id::text, p_community_id::text);
    END IF;
    UPDATE community.household_member m SET valid = daterange(lower(m.valid), p_since)
     WHERE m.community_id = p_community_id AND m.person_id = p_person_id AND m.valid @> p_since AND lower(m.valid) < p_since
       AND m.suspended_by IS NULL;
    INSERT INTO community.household_member (community_id, household_id, person_id, relation, valid)
    VALUES (p_community_id, p_household_id, p_person_id, p_relation, daterange(p_since, NULL));
EXCEPTION
    WHEN exclusion_violation OR unique_violation THEN
        PERFORM community.refuse('household_member_overlap', p_person_id::text, p_household_id::text);
    WHEN check_violation OR not_null_violation THEN
        PERFORM community.refuse('household_form', coalesce(p_relation, 'NULL'));
END
$$;
COMMENT ON FUNCTION community.household_join(bigint, bigint, bigint, text, date) IS 'Let a person belong to a household from a day on, leaving the one before. Needs the capability person_write. Refuses household_not_found, household_member_overlap (also for a second head), person_not_found, person_closed, household_form for an unknown relation. / 自某日起加入某户并退出原户；户主重复或时段重叠则拒绝。';

CREATE OR REPLACE FUNCTION community._person_same(p_community_id bigint, p_person_id bigint)
RETURNS TABLE (community_id bigint, person_id bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE same AS (
        SELECT p_community_id AS c, p_person_id AS p
        UNION
        SELECT o.community_id, o.person_id
          FROM same s
          JOIN community.person o ON (o.community_id = s.c AND o.merged_into_id = s.p)
                                  OR (o.moved_community_id = s.c AND o.moved_person_id = s.p))
    SELECT s.c, s.p FROM same s ORDER BY 1, 2;
END;
COMMENT ON FUNCTION community._person_same(bigint, bigint) IS 'A record, the duplicates that were merged into it and the records that moves left behind, in order. / 某档案及并入它的重复档与迁移旧档，有序。';

CREATE OR REPLACE FUNCTION community._person_end(p_person community.person, p_status text, p_on date)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    DELETE FROM community.residence r
     WHERE r.community_id = p_person.community_id AND r.person_id = p_person.person_id AND lower(r.valid) >= p_on AND r.suspended_by IS NULL;
    UPDATE community.residence r SET valid = daterange(lower(r.valid), p_on)
     WHERE r.community_id = p_person.community_id AND r.person_id = p_person.person_id AND r.valid @> p_on AND r.suspended_by IS NULL;
    DELETE FROM community.care_tag t
     WHERE t.community_id = p_person.community_id AND t.person_id = p_person.person_id AND lower(t.valid) >= p_on AND t.suspended_by IS NULL;
    UPDATE community.care_tag t SET valid = daterange(lower(t.valid), p_on)
     WHERE t.community_id = p_person.community_id AND t.person_id = p_person.person_id AND t.valid @> p_on AND t.suspended_by IS NULL;
    DELETE FROM community.household_member m
     WHERE m.community_id = p_person.community_id AND m.person_id = p_person.person_id AND lower(m.valid) >= p_on AND m.suspended_by IS NULL;
    UPDATE community.household_member m SET valid = daterange(lower(m.valid), p_on)
     WHERE m.community_id = p_person.community_id AND m.person_id = p_person.person_id AND m.valid @> p_on AND m.suspended_by IS NULL;
    DELETE FROM community.guardian g
     WHERE lower(g.valid) >= p_on AND ((g.community_id = p_person.community_id AND g.person_id = p_person.person_id)
            OR (g.by_community_id = p_person.community_id AND g.by_person_id = p_person.person_id))
       AND NOT EXISTS (SELECT FROM community.proxy_act a WHERE a.community_id = g.community_id AND a.guardian_id = g.guardian_id);
    UPDATE community.guardian g SET valid = daterange(lower(g.valid), greatest(p_on, lower(g.valid) + 1))
     WHERE (g.valid @> p_on OR lower(g.valid) >= p_on)
       AND ((g.community_id = p_person.community_id AND g.person_id = p_person.person_id)
            OR (g.by_community_id = p_person.community_id AND g.by_person_id = p_person.person_id));
    UPDATE community.person p
       SET status = p_status, closed_on = p_on, closed_at = now(), died_on = CASE WHEN p_status = 'dead' THEN p_on END
     WHERE p.community_id = p_person.community_id AND p.person_id = p_person.person_id;
    -- Who moves goes on, with the cards and orders of the old record.
    IF p_status <> 'moved' THEN
        PERFORM community._follow('person', s.community_id, s.person_id, 'end')
           FROM community._person_same(p_person.community_id, p_person.person_id) s;
    END IF;
END
$$;
COMMENT ON FUNCTION community._person_end(community.person, text, date) IS 'Close a person on a day with all that runs on: residences, tags, household, guardianships and proxies in both directions; other modules follow at once (register_follower(), event end), also for duplicates and records left behind, unless the person only moves. / 自某日起销档并终止其居住、标签、户籍关系与监护代理（双向）；除迁移外，其他模块随即跟随（事件 end）。';

CREATE OR REPLACE FUNCTION community.person_death(p_community_id bigint, p_person_id bigint, p_on date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    v_person := community._person_lock(p_community_id, p_person_id);
    IF p_on IS NULL OR NOT isfinite(p_on) OR p_on > CURRENT_DATE OR extract(year FROM p_on) < v_person.birth_year THEN
        PERFORM community.refuse('person_day_invalid');
    END IF;
    PERFORM community._person_end(v_person, 'dead', p_on);
    PERFORM community.audit_write(p_community_id, 'person_death', 'person/' || p_person_id, 'register', 1);
END
$$;
COMMENT ON FUNCTION community.person_death(bigint, bigint, date) IS 'Record a death: the record is closed with everything that runs on, in other modules too, and kept until retention is over. Needs the capability person_write. Refuses person_day_invalid, person_not_found, person_closed. / 登记死亡：销档并终止全部在效事项，保存至期满。';

CREATE OR REPLACE FUNCTION community.person_depart(p_community_id bigint, p_person_id bigint, p_on date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_person community.person;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    v_person := community._person_lock(p_community_id, p_person_id);
    IF p_on IS NULL OR NOT isfinite(p_on) THEN
        PERFORM community.refuse('person_day_invalid');
    END IF;
    DELETE FROM community.person_index i WHERE i.community_id = p_community_id AND i.person_id = p_person_id;
    PERFORM community._person_end(v_person, 'departed', p_on);
    PERFORM community.audit_write(p_community_id, 'person_depart', 'person/' || p_person_id, 'register', 1);
END
$$;
COMMENT ON FUNCTION community.person_depart(bigint, bigint, date) IS 'Record that a person left the city on a day: the record is closed at once, with everything that runs on, in other modules too, and the document may be entered anew when the person comes back. Needs the capability person_write. Refuses person_day_invalid, person_not_found, person_closed. / 登记离市：销档；返回时证件可重新登记。';

CREATE OR REPLACE FUNCTION community.person_move(p_community_id bigint, p_person_id bigint, p_to_community_id bigint, p_on date DEFAULT CURRENT_DATE, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_old community.person;
    v_new_id bigint;
    v_key bytea;
    v_place text := community._person_place('key', p_community_id, p_person_id);
    v_kind text := coalesce(p_doc ->> 'kind', 'floating');
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    PERFORM community.require_capability('person_write', p_to_community_id);
    PERFORM community._community_known(p_to_community_id);
    IF p_to_community_id = p_community_id OR p_on IS NULL OR NOT isfinite(p_on) THEN
        PERFORM community.refuse('person_day_invalid');
    END IF;
    v_old := community._person_lock(p_community_id, p_person_id);
    SELECT k.data_key INTO v_key FROM community.person_key k WHERE k.community_id = p_community_id AND k.person_id = p_person_id;
    v_new_id := community._person_insert(p_to_community_id,
        community.unseal_under(v_key, v_place, v_old.name_sealed, community._person_place('name', p_community_id, p_person_id)), v_old.id_kind,
        community.unseal_under(v_key, v_place, v_old.id_no_sealed, community._person_place('id_no', p_community_id, p_person_id)),
        community.unseal_under(v_key, v_place, v_old.phone_sealed, community._person_place('phone', p_community_id, p_person_id)),
        v_old.birth_year, v_old.sex, v_old.source, v_old.stat_key, false);
    -- The document itself may have been corrected since the resident id was read.
    UPDATE community.person p SET birth_year = v_old.birth_year, sex = v_old.sex
     WHERE p.community_id = p_to_community_id AND p.person_id = v_new_id;
    UPDATE community.person_index i SET community_id = p_to_community_id, person_id = v_new_id
     WHERE i.community_id = p_community_id AND i.person_id = p_person_id;
    -- What goes on elsewhere goes on under the new record.
    INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, outside, valid, stat_key, birth_year, sex)
    SELECT p_to_community_id, v_new_id, r.kind, false, r.place_id, r.grid_id, r.address_id, r.outside,
           daterange(p_on, upper(r.valid)), r.stat_key, r.birth_year, r.sex
      FROM community.residence r
     WHERE r.community_id = p_community_id AND r.person_id = p_person_id AND r.suspended_by IS NULL AND r.valid @> p_on
       AND r.kind <> v_kind AND (r.kind IN ('registered', 'workplace') OR NOT r.lives);
    INSERT INTO community.care_tag (community_id, person_id, tag, valid, source)
    SELECT p_to_community_id, v_new_id, t.tag, daterange(p_on, upper(t.valid)), t.source
      FROM community.care_tag t
     WHERE t.community_id = p_community_id AND t.person_id = p_person_id AND t.suspended_by IS NULL AND t.valid @> p_on;
    INSERT INTO community.guardian (community_id, person_id, by_community_id, by_person_id, kind, actions, document, valid)
    SELECT p_to_community_id, v_new_id, g.by_community_id, g.by_person_id, g.kind, g.actions, g.document, daterange(p_on, upper(g.valid))
      FROM community.guardian g
     WHERE g.community_id = p_community_id AND g.person_id = p_person_id AND g.valid @> p_on;
    INSERT INTO community.guardian (community_id, person_id, by_community_id, by_person_id, kind, actions, document, valid)
    SELECT g.community_id, g.person_id, p_to_community_id, v_new_id, g.kind, g.actions, g.document, daterange(p_on, upper(g.valid))
      FROM community.guardian g
     WHERE g.by_community_id = p_community_id AND g.by_person_id = p_person_id AND g.valid @> p_on;
    INSERT INTO community.consent (community_id, person_id, purpose, sensitive, given_at, evidence)
    SELECT p_to_community_id, v_new_id, c.purpose, c.sensitive, c.given_at, c.evidence
      FROM community.consent c
     WHERE c.community_id = p_community_id AND c.person_id = p_person_id AND c.withdrawn_at IS NULL;
    PERFORM community._person_end(v_old, 'moved', p_on);
    UPDATE community.person p SET moved_community_id = p_to_community_id, moved_person_id = v_new_id
     WHERE p.community_id = p_community_id AND p.person_id = p_person_id;
    PERFORM community.residence_add(p_to_community_id, v_new_id, v_kind, p_on, p_doc - '{kind,replace}'::text[] || '{"lives": true}');
    PERFORM community.audit_write(p_community_id, 'person_move', 'person/' || p_person_id, 'register', 1, jsonb_build_object('to', p_to_community_id));
    PERFORM community.audit_write(p_to_community_id, 'person_move', 'person/' || v_new_id, 'register', 1, jsonb_build_object('from', p_community_id));
    RETURN v_new_id;
END
$$;
COMMENT ON FUNCTION community.person_move(bigint, bigint, bigint, date, jsonb) IS 'Move a person to another community on a day: a new record is made there, sealed anew, with residence (p_doc: kind, default floating, grid_id or grid_code, address_id), tags, guardians and consents; the old one is closed and keeps the history; cards, orders and bookings stay with it and go on. Returns the new number. Needs the capability person_write in both. Refuses what residence_add refuses, person_not_found, person_closed, person_day_invalid. / 将人员迁往他社区：在新社区重新密封建档并承接居住、标签、监护与同意，旧档销档留史；返回新编号。';

CREATE OR REPLACE FUNCTION community.residence_regrid(p_community_id bigint, p_day date DEFAULT CURRENT_DATE)
RETURNS TABLE (moved bigint, left_over bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_row record;
    v_grid bigint;
BEGIN
    PERFORM community.require_capability('person_write', p_community_id);
    moved := 0;
    left_over := 0;
    FOR v_row IN
        SELECT r.*, community._st_lon(a.geom) AS lon, community._st_lat(a.geom) AS lat
          FROM community.residence r
          JOIN community.grid g ON g.community_id = r.place_id AND g.grid_id = r.grid_id
          LEFT JOIN community.address a ON a.community_id = r.place_id AND a.address_id = r.address_id
         WHERE r.place_id = p_community_id AND r.valid @> p_day AND r.suspended_by IS NULL AND NOT g.valid @> p_day AND upper(g.valid) <= p_day
         ORDER BY r.community_id, r.residence_id
           FOR NO KEY UPDATE OF r
    LOOP
        v_grid := NULL;
        IF v_row.lon IS NOT NULL THEN
            SELECT l.grid_id INTO v_grid FROM community.grid_locate(v_row.lon, v_row.lat, p_day, 'unit') l WHERE l.community_id = p_community_id;
        END IF;
        IF v_grid IS NULL THEN
            -- Without a door only an undivided successor is certain.
            WITH RECURSIVE later AS (
                SELECT v_row.grid_id AS id
                UNION
                SELECT l.to_grid_id FROM later t JOIN community.grid_lineage l ON l.community_id = p_community_id AND l.from_grid_id = t.id)
            SELECT CASE WHEN count(*) = 1 THEN min(g.grid_id) END INTO v_grid
              FROM later t JOIN community.grid g ON g.community_id = p_community_id AND g.grid_id = t.id AND g.valid @> p_day AND g.kind = 'unit';
        END IF;
        IF v_grid IS NULL THEN
            left_over := left_over + 1;
            CONTINUE;
        END IF;
        moved := moved + 1;
        IF lower(v_row.valid) >= p_day THEN
            UPDATE community.residence r SET grid_id = v_grid
             WHERE r.community_id = v_row.community_id AND r.residence_id = v_row.residence_id;
        ELSE
            UPDATE community.residence r SET valid = daterange(lower(r.valid), p_day)
             WHERE r.community_id = v_row.community_id AND r.residence_id = v_row.residence_id;
            INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, valid, stat_key, birth_year, sex, merge_id)
            VALUES (v_row.community_id, v_row.person_id, v_row.kind, v_row.lives, v_row.place_id, v_grid, v_row.address_id,
                    daterange(p_day, upper(v_row.valid)), v_row.stat_key, v_row.birth_year, v_row.sex, v_row.merge_id);
        END IF;
    END LOOP;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community.residence_regrid(bigint, date) IS 'Let people follow when unit grids of a community were split, merged or renumbered: residences in a grid that has ended go on, from p_day, in the grid of their door, or in the only successor of the old one; what went before stays under the old grid. Says how many moved, and how many stay because their place is not known well enough. Needs the capability person_write. / 网格拆分、合并、改码后，将在效居住记录自该日起改属新网格（按门址，或唯一后继网格），历史不变；返回改属数与未能判定数。';
