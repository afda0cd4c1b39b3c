-- Orders, what the market counts of them, ratings; resources and bookings.

CREATE SEQUENCE community.service_order_seq;
COMMENT ON SEQUENCE community.service_order_seq IS 'Numbers of orders. / 订单编号序列。';
CREATE TABLE community.service_order (
    community_id bigint NOT NULL,
    order_id bigint NOT NULL DEFAULT nextval('community.service_order_seq'),
    demand_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    service text NOT NULL,
    requester_kind text NOT NULL,
    requester_id bigint NOT NULL,
    exclusive boolean NOT NULL,
    period tstzrange NOT NULL CHECK (NOT isempty(period)),
    price bigint NOT NULL CHECK (price >= 0),
    fee bigint NOT NULL CHECK (fee >= 0 AND fee <= price),
    currency text NOT NULL,
    score numeric(8,6) NOT NULL,
    why jsonb NOT NULL,
    state text NOT NULL DEFAULT 'matched',
    market_period date NOT NULL,
    plan_id bigint,
    matched_at timestamptz NOT NULL DEFAULT now(),
    confirm_due timestamptz NOT NULL,
    provider_in timestamptz,
    requester_in timestamptz,
    missed_at timestamptz,
    done_at timestamptz,
    settle_due timestamptz,
    ended_at timestamptz,
    hold_seq bigint,
    paid bigint CHECK (paid BETWEEN 0 AND price),
    PRIMARY KEY (community_id, order_id),
    FOREIGN KEY (community_id, demand_id) REFERENCES community.demand (community_id, demand_id),
    FOREIGN KEY (community_id, offer_id) REFERENCES community.offer (community_id, offer_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    CONSTRAINT service_order_once EXCLUDE USING gist (community_id WITH =, provider_id WITH =, period WITH &&)
        WHERE (exclusive AND state IN ('matched', 'confirmed', 'in_service'))
) WITH (fillfactor = 80);
ALTER SEQUENCE community.service_order_seq OWNED BY community.service_order.order_id;
CREATE UNIQUE INDEX service_order_demand_key ON community.service_order (community_id, demand_id)
    WHERE state NOT IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed', 'refunded');
CREATE INDEX service_order_demand_idx ON community.service_order (community_id, demand_id);
CREATE INDEX service_order_fallen_idx ON community.service_order (coalesce(missed_at, ended_at))
    WHERE state IN ('rejected', 'cancelled', 'no_show', 'contested', 'missed');
CREATE INDEX service_order_provider_idx ON community.service_order (community_id, provider_id, state);
CREATE INDEX service_order_pair_idx ON community.service_order (community_id, requester_kind, requester_id, provider_id);
CREATE INDEX service_order_confirm_idx ON community.service_order (confirm_due) WHERE state = 'matched';
CREATE INDEX service_order_settle_idx ON community.service_order (settle_due) WHERE state IN ('done', 'rated', 'no_show');
CREATE INDEX service_order_lapse_idx ON community.service_order (upper(period)) WHERE state IN ('confirmed', 'in_service');
COMMENT ON TABLE community.service_order IS 'One match of a demand with an offer, from the match to its settlement; changed only by match_demand, match_commit and order_event. / 需求与供给的一次成交，自撮合至结算。';
COMMENT ON COLUMN community.service_order.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.service_order.order_id IS 'Number of the order. / 订单编号。';
COMMENT ON COLUMN community.service_order.demand_id IS 'Demand it fulfils. / 需求。';
COMMENT ON COLUMN community.service_order.offer_id IS 'Offer it takes. / 供给。';
COMMENT ON COLUMN community.service_order.provider_id IS 'Provider of the offer. / 服务方。';
COMMENT ON COLUMN community.service_order.service IS 'Service, from the offer. / 服务。';
COMMENT ON COLUMN community.service_order.requester_kind IS 'Kind of the requester. / 需求方类别。';
COMMENT ON COLUMN community.service_order.requester_id IS 'The requester. / 需求方。';
COMMENT ON COLUMN community.service_order.exclusive IS 'The provider is one person, who does one order at a time. / 服务方为个人，同一时间仅一单。';
COMMENT ON COLUMN community.service_order.period IS 'Time of the service. / 服务时间。';
COMMENT ON COLUMN community.service_order.price IS 'Price agreed at the match, in units. / 成交价（最小单位）。';
COMMENT ON COLUMN community.service_order.fee IS 'What the platform keeps of it. / 平台费。';
COMMENT ON COLUMN community.service_order.currency IS 'Currency of the price. / 币种。';
COMMENT ON COLUMN community.service_order.score IS 'Score of the match. / 撮合得分。';
COMMENT ON COLUMN community.service_order.why IS 'Parts of the score; they add up to it. / 得分构成，合计等于得分。';
COMMENT ON COLUMN community.service_order.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.service_order.market_period IS 'First day of the quarter it counts in. / 计入的季度首日。';
COMMENT ON COLUMN community.service_order.plan_id IS 'Plan that made it; NULL: matched on line. / 产生该订单的计划，空为在线撮合。';
COMMENT ON COLUMN community.service_order.matched_at IS 'When it was matched. / 撮合时间。';
COMMENT ON COLUMN community.service_order.confirm_due IS 'Time by which the provider confirms. / 确认期限。';
COMMENT ON COLUMN community.service_order.provider_in IS 'When the provider checked in. / 服务方签到时间。';
COMMENT ON COLUMN community.service_order.requester_in IS 'When the requester checked in. / 需求方签到时间。';
COMMENT ON COLUMN community.service_order.missed_at IS 'When the side that checked in stated that the other did not come. / 已签到一方申报对方爽约的时间。';
COMMENT ON COLUMN community.service_order.done_at IS 'When the service was finished. / 完成时间。';
COMMENT ON COLUMN community.service_order.settle_due IS 'When it settles by itself. / 自动结算时间。';
COMMENT ON COLUMN community.service_order.ended_at IS 'When it came to its last state. / 终结时间。';
COMMENT ON COLUMN community.service_order.hold_seq IS 'Hold in the ledger, placed at confirmation. / 确认时的资金冻结编号。';
COMMENT ON COLUMN community.service_order.paid IS 'What was taken of the hold at the end. / 终结时实收金额。';

CREATE TABLE community.market_count (
    community_id bigint NOT NULL REFERENCES community.community,
    service text NOT NULL REFERENCES community.service_catalog,
    period date NOT NULL,
    provider_id bigint NOT NULL,
    orders bigint NOT NULL CHECK (orders >= 0),
    PRIMARY KEY (community_id, service, period, provider_id)
) WITH (fillfactor = 50);
CREATE INDEX market_count_provider_idx ON community.market_count (community_id, provider_id, period);
COMMENT ON TABLE community.market_count IS 'Orders by service, quarter and provider, kept by the trigger of orders: the base of shares, caps and the HHI. / 按服务、季度、服务方的订单数，用于份额、上限与集中度。';
COMMENT ON COLUMN community.market_count.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.market_count.service IS 'The service. / 服务。';
COMMENT ON COLUMN community.market_count.period IS 'First day of the quarter. / 季度首日。';
COMMENT ON COLUMN community.market_count.provider_id IS 'The provider; 0 is the whole market, whose row serializes new orders. / 服务方；0 为全市场合计。';
COMMENT ON COLUMN community.market_count.orders IS 'Orders that were not rejected or cancelled. / 未被拒绝或取消的订单数。';

CREATE TABLE community.rating (
    community_id bigint NOT NULL,
    order_id bigint NOT NULL,
    side text NOT NULL CHECK (side IN ('requester', 'provider')),
    provider_id bigint NOT NULL,
    requester_kind text NOT NULL,
    requester_id bigint NOT NULL,
    stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
    comment text,
    rated_at timestamptz NOT NULL DEFAULT now(),
    counted boolean NOT NULL DEFAULT false,
    cleared_at timestamptz,
    flag text CHECK (flag IN ('ring', 'burst', 'struck')),
    rating_id bigint NOT NULL DEFAULT ('x' || substr(md5(gen_random_uuid()::text), 1, 12))::bit(48)::bigint,
    appeal text,
    appealed_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    PRIMARY KEY (community_id, order_id, side),
    UNIQUE (community_id, rating_id),
    CONSTRAINT rating_appeal_check CHECK ((appeal IS NULL) = (appealed_at IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)
        AND (decided_at IS NULL OR appealed_at IS NOT NULL) AND (flag <> 'struck' OR decided_at IS NOT NULL)),
    FOREIGN KEY (community_id, order_id) REFERENCES community.service_order (community_id, order_id)
);
CREATE INDEX rating_provider_idx ON community.rating (community_id, provider_id, rated_at);
COMMENT ON TABLE community.rating IS 'Ratings of both sides of an order; they count only after its settlement. / 双方评价，仅在订单结算后计入。';
COMMENT ON COLUMN community.rating.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.rating.order_id IS 'The order. / 订单。';
COMMENT ON COLUMN community.rating.side IS 'Who rates: the requester the provider, or the other way round. / 评价方。';
COMMENT ON COLUMN community.rating.provider_id IS 'Provider of the order. / 服务方。';
COMMENT ON COLUMN community.rating.requester_kind IS 'Kind of the requester. / 需求方类别。';
COMMENT ON COLUMN community.rating.requester_id IS 'The requester; a provider never reads it. / 需求方，服务方不可见。';
COMMENT ON COLUMN community.rating.stars IS '1 (bad) to 5 (good). / 1（差）至 5（好）。';
COMMENT ON COLUMN community.rating.comment IS 'Words of the rater. / 评语。';
COMMENT ON COLUMN community.rating.rated_at IS 'When. / 时间。';
COMMENT ON COLUMN community.rating.counted IS 'In the counts of the provider: only once the order is settled, and not when struck out. / 是否计入：订单结算后且未被剔除。';
COMMENT ON COLUMN community.rating.cleared_at IS 'When a supervisor found its flag unfounded; it is not flagged again. / 监管者解除标记的时间，之后不再标记。';
COMMENT ON COLUMN community.rating.flag IS 'Anomaly found (ring, burst), or struck out on appeal; NULL: neither. / 异常标记（ring、burst）或申诉后剔除（struck），空为无。';
COMMENT ON COLUMN community.rating.rating_id IS 'Number by which a provider names it: random, so that it tells neither order nor time. / 供服务方引用的随机编号，不透露订单与时间。';
COMMENT ON COLUMN community.rating.appeal IS 'What the provider says against it; NULL: nothing. / 服务方申诉理由，空为无。';
COMMENT ON COLUMN community.rating.appealed_at IS 'When it appealed. / 申诉时间。';
COMMENT ON COLUMN community.rating.decided_by IS 'Supervisor who decided on the appeal; NULL: not yet. / 申诉决定人，空为未决定。';
COMMENT ON COLUMN community.rating.decided_at IS 'When. / 决定时间。';

CREATE SEQUENCE community.resource_seq;
COMMENT ON SEQUENCE community.resource_seq IS 'Numbers of bookable resources. / 可预订资源编号序列。';
CREATE TABLE community.resource (
    community_id bigint NOT NULL REFERENCES community.community,
    resource_id bigint NOT NULL DEFAULT nextval('community.resource_seq'),
    facility_id bigint,
    name text NOT NULL CHECK (name <> ''),
    seats integer NOT NULL CHECK (seats > 0),
    buffer integer NOT NULL DEFAULT 0 CHECK (buffer >= 0),
    weekly int4multirange NOT NULL,
    hold_for interval NOT NULL DEFAULT interval '15 minutes' CHECK (hold_for > interval '0'),
    late interval NOT NULL DEFAULT interval '15 minutes' CHECK (late >= interval '0'),
    no_shows integer NOT NULL DEFAULT 3 CHECK (no_shows > 0),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    PRIMARY KEY (community_id, resource_id),
    FOREIGN KEY (community_id, facility_id) REFERENCES community.facility (community_id, facility_id)
);
ALTER SEQUENCE community.resource_seq OWNED BY community.resource.resource_id;
COMMENT ON TABLE community.resource IS 'Rooms, courts, seats, devices that are booked by time. / 按时段预订的房间、场地、座位、设备。';
COMMENT ON COLUMN community.resource.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.resource.resource_id IS 'Number of the resource. / 资源编号。';
COMMENT ON COLUMN community.resource.facility_id IS 'Facility it belongs to, or NULL. / 所属设施，可为空。';
COMMENT ON COLUMN community.resource.name IS 'Name people use. / 名称。';
COMMENT ON COLUMN community.resource.seats IS 'Seats, or 1 for a room or a device. / 座位数，房间或设备为 1。';
COMMENT ON COLUMN community.resource.buffer IS 'Bookings taken beyond the seats, because some never come. / 超额预订数。';
COMMENT ON COLUMN community.resource.weekly IS 'Weekly hours in minutes. / 每周开放时段。';
COMMENT ON COLUMN community.resource.hold_for IS 'How long a hold waits for its confirmation. / 预留保留时长。';
COMMENT ON COLUMN community.resource.late IS 'Lateness after which a booking is a no-show. / 迟到视为爽约的时长。';
COMMENT ON COLUMN community.resource.no_shows IS 'No-shows in 90 days after which a party cannot book. / 90 天内达到该爽约次数则不可预订。';
COMMENT ON COLUMN community.resource.state IS 'open or closed. / 开放、关闭。';

CREATE SEQUENCE community.booking_seq;
COMMENT ON SEQUENCE community.booking_seq IS 'Numbers of bookings. / 预订编号序列。';
CREATE TABLE community.booking (
    community_id bigint NOT NULL,
    booking_id bigint NOT NULL DEFAULT nextval('community.booking_seq'),
    resource_id bigint NOT NULL,
    seat integer NOT NULL CHECK (seat > 0),
    requester_kind text NOT NULL CHECK (requester_kind IN ('person', 'organization')),
    requester_id bigint NOT NULL,
    login text NOT NULL,
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower(period) IS NOT NULL AND upper(period) IS NOT NULL),
    state text NOT NULL DEFAULT 'held',
    hold_until timestamptz NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT now(),
    evidence text,
    PRIMARY KEY (community_id, booking_id),
    FOREIGN KEY (community_id, resource_id) REFERENCES community.resource (community_id, resource_id),
    CONSTRAINT booking_no_overlap EXCLUDE USING gist (community_id WITH =, resource_id WITH =, seat WITH =, period WITH &&)
        WHERE (state IN ('held', 'confirmed', 'checked_in')),
    CONSTRAINT booking_one_seat EXCLUDE USING gist (community_id WITH =, resource_id WITH =, requester_kind WITH =, requester_id WITH =, period WITH &&)
        WHERE (state IN ('held', 'confirmed', 'checked_in'))
) WITH (fillfactor = 80);
ALTER SEQUENCE community.booking_seq OWNED BY community.booking.booking_id;
CREATE INDEX booking_hold_idx ON community.booking (hold_until) WHERE state = 'held';
CREATE INDEX booking_start_idx ON community.booking (lower(period)) WHERE state = 'confirmed';
CREATE INDEX booking_end_idx ON community.booking (upper(period)) WHERE state = 'checked_in';
CREATE INDEX booking_party_idx ON community.booking (community_id, requester_kind, requester_id);
COMMENT ON TABLE community.booking IS 'Bookings of resources; no two live ones share a seat at any time, for any client. / 资源预订；同席位有效预订时间不得重叠。';
COMMENT ON COLUMN community.booking.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.booking.booking_id IS 'Number of the booking. / 预订编号。';
COMMENT ON COLUMN community.booking.resource_id IS 'What is booked. / 资源。';
COMMENT ON COLUMN community.booking.seat IS 'Seat, counted through the buffer. / 席位（含超额）。';
COMMENT ON COLUMN community.booking.requester_kind IS 'Kind of the party. / 预订方类别。';
COMMENT ON COLUMN community.booking.requester_id IS 'The party. / 预订方。';
COMMENT ON COLUMN community.booking.login IS 'Login that booked. / 预订账号。';
COMMENT ON COLUMN community.booking.period IS 'Time booked. / 预订时段。';
COMMENT ON COLUMN community.booking.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.booking.hold_until IS 'End of the hold. / 预留截止。';
COMMENT ON COLUMN community.booking.booked_at IS 'When it was made. / 预订时间。';
COMMENT ON COLUMN community.booking.evidence IS 'What the check-in rests on, such as a card passage. / 签到依据，如刷卡记录。';

