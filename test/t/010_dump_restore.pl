# Dump and restore into a fresh cluster of its own: nothing is lost, everything
# works on, the rollup counts each row once, the copy does not report to the city.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

# Run a step of the demo's loader on a cluster.
sub load
{
	my ($node, @arguments) = @_;

	my ($out, $err) = ('', '');
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGUSER} = 'postgres';
	local $ENV{PGDATABASE} = 'community';
	IPC::Run::run([ tree('demo/load'), @arguments ], '>', \$out, '2>', \$err) or die "load @arguments: $err";
	return;
}

# Take a part of the simulated week in: the rows (from, to] of the stream.
sub take_in
{
	my ($node, $from, $to) = @_;

	for (my $at = $from; $at < $to; $at += 50)
	{
		my $end = $at + 50 < $to ? $at + 50 : $to;
		$node->safe_psql('community', "SELECT demo._take('haishu', 0, $at, $end, true)");
	}
	return;
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
		UNION ALL SELECT 'function', p.oid::regprocedure::text,
		           -- a standard body is printed with more casts after its first restore
		           CASE WHEN p.prosqlbody IS NULL THEN md5(pg_get_functiondef(p.oid))
		                ELSE concat_ws(' ', pg_get_function_result(p.oid), p.provolatile, p.prosecdef, p.proacl) END FROM pg_proc p
		           WHERE p.pronamespace::regnamespace::text ~ '^community' AND p.prokind <> 'a'
		ORDER BY 1, 2, 3});
}

# Return who owns what and who may do what: schemas, relations, columns, functions,
# types, default privileges and memberships of roles.
sub grants_of
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, q{
		WITH object AS (
			SELECT 'schema' AS kind, nspname::text AS name, nspowner AS owner, coalesce(nspacl, acldefault('n', nspowner)) AS acl FROM pg_namespace WHERE nspname ~ '^community'
			UNION ALL SELECT 'relation', c.oid::regclass::text, relowner, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
			  FROM pg_class c WHERE relnamespace::regnamespace::text ~ '^community' AND relkind IN ('r', 'p', 'v', 'm', 'S')
			UNION ALL SELECT 'column', attrelid::regclass || '.' || attname, relowner, attacl
			  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE attacl IS NOT NULL AND relnamespace::regnamespace::text ~ '^community'
			UNION ALL SELECT 'routine', p.oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc p WHERE pronamespace::regnamespace::text ~ '^community'
			UNION ALL SELECT 'type', t.oid::regtype::text, typowner, coalesce(typacl, acldefault('T', typowner)) FROM pg_type t
			  WHERE typnamespace::regnamespace::text ~ '^community' AND typcategory <> 'A' AND typrelid = 0
			UNION ALL SELECT 'default', format('%s in %s', defaclobjtype, defaclnamespace::regnamespace), defaclrole, defaclacl FROM pg_default_acl)
		SELECT o.kind, o.name, 'owner', o.owner::regrole::text FROM object o
		UNION ALL SELECT o.kind, o.name, coalesce(nullif(x.grantee, 0)::regrole::text, 'PUBLIC'), x.privilege_type || CASE WHEN x.is_grantable THEN ' with grant' ELSE '' END
		            FROM object o CROSS JOIN LATERAL aclexplode(o.acl) x
		UNION ALL SELECT 'role', m.roleid::regrole::text, m.member::regrole::text, CASE WHEN m.admin_option THEN 'admin' ELSE 'member' END FROM pg_auth_members m
		ORDER BY 1, 2, 3, 4});
}

# Return the comments on everything in the platform's schemas.
sub comments_of
{
	my ($node, $database) = @_;
	return $node->safe_psql($database, q{
		SELECT i.type, i.identity, d.description
		  FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
		 WHERE i.identity ~ '(^|[ .(])community' ORDER BY 1, 2});
}

my $source = community_node('source');
platform_install($source, 'community');
$source->safe_psql('community', 'CREATE EXTENSION pg_cron');
load($source, 'schema');
load($source, 'haishu', 7, 150);
my $last = $source->safe_psql('community', q{INSERT INTO demo.progress (source, lane) VALUES ('haishu', 0);
	SELECT max(pos) FROM demo.stream WHERE source = 'haishu'});
