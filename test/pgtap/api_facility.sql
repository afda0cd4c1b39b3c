-- API functions of facilities, as an app's login.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
SET TimeZone = 'Asia/Shanghai';
CREATE FUNCTION public.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
BEGIN
    EXECUTE p_sql;
    RETURN 'no refusal';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN COALESCE(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE || ' ' || SQLERRM);
END
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential');
SELECT community.grid_add('330299001001001', 'a', 'unit', ST_AsGeoJSON(ST_MakeEnvelope(121.5, 30, 121.51, 30.01, 4326))::jsonb);
CREATE TEMPORARY TABLE made AS SELECT * FROM community.facility_import(330299001001, '[
    {"name":"阳光小学","class":"primary_school","lon":121.502,"lat":30.002,"capacity":600,"opening":"Mo-Fr 08:00-17:00; PH off","operator":"教育局"},
    {"name":"向阳银行","class":"bank","lon":121.508,"lat":30.008,"opening":"Mo-Su,PH 09:00-17:00"},
    {"name":"东站","class":"bus_stop","lon":121.503,"lat":30.002}]');
SELECT community.population_set(330299001001, '[{"lon":121.5021,"lat":30.0021,"residents":37,"households":12},{"lon":121.509,"lat":30.0095,"residents":26,"households":9}]', 'test');
GRANT SELECT ON made TO PUBLIC;
CREATE ROLE app_guide LOGIN IN ROLE community_app;
CREATE ROLE app_caretaker LOGIN IN ROLE community_app;
CREATE ROLE app_nobody LOGIN IN ROLE community_app;
SELECT community.member_add('app_guide', 'read', 330299001001), community.member_add('app_caretaker', 'facility_write', 330299001001);

SET SESSION AUTHORIZATION app_guide;
SELECT results_eq($$SELECT name, round(distance_m)::integer, open, free FROM community_api.facility_near(121.502, 30.003, 'school', 3)$$, $$VALUES ('阳光小学', 111, NULL::boolean, 600)$$, 'the nearest school');
SELECT results_eq($$SELECT name FROM community_api.facility_near(121.502, 30.002, NULL, 5, NULL, '2026-11-28 10:00')$$, $$VALUES ('向阳银行')$$, 'what is open on Saturday');
SELECT results_eq($$SELECT name, method FROM community_api.facility_within(121.502, 30.002, p_minutes => 2)$$, $$VALUES ('阳光小学', 'distance'), ('东站', 'distance')$$, 'within two minutes, which says how that was measured');
SELECT results_eq($$SELECT name FROM community_api.facility_within(121.502, 30.002, 200, 'bus_stop')$$, $$VALUES ('东站')$$, 'within metres');
SELECT results_eq($$SELECT name FROM community_api.facility_search('阳光')$$, $$VALUES ('阳光小学')$$, 'by two characters');
SELECT is((SELECT community_api.facility_get(community_id, facility_id, '2026-11-27 18:00') - '{community_id,facility_id,lon,lat}'::text[] FROM made WHERE row_no = 1),
    '{"class": "primary_school", "class_name": "小学", "name": "阳光小学", "opening": "Mo-Fr 08:00-17:00; PH off", "open": false, "next_open": "2026-11-30T08:00:00+08:00", "capacity": 600, "free": 600, "operator": "教育局", "surveyed_at": null}', 'one facility');
SELECT is(reason('SELECT community_api.facility_get(330299001001, 0)'), 'facility_not_found', 'that there is');
SELECT is((SELECT count(*) FROM community_api.facility_within(121.502, 30.002, 90000)), 3::bigint, 'a greater distance is five kilometres');
SELECT is_empty('SELECT FROM community_api.facility_within(121.6, 30.002, 90000)', 'and no more');
SELECT is(reason('SELECT community_api.facility_near(190, 30)'), 'coordinates_invalid', 'places are on Earth');
SELECT is(reason('SELECT community_api.facility_near(NULL, 30)'), 'coordinates_invalid', 'and given');
SELECT is(reason($$SELECT community_api.facility_within(121.5, 130, 5)$$), 'coordinates_invalid', 'here too');
SELECT is(reason($$SELECT community_api.facility_near(121, 30, 'castle')$$), 'facility_class_unknown', 'classes are known');
SELECT is(reason('SELECT community_api.facility_near(121, 30, NULL, 0)'), '22023 0 is not a number of facilities', 'as many as none');
SELECT is(reason($$SELECT community_api.facility_search('阳光', NULL, 0)$$), '22023 0 is not a number of facilities', 'found');
SELECT results_eq($$SELECT class, method, basis, share, verdict FROM community_api.life_circle(330299001001) WHERE class IN ('primary_school', 'market', 'bus_stop')$$,
    $$VALUES ('market', 'distance', 'residents', 0.0, 'missing'), ('primary_school', 'distance', 'residents', 0.6, 'partial'), ('bus_stop', 'distance', 'residents', 0.6, 'partial')$$, 'life circles in shares, rounded: few people live there');
SELECT is(reason('SELECT community_api.life_circle(330299001002)'), 'community_unknown', 'of his community only');
SELECT is(reason(format('SELECT community_api.facility_occupied(gen_random_uuid(), 330299001001, %s, 5)', facility_id)), 'capability_missing', 'a guide notes nothing') FROM made WHERE row_no = 1;
SELECT throws_ok('SELECT * FROM community.population_point', '42501', NULL, 'nor does he see where people live');
SET SESSION AUTHORIZATION app_caretaker;
SELECT is(community_api.facility_occupied('00000000-0000-0000-0000-000000000001', 330299001001, facility_id, 580), 20, 'a caretaker notes what is taken') FROM made WHERE row_no = 1;
SELECT is(community_api.facility_occupied('00000000-0000-0000-0000-000000000001', 330299001001, facility_id, 580), 20, 'once') FROM made WHERE row_no = 1;
SELECT is(community_api.facility_occupied('00000000-0000-0000-0000-000000000002', 330299001001, facility_id, 3), NULL, 'where capacity is unknown nothing is free') FROM made WHERE row_no = 2;
SELECT is(community_api.facility_occupied('00000000-0000-0000-0000-000000000002', 330299001001, facility_id, 3), NULL, 'asked again as well') FROM made WHERE row_no = 2;
SELECT is(reason(format($$SELECT community_api.facility_occupied('00000000-0000-0000-0000-000000000001', 330299001001, %s, 581)$$, facility_id)), 'key_reused', 'one key, one number') FROM made WHERE row_no = 1;
SELECT is(reason(format('SELECT community_api.facility_occupied(NULL, 330299001001, %s, 5)', facility_id)), 'key_missing', 'a command has a key') FROM made WHERE row_no = 1;
SELECT is((SELECT free FROM community_api.facility_near(121.502, 30.002, 'school', 1)), 20, 'which others see');
SET SESSION AUTHORIZATION app_nobody;
SELECT is((SELECT count(*) FROM community_api.facility_near(121.502, 30.002, NULL, 5)), 3::bigint, 'facilities are public');
SELECT is(reason('SELECT community_api.life_circle(330299001001)'), 'community_unknown', 'life circles are not');
RESET SESSION AUTHORIZATION;
SELECT community.module_disable(m, 330299001001) FROM unnest('{match,report,facility}'::text[]) m;
SET SESSION AUTHORIZATION app_guide;
SELECT is(reason('SELECT community_api.life_circle(330299001001)'), 'module_off', 'where the module is switched off nothing is told');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
