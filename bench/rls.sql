-- Row security: twenty usual queries as a reader whose rows are a third of all, with the
-- policies, beside the same queries of the owner, who writes the condition himself.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT count(*) FROM community.install('{card,match,casework}');
SET search_path = community, bench, public;
SELECT count(community_register(c::text::gridcode, 'C' || c, 'residential')) FROM unnest('{330203001001,330203001002,330203001003}'::bigint[]) c;
SELECT count(grid_add(((330203001001 + c)::text || lpad(g::text, 3, '0'))::gridcode, 'G' || g, 'unit', format('{"type": "Polygon", "coordinates": [[[%1$s, %3$s], [%2$s, %3$s], [%2$s, %4$s], [%1$s, %4$s], [%1$s, %3$s]]]}',
    121.5 + c * 0.1 + g * 0.002, 121.5 + c * 0.1 + g * 0.002 + 0.002, 29.8, 29.81)::jsonb)) FROM generate_series(0, 2) c, generate_series(1, 20) g;
SELECT count(card_issuer_add(330203001001 + c, 7 + c, 'hmac-sha256')), count(zone_add(330203001001 + c, 'Z')) FROM generate_series(0, 2) c;
SELECT count(a.card_id) FROM generate_series(0, 2) c, card_apply(330203001001 + c, ARRAY(SELECT generate_series(1, 10000)::bigint), 'resident', '{door,debit}', now() + interval '1 year') a;
SELECT count(point_add(z.community_id, z.zone_id, 'D' || n, z.community_id::text)) FROM access_zone z, generate_series(1, 20) n;
INSERT INTO door_log (community_id, point_id, holder, decision, reason, at)
SELECT 330203001001 + n % 3, n % 60 + 1, n % 9973, CASE n % 20 WHEN 0 THEN 'refused' ELSE 'granted' END, CASE n % 20 WHEN 0 THEN 'no_rule' ELSE 'ok' END, now() - n * interval '1 second' FROM generate_series(1, 200000) n;
INSERT INTO account (community_id, currency, kind, owner_kind, owner_id, floating) SELECT 330203001001 + n % 3, 'CNY', 'purse', 'person', n, false FROM generate_series(1, 15000) n;
INSERT INTO transfer (community_id, actor, key, phase, debit_id, credit_id, currency, amount, code)
SELECT a.community_id, 'x', gen_random_uuid(), 'single', a.account_id, b.account_id, 'CNY', 100 + n, (ARRAY['payment', 'gift', 'topup'])[n % 3 + 1]
  FROM generate_series(1, 100000) n JOIN account a ON a.account_id = n % 14000 + 1 JOIN account b ON b.account_id = a.account_id + 3;
INSERT INTO facility (community_id, class, name, geom, source, source_id)
SELECT 330203001001 + n % 3, CASE n % 3 WHEN 0 THEN 'school' ELSE 'clinic' END, 'F' || n, ST_SetSRID(ST_MakePoint(121.5 + (n % 3) * 0.1 + (n % 400) * 0.0001, 29.8 + (n % 97) * 0.0001), 4326), 'x', n
  FROM generate_series(1, 30000) n;
SELECT count(duty_add(c::text::gridcode, NULL, organization_add(c, 'Committee', 'government'), '(,)', true)) FROM unnest('{330203001001,330203001002,330203001003}'::bigint[]) c;
SELECT count(r.case_id) FROM generate_series(1, 1500) n, case_report(NULL, 'noise', 121.5 + (n % 3) * 0.1 + 0.003 + (n % 19) * 0.002, 29.805, 'x', 'app') r;
ANALYZE;
CREATE ROLE rls_reader LOGIN;
GRANT USAGE ON SCHEMA community, bench TO rls_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA community TO rls_reader;
SELECT member_add('rls_reader', 'read', 330203001001);

