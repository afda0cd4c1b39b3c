# Attacks on sealed values and on counts, as each role of the platform: every
# one must fail, and what it must not learn is looked for in all it was told.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = "$dir/ring";
my $text = `@{[ tree('test/lib/make-ring.sh') ]}`;
open(my $f, '>', $ring) or die $!;
print $f $text;
close $f;
chmod 0400, $ring or die $!;
my $node = community_node('attacks', conf => "community.key_file = '$ring'\nmax_prepared_transactions = 5\nwal_level = replica\nmax_wal_senders = 5\n", preload => 'pg_cron,community');
platform_install($node, 'community');

my ($name, $number, $phone) = ('欧阳秘密', 'K98765432', '13912345678');
my @secrets = ($name, $number, $phone, unpack('H*', $name));
$node->safe_psql('community', qq{
	SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
	       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential');
	SELECT community.person_add(330299001001, '$name', 'passport', '$number', '$phone', '{"sex": "female", "birth_year": "1951", "residence": {"kind": "registered", "since": "2020-01-01"}}');
	SELECT community.person_add(330299001002, '$name二', 'passport', '${number}2', '$phone');
	SELECT community.care_add(330299001001, min(person_id), 'mental', '2020-01-01'), community.care_add(330299001001, min(person_id), 'living_alone', '2020-01-01') FROM community.person;
	ANALYZE;
	SELECT community.member_add('community_' || r, c, 330299001002) FROM unnest('{operator,dispatcher,grid_worker,analyst,bi,app,auditor,admin}'::text[]) r,
	       unnest('{person_read,person_write,purpose_contact,statistics}'::text[]) c;
});
my $person = $node->safe_psql('community', 'SELECT min(person_id) FROM community.person');
my $other = $node->safe_psql('community', 'SELECT max(person_id) FROM community.person');
my @roles = split /\n/, $node->safe_psql('community', q{SELECT role_name FROM community.role_map WHERE role <> 'job' ORDER BY 1});
cmp_ok(scalar(@roles), '>=', 10, 'roles to try');

# Run SQL as a role and return everything that the client is told.
sub told
{
	my ($role, $sql) = @_;
	my ($rc, $out, $err) = $node->psql('community', $sql, extra_params => [ '-U', $role ], on_error_stop => 0);
	return $out . "\n" . $err;
}

# Tell whether a text holds anything that must stay secret.
sub leaks
{
	my ($what) = @_;
	return scalar grep { index($what, $_) >= 0 } @secrets;
}

