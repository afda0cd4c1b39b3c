-- Signatures over what is published.  The ring of the cluster under test is
-- random: no bytes are shown.
SET search_path = public, community;
CREATE TEMP TABLE d AS
SELECT suite, kind, E'community-door 1\npoint 7\n'::text AS document, community.document_sign(E'community-door 1\npoint 7\n', kind, suite) AS proof
  FROM unnest('{ed25519,sm2}'::text[]) suite, unnest('{certificate,door package}'::text[]) kind;
-- a proof is of one kind, one document, to the last character
SELECT d.suite, d.kind, octet_length(proof) AS bytes, k AS shown_as, community.document_verify(document, k, proof) AS ok,
       community.document_verify(document || ' ', k, proof) AS longer, community.document_verify('', k, proof) AS empty
  FROM d, unnest('{certificate,door package,certificate of the year}'::text[]) k ORDER BY 1, 2, 4;
SELECT bool_or(community.document_verify(document, kind, set_bit(proof, i, 1 - get_bit(proof, i)))) AS forged FROM d, generate_series(0, 527) i WHERE suite = 'ed25519';
SELECT community.document_verify(document, kind, proof || '\x00') AS longer, community.document_verify(document, kind, substr(proof, 1, 65)) AS shorter,
       community.document_verify(document, kind, '') AS empty, community.document_verify(NULL, kind, proof) IS NULL AS null_stays,
       community.document_sign(NULL, kind) IS NULL AS unsigned FROM d LIMIT 1;
-- the label is not to be had by writing it into the document
SELECT community.document_verify(E'door package\n' || document, 'certificate', proof) AS ok FROM d WHERE kind = 'door package' LIMIT 1;

-- The key that is named, of the same suite, but for credentials, proves nothing; nor
-- does the signature of a bitmap or credential, and the other way round.
CREATE TEMP TABLE k AS
SELECT suite, (SELECT key_id FROM community.key_ring() WHERE use = suite AND state = 'active') AS card, (SELECT key_id FROM community.key_ring() WHERE use = 'sign-' || suite AND state = 'active') AS sign
  FROM unnest('{ed25519,sm2}'::text[]) suite;
SELECT d.suite, substr(proof, 1, 2) = substr(int4send(sign), 3) AS signed_by_publisher,
       community.document_verify(document, kind, substr(int4send(card), 3) || substr(proof, 3)) AS under_card_key
  FROM d JOIN k USING (suite) WHERE kind = 'certificate' ORDER BY 1;
CREATE TEMP TABLE c AS
SELECT suite, community.credential_issue(7, '330203-0000-0001-2346', 1, 1, '{door}', '2026-01-01', '2027-01-01', 9, '{}', suite) AS cred,
       community.status_bitmap(7, 1, '2026-03-01 08:00', 160, '{5}', suite) AS bitmap FROM k;
SELECT c.suite, community.credential_verify(cred, '2026-03-01') AS credential,
       community.credential_verify(set_byte(set_byte(cred::bytea, 2, sign >> 8), 3, sign & 255)::community.credential, '2026-03-01') AS under_publishing_key,
       community.credential_verify((substr(cred::bytea, 1, 40) || substr(bitmap, octet_length(bitmap) - 63))::community.credential, '2026-03-01') AS signature_of_bitmap,
       community.status_bitmap_ok(bitmap) AS bitmap,
       community.status_bitmap_ok(set_byte(set_byte(bitmap, 2, card >> 8), 3, card & 255)) AS under_card_key,
       community.status_bitmap_ok(substr(bitmap, 1, 40) || substr(cred::bytea, 41)) AS signature_of_credential
  FROM c JOIN k USING (suite) ORDER BY 1;

-- errors
SELECT community.document_sign('x', 'certificate', 'hmac-sha256');
SELECT community.document_sign('x', 'certificate', 'rsa');
SELECT community.document_sign('x', '');
SELECT community.document_sign('x', 'Certificate');
SELECT community.document_verify('x', E'certificate\n', '\x00');
