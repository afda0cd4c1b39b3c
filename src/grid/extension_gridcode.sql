-- grid: type gridcode, division and management grid codes.

CREATE TYPE community.gridcode;

CREATE OR REPLACE FUNCTION community.gridcode_in(cstring) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_in';
COMMENT ON FUNCTION community.gridcode_in(cstring) IS
'Reads a division or management grid code of 2, 4, 6, 9, 12 or 15 digits (GB/T 2260, GB/T 10114, GB/T 30428.1); trailing zero groups only make it longer. 22P02 when it is malformed. / 读入 2、4、6、9、12 或 15 位的区划或管理网格代码(GB/T 2260、GB/T 10114、GB/T 30428.1);末尾的零组只增加长度;格式有误报 22P02。';

CREATE OR REPLACE FUNCTION community.gridcode_out(community.gridcode) RETURNS cstring
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_out';
COMMENT ON FUNCTION community.gridcode_out(community.gridcode) IS
'Writes the code in its shortest form, without trailing zero groups. / 以最短形式输出代码,不带末尾零组。';

CREATE OR REPLACE FUNCTION community.gridcode_recv(internal) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_recv';
COMMENT ON FUNCTION community.gridcode_recv(internal) IS
'Reads the binary form, the code as a number of 15 digits (int8 in network order); 22003 when it is no code. / 读入二进制形式:15 位数字的代码(int8,网络字节序);不是代码时报 22003。';

CREATE OR REPLACE FUNCTION community.gridcode_send(community.gridcode) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_send';
COMMENT ON FUNCTION community.gridcode_send(community.gridcode) IS
'Writes the binary form, 8 bytes in network order. / 输出二进制形式:8 字节,网络字节序。';

CREATE TYPE community.gridcode (
    INPUT = community.gridcode_in,
    OUTPUT = community.gridcode_out,
    RECEIVE = community.gridcode_recv,
    SEND = community.gridcode_send,
    LIKE = pg_catalog.int8
);
COMMENT ON TYPE community.gridcode IS
'A division or management grid code at 2, 4, 6, 9, 12 or 15 digits (province, city, county, street, community, grid), kept as its number of 15 digits: a parent sorts just before its descendants. Codes are re-used between yearly editions; the code alone is no stable key. / 2、4、6、9、12、15 位的区划与管理网格代码(省、市、县、街道、社区、网格),以 15 位数字存储:上级紧排在其下级之前。代码会在年度版本间重复使用,单凭代码不是稳定的键。';

