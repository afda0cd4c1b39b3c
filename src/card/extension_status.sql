-- card: signed status bitmaps for readers without a connection.

CREATE OR REPLACE FUNCTION community.status_bitmap(p_issuer integer, p_epoch integer, p_published timestamptz, p_cards integer,
    p_revoked integer[], p_suite text DEFAULT 'ed25519') RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 1000
AS 'MODULE_PATHNAME', 'community_status_bitmap';
COMMENT ON FUNCTION community.status_bitmap(integer, integer, timestamptz, integer, integer[], text) IS
'The signed bitmap of an issuer: a bit for each card index below p_cards, set for the revoked ones, by the active key for what is published (p_suite ed25519 or sm2). 125 kB for a million cards. Error 22003 for an index that it does not cover, 22023 for a suite without signatures, 55000 without a key. NULL for NULL. / 发卡方的签名状态位图（以发布用密钥签名）,置位者为已吊销;一百万卡约 125 kB。';
REVOKE ALL ON FUNCTION community.status_bitmap(integer, integer, timestamptz, integer, integer[], text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.status_bitmap_ok(p_bitmap bytea) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_status_bitmap_ok';
COMMENT ON FUNCTION community.status_bitmap_ok(bytea) IS
'Whether form and signature of a status bitmap are right; NULL for NULL. / 状态位图的形式与签名是否正确。';
REVOKE ALL ON FUNCTION community.status_bitmap_ok(bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.status_bitmap_revoked(p_bitmap bytea, p_card_index bigint) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_status_bitmap_revoked';
COMMENT ON FUNCTION community.status_bitmap_revoked(bytea, bigint) IS
'Whether a card is revoked by a bitmap, NULL when the bitmap does not cover it; error 22023 for what is no bitmap. / 位图是否吊销某卡,未覆盖时为 NULL。';

CREATE OR REPLACE FUNCTION community.status_bitmap_info(p_bitmap bytea, OUT issuer integer, OUT epoch integer,
    OUT published timestamptz, OUT cards integer, OUT revoked integer, OUT suite text, OUT key_id integer) RETURNS record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_status_bitmap_info';
COMMENT ON FUNCTION community.status_bitmap_info(bytea) IS
'Issuer, epoch, time, number of cards and of revoked ones, suite and key of a status bitmap; error 22023 for what is no bitmap, NULL for NULL. / 状态位图的发卡方、批次、发布时刻、卡数、吊销数、套件与密钥。';

CREATE OR REPLACE FUNCTION community.status_bitmap_delta(p_old bytea, p_new bytea) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_status_bitmap_delta';
COMMENT ON FUNCTION community.status_bitmap_delta(bytea, bytea) IS
'The changes from one bitmap to a later one of the same issuer, with the signature of the later. Error 22023 when there is none, NULL for NULL. / 两期位图之间的增量,含后一期签名;不成对报 22023。';

CREATE OR REPLACE FUNCTION community.status_bitmap_apply(p_old bytea, p_delta bytea) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_status_bitmap_apply';
COMMENT ON FUNCTION community.status_bitmap_apply(bytea, bytea) IS
'The later bitmap: the old one with a delta applied; verify it before use. Error 22023 when they do not fit, NULL for NULL. / 应用增量后的新位图,使用前须验证;不匹配报 22023。';
