-- Questions to facilities.

CREATE OR REPLACE FUNCTION community._special_days(p_at timestamptz, p_kind text)
RETURNS date[] LANGUAGE sql STABLE
RETURN ARRAY(SELECT c.day FROM community.calendar c
              WHERE c.calendar = community.setting_value('calendar') AND c.kind = p_kind
                AND c.day BETWEEN (p_at AT TIME ZONE 'UTC')::date - 15 AND (p_at AT TIME ZONE 'UTC')::date + 15);
COMMENT ON FUNCTION community._special_days(timestamptz, text) IS 'Holidays or shifted working days within fifteen days of an instant. / 某时刻前后十五天内的节假日或调休上班日。';

CREATE OR REPLACE FUNCTION community._place_asked(p_geom community.facility.geom%TYPE)
RETURNS community.shape LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_geom community.shape;
BEGIN
    IF p_geom IS NULL OR community._st_is_empty(p_geom) THEN
        RETURN NULL;
    END IF;
    v_geom := community._st_flat(community.from_datum(p_geom, 'wgs84'));
    IF NOT COALESCE(community._st_in_degrees(v_geom), false) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'coordinates are no degrees',
            DETAIL = 'Longitudes lie between -180 and 180, latitudes between -90 and 90.', HINT = 'Give degrees of WGS84 or CGCS2000.';
    END IF;
    RETURN v_geom;
END
$$;
COMMENT ON FUNCTION community._place_asked(community.facility.geom%TYPE) IS 'Take a place that a question names: SRID 4326 or 4490, flat and in degrees; NULL for NULL and for an empty geometry. 22023 for another SRID and for coordinates that are no degrees. / 读取提问中的位置：SRID 4326 或 4490 的经纬度；空几何得空，其他坐标系或越界报 22023。';

CREATE OR REPLACE FUNCTION community.facility_near(p_geom community.facility.geom%TYPE, p_class text DEFAULT NULL, p_k integer DEFAULT 5, p_within double precision DEFAULT NULL, p_open_at timestamptz DEFAULT NULL, p_free boolean DEFAULT false)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, open boolean, free integer)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_geom community.shape := community._place_asked(p_geom);
    v_holidays date[] := '{}';
    v_workdays date[] := '{}';
    v_reach double precision;
    v_found integer;
BEGIN
    PERFORM community._number_check('number of facilities', COALESCE(p_k, 0), 1), community._number_check('distance', p_within, 0);
    IF p_class IS NOT NULL AND NOT EXISTS (SELECT FROM community.facility_class c WHERE c.class = p_class) THEN
        PERFORM community.refuse('facility_class_unknown', p_class);
    END IF;
    IF p_open_at IS NOT NULL THEN
        v_holidays := community._special_days(p_open_at, 'holiday');
        v_workdays := community._special_days(p_open_at, 'workday');
    END IF;
    IF v_geom IS NULL THEN
        RETURN;
    END IF;
    -- The index orders by distance on a sphere, up to half a percent off: the
    -- k nearest on the ellipsoid lie within the farthest of the first k.
    SELECT max(n.distance_m), count(*) INTO v_reach, v_found
      FROM community._facility_nearest(v_geom, p_class, p_k, p_within, p_open_at, p_free, v_holidays, v_workdays, CURRENT_DATE) n;
    IF v_found = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT n.*
      FROM community._facility_nearest(v_geom, p_class, least(2 * p_k::bigint + 16, 2147483647)::integer, v_reach + 0.001, p_open_at, p_free, v_holidays, v_workdays, CURRENT_DATE) n
     ORDER BY n.distance_m, n.facility_id
     LIMIT p_k;
END
$$;
COMMENT ON FUNCTION community.facility_near(community.facility.geom%TYPE, text, integer, double precision, timestamptz, boolean) IS 'Find the k nearest facilities of a class and its sub-classes (NULL: any), at most p_within metres away, perhaps only those known to be open at an instant or with free capacity; metres on the ellipsoid to the nearest point of the facility. No row for NULL and for an empty geometry. Refuses an unknown class; 22023 for k below 1, negative metres, an SRID other than 4326 and 4490, and coordinates that are no degrees. / 查最近的 k 个设施，可限类别（含下级）、距离（米）、某时开放、有空余容量；距离为椭球面至设施最近点。';

CREATE OR REPLACE FUNCTION community.facility_within(p_geom community.facility.geom%TYPE, p_metres double precision DEFAULT NULL, p_class text DEFAULT NULL, p_minutes double precision DEFAULT NULL)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, distance_m double precision, lon double precision, lat double precision, method text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_geom community.shape := community._place_asked(p_geom);
    v_reach double precision := COALESCE(p_metres, p_minutes * community.setting_numeric('facility.walk_speed')::double precision, 0);
    v_bounds double precision[];
    v_schema text;
    v_nodes bigint[];
    v_steps double precision[];
