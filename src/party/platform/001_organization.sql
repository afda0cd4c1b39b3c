-- Organizations: government departments, committees, companies, NGOs.

CREATE SEQUENCE community.organization_seq;
COMMENT ON SEQUENCE community.organization_seq IS 'Numbers of organizations. / 组织编号序列。';

CREATE TABLE community.organization (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    organization_id bigint NOT NULL DEFAULT nextval('community.organization_seq'),
    name text NOT NULL,
    short_name text,
    kind text NOT NULL,
    credit_code text,
    parent_id bigint,
    phone text,
    address_id bigint,
    attrs jsonb NOT NULL DEFAULT '{}',
    valid daterange NOT NULL DEFAULT '(,)',
    source text,
    CONSTRAINT organization_pkey PRIMARY KEY (community_id, organization_id),
    CONSTRAINT organization_parent_fkey FOREIGN KEY (community_id, parent_id) REFERENCES community.organization (community_id, organization_id),
    CONSTRAINT organization_address_fkey FOREIGN KEY (community_id, address_id) REFERENCES community.address (community_id, address_id),
    CONSTRAINT organization_kind_check CHECK (kind IN ('government', 'committee', 'property', 'utility', 'merchant', 'ngo', 'volunteer', 'medical', 'school', 'service', 'other')),
    CONSTRAINT organization_name_check CHECK (name <> ''),
    CONSTRAINT organization_parent_check CHECK (parent_id <> organization_id),
    CONSTRAINT organization_credit_code_check CHECK (credit_code IS NULL OR community.credit_code_valid(credit_code)),
    CONSTRAINT organization_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT organization_name_excl EXCLUDE USING gist (community_id WITH =, name WITH =, valid WITH &&)
);
COMMENT ON TABLE community.organization IS 'Organizations that govern, serve or trade in a community: departments, residents'' committees, property companies, utilities, merchants, NGOs. / 组织：政府部门、居（村）委会、物业、公用事业、商户、社会组织等。';
COMMENT ON COLUMN community.organization.community_id IS 'Community that keeps the record: the district for a district department. / 建档社区，区级部门归区县。';
COMMENT ON COLUMN community.organization.organization_id IS 'Number of the organization. / 组织编号。';
COMMENT ON COLUMN community.organization.name IS 'Official name. / 法定名称。';
COMMENT ON COLUMN community.organization.short_name IS 'Name in lists and on the map, NULL: the official one. / 简称，空则用全称。';
COMMENT ON COLUMN community.organization.kind IS 'government, committee, property, utility, merchant, ngo, volunteer, medical, school, service or other. / 类别：政府、居村委会、物业、公用事业、商户、社会组织、志愿队、医疗、学校、服务机构、其他。';
COMMENT ON COLUMN community.organization.credit_code IS 'Unified social credit code (GB 32100), checked; NULL for bodies without one. / 统一社会信用代码（校验），无则为空。';
COMMENT ON COLUMN community.organization.parent_id IS 'Organization it belongs to. / 上级组织。';
COMMENT ON COLUMN community.organization.phone IS 'Public telephone. / 公开电话。';
COMMENT ON COLUMN community.organization.address_id IS 'Seat. / 驻地地址。';
COMMENT ON COLUMN community.organization.attrs IS 'Further facts as an object. / 其他属性。';
COMMENT ON COLUMN community.organization.valid IS 'Days on which it exists, upper bound excluded. / 存续期。';
COMMENT ON COLUMN community.organization.source IS 'Where the record came from. / 来源。';
CREATE INDEX organization_parent_idx ON community.organization (community_id, parent_id);
CREATE INDEX organization_kind_idx ON community.organization (community_id, kind);

CREATE TABLE community.organization_index (
    credit_code text NOT NULL,
    community_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    CONSTRAINT organization_index_pkey PRIMARY KEY (credit_code)
);
COMMENT ON TABLE community.organization_index IS 'Which community keeps the organization of a credit code: one record in the whole city. / 信用代码对应的建档社区，全市唯一。';
COMMENT ON COLUMN community.organization_index.credit_code IS 'Unified social credit code. / 统一社会信用代码。';
COMMENT ON COLUMN community.organization_index.community_id IS 'Community that keeps the record. / 建档社区。';
COMMENT ON COLUMN community.organization_index.organization_id IS 'Number of the organization. / 组织编号。';
