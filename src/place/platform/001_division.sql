-- Administrative divisions (ref): versions of a division with validity, the
-- editions that were loaded and what each of them changed.

CREATE SEQUENCE community.division_seq;
COMMENT ON SEQUENCE community.division_seq IS 'Numbers of division versions. / 区划版本编号序列。';

CREATE TABLE community.division (
    division_id bigint NOT NULL DEFAULT nextval('community.division_seq'),
    unit_id bigint NOT NULL,
    code community.gridcode NOT NULL,
    code_key bigint NOT NULL,
    level smallint NOT NULL,
    parent_key bigint,
    name text NOT NULL,
    geom geometry(MultiPolygon,4326),
    valid daterange NOT NULL,
    edition text NOT NULL,
    last_edition text NOT NULL,
    CONSTRAINT division_pkey PRIMARY KEY (division_id),
    CONSTRAINT division_name_check CHECK (name <> ''),
    CONSTRAINT division_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT division_level_check CHECK (level BETWEEN 1 AND 5),
    CONSTRAINT division_geom_check CHECK (geom IS NULL OR ST_IsValid(geom)),
    CONSTRAINT division_code_excl EXCLUDE USING gist (code_key WITH =, valid WITH &&)
);
COMMENT ON TABLE community.division IS 'One version of an administrative division: a code and a name that were in force together during valid. / 行政区划的一个版本：同一时期有效的代码与名称。';
COMMENT ON COLUMN community.division.division_id IS 'Number of the version. / 版本编号。';
COMMENT ON COLUMN community.division.unit_id IS 'The division itself through renaming and recoding: versions of one unit share it; a re-used code gets another. / 区划实体编号：更名、改码后不变；代码被重新使用时为新的编号。';
COMMENT ON COLUMN community.division.code IS 'Division code in its shortest form (2, 4, 6, 9 or 12 digits). / 区划代码（2、4、6、9、12 位）。';
COMMENT ON COLUMN community.division.code_key IS 'The code as a 15-digit number, the key of joins and constraints. / 代码的 15 位数值，用于连接与约束。';
COMMENT ON COLUMN community.division.level IS '1 province, 2 city, 3 county or district, 4 street or town, 5 community or village. / 级别：1 省、2 市、3 县区、4 街镇、5 社区或村。';
COMMENT ON COLUMN community.division.parent_key IS 'code_key of the division above; NULL for a province. / 上级区划的 code_key；省级为空。';
COMMENT ON COLUMN community.division.name IS 'Official name in this period. / 该时期的正式名称。';
COMMENT ON COLUMN community.division.geom IS 'Boundary in CGCS2000/WGS84, NULL when none was loaded. / 边界，未载入时为空。';
COMMENT ON COLUMN community.division.valid IS 'Days on which the code and name are in force, upper bound excluded. / 有效期（不含止日）。';
COMMENT ON COLUMN community.division.edition IS 'Edition that introduced this version. / 引入该版本的年度版。';
COMMENT ON COLUMN community.division.last_edition IS 'Latest edition that confirmed it. / 最近一次确认该版本的年度版。';

CREATE INDEX division_code_idx ON community.division (code_key);
CREATE INDEX division_parent_idx ON community.division (parent_key);
CREATE INDEX division_unit_idx ON community.division (unit_id);
CREATE INDEX division_geom_idx ON community.division USING gist (geom);

CREATE TABLE community.division_stage (
    edition text NOT NULL,
    code text,
    name text,
    geojson text,
    code_key bigint,
    level smallint,
    verdict text,
    decided boolean,
    old_division_id bigint,
    from_division_id bigint,
    new_division_id bigint
);
COMMENT ON TABLE community.division_stage IS 'Rows waiting for division_load(edition): fill it by COPY when a list is too large for one document. / 待载入的区划清单，可用 COPY 写入后调用 division_load。';
COMMENT ON COLUMN community.division_stage.edition IS 'Edition the row belongs to. / 所属年度版。';
COMMENT ON COLUMN community.division_stage.code IS 'Code with 2, 4, 6, 9 or 12 digits. / 区划代码。';
COMMENT ON COLUMN community.division_stage.name IS 'Official name. / 正式名称。';
COMMENT ON COLUMN community.division_stage.geojson IS 'Boundary as GeoJSON geometry, or NULL. / 边界（GeoJSON 几何），可为空。';
COMMENT ON COLUMN community.division_stage.code_key IS 'Left NULL by who fills the table; the load writes the 15-digit number here. / 填表时留空，载入时写入代码的 15 位数值。';
COMMENT ON COLUMN community.division_stage.level IS 'Left NULL by who fills the table; the load writes the level 1 to 5 here. / 填表时留空，载入时写入级别 1 至 5。';
COMMENT ON COLUMN community.division_stage.verdict IS 'Written by the load: same, added, removed, renamed, recoded or reused. / 载入时写入的变更类别。';
COMMENT ON COLUMN community.division_stage.decided IS 'Written by the load: false when renaming and re-use cannot be told apart. / 载入时写入：无法区分更名与重用时为假。';
COMMENT ON COLUMN community.division_stage.old_division_id IS 'Written by the load: version that holds the code. / 载入时写入：现持有该代码的版本。';
COMMENT ON COLUMN community.division_stage.from_division_id IS 'Written by the load: version whose unit goes on. / 载入时写入：所延续实体的版本。';
COMMENT ON COLUMN community.division_stage.new_division_id IS 'Written by the load: version that begins. / 载入时写入：新开始的版本。';
CREATE INDEX division_stage_idx ON community.division_stage (edition, code_key);

