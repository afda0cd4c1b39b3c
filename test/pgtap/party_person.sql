-- party: persons, residences, care, guardians, consent, merges, erasure, tickets, import.
BEGIN;
SELECT no_plan();
SET search_path = public, community;
SET community.lang = 'en';
CREATE TEMP TABLE provoked (reason text);
CREATE FUNCTION pg_temp.reason(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_message text;
BEGIN
    EXECUTE p_sql;
    RETURN 'no refusal';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_message = MESSAGE_TEXT;
    INSERT INTO provoked VALUES (substring(v_detail FROM 'reason=(\w+)'));
    RETURN COALESCE(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE || ' ' || v_message);
END
$$;
-- A resident id of a place, a day of birth and a serial with its check character.
CREATE FUNCTION pg_temp.id_no(p_birth date, p_serial integer) RETURNS text LANGUAGE sql AS $$
    SELECT b || substr('10X98765432', (sum(substr(b, i, 1)::integer * ((2 ^ (18 - i))::integer % 11)) % 11)::integer + 1, 1)
      FROM (SELECT '330203' || to_char(p_birth, 'YYYYMMDD') || lpad(p_serial::text, 3, '0') AS b) s, generate_series(1, 17) i GROUP BY b
$$;
SELECT community.community_register('330299', '试验区', 'district'), community.community_register('330299001', '东街道', 'street'),
       community.community_register('330299001001', '东风社区', 'residential'), community.community_register('330299001002', '西风社区', 'residential');
SELECT community.grid_add('330299001001001', '东一格', 'unit', '{"type":"Polygon","coordinates":[[[121,29],[121.01,29],[121.01,29.01],[121,29.01],[121,29]]]}', '[2020-01-01,)') AS grid \gset

-- Entering.
CREATE TEMP TABLE who (k text PRIMARY KEY, id bigint);
INSERT INTO who SELECT 'wang', community.person_add(330299001001, ' 王小明 ', 'resident_id', lower(pg_temp.id_no('1950-03-04', 17)), '138 0013 8000',
    jsonb_build_object('source', 'test', 'residence', jsonb_build_object('kind', 'registered', 'since', '2020-01-01', 'grid_id', :grid)));
INSERT INTO who SELECT 'li', community.person_add(330299001001, '李华', 'passport', 'E12345678', NULL, '{"sex": "female", "birth_year": "1990"}');
INSERT INTO who SELECT 'child', community.person_add(330299001001, '王小宝', NULL, NULL, NULL, jsonb_build_object('birth_year', extract(year FROM CURRENT_DATE) - 10));
SELECT is(row(m.name, m.id_no, m.phone, m.birth_year, m.sex, m.status)::text, row('王**', '330***********' || right(pg_temp.id_no('1950-03-04', 17), 4), '138********00', 1950, 'male', 'active')::text,
    'masked by default') FROM who, community.person_masked(330299001001, id) m WHERE k = 'wang';
SELECT is(m.id_no, '********', 'a foreign document is masked whole') FROM who, community.person_masked(330299001001, id) m WHERE k = 'li';
SELECT ok(position('王小明'::bytea IN convert_to(p::text, 'UTF8')) = 0 AND strpos(p::text, encode('王小明', 'hex')) = 0, 'the row holds no clear name')
  FROM community.person p, who WHERE p.person_id = id AND k = 'wang';
SELECT isnt(a.name_sealed, b.name_sealed, 'one text is sealed differently for two persons')
  FROM community.person a, community.person b, who x, who y WHERE a.person_id = x.id AND b.person_id = y.id AND x.k = 'wang' AND y.k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.unseal_under(k.data_key, community._person_place('key', 330299001001, %1$s), p.phone_sealed, community._person_place('name', 330299001001, %1$s))
    FROM community.person p JOIN community.person_key k USING (community_id, person_id) WHERE p.person_id = %1$s$$, id)),
    '22000 the sealed value does not belong here', 'a value opens only in its own column') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.person_add(330299001002, 'x', 'resident_id', %L)$$, pg_temp.id_no('1950-03-04', 17))), 'person_known', 'one record in the whole city');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, 'x', 'resident_id', '330203195003040172')$$), 'id_no_invalid', 'check character');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, '', NULL, NULL)$$), 'person_name_invalid', 'no name');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, 'x', 'passport', NULL)$$), 'id_kind_invalid', 'a kind without a number');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, 'x', NULL, NULL, 'call me')$$), 'phone_invalid', 'no telephone number');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, 'x', NULL, NULL, NULL, '{"birth_year": "19x0"}')$$), 'birth_year_invalid', 'no year');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299001001, 'x', NULL, NULL, NULL, '{"sex": "m"}')$$), 'sex_invalid', 'no sex');
SELECT is(pg_temp.reason(format($$SELECT community.person_add(330299001001, 'x', 'resident_id', %L, NULL, '{"sex": "male"}')$$, pg_temp.id_no('1960-03-04', 16))), 'sex_invalid', 'sex against the document');
SELECT is(pg_temp.reason($$SELECT community.person_add(330299009009, 'x')$$), 'community_unknown', 'unknown community');

SELECT is(pg_temp.reason(format($$SELECT community.person_add(330299001002, 'x', 'passport', %L)$$, n)), 'person_known', 'the same number written ' || n)
  FROM unnest(ARRAY['e 1234-5678', 'Ｅ１２３４５６７８', U&'E1234\200B5678', U&'E1234\00A05678']) n;

