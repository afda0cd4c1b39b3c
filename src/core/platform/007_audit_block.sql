-- Ordinary logs: rows are inserted without a chain, a job seals them in blocks.
CREATE TABLE community.sealed_log (
    log text PRIMARY KEY,
    order_by text[] NOT NULL CHECK (cardinality(order_by) > 0),
    tx_done bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE community.sealed_log IS 'Logs whose rows are sealed in hash blocks. / 以哈希块封存的日志。';
COMMENT ON COLUMN community.sealed_log.log IS 'Table of the log; it has the columns community_id and tx. / 日志表，须有 community_id 与 tx 列。';
COMMENT ON COLUMN community.sealed_log.order_by IS 'Columns that order its rows within a block, unique together. / 块内排序列，合起来唯一。';
COMMENT ON COLUMN community.sealed_log.tx_done IS 'Every row with a smaller tx is sealed. / tx 小于此值的行均已封存。';

CREATE TABLE community.audit_block (
    log text NOT NULL REFERENCES community.sealed_log,
    community_id bigint NOT NULL REFERENCES community.community,
    block bigint NOT NULL CHECK (block > 0),
    tx_from bigint NOT NULL,
    tx_to bigint NOT NULL CHECK (tx_to > tx_from),
    n bigint NOT NULL CHECK (n > 0),
    columns text[] NOT NULL,
    first_at timestamptz,
    root bytea NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, log, block)
);
COMMENT ON TABLE community.audit_block IS 'Hash blocks over the rows of logs: a block holds the rows of one community with tx in its window, windows follow each other, each block holds the hash of the one before. / 日志哈希块：按社区与事务窗口封存，逐块相链。';
COMMENT ON COLUMN community.audit_block.log IS 'Table of the log. / 日志表。';
COMMENT ON COLUMN community.audit_block.community_id IS 'Community of the rows. / 所属社区。';
COMMENT ON COLUMN community.audit_block.block IS 'Number of the block in the chain of log and community, from 1. / 块号，自 1 起。';
COMMENT ON COLUMN community.audit_block.tx_from IS 'First transaction number of the window: the end of the block before, or 0. / 窗口起始事务号。';
COMMENT ON COLUMN community.audit_block.tx_to IS 'End of the window, not part of it. / 窗口结束事务号（不含）。';
COMMENT ON COLUMN community.audit_block.n IS 'Rows in it. / 行数。';
COMMENT ON COLUMN community.audit_block.columns IS 'Columns that were hashed; later ones came after the block. / 计入哈希的列。';
COMMENT ON COLUMN community.audit_block.first_at IS 'Earliest time of its rows by which the log is partitioned (NULL: it is not); older than the log is kept, the rows are gone. / 块内最早时间（未分区为 NULL）；超过保存期的行已删除。';
COMMENT ON COLUMN community.audit_block.root IS 'Hash over the hashes of its rows in order. / 各行哈希依次合并的哈希。';
COMMENT ON COLUMN community.audit_block.prev_hash IS 'Hash of the block before; empty for the first. / 前一块哈希，首块为空。';
COMMENT ON COLUMN community.audit_block.hash IS 'hash_fields over the block and prev_hash; publish it outside to prove the log. / 本块哈希，对外公布即可证明。';
COMMENT ON COLUMN community.audit_block.sealed_at IS 'When it was sealed. / 封存时间。';
