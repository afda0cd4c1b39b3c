-- BI views of card and ledger: what they show, whom they leave out, and to whom.
BEGIN;
SELECT no_plan();
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.k(p_n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT lpad(p_n::text, 32, '0')::uuid $$;
SELECT community.community_register('330203001001', 'One', 'residential'), community.community_register('330203001002', 'Two', 'residential');
SELECT community.card_issuer_add(330203001001, 7, 'hmac-sha256'), community.card_issuer_add(330203001002, 8, 'hmac-sha256');

-- Everything happens half an hour before the end of yesterday.
CREATE TEMP TABLE x AS SELECT day, to_char(day, 'YYYYMMDD')::integer AS key, day + time '23:00' AS hour, (day + time '23:30') AT TIME ZONE 'Asia/Shanghai' AS at
  FROM (SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date - 1 AS day) y;

-- Six residents, four volunteers in One; five residents in Two.
CREATE TEMP TABLE m AS
SELECT a.card_id, a.person_id, x.c, x.kind, NULL::community.credential AS cred
  FROM (VALUES (330203001001, 'resident', '{1,2,3,4,5,6}'::bigint[]), (330203001001, 'volunteer', '{1,2,3,4}'), (330203001002, 'resident', '{1,2,3,4,5}')) AS x (c, kind, persons)
 CROSS JOIN LATERAL community.card_apply(x.c, x.persons, x.kind, '{door,debit}', now() + interval '1 year') a;
SELECT count(community.card_event(c, card_id, 'produce')) FROM m;
UPDATE m SET cred = (SELECT credential::community.credential FROM community.card_issue(m.c, m.card_id));
SELECT count(community.card_event(c, card_id, 'activate')) FROM m;
SELECT community.card_event(c, card_id, 'lose') FROM m WHERE kind = 'resident' AND person_id = 6;
SELECT results_eq('SELECT community_id, kind, state, cards FROM community_bi.agg_card_stock ORDER BY 1, 2, 3',
    $$VALUES (330203001001, 'resident', 'active', 5::bigint), (330203001002, 'resident', 'active', 5)$$, 'cards by kind and state; one lost card and four volunteers are too few to show');
SELECT results_eq($$SELECT community_id, kind, event, state, events FROM community_bi.agg_card_monthly WHERE day = date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date ORDER BY 1, 2, 3$$,
    $$VALUES (330203001001, 'resident', 'activate', 'active', 6::bigint), (330203001001, 'resident', 'apply', 'applied', 6), (330203001001, 'resident', 'issue', 'issued', 6), (330203001001, 'resident', 'produce', 'produced', 6),
             (330203001002, 'resident', 'activate', 'active', 5), (330203001002, 'resident', 'apply', 'applied', 5), (330203001002, 'resident', 'issue', 'issued', 5), (330203001002, 'resident', 'produce', 'produced', 5)$$,
    'what happened to cards this month, without the one loss');
UPDATE community.card SET not_before = now() - interval '1 day', expires = now() WHERE community_id = 330203001002 AND person_id = 5;
SELECT is_empty('SELECT 1 FROM community_bi.agg_card_stock WHERE community_id = 330203001002', 'four are left when one expires, by time alone');

-- Doors: five residents pass, one lost card and one forged one are refused.
CREATE TEMP TABLE d AS SELECT community.point_add(330203001001, community.zone_add(330203001001, 'Yard'), 'Gate', '330203001001002') AS gate,
    community.point_add(330203001002, community.zone_add(330203001002, 'Yard'), 'Gate', '330203001002') AS other;
SELECT community.rule_add(community_id, zone_id) FROM community.access_zone;
SELECT count(o.log_id) FROM m, d, LATERAL community.door_open(m.c, CASE m.c WHEN 330203001001 THEN gate ELSE other END, m.cred) o WHERE m.kind = 'resident';
SELECT count(o.log_id) FROM m, d, LATERAL community.door_open(m.c, gate, set_bit(m.cred::bytea, 330, 1 - get_bit(m.cred::bytea, 330))::community.credential) o WHERE m.c = 330203001001 AND m.person_id = 1;
UPDATE community.door_log SET at = x.at FROM x;
SELECT is(community._rollup_door_hour(0, 9223372036854775807), 13::bigint, 'the job takes every row');
SELECT results_eq('SELECT date_key, day, community_id, grid_code, hour_start, hour, zone_name, point_name, direction, decision, reason, offline, taps FROM community_bi.agg_door_hourly ORDER BY reason',
    $$SELECT key, day, 330203001001, '330203001001002', hour, 23, 'Yard', 'Gate', 'in', v.* FROM x, (VALUES ('refused', 'bad_tag', false, 2::bigint), ('granted', 'ok', false, 5)) v$$,
    'openings of five and forgeries of nobody; the one lost card, and four in the other community, are left out');
SELECT is((SELECT sum(taps)::bigint FROM community.rollup_door_hour), 13::bigint, 'the rollup itself has them all');
SELECT is(community._rollup_door_hour(0, 9223372036854775807), 13::bigint, 'the same window again');
SELECT is((SELECT sum(taps)::bigint FROM community.rollup_door_hour), 13::bigint, 'counts nothing twice');
-- A late event of the same hour, from a reader without connection.
SELECT count(u.status) FROM m JOIN community.card k ON k.community_id = m.c AND k.card_id = m.card_id, d, x,
    LATERAL community.door_upload(330203001001, gate, jsonb_build_array(jsonb_build_object('no', m.person_id, 'at', x.at + interval '29 minutes', 'holder', k.holder, 'card', k.number_key, 'decision', 'granted', 'reason', 'ok'))) u
 WHERE m.c = 330203001001 AND m.kind = 'resident';
SELECT community._rollup_door_hour((SELECT max(tx) FROM community.door_log), 9223372036854775807);
SELECT results_eq($$SELECT reason, offline, taps FROM community_bi.agg_door_hourly WHERE decision = 'granted' ORDER BY offline$$, $$VALUES ('ok', false, 5::bigint), ('ok', true, 6)$$, 'late events of readers are in their hour');
-- What the log has dropped is not counted anew.
UPDATE community.log_table SET keep = interval '1 second' WHERE table_name = 'door_log';
DELETE FROM community.door_log;
INSERT INTO community.door_log (community_id, point_id, decision, reason, at) SELECT 330203001001, gate, 'refused', 'bad_tag', at FROM d, x;
SELECT is(community._rollup_door_hour(0, 9223372036854775807), 0::bigint, 'an hour beyond the retention of the log');
SELECT is((SELECT sum(taps)::bigint FROM community.rollup_door_hour), 19::bigint, 'stays as it was counted');

-- Money: six pay a shop, one gives to another, the bank tops up.
CREATE TEMP TABLE f AS
SELECT community.account_open(330203001001, 'CNY', 'bank', 'community', 330203001001) AS bank, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 9) AS shop,
       community.account_open(330203001001, 'CNY', 'merchant', 'person', 77) AS stall, community.account_open(330203001002, 'CNY', 'merchant', 'organization', 9) AS far,
       community.account_open(330203001001, 'TIME', 'issue', 'community', 330203001001) AS issue;
