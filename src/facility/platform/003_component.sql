-- Components (部件): what stands in the streets, under a 16-digit number.

CREATE TABLE community.component (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    component_id bigint NOT NULL,
    class text NOT NULL,
    name text,
    geom geometry(Geometry,4326) NOT NULL,
    grid_id bigint,
    duty_community_id bigint,
    duty_organization_id bigint,
    owner text,
    state text NOT NULL DEFAULT 'intact',
    attrs jsonb NOT NULL DEFAULT '{}',
    source text NOT NULL,
    datum text NOT NULL DEFAULT 'wgs84',
    surveyed_at date NOT NULL,
    valid daterange NOT NULL DEFAULT '(,)',
    CONSTRAINT component_pkey PRIMARY KEY (community_id, component_id),
    CONSTRAINT component_class_fkey FOREIGN KEY (class) REFERENCES community.component_class (class),
    CONSTRAINT component_grid_fkey FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT component_id_check CHECK (component_id BETWEEN 1000000000000000 AND 9999999999999999),
    CONSTRAINT component_id_class_check CHECK (lpad((component_id / 1000000 % 10000)::text, 4, '0') = class),
    CONSTRAINT component_geom_check CHECK (GeometryType(geom) IN ('POINT', 'MULTIPOINT', 'LINESTRING', 'MULTILINESTRING', 'POLYGON', 'MULTIPOLYGON') AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)),
    CONSTRAINT component_duty_check CHECK ((duty_community_id IS NULL) = (duty_organization_id IS NULL)),
    CONSTRAINT component_state_check CHECK (state IN ('intact', 'damaged', 'lost', 'removed')),
    CONSTRAINT component_datum_check CHECK (datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')),
    CONSTRAINT component_valid_check CHECK (NOT isempty(valid))
);
COMMENT ON TABLE community.component IS 'City components (部件) such as manhole covers, lamps and bins, each with the organization that answers for it. / 城市部件（井盖、路灯、垃圾箱等）及其责任单位。';
COMMENT ON COLUMN community.component.community_id IS 'Community it stands in. / 所在社区。';
COMMENT ON COLUMN community.component.component_id IS '16-digit number: 6 of the county, 4 of the class, 6 in sequence. / 16 位部件标识码：县区 6 位、分类 4 位、顺序 6 位。';
COMMENT ON COLUMN community.component.class IS 'Class, the digits 7 to 10 of the number. / 分类代码，即标识码第 7 至 10 位。';
COMMENT ON COLUMN community.component.name IS 'Name or label, when it has one. / 名称或铭牌。';
COMMENT ON COLUMN community.component.geom IS 'Point, line or area in CGCS2000/WGS84. / 点、线或面。';
COMMENT ON COLUMN community.component.grid_id IS 'Unit grid it lay in when recorded, or NULL. / 录入时所在单元网格，可为空。';
COMMENT ON COLUMN community.component.duty_community_id IS 'Community that keeps the record of the duty organization, the district for a district department. / 责任单位的建档社区。';
COMMENT ON COLUMN community.component.duty_organization_id IS 'Organization that must keep it in order; NULL: nobody known (无主). / 责任单位编号，空为无主。';
COMMENT ON COLUMN community.component.owner IS 'Owner by name. / 权属单位名称。';
COMMENT ON COLUMN community.component.state IS 'intact, damaged, lost or removed. / 完好、破损、丢失、拆除。';
COMMENT ON COLUMN community.component.attrs IS 'Further facts as an object. / 其他属性。';
COMMENT ON COLUMN community.component.source IS 'Survey it came from. / 普查来源。';
COMMENT ON COLUMN community.component.datum IS 'Datum of the coordinates as delivered. / 交付坐标的基准。';
COMMENT ON COLUMN community.component.surveyed_at IS 'Day on which somebody last saw it. / 最近核查日期。';
COMMENT ON COLUMN community.component.valid IS 'Days on which it exists, upper bound excluded. / 存续期。';
CREATE INDEX component_near_idx ON community.component USING gist (class, geography(geom));
CREATE INDEX component_grid_idx ON community.component (community_id, grid_id);
CREATE INDEX component_duty_idx ON community.component (duty_community_id, duty_organization_id);
CREATE INDEX component_survey_idx ON community.component (community_id, surveyed_at);

CREATE TABLE community.component_index (
    component_id bigint NOT NULL,
    community_id bigint NOT NULL,
    CONSTRAINT component_index_pkey PRIMARY KEY (component_id)
);
COMMENT ON TABLE community.component_index IS 'Which community holds a component number: one in the whole city. / 部件标识码所在社区，全市唯一。';
COMMENT ON COLUMN community.component_index.component_id IS '16-digit number. / 16 位标识码。';
COMMENT ON COLUMN community.component_index.community_id IS 'Community it stands in. / 所在社区。';

CREATE TABLE community.component_counter (
    prefix bigint NOT NULL,
    last integer NOT NULL,
    CONSTRAINT component_counter_pkey PRIMARY KEY (prefix),
    CONSTRAINT component_counter_last_check CHECK (last BETWEEN 0 AND 999999)
);
COMMENT ON TABLE community.component_counter IS 'Last sequence number given for a county and class. / 各县区各类部件的最近顺序号。';
COMMENT ON COLUMN community.component_counter.prefix IS 'First ten digits of the number: county and class. / 标识码前十位：县区与分类。';
COMMENT ON COLUMN community.component_counter.last IS 'Last six digits given. / 已用的最大顺序号。';
