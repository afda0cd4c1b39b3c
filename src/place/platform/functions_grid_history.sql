-- Grids that split, merge, change their shape or retire keep their history:
-- versions end and others begin, descent is recorded.

CREATE OR REPLACE FUNCTION community._grid_in_force(p_community_id bigint, p_grid_id bigint, p_at date)
RETURNS community.grid LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_grid community.grid%ROWTYPE;
BEGIN
    SELECT * INTO v_grid FROM community.grid g WHERE g.community_id = p_community_id AND g.grid_id = p_grid_id FOR UPDATE;
    -- A version that begins on the day itself has no day to keep.
    IF NOT FOUND OR (v_grid.valid @> p_at) IS NOT TRUE OR lower(v_grid.valid) = p_at THEN
        PERFORM community.refuse('grid_not_found', p_grid_id::text, p_community_id::text, p_at::text);
    END IF;
    RETURN v_grid;
END
$$;
COMMENT ON FUNCTION community._grid_in_force(bigint, bigint, date) IS 'Lock a grid version that is in force before and on a day, refuse when it is not. / 锁定某日及其前一日均有效的网格版本，否则拒绝。';

CREATE OR REPLACE FUNCTION community._grid_end(p_community_id bigint, p_grid_id bigint, p_at date)
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE community.grid g
       SET valid = daterange(lower(g.valid), p_at)
     WHERE g.community_id = p_community_id AND g.grid_id = p_grid_id AND g.valid @> p_at;
END;
COMMENT ON FUNCTION community._grid_end(bigint, bigint, date) IS 'End a grid version on a day, which is excluded. / 终止网格版本（不含该日）。';

