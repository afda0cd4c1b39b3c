-- Persons: sealed identity, clear statistics, where they live and with whom.

CREATE SEQUENCE community.person_seq;
COMMENT ON SEQUENCE community.person_seq IS 'Numbers of persons. / 人员编号序列。';

CREATE TABLE community.person (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    person_id bigint NOT NULL DEFAULT nextval('community.person_seq'),
    stat_key bigint NOT NULL,
    name_sealed bytea,
    id_no_sealed bytea,
    phone_sealed bytea,
    id_kind text,
    id_hash bytea,
    name_hash bytea,
    phone_hash bytea,
    birth_year smallint,
    sex text NOT NULL DEFAULT 'unknown',
    status text NOT NULL DEFAULT 'active',
    died_on date,
    closed_on date,
    closed_at timestamptz,
    merged_into_id bigint,
    moved_community_id bigint,
    moved_person_id bigint,
    source text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT person_pkey PRIMARY KEY (community_id, person_id),
    CONSTRAINT person_merged_fkey FOREIGN KEY (community_id, merged_into_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT person_id_kind_check CHECK (id_kind IN ('resident_id', 'passport', 'permit', 'birth_certificate', 'other')),
    CONSTRAINT person_sex_check CHECK (sex IN ('male', 'female', 'unknown')),
    CONSTRAINT person_birth_year_check CHECK (birth_year BETWEEN 1800 AND 2999),
    CONSTRAINT person_status_check CHECK (status IN ('active', 'dead', 'departed', 'moved', 'merged', 'erased', 'anonymised')),
    CONSTRAINT person_merged_check CHECK (status <> 'merged' OR merged_into_id IS NOT NULL),
    CONSTRAINT person_moved_check CHECK ((moved_community_id IS NULL) = (moved_person_id IS NULL)),
    CONSTRAINT person_closed_check CHECK ((status = 'active') = (closed_on IS NULL) AND (closed_on IS NULL) = (closed_at IS NULL)),
    CONSTRAINT person_gone_check CHECK (status NOT IN ('erased', 'anonymised')
        OR coalesce(name_sealed, id_no_sealed, phone_sealed, id_hash, name_hash, phone_hash) IS NULL)
);
COMMENT ON TABLE community.person IS 'People known to a community; what identifies them is sealed, birth year and sex stand in clear for statistics. / 社区掌握的人员；身份信息密封存放，出生年与性别明文供统计。';
COMMENT ON COLUMN community.person.community_id IS 'Community that keeps the record. / 建档社区。';
COMMENT ON COLUMN community.person.person_id IS 'Number of the person; never reused. / 人员编号，永不重用。';
COMMENT ON COLUMN community.person.stat_key IS 'Random number that goes with the person through moves and merges; the rounding of statistics is drawn from it. / 随人的随机数，迁移合并后不变，用于统计取整。';
COMMENT ON COLUMN community.person.name_sealed IS 'Name, sealed under the person''s data key. / 姓名（密封）。';
COMMENT ON COLUMN community.person.id_no_sealed IS 'Number of the identity document, sealed; NULL without one. / 证件号码（密封），无则为空。';
COMMENT ON COLUMN community.person.phone_sealed IS 'Telephone, sealed. / 电话（密封）。';
COMMENT ON COLUMN community.person.id_kind IS 'resident_id, passport, permit, birth_certificate or other. / 证件类型：居民身份证、护照、通行证、出生医学证明、其他。';
COMMENT ON COLUMN community.person.id_hash IS 'Blind index of kind and number of the document. / 证件类型与号码的盲索引。';
COMMENT ON COLUMN community.person.name_hash IS 'Blind index of the name, for search by the whole name. / 姓名盲索引，供全名查找。';
COMMENT ON COLUMN community.person.phone_hash IS 'Blind index of the telephone. / 电话盲索引。';
COMMENT ON COLUMN community.person.birth_year IS 'Year of birth, NULL when unknown. / 出生年，未知为空。';
COMMENT ON COLUMN community.person.sex IS 'male, female or unknown. / 性别：男、女、未知。';
COMMENT ON COLUMN community.person.status IS 'active, dead, departed, moved (to another community), merged (into another record), erased (on request) or anonymised (by retention). / 状态：在册、死亡、离开、迁往他社区、并入他档、应请求删除、到期匿名化。';
COMMENT ON COLUMN community.person.died_on IS 'Day of death. / 死亡日期。';
COMMENT ON COLUMN community.person.closed_on IS 'Day on which the record was closed, as stated. / 销档日期（申报）。';
COMMENT ON COLUMN community.person.closed_at IS 'When that was recorded; retention counts from the later of both. / 登记销档的时间，保存期限自二者较晚者起算。';
COMMENT ON COLUMN community.person.merged_into_id IS 'Record that this one was merged into. / 并入的档案。';
COMMENT ON COLUMN community.person.moved_community_id IS 'Community that keeps the person now. / 现建档社区。';
COMMENT ON COLUMN community.person.moved_person_id IS 'Number of the person there. / 在现建档社区的编号。';
COMMENT ON COLUMN community.person.source IS 'Where the record came from. / 来源。';
COMMENT ON COLUMN community.person.recorded_at IS 'When it was entered. / 录入时间。';
CREATE INDEX person_id_hash_idx ON community.person (community_id, id_hash) WHERE id_hash IS NOT NULL;
CREATE INDEX person_name_hash_idx ON community.person (community_id, name_hash) WHERE name_hash IS NOT NULL;
CREATE INDEX person_phone_hash_idx ON community.person (community_id, phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX person_closed_idx ON community.person (closed_on) WHERE closed_on IS NOT NULL AND status NOT IN ('erased', 'anonymised');

CREATE TABLE community.person_key (
    community_id bigint NOT NULL,
    person_id bigint NOT NULL,
    data_key bytea NOT NULL,
    CONSTRAINT person_key_pkey PRIMARY KEY (community_id, person_id),
    CONSTRAINT person_key_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id)
);
COMMENT ON TABLE community.person_key IS 'Data keys of persons, wrapped by the key ring; deleting a row makes the sealed values of that person unreadable for ever. Kept apart so that backups of it may expire sooner. / 每人的数据密钥（由密钥环封装）；删除即永久不可解。单独存表，便于其备份更早过期。';
COMMENT ON COLUMN community.person_key.community_id IS 'Community of the person. / 所属社区。';
COMMENT ON COLUMN community.person_key.person_id IS 'Number of the person. / 人员编号。';
COMMENT ON COLUMN community.person_key.data_key IS 'Data key, sealed by the ring for this row. / 数据密钥，由密钥环为本行封装。';

CREATE TABLE community.person_index (
    id_hash bytea NOT NULL,
    community_id bigint NOT NULL,
    person_id bigint NOT NULL,
    CONSTRAINT person_index_pkey PRIMARY KEY (id_hash)
);
COMMENT ON TABLE community.person_index IS 'Which community keeps the person of an identity number: one record in the whole city. Holds keyed hashes only. / 证件号对应的建档社区，全市唯一，仅存带密钥的哈希。';
COMMENT ON COLUMN community.person_index.id_hash IS 'Blind index of kind and number of the document. / 证件类型与号码的盲索引。';
COMMENT ON COLUMN community.person_index.community_id IS 'Community that keeps the record. / 建档社区。';
COMMENT ON COLUMN community.person_index.person_id IS 'Number of the person there. / 人员编号。';
CREATE INDEX person_index_person_idx ON community.person_index (community_id, person_id);

CREATE SEQUENCE community.residence_seq;
COMMENT ON SEQUENCE community.residence_seq IS 'Numbers of residences. / 居住记录编号序列。';

CREATE TABLE community.residence (
    community_id bigint NOT NULL,
    residence_id bigint NOT NULL DEFAULT nextval('community.residence_seq'),
    person_id bigint NOT NULL,
    kind text NOT NULL,
    lives boolean NOT NULL,
    place_id bigint,
    grid_id bigint,
    address_id bigint,
    outside text,
    valid daterange NOT NULL,
    stat_key bigint NOT NULL,
    birth_year smallint,
    sex text NOT NULL,
    suspended_by bigint,
    merge_id bigint,
    CONSTRAINT residence_pkey PRIMARY KEY (community_id, residence_id),
    CONSTRAINT residence_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT residence_kind_check CHECK (kind IN ('registered', 'floating', 'overseas', 'workplace')),
    CONSTRAINT residence_lives_check CHECK (kind <> 'workplace' OR NOT lives),
    CONSTRAINT residence_place_check CHECK ((place_id IS NULL) = (outside IS NOT NULL)),
    CONSTRAINT residence_within_check CHECK (place_id IS NOT NULL OR coalesce(grid_id, address_id) IS NULL),
    CONSTRAINT residence_valid_check CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT residence_kind_excl EXCLUDE USING gist (community_id WITH =, person_id WITH =, kind WITH =, valid WITH &&) WHERE (suspended_by IS NULL),
    CONSTRAINT residence_lives_excl EXCLUDE USING gist (community_id WITH =, person_id WITH =, valid WITH &&) WHERE (lives AND suspended_by IS NULL)
);
COMMENT ON TABLE community.residence IS 'Where a person is registered, stays, or works, and when: one place a time for each kind, one place a time to live. The copies of birth year, sex and stat_key spare statistics a join. / 户籍、居住、工作地点及时段：每类同时仅一处，实际居住同时仅一处；冗余的出生年等供统计免连接。';
COMMENT ON COLUMN community.residence.community_id IS 'Community that keeps the person. / 建档社区。';
COMMENT ON COLUMN community.residence.residence_id IS 'Number of the residence. / 居住记录编号。';
COMMENT ON COLUMN community.residence.person_id IS 'Number of the person. / 人员编号。';
COMMENT ON COLUMN community.residence.kind IS 'registered (household registration), floating, overseas, workplace. / 类别：户籍、流动、境外、工作地。';
COMMENT ON COLUMN community.residence.lives IS 'Whether the person really lives there; at most one such place a time. / 是否实际居住，同时至多一处。';
COMMENT ON COLUMN community.residence.place_id IS 'Community in which the place lies, NULL outside of the city. / 地点所在社区，市外为空。';
COMMENT ON COLUMN community.residence.grid_id IS 'Unit grid version in which it lies, NULL when unknown. / 所在单元网格版本，未知为空。';
COMMENT ON COLUMN community.residence.address_id IS 'Standard address in that community, NULL when unknown. / 该社区的标准地址，未知为空。';
COMMENT ON COLUMN community.residence.outside IS 'Division code or country when the place lies outside of the city. / 市外地点的区划代码或国别。';
COMMENT ON COLUMN community.residence.valid IS 'Days on which it holds, upper bound excluded. / 有效期（不含止日）。';
COMMENT ON COLUMN community.residence.stat_key IS 'Copy of the person''s. / 人员统计随机数的副本。';
COMMENT ON COLUMN community.residence.birth_year IS 'Copy of the person''s. / 出生年副本。';
COMMENT ON COLUMN community.residence.sex IS 'Copy of the person''s. / 性别副本。';
COMMENT ON COLUMN community.residence.suspended_by IS 'Merge that took the row out of force, NULL when it counts. / 使其停用的合并编号，生效为空。';
COMMENT ON COLUMN community.residence.merge_id IS 'Merge that brought the row from a duplicate. / 由合并带来的合并编号。';
CREATE INDEX residence_person_idx ON community.residence (community_id, person_id);
CREATE INDEX residence_place_idx ON community.residence (place_id, grid_id);

CREATE SEQUENCE community.household_seq;
COMMENT ON SEQUENCE community.household_seq IS 'Numbers of households. / 户编号序列。';

CREATE TABLE community.household (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    household_id bigint NOT NULL DEFAULT nextval('community.household_seq'),
    kind text NOT NULL DEFAULT 'family',
    address_id bigint,
    grid_id bigint,
    valid daterange NOT NULL,
    source text,
    CONSTRAINT household_pkey PRIMARY KEY (community_id, household_id),
    CONSTRAINT household_address_fkey FOREIGN KEY (community_id, address_id) REFERENCES community.address (community_id, address_id),
    CONSTRAINT household_grid_fkey FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT household_kind_check CHECK (kind IN ('family', 'collective')),
    CONSTRAINT household_valid_check CHECK (NOT isempty(valid) AND NOT lower_inf(valid))
);
COMMENT ON TABLE community.household IS 'Households: people who keep house together, and collective ones such as dormitories. / 户：家庭户与集体户。';
COMMENT ON COLUMN community.household.community_id IS 'Community it lives in. / 所在社区。';
COMMENT ON COLUMN community.household.household_id IS 'Number of the household. / 户编号。';
COMMENT ON COLUMN community.household.kind IS 'family or collective. / 家庭户或集体户。';
COMMENT ON COLUMN community.household.address_id IS 'Standard address, NULL when unknown. / 标准地址，未知为空。';
COMMENT ON COLUMN community.household.grid_id IS 'Unit grid, NULL when unknown. / 单元网格，未知为空。';
COMMENT ON COLUMN community.household.valid IS 'Days on which it exists. / 存续期。';
COMMENT ON COLUMN community.household.source IS 'Where the record came from. / 来源。';

CREATE TABLE community.household_member (
    community_id bigint NOT NULL,
    household_id bigint NOT NULL,
    person_id bigint NOT NULL,
    relation text NOT NULL,
    valid daterange NOT NULL,
    suspended_by bigint,
    merge_id bigint,
    CONSTRAINT household_member_pkey PRIMARY KEY (community_id, person_id, valid),
    CONSTRAINT household_member_household_fkey FOREIGN KEY (community_id, household_id) REFERENCES community.household (community_id, household_id),
    CONSTRAINT household_member_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT household_member_relation_check CHECK (relation IN ('head', 'spouse', 'child', 'parent', 'grandparent', 'grandchild', 'sibling', 'other', 'unrelated')),
    CONSTRAINT household_member_valid_check CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT household_member_excl EXCLUDE USING gist (community_id WITH =, person_id WITH =, valid WITH &&) WHERE (suspended_by IS NULL),
    CONSTRAINT household_member_head_excl EXCLUDE USING gist (community_id WITH =, household_id WITH =, valid WITH &&) WHERE (relation = 'head' AND suspended_by IS NULL)
);
COMMENT ON TABLE community.household_member IS 'Who belongs to a household when: one household a person and one head a household at a time. / 户成员：每人同时仅属一户，每户同时仅一名户主。';
COMMENT ON COLUMN community.household_member.community_id IS 'Community of the household. / 所在社区。';
COMMENT ON COLUMN community.household_member.household_id IS 'The household. / 户编号。';
COMMENT ON COLUMN community.household_member.person_id IS 'The person. / 人员编号。';
COMMENT ON COLUMN community.household_member.relation IS 'Relation to the head: head, spouse, child, parent, grandparent, grandchild, sibling, other, unrelated. / 与户主关系。';
COMMENT ON COLUMN community.household_member.valid IS 'Days of membership. / 成员期间。';
COMMENT ON COLUMN community.household_member.suspended_by IS 'Merge that took the row out of force, NULL when it counts. / 使其停用的合并编号，生效为空。';
COMMENT ON COLUMN community.household_member.merge_id IS 'Merge that brought the row from a duplicate. / 由合并带来的合并编号。';
CREATE INDEX household_member_household_idx ON community.household_member (community_id, household_id);
