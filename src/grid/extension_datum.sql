-- Datums: what Chinese map services deliver, and the way back to WGS84.

CREATE OR REPLACE FUNCTION community.to_gcj02(geom geometry) RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'community_to_gcj02';
COMMENT ON FUNCTION community.to_gcj02(geometry) IS
'Convert a geometry of any type from WGS84 (CGCS2000) degrees to GCJ-02, the datum of AMap and Tencent. Points outside 72.004-137.8347 E, 0.8293-55.8271 N stay as they are; the SRID, Z and M are kept. NULL for NULL; SRIDs other than 4326 and 4490 are refused (22023). / 将任意类型的几何对象由 WGS84(CGCS2000)经纬度转换为 GCJ-02(高德、腾讯坐标系);范围之外的点不变。';

CREATE OR REPLACE FUNCTION community.from_gcj02(geom geometry) RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40
    AS 'MODULE_PATHNAME', 'community_from_gcj02';
COMMENT ON FUNCTION community.from_gcj02(geometry) IS
'Convert a geometry of any type from GCJ-02 to WGS84 degrees: the exact inverse of to_gcj02, by fixed-point iteration to 1e-10 degree. NULL for NULL; SRIDs other than 4326 and 4490 are refused (22023). / 将 GCJ-02 几何对象还原为 WGS84 经纬度;以不动点迭代求精确逆变换。';

CREATE OR REPLACE FUNCTION community.to_bd09(geom geometry) RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'community_to_bd09';
COMMENT ON FUNCTION community.to_bd09(geometry) IS
'Convert a geometry of any type from WGS84 (CGCS2000) degrees to BD-09, the datum of Baidu maps. Points outside 72.004-137.8347 E, 0.8293-55.8271 N stay as they are. NULL for NULL; SRIDs other than 4326 and 4490 are refused (22023). / 将任意类型的几何对象由 WGS84 经纬度转换为 BD-09(百度坐标系);范围之外的点不变。';

CREATE OR REPLACE FUNCTION community.from_bd09(geom geometry) RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40
    AS 'MODULE_PATHNAME', 'community_from_bd09';
COMMENT ON FUNCTION community.from_bd09(geometry) IS
'Convert a geometry of any type from BD-09 to WGS84 degrees: the exact inverse of to_bd09, by fixed-point iteration to 1e-10 degree. NULL for NULL; SRIDs other than 4326 and 4490 are refused (22023). / 将 BD-09 几何对象还原为 WGS84 经纬度;以不动点迭代求精确逆变换。';

CREATE OR REPLACE FUNCTION community.from_datum(geom geometry, datum text) RETURNS geometry
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40
    AS 'MODULE_PATHNAME', 'community_from_datum';
COMMENT ON FUNCTION community.from_datum(geometry, text) IS
'Convert a geometry to WGS84 degrees from the datum it came in: wgs84, cgcs2000 (both returned unchanged), gcj02 or bd09, in any letter case, also written gcj-02 and bd-09. NULL for NULL; another name is refused (22023), as are SRIDs other than 4326 and 4490. / 按来源坐标系(wgs84、cgcs2000、gcj02、bd09)将几何对象转换为 WGS84;未知名称被拒绝。';
