# Eight clients race over a small market: matching, plans, every event of orders,
# suspensions, bookings; then over the ends of the same orders: service and
# settlement against cancellation and refund.  Afterwards no capacity, cap, seat
# or fen is wrong, and every hold is resolved once.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CommunityTest;

my $node = community_node('match', conf => 'log_statement = none');

platform_install($node, 'community');
$node->safe_psql(
	'community', q{
	SELECT community.community_register('330203001001', 'One', 'residential');
	UPDATE community.community SET operating_model = 'market';
	UPDATE community.operating_rule SET share_cap = 0.25;
	SELECT community.ensure_partitions(now() - interval '1 day', now() + interval '1 day');
	INSERT INTO community.person (community_id, person_id, stat_key) SELECT 330203001001, n, n FROM generate_series(1, 30) n;
	SELECT community.account_open(330203001001, 'CNY', k, 'community', 330203001001) FROM unnest('{bank,fee}'::text[]) k;
	SELECT community.account_open(330203001001, 'CNY', 'purse', 'person', n) FROM generate_series(1, 30) n;
	SELECT count(*) FROM community.account b, community.account a, community.ledger_transfer(gen_random_uuid(), 330203001001, b.account_id, a.account_id, 30000, 'topup')
	 WHERE b.kind = 'bank' AND a.kind = 'purse';
	SELECT community.provider_apply(gen_random_uuid(), 330203001001, 'person', n, 'P' || n, 'resident') FROM generate_series(21, 26) n;
	SELECT community.offer_add(330203001001, provider_id, 'house_cleaning', name, 121.5, 29.8, 1000, '{"capacity": 3}') FROM community.provider;
	SELECT community.resource_add(330203001001, 'Hall', 3, 'Mo-Su,PH 00:00-24:00', '{"buffer": 2, "no_shows": 1000000}');
	CREATE TABLE public.refused (reason text, race integer NOT NULL DEFAULT 1);
	CREATE FUNCTION public.try(p_sql text) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v_detail text;
	BEGIN
		EXECUTE p_sql;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
		IF SQLSTATE !~ '^PT4' THEN
			RAISE;
		END IF;
		INSERT INTO public.refused VALUES (v_detail);
	END $$;
	CREATE FUNCTION public.event(p_event text) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v_order bigint := (SELECT order_id FROM community.service_order WHERE state IN ('matched', 'confirmed', 'in_service', 'done', 'rated', 'disputed', 'no_show', 'contested')
			ORDER BY random() LIMIT 1);
	BEGIN
		IF v_order IS NOT NULL THEN
			PERFORM public.try(format('SELECT community.order_event(gen_random_uuid(), 330203001001, %s, %L, %L)', v_order, p_event,
				'{"reason": "r", "stars": 4, "keep": 300' || CASE WHEN p_event IN ('check_in', 'no_show', 'cancel') THEN ', "role": "' ||
				(ARRAY['provide', 'request'])[1 + (random() < 0.5)::integer] || '"' ELSE '' END || '}'));
		END IF;
	END $$;
	SELECT community.setting_set('match_check_in', '1000 days', 330203001001);
	-- The cap is looked at by a second pair of eyes, within each order's transaction.
	CREATE TABLE public.over_cap (order_id bigint, orders bigint, all_orders bigint);
	CREATE FUNCTION public.watch() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.over_cap
		SELECT NEW.order_id, p.orders, m.orders FROM community.market_count m JOIN community.market_count p USING (community_id, service, period)
		 WHERE m.provider_id = 0 AND p.provider_id = NEW.provider_id AND m.orders >= 20 AND p.orders > 0.25 * m.orders;
		RETURN NULL;
	END $$;
	CREATE TRIGGER watch AFTER INSERT ON community.service_order FOR EACH ROW EXECUTE FUNCTION public.watch();
});
my $script = "$ENV{TESTDIR}/race.sql";
open my $fh, '>', $script or die $!;
print $fh <<'EOF';
\set person random(1, 20)
\set hour random(24, 72)
\set provider random(1, 6)
\set dice random(1, 20)
SELECT public.try(format('SELECT community.match_demand(gen_random_uuid(), 330203001001, community.demand_add(gen_random_uuid(), 330203001001, ''person'', %s, ''house_cleaning'', 121.5, 29.8, %L))', :person, jsonb_build_object('from', now() + make_interval(hours => :hour), 'upto', now() + make_interval(hours => :hour + 6))));
SELECT public.event('confirm');
SELECT public.event('confirm');
SELECT public.event('check_in');
SELECT public.event('check_in');
SELECT public.event('check_in');
SELECT public.event('finish');
SELECT public.event('rate');
SELECT public.event('settle');
SELECT public.event((ARRAY['reject', 'cancel', 'dispute', 'refund', 'dismiss', 'confirm', 'check_in', 'finish', 'settle', 'no_show'])[1 + :dice % 10]);
SELECT public.try(format('SELECT community.provider_event(gen_random_uuid(), 330203001001, %s, %L, %L)', p.provider_id, CASE WHEN :dice % 2 = 0 THEN 'suspend' ELSE 'resume' END, CASE WHEN :dice % 2 = 0 THEN '{"until": "2100-01-01"}' ELSE '{}' END)) FROM community.provider p WHERE p.owner_id = 20 + :provider AND :dice <= 6;
SELECT public.try(format('SELECT community.match_commit(gen_random_uuid(), 330203001001, %s)', plan_id)) FROM (SELECT plan_id FROM community.match_plan(330203001001) WHERE :dice = 20) x;
SELECT public.try(format('SELECT community.booking_hold(gen_random_uuid(), 330203001001, %s, ''person'', %s, %L, %L, true)', resource_id, :person, date_trunc('hour', now()) + make_interval(hours => 1 + :dice % 3), date_trunc('hour', now()) + make_interval(hours => 3 + :dice % 3))) FROM community.resource;
SELECT community._job_match_settle(now()) + community._job_match_upkeep(now() - interval '1 hour') WHERE :dice = 1;
SELECT community._job_match_replan(now()) WHERE :dice = 2;
SELECT public.try(format('SELECT community.booking_event(gen_random_uuid(), 330203001001, %s, %L)', b.booking_id, (ARRAY['confirm', 'cancel', 'cancel'])[1 + :dice % 3])) FROM (SELECT booking_id FROM community.booking WHERE state IN ('held', 'confirmed') ORDER BY random() LIMIT 1) b;
EOF
close $fh;
$node->command_checks_all([ 'pgbench', '-n', '-c', '8', '-j', '2', '-T', '12', '-f', $script, '-d', 'community', '-U', 'postgres' ],
	0, [qr/number of failed transactions: 0 /], [], 'eight clients race without an error or a deadlock');

