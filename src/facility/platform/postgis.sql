-- What facility asks of PostGIS; general wrappers stand in place.

CREATE OR REPLACE FUNCTION community._st_facility_type(p_geom geometry)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN GeometryType(p_geom) IN ('POINT', 'MULTIPOINT', 'LINESTRING', 'MULTILINESTRING', 'POLYGON', 'MULTIPOLYGON');
COMMENT ON FUNCTION community._st_facility_type(geometry) IS 'Tell whether a facility or component may have this type of geometry. / 判断几何类型是否适用于设施与部件。';

CREATE OR REPLACE FUNCTION community._st_flat(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(ST_Force2D(p_geom), 4326);
COMMENT ON FUNCTION community._st_flat(geometry) IS 'Drop heights and measures, in WGS84. / 去掉高程与测度。';

CREATE OR REPLACE FUNCTION community._st_mend(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ST_Dimension(p_geom) = 2 THEN ST_CollectionExtract(ST_MakeValid(p_geom), 3) ELSE ST_MakeValid(p_geom) END;
COMMENT ON FUNCTION community._st_mend(geometry) IS 'Make a geometry valid; an area stays an area. / 修复几何，面仍为面。';

CREATE OR REPLACE FUNCTION community._st_disc_centre(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN GeometryType(p_geom) = 'POLYGON' AND ST_NPoints(p_geom) >= 9 AND ST_NumInteriorRings(p_geom) = 0 AND ST_Area(geography(p_geom)) < 400
             AND 4 * pi() * ST_Area(geography(p_geom)) > 0.94 * ST_Perimeter(geography(p_geom)) ^ 2
            THEN ST_SnapToGrid(ST_Centroid(p_geom), 0.0000001) END;
COMMENT ON FUNCTION community._st_disc_centre(geometry) IS 'Centre of a polygon that is but a drawn point: below 400 square metres, eight corners or more, nearly a circle; NULL for any other. / 由点画成的小圆面（小于 400 平方米、近圆）的圆心，否则为空。';

CREATE OR REPLACE FUNCTION community._st_in_box(p_geom geometry, p_west double precision, p_south double precision, p_east double precision, p_north double precision)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_XMin(p_geom) >= p_west AND ST_YMin(p_geom) >= p_south AND ST_XMax(p_geom) <= p_east AND ST_YMax(p_geom) <= p_north;
COMMENT ON FUNCTION community._st_in_box(geometry, double precision, double precision, double precision, double precision) IS 'Tell whether a geometry lies in a box of degrees. / 判断几何是否位于经纬度范围内。';

CREATE OR REPLACE FUNCTION community._facility_classes(p_class text)
RETURNS TABLE (class text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE down AS (
        SELECT c.class FROM community.facility_class c WHERE c.class = p_class OR p_class IS NULL
        UNION
        SELECT c.class FROM down d JOIN community.facility_class c ON c.parent_class = d.class
    )
    SELECT d.class FROM down d;
END;
COMMENT ON FUNCTION community._facility_classes(text) IS 'List a class and those under it; NULL: all. / 列出类别及其下级，空为全部。';

CREATE OR REPLACE FUNCTION community._facility_alike(p_community_id bigint, p_class text, p_name text, p_geom geometry, p_metres double precision, p_similarity double precision)
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Names are compared last: that costs more than all the rest.
    WITH near AS MATERIALIZED (
        SELECT f.facility_id, f.name
          FROM community.facility f
         WHERE f.class = p_class AND f.community_id = p_community_id
           AND ST_DWithin(geography(f.geom), geography(p_geom), p_metres)
           AND upper_inf(f.valid)
    ), alike AS MATERIALIZED (
        SELECT n.facility_id, community._facility_alikeness(n.name, p_name) AS likeness FROM near n
    )
    SELECT a.facility_id FROM alike a WHERE a.likeness >= p_similarity ORDER BY a.likeness DESC, a.facility_id LIMIT 1;
END;
COMMENT ON FUNCTION community._facility_alike(bigint, text, text, geometry, double precision, double precision) IS 'Find the facility of the same class within a distance whose name is most alike, NULL when none reaches the similarity. / 查同类、近距离、名称最相似的设施。';

CREATE OR REPLACE FUNCTION community._facility_nearest(p_geom geometry, p_class text, p_k integer, p_within double precision, p_at timestamptz, p_free boolean, p_holidays date[], p_workdays date[], p_day date)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, open boolean, free integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT n.community_id, n.facility_id, n.class, n.name, ST_Distance(geography(n.geom), geography(p_geom)),
           ST_X(ST_Centroid(n.geom)), ST_Y(ST_Centroid(n.geom)), n.open, n.free
      FROM community._facility_classes(p_class) c
     CROSS JOIN LATERAL (
        SELECT f.community_id, f.facility_id, f.class, f.name, f.geom, f.capacity - f.occupied AS free,
               CASE WHEN p_at IS NOT NULL THEN
                   COALESCE((SELECT x.hours @> (extract(hour FROM p_at AT TIME ZONE t.tz)::integer * 60 + extract(minute FROM p_at AT TIME ZONE t.tz)::integer)
                               FROM community.facility_exception x
                              WHERE x.community_id = f.community_id AND x.facility_id = f.facility_id AND x.day = (p_at AT TIME ZONE t.tz)::date),
                            community.hours_open(p_at, f.weekly, t.tz, p_holidays, p_workdays)) END AS open
          FROM community.facility f
          JOIN community.community t ON t.community_id = f.community_id
         WHERE f.class = c.class
           AND f.valid @> p_day
           AND (p_within IS NULL OR ST_DWithin(geography(f.geom), geography(p_geom), p_within))
           AND (NOT p_free OR f.capacity > f.occupied)
           AND (p_at IS NULL OR COALESCE((SELECT x.hours @> (extract(hour FROM p_at AT TIME ZONE t.tz)::integer * 60 + extract(minute FROM p_at AT TIME ZONE t.tz)::integer)
                               FROM community.facility_exception x
                              WHERE x.community_id = f.community_id AND x.facility_id = f.facility_id AND x.day = (p_at AT TIME ZONE t.tz)::date),
                            community.hours_open(p_at, f.weekly, t.tz, p_holidays, p_workdays)))
         ORDER BY geography(f.geom) <-> geography(p_geom)
         LIMIT p_k) n
     ORDER BY 5, n.facility_id
     LIMIT p_k;
END;
COMMENT ON FUNCTION community._facility_nearest(geometry, text, integer, double precision, timestamptz, boolean, date[], date[], date) IS 'Nearest facilities in the order of the index, which measures on a sphere. / 按索引（球面距离）次序取最近设施。';

CREATE OR REPLACE FUNCTION community._facility_in(p_geom geometry, p_metres double precision, p_class text, p_day date)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.community_id, f.facility_id, f.class, f.name, ST_Distance(geography(f.geom), geography(p_geom)), ST_X(ST_Centroid(f.geom)), ST_Y(ST_Centroid(f.geom))
      FROM community.facility f
     WHERE ST_DWithin(geography(f.geom), geography(p_geom), p_metres)
       AND f.valid @> p_day
       AND (p_class IS NULL OR f.class IN (SELECT c.class FROM community._facility_classes(p_class) c))
     ORDER BY 5, f.facility_id;
END;
COMMENT ON FUNCTION community._facility_in(geometry, double precision, text, date) IS 'List facilities within metres of a geometry (0: touching it), nearest first. / 列出距几何一定米数内的设施，近者在前。';
