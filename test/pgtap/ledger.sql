-- Ledger: accounts, transfers, holds, refunds, fees, limits, deferred credit,
-- bank, settlement, clearing, and every refusal.
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
CREATE FUNCTION pg_temp.bal(p_id bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT sum(b.balance)::bigint FROM community.account a, community.account_balance(a.community_id, a.account_id) b WHERE a.account_id = p_id $$;
CREATE FUNCTION pg_temp.free(p_id bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT sum(b.available)::bigint FROM community.account a, community.account_balance(a.community_id, a.account_id) b WHERE a.account_id = p_id $$;

SELECT community.community_register('330203001001', 'One', 'residential');
SELECT community.community_register('330203001002', 'Two', 'residential');
CREATE TEMP TABLE f AS
SELECT 330203001001 AS c, 330203001002 AS c2,
       community.account_open(330203001001, 'CNY', 'bank', 'community', 330203001001) AS bank,
       community.account_open(330203001001, 'CNY', 'purse', 'person', 1) AS a,
       community.account_open(330203001001, 'CNY', 'purse', 'person', 2) AS b,
       community.account_open(330203001001, 'CNY', 'merchant', 'organization', 9) AS shop,
       community.account_open(330203001001, 'CNY', 'merchant', 'organization', 10, true) AS mall,
       community.account_open(330203001001, 'CNY', 'fee', 'community', 330203001001) AS fee,
       community.account_open(330203001001, 'TIME', 'issue', 'community', 330203001001) AS issue,
       community.account_open(330203001001, 'TIME', 'purse', 'person', 1) AS hours,
       community.account_open(330203001002, 'CNY', 'merchant', 'organization', 11) AS shop2;

-- Accounts.
SELECT is(community.account_of(c, 'CNY', 'purse', 'person', 1), a, 'the account of an owner') FROM f;
SELECT is(community.account_of(c, 'CNY', 'purse', 'person', 99), NULL, 'or none') FROM f;
SELECT is(pg_temp.reason($$SELECT community.account_open(330203001001, 'CNY', 'purse', 'person', 1)$$), 'account_exists', 'one account per owner, kind and currency');
SELECT is(pg_temp.reason($$SELECT community.account_open(330203001001, 'SOU', 'purse', 'person', 1)$$), 'account_form', 'an unknown currency');
SELECT is(pg_temp.reason($$SELECT community.account_open(330203001001, 'CNY', 'sock', 'person', 1)$$), 'account_form', 'an unknown kind');
SELECT is(pg_temp.reason($$SELECT community.account_open(1, 'CNY', 'purse', 'person', 1)$$), 'community_unknown', 'an unknown community');
SELECT throws_ok(format('UPDATE community.account SET floating = true WHERE account_id = %s', a), '23514', NULL, 'a purse never floats, for any client') FROM f;
SELECT throws_ok(format('UPDATE community.account SET debits_posted = 1 WHERE account_id = %s', a), '23514', NULL, 'nor is it overdrawn') FROM f;

-- Transfers.
SELECT is((SELECT replayed FROM community.ledger_transfer(pg_temp.k(1), c, bank, a, 10000, 'topup')), false, 'money comes in') FROM f;
SELECT is((SELECT replayed FROM community.ledger_transfer(pg_temp.k(1), c, bank, a, 10000, 'topup')), true, 'the same command again is the same transfer') FROM f;
SELECT is(pg_temp.bal(a), 10000::bigint, 'and moves nothing') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(1), %s, %s, %s, 9999, 'topup')$$, c, bank, a)), 'key_reused', 'another amount under the key') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(1), %s, %s, %s, 10000, 'gift')$$, c, bank, a)), 'key_reused', 'another code under the key') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(NULL, %s, %s, %s, 1)$$, c, a, b)), 'key_missing', 'no key') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 10001)$$, c, a, b)), 'funds_insufficient', 'more than there is') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 0)$$, c, a, b)), 'amount_invalid', 'nothing') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, -5)$$, c, a, b)), 'amount_invalid', 'less than nothing') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 5)$$, c, a, a)), 'transfer_form', 'to itself') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 5, 'Über')$$, c, a, b)), 'transfer_form', 'a code of other letters') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, 0, 5)$$, c, a)), 'account_unknown', 'to nobody') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, 0, %s, 5)$$, c, a)), 'account_unknown', 'from nobody') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 5)$$, c, a, hours)), 'currency_differs', 'across currencies') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(2), %s, %s, %s, 5)$$, c2, a, b)), 'account_unknown', 'in another community') FROM f;
SELECT is((SELECT count(*) FROM community.transfer), 1::bigint, 'what is refused leaves no row');
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(3), c, a, b, 2500, 'gift')), 1::bigint, 'between residents') FROM f;
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.bal(b), '7500 2500', 'both sides') FROM f;

