-- Division and management grid codes: text, numbers, hierarchy, containment.
SET search_path = community, public;
-- refusal(statement): what an error says
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_hint text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(v_detail, ''), NULLIF(v_hint, ''));
END $$;
-- every length, trailing zero groups, the shortest form out
SELECT t AS code, t::gridcode AS shortest, t::gridcode::bigint AS number, gridcode_level(t::gridcode) AS level,
       gridcode_kind(t::gridcode) AS kind, gridcode_parent(t::gridcode) AS parent, gridcode_community(t::gridcode) AS community
  FROM unnest('{33,3302,330203,330203001,330203001001,330203001001001,330000000000000,330200,330200000000,330203001000,
               330203001001000,441900003,441900003000,442000002001,441900003001002,330203101,330203201,330203401,
               330203001201,330203001401,330203001501,330203001601,330203001901,99,9901,990101,990101001,990101001001,990101001001999}'::text[]) WITH ORDINALITY u(t, n)
 ORDER BY n;
-- what is no code
SELECT t AS code, pg_temp.refusal(format('SELECT %L::community.gridcode', t)) AS refusal
  FROM unnest(ARRAY['', '3', '330', '33020', '3302030', '33020300', '3302030010', '33020300100', '3302030010010', '33020300100100',
                    '3302030010010010', '03', '00', '000000', '0302', '3X', '33020X', '33 ', ' 33', '-3', '３３', '330001', '330000001',
                    '330203000001', '330203001000001', '330200000001', '330000000000001', '宁波']) WITH ORDINALITY u(t, n) ORDER BY n;
-- numbers of every length are taken, the number of 15 digits comes out
SELECT n AS number, n::gridcode AS code FROM unnest('{33,3302,330203,330203001,330203001001,330203001001001,330203001001000}'::bigint[]) n;
SELECT n AS number, pg_temp.refusal(format('SELECT (%L::bigint)::community.gridcode', n)) AS refusal
  FROM unnest('{0,3,-33,330,9,1000000000000000,330203000001,9223372036854775807,-9223372036854775808}'::bigint[]) WITH ORDINALITY u(n, o) ORDER BY o;
-- binary form: the number of 15 digits only
SELECT gridcode_send('3302') = int8send(330200000000000) AS binary;
CREATE TEMP TABLE wire (code gridcode);
CREATE FUNCTION pg_temp.receive(number bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COPY wire FROM PROGRAM %L (FORMAT binary)', format(
        E'printf ''PGCOPY\\n\\377\\r\\n\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\10%s\\377\\377''',
        (SELECT string_agg(chr(92) || to_char((b / 64) * 100 + (b / 8 % 8) * 10 + b % 8, 'FM000'), '' ORDER BY i)
           FROM (SELECT i, get_byte(int8send(number), i) AS b FROM generate_series(0, 7) i) s)));
    RETURN (SELECT string_agg(code::text, ',') FROM wire);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT n AS number, pg_temp.receive(n)
  FROM unnest('{330203001001000,330203,30203001001000,330203001000001,-1,1330203001001000}'::bigint[]) WITH ORDINALITY u(n, o) ORDER BY o;
-- ancestors: the town under a city without counties has no county
SELECT c AS code, l AS level, gridcode_parent(c, l) AS ancestor
  FROM unnest('{330203001001001,441900003001,3302}'::gridcode[]) c, generate_series(1, 6) l ORDER BY c, l;
SELECT gridcode_ancestors('330203001001001'), gridcode_ancestors('441900003001');
SELECT pg_temp.refusal($$SELECT community.gridcode_parent('33'::community.gridcode, 0)$$), pg_temp.refusal($$SELECT community.gridcode_parent('33'::community.gridcode, 7)$$);
SELECT gridcode_first('330203'), gridcode_last('330203'), gridcode_last('33'), gridcode_last('330203001001001');
-- containment
SELECT a, b, a @> b AS contains, a <@ b AS contained, a && b AS overlaps
  FROM (VALUES ('330203'::gridcode, '330203001001001'::gridcode), ('330203001001001', '330203'), ('330203', '330203'), ('330203', '330204'),
               ('4419', '441900003001'), ('441900003', '4419'), ('33', '44'), ('330203', '3302')) v(a, b);

-- 300,000 codes of all levels, and what must hold for each
CREATE TEMP TABLE code AS
SELECT i, left(p || c || x || t || v || g, (ARRAY[2, 4, 6, 9, 12, 15])[1 + i % 6])::gridcode AS c
  FROM (SELECT i, to_char(10 + h % 90, 'FM00') AS p, to_char(1 + h / 100 % 20, 'FM00') AS c,
               to_char(CASE WHEN i % 6 = 2 THEN 1 ELSE 0 END + h / 10000 % 20, 'FM00') AS x, to_char(1 + h / 1000000 % 30, 'FM000') AS t,
               to_char(1 + h / 100000000 % 999, 'FM000') AS v, to_char(1 + h / 1000000000000 % 999, 'FM000') AS g
          FROM (SELECT i, hashint8extended(i, 42) & 9223372036854775807 AS h FROM generate_series(1, 300000) i) s) s;
SELECT gridcode_level(c) AS level, count(*) > 1000 AS enough, bool_and(length(c::text) = (ARRAY[2, 4, 6, 9, 12, 15])[gridcode_level(c)]) AS length FROM code GROUP BY 1 ORDER BY 1;
SELECT bool_and(c::text::gridcode = c) AS text, bool_and(c::bigint::gridcode = c) AS number, bool_and(c::text::bigint::gridcode = c) AS short_number,
       bool_and(rpad(c::text, 15, '0')::gridcode = c) AS padded FROM code;
SELECT count(*) FROM (SELECT c, lag(c) OVER (ORDER BY c::text COLLATE "C") AS before FROM code) s WHERE before > c;
SELECT count(*) FROM code WHERE gridcode_level(c) > 1
   AND NOT (c <@ gridcode_parent(c) AND starts_with(c::text, gridcode_parent(c)::text) AND gridcode_level(gridcode_parent(c)) < gridcode_level(c));
CREATE TEMP TABLE pair AS
SELECT a.c, b.c AS d FROM code a JOIN code b ON b.i = a.i + 1
UNION ALL SELECT a.c, b.c FROM code a JOIN code b ON b.i = a.i + 6
UNION ALL SELECT unnest(gridcode_ancestors(c)), c FROM code WHERE i % 6 = 5
UNION ALL SELECT gridcode_parent(c), c FROM code WHERE gridcode_level(c) > 1;
SELECT count(*) > 500000 AS enough, bool_and((c @> d) = (d BETWEEN gridcode_first(c) AND gridcode_last(c))) AS range,
       bool_and((c @> d) = starts_with(rpad(d::text, 15, '0'), c::text)) AS prefix, bool_and((c @> d) = (d <@ c)) AS contained,
       bool_and((c && d) = (c @> d OR d @> c)) AS overlaps FROM pair;
-- hashes
SELECT count(DISTINCT gridcode_hash(c)) > 0.999 * count(DISTINCT c) AS hash32, count(DISTINCT gridcode_hash_extended(c, 1)) = count(DISTINCT c) AS hash64,
       bool_and((gridcode_hash_extended(c, 0) & 4294967295) = (gridcode_hash(c)::bigint & 4294967295)) AS low_half FROM code;
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcintype = 'gridcode'::regtype ORDER BY 1;
SELECT count(*) FILTER (WHERE NOT proleakproof) AS leaky, count(*) FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
 WHERE oprleft = 'gridcode'::regtype AND oprright = 'gridcode'::regtype;
