-- Signed status bitmaps and their deltas.
SET search_path = public, community;
SET timezone = 'UTC';
CREATE TEMP TABLE b AS
SELECT suite, community.status_bitmap(7, 1, '2026-03-01 08:00', 100000, (SELECT array_agg(i * 10) FROM generate_series(0, 9999) i), suite) AS old,
       community.status_bitmap(7, 2, '2026-03-01 08:01', 100008, (SELECT array_agg(i * 10) || 100007 FROM generate_series(0, 9999) i WHERE i % 100 <> 7), suite) AS new
  FROM unnest('{ed25519,sm2}'::text[]) suite;
SELECT b.suite, octet_length(old) AS bytes, community.status_bitmap_ok(old) AS ok, issuer, epoch, published, cards, revoked, i.suite = b.suite AS same_suite
  FROM b, community.status_bitmap_info(old) i ORDER BY 1;
SELECT n, community.status_bitmap_revoked(old, n) AS old, community.status_bitmap_revoked(new, n) AS new
  FROM b, unnest('{-1,0,1,10,70,99990,99999,100000,100007,100008,4294967296}'::bigint[]) n WHERE suite = 'ed25519' ORDER BY n;
-- a million cards, a tenth of them revoked
SELECT octet_length(community.status_bitmap(1, 1, now(), 1000000, (SELECT array_agg(i * 10) FROM generate_series(0, 99999) i)));
-- a delta carries the later bitmap's signature
SELECT suite, octet_length(d) < 400 AS small, community.status_bitmap_apply(old, d) = new AS later, community.status_bitmap_ok(community.status_bitmap_apply(old, d)) AS ok
  FROM b, community.status_bitmap_delta(old, new) d ORDER BY 1;
SELECT bool_or(community.status_bitmap_ok(set_bit(old, i, 1 - get_bit(old, i)))) AS forged FROM b, generate_series(0, 1000) i WHERE suite = 'ed25519';
SELECT community.status_bitmap_ok('\x00') AS no_bitmap, community.status_bitmap_ok(''), community.status_bitmap_ok(NULL) IS NULL AS null_stays;
SELECT community.status_bitmap_ok(old || '\x00'), community.status_bitmap_ok(substr(old, 2)) FROM b LIMIT 1;
-- errors
SELECT community.status_bitmap(0, 1, now(), 10, '{}');
SELECT community.status_bitmap(1, -1, now(), 10, '{}');
SELECT community.status_bitmap(1, 1, 'infinity', 10, '{}');
SELECT community.status_bitmap(1, 1, now(), 100000001, '{}');
SELECT community.status_bitmap(1, 1, now(), 10, '{10}');
SELECT community.status_bitmap(1, 1, now(), 10, '{-1}');
SELECT community.status_bitmap(1, 1, now(), 10, '{NULL}');
SELECT community.status_bitmap(1, 1, now(), 10, '{}', 'rsa');
SELECT community.status_bitmap(1, 1, now(), 10, '{}', 'hmac-sm3');
SELECT community.status_bitmap_revoked('\x00', 1);
SELECT community.status_bitmap_info('\xc2');
SELECT community.status_bitmap_delta(new, old) FROM b WHERE suite = 'sm2';
SELECT community.status_bitmap_delta(old, community.status_bitmap(8, 2, now(), 100000, '{}')) FROM b WHERE suite = 'sm2';
SELECT community.status_bitmap_delta(old, community.status_bitmap(7, 2, now(), 1, '{}')) FROM b WHERE suite = 'sm2';
SELECT community.status_bitmap_apply(new, community.status_bitmap_delta(old, new)) FROM b WHERE suite = 'sm2';
SELECT community.status_bitmap_apply(old, '\x00') FROM b WHERE suite = 'sm2';
