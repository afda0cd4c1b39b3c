-- Grids: reading polygons, adding, importing, numbering.

CREATE OR REPLACE FUNCTION community._polygon_read(p_geojson text, p_repair boolean, OUT geom community.grid.geom%TYPE, OUT problem text, OUT repaired text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp
SET client_min_messages = warning AS $$
DECLARE
    v_geom community.shape;
BEGIN
    -- Nothing is written here, so the block costs no transaction number.
    BEGIN
        v_geom := community._st_from_geojson(p_geojson);
    EXCEPTION WHEN OTHERS THEN
        problem := 'no GeoJSON geometry: ' || SQLERRM;
        RETURN;
    END;
    IF v_geom IS NULL OR community._st_is_empty(v_geom) THEN
        problem := 'the geometry is empty';
    ELSIF community._st_type(v_geom) NOT IN ('POLYGON', 'MULTIPOLYGON') THEN
        problem := format('a polygon is needed, not %s', community._st_type(v_geom));
    ELSIF NOT community._st_in_degrees(v_geom) THEN
        problem := 'coordinates are no degrees';
    ELSE
        IF NOT community._st_is_valid(v_geom) THEN
            repaired := community._st_invalid_reason(v_geom);
            IF NOT p_repair THEN
                problem := repaired;
                repaired := NULL;
                RETURN;
            END IF;
            v_geom := community._st_repair(v_geom);
            IF community._st_is_empty(v_geom) THEN
                problem := repaired || '; nothing is left after repair';
                repaired := NULL;
                RETURN;
            END IF;
        END IF;
        geom := community._st_polygons(v_geom);
    END IF;
END
$$;
COMMENT ON FUNCTION community._polygon_read(text, boolean) IS 'Read a GeoJSON polygon: the multipolygon, or what is wrong with it; invalid rings are repaired when asked, and repaired says what was wrong. / 读取 GeoJSON 多边形：返回图形或问题；要求修复时说明原缺陷。';

CREATE OR REPLACE FUNCTION community.grid_add(p_code community.gridcode, p_name text, p_kind text, p_geojson jsonb, p_valid daterange DEFAULT '(,)', p_repair boolean DEFAULT false, p_source text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_key bigint := p_code::bigint;
    v_community bigint;
    v_read record;
    v_grid bigint;
BEGIN
    IF v_key % 1000 = 0 THEN
        PERFORM community.refuse('grid_code_invalid', p_code::text);
    END IF;
    IF p_kind IN ('unit', 'management', 'evaluation', 'exclusive') IS NOT TRUE THEN
        PERFORM community.refuse('grid_kind_invalid', p_kind);
    END IF;
    IF isempty(p_valid) THEN
        PERFORM community.refuse('grid_period_empty', p_code::text);
    END IF;
    v_community := community._grid_community(v_key, p_valid);
    IF v_community IS NULL THEN
        PERFORM community.refuse('community_unknown', (v_key / 1000)::text);
    END IF;
    SELECT * INTO v_read FROM community._polygon_read(p_geojson::text, p_repair);
    IF v_read.problem IS NOT NULL THEN
        PERFORM community.refuse('grid_geometry_invalid', p_code::text, v_read.problem);
    END IF;
    BEGIN
        INSERT INTO community.grid (community_id, code, code_key, kind, name, geom, valid, repair, source)
        VALUES (v_community, p_code, v_key, p_kind, p_name, v_read.geom, p_valid, v_read.repaired, p_source)
        RETURNING grid_id INTO v_grid;
    EXCEPTION WHEN exclusion_violation THEN
        PERFORM community.refuse('grid_code_in_force', p_code::text, p_kind);
    END;
    RETURN v_grid;
END
$$;
COMMENT ON FUNCTION community.grid_add(community.gridcode, text, text, jsonb, daterange, boolean, text) IS 'Add a grid from a GeoJSON polygon under its 15-digit code, in force during p_valid (default: always); returns its number. Refuses a code without registered community, an invalid ring (unless p_repair, which is recorded) and a code in force already. / 按 15 位编码新增网格（GeoJSON 多边形），返回编号；拒绝未登记社区、无效图形（除非要求修复并记录）及同期重复编码。';

CREATE OR REPLACE FUNCTION community._grid_community(p_key bigint, p_valid daterange)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT k.community_id FROM community.community_code k
         WHERE k.code_key = p_key / 1000 * 1000 AND k.valid && p_valid
         ORDER BY k.valid DESC LIMIT 1);
COMMENT ON FUNCTION community._grid_community(bigint, daterange) IS 'Find the community that the first 12 digits of a grid number name in a period, the latest when several. / 查网格编码前 12 位在该时期所指社区。';

CREATE OR REPLACE FUNCTION community._grid_order(p_lons double precision[], p_lats double precision[], p_heights double precision[])
RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_band double precision;
    v_top double precision;
    v_row integer := 0;
    v_rows integer[] := '{}';
    v record;
BEGIN
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY h) / 2 INTO v_band FROM unnest(p_heights) AS h;
    FOR v IN SELECT l.i, l.lat FROM unnest(p_lats) WITH ORDINALITY AS l(lat, i) ORDER BY l.lat DESC, l.i LOOP
        IF v_top IS NULL OR v.lat < v_top - v_band THEN
            v_row := v_row + 1;
            v_top := v.lat;
        END IF;
        v_rows[v.i] := v_row;
    END LOOP;
    RETURN ARRAY(SELECT l.i::integer FROM unnest(p_lons) WITH ORDINALITY AS l(lon, i) ORDER BY v_rows[l.i], l.lon, l.i);
