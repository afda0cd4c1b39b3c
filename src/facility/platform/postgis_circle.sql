-- Life circles: what they ask of PostGIS.

CREATE OR REPLACE FUNCTION community._scope_communities(p_community_id bigint, p_at date)
RETURNS TABLE (community_id bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE down AS (
        SELECT m.community_id FROM community.members_of(p_community_id, p_at) m
        UNION
        SELECT c.community_id FROM down d JOIN community.community c ON c.parent_id = d.community_id
         WHERE c.kind <> 'virtual' AND (c.until IS NULL OR c.until > p_at)
    )
    SELECT d.community_id FROM down d;
END;
COMMENT ON FUNCTION community._scope_communities(bigint, date) IS 'List the communities that a question to a community means: itself, the members of a virtual one, all below a district or street. / 查询涉及的社区：自身、虚拟社区成员、区街下属全部。';

CREATE OR REPLACE FUNCTION community._demand_points(p_community_id bigint, p_at date)
RETURNS TABLE (n bigint, community_id bigint, geom geometry, residents integer, households integer, elderly integer, counted boolean, care jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH scope AS MATERIALIZED (
        SELECT s.community_id FROM community._scope_communities(p_community_id, p_at) s
    ), people AS (
        SELECT p.community_id, p.geom, p.residents, p.households, p.elderly, p.care
          FROM scope s JOIN community.population_point p ON p.community_id = s.community_id
    ), cells AS (
        SELECT g.community_id, c.cell
          FROM scope s
          JOIN community.grid g ON g.community_id = s.community_id AND g.kind = 'unit' AND g.valid @> p_at
         CROSS JOIN LATERAL community.gridcell_cover(g.geom, 6, 'centre') AS c(cell)
         WHERE NOT EXISTS (SELECT FROM people)
    ), single AS (
        -- The centre of a cell may lie in two overlapping grids.
        SELECT DISTINCT ON (c.cell) c.community_id, community.gridcell_centroid(c.cell) AS geom FROM cells c ORDER BY c.cell, c.community_id
    )
    SELECT row_number() OVER (ORDER BY d.community_id, ST_X(d.geom), ST_Y(d.geom)), d.*
      FROM (SELECT p.community_id, p.geom, p.residents, p.households, p.elderly, true, p.care FROM people p
            UNION ALL
            SELECT s.community_id, s.geom, 1, 0, 0, false, '{}' FROM single s) d;
END;
COMMENT ON FUNCTION community._demand_points(bigint, date) IS 'List where people live in the scope of a community: its population points, or without any the cells of its unit grids, each counting 1. / 列出需求点：人口点；无人口数据时取单元网格内的格元，各计 1。';

CREATE OR REPLACE FUNCTION community._circle_by_distance(p_community_id bigint, p_at date)
RETURNS TABLE (circle smallint, class text, n bigint, covered boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Facilities meet points by tiles of 0.01 degree: one index search for
    -- each point and class would cost a hundred times more.
    WITH p AS MATERIALIZED (
        SELECT d.n, d.geom, floor(ST_X(d.geom) * 100)::integer AS tx, floor(ST_Y(d.geom) * 100)::integer AS ty
          FROM community._demand_points(p_community_id, p_at) d
    ), k AS MATERIALIZED (
        SELECT s.circle, s.class, s.radius_m, c.class AS sub
          FROM community.life_circle_standard s CROSS JOIN LATERAL community._facility_classes(s.class) c
    ), box AS MATERIALIZED (
        SELECT ST_SetSRID(ST_Expand(ST_Extent(p.geom)::geometry, (SELECT max(k.radius_m) FROM k) / 50000.0), 4326) AS b FROM p
    ), f AS MATERIALIZED (
        SELECT k.circle, k.class, k.radius_m, f.geom,
               k.radius_m / 110000.0 AS dy, k.radius_m / 110000.0 / greatest(cos(radians(ST_YMax(f.geom))), 0.01) AS dx
          FROM k JOIN community.facility f ON f.class = k.sub AND f.valid @> p_at
          JOIN box ON f.geom && box.b
    ), hit AS (
        SELECT DISTINCT f.circle, f.class, p.n
          FROM f
         CROSS JOIN LATERAL generate_series(floor((ST_XMin(f.geom) - f.dx) * 100)::integer, floor((ST_XMax(f.geom) + f.dx) * 100)::integer) AS x
         CROSS JOIN LATERAL generate_series(floor((ST_YMin(f.geom) - f.dy) * 100)::integer, floor((ST_YMax(f.geom) + f.dy) * 100)::integer) AS y
          JOIN p ON p.tx = x AND p.ty = y
         WHERE ST_DWithin(geography(f.geom), geography(p.geom), f.radius_m)
    )
    SELECT s.circle, s.class, p.n, h.n IS NOT NULL
      FROM community.life_circle_standard s
     CROSS JOIN p
      LEFT JOIN hit h ON h.circle = s.circle AND h.class = s.class AND h.n = p.n;
END;
COMMENT ON FUNCTION community._circle_by_distance(bigint, date) IS 'Tell for each standard and demand point whether a facility lies within the radius as the crow flies. / 按直线距离判断各需求点是否被覆盖。';

CREATE OR REPLACE FUNCTION community.facility_service_area(p_community_id bigint, p_facility_id bigint, p_metres double precision, p_level integer DEFAULT 6)
RETURNS SETOF community.gridcell
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.cell
      FROM (SELECT f.geom, p_metres / 110000.0 AS dy, p_metres / 110000.0 / greatest(cos(radians(abs(ST_Y(ST_Centroid(f.geom))) + p_metres / 110000.0)), 0.01) AS dx
              FROM community.facility f WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id) f
     CROSS JOIN LATERAL community.gridcell_cover(ST_Expand(ST_Envelope(f.geom), f.dx, f.dy), p_level, 'overlap') AS c(cell)
     WHERE ST_DWithin(geography(community.gridcell_centroid(c.cell)), geography(f.geom), p_metres)
     ORDER BY c.cell;
END;
COMMENT ON FUNCTION community.facility_service_area(bigint, bigint, double precision, integer) IS 'List the cells of a level whose centre lies within metres of a facility, as the crow flies; no row for an unknown facility. Errors: 54000 when there would be too many (gridcell_cover). / 列出中心在设施若干米内（直线）的格元；设施不存在则无结果。';

CREATE OR REPLACE FUNCTION community._network_box(p_community_id bigint, p_at date, p_margin double precision)
RETURNS geometry LANGUAGE sql STABLE
RETURN (SELECT ST_SetSRID(ST_Expand(ST_Extent(p.geom)::geometry, p_margin / 85000), 4326) FROM community._demand_points(p_community_id, p_at) p);
COMMENT ON FUNCTION community._network_box(bigint, date, double precision) IS 'Box around the demand points of a community, wider by a margin in metres. / 社区需求点的外包框，外扩若干米。';

CREATE OR REPLACE FUNCTION community._st_meets_box(p_geom geometry, p_west double precision, p_south double precision, p_east double precision, p_north double precision)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_geom && ST_MakeEnvelope(p_west, p_south, p_east, p_north, 4326);
COMMENT ON FUNCTION community._st_meets_box(geometry, double precision, double precision, double precision, double precision) IS 'Tell whether the box of a geometry meets a box of degrees; served by GiST indexes. / 判断几何外包框与经纬度框是否相交，可用 GiST 索引。';

CREATE OR REPLACE FUNCTION community._st_bounds(p_geom geometry)
RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY[ST_XMin(p_geom), ST_YMin(p_geom), ST_XMax(p_geom), ST_YMax(p_geom)];
COMMENT ON FUNCTION community._st_bounds(geometry) IS 'West, south, east and north of a geometry in degrees. / 几何的西、南、东、北界（度）。';

CREATE OR REPLACE FUNCTION community._walk_nearest(p_geom geometry, OUT node_id bigint, OUT distance_m double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.node_id, ST_Distance(geography(w.geom), geography(p_geom))
      FROM community.walk_node w
     ORDER BY geography(w.geom) <-> geography(p_geom)
     LIMIT 1;
END;
COMMENT ON FUNCTION community._walk_nearest(geometry) IS 'Find the node of the walking network nearest to a geometry and the metres to it. / 查最近的步行网络结点及距离（米）。';

CREATE OR REPLACE FUNCTION community._walk_steps(p_geom geometry)
RETURNS TABLE (node_id bigint, distance_m double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A line or an area has doors on all its nearest sides.
    SELECT w.node_id, ST_Distance(geography(w.geom), geography(p_geom))
      FROM community._walk_nearest(p_geom) n
      JOIN community.walk_node w ON ST_DWithin(geography(w.geom), geography(p_geom), n.distance_m + CASE WHEN ST_Dimension(p_geom) = 0 THEN 0.001 ELSE 20 END);
END;
COMMENT ON FUNCTION community._walk_steps(geometry) IS 'List the nodes of the walking network next to a geometry and the metres to them. / 列出几何邻近的网络结点及距离。';

CREATE OR REPLACE FUNCTION community._walk_doors(p_class text, p_bounds double precision[], p_at date)
RETURNS TABLE (node_id bigint, distance_m double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT w.node_id, min(w.distance_m)
      FROM community._facility_classes(p_class) c
      JOIN community.facility f ON f.class = c.class AND f.valid @> p_at
       AND f.geom && ST_MakeEnvelope(p_bounds[1], p_bounds[2], p_bounds[3], p_bounds[4], 4326)
     CROSS JOIN LATERAL community._walk_steps(f.geom) w
     GROUP BY w.node_id;
END;
COMMENT ON FUNCTION community._walk_doors(text, double precision[], date) IS 'List the nodes next to the facilities of a class in a box and the metres to them. / 列出框内某类设施邻近的网络结点及距离。';

CREATE OR REPLACE FUNCTION community._walk_in(p_geom geometry, p_metres double precision, p_class text, p_day date)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, node_id bigint, step_m double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- No way is shorter than the straight line: what lies farther is out of reach.
    SELECT n.*, w.node_id, w.distance_m
      FROM community._facility_in(p_geom, p_metres, p_class, p_day) n
      JOIN community.facility f ON f.community_id = n.community_id AND f.facility_id = n.facility_id
     CROSS JOIN LATERAL community._walk_steps(f.geom) w;
END;
COMMENT ON FUNCTION community._walk_in(geometry, double precision, text, date) IS 'List facilities within metres of a geometry with the nodes of the walking network next to them. / 列出一定米数内的设施及其邻近的网络结点。';

CREATE OR REPLACE FUNCTION community._st_around(p_geom geometry, p_metres double precision)
RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT ARRAY[ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)]
          FROM ST_Expand(ST_Envelope(p_geom), p_metres / 110000 / greatest(cos(radians(ST_Y(ST_Centroid(p_geom)))), 0.01), p_metres / 110000) b);
COMMENT ON FUNCTION community._st_around(geometry, double precision) IS 'West, south, east and north in degrees of the box around a geometry, wider by metres. / 几何外包框外扩若干米后的西、南、东、北界（度）。';

CREATE OR REPLACE FUNCTION community._walk_pieces(p_geom geometry)
RETURNS TABLE (lon_a integer, lat_a integer, lon_b integer, lat_b integer)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT p.a, p.b, p.c, p.d
      FROM (SELECT lag(v.x) OVER w AS a, lag(v.y) OVER w AS b, v.x AS c, v.y AS d
              FROM (SELECT q.path[1:cardinality(q.path) - 1] AS line, q.path[cardinality(q.path)] AS i,
                           round(ST_X(q.geom) * 10000000)::integer AS x, round(ST_Y(q.geom) * 10000000)::integer AS y
                      FROM ST_DumpPoints(p_geom) q) v
            WINDOW w AS (PARTITION BY v.line ORDER BY v.i)) p
     WHERE p.a IS NOT NULL AND (p.a <> p.c OR p.b <> p.d);
END;
COMMENT ON FUNCTION community._walk_pieces(geometry) IS 'Cut lines into their straight pieces, ends in units of 1e-7 degree. / 将线切成直线段，端点单位为千万分之一度。';

CREATE OR REPLACE FUNCTION community._st_segment(p_lon_a integer, p_lat_a integer, p_lon_b integer, p_lat_b integer)
RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_SetSRID(ST_MakeLine(ST_MakePoint(p_lon_a / 10000000.0, p_lat_a / 10000000.0), ST_MakePoint(p_lon_b / 10000000.0, p_lat_b / 10000000.0)), 4326);
COMMENT ON FUNCTION community._st_segment(integer, integer, integer, integer) IS 'Draw a straight line between two points in units of 1e-7 degree. / 由两点（千万分之一度）生成线段。';

CREATE OR REPLACE FUNCTION community._st_length_m(p_geom geometry)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ST_Length(geography(p_geom));
COMMENT ON FUNCTION community._st_length_m(geometry) IS 'Length on the ellipsoid in metres. / 椭球长度（米）。';

CREATE OR REPLACE FUNCTION community._site_pairs(p_community_id bigint, p_at date, p_class text, p_radius double precision)
RETURNS TABLE (candidate integer, point integer, weight integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH demand AS MATERIALIZED (
        SELECT p.n::integer AS n, p.geom, p.residents
          FROM community._demand_points(p_community_id, p_at) p
         WHERE p.residents > 0
           AND NOT EXISTS (SELECT FROM community._facility_classes(p_class) c JOIN community.facility f ON f.class = c.class
                            WHERE ST_DWithin(geography(f.geom), geography(p.geom), p_radius) AND f.valid @> p_at)
    )
    SELECT NULL::integer, b.n, b.residents FROM demand b
    UNION ALL
    SELECT a.n, b.n, b.residents
      FROM demand a JOIN demand b ON ST_DWithin(geography(a.geom), geography(b.geom), p_radius);
END;
COMMENT ON FUNCTION community._site_pairs(bigint, date, text, double precision) IS 'Pair each uncovered demand point, as a site, with the uncovered points in its reach; site NULL lists every uncovered point. / 以未覆盖需求点为备选址，列出其半径内的未覆盖点；备选址为空列出全部未覆盖点。';

CREATE OR REPLACE FUNCTION community._duplicate_pairs(p_virtual bigint, p_at date, p_metres double precision, p_similarity double precision)
RETURNS TABLE (kind text, class text, community_id bigint, facility_id bigint, name text, other_community_id bigint, other_facility_id bigint, other_name text, distance_m double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH member AS MATERIALIZED (
        SELECT s.community_id FROM community._scope_communities(p_virtual, p_at) s
    ), radius AS MATERIALIZED (
        SELECT c.class, min(s.radius_m) AS radius_m
          FROM community.life_circle_standard s CROSS JOIN LATERAL community._facility_classes(s.class) c GROUP BY c.class
    ), pair AS (
        SELECT a.class, a.community_id, a.facility_id, a.name, b.community_id AS other_community_id, b.facility_id AS other_facility_id, b.name AS other_name,
               ST_Distance(geography(a.geom), geography(b.geom)) AS distance_m, community._facility_alikeness(a.name, b.name) AS alike, r.radius_m
          FROM member m
          JOIN community.facility a ON a.community_id = m.community_id AND a.valid @> p_at
          LEFT JOIN radius r ON r.class = a.class
          JOIN community.facility b ON b.class = a.class AND b.facility_id > a.facility_id AND b.valid @> p_at
           AND ST_DWithin(geography(a.geom), geography(b.geom), greatest(r.radius_m, p_metres))
         WHERE b.community_id IN (SELECT m2.community_id FROM member m2)
    )
    SELECT CASE WHEN p.distance_m <= p_metres AND p.alike >= p_similarity THEN 'same' ELSE 'redundant' END,
           p.class, p.community_id, p.facility_id, p.name, p.other_community_id, p.other_facility_id, p.other_name, p.distance_m
      FROM pair p
     WHERE (p.distance_m <= p_metres AND p.alike >= p_similarity) OR (p.community_id <> p.other_community_id AND p.distance_m <= p.radius_m)
     ORDER BY 1 DESC, p.distance_m, p.facility_id, p.other_facility_id;
END;
COMMENT ON FUNCTION community._duplicate_pairs(bigint, date, double precision, double precision) IS 'Pair facilities of one class in a scope that are the same or could stand in for each other. / 列出范围内同类且相同或可互相替代的设施对。';
