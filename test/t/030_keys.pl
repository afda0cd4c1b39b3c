# The key ring: what is refused, reload and rotation, what a restored server
# shows, and that no secret is found anywhere on disk.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $make = tree('test/lib/make-ring.sh');
my $node = community_node('keys', conf => "log_statement = 'all'\nlog_min_messages = debug1\n");
$node->safe_psql('postgres', 'CREATE DATABASE community');
$node->safe_psql('community', 'SET client_min_messages = warning; CREATE EXTENSION community CASCADE');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = "$dir/ring";

# Write a file with a mode.
sub put
{
	my ($path, $mode, $text) = @_;
	unlink $path;
	open(my $f, '>', $path) or die "$path: $!";
	print $f $text;
	close $f;
	chmod $mode, $path or die "$path: $!";
	return;
}

# Point the server to a ring and return what a new session says of it.
sub ring_says
{
	my ($setting, $value) = @_;
	$node->safe_psql('postgres', "LOAD 'community'; ALTER SYSTEM SET community.$setting = '$value'");
	$node->reload;
	wait_for($node, 'postgres', "SELECT current_setting('community.$setting')", $value, 20) or die 'reload';
	my ($rc, $out, $err) = $node->psql('community', 'SELECT count(*) FROM community.key_ring()');
	is($rc, 0, "$value: the server still answers");
	$err =~ s/^psql:<stdin>:\d+: //gm;
	$err =~ s/\Q$dir\E/DIR/g;
	return "$out $err";
}

my $text = `$make`;
my $line = (split /\n/, $text)[1];

like(ring_says('key_file', ''), qr/^0 WARNING:  there is no key ring\nHINT:  Set community.key_file or community.key_command\.$/, 'no ring');
like(ring_says('key_file', $ring), qr/^0 WARNING:  could not open the key ring "DIR\/ring": No such file or directory$/, 'missing ring');
my ($rc, $out, $err) = $node->psql('community', "SELECT community.seal('a', 'b')");
like($err, qr/ERROR:  the key ring has no active key for use "seal-aes"/, 'nothing is sealed without a key');
put($ring, 0400, $text);
is(ring_says('key_file', $ring), '12 ', 'a good ring');
put($ring, 0404, $text);
like(ring_says('key_file', $ring), qr/^0 WARNING:  the key ring "DIR\/ring" must not be writable by its group nor open to others\nHINT:  Set its mode to 0400\.$/, 'open to others');
put($ring, 0620, $text);
like(ring_says('key_file', $ring), qr/must not be writable by its group/, 'writable by the group');
put($ring, 0440, $text);
is(ring_says('key_file', $ring), '12 ', 'readable by the group is fine');
symlink $ring, "$dir/link" or die;
like(ring_says('key_file', "$dir/link"), qr/^0 WARNING:  could not open the key ring "DIR\/link": Too many levels of symbolic links$/, 'symbolic link');
mkdir "$dir/folder";
like(ring_says('key_file', "$dir/folder"), qr/^0 WARNING:  the key ring "DIR\/folder" is not a regular file$/, 'folder');
put($node->data_dir . '/ring', 0400, $text);
like(ring_says('key_file', $node->data_dir . '/ring'), qr/must not lie in the data directory\nDETAIL:  A backup would hold keys and values together\.$/, 'in the data directory');
unlink $node->data_dir . '/ring';
($rc, $out, $err) = $node->psql('postgres', "LOAD 'community'; ALTER SYSTEM SET community.key_file = 'ring'");
like($err, qr/invalid value for parameter "community\.key_file": "ring"\n.*DETAIL:  The path of the key ring must be absolute\./s, 'relative path');

