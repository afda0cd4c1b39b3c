-- Messages out and in, chained per community and peer, and the log of calls.
CREATE TABLE community.outbox_head (
    community_id bigint NOT NULL REFERENCES community.community,
    peer text NOT NULL,
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT '',
    first_seq bigint NOT NULL DEFAULT 1,
    first_prev bytea NOT NULL DEFAULT '',
    PRIMARY KEY (community_id, peer)
) WITH (fillfactor = 50);
COMMENT ON TABLE community.outbox_head IS 'Last link of each chain of outgoing messages; senders queue on its row, so a chain never forks. / 每条外发消息链的链头；发送者在此行上排队，链不会分叉。';
COMMENT ON COLUMN community.outbox_head.community_id IS 'Community that sends. / 发送方社区。';
COMMENT ON COLUMN community.outbox_head.peer IS 'Name of the receiver. / 接收方名称。';
COMMENT ON COLUMN community.outbox_head.seq IS 'Number of the last message. / 最后一条消息的序号。';
COMMENT ON COLUMN community.outbox_head.hash IS 'Hash of the last message. / 最后一条消息的哈希。';
COMMENT ON COLUMN community.outbox_head.first_seq IS 'First message that retention has kept. / 按保存期限仍保留的首条消息序号。';
COMMENT ON COLUMN community.outbox_head.first_prev IS 'Hash before that message. / 首条保留消息之前的哈希。';

CREATE TABLE community.outbox (
    community_id bigint NOT NULL,
    peer text NOT NULL,
    seq bigint NOT NULL,
    msg_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('report', 'directive', 'ack', 'share', 'notice')),
    topic text NOT NULL,
    payload jsonb NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    put_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT now(),
    acked_at timestamptz,
    error text,
    PRIMARY KEY (community_id, peer, seq),
    UNIQUE (community_id, peer, msg_id),
    FOREIGN KEY (community_id, peer) REFERENCES community.outbox_head
);
CREATE INDEX outbox_unsent_idx ON community.outbox (next_try) WHERE sent_at IS NULL;
COMMENT ON TABLE community.outbox IS 'Messages to peers; rows without sent_at wait to be sent. / 发往对端的消息；sent_at 为空者待发送。';
COMMENT ON COLUMN community.outbox.community_id IS 'Community that sends. / 发送方社区。';
COMMENT ON COLUMN community.outbox.peer IS 'Name of the receiver, such as city. / 接收方名称，例如 city。';
COMMENT ON COLUMN community.outbox.seq IS 'Number in the chain of this community and peer, without gaps. / 在该社区与对端消息链中的连续序号。';
COMMENT ON COLUMN community.outbox.msg_id IS 'Identity of the message for the receiver. / 供接收方识别的消息标识。';
COMMENT ON COLUMN community.outbox.kind IS 'report, directive, ack, share or notice. / 上报、下达、回执、共享或通知。';
COMMENT ON COLUMN community.outbox.topic IS 'Subject inside the kind, such as daily. / 类别内的主题，例如 daily。';
COMMENT ON COLUMN community.outbox.payload IS 'Content of the message. / 消息内容。';
COMMENT ON COLUMN community.outbox.prev_hash IS 'Hash of the message before. / 前一条消息的哈希。';
COMMENT ON COLUMN community.outbox.hash IS 'hash_fields over keys, content and prev_hash. / 对键、内容及前一哈希计算的哈希。';
COMMENT ON COLUMN community.outbox.put_at IS 'Time of the transaction that put it. / 放入消息的事务时间。';
COMMENT ON COLUMN community.outbox.sent_at IS 'Time at which the receiver had it. / 送达接收方的时间。';
COMMENT ON COLUMN community.outbox.attempts IS 'Tries to send so far. / 已尝试发送次数。';
COMMENT ON COLUMN community.outbox.next_try IS 'Time of the next try. / 下次尝试时间。';
COMMENT ON COLUMN community.outbox.acked_at IS 'Time at which the receiver answered its meaning. / 收到接收方业务回执的时间。';
COMMENT ON COLUMN community.outbox.error IS 'Message of the last failed try. / 最近一次发送失败的信息。';

