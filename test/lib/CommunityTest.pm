# CommunityTest.pm: private clusters with the extension for the TAP tests.
package CommunityTest;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(community_node platform_install tree data_file wait_for difference schema_of);

# Make, configure and start a cluster that loads the build under test.
# Options: preload (libraries), conf (further lines), start (default 1).
sub community_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $dest = $ENV{COMMUNITY_DEST};

	$node->init(extra => [ '-E', 'UTF8', '--locale=C.UTF-8', '-U', 'postgres' ]);
	$node->append_conf('postgresql.conf', configuration(%options));
	$node->start unless defined $options{start} && !$options{start};
	return $node;
}

# Return the lines of postgresql.conf that every cluster under test needs.
sub configuration
{
	my (%options) = @_;
	my $dest = $ENV{COMMUNITY_DEST};
	my $preload = $options{preload} // 'pg_cron';
	my $conf = $options{conf} // '';

	return <<"EOF";
extension_destdir = '$dest'
dynamic_library_path = '$dest/usr/lib/postgresql/15/lib:\$libdir'
shared_preload_libraries = '$preload'
cron.use_background_workers = on
cron.database_name = 'community'
max_worker_processes = 16
timezone = 'Asia/Shanghai'
$conf
EOF
}

# Create a database with extension, platform and roles, as a DBA would.
sub platform_install
{
	my ($node, $database, %options) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database") unless $options{existing};
	$node->safe_psql(
		$database, q{
		SET client_min_messages = warning;
		CREATE EXTENSION community CASCADE;
		SELECT count(*) FROM community.install();
		SELECT community.setup_roles('');
	});
	return;
}

# Return a path in the copy of the source tree that the test may read.
sub tree { return "$ENV{COMMUNITY_TREE}/$_[0]"; }

# Return the path of a real data file, or undef where the data is absent.
sub data_file
{
	my ($path) = @_;
	my $file = "$ENV{COMMUNITY_DATA}/$path";

	return -r $file ? $file : undef;
}

# Poll a query until it answers the expected text; return success.
sub wait_for
{
	my ($node, $database, $query, $expected, $seconds) = @_;

	for (1 .. ($seconds // 180) * 4)
	{
		return 1 if $node->safe_psql($database, $query) eq $expected;
		select(undef, undef, undef, 0.25);
	}
	return 0;
}

# Return the schema of a database as pg_upgrade sees it, without object numbers.
sub schema_of
{
	my ($node, $database) = @_;
	my ($out, $err);

	IPC::Run::run([ 'pg_dump', '-s', '--binary-upgrade', '-h', $node->host, '-p', $node->port,
			'-U', 'postgres', $database ], '>', \$out, '2>', \$err) or die $err;
	# what the extension requires stands in no order
	$out =~ s/(create_empty_extension\('community'.*ARRAY\[)(.*?)\]/$1 . join(',', sort split(m{,}, $2)) . ']'/eg;
	# nor do the members of an operator class: they come as the pages of the catalogue have them
	$out =~ s/^(    (?:OPERATOR|FUNCTION) \d.*?) ?[,;]$/$1/mg;
	$out =~ s/((?:^    (?:OPERATOR|FUNCTION) \d.*\n){2,})/join('', sort split(m{^}m, $1))/meg;
	$out =~ s{\b[0-9A-F]+/[0-9A-F]+\b}{L}g;
	$out =~ s/'\{?\d+(,\d+)*\}?'/'N'/g;
	$out =~ s/"\d{4,}"|\b\d{5,}\b/N/g;
	$out =~ s/^\\(un)?restrict.*\n//mg;
	$out =~ s/^SELECT pg_catalog\.setval.*\n//mg;
	$out =~ s/'\d+'::pg_catalog\.xid/'N'::pg_catalog.xid/g;
	$out =~ s/^(SET relfrozenxid|UPDATE pg_catalog\.pg_class|SET datfrozenxid).*\n(.*\n)?//mg;
	return $out;
}

# Return what differs between two texts, as diff says it.
sub difference
{
	my @texts = @_;

	for my $i (0, 1)
	{
		open my $fh, '>', "$ENV{TESTDIR}/text$i" or die $!;
		print $fh $texts[$i], "\n";
		close $fh;
	}
	IPC::Run::run([ 'diff', "$ENV{TESTDIR}/text0", "$ENV{TESTDIR}/text1" ], '>', \my $out);
	return $out;
}

1;
