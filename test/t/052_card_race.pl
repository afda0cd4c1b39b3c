# Eight clients tap and pay, at home and in another community, while cards are lost,
# replaced and applied for and payments are given back.  A card that is lost pays and opens nothing more, a counter opens once, a purse
# is paid from by one card, a person has one live card.
use strict;
use warnings;
use CommunityTest;
use CrashTest;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $ring = ring_file($dir);
my $node = community_node('race', conf => "max_connections = 40\nlog_statement = none\ncommunity.key_file = '$ring'\n");
platform_install($node, 'community');
$node->safe_psql(
	'community', q{
	SELECT community.community_register('330203001001', 'One', 'residential'), community.card_issuer_add(330203001001, 7, 'hmac-sha256'), community.community_register('330203001002', 'Two', 'residential');
	CREATE SEQUENCE public.stamp;
	CREATE TABLE public.cred (card_id bigint PRIMARY KEY, person bigint, cred community.credential);
	CREATE TABLE public.place AS SELECT community.account_open(330203001001, 'CNY', 'bank', 'community', 1) AS bank,
		community.account_open(330203001001, 'CNY', 'merchant', 'organization', 1) AS shop,
		community.account_open(330203001001, 'CNY', 'merchant', 'organization', 2, true) AS mall,
		community.account_open(330203001002, 'CNY', 'merchant', 'organization', 3) AS far, community.account_open(330203001002, 'CNY', 'purse', 'person', 1) AS friend,
		community.account_open(330203001002, 'CNY', 'bank', 'community', 2) AS bank2,
		community.point_add(330203001001, community.zone_add(330203001001, 'Counted', 'soft'), 'Counted', '330203001001', 'in', true) AS counted,
		community.point_add(330203001001, community.zone_add(330203001001, 'Plain'), 'Plain', '330203001001') AS plain;
	SELECT count(community.rule_add(330203001001, zone_id)) FROM community.access_zone;
	-- What was done, in the order of a sequence that is read while the card is locked.
	CREATE TABLE public.used (card_id bigint, how text, counter bigint, stamp bigint);
	CREATE TABLE public.lost (card_id bigint PRIMARY KEY, stamp bigint, known bigint);
	CREATE TABLE public.refused (reason text);

	CREATE FUNCTION public.try(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE v text;
	BEGIN
		EXECUTE p_sql INTO v;
		RETURN v;
	EXCEPTION WHEN SQLSTATE 'PT409' THEN
		GET STACKED DIAGNOSTICS v = PG_EXCEPTION_DETAIL;
		INSERT INTO public.refused VALUES (split_part(v, ' ', 1));
		RETURN v;
	END $$;
	-- The next step in the life of the card of a person.
	CREATE FUNCTION public.live(p_person bigint, p_lose boolean) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE v community.card;
	BEGIN
		SELECT * INTO v FROM community.card c WHERE c.community_id = 330203001001 AND c.person_id = p_person AND c.state NOT IN ('replaced', 'cancelled') ORDER BY card_id DESC LIMIT 1;
		CASE v.state
			WHEN 'applied' THEN PERFORM public.try(format('SELECT community.card_event(330203001001, %s, ''produce'')', v.card_id));
			WHEN 'produced' THEN PERFORM public.try(format('INSERT INTO public.cred SELECT %s, %s, credential::community.credential FROM community.card_issue(330203001001, %1$s) RETURNING card_id', v.card_id, p_person));
			WHEN 'issued' THEN PERFORM public.try(format('SELECT community.card_event(330203001001, %s, ''activate''), community.card_purse_open(330203001001, %1$s)', v.card_id));
			WHEN 'active' THEN
				IF p_lose THEN
					PERFORM public.try(format('WITH l AS MATERIALIZED (SELECT community.card_event(330203001001, %s, ''lose'') AS state)
						INSERT INTO public.lost SELECT %1$s, nextval(''public.stamp'') FROM l WHERE state = ''lost'' RETURNING card_id', v.card_id));
				END IF;
			WHEN 'lost' THEN PERFORM public.try(format('SELECT card_id FROM community.card_replace(330203001001, %s)', v.card_id));
			ELSE NULL;
		END CASE;
	END $$;
	CREATE FUNCTION public.pay(p_person bigint, p_where integer) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE v public.cred;
	BEGIN
		-- any card the person ever had
		SELECT * INTO v FROM public.cred c WHERE c.person = p_person ORDER BY random() LIMIT 1;
		PERFORM public.try(format('WITH p AS MATERIALIZED (SELECT status FROM community.card_pay(gen_random_uuid(), %s, %L, %s, 1))
			INSERT INTO public.used SELECT %s, ''pay'', NULL, nextval(''public.stamp'') FROM p WHERE status = ''ok'' RETURNING card_id', 330203001001 + p_where / 2, v.cred, (ARRAY[p.shop, p.mall, p.far])[p_where + 1], v.card_id))
		   FROM public.place p WHERE v.card_id IS NOT NULL;
	END $$;
	CREATE FUNCTION public.tap(p_person bigint, p_counter bigint) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		v public.cred;
		v_begun bigint := nextval('public.stamp');
		v_decision text;
	BEGIN
		SELECT * INTO v FROM public.cred c WHERE c.person = p_person ORDER BY random() LIMIT 1;
		SELECT o.decision INTO v_decision FROM public.place p, community.door_open(330203001001, CASE WHEN p_counter IS NULL THEN p.plain ELSE p.counted END, v.cred, p_counter) o
		 WHERE v.card_id IS NOT NULL;
		IF v_decision = 'granted' THEN
			INSERT INTO public.used VALUES (v.card_id, CASE WHEN p_counter IS NULL THEN 'plain' ELSE 'counted' END, p_counter, CASE WHEN p_counter IS NULL THEN v_begun ELSE nextval('public.stamp') END);
		END IF;
	END $$;
	SELECT count(*) FROM community.card_apply(330203001001, ARRAY(SELECT generate_series(1, 12)::bigint), 'resident', '{door,debit}', now() + interval '1 year');
	SELECT count(public.live(p, false)) FROM generate_series(1, 12) p;
	SELECT count(public.live(p, false)) FROM generate_series(1, 12) p;
	SELECT count(public.live(p, false)) FROM generate_series(1, 12) p;
	SELECT count(t.*) FROM public.place, community.card c, community.ledger_transfer(gen_random_uuid(), 330203001001, bank, c.purse_id, 1000000, 'topup') t;
	SELECT count(t.*) FROM public.place, community.ledger_transfer(gen_random_uuid(), 330203001002, bank2, friend, 1000000, 'topup') t;
});

put_file("$dir/race.sql", <<'EOF');
\set p random(1, 12)
\set c random(1, 2000)
\set l random(1, 8)
SELECT public.pay(:p, :l % 3);
SELECT public.tap(:p, :c);
SELECT public.tap(:p, NULL);
SELECT public.pay(:p, :c % 3);
SELECT public.try(format('SELECT from_seq FROM community.ledger_transfer_between(gen_random_uuid(), 330203001002, %s, 330203001001, %s, 1, ''gift'')', friend, c.purse_id)) FROM public.place, community.card c WHERE c.person_id = :p AND c.purse_id IS NOT NULL AND :l = 4;
SELECT public.try(format('SELECT seq FROM community.ledger_refund(gen_random_uuid(), 330203001002, %s, 1)', t.seq))
  FROM (SELECT t.seq FROM public.place, community.transfer t WHERE t.community_id = 330203001002 AND t.credit_id = far ORDER BY random() LIMIT 1) t WHERE :l = 3;
SELECT public.live(:p, :l = 1);
UPDATE public.lost SET known = nextval('public.stamp') WHERE known IS NULL;
SELECT public.try('SELECT count(*) FROM community.card_apply(330203001001, ARRAY[' || :p || '::bigint], ''resident'', ''{door,debit}'', now() + interval ''1 year'')') WHERE :l = 2;
EOF
my ($out, $err);
IPC::Run::run([ 'pgbench', '-n', '-c', 8, '-j', 2, '-T', 6, '-f', "$dir/race.sql", '-h', $node->host, '-p', $node->port, '-U', 'postgres', 'community' ], '>', \$out, '2>', \$err);
is($?, 0, 'eight clients race without an error or a deadlock') or diag($err);
note($node->safe_psql('community', q{SELECT string_agg(how || ' ' || n, ', ') FROM (SELECT how, count(*) AS n FROM public.used GROUP BY 1 UNION ALL SELECT 'lost', count(*) FROM public.lost UNION ALL SELECT reason, count(*) FROM public.refused GROUP BY 1) x}));
foreach my $how ('pay', 'counted', 'plain')
{
	cmp_ok($node->safe_psql('community', "SELECT count(*) FROM public.used WHERE how = '$how'"), '>', 20, "$how: cards are used");
}
cmp_ok($node->safe_psql('community', 'SELECT count(*) FROM public.lost'), '>', 3, 'and lost');
cmp_ok($node->safe_psql('community', q{SELECT count(*) FROM community.card WHERE state = 'replaced'}), '>', 3, 'and replaced');
is($node->safe_psql('community', q{SELECT u.* FROM public.used u JOIN public.lost l USING (card_id) WHERE u.how IN ('pay', 'counted') AND u.stamp > l.stamp}), '',
	'after a loss was recorded the card pays and counts no more');
is($node->safe_psql('community', q{SELECT u.* FROM public.used u JOIN public.lost l USING (card_id) WHERE u.how = 'plain' AND u.stamp > l.known}), '',
	'nor does a tap open that begins after the loss was answered');
is($node->safe_psql('community', q{SELECT card_id, counter FROM public.used WHERE how = 'counted' GROUP BY 1, 2 HAVING count(*) > 1}), '', 'a counter opens once');
is($node->safe_psql('community', q{SELECT purse_id FROM community.card WHERE purse_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT person_id) > 1 OR count(*) FILTER (WHERE state = 'active') > 1}), '', 'a purse belongs to one person, and one card pays from it');
is($node->safe_psql('community', q{SELECT card_id FROM community.card WHERE state = 'replaced' AND purse_id IS NOT NULL}), '', 'a replaced card has none');
is($node->safe_psql('community', q{SELECT person_id FROM community.card WHERE state IN ('applied', 'produced', 'issued', 'active') GROUP BY 1 HAVING count(*) > 1}), '', 'a person has one live card');
is($node->safe_psql('community', q{SELECT count(*) FROM public.used WHERE how = 'pay'}), $node->safe_psql('community', q{SELECT count(*) FROM community.transfer WHERE code = 'payment' AND community_id = 330203001001}), 'every payment that was answered is in the journal, no other');
cmp_ok($node->safe_psql('community', q{SELECT count(*) FROM community.transfer, public.place WHERE community_id = 330203001002 AND credit_id = far}), '>', 20, 'cards paid in another community');
cmp_ok($node->safe_psql('community', q{SELECT count(*) FROM community.transfer WHERE community_id = 330203001002 AND refund_of IS NOT NULL}), '>', 3, 'and were given back there');
is($node->safe_psql('community', q{SELECT count(*) FILTER (WHERE community_id = 330203001001) - count(*) FILTER (WHERE community_id = 330203001002) FROM community.transfer WHERE refund_of IS NOT NULL}), '0', 'on both sides alike');
is($node->safe_psql('community', q{SELECT sum(owed) || ' ' || count(*) FROM community.clearing_position()}), '0 2', 'clearing nets to zero');
is($node->safe_psql('community', 'SELECT * FROM community.ledger_check()'), '', 'the ledger agrees');
is($node->safe_psql('community', q{SELECT c.card_id, c.state, l.to_state FROM community.card c JOIN LATERAL (SELECT to_state FROM community.card_log l WHERE l.card_id = c.card_id ORDER BY log_id DESC LIMIT 1) l ON true WHERE l.to_state <> c.state}), '',
	'each card is as its log says');

done_testing();
