-- Everything that names PostGIS functions: bodies are bound when they are
-- created, so they find PostGIS in whichever schema it lives.

CREATE OR REPLACE FUNCTION community._st_point(p_lon double precision, p_lat double precision)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(ST_MakePoint(p_lon, p_lat), 4326);
COMMENT ON FUNCTION community._st_point(double precision, double precision) IS 'Make a point in WGS84 from degrees. / 由经纬度（度）生成点。';

CREATE OR REPLACE FUNCTION community._st_anchor(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ST_SRID(p_geom) = 4490 THEN ST_SetSRID(CASE WHEN GeometryType(p_geom) = 'POINT' THEN p_geom ELSE ST_PointOnSurface(p_geom) END, 4326)
            WHEN ST_SRID(p_geom) <> 4326 THEN community.from_datum(p_geom, 'WGS84')     -- refuses it
            WHEN GeometryType(p_geom) = 'POINT' THEN p_geom
            ELSE ST_PointOnSurface(p_geom) END;
COMMENT ON FUNCTION community._st_anchor(geometry) IS 'Give the point by which a geometry is assigned to a grid: the point itself, else a point on its line or surface; CGCS2000 is taken as WGS84. / 几何对象用于归格的点；CGCS2000 等同 WGS84。';

CREATE OR REPLACE FUNCTION community._st_from_geojson(p_geojson text)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(ST_GeomFromGeoJSON(p_geojson), 4326);
COMMENT ON FUNCTION community._st_from_geojson(text) IS 'Read a GeoJSON geometry as WGS84; raises on malformed text. / 读取 GeoJSON 几何，格式错误时报错。';

CREATE OR REPLACE FUNCTION community._st_from_wkt(p_wkt text)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_GeomFromText(p_wkt, 4326);
COMMENT ON FUNCTION community._st_from_wkt(text) IS 'Read well-known text as WGS84; raises on malformed text. / 读取 WKT 几何，格式错误时报错。';

CREATE OR REPLACE FUNCTION community._st_as_geojson(p_geom geometry)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_AsGeoJSON(p_geom, 9)::jsonb;
COMMENT ON FUNCTION community._st_as_geojson(geometry) IS 'Write a geometry as GeoJSON with 9 decimals. / 输出 GeoJSON（9 位小数）。';

CREATE OR REPLACE FUNCTION community._st_type(p_geom geometry)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN GeometryType(p_geom);
COMMENT ON FUNCTION community._st_type(geometry) IS 'Name the geometry type in capitals, for example MULTIPOLYGON. / 几何类型（大写）。';

CREATE OR REPLACE FUNCTION community._st_is_valid(p_geom geometry)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_IsValid(p_geom);
COMMENT ON FUNCTION community._st_is_valid(geometry) IS 'Tell whether the rings are simple and well nested. / 判断图形是否有效。';

CREATE OR REPLACE FUNCTION community._st_invalid_reason(p_geom geometry)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_IsValidReason(p_geom);
COMMENT ON FUNCTION community._st_invalid_reason(geometry) IS 'Say what is wrong with a geometry and where. / 说明图形缺陷及位置。';

CREATE OR REPLACE FUNCTION community._st_is_empty(p_geom geometry)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_IsEmpty(p_geom);
COMMENT ON FUNCTION community._st_is_empty(geometry) IS 'Tell whether a geometry has no point at all. / 判断几何是否为空。';

CREATE OR REPLACE FUNCTION community._st_polygons(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Multi(ST_CollectionExtract(ST_Force2D(p_geom), 3));
COMMENT ON FUNCTION community._st_polygons(geometry) IS 'Keep the polygons of a geometry as one multipolygon in two dimensions. / 提取多边形为二维多多边形。';

CREATE OR REPLACE FUNCTION community._st_repair(p_geom geometry)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Multi(ST_CollectionExtract(ST_MakeValid(p_geom), 3));
COMMENT ON FUNCTION community._st_repair(geometry) IS 'Make a polygon valid with ST_MakeValid and keep its areas. / 用 ST_MakeValid 修复多边形。';

CREATE OR REPLACE FUNCTION community._st_in_degrees(p_geom geometry)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_XMin(p_geom) >= -180 AND ST_XMax(p_geom) <= 180 AND ST_YMin(p_geom) >= -90 AND ST_YMax(p_geom) <= 90;
COMMENT ON FUNCTION community._st_in_degrees(geometry) IS 'Tell whether all coordinates are degrees on Earth. / 判断坐标是否为有效度值。';

CREATE OR REPLACE FUNCTION community._st_area_m2(p_geom geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Area(geography(p_geom));
COMMENT ON FUNCTION community._st_area_m2(geometry) IS 'Area on the ellipsoid in square metres. / 椭球面积（平方米）。';

CREATE OR REPLACE FUNCTION community._st_distance_m(p_a geometry, p_b geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Distance(geography(p_a), geography(p_b));
COMMENT ON FUNCTION community._st_distance_m(geometry, geometry) IS 'Distance on the ellipsoid in metres. / 椭球距离（米）。';

CREATE OR REPLACE FUNCTION community._st_lon(p_geom geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_X(ST_Centroid(p_geom));
COMMENT ON FUNCTION community._st_lon(geometry) IS 'Longitude of the centroid in degrees. / 重心经度（度）。';

CREATE OR REPLACE FUNCTION community._st_lat(p_geom geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Y(ST_Centroid(p_geom));
COMMENT ON FUNCTION community._st_lat(geometry) IS 'Latitude of the centroid in degrees. / 重心纬度（度）。';

CREATE OR REPLACE FUNCTION community._st_covers(p_a geometry, p_b geometry)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Covers(p_a, p_b);
COMMENT ON FUNCTION community._st_covers(geometry, geometry) IS 'Tell whether no point of the second lies outside the first; served by GiST indexes. / 判断前者是否覆盖后者，可用 GiST 索引。';

CREATE OR REPLACE FUNCTION community._st_union(p_geoms geometry[])
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Multi(ST_CollectionExtract(ST_Union(p_geoms), 3));
COMMENT ON FUNCTION community._st_union(geometry[]) IS 'Unite polygons into one multipolygon. / 合并多边形。';

CREATE OR REPLACE FUNCTION community._st_height(p_geom geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_YMax(p_geom) - ST_YMin(p_geom);
COMMENT ON FUNCTION community._st_height(geometry) IS 'Extent from south to north in degrees. / 南北跨度（度）。';

CREATE OR REPLACE FUNCTION community._st_connected(p_geoms geometry[])
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (WITH RECURSIVE piece AS (
            SELECT u.g, u.n FROM unnest(p_geoms) WITH ORDINALITY AS u(g, n)
        ), reached AS (
            SELECT 1::bigint AS n
            UNION
            SELECT b.n
              FROM reached r
              JOIN piece a ON a.n = r.n
              JOIN piece b ON b.n <> a.n AND ST_Intersects(a.g, b.g) AND ST_Dimension(ST_Intersection(a.g, b.g)) >= 1
        )
        SELECT count(*) = cardinality(p_geoms) FROM reached);
COMMENT ON FUNCTION community._st_connected(geometry[]) IS 'Tell whether polygons form one group in which each shares an edge or area with another; a common corner is not enough. / 判断多边形是否相连（共边或重叠，仅共点不算）。';

CREATE OR REPLACE FUNCTION community._st_difference_m2(p_a geometry, p_b geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Area(geography(ST_CollectionExtract(ST_SymDifference(p_a, p_b), 3)));
COMMENT ON FUNCTION community._st_difference_m2(geometry, geometry) IS 'Area in square metres that lies in one of two polygons only. / 两个多边形对称差的面积（平方米）。';

CREATE OR REPLACE FUNCTION community._st_overlap_m2(p_geoms geometry[])
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(sum(ST_Area(geography(ST_CollectionExtract(ST_Intersection(a.g, b.g), 3)))), 0)
          FROM unnest(p_geoms) WITH ORDINALITY AS a(g, n)
          JOIN unnest(p_geoms) WITH ORDINALITY AS b(g, n) ON a.n < b.n AND ST_Intersects(a.g, b.g));
COMMENT ON FUNCTION community._st_overlap_m2(geometry[]) IS 'Area in square metres that pairs of polygons share, each pair counted. / 多边形两两重叠面积之和（平方米）。';

-- By the maps when all of them are up to date and hold on the day, else by the
-- polygons: the same answer.  IS TRUE keeps kind and day out of the index of
-- the exclusion constraint, which a table without statistics would be
-- searched by instead of by place.
CREATE OR REPLACE FUNCTION community.grid_at(p_geom geometry, p_at date DEFAULT CURRENT_DATE, p_kind text DEFAULT 'unit')
RETURNS TABLE (community_id bigint, grid_id bigint, code community.gridcode)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT f.community_id, f.grid_id, f.code
      FROM (SELECT g.community_id, g.grid_id, g.code, g.code_key
              FROM community.grid_map m
             CROSS JOIN LATERAL community.gridmap_lookup_all(m.map, community._st_anchor(p_geom)) AS c(code)
              JOIN community.grid g ON g.code_key = c.code::bigint AND (g.kind = p_kind) IS TRUE AND (g.valid @> p_at) IS TRUE
             WHERE m.kind = p_kind AND m.root AND m.extent && community._st_anchor(p_geom)
               AND NOT EXISTS (SELECT FROM community.grid_map_dirty d WHERE d.kind = p_kind)
               AND NOT EXISTS (SELECT FROM community.grid_map o WHERE o.kind = p_kind AND o.root AND NOT o.valid @> p_at)
            UNION ALL
            SELECT g.community_id, g.grid_id, g.code, g.code_key
              FROM community.grid g
             WHERE ST_Covers(g.geom, community._st_anchor(p_geom))
               AND (g.valid @> p_at) IS TRUE
               AND (g.kind = p_kind) IS TRUE
               AND (EXISTS (SELECT FROM community.grid_map_dirty d WHERE d.kind = p_kind)
                    OR EXISTS (SELECT FROM community.grid_map o WHERE o.kind = p_kind AND o.root AND NOT o.valid @> p_at))) f
     ORDER BY f.code_key, f.grid_id
     LIMIT 1;
END;
COMMENT ON FUNCTION community.grid_at(geometry, date, text) IS 'Find the grid of a kind that covers a geometry on a day; on a shared edge or an overlap the lowest code wins; no row outside all grids. Lines and areas count by a point on them. / 查某日覆盖该几何的网格：共边或重叠时取编码最小者，不在任何网格内则无结果；线、面按其上一点归格。';

-- For one point in a procedure the polygons alone are faster: a plan with both
-- ways costs more to start than the point in polygon test.
CREATE OR REPLACE FUNCTION community.grid_locate(p_lon double precision, p_lat double precision, p_at date DEFAULT CURRENT_DATE, p_kind text DEFAULT 'unit')
RETURNS TABLE (community_id bigint, grid_id bigint, code community.gridcode)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT g.community_id, g.grid_id, g.code
      FROM community.grid g
     WHERE ST_Covers(g.geom, ST_SetSRID(ST_MakePoint(p_lon, p_lat), 4326))
       AND (g.valid @> p_at) IS TRUE
       AND (g.kind = p_kind) IS TRUE
     ORDER BY g.code_key, g.grid_id
     LIMIT 1;
END;
COMMENT ON FUNCTION community.grid_locate(double precision, double precision, date, text) IS 'Find the grid of a kind at a longitude and latitude in degrees (WGS84) on a day: the same answer as grid_at, which is made for many points at once while this one is made for single points. / 按经纬度（WGS84，度）查某日所在网格，结果与 grid_at 相同；本函数适于单点，grid_at 适于批量。';

CREATE OR REPLACE FUNCTION community._grid_map_value(p_communities bigint[], p_kind text, p_day date)
RETURNS TABLE (map community.gridmap, extent geometry, grids integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT community.gridmap(g.code, g.geom), ST_Envelope(ST_Collect(ST_Envelope(g.geom))), count(*)::integer
      FROM community.grid g
     WHERE g.community_id = ANY (p_communities) AND g.kind = p_kind AND g.valid @> p_day;
END;
COMMENT ON FUNCTION community._grid_map_value(bigint[], text, date) IS 'Build the map of the grids of some communities on a day: the value (NULL without grids), its box, the number of grids. / 生成若干社区某日网格的网格图、外包框与网格数。';

CREATE OR REPLACE FUNCTION community._division_covering(p_geom geometry, p_at date)
RETURNS TABLE (division_id bigint, code_key bigint, level smallint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.division_id, d.code_key, d.level
      FROM community.division d
     WHERE ST_Covers(d.geom, p_geom) AND d.valid @> p_at
     ORDER BY d.level DESC, d.code_key;
END;
COMMENT ON FUNCTION community._division_covering(geometry, date) IS 'List divisions whose loaded boundary covers a point, lowest level first. / 列出边界覆盖该点的区划，级别低者在前。';

CREATE OR REPLACE FUNCTION community._nearest_grid(p_geom geometry, p_at date)
RETURNS TABLE (community_id bigint, grid_id bigint, distance_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.community_id, n.grid_id, ST_Distance(geography(n.geom), geography(p_geom))
      FROM (SELECT g.community_id, g.grid_id, g.code_key, g.geom
              FROM community.grid g
             WHERE g.valid @> p_at AND g.kind = 'unit'
             ORDER BY g.geom <-> p_geom
             LIMIT 8) n
     ORDER BY 3, n.code_key
     LIMIT 1;
END;
COMMENT ON FUNCTION community._nearest_grid(geometry, date) IS 'Find the unit grid nearest to a point and its distance in metres (nearest of the eight nearest in degrees). / 查最近的单元网格及距离（米）。';

CREATE OR REPLACE FUNCTION community._grid_overlaps(p_community_id bigint, p_at date, p_kind text)
RETURNS TABLE (grid_id bigint, code community.gridcode, other_grid_id bigint, other_code community.gridcode, area_m2 double precision, width_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.grid_id, o.code, o.other_grid_id, o.other_code, o.area_m2,
           2 * o.area_m2 / NULLIF(ST_Perimeter(geography(o.shared)), 0)
      FROM (SELECT s.*, ST_Area(geography(s.shared)) AS area_m2
              FROM (SELECT a.grid_id, a.code, b.grid_id AS other_grid_id, b.code AS other_code,
                           ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) AS shared
                      FROM community.grid a
                      JOIN community.grid b
                        ON b.kind = a.kind AND b.valid @> p_at
                       AND (a.code_key < b.code_key OR (a.code_key = b.code_key AND a.grid_id < b.grid_id)
                            OR b.community_id <> p_community_id)
                       AND b.grid_id <> a.grid_id
                       AND ST_Intersects(a.geom, b.geom)
                     WHERE a.community_id = p_community_id AND a.kind = p_kind AND a.valid @> p_at) s
             WHERE NOT ST_IsEmpty(s.shared)) o;
END;
COMMENT ON FUNCTION community._grid_overlaps(bigint, date, text) IS 'List pairs of grids that share area, also with grids of other communities: square metres and mean width in metres. / 列出有重叠面积的网格对（含邻社区），给出面积与平均宽度。';

CREATE OR REPLACE FUNCTION community._grid_gaps(p_community_id bigint, p_at date, p_kind text, p_boundary geometry)
RETURNS TABLE (area_m2 double precision, lon double precision, lat double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ST_Area(geography(d.hole)), ST_X(ST_PointOnSurface(d.hole)), ST_Y(ST_PointOnSurface(d.hole))
      FROM (SELECT (ST_Dump(CASE WHEN p_boundary IS NULL
                                 THEN ST_Difference(ST_Union(ARRAY(SELECT ST_MakePolygon(ST_ExteriorRing(p.geom)) FROM ST_Dump(u.geom) AS p)), u.geom)
                                 ELSE ST_Difference(p_boundary, u.geom) END)).geom AS hole
              FROM (SELECT ST_Union(g.geom) AS geom
                      FROM community.grid g
                     WHERE g.community_id = p_community_id AND g.kind = p_kind AND g.valid @> p_at) u
             WHERE u.geom IS NOT NULL) d
     WHERE ST_Dimension(d.hole) = 2;
END;
COMMENT ON FUNCTION community._grid_gaps(bigint, date, text, geometry) IS 'List areas of a boundary that no grid covers, or the holes between the grids when the boundary is NULL. / 列出边界内未覆盖的区域；无边界时列出网格之间的空洞。';

CREATE OR REPLACE FUNCTION community._grid_cover(p_community_id bigint, p_at date, p_kind text, p_boundary geometry)
RETURNS TABLE (grids integer, covered_m2 double precision, within_m2 double precision, boundary_m2 double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.n::integer, ST_Area(geography(u.geom)), ST_Area(geography(ST_CollectionExtract(ST_Intersection(u.geom, p_boundary), 3))), ST_Area(geography(p_boundary))
      FROM (SELECT count(*) AS n, ST_Union(g.geom) AS geom
              FROM community.grid g
             WHERE g.community_id = p_community_id AND g.kind = p_kind AND g.valid @> p_at) u;
END;
COMMENT ON FUNCTION community._grid_cover(bigint, date, text, geometry) IS 'Measure the area that the grids of a community cover, and how much of it lies in a boundary (NULL without one); square metres. / 计算网格覆盖面积及其在边界内的部分（平方米）。';
