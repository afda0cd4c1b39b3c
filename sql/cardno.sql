-- Card numbers.
SET search_path = public, community;
SELECT '330203-0000-0001-2346'::community.cardno, '330203000000012346'::community.cardno, community.cardno_new(330203, 123),
       community.cardno_region('330203-0000-0001-2346'), community.cardno_serial('330203-0000-0001-2346'),
       community.card_mask('330203-0000-0001-2346');
SELECT '330203-0000-0001-2347'::community.cardno;
SELECT '030203-0000-0001-2346'::community.cardno;
SELECT '330203-00000001-2346'::community.cardno;
SELECT '330203_0000_0001_2346'::community.cardno;
SELECT '33020300000001234x'::community.cardno;
SELECT ''::community.cardno;
SELECT 330203000000012346::community.cardno, '330203-0000-0001-2346'::community.cardno::bigint;
SELECT 330203000000012347::community.cardno;
SELECT 42::bigint::community.cardno;
SELECT (-330203000000012346)::bigint::community.cardno;
SELECT community.cardno_new(33020, 1);
SELECT community.cardno_new(330203, 10000000000);
-- binary form: recv refuses what in refuses
SELECT community.cardno_send('330203-0000-0001-2346');
CREATE TEMP TABLE bin (c community.cardno);
COPY (SELECT 330203000000012346::bigint) TO '/tmp/community_cardno.bin' (FORMAT binary);
COPY bin FROM '/tmp/community_cardno.bin' (FORMAT binary);
COPY (SELECT 330203000000012345::bigint) TO '/tmp/community_cardno.bin' (FORMAT binary);
COPY bin FROM '/tmp/community_cardno.bin' (FORMAT binary);
SELECT * FROM bin;
-- every wrong digit and every swap of neighbours is caught
WITH n AS (SELECT community.cardno_new(100000 + (i * 7919) % 900000, i * 104729::bigint % 10000000000)::bigint::text AS t FROM generate_series(1, 300) i)
SELECT count(*) FILTER (WHERE overlay(t PLACING d::text FROM p)::bigint % 97 = 1 AND substr(t, p, 1) <> d::text) AS wrong_digit,
       count(*) FILTER (WHERE p < 18 AND substr(t, p, 1) <> substr(t, p + 1, 1) AND overlay(t PLACING reverse(substr(t, p, 2)) FROM p FOR 2)::bigint % 97 = 1) AS swapped,
       count(*) AS tried
  FROM n, generate_series(1, 18) p, generate_series(0, 9) d;
-- order, indexes, hash
CREATE TEMP TABLE cards AS SELECT community.cardno_new(330203, i) AS no, i FROM generate_series(1, 50000) i;
CREATE UNIQUE INDEX cards_no ON cards (no);
CREATE INDEX cards_hash ON cards USING hash (no);
ANALYZE cards;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT i FROM cards WHERE no = community.cardno_new(330203, 777);
SELECT i FROM cards WHERE no = community.cardno_new(330203, 777);
SELECT count(*), min(i), max(i) FROM cards WHERE no BETWEEN community.cardno_new(330203, 1000) AND community.cardno_new(330203, 20000);
RESET enable_seqscan;
SELECT count(*) FROM cards a JOIN cards b USING (no) WHERE a.no <> b.no OR a.i <> b.i;
SELECT count(DISTINCT community.cardno_hash(no)) > 49900 AS spread32, count(DISTINCT community.cardno_hash_extended(no, 5)) AS spread64,
       bool_and(community.cardno_hash(no) = (community.cardno_hash_extended(no, 0)::bit(64)::bit(64) << 32)::bit(32)::int) AS agree FROM cards;
SELECT count(*) FROM pg_proc WHERE pronamespace = 'community'::regnamespace AND proname ~ '^cardno_(eq|ne|lt|le|gt|ge|cmp|hash|hash_extended)$' AND NOT proleakproof;
SELECT NULL::community.cardno IS NULL, community.card_mask(NULL) IS NULL;
-- one number, one form: 99 would be 02 again, 00 and 01 likewise
SELECT no FROM (VALUES ('400001-0090-7889-9002'::community.cardno)) v (no);
SELECT '400001-0090-7889-9099'::community.cardno;
SELECT 400001009078899099::community.cardno;
