-- The grids of a community and of a district as one value, for fast look-up.

CREATE TABLE community.grid_map (
    holder_id bigint NOT NULL,
    kind text NOT NULL,
    root boolean NOT NULL,
    map community.gridmap NOT NULL,
    extent geometry(Polygon,4326) NOT NULL,
    grids integer NOT NULL,
    valid daterange NOT NULL,
    built_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT grid_map_pkey PRIMARY KEY (holder_id, kind)
);
COMMENT ON TABLE community.grid_map IS 'The grids of one kind in force today, of a community or of all communities of a district, as one value that assigns points fast; a job rebuilds it when grids change. / 社区或区县当前有效网格的网格图，网格变化后由作业重建。';
COMMENT ON COLUMN community.grid_map.holder_id IS 'Community or district whose grids it holds. / 所含网格的社区或区县。';
COMMENT ON COLUMN community.grid_map.kind IS 'Kind of the grids. / 网格类别。';
COMMENT ON COLUMN community.grid_map.root IS 'True for districts, and for communities without a district: together these maps hold every grid once. / 区县（或无区县的社区）为真：这些图合起来恰含全部网格。';
COMMENT ON COLUMN community.grid_map.map IS 'The value for gridmap_lookup. / 供 gridmap_lookup 使用的值。';
COMMENT ON COLUMN community.grid_map.extent IS 'Box around the grids. / 外包框。';
COMMENT ON COLUMN community.grid_map.grids IS 'How many grids it holds. / 网格数。';
COMMENT ON COLUMN community.grid_map.valid IS 'Days on which exactly these grids are in force. / 恰由这些网格有效的日期范围。';
COMMENT ON COLUMN community.grid_map.built_at IS 'When it was built. / 生成时间。';

CREATE SEQUENCE community.grid_map_dirty_seq;
COMMENT ON SEQUENCE community.grid_map_dirty_seq IS 'Numbers of marks that maps are out of date. / 网格图过期标记编号序列。';
CREATE TABLE community.grid_map_dirty (
    mark_id bigint NOT NULL DEFAULT nextval('community.grid_map_dirty_seq'),
    holder_id bigint NOT NULL,
    kind text NOT NULL,
    CONSTRAINT grid_map_dirty_pkey PRIMARY KEY (mark_id)
);
COMMENT ON TABLE community.grid_map_dirty IS 'Marks of changed grids: while one of a kind is seen, points are assigned by the polygons themselves. A mark is committed with its change, so nobody sees the one without the other. / 网格变化标记：可见标记存在期间直接按多边形归格；标记与变化同时提交。';
COMMENT ON COLUMN community.grid_map_dirty.mark_id IS 'Number of the mark. / 标记编号。';
COMMENT ON COLUMN community.grid_map_dirty.holder_id IS 'Community whose grids changed. / 网格发生变化的社区。';
COMMENT ON COLUMN community.grid_map_dirty.kind IS 'Kind of the grids. / 网格类别。';

INSERT INTO community.grid_map_dirty (holder_id, kind) SELECT DISTINCT g.community_id, g.kind FROM community.grid g;
