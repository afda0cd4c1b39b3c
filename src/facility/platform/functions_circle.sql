-- Life circles: who reaches what, what is lacking, where to build.

CREATE OR REPLACE FUNCTION community._care_problem(p_care jsonb)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF jsonb_typeof(p_care) <> 'object' THEN
        RETURN 'care is no object';
    END IF;
    RETURN (SELECT format('care: %s %s', c.key, c.value)
              FROM jsonb_each_text(p_care) c
             WHERE c.value IS NULL OR c.value !~ '^\d{1,8}$' OR NOT EXISTS (SELECT FROM community.care_kind k WHERE k.tag = c.key AND k.counted)
             ORDER BY 1 LIMIT 1);
END
$$;
COMMENT ON FUNCTION community._care_problem(jsonb) IS 'What is wrong with the persons by care tag of a row: no object, no number, or a tag that statistics do not count; NULL when nothing is. / 说明关怀标签人数有何错误，无误为空。';

CREATE OR REPLACE FUNCTION community.population_set(p_community_id bigint, p_rows jsonb, p_source text, p_as_of date DEFAULT CURRENT_DATE)
RETURNS TABLE (row_no integer, status text, reason text, detail text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_read record;
    d jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF jsonb_typeof(p_rows) IS DISTINCT FROM 'array' AND jsonb_typeof(p_rows -> 'features') IS DISTINCT FROM 'array' THEN
        PERFORM community.refuse('facility_rows_invalid');
    END IF;
    DELETE FROM community.population_point p WHERE p.community_id = p_community_id;
    FOR row_no, d IN SELECT x.row_no, x.doc FROM community._import_features(p_rows) x ORDER BY 1 LOOP
        status := 'refused'; reason := NULL; detail := NULL;
        SELECT * INTO v_read FROM community._geometry_read(d, COALESCE(d ->> 'datum', 'wgs84'));
        IF v_read.problem IS NOT NULL OR community._st_type(v_read.geom) <> 'POINT' THEN
            reason := 'geometry_invalid';
            detail := COALESCE(v_read.problem, 'a point is needed');
        ELSIF COALESCE(d ->> 'residents', '') !~ '^\d{1,8}$' OR COALESCE(d ->> 'households', '0') !~ '^\d{1,8}$' OR COALESCE(d ->> 'elderly', '0') !~ '^\d{1,8}$'
              OR COALESCE((d ->> 'elderly')::bigint, 0) > (d ->> 'residents')::bigint THEN
            reason := 'count_invalid';
            detail := format('%s residents, %s households, %s elderly', d ->> 'residents', d ->> 'households', d ->> 'elderly');
        ELSIF community._care_problem(d -> 'care') IS NOT NULL THEN
            reason := 'care_invalid';
            detail := community._care_problem(d -> 'care');
        ELSE
            INSERT INTO community.population_point (community_id, geom, residents, households, elderly, care, label, source, as_of)
            VALUES (p_community_id, v_read.geom, (d ->> 'residents')::integer, COALESCE((d ->> 'households')::integer, 0), COALESCE((d ->> 'elderly')::integer, 0),
                    COALESCE(d -> 'care', '{}'), d ->> 'label', p_source, p_as_of);
            status := 'added';
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.population_set(bigint, jsonb, text, date) IS 'Replace the population points of a community: rows with lon and lat (or geometry), residents, perhaps households, elderly, care (an object: persons by care tag), label, datum; every row answers added or refused with a reason. / 替换社区人口点，逐行返回结果。';

CREATE OR REPLACE FUNCTION community.walk_network_load(p_collection jsonb, p_origin text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_read record;
    v_edges bigint := 0;
    v_more bigint;
    d jsonb;
BEGIN
    IF jsonb_typeof(p_collection -> 'features') IS DISTINCT FROM 'array' THEN
        PERFORM community.refuse('facility_rows_invalid');
    END IF;
    DELETE FROM community.walk_edge e WHERE e.origin = p_origin;
    FOR d IN SELECT x.doc FROM community._import_features(p_collection) x ORDER BY x.row_no LOOP
        SELECT * INTO v_read FROM community._geometry_read(d, 'wgs84');
        CONTINUE WHEN v_read.problem IS NOT NULL OR community._st_type(v_read.geom) NOT IN ('LINESTRING', 'MULTILINESTRING');
        INSERT INTO community.walk_node (lon7, lat7, geom)
        SELECT c.lon, c.lat, community._st_point(c.lon / 10000000.0, c.lat / 10000000.0)
          FROM (SELECT s.lon_a AS lon, s.lat_a AS lat FROM community._walk_pieces(v_read.geom) s
                UNION SELECT s.lon_b, s.lat_b FROM community._walk_pieces(v_read.geom) s) c
        ON CONFLICT (lon7, lat7) DO NOTHING;
        INSERT INTO community.walk_edge (source, target, length_m, geom, origin)
        SELECT a.node_id, b.node_id, community._st_length_m(community._st_segment(s.lon_a, s.lat_a, s.lon_b, s.lat_b)),
               community._st_segment(s.lon_a, s.lat_a, s.lon_b, s.lat_b), p_origin
          FROM community._walk_pieces(v_read.geom) s
          JOIN community.walk_node a ON a.lon7 = s.lon_a AND a.lat7 = s.lat_a
          JOIN community.walk_node b ON b.lon7 = s.lon_b AND b.lat7 = s.lat_b;
        GET DIAGNOSTICS v_more = ROW_COUNT;
        v_edges := v_edges + v_more;
    END LOOP;
    DELETE FROM community.walk_node n
     WHERE NOT EXISTS (SELECT FROM community.walk_edge e WHERE e.source = n.node_id)
       AND NOT EXISTS (SELECT FROM community.walk_edge e WHERE e.target = n.node_id);
    RETURN v_edges;
END
$$;
COMMENT ON FUNCTION community.walk_network_load(jsonb, text) IS 'Load the walking network of an origin from GeoJSON lines (WGS84), replacing what came from it before; lines meet where they share a corner (1e-7 degree). Features without lines are passed over. Returns the edges. / 由 GeoJSON 线载入步行网络（替换同来源旧数据），共点处相连；返回边数。';

CREATE OR REPLACE FUNCTION community._walk_ready(p_bounds double precision[])
RETURNS text LANGUAGE sql STABLE
RETURN (SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE p.proname = 'pgr_drivingdistance'
           AND EXISTS (SELECT FROM community.walk_edge e WHERE community._st_meets_box(e.geom, p_bounds[1], p_bounds[2], p_bounds[3], p_bounds[4]))
         ORDER BY n.nspname LIMIT 1);
COMMENT ON FUNCTION community._walk_ready(double precision[]) IS 'Schema of pgRouting when it is there and a walking network is loaded in the box, else NULL. / 已装 pgRouting 且框内有步行网络时返回其模式，否则为空。';

CREATE OR REPLACE FUNCTION community._circle_network(p_community_id bigint, p_at date, p_margin double precision, OUT schema text, OUT bounds double precision[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    bounds := community._st_bounds(community._network_box(p_community_id, p_at, p_margin));
    IF bounds[1] IS NOT NULL AND community.setting_value('facility.circle_method', p_community_id) <> 'distance' THEN
        schema := community._walk_ready(bounds);
    END IF;
END
$$;
COMMENT ON FUNCTION community._circle_network(bigint, date, double precision) IS 'Schema of pgRouting when the ways of a community are measured along the walking network (else NULL: by distance), and the box of the network to take, wider than the homes by a margin in metres. / 按步行网络计量时 pgRouting 的模式（否则为空，按直线），及所取网络范围。';

CREATE OR REPLACE FUNCTION community._walk_reach(p_schema text, p_bounds double precision[], p_nodes bigint[], p_metres double precision)
RETURNS TABLE (source bigint, node bigint, distance_m double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_from name;
    v_sources bigint[];
    v_nodes bigint[];
    v_metres double precision[];
BEGIN
    IF COALESCE(cardinality(p_nodes), 0) = 0 THEN
        RETURN;
    END IF;
    -- pgRouting calls its own functions without their schema, and names the start by version.
    PERFORM set_config('search_path', format('pg_catalog, community, pg_temp, %I', p_schema), true);
    SELECT CASE WHEN bool_or('from_v' = ANY (p.proargnames)) THEN 'from_v' ELSE 'start_vid' END INTO v_from
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = p_schema AND p.proname = 'pgr_drivingdistance' AND p.proargtypes[1] = 'anyarray'::regtype;
    EXECUTE format('SELECT array_agg(d.%I), array_agg(d.node), array_agg(d.agg_cost) FROM %I.pgr_drivingDistance($1, $2, $3, false) d', v_from, p_schema)
       INTO v_sources, v_nodes, v_metres
      USING format('SELECT e.edge_id AS id, e.source, e.target, e.length_m AS cost, e.length_m AS reverse_cost
                     FROM community.walk_edge e
                    WHERE community._st_meets_box(e.geom, %s, %s, %s, %s)', p_bounds[1], p_bounds[2], p_bounds[3], p_bounds[4]),
            ARRAY(SELECT DISTINCT u FROM unnest(p_nodes) u), p_metres;
    RETURN QUERY SELECT u.* FROM unnest(v_sources, v_nodes, v_metres) u;
END
$$;
COMMENT ON FUNCTION community._walk_reach(text, double precision[], bigint[], double precision) IS 'List the nodes of the walking network within metres of each given node, along the network in a box (pgRouting). / 列出各起点沿步行网络一定米数内的结点（pgRouting）。';

CREATE OR REPLACE FUNCTION community._network_covered(p_schema text, p_bounds double precision[], p_class text, p_radius double precision, p_at date, p_points bigint[], p_nodes bigint[], p_steps double precision[])
RETURNS TABLE (n bigint, covered boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_doors bigint[];
    v_door_steps double precision[];
BEGIN
    SELECT array_agg(w.node_id), array_agg(w.distance_m) INTO v_doors, v_door_steps
      FROM community._walk_doors(p_class, p_bounds, p_at) w
     WHERE w.distance_m <= p_radius;
    RETURN QUERY
    SELECT p.n, COALESCE(r.reach + p.step <= p_radius, false)
      FROM unnest(p_points, p_nodes, p_steps) AS p(n, node, step)
      LEFT JOIN (SELECT w.node, min(w.distance_m + f.step) AS reach
                   FROM community._walk_reach(p_schema, p_bounds, v_doors, p_radius) w
                   JOIN unnest(v_doors, v_door_steps) AS f(door, step) ON f.door = w.source
                  GROUP BY w.node) r ON r.node = p.node;
END
$$;
COMMENT ON FUNCTION community._network_covered(text, double precision[], text, double precision, date, bigint[], bigint[], double precision[]) IS 'Tell for each point, given with its node and the straight step to it, whether a facility of a class lies within a radius along the walking network. / 按步行网络判断各点（附结点与直线步距）是否被某类设施覆盖。';

CREATE OR REPLACE FUNCTION community._circle_by_network(p_community_id bigint, p_at date, p_schema text, p_bounds double precision[])
RETURNS TABLE (circle smallint, class text, n bigint, covered boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_points bigint[];
    v_nodes bigint[];
    v_steps double precision[];
BEGIN
    SELECT array_agg(p.n), array_agg(w.node_id), array_agg(w.distance_m) INTO v_points, v_nodes, v_steps
      FROM community._demand_points(p_community_id, p_at) p CROSS JOIN LATERAL community._walk_nearest(p.geom) w;
    RETURN QUERY
    SELECT s.circle, s.class, c.n, c.covered
      FROM community.life_circle_standard s
     CROSS JOIN LATERAL community._network_covered(p_schema, p_bounds, s.class, s.radius_m, p_at, v_points, v_nodes, v_steps) c;
END
$$;
COMMENT ON FUNCTION community._circle_by_network(bigint, date, text, double precision[]) IS 'Tell for each standard and demand point whether a facility is within the radius along the walking network (pgRouting), with the straight steps to and from it. / 按步行网络距离（pgRouting）判断各需求点是否被覆盖，含上下网络的直线段。';

CREATE OR REPLACE FUNCTION community._circle_points(p_community_id bigint, p_at date)
RETURNS TABLE (circle smallint, class text, n bigint, covered boolean, method text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v record;
BEGIN
    SELECT * INTO v FROM community._circle_network(p_community_id, p_at, 2000);
    IF v.schema IS NULL THEN
        RETURN QUERY SELECT d.*, 'distance' FROM community._circle_by_distance(p_community_id, p_at) d;
    ELSE
        RETURN QUERY SELECT d.*, 'network' FROM community._circle_by_network(p_community_id, p_at, v.schema, v.bounds) d;
    END IF;
END
$$;
COMMENT ON FUNCTION community._circle_points(bigint, date) IS 'Tell for each standard and demand point whether it is covered, and by which method that was measured. / 各标准下各需求点是否被覆盖及计算方法。';

CREATE OR REPLACE FUNCTION community.life_circle(p_community_id bigint, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (circle smallint, class text, name text, radius_m integer, method text, basis text, residents bigint, covered bigint, share numeric, households bigint, households_covered bigint, elderly bigint, elderly_covered bigint, uncovered_cells text[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    RETURN QUERY
    SELECT s.circle, s.class, c.name_zh, s.radius_m, min(q.method), CASE WHEN bool_and(p.counted) THEN 'residents' ELSE 'area' END,
           sum(p.residents), COALESCE(sum(p.residents) FILTER (WHERE q.covered), 0),
           round(COALESCE(sum(p.residents) FILTER (WHERE q.covered), 0) / NULLIF(sum(p.residents), 0)::numeric, 4),
           sum(p.households), COALESCE(sum(p.households) FILTER (WHERE q.covered), 0),
           sum(p.elderly), COALESCE(sum(p.elderly) FILTER (WHERE q.covered), 0),
           COALESCE(array_agg(DISTINCT community.gridcell(community._st_lon(p.geom), community._st_lat(p.geom), 6)::text) FILTER (WHERE NOT q.covered AND p.residents > 0), '{}')
      FROM community._circle_points(p_community_id, p_at) q
      JOIN community._demand_points(p_community_id, p_at) p ON p.n = q.n
      JOIN community.life_circle_standard s ON s.circle = q.circle AND s.class = q.class
      JOIN community.facility_class c ON c.class = s.class
     GROUP BY s.circle, s.class, c.name_zh, s.radius_m
     ORDER BY s.circle DESC, s.class;
END
$$;
COMMENT ON FUNCTION community.life_circle(bigint, date) IS 'Measure the life circles of a community (with its members or what lies below it): per standard the residents, households and elderly who reach a facility within the radius, and the cells (level 6) of those who do not. basis says what was counted: residents, or area when no population is set (each cell of the unit grids counts 1). method says how: network along the loaded walking network when pgRouting is there, else distance as the crow flies, which flatters. / 评估生活圈：各标准下半径内可达设施的居民、户、老年人数及未覆盖格元；basis 为居民或面积，method 为步行网络或直线距离（偏乐观）。';

CREATE OR REPLACE FUNCTION community.life_circle_care(p_community_id bigint, p_tag text, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (circle smallint, class text, name text, radius_m integer, method text, persons bigint, covered bigint, share numeric, uncovered_cells text[], scattered bigint)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_least bigint := community.setting_int('facility.care_cell', p_community_id);
BEGIN
    PERFORM community.require_capability('care_circle', p_community_id);
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF NOT EXISTS (SELECT FROM community.care_kind k WHERE k.tag = p_tag AND k.counted) THEN
        PERFORM community.refuse('care_kind_unknown', p_tag);
    END IF;
    RETURN QUERY
    WITH cell AS (
        SELECT q.circle, q.class, q.method, q.covered, p.cell, sum(p.persons) AS persons
          FROM community._circle_points(p_community_id, p_at) q
          JOIN (SELECT d.n, (d.care ->> p_tag)::bigint AS persons, community.gridcell(community._st_lon(d.geom), community._st_lat(d.geom), 6)::text AS cell
                  FROM community._demand_points(p_community_id, p_at) d WHERE (d.care ->> p_tag)::bigint > 0) p ON p.n = q.n
         GROUP BY 1, 2, 3, 4, 5
    )
    SELECT s.circle, s.class, k.name_zh, s.radius_m, min(c.method), sum(c.persons)::bigint,
           COALESCE(sum(c.persons) FILTER (WHERE c.covered), 0)::bigint,
           round(COALESCE(sum(c.persons) FILTER (WHERE c.covered), 0) / sum(c.persons), 4),
           COALESCE(array_agg(c.cell ORDER BY c.cell) FILTER (WHERE NOT c.covered AND c.persons >= v_least), '{}'),
           COALESCE(sum(c.persons) FILTER (WHERE NOT c.covered AND c.persons < v_least), 0)::bigint
      FROM cell c
      JOIN community.life_circle_standard s ON s.circle = c.circle AND s.class = c.class
      JOIN community.facility_class k ON k.class = s.class
     GROUP BY s.circle, s.class, k.name_zh, s.radius_m
     ORDER BY s.circle DESC, s.class;
END
$$;
COMMENT ON FUNCTION community.life_circle_care(bigint, text, date) IS 'Measure the life circles of a community for the persons who bear a care tag (the elderly living alone, for example), as life_circle() does: per standard how many there are, how many reach a facility, their share, and the cells (level 6) of those who do not. Cells with fewer of them than the setting facility.care_cell are not listed; scattered counts the persons in those. No row where nobody with the tag is counted (population_feed() counts them). Needs the capability care_circle; refuses community_unknown and care_kind_unknown, also for tags that statistics do not count. / 按关怀标签（如独居老人）评估生活圈：各标准下人数、可达人数、比例及未覆盖格元；人数少于设定值的格元不列出，计入 scattered。须有 care_circle 权限。';

CREATE OR REPLACE FUNCTION community.facility_gap(p_community_id bigint, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (circle smallint, class text, name text, radius_m integer, method text, basis text, facilities bigint, uncovered bigint, share numeric, verdict text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_scope bigint[] := ARRAY(SELECT s.community_id FROM community._scope_communities(p_community_id, p_at) s);
BEGIN
    RETURN QUERY
    SELECT l.circle, l.class, l.name, l.radius_m, l.method, l.basis,
           (SELECT count(*)
              FROM community._facility_classes(l.class) c
              JOIN community.facility f ON f.class = c.class
             WHERE f.community_id = ANY (v_scope) AND f.valid @> p_at),
           l.residents - l.covered, l.share,
           CASE WHEN l.covered = 0 THEN 'missing' ELSE 'partial' END
      FROM community.life_circle(p_community_id, p_at) l
     WHERE l.covered < l.residents
     ORDER BY l.residents - l.covered DESC, l.circle, l.class;
END
$$;
COMMENT ON FUNCTION community.facility_gap(bigint, date) IS 'List what a community lacks by the life circle standards: missing (nobody reaches one) or partial, with the facilities in its own area and the people (or cells) without; worst first. / 按生活圈标准列出社区缺项：完全缺失或部分不足，附现有设施数与未覆盖人数，最严重者在前。';

CREATE OR REPLACE FUNCTION community._site_pairs_by_network(p_community_id bigint, p_at date, p_class text, p_radius double precision, p_schema text, p_bounds double precision[])
RETURNS TABLE (candidate integer, point integer, weight integer)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_points bigint[];
    v_nodes bigint[];
    v_steps double precision[];
    v_weights integer[];
BEGIN
    SELECT array_agg(p.n), array_agg(w.node_id), array_agg(w.distance_m), array_agg(p.residents) INTO v_points, v_nodes, v_steps, v_weights
      FROM community._demand_points(p_community_id, p_at) p CROSS JOIN LATERAL community._walk_nearest(p.geom) w
     WHERE p.residents > 0;
    SELECT array_agg(p.n), array_agg(p.node), array_agg(p.step), array_agg(p.weight) INTO v_points, v_nodes, v_steps, v_weights
      FROM unnest(v_points, v_nodes, v_steps, v_weights) AS p(n, node, step, weight)
      JOIN community._network_covered(p_schema, p_bounds, p_class, p_radius, p_at, v_points, v_nodes, v_steps) c ON c.n = p.n AND NOT c.covered;
    -- NULL stands for no site: it keeps points that no site reaches.
    RETURN QUERY
    SELECT NULL::integer, p.n::integer, p.weight FROM unnest(v_points, v_weights) AS p(n, weight)
    UNION ALL
    SELECT a.n::integer, b.n::integer, b.weight
      FROM community._walk_reach(p_schema, p_bounds, v_nodes, p_radius) r
      JOIN unnest(v_points, v_nodes, v_steps) AS a(n, node, step) ON a.node = r.source
      JOIN unnest(v_points, v_nodes, v_steps, v_weights) AS b(n, node, step, weight) ON b.node = r.node
     WHERE a.step + r.distance_m + b.step <= p_radius;
END
$$;
COMMENT ON FUNCTION community._site_pairs_by_network(bigint, date, text, double precision, text, double precision[]) IS 'Pair each uncovered demand point, as a site, with the uncovered points in its reach along the walking network, as life circles measure it; site NULL lists every uncovered point. / 沿步行网络列出各备选址可达的未覆盖点；备选址为空列出全部未覆盖点。';

CREATE OR REPLACE FUNCTION community.facility_site(p_community_id bigint, p_class text, p_n integer, p_radius double precision DEFAULT NULL, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (place integer, cell text, lon double precision, lat double precision, gain bigint, uncovered bigint, method text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_radius double precision := COALESCE(p_radius, (SELECT min(s.radius_m) FROM community.life_circle_standard s WHERE s.class = p_class));
    v record;
    v_candidates integer[];
    v_points integer[];
    v_weights integer[];
    v_best integer;
BEGIN
    PERFORM community._number_check('number of places', COALESCE(p_n, 0), 1), community._number_check('radius', p_radius, 0);
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_community_id) THEN
        PERFORM community.refuse('community_unknown', p_community_id::text);
    END IF;
    IF v_radius IS NULL OR NOT EXISTS (SELECT FROM community.facility_class c WHERE c.class = p_class) THEN
        PERFORM community.refuse('facility_class_unknown', p_class);
    END IF;
    SELECT * INTO v FROM community._circle_network(p_community_id, p_at, greatest(2000, 2 * v_radius));
    IF v.schema IS NULL THEN
        method := 'distance';
        SELECT array_agg(q.candidate), array_agg(q.point), array_agg(q.weight) INTO v_candidates, v_points, v_weights
          FROM community._site_pairs(p_community_id, p_at, p_class, v_radius) q;
    ELSE
        method := 'network';
        SELECT array_agg(q.candidate), array_agg(q.point), array_agg(q.weight) INTO v_candidates, v_points, v_weights
          FROM community._site_pairs_by_network(p_community_id, p_at, p_class, v_radius, v.schema, v.bounds) q;
    END IF;
    uncovered := COALESCE((SELECT sum(u.w) FROM unnest(v_candidates, v_points, v_weights) AS u(c, p, w) WHERE u.c IS NULL), 0);
    FOR i IN 1 .. p_n LOOP
        place := i;
        SELECT u.c, sum(u.w) INTO v_best, gain FROM unnest(v_candidates, v_points, v_weights) AS u(c, p, w)
         WHERE u.c IS NOT NULL GROUP BY u.c ORDER BY sum(u.w) DESC, u.c LIMIT 1;
        EXIT WHEN v_best IS NULL;
        uncovered := uncovered - gain;
        SELECT community._st_lon(d.geom), community._st_lat(d.geom) INTO lon, lat FROM community._demand_points(p_community_id, p_at) d WHERE d.n = v_best;
        cell := community.gridcell(lon, lat, 6)::text;
        RETURN NEXT;
        -- Points that the new one covers count no more.
        SELECT array_agg(u.c), array_agg(u.p), array_agg(u.w) INTO v_candidates, v_points, v_weights
          FROM unnest(v_candidates, v_points, v_weights) AS u(c, p, w)
         WHERE u.p NOT IN (SELECT x.p FROM unnest(v_candidates, v_points) AS x(c, p) WHERE x.c = v_best);
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.facility_site(bigint, text, integer, double precision, date) IS 'Say where n new facilities of a class would reach the most residents (or cells) now out of reach, with the radius of its standard or p_radius metres: greedy maximum coverage, which reaches at least 63 % (1 - 1/e) of what the best n of these places could. Sites are where people live; gain is what each adds, uncovered what is left after it; fewer rows when no place adds anything. method says how ways were measured, as in life_circle(): network or distance. Refuses an unknown community, an unknown class and a class without standard when no radius is given; 22023 for a number of places below 1 or a negative radius. / 求新建 n 处某类设施的最佳选址（贪心最大覆盖，至少达到最优的 63%）：gain 为新增覆盖，uncovered 为剩余未覆盖，method 为步行网络或直线距离，与 life_circle() 一致。';

CREATE OR REPLACE FUNCTION community.duplicate_facilities(p_virtual bigint, p_at date DEFAULT CURRENT_DATE)
RETURNS TABLE (kind text, class text, community_id bigint, facility_id bigint, name text, other_community_id bigint, other_facility_id bigint, other_name text, distance_m double precision)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.community c WHERE c.community_id = p_virtual) THEN
        PERFORM community.refuse('community_unknown', p_virtual::text);
    END IF;
    RETURN QUERY
    SELECT d.* FROM community._duplicate_pairs(p_virtual, p_at, community.setting_numeric('facility.duplicate_distance', p_virtual)::double precision,
                                               community.setting_numeric('facility.duplicate_similarity', p_virtual)::double precision) d;
END
$$;
COMMENT ON FUNCTION community.duplicate_facilities(bigint, date) IS 'List pairs of facilities of one class within a virtual community (or a district, a street): same (near and alike in name: recorded twice) or redundant (in different member communities, nearer than the service radius of the class: one could serve both); nearest first, metres. / 列出虚拟社区内的重复设施：same 为重复登记，redundant 为不同成员社区间服务半径重叠、可共享者。';

CREATE OR REPLACE FUNCTION community.life_circle_svg(p_community_id bigint, p_class text, p_at date DEFAULT CURRENT_DATE)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
SET jit = off AS $$
DECLARE
    v_circle record;
    v_scale record;
    v_title text;
BEGIN
    SELECT l.* INTO v_circle FROM community.life_circle(p_community_id, p_at) l WHERE l.class = p_class ORDER BY l.radius_m LIMIT 1;
    IF NOT FOUND THEN
        PERFORM community.refuse('life_circle_empty', p_community_id::text, p_class);
    END IF;
    SELECT s.* INTO v_scale FROM community._map_scale(p_community_id, p_at) s;
    SELECT format('%s · %s %s m · %s %% (%s, %s)', c.name, v_circle.name, v_circle.radius_m, round(100 * v_circle.share, 1), v_circle.basis, v_circle.method)
      INTO v_title FROM community.community c WHERE c.community_id = p_community_id;
    RETURN xmlelement(NAME svg, xmlattributes('http://www.w3.org/2000/svg' AS xmlns, format('0 0 %s %s', v_scale.width, v_scale.height) AS "viewBox", 'sans-serif' AS "font-family", '14' AS "font-size"),
        xmlelement(NAME rect, xmlattributes(v_scale.width AS width, v_scale.height AS height, 'white' AS fill)),
        xmlelement(NAME text, xmlattributes(10 AS x, 24 AS y, '16' AS "font-size"), v_title),
        (SELECT xmlagg(s.shape ORDER BY s.z) FROM community._circle_shapes(p_community_id, p_class, p_at) s),
        xmlelement(NAME text, xmlattributes(10 AS x, v_scale.height - 8 AS y, '#2a8c74' AS fill), 'reached 可达'),
        xmlelement(NAME text, xmlattributes(120 AS x, v_scale.height - 8 AS y, '#c4573a' AS fill), 'out of reach 未覆盖'),
        xmlelement(NAME text, xmlattributes(290 AS x, v_scale.height - 8 AS y, '#1d5f8a' AS fill), '● ' || v_circle.name))::text;
END
$$;
COMMENT ON FUNCTION community.life_circle_svg(bigint, text, date) IS 'Draw who reaches a facility of a class (with its smallest standard radius) and who does not, as one SVG picture 780 pixels wide with tool-tips; all text is escaped. Refuses a class without standard and a community without grids and people. / 绘制某类设施的覆盖图（SVG，宽 780 像素，带提示，文本已转义）；无标准或无网格与人口则拒绝。';
