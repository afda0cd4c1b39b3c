-- What matching asks of PostGIS; general wrappers stand in place.

CREATE OR REPLACE FUNCTION community._st_points(p_geom geometry)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_NPoints(p_geom);
COMMENT ON FUNCTION community._st_points(geometry) IS 'Number of points of a geometry. / 几何的点数。';

CREATE OR REPLACE FUNCTION community._st_served(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(ST_Multi(ST_Force2D(p_geom)), 4326);
COMMENT ON FUNCTION community._st_served(geometry) IS 'Service area as it is stored: a multipolygon in WGS84, as which CGCS2000 is taken. / 入库的服务范围：WGS84 多多边形，CGCS2000 等同。';

CREATE OR REPLACE FUNCTION community._st_served_problem(p_geom geometry)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ST_SRID(p_geom) NOT IN (4326, 4490) THEN format('SRID %s is neither 4326 nor 4490', ST_SRID(p_geom))
            WHEN GeometryType(p_geom) NOT IN ('POLYGON', 'MULTIPOLYGON') THEN format('a polygon is needed, not %s', GeometryType(p_geom))
            WHEN ST_IsEmpty(p_geom) THEN 'the geometry is empty'
            WHEN NOT community._st_in_degrees(p_geom) THEN 'coordinates are no degrees'
            WHEN ST_YMin(p_geom) <= -88 OR ST_YMax(p_geom) >= 88 THEN 'there are no cells beyond 88 degrees'
            WHEN NOT ST_IsValid(p_geom) THEN ST_IsValidReason(p_geom) END;
COMMENT ON FUNCTION community._st_served_problem(geometry) IS 'What is wrong with a geometry as a service area; NULL: nothing, or no geometry. / 几何作为服务范围的问题，空为无问题或无几何。';

CREATE OR REPLACE FUNCTION community._served_cells(p_geom geometry)
RETURNS SETOF community.gridcell LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c FROM community.gridcell_cover_mixed(community._st_served(p_geom), 48) c;
END;
COMMENT ON FUNCTION community._served_cells(geometry) IS 'At most 48 cells that together contain every point of a service area: those the index looks for. / 覆盖服务范围的至多 48 个网格，供索引检索。';