-- Finding.
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', pg_temp.id_no('1950-03-04', 17))), ARRAY[id], 'found by number') FROM who WHERE k = 'wang';
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', 'Ｅ１２３４５６７８')), ARRAY[id], 'found by number in full width') FROM who WHERE k = 'li';
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'phone', '13800138000')), ARRAY[id], 'found by phone in another spelling') FROM who WHERE k = 'wang';
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'name', '李华')), ARRAY[id], 'found by name') FROM who WHERE k = 'li';
SELECT is_empty($$SELECT FROM community.person_find(330299001002, 'name', '李华')$$, 'nothing is told of another community');
SELECT is(pg_temp.reason($$SELECT community.person_find(330299001001, 'sex', 'male')$$), 'find_field_invalid', 'no other search');

-- Correcting.
SELECT lives_ok(format($$SELECT community.person_update(330299001001, %s, '{"name": "李桦", "phone": "0574-87654321"}')$$, id), 'a correction') FROM who WHERE k = 'li';
SELECT is(m.name || m.phone, '李*' || '057********21', 'is seen') FROM who, community.person_masked(330299001001, id) m WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.person_update(330299001001, %s, %L)$$, id, jsonb_build_object('id_kind', 'resident_id', 'id_no', pg_temp.id_no('1950-03-04', 17)))),
    'person_known', 'a correction takes nobody''s number') FROM who WHERE k = 'li';
SELECT is((SELECT count(*) FROM community.audit_log WHERE action = 'person_update' AND detail::text !~ '桦'), 1::bigint, 'the audit names fields, not values');

-- Residences.
SELECT is(pg_temp.reason(format($$SELECT community.residence_add(330299001001, %s, 'registered', '2021-01-01')$$, id)), 'residence_overlap', 'one registration a time') FROM who WHERE k = 'wang';
SELECT lives_ok(format($$SELECT community.residence_add(330299001001, %s, 'floating', '2022-06-01', '{"place_id": 330299001002, "replace": true}')$$, id), 'he lives elsewhere from a day on') FROM who WHERE k = 'wang';
SELECT results_eq(format($$SELECT kind, lives, place_id, valid FROM community.residence WHERE person_id = %s ORDER BY lower(valid), kind$$, id),
    $$VALUES ('registered', true, 330299001001, daterange('2020-01-01', '2022-06-01')), ('floating', true, 330299001002, daterange('2022-06-01', NULL)), ('registered', false, 330299001001, daterange('2022-06-01', NULL))$$,
    'the registration goes on') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, valid, stat_key, sex) SELECT 330299001001, %s, 'overseas', true, 330299001001, '[2023-01-01,)', 1, 'male'$$, id)),
    '23P01 conflicting key value violates exclusion constraint "residence_lives_excl"', 'one place to live, for any client') FROM who WHERE k = 'wang';
-- One of each kind a time, for any client; one after the other is none of it.
SELECT is(left(pg_temp.reason(format($$INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, valid, stat_key, sex) SELECT 330299001001, %s, %L, false, 330299001001, v::daterange, 1, 'female' FROM unnest('{"[2010-01-01,2012-01-01)","[2011-12-31,2013-01-01)"}'::text[]) v$$, id, kind)), 81),
    '23P01 conflicting key value violates exclusion constraint "residence_kind_excl"', 'one ' || kind || ' a time') FROM who, unnest('{registered,floating,overseas,workplace}'::text[]) kind WHERE k = 'li';
SELECT lives_ok(format($$INSERT INTO community.residence (community_id, person_id, kind, lives, place_id, valid, stat_key, sex) SELECT 330299001001, %s, 'workplace', false, 330299001001, v::daterange, 1, 'female' FROM unnest('{"[2010-01-01,2012-01-01)","[2012-01-01,2013-01-01)"}'::text[]) v$$, id), 'one after the other') FROM who WHERE k = 'li';
DELETE FROM community.residence WHERE valid <@ '[2010-01-01,2013-01-01)'::daterange;
SELECT is(left(pg_temp.reason($$INSERT INTO community.person_index SELECT id_hash, 330299001002, 0 FROM community.person_index LIMIT 1$$), 5), '23505', 'one number in the whole city, for any client');
SELECT is(pg_temp.reason(format($$SELECT community.residence_add(330299001001, %s, 'home')$$, id)), 'residence_kind_invalid', 'kinds') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.residence_add(330299001001, %s, 'workplace', '2020-01-01', '{"lives": true}')$$, id)), 'residence_invalid', 'nobody lives at work') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.residence_add(330299001001, %s, 'floating', '2020-01-01', '{"grid_code": "330299001001999"}')$$, id)), 'residence_place_unknown', 'grids are checked') FROM who WHERE k = 'li';
SELECT lives_ok(format($$SELECT community.residence_add(330299001001, %s, 'overseas', '2020-01-01', '{"outside": "GB"}')$$, id), 'outside of the city') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason($$SELECT community.residence_end(330299001001, 1, '1999-01-01')$$), 'residence_not_found', 'nothing to end');

-- Households.
SELECT community.household_add(330299001001, '2020-01-01') AS household \gset
SELECT lives_ok(format($$SELECT community.household_join(330299001001, %s, %s, 'head', '2020-01-01')$$, :household, id), 'a head') FROM who WHERE k = 'wang';
SELECT lives_ok(format($$SELECT community.household_join(330299001001, %s, %s, 'grandchild', '2020-01-01')$$, :household, id), 'a grandchild') FROM who WHERE k = 'child';
SELECT is(pg_temp.reason(format($$SELECT community.household_join(330299001001, %s, %s, 'head', '2020-01-01')$$, :household, id)), 'household_member_overlap', 'one head') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.household_join(330299001001, 0, %s, 'head', '2020-01-01')$$, id)), 'household_not_found', 'no such household') FROM who WHERE k = 'li';

