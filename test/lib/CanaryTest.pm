# CanaryTest.pm: clients that bind their parameters, and a search for planted
# values in everything that a server leaves behind.
package CanaryTest;

use strict;
use warnings;
use Exporter 'import';
use IO::Socket::UNIX;
use Test::More;

our @EXPORT = qw(bound copies_made planted_in);

# Read one message of the protocol: its type and body.
sub message
{
	my ($socket) = @_;
	my ($head, $body) = ('', '');

	while (length($head) < 5) { sysread($socket, $head, 5 - length($head), length($head)) or die 'the server has gone'; }
	my ($type, $len) = unpack('aN', $head);
	while (length($body) < $len - 4) { sysread($socket, $body, $len - 4 - length($body), length($body)) or die 'the server has gone'; }
	return ($type, $body);
}

# Run one statement with bound text parameters, as a driver does: Parse, Bind,
# Execute, Sync.  Return the rows (columns joined by |) and the error, if any.
sub bound
{
	my ($node, $user, $sql, @values) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port) or die "server: $!";
	my $start = pack('N', 196608) . "user\0$user\0database\0community\0application_name\0canary\0\0";
	my ($rows, $error) = ('', '');

	syswrite($socket, pack('N', 4 + length $start) . $start);
	for (;;)
	{
		my ($type, $body) = message($socket);
		die "login of $user: $body" if $type eq 'E';
		last if $type eq 'Z';
	}
	my $parse = "\0$sql\0" . pack('n', 0);
	my $bind = "\0\0" . pack('n', 0) . pack('n', scalar @values) . join('', map { defined $_ ? pack('N', length $_) . $_ : pack('N', 0xFFFFFFFF) } @values) . pack('n', 0);
	my $execute = "\0" . pack('N', 0);
	syswrite($socket, join('', map { $_->[0] . pack('N', 4 + length $_->[1]) . $_->[1] } [ 'P', $parse ], [ 'B', $bind ], [ 'E', $execute ], [ 'S', '' ]));
	for (;;)
	{
		my ($type, $body) = message($socket);
		last if $type eq 'Z';
		$error = join(' ', map { substr($_, 1) } grep { /^[CMD]/ } split /\0/, $body) if $type eq 'E';
		next if $type ne 'D';
		my ($n, @fields) = (unpack('n', $body));
		my $at = 2;
		for (1 .. $n)
		{
			my $len = unpack('N', substr($body, $at, 4));
			$at += 4;
			next if $len == 0xFFFFFFFF and push @fields, '';
			push @fields, substr($body, $at, $len);
			$at += $len;
		}
		$rows .= ($rows eq '' ? '' : "\n") . join('|', @fields);
	}
	syswrite($socket, 'X' . pack('N', 4));
	close $socket;
	return ($rows, $error);
}

# Make a base backup and dumps in three forms, stop the server, and return every
# file that there is, its own and theirs.
sub copies_made
{
	my ($node, $dir) = @_;
	my @to = ('-h', $node->host, '-p', $node->port, '-U', 'postgres');

	$node->safe_psql('community', 'CHECKPOINT');
	$node->command_ok([ 'pg_basebackup', @to, '-D', "$dir/backup", '-X', 'stream', '-c', 'fast' ], 'base backup');
	$node->command_ok([ 'pg_dump', @to, '-f', "$dir/dump.sql", 'community' ], 'dump');
	$node->command_ok([ 'pg_dump', @to, '-Fc', '-Z0', '-f', "$dir/dump.custom", 'community' ], 'dump in custom format');
	$node->command_ok([ 'pg_dumpall', @to, '-f', "$dir/dumpall.sql" ], 'dump of the cluster');
	# A control: what a table holds in clear is found by the same search.
	$node->safe_psql('community', q{CREATE TABLE public.control AS SELECT 'control canary 4711'::text AS t; CHECKPOINT});
	$node->stop;
	return grep { -f } map { chomp; $_ } `find @{[ $node->data_dir ]} $dir/backup $dir/dump.sql $dir/dump.custom $dir/dumpall.sql @{[ $node->logfile ]} -type f`;
}

# Search files for a pattern, byte by byte, and prove that the search works.
sub planted_in
{
	my ($pattern, @files) = @_;
	my ($found, $searched, $control) = (0, 0, 0);

	foreach my $file (@files)
	{
		open(my $f, '<:raw', $file) or next;
		local $/;
		my $bytes = <$f>;
		close $f;
		$searched += length $bytes;
		$control++ if index($bytes, 'control canary 4711') >= 0;
		if ($bytes =~ $pattern)
		{
			$found++;
			diag("found in $file: " . (length $& < 60 ? unpack('H*', $&) : '') . ' near ' . substr($bytes, $-[0] > 200 ? $-[0] - 200 : 0, 200) =~ s/[^\x20-\x7e]/./gr);
		}
	}
	cmp_ok($searched, '>', 50_000_000, 'bytes searched');
	cmp_ok($control, '>=', 2, 'the search finds what is there, in table and log');
	return $found;
}

1;
