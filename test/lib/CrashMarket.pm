# CrashMarket.pm: the market of CrashTest.pm: demands, offers, orders with their
# money, suspensions and bookings, and what must hold of them at any time.
package CrashMarket;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(market_make market_statement market_lost market_problems);

my $c = 330203001001;

# A provider, an offer and a purse for each of eight clients, and a room of three
# seats.  Service may begin at any time, so that an order runs to its end at once.
sub market_make
{
	return q{
		INSERT INTO community.person (community_id, person_id, stat_key) SELECT 330203001001, n, n FROM generate_series(1, 48) n ON CONFLICT DO NOTHING;
		SELECT community.account_open(330203001001, 'CNY', 'purse', 'person', n) FROM generate_series(41, 48) n;
		SELECT community.setting_set('match_check_in', '200 years', 330203001001);
		CREATE TABLE public.market AS
		SELECT n, a.provider_id, NULL::bigint AS offer FROM generate_series(1, 8) n,
			community.provider_apply(md5('provider' || n)::uuid, 330203001001, 'person', 40 + n, 'P' || n, 'resident') a;
		SELECT community.provider_event(md5('accept' || n)::uuid, 330203001001, provider_id, 'accept') FROM public.market;
		UPDATE public.market SET offer = community.offer_add(330203001001, provider_id, 'house_cleaning', 'P' || n, 121.505, 29.805, 7, '{"capacity": 3}');
		CREATE TABLE public.room AS SELECT community.resource_add(330203001001, 'Room', 3) AS id;
		-- What a command with this key has answered, under a name or plain.
		CREATE FUNCTION public.got(p_key text, p_name text) RETURNS SETOF bigint LANGUAGE sql STABLE AS
			'SELECT coalesce((answer ->> p_name), answer #>> ''{}'')::bigint FROM community.api_call WHERE actor = session_user AND key = md5(p_key)::uuid';
	};
}

# The market's share of twenty statements: number $n (0 to 9) of those from $i on.
# In even rounds an order is made, served and settled; in odd ones it is
# cancelled, a service is offered, and another client's provider is suspended.
sub market_statement
{
	my ($client, $i, $n) = @_;
	my $first = $i - $n;
	my $round = int($i / 20);
	my $k = "md5('$client.$i')::uuid";
	my $from = "timestamptz '2100-01-01 00:00+08' + make_interval(hours => $round)";
	my $order = sub {
		my ($event, $doc) = @_;
		my $step = $first + 1;
		return "SELECT 'F|$client.$i|' || o FROM public.got('$client.$step', '') o, community.order_event($k, $c, o, '$event', '$doc') e;";
	};
	my $booking = sub {
		my ($event) = @_;
		my $step = $first + 7;
		return "SELECT 'J|$client.$i|' || b FROM public.got('$client.$step', 'booking_id') b, community.booking_event($k, $c, b, '$event') e;";
	};
	my $provider = sub {
		my ($event, $doc) = @_;
		my $other = 1 + $client % 4;
		return "SELECT 'S|$client.$i|' || provider_id FROM public.market, community.provider_event($k, $c, provider_id, '$event', '$doc') e WHERE n = $other;";
	};

	return "SELECT 'M|$client.$i|' || community.demand_add($k, $c, 'person', " . (1 + $i * 7 % 20) .
	  ", 'house_cleaning', 121.505, 29.805, jsonb_build_object('from', $from, 'upto', $from + interval '1 hour'));"
	  if $n == 0;
	return "SELECT 'N|$client.$i|' || m.order_id FROM public.got('$client.$first', 'demand_id') d, public.market k, community.match_demand($k, $c, d, k.offer) m WHERE k.n = $client;"
	  if $n == 1;
	return $order->('confirm', '{}') if $n == 2;
	return $order->(@{ ([ 'check_in', '{"role": "provide"}' ], [ 'cancel', '{"role": "request"}' ])[ $round % 2 ] }) if $n == 3;
	return "SELECT 'P|$client.$i|' || community_api.offer_add($k, $c, provider_id, 'appliance_repair', '$client.$i', 5, '{\"lon\": 121.5, \"lat\": 29.8}') FROM public.market WHERE n = $client;"
	  if $n == 4 && $round % 2;
	return $provider->('suspend', '{"until": "2100-01-01"}') if $n == 5 && $round % 2;
	return $provider->('resume', '{}') if $n == 6 && $round % 2;
	return $order->('check_in', '{"role": "request"}') if $n == 4;
	return $order->('finish', '{}') if $n == 5;
	return $order->('settle', '{"role": "job"}') if $n == 6;
	return "SELECT 'G|$client.$i|' || (b ->> 'booking_id') FROM public.room, community.booking_hold($k, $c, id, 'person', $client, $from, $from + interval '90 minutes') b;"
	  if $n == 7;
	return $booking->('confirm') if $n == 8;
	return $booking->(('check_in', 'cancel')[ $round % 2 ]);
}

