-- Matching for people who let somebody act for them: each act is on record.
BEGIN;
SELECT no_plan();
\ir ../lib/fixture_match.sql

UPDATE community.person SET birth_year = 1950 WHERE community_id = 330203001001;
SELECT community.guardian_add(330203001001, 1, 330203001001, 2, 'proxy', 'letter', CURRENT_DATE, '{"actions": ["demand", "order"]}');
CREATE TEMP TABLE o AS
SELECT community.offer_add(c, p.provider_id, 'house_cleaning', 'Near', 121.506, 29.805, 8000) AS id
  FROM m, community.provider_apply(pg_temp.k(), c, 'organization', shop, 'Clean', 'merchant') p;
CREATE FUNCTION pg_temp.acts() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT a.action || ' ' || g.by_person_id || ' ' || regexp_replace(a.object, '\d+', 'n')
      FROM community.proxy_act a JOIN community.guardian g USING (community_id, guardian_id) ORDER BY a.proxy_act_id
$$;

SELECT is(pg_temp.reason($$SELECT pg_temp.want(1, 'house_cleaning', '{"by_person_id": 3}')$$), 'guardian_missing', 'nobody acts without being named');
SELECT is(pg_temp.reason(format($$SELECT pg_temp.want(%s, 'house_cleaning', '{"by_person_id": 2}', 'organization')$$, tidy)), 'match_form', 'nor for an organization') FROM m;
SELECT is_empty('SELECT pg_temp.acts()', 'what was refused is not on record');
CREATE TEMP TABLE d AS SELECT pg_temp.want(1, 'house_cleaning', '{"by_person_id": 2, "channel": "hotline"}') AS id;
CREATE TEMP TABLE s AS SELECT (community.match_demand(pg_temp.k(), 330203001001, id)).order_id AS id FROM d;
SELECT is(pg_temp.event(id, 'confirm', '{"role": "provide", "by_person_id": 3}'), 'confirmed', 'the other side acts for itself') FROM s;
SELECT is(pg_temp.reason(format($$SELECT pg_temp.event(%s, 'cancel', '{"role": "request", "by_person_id": 3}')$$, id)), 'guardian_missing', 'a stranger does not cancel') FROM s;
SELECT is(pg_temp.event(id, 'cancel', '{"role": "request", "by_person_id": 2}'), 'cancelled', 'the proxy does') FROM s;

CREATE TEMP TABLE r AS SELECT community.resource_add(330203001001, 'Room') AS id;
CREATE TEMP TABLE b AS
SELECT (community.booking_hold(pg_temp.k(), 330203001001, id, 'person', 1, pg_temp.ten(), pg_temp.ten() + interval '1 hour') ->> 'booking_id')::bigint AS id FROM r;
SELECT is(pg_temp.reason(format($$SELECT community.booking_event(pg_temp.k(), 330203001001, %s, 'confirm', '{"by_person_id": 2}')$$, id)), 'guardian_missing', 'the letter names no bookings') FROM b;
SELECT community.guardian_add(330203001001, 1, 330203001001, 4, 'guardian', 'court order');
SELECT is(community.booking_event(pg_temp.k(), 330203001001, id, 'confirm', '{"by_person_id": 4}'), 'confirmed', 'a guardian may do all') FROM b;
SELECT results_eq('SELECT pg_temp.acts()', $$VALUES ('demand 2 demand/n'), ('order 2 order/n'), ('booking 4 booking/n')$$, 'each act, who did it and what it was');
SELECT is(a.object, 'demand/' || id, 'by number') FROM d, community.proxy_act a WHERE a.action = 'demand';
SELECT * FROM finish();
ROLLBACK;
