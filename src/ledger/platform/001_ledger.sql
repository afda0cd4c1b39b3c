-- Accounts and the journal of transfers.  One row of the journal carries both
-- sides, so it balances by construction; it is only ever appended to.
CREATE TABLE community.currency (
    currency text PRIMARY KEY CHECK (currency ~ '^[A-Z]{3,8}$'),
    name text NOT NULL,
    unit text NOT NULL,
    scale integer NOT NULL CHECK (scale BETWEEN 0 AND 6)
);
COMMENT ON TABLE community.currency IS 'What is counted: money, time credits, points. / 计量对象：货币、时间积分、积分。';
COMMENT ON COLUMN community.currency.currency IS 'Code: CNY, TIME, POINT. / 代码：CNY、TIME、POINT。';
COMMENT ON COLUMN community.currency.name IS 'Name in both languages. / 中英文名称。';
COMMENT ON COLUMN community.currency.unit IS 'What one unit of an amount is, such as fen or minute. / 金额的最小单位，例如分、分钟。';
COMMENT ON COLUMN community.currency.scale IS 'Decimal places between the unit and the usual way of writing: 2 for fen. / 最小单位到习惯写法的小数位数：分为 2。';

CREATE TABLE community.fence (
    fence text PRIMARY KEY CHECK (fence ~ '^[a-z][a-z0-9_]{0,31}$'),
    name text NOT NULL CHECK (name <> ''),
    codes text[] NOT NULL CHECK (array_position(codes, NULL) IS NULL),
    edited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE community.fence IS 'Ring fences: what the money of a fenced account may be spent on. / 专款围栏：专户资金允许的用途。';
COMMENT ON COLUMN community.fence.fence IS 'Key of the fence. / 围栏键。';
COMMENT ON COLUMN community.fence.name IS 'Name in both languages. / 中英文名称。';
COMMENT ON COLUMN community.fence.codes IS 'Codes of transfers and holds that may take money out; an empty array: none. / 允许支出的转账用途代码，空数组为一律不许。';
COMMENT ON COLUMN community.fence.edited IS 'Changed by the city: seeds leave it alone. / 已由城市修改，种子数据不再覆盖。';

-- Fenced accounts have numbers of their own, so that the journal can tell one
-- from its number, without a look at the account.
CREATE SEQUENCE community.account_seq MAXVALUE 899999999999999;
COMMENT ON SEQUENCE community.account_seq IS 'Numbers of accounts without a fence. / 普通账户编号序列。';
CREATE SEQUENCE community.fenced_account_seq MINVALUE 900000000000000;
COMMENT ON SEQUENCE community.fenced_account_seq IS 'Numbers of fenced accounts. / 专户编号序列。';
CREATE TABLE community.account (
    community_id bigint NOT NULL REFERENCES community.community,
    account_id bigint NOT NULL DEFAULT nextval('community.account_seq'),
    currency text NOT NULL REFERENCES community.currency,
    kind text NOT NULL CHECK (kind IN ('purse', 'merchant', 'fund', 'fee', 'bank', 'issue', 'clearing')),
    owner_kind text NOT NULL CHECK (owner_kind IN ('person', 'organization', 'community', 'facility', 'card')),
    owner_id bigint NOT NULL,
    floating boolean NOT NULL,
    deferred boolean NOT NULL DEFAULT false,
    fence text REFERENCES community.fence,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen', 'closed')),
    debits_posted bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_posted bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    debits_pending bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    limit_transfer bigint CHECK (limit_transfer >= 0),
    limit_day bigint CHECK (limit_day >= 0),
    spent_day date,
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    PRIMARY KEY (community_id, account_id),
    CONSTRAINT account_no_overdraft CHECK (floating OR debits_posted + debits_pending <= credits_posted),
    CONSTRAINT account_floats CHECK (floating = (kind IN ('bank', 'issue', 'clearing'))),
    CONSTRAINT account_fenced CHECK ((fence IS NULL) = (account_id < 900000000000000)
        AND (fence IS NOT NULL OR kind <> 'fund' OR owner_kind <> 'facility')),
    CONSTRAINT account_closed_empty CHECK (state <> 'closed' OR (debits_posted = credits_posted
        AND debits_pending = 0 AND credits_pending = 0 AND closed_at IS NOT NULL))
) WITH (fillfactor = 50);
ALTER SEQUENCE community.account_seq OWNED BY community.account.account_id;
ALTER SEQUENCE community.fenced_account_seq OWNED BY community.account.account_id;
CREATE UNIQUE INDEX account_owner_key ON community.account (community_id, currency, kind, owner_kind, owner_id)
    WHERE state <> 'closed';
COMMENT ON TABLE community.account IS 'Accounts. The balance is credits posted less debits posted; what can be spent is that less debits pending. / 账户。余额为贷方已记减借方已记，可用额再减借方待记。';
COMMENT ON COLUMN community.account.community_id IS 'Community that keeps the account. / 开立账户的社区。';
COMMENT ON COLUMN community.account.account_id IS 'Number of the account. / 账户编号。';
COMMENT ON COLUMN community.account.currency IS 'What is counted; no transfer crosses currencies. / 币种，转账不得跨币种。';
COMMENT ON COLUMN community.account.kind IS 'purse of a resident, merchant, fund (set aside), fee, and the floating ones: bank (mirror of money at the bank), issue (source of time credits and points), clearing (with another community). / 类别：个人钱包、商户、专项资金、手续费，以及可为负的银行、发行、清算账户。';
COMMENT ON COLUMN community.account.owner_kind IS 'Kind of the owner. / 所有者类别。';
COMMENT ON COLUMN community.account.owner_id IS 'Key of the owner in its register; of the other community for clearing. / 所有者在登记表中的键；清算账户为对方社区。';
COMMENT ON COLUMN community.account.floating IS 'May fall below zero; follows from the kind. / 余额可为负，由类别决定。';
COMMENT ON COLUMN community.account.deferred IS 'Credits gather in credit_delta and are folded in by a job, for merchants whom many pay at once. / 贷记先入 credit_delta，由作业归并，用于高频商户。';
COMMENT ON COLUMN community.account.fence IS 'Ring fence that every debit must pass; NULL: none. Funds of facilities always have one, and it stays. / 专款围栏，支出须符合其用途，空为无；设施专户必有且不可更改。';
COMMENT ON COLUMN community.account.state IS 'open; frozen takes credits only; closed is empty. / open 正常；frozen 只进不出；closed 已销户且为空。';
COMMENT ON COLUMN community.account.debits_posted IS 'Sum of what left for good, in units. / 借方已记总额。';
COMMENT ON COLUMN community.account.credits_posted IS 'Sum of what came in for good. / 贷方已记总额。';
COMMENT ON COLUMN community.account.debits_pending IS 'Sum of open holds on this account. / 借方待记（冻结）总额。';
COMMENT ON COLUMN community.account.credits_pending IS 'Sum of open holds in its favour. / 贷方待记总额。';
COMMENT ON COLUMN community.account.limit_transfer IS 'Most that one transfer or hold may take; NULL: no limit. / 单笔上限，NULL 表示不限。';
COMMENT ON COLUMN community.account.limit_day IS 'Most that may be taken in one local day; NULL: no limit. / 当地日累计上限，NULL 表示不限。';
COMMENT ON COLUMN community.account.spent_day IS 'Local day that spent counts. / spent 所属的当地日期。';
COMMENT ON COLUMN community.account.spent IS 'What was taken on that day, voided holds of the same day given back. / 当日已用额，当日撤销的冻结退回。';
COMMENT ON COLUMN community.account.opened_at IS 'Time of opening. / 开户时间。';
COMMENT ON COLUMN community.account.closed_at IS 'Time of closing. / 销户时间。';

-- No foreign keys to account: their key-share locks would turn every lock on a
-- busy account into a shared one.  The functions lock both accounts, accounts
-- are never deleted, and ledger_check() proves the rest.
CREATE SEQUENCE community.transfer_seq;
COMMENT ON SEQUENCE community.transfer_seq IS 'Numbers of transfers. / 转账编号序列。';
CREATE TABLE community.transfer (
    community_id bigint NOT NULL REFERENCES community.community,
    seq bigint NOT NULL DEFAULT nextval('community.transfer_seq'),
    actor text NOT NULL,
    key uuid NOT NULL,
    phase text NOT NULL CHECK (phase IN ('single', 'hold', 'post', 'void')),
    hold_seq bigint,
    refund_of bigint,
    debit_id bigint NOT NULL,
    credit_id bigint NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,31}$'),
    reference text,
    expires_at timestamptz,
    at timestamptz NOT NULL DEFAULT now(),
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, seq),
    UNIQUE (community_id, actor, key),
    UNIQUE (community_id, hold_seq),
    CONSTRAINT transfer_two_accounts CHECK (debit_id <> credit_id),
    CONSTRAINT transfer_resolves CHECK ((phase IN ('post', 'void')) = (hold_seq IS NOT NULL)),
    CONSTRAINT transfer_expires CHECK ((phase = 'hold') = (expires_at IS NOT NULL)),
    CONSTRAINT transfer_refunds CHECK (refund_of IS NULL OR phase = 'single')
);
ALTER SEQUENCE community.transfer_seq OWNED BY community.transfer.seq;
CREATE INDEX transfer_debit_idx ON community.transfer (community_id, debit_id, seq);
CREATE INDEX transfer_credit_idx ON community.transfer (community_id, credit_id, seq);
CREATE INDEX transfer_expires_idx ON community.transfer (expires_at) WHERE phase = 'hold';
CREATE INDEX transfer_refund_idx ON community.transfer (community_id, refund_of) WHERE refund_of IS NOT NULL;
CREATE INDEX transfer_tx_idx ON community.transfer USING brin (tx);
COMMENT ON TABLE community.transfer IS 'The journal, append-only: corrections are new transfers. A hold is resolved at most once, by a post or a void. / 流水账，只追加；更正以新转账记录。冻结至多结清一次（入账或撤销）。';
COMMENT ON COLUMN community.transfer.community_id IS 'Community that keeps the accounts. / 账户所属社区。';
COMMENT ON COLUMN community.transfer.seq IS 'Number of the transfer; not a time order. / 转账编号，不表示时间次序。';
COMMENT ON COLUMN community.transfer.actor IS 'Who commanded it. / 操作者。';
COMMENT ON COLUMN community.transfer.key IS 'Idempotency key of the actor: a repeated command gets the first answer. / 操作者的幂等键，重复命令得到首次结果。';
COMMENT ON COLUMN community.transfer.phase IS 'single: at once; hold: reserved; post: a hold taken, whole or in part; void: a hold given back. / single 即时；hold 冻结；post 冻结入账（可部分）；void 冻结撤销。';
COMMENT ON COLUMN community.transfer.hold_seq IS 'Hold that a post or void resolves. / 所结清的冻结编号。';
COMMENT ON COLUMN community.transfer.refund_of IS 'Transfer that this one gives back, whole or in part. / 所退款的原转账。';
COMMENT ON COLUMN community.transfer.debit_id IS 'Account that gives. / 借方（付出）账户。';
COMMENT ON COLUMN community.transfer.credit_id IS 'Account that receives. / 贷方（收入）账户。';
COMMENT ON COLUMN community.transfer.currency IS 'Currency of both accounts. / 双方账户的币种。';
COMMENT ON COLUMN community.transfer.amount IS 'Amount in units of the currency, more than zero. / 金额，最小单位，大于零。';
COMMENT ON COLUMN community.transfer.code IS 'What it is for, such as payment, fee, topup, refund, volunteer. / 用途，例如 payment、fee、topup、refund、volunteer。';
COMMENT ON COLUMN community.transfer.reference IS 'What it belongs to outside the ledger, such as an order. / 账外关联，例如订单号。';
COMMENT ON COLUMN community.transfer.expires_at IS 'Time at which an open hold is given back. / 冻结到期退回的时间。';
COMMENT ON COLUMN community.transfer.at IS 'Time of recording. / 记账时间。';
COMMENT ON COLUMN community.transfer.tx IS 'Number of the transaction that recorded it. / 记账事务号。';