-- %s is where the owner writes his condition; row security adds the reader's own.
CREATE TABLE bench.usual (n int PRIMARY KEY, q text);
INSERT INTO bench.usual VALUES
    (1, 'SELECT count(*) FROM card t WHERE true%s'),
    (2, 'SELECT kind, state, count(*) FROM card t WHERE true%s GROUP BY 1, 2'),
    (3, 'SELECT * FROM card t WHERE number_key = ' || (SELECT max(number_key) FROM card WHERE community_id = 330203001001) || '%s'),
    (4, 'SELECT count(*) FROM card t WHERE card_no > ''330203-0000-0001-2346''::cardno%s'),
    (5, 'SELECT * FROM card t WHERE person_id = 77%s'),
    (6, 'SELECT count(*) FROM card t JOIN card_app a ON a.community_id = t.community_id AND a.card_id = t.card_id WHERE a.application = ''door''%s'),
    (7, 'SELECT point_id, count(*) FROM door_log t WHERE true%s GROUP BY 1'),
    (8, 'SELECT * FROM door_log t WHERE at > now() - interval ''1 hour''%s ORDER BY at DESC LIMIT 50'),
    (9, 'SELECT date_trunc(''hour'', at), count(*) FROM door_log t WHERE decision = ''refused''%s GROUP BY 1'),
    (10, 'SELECT p.name, count(*) FROM access_point p JOIN door_log t ON t.community_id = p.community_id AND t.point_id = p.point_id WHERE true%s GROUP BY 1'),
    (11, 'SELECT count(*) FROM access_point t WHERE t.code <@ ''330203001''::gridcode%s'),
    (12, 'SELECT currency, sum(credits_posted - debits_posted) FROM account t WHERE true%s GROUP BY 1'),
    (13, 'SELECT code, count(*), sum(amount) FROM transfer t WHERE true%s GROUP BY 1'),
    (14, 'SELECT * FROM transfer t WHERE debit_id = 3001%s ORDER BY seq DESC LIMIT 20'),
    (15, 'SELECT a.account_id, sum(t.amount) FROM account a JOIN transfer t ON t.community_id = a.community_id AND t.debit_id = a.account_id WHERE true%s GROUP BY 1 ORDER BY 2 DESC LIMIT 10'),
    (16, 'SELECT class, count(*) FROM facility t WHERE true%s GROUP BY 1'),
    (17, 'SELECT * FROM facility t WHERE name = ''F300''%s'),
    (18, 'SELECT state, count(*) FROM case_file t WHERE true%s GROUP BY 1'),
    (19, 'SELECT g.code, count(*) FROM grid g JOIN case_file t ON t.community_id = g.community_id AND t.grid_id = g.grid_id WHERE true%s GROUP BY 1'),
    (20, 'SELECT event, count(*) FROM case_log t WHERE occurred_at > now() - interval ''1 day''%s GROUP BY 1');
GRANT SELECT ON bench.usual TO rls_reader;
SELECT array_agg(v) AS owner FROM (SELECT (race(ARRAY[format(q, ' AND t.community_id = 330203001001')], 7, 1000))[1] AS v FROM bench.usual ORDER BY n) x \gset
SET SESSION AUTHORIZATION rls_reader;
SET search_path = community, bench, public;
SELECT array_agg(v) AS reader FROM (SELECT (race(ARRAY[format(q, '')], 7, 1000))[1] AS v FROM bench.usual ORDER BY n) x \gset
RESET SESSION AUTHORIZATION;
SET search_path = community, bench, public;
CREATE TABLE bench.cost AS
SELECT n, n IN (3, 5, 11, 14) AS looks_up, (:'reader'::float8[])[n] AS reader, (:'owner'::float8[])[n] AS owner FROM bench.usual;
SELECT note('rls_all', sum(reader), sum(owner), 2, 'us', 'twenty queries with row security beside the condition written out; ratios ' || string_agg(round((reader / owner)::numeric, 1)::text, ' ' ORDER BY n)) FROM bench.cost;
SELECT note(CASE WHEN looks_up THEN 'rls_lookups' ELSE 'rls_scans' END, sum(reader), sum(owner), 2, 'us',
            CASE WHEN looks_up THEN 'the four that find a few rows by an index: my_communities() is asked once a query' ELSE 'the sixteen that read many rows' END)
  FROM bench.cost GROUP BY looks_up;