SELECT is(pg_temp.reason(format($$SELECT community.household_join(330299001001, %s, %s, %L, '2020-01-01')$$, :household, id, r)), 'household_form', 'no such relation') FROM who, unnest('{cousin,NULL}'::text[]) r WHERE k = 'li';
SELECT is(pg_temp.reason($$SELECT community.household_add(330299001001, '2020-01-01', '{"kind": "hotel"}')$$), 'household_form', 'no such kind');
SELECT community.household_add(330299001001, '2020-01-01') AS household2 \gset
SELECT is(left(pg_temp.reason(format($$INSERT INTO community.household_member SELECT 330299001001, %s, %s, 'other', '[2021-01-01,)'$$, :household2, id)), 5), '23P01', 'one household a person, for any client') FROM who WHERE k = 'wang';
-- Care.
SELECT lives_ok(format($$SELECT community.care_add(330299001001, %s, 'living_alone', '2020-01-01'), community.care_add(330299001001, %1$s, 'dementia', '2021-01-01')$$, id), 'tags') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.care_add(330299001001, %s, 'living_alone', '2022-01-01')$$, id)), 'care_known', 'a tag once a time') FROM who WHERE k = 'wang';
SELECT is(left(pg_temp.reason(format($$INSERT INTO community.care_tag (community_id, person_id, tag, valid) SELECT 330299001001, %s, 'living_alone', '[2022-01-01,)'$$, id)), 5), '23P01', 'for any client') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.care_add(330299001001, %s, 'nice')$$, id)), 'care_kind_unknown', 'kinds of care are data') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.care_end(330299001001, %s, 'veteran')$$, id)), 'care_not_found', 'nothing to end') FROM who WHERE k = 'wang';

-- Guardians, acting for others, consent.
SELECT is(pg_temp.reason(format($$SELECT community.consent_give(330299001001, %s, 'care', 'form 1')$$, id)), 'consent_minor', 'a child does not consent alone') FROM who WHERE k = 'child';
SELECT is(pg_temp.reason(format($$SELECT community.consent_give(330299001001, %s, 'care', 'form 1', '{"by_person_id": %s}')$$, c.id, w.id)), 'guardian_missing', 'nor does anybody for it') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.guardian_add(330299001001, %s, 330299001001, %s, 'guardian', 'court')$$, w.id, c.id)), 'guardian_invalid', 'a child is nobody''s guardian') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT lives_ok(format($$SELECT community.guardian_add(330299001001, %s, 330299001001, %s, 'guardian', 'court decision, file 7')$$, c.id, w.id), 'a guardian') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.guardian_add(330299001001, %s, 330299001001, %s, 'proxy', 'paper')$$, c.id, w.id)), 'guardian_known', 'once a time') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT lives_ok(format($$SELECT community.consent_give(330299001001, %s, 'care', 'form 1', '{"by_person_id": %s}')$$, c.id, w.id), 'the guardian consents') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT results_eq($$SELECT a.action, a.object, a.actor FROM community.proxy_act a$$, $$SELECT 'consent', 'consent/' || consent_id, 'postgres' FROM community.consent$$, 'acting for somebody is on record');
SELECT ok(community.has_consent(330299001001, id, 'care') AND NOT community.has_consent(330299001001, id, 'care', true), 'sensitive data need a separate consent') FROM who WHERE k = 'child';
SELECT is(pg_temp.reason(format($$SELECT community.consent_give(330299001001, %s, 'care', ' ')$$, id)), 'consent_invalid', 'evidence') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.consent_give(330299001001, %s, 'fun', 'x')$$, id)), 'purpose_unknown', 'purposes are data') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason($$SELECT community.consent_withdraw(330299001001, consent_id, '{"by_person_id": 0}') FROM community.consent$$), 'guardian_missing', 'nobody else withdraws for it');
SELECT community.consent_withdraw(330299001001, consent_id, jsonb_build_object('by_person_id', id)) FROM community.consent, who WHERE k = 'wang';
SELECT results_eq($$SELECT a.action, a.object FROM community.proxy_act a ORDER BY proxy_act_id$$, $$SELECT 'consent', kind || consent_id FROM community.consent, (VALUES (1, 'consent/'), (2, 'withdrawal/')) v (n, kind) ORDER BY n$$, 'the guardian withdraws, which is on record too');
-- A copy of what is held, asked for by the guardian; and a proxy for one thing only.
SELECT is(pg_temp.reason(format($$SELECT community.access_open('subject', 'person/330299001001/%s', '{"reason": "copy", "by_person_id": %s}')$$, c.id, l.id)), 'guardian_missing', 'not everybody asks for a copy') FROM who c, who l WHERE c.k = 'child' AND l.k = 'li';
SELECT lives_ok(format($$SELECT community.access_open('subject', 'person/330299001001/%s', '{"reason": "copy", "by_person_id": %s}')$$, c.id, w.id), 'the guardian asks for a copy') FROM who c, who w WHERE c.k = 'child' AND w.k = 'wang';
SELECT is((SELECT action || ' ' || (object = 'ticket/' || (SELECT max(ticket_id) FROM community.access_ticket)) FROM community.proxy_act ORDER BY proxy_act_id DESC LIMIT 1), 'subject true', 'under the number of the ticket');
SELECT community.guardian_add(330299001001, w.id, 330299001001, l.id, 'proxy', 'paper of 2 May', CURRENT_DATE, '{"actions": ["subject"]}') AS proxy FROM who w, who l WHERE w.k = 'wang' AND l.k = 'li' \gset
SELECT is(pg_temp.reason(format($$SELECT community.consent_give(330299001001, %s, 'care', 'form 1', '{"by_person_id": %s}')$$, w.id, l.id)), 'guardian_missing', 'a proxy for one thing does no other') FROM who w, who l WHERE w.k = 'wang' AND l.k = 'li';
SELECT lives_ok(format($$SELECT community.access_open('subject', 'person/330299001001/%s', '{"reason": "copy", "by_person_id": %s}')$$, w.id, l.id), 'but that one') FROM who w, who l WHERE w.k = 'wang' AND l.k = 'li';
SELECT community.guardian_end(330299001001, :proxy, CURRENT_DATE + 1);
UPDATE community.guardian SET valid = daterange(CURRENT_DATE - 5, CURRENT_DATE) WHERE guardian_id = :proxy;
SELECT is(pg_temp.reason(format($$SELECT community.access_open('subject', 'person/330299001001/%s', '{"reason": "copy", "by_person_id": %s}')$$, w.id, l.id)), 'guardian_missing', 'no longer than it holds') FROM who w, who l WHERE w.k = 'wang' AND l.k = 'li';
SELECT ok(NOT community.has_consent(330299001001, id, 'care'), 'withdrawn') FROM who WHERE k = 'child';
SELECT is(pg_temp.reason($$SELECT community.consent_withdraw(330299001001, consent_id) FROM community.consent$$), 'consent_not_found', 'once');
SELECT is(pg_temp.reason($$SELECT community.guardian_end(330299001001, 0)$$), 'guardian_missing', 'no such guardianship');