-- Holds.
CREATE TEMP TABLE h AS SELECT (community.ledger_hold(pg_temp.k(10), c, a, shop, 3000, now() + interval '1 hour')).seq AS h1 FROM f;
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.free(a), '7500 4500', 'a hold reserves') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(11), %s, %s, %s, 4501)$$, c, a, b)), 'funds_insufficient', 'what is held is not spent') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_post(pg_temp.k(12), %s, %s, 3001)$$, c, h1)), 'hold_too_small', 'more than the hold') FROM f, h;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_post(pg_temp.k(12), %s, 0)$$, c)), 'hold_unknown', 'no such hold') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_void(pg_temp.k(12), %s, 0)$$, c)), 'hold_unknown', 'nor to void') FROM f;
SELECT is((SELECT replayed FROM community.ledger_post(pg_temp.k(13), c, h1, 2000)), false, 'a part is taken') FROM f, h;
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.free(a) || ' ' || pg_temp.bal(shop), '5500 5500 2000', 'the rest is given back') FROM f;
SELECT is((SELECT replayed FROM community.ledger_post(pg_temp.k(13), c, h1, 2000)), true, 'again: the first answer') FROM f, h;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_post(pg_temp.k(14), %s, %s)$$, c, h1)), 'hold_resolved', 'a hold is taken once') FROM f, h;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_void(pg_temp.k(14), %s, %s)$$, c, h1)), 'hold_resolved', 'and not voided then') FROM f, h;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_hold(pg_temp.k(15), %s, %s, %s, 5, now())$$, c, a, shop)), 'hold_time', 'a hold that is over') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_hold(pg_temp.k(15), %s, %s, %s, 5, 'infinity')$$, c, a, shop)), 'hold_time', 'or never') FROM f;
CREATE TEMP TABLE h2 AS SELECT (community.ledger_hold(pg_temp.k(16), c, a, shop, 500, now() + interval '1 hour')).seq AS h2 FROM f;
SELECT is((SELECT replayed FROM community.ledger_void(pg_temp.k(17), c, h2)), false, 'a hold is given back') FROM f, h2;
SELECT is(pg_temp.free(a), 5500::bigint, 'whole') FROM f;
CREATE TEMP TABLE h3 AS SELECT (community.ledger_hold(pg_temp.k(18), c, a, shop, 700, now() + interval '1 hour')).seq AS h3 FROM f;
UPDATE community.transfer SET expires_at = now() - interval '1 minute' FROM h3 WHERE seq = h3;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_post(pg_temp.k(19), %s, %s)$$, c, h3)), 'hold_expired', 'an expired hold is not taken') FROM f, h3;
SELECT is(community._job_ledger_expire(now() - interval '1 hour', now()), 1::bigint, 'the job gives it back');
SELECT is(community._job_ledger_expire(now() - interval '1 hour', now()), 0::bigint, 'once');
SELECT is(pg_temp.free(a), 5500::bigint, 'whole') FROM f;
SELECT throws_ok(format($$INSERT INTO community.transfer (community_id, actor, key, phase, hold_seq, debit_id, credit_id, currency, amount, code)
    VALUES (%s, 'x', pg_temp.k(20), 'void', %s, %s, %s, 'CNY', 1, 'x')$$, c, h1, a, shop), '23505', NULL, 'no client resolves a hold twice') FROM f, h;

