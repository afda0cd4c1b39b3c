-- The state machine as data: its check, its copies, its activation.

CREATE OR REPLACE FUNCTION community.case_machine_check(p_version integer DEFAULT NULL)
RETURNS TABLE (problem text, state text, event text) LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE v AS (
        SELECT COALESCE(p_version, (SELECT m.version FROM community.case_machine m WHERE m.status = 'active')) AS version
    ), t AS (
        SELECT c.from_state, c.event, c.role, c.to_state, c.clock
          FROM community.case_transition c JOIN v ON v.version = c.version
    ), reached (state) AS (
        SELECT 'reported'::text
        UNION
        SELECT t.to_state FROM t JOIN reached r ON r.state = t.from_state
    ), ending (state) AS (
        SELECT 'archived'::text
        UNION
        SELECT t.from_state FROM t JOIN ending e ON e.state = t.to_state
    )
    SELECT 'unreachable'::text, s.state, NULL::text
      FROM community.case_state s
     WHERE s.state NOT IN (SELECT r.state FROM reached r)
    UNION ALL
    SELECT 'never_archived'::text, s.state, NULL::text
      FROM community.case_state s
     WHERE s.state NOT IN (SELECT e.state FROM ending e)
    UNION ALL
    SELECT 'ambiguous'::text, t.from_state, t.event
      FROM t
     GROUP BY t.from_state, t.event
    HAVING count(DISTINCT t.to_state || ' ' || t.clock) > 1
    UNION ALL
    SELECT 'clock_runs_on'::text, t.from_state, t.event
      FROM t JOIN community.case_state s ON s.state = t.to_state
     WHERE NOT s.is_open AND t.clock <> 'stop'
    UNION ALL
    SELECT 'leaves_archive'::text, t.from_state, t.event
      FROM t
     WHERE t.from_state = 'archived'
     ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION community.case_machine_check(integer) IS 'Problems of a version of the machine (NULL: the active one): states not reached from reported or not reaching archived, events with two successors or clock effects, endings that leave the clock running, moves out of the archive. Empty when sound. / 状态机检查：不可达、不能归档、结果不唯一、结束未停表、归档后迁移；无问题则为空。';

CREATE OR REPLACE FUNCTION community.case_machine_copy(p_version integer, p_name text, p_source text)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_new integer;
BEGIN
    PERFORM FROM community.case_machine WHERE version = p_version;
    IF NOT FOUND THEN
        PERFORM community.refuse('machine_unknown', p_version::text);
    END IF;
    INSERT INTO community.case_machine (version, name, source)
    SELECT max(version) + 1, p_name, p_source FROM community.case_machine
    RETURNING version INTO v_new;
    INSERT INTO community.case_transition (version, from_state, event, role, to_state, clock)
    SELECT v_new, from_state, event, role, to_state, clock
      FROM community.case_transition
     WHERE version = p_version;
    RETURN v_new;
END $$;
COMMENT ON FUNCTION community.case_machine_copy(integer, text, text) IS 'Copy a version of the machine into a new draft to edit; returns its number. Refuses machine_unknown. / 复制状态机为可编辑草稿，返回新版本号。';

CREATE OR REPLACE FUNCTION community.case_machine_activate(p_version integer)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_status text;
    v_problem text;
BEGIN
    -- One order for everybody: the active row first, then the new one.
    PERFORM FROM community.case_machine WHERE status = 'active' FOR UPDATE;
    SELECT status INTO v_status FROM community.case_machine WHERE version = p_version FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('machine_unknown', p_version::text);
    END IF;
    IF v_status = 'active' THEN
        RETURN;
    END IF;
    SELECT concat_ws(' ', c.problem, c.state, c.event) INTO v_problem
      FROM community.case_machine_check(p_version) c
     LIMIT 1;
    IF FOUND THEN
        PERFORM community.refuse('machine_invalid', p_version::text, v_problem);
    END IF;
    UPDATE community.case_machine SET status = 'retired' WHERE status = 'active';
    UPDATE community.case_machine SET status = 'active', activated_at = now() WHERE version = p_version;
END $$;
COMMENT ON FUNCTION community.case_machine_activate(integer) IS 'Make a version of the machine the one that new cases get; running cases finish under their own. Refuses machine_unknown, machine_invalid. / 启用某版本状态机；在办案卷按原版本办结。';

CREATE OR REPLACE FUNCTION community.case_type_set(p_case_type text, p_name text, p_kind text, p_time_limit interval,
    p_clock text, p_source text, p_max_return integer DEFAULT 2)
RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO community.case_type (case_type, name, kind, time_limit, clock, source, max_return)
    VALUES (p_case_type, p_name, p_kind, p_time_limit, p_clock, p_source, p_max_return)
    ON CONFLICT (case_type) DO UPDATE
       SET name = EXCLUDED.name, kind = EXCLUDED.kind, time_limit = EXCLUDED.time_limit,
           clock = EXCLUDED.clock, source = EXCLUDED.source, max_return = EXCLUDED.max_return;
END;
COMMENT ON FUNCTION community.case_type_set(text, text, text, interval, text, text, integer) IS 'Add a case type or change its limit, clock and source; a NULL limit means none. Running cases keep their deadlines. / 新增或修改案卷类型；时限为 NULL 表示不限时；在办案卷时限不变。';
