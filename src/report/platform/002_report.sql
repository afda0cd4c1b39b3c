-- Periods, what their reports say, and their seals; indicators as data.

CREATE TABLE community.report_period (
    community_id bigint NOT NULL REFERENCES community.community,
    period text NOT NULL CHECK (period IN ('day', 'week', 'month', 'quarter', 'year')),
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day >= first_day),
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'sealed', 'sent', 'received', 'accepted', 'rejected')),
    revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
    touched boolean NOT NULL DEFAULT true,
    PRIMARY KEY (community_id, period, first_day)
);
CREATE INDEX report_period_work ON community.report_period (period, last_day) WHERE touched OR state = 'draft';
COMMENT ON TABLE community.report_period IS 'Reporting periods of a community, how far their report has come, and whether something happened in them since. / 报表周期：进度与是否有新变化。';
COMMENT ON COLUMN community.report_period.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.report_period.period IS 'day, week, month, quarter or year. / 周期：日、周、月、季、年。';
COMMENT ON COLUMN community.report_period.first_day IS 'First local day. / 起始当地日期。';
COMMENT ON COLUMN community.report_period.last_day IS 'Last local day. / 截止当地日期。';
COMMENT ON COLUMN community.report_period.state IS 'draft, sealed, then what exchange and the upper level make of it. / 状态：草稿、封存、已发送、已接收、已采纳、已退回。';
COMMENT ON COLUMN community.report_period.revision IS 'Revision that is being drafted or was sealed last; 0 is the report, later ones are adjustments. / 当前修订号；0 为原报表，之后为调整。';
COMMENT ON COLUMN community.report_period.touched IS 'True when rollups of the period changed since its last sealing. / 上次封存后是否又有变化。';

CREATE TABLE community.report_line (
    community_id bigint NOT NULL,
    period text NOT NULL,
    first_day date NOT NULL,
    revision integer NOT NULL CHECK (revision >= 0),
    grid_code text NOT NULL,
    case_type text NOT NULL,
    measures jsonb NOT NULL CHECK (jsonb_typeof(measures) = 'object' AND measures <> '{}'),
    PRIMARY KEY (community_id, period, first_day, revision, grid_code, case_type),
    FOREIGN KEY (community_id, period, first_day) REFERENCES community.report_period
);
COMMENT ON TABLE community.report_line IS 'Lines of a report by unit grid and case type; in revision 0 the counts, in later revisions what is added to them. / 报表明细：按网格与类型；修订版为增减量。';
COMMENT ON COLUMN community.report_line.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.report_line.period IS 'Kind of period. / 周期类型。';
COMMENT ON COLUMN community.report_line.first_day IS 'First local day of the period. / 周期起始日。';
COMMENT ON COLUMN community.report_line.revision IS 'Revision of the report. / 修订号。';
COMMENT ON COLUMN community.report_line.grid_code IS 'Unit grid; empty: in no grid. / 单元网格代码，空串表示不在网格内。';
COMMENT ON COLUMN community.report_line.case_type IS 'Type of the cases counted. / 案卷类型。';
COMMENT ON COLUMN community.report_line.measures IS 'Measures that are not zero, by name as in the rollups. / 非零指标值，名称同汇总表。';

CREATE TABLE community.indicator (
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    version integer NOT NULL CHECK (version > 0),
    name text NOT NULL,
    name_zh text NOT NULL,
    subject text NOT NULL DEFAULT 'community' CHECK (subject IN ('community', 'grid', 'kind', 'case_type')),
    numerator text[] NOT NULL CHECK (cardinality(numerator) > 0),
    denominator text[] NOT NULL CHECK (cardinality(denominator) > 0),
    direction text NOT NULL CHECK (direction IN ('up', 'down', 'none')),
    weight numeric(6,2) NOT NULL DEFAULT 0 CHECK (weight >= 0),
    target numeric(7,2),
    valid daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(valid)),
    source text NOT NULL,
    PRIMARY KEY (code, version),
    CONSTRAINT indicator_one_version EXCLUDE USING gist (code WITH =, valid WITH &&)
);
COMMENT ON TABLE community.indicator IS 'Evaluation indices as data: sums of measures over sums of measures, in percent. / 评价指标：分子、分母均为指标值之和，以百分数表示。';
COMMENT ON COLUMN community.indicator.code IS 'Code of the index. / 指标代码。';
COMMENT ON COLUMN community.indicator.version IS 'Version of its formula. / 公式版本。';
COMMENT ON COLUMN community.indicator.name IS 'English name. / 英文名称。';
COMMENT ON COLUMN community.indicator.name_zh IS 'Chinese name. / 中文名称。';
COMMENT ON COLUMN community.indicator.subject IS 'What it is counted for. / 统计对象。';
COMMENT ON COLUMN community.indicator.numerator IS 'Measures that are summed; a leading minus subtracts. / 分子：各指标相加，前缀负号为减。';
COMMENT ON COLUMN community.indicator.denominator IS 'Measures that are summed; a leading minus subtracts. / 分母：各指标相加，前缀负号为减。';
COMMENT ON COLUMN community.indicator.direction IS 'up: more is better; down: less is better; none: neither. / 方向：越高越好、越低越好、无。';
COMMENT ON COLUMN community.indicator.weight IS 'Weight in a total score. / 总分权重。';
COMMENT ON COLUMN community.indicator.target IS 'Target in percent. / 目标值（百分数）。';
COMMENT ON COLUMN community.indicator.valid IS 'Periods (by their last day) that this version is used for. / 该版本适用的周期（按截止日）。';
COMMENT ON COLUMN community.indicator.source IS 'Where the formula comes from. / 出处。';

