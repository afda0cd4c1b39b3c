-- grid: type gridcell, the BeiDou grid location code of GB/T 39409-2020.

CREATE TYPE community.gridcell;

CREATE OR REPLACE FUNCTION community.gridcell_in(cstring) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_in';
COMMENT ON FUNCTION community.gridcell_in(cstring) IS
'Reads a BeiDou grid location code (GB/T 39409-2020): N or S, then one segment for each level, 4 to 20 characters, upper case. 22P02 when it is malformed. / 读入北斗网格位置码(GB/T 39409-2020):N 或 S 开头,逐级成段,4 至 20 个字符,大写;格式有误报 22P02。';

CREATE OR REPLACE FUNCTION community.gridcell_out(community.gridcell) RETURNS cstring
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_out';
COMMENT ON FUNCTION community.gridcell_out(community.gridcell) IS
'Writes the BeiDou grid location code. / 输出北斗网格位置码。';

CREATE OR REPLACE FUNCTION community.gridcell_recv(internal) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_recv';
COMMENT ON FUNCTION community.gridcell_recv(internal) IS
'Reads the binary form, the rank of the cell as int8 in network order; 22003 when no cell has it. / 读入二进制形式:网格的序号(int8,网络字节序);没有该网格时报 22003。';

CREATE OR REPLACE FUNCTION community.gridcell_send(community.gridcell) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_send';
COMMENT ON FUNCTION community.gridcell_send(community.gridcell) IS
'Writes the binary form, 8 bytes in network order. / 输出二进制形式:8 字节,网络字节序。';

CREATE TYPE community.gridcell (
    INPUT = community.gridcell_in,
    OUTPUT = community.gridcell_out,
    RECEIVE = community.gridcell_recv,
    SEND = community.gridcell_send,
    LIKE = pg_catalog.int8
);
COMMENT ON TYPE community.gridcell IS
'A cell of the BeiDou grid location code (GB/T 39409-2020, two-dimensional, levels 1 to 10, frame CGCS2000), kept as its rank in the tree of cells: a parent sorts just before its descendants, and the order is that of the codes as bytes. / 北斗网格位置码(GB/T 39409-2020,二维,1 至 10 级,CGCS2000)的网格,以其在网格树中的先序序号存储:上级紧排在其下级之前,次序与代码的字节序一致。';

