-- What a case may be and how it may move: types, states, machines,
-- transitions, and who is responsible where.

CREATE TABLE community.case_type (
    case_type text PRIMARY KEY CHECK (case_type <> '' AND length(case_type) <= 120),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('component', 'event', 'dispute', 'request', 'alarm')),
    time_limit interval
        CHECK (time_limit > interval '0' AND extract(year FROM time_limit) = 0 AND extract(month FROM time_limit) = 0),
    clock text NOT NULL DEFAULT 'calendar' CHECK (clock IN ('calendar', 'work', 'urgent')),
    max_return integer NOT NULL DEFAULT 2 CHECK (max_return >= 0),
    max_extend integer NOT NULL DEFAULT 1 CHECK (max_extend >= 0),
    extend_at_most interval CHECK (extend_at_most > interval '0'),
    suspend_at_most interval CHECK (suspend_at_most > interval '0'),
    reopen_within interval CHECK (reopen_within > interval '0'),
    filing_rule text,
    closing_rule text,
    source text NOT NULL CHECK (source <> ''),
    active boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE community.case_type IS 'What a case may be about, with its limit, clock and rules; limits differ by city and are data with a source. / 案卷类型：时限、计时方式、退单与延期规则，均为带出处的数据。';
COMMENT ON COLUMN community.case_type.case_type IS 'Code of the type. / 类型代码。';
COMMENT ON COLUMN community.case_type.name IS 'Name as people read it. / 显示名称。';
COMMENT ON COLUMN community.case_type.kind IS 'component, event, dispute, request or alarm. / 大类：部件、事件、纠纷、诉求、报警。';
COMMENT ON COLUMN community.case_type.time_limit IS 'Time from filing to closing in the units of the clock: days and hours are working days and hours under the clock work. NULL: no limit. / 处置时限；按计时方式解释，NULL 表示不限时。';
COMMENT ON COLUMN community.case_type.clock IS 'calendar: every hour and day counts; work: working time of the community; urgent: 24-hour clock. / 计时方式：自然时、工作时、紧急时。';
COMMENT ON COLUMN community.case_type.max_return IS 'How often a department may return the case; afterwards an arbiter assigns. / 最多退单次数，之后由裁定人指派。';
COMMENT ON COLUMN community.case_type.max_extend IS 'How often the limit may be extended. / 最多延期次数。';
COMMENT ON COLUMN community.case_type.extend_at_most IS 'The longest single extension; NULL: as long as the limit itself. / 单次延期上限；NULL 表示不超过原时限。';
COMMENT ON COLUMN community.case_type.suspend_at_most IS 'The longest suspension at one time; NULL: unbounded. / 单次挂起上限；NULL 表示不限。';
COMMENT ON COLUMN community.case_type.reopen_within IS 'Time after closing in which the case may be reopened; NULL: always. / 结案后可重办的期限；NULL 表示不限。';
COMMENT ON COLUMN community.case_type.filing_rule IS 'Condition under which a report is filed, in words. / 立案条件。';
COMMENT ON COLUMN community.case_type.closing_rule IS 'Condition under which the case is closed, in words. / 结案条件。';
COMMENT ON COLUMN community.case_type.source IS 'Where type and limit come from. / 类型与时限的出处。';
COMMENT ON COLUMN community.case_type.active IS 'False: no new case of this type is taken. / 为假时不再受理新案卷。';

CREATE TABLE community.case_state (
    state text PRIMARY KEY,
    name text NOT NULL,
    name_zh text NOT NULL,
    is_open boolean NOT NULL,
    ordinal integer NOT NULL UNIQUE
);
COMMENT ON TABLE community.case_state IS 'The states of a case; the words of the machine. / 案卷状态表。';
COMMENT ON COLUMN community.case_state.state IS 'Code of the state. / 状态代码。';
COMMENT ON COLUMN community.case_state.name IS 'English name. / 英文名称。';
COMMENT ON COLUMN community.case_state.name_zh IS 'Chinese name. / 中文名称。';
COMMENT ON COLUMN community.case_state.is_open IS 'True while somebody still has to act on the case. / 是否在办。';
COMMENT ON COLUMN community.case_state.ordinal IS 'Place in lists, along the usual path. / 列表中的次序。';

