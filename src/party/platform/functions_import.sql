-- Bulk import of persons: sealed lines on the stage, taken in batches.  What runs
-- once a row is planned once: folding constants anew costs more than it saves.

CREATE OR REPLACE FUNCTION community._person_stage_seal()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- Never an error: COPY would write the line into the server's log with it.
    BEGIN
        NEW.sealed := community.seal(NEW.line, 'person_stage/' || NEW.batch_id || '/' || NEW.row_no);
    EXCEPTION WHEN OTHERS THEN
        NEW.sealed := NULL;
    END;
    NEW.line := NULL;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION community._person_stage_seal() IS 'Trigger: seal a staged line before it is stored, so that no clear value reaches the disk. / 触发器：暂存行入库前密封，明文不落盘。';

CREATE OR REPLACE TRIGGER person_stage_seal BEFORE INSERT ON community.person_stage
FOR EACH ROW EXECUTE FUNCTION community._person_stage_seal();

CREATE OR REPLACE FUNCTION community._csv_fields(p_line text)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_line text := rtrim(p_line, E'\r');
    v_fields text[];
    v_length bigint;
BEGIN
    IF strpos(v_line, '"') = 0 THEN
        RETURN string_to_array(v_line, ',');
    END IF;
    SELECT array_agg(CASE WHEN m[2] LIKE '"%' THEN replace(substr(m[2], 2, length(m[2]) - 2), '""', '"') ELSE m[2] END ORDER BY n),
           sum(length(m[1]))
      INTO v_fields, v_length
      FROM regexp_matches(v_line || ',', '(("(?:[^"]|"")*"|[^,"]*),)', 'g') WITH ORDINALITY AS r (m, n);
    RETURN CASE WHEN v_length = length(v_line) + 1 THEN v_fields END;
END
$$;
COMMENT ON FUNCTION community._csv_fields(text) IS 'Split a line of CSV into its fields; NULL for NULL and for quotes that do not close. / 拆分 CSV 行；引号不配对返回空。';

CREATE OR REPLACE FUNCTION community._line_decode(p_line text, p_encoding text)
RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN convert_from(convert_to(p_line, 'LATIN1'), p_encoding);
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._line_decode(text, text) IS 'Read a line that was staged byte by byte, as LATIN1, in the encoding of its file; NULL when its bytes are no text in that. / 将按字节暂存的行按文件编码解码，无法解码返回空。';