CREATE SEQUENCE community.credit_delta_seq;
COMMENT ON SEQUENCE community.credit_delta_seq IS 'Numbers of waiting credits. / 待归并贷记编号序列。';
CREATE TABLE community.credit_delta (
    community_id bigint NOT NULL REFERENCES community.community,
    delta_id bigint NOT NULL DEFAULT nextval('community.credit_delta_seq'),
    account_id bigint NOT NULL,
    posted bigint NOT NULL,
    pending bigint NOT NULL,
    PRIMARY KEY (community_id, delta_id),
    CONSTRAINT credit_delta_some CHECK (posted >= 0 AND (posted <> 0 OR pending <> 0))
);
ALTER SEQUENCE community.credit_delta_seq OWNED BY community.credit_delta.delta_id;
CREATE INDEX credit_delta_account_idx ON community.credit_delta (community_id, account_id);
COMMENT ON TABLE community.credit_delta IS 'Credits of deferred accounts that the job has not folded in yet; safe because a credit only adds. / 延迟贷记账户中尚未归并的贷记，只增不减故安全。';
COMMENT ON COLUMN community.credit_delta.community_id IS 'Community that keeps the account. / 账户所属社区。';
COMMENT ON COLUMN community.credit_delta.delta_id IS 'Number of the row. / 行编号。';
COMMENT ON COLUMN community.credit_delta.account_id IS 'Account that is credited. / 贷记账户。';
COMMENT ON COLUMN community.credit_delta.posted IS 'What is added to credits posted. / 增加的贷方已记额。';
COMMENT ON COLUMN community.credit_delta.pending IS 'What is added to credits pending, negative when a hold is resolved. / 增加的贷方待记额，冻结结清时为负。';

