-- Loading an edition of the division list.

CREATE OR REPLACE FUNCTION community._division_stage_read(p_edition text, p_rows jsonb)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_bad integer;
    v_first text;
    v_rows integer;
BEGIN
    IF p_rows IS NOT NULL THEN
        DELETE FROM community.division_stage s WHERE s.edition = p_edition;
        INSERT INTO community.division_stage (edition, code, name, geojson)
        SELECT p_edition, x.r ->> 'code', x.r ->> 'name', NULLIF(x.r ->> 'geometry', 'null')
          FROM jsonb_array_elements(p_rows) AS x(r);
    END IF;
    UPDATE community.division_stage s
       SET name = btrim(s.name),
           code_key = k.key,
           level = community._division_level(k.key)
      FROM (SELECT DISTINCT t.code,
                   CASE WHEN t.code ~ '^[1-9]\d(\d\d){0,2}$' OR t.code ~ '^[1-9]\d{8}$' OR t.code ~ '^[1-9]\d{11}(000)?$'
                        THEN rpad(t.code, 15, '0')::bigint END AS key
              FROM community.division_stage t
             WHERE t.edition = p_edition) k
     WHERE s.edition = p_edition AND s.code = k.code;

    SELECT count(*) FILTER (WHERE p.problem IS NOT NULL), min(p.problem), count(*)
      INTO v_bad, v_first, v_rows
      FROM (SELECT CASE WHEN s.code_key IS NULL THEN format('%s is no division code', COALESCE(quote_literal(s.code), 'NULL'))
                        WHEN COALESCE(s.name, '') = '' THEN format('%s has no name', s.code)
                        WHEN count(*) OVER (PARTITION BY s.code_key) > 1 THEN format('%s occurs %s times', s.code, count(*) OVER (PARTITION BY s.code_key))
                        WHEN s.geojson IS NOT NULL THEN (SELECT format('%s: %s', s.code, g.problem) FROM community._polygon_read(s.geojson, false) g WHERE g.problem IS NOT NULL)
                   END AS problem
              FROM community.division_stage s
             WHERE s.edition = p_edition) p;
    IF v_rows = 0 THEN
        PERFORM community.refuse('division_rows_invalid', '0', format('edition %s has no rows', p_edition));
    ELSIF v_bad > 0 THEN
        PERFORM community.refuse('division_rows_invalid', v_bad::text, v_first);
    END IF;

    SELECT count(*), min(format('%s has no parent %s', s.code, community._division_parent(s.code_key)))
      INTO v_bad, v_first
      FROM community.division_stage s
     WHERE s.edition = p_edition AND s.level > 1
       AND NOT EXISTS (SELECT FROM community.division_stage u WHERE u.edition = p_edition AND u.code_key = community._division_parent(s.code_key))
       AND NOT EXISTS (SELECT FROM community.division d WHERE d.code_key = community._division_parent(s.code_key) AND upper_inf(d.valid));
    IF v_bad > 0 THEN
        PERFORM community.refuse('division_rows_invalid', v_bad::text, v_first);
    END IF;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._division_stage_read(text, jsonb) IS 'Put the rows of a document on the stage (NULL: take what stands there), give them numbers and levels, and refuse the whole edition when a row is wrong; returns the rows. / 将清单写入暂存表并校验，任一行有误则整版拒绝；返回行数。';

