SELECT community.classify_table('rollup_case_day', 'tenant', 'internal', 'report', '10 years');
SELECT community.classify_table('rollup_case_due', 'tenant', 'internal', 'report', '10 years');
SELECT community.classify_table('report_period', 'tenant', 'internal', 'report', '30 years');
SELECT community.classify_table('report_line', 'tenant', 'internal', 'report', '30 years');
SELECT community.classify_table('report_value', 'tenant', 'internal', 'report', '30 years');
SELECT community.classify_table('report_seal', 'tenant', 'internal', 'report', '30 years');
SELECT community.classify_table('indicator', 'ref', 'public', 'report', '30 years');