CREATE TEMP TABLE p AS SELECT n, community.account_open(330203001001, 'CNY', 'purse', 'person', n) AS purse, community.account_open(330203001001, 'TIME', 'purse', 'person', n) AS hours FROM generate_series(1, 6) n;
SELECT count(*) FROM f, p, community.ledger_transfer(pg_temp.k(n), 330203001001, bank, purse, 1000, 'topup');
SELECT count(*) FROM f, p, community.ledger_transfer(pg_temp.k(10 + n), 330203001001, purse, shop, 100);
SELECT count(*) FROM f, p, community.ledger_transfer(pg_temp.k(20 + n), 330203001001, purse, stall, 10, 'stall');
SELECT count(*) FROM p a, p b, community.ledger_transfer(pg_temp.k(30), 330203001001, a.purse, b.purse, 5, 'gift') WHERE a.n = 1 AND b.n = 2;
SELECT count(*) FROM f, p, community.ledger_hold(pg_temp.k(40 + n), 330203001001, purse, shop, 7, now() + interval '1 hour', 'deposit');
SELECT count(*) FROM community.transfer h, community.ledger_post(community._ledger_key(h.key, 'post'), 330203001001, h.seq, 4) WHERE h.phase = 'hold' AND h.amount = 7;
SELECT count(*) FROM f, p, community.ledger_transfer_between(pg_temp.k(50), 330203001001, purse, 330203001002, far, 33) WHERE n = 1;
SELECT count(*) FROM f, p, community.ledger_transfer(pg_temp.k(60 + n), 330203001001, issue, hours, 90, 'volunteer');
SELECT count(*) FROM p a, p b, community.ledger_transfer(pg_temp.k(70 + a.n), 330203001001, a.hours, b.hours, 30, 'help') WHERE b.n = 6 AND a.n <= 4;
UPDATE community.transfer SET at = x.at FROM x;
SELECT is(community._rollup_transfer_day(0, 9223372036854775807), (SELECT count(*) FROM community.transfer WHERE phase IN ('single', 'post')), 'the job takes every transfer that moved something');
SELECT community._rollup_transfer_day(0, 9223372036854775807);
SELECT results_eq('SELECT currency, code, transfers, amount FROM community_bi.agg_ledger_daily WHERE community_id = 330203001001 ORDER BY 1, 2',
    $$VALUES ('CNY', 'deposit', 6::bigint, 24::bigint), ('CNY', 'payment', 7, 633), ('CNY', 'topup', 6, 6000), ('TIME', 'volunteer', 6, 540)$$,
    'turnover; the gift, the stall of one person and help by four are left out');