# The attacks: [name, sql, pattern of the answer].  Denied is permission denied,
# unless the pattern says otherwise.
my $denied = qr/permission denied|must be (superuser|owner)|only (superuser|a superuser)|read-only transaction/;
my @tables = split /\n/, $node->safe_psql('community', q{SELECT table_name FROM community.data_class GROUP BY 1 HAVING bool_or(level IN ('personal', 'sensitive')) AND to_regclass('community.' || table_name) IS NOT NULL ORDER BY 1});
cmp_ok(scalar(@tables), '>=', 12, 'tables with personal data');
my @attacks = (
	[ 'row by key', "SELECT * FROM community.person WHERE person_id = $person", $denied ],
	[ 'key of a person', 'SELECT * FROM community.person_key', $denied ],
	[ 'whole row', 'SELECT p FROM community.person p', $denied ],
	[ 'one column', 'SELECT birth_year FROM community.person', $denied ],
	[ 'count', 'SELECT count(*) FROM community.residence', $denied ],
	[ 'copy to', 'COPY community.person TO STDOUT', $denied ],
	[ 'copy a query', 'COPY (SELECT name_sealed FROM community.person) TO STDOUT', $denied ],
	[ 'copy to a program', q{COPY (SELECT 1) TO PROGRAM 'cat'}, $denied ],
	[ 'read the ring', "SELECT pg_read_file('$ring')", $denied ],
	[ 'read the ring by copy', "CREATE TABLE public.t (l text); COPY public.t FROM '$ring'", $denied ],
	[ 'large object', "SELECT lo_import('$ring')", $denied ],
	[ 'partition', 'SELECT * FROM community.access_log_default', $denied ],
	[ 'update', q{UPDATE community.person SET status = 'active' RETURNING *}, $denied ],
	[ 'merge into', 'INSERT INTO community.person_index SELECT * FROM community.person_index', $denied ],
	[ 'delete returning', 'DELETE FROM community.consent RETURNING *', $denied ],
	[ 'unseal', q{SELECT community.unseal('\x00', 'x')}, $denied ],
	[ 'unseal under', q{SELECT community.unseal_under('\x00', 'x', '\x00', 'x')}, $denied ],
	[ 'blind index', "SELECT community.blind_index('$number')", $denied ],
	[ 'key ring', 'SELECT * FROM community.key_ring()', $denied ],
	[ 'private helper', "SELECT community._person_insert(330299001001, 'x', NULL, NULL, NULL, NULL, NULL, NULL)", $denied ],
	[ 'inner function', "SELECT * FROM community.person_masked(330299001001, $person)", $denied ],
	[ 'inner counts', q{SELECT * FROM community._population_cells('2024-03-31', '{330299001001}', NULL, true)}, $denied ],
	[ 'ticket without the API', "SELECT community.access_open('contact', 'person/330299001001/$person', '{}')", $denied ],
	[ 'setting', 'SHOW community.key_file', $denied ],
	[ 'setting by function', q{SELECT current_setting('community.key_file')}, $denied ],
	[ 'change the setting', q{SET community.key_file = '/dev/null'}, qr/permission denied|cannot be changed now/ ],
	[ 'become the owner', 'SET ROLE community_owner', qr/permission denied/ ],
	[ 'become the superuser', 'SET SESSION AUTHORIZATION postgres', qr/permission denied/ ],
	[ 'create a role', 'CREATE ROLE evil SUPERUSER', $denied ],
	[ 'grant oneself', 'GRANT community_owner TO CURRENT_USER', qr/permission denied|must have admin option|read-only/ ],
	[ 'grant a table', 'GRANT SELECT ON community.person TO CURRENT_USER', $denied ],
	[ 'shadow a function', 'CREATE FUNCTION community.has_capability(text, bigint, text) RETURNS boolean LANGUAGE sql AS $$SELECT true$$', $denied ],
	[ 'shadow by a temporary table', 'CREATE TEMP TABLE member AS SELECT 1', qr/permission denied|read-only transaction/ ],
	[ 'function in public', 'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$', $denied ],
	[ 'operator that tells', 'CREATE OPERATOR public.<<< (LEFTARG = text, RIGHTARG = text, PROCEDURE = texteq)', $denied ],
	[ 'view over it', 'CREATE VIEW public.v AS SELECT * FROM community.person', $denied ],
	[ 'rule over it', 'CREATE RULE r AS ON SELECT TO community.person DO INSTEAD NOTHING', qr/must be owner|permission denied|read-only/ ],
	[ 'trigger on it', 'CREATE TRIGGER t BEFORE UPDATE ON community.person FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', $denied ],
	[ 'policy off', 'ALTER TABLE community.person DISABLE ROW LEVEL SECURITY', $denied ],
	[ 'policy off for oneself', 'ALTER ROLE CURRENT_USER BYPASSRLS', $denied ],
	[ 'row security off', 'SET row_security = off; SELECT * FROM community.person', qr/permission denied|would be affected by row-level security/ ],
	[ 'explain analyze', 'EXPLAIN ANALYZE SELECT * FROM community.person', $denied ],
	[ 'explain', q{EXPLAIN SELECT * FROM community.person WHERE name_hash = '\x00'}, $denied ],
	[ 'lock', 'BEGIN; LOCK TABLE community.person; COMMIT', $denied ],
	[ 'cursor', 'BEGIN; DECLARE c CURSOR FOR SELECT * FROM community.person; FETCH ALL FROM c; COMMIT', $denied ],
	[ 'do block', 'DO $$BEGIN PERFORM FROM community.person; END$$', $denied ],
	[ 'do block that hides errors', 'DO $$BEGIN PERFORM * FROM community.person; RAISE NOTICE $n$got in$n$; EXCEPTION WHEN OTHERS THEN RAISE NOTICE $n$kept out$n$; END$$', qr/kept out/ ],
	[ 'error as oracle', 'SELECT 1 / (count(*) - 1) FROM community.person', $denied ],
	[ 'cast as oracle', 'SELECT encode(name_sealed, $$escape$$)::int FROM community.person', $denied ],
	[ 'leaky operator', q{SELECT * FROM community.person WHERE name_hash < '\xff' AND pg_sleep(0) IS NOT NULL}, $denied ],
	[ 'foreign key as oracle', "CREATE TABLE public.x (a bigint, b bigint, FOREIGN KEY (a, b) REFERENCES community.person)", $denied ],
	[ 'query_to_xml', q{SELECT query_to_xml('SELECT * FROM community.person', true, true, '')}, $denied ],
	[ 'table_to_xml', q{SELECT table_to_xml('community.person', true, true, '')}, $denied ],
	[ 'statistics', q{SELECT count(*) || ' rows seen' FROM pg_stats WHERE tablename IN ('person', 'residence', 'care_tag', 'person_index')}, qr/^0 rows seen/ ],
	[ 'statistics themselves', 'SELECT * FROM pg_statistic', $denied ],
	[ 'statements of others', q{SELECT count(*) || ' rows seen' FROM pg_stat_activity WHERE query ~ 'person_add' AND pid <> pg_backend_pid()}, qr/^0 rows seen/ ],
	[ 'sequence', 'SELECT last_value FROM community.person_seq', $denied ],
	[ 'sequence by catalog', q{SELECT coalesce(last_value::text, 'nothing') FROM pg_sequences WHERE sequencename = 'person_seq'}, qr/^nothing/ ],
	[ 'sequence by function', q{SELECT nextval('community.person_seq')}, $denied ],
	[ 'size of a table by rows', 'TABLE community.person_stage', $denied ],
	[ 'stage', q{INSERT INTO community.person_stage (batch_id, line) VALUES (1, 'x')}, $denied ],
	[ 'page', q{SELECT pg_relation_filepath('community.person'); SELECT pg_read_binary_file(pg_relation_filepath('community.person'))}, $denied ],
	[ 'dump', q{SELECT pg_export_snapshot(); COPY community.person_key TO STDOUT}, $denied ],
	[ 'two-phase', q{BEGIN; SELECT count(*) FROM community.access_ticket; PREPARE TRANSACTION 'x'}, $denied ],
	[ 'run the installer', 'SELECT community.migrate()', $denied ],
	[ 'make oneself a member', q{INSERT INTO community.member (member_role, community_id, capability) VALUES (CURRENT_USER, 330299001001, 'all')}, $denied ],
	[ 'make oneself a member by function', q{SELECT community.member_add(CURRENT_USER, 'all', 330299001001)}, $denied ]);
