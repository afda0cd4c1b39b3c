# The ledger under racing clients: nothing moves twice, no invariant breaks.
# What kills and cuts do to it: 050_crash_loop.pl and 051_ledger_faults.pl.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = community_node('ledger', conf => "shared_buffers = 64MB\nmax_connections = 40\n");
platform_install($node, 'community');
my $dir = PostgreSQL::Test::Utils::tempdir();

# Two communities, twenty purses with little money, a merchant that everybody
# pays, one whose credits are deferred.
$node->safe_psql(
	'community', q{
	SELECT community.community_register('330203001001', 'One', 'residential');
	SELECT community.community_register('330203001002', 'Two', 'residential');
	CREATE TABLE public.acc (n integer PRIMARY KEY, id bigint);
	INSERT INTO public.acc SELECT n, community.account_open(330203001001, 'CNY', 'purse', 'person', n) FROM generate_series(1, 20) n;
	INSERT INTO public.acc VALUES (0, community.account_open(330203001001, 'CNY', 'bank', 'community', 1)),
		(21, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1)),
		(22, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 2, true)),
		(30, community.account_open(330203001002, 'CNY', 'purse', 'person', 1));
	SELECT count(*) FROM generate_series(1, 20) n, community.ledger_transfer(md5('topup' || n)::uuid, 330203001001,
		(SELECT id FROM public.acc WHERE n = 0), (SELECT id FROM public.acc a WHERE a.n = n.n), 500, 'topup');
	-- Refusals are answers here, errors are not.
	CREATE FUNCTION public.try(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE v text;
	BEGIN
		EXECUTE p_sql INTO v;
		RETURN v;
	EXCEPTION WHEN SQLSTATE 'PT409' THEN
		GET STACKED DIAGNOSTICS v = PG_EXCEPTION_DETAIL;
		RETURN v;
	END $$;
	CREATE FUNCTION public.acc(p integer) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM public.acc WHERE n = p';
});

# Races: payments, crossing transfers, keys that several clients share, holds
# posted and voided at once, refunds, clearing, folding.
open(my $f, '>', "$dir/race.sql") or die;
print $f <<'EOF';
\set a random(1, 20)
\set b random(1, 20)
\set m random(21, 22)
\set amount random(1, 60)
\set shared random(1, 400)
SELECT public.try(format('SELECT seq FROM community.ledger_transfer(gen_random_uuid(), 330203001001, %s, %s, %s)', public.acc(:a), public.acc(:m), :amount));
SELECT public.try(format('SELECT seq FROM community.ledger_transfer(gen_random_uuid(), 330203001001, %s, %s, %s, ''gift'')', public.acc(:a), public.acc(:b), :amount)) WHERE :a <> :b;
SELECT public.try(format('SELECT seq FROM community.ledger_transfer(md5(%L)::uuid, 330203001001, %s, %s, 3, ''shared'')', 'shared' || :shared, public.acc(:shared % 20 + 1), public.acc((:shared + 7) % 20 + 1)));
SELECT public.try(format('SELECT seq FROM community.ledger_hold(md5(%L)::uuid, 330203001001, %s, %s, 9, ''2100-01-01'')', 'hold' || :shared, public.acc(:shared % 20 + 1), public.acc(:shared % 2 + 21)));
SELECT public.try(format('SELECT seq FROM community.%s(gen_random_uuid(), 330203001001, %s)', CASE WHEN :a > 10 THEN 'ledger_post' ELSE 'ledger_void' END, t.seq))
  FROM community.transfer t WHERE t.community_id = 330203001001 AND t.phase = 'hold' AND t.key = md5('hold' || :shared)::uuid;
SELECT public.try(format('SELECT seq FROM community.ledger_refund(gen_random_uuid(), 330203001001, %s, %s)', t.seq, :amount / 2 + 1))
  FROM community.transfer t WHERE t.community_id = 330203001001 AND t.phase = 'single' AND t.refund_of IS NULL AND t.key = md5('shared' || :shared)::uuid;
SELECT public.try(format('SELECT from_seq FROM community.ledger_transfer_between(gen_random_uuid(), 330203001001, %s, 330203001002, %s, 2)', public.acc(:a), public.acc(30)));
SELECT public.try(format('SELECT from_seq FROM community.ledger_transfer_between(gen_random_uuid(), 330203001002, %s, 330203001001, %s, 1)', public.acc(30), public.acc(:b)));
SELECT public.try(format('SELECT seq FROM community.ledger_transfer(gen_random_uuid(), 330203001001, %s, %s, 5, ''topup'')', public.acc(0), public.acc(:b)));
SELECT community._job_ledger_fold(now()) WHERE :a = 1;
EOF
close $f;
my ($out, $err);
IPC::Run::run([ 'pgbench', '-n', '-c', 8, '-j', 2, '-T', 8, '-f', "$dir/race.sql", '-h', $node->host, '-p', $node->port, '-U', 'postgres', 'community' ], '>', \$out, '2>', \$err);
is($?, 0, 'eight clients race without an error or a deadlock') or diag($err);
cmp_ok($node->safe_psql('community', 'SELECT count(*) FROM community.transfer'), '>', 500, 'and much is moved');
is($node->safe_psql('community', 'SELECT * FROM community.ledger_check()'), '', 'every invariant holds');
is($node->safe_psql('community', q{SELECT count(*) FROM community.transfer WHERE code = 'shared' AND phase = 'single'}),
	$node->safe_psql('community', q{SELECT count(DISTINCT key) FROM community.transfer WHERE code = 'shared'}), 'a shared key moved once');
$node->safe_psql('community', 'SELECT community._job_ledger_fold(now())');
is($node->safe_psql('community', 'SELECT count(*) FROM community.credit_delta'), '0', 'folding ends');

done_testing();
