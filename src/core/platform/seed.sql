-- Settings, refusals, jobs, checks and grants of core.
SELECT community.register_setting('module_default', 'boolean', 'true', 'Whether a module without a switch of its own is on for a community. / 社区未单独设置开关的模块是否启用。', 'core');
SELECT community.register_setting('calendar', 'text', 'cn', 'Calendar of holidays and shifted working days. / 节假日与调休日历。', 'core');
SELECT community.register_setting('partitions_ahead', 'interval', '3 months', 'How far ahead partitions of logs are made. / 日志分区提前建立的时间。', 'core');
SELECT community.register_setting('partitions_most', 'integer', '1000', 'Most partitions of logs that one call of ensure_partitions() makes. / 一次调用 ensure_partitions() 最多建立的分区数。', 'core');
SELECT community.register_setting('job_backoff', 'interval', '1 minute', 'Wait after the first failure of a job; it doubles with each further failure. / 作业首次失败后的等待时间，此后逐次加倍。', 'core');
SELECT community.register_setting('job_backoff_max', 'interval', '1 hour', 'Longest wait after failures of a job. / 作业失败后的最长等待时间。', 'core');
SELECT community.register_setting('job_late', 'interval', '10 minutes', 'Delay from which health() calls a job late. / health() 判定作业迟延的时长。', 'core');
SELECT community.register_setting('job_long', 'interval', '1 hour', 'Age from which health() names a run that has not ended. / health() 报告尚未结束的运行的时长。', 'core');
SELECT community.register_setting('outbox_late', 'interval', '1 day', 'Age from which health() reports unsent messages. / health() 报告未发送消息的时长。', 'core');
SELECT community.register_setting('horizon_late', 'interval', '1 hour', 'Age from which health() names whoever holds back the transaction horizon. / health() 报告事务边界占用者的时长。', 'core');

