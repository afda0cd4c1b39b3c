-- Cards and ledger through the API, as logins with nothing but capabilities.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v_detail text;
BEGIN
    EXECUTE p_sql;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;
CREATE FUNCTION pg_temp.k(p_n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT lpad(p_n::text, 32, '0')::uuid $$;

SELECT community.community_register('330203001001', 'One', 'residential');
SELECT community.community_register('330203001002', 'Two', 'residential');
SELECT community.card_issuer_add(330203001001, 7);
CREATE ROLE api_desk LOGIN IN ROLE community_app;
CREATE ROLE api_reader LOGIN IN ROLE community_app;
CREATE ROLE api_shop LOGIN IN ROLE community_app;
CREATE ROLE api_stranger LOGIN IN ROLE community_app;
CREATE ROLE api_far LOGIN IN ROLE community_app;
SELECT community.member_add('api_desk', c, 330203001001) FROM unnest('{card,account,ledger,pass,identify}'::text[]) c;
SELECT community.member_add('api_reader', 'door', 330203001001);
SELECT community.member_add('api_shop', c, 330203001001) FROM unnest('{pay,ledger}'::text[]) c;
SELECT community.member_add('api_stranger', c, 330203001002) FROM unnest('{card,door,pay,ledger,identify,pass}'::text[]) c;
CREATE TEMP TABLE f AS
SELECT community.account_open(330203001001, 'CNY', 'bank', 'community', 330203001001) AS bank, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1) AS shop,
       community.point_add(330203001001, community.zone_add(330203001001, 'Z'), 'D', '330203001001') AS point, 0::bigint AS card, ''::text AS cred, 0::bigint AS purse;
SELECT community.rule_add(330203001001, zone_id) FROM community.access_zone;
GRANT ALL ON f TO PUBLIC;

-- The desk makes a card.
SET SESSION AUTHORIZATION api_desk;
UPDATE f SET card = (community.x->0->>'card_id')::bigint
  FROM (SELECT community_api.card_apply(pg_temp.k(1), 330203001001, '[5]', 'resident', '["door", "debit", "identity"]', now() + interval '1 year', '["330203001001"]') AS x) community;
SELECT is((community_api.card_apply(pg_temp.k(1), 330203001001, '[5]', 'resident', '["door", "debit", "identity"]', now() + interval '1 year', '["330203001001"]')->0->>'card_id')::bigint, card, 'the same key, the same card') FROM f;
SELECT is(pg_temp.reason($$SELECT community_api.card_apply(pg_temp.k(1), 330203001001, '[6]', 'resident', '["door"]', now() + interval '1 year')$$), 'key_reused', 'not for another');
SELECT is(community_api.card_event(pg_temp.k(2), 330203001001, card, 'produce'), 'produced', 'produced') FROM f;
SELECT is(community_api.card_event(pg_temp.k(2), 330203001001, card, 'produce'), 'produced', 'the same key, the same answer') FROM f;
UPDATE f SET cred = (SELECT credential FROM community_api.card_issue(pg_temp.k(3), 330203001001, card));
SELECT is(pg_temp.reason('SELECT community_api.card_issue(pg_temp.k(3), 330203001001, card) FROM f'), 'card_transition', 'a credential is given once');
SELECT is(pg_temp.reason('SELECT community_api.card_issue(NULL, 330203001001, card) FROM f'), 'key_missing', 'with a key');
SELECT is(community_api.card_event(pg_temp.k(4), 330203001001, card, 'activate'), 'active', 'activated') FROM f;
SELECT is(pg_temp.reason($$SELECT community_api.card_event(pg_temp.k(5), 330203001001, card, 'freeze') FROM f$$), 'capability_missing', 'the desk freezes nobody');
SELECT is((SELECT status FROM f, community_api.identify(pg_temp.k(6), 330203001001, f.cred, 'visit')), 'ok', 'who it is');
SELECT is((SELECT person_id FROM f, community_api.identify(pg_temp.k(6), 330203001001, f.cred, 'visit')), NULL, 'but no person without the right');
SELECT is(left((SELECT credential FROM f, community_api.guest_pass(pg_temp.k(7), 330203001001, f.cred, '["door"]', now(), now() + interval '1 hour', '["330203001001001"]')), 4), 'cc1.', 'a pass');
SELECT is(pg_temp.reason($$SELECT community_api.guest_pass(pg_temp.k(7), 330203001001, 'nonsense', '["door"]', now(), now() + interval '1 hour', '["330203001001001"]')$$), 'pass_refused', 'not for nonsense');
SELECT is(pg_temp.reason($$SELECT community_api.door_open(pg_temp.k(8), 330203001001, point, cred) FROM f$$), 'capability_missing', 'the desk opens no door');
SELECT throws_ok('SELECT * FROM community.card', '42501', NULL, 'nor reads the table');
SELECT throws_ok($$SELECT community.credential_issue(7, '330203-0000-0001-2346', 1, 1, '{door}', now(), now() + interval '1 day', 1, '{}')$$, '42501', NULL, 'nor makes a credential');
RESET SESSION AUTHORIZATION;
UPDATE f SET purse = community.card_purse_open(330203001001, card);

