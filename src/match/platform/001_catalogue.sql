-- What services there are, who provides them, what is offered and wanted.

CREATE TABLE community.operating_rule (
    operating_model text PRIMARY KEY CHECK (operating_model IN ('government', 'market', 'mixed')),
    onboarding text NOT NULL CHECK (onboarding IN ('supervisor', 'self', 'registered')),
    government_provides boolean NOT NULL,
    fee_rate numeric(7,6) NOT NULL CHECK (fee_rate >= 0 AND fee_rate < 1),
    share_cap numeric(7,6) NOT NULL CHECK (share_cap > 0 AND share_cap <= 1),
    edited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE community.operating_rule IS 'Rules that follow from the operating model of a community: onboarding, fees, caps. / 运营模式对应的规则：准入、费率、份额上限。';
COMMENT ON COLUMN community.operating_rule.operating_model IS 'Operating model of a community. / 社区的运营模式。';
COMMENT ON COLUMN community.operating_rule.onboarding IS 'Who lets providers in: a supervisor, they themselves, or themselves when they are organizations with a credit code. / 准入方式：监管者审批、自行加入、有信用代码的组织自行加入。';
COMMENT ON COLUMN community.operating_rule.government_provides IS 'Whether government organizations may be providers. / 政府机构可否作为服务方。';
COMMENT ON COLUMN community.operating_rule.fee_rate IS 'Share of the price that the platform keeps at settlement. / 结算时平台收取的比例。';
COMMENT ON COLUMN community.operating_rule.share_cap IS 'Largest share of the orders of a service in a quarter. / 季度内单一服务方的订单份额上限。';
COMMENT ON COLUMN community.operating_rule.edited IS 'Changed by the city: seeds leave it alone. / 已由城市修改，种子数据不再覆盖。';

CREATE TABLE community.service_catalog (
    service text PRIMARY KEY CHECK (service ~ '^[a-z][a-z0-9_]{1,63}$'),
    name text NOT NULL CHECK (name <> ''),
    tier text NOT NULL CHECK (tier IN ('government', 'utility', 'merchant')),
    channels text[] NOT NULL DEFAULT '{web,app,hotline,window,station,kiosk}' CHECK (channels <@ '{web,app,hotline,window,station,kiosk}'::text[] AND channels <> '{}'),
    qualification text[] NOT NULL DEFAULT '{}',
    currency text NOT NULL REFERENCES community.currency,
    price_cap bigint CHECK (price_cap >= 0),
    share_cap numeric(7,6) CHECK (share_cap > 0 AND share_cap <= 1),
    confirm_within interval NOT NULL DEFAULT interval '24 hours' CHECK (confirm_within > interval '0'),
    free_before interval NOT NULL DEFAULT interval '24 hours',
    cancel_rate numeric(5,4) NOT NULL DEFAULT 0 CHECK (cancel_rate BETWEEN 0 AND 1),
    no_show_rate numeric(5,4) NOT NULL DEFAULT 0 CHECK (no_show_rate BETWEEN 0 AND 1),
    settle_after interval NOT NULL DEFAULT interval '7 days' CHECK (settle_after >= interval '0'),
    edited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE community.service_catalog IS 'Catalogue of services in three tiers, with channels, qualifications and money rules. / 三类服务目录：渠道、资质与资金规则。';
COMMENT ON COLUMN community.service_catalog.service IS 'Key of the service. / 服务键。';
COMMENT ON COLUMN community.service_catalog.name IS 'Name in English and Chinese. / 中英文名称。';
COMMENT ON COLUMN community.service_catalog.tier IS 'Government affairs, public utility, or everyday commerce. / 政务、公用事业、便民商业。';
COMMENT ON COLUMN community.service_catalog.channels IS 'Channels by which it can be asked for. / 可用渠道：网站、应用、热线、窗口、服务站、自助终端。';
COMMENT ON COLUMN community.service_catalog.qualification IS 'Kinds of certificates a provider must hold, verified and in force. / 服务方须持有且有效的证书种类。';
COMMENT ON COLUMN community.service_catalog.currency IS 'What it is paid in. / 计价币种。';
COMMENT ON COLUMN community.service_catalog.price_cap IS 'Highest price in units of the currency; NULL: free pricing. / 最高价，NULL 表示不限。';
COMMENT ON COLUMN community.service_catalog.share_cap IS 'Share cap of this service when stricter than the rule of the community. / 本服务更严的份额上限。';
COMMENT ON COLUMN community.service_catalog.confirm_within IS 'Time a provider has to confirm a match. / 服务方确认时限。';
COMMENT ON COLUMN community.service_catalog.free_before IS 'A requester cancels free of charge until so long before the beginning. / 开始前多久可免费取消。';
COMMENT ON COLUMN community.service_catalog.cancel_rate IS 'Share of the price owed after a later cancellation. / 逾时取消应付比例。';
COMMENT ON COLUMN community.service_catalog.no_show_rate IS 'Share of the price owed when the requester does not appear. / 需求方爽约应付比例。';
COMMENT ON COLUMN community.service_catalog.settle_after IS 'Time after which a finished order settles by itself. / 完成后自动结算的时间。';
COMMENT ON COLUMN community.service_catalog.edited IS 'Changed by the city: seeds leave it alone. / 已由城市修改，种子数据不再覆盖。';

CREATE TABLE community.match_part (
    part text PRIMARY KEY,
    name text NOT NULL,
    weight numeric(6,3) NOT NULL CHECK (weight >= 0),
    edited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE community.match_part IS 'Parts of the matching score, each between 0 and 1, and their usual weights. / 撮合得分的组成项（0 至 1）与默认权重。';
COMMENT ON COLUMN community.match_part.part IS 'Key of the part of the score. / 得分项键。';
COMMENT ON COLUMN community.match_part.name IS 'What it measures, in English and Chinese. / 含义。';
COMMENT ON COLUMN community.match_part.weight IS 'Weight for services without one of their own. / 默认权重。';
COMMENT ON COLUMN community.match_part.edited IS 'Changed by the city: seeds leave it alone. / 已由城市修改，种子数据不再覆盖。';

CREATE TABLE community.match_weight (
    service text NOT NULL REFERENCES community.service_catalog,
    part text NOT NULL REFERENCES community.match_part,
    weight numeric(6,3) NOT NULL CHECK (weight >= 0),
    PRIMARY KEY (service, part)
);
COMMENT ON TABLE community.match_weight IS 'Weights that a service has of its own. / 各服务自定的得分权重。';
COMMENT ON COLUMN community.match_weight.service IS 'Service the weight is for. / 服务。';
COMMENT ON COLUMN community.match_weight.part IS 'Part of the score. / 得分项。';
COMMENT ON COLUMN community.match_weight.weight IS 'Weight in place of the usual one. / 替代默认值的权重。';

CREATE TABLE community.match_transition (
    machine text NOT NULL CHECK (machine IN ('provider', 'demand', 'order', 'booking', 'penalty', 'lease', 'procurement')),
    from_state text NOT NULL,
    event text NOT NULL,
    role text NOT NULL CHECK (role IN ('provide', 'request', 'supervise', 'match', 'job')),
    to_state text NOT NULL,
    PRIMARY KEY (machine, from_state, event, role)
);
COMMENT ON TABLE community.match_transition IS 'Lifecycles of providers, demands, orders, bookings, penalties, leases and procurements as data. / 各类对象的状态机数据。';
COMMENT ON COLUMN community.match_transition.machine IS 'Which lifecycle. / 状态机。';
COMMENT ON COLUMN community.match_transition.from_state IS 'State before. / 原状态。';
COMMENT ON COLUMN community.match_transition.event IS 'What happens. / 事件。';
COMMENT ON COLUMN community.match_transition.role IS 'Who may do it: the provider, the requester, a supervisor, the platform, a job. / 执行者：服务方、需求方、监管者、平台、作业。';
COMMENT ON COLUMN community.match_transition.to_state IS 'State after. / 新状态。';

CREATE SEQUENCE community.provider_seq;
COMMENT ON SEQUENCE community.provider_seq IS 'Numbers of providers. / 服务方编号序列。';
CREATE TABLE community.provider (
    community_id bigint NOT NULL REFERENCES community.community,
    provider_id bigint NOT NULL DEFAULT nextval('community.provider_seq'),
    owner_kind text NOT NULL CHECK (owner_kind IN ('person', 'organization')),
    owner_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('merchant', 'ngo', 'volunteer', 'resident', 'public')),
    login text,
    sex text NOT NULL DEFAULT 'unknown' CHECK (sex IN ('male', 'female', 'unknown')),
    state text NOT NULL DEFAULT 'applied',
    suspended_until timestamptz,
    points integer NOT NULL DEFAULT 0 CHECK (points >= 0),
    share_cap numeric(7,6) CHECK (share_cap > 0 AND share_cap <= 1),
    rated integer NOT NULL DEFAULT 0 CHECK (rated >= 0),
    good integer NOT NULL DEFAULT 0,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, provider_id),
    UNIQUE (community_id, owner_kind, owner_id),
    CONSTRAINT provider_suspended_check CHECK ((state = 'suspended') = (suspended_until IS NOT NULL)),
    CONSTRAINT provider_good_check CHECK (good BETWEEN 0 AND rated)
) WITH (fillfactor = 80);
ALTER SEQUENCE community.provider_seq OWNED BY community.provider.provider_id;
COMMENT ON TABLE community.provider IS 'Who provides services in a community; joins each community by its rules. / 在某社区提供服务的主体，按该社区规则准入。';
COMMENT ON COLUMN community.provider.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.provider.provider_id IS 'Number of the provider. / 服务方编号。';
COMMENT ON COLUMN community.provider.owner_kind IS 'Whether a person or an organization stands behind it. / 主体类别。';
COMMENT ON COLUMN community.provider.owner_id IS 'Number of that person or organization. / 主体编号。';
COMMENT ON COLUMN community.provider.name IS 'Name shown to requesters. / 对外名称。';
COMMENT ON COLUMN community.provider.kind IS 'merchant, ngo, volunteer, resident or public (a government or utility body). / 商户、社会组织、志愿者、居民、公共机构。';
COMMENT ON COLUMN community.provider.login IS 'Login role that acts for it; NULL: only the platform does. / 代表其操作的登录账号，空则仅由平台代办。';
COMMENT ON COLUMN community.provider.sex IS 'Sex of a person who provides, for requests that ask for one. / 个人服务者性别，供有此要求的需求匹配。';
COMMENT ON COLUMN community.provider.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.provider.suspended_until IS 'End of a suspension; NULL in other states. / 暂停截止时间。';
COMMENT ON COLUMN community.provider.points IS 'Penalty points in force. / 有效扣分。';
COMMENT ON COLUMN community.provider.share_cap IS 'Share cap of its own, when a supervisor set one. / 监管者单独设定的份额上限。';
COMMENT ON COLUMN community.provider.rated IS 'Ratings of settled orders that count. / 计入的评价数。';
COMMENT ON COLUMN community.provider.good IS 'Of these, with 4 or 5 stars. / 其中 4 星及以上。';
COMMENT ON COLUMN community.provider.applied_at IS 'When it applied. / 申请时间。';

CREATE TABLE community.provider_staff (
    community_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    person_id bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, provider_id, person_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id)
);
COMMENT ON TABLE community.provider_staff IS 'Persons who work for a provider and check in for it by their own cards. / 为服务方工作、可刷本人卡代其签到的人员。';
COMMENT ON COLUMN community.provider_staff.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.provider_staff.provider_id IS 'The provider. / 服务方。';
COMMENT ON COLUMN community.provider_staff.person_id IS 'Who works for it. / 人员。';
COMMENT ON COLUMN community.provider_staff.since IS 'Since when. / 起始时间。';

