# Doors: a reader without a connection decides as the database does, its events
# arrive without harm, and PINs are guessed three times in a quarter of an hour
# whatever the client rolls back.
use strict;
use warnings;
use CommunityTest;
use PostgreSQL::Test::Utils;
use IO::Socket::UNIX;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
open(my $r, '>', "$dir/ring") or die;
print $r `@{[ tree('test/lib/make-ring.sh') ]}`;
close $r;
chmod 0400, "$dir/ring";
my $node = community_node('door', conf => "community.key_file = '$dir/ring'\nmax_connections = 20\nlog_parameter_max_length = 0\n");
platform_install($node, 'community');

# Cards in every state; rules by hours, kind, person, group, with PIN; one zone
# locked, one released.  Credentials are kept for the test alone.
$node->safe_psql(
	'community', q{
	SELECT community.community_register('330203001001', 'One', 'residential');
	SELECT community.card_issuer_add(330203001001, 7);
	CREATE TABLE public.tapper AS
	SELECT a.card_id, a.person_id, NULL::text AS cred FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(1, 120)::bigint), 'resident', '{door,debit}', now() + interval '1 year', '{330203001001}') a;
	INSERT INTO public.tapper SELECT a.card_id, a.person_id FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(121, 160)::bigint), 'worker', '{door}', now() + interval '1 year') a;
	INSERT INTO public.tapper SELECT a.card_id, a.person_id FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(161, 180)::bigint), 'resident', '{debit}', now() + interval '1 year') a;
	INSERT INTO public.tapper SELECT a.card_id, a.person_id FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(181, 200)::bigint), 'resident', '{door}', now() + interval '1 year', '{330203001001002}', now() + interval '1 hour') a;
	SELECT count(community.card_event(330203001001, card_id, 'produce')) FROM public.tapper;
	UPDATE public.tapper t SET cred = (SELECT credential FROM community.card_issue(330203001001, t.card_id));
	SELECT count(community.card_event(330203001001, card_id, 'activate')) FROM public.tapper WHERE person_id % 19 <> 0;
	SELECT count(community.card_event(330203001001, card_id, 'lose')) FROM public.tapper WHERE person_id % 17 = 1 AND person_id % 19 <> 0;
	SELECT count(community.card_event(330203001001, card_id, 'lose_temp', p_until => now() + interval '1 day')) FROM public.tapper WHERE person_id % 17 = 2 AND person_id % 19 <> 0;
	SELECT count(community.card_event(330203001001, card_id, 'freeze')) FROM public.tapper WHERE person_id % 17 = 3 AND person_id % 19 <> 0;
	SELECT count(community.card_app_set(330203001001, card_id, 'door', 'suspended')) FROM public.tapper WHERE person_id % 17 = 4 AND person_id <= 160;
	CREATE TABLE public.door (n integer PRIMARY KEY, point bigint);
	CREATE FUNCTION public.make(p_n integer, p_code text, p_counter boolean) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE z bigint := community.zone_add(330203001001, 'zone ' || p_n);
	BEGIN
		INSERT INTO public.door VALUES (p_n, community.point_add(330203001001, z, 'door ' || p_n, p_code, 'in', p_counter));
		RETURN z;
	END $$;
	SELECT community.rule_add(330203001001, public.make(1, '330203001001002', false), '24/7');
	SELECT community.rule_add(330203001001, public.make(2, '330203001001002', true), 'Mo-Su,PH 00:00-24:00', 'resident');
	SELECT community.rule_add(330203001001, public.make(3, '330203001001005', false), 'off', 'resident');
	SELECT community.rule_add(330203001001, z, '24/7', p_person_id => 5), community.rule_add(330203001001, z, '24/7', p_group => 'board'), community.rule_add(330203001001, z, '24/7', 'worker', p_needs_pin => true) FROM public.make(4, '330203001001', false) z;
	INSERT INTO community.access_group (community_id, group_name, person_id) SELECT 330203001001, 'board', n * 3 FROM generate_series(1, 40) n;
	SELECT community.rule_add(330203001001, z, '24/7'), community.rule_add(330203001001, z, '24/7', 'worker', p_when_locked => true), community.zone_mode(330203001001, z, 'locked', 'test') FROM public.make(5, '330203001001', false) z;
	SELECT community.zone_mode(330203001001, public.make(6, '330203001001', false), 'released', 'test');
	SELECT community.rule_add(330203001001, public.make(7, '330203002001', false), '24/7');
	SELECT community.card_publish(330203001001);
});

