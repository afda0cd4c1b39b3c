-- Population at month ends, rounded.

CREATE OR REPLACE VIEW community_bi.fact_population_monthly WITH (security_barrier = true) AS
SELECT r.population_id AS population_key,
       to_char(r.day, 'YYYYMMDD')::integer AS date_key,
       r.day,
       r.community_id,
       g.code::text AS grid_code,
       nullif(r.grid_id, 0) AS grid_id,
       r.residence_kind,
       r.lives,
       r.age_band,
       r.sex,
       r.persons
  FROM community.rollup_population r
  LEFT JOIN community.grid g ON g.community_id = r.community_id AND g.grid_id = r.grid_id
 WHERE r.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_population_monthly IS 'People per unit grid, kind of residence, age band and sex at month ends; rounded to multiples of the smallest group, which sums keep. Where lives is true each person counts once. / 各单元网格月末人口（按居住类别、年龄段、性别），已取整；lives 为真时每人计一次。';
COMMENT ON COLUMN community_bi.fact_population_monthly.population_key IS 'Key of the row. / 行主键。';
COMMENT ON COLUMN community_bi.fact_population_monthly.date_key IS 'Last day of the month as YYYYMMDD. / 月末日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_population_monthly.day IS 'Last day of the month. / 月末日期。';
COMMENT ON COLUMN community_bi.fact_population_monthly.community_id IS 'Community in which they live. / 所在社区。';
COMMENT ON COLUMN community_bi.fact_population_monthly.grid_code IS 'Unit grid; NULL: unknown. / 单元网格代码，未知为空。';
COMMENT ON COLUMN community_bi.fact_population_monthly.grid_id IS 'Key of the unit grid; NULL: unknown. / 单元网格主键，未知为空。';
COMMENT ON COLUMN community_bi.fact_population_monthly.residence_kind IS 'registered, floating, overseas or workplace. / 居住类别。';
COMMENT ON COLUMN community_bi.fact_population_monthly.lives IS 'Whether they really live there. / 是否实际居住。';
COMMENT ON COLUMN community_bi.fact_population_monthly.age_band IS 'Age in calendar years, from-to. / 年龄段。';
COMMENT ON COLUMN community_bi.fact_population_monthly.sex IS 'male, female or unknown. / 性别。';
COMMENT ON COLUMN community_bi.fact_population_monthly.persons IS 'Persons, a multiple of the smallest group. / 人数，为最小组的倍数。';
