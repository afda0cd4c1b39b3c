-- Those who run matching, through the door of apps, each under its own login.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql
SELECT community.community_register('330203001002', 'Two', 'residential');
CREATE ROLE man_boss LOGIN IN ROLE community_app;
CREATE ROLE man_shop LOGIN IN ROLE community_app;
CREATE ROLE man_clerk LOGIN IN ROLE community_app;
CREATE ROLE man_stranger LOGIN IN ROLE community_app;
SELECT community.member_add(r::name, c, 330203001001) FROM (VALUES ('man_boss', 'supervise'), ('man_shop', 'provide'), ('man_clerk', 'match')) AS v (r, c);
SELECT community.member_add('man_stranger', 'all', 330203001002);
CREATE TEMP TABLE p AS
SELECT x.provider_id AS id FROM m, community.provider_apply(pg_temp.k(), c, 'organization', tidy, 'Tidy', 'merchant', '{"login": "man_shop"}') x;

-- A call under a login: what it returns, or the reason of its refusal.
CREATE FUNCTION pg_temp.as(p_login text, p_call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_out text;
    v_detail text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_login);
    EXECUTE 'SELECT community_api.' || p_call INTO v_out;
    RESET SESSION AUTHORIZATION;
    RETURN v_out;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;

-- Every command: who may, who may not, a key, the same answer for it, another community, the module.
CREATE TEMP TABLE command (n integer PRIMARY KEY, login text, call text, answer text, other text, denied text);
INSERT INTO command
SELECT v.n, v.login, regexp_replace(regexp_replace(v.call, '\y_p\y', id::text), '\y_c\y', '330203001001'), v.answer, v.other, v.denied
  FROM p, (VALUES
    (1, 'man_boss', $$provider_event(_k, _c, _p, 'accept')$$, 'active', 'man_shop', 'match_role'),
    (2, 'man_shop', $$qualification_add(_k, _c, _p, 'plumber', 'P-1', 'Board', current_date, current_date + 300)$$, '\d+', 'man_clerk', NULL),
    (3, 'man_boss', $$qualification_verify(_k, _c, (SELECT max(qualification_id) FROM community.qualification))$$, 'true', 'man_shop', 'match_role'),
    (4, 'man_clerk', $$resource_add(_k, _c, 'Room', 2, 'Mo-Fr 08:00-18:00', '{"buffer": 1}')$$, '\d+', 'man_shop', 'match_role'),
    (5, 'man_clerk', $$match_block_set(_k, _c, 'person', 2, _p, 'asked to')$$, 'true', 'man_shop', 'match_role'),
    (6, 'man_clerk', $$match_plan(_k, _c, 'house_cleaning', 7)$$, '.*"assigned": 1.*', 'man_shop', 'match_role'),
    (7, 'man_clerk', $$match_replan(_k, _c, _p)$$, '.*"demands": 0.*', 'man_boss', 'match_role'),
    (8, 'man_clerk', $$match_commit(_k, _c, (SELECT min(plan_id) FROM community.match_plan))$$, '\(1,0\)', 'man_shop', 'match_role'),
    (9, 'man_shop', $$offer_set(_k, _c, (SELECT max(offer_id) FROM community.offer), 'paused', 3)$$, 'paused', 'man_boss', 'supervisor_provides')
  ) AS v (n, login, call, answer, other, denied);
-- The objects that calls name are read by the test, not by the logins.
CREATE FUNCTION pg_temp.named(p_n integer, p_key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_call text := (SELECT call FROM command WHERE n = p_n);
    v_query text := substring(v_call from '\(SELECT [^()]*\([^()]*\)[^()]*\)');
    v_id text;
BEGIN
    IF v_query IS NOT NULL THEN
        EXECUTE 'SELECT ' || v_query INTO v_id;
        v_call := replace(v_call, v_query, coalesce(v_id, '0'));
    END IF;
    RETURN regexp_replace(v_call, '\y_k\y', p_key);
END $$;
CREATE FUNCTION pg_temp.try(p_n integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    v command;
    v_key text := quote_literal(md5('command ' || p_n)) || '::uuid';
    v_first text;
    v_call text;
BEGIN
    SELECT * INTO v FROM command WHERE n = p_n;
    v_call := split_part(v.call, '(', 1);
    RETURN NEXT is(pg_temp.as(v.login, pg_temp.named(p_n, 'NULL')), 'key_missing', v_call || ': a key');
    RETURN NEXT is(pg_temp.as('man_stranger', pg_temp.named(p_n, 'gen_random_uuid()')), 'community_unknown', v_call || ': a community of one''s own');
    IF v.denied IS NOT NULL THEN
        RETURN NEXT is(pg_temp.as(v.other, pg_temp.named(p_n, 'gen_random_uuid()')), v.denied, v_call || ': the role');
    END IF;
    v_call := pg_temp.named(p_n, v_key);
    v_first := pg_temp.as(v.login, v_call);
    RETURN NEXT matches(v_first, '^' || v.answer || '$', v.call || ' answers');
    RETURN NEXT is(pg_temp.as(v.login, v_call), v_first, 'and the same again');
END $$;
SELECT pg_temp.try(n) FROM generate_series(1, 3) n;
SELECT is(pg_temp.as('man_shop', format($$qualification_add(gen_random_uuid(), 330203001001, %s, 'cook', 'C-1', 'Board', '2026-02-01', '2026-01-01')$$, id)), 'match_form', 'a certificate ends after it begins') FROM p;
SELECT is(array_agg(kind || ' ' || (verified_at IS NOT NULL)), '{"plumber true"}', 'one certificate, verified') FROM community.qualification;
SELECT pg_temp.try(n) FROM generate_series(4, 5) n;
SELECT is(array_agg(name || ' ' || seats || ' ' || buffer), '{"Room 2 1"}', 'one resource') FROM community.resource;
SELECT results_eq('SELECT requester_id, provider_id FROM community.match_block', 'SELECT 2::bigint, id FROM p', 'one pair kept apart');
SELECT is(pg_temp.as('man_clerk', format($$match_block_set(gen_random_uuid(), 330203001001, 'person', 2, %s, 'made up', false)$$, id)), 'false', 'and no longer') FROM p;
SELECT is_empty('SELECT 1 FROM community.match_block', 'no pair');

-- A plan orders nothing before it is committed.
SELECT community.offer_add(c, id, 'house_cleaning', 'Near', 121.506, 29.805, 8000) FROM m, p;
SELECT pg_temp.want(1, 'house_cleaning');
SELECT pg_temp.try(6);
SELECT is(count(*), 0::bigint, 'planned, not ordered') FROM community.service_order;
SELECT is(count(*), 1::bigint, 'one plan for two calls with one key') FROM community.match_plan;
SELECT pg_temp.try(7);
SELECT pg_temp.try(8);
SELECT is(count(*), 1::bigint, 'one order') FROM community.service_order;
SELECT pg_temp.try(9);
SELECT is(state || ' ' || capacity, 'paused 3', 'an offer paused') FROM community.offer;
SELECT is(pg_temp.as('man_shop', format($$offer_set('%s'::uuid, 330203001001, 1, 'open')$$, md5('command 9'))), 'key_reused', 'no key for two commands');
SELECT community.module_disable('match', 330203001001);
SELECT is(pg_temp.as(login, pg_temp.named(n, 'gen_random_uuid()')), 'module_off', 'nothing while the module is off: ' || n) FROM command ORDER BY n;
SELECT * FROM finish();
ROLLBACK;
