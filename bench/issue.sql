-- A city's issue: 100,000 cards applied for in one call, then produced, issued and
-- activated, each beside the same rows written by hand.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT count(*) FROM community.install('{card}');
SET search_path = bench, community, public;
SELECT community_register('330203001001', 'One', 'residential'), card_issuer_add(330203001001, 7);
CREATE TABLE hand_card (LIKE card INCLUDING ALL);
CREATE TABLE hand_index (LIKE card_index INCLUDING ALL);
CREATE TABLE hand_app (LIKE card_app INCLUDING ALL);
CREATE TABLE hand_log (LIKE card_log INCLUDING ALL);
SELECT r AS us FROM race(ARRAY[
    $$SELECT count(*) FROM card_apply(330203001001, ARRAY(SELECT generate_series(1, 100000)::bigint), 'resident', '{door,debit}', now() + interval '5 years', '{330203001001}')$$,
    $$WITH made AS (
        INSERT INTO hand_card SELECT * FROM card RETURNING community_id, card_id, number_key
      ), i AS (INSERT INTO hand_index SELECT number_key, community_id, card_id FROM made
      ), a AS (INSERT INTO hand_app (community_id, card_id, application) SELECT community_id, card_id, x FROM made, unnest('{door,debit}'::text[]) x)
      INSERT INTO hand_log (community_id, card_id, event, to_state, actor) SELECT community_id, card_id, 'apply', 'applied', 'x' FROM made$$], 1, 100000000) r \gset
SELECT note('card_apply', (:'us'::float8[])[1], (:'us'::float8[])[2], 3, 'us', '100,000 cards in one call, CPU a card, beside inserts into four tables');
VACUUM ANALYZE card;
CREATE TABLE issued (card_no text, credential credential);
CREATE TABLE done (n bigint);
SELECT r AS us FROM race(ARRAY[
    $$INSERT INTO done SELECT count(card_event(330203001001, card_id, 'produce')) FROM hand_card$$,
    $$INSERT INTO issued SELECT i.card_no, i.credential::credential FROM hand_card h, card_issue(330203001001, h.card_id) i$$,
    $$INSERT INTO done SELECT count(card_event(330203001001, card_id, 'activate')) FROM hand_card$$,
    $$SELECT count(credential_issue(7, card_no, holder, generation, applications, not_before, expires, card_index, zones, 'ed25519')) FROM hand_card$$], 1, 100000000) r \gset
SELECT note('card_issue', (:'us'::float8[])[1] + (:'us'::float8[])[2] + (:'us'::float8[])[3], (:'us'::float8[])[4], 15, 'us', 'produced, issued and activated, CPU a card, beside the Ed25519 signature alone');
DO $$
BEGIN
    ASSERT (SELECT count(*) FROM card WHERE state = 'active') = 100000, 'every card is active';
    ASSERT (SELECT count(*) FROM issued WHERE credential_verify(credential, now() + interval '1 minute') = 'ok') = 100000, 'every credential is valid';
END $$;