# What a ring may not say; the message tells the line, never the material.
my $hex = 'ab' x 32;
my @bad = (
	[ '', 'Line 0: a ring begins with: community-ring 1\.' ],
	[ "community-ring 2\n", 'Line 1: a ring begins with: community-ring 1\.' ],
	[ "# x\ncommunity-ring 1 x\n", 'Line 2: a ring begins with: community-ring 1\.' ],
	[ "community-ring 1\r\n", 'Line 1: lines end with a line feed alone\.' ],
	[ "community-ring 1\n0 index active $hex\n", 'Line 2: the number of a key is 1 to 65535\.' ],
	[ "community-ring 1\n65536 index active $hex\n", 'Line 2: the number of a key is 1 to 65535\.' ],
	[ "community-ring 1\nx index active $hex\n", 'Line 2: the number of a key is 1 to 65535\.' ],
	[ "community-ring 1\n1 door active $hex\n", 'Line 2: the use of the key is not known\.' ],
	[ "community-ring 1\n1 index new $hex\n", 'Line 2: the state of a key is active or old\.' ],
	[ "community-ring 1\n1 index active abc\n", 'Line 2: the material has not the length or form that the use needs\.' ],
	[ "community-ring 1\n1 index active ${hex}zz\n", 'Line 2: the material has not the length or form that the use needs\.' ],
	[ "community-ring 1\n1 ed25519 active $hex$hex\n", 'Line 2: the material has not the length or form that the use needs\.' ],
	[ "community-ring 1\n1 index active $hex x\n", 'Line 2: a line holds number, use, state and material only\.' ],
	[ "community-ring 1\n1 ed25519-public active $hex\n", 'Line 2: a public key makes no new values, so it is old\.' ],
	[ "community-ring 1\n1 index active $hex\n1 pin active $hex\n", 'Line 3: two keys have the same number\.' ],
	[ "community-ring 1\n1 ed25519 active $hex\n2 sign-ed25519 active $hex\n", 'Line 3: two uses share one key\.' ],
	[ "community-ring 1\n1 index active $hex\n2 pin active $hex\n", 'Line 3: two uses share one key\.' ],
	[ "community-ring 1\n1 index active $hex\n2 index active $hex\n", 'Line 3: two keys of the same use are active\.' ],
	[ "community-ring 1\n1 seal-aes active $hex\n2 seal-sm4 active ${hex}" . 'cd' x 16 . "\n", 'Line 3: two keys of the same use are active\.' ],
	[ "community-ring 1\n1 sm2 active " . '00' x 32 . "\n", 'Line 2: libcrypto refuses the material\.' ],
	[ "community-ring 1\n1 sm2 active " . 'ff' x 32 . "\n", 'Line 2: libcrypto refuses the material\.' ],
	[ "community-ring 1\n1 sm2-public old $hex$hex\n", 'Line 2: libcrypto refuses the material\.' ],
	[ "community-ring 1\n" . join('', map { "$_ index old $hex\n" } 1 .. 257), 'Line 258: a ring holds 256 keys at most\.' ]);
foreach my $bad (@bad)
{
	put($ring, 0400, $bad->[0]);
	my $said = ring_says('key_file', $ring);
	like($said, qr/^0 WARNING:  the key ring cannot be used\nDETAIL:  $bad->[1]$/, $bad->[1]);
	unlike($said, qr/abab/, 'no material in the message');
}
put($ring, 0400, '#' x 65537);
like(ring_says('key_file', $ring), qr/the key ring is longer than 65536 bytes/, 'too long');

# A command instead of a file.
put($ring, 0400, $text);
ring_says('key_file', '');
is(ring_says('key_command', "cat $ring"), '12 ', 'ring from a command');
like(ring_says('key_command', 'false'), qr/WARNING:  community\.key_command failed\nDETAIL:  child process exited with exit code 1$/, 'failing command');
ring_says('key_command', '');
is(ring_says('key_file', $ring), '12 ', 'the file again');

# Rotation in running sessions: old values open, new ones use the new key.
my $session = $node->background_psql('community');
$session->query_safe(q{CREATE TABLE kept AS SELECT community.seal('canary-of-the-text', 'c') AS v, community.blind_index('canary-of-the-text') AS i, community.data_key_new('d') AS d});
my $rotated = `$make rotated < $ring`;
put($ring, 0400, $rotated);
$node->reload;
wait_for($node, 'community', 'SELECT count(*) FROM community.key_ring()', '24', 20);
is($session->query_safe(q{SELECT community.unseal(v, 'c') FROM kept}), 'canary-of-the-text', 'old values open after rotation');
is($session->query_safe(q{SELECT community.seal_key_id(v) || ' ' || community.seal_key_id(community.seal('x', 'c')) FROM kept}), '1 101', 'new values use the new key');
is($session->query_safe(q{SELECT community.blind_index('canary-of-the-text') = i, i = ANY (community.blind_index_all('canary-of-the-text')) FROM kept}), 'f|t', 'search finds old indexes');
is($session->query_safe(q{SELECT community.unseal_under(d, 'd', community.seal_under(d, 'd', 'x', 'y'), 'y') FROM kept}), 'x', 'data keys live on');
$session->quit;

