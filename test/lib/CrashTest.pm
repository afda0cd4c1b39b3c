# CrashTest.pm: clients that work in a small community while the server is
# killed, cancelled, starved or replaced, and the proofs of what must hold after.
#
# A client is psql with one statement per transaction.  It prints a line when a
# statement was answered, so every line is an acknowledged commit:
#   kind|key|number
package CrashTest;

use strict;
use warnings;
use CrashMarket;
use Exporter 'import';
use POSIX ':sys_wait_h';
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);

our @EXPORT = qw(ring_file world_make statements client_start client_ended client_end acknowledged acks_note
  lost_acks problems gone server_kill server_kill_again server_ready put_file);

# Write a file.
sub put_file
{
	my ($path, $text) = @_;

	open(my $f, '>', $path) or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
	return $path;
}

# Make a key ring that only its owner reads and return its path.
sub ring_file
{
	my ($dir) = @_;
	my $ring = put_file("$dir/ring", scalar `@{[ CommunityTest::tree('test/lib/make-ring.sh') ]}`);

	chmod 0400, $ring;
	return $ring;
}

# Two communities: twenty purses, a merchant, one with deferred credit, a bank;
# a grid and a duty for cases; a door and four cards, one for each client; a market.
sub world_make
{
	my ($node) = @_;

	$node->safe_psql(
		'community', q{
		SELECT community.community_register('330203', 'District', 'district');
		SELECT community.community_register('330203001', 'Street', 'street');
		SELECT community.community_register('330203001001', 'One', 'residential');
		SELECT community.community_register('330203001002', 'Two', 'residential');
		SELECT community.ensure_partitions(now() - interval '1 day', now() + interval '1 day');
		CREATE TABLE public.acc (n integer PRIMARY KEY, id bigint);
		INSERT INTO public.acc SELECT n, community.account_open(330203001001, 'CNY', 'purse', 'person', n) FROM generate_series(1, 20) n;
		INSERT INTO public.acc VALUES (0, community.account_open(330203001001, 'CNY', 'bank', 'community', 1)),
			(21, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1)),
			(22, community.account_open(330203001001, 'CNY', 'merchant', 'organization', 2, true)),
			(30, community.account_open(330203001002, 'CNY', 'purse', 'person', 1));
		CREATE FUNCTION public.acc(p integer) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT id FROM public.acc WHERE n = p';
		SELECT count(*) FROM generate_series(1, 20) n, community.ledger_transfer(md5('topup' || n)::uuid, 330203001001, public.acc(0), public.acc(n), 100000, 'topup');
		SELECT community.grid_add('330203001001001', 'Grid', 'unit',
			'{"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.51, 29.8], [121.51, 29.81], [121.5, 29.81], [121.5, 29.8]]]}');
		SELECT community.duty_add('330203', NULL, community.organization_add(330203000000, 'Bureau', 'government'), '(,)', true);
		SELECT community.card_issuer_add(330203001001, 7, 'hmac-sha256');
		CREATE TABLE public.tapper AS
		SELECT row_number() OVER (ORDER BY a.card_id) AS n, a.card_id, a.person_id, NULL::text AS cred
		  FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(1, 8)::bigint), 'resident', '{door,debit}', now() + interval '1 year') a;
		SELECT count(community.card_event(330203001001, card_id, 'produce')) FROM public.tapper;
		UPDATE public.tapper t SET cred = (SELECT credential FROM community.card_issue(330203001001, t.card_id));
		SELECT count(community.card_event(330203001001, card_id, 'activate')) FROM public.tapper;
		SELECT community.rule_add(330203001001, community.zone_add(330203001001, 'Zone', 'soft'));
		CREATE TABLE public.door AS SELECT community.point_add(330203001001, zone_id, 'Door', '330203001001') AS point FROM community.access_zone;
		CREATE TABLE public.ack (kind text, key text, number bigint);
	} . market_make());
	return;
}

