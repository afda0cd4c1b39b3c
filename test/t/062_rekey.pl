# Rotation of the keys of persons: search and uniqueness while both keys are in
# the ring, all sealed anew, the old keys gone; and what is said without a ring.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = "$dir/ring";
my $make = tree('test/lib/make-ring.sh');

# Replace the ring and wait until new sessions see so many keys.
sub put_ring
{
	my ($node, $text, $keys) = @_;
	unlink $ring;
	open(my $f, '>', $ring) or die $!;
	print $f $text;
	close $f;
	chmod 0400, $ring or die $!;
	return unless $node;
	$node->reload;
	wait_for($node, 'community', 'SELECT count(*) FROM community.key_ring()', $keys, 20) or die 'ring';
	return;
}
my $text = `$make`;
put_ring(undef, $text, 0);
my $node = community_node('rekey', conf => "community.key_file = '$ring'\n", preload => 'pg_cron,community');
platform_install($node, 'community');
$node->safe_psql('community', q{
	SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299001001', '东风社区', 'residential');
	SELECT community.person_add(330299001001, '王小明' || n, 'passport', 'E1234567' || n, '1380013800' || n, '{"residence": {"kind": "registered", "since": "2020-01-01"}}') FROM generate_series(0, 9) n;
	SELECT community.person_depart(330299001001, min(person_id)) FROM community.person;
	SELECT community.person_erase(330299001001, max(person_id), 'request') FROM community.person;
});
my $keys = q{SELECT string_agg(DISTINCT community.seal_key_id(data_key)::text, ',') FROM community.person_key};
my $find = q{SELECT name || phone FROM community.person_find(330299001001, 'id_no', 'E12345675')};
my $twice = q{DO $$BEGIN PERFORM community.person_add(330299001001, 'x', 'passport', 'e12345675'); RAISE NOTICE 'entered'; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END$$};
my $health = q{SELECT coalesce(string_agg(severity || ' ' || subject, ','), 'ok') FROM community.party_health()};
is($node->safe_psql('community', $keys), '1', 'sealed by the first key');
is($node->safe_psql('community', 'SELECT community.person_rekey()'), '0', 'nothing to do');
is($node->safe_psql('community', $health), 'ok', 'healthy');

my $rotated = `$make rotated < $ring`;
put_ring($node, $rotated, 24);
is($node->safe_psql('community', $find), '王***138******05', 'found by the hash of the old key');
my ($rc, $out, $err) = $node->psql('community', $twice);
like($err, qr/a person with this document is on record/, 'and entered once, whatever the key');
($rc, $out, $err) = $node->psql('community', q{SELECT community.person_update(330299001001, (SELECT max(person_id) FROM community.person WHERE status = 'active'), '{"id_no": "E12345675"}')});
like($err, qr/a person with this document is on record/, 'nor by a correction');
is($node->safe_psql('community', $health), 'warn person_key', 'health asks for the work');
is($node->safe_psql('community', 'SELECT community.person_rekey(4)'), '4', 'some');
is($node->safe_psql('community', $keys), '1,101', 'halfway');
is($node->safe_psql('community', $find), '王***138******05', 'found meanwhile');
is($node->safe_psql('community', 'SELECT community.person_rekey() + community.person_rekey()'), '5', 'the rest');
is($node->safe_psql('community', $keys), '101', 'all sealed by the new key');
is($node->safe_psql('community', q{SELECT count(*) FROM community.person_index i JOIN community.person p USING (community_id, person_id, id_hash) WHERE get_byte(i.id_hash, 1) = 103}), '8', 'and indexed by it');
is($node->safe_psql('community', $health), 'ok', 'healthy again');

# The old keys leave the ring.
my $only = join('', grep { !/ old / } map { "$_\n" } split(/\n/, $rotated));
put_ring($node, $only, 11);
is($node->safe_psql('community', $find), '王***138******05', 'found without the old keys');
($rc, $out, $err) = $node->psql('community', $twice);
like($err, qr/a person with this document is on record/, 'entered once still');

# Another ring opens nothing, and no ring is said so.
put_ring($node, "community-ring 1\n", 0);
is($node->safe_psql('community', $health), 'error key ring', 'health tells of the missing key');
($rc, $out, $err) = $node->psql('community', q{SELECT community.person_import_open(330299001001, 'x')});
like($err, qr/PT503|the key ring has no active key/, 'no import without keys');
($rc, $out, $err) = $node->psql('community', $find);
like($err, qr/ERROR:/, 'no search without keys');
is($node->safe_psql('community', q{SELECT count(*) FROM community.person WHERE status = 'active'}), '8', 'what needs no key goes on');
done_testing();