foreach my $table (@tables)
{
	push @attacks, [ "table $table", "SELECT * FROM community.$table LIMIT 1", $denied ];
}
# Auditors read the access log of their communities, by grant; nobody else does.
my %granted = (community_auditor => { map { $_ => 1 } qw(access_log audit_log member) }, community_admin => { map { $_ => 1 } qw(member import_batch import_error setting outbox inbox) });
foreach my $role (@roles)
{
	my @failed;
	foreach my $attack (@attacks)
	{
		my ($what, $sql, $expected) = @$attack;
		next if $what =~ /^table (.*)/ && ($granted{$role}{$1} || $node->safe_psql('community', "SELECT has_table_privilege('$role', 'community.$1', 'SELECT')") eq 't');
		my $answer = told($role, $sql);
		push @failed, "$what: " . substr($answer, 0, 200) if $answer !~ $expected || leaks($answer) > (index($sql, $number) >= 0 ? leaks($sql) : 0);
	}
	is(join("\n", @failed), '', "$role: " . scalar(@attacks) . ' attacks fail');
}
# A role that may read a table with sensitive columns would be found here.
is($node->safe_psql('community', q{
	SELECT string_agg(DISTINCT m.role || ' ' || d.table_name, ', ')
	  FROM community.data_class d CROSS JOIN community.role_map m
	 WHERE d.level = 'sensitive' AND m.role <> 'job' AND to_regclass('community.' || d.table_name) IS NOT NULL
	   AND has_column_privilege(m.role_name, 'community.' || d.table_name, d.column_name, 'SELECT')}), '', 'nobody is granted a sensitive column');
