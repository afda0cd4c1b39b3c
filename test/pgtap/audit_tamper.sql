-- Ten thousand forgeries planted in audit chains, four hundred more in sealed logs:
-- changed, removed, exchanged and slipped-in rows.  Every one is found at its place.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;
SELECT community.community_register('330203001001', 'One', 'residential');
SET LOCAL session_replication_role = replica;

-- A hundred chains of 303 entries; every third is forged, in one of five ways.
CREATE TEMP TABLE chain AS SELECT c AS n, 330203001000 + c AS id FROM generate_series(1, 100) c;
SELECT count(community.community_register(id::text::community.gridcode, 'C' || n, 'residential')) FROM chain WHERE n > 1;
SELECT count(community.audit_write(id, 'read', 'person ' || e, 'visit', 1, jsonb_build_object('n', e))) FROM chain, generate_series(1, 303) e;
SELECT is((SELECT count(*) FROM chain, community.audit_verify(id)), 0::bigint, 'whole chains have no faults');
CREATE TEMP TABLE planted AS
SELECT id, (3 * e - 1)::bigint AS seq, (ARRAY['content', 'removed', 'exchanged', 'hash', 'actor'])[e % 5 + 1] AS how FROM chain, generate_series(1, 100) e;
CREATE UNIQUE INDEX ON planted (id, seq);
ANALYZE planted;
UPDATE community.audit_log l SET detail = jsonb_build_object('n', l.seq + 1) FROM planted p WHERE l.community_id = p.id AND l.seq = p.seq AND p.how = 'content';
UPDATE community.audit_log l SET actor = l.actor || ' ' FROM planted p WHERE l.community_id = p.id AND l.seq = p.seq AND p.how = 'actor';
DELETE FROM community.audit_log l USING planted p WHERE l.community_id = p.id AND l.seq = p.seq AND p.how = 'removed';
UPDATE community.audit_log l SET seq = -l.seq FROM planted p WHERE l.community_id = p.id AND l.seq IN (p.seq, p.seq + 1) AND p.how = 'exchanged';
UPDATE community.audit_log l SET seq = CASE -l.seq % 3 WHEN 2 THEN -l.seq + 1 ELSE -l.seq - 1 END WHERE l.seq < 0;
-- Whoever knows how hashes are made gives the changed entry a right one.
UPDATE community.audit_log l SET object = 'nobody', hash = community.audit_hash(l.community_id, l.seq, l.recorded_at, l.actor, l.action, 'nobody', l.purpose, l.rows, l.detail, l.prev_hash)
  FROM planted p WHERE l.community_id = p.id AND l.seq = p.seq AND p.how = 'hash';
CREATE TEMP TABLE found AS SELECT c.id, v.* FROM chain c, community.audit_verify(c.id) v;
CREATE INDEX ON found (id, seq);
SELECT results_eq($$SELECT how, count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM found f WHERE f.id = p.id AND f.seq IN (p.seq, p.seq + 1))) FROM planted p GROUP BY how ORDER BY how$$,
    $$VALUES ('actor', 2000::bigint, 2000::bigint), ('content', 2000, 2000), ('exchanged', 2000, 2000), ('hash', 2000, 2000), ('removed', 2000, 2000)$$, 'all 10,000 forgeries are found at their place');
SELECT is_empty('SELECT * FROM found f WHERE NOT EXISTS (SELECT FROM planted p WHERE p.id = f.id AND p.seq BETWEEN f.seq - 2 AND f.seq)', 'and nothing else is');

