-- Refusals and the indices of the evaluation standard.
SELECT community.register_refusal('report_sealed', 409, 'report of %s for the %s from %s, revision %s, is sealed', '社区 %s 自 %3$s 起的%2$s报表（修订 %4$s）已封存', 'Corrections become adjustments: draft the next revision.', '更正请另行生成调整版。', 'report');
SELECT community.register_refusal('period_unknown', 422, 'period "%s" is not a kind of period', '周期类型“%s”不存在', 'Use day, week, month, quarter or year.', '可用：day、week、month、quarter、year。', 'report');
SELECT community.register_refusal('period_start', 422, '%s is not the first day of a %s', '%s 不是%s周期的起始日', 'Pass the first day of the period.', '请传入周期起始日。', 'report');
SELECT community.register_refusal('period_running', 409, 'the period is not over before the end of %s', '周期到 %s 结束前不能封存', 'Seal it afterwards.', '请在周期结束后封存。', 'report');
SELECT community.register_refusal('rollup_behind', 409, 'log rows from %s on are not yet rolled up', '自 %s 起的日志尚未汇总', 'Run the job case_day first.', '请先运行作业 case_day。', 'report');
SELECT community.register_refusal('report_unknown', 404, 'community %s has nothing to report for the %s from %s', '社区 %s 自 %3$s 起的%2$s周期无报表', 'Draft it first.', '请先生成草稿。', 'report');
SELECT community.register_setting('report.seal_after', 'interval', '2 hours', 'Time after the end of a local day before its report is sealed, for late events. / 当日结束后多久封存日报，留给迟到事件。', 'report');

INSERT INTO community.indicator (code, version, name, name_zh, numerator, denominator, direction, target, source) VALUES
    ('filing_rate', 1, 'Filing rate', '立案率', '{filed}', '{reported}', 'up', NULL, 'GB/T 30428.4'),
    ('closing_rate', 1, 'Closing rate', '结案率', '{due_closed}', '{due,-due_suspended}', 'up', 90, 'GB/T 30428.4'),
    ('on_time_rate', 1, 'On-time closing rate', '按期结案率', '{due_on_time}', '{due,-due_suspended}', 'up', 70, 'GB/T 30428.4'),
    ('rework_rate', 1, 'Rework rate', '返工率', '{reworked}', '{closed}', 'down', NULL, 'GB/T 30428.4'),
    ('extension_rate', 1, 'Extension rate', '延期率', '{extended}', '{filed}', 'down', NULL, 'GB/T 30428.4'),
    ('return_rate', 1, 'Return rate', '退单率', '{returned}', '{dispatched}', 'down', NULL, 'GB/T 30428.4'),
    ('satisfaction', 1, 'Satisfaction', '满意度', '{satisfied}', '{rated}', 'up', NULL, 'GB/T 30428.4'),
    ('reopen_rate', 1, 'Reopening rate', '重办率', '{reopened}', '{closed}', 'down', NULL, 'GB/T 30428.4'),
    ('collected_share', 1, 'Share of patrols and sensors', '采集占比', '{filed_collected}', '{filed}', 'none', NULL, 'GB/T 30428.4')
ON CONFLICT (code, version) DO NOTHING;
