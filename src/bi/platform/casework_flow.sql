-- Facts of the way of cases, of patrols, and gaps of duty.

CREATE OR REPLACE VIEW community_bi.fact_case_flow WITH (security_barrier = true) AS
SELECT l.log_id AS case_flow_key,
       to_char(l.occurred_at AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (l.occurred_at AT TIME ZONE c.tz)::date AS day,
       l.community_id,
       g.code::text AS grid_code,
       l.grid_id,
       l.case_id AS case_key,
       l.case_type,
       l.channel,
       l.seq,
       l.event,
       l.from_state,
       l.to_state,
       l.role,
       l.organization_id,
       l.clock,
       l.on_time,
       l.occurred_at AT TIME ZONE c.tz AS occurred_at,
       l.recorded_at AT TIME ZONE c.tz AS recorded_at,
       l.deadline AT TIME ZONE c.tz AS deadline
  FROM community.case_log l
  JOIN community.community c ON c.community_id = l.community_id
  LEFT JOIN community.grid g ON g.community_id = l.community_id AND g.grid_id = l.grid_id
 WHERE l.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_case_flow IS 'Every event of the cases in the readers scope, without persons. / 可见范围内案卷的每一步，不含人员。';
COMMENT ON COLUMN community_bi.fact_case_flow.case_flow_key IS 'Key of the event. / 事件主键。';
COMMENT ON COLUMN community_bi.fact_case_flow.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_case_flow.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.fact_case_flow.community_id IS 'Community of the case. / 社区。';
COMMENT ON COLUMN community_bi.fact_case_flow.grid_code IS 'Unit grid; NULL: in none. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_case_flow.grid_id IS 'Key of the unit grid. / 单元网格主键。';
COMMENT ON COLUMN community_bi.fact_case_flow.case_key IS 'Key of the case. / 案卷主键。';
COMMENT ON COLUMN community_bi.fact_case_flow.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community_bi.fact_case_flow.channel IS 'How it came in. / 来源渠道。';
COMMENT ON COLUMN community_bi.fact_case_flow.seq IS 'Number of the event within its case. / 案内序号。';
COMMENT ON COLUMN community_bi.fact_case_flow.event IS 'What happened. / 事件。';
COMMENT ON COLUMN community_bi.fact_case_flow.from_state IS 'State before; NULL for the report. / 之前状态。';
COMMENT ON COLUMN community_bi.fact_case_flow.to_state IS 'State after. / 之后状态。';
COMMENT ON COLUMN community_bi.fact_case_flow.role IS 'Role it was done in. / 角色。';
COMMENT ON COLUMN community_bi.fact_case_flow.organization_id IS 'Organization that has the case, or returned it. / 承办或退单单位。';
COMMENT ON COLUMN community_bi.fact_case_flow.clock IS 'Clock after. / 之后计时状态。';
COMMENT ON COLUMN community_bi.fact_case_flow.on_time IS 'Verdict after. / 之后是否按期。';
COMMENT ON COLUMN community_bi.fact_case_flow.occurred_at IS 'Local time it occurred. / 发生时间。';
COMMENT ON COLUMN community_bi.fact_case_flow.recorded_at IS 'Local time it was recorded. / 记录时间。';
COMMENT ON COLUMN community_bi.fact_case_flow.deadline IS 'Local deadline after. / 之后截止时间。';

CREATE OR REPLACE VIEW community_bi.fact_case_stage WITH (security_barrier = true) AS
SELECT l.log_id AS case_stage_key,
       to_char(l.occurred_at AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (l.occurred_at AT TIME ZONE c.tz)::date AS day,
       l.community_id,
       g.code::text AS grid_code,
       l.grid_id,
       l.case_id AS case_key,
       l.case_type,
       l.organization_id,
       l.to_state AS state,
       CASE l.to_state WHEN 'reported' THEN 'accept' WHEN 'verifying' THEN 'accept' WHEN 'accepted' THEN 'file' WHEN 'filed' THEN 'dispatch' WHEN 'escalated' THEN 'dispatch' WHEN 'dispatched' THEN 'sign' WHEN 'checking' THEN 'check' ELSE 'handle' END AS stage,
       l.occurred_at AT TIME ZONE c.tz AS entered_at,
       n.occurred_at AT TIME ZONE c.tz AS left_at,
       (extract(epoch FROM n.occurred_at - l.occurred_at) / 3600)::numeric(12,2) AS hours,
       l.stage_due AT TIME ZONE c.tz AS stage_due,
       COALESCE(n.occurred_at, now()) <= l.stage_due AS stage_on_time
  FROM community.case_log l
  JOIN community.community c ON c.community_id = l.community_id
  JOIN community.case_state s ON s.state = l.to_state AND s.is_open
  LEFT JOIN community.case_log n ON n.community_id = l.community_id AND n.case_id = l.case_id AND n.seq = l.seq + 1
  LEFT JOIN community.grid g ON g.community_id = l.community_id AND g.grid_id = l.grid_id
 WHERE l.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_case_stage IS 'Stages that cases in the reader''s scope waited in: accept, file, dispatch, sign, handle, check; one row per stay in a state. / 可见范围内案卷各环节停留，每次进入状态一行。';
COMMENT ON COLUMN community_bi.fact_case_stage.case_stage_key IS 'Key of the event that began the stay. / 进入环节的事件主键。';
COMMENT ON COLUMN community_bi.fact_case_stage.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_case_stage.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.fact_case_stage.community_id IS 'Community of the case. / 社区。';
COMMENT ON COLUMN community_bi.fact_case_stage.grid_code IS 'Unit grid; NULL: in none. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_case_stage.grid_id IS 'Key of the unit grid. / 单元网格主键。';
COMMENT ON COLUMN community_bi.fact_case_stage.case_key IS 'Key of the case. / 案卷主键。';
COMMENT ON COLUMN community_bi.fact_case_stage.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community_bi.fact_case_stage.organization_id IS 'Organization that has the case. / 承办单位。';
COMMENT ON COLUMN community_bi.fact_case_stage.state IS 'State it waited in. / 所处状态。';
COMMENT ON COLUMN community_bi.fact_case_stage.stage IS 'accept, file, dispatch, sign, handle or check. / 环节：受理、立案、派遣、签收、处置、核查。';
COMMENT ON COLUMN community_bi.fact_case_stage.entered_at IS 'Local time it began. / 开始时间。';
COMMENT ON COLUMN community_bi.fact_case_stage.left_at IS 'Local time it ended; NULL: lasts. / 结束时间。';
COMMENT ON COLUMN community_bi.fact_case_stage.hours IS 'Hours by the calendar; NULL: lasts. / 时长（自然小时）。';
COMMENT ON COLUMN community_bi.fact_case_stage.stage_due IS 'Local end of the stage''s limit; NULL: none. / 环节截止时间。';
COMMENT ON COLUMN community_bi.fact_case_stage.stage_on_time IS 'Ended, or still waits, within the limit; NULL: no limit. / 是否在环节时限内。';

CREATE OR REPLACE VIEW community_bi.fact_patrol WITH (security_barrier = true) AS
SELECT v.visit_id AS patrol_key,
       to_char(v.day, 'YYYYMMDD')::integer AS date_key,
       v.day,
       v.community_id,
       g.code::text AS grid_code,
       v.grid_id,
       v.fixes,
       EXISTS (SELECT FROM community.patrol_plan p WHERE p.community_id = v.community_id AND p.grid_id = v.grid_id AND p.worker = v.worker AND p.valid @> v.day) AS planned,
       v.first_at AT TIME ZONE c.tz AS first_at,
       v.last_at AT TIME ZONE c.tz AS last_at,
       (extract(epoch FROM v.last_at - v.first_at) / 60)::numeric(12,1) AS minutes
  FROM community.patrol_visit v
  JOIN community.community c ON c.community_id = v.community_id
  JOIN community.grid g ON g.community_id = v.community_id AND g.grid_id = v.grid_id
 WHERE v.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_patrol IS 'Visits of patrols to unit grids per local day; workers are not named. / 每日巡查到访，不含人员姓名。';
COMMENT ON COLUMN community_bi.fact_patrol.patrol_key IS 'Key of the visit. / 到访主键。';
COMMENT ON COLUMN community_bi.fact_patrol.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_patrol.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.fact_patrol.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.fact_patrol.grid_code IS 'Unit grid. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_patrol.grid_id IS 'Key of the unit grid. / 单元网格主键。';
COMMENT ON COLUMN community_bi.fact_patrol.fixes IS 'Positions in the grid. / 定位次数。';
COMMENT ON COLUMN community_bi.fact_patrol.planned IS 'Whether a plan asked for it. / 是否属于计划。';
COMMENT ON COLUMN community_bi.fact_patrol.first_at IS 'Local time of the first position. / 首次定位时间。';
COMMENT ON COLUMN community_bi.fact_patrol.last_at IS 'Local time of the last position. / 末次定位时间。';
COMMENT ON COLUMN community_bi.fact_patrol.minutes IS 'Minutes between the two. / 间隔分钟。';

CREATE OR REPLACE VIEW community_bi.duty_gap WITH (security_barrier = true) AS
SELECT g.community_id,
       g.grid_id,
       g.code::text AS grid_code,
       t.case_type,
       t.name AS case_type_name,
       COALESCE(d.fallback, false) AS only_fallback
  FROM community.grid g
 CROSS JOIN community.case_type t
  LEFT JOIN LATERAL (SELECT bool_and(u.fallback) AS fallback
                       FROM community.duty u
                      WHERE u.scope @> g.code AND u.valid @> CURRENT_DATE AND (u.case_type IS NULL OR u.case_type = t.case_type)) d ON true
 WHERE g.kind = 'unit' AND g.valid @> CURRENT_DATE AND t.active AND COALESCE(d.fallback, true)
   AND g.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.duty_gap IS 'Unit grids and active case types in the reader''s scope that no duty but a fallback answers for today. / 今日无人负责（或仅属地兜底）的网格与类型。';
COMMENT ON COLUMN community_bi.duty_gap.community_id IS 'Community of the grid. / 社区。';
COMMENT ON COLUMN community_bi.duty_gap.grid_id IS 'Key of the unit grid. / 单元网格主键。';
COMMENT ON COLUMN community_bi.duty_gap.grid_code IS 'Unit grid. / 单元网格代码。';
COMMENT ON COLUMN community_bi.duty_gap.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community_bi.duty_gap.case_type_name IS 'Name of the type. / 类型名称。';
COMMENT ON COLUMN community_bi.duty_gap.only_fallback IS 'True: the fallback answers; false: nobody. / 真为仅兜底，假为无人负责。';