# What row security shows a reader who is granted the table after all.
$node->safe_psql('community', 'CREATE ROLE granted LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA community TO granted');
$node->safe_psql('community', q{SELECT community.member_add('granted', 'person_read', 330299001002)});
foreach my $table (grep { $node->safe_psql('community', "SELECT relrowsecurity FROM pg_class WHERE oid = 'community.$_'::regclass") eq 't' } @tables)
{
	is(told('granted', "SELECT count(*) FROM community.$table WHERE community_id = 330299001001"), "0\n", "$table: rows of another community stay out");
}
unlike(told('granted', "SELECT * FROM community.person WHERE community_id = 330299001001 OR person_id / (community_id - 330299001001) > 0"), qr/division by zero/, 'a leaky condition sees no foreign row');

# Views: a condition that fails on a foreign row must never meet one.
my @views = split /\n/, $node->safe_psql('community', q{SELECT table_schema || '.' || table_name FROM information_schema.columns
	WHERE table_schema IN ('community_bi', 'community_map') AND column_name = 'community_id' ORDER BY 1});
cmp_ok(scalar(@views), '>=', 10, 'views with communities');
my @open_views;
foreach my $view (@views)
{
	foreach my $condition ('community_id = 330299001001', '1 / (community_id - 330299001001) > 1', "CASE WHEN community_id = 330299001001 THEN ('x' || community_id)::int ELSE 0 END = 1")
	{
		my $answer = told('community_bi', "SELECT count(*) || ' rows' FROM $view WHERE $condition");
		push @open_views, "$view $condition: $answer" if $answer !~ /^0 rows/;
	}
}
is(join("\n", @open_views), '', 'no view shows a foreign community, and no condition meets one');
cmp_ok(told('community_bi', 'SELECT count(*) FROM community_bi.dim_community'), '>=', 1, 'its own it shows');

