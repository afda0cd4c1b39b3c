# What happens to servers, to the ledger and what goes with it: sessions that are
# cancelled and terminated while clients reconnect, a disk that is full, a
# standby that takes over, a dump that is restored.  Nothing acknowledged is lost
# and no invariant breaks.
use strict;
use warnings;
use CommunityTest;
use CrashTest;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $clients = 4;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = ring_file($dir);
my $node = community_node('faults', start => 0,
	conf => "shared_buffers = 64MB\nmax_connections = 40\nlog_statement = none\nmin_wal_size = 32MB\nmax_wal_size = 48MB\ncommunity.key_file = '$ring'\nwal_level = replica\nmax_wal_senders = 4\n");
$node->start;
platform_install($node, 'community');
world_make($node);
my (%next, %count);

# Start the clients where each stands.
sub clients_start
{
	my ($on, $count) = @_;

	return map { $next{$_} //= 1; client_start($on, $dir, $_, statements($_, $next{$_}, $count)) } 1 .. $clients;
}

# End a client: return its acknowledgements, and go on behind the last of them.
sub collect
{
	my ($run, $client) = @_;
	my @acks = client_end($run, $dir, $client);

	$next{$client} = 1 + ($acks[-1] =~ /^\w\|(?:\d+\.)?(\d+)\|/)[0] if @acks;
	$count{ substr($_, 0, 1) }++ foreach @acks;
	return @acks;
}

# Wait until the clients have been answered a hundred commands or so.
sub busy
{
	my ($on) = @_;
	my $begun = $on->safe_psql('community', 'SELECT count(*) FROM community.transfer');

	$on->poll_query_until('community', "SELECT count(*) > $begun + 60 FROM community.transfer") or die 'the clients do nothing';
	return;
}

# A storm: every 20 ms some statement is cancelled or some session terminated.
# A client that loses its connection comes back and repeats what it does not know.
{
	put_file("$dir/statements.storm", q{
		DO $$
		BEGIN
			FOR i IN 1 .. 200 LOOP
				PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
				PERFORM CASE WHEN random() < 0.7 THEN pg_cancel_backend(pid) ELSE pg_terminate_backend(pid) END
				   FROM (SELECT pid FROM pg_stat_activity WHERE application_name = 'client' ORDER BY random() LIMIT 1) a;
			END LOOP;
		END $$;
	});
	my $storm = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('community') . ' user=postgres application_name=storm', '-f', "$dir/statements.storm" ], '<', '/dev/null', '>', "$dir/storm", '2>&1');
	my ($reconnects, @acks) = (0);
	my @runs = clients_start($node, 300);
	my $end = time() + 60;
	while (time() < $end && $node->safe_psql('community', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'storm'}) ne '0')
	{
		foreach my $client (1 .. $clients)
		{
			next unless client_ended($runs[ $client - 1 ]);
			push @acks, collect($runs[ $client - 1 ], $client);
			$reconnects++;
			$runs[ $client - 1 ] = client_start($node, $dir, $client, statements($client, $next{$client}, 300));
		}
		sleep(0.01);
	}
	ok($storm->finish, 'the storm ends') or diag(slurp_file("$dir/storm"));
	push @acks, collect($runs[ $_ - 1 ], $_) foreach 1 .. $clients;
	acks_note($node, $dir, @acks);
	my $log = slurp_file($node->logfile);
	my $cancelled = () = $log =~ /canceling statement due to user request/g;
	my $terminated = () = $log =~ /terminating connection due to administrator command/g;
	note("$cancelled cancelled, $terminated terminated, $reconnects starts, " . @acks . ' acknowledged');
	cmp_ok($cancelled, '>', 10, 'statements are cancelled');
	cmp_ok($terminated, '>', 10, 'sessions are terminated');
	cmp_ok(scalar(@acks), '>', 20, 'and clients are answered all the same');
	is(lost_acks($node), '', 'storm: nothing acknowledged is lost');
	is(problems($node), '', 'storm: no invariant is violated');
}