CREATE OR REPLACE FUNCTION community._division_scopes(p_edition text)
RETURNS TABLE (scope_key bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_low bigint;
    v_high bigint;
    v_scope bigint;
BEGIN
    -- A leaf is followed by nothing of its own subtree in the order of keys.
    SELECT min(s.code_key), max(s.code_key) INTO v_low, v_high
      FROM (SELECT t.code_key, lead(t.code_key) OVER (ORDER BY t.code_key) AS next_key
              FROM community.division_stage t
             WHERE t.edition = p_edition) s
     WHERE s.next_key IS NULL OR s.next_key >= s.code_key + community._division_span(s.code_key);
    v_scope := v_low;
    WHILE v_scope IS NOT NULL AND v_high >= v_scope + community._division_span(v_scope) LOOP
        v_scope := community._division_parent(v_scope);
    END LOOP;
    IF v_scope IS NOT NULL THEN
        RETURN QUERY SELECT v_scope;
    ELSE
        RETURN QUERY SELECT DISTINCT s.code_key / 10000000000000 * 10000000000000
                       FROM community.division_stage s WHERE s.edition = p_edition ORDER BY 1;
    END IF;
END
$$;
COMMENT ON FUNCTION community._division_scopes(text) IS 'Find the subtree a staged list is complete for: the lowest division above all its leaves, or each province of a national list. / 求清单完整覆盖的范围：所有末级之上的最低区划；全国清单则为各省。';

CREATE OR REPLACE FUNCTION community._division_match(p_edition text, p_scope_key bigint)
RETURNS TABLE (code_key bigint, old_division_id bigint, from_division_id bigint, verdict text, decided boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_end bigint := p_scope_key + community._division_span(p_scope_key) - 1;
    v_limit double precision := community.setting_numeric('place.rename_similarity');
BEGIN
    -- A name that stands once per parent and level on both sides carries its
    -- unit with it: only such a name can follow a unit to another code.
    RETURN QUERY
    WITH now_in AS MATERIALIZED (
        SELECT s.code_key AS key, s.name, s.level, community._division_parent(s.code_key) AS parent
          FROM community.division_stage s
         WHERE s.edition = p_edition
           AND (s.code_key BETWEEN p_scope_key AND v_end OR p_scope_key BETWEEN s.code_key AND s.code_key + community._division_span(s.code_key) - 1)
    ), was AS MATERIALIZED (
        SELECT d.division_id AS id, d.code_key AS key, d.name, d.level, d.parent_key AS parent
          FROM community.division d
         WHERE upper_inf(d.valid)
           AND (d.code_key BETWEEN p_scope_key AND v_end OR p_scope_key BETWEEN d.code_key AND d.code_key + community._division_span(d.code_key) - 1)
    ), loose_new AS (
        SELECT n.*, count(*) OVER (PARTITION BY n.parent, n.level, n.name) AS same
          FROM now_in n LEFT JOIN was w ON w.key = n.key AND w.name = n.name
         WHERE w.key IS NULL
    ), loose_old AS (
        SELECT w.*, count(*) OVER (PARTITION BY w.parent, w.level, w.name) AS same
          FROM was w LEFT JOIN now_in n ON n.key = w.key AND n.name = w.name
         WHERE n.key IS NULL AND w.key BETWEEN p_scope_key AND v_end
    ), moved AS (
        SELECT n.key, o.id
          FROM loose_new n
          JOIN loose_old o ON o.name = n.name AND o.level = n.level AND o.parent IS NOT DISTINCT FROM n.parent AND o.key <> n.key
         WHERE n.same = 1 AND o.same = 1
    )
    SELECT n.key, w.id, CASE WHEN w.name = n.name THEN w.id WHEN m.id IS NOT NULL THEN m.id
                             WHEN w.id IS NOT NULL AND left_as.id IS NULL AND sim.s >= v_limit THEN w.id END,
           CASE WHEN w.name = n.name THEN 'same'
                WHEN m.id IS NOT NULL THEN 'recoded'
                WHEN w.id IS NULL THEN CASE WHEN past.was THEN 'reused' ELSE 'added' END
                WHEN left_as.id IS NULL AND sim.s >= v_limit THEN 'renamed'
                ELSE 'reused' END,
           w.id IS NULL OR w.name = n.name OR m.id IS NOT NULL OR left_as.id IS NOT NULL OR sim.s >= v_limit
      FROM now_in n
      LEFT JOIN was w ON w.key = n.key
      LEFT JOIN moved m ON m.key = n.key
      LEFT JOIN moved left_as ON left_as.id = w.id
      LEFT JOIN LATERAL (SELECT community._name_similarity(community._name_stem(w.name), community._name_stem(n.name)) AS s) sim ON w.name <> n.name
      LEFT JOIN LATERAL (SELECT true AS was FROM community.division p WHERE p.code_key = n.key LIMIT 1) past ON w.id IS NULL
    UNION ALL
    SELECT w.key, w.id, NULL, 'removed', true
      FROM was w
     WHERE w.key BETWEEN p_scope_key AND v_end
       AND NOT EXISTS (SELECT FROM now_in n WHERE n.key = w.key)
       AND NOT EXISTS (SELECT FROM moved m WHERE m.id = w.id);
END
$$;
COMMENT ON FUNCTION community._division_match(text, bigint) IS 'Compare a staged edition with the versions in force: per code what it is (same, added, removed, renamed, recoded, reused), which version held the code and which version its unit comes from. / 比对年度版与现行版本，给出各代码的变更类别及来源版本。';

CREATE OR REPLACE FUNCTION community._division_apply(p_edition text, p_scope_key bigint, p_from date)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- The verdicts are written down first, for they read what is in force;
    -- then every version that ends is ended before any begins, because two
    -- units may swap their codes.
    UPDATE community.division_stage s
       SET verdict = m.verdict, decided = m.decided, old_division_id = m.old_division_id, from_division_id = m.from_division_id,
           new_division_id = CASE WHEN m.verdict <> 'same' THEN nextval('community.division_seq') END
      FROM community._division_match(p_edition, p_scope_key) m
     WHERE s.edition = p_edition AND s.code_key = m.code_key AND m.verdict <> 'removed';
    INSERT INTO community.division_stage (edition, code, name, code_key, level, verdict, decided, old_division_id)
    SELECT p_edition, d.code_key::text, d.name, d.code_key, d.level, 'removed', true, d.division_id
      FROM community.division d
     WHERE upper_inf(d.valid)
       AND d.code_key BETWEEN p_scope_key AND p_scope_key + community._division_span(p_scope_key) - 1
       AND NOT EXISTS (SELECT FROM community.division_stage s WHERE s.edition = p_edition AND s.code_key = d.code_key)
       AND NOT EXISTS (SELECT FROM community.division_stage s WHERE s.edition = p_edition AND s.from_division_id = d.division_id);

    UPDATE community.division d
       SET valid = daterange(lower(d.valid), p_from)
      FROM (SELECT s.old_division_id AS id FROM community.division_stage s WHERE s.edition = p_edition AND s.verdict NOT IN ('same', 'added')
            UNION
            SELECT s.from_division_id FROM community.division_stage s WHERE s.edition = p_edition AND s.verdict = 'recoded') e
     WHERE d.division_id = e.id AND upper_inf(d.valid);
    INSERT INTO community.division (division_id, unit_id, code, code_key, level, parent_key, name, geom, valid, edition, last_edition)
    SELECT s.new_division_id, COALESCE(f.unit_id, s.new_division_id), community._division_code(s.code_key), s.code_key, s.level,
           community._division_parent(s.code_key), s.name,
           CASE WHEN s.geojson IS NOT NULL THEN (community._polygon_read(s.geojson, false)).geom ELSE f.geom END,
           daterange(p_from, NULL), p_edition, p_edition
      FROM community.division_stage s
      LEFT JOIN community.division f ON f.division_id = s.from_division_id
     WHERE s.edition = p_edition AND s.verdict IN ('added', 'renamed', 'recoded', 'reused');

    INSERT INTO community.division_change (edition, scope_key, kind, code, code_key, old_code_key, old_name, new_name, old_division_id, new_division_id, community_id, decided)
    SELECT p_edition, p_scope_key, s.verdict, community._division_code(s.code_key), s.code_key,
           CASE WHEN s.verdict = 'recoded' THEN f.code_key END,
           COALESCE(f.name, o.name, (SELECT p.name FROM community.division p WHERE s.verdict = 'reused' AND p.code_key = s.code_key AND p.division_id <> s.new_division_id ORDER BY p.valid DESC LIMIT 1)),
           CASE WHEN s.verdict <> 'removed' THEN s.name END,
           COALESCE(s.from_division_id, s.old_division_id), s.new_division_id, c.community_id, s.decided
      FROM community.division_stage s
      LEFT JOIN community.division f ON f.division_id = s.from_division_id
      LEFT JOIN community.division o ON o.division_id = s.old_division_id
      LEFT JOIN community.community_code c ON c.code_key = COALESCE(f.code_key, s.code_key) AND c.valid @> p_from
     WHERE s.edition = p_edition AND s.verdict <> 'same'
     ORDER BY s.code_key;
    INSERT INTO community.division_change (edition, scope_key, kind, code, code_key, old_name, new_name, old_division_id, new_division_id, decided)
    SELECT p_edition, p_scope_key, 'reshaped', d.code, d.code_key, d.name, s.name, d.division_id, d.division_id, true
      FROM community.division_stage s
      JOIN community.division d ON d.division_id = s.old_division_id
     WHERE s.edition = p_edition AND s.verdict = 'same' AND s.geojson IS NOT NULL AND d.geom IS NOT NULL
       AND community._st_difference_m2(d.geom, (community._polygon_read(s.geojson, false)).geom) >= community.setting_numeric('place.overlap_tolerance')
     ORDER BY s.code_key;
    UPDATE community.division d
       SET last_edition = p_edition,
           geom = CASE WHEN s.geojson IS NOT NULL THEN (community._polygon_read(s.geojson, false)).geom ELSE d.geom END
      FROM community.division_stage s
     WHERE s.edition = p_edition AND s.verdict = 'same' AND d.division_id = s.old_division_id;
    PERFORM community._community_code_follow(p_edition, p_scope_key, p_from);
    -- The next scope of a national list reads the stage as it was staged.
    DELETE FROM community.division_stage s WHERE s.edition = p_edition AND s.verdict = 'removed';
    UPDATE community.division_stage s
       SET verdict = NULL, decided = NULL, old_division_id = NULL, from_division_id = NULL, new_division_id = NULL
     WHERE s.edition = p_edition AND s.verdict IS NOT NULL;
END
$$;
COMMENT ON FUNCTION community._division_apply(text, bigint, date) IS 'Bring the staged edition into force for one scope from a day on: end versions, begin versions, write the changes, move the codes of registered communities. / 使暂存的年度版在某范围自某日起生效，并记录变更、更新已登记社区的代码。';

CREATE OR REPLACE FUNCTION community._community_code_follow(p_edition text, p_scope_key bigint, p_from date)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- A code that lost its unit no longer names the community; a unit that
    -- got another code takes its community along.
    DELETE FROM community.community_code c
     USING community.division_change g
     WHERE g.edition = p_edition AND g.scope_key = p_scope_key AND g.kind IN ('removed', 'reused', 'recoded') AND g.community_id IS NOT NULL
       AND c.community_id = g.community_id AND c.code_key = COALESCE(g.old_code_key, g.code_key)
       AND lower(c.valid) >= p_from;
    UPDATE community.community_code c
       SET valid = daterange(lower(c.valid), p_from)
      FROM community.division_change g
     WHERE g.edition = p_edition AND g.scope_key = p_scope_key AND g.kind IN ('removed', 'reused', 'recoded') AND g.community_id IS NOT NULL
       AND c.community_id = g.community_id AND c.code_key = COALESCE(g.old_code_key, g.code_key)
       AND c.valid @> p_from;
    INSERT INTO community.community_code (code_key, valid, code, community_id)
    SELECT g.code_key, daterange(p_from, NULL), g.code, g.community_id
      FROM community.division_change g
     WHERE g.edition = p_edition AND g.scope_key = p_scope_key AND g.kind = 'recoded' AND g.community_id IS NOT NULL;
    -- The tenant table shows today's code and name.  A code becomes free when
    -- its holder has moved on, so chains are followed from their free end.
    LOOP
        UPDATE community.community c
           SET code = g.code
          FROM community.division_change g
         WHERE g.edition = p_edition AND g.scope_key = p_scope_key AND g.kind = 'recoded' AND c.community_id = g.community_id
           AND c.code::bigint <> g.code_key
           AND NOT EXISTS (SELECT FROM community.community o WHERE o.code::bigint = g.code_key AND o.until IS NULL AND o.kind <> 'virtual');
        EXIT WHEN NOT FOUND;
    END LOOP;
    UPDATE community.community c
       SET name = g.new_name
      FROM community.division_change g
     WHERE g.edition = p_edition AND g.scope_key = p_scope_key AND g.kind = 'renamed' AND c.community_id = g.community_id AND c.name = g.old_name;
END
$$;
COMMENT ON FUNCTION community._community_code_follow(text, bigint, date) IS 'Let the official codes of registered communities follow the changes of an edition. / 使已登记社区的官方代码随年度版变更。';

CREATE OR REPLACE FUNCTION community.division_load(p_edition text, p_rows jsonb DEFAULT NULL, p_source text DEFAULT 'unstated', p_from date DEFAULT NULL)
RETURNS TABLE (kind text, divisions bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_from date := p_from;
    v_scope bigint;
    v_rows integer;
    v_content bytea;
    v_known community.division_edition%ROWTYPE;
    v_last date;
BEGIN
    IF COALESCE(btrim(p_edition), '') = '' THEN
        PERFORM community.refuse('division_edition_missing');
    ELSIF p_rows IS NOT NULL AND jsonb_typeof(p_rows) <> 'array' THEN
        PERFORM community.refuse('division_rows_invalid', '1', format('a JSON %s is no array of rows', jsonb_typeof(p_rows)));
    END IF;
    LOCK TABLE community.division_edition IN SHARE ROW EXCLUSIVE MODE;
    IF v_from IS NULL THEN
        v_from := CASE WHEN p_edition ~ '^(19|20)\d\d$' THEN make_date(p_edition::integer, 1, 1) ELSE CURRENT_DATE END;
    END IF;
    v_rows := community._division_stage_read(p_edition, p_rows);
    FOR v_scope IN SELECT s.scope_key FROM community._division_scopes(p_edition) s LOOP
        SELECT sha256(convert_to(string_agg(s.code_key || ' ' || s.name || COALESCE(' ' || s.geojson, ''), E'\n' ORDER BY s.code_key), 'UTF8')), count(*)
          INTO v_content, v_rows
          FROM community.division_stage s
         WHERE s.edition = p_edition
           AND (s.code_key BETWEEN v_scope AND v_scope + community._division_span(v_scope) - 1
                OR v_scope BETWEEN s.code_key AND s.code_key + community._division_span(s.code_key) - 1);
        SELECT * INTO v_known FROM community.division_edition e WHERE e.edition = p_edition AND e.scope_key = v_scope;
        IF FOUND AND v_known.content <> v_content THEN
            PERFORM community.refuse('edition_loaded', p_edition, community._division_code(v_scope)::text);
        END IF;
        CONTINUE WHEN FOUND;
        SELECT max(e.valid_from) INTO v_last
          FROM community.division_edition e
         WHERE e.scope_key BETWEEN v_scope AND v_scope + community._division_span(v_scope) - 1
            OR v_scope BETWEEN e.scope_key AND e.scope_key + community._division_span(e.scope_key) - 1;
        IF v_last > v_from OR (v_last = v_from AND EXISTS (SELECT FROM community.division_edition e WHERE e.valid_from = v_from AND e.edition <> p_edition AND e.scope_key = v_scope)) THEN
            PERFORM community.refuse('edition_out_of_order', p_edition, v_from::text, v_last::text);
        END IF;
        INSERT INTO community.division_edition (edition, scope, scope_key, valid_from, source, rows_loaded, content)
        VALUES (p_edition, community._division_code(v_scope), v_scope, v_from, p_source, v_rows, v_content);
        PERFORM community._division_apply(p_edition, v_scope, v_from);
    END LOOP;
    RETURN QUERY
    SELECT c.kind, count(*)
      FROM community.division_change c
     WHERE c.edition = p_edition
       AND c.scope_key IN (SELECT s.scope_key FROM community._division_scopes(p_edition) s)
     GROUP BY c.kind
     ORDER BY c.kind;
    DELETE FROM community.division_stage s WHERE s.edition = p_edition;
END
$$;
COMMENT ON FUNCTION community.division_load(text, jsonb, text, date) IS 'Load a yearly edition of the division list: rows are objects with code, name and perhaps geometry (GeoJSON); NULL takes the rows in division_stage. The list is complete for the lowest division above all its leaves: what is missing there is removed. A code whose name became another is renamed when the names are alike, else re-used: it gets a new unit and is never silently re-pointed. Returns the changes by kind; the same rows again change nothing. Refuses division_edition_missing, division_rows_invalid, edition_loaded and edition_out_of_order. / 载入区划年度版：各行含 code、name，可含 geometry；为空则取暂存表。在所有末级之上的最低区划范围内视为完整，缺失者撤销；名称相近为更名，否则为代码重用并另立实体，绝不悄然改指。返回各类变更数，重复载入不产生变化。';

CREATE OR REPLACE FUNCTION community.division_decide(p_edition text, p_code community.gridcode, p_renamed boolean)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_change community.division_change%ROWTYPE;
    v_unit bigint;
    v_from date;
BEGIN
    SELECT * INTO v_change
      FROM community.division_change c
     WHERE c.edition = p_edition AND c.code_key = p_code::bigint AND c.kind = 'reused' AND NOT c.decided
       FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('change_not_found', p_code::text, p_edition);
    END IF;
    IF p_renamed THEN
        SELECT d.unit_id INTO v_unit FROM community.division d WHERE d.division_id = v_change.old_division_id;
        UPDATE community.division d SET unit_id = v_unit
         WHERE d.unit_id = (SELECT n.unit_id FROM community.division n WHERE n.division_id = v_change.new_division_id);
        -- The community kept its number and gets its code back.
        IF v_change.community_id IS NOT NULL THEN
            SELECT e.valid_from INTO v_from FROM community.division_edition e WHERE e.edition = v_change.edition AND e.scope_key = v_change.scope_key;
            IF NOT EXISTS (SELECT FROM community.community_code c WHERE (c.community_id = v_change.community_id OR c.code_key = v_change.code_key) AND c.valid && daterange(v_from, NULL)) THEN
                INSERT INTO community.community_code (code_key, valid, code, community_id)
                VALUES (v_change.code_key, daterange(v_from, NULL), v_change.code, v_change.community_id);
            END IF;
        END IF;
    END IF;
    UPDATE community.division_change c
       SET kind = CASE WHEN p_renamed THEN 'renamed' ELSE c.kind END, decided = true
     WHERE c.change_id = v_change.change_id;
END
$$;
COMMENT ON FUNCTION community.division_decide(text, community.gridcode, boolean) IS 'Say of a doubtful change whether the division was only renamed (true: both versions become one unit, its community keeps the code) or the code was re-used (false). Refuses when no such change is open. / 对存疑的变更作出判定：真为更名（合为同一实体，社区保留代码），假为代码重用。';
