-- Official codes of communities over time, virtual communities, addresses.

CREATE TABLE community.community_code (
    code_key bigint NOT NULL,
    valid daterange NOT NULL,
    code community.gridcode NOT NULL,
    community_id bigint NOT NULL,
    CONSTRAINT community_code_pkey PRIMARY KEY (code_key, valid),
    CONSTRAINT community_code_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT community_code_code_excl EXCLUDE USING gist (code_key WITH =, valid WITH &&),
    CONSTRAINT community_code_community_excl EXCLUDE USING gist (community_id WITH =, valid WITH &&)
);
COMMENT ON TABLE community.community_code IS 'Which community an official division code names on which day: codes are re-used and change, community ids never. / 官方代码在某日所指的社区：代码会变更、重用，社区编号不变。';
COMMENT ON COLUMN community.community_code.code_key IS 'The code as a 15-digit number. / 代码的 15 位数值。';
COMMENT ON COLUMN community.community_code.valid IS 'Days on which the code names the community. / 有效期。';
COMMENT ON COLUMN community.community_code.code IS 'Official division code. / 官方区划代码。';
COMMENT ON COLUMN community.community_code.community_id IS 'Community it names. / 所指社区。';

CREATE TABLE community.virtual_member (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    member_id bigint NOT NULL,
    valid daterange NOT NULL,
    CONSTRAINT virtual_member_pkey PRIMARY KEY (community_id, member_id, valid),
    CONSTRAINT virtual_member_self_check CHECK (member_id <> community_id),
    CONSTRAINT virtual_member_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT virtual_member_excl EXCLUDE USING gist (community_id WITH =, member_id WITH =, valid WITH &&)
);
COMMENT ON TABLE community.virtual_member IS 'Communities that act as one virtual community (虚拟大社区) for a time. / 虚拟社区的成员及其有效期。';
COMMENT ON COLUMN community.virtual_member.community_id IS 'The virtual community. / 虚拟社区。';
COMMENT ON COLUMN community.virtual_member.member_id IS 'A community in it, which may itself be virtual. / 成员社区，可为另一虚拟社区。';
COMMENT ON COLUMN community.virtual_member.valid IS 'Days of membership, upper bound excluded. / 成员有效期。';
CREATE INDEX virtual_member_member_idx ON community.virtual_member (member_id);

CREATE SEQUENCE community.address_seq;
COMMENT ON SEQUENCE community.address_seq IS 'Numbers of addresses. / 地址编号序列。';

CREATE TABLE community.address (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    address_id bigint NOT NULL DEFAULT nextval('community.address_seq'),
    parent_id bigint,
    kind text NOT NULL,
    name text NOT NULL,
    full_name text NOT NULL,
    grid_id bigint,
    geom geometry(Point,4326),
    valid daterange NOT NULL,
    source text,
    CONSTRAINT address_pkey PRIMARY KEY (community_id, address_id),
    CONSTRAINT address_parent_fkey FOREIGN KEY (community_id, parent_id) REFERENCES community.address (community_id, address_id),
    CONSTRAINT address_grid_fkey FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT address_kind_check CHECK (kind IN ('street', 'compound', 'building', 'unit', 'floor', 'room', 'gate')),
    CONSTRAINT address_name_check CHECK (name <> ''),
    CONSTRAINT address_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT address_full_name_excl EXCLUDE USING gist (community_id WITH =, full_name WITH =, valid WITH &&)
);
COMMENT ON TABLE community.address IS 'Standard addresses as a tree: street, compound, building, unit, floor, room. / 标准地址树：街路、小区、楼栋、单元、楼层、房间。';
COMMENT ON COLUMN community.address.community_id IS 'Community of the address. / 所属社区。';
COMMENT ON COLUMN community.address.address_id IS 'Number of the address. / 地址编号。';
COMMENT ON COLUMN community.address.parent_id IS 'Address it lies in, NULL at the top. / 上级地址，顶层为空。';
COMMENT ON COLUMN community.address.kind IS 'street, compound, building, unit, floor, room or gate. / 类别：街路、小区、楼栋、单元、楼层、房间、出入口。';
COMMENT ON COLUMN community.address.name IS 'Own part of the address, for example "3 幢". / 本级名称，如“3 幢”。';
COMMENT ON COLUMN community.address.full_name IS 'Names from the top down to this one, written together. / 从顶层到本级的完整地址。';
COMMENT ON COLUMN community.address.grid_id IS 'Unit grid it lay in when it was entered, or NULL. / 录入时所在单元网格，可为空。';
COMMENT ON COLUMN community.address.geom IS 'Door or centre in CGCS2000/WGS84, NULL when unknown. / 门址或中心点，未知为空。';
COMMENT ON COLUMN community.address.valid IS 'Days on which the address exists. / 有效期。';
COMMENT ON COLUMN community.address.source IS 'Where it came from. / 来源。';
CREATE INDEX address_parent_idx ON community.address (community_id, parent_id);
CREATE INDEX address_grid_idx ON community.address (community_id, grid_id);
CREATE INDEX address_name_idx ON community.address USING gin (community.bigrams(full_name));
CREATE INDEX address_geom_idx ON community.address USING gist (geom);
