-- Drafting and sealing reports.

CREATE OR REPLACE FUNCTION community._report_seal_frozen()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community.refuse('report_sealed', OLD.community_id::text, OLD.period, OLD.first_day::text, OLD.revision::text);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._report_seal_frozen() IS 'Refuse report_sealed: a seal is neither changed nor deleted. / 拒绝修改或删除封存记录。';

CREATE OR REPLACE FUNCTION community._report_frozen()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_seal community.report_seal;
BEGIN
    SELECT s.* INTO v_seal
      FROM community.report_seal s
     WHERE TG_OP <> 'INSERT' AND s.community_id = OLD.community_id AND s.period = OLD.period
       AND s.first_day = OLD.first_day AND s.revision = OLD.revision
        OR TG_OP <> 'DELETE' AND s.community_id = NEW.community_id AND s.period = NEW.period
       AND s.first_day = NEW.first_day AND s.revision = NEW.revision;
    IF FOUND THEN
        PERFORM community.refuse('report_sealed', v_seal.community_id::text, v_seal.period, v_seal.first_day::text,
            v_seal.revision::text);
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
COMMENT ON FUNCTION community._report_frozen() IS 'Refuse report_sealed for rows of a sealed revision. / 已封存修订的行不得变更。';

CREATE OR REPLACE FUNCTION community.case_measures(p_community_id bigint, p_first_day date, p_last_day date)
RETURNS TABLE (grid_code text, case_type text, measures jsonb) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH measure AS (
        SELECT r.grid_id, r.case_type, m.name, m.n
          FROM community.rollup_case_day r
         CROSS JOIN LATERAL (VALUES
               ('events', r.events), ('reported', r.reported), ('filed', r.filed),
               ('filed_collected', r.filed_collected), ('self_handled', r.self_handled),
               ('dispatched', r.dispatched), ('returned', r.returned), ('handled', r.handled), ('closed', r.closed),
               ('closed_on_time', r.closed_on_time), ('closed_late', r.closed_late), ('reworked', r.reworked),
               ('extended', r.extended), ('suspended', r.suspended), ('escalated', r.escalated),
               ('transferred', r.transferred), ('rejected', r.rejected), ('merged', r.merged), ('voided', r.voided),
               ('reopened', r.reopened), ('rated', r.rated), ('satisfied', r.satisfied)) AS m (name, n)
         WHERE r.community_id = p_community_id AND r.day BETWEEN p_first_day AND p_last_day
        UNION ALL
        SELECT r.grid_id, r.case_type, m.name, m.n
          FROM community.rollup_case_due r
         CROSS JOIN LATERAL (VALUES ('due', r.due), ('due_suspended', r.due_suspended),
               ('due_closed', r.due_closed), ('due_on_time', r.due_on_time)) AS m (name, n)
         WHERE r.community_id = p_community_id AND r.due_day BETWEEN p_first_day AND p_last_day
           AND r.day <= p_last_day
    ), total AS (
        SELECT COALESCE(g.code::text, '') AS grid_code, m.case_type, m.name, sum(m.n) AS n
          FROM measure m
          LEFT JOIN community.grid g ON g.community_id = p_community_id AND g.grid_id = m.grid_id
         WHERE m.n <> 0
         GROUP BY 1, m.case_type, m.name
        HAVING sum(m.n) <> 0
    )
    SELECT t.grid_code, t.case_type, jsonb_object_agg(t.name, t.n)
      FROM total t
     GROUP BY t.grid_code, t.case_type;
END;
COMMENT ON FUNCTION community.case_measures(bigint, date, date) IS 'Measures of cases of a community over local days, by code of the unit grid (empty: none) and type: what happened in them, and how the cases due in them stood at the end of the last day. Zeros are left out. / 社区在一段当地日期内的案卷指标，按网格与类型；应结案按末日结束时状况计。';

CREATE OR REPLACE FUNCTION community._measures_add(p_a jsonb, p_b jsonb, p_sign integer)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT COALESCE(jsonb_object_agg(s.name, s.n), '{}')
      FROM (SELECT m.name, sum(m.n) AS n
              FROM (SELECT a.key AS name, a.value::numeric AS n FROM jsonb_each_text(COALESCE(p_a, '{}')) a
                    UNION ALL
                    SELECT b.key, p_sign * b.value::numeric FROM jsonb_each_text(COALESCE(p_b, '{}')) b) m
             GROUP BY m.name
            HAVING sum(m.n) <> 0) s;
