# Deadlines of a real city: the clock recomputes the targets that Boston wrote
# into its file, and says of the rest why it does not.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $file = data_file('events/boston311_2015_h1.csv.gz');
plan skip_all => 'the Boston file is not there' unless $file;

# Split a line of CSV.
sub fields
{
	my ($line) = @_;
	my @fields;

	while ($line =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)
	{
		my $field = defined $1 ? $1 =~ s/""/"/gr : $2;
		push @fields, $field;
		last if pos($line) >= length $line && $line !~ /,\z/;
	}
	return @fields;
}

my $node = community_node('deadlines');
$node->safe_psql('postgres', 'CREATE EXTENSION IF NOT EXISTS community CASCADE');
my $out = PostgreSQL::Test::Utils::tempdir . '/rows.tsv';
open my $in, '-|', 'gzip', '-dc', $file or die "gzip: $!";
open my $rows, '>', $out or die "$out: $!";
my @head = do { my $line = <$in>; chomp $line; fields($line) };
my %at = map { $head[$_] => $_ } 0 .. $#head;
my $count = 0;
while (my $line = <$in>)
{
	chomp $line;
	my @f = map { defined $_ && $_ ne '' ? $_ : '\N' } (fields($line))[ @at{qw(type open_dt target_dt closed_dt ontime_status)} ];
	print $rows join("\t", @f), "\n";
	$count++;
}
close $rows or die "$out: $!";
is($count, 58119, 'the whole file is read');

my $sql = slurp_file(tree('test/lib/boston_clock.sql'));
my $answer = $node->safe_psql(
	'postgres', qq{
	SET timezone = 'America/New_York';
	SET client_min_messages = warning;
	CREATE TEMP TABLE raw (type text, open timestamptz, target timestamptz, closed timestamptz, verdict text);
	\\copy raw FROM '$out'
	CREATE TEMP TABLE target AS SELECT type, open, target FROM raw WHERE target IS NOT NULL;
	$sql
	SELECT how, n FROM answer ORDER BY n DESC, how;
	SELECT 'rules', count(*) FROM rule;
	SELECT 'verdicts', count(*) FILTER (WHERE (verdict = 'ONTIME') = (closed <= target)) || ' of ' || count(*)
	  FROM raw WHERE closed IS NOT NULL AND target IS NOT NULL AND verdict IS NOT NULL;
	});
note($answer);
my %how = map { split /\|/ } split /\n/, $answer;
my $rules = delete $how{rules};
my $verdicts = delete $how{verdicts};
my $all = 0;
$all += $_ for values %how;
is($all, 43592, 'every target of the file is accounted for');
cmp_ok($how{'by the rule of the type'} / $all, '>=', 0.60, 'the clock gives at least 60 % of the targets within two seconds');
is($how{'by the rule of the type'}, 29862, 'which are these');
cmp_ok($rules, '<=', 116, 'by one rule a type');
is($verdicts, '37257 of 37257', 'the verdict is the comparison of closing and target, without exception');
is_deeply([ sort keys %how ],
	[ 'an opening, as if begun outside of the hours, though it was opened within', 'by the rule of the type',
		'counted from another moment than the opening of the case', 'hours, not days', 'whole days, but another number of them' ],
	'and the rest has its reason');
done_testing();
