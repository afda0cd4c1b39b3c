# The main job on real input: the whole Boston export and the Haishu week are
# taken in, and independent programs that never saw the database agree with it.
use strict;
use warnings;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $events = data_file('events/boston311_2015_h1.csv.gz');
my $grids = data_file('grids/boston_precincts_4326.geojson');
my $tmp = PostgreSQL::Test::Utils::tempdir;

my $node = community_node('replay', conf => "synchronous_commit = off\nshared_buffers = 256MB\nmax_wal_size = 2GB\n");

# Run one step of the demo in a database; die when it fails.
sub load
{
	my ($database, @step) = @_;
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGUSER => 'postgres', PGDATABASE => $database);
	my ($out, $err) = ('', '');
	IPC::Run::run([ tree('demo/load'), @step ], '<', '/dev/null', '>', \$out, '2>', \$err) or die "load @step: $err";
	return $out;
}

# Run a program and return what it prints.
sub output_of
{
	my (@command) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run(\@command, '>', \$out, '2>', \$err) or die "@command: $err";
	return $out;
}

# Roll up and seal by hand, as any scheduler would.
sub run_jobs
{
	my ($database) = @_;
	return $node->safe_psql($database, q{SELECT community.run_job('case_day'); SELECT community.run_job('daily_report')});
}

sub ask { return $node->safe_psql($_[0], $_[1]); }

sub write_text
{
	my ($name, $text) = @_;
	open my $fh, '>', "$tmp/$name" or die $!;
	print $fh $text;
	close $fh;
	return "$tmp/$name";
}

# What the rollups, reports and the outbox hold; run again, nothing may change.
my $state_of_reports = q{
	SELECT md5(string_agg(r::text, ',' ORDER BY community_id, day, grid_id, case_type)) FROM community.rollup_case_day r;
	SELECT md5(string_agg(r::text, ',' ORDER BY community_id, due_day, day, grid_id, case_type)) FROM community.rollup_case_due r;
	SELECT md5(string_agg(s::text, ',' ORDER BY community_id, period, first_day, revision)) FROM community.report_seal s;
	SELECT count(*), max(seq) FROM community.outbox};

# --- the simulator and its recount ---

my $week = output_of(tree('demo/simulate'));
is(output_of(tree('demo/simulate'), 330203, 2400), $week, 'the simulator gives the same bytes for the same seed');
isnt(output_of(tree('demo/simulate'), 7), $week, 'and others for another seed');

my %told = map { split /\t/ } split /\n/,
	output_of('perl', tree('test/recount/simulator.pl'), write_text('week.csv', $week), tree('demo/haishu_case_types.csv'));

platform_install($node, 'community');
load('community', 'schema');
load('community', 'haishu');
load('community', 'boston', $events, $grids, 'all') if $events && $grids;
load('community', 'views');
load('community', 'replay', 'haishu', 100);
load('community', 'replay', 'boston') if $events && $grids;
run_jobs('community');

is(ask('community', q{SELECT reports, events, repeated FROM demo.progress WHERE source = 'haishu'}),
	join('|', @told{qw(cases events repeated)}), 'Haishu: reports, other events and repeated deliveries as recounted');
is(ask('community', q{SELECT string_agg(reason || ' ' || n, ',' ORDER BY reason COLLATE "C") FROM demo.v_refused WHERE source = 'haishu'}),
	join(',', map { /^refused (.+)/ ? "$1 $told{$_}" : () } sort keys %told), 'Haishu: each refusal as recounted');