# A full disk.  The data lie on a small file system that only this test sees, in
# a user namespace of its own; where that is not allowed this part is skipped.
SKIP:
{
	my ($uid, $gid) = ($>, 0 + $));
	my $data = $node->data_dir;
	my @namespace = ('unshare', '--user', '--map-root-user', '--mount');

	skip 'no user namespaces with mounts here', 8
	  if system("@namespace sh -c 'mount -t tmpfs none /mnt && unshare --user --map-user=$uid --map-group=$gid true' >/dev/null 2>&1") != 0;
	$node->stop;
	my ($size) = `du -sm $data` =~ /^(\d+)/;
	rename($data, "$data.full") or die $!;
	mkdir($data, 0700) or die $!;

	# A shell inside, which takes commands as the same user.
	my ($in, $out) = ('', '');
	my $inside = IPC::Run::start([ @namespace, 'sh', '-c', 'mount -t tmpfs -o mode=0700,size=' . ($size + 80) . "m none '$data' && cp -a '$data.full/.' '$data' && exec unshare --user --map-user=$uid --map-group=$gid sh" ],
		'<', \$in, '>', \$out, '2>&1');
	my $calls = 0;
	my $call = sub {
		my ($command) = @_;
		$calls++;
		$out = '';
		$in .= "$command\necho ended $calls \$?\n";
		$inside->pump until $out =~ /^ended $calls (\d+)$/m;
		return $1;
	};
	my $log = $node->logfile;
	my $start = "pg_ctl -w -s -D '$data' -l '$log' start > /dev/null 2>&1";

	is($call->($start), 0, 'the server starts on a small disk') or diag($out);
	my $offset = -s $log;
	# Once the disk is full, one session, opened before, fills the log of
	# transactions too; the tables meet the end of the disk first.
	my $filler = client_start($node, $dir, 'filler', "SELECT pg_current_xact_id(), pg_switch_wal();\nCHECKPOINT;\n", q{DO $$
		BEGIN
			WHILE pg_stat_file('ballast', true) IS NULL LOOP PERFORM pg_sleep(0.05); END LOOP;
			PERFORM pg_sleep(2);
			FOR i IN 1 .. 40 LOOP
				PERFORM pg_current_xact_id();
				PERFORM pg_switch_wal();
				COMMIT;
			END LOOP;
		END $$;});
	my @runs = clients_start($node, 3000);
	busy($node);
	$call->("cat /dev/zero > '$data/ballast' 2>/dev/null");
	my @acks;
	push @acks, collect($runs[ $_ - 1 ], $_) foreach 1 .. $clients;
	client_end($filler, $dir, 'filler');
	my $said = join("\n", grep { /No space left/ } split /\n/, substr(slurp_file($log), $offset));
	like($said, qr/ERROR:  could not extend file .*No space left on device/, 'tables could not grow');
	like($said, qr/PANIC:  could not write .*No space left on device/, 'nor the log of transactions: the server stops');
	cmp_ok(scalar(@acks), '>', 50, 'before, ' . @acks . ' commands were answered');
	$call->("pg_ctl -s -D '$data' -m immediate stop; rm '$data/ballast'");
	is($call->($start), 0, 'with space again, the server recovers');
	acks_note($node, $dir, @acks);
	is(lost_acks($node), '', 'full disk: nothing acknowledged is lost');
	is(problems($node), '', 'full disk: no invariant is violated');
	push @acks, collect(client_start($node, $dir, $_, statements($_, $next{$_}, 20)), $_) foreach 1 .. $clients;
	is(problems($node), '', 'and the work goes on');

	# Back to where the data lay before.
	$call->("pg_ctl -w -s -D '$data' stop");
	is($call->("cp -a '$data/.' '$data.full'"), 0, 'the data move to the large disk');
	$in .= "exit\n";
	$inside->finish;
	rmdir($data) or die "$data: $!";
	rename("$data.full", $data) or die $!;
	$node->{_pid} = undef;
	$node->start;
}


# A synchronous standby takes over from a primary that is killed: what was
# acknowledged is there.
$node->append_conf('postgresql.conf', "synchronous_standby_names = '*'\nsynchronous_commit = on\n");
$node->append_conf('pg_hba.conf', "local replication all trust\n");
$node->backup('base');
$node->restart;
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''\n");
$standby->start;
ok($node->poll_query_until('postgres', q{SELECT sync_state = 'sync' FROM pg_stat_replication}), 'a synchronous standby follows');
{
	my @runs = clients_start($node, 3000);
	busy($node);
	server_kill($node, 'all');
	my @acks = map { collect($runs[ $_ - 1 ], $_) } 1 .. $clients;
	$standby->promote;
	$standby->poll_query_until('community', 'SELECT NOT pg_is_in_recovery()') or die 'the standby is not promoted';
	acks_note($standby, $dir, @acks);
	cmp_ok(scalar(@acks), '>', 50, scalar(@acks) . ' commands were acknowledged before the primary died');
	is(lost_acks($standby), '', 'promotion: nothing acknowledged is lost');
	is(problems($standby), '', 'promotion: no invariant is violated');
	@acks = map { collect(client_start($standby, $dir, $_, statements($_, $next{$_}, 20)), $_) } 1 .. $clients;
	cmp_ok(scalar(@acks), '>', 40, 'the clients go on with the new primary');
	is(problems($standby), '', 'and still no invariant is violated');
}

# A dump restored elsewhere holds the same books, and they go on.
my $books = 'SELECT * FROM community.trial_balance()';
my $target = community_node('restored', preload => '', conf => "community.key_file = '$ring'\nlog_statement = none\n");
$standby->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/dump", '-d', $standby->connstr('community'), '-U', 'postgres' ], 'the ledger is dumped');
$target->safe_psql('postgres', $standby->safe_psql('postgres', q{SELECT 'CREATE ROLE ' || quote_ident(rolname) || ';' FROM pg_roles WHERE rolname LIKE 'community\_%' ORDER BY 1}));
$target->command_ok([ 'pg_restore', '--exit-on-error', '-C', '-d', $target->connstr('postgres'), '-U', 'postgres', "$dir/dump" ], 'and restored');
is($target->safe_psql('community', $books), $standby->safe_psql('community', $books), 'the trial balance is the same');
is(lost_acks($target), '', 'restore: nothing acknowledged is lost');
is(problems($target), '', 'restore: no invariant is violated');
my @acks = map { collect(client_start($target, $dir, $_, statements($_, $next{$_}, 20)), $_) } 1 .. $clients;
cmp_ok(scalar(@acks), '>', 40, 'the clients go on with the restored copy');
is(problems($target), '', 'and its books stay right');
is(join(' ', sort keys %count), 'A B C D E F G H J M N O P R S T', 'commands of every kind were among them');

done_testing();
