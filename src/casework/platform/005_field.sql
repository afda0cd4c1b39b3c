-- The field: patrols, disputes, what people feel.

CREATE SEQUENCE community.patrol_plan_seq;
CREATE TABLE community.patrol_plan (
    community_id bigint NOT NULL,
    plan_id bigint NOT NULL DEFAULT nextval('community.patrol_plan_seq'),
    worker text NOT NULL CHECK (worker <> ''),
    grid_id bigint NOT NULL,
    revisit interval NOT NULL CHECK (revisit > interval '0'),
    case_cap integer NOT NULL DEFAULT 50 CHECK (case_cap > 0),
    valid daterange NOT NULL CHECK (NOT isempty(valid)),
    PRIMARY KEY (community_id, plan_id),
    FOREIGN KEY (community_id, grid_id) REFERENCES community.grid,
    CONSTRAINT patrol_plan_no_overlap EXCLUDE USING gist (community_id WITH =, worker WITH =, grid_id WITH =, valid WITH &&)
);
ALTER SEQUENCE community.patrol_plan_seq OWNED BY community.patrol_plan.plan_id;
COMMENT ON SEQUENCE community.patrol_plan_seq IS 'Numbers of patrol_plan rows. / patrol_plan 行号序列。';
COMMENT ON TABLE community.patrol_plan IS 'Which unit grids a grid worker patrols, how often, and how many cases he can bear. / 巡查计划：网格员、网格、周期与负荷上限。';
COMMENT ON COLUMN community.patrol_plan.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.patrol_plan.plan_id IS 'Number of the plan. / 计划号。';
COMMENT ON COLUMN community.patrol_plan.worker IS 'Grid worker, as he acts on cases. / 网格员。';
COMMENT ON COLUMN community.patrol_plan.grid_id IS 'Unit grid to visit. / 单元网格。';
COMMENT ON COLUMN community.patrol_plan.revisit IS 'Longest time between two visits. / 巡查周期。';
COMMENT ON COLUMN community.patrol_plan.case_cap IS 'Open cases in his grids that he can bear; the smallest of his plans counts. / 在办案卷上限，取各计划最小值。';
COMMENT ON COLUMN community.patrol_plan.valid IS 'Local days on which the plan holds. / 有效日期。';

