-- card: credentials.  Only accessors are for PUBLIC.

CREATE TYPE community.credential;

CREATE OR REPLACE FUNCTION community.credential_in(cstring) RETURNS community.credential
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_in';
COMMENT ON FUNCTION community.credential_in(cstring) IS
'Input of credential: cc1. and base64url, or CC1: and base45. Error 22P02 that tells what is wrong without repeating the text. / credential 的输入:cc1. 加 base64url,或 CC1: 加 base45;有误报 22P02,不复述原文。';

CREATE OR REPLACE FUNCTION community.credential_out(community.credential) RETURNS cstring
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_out';
COMMENT ON FUNCTION community.credential_out(community.credential) IS
'Output of credential: cc1. and base64url without padding, one text for one credential. / credential 的输出:cc1. 加无填充 base64url,一证一文。';

CREATE OR REPLACE FUNCTION community.credential_recv(internal) RETURNS community.credential
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_recv';
COMMENT ON FUNCTION community.credential_recv(internal) IS
'Binary input of credential: its bytes; error 22P03 for another form. / credential 的二进制输入,形式不符报 22P03。';

CREATE OR REPLACE FUNCTION community.credential_send(community.credential) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_send';
COMMENT ON FUNCTION community.credential_send(community.credential) IS
'Binary output of credential: its bytes. / credential 的二进制输出。';

CREATE TYPE community.credential (
    INPUT = community.credential_in,
    OUTPUT = community.credential_out,
    RECEIVE = community.credential_recv,
    SEND = community.credential_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = main
);
COMMENT ON TYPE community.credential IS
'The signed bytes that a card, a QR code or a phone shows: issuer, card number, pseudonym, applications, time, zones. Canonical: one set of claims has one form. Never keep one in a table: who can read it can clone the card. / 卡、二维码或手机出示的签名凭证:发卡方、卡号、假名、应用、时段、区域;形式唯一。不得存表,可读者即可克隆。';

CREATE OR REPLACE FUNCTION community.credential_eq(community.credential, community.credential) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_eq';
COMMENT ON FUNCTION community.credential_eq(community.credential, community.credential) IS
'Whether two credentials are the same bytes, compared in constant time (operator =). / 两凭证字节是否相同,恒时比较。';

CREATE OR REPLACE FUNCTION community.credential_ne(community.credential, community.credential) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_ne';
COMMENT ON FUNCTION community.credential_ne(community.credential, community.credential) IS
'Whether two credentials differ, compared in constant time (operator <>). / 两凭证是否不同,恒时比较。';

CREATE OR REPLACE FUNCTION community.credential_hash(community.credential) RETURNS integer
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_hash';
COMMENT ON FUNCTION community.credential_hash(community.credential) IS
'Hash of a credential to 32 bits. / 凭证的 32 位哈希。';

CREATE OR REPLACE FUNCTION community.credential_hash_extended(community.credential, bigint) RETURNS bigint
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_hash_extended';
COMMENT ON FUNCTION community.credential_hash_extended(community.credential, bigint) IS
'Hash of a credential to 64 bits with a seed. / 凭证的带种子 64 位哈希。';

