-- Components: numbers, survey, duty.

CREATE OR REPLACE FUNCTION community._component_guard()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM community.component_index i WHERE i.component_id = OLD.component_id AND i.community_id = OLD.community_id;
    ELSE
        INSERT INTO community.component_index (component_id, community_id) VALUES (NEW.component_id, NEW.community_id);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._component_guard() IS 'Trigger: keep component_index in step, so that a number stands once in the city. / 触发器：同步部件索引，保证标识码全市唯一。';

CREATE OR REPLACE TRIGGER component_guard AFTER INSERT OR DELETE ON community.component
FOR EACH ROW EXECUTE FUNCTION community._component_guard();

CREATE OR REPLACE FUNCTION community._component_number(p_county bigint, p_class text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_prefix bigint := p_county * 10000 + p_class::bigint;
    v_last integer;
BEGIN
    -- The counter's row is the lock; numbers brought by imports are skipped.
    LOOP
        INSERT INTO community.component_counter AS c (prefix, last) VALUES (v_prefix, 1)
        ON CONFLICT (prefix) DO UPDATE SET last = c.last + 1 WHERE c.last < 999999
        RETURNING c.last INTO v_last;
        IF NOT FOUND THEN
            PERFORM community.refuse('component_numbers_used_up', v_prefix::text);
        END IF;
        EXIT WHEN NOT EXISTS (SELECT FROM community.component_index i WHERE i.component_id = v_prefix * 1000000 + v_last);
    END LOOP;
    RETURN v_prefix * 1000000 + v_last;
END
$$;
COMMENT ON FUNCTION community._component_number(bigint, text) IS 'Give the next free 16-digit number of a county (6 digits) and class. / 取县区与分类的下一个部件标识码。';

CREATE OR REPLACE FUNCTION community.component_add(p_community_id bigint, p_class text, p_place jsonb, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_datum text := lower(replace(COALESCE(p_doc ->> 'datum', 'wgs84'), '-', ''));
    v_read record;
    v_grid record;
    v_community community.community%ROWTYPE;
    v_id bigint;
    v_duty_community bigint;
BEGIN
    SELECT * INTO v_community FROM community.community c WHERE c.community_id = p_community_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF NOT EXISTS (SELECT FROM community.component_class c WHERE c.class = p_class) THEN
        PERFORM community.refuse('component_class_unknown', p_class);
    END IF;
    IF v_datum NOT IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09') THEN
        PERFORM community.refuse('datum_unknown', p_doc ->> 'datum');
    END IF;
    SELECT * INTO v_read FROM community._geometry_read(p_place, v_datum);
    IF v_read.problem IS NOT NULL THEN
        PERFORM community.refuse('component_geometry_invalid', v_read.problem);
    END IF;
    IF p_doc ? 'component_id' THEN
        IF p_doc ->> 'component_id' !~ '^[1-9]\d{15}$' OR substr(p_doc ->> 'component_id', 7, 4) <> p_class THEN
            PERFORM community.refuse('component_id_invalid', p_doc ->> 'component_id', p_class);
        END IF;
        v_id := (p_doc ->> 'component_id')::bigint;
    ELSE
        v_id := community._component_number(v_community.code::bigint / 1000000000, p_class);
    END IF;
    IF p_doc ? 'duty_organization_id' THEN
        v_duty_community := COALESCE((p_doc ->> 'duty_community_id')::bigint, p_community_id);
        IF NOT EXISTS (SELECT FROM community.organization o WHERE o.community_id = v_duty_community AND o.organization_id = (p_doc ->> 'duty_organization_id')::bigint) THEN
            PERFORM community.refuse('organization_not_found', p_doc ->> 'duty_organization_id', v_duty_community::text);
        END IF;
    END IF;
    SELECT g.community_id, g.grid_id INTO v_grid FROM community.grid_at(v_read.geom) g;
    BEGIN
        INSERT INTO community.component (community_id, component_id, class, name, geom, grid_id, duty_community_id, duty_organization_id, owner, state, attrs, source, datum, surveyed_at)
        VALUES (p_community_id, v_id, p_class, p_doc ->> 'name', v_read.geom, CASE WHEN v_grid.community_id = p_community_id THEN v_grid.grid_id END,
                v_duty_community, (p_doc ->> 'duty_organization_id')::bigint, p_doc ->> 'owner', COALESCE(p_doc ->> 'state', 'intact'),
                community._facility_attrs(p_doc, v_read.note), COALESCE(p_doc ->> 'source', 'entered'), v_datum,
                COALESCE((p_doc ->> 'surveyed_at')::date, CURRENT_DATE));
    EXCEPTION WHEN unique_violation THEN
        PERFORM community.refuse('component_known', v_id::text, (SELECT i.community_id::text FROM community.component_index i WHERE i.component_id = v_id));
    END;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.component_add(bigint, text, jsonb, jsonb) IS 'Record a component of a class at a place (object with geometry, wkt, or lon and lat) under the next 16-digit number, or the component_id in p_doc; p_doc may hold datum, name, duty_organization_id, duty_community_id, owner, state, attrs, source, surveyed_at; returns the number. / 登记部件，取下一个 16 位标识码或 p_doc 中给定者，返回标识码。';

CREATE OR REPLACE FUNCTION community.component_survey(p_community_id bigint, p_component_id bigint, p_state text DEFAULT 'intact', p_day date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    UPDATE community.component c
       SET state = p_state, surveyed_at = greatest(c.surveyed_at, p_day),
           valid = CASE WHEN p_state = 'removed' AND (lower_inf(c.valid) OR lower(c.valid) < p_day) THEN daterange(lower(c.valid), p_day) ELSE c.valid END
     WHERE c.community_id = p_community_id AND c.component_id = p_component_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('component_not_found', p_component_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.component_survey(bigint, bigint, text, date) IS 'Note in which state a component was seen on a day: intact, damaged, lost or removed (which ends it). / 记录部件核查结果；拆除即终止。';

CREATE OR REPLACE FUNCTION community.component_stale(p_community_id bigint, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (component_id bigint, class text, grid_id bigint, surveyed_at date, days integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.component_id, c.class, c.grid_id, c.surveyed_at, p_at - c.surveyed_at
      FROM community.component c
     WHERE c.community_id = p_community_id AND c.valid @> p_at
       AND c.surveyed_at < p_at - community.setting_int('facility.survey_days', p_community_id)::integer
     ORDER BY c.surveyed_at, c.component_id;
END;
COMMENT ON FUNCTION community.component_stale(bigint, date) IS 'List components that nobody has seen for facility.survey_days days, longest first. / 列出逾期未核查的部件。';

CREATE OR REPLACE FUNCTION community.facility_health()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn', 'components without duty', format('%s components of community %s have no duty organization', count(*), c.community_id)
      FROM community.component c
     WHERE c.duty_organization_id IS NULL AND c.valid @> CURRENT_DATE
     GROUP BY c.community_id;
END;
COMMENT ON FUNCTION community.facility_health() IS 'Health of facility: components for which nobody answers. / 设施模块健康检查：无责任单位的部件。';

CREATE OR REPLACE FUNCTION community.component_import(p_community_id bigint, p_rows jsonb, p_options jsonb DEFAULT '{}')
RETURNS TABLE (row_no integer, status text, community_id bigint, component_id bigint, reason text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_datum text := lower(replace(COALESCE(p_options ->> 'datum', 'wgs84'), '-', ''));
    v_source text := COALESCE(p_options ->> 'source', 'import');
    v_class text;
    v_read record;
    v_point record;
    v_county bigint;
    v_holder bigint;
    v_duty bigint;
    v_duty_community bigint;
    v_surveyed date;
    d jsonb;
BEGIN
    IF v_datum NOT IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09') THEN
        PERFORM community.refuse('datum_unknown', p_options ->> 'datum');
    END IF;
    IF p_community_id IS NOT NULL AND NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF jsonb_typeof(p_rows) IS DISTINCT FROM 'array' AND jsonb_typeof(p_rows -> 'features') IS DISTINCT FROM 'array' THEN
        PERFORM community.refuse('facility_rows_invalid');
    END IF;
    FOR row_no, d IN SELECT x.row_no, x.doc FROM community._import_features(p_rows) x ORDER BY 1 LOOP
        status := 'refused'; community_id := p_community_id; component_id := NULL; reason := NULL; detail := NULL; v_holder := NULL;
        v_class := COALESCE(NULLIF(d ->> 'class', ''), substr(d ->> 'component_id', 7, 4));
        v_duty := NULL;
        v_duty_community := NULL;
        IF jsonb_typeof(d) IS DISTINCT FROM 'object' THEN
            reason := 'row_invalid';
            detail := 'the row is no object';
        ELSIF v_class IS NULL OR NOT EXISTS (SELECT FROM community.component_class c WHERE c.class = v_class) THEN
            reason := 'class_unknown';
            detail := v_class;
        ELSIF d ->> 'component_id' <> '' AND (d ->> 'component_id' !~ '^[1-9]\d{15}$' OR substr(d ->> 'component_id', 7, 4) <> v_class) THEN
            reason := 'id_invalid';
            detail := d ->> 'component_id';
        ELSIF COALESCE(d ->> 'state', 'intact') NOT IN ('intact', 'damaged', 'lost', 'removed') THEN
            reason := 'state_invalid';
            detail := d ->> 'state';
        ELSIF d ->> 'duty_organization_id' !~ '^\d{1,18}$' OR d ->> 'duty_community_id' !~ '^\d{12}$' THEN
            reason := 'duty_unknown';
            detail := d ->> 'duty_organization_id';
        END IF;
        IF reason IS NULL THEN
            BEGIN
                v_surveyed := COALESCE(NULLIF(d ->> 'surveyed_at', ''), p_options ->> 'surveyed_at', CURRENT_DATE::text)::date;
            EXCEPTION WHEN OTHERS THEN
                reason := 'dates_invalid';
                detail := SQLERRM;
            END;
        END IF;
        IF reason IS NULL THEN
            SELECT * INTO v_read FROM community._geometry_read(d, v_datum);
            IF v_read.problem IS NOT NULL THEN
                reason := 'geometry_invalid';
                detail := v_read.problem;
            END IF;
        END IF;
        IF reason IS NULL THEN
            SELECT g.community_id, g.grid_id INTO v_point FROM community.grid_at(v_read.geom, CURRENT_DATE) g;
            community_id := COALESCE(p_community_id, v_point.community_id, community.fallback_community(community._st_lon(v_read.geom), community._st_lat(v_read.geom)));
            IF d ->> 'duty_organization_id' <> '' THEN
                v_duty := (d ->> 'duty_organization_id')::bigint;
                v_duty_community := COALESCE((d ->> 'duty_community_id')::bigint, community_id);
            END IF;
            IF d ->> 'component_id' <> '' THEN
                component_id := (d ->> 'component_id')::bigint;
                SELECT i.community_id INTO v_holder FROM community.component_index i WHERE i.component_id = (d ->> 'component_id')::bigint;
            END IF;
            IF community_id IS NULL THEN
                reason := 'community_unknown';
                detail := 'it lies in no grid and no district can be told';
            ELSIF v_duty IS NOT NULL AND NOT EXISTS (SELECT FROM community.organization o WHERE o.community_id = v_duty_community AND o.organization_id = v_duty) THEN
                reason := 'duty_unknown';
                detail := d ->> 'duty_organization_id';
            ELSIF v_holder <> community_id THEN
                reason := 'known_elsewhere';
                detail := v_holder::text;
            END IF;
        END IF;
        IF reason IS NOT NULL THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        detail := v_read.note;
        IF v_holder IS NOT NULL THEN
            UPDATE community.component c
               SET name = COALESCE(d ->> 'name', c.name), geom = v_read.geom, grid_id = CASE WHEN v_point.community_id = c.community_id THEN v_point.grid_id END,
                   duty_community_id = COALESCE(v_duty_community, c.duty_community_id), duty_organization_id = COALESCE(v_duty, c.duty_organization_id),
                   owner = COALESCE(d ->> 'owner', c.owner), state = COALESCE(d ->> 'state', c.state), attrs = c.attrs || community._facility_attrs(d, v_read.note),
                   source = v_source, datum = v_datum, surveyed_at = greatest(c.surveyed_at, v_surveyed)
             WHERE c.community_id = v_holder AND c.component_id = (d ->> 'component_id')::bigint;
            status := 'updated';
        ELSE
            IF component_id IS NULL THEN
                SELECT c.code::bigint / 1000000000 INTO v_county FROM community.community c WHERE c.community_id = component_import.community_id;
                component_id := community._component_number(v_county, v_class);
            END IF;
            INSERT INTO community.component (community_id, component_id, class, name, geom, grid_id, duty_community_id, duty_organization_id, owner, state, attrs, source, datum, surveyed_at)
            VALUES (component_import.community_id, component_import.component_id, v_class, d ->> 'name', v_read.geom,
                    CASE WHEN v_point.community_id = component_import.community_id THEN v_point.grid_id END, v_duty_community, v_duty, d ->> 'owner',
                    COALESCE(d ->> 'state', 'intact'), community._facility_attrs(d, v_read.note), v_source, v_datum, v_surveyed);
            status := 'added';
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.component_import(bigint, jsonb, jsonb) IS 'Import a survey of components into a community (NULL: each into the one whose grid it lies in, else the fallback of its district). Rows as for facility_import, with class (or the class in component_id), perhaps component_id, name, duty_organization_id, duty_community_id, owner, state, surveyed_at, attrs; options: datum, source, surveyed_at. Every row answers added, updated (its number is on record here) or refused with a reason; bad rows do not stop good ones. / 批量导入部件普查数据（社区为空则按网格归属）；逐行返回 added、updated 或 refused 及原因，坏行不影响好行。';
