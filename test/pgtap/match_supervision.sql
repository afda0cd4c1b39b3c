-- Penalties of every kind through due process, by three officers and a provider
-- under their own logins: what is revoked is undone, what is upheld stays.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
CREATE ROLE officer1 LOGIN IN ROLE community_app;
CREATE ROLE officer2 LOGIN IN ROLE community_app;
CREATE ROLE officer3 LOGIN IN ROLE community_app;
CREATE ROLE shop_login LOGIN IN ROLE community_app;
CREATE ROLE rival_login LOGIN IN ROLE community_app;
SELECT community.member_add(r::name, c, 330203001001)
  FROM (VALUES ('officer1', 'supervise'), ('officer2', 'supervise'), ('officer3', 'supervise'), ('shop_login', 'provide'), ('rival_login', 'provide')) AS v (r, c);
CREATE TEMP TABLE p AS
SELECT x.provider_id AS id FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean', 'merchant', '{"login": "shop_login"}') x;
SELECT t.seq FROM m, community.ledger_transfer(pg_temp.k(), c, bank, community.account_of(c, 'CNY', 'merchant', 'organization', shop), 5000, 'topup') t;
SELECT community.offer_add(330203001001, id, 'house_cleaning', 'Cleaning', 121.506, 29.805, 100, '{"capacity": 9}') FROM p;

-- A statement under a login; the reason when it is refused.
CREATE FUNCTION pg_temp.as(p_login text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v text;
    v_detail text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_login);
    EXECUTE p_sql INTO v;
    RESET SESSION AUTHORIZATION;
    RETURN v;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;