-- A reader.
SET SESSION AUTHORIZATION api_reader;
SELECT results_eq('SELECT decision, reason FROM f, community_api.door_open(pg_temp.k(10), 330203001001, point, cred, 1)', $$VALUES ('granted', 'ok')$$, 'a reader opens');
SELECT results_eq('SELECT decision, reason FROM f, community_api.door_open(pg_temp.k(10), 330203001001, point, cred, 1)', $$VALUES ('granted', 'ok')$$, 'the same tap again is the same answer');
SELECT results_eq('SELECT decision, reason FROM f, community_api.door_open(pg_temp.k(11), 330203001001, point, cred, 1)', $$VALUES ('refused', 'replay')$$, 'another tap with that counter is not');
SELECT results_eq($$SELECT decision, reason FROM f, community_api.door_open(pg_temp.k(12), 330203001001, point, 'cc1.nonsense')$$, $$VALUES ('refused', 'malformed')$$, 'nonsense is a refused tap');
SELECT results_eq('SELECT decision, reason FROM f, community_api.door_open(pg_temp.k(13), 330203001001, point, NULL)', $$VALUES ('refused', 'malformed')$$, 'nothing too');
SELECT is(community_api.door_package(330203001001, point)->>'code', '330203001001', 'a package') FROM f;
SELECT ok(community_api.door_package_file(330203001001, point) LIKE E'community-door 1\n%proof %', 'and its file') FROM f;
SELECT is(community_api.door_upload(pg_temp.k(14), 330203001001, point, '[{"no": 1, "at": "2026-01-01", "decision": "refused", "reason": "expired"}]'), '[{"no": 1, "status": "stored"}]', 'events') FROM f;
SELECT is(pg_temp.reason('SELECT community_api.pin_attempt(pg_temp.k(15), 330203001001, card, ''1234'') FROM f'), 'pin_unset', 'a PIN that is not set');
SELECT is(pg_temp.reason($$SELECT community_api.card_event(pg_temp.k(16), 330203001001, card, 'lose') FROM f$$), 'capability_missing', 'a reader loses no card');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT count(*) FROM community.door_log), 5::bigint, 'five taps and events are logged');
SELECT is_empty($$SELECT FROM community.api_call a, f WHERE a.answer::text LIKE '%' || substr(f.cred, 5, 60) || '%'$$, 'no answer that is kept holds a credential');

