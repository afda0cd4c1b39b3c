-- grid: ranges and multiranges of both types, and areas of cells.

CREATE TYPE community.gridcellrange;

CREATE OR REPLACE FUNCTION community.gridcell_canonical(community.gridcellrange) RETURNS community.gridcellrange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_canonical';
COMMENT ON FUNCTION community.gridcell_canonical(community.gridcellrange) IS
'Brings a range into its closed form [first, last]: the last value has no successor. / 将范围化为闭区间形式 [首, 末]:末值没有后继。';

CREATE OR REPLACE FUNCTION community.gridcell_subdiff(community.gridcell, community.gridcell) RETURNS double precision
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_subdiff';
COMMENT ON FUNCTION community.gridcell_subdiff(community.gridcell, community.gridcell) IS
'Distance of two values in the order of the tree, for GiST indexes on ranges. / 两值在树的先序中的距离,供范围的 GiST 索引使用。';

CREATE TYPE community.gridcellrange AS RANGE (
    SUBTYPE = community.gridcell,
    SUBTYPE_OPCLASS = community.gridcell_ops,
    CANONICAL = community.gridcell_canonical,
    SUBTYPE_DIFF = community.gridcell_subdiff,
    MULTIRANGE_TYPE_NAME = community.gridcellmultirange
);
COMMENT ON TYPE community.gridcellrange IS
'Range of cells in the order of the tree, kept closed: [first, last]. / 按树的先序排列的网格范围,以闭区间 [首, 末] 保存。';
COMMENT ON TYPE community.gridcellmultirange IS
'Set of ranges of cells; an area when brought into normal form by gridcell_area_set. / 网格范围的集合;经 gridcell_area_set 规范化后表示区域。';

CREATE OR REPLACE FUNCTION community.gridcell_range(community.gridcell) RETURNS community.gridcellrange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_range';
COMMENT ON FUNCTION community.gridcell_range(community.gridcell) IS
'Range of a cell with all its descendants; NULL for NULL. / 网格及其全部下级的范围;输入为 NULL 时得 NULL。';

CREATE TYPE community.gridcoderange;

CREATE OR REPLACE FUNCTION community.gridcode_canonical(community.gridcoderange) RETURNS community.gridcoderange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_canonical';
COMMENT ON FUNCTION community.gridcode_canonical(community.gridcoderange) IS
'Brings a range into its closed form [first, last]: the last value has no successor. / 将范围化为闭区间形式 [首, 末]:末值没有后继。';

CREATE OR REPLACE FUNCTION community.gridcode_subdiff(community.gridcode, community.gridcode) RETURNS double precision
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_subdiff';
COMMENT ON FUNCTION community.gridcode_subdiff(community.gridcode, community.gridcode) IS
'Distance of two values in the order of the tree, for GiST indexes on ranges. / 两值在树的先序中的距离,供范围的 GiST 索引使用。';

CREATE TYPE community.gridcoderange AS RANGE (
    SUBTYPE = community.gridcode,
    SUBTYPE_OPCLASS = community.gridcode_ops,
    CANONICAL = community.gridcode_canonical,
    SUBTYPE_DIFF = community.gridcode_subdiff,
    MULTIRANGE_TYPE_NAME = community.gridcodemultirange
);
COMMENT ON TYPE community.gridcoderange IS
'Range of codes in the order of the hierarchy, kept closed: [first, last]. / 按层级次序排列的代码范围,以闭区间 [首, 末] 保存。';
COMMENT ON TYPE community.gridcodemultirange IS
'Set of ranges of codes. / 代码范围的集合。';

CREATE OR REPLACE FUNCTION community.gridcode_range(community.gridcode) RETURNS community.gridcoderange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_range';
COMMENT ON FUNCTION community.gridcode_range(community.gridcode) IS
'Range of a code with everything below it; NULL for NULL. / 代码及其下全部代码的范围;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_area_set(community.gridcellmultirange) RETURNS community.gridcellmultirange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_area_set';
COMMENT ON FUNCTION community.gridcell_area_set(community.gridcellmultirange) IS
'Normal form of an area: the level-10 cells of the argument, and the rank of a coarser cell exactly when all its level-10 cells are there. In normal form equal areas are equal values, and cell <@ area is exact for cells of any level. A coarser cell alone, without its descendants, is no area. NULL for NULL. / 区域的规范形:保留参数中的 10 级网格,且仅当更粗网格的全部 10 级网格都在其中时保留其序号。规范形下相同的区域即相等的值,cell <@ area 对任何级别都精确;仅有粗网格自身而无其下级的不构成区域。输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_area_union(community.gridcellmultirange, community.gridcellmultirange) RETURNS community.gridcellmultirange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_area_union';
COMMENT ON FUNCTION community.gridcell_area_union(community.gridcellmultirange, community.gridcellmultirange) IS
'What lies in either area, in normal form; NULL when an argument is NULL. / 两区域的并集(规范形);任一参数为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_area_intersection(community.gridcellmultirange, community.gridcellmultirange) RETURNS community.gridcellmultirange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_area_intersection';
COMMENT ON FUNCTION community.gridcell_area_intersection(community.gridcellmultirange, community.gridcellmultirange) IS
'What lies in both areas, in normal form; NULL when an argument is NULL. / 两区域的交集(规范形);任一参数为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_area_difference(community.gridcellmultirange, community.gridcellmultirange) RETURNS community.gridcellmultirange
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_area_difference';
COMMENT ON FUNCTION community.gridcell_area_difference(community.gridcellmultirange, community.gridcellmultirange) IS
'What lies in the first area and not in the second, in normal form; NULL when an argument is NULL. / 在前一区域而不在后一区域的部分(规范形);任一参数为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_area_equals(community.gridcellmultirange, community.gridcellmultirange) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_area_equals';
COMMENT ON FUNCTION community.gridcell_area_equals(community.gridcellmultirange, community.gridcellmultirange) IS
'Whether two areas hold the same places, whatever levels they are written in; NULL when an argument is NULL. / 两区域是否覆盖相同的地方(不论以何级别书写);任一参数为 NULL 时得 NULL。';