-- Refunds.
CREATE TEMP TABLE p AS SELECT (community.ledger_transfer(pg_temp.k(30), c, a, shop, 1000)).seq AS p1 FROM f;
SELECT is((SELECT replayed FROM community.ledger_refund(pg_temp.k(31), c, p1, 400)), false, 'a part is refunded') FROM f, p;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_refund(pg_temp.k(32), %s, %s, 601)$$, c, p1)), 'refund_too_much', 'not more than is left') FROM f, p;
SELECT is((SELECT replayed FROM community.ledger_refund(pg_temp.k(32), c, p1, 600)), false, 'the rest') FROM f, p;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_refund(pg_temp.k(33), %s, %s, 1)$$, c, p1)), 'refund_too_much', 'and no more') FROM f, p;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_refund(pg_temp.k(33), %s, 0, 1)$$, c)), 'transfer_unknown', 'no such transfer') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_refund(pg_temp.k(33), %s, (SELECT seq FROM community.transfer WHERE key = pg_temp.k(31)), 1)$$, c)), 'transfer_unknown', 'a refund is not refunded') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_refund(pg_temp.k(33), %s, %s, 1)$$, c, h1)), 'transfer_unknown', 'nor a hold') FROM f, h;

-- Limits, freezing, closing.
SELECT community.account_limit(c, b, 1000, 1500) FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(40), %s, %s, %s, 1001)$$, c, b, a)), 'limit_transfer', 'the limit of one transfer') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(41), c, b, a, 1000)), 1::bigint, 'within') FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(42), %s, %s, %s, 501)$$, c, b, a)), 'limit_day', 'the limit of a day') FROM f;
CREATE TEMP TABLE h4 AS SELECT (community.ledger_hold(pg_temp.k(43), c, b, shop, 500, now() + interval '1 hour')).seq AS h4 FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(44), %s, %s, %s, 1)$$, c, b, a)), 'limit_day', 'holds count') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_void(pg_temp.k(45), c, h4)), 1::bigint, 'voided') FROM f, h4;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(46), c, b, a, 300)), 1::bigint, 'and given back to the day') FROM f;
UPDATE community.account SET spent_day = spent_day - 1 FROM f WHERE account_id = b;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(47), c, b, a, 1000)), 1::bigint, 'a new day begins at nothing') FROM f;
SELECT community.account_limit(c, b, NULL, NULL) FROM f;
SELECT community.account_freeze(c, b, true) FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(48), %s, %s, %s, 1)$$, c, b, a)), 'account_frozen', 'a frozen account gives nothing') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(49), c, a, b, 50)), 1::bigint, 'but receives') FROM f;
SELECT community.account_freeze(c, b, false) FROM f;
SELECT is(pg_temp.reason(format('SELECT community.account_close(%s, %s)', c, b)), 'account_not_empty', 'what holds money is not closed') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(50), c, b, a, pg_temp.bal(b))), 1::bigint, 'emptied') FROM f;
SELECT community.account_close(c, b) FROM f;
SELECT community.account_close(c, b) FROM f;
SELECT is(pg_temp.reason(format($$SELECT * FROM community.ledger_transfer(pg_temp.k(51), %s, %s, %s, 1)$$, c, a, b)), 'account_closed', 'a closed account takes nothing') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.account_freeze(%s, %s, true)', c, b)), 'account_closed', 'nor is it frozen') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.account_freeze(%s, 0, true)', c)), 'account_unknown', 'nor an unknown one') FROM f;
SELECT isnt(community.account_open(c, 'CNY', 'purse', 'person', 2), b, 'its owner may open another') FROM f;

-- Deferred credit.
SELECT is((SELECT count(*) FROM generate_series(1, 5) i, community.ledger_transfer(pg_temp.k(60 + i), f.c, f.a, f.mall, 100)), 5::bigint, 'five pay a busy merchant') FROM f;
SELECT is((SELECT credits_posted FROM community.account WHERE account_id = mall) || ' ' || pg_temp.bal(mall), '0 500', 'the credits wait and count') FROM f;
CREATE TEMP TABLE h5 AS SELECT (community.ledger_hold(pg_temp.k(70), c, a, mall, 40, now() + interval '1 hour')).seq AS h5 FROM f;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees with waiting credits');
SELECT is(community._job_ledger_fold(now()), 6::bigint, 'the job folds them');
SELECT is((SELECT credits_posted || ' ' || credits_pending FROM community.account WHERE account_id = mall), '500 40', 'into the account') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_post(pg_temp.k(71), c, h5)), 1::bigint, 'a hold is taken') FROM f, h5;
SELECT is((SELECT count(*) FROM community.ledger_refund(pg_temp.k(72), c, (SELECT seq FROM community.transfer WHERE key = pg_temp.k(61)), 100)), 1::bigint,
    'a refund folds first') FROM f;
