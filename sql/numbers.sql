-- Numbers with check digits.
SET search_path = community, public;
-- the examples of the standards' texts
SELECT resident_id_valid('360426199101010071') AS a, resident_id_valid('44011320141005001X') AS b,
       resident_id_valid('36042619910102009X') AS c;
SELECT credit_code_valid('91110000600037341L') AS a, credit_code_valid('91350100M000100Y43') AS b,
       credit_code_valid('91350100M000100Y44') AS c;
SELECT luhn_valid('79927398713') AS a, luhn_valid('79927398710') AS b, luhn_valid('0') AS c,
       luhn_valid('00') AS d, luhn_valid('') AS e, luhn_valid('4-2') AS f;
SELECT card_number_valid('4111111111111111') AS a, card_number_valid('79927398713') AS too_short,
       card_number_valid('41111111111111110000') AS too_long;
-- form, date and letter case
SELECT resident_id_valid('44011320141005001x') AS lower_case,
       resident_id_valid('44011320141005001') AS short,
       resident_id_valid('44011320141005001X ') AS blank,
       resident_id_valid('４４０１１３２０１４１００５００１Ｘ') AS full_width,
       resident_id_valid('') AS empty, resident_id_valid(NULL) IS NULL AS null_stays;
-- a right check character does not make a date
WITH d(number) AS (
    SELECT v || substr('10X98765432', 1 + (SELECT sum(w * substr(v, i::int, 1)::int)::int % 11
             FROM unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY u(w, i)), 1)
      FROM unnest('{33020319000229001,33020320000229001,33020319990431001,33020319991301001,
                    33020319990001001,33020319990100001,33020317991231001,33020330000101001}'::text[]) v)
SELECT number, resident_id_valid(number), resident_id_birth(number) FROM d;
SELECT resident_id_birth('360426199101010071'), resident_id_sex('360426199101010071'),
       resident_id_sex('44011320141005001X'),
       resident_id_birth('360426199101010072') IS NULL AS no_birth,
       resident_id_sex('360426199101010072') IS NULL AS no_sex;
SELECT n, resident_id_sex(n) FROM (VALUES ('44011320141005001X'), ('360426199101010063')) v(n);
-- masks
SELECT resident_id_mask('360426199101010071'), resident_id_mask('3604261991'), resident_id_mask('');
SELECT card_number_mask('4111111111111111'), phone_mask('13812345678'), phone_mask('110'),
       name_mask('欧阳修'), name_mask('李四'), name_mask('李'), name_mask('');
-- domains
SELECT '360426199101010071'::resident_id, '91110000600037341L'::credit_code, NULL::resident_id;
SELECT '360426199101010072'::resident_id;
SELECT '91110000600037341M'::credit_code;
-- every single-digit variant of a valid number is refused
SELECT count(*) AS variants, count(*) FILTER (WHERE resident_id_valid(v)) AS accepted
  FROM (SELECT overlay(n PLACING c FROM p FOR 1) AS v, n
          FROM unnest('{360426199101010071,44011320141005001X,330203200002290017}'::text[]) n,
               generate_series(1, 18) p, unnest(string_to_array('0123456789X', NULL)) c
         WHERE resident_id_valid(n)) s WHERE v <> n;
SELECT count(*) AS variants, count(*) FILTER (WHERE credit_code_valid(v)) AS accepted
  FROM (SELECT overlay(n PLACING c FROM p FOR 1) AS v, n
          FROM unnest('{91110000600037341L,91350100M000100Y43}'::text[]) n,
               generate_series(1, 18) p, unnest(string_to_array('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', NULL)) c) s
 WHERE v <> n;
SELECT count(*) AS variants, count(*) FILTER (WHERE luhn_valid(v)) AS accepted
  FROM (SELECT overlay(n PLACING c FROM p FOR 1) AS v, n
          FROM unnest('{4111111111111111,79927398713}'::text[]) n,
               generate_series(1, length(n)) p, unnest(string_to_array('0123456789', NULL)) c) s WHERE v <> n;