my ($third, $two_thirds) = (int($last / 3), int(2 * $last / 3));

# Half of the events are rolled up before the dump, half are not.
take_in($source, 0, $third);
$source->safe_psql('community', q{SELECT community.run_job('case_day')});
take_in($source, $third, $two_thirds);
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
is(difference(contents_of($copy, 'community'), contents_of($source, 'community')), '', 'every table has the same rows');
is(difference(objects_of($copy, 'community'), objects_of($source, 'community')), '', 'sequences, policies, triggers, indexes, constraints and functions are the same');

my ($grants, $comments) = (grants_of($source, 'community'), comments_of($source, 'community'));
cmp_ok(($grants =~ tr/\n//), '>', 3000, 'the source has owners and grants to compare');
cmp_ok(($comments =~ tr/\n//), '>', 2500, 'and comments');
is(difference(grants_of($copy, 'community'), $grants), '', 'owners, grants, default privileges and memberships are the same');
is(difference(comments_of($copy, 'community'), $comments), '', 'every comment is the same');

# Rights on the database itself and settings of roles in it are not in the dump:
# health() asks for them, and setup_roles() brings them back.
my $database = q{SELECT (SELECT string_agg(x.grantee::regrole || ' ' || x.privilege_type, ',' ORDER BY 1) FROM aclexplode(d.datacl) x),
	(SELECT string_agg(s.setrole::regrole || ' ' || array_to_string(s.setconfig, ','), ';' ORDER BY 1) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid)
	FROM pg_database d WHERE d.datname = 'community'};
my $roles = q{SELECT count(*) FILTER (WHERE severity = 'error'), count(*) FILTER (WHERE severity = 'warn') FROM community.health() WHERE check_name = 'core.roles'};
is($source->safe_psql('community', $roles), '0|0', 'the source has its rights and settings');
is($copy->safe_psql('community', $roles), '2|11', 'health() says that the copy has them not');
$copy->safe_psql('community', q{SELECT community.setup_roles('')});
is($copy->safe_psql('community', $roles), '0|0', 'setup_roles() brings them back');
is($copy->safe_psql('community', $database), $source->safe_psql('community', $database), 'the same as at the source');
is(difference(grants_of($copy, 'community'), $grants), '', 'and changes no other grant');

# The copy works on, and knows that it is a copy.
is($copy->safe_psql('community', q{SELECT count(*) FROM community.migrate()}), '0', 'migrate finds nothing to do on the copy');
take_in($copy, $two_thirds, $last);
cmp_ok($copy->safe_psql('community', 'SELECT count(*) FROM community.case_file'), '>', $reported, 'inserts work on the copy');
$copy->safe_psql('community', q{CALL community.run_due('rollup', now() + interval '1 hour')});
$copy->safe_psql('community', q{CALL community.run_due('rollup', now() + interval '1 hour')});
$copy->safe_psql('community', q{CALL community.run_due('exchange', now() + interval '1 hour')});
is($copy->safe_psql('community', q{SELECT sum(reported) FROM community.rollup_case_day}),
	$copy->safe_psql('community', q{SELECT count(*) FROM community.case_file}), 'the rollup on the copy counts each case exactly once');
is($copy->safe_psql('community', q{SELECT count(*) FROM community.outbox WHERE sent_at IS NOT NULL}),
	$source->safe_psql('community', q{SELECT count(*) FROM community.outbox WHERE sent_at IS NOT NULL}), 'the copy sends nothing to the city');
like($copy->safe_psql('community', q{SELECT string_agg(subject || ' ' || severity, ';') FROM community.health()}), qr/restored copy warn/, 'health() says that the copy is not confirmed');
$source->safe_psql('community', q{CALL community.run_due('rollup', now() + interval '1 hour')});
is($source->safe_psql('community', q{SELECT sum(reported) FROM community.rollup_case_day}),
	$source->safe_psql('community', q{SELECT count(*) FROM community.case_file}), 'the rollup at the source counts each case exactly once too');
$copy->safe_psql('community', q{SELECT community.restore_confirm()});
unlike($copy->safe_psql('community', q{SELECT string_agg(subject || ' ' || severity, ';') FROM community.health()}), qr/restored copy warn/, 'a confirmed copy is an original');

$source->stop;
$copy->stop;
done_testing();
