-- Families, neighbourhood, measures and covers of gridcell.

CREATE OR REPLACE FUNCTION community.gridcell_children(cell community.gridcell) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 64
    AS 'MODULE_PATHNAME', 'community_gridcell_children';
COMMENT ON FUNCTION community.gridcell_children(community.gridcell) IS
'Return the children of a cell, one level finer, in order; no row for a cell of level 10 or for NULL. / 返回网格单元的下一级子单元;第 10 级没有子单元。';

CREATE OR REPLACE FUNCTION community.gridcell_children(cell community.gridcell, level integer) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 1000
    AS 'MODULE_PATHNAME', 'community_gridcell_children_at';
COMMENT ON FUNCTION community.gridcell_children(community.gridcell, integer) IS
'Return the descendants of a cell at a level, in order; its own level gives the cell itself. No row for NULL; another level is refused (22023), more than community.max_cover_cells too (54000). / 返回网格单元在指定级别的全部后代;级别不合法或数量超限时报错。';

CREATE OR REPLACE FUNCTION community.gridcell_siblings(cell community.gridcell) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 64
    AS 'MODULE_PATHNAME', 'community_gridcell_siblings';
COMMENT ON FUNCTION community.gridcell_siblings(community.gridcell) IS
'Return the other children of the parent of a cell, in order; no row for a cell of level 1 or for NULL. / 返回同一父单元下的其他单元;第 1 级没有兄弟单元。';

CREATE OR REPLACE FUNCTION community.gridcell_neighbors(cell community.gridcell) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 8
    AS 'MODULE_PATHNAME', 'community_gridcell_neighbors';
COMMENT ON FUNCTION community.gridcell_neighbors(community.gridcell) IS
'Return the eight cells of the same level around a cell, from south to north and west to east, across the equator, the prime meridian and 180 degrees; five beside 88 degrees. No row for NULL. / 返回同级的八个相邻单元,可跨赤道、本初子午线和 180 度经线;紧邻 88 度纬线时为五个。';

CREATE OR REPLACE FUNCTION community.gridcell_disk(cell community.gridcell, radius integer) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 49
    AS 'MODULE_PATHNAME', 'community_gridcell_disk_srf';
COMMENT ON FUNCTION community.gridcell_disk(community.gridcell, integer) IS
'Return the cells of the same level within a number of steps (diagonals count one), the cell itself included. No row for NULL; a negative radius is refused (22023), more than community.max_cover_cells too (54000). / 返回若干步(含对角)以内的同级单元,含自身。';