CREATE FUNCTION pg_temp.pen(p_login text, p_id bigint, p_event text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.as(p_login, format('SELECT community_api.penalty_event(gen_random_uuid(), 330203001001, %s, %L)', p_id, p_event)) $$;
CREATE FUNCTION pg_temp.appeal(p_id bigint) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.as('shop_login', format('SELECT community_api.penalty_appeal(gen_random_uuid(), 330203001001, %s, %L)', p_id, 'not so')) $$;
-- A violation, and a penalty that the second officer puts into effect after the hearing.
CREATE FUNCTION pg_temp.proposed(p_kind text, p_amount bigint DEFAULT NULL, p_days integer DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_violation text := pg_temp.as('officer1', format('SELECT community_api.violation_add(gen_random_uuid(), 330203001001, %s, %L, %L)', (SELECT id FROM p), 'late', 'log of the order'));
BEGIN
    RETURN pg_temp.as('officer1', format('SELECT community_api.penalty_propose(gen_random_uuid(), 330203001001, %s, %L, %L, %L)', v_violation, p_kind, p_amount, p_days));
END $$;
CREATE FUNCTION pg_temp.effective(p_kind text, p_amount bigint DEFAULT NULL, p_days integer DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE v bigint := pg_temp.proposed(p_kind, p_amount, p_days);
BEGIN
    UPDATE community.penalty SET hearing_until = now() WHERE penalty_id = v;
    IF pg_temp.pen('officer2', v, 'decide') <> 'effective' THEN
        RAISE EXCEPTION 'penalty % is not effective', v;
    END IF;
    RETURN v;
END $$;
-- What the provider has and is.
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$
    SELECT format('%s, %s points, %s fen, until day %s', p.state, p.points, b.available, coalesce(extract(day FROM p.suspended_until - now())::text, '-'))
      FROM p AS x JOIN community.provider p ON p.provider_id = x.id, m,
           community.account_balance(330203001001, community.account_of(330203001001, 'CNY', 'merchant', 'organization', m.shop)) b
$$;
SELECT is(pg_temp.seen(), 'active, 0 points, 5000 fen, until day -', 'before');

-- Each kind: proposed, effective, appealed, revoked or upheld.
CREATE TEMP TABLE kind (kind text, amount bigint, days integer, effect text);
INSERT INTO kind VALUES ('points', 3, NULL, 'active, 3 points, 5000 fen, until day -'), ('warning', NULL, NULL, 'warned, 0 points, 5000 fen, until day -'),
    ('fine', 700, NULL, 'active, 0 points, 4300 fen, until day -'), ('suspension', NULL, 10, 'suspended, 0 points, 5000 fen, until day 10'),
    ('ban', NULL, NULL, 'banned, 0 points, 5000 fen, until day -');
CREATE FUNCTION pg_temp.course(p_kind text, p_end text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    k kind;
    v bigint;
    was community.penalty;
    now_is community.penalty;
BEGIN
    SELECT * INTO k FROM kind x WHERE x.kind = p_kind;
    v := pg_temp.proposed(k.kind, k.amount, k.days);
    RETURN NEXT is(pg_temp.seen(), 'active, 0 points, 5000 fen, until day -', format('%s %s: a proposal does nothing', p_kind, p_end));
    RETURN NEXT is(pg_temp.pen('officer1', v, 'decide'), 'four_eyes', 'who proposed does not decide');
    RETURN NEXT is(pg_temp.pen('officer2', v, 'decide'), 'hearing_open', 'the provider is heard');
    RETURN NEXT is(pg_temp.appeal(v), 'match_state', 'there is nothing to appeal against yet');
    UPDATE community.penalty SET hearing_until = now() WHERE penalty_id = v;
    RETURN NEXT is(pg_temp.pen('officer2', v, 'decide'), 'effective', 'in effect');
    RETURN NEXT is(pg_temp.seen(), k.effect, 'its effect');
    RETURN NEXT is(pg_temp.as('rival_login', format('SELECT community_api.penalty_appeal(gen_random_uuid(), 330203001001, %s, %L)', v, 'x')), 'match_role', 'a rival does not appeal');
    RETURN NEXT is(pg_temp.appeal(v), 'appealed', 'appealed');
    RETURN NEXT is(pg_temp.seen(), k.effect, 'an appeal delays nothing');
    RETURN NEXT is(pg_temp.pen('officer1', v, p_end) || ' ' || pg_temp.pen('officer2', v, p_end), 'four_eyes four_eyes', 'nor do the first two decide on it');
    SELECT * INTO was FROM community.penalty n WHERE n.penalty_id = v;
    RETURN NEXT is(pg_temp.pen('officer3', v, p_end), CASE p_end WHEN 'revoke' THEN 'revoked' ELSE 'upheld' END, 'but a third');
    RETURN NEXT is(pg_temp.seen(), CASE p_end WHEN 'revoke' THEN 'active, 0 points, 5000 fen, until day -' ELSE k.effect END,
                   CASE p_end WHEN 'revoke' THEN 'and all is as before' ELSE 'and its effect stays' END);
    RETURN NEXT is(pg_temp.pen('officer3', v, p_end), 'match_state', 'once');
    SELECT * INTO now_is FROM community.penalty n WHERE n.penalty_id = v;
    RETURN NEXT is(now_is.proposed_at <= now_is.hearing_until AND now_is.hearing_until <= now_is.effective_at AND now_is.effective_at < now_is.appealed_at
        AND now_is.appealed_at < now_is.ended_at AND now_is.appeal_until = now_is.effective_at + interval '60 days', true, 'its dates follow each other');
    RETURN NEXT is((now_is.proposed_at, now_is.hearing_until, now_is.effective_at, now_is.appeal_until, now_is.appealed_at, now_is.proposed_by, now_is.decided_by),
        (was.proposed_at, was.hearing_until, was.effective_at, was.appeal_until, was.appealed_at, 'officer1'::text, 'officer2'::text), 'and are kept, with the names');
    RETURN NEXT is(now_is.appeal_by, 'officer3', 'of all three');
    RETURN NEXT is((SELECT string_agg(l.event, ' ' ORDER BY l.log_id) FROM community.match_log l WHERE l.machine = 'penalty' AND l.object_id = v),
        'decide appeal ' || p_end, 'and stand in the log');
END $$;
SELECT pg_temp.course(kind, 'revoke') FROM kind;
SELECT is_empty('SELECT * FROM community.ledger_check()', 'the ledger agrees');
SELECT results_eq($$SELECT t.code, t.amount, t.refund_of = (SELECT f.seq FROM community.transfer f WHERE f.code = 'fine') FROM community.transfer t WHERE t.code LIKE 'fine%' ORDER BY t.seq$$,
    $$VALUES ('fine', 700::bigint, NULL::boolean), ('fine_back', 700, true)$$, 'a fine goes back as a refund of itself');
SELECT is(state, 'open', 'a ban that is revoked leaves the offers as they were') FROM community.offer;
SELECT is((SELECT count(*) FROM pg_temp.candidates(1, 'house_cleaning')), 1::bigint, 'who is active again is a candidate again');
SAVEPOINT upheld;
SELECT pg_temp.course('points', 'uphold');
ROLLBACK TO upheld;
SELECT pg_temp.course('warning', 'uphold');
ROLLBACK TO upheld;
SELECT pg_temp.course('fine', 'uphold');
ROLLBACK TO upheld;
SELECT pg_temp.course('suspension', 'uphold');
SELECT is((SELECT count(*) FROM pg_temp.candidates(1, 'house_cleaning')), 0::bigint, 'who is suspended is no candidate');
ROLLBACK TO upheld;
SELECT pg_temp.course('ban', 'uphold');
SELECT is((SELECT count(*) FROM pg_temp.candidates(1, 'house_cleaning')), 0::bigint, 'nor who is banned');
ROLLBACK TO upheld;
SELECT is(pg_temp.pen('officer1', pg_temp.proposed('ban'), 'drop'), 'revoked', 'a proposal is dropped');
SELECT is(pg_temp.seen(), 'active, 0 points, 5000 fen, until day -', 'which does nothing');

-- Several penalties at once: what one is revoked of, another may still ask for.
CREATE TEMP TABLE n (name text PRIMARY KEY, id bigint);
CREATE FUNCTION pg_temp.n(p_name text) RETURNS bigint LANGUAGE sql AS 'SELECT id FROM n WHERE name = p_name';
CREATE FUNCTION pg_temp.give(p_name text, p_kind text, p_amount bigint DEFAULT NULL, p_days integer DEFAULT NULL) RETURNS text LANGUAGE sql AS
    $$ INSERT INTO n VALUES (p_name, pg_temp.effective(p_kind, p_amount, p_days)); SELECT pg_temp.seen() $$;
CREATE FUNCTION pg_temp.revoke(p_name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.appeal(pg_temp.n(p_name));
    PERFORM pg_temp.pen('officer3', pg_temp.n(p_name), 'revoke');
    RETURN pg_temp.seen();
END $$;
SAVEPOINT several;
SELECT pg_temp.give('p3', 'points', 3), pg_temp.give('p5', 'points', 5);
SELECT is(pg_temp.revoke('p3'), 'active, 5 points, 5000 fen, until day -', 'points: the others stay');
SELECT is(pg_temp.give('w1', 'warning'), 'warned, 5 points, 5000 fen, until day -', 'warned');
SELECT pg_temp.give('w2', 'warning');
SELECT is(pg_temp.revoke('w1'), 'warned, 5 points, 5000 fen, until day -', 'a second warning stays');
SELECT is(pg_temp.give('s10', 'suspension', NULL, 10), 'suspended, 5 points, 5000 fen, until day 10', 'suspended');
SELECT is(pg_temp.give('s20', 'suspension', NULL, 20), 'suspended, 5 points, 5000 fen, until day 20', 'and longer');
SELECT is(pg_temp.give('s5', 'suspension', NULL, 5), 'suspended, 5 points, 5000 fen, until day 20', 'but not shorter');
SELECT is(pg_temp.revoke('s5'), 'suspended, 5 points, 5000 fen, until day 20', 'the longest holds');
SELECT is(pg_temp.revoke('s20'), 'suspended, 5 points, 5000 fen, until day 10', 'then the next');
SELECT is(pg_temp.give('b', 'ban'), 'banned, 5 points, 5000 fen, until day -', 'banned');
SELECT is(pg_temp.revoke('b'), 'suspended, 5 points, 5000 fen, until day 10', 'a ban that is revoked gives way to the suspension');
SELECT is(pg_temp.revoke('s10'), 'warned, 5 points, 5000 fen, until day -', 'the suspension to the warning');
SELECT is(pg_temp.revoke('w2'), 'active, 5 points, 5000 fen, until day -', 'and the warning to nothing');
ROLLBACK TO several;
SELECT pg_temp.give('w', 'warning'), pg_temp.give('s', 'suspension', NULL, 10);
SELECT community._job_match_upkeep(now() + interval '11 days');
SELECT is(pg_temp.seen(), 'warned, 0 points, 5000 fen, until day -', 'who was warned before a suspension is warned after it');
SELECT is(pg_temp.revoke('s'), 'warned, 0 points, 5000 fen, until day -', 'a suspension that is over has nothing to undo');
SELECT community.provider_event(pg_temp.k(), 330203001001, id, 'clear') FROM p;
SELECT pg_temp.give('s2', 'suspension', NULL, 10);
SELECT community.provider_event(pg_temp.k(), 330203001001, id, 'resume') FROM p;
SELECT is(pg_temp.seen(), 'active, 0 points, 5000 fen, until day -', 'a warning that was cleared does not come back');
ROLLBACK TO several;
SELECT pg_temp.give('s', 'suspension', NULL, 10);
SELECT community.provider_event(pg_temp.k(), 330203001001, id, 'suspend', jsonb_build_object('until', now() + interval '30 days')) FROM p;
SELECT is(pg_temp.revoke('s'), 'suspended, 0 points, 5000 fen, until day 30', 'what a supervisor does by hand is not undone by an appeal');
ROLLBACK TO several;

-- A fine that cannot be paid takes no effect.
CREATE TEMP TABLE poor AS SELECT pg_temp.proposed('fine', 6000) AS id;
UPDATE community.penalty SET hearing_until = now() WHERE penalty_id = (SELECT id FROM poor);
SELECT is(pg_temp.pen('officer2', id, 'decide'), 'funds_insufficient', 'a fine needs money') FROM poor;
SELECT is(state, 'proposed', 'and else stays proposed') FROM community.penalty JOIN poor ON penalty_id = id;

-- Who supervises does not provide, who provides does not supervise, and raters stay unknown.
SELECT is(pg_temp.as('shop_login', format('SELECT community_api.violation_add(gen_random_uuid(), 330203001001, %s, %L, %L)', id, 'x', 'x')), 'match_role', 'a provider records no violations') FROM p;
SELECT is(pg_temp.as('shop_login', $$SELECT community_api.penalty_propose(gen_random_uuid(), 330203001001, 1, 'ban')$$), 'match_role', 'nor proposes penalties');
SELECT is(pg_temp.as('officer1', format($$SELECT community_api.offer_add(gen_random_uuid(), 330203001001, %s, 'house_cleaning', 'x', 1, '{"lon": 121.5, "lat": 29.8}')$$, id)), 'supervisor_provides', 'a supervisor offers nothing') FROM p;
SELECT is(pg_temp.as('officer1', format('SELECT community_api.lease_bid(gen_random_uuid(), 330203001001, %s, %s, 1)', 0, id)), 'match_unknown', 'and bids for nothing that is there') FROM p;
CREATE FUNCTION pg_temp.rated(p_person bigint, p_stars integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE v bigint := (SELECT order_id FROM community.match_demand(pg_temp.k(), 330203001001, pg_temp.want(p_person, 'house_cleaning')));
BEGIN
    UPDATE community.service_order SET period = tstzrange(now(), now() + interval '1 hour') WHERE order_id = v;
    PERFORM pg_temp.event(v, 'confirm'), pg_temp.event(v, 'check_in', '{"role": "provide"}'), pg_temp.event(v, 'check_in', '{"role": "request"}'), pg_temp.event(v, 'finish'),
        pg_temp.event(v, 'rate', jsonb_build_object('stars', p_stars, 'comment', 'person said ' || p_stars)), pg_temp.event(v, 'settle');
END $$;
CREATE FUNCTION pg_temp.mine(p_login text, p_what text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.as(p_login, format('SELECT %s FROM community_api.provider_ratings(330203001001, %s)', p_what, (SELECT id FROM p))) $$;
SELECT pg_temp.rated(1, 5), pg_temp.rated(2, 4), pg_temp.rated(3, 2), pg_temp.rated(4, 1);
SELECT is(pg_temp.mine('shop_login', 'count(*)'), '0', 'four ratings would tell who gave them');
SELECT pg_temp.rated(5, 3);
SELECT is(pg_temp.mine('shop_login', 'string_agg(comment, $x$, $x$ ORDER BY stars)'), 'person said 1, person said 2, person said 3, person said 4, person said 5', 'five do not');
SELECT is(pg_temp.mine('rival_login', 'count(*)'), 'match_role', 'only its own provider sees them');
SELECT is(pg_temp.mine('officer1', 'count(*)'), '5', 'and supervisors');
SELECT is(pg_temp.as('officer1', 'SELECT count(*) FROM community_api.provider_ratings(330203001001, 0)'), 'match_unknown', 'an unknown provider');
SELECT is((SELECT string_agg(a, ' ') FROM pg_proc f, unnest(f.proargnames) a WHERE f.oid = 'community_api.provider_ratings(bigint, bigint)'::regprocedure AND a !~ '^p_'),
    'rating_id stars comment counted appealed struck', 'no order, no time, no rater');
SELECT isnt((SELECT string_agg(rating_id::text, ' ' ORDER BY order_id) FROM community.rating WHERE side = 'requester'),
    (SELECT string_agg(rating_id::text, ' ' ORDER BY rating_id) FROM community.rating WHERE side = 'requester'), 'nor the order in which they came');
CREATE FUNCTION pg_temp.rate(p_login text, p_what text, p_id bigint, p_arg text) RETURNS text LANGUAGE sql AS
    $$ SELECT pg_temp.as(p_login, format('SELECT community_api.rating_%s(gen_random_uuid(), 330203001001, %s, %s)', p_what, p_id, p_arg)) $$;
CREATE FUNCTION pg_temp.bad(p_stars integer) RETURNS bigint LANGUAGE sql AS 'SELECT rating_id FROM community.rating WHERE stars = p_stars';
SELECT is((SELECT rated || '/' || good FROM community.provider JOIN p ON provider_id = id), '5/2', 'two of five are good');
SELECT is(pg_temp.rate('rival_login', 'appeal', pg_temp.bad(1), quote_literal('x')), 'match_role', 'a rival does not appeal');
SELECT is(pg_temp.rate('shop_login', 'appeal', 0, quote_literal('x')), 'match_unknown', 'nor anybody against nothing');
SELECT is(pg_temp.rate('shop_login', 'appeal', pg_temp.bad(1), quote_literal(' ')), 'match_form', 'an appeal has a reason');
SELECT is(pg_temp.rate('shop_login', 'appeal', pg_temp.bad(n), quote_literal('never there')), 'appealed', 'appealed against') FROM generate_series(1, 2) n;
SELECT is(pg_temp.rate('shop_login', 'appeal', pg_temp.bad(1), quote_literal('again')), 'match_state', 'once');
SELECT is((SELECT rated FROM community.provider JOIN p ON provider_id = id), 5, 'an appeal changes no count');
SELECT is(pg_temp.as('officer1', $$SELECT string_agg(stars || ' ' || appeal, ', ' ORDER BY stars) FROM community_api.rating_review(330203001001)$$), '1 never there, 2 never there', 'a supervisor sees what waits');
SELECT is(pg_temp.as('shop_login', 'SELECT count(*) FROM community_api.rating_review(330203001001)'), 'match_role', 'which a provider does not');
SELECT is(pg_temp.rate('shop_login', 'decide', pg_temp.bad(1), 'true'), 'match_role', 'nor does it decide');
SELECT is(pg_temp.rate('officer1', 'decide', pg_temp.bad(1), 'NULL'), 'match_form', 'a decision is one');
SELECT is(pg_temp.rate('officer1', 'decide', pg_temp.bad(1), 'true') || ' ' || pg_temp.rate('officer1', 'decide', pg_temp.bad(2), 'false'), 'struck kept', 'decided');
SELECT is(pg_temp.rate('officer1', 'decide', pg_temp.bad(1), 'false'), 'match_unknown', 'once');
SELECT is((SELECT rated || '/' || good FROM community.provider JOIN p ON provider_id = id), '4/2', 'what is struck out counts no more');
SELECT is(pg_temp.mine('shop_login', 'string_agg(stars::text, $x$ $x$ ORDER BY stars) FILTER (WHERE struck)'), '1', 'and the provider sees it');
SELECT is(pg_temp.as('officer1', format('SELECT community_api.rating_clear(gen_random_uuid(), 330203001001, %s)', order_id)), 'match_unknown', 'what is struck out is not cleared') FROM community.rating WHERE stars = 1;
SELECT is(pg_temp.as('shop_login', 'SELECT community_api.rating_clear(gen_random_uuid(), 330203001001, 0)'), 'match_role', 'nor by a provider');
SELECT throws_ok($$UPDATE community.rating SET flag = 'struck' WHERE stars = 5$$, '23514', NULL, 'nothing is struck out without an appeal, for any client');
SELECT results_eq($$SELECT number FROM community.supervision_figures(330203001001, now() - interval '1 day', now() + interval '1 day') WHERE figure ~ 'ratings' ORDER BY figure$$,
    'VALUES (2::bigint), (0), (1)', 'ratings appealed against, flagged and struck out are published');
SELECT is(pg_temp.as('shop_login', format('SELECT count(*) FROM community.%I', t)), '42501 permission denied for table ' || t, 'a provider does not read ' || t)
  FROM unnest('{rating,service_order,demand,match_log,penalty,violation}'::text[]) t;
SELECT is((SELECT count(*) FROM pg_proc f, unnest(f.proargnames) a WHERE f.pronamespace = 'community_api'::regnamespace AND f.proname ~ 'rating|rank' AND a ~ 'requester|rater'), 0::bigint, 'no outward function of ratings names a rater');
SELECT results_eq($$SELECT figure, number FROM community.supervision_figures(330203001001, now() - interval '1 day', now() + interval '1 day') WHERE figure ~ 'penalties|appeals|revoked|dropped'$$,
    $$VALUES ('appeals', 5::bigint), ('dropped', 1), ('penalties_ban', 1), ('penalties_fine', 1), ('penalties_points', 1), ('penalties_suspension', 1), ('penalties_warning', 1), ('revoked', 5)$$, 'the published figures count what happened');
SELECT * FROM finish();
ROLLBACK;
