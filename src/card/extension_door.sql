-- card: the plain tap on a door.

CREATE OR REPLACE FUNCTION community.door_plain(p_community_id bigint, p_point_id bigint, p_credential community.credential, p_at timestamptz) RETURNS bigint
LANGUAGE C STABLE STRICT PARALLEL UNSAFE COST 300
AS 'MODULE_PATHNAME', 'community_door_plain';
COMMENT ON FUNCTION community.door_plain(bigint, bigint, community.credential, timestamptz) IS
'Pseudonym of the holder whose tap opens a door at once: door in service, zone normal and without anti-passback, no counter asked for, credential genuine, card, key and application active, and a rule that lets everybody with this kind of card in at any hour without a PIN. NULL for whatever is otherwise, in a transaction at REPEATABLE READ or above, and for roles without the rights of the owner: door_open() then decides by SQL. Reads the tables of the platform without a query, and keeps doors, zones, rules and keys until they change. NULL for NULL. / 无需逐项判定即可开门的持卡人假名：门禁点启用、区域正常且不防潜回、不要求计数、凭证真实、卡与密钥及应用有效，且有对该类卡全天开放、无需密码的规则；其余情形均为 NULL，由 door_open() 以 SQL 判定。';
REVOKE ALL ON FUNCTION community.door_plain(bigint, bigint, community.credential, timestamptz) FROM PUBLIC;
