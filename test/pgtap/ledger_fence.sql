-- Ring fences: money leaves a fenced account for a purpose of its fence, by the
-- function of its fund, and by no other way, whoever tries.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
SELECT community.community_register('330203001002', 'Two', 'residential');
INSERT INTO community.fence (fence, name, codes) VALUES ('closed', 'Nothing / 无', '{}'), ('books', 'Library / 图书', '{books}');
INSERT INTO community.facility (community_id, facility_id, class, name, geom, source)
SELECT 330203001001, 1, (SELECT class FROM community.facility_class ORDER BY 1 LIMIT 1), 'Hall', community.gridcell_centroid(community.gridcell(121.505, 29.805, 8)), 'test';
CREATE TEMP TABLE f AS
SELECT community.account_open(330203001001, 'CNY', 'fund', 'facility', 1) AS box,
       community.account_open(330203001001, 'CNY', 'fund', 'organization', 1, p_fence => 'books') AS library,
       community.account_open(330203001001, 'CNY', 'fund', 'organization', 2, p_fence => 'closed') AS chest,
       community.account_open(330203001001, 'CNY', 'fund', 'organization', 3) AS free,
       community.account_open(330203001002, 'CNY', 'merchant', 'organization', 1) AS far;
SELECT is(community._account_fenced(box) AND community._account_fenced(library) AND community._account_fenced(chest), true, 'fenced accounts are known by their numbers') FROM f;
SELECT is(community._account_fenced(free) OR community._account_fenced(far), false, 'from which others stay away') FROM f;
SELECT is(fence, 'facility', 'the fund of a facility has its fence') FROM community.account JOIN f ON account_id = box;
SELECT is(pg_temp.reason($$SELECT community.account_open(330203001001, 'CNY', 'fund', 'organization', 4, p_fence => 'air')$$), 'account_form', 'an unknown fence');
SELECT count(t.seq) FROM m, f, unnest(ARRAY[box, library, chest, free]) x(id), community.ledger_transfer(pg_temp.k(), c, bank, x.id, 1000, 'payment', 'no ' || x.id) t;
SELECT is(sum(credits_posted), 4000::numeric, 'what comes in is free') FROM community.account WHERE kind = 'fund';

-- Every command of the ledger.
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer(pg_temp.k(), 330203001001, %s, %s, 10, %L)', box, fee, code)), 'account_fenced', 'no transfer as ' || code)
  FROM m, f, unnest('{payment,facility_repair}'::text[]) code;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_hold(pg_temp.k(), 330203001001, %s, %s, 10, now() + interval '1 day', %L)$$, box, fee, code)), 'account_fenced', 'no hold as ' || code)
  FROM m, f, unnest('{payment,facility_repair}'::text[]) code;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer_between(pg_temp.k(), 330203001001, %s, 330203001002, %s, 10, %L)', box, far, code)), 'account_fenced', 'nor to another community as ' || code)
  FROM f, unnest('{payment,facility_repair}'::text[]) code;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_refund(pg_temp.k(), 330203001001, %s, 10)', t.seq)), 'account_fenced', 'nor by a refund') FROM f JOIN community.transfer t ON credit_id = box;
SELECT is(pg_temp.reason(format('SELECT community.bank_withdraw(pg_temp.k(), 330203001001, %s, %s, 10)', box, bank)), 'account_fenced', 'nor to the bank') FROM m, f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer(pg_temp.k(), 330203001001, %s, %s, 10)', free, fee)), 'done', 'a fund without a fence pays') FROM m, f;

