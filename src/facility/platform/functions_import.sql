-- Import of facilities and components from rows or GeoJSON in any datum.

CREATE OR REPLACE FUNCTION community._import_features(p_rows jsonb)
RETURNS TABLE (row_no integer, doc jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT x.n::integer,
           CASE WHEN x.r ->> 'type' = 'Feature'
                THEN CASE jsonb_typeof(x.r -> 'properties') WHEN 'object' THEN x.r -> 'properties' ELSE '{}' END
                     || jsonb_build_object('geometry', x.r -> 'geometry')
                     || CASE WHEN x.r ? 'id' THEN jsonb_build_object('source_id', x.r -> 'id') ELSE '{}' END
                ELSE x.r END
      FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p_rows) = 'array' THEN p_rows
                                     WHEN jsonb_typeof(p_rows -> 'features') = 'array' THEN p_rows -> 'features' END) WITH ORDINALITY AS x(r, n);
END;
COMMENT ON FUNCTION community._import_features(jsonb) IS 'Unfold rows: an array of objects, or a GeoJSON FeatureCollection whose properties become the object. / 展开数据行：对象数组或 GeoJSON 要素集合。';

CREATE OR REPLACE FUNCTION community._geometry_read(p_doc jsonb, p_datum text, OUT geom community.facility.geom%TYPE, OUT problem text, OUT note text)
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp
SET client_min_messages = warning AS $$
DECLARE
    v_geom community.shape;
    v_disc community.shape;
BEGIN
    -- Nothing is written here, so the block costs no transaction number.
    BEGIN
        IF jsonb_typeof(p_doc -> 'geometry') = 'object' THEN
            v_geom := community._st_from_geojson((p_doc -> 'geometry')::text);
        ELSIF NULLIF(p_doc ->> 'wkt', '') IS NOT NULL THEN
            v_geom := community._st_from_wkt(p_doc ->> 'wkt');
        ELSIF NULLIF(p_doc ->> 'lon', '') IS NOT NULL AND NULLIF(p_doc ->> 'lat', '') IS NOT NULL THEN
            v_geom := community._st_point((p_doc ->> 'lon')::double precision, (p_doc ->> 'lat')::double precision);
        ELSE
            problem := 'no geometry, wkt, or lon and lat';
            RETURN;
        END IF;
        v_geom := community._st_flat(v_geom);
        IF community._st_is_empty(v_geom) THEN
            problem := 'the geometry is empty';
        ELSIF NOT community._st_facility_type(v_geom) THEN
            problem := format('no place has a %s', community._st_type(v_geom));
        ELSIF NOT COALESCE(community._st_in_degrees(v_geom), false) THEN
            problem := 'coordinates are no degrees';
        END IF;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        v_geom := community.from_datum(v_geom, p_datum);
        IF NOT community._st_is_valid(v_geom) THEN
            note := 'repaired: ' || community._st_invalid_reason(v_geom);
            v_geom := community._st_mend(v_geom);
            IF community._st_is_empty(v_geom) OR NOT community._st_facility_type(v_geom) THEN
                problem := note || '; nothing is left';
                RETURN;
            END IF;
        END IF;
        v_disc := community._st_disc_centre(v_geom);
        IF v_disc IS NOT NULL THEN
            v_geom := v_disc;
            note := 'a point drawn as a small circle';
        END IF;
        geom := v_geom;
    EXCEPTION WHEN OTHERS THEN
        problem := SQLERRM;
    END;
END
$$;
COMMENT ON FUNCTION community._geometry_read(jsonb, text) IS 'Read the place of a row (geometry, wkt, or lon and lat) from its datum into WGS84: the geometry, or what is wrong; invalid shapes are repaired and small drawn circles become points again, which note says. / 读取数据行的位置并转换为 WGS84；返回几何或问题，修复与还原圆点均注明。';

CREATE OR REPLACE FUNCTION community._facility_refine(p_class text, p_name text)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE((SELECT c.class FROM community.facility_class c
                  WHERE c.parent_class = p_class AND p_name ~ c.name_pattern
                  ORDER BY length(c.name_pattern) DESC, c.class LIMIT 1), p_class);
COMMENT ON FUNCTION community._facility_refine(text, text) IS 'Choose the sub-class whose name pattern a name matches, else the class itself. / 按名称规则细分类别，不匹配则不变。';