-- Tickets: what can be told inside of one transaction.
SELECT is(pg_temp.reason(format($$SELECT community.access_open('fun', 'person/330299001001/%s', '{"reason": "x"}')$$, id)), 'purpose_unknown', 'a purpose') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.access_open('contact', 'person/330299001001/%s')$$, id)), 'access_reason_missing', 'a reason') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason($$SELECT community.access_open('contact', 'person/330299001001/1 OR true', '{"reason": "x"}')$$), 'access_object_invalid', 'an object');
SELECT is(pg_temp.reason($$SELECT community.access_open('contact', 'population/330299001001', '{"reason": "x"}')$$), 'purpose_fields', 'no counts for this purpose');
SELECT is(pg_temp.reason($$SELECT community.access_open('contact', 'person/330299001001/99999999', '{"reason": "x"}')$$), 'person_not_found', 'a person');
SELECT is(pg_temp.reason(format($$SELECT community.access_open('contact', 'person/330299001001/%s', '{"reason": "x", "fields": ["id_no"]}')$$, id)), 'purpose_fields', 'only the fields of the purpose') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason(format($$SELECT community.access_open('care', 'person/330299001001/%s', '{"reason": "x"}')$$, id)), 'consent_missing', 'consent where the purpose rests on it') FROM who WHERE k = 'wang';
SELECT is(pg_temp.reason($$SELECT community.access_open('subject', 'person/330299001001/' || string_agg(id::text, ','), '{"reason": "x"}') FROM who$$), 'purpose_rows', 'at most so many');
SELECT community.access_open('contact', 'person/330299001001/' || id, '{"reason": "call back"}') AS ticket FROM who WHERE k = 'wang' \gset
SELECT results_eq(format('SELECT status, value FROM community.access_read(%s)', :ticket), $$VALUES ('ticket_uncommitted', NULL::text)$$, 'not before the commit');
SAVEPOINT s;
SELECT results_eq(format('SELECT status, value FROM community.access_read(%s)', :ticket), $$VALUES ('ticket_uncommitted', NULL::text)$$, 'nor behind a savepoint');
ROLLBACK TO s;
SELECT results_eq('SELECT status FROM community.access_read(0)', $$VALUES ('ticket_unknown')$$, 'no such ticket');
SELECT is(community.person_export(:ticket) ->> 'status', 'ticket_uncommitted', 'no export either');
-- A ticket of an earlier transaction, as a commit would leave it.
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT is((SELECT string_agg(status || field || value, ',' ORDER BY field) FROM community.access_read(:ticket)), 'okname王小明,okphone138 0013 8000', 'a committed ticket reads');
SELECT is((SELECT string_agg(action || status || rows, ',' ORDER BY access_id) FROM community.access_log WHERE ticket_id = :ticket),
    'openok1,readticket_uncommitted0,readticket_uncommitted0,readok1', 'every reading is logged, denials too');
SELECT results_eq($$SELECT community_id, purpose, times FROM community.access_by('postgres', now() - interval '1 hour', now() + interval '1 hour') WHERE purpose = 'contact'$$,
    $$VALUES (330299001001, 'contact', 2::bigint)$$, 'whose data a role read');