-- Money.
SET SESSION AUTHORIZATION api_desk;
SELECT is((SELECT replayed FROM f, community_api.ledger_transfer(pg_temp.k(20), 330203001001, bank, purse, 1000, 'topup')), false, 'money comes in');
SELECT is((SELECT replayed FROM f, community_api.ledger_transfer(pg_temp.k(20), 330203001001, bank, purse, 1000, 'topup')), true, 'once');
SELECT is((SELECT p.replayed FROM f, community_api.ledger_hold(pg_temp.k(21), 330203001001, purse, shop, 300, now() + interval '1 hour') h, community_api.ledger_post(pg_temp.k(22), 330203001001, h.seq, 200) p), false, 'held and posted');
SELECT is((SELECT v.replayed FROM f, community_api.ledger_hold(pg_temp.k(23), 330203001001, purse, shop, 300, now() + interval '1 hour') h, community_api.ledger_void(pg_temp.k(24), 330203001001, h.seq) v), false, 'held and voided');
SELECT is((SELECT balance || ' ' || available FROM f, community_api.account_balance(330203001001, purse)), '800 800', 'the balance');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION api_shop;
SELECT is((SELECT status FROM f, community_api.card_pay(pg_temp.k(25), 330203001001, cred, shop, 150)), 'ok', 'the card pays');
SELECT is((SELECT replayed FROM f, community_api.card_pay(pg_temp.k(25), 330203001001, cred, shop, 150)), true, 'once');
SELECT is((SELECT status FROM f, community_api.card_pay(pg_temp.k(26), 330203001001, 'x', shop, 150)), 'malformed', 'nonsense pays nothing');
SELECT is((SELECT r.replayed FROM f, community_api.card_pay(pg_temp.k(25), 330203001001, cred, shop, 150) p, community_api.ledger_refund(pg_temp.k(27), 330203001001, p.seq, 50) r), false, 'a refund');
SELECT is((SELECT count(*) FROM f, community_api.account_statement(330203001001, purse, '-infinity', 'infinity')), 4::bigint, 'the statement');
SELECT is(community_api.offline_settle(pg_temp.k(28), 330203001001, shop, '[5]'), '[{"item": 1, "status": "invalid"}]', 'a batch') FROM f;
RESET SESSION AUTHORIZATION;
-- A shop of another community, which has no right in the first.
SELECT community.member_add('api_far', c, 330203001002) FROM unnest('{pay,ledger}'::text[]) c;
CREATE TEMP TABLE far AS SELECT community.account_open(330203001002, 'CNY', 'merchant', 'organization', 1) AS shop;
GRANT ALL ON far TO PUBLIC;
SET SESSION AUTHORIZATION api_far;
SELECT is((SELECT p.status FROM f, far, community_api.card_pay(pg_temp.k(60), 330203001002, f.cred, far.shop, 30) p), 'ok', 'a shop elsewhere is paid by the card alone');
SELECT is(pg_temp.reason('SELECT community_api.ledger_refund(pg_temp.k(61), 330203001001, p.seq, 5) FROM f, far, community_api.card_pay(pg_temp.k(60), 330203001002, f.cred, far.shop, 30) p'), 'capability_missing', 'and moves nothing there otherwise');
SELECT is((SELECT r.replayed FROM f, far, community_api.card_pay(pg_temp.k(60), 330203001002, f.cred, far.shop, 30) p, community_api.ledger_refund(pg_temp.k(62), 330203001002, p.seq, 10) r), false, 'but may give back');
RESET SESSION AUTHORIZATION;
CREATE TEMP TABLE paid AS SELECT t.seq FROM community.transfer t JOIN community.account a ON a.community_id = t.community_id AND a.account_id = t.credit_id WHERE t.community_id = 330203001001 AND a.kind = 'clearing' AND t.refund_of IS NULL;
GRANT ALL ON paid TO PUBLIC;
SET SESSION AUTHORIZATION api_desk;
SELECT is(pg_temp.reason('SELECT community_api.ledger_refund(pg_temp.k(63), 330203001001, seq, 5) FROM paid'), 'capability_missing', 'what was paid to others is not taken back without their right');
RESET SESSION AUTHORIZATION;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');

-- What the login of a stolen reader may call, and nothing else.
SELECT is((SELECT string_agg(proname, ',' ORDER BY proname) FROM pg_proc WHERE pronamespace = 'community_api'::regnamespace AND has_function_privilege('community_reader', oid, 'EXECUTE')),
    'door_open,door_package,door_package_file,door_upload,pin_attempt', 'a reader asks doors, enters PINs, fetches and uploads');
SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('community'::regnamespace, 'community_bi'::regnamespace) AND relkind IN ('r', 'v', 'p') AND has_table_privilege('community_reader', oid, 'SELECT')
    AND NOT has_table_privilege('public', oid, 'SELECT')$$, 'and reads no table');

-- Strangers and switched-off modules.
SET SESSION AUTHORIZATION api_stranger;
SELECT is(pg_temp.reason(q), 'capability_missing', 'a stranger: ' || q)
  FROM unnest(ARRAY['SELECT community_api.door_open(pg_temp.k(30), 330203001001, point, cred) FROM f', 'SELECT community_api.card_pay(pg_temp.k(31), 330203001001, cred, shop, 1) FROM f',
    'SELECT community_api.identify(pg_temp.k(32), 330203001001, cred, ''x'') FROM f', 'SELECT community_api.card_issue(pg_temp.k(33), 330203001001, card) FROM f',
    'SELECT community_api.account_balance(330203001001, purse) FROM f', 'SELECT community_api.account_statement(330203001001, purse, ''-infinity'', ''infinity'') FROM f',
    'SELECT community_api.door_package(330203001001, point) FROM f', 'SELECT community_api.ledger_transfer(pg_temp.k(34), 330203001001, purse, shop, 1) FROM f',
    'SELECT community_api.card_replace(pg_temp.k(35), 330203001001, card) FROM f',
    'SELECT community_api.guest_pass(pg_temp.k(36), 330203001001, cred, ''["door"]'', now(), now() + interval ''1 hour'', ''["330203001001001"]'') FROM f']) q;
RESET SESSION AUTHORIZATION;
SELECT community.module_disable('card', 330203001001);
SET SESSION AUTHORIZATION api_reader;
SELECT is(pg_temp.reason('SELECT community_api.door_open(pg_temp.k(40), 330203001001, point, cred) FROM f'), 'module_off', 'a module that is off');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
