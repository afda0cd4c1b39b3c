-- Jobs are rows; pg_cron or any other scheduler only rings the bell.
CREATE TABLE community.installation (
    installation integer PRIMARY KEY DEFAULT 1 CHECK (installation = 1),
    system_identifier bigint NOT NULL,
    database_oid oid NOT NULL,
    tx_offset bigint NOT NULL DEFAULT 0 CHECK (tx_offset >= 0),
    confirmed boolean NOT NULL DEFAULT true,
    restored_at timestamptz,
    confirmed_by text
);
INSERT INTO community.installation (system_identifier, database_oid)
SELECT s.system_identifier, d.oid
  FROM pg_catalog.pg_control_system() s, pg_catalog.pg_database d
 WHERE d.datname = pg_catalog.current_database();
COMMENT ON TABLE community.installation IS 'Which server and database these data belong to: a copy that wakes up elsewhere is recognised by this row. / 数据所属的服务器与数据库；据此识别在别处恢复的副本。';
COMMENT ON COLUMN community.installation.installation IS 'Always 1: there is one row. / 恒为 1，仅一行。';
COMMENT ON COLUMN community.installation.system_identifier IS 'Identifier of the database cluster. / 数据库集群标识。';
COMMENT ON COLUMN community.installation.database_oid IS 'Object identifier of the database in that cluster. / 数据库在集群中的 OID。';
COMMENT ON COLUMN community.installation.tx_offset IS 'Added to transaction numbers so that column tx of logs keeps growing after a restore into a younger cluster. / 加到事务号上的偏移量，使日志的 tx 列在恢复到新集群后继续递增。';
COMMENT ON COLUMN community.installation.confirmed IS 'False after a restore until restore_confirm(): the queue exchange stands still. / 恢复后为 false，直到 restore_confirm()；期间 exchange 队列停止。';
COMMENT ON COLUMN community.installation.restored_at IS 'Time at which a restored copy was last recognised. / 最近一次识别出副本的时间。';
COMMENT ON COLUMN community.installation.confirmed_by IS 'Who confirmed that this copy is the original. / 确认此副本为正本的人。';

CREATE TABLE community.job (
    name text PRIMARY KEY,
    queue text NOT NULL CHECK (queue IN ('rollup', 'exchange', 'upkeep')),
    every interval NOT NULL CHECK (every >= interval '1 second'),
    window_kind text NOT NULL CHECK (window_kind IN ('time', 'tx', 'none')),
    function text NOT NULL,
    module text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    next_run timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00+08',
    watermark_at timestamptz,
    watermark_tx bigint,
    max_span interval NOT NULL DEFAULT interval '1 day' CHECK (max_span >= interval '1 second'),
    max_tx bigint NOT NULL DEFAULT 5000000 CHECK (max_tx > 0),
    span_tx bigint NOT NULL DEFAULT 5000000 CHECK (span_tx > 0),
    attempts integer NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    last_error text,
    last_success timestamptz,
    run_id bigint,
    CHECK ((window_kind = 'time') = (watermark_at IS NOT NULL)),
    CHECK ((window_kind = 'tx') = (watermark_tx IS NOT NULL))
);
CREATE INDEX job_due_idx ON community.job (queue, next_run);
COMMENT ON TABLE community.job IS 'Work that run_due() does when its time has come. / 到期后由 run_due() 执行的作业。';
COMMENT ON COLUMN community.job.name IS 'Name of the job, module.what. / 作业名称，形如 模块.事项。';
COMMENT ON COLUMN community.job.queue IS 'Queue that is served by one bell: rollup, exchange or upkeep. / 所属队列：rollup、exchange 或 upkeep。';
COMMENT ON COLUMN community.job.every IS 'Time between runs. / 执行间隔。';
COMMENT ON COLUMN community.job.window_kind IS 'What the function receives: time [from, to), tx [from, to) in numbers of transactions, or none. / 函数参数：时间窗口、事务号窗口或无窗口。';
COMMENT ON COLUMN community.job.function IS 'Qualified name of the function that does the work and returns the number of rows done. / 执行工作的函数全名，返回处理行数。';
COMMENT ON COLUMN community.job.module IS 'Module that registered it. / 登记该作业的模块。';
COMMENT ON COLUMN community.job.enabled IS 'False keeps run_due() from taking it. / 为 false 时 run_due() 不执行。';
COMMENT ON COLUMN community.job.next_run IS 'Time from which it is due; after a claim, the time of the next try. / 到期时间；被领取后为下次重试时间。';
COMMENT ON COLUMN community.job.watermark_at IS 'Everything before this time is done (window time). / 此时刻之前均已处理（时间窗口）。';
COMMENT ON COLUMN community.job.watermark_tx IS 'Everything with a smaller tx is done (window tx). / 小于此 tx 的均已处理（事务窗口）。';
COMMENT ON COLUMN community.job.max_span IS 'Longest time window of one transaction, so that catching up goes in steps. / 单次时间窗口上限，追赶时分步进行。';
COMMENT ON COLUMN community.job.max_tx IS 'Most transaction numbers of one window. / 单次事务窗口上限。';
COMMENT ON COLUMN community.job.span_tx IS 'Width of the next tx window: doubles after an empty one, else max_tx. / 下一事务窗口宽度：遇空窗口加倍，否则为 max_tx。';
COMMENT ON COLUMN community.job.attempts IS 'Runs begun since the last success. / 自上次成功以来的尝试次数。';
COMMENT ON COLUMN community.job.failures IS 'Runs that failed or were killed, ever. / 失败或被终止的累计次数。';
COMMENT ON COLUMN community.job.last_error IS 'Message of the last failure; NULL after a success. / 最近一次失败信息；成功后为 NULL。';
COMMENT ON COLUMN community.job.last_success IS 'Time of the last success. / 最近一次成功时间。';
COMMENT ON COLUMN community.job.run_id IS 'Latest claim, in job_run. / 最近一次领取，见 job_run。';