UPDATE community.access_ticket SET expires_at = opened_at WHERE ticket_id = :ticket;
SELECT results_eq(format('SELECT status, value FROM community.access_read(%s)', :ticket), $$VALUES ('ticket_expired', NULL::text)$$, 'not after its time');
SELECT community.consent_give(330299001001, id, 'care', 'form 2', '{"sensitive": true}') AS consent FROM who WHERE k = 'wang' \gset
SELECT community.access_open('care', 'person/330299001001/' || id, '{"reason": "visit"}') AS ticket FROM who WHERE k = 'wang' \gset
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT is((SELECT string_agg(value, ',') FROM community.access_read(:ticket) WHERE field = 'care'), 'living_alone', 'tags above the sensitivity of the purpose stay hidden');
SELECT community.consent_withdraw(330299001001, :consent);
SELECT is((SELECT string_agg(status, ',') FROM community.access_read(:ticket)), 'consent_missing', 'a withdrawn consent closes the ticket');
SELECT is_empty($$SELECT * FROM community.audit_verify(330299001001)$$, 'the audit chain holds');
SELECT community.access_open('subject', 'person/330299001001/' || id, '{"reason": "asks for a copy"}') AS ticket FROM who WHERE k = 'wang' \gset
UPDATE community.access_ticket SET xact = (SELECT xmin::text::xid8 FROM pg_proc WHERE proname = 'access_read' LIMIT 1) WHERE ticket_id = :ticket;
SELECT ok(d #>> '{persons,0,values,name}' = '王小明' AND jsonb_array_length(d #> '{persons,0,residences}') = 3 AND jsonb_array_length(d #> '{persons,0,care}') = 2
    AND jsonb_array_length(d #> '{persons,0,readings}') > 3, 'a copy for the person') FROM community.person_export(:ticket) d;

-- Duplicates.
INSERT INTO who SELECT 'dup', community.person_add(330299001001, '李华', 'resident_id', pg_temp.id_no('1990-05-06', 12), '13900000000');
INSERT INTO who SELECT 'dup2', community.person_add(330299001001, '李华华');
SELECT community.residence_add(330299001001, id, 'workplace', '2021-01-01') FROM who WHERE k = 'dup2';
SELECT community.care_add(330299001001, id, 'veteran', '2021-01-01') FROM who WHERE k = 'dup2';
SELECT is(pg_temp.reason(format($$SELECT community.person_merge(330299001001, %s, %s, 'same')$$, a.id, b.id)), 'merge_numbers', 'two numbers are two persons') FROM who a, who b WHERE a.k = 'wang' AND b.k = 'dup';
SELECT is(pg_temp.reason(format($$SELECT community.person_merge(330299001001, %s, %1$s, 'same')$$, id)), 'merge_invalid', 'with itself') FROM who WHERE k = 'wang';
CREATE TEMP TABLE before AS SELECT r.residence_id, r.person_id, r.valid, r.suspended_by FROM community.residence r;
SELECT community.person_merge(330299001001, a.id, b.id, 'same face') AS merge FROM who a, who b WHERE a.k = 'dup2' AND b.k = 'dup' \gset
SELECT community.person_merge(330299001001, a.id, b.id, 'same face') AS merge2 FROM who a, who b WHERE a.k = 'li' AND b.k = 'dup2' \gset
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', 'E12345678')), ARRAY[id], 'the record that stays keeps its number') FROM who WHERE k = 'li';
SELECT is((SELECT person_id FROM community.person_index WHERE id_hash = (SELECT id_hash FROM community.person p, who d WHERE p.person_id = d.id AND d.k = 'dup')), id, 'the number of the first duplicate leads to the record that stays') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.person_add(330299001002, 'x', 'resident_id', %L)$$, pg_temp.id_no('1990-05-06', 12))), 'person_known', 'and is not entered anew');
SELECT is((SELECT count(*) FROM community.residence r JOIN community.care_tag t USING (community_id, person_id, merge_id) WHERE r.person_id = id AND r.merge_id = :merge2), 1::bigint, 'residence and tag came along') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.person_update(330299001001, %s, '{"sex": "male"}')$$, id)), 'person_closed', 'a merged record is closed') FROM who WHERE k = 'dup2';
SELECT is(pg_temp.reason(format($$SELECT community.person_unmerge(330299001001, %s)$$, :merge)), 'person_closed', 'merges are undone in reverse');
SELECT community.person_unmerge(330299001001, :merge2);
SELECT community.person_unmerge(330299001001, :merge);
SELECT is(pg_temp.reason(format($$SELECT community.person_unmerge(330299001001, %s)$$, :merge)), 'merge_not_found', 'undone once');
SELECT results_eq('SELECT r.residence_id, r.person_id, r.valid, r.suspended_by FROM community.residence r ORDER BY 1', 'SELECT * FROM before ORDER BY 1', 'all is as before');
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', pg_temp.id_no('1990-05-06', 12))), ARRAY[id], 'the duplicate has its number again') FROM who WHERE k = 'dup';

-- A number corrected between merge and unmerge: both records have theirs, and both stay unique.
INSERT INTO who SELECT 'bare', community.person_add(330299001001, '无号');
INSERT INTO who SELECT 'numbered', community.person_add(330299001001, '无号', 'passport', 'M11111111');
SELECT community.person_merge(330299001001, a.id, b.id, 'same face') AS merge FROM who a, who b WHERE a.k = 'bare' AND b.k = 'numbered' \gset
SELECT community.person_update(330299001001, id, '{"id_no": "M22222222"}') FROM who WHERE k = 'bare';
SELECT community.person_unmerge(330299001001, :merge);
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', 'M22222222')), ARRAY[id], 'the corrected number stays') FROM who WHERE k = 'bare';
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001001, 'id_no', 'M11111111')), ARRAY[id], 'the first one goes back') FROM who WHERE k = 'numbered';
SELECT is(pg_temp.reason(format($$SELECT community.person_add(330299001002, 'x', 'passport', %L)$$, n)), 'person_known', n || ' is not entered anew') FROM unnest('{M11111111,M22222222}'::text[]) n;
SELECT community.person_merge(330299001001, a.id, b.id, 'same face') AS merge FROM who a, who b WHERE a.k = 'child' AND b.k = 'numbered' \gset
SELECT community.person_update(330299001001, id, '{"id_no": "M33333333"}') FROM who WHERE k = 'child';
INSERT INTO who SELECT 'again', community.person_add(330299001002, '无号', 'passport', 'M11111111');
SELECT is(pg_temp.reason(format('SELECT community.person_unmerge(330299001001, %s)', :merge)), 'person_known', 'a number that somebody has by now does not go back');

-- The household goes along with the duplicate, and back.
SELECT community.household_add(330299001001, '2024-01-01') AS house \gset
INSERT INTO who SELECT k, community.person_add(330299001001, '户主') FROM unnest('{head,head2,heir}'::text[]) k;
SELECT community.household_join(330299001001, :house, id, 'head', '2024-01-01') FROM who WHERE k = 'head2';
SELECT community.person_merge(330299001001, a.id, b.id, 'one person') AS merge FROM who a, who b WHERE a.k = 'head' AND b.k = 'head2' \gset
SELECT results_eq(format('SELECT person_id, relation, lower(valid) FROM community.household_member WHERE household_id = %s AND suspended_by IS NULL', :house),
    format($$VALUES (%s::bigint, 'head', '2024-01-01'::date)$$, id), 'the kept record heads the household') FROM who WHERE k = 'head';
