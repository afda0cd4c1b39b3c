-- Moving a case: one procedure for every event of the machine.

CREATE OR REPLACE FUNCTION community._case_transition(p_machine integer, p_state text, p_event text, p_community_id bigint, p_role text)
RETURNS community.case_transition LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_move community.case_transition;
    v_first community.case_transition;
BEGIN
    FOR v_move IN
        SELECT t.*
          FROM community.case_transition t
         WHERE t.version = p_machine AND t.from_state = p_state AND t.event = p_event
         ORDER BY t.role
    LOOP
        IF p_role IS NULL OR v_move.role = p_role THEN
            IF community.has_capability(v_move.role, p_community_id) THEN
                RETURN v_move;
            END IF;
            v_first := COALESCE(v_first, v_move);
        END IF;
    END LOOP;
    IF v_first.role IS NOT NULL THEN
        PERFORM community.require_capability(v_first.role, p_community_id);
    END IF;
    IF FOUND THEN
        PERFORM community.refuse('role_unfit', p_event, p_state, p_role);
    END IF;
    PERFORM FROM community.case_transition t WHERE t.version = p_machine AND t.event = p_event;
    IF NOT FOUND THEN
        PERFORM community.refuse('event_unknown', p_event, p_machine::text);
    END IF;
    PERFORM community.refuse('transition_illegal', p_event, p_state);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._case_transition(integer, text, text, bigint, text) IS 'The transition that the caller may make with an event in a state, under the named role or any of his. Refuses event_unknown, transition_illegal, role_unfit, capability_missing. / 查找调用者可执行的迁移；不存在或无权则拒绝。';