CREATE OR REPLACE FUNCTION community.gridcell_eq(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_eq';
COMMENT ON FUNCTION community.gridcell_eq(community.gridcell, community.gridcell) IS
'Equal. / 相等。';

CREATE OR REPLACE FUNCTION community.gridcell_ne(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_ne';
COMMENT ON FUNCTION community.gridcell_ne(community.gridcell, community.gridcell) IS
'Not equal. / 不相等。';

CREATE OR REPLACE FUNCTION community.gridcell_lt(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_lt';
COMMENT ON FUNCTION community.gridcell_lt(community.gridcell, community.gridcell) IS
'Stands before, in the order of the tree. / 按树的先序在前。';

CREATE OR REPLACE FUNCTION community.gridcell_le(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_le';
COMMENT ON FUNCTION community.gridcell_le(community.gridcell, community.gridcell) IS
'Stands before or is equal, in the order of the tree. / 按树的先序在前或相等。';

CREATE OR REPLACE FUNCTION community.gridcell_gt(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_gt';
COMMENT ON FUNCTION community.gridcell_gt(community.gridcell, community.gridcell) IS
'Stands behind, in the order of the tree. / 按树的先序在后。';

CREATE OR REPLACE FUNCTION community.gridcell_ge(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_ge';
COMMENT ON FUNCTION community.gridcell_ge(community.gridcell, community.gridcell) IS
'Stands behind or is equal, in the order of the tree. / 按树的先序在后或相等。';

CREATE OR REPLACE FUNCTION community.gridcell_cmp(community.gridcell, community.gridcell) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_cmp';
COMMENT ON FUNCTION community.gridcell_cmp(community.gridcell, community.gridcell) IS
'Btree comparison: -1, 0 or 1. / btree 比较函数:返回 -1、0 或 1。';

CREATE OR REPLACE FUNCTION community.gridcell_sortsupport(internal) RETURNS void
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_sortsupport';
COMMENT ON FUNCTION community.gridcell_sortsupport(internal) IS
'Lets sorts compare as fast as those of int8. / 使排序与 int8 同样快。';

CREATE OR REPLACE FUNCTION community.gridcell_hash(community.gridcell) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_hash';
COMMENT ON FUNCTION community.gridcell_hash(community.gridcell) IS
'32-bit hash; mixes all 64 bits (that of int8 would collide). / 32 位散列,全 64 位混合(int8 的散列会大量冲突)。';

CREATE OR REPLACE FUNCTION community.gridcell_hash_extended(community.gridcell, bigint) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_hash_extended';
COMMENT ON FUNCTION community.gridcell_hash_extended(community.gridcell, bigint) IS
'64-bit hash with a seed, for hash partitions and hash joins. / 带种子的 64 位散列,供散列分区与散列连接使用。';

CREATE OR REPLACE FUNCTION community.gridcell_first(community.gridcell) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_first';
COMMENT ON FUNCTION community.gridcell_first(community.gridcell) IS
'First value of the subtree, which is the value itself; index conditions made from <@ are written with it. NULL for NULL. / 子树的首值,即其自身;由 <@ 生成的索引条件用到它;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_last(community.gridcell) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_last';
COMMENT ON FUNCTION community.gridcell_last(community.gridcell) IS
'Last descendant of the cell: its subtree is everything from the cell to this one. NULL for NULL. / 网格的最后一个下级:自该网格至此即其整个子树;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_ancestors(community.gridcell) RETURNS community.gridcell[]
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_ancestors';
COMMENT ON FUNCTION community.gridcell_ancestors(community.gridcell) IS
'The value and all its ancestors, coarsest first; index conditions made from @> are written with it. NULL for NULL. / 自身及全部上级组成的数组,由粗到细;由 @> 生成的索引条件用到它;输入为 NULL 时得 NULL。';

-- Planner support and estimators: what the server has for its own types.

CREATE OR REPLACE FUNCTION community.gridcell_support(internal) RETURNS internal
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_support';
COMMENT ON FUNCTION community.gridcell_support(internal) IS
'Planner support: turns containment into conditions that btree and BRIN indexes serve. / 规划器支持函数:把包含条件化为 btree 与 BRIN 索引可用的条件。';

CREATE OR REPLACE FUNCTION community.gridcell_ltsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_ltsel';
COMMENT ON FUNCTION community.gridcell_ltsel(internal, oid, internal, integer) IS
'Estimates the share of rows for < from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 < 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcell_lesel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_lesel';
COMMENT ON FUNCTION community.gridcell_lesel(internal, oid, internal, integer) IS
'Estimates the share of rows for <= from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 <= 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcell_gtsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_gtsel';
COMMENT ON FUNCTION community.gridcell_gtsel(internal, oid, internal, integer) IS
'Estimates the share of rows for > from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 > 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcell_gesel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_gesel';
COMMENT ON FUNCTION community.gridcell_gesel(internal, oid, internal, integer) IS
'Estimates the share of rows for >= from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 >= 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcell_containsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_containsel';
COMMENT ON FUNCTION community.gridcell_containsel(internal, oid, internal, integer) IS
'Estimates the share of rows for <@, @> and && from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 <@, @> and && 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcell_containjoinsel(internal, oid, internal, smallint, internal) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_containjoinsel';
COMMENT ON FUNCTION community.gridcell_containjoinsel(internal, oid, internal, smallint, internal) IS
'Estimates joins by <@, @> and && from the statistics of both sides. / 依据两侧统计信息估计 <@、@>、&& 连接的选择率。';

CREATE OR REPLACE FUNCTION community.gridcell_contains(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcell_support
AS 'MODULE_PATHNAME', 'community_gridcell_contains';
COMMENT ON FUNCTION community.gridcell_contains(community.gridcell, community.gridcell) IS
'Contains: the left value is the right one or its ancestor. Indexes serve it. / 包含:左值即右值或其上级;可用索引。';

CREATE OR REPLACE FUNCTION community.gridcell_contained(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcell_support
AS 'MODULE_PATHNAME', 'community_gridcell_contained';
COMMENT ON FUNCTION community.gridcell_contained(community.gridcell, community.gridcell) IS
'Lies in: the left value is the right one or its descendant. Indexes serve it. / 被包含:左值即右值或其下级;可用索引。';

CREATE OR REPLACE FUNCTION community.gridcell_overlaps(community.gridcell, community.gridcell) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcell_support
AS 'MODULE_PATHNAME', 'community_gridcell_overlaps';
COMMENT ON FUNCTION community.gridcell_overlaps(community.gridcell, community.gridcell) IS
'Overlaps: one of the two values contains the other. / 重叠:两值之一包含另一值。';

CREATE OPERATOR community.= (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_eq,
    COMMUTATOR = OPERATOR(community.=),
    NEGATOR = OPERATOR(community.<>),
    RESTRICT = pg_catalog.eqsel,
    JOIN = pg_catalog.eqjoinsel,
    HASHES,
    MERGES
);
COMMENT ON OPERATOR community.= (community.gridcell, community.gridcell) IS
'Equal. / 相等。';

CREATE OPERATOR community.<> (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_ne,
    COMMUTATOR = OPERATOR(community.<>),
    NEGATOR = OPERATOR(community.=),
    RESTRICT = pg_catalog.neqsel,
    JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR community.<> (community.gridcell, community.gridcell) IS
'Not equal. / 不相等。';

CREATE OPERATOR community.< (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_lt,
    COMMUTATOR = OPERATOR(community.>),
    NEGATOR = OPERATOR(community.>=),
    RESTRICT = community.gridcell_ltsel,
    JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR community.< (community.gridcell, community.gridcell) IS
'Stands before, in the order of the tree. / 按树的先序在前。';

CREATE OPERATOR community.<= (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_le,
    COMMUTATOR = OPERATOR(community.>=),
    NEGATOR = OPERATOR(community.>),
    RESTRICT = community.gridcell_lesel,
    JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR community.<= (community.gridcell, community.gridcell) IS
'Stands before or is equal, in the order of the tree. / 按树的先序在前或相等。';

CREATE OPERATOR community.> (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_gt,
    COMMUTATOR = OPERATOR(community.<),
    NEGATOR = OPERATOR(community.<=),
    RESTRICT = community.gridcell_gtsel,
    JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR community.> (community.gridcell, community.gridcell) IS
'Stands behind, in the order of the tree. / 按树的先序在后。';

CREATE OPERATOR community.>= (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_ge,
    COMMUTATOR = OPERATOR(community.<=),
    NEGATOR = OPERATOR(community.<),
    RESTRICT = community.gridcell_gesel,
    JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR community.>= (community.gridcell, community.gridcell) IS
'Stands behind or is equal, in the order of the tree. / 按树的先序在后或相等。';

CREATE OPERATOR community.@> (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_contains,
    COMMUTATOR = OPERATOR(community.<@),
    RESTRICT = community.gridcell_containsel,
    JOIN = community.gridcell_containjoinsel
);
COMMENT ON OPERATOR community.@> (community.gridcell, community.gridcell) IS
'Contains: the left value is the right one or its ancestor. Indexes serve it. / 包含:左值即右值或其上级;可用索引。';

CREATE OPERATOR community.<@ (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_contained,
    COMMUTATOR = OPERATOR(community.@>),
    RESTRICT = community.gridcell_containsel,
    JOIN = community.gridcell_containjoinsel
);
COMMENT ON OPERATOR community.<@ (community.gridcell, community.gridcell) IS
'Lies in: the left value is the right one or its descendant. Indexes serve it. / 被包含:左值即右值或其下级;可用索引。';

CREATE OPERATOR community.&& (
    LEFTARG = community.gridcell,
    RIGHTARG = community.gridcell,
    FUNCTION = community.gridcell_overlaps,
    COMMUTATOR = OPERATOR(community.&&),
    RESTRICT = community.gridcell_containsel,
    JOIN = community.gridcell_containjoinsel
);
COMMENT ON OPERATOR community.&& (community.gridcell, community.gridcell) IS
'Overlaps: one of the two values contains the other. / 重叠:两值之一包含另一值。';

CREATE OPERATOR CLASS community.gridcell_ops
DEFAULT FOR TYPE community.gridcell USING btree AS
    OPERATOR 1 community.<,
    OPERATOR 2 community.<=,
    OPERATOR 3 community.=,
    OPERATOR 4 community.>=,
    OPERATOR 5 community.>,
    FUNCTION 1 community.gridcell_cmp(community.gridcell, community.gridcell),
    FUNCTION 2 community.gridcell_sortsupport(internal),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS community.gridcell_ops USING btree IS
'Order of the tree, a parent before its descendants; equal to the byte order of the codes. / 树的先序:上级在下级之前,与代码的字节序一致。';

CREATE OPERATOR CLASS community.gridcell_hash_ops
DEFAULT FOR TYPE community.gridcell USING hash AS
    OPERATOR 1 community.=,
    FUNCTION 1 community.gridcell_hash(community.gridcell),
    FUNCTION 2 community.gridcell_hash_extended(community.gridcell, bigint);
COMMENT ON OPERATOR CLASS community.gridcell_hash_ops USING hash IS
'Hash by a full mixer of 64 bits. / 采用 64 位全混合函数的散列。';

CREATE OPERATOR CLASS community.gridcell_minmax_ops
DEFAULT FOR TYPE community.gridcell USING brin AS
    OPERATOR 1 community.<,
    OPERATOR 2 community.<=,
    OPERATOR 3 community.=,
    OPERATOR 4 community.>=,
    OPERATOR 5 community.>,
    FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
    FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
    FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal),
    STORAGE community.gridcell;
COMMENT ON OPERATOR CLASS community.gridcell_minmax_ops USING brin IS
'Lowest and highest value of each block range; serves <@ too. / 每个块区间的最小与最大值,也支持 <@。';

CREATE CAST (community.gridcell AS bigint) WITHOUT FUNCTION;
COMMENT ON CAST (community.gridcell AS bigint) IS
'Rank of the cell in the tree, 0 to 3498803120965872719. / 网格在树中的序号,0 至 3498803120965872719。';

CREATE OR REPLACE FUNCTION community.gridcell(bigint) RETURNS community.gridcell
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_from_int8';
COMMENT ON FUNCTION community.gridcell(bigint) IS
'The cell of a rank; 22003 when no cell has it, NULL for NULL. / 序号对应的网格;没有该网格时报 22003,输入为 NULL 时得 NULL。';

CREATE CAST (bigint AS community.gridcell) WITH FUNCTION community.gridcell(bigint);
COMMENT ON CAST (bigint AS community.gridcell) IS
'The cell of a rank; 22003 when no cell has it, NULL for NULL. / 序号对应的网格;没有该网格时报 22003,输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcell_text(community.gridcell) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcell_to_text';
COMMENT ON FUNCTION community.gridcell_text(community.gridcell) IS
'The BeiDou grid location code as text; NULL for NULL. / 北斗网格位置码文本;输入为 NULL 时得 NULL。';

CREATE CAST (community.gridcell AS text) WITH FUNCTION community.gridcell_text(community.gridcell) AS ASSIGNMENT;
COMMENT ON CAST (community.gridcell AS text) IS
'The BeiDou grid location code as text; NULL for NULL. / 北斗网格位置码文本;输入为 NULL 时得 NULL。';
