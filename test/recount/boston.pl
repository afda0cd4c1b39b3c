#!/usr/bin/perl
# boston.pl EVENTS.csv[.gz] PRECINCTS.geojson [LIMIT]
#
# Recount the Boston 311 export by case type and precinct, without a database
# and without any code of the demo: reads the file line by line, finds the
# precinct of each point by counting crossings with the rings, and compares the
# local times as text.  Prints tab-separated lines
#     type  grid  cases  closed  judged  on_time
# where judged counts closed cases with a target; the grid is the 15-digit code,
# or - for none.  The last lines start with "#" and give totals.
use strict;
use warnings;
use JSON::PP;

my ($events, $precincts, $limit) = @ARGV;
die "usage: boston.pl EVENTS.csv[.gz] PRECINCTS.geojson [LIMIT]\n" unless defined $precincts;

# --- precincts: code, bounding box, all rings ---
my @areas;
my %by_number;
{
    local $/;
    open my $fh, '<:raw', $precincts or die "$precincts: $!\n";
    for my $f (@{ decode_json(<$fh>)->{features} }) {
        my ($ward, $precinct, $part) = $f->{properties}{WARD_PRECINCT} =~ /^(\d\d)(\d\d)(A?)$/
            or die "unknown precinct $f->{properties}{WARD_PRECINCT}\n";
        my $code = sprintf '990101001%03d%03d', $ward, $precinct + ($part ? 100 : 0);
        $by_number{ $ward * 100 + $precinct } = $code unless $part;
        my $c = $f->{geometry}{coordinates};
        my @rings = $f->{geometry}{type} eq 'MultiPolygon' ? map { @$_ } @$c : @$c;
        my @x = map { map { $_->[0] } @$_ } @rings;
        my @y = map { map { $_->[1] } @$_ } @rings;
        @x = sort { $a <=> $b } @x;
        @y = sort { $a <=> $b } @y;
        push @areas, { code => $code, box => [$x[0], $y[0], $x[-1], $y[-1]], rings => \@rings };
    }
    @areas = sort { $a->{code} cmp $b->{code} } @areas;
}

sub holds
{
    my ($area, $x, $y) = @_;
    my $b = $area->{box};
    return 0 if $x < $b->[0] || $y < $b->[1] || $x > $b->[2] || $y > $b->[3];
    my $in = 0;
    for my $ring (@{ $area->{rings} }) {
        for my $i (1 .. $#$ring) {
            my ($ax, $ay, $bx, $by) = (@{ $ring->[$i - 1] }[0, 1], @{ $ring->[$i] }[0, 1]);
            next if ($ay > $y) == ($by > $y);
            $in = !$in if $x < $ax + ($y - $ay) / ($by - $ay) * ($bx - $ax);
        }
    }
    return $in;
}

my %seen_point;
sub precinct_at
{
    my ($x, $y) = @_;
    return $seen_point{"$x $y"} //= do {
        my $found = '-';
        for my $area (@areas) {
            if (holds($area, $x, $y)) { $found = $area->{code}; last; }
        }
        $found;
    };
}

# --- the file ---
my $in;
if ($events =~ /\.gz$/) { open $in, '-|', 'gzip', '-dc', $events or die "$events: $!\n"; }
else { open $in, '<', $events or die "$events: $!\n"; }
my $line = <$in>;
$line =~ s/\r?\n$//;
my @head = split /,/, $line;
my (%count, %total);
while ($line = <$in>) {
    last if defined $limit && $total{rows}++ >= $limit;
    $line =~ s/\r?\n$//;
    my @field;
    while ($line =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gc) {
        push @field, defined $1 ? $1 =~ s/""/"/gr : $2;
        last if $3 eq '';
    }
    my %r;
    @r{@head} = @field;
    my ($opened, $target, $closed) = @r{qw(open_dt target_dt closed_dt)};
    my $grid;
    if ($r{latitude} == 42.3594 && $r{longitude} == -71.0587) {
        $grid = $r{precinct} ne '' && $by_number{ int $r{precinct} } || '-';
    }
    else { $grid = precinct_at($r{longitude}, $r{latitude}); }
    my $c = $count{ $r{type} }{$grid} //= [0, 0, 0, 0];
    $c->[0]++;
    next if $closed eq '';
    $c->[1]++;
    $closed = $opened if $closed lt $opened;    # clocks that differ by seconds
    next if $target eq '';
    $c->[2]++;
    $c->[3]++ if $closed le $target;
    next if $r{ontime_status} eq '';
    $total{verdicts}++;
    $total{verdicts_hold}++ if ($r{ontime_status} eq 'ONTIME') == ($closed le $target);
}
my @sum = (0, 0, 0, 0);
for my $type (sort keys %count) {
    for my $grid (sort keys %{ $count{$type} }) {
        my $c = $count{$type}{$grid};
        print join("\t", $type, $grid, @$c), "\n";
        $sum[$_] += $c->[$_] for 0 .. 3;
    }
}
print "# cases $sum[0] closed $sum[1] judged $sum[2] on_time $sum[3]\n";
printf "# verdicts %d hold %d\n", $total{verdicts} // 0, $total{verdicts_hold} // 0;