SELECT is((SELECT credits_posted || ' ' || debits_posted FROM community.account WHERE account_id = mall), '540 100', 'so that it has the money') FROM f;
SELECT is(community._job_ledger_fold(now()), 0::bigint, 'nothing is left');

-- Fees.
INSERT INTO community.fee_rule (community_id, code, currency, rate, least, most, fee_account_id) SELECT c, 'payment', 'CNY', 0.006, 1, 500, fee FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(80), c, a, shop, 1000)), 1::bigint, 'a payment with a fee') FROM f;
SELECT is(pg_temp.bal(fee), 6::bigint, '0.6 percent') FROM f;
SELECT is((SELECT amount FROM community.transfer WHERE key = pg_temp.k(80)), 994::bigint, 'which the merchant pays');
UPDATE community.fee_rule SET rate = 0.5;
SELECT is((SELECT replayed FROM community.ledger_transfer(pg_temp.k(80), c, a, shop, 1000)), true, 'a repeated command keeps its fee') FROM f;
SELECT is((SELECT replayed FROM community.ledger_transfer(pg_temp.k(62), c, a, mall, 100)), true, 'or that it had none') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(81), c, a, shop, 1)), 1::bigint, 'one fen') FROM f;
SELECT is(pg_temp.bal(fee), 6::bigint, 'is too little for a fee') FROM f;
DELETE FROM community.fee_rule;

-- Bank.
CREATE TEMP TABLE o AS SELECT community.bank_topup(pg_temp.k(90), c, a, bank, 5000) AS o1, community.bank_withdraw(pg_temp.k(91), c, a, bank, 1200) AS o2,
    community.bank_withdraw(pg_temp.k(92), c, a, bank, 300) AS o3, pg_temp.bal(a) AS before FROM f;
SELECT is(community.bank_topup(pg_temp.k(90), c, a, bank, 5000), o1, 'an order is sent once') FROM f, o;
SELECT is(pg_temp.reason(format('SELECT community.bank_topup(pg_temp.k(90), %s, %s, %s, 5001)', c, a, bank)), 'key_reused', 'other content under the key') FROM f;
SELECT is((SELECT count(*) FROM community.outbox WHERE peer = 'bank'), 3::bigint, 'a message for each order');
SELECT is(pg_temp.free(a), before - 1500, 'withdrawals are held') FROM f, o;
SELECT is(community.bank_answer(c, o1, 'done', 'B1'), 'done', 'the bank answers') FROM f, o;
SELECT is(community.bank_answer(c, o1, 'done', 'B1'), 'done', 'and repeats itself') FROM f, o;
SELECT is(pg_temp.bal(a), before + 5000, 'the money came once') FROM f, o;
SELECT is(pg_temp.reason(format($$SELECT community.bank_answer(%s, %s, 'failed')$$, c, o1)), 'bank_answer_differs', 'an answer is final') FROM f, o;
SELECT is(pg_temp.reason(format($$SELECT community.bank_answer(%s, %s, 'done', 'B1')$$, c, o2)), 'bank_answer_differs', 'a reference is used once') FROM f, o;
SELECT is(pg_temp.reason(format($$SELECT community.bank_answer(%s, %s, 'done')$$, c, o2)), 'bank_answer_form', 'done needs a reference') FROM f, o;
SELECT is(pg_temp.reason(format($$SELECT community.bank_answer(%s, 0, 'failed')$$, c)), 'bank_order_unknown', 'no such order') FROM f;
SELECT is(community.bank_answer(c, o2, 'done', 'B2'), 'done', 'paid out') FROM f, o;
SELECT is(community.bank_answer(c, o3, 'failed'), 'failed', 'or not') FROM f, o;
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.free(a), (before + 3800) || ' ' || (before + 3800), 'only what was paid is gone') FROM f, o;
SELECT is(pg_temp.reason(format('SELECT community.bank_topup(pg_temp.k(93), %s, %s, %s, 1)', c, a, b)), 'account_unknown', 'the bank''s side is a bank account') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.bank_topup(pg_temp.k(93), %s, 0, %s, 1)', c, bank)), 'account_unknown', 'the customer''s is one') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.bank_withdraw(pg_temp.k(93), %s, %s, %s, 99999999)', c, a, bank)), 'funds_insufficient', 'no more than there is') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.bank_topup(pg_temp.k(93), %s, %s, %s, 0)', c, a, bank)), 'amount_invalid', 'nothing') FROM f;
SELECT is(pg_temp.reason(format('SELECT community.bank_topup(NULL, %s, %s, %s, 1)', c, a, bank)), 'key_missing', 'no key') FROM f;