CREATE SEQUENCE community.qualification_seq;
COMMENT ON SEQUENCE community.qualification_seq IS 'Numbers of certificates. / 证书编号序列。';
CREATE TABLE community.qualification (
    community_id bigint NOT NULL,
    qualification_id bigint NOT NULL DEFAULT nextval('community.qualification_seq'),
    provider_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    certificate_no text NOT NULL CHECK (certificate_no <> ''),
    issuer text NOT NULL CHECK (issuer <> ''),
    valid daterange NOT NULL CHECK (NOT isempty(valid) AND NOT upper_inf(valid)),
    verified_by text,
    verified_at timestamptz,
    PRIMARY KEY (community_id, qualification_id),
    UNIQUE (community_id, provider_id, kind, certificate_no),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    CONSTRAINT qualification_verified_check CHECK ((verified_by IS NULL) = (verified_at IS NULL))
);
ALTER SEQUENCE community.qualification_seq OWNED BY community.qualification.qualification_id;
COMMENT ON TABLE community.qualification IS 'Certificates of providers; they count once verified and until they expire. / 服务方证书，核验后至到期前有效。';
COMMENT ON COLUMN community.qualification.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.qualification.qualification_id IS 'Number of the row. / 编号。';
COMMENT ON COLUMN community.qualification.provider_id IS 'Provider that holds it. / 持有者。';
COMMENT ON COLUMN community.qualification.kind IS 'Kind of certificate, as services require it. / 证书种类。';
COMMENT ON COLUMN community.qualification.certificate_no IS 'Number on the certificate. / 证书号。';
COMMENT ON COLUMN community.qualification.issuer IS 'Who issued it. / 发证机关。';
COMMENT ON COLUMN community.qualification.valid IS 'Days in force, upper bound excluded. / 有效期（不含止日）。';
COMMENT ON COLUMN community.qualification.verified_by IS 'Supervisor who verified it; NULL: not yet. / 核验人，空为未核验。';
COMMENT ON COLUMN community.qualification.verified_at IS 'When. / 核验时间。';

