-- Issuers, keys, cards and what happens to them.
CREATE TABLE community.card_key (
    key_id integer PRIMARY KEY CHECK (key_id BETWEEN 1 AND 65535),
    use text NOT NULL,
    public_key bytea,
    kcv bytea NOT NULL CHECK (octet_length(kcv) = 4),
    status text NOT NULL CHECK (status IN ('pending', 'active', 'verify_only', 'retired', 'destroyed')),
    valid tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE community.card_key IS 'Keys that ever signed credentials or sealed values, known by number and check value; material stands in the ring only. / 密钥登记：仅编号与校验值，材料只在密钥环中。';
COMMENT ON COLUMN community.card_key.key_id IS 'Number of the key in the ring. / 密钥环中的编号。';
COMMENT ON COLUMN community.card_key.use IS 'The one purpose of the key: credentials (ed25519, sm2, hmac-), what is published (sign-), seals, indexes, pseudonyms, PINs or chips. / 唯一用途：凭证、发布签名（sign-）、封存、索引、假名、密码或芯片。';
COMMENT ON COLUMN community.card_key.public_key IS 'Public half of a signing key. / 签名密钥的公钥。';
COMMENT ON COLUMN community.card_key.kcv IS 'Check value: tells whether the ring beside a restored database is the right one. / 校验值，用于辨认恢复后密钥环是否正确。';
COMMENT ON COLUMN community.card_key.status IS 'pending, active, verify_only (old values only), retired (no more verified), destroyed. / 待用、现用、仅验证、停用、已销毁。';
COMMENT ON COLUMN community.card_key.valid IS 'Time in which the key may be used. / 可用期间。';
COMMENT ON COLUMN community.card_key.noted_at IS 'Time at which it was first seen. / 首次登记时间。';

CREATE TRIGGER card_key_changed AFTER INSERT OR UPDATE OR DELETE ON community.card_key
    FOR EACH ROW EXECUTE FUNCTION community.relation_changed();
ALTER TABLE community.card_key ENABLE ALWAYS TRIGGER card_key_changed;
COMMENT ON TRIGGER card_key_changed ON community.card_key IS 'Sessions keep these rows for door_plain(). / 各会话为 door_plain() 缓存这些行。';

CREATE TABLE community.card_issuer (
    issuer integer PRIMARY KEY CHECK (issuer > 0),
    community_id bigint NOT NULL UNIQUE,
    region integer NOT NULL CHECK (region BETWEEN 100000 AND 999999),
    suite text NOT NULL DEFAULT 'ed25519' CHECK (suite IN ('hmac-sha256', 'hmac-sm3', 'ed25519', 'sm2')),
    next_index integer NOT NULL DEFAULT 0 CHECK (next_index >= 0),
    epoch integer NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE community.card_issuer IS 'Who issues cards: a community under a short number, which credentials carry. / 发卡方：社区及其短编号，凭证中携带。';
COMMENT ON COLUMN community.card_issuer.issuer IS 'Number of the issuer. / 发卡方编号。';
COMMENT ON COLUMN community.card_issuer.community_id IS 'Community of the issuer. / 所属社区。';
COMMENT ON COLUMN community.card_issuer.region IS 'Region in its card numbers. / 卡号中的地区码。';
COMMENT ON COLUMN community.card_issuer.suite IS 'Suite of new credentials; readers without a secure module get public keys only, so ed25519 or sm2. / 新凭证的算法套件；无安全模块的读卡器只配公钥。';
COMMENT ON COLUMN community.card_issuer.next_index IS 'Next free index in the status bitmap. / 状态位图的下一个序号。';
COMMENT ON COLUMN community.card_issuer.epoch IS 'Epoch of the last published status bitmap. / 最近发布的状态位图批次。';
COMMENT ON COLUMN community.card_issuer.changed_at IS 'Time of the last change that the next bitmap must carry. / 需写入下一位图的最近变更时间。';

CREATE SEQUENCE community.card_serial_seq MAXVALUE 9999999999;
COMMENT ON SEQUENCE community.card_serial_seq IS 'Serials of card numbers, unique in the whole city. / 卡号序号，全市唯一。';
CREATE SEQUENCE community.card_seq;
COMMENT ON SEQUENCE community.card_seq IS 'Keys of cards. / 卡键序列。';
CREATE TABLE community.card (
    community_id bigint NOT NULL REFERENCES community.community,
    card_id bigint NOT NULL DEFAULT nextval('community.card_seq'),
    number_key bigint NOT NULL,
    card_no community.cardno NOT NULL,
    issuer integer NOT NULL,
    card_index integer NOT NULL CHECK (card_index >= 0),
    person_id bigint,
    holder bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('resident', 'worker', 'volunteer', 'guest', 'elder', 'child')),
    generation integer NOT NULL DEFAULT 1 CHECK (generation BETWEEN 1 AND 65535),
    state text NOT NULL DEFAULT 'applied' CHECK (state IN ('applied', 'produced', 'issued', 'active', 'temp_lost', 'lost', 'frozen', 'replaced', 'cancelled', 'expired')),
    state_until timestamptz,
    applications text[] NOT NULL DEFAULT '{}',
    zones community.gridcode[] NOT NULL DEFAULT '{}',
    not_before timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    replaced_by bigint,
    purse_id bigint,
    credential_hash bytea CHECK (octet_length(credential_hash) = 32),
    counter bigint NOT NULL DEFAULT -1,
    counter_window bigint NOT NULL DEFAULT 0,
    pin bytea CHECK (octet_length(pin) = 52),
    duress bytea CHECK (octet_length(duress) = 52),
    applied_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, card_id),
    UNIQUE (community_id, number_key),
    UNIQUE (community_id, card_index),
    FOREIGN KEY (community_id, purse_id) REFERENCES community.account (community_id, account_id),
    CONSTRAINT card_number_is_number CHECK (card_no::bigint = number_key),
    CONSTRAINT card_validity CHECK (not_before < expires),
    CONSTRAINT card_temp_loss CHECK ((state = 'temp_lost') = (state_until IS NOT NULL)),
    CONSTRAINT card_replaced CHECK ((state = 'replaced') = (replaced_by IS NOT NULL))
) WITH (fillfactor = 70);
ALTER SEQUENCE community.card_seq OWNED BY community.card.card_id;
COMMENT ON TABLE community.card IS 'Cards. Tables hold what a card claims, never its credential: who can read one can clone the card. / 卡。只存所载事项，不存凭证本身。';
COMMENT ON COLUMN community.card.community_id IS 'Community that issues the card. / 发卡社区。';
COMMENT ON COLUMN community.card.card_id IS 'Key of the card. / 卡的键。';
COMMENT ON COLUMN community.card.number_key IS 'The card number as a number. / 以数值表示的卡号。';
COMMENT ON COLUMN community.card.card_no IS 'Card number. / 卡号。';
COMMENT ON COLUMN community.card.issuer IS 'Issuer in its credentials. / 凭证中的发卡方。';
COMMENT ON COLUMN community.card.card_index IS 'Index in the issuers status bitmap. / 状态位图中的序号。';
COMMENT ON COLUMN community.card.person_id IS 'Holder in the register of persons; NULL for an unnamed card. / 持卡人；不记名卡为 NULL。';
COMMENT ON COLUMN community.card.holder IS 'Pseudonym of the holder, as credentials and door log know it. / 持卡人假名。';
COMMENT ON COLUMN community.card.kind IS 'Kind of card; rules may name it. / 卡类别。';
COMMENT ON COLUMN community.card.generation IS 'Grows with each replacement. / 补换次数，逐次加一。';
COMMENT ON COLUMN community.card.state IS 'State; temp_lost reads as active from state_until on. / 状态；temp_lost 到 state_until 自动视为 active。';
COMMENT ON COLUMN community.card.state_until IS 'End of a temporary loss. / 临时挂失的截止时间。';
COMMENT ON COLUMN community.card.applications IS 'Applications that the card was issued for. / 发卡时开通的应用。';
COMMENT ON COLUMN community.card.zones IS 'Grid codes the credential is bound to; none: anywhere. / 凭证限定的网格，空为不限。';
COMMENT ON COLUMN community.card.not_before IS 'Begin of validity. / 生效时间。';
COMMENT ON COLUMN community.card.expires IS 'End of validity. / 失效时间。';
COMMENT ON COLUMN community.card.replaced_by IS 'Card that replaced this one. / 补换后的新卡。';
COMMENT ON COLUMN community.card.purse_id IS 'Purse account in the ledger. / 钱包账户。';
COMMENT ON COLUMN community.card.credential_hash IS 'SHA-256 of the credential that was handed out. / 已发凭证的 SHA-256。';
COMMENT ON COLUMN community.card.counter IS 'Highest counter that the card showed. / 已见的最大计数。';
COMMENT ON COLUMN community.card.counter_window IS 'Which of the 64 counters below it were seen. / 其下 64 个计数的使用位图。';
COMMENT ON COLUMN community.card.pin IS 'Stretched PIN, NULL without one. / 加盐拉伸后的密码。';
COMMENT ON COLUMN community.card.duress IS 'Stretched PIN that opens and raises a silent alarm. / 胁迫密码，开门并静默报警。';
COMMENT ON COLUMN community.card.applied_at IS 'Time of the application. / 申请时间。';
COMMENT ON COLUMN community.card.changed_at IS 'Time of the last change of state. / 最近状态变更时间。';

