# Upgrade to a next version of extension and platform: a made-up one, from a copy of
# the installed files.  Nothing is lost, nothing half done stays, and the database
# becomes what a fresh one of that version is.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $dest = "$ENV{TESTDIR}/dest";
system('cp', '-r', $ENV{COMMUNITY_DEST}, $dest) == 0 or die 'cannot copy the build';
my $share = "$dest/usr/share/postgresql/15/extension";
my $house = "$share/community";

my $node = community_node('upgrade', conf => "extension_destdir = '$dest'\n");
my ($old) = slurp_file("$share/community.control") =~ /default_version = '([^']+)'/;
my $new = "$old.1";

# Run a query and return what the client is told of its errors.
sub told
{
	my ($database, $sql) = @_;
	my ($code, $out, $err) = $node->psql($database, $sql, on_error_stop => 1);
	return $err;
}

# Write a file of the copy.
sub write_file
{
	my ($path, $text) = @_;
	open my $fh, '>', $path or die "$path: $!";
	print $fh $text;
	close $fh;
	return;
}

# Return one line per table of the platform: name, rows, hash of the rows in order,
# without what an upgrade is meant to change.
sub contents_of
{
	my ($database) = @_;
	my $tables = $node->safe_psql($database, q{
		SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(md5((to_jsonb(t) - ''nickname'')::text), %L ORDER BY (to_jsonb(t) - ''nickname'')::text COLLATE "C"), %L)) FROM ONLY %s t', c.oid::regclass, ',', '', c.oid::regclass)
		  FROM pg_class c
		 WHERE c.relnamespace = 'community'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('migration', 'data_class', 'module_object')
		 ORDER BY c.oid::regclass::text});
	return join("\n", map { $node->safe_psql($database, $_) } split /\n/, $tables);
}

# --- a database of the old version, with data, an edited seed and objects of its user
platform_install($node, 'old');
$node->safe_psql('old', q{
	SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299001001', '东风社区', 'residential');
	SELECT community.grid_add('330299001001001', '一格', 'unit', '{"type":"Polygon","coordinates":[[[121,29],[121.01,29],[121.01,29.01],[121,29.01],[121,29]]]}');
	SELECT community.address_add(330299001001, 'building', '一号楼', NULL, 121.005, 29.005);
	SELECT count(*) FROM community.facility_import(NULL, '[{"name":"阳光小学","class":"school","lon":121.005,"lat":29.005,"opening":"Mo-Fr 08:00-17:00"}]');
	UPDATE community.facility_class SET name_zh = '本市学校', edited = true WHERE class = 'school';
	CREATE TABLE public.mine (cell community.gridcell PRIMARY KEY, code community.gridcode);
	INSERT INTO public.mine SELECT community.gridcell(121 + i / 1000.0, 29, 6), '330299001001' FROM generate_series(1, 500) i;
	CREATE VIEW public.seen AS SELECT m.cell, community.gridcell_parent(m.cell, 4) AS parent, f.name FROM public.mine m LEFT JOIN community.facility f ON f.community_id = community.gridcode_community(m.code);
});
my $before = contents_of('old');
my $seen = $node->safe_psql('old', 'SELECT md5(string_agg(s::text, $$,$$ ORDER BY s::text)) FROM public.seen s');
my $steps = $node->safe_psql('old', 'SELECT count(*) FROM community.migration');

# --- the files of the next version are put in place ---------------------------------
my $addition = "CREATE FUNCTION community.grid_next(community.gridcode) RETURNS text\nLANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE\n"
  . "RETURN 'next ' || (\$1)::text;\nCOMMENT ON FUNCTION community.grid_next(community.gridcode) IS 'New in the next version. / 新版函数。';\n";
my $control = slurp_file("$share/community.control");
$control =~ s/default_version = '[^']+'/default_version = '$new'/;
write_file("$share/community.control", $control);
write_file("$share/community--$old--$new.sql", "\\echo Use \"ALTER EXTENSION community UPDATE\" to load this file. \\quit\n$addition");
write_file("$share/community--$new.sql", slurp_file("$share/community--$old.sql") . $addition);
(my $modules = slurp_file("$house/modules")) =~ s/^version .*$/version $new/m;
write_file("$house/modules", $modules);
(my $manifest = slurp_file("$house/place/manifest")) =~ s/^(replay classes\.sql)$/step 900_nickname.sql\n$1/m;
write_file("$house/place/manifest", $manifest);
write_file("$house/place/900_nickname.sql", "ALTER TABLE community.address ADD COLUMN nickname text;\n"
	  . "COMMENT ON COLUMN community.address.nickname IS 'What people call it. / 俗称。';\n");
write_file("$house/place/functions_address.sql", slurp_file("$house/place/functions_address.sql")
	  . "CREATE OR REPLACE FUNCTION community.address_nickname(p_community_id bigint, p_address_id bigint)\nRETURNS text LANGUAGE sql STABLE\n"
	  . "RETURN (SELECT coalesce(a.nickname, community.grid_next(a.community_id::text::community.gridcode)) FROM community.address a WHERE a.community_id = p_community_id AND a.address_id = p_address_id);\n"
	  . "COMMENT ON FUNCTION community.address_nickname(bigint, bigint) IS 'What people call an address. / 地址俗称。';\n");