# Confirmed orders of five firms, whose time is now.  All clients take the oldest one and end it,
# each in its own way.
$node->safe_psql(
	'community', q{
	ALTER TABLE public.refused ALTER race SET DEFAULT 2;
	CREATE TABLE public.firm AS SELECT n, community.organization_add(330203001001, 'Firm ' || n, 'merchant') AS id, NULL::bigint AS offer FROM generate_series(0, 4) n;
	SELECT community.account_open(330203001001, 'CNY', 'merchant', 'organization', id) FROM public.firm;
	UPDATE public.firm f SET offer = community.offer_add(330203001001, (SELECT a.provider_id FROM community.provider_apply(gen_random_uuid(), 330203001001, 'organization', f.id, 'Firm', 'merchant') a),
		'appliance_repair', 'Firm', 121.5, 29.8, 500, '{"capacity": 100}');
	CREATE FUNCTION public.deal(p integer) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v_demand bigint := community.demand_add(gen_random_uuid(), 330203001001, 'person', 1 + p % 20, 'appliance_repair', 121.5, 29.8,
			jsonb_build_object('from', now() + interval '1 day', 'upto', now() + interval '2 days'));
		v_order bigint := (SELECT m.order_id FROM community.match_demand(gen_random_uuid(), 330203001001, v_demand, (SELECT f.offer FROM public.firm f WHERE f.n = p % 5)) m);
	BEGIN
		PERFORM community.order_event(gen_random_uuid(), 330203001001, v_order, 'confirm');
		UPDATE community.service_order SET period = tstzrange(now() - interval '1 hour', now() + interval '1 hour') WHERE order_id = v_order;
	END $$;
	SELECT public.deal(n::integer) FROM generate_series(0, 199) n;
	CREATE FUNCTION public.finish(p_events text[]) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v_order bigint := (SELECT min(o.order_id) FROM community.service_order o WHERE o.service = 'appliance_repair' AND o.state = 'confirmed');
	BEGIN
		FOR i IN 1 .. cardinality(p_events) LOOP
			PERFORM community.order_event(gen_random_uuid(), 330203001001, v_order, split_part(p_events[i], ' ', 1),
				jsonb_build_object('role', nullif(split_part(p_events[i], ' ', 2), ''), 'reason', 'r', 'keep', 200));
		END LOOP;
	END $$;
});
my $ends = "$ENV{TESTDIR}/ends.sql";
open $fh, '>', $ends or die $!;
print $fh <<'EOF';
\set dice random(0, 6)
SELECT public.try(format('SELECT public.finish(%L)', (ARRAY['{check_in provide,check_in request,finish,settle}', '{cancel request}', '{cancel provide}', '{check_in provide,check_in request,dispute,refund}', '{check_in provide,no_show provide,settle job}', '{check_in provide,no_show provide,dispute request,refund}', '{check_in request,no_show request,dispute provide,dismiss}'])[1 + :dice]));
EOF
close $fh;
$node->command_checks_all([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '100', '-f', $ends, '-d', 'community', '-U', 'postgres' ],
	0, [qr/number of failed transactions: 0 /], [], 'eight clients end the same orders without an error or a deadlock');