# The statements of one client from number $from on, as a list of texts.  Every
# one may be sent again: a key or a counter makes it happen once.
sub statements
{
	my ($client, $from, $count, $ack) = @_;
	my $c = 330203001001;
	my @texts;

	foreach my $i ($from .. $from + $count - 1)
	{
		my ($a, $b, $m) = (1 + $i * 7 % 20, 1 + ($i * 7 + 3) % 20, 21 + $i % 2);
		my $key = "$client.$i";
		my $k = "md5('$key')::uuid";
		my $kind = $i % 20;
		my $s;
		if ($kind == 0) { $s = "SELECT 'T|$key|' || seq FROM community.ledger_transfer($k, $c, public.acc(0), public.acc($a), 50, 'topup');"; }
		elsif ($kind == 1) { $s = "SELECT 'H|$key|' || seq FROM community.ledger_hold($k, $c, public.acc($a), public.acc($m), 9, '2100-01-01');"; }
		elsif ($kind == 2)
		{
			# the hold of the statement before, posted or given back
			my $held = "$client." . ($i - 1);
			my $how = $i % 40 < 20 ? 'post' : 'void';
			$s = "SELECT 'R|$key|' || r.seq FROM community.transfer t, community.ledger_$how($k, $c, t.seq) r WHERE t.community_id = $c AND t.actor = session_user AND t.key = md5('$held')::uuid;";
		}
		elsif ($kind == 3) { $s = "SELECT 'C|$key|' || case_id FROM community.case_report($k, 'noise', 121.505, 29.805, '$key', 'app');"; }
		elsif ($kind == 4)
		{
			my $reported = "$client." . ($i - 1);
			$s = "SELECT 'E|$key|' || e.log_id FROM community.api_call a, community.case_event($k, $c, (a.answer ->> 'case_id')::bigint, 'accept', '{\"actor\": \"h\"}') e WHERE a.actor = session_user AND a.key = md5('$reported')::uuid;";
		}
		elsif ($kind == 5 || $kind == 8)
		{
			$s = "SELECT 'D|$i|' || d.log_id FROM public.tapper t, public.door, community.door_open($c, point, t.cred::community.credential, $i) d WHERE t.n = $client AND d.decision = 'granted';";
		}
		elsif ($kind == 6) { $s = "SELECT 'O|$key|' || community.bank_topup($k, $c, public.acc($a), public.acc(0), 10);"; }
		elsif ($kind == 7) { $s = "SELECT 'B|$key|' || from_seq FROM community.ledger_transfer_between($k, $c, public.acc($a), 330203001002, public.acc(30), 2);"; }
		elsif ($kind >= 10) { $s = market_statement($client, $i, $kind - 10); }
		elsif ($i % 60 == 9) { $s = "SELECT 'A|$key|0' FROM community.account_limit($c, public.acc($b), 1000000 + $i, NULL);"; }
		else { $s = "SELECT 'T|$key|' || seq FROM community.ledger_transfer($k, $c, public.acc($a), public.acc($m), 1);"; }
		push @texts, "$s\n";
	}
	return @texts;
}

# Start a client with a list of statements and return its process.  It goes on
# after an error and ends when its connection is lost.
sub client_start
{
	my ($node, $dir, $client, @texts) = @_;
	my $file = put_file("$dir/statements.$client", join('', @texts));
	my $pid = fork() // die "fork: $!";

	return $pid if $pid;
	$ENV{PGAPPNAME} = 'client';
	open(STDIN, '<', '/dev/null');
	open(STDOUT, '>', "$dir/acks.$client");
	open(STDERR, '>', "$dir/errors.$client");
	exec('psql', '-XAtq', '-d', $node->connstr('community') . ' user=postgres', '-f', $file) or POSIX::_exit(1);
}

# Tell whether a client has ended; it is reaped then.
sub client_ended
{
	my ($pid) = @_;

	return waitpid($pid, WNOHANG) != 0;
}

# Wait for a client and return what was acknowledged to it.
sub client_end
{
	my ($pid, $dir, $client) = @_;

	waitpid($pid, 0);
	return acknowledged("$dir/acks.$client");
}

