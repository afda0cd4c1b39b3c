# Canaries: clear names and numbers, and the bytes of the ring, are found
# nowhere: not in PGDATA and its log of writes, a base backup, dumps, the
# server's log, pg_stat_statements, pg_stat_activity and pg_stats.
use strict;
use warnings;
use CanaryTest;
use CommunityTest;
use PostgreSQL::Test::Utils;
use Test::More;
use IPC::Run;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = "$dir/ring";
my $text = `@{[ tree('test/lib/make-ring.sh') ]}`;
open(my $f, '>', $ring) or die $!;
print $f $text;
close $f;
chmod 0400, $ring or die $!;
my $node = community_node('canaries', preload => 'pg_cron,pg_stat_statements,community',
	conf => "community.key_file = '$ring'\nlog_statement = 'all'\nlog_duration = on\nlog_parameter_max_length_on_error = -1\nlog_min_messages = info\nlog_error_verbosity = verbose\nwal_level = replica\nmax_wal_senders = 5\npg_stat_statements.track = all\n");
platform_install($node, 'community');
$node->safe_psql('community', q{
	CREATE EXTENSION pg_stat_statements;
	SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
	       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential');
	SELECT community.member_add('community_app', c, NULL, '330299') FROM unnest('{person_read,person_write,person_merge,purpose_contact,purpose_identify,import}'::text[]) c;
});

# A resident id of a day of birth and a serial.
sub id_no
{
	my ($birth, $serial) = @_;
	my $body = sprintf('330203%s%03d', $birth, $serial);
	my $sum = 0;
	$sum += substr($body, $_, 1) * (2 ** (17 - $_) % 11) for 0 .. 16;
	return $body . substr('10X98765432', $sum % 11, 1);
}

my @people = map { { name => "司马金丝雀$_", number => id_no('19670812', 100 + $_), phone => '1381111' . sprintf('%04d', 7000 + $_) } } 1 .. 40;
my $call = q{SELECT community_api.person_add($1, 330299001001, $2, 'resident_id', $3, $4)};
my $n = 0;
foreach my $p (@people[ 0 .. 9 ])
{
	$n++;
	my (undef, $error) = bound($node, 'community_app', $call, sprintf('00000000-0000-0000-0000-%012d', $n), @$p{qw(name number phone)});
	is($error, '', "entered $n");
}
is($node->safe_psql('community', 'SELECT count(*) FROM community.person'), '10', 'persons are there');
# Refusals and errors with the values at hand, searches, corrections, and readings.
bound($node, 'community_app', $call, '00000000-0000-0000-0000-000000000099', 'x', @{ $people[0] }{qw(number phone)});
bound($node, 'community_app', $call, '00000000-0000-0000-0000-000000000098', $people[11]{name}, $people[11]{number} . '9', $people[11]{phone});
bound($node, 'community_app', q{SELECT * FROM community_api.person_find(330299001001, 'id_no', $1)}, $people[0]{number});
bound($node, 'community_app', q{SELECT * FROM community_api.person_find(330299001001, 'name', $1)}, $people[0]{name});
my $id = $node->safe_psql('community', 'SELECT min(person_id) FROM community.person');
bound($node, 'community_app', "SELECT community_api.person_change('00000000-0000-0000-0000-000000000097', 330299001001, $id, 'correct', jsonb_build_object('name', \$1::text))", $people[12]{name});
is($node->safe_psql('community', "SELECT name FROM community.person_masked(330299001001, $id)"), '司******', 'a correction arrived');
my $ticket = $node->safe_psql('community', "SELECT community_api.access_open(gen_random_uuid(), 'contact', 'person/330299001001/$id', '{\"reason\": \"call\"}')", extra_params => [ '-U', 'community_app' ]);
like($node->safe_psql('community', "SELECT value FROM community_api.access_read(gen_random_uuid(), $ticket)", extra_params => [ '-U', 'community_app' ]), qr/$people[12]{name}/, 'and is read');
$node->safe_psql('community', "SELECT community.person_move(330299001001, $id + 1, 330299001002)");
$node->psql('community', "SELECT community.person_merge(330299001001, $id + 2, $id + 3, 'x')");

