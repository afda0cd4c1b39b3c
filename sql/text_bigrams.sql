-- Character pairs for search in Chinese.
SELECT community.bigrams('海曙区白云街道');
-- a word of one character gives that character
SELECT community.bigrams('园'), community.bigrams('A 座');
-- width, case and punctuation do not matter
SELECT community.bigrams('ＡＢ座１号') = community.bigrams('ab座1号') AS width,
       community.bigrams('Café') = community.bigrams('CAFÉ') AS latin,
       community.bigrams('中国-银行') = community.bigrams('中国（银行）') AS punctuation,
       community.bigrams('约翰·史密斯') = community.bigrams('约翰 史密斯') AS dot;
-- the iteration mark and zero are characters of names
SELECT community.bigrams('佐々木〇');
-- four-byte characters, repeats, order
SELECT community.bigrams('𠮷野家'), community.bigrams('哈哈哈'), community.bigrams('');
SELECT community.bigrams('  ，。 '), community.bigrams(NULL) IS NULL AS null_stays;
-- containment answers a two-character word
SELECT name FROM (VALUES ('宁波银行'), ('中国银行海曙支行'), ('银河超市'), ('行人')) v(name)
 WHERE community.bigrams(name) @> community.bigrams('银行') ORDER BY name COLLATE "C";
CREATE TEMP TABLE shop AS
SELECT i AS id, CASE WHEN i % 1000 = 0 THEN '银行' ELSE '超市' END || i AS name
  FROM generate_series(1, 20000) i;
CREATE INDEX shop_name ON shop USING gin (community.bigrams(name));
ANALYZE shop;
EXPLAIN (COSTS OFF) SELECT id FROM shop WHERE community.bigrams(name) @> community.bigrams('银行');
SELECT count(*) FROM shop WHERE community.bigrams(name) @> community.bigrams('银行');
-- every pair is distinct and sorted in byte order
SELECT bool_and(b = ARRAY(SELECT DISTINCT x COLLATE "C" FROM unnest(b) x ORDER BY 1)) AS canonical
  FROM (SELECT community.bigrams(repeat(md5(i::text) || '网格 社区' || i, 3)) b FROM generate_series(1, 200) i) s;
