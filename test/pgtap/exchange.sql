-- Exchange: with whom messages are exchanged.
BEGIN;
SELECT no_plan();
SELECT results_eq('SELECT peer, relation, active FROM community.peer', $$VALUES ('city', 'superior', true)$$, 'reports go up to the city');
SELECT throws_ok($$INSERT INTO community.peer (peer, relation, name) VALUES ('City!', 'superior', 'x')$$, '23514', NULL, 'names of peers are plain');
SELECT throws_ok($$INSERT INTO community.peer (peer, relation, name) VALUES ('next', 'friend', 'x')$$, '23514', NULL, 'relations are three');
SELECT throws_ok($$INSERT INTO community.peer (peer, relation, name, transport) VALUES ('next', 'peer', 'x', 'fdw')$$, '23514', NULL, 'a transport needs an address');
SELECT lives_ok($$INSERT INTO community.peer (peer, relation, name, transport, address) VALUES ('next', 'peer', 'x', 'file', '/srv/next')$$, 'and then it is fine');
UPDATE community.peer SET name = '宁波市平台' WHERE peer = 'city';
SELECT community.community_register('330203', '海曙区', 'district');
SELECT is(community.outbox_put(330203000000, 'city', 'report', 'daily', '{}'), 1::bigint, 'what is put for the city waits in the outbox');
SELECT is(sent_at, NULL, 'until something carries it') FROM community.outbox WHERE community_id = 330203000000;
SELECT * FROM finish();
ROLLBACK;
