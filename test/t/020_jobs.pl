# Jobs: pg_cron itself rings the bell, here and from another database; a killed
# run is seen and waits; downtime is caught up in steps; a long transaction
# loses nothing; without pg_cron and on a standby nothing breaks.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

# Install the platform with a few jobs whose work can be watched.
sub jobs_install
{
	my ($node, $database) = @_;

	platform_install($node, $database);
	$node->safe_psql(
		$database, q{
		UPDATE community.job SET enabled = false;
		SELECT community.ensure_partitions(now(), now() + interval '3 months');
		CREATE TABLE public.work (job text, f text, t text, who text, path text, xact xid8 DEFAULT pg_current_xact_id());
		GRANT ALL ON public.work TO community_owner;
		CREATE FUNCTION public.job_bell(timestamptz) RETURNS bigint LANGUAGE sql AS $$
			INSERT INTO public.work VALUES ('bell', NULL, NULL, current_user || ' ' || session_user, current_setting('search_path'));
			SELECT 1::bigint $$;
		CREATE FUNCTION public.job_time(timestamptz, timestamptz) RETURNS bigint LANGUAGE sql AS $$
			INSERT INTO public.work VALUES ('time', $1::text, $2::text); SELECT 1::bigint $$;
		CREATE FUNCTION public.job_sleep(timestamptz) RETURNS bigint LANGUAGE sql AS $$
			SELECT pg_sleep(600); SELECT 1::bigint $$;
		CREATE FUNCTION public.job_fails(timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
			BEGIN INSERT INTO public.work VALUES ('half'); RAISE EXCEPTION 'out of paper'; END $$;
		CREATE TABLE public.counted (from_tx bigint, to_tx bigint, n bigint);
		CREATE TABLE public.entry (n integer, tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint);
		GRANT ALL ON public.counted, public.entry TO community_owner;
		CREATE FUNCTION public.job_count(bigint, bigint) RETURNS bigint LANGUAGE sql AS $$
			INSERT INTO public.counted SELECT $1, $2, count(*) FROM public.entry WHERE tx >= $1 AND tx < $2 RETURNING n $$;
		SELECT community.register_job('test.bell', 'rollup', '1 second', 'none', 'public.job_bell', 'test')});
	return;
}

my $node = community_node('jobs', conf => "restart_after_crash = on\nwal_level = replica\nmax_wal_senders = 4");
jobs_install($node, 'community');

# --- without the extension pg_cron -------------------------------------------
my ($rc, $out, $err) = $node->psql('community', 'SELECT community.schedule_jobs()');
like($err, qr/pg_cron is not installed/, 'schedule_jobs says that pg_cron is absent');

# --- pg_cron fires: in this database, and from here into another one ----------
$node->safe_psql('community', 'CREATE EXTENSION pg_cron');
jobs_install($node, 'city');
is($node->safe_psql('community', 'SELECT count(job), max(action) FROM community.schedule_jobs()'), '3|scheduled', 'three bells are hung');
is($node->safe_psql('community', 'SELECT count(job), max(action) FROM community.schedule_jobs()'), '3|scheduled', 'and hung once');
is($node->safe_psql('community', q{SELECT string_agg(jobname || ' as ' || username, ', ' ORDER BY jobname) FROM cron.job}),
	'community: exchange as community_job, community: rollup as community_job, community: upkeep as community_job', 'under the job role');

my $statements = $node->safe_psql('city', q{SELECT statement FROM community.schedule_jobs() WHERE action = 'run the statement in database community'});
is(scalar(split(/\n/, $statements)), 5, 'from another database there are statements to run');
$node->safe_psql('community', join(";\n", split(/\n/, $statements)));
is($node->safe_psql('community', q{SELECT count(*) FROM cron.job WHERE jobname LIKE 'community: % @ city'}), '4', 'they work');
$node->safe_psql('city', 'CREATE EXTENSION dblink');
is($node->safe_psql('city', 'SELECT count(*), min(action) FROM community.unschedule_jobs()'), '4|unscheduled in database community', 'with dblink they are run');
is($node->safe_psql('community', q{SELECT count(*) FROM cron.job WHERE jobname LIKE '% @ city'}), '0', 'the bells are down');
is($node->safe_psql('city', 'SELECT count(job), max(action) FROM community.schedule_jobs()'), '4|scheduled in database community', 'and up again');
is($node->safe_psql('community', q{SELECT string_agg(DISTINCT database, ' ' ORDER BY database) FROM cron.job WHERE jobname LIKE 'community: r%'}),
	'city community', 'each database has its own');

for my $database ('community', 'city')
{
	ok(wait_for($node, $database, q{SELECT count(*) > 0 FROM public.work WHERE job = 'bell'}, 't', 150), "pg_cron rang in database $database");
	is($node->safe_psql($database, q{SELECT DISTINCT who || ', ' || path FROM public.work WHERE job = 'bell'}),
		'community_owner community_job, pg_catalog, community, pg_temp', 'the work is done as the owner, under the fixed path');
}
ok(wait_for($node, 'community', q{SELECT count(*) > 0 FROM cron.job_run_details WHERE command LIKE '%rollup%' AND status = 'succeeded'}, 't', 30), 'pg_cron notes a success');
$node->safe_psql('community', q{UPDATE cron.job_run_details SET end_time = now() - interval '8 days' WHERE end_time IS NOT NULL});
$node->safe_psql('community', q{UPDATE community.job SET enabled = true, next_run = now() WHERE name = 'core.retention'});
$node->safe_psql('community', q{SET SESSION AUTHORIZATION community_job; CALL community.run_due('upkeep')});
is($node->safe_psql('community', q{SELECT count(*) FROM cron.job_run_details WHERE end_time < now() - interval '7 days' AND database = 'community'}), '0', 'retention deletes its old notes');
is($node->safe_psql('community', q{SELECT state FROM community.job_run WHERE job_name = 'core.retention' ORDER BY run_id DESC LIMIT 1}), 'done', 'as the job role');
is($node->safe_psql('community', 'SELECT count(*), min(action) FROM community.unschedule_jobs()'), '3|unscheduled', 'the bells are taken down');
$node->safe_psql('city', 'SELECT community.unschedule_jobs()');
is($node->safe_psql('community', 'SELECT count(*) FROM cron.job'), '0', 'all of them');

# --- a failing job does not stop the others -----------------------------------
$node->safe_psql('community', q{
	UPDATE community.job SET enabled = false;
	DELETE FROM public.work;
	SELECT community.register_job('test.a_fails', 'exchange', '1 hour', 'none', 'public.job_fails', 'test'),
	       community.register_job('test.b_missing', 'exchange', '1 hour', 'none', 'public.job_nowhere', 'test'),
	       community.register_job('test.c_bell', 'exchange', '1 hour', 'none', 'public.job_bell', 'test')});
$node->safe_psql('community', q{CALL community.run_due('exchange', '2030-01-01 00:00Z')});
is($node->safe_psql('community', 'SELECT string_agg(job, $$ $$) FROM public.work'), 'bell', 'the good job ran, the half work of the failing one is undone');
is($node->safe_psql('community', q{SELECT string_agg(concat_ws(' ', name, attempts, to_char(next_run AT TIME ZONE 'UTC', 'HH24:MI'), last_error), '; ' ORDER BY name) FROM community.job WHERE queue = 'exchange' AND enabled}),
	'test.a_fails 1 00:01 P0001: out of paper; test.b_missing 1 00:01 42883: function public.job_nowhere of job test.b_missing does not exist or is not unique; test.c_bell 0 01:00',
	'failures wait a minute');
$node->safe_psql('community', q{CALL community.run_due('exchange', '2030-01-01 00:00:59Z')});
is($node->safe_psql('community', q{SELECT attempts FROM community.job WHERE name = 'test.a_fails'}), '1', 'not before it is over');
$node->safe_psql('community', qq{CALL community.run_due('exchange', '2030-01-01 00:${_}Z')}) for ('01', '03', '07');
is($node->safe_psql('community', q{SELECT attempts || ' ' || failures || ' ' || to_char(next_run AT TIME ZONE 'UTC', 'HH24:MI') FROM community.job WHERE name = 'test.a_fails'}), '4 4 00:15', 'each wait is twice the one before');
like($node->safe_psql('community', q{SELECT string_agg(severity || ' ' || subject, ';') FROM community.health() WHERE check_name = 'core.jobs'}), qr/error test.a_fails/, 'health tells');
$node->safe_psql('community', q{CREATE OR REPLACE FUNCTION public.job_fails(timestamptz) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'});
$node->safe_psql('community', q{CALL community.run_due('exchange', '2030-01-01 00:15Z')});
is($node->safe_psql('community', q{SELECT concat_ws(' ', attempts, failures, to_char(next_run AT TIME ZONE 'UTC', 'HH24:MI'), last_error) FROM community.job WHERE name = 'test.a_fails'}), '0 4 01:00', 'a success ends it');

# --- killed runs --------------------------------------------------------------
$node->safe_psql('community', q{
	UPDATE community.job SET enabled = false;
	SELECT community.register_job('test.sleep', 'upkeep', '1 hour', 'none', 'public.job_sleep', 'test')});

# Start the sleeping job in a session of its own and return the session and its process.
sub sleep_start
{
	my ($now) = @_;
	my ($in, $res, $msg) = ('', '', '');
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('community'), '-c', "CALL community.run_due('upkeep', '$now')" ],
		'<', \$in, '>', \$res, '2>', \$msg);
	ok(wait_for($node, 'community', q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = 'community upkeep: test.sleep'}, '1', 30),
		'a long job shows its name among the activities');
	return ($session, $node->safe_psql('community', q{SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'}));
}

my ($session, $pid) = sleep_start('2030-01-01 00:00Z');
is($node->safe_psql('community', q{SELECT attempts FROM community.job WHERE name = 'test.sleep'}), '1', 'the claim is committed before the work');
$node->safe_psql('community', q{CALL community.run_due('upkeep', '2030-01-02 00:00Z')});
is($node->safe_psql('community', q{SELECT count(*) FROM community.job_run WHERE job_name = 'test.sleep'}), '1', 'another worker leaves it alone');
kill 'KILL', $pid;
$session->finish;
ok($node->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()'), 'the server recovers from kill -9');
is($node->safe_psql('community', q{SELECT state FROM community.job_run WHERE job_name = 'test.sleep'}), 'running', 'the run looks as if it went on');
like($node->safe_psql('community', q{SELECT string_agg(subject || ' ' || detail, ';') FROM community.health() WHERE check_name = 'core.jobs'}), qr/test\.sleep run \d+ ended with its session/, 'health knows better');
$node->safe_psql('community', q{CALL community.run_due('upkeep', '2030-01-01 00:00:30Z')});
is($node->safe_psql('community', q{SELECT r.state || ' ' || j.attempts || ' ' || j.failures FROM community.job j JOIN community.job_run r ON r.job_name = j.name WHERE j.name = 'test.sleep'}),
	'killed 1 1', 'the next bell sees that it was killed, and waits');
($session, $pid) = sleep_start('2030-01-01 00:01Z');
$node->safe_psql('community', "SELECT pg_terminate_backend($pid)");
$session->finish;
$node->safe_psql('community', q{CALL community.run_due('upkeep', '2030-01-01 00:02:30Z')});
is($node->safe_psql('community', q{SELECT attempts || ' ' || failures || ' ' || to_char(next_run AT TIME ZONE 'UTC', 'HH24:MI') FROM community.job WHERE name = 'test.sleep'}),
	'2 2 00:03', 'a terminated session is seen too, and the wait doubles');
$node->safe_psql('community', q{CREATE OR REPLACE FUNCTION public.job_sleep(timestamptz) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'});
$node->safe_psql('community', q{CALL community.run_due('upkeep', '2030-01-01 00:03Z')});
is($node->safe_psql('community', q{SELECT attempts || ' ' || failures FROM community.job WHERE name = 'test.sleep'}), '0 2', 'then it runs through');
is($node->safe_psql('community', q{SELECT string_agg(state, ' ' ORDER BY run_id) FROM community.job_run WHERE job_name = 'test.sleep'}), 'killed killed done', 'and the record tells the story');

# --- downtime -------------------------------------------------------------------
$node->safe_psql('community', q{
	UPDATE community.job SET enabled = false;
	DELETE FROM public.work;
	SELECT community.register_job('test.time', 'rollup', '1 hour', 'time', 'public.job_time', 'test');
	UPDATE community.job SET watermark_at = '2029-12-27 10:00Z' WHERE name = 'test.time'});
$node->safe_psql('community', q{SET timezone = 'UTC'; CALL community.run_due('rollup', '2030-01-01 00:00Z')});
is($node->safe_psql('community', q{SELECT count(*), count(DISTINCT xact), min(f), max(t) FROM public.work WHERE job = 'time'}),
	'5|5|2029-12-27 10:00:00+00|2030-01-01 00:00:00+00', 'five days of downtime are caught up in five transactions');
is($node->safe_psql('community', q{SELECT count(*) FROM public.work a JOIN public.work b ON a.t = b.f}), '4', 'without gap or overlap');

# --- a long transaction -----------------------------------------------------------
$node->safe_psql('community', q{
	UPDATE community.job SET enabled = false;
	SELECT community.register_job('test.count', 'rollup', '1 minute', 'tx', 'public.job_count', 'test')});
my $long = $node->background_psql('community');
$long->query_safe('BEGIN; INSERT INTO public.entry VALUES (1)');
$node->safe_psql('community', 'INSERT INTO public.entry VALUES (2)');
$node->safe_psql('community', q{CALL community.run_due('rollup', '2030-01-01 00:00Z')});
is($node->safe_psql('community', 'SELECT coalesce(sum(n), 0) FROM public.counted'), '0', 'rows wait behind a transaction that is older');
$node->safe_psql('community', q{UPDATE community.setting_definition SET value = '0' WHERE name = 'horizon_late'});
like($node->safe_psql('community', q{SELECT string_agg(detail, ';') FROM community.health() WHERE check_name = 'core.horizon'}), qr/postgres in database community .* holds the horizon/, 'health names who holds the horizon');
$long->query_safe('INSERT INTO public.entry VALUES (3); COMMIT');
$long->quit;
$node->safe_psql('community', q{CALL community.run_due('rollup', '2030-01-01 00:01Z')});
$node->safe_psql('community', q{CALL community.run_due('rollup', '2030-01-01 00:02Z')});
is($node->safe_psql('community', 'SELECT sum(n) FROM public.counted'), '3', 'each row is counted once');
is($node->safe_psql('community', q{SELECT count(*) FROM (SELECT from_tx, lag(to_tx, 1, 0::bigint) OVER (ORDER BY from_tx) AS p FROM public.counted) c WHERE from_tx <> p}), '0', 'windows of tx touch');

# --- a standby ----------------------------------------------------------------------
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
is($standby->psql('community', q{CALL community.run_due('rollup')}), 0, 'on a standby run_due does nothing');
is($standby->safe_psql('community', q{SELECT count(*) FROM community.health() WHERE severity = 'error' AND check_name <> 'core.jobs'}), '0', 'and health works');
$standby->stop;
$node->stop;

# --- a server without pg_cron --------------------------------------------------------
my $bare = community_node('bare', preload => '');
platform_install($bare, 'community');
($rc, $out, $err) = $bare->psql('community', 'SELECT community.schedule_jobs()');
like($err, qr/pg_cron is not installed.*reason=cron_absent/s, 'schedule_jobs refuses with the way out');
($rc, $out, $err) = $bare->psql('community', q{SET community.lang = 'zh'; SELECT community.unschedule_jobs()});
like($err, qr/未安装 pg_cron/, 'in Chinese too');
$bare->safe_psql('community', q{CALL community.run_due('upkeep')});
is($bare->safe_psql('community', q{SELECT string_agg(DISTINCT state, ' ') FROM community.job_run}), 'done', 'every job runs by hand');
$bare->stop;

done_testing();
