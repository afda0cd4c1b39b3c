# Dump and restore into a fresh cluster of its own: nothing is lost, everything
# works on, the rollup counts each row once, the copy does not report to the city.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

# Run psql scripts of the tree in a database.
sub run_file
{
	my ($node, $database, $path, @options) = @_;

	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $node->host, '-p', $node->port,
			'-U', 'postgres', '-d', $database, @options, '-f', tree($path) ], '>', \my $out, '2>', \my $err)
	  or die "$path: $err";
	return $out;
}

# Return one line per table: name, rows, hash of the rows in order.
sub contents_of
{
	my ($node, $database) = @_;
	my $tables = $node->safe_psql($database, q{
		SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(md5(t::text), %L ORDER BY t::text COLLATE "C"), %L)) FROM ONLY %s t',
		              c.oid::regclass, ',', '', c.oid::regclass)
		  FROM pg_class c
		 WHERE c.relnamespace IN ('community'::regnamespace, 'cron'::regnamespace) AND c.relkind = 'r'
		 ORDER BY c.oid::regclass::text});
	return join("\n", map { $node->safe_psql($database, $_) } split /\n/, $tables);
}

# Return sequences, policies, triggers and indexes as text.
sub objects_of
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, q{
		SELECT 'sequence', sequencename, coalesce(last_value::text, 'unused') FROM pg_sequences WHERE schemaname ~ '^community'
		UNION ALL SELECT 'policy', tablename || '.' || policyname, cmd || coalesce(qual, '') FROM pg_policies WHERE schemaname ~ '^community'
		UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname ~ '^community'
		UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
		           WHERE connamespace = 'community'::regnamespace
		UNION ALL SELECT 'function', p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) FROM pg_proc p
		           WHERE p.pronamespace::regnamespace::text ~ '^community' AND p.prokind <> 'a'
		ORDER BY 1, 2, 3});
}

my $source = community_node('source');
platform_install($source, 'community');
$source->safe_psql('community', 'CREATE EXTENSION pg_cron');
run_file($source, 'community', 'test/lib/small_city.sql');

# Half of the events are rolled up before the dump, half are not.
run_file($source, 'community', 'test/lib/small_city_events.sql', '-v', 'part=1');
$source->safe_psql('community', q{SELECT community.run_job('case_day')});
run_file($source, 'community', 'test/lib/small_city_events.sql', '-v', 'part=2');
$source->safe_psql('community', q{SELECT community.schedule_jobs()});
$source->safe_psql('community', q{UPDATE cron.job SET active = false});
my $reported = $source->safe_psql('community', 'SELECT count(*) FROM community.case_file');
cmp_ok($reported, '>', 50, 'the source holds cases');
my $outbox = $source->safe_psql('community', 'SELECT count(*) FROM community.outbox');

my $dump = "$ENV{TESTDIR}/community.dump";
IPC::Run::run([ 'pg_dump', '-Fc', '-h', $source->host, '-p', $source->port, '-U', 'postgres', '-f', $dump, 'community' ]) or die 'pg_dump failed';
IPC::Run::run([ 'pg_dumpall', '--roles-only', '-h', $source->host, '-p', $source->port, '-U', 'postgres', '-f', "$dump.roles" ]) or die 'pg_dumpall failed';

# A fresh initdb: its transaction numbers run far behind those in the dump.
my $copy = community_node('copy');
IPC::Run::run([ 'psql', '-Xq', '-h', $copy->host, '-p', $copy->port, '-U', 'postgres', '-d', 'postgres', '-f', "$dump.roles" ], '2>', \my $ignored);
$copy->safe_psql('postgres', 'CREATE DATABASE community');
my ($out, $err) = ('', '');
IPC::Run::run([ 'pg_restore', '--exit-on-error', '-h', $copy->host, '-p', $copy->port, '-U', 'postgres', '-d', 'community', $dump ], '>', \$out, '2>', \$err);
is($err, '', 'pg_restore raises no error');
is(contents_of($copy, 'community'), contents_of($source, 'community'), 'every table has the same rows');
is(objects_of($copy, 'community'), objects_of($source, 'community'), 'sequences, policies, triggers, indexes, constraints and functions are the same');

# The copy works on, and knows that it is a copy.
is($copy->safe_psql('community', q{SELECT count(*) FROM community.migrate()}), '0', 'migrate finds nothing to do on the copy');
run_file($copy, 'community', 'test/lib/small_city_events.sql', '-v', 'part=3');
cmp_ok($copy->safe_psql('community', 'SELECT count(*) FROM community.case_file'), '>', $reported, 'inserts work on the copy');
$copy->safe_psql('community', q{CALL community.run_due('rollup')});
$copy->safe_psql('community', q{CALL community.run_due('rollup')});
$copy->safe_psql('community', q{CALL community.run_due('exchange')});
is($copy->safe_psql('community', q{SELECT sum(reported) FROM community.rollup_case_day}),
	$copy->safe_psql('community', q{SELECT count(*) FROM community.case_file}), 'the rollup on the copy counts each case exactly once');
is($copy->safe_psql('community', q{SELECT count(*) FROM community.outbox WHERE sent_at IS NOT NULL}),
	$source->safe_psql('community', q{SELECT count(*) FROM community.outbox WHERE sent_at IS NOT NULL}), 'the copy sends nothing to the city');
like($copy->safe_psql('community', q{SELECT string_agg(subject || ' ' || severity, ';') FROM community.health()}), qr/restor/i, 'health() says that the copy is not confirmed');
$source->safe_psql('community', q{CALL community.run_due('rollup')});
is($source->safe_psql('community', q{SELECT sum(reported) FROM community.rollup_case_day}),
	$source->safe_psql('community', q{SELECT count(*) FROM community.case_file}), 'the rollup at the source counts each case exactly once too');
$copy->safe_psql('community', q{SELECT community.restore_confirm()});
unlike($copy->safe_psql('community', q{SELECT string_agg(subject || ' ' || severity, ';') FROM community.health()}), qr/restore/i, 'a confirmed copy is an original');

$source->stop;
$copy->stop;
done_testing();
