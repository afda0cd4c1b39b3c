-- P16: verification alone beside pgcrypto's hmac(), and the whole decision of a
-- door beside one look-up and one insert written by hand, in one backend.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
SELECT count(*) FROM community.install('{card}');
SET search_path = bench, community, public;
SELECT community_register('330203001001', 'One', 'residential'), card_issuer_add(330203001001, 7, 'hmac-sha256');
CREATE TABLE tapper AS
SELECT a.card_id, NULL::credential AS cred, NULL::bytea AS bytes
  FROM card_apply(330203001001, ARRAY(SELECT generate_series(1, 2000)::bigint), 'resident', '{door,debit}', now() + interval '1 year', '{330203001001}') a;
SELECT count(card_event(330203001001, card_id, 'produce')) FROM tapper;
UPDATE tapper t SET cred = (SELECT credential::credential FROM card_issue(330203001001, t.card_id));
UPDATE tapper SET bytes = substr(cred::bytea, 1, octet_length(cred::bytea) - 16);
SELECT count(card_event(330203001001, card_id, 'activate')) FROM tapper;
SELECT count(*) FROM card_key_sync();
CREATE TABLE door AS SELECT point_add(330203001001, zone_add(330203001001, 'z'), 'd', '330203001001002') AS point;
SELECT rule_add(330203001001, zone_id, '24/7', 'resident') FROM access_zone;
CREATE TABLE hand_log (LIKE door_log INCLUDING ALL) PARTITION BY RANGE (at);
CREATE TABLE hand_log_default PARTITION OF hand_log DEFAULT;
CREATE FUNCTION hand(p_card bigint, p_point bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v card; v_id bigint;
BEGIN
    SELECT * INTO v FROM card WHERE community_id = 330203001001 AND card_id = p_card;
    IF v.state = 'active' THEN
        INSERT INTO hand_log (community_id, point_id, holder, decision, reason)
        VALUES (330203001001, p_point, v.holder, 'granted', 'ok') RETURNING log_id INTO v_id;
    END IF;
    RETURN v_id;
END $$;
VACUUM ANALYZE card;
VACUUM ANALYZE card_index;
VACUUM ANALYZE card_app;
VACUUM ANALYZE tapper;
SELECT r AS ns FROM race(ARRAY[
    'SELECT count(cred) FROM tapper, generate_series(1, 20) g',
    'SELECT count(credential_ok(cred, now() + g * interval ''1 second'', ''330203001001002'', ''door'')) FROM tapper, generate_series(1, 20) g',
    'SELECT count(hmac(bytes, ''0123456789abcdef0123456789abcdef''::bytea, ''sha256'')) FROM tapper, generate_series(1, 20) g',
    'SELECT count(now() + g * interval ''1 second'') FROM tapper, generate_series(1, 20) g'], 5, 40000) r \gset
SELECT note('credential_verify', (:'ns'::float8[])[2] - (:'ns'::float8[])[4], (:'ns'::float8[])[3] - (:'ns'::float8[])[1], 1, 'ns', 'suite 1 beside hmac() of pgcrypto');
SELECT r AS us FROM race(ARRAY[
    'SELECT count(*) FROM tapper t, door, door_open(330203001001, point, t.cred) o WHERE o.decision = ''granted''',
    'SELECT count(hand(card_id, point)) FROM tapper, door'], 25, 2000000) r \gset
SELECT note('door_decision', (:'us'::float8[])[1], (:'us'::float8[])[2], 1.25, 'us', 'CPU in the backend, suite 1, with the log row, beside a look-up and an insert');