# Return the lines of a file of acknowledgements.
sub acknowledged
{
	my ($file) = @_;

	open(my $f, '<', $file) or die "$file: $!";
	my @lines = grep { /^[A-Z]\|[\d.]+\|\d+$/ } <$f>;
	close $f;
	chomp @lines;
	return @lines;
}

# Keep acknowledgements in the database, in public.ack.
sub acks_note
{
	my ($node, $dir, @lines) = @_;
	my $file = put_file("$dir/acks.all", join('', map { s/\|/\t/gr . "\n" } @lines));

	$node->safe_psql('community', "\\copy public.ack FROM '$file'");
	return;
}

# Return acknowledged things of public.ack that are not there as they were
# acknowledged, one a line; '' when nothing is lost.
sub lost_acks
{
	my ($node) = @_;

	return $node->safe_psql(
		'community', q{
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.transfer t ON t.community_id = 330203001001 AND t.actor = 'postgres' AND t.key = md5(a.key)::uuid AND t.seq = a.number
		 WHERE a.kind IN ('T', 'H', 'R', 'B') AND t.seq IS NULL;
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.transfer t ON t.community_id = 330203001002 AND t.actor = 'postgres' AND t.key = community._ledger_key(md5(a.key)::uuid, 'to')
		 WHERE a.kind = 'B' AND t.seq IS NULL;
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.case_file f ON f.community_id = 330203001001 AND f.case_id = a.number AND f.description = a.key
		 WHERE a.kind = 'C' AND f.case_id IS NULL;
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.case_log l ON l.community_id = 330203001001 AND l.log_id = a.number AND l.event = 'accept'
		 WHERE a.kind = 'E' AND l.log_id IS NULL;
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.door_log l ON l.community_id = 330203001001 AND l.log_id = a.number AND l.counter = a.key::bigint AND l.decision = 'granted'
		 WHERE a.kind = 'D' AND l.log_id IS NULL;
		SELECT a.* FROM public.ack a
		  LEFT JOIN community.bank_order o ON o.community_id = 330203001001 AND o.order_id = a.number AND o.key = md5(a.key)::uuid
		  LEFT JOIN community.outbox b ON b.community_id = 330203001001 AND b.msg_id = md5(a.key)::uuid
		 WHERE a.kind = 'O' AND (o.order_id IS NULL OR b.seq IS NULL);
		SELECT a.* FROM public.ack a
		 WHERE a.kind = 'A' AND NOT EXISTS (SELECT FROM community.audit_log l
			WHERE l.community_id = 330203001001 AND l.action = 'account_limit' AND l.detail ->> 'limit_transfer' = (1000000 + split_part(a.key, '.', 2)::bigint)::text);
	} . market_lost());
}

