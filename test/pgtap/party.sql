-- party: organizations.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_message text;
BEGIN
    EXECUTE p_sql;
    RETURN 'no refusal';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_message = MESSAGE_TEXT;
    RETURN COALESCE(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE || ' ' || v_message);
END
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'), community.community_register('330299001001', '东风社区', 'residential');

CREATE TEMPORARY TABLE o AS SELECT community.organization_add(330299000000, '区城市管理局', 'government', NULL, NULL, '{"phone":"0574-12345678","source":"test"}') AS bureau;
SELECT is((SELECT phone || ' ' || source FROM community.organization, o WHERE organization_id = bureau), '0574-12345678 test', 'an organization is on record');
ALTER TABLE o ADD team bigint, ADD company bigint;
UPDATE o SET team = community.organization_add(330299000000, '市容中队', 'government', NULL, bureau);
UPDATE o SET company = community.organization_add(330299001001, '阳光物业', 'property', ' 91110000600037341l ');
SELECT results_eq($$SELECT credit_code FROM community.organization, o WHERE organization_id = company$$, $$VALUES ('91110000600037341L')$$, 'the credit code is trimmed and in capitals');
SELECT results_eq($$SELECT b.community_id, b.organization_id = company FROM o, community.organization_by_code('91110000600037341L') b$$, $$VALUES (330299001001, true)$$, 'and found in the whole city');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, '另一物业', 'property', '91110000600037341L')$$), 'organization_known', 'a credit code is on record once in the city');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299001001, '阳光物业', 'property')$$), 'organization_known', 'a name once in a community');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, 'x', 'property', '91110000600037341M')$$), 'credit_code_invalid', 'the check digit must be right');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, 'x', 'club')$$), 'organization_kind_invalid', 'the kind must be known');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, 'x', NULL)$$), 'organization_kind_invalid', 'and be given');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, 'x', 'ngo', NULL, 0)$$), 'organization_not_found', 'the parent too');
SELECT is(pg_temp.reason($$SELECT community.organization_add(1, 'x', 'ngo')$$), 'community_unknown', 'and the community');
SELECT is(pg_temp.reason($$SELECT community.organization_add(330299000000, ' ', 'ngo')$$), 'organization_name_missing', 'a name is needed');
SELECT throws_ok($$INSERT INTO community.organization (community_id, name, kind, credit_code) VALUES (330299000000, 'x', 'ngo', '911100006000373410')$$, '23514', NULL, 'a wrong credit code cannot enter by any client');
SELECT throws_ok($$INSERT INTO community.organization (community_id, name, kind, credit_code) VALUES (330299000000, 'x', 'ngo', '91110000600037341L')$$, '23505', NULL, 'nor can a second record of one');
SELECT lives_ok($$SELECT community.organization_update(330299001001, company, '{"credit_code":"91350100M000100Y43","attrs":{"a":1}}') FROM o$$, 'a record is corrected');
SELECT results_eq($$SELECT credit_code FROM community.organization_index$$, $$VALUES ('91350100M000100Y43')$$, 'the index follows');
SELECT is((SELECT attrs FROM community.organization, o WHERE organization_id = company), '{"a":1}', 'attributes are merged');
SELECT is(pg_temp.reason($$SELECT community.organization_update(330299000000, bureau, jsonb_build_object('parent_id', team)) FROM o$$), 'organization_cycle', 'nothing lies under itself');
SELECT is(pg_temp.reason($$SELECT community.organization_update(330299000000, company, '{}') FROM o$$), 'organization_not_found', 'an organization is changed where it is on record');
SELECT lives_ok($$SELECT community.organization_end(330299001001, company, '2026-01-01') FROM o$$, 'an organization ends');
SELECT is(pg_temp.reason($$SELECT community.organization_end(330299001001, company, '2026-01-01') FROM o$$), 'organization_not_found', 'once');
SELECT isnt(community.organization_add(330299001001, '阳光物业', 'property', NULL, NULL, '{"valid_from":"2026-01-01"}'), NULL, 'its name may be used again afterwards');
SELECT * FROM finish();
ROLLBACK;
