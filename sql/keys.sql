-- The ring as SQL sees it, sealed values, blind indexes.  The cluster under
-- test has a throw-away ring: only what does not depend on it is shown.
SELECT use, state, private_half, octet_length(public_key) AS public_bytes, octet_length(kcv) AS kcv_bytes
  FROM community.key_ring() WHERE state = 'active' ORDER BY use COLLATE "C";

-- sealed values open at their place and nowhere else
SELECT community.unseal(community.seal('王小明', 'person.name/1/7'), 'person.name/1/7') AS name,
       community.unseal(community.seal('', ''), '') = '' AS empty,
       community.seal('a', 'c') = community.seal('a', 'c') AS same_bytes,
       community.seal(NULL, 'c') IS NULL AS null_text, community.seal('a', NULL) IS NULL AS null_context;
SELECT community.unseal(community.seal('王小明', 'person.name/1/7'), 'person.name/1/8');
SELECT community.unseal('\x00', 'c');
SELECT community.unseal('\xe1030001', 'c');
SELECT community.unseal(substr(community.seal('a', 'c'), 1, 47), 'c');
SELECT community.unseal(overlay(community.seal('a', 'c') PLACING '\xffff' FROM 3), 'c');
SELECT community.seal_key_id('\x00');
-- a length tells only the number of 16-byte blocks
SELECT octet_length(community.seal(repeat('x', n), 'c')) AS bytes, count(*), min(n), max(n)
  FROM generate_series(0, 40) n GROUP BY 1 ORDER BY 1;
SELECT bool_and(community.unseal(community.seal(t, 'c'), 'c') = t) AS inverse
  FROM (SELECT repeat('汉字 a', n) || chr(128) || repeat('b', n % 17) AS t FROM generate_series(0, 300) n) s;

-- no bit of a sealed value may change
CREATE FUNCTION pg_temp.try_unseal(p_sealed bytea, p_context text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN community.unseal(p_sealed, p_context);
EXCEPTION WHEN others THEN
    RETURN SQLSTATE;
END
$$;
WITH s AS MATERIALIZED (SELECT community.seal('王小明', 'c') AS v)
SELECT pg_temp.try_unseal(set_bit(v, i, 1 - get_bit(v, i)), 'c') AS answer, count(*), min(i / 8) AS first_byte, max(i / 8) AS last_byte
  FROM s, generate_series(0, octet_length(v) * 8 - 1) i GROUP BY 1 ORDER BY 1;
WITH s AS MATERIALIZED (SELECT community.seal('王小明', 'c') AS v)
SELECT pg_temp.try_unseal(substr(v, 1, n), 'c') AS answer, count(*) FROM s, generate_series(0, octet_length(v) - 1) n GROUP BY 1
UNION ALL
SELECT pg_temp.try_unseal(v || repeat('x', n)::bytea, 'c'), count(*) FROM s, generate_series(1, 33) n GROUP BY 1 ORDER BY 1, 2;

-- data keys: a value under a destroyed key is gone
CREATE TEMP TABLE person_key AS SELECT community.data_key_new('person/1/7') AS key;
SELECT community.unseal_under(key, 'person/1/7', community.seal_under(key, 'person/1/7', '13800000000', 'person.phone/1/7'), 'person.phone/1/7') AS phone,
       community.seal_key_id(community.seal_under(key, 'person/1/7', '13800000000', 'person.phone/1/7')) AS data_key,
       community.seal_key_id(key) > 0 AS sealed_by_ring
  FROM person_key;
SELECT community.seal_under(key, 'person/1/8', 'a', 'c') FROM person_key;
SELECT community.unseal_under(community.data_key_new('person/1/8'), 'person/1/8', community.seal_under(key, 'person/1/7', 'a', 'c'), 'c') FROM person_key;
SELECT community.unseal(community.seal_under(key, 'person/1/7', 'a', 'c'), 'c') FROM person_key;
SELECT community.seal_under(community.seal('short', 'k'), 'k', 'a', 'c');

-- blind indexes
SELECT octet_length(i) AS bytes, i = community.blind_index('330203199001010011', 'person.id_no') AS equal,
       i = community.blind_index('330203199001010012', 'person.id_no') AS other_value,
       i = community.blind_index('330203199001010011', 'person.phone') AS other_kind,
       community.blind_index('bc', 'a') = community.blind_index('c', 'ab') AS shifted,
       community.blind_index('x') = community.blind_index('x', '') AS no_kind,
       i = (community.blind_index_all('330203199001010011', 'person.id_no'))[1] AS active_first,
       community.blind_index(NULL) IS NULL AS null_stays
  FROM community.blind_index('330203199001010011', 'person.id_no') i;

-- nothing for PUBLIC, nothing in generated columns or indexes
SELECT p.proname FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'community')
 WHERE p.proname ~ '^(key_ring|seal|unseal|data_key|blind)' AND (p.proacl IS NULL OR p.proacl::text ~ '[{,]=X');
CREATE TEMP TABLE t (a text, b bytea GENERATED ALWAYS AS (community.blind_index(a)) STORED);
SELECT count(*) FROM pg_settings WHERE name ~ '^community.key_' AND context = 'sighup';
SET community.key_file = '/tmp/x';