END;
COMMENT ON FUNCTION community._measures_add(jsonb, jsonb, integer) IS 'One set of measures plus (sign 1) or minus (sign -1) another, without zeros; NULL counts as empty. / 指标集合相加或相减，去除零值；NULL 视为空。';

CREATE OR REPLACE FUNCTION community._measures_sum(p_measures jsonb, p_terms text[])
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (SELECT COALESCE(sum(CASE WHEN left(t.term, 1) = '-' THEN -1 ELSE 1 END
                            * (p_measures ->> ltrim(t.term, '-'))::numeric), 0)
          FROM unnest(p_terms) AS t (term));
COMMENT ON FUNCTION community._measures_sum(jsonb, text[]) IS 'Sum of the named measures, those with a leading minus subtracted; absent ones count 0. / 指定指标之和，前缀负号为减，缺失为 0。';

CREATE OR REPLACE FUNCTION community._period_end(p_period text, p_first_day date)
RETURNS date LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_period IS NULL OR p_period NOT IN ('day', 'week', 'month', 'quarter', 'year') THEN
        PERFORM community.refuse('period_unknown', p_period);
    END IF;
    IF p_first_day IS NULL OR date_trunc(p_period, p_first_day::timestamp) <> p_first_day THEN
        PERFORM community.refuse('period_start', p_first_day::text, p_period);
    END IF;
    RETURN (p_first_day + CASE WHEN p_period = 'quarter' THEN interval '3 months' ELSE ('1 ' || p_period)::interval END
            - interval '1 day')::date;
END $$;
COMMENT ON FUNCTION community._period_end(text, date) IS 'Last day of the period that begins on a day; refuses period_unknown, period_start. / 周期末日；类型或起始日不符则拒绝。';

CREATE OR REPLACE FUNCTION community._report_draft(p_period community.report_period)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_revision integer := p_period.revision + (p_period.state <> 'draft')::integer;
    v_lines integer;
BEGIN
    DELETE FROM community.report_value v
     WHERE v.community_id = p_period.community_id AND v.period = p_period.period AND v.first_day = p_period.first_day
       AND v.revision = v_revision;
    DELETE FROM community.report_line l
     WHERE l.community_id = p_period.community_id AND l.period = p_period.period AND l.first_day = p_period.first_day
       AND l.revision = v_revision;
    -- A revision holds what earlier ones do not: all of it at first, afterwards
    -- the difference.
    INSERT INTO community.report_line (community_id, period, first_day, revision, grid_code, case_type, measures)
    SELECT p_period.community_id, p_period.period, p_period.first_day, v_revision, d.grid_code, d.case_type, d.measures
      FROM (SELECT COALESCE(n.grid_code, o.grid_code) AS grid_code, COALESCE(n.case_type, o.case_type) AS case_type,
                   community._measures_add(n.measures, o.measures, -1) AS measures
              FROM community.case_measures(p_period.community_id, p_period.first_day, p_period.last_day) n
              FULL JOIN (SELECT s.grid_code, s.case_type, jsonb_object_agg(s.name, s.n) AS measures
                           FROM (SELECT l.grid_code, l.case_type, e.key AS name, sum(e.value::numeric) AS n
                                   FROM community.report_line l CROSS JOIN LATERAL jsonb_each_text(l.measures) e
                                  WHERE l.community_id = p_period.community_id AND l.period = p_period.period
                                    AND l.first_day = p_period.first_day AND l.revision < v_revision
                                  GROUP BY l.grid_code, l.case_type, e.key) s
                          GROUP BY s.grid_code, s.case_type) o
                ON o.grid_code = n.grid_code AND o.case_type = n.case_type) d
     WHERE d.measures <> '{}';
    GET DIAGNOSTICS v_lines = ROW_COUNT;
    IF v_lines = 0 AND v_revision > 0 THEN
        UPDATE community.report_period p SET touched = false
         WHERE p.community_id = p_period.community_id AND p.period = p_period.period AND p.first_day = p_period.first_day
           AND p.touched;
        RETURN 0;
    END IF;
    INSERT INTO community.report_value (community_id, period, first_day, revision, indicator, version, subject, numerator,
        denominator, value)
    SELECT p_period.community_id, p_period.period, p_period.first_day, v_revision, i.code, i.version, 'all', i.n, i.d,
           round(100 * i.n / NULLIF(i.d, 0), 2)
      FROM (SELECT c.code, c.version, community._measures_sum(t.measures, c.numerator) AS n,
                   community._measures_sum(t.measures, c.denominator) AS d
              FROM community.indicator c
             CROSS JOIN (SELECT COALESCE(jsonb_object_agg(s.name, s.n), '{}') AS measures
                           FROM (SELECT e.key AS name, sum(e.value::numeric) AS n
                                   FROM community.report_line l CROSS JOIN LATERAL jsonb_each_text(l.measures) e
                                  WHERE l.community_id = p_period.community_id AND l.period = p_period.period
                                    AND l.first_day = p_period.first_day AND l.revision <= v_revision
                                  GROUP BY e.key) s) t
             WHERE c.subject = 'community' AND c.valid @> p_period.last_day) i;
    UPDATE community.report_period p SET state = 'draft', revision = v_revision
     WHERE p.community_id = p_period.community_id AND p.period = p_period.period AND p.first_day = p_period.first_day
       AND (p.state, p.revision) <> ('draft', v_revision);
    RETURN v_lines;