CREATE OR REPLACE FUNCTION community.gridcode_eq(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_eq';
COMMENT ON FUNCTION community.gridcode_eq(community.gridcode, community.gridcode) IS
'Equal. / 相等。';

CREATE OR REPLACE FUNCTION community.gridcode_ne(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_ne';
COMMENT ON FUNCTION community.gridcode_ne(community.gridcode, community.gridcode) IS
'Not equal. / 不相等。';

CREATE OR REPLACE FUNCTION community.gridcode_lt(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_lt';
COMMENT ON FUNCTION community.gridcode_lt(community.gridcode, community.gridcode) IS
'Stands before, in the order of the tree. / 按树的先序在前。';

CREATE OR REPLACE FUNCTION community.gridcode_le(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_le';
COMMENT ON FUNCTION community.gridcode_le(community.gridcode, community.gridcode) IS
'Stands before or is equal, in the order of the tree. / 按树的先序在前或相等。';

CREATE OR REPLACE FUNCTION community.gridcode_gt(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_gt';
COMMENT ON FUNCTION community.gridcode_gt(community.gridcode, community.gridcode) IS
'Stands behind, in the order of the tree. / 按树的先序在后。';

CREATE OR REPLACE FUNCTION community.gridcode_ge(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_ge';
COMMENT ON FUNCTION community.gridcode_ge(community.gridcode, community.gridcode) IS
'Stands behind or is equal, in the order of the tree. / 按树的先序在后或相等。';

CREATE OR REPLACE FUNCTION community.gridcode_cmp(community.gridcode, community.gridcode) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_cmp';
COMMENT ON FUNCTION community.gridcode_cmp(community.gridcode, community.gridcode) IS
'Btree comparison: -1, 0 or 1. / btree 比较函数:返回 -1、0 或 1。';

CREATE OR REPLACE FUNCTION community.gridcode_sortsupport(internal) RETURNS void
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_sortsupport';
COMMENT ON FUNCTION community.gridcode_sortsupport(internal) IS
'Lets sorts compare as fast as those of int8. / 使排序与 int8 同样快。';

CREATE OR REPLACE FUNCTION community.gridcode_hash(community.gridcode) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_hash';
COMMENT ON FUNCTION community.gridcode_hash(community.gridcode) IS
'32-bit hash; mixes all 64 bits (that of int8 would collide). / 32 位散列,全 64 位混合(int8 的散列会大量冲突)。';

CREATE OR REPLACE FUNCTION community.gridcode_hash_extended(community.gridcode, bigint) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_hash_extended';
COMMENT ON FUNCTION community.gridcode_hash_extended(community.gridcode, bigint) IS
'64-bit hash with a seed, for hash partitions and hash joins. / 带种子的 64 位散列,供散列分区与散列连接使用。';

CREATE OR REPLACE FUNCTION community.gridcode_first(community.gridcode) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_grid_first';
COMMENT ON FUNCTION community.gridcode_first(community.gridcode) IS
'First value of the subtree, which is the value itself; index conditions made from <@ are written with it. NULL for NULL. / 子树的首值,即其自身;由 <@ 生成的索引条件用到它;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_last(community.gridcode) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_last';
COMMENT ON FUNCTION community.gridcode_last(community.gridcode) IS
'Last number in the range of the code: everything under it lies from the code to this one . NULL for NULL. / 代码所辖范围的末值:其下的一切都在自身与此值之间;输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_ancestors(community.gridcode) RETURNS community.gridcode[]
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_ancestors';
COMMENT ON FUNCTION community.gridcode_ancestors(community.gridcode) IS
'The value and all its ancestors, coarsest first; index conditions made from @> are written with it. NULL for NULL. / 自身及全部上级组成的数组,由粗到细;由 @> 生成的索引条件用到它;输入为 NULL 时得 NULL。';

-- Planner support and estimators: what the server has for its own types.

CREATE OR REPLACE FUNCTION community.gridcode_support(internal) RETURNS internal
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_support';
COMMENT ON FUNCTION community.gridcode_support(internal) IS
'Planner support: turns containment into conditions that btree and BRIN indexes serve. / 规划器支持函数:把包含条件化为 btree 与 BRIN 索引可用的条件。';

CREATE OR REPLACE FUNCTION community.gridcode_ltsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_ltsel';
COMMENT ON FUNCTION community.gridcode_ltsel(internal, oid, internal, integer) IS
'Estimates the share of rows for < from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 < 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcode_lesel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_lesel';
COMMENT ON FUNCTION community.gridcode_lesel(internal, oid, internal, integer) IS
'Estimates the share of rows for <= from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 <= 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcode_gtsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_gtsel';
COMMENT ON FUNCTION community.gridcode_gtsel(internal, oid, internal, integer) IS
'Estimates the share of rows for > from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 > 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcode_gesel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_gesel';
COMMENT ON FUNCTION community.gridcode_gesel(internal, oid, internal, integer) IS
'Estimates the share of rows for >= from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 >= 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcode_containsel(internal, oid, internal, integer) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_containsel';
COMMENT ON FUNCTION community.gridcode_containsel(internal, oid, internal, integer) IS
'Estimates the share of rows for <@, @> and && from the statistics, read as numbers. / 依据统计信息(按数值理解)估计 <@, @> and && 选中的行所占比例。';

CREATE OR REPLACE FUNCTION community.gridcode_containjoinsel(internal, oid, internal, smallint, internal) RETURNS double precision
LANGUAGE C STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_containjoinsel';
COMMENT ON FUNCTION community.gridcode_containjoinsel(internal, oid, internal, smallint, internal) IS
'Estimates joins by <@, @> and && from the statistics of both sides. / 依据两侧统计信息估计 <@、@>、&& 连接的选择率。';

CREATE OR REPLACE FUNCTION community.gridcode_contains(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcode_support
AS 'MODULE_PATHNAME', 'community_gridcode_contains';
COMMENT ON FUNCTION community.gridcode_contains(community.gridcode, community.gridcode) IS
'Contains: the left value is the right one or its ancestor. Indexes serve it. / 包含:左值即右值或其上级;可用索引。';

CREATE OR REPLACE FUNCTION community.gridcode_contained(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcode_support
AS 'MODULE_PATHNAME', 'community_gridcode_contained';
COMMENT ON FUNCTION community.gridcode_contained(community.gridcode, community.gridcode) IS
'Lies in: the left value is the right one or its descendant. Indexes serve it. / 被包含:左值即右值或其下级;可用索引。';

CREATE OR REPLACE FUNCTION community.gridcode_overlaps(community.gridcode, community.gridcode) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE SUPPORT community.gridcode_support
AS 'MODULE_PATHNAME', 'community_gridcode_overlaps';
COMMENT ON FUNCTION community.gridcode_overlaps(community.gridcode, community.gridcode) IS
'Overlaps: one of the two values contains the other. / 重叠:两值之一包含另一值。';

CREATE OPERATOR community.= (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_eq,
    COMMUTATOR = OPERATOR(community.=),
    NEGATOR = OPERATOR(community.<>),
    RESTRICT = pg_catalog.eqsel,
    JOIN = pg_catalog.eqjoinsel,
    HASHES,
    MERGES
);
COMMENT ON OPERATOR community.= (community.gridcode, community.gridcode) IS
'Equal. / 相等。';

CREATE OPERATOR community.<> (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_ne,
    COMMUTATOR = OPERATOR(community.<>),
    NEGATOR = OPERATOR(community.=),
    RESTRICT = pg_catalog.neqsel,
    JOIN = pg_catalog.neqjoinsel
);
COMMENT ON OPERATOR community.<> (community.gridcode, community.gridcode) IS
'Not equal. / 不相等。';

CREATE OPERATOR community.< (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_lt,
    COMMUTATOR = OPERATOR(community.>),
    NEGATOR = OPERATOR(community.>=),
    RESTRICT = community.gridcode_ltsel,
    JOIN = pg_catalog.scalarltjoinsel
);
COMMENT ON OPERATOR community.< (community.gridcode, community.gridcode) IS
'Stands before, in the order of the tree. / 按树的先序在前。';

CREATE OPERATOR community.<= (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_le,
    COMMUTATOR = OPERATOR(community.>=),
    NEGATOR = OPERATOR(community.>),
    RESTRICT = community.gridcode_lesel,
    JOIN = pg_catalog.scalarlejoinsel
);
COMMENT ON OPERATOR community.<= (community.gridcode, community.gridcode) IS
'Stands before or is equal, in the order of the tree. / 按树的先序在前或相等。';

CREATE OPERATOR community.> (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_gt,
    COMMUTATOR = OPERATOR(community.<),
    NEGATOR = OPERATOR(community.<=),
    RESTRICT = community.gridcode_gtsel,
    JOIN = pg_catalog.scalargtjoinsel
);
COMMENT ON OPERATOR community.> (community.gridcode, community.gridcode) IS
'Stands behind, in the order of the tree. / 按树的先序在后。';

CREATE OPERATOR community.>= (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_ge,
    COMMUTATOR = OPERATOR(community.<=),
    NEGATOR = OPERATOR(community.<),
    RESTRICT = community.gridcode_gesel,
    JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR community.>= (community.gridcode, community.gridcode) IS
'Stands behind or is equal, in the order of the tree. / 按树的先序在后或相等。';

CREATE OPERATOR community.@> (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_contains,
    COMMUTATOR = OPERATOR(community.<@),
    RESTRICT = community.gridcode_containsel,
    JOIN = community.gridcode_containjoinsel
);
COMMENT ON OPERATOR community.@> (community.gridcode, community.gridcode) IS
'Contains: the left value is the right one or its ancestor. Indexes serve it. / 包含:左值即右值或其上级;可用索引。';

CREATE OPERATOR community.<@ (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_contained,
    COMMUTATOR = OPERATOR(community.@>),
    RESTRICT = community.gridcode_containsel,
    JOIN = community.gridcode_containjoinsel
);
COMMENT ON OPERATOR community.<@ (community.gridcode, community.gridcode) IS
'Lies in: the left value is the right one or its descendant. Indexes serve it. / 被包含:左值即右值或其下级;可用索引。';

CREATE OPERATOR community.&& (
    LEFTARG = community.gridcode,
    RIGHTARG = community.gridcode,
    FUNCTION = community.gridcode_overlaps,
    COMMUTATOR = OPERATOR(community.&&),
    RESTRICT = community.gridcode_containsel,
    JOIN = community.gridcode_containjoinsel
);
COMMENT ON OPERATOR community.&& (community.gridcode, community.gridcode) IS
'Overlaps: one of the two values contains the other. / 重叠:两值之一包含另一值。';

CREATE OPERATOR CLASS community.gridcode_ops
DEFAULT FOR TYPE community.gridcode USING btree AS
    OPERATOR 1 community.<,
    OPERATOR 2 community.<=,
    OPERATOR 3 community.=,
    OPERATOR 4 community.>=,
    OPERATOR 5 community.>,
    FUNCTION 1 community.gridcode_cmp(community.gridcode, community.gridcode),
    FUNCTION 2 community.gridcode_sortsupport(internal),
    FUNCTION 4 pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS community.gridcode_ops USING btree IS
'Order of the hierarchy, a parent before its descendants; equal to the byte order of the shortest codes. / 层级次序:上级在下级之前,与最短代码的字节序一致。';

CREATE OPERATOR CLASS community.gridcode_hash_ops
DEFAULT FOR TYPE community.gridcode USING hash AS
    OPERATOR 1 community.=,
    FUNCTION 1 community.gridcode_hash(community.gridcode),
    FUNCTION 2 community.gridcode_hash_extended(community.gridcode, bigint);
COMMENT ON OPERATOR CLASS community.gridcode_hash_ops USING hash IS
'Hash by a full mixer of 64 bits. / 采用 64 位全混合函数的散列。';

CREATE OPERATOR CLASS community.gridcode_minmax_ops
DEFAULT FOR TYPE community.gridcode USING brin AS
    OPERATOR 1 community.<,
    OPERATOR 2 community.<=,
    OPERATOR 3 community.=,
    OPERATOR 4 community.>=,
    OPERATOR 5 community.>,
    FUNCTION 1 pg_catalog.brin_minmax_opcinfo(internal),
    FUNCTION 2 pg_catalog.brin_minmax_add_value(internal, internal, internal, internal),
    FUNCTION 3 pg_catalog.brin_minmax_consistent(internal, internal, internal),
    FUNCTION 4 pg_catalog.brin_minmax_union(internal, internal, internal),
    STORAGE community.gridcode;
COMMENT ON OPERATOR CLASS community.gridcode_minmax_ops USING brin IS
'Lowest and highest value of each block range; serves <@ too. / 每个块区间的最小与最大值,也支持 <@。';

CREATE CAST (community.gridcode AS bigint) WITHOUT FUNCTION;
COMMENT ON CAST (community.gridcode AS bigint) IS
'The code as a number of 15 digits, zero below its level. / 15 位数字的代码,其级别以下为零。';

CREATE OR REPLACE FUNCTION community.gridcode(bigint) RETURNS community.gridcode
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_from_int8';
COMMENT ON FUNCTION community.gridcode(bigint) IS
'The code of a number of 2, 4, 6, 9, 12 or 15 digits, so that 330203001001 and 330203001001000 are the same community; 22003 when it is no code, NULL for NULL. / 2、4、6、9、12 或 15 位数字对应的代码(330203001001 与 330203001001000 为同一社区);不是代码时报 22003,输入为 NULL 时得 NULL。';

CREATE CAST (bigint AS community.gridcode) WITH FUNCTION community.gridcode(bigint);
COMMENT ON CAST (bigint AS community.gridcode) IS
'The code of a number of 2, 4, 6, 9, 12 or 15 digits, so that 330203001001 and 330203001001000 are the same community; 22003 when it is no code, NULL for NULL. / 2、4、6、9、12 或 15 位数字对应的代码(330203001001 与 330203001001000 为同一社区);不是代码时报 22003,输入为 NULL 时得 NULL。';

CREATE OR REPLACE FUNCTION community.gridcode_text(community.gridcode) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_gridcode_to_text';
COMMENT ON FUNCTION community.gridcode_text(community.gridcode) IS
'The code in its shortest form as text; NULL for NULL. / 最短形式的代码文本;输入为 NULL 时得 NULL。';

CREATE CAST (community.gridcode AS text) WITH FUNCTION community.gridcode_text(community.gridcode) AS ASSIGNMENT;
COMMENT ON CAST (community.gridcode AS text) IS
'The code in its shortest form as text; NULL for NULL. / 最短形式的代码文本;输入为 NULL 时得 NULL。';