CREATE OR REPLACE FUNCTION community.gridcell_disk_array(cell community.gridcell, radius integer) RETURNS community.gridcell[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'community_gridcell_disk_array';
COMMENT ON FUNCTION community.gridcell_disk_array(community.gridcell, integer) IS
'Return gridcell_disk as an array. NULL for NULL; refuses what gridcell_disk refuses. / 以数组形式返回 gridcell_disk 的结果。';

CREATE OR REPLACE FUNCTION community.gridcell_ring(cell community.gridcell, radius integer) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 24
    AS 'MODULE_PATHNAME', 'community_gridcell_ring_srf';
COMMENT ON FUNCTION community.gridcell_ring(community.gridcell, integer) IS
'Return the cells of the same level at exactly a number of steps; the cell itself for 0. No row for NULL; a negative radius is refused (22023), more than community.max_cover_cells too (54000). / 返回恰好若干步远的同级单元。';

CREATE OR REPLACE FUNCTION community.gridcell_line(from_cell community.gridcell, to_cell community.gridcell) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 20
    AS 'MODULE_PATHNAME', 'community_gridcell_line_srf';
COMMENT ON FUNCTION community.gridcell_line(community.gridcell, community.gridcell) IS
'Return the cells on the straight way between two cells of one level, both included, each a neighbour of the one before, the short way around the world. No row for NULL; different levels are refused (22023), more than community.max_cover_cells too (54000). / 返回两个同级单元之间直线经过的单元(含两端)。';

CREATE OR REPLACE FUNCTION community.gridcell_steps(a community.gridcell, b community.gridcell) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
    AS 'MODULE_PATHNAME', 'community_gridcell_steps_between';
COMMENT ON FUNCTION community.gridcell_steps(community.gridcell, community.gridcell) IS
'Count the steps between two cells of one level, diagonals counting one, the short way around the world. NULL for NULL; different levels are refused (22023). / 返回两个同级单元之间的步数(对角计一步)。';

CREATE OR REPLACE FUNCTION community.gridcell_distance(a community.gridcell, b community.gridcell) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'community_gridcell_distance_between';
COMMENT ON FUNCTION community.gridcell_distance(community.gridcell, community.gridcell) IS
'Return the metres between the centres of two cells of any levels on the WGS84 ellipsoid; nearly opposite points are measured on the sphere, within half a percent. NULL for NULL. / 返回两个单元中心之间的椭球面距离(米)。';

CREATE OR REPLACE FUNCTION community.gridcell_area(cell community.gridcell) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
    AS 'MODULE_PATHNAME', 'community_gridcell_area_of';
COMMENT ON FUNCTION community.gridcell_area(community.gridcell) IS
'Return the area of a cell on the WGS84 ellipsoid in square metres. NULL for NULL. / 返回单元的椭球面面积(平方米)。';

CREATE OR REPLACE FUNCTION community.gridcell_bounds(cell community.gridcell, OUT west double precision, OUT south double precision,
        OUT east double precision, OUT north double precision)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
    AS 'MODULE_PATHNAME', 'community_gridcell_bounds';
COMMENT ON FUNCTION community.gridcell_bounds(community.gridcell) IS
'Return the edges of a cell in degrees, the doubles of gridcell_geometry. All NULL for NULL. / 返回单元的西、南、东、北边界(度)。';

CREATE OR REPLACE FUNCTION community.gridcell_compact(cells community.gridcell[]) RETURNS community.gridcell[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'community_gridcell_compact_array';
COMMENT ON FUNCTION community.gridcell_compact(community.gridcell[]) IS
'Return the fewest cells that contain the same cells, in order: repeats and what an ancestor contains are dropped, complete families become their parent. gridcell_uncompact brings the cells of one level back without loss. NULL for NULL; an element that is NULL is refused (22004). / 合并单元集合:去除重复与被包含者,完整的兄弟单元并为父单元;可用 gridcell_uncompact 无损还原。';

CREATE OR REPLACE FUNCTION community.gridcell_uncompact(cells community.gridcell[], level integer) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1000
    AS 'MODULE_PATHNAME', 'community_gridcell_uncompact';
COMMENT ON FUNCTION community.gridcell_uncompact(community.gridcell[], integer) IS
'Return the descendants of the cells at a level, cell by cell. No row for NULL; a cell finer than the level is refused (22023), more than community.max_cover_cells too (54000). / 将单元集合展开到指定级别;比该级别更细的单元报错。';

CREATE OR REPLACE FUNCTION community.gridcell_cover(geom geometry, level integer, mode text DEFAULT 'overlap') RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1000
    AS 'MODULE_PATHNAME', 'community_gridcell_cover';
COMMENT ON FUNCTION community.gridcell_cover(geometry, integer, text) IS
'Return the cells of a level that cover a geometry, row by row from the south-west, exactly by mode: overlap = ST_Intersects(geom, cell), contain = ST_Covers(geom, cell), centre = ST_Covers(geom, centre of the cell). Points and lines count in mode overlap only; there are no cells beyond 88 degrees. No row for NULL; more cells than community.max_cover_cells are refused before work begins (54000), as are other modes, SRIDs other than 4326 and 4490, and curves (22023). / 返回覆盖几何对象的同级单元,按模式精确判定:overlap 相交、contain 完全在内、centre 中心在内;预计数量超限时直接报错。';

CREATE OR REPLACE FUNCTION community.gridcell_cover_mixed(geom geometry, max_cells integer) RETURNS SETOF community.gridcell
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 20
    AS 'MODULE_PATHNAME', 'community_gridcell_cover_mixed';
COMMENT ON FUNCTION community.gridcell_cover_mixed(geometry, integer) IS
'Return at most so many cells of mixed levels, in order, that together contain every point of a geometry: coarse inside, fine along its border. No row for NULL; fewer cells than its coarsest cover needs are refused (22023). / 以不超过指定数量的混合级别单元覆盖几何对象:内部用粗单元,边界用细单元。';

CREATE OR REPLACE FUNCTION community.gridcell_cover_estimate(geom geometry, level integer, mode text DEFAULT 'overlap') RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
    AS 'MODULE_PATHNAME', 'community_gridcell_cover_estimate';
COMMENT ON FUNCTION community.gridcell_cover_estimate(geometry, integer, text) IS
'Return the number of cells that gridcell_cover is expected to give, without computing them: its area and its outline in cells. NULL for NULL; refuses the levels, modes and geometries that gridcell_cover refuses. / 估计 gridcell_cover 的单元数量而不实际计算。';

CREATE OR REPLACE FUNCTION community.gridcell_boundary(cell community.gridcell) RETURNS geometry
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 50
    RETURN ST_ExteriorRing(community.gridcell_geometry(cell));
COMMENT ON FUNCTION community.gridcell_boundary(community.gridcell) IS
'Return the outline of a cell as a closed line (SRID 4326). NULL for NULL. / 返回单元的边界线(SRID 4326)。';