CREATE UNIQUE INDEX card_live_key ON community.card (community_id, person_id, kind)
    WHERE person_id IS NOT NULL AND state IN ('applied', 'produced', 'issued', 'active', 'temp_lost', 'frozen');
COMMENT ON INDEX community.card_live_key IS 'One live card per person and kind. / 每人每类仅一张有效卡。';
CREATE INDEX card_person_idx ON community.card (community_id, person_id);
CREATE INDEX card_lapse_idx ON community.card (state_until) WHERE state = 'temp_lost';
CREATE INDEX card_expires_idx ON community.card (expires) WHERE state IN ('issued', 'active', 'temp_lost', 'frozen');

CREATE TYPE community.card_answer AS (status text, card community.card);
COMMENT ON TYPE community.card_answer IS 'What a credential turned out to be: a status, and its card when it is genuine. / 凭证核验结果：状态，真实时附卡。';

CREATE TABLE community.card_index (
    number_key bigint PRIMARY KEY,
    community_id bigint NOT NULL,
    card_id bigint NOT NULL
);
COMMENT ON TABLE community.card_index IS 'Finds community and card by number, in the whole city. / 全市按卡号查找社区与卡。';
COMMENT ON COLUMN community.card_index.number_key IS 'The card number as a number. / 以数值表示的卡号。';
COMMENT ON COLUMN community.card_index.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.card_index.card_id IS 'The card. / 卡。';