CREATE OPERATOR community.= (
    FUNCTION = community.credential_eq, LEFTARG = community.credential, RIGHTARG = community.credential,
    COMMUTATOR = OPERATOR(community.=), NEGATOR = OPERATOR(community.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR community.= (community.credential, community.credential) IS 'The same credential. / 同一凭证。';
CREATE OPERATOR community.<> (
    FUNCTION = community.credential_ne, LEFTARG = community.credential, RIGHTARG = community.credential,
    COMMUTATOR = OPERATOR(community.<>), NEGATOR = OPERATOR(community.=),
    RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR community.<> (community.credential, community.credential) IS 'Different credentials. / 不同凭证。';
CREATE OPERATOR CLASS community.credential_hash_ops DEFAULT FOR TYPE community.credential USING hash AS
    OPERATOR 1 community.=,
    FUNCTION 1 community.credential_hash(community.credential),
    FUNCTION 2 community.credential_hash_extended(community.credential, bigint);
COMMENT ON OPERATOR CLASS community.credential_hash_ops USING hash IS 'Credentials by hash; there is no order. / 凭证的哈希,凭证无大小次序。';

CREATE OR REPLACE FUNCTION community.credential(bytea) RETURNS community.credential
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_from_bytea';
COMMENT ON FUNCTION community.credential(bytea) IS
'The credential that bytes are, say those of credential_unsigned() and a signature made outside; error 22P03 for another form, NULL for NULL. / 把字节转为凭证(如外部签名后的字节),形式不符报 22P03。';

CREATE CAST (bytea AS community.credential) WITH FUNCTION community.credential(bytea);
COMMENT ON CAST (bytea AS community.credential) IS 'Checks the form, not the signature. / 核对形式,不验签名。';
CREATE CAST (community.credential AS bytea) WITHOUT FUNCTION;
COMMENT ON CAST (community.credential AS bytea) IS 'The bytes of a credential. / 凭证的字节。';

CREATE OR REPLACE FUNCTION community.credential_qr(community.credential) RETURNS text
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_to_qr';
COMMENT ON FUNCTION community.credential_qr(community.credential) IS
'A credential for a QR code: CC1: and base45 (RFC 9285), all characters of the alphanumeric mode; NULL for NULL. / 供二维码使用的凭证文本:CC1: 加 base45。';

CREATE OR REPLACE FUNCTION community.credential_claims(community.credential,
    OUT suite text, OUT key_id integer, OUT issuer integer, OUT card_no community.cardno,
    OUT holder bigint, OUT generation integer, OUT applications text[],
    OUT not_before timestamptz, OUT expires timestamptz, OUT card_index bigint,
    OUT zones community.gridcode[]) RETURNS record
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_claims_of';
COMMENT ON FUNCTION community.credential_claims(community.credential) IS
'What a credential says, whether its signature is right or not: verify it first. NULL for NULL. / 凭证所载内容,不论签名真伪,须先验证。';

CREATE OR REPLACE FUNCTION community.credential_issue(p_issuer integer, p_card_no community.cardno, p_holder bigint,
    p_generation integer, p_applications text[], p_not_before timestamptz, p_expires timestamptz,
    p_card_index bigint, p_zones community.gridcode[], p_suite text DEFAULT 'ed25519', p_key_id integer DEFAULT NULL) RETURNS community.credential
LANGUAGE C VOLATILE PARALLEL SAFE COST 200
AS 'MODULE_PATHNAME', 'community_credential_issue';
COMMENT ON FUNCTION community.credential_issue(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) IS
'A new credential, signed with the given key of the ring or the active one of the suite. Zones are sorted and merged, times are whole minutes. Errors: 22023 and 22003 for claims that cannot be, 54000 for more than 8 zones, 55000 without a key. NULL when an argument but the key is NULL. / 以密钥环签发新凭证;区域自动排序合并,时刻精确到分;内容不合法报 22023 或 22003,区域超过 8 个报 54000,无密钥报 55000。';
REVOKE ALL ON FUNCTION community.credential_issue(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.credential_unsigned(p_issuer integer, p_card_no community.cardno, p_holder bigint,
    p_generation integer, p_applications text[], p_not_before timestamptz, p_expires timestamptz,
    p_card_index bigint, p_zones community.gridcode[], p_suite text, p_key_id integer) RETURNS bytea
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_credential_unsigned';
COMMENT ON FUNCTION community.credential_unsigned(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) IS
'The bytes that a signer outside the server signs for a key: append its signature and cast to credential. NULL for NULL; errors as credential_issue(). / 供外部签名器签名的字节,附上签名后转为凭证。';
REVOKE ALL ON FUNCTION community.credential_unsigned(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.credential_attenuate(p_credential community.credential, p_applications text[], p_not_before timestamptz, p_expires timestamptz, p_zones community.gridcode[]) RETURNS community.credential
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_credential_attenuate';
COMMENT ON FUNCTION community.credential_attenuate(community.credential, text[], timestamptz, timestamptz, community.gridcode[]) IS
'A pass for a guest or a delivery: a credential of the same card that allows less than a valid one, signed with the same key. Error 22023 when the credential is not valid or the pass would allow more. NULL for NULL. / 由有效凭证派生访客或快递通行证,权限只能缩小;原凭证无效或越权报 22023。';
REVOKE ALL ON FUNCTION community.credential_attenuate(community.credential, text[], timestamptz, timestamptz, community.gridcode[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.credential_verify(p_credential community.credential, p_at timestamptz, p_grid community.gridcode DEFAULT NULL, p_application text DEFAULT NULL) RETURNS text
LANGUAGE C STABLE PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_credential_verify_at';
COMMENT ON FUNCTION community.credential_verify(community.credential, timestamptz, community.gridcode, text) IS
'Why a credential is refused at a time, in a grid, for an application: ok, malformed, no_key, bad_tag, not_yet, expired, wrong_app, wrong_zone. For auditors; apps use credential_ok(). NULL grid or application is not checked; NULL when credential or time is NULL. / 凭证在某时某地某应用的验证结果,供审计;网格或应用为 NULL 时不检查。';
REVOKE ALL ON FUNCTION community.credential_verify(community.credential, timestamptz, community.gridcode, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.credential_ok(p_credential community.credential, p_at timestamptz, p_grid community.gridcode DEFAULT NULL, p_application text DEFAULT NULL) RETURNS boolean
LANGUAGE C STABLE PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_credential_ok';
COMMENT ON FUNCTION community.credential_ok(community.credential, timestamptz, community.gridcode, text) IS
'Whether a credential is valid at a time, in a grid, for an application; every cause of refusal is false, NULL too. / 凭证在某时某地某应用是否有效,任何原因的拒绝均为假。';
REVOKE ALL ON FUNCTION community.credential_ok(community.credential, timestamptz, community.gridcode, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.credential_cwt(community.credential) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_credential_to_cwt';
COMMENT ON FUNCTION community.credential_cwt(community.credential) IS
'A valid credential as a CBOR web token (RFC 8392): COSE_Sign1 with EdDSA or COSE_Mac0 with HMAC 256/256 under the same key. Private claims -65537 card number, -65538 generation, -65539 applications, -65540 zones. Error 0A000 for suites that COSE does not know, 22023 for an invalid credential. / 把有效凭证导出为 CBOR 网络令牌(RFC 8392);国密套件无 COSE 算法,报 0A000。';
REVOKE ALL ON FUNCTION community.credential_cwt(community.credential) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.card_mac(p_card_no community.cardno, p_generation integer, p_purpose text, p_data bytea) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 50
AS 'MODULE_PATHNAME', 'community_card_mac_of';
COMMENT ON FUNCTION community.card_mac(community.cardno, integer, text, bytea) IS
'The 16 bytes that a cards own key (HMAC of the master over number and generation) gives for data and a purpose of at most 255 bytes; what a chip answers. NULL for NULL; error 55000 without a master key. / 卡片自有密钥对数据及用途计算的 16 字节 MAC。';
REVOKE ALL ON FUNCTION community.card_mac(community.cardno, integer, text, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.card_mac_ok(p_card_no community.cardno, p_generation integer, p_purpose text, p_data bytea, p_mac bytea) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 50
AS 'MODULE_PATHNAME', 'community_card_mac_ok';
COMMENT ON FUNCTION community.card_mac_ok(community.cardno, integer, text, bytea, bytea) IS
'Whether a MAC is the cards under any master key of the ring, compared in constant time; transaction codes of the offline purse use it. NULL for NULL. / MAC 是否出自该卡(任一主密钥),恒时比较;离线钱包 TAC 用之。';
REVOKE ALL ON FUNCTION community.card_mac_ok(community.cardno, integer, text, bytea, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.card_response_ok(p_card_no community.cardno, p_generation integer, p_nonce bytea, p_counter bigint, p_response bytea) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 50
AS 'MODULE_PATHNAME', 'community_card_response_ok';
COMMENT ON FUNCTION community.card_response_ok(community.cardno, integer, bytea, bigint, bytea) IS
'Whether a card answered a challenge: its MAC for the purpose response over nonce (8 bytes at least) and counter (8 bytes). NULL for NULL; error 22023 for a shorter nonce. / 卡片是否正确应答挑战(随机数与计数器);随机数不足 8 字节报 22023。';
REVOKE ALL ON FUNCTION community.card_response_ok(community.cardno, integer, bytea, bigint, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.card_pseudonym(p_issuer integer, p_person_id bigint) RETURNS bigint
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'community_card_pseudonym_of';
COMMENT ON FUNCTION community.card_pseudonym(integer, bigint) IS
'The pseudonym of a person towards an issuer, 64 bits of a keyed hash; the door log knows people by it only. NULL for NULL; error 55000 without a key. / 某人对某发卡方的 64 位假名,门禁记录只用假名。';
REVOKE ALL ON FUNCTION community.card_pseudonym(integer, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.pin_guess(p_card_no community.cardno, p_generation integer, p_pin text) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'community_pin_guess_of';
COMMENT ON FUNCTION community.pin_guess(community.cardno, integer, text) IS
'A PIN keyed with the rings pepper for a card, so that no table holds the digits; pass the PIN as a bound parameter. Error 22023 unless it has 4 to 12 digits. NULL for NULL. / 以胡椒密钥处理的密码,表中不存数字;密码须为 4 至 12 位数字,否则报 22023。';
REVOKE ALL ON FUNCTION community.pin_guess(community.cardno, integer, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.pin_guess_again(p_card_no community.cardno, p_generation integer, p_pin text, p_stored bytea) RETURNS bytea
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 20
AS 'MODULE_PATHNAME', 'community_pin_guess_again';
COMMENT ON FUNCTION community.pin_guess_again(community.cardno, integer, text, bytea) IS
'A PIN keyed as the stored one was, whose pepper may be an old one of the ring. Errors as pin_guess(), 22023 for what is no stored PIN, 55000 when the ring lacks its pepper. NULL for NULL. / 以所存密码当时的胡椒密钥(可为旧密钥)处理的密码;密钥环缺该密钥报 55000。';
REVOKE ALL ON FUNCTION community.pin_guess_again(community.cardno, integer, text, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.pin_store(p_guess bytea) RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 100000
AS 'MODULE_PATHNAME', 'community_pin_store_of';
COMMENT ON FUNCTION community.pin_store(bytea) IS
'What is stored of a PIN: scrypt of the keyed guess with a random salt; takes 16 MB and some 50 ms. NULL for NULL. / 密码的存储形式:对 pin_guess() 结果加盐 scrypt。';
REVOKE ALL ON FUNCTION community.pin_store(bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.pin_matches(p_guess bytea, p_stored bytea) RETURNS boolean
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100000
AS 'MODULE_PATHNAME', 'community_pin_matches_of';
COMMENT ON FUNCTION community.pin_matches(bytea, bytea) IS
'Whether a keyed guess is the stored PIN; takes as long as pin_store(). Error 22023 for other forms, NULL for NULL. / pin_guess() 结果是否为所存密码。';
REVOKE ALL ON FUNCTION community.pin_matches(bytea, bytea) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.document_sign(p_document text, p_kind text, p_suite text DEFAULT 'ed25519') RETURNS bytea
LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_document_sign_text';
COMMENT ON FUNCTION community.document_sign(text, text, text) IS
'The number of the active key for what is published (2 bytes) and its signature (64) over a document of a kind, such as certificate: it proves no document of another kind, no credential and no bitmap. Anybody with the public key can verify it. Error 22023 for a suite without signatures or another form of kind, 55000 without a key. NULL for NULL. / 以发布用现用密钥对某类文件签名:密钥编号与 64 字节签名,仅对该类文件有效,持公钥者均可验证。';
REVOKE ALL ON FUNCTION community.document_sign(text, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.document_verify(p_document text, p_kind text, p_proof bytea) RETURNS boolean
LANGUAGE C STABLE STRICT PARALLEL SAFE COST 300
AS 'MODULE_PATHNAME', 'community_document_verify_text';
COMMENT ON FUNCTION community.document_verify(text, text, bytea) IS
'Whether a proof is the signature of a document of a kind by a key of the ring for what is published; false for anything else, NULL for NULL. Error 22023 for another form of kind. / 签名是否为密钥环中发布用密钥对该类文件所签。';
REVOKE ALL ON FUNCTION community.document_verify(text, text, bytea) FROM PUBLIC;