# Counts: an analyst of one community tries to get below k and beyond his scope.
$node->safe_psql('community', q{SELECT community.person_add(330299001002, '某' || i, NULL, NULL, NULL, '{"sex": "male", "birth_year": "1980", "residence": {"kind": "registered", "since": "2020-01-01"}}') FROM generate_series(1, 3) i});
foreach my $attack (
	[ 'a day of his own choice', q{SELECT * FROM community.population_asof('2024-03-30', '330299001002')}, qr/reason=population_day/ ],
	[ 'a k of one', q{SELECT coalesce(max(persons), 0) % 5 || ' over' FROM community.population_asof('2024-03-31', '330299001002', '{age_band,sex,residence_kind}', 1)}, qr/^0 over/ ],
	[ 'a negative k', q{SELECT coalesce(max(persons), 0) % 5 || ' over' FROM community.population_asof('2024-03-31', '330299001002', '{}', -5)}, qr/^0 over/ ],
	[ 'k by setting', q{SELECT community.setting_set('report.population_k', '1')}, $denied ],
	[ 'another community', q{SELECT sum(persons) || ' persons' FROM community.population_asof('2024-03-31', '330299001001')}, qr/^0 persons/ ],
	[ 'all communities', q{SELECT count(*) || ' communities' FROM community.population_asof('2024-03-31', '33', '{community}') WHERE community_id <> 330299001002}, qr/^0 communities/ ],
	[ 'a polygon around one house', q{SELECT sum(persons) || ' persons' FROM community.population_asof('2024-03-31', '{"type":"Polygon","coordinates":[[[121,29],[121.0001,29],[121.0001,29.0001],[121,29]]]}')}, qr/^0 persons/ ],
	[ 'injection into the scope', q{SELECT * FROM community.population_asof('2024-03-31', '330299001002'' OR true --')}, qr/reason=population_scope/ ],
	[ 'a name as a dimension', q{SELECT * FROM community.population_asof('2024-03-31', '330299001002', '{name_sealed}')}, qr/reason=population_by/ ],
	[ 'the finest cells', q{SELECT * FROM community._population_rounded('2024-03-31', '{330299001002}', NULL)}, $denied ],
	[ 'exact', 'SELECT * FROM community.population_exact(1)', $denied ],
	[ 'a ticket for counts', q{SELECT community_api.access_open(gen_random_uuid(), 'statistics', 'population/330299001002', '{"reason": "x"}')}, qr/permission denied|capability_missing/ ],
	[ 'points of life circles', 'SELECT * FROM community.population_point', $denied ],
	[ 'feeding them', 'SELECT community.population_feed(330299001002)', qr/permission denied|capability_missing/ ],
	[ 'circles of care', q{SELECT * FROM community.life_circle_care(330299001002, 'living_alone')}, qr/permission denied|capability_missing/ ])
{
	my ($what, $sql, $expected) = @$attack;
	like(told('community_analyst', $sql), $expected, "counts: $what");
}