SELECT community.register_refusal('setting_unknown', 404, 'there is no setting %s', '没有设置项 %s', 'Look the name up in community.setting_definition.', '请在 community.setting_definition 中查找名称。', 'core');
SELECT community.register_refusal('setting_invalid', 400, '"%s" is no value for setting %s of type %s', '“%s”不是设置项 %s（类型 %s）的有效值', 'Give a value of that type.', '请给出该类型的值。', 'core');
SELECT community.register_refusal('capability_missing', 403, '%s lacks the capability %s in community %s', '%s 在社区 %3$s 没有 %2$s 权限', 'Ask an administrator to add a row to community.member.', '请管理员在 community.member 中授权。', 'core');
SELECT community.register_refusal('community_unknown', 404, 'community %s is not registered', '社区 %s 未登记', 'Register it with community.community_register().', '请用 community.community_register() 登记。', 'core');
SELECT community.register_refusal('community_exists', 409, 'division %s is registered already', '区划 %s 已登记', 'Use the registered community, or end it first.', '请使用已登记的社区，或先终止它。', 'core');
SELECT community.register_refusal('community_kind', 400, 'code %s does not fit a community of kind %s', '代码 %s 与社区类别 %s 不符', 'Use 2 digits for a province, 4 city, 6 district, 9 street, 12 residential or village; a virtual community takes the code of its area.', '省 2 位、市 4 位、区县 6 位、街道 9 位、居委会或村委会 12 位；虚拟社区使用所在区域的代码。', 'core');
SELECT community.register_refusal('community_full', 409, 'no free number is left under %s', '%s 下已无空号', 'Register the community under another street.', '请在其他街道下登记。', 'core');
SELECT community.register_refusal('tz_unknown', 400, 'time zone "%s" is not known', '未知时区“%s”', 'Use a name from pg_timezone_names, such as Asia/Shanghai.', '请使用 pg_timezone_names 中的名称，例如 Asia/Shanghai。', 'core');
SELECT community.register_refusal('member_where', 400, 'give either one community or a scope', '社区与范围须且只能给出一个', 'Fill p_community_id for one community, p_scope for all under a division.', '单个社区填 p_community_id，区划下全部社区填 p_scope。', 'core');
SELECT community.register_refusal('member_unknown', 404, 'member %s does not exist', '成员记录 %s 不存在', 'Look the key up in community.member.', '请在 community.member 中查找。', 'core');
SELECT community.register_refusal('role_unknown', 404, 'role %s does not exist', '角色 %s 不存在', 'Create the database role first.', '请先创建数据库角色。', 'core');
SELECT community.register_refusal('module_unknown', 404, 'module %s is not installed', '模块 %s 未安装', 'Install it with community.install().', '请用 community.install() 安装。', 'core');
SELECT community.register_refusal('module_off', 403, 'module %s is switched off for community %s', '模块 %s 已对社区 %s 关闭', 'Switch it on with community.module_enable().', '请用 community.module_enable() 启用。', 'core');
SELECT community.register_refusal('module_needs', 409, 'module %s needs modules that are off: %s', '模块 %s 依赖的模块未启用：%s', 'Switch those on first.', '请先启用这些模块。', 'core');
SELECT community.register_refusal('module_needed', 409, 'module %s is needed by modules that are on: %s', '仍有启用的模块依赖 %s：%s', 'Switch those off first.', '请先关闭这些模块。', 'core');
SELECT community.register_refusal('module_core', 400, 'module core cannot be switched off', 'core 模块不能关闭', 'Every other module stands on it.', '其他模块均依赖它。', 'core');
SELECT community.register_refusal('table_unknown', 404, 'table community.%s does not exist', '表 community.%s 不存在', 'Create the table in a step before it is classed.', '请先在步骤文件中建表再归类。', 'core');
SELECT community.register_refusal('column_unknown', 404, 'table community.%s has no classed column %s', '表 community.%s 没有已归类的列 %s', 'Class the table first with community.classify_table().', '请先用 community.classify_table() 归类。', 'core');
SELECT community.register_refusal('log_unfit', 400, 'table community.%s is not partitioned by range of one column with a DEFAULT partition', '表 community.%s 未按单列范围分区或缺少 DEFAULT 分区', 'Create it PARTITION BY RANGE on a timestamptz, with a DEFAULT partition.', '请按 timestamptz 列 PARTITION BY RANGE 建表并建立 DEFAULT 分区。', 'core');
SELECT community.register_refusal('period_invalid', 400, 'the period from %s to %s is not valid', '期间 %s 至 %s 无效', 'Give two finite times, the earlier first.', '请给出两个有限时间，先早后晚。', 'core');
SELECT community.register_refusal('partitions_too_many', 422, 'about %s partitions from %s to %s are too many for one call (at most %s)', '自 %2$s 至 %3$s 约需 %1$s 个分区，超过一次调用的上限 %4$s', 'Ask for a shorter period or for one log, several times; check the dates first.', '请先核对日期，再分段或逐个日志调用。', 'core');
SELECT community.register_refusal('log_unknown', 404, 'there is no log %s', '没有日志 %s', 'See community.log_table for the logs there are.', '请查看 community.log_table。', 'core');
SELECT community.register_refusal('job_function_invalid', 422, '"%s" is no name of a function for job %s', '“%s”不能作为作业 %s 的函数名', 'Give schema and function, without arguments: community._job_name.', '请给出模式与函数名，不带参数，如 community._job_name。', 'core');
SELECT community.register_refusal('message_invalid', 400, 'a message of kind %s and topic %s is not complete', '类别 %s、主题 %s 的消息不完整', 'Give a peer, a kind (report, directive, ack, share, notice), a topic and a payload.', '请给出对端、类别（report、directive、ack、share、notice）、主题和内容。', 'core');
SELECT community.register_refusal('message_reused', 409, 'message %s was put with other content', '消息 %s 已以其他内容放入', 'Use a new msg_id for new content.', '新内容请使用新的 msg_id。', 'core');
SELECT community.register_refusal('key_missing', 400, 'function %s needs an idempotency key', '函数 %s 需要幂等键', 'Pass a new uuid as p_key, and the same one when you repeat the call.', '请以新的 uuid 作为 p_key，重试时使用同一个。', 'core');
SELECT community.register_refusal('key_reused', 409, 'key %s was used for another call', '键 %s 已用于其他调用', 'Use a new key for a new command.', '新命令请使用新的键。', 'core');
SELECT community.register_refusal('key_unanswered', 409, 'the first call with key %s stored no answer', '键 %s 的首次调用未保存答复', 'Look up what it did, then use a new key.', '请先核实其结果，再使用新的键。', 'core');
SELECT community.register_refusal('key_unclaimed', 409, 'key %s is not claimed, or has its answer', '键 %s 未领取或已有答复', 'Call community.api_once() first, and answer once.', '请先调用 community.api_once()，且只答复一次。', 'core');
SELECT community.register_refusal('queue_unknown', 400, 'there is no queue "%s"', '没有队列“%s”', 'The queues are rollup, exchange and upkeep.', '队列为 rollup、exchange 和 upkeep。', 'core');
SELECT community.register_refusal('now_invalid', 400, 'the present cannot be "%s"', '当前时间不能是“%s”', 'Give a finite time, or leave p_now out.', '请给出有限时间，或省略 p_now。', 'core');
SELECT community.register_refusal('job_unknown', 404, 'there is no job %s', '没有作业 %s', 'Look the name up in community.job.', '请在 community.job 中查找名称。', 'core');
SELECT community.register_refusal('restore_unconfirmed', 503, 'this restored copy is not confirmed to be the original', '此恢复副本尚未确认为正本', 'If it is, an administrator calls community.restore_confirm().', '如确为正本，由管理员调用 community.restore_confirm()。', 'core');
SELECT community.register_refusal('restore_confirmed', 409, 'no restored copy waits to be confirmed', '没有待确认的恢复副本', 'There is nothing to do.', '无需操作。', 'core');
SELECT community.register_refusal('superuser_needed', 403, '%s is for superusers', '%s 限超级用户使用', 'Let a superuser call it.', '请由超级用户调用。', 'core');
SELECT community.register_refusal('prefix_invalid', 400, '"%s" is no prefix for roles', '“%s”不能用作角色前缀', 'Use at most 31 small letters, digits and underscores, a letter first, or nothing.', '请使用不超过 31 个小写字母、数字和下划线，以字母开头，或留空。', 'core');
SELECT community.register_refusal('role_powerful', 403, 'role %s is a superuser, may create roles, or bypasses row security', '角色 %s 是超级用户、可创建角色或可绕过行安全', 'Take those rights from it, or use another prefix.', '请收回这些权限，或使用其他前缀。', 'core');
SELECT community.register_refusal('roles_missing', 409, 'the roles of the platform are not set up', '平台角色尚未设置', 'Let a superuser call community.setup_roles() first.', '请先由超级用户调用 community.setup_roles()。', 'core');
SELECT community.register_refusal('cron_absent', 409, 'pg_cron is not installed', '未安装 pg_cron', 'Load pg_cron and create its extension in the database cron.database_name, or let any scheduler run CALL community.run_due(''rollup''), (''exchange'') and (''upkeep'') every minute.', '请加载 pg_cron 并在 cron.database_name 指定的数据库中创建扩展，或由任意调度器每分钟执行 CALL community.run_due(''rollup'')、(''exchange'')、(''upkeep'')。', 'core');

