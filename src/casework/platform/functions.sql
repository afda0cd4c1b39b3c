-- Small helpers of casework: reading documents, times and actors, frozen rows.

CREATE OR REPLACE FUNCTION community._case_doc(p_doc jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_doc IS NULL THEN
        RETURN '{}'::jsonb;
    END IF;
    IF jsonb_typeof(p_doc) <> 'object' THEN
        PERFORM community.refuse('document_invalid', 'p_doc', jsonb_typeof(p_doc));
    END IF;
    RETURN p_doc;
END $$;
COMMENT ON FUNCTION community._case_doc(jsonb) IS 'The document of a call, empty for NULL; refuses document_invalid unless it is an object. / 调用文档，NULL 视为空；非对象则拒绝。';

CREATE OR REPLACE FUNCTION community._case_doc_time(p_doc jsonb, p_field text)
RETURNS timestamptz LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_at timestamptz;
BEGIN
    v_at := (p_doc ->> p_field)::timestamptz;
    IF NOT isfinite(v_at) THEN
        PERFORM community.refuse('document_invalid', p_field, p_doc ->> p_field);
    END IF;
    RETURN v_at;
EXCEPTION WHEN data_exception THEN
    PERFORM community.refuse('document_invalid', p_field, p_doc ->> p_field);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._case_doc_time(jsonb, text) IS 'A time field of a document, NULL when absent; refuses document_invalid when it is no finite time. / 文档中的时间字段；缺失为 NULL，无效则拒绝。';

CREATE OR REPLACE FUNCTION community._case_doc_interval(p_doc jsonb, p_field text)
RETURNS interval LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN (p_doc ->> p_field)::interval;
EXCEPTION WHEN data_exception THEN
    PERFORM community.refuse('document_invalid', p_field, p_doc ->> p_field);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._case_doc_interval(jsonb, text) IS 'An interval field of a document, NULL when absent; refuses document_invalid when it cannot be read. / 文档中的时长字段；缺失为 NULL，无效则拒绝。';

CREATE OR REPLACE FUNCTION community._case_doc_bigint(p_doc jsonb, p_field text)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RETURN (p_doc ->> p_field)::bigint;
EXCEPTION WHEN data_exception THEN
    PERFORM community.refuse('document_invalid', p_field, p_doc ->> p_field);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._case_doc_bigint(jsonb, text) IS 'A whole-number field of a document, NULL when absent; refuses document_invalid when it cannot be read. / 文档中的整数字段；缺失为 NULL，无效则拒绝。';

CREATE OR REPLACE FUNCTION community._case_at(p_community_id bigint, p_at timestamptz, p_last timestamptz)
RETURNS timestamptz LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- Read after the case is locked, so that two racing callers get times in
    -- the order of their events.
    IF p_at IS NULL THEN
        RETURN greatest(clock_timestamp(), p_last);
    END IF;
    IF p_at <> now() THEN
        PERFORM community.require_capability('import', p_community_id);
    END IF;
    IF NOT isfinite(p_at) THEN
        PERFORM community.refuse('time_invalid', p_at::text);
    END IF;
    IF p_at > clock_timestamp() THEN
        PERFORM community.refuse('time_future', p_at::text);
    END IF;
    IF p_at < p_last THEN
        PERFORM community.refuse('time_backwards', p_at::text, p_last::text);
    END IF;
    RETURN p_at;
END $$;
COMMENT ON FUNCTION community._case_at(bigint, timestamptz, timestamptz) IS 'Time at which an event occurred: the clock, or a recorded time, which needs the capability import and may lie neither in the future nor before the last event. / 事件发生时间：当前时刻，或经 import 授权的补录时间，不得晚于现在或早于上一事件。';

CREATE OR REPLACE FUNCTION community._case_actor(p_community_id bigint, p_doc jsonb)
RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_self text := community.actor();
    v_actor text := p_doc ->> 'actor';
BEGIN
    IF v_actor IS NULL OR v_actor = v_self THEN
        RETURN v_self;
    END IF;
    PERFORM community.require_capability('act_for', p_community_id);
    RETURN v_actor;
END $$;
COMMENT ON FUNCTION community._case_actor(bigint, jsonb) IS 'Who acts: the caller, or the actor the document names, for which the caller needs the capability act_for. / 操作人：调用者，或经 act_for 授权由文档指定。';

CREATE OR REPLACE FUNCTION community._case_log_frozen()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    -- Moving rows from the DEFAULT partition into the partition of their month
    -- is no deletion; who does it holds the partition exclusively.
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM pg_partitioned_table p
          JOIN pg_locks k ON k.relation = p.partdefid
         WHERE p.partrelid = 'community.case_log'::regclass AND p.partdefid = TG_RELID
           AND k.pid = pg_backend_pid() AND k.mode = 'AccessExclusiveLock' AND k.granted) THEN
        RETURN OLD;
    END IF;
    -- Nor does a restored copy change what a row says when it renumbers it.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'tx' = to_jsonb(OLD) - 'tx' AND EXISTS (
        SELECT FROM pg_locks k
         WHERE k.relation = TG_RELID AND k.pid = pg_backend_pid()
           AND k.mode = 'ShareRowExclusiveLock' AND k.granted) THEN
        RETURN NEW;
    END IF;
    PERFORM community.refuse('case_log_frozen');
    RETURN NULL;
END $$;
COMMENT ON FUNCTION community._case_log_frozen() IS 'Refuse case_log_frozen: rows of the log are neither changed nor deleted, only moved or dropped out of the DEFAULT partition under its exclusive lock, and renumbered (tx) by after_restore(), which locks the log. / 拒绝修改或删除日志；仅允许在独占锁下移出或清除默认分区的行，以及由 after_restore() 锁表后调整 tx。';

CREATE OR REPLACE FUNCTION community._case_transition_frozen()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_version integer;
BEGIN
    FOR v_version IN
        SELECT m.version
          FROM community.case_machine m
         WHERE m.version IN (OLD.version, NEW.version) AND m.status <> 'draft'
    LOOP
        PERFORM community.refuse('machine_frozen', v_version::text);
    END LOOP;
    RETURN COALESCE(NEW, OLD);
END $$;
COMMENT ON FUNCTION community._case_transition_frozen() IS 'Refuse machine_frozen unless the version of the transition is a draft. / 非草稿版本的迁移不得修改。';
