-- Who lives where, and the walking network: what life circles are measured on.

CREATE SEQUENCE community.population_point_seq;
COMMENT ON SEQUENCE community.population_point_seq IS 'Numbers of population points. / 人口点编号序列。';

CREATE TABLE community.population_point (
    community_id bigint NOT NULL REFERENCES community.community (community_id),
    point_id bigint NOT NULL DEFAULT nextval('community.population_point_seq'),
    geom geometry(Point,4326) NOT NULL,
    residents integer NOT NULL,
    households integer NOT NULL DEFAULT 0,
    elderly integer NOT NULL DEFAULT 0,
    care jsonb NOT NULL DEFAULT '{}',
    label text,
    source text NOT NULL,
    as_of date NOT NULL,
    CONSTRAINT population_point_pkey PRIMARY KEY (community_id, point_id),
    CONSTRAINT population_point_count_check CHECK (residents >= 0 AND households >= 0 AND elderly BETWEEN 0 AND residents),
    CONSTRAINT population_point_care_check CHECK (jsonb_typeof(care) = 'object')
);
COMMENT ON TABLE community.population_point IS 'How many people live at a place (a building or a block), as counts only: the weights of life circles. / 某处（楼栋、片区）的人口计数，作为生活圈分析的权重。';
COMMENT ON COLUMN community.population_point.community_id IS 'Community they live in. / 所在社区。';
COMMENT ON COLUMN community.population_point.point_id IS 'Number of the place. / 人口点编号。';
COMMENT ON COLUMN community.population_point.geom IS 'The place in CGCS2000/WGS84. / 位置。';
COMMENT ON COLUMN community.population_point.residents IS 'People who live there. / 居民人数。';
COMMENT ON COLUMN community.population_point.households IS 'How many households they form. / 户数。';
COMMENT ON COLUMN community.population_point.elderly IS 'Of the people, those of 60 years and more. / 其中 60 岁及以上人数。';
COMMENT ON COLUMN community.population_point.care IS 'How many of them bear a care tag, by tag: {"living_alone": 3}; only tags that statistics count. / 关怀标签人数（按标签），仅限可统计标签。';
COMMENT ON COLUMN community.population_point.label IS 'Name of the place, NULL without. / 名称，可为空。';
COMMENT ON COLUMN community.population_point.source IS 'Where the counts come from. / 数据来源。';
COMMENT ON COLUMN community.population_point.as_of IS 'Day for which they hold. / 统计日期。';

CREATE SEQUENCE community.walk_node_seq;
COMMENT ON SEQUENCE community.walk_node_seq IS 'Numbers of nodes of the walking network. / 步行网络结点编号序列。';
CREATE SEQUENCE community.walk_edge_seq;
COMMENT ON SEQUENCE community.walk_edge_seq IS 'Numbers of edges of the walking network. / 步行网络边编号序列。';

CREATE TABLE community.walk_node (
    node_id bigint NOT NULL DEFAULT nextval('community.walk_node_seq'),
    lon7 integer NOT NULL,
    lat7 integer NOT NULL,
    geom geometry(Point,4326) NOT NULL,
    CONSTRAINT walk_node_pkey PRIMARY KEY (node_id),
    CONSTRAINT walk_node_place_key UNIQUE (lon7, lat7)
);
COMMENT ON TABLE community.walk_node IS 'Corners of the walking network: lines that share a corner meet there. / 步行网络结点：共点的线在此相连。';
COMMENT ON COLUMN community.walk_node.node_id IS 'Number of the node. / 结点编号。';
COMMENT ON COLUMN community.walk_node.lon7 IS 'Longitude in units of 1e-7 degree. / 经度（千万分之一度）。';
COMMENT ON COLUMN community.walk_node.lat7 IS 'Latitude in units of 1e-7 degree. / 纬度（千万分之一度）。';
COMMENT ON COLUMN community.walk_node.geom IS 'The place. / 位置。';
CREATE INDEX walk_node_geom_idx ON community.walk_node USING gist (geography(geom));

CREATE TABLE community.walk_edge (
    edge_id bigint NOT NULL DEFAULT nextval('community.walk_edge_seq'),
    source bigint NOT NULL,
    target bigint NOT NULL,
    length_m double precision NOT NULL,
    geom geometry(LineString,4326) NOT NULL,
    origin text NOT NULL,
    CONSTRAINT walk_edge_pkey PRIMARY KEY (edge_id),
    CONSTRAINT walk_edge_source_fkey FOREIGN KEY (source) REFERENCES community.walk_node (node_id),
    CONSTRAINT walk_edge_target_fkey FOREIGN KEY (target) REFERENCES community.walk_node (node_id),
    CONSTRAINT walk_edge_length_check CHECK (length_m > 0)
);
COMMENT ON TABLE community.walk_edge IS 'Straight pieces of ways that people walk, in both directions. / 步行道路的直线段，双向可走。';
COMMENT ON COLUMN community.walk_edge.edge_id IS 'Number of the edge. / 边编号。';
COMMENT ON COLUMN community.walk_edge.source IS 'Node at one end. / 一端结点。';
COMMENT ON COLUMN community.walk_edge.target IS 'Node at the other. / 另一端结点。';
COMMENT ON COLUMN community.walk_edge.length_m IS 'Metres. / 长度（米）。';
COMMENT ON COLUMN community.walk_edge.geom IS 'The piece. / 线段。';
COMMENT ON COLUMN community.walk_edge.origin IS 'Data set it came from. / 数据来源。';
CREATE INDEX walk_edge_geom_idx ON community.walk_edge USING gist (geom);
CREATE INDEX walk_edge_source_idx ON community.walk_edge (source);
CREATE INDEX walk_edge_target_idx ON community.walk_edge (target);