my $reader = "$dir/reader";
is(system('sh', tree('demo/reader/build.sh'), $reader), 0, 'the reader builds without the server');
my $root = $node->safe_psql('community', q{SELECT encode(public_key, 'hex') FROM community.key_ring() WHERE use = 'sign-ed25519' AND state = 'active'});

# Some 1,000 taps: every card at every door, with counters or not, repeated ones,
# forged ones.
$node->safe_psql('community', q{
	SELECT setseed(0.5);
	CREATE TABLE public.tap AS
	SELECT row_number() OVER (ORDER BY random()) AS i, d.n, d.point, t.person_id,
		CASE WHEN random() < 0.05 THEN set_bit(t.cred::community.credential::bytea, 130 + (random() * 60)::int, (random() < 0.5)::int)::community.credential::text ELSE t.cred END AS cred,
		CASE WHEN d.n = 2 OR random() < 0.5 THEN (random() * 3)::bigint END AS counter
	  FROM public.tapper t, public.door d, generate_series(1, 3) WHERE random() < 0.27;
	ALTER TABLE public.tap ADD online text, ADD online_reason text;
});
cmp_ok($node->safe_psql('community', 'SELECT count(*) FROM public.tap'), '>=', 1000, 'a thousand taps');

# A reader has no other doors: it sees the counters of its own taps only.
my (%offline, %reason);
foreach my $n (1 .. 7)
{
	my $point = $node->safe_psql('community', "SELECT point FROM public.door WHERE n = $n");
	my $package = $node->safe_psql('community', "SELECT community.door_package_file(330203001001, $point)");
	open(my $p, '>', "$dir/package.$n") or die;
	print $p "$package\n";
	close $p;
	unlike($package, qr/secret|person/, "package $n holds no secret and no person");
	my @taps = split /\n/, $node->safe_psql('community', "SELECT i || ' ' || extract(epoch FROM now())::bigint || ' ' || cred || coalesce(' ' || counter, '') FROM public.tap WHERE n = $n ORDER BY i");
	my $in = join('', map { my @f = split / /; shift @f; "@f\n" } @taps);
	my ($out, $err) = ('', '');
	IPC::Run::run([ $reader, "$dir/package.$n", $root ], '<', \$in, '>', \$out, '2>', \$err) or diag($err);
	my @answers = split /\n/, $out;
	is(scalar(@answers), scalar(@taps), "door $n answers every tap");
	foreach my $j (0 .. $#answers)
	{
		my ($i) = split / /, $taps[$j];
		(undef, undef, $offline{$i}, $reason{$i}) = split / /, $answers[$j];
	}
	# the database sees this door's taps, with the counters as they were
	$node->safe_psql('community', "
		UPDATE community.card SET counter = -1, counter_window = 0;
		DO \$\$ DECLARE t record; o record; BEGIN
			FOR t IN SELECT * FROM public.tap WHERE n = $n ORDER BY i LOOP
				SELECT * INTO o FROM community.door_open(330203001001, t.point, t.cred::community.credential, t.counter);
				UPDATE public.tap SET online = o.decision, online_reason = o.reason WHERE tap.i = t.i;
			END LOOP;
		END \$\$");
}
my ($agree, $differ, %kinds) = (0, 0);
foreach my $row (split /\n/, $node->safe_psql('community', 'SELECT i, n, online, online_reason FROM public.tap'))
{
	my ($i, $n, $online, $online_reason) = split /\|/, $row;
	$kinds{"$online $online_reason"}++;
	if ($offline{$i} eq $online) { $agree++; }
	else { $differ++; diag("door $n: online $online $online_reason, offline $offline{$i} $reason{$i}") if $differ < 10; }
}
is($differ, 0, "online and offline agree on $agree decisions");
diag(join(', ', map { "$_: $kinds{$_}" } sort keys %kinds));
cmp_ok(scalar(keys %kinds), '>=', 12, 'of many kinds');
cmp_ok($kinds{'granted ok'}, '>', 100, 'among them openings');

# Where clocks change, they change for the reader too, by the package it has.
# Instants of the coming months, each quarter of an hour about every change.
$node->safe_psql('community', "SELECT community.setting_set('card_stale', '400 days')");
my $number = 1;
foreach my $tz ('Europe/Berlin', 'Asia/Shanghai', 'Australia/Lord_Howe')
{
	$number++;
	my $c = 330203001000 + $number;
	$node->safe_psql(
		'community', qq{
		SELECT community.community_register('$c', '$tz', 'residential', p_tz => '$tz'), community.card_issuer_add($c, $number + 10);
		CREATE TABLE public.far_$number AS SELECT a.card_id, NULL::text AS cred, NULL::bigint AS point FROM community.card_apply($c, '{1}', 'resident', '{door}', now() + interval '1 year') a;
		SELECT community.card_event($c, card_id, 'produce') FROM public.far_$number;
		UPDATE public.far_$number SET cred = (SELECT credential FROM community.card_issue($c, card_id)), point = community.point_add($c, community.zone_add($c, 'far'), 'far', '${c}001');
		SELECT community.card_event($c, card_id, 'activate'), community.rule_add($c, (SELECT zone_id FROM community.access_zone WHERE community_id = $c), 'Mo-Su 06:10-17:30', 'resident') FROM public.far_$number;
		SELECT community.card_publish($c)});
	my @taps = split /\n/, $node->safe_psql(
		'community', qq{
		WITH t (at) AS (
			SELECT generate_series(o.starts - interval '1 day', o.starts + interval '1 day', '15 minutes') FROM community.tz_offsets('$tz', now() + interval '2 days', now() + interval '340 days') o
			UNION SELECT now() + n * interval '13 hours 17 minutes' FROM generate_series(1, 600) n)
		SELECT extract(epoch FROM date_trunc('second', at))::bigint || ' ' || cred || ' ' || d.reason
		  FROM t, public.far_$number, LATERAL community._door_decide($c, point, cred::community.credential, NULL, NULL, date_trunc('second', at)) d});
	my $package = $node->safe_psql('community', "SELECT community.door_package_file($c, point) FROM public.far_$number");
	my $changes = () = $package =~ /^offset /mg;
	$tz eq 'Asia/Shanghai' ? is($changes, 1, "$tz: one offset") : cmp_ok($changes, '>=', 3, "$tz: the clocks change twice a year");
	open(my $p, '>', "$dir/package.$number.tz") or die;
	print $p "$package\n";
	close $p;
	my $in = join('', map { join(' ', (split / /)[ 0, 1 ]) . "\n" } @taps);
	my ($out, $err) = ('', '');
	IPC::Run::run([ $reader, "$dir/package.$number.tz", $root ], '<', \$in, '>', \$out, '2>', \$err) or diag($err);
	my @answers = map { (split / /)[3] } split /\n/, $out;
	my %said;
	my $wrong = 0;
	foreach my $j (0 .. $#taps)
	{
		my ($at, undef, $online) = split / /, $taps[$j];
		$said{$online}++;
		next if $answers[$j] eq $online;
		diag("$tz at $at: online $online, offline $answers[$j]") if $wrong++ < 5;
	}
	is($wrong, 0, "$tz: online and offline agree on " . scalar(@taps) . ' taps');
	is(join(' ', sort keys %said), 'ok out_of_hours', "$tz: of both kinds");
	cmp_ok($said{ok}, '>', 200, "$tz: with openings");
}
$node->safe_psql('community', "SELECT community.setting_set('card_stale', NULL)");

# A package that was changed, or is another issuer's, is refused whole.
my $package = slurp_file("$dir/package.1");
(my $changed = $package) =~ s/ locked\n| normal /\n/;
$changed = $package;
$changed =~ s/stale \d+/stale 99999999/;
open(my $p, '>', "$dir/changed") or die;
print $p $changed;
close $p;
# from a file: a reader that refuses its package reads nothing
my ($out, $err) = ('', '');
PostgreSQL::Test::Utils::append_to_file("$dir/in", "1 cc1.x\n");
IPC::Run::run([ $reader, "$dir/changed", $root ], '<', "$dir/in", '>', \$out, '2>', \$err);
like($err, qr/the package is not the issuer's/, 'a changed package');
IPC::Run::run([ $reader, "$dir/package.1", 'ab' x 32 ], '<', "$dir/in", '>', \$out, '2>', \$err);
like($err, qr/the package is not the issuer's/, 'or another root');
# Beyond its time a reader trusts no status.
my $cred = $node->safe_psql('community', q{SELECT cred FROM public.tapper WHERE person_id = 5});
my $in = (time() + 25 * 3600) . " $cred\n";
$out = '';
IPC::Run::run([ $reader, "$dir/package.1", $root ], '<', \$in, '>', \$out, '2>', \$err);
like($out, qr/refused stale/, 'a stale bitmap opens nothing');

# Events come later, shuffled and twice.
my $events = '[' . join(',', map { qq({"no": $_, "at": "2026-01-01 10:00:00+08", "holder": $_, "card": 1, "decision": "granted", "reason": "ok"}) } reverse 1 .. 200) . ']';
foreach my $status ('stored', 'repeated')
{
	is($node->safe_psql('community', "SELECT string_agg(DISTINCT status, ',') || count(*) FROM community.door_upload(330203001001, (SELECT point FROM public.door WHERE n = 1), '$events')"), "${status}200", "events are $status");
}
is($node->safe_psql('community', 'SELECT count(*) FROM community.door_log WHERE offline'), 200, 'and logged once');

# PINs: whoever rolls back what he learns has still used his guesses.
my $card = $node->safe_psql('community', q{SELECT card_id FROM public.tapper WHERE person_id = 5});
$node->safe_psql('community', "SELECT community.pin_set(330203001001, $card, '4321', '9999')");
my $guesses = 0;
my $session = $node->background_psql('community', on_error_stop => 0);
foreach my $pin ('0000' .. '0009')
{
	# guess and judge in one transaction, with a savepoint, undone: nothing is learnt
	$session->query("BEGIN");
	my $id = $session->query("SAVEPOINT s; SELECT community.pin_attempt(330203001001, $card, '$pin')");
	($id) = $id =~ /(\d+)/;
	my $said = defined $id ? $session->query("SELECT community.pin_result(330203001001, $id)") : '';
	$guesses++ if $said =~ /right|wrong|duress/;
	$session->query('ROLLBACK');
	# the committed way: judged, and the judgement undone
	$id = $session->query("SELECT community.pin_attempt(330203001001, $card, '$pin')");
	($id) = $id =~ /^(\d+)/m;
	next unless defined $id;
	$session->query('BEGIN');
	$said = $session->query("SELECT community.pin_result(330203001001, $id)");
	$guesses++ if $said =~ /right|wrong|duress/;
	$session->query('ROLLBACK');
}
$session->quit;
is($guesses, 3, 'ten PINs tried with rollbacks tell three answers');
my ($rc, $o, $e) = $node->psql('community', "SELECT community.pin_attempt(330203001001, $card, '4321')");
like($e, qr/too many wrong PINs/, 'and then even the right one must wait');
$node->safe_psql('community', "UPDATE community.pin_attempt SET at = at - interval '20 minutes'");
my $id = $node->safe_psql('community', "SELECT community.pin_attempt(330203001001, $card, '4321')");
is($node->safe_psql('community', "SELECT community.pin_result(330203001001, $id)"), 'right', 'later it is right');
is($node->safe_psql('community', "SELECT guess IS NULL FROM community.pin_attempt WHERE attempt_id = $id"), 't', 'and its guess forgotten');
$id = $node->safe_psql('community', "SELECT community.pin_attempt(330203001001, $card, '9999')");
is($node->safe_psql('community', "SELECT community.pin_result(330203001001, $id)"), 'duress', 'under duress it says so');

# A signer outside the server: the server's ring has the public half alone.
is(system('sh', tree('demo/signer/build.sh'), "$dir/signer"), 0, 'the signer builds without the server');
my $seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
my $public = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
open(my $sr, '>', "$dir/signer.ring") or die;
print $sr "community-ring 1\n77 ed25519 active $seed\n78 hmac-sha256 active $seed\n";
close $sr;
chmod 0400, "$dir/signer.ring";
my $server_ring = slurp_file("$dir/ring") . "77 ed25519-public old $public\n";
chmod 0600, "$dir/ring";
open(my $or, '>', "$dir/ring") or die;
print $or $server_ring;
close $or;
chmod 0400, "$dir/ring";
$node->reload;
my $signer = IPC::Run::start([ "$dir/signer", "$dir/signer.ring", "$dir/signer.sock" ], '2>', "$dir/signer.err");
for (1 .. 100) { last if -S "$dir/signer.sock"; select(undef, undef, undef, 0.05); }
is((stat("$dir/signer.sock"))[2] & 0177, 0, 'its socket is closed to others');

# Ask the signer and return the answer in hexadecimal.
sub ask
{
	my ($bytes) = @_;
	my $sock = IO::Socket::UNIX->new(Peer => "$dir/signer.sock") or die "signer: $!";
	print $sock pack('N', length $bytes) . $bytes;
	$sock->flush;
	my $answer = '';
	while (length($answer) < 64 && sysread($sock, my $part, 64)) { $answer .= $part; }
	close $sock;
	return unpack('H*', $answer);
}
$node->safe_psql('community', q{SELECT community.card_event(330203001001, card_id, 'produce') FROM community.card_apply(330203001001, '{901}', 'resident', '{door}', now() + interval '1 year')});
my $new = $node->safe_psql('community', 'SELECT card_id FROM community.card WHERE person_id = 901');
my $unsigned = $node->safe_psql('community', "SELECT encode(community.card_unsigned(330203001001, $new, 77), 'hex')");
my $signature = ask(pack('H*', $unsigned));
is(length($signature), 128, 'the signer signs a credential');
is(ask('no credential at all, but long enough for one, forty bytes'), '', 'and nothing else');
is(ask(pack('H*', substr($unsigned, 0, 4) . '004e' . substr($unsigned, 8))), '', 'nor under another key');
($rc, $o, $e) = $node->psql('community', "SELECT * FROM community.card_issue_signed(330203001001, $new, decode('$unsigned" . '00' x 64 . "', 'hex'))");
like($e, qr/reason=card_signature/, 'a wrong signature issues nothing');
like($node->safe_psql('community', "SELECT credential FROM community.card_issue_signed(330203001001, $new, decode('$unsigned$signature', 'hex'))"), qr/^cc1\./, 'the right one does');
is($node->safe_psql('community', "SELECT private_half FROM community.key_ring() WHERE key_id = 77"), 'f', 'and the server has no secret half');
$signer->kill_kill;

done_testing();
