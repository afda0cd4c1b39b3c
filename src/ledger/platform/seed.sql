INSERT INTO community.currency (currency, name, unit, scale)
VALUES ('CNY', 'Yuan / 人民币', 'fen / 分', 2),
       ('TIME', 'Time credits / 时间积分', 'minute / 分钟', 0),
       ('POINT', 'Points / 积分', 'point / 分值', 0)
    ON CONFLICT (currency) DO NOTHING;

INSERT INTO community.fence (fence, name, codes)
VALUES ('facility', 'Fund of a facility / 设施专户', '{facility_upkeep,facility_repair,facility_renewal,facility_accessibility,facility_service}')
    ON CONFLICT (fence) DO UPDATE SET name = EXCLUDED.name, codes = EXCLUDED.codes WHERE NOT fence.edited;

SELECT community.register_setting('ledger_fold_accounts', 'integer', '1000', 'Most deferred accounts that one run of the folding job takes. / 归并作业一次处理的账户数上限。', 'ledger');
SELECT community.register_setting('ledger_bank_late', 'interval', '1 hour', 'Age from which health() reports orders without an answer of the bank. / health() 报告银行未答复指令的时长。', 'ledger');
SELECT community.register_setting('points_expire', 'interval', '2 years', 'Age at which points that were not spent expire. / 积分失效年限。', 'ledger');
SELECT community.register_setting('ledger_bank_peer', 'text', 'bank', 'Peer to which orders to the bank are sent. / 银行指令发往的对端。', 'ledger');

SELECT community.register_job('ledger.fold', 'rollup', '1 minute', 'none', 'community._job_ledger_fold', 'ledger');
SELECT community.register_job('ledger.expire', 'upkeep', '1 minute', 'time', 'community._job_ledger_expire', 'ledger');
SELECT community.register_job('ledger.points', 'upkeep', '1 day', 'none', 'community._job_ledger_points', 'ledger');
SELECT community.register_job('ledger.settle', 'upkeep', '1 hour', 'none', 'community._job_ledger_settle', 'ledger');
SELECT community.register_job('ledger.day', 'rollup', '1 hour', 'tx', 'community._rollup_transfer_day', 'ledger');
SELECT community.register_health('ledger.balance', 'community._health_ledger', 'ledger');

SELECT community.register_grant('auditor', 'relation', 'community.' || t, 'SELECT', 'ledger')
  FROM unnest('{currency,fence,account,transfer,credit_delta,fee_rule,bank_order,merchant_settlement}'::text[]) t;
SELECT community.register_grant('auditor', 'routine', 'community.' || f, 'EXECUTE', 'ledger')
  FROM unnest('{ledger_check,trial_balance,account_statement,clearing_position}'::text[]) f;
