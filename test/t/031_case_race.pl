# Eight clients race over a few cases with every event there is.  Afterwards no
# case has two successors, a lost log row or a wrong clock.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $node = community_node('race', conf => 'log_statement = none');

platform_install($node, 'community', existing => 0);
$node->safe_psql(
	'community', q{
	SELECT community.community_register('330203', '海曙区', 'district');
	SELECT community.community_register('330203001', '南门街道', 'street');
	SELECT community.community_register('330203001001', '测试社区', 'residential');
	SELECT community.grid_add('330203001001001', '测试网格', 'unit',
		'{"type": "Polygon", "coordinates": [[[121.5, 29.8], [121.51, 29.8], [121.51, 29.81], [121.5, 29.81], [121.5, 29.8]]]}');
	SELECT community.duty_add('330203', NULL, community.organization_add(330203000000, '区城管局', 'government'), '(,)', true);
	SELECT community.ensure_partitions(now() - interval '1 day', now() + interval '1 day');
	UPDATE community.case_type SET max_return = 1000000, max_extend = 0 WHERE case_type = 'noise';
	CREATE TABLE public.event AS SELECT row_number() OVER (ORDER BY event) AS n, event
	  FROM (SELECT DISTINCT event FROM community.case_transition WHERE event NOT IN ('archive', 'request_extend')) e;
	CREATE TABLE public.refused (reason text);
	-- One try: an event on the k-th oldest case that is still alive, every
	-- eighth time under a key that another client may use at the same time.
	CREATE FUNCTION public.race(p_case bigint, p_event bigint, p_key integer) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v_event text := (SELECT event FROM public.event WHERE n = p_event);
		v_detail text;
	BEGIN
		PERFORM community.case_event(CASE WHEN p_key < 50 THEN md5(p_key::text || p_case || v_event)::uuid END, 330203001001, p_case, v_event,
			jsonb_build_object('actor', CASE WHEN v_event LIKE 'check%' THEN 'inspector' ELSE 'handler' END,
				'reason', 'r', 'rating', 5, 'until', '2100-01-01', 'into_case_id', p_case % 12 + 1));
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
		IF SQLSTATE !~ '^PT4' THEN
			RAISE;
		END IF;
		INSERT INTO public.refused VALUES (v_detail);
	END $$;
	SELECT count(r.*) FROM generate_series(1, 12) g, community.case_report(NULL, 'noise', 121.505, 29.805, g::text, 'app') r;
});
my $events = $node->safe_psql('community', 'SELECT count(*) FROM public.event');

cmp_ok($events, '>=', 30, 'the race knows the events');
my $script = "$ENV{TESTDIR}/race.sql";

open my $fh, '>', $script or die $!;
print $fh <<"EOF";
\\set c random(1, 12)
\\set e random(1, $events)
\\set k random(1, 400)
SELECT public.race(:c, :e, :k);
EOF
close $fh;
$node->command_checks_all([ 'pgbench', '-n', '-c', '8', '-j', '2', '-T', '8', '-f', $script, '-d', 'community', '-U', 'postgres' ],
	0, [qr/number of failed transactions: 0|transactions actually processed/], [], 'eight clients race without an error or a deadlock');

