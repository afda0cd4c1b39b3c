-- Divisions: names, editions, changes.

CREATE OR REPLACE FUNCTION community._name_stem(p_name text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN COALESCE(NULLIF(regexp_replace(btrim(p_name), '(社区居民委员会|居民委员会|村民委员会|社区居委会|居委会|村委会|社区|村|街道办事处|街道|镇|乡|区|县|市)$', ''), ''), btrim(p_name));
COMMENT ON FUNCTION community._name_stem(text) IS 'Cut the generic ending (village, community, street, district ...) off a division name. / 去掉区划名称的通名后缀。';

CREATE OR REPLACE FUNCTION community._name_similarity(p_a text, p_b text)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN p_a = p_b THEN 1
            ELSE COALESCE(2.0 * (SELECT count(*) FROM unnest(community.bigrams(p_a)) AS a(pair) WHERE a.pair = ANY (community.bigrams(p_b)))
                          / NULLIF(cardinality(community.bigrams(p_a)) + cardinality(community.bigrams(p_b)), 0), 0) END::double precision;
COMMENT ON FUNCTION community._name_similarity(text, text) IS 'Share of adjacent character pairs that two names have in common (Dice, 0 to 1). / 两个名称相邻字对的相似度（Dice 系数，0 至 1）。';

CREATE OR REPLACE FUNCTION community._division_parent(p_key bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN p_key % 10000000000000 = 0 THEN NULL
            WHEN p_key % 100000000000 = 0 THEN p_key / 10000000000000 * 10000000000000
            WHEN p_key % 1000000000 = 0 THEN p_key / 100000000000 * 100000000000
            WHEN p_key % 1000000 = 0 THEN p_key / 1000000000 * 1000000000
            WHEN p_key % 1000 = 0 THEN p_key / 1000000 * 1000000
            ELSE p_key / 1000 * 1000 END;
COMMENT ON FUNCTION community._division_parent(bigint) IS 'Give the 15-digit number of the division above; a town without county lies under its city; NULL for a province. / 上级区划的 15 位数值；省级为空。';

CREATE OR REPLACE FUNCTION community._division_span(p_key bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN p_key % 10000000000000 = 0 THEN 10000000000000
            WHEN p_key % 100000000000 = 0 THEN 100000000000
            WHEN p_key % 1000000000 = 0 THEN 1000000000
            WHEN p_key % 1000000 = 0 THEN 1000000
            WHEN p_key % 1000 = 0 THEN 1000
            ELSE 1 END;
COMMENT ON FUNCTION community._division_span(bigint) IS 'Count the 15-digit numbers at and under a code: they run from the code to code + span - 1. / 代码之下的数值跨度。';

CREATE OR REPLACE FUNCTION community._division_level(p_key bigint)
RETURNS smallint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN p_key % 10000000000000 = 0 THEN 1 WHEN p_key % 100000000000 = 0 THEN 2 WHEN p_key % 1000000000 = 0 THEN 3
            WHEN p_key % 1000000 = 0 THEN 4 WHEN p_key % 1000 = 0 THEN 5 ELSE 6 END::smallint;
COMMENT ON FUNCTION community._division_level(bigint) IS 'Give the level of a 15-digit number: 1 province to 5 community, 6 grid. / 15 位数值的级别：1 省至 5 社区，6 网格。';

CREATE OR REPLACE FUNCTION community._division_code(p_key bigint)
RETURNS community.gridcode LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN p_key::community.gridcode;
COMMENT ON FUNCTION community._division_code(bigint) IS 'Turn a 15-digit number into a code. / 由 15 位数值得到代码。';

CREATE OR REPLACE FUNCTION community.division_at(p_code community.gridcode, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (division_id bigint, unit_id bigint, level smallint, name text, valid daterange)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.division_id, d.unit_id, d.level, d.name, d.valid
      FROM community.division d
     WHERE d.code_key = p_code::bigint AND d.valid @> p_at;
END;
COMMENT ON FUNCTION community.division_at(community.gridcode, date) IS 'Give the division that a code names on a day; no row when it names none. / 查代码在某日所指的区划。';

CREATE OR REPLACE FUNCTION community.division_name(p_code community.gridcode, p_at date DEFAULT CURRENT_DATE)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT d.name FROM community.division d WHERE d.code_key = p_code::bigint AND d.valid @> p_at);
COMMENT ON FUNCTION community.division_name(community.gridcode, date) IS 'Give the name of a division on a day, NULL when the code names none. / 查区划在某日的名称，无则为空。';

CREATE OR REPLACE FUNCTION community.division_path(p_code community.gridcode, p_at date DEFAULT CURRENT_DATE)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE up AS (
        SELECT d.parent_key, d.name, 1 AS n
          FROM community.division d
         WHERE d.code_key = p_code::bigint AND d.valid @> p_at
        UNION ALL
        SELECT d.parent_key, d.name, u.n + 1
          FROM up u
          JOIN community.division d ON d.code_key = u.parent_key AND d.valid @> p_at
    )
    SELECT string_agg(u.name, '' ORDER BY u.n DESC) FROM up u;
END;
COMMENT ON FUNCTION community.division_path(community.gridcode, date) IS 'Write the names from the province down to a division, for example 浙江省宁波市海曙区. / 从省级写到该区划的全称。';

CREATE OR REPLACE FUNCTION community.division_history(p_code community.gridcode)
RETURNS TABLE (code community.gridcode, name text, valid daterange, unit_id bigint, edition text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.code, d.name, d.valid, d.unit_id, d.edition
      FROM community.division d
     WHERE d.unit_id IN (SELECT x.unit_id FROM community.division x WHERE x.code_key = p_code::bigint)
     ORDER BY d.valid, d.code_key;
END;
COMMENT ON FUNCTION community.division_history(community.gridcode) IS 'List every version of every division that a code ever named, under whichever codes. / 列出该代码曾指的各区划的全部版本（含其他代码）。';
