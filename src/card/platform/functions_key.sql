-- The register of keys, beside the ring.

CREATE OR REPLACE FUNCTION community.card_key_sync()
RETURNS TABLE (key_id integer, change text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM community.require_capability('key', NULL);
    RETURN QUERY
    WITH ring AS (
        SELECT r.key_id, r.use, r.state, r.public_key, r.kcv FROM community.key_ring() r
    ), added AS (
        INSERT INTO community.card_key (key_id, use, public_key, kcv, status)
        SELECT r.key_id, r.use, r.public_key, r.kcv, CASE r.state WHEN 'active' THEN 'active' ELSE 'verify_only' END
          FROM ring r
            ON CONFLICT (key_id) DO NOTHING
        RETURNING card_key.key_id
    ), turned AS (
        UPDATE community.card_key k
           SET status = CASE r.state WHEN 'active' THEN 'active' ELSE 'verify_only' END
          FROM ring r
         WHERE r.key_id = k.key_id AND r.kcv = k.kcv AND r.use = k.use AND k.status IN ('pending', 'active', 'verify_only')
           AND k.status <> CASE r.state WHEN 'active' THEN 'active' ELSE 'verify_only' END
        RETURNING k.key_id, k.status
    )
    SELECT a.key_id, 'added' FROM added a
    UNION ALL
    SELECT t.key_id, t.status FROM turned t
    UNION ALL
    SELECT r.key_id, 'differs' FROM ring r JOIN community.card_key k ON k.key_id = r.key_id AND (k.kcv <> r.kcv OR k.use <> r.use);
END
$$;
REVOKE EXECUTE ON FUNCTION community.card_key_sync() FROM PUBLIC;
COMMENT ON FUNCTION community.card_key_sync() IS 'Note the keys of the ring in card_key and return what changed: added, active, verify_only, or differs when a number is another key than before, or the same for another use. Needs the capability key. Refuses capability_missing. / 把密钥环登记到 card_key 并返回变化；differs 表示同编号的密钥或其用途已不同。需要 key 权限。';

CREATE OR REPLACE FUNCTION community.card_key_status(p_key_id integer, p_status text, p_valid tstzrange DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    PERFORM community.require_capability('key', NULL);
    UPDATE community.card_key k
       SET status = p_status, valid = coalesce(p_valid, k.valid)
     WHERE k.key_id = p_key_id AND (k.status <> 'destroyed' OR p_status = 'destroyed');
    IF NOT FOUND THEN
        PERFORM community.refuse('key_gone', coalesce(p_key_id::text, 'NULL'));
    END IF;
    PERFORM community.audit_write(NULL, 'key_status', 'key ' || p_key_id, 'keys', 1, jsonb_build_object('status', p_status));
END
$$;
REVOKE EXECUTE ON FUNCTION community.card_key_status(integer, text, tstzrange) FROM PUBLIC;
COMMENT ON FUNCTION community.card_key_status(integer, text, tstzrange) IS 'Set the status of a key (pending, active, verify_only, retired, destroyed) and its time of validity; retired and destroyed keys open no door, and destroyed is final. Needs the capability key. Refuses key_gone for a number that is unknown or destroyed, capability_missing; 23514 for an unknown status. / 设置密钥状态与有效期；停用或销毁的密钥不再放行。需要 key 权限。';

CREATE OR REPLACE FUNCTION community._health_card()
RETURNS TABLE (severity text, subject text, detail text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'error', 'key ' || r.key_id, 'the ring has another key or use under this number: is it the right ring?'
      FROM community.key_ring() r JOIN community.card_key k ON k.key_id = r.key_id AND (k.kcv <> r.kcv OR k.use <> r.use)
    UNION ALL
    SELECT 'warn', 'key ' || k.key_id, format('status is %s, but the ring does not have it', k.status)
      FROM community.card_key k
     WHERE k.status IN ('active', 'verify_only')
       AND NOT EXISTS (SELECT FROM community.key_ring() r WHERE r.key_id = k.key_id)
    UNION ALL
    SELECT 'warn', 'key ' || k.key_id, format('ends at %s', upper(k.valid))
      FROM community.card_key k
     WHERE k.status = 'active' AND upper(k.valid) < now() + community.setting_interval('card_key_warn')
    UNION ALL
    SELECT 'warn', 'issuer ' || i.issuer, format('a change of %s is not in a published status bitmap', i.changed_at)
      FROM community.card_issuer i
     WHERE i.changed_at < now() - interval '2 minutes'
       AND NOT EXISTS (SELECT FROM community.card_status s WHERE s.community_id = i.community_id AND s.published_at > i.changed_at)
       AND EXISTS (SELECT FROM community.card c WHERE c.community_id = i.community_id);
END;
COMMENT ON FUNCTION community._health_card() IS 'Check keys and status bitmaps: wrong or missing keys, keys that end, changes not published. / 检查密钥与状态位图：密钥不符、缺失、将到期，变更未发布。';