SELECT is(pg_temp.reason(format($$SELECT community.household_join(330299001001, %s, %s, 'head', '2024-06-01')$$, :house, id)), 'household_member_overlap', 'nobody else does') FROM who WHERE k = 'heir';
SAVEPOINT headed;
SELECT community.household_join(330299001001, :house, a.id, 'parent', '2024-06-01'), community.household_join(330299001001, :house, b.id, 'head', '2024-06-01') FROM who a, who b WHERE a.k = 'head' AND b.k = 'heir';
SELECT is(pg_temp.reason(format('SELECT community.person_unmerge(330299001001, %s)', :merge)), 'household_member_overlap', 'no way back while another heads it');
ROLLBACK TO headed;
SELECT community.person_unmerge(330299001001, :merge);
SELECT results_eq(format('SELECT person_id, relation, suspended_by, merge_id FROM community.household_member WHERE household_id = %s', :house),
    format($$VALUES (%s::bigint, 'head', NULL::bigint, NULL::bigint)$$, id), 'and back') FROM who WHERE k = 'head2';

-- Moving.
INSERT INTO who SELECT 'wang2', community.person_move(330299001001, id, 330299001002, '2024-02-01', '{"kind": "floating"}') FROM who WHERE k = 'wang';
SELECT is(m.name || m.birth_year || m.status, '王**1950active', 'the person is there') FROM who, community.person_masked(330299001002, id) m WHERE k = 'wang2';
SELECT is(status || moved_community_id, 'moved330299001002', 'the old record says where to') FROM community.person, who WHERE person_id = id AND k = 'wang';
SELECT is((SELECT array_agg(person_id) FROM community.person_find(330299001002, 'id_no', pg_temp.id_no('1950-03-04', 17))), ARRAY[id], 'the number leads there') FROM who WHERE k = 'wang2';
SELECT results_eq(format($$SELECT kind, lives, place_id, valid FROM community.residence WHERE person_id = %s ORDER BY kind$$, id),
    $$VALUES ('floating', true, 330299001002, daterange('2024-02-01', NULL)), ('registered', false, 330299001001, daterange('2024-02-01', NULL))$$, 'the registration goes along') FROM who WHERE k = 'wang2';
SELECT is((SELECT count(*) FROM community.residence WHERE person_id = id AND upper_inf(valid)), 0::bigint, 'nothing runs on in the old record') FROM who WHERE k = 'wang';
SELECT is((SELECT string_agg(tag, ',' ORDER BY tag) FROM community.care_tag WHERE person_id = id AND valid @> '2024-02-01'::date), 'dementia,living_alone', 'tags go along') FROM who WHERE k = 'wang2';
SELECT is((SELECT string_agg(by_community_id || ' ' || valid, ',' ORDER BY valid) FROM community.guardian g WHERE g.by_person_id = id), '330299001002 [2024-02-01,)', 'he stays the guardian') FROM who WHERE k = 'wang2' AND CURRENT_DATE <= '2024-02-01';
SELECT is(a.stat_key, b.stat_key, 'statistics know the same person') FROM community.person a, community.person b, who x, who y WHERE a.person_id = x.id AND x.k = 'wang' AND b.person_id = y.id AND y.k = 'wang2';
SELECT is(pg_temp.reason(format($$SELECT community.person_move(330299001001, %s, 330299001001)$$, id)), 'person_day_invalid', 'not to where one is') FROM who WHERE k = 'li';

-- Death, departure, erasure.
SELECT is(pg_temp.reason(format($$SELECT community.person_death(330299001001, %s, CURRENT_DATE + 1)$$, id)), 'person_day_invalid', 'nobody dies tomorrow') FROM who WHERE k = 'li';
SELECT is(pg_temp.reason(format($$SELECT community.person_death(330299001001, %s, '-infinity')$$, id)), 'person_day_invalid', 'nor before all time') FROM who WHERE k = 'bare';
SELECT is(pg_temp.reason(format($$SELECT community.guardian_add(330299001001, %s, 330299001001, %s, 'proxy', 'paper', %s)$$, a.id, b.id, since)), 'guardian_invalid', 'nobody acts since ' || since)
  FROM who a, who b, unnest(ARRAY['NULL', quote_literal('-infinity')]) since WHERE a.k = 'dup' AND b.k = 'bare';
SELECT community.person_death(330299001002, id, '2025-01-01') FROM who WHERE k = 'wang2';
SELECT is(status || closed_on, 'dead2025-01-01', 'dead') FROM community.person, who WHERE person_id = id AND k = 'wang2';
SELECT is((SELECT count(*) FROM community.residence WHERE person_id = id AND valid @> '2025-01-01'::date), 0::bigint, 'the dead live nowhere') FROM who WHERE k = 'wang2';
SELECT community.person_depart(330299001001, id, '2025-03-01') FROM who WHERE k = 'dup';
SELECT lives_ok(format($$SELECT community.person_add(330299001002, '李华', 'resident_id', %L)$$, pg_temp.id_no('1990-05-06', 12)), 'who left may come back');
SELECT is(pg_temp.reason(format($$SELECT community.person_erase(330299001002, %s, '')$$, id)), 'erase_invalid', 'an erasure has a reason') FROM who WHERE k = 'wang2';
SELECT is(community.person_erase(330299001002, id, 'request 12'), 2::bigint, 'erased with the record that the move left') FROM who WHERE k = 'wang2';
SELECT is((SELECT count(*) FROM community.person_key k, who WHERE k.person_id = id AND who.k IN ('wang', 'wang2')), 0::bigint, 'the data keys are gone');
SELECT is(coalesce(p.name_sealed, p.id_no_sealed, p.phone_sealed, p.id_hash, p.name_hash, p.phone_hash), NULL, 'so is every value') FROM community.person p, who WHERE person_id = id AND k = 'wang';
SELECT is(birth_year, 1950::smallint, 'what statistics count stays') FROM community.person, who WHERE person_id = id AND k = 'wang';
SELECT is(m.name, NULL, 'nothing is left to mask') FROM who, community.person_masked(330299001002, id) m WHERE k = 'wang2';
SELECT lives_ok(format($$SELECT community.person_add(330299001002, '王小明', 'resident_id', %L)$$, pg_temp.id_no('1950-03-04', 17)), 'the number is forgotten too');
SELECT is(pg_temp.reason(format($$SELECT community.person_erase(330299001002, %s, 'again')$$, id)), 'person_closed', 'erased once') FROM who WHERE k = 'wang2';
SELECT is_empty($$SELECT * FROM community.audit_log WHERE to_jsonb(audit_log)::text ~ '王小明|李华|13800138000|E12345678'$$, 'no clear value in the audit');

