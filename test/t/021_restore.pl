# Copies that wake up elsewhere: whichever way the database was copied, each
# row of a log is counted exactly once, before, while and after the copy is
# recognised, and the copy does not exchange until it is confirmed.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

# Use up transaction numbers.
sub burn
{
	my ($node, $count) = @_;

	$node->safe_psql('postgres', "DO \$\$ BEGIN FOR i IN 1..$count LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END \$\$");
	return;
}

# Write rows to the log: in plain transactions, and inside a subtransaction.
sub write_rows
{
	my ($node, $database, $count) = @_;

	$node->safe_psql($database, join(";\n", ('INSERT INTO community.test_log VALUES (1, clock_timestamp())') x ($count - 1)));
	$node->safe_psql(
		$database, q{DO $$BEGIN
			BEGIN PERFORM 1 / 0; EXCEPTION WHEN division_by_zero THEN INSERT INTO community.test_log VALUES (1, clock_timestamp()); END;
		END$$});
	return;
}

# Check that after some bells, each later than all before, every row has been counted once.
my $days = 0;

sub counted
{
	my ($node, $database, $expected, $what) = @_;

	for (1, 2)
	{
		$days++;
		$node->safe_psql($database, "CALL community.run_due('rollup', now() + interval '$days days')");
	}
	is($node->safe_psql($database, 'SELECT sum(n) FROM public.counted'), $expected, "$what: $expected rows, each counted once");
	return;
}

# Check a fresh copy that holds 12 rows of which 7 were counted, and go on with it.
sub check_copy
{
	my ($node, $database, $what) = @_;

	is($node->safe_psql($database, 'SELECT sum(n) FROM public.counted'), '7', "$what: the copy begins where the original stood");
	like($node->safe_psql($database, q{SELECT string_agg(detail, ';') FROM community.health() WHERE check_name = 'core.restore'}),
		qr/not been recognised/, "$what: health sees the copy");
	write_rows($node, $database, 6);
	counted($node, $database, 18, "$what, written before it was recognised");
	write_rows($node, $database, 4);
	counted($node, $database, 22, "$what, written after");
	is($node->safe_psql($database, q{SELECT count(*) FROM community.test_log WHERE tx >= community.tx_horizon()}), '0', "$what: no number lies ahead");
	$node->safe_psql($database, q{CALL community.run_due('exchange', now() + interval '3 days')});
	is($node->safe_psql($database, 'SELECT count(*) FROM public.sent'), '1', "$what: the queue exchange stands still");
	is($node->safe_psql($database, q{SELECT count(*) FROM community.audit_log WHERE action = 'restore' AND community_id = 0}), '1', "$what: the audit tells of it once");
	$node->safe_psql($database, q{SET SESSION AUTHORIZATION community_admin; SELECT community.restore_confirm()});
	$node->safe_psql($database, q{CALL community.run_due('exchange', now() + interval '3 days')});
	is($node->safe_psql($database, 'SELECT count(*) FROM public.sent'), '2', "$what: until an administrator confirms it");
	is($node->safe_psql($database, q{SELECT confirmed_by FROM community.installation}), 'community_admin', "$what: who did is known");
	is($node->safe_psql($database, q{SELECT count(*) FROM community.audit_verify(0)}), '0', "$what: the audit chain holds");
	return;
}

my $source = community_node('source', preload => '');
platform_install($source, 'community');
$source->safe_psql(
	'community', q{
	UPDATE community.job SET enabled = false;
	SET ROLE community_owner;
	CREATE TABLE community.test_log (community_id bigint NOT NULL, at timestamptz NOT NULL,
		tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint, PRIMARY KEY (community_id, at)) PARTITION BY RANGE (at);
	CREATE TABLE community.test_log_default PARTITION OF community.test_log DEFAULT;
	SELECT community.register_log('test_log', 'month', '1 year');
	SELECT community.ensure_partitions(now(), now());
	RESET ROLE;
	CREATE TABLE public.counted (n bigint);
	CREATE TABLE public.sent (at timestamptz);
	GRANT ALL ON public.counted, public.sent TO community_owner;
	CREATE FUNCTION public.job_count(bigint, bigint) RETURNS bigint LANGUAGE sql AS $$
		INSERT INTO public.counted SELECT count(*) FROM community.test_log WHERE tx >= $1 AND tx < $2 RETURNING n $$;
	CREATE FUNCTION public.job_send(timestamptz) RETURNS bigint LANGUAGE sql AS $$
		INSERT INTO public.sent VALUES ($1); SELECT 1::bigint $$;
	SELECT community.register_job('test.count', 'rollup', '1 minute', 'tx', 'public.job_count', 'test'),
	       community.register_job('test.send', 'exchange', '1 minute', 'none', 'public.job_send', 'test')});
burn($source, 20000);     # more than a restore takes, object by object
write_rows($source, 'community', 7);
counted($source, 'community', 7, 'the original');
$source->safe_psql('community', q{CALL community.run_due('exchange')});
write_rows($source, 'community', 5);
is($source->safe_psql('community', 'SELECT count(*) FROM public.sent'), '1', 'the original exchanges');