-- Logs sealed in blocks: the door log and the journal of money, 200 blocks of four each.
SELECT set_config('test.tx', community.tx_horizon()::text, true);
CREATE FUNCTION pg_temp.tx(p_n integer) RETURNS bigint LANGUAGE sql AS $$ SELECT current_setting('test.tx')::bigint + 10 * p_n $$;
INSERT INTO community.door_log (community_id, point_id, decision, reason, at, tx)
SELECT 330203001001, 1, 'granted', 'ok', now() + n * interval '1 second', pg_temp.tx(n / 4) + 1 FROM generate_series(4, 803) n;
INSERT INTO community.transfer (community_id, actor, key, phase, debit_id, credit_id, currency, amount, code, tx)
SELECT 330203001001, 'x', md5(n::text)::uuid, 'single', 1, 2, 'CNY', n, 'payment', pg_temp.tx(n / 4) + 1 FROM generate_series(4, 803) n;
SELECT is((SELECT sum(community.audit_seal(pg_temp.tx(n + 1)))::bigint FROM generate_series(1, 200) n), 1600::bigint, 'every row is sealed');
SELECT is((SELECT count(*) FROM community.audit_block b WHERE b.log IN ('door_log', 'transfer')), 400::bigint, 'in 400 blocks');
SELECT is_empty($$SELECT * FROM community.audit_block_verify('door_log', 330203001001) UNION ALL SELECT * FROM community.audit_block_verify('transfer', 330203001001)$$, 'whole logs have no faults');
CREATE TEMP TABLE d AS SELECT l.*, row_number() OVER (ORDER BY log_id) - 1 AS i FROM community.door_log l;
CREATE TEMP TABLE t AS SELECT l.*, row_number() OVER (ORDER BY seq) - 1 AS i FROM community.transfer l;
-- One row of each block, in turn: changed, removed, exchanged with its neighbour, slipped in.
UPDATE community.door_log l SET decision = 'refused' FROM d WHERE l.log_id = d.log_id AND d.i % 16 = 1;
DELETE FROM community.door_log l USING d WHERE l.log_id = d.log_id AND d.i % 16 = 5;
UPDATE community.door_log l SET log_id = -l.log_id FROM d WHERE l.log_id = d.log_id AND d.i % 16 IN (9, 10);
UPDATE community.door_log l SET log_id = CASE d.i % 16 WHEN 9 THEN d.log_id + 1 ELSE d.log_id - 1 END FROM d WHERE l.log_id = -d.log_id;
INSERT INTO community.door_log (community_id, point_id, decision, reason, at, tx) SELECT d.community_id, 2, 'granted', 'ok', d.at, d.tx FROM d WHERE d.i % 16 = 13;
SELECT is((SELECT count(DISTINCT block) FROM community.audit_block_verify('door_log', 330203001001)), 200::bigint, 'all 200 forgeries in the door log are found');
UPDATE community.transfer l SET amount = l.amount + 1 FROM t WHERE l.seq = t.seq AND t.i % 16 = 1;
DELETE FROM community.transfer l USING t WHERE l.seq = t.seq AND t.i % 16 = 5;
UPDATE community.transfer l SET seq = -l.seq FROM t WHERE l.seq = t.seq AND t.i % 16 IN (9, 10);
UPDATE community.transfer l SET seq = CASE t.i % 16 WHEN 9 THEN t.seq + 1 ELSE t.seq - 1 END FROM t WHERE l.seq = -t.seq;
INSERT INTO community.transfer (community_id, actor, key, phase, debit_id, credit_id, currency, amount, code, tx) SELECT t.community_id, 'y', t.key, 'single', 3, 4, 'CNY', 1, 'gift', t.tx FROM t WHERE t.i % 16 = 13;
SELECT is((SELECT count(DISTINCT block) FROM community.audit_block_verify('transfer', 330203001001)), 200::bigint, 'and all 200 in the journal of money');
UPDATE community.audit_block b SET root = set_byte(b.root, 0, 255 - get_byte(b.root, 0)) WHERE b.log = 'transfer' AND b.block = 7;
SELECT is((SELECT string_agg(problem, '; ' ORDER BY problem) FROM community.audit_block_verify('transfer', 330203001001) WHERE block = 7 AND problem = 'block was changed'), 'block was changed', 'so is a forged block');
SELECT * FROM finish();
ROLLBACK;