INSERT INTO who SELECT 'twin', community.person_add(330299001001, '丁丁', 'passport', 'T1111111', NULL, '{"birth_year": "1960", "residence": {"kind": "registered", "since": "2020-01-01", "outside": "南京路1号"}}');
INSERT INTO who SELECT 'twin2', community.person_add(330299001001, '丁丁');
SELECT community.consent_give(330299001001, id, 'care', '丁丁 signed') FROM who WHERE k = 'twin';
SELECT community.guardian_add(330299001001, a.id, 330299001001, b.id, 'proxy', 'paper of 丁丁', '2024-01-01') FROM who a, who b WHERE a.k = 'twin' AND b.k = 'bare';
SELECT community.person_merge(330299001001, a.id, b.id, 'both are 丁丁') FROM who a, who b WHERE a.k = 'twin' AND b.k = 'twin2';
SELECT is(community.person_erase(330299001001, id, 'request 13'), 2::bigint, 'whoever asks under a duplicate is erased whole') FROM who WHERE k = 'twin2';
SELECT is((SELECT string_agg(p.status, ',') FROM community.person p, who WHERE p.person_id = id AND who.k IN ('twin', 'twin2')), 'erased,erased', 'both records');
SELECT is_empty($$SELECT * FROM community.residence WHERE outside ~ '南京'$$, 'no address outside is left');
SELECT is_empty($$SELECT to_jsonb(c) FROM community.consent c WHERE evidence ~ '丁丁' UNION SELECT to_jsonb(g) FROM community.guardian g WHERE document ~ '丁丁' UNION SELECT to_jsonb(m) FROM community.person_merge m WHERE reason ~ '丁丁'$$,
    'nor a word of consents, guardianships and merges');
SELECT ok(NOT community.has_consent(330299001001, id, 'care'), 'the consent has ended') FROM who WHERE k = 'twin';

SELECT community.guardian_add(330299001001, a.id, 330299001001, b.id, 'proxy', 'paper', '2024-01-01') FROM who a, who b WHERE a.k = 'head' AND b.k = 'head2';
SELECT community.person_merge(330299001001, a.id, b.id, 'one person') FROM who a, who b WHERE a.k = 'heir' AND b.k = 'head2';
SELECT lives_ok(format($$SELECT community.act_for(330299001001, %s, 330299001001, %s, 'case', 'case/1')$$, a.id, b.id), 'a merged proxy still acts') FROM who a, who b WHERE a.k = 'head' AND b.k = 'head2';
SELECT community.person_erase(330299001001, id, 'request 14') FROM who WHERE k = 'heir';
SELECT is(pg_temp.reason(format($$SELECT community.act_for(330299001001, %s, 330299001001, %s, 'case', 'case/1')$$, a.id, b.id)), 'guardian_missing', 'an erased one does not') FROM who a, who b WHERE a.k = 'head' AND b.k = 'head2';

-- Retention.
SELECT is((SELECT status FROM community.person, who WHERE person_id = id AND k = 'dup'), 'departed', 'kept for its time');
SELECT community.run_job('party.retention', '2030-02-28');
SELECT is((SELECT status FROM community.person, who WHERE person_id = id AND k = 'dup'), 'departed', 'to the day');
SELECT community.run_job('party.retention', '2030-03-03');
SELECT is((SELECT status FROM community.person, who WHERE person_id = id AND k = 'dup'), 'departed', 'a day stated long after is not counted from');
UPDATE community.person SET closed_at = '2025-03-01' FROM who WHERE person_id = id AND k = 'dup';
SELECT community.run_job('party.retention', '2030-03-03');
SELECT is((SELECT status FROM community.person, who WHERE person_id = id AND k = 'dup'), 'anonymised', 'and no longer');
SELECT is((SELECT count(*) FROM community.person_key k, who WHERE k.person_id = id AND who.k = 'dup'), 0::bigint, 'its data key is gone');

-- Bulk import.
SELECT community.person_import_open(330299001001, 'list 1') AS batch \gset
INSERT INTO community.person_stage (line) VALUES (E'\uFEFFname,id_no,phone,birth_year,sex,residence_kind,since,grid_code,care\r');
INSERT INTO community.person_stage (line) VALUES
    ('赵一,' || pg_temp.id_no('1980-01-01', 1) || E',13700000001,,,registered,2019-05-01,330299001001001,\r'),
    ('"钱, ""二""",,,1970,male,floating,2020-02-29,,living_alone|disabled'),
    (''),
    ('孙三,' || pg_temp.id_no('1980-01-01', 1) || ',,,,,,,'),
    ('李四,330203198001010012,,,,,,,'),
    ('周五,,,,,,2020-02-30,,'),
    ('吴六,,,,,,,330299001001777,'),
    ('郑七,,,,,,,,sleepy'),
    ('"王八,,,,,,,,'),
    ('冯九,,'),
    (',,,,,,,,'),
    ('陈十,,,,,,,330299001002001x,'),
    ('褚十一,,tel,,,,,,'),
    ('卫十二,,,,,tenant,,,');
