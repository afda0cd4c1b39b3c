-- Patrols: tracks as they come in, grids really covered, what was missed, load.

CREATE OR REPLACE FUNCTION community.patrol_track(p_community_id bigint, p_worker text, p_fixes jsonb)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    PERFORM community.require_capability('grid_worker', p_community_id);
    IF p_worker IS DISTINCT FROM community.actor() THEN
        PERFORM community.require_capability('act_for', p_community_id);
    END IF;
    IF jsonb_typeof(p_fixes) IS DISTINCT FROM 'array' THEN
        PERFORM community.refuse('track_invalid', left(p_fixes::text, 60));
    END IF;
    -- A position that comes again is not counted again.
    BEGIN
        WITH fix AS (
            SELECT f.at, f.lon, f.lat, g.grid_id, community.local_day(f.at, c.tz) AS day
              FROM community.community c
             CROSS JOIN jsonb_to_recordset(p_fixes) AS f (at timestamptz, lon double precision, lat double precision)
              LEFT JOIN LATERAL (SELECT l.grid_id FROM community.grid_locate(f.lon, f.lat, community.local_day(f.at, c.tz), 'unit') l
                                  WHERE l.community_id = p_community_id) g ON true
             WHERE c.community_id = p_community_id
        ), kept AS (
            INSERT INTO community.patrol_track AS t (community_id, worker, at, lon, lat, grid_id)
            SELECT p_community_id, p_worker, f.at, f.lon, f.lat, f.grid_id FROM fix f
            ON CONFLICT (community_id, worker, at) DO NOTHING
            RETURNING t.at, t.grid_id
        ), visited AS (
            INSERT INTO community.patrol_visit AS v (community_id, grid_id, worker, day, first_at, last_at, fixes)
            SELECT p_community_id, k.grid_id, p_worker, f.day, min(k.at), max(k.at), count(DISTINCT k.at)
              FROM kept k JOIN fix f ON f.at = k.at
             WHERE k.grid_id IS NOT NULL
             GROUP BY k.grid_id, f.day
             ORDER BY k.grid_id, f.day
            ON CONFLICT (community_id, grid_id, worker, day) DO UPDATE
               SET first_at = least(v.first_at, EXCLUDED.first_at), last_at = greatest(v.last_at, EXCLUDED.last_at),
                   fixes = v.fixes + EXCLUDED.fixes
        )
        SELECT count(*) INTO v_rows FROM kept;
    EXCEPTION WHEN data_exception OR not_null_violation THEN
        PERFORM community.refuse('track_invalid', left(p_fixes::text, 60));
    END;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community.patrol_track(bigint, text, jsonb) IS 'Take in positions of a grid worker (a list of objects with at, lon, lat) and note the grids he was in; returns how many were new. Needs grid_worker, for another act_for. Refuses capability_missing, track_invalid. / 接收巡查轨迹并记录到访网格，返回新增定位数。';