CREATE TABLE community.division_edition (
    edition text NOT NULL,
    scope community.gridcode NOT NULL,
    scope_key bigint NOT NULL,
    valid_from date NOT NULL,
    source text NOT NULL,
    rows_loaded integer NOT NULL,
    content bytea NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    loaded_by text NOT NULL DEFAULT session_user,
    CONSTRAINT division_edition_pkey PRIMARY KEY (edition, scope_key)
);
COMMENT ON TABLE community.division_edition IS 'Editions of the division list that were loaded, each for the subtree it is complete for. / 已载入的区划年度版及其完整覆盖的范围。';
COMMENT ON COLUMN community.division_edition.edition IS 'Name of the edition, usually the year. / 版名，通常为年份。';
COMMENT ON COLUMN community.division_edition.scope IS 'Subtree that the list is complete for: divisions missing in it have been removed. / 清单完整覆盖的区划范围，其中缺失者视为撤销。';
COMMENT ON COLUMN community.division_edition.scope_key IS 'The scope as a 15-digit number. / 范围代码的 15 位数值。';
COMMENT ON COLUMN community.division_edition.valid_from IS 'First day on which the edition is in force. / 生效日。';
COMMENT ON COLUMN community.division_edition.source IS 'Who published the list. / 数据来源。';
COMMENT ON COLUMN community.division_edition.rows_loaded IS 'Rows of the list. / 清单行数。';
COMMENT ON COLUMN community.division_edition.content IS 'SHA-256 of the sorted rows, so that the same list is recognised. / 清单内容的 SHA-256 摘要。';
COMMENT ON COLUMN community.division_edition.loaded_at IS 'When it was loaded. / 载入时间。';
COMMENT ON COLUMN community.division_edition.loaded_by IS 'Who loaded it. / 载入者。';

CREATE SEQUENCE community.division_change_seq;
COMMENT ON SEQUENCE community.division_change_seq IS 'Numbers of division changes. / 区划变更编号序列。';

CREATE TABLE community.division_change (
    change_id bigint NOT NULL DEFAULT nextval('community.division_change_seq'),
    edition text NOT NULL,
    scope_key bigint NOT NULL,
    kind text NOT NULL,
    code community.gridcode NOT NULL,
    code_key bigint NOT NULL,
    old_code_key bigint,
    old_name text,
    new_name text,
    old_division_id bigint,
    new_division_id bigint,
    community_id bigint,
    decided boolean NOT NULL,
    CONSTRAINT division_change_pkey PRIMARY KEY (change_id),
    CONSTRAINT division_change_edition_fkey FOREIGN KEY (edition, scope_key) REFERENCES community.division_edition (edition, scope_key),
    CONSTRAINT division_change_kind_check CHECK (kind IN ('added', 'removed', 'renamed', 'recoded', 'reused', 'moved', 'reshaped'))
);
COMMENT ON TABLE community.division_change IS 'What an edition changed, one row per division and change. / 年度版的变更记录。';
COMMENT ON COLUMN community.division_change.change_id IS 'Number of the change. / 变更编号。';
COMMENT ON COLUMN community.division_change.edition IS 'Edition that brought the change. / 带来变更的年度版。';
COMMENT ON COLUMN community.division_change.scope_key IS 'Scope of that edition. / 该版范围。';
COMMENT ON COLUMN community.division_change.kind IS 'added, removed, renamed (same unit, new name), recoded (same unit, new code), reused (the code now names another unit), moved (other parent by a list), reshaped (new boundary). / 新增、撤销、更名、改码、代码重用、改隶、边界调整。';
COMMENT ON COLUMN community.division_change.code IS 'Code concerned, after the change. / 变更后的代码。';
COMMENT ON COLUMN community.division_change.code_key IS 'The code as a 15-digit number. / 代码的 15 位数值。';
COMMENT ON COLUMN community.division_change.old_code_key IS 'Code before the change when it differs. / 变更前的代码（有变化时）。';
COMMENT ON COLUMN community.division_change.old_name IS 'Name before. / 原名。';
COMMENT ON COLUMN community.division_change.new_name IS 'Name after. / 新名。';
COMMENT ON COLUMN community.division_change.old_division_id IS 'Version that ended. / 终止的版本。';
COMMENT ON COLUMN community.division_change.new_division_id IS 'Version that began. / 开始的版本。';
COMMENT ON COLUMN community.division_change.community_id IS 'Registered community that the change concerns, or NULL. / 涉及的已登记社区，可为空。';
COMMENT ON COLUMN community.division_change.decided IS 'False while nobody has said whether a doubtful change of name is a renaming or a re-used code. / 更名与代码重用难以判断、尚待人工确认时为假。';
CREATE INDEX division_change_edition_idx ON community.division_change (edition, scope_key, kind);
CREATE INDEX division_change_undecided_idx ON community.division_change (change_id) WHERE NOT decided;