SELECT is((SELECT count(*) FROM community.person_stage WHERE line IS NOT NULL), 0::bigint, 'no clear line is stored');
SELECT is((SELECT count(*) FROM community.person_stage s WHERE encode(s.sealed, 'hex') LIKE '%' || encode('13700000001', 'hex') || '%' OR s.sealed IS NULL), 0::bigint, 'all are sealed');
SELECT results_eq(format('SELECT * FROM community.person_import(%s, 4)', :batch), 'VALUES (2::bigint, 0::bigint, 11::bigint)', 'the first lines');
SELECT results_eq(format('SELECT * FROM community.person_import(%s)', :batch), 'VALUES (2::bigint, 11::bigint, 0::bigint)', 'the rest');
SELECT results_eq(format('SELECT row_no, column_name, reason FROM community.import_error WHERE batch_id = %s ORDER BY row_no', :batch), $$VALUES
    (5::bigint, 'id_no', 'person_known'), (6, 'id_no', 'id_no_invalid'), (7, 'since', 'person_day_invalid'), (8, 'grid_code', 'residence_place_unknown'),
    (9, 'care', 'care_kind_unknown'), (10, 'row', 'import_row'), (11, 'row', 'import_row'), (12, 'name', 'person_name_invalid'),
    (13, 'grid_code', 'residence_place_unknown'), (14, 'phone', 'phone_invalid'), (15, 'residence_kind', 'residence_kind_invalid')$$, 'each error says line, column and reason');
SELECT ok(finished_at IS NOT NULL AND done = 2 AND failed = 11, 'the batch is finished') FROM community.import_batch WHERE batch_id = :batch;
SELECT results_eq($$SELECT r.kind, lower(r.valid), r.grid_id IS NOT NULL, p.birth_year::integer, (SELECT string_agg(tag, ',' ORDER BY tag) FROM community.care_tag t WHERE t.person_id = p.person_id)
    FROM community.person p JOIN community.residence r USING (community_id, person_id) WHERE p.source = 'list 1' ORDER BY p.person_id$$,
    $$VALUES ('registered', '2019-05-01'::date, true, 1980, NULL), ('floating', '2020-02-29', false, 1970, 'disabled,living_alone')$$, 'with residence and tags');
SELECT is((SELECT array_agg(name) FROM community.person_find(330299001001, 'name', '钱, "二"')), ARRAY['钱' || repeat('*', 5)], 'quoted fields');
SELECT community.person_import_open(330299001001, 'list 2') AS batch \gset
INSERT INTO community.person_stage (line) VALUES ('name,salary');
SELECT is(pg_temp.reason(format('SELECT * FROM community.person_import(%s)', :batch)), 'import_header', 'unknown columns are refused');
SELECT is(pg_temp.reason('SELECT * FROM community.person_import(0)'), 'batch_not_found', 'unknown batch');
SELECT is(pg_temp.reason($$SELECT community.person_import_open(330299001001, 'list 3', 'BIG5')$$), 'import_encoding', 'an encoding that is not taken');


-- People follow when grids change.
SELECT count(*) AS lived FROM community.residence WHERE grid_id = :grid AND valid @> '2026-01-01'::date \gset
SELECT community.grid_add('330299001001002', '东二格', 'unit', '{"type":"Polygon","coordinates":[[[121.01,29],[121.02,29],[121.02,29.01],[121.01,29.01],[121.01,29]]]}', '[2020-01-01,)') AS grid2 \gset
UPDATE community.grid SET valid = daterange(lower(valid), '2026-01-01') WHERE grid_id = :grid;
SELECT results_eq($$SELECT * FROM community.residence_regrid(330299001001, '2026-01-01')$$, format('VALUES (0::bigint, %s::bigint)', :lived), 'a grid that ended without a successor is told');
INSERT INTO community.grid_lineage (community_id, from_grid_id, to_grid_id, action, day) VALUES (330299001001, :grid, :grid2, 'merged', '2026-01-01');
SELECT results_eq($$SELECT * FROM community.residence_regrid(330299001001, '2026-01-01')$$, format('VALUES (%s::bigint, 0::bigint)', :lived), 'all go to the only successor');
SELECT is((SELECT count(*) FROM community.residence WHERE grid_id = :grid2 AND valid @> '2026-01-01'::date), :lived::bigint, 'from that day on');
SELECT is((SELECT count(*) FROM community.residence WHERE grid_id = :grid AND valid @> '2025-12-31'::date), :lived::bigint, 'the days before stay');
SELECT cmp_ok(:lived::bigint, '>', 0::bigint, 'people were there');

-- Rights.
CREATE ROLE t_clerk LOGIN;
SELECT community.member_add('t_clerk', 'person_read', 330299001002);
SELECT is_empty($$SELECT * FROM community.data_class d WHERE d.table_name IN ('person', 'residence') AND d.level IS NULL$$, 'every column is classed');
SELECT is((SELECT string_agg(DISTINCT level, ',') FROM community.data_class WHERE table_name = 'person' AND column_name ~ '_(sealed|hash)$'), 'sensitive', 'sealed columns are sensitive');
SELECT is_empty($$SELECT * FROM community.party_health() WHERE severity = 'error'$$, 'health');
SELECT is_empty($$SELECT reason FROM community.refusal WHERE module = 'party' AND reason !~ '^(organization_|credit_code_)'
    -- answers of a standby and rows of an import, tested as such; the API's own
    AND reason NOT IN ('access_standby', 'import_row', 'person_action', 'key_absent') EXCEPT SELECT reason FROM provoked$$, 'every refusal of persons was provoked');
SELECT * FROM finish();
ROLLBACK;