CREATE OR REPLACE FUNCTION community.facility_import(p_community_id bigint, p_rows jsonb, p_options jsonb DEFAULT '{}')
RETURNS TABLE (row_no integer, status text, community_id bigint, facility_id bigint, reason text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_datum text := lower(replace(COALESCE(p_options ->> 'datum', 'wgs84'), '-', ''));
    v_source text := COALESCE(p_options ->> 'source', 'import');
    v_refine boolean := COALESCE((p_options ->> 'refine')::boolean, false);
    v_keep boolean := COALESCE(p_options ->> 'duplicates', 'refuse') = 'keep';
    v_box jsonb := p_options -> 'within';
    v_not_name text := p_options ->> 'refuse_name';
    v_metres double precision := community.setting_numeric('facility.duplicate_distance', p_community_id);
    v_similarity double precision := community.setting_numeric('facility.duplicate_similarity', p_community_id);
    v_class text;
    v_name text;
    v_read record;
    v_capacity integer;
    v_weekly int4multirange;
    v_opening text;
    v_grid bigint;
    v_community bigint;
    v_point record;
    v_old bigint;
    v_valid daterange;
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
        status := 'refused'; community_id := p_community_id; facility_id := NULL; reason := NULL; detail := NULL;
        IF jsonb_typeof(d) IS DISTINCT FROM 'object' THEN
            reason := 'row_invalid';
            detail := 'the row is no object';
            RETURN NEXT;
            CONTINUE;
        END IF;
        v_name := btrim(d ->> 'name');
        v_class := COALESCE(NULLIF(d ->> 'class', ''), NULLIF(d ->> 'kind', ''), p_options ->> 'class');
        v_class := COALESCE(p_options -> 'class_map' ->> v_class, v_class);
        IF NOT EXISTS (SELECT FROM community.facility_class c WHERE c.class = v_class) THEN
            v_class := COALESCE((SELECT min(c.class) FROM community.facility_class c
                                  WHERE d ->> split_part(c.osm_tag, '=', 1) = split_part(c.osm_tag, '=', 2)), p_options ->> 'class_default', v_class);
        END IF;
        v_opening := NULLIF(btrim(COALESCE(d ->> 'opening', d ->> 'opening_hours')), '');
        IF COALESCE(v_name, '') = '' THEN
            reason := 'name_missing';
        ELSIF v_name ~ v_not_name THEN
            reason := 'name_refused';
            detail := v_name;
        ELSIF NOT EXISTS (SELECT FROM community.facility_class c WHERE c.class = v_class) OR v_class IS NULL THEN
            reason := 'class_unknown';
            detail := v_class;
        ELSIF d ->> 'capacity' !~ '^\d{1,9}$' AND d ->> 'capacity' <> '' THEN
            reason := 'capacity_invalid';
            detail := d ->> 'capacity';
        ELSIF octet_length(v_source) + octet_length(d ->> 'source_id') > 1000 THEN
            reason := 'row_invalid';
            detail := 'source and source_id are longer than 1000 bytes';
        END IF;
        IF reason IS NULL THEN
            v_capacity := NULLIF(d ->> 'capacity', '')::integer;
            BEGIN
                v_weekly := community.weekly_hours(v_opening);
                v_valid := daterange(NULLIF(d ->> 'valid_from', '')::date, NULLIF(d ->> 'valid_until', '')::date);
                v_surveyed := NULLIF(COALESCE(d ->> 'surveyed_at', p_options ->> 'surveyed_at'), '')::date;
                IF isempty(v_valid) THEN
                    reason := 'dates_invalid';
                    detail := 'the period is empty';
                END IF;
            EXCEPTION
                WHEN invalid_text_representation THEN
                    reason := 'opening_invalid';
                    detail := SQLERRM;
                WHEN OTHERS THEN
                    reason := 'dates_invalid';
                    detail := SQLERRM;
            END;
        END IF;
        IF reason IS NULL THEN
            SELECT * INTO v_read FROM community._geometry_read(d, v_datum);
            IF v_read.problem IS NOT NULL THEN
                reason := 'geometry_invalid';
                detail := v_read.problem;
            ELSIF v_box IS NOT NULL AND NOT community._st_in_box(v_read.geom, (v_box ->> 0)::double precision, (v_box ->> 1)::double precision, (v_box ->> 2)::double precision, (v_box ->> 3)::double precision) THEN
                reason := 'outside';
                detail := format('%s %s', round(community._st_lon(v_read.geom)::numeric, 6), round(community._st_lat(v_read.geom)::numeric, 6));
            END IF;
        END IF;
        IF reason IS NULL THEN
            SELECT g.community_id, g.grid_id INTO v_point FROM community.grid_at(v_read.geom, CURRENT_DATE) g;
            v_community := COALESCE(p_community_id, v_point.community_id,
                                    community.fallback_community(community._st_lon(v_read.geom), community._st_lat(v_read.geom)));
            v_grid := CASE WHEN v_point.community_id = v_community THEN v_point.grid_id END;
            community_id := v_community;
            IF v_community IS NULL THEN
                reason := 'community_unknown';
                detail := 'it lies in no grid and no district can be told';
            END IF;
        END IF;
        IF reason IS NOT NULL THEN
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF v_refine THEN
            v_class := community._facility_refine(v_class, v_name);
        END IF;
        detail := v_read.note;
        v_old := NULL;
        IF d ->> 'source_id' <> '' THEN
            SELECT f.facility_id INTO v_old FROM community.facility f
             WHERE f.community_id = v_community AND f.source = v_source AND f.source_id = d ->> 'source_id';
        END IF;
        IF v_old IS NOT NULL THEN
            UPDATE community.facility f
               SET class = v_class, name = v_name, geom = v_read.geom, grid_id = v_grid, datum = v_datum,
                   capacity = COALESCE(v_capacity, f.capacity), opening = COALESCE(v_opening, f.opening), weekly = COALESCE(v_weekly, f.weekly),
                   owner = COALESCE(d ->> 'owner', f.owner), operator = COALESCE(d ->> 'operator', f.operator),
                   attrs = f.attrs || community._facility_attrs(d, v_read.note), surveyed_at = COALESCE(v_surveyed, f.surveyed_at)
             WHERE f.community_id = v_community AND f.facility_id = v_old;
            status := 'updated';
            facility_id := v_old;
        ELSE
            v_old := CASE WHEN NOT v_keep THEN community._facility_alike(v_community, v_class, v_name, v_read.geom, v_metres, v_similarity) END;
            IF v_old IS NOT NULL THEN
                status := 'duplicate';
                facility_id := v_old;
                reason := 'duplicate';
            ELSE
                INSERT INTO community.facility AS n (community_id, class, name, geom, grid_id, capacity, opening, weekly, owner, operator, attrs, source, source_id, datum, surveyed_at, valid)
                VALUES (v_community, v_class, v_name, v_read.geom, v_grid, v_capacity, v_opening, v_weekly, d ->> 'owner', d ->> 'operator',
                        community._facility_attrs(d, v_read.note), v_source, NULLIF(d ->> 'source_id', ''), v_datum, v_surveyed, v_valid)
                RETURNING n.facility_id INTO facility_id;
                status := 'added';
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.facility_import(bigint, jsonb, jsonb) IS 'Import facilities into a community (NULL: each into the one whose grid it lies in, else the fallback of its district). Rows: an array of objects with name, class or kind, and geometry, wkt, or lon and lat, perhaps capacity, opening, owner, operator, source_id, valid_from, valid_until, surveyed_at, attrs; or a GeoJSON FeatureCollection. Options: datum (wgs84, gcj02, bd09), source, class (when a row names none), class_default (when it is unknown), class_map, refine (sub-class by name), duplicates (refuse or keep), within [west, south, east, north], refuse_name (regular expression), surveyed_at. Every row answers added, updated (same source and source_id), duplicate (same class, near, alike: which one) or refused with a reason; bad rows do not stop good ones. / 批量导入设施（社区为空则按网格归属）；支持 WGS84、GCJ-02、BD-09；逐行返回 added、updated、duplicate 或 refused 及原因，坏行不影响好行。';

CREATE OR REPLACE FUNCTION community._facility_attrs(p_doc jsonb, p_note text)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(p_doc -> 'attrs') WHEN 'object' THEN p_doc -> 'attrs' ELSE '{}' END
       || CASE WHEN p_note IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('geometry_note', p_note) END;
COMMENT ON FUNCTION community._facility_attrs(jsonb, text) IS 'Attributes of an imported row with the note on its geometry. / 导入行的附加属性及几何说明。';
