-- Population from the register, at any day: rounded for analysts, exact by ticket.
-- Places are passed as arrays: a plan made without knowing how many there are
-- costs minutes, so these functions are planned anew each time.

CREATE OR REPLACE FUNCTION community._age_band_no(p_year integer, p_birth_year integer)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_birth_year > p_year - 6 THEN 1 WHEN p_birth_year > p_year - 15 THEN 2 WHEN p_birth_year > p_year - 18 THEN 3
            WHEN p_birth_year > p_year - 35 THEN 4 WHEN p_birth_year > p_year - 60 THEN 5 WHEN p_birth_year > p_year - 65 THEN 6
            WHEN p_birth_year > p_year - 80 THEN 7 WHEN p_birth_year IS NOT NULL THEN 8 ELSE 0 END;
COMMENT ON FUNCTION community._age_band_no(integer, integer) IS 'Number of the age band in a year, 0 when the year of birth is NULL; age counts in calendar years. / 某年所处年龄段序号，出生年未知为 0；按公历年计龄。';

CREATE OR REPLACE FUNCTION community.age_band(p_no integer)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ('{unknown,0-5,6-14,15-17,18-34,35-59,60-64,65-79,80+}'::text[])[p_no + 1];
COMMENT ON FUNCTION community.age_band(integer) IS 'Write an age band of population statistics: 0 unknown, then 0-5, 6-14, 15-17, 18-34, 35-59, 60-64, 65-79, 80+; NULL outside. The bands are fixed: a second division into bands would let differences of both be taken. / 人口统计年龄段；固定不变，以防两种分段相减泄露。';

