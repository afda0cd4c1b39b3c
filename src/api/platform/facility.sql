-- Facilities for apps: what is near, what is open, what is lacking.  Facilities
-- are public; of people only shares are told.

CREATE OR REPLACE FUNCTION community_api.facility_near(p_lon double precision, p_lat double precision, p_class text DEFAULT NULL, p_k integer DEFAULT 5,
    p_within double precision DEFAULT NULL, p_open_at timestamptz DEFAULT NULL, p_free boolean DEFAULT false)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, open boolean, free integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF (p_lon BETWEEN -180 AND 180 AND p_lat BETWEEN -90 AND 90) IS NOT TRUE THEN
        PERFORM community.refuse('coordinates_invalid', p_lon::text, p_lat::text);
    END IF;
    RETURN QUERY SELECT n.* FROM community.facility_near(community._st_point(p_lon, p_lat), p_class, CASE WHEN p_k > 100 THEN 100 ELSE p_k END, p_within, p_open_at, p_free) n;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.facility_near(double precision, double precision, text, integer, double precision, timestamptz, boolean) FROM PUBLIC;
COMMENT ON FUNCTION community_api.facility_near(double precision, double precision, text, integer, double precision, timestamptz, boolean) IS 'The k nearest facilities (at most 100) around a place in degrees of WGS84, as community.facility_near: of a class, within metres, open at an instant, with free capacity. Refuses coordinates_invalid, facility_class_unknown; 22023 for k below 1 or negative metres. / 查某位置最近的设施（至多 100 个）。';

CREATE OR REPLACE FUNCTION community_api.facility_within(p_lon double precision, p_lat double precision, p_metres double precision DEFAULT NULL, p_class text DEFAULT NULL, p_minutes double precision DEFAULT NULL)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, method text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF (p_lon BETWEEN -180 AND 180 AND p_lat BETWEEN -90 AND 90) IS NOT TRUE THEN
        PERFORM community.refuse('coordinates_invalid', p_lon::text, p_lat::text);
    END IF;
    RETURN QUERY
    SELECT n.* FROM community.facility_within(community._st_point(p_lon, p_lat), CASE WHEN p_metres > 5000 THEN 5000 ELSE p_metres END, p_class, CASE WHEN p_minutes > 60 THEN 60 ELSE p_minutes END) n
     ORDER BY n.distance_m, n.facility_id LIMIT 1000;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.facility_within(double precision, double precision, double precision, text, double precision) FROM PUBLIC;
COMMENT ON FUNCTION community_api.facility_within(double precision, double precision, double precision, text, double precision) IS 'Facilities within metres (at most 5000) or minutes on foot (at most 60) of a place in degrees of WGS84, nearest first, at most 1000; method says whether minutes were walked along the network or straight, as in community.facility_within. Refuses coordinates_invalid, facility_class_unknown; 22023 for negative metres or minutes. / 列出一定米数或步行分钟数内的设施。';

CREATE OR REPLACE FUNCTION community_api.facility_search(p_text text, p_community_id bigint DEFAULT NULL, p_limit integer DEFAULT 20)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._number_check('number of facilities', coalesce(p_limit, 0), 1);
    RETURN QUERY SELECT s.community_id, s.facility_id, s.class, s.name FROM community.facility_search(p_text, p_community_id, least(p_limit, 100)) s;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.facility_search(text, bigint, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.facility_search(text, bigint, integer) IS 'Facilities whose name holds every pair of adjacent characters of a text, most similar first, at most 100; two characters are enough. 22023 for a limit below 1. / 按名称查设施，两个字即可。';

CREATE OR REPLACE FUNCTION community_api.facility_get(p_community_id bigint, p_facility_id bigint, p_at timestamptz DEFAULT now())
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_open boolean;
BEGIN
    PERFORM community.module_require('facility', p_community_id);
    v_open := community.facility_open(p_community_id, p_facility_id, p_at);
    RETURN (SELECT jsonb_build_object('community_id', f.community_id, 'facility_id', f.facility_id, 'class', f.class, 'class_name', c.name_zh, 'name', f.name,
                                      'lon', community._st_lon(f.geom), 'lat', community._st_lat(f.geom), 'opening', f.opening, 'open', v_open,
                                      'next_open', community.facility_next_open(f.community_id, f.facility_id, p_at),
                                      'capacity', f.capacity, 'free', f.capacity - f.occupied, 'operator', f.operator, 'surveyed_at', f.surveyed_at)
              FROM community.facility f JOIN community.facility_class c ON c.class = f.class
             WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id);
END $$;
REVOKE EXECUTE ON FUNCTION community_api.facility_get(bigint, bigint, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION community_api.facility_get(bigint, bigint, timestamptz) IS 'One facility as an object: class, name, place, opening hours, whether it is open at an instant and when it opens next, capacity and free places; what is unknown is null. Refuses facility_not_found, module_off. / 读取设施：类别、名称、位置、开放时间、当前是否开放、下次开放、容量与空余。';

CREATE OR REPLACE FUNCTION community_api.facility_occupied(p_key uuid, p_community_id bigint, p_facility_id bigint, p_occupied integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_answer jsonb;
BEGIN
    PERFORM community.module_require('facility', p_community_id);
    PERFORM community.require_capability('facility_write', p_community_id);
    v_answer := community.api_once(p_key, 'facility_occupied', jsonb_build_array(p_community_id, p_facility_id, p_occupied));
    IF v_answer IS NULL THEN
        v_answer := coalesce(to_jsonb(community.facility_set_occupied(p_community_id, p_facility_id, p_occupied)), 'null');
        PERFORM community.api_answer(p_key, v_answer);
    END IF;
    RETURN (v_answer #>> '{}')::integer;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.facility_occupied(uuid, bigint, bigint, integer) FROM PUBLIC;
COMMENT ON FUNCTION community_api.facility_occupied(uuid, bigint, bigint, integer) IS 'Note how many places of a facility are taken and return the free ones, NULL when its capacity is unknown. The same p_key returns the first answer. Needs facility_write. Refuses facility_not_found, capability_missing, key_missing, key_reused, module_off. / 记录设施占用数，返回空余数；相同请求键返回首次结果。';

CREATE OR REPLACE FUNCTION community_api.life_circle(p_community_id bigint)
RETURNS TABLE (circle integer, class text, name text, radius_m integer, method text, basis text, share numeric, verdict text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._api_enter('facility', p_community_id);
    RETURN QUERY
    SELECT l.circle::integer, l.class, l.name, l.radius_m, l.method, l.basis,
           -- A share in full digits would tell how many live there.
           CASE WHEN l.residents >= 100 OR l.basis = 'area' THEN round(l.share, 2) ELSE round(l.share, 1) END,
           CASE WHEN l.covered = l.residents THEN 'met' WHEN l.covered = 0 THEN 'missing' ELSE 'partial' END
      FROM community.life_circle(p_community_id) l
     WHERE l.residents > 0
     ORDER BY l.circle DESC, l.class;
END $$;
REVOKE EXECUTE ON FUNCTION community_api.life_circle(bigint) FROM PUBLIC;
COMMENT ON FUNCTION community_api.life_circle(bigint) IS 'The life circles of a community of the caller today: for each standard the share of residents (or of the area, see basis) within its radius, rounded, and whether it is met, partial or missing; method says network or distance. Numbers of people are not told. Refuses community_unknown, module_off. / 本人社区生活圈各项标准的覆盖比例（取整）与结论，不给出人数。';