CREATE OR REPLACE FUNCTION community.patrol_coverage(p_community_id bigint, p_from date, p_to date)
RETURNS TABLE (grid_id bigint, grid_code text, planned boolean, visits bigint, workers bigint, last_at timestamptz, covered boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.grid_id, g.code::text,
           EXISTS (SELECT FROM community.patrol_plan p
                    WHERE p.community_id = g.community_id AND p.grid_id = g.grid_id AND p.valid && daterange(p_from, p_to, '[]')),
           v.visits, v.workers, v.last_at, v.visits > 0
      FROM community.grid g
     CROSS JOIN LATERAL (SELECT count(*) AS visits, count(DISTINCT x.worker) AS workers, max(x.last_at) AS last_at
                           FROM community.patrol_visit x
                          WHERE x.community_id = g.community_id AND x.grid_id = g.grid_id AND x.day BETWEEN p_from AND p_to
                            AND x.fixes >= community.setting_int('patrol_min_fixes', p_community_id)) v
     WHERE g.community_id = p_community_id AND g.kind = 'unit' AND g.valid && daterange(p_from, p_to, '[]')
     ORDER BY g.code;
END;
COMMENT ON FUNCTION community.patrol_coverage(bigint, date, date) IS 'Unit grids of a community over some days: planned or not, days with a visit, and whether it was covered at all. / 期间各单元网格是否计划、到访次数与覆盖情况。';

CREATE OR REPLACE FUNCTION community.patrol_overdue(p_community_id bigint, p_at timestamptz)
RETURNS TABLE (worker text, grid_id bigint, grid_code text, revisit interval, last_at timestamptz, late interval) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.worker, p.grid_id, g.code::text, p.revisit, v.last_at,
           p_at - (COALESCE(v.last_at, lower(p.valid)::timestamp AT TIME ZONE c.tz) + p.revisit)
      FROM community.patrol_plan p
      JOIN community.community c ON c.community_id = p.community_id
      JOIN community.grid g ON g.community_id = p.community_id AND g.grid_id = p.grid_id
     CROSS JOIN LATERAL (SELECT max(x.last_at) AS last_at FROM community.patrol_visit x
                          WHERE x.community_id = p.community_id AND x.grid_id = p.grid_id AND x.worker = p.worker AND x.last_at <= p_at
                            AND x.fixes >= community.setting_int('patrol_min_fixes', p_community_id)) v
     WHERE p.community_id = p_community_id AND p.valid @> community.local_day(p_at, c.tz)
       AND COALESCE(v.last_at, lower(p.valid)::timestamp AT TIME ZONE c.tz, '-infinity') + p.revisit < p_at
     ORDER BY 6 DESC NULLS FIRST, g.code, p.worker;
END;
COMMENT ON FUNCTION community.patrol_overdue(bigint, timestamptz) IS 'Planned grids whose last visit is longer ago than the plan allows; late is NULL where no visit and no beginning is known. / 超过巡查周期未到访的计划网格。';

CREATE OR REPLACE FUNCTION community.patrol_missed(p_community_id bigint, p_from timestamptz, p_to timestamptz)
RETURNS TABLE (case_id bigint, case_no text, case_type text, grid_code text, worker text, visited_at timestamptz, reported_at timestamptz) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.case_id, f.case_no, f.case_type, f.grid_code::text, v.worker, v.last_at, f.reported_at
      FROM community.case_file f
      JOIN community.case_channel h ON h.channel = f.channel AND NOT h.collected
      JOIN community.case_type t ON t.case_type = f.case_type AND t.kind IN ('component', 'event')
      JOIN community.patrol_plan p ON p.community_id = f.community_id AND p.grid_id = f.grid_id
      JOIN community.patrol_visit v
        ON v.community_id = f.community_id AND v.grid_id = f.grid_id AND v.worker = p.worker AND p.valid @> v.day
       AND v.last_at <= f.reported_at AND v.last_at > f.reported_at - p.revisit
       AND v.fixes >= community.setting_int('patrol_min_fixes', p_community_id)
     WHERE f.community_id = p_community_id AND f.reported_at >= p_from AND f.reported_at < p_to AND f.filed_at IS NOT NULL
     ORDER BY f.reported_at, f.case_id, v.last_at;
END;
COMMENT ON FUNCTION community.patrol_missed(bigint, timestamptz, timestamptz) IS 'Filed events and components that others reported although the planned worker had been in the grid within his revisit time: what patrol missed. / 漏报：网格员周期内到访过、却由他人上报的立案事件与部件。';

CREATE OR REPLACE FUNCTION community.patrol_load(p_community_id bigint, p_day date)
RETURNS TABLE (worker text, grids bigint, open_cases bigint, case_cap integer, over_cap boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.worker, count(*), sum(n.n)::bigint, min(p.case_cap), sum(n.n) > min(p.case_cap)
      FROM community.patrol_plan p
     CROSS JOIN LATERAL (SELECT count(*) AS n FROM community.case_file f
                           JOIN community.case_state s ON s.state = f.state AND s.is_open
                          WHERE f.community_id = p.community_id AND f.grid_id = p.grid_id) n
     WHERE p.community_id = p_community_id AND p.valid @> p_day
     GROUP BY p.worker
     ORDER BY sum(n.n) DESC, p.worker;
END;
COMMENT ON FUNCTION community.patrol_load(bigint, date) IS 'Load of each grid worker with a plan on a day: his grids, the open cases in them now, his cap and whether he is over it. / 网格员负荷：网格数、在办案卷、上限与是否超限。';

CREATE OR REPLACE FUNCTION community._casework_late_health()
RETURNS TABLE (severity text, subject text, detail text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn'::text, 'late stages'::text, format('%s cases wait in a stage beyond its limit, the longest since %s', count(*), min(f.stage_due))
      FROM community.case_file f
     WHERE f.stage_due < now()
    HAVING count(*) > 0
    UNION ALL
    SELECT 'warn', 'overload', format('grid worker %s of community %s has %s open cases, his cap is %s', l.worker, c.community_id, l.open_cases, l.case_cap)
      FROM (SELECT DISTINCT p.community_id FROM community.patrol_plan p WHERE p.valid @> CURRENT_DATE) c
     CROSS JOIN LATERAL community.patrol_load(c.community_id, CURRENT_DATE) l
     WHERE l.over_cap;
END;
COMMENT ON FUNCTION community._casework_late_health() IS 'Health: cases that wait in a stage beyond its limit, grid workers over their cap. / 健康检查：环节超时案卷、超负荷网格员。';