CREATE TABLE community.case_channel (
    channel text PRIMARY KEY CHECK (channel ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL,
    name_zh text NOT NULL,
    collected boolean NOT NULL
);
COMMENT ON TABLE community.case_channel IS 'Ways by which reports come in. / 案卷来源渠道。';
COMMENT ON COLUMN community.case_channel.channel IS 'Code of the channel. / 渠道代码。';
COMMENT ON COLUMN community.case_channel.name IS 'English name. / 英文名称。';
COMMENT ON COLUMN community.case_channel.name_zh IS 'Chinese name. / 中文名称。';
COMMENT ON COLUMN community.case_channel.collected IS 'True when the administration finds the case itself, by patrol or sensor. / 是否为主动采集（巡查、感知）。';

CREATE TABLE community.case_machine (
    version integer PRIMARY KEY CHECK (version > 0),
    name text NOT NULL,
    source text NOT NULL,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'retired')),
    activated_at timestamptz
);
CREATE UNIQUE INDEX case_machine_active ON community.case_machine (status) WHERE status = 'active';
COMMENT ON TABLE community.case_machine IS 'Versions of the state machine; one is active, and a running case finishes under the version it began with. / 状态机版本；在办案卷按其立案时的版本办结。';
COMMENT ON COLUMN community.case_machine.version IS 'Number of the version. / 版本号。';
COMMENT ON COLUMN community.case_machine.name IS 'What distinguishes this version. / 版本名称。';
COMMENT ON COLUMN community.case_machine.source IS 'Where its transitions come from. / 出处。';
COMMENT ON COLUMN community.case_machine.status IS 'draft may be edited; active takes new cases; retired only finishes old ones. / 草稿可改，启用受理新案，停用仅办结旧案。';
COMMENT ON COLUMN community.case_machine.activated_at IS 'When it became active. / 启用时间。';

CREATE TABLE community.case_transition (
    version integer NOT NULL REFERENCES community.case_machine,
    from_state text NOT NULL REFERENCES community.case_state,
    event text NOT NULL CHECK (event <> ''),
    role text NOT NULL CHECK (role <> ''),
    to_state text NOT NULL REFERENCES community.case_state,
    clock text NOT NULL CHECK (clock IN ('run', 'start', 'pause', 'resume', 'stop')),
    PRIMARY KEY (version, from_state, event, role)
);
COMMENT ON TABLE community.case_transition IS 'The legal moves of a case: what may happen in which state, by whom, and what it does to the clock. / 状态迁移表：状态、事件、角色与计时影响。';
COMMENT ON COLUMN community.case_transition.version IS 'Version of the machine. / 状态机版本。';
COMMENT ON COLUMN community.case_transition.from_state IS 'State before. / 迁移前状态。';
COMMENT ON COLUMN community.case_transition.event IS 'What happens. / 事件。';
COMMENT ON COLUMN community.case_transition.role IS 'Capability that the actor needs. / 所需角色（能力）。';
COMMENT ON COLUMN community.case_transition.to_state IS 'State after. / 迁移后状态。';
COMMENT ON COLUMN community.case_transition.clock IS 'run leaves the clock as it is, except that a paused clock goes on when the case leaves its suspension; start, pause, resume and stop do as they say. / 计时影响：不变、启动、暂停、恢复、停止；离开挂起或移交状态时自动恢复。';

CREATE SEQUENCE community.duty_seq;
CREATE TABLE community.duty (
    community_id bigint NOT NULL REFERENCES community.community,
    duty_id bigint NOT NULL DEFAULT nextval('community.duty_seq'),
    scope community.gridcode NOT NULL,
    scope_key bigint NOT NULL,
    case_type text REFERENCES community.case_type,
    organization_id bigint NOT NULL,
    fallback boolean NOT NULL DEFAULT false,
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    source text,
    PRIMARY KEY (community_id, duty_id),
    FOREIGN KEY (community_id, organization_id) REFERENCES community.organization,
    CONSTRAINT duty_scope_key_check CHECK (scope_key = scope::bigint),
    CONSTRAINT duty_no_overlap EXCLUDE USING gist
        (community_id WITH =, scope_key WITH =, (COALESCE(case_type, '*')) WITH =, (fallback::integer) WITH =, valid WITH &&)
);
ALTER SEQUENCE community.duty_seq OWNED BY community.duty.duty_id;
CREATE INDEX duty_scope ON community.duty (scope_key, case_type);
COMMENT ON TABLE community.duty IS 'Who is responsible where, for what and when; the most specific scope wins, then the named type, then the fallback. / 责任表：范围、类型、有效期；范围越小越优先，其次指定类型，最后属地兜底。';
COMMENT ON COLUMN community.duty.community_id IS 'Community (or district, street) that owns the scope. / 范围所属的社区、街道或区。';
COMMENT ON COLUMN community.duty.duty_id IS 'Number of the row. / 行号。';
COMMENT ON COLUMN community.duty.scope IS 'Division or grid that the duty covers, with everything below it. / 责任范围（含下级）。';
COMMENT ON COLUMN community.duty.scope_key IS 'The scope as a number, for indexes. / 范围的数值形式，供索引使用。';
COMMENT ON COLUMN community.duty.case_type IS 'Type of case; NULL: all types. / 案卷类型；NULL 表示全部类型。';
COMMENT ON COLUMN community.duty.organization_id IS 'Responsible organization of the same owner. / 责任单位。';
COMMENT ON COLUMN community.duty.fallback IS 'True: answers only where no other duty does. / 属地兜底，无其他责任单位时生效。';
COMMENT ON COLUMN community.duty.valid IS 'Local days on which the duty holds. / 有效日期。';
COMMENT ON COLUMN community.duty.source IS 'Document that assigns the duty. / 依据文件。';
COMMENT ON SEQUENCE community.duty_seq IS 'Numbers of duty rows. / 责任行号序列。';