my $dump = "$ENV{TESTDIR}/dump";
$source->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.custom", 'community' ], 'dump');
$source->command_ok([ 'pg_dump', '-Fp', '-f', "$dump.sql", 'community' ], 'dump as text');
$source->command_ok([ 'pg_dumpall', '--roles-only', '-f', "$dump.roles" ], 'dump roles');

# A fresh cluster, whose transaction numbers run behind.
my $copy = community_node('copy', preload => '');
$copy->command_ok([ 'psql', '-Xq', '-f', "$dump.roles", 'postgres' ], 'roles');
my %restore = (
	custom => [ 'pg_restore', '-e', '-d', 'custom', "$dump.custom" ],
	parallel => [ 'pg_restore', '-e', '-j', '2', '-d', 'parallel', "$dump.custom" ],
	single => [ 'pg_restore', '-e', '--single-transaction', '-d', 'single', "$dump.custom" ],
	text => [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dump.sql", 'text' ]);
for my $way (sort keys %restore)
{
	$copy->safe_psql('postgres', "CREATE DATABASE $way");
	$copy->command_ok($restore{$way}, "restore: $way");
	check_copy($copy, $way, "restore $way");
}
cmp_ok($copy->safe_psql('custom', 'SELECT tx_offset FROM community.installation'), '>', 0, 'numbers were lifted');
like($copy->safe_psql('custom', q{SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = 'community.test_log'::regclass}), qr/\+/, 'by the default of the column');
is($copy->safe_psql('custom', q{SELECT count(DISTINCT pg_get_expr(d.adbin, d.adrelid)) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
	WHERE a.attname = 'tx' AND d.adrelid::regclass::text ~ '^community'}), '1', 'of every log and partition');

# A log that is made after the restore, and a partition too.
$copy->safe_psql('custom', q{
	SET ROLE community_owner;
	CREATE TABLE community.late_log (community_id bigint NOT NULL, at timestamptz NOT NULL,
		tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint, PRIMARY KEY (community_id, at)) PARTITION BY RANGE (at);
	CREATE TABLE community.late_log_default PARTITION OF community.late_log DEFAULT;
	SELECT community.classify_table('late_log', 'tenant', 'internal', 'test', NULL);
	SELECT community.register_log('late_log', 'month', '1 year');
	INSERT INTO community.late_log VALUES (1, '2020-01-01');
	SELECT community.ensure_partitions('2020-01-01', '2020-02-01', 'late_log');
	INSERT INTO community.late_log VALUES (1, '2020-02-01')});
is($copy->safe_psql('custom', q{SELECT count(*) FROM community.late_log, community.installation WHERE tx > tx_offset}), '2', 'a later log counts on from there');

# When the cluster's own numbers reach those of the restored rows, nothing happens.
burn($copy, 20000);
counted($copy, 'custom', 22, 'thousands of transactions later');
write_rows($copy, 'custom', 3);
counted($copy, 'custom', 25, 'and further on');

# A copy of the copy, again in a fresh cluster.
$copy->command_ok([ 'pg_dump', '-Fc', '-f', "$dump.second", 'custom' ], 'dump the copy');
my $second = community_node('second', preload => '');
$second->command_ok([ 'psql', '-Xq', '-f', "$dump.roles", 'postgres' ], 'roles');
$second->safe_psql('postgres', 'CREATE DATABASE community');
$second->command_ok([ 'pg_restore', '-e', '-d', 'community', "$dump.second" ], 'restore the copy of the copy');
write_rows($second, 'community', 6);
counted($second, 'community', 31, 'the copy of a copy');
write_rows($second, 'community', 2);
counted($second, 'community', 33, 'the copy of a copy goes on');
is($second->safe_psql('community', q{SELECT confirmed FROM community.installation}), 'f', 'it has to be confirmed again');
$second->stop;
$copy->stop;

# Into the same cluster, whose numbers run ahead: by a dump, and by a template.
$source->safe_psql('postgres', 'CREATE DATABASE beside');
$source->command_ok([ 'pg_restore', '-e', '-d', 'beside', "$dump.custom" ], 'restore beside');
check_copy($source, 'beside', 'restore beside the original');
is($source->safe_psql('beside', 'SELECT tx_offset FROM community.installation'), '0', 'numbers that run ahead need no lift');
$source->safe_psql('postgres', 'CREATE DATABASE twin TEMPLATE community');
check_copy($source, 'twin', 'a copy by template');

# The original is not disturbed.
counted($source, 'community', 12, 'the original');
is($source->safe_psql('community', 'SELECT confirmed FROM community.installation'), 't', 'the original needs no confirmation');
my ($rc, $out, $err) = $source->psql('community', 'SELECT community.restore_confirm()');
like($err, qr/no restored copy waits/, 'there is nothing to confirm');
$source->stop;

done_testing();
