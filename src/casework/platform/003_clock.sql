-- Working time and the limits of the stages on the way to handling.

DROP FUNCTION IF EXISTS community._case_due(bigint, timestamptz, interval, text);
DROP FUNCTION IF EXISTS community._case_left(bigint, timestamptz, timestamptz, text);

CREATE TABLE community.work_hours (
    community_id bigint NOT NULL REFERENCES community.community,
    organization_id bigint NOT NULL DEFAULT 0,
    hours text NOT NULL,
    weekly int4multirange NOT NULL,
    calendar text,
    source text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (community_id, organization_id)
);
COMMENT ON TABLE community.work_hours IS 'Weekly working hours of a community or of one organization; what has none takes those of the division above, then the setting work_hours. / 社区或单位的每周工作时间；未设置者沿用上级区划，再用设置项 work_hours。';
COMMENT ON COLUMN community.work_hours.community_id IS 'Community or division. / 社区或区划。';
COMMENT ON COLUMN community.work_hours.organization_id IS 'One of its organizations; 0: the whole community and all below it. / 其下属单位；0 表示整个社区及其下级。';
COMMENT ON COLUMN community.work_hours.hours IS 'Hours as people write them, in the grammar of weekly_hours(). / 工作时间文本，语法见 weekly_hours()。';
COMMENT ON COLUMN community.work_hours.weekly IS 'The same hours ready for arithmetic. / 供计算的工作时间。';
COMMENT ON COLUMN community.work_hours.calendar IS 'Calendar of holidays and shifted working days; NULL: the setting calendar. / 节假日与调休日历；NULL 用设置项 calendar。';
COMMENT ON COLUMN community.work_hours.source IS 'Document that sets the hours. / 依据文件。';

CREATE TABLE community.case_stage_limit (
    case_type text NOT NULL,
    stage text NOT NULL CHECK (stage IN ('accept', 'file', 'dispatch', 'sign')),
    time_limit interval NOT NULL
        CHECK (time_limit > interval '0' AND extract(year FROM time_limit) = 0 AND extract(month FROM time_limit) = 0),
    clock text NOT NULL CHECK (clock IN ('calendar', 'work', 'urgent')),
    source text NOT NULL CHECK (source <> ''),
    PRIMARY KEY (case_type, stage)
);
COMMENT ON TABLE community.case_stage_limit IS 'How long a case may wait to be accepted, filed, dispatched or signed, beside its total limit. / 受理、立案、派遣、签收各环节时限。';
COMMENT ON COLUMN community.case_stage_limit.case_type IS 'Type of case; * for all that have no row of their own. / 案卷类型；* 表示其余全部类型。';
COMMENT ON COLUMN community.case_stage_limit.stage IS 'accept: from the report; file: from acceptance; dispatch: from filing or escalation; sign: from dispatch. / 环节：受理、立案、派遣、签收。';
COMMENT ON COLUMN community.case_stage_limit.time_limit IS 'Limit in the units of the clock. / 时限。';
COMMENT ON COLUMN community.case_stage_limit.clock IS 'calendar, work or urgent, as in case_type. / 计时方式，同 case_type。';
COMMENT ON COLUMN community.case_stage_limit.source IS 'Where the limit comes from. / 出处。';

ALTER TABLE community.case_file ADD COLUMN stage_due timestamptz;
COMMENT ON COLUMN community.case_file.stage_due IS 'Until when the stage it waits in should end; NULL: no stage or no limit. / 当前环节截止时间；NULL 表示无环节时限。';
CREATE INDEX case_file_stage ON community.case_file (community_id, stage_due) WHERE stage_due IS NOT NULL;
ALTER TABLE community.case_log ADD COLUMN stage_due timestamptz;
COMMENT ON COLUMN community.case_log.stage_due IS 'Until when the stage that the event began or left running should end; NULL: none. / 事件之后所处环节的截止时间；NULL 表示无。';
