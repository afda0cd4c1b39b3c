-- What is wrong with the grids of a community.

CREATE OR REPLACE FUNCTION community.grid_check(p_community_id bigint, p_at date DEFAULT CURRENT_DATE, p_kind text DEFAULT 'unit')
RETURNS TABLE (problem text, grid_id bigint, code text, other_grid_id bigint, other_code text, area_m2 double precision, detail text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_tolerance double precision := community.setting_numeric('place.overlap_tolerance', p_community_id);
    v_sliver double precision := community.setting_numeric('place.sliver_width', p_community_id);
    v_boundary community.shape;
    v_cover record;
BEGIN
    SELECT d.geom INTO v_boundary
      FROM community.community_code k
      JOIN community.division d ON d.code_key = k.code_key AND d.valid @> p_at
     WHERE k.community_id = p_community_id AND k.valid @> p_at;
    SELECT * INTO v_cover FROM community._grid_cover(p_community_id, p_at, p_kind, v_boundary);
    problem := 'coverage';
    area_m2 := v_cover.covered_m2;
    detail := CASE WHEN v_cover.grids = 0 THEN 'no grid in force'
                   WHEN v_boundary IS NULL THEN format('%s grids; no boundary loaded, gaps are holes between grids', v_cover.grids)
                   ELSE format('%s grids cover %s %% of the boundary', v_cover.grids, round((100 * v_cover.within_m2 / v_cover.boundary_m2)::numeric, 3)) END;
    RETURN NEXT;

    RETURN QUERY
    SELECT 'invalid', g.grid_id, g.code::text, NULL::bigint, NULL::text, community._st_area_m2(g.geom), 'repaired: ' || g.repair
      FROM community.grid g
     WHERE g.community_id = p_community_id AND g.kind = p_kind AND g.valid @> p_at AND g.repair IS NOT NULL
     ORDER BY g.code_key;

    RETURN QUERY
    SELECT CASE WHEN o.width_m < v_sliver THEN 'sliver' ELSE 'overlap' END, o.grid_id, o.code::text, o.other_grid_id, o.other_code::text, o.area_m2,
           format('mean width %s m', round(o.width_m::numeric, 3))
      FROM community._grid_overlaps(p_community_id, p_at, p_kind) o
     WHERE o.area_m2 >= v_tolerance
     ORDER BY o.area_m2 DESC, o.grid_id, o.other_grid_id;

    RETURN QUERY
    SELECT 'gap', NULL::bigint, NULL::text, NULL::bigint, NULL::text, x.area_m2, format('at %s %s', round(x.lon::numeric, 6), round(x.lat::numeric, 6))
      FROM community._grid_gaps(p_community_id, p_at, p_kind, v_boundary) x
     WHERE x.area_m2 >= v_tolerance
     ORDER BY x.area_m2 DESC;

    IF v_boundary IS NOT NULL AND v_cover.covered_m2 - v_cover.within_m2 >= v_tolerance THEN
        problem := 'outside';
        area_m2 := v_cover.covered_m2 - v_cover.within_m2;
        detail := 'grids reach beyond the boundary of the community';
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION community.grid_check(bigint, date, text) IS 'Check the grids of a community on a day: one row coverage, then invalid (delivered with a bad ring and repaired), sliver and overlap (two grids share at least place.overlap_tolerance square metres; a sliver is narrower than place.sliver_width), gap (no grid covers it), outside. Areas in square metres. / 检查社区网格：覆盖、无效（已修复）、狭缝与重叠、缝隙、越界；面积单位为平方米。';
