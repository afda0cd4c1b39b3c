-- Reading sealed values by ticket, and bulk import.

CREATE SEQUENCE community.access_ticket_seq;
COMMENT ON SEQUENCE community.access_ticket_seq IS 'Numbers of access tickets. / 访问凭单编号序列。';

CREATE TABLE community.access_ticket (
    community_id bigint NOT NULL,
    ticket_id bigint NOT NULL DEFAULT nextval('community.access_ticket_seq'),
    actor text NOT NULL,
    purpose text NOT NULL,
    object text NOT NULL,
    person_ids bigint[] NOT NULL,
    fields text[] NOT NULL,
    reason text NOT NULL,
    doc jsonb NOT NULL DEFAULT '{}',
    opened_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT access_ticket_pkey PRIMARY KEY (community_id, ticket_id),
    CONSTRAINT access_ticket_rows_check CHECK (cardinality(person_ids) BETWEEN 0 AND 10000),
    CONSTRAINT access_ticket_expires_check CHECK (expires_at >= opened_at)
);
COMMENT ON TABLE community.access_ticket IS 'Announced readings of sealed values: a ticket is good only once the transaction that opened it is committed, so no reader can undo his trace. / 密封信息的读取凭单：开单事务提交后方可读取，读取者无法抹去痕迹。';
COMMENT ON COLUMN community.access_ticket.community_id IS 'Community that keeps the persons. / 建档社区。';
COMMENT ON COLUMN community.access_ticket.ticket_id IS 'Number of the ticket. / 凭单编号。';
COMMENT ON COLUMN community.access_ticket.actor IS 'Login role that opened it, the only one who may read it. / 开单登录角色，仅其可读。';
COMMENT ON COLUMN community.access_ticket.purpose IS 'Purpose that was stated. / 声明的目的。';
COMMENT ON COLUMN community.access_ticket.object IS 'What is read, as it was asked for. / 读取对象。';
COMMENT ON COLUMN community.access_ticket.person_ids IS 'Persons that it names; none for counts. / 所列人员；计数类为空数组。';
COMMENT ON COLUMN community.access_ticket.fields IS 'What may be read of them. / 可读项目。';
COMMENT ON COLUMN community.access_ticket.reason IS 'Why, in the words of who opened it. / 事由。';
COMMENT ON COLUMN community.access_ticket.doc IS 'Arguments of counts: day, scope, dimensions. / 计数参数：日期、范围、维度。';
COMMENT ON COLUMN community.access_ticket.opened_at IS 'When it was opened. / 开单时间。';
COMMENT ON COLUMN community.access_ticket.expires_at IS 'Until when it can be read. / 失效时间。';
COMMENT ON COLUMN community.access_ticket.xact IS 'Transaction that opened it. / 开单事务。';
CREATE INDEX access_ticket_id_idx ON community.access_ticket (ticket_id);
CREATE INDEX access_ticket_opened_idx ON community.access_ticket (opened_at);

CREATE SEQUENCE community.access_log_seq;
COMMENT ON SEQUENCE community.access_log_seq IS 'Numbers of rows of the access log. / 访问日志编号序列。';

CREATE TABLE community.access_log (
    community_id bigint NOT NULL,
    access_id bigint NOT NULL DEFAULT nextval('community.access_log_seq'),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    purpose text NOT NULL,
    object text NOT NULL,
    action text NOT NULL,
    status text NOT NULL,
    ticket_id bigint,
    person_ids bigint[] NOT NULL DEFAULT '{}',
    rows bigint NOT NULL,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    CONSTRAINT access_log_pkey PRIMARY KEY (community_id, access_id, at)
) PARTITION BY RANGE (at);
CREATE TABLE community.access_log_default PARTITION OF community.access_log DEFAULT;
CREATE INDEX access_log_tx_idx ON community.access_log USING brin (tx);
COMMENT ON TABLE community.access_log IS 'Readings of personal data: opened tickets, and what was read or denied with them. / 个人信息访问日志：开单、读取与拒绝。';
COMMENT ON COLUMN community.access_log.community_id IS 'Community that keeps the persons. / 建档社区。';
COMMENT ON COLUMN community.access_log.access_id IS 'Number of the row. / 编号。';
COMMENT ON COLUMN community.access_log.at IS 'Clock time. / 时间。';
COMMENT ON COLUMN community.access_log.actor IS 'Login role. / 登录角色。';
COMMENT ON COLUMN community.access_log.purpose IS 'Purpose that was stated. / 目的。';
COMMENT ON COLUMN community.access_log.object IS 'What was read. / 对象。';
COMMENT ON COLUMN community.access_log.action IS 'open or read. / 开单或读取。';
COMMENT ON COLUMN community.access_log.status IS 'ok, or the reason of the denial. / ok 或拒绝原因。';
COMMENT ON COLUMN community.access_log.ticket_id IS 'The ticket. / 凭单编号。';
COMMENT ON COLUMN community.access_log.person_ids IS 'Persons concerned. / 涉及人员。';
COMMENT ON COLUMN community.access_log.rows IS 'Persons or rows that were given. / 给出的人数或行数。';
COMMENT ON COLUMN community.access_log.tx IS 'Number of the writing transaction. / 写入事务编号。';