CREATE SEQUENCE community.offer_seq;
COMMENT ON SEQUENCE community.offer_seq IS 'Numbers of offers. / 供给编号序列。';
CREATE TABLE community.offer (
    community_id bigint NOT NULL,
    offer_id bigint NOT NULL DEFAULT nextval('community.offer_seq'),
    provider_id bigint NOT NULL,
    service text NOT NULL REFERENCES community.service_catalog,
    title text NOT NULL CHECK (title <> ''),
    capacity integer NOT NULL CHECK (capacity >= 0),
    taken integer NOT NULL DEFAULT 0,
    price bigint NOT NULL CHECK (price >= 0),
    weekly int4multirange NOT NULL,
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    location point GENERATED ALWAYS AS (point(lon * 0.85, lat)) STORED,
    area int8multirange NOT NULL DEFAULT '{(,)}' CHECK (NOT isempty(area)),
    sure int8multirange,
    languages text[] NOT NULL DEFAULT '{zh}',
    accessibility text[] NOT NULL DEFAULT '{}',
    skills text[] NOT NULL DEFAULT '{}',
    serves_sex text CHECK (serves_sex IN ('male', 'female')),
    sex text NOT NULL DEFAULT 'unknown' CHECK (sex IN ('male', 'female', 'unknown')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'ended')),
    valid tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    PRIMARY KEY (community_id, offer_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    CONSTRAINT offer_taken_check CHECK (taken BETWEEN 0 AND capacity)
) WITH (fillfactor = 80);
ALTER SEQUENCE community.offer_seq OWNED BY community.offer.offer_id;
CREATE INDEX offer_near_idx ON community.offer USING gist (community_id, service, location, area) WHERE state = 'open';
CREATE INDEX offer_provider_idx ON community.offer (community_id, provider_id);
COMMENT ON TABLE community.offer IS 'What providers offer: hours, place, capacity, price, and whom it suits. / 服务供给：时段、位置、容量、价格与适配条件。';
COMMENT ON COLUMN community.offer.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.offer.offer_id IS 'Number of the offer. / 供给编号。';
COMMENT ON COLUMN community.offer.provider_id IS 'Who offers. / 服务方。';
COMMENT ON COLUMN community.offer.service IS 'What is offered. / 服务。';
COMMENT ON COLUMN community.offer.title IS 'Title shown to requesters. / 标题。';
COMMENT ON COLUMN community.offer.capacity IS 'Orders it takes at the same time. / 同时承接的订单数。';
COMMENT ON COLUMN community.offer.taken IS 'Orders open now, kept by the trigger of orders. / 当前未完成订单数，由订单触发器维护。';
COMMENT ON COLUMN community.offer.price IS 'Price in units of the service''s currency; 0: free. / 价格（最小单位），0 为免费。';
COMMENT ON COLUMN community.offer.weekly IS 'Weekly hours in minutes, as weekly_hours() reads them. / 每周服务时段。';
COMMENT ON COLUMN community.offer.lon IS 'Longitude of its base in degrees. / 驻点经度。';
COMMENT ON COLUMN community.offer.lat IS 'Latitude. / 驻点纬度。';
COMMENT ON COLUMN community.offer.location IS 'The base for nearest-neighbour search; longitudes are shortened as at 32 degrees. / 供近邻检索的位置，经度按北纬 32 度缩放。';
COMMENT ON COLUMN community.offer.area IS 'Where it serves, as ranges of numbers: of grid cells, below zero of administrative grid codes with the sign turned, and of the cells that cover its polygon; all numbers: the whole community. / 服务范围的数值区段：北斗网格、取负的区划网格码及多边形覆盖网格；全部数值表示全社区。';
COMMENT ON COLUMN community.offer.sure IS 'Of an offer with a polygon (offer_area): what of its area needs no look at the polygon; NULL: there is none. / 有多边形的供给中无需再查多边形的部分，空为无多边形。';
COMMENT ON COLUMN community.offer.languages IS 'Languages spoken. / 语言。';
COMMENT ON COLUMN community.offer.accessibility IS 'Needs it can serve, such as wheelchair, sign_language, braille, home_visit. / 可满足的无障碍需求。';
COMMENT ON COLUMN community.offer.skills IS 'Further skills. / 其他技能。';
COMMENT ON COLUMN community.offer.serves_sex IS 'Serves only requesters of this sex; NULL: all. / 仅服务该性别，空为不限。';
COMMENT ON COLUMN community.offer.sex IS 'Sex of the provider, kept here by triggers so that candidates need not look the provider up. / 服务方性别，由触发器维护，供检索使用。';
COMMENT ON COLUMN community.offer.state IS 'open, paused or ended. / 开放、暂停、终止。';
COMMENT ON COLUMN community.offer.valid IS 'Time during which it stands. / 有效时间。';

