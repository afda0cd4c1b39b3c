-- When two names mean the same facility.

CREATE OR REPLACE FUNCTION community._name_numerals(p_name text)
RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT m.m[1] FROM regexp_matches(p_name, '([0-9A-Za-z]+|[一二三四五六七八九十东南西北]+)(?=期|号|幢|栋|座|馆|区|门|楼|校区|分院|院区)', 'g') AS m(m) ORDER BY 1);
COMMENT ON FUNCTION community._name_numerals(text) IS 'Numbers and letters that tell buildings, phases, gates and branches apart in a name. / 名称中区分楼栋、期数、门号与院区的编号。';

CREATE OR REPLACE FUNCTION community._facility_alikeness(p_a text, p_b text)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000
RETURN CASE
    WHEN p_a = p_b THEN 1
    -- Tower A is not tower B, however much else they share.
    WHEN community._name_numerals(p_a) <> community._name_numerals(p_b) THEN 0
    -- Two brands in one mall share the part in brackets only.
    ELSE least(community._name_similarity(split_part(translate(p_a, '（', '('), '(', 1), split_part(translate(p_b, '（', '('), '(', 1)),
               CASE WHEN p_a ~ '[(（].*[^）)]' AND p_b ~ '[(（].*[^）)]'
                    THEN community._name_similarity(substring(p_a FROM '[(（](.*)'), substring(p_b FROM '[(（](.*)')) END)
END::double precision;
COMMENT ON FUNCTION community._facility_alikeness(text, text) IS 'How likely two names mean the same facility, 0 to 1: the lesser of the likeness before the brackets and within them; 0 when a number or letter tells them apart. / 两个名称指同一设施的相似度（0 至 1）：取括号前与括号内相似度之小者，编号不同为 0。';