CREATE SEQUENCE community.job_run_seq;
CREATE TABLE community.job_run (
    run_id bigint PRIMARY KEY DEFAULT nextval('community.job_run_seq'),
    job_name text NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'killed', 'skipped')),
    attempt integer NOT NULL,
    pid integer NOT NULL,
    backend_start timestamptz,
    due_at timestamptz NOT NULL,
    run_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    from_at timestamptz,
    to_at timestamptz,
    from_tx bigint,
    to_tx bigint,
    rows bigint,
    error text
);
ALTER SEQUENCE community.job_run_seq OWNED BY community.job_run.run_id;
COMMENT ON SEQUENCE community.job_run_seq IS 'Numbers of runs of jobs. / 作业运行编号。';
CREATE INDEX job_run_job_idx ON community.job_run (job_name, run_id);
CREATE INDEX job_run_running_idx ON community.job_run (job_name) WHERE state = 'running';
CREATE INDEX job_run_started_idx ON community.job_run USING brin (started_at);
COMMENT ON TABLE community.job_run IS 'Runs of jobs. / 作业运行记录。';
COMMENT ON COLUMN community.job_run.run_id IS 'Key of the run. / 运行编号。';
COMMENT ON COLUMN community.job_run.job_name IS 'Job that ran; no foreign key, the record outlives the job. / 所运行的作业；不设外键，作业删除后记录仍保留。';
COMMENT ON COLUMN community.job_run.state IS 'running, done, failed (the function raised), killed (the session ended), skipped (another session took it). / 运行中、完成、失败、被终止、跳过。';
COMMENT ON COLUMN community.job_run.attempt IS 'Number of this try since the last success. / 自上次成功起的第几次尝试。';
COMMENT ON COLUMN community.job_run.pid IS 'Process that ran it. / 执行进程号。';
COMMENT ON COLUMN community.job_run.backend_start IS 'Start of that process: tells a re-used process number. / 进程启动时间，用于识别被复用的进程号。';
COMMENT ON COLUMN community.job_run.due_at IS 'Time at which the job had been due. / 应执行时间。';
COMMENT ON COLUMN community.job_run.run_at IS 'Time that the run takes as now (p_now). / 本次运行视作当前时间的时刻（p_now）。';
COMMENT ON COLUMN community.job_run.started_at IS 'Clock time of the claim. / 领取时的实际时间。';
COMMENT ON COLUMN community.job_run.finished_at IS 'Clock time of the end. / 结束时的实际时间。';
COMMENT ON COLUMN community.job_run.from_at IS 'Start of the time window, included. / 时间窗口起点（含）。';
COMMENT ON COLUMN community.job_run.to_at IS 'End of the time window, not included. / 时间窗口终点（不含）。';
COMMENT ON COLUMN community.job_run.from_tx IS 'Start of the tx window, included. / 事务窗口起点（含）。';
COMMENT ON COLUMN community.job_run.to_tx IS 'End of the tx window, not included. / 事务窗口终点（不含）。';
COMMENT ON COLUMN community.job_run.rows IS 'Rows done, as the function counted them. / 函数报告的处理行数。';
COMMENT ON COLUMN community.job_run.error IS 'SQLSTATE and message of the failure. / 失败的 SQLSTATE 与信息。';