END $$;
COMMENT ON FUNCTION community._report_draft(community.report_period) IS 'Fill the draft of a locked period anew: the report, or the adjustment to what is sealed; returns its lines, 0 when nothing is to be adjusted. / 重新填报已锁定周期的草稿：原报表或调整；返回行数。';

CREATE OR REPLACE FUNCTION community._report_lock(p_community_id bigint, p_period text, p_first_day date)
RETURNS community.report_period LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_period community.report_period;
BEGIN
    SELECT * INTO v_period
      FROM community.report_period p
     WHERE p.community_id = p_community_id AND p.period = p_period AND p.first_day = p_first_day
       FOR NO KEY UPDATE;
    RETURN v_period;
END $$;
COMMENT ON FUNCTION community._report_lock(bigint, text, date) IS 'The row of a period, locked; NULL when there is none. / 锁定并返回周期行；无则为 NULL。';

CREATE OR REPLACE FUNCTION community.report_draft(p_community_id bigint, p_period text, p_first_day date)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_last_day date := community._period_end(p_period, p_first_day);
BEGIN
    INSERT INTO community.report_period (community_id, period, first_day, last_day)
    VALUES (p_community_id, p_period, p_first_day, v_last_day)
    ON CONFLICT (community_id, period, first_day) DO NOTHING;
    RETURN community._report_draft(community._report_lock(p_community_id, p_period, p_first_day));
END $$;
COMMENT ON FUNCTION community.report_draft(bigint, text, date) IS 'Fill the draft of a community''s report for the day, week, month, quarter or year that begins on a day; when it is sealed, of an adjustment. Returns its lines, 0 when a sealed report needs none. Refuses period_unknown, period_start. / 生成报表草稿；已封存则生成调整草稿；返回行数。';

CREATE OR REPLACE FUNCTION community.report_daily(p_community_id bigint, p_day date)
RETURNS integer LANGUAGE sql
RETURN community.report_draft(p_community_id, 'day', p_day);
COMMENT ON FUNCTION community.report_daily(bigint, date) IS 'Fill the draft of a community''s daily report; see report_draft(). / 生成日报草稿，见 report_draft()。';

