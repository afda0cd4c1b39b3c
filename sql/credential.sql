-- Credentials.  The ring of the cluster under test is random: no bytes are shown.
SET search_path = public, community;
SET timezone = 'UTC';
CREATE TEMP TABLE c AS
SELECT suite, community.credential_issue(7, '330203-0000-0001-2346', -42, 3, '{debit,door}', '2026-01-01 00:00:30', '2026-07-01', 99,
              '{330203002,330203001001,330203001}', suite) AS cred
  FROM unnest('{hmac-sha256,hmac-sm3,ed25519,sm2}'::text[]) suite;
SELECT suite, octet_length(cred::bytea) AS bytes, length(cred::text) AS chars, length(community.credential_qr(cred)) AS qr,
       left(cred::text, 6) AS begins, community.credential_qr(cred)::community.credential = cred AS qr_reads, cred::text::community.credential = cred AS text_reads,
       cred::bytea::community.credential = cred AS bytes_read, community.credential_qr(cred) ~ '^CC1:[0-9A-Z $%*+./:-]+$' AS qr_alphabet
  FROM c ORDER BY 1;
SELECT suite, (k).issuer, (k).card_no, (k).holder, (k).generation, (k).applications, (k).not_before, (k).expires, (k).card_index, (k).zones
  FROM (SELECT suite, community.credential_claims(cred) AS k FROM c) s ORDER BY 1;
-- sizes of card.md: two zones
SELECT octet_length(community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{330203001,330203002}', s)::bytea)
  FROM unnest('{hmac-sha256,hmac-sm3,ed25519,sm2}'::text[]) s;

-- verification: one status a cause, one boolean for apps
SELECT suite, at, grid, app, community.credential_verify(cred, at, grid, app) AS status, community.credential_ok(cred, at, grid, app) AS ok
  FROM c, (VALUES (1, '2026-03-01'::timestamptz, '330203001001001'::community.gridcode, 'door'), (2, '2026-03-01', '330203003001001', 'door'),
                  (3, '2026-03-01', '330203001001001', 'parking'), (4, '2025-12-31 23:59:59', '330203001001001', 'door'), (5, '2026-01-01', '330203002', 'debit'),
                  (6, '2026-06-30 23:59:59', '330203001001001', 'door'), (7, '2026-07-01', '330203001001001', 'door'), (8, '2026-03-01', NULL, NULL), (9, '-infinity', NULL, NULL)) v(n, at, grid, app)
 WHERE suite IN ('hmac-sha256', 'ed25519') ORDER BY suite, n;
SELECT community.credential_verify(NULL, now()) IS NULL AS verify_null, community.credential_ok(NULL, now()) AS ok_null, community.credential_ok(cred, NULL) AS ok_never FROM c LIMIT 1;
SELECT community.credential_ok(cred, now(), NULL, 'window') FROM c;
-- forged: flipped bits keep their form or not, but never pass
SELECT suite, community.credential_verify(set_bit(cred::bytea, i, 1 - get_bit(cred::bytea, i))::community.credential, '2026-03-01') AS status, count(*)
  FROM c, generate_series(0, 2047) i
 WHERE i < octet_length(cred::bytea) * 8 AND i / 8 BETWEEN 16 AND 25 OR i / 8 BETWEEN octet_length(cred::bytea) - 16 AND octet_length(cred::bytea) - 1
 GROUP BY 1, 2 ORDER BY 1, 2;
-- a key of another suite or an unknown key
SELECT suite, other, community.credential_verify(overlay(cred::bytea PLACING decode(lpad(to_hex(k.key_id), 4, '0'), 'hex') FROM 3)::community.credential, '2026-03-01') AS status
  FROM c, (SELECT key_id, use AS other FROM community.key_ring() WHERE state = 'active' UNION ALL SELECT 65535, 'unknown') k
 WHERE other <> suite AND suite IN ('hmac-sha256', 'sm2') ORDER BY 1, 2 COLLATE "C";

-- text that is no credential; the message does not repeat it
DO $$
DECLARE
    t text; good text := (SELECT cred::text FROM c WHERE suite = 'hmac-sha256');
BEGIN
    FOREACH t IN ARRAY ARRAY['', 'cc1.', 'cc2.AAAA', 'cc1.AA=A', 'cc1.AAAAA', 'cc1.AB', 'CC1:A', 'CC1:aaa', 'CC1::::', good || 'A', left(good, -4), overlay(good PLACING 'AA' FROM 5), 'cc1.' || repeat('A', 400),
        replace(good, 'cc1.', 'cc1. ')]
    LOOP
        BEGIN
            PERFORM t::community.credential;
            RAISE NOTICE 'accepted: %', t;
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE '% %', SQLSTATE, SQLERRM;
        END;
    END LOOP;
END
$$;
SELECT '\x00'::bytea::community.credential;
SELECT (overlay(cred::bytea PLACING '\xc2' FROM 1))::community.credential FROM c WHERE suite = 'hmac-sha256';
SELECT (overlay(cred::bytea PLACING '\xff' FROM 27))::community.credential FROM c WHERE suite = 'hmac-sha256';
SELECT (cred::bytea || '\x00')::community.credential FROM c WHERE suite = 'hmac-sha256';
-- equality and hash only
SELECT count(DISTINCT x.cred::text), bool_and(x.cred = y.cred), bool_or(x.cred <> y.cred) FROM c x JOIN c y ON x.cred = y.cred;
SELECT cred FROM c ORDER BY cred;
SELECT cred < cred FROM c;
SELECT count(*) FROM c x JOIN c y ON community.credential_hash(x.cred) = community.credential_hash(y.cred)
                     AND community.credential_hash_extended(x.cred, 1) = community.credential_hash_extended(y.cred, 1);

-- what cannot be issued
SELECT community.credential_issue(0, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 65536, '{door}', '2026-01-01', '2027-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{window}', '2026-01-01', '2027-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{NULL}', '2026-01-01', '2027-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2019-12-31', '2027-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', 'infinity', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2026-01-01', 1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', -1, '{}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{NULL}');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, (SELECT array_agg((330203001 + i)::text::community.gridcode) FROM generate_series(0, 8) i));
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}', 'rsa');
SELECT community.credential_issue(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}', 'ed25519', 65535);
SELECT community.credential_issue(NULL, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}') IS NULL AS null_stays;

