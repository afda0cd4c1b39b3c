-- Management grids with validity, their descent and their parts.

CREATE DOMAIN community.shape AS geometry;
COMMENT ON DOMAIN community.shape IS 'Any geometry: the type of variables of procedures, wherever PostGIS lives. / 任意几何：供过程声明变量，与 PostGIS 所在模式无关。';
CREATE DOMAIN community.shapes AS geometry[];
COMMENT ON DOMAIN community.shapes IS 'Several geometries: the type of variables of procedures, wherever PostGIS lives. / 几何数组：供过程声明变量，与 PostGIS 所在模式无关。';

CREATE SEQUENCE community.grid_seq;
COMMENT ON SEQUENCE community.grid_seq IS 'Numbers of grid versions. / 网格版本编号序列。';

CREATE TABLE community.grid (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    grid_id bigint NOT NULL DEFAULT nextval('community.grid_seq'),
    code community.gridcode NOT NULL,
    code_key bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    geom geometry(MultiPolygon,4326) NOT NULL,
    valid daterange NOT NULL,
    repair text,
    source text,
    CONSTRAINT grid_pkey PRIMARY KEY (community_id, grid_id),
    CONSTRAINT grid_kind_check CHECK (kind IN ('unit', 'management', 'evaluation', 'exclusive')),
    CONSTRAINT grid_name_check CHECK (name <> ''),
    CONSTRAINT grid_valid_check CHECK (NOT isempty(valid)),
    CONSTRAINT grid_geom_check CHECK (NOT ST_IsEmpty(geom) AND ST_IsValid(geom)),
    CONSTRAINT grid_code_excl EXCLUDE USING gist (community_id WITH =, code_key WITH =, kind WITH =, valid WITH &&)
);
COMMENT ON TABLE community.grid IS 'One version of a management grid: a polygon under a 15-digit code during valid; versions are ended, never deleted. / 管理网格的一个版本，只终止、不删除。';
COMMENT ON COLUMN community.grid.community_id IS 'Community the grid belongs to. / 所属社区。';
COMMENT ON COLUMN community.grid.grid_id IS 'Number of the version; stays when later versions take the code over. / 网格版本编号。';
COMMENT ON COLUMN community.grid.code IS '15-digit grid code (12 of the community, 3 of the grid). / 15 位网格编码。';
COMMENT ON COLUMN community.grid.code_key IS 'The code as a number, the key of joins and constraints. / 编码的数值，用于连接与约束。';
COMMENT ON COLUMN community.grid.kind IS 'unit (the basic grid), management (adjacent unit grids), evaluation, exclusive (a campus, market or office block). / 单元网格、管理网格、评价网格、专属网格。';
COMMENT ON COLUMN community.grid.name IS 'Name people use. / 名称。';
COMMENT ON COLUMN community.grid.geom IS 'Area in CGCS2000/WGS84; always valid and not empty. / 范围，始终为有效多边形。';
COMMENT ON COLUMN community.grid.valid IS 'Days in force, upper bound excluded; two versions of a code and kind never overlap. / 有效期，同码同类不得重叠。';
COMMENT ON COLUMN community.grid.repair IS 'What was wrong with the ring as delivered when it was repaired on request, else NULL. / 交付图形的缺陷（已按要求修复时），否则为空。';
COMMENT ON COLUMN community.grid.source IS 'Where the polygon came from. / 图形来源。';

CREATE INDEX grid_geom_idx ON community.grid USING gist (geom);
CREATE INDEX grid_code_idx ON community.grid (code_key, kind);

CREATE TABLE community.grid_lineage (
    community_id bigint NOT NULL,
    from_grid_id bigint NOT NULL,
    to_grid_id bigint NOT NULL,
    action text NOT NULL,
    day date NOT NULL,
    reason text,
    actor text NOT NULL DEFAULT session_user,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT grid_lineage_pkey PRIMARY KEY (community_id, from_grid_id, to_grid_id),
    CONSTRAINT grid_lineage_from_fkey FOREIGN KEY (community_id, from_grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT grid_lineage_to_fkey FOREIGN KEY (community_id, to_grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT grid_lineage_action_check CHECK (action IN ('split', 'merged', 'reshaped', 'renumbered', 'replaced'))
);
COMMENT ON TABLE community.grid_lineage IS 'Which grid versions came from which. / 网格版本的来历。';
COMMENT ON COLUMN community.grid_lineage.community_id IS 'Community of both versions. / 所属社区。';
COMMENT ON COLUMN community.grid_lineage.from_grid_id IS 'Version that ended. / 终止的版本。';
COMMENT ON COLUMN community.grid_lineage.to_grid_id IS 'Version that took over. / 接续的版本。';
COMMENT ON COLUMN community.grid_lineage.action IS 'split, merged, reshaped (new polygon), renumbered (new code), replaced (retired in favour of another). / 拆分、合并、调整、重编号、取代。';
COMMENT ON COLUMN community.grid_lineage.day IS 'First day of the new version. / 新版本生效日。';
COMMENT ON COLUMN community.grid_lineage.reason IS 'Why, in the words of who did it. / 原因。';
COMMENT ON COLUMN community.grid_lineage.actor IS 'Who did it. / 操作者。';
COMMENT ON COLUMN community.grid_lineage.recorded_at IS 'When it was recorded. / 记录时间。';
CREATE INDEX grid_lineage_to_idx ON community.grid_lineage (community_id, to_grid_id);

CREATE TABLE community.grid_part (
    community_id bigint NOT NULL,
    grid_id bigint NOT NULL,
    unit_grid_id bigint NOT NULL,
    CONSTRAINT grid_part_pkey PRIMARY KEY (community_id, grid_id, unit_grid_id),
    CONSTRAINT grid_part_grid_fkey FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT grid_part_unit_fkey FOREIGN KEY (community_id, unit_grid_id) REFERENCES community.grid (community_id, grid_id)
);
COMMENT ON TABLE community.grid_part IS 'Unit grids that a management, evaluation or exclusive grid is composed of. / 管理、评价或专属网格所含的单元网格。';
COMMENT ON COLUMN community.grid_part.community_id IS 'Community of the grids. / 所属社区。';
COMMENT ON COLUMN community.grid_part.grid_id IS 'The composed grid. / 组合网格。';
COMMENT ON COLUMN community.grid_part.unit_grid_id IS 'One unit grid in it. / 其中一个单元网格。';
CREATE INDEX grid_part_unit_idx ON community.grid_part (community_id, unit_grid_id);