-- Time credits.
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(100), c, issue, hours, 120, 'volunteer', 'activity 5')), 1::bigint, 'two hours of service') FROM f;
SELECT is(pg_temp.bal(hours) || ' ' || pg_temp.bal(issue), '120 -120', 'are issued') FROM f;

-- Points: the oldest are spent first, what is left of them after two years is taken back.
CREATE TEMP TABLE pt AS SELECT community.account_open(c, 'POINT', 'issue', 'community', c) AS issue, community.account_open(c, 'POINT', 'purse', 'person', 1) AS a,
    community.account_open(c, 'POINT', 'purse', 'person', 2) AS b FROM f;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(101), c, pt.issue, pt.a, 100, 'activity')), 1::bigint, 'a hundred points') FROM f, pt;
UPDATE community.transfer SET at = now() - interval '25 months' WHERE key = pg_temp.k(101);
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(102), c, pt.issue, pt.a, 40, 'activity')), 1::bigint, 'and forty lately') FROM f, pt;
SELECT is((SELECT count(*) FROM community.ledger_transfer(pg_temp.k(103), c, pt.a, pt.b, 30, 'gift')), 1::bigint, 'thirty are given away') FROM f, pt;
SELECT is((SELECT count(*) FROM community.ledger_hold(pg_temp.k(104), c, pt.a, pt.b, 5, now() + interval '1 hour', 'gift')), 1::bigint, 'five are held') FROM f, pt;
SELECT is(community._job_ledger_points(now()), 1::bigint, 'the job finds one purse');
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.free(a), '45 40', 'and takes 65 old ones back, not what was spent or is held') FROM pt;
SELECT is((SELECT amount || ' ' || code FROM community.transfer WHERE debit_id = a AND credit_id = issue), '65 point_expired', 'to the issuer') FROM pt;
SELECT is(community._job_ledger_points(now() + interval '1 day'), 0::bigint, 'once');
SELECT is(community._job_ledger_points(now() + interval '2 years 1 day'), 2::bigint, 'later the others');
SELECT is(pg_temp.bal(a) || ' ' || pg_temp.bal(b), '5 0', 'but for what is held') FROM pt;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer(pg_temp.k(105), %s, %s, %s, 1)', c, pt.a, f.a)), 'currency_differs', 'points are no money') FROM f, pt;

-- Clearing.
SELECT is((SELECT replayed FROM community.ledger_transfer_between(pg_temp.k(110), c, a, c2, shop2, 777)), false, 'a payment to another community') FROM f;
SELECT is((SELECT replayed FROM community.ledger_transfer_between(pg_temp.k(110), c, a, c2, shop2, 777)), true, 'once') FROM f;
SELECT is(pg_temp.bal(shop2), 777::bigint, 'arrives') FROM f;
SELECT results_eq('SELECT * FROM community.clearing_position()', $$VALUES (330203001001, 330203001002, 'CNY', 777::bigint, -777::bigint), (330203001002, 330203001001, 'CNY', -777::bigint, 777::bigint)$$,
    'and clearing nets to zero');
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer_between(pg_temp.k(111), %s, %s, %s, %s, 5)', c, a, c, shop)), 'clearing_same', 'not within one community') FROM f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer_between(pg_temp.k(111), %s, 0, %s, %s, 5)', c, c2, shop2)), 'account_unknown', 'from nobody') FROM f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer_between(pg_temp.k(111), %s, %s, %s, 0, 5)', c, a, c2)), 'account_unknown', 'to nobody') FROM f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_transfer_between(pg_temp.k(111), %s, %s, %s, %s, 5)', c, hours, c2, shop2)), 'currency_differs', 'across currencies') FROM f;