-- signing outside the server: the bytes to sign, then the signature
SELECT octet_length(u) AS bytes, (u || decode(repeat('00', 64), 'hex'))::community.credential IS NOT NULL AS fits,
       community.credential_verify((u || decode(repeat('00', 64), 'hex'))::community.credential, '2026-06-01') AS unsigned
  FROM community.credential_unsigned(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}', 'ed25519',
         (SELECT key_id FROM community.key_ring() WHERE use = 'ed25519' AND state = 'active')) u;
SELECT community.credential_unsigned(1, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 1, '{}', 'ed25519', 0);

-- passes allow less than their credential
CREATE TEMP TABLE own AS
SELECT community.credential_issue(7, '330203-0000-0001-2346', -42, 3, '{door,debit}', now() - interval '1 day', now() + interval '300 days', 99, '{330203001,330203002001}') AS cred;
SELECT (k).applications, (k).card_no, (k).generation, (k).zones, community.credential_ok(p, now(), '330203001001001', 'door') AS guest_here,
       community.credential_ok(p, now(), '330203002001001', 'door') AS elsewhere, community.credential_ok(p, now() + interval '2 hours', '330203001001001', 'door') AS later
  FROM (SELECT p, community.credential_claims(p) AS k
          FROM own, community.credential_attenuate(cred, '{door}', now() - interval '1 minute', now() + interval '1 hour', '{330203001001}') p) s;
