-- The one place that knows how time is counted: hours and calendar of a
-- community or organization, limits forwards and backwards, stages.

CREATE OR REPLACE FUNCTION community.work_hours_set(p_community_id bigint, p_organization_id bigint, p_hours text,
    p_source text, p_calendar text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_weekly int4multirange;
BEGIN
    IF p_organization_id IS NOT NULL THEN
        PERFORM FROM community.organization o
          WHERE o.community_id = p_community_id AND o.organization_id = p_organization_id;
        IF NOT FOUND THEN
            PERFORM community.refuse('organization_not_found', p_organization_id::text, p_community_id::text);
        END IF;
    END IF;
    BEGIN
        v_weekly := community.weekly_hours(p_hours);
    EXCEPTION WHEN invalid_text_representation THEN
        PERFORM community.refuse('work_hours_invalid', p_hours);
    END;
    -- Without a working minute from Monday to Sunday no limit would ever run out.
    IF v_weekly IS NULL OR NOT v_weekly && int4range(0, 7 * 1440) THEN
        PERFORM community.refuse('work_hours_invalid', p_hours);
    END IF;
    INSERT INTO community.work_hours (community_id, organization_id, hours, weekly, calendar, source)
    VALUES (p_community_id, COALESCE(p_organization_id, 0), p_hours, v_weekly, p_calendar, p_source)
    ON CONFLICT (community_id, organization_id) DO UPDATE
       SET hours = EXCLUDED.hours, weekly = EXCLUDED.weekly, calendar = EXCLUDED.calendar, source = EXCLUDED.source;
END $$;
COMMENT ON FUNCTION community.work_hours_set(bigint, bigint, text, text, text) IS 'Set the weekly working hours of a community (organization NULL) or one of its organizations; running deadlines stay. Refuses organization_not_found, work_hours_invalid. / 设置社区（单位为 NULL）或单位的每周工作时间；已定时限不变。';

CREATE OR REPLACE FUNCTION community._work_hours(p_community_id bigint, p_owner_id bigint, p_organization_id bigint,
    OUT weekly int4multirange, OUT tz text, OUT calendar text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    SELECT COALESCE(o.weekly, a.weekly), COALESCE(o.calendar, a.calendar), c.tz
      INTO weekly, calendar, tz
      FROM community.community c
      LEFT JOIN community.work_hours o
        ON o.community_id = p_owner_id AND o.organization_id = p_organization_id
      LEFT JOIN LATERAL (SELECT w.weekly, w.calendar
                           FROM community.work_hours w
                           JOIN community.community u ON u.community_id = w.community_id
                          WHERE w.organization_id = 0 AND u.code @> c.code
                          ORDER BY u.code DESC
                          LIMIT 1) a ON true
     WHERE c.community_id = p_community_id;
    IF weekly IS NULL THEN
        weekly := community.weekly_hours(community.setting_value('work_hours', p_community_id));
    END IF;
    IF calendar IS NULL THEN
        calendar := community.setting_value('calendar', p_community_id);
    END IF;
END $$;
COMMENT ON FUNCTION community._work_hours(bigint, bigint, bigint) IS 'Hours, time zone and calendar by which time counts: of the organization (its owner and number), else of the community or the nearest division above, else of the settings. / 计时所用工作时间、时区与日历：单位、社区或上级、设置项。';

CREATE OR REPLACE FUNCTION community._work_days(p_calendar text, p_from timestamptz, p_upto timestamptz,
    OUT holidays date[], OUT workdays date[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- In plpgsql for its kept plan: this is on the way of most events.
    SELECT COALESCE(array_agg(c.day) FILTER (WHERE c.kind = 'holiday'), '{}'::date[]),
           COALESCE(array_agg(c.day) FILTER (WHERE c.kind = 'workday'), '{}'::date[])
      INTO holidays, workdays
      FROM community.calendar c
     WHERE c.calendar = p_calendar
       AND c.day BETWEEN (p_from AT TIME ZONE 'UTC')::date - 1 AND (p_upto AT TIME ZONE 'UTC')::date + 1;
END $$;
COMMENT ON FUNCTION community._work_days(text, timestamptz, timestamptz) IS 'Holidays and shifted working days of a calendar between two times, with a day to spare for time zones. / 两时刻间的节假日与调休上班日。';

CREATE OR REPLACE FUNCTION community.work_due(p_community_id bigint, p_start timestamptz, p_limit interval, p_clock text,
    p_owner_id bigint DEFAULT NULL, p_organization_id bigint DEFAULT NULL)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_days integer := extract(day FROM p_limit);
    v_time interval := p_limit - make_interval(days => v_days);
    v_back boolean := p_limit < interval '0';
    v_hours record;
    v_special record;
    v_reach interval := make_interval(days => 30 + 3 * abs(v_days) + abs(extract(epoch FROM v_time) / 7200)::integer);
    v_end timestamptz;
    v_due timestamptz;
BEGIN
    IF p_limit IS NULL OR p_start IS NULL THEN
        RETURN NULL;
    END IF;
    IF p_clock = 'urgent' THEN
        RETURN p_start + extract(epoch FROM p_limit)::double precision * interval '1 second';
    END IF;
    v_hours := community._work_hours(p_community_id, p_owner_id, p_organization_id);
    IF p_clock = 'calendar' THEN
        IF v_back THEN
            RETURN ((p_start + v_time) AT TIME ZONE v_hours.tz + make_interval(days => v_days)) AT TIME ZONE v_hours.tz;
        END IF;
        RETURN community.due_at(p_start, p_limit, p_clock, v_hours.weekly, v_hours.tz);
    END IF;
    -- Only the calendar near the start is read; when the limit reaches beyond,
    -- more of it.
    LOOP
        v_end := CASE WHEN v_back THEN p_start - v_reach ELSE p_start + v_reach END;
        v_special := community._work_days(v_hours.calendar, least(p_start, v_end), greatest(p_start, v_end));
        IF v_back THEN
            v_due := community.due_back(p_start, -p_limit, v_hours.weekly, v_hours.tz, v_special.holidays, v_special.workdays);
        ELSE
            v_due := community.due_at(p_start, p_limit, p_clock, v_hours.weekly, v_hours.tz, v_special.holidays, v_special.workdays);
        END IF;
        EXIT WHEN v_due BETWEEN least(p_start, v_end) AND greatest(p_start, v_end) OR v_reach > interval '36500 days';
        v_reach := v_reach * 4;
    END LOOP;
    RETURN v_due;
END $$;
COMMENT ON FUNCTION community.work_due(bigint, timestamptz, interval, text, bigint, bigint) IS 'When a limit that starts at a time runs out by a clock (calendar, work or urgent), in the hours and calendar of an organization (its owner and number) or the community; a negative limit, as work_left() gives it, counts back. NULL without a limit; 22023 for an unknown clock or days counted back in working time. / 按计时方式、单位或社区的工作时间与日历计算截止时间；负时限（work_left() 的结果）向前推算；无时限返回 NULL。';

CREATE OR REPLACE FUNCTION community.work_left(p_community_id bigint, p_at timestamptz, p_due timestamptz, p_clock text,
    p_owner_id bigint DEFAULT NULL, p_organization_id bigint DEFAULT NULL)
RETURNS interval LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_hours record;
    v_special record;
    v_left interval;
BEGIN
    IF p_at IS NULL OR p_due IS NULL THEN
        RETURN NULL;
    END IF;
    IF p_clock = 'urgent' THEN
        RETURN extract(epoch FROM p_due - p_at)::double precision * interval '1 second';
    END IF;
    v_hours := community._work_hours(p_community_id, p_owner_id, p_organization_id);
    v_special := community._work_days(CASE p_clock WHEN 'work' THEN v_hours.calendar END, least(p_at, p_due), greatest(p_at, p_due));
    v_left := community.worked_between(p_at, p_due, p_clock, v_hours.weekly, v_hours.tz, v_special.holidays, v_special.workdays);
    -- Overdue by a night is still overdue.
    IF p_at > p_due AND v_left = interval '0' THEN
        v_left := interval '-1 microsecond';
    END IF;
    RETURN v_left;
END $$;
COMMENT ON FUNCTION community.work_left(bigint, timestamptz, timestamptz, text, bigint, bigint) IS 'Time left from a time until a deadline by a clock, the inverse of work_due(); negative when overdue. NULL without a deadline. / 距截止的剩余时间，work_due() 的逆；超期为负；无截止时间返回 NULL。';

CREATE OR REPLACE FUNCTION community._case_due(p_case community.case_file, p_start timestamptz, p_limit interval, p_clock text)
RETURNS timestamptz LANGUAGE sql STABLE
RETURN community.work_due((p_case).community_id, p_start, p_limit, p_clock,
    COALESCE((p_case).organization_community_id, (p_case).duty_community_id),
    COALESCE((p_case).organization_id, (p_case).duty_organization_id));
COMMENT ON FUNCTION community._case_due(community.case_file, timestamptz, interval, text) IS 'work_due() in the hours of the organization that has the case, else of the one on duty. / 按承办单位（或责任单位）工作时间计算截止时间。';

CREATE OR REPLACE FUNCTION community._case_left(p_case community.case_file, p_at timestamptz, p_due timestamptz, p_clock text)
RETURNS interval LANGUAGE sql STABLE
RETURN community.work_left((p_case).community_id, p_at, p_due, p_clock,
    COALESCE((p_case).organization_community_id, (p_case).duty_community_id),
    COALESCE((p_case).organization_id, (p_case).duty_organization_id));
COMMENT ON FUNCTION community._case_left(community.case_file, timestamptz, timestamptz, text) IS 'work_left() in the hours of the organization that has the case, else of the one on duty. / 按承办单位（或责任单位）工作时间计算剩余时间。';

CREATE OR REPLACE FUNCTION community.case_stage(p_state text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_state IN ('reported', 'verifying') THEN 'accept'
            WHEN p_state = 'accepted' THEN 'file'
            WHEN p_state IN ('filed', 'escalated') THEN 'dispatch'
            WHEN p_state = 'dispatched' THEN 'sign' END;
COMMENT ON FUNCTION community.case_stage(text) IS 'The stage with a limit of its own that a case in this state waits in: accept, file, dispatch, sign; NULL in any other state. / 状态所处的限时环节；其余状态为 NULL。';

CREATE OR REPLACE FUNCTION community._case_stage_due(p_case community.case_file, p_state_was text, p_state text, p_at timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_stage text := community.case_stage(p_state);
    v_limit interval;
    v_clock text;
BEGIN
    IF v_stage IS NULL THEN
        RETURN NULL;
    END IF;
    IF v_stage = community.case_stage(p_state_was) AND p_case.stage_due IS NOT NULL THEN
        RETURN p_case.stage_due;    -- the stage goes on
    END IF;
    SELECT l.time_limit, l.clock INTO v_limit, v_clock
      FROM community.case_stage_limit l
     WHERE l.stage = v_stage AND l.case_type IN (p_case.case_type, '*')
     ORDER BY l.case_type = '*'
     LIMIT 1;
    RETURN community._case_due(p_case, p_at, v_limit, v_clock);
END $$;
COMMENT ON FUNCTION community._case_stage_due(community.case_file, text, text, timestamptz) IS 'Until when the stage of a state that a case enters should end; the running limit goes on within one stage. NULL without stage or limit. / 进入某状态后环节的截止时间；同一环节内不重新计时。';

CREATE OR REPLACE FUNCTION community.case_stage_set(p_case_type text, p_stage text, p_time_limit interval, p_clock text, p_source text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_case_type <> '*' THEN
        PERFORM FROM community.case_type t WHERE t.case_type = p_case_type;
        IF NOT FOUND THEN
            PERFORM community.refuse('case_type_unknown', p_case_type);
        END IF;
    END IF;
    IF p_time_limit IS NULL THEN
        DELETE FROM community.case_stage_limit l WHERE l.case_type = p_case_type AND l.stage = p_stage;
        RETURN;
    END IF;
    INSERT INTO community.case_stage_limit (case_type, stage, time_limit, clock, source)
    VALUES (p_case_type, p_stage, p_time_limit, p_clock, p_source)
    ON CONFLICT (case_type, stage) DO UPDATE
       SET time_limit = EXCLUDED.time_limit, clock = EXCLUDED.clock, source = EXCLUDED.source;
END $$;
COMMENT ON FUNCTION community.case_stage_set(text, text, interval, text, text) IS 'Set the limit of a stage for a case type or * for all others; a NULL limit removes it. Refuses case_type_unknown. / 设置环节时限；NULL 表示取消。';
