#!/bin/bash
# Transfers of eight clients beside the same rows written by hand without any
# guard: spread over accounts, into one busy merchant, and with deferred credit.
# Rates are the best of three runs that take turns.
. "$(dirname "$0")/../test/lib/common.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
psql_q <<'EOF'
SET client_min_messages = warning;
SELECT count(*) FROM community.install('{ledger}');
SELECT community.community_register('330203001001', 'One', 'residential');
CREATE TABLE public.acc (n integer PRIMARY KEY, id bigint);
INSERT INTO public.acc SELECT n, community.account_open(330203001001, 'CNY', 'purse', 'person', n) FROM generate_series(1, 1000) n;
INSERT INTO public.acc VALUES (0, community.account_open(330203001001, 'CNY', 'bank', 'community', 1)),
    (1001, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1)),
    (1002, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 2, true));
SELECT count(*) FROM generate_series(1, 1000) n, community.ledger_transfer(md5('t' || n)::uuid, 330203001001,
    (SELECT id FROM public.acc WHERE n = 0), (SELECT id FROM public.acc a WHERE a.n = n.n), 100000000, 'topup');
-- By hand: an account row and a journal row, the same columns and indexes.
CREATE TABLE public.hand_account (LIKE community.account INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO public.hand_account SELECT * FROM community.account;
CREATE TABLE public.hand_transfer (LIKE community.transfer INCLUDING ALL);
CREATE FUNCTION public.hand(p_debit bigint, p_credit bigint, p_amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint;
BEGIN
    UPDATE public.hand_account SET debits_posted = debits_posted + p_amount WHERE community_id = 330203001001 AND account_id = p_debit;
    UPDATE public.hand_account SET credits_posted = credits_posted + p_amount WHERE community_id = 330203001001 AND account_id = p_credit;
    INSERT INTO public.hand_transfer (community_id, actor, key, phase, debit_id, credit_id, currency, amount, code)
    VALUES (330203001001, session_user, gen_random_uuid(), 'single', p_debit, p_credit, 'CNY', p_amount, 'payment') RETURNING seq INTO v;
    RETURN v;
END $$;
CREATE FUNCTION public.id(p integer) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM public.acc WHERE n = p';
VACUUM ANALYZE;
EOF
ours="SELECT seq FROM community.ledger_transfer(gen_random_uuid(), 330203001001, public.id(:a::integer), public.id(:b::integer), 1)"
hand="SELECT public.hand(public.id(least(:a::integer, :b::integer)), public.id(greatest(:a::integer, :b::integer)), 1)"
{ printf '\\set a random(1, 500)\n\\set b random(501, 1000)\n%s;\n' "$ours" >"$work/spread.ours"; printf '\\set a random(1, 500)\n\\set b random(501, 1000)\n%s;\n' "$hand" >"$work/spread.hand"; }
{ printf '\\set a random(1, 1000)\n\\set b 1001\n%s;\n' "$ours" >"$work/hot.ours"; printf '\\set a random(1, 1000)\n\\set b 1001\n%s;\n' "$hand" >"$work/hot.hand"; }
printf '\\set a random(1, 1000)\n\\set b 1002\n%s;\n' "$ours" >"$work/deferred.ours"
cp "$work/hot.hand" "$work/deferred.hand"

# rate FILE: transactions a second of eight clients over three seconds.
rate() {
    "$PGBIN/pgbench" -n -M prepared -c 8 -j 2 -T 3 -f "$1" 2>/dev/null | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

for kind in spread hot deferred; do
    best_ours=0 best_hand=0
    for _ in 1 2 3; do
        r=$(rate "$work/$kind.ours")
        [ "$r" -le "$best_ours" ] || best_ours=$r
        r=$(rate "$work/$kind.hand")
        [ "$r" -le "$best_hand" ] || best_hand=$r
        psql_q -c "SELECT community._job_ledger_fold(now())"
    done
    psql_q -c "SELECT bench.note('ledger_$kind', 1e6 / $best_ours, 1e6 / $best_hand, 2, 'us', '8 clients, a transfer beside two updates and an insert without guards')"
done
[ -z "$(psql_q -c 'SELECT * FROM community.ledger_check()')" ] || say "the ledger does not agree after the benchmark"