CREATE TABLE community.inbox (
    community_id bigint NOT NULL REFERENCES community.community,
    peer text NOT NULL,
    msg_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('report', 'directive', 'ack', 'share', 'notice')),
    topic text NOT NULL,
    payload jsonb NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'applied', 'rejected', 'quarantined')),
    received_at timestamptz NOT NULL DEFAULT now(),
    applied_at timestamptz,
    answer jsonb,
    error text,
    PRIMARY KEY (community_id, peer, msg_id)
);
CREATE UNIQUE INDEX inbox_seq_key ON community.inbox (community_id, peer, seq) WHERE state <> 'quarantined';
CREATE INDEX inbox_waiting_idx ON community.inbox (community_id, peer, seq) WHERE state = 'received';
COMMENT ON TABLE community.inbox IS 'Messages from peers, each stored once and applied once. / 来自对端的消息，只存一次、只执行一次。';
COMMENT ON COLUMN community.inbox.community_id IS 'Community that receives. / 接收方社区。';
COMMENT ON COLUMN community.inbox.peer IS 'Name of the sender. / 发送方名称。';
COMMENT ON COLUMN community.inbox.msg_id IS 'Identity that the sender gave. / 发送方给出的消息标识。';
COMMENT ON COLUMN community.inbox.seq IS 'Number in the sender''s chain. / 发送方消息链中的序号。';
COMMENT ON COLUMN community.inbox.kind IS 'report, directive, ack, share or notice. / 上报、下达、回执、共享或通知。';
COMMENT ON COLUMN community.inbox.topic IS 'Subject inside the kind. / 类别内的主题。';
COMMENT ON COLUMN community.inbox.payload IS 'Content as it came. / 收到的内容。';
COMMENT ON COLUMN community.inbox.prev_hash IS 'Hash of the message before, as the sender states it. / 发送方声明的前一条消息哈希。';
COMMENT ON COLUMN community.inbox.hash IS 'Hash of the message, checked on arrival. / 消息哈希，到达时校验。';
COMMENT ON COLUMN community.inbox.state IS 'received, applied, rejected, or quarantined when the hash is wrong. / 已接收、已执行、已拒绝，或哈希不符被隔离。';
COMMENT ON COLUMN community.inbox.received_at IS 'Time of arrival. / 到达时间。';
COMMENT ON COLUMN community.inbox.applied_at IS 'Time at which it was applied. / 执行时间。';
COMMENT ON COLUMN community.inbox.answer IS 'Answer that a repeated message gets again. / 重复消息再次得到的答复。';
COMMENT ON COLUMN community.inbox.error IS 'Why it was rejected or quarantined. / 拒绝或隔离的原因。';

CREATE TABLE community.api_call (
    actor text NOT NULL,
    key uuid NOT NULL,
    function text NOT NULL,
    args_hash bytea NOT NULL,
    called_at timestamptz NOT NULL DEFAULT now(),
    answer jsonb,
    PRIMARY KEY (actor, key)
);
CREATE INDEX api_call_called_idx ON community.api_call USING brin (called_at);
COMMENT ON TABLE community.api_call IS 'Commands that were answered, so that a repeated call gets the first answer. / 已答复的命令，重复调用得到首次答复。';
COMMENT ON COLUMN community.api_call.actor IS 'Who called; keys of different callers never meet. / 调用者；不同调用者的键互不影响。';
COMMENT ON COLUMN community.api_call.key IS 'Idempotency key of the command. / 命令的幂等键。';
COMMENT ON COLUMN community.api_call.function IS 'Function that was called. / 被调用的函数。';
COMMENT ON COLUMN community.api_call.args_hash IS 'Hash of key, function and arguments; the arguments themselves are not kept. / 键、函数与参数的哈希；不保存参数本身。';
COMMENT ON COLUMN community.api_call.called_at IS 'Time of the first call. / 首次调用时间。';
COMMENT ON COLUMN community.api_call.answer IS 'Answer of the first call. / 首次调用的答复。';
