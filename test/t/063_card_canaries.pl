# Canaries of cards: credentials in every form, their tags, PINs right, wrong and
# under duress, and the bytes of the ring are found nowhere: not in PGDATA and its
# log of writes, a base backup, dumps, the server's log, pg_stat_statements,
# pg_stat_activity and pg_stats.  Clients bind their parameters; the server logs
# every statement with all that it is willing to show.
use strict;
use warnings;
use CanaryTest;
use CommunityTest;
use CrashTest qw(ring_file);
use MIME::Base64 qw(decode_base64);
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = ring_file($dir);
my $node = community_node('card_canaries', preload => 'pg_cron,pg_stat_statements,community',
	conf => "community.key_file = '$ring'\nlog_statement = 'all'\nlog_min_duration_statement = 0\nlog_parameter_max_length_on_error = -1\nlog_min_messages = info\nlog_error_verbosity = verbose\nlog_lock_waits = on\ndeadlock_timeout = 50ms\nwal_level = replica\nmax_wal_senders = 5\npg_stat_statements.track = all\n");
platform_install($node, 'community');
my %suite = (330299001001 => 'ed25519', 330299001002 => 'hmac-sha256', 330299001003 => 'sm2');
my $issuer = 0;
# Logins of their own, as a city has them: what a role is set to, its members are not.
$node->safe_psql('community', q{
	CREATE EXTENSION pg_stat_statements;
	SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street');
	CREATE ROLE desk LOGIN IN ROLE community_app;
	CREATE ROLE till LOGIN IN ROLE community_app;
	CREATE ROLE tap LOGIN IN ROLE community_reader;
	SELECT community.member_add('desk', c, NULL, '330299') FROM unnest('{card,account,ledger,pass,identify}'::text[]) c;
	SELECT community.member_add('till', c, NULL, '330299') FROM unnest('{pay,ledger}'::text[]) c;
	SELECT community.member_add('tap', 'door', NULL, '330299');
	CREATE TABLE public.place (community_id bigint, point bigint, shop bigint, bank bigint);
} . join('', map { "SELECT community.community_register('$_', 'C$_', 'residential'), community.card_issuer_add($_, " . ++$issuer . ", '$suite{$_}');" } sort keys %suite) . q{
	INSERT INTO public.place SELECT i.community_id, community.point_add(i.community_id, community.zone_add(i.community_id, 'Z'), 'D', i.community_id::text),
		community.account_open(i.community_id, 'CNY', 'merchant', 'organization', 1), community.account_open(i.community_id, 'CNY', 'bank', 'community', 1) FROM community.card_issuer i;
	SELECT community.rule_add(z.community_id, z.zone_id, p_needs_pin => true), community.rule_add(z.community_id, z.zone_id, '24/7', 'worker') FROM community.access_zone z;
});

# Run a statement with bound values and insist on its answer.
my $key = 0;
sub key { return sprintf('00000000-0000-0000-0000-%012d', ++$key); }
sub ask
{
	my ($user, $expected, $what, $sql, @values) = @_;
	my ($rows, $error) = bound($node, $user, $sql, @values);
	like($rows . $error, $expected, $what);
	return $rows;
}

