-- Turnover by the day.
CREATE TABLE community.rollup_transfer_day (
    community_id bigint NOT NULL REFERENCES community.community,
    day date NOT NULL,
    currency text NOT NULL,
    code text NOT NULL,
    transfers bigint NOT NULL CHECK (transfers > 0),
    amount bigint NOT NULL CHECK (amount > 0),
    payers bigint NOT NULL CHECK (payers >= 0),
    payees bigint NOT NULL CHECK (payees >= 0),
    PRIMARY KEY (community_id, day, currency, code)
);
COMMENT ON TABLE community.rollup_transfer_day IS 'Turnover by local day, currency and code, counted anew from the journal whenever a transfer of the day arrives. / 流水日汇总（当地日、币种、用途），当日有新流水即重算。';
COMMENT ON COLUMN community.rollup_transfer_day.community_id IS 'Community of the accounts. / 所属社区。';
COMMENT ON COLUMN community.rollup_transfer_day.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community.rollup_transfer_day.currency IS 'What is counted. / 币种。';
COMMENT ON COLUMN community.rollup_transfer_day.code IS 'Code of the transfers. / 用途代码。';
COMMENT ON COLUMN community.rollup_transfer_day.transfers IS 'Transfers and posted holds. / 转账与已入账冻结笔数。';
COMMENT ON COLUMN community.rollup_transfer_day.amount IS 'What they moved, in units of the currency. / 金额合计（最小单位）。';
COMMENT ON COLUMN community.rollup_transfer_day.payers IS 'Different accounts of persons that paid. / 付款的个人账户数。';
COMMENT ON COLUMN community.rollup_transfer_day.payees IS 'Different accounts of persons that received. / 收款的个人账户数。';

-- The day of a transfer, and the few transfers of time credits.
CREATE INDEX transfer_at_idx ON community.transfer USING brin (at);
CREATE INDEX transfer_time_credit_idx ON community.transfer (community_id, at) WHERE currency = 'TIME' AND phase IN ('single', 'post');