CREATE OR REPLACE FUNCTION community.person_import_open(p_community_id bigint, p_source text, p_encoding text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new bigint;
BEGIN
    PERFORM community.require_capability('import', p_community_id);
    PERFORM community._community_known(p_community_id);
    IF NOT EXISTS (SELECT FROM community.key_ring() k WHERE k.use IN ('seal-aes', 'seal-sm4') AND k.state = 'active')
       OR NOT EXISTS (SELECT FROM community.key_ring() k WHERE k.use = 'index' AND k.state = 'active') THEN
        PERFORM community.refuse('key_absent');
    END IF;
    IF p_encoding NOT IN ('UTF8', 'GB18030') THEN
        PERFORM community.refuse('import_encoding', p_encoding);
    END IF;
    INSERT INTO community.import_batch (community_id, source, encoding, actor) VALUES (p_community_id, p_source, p_encoding, community.actor())
    RETURNING batch_id INTO v_new;
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.person_import_open(bigint, text, text) IS 'Begin a bulk import and return the batch. p_encoding UTF8 or GB18030 (and so GBK, GB 2312): the file is read byte by byte, and a line that is no text is an error of that row: \copy community.person_stage (line) FROM PROGRAM ''tr -d "\000\001\002\r" < file'' WITH (FORMAT csv, DELIMITER E''\x01'', QUOTE E''\x02'', ENCODING ''LATIN1''), in the same session. NULL: lines are inserted as text, by clients that decode themselves. Then SELECT * FROM community.person_import(batch) until nothing is left. Needs the capability import. Refuses import_encoding, key_absent, community_unknown, capability_missing. / 开始批量导入并返回批次号；p_encoding 为 UTF8 或 GB18030 时文件按字节读入，无法解码的行记为行错误；为空则按文本暂存。随后反复调用 person_import 至完成。';

CREATE OR REPLACE FUNCTION community._person_import_row(p_batch community.import_batch, p_fields text[], p_today date,
    OUT column_name text, OUT reason text)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_name text;
    v_id_kind text;
    v_id_no text;
    v_phone text;
    v_sex text := 'unknown';
    v_birth text;
    v_kind text;
    v_since text;
    v_since_day date := p_today;
    v_grid_code text;
    v_grid bigint;
    v_address text;
    v_address_id bigint;
    v_tags text[] := '{}';
    v_person_id bigint;
    v_value text;
BEGIN
    FOR i IN 1 .. cardinality(p_batch.columns) LOOP
        v_value := nullif(btrim(p_fields[i]), '');
        CASE p_batch.columns[i]
            WHEN 'name' THEN v_name := v_value;
            WHEN 'id_kind' THEN v_id_kind := v_value;
            WHEN 'id_no' THEN v_id_no := upper(v_value);
            WHEN 'phone' THEN v_phone := v_value;
            WHEN 'sex' THEN v_sex := coalesce(v_value, 'unknown');
            WHEN 'birth_year' THEN v_birth := v_value;
            WHEN 'residence_kind' THEN v_kind := v_value;
            WHEN 'since' THEN v_since := v_value;
            WHEN 'grid_code' THEN v_grid_code := v_value;
            WHEN 'address' THEN v_address := v_value;
            ELSE v_tags := coalesce(string_to_array(v_value, '|'), '{}');
        END CASE;
    END LOOP;
    IF v_id_no IS NOT NULL AND v_id_kind IS NULL THEN
        v_id_kind := 'resident_id';
    END IF;
    IF v_birth !~ '^\d{4}$' THEN
        column_name := 'birth_year'; reason := 'birth_year_invalid';
        RETURN;
    END IF;
    SELECT c.column_name, c.reason INTO column_name, reason
      FROM community._person_problem(v_name, v_id_kind, v_id_no, v_phone, v_birth::integer, v_sex) c;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    IF coalesce(v_kind, 'registered') NOT IN ('registered', 'floating', 'overseas', 'workplace') THEN
        column_name := 'residence_kind'; reason := 'residence_kind_invalid';
        RETURN;
    END IF;
    IF v_since IS NOT NULL THEN
        IF v_since !~ '^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
           OR substr(v_since, 9)::integer > extract(day FROM (date_trunc('month', (left(v_since, 8) || '01')::date) + interval '1 month - 1 day')) THEN
            column_name := 'since'; reason := 'person_day_invalid';
            RETURN;
        END IF;
        v_since_day := v_since::date;
    END IF;
    IF v_grid_code IS NOT NULL THEN
        SELECT g.grid_id INTO v_grid FROM community.grid g
         WHERE g.code_key = CASE WHEN v_grid_code ~ '^\d{15}$' THEN v_grid_code::bigint END
           AND g.kind = 'unit' AND g.community_id = p_batch.community_id AND g.valid && daterange(v_since_day, NULL)
         ORDER BY lower(g.valid) NULLS FIRST LIMIT 1;
        IF NOT FOUND THEN
            column_name := 'grid_code'; reason := 'residence_place_unknown';
            RETURN;
        END IF;
    END IF;
    IF v_address IS NOT NULL THEN
        SELECT a.address_id, coalesce(v_grid, a.grid_id) INTO v_address_id, v_grid FROM community.address a
         WHERE a.community_id = p_batch.community_id AND a.full_name = v_address AND a.valid && daterange(v_since_day, NULL)
         ORDER BY lower(a.valid) NULLS FIRST LIMIT 1;
        IF NOT FOUND THEN
            column_name := 'address'; reason := 'residence_place_unknown';
            RETURN;
        END IF;
    END IF;
    IF v_tags <> '{}' AND EXISTS (SELECT FROM unnest(v_tags) t WHERE NOT EXISTS (SELECT FROM community.care_kind k WHERE k.tag = t)) THEN
        column_name := 'care'; reason := 'care_kind_unknown';
        RETURN;
    END IF;
    v_person_id := community._person_insert(p_batch.community_id, v_name, v_id_kind, v_id_no, v_phone, v_birth::integer, v_sex, p_batch.source);
    IF v_person_id IS NULL THEN
        column_name := 'id_no'; reason := 'person_known';
        RETURN;
    END IF;
    -- A new person: nothing can overlap.
    INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, grid_id, address_id, valid, stat_key, birth_year, sex)
    SELECT p.community_id, p.person_id, coalesce(v_kind, 'registered'), v_kind IS DISTINCT FROM 'workplace', p.community_id, v_grid, v_address_id,
           daterange(v_since_day, NULL), p.stat_key, p.birth_year, p.sex
      FROM community.person p WHERE p.community_id = p_batch.community_id AND p.person_id = v_person_id;
    IF v_tags <> '{}' THEN
        INSERT INTO community.care_tag (community_id, person_id, tag, valid, source)
        SELECT p_batch.community_id, v_person_id, t, daterange(v_since_day, NULL), p_batch.source FROM unnest(v_tags) t GROUP BY t;
    END IF;
END
$$;
COMMENT ON FUNCTION community._person_import_row(community.import_batch, text[], date) IS 'Enter one row of a bulk import; the column and reason when it is not taken. / 导入一行；未通过时返回列与原因。';

