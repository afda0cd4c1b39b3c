-- What cards spent without a connection.
CREATE TABLE community.offline_spend (
    community_id bigint NOT NULL,
    card_id bigint NOT NULL,
    counter bigint NOT NULL CHECK (counter >= 0),
    merchant_id bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    spent_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('paid', 'over_limit')),
    transfer_seq bigint,
    settled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, card_id, counter),
    FOREIGN KEY (community_id, card_id) REFERENCES community.card (community_id, card_id),
    FOREIGN KEY (community_id, merchant_id) REFERENCES community.account (community_id, account_id),
    CHECK ((status = 'paid') = (transfer_seq IS NOT NULL))
);
COMMENT ON TABLE community.offline_spend IS 'Offline payments that were settled; a counter of a card is settled once. / 已结算的脱机消费，每卡每计数仅结算一次。';
COMMENT ON COLUMN community.offline_spend.community_id IS 'Community of the card. / 所属社区。';
COMMENT ON COLUMN community.offline_spend.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.offline_spend.counter IS 'Transaction counter of the chip. / 芯片交易计数。';
COMMENT ON COLUMN community.offline_spend.merchant_id IS 'Account of the merchant. / 商户账户。';
COMMENT ON COLUMN community.offline_spend.amount IS 'Amount in fen. / 金额，分。';
COMMENT ON COLUMN community.offline_spend.spent_at IS 'Time of the payment by the terminal. / 终端记录的消费时间。';
COMMENT ON COLUMN community.offline_spend.status IS 'paid, or over_limit: genuine, but more than was loaded; the issuer''s loss to clear up. / paid 已付；over_limit 真实但超出圈存额，由发卡方处理。';
COMMENT ON COLUMN community.offline_spend.transfer_seq IS 'Transfer that paid it. / 付款转账编号。';
COMMENT ON COLUMN community.offline_spend.settled_at IS 'Time of settlement. / 结算时间。';
