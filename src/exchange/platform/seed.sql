-- Reports go up to the city.
INSERT INTO community.peer (peer, relation, name) VALUES ('city', 'superior', '市级平台')
ON CONFLICT (peer) DO NOTHING;