my (@credentials, @pins, %card);
foreach my $c (sort keys %suite)
{
	my ($point, $shop, $bank) = split /\|/, $node->safe_psql('community', "SELECT point, shop, bank FROM public.place WHERE community_id = $c");
	# A resident's card with PINs, a worker's without, issued at the desk.
	my %shown;
	foreach my $kind ('resident', 'worker')
	{
		my $card = ask('desk', qr/^\d+$/, "$suite{$c}: a card for a $kind", q{SELECT community_api.card_apply($1, $2, '[5]', $3, '["door", "debit", "identity"]', now() + interval '1 year', jsonb_build_array($4::text))->0->>'card_id'}, key(), $c, $kind, $c);
		ask('desk', qr/^produced$/, 'produced', q{SELECT community_api.card_event($1, $2, $3, 'produce')}, key(), $c, $card);
		my $issued = ask('desk', qr/^cc1\.\S+\|CC1:/, 'issued', q{SELECT credential, qr FROM community_api.card_issue($1, $2, $3)}, key(), $c, $card);
		push @credentials, split /\|/, $issued, 2;
		ask('desk', qr/^active$/, 'activated', q{SELECT community_api.card_event($1, $2, $3, 'activate')}, key(), $c, $card);
		$card{$kind} = $card;
		($shown{$kind}) = split /\|/, $issued;
	}
	# PINs: set, set anew, entered right, under duress, wrong, and in a wrong form.
	my @pin = map { sprintf('%06d%06d', 271828 + $c % 10, 459045 + 1111 * $_) } 1 .. 5;
	push @pins, @pin;
	ask('desk', qr/^$/, 'PINs are set', q{SELECT community_api.pin_set($1, $2, $3, $4, $5)}, key(), $c, $card{resident}, @pin[ 4, 3 ]);
	ask('desk', qr/^$/, 'and set anew', q{SELECT community_api.pin_set($1, $2, $3, $4, $5)}, key(), $c, $card{resident}, @pin[ 0, 1 ]);
	ask('desk', qr/reason=pin_same/, 'not the same twice', q{SELECT community_api.pin_set($1, $2, $3, $4, $4)}, key(), $c, $card{resident}, $pin[0]);
	ask('desk', qr/reason=pin_form/, 'in their form', q{SELECT community_api.pin_set($1, $2, $3, $4, $5)}, key(), $c, $card{resident}, "$pin[0]0", $pin[1]);
	my $counter = 0;
	foreach my $try ([ 0, qr/^granted\|ok$/ ], [ 1, qr/^granted\|duress$/ ], [ 2, qr/^refused\|pin_wrong$/ ])
	{
		my $attempt = ask('tap', qr/^\d+$/, 'a PIN is entered', q{SELECT community_api.pin_attempt($1, $2, $3, $4)}, key(), $c, $card{resident}, $pin[ $try->[0] ]);
		ask('tap', $try->[1], 'and judged', q{SELECT decision, reason FROM community_api.door_open($1, $2, $3, $4, $5, $6)}, key(), $c, $point, $shown{resident}, ++$counter, $attempt);
	}
	ask('tap', qr/reason=pin_form/, 'a PIN in another form', q{SELECT community_api.pin_attempt($1, $2, $3, $4)}, key(), $c, $card{resident}, "$pin[2]x");
	# Taps: as text, as QR code, again, at another place, damaged, and inside the platform.
	ask('tap', qr/^granted\|ok$/, 'a tap', q{SELECT decision, reason FROM community_api.door_open($1, $2, $3, $4, 1)}, key(), $c, $point, $shown{worker});
	ask('tap', qr/^refused\|replay$/, 'a QR code', q{SELECT decision, reason FROM community_api.door_open($1, $2, $3, $4, 1)}, key(), $c, $point, $credentials[-1]);
	ask('tap', qr/^refused\|malformed$/, 'damaged', q{SELECT decision, reason FROM community_api.door_open($1, $2, $3, $4, 1)}, key(), $c, $point, "$shown{worker}x");
	ask('postgres', qr/^granted\|ok$/, 'by the superuser', q{SELECT decision, reason FROM community.door_open($1, $2, $3::community.credential)}, $c, $point, $shown{worker});
	ask('postgres', qr/invalid credential/, 'by the superuser, damaged', q{SELECT decision, reason FROM community.door_open($1, $2, $3::community.credential)}, $c, $point, "$shown{worker}x");
	# Money, identity, passes.
	ask('desk', qr/^\d+$/, 'a purse is filled', q{SELECT (community_api.ledger_transfer($1, $2, $3, $4, 1000, 'topup')).seq}, key(), $c, $bank, $node->safe_psql('community', "SELECT community.card_purse_open($c, $card{worker})"));
	ask('till', qr/^ok$/, 'the card pays', q{SELECT status FROM community_api.card_pay($1, $2, $3, $4, 100)}, key(), $c, $shown{worker}, $shop);
	ask('till', qr/reason=funds_insufficient/, 'not more than there is', q{SELECT status FROM community_api.card_pay($1, $2, $3, $4, 100000)}, key(), $c, $shown{worker}, $shop);
	ask('desk', qr/^ok$/, 'who it is', q{SELECT status FROM community_api.identify($1, $2, $3, 'visit')}, key(), $c, $shown{worker});
	my $pass = ask('desk', qr/^cc1\./, 'a pass', q{SELECT credential, qr FROM community_api.guest_pass($1, $2, $3, '["door"]', now(), now() + interval '1 hour', jsonb_build_array($4::text))}, key(), $c, $shown{worker}, $c);
	push @credentials, split /\|/, $pass, 2;
	ask('tap', qr/^granted\|ok$/, 'opens', q{SELECT decision, reason FROM community_api.door_open($1, $2, $3, $4)}, key(), $c, $point, (split /\|/, $pass)[0]);
	ask('desk', qr/reason=pass_refused/, 'not for more', q{SELECT credential FROM community_api.guest_pass($1, $2, $3, '["door"]', now(), now() + interval '9 years', jsonb_build_array($4::text))}, key(), $c, $shown{worker}, $c);
	# A payment that waits for a lock and is given up, with the lock wait logged.
	my $blocker = $node->background_psql('community');
	$blocker->query_safe("BEGIN; SELECT FROM community.card WHERE card_id = $card{worker} FOR UPDATE");
	$node->safe_psql('postgres', q{ALTER ROLE till SET lock_timeout = '150ms'});
	ask('till', qr/lock timeout/, 'a payment that gives up', q{SELECT status FROM community_api.card_pay($1, $2, $3, $4, 1)}, key(), $c, $shown{worker}, $shop);
	$blocker->query_safe('ROLLBACK');
	$blocker->quit;
	# A credential that was signed elsewhere comes back as bytes.
	next if $suite{$c} eq 'hmac-sha256';
	$node->safe_psql('community', "SELECT community.card_event($c, card_id, 'produce') FROM community.card_apply($c, '{9}', 'elder', '{door}', now() + interval '1 year')");
	my ($elder, $signed) = split /\|/, ask('postgres', qr/^\d+\|\\x/, 'signed outside', q{SELECT k.card_id, community.credential_issue(k.issuer, k.card_no, k.holder, k.generation, k.applications, k.not_before, k.expires, k.card_index, k.zones, $2)::bytea
		FROM community.card k WHERE k.community_id = $1 AND k.kind = 'elder'}, $c, $suite{$c});
	push @credentials, ask('postgres', qr/^cc1\./, 'and handed out', q{SELECT credential FROM community.card_issue_signed($1, $2, $3)}, $c, $elder, $signed);
}
is(scalar(@credentials), 20, 'credentials in text and QR form');
is($node->safe_psql('community', 'SELECT * FROM community.ledger_check()'), '', 'the ledger agrees');

