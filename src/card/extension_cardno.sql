-- card: the type cardno, numbers of the community's own cards.

CREATE TYPE community.cardno;

CREATE OR REPLACE FUNCTION community.cardno_in(cstring) RETURNS community.cardno
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_in';
COMMENT ON FUNCTION community.cardno_in(cstring) IS
'Input of cardno: 18 digits, plain or as 330203-0000-0001-2346. Error 22P02 for another form or wrong check digits. / cardno 的输入:18 位数字,可带连字符;形式或校验码不符报 22P02。';

CREATE OR REPLACE FUNCTION community.cardno_out(community.cardno) RETURNS cstring
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_out';
COMMENT ON FUNCTION community.cardno_out(community.cardno) IS
'Output of cardno, in groups of 6, 4, 4 and 4 digits. / cardno 的输出,按 6、4、4、4 位分组。';

CREATE OR REPLACE FUNCTION community.cardno_recv(internal) RETURNS community.cardno
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_recv';
COMMENT ON FUNCTION community.cardno_recv(internal) IS
'Binary input of cardno, an int8; error 22003 for what is no card number. / cardno 的二进制输入(int8),非卡号报 22003。';

CREATE OR REPLACE FUNCTION community.cardno_send(community.cardno) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_send';
COMMENT ON FUNCTION community.cardno_send(community.cardno) IS
'Binary output of cardno, an int8. / cardno 的二进制输出(int8)。';

CREATE TYPE community.cardno (
    INPUT = community.cardno_in,
    OUTPUT = community.cardno_out,
    RECEIVE = community.cardno_recv,
    SEND = community.cardno_send,
    LIKE = int8
);
COMMENT ON TYPE community.cardno IS
'Number of a card: 6 digits of region, 10 of serial, 2 check digits after ISO/IEC 7064 MOD 97-10, which catch every wrong digit and every swap of neighbours. 8 bytes. / 卡号:6 位地区、10 位序号、2 位校验码(ISO/IEC 7064 MOD 97-10),可查出任一错位与相邻对调;占 8 字节。';