CREATE OR REPLACE FUNCTION community.person_import(p_batch_id bigint, p_limit integer DEFAULT 20000)
RETURNS TABLE (done bigint, failed bigint, remaining bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_batch community.import_batch;
    v_row record;
    v_line text;
    v_fields text[];
    v_unknown text;
    v_wrong record;
    v_today date;
    v_last bigint;
    v_done bigint := 0;
    v_failed bigint := 0;
BEGIN
    SELECT * INTO v_batch FROM community.import_batch b WHERE b.batch_id = p_batch_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('batch_not_found', p_batch_id::text);
    END IF;
    PERFORM community.require_capability('import', v_batch.community_id);
    SELECT community.local_day(now(), c.tz) INTO v_today FROM community.community c WHERE c.community_id = v_batch.community_id;
    FOR v_row IN
        SELECT s.row_no, community.unseal(s.sealed, 'person_stage/' || s.batch_id || '/' || s.row_no) AS line
          FROM community.person_stage s
         WHERE s.batch_id = p_batch_id AND s.row_no > v_batch.read_to
         ORDER BY s.row_no
         LIMIT p_limit
    LOOP
        v_last := v_row.row_no;
        v_line := CASE WHEN v_batch.encoding IS NULL THEN v_row.line ELSE community._line_decode(v_row.line, v_batch.encoding) END;
        v_fields := community._csv_fields(v_line);
        IF v_batch.columns IS NULL THEN
            v_batch.columns := ARRAY(SELECT lower(btrim(h, E' \t\uFEFF')) FROM unnest(v_fields) WITH ORDINALITY AS u (h, n) ORDER BY n);
            v_batch.first_row := v_row.row_no;
            SELECT string_agg(h, ', ') INTO v_unknown FROM unnest(v_batch.columns) h
             WHERE h <> ALL ('{name,id_kind,id_no,phone,sex,birth_year,residence_kind,since,grid_code,address,care}');
            IF v_unknown IS NOT NULL OR NOT 'name' = ANY (v_batch.columns)
               OR (SELECT count(DISTINCT h) <> count(*) FROM unnest(v_batch.columns) h) THEN
                PERFORM community.refuse('import_header', coalesce(left(v_unknown, 60), 'name'));
            END IF;
            CONTINUE;
        END IF;
        IF v_fields IS NULL OR cardinality(v_fields) <> cardinality(v_batch.columns) THEN
            IF v_line = '' THEN
                CONTINUE;
            END IF;
            SELECT 'row' AS column_name,
                   CASE WHEN v_row.line IS NULL THEN 'key_absent' WHEN v_line IS NULL THEN 'import_encoding' ELSE 'import_row' END AS reason
              INTO v_wrong;
        ELSE
            SELECT r.column_name, r.reason INTO v_wrong FROM community._person_import_row(v_batch, v_fields, v_today) r;
        END IF;
        IF v_wrong.reason IS NULL THEN
            v_done := v_done + 1;
        ELSE
            v_failed := v_failed + 1;
            INSERT INTO community.import_error (community_id, batch_id, row_no, column_name, reason)
            VALUES (v_batch.community_id, p_batch_id, v_row.row_no - v_batch.first_row + 1, v_wrong.column_name, v_wrong.reason);
        END IF;
        IF (v_done + v_failed) % 1000 = 0 THEN
            PERFORM set_config('application_name', format('community import %s: %s', p_batch_id, v_batch.done + v_batch.failed + v_done + v_failed), true);
        END IF;
    END LOOP;
    IF v_last IS NOT NULL THEN
        DELETE FROM community.person_stage s WHERE s.batch_id = p_batch_id AND s.row_no <= v_last;
    END IF;
    done := v_batch.done + v_done;
    failed := v_batch.failed + v_failed;
    SELECT count(*) INTO remaining FROM community.person_stage s WHERE s.batch_id = p_batch_id;
    UPDATE community.import_batch b
       SET columns = v_batch.columns, first_row = v_batch.first_row, read_to = coalesce(v_last, b.read_to),
           done = person_import.done, failed = person_import.failed, finished_at = CASE WHEN remaining = 0 THEN clock_timestamp() END
     WHERE b.community_id = v_batch.community_id AND b.batch_id = p_batch_id;
    IF v_done > 0 THEN
        PERFORM community.audit_write(v_batch.community_id, 'person_import', 'import/' || p_batch_id, 'register', v_done,
                                      jsonb_build_object('failed', v_failed));
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION community.person_import(bigint, integer) IS 'Take the next lines of a batch (at most p_limit) into the register and say how many persons are entered, how many rows failed and how many lines wait; call it until remaining is 0, each call in a transaction of its own. The first line names the columns: name, id_kind, id_no, phone, sex, birth_year, residence_kind, since, grid_code, address (full), care (tags with | between). What is wrong with a row stands in import_error. Progress is seen in import_batch and in application_name. Needs the capability import. Refuses batch_not_found, import_header, capability_missing. / 导入批次的下一段（至多 p_limit 行），返回成功、失败与剩余行数，反复调用至剩余为 0；行错误见 import_error。';