# What must hold, each query returning the offenders.
my %never = (
	'a capacity is wrong' => q{SELECT offer_id FROM community.offer o WHERE taken > capacity OR taken <> (SELECT count(*) FROM community.service_order s
		WHERE s.offer_id = o.offer_id AND s.state IN ('matched', 'confirmed', 'in_service'))},
	'a demand has two orders' => q{SELECT demand_id FROM community.service_order WHERE state NOT IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed', 'refunded') GROUP BY 1 HAVING count(*) > 1},
	'a person does two things at once' => q{SELECT a.order_id FROM community.service_order a JOIN community.service_order b ON a.provider_id = b.provider_id AND a.order_id < b.order_id
		AND a.period && b.period WHERE a.state IN ('matched', 'confirmed', 'in_service') AND b.state IN ('matched', 'confirmed', 'in_service')
		AND a.provider_id IN (SELECT provider_id FROM community.provider WHERE owner_kind = 'person')},
	'a demand stands elsewhere than its order' => q{SELECT d.demand_id FROM community.demand d WHERE (d.state = 'matched') <> EXISTS (SELECT FROM community.service_order o
		WHERE o.demand_id = d.demand_id AND o.state IN ('matched', 'confirmed', 'in_service', 'done', 'rated', 'disputed'))},
	'the market is counted wrongly' => q{SELECT m.provider_id FROM community.market_count m WHERE m.orders <> (SELECT count(*) FROM community.service_order o
		WHERE (m.provider_id = 0 OR o.provider_id = m.provider_id) AND o.service = m.service AND o.market_period = m.period AND o.state NOT IN ('rejected', 'cancelled'))},
	# Both rows of the log are written under the lock of the provider.
	'an order was made for a suspended provider' => q{
		WITH o AS (SELECT order_id, demand_id, provider_id, row_number() OVER (PARTITION BY demand_id ORDER BY order_id) AS n FROM community.service_order),
		     l AS (SELECT log_id, object_id, row_number() OVER (PARTITION BY object_id ORDER BY log_id) AS n FROM community.match_log WHERE machine = 'demand' AND event = 'match')
		SELECT o.order_id FROM o JOIN l ON l.object_id = o.demand_id AND l.n = o.n
		 WHERE (SELECT p.event FROM community.match_log p WHERE p.machine = 'provider' AND p.object_id = o.provider_id AND p.log_id < l.log_id ORDER BY p.log_id DESC LIMIT 1) = 'suspend'},
	'an order is over the cap' => q{SELECT * FROM public.over_cap},
	'a hold is open at the end of its order, or resolved before' => q{SELECT order_id FROM community.service_order o WHERE hold_seq IS NOT NULL
		AND (ended_at IS NOT NULL) <> EXISTS (SELECT FROM community.transfer t WHERE t.hold_seq = o.hold_seq)},
	'an order ends twice' => q{SELECT object_id FROM community.match_log WHERE machine = 'order' AND from_state <> to_state
		AND to_state IN ('settled', 'cancelled', 'refunded', 'dismissed', 'rejected', 'missed') GROUP BY 1 HAVING count(*) > 1},
	'a hold is resolved otherwise than once' => q{SELECT h.seq FROM community.transfer h JOIN community.service_order o ON o.hold_seq = h.seq WHERE o.ended_at IS NOT NULL
		AND (SELECT count(*) FROM community.transfer r WHERE r.hold_seq = h.seq) <> 1},
	'an order was paid otherwise than it says' => q{SELECT o.order_id FROM community.service_order o JOIN community.transfer t ON t.hold_seq = o.hold_seq
		WHERE o.paid <> CASE t.phase WHEN 'post' THEN t.amount ELSE 0 END},
	'a rating counts without settlement' => q{SELECT r.order_id FROM community.rating r JOIN community.service_order o USING (community_id, order_id) WHERE r.counted <> (o.state = 'settled')},
	'the counts of a provider are wrong' => q{SELECT provider_id FROM community.provider p WHERE (rated, good) <> (SELECT count(*), count(*) FILTER (WHERE stars > 3) FROM community.rating r
		WHERE r.provider_id = p.provider_id AND r.side = 'requester' AND r.counted)},
	'a seat is taken twice' => q{SELECT a.booking_id FROM community.booking a JOIN community.booking b ON a.resource_id = b.resource_id AND a.seat = b.seat AND a.booking_id < b.booking_id
		AND a.period && b.period WHERE a.state IN ('held', 'confirmed') AND b.state IN ('held', 'confirmed')},
	'there is a seat beyond the buffer' => q{SELECT booking_id FROM community.booking WHERE seat > 5},
	'somebody waits for a free seat' => q{SELECT w.wait_id FROM community.booking_wait w, generate_series(1, 5) s WHERE w.state = 'waiting' AND NOT EXISTS (SELECT FROM community.booking b
		WHERE b.resource_id = w.resource_id AND b.seat = s AND b.period && w.period AND b.state IN ('held', 'confirmed'))},
	'the ledger disagrees' => q{SELECT * FROM community.ledger_check()},
);
foreach my $name (sort keys %never)
{
	is($node->safe_psql('community', $never{$name}), '', "never: $name");
}
foreach my $count (
	[ 'orders settle', 10, q{SELECT count(*) FROM community.service_order WHERE state = 'settled'} ],
	[ 'orders are cancelled, rejected, refunded', 3, q{SELECT count(*) FROM community.service_order WHERE state IN ('cancelled', 'rejected', 'refunded')} ],
	[ 'demands find no candidate left', 5, q{SELECT count(*) FROM public.refused WHERE reason ~ 'no_candidate'} ],
	[ 'bookings are cancelled', 5, q{SELECT count(*) FROM community.booking WHERE state = 'cancelled'} ],
	[ 'orders are settled in the race', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'settled'} ],
	[ 'orders are cancelled in the race', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'cancelled'} ],
	[ 'orders are refunded in the race', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'refunded'} ],
	[ 'no-shows are paid in the race', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'missed' AND paid = 250} ],
	[ 'no-shows are contested in the race, and stand', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'missed' AND paid = 0} ],
	[ 'no-shows are contested in the race, and fall', 3, q{SELECT count(*) FROM community.service_order WHERE service = 'appliance_repair' AND state = 'refunded' AND missed_at IS NOT NULL} ],
	[ 'the race is lost', 10, q{SELECT count(*) FROM public.refused WHERE race = 2 AND reason ~ 'match_state'} ],
	[ 'the waiting list moves', 1, q{SELECT count(*) FROM community.booking_wait WHERE state = 'booked'} ],
	[ 'providers are suspended', 2, q{SELECT count(*) FROM community.match_log WHERE machine = 'provider' AND event = 'suspend'} ])
{
	cmp_ok($node->safe_psql('community', $count->[2]), '>=', $count->[1], "it happened: $count->[0]");
}
$node->stop;
done_testing();
