-- States, the machine of the management standard, and the usual case types.

INSERT INTO community.case_state (state, name, name_zh, is_open, ordinal) VALUES
    ('reported', 'Reported', '已上报', true, 1),
    ('verifying', 'Being verified', '核实中', true, 2),
    ('accepted', 'Accepted', '已受理', true, 3),
    ('filed', 'Filed', '已立案', true, 4),
    ('dispatched', 'Dispatched', '已派遣', true, 5),
    ('handling', 'Being handled', '处置中', true, 6),
    ('suspend_pending', 'Suspension asked', '挂起待批', true, 7),
    ('suspended', 'Suspended', '已挂起', true, 8),
    ('extend_pending', 'Extension asked', '延期待批', true, 9),
    ('checking', 'Being checked', '核查中', true, 10),
    ('rework', 'To be redone', '返工', true, 11),
    ('escalated', 'Escalated', '已升级', true, 12),
    ('transferred', 'Transferred up', '已移交上级', true, 13),
    ('closed', 'Closed', '已结案', false, 14),
    ('evaluated', 'Evaluated', '已评价', false, 15),
    ('rejected', 'Rejected', '不予受理', false, 16),
    ('duplicate', 'Duplicate', '重复案卷', false, 17),
    ('voided', 'Voided', '已作废', false, 18),
    ('archived', 'Archived', '已归档', false, 19)
ON CONFLICT (state) DO UPDATE SET name = EXCLUDED.name, name_zh = EXCLUDED.name_zh, is_open = EXCLUDED.is_open, ordinal = EXCLUDED.ordinal;

INSERT INTO community.case_channel (channel, name, name_zh, collected) VALUES
    ('patrol', 'Patrol', '巡查', true),
    ('sensor', 'Sensor', '感知设备', true),
    ('app', 'App', '移动应用', false),
    ('hotline', 'Hotline', '热线', false),
    ('window', 'Service window', '窗口', false),
    ('kiosk', 'Kiosk', '自助终端', false),
    ('hand_down', 'Handed down', '上级交办', false),
    ('import', 'Import', '导入', false)
ON CONFLICT (channel) DO NOTHING;

INSERT INTO community.case_machine (version, name, source)
VALUES (1, 'Standard grid management', 'GB/T 30428: collection, filing, dispatch, handling, feedback, checking, evaluation')
ON CONFLICT (version) DO NOTHING;

-- run means unchanged; an appeal leaves the clock standing until the case is
-- filed, and a case that is no duplicate after all goes on where it stopped.
INSERT INTO community.case_transition (version, from_state, event, role, to_state, clock)
SELECT 1, t.from_state, t.event, t.role, t.to_state, t.clock
  FROM (VALUES
    ('reported', 'verify_request', 'acceptor', 'verifying', 'run'),
    ('verifying', 'verify_ok', 'inspector', 'accepted', 'run'),
    ('verifying', 'verify_fail', 'inspector', 'rejected', 'stop'),
    ('reported', 'accept', 'acceptor', 'accepted', 'run'),
    ('reported', 'reject', 'acceptor', 'rejected', 'stop'),
    ('reported', 'self_handle', 'grid_worker', 'checking', 'start'),
    ('reported', 'merge', 'acceptor', 'duplicate', 'stop'),
    ('accepted', 'merge', 'filer', 'duplicate', 'stop'),
    ('accepted', 'file', 'filer', 'filed', 'start'),
    ('accepted', 'refuse', 'filer', 'rejected', 'stop'),
    ('filed', 'dispatch', 'dispatcher', 'dispatched', 'run'),
    ('filed', 'void', 'supervisor', 'voided', 'stop'),
    ('dispatched', 'sign', 'handler', 'handling', 'run'),
    ('dispatched', 'return', 'handler', 'filed', 'run'),
    ('dispatched', 'force_assign', 'arbiter', 'handling', 'run'),
    ('dispatched', 'escalate', 'system', 'escalated', 'run'),
    ('handling', 'escalate', 'system', 'escalated', 'run'),
    ('escalated', 'dispatch', 'dispatcher', 'dispatched', 'run'),
    ('escalated', 'report_up', 'supervisor', 'transferred', 'pause'),
    ('transferred', 'directive_back', 'system', 'dispatched', 'run'),
    ('transferred', 'close_by_upper', 'system', 'closed', 'stop'),
    ('handling', 'request_suspend', 'handler', 'suspend_pending', 'run'),
    ('suspend_pending', 'approve', 'supervisor', 'suspended', 'pause'),
    ('suspend_pending', 'deny', 'supervisor', 'handling', 'run'),
    ('suspended', 'resume', 'handler', 'handling', 'run'),
    ('suspended', 'auto_resume', 'system', 'handling', 'run'),
    ('handling', 'request_extend', 'handler', 'extend_pending', 'run'),
    ('extend_pending', 'approve', 'supervisor', 'handling', 'run'),
    ('extend_pending', 'deny', 'supervisor', 'handling', 'run'),
    ('handling', 'handled', 'handler', 'checking', 'run'),
    ('checking', 'check_ok', 'inspector', 'closed', 'stop'),
    ('checking', 'check_fail', 'inspector', 'rework', 'run'),
    ('rework', 'dispatch', 'dispatcher', 'dispatched', 'run'),
    ('rework', 'handled', 'handler', 'checking', 'run'),
    ('closed', 'rate', 'reporter', 'evaluated', 'stop'),
    ('closed', 'auto_evaluate', 'system', 'evaluated', 'stop'),
    ('closed', 'reopen', 'supervisor', 'filed', 'start'),
    ('evaluated', 'reopen', 'supervisor', 'filed', 'start'),
    ('evaluated', 'archive', 'system', 'archived', 'stop'),
    ('rejected', 'appeal', 'reporter', 'reported', 'stop'),
    ('rejected', 'archive', 'system', 'archived', 'stop'),
    ('duplicate', 'archive', 'system', 'archived', 'stop'),
    ('duplicate', 'unmerge', 'supervisor', 'accepted', 'resume'),
    ('voided', 'archive', 'system', 'archived', 'stop')
) AS t (from_state, event, role, to_state, clock)
 WHERE EXISTS (SELECT FROM community.case_machine m WHERE m.version = 1 AND m.status = 'draft')
