SELECT community.register_setting('case_evaluate_after', 'interval', '7 days', 'Time after which a closed case that nobody rated is evaluated. / 结案后自动评价的时间。', 'casework');
SELECT community.register_setting('case_archive_after', 'interval', '30 days', 'Time after which an ended case is archived, where its type sets no time for reopening. / 案卷终结后归档的时间（类型未规定重办期限时）。', 'casework');
SELECT community.register_setting('case_escalate_after', 'interval', '1 day', 'How long a case may be overdue before it is escalated. / 超期多久后升级。', 'casework');
SELECT community.register_setting('duplicate_radius', 'numeric', '50', 'Metres within which a report may repeat another. / 判定重复的半径（米）。', 'casework');
SELECT community.register_setting('duplicate_window', 'interval', '7 days', 'Time within which a report may repeat another. / 判定重复的时间窗。', 'casework');
SELECT community.register_job('case.wake', 'upkeep', '1 minute', 'none', 'community._job_case_wake', 'casework');
SELECT community.register_job('case.escalate', 'upkeep', '10 minutes', 'none', 'community._job_case_escalate', 'casework');
SELECT community.register_sealed('case_log', '{log_id}');
