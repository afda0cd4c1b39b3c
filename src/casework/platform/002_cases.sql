-- The cases themselves and their append-only log.

CREATE TABLE community.case_counter (
    community_id bigint NOT NULL REFERENCES community.community,
    day date NOT NULL,
    last_no integer NOT NULL CHECK (last_no > 0),
    PRIMARY KEY (community_id, day)
) WITH (fillfactor = 50);
COMMENT ON TABLE community.case_counter IS 'Last case number given out per community and local day. / 各社区每日案卷号计数。';
COMMENT ON COLUMN community.case_counter.community_id IS 'Community that numbers its cases. / 社区。';
COMMENT ON COLUMN community.case_counter.day IS 'Local day of the report. / 上报当地日期。';
COMMENT ON COLUMN community.case_counter.last_no IS 'Number given out last. / 当日最后一个号。';

CREATE SEQUENCE community.case_file_seq;
COMMENT ON SEQUENCE community.case_file_seq IS 'Numbers of cases in the database. / 案卷库内编号序列。';
CREATE TABLE community.case_file (
    community_id bigint NOT NULL REFERENCES community.community,
    case_id bigint NOT NULL DEFAULT nextval('community.case_file_seq'),
    case_no text NOT NULL,
    case_type text NOT NULL REFERENCES community.case_type,
    machine integer NOT NULL REFERENCES community.case_machine,
    state text NOT NULL,
    seq integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL,
    clock text NOT NULL DEFAULT 'idle',
    due_at timestamptz,
    deadline timestamptz,
    time_left interval,
    due_import timestamptz,
    due_imported boolean NOT NULL DEFAULT false,
    on_time boolean,
    channel text NOT NULL REFERENCES community.case_channel,
    source text,
    external_id text,
    reporter text,
    description text,
    component_id text,
    doc jsonb NOT NULL DEFAULT '{}',
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    cell community.gridcell NOT NULL,
    cell_key bigint NOT NULL,
    grid_id bigint,
    grid_code community.gridcode,
    duty_community_id bigint,
    duty_organization_id bigint,
    organization_community_id bigint,
    organization_id bigint,
    handler text,
    handlers text[] NOT NULL DEFAULT '{}',
    merged_into bigint,
    supporters integer NOT NULL DEFAULT 1,
    returns integer NOT NULL DEFAULT 0,
    reworks integer NOT NULL DEFAULT 0,
    extensions integer NOT NULL DEFAULT 0,
    suspensions integer NOT NULL DEFAULT 0,
    reopenings integer NOT NULL DEFAULT 0,
    escalations integer NOT NULL DEFAULT 0,
    suspend_until timestamptz,
    extend_by interval,
    rating integer,
    reported_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    filed_at timestamptz,
    dispatched_at timestamptz,
    signed_at timestamptz,
    handled_at timestamptz,
    closed_at timestamptz,
    PRIMARY KEY (community_id, case_id),
    UNIQUE (community_id, case_no),
    FOREIGN KEY (community_id, grid_id) REFERENCES community.grid,
    FOREIGN KEY (community_id, merged_into) REFERENCES community.case_file (community_id, case_id),
    -- One check, and no foreign key on the state: both would be paid at every
    -- event, and a state only comes from a transition, which has that key.
    CONSTRAINT case_file_clock_check CHECK (CASE clock WHEN 'running' THEN closed_at IS NULL
        WHEN 'ended' THEN due_at IS NULL AND closed_at IS NOT NULL
        ELSE due_at IS NULL AND closed_at IS NULL AND clock = ANY ('{idle,paused,stopped}') END)
) WITH (fillfactor = 80);
ALTER SEQUENCE community.case_file_seq OWNED BY community.case_file.case_id;
CREATE INDEX case_file_due ON community.case_file (community_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX case_file_cell ON community.case_file (community_id, cell_key, case_type);
CREATE UNIQUE INDEX case_file_external ON community.case_file (community_id, source, external_id)
    WHERE external_id IS NOT NULL AND source IS NOT NULL;
CREATE INDEX case_file_merged ON community.case_file (community_id, merged_into) WHERE merged_into IS NOT NULL;
COMMENT ON TABLE community.case_file IS 'One row per case: where it is, what state it is in, who has it, when it is due. Changed only by case_report and case_event. / 案卷：位置、状态、责任、时限；仅由 case_report 与 case_event 修改。';
COMMENT ON COLUMN community.case_file.community_id IS 'Community the case belongs to. / 所属社区。';
COMMENT ON COLUMN community.case_file.case_id IS 'Number in the database; no time order is meant by it. / 库内编号，不表示先后。';
COMMENT ON COLUMN community.case_file.case_no IS 'Case number that people use: community, day, running number. / 案卷号：社区、日期、流水号。';
COMMENT ON COLUMN community.case_file.case_type IS 'What it is about. / 类型。';
COMMENT ON COLUMN community.case_file.machine IS 'Version of the state machine it runs under. / 适用的状态机版本。';
COMMENT ON COLUMN community.case_file.state IS 'State it is in. / 当前状态。';
COMMENT ON COLUMN community.case_file.seq IS 'Number of its events so far, the report being 1. / 已发生事件数，上报为 1。';
COMMENT ON COLUMN community.case_file.last_at IS 'When its last event occurred. / 最近事件发生时间。';
COMMENT ON COLUMN community.case_file.clock IS 'idle before filing, running, paused, ended (closed), stopped (rejected, duplicate, voided). / 计时状态：未启动、运行、暂停、结案、终止。';
COMMENT ON COLUMN community.case_file.due_at IS 'Deadline while the clock runs; NULL while it stands. / 计时运行时的截止时间，停表时为 NULL。';
COMMENT ON COLUMN community.case_file.deadline IS 'Deadline as last computed, kept when the clock stands; NULL: no limit. / 最近一次计算的截止时间，停表仍保留。';
COMMENT ON COLUMN community.case_file.time_left IS 'Time that was left when the clock stopped or paused; negative when overdue. / 停表时剩余时间，超期为负。';
COMMENT ON COLUMN community.case_file.due_import IS 'Deadline that came with an imported case, used at its first filing. / 导入的截止时间，首次立案时采用。';
COMMENT ON COLUMN community.case_file.due_imported IS 'True while the deadline in force is the imported one. / 当前截止时间是否为导入值。';
COMMENT ON COLUMN community.case_file.on_time IS 'Closed no later than its deadline; NULL while open or without deadline. / 是否按期结案；未结或不限时为 NULL。';
COMMENT ON COLUMN community.case_file.channel IS 'How the report came in. / 来源渠道。';
COMMENT ON COLUMN community.case_file.source IS 'System or list that an imported case comes from. / 来源系统。';
COMMENT ON COLUMN community.case_file.external_id IS 'Its number in that system, unique per community and source. / 来源系统编号。';
COMMENT ON COLUMN community.case_file.reporter IS 'Who reported, as the channel names him; NULL: anonymous. / 上报人；NULL 表示匿名。';
COMMENT ON COLUMN community.case_file.description IS 'What was reported, in the reporter''s words. / 描述。';
COMMENT ON COLUMN community.case_file.component_id IS 'Component (16 digits) the case is about. / 部件编号。';
COMMENT ON COLUMN community.case_file.doc IS 'Further fields of the report, without meaning to the machine. / 其他字段。';
COMMENT ON COLUMN community.case_file.lon IS 'Longitude in degrees, WGS 84 or CGCS2000. / 经度。';
COMMENT ON COLUMN community.case_file.lat IS 'Latitude in degrees, WGS 84 or CGCS2000. / 纬度。';
COMMENT ON COLUMN community.case_file.cell IS 'BeiDou grid cell of level 7 (about 7 m). / 北斗网格码第 7 级。';
COMMENT ON COLUMN community.case_file.cell_key IS 'The cell as a number, for indexes. / 网格码数值。';
COMMENT ON COLUMN community.case_file.grid_id IS 'Unit grid; NULL: in no grid. / 单元网格；NULL 表示不在任何网格内。';
COMMENT ON COLUMN community.case_file.grid_code IS 'Code of that grid when the case was reported. / 上报时的网格代码。';
COMMENT ON COLUMN community.case_file.duty_community_id IS 'Owner of the organization that duty names. / 责任单位所属。';
COMMENT ON COLUMN community.case_file.duty_organization_id IS 'Organization that duty named at the report; NULL: a gap. / 上报时的责任单位；NULL 表示责任空白。';
COMMENT ON COLUMN community.case_file.organization_community_id IS 'Owner of the organization that has the case. / 承办单位所属。';
COMMENT ON COLUMN community.case_file.organization_id IS 'Organization that the case was dispatched to; NULL before dispatch and after a return. / 承办单位；派遣前与退单后为 NULL。';
COMMENT ON COLUMN community.case_file.handler IS 'Who signed or handled it last. / 最近的处置人。';
COMMENT ON COLUMN community.case_file.handlers IS 'Everybody who ever signed or handled it; none of them may inspect it. / 全部处置人，均不得核查本案。';
COMMENT ON COLUMN community.case_file.merged_into IS 'Case that this duplicate was merged into. / 并入的主案。';
COMMENT ON COLUMN community.case_file.supporters IS 'Reports that stand behind the case, its own included. / 支持数（含本案）。';
COMMENT ON COLUMN community.case_file.returns IS 'Times returned by departments. / 退单次数。';
COMMENT ON COLUMN community.case_file.reworks IS 'Times the check failed. / 返工次数。';
COMMENT ON COLUMN community.case_file.extensions IS 'Extensions granted. / 延期次数。';
COMMENT ON COLUMN community.case_file.suspensions IS 'Suspensions granted. / 挂起次数。';
COMMENT ON COLUMN community.case_file.reopenings IS 'Times reopened after closing. / 重办次数。';
COMMENT ON COLUMN community.case_file.escalations IS 'Times escalated. / 升级次数。';
COMMENT ON COLUMN community.case_file.suspend_until IS 'End of the suspension asked for or in force. / 挂起截止时间。';
COMMENT ON COLUMN community.case_file.extend_by IS 'Extension asked for and not yet decided. / 申请延长的时间。';
COMMENT ON COLUMN community.case_file.rating IS 'Reporter''s rating, 1 (bad) to 5 (good). / 评价 1 至 5。';
COMMENT ON COLUMN community.case_file.reported_at IS 'When it was reported. / 上报时间。';
COMMENT ON COLUMN community.case_file.recorded_at IS 'When this database learnt of it. / 入库时间。';
COMMENT ON COLUMN community.case_file.filed_at IS 'When the clock first started. / 首次立案时间。';
COMMENT ON COLUMN community.case_file.dispatched_at IS 'When it was last dispatched. / 最近派遣时间。';
COMMENT ON COLUMN community.case_file.signed_at IS 'When it was last signed for. / 最近签收时间。';
COMMENT ON COLUMN community.case_file.handled_at IS 'When handling was last reported done. / 最近处置完成时间。';
COMMENT ON COLUMN community.case_file.closed_at IS 'When it was closed; NULL while open or reopened. / 结案时间；未结或重办时为 NULL。';

-- Partitioned by the time an event occurred: an import of old years lands in
-- their own months, and retention drops what is old in fact.
CREATE SEQUENCE community.case_log_seq;
COMMENT ON SEQUENCE community.case_log_seq IS 'Numbers of log rows. / 日志行号序列。';
CREATE TABLE community.case_log (
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    seq integer NOT NULL,
    log_id bigint NOT NULL DEFAULT nextval('community.case_log_seq'),
    event text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    role text NOT NULL,
    actor text NOT NULL,
    recorded_by text NOT NULL DEFAULT session_user,
    case_type text NOT NULL,
    channel text NOT NULL,
    grid_id bigint,
    organization_community_id bigint,
    organization_id bigint,
    clock_was text,
    clock text NOT NULL,
    deadline_was timestamptz,
    deadline timestamptz,
    on_time_was boolean,
    on_time boolean,
    rating integer,
    reason text,
    doc jsonb NOT NULL DEFAULT '{}',
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, case_id, seq, occurred_at)
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE community.case_log_seq OWNED BY community.case_log.log_id;
CREATE INDEX case_log_tx ON community.case_log USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);
CREATE TABLE community.case_log_default PARTITION OF community.case_log DEFAULT;
COMMENT ON TABLE community.case_log IS 'Append-only log of what happened to every case; in monthly partitions by the time it occurred. / 案卷日志，只增不改，按发生时间分月。';
COMMENT ON TABLE community.case_log_default IS 'Catches log rows whose month has no partition yet. / 默认分区，接收尚无月份分区的日志。';
COMMENT ON COLUMN community.case_log.community_id IS 'Community of the case. / 社区。';
COMMENT ON COLUMN community.case_log.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.case_log.seq IS 'Number of the event within its case, without gaps. / 案内序号，连续无缺。';
COMMENT ON COLUMN community.case_log.log_id IS 'Number of the row. / 行号。';
COMMENT ON COLUMN community.case_log.event IS 'What happened; report for the first row. / 事件，首行为 report。';
COMMENT ON COLUMN community.case_log.from_state IS 'State before; NULL for the report. / 之前状态；上报时为 NULL。';
COMMENT ON COLUMN community.case_log.to_state IS 'State after. / 之后状态。';
COMMENT ON COLUMN community.case_log.role IS 'Capability under which it was done. / 角色。';
COMMENT ON COLUMN community.case_log.actor IS 'Who did it. / 操作人。';
COMMENT ON COLUMN community.case_log.recorded_by IS 'Login that recorded it. / 登录账号。';
COMMENT ON COLUMN community.case_log.case_type IS 'Type of the case then. / 当时的案卷类型。';
COMMENT ON COLUMN community.case_log.channel IS 'Channel the case came in by. / 来源渠道。';
COMMENT ON COLUMN community.case_log.grid_id IS 'Unit grid of the case; NULL: none. / 单元网格。';
COMMENT ON COLUMN community.case_log.organization_community_id IS 'Owner of the organization that has the case afterwards. / 承办单位所属。';
COMMENT ON COLUMN community.case_log.organization_id IS 'Organization that has the case afterwards; for a return the one that returned it. / 承办单位；退单时为退单单位。';
COMMENT ON COLUMN community.case_log.clock_was IS 'Clock before. / 之前计时状态。';
COMMENT ON COLUMN community.case_log.clock IS 'Clock after. / 之后计时状态。';
COMMENT ON COLUMN community.case_log.deadline_was IS 'Deadline before. / 之前截止时间。';
COMMENT ON COLUMN community.case_log.deadline IS 'Deadline after. / 之后截止时间。';
COMMENT ON COLUMN community.case_log.on_time_was IS 'Verdict before. / 之前是否按期。';
COMMENT ON COLUMN community.case_log.on_time IS 'Verdict after. / 之后是否按期。';
COMMENT ON COLUMN community.case_log.rating IS 'Rating given by the event rate. / 评价。';
COMMENT ON COLUMN community.case_log.reason IS 'Reason given. / 原因。';
COMMENT ON COLUMN community.case_log.doc IS 'Document of the call. / 调用所附内容。';
COMMENT ON COLUMN community.case_log.occurred_at IS 'When it occurred. / 发生时间。';
COMMENT ON COLUMN community.case_log.recorded_at IS 'When it was recorded. / 记录时间。';
COMMENT ON COLUMN community.case_log.tx IS 'Transaction that wrote the row; rollups take windows of it. / 写入事务号，供增量汇总。';