CREATE SEQUENCE community.booking_wait_seq;
COMMENT ON SEQUENCE community.booking_wait_seq IS 'Numbers of places on waiting lists. / 候补编号序列。';
CREATE TABLE community.booking_wait (
    community_id bigint NOT NULL,
    wait_id bigint NOT NULL DEFAULT nextval('community.booking_wait_seq'),
    resource_id bigint NOT NULL,
    requester_kind text NOT NULL CHECK (requester_kind IN ('person', 'organization')),
    requester_id bigint NOT NULL,
    login text NOT NULL,
    period tstzrange NOT NULL CHECK (NOT isempty(period)),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'booked', 'gone')),
    booking_id bigint,
    asked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, wait_id),
    FOREIGN KEY (community_id, resource_id) REFERENCES community.resource (community_id, resource_id),
    FOREIGN KEY (community_id, booking_id) REFERENCES community.booking (community_id, booking_id)
);
ALTER SEQUENCE community.booking_wait_seq OWNED BY community.booking_wait.wait_id;
CREATE UNIQUE INDEX booking_wait_key ON community.booking_wait (community_id, resource_id, requester_kind, requester_id, period) WHERE state = 'waiting';
CREATE INDEX booking_wait_idx ON community.booking_wait (community_id, resource_id, wait_id) WHERE state = 'waiting';
COMMENT ON TABLE community.booking_wait IS 'Waiting lists of resources. / 资源候补名单。';
COMMENT ON COLUMN community.booking_wait.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.booking_wait.wait_id IS 'Number of the place; the list moves up in this order. / 候补号，按此顺序递补。';
COMMENT ON COLUMN community.booking_wait.resource_id IS 'What is waited for. / 资源。';
COMMENT ON COLUMN community.booking_wait.requester_kind IS 'Kind of the party. / 候补方类别。';
COMMENT ON COLUMN community.booking_wait.requester_id IS 'The party. / 候补方。';
COMMENT ON COLUMN community.booking_wait.login IS 'Login that asked. / 账号。';
COMMENT ON COLUMN community.booking_wait.period IS 'Time wanted. / 期望时段。';
COMMENT ON COLUMN community.booking_wait.state IS 'waiting, booked or gone. / 候补中、已转预订、已退出。';
COMMENT ON COLUMN community.booking_wait.booking_id IS 'Booking it became. / 转成的预订。';
COMMENT ON COLUMN community.booking_wait.asked_at IS 'When it was asked. / 申请时间。';
