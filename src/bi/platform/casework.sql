-- Facts of casework.

CREATE OR REPLACE VIEW community_bi.fact_case WITH (security_barrier = true) AS
SELECT f.case_id AS case_key,
       to_char(f.reported_at AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (f.reported_at AT TIME ZONE c.tz)::date AS day,
       f.community_id,
       CASE WHEN t.kind IN ('dispute', 'request') THEN community.gridcell_parent(f.cell, 5)::text ELSE f.cell::text END AS cell,
       f.grid_code::text AS grid_code,
       f.grid_id,
       CASE WHEN t.kind IN ('dispute', 'request') THEN round(f.lon::numeric, 3)::double precision ELSE f.lon END AS lon,
       CASE WHEN t.kind IN ('dispute', 'request') THEN round(f.lat::numeric, 3)::double precision ELSE f.lat END AS lat,
       f.case_no,
       f.case_type,
       t.name AS case_type_name,
       t.kind AS case_kind,
       f.channel,
       f.source,
       f.state,
       s.name AS state_name,
       s.name_zh AS state_name_zh,
       s.is_open,
       f.clock,
       f.duty_organization_id,
       f.organization_id,
       o.name AS organization_name,
       f.merged_into AS merged_into_key,
       f.supporters,
       f.returns,
       f.reworks,
       f.extensions,
       f.suspensions,
       f.reopenings,
       f.escalations,
       f.rating,
       f.reported_at AT TIME ZONE c.tz AS reported_at,
       f.filed_at AT TIME ZONE c.tz AS filed_at,
       f.dispatched_at AT TIME ZONE c.tz AS dispatched_at,
       f.signed_at AT TIME ZONE c.tz AS signed_at,
       f.handled_at AT TIME ZONE c.tz AS handled_at,
       f.closed_at AT TIME ZONE c.tz AS closed_at,
       f.deadline AT TIME ZONE c.tz AS deadline,
       f.due_at AT TIME ZONE c.tz AS due_at,
       f.due_imported,
       f.on_time,
       (extract(epoch FROM f.closed_at - f.filed_at) / 3600)::numeric(12,2) AS hours_to_close,
       f.stage_due AT TIME ZONE c.tz AS stage_due,
       f.suspend_until AT TIME ZONE c.tz AS suspend_until,
       f.assists_open
  FROM community.case_file f
  JOIN community.community c ON c.community_id = f.community_id
  JOIN community.case_type t ON t.case_type = f.case_type
  JOIN community.case_state s ON s.state = f.state
  LEFT JOIN community.organization o
    ON o.community_id = f.organization_community_id AND o.organization_id = f.organization_id
 WHERE f.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_case IS 'Cases in the reader''s scope as they stand now; times are local times of the community; no personal data. / 可见范围内案卷现状；时间为社区当地时间；不含个人信息。';
COMMENT ON COLUMN community_bi.fact_case.case_key IS 'Key of the case. / 案卷主键。';
COMMENT ON COLUMN community_bi.fact_case.date_key IS 'Local day of the report as YYYYMMDD. / 上报当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_case.day IS 'Local day of the report. / 上报当地日期。';
COMMENT ON COLUMN community_bi.fact_case.community_id IS 'Community of the case. / 所属社区。';
COMMENT ON COLUMN community_bi.fact_case.cell IS 'BeiDou grid cell of level 7; of level 5 (about 100 m) for disputes and requests, which concern persons. / 北斗网格码第 7 级；纠纷与诉求为第 5 级（约 100 米）。';
COMMENT ON COLUMN community_bi.fact_case.grid_code IS 'Unit grid; NULL: in none. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_case.grid_id IS 'Key of the unit grid; NULL: in none. / 单元网格主键。';
COMMENT ON COLUMN community_bi.fact_case.lon IS 'Longitude in degrees, rounded to 0.001 for disputes and requests. / 经度；纠纷与诉求取三位小数。';
COMMENT ON COLUMN community_bi.fact_case.lat IS 'Latitude in degrees, rounded to 0.001 for disputes and requests. / 纬度；纠纷与诉求取三位小数。';
COMMENT ON COLUMN community_bi.fact_case.case_no IS 'Number that people use. / 案卷号。';
COMMENT ON COLUMN community_bi.fact_case.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community_bi.fact_case.case_type_name IS 'Name of the type. / 类型名称。';
COMMENT ON COLUMN community_bi.fact_case.case_kind IS 'component, event, dispute, request or alarm. / 大类。';
COMMENT ON COLUMN community_bi.fact_case.channel IS 'How the report came in. / 来源渠道。';
COMMENT ON COLUMN community_bi.fact_case.source IS 'System an imported case comes from. / 来源系统。';
COMMENT ON COLUMN community_bi.fact_case.state IS 'State it is in now. / 当前状态。';
COMMENT ON COLUMN community_bi.fact_case.state_name IS 'English name of the state. / 状态英文名。';
COMMENT ON COLUMN community_bi.fact_case.state_name_zh IS 'Chinese name of the state. / 状态中文名。';
COMMENT ON COLUMN community_bi.fact_case.is_open IS 'True while somebody has to act. / 是否在办。';
COMMENT ON COLUMN community_bi.fact_case.clock IS 'idle, running, paused, ended or stopped. / 计时状态。';
COMMENT ON COLUMN community_bi.fact_case.duty_organization_id IS 'Organization that duty named at the report. / 责任单位主键。';
COMMENT ON COLUMN community_bi.fact_case.organization_id IS 'Organization that has the case. / 承办单位主键。';
COMMENT ON COLUMN community_bi.fact_case.organization_name IS 'Name of that organization. / 承办单位名称。';
COMMENT ON COLUMN community_bi.fact_case.merged_into_key IS 'Case it was merged into as a duplicate. / 并入案卷主键。';
COMMENT ON COLUMN community_bi.fact_case.supporters IS 'Reports behind the case. / 支持数。';
COMMENT ON COLUMN community_bi.fact_case.returns IS 'Times returned. / 退单次数。';
COMMENT ON COLUMN community_bi.fact_case.reworks IS 'Times the check failed. / 返工次数。';
COMMENT ON COLUMN community_bi.fact_case.extensions IS 'Times extended. / 延期次数。';
COMMENT ON COLUMN community_bi.fact_case.suspensions IS 'Times suspended. / 挂起次数。';
COMMENT ON COLUMN community_bi.fact_case.reopenings IS 'Times reopened. / 重办次数。';
COMMENT ON COLUMN community_bi.fact_case.escalations IS 'Times escalated. / 升级次数。';
COMMENT ON COLUMN community_bi.fact_case.rating IS 'Rating 1 to 5; NULL: none. / 评价 1 至 5。';
COMMENT ON COLUMN community_bi.fact_case.reported_at IS 'Local time of the report. / 上报时间。';
COMMENT ON COLUMN community_bi.fact_case.filed_at IS 'Local time of the first filing. / 立案时间。';
COMMENT ON COLUMN community_bi.fact_case.dispatched_at IS 'Local time of the last dispatch. / 派遣时间。';
COMMENT ON COLUMN community_bi.fact_case.signed_at IS 'Local time of the last signing. / 签收时间。';
COMMENT ON COLUMN community_bi.fact_case.handled_at IS 'Local time handling was done. / 处置完成时间。';
COMMENT ON COLUMN community_bi.fact_case.closed_at IS 'Local time of closing; NULL while open. / 结案时间。';
COMMENT ON COLUMN community_bi.fact_case.deadline IS 'Local deadline as last computed; NULL: no limit. / 截止时间。';
COMMENT ON COLUMN community_bi.fact_case.due_at IS 'Local deadline while the clock runs. / 计时运行时的截止时间。';
COMMENT ON COLUMN community_bi.fact_case.due_imported IS 'True when the deadline came with the import. / 截止时间是否导入。';
COMMENT ON COLUMN community_bi.fact_case.on_time IS 'Closed no later than the deadline; NULL while open or without one. / 是否按期结案。';
COMMENT ON COLUMN community_bi.fact_case.stage_due IS 'Local end of the limit of the stage it waits in. / 当前环节截止时间。';
COMMENT ON COLUMN community_bi.fact_case.suspend_until IS 'Local end of the suspension. / 挂起截止时间。';
COMMENT ON COLUMN community_bi.fact_case.assists_open IS 'Assisting organizations that have not finished. / 未完成协办单位数。';
COMMENT ON COLUMN community_bi.fact_case.hours_to_close IS 'Hours from filing to closing by the calendar. / 立案至结案小时数（自然时）。';

CREATE OR REPLACE VIEW community_bi.fact_case_daily WITH (security_barrier = true) AS
SELECT r.rollup_id AS case_daily_key,
       to_char(r.day, 'YYYYMMDD')::integer AS date_key,
       r.day,
       r.community_id,
       g.code::text AS grid_code,
       g.grid_id,
       r.case_type,
       t.name AS case_type_name,
       t.kind AS case_kind,
       r.events,
       r.reported,
       r.filed,
       r.filed_collected,
       r.self_handled,
       r.dispatched,
       r.returned,
       r.handled,
       r.closed,
       r.closed_on_time,
       r.closed_late,
       r.reworked,
       r.extended,
       r.suspended,
       r.escalated,
       r.transferred,
       r.rejected,
       r.merged,
       r.voided,
       r.reopened,
       r.rated,
       r.satisfied
  FROM community.rollup_case_day r
  JOIN community.case_type t ON t.case_type = r.case_type
  LEFT JOIN community.grid g ON g.community_id = r.community_id AND g.grid_id = r.grid_id
 WHERE r.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_case_daily IS 'What happened to cases per unit grid, local day and type. / 按单元网格、当地日期、类型的案卷日汇总。';
COMMENT ON COLUMN community_bi.fact_case_daily.case_daily_key IS 'Key of the row. / 行主键。';
COMMENT ON COLUMN community_bi.fact_case_daily.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_case_daily.day IS 'Local day on which the events occurred. / 事件发生当地日期。';
COMMENT ON COLUMN community_bi.fact_case_daily.community_id IS 'Community of the cases. / 所属社区。';
COMMENT ON COLUMN community_bi.fact_case_daily.grid_code IS 'Unit grid; NULL: in none. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_case_daily.grid_id IS 'Key of the unit grid; NULL: in none. / 单元网格主键。';
COMMENT ON COLUMN community_bi.fact_case_daily.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community_bi.fact_case_daily.case_type_name IS 'Name of the type. / 类型名称。';
COMMENT ON COLUMN community_bi.fact_case_daily.case_kind IS 'component, event, dispute, request or alarm. / 大类。';
COMMENT ON COLUMN community_bi.fact_case_daily.events IS 'Log rows counted, of every kind. / 计入的日志行数。';
COMMENT ON COLUMN community_bi.fact_case_daily.reported IS 'Cases reported. / 上报数。';
COMMENT ON COLUMN community_bi.fact_case_daily.filed IS 'Cases filed: the clock started for the first time or after a rejection. / 立案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.filed_collected IS 'Cases filed that patrols or sensors reported. / 巡查与感知采集的立案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.self_handled IS 'Cases handled on the spot by the grid worker. / 即处即结数。';
COMMENT ON COLUMN community_bi.fact_case_daily.dispatched IS 'Dispatches. / 派遣数。';
COMMENT ON COLUMN community_bi.fact_case_daily.returned IS 'Returns by departments. / 退单数。';
COMMENT ON COLUMN community_bi.fact_case_daily.handled IS 'Handlings reported done. / 处置完成数。';
COMMENT ON COLUMN community_bi.fact_case_daily.closed IS 'Cases closed. / 结案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.closed_on_time IS 'Cases closed no later than their deadline. / 按期结案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.closed_late IS 'Cases closed after their deadline. / 超期结案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.reworked IS 'Failed checks. / 返工数。';
COMMENT ON COLUMN community_bi.fact_case_daily.extended IS 'Extensions granted. / 延期数。';
COMMENT ON COLUMN community_bi.fact_case_daily.suspended IS 'Suspensions granted. / 挂起数。';
COMMENT ON COLUMN community_bi.fact_case_daily.escalated IS 'Escalations. / 升级数。';
COMMENT ON COLUMN community_bi.fact_case_daily.transferred IS 'Transfers to the upper level. / 移交上级数。';
COMMENT ON COLUMN community_bi.fact_case_daily.rejected IS 'Reports rejected. / 不予受理数。';
COMMENT ON COLUMN community_bi.fact_case_daily.merged IS 'Duplicates merged. / 并案数。';
COMMENT ON COLUMN community_bi.fact_case_daily.voided IS 'Cases voided. / 作废数。';
COMMENT ON COLUMN community_bi.fact_case_daily.reopened IS 'Closed cases reopened. / 重办数。';
COMMENT ON COLUMN community_bi.fact_case_daily.rated IS 'Ratings given. / 评价数。';
COMMENT ON COLUMN community_bi.fact_case_daily.satisfied IS 'Ratings of 4 or 5. / 满意数。';