CREATE TABLE community.card_app (
    community_id bigint NOT NULL,
    card_id bigint NOT NULL,
    application text NOT NULL CHECK (application IN ('door', 'identity', 'volunteer', 'booking', 'debit', 'parking', 'care')),
    state text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'suspended', 'revoked')),
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, card_id, application),
    FOREIGN KEY (community_id, card_id) REFERENCES community.card (community_id, card_id)
);
COMMENT ON TABLE community.card_app IS 'State of each application of a card, on its own. / 卡上各应用的独立状态。';
COMMENT ON COLUMN community.card_app.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.card_app.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.card_app.application IS 'Which application: door, identity, volunteer, booking, debit, parking or care. / 应用种类。';
COMMENT ON COLUMN community.card_app.state IS 'enabled, suspended, or revoked for good. / 启用、暂停、吊销。';
COMMENT ON COLUMN community.card_app.since IS 'Time of the last change. / 最近变更时间。';

CREATE SEQUENCE community.card_binding_seq;
COMMENT ON SEQUENCE community.card_binding_seq IS 'Keys of bindings. / 绑定键序列。';
CREATE TABLE community.card_binding (
    community_id bigint NOT NULL,
    binding_id bigint NOT NULL DEFAULT nextval('community.card_binding_seq'),
    card_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('social', 'bank', 'city', 'phone')),
    number_sealed bytea NOT NULL,
    number_index bytea NOT NULL,
    bound_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    PRIMARY KEY (community_id, binding_id),
    FOREIGN KEY (community_id, card_id) REFERENCES community.card (community_id, card_id)
);
ALTER SEQUENCE community.card_binding_seq OWNED BY community.card_binding.binding_id;
COMMENT ON TABLE community.card_binding IS 'Cards of others that belong to a card, such as a social security card; numbers are sealed. / 绑定的外部卡（社保卡、银行卡、手机等），号码封存。';
COMMENT ON COLUMN community.card_binding.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.card_binding.binding_id IS 'Key of the binding. / 绑定的键。';
COMMENT ON COLUMN community.card_binding.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.card_binding.kind IS 'Kind of the other card. / 外部卡类别。';
COMMENT ON COLUMN community.card_binding.number_sealed IS 'Its number, sealed for card_binding/community/binding. / 封存的号码。';
COMMENT ON COLUMN community.card_binding.number_index IS 'Blind index of kind and number. / 号码的盲索引。';
COMMENT ON COLUMN community.card_binding.bound_at IS 'Time of binding. / 绑定时间。';
COMMENT ON COLUMN community.card_binding.ended_at IS 'Time at which it ended; NULL while it lasts. / 解绑时间，未解绑为 NULL。';

