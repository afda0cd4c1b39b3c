-- Facilities: points, lines and areas with capacity and hours.

CREATE SEQUENCE community.facility_seq;
COMMENT ON SEQUENCE community.facility_seq IS 'Numbers of facilities. / 设施编号序列。';

CREATE TABLE community.facility (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    facility_id bigint NOT NULL DEFAULT nextval('community.facility_seq'),
    class text NOT NULL,
    name text NOT NULL,
    geom geometry(Geometry,4326) NOT NULL,
    grid_id bigint,
    address_id bigint,
    capacity integer,
    occupied integer NOT NULL DEFAULT 0,
    opening text,
    weekly int4multirange,
    owner_id bigint,
    operator_id bigint,
    owner text,
    operator text,
    attrs jsonb NOT NULL DEFAULT '{}',
    source text NOT NULL,
    source_id text,
    datum text NOT NULL DEFAULT 'wgs84',
    surveyed_at date,
    valid daterange NOT NULL DEFAULT '(,)',
    CONSTRAINT facility_pkey PRIMARY KEY (community_id, facility_id),
    CONSTRAINT facility_class_fkey FOREIGN KEY (class) REFERENCES community.facility_class (class),
    CONSTRAINT facility_grid_fkey FOREIGN KEY (community_id, grid_id) REFERENCES community.grid (community_id, grid_id),
    CONSTRAINT facility_address_fkey FOREIGN KEY (community_id, address_id) REFERENCES community.address (community_id, address_id),
    CONSTRAINT facility_owner_fkey FOREIGN KEY (community_id, owner_id) REFERENCES community.organization (community_id, organization_id),
    CONSTRAINT facility_operator_fkey FOREIGN KEY (community_id, operator_id) REFERENCES community.organization (community_id, organization_id),
    CONSTRAINT facility_source_key UNIQUE (community_id, source, source_id),
    CONSTRAINT facility_name_check CHECK (name <> ''),
    CONSTRAINT facility_geom_check CHECK (GeometryType(geom) IN ('POINT', 'MULTIPOINT', 'LINESTRING', 'MULTILINESTRING', 'POLYGON', 'MULTIPOLYGON') AND NOT ST_IsEmpty(geom) AND ST_IsValid(geom)),
    CONSTRAINT facility_capacity_check CHECK (capacity >= 0),
    CONSTRAINT facility_occupied_check CHECK (occupied >= 0),
    CONSTRAINT facility_weekly_check CHECK ((opening IS NULL) = (weekly IS NULL)),
    CONSTRAINT facility_datum_check CHECK (datum IN ('wgs84', 'cgcs2000', 'gcj02', 'bd09')),
    CONSTRAINT facility_valid_check CHECK (NOT isempty(valid))
);
COMMENT ON TABLE community.facility IS 'Facilities of a community: infrastructure and what lies around. / 社区设施：基础设施与周边设施。';
COMMENT ON COLUMN community.facility.community_id IS 'Community it stands in. / 所在社区。';
COMMENT ON COLUMN community.facility.facility_id IS 'Number of the facility. / 设施编号。';
COMMENT ON COLUMN community.facility.class IS 'Class, as narrow as known. / 类别，取已知最细。';
COMMENT ON COLUMN community.facility.name IS 'Name people use. / 名称。';
COMMENT ON COLUMN community.facility.geom IS 'Point, line or area in CGCS2000/WGS84; always valid. / 点、线或面，始终有效。';
COMMENT ON COLUMN community.facility.grid_id IS 'Unit grid it lay in when recorded, or NULL. / 录入时所在单元网格，可为空。';
COMMENT ON COLUMN community.facility.address_id IS 'Standard address, or NULL. / 标准地址，可为空。';
COMMENT ON COLUMN community.facility.capacity IS 'Places, beds, seats; NULL: not counted. / 容量（位、床、座），空为不计。';
COMMENT ON COLUMN community.facility.occupied IS 'How many of them are taken now. / 当前占用数。';
COMMENT ON COLUMN community.facility.opening IS 'Opening hours in the grammar of OpenStreetMap; NULL: unknown. / 开放时间（OpenStreetMap 语法），空为未知。';
COMMENT ON COLUMN community.facility.weekly IS 'The same as minutes of the week and of a holiday (weekly_hours). / 以分钟表示的每周开放时段。';
COMMENT ON COLUMN community.facility.owner_id IS 'Owning organization on record here. / 产权组织编号。';
COMMENT ON COLUMN community.facility.operator_id IS 'Operating organization on record here. / 运营组织编号。';
COMMENT ON COLUMN community.facility.owner IS 'Name of the owner when it is not on record here. / 产权人名称（未建档时）。';
COMMENT ON COLUMN community.facility.operator IS 'Name of the operator when it is not on record here. / 运营者名称（未建档时）。';
COMMENT ON COLUMN community.facility.attrs IS 'Further facts as an object. / 其他属性。';
COMMENT ON COLUMN community.facility.source IS 'Where the record came from. / 数据来源。';
COMMENT ON COLUMN community.facility.source_id IS 'Its number there: an import that brings it again updates the record. / 来源编号，再次导入时更新。';
COMMENT ON COLUMN community.facility.datum IS 'Datum of the coordinates as delivered: wgs84, cgcs2000, gcj02 or bd09. / 交付坐标的基准。';
COMMENT ON COLUMN community.facility.surveyed_at IS 'Day on which somebody last saw it. / 最近核查日期。';
COMMENT ON COLUMN community.facility.valid IS 'Days on which it exists, upper bound excluded. / 存续期。';

CREATE INDEX facility_geom_idx ON community.facility USING gist (geom);
CREATE INDEX facility_near_idx ON community.facility USING gist (class, geography(geom));
CREATE INDEX facility_name_idx ON community.facility USING gin (community.bigrams(name));
CREATE INDEX facility_grid_idx ON community.facility (community_id, grid_id);

CREATE TABLE community.facility_exception (
    community_id bigint NOT NULL,
    facility_id bigint NOT NULL,
    day date NOT NULL,
    hours int4multirange NOT NULL,
    reason text NOT NULL,
    CONSTRAINT facility_exception_pkey PRIMARY KEY (community_id, facility_id, day),
    CONSTRAINT facility_exception_facility_fkey FOREIGN KEY (community_id, facility_id) REFERENCES community.facility (community_id, facility_id),
    CONSTRAINT facility_exception_hours_check CHECK (hours <@ '{[0,1440)}'::int4multirange)
);
COMMENT ON TABLE community.facility_exception IS 'Days on which a facility keeps other hours than its weekly ones. / 设施的特殊开放日。';
COMMENT ON COLUMN community.facility_exception.community_id IS 'Community of the facility. / 设施所在社区。';
COMMENT ON COLUMN community.facility_exception.facility_id IS 'The facility. / 设施编号。';
COMMENT ON COLUMN community.facility_exception.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community.facility_exception.hours IS 'Minutes of that day during which it is open; empty: closed. / 当日开放的分钟区间，空集为关闭。';
COMMENT ON COLUMN community.facility_exception.reason IS 'Why. / 原因。';