CREATE SEQUENCE community.import_batch_seq;
COMMENT ON SEQUENCE community.import_batch_seq IS 'Numbers of import batches. / 导入批次编号序列。';
CREATE SEQUENCE community.person_stage_seq;
COMMENT ON SEQUENCE community.person_stage_seq IS 'Numbers of staged lines. / 暂存行编号序列。';

CREATE TABLE community.import_batch (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    batch_id bigint NOT NULL DEFAULT nextval('community.import_batch_seq'),
    source text NOT NULL,
    encoding text,
    columns text[],
    first_row bigint,
    read_to bigint NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    actor text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT import_batch_pkey PRIMARY KEY (community_id, batch_id),
    CONSTRAINT import_batch_encoding_check CHECK (encoding IN ('UTF8', 'GB18030'))
);
COMMENT ON TABLE community.import_batch IS 'Bulk imports of persons and how far each has come. / 人员批量导入及进度。';
COMMENT ON COLUMN community.import_batch.community_id IS 'Community that keeps the persons. / 建档社区。';
COMMENT ON COLUMN community.import_batch.batch_id IS 'Number of the batch. / 批次编号。';
COMMENT ON COLUMN community.import_batch.source IS 'Where the file came from; kept with each person. / 文件来源，随人员保存。';
COMMENT ON COLUMN community.import_batch.encoding IS 'Encoding of the file, whose lines were staged byte by byte as LATIN1: UTF8 or GB18030 (and so GBK, GB 2312); NULL: staged as text. / 文件编码（按字节以 LATIN1 暂存）：UTF8 或 GB18030（含 GBK、GB 2312），空为按文本暂存。';
COMMENT ON COLUMN community.import_batch.columns IS 'Columns of the file, from its first line. / 文件列名（取自首行）。';
COMMENT ON COLUMN community.import_batch.first_row IS 'Number of the staged line that holds the header. / 表头所在暂存行号。';
COMMENT ON COLUMN community.import_batch.read_to IS 'Last staged line that was taken. / 已处理到的暂存行号。';
COMMENT ON COLUMN community.import_batch.done IS 'Persons that were entered. / 成功人数。';
COMMENT ON COLUMN community.import_batch.failed IS 'Rows that were not. / 失败行数。';
COMMENT ON COLUMN community.import_batch.actor IS 'Who opened the batch. / 操作者。';
COMMENT ON COLUMN community.import_batch.opened_at IS 'When. / 开始时间。';
COMMENT ON COLUMN community.import_batch.finished_at IS 'When nothing was left, NULL before. / 完成时间，未完成为空。';

CREATE TABLE community.person_stage (
    batch_id bigint NOT NULL DEFAULT currval('community.import_batch_seq'),
    row_no bigint NOT NULL DEFAULT nextval('community.person_stage_seq'),
    line text,
    sealed bytea,
    CONSTRAINT person_stage_pkey PRIMARY KEY (batch_id, row_no),
    CONSTRAINT person_stage_clear_check CHECK (line IS NULL)
);
COMMENT ON TABLE community.person_stage IS 'Lines of CSV that wait for person_import(): each is sealed by the ring before it is stored. / 待导入的 CSV 行，入库前即由密钥环密封。';
COMMENT ON COLUMN community.person_stage.batch_id IS 'Batch, by default the one this session opened last. / 批次，默认本会话最近打开者。';
COMMENT ON COLUMN community.person_stage.row_no IS 'Order of the lines. / 行序。';
COMMENT ON COLUMN community.person_stage.line IS 'The line as it comes in; never stored. / 传入的行，不落盘。';
COMMENT ON COLUMN community.person_stage.sealed IS 'The line, sealed; NULL when it could not be. / 密封后的行，未能密封为空。';

CREATE TABLE community.import_error (
    community_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    row_no bigint NOT NULL,
    column_name text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT import_error_pkey PRIMARY KEY (community_id, batch_id, row_no, column_name),
    CONSTRAINT import_error_batch_fkey FOREIGN KEY (community_id, batch_id) REFERENCES community.import_batch (community_id, batch_id)
);
COMMENT ON TABLE community.import_error IS 'Rows of a bulk import that were not taken: which column and why, never the value. / 批量导入未通过的行：列与原因，不含值。';
COMMENT ON COLUMN community.import_error.community_id IS 'Community of the batch. / 所属社区。';
COMMENT ON COLUMN community.import_error.batch_id IS 'Batch. / 批次编号。';
COMMENT ON COLUMN community.import_error.row_no IS 'Line of the file, the header being 1. / 文件行号，表头为 1。';
COMMENT ON COLUMN community.import_error.column_name IS 'Column that is wrong, row for the line as a whole. / 有误的列，row 指整行。';
COMMENT ON COLUMN community.import_error.reason IS 'Reason as in refusal. / 原因代码（见 refusal）。';