CREATE OR REPLACE FUNCTION community.report_hash(p_community_id bigint, p_period text, p_first_day date, p_revision integer)
RETURNS bytea LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT sha256(community.hash_fields('report', p.community_id::text, c.tz, p.period, to_char(p.first_day, 'YYYY-MM-DD'),
                                        to_char(p.last_day, 'YYYY-MM-DD'), p_revision::text,
                                        (SELECT encode(s.hash, 'hex') FROM community.report_seal s
                                          WHERE s.community_id = p.community_id AND s.period = p.period
                                            AND s.first_day = p.first_day AND s.revision = p_revision - 1))
           || COALESCE((SELECT string_agg(community.hash_fields('line', l.grid_code, l.case_type, l.measures::text), ''::bytea
                                          ORDER BY l.grid_code COLLATE "C", l.case_type COLLATE "C")
                          FROM community.report_line l
                         WHERE l.community_id = p.community_id AND l.period = p.period AND l.first_day = p.first_day
                           AND l.revision = p_revision), ''::bytea)
           || COALESCE((SELECT string_agg(community.hash_fields('value', v.indicator, v.version::text, v.subject,
                                                                v.numerator::text, v.denominator::text, v.value::text), ''::bytea
                                          ORDER BY v.indicator COLLATE "C", v.version, v.subject COLLATE "C")
                          FROM community.report_value v
                         WHERE v.community_id = p.community_id AND v.period = p.period AND v.first_day = p.first_day
                           AND v.revision = p_revision), ''::bytea))
      FROM community.report_period p
      JOIN community.community c ON c.community_id = p.community_id
     WHERE p.community_id = p_community_id AND p.period = p_period AND p.first_day = p_first_day;
END;
COMMENT ON FUNCTION community.report_hash(bigint, text, date, integer) IS 'SHA-256 over the canonical rows of a revision of a report and the hash of the revision before; compare with report_seal.hash. NULL when there is no such period. / 报表某修订规范化内容的 SHA-256，可与 report_seal.hash 核对。';

CREATE OR REPLACE FUNCTION community._report_seal(p_period community.report_period)
RETURNS bytea LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_period community.report_period;
    v_lines integer := community._report_draft(p_period);
    v_hash bytea;
    v_seq bigint;
BEGIN
    v_period := community._report_lock(p_period.community_id, p_period.period, p_period.first_day);
    IF v_period.state <> 'draft' THEN
        RETURN (SELECT s.hash FROM community.report_seal s
                 WHERE s.community_id = v_period.community_id AND s.period = v_period.period
                   AND s.first_day = v_period.first_day AND s.revision = v_period.revision);
    END IF;
    v_hash := community.report_hash(v_period.community_id, v_period.period, v_period.first_day, v_period.revision);
    -- The number of the message stems from its content: sent twice, it is one.
    v_seq := community.outbox_put(v_period.community_id, 'city', 'report',
        CASE WHEN v_period.period = 'day' THEN 'daily' ELSE v_period.period || 'ly' END,
        jsonb_build_object('community', v_period.community_id,
            'code', (SELECT c.code::text FROM community.community c WHERE c.community_id = v_period.community_id),
            'period', v_period.period, 'first_day', v_period.first_day, 'last_day', v_period.last_day,
            'revision', v_period.revision, 'hash', encode(v_hash, 'hex'),
            'lines', (SELECT COALESCE(jsonb_agg(jsonb_build_object('grid', l.grid_code, 'case_type', l.case_type,
                                                                   'measures', l.measures)
                                                ORDER BY l.grid_code COLLATE "C", l.case_type COLLATE "C"), '[]')
                        FROM community.report_line l
                       WHERE l.community_id = v_period.community_id AND l.period = v_period.period
                         AND l.first_day = v_period.first_day AND l.revision = v_period.revision),
            'values', (SELECT COALESCE(jsonb_agg(jsonb_build_object('indicator', v.indicator, 'version', v.version,
                                                                    'subject', v.subject, 'numerator', v.numerator,
                                                                    'denominator', v.denominator, 'value', v.value)
                                                 ORDER BY v.indicator COLLATE "C", v.version, v.subject COLLATE "C"), '[]')
                         FROM community.report_value v
                        WHERE v.community_id = v_period.community_id AND v.period = v_period.period
                          AND v.first_day = v_period.first_day AND v.revision = v_period.revision)),
        encode(substr(v_hash, 1, 16), 'hex')::uuid);
    INSERT INTO community.report_seal (community_id, period, first_day, revision, lines, prev_hash, hash, outbox_seq)
    VALUES (v_period.community_id, v_period.period, v_period.first_day, v_period.revision, v_lines,
        (SELECT s.hash FROM community.report_seal s
          WHERE s.community_id = v_period.community_id AND s.period = v_period.period
            AND s.first_day = v_period.first_day AND s.revision = v_period.revision - 1), v_hash, v_seq);
    UPDATE community.report_period p SET state = 'sealed', touched = false
     WHERE p.community_id = v_period.community_id AND p.period = v_period.period AND p.first_day = v_period.first_day;
    RETURN v_hash;
