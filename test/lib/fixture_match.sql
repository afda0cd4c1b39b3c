-- A market for tests: a community of the mixed model, persons, organizations,
-- purses with money, a clock that stands still within the transaction.
SET client_min_messages = warning;
SELECT community.community_register('330203001001', 'One', 'residential');
UPDATE community.community SET operating_model = 'mixed' WHERE community_id = 330203001001;

-- The reason of the refusal that a statement ends with; done when it ends well.
CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v_detail text;
BEGIN
    EXECUTE p_sql;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN coalesce(substring(v_detail from '^reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END $$;
CREATE FUNCTION pg_temp.k() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
CREATE FUNCTION pg_temp.bal(p_kind text, p_id bigint, p_currency text DEFAULT 'CNY') RETURNS bigint LANGUAGE sql AS $$
    SELECT b.available FROM community.account a, community.account_balance(a.community_id, a.account_id) b
     WHERE a.owner_kind = p_kind AND a.owner_id = p_id AND a.currency = p_currency AND a.kind NOT IN ('bank', 'clearing')
$$;

-- Ten residents; the person's row is all that matching needs of them.
INSERT INTO community.person (community_id, person_id, stat_key, sex)
SELECT 330203001001, n, n, CASE n % 2 WHEN 0 THEN 'female' ELSE 'male' END FROM generate_series(1, 10) n;
CREATE TEMP TABLE m AS
SELECT 330203001001::bigint AS c,
       community.organization_add(330203001001, 'Clean Co', 'merchant', '91330200MA281YT69Q') AS shop,
       community.organization_add(330203001001, 'Tidy Co', 'merchant') AS tidy,
       community.organization_add(330203001001, 'Town Hall', 'government') AS hall,
       community.account_open(330203001001, 'CNY', 'bank', 'community', 330203001001) AS bank,
       community.account_open(330203001001, 'CNY', 'fee', 'community', 330203001001) AS fee,
       community.account_open(330203001001, 'TIME', 'issue', 'community', 330203001001) AS issue;
SELECT community.account_open(330203001001, x.currency, 'purse', 'person', n)
  FROM generate_series(1, 10) n, unnest('{CNY,TIME}'::text[]) x(currency);
SELECT community.account_open(330203001001, 'CNY', 'merchant', 'organization', o) FROM m, unnest(ARRAY[shop, tidy]) o;
SELECT t.seq FROM m, community.account a, community.ledger_transfer(gen_random_uuid(), c, bank, a.account_id, 100000, 'topup') t
 WHERE a.kind = 'purse' AND a.currency = 'CNY';

-- Tomorrow at ten, and a demand then.
CREATE FUNCTION pg_temp.ten() RETURNS timestamptz LANGUAGE sql AS
    $$ SELECT (date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') + interval '34 hours') AT TIME ZONE 'Asia/Shanghai' $$;
CREATE FUNCTION pg_temp.want(p_person bigint, p_service text, p_doc jsonb DEFAULT '{}', p_kind text DEFAULT 'person') RETURNS bigint LANGUAGE sql AS $$
    SELECT community.demand_add(gen_random_uuid(), 330203001001, p_kind, p_person, p_service, 121.505, 29.805,
        jsonb_build_object('from', pg_temp.ten(), 'upto', pg_temp.ten() + interval '2 hours') || p_doc)
$$;
CREATE FUNCTION pg_temp.event(p_order bigint, p_event text, p_doc jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS
    'SELECT community.order_event(gen_random_uuid(), 330203001001, p_order, p_event, p_doc)';
-- Candidates of a new demand; two statements, since the second is to see the first.
CREATE FUNCTION pg_temp.candidates(p_person bigint, p_service text, p_doc jsonb DEFAULT '{}', p_kind text DEFAULT 'person')
RETURNS TABLE (offer_id bigint, title text) LANGUAGE plpgsql AS $$
DECLARE v_id bigint := pg_temp.want(p_person, p_service, p_doc, p_kind);
BEGIN
    RETURN QUERY SELECT c.offer_id, o.title FROM community.match_candidates(330203001001, v_id) c JOIN community.offer o ON o.offer_id = c.offer_id;
END $$;