BEGIN
    PERFORM community._number_check('distance', p_metres, 0), community._number_check('time', p_minutes, 0);
    IF p_class IS NOT NULL AND NOT EXISTS (SELECT FROM community.facility_class c WHERE c.class = p_class) THEN
        PERFORM community.refuse('facility_class_unknown', p_class);
    END IF;
    IF p_metres IS NULL AND p_minutes IS NOT NULL AND community.setting_value('facility.circle_method') <> 'distance' THEN
        v_bounds := community._st_around(v_geom, 2 * v_reach);
        v_schema := community._walk_ready(v_bounds);
    END IF;
    IF v_schema IS NULL THEN
        RETURN QUERY
        SELECT f.*, 'distance' FROM community._facility_in(v_geom, v_reach, p_class, CURRENT_DATE) f;
        RETURN;
    END IF;
    SELECT array_agg(w.node_id), array_agg(w.distance_m) INTO v_nodes, v_steps FROM community._walk_steps(v_geom) w;
    RETURN QUERY
    SELECT q.community_id, q.facility_id, q.class, q.name, q.way, q.lon, q.lat, 'network'
      FROM (SELECT f.community_id, f.facility_id, f.class, f.name, f.lon, f.lat,
                   CASE WHEN f.distance_m = 0 THEN 0 ELSE min(s.step + r.distance_m + f.step_m) END AS way
              FROM community._walk_in(v_geom, v_reach, p_class, CURRENT_DATE) f
              LEFT JOIN (community._walk_reach(v_schema, v_bounds, v_nodes, v_reach) r
                         JOIN unnest(v_nodes, v_steps) AS s(node, step) ON s.node = r.source) ON r.node = f.node_id
             GROUP BY f.community_id, f.facility_id, f.class, f.name, f.lon, f.lat, f.distance_m) q
     WHERE q.way <= v_reach
     ORDER BY q.way, q.facility_id;
END
$$;
COMMENT ON FUNCTION community.facility_within(community.facility.geom%TYPE, double precision, text, double precision) IS 'List facilities within metres of a place as the crow flies, or within minutes on foot (setting facility.walk_speed), nearest first; with neither, those that touch the geometry (an area). Minutes are walked along the network where pgRouting is installed and one is loaded around the place, as in life_circle(), else as the crow flies: method says network or distance, distance_m is measured so. No row for NULL and for an empty geometry. Refuses an unknown class; 22023 for negative metres or minutes, an SRID other than 4326 and 4490, and coordinates that are no degrees. / 列出一定米数内（直线）、步行若干分钟内（有网络时沿步行网络，否则直线，见 method）或区域内的设施，近者在前。';