# Acknowledged things of the market that are not there, for lost_acks().
sub market_lost
{
	return q{
		SELECT a.* FROM public.ack a LEFT JOIN community.demand d ON d.community_id = 330203001001 AND d.demand_id = a.number
		 WHERE a.kind = 'M' AND d.demand_id IS NULL;
		SELECT a.* FROM public.ack a LEFT JOIN community.service_order o ON o.community_id = 330203001001 AND o.order_id = a.number
		 WHERE a.kind IN ('N', 'F') AND o.order_id IS NULL;
		SELECT a.* FROM public.ack a LEFT JOIN community.booking b ON b.community_id = 330203001001 AND b.booking_id = a.number
		 WHERE a.kind IN ('G', 'J') AND b.booking_id IS NULL;
		SELECT a.* FROM public.ack a LEFT JOIN community.offer o ON o.community_id = 330203001001 AND o.offer_id = a.number AND o.title = a.key
		 WHERE a.kind = 'P' AND o.offer_id IS NULL;
		SELECT a.* FROM public.ack a LEFT JOIN community.api_call k ON k.actor = 'postgres' AND k.key = md5(a.key)::uuid AND k.answer IS NOT NULL
		 WHERE a.kind IN ('M', 'N', 'F', 'G', 'J', 'P', 'S') AND k.key IS NULL;
	};
}

# Breaches of what must hold of a market at any time, for problems().
sub market_problems
{
	return q{
		SELECT 'a person serves twice at once', a.order_id, b.order_id FROM community.service_order a
		  JOIN community.service_order b ON b.provider_id = a.provider_id AND b.order_id > a.order_id AND b.period && a.period
		 WHERE a.exclusive AND community._order_live(a.state) AND community._order_live(b.state);
		SELECT 'a demand has two orders', demand_id FROM community.service_order WHERE state NOT IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed', 'refunded')
		 GROUP BY demand_id HAVING count(*) > 1;
		SELECT 'half an order', o.order_id, o.state, d.state FROM community.service_order o JOIN community.demand d ON d.demand_id = o.demand_id
		 WHERE d.state <> CASE WHEN o.state = 'settled' THEN 'fulfilled' WHEN o.state = 'cancelled' THEN 'withdrawn' ELSE 'matched' END;
		SELECT 'an object stands elsewhere than its log', x.machine, x.id, x.state, l.to_state
		  FROM (SELECT 'order' AS machine, order_id AS id, state, 'matched' AS new FROM community.service_order
		        UNION ALL SELECT 'booking', booking_id, state, 'held' FROM community.booking
		        UNION ALL SELECT 'demand', demand_id, state, 'draft' FROM community.demand
		        UNION ALL SELECT 'provider', provider_id, state, 'applied' FROM community.provider) x
		  LEFT JOIN (SELECT DISTINCT ON (machine, object_id) machine, object_id, to_state FROM community.match_log ORDER BY machine, object_id, log_id DESC) l
		    ON l.machine = x.machine AND l.object_id = x.id
		 WHERE x.state <> coalesce(l.to_state, x.new);
		SELECT 'a capacity is wrong', o.offer_id, o.taken FROM community.offer o
		 WHERE o.taken <> (SELECT count(*) FROM community.service_order s WHERE s.offer_id = o.offer_id AND community._order_live(s.state));
		SELECT 'an order stands otherwise than its hold', o.order_id, o.state, o.hold_seq, r.phase
		  FROM community.service_order o
		  LEFT JOIN community.transfer h ON h.community_id = o.community_id AND h.seq = o.hold_seq AND h.phase = 'hold' AND h.amount = o.price
		  LEFT JOIN community.transfer r ON r.community_id = o.community_id AND r.hold_seq = o.hold_seq
		 WHERE (o.state NOT IN ('matched', 'rejected') AND h.seq IS NULL AND EXISTS (SELECT FROM community.match_log l
		            WHERE l.machine = 'order' AND l.object_id = o.order_id AND l.event = 'confirm'))
		    OR (h.seq IS NOT NULL) <> (o.hold_seq IS NOT NULL)
		    OR (o.hold_seq IS NOT NULL AND o.ended_at IS NOT NULL) <> (r.seq IS NOT NULL)
		    OR (r.seq IS NOT NULL AND o.paid <> CASE r.phase WHEN 'post' THEN r.amount ELSE 0 END);
		SELECT 'a hold for no order', h.seq FROM community.transfer h
		 WHERE h.phase = 'hold' AND h.code = 'service' AND NOT EXISTS (SELECT FROM community.service_order o WHERE o.hold_seq = h.seq);
		SELECT 'an order of a suspended provider', o.order_id FROM community.service_order o
		  JOIN community.match_log l ON l.machine = 'demand' AND l.object_id = o.demand_id AND l.event = 'match'
		 WHERE (SELECT p.event FROM community.match_log p WHERE p.machine = 'provider' AND p.object_id = o.provider_id AND p.log_id < l.log_id
		         ORDER BY p.log_id DESC LIMIT 1) = 'suspend';
		SELECT 'a seat is taken twice, or is none', a.booking_id FROM community.booking a JOIN community.resource r ON r.resource_id = a.resource_id
		 WHERE a.seat > r.seats + r.buffer OR EXISTS (SELECT FROM community.booking b
			WHERE b.resource_id = a.resource_id AND b.seat = a.seat AND b.booking_id > a.booking_id AND b.period && a.period
			  AND a.state IN ('held', 'confirmed', 'checked_in') AND b.state IN ('held', 'confirmed', 'checked_in'));
	};
}

1;
