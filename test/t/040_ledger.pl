# The ledger under racing clients and under kill -9: nothing acknowledged is
# lost, nothing moves twice, no invariant breaks.  CRASH_CYCLES sets how often
# the server is killed.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $cycles = $ENV{CRASH_CYCLES} || 20;
my $clients = 4;
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

# Kill -9 of the server and its sessions while clients write down what was
# acknowledged.
my ($acknowledged, $lost, $violations) = (0, 0, 0);
foreach my $cycle (1 .. $cycles)
{
	my @runs;
	foreach my $client (1 .. $clients)
	{
		my $file = "$dir/commands.$client";
		open(my $c, '>', $file) or die;
		foreach my $i (1 .. 3000)
		{
			my ($a, $m) = (1 + int(rand(20)), 21 + int(rand(2)));
			my $key = "crash $cycle $client $i";
			# money in and out again, so that it never ends
			print $c "SELECT '$key' FROM public.try(format('SELECT seq FROM community.ledger_transfer(md5(%L)::uuid, 330203001001, %s, %s, 1, %L)', '$key', "
			  . ($i % 2 ? "public.acc(0), public.acc($a), 'topup'" : "public.acc($a), public.acc($m), 'payment'") . ")) t WHERE t NOT LIKE 'reason=%';\n";
		}
		close $c;
		push @runs, IPC::Run::start([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', 'community', '-f', $file ], '>', "$dir/acks.$client", '2>', '/dev/null');
	}
	sleep(0.3 + rand(0.5));
	my $postmaster = $node->{_pid};
	my @children = split /\s+/, `ps -o pid= --ppid $postmaster`;
	kill 'KILL', $postmaster, grep { /^\d+$/ } @children;
	$_->finish foreach @runs;
	foreach my $pid ($postmaster, grep { /^\d+$/ } @children)
	{
		for (1 .. 100) { last unless -d "/proc/$pid"; sleep(0.05); }
	}
	$node->{_pid} = undef;
	$node->start;
	my @acks = map { open(my $a, '<', "$dir/acks.$_") or die; my @l = grep { /^crash/ } <$a>; chomp @l; @l } 1 .. $clients;
	$acknowledged += @acks;
	put("$dir/acks", join('', map { "$_\n" } @acks));
	$lost += $node->safe_psql('community', qq{
		CREATE TEMP TABLE ack (key text);
		\\copy ack FROM '$dir/acks'
		SELECT count(*) FROM ack WHERE NOT EXISTS (SELECT FROM community.transfer t WHERE t.community_id = 330203001001 AND t.key = md5(ack.key)::uuid)});
	$violations += $node->safe_psql('community', 'SELECT count(*) FROM community.ledger_check()');
}

# Write a file.
sub put
{
	my ($path, $text) = @_;
	open(my $p, '>', $path) or die "$path: $!";
	print $p $text;
	close $p;
	return;
}

diag("$cycles kills, $acknowledged acknowledged transfers");
cmp_ok($acknowledged, '>', 20 * $cycles, 'transfers were acknowledged between the kills');
is($lost, 0, 'no acknowledged transfer is lost');
is($violations, 0, 'no invariant is violated after any kill');

done_testing();