CREATE UNIQUE INDEX card_binding_key ON community.card_binding (community_id, number_index) WHERE ended_at IS NULL;

CREATE SEQUENCE community.card_log_seq;
COMMENT ON SEQUENCE community.card_log_seq IS 'Numbers of card log rows. / 卡日志行号序列。';
CREATE TABLE community.card_log (
    community_id bigint NOT NULL,
    log_id bigint NOT NULL DEFAULT nextval('community.card_log_seq'),
    card_id bigint NOT NULL,
    event text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    actor text NOT NULL,
    reason text,
    at timestamptz NOT NULL DEFAULT now(),
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, log_id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE community.card_log_seq OWNED BY community.card_log.log_id;
COMMENT ON TABLE community.card_log IS 'What happened to cards, append-only. / 卡事件日志，只追加。';
COMMENT ON COLUMN community.card_log.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.card_log.log_id IS 'Number of the row. / 行编号。';
COMMENT ON COLUMN community.card_log.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.card_log.event IS 'What happened, such as apply, issue, lose, replace. / 事件。';
COMMENT ON COLUMN community.card_log.from_state IS 'State before. / 之前状态。';
COMMENT ON COLUMN community.card_log.to_state IS 'State after. / 之后状态。';
COMMENT ON COLUMN community.card_log.actor IS 'Who did it. / 操作者。';
COMMENT ON COLUMN community.card_log.reason IS 'Why. / 原因。';
COMMENT ON COLUMN community.card_log.at IS 'Time. / 时间。';
COMMENT ON COLUMN community.card_log.tx IS 'Number of the transaction. / 事务号。';

CREATE TABLE community.card_log_default PARTITION OF community.card_log DEFAULT;
COMMENT ON TABLE community.card_log_default IS 'Catches rows of the card log whose month has no partition yet. / 卡日志的默认分区。';
CREATE INDEX card_log_card_idx ON community.card_log (community_id, card_id, at);
CREATE INDEX card_log_tx_idx ON community.card_log USING brin (tx);

CREATE SEQUENCE community.pin_attempt_seq;
COMMENT ON SEQUENCE community.pin_attempt_seq IS 'Numbers of attempts. / 密码尝试编号序列。';
CREATE TABLE community.pin_attempt (
    community_id bigint NOT NULL,
    attempt_id bigint NOT NULL DEFAULT nextval('community.pin_attempt_seq'),
    card_id bigint NOT NULL,
    guess bytea,
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome text NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'right', 'duress', 'wrong')),
    used boolean NOT NULL DEFAULT false,
    PRIMARY KEY (community_id, attempt_id),
    FOREIGN KEY (community_id, card_id) REFERENCES community.card (community_id, card_id)
);
ALTER SEQUENCE community.pin_attempt_seq OWNED BY community.pin_attempt.attempt_id;
COMMENT ON TABLE community.pin_attempt IS 'Guesses of PINs, keyed; a guess counts only once its transaction is committed. / 密码尝试（已加密钥），提交后方生效。';
COMMENT ON COLUMN community.pin_attempt.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.pin_attempt.attempt_id IS 'Number of the attempt. / 尝试编号。';
COMMENT ON COLUMN community.pin_attempt.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.pin_attempt.guess IS 'The keyed guess; NULL once it is judged. / 加密钥的尝试值，判定后清空。';
COMMENT ON COLUMN community.pin_attempt.xid IS 'Transaction that made it. / 所属事务。';
COMMENT ON COLUMN community.pin_attempt.at IS 'Time. / 时间。';
COMMENT ON COLUMN community.pin_attempt.outcome IS 'open until judged. / 判定结果，未判为 open。';
COMMENT ON COLUMN community.pin_attempt.used IS 'A door took it; once only. / 是否已用于开门，仅一次。';

CREATE INDEX pin_attempt_card_idx ON community.pin_attempt (community_id, card_id, at);