SELECT is((SELECT replayed FROM community.ledger_refund(pg_temp.k(112), c2, (SELECT seq FROM community.transfer WHERE community_id = c2 AND credit_id = shop2), 177)), false, 'the shop gives a part back') FROM f;
SELECT is((SELECT replayed FROM community.ledger_refund(pg_temp.k(112), c2, (SELECT seq FROM community.transfer WHERE community_id = c2 AND credit_id = shop2 AND refund_of IS NULL), 177)), true, 'once') FROM f;
SELECT is((SELECT string_agg(community_id || ' ' || amount, ', ' ORDER BY community_id) FROM community.transfer WHERE refund_of IS NOT NULL AND amount = 177), '330203001001 177, 330203001002 177', 'to the very purse');
SELECT is(pg_temp.bal(shop2), 600::bigint, 'from the shop') FROM f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.ledger_refund(pg_temp.k(113), %s, (SELECT seq FROM community.transfer WHERE community_id = %s AND credit_id = %s AND refund_of IS NULL), 601)', c2, c2, shop2)), 'refund_too_much', 'never more than was paid') FROM f;
SELECT is((SELECT count(*) FROM community.ledger_refund(pg_temp.k(114), c, (SELECT seq FROM community.transfer WHERE community_id = c AND key = pg_temp.k(110)), 23)), 1::bigint, 'or it is taken back from the payer''s side') FROM f;
SELECT is((SELECT sum(owed)::bigint || ' ' || max(owed) FROM community.clearing_position()), '0 577', 'clearing still nets to zero');
SELECT is_empty('SELECT * FROM community.ledger_check()', 'and the ledger agrees');
-- Statement, trial balance, settlement.
SELECT is((SELECT balance FROM community.account_statement(c, a, now() - interval '1 hour', now() + interval '1 hour') ORDER BY at DESC, seq DESC LIMIT 1), pg_temp.bal(a), 'a statement ends with the balance') FROM f;
SELECT is((SELECT sum(amount)::bigint FROM community.account_statement(c, a, '-infinity', 'infinity')), pg_temp.bal(a), 'and adds up to it') FROM f;
SELECT is_empty('SELECT community_id, currency, sum(balance) FROM community.trial_balance() GROUP BY 1, 2 HAVING sum(balance) <> 0', 'the trial balance is zero');
SELECT is(pg_temp.reason(format('SELECT * FROM community.merchant_settle(%s, %s, current_date + 1)', c, shop)), 'settlement_early', 'a day that is not over') FROM f;
SELECT is(pg_temp.reason(format('SELECT * FROM community.merchant_settle(%s, %s, ''2020-01-01'')', c, a)), 'account_unknown', 'a purse is not settled') FROM f;
UPDATE community.transfer SET at = '2025-03-01 12:00+08', reference = CASE WHEN code = 'payment' THEN 'order "7"' ELSE reference END
  FROM f WHERE key IN (pg_temp.k(80), community._ledger_key(pg_temp.k(80), 'fee'), pg_temp.k(30), pg_temp.k(31));
INSERT INTO community.fee_rule (community_id, code, currency, rate, fee_account_id) SELECT c, 'payment', 'CNY', 0, fee FROM f;
SELECT results_eq(format('SELECT payments, gross, refunds, fees, net FROM community.merchant_settle(%s, %s, ''2025-03-01'')', c, shop),
    'VALUES (2::bigint, 2000::bigint, 400::bigint, 6::bigint, 1594::bigint)', 'gross, refunds, fees and net') FROM f;
SELECT is(hash, sha256(convert_to(file, 'UTF8')), 'the hash is of the file') FROM community.merchant_settlement;
SELECT is(array_length(string_to_array(rtrim(file, E'\n'), E'\n'), 1), 5, 'a header and a line a transfer') FROM community.merchant_settlement;
SELECT ok(file LIKE E'seq,at,kind,amount,code,reference\n%,2025-03-01T04:00:00.000000Z,payment,1000,payment,"order ""7"""\n%', 'as CSV') FROM community.merchant_settlement;
SELECT is((SELECT net FROM community.merchant_settle(c, shop, '2025-03-01')), 1594::bigint, 'a sealed day stays') FROM f;
UPDATE community.account SET opened_at = now() - interval '1 day';
SELECT is(community._job_ledger_settle(now()), 3::bigint, 'the job settles every merchant');
SELECT is(community._job_ledger_settle(now()), 0::bigint, 'once a day');

