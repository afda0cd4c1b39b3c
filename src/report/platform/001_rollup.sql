-- Rollups of the case log; every row stems from windows of its column tx.

CREATE SEQUENCE community.rollup_case_day_seq;
COMMENT ON SEQUENCE community.rollup_case_day_seq IS 'Numbers of rollup rows. / 日汇总行号序列。';
CREATE TABLE community.rollup_case_day (
    community_id bigint NOT NULL REFERENCES community.community,
    day date NOT NULL,
    grid_id bigint NOT NULL,
    case_type text NOT NULL,
    rollup_id bigint NOT NULL DEFAULT nextval('community.rollup_case_day_seq'),
    events integer NOT NULL DEFAULT 0,
    reported integer NOT NULL DEFAULT 0,
    filed integer NOT NULL DEFAULT 0,
    filed_collected integer NOT NULL DEFAULT 0,
    self_handled integer NOT NULL DEFAULT 0,
    dispatched integer NOT NULL DEFAULT 0,
    returned integer NOT NULL DEFAULT 0,
    handled integer NOT NULL DEFAULT 0,
    closed integer NOT NULL DEFAULT 0,
    closed_on_time integer NOT NULL DEFAULT 0,
    closed_late integer NOT NULL DEFAULT 0,
    reworked integer NOT NULL DEFAULT 0,
    extended integer NOT NULL DEFAULT 0,
    suspended integer NOT NULL DEFAULT 0,
    escalated integer NOT NULL DEFAULT 0,
    transferred integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    merged integer NOT NULL DEFAULT 0,
    voided integer NOT NULL DEFAULT 0,
    reopened integer NOT NULL DEFAULT 0,
    rated integer NOT NULL DEFAULT 0,
    satisfied integer NOT NULL DEFAULT 0,
    PRIMARY KEY (community_id, day, grid_id, case_type)
) WITH (fillfactor = 85);
ALTER SEQUENCE community.rollup_case_day_seq OWNED BY community.rollup_case_day.rollup_id;
COMMENT ON TABLE community.rollup_case_day IS 'What happened to cases per unit grid, local day and case type; kept up from new log rows alone. / 案卷日汇总：按单元网格、当地日期、类型增量统计。';
COMMENT ON COLUMN community.rollup_case_day.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.rollup_case_day.day IS 'Local day on which the events occurred. / 事件发生的当地日期。';
COMMENT ON COLUMN community.rollup_case_day.grid_id IS 'Unit grid; 0: in no grid. / 单元网格，0 表示不在网格内。';
COMMENT ON COLUMN community.rollup_case_day.case_type IS 'Type of the cases. / 案卷类型。';
COMMENT ON COLUMN community.rollup_case_day.rollup_id IS 'Number of the row, for BI tools. / 行号，供 BI 工具使用。';
COMMENT ON COLUMN community.rollup_case_day.events IS 'Log rows counted, of every kind. / 计入的日志行数。';
COMMENT ON COLUMN community.rollup_case_day.reported IS 'Cases reported. / 上报数。';
COMMENT ON COLUMN community.rollup_case_day.filed IS 'Cases filed: the clock started for the first time or after a rejection. / 立案数。';
COMMENT ON COLUMN community.rollup_case_day.filed_collected IS 'Cases filed that patrols or sensors reported. / 巡查与感知采集的立案数。';
COMMENT ON COLUMN community.rollup_case_day.self_handled IS 'Cases handled on the spot by the grid worker. / 即处即结数。';
COMMENT ON COLUMN community.rollup_case_day.dispatched IS 'Dispatches. / 派遣数。';
COMMENT ON COLUMN community.rollup_case_day.returned IS 'Returns by departments. / 退单数。';
COMMENT ON COLUMN community.rollup_case_day.handled IS 'Handlings reported done. / 处置完成数。';
COMMENT ON COLUMN community.rollup_case_day.closed IS 'Cases closed. / 结案数。';
COMMENT ON COLUMN community.rollup_case_day.closed_on_time IS 'Cases closed no later than their deadline. / 按期结案数。';
COMMENT ON COLUMN community.rollup_case_day.closed_late IS 'Cases closed after their deadline. / 超期结案数。';
COMMENT ON COLUMN community.rollup_case_day.reworked IS 'Failed checks. / 返工数。';
COMMENT ON COLUMN community.rollup_case_day.extended IS 'Extensions granted. / 延期数。';
COMMENT ON COLUMN community.rollup_case_day.suspended IS 'Suspensions granted. / 挂起数。';
COMMENT ON COLUMN community.rollup_case_day.escalated IS 'Escalations. / 升级数。';
COMMENT ON COLUMN community.rollup_case_day.transferred IS 'Transfers to the upper level. / 移交上级数。';
COMMENT ON COLUMN community.rollup_case_day.rejected IS 'Reports rejected. / 不予受理数。';
COMMENT ON COLUMN community.rollup_case_day.merged IS 'Duplicates merged. / 并案数。';
COMMENT ON COLUMN community.rollup_case_day.voided IS 'Cases voided. / 作废数。';
COMMENT ON COLUMN community.rollup_case_day.reopened IS 'Closed cases reopened. / 重办数。';
COMMENT ON COLUMN community.rollup_case_day.rated IS 'Ratings given. / 评价数。';
COMMENT ON COLUMN community.rollup_case_day.satisfied IS 'Ratings of 4 or 5. / 满意数。';

-- Cases by the day their deadline falls on.  A row holds what one day of events
-- changed, so that any period can be counted as it stood at its end.
CREATE TABLE community.rollup_case_due (
    community_id bigint NOT NULL REFERENCES community.community,
    due_day date NOT NULL,
    day date NOT NULL,
    grid_id bigint NOT NULL,
    case_type text NOT NULL,
    due integer NOT NULL DEFAULT 0,
    due_suspended integer NOT NULL DEFAULT 0,
    due_closed integer NOT NULL DEFAULT 0,
    due_on_time integer NOT NULL DEFAULT 0,
    PRIMARY KEY (community_id, due_day, day, grid_id, case_type)
) WITH (fillfactor = 85);
COMMENT ON TABLE community.rollup_case_due IS 'Changes, per local day of events, to the cases whose deadline falls on a local day; summed up to a day they give that day''s standing. / 按截止日统计的应结案变化量，累加至某日即为当日状况。';
COMMENT ON COLUMN community.rollup_case_due.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.rollup_case_due.due_day IS 'Local day the deadline falls on. / 截止时间所在的当地日期。';
COMMENT ON COLUMN community.rollup_case_due.day IS 'Local day on which the change occurred. / 变化发生的当地日期。';
COMMENT ON COLUMN community.rollup_case_due.grid_id IS 'Unit grid; 0: in no grid. / 单元网格，0 表示不在网格内。';
COMMENT ON COLUMN community.rollup_case_due.case_type IS 'Type of the cases. / 案卷类型。';
COMMENT ON COLUMN community.rollup_case_due.due IS 'Change: cases that should be closed. / 应结案数的变化。';
COMMENT ON COLUMN community.rollup_case_due.due_suspended IS 'Change: of these, suspended or transferred. / 其中挂起或移交数的变化。';
COMMENT ON COLUMN community.rollup_case_due.due_closed IS 'Change: of these, closed. / 其中结案数的变化。';
COMMENT ON COLUMN community.rollup_case_due.due_on_time IS 'Change: of these, closed on time. / 其中按期结案数的变化。';
