# The installer: what a DBA types, and everything that can go wrong with it.
use strict;
use warnings;
use File::Path qw(make_path);
use IPC::Run qw(start finish);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

# A copy of the installed files, so that this test may change them.
my $dest = "$ENV{TESTDIR}/dest";
system('cp', '-r', $ENV{COMMUNITY_DEST}, $dest) == 0 or die "cannot copy the build";
my $house = "$dest/usr/share/postgresql/15/extension/community";
my $installed_modules = slurp_file("$house/modules");

my $node = community_node('install', conf => "extension_destdir = '$dest'\nmax_prepared_transactions = 5\n");

# Run a query and return (exit code, standard output, standard error).
sub ask
{
	my ($database, $sql, %options) = @_;
	my ($out, $err) = ('', '');
	my $code = $node->psql($database, $sql, stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $options{user} // 'postgres' ], on_error_stop => 1);

	return ($code, $out, $err);
}

# Write one file of a module that only this test knows.
sub write_file
{
	my ($path, $text) = @_;
	my ($folder) = "$house/$path" =~ m{^(.*)/};

	make_path($folder);
	open my $fh, '>', "$house/$path" or die "$house/$path: $!";
	print $fh $text;
	close $fh;
	return;
}

# Add module zz to the house, with the given manifest lines.
sub use_module
{
	my (@manifest) = @_;

	write_file('modules', $installed_modules . "module zz\n");
	write_file('zz/manifest', join("\n", 'title Test / 测试', 'floor 5', 'requires core', @manifest) . "\n");
	return;
}

# --- what a DBA types --------------------------------------------------------
$node->safe_psql('postgres', 'CREATE DATABASE plain');
my ($code, $out, $err) = ask('plain', 'CREATE EXTENSION community');
isnt($code, 0, 'without CASCADE the required extensions are asked for');
like($err, qr/required extension "postgis" is not installed/, 'and named');
ask('plain', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
is($node->safe_psql('plain', "SELECT count(*) FROM pg_depend d JOIN pg_class c ON d.objid = c.oid
	WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	  AND c.relkind IN ('r', 'v', 'm', 'p', 'S') AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'community')"),
	'0', 'the extension owns no table, view or sequence');
my $dry = $node->safe_psql('plain', 'SELECT count(*) FROM community.install(dry_run => true)');
cmp_ok($dry, '>', 5, 'dry_run lists what would run');
is($node->safe_psql('plain', "SELECT count(*) FROM pg_roles WHERE rolname = 'community_owner'"), '0', 'dry_run makes no role');
is($node->safe_psql('plain', "SELECT count(*) FROM pg_class WHERE relnamespace = 'community'::regnamespace AND relkind = 'r'"),
	'0', 'dry_run makes no table');
is($node->safe_psql('plain', 'SELECT count(*) FROM community.install()'), $dry, 'install runs exactly what dry_run listed');
is($node->safe_psql('plain', 'SELECT count(*) FROM community.install()'), '0', 'a second install does nothing');
is($node->safe_psql('plain', 'SELECT count(*) FROM community.migrate()'), '0', 'nor does migrate');
is($node->safe_psql('plain', "SELECT string_agg(DISTINCT state, ',') FROM community.modules()"), 'installed', 'every module is installed');
is($node->safe_psql('plain', "SELECT rolsuper::text || rolcanlogin::text FROM pg_roles WHERE rolname = 'community_owner'"),
	'falsefalse', 'the owner is no superuser and cannot log in');
is($node->safe_psql('plain', "SELECT count(*) FROM pg_class c WHERE c.relnamespace::regnamespace::text ~ '^community'
	AND relkind IN ('r', 'v', 'm', 'p', 'S') AND relowner <> 'community_owner'::regrole"), '0', 'and owns every relation');

# --- a buffet: only what is asked for and needed ------------------------------
platform_core('subset');
$node->safe_psql('subset', "SELECT community.install('{place}')");
is($node->safe_psql('subset', "SELECT string_agg(module, ',' ORDER BY module) FROM community.modules() WHERE state = 'installed'"),
	'core,place', 'a module brings what it requires and nothing else');
($code, $out, $err) = ask('subset', "SELECT community.install('{nosuch}')");
like($err, qr/there is no module "nosuch".*HINT:  The modules are: core/s, 'an unknown module is refused with the list');
$node->safe_psql('subset', 'SELECT community.install()');
is($node->safe_psql('subset', "SELECT string_agg(name, ',' ORDER BY name) FROM community.follower"),
	'card,match', 'modules follow the end of a person');
$node->safe_psql('subset', "SELECT community.uninstall('{match}')");
is($node->safe_psql('subset', "SELECT string_agg(name, ',') FROM community.follower"),
	'card', 'one that was removed follows no more');
$node->safe_psql('subset', 'SELECT community.install()');
($code, $out, $err) = ask('subset', "SELECT community.uninstall('{core}')");
like($err, qr/module "core" is required by installed module/, 'a module that others need stays');
$node->safe_psql('subset', "SELECT community.community_register('330203', 'Haishu', 'district')");
($code, $out, $err) = ask('subset', 'SELECT community.uninstall()');
like($err, qr/holds data.*HINT:  Save the data/s, 'uninstall refuses while data is there');
($code, $out, $err) = ask('subset', "SELECT community.uninstall(confirm => 'yes')");
like($err, qr/must be the name of the database/, 'a wrong confirmation is refused');
$node->safe_psql('subset', "SELECT community.uninstall(confirm => 'subset')");
is($node->safe_psql('subset', "SELECT count(*) FROM pg_class WHERE relnamespace::regnamespace::text ~ '^community' AND relkind IN ('r', 'v', 'p', 'S')"),
	'0', 'uninstall leaves no relation');
$node->safe_psql('subset', 'DROP EXTENSION community; CREATE EXTENSION community; SELECT community.install()');
pass('and the extension can be dropped, created and installed again');

# What an optional module brings comes with it, and is refused by name before.
platform_core('nocard');
$node->safe_psql('nocard', "SELECT community.install('{match,api}'); SELECT community.community_register('330203001001', 'One', 'residential')");
my $tap = "SELECT community_api.order_check_in(gen_random_uuid(), 330203001001, 1, 'x')";
($code, $out, $err) = ask('nocard', $tap);
like($err, qr/reason=module_off/, 'matching stands without cards, and refuses a check-in by card');
$node->safe_psql('nocard', "SELECT community.install('{card}')");
($code, $out, $err) = ask('nocard', $tap);
like($err, qr/reason=match_unknown/, 'which comes with them');

# Create a database with the extension only.
sub platform_core
{
	my ($database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
	return;
}

# --- failures leave nothing behind --------------------------------------------
platform_core('failing');
use_module('step 001_good.sql', 'step 002_bad.sql');
write_file('zz/001_good.sql', "CREATE TABLE community.zz_one (a integer);\n");
write_file('zz/002_bad.sql', "-- a comment\nCREATE TABLE community.zz_two (a integer);\n\nSELECT 1 / 0;\n");
($code, $out, $err) = ask('failing', 'SELECT community.install()');
like($err, qr/division by zero/, 'a failing step fails the installation');
like($err, qr{platform file "zz/002_bad\.sql", line 4, statement 2}, 'file, line and statement are named');
is($node->safe_psql('failing', "SELECT count(*) FROM pg_class WHERE relnamespace = 'community'::regnamespace AND relkind IN ('r', 'p')"),
	'0', 'nothing is left behind');
for my $case (
	[ "CREATE TABLE community.x (a int);\nSELEC 1;\n", qr/syntax error.*line 2/s, 'syntax error' ],
	[ "COMMIT;\n", qr/transaction commands cannot stand/, 'COMMIT' ],
	[ "COPY community.x FROM stdin;\n", qr/COPY cannot stand/, 'COPY' ],
	[ "VACUUM community.zz_one;\n", qr/VACUUM and ANALYZE cannot stand/, 'VACUUM' ],
	[ "CREATE INDEX CONCURRENTLY ON community.zz_one (a);\n", qr/CONCURRENTLY cannot stand/, 'CONCURRENTLY' ],
	[ "SELECT '\xff';\n", qr/invalid byte sequence/, 'broken encoding' ])
{
	write_file('zz/002_bad.sql', $case->[0]);
	($code, $out, $err) = ask('failing', 'SELECT community.install()');
	like($err, $case->[1], "refused in a platform file: $case->[2]");
}
write_file('zz/002_bad.sql', "SELECT 1;\n");
for my $case ([ 'step ../../x.sql', qr/invalid file name/ ], [ 'stop 001.sql', qr/expected title, floor/ ],
	[ 'requires nosuch', qr/requires "nosuch", which is not below it/ ])
{
	use_module($case->[0]);
	($code, $out, $err) = ask('failing', 'SELECT community.install()');
	like($err, $case->[1], "refused in a manifest: $case->[0]");
}

# --- steps run once; an edited, late or lost one is an error -------------------
use_module('step 001_good.sql', 'step 002_bad.sql');
$node->safe_psql('failing', 'SELECT community.install()');
write_file('zz/002_bad.sql', "SELECT 2;\n");
($code, $out, $err) = ask('failing', 'SELECT community.migrate()');
like($err, qr/step "002_bad\.sql" of module "zz" was changed after it had been applied/, 'an edited applied step is refused by name');
write_file('zz/002_bad.sql', "SELECT 1;\n");
use_module('step 001_good.sql', 'step 000_late.sql', 'step 002_bad.sql');
write_file('zz/000_late.sql', "SELECT 1;\n");
($code, $out, $err) = ask('failing', 'SELECT community.migrate()');
like($err, qr/step "000_late\.sql" of module "zz" stands before the applied step/, 'a late step is refused by name');
use_module('step 001_good.sql');
($code, $out, $err) = ask('failing', 'SELECT community.migrate()');
like($err, qr/applied step "002_bad\.sql" of module "zz" is missing/, 'a lost step is refused by name');

# --- a migrated database equals a fresh one ------------------------------------
my $table = "CREATE TABLE community.zz_row (id bigint PRIMARY KEY, kept text, retyped integer, dropped text);\n"
  . "COMMENT ON TABLE community.zz_row IS 'A row. / 行。';\n";
my $view = 'CREATE OR REPLACE VIEW community.zz_view AS SELECT id, kept FROM community.zz_row;' . "\n";
my $body = "CREATE OR REPLACE FUNCTION community.zz_first() RETURNS community.zz_row LANGUAGE sql STABLE\n"
  . "BEGIN ATOMIC SELECT * FROM community.zz_row ORDER BY id LIMIT 1; END;\n";
my $read = "CREATE OR REPLACE FUNCTION community.zz_count() RETURNS bigint LANGUAGE sql STABLE\n"
  . "BEGIN ATOMIC SELECT count(*) FROM community.zz_row WHERE kept IS NOT NULL; END;\n";
use_module('step 001_table.sql', 'replay functions.sql', 'replay views.sql');
unlink "$house/zz/$_" for '000_late.sql', '001_good.sql', '002_bad.sql';
write_file('zz/001_table.sql', $table);
write_file('zz/functions.sql', $read);
write_file('zz/views.sql', $view);
platform_core('migrated');
$node->safe_psql('migrated', 'SELECT community.install()');
$node->safe_psql('migrated', "INSERT INTO community.zz_row VALUES (1, 'a', 7, 'x')");
use_module('step 001_table.sql', 'step 002_change.sql', 'replay functions.sql', 'replay views.sql');
write_file('zz/002_change.sql', "DROP VIEW IF EXISTS community.zz_view;\nALTER TABLE community.zz_row ADD COLUMN added date;\n"
	  . "ALTER TABLE community.zz_row ALTER COLUMN retyped TYPE bigint;\nALTER TABLE community.zz_row DROP COLUMN dropped;\n");
is($node->safe_psql('migrated', "SELECT string_agg(step || ' ' || action, ', ') FROM community.migrate(dry_run => true)"),
	'002_change.sql to apply, functions.sql to replay, views.sql to replay', 'migrate(dry_run) lists the step and every replayable');
is($node->safe_psql('migrated', "SELECT string_agg(step || ' ' || action, ', ') FROM community.migrate()"),
	'002_change.sql applied, functions.sql replayed, views.sql replayed', 'all replayables follow a step, changed or not');
is($node->safe_psql('migrated', 'SELECT community.zz_count()'), '1', 'the unchanged standard body works on the changed table');
platform_core('fresh');
$node->safe_psql('fresh', 'SELECT community.install()');
is(difference(schema_of($node, 'migrated'), schema_of($node, 'fresh')), '', 'the schema of a migrated database equals that of a fresh one');
write_file('zz/views.sql', "CREATE OR REPLACE VIEW community.zz_view AS SELECT id, kept, retyped FROM community.zz_row;\n");
is($node->safe_psql('migrated', "SELECT state || ' ' || pending FROM community.modules() WHERE module = 'zz'"), 'pending 1', 'modules() shows what is pending');
is($node->safe_psql('migrated', "SELECT string_agg(step, ',') FROM community.migrate()"), 'views.sql', 'a changed replayable alone is replayed');

# --- concurrent installers -------------------------------------------------------
write_file('modules', $installed_modules);
platform_core('raced');
my @handles;
my @answers;
for my $i (0 .. 3)
{
	$answers[$i] = { out => '', err => '' };
	push @handles, start([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', 'raced', '-c',
			'SELECT count(*) FROM community.install()' ], '>', \$answers[$i]{out}, '2>', \$answers[$i]{err});
}
finish($_) for @handles;
is(join('', map { $_->{err} } @answers), '', 'four installers at once raise no error');
is(join(',', sort { $a <=> $b } map { $_->{out} + 0 } @answers), "0,0,0,$dry", 'one of them does the work, the others find it done');

# --- PostGIS elsewhere, other owners, other databases -------------------------------
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
$node->safe_psql('elsewhere', 'CREATE SCHEMA gis; CREATE EXTENSION postgis SCHEMA gis; CREATE EXTENSION btree_gist SCHEMA gis;
	CREATE EXTENSION community; SELECT count(*) FROM community.install()');
is($node->safe_psql('elsewhere', "SELECT count(*) FROM community.modules() WHERE state <> 'installed'"), '0', 'PostGIS may live in another schema');

$node->safe_psql('postgres', "CREATE ROLE dba LOGIN; CREATE ROLE boss LOGIN SUPERUSER; CREATE DATABASE owned OWNER dba");
$node->safe_psql('owned', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
($code, $out, $err) = ask('owned', 'SELECT community.install()', user => 'dba');
like($err, qr/permission denied for function install/, 'a role that is not allowed cannot install');
($code, $out, $err) = ask('owned', "SELECT community.allow_owner('boss')");
like($err, qr/role "boss" is a superuser and must not own the platform/, 'a superuser cannot own the platform');
($code, $out, $err) = ask('owned', "SELECT community.install(owner => 'boss')");
like($err, qr/is a superuser/, 'nor be named as owner');
$node->safe_psql('owned', "SELECT community.allow_owner('dba')");
($code, $out, $err) = ask('owned', "SELECT community.install(owner => 'community_owner2')", user => 'dba');
like($err, qr/only a superuser may install the platform for another role/, 'an allowed role installs for itself only');
($code, $out, $err) = ask('owned', 'SELECT count(*) FROM community.install()', user => 'dba');
is($err, '', 'an allowed role without superuser rights installs');
is($node->safe_psql('owned', "SELECT count(*) FROM pg_class WHERE relnamespace = 'community'::regnamespace AND relkind IN ('r', 'v', 'p')
	AND relowner <> 'dba'::regrole"), '0', 'and owns everything');
($code, $out, $err) = ask('owned', "SELECT community.install(owner => 'somebody')");
like($err, qr/already belongs to role "dba"/, 'the owner cannot be changed by a later call');

for my $case ([ "ENCODING 'SQL_ASCII' LOCALE 'C'", qr/needs a database with encoding UTF8/, 'encoding' ],
	[ "ENCODING 'UTF8' LOCALE 'C'", qr/whose LC_CTYPE is not C/, 'LC_CTYPE C' ])
{
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS odd");
	$node->safe_psql('postgres', "CREATE DATABASE odd TEMPLATE template0 $case->[0]");
	$node->safe_psql('odd', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
	($code, $out, $err) = ask('odd', 'SELECT community.install()');
	like($err, $case->[1], "refused: $case->[2]");
}
platform_core('other');
(my $newer = $installed_modules) =~ s/^version .*$/version 9.9.9/m;
write_file('modules', $newer);
($code, $out, $err) = ask('other', 'SELECT community.install()');
like($err, qr/files are of version 9\.9\.9, the extension is of version.*HINT:  Run ALTER EXTENSION community UPDATE first/s,
	'files of another version are refused');
write_file('modules', $installed_modules);
($code, $out, $err) = ask('other', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT community.install()');
like($err, qr/at isolation level READ COMMITTED only/, 'a stale snapshot is refused');
($code, $out, $err) = ask('other', 'SELECT community.migrate()');
like($err, qr/the platform is not installed in this database/, 'migrate needs an installation');

# --- nothing is adopted -----------------------------------------------------------
$node->safe_psql('postgres', 'CREATE DATABASE planted');
$node->safe_psql('planted', 'CREATE SCHEMA community; CREATE FUNCTION community.trap() RETURNS int LANGUAGE sql RETURN 1');
($code, $out, $err) = ask('planted', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
like($err, qr/schema "community" already contains an object/, 'a schema that already holds an object is refused');
$node->safe_psql('planted', 'DROP FUNCTION community.trap(); CREATE SCHEMA community_api');
$node->safe_psql('planted', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
($code, $out, $err) = ask('planted', 'SELECT community.install()');
like($err, qr/schema "community_api" exists and does not belong to role/, 'an outward schema of somebody else is refused');

$node->stop;
done_testing();
