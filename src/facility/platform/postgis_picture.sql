-- Pictures of life circles: what they ask of PostGIS.

CREATE OR REPLACE FUNCTION community._map_scale(p_community_id bigint, p_at date, OUT west double precision, OUT north double precision, OUT kx double precision, OUT ky double precision, OUT width numeric, OUT height numeric)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- 760 pixels across, degrees of latitude stretched to true shape.
    SELECT b.west, b.north, 760 / b.w, 760 / b.w / cos(radians(b.north)), 780::numeric, round((760 / b.w / cos(radians(b.north)) * b.h + 70)::numeric)
      FROM (SELECT ST_XMin(e.g) AS west, ST_YMax(e.g) AS north, greatest(ST_XMax(e.g) - ST_XMin(e.g), 0.001) AS w, ST_YMax(e.g) - ST_YMin(e.g) AS h
              FROM (SELECT ST_Expand(ST_Extent(d.geom)::geometry, 0.0008) AS g FROM community._demand_points(p_community_id, p_at) d) e) b;
END;
COMMENT ON FUNCTION community._map_scale(bigint, date) IS 'Origin, scale and size of a picture of a community: 780 pixels wide. / 社区图的原点、比例与尺寸（宽 780 像素）。';

CREATE OR REPLACE FUNCTION community._map_path(p_geom geometry, p_west double precision, p_north double precision, p_kx double precision, p_ky double precision)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_AsSVG(ST_Affine(p_geom, p_kx, 0, 0, p_ky, 10 - p_west * p_kx, -p_north * p_ky - 40), 0, 1);
COMMENT ON FUNCTION community._map_path(geometry, double precision, double precision, double precision, double precision) IS 'Path data of a geometry in a picture, below a title of 40 pixels. / 几何在图中的路径数据。';

CREATE OR REPLACE FUNCTION community._circle_shapes(p_community_id bigint, p_class text, p_at date)
RETURNS TABLE (z integer, shape xml)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT s.* FROM community._map_scale(p_community_id, p_at) s
    ), radius AS (
        SELECT min(s.radius_m) AS r FROM community.life_circle_standard s WHERE s.class = p_class
    ), point AS MATERIALIZED (
        SELECT d.geom, d.residents, d.counted, bool_or(q.covered) AS covered
          FROM community._demand_points(p_community_id, p_at) d
          JOIN community._circle_points(p_community_id, p_at) q ON q.n = d.n AND q.class = p_class
         GROUP BY d.n, d.geom, d.residents, d.counted
    ), near AS MATERIALIZED (
        SELECT f.name, f.geom FROM community._facility_classes(p_class) c JOIN community.facility f ON f.class = c.class AND f.valid @> p_at
          JOIN (SELECT ST_SetSRID(ST_Extent(p.geom)::geometry, 4326) AS box FROM point p) b ON f.geom && ST_Expand(b.box, 0.02)
    )
    SELECT 1, xmlelement(NAME path, xmlattributes(community._map_path(community.gridcell_geometry(community.gridcell(ST_X(p.geom), ST_Y(p.geom), 6)), m.west, m.north, m.kx, m.ky) AS d,
                                                  CASE WHEN p.covered THEN '#8fd3c1' ELSE '#f2a38d' END AS fill),
                         xmlelement(NAME title, CASE WHEN p.counted THEN p.residents || ' residents / 居民' ELSE community.gridcell(ST_X(p.geom), ST_Y(p.geom), 6)::text END))
      FROM point p, m
    UNION ALL
    SELECT 2, xmlelement(NAME path, xmlattributes(community._map_path(g.geom, m.west, m.north, m.kx, m.ky) AS d, 'none' AS fill, '#445' AS stroke, '1.2' AS "stroke-width"),
                         xmlelement(NAME title, g.name))
      FROM community._scope_communities(p_community_id, p_at) s JOIN community.grid g ON g.community_id = s.community_id AND g.kind = 'unit' AND g.valid @> p_at, m
    UNION ALL
    SELECT 3, xmlelement(NAME path, xmlattributes(community._map_path(geometry(ST_Buffer(geography(n.geom), radius.r::double precision, 'quad_segs=16')), m.west, m.north, m.kx, m.ky) AS d,
                                                  'none' AS fill, '#1d5f8a' AS stroke, '4 4' AS "stroke-dasharray"))
      FROM near n, m, radius
    UNION ALL
    SELECT 4, xmlelement(NAME circle, xmlattributes(round(((ST_X(ST_Centroid(n.geom)) - m.west) * m.kx + 10)::numeric, 1) AS cx, round(((m.north - ST_Y(ST_Centroid(n.geom))) * m.ky + 40)::numeric, 1) AS cy,
                                                    5 AS r, '#1d5f8a' AS fill), xmlelement(NAME title, n.name))
      FROM near n, m;
END;
COMMENT ON FUNCTION community._circle_shapes(bigint, text, date) IS 'Shapes of the picture of one standard: cells or homes, grids, service radii, facilities. / 某标准覆盖图的图形：格元、网格、服务半径与设施。';