END
$$;
COMMENT ON FUNCTION community._grid_order(double precision[], double precision[], double precision[]) IS 'Put grids into reading order by centroid and height in degrees: rows from north to south, each as deep as half the median height, in a row from west to east; returns positions of the arrays. / 按重心与高度排出编号顺序：自北向南分行（行深为高度中位数之半），行内自西向东。';

CREATE OR REPLACE FUNCTION community.grid_import(p_community_id bigint, p_collection jsonb, p_options jsonb DEFAULT '{}')
RETURNS TABLE (row_no integer, status text, grid_id bigint, code text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_kind text := COALESCE(p_options ->> 'kind', 'unit');
    v_repair boolean := COALESCE(p_options ->> 'invalid', 'refuse') = 'repair';
    v_code_property text := p_options ->> 'code';
    v_name_property text := p_options ->> 'name';
    v_source text := p_options ->> 'source';
    v_valid daterange := daterange((p_options ->> 'valid_from')::date, (p_options ->> 'valid_until')::date);
    v_base bigint;
    v_next integer;
    v_order integer[];
    v_geoms community.shapes := '{}';
    v_lons double precision[] := '{}';
    v_lats double precision[] := '{}';
    v_heights double precision[] := '{}';
    v_at integer[] := '{}';
    v_repaired text[] := '{}';
    v_read record;
    v_key bigint;
    v_text text;
    i integer;
    f jsonb;
BEGIN
    IF jsonb_typeof(p_collection -> 'features') IS DISTINCT FROM 'array' THEN
        PERFORM community.refuse('import_invalid');
    END IF;
    IF v_kind NOT IN ('unit', 'management', 'evaluation', 'exclusive') THEN
        PERFORM community.refuse('grid_kind_invalid', v_kind);
    END IF;
    SELECT k.code_key INTO v_base FROM community.community_code k WHERE k.community_id = p_community_id AND k.valid && v_valid ORDER BY k.valid DESC LIMIT 1;
    IF v_base IS NULL THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    -- First read all polygons: refused ones take no number.
    FOR i, f IN SELECT x.n::integer, x.f FROM jsonb_array_elements(p_collection -> 'features') WITH ORDINALITY AS x(f, n) LOOP
        SELECT * INTO v_read FROM community._polygon_read((f -> 'geometry')::text, v_repair);
        IF v_read.problem IS NOT NULL THEN
            row_no := i; status := 'refused'; grid_id := NULL;
            code := f -> 'properties' ->> v_code_property; detail := v_read.problem;
            RETURN NEXT;
            CONTINUE;
        END IF;
        v_at := v_at || i;
        v_geoms := v_geoms || v_read.geom;
        v_repaired := v_repaired || v_read.repaired;
        v_lons := v_lons || community._st_lon(v_read.geom);
        v_lats := v_lats || community._st_lat(v_read.geom);
        v_heights := v_heights || community._st_height(v_read.geom);
    END LOOP;
    IF v_code_property IS NULL THEN
        v_order := community._grid_order(v_lons, v_lats, v_heights);
        v_next := community._grid_next(p_community_id, v_base, v_kind);
    ELSE
        v_order := ARRAY(SELECT g FROM generate_subscripts(v_at, 1) AS g);
    END IF;
    FOREACH i IN ARRAY v_order LOOP
        f := p_collection -> 'features' -> (v_at[i] - 1);
        row_no := v_at[i]; grid_id := NULL; detail := v_repaired[i];
        IF v_code_property IS NULL THEN
            v_key := v_base + v_next;
            code := v_key::text;
            IF v_next > 999 THEN
                PERFORM community.refuse('grid_numbers_used_up', p_community_id::text);
            END IF;
            v_next := v_next + 1;
        ELSE
            v_text := f -> 'properties' ->> v_code_property;
            code := v_text;
            v_key := CASE WHEN v_text ~ '^\d{1,3}$' THEN v_base + v_text::integer WHEN v_text ~ '^\d{15}$' THEN v_text::bigint END;
            IF v_key IS NULL OR v_key % 1000 = 0 OR v_key / 1000 * 1000 <> v_base THEN
                status := 'refused';
                detail := format('%s is no grid code of community %s', COALESCE(quote_literal(v_text), 'NULL'), p_community_id);
                RETURN NEXT;
                CONTINUE;
            END IF;
            code := v_key::text;
        END IF;
        IF EXISTS (SELECT FROM community.grid g WHERE g.community_id = p_community_id AND g.code_key = v_key AND g.kind = v_kind AND g.valid && v_valid) THEN
            status := 'refused';
            detail := format('grid %s is in force in that period already', v_key);
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO community.grid AS n (community_id, code, code_key, kind, name, geom, valid, repair, source)
        VALUES (p_community_id, community._division_code(v_key), v_key, v_kind,
                COALESCE(NULLIF(f -> 'properties' ->> v_name_property, ''), format('网格 %s', lpad((v_key % 1000)::text, 3, '0'))),
                v_geoms[i], v_valid, v_repaired[i], v_source)
        RETURNING n.grid_id INTO grid_id;
        status := CASE WHEN v_repaired[i] IS NULL THEN 'added' ELSE 'repaired' END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.grid_import(bigint, jsonb, jsonb) IS 'Import the polygons of a GeoJSON FeatureCollection as grids of a community; options: kind, code (property with 3 or 15 digits; without it the grids are numbered west to east, north to south), name (property), valid_from, valid_until, invalid (refuse or repair), source. Each feature answers with added, repaired or refused and why; bad ones do not stop good ones. / 导入 GeoJSON 要素为社区网格；选项见左。逐条返回 added、repaired 或 refused 及原因，坏行不影响好行。';

CREATE OR REPLACE FUNCTION community._grid_next(p_community_id bigint, p_base bigint, p_kind text)
RETURNS integer LANGUAGE sql STABLE
RETURN (SELECT COALESCE(max(g.code_key % 1000), 0)::integer + 1 FROM community.grid g
         WHERE g.community_id = p_community_id AND g.kind = p_kind AND g.code_key BETWEEN p_base AND p_base + 999);
COMMENT ON FUNCTION community._grid_next(bigint, bigint, text) IS 'Give the next grid number of a community and kind; numbers once used are not given again. / 社区某类网格的下一编号，用过的编号不再使用。';

CREATE OR REPLACE FUNCTION community.grid_number(p_community_id bigint, p_kind text DEFAULT 'unit', p_from date DEFAULT CURRENT_DATE, p_apply boolean DEFAULT false)
RETURNS TABLE (grid_id bigint, old_code text, new_code text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_base bigint;
    v_ids bigint[];
    v_keys bigint[];
    v_news bigint[];
    v_lons double precision[];
    v_lats double precision[];
    v_heights double precision[];
    v_order integer[];
BEGIN
    v_base := community._grid_base(p_community_id, p_from);
    SELECT array_agg(g.grid_id ORDER BY g.code_key), array_agg(g.code_key ORDER BY g.code_key),
           array_agg(community._st_lon(g.geom) ORDER BY g.code_key), array_agg(community._st_lat(g.geom) ORDER BY g.code_key),
           array_agg(community._st_height(g.geom) ORDER BY g.code_key)
      INTO v_ids, v_keys, v_lons, v_lats, v_heights
      FROM community.grid g
     WHERE g.community_id = p_community_id AND g.kind = p_kind AND g.valid @> p_from;
    IF v_ids IS NULL THEN
        RETURN;
    END IF;
    IF cardinality(v_ids) > 999 THEN
        PERFORM community.refuse('grid_numbers_used_up', p_community_id::text);
    END IF;
    v_order := community._grid_order(v_lons, v_lats, v_heights);
    FOR i IN 1 .. cardinality(v_order) LOOP
        v_news[v_order[i]] := v_base + i;
    END LOOP;
    IF p_apply THEN
        -- End all changed versions first: the new codes are those of others.
        UPDATE community.grid g
           SET valid = daterange(lower(g.valid), p_from)
          FROM unnest(v_ids, v_keys, v_news) AS c(id, old_key, new_key)
         WHERE g.community_id = p_community_id AND g.grid_id = c.id AND c.old_key <> c.new_key
           AND (lower_inf(g.valid) OR lower(g.valid) < p_from);
    END IF;
    FOR i IN 1 .. cardinality(v_order) LOOP
        grid_id := v_ids[v_order[i]];
        old_code := v_keys[v_order[i]]::text;
        new_code := v_news[v_order[i]]::text;
        IF p_apply AND old_code <> new_code THEN
            grid_id := community._grid_succeed(p_community_id, ARRAY[grid_id], v_news[v_order[i]], NULL, NULL, p_from, 'renumbered', 'numbered west to east, north to south');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.grid_number(bigint, text, date, boolean) IS 'Number the grids of a community from west to east in rows from north to south (rows as deep as half the median height, by centroid); shows old and new codes, and with p_apply brings them into force on p_from: the old versions end, new ones begin, the descent is kept. / 按自西向东、自北向南为社区网格编号；p_apply 为真时自 p_from 起生效，旧版本终止并保留沿革。';

CREATE OR REPLACE FUNCTION community._grid_base(p_community_id bigint, p_at date)
RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_base bigint;
BEGIN
    SELECT k.code_key INTO v_base FROM community.community_code k WHERE k.community_id = p_community_id AND k.valid @> p_at;
    IF NOT FOUND THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    RETURN v_base;
END
$$;
COMMENT ON FUNCTION community._grid_base(bigint, date) IS 'Give the official code of a community on a day as a 15-digit number; refuses when it has none. / 社区某日官方代码的 15 位数值，无则拒绝。';
