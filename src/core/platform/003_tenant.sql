-- The tenants themselves, and what is set, switched and allowed per community.
CREATE TABLE community.community (
    community_id bigint PRIMARY KEY CHECK (community_id BETWEEN 100000000000 AND 999999999999),
    code community.gridcode NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('province', 'city', 'district', 'street', 'residential', 'village', 'virtual')),
    parent_id bigint REFERENCES community.community CHECK (parent_id <> community_id),
    operating_model text NOT NULL DEFAULT 'government' CHECK (operating_model IN ('government', 'market', 'mixed')),
    profile jsonb NOT NULL DEFAULT '{}',
    tz text NOT NULL DEFAULT 'Asia/Shanghai',
    since date NOT NULL DEFAULT CURRENT_DATE,
    until date CHECK (until > since)
);
CREATE UNIQUE INDEX community_code_key ON community.community (code) WHERE until IS NULL AND kind <> 'virtual';
CREATE INDEX community_parent_idx ON community.community (parent_id);
COMMENT ON TABLE community.community IS 'Tenants: communities, and every higher division that owns rows. / 租户：社区以及拥有数据的各级行政区划。';
COMMENT ON COLUMN community.community.community_id IS 'Key that never changes: the 12-digit division code at registration, or a free 9xx number when an older community has it. / 永不改变的键：登记时的 12 位区划代码；若已被占用则取 9xx 空号。';
COMMENT ON COLUMN community.community.code IS 'Division code today; for a virtual community the area it lies in. / 现行区划代码；虚拟社区为其所在区域。';
COMMENT ON COLUMN community.community.name IS 'Name of the community. / 社区名称。';
COMMENT ON COLUMN community.community.kind IS 'province, city, district, street, residential, village or virtual. / 省、市、区县、街道、居委会、村委会或虚拟社区。';
COMMENT ON COLUMN community.community.parent_id IS 'Division above, when registered. / 已登记的上级区划。';
COMMENT ON COLUMN community.community.operating_model IS 'Who drives the services: government, market or mixed. / 运营模式：政府主导、市场主导或混合。';
COMMENT ON COLUMN community.community.profile IS 'Traits used to compare like with like: developed, new, large and so on. / 用于同类比较的社区特征：发达程度、新旧、规模等。';
COMMENT ON COLUMN community.community.tz IS 'Time zone in which its days and months are counted. / 计算日、月所用的时区。';
COMMENT ON COLUMN community.community.since IS 'First day of the community. / 启用日期。';
COMMENT ON COLUMN community.community.until IS 'First day on which it no longer exists; NULL while it does. / 终止日期；NULL 表示仍在用。';

CREATE TABLE community.setting (
    community_id bigint NOT NULL REFERENCES community.community,
    name text NOT NULL REFERENCES community.setting_definition,
    value text NOT NULL,
    PRIMARY KEY (community_id, name)
);
COMMENT ON TABLE community.setting IS 'Settings that a community chose for itself. / 各社区自行设定的设置值。';
COMMENT ON COLUMN community.setting.community_id IS 'Community the value holds for. / 适用的社区。';
COMMENT ON COLUMN community.setting.name IS 'Setting, as defined in setting_definition. / 设置项，见 setting_definition。';
COMMENT ON COLUMN community.setting.value IS 'Value, checked against the type of the setting. / 设置值，已按类型校验。';

CREATE TABLE community.module_state (
    community_id bigint NOT NULL REFERENCES community.community,
    module text NOT NULL,
    enabled boolean NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, module)
);
COMMENT ON TABLE community.module_state IS 'Modules switched on or off for a community; without a row the setting module_default decides. / 各社区模块的开关；无记录时由设置 module_default 决定。';
COMMENT ON COLUMN community.module_state.community_id IS 'Community the switch belongs to. / 所属社区。';
COMMENT ON COLUMN community.module_state.module IS 'Installed module. / 已安装的模块。';
COMMENT ON COLUMN community.module_state.enabled IS 'Whether calls of the module are taken. / 是否接受该模块的调用。';
COMMENT ON COLUMN community.module_state.since IS 'Time of the last switch. / 最近一次切换的时间。';

CREATE SEQUENCE community.member_seq;
CREATE TABLE community.member (
    member_id bigint PRIMARY KEY DEFAULT nextval('community.member_seq'),
    member_role name NOT NULL,
    community_id bigint REFERENCES community.community,
    scope community.gridcode,
    capability text NOT NULL CHECK (capability ~ '^[a-z][a-z0-9_]*$'),
    valid tstzrange NOT NULL DEFAULT tstzrange(now(), NULL) CHECK (NOT isempty(valid)),
    CHECK ((community_id IS NULL) <> (scope IS NULL))
);
ALTER SEQUENCE community.member_seq OWNED BY community.member.member_id;
COMMENT ON SEQUENCE community.member_seq IS 'Numbers of rows in member. / member 表的行号。';
CREATE INDEX member_role_idx ON community.member (member_role, capability);
COMMENT ON TABLE community.member IS 'Which database role may do what, in one community or in all communities under a division. / 数据库角色在某社区或某区划下全部社区拥有的权限。';
COMMENT ON COLUMN community.member.member_id IS 'Key of the row. / 行键。';
COMMENT ON COLUMN community.member.member_role IS 'Database role; its members have the capability too. / 数据库角色，其成员同样拥有该权限。';
COMMENT ON COLUMN community.member.community_id IS 'The one community, or NULL when scope is given. / 单个社区；给出 scope 时为 NULL。';
COMMENT ON COLUMN community.member.scope IS 'Division whose communities are all meant, or NULL. / 所辖全部社区的区划代码，或 NULL。';
COMMENT ON COLUMN community.member.capability IS 'What may be done; all stands for every capability. / 可执行的操作；all 表示全部。';
COMMENT ON COLUMN community.member.valid IS 'Time during which it holds. / 有效期间。';
