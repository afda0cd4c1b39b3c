# kill -9 of the server in the middle of the replay, restart, continue: the
# reports equal those of an undisturbed run.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);
use CommunityTest;

my $events = data_file('events/boston311_2015_h1.csv.gz');
my $grids = data_file('grids/boston_precincts_4326.geojson');
my @sources = $events && $grids ? qw(haishu boston) : ('haishu');

# Start a step of the demo and return its handle.
sub begin
{
	my ($node, @step) = @_;
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGUSER => 'postgres', PGDATABASE => 'community');
	my ($out, $err) = ('', '');
	return { step => "@step", err => \$err,
		run => IPC::Run::start([ tree('demo/load'), @step ], '<', '/dev/null', '>', \$out, '2>', \$err) };
}

# Wait for a step; return whether it succeeded.
sub end
{
	my ($handle) = @_;
	return IPC::Run::finish($handle->{run});
}

sub load
{
	my ($node, @step) = @_;
	my $handle = begin($node, @step);
	end($handle) or die "load @step: ${ $handle->{err} }";
	return;
}

# A cluster with facts and streams loaded, nothing replayed.
sub prepared
{
	my ($name) = @_;
	my $node = community_node($name);
	platform_install($node, 'community');
	load($node, 'schema');
	load($node, 'haishu', 330203, 700);
	load($node, 'boston', $events, $grids, 1200) if @sources > 1;
	load($node, 'views');
	return $node;
}

sub result_of
{
	my ($node) = @_;
	$node->safe_psql('community', q{SELECT community.run_job('case_day'); SELECT community.run_job('daily_report')});
	return $node->safe_psql('community', q{
		SELECT source, reports, hash FROM demo.v_sealed ORDER BY 1;
		SELECT source, sum(reports), sum(events), sum(repeated) FROM demo.progress GROUP BY 1 ORDER BY 1;
		SELECT source, reason, n FROM demo.v_refused ORDER BY 1, 2;
		SELECT md5(string_agg(case_no || state, ',' ORDER BY case_no)) FROM community.case_file});
}

my $calm = prepared('calm');
load($calm, 'replay', $_, 100) for @sources;
my $expected = result_of($calm);
my $total = $calm->safe_psql('community', q{SELECT count(*) FROM community.case_log});
$calm->stop;

my $node = prepared('crashed');
my $all = $node->safe_psql('community', q{SELECT count(*) FROM demo.stream});
# However slowly this looks and kills, the replay waits for it a fifth of the events later.
$node->safe_psql('community', q{
	CREATE SEQUENCE public.seen;
	CREATE FUNCTION public.wait_there() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF nextval('public.seen') > current_setting('test.wait_at')::bigint THEN
			PERFORM pg_sleep(300);
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER wait_there BEFORE INSERT ON community.case_log FOR EACH ROW EXECUTE FUNCTION public.wait_there()});
for my $share (0.2, 0.6)
{
	my $wait_at = int(($share + 0.2) * $all);
	$node->safe_psql('community', "ALTER DATABASE community SET test.wait_at = $wait_at; SELECT setval('public.seen', count(*) + 1) FROM community.case_log");
	# The position is committed with the events it counts, so the log tells it.
	my @running = map { begin($node, 'replay', $_, 100) } @sources;
	wait_for($node, 'community', "SELECT count(*) >= $share * $all FROM community.case_log", 't', 180)
	  or die 'the replay does not advance';
	$node->kill9;
	cmp_ok(scalar(grep { !end($_) } @running), '>', 0, "server killed at $share of the events: the replay is broken off");

	# The postmaster dies at once, its orphaned backends notice in a moment.
	my $up = 0;
	for (1 .. 120)
	{
		last if $up = !system_log('pg_ctl', '-w', '-D', $node->data_dir, '-l', $node->logfile, 'start');
		sleep 0.5;
	}
	$node->_update_pid(1);
	ok($up, 'the server recovers');
	my $rows = $node->safe_psql('community', q{SELECT count(*) FROM community.case_log});
	cmp_ok($rows, '>=', $share * $all, 'what was committed is there');
	cmp_ok($rows, '<', $total, 'and the replay is not at its end');
	is($node->safe_psql('community', q{SELECT sum(reports + events) FROM demo.progress}), $rows, 'position and log agree');
}
$node->safe_psql('community', 'DROP TRIGGER wait_there ON community.case_log');
load($node, 'replay', $_, 100) for @sources;
is($node->safe_psql('community', q{SELECT count(*) FROM community.case_log}), $total, 'each event is in the log once');
is(result_of($node), $expected, 'the final reports equal those of an undisturbed run');

done_testing();