CREATE OR REPLACE FUNCTION community._grid_succeed(p_community_id bigint, p_from_ids bigint[], p_key bigint, p_name text, p_geom community.grid.geom%TYPE, p_at date, p_action text, p_reason text, p_repair text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_grid community.grid%ROWTYPE;
    v_new bigint;
BEGIN
    SELECT * INTO v_grid FROM community.grid g WHERE g.community_id = p_community_id AND g.grid_id = p_from_ids[1];
    INSERT INTO community.grid AS n (community_id, code, code_key, kind, name, geom, valid, repair, source)
    VALUES (p_community_id, community._division_code(p_key), p_key, v_grid.kind, COALESCE(p_name, v_grid.name), COALESCE(p_geom, v_grid.geom),
            daterange(p_at, NULL), CASE WHEN p_geom IS NULL THEN v_grid.repair ELSE p_repair END, v_grid.source)
    RETURNING n.grid_id INTO v_new;
    INSERT INTO community.grid_lineage (community_id, from_grid_id, to_grid_id, action, day, reason)
    SELECT p_community_id, f.id, v_new, p_action, p_at, p_reason FROM unnest(p_from_ids) AS f(id);
    RETURN v_new;
EXCEPTION WHEN exclusion_violation THEN
    PERFORM community.refuse('grid_code_in_force', p_key::text, v_grid.kind);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community._grid_succeed(bigint, bigint[], bigint, text, community.grid.geom%TYPE, date, text, text, text) IS 'Begin a version that comes from others (kind, name and polygon of the first unless given) and record the descent. / 由原版本产生新版本并记录沿革。';

CREATE OR REPLACE FUNCTION community.grid_split(p_community_id bigint, p_grid_id bigint, p_parts jsonb, p_from date DEFAULT CURRENT_DATE, p_reason text DEFAULT NULL)
RETURNS SETOF bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_grid community.grid%ROWTYPE;
    v_base bigint := community._grid_base(p_community_id, p_from);
    v_geoms community.shapes := '{}';
    v_repairs text[] := '{}';
    v_keys bigint[] := '{}';
    v_read record;
    v_next integer;
    v_code text;
    v_off double precision;
    v_part jsonb;
BEGIN
    v_grid := community._grid_in_force(p_community_id, p_grid_id, p_from);
    IF jsonb_typeof(p_parts) IS DISTINCT FROM 'array' OR jsonb_array_length(p_parts) < 2 THEN
        PERFORM community.refuse('too_few_grids', '2');
    END IF;
    v_next := community._grid_next(p_community_id, v_base, v_grid.kind);
    FOR v_part IN SELECT x.p FROM jsonb_array_elements(p_parts) AS x(p) LOOP
        SELECT * INTO v_read FROM community._polygon_read((v_part -> 'geometry')::text, COALESCE((v_part ->> 'repair')::boolean, false));
        v_code := v_part ->> 'code';
        IF v_read.problem IS NOT NULL THEN
            PERFORM community.refuse('grid_geometry_invalid', COALESCE(v_code, v_grid.code::text), v_read.problem);
        END IF;
        IF v_code IS NULL THEN
            IF v_next > 999 THEN
                PERFORM community.refuse('grid_numbers_used_up', p_community_id::text);
            END IF;
            v_keys := v_keys || (v_base + v_next);
            v_next := v_next + 1;
        ELSIF v_code ~ '^\d{15}$' AND v_code::bigint / 1000 * 1000 = v_base AND v_code::bigint > v_base THEN
            v_keys := v_keys || v_code::bigint;
        ELSE
            PERFORM community.refuse('grid_code_invalid', v_code);
        END IF;
        v_geoms := v_geoms || v_read.geom;
        v_repairs := v_repairs || v_read.repaired;
    END LOOP;
    v_off := community._st_difference_m2(v_grid.geom, community._st_union(v_geoms)) + community._st_overlap_m2(v_geoms);
    IF v_off > community._st_area_m2(v_grid.geom) * community.setting_numeric('place.cover_tolerance') THEN
        PERFORM community.refuse('split_not_covering', v_grid.code::text, round(v_off::numeric, 1)::text);
    END IF;
    PERFORM community._grid_end(p_community_id, p_grid_id, p_from);
    FOR i IN 1 .. cardinality(v_geoms) LOOP
        RETURN NEXT community._grid_succeed(p_community_id, ARRAY[p_grid_id], v_keys[i], COALESCE(p_parts -> (i - 1) ->> 'name', v_grid.name || '-' || i),
                                            v_geoms[i], p_from, 'split', p_reason, v_repairs[i]);
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.grid_split(bigint, bigint, jsonb, date, text) IS 'Split a grid into parts (objects with geometry, perhaps code, name, repair) from a day on: the grid ends, the parts begin under the next free numbers; returns them. Refuses parts that do not cover the grid exactly (setting place.cover_tolerance). / 自某日起拆分网格，各部分取下一空号；未恰好覆盖原网格则拒绝。';

CREATE OR REPLACE FUNCTION community.grid_merge(p_community_id bigint, p_grid_ids bigint[], p_name text, p_from date DEFAULT CURRENT_DATE, p_reason text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_base bigint := community._grid_base(p_community_id, p_from);
    v_grid community.grid%ROWTYPE;
    v_kind text;
    v_geoms community.shapes := '{}';
    v_union community.shape;
    v_next integer;
    v_id bigint;
BEGIN
    IF (SELECT count(DISTINCT u) FROM unnest(p_grid_ids) AS u) < 2 THEN
        PERFORM community.refuse('too_few_grids', '2');
    END IF;
    FOR v_id IN SELECT DISTINCT u FROM unnest(p_grid_ids) AS u ORDER BY u LOOP
        v_grid := community._grid_in_force(p_community_id, v_id, p_from);
        IF v_grid.kind <> COALESCE(v_kind, v_grid.kind) THEN
            PERFORM community.refuse('grid_kind_invalid', v_grid.kind);
        END IF;
        v_kind := v_grid.kind;
        v_geoms := v_geoms || v_grid.geom;
    END LOOP;
    v_union := community._st_union(v_geoms);
    IF NOT community._st_connected(v_geoms) THEN
        PERFORM community.refuse('grids_not_adjacent');
    END IF;
    v_next := community._grid_next(p_community_id, v_base, v_kind);
    IF v_next > 999 THEN
        PERFORM community.refuse('grid_numbers_used_up', p_community_id::text);
    END IF;
    FOREACH v_id IN ARRAY p_grid_ids LOOP
        PERFORM community._grid_end(p_community_id, v_id, p_from);
    END LOOP;
    RETURN community._grid_succeed(p_community_id, ARRAY(SELECT DISTINCT u FROM unnest(p_grid_ids) AS u ORDER BY u), v_base + v_next, p_name, v_union, p_from, 'merged', p_reason);
END
$$;
COMMENT ON FUNCTION community.grid_merge(bigint, bigint[], text, date, text) IS 'Merge adjacent grids of one kind into one from a day on, under the next free number; returns it. Refuses grids that are not connected. / 自某日起合并相邻的同类网格，取下一空号；不相连则拒绝。';

CREATE OR REPLACE FUNCTION community.grid_reshape(p_community_id bigint, p_grid_id bigint, p_geojson jsonb, p_from date DEFAULT CURRENT_DATE, p_reason text DEFAULT NULL, p_repair boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_grid community.grid%ROWTYPE;
    v_read record;
BEGIN
    v_grid := community._grid_in_force(p_community_id, p_grid_id, p_from);
    SELECT * INTO v_read FROM community._polygon_read(p_geojson::text, p_repair);
    IF v_read.problem IS NOT NULL THEN
        PERFORM community.refuse('grid_geometry_invalid', v_grid.code::text, v_read.problem);
    END IF;
    PERFORM community._grid_end(p_community_id, p_grid_id, p_from);
    RETURN community._grid_succeed(p_community_id, ARRAY[p_grid_id], v_grid.code_key, NULL, v_read.geom, p_from, 'reshaped', p_reason, v_read.repaired);
END
$$;
COMMENT ON FUNCTION community.grid_reshape(bigint, bigint, jsonb, date, text, boolean) IS 'Give a grid another polygon from a day on; the code stays, the new version''s number is returned. / 自某日起调整网格范围，编码不变，返回新版本编号。';

CREATE OR REPLACE FUNCTION community.grid_retire(p_community_id bigint, p_grid_id bigint, p_from date DEFAULT CURRENT_DATE, p_reason text DEFAULT NULL, p_successor bigint DEFAULT NULL)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._grid_in_force(p_community_id, p_grid_id, p_from);
    PERFORM community._grid_end(p_community_id, p_grid_id, p_from);
    IF p_successor IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM community.grid g WHERE g.community_id = p_community_id AND g.grid_id = p_successor AND g.valid @> p_from) THEN
            PERFORM community.refuse('grid_not_found', p_successor::text, p_community_id::text, p_from::text);
        END IF;
        INSERT INTO community.grid_lineage (community_id, from_grid_id, to_grid_id, action, day, reason)
        VALUES (p_community_id, p_grid_id, p_successor, 'replaced', p_from, p_reason);
    END IF;
END
$$;
COMMENT ON FUNCTION community.grid_retire(bigint, bigint, date, text, bigint) IS 'End a grid on a day, which is excluded; a successor that is in force then may be named. / 自某日起（不含）撤销网格，可指明接替网格。';

CREATE OR REPLACE FUNCTION community.grid_compose(p_community_id bigint, p_kind text, p_name text, p_unit_ids bigint[], p_from date DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_at date := COALESCE(p_from, CURRENT_DATE);
    v_base bigint := community._grid_base(p_community_id, COALESCE(p_from, CURRENT_DATE));
    v_geoms community.shapes := '{}';
    v_grid community.grid%ROWTYPE;
    v_next integer;
    v_new bigint;
    v_id bigint;
BEGIN
    IF p_kind NOT IN ('management', 'evaluation', 'exclusive') THEN
        PERFORM community.refuse('grid_kind_invalid', p_kind);
    END IF;
    IF COALESCE(cardinality(p_unit_ids), 0) = 0 THEN
        PERFORM community.refuse('too_few_grids', '1');
    END IF;
    FOREACH v_id IN ARRAY p_unit_ids LOOP
        SELECT * INTO v_grid FROM community.grid g
         WHERE g.community_id = p_community_id AND g.grid_id = v_id AND g.kind = 'unit' AND g.valid @> v_at;
        IF NOT FOUND THEN
            PERFORM community.refuse('grid_not_found', v_id::text, p_community_id::text, v_at::text);
        END IF;
        v_geoms := v_geoms || v_grid.geom;
    END LOOP;
    IF p_kind = 'management' AND NOT community._st_connected(v_geoms) THEN
        PERFORM community.refuse('grids_not_adjacent');
    END IF;
    v_next := community._grid_next(p_community_id, v_base, p_kind);
    IF v_next > 999 THEN
        PERFORM community.refuse('grid_numbers_used_up', p_community_id::text);
    END IF;
    INSERT INTO community.grid AS n (community_id, code, code_key, kind, name, geom, valid)
    VALUES (p_community_id, community._division_code(v_base + v_next), v_base + v_next, p_kind, p_name, community._st_union(v_geoms), daterange(p_from, NULL))
    RETURNING n.grid_id INTO v_new;
    INSERT INTO community.grid_part (community_id, grid_id, unit_grid_id)
    SELECT DISTINCT p_community_id, v_new, u FROM unnest(p_unit_ids) AS u;
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.grid_compose(bigint, text, text, bigint[], date) IS 'Compose a management, evaluation or exclusive grid of unit grids from a day on (NULL: always), under the next free number of its kind; the unit grids of a management grid must be adjacent. / 由单元网格组成管理、评价或专属网格；管理网格的单元须相邻。';

CREATE OR REPLACE FUNCTION community.grid_history(p_community_id bigint, p_grid_id bigint)
RETURNS TABLE (grid_id bigint, code text, name text, kind text, valid daterange, came_by text, from_grids bigint[])
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE kin AS (
        SELECT p_grid_id AS id
        UNION
        SELECT CASE WHEN l.from_grid_id = k.id THEN l.to_grid_id ELSE l.from_grid_id END
          FROM kin k
          JOIN community.grid_lineage l ON l.community_id = p_community_id AND k.id IN (l.from_grid_id, l.to_grid_id)
    )
    SELECT g.grid_id, g.code::text, g.name, g.kind, g.valid,
           (SELECT min(l.action) FROM community.grid_lineage l WHERE l.community_id = p_community_id AND l.to_grid_id = g.grid_id),
           ARRAY(SELECT l.from_grid_id FROM community.grid_lineage l WHERE l.community_id = p_community_id AND l.to_grid_id = g.grid_id ORDER BY 1)
      FROM kin k
      JOIN community.grid g ON g.community_id = p_community_id AND g.grid_id = k.id
     ORDER BY lower(g.valid) NULLS FIRST, g.code_key, g.grid_id;
END;
COMMENT ON FUNCTION community.grid_history(bigint, bigint) IS 'List all versions that a grid came from or went into, oldest first. / 列出网格的全部前身与后继，按时间先后。';
