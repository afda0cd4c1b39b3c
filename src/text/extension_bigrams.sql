-- text: character pairs for index search in Chinese.

CREATE OR REPLACE FUNCTION community.bigrams(text) RETURNS text[]
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'community_bigrams';
COMMENT ON FUNCTION community.bigrams(text) IS
'Adjacent character pairs of each word, sorted, without repeats; put a GIN index on bigrams(name) and search by bigrams(name) @> bigrams(''银行''). Full-width forms are read as half-width, capitals as small letters, spaces and punctuation only separate words; a word of one character gives that character. NULL for NULL, an empty array when no word is left. / 每个词内相邻两字组成的有序去重数组,供 GIN 索引做中文检索;全角视同半角,大写视同小写,空格与标点只作分词;单字词给出该字;输入为 NULL 时得 NULL,无词时得空数组。';
