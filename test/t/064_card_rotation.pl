# Keys of cards are replaced while cards live: doors, readers, PINs, chips, money and
# certificates go on, a retired key opens nothing, and a copied counter never does.
use strict;
use warnings;
use CommunityTest;
use CrashTest qw(put_file ring_file);
use PostgreSQL::Test::Utils;
use Test::More;
use IPC::Run;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = ring_file($dir);
my $node = community_node('rotation', conf => "community.key_file = '$ring'\n");
platform_install($node, 'community');
$node->safe_psql('community', q{
	SELECT community.community_register('330203001001', 'One', 'residential'), community.card_issuer_add(330203001001, 7);
	SELECT count(*) FROM community.card_key_sync();
	CREATE TABLE public.w AS SELECT community.point_add(330203001001, z, 'D', '330203001001') AS point, community.zone_add(330203001001, 'PIN') AS locked,
		community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1) AS shop, community.account_open(330203001001, 'CNY', 'bank', 'community', 1) AS bank
	  FROM community.zone_add(330203001001, 'Z') z;
	SELECT community.rule_add(330203001001, zone_id, p_needs_pin => name = 'PIN') FROM community.access_zone;
	CREATE TABLE public.p AS SELECT community.point_add(330203001001, locked, 'P', '330203001001') AS pin_point FROM public.w;
	CREATE TABLE public.held (name text PRIMARY KEY, card_id bigint, cred text);
	CREATE FUNCTION public.hand_out(p_name text, p_person bigint) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE v_card bigint; v_cred text;
	BEGIN
		SELECT a.card_id INTO v_card FROM community.card_apply(330203001001, ARRAY[p_person], 'resident', '{door,debit}', now() + interval '1 year') a;
		PERFORM community.card_event(330203001001, v_card, 'produce');
		SELECT i.credential INTO v_cred FROM community.card_issue(330203001001, v_card) i;
		PERFORM community.card_event(330203001001, v_card, 'activate');
		INSERT INTO public.held VALUES (p_name, v_card, v_cred);
		RETURN v_cred;
	END $$;
	CREATE FUNCTION public.tap(p_name text) RETURNS text LANGUAGE sql AS $$
		SELECT o.reason FROM public.held h, public.w, community.door_open(330203001001, w.point, h.cred::community.credential) o WHERE h.name = p_name $$;
	SELECT public.hand_out('old', 1);
	SELECT community.pin_set(330203001001, card_id, '271828', '314159') FROM public.held;
	SELECT count(*) FROM public.held, public.w, community.ledger_transfer(gen_random_uuid(), 330203001001, bank, community.card_purse_open(330203001001, card_id), 1000, 'topup');
	SELECT community.offline_load(gen_random_uuid(), 330203001001, card_id, 500) FROM public.held;
	CREATE TABLE public.tac AS SELECT k.number_key, encode(community.offline_code(k.card_no, k.generation, 5, 100, shop, to_timestamp(1772000000)), 'hex') AS tac FROM public.w, community.card k;
	SELECT community.volunteer_credit(gen_random_uuid(), 330203001001, 1, 60, 'park');
	CREATE TABLE public.cert AS SELECT document FROM community.volunteer_certify(330203001001, 1, 'X', 60, 'y', '[2026-03-01,2026-03-02)');
	SELECT community.card_publish(330203001001);
});
is($node->safe_psql('community', q{SELECT public.tap('old')}), 'ok', 'a card opens');

my $reader = "$dir/reader";
is(system('sh', tree('demo/reader/build.sh'), $reader), 0, 'the reader');
sub root { return $node->safe_psql('community', q{SELECT encode(public_key, 'hex') FROM community.key_ring() WHERE use = 'sign-ed25519' AND state = 'active'}); }
# What a reader with these roots says of a card, by the package of now.
sub offline
{
	my ($name, @roots) = @_;
	put_file("$dir/package", $node->safe_psql('community', 'SELECT community.door_package_file(330203001001, point) FROM public.w') . "\n");
	put_file("$dir/taps", time() . ' ' . $node->safe_psql('community', "SELECT cred FROM public.held WHERE name = '$name'") . "\n");
	my ($out, $err) = ('', '');
	IPC::Run::run([ $reader, "$dir/package", @roots ], '<', "$dir/taps", '>', \$out, '2>', \$err);
	return $err ne '' ? $err : (split / /, $out)[3];
}
my $root = root();
is(offline('old', $root), 'ok', 'without a connection too');

