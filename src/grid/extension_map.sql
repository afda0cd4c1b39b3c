-- gridmap: a district's irregular management grids as one value.

CREATE TYPE community.gridmap;

CREATE OR REPLACE FUNCTION community.gridmap_in(cstring) RETURNS community.gridmap
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_in';
COMMENT ON FUNCTION community.gridmap_in(cstring) IS
'Read a gridmap from its text form, the hexadecimal dump of its areas; the raster is made anew. Other text is refused (22P02). / 读入网格图的文本形式(各网格的十六进制转储),栅格重新生成。';

CREATE OR REPLACE FUNCTION community.gridmap_out(community.gridmap) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_out';
COMMENT ON FUNCTION community.gridmap_out(community.gridmap) IS
'Write the text form of a gridmap: the hexadecimal dump of its areas without the raster. / 输出网格图的文本形式(不含栅格)。';

CREATE OR REPLACE FUNCTION community.gridmap_recv(internal) RETURNS community.gridmap
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_recv';
COMMENT ON FUNCTION community.gridmap_recv(internal) IS
'Read a gridmap from its binary form, which carries the areas only; other bytes are refused (22P03). / 读入网格图的二进制形式(只含各网格)。';

CREATE OR REPLACE FUNCTION community.gridmap_send(community.gridmap) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_send';
COMMENT ON FUNCTION community.gridmap_send(community.gridmap) IS
'Write the binary form of a gridmap: its areas without the raster. / 输出网格图的二进制形式(不含栅格)。';

-- EXTERNAL: an uncompressed value is fetched fast, and its head alone can be read.
CREATE TYPE community.gridmap (
    INPUT = community.gridmap_in,
    OUTPUT = community.gridmap_out,
    RECEIVE = community.gridmap_recv,
    SEND = community.gridmap_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = external
);
COMMENT ON TYPE community.gridmap IS
'The irregular management grids of a district as one value that assigns points exactly and fast; built by the aggregate gridmap(code, geom). / 一个区的不规则管理网格图:可精确、快速地把点归入网格,由聚合函数 gridmap(code, geom) 生成。';

CREATE OR REPLACE FUNCTION community.gridmap_add(internal, community.gridcode, geometry) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_add';
COMMENT ON FUNCTION community.gridmap_add(internal, community.gridcode, geometry) IS
'Take one area into the aggregate gridmap; rows with a NULL code or geometry are passed over. / 聚合函数 gridmap 的累加步骤;代码或几何为空的行被跳过。';

CREATE OR REPLACE FUNCTION community.gridmap_add(internal, community.gridcode, geometry, boolean) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_add';
COMMENT ON FUNCTION community.gridmap_add(internal, community.gridcode, geometry, boolean) IS
'Take one area into the aggregate gridmap, repairing an invalid polygon when the last argument is true. / 聚合函数 gridmap 的累加步骤;末参数为真时修复无效多边形。';

CREATE OR REPLACE FUNCTION community.gridmap_final(internal) RETURNS community.gridmap
    LANGUAGE C IMMUTABLE PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridmap_final';
COMMENT ON FUNCTION community.gridmap_final(internal) IS
'Build the value of the aggregate gridmap; NULL when no area was taken in. / 聚合函数 gridmap 的收尾步骤;没有网格时返回空值。';

