-- card: the key ring, sealed values, blind indexes.  Nothing here is for PUBLIC.

CREATE OR REPLACE FUNCTION community.key_ring(
    OUT key_id integer, OUT use text, OUT state text, OUT private_half boolean,
    OUT public_key bytea, OUT kcv bytea) RETURNS SETOF record
LANGUAGE C STABLE PARALLEL SAFE ROWS 16
AS 'MODULE_PATHNAME', 'community_key_ring';
COMMENT ON FUNCTION community.key_ring() IS
'The keys of the ring that community.key_file or community.key_command gives: number, use, state, whether the secret half is there, public key, and four bytes that tell one key from another. Never any material; no row and a warning without a ring. / 密钥环中的密钥:编号、用途、状态、是否含私钥、公钥与校验值;绝不显示密钥材料,无密钥环时给出警告与空集。';
REVOKE ALL ON FUNCTION community.key_ring() FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.seal(p_text text, p_context text) RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 100
AS 'MODULE_PATHNAME', 'community_seal_text';
COMMENT ON FUNCTION community.seal(text, text) IS
'A text sealed with the ring''s active key for a place (table, column and row, say person.name/330203001001/7): AES-256-GCM, or SM4 with HMAC-SM3. Lengths are hidden up to 16 bytes. NULL for NULL; error 55000 without a key. / 用密钥环的现用密钥把文本封存于其位置(表、列、行);无现用密钥报 55000。';
REVOKE ALL ON FUNCTION community.seal(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.unseal(p_sealed bytea, p_context text) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 100
AS 'MODULE_PATHNAME', 'community_unseal_text';
COMMENT ON FUNCTION community.unseal(bytea, text) IS
'The text of a sealed value for the same place. Errors: 22023 for what is no sealed value, 55000 when the ring lacks its key, 22000 when it was changed or belongs elsewhere. Only audited functions may call it. NULL for NULL. / 解封同一位置的封存值;非封存值报 22023,缺密钥报 55000,被改动或位置不符报 22000;仅供经审计的函数调用。';
REVOKE ALL ON FUNCTION community.unseal(bytea, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.seal_key_id(p_sealed bytea) RETURNS integer
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_seal_key_id';
COMMENT ON FUNCTION community.seal_key_id(bytea) IS
'The number of the key that sealed a value, 0 for a data key; tells what rotation still has to seal anew. Error 22023 for what is no sealed value. / 封存值所用密钥的编号,数据密钥为 0;供密钥轮换时查找旧值。';
REVOKE ALL ON FUNCTION community.seal_key_id(bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.data_key_new(p_context text) RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 100
AS 'MODULE_PATHNAME', 'community_data_key_new';
COMMENT ON FUNCTION community.data_key_new(text) IS
'A new random data key, sealed by the ring for a place (one person). Destroying it makes everything sealed under it unreadable for ever. Error 55000 without a key. / 新的随机数据密钥(每人一把),由密钥环封存;销毁后其下所有封存值永不可读。';
REVOKE ALL ON FUNCTION community.data_key_new(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.seal_under(p_key bytea, p_key_context text, p_text text, p_context text) RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 200
AS 'MODULE_PATHNAME', 'community_seal_under';
COMMENT ON FUNCTION community.seal_under(bytea, text, text, text) IS
'A text sealed for a place under a data key, which is opened with its own place. NULL when any argument is NULL; errors as unseal(). / 在数据密钥之下封存文本;错误同 unseal()。';
REVOKE ALL ON FUNCTION community.seal_under(bytea, text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.unseal_under(p_key bytea, p_key_context text, p_sealed bytea, p_context text) RETURNS text
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 200
AS 'MODULE_PATHNAME', 'community_unseal_under';
COMMENT ON FUNCTION community.unseal_under(bytea, text, bytea, text) IS
'The text of a value sealed under a data key. NULL when any argument is NULL; errors as unseal(). / 解封数据密钥之下的封存值;错误同 unseal()。';
REVOKE ALL ON FUNCTION community.unseal_under(bytea, text, bytea, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.blind_index(p_value text, p_context text DEFAULT '') RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'community_blind_index';
COMMENT ON FUNCTION community.blind_index(text, text) IS
'Number of the active index key and 16 bytes of its HMAC over a value and its kind (person.id_no): equal values have equal indexes, and nobody without the ring can guess them. For equality and uniqueness only. NULL for NULL; error 55000 without a key. / 盲索引:现用索引密钥编号与其对该值(及种类)HMAC 的 16 字节,仅供等值查找与唯一约束。';
REVOKE ALL ON FUNCTION community.blind_index(text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.blind_index_all(p_value text, p_context text DEFAULT '') RETURNS bytea[]
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 40
AS 'MODULE_PATHNAME', 'community_blind_index_all';
COMMENT ON FUNCTION community.blind_index_all(text, text) IS
'The blind indexes of a value under every index key of the ring, the active one first: search with = ANY while keys rotate. / 密钥环中全部索引密钥下的盲索引,现用者居首;轮换期间以 = ANY 查找。';
REVOKE ALL ON FUNCTION community.blind_index_all(text, text) FROM PUBLIC;
