-- Orders to the bank's gateway, and sealed settlements of merchants.
CREATE SEQUENCE community.bank_order_seq;
COMMENT ON SEQUENCE community.bank_order_seq IS 'Numbers of orders to the bank. / 银行指令编号序列。';
CREATE TABLE community.bank_order (
    community_id bigint NOT NULL REFERENCES community.community,
    order_id bigint NOT NULL DEFAULT nextval('community.bank_order_seq'),
    kind text NOT NULL CHECK (kind IN ('topup', 'withdrawal')),
    account_id bigint NOT NULL,
    bank_account_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL DEFAULT 'sent' CHECK (state IN ('sent', 'done', 'failed')),
    hold_seq bigint,
    transfer_seq bigint,
    bank_reference text,
    actor text NOT NULL,
    key uuid NOT NULL,
    ordered_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    PRIMARY KEY (community_id, order_id),
    UNIQUE (community_id, actor, key),
    FOREIGN KEY (community_id, account_id) REFERENCES community.account (community_id, account_id),
    FOREIGN KEY (community_id, bank_account_id) REFERENCES community.account (community_id, account_id),
    CHECK ((state = 'sent') = (answered_at IS NULL)),
    CHECK ((kind = 'withdrawal') = (hold_seq IS NOT NULL)),
    CHECK (state <> 'done' OR (transfer_seq IS NOT NULL AND bank_reference IS NOT NULL))
);
ALTER SEQUENCE community.bank_order_seq OWNED BY community.bank_order.order_id;
CREATE UNIQUE INDEX bank_order_reference_key ON community.bank_order (community_id, bank_reference)
    WHERE bank_reference IS NOT NULL;
CREATE INDEX bank_order_open_idx ON community.bank_order (ordered_at) WHERE state = 'sent';
COMMENT ON TABLE community.bank_order IS 'Top-ups and withdrawals that the bank executes: a message goes out through the outbox, the answer comes in once. / 由银行执行的充值与提现：经发件箱发出，答复只生效一次。';
COMMENT ON COLUMN community.bank_order.community_id IS 'Community that keeps the account. / 账户所属社区。';
COMMENT ON COLUMN community.bank_order.order_id IS 'Number of the order. / 指令编号。';
COMMENT ON COLUMN community.bank_order.kind IS 'topup: money comes from the bank; withdrawal: it goes there. / topup 充值；withdrawal 提现。';
COMMENT ON COLUMN community.bank_order.account_id IS 'Account of the customer. / 客户账户。';
COMMENT ON COLUMN community.bank_order.bank_account_id IS 'Account that mirrors the money at the bank. / 对应银行存款的账户。';
COMMENT ON COLUMN community.bank_order.amount IS 'Amount in units of the currency. / 金额，最小单位。';
COMMENT ON COLUMN community.bank_order.state IS 'sent, then done or failed by the bank''s answer. / sent 已发出；done 成功；failed 失败。';
COMMENT ON COLUMN community.bank_order.hold_seq IS 'Hold on the account while a withdrawal runs. / 提现期间的冻结编号。';
COMMENT ON COLUMN community.bank_order.transfer_seq IS 'Transfer that the answer made. / 答复生成的转账编号。';
COMMENT ON COLUMN community.bank_order.bank_reference IS 'Reference of the bank, used once. / 银行流水号，只用一次。';
COMMENT ON COLUMN community.bank_order.actor IS 'Who ordered it. / 发起者。';
COMMENT ON COLUMN community.bank_order.key IS 'Idempotency key of the order. / 指令幂等键。';
COMMENT ON COLUMN community.bank_order.ordered_at IS 'Time of the order. / 发起时间。';
COMMENT ON COLUMN community.bank_order.answered_at IS 'Time of the answer. / 答复时间。';

CREATE TABLE community.merchant_settlement (
    community_id bigint NOT NULL REFERENCES community.community,
    account_id bigint NOT NULL,
    day date NOT NULL,
    payments bigint NOT NULL,
    gross bigint NOT NULL,
    refunds bigint NOT NULL,
    fees bigint NOT NULL,
    net bigint NOT NULL,
    file text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, account_id, day),
    FOREIGN KEY (community_id, account_id) REFERENCES community.account (community_id, account_id),
    CHECK (net = gross - refunds - fees)
);
COMMENT ON TABLE community.merchant_settlement IS 'Settlement of one merchant for one local day, sealed. / 商户某当地日的结算单，已封存。';
COMMENT ON COLUMN community.merchant_settlement.community_id IS 'Community that keeps the account. / 账户所属社区。';
COMMENT ON COLUMN community.merchant_settlement.account_id IS 'Account of the merchant. / 商户账户。';
COMMENT ON COLUMN community.merchant_settlement.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community.merchant_settlement.payments IS 'Number of payments. / 收款笔数。';
COMMENT ON COLUMN community.merchant_settlement.gross IS 'Sum of payments in units. / 收款总额。';
COMMENT ON COLUMN community.merchant_settlement.refunds IS 'Sum of refunds. / 退款总额。';
COMMENT ON COLUMN community.merchant_settlement.fees IS 'Sum of fees. / 手续费总额。';
COMMENT ON COLUMN community.merchant_settlement.net IS 'Gross less refunds and fees. / 净额，等于收款减退款减手续费。';
COMMENT ON COLUMN community.merchant_settlement.file IS 'The settlement file: CSV with a header, a line a transfer in the order of numbers. / 结算文件：带表头的 CSV，每笔一行，按编号排列。';
COMMENT ON COLUMN community.merchant_settlement.hash IS 'SHA-256 of the file in UTF-8. / 文件的 SHA-256。';
COMMENT ON COLUMN community.merchant_settlement.sealed_at IS 'Time of sealing. / 封存时间。';
