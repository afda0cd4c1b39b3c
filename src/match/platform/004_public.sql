-- Leases of public facilities, procurement of services, time bank.

CREATE SEQUENCE community.lease_seq;
COMMENT ON SEQUENCE community.lease_seq IS 'Numbers of leases. / 租约编号序列。';
CREATE TABLE community.lease (
    community_id bigint NOT NULL,
    lease_id bigint NOT NULL DEFAULT nextval('community.lease_seq'),
    facility_id bigint NOT NULL,
    unit text NOT NULL DEFAULT '',
    term daterange NOT NULL CHECK (NOT isempty(term) AND NOT lower_inf(term) AND NOT upper_inf(term) AND isfinite(lower(term)) AND isfinite(upper(term))),
    least_rent bigint NOT NULL CHECK (least_rent > 0),
    bids_until timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'tender',
    provider_id bigint,
    rent bigint CHECK (rent >= least_rent),
    fund_account_id bigint NOT NULL,
    PRIMARY KEY (community_id, lease_id),
    FOREIGN KEY (community_id, facility_id) REFERENCES community.facility (community_id, facility_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    FOREIGN KEY (community_id, fund_account_id) REFERENCES community.account (community_id, account_id),
    CONSTRAINT lease_tenant_check CHECK ((state IN ('active', 'ended')) = (provider_id IS NOT NULL) AND (provider_id IS NULL) = (rent IS NULL)),
    -- All of a facility is every part of it; a part is known by a number made of its name.
    CONSTRAINT lease_no_overlap EXCLUDE USING gist (community_id WITH =, facility_id WITH =,
            (CASE WHEN unit = '' THEN int8range(NULL, NULL) ELSE int8range(hashtextextended(unit, 0) / 2, hashtextextended(unit, 0) / 2, '[]') END) WITH &&, term WITH &&)
        WHERE (state IN ('tender', 'active', 'ended'))
);
ALTER SEQUENCE community.lease_seq OWNED BY community.lease.lease_id;
COMMENT ON TABLE community.lease IS 'Leases of public facilities: tendered, then let; no two of the same part overlap, nor one of all with one of a part, for any client. / 公共设施租约：先招租后出租，租期不得重叠。';
COMMENT ON COLUMN community.lease.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.lease.lease_id IS 'Number of the lease. / 租约编号。';
COMMENT ON COLUMN community.lease.facility_id IS 'Public facility that is let. / 出租的公共设施。';
COMMENT ON COLUMN community.lease.unit IS 'Part of the facility; empty: all of it. / 出租部分，空串为整体。';
COMMENT ON COLUMN community.lease.term IS 'Days of the lease, upper bound excluded. / 租期（不含止日）。';
COMMENT ON COLUMN community.lease.least_rent IS 'Lowest monthly rent that the tender takes, in fen. / 招租底价（分/月）。';
COMMENT ON COLUMN community.lease.bids_until IS 'End of the tender. / 报价截止。';
COMMENT ON COLUMN community.lease.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.lease.provider_id IS 'Tenant. / 承租方。';
COMMENT ON COLUMN community.lease.rent IS 'Monthly rent agreed, in fen. / 成交月租（分）。';
COMMENT ON COLUMN community.lease.fund_account_id IS 'Ring-fenced account of the facility that the rent goes to. / 租金归入的设施专户。';

CREATE TABLE community.lease_bid (
    community_id bigint NOT NULL,
    lease_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    rent bigint NOT NULL CHECK (rent > 0),
    bid_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (community_id, lease_id, provider_id),
    FOREIGN KEY (community_id, lease_id) REFERENCES community.lease (community_id, lease_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id)
);
COMMENT ON TABLE community.lease_bid IS 'Bids in tenders; one for each provider, the last counts. / 招租报价，每方以最后一次为准。';
COMMENT ON COLUMN community.lease_bid.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.lease_bid.lease_id IS 'The lease. / 租约。';
COMMENT ON COLUMN community.lease_bid.provider_id IS 'Who bids. / 报价方。';
COMMENT ON COLUMN community.lease_bid.rent IS 'Monthly rent bid, in fen. / 月租报价（分）。';
COMMENT ON COLUMN community.lease_bid.bid_at IS 'When; the earlier of equal bids wins. / 报价时间，同价者先报优先。';

CREATE TABLE community.lease_rent (
    community_id bigint NOT NULL,
    lease_id bigint NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL CHECK (state IN ('arrears', 'paid')),
    accrued_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    transfer_seq bigint,
    PRIMARY KEY (community_id, lease_id, month),
    FOREIGN KEY (community_id, lease_id) REFERENCES community.lease (community_id, lease_id),
    CONSTRAINT lease_rent_paid_check CHECK ((state = 'paid') = (transfer_seq IS NOT NULL) AND (state = 'paid') = (paid_at IS NOT NULL))
);
CREATE INDEX lease_rent_arrears_idx ON community.lease_rent (community_id, lease_id) WHERE state = 'arrears';
COMMENT ON TABLE community.lease_rent IS 'Rent accrued by month, once for each month of a lease. / 按月计提的租金，每月一次。';
COMMENT ON COLUMN community.lease_rent.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.lease_rent.lease_id IS 'The lease. / 租约。';
COMMENT ON COLUMN community.lease_rent.month IS 'First day of the month. / 月份首日。';
COMMENT ON COLUMN community.lease_rent.amount IS 'Rent due for its days, in fen. / 当月应付租金（分）。';
COMMENT ON COLUMN community.lease_rent.state IS 'arrears or paid. / 欠缴、已付。';
COMMENT ON COLUMN community.lease_rent.accrued_at IS 'When it was accrued. / 计提时间。';
COMMENT ON COLUMN community.lease_rent.paid_at IS 'When it was paid. / 支付时间。';
COMMENT ON COLUMN community.lease_rent.transfer_seq IS 'Transfer that paid it. / 付款转账编号。';

CREATE SEQUENCE community.procurement_seq;
COMMENT ON SEQUENCE community.procurement_seq IS 'Numbers of procurements. / 购买服务编号序列。';
CREATE TABLE community.procurement (
    community_id bigint NOT NULL,
    procurement_id bigint NOT NULL DEFAULT nextval('community.procurement_seq'),
    provider_id bigint,
    service text NOT NULL REFERENCES community.service_catalog,
    period daterange NOT NULL CHECK (NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period) AND isfinite(lower(period)) AND isfinite(upper(period))),
    budget bigint NOT NULL CHECK (budget > 0),
    offers_until timestamptz,
    price bigint CHECK (price > 0 AND price <= budget),
    payer_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'published',
    paid bigint CHECK (paid BETWEEN 0 AND price),
    hold_seq bigint,
    PRIMARY KEY (community_id, procurement_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    FOREIGN KEY (community_id, payer_id) REFERENCES community.account (community_id, account_id),
    CONSTRAINT procurement_awarded_check CHECK ((state IN ('active', 'settled')) = (provider_id IS NOT NULL)
        AND (provider_id IS NULL) = (price IS NULL) AND (provider_id IS NULL) = (hold_seq IS NULL)),
    CONSTRAINT procurement_paid_check CHECK ((state = 'settled') = (paid IS NOT NULL)),
    -- The same orders are not paid for twice.
    CONSTRAINT procurement_no_overlap EXCLUDE USING gist (community_id WITH =, provider_id WITH =, service WITH =, period WITH &&)
        WHERE (state IN ('active', 'settled'))
);
ALTER SEQUENCE community.procurement_seq OWNED BY community.procurement.procurement_id;
COMMENT ON TABLE community.procurement IS 'Services that government buys from providers: published, offered, awarded, measured, paid on what was measured. / 政府购买服务：发布、报价、授予、实测、按实测付款。';
COMMENT ON COLUMN community.procurement.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.procurement.procurement_id IS 'Number of the procurement. / 编号。';
COMMENT ON COLUMN community.procurement.provider_id IS 'Who delivers; NULL: not awarded. / 承接方，空为未授予。';
COMMENT ON COLUMN community.procurement.service IS 'What is bought. / 服务。';
COMMENT ON COLUMN community.procurement.period IS 'Days measured, upper bound excluded. / 考核期（不含止日）。';
COMMENT ON COLUMN community.procurement.budget IS 'Most that is paid, in fen. / 最高支付额（分）。';
COMMENT ON COLUMN community.procurement.offers_until IS 'End of the time for offers; NULL: awarded without. / 报价截止，空为直接授予。';
COMMENT ON COLUMN community.procurement.price IS 'Price agreed, paid in full when every indicator is reached, in fen. / 成交价（分），指标全部达成时全额支付。';
COMMENT ON COLUMN community.procurement.payer_id IS 'Fund that pays. / 付款专项资金账户。';
COMMENT ON COLUMN community.procurement.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.procurement.paid IS 'What was paid. / 实付金额。';
COMMENT ON COLUMN community.procurement.hold_seq IS 'Hold of the price, placed with the award. / 授予时的资金冻结编号。';

CREATE TABLE community.procurement_offer (
    community_id bigint NOT NULL,
    procurement_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    price bigint NOT NULL CHECK (price > 0),
    offered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (community_id, procurement_id, provider_id),
    FOREIGN KEY (community_id, procurement_id) REFERENCES community.procurement (community_id, procurement_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id)
);
COMMENT ON TABLE community.procurement_offer IS 'Offers of providers for a procurement; one for each, the last counts. / 购买服务报价，每方以最后一次为准。';
COMMENT ON COLUMN community.procurement_offer.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.procurement_offer.procurement_id IS 'The procurement. / 购买服务编号。';
COMMENT ON COLUMN community.procurement_offer.provider_id IS 'Who offers. / 报价方。';
COMMENT ON COLUMN community.procurement_offer.price IS 'Price asked for, in fen. / 报价（分）。';
COMMENT ON COLUMN community.procurement_offer.offered_at IS 'When; the earlier of equal offers wins. / 报价时间，同价者先报优先。';

CREATE TABLE community.procurement_kpi (
    community_id bigint NOT NULL,
    procurement_id bigint NOT NULL,
    indicator text NOT NULL CHECK (indicator IN ('orders', 'people', 'minutes', 'kept_rate', 'rating_bound')),
    target numeric(14,4) NOT NULL CHECK (target > 0),
    least numeric(14,4) NOT NULL DEFAULT 0 CHECK (least >= 0),
    weight numeric(6,3) NOT NULL CHECK (weight > 0),
    measured numeric(14,4),
    PRIMARY KEY (community_id, procurement_id, indicator),
    FOREIGN KEY (community_id, procurement_id) REFERENCES community.procurement (community_id, procurement_id),
    CHECK (least <= target)
);
COMMENT ON TABLE community.procurement_kpi IS 'Indicators that a procurement is paid on. / 购买服务的付款指标。';
COMMENT ON COLUMN community.procurement_kpi.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.procurement_kpi.procurement_id IS 'The procurement. / 购买服务编号。';
COMMENT ON COLUMN community.procurement_kpi.indicator IS 'Settled orders, different requesters, minutes of service, share of orders not cancelled by or failed at the provider, lower bound of ratings. / 结算订单数、服务人数、服务分钟、履约率、评价下限。';
COMMENT ON COLUMN community.procurement_kpi.target IS 'Value that earns the whole share. / 目标值。';
COMMENT ON COLUMN community.procurement_kpi.least IS 'Value below which nothing is earned. / 起付值。';
COMMENT ON COLUMN community.procurement_kpi.weight IS 'Weight of the indicator. / 权重。';
COMMENT ON COLUMN community.procurement_kpi.measured IS 'Value measured at the settlement. / 结算时实测值。';

CREATE TABLE community.time_kin (
    community_id bigint NOT NULL REFERENCES community.community,
    person_id bigint NOT NULL,
    kin_community_id bigint NOT NULL REFERENCES community.community,
    kin_id bigint NOT NULL,
    relation text NOT NULL CHECK (relation IN ('spouse', 'child', 'parent', 'grandparent', 'grandchild', 'sibling', 'self')),
    verified_by text NOT NULL,
    PRIMARY KEY (community_id, person_id, kin_community_id, kin_id),
    CONSTRAINT time_kin_other CHECK (person_id <> kin_id OR community_id <> kin_community_id),
    CONSTRAINT time_kin_self CHECK (relation <> 'self' OR community_id <> kin_community_id)
);
COMMENT ON TABLE community.time_kin IS 'To whom time credits may be passed on: relatives, and oneself in another community. / 可受让时间积分者：亲属，或迁入另一社区的本人。';
COMMENT ON COLUMN community.time_kin.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.time_kin.person_id IS 'Holder of time credits. / 时间积分持有人。';
COMMENT ON COLUMN community.time_kin.kin_community_id IS 'Community of the receiver. / 受让人所在社区。';
COMMENT ON COLUMN community.time_kin.kin_id IS 'Who may receive them. / 受让人。';
COMMENT ON COLUMN community.time_kin.relation IS 'How they are related; self: the same person in another community. / 亲属关系；self 为另一社区的本人。';
COMMENT ON COLUMN community.time_kin.verified_by IS 'Who verified it. / 核验人。';