CREATE TABLE community.patrol_track (
    community_id bigint NOT NULL,
    worker text NOT NULL,
    at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    grid_id bigint,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, worker, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE community.patrol_track IS 'Positions of grid workers as they come in; in monthly partitions. / 巡查轨迹，按月分区。';
COMMENT ON COLUMN community.patrol_track.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.patrol_track.worker IS 'Grid worker. / 网格员。';
COMMENT ON COLUMN community.patrol_track.at IS 'Time of the position. / 定位时间。';
COMMENT ON COLUMN community.patrol_track.lon IS 'Longitude in degrees. / 经度。';
COMMENT ON COLUMN community.patrol_track.lat IS 'Latitude in degrees. / 纬度。';
COMMENT ON COLUMN community.patrol_track.grid_id IS 'Unit grid he was in; NULL: none. / 所在单元网格。';
COMMENT ON COLUMN community.patrol_track.tx IS 'Transaction that wrote the row. / 写入事务号。';

CREATE TABLE community.patrol_track_default PARTITION OF community.patrol_track DEFAULT;
COMMENT ON TABLE community.patrol_track_default IS 'Catches positions whose month has no partition yet. / 默认分区。';
CREATE INDEX patrol_track_tx ON community.patrol_track USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE community.patrol_visit (
    community_id bigint NOT NULL,
    grid_id bigint NOT NULL,
    worker text NOT NULL,
    day date NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    fixes integer NOT NULL,
    PRIMARY KEY (community_id, grid_id, worker, day),
    FOREIGN KEY (community_id, grid_id) REFERENCES community.grid
);
COMMENT ON TABLE community.patrol_visit IS 'Grids that a worker was in per local day, as his track shows. / 每日巡查到的网格，由轨迹得出。';
COMMENT ON COLUMN community.patrol_visit.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.patrol_visit.grid_id IS 'Unit grid. / 单元网格。';
COMMENT ON COLUMN community.patrol_visit.worker IS 'Grid worker. / 网格员。';
COMMENT ON COLUMN community.patrol_visit.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community.patrol_visit.first_at IS 'First position in the grid. / 首次定位。';
COMMENT ON COLUMN community.patrol_visit.last_at IS 'Last position in the grid. / 末次定位。';
COMMENT ON COLUMN community.patrol_visit.fixes IS 'Positions in it; a single one may be an error of the receiver and counts as no visit. / 定位次数，仅一次不计为到访。';

CREATE TABLE community.dispute (
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    level text NOT NULL CHECK (level IN ('grid', 'community', 'street', 'district', 'court')),
    mediator text NOT NULL CHECK (mediator <> ''),
    outcome text NOT NULL DEFAULT 'pending' CHECK (outcome IN ('pending', 'agreed', 'withdrawn', 'failed')),
    agreement text,
    opened_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (community_id, case_id),
    FOREIGN KEY (community_id, case_id) REFERENCES community.case_file,
    CHECK ((outcome = 'agreed') <= (agreement IS NOT NULL)),
    CHECK ((outcome = 'pending') = (ended_at IS NULL))
);
COMMENT ON TABLE community.dispute IS 'Mediation of a case of kind dispute. / 纠纷调解。';
COMMENT ON COLUMN community.dispute.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.dispute.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.dispute.level IS 'Level that has it, or that resolved it. / 当前或化解层级。';
COMMENT ON COLUMN community.dispute.mediator IS 'Who mediates. / 调解人。';
COMMENT ON COLUMN community.dispute.outcome IS 'pending, agreed, withdrawn or failed. / 结果。';
COMMENT ON COLUMN community.dispute.agreement IS 'What was agreed. / 协议内容。';
COMMENT ON COLUMN community.dispute.opened_at IS 'When mediation began. / 开始时间。';
COMMENT ON COLUMN community.dispute.ended_at IS 'When it ended; NULL: pending. / 结束时间。';

CREATE TABLE community.dispute_party (
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    party_no integer NOT NULL,
    side text NOT NULL CHECK (side IN ('applicant', 'respondent', 'third')),
    name text NOT NULL CHECK (name <> ''),
    agrees boolean,
    PRIMARY KEY (community_id, case_id, party_no),
    FOREIGN KEY (community_id, case_id) REFERENCES community.dispute
);
COMMENT ON TABLE community.dispute_party IS 'Parties of a dispute. / 纠纷当事人。';
COMMENT ON COLUMN community.dispute_party.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.dispute_party.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.dispute_party.party_no IS 'Number within the case. / 序号。';
COMMENT ON COLUMN community.dispute_party.side IS 'applicant, respondent or third party. / 申请人、被申请人、第三人。';
COMMENT ON COLUMN community.dispute_party.name IS 'Name of the party. / 姓名或名称。';
COMMENT ON COLUMN community.dispute_party.agrees IS 'Whether it signed the agreement; NULL: not asked. / 是否签署协议。';

CREATE TABLE community.dispute_step (
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    step_no integer NOT NULL,
    level text NOT NULL,
    mediator text NOT NULL,
    outcome text NOT NULL,
    note text,
    at timestamptz NOT NULL,
    PRIMARY KEY (community_id, case_id, step_no),
    FOREIGN KEY (community_id, case_id) REFERENCES community.dispute
);
COMMENT ON TABLE community.dispute_step IS 'Sessions of mediation, in order. / 调解过程。';
COMMENT ON COLUMN community.dispute_step.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.dispute_step.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.dispute_step.step_no IS 'Number within the case. / 序号。';
COMMENT ON COLUMN community.dispute_step.level IS 'Level at which it was held. / 层级。';
COMMENT ON COLUMN community.dispute_step.mediator IS 'Who mediated. / 调解人。';
COMMENT ON COLUMN community.dispute_step.outcome IS 'What it ended with. / 结果。';
COMMENT ON COLUMN community.dispute_step.note IS 'What was said, in short. / 记录。';
COMMENT ON COLUMN community.dispute_step.at IS 'When. / 时间。';

CREATE SEQUENCE community.sentiment_seq;
CREATE TABLE community.sentiment (
    community_id bigint NOT NULL,
    sentiment_id bigint NOT NULL DEFAULT nextval('community.sentiment_seq'),
    source text NOT NULL CHECK (source <> ''),
    topic text NOT NULL CHECK (topic <> ''),
    polarity integer NOT NULL CHECK (polarity BETWEEN -1 AND 1),
    grid_id bigint,
    content text,
    case_id bigint,
    at timestamptz NOT NULL,
    PRIMARY KEY (community_id, sentiment_id),
    FOREIGN KEY (community_id, grid_id) REFERENCES community.grid,
    FOREIGN KEY (community_id, case_id) REFERENCES community.case_file
);
ALTER SEQUENCE community.sentiment_seq OWNED BY community.sentiment.sentiment_id;
COMMENT ON SEQUENCE community.sentiment_seq IS 'Numbers of sentiment rows. / sentiment 行号序列。';
COMMENT ON TABLE community.sentiment IS 'What people say and feel, by place and topic. / 社情民意。';
COMMENT ON COLUMN community.sentiment.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.sentiment.sentiment_id IS 'Number of the row. / 行号。';
COMMENT ON COLUMN community.sentiment.source IS 'Where it was heard: visit, hotline, forum ... / 来源。';
COMMENT ON COLUMN community.sentiment.topic IS 'What it is about. / 主题。';
COMMENT ON COLUMN community.sentiment.polarity IS '-1 negative, 0 neutral, 1 positive. / 倾向。';
COMMENT ON COLUMN community.sentiment.grid_id IS 'Unit grid; NULL: in none. / 单元网格。';
COMMENT ON COLUMN community.sentiment.content IS 'What was said. / 内容。';
COMMENT ON COLUMN community.sentiment.case_id IS 'Case that it led to. / 关联案卷。';
COMMENT ON COLUMN community.sentiment.at IS 'When it was heard. / 时间。';

CREATE INDEX sentiment_grid ON community.sentiment (community_id, grid_id, at);
