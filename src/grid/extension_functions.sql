-- grid: cells from places and places from cells, levels and parents.

CREATE OR REPLACE FUNCTION community.gridcell(double precision, double precision, integer) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_from_lonlat';
COMMENT ON FUNCTION community.gridcell(double precision, double precision, integer) IS
'Cell of a level (1 to 10) that holds a point: longitude, latitude in degrees (WGS84 or CGCS2000), level. 22003 for coordinates out of range, not a number, or 88 degrees and more from the equator; 22023 for a wrong level; NULL for NULL. / 点所在的指定级别(1 至 10)网格:经度、纬度(度,WGS84 或 CGCS2000)、级别;坐标越界、非数或纬度达 88 度以上报 22003,级别有误报 22023,输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell(geometry, integer) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_from_point';
COMMENT ON FUNCTION community.gridcell(geometry, integer) IS
'Cell of a level (1 to 10) that holds a point geometry of SRID 4326 or 4490; 22023 for another SRID or another kind of geometry, 22003 for coordinates out of range; NULL for an empty point and for NULL. / 点几何(SRID 4326 或 4490)所在的指定级别(1 至 10)网格;其他 SRID 或其他几何类型报 22023,坐标越界报 22003,空点或 NULL 得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_level(community.gridcell) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_level';
COMMENT ON FUNCTION community.gridcell_level(community.gridcell) IS
'Level of a cell, 1 (6 by 4 degrees) to 10 (1/2048 arc second); NULL for NULL. / 网格的级别,1(6 度×4 度)至 10(1/2048 角秒);输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_parent(community.gridcell) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_parent';
COMMENT ON FUNCTION community.gridcell_parent(community.gridcell) IS
'Cell one level up; NULL for a cell of level 1 and for NULL. / 上一级网格;1 级网格或 NULL 得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_parent(community.gridcell, integer) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_parent_at';
COMMENT ON FUNCTION community.gridcell_parent(community.gridcell, integer) IS
'Ancestor of a cell at a level, the cell itself at its own level; NULL when the cell is coarser than that and for NULL, 22023 for a wrong level. / 网格在指定级别的上级,同级时即其自身;网格更粗或输入为 NULL 时得 NULL,级别有误报 22023。';

CREATE OR REPLACE FUNCTION community.gridcell_geometry(community.gridcell) RETURNS geometry
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_geometry';
COMMENT ON FUNCTION community.gridcell_geometry(community.gridcell) IS
'Rectangle of a cell as a polygon of SRID 4326; NULL for NULL. / 网格的矩形(SRID 4326 的面);输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_centroid(community.gridcell) RETURNS geometry
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_centroid';
COMMENT ON FUNCTION community.gridcell_centroid(community.gridcell) IS
'Centre of a cell as a point of SRID 4326; NULL for NULL. / 网格的中心点(SRID 4326);输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_level(community.gridcode) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_level';
COMMENT ON FUNCTION community.gridcode_level(community.gridcode) IS
'Level of a code: 1 province, 2 city, 3 county or district, 4 street or town, 5 community or village, 6 management grid; NULL for NULL. / 代码的级别:1 省、2 市、3 县区、4 街道乡镇、5 社区村、6 管理网格;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_parent(community.gridcode) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_parent';
COMMENT ON FUNCTION community.gridcode_parent(community.gridcode) IS
'Code one level up; that of a town under a city without counties is the city; NULL for a province and for NULL. / 上一级代码;不设区县的地级市,其镇街的上级为该市;省级或 NULL 得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_parent(community.gridcode, integer) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_parent_at';
COMMENT ON FUNCTION community.gridcode_parent(community.gridcode, integer) IS
'Ancestor of a code at a level (1 to 6), the code itself at its own level; NULL when there is none (a coarser code, or the county of a town that has none) and for NULL, 22023 for a wrong level. / 代码在指定级别(1 至 6)的上级,同级时即其自身;没有时(代码更粗,或该镇街无区县)及输入为 NULL 时得 NULL,级别有误报 22023。';

CREATE OR REPLACE FUNCTION community.gridcode_community(community.gridcode) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_community';
COMMENT ON FUNCTION community.gridcode_community(community.gridcode) IS
'Number of 12 digits of the community or village that a code is or lies in (330203001001); NULL for coarser codes and for NULL. / 代码本身或其所在社区(村)的 12 位编号(330203001001);更粗的代码或 NULL 得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_kind(community.gridcode) RETURNS text
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_kind';
COMMENT ON FUNCTION community.gridcode_kind(community.gridcode) IS
'What a code stands for by its number: province, city, district, street (001-099), town (100-199), township (200-399), zone (400 and above), residential (001-199, 400-499), village (200-399, 500-599), virtual (600 and above: merged or virtual communities), grid; NULL for NULL. / 由编号判断代码的类别:province 省、city 市、district 县区、street 街道(001-099)、town 镇(100-199)、township 乡(200-399)、zone 开发区等(400 起)、residential 居委会(001-199、400-499)、village 村委会(200-399、500-599)、virtual 合并或虚拟社区(600 起)、grid 管理网格;输入为 NULL 时得 NULL。';