# --- first the extension, then the platform ----------------------------------------------
like(told('old', 'SELECT community.migrate()'), qr/files are of version \Q$new\E, the extension is of version \Q$old\E.*HINT:  Run ALTER EXTENSION community UPDATE first/s, 'the platform waits for the extension');
is($node->safe_psql('old', q{SELECT name FROM community.facility_search('阳光')}), '阳光小学', 'meanwhile the old platform works');
is($node->safe_psql('old', "SELECT path FROM pg_extension_update_paths('community') WHERE source = '$old' AND target = '$new'"), "$old--$new", 'there is a way');
like(told('old', 'SET ROLE community_owner; ALTER EXTENSION community UPDATE'), qr/must be owner of extension community/, 'it is a superuser\'s to go');
$node->safe_psql('old', 'ALTER EXTENSION community UPDATE');
is($node->safe_psql('old', q{SELECT extversion FROM pg_extension WHERE extname = 'community'}), $new, 'the extension is updated');
is($node->safe_psql('old', q{SELECT community.grid_next('330299001001')}), 'next 330299001001', 'with its new function');
is($node->safe_psql('old', 'SELECT md5(string_agg(s::text, $$,$$ ORDER BY s::text)) FROM public.seen s'), $seen, 'tables and views of the user read as before');
like($node->safe_psql('old', q{SELECT string_agg(module || ' ' || state, ',') FROM community.modules() WHERE state <> 'installed'}), qr/^place pending/, 'modules() tells what is pending');
my $listed = $node->safe_psql('old', 'SELECT module, step FROM community.migrate(dry_run => true)');
like($listed, qr/^place\|900_nickname\.sql$/m, 'migrate(dry_run) lists the step');
is($node->safe_psql('old', 'SELECT module, step FROM community.migrate()'), $listed, 'migrate() does what was listed');
is($node->safe_psql('old', 'SELECT count(*) FROM community.migrate()'), '0', 'once');
is($node->safe_psql('old', 'SELECT count(*) FROM community.migration'), $steps + 1, 'one step more is on record');
is($node->safe_psql('old', q{SELECT community.address_nickname(community_id, address_id) FROM community.address}), 'next 330299001001', 'the new platform works with the new extension');
is(difference(contents_of('old'), $before), '', 'every row is as it was');
is($node->safe_psql('old', q{SELECT name_zh FROM community.facility_class WHERE class = 'school'}), '本市学校', 'also the edited one');
is($node->safe_psql('old', q{SELECT level FROM community.data_class WHERE table_name = 'address' AND column_name = 'nickname'}), $node->safe_psql('old', q{SELECT level FROM community.data_class WHERE table_name = 'address' AND column_name = 'name'}), 'the new column is classed');

# --- the same as a fresh one --------------------------------------------------------------
$node->safe_psql('old', 'DROP VIEW public.seen; DROP TABLE public.mine');
platform_install($node, 'fresh');
is($node->safe_psql('fresh', q{SELECT extversion FROM pg_extension WHERE extname = 'community'}), $new, 'a fresh database has the new version');
is(difference(schema_of($node, 'old'), schema_of($node, 'fresh')), '', 'the updated schema equals it');

# --- an update that fails leaves nothing ------------------------------------------------------
write_file("$share/community--$new--$new.1.sql", "CREATE FUNCTION community.half() RETURNS int LANGUAGE sql RETURN 1;\nSELECT 1 / 0;\n");
like(told('old', "ALTER EXTENSION community UPDATE TO '$new.1'"), qr/division by zero/, 'an update that fails');
is($node->safe_psql('old', q{SELECT extversion || ' ' || (to_regproc('community.half') IS NULL) FROM pg_extension WHERE extname = 'community'}), "$new true", 'leaves version and objects as they were');
like(told('old', "ALTER EXTENSION community UPDATE TO '$old'"), qr/no update path from version "\Q$new\E" to version "\Q$old\E"/, 'there is no way back but a dump');
write_file("$house/place/901_broken.sql", "ALTER TABLE community.address ADD COLUMN half text;\nSELECT 1 / 0;\n");
write_file("$house/place/manifest", $manifest =~ s/^(step 900_nickname\.sql)$/$1\nstep 901_broken.sql/mr);
like(told('old', 'SELECT community.migrate()'), qr/division by zero.*901_broken\.sql/s, 'a step that fails is named');
is($node->safe_psql('old', q{SELECT count(*) FROM pg_attribute WHERE attrelid = 'community.address'::regclass AND attname = 'half'}), '0', 'and leaves nothing behind');
is($node->safe_psql('old', q{SELECT community.address_nickname(community_id, address_id) FROM community.address}), 'next 330299001001', 'the platform works on');
$node->stop;
done_testing();