SELECT community.register_setting('keep_job_run', 'interval', '30 days', 'How long runs of jobs are kept; runs that found nothing to do, one day. / 作业运行记录的保存时间，无事可做的记录保存一天。', 'core');
SELECT community.register_setting('keep_api_call', 'interval', '7 days', 'How long answered calls are kept, and so a key may be repeated. / 已答复调用的保存时间，即幂等键可重复的期限。', 'core');
SELECT community.register_setting('keep_message', 'interval', '3 years', 'How long sent and applied messages are kept. / 已发送和已执行消息的保存时间。', 'core');
SELECT community.register_setting('keep_cron_run', 'interval', '7 days', 'How long notes of pg_cron about the bells are kept. / pg_cron 运行记录的保存时间。', 'core');

SELECT community.register_job('core.partitions', 'upkeep', '1 day', 'none', 'community._job_partitions', 'core');
SELECT community.register_job('core.retention', 'upkeep', '1 day', 'none', 'community._job_retention', 'core');
SELECT community.register_job('core.seal', 'upkeep', '1 hour', 'tx', 'community._job_seal', 'core');
SELECT community.register_refusal('log_unsealed', 404, 'log %s is not sealed in blocks', '日志 %s 未按块封存', 'See community.sealed_log for the logs that are.', '已封存日志见 community.sealed_log。', 'core');