-- Proof, and what it finds.
SELECT is_empty('SELECT * FROM community.ledger_check()', 'accounts and journal agree');
SELECT is_empty('SELECT * FROM community.ledger_check(330203001002)', 'in one community too');
SELECT is_empty('SELECT * FROM community._health_ledger()', 'and health has nothing to say');
SAVEPOINT s;
UPDATE community.account SET credits_posted = credits_posted + 1 FROM f WHERE account_id = a;
SELECT results_eq('SELECT problem FROM community.ledger_check() ORDER BY 1', $$VALUES ('credits posted differ from the journal'), ('posted sides of CNY differ')$$, 'a changed balance is found');
SELECT is((SELECT severity FROM community._health_ledger()), 'error', 'by health too');
ROLLBACK TO s;
UPDATE community.transfer SET amount = amount + 1 WHERE key = pg_temp.k(3);
SELECT is((SELECT count(*) FROM community.ledger_check()), 2::bigint, 'a changed transfer is found at both accounts');
ROLLBACK TO s;
DELETE FROM community.transfer WHERE key = pg_temp.k(100);
SELECT is((SELECT count(*) FROM community.ledger_check()), 2::bigint, 'a deleted one too');
ROLLBACK TO s;
UPDATE community.transfer SET amount = 4000 WHERE key = pg_temp.k(13);
SELECT ok(EXISTS (SELECT FROM community.ledger_check() WHERE problem LIKE 'a hold is resolved above%'), 'a hold taken above its amount');
ROLLBACK TO s;
UPDATE community.transfer SET amount = 1001 WHERE key = pg_temp.k(31);
SELECT ok(EXISTS (SELECT FROM community.ledger_check() WHERE problem = 'more is refunded than was moved'), 'a refund above its transfer');
ROLLBACK TO s;
UPDATE community.transfer SET currency = 'POINT' WHERE key = pg_temp.k(3);
SELECT ok(EXISTS (SELECT FROM community.ledger_check() WHERE problem LIKE 'a transfer has a currency%'), 'a wrong currency');
ROLLBACK TO s;
SELECT is((SELECT count(*) FROM community.ledger_hold(pg_temp.k(120), c, a, shop, 5, now() + interval '1 hour')), 1::bigint, 'a hold') FROM f;
UPDATE community.transfer SET expires_at = now() - interval '2 hours' WHERE key = pg_temp.k(120);
SELECT ok(EXISTS (SELECT FROM community.ledger_check() WHERE problem = 'an expired hold is still open'), 'a hold that the job forgot');
ROLLBACK TO s;
UPDATE community.account SET debits_posted = debits_posted + 1 WHERE kind = 'clearing' AND community_id = 330203001001;
SELECT ok(EXISTS (SELECT FROM community.ledger_check() WHERE problem LIKE 'clearing with community%'), 'clearing that does not net');
ROLLBACK TO s;
UPDATE community.bank_order SET state = 'sent', answered_at = NULL, ordered_at = now() - interval '2 hours' WHERE kind = 'topup';
SELECT is((SELECT severity || ' ' || subject FROM community._health_ledger()), 'warn bank', 'a silent bank');
ROLLBACK TO s;

-- Capabilities: a clerk of one community.
CREATE ROLE ledger_clerk LOGIN;
SELECT community.member_add('ledger_clerk', 'ledger', 330203001001);
GRANT USAGE ON SCHEMA community TO ledger_clerk;
SET SESSION AUTHORIZATION ledger_clerk;
SELECT throws_ok('SELECT * FROM community.ledger_transfer(gen_random_uuid(), 330203001001, 1, 2, 5)', '42501', NULL, 'not without the API');
SELECT throws_ok('SELECT * FROM community.account', '42501', NULL, 'nor the tables');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