CREATE TABLE community.report_value (
    community_id bigint NOT NULL,
    period text NOT NULL,
    first_day date NOT NULL,
    revision integer NOT NULL CHECK (revision >= 0),
    indicator text NOT NULL,
    version integer NOT NULL,
    subject text NOT NULL,
    numerator numeric(18,4) NOT NULL,
    denominator numeric(18,4) NOT NULL,
    value numeric(9,2),
    PRIMARY KEY (community_id, period, first_day, revision, indicator, version, subject),
    FOREIGN KEY (community_id, period, first_day) REFERENCES community.report_period,
    FOREIGN KEY (indicator, version) REFERENCES community.indicator,
    CONSTRAINT report_value_zero_check CHECK ((value IS NULL) = (denominator = 0))
);
COMMENT ON TABLE community.report_value IS 'Values of the indices in a report, with what they were computed from; in an adjustment, the corrected ones. / 报表指标值及其分子分母；调整版为更正后数值。';
COMMENT ON COLUMN community.report_value.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.report_value.period IS 'Kind of period. / 周期类型。';
COMMENT ON COLUMN community.report_value.first_day IS 'First local day of the period. / 周期起始日。';
COMMENT ON COLUMN community.report_value.revision IS 'Revision of the report. / 修订号。';
COMMENT ON COLUMN community.report_value.indicator IS 'Index. / 指标。';
COMMENT ON COLUMN community.report_value.version IS 'Version of its formula. / 公式版本。';
COMMENT ON COLUMN community.report_value.subject IS 'What it is counted for: all, or a grid, kind or case type. / 统计对象：全部，或某网格、大类、类型。';
COMMENT ON COLUMN community.report_value.numerator IS 'Counted above the line. / 分子。';
COMMENT ON COLUMN community.report_value.denominator IS 'Counted below the line. / 分母。';
COMMENT ON COLUMN community.report_value.value IS 'Percent, two decimals; NULL when the denominator is 0. / 百分数，两位小数；分母为 0 时为 NULL。';

CREATE TABLE community.report_seal (
    community_id bigint NOT NULL,
    period text NOT NULL,
    first_day date NOT NULL,
    revision integer NOT NULL CHECK (revision >= 0),
    lines integer NOT NULL CHECK (lines >= 0),
    prev_hash bytea CHECK (octet_length(prev_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    outbox_seq bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, period, first_day, revision),
    FOREIGN KEY (community_id, period, first_day) REFERENCES community.report_period,
    CONSTRAINT report_seal_chain_check CHECK ((prev_hash IS NULL) = (revision = 0))
);
COMMENT ON TABLE community.report_seal IS 'Seals of reports: SHA-256 over the canonical lines and values; never changed. / 报表封存：对规范化明细与指标的 SHA-256，不可更改。';
COMMENT ON COLUMN community.report_seal.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community.report_seal.period IS 'Kind of period. / 周期类型。';
COMMENT ON COLUMN community.report_seal.first_day IS 'First local day of the period. / 周期起始日。';
COMMENT ON COLUMN community.report_seal.revision IS 'Revision that is sealed. / 封存的修订号。';
COMMENT ON COLUMN community.report_seal.lines IS 'Number of lines. / 明细行数。';
COMMENT ON COLUMN community.report_seal.prev_hash IS 'Hash of the revision before; NULL for the report itself. / 上一修订的哈希；原报表为 NULL。';
COMMENT ON COLUMN community.report_seal.hash IS 'SHA-256; no sequence number and no clock time goes into it. / SHA-256，不含序列号与时钟时间。';
COMMENT ON COLUMN community.report_seal.outbox_seq IS 'Number of the message to the city. / 上报消息序号。';
COMMENT ON COLUMN community.report_seal.sealed_at IS 'When it was sealed. / 封存时间。';
