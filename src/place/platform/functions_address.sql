-- Standard addresses.

CREATE OR REPLACE FUNCTION community.address_add(p_community_id bigint, p_kind text, p_name text, p_parent_id bigint DEFAULT NULL, p_lon double precision DEFAULT NULL, p_lat double precision DEFAULT NULL, p_valid daterange DEFAULT '(,)', p_source text DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_parent community.address%ROWTYPE;
    v_geom community.shape;
    v_grid bigint;
    v_full text := p_name;
    v_new bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF p_kind NOT IN ('street', 'compound', 'building', 'unit', 'floor', 'room', 'gate') THEN
        PERFORM community.refuse('address_kind_invalid', p_kind);
    END IF;
    IF p_parent_id IS NOT NULL THEN
        SELECT * INTO v_parent FROM community.address a WHERE a.community_id = p_community_id AND a.address_id = p_parent_id;
        IF NOT FOUND THEN
            PERFORM community.refuse('address_not_found', p_parent_id::text, p_community_id::text);
        END IF;
        v_full := v_parent.full_name || p_name;
        v_grid := v_parent.grid_id;
    END IF;
    IF p_lon IS NOT NULL OR p_lat IS NOT NULL THEN
        IF NOT COALESCE(p_lon BETWEEN -180 AND 180 AND p_lat BETWEEN -90 AND 90, false) THEN
            PERFORM community.refuse('coordinates_invalid', COALESCE(p_lon::text, 'NULL'), COALESCE(p_lat::text, 'NULL'));
        END IF;
        v_geom := community._st_point(p_lon, p_lat);
        SELECT g.grid_id INTO v_grid
          FROM community.grid_locate(p_lon, p_lat, COALESCE(greatest(lower(p_valid), CURRENT_DATE), CURRENT_DATE)) g
         WHERE g.community_id = p_community_id;
    ELSIF p_parent_id IS NOT NULL THEN
        v_geom := v_parent.geom;
    END IF;
    BEGIN
        INSERT INTO community.address (community_id, parent_id, kind, name, full_name, grid_id, geom, valid, source)
        VALUES (p_community_id, p_parent_id, p_kind, p_name, v_full, v_grid, v_geom, p_valid, p_source)
        RETURNING address_id INTO v_new;
    EXCEPTION WHEN exclusion_violation THEN
        PERFORM community.refuse('address_known', v_full);
    END;
    RETURN v_new;
END
$$;
COMMENT ON FUNCTION community.address_add(bigint, text, text, bigint, double precision, double precision, daterange, text) IS 'Add an address below another (NULL: at the top); without coordinates it takes place and grid of the one above; returns its number. Refuses an address known in that period. / 新增地址，可挂于上级之下；无坐标时沿用上级位置与网格；同期重复则拒绝。';

CREATE OR REPLACE FUNCTION community.address_end(p_community_id bigint, p_address_id bigint, p_until date)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_count bigint;
BEGIN
    WITH RECURSIVE down AS (
        SELECT a.address_id FROM community.address a WHERE a.community_id = p_community_id AND a.address_id = p_address_id
        UNION ALL
        SELECT a.address_id FROM down d JOIN community.address a ON a.community_id = p_community_id AND a.parent_id = d.address_id
    )
    UPDATE community.address a
       SET valid = daterange(lower(a.valid), p_until)
      FROM down d
     WHERE a.community_id = p_community_id AND a.address_id = d.address_id
       AND a.valid @> p_until AND (lower_inf(a.valid) OR lower(a.valid) < p_until);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count = 0 THEN
        PERFORM community.refuse('address_not_found', p_address_id::text, p_community_id::text);
    END IF;
    RETURN v_count;
END
$$;
COMMENT ON FUNCTION community.address_end(bigint, bigint, date) IS 'End an address and all below it on a day, which is excluded (a building torn down); returns how many ended. / 自某日起（不含）终止地址及其下级，返回终止数。';

CREATE OR REPLACE FUNCTION community.address_search(p_text text, p_community_id bigint DEFAULT NULL, p_limit integer DEFAULT 20)
RETURNS TABLE (community_id bigint, address_id bigint, full_name text, similarity double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.community_id, a.address_id, a.full_name, community._name_similarity(a.full_name, p_text)
      FROM community.address a
     WHERE community.bigrams(a.full_name) @> community.bigrams(p_text)
       AND cardinality(community.bigrams(p_text)) > 0
       AND (p_community_id IS NULL OR a.community_id = p_community_id)
       AND a.valid @> CURRENT_DATE
     ORDER BY 4 DESC, a.full_name, a.address_id
     LIMIT p_limit;
END;
COMMENT ON FUNCTION community.address_search(text, bigint, integer) IS 'Find addresses in force that hold every pair of adjacent characters of a text, most similar first; two characters are enough for the index. / 查有效地址：须含查询文本的全部相邻字对，两个字即可用索引。';
