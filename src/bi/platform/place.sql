-- Dimensions of place.

CREATE OR REPLACE VIEW community_bi.dim_community WITH (security_barrier = true) AS
SELECT c.community_id,
       c.code::text AS community_code,
       c.name AS community_name,
       c.kind AS community_kind,
       c.parent_id,
       p.name AS parent_name,
       c.operating_model,
       c.tz,
       CASE WHEN isfinite(c.since) THEN c.since END AS since,
       CASE WHEN isfinite(c.until) THEN c.until END AS until
  FROM community.community c
  LEFT JOIN community.community p ON p.community_id = c.parent_id
 WHERE c.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.dim_community IS 'Communities and divisions in the reader''s scope. / 可见范围内的社区与区划。';
COMMENT ON COLUMN community_bi.dim_community.community_id IS 'Key of the community. / 社区主键。';
COMMENT ON COLUMN community_bi.dim_community.community_code IS 'Official division code. / 区划代码。';
COMMENT ON COLUMN community_bi.dim_community.community_name IS 'Official name. / 名称。';
COMMENT ON COLUMN community_bi.dim_community.community_kind IS 'province, city, district, street, residential, village or virtual. / 类别。';
COMMENT ON COLUMN community_bi.dim_community.parent_id IS 'Key of the division above. / 上级主键。';
COMMENT ON COLUMN community_bi.dim_community.parent_name IS 'Name of the division above. / 上级名称。';
COMMENT ON COLUMN community_bi.dim_community.operating_model IS 'government, market or mixed. / 运营模式。';
COMMENT ON COLUMN community_bi.dim_community.tz IS 'Time zone of its local times. / 当地时区。';
COMMENT ON COLUMN community_bi.dim_community.since IS 'First day; NULL: open. / 起始日；NULL 表示不限。';
COMMENT ON COLUMN community_bi.dim_community.until IS 'Day it ended; NULL: still there. / 终止日；NULL 表示仍有效。';

CREATE OR REPLACE VIEW community_bi.dim_grid WITH (security_barrier = true) AS
SELECT g.grid_id,
       g.community_id,
       g.code::text AS grid_code,
       g.name AS grid_name,
       g.kind AS grid_kind,
       CASE WHEN NOT lower_inf(g.valid) AND isfinite(lower(g.valid)) THEN lower(g.valid) END AS valid_from,
       CASE WHEN NOT upper_inf(g.valid) AND isfinite(upper(g.valid)) THEN upper(g.valid) END AS valid_until,
       community._st_lon(g.geom) AS lon,
       community._st_lat(g.geom) AS lat
  FROM community.grid g
 WHERE g.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.dim_grid IS 'Management grids in the reader''s scope, retired ones included. / 可见范围内的管理网格（含已停用）。';
COMMENT ON COLUMN community_bi.dim_grid.grid_id IS 'Key of the grid. / 网格主键。';
COMMENT ON COLUMN community_bi.dim_grid.community_id IS 'Community it lies in. / 所属社区。';
COMMENT ON COLUMN community_bi.dim_grid.grid_code IS 'Official 15-digit code. / 网格代码。';
COMMENT ON COLUMN community_bi.dim_grid.grid_name IS 'Name people use. / 名称。';
COMMENT ON COLUMN community_bi.dim_grid.grid_kind IS 'unit, management, evaluation or exclusive. / 类别。';
COMMENT ON COLUMN community_bi.dim_grid.valid_from IS 'First day; NULL: always. / 启用日；NULL 表示不限。';
COMMENT ON COLUMN community_bi.dim_grid.valid_until IS 'Day it ended; NULL: still in use. / 停用日；NULL 表示仍在用。';
COMMENT ON COLUMN community_bi.dim_grid.lon IS 'Longitude of its centroid in degrees. / 重心经度。';
COMMENT ON COLUMN community_bi.dim_grid.lat IS 'Latitude of its centroid in degrees. / 重心纬度。';