SELECT community.credential_attenuate(cred, '{door,parking}', now(), now() + interval '1 hour', '{330203001001}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now(), now() + interval '301 days', '{330203001001}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now() - interval '2 days', now(), '{330203001001}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now(), now() + interval '1 hour', '{330203002}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now(), now() + interval '1 hour', '{}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now() + interval '1 hour', now(), '{330203001001}') FROM own;
SELECT community.credential_attenuate(cred, '{door}', now(), now() + interval '1 hour', '{}') FROM c WHERE suite = 'sm2' AND NOT community.credential_ok(cred, now());

-- CBOR web token
SELECT s AS suite, substr(t, 1, 3) AS tags, position('\x1a'::bytea IN t) > 0 AS times,
       position(convert_to('community:7', 'UTF8') IN t) > 0 AS issuer, octet_length(t) AS bytes
  FROM unnest('{hmac-sha256,ed25519}'::text[]) s,
       community.credential_cwt(community.credential_issue(7, '330203-0000-0001-2346', 66, 3, '{door,debit}', now() - interval '1 day', now() + interval '1 day', 99, '{330203001}', s)) t;
SELECT community.credential_cwt(community.credential_issue(7, '330203-0000-0001-2346', 66, 3, '{door}', now() - interval '1 day', now() + interval '1 day', 99, '{}', 'sm2'));
SELECT community.credential_cwt(community.credential_issue(7, '330203-0000-0001-2346', 66, 3, '{door}', '2020-01-01', '2020-01-02', 99, '{}'));

-- keys of cards, pseudonyms, PINs
SELECT octet_length(m), community.card_mac_ok('330203-0000-0001-2346', 1, 'tac', '\x01', m) AS own,
       community.card_mac_ok('330203-0000-0001-2346', 2, 'tac', '\x01', m) AS replaced, community.card_mac_ok('330203-0000-0001-2346', 1, 'door', '\x01', m) AS purpose,
       community.card_mac_ok('330203-0000-0001-2346', 1, 'tac', '\x02', m) AS data, community.card_mac_ok('330203-0000-0001-2346', 1, 'tac', '\x01', m || '\x00') AS longer
  FROM community.card_mac('330203-0000-0001-2346', 1, 'tac', '\x01') m;
SELECT community.card_response_ok('330203-0000-0001-2346', 1, '\x0102030405060708', 5, m) AS ok, community.card_response_ok('330203-0000-0001-2346', 1, '\x0102030405060708', 6, m) AS counter
  FROM community.card_mac('330203-0000-0001-2346', 1, 'response', '\x01020304050607080000000000000005') m;
SELECT community.card_response_ok('330203-0000-0001-2346', 1, '\x01', 5, '\x00');
SELECT community.card_mac('330203-0000-0001-2346', 70000, 'tac', '\x01');
SELECT community.card_mac('330203-0000-0001-2346', 1, repeat('x', 256), '\x01');
SELECT community.card_pseudonym(1, 5) = community.card_pseudonym(1, 5) AS stable, community.card_pseudonym(1, 5) = community.card_pseudonym(2, 5) AS across_issuers;
SELECT community.pin_matches(community.pin_guess('330203-0000-0001-2346', 1, '1234'), p) AS right, community.pin_matches(community.pin_guess('330203-0000-0001-2346', 1, '1235'), p) AS wrong,
       octet_length(p) FROM community.pin_store(community.pin_guess('330203-0000-0001-2346', 1, '1234')) p;
SELECT community.pin_guess('330203-0000-0001-2346', 1, '12a4');
SELECT community.pin_store('\x00');
SELECT community.pin_matches(community.pin_guess('330203-0000-0001-2346', 1, '1234'), '\x00');

-- what PUBLIC may do
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'community'::regnamespace
   AND p.proname IN ('credential_issue', 'credential_unsigned', 'credential_attenuate', 'credential_verify', 'credential_ok', 'credential_cwt', 'card_mac', 'card_mac_ok', 'card_response_ok', 'card_pseudonym', 'pin_guess', 'pin_store', 'pin_matches', 'status_bitmap', 'status_bitmap_ok')
   AND (p.proacl IS NULL OR p.proacl::text ~ '[{,]=X');
