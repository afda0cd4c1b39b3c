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
