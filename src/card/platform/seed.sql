INSERT INTO community.card_purpose (purpose, name, shows)
VALUES ('visit', 'Register of visitors / 来访登记', '{kind,state}'),
       ('service', 'Service at a desk / 窗口服务', '{holder,kind,number,state}'),
       ('identity', 'Check of identity / 身份核验', '{holder,person,kind,number,state}')
    ON CONFLICT (purpose) DO UPDATE SET name = EXCLUDED.name, shows = EXCLUDED.shows WHERE NOT card_purpose.edited;

SELECT community.register_setting('card_temp_loss', 'interval', '7 days', 'Longest temporary loss of a card. / 临时挂失的最长期限。', 'card');
SELECT community.register_setting('card_stale', 'interval', '24 hours', 'Age of the status bitmap from which a reader without connection refuses. / 离线读卡器拒绝放行的位图时效。', 'card');
SELECT community.register_setting('card_clearing', 'boolean', 'true', 'Cards of this community pay merchants of others, through clearing. / 本社区的卡可在其他社区商户消费，经清算结算。', 'card');
SELECT community.register_setting('card_key_warn', 'interval', '30 days', 'Time before the end of a key at which health() warns. / 密钥到期前预警时间。', 'card');
SELECT community.register_setting('pin_guesses', 'integer', '3', 'Wrong or unjudged PINs of a card within pin_window. / pin_window 内允许的错误密码次数。', 'card');
SELECT community.register_setting('pin_window', 'interval', '15 minutes', 'Time within which wrong PINs count. / 错误密码计数时长。', 'card');

SELECT community.register_job('card.publish', 'rollup', '30 seconds', 'none', 'community._job_card_publish', 'card');
SELECT community.register_job('card.lapse', 'upkeep', '1 minute', 'none', 'community._job_card_lapse', 'card');
SELECT community.register_job('card.door_hour', 'rollup', '10 minutes', 'tx', 'community._rollup_door_hour', 'card');
SELECT community.register_health('card.keys', 'community._health_card', 'card');

SELECT community.register_grant('auditor', 'relation', 'community.' || t, 'SELECT', 'card')
  FROM unnest('{card_key,card_issuer,card_log,door_log,access_rule,access_zone,access_point}'::text[]) t;
SELECT community.register_grant('key_officer', 'routine', 'community.' || f, 'EXECUTE', 'card')
  FROM unnest('{card_key_sync,card_key_status}'::text[]) f;
SELECT community.register_grant('key_officer', 'relation', 'community.card_key', 'SELECT', 'card');

-- What the views of BI compute.
SELECT community.register_grant('bi', 'routine', 'community.card_state_at', 'EXECUTE', 'card');