CREATE AGGREGATE community.gridmap(community.gridcode, geometry) (
    SFUNC = community.gridmap_add,
    STYPE = internal,
    FINALFUNC = community.gridmap_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.gridmap(community.gridcode, geometry) IS
'Build a map from the polygons of grids in degrees (SRID 4326 or 4490). The same areas give the same value in any order; several rows of one code are one grid. Rows with NULL are passed over, NULL without rows; an invalid polygon is refused with its code (22023). Overlaps and gaps are allowed: see gridmap_report. / 由网格多边形(经纬度,SRID 4326 或 4490)生成网格图;无效多边形报错并指明网格代码,重叠与空隙见 gridmap_report。';

CREATE AGGREGATE community.gridmap(community.gridcode, geometry, boolean) (
    SFUNC = community.gridmap_add,
    STYPE = internal,
    FINALFUNC = community.gridmap_final,
    FINALFUNC_MODIFY = READ_WRITE,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE community.gridmap(community.gridcode, geometry, boolean) IS
'Build a map as gridmap(code, geom) does; where the last argument is true an invalid polygon is repaired with ST_MakeValid instead of refused. / 同 gridmap(code, geom);末参数为真时用 ST_MakeValid 修复无效多边形。';

CREATE OR REPLACE FUNCTION community.gridmap_lookup(map community.gridmap, lon double precision, lat double precision)
    RETURNS community.gridcode
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'community_gridmap_lookup';
COMMENT ON FUNCTION community.gridmap_lookup(community.gridmap, double precision, double precision) IS
'Return the code of the grid that covers a point given in degrees: the answer of ST_Covers, borders included; the lowest code where several grids cover it, NULL where none does or for NULL. / 返回覆盖该经纬度点的网格代码(与 ST_Covers 结果一致,含边界);多个网格覆盖时取最小代码,均不覆盖时返回空值。';

CREATE OR REPLACE FUNCTION community.gridmap_lookup(map community.gridmap, point geometry)
    RETURNS community.gridcode
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'community_gridmap_lookup_point';
COMMENT ON FUNCTION community.gridmap_lookup(community.gridmap, geometry) IS
'Return the code of the grid that covers a point: the lowest where several do, NULL where none does, for NULL and for an empty point. Other geometry types and SRIDs other than 4326 and 4490 are refused (22023). / 返回覆盖该点的网格代码;多个网格覆盖时取最小代码。';

CREATE OR REPLACE FUNCTION community.gridmap_lookup_all(map community.gridmap, lon double precision, lat double precision)
    RETURNS SETOF community.gridcode
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1
    AS 'MODULE_PATHNAME', 'community_gridmap_lookup_all';
COMMENT ON FUNCTION community.gridmap_lookup_all(community.gridmap, double precision, double precision) IS
'Return the codes of all grids that cover a point given in degrees, ascending, each once; no row where none does or for NULL. / 返回覆盖该经纬度点的全部网格代码,升序且不重复。';

CREATE OR REPLACE FUNCTION community.gridmap_lookup_all(map community.gridmap, point geometry)
    RETURNS SETOF community.gridcode
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1
    AS 'MODULE_PATHNAME', 'community_gridmap_lookup_all_point';
COMMENT ON FUNCTION community.gridmap_lookup_all(community.gridmap, geometry) IS
'Return the codes of all grids that cover a point, ascending, each once; no row where none does, for NULL and for an empty point. / 返回覆盖该点的全部网格代码,升序且不重复。';

CREATE OR REPLACE FUNCTION community.gridmap_codes(map community.gridmap)
    RETURNS SETOF community.gridcode
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1000
    AS 'MODULE_PATHNAME', 'community_gridmap_codes';
COMMENT ON FUNCTION community.gridmap_codes(community.gridmap) IS
'Return the codes of the grids in a map, ascending, each once; no row for NULL. / 返回网格图中的全部网格代码,升序且不重复。';

CREATE OR REPLACE FUNCTION community.gridmap_geometry(map community.gridmap, code community.gridcode)
    RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    AS 'MODULE_PATHNAME', 'community_gridmap_geometry';
COMMENT ON FUNCTION community.gridmap_geometry(community.gridmap, community.gridcode) IS
'Return the area of a grid as a multipolygon (SRID 4326), as it was taken into the map; NULL for a code that the map does not hold or for NULL. / 返回网格图中某网格的多边形(SRID 4326);无此代码时返回空值。';

CREATE OR REPLACE FUNCTION community.gridmap_stats(map community.gridmap, OUT areas bigint, OUT rings bigint,
        OUT vertices bigint, OUT raster_columns integer, OUT raster_rows integer, OUT border_cells bigint,
        OUT bytes bigint)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'community_gridmap_stats';
COMMENT ON FUNCTION community.gridmap_stats(community.gridmap) IS
'Return the figures of a map: areas, rings, vertices, columns and rows of its raster, raster cells that need an exact test, size in bytes. All NULL for NULL. / 返回网格图的统计:网格数、环数、顶点数、栅格行列数、需精确判断的栅格数、字节数。';

CREATE OR REPLACE FUNCTION community._gridmap_pairs(map community.gridmap, OUT code community.gridcode, OUT other community.gridcode)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 1000
    AS 'MODULE_PATHNAME', 'community_gridmap_pairs';
COMMENT ON FUNCTION community._gridmap_pairs(community.gridmap) IS
'Return the pairs of different grids that share a raster cell, and so may touch or overlap; the lower code first. / 返回共用栅格、因而可能相接或重叠的网格对。';

CREATE OR REPLACE FUNCTION community.gridmap_report(map community.gridmap)
    RETURNS TABLE (problem text, code community.gridcode, other community.gridcode, area double precision, geom geometry)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100000 ROWS 100
BEGIN ATOMIC
    WITH area AS MATERIALIZED (
        SELECT c.code, ST_UnaryUnion(community.gridmap_geometry(map, c.code)) AS geom
          FROM community.gridmap_codes(map) c(code)
    ), overlap AS (
        SELECT p.code, p.other, ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) AS geom
          FROM (SELECT DISTINCT q.code, q.other FROM community._gridmap_pairs(map) q) p
          JOIN area a ON a.code = p.code
          JOIN area b ON b.code = p.other
         WHERE ST_Relate(a.geom, b.geom, 'T********')
    ), whole AS (
        SELECT ST_Union(a.geom) AS geom FROM area a
    ), gap AS (
        SELECT ST_SetSRID(ST_BuildArea(ST_InteriorRingN(part.geom, n)), 4326) AS geom
          FROM whole
         CROSS JOIN LATERAL ST_Dump(whole.geom) part
         CROSS JOIN LATERAL generate_series(1, ST_NumInteriorRings(part.geom)) n
    )
    SELECT 'empty', a.code, NULL::community.gridcode, 0::double precision, NULL::geometry
      FROM area a WHERE ST_IsEmpty(a.geom)
    UNION ALL
    SELECT 'overlap', o.code, o.other, ST_Area(o.geom::geography), o.geom
      FROM overlap o
    UNION ALL
    SELECT 'gap', NULL::community.gridcode, NULL::community.gridcode, ST_Area(g.geom::geography), g.geom
      FROM gap g;
END;
COMMENT ON FUNCTION community.gridmap_report(community.gridmap) IS
'Report what is wrong with a map: grids without area (empty), pairs of grids whose interiors share points (overlap), and holes between grids (gap), each with its area in square metres and its geometry. A gap that opens to the outside is not seen without the community border. No row for NULL. / 报告网格图的问题:空网格(empty)、两网格重叠(overlap)、网格之间的空隙(gap),附面积(平方米)与几何。';
