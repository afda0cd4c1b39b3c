-- Cards of people for whom somebody acts, through the API.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

UPDATE community.person SET birth_year = 1980 WHERE community_id = 330203001001;
SELECT community.card_issuer_add(330203001001, 7, 'hmac-sha256');
CREATE TEMP TABLE card AS
SELECT person_id, card_id FROM community.card_apply(330203001001, ARRAY[1, 2]::bigint[], 'resident', '{door}', now() + interval '1 year');
SELECT community.card_event(330203001001, card_id, 'produce') FROM card;
SELECT community.card_issue(330203001001, card_id) FROM card;
SELECT community.card_event(330203001001, card_id, 'activate') FROM card;
SELECT community.guardian_add(330203001001, 1, 330203001001, 3, 'parent', 'register of births', CURRENT_DATE, '{"actions": ["card"]}');
CREATE ROLE proxy_desk LOGIN IN ROLE community_app;
CREATE ROLE proxy_stranger LOGIN IN ROLE community_app;
SELECT community.member_add('proxy_desk', 'card', 330203001001);
GRANT ALL ON card, m TO PUBLIC;
CREATE FUNCTION pg_temp.lose(p_card bigint, p_by bigint, p_key uuid DEFAULT gen_random_uuid()) RETURNS text LANGUAGE sql AS $$
    SELECT community_api.card_event_by(p_key, 330203001001, p_card, 'lose_temp', p_by, 'left on the bus', now() + interval '1 day')
$$;

SET SESSION AUTHORIZATION proxy_stranger;
SELECT is(pg_temp.reason(format('SELECT pg_temp.lose(%s, 3)', card_id)), 'capability_missing', 'rights come first') FROM card WHERE person_id = 1;
SET SESSION AUTHORIZATION proxy_desk;
SELECT is(pg_temp.reason(format('SELECT pg_temp.lose(%s, 4)', card_id)), 'guardian_missing', 'a stranger loses no card') FROM card WHERE person_id = 1;
SELECT is(pg_temp.reason(format('SELECT pg_temp.lose(%s, 3)', card_id)), 'guardian_missing', 'nor a parent that of another') FROM card WHERE person_id = 2;
SELECT is(pg_temp.reason('SELECT pg_temp.lose(0, 3)'), 'card_unknown', 'an unknown card');
SELECT is(pg_temp.lose(card_id, 3, md5('lost')::uuid), 'temp_lost', 'the parent reports it') FROM card WHERE person_id = 1;
SELECT is(pg_temp.lose(card_id, 3, md5('lost')::uuid), 'temp_lost', 'repeated, the first answer') FROM card WHERE person_id = 1;
RESET SESSION AUTHORIZATION;
SELECT results_eq('SELECT x.state FROM card JOIN community.card x USING (card_id) ORDER BY x.person_id', $$VALUES ('temp_lost'), ('active')$$, 'one card, the refused calls changed nothing');
SELECT results_eq('SELECT g.by_person_id, a.action, a.object, a.actor FROM community.proxy_act a JOIN community.guardian g USING (community_id, guardian_id)',
    $$SELECT 3::bigint, 'card', 'card/' || card_id || '/lose_temp', 'proxy_desk' FROM card WHERE person_id = 1$$, 'once on record');
SELECT * FROM finish();
ROLLBACK;