# The API, with real rights in one community only.
my $app = 'community_app';
my $api = $node->safe_psql('community', q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'community_api'::regnamespace AND proname ~ '^(person|access)_'});
cmp_ok($api, '>=', 5, 'API functions to attack');
foreach my $attack (
	[ 'masked row of another community', "SELECT * FROM community_api.person_get(330299001001, $person)", qr/capability_missing/ ],
	[ 'search in another community', "SELECT * FROM community_api.person_find(330299001001, 'name', 'x')", qr/capability_missing/ ],
	[ 'search by pattern', "SELECT count(*) FROM community_api.person_find(330299001002, 'name', '%')", qr/^0\n/ ],
	[ 'search by prefix', "SELECT count(*) FROM community_api.person_find(330299001002, 'phone', '139')", qr/^0\n/ ],
	[ 'injection into the field', "SELECT * FROM community_api.person_find(330299001002, 'name'' OR true --', 'x')", qr/find_field_invalid/ ],
	[ 'injection into the object', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001002/0 OR 1=1', '{\"reason\": \"x\"}')", qr/access_object_invalid/ ],
	[ 'two communities in one object', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001002/$other,person/330299001001/$person', '{\"reason\": \"x\"}')", qr/access_object_invalid/ ],
	[ 'ticket for another community', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001001/$person', '{\"reason\": \"x\"}')", qr/capability_missing/ ],
	[ 'a purpose that he has not', "SELECT community_api.access_open(gen_random_uuid(), 'identify', 'person/330299001002/$other', '{\"reason\": \"x\"}')", qr/capability_missing/ ],
	[ 'a field beyond the purpose', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001002/$other', '{\"reason\": \"x\", \"fields\": [\"id_no\"]}')", qr/purpose_fields/ ],
	[ 'whether a number exists there', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001001/99', '{\"reason\": \"x\"}')", qr/capability_missing/ ],
	[ 'one transaction', "BEGIN; SELECT community_api.access_open('00000000-0000-0000-0000-000000000001', 'contact', 'person/330299001002/$other', '{\"reason\": \"x\"}') AS t \\gset\nSELECT * FROM community_api.access_read(gen_random_uuid(), :t); ROLLBACK", qr/ticket_uncommitted/ ],
	[ 'savepoint', "BEGIN; SAVEPOINT s; SELECT community_api.access_open('00000000-0000-0000-0000-000000000002', 'contact', 'person/330299001002/$other', '{\"reason\": \"x\"}') AS t \\gset\nRELEASE s; SELECT * FROM community_api.access_read(gen_random_uuid(), :t); ROLLBACK", qr/ticket_uncommitted/ ],
	[ 'one statement', "WITH t AS MATERIALIZED (SELECT community_api.access_open('00000000-0000-0000-0000-000000000003', 'contact', 'person/330299001002/$other', '{\"reason\": \"x\"}') AS t) SELECT r.* FROM t, community_api.access_read(gen_random_uuid(), t) r", qr/ticket_(uncommitted|unknown)/ ],
	[ 'two-phase commit', "BEGIN; SELECT community_api.access_open('00000000-0000-0000-0000-000000000004', 'contact', 'person/330299001002/$other', '{\"reason\": \"x\"}') AS t \\gset\nPREPARE TRANSACTION 'later';\nSELECT * FROM community_api.access_read(gen_random_uuid(), :t); ROLLBACK PREPARED 'later'", qr/ticket_(uncommitted|unknown)/ ])
{
	my ($what, $sql, $expected) = @$attack;
	my $answer = told($app, $sql);
	like($answer, $expected, "API: $what");
	ok(!leaks($answer), "API: $what: nothing is told");
}

# Another app user with the same rights guesses the tickets of the first.
$node->safe_psql('community', 'CREATE ROLE guesser LOGIN IN ROLE community_app');
is(told('guesser', 'SELECT r.value FROM generate_series(1, 50) t, community_api.access_read(gen_random_uuid(), t) r WHERE r.value IS NOT NULL'), "\n", 'guessed tickets read nothing');

# An honest reading works, and a rollback of the reading leaves the opened ticket in the audit.
my $ticket = $node->safe_psql('community', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001002/$other', '{\"reason\": \"call\"}')", extra_params => [ '-U', $app ]);
like(told($app, "BEGIN; SELECT field, value FROM community_api.access_read(gen_random_uuid(), $ticket) ORDER BY 1; ROLLBACK"), qr/name\|$name二\nphone\|$phone/, 'an honest reading');
is($node->safe_psql('community', "SELECT actor, purpose, object, rows FROM community.audit_log WHERE action = 'access_open' AND detail ->> 'ticket' = '$ticket'"),
	"community_app|contact|person/330299001002/$other|1", 'the audit knows who, why, what, how many');
is($node->safe_psql('community', "SELECT string_agg(action, ',') FROM community.access_log WHERE ticket_id = $ticket"), 'open', 'although the reader rolled back');
like(told('community_operator', "SELECT status, value FROM community_api.access_read(gen_random_uuid(), $ticket)"), qr/permission denied|ticket_unknown/, 'a ticket is of no use to another');
$node->safe_psql('community', q{UPDATE community.member SET valid = tstzrange(lower(valid), clock_timestamp()) WHERE member_role = 'community_app'});
like(told($app, "SELECT status, value FROM community_api.access_read(gen_random_uuid(), $ticket)"), qr/capability_missing/, 'nor when the right has ended');
is($node->safe_psql('community', 'SELECT count(*) FROM community.audit_verify(330299001002)'), '0', 'the audit chain holds');

# A standby opens nothing.
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('attacks_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->safe_psql('community', q{SELECT community.member_add('community_app', c, 330299001002) FROM unnest('{person_read,purpose_contact}'::text[]) c});
$ticket = $node->safe_psql('community', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001002/$other', '{\"reason\": \"call\"}')", extra_params => [ '-U', $app ]);
$node->wait_for_catchup($standby);
my ($rc, $out, $err) = $standby->psql('community', "SELECT status, value FROM community_api.access_read(gen_random_uuid(), $ticket)", extra_params => [ '-U', $app ]);
like("$out$err", qr/access_standby|read-only|recovery/, 'a standby reads no ticket');
ok(!leaks("$out$err"), 'and tells nothing');
$standby->stop;
done_testing();
