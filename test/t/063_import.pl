# Bulk import of persons: memory does not grow with the list, another session sees
# how far it is, and an import that is killed goes on where it stopped.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = "$dir/ring";
my $text = `@{[ tree('test/lib/make-ring.sh') ]}`;
open(my $f, '>', $ring) or die $!;
print $f $text;
close $f;
chmod 0400, $ring or die $!;
my $node = community_node('import', conf => "community.key_file = '$ring'\nfsync = off\nautovacuum = off\n", preload => 'pg_cron,community');
platform_install($node, 'community');
$node->safe_psql('community', q{SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299001001', '东风社区', 'residential')});

# A list of many, one in a hundred of them wrong.
my $rows = 24_000;
my $wrong = $rows / 100;
open(my $csv, '>', "$dir/list.csv") or die $!;
print $csv "name,id_kind,id_no,birth_year,sex\n";
print $csv join(',', "张$_", 'passport', sprintf('P%08d', $_), $_ % 100 ? 1950 + $_ % 50 : 'old', $_ % 2 ? 'male' : 'female'), "\n" for 1 .. $rows;
close $csv;

# One session stages and imports; psql is fed step by step, each step answered.
my ($in, $out, $err) = ('', '', '');
my $timer = IPC::Run::timeout(300);
my $psql = IPC::Run::start([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-U', 'postgres', '-d', 'community' ], '<', \$in, '>', \$out, '2>', \$err, $timer);

# Send SQL to the session and return its answer.
sub step
{
	my ($sql) = @_;
	$out = '';
	$in .= "$sql\n;\n\\echo done\n";
	IPC::Run::pump($psql) until $out =~ /^done$/m || $err ne '';
	die $err if $err ne '';
	$out =~ s/^done\n//m;
	chomp $out;
	return $out;
}

# Return the greatest memory that a process has held, in kB, without what it shares.
sub held
{
	my ($pid) = @_;
	my ($rss) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m;
	return $rss;
}

my $pid = step('SELECT pg_backend_pid()');
my $batch = step("SELECT community.person_import_open(330299001001, 'list') AS batch \\gset\n\\echo :batch");
step("\\copy community.person_stage (line) FROM '$dir/list.csv' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')");
my $staged = held($pid);
is(step("SELECT * FROM community.person_import($batch, 2000)"), '1980|19|' . ($rows - 1999), 'the first lines are entered, the header among them');
my $first = held($pid);
is($node->safe_psql('community', "SELECT done, failed, finished_at IS NULL FROM community.import_batch WHERE batch_id = $batch"), '1980|19|t', 'another session sees how far it is');
step("SELECT * FROM community.person_import($batch, 2000)") for 1 .. 4;
my $later = held($pid);
cmp_ok($later - $first, '<', 8192, "five calls hold no more than one ($staged kB staged, $first kB first, $later kB later)");
# One call over the rest: ten times the rows, looked at from outside while it runs.
$in .= "SELECT * FROM community.person_import($batch, 100000);\n\\echo done\n";
$out = '';
IPC::Run::pump_nb($psql);
my (%seen, $most);
for (1 .. 600)
{
	my $name = $node->safe_psql('community', "SELECT application_name FROM pg_stat_activity WHERE pid = $pid");
	$seen{$1} = 1 if $name =~ /^community import $batch: (\d+)$/;
	$most = held($pid) if held($pid) > ($most // 0);
	last if keys %seen > 1;
	select(undef, undef, undef, 0.1);
}
cmp_ok(scalar(grep { $_ > 9_999 && $_ < $rows } keys %seen), '>', 1, 'and, while a call runs, by its application_name');
# Killed in the middle: what that call did is undone, the next one goes on.
$node->safe_psql('community', "SELECT pg_terminate_backend($pid)");
eval { IPC::Run::finish($psql) };
cmp_ok($most - $first, '<', 16384, "a call of many rows holds no more either ($most kB)");
is($node->safe_psql('community', "SELECT done, failed, finished_at IS NULL FROM community.import_batch WHERE batch_id = $batch"), '9900|99|t', 'a call that was killed did nothing');
my $rest = $node->safe_psql('community', "SELECT * FROM community.person_import($batch, 100000)");
is($rest, ($rows - $wrong) . "|$wrong|0", 'the next one does the rest');
is($node->safe_psql('community', 'SELECT count(*), count(DISTINCT p.id_hash) FROM community.person p'), ($rows - $wrong) . '|' . ($rows - $wrong), 'every good row is there once');
is($node->safe_psql('community', "SELECT count(*), min(row_no), max(row_no), string_agg(DISTINCT column_name || ' ' || reason, ',') FROM community.import_error WHERE batch_id = $batch"),
	"$wrong|101|" . ($rows + 1) . '|birth_year birth_year_invalid', 'every bad one is named with its line');
is($node->safe_psql('community', 'SELECT count(*) FROM community.person_stage'), '0', 'nothing stays staged');
# Lists with bytes that are no text, those that COPY takes for its own and ends of lines of all kinds, as the manual reads them.
sub odd
{
	my ($name, $encoding, $bytes) = @_;
	open(my $odd, '>:raw', "$dir/$name.csv") or die $!;
	print $odd $bytes;
	close $odd;
	return $node->safe_psql('community', qq{
		SELECT community.person_import_open(330299001001, '$name', '$encoding') AS batch \\gset
		\\copy community.person_stage (line) FROM PROGRAM 'tr -d "\\000\\001\\002\\r" < $dir/$name.csv' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ENCODING 'LATIN1')
		SELECT * FROM community.person_import(:batch);
		SELECT row_no, column_name, reason FROM community.import_error WHERE batch_id = :batch ORDER BY row_no;
	});
}
is(odd('gb', 'GB18030', "name,phone\n\xd5\xc5\xc8\xfd,13911110001\r\n\xd5\xc5\xff\xcb\xc4,13911110002\n\xd5\xc5\x01\xce\xe5,13911110003\n\x02\xd5\xc5\xc1\xf9,13911110004\n"),
	"3|1|0\n3|row|import_encoding", 'in GB18030: a line that is no text stops no other');
is(odd('utf', 'UTF8', "\xef\xbb\xbfname,phone\n\xe6\x9d\x8e\xe4\xb8\x83,13911110005\n\xe6\x9d\xff,13911110006\nJos\xc3\xa9\0,13911110007\r\n\xd5\xc5\xc8\xfd,13911110008\n"),
	"2|2|0\n3|row|import_encoding\n5|row|import_encoding", 'in UTF-8');
is($node->safe_psql('community', q{SELECT string_agg(f.name || f.phone, ',' ORDER BY f.person_id) FROM unnest('{张三,张五,张六,李七,José}'::text[]) n, community.person_find(330299001001, 'name', n) f}),
	'张*139******01,张*139******03,张*139******04,李*139******05,J***139******07', 'and found by name');
is($node->safe_psql('community', q{SELECT string_agg(DISTINCT encoding, ',') FROM community.import_batch}), 'GB18030,UTF8', 'the batch keeps the encoding');
my $log = slurp_file($node->logfile);
unlike($log, qr/1391111000/, 'no line is in the log of the server');
$node->stop;
done_testing();