SELECT community.register_health('core.jobs', 'community._health_jobs', 'core');
SELECT community.register_health('core.restore', 'community._health_restore', 'core');
SELECT community.register_health('core.default_partitions', 'community._health_default', 'core');
SELECT community.register_health('core.partitions', 'community._health_partitions', 'core');
SELECT community.register_health('core.outbox', 'community._health_outbox', 'core');
SELECT community.register_health('core.horizon', 'community._health_horizon', 'core');
SELECT community.register_health('core.roles', 'community._health_roles', 'core');

SELECT community.register_grant('public', 'routine', 'community.my_communities', 'EXECUTE', 'core');
SELECT community.register_grant('public', 'relation', 'community.migration', 'SELECT', 'core');
SELECT community.register_grant('admin', 'routine', 'community.health', 'EXECUTE', 'core');
SELECT community.register_grant('admin', 'routine', 'community.restore_confirm', 'EXECUTE', 'core');
SELECT community.register_grant('admin', 'relation', 'community.' || t, 'SELECT', 'core')
  FROM unnest('{refusal,setting_definition,setting,table_class,data_class,log_table,calendar,health_check,follower,role_map,grant_rule,community,module_state,member,installation,job,job_run,outbox_head,outbox,inbox}'::text[]) t;
SELECT community.register_grant('auditor', 'relation', 'community.' || t, 'SELECT', 'core')
  FROM unnest('{audit_log,audit_head,audit_block,sealed_log,data_class,member,community}'::text[]) t;
SELECT community.register_grant('auditor', 'routine', 'community.' || f, 'EXECUTE', 'core')
  FROM unnest('{audit_verify,audit_hash,audit_block_verify,hash_fields}'::text[]) f;
SELECT community.register_grant('analyst', 'relation', 'community.' || t, 'SELECT', 'core')
  FROM unnest('{community,calendar,table_class,data_class}'::text[]) t;
SELECT community.register_grant(r, 'schema', s, 'USAGE', 'core')
  FROM unnest('{admin,key_officer,auditor,operator,dispatcher,grid_worker,app,reader}'::text[]) r, (VALUES ('community_api')) v (s)
UNION ALL
SELECT community.register_grant(r, 'schema', s, 'USAGE', 'core')
  FROM unnest('{admin,auditor,analyst,bi}'::text[]) r, (VALUES ('community_bi')) v (s)
UNION ALL
SELECT community.register_grant(r, 'schema', 'community_map', 'USAGE', 'core')
  FROM unnest('{admin,analyst,dispatcher,operator}'::text[]) r;
SELECT community.register_grant('analyst', 'relations_in', 'community_bi', 'SELECT', 'core'),
       community.register_grant('analyst', 'relations_in', 'community_map', 'SELECT', 'core');