CREATE OR REPLACE FUNCTION community.cardno_eq(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8eq';
COMMENT ON FUNCTION community.cardno_eq(community.cardno, community.cardno) IS
'Whether the first card number is equal in the order of numbers (operator =). / 前一卡号是否按数值相等后者。';

CREATE OR REPLACE FUNCTION community.cardno_ne(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8ne';
COMMENT ON FUNCTION community.cardno_ne(community.cardno, community.cardno) IS
'Whether the first card number is different in the order of numbers (operator <>). / 前一卡号是否按数值不等后者。';

CREATE OR REPLACE FUNCTION community.cardno_lt(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8lt';
COMMENT ON FUNCTION community.cardno_lt(community.cardno, community.cardno) IS
'Whether the first card number is before in the order of numbers (operator <). / 前一卡号是否按数值小于后者。';

CREATE OR REPLACE FUNCTION community.cardno_le(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8le';
COMMENT ON FUNCTION community.cardno_le(community.cardno, community.cardno) IS
'Whether the first card number is before or equal in the order of numbers (operator <=). / 前一卡号是否按数值小于或等于后者。';

CREATE OR REPLACE FUNCTION community.cardno_gt(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8gt';
COMMENT ON FUNCTION community.cardno_gt(community.cardno, community.cardno) IS
'Whether the first card number is after in the order of numbers (operator >). / 前一卡号是否按数值大于后者。';

CREATE OR REPLACE FUNCTION community.cardno_ge(community.cardno, community.cardno) RETURNS boolean
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'int8ge';
COMMENT ON FUNCTION community.cardno_ge(community.cardno, community.cardno) IS
'Whether the first card number is after or equal in the order of numbers (operator >=). / 前一卡号是否按数值大于或等于后者。';

CREATE OPERATOR community.= (
    FUNCTION = community.cardno_eq, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.=), NEGATOR = OPERATOR(community.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel,
    HASHES, MERGES
);
COMMENT ON OPERATOR community.= (community.cardno, community.cardno) IS 'Equal card numbers. / 卡号相等。';

CREATE OPERATOR community.<> (
    FUNCTION = community.cardno_ne, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.<>), NEGATOR = OPERATOR(community.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR community.<> (community.cardno, community.cardno) IS 'Different card numbers. / 卡号不等。';

CREATE OPERATOR community.< (
    FUNCTION = community.cardno_lt, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.>), NEGATOR = OPERATOR(community.>=),
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR community.< (community.cardno, community.cardno) IS 'The first number is lower. / 前一卡号较小。';

CREATE OPERATOR community.<= (
    FUNCTION = community.cardno_le, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.>=), NEGATOR = OPERATOR(community.>),
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR community.<= (community.cardno, community.cardno) IS 'The first number is not higher. / 前一卡号不大于后者。';

CREATE OPERATOR community.> (
    FUNCTION = community.cardno_gt, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.<), NEGATOR = OPERATOR(community.<=),
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR community.> (community.cardno, community.cardno) IS 'The first number is higher. / 前一卡号较大。';

CREATE OPERATOR community.>= (
    FUNCTION = community.cardno_ge, LEFTARG = community.cardno, RIGHTARG = community.cardno,
    COMMUTATOR = OPERATOR(community.<=), NEGATOR = OPERATOR(community.<),
    RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR community.>= (community.cardno, community.cardno) IS 'The first number is not lower. / 前一卡号不小于后者。';

CREATE OR REPLACE FUNCTION community.cardno_cmp(community.cardno, community.cardno) RETURNS integer
LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'btint8cmp';
COMMENT ON FUNCTION community.cardno_cmp(community.cardno, community.cardno) IS
'Order of two card numbers for btree: -1, 0 or 1. / 两卡号的大小次序,供 btree 使用。';

CREATE OR REPLACE FUNCTION community.cardno_hash(community.cardno) RETURNS integer
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_hash';
COMMENT ON FUNCTION community.cardno_hash(community.cardno) IS
'Hash of a card number to 32 bits; mixes all digits. / 卡号的 32 位哈希,混合全部数位。';

CREATE OR REPLACE FUNCTION community.cardno_hash_extended(community.cardno, bigint) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_hash_extended';
COMMENT ON FUNCTION community.cardno_hash_extended(community.cardno, bigint) IS
'Hash of a card number to 64 bits with a seed. / 卡号的带种子 64 位哈希。';

CREATE OPERATOR CLASS community.cardno_ops DEFAULT FOR TYPE community.cardno USING btree AS
    OPERATOR 1 community.<, OPERATOR 2 community.<=, OPERATOR 3 community.=,
    OPERATOR 4 community.>=, OPERATOR 5 community.>,
    FUNCTION 1 community.cardno_cmp(community.cardno, community.cardno),
    FUNCTION 2 btint8sortsupport(internal),
    FUNCTION 4 btequalimage(oid);
COMMENT ON OPERATOR CLASS community.cardno_ops USING btree IS 'Card numbers in the order of numbers. / 按数值排序的卡号。';

CREATE OPERATOR CLASS community.cardno_hash_ops DEFAULT FOR TYPE community.cardno USING hash AS
    OPERATOR 1 community.=,
    FUNCTION 1 community.cardno_hash(community.cardno),
    FUNCTION 2 community.cardno_hash_extended(community.cardno, bigint);
COMMENT ON OPERATOR CLASS community.cardno_hash_ops USING hash IS 'Card numbers by hash. / 卡号的哈希。';

CREATE OR REPLACE FUNCTION community.cardno(bigint) RETURNS community.cardno
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_from_bigint';
COMMENT ON FUNCTION community.cardno(bigint) IS
'The card number that a bigint is; error 22003 for what is no card number, NULL for NULL. / 把 bigint 转为卡号,非卡号报 22003。';

CREATE CAST (bigint AS community.cardno) WITH FUNCTION community.cardno(bigint);
COMMENT ON CAST (bigint AS community.cardno) IS 'Checks region and check digits. / 转换时核对地区与校验码。';
CREATE CAST (community.cardno AS bigint) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (community.cardno AS bigint) IS 'The 18 digits as a number, for key columns. / 以 18 位数字作为键列。';

CREATE OR REPLACE FUNCTION community.cardno_new(p_region integer, p_serial bigint) RETURNS community.cardno
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_new';
COMMENT ON FUNCTION community.cardno_new(integer, bigint) IS
'The card number of a region (6 digits) and a serial (0 to 9,999,999,999), with its check digits. Error 22003 out of range, NULL for NULL. / 由 6 位地区码与序号生成带校验码的卡号;超出范围报 22003。';

CREATE OR REPLACE FUNCTION community.cardno_region(community.cardno) RETURNS integer
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_region';
COMMENT ON FUNCTION community.cardno_region(community.cardno) IS
'The 6 digits of region of a card number; NULL for NULL. / 卡号中的 6 位地区码。';

CREATE OR REPLACE FUNCTION community.cardno_serial(community.cardno) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_cardno_serial';
COMMENT ON FUNCTION community.cardno_serial(community.cardno) IS
'The serial of a card number; NULL for NULL. / 卡号中的序号。';

CREATE OR REPLACE FUNCTION community.card_mask(community.cardno) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_card_mask';
COMMENT ON FUNCTION community.card_mask(community.cardno) IS
'A card number with region and last four digits only: 330203-****-****-2346; NULL for NULL. / 只留地区码与末四位的卡号。';