# The check values tell the right ring from a wrong one.
my $kcv = $node->safe_psql('community', 'SELECT string_agg(key_id || kcv::text, $$,$$ ORDER BY key_id) FROM community.key_ring()');
put($ring, 0400, $rotated . "# a comment\n");
$node->reload;
is($node->safe_psql('community', 'SELECT string_agg(key_id || kcv::text, $$,$$ ORDER BY key_id) FROM community.key_ring()'), $kcv, 'check values are stable');
my $sm = `$make sm`;
put($ring, 0400, $sm);
$node->reload;
wait_for($node, 'community', 'SELECT count(*) FROM community.key_ring()', '12', 20);
isnt($node->safe_psql('community', 'SELECT string_agg(key_id || kcv::text, $$,$$ ORDER BY key_id) FROM community.key_ring()'), $kcv, 'another ring shows');
($rc, $out, $err) = $node->psql('community', q{SELECT community.unseal(v, 'c') FROM kept});
like($err, qr/ERROR:  (the key ring lacks the key of this sealed value|the sealed value does not belong here)/, 'a wrong ring opens nothing');
is($node->safe_psql('community', q{SELECT get_byte(v, 1), octet_length(v), community.unseal(v, 'c') FROM (SELECT community.seal('王小明', 'c') AS v) s}), '2|52|王小明', 'SM4 with HMAC-SM3');
is($node->safe_psql('community', q{
	CREATE FUNCTION try_unseal(v bytea) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN community.unseal(v, 'c'); EXCEPTION WHEN others THEN RETURN 'refused'; END $$;
	SELECT string_agg(DISTINCT try_unseal(set_bit(v, i, 1 - get_bit(v, i))), ',') FROM (SELECT community.seal('王小明', 'c') AS v OFFSET 0) s, generate_series(0, 52 * 8 - 1) i}), 'refused', 'SM4: every flipped bit is refused');

# Who sees what.
$node->safe_psql('community', 'CREATE ROLE nobody LOGIN; GRANT USAGE ON SCHEMA community TO nobody');
foreach my $q ('SELECT * FROM community.key_ring()', q{SELECT community.seal('a', 'b')}, q{SELECT community.unseal('\x00', 'b')},
	q{SELECT community.blind_index('a')}, q{SELECT community.data_key_new('a')},
	q{SELECT community.weekly_hours('off'); SHOW community.key_file}, q{SELECT community.weekly_hours('off'); SHOW community.key_command})
{
	($rc, $out, $err) = $node->psql('community', $q, extra_params => [ '-U', 'nobody' ]);
	like($err, qr/permission denied|must be superuser or have privileges/, "refused: $q");
}

# Canaries: no byte of a ring, in binary or hex, in data, dump or log.
put($ring, 0400, $rotated);
$node->reload;
wait_for($node, 'community', 'SELECT count(*) FROM community.key_ring()', '24', 20);
is($node->safe_psql('community', q{SELECT community.unseal(v, 'c') FROM kept}), 'canary-of-the-text', 'opened once more');
$node->safe_psql('community', 'CHECKPOINT');
$node->command_ok([ 'pg_dumpall', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-f', "$dir/dump" ], 'dump');
$node->stop;
my @secrets = map { (split / /)[3] } grep { /^\d/ } split(/\n/, $text . $rotated . $sm);
my @files = grep { -f } map { chomp; $_ } `find @{[ $node->data_dir ]} -type f; echo $dir/dump; echo @{[ $node->logfile ]}`;
my ($found, $planted) = (0, 0);
foreach my $file (@files)
{
	open(my $f, '<:raw', $file) or next;
	local $/;
	my $bytes = <$f>;
	close $f;
	$planted++ if index($bytes, 'community.key_file') >= 0;
	foreach my $hex (@secrets)
	{
		my $half = substr($hex, 0, 32);
		$found++ if index($bytes, $half) >= 0 || index($bytes, pack('H*', $half)) >= 0;
	}
}
cmp_ok($planted, '>', 0, 'the search finds what is there');
cmp_ok(scalar(@secrets), '>', 30, 'secrets searched');
is($found, 0, 'no secret of any ring on disk');

done_testing();
