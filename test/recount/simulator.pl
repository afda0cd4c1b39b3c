#!/usr/bin/perl
# simulator.pl STREAM.csv CASE_TYPES.csv
#
# Recompute the summary of the Haishu week from its event stream alone: no
# database, no code of the demo, the moves of a case written down here a second
# time.  Prints "name<TAB>number" lines: what was taken in, refused by reason,
# closed, on time; and by type and by day.
use strict;
use warnings;

my ($stream, $types) = @ARGV;
die "usage: simulator.pl STREAM.csv CASE_TYPES.csv\n" unless defined $types;

# from state -> event -> to state
my %move = (
    reported   => { verify_request => 'verifying', accept => 'accepted', reject => 'rejected', self_handle => 'checking', merge => 'duplicate' },
    verifying  => { verify_ok => 'accepted', verify_fail => 'rejected' },
    accepted   => { merge => 'duplicate', file => 'filed', refuse => 'rejected' },
    filed      => { dispatch => 'dispatched', void => 'voided' },
    dispatched => { sign => 'handling', return => 'filed', force_assign => 'handling', escalate => 'escalated' },
    handling   => { escalate => 'escalated', request_suspend => 'suspending', request_extend => 'extending', handled => 'checking' },
    escalated  => { dispatch => 'dispatched', report_up => 'transferred' },
    suspending => { approve => 'suspended', deny => 'handling' },
    suspended  => { resume => 'handling', auto_resume => 'handling' },
    extending  => { approve => 'handling', deny => 'handling' },
    checking   => { check_ok => 'closed', check_fail => 'rework' },
    rework     => { dispatch => 'dispatched', handled => 'checking' },
    closed     => { rate => 'evaluated', reopen => 'filed' },
    evaluated  => { reopen => 'filed' });
my %finished = map { $_ => 1 } qw(closed evaluated rejected duplicate voided);

# Seconds of a stamp like 2025-03-10T08:00:00+08:00; one month is enough.
sub seconds
{
    my ($d, $h, $m, $s) = $_[0] =~ /^2025-03-(\d\d)T(\d\d):(\d\d):(\d\d)\+08:00$/ or die "unexpected time $_[0]\n";
    return (($d * 24 + $h) * 60 + $m) * 60 + $s;
}

my %limit;
open my $t, '<', $types or die "$types: $!\n";
<$t>;
while (<$t>) {
    my @f = split /,/;
    $limit{ $f[0] } = $f[4] * 3600;
}

my (%n, %case, %seen);
open my $in, '<', $stream or die "$stream: $!\n";
chomp(my $head = <$in>);
my @head = split /,/, $head;
while (my $line = <$in>) {
    chomp $line;
    my %e;
    @e{@head} = split /,/, $line, -1;
    if ($seen{ $e{event_id} }++) {
        $n{repeated}++;
        next;
    }
    my $at = seconds($e{at});
    my $no = sub { $n{"refused $_[0]"}++; $n{refused}++; };
    if ($e{event} eq 'report') {
        if (!exists $limit{ $e{case_type} }) { $no->('case_type_unknown'); next; }
        if (abs($e{lat}) >= 88) { $no->('location_invalid'); next; }
        $case{ $e{case_ref} } = { state => 'reported', type => $e{case_type}, day => substr($e{at}, 0, 10), returns => 0, extensions => 0, did => {} };
        $n{cases}++;
        $n{"day $case{ $e{case_ref} }{day} reported"}++;
        next;
    }
    my $c = $case{ $e{case_ref} };
    if (!$c) { $no->('report_refused'); next; }
    my $event = $e{event};
    my $to = $move{ $c->{state} }{$event};
    if (!defined $to) { $no->('transition_illegal'); next; }
    if ($event =~ /^(?:verify_ok|verify_fail|check_ok|check_fail)$/ && $c->{did}{ $e{actor} }) { $no->('inspector_is_handler'); next; }
    if ($event eq 'return' && $c->{returns} >= 2) { $no->('return_limit'); next; }
    if ($event eq 'request_extend' && $c->{extensions} >= 1) { $no->('extend_limit'); next; }
    if ($event eq 'merge') {
        my $main = $case{ $e{into_ref} };
        if (!$main) { $no->('merge_target_missing'); next; }
        if ($finished{ $main->{state} }) { $no->('merge_target_closed'); next; }
    }
    $n{events}++;
    $n{"done $event"}++;

    $c->{did}{ $e{actor} } = 1 if $event =~ /^(?:sign|handled|self_handle)$/;
    $c->{returns}++ if $event eq 'return';
    ($c->{more}) = $e{extend_by} =~ /^(\d+) minutes$/ if $event eq 'request_extend';
    if ($event eq 'file' || $event eq 'self_handle' || $event eq 'reopen') {
        $c->{due} = $at + $limit{ $c->{type} };
        $c->{returns} = 0 if $event eq 'reopen';
        $c->{filed} = 1;
        delete $c->{closed};
    }
    if ($event eq 'approve' && $c->{state} eq 'suspending') { $c->{left} = $c->{due} - $at; }
    if ($event eq 'approve' && $c->{state} eq 'extending') { $c->{due} += 60 * $c->{more}; $c->{extensions}++; }
    if ($c->{state} eq 'suspended') { $c->{due} = $at + $c->{left}; }
    if ($event eq 'check_ok') { $c->{closed} = $at; $c->{closed_day} = substr($e{at}, 0, 10); }
    $c->{state} = $to;
}
for my $c (values %case) {
    $n{"state $c->{state}"}++;
    $n{filed}++ if $c->{filed};
    $n{open}++ unless $finished{ $c->{state} };
    $n{"type $c->{type} cases"}++;
    next unless defined $c->{closed};
    $n{closed}++;
    $n{"type $c->{type} closed"}++;
    $n{"day $c->{closed_day} closed"}++;
    next if $c->{closed} > $c->{due};
    $n{on_time}++;
    $n{"type $c->{type} on_time"}++;
}
print "$_\t$n{$_}\n" for sort keys %n;