ON CONFLICT DO NOTHING;

UPDATE community.case_machine SET status = 'active', activated_at = now()
 WHERE version = 1 AND status = 'draft'
   AND NOT EXISTS (SELECT FROM community.case_machine m WHERE m.status = 'active');

-- Delivered once: what a city changes afterwards stays as it is.
INSERT INTO community.case_type (case_type, name, kind, time_limit, clock, max_return, reopen_within, source) VALUES
    ('illegal_building', '违法建设', 'event', '15 days', 'work', 2, '15 days', 'limit published by Jiyuan city'),
    ('exposed_garbage', '暴露垃圾', 'event', '1 hour', 'work', 2, '15 days', 'limit published by Jiyuan city'),
    ('accumulated_waste', '积存垃圾渣土', 'event', '4 hours', 'work', 2, '15 days', 'limit published by Jiyuan city'),
    ('dirty_road', '道路不洁', 'event', '5 hours', 'work', 2, '15 days', 'limit published by Jiyuan city'),
    ('street_vending', '占道经营', 'event', '4 hours', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('illegal_parking', '机动车乱停放', 'event', '4 hours', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('bicycle_clutter', '非机动车乱停放', 'event', '4 hours', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('illegal_advert', '非法小广告', 'event', '1 day', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('damaged_road', '道路破损', 'component', '5 days', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('manhole_cover', '井盖缺失破损', 'component', '2 hours', 'urgent', 1, '15 days', 'conventional limit, to be set by the city'),
    ('street_lamp', '路灯不亮', 'component', '2 days', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('green_damage', '绿地破损', 'component', '5 days', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('traffic_sign', '交通标志破损', 'component', '3 days', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('water_leak', '供排水管渗漏', 'event', '12 hours', 'urgent', 1, '15 days', 'conventional limit, to be set by the city'),
    ('noise', '噪声扰民', 'event', '4 hours', 'urgent', 2, '15 days', 'conventional limit, to be set by the city'),
    ('fire_lane', '占用消防通道', 'event', '2 hours', 'urgent', 1, '15 days', 'conventional limit, to be set by the city'),
    ('neighbour_dispute', '邻里纠纷', 'dispute', '15 days', 'calendar', 2, '15 days', 'conventional limit, to be set by the city'),
    ('property_dispute', '物业纠纷', 'dispute', '15 days', 'calendar', 2, '15 days', 'conventional limit, to be set by the city'),
    ('resident_request', '居民诉求', 'request', '5 days', 'work', 2, '15 days', 'conventional limit, to be set by the city'),
    ('help_request', '求助', 'request', '1 day', 'calendar', 2, '15 days', 'conventional limit, to be set by the city'),
    ('device_alarm', '设备报警', 'alarm', '2 hours', 'urgent', 0, '15 days', 'conventional limit, to be set by the city')
ON CONFLICT (case_type) DO NOTHING;

INSERT INTO community.case_stage_limit (case_type, stage, time_limit, clock, source) VALUES
    ('*', 'accept', '30 minutes', 'work', 'conventional limit, to be set by the city'),
    ('*', 'file', '30 minutes', 'work', 'conventional limit, to be set by the city'),
    ('*', 'dispatch', '30 minutes', 'work', 'conventional limit, to be set by the city'),
    ('*', 'sign', '2 hours', 'work', 'conventional limit, to be set by the city')
ON CONFLICT DO NOTHING;
