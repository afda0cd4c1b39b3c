-- With whom this database exchanges messages.  Outbox and inbox stand in core.

CREATE TABLE community.peer (
    peer text PRIMARY KEY CHECK (peer ~ '^[a-z][a-z0-9_-]*$'),
    relation text NOT NULL CHECK (relation IN ('superior', 'subordinate', 'peer')),
    name text NOT NULL CHECK (name <> ''),
    transport text CHECK (transport IN ('fdw', 'file')),
    address text,
    sign_key bytea CHECK (octet_length(sign_key) = 32),
    active boolean NOT NULL DEFAULT true,
    since timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT peer_address_check CHECK ((transport IS NULL) = (address IS NULL))
);
COMMENT ON TABLE community.peer IS 'Databases that messages are exchanged with: the level above, those below, neighbours. / 数据交换对端：上级、下级、同级。';
COMMENT ON COLUMN community.peer.peer IS 'Short name, as in outbox and inbox. / 对端代号，与收发件箱一致。';
COMMENT ON COLUMN community.peer.relation IS 'superior takes reports and sends directives; subordinate the reverse; peer shares by contract. / 关系：上级、下级、同级。';
COMMENT ON COLUMN community.peer.name IS 'Name that people use. / 名称。';
COMMENT ON COLUMN community.peer.transport IS 'fdw (foreign server) or file (directory); NULL: messages wait in the outbox. / 传输方式；NULL 表示消息留在发件箱。';
COMMENT ON COLUMN community.peer.address IS 'Name of the foreign server, or the directory. / 外部服务器名或目录。';
COMMENT ON COLUMN community.peer.sign_key IS 'Public key that its messages are signed with; NULL: hash chain only. / 验签公钥；NULL 表示仅哈希链。';
COMMENT ON COLUMN community.peer.active IS 'False: nothing is sent or taken. / 为假时停止收发。';
COMMENT ON COLUMN community.peer.since IS 'When the exchange began. / 开始交换时间。';