# What must hold, each query returning the offenders.
my %never = (
	'a log row is lost' => q{SELECT f.case_id FROM community.case_file f WHERE f.seq <> (SELECT count(*) FROM community.case_log l WHERE l.case_id = f.case_id)},
	'a number in the log comes twice or not at all' => q{SELECT case_id FROM community.case_log GROUP BY case_id HAVING count(DISTINCT seq) <> max(seq) OR count(*) <> max(seq)},
	'a case has two successors' => q{SELECT case_id, seq FROM (SELECT case_id, seq, from_state, lag(to_state) OVER (PARTITION BY case_id ORDER BY seq) AS was FROM community.case_log) x WHERE seq > 1 AND from_state <> was},
	'a case stands elsewhere than its log' => q{SELECT f.case_id FROM community.case_file f JOIN community.case_log l ON l.case_id = f.case_id AND l.seq = f.seq
		WHERE (f.state, f.clock, f.deadline, f.last_at) IS DISTINCT FROM (l.to_state, l.clock, l.deadline, l.occurred_at)},
	'a move is not in the table' => q{SELECT l.case_id, l.seq FROM community.case_log l WHERE l.seq > 1 AND NOT EXISTS
		(SELECT FROM community.case_transition t WHERE t.version = 1 AND (t.from_state, t.event, t.to_state, t.role) = (l.from_state, l.event, l.to_state, l.role))},
	'time runs backwards' => q{SELECT case_id, seq FROM (SELECT case_id, seq, occurred_at, lag(occurred_at) OVER (PARTITION BY case_id ORDER BY seq) AS was FROM community.case_log) x WHERE occurred_at < was},
	'a clock is wrong' => q{
		WITH l AS (SELECT *, occurred_at - lag(occurred_at) OVER (PARTITION BY case_id ORDER BY seq) AS since,
		                  max(seq) FILTER (WHERE event IN ('file', 'self_handle', 'reopen')) OVER (PARTITION BY case_id) AS started FROM community.case_log)
		SELECT f.case_id, f.deadline, s.occurred_at + interval '4 hours' + COALESCE(p.paused, '0')
		  FROM community.case_file f JOIN l s ON s.case_id = f.case_id AND s.seq = s.started
		  LEFT JOIN (SELECT case_id, sum(since) AS paused FROM l WHERE clock_was = 'paused' AND seq > started GROUP BY 1) p ON p.case_id = f.case_id
		 WHERE f.deadline <> s.occurred_at + interval '4 hours' + COALESCE(p.paused, '0') OR (f.due_at IS NOT NULL) <> (f.clock = 'running')},
	'a handler inspects' => q{SELECT case_id FROM community.case_log WHERE role = 'inspector' AND event LIKE 'check%' AND actor <> 'inspector'},
	'a key moves a case twice' => q{SELECT k.answer ->> 'log_id' FROM community.api_call k GROUP BY 1 HAVING count(*) > 1},
	'an answer has no log row' => q{SELECT key FROM community.api_call k WHERE NOT EXISTS (SELECT FROM community.case_log l WHERE l.log_id = (k.answer ->> 'log_id')::bigint)},
	'supporters are miscounted' => q{SELECT f.case_id FROM community.case_file f WHERE f.supporters <> 1 + (SELECT COALESCE(sum(d.supporters), 0) FROM community.case_file d WHERE d.merged_into = f.case_id)});

for my $fault (sort keys %never)
{
	is($node->safe_psql('community', $never{$fault}), '', "never: $fault");
}
cmp_ok($node->safe_psql('community', 'SELECT count(*) FROM community.case_log'), '>', 100, 'the race moved cases');
cmp_ok($node->safe_psql('community', q{SELECT count(*) FROM public.refused WHERE reason LIKE 'reason=transition_illegal%'}), '>', 100, 'and refused many moves');

# Numbers of cases: eight clients report at once.
open $fh, '>', $script or die $!;
print $fh "SELECT community.case_report(NULL, 'noise', 121.505, 29.805, NULL, 'app');\n";
close $fh;
$node->command_ok([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '50', '-f', $script, '-d', 'community', '-U', 'postgres' ], 'eight clients report');
is($node->safe_psql('community', q{SELECT count(*) FROM (SELECT left(case_no, -5) AS day, count(*) AS n, max(right(case_no, 5)::integer) AS top,
	count(DISTINCT case_no) AS d FROM community.case_file GROUP BY 1) x WHERE n <> top OR n <> d}), '0', 'case numbers run without a gap');
is($node->safe_psql('community', 'SELECT count(*) FROM community.case_file'), '412', 'and no report is lost');
$node->safe_psql('community', q{SELECT community.run_job('case_day')});
is($node->safe_psql('community', 'SELECT sum(events) - (SELECT count(*) FROM community.case_log) FROM community.rollup_case_day'), '0', 'the rollup counts each row once');
$node->stop;
done_testing();
