SELECT community.register_job('case_day', 'rollup', '1 minute', 'tx', 'community._rollup_case_day', 'report');
SELECT community.register_job('daily_report', 'rollup', '10 minutes', 'none', 'community._daily_report', 'report');
SELECT community.register_health('report.unsealed', 'community._report_health', 'report');
