-- A small district for tests: two communities with two unit grids each, their
-- organizations and duties.  pg_temp holds what the tests share.

-- Work goes on round the clock here, so that limits are elapsed time.
SELECT community.setting_set('work_hours', 'Mo-Su 00:00-24:00');
SELECT community.community_register('330203', '海曙区', 'district');
SELECT community.community_register('330203001', '南门街道', 'street');
SELECT community.community_register('330203001001', '第一社区', 'residential');
SELECT community.community_register('330203001002', '第二社区', 'residential');

CREATE FUNCTION pg_temp.square(p_lon double precision, p_lat double precision) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(jsonb_build_array(
        jsonb_build_array(p_lon, p_lat), jsonb_build_array(p_lon + 0.01, p_lat),
        jsonb_build_array(p_lon + 0.01, p_lat + 0.01), jsonb_build_array(p_lon, p_lat + 0.01),
        jsonb_build_array(p_lon, p_lat))))
$$;
SELECT community.grid_add('330203001001001', '一网格', 'unit', pg_temp.square(121.50, 29.80));
SELECT community.grid_add('330203001001002', '二网格', 'unit', pg_temp.square(121.51, 29.80));
SELECT community.grid_add('330203001002001', '三网格', 'unit', pg_temp.square(121.52, 29.80));
SELECT community.grid_add('330203001002002', '四网格', 'unit', pg_temp.square(121.53, 29.80));

CREATE TEMP TABLE fixture AS
SELECT community.organization_add(330203001001, '第一社区居委会', 'committee') AS committee,
       community.organization_add(330203001001, '第一物业', 'property') AS property,
       community.organization_add(330203000000, '区城管局', 'government') AS bureau;

-- The reason of the refusal that a statement ends with, kept in provoked; NULL
-- when it ends well.
CREATE TEMP TABLE provoked (reason text);
GRANT INSERT ON provoked TO PUBLIC;
CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_state text;
BEGIN
    EXECUTE p_sql;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_state = RETURNED_SQLSTATE;
    IF v_detail NOT LIKE 'reason=%' THEN
        RETURN v_state || ' ' || SQLERRM;
    END IF;
    INSERT INTO provoked VALUES (substr(split_part(v_detail, ' ', 1), 8));
    RETURN substr(split_part(v_detail, ' ', 1), 8);
END $$;