# Return every breach of what must hold at any time, one a line; '' when all is
# well: the ledger, the chains, cases and their log, counters and doors, bank
# orders and their messages, commands and their answers, the market.
sub problems
{
	my ($node, $database) = @_;

	return $node->safe_psql(
		$database // 'community', q{
		SELECT 'ledger', c.* FROM community.ledger_check() c;
		SELECT 'audit', h.community_id, v.* FROM community.audit_head h, community.audit_verify(h.community_id) v;
		SELECT 'outbox', h.community_id, v.* FROM community.outbox_head h, community.outbox_verify(h.community_id, h.peer) v;
		SELECT 'half a case', coalesce(f.case_id, l.case_id), f.state, f.seq, l.n, l.last, l.state
		  FROM community.case_file f
		  FULL JOIN (SELECT community_id, case_id, count(*) AS n, max(seq) AS last, (array_agg(to_state ORDER BY seq DESC))[1] AS state,
		                    (array_agg(event ORDER BY seq))[1] AS first
		               FROM community.case_log GROUP BY 1, 2) l ON l.community_id = f.community_id AND l.case_id = f.case_id
		 WHERE (f.seq, f.state) IS DISTINCT FROM (l.last, l.state) OR l.n <> l.last OR l.first <> 'report';
		SELECT 'a counter opened twice', l.holder, l.counter, count(*) FROM community.door_log l
		 WHERE l.decision = 'granted' AND l.counter IS NOT NULL GROUP BY l.holder, l.counter HAVING count(*) > 1;
		SELECT 'a counter is behind its log', c.card_id, c.counter, max(l.counter) FROM community.card c
		  JOIN community.door_log l ON l.community_id = c.community_id AND l.holder = c.holder AND l.decision = 'granted'
		 GROUP BY c.card_id, c.counter HAVING c.counter < max(l.counter);
		SELECT 'an order without its message', o.order_id FROM community.bank_order o
		 WHERE NOT EXISTS (SELECT FROM community.outbox b WHERE b.community_id = o.community_id AND b.msg_id = o.key AND (b.payload ->> 'order')::bigint = o.order_id);
		SELECT 'a message without its order', b.seq FROM community.outbox b
		 WHERE b.topic LIKE 'bank.%' AND NOT EXISTS (SELECT FROM community.bank_order o WHERE o.community_id = b.community_id AND o.key = b.msg_id);
		SELECT 'a command without its answer', a.key FROM community.api_call a WHERE a.answer IS NULL;
		SELECT 'half a transfer between communities', coalesce(a.seq, b.seq)
		  FROM (SELECT * FROM community.transfer WHERE community_id = 330203001001 AND credit_id IN (SELECT account_id FROM community.account WHERE kind = 'clearing')) a
		  FULL JOIN (SELECT * FROM community.transfer WHERE community_id = 330203001002) b ON b.key = community._ledger_key(a.key, 'to')
		 WHERE a.seq IS NULL OR b.seq IS NULL OR a.amount <> b.amount;
	} . market_problems());
}

# Wait until processes are gone, zombies too: the server takes one for alive.
sub gone
{
	my @pids = @_;

	foreach my $pid (@pids)
	{
		for my $try (1 .. 1200)
		{
			last unless -d "/proc/$pid";
			sleep(0.05);
			die "process $pid does not end" if $try == 1200;
		}
	}
	return;
}

# The postmaster of a node and its children.
sub server_pids
{
	my ($node) = @_;

	open(my $f, '<', $node->data_dir . '/postmaster.pid') or die "no postmaster: $!";
	my $postmaster = 0 + <$f>;
	close $f;
	return ($postmaster, grep { /^\d+$/ } split /\s+/, `ps -o pid= --ppid $postmaster`);
}

# kill -9: all (postmaster, then its children), postmaster (the children notice
# by themselves), or backend (one that works for a client; the postmaster ends
# the others and recovers).
sub server_kill
{
	my ($node, $what) = @_;
	my ($postmaster, @children) = server_pids($node);

	if ($what eq 'backend')
	{
		my ($backend) = `ps -o pid=,args= --ppid $postmaster` =~ /(\d+) [^\n]*postgres community \[local\]/;
		return server_kill($node, 'all') unless defined $backend;
		kill 'KILL', $backend;
		gone(@children);
		return;
	}
	kill 'KILL', $postmaster, $what eq 'all' ? @children : ();
	gone($postmaster, @children);
	$node->{_pid} = undef;
	return;
}

# Start the server and kill it again while it recovers.
sub server_kill_again
{
	my ($node) = @_;
	my $file = $node->data_dir . '/postmaster.pid';
	my $stale = slurp_file($file);

	system_log('pg_ctl', '-W', '-s', '-D', $node->data_dir, '-l', $node->logfile, 'start');
	for (1 .. 500)
	{
		last if -s $file && slurp_file($file) ne $stale;
		sleep(0.01);
	}
	sleep(rand(0.1));
	server_kill($node, 'all');
	return;
}

# Start the server unless it runs, and wait until it takes commands.
sub server_ready
{
	my ($node) = @_;

	$node->start unless defined $node->{_pid};
	$node->poll_query_until('community', 'SELECT true') or die 'the server does not recover';
	return;
}

1;