END $$;
COMMENT ON FUNCTION community._report_seal(community.report_period) IS 'Draft a locked period anew, seal it and put it into the outbox to the city; returns the hash. A sealed period without changes stays as it is. / 封存已锁定周期并放入上报发件箱，返回哈希；无变化则不动。';

CREATE OR REPLACE FUNCTION community._report_unrolled()
RETURNS timestamptz LANGUAGE sql STABLE
RETURN (SELECT COALESCE(min(l.occurred_at), 'infinity')
          FROM community.case_log l
         WHERE l.tx >= (SELECT j.watermark_tx FROM community.job j WHERE j.name = 'case_day'));
COMMENT ON FUNCTION community._report_unrolled() IS 'Earliest occurrence among log rows that the rollup has not yet counted; infinity when it is up to date. / 尚未汇总日志的最早发生时间；无则为 infinity。';

CREATE OR REPLACE FUNCTION community.report_seal(p_community_id bigint, p_period text, p_first_day date)
RETURNS bytea LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_period community.report_period;
    v_end timestamptz;
    v_unrolled timestamptz;
BEGIN
    PERFORM community._period_end(p_period, p_first_day);
    v_period := community._report_lock(p_community_id, p_period, p_first_day);
    IF v_period.community_id IS NULL THEN
        PERFORM community.refuse('report_unknown', p_community_id::text, p_period, p_first_day::text);
    END IF;
    SELECT (v_period.last_day + 1)::timestamp AT TIME ZONE c.tz INTO v_end
      FROM community.community c
     WHERE c.community_id = p_community_id;
    IF now() < v_end THEN
        PERFORM community.refuse('period_running', v_period.last_day::text);
    END IF;
    v_unrolled := community._report_unrolled();
    IF v_unrolled < v_end THEN
        PERFORM community.refuse('rollup_behind', v_unrolled::text);
    END IF;
    RETURN community._report_seal(v_period);
END $$;
COMMENT ON FUNCTION community.report_seal(bigint, text, date) IS 'Seal a report whose period is over and rolled up and put it into the outbox to the city; returns its SHA-256. Again it changes nothing, unless late events made an adjustment due, which is then sealed. Refuses report_unknown, period_running, rollup_behind. / 封存已结束且汇总完毕的报表并上报，返回 SHA-256；重复执行不变，有迟到事件则封存调整版。';

CREATE OR REPLACE FUNCTION community._daily_report(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_after interval := community.setting_interval('report.seal_after');
    v_unrolled timestamptz := community._report_unrolled();
    v_key record;
    v_period community.report_period;
    v_sealed bigint := 0::bigint;
BEGIN
    FOR v_key IN
        SELECT p.community_id, p.first_day
          FROM community.report_period p
          JOIN community.community c ON c.community_id = p.community_id
         WHERE p.period = 'day' AND (p.touched OR p.state = 'draft')
           AND (p.last_day + 1)::timestamp AT TIME ZONE c.tz <= least(p_now - v_after, v_unrolled)
         ORDER BY p.community_id, p.first_day
    LOOP
        v_period := community._report_lock(v_key.community_id, 'day', v_key.first_day);
        PERFORM community._report_seal(v_period);
        v_sealed := v_sealed + 1;
    END LOOP;
    RETURN v_sealed;
END $$;
COMMENT ON FUNCTION community._daily_report(timestamptz) IS 'Job: seal and send the daily reports of days that are over and rolled up, and the adjustments of days that changed afterwards; returns how many it looked at. / 作业：封存并上报已结束且汇总完毕的日报及其后调整，返回处理数。';

CREATE OR REPLACE FUNCTION community._report_health()
RETURNS TABLE (severity text, subject text, detail text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'warn'::text, 'unsealed reports'::text,
           format('%s daily reports of days before %s are not sealed', count(*), current_date - 2)
      FROM community.report_period p
     WHERE p.period = 'day' AND p.state = 'draft' AND p.last_day < current_date - 2
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION community._report_health() IS 'Health: daily reports that should long be sealed. / 健康检查：逾期未封存的日报。';