CREATE OR REPLACE FUNCTION community.facility_search(p_text text, p_community_id bigint DEFAULT NULL, p_limit integer DEFAULT 20)
RETURNS TABLE (community_id bigint, facility_id bigint, class text, name text, similarity double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.community_id, f.facility_id, f.class, f.name, community._name_similarity(f.name, p_text)
      FROM community.facility f
     WHERE community.bigrams(f.name) @> community.bigrams(p_text)
       AND cardinality(community.bigrams(p_text)) > 0
       AND (p_community_id IS NULL OR f.community_id = p_community_id)
       AND f.valid @> CURRENT_DATE
     ORDER BY 5 DESC, f.name, f.facility_id
     LIMIT p_limit;
END;
COMMENT ON FUNCTION community.facility_search(text, bigint, integer) IS 'Find facilities whose name holds every pair of adjacent characters of a text, most similar first; two characters are enough for the index. / 按名称查设施：名称须含查询文本的全部相邻字对，两个字即可用索引。';

CREATE OR REPLACE FUNCTION community.facility_open(p_community_id bigint, p_facility_id bigint, p_at timestamptz DEFAULT now())
RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v record;
    v_hours int4multirange;
BEGIN
    SELECT f.weekly, c.tz INTO v
      FROM community.facility f JOIN community.community c ON c.community_id = f.community_id
     WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('facility_not_found', p_facility_id::text, p_community_id::text);
    END IF;
    SELECT x.hours INTO v_hours FROM community.facility_exception x
     WHERE x.community_id = p_community_id AND x.facility_id = p_facility_id AND x.day = (p_at AT TIME ZONE v.tz)::date;
    IF FOUND THEN
        RETURN v_hours @> (extract(hour FROM p_at AT TIME ZONE v.tz)::integer * 60 + extract(minute FROM p_at AT TIME ZONE v.tz)::integer);
    END IF;
    RETURN community.hours_open(p_at, v.weekly, v.tz, community._special_days(p_at, 'holiday'), community._special_days(p_at, 'workday'));
END
$$;
COMMENT ON FUNCTION community.facility_open(bigint, bigint, timestamptz) IS 'Tell whether a facility is open at an instant, by its exceptions, then its weekly hours and the public holidays; NULL when its hours are unknown. Refuses an unknown facility. / 判断设施某时是否开放：依特殊日、每周时段与节假日；时间未知为空。';

CREATE OR REPLACE FUNCTION community.facility_next_open(p_community_id bigint, p_facility_id bigint, p_at timestamptz DEFAULT now())
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v record;
    v_day date;
    v_at timestamptz := p_at;
    v_open timestamptz;
    v_hours int4multirange;
    v_minute integer;
BEGIN
    SELECT f.weekly, c.tz INTO v
      FROM community.facility f JOIN community.community c ON c.community_id = f.community_id
     WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('facility_not_found', p_facility_id::text, p_community_id::text);
    END IF;
    -- An exception replaces a whole local day; between exceptions the weekly
    -- hours answer, up to the next exception.
    FOR i IN 0 .. 400 LOOP
        v_day := (v_at AT TIME ZONE v.tz)::date;
        SELECT x.hours INTO v_hours FROM community.facility_exception x
         WHERE x.community_id = p_community_id AND x.facility_id = p_facility_id AND x.day = v_day;
        IF FOUND THEN
            v_minute := extract(hour FROM v_at AT TIME ZONE v.tz)::integer * 60 + extract(minute FROM v_at AT TIME ZONE v.tz)::integer;
            v_hours := v_hours * int4multirange(int4range(v_minute, 1440));
            IF NOT isempty(v_hours) THEN
                RETURN greatest(v_at, (v_day + make_interval(mins => lower(v_hours))) AT TIME ZONE v.tz);
            END IF;
            v_at := (v_day + 1)::timestamp AT TIME ZONE v.tz;
            CONTINUE;
        END IF;
        v_open := community.hours_next_open(v_at, v.weekly, v.tz, community._special_days(v_at, 'holiday'), community._special_days(v_at, 'workday'));
        -- Hours that are unknown or never open leave the exceptions.
        IF NOT EXISTS (
            SELECT FROM community.facility_exception x
             WHERE x.community_id = p_community_id AND x.facility_id = p_facility_id
               AND x.day > v_day AND (v_open IS NULL OR x.day <= (v_open AT TIME ZONE v.tz)::date)) THEN
            RETURN v_open;
        END IF;
        SELECT min(x.day)::timestamp AT TIME ZONE v.tz INTO v_at FROM community.facility_exception x
         WHERE x.community_id = p_community_id AND x.facility_id = p_facility_id AND x.day > v_day;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION community.facility_next_open(bigint, bigint, timestamptz) IS 'First instant from a time on at which a facility is open, by exceptions, weekly hours and holidays; NULL when unknown or never. Refuses an unknown facility. / 自某时起设施最早开放的时刻；未知或永不开放为空。';

CREATE OR REPLACE FUNCTION community.facility_set_occupied(p_community_id bigint, p_facility_id bigint, p_occupied integer)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_free integer;
BEGIN
    UPDATE community.facility f SET occupied = greatest(p_occupied, 0)
     WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id
    RETURNING f.capacity - f.occupied INTO v_free;
    IF NOT FOUND THEN
        PERFORM community.refuse('facility_not_found', p_facility_id::text, p_community_id::text);
    END IF;
    RETURN v_free;
END
$$;
COMMENT ON FUNCTION community.facility_set_occupied(bigint, bigint, integer) IS 'Note how many places of a facility are taken (below 0 counts as 0); returns the free ones, negative when over capacity, NULL when its capacity is unknown. / 记录占用数，返回空余数（可为负），容量未知为空。';

CREATE OR REPLACE FUNCTION community.facility_end(p_community_id bigint, p_facility_id bigint, p_until date DEFAULT CURRENT_DATE)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    UPDATE community.facility f
       SET valid = daterange(lower(f.valid), p_until)
     WHERE f.community_id = p_community_id AND f.facility_id = p_facility_id
       AND f.valid @> p_until AND (lower_inf(f.valid) OR lower(f.valid) < p_until);
    IF NOT FOUND THEN
        PERFORM community.refuse('facility_not_found', p_facility_id::text, p_community_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION community.facility_end(bigint, bigint, date) IS 'End a facility on a day, which is excluded; the record stays. / 自某日起（不含）终止设施，档案保留。';