CREATE TABLE community.fee_rule (
    community_id bigint NOT NULL REFERENCES community.community,
    code text NOT NULL,
    currency text NOT NULL REFERENCES community.currency,
    rate numeric(7,6) NOT NULL CHECK (rate >= 0 AND rate < 1),
    least bigint NOT NULL DEFAULT 0 CHECK (least >= 0),
    most bigint CHECK (most >= least),
    fee_account_id bigint NOT NULL,
    PRIMARY KEY (community_id, code, currency),
    FOREIGN KEY (community_id, fee_account_id) REFERENCES community.account (community_id, account_id)
);
COMMENT ON TABLE community.fee_rule IS 'Fee that the receiver of a payment pays. / 收款方支付的手续费规则。';
COMMENT ON COLUMN community.fee_rule.community_id IS 'Community of the rule. / 所属社区。';
COMMENT ON COLUMN community.fee_rule.code IS 'Code of the payments that it is for. / 适用的转账用途。';
COMMENT ON COLUMN community.fee_rule.currency IS 'Currency of the payments. / 适用的币种。';
COMMENT ON COLUMN community.fee_rule.rate IS 'Share of the amount, rounded half up to units. / 费率，四舍五入到最小单位。';
COMMENT ON COLUMN community.fee_rule.least IS 'Least fee in units; never more than the amount. / 最低手续费，不超过金额本身。';
COMMENT ON COLUMN community.fee_rule.most IS 'Most fee in units; NULL: no limit. / 最高手续费，NULL 表示不限。';
COMMENT ON COLUMN community.fee_rule.fee_account_id IS 'Account that receives the fee. / 收取手续费的账户。';