CREATE TABLE community.offer_area (
    community_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    geom geometry(MultiPolygon,4326) NOT NULL,
    PRIMARY KEY (community_id, offer_id),
    FOREIGN KEY (community_id, offer_id) REFERENCES community.offer (community_id, offer_id)
);
COMMENT ON TABLE community.offer_area IS 'Polygons that offers serve, apart from the offers so that these stay small. / 供给的服务多边形，单独存放以保持供给表小巧。';
COMMENT ON COLUMN community.offer_area.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.offer_area.offer_id IS 'The offer. / 供给。';
COMMENT ON COLUMN community.offer_area.geom IS 'Area served; a place on its border belongs to it. / 服务区域，边界上的点算在内。';

CREATE SEQUENCE community.demand_seq;
COMMENT ON SEQUENCE community.demand_seq IS 'Numbers of demands. / 需求编号序列。';
CREATE TABLE community.demand (
    community_id bigint NOT NULL REFERENCES community.community,
    demand_id bigint NOT NULL DEFAULT nextval('community.demand_seq'),
    requester_kind text NOT NULL CHECK (requester_kind IN ('person', 'organization')),
    requester_id bigint NOT NULL,
    login text NOT NULL,
    proxy text,
    channel text NOT NULL,
    service text NOT NULL REFERENCES community.service_catalog,
    description text NOT NULL DEFAULT '',
    lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
    lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
    cell_key bigint NOT NULL,
    grid_id bigint,
    grid_key bigint,
    slot tstzrange NOT NULL CHECK (NOT isempty(slot) AND lower(slot) IS NOT NULL AND upper(slot) IS NOT NULL),
    duration interval NOT NULL CHECK (duration > interval '0'),
    languages text[] NOT NULL DEFAULT '{}',
    accessibility text[] NOT NULL DEFAULT '{}',
    skills text[] NOT NULL DEFAULT '{}',
    wants_sex text CHECK (wants_sex IN ('male', 'female')),
    sex text NOT NULL DEFAULT 'unknown' CHECK (sex IN ('male', 'female', 'unknown')),
    max_price bigint CHECK (max_price >= 0),
    state text NOT NULL DEFAULT 'draft',
    opened_at timestamptz,
    repeat_every interval CHECK (repeat_every >= interval '1 day'),
    repeat_until timestamptz,
    repeats bigint,
    PRIMARY KEY (community_id, demand_id),
    FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    FOREIGN KEY (community_id, repeats) REFERENCES community.demand (community_id, demand_id),
    CONSTRAINT demand_repeats_key UNIQUE (community_id, repeats),
    CONSTRAINT demand_repeat_check CHECK ((repeat_every IS NULL) = (repeat_until IS NULL)),
    CONSTRAINT demand_fits_check CHECK (lower(slot) + duration <= upper(slot))
) WITH (fillfactor = 80);
ALTER SEQUENCE community.demand_seq OWNED BY community.demand.demand_id;
CREATE INDEX demand_open_idx ON community.demand (community_id, service, opened_at) WHERE state = 'open';
CREATE INDEX demand_slot_idx ON community.demand (upper(slot)) WHERE state IN ('draft', 'open');
CREATE INDEX demand_requester_idx ON community.demand (community_id, requester_kind, requester_id);
COMMENT ON TABLE community.demand IS 'What residents and organizations ask for, by any channel, for themselves or by proxy, once or again and again. / 居民与组织的服务需求，多渠道、可代办、可周期。';
COMMENT ON COLUMN community.demand.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.demand.demand_id IS 'Number of the demand. / 需求编号。';
COMMENT ON COLUMN community.demand.requester_kind IS 'Whether a person or an organization asks. / 需求方类别。';
COMMENT ON COLUMN community.demand.requester_id IS 'Number of that person or organization. / 需求方编号。';
COMMENT ON COLUMN community.demand.login IS 'Login that entered it: the requester''s, or a proxy''s. / 录入账号，本人或代办人。';
COMMENT ON COLUMN community.demand.proxy IS 'Who asks on behalf of somebody without a phone, and why; NULL: nobody. / 代办说明，空为本人。';
COMMENT ON COLUMN community.demand.channel IS 'Channel it came by. / 渠道。';
COMMENT ON COLUMN community.demand.service IS 'What is wanted. / 服务。';
COMMENT ON COLUMN community.demand.description IS 'Words of the requester. / 描述。';
COMMENT ON COLUMN community.demand.lon IS 'Longitude in degrees. / 经度。';
COMMENT ON COLUMN community.demand.lat IS 'Latitude. / 纬度。';
COMMENT ON COLUMN community.demand.cell_key IS 'Grid cell of level 7 as a number. / 7 级北斗网格数值。';
COMMENT ON COLUMN community.demand.grid_id IS 'Unit grid, NULL: in none. / 单元网格。';
COMMENT ON COLUMN community.demand.grid_key IS 'Code of that grid as a number. / 网格编码数值。';
COMMENT ON COLUMN community.demand.slot IS 'Time within which the service is wanted. / 期望时间范围。';
COMMENT ON COLUMN community.demand.duration IS 'How long it takes. / 服务时长。';
COMMENT ON COLUMN community.demand.languages IS 'Languages needed. / 所需语言。';
COMMENT ON COLUMN community.demand.accessibility IS 'Needs to be served. / 无障碍需求。';
COMMENT ON COLUMN community.demand.skills IS 'Skills wished for. / 期望技能。';
COMMENT ON COLUMN community.demand.wants_sex IS 'Sex of the provider asked for; NULL: any. / 期望服务者性别。';
COMMENT ON COLUMN community.demand.sex IS 'Sex of the requester, where offers ask. / 需求方性别。';
COMMENT ON COLUMN community.demand.max_price IS 'Highest price accepted. / 可接受最高价。';
COMMENT ON COLUMN community.demand.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.demand.opened_at IS 'When it was opened. / 开放时间。';
COMMENT ON COLUMN community.demand.repeat_every IS 'A recurring demand comes again after so long; NULL: once. / 周期，空为一次性。';
COMMENT ON COLUMN community.demand.repeat_until IS 'Last beginning of a recurring demand. / 周期截止。';
COMMENT ON COLUMN community.demand.repeats IS 'Demand that this one repeats. / 所重复的需求。';

