-- Population statistics: refusals, settings, grants, classes, row security.
SELECT community.register_refusal('population_day', 422, 'population is published for last days of months that are over', '人口仅按已过去的月末公布', 'Take the last day of a month, or open a ticket for an exact count.', '请取某月最后一日，或申请精确统计凭单。', 'report');
SELECT community.register_refusal('population_scope', 422, 'this is no scope of population statistics', '统计范围无效', 'Use a division or grid code, the number of a virtual community, or a GeoJSON polygon.', '请使用区划或网格代码、虚拟社区编号或 GeoJSON 多边形。', 'report');
SELECT community.register_refusal('population_by', 422, 'population is not broken down so', '不支持的人口统计维度', 'Use community, grid, age_band, sex, residence_kind and care_tag.', '可用维度：community、grid、age_band、sex、residence_kind、care_tag。', 'report');
SELECT community.register_setting('report.population_k', 'integer', '5', 'Smallest group of people that statistics show, and the multiple they are rounded to. / 统计显示的最小人数组，亦为取整倍数。', 'report');
SELECT community.register_job('report.population', 'rollup', '1 day', 'none', 'community._job_population', 'report');
SELECT community.register_grant(r, 'routine', 'community.population_asof', 'EXECUTE', 'report') FROM unnest('{analyst,bi}'::text[]) r;
SELECT community.register_grant(r, 'routine', 'community.age_band', 'EXECUTE', 'report') FROM unnest('{analyst,bi}'::text[]) r;
SELECT community.classify_table('rollup_population', 'tenant', 'internal', 'statistics', '30 years');
ALTER TABLE community.rollup_population ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rollup_population;
CREATE POLICY tenant ON community.rollup_population TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