CREATE OR REPLACE FUNCTION community._population_places(p_scope text, p_day date, OUT places bigint[], OUT grids bigint[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_area community.shape;
    v_mine bigint[] := community.my_communities();
BEGIN
    IF p_scope ~ '^\d{15}$' THEN
        SELECT array_agg(DISTINCT g.community_id), array_agg(g.grid_id) INTO places, grids
          FROM community.grid g
         WHERE g.code_key = p_scope::bigint AND g.kind = 'unit' AND g.community_id = ANY (v_mine);
    ELSIF p_scope ~ '^\d{12}$' AND EXISTS (SELECT FROM community.community c WHERE c.community_id = p_scope::bigint AND c.kind = 'virtual') THEN
        SELECT array_agg(m.community_id) INTO places
          FROM community.members_of(p_scope::bigint, p_day) m
         WHERE m.community_id = ANY (v_mine);
    ELSIF p_scope ~ '^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$' THEN
        SELECT array_agg(DISTINCT c.community_id) INTO places
          FROM community.community_code c
         WHERE c.code <@ p_scope::community.gridcode AND c.valid @> p_day AND c.community_id = ANY (v_mine);
    ELSIF p_scope ~ '^\s*\{' THEN
        BEGIN
            v_area := community._st_from_geojson(p_scope);
        EXCEPTION WHEN OTHERS THEN
            PERFORM community.refuse('population_scope');
        END;
        IF community._st_type(v_area) NOT IN ('POLYGON', 'MULTIPOLYGON') OR NOT community._st_is_valid(v_area) THEN
            PERFORM community.refuse('population_scope');
        END IF;
        SELECT array_agg(DISTINCT g.community_id), array_agg(g.grid_id) INTO places, grids
          FROM community.grid g
         WHERE g.kind = 'unit' AND g.community_id = ANY (v_mine) AND community._st_covers(v_area, community._st_anchor(g.geom));
    ELSE
        PERFORM community.refuse('population_scope');
    END IF;
    places := coalesce(places, '{}');
END
$$;
COMMENT ON FUNCTION community._population_places(text, date) IS 'Resolve a scope into communities, and unit grids when it does not mean whole communities (else NULL): a division or grid code, the number of a virtual community, or a GeoJSON polygon, taken as the whole unit grids whose inner point it covers. Only what the caller may see. Refuses population_scope. / 解析统计范围：区划或网格代码、虚拟社区编号、GeoJSON 多边形（按整格）；仅限可见社区。';

CREATE OR REPLACE FUNCTION community._population_cells(p_day date, p_places bigint[], p_grids bigint[], p_tags boolean)
RETURNS TABLE (place_id bigint, grid_id bigint, kind text, lives boolean, band integer, sex text, tags text[], n bigint, cell bigint)
LANGUAGE sql STABLE ROWS 50000
BEGIN ATOMIC
    SELECT r.place_id, r.grid_id, r.kind, r.lives, community._age_band_no(extract(year FROM p_day)::integer, r.birth_year), r.sex, t.tags,
           count(*), bit_xor(r.stat_key)
      FROM community.residence r
      LEFT JOIN (SELECT c.community_id, c.person_id, array_agg(c.tag ORDER BY c.tag) AS tags
                   FROM community.care_tag c JOIN community.care_kind k ON k.tag = c.tag AND k.counted
                  WHERE p_tags AND c.valid @> p_day AND c.suspended_by IS NULL
                  GROUP BY c.community_id, c.person_id) t
        ON t.community_id = r.community_id AND t.person_id = r.person_id
     WHERE r.valid @> p_day AND r.suspended_by IS NULL AND r.place_id = ANY (p_places)
       AND (p_grids IS NULL OR r.grid_id = ANY (p_grids))
     GROUP BY 1, 2, 3, 4, 5, 6, 7;
END;
COMMENT ON FUNCTION community._population_cells(date, bigint[], bigint[], boolean) IS 'Count residences on a day in the finest cells (grid, kind, lived at, age band, sex, set of tags), with the key of each group: the exclusive or of its members'' random numbers. Exact: callers round or audit. / 按最细单元统计当日居住人数及组键（精确值，由调用者取整或审计）。';

CREATE OR REPLACE FUNCTION community._population_rounded(p_day date, p_places bigint[], p_grids bigint[])
RETURNS TABLE (place_id bigint, grid_id bigint, kind text, lives boolean, band integer, sex text, tags text[], persons bigint)
LANGUAGE plpgsql STABLE ROWS 50000
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_base bigint := greatest(community.setting_int('report.population_k'), 1);
    v_secret bytea := (SELECT h FROM unnest(community.blind_index_all('rounding', 'population')) h ORDER BY h LIMIT 1);
BEGIN
    RETURN QUERY
    SELECT s.place_id, s.grid_id, s.kind, s.lives, s.band, s.sex, s.tags, s.persons
      FROM (SELECT c.*, c.n / v_base * v_base
                        + CASE WHEN c.n % v_base = 0 THEN 0
                               WHEN ('x' || encode(substr(sha256(v_secret || int8send(c.cell) || int8send(c.n)), 1, 4), 'hex'))::bit(32)::bigint % v_base
                                    < c.n % v_base THEN v_base ELSE 0 END AS persons
              FROM community._population_cells(p_day, p_places, p_grids, true) c) s
     WHERE s.persons > 0;
END
$$;
COMMENT ON FUNCTION community._population_rounded(date, bigint[], bigint[]) IS 'Round each finest cell to a multiple of the setting report.population_k, up or down as a keyed hash of its members draws, so that the mean is true and one group always gets one answer. Every published number is a sum of such cells: the published table could itself be the truth, and in it no group is smaller than k, so no combination of answers proves a smaller one. / 将最细单元按组键的密钥哈希取整为 k 的倍数（期望无偏、同组同值）；一切公布值均为其和，任何组合都不能证明小于 k 的组。';

CREATE OR REPLACE FUNCTION community._population_by(p_by text[])
RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF NOT coalesce(p_by, '{}') <@ '{community,grid,age_band,sex,residence_kind,care_tag}' THEN
        PERFORM community.refuse('population_by');
    END IF;
    RETURN coalesce(p_by, '{}');
END
$$;
COMMENT ON FUNCTION community._population_by(text[]) IS 'Check the dimensions of a population table, NULL being none. Refuses population_by. / 校验人口表维度，空即无维度。';

CREATE OR REPLACE FUNCTION community.population_asof(p_day date, p_scope text, p_by text[] DEFAULT '{}', p_k integer DEFAULT NULL)
RETURNS TABLE (community_id bigint, grid_code text, age_band text, sex text, residence_kind text, care_tag text, persons bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_where record;
    v_by text[] := community._population_by(p_by);
    v_k bigint := greatest(p_k, community.setting_int('report.population_k'), 1);
    v_kinds boolean := 'residence_kind' = ANY (v_by);
BEGIN
    IF p_day IS NULL OR NOT isfinite(p_day) OR p_day >= CURRENT_DATE OR extract(day FROM p_day + 1) <> 1 THEN
        PERFORM community.refuse('population_day');
    END IF;
    SELECT * INTO v_where FROM community._population_places(p_scope, p_day);
    RETURN QUERY
    SELECT CASE WHEN 'community' = ANY (v_by) OR 'grid' = ANY (v_by) THEN r.place_id END,
           CASE WHEN 'grid' = ANY (v_by) THEN coalesce(g.code::text, 'unknown') END,
           CASE WHEN 'age_band' = ANY (v_by) THEN community.age_band(r.band) END,
           CASE WHEN 'sex' = ANY (v_by) THEN r.sex END,
           CASE WHEN v_kinds THEN r.kind END,
           t.tag,
           sum(r.persons)::bigint
      FROM community._population_rounded(p_day, v_where.places, v_where.grids) r
      LEFT JOIN community.grid g ON 'grid' = ANY (v_by) AND g.community_id = r.place_id AND g.grid_id = r.grid_id
      LEFT JOIN LATERAL unnest(coalesce(r.tags, '{none}')) AS t (tag) ON 'care_tag' = ANY (v_by)
     WHERE v_kinds OR r.lives
     GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(r.persons) >= v_k
     ORDER BY 1, 2, 3, 4, 5, 6;
    IF NOT FOUND AND v_by = '{}' THEN
        persons := 0;
        RETURN NEXT;
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION community.population_asof(date, text, text[], integer) FROM PUBLIC;
COMMENT ON FUNCTION community.population_asof(date, text, text[], integer) IS 'Population on the last day of a month that is over, from the register as it knows that day: people who live in the scope, or by residence_kind all who are registered, stay or work there. p_scope: division code (2 to 12 digits), grid code (15), number of a virtual community, or a GeoJSON polygon (whole unit grids); p_by: community, grid, age_band, sex, residence_kind, care_tag (people with several tags count under each). Numbers are rounded to multiples of the setting report.population_k, one group always alike; groups below greatest(p_k, setting) are left out, a total without dimensions is then 0. Only communities of the caller. Refuses population_day, population_scope, population_by; 55000 without a key ring. / 月末人口统计（由登记库按当日状态得出，结果取整，小于 k 的组不列出）。';

CREATE OR REPLACE FUNCTION community.population_exact(p_ticket_id bigint)
RETURNS TABLE (status text, community_id bigint, grid_code text, age_band text, sex text, residence_kind text, care_tag text, persons bigint)
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_ticket community.access_ticket;
    v_status text;
    v_where record;
    v_by text[];
    v_day date;
    v_scope text;
    v_rows bigint := 0;
    v_area community.shape;
    v_kinds boolean;
BEGIN
    SELECT * INTO v_ticket FROM community.access_ticket t WHERE t.ticket_id = p_ticket_id AND t.actor = community.actor();
    v_status := community._access_status(v_ticket, 'count');
    IF v_status = 'ok' AND NOT community.has_capability('purpose_' || v_ticket.purpose, v_ticket.community_id) THEN
        v_status := 'capability_missing';
    END IF;
    IF v_status <> 'ok' THEN
        status := v_status;
        RETURN NEXT;
    ELSE
        v_by := community._population_by(ARRAY(SELECT jsonb_array_elements_text(v_ticket.doc -> 'by')));
        v_day := coalesce((v_ticket.doc ->> 'day')::date, CURRENT_DATE);
        v_scope := coalesce(v_ticket.doc ->> 'scope', v_ticket.community_id::text);
        v_kinds := 'residence_kind' = ANY (v_by);
        SELECT * INTO v_where FROM community._population_places(v_scope, v_day);
        -- The ticket speaks for one community and what lies below it.
        v_where.places := ARRAY(SELECT p FROM unnest(v_where.places) p
                                 WHERE community.has_capability('purpose_' || v_ticket.purpose, p));
        IF v_scope ~ '^\s*\{' THEN
            v_area := community._st_from_geojson(v_scope);
        END IF;
        RETURN QUERY
        SELECT 'ok', CASE WHEN 'community' = ANY (v_by) OR 'grid' = ANY (v_by) THEN r.place_id END,
               CASE WHEN 'grid' = ANY (v_by) THEN coalesce(g.code::text, 'unknown') END,
               CASE WHEN 'age_band' = ANY (v_by) THEN community.age_band(community._age_band_no(extract(year FROM v_day)::integer, r.birth_year)) END,
               CASE WHEN 'sex' = ANY (v_by) THEN r.sex END,
               CASE WHEN v_kinds THEN r.kind END,
               CASE WHEN 'care_tag' = ANY (v_by) THEN coalesce(t.tag, 'none') END,
               count(*)
          FROM community.residence r
          LEFT JOIN community.grid g ON g.community_id = r.place_id AND g.grid_id = r.grid_id
          LEFT JOIN community.address a ON v_area IS NOT NULL AND a.community_id = r.place_id AND a.address_id = r.address_id
          LEFT JOIN community.care_tag t ON 'care_tag' = ANY (v_by) AND t.community_id = r.community_id AND t.person_id = r.person_id
               AND t.valid @> v_day AND t.suspended_by IS NULL
               AND EXISTS (SELECT FROM community.care_kind k WHERE k.tag = t.tag AND k.counted)
         WHERE r.valid @> v_day AND r.suspended_by IS NULL AND (v_kinds OR r.lives)
           AND CASE WHEN v_area IS NOT NULL
                    THEN r.place_id IN (SELECT c.community_id FROM community.community c WHERE community.has_capability('purpose_' || v_ticket.purpose, c.community_id))
                         AND community._st_covers(v_area, coalesce(a.geom, community._st_anchor(g.geom)))
                    ELSE r.place_id = ANY (v_where.places) AND (v_where.grids IS NULL OR r.grid_id = ANY (v_where.grids)) END
         GROUP BY 2, 3, 4, 5, 6, 7
         ORDER BY 2, 3, 4, 5, 6, 7;
        GET DIAGNOSTICS v_rows = ROW_COUNT;
    END IF;
    IF v_status NOT IN ('access_standby', 'ticket_unknown') THEN
        INSERT INTO community.access_log (community_id, actor, purpose, object, action, status, ticket_id, rows)
        VALUES (v_ticket.community_id, v_ticket.actor, v_ticket.purpose, v_ticket.object, 'read', v_status, v_ticket.ticket_id, v_rows);
    END IF;
END
$$;
COMMENT ON FUNCTION community.population_exact(bigint) IS 'Exact population with a committed ticket on population/<community> (purpose with the field count), for the day, scope and by in its document: any day, and polygons to the very address, or the inner point of the grid where the address is unknown. status as access_read() says it. Refuses population_scope, population_by. / 凭已提交的计数凭单返回精确人口（任意日期、任意多边形），逐次留痕。';

CREATE OR REPLACE FUNCTION community.population_store(p_day date)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    IF p_day IS NULL OR NOT isfinite(p_day) OR p_day >= CURRENT_DATE OR extract(day FROM p_day + 1) <> 1 THEN
        PERFORM community.refuse('population_day');
    END IF;
    -- What was published first stays: a second rounding of a corrected group would tell more.
    INSERT INTO community.rollup_population (community_id, day, grid_id, residence_kind, lives, age_band, sex, persons)
    SELECT r.place_id, p_day, coalesce(r.grid_id, 0), r.kind, r.lives, community.age_band(r.band), r.sex, sum(r.persons)::integer
      FROM community._population_rounded(p_day, ARRAY(SELECT c.community_id FROM community.community c
                WHERE NOT EXISTS (SELECT FROM community.rollup_population o WHERE o.community_id = c.community_id AND o.day = p_day)), NULL) r
     GROUP BY 1, 2, 3, 4, 5, 6, 7;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community.population_store(date) IS 'Keep the rounded population of a month end for BI tools, for communities that have none of that day; returns the rows. Refuses population_day. / 保存某月末取整人口供 BI 使用，已存者不变；返回行数。';

CREATE OR REPLACE FUNCTION community._job_population(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_day date := (date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai'))::date - 1;
BEGIN
    -- Five days for late entries, and nothing to do without people.
    IF (p_now AT TIME ZONE 'Asia/Shanghai')::date < v_day + 6 OR v_day >= CURRENT_DATE
       OR NOT EXISTS (SELECT FROM community.residence)
       OR EXISTS (SELECT FROM community.rollup_population o WHERE o.day = v_day) THEN
        RETURN 0;
    END IF;
    RETURN community.population_store(v_day);
END
$$;
COMMENT ON FUNCTION community._job_population(timestamptz) IS 'Job report.population: keep the population of the month that ended, from its sixth day after. / 作业 report.population：月末后第六日起保存上月末人口。';

CREATE OR REPLACE FUNCTION community.population_feed(p_community_id bigint, p_day date DEFAULT CURRENT_DATE)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_k bigint := greatest(community.setting_int('report.population_k', p_community_id), 1);
    v_rows jsonb;
    v_done bigint;
BEGIN
    PERFORM community.require_capability('population_feed', p_community_id);
    WITH stay AS MATERIALIZED (
        SELECT r.community_id, r.person_id, coalesce(r.grid_id, a.grid_id) AS grid_id, a.geom AS door, r.birth_year <= extract(year FROM p_day) - 60 AS elderly
          FROM community.residence r
          LEFT JOIN community.address a ON a.community_id = r.place_id AND a.address_id = r.address_id
         WHERE r.place_id = p_community_id AND r.lives AND r.valid @> p_day AND r.suspended_by IS NULL
    ), tally AS (
        SELECT s.grid_id, s.door, count(*) AS residents, count(*) FILTER (WHERE s.elderly) AS elderly, 0 AS households FROM stay s GROUP BY 1, 2
        UNION ALL
        SELECT coalesce(h.grid_id, a.grid_id), a.geom, 0, 0, count(*)
          FROM community.household h
          LEFT JOIN community.address a ON a.community_id = h.community_id AND a.address_id = h.address_id
         WHERE h.community_id = p_community_id AND h.valid @> p_day
         GROUP BY 1, 2
    ), tagged AS (
        SELECT s.grid_id, s.door, c.tag, count(*) AS persons
          FROM stay s
          JOIN community.care_tag c ON c.community_id = s.community_id AND c.person_id = s.person_id AND c.valid @> p_day AND c.suspended_by IS NULL
          JOIN community.care_kind k ON k.tag = c.tag AND k.counted
         GROUP BY 1, 2, 3
    ), place AS (
        -- Doors with few people, and few of a tag, are told no finer than their grid.
        SELECT t.grid_id, CASE WHEN sum(t.residents) >= v_k THEN t.door END AS door, sum(t.residents) AS residents, sum(t.households) AS households, sum(t.elderly) AS elderly,
               NULL AS tag, 0 AS persons
          FROM tally t GROUP BY t.grid_id, t.door
        UNION ALL
        SELECT t.grid_id, CASE WHEN t.persons >= v_k THEN t.door END, 0, 0, 0, t.tag, t.persons FROM tagged t
    ), spot AS (
        SELECT coalesce(p.door, community._st_anchor(g.geom)) AS geom, sum(p.residents) AS residents, sum(p.households) AS households, sum(p.elderly) AS elderly, p.tag, sum(p.persons) AS persons
          FROM place p
          LEFT JOIN community.grid g ON g.community_id = p_community_id AND g.grid_id = p.grid_id
         WHERE p.door IS NOT NULL OR g.grid_id IS NOT NULL
         GROUP BY 1, p.tag
    ), point AS (
        SELECT s.geom, sum(s.residents) AS residents, sum(s.households) AS households, sum(s.elderly) AS elderly,
               coalesce(jsonb_object_agg(s.tag, s.persons) FILTER (WHERE s.tag IS NOT NULL), '{}') AS care
          FROM spot s GROUP BY 1
    )
    SELECT jsonb_agg(jsonb_build_object('lon', community._st_lon(p.geom), 'lat', community._st_lat(p.geom),
                                        'residents', p.residents, 'households', p.households, 'elderly', p.elderly, 'care', p.care))
      INTO v_rows FROM point p;
    SELECT count(*) FILTER (WHERE s.status = 'added') INTO v_done
      FROM community.population_set(p_community_id, coalesce(v_rows, '[]'), 'register', p_day) s;
    RETURN v_done;
END
$$;
COMMENT ON FUNCTION community.population_feed(bigint, date) IS 'Count who lives where on a day into the population points that life circles, gaps and sites are measured on: residents, households, people of 60 and more and bearers of care tags that are counted, by building, or by grid where fewer than report.population_k live (or bear the tag); people of neither such a building nor a grid are left out. Returns the points. Needs the capability population_feed. / 将登记库中的居民、户、老年人数写入生活圈人口点（按楼栋，人数过少按网格）；返回点数。';