-- Every row of the journal, as psql writes it.
CREATE FUNCTION pg_temp.raw(p_debit bigint, p_code text, p_phase text DEFAULT 'single', p_hold bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.reason(format('INSERT INTO community.transfer (community_id, actor, key, phase, hold_seq, debit_id, credit_id, currency, amount, code, expires_at)
        VALUES (330203001001, %L, gen_random_uuid(), %L, %s, %s, %s, %L, 10, %L, %s)', 'x', p_phase, coalesce(p_hold::text, 'NULL'), p_debit, fee, 'CNY', p_code,
        CASE p_phase WHEN 'hold' THEN 'now()' ELSE 'NULL' END)) FROM m
$$;
SAVEPOINT raw;
SELECT is(pg_temp.raw(box, 'payment'), 'account_fenced', 'no row of the journal') FROM f;
SELECT is(pg_temp.raw(box, 'payment', 'hold'), 'account_fenced', 'no hold') FROM f;
SELECT is(pg_temp.raw(box, 'payment', 'post', 0), 'account_fenced', 'no post') FROM f;
SELECT is(pg_temp.raw(library, 'facility_repair'), 'account_fenced', 'the purpose of another fence') FROM f;
SELECT is(pg_temp.raw(chest, 'books'), 'account_fenced', 'a fence that lets nothing out') FROM f;
SELECT is(pg_temp.raw(900000000099999, 'books'), 'account_fenced', 'an account that is not there');
SELECT is(pg_temp.raw(library, 'books'), 'done', 'a purpose of its fence') FROM f;
SELECT is(pg_temp.raw(free, 'payment'), 'done', 'an account without a fence') FROM f;
SELECT is(pg_temp.reason(format($$UPDATE community.transfer SET code = 'payment' WHERE debit_id = %s$$, library)), 'account_fenced', 'nor is the purpose changed') FROM f;
SELECT is(pg_temp.reason(format($$UPDATE community.transfer SET debit_id = %s WHERE debit_id = %s$$, box, free)), 'account_fenced', 'nor the payer') FROM f;
ROLLBACK TO raw;
SELECT is(pg_temp.reason(format('UPDATE community.account SET fence = NULL WHERE account_id = %s', library)), 'account_fenced', 'a fence stays') FROM f;
SELECT is(pg_temp.reason(format($$UPDATE community.account SET fence = 'books' WHERE account_id = %s$$, box)), 'account_fenced', 'as it is') FROM f;
SELECT is(pg_temp.reason(format('UPDATE community.account SET fence = NULL, account_id = 7 WHERE account_id = %s', library)), 'account_fenced', 'and so does the number') FROM f;
SELECT throws_ok($$INSERT INTO community.account (community_id, currency, kind, owner_kind, owner_id, floating) VALUES (330203001001, 'CNY', 'fund', 'facility', 9, false)$$, '23514', NULL, 'no facility has a fund without a fence');
SELECT throws_ok($$INSERT INTO community.account (community_id, account_id, currency, kind, owner_kind, owner_id, floating) VALUES (330203001001, 900000000099999, 'CNY', 'purse', 'person', 99, false)$$, '23514', NULL, 'no number of a fenced account without a fence');
SELECT throws_ok($$INSERT INTO community.account (community_id, account_id, currency, kind, owner_kind, owner_id, floating, fence) VALUES (330203001001, 99999, 'CNY', 'purse', 'person', 99, false, 'books')$$, '23514', NULL, 'no fence with another number');

-- The way out.
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend(pg_temp.k(), 330203001001, 1, %s, 10, 'party')$$, fee)), 'fund_purpose', 'the fund is not for parties') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend(pg_temp.k(), 330203001001, 1, %s, 10, NULL)$$, fee)), 'fund_purpose', 'it is for something') FROM m;
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend('00000000-0000-0000-0000-0000000000f1', 330203001001, 1, %s, 10, 'repair')$$, fee)), 'done', 'for repairs') FROM m, generate_series(1, 2);
SELECT is(b.available, 990::bigint, 'once') FROM f, community.account_balance(330203001001, box) b;
UPDATE community.fence SET codes = codes || '{facility_garden}', edited = true WHERE fence = 'facility';
SELECT is(pg_temp.reason(format($$SELECT community.fund_spend(pg_temp.k(), 330203001001, 1, %s, 10, 'garden')$$, fee)), 'done', 'for what the city adds') FROM m;
SELECT is(pg_temp.reason(format($$SELECT * FROM community._ledger_move(330203001001, pg_temp.k(), 'hold', NULL, NULL, %s, %s, 10, 'books', NULL, now() + interval '1 day')$$, library, fee)), 'done', 'a module holds for a purpose of the fence') FROM m, f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_%s(pg_temp.k(), 330203001001, %s)', how, t.seq)), 'done', 'and the hold is resolved by a ' || how)
  FROM f JOIN community.transfer t ON t.debit_id = library AND t.phase = 'hold', unnest('{void}'::text[]) how;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
UPDATE community.fence SET codes = '{}' WHERE fence = 'facility';
SELECT is(count(*), 2::bigint, 'and shows what a narrower fence would not have let out') FROM community.ledger_check() WHERE problem LIKE 'money left a fenced account%';
SELECT * FROM finish();
ROLLBACK;