# The search must be able to fail: where parameters are logged, this one is found;
# so is a literal, which no setting hides.
my ($logged, $literal) = ('161803398874', '577215664901');
$node->safe_psql('community', 'ALTER ROLE desk IN DATABASE community SET log_parameter_max_length = -1');
ask('desk', qr/reason=card_unknown/, 'a login whose parameters are logged', q{SELECT community_api.pin_set($1, 330299001001, 0, $2, NULL)}, key(), $logged);
$node->psql('community', "SELECT community.pin_set(330299001001, 0, '$literal')");

# Statements while they run, and what the statistics keep of them.
my $stats = $node->safe_psql('community', q{SELECT string_agg(query, E'\n') FROM pg_stat_statements});
open(my $loop, '>', "$dir/loop.sql") or die $!;
print $loop "SELECT * FROM community_api.door_open(gen_random_uuid(), 330299001001, (SELECT point FROM public.place WHERE community_id = 330299001001), :cred);\n";
close $loop;
$node->safe_psql('community', 'GRANT SELECT ON public.place TO tap');
my $running = IPC::Run::start([ 'pgbench', '-n', '-T', '4', '-c', '2', '-M', 'extended', '-h', $node->host, '-p', $node->port, '-U', 'tap', '-f', "$dir/loop.sql", '-D', "cred=$credentials[0]", 'community' ], '>', \my $loop_out, '2>', \my $loop_err);
my $activity = '';
for (1 .. 15)
{
	$activity .= $node->safe_psql('community', q{SELECT string_agg(query || ' ' || application_name, E'\n') FROM pg_stat_activity});
	select(undef, undef, undef, 0.1);
}
$running->finish;
like($activity, qr/WHERE community_id = 330299001001\), \$1\)/, 'taps were seen while they ran');
$node->safe_psql('community', 'ANALYZE');
my $columns = $node->safe_psql('community', q{SELECT string_agg(s::text, E'\n') FROM pg_stats s WHERE schemaname = 'community'});
my $tables = join('', map { $node->safe_psql('community', "SELECT string_agg(t::text, E'\\n') FROM community.$_ t") } qw(card card_log door_log pin_attempt api_call audit_log outbox transfer));

# A credential as text, its QR form, its bytes and its tag, whole and in part; PINs
# as digits and in hexadecimal; the ring.
my %secret;
foreach my $credential (@credentials)
{
	my $text = substr($credential, 4);
	$secret{$text} = 1;
	$secret{ substr($text, -40) } = 1;
	$secret{ substr($text, 10, 40) } = 1;
	next if $credential !~ /^cc1\./;
	my $bytes = decode_base64($text =~ tr{-_}{+/}r . '=' x (-length($text) % 4));
	foreach my $part ($bytes, substr($bytes, 4, 24), substr($bytes, -16))
	{
		$secret{$part} = 1;
		$secret{ unpack('H*', $part) } = 1;
		$secret{ uc unpack('H*', $part) } = 1;
	}
}
foreach my $pin (@pins)
{
	$secret{$pin} = 1;
	$secret{ unpack('H*', $pin) } = 1;
}
foreach my $line (grep { /^\d/ } split(/\n/, slurp_file($ring)))
{
	my $half = substr((split / /, $line)[3], 0, 32);
	$secret{$half} = 1;
	$secret{ pack('H*', $half) } = 1;
}
cmp_ok(scalar(keys %secret), '>', 150, 'secrets to search for');
my $pattern = join('|', map { quotemeta } keys %secret);
$pattern = qr/$pattern/;

my @files = copies_made($node, $dir);
is(planted_in($pattern, @files), 0, 'no credential, PIN or key on disk');
my $log = slurp_file($node->logfile);
like($log, qr/community_api\.card_pay\(\$1, \$2, \$3, \$4, 100\)/, 'every statement is in the log');
like($log, qr/$logged/, 'with its parameters where a login is set so');
like($log, qr/$literal/, 'and literals always');
foreach my $view ([ 'pg_stat_statements', $stats ], [ 'pg_stat_activity', $activity ], [ 'pg_stats', $columns ], [ 'tables and logs', $tables ])
{
	cmp_ok(length($view->[1]), '>', 100, "$view->[0] has something to say");
	ok($view->[1] !~ $pattern, "$view->[0] holds no canary");
}
done_testing();
