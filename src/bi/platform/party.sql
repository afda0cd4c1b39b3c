-- Dimensions and facts of the population: no personal data.

CREATE OR REPLACE VIEW community_bi.dim_care_kind WITH (security_barrier = true) AS
SELECT k.tag AS care_tag,
       k.name AS care_name,
       k.name_zh AS care_name_zh,
       k.sensitivity::integer AS sensitivity,
       k.counted
  FROM community.care_kind k
 WHERE cardinality((SELECT community.my_communities())::bigint[]) > 0;
COMMENT ON VIEW community_bi.dim_care_kind IS 'Kinds of care that people may need, for readers with a community. / 关怀标签种类。';
COMMENT ON COLUMN community_bi.dim_care_kind.care_tag IS 'Code of the kind. / 标签代码。';
COMMENT ON COLUMN community_bi.dim_care_kind.care_name IS 'Meaning in English. / 英文名称。';
COMMENT ON COLUMN community_bi.dim_care_kind.care_name_zh IS 'Meaning in Chinese. / 中文名称。';
COMMENT ON COLUMN community_bi.dim_care_kind.sensitivity IS '1 ordinary, 2 sensitive, 3 most sensitive. / 敏感级。';
COMMENT ON COLUMN community_bi.dim_care_kind.counted IS 'Whether statistics may break down by it. / 是否可用于统计分组。';