cmp_ok($told{"done $_"} // 0, '>', 0, "the week holds the event $_")
	for qw(return check_fail approve merge reject refuse self_handle escalate reopen rate void deny);
is(ask('community', q{SELECT cases, closed, on_time, open, refused FROM demo.v_total WHERE source = 'haishu'}),
	join('|', @told{qw(cases closed on_time open refused)}), 'Haishu: cases, closed, on time, open and refused as recounted');
is(ask('community', q{SELECT string_agg(event || ' ' || n, ',' ORDER BY event COLLATE "C")
	FROM (SELECT event, count(*) AS n FROM community.case_log WHERE community_id / 1000000 = 330203 AND event <> 'report' GROUP BY event) AS e}),
	join(',', map { /^done (.+)/ ? "$1 $told{$_}" : () } sort keys %told), 'Haishu: the log holds each event of the stream once');
is(ask('community', q{SELECT string_agg(format('%s %s %s', case_type, closed, on_time), ',' ORDER BY case_type COLLATE "C")
	FROM (SELECT case_type, count(closed_at) AS closed, count(*) FILTER (WHERE closed_at IS NOT NULL AND on_time) AS on_time
	        FROM community.case_file WHERE community_id / 1000000 = 330203 GROUP BY case_type) AS t}),
	join(',', map { /^type (\S+) cases/ ? sprintf('%s %d %d', $1, $told{"type $1 closed"} // 0, $told{"type $1 on_time"} // 0) : () } sort keys %told),
	'Haishu: closed and on time of each type as recounted');
is(ask('community', q{SELECT string_agg(format('%s %s', day, reported), ',' ORDER BY day) FROM demo.v_day WHERE source = 'haishu'}),
	join(',', map { /^day (\S+) reported/ ? "$1 $told{$_}" : () } sort keys %told), 'Haishu: the day curve of the rollup as recounted');

# --- the Boston export ---

SKIP: {
	skip 'the Boston 311 export is not in COMMUNITY_DATA', 11 unless $events && $grids;

	my @lines = split /\n/, output_of('perl', tree('test/recount/boston.pl'), $events, $grids);
	my ($cases, $closed, $judged, $on_time) = (grep { /^# cases/ } @lines)[0] =~ /(\d+)/g;
	my ($verdicts, $hold) = (grep { /^# verdicts/ } @lines)[0] =~ /(\d+)/g;

	is(ask('community', q{
		SELECT count(*), count(*) FILTER (WHERE (b.verdict = 'ONTIME') = (f.closed_at <= f.deadline)),
		       count(*) FILTER (WHERE (b.verdict = 'ONTIME') = f.on_time)
		  FROM demo.boston_case b
		  JOIN demo.case_ref r ON r.source = 'boston' AND r.case_ref = b.id
		  JOIN community.case_file f ON f.community_id = r.community_id AND f.case_id = r.case_id
		 WHERE b.verdict IS NOT NULL AND b.target IS NOT NULL AND f.closed_at IS NOT NULL}),
		"$verdicts|$verdicts|$verdicts", 'the verdict is (closed <= target) for every closed case with target and verdict');
	is("$verdicts $hold", '37257 37257', 'which are all 37,257 of the file');
	is(ask('community', q{SELECT count(*), count(*) FILTER (WHERE due_imported) FROM community.case_file
	                       WHERE community_id / 1000000 = 990101 AND due_import IS NOT NULL}),
		ask('community', q{SELECT count(*), count(*) FROM demo.boston_case WHERE target IS NOT NULL}),
		'imported deadlines are marked as imported');

	# The rollup by type and grid, against the recount of the file.
	my $rolled = ask('community', q{
		SELECT format(E'%s\t%s\t%s\t%s\t%s\t%s', substr(f.case_type, 9), coalesce(f.grid_code, '-'), sum(reported), sum(closed),
		              sum(closed_on_time + closed_late), sum(closed_on_time))
		  FROM community_bi.fact_case_daily f WHERE f.community_id / 1000000 = 990101
		 GROUP BY f.case_type, f.grid_code});
	my @rolled = sort split /\n/, $rolled;
	my @counted = sort grep { !/^#/ } @lines;
	cmp_ok(scalar @counted, '>', 12000, 'the recount knows over 12,000 pairs of type and precinct');
	is_deeply(\@rolled, \@counted, 'the rollup has the same cases, closed and on-time figures for each of them');
	is(ask('community', q{SELECT cases, closed, judged, on_time FROM demo.v_total WHERE source = 'boston'}),
		"$cases|$closed|$judged|$on_time", 'and so have the totals');
	is(ask('community', q{SELECT (SELECT count(*) FROM demo.boston_raw),
		(SELECT count(*) FROM demo.case_ref WHERE source = 'boston') + (SELECT count(*) FROM demo.refused WHERE source = 'boston' AND event = 'report')}),
		"$cases|$cases", 'each row of the file is a case or a listed refusal');

	# Three numbers of the HTML report, from the base tables alone.
	load('community', 'out', $tmp);
	my ($page) = slurp_file("$tmp/report.html") =~ m{(<section id="boston">.*?</section>)}s;
	my @tile = $page =~ m{<div><b>([^<]+)</b>}g;
	is($tile[0] =~ tr/,//dr, ask('community', q{SELECT count(*) FROM community.case_log WHERE event = 'report' AND community_id / 1000000 = 990101}),
		'report.html: the number of cases');
	is($tile[2], ask('community', q{
		SELECT round(100.0 * count(*) FILTER (WHERE occurred_at <= deadline) / count(*), 1) || ' %'
		  FROM community.case_log
		 WHERE to_state = 'closed' AND deadline IS NOT NULL AND community_id / 1000000 = 990101}), 'report.html: the share on time');
	my ($busiest, $number) = $page =~ m{Busiest grids.*?<small>(\d{15})</small></td><td>([\d,]+)</td>}s;
	is("$busiest|" . ($number =~ tr/,//dr), ask('community', q{
		SELECT grid_code, count(*) FROM community.case_file WHERE community_id / 1000000 = 990101 AND grid_code IS NOT NULL
		 GROUP BY grid_code ORDER BY count(*) DESC, grid_code::bigint LIMIT 1}), 'report.html: the busiest grid and its cases');
	is(scalar(() = $page =~ /<path /g), 255, 'report.html: every precinct is drawn');
}

# --- again: nothing changes ---

my $before = ask('community', $state_of_reports);
my $hash = ask('community', q{SELECT source, hash FROM demo.v_sealed ORDER BY 1});
cmp_ok(ask('community', q{SELECT min(reports - outbox) + max(reports - outbox) FROM demo.v_sealed}), '==', 0, 'every sealed report is in the outbox');
run_jobs('community') for 1 .. 2;
is(ask('community', $state_of_reports), $before, 'running the jobs again changes nothing');

my $log = ask('community', q{SELECT count(*), max(log_id) FROM community.case_log});
ask('community', q{UPDATE demo.progress SET pos = 0, reports = 0, events = 0, repeated = 0 WHERE source = 'haishu'});
load('community', 'replay', 'haishu', 100);
is(ask('community', q{SELECT count(*), max(log_id) FROM community.case_log}), $log, 'the whole stream delivered again adds no event');
is(ask('community', q{SELECT reports, events, repeated FROM demo.progress WHERE source = 'haishu'}),
	join('|', @told{qw(cases events repeated)}), 'and is answered as the first time');
run_jobs('community');
is(ask('community', $state_of_reports), $before, 'nor does it change a report');

# --- the same input in another database, in other batches, in another time zone ---

platform_install($node, 'again');
ask('again', q{ALTER DATABASE again SET timezone = 'America/Los_Angeles'; ALTER DATABASE again SET community.lang = 'zh'});
ask('again', q{SELECT nextval('community.case_file_seq') FROM generate_series(1, 1000)});
load('again', 'schema');
load('again', 'haishu');
load('again', 'views');
load('again', 'replay', 'haishu', 37);
run_jobs('again');
is(ask('again', q{SELECT source, hash FROM demo.v_sealed ORDER BY 1}), join("\n", grep { /^haishu/ } split /\n/, $hash),
	'the same input gives the same report hash');

# --- text from data cannot break the page ---

ask('again', q{UPDATE community.grid SET name = '<script>alert("x")</script>&' WHERE grid_id IN
	(SELECT grid_id FROM community.case_file WHERE grid_id IS NOT NULL GROUP BY grid_id ORDER BY count(*) DESC LIMIT 20)});
load('again', 'out', $tmp);
my $page = slurp_file("$tmp/report.html");
unlike($page, qr/<script/i, 'report.html: a name with markup is escaped');
like($page, qr/&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;&amp;/, 'and shown as it is');
is(scalar(() = $page =~ /<path /g), 1205 + ask('again', q{SELECT count(*) FROM demo.v_grid v, demo.city c
	WHERE v.geom && ST_MakeEnvelope(c.inset[1], c.inset[2], c.inset[3], c.inset[4], 4326)
	  AND ST_Intersects(v.geom, ST_MakeEnvelope(c.inset[1], c.inset[2], c.inset[3], c.inset[4], 4326))}),
	'report.html: every grid is drawn, in the map and in the enlarged old town');

# --- every rule for dirty rows ---

my $square = sub {
	my ($name, $x, $y, $w) = @_;
	return sprintf '{"type":"Feature","properties":{"WARD_PRECINCT":"%s"},"geometry":{"type":"Polygon","coordinates":[[[%s,%s],[%s,%s],[%s,%s],[%s,%s],[%s,%s]]]}}',
		$name, $x, $y, $x + $w, $y, $x + $w, $y + 0.02, $x, $y + 0.02, $x, $y;
};
my $bow = '{"type":"Feature","properties":{"WARD_PRECINCT":"0203"},"geometry":{"type":"Polygon","coordinates":[[[-71.2,42.2],[-71.18,42.22],[-71.18,42.2],[-71.2,42.22],[-71.2,42.2]]]}}';
my $dirty_grids = write_text('dirty.geojson', "{\"type\":\"FeatureCollection\",\n\"features\":[\n"
		. join(",\n", $square->('0101', -71.10, 42.30, 0.02), $square->('0102', -71.085, 42.30, 0.02), $square->('0502A', -71.05, 42.30, 0.01), $bow) . "\n]}\n");
my @dirty = (    # id, opened, target, closed, verdict, status, ward, precinct, lat, lon
	[ 1, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '2015-01-05 11:00:00', 'ONTIME', 'Closed', 'Ward 1', '101.0', '42.31', '-71.095' ],
	[ 2, '', '2015-01-06 10:00:00', '', '', 'Open', '', '', '42.31', '-71.095' ],
	[ 3, '2015-02-30 10:00:00', '', '', '', 'Open', '', '', '42.31', '-71.095' ],
	[ 1, '2015-01-05 12:00:00', '', '', '', 'Open', '', '', '42.31', '-71.095' ],
	[ 4, '2015-01-05 10:00:10', '2015-01-06 10:00:00', '2015-01-05 10:00:00', 'ONTIME', 'Closed', 'Ward 1', '101.0', '42.31', '-71.095' ],
	[ 5, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '2015-01-05 08:00:00', 'ONTIME', 'Closed', 'Ward 1', '101.0', '42.31', '-71.095' ],
	[ 6, '2015-03-08 02:30:00', '2015-03-09 10:00:00', '2015-03-08 04:00:00', 'ONTIME', 'Closed', '01', '101.0', '42.31', '-71.095' ],
	[ 7, '2015-10-31 10:00:00', '2015-11-01 01:30:00', '2015-11-01 01:30:00', 'ONTIME', 'Closed', '1', '101.0', '42.31', '-71.095' ],
	[ 8, '2015-01-05 10:00:00', '', '2015-01-05 11:00:00', 'ONTIME', 'Closed', 'Ward 1', '101.0', '42.31', '-71.095' ],
	[ 9, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', 'Ward 1', '102.0', '42.3594', '-71.0587' ],
	[ 10, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', '', '', '42.3594', '-71.0587' ],
	[ 11, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', 'Ward 9', '101.0', '42.31', '-71.095' ],
	[ 12, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', 'Ward 1', '102.0', '42.31', '-71.0825' ],
	[ 13, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', 'Ward 1', '101.0', '42.33', '-71.095' ],
	[ 14, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '2015-01-05 11:00:00', 'ONTIME', 'Open', 'Ward 1', '101.0', '42.31', '-71.095' ],
	[ 15, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', '', '', 'unknown', '' ],
	[ 16, '2015-01-05 10:00:00', '2015-01-06 10:00:00', '', '', 'Open', 'Ward 5', '502.0', '42.31', '-71.045' ]);
my $dirty_events = write_text('dirty.csv', join("\n",
	'case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,subject,reason,type,department,neighborhood,fire_district,pwd_district,city_council_district,police_district,ward,precinct,location_zipcode,latitude,longitude,source',
	map { my @f = @$_; join ',', @f[ 0 .. 5 ], 's', 'r', '"Lamp, broken"', 'PWD', '', '', '', '', '', @f[ 6, 7 ], '', @f[ 8, 9 ], 'Phone' } @dirty) . "\n");

load('again', 'boston', $dirty_events, $dirty_grids, 'all');
load('again', 'replay', 'boston');
is(ask('again', q{SELECT string_agg(ref || ' ' || reason, ',' ORDER BY ref COLLATE "C") FROM demo.refused WHERE source = 'boston'}),
	'5-7 closed_before_opened,line 2 open_time_unreadable,line 3 open_time_unreadable,line 4 case_repeated',
	'dirty rows: what is refused is listed with its reason');
is(ask('again', q{SELECT string_agg(ref || ' ' || rule, ',' ORDER BY lpad(ref, 15), rule COLLATE "C") FROM demo.noted WHERE source = 'boston'}),
	join(',', '4 closed_before_opened', '6 time_in_gap', '6 ward_written_otherwise', '7 time_ambiguous', '7 ward_written_otherwise',
		'8 target_missing', '9 default_precinct', '10 default_nowhere', '11 ward_differs', '12 in_two_grids', '12 precinct_differs',
		'13 in_no_grid', '14 status_differs', '15 default_nowhere', '990101001002003 ring_repaired'),
	'dirty rows: what is corrected is listed with its rule');
is(ask('again', q{SELECT string_agg(format('%s %s %s', f.external_id, coalesce(f.grid_code::text, '-'), f.state), ',' ORDER BY f.external_id::int)
	FROM community.case_file f WHERE f.community_id / 1000000 = 990101 AND f.external_id::int IN (5, 9, 10, 12, 13, 15, 16)}),
	'5 990101001001001 handling,9 990101001001002 handling,10 - handling,12 990101001001001 handling,13 - handling,15 - handling,16 990101001005102 handling',
	'dirty rows: each lies where the rule puts it');
is(ask('again', q{SELECT string_agg(format('%s %s %s', f.external_id, to_char(f.reported_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS'),
		to_char(f.closed_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS')), ',' ORDER BY f.external_id::int)
	FROM community.case_file f WHERE f.community_id / 1000000 = 990101 AND f.external_id::int IN (4, 6, 7)}),
	'4 01-05 15:00:10 01-05 15:00:10,6 03-08 07:30:00 03-08 08:00:00,7 10-31 14:00:00 11-01 06:30:00',
	'dirty rows: local times become the right moments');
is(ask('again', q{SELECT string_agg(distinct t.on_time::text, ',') FROM community.case_file t WHERE t.community_id / 1000000 = 990101 AND t.closed_at IS NOT NULL AND t.deadline IS NOT NULL}),
	'true', 'dirty rows: verdicts follow the times');

done_testing();