CREATE OR REPLACE FUNCTION community._case_organization(INOUT p_case community.case_file, p_doc jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint := community._case_doc_bigint(p_doc, 'organization_id');
    v_home bigint := COALESCE(community._case_doc_bigint(p_doc, 'organization_community_id'), p_case.community_id);
BEGIN
    IF v_id IS NOT NULL THEN
        PERFORM FROM community.organization o WHERE o.community_id = v_home AND o.organization_id = v_id;
        IF NOT FOUND THEN
            PERFORM community.refuse('organization_not_found', v_id::text, v_home::text);
        END IF;
        p_case.organization_community_id := v_home;
        p_case.organization_id := v_id;
    ELSIF p_case.organization_id IS NULL THEN
        IF p_case.duty_organization_id IS NULL THEN
            PERFORM community.refuse('organization_missing');
        END IF;
        p_case.organization_community_id := p_case.duty_community_id;
        p_case.organization_id := p_case.duty_organization_id;
    END IF;
END $$;
COMMENT ON FUNCTION community._case_organization(community.case_file, jsonb) IS 'The case with the organization that takes it: the one the document names, else the one it has, else duty''s. Refuses organization_not_found, organization_missing. / 确定承办单位：文档指定、现有或责任单位。';

CREATE OR REPLACE FUNCTION community._case_guard(INOUT p_case community.case_file, p_move community.case_transition,
    p_actor text, p_reason text, p_doc jsonb, p_at timestamptz)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_type community.case_type;
    v_target community.case_file;
    v_id bigint;
BEGIN
    IF p_move.role = 'inspector' AND p_actor = ANY (p_case.handlers) THEN
        PERFORM community.refuse('inspector_is_handler', p_actor);
    END IF;
    IF p_reason IS NULL AND p_move.event IN ('verify_fail', 'reject', 'refuse', 'void', 'return', 'force_assign',
        'request_suspend', 'request_extend', 'deny', 'check_fail', 'reopen', 'report_up', 'appeal', 'unmerge') THEN
        PERFORM community.refuse('reason_missing', p_move.event);
    END IF;

    CASE p_move.event
    WHEN 'dispatch', 'directive_back' THEN
        p_case := community._case_organization(p_case, p_doc);
        p_case.dispatched_at := p_at;
    WHEN 'force_assign' THEN
        p_case := community._case_organization(p_case, p_doc);
        p_case.signed_at := p_at;
    WHEN 'sign', 'handled', 'self_handle' THEN
        IF p_move.event = 'sign' THEN
            p_case.signed_at := p_at;
        ELSE
            IF p_case.assists_open > 0 THEN
                PERFORM community.refuse('assist_open', p_case.assists_open::text);
            END IF;
            p_case.handled_at := p_at;
        END IF;
        p_case.handler := p_actor;
        IF p_actor <> ALL (p_case.handlers) THEN
            p_case.handlers := p_case.handlers || p_actor;
        END IF;
    WHEN 'check_fail' THEN
        p_case.reworks := p_case.reworks + 1;
    WHEN 'escalate' THEN
        p_case.escalations := p_case.escalations + 1;
    WHEN 'report_up' THEN
        -- Whoever is above answers by directive_back or close_by_upper.
        PERFORM community.outbox_put(p_case.community_id, 'city', 'report', 'case_transfer', jsonb_build_object(
            'case_no', p_case.case_no, 'case_type', p_case.case_type, 'grid_code', p_case.grid_code::text, 'lon', p_case.lon, 'lat', p_case.lat,
            'reported_at', p_case.reported_at, 'deadline', p_case.deadline, 'reason', p_reason));
    WHEN 'return' THEN
        SELECT * INTO STRICT v_type FROM community.case_type t WHERE t.case_type = p_case.case_type;
        IF p_case.returns >= v_type.max_return THEN
            PERFORM community.refuse('return_limit', p_case.returns::text);
        END IF;
        p_case.returns := p_case.returns + 1;
        p_case.organization_community_id := NULL;
        p_case.organization_id := NULL;
    WHEN 'merge' THEN
        v_id := community._case_doc_bigint(p_doc, 'into_case_id');
        SELECT * INTO v_target FROM community.case_file f
         WHERE f.community_id = p_case.community_id AND f.case_id = v_id AND f.case_id <> p_case.case_id
           FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            PERFORM community.refuse('merge_target_missing', p_doc ->> 'into_case_id');
        END IF;
        PERFORM FROM community.case_state s WHERE s.state = v_target.state AND s.is_open;
        IF NOT FOUND THEN
            PERFORM community.refuse('merge_target_closed', v_target.case_no);
        END IF;
        IF v_target.case_type <> p_case.case_type THEN
            PERFORM community.refuse('merge_type_differs', v_target.case_no, v_target.case_type, p_case.case_type);
        END IF;
        UPDATE community.case_file f SET supporters = f.supporters + p_case.supporters
         WHERE f.community_id = p_case.community_id AND f.case_id = v_id;
        p_case.merged_into := v_id;
    WHEN 'unmerge' THEN
        -- The case it was merged into may have been merged on: all above lose it.
        UPDATE community.case_file f SET supporters = f.supporters - p_case.supporters
         WHERE f.community_id = p_case.community_id AND f.case_id <> p_case.case_id
           AND f.case_id = ANY (community._case_merged_into(p_case.community_id, p_case.case_id));
        p_case.merged_into := NULL;
    WHEN 'request_suspend' THEN
        SELECT * INTO STRICT v_type FROM community.case_type t WHERE t.case_type = p_case.case_type;
        p_case.suspend_until := community._case_doc_time(p_doc, 'until');
        IF p_case.suspend_until IS NULL OR p_case.suspend_until <= p_at THEN
            PERFORM community.refuse('suspend_until_missing', p_at::text);
        END IF;
        IF p_case.suspend_until > p_at + v_type.suspend_at_most THEN
            PERFORM community.refuse('suspend_too_long', v_type.suspend_at_most::text);
        END IF;
    WHEN 'request_extend' THEN
        SELECT * INTO STRICT v_type FROM community.case_type t WHERE t.case_type = p_case.case_type;
        p_case.extend_by := community._case_doc_interval(p_doc, 'extend_by');
        IF p_case.deadline IS NULL THEN
            PERFORM community.refuse('deadline_missing');
        END IF;
        IF p_case.extend_by IS NULL OR p_case.extend_by <= interval '0' THEN
            PERFORM community.refuse('extend_by_missing');
        END IF;
        IF p_case.extensions >= v_type.max_extend THEN
            PERFORM community.refuse('extend_limit', p_case.extensions::text);
        END IF;
        IF p_case.extend_by > COALESCE(v_type.extend_at_most, v_type.time_limit) THEN
            PERFORM community.refuse('extend_too_long', COALESCE(v_type.extend_at_most, v_type.time_limit)::text);
        END IF;
    WHEN 'approve' THEN
        IF p_case.extend_by IS NOT NULL THEN
            SELECT * INTO STRICT v_type FROM community.case_type t WHERE t.case_type = p_case.case_type;
            p_case.deadline := community._case_due(p_case, p_case.deadline, p_case.extend_by,
                CASE WHEN p_case.due_imported THEN 'urgent' ELSE v_type.clock END);
            p_case.extensions := p_case.extensions + 1;
            p_case.extend_by := NULL;
        ELSE
            p_case.suspensions := p_case.suspensions + 1;
        END IF;
    WHEN 'deny' THEN
        p_case.suspend_until := NULL;
        p_case.extend_by := NULL;
    WHEN 'auto_resume' THEN
        IF p_at < p_case.suspend_until THEN
            PERFORM community.refuse('suspension_runs', p_case.suspend_until::text);
        END IF;
        p_case.suspend_until := NULL;
    WHEN 'resume' THEN
        p_case.suspend_until := NULL;
    WHEN 'rate' THEN
        IF NOT COALESCE(p_doc ->> 'rating' ~ '^[1-5]$', false) THEN
            PERFORM community.refuse('rating_invalid', p_doc ->> 'rating');
        END IF;
        p_case.rating := (p_doc ->> 'rating')::integer;
    WHEN 'reopen' THEN
        SELECT * INTO STRICT v_type FROM community.case_type t WHERE t.case_type = p_case.case_type;
        IF p_at > p_case.closed_at + v_type.reopen_within THEN
            PERFORM community.refuse('reopen_late', v_type.reopen_within::text);
        END IF;
        p_case.reopenings := p_case.reopenings + 1;
        p_case.returns := 0;
        p_case.due_import := NULL;
        p_case.rating := NULL;
    ELSE
        NULL;
    END CASE;
END $$;
COMMENT ON FUNCTION community._case_guard(community.case_file, community.case_transition, text, text, jsonb, timestamptz) IS 'The case after what an event asks for besides its state and clock; refuses by name what its guards forbid. / 校验事件前置条件并更新案卷相应字段，不符则按原因拒绝。';

CREATE OR REPLACE FUNCTION community._case_clock(INOUT p_case community.case_file, p_move community.case_transition, p_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_limit interval;
    v_clock text;
BEGIN
    -- An imported deadline came without hours: around it time elapses.
    SELECT t.time_limit, CASE WHEN p_case.due_imported THEN 'urgent' ELSE t.clock END
      INTO STRICT v_limit, v_clock
      FROM community.case_type t
     WHERE t.case_type = p_case.case_type;
    IF p_move.clock = 'start' THEN
        p_case.due_imported := p_case.due_import IS NOT NULL;
        IF p_case.due_import IS NOT NULL THEN
            p_case.deadline := p_case.due_import;
        ELSE
            SELECT t.clock INTO STRICT v_clock FROM community.case_type t WHERE t.case_type = p_case.case_type;
            p_case.deadline := community._case_due(p_case, p_at, v_limit, v_clock);
        END IF;
        p_case.clock := 'running';
        p_case.filed_at := COALESCE(p_case.filed_at, p_at);
        p_case.closed_at := NULL;
        p_case.on_time := NULL;
    ELSIF p_move.clock = 'stop' THEN
        IF p_case.clock = 'running' THEN
            p_case.time_left := community._case_left(p_case, p_at, p_case.deadline, v_clock);
        END IF;
        IF p_move.to_state = 'closed' THEN
            -- The verdict is the comparison of the two times; a paused case
            -- is closed with the time that was left.
            IF p_case.clock = 'paused' THEN
                p_case.deadline := community._case_due(p_case, p_at, p_case.time_left, v_clock);
            END IF;
            p_case.on_time := p_at <= p_case.deadline;
            p_case.closed_at := p_at;
            p_case.clock := 'ended';
        ELSIF p_case.clock <> 'ended' THEN
            p_case.clock := 'stopped';
        END IF;
    ELSIF p_move.clock = 'pause' THEN
        p_case.time_left := community._case_left(p_case, p_at, p_case.deadline, v_clock);
        p_case.clock := 'paused';
    ELSIF p_case.clock = 'paused' OR (p_move.clock = 'resume' AND p_case.clock = 'stopped') THEN
        IF p_case.filed_at IS NULL THEN
            p_case.clock := 'idle';
        ELSE
            p_case.deadline := community._case_due(p_case, p_at, p_case.time_left, v_clock);
            p_case.clock := 'running';
        END IF;
    END IF;
    IF p_case.clock = 'running' THEN
        p_case.time_left := NULL;
    END IF;
END $$;
COMMENT ON FUNCTION community._case_clock(community.case_file, community.case_transition, timestamptz) IS 'The case after the clock effect of a transition: start computes the deadline (an imported one is taken over), pause keeps the time left, resume lays it after the moment, closing gives the verdict. / 按迁移的计时影响更新案卷：启动、暂停、恢复、停止并判定是否按期。';

CREATE OR REPLACE FUNCTION community._case_merged_into(p_community_id bigint, p_case_id bigint)
RETURNS bigint[] LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE above AS (
        SELECT f.case_id, f.merged_into
          FROM community.case_file f
         WHERE f.community_id = p_community_id AND f.case_id = p_case_id
        UNION
        SELECT f.case_id, f.merged_into
          FROM above a
          JOIN community.case_file f ON f.community_id = p_community_id AND f.case_id = a.merged_into
    )
    SELECT array_agg(a.case_id ORDER BY a.case_id) FROM above a;
END;
COMMENT ON FUNCTION community._case_merged_into(bigint, bigint) IS 'A case and every case that it was merged into, one above the other; NULL when it does not exist. / 案卷及其逐级并入的全部案卷；不存在返回 NULL。';

CREATE OR REPLACE FUNCTION community._case_merge_lock(p_community_id bigint, p_case_id bigint, p_into bigint)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_cases bigint[] := community._case_merged_into(p_community_id, p_case_id);
    v_locked bigint[];
BEGIN
    -- In the order of their numbers, so that two of these across do not wait
    -- for each other; again when the cases above changed while we waited.
    LOOP
        v_locked := v_cases;
        PERFORM FROM community.case_file f
          WHERE f.community_id = p_community_id AND (f.case_id = ANY (v_cases) OR f.case_id = p_into)
          ORDER BY f.case_id
            FOR NO KEY UPDATE;
        v_cases := community._case_merged_into(p_community_id, p_case_id);
        EXIT WHEN v_cases IS NOT DISTINCT FROM v_locked;
    END LOOP;
END $$;
COMMENT ON FUNCTION community._case_merge_lock(bigint, bigint, bigint) IS 'Lock the cases that a merge or its undoing counts anew: the case, all above it, and the target. / 锁定并案或撤销并案涉及的全部案卷。';

CREATE OR REPLACE FUNCTION community.case_event(p_key uuid, p_community_id bigint, p_case_id bigint, p_event text,
    p_doc jsonb DEFAULT '{}', p_at timestamptz DEFAULT NULL,
    OUT state text, OUT due_at timestamptz, OUT log_id bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_answer jsonb;
    v_doc jsonb := COALESCE(p_doc, '{}'::jsonb);
    v_old community.case_file;
    v_new community.case_file;
    v_move community.case_transition;
    v_actor text := v_doc ->> 'actor';
    v_role text := v_doc ->> 'role';
    v_reason text := NULLIF(btrim(v_doc ->> 'reason'), '');
    v_at timestamptz;
    v_due_at timestamptz;
    v_stage_due timestamptz;
    v_wake_at timestamptz;
BEGIN
    IF jsonb_typeof(v_doc) <> 'object' THEN
        PERFORM community.refuse('document_invalid', 'p_doc', jsonb_typeof(v_doc));
    END IF;
    IF p_key IS NOT NULL THEN
        v_answer := community.api_once(p_key, 'case_event',
            jsonb_build_array(p_community_id, p_case_id, p_event, v_doc, extract(epoch FROM p_at)));
        IF v_answer IS NOT NULL THEN
            state := v_answer ->> 'state';
            due_at := (v_answer ->> 'due_at')::timestamptz;
            log_id := (v_answer ->> 'log_id')::bigint;
            RETURN;
        END IF;
    END IF;

    -- The row lock decides every race.
    IF p_event IN ('merge', 'unmerge') THEN
        PERFORM community._case_merge_lock(p_community_id, p_case_id, community._case_doc_bigint(v_doc, 'into_case_id'));
    END IF;
    v_old := (SELECT f
                FROM community.case_file f
               WHERE f.community_id = p_community_id AND f.case_id = p_case_id
                 FOR NO KEY UPDATE);
    IF v_old.case_id IS NULL THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;

    -- The usual case is one transition that the caller may make; everything
    -- else, and every refusal, is the business of _case_transition.
    SELECT * INTO v_move
      FROM community.case_transition t
     WHERE t.version = v_old.machine AND t.from_state = v_old.state AND t.event = p_event
     ORDER BY t.role;
    IF NOT FOUND OR v_role <> v_move.role OR NOT community.has_capability(v_move.role, p_community_id) THEN
        v_move := community._case_transition(v_old.machine, v_old.state, p_event, p_community_id, v_role);
    END IF;
    -- The time is read after the lock, so that racing callers get times in the
    -- order of their events.
    IF p_at IS NULL THEN
        v_at := greatest(clock_timestamp(), v_old.last_at);
    ELSE
        v_at := community._case_at(p_community_id, p_at, v_old.last_at);
    END IF;
    IF v_actor IS NULL OR NOT community.has_capability('act_for', p_community_id) THEN
        v_actor := community._case_actor(p_community_id, v_doc);
    END IF;
    IF p_event IN ('accept', 'file', 'verify_request', 'archive', 'auto_evaluate') AND v_move.role <> 'inspector' THEN
        v_new := v_old;     -- these ask for nothing
    ELSE
        v_new := community._case_guard(v_old, v_move, v_actor, v_reason, v_doc, v_at);
    END IF;
    IF v_move.clock <> 'run' OR v_old.clock = 'paused' THEN
        v_new := community._case_clock(v_new, v_move, v_at);
    END IF;
    IF v_new.clock = 'running' THEN
        v_due_at := v_new.deadline;
    END IF;
    IF community.case_stage(v_move.to_state) IS NOT NULL THEN
        v_stage_due := community._case_stage_due(v_new, v_old.state, v_move.to_state, v_at);
    END IF;

    IF v_new.clock IN ('ended', 'stopped') OR v_move.to_state = 'suspended' THEN
        v_wake_at := community._case_wake_at(v_new, v_move.to_state, v_at);
    END IF;

    UPDATE community.case_file f
       SET state = v_move.to_state, seq = v_old.seq + 1, last_at = v_at, clock = v_new.clock, due_at = v_due_at,
           deadline = v_new.deadline, time_left = v_new.time_left, due_import = v_new.due_import,
           due_imported = v_new.due_imported, on_time = v_new.on_time,
           organization_community_id = v_new.organization_community_id, organization_id = v_new.organization_id,
           handler = v_new.handler, handlers = v_new.handlers,
           merged_into = v_new.merged_into, returns = v_new.returns, reworks = v_new.reworks,
           extensions = v_new.extensions, suspensions = v_new.suspensions, reopenings = v_new.reopenings,
           escalations = v_new.escalations, suspend_until = v_new.suspend_until, extend_by = v_new.extend_by,
           rating = v_new.rating, filed_at = v_new.filed_at, dispatched_at = v_new.dispatched_at,
           signed_at = v_new.signed_at, handled_at = v_new.handled_at, closed_at = v_new.closed_at,
           stage_due = v_stage_due, wake_at = v_wake_at
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
    INSERT INTO community.case_log AS l (community_id, case_id, seq, event, from_state, to_state, role, actor, case_type, channel,
        grid_id, organization_community_id, organization_id, clock_was, clock, deadline_was, deadline, on_time_was, on_time,
        rating, reason, doc, occurred_at, stage_due)
    VALUES (p_community_id, p_case_id, v_old.seq + 1, p_event, v_old.state, v_move.to_state, v_move.role, v_actor,
        v_old.case_type, v_old.channel, v_old.grid_id,
        CASE WHEN p_event = 'return' THEN v_old.organization_community_id ELSE v_new.organization_community_id END,
        CASE WHEN p_event = 'return' THEN v_old.organization_id ELSE v_new.organization_id END,
        v_old.clock, v_new.clock, v_old.deadline, v_new.deadline, v_old.on_time, v_new.on_time,
        CASE WHEN p_event = 'rate' THEN v_new.rating END, v_reason, v_doc - '{actor,role,reason}'::text[], v_at, v_stage_due)
    RETURNING l.log_id INTO log_id;

    state := v_move.to_state;
    due_at := v_due_at;
    IF p_key IS NOT NULL THEN
        PERFORM community.api_answer(p_key, jsonb_build_object('state', state, 'due_at', due_at, 'log_id', log_id));
    END IF;
END $$;
COMMENT ON FUNCTION community.case_event(uuid, bigint, bigint, text, jsonb, timestamptz) IS 'Move a case by an event of its machine: locks it, finds the transition, checks role and guards, sets state and clock, logs. p_doc: role, actor (needs act_for), reason, organization_id, organization_community_id, into_case_id, until, extend_by, rating. p_at: time it occurred, needs import; NULL is now. A repeated p_key returns the first answer. / 按状态机推进案卷：加锁、查迁移、校验、计时、记日志；同一请求键重复调用返回首次结果。';