CREATE TABLE community.match_block (
    community_id bigint NOT NULL,
    requester_kind text NOT NULL CHECK (requester_kind IN ('person', 'organization')),
    requester_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (community_id, requester_kind, requester_id, provider_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id)
);
COMMENT ON TABLE community.match_block IS 'Pairs that are never matched. / 禁止撮合的双方。';
COMMENT ON COLUMN community.match_block.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.match_block.requester_kind IS 'Kind of the requester. / 需求方类别。';
COMMENT ON COLUMN community.match_block.requester_id IS 'The requester. / 需求方。';
COMMENT ON COLUMN community.match_block.provider_id IS 'The provider. / 服务方。';
COMMENT ON COLUMN community.match_block.reason IS 'Why they are kept apart. / 原因。';

CREATE SEQUENCE community.match_log_seq;
COMMENT ON SEQUENCE community.match_log_seq IS 'Numbers of rows of the matching log. / 撮合日志编号序列。';
CREATE TABLE community.match_log (
    community_id bigint NOT NULL,
    machine text NOT NULL,
    object_id bigint NOT NULL,
    log_id bigint NOT NULL DEFAULT nextval('community.match_log_seq'),
    event text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    role text NOT NULL,
    actor text NOT NULL,
    doc jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, machine, object_id, log_id, occurred_at)
) PARTITION BY RANGE (occurred_at);
ALTER SEQUENCE community.match_log_seq OWNED BY community.match_log.log_id;
CREATE INDEX match_log_tx ON community.match_log USING brin (tx) WITH (pages_per_range = 16, autosummarize = on);
COMMENT ON TABLE community.match_log IS 'Append-only log of every change of state in matching. / 撮合各对象状态变化日志，只增不改。';
COMMENT ON COLUMN community.match_log.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.match_log.machine IS 'Kind of the object. / 对象类别。';
COMMENT ON COLUMN community.match_log.object_id IS 'Number of the object. / 对象编号。';
COMMENT ON COLUMN community.match_log.log_id IS 'Number of the row. / 行号。';
COMMENT ON COLUMN community.match_log.event IS 'What happened. / 事件。';
COMMENT ON COLUMN community.match_log.from_state IS 'State before. / 原状态。';
COMMENT ON COLUMN community.match_log.to_state IS 'State after. / 新状态。';
COMMENT ON COLUMN community.match_log.role IS 'In which role it was done. / 角色。';
COMMENT ON COLUMN community.match_log.actor IS 'Who did it. / 操作者。';
COMMENT ON COLUMN community.match_log.doc IS 'What came with the event. / 附加内容。';
COMMENT ON COLUMN community.match_log.occurred_at IS 'When. / 时间。';
COMMENT ON COLUMN community.match_log.tx IS 'Transaction that wrote the row. / 写入事务号。';
CREATE TABLE community.match_log_default PARTITION OF community.match_log DEFAULT;
COMMENT ON TABLE community.match_log_default IS 'Catches rows whose month has no partition yet. / 默认分区，接收尚无月份分区的日志。';