# The ring is rotated: every use has a new key, the former are old.
my $before = $node->safe_psql('community', q{SELECT key_id FROM community.key_ring() WHERE use = 'ed25519' AND state = 'active'});
my $make = tree('test/lib/make-ring.sh');
my $rotated = `$make rotated < $ring`;
unlink $ring;
put_file($ring, $rotated);
chmod 0400, $ring;
$node->reload;
ok(wait_for($node, 'community', 'SELECT count(*) FROM community.key_ring()', '24', 20), 'new sessions have the new ring');
like($node->safe_psql('community', q{SELECT string_agg(change, ',' ORDER BY change) FROM community.card_key_sync()}), qr/^added,.*verify_only/, 'it is noted');
$node->safe_psql('community', q{SELECT public.hand_out('new', 2); SELECT community.card_publish(330203001001)});
is($node->safe_psql('community', q{SELECT count(DISTINCT (community.credential_claims(cred::community.credential)).key_id) FROM public.held}), 2, 'new cards have the new key');
is($node->safe_psql('community', q{SELECT public.tap('old') || ' ' || public.tap('new')}), 'ok ok', 'both cards open');
my $next = root();
isnt($next, $root, 'packages are signed by another key');
is(offline($_, $root, $next), 'ok', "a reader that was told both roots opens to the $_ card") foreach 'old', 'new';
is(offline('new', $next), 'ok', 'so does one that knows the next alone');
like(offline('new', $root), qr/not the issuer/, 'one that was not told takes no package');

# PIN, duress PIN, chip and certificate of before.
foreach my $try ([ '271828', 'ok' ], [ '314159', 'duress' ], [ '161803', 'pin_wrong' ])
{
	my $attempt = $node->safe_psql('community', "SELECT community.pin_attempt(330203001001, card_id, '$try->[0]') FROM public.held WHERE name = 'old'");
	is($node->safe_psql('community', "SELECT o.reason FROM public.held h, public.p, community.door_open(330203001001, pin_point, h.cred::community.credential, NULL, $attempt) o WHERE h.name = 'old'"), $try->[1], "PIN: $try->[1]");
}
is($node->safe_psql('community', q{SELECT status FROM public.w, public.tac, community.offline_settle(330203001001, shop, jsonb_build_array(jsonb_build_object('card', number_key, 'counter', 5, 'amount', 100, 'at', 1772000000, 'tac', tac)))}), 'paid', 'a payment that the chip coded before');
is($node->safe_psql('community', 'SELECT community.volunteer_verify(document) FROM public.cert'), 't', 'a certificate of before');
$node->safe_psql('community', q{SELECT community.pin_set(330203001001, card_id, '577215') FROM public.held WHERE name = 'old'; UPDATE community.pin_attempt SET at = at - interval '20 minutes'});
my $attempt = $node->safe_psql('community', q{SELECT community.pin_attempt(330203001001, card_id, '577215') FROM public.held WHERE name = 'old'});
is($node->safe_psql('community', "SELECT community.pin_result(330203001001, $attempt)"), 'right', 'a PIN that is set anew has the new pepper');

# The old key is retired: its cards open nothing more.
$node->safe_psql('community', "SELECT community.card_key_status($before, 'retired')");
is($node->safe_psql('community', q{SELECT public.tap('old') || ' ' || public.tap('new')}), 'no_key ok', 'a retired key opens nothing, the new one goes on');
is(offline('old', $next), 'no_key', 'without a connection neither');
is(offline('new', $next), 'ok', 'where the new one goes on');
my ($rc, $out, $err) = $node->psql('community', q{SELECT status FROM public.held h, public.w, community.card_pay(gen_random_uuid(), 330203001001, h.cred::community.credential, shop, 1) WHERE h.name = 'old'});
is($out, 'no_key', 'nor does it pay');

# A thousand counters, each shown, then each shown again: to this door or another.
$node->safe_psql('community', q{CREATE TABLE public.shown AS
	SELECT c, o.reason FROM generate_series(1, 1000) c, public.held h, public.w, community.door_open(330203001001, w.point, h.cred::community.credential, c) o WHERE h.name = 'new'});
is($node->safe_psql('community', q{SELECT count(*) FROM public.shown WHERE reason = 'ok'}), 1000, 'a thousand counters open once');
is($node->safe_psql('community', q{SELECT string_agg(DISTINCT o.reason, ',') || count(*) FROM generate_series(1, 1000) c, public.held h, public.w, public.p,
	community.door_open(330203001001, CASE WHEN c % 2 = 0 THEN w.point ELSE pin_point END, h.cred::community.credential, c) o WHERE h.name = 'new'}), 'replay1000', 'and none of them again');
done_testing();
