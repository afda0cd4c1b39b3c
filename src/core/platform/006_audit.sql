-- Money, key and unsealing events: one chain per community through a head row.
CREATE TABLE community.audit_head (
    community_id bigint PRIMARY KEY,
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT '',
    first_seq bigint NOT NULL DEFAULT 1,
    first_prev bytea NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
COMMENT ON TABLE community.audit_head IS 'Last link of each audit chain; writers queue on its row, so a chain never forks. / 每条审计链的链头；写入者在此行上排队，链不会分叉。';
COMMENT ON COLUMN community.audit_head.community_id IS 'Community of the chain; 0 is the installation itself. / 所属社区；0 表示本安装自身。';
COMMENT ON COLUMN community.audit_head.seq IS 'Number of the last entry. / 最后一条记录的序号。';
COMMENT ON COLUMN community.audit_head.hash IS 'Hash of the last entry; publish it outside to prove the chain. / 最后一条记录的哈希，对外公布即可证明链的完整。';
COMMENT ON COLUMN community.audit_head.first_seq IS 'First entry that retention has kept. / 按保存期限仍保留的首条记录序号。';
COMMENT ON COLUMN community.audit_head.first_prev IS 'Hash before that entry. / 首条保留记录之前的哈希。';

CREATE TABLE community.audit_log (
    community_id bigint NOT NULL,
    seq bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    purpose text NOT NULL,
    rows bigint NOT NULL CHECK (rows >= 0),
    detail jsonb,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, seq, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE community.audit_log_default PARTITION OF community.audit_log DEFAULT;
CREATE INDEX audit_log_tx_idx ON community.audit_log USING brin (tx);
COMMENT ON TABLE community.audit_log IS 'Who did what to which object, when and why; each entry holds the hash of the one before. / 谁在何时因何目的对何对象做了何事；每条记录含前一条的哈希。';
COMMENT ON COLUMN community.audit_log.community_id IS 'Community concerned; 0 is the installation itself. / 所涉社区；0 表示本安装自身。';
COMMENT ON COLUMN community.audit_log.seq IS 'Number in the community''s chain, without gaps. / 在社区审计链中的连续序号。';
COMMENT ON COLUMN community.audit_log.recorded_at IS 'Clock time of the entry, never before that of the entry before. / 记录的实际时间，不早于前一条。';
COMMENT ON COLUMN community.audit_log.actor IS 'Who did it. / 操作者。';
COMMENT ON COLUMN community.audit_log.action IS 'What was done. / 所做操作。';
COMMENT ON COLUMN community.audit_log.object IS 'What it was done to. / 操作对象。';
COMMENT ON COLUMN community.audit_log.purpose IS 'Purpose that was stated. / 声明的目的。';
COMMENT ON COLUMN community.audit_log.rows IS 'Rows read or changed. / 读取或更改的行数。';
COMMENT ON COLUMN community.audit_log.detail IS 'More about it, without personal data. / 补充说明，不含个人信息。';
COMMENT ON COLUMN community.audit_log.prev_hash IS 'Hash of the entry before. / 前一条记录的哈希。';
COMMENT ON COLUMN community.audit_log.hash IS 'hash_fields over the entry and prev_hash. / 对本记录及前一哈希计算的哈希。';
COMMENT ON COLUMN community.audit_log.tx IS 'Number of the writing transaction. / 写入事务的编号。';
