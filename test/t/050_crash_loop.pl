# kill -9 in the middle of payments, holds, cases, doors, bank orders, audit, and
# a market with orders, suspensions and bookings:
# what was acknowledged is there, what was not is whole or absent, and a client
# that asks again gets the first answer.  CYCLES sets how often (make crash).
use strict;
use warnings;
use CommunityTest;
use CrashTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $cycles = $ENV{CYCLES} || 20;
my $clients = 4;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = ring_file($dir);
my $node = community_node('crash', conf => "shared_buffers = 64MB\nmax_connections = 40\nlog_statement = none\nrestart_after_crash = on\ncheckpoint_timeout = 30s\ncommunity.key_file = '$ring'\n");
platform_install($node, 'community');
world_make($node);

my @kinds = ('all', 'backend', 'postmaster', 'again');
my (%next, %count);
my ($acknowledged, @lost, @problems, @answers) = (0);
srand(20);
foreach my $cycle (1 .. $cycles)
{
	my @runs;
	foreach my $client (1 .. $clients)
	{
		# From the first that was not acknowledged on: it is sent again.
		$next{$client} //= 1;
		push @runs, client_start($node, $dir, $client, statements($client, $next{$client}, 4000));
	}
	sleep(0.3 + rand(0.5));
	my $kind = $kinds[ $cycle % @kinds ];
	server_kill($node, $kind eq 'again' ? 'all' : $kind);
	my @acks;
	foreach my $client (1 .. $clients)
	{
		my @mine = client_end($runs[ $client - 1 ], $dir, $client);
		my ($last) = @mine ? $mine[-1] =~ /^\w\|(?:\d+\.)?(\d+)\|/ : ();
		$next{$client} = $last + 1 if defined $last;
		push @acks, @mine;
	}
	server_kill_again($node) if $kind eq 'again';
	server_ready($node);
	acks_note($node, $dir, @acks);
	$acknowledged += @acks;
	$count{ substr($_, 0, 1) }++ foreach @acks;
	push @lost, map { "cycle $cycle ($kind): $_" } split /\n/, lost_acks($node) if $cycle % 5 == 0 || $cycle == $cycles;
	note("$cycle kills, $acknowledged acknowledged, " . @lost . ' lost, ' . @problems . ' problems') if $cycle % 20 == 0;
	push @problems, map { "cycle $cycle ($kind): $_" } split /\n/, problems($node);
	# Asked again, the server gives the answers it gave.
	push @answers, grep { $_ ne '' } split /\n/, $node->safe_psql(
		'community', q{
		SELECT a.* FROM (SELECT * FROM public.ack WHERE kind IN ('T', 'H') ORDER BY ctid DESC LIMIT 20) a
		  JOIN community.transfer t ON t.community_id = 330203001001 AND t.actor = 'postgres' AND t.key = md5(a.key)::uuid
		 CROSS JOIN LATERAL (
			SELECT r.seq, r.replayed FROM community.ledger_transfer(t.key, t.community_id, t.debit_id, t.credit_id, t.amount, t.code) r WHERE t.phase = 'single'
			UNION ALL
			SELECT r.seq, r.replayed FROM community.ledger_hold(t.key, t.community_id, t.debit_id, t.credit_id, t.amount, t.expires_at) r WHERE t.phase = 'hold') r
		 WHERE r.seq <> a.number OR NOT r.replayed;
		SELECT a.* FROM (SELECT * FROM public.ack WHERE kind = 'C' ORDER BY ctid DESC LIMIT 5) a,
			community.case_report(md5(a.key)::uuid, 'noise', 121.505, 29.805, a.key, 'app') r WHERE r.case_id <> a.number;
		SELECT a.* FROM (SELECT * FROM public.ack WHERE kind = 'N' ORDER BY ctid DESC LIMIT 5) a
		  JOIN community.service_order o ON o.order_id = a.number,
			community.match_demand(md5(a.key)::uuid, 330203001001, o.demand_id, o.offer_id) r WHERE r.order_id <> a.number;
	});
}

note("$cycles kills, $acknowledged acknowledged: " . join(', ', map { "$_ $count{$_}" } sort keys %count));
cmp_ok($acknowledged, '>', 10 * $cycles, 'commands were acknowledged between the kills');
is(join(' ', sort keys %count), 'A B C D E F G H J M N O P R S T', 'commands of every kind');
is(join("\n", @lost), '', 'nothing acknowledged is lost');
is(join("\n", @problems), '', 'no invariant is violated after any kill');
is(join("\n", @answers), '', 'whoever asks again gets the first answer');
is($node->safe_psql('community', q{SELECT count(*) FROM (SELECT kind, key FROM public.ack WHERE kind <> 'D' AND kind <> 'A' GROUP BY kind, key HAVING count(DISTINCT number) > 1) x}), '0', 'one answer for each key');
$node->safe_psql('community', 'SELECT community._job_ledger_fold(now())');
is(problems($node), '', 'and folding what waited changes nothing');

done_testing();