SELECT is((SELECT sum(amount)::bigint FROM community.rollup_transfer_day), (SELECT sum(amount)::bigint FROM community.transfer WHERE phase IN ('single', 'post')), 'the rollup itself has it all, once');
SELECT results_eq('SELECT flow, code, people, hours FROM community_bi.agg_time_credit_monthly ORDER BY 1, 2', $$VALUES ('earned', 'volunteer', 6::bigint, 9.00::numeric(14,2))$$, 'hours earned; help by four is left out');
UPDATE community.account SET opened_at = now() - interval '1 month';
SELECT count(*) FROM f, x, community.merchant_settle(330203001001, shop, x.day);
SELECT count(*) FROM f, x, community.merchant_settle(330203001001, stall, x.day);
SELECT count(*) FROM f, x, community.merchant_settle(330203001002, far, x.day);
SELECT results_eq('SELECT date_key, community_id, merchant_key, organization_key, currency, payments, gross, refunds, fees, net FROM community_bi.agg_merchant_daily',
    'SELECT x.key, 330203001001, shop, 9::bigint, ''CNY'', 12::bigint, 624::bigint, 0::bigint, 0::bigint, 624::bigint FROM f, x', 'the settlement of a shop; the stall of a person and a shop with one payment are left out');
SELECT results_eq('SELECT community_id, other_community_id, currency, owed FROM community_bi.clearing_balance ORDER BY 1',
    $$VALUES (330203001001, 330203001002, 'CNY', 33::bigint), (330203001002, 330203001001, 'CNY', -33)$$, 'clearing nets to zero');
SELECT is_empty($$SELECT view_name, column_name FROM community_bi.data_dictionary WHERE view_name ~ 'card|door|ledger|merchant|clearing|credit' AND (COALESCE(comment_en, '') = '' OR COALESCE(comment_zh, '') = '')$$, 'every column is explained');

-- No view shows a card, a holder or an account of a person.
SELECT is_empty($$SELECT view_name, column_name FROM community_bi.data_dictionary WHERE view_name ~ '^(agg_(card|door|ledger|merchant|time)|clearing)' AND column_name ~ 'card_|holder|person|number|purse'$$, 'no personal column');
-- Readers see their communities.
CREATE ROLE bi_two LOGIN IN ROLE community_bi;
CREATE ROLE bi_none LOGIN IN ROLE community_bi;
SELECT community.member_add('bi_two', 'read', 330203001002);
CREATE FUNCTION public.seen() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(v || ' ' || n || coalesce(' ' || c, ''), ', ' ORDER BY v) FROM (
        SELECT 'cards' AS v, count(*) AS n, string_agg(DISTINCT community_id::text, ' ') AS c FROM community_bi.agg_card_monthly
        UNION ALL SELECT 'clearing', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.clearing_balance
        UNION ALL SELECT 'doors', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.agg_door_hourly
        UNION ALL SELECT 'hours', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.agg_time_credit_monthly
        UNION ALL SELECT 'merchants', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.agg_merchant_daily
        UNION ALL SELECT 'stock', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.agg_card_stock
        UNION ALL SELECT 'turnover', count(*), string_agg(DISTINCT community_id::text, ' ') FROM community_bi.agg_ledger_daily) x $$;
SET SESSION AUTHORIZATION bi_two;
SELECT is(public.seen(), 'cards 4 330203001002, clearing 1 330203001002, doors 0, hours 0, merchants 0, stock 0, turnover 1 330203001002', 'a reader of Two sees Two alone');
SELECT throws_ok('SELECT * FROM community.rollup_door_hour', '42501', NULL, 'and no table');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION bi_none;
SELECT is(public.seen(), 'cards 0, clearing 0, doors 0, hours 0, merchants 0, stock 0, turnover 0', 'a reader of nothing sees nothing');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