# A bulk import through the client's COPY: good rows, bad ones, broken CSV, and a wrong file.
open(my $csv, '>', "$dir/list.csv") or die $!;
print $csv "name,id_no,phone\n", (map { "$_->{name},$_->{number},$_->{phone}\n" } @people[ 15 .. 35 ]), "\"$people[36]{name},$people[36]{number},$people[36]{phone}\n",
  "$people[37]{name},$people[37]{number}1,$people[37]{phone}\n", "$people[38]{name},$people[38]{number},$people[38]{phone},x\n", "$people[16]{name},$people[16]{number},\n";
close $csv;
my $import = $node->safe_psql('community', qq{
	SELECT community.person_import_open(330299001001, 'list') AS batch \\gset
	\\copy community.person_stage (line) FROM '$dir/list.csv' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')
	SELECT * FROM community.person_import(:batch, 5);
	SELECT * FROM community.person_import(:batch);
});
like($import, qr/^21\|4\|0$/m, 'a list is imported, bad rows aside');
$node->psql('community', qq{
	SELECT community.person_import_open(330299001001, 'again') AS batch \\gset
	\\copy community.person_stage (line) FROM '$dir/list.csv' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')
	ALTER TABLE community.person_stage ADD CONSTRAINT x CHECK (row_no < 0) NOT VALID;
	SELECT 1;
}, on_error_stop => 0);

# Statements while they run: another session looks.
my $stats = $node->safe_psql('community', q{SELECT string_agg(query, E'\n') FROM pg_stat_statements});
open(my $loop, '>', "$dir/loop.sql") or die $!;
print $loop "SELECT * FROM community_api.person_find(330299001001, 'name', :name);\n";
close $loop;
my $running = IPC::Run::start([ 'pgbench', '-n', '-T', '4', '-c', '2', '-M', 'extended', '-h', $node->host, '-p', $node->port, '-U', 'community_app', '-f', "$dir/loop.sql", '-D', "name=$people[5]{name}", 'community' ], '>', \my $loop_out, '2>', \my $loop_err);
my $activity = '';
for (1 .. 15)
{
	$activity .= $node->safe_psql('community', q{SELECT string_agg(query || ' ' || application_name, E'\n') FROM pg_stat_activity});
	select(undef, undef, undef, 0.1);
}
$running->finish;
like($activity, qr/person_find\(330299001001, 'name', \$1\)/, 'statements were seen while they ran');
$node->safe_psql('community', 'ANALYZE');
my $columns = $node->safe_psql('community', q{SELECT string_agg(s::text, E'\n') FROM pg_stats s WHERE schemaname = 'community'});
my $catalog = $node->safe_psql('community', q{SELECT string_agg(a::text, E'\n') FROM community.audit_log a}) . $node->safe_psql('community', q{SELECT string_agg(a::text, E'\n') FROM community.api_call a})
  . $node->safe_psql('community', q{SELECT string_agg(a::text, E'\n') FROM community.access_log a}) . $node->safe_psql('community', q{SELECT string_agg(a::text, E'\n') FROM community.import_error a});

# Everything on disk, a base backup, dumps in three forms.
my @files = copies_made($node, $dir);

my %secret;
foreach my $p (@people)
{
	foreach my $value ($p->{name}, $p->{number}, $p->{phone})
	{
		$secret{$value} = 1;
		$secret{ unpack('H*', $value) } = 1;
	}
}
foreach my $line (grep { /^\d/ } split(/\n/, $text))
{
	my $half = substr((split / /, $line)[3], 0, 32);
	$secret{$half} = 1;
	$secret{ pack('H*', $half) } = 1;
}
# One pattern over all: the number of secrets does not matter then.
my $pattern = join('|', map { quotemeta } keys %secret);
$pattern = qr/$pattern/;
is(planted_in($pattern, @files), 0, 'no canary on disk');
foreach my $view ([ 'pg_stat_statements', $stats ], [ 'pg_stat_activity', $activity ], [ 'pg_stats', $columns ], [ 'audit and logs of calls', $catalog ])
{
	cmp_ok(length($view->[1]), '>', 100, "$view->[0] has something to say");
	ok($view->[1] !~ $pattern, "$view->[0] holds no canary");
}
done_testing();
