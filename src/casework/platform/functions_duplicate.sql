-- Duplicates, attachments, several organizations on one case.

CREATE OR REPLACE FUNCTION community._distance_m(p_lon1 double precision, p_lat1 double precision, p_lon2 double precision, p_lat2 double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 2 * 6371008.8 * asin(least(1, sqrt(power(sind((p_lat2 - p_lat1) / 2), 2)
    + cosd(p_lat1) * cosd(p_lat2) * power(sind((p_lon2 - p_lon1) / 2), 2))));
COMMENT ON FUNCTION community._distance_m(double precision, double precision, double precision, double precision) IS 'Metres between two positions in degrees on the mean sphere, half a percent off at most. / 两点球面距离（米）。';

CREATE OR REPLACE FUNCTION community.case_duplicates(p_community_id bigint, p_case_id bigint)
RETURNS TABLE (case_id bigint, case_no text, state text, rule text, distance_m double precision, supporters integer, reported_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_case community.case_file;
    v_radius double precision := community.setting_numeric('duplicate_radius', p_community_id);
    v_window interval := community.setting_interval('duplicate_window', p_community_id);
    v_cells community.gridcell[];
BEGIN
    SELECT * INTO v_case FROM community.case_file f WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    -- A component tells what it is about; without one, place and time must do:
    -- the cells around (4 seconds, 120 m by 120 m times the cosine of the
    -- latitude) are ranges of the index.
    IF v_case.component_id IS NULL THEN
        v_cells := community.gridcell_disk_array(community.gridcell_parent(v_case.cell, 5),
            1 + floor(v_radius / (120 * cosd(v_case.lat)))::integer);
        RETURN QUERY
        SELECT f.case_id, f.case_no, f.state, 'place', community._distance_m(v_case.lon, v_case.lat, f.lon, f.lat) AS d, f.supporters, f.reported_at
          FROM unnest(v_cells) c
          JOIN community.case_file f ON f.community_id = p_community_id AND f.case_type = v_case.case_type
           AND f.cell_key BETWEEN community.gridcell_first(c)::bigint AND community.gridcell_last(c)::bigint
          JOIN community.case_state s ON s.state = f.state AND s.is_open
         WHERE f.case_id <> p_case_id AND f.component_id IS NULL
           AND f.reported_at BETWEEN v_case.reported_at - v_window AND v_case.reported_at + v_window
           AND community._distance_m(v_case.lon, v_case.lat, f.lon, f.lat) <= v_radius
         ORDER BY d, f.reported_at, f.case_id;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT f.case_id, f.case_no, f.state, 'component', community._distance_m(v_case.lon, v_case.lat, f.lon, f.lat) AS d, f.supporters, f.reported_at
      FROM community.case_file f
      JOIN community.case_state s ON s.state = f.state AND s.is_open
     WHERE f.community_id = p_community_id AND f.case_id <> p_case_id AND f.case_type = v_case.case_type
       AND f.component_id = v_case.component_id
     ORDER BY d, f.reported_at, f.case_id;
END $$;
COMMENT ON FUNCTION community.case_duplicates(bigint, bigint) IS 'Open cases of the same type and community that a case may repeat: about the same component, or, when it names none, within the settings duplicate_radius (metres) and duplicate_window of it; nearest first. Refuses case_not_found. / 可能重复的在办案卷：同部件，或无部件时同类型、半径与时间窗内，近者在前。';

CREATE OR REPLACE FUNCTION community.case_merge_nearest(p_community_id bigint, p_case_id bigint, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_into bigint;
BEGIN
    SELECT d.case_id INTO v_into FROM community.case_duplicates(p_community_id, p_case_id) d
     WHERE d.reported_at <= (SELECT f.reported_at FROM community.case_file f WHERE f.community_id = p_community_id AND f.case_id = p_case_id)
     LIMIT 1;
    IF FOUND THEN
        PERFORM community.case_event(NULL, p_community_id, p_case_id, 'merge', p_doc || jsonb_build_object('into_case_id', v_into));
    END IF;
    RETURN v_into;
END $$;
COMMENT ON FUNCTION community.case_merge_nearest(bigint, bigint, jsonb) IS 'Merge a case into the nearest earlier one it repeats, as case_duplicates() finds it; returns that case, NULL when it repeats none. Refuses as case_event() does. / 并入最近的重复案卷，返回其编号；无重复返回 NULL。';

CREATE OR REPLACE FUNCTION community.case_attach(p_community_id bigint, p_case_id bigint, p_kind text, p_uri text,
    p_media_type text, p_sha256 bytea, p_bytes bigint DEFAULT NULL, p_doc jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM FROM community.case_file f WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    IF (p_kind IN ('report', 'handling', 'check', 'other') AND p_uri <> '' AND p_media_type ~ '^[a-z]+/[a-z0-9.+-]+$'
        AND length(p_sha256) = 32 AND (p_bytes IS NULL OR p_bytes >= 0)) IS NOT TRUE THEN
        PERFORM community.refuse('attachment_invalid', p_uri);
    END IF;
    INSERT INTO community.case_attachment (community_id, case_id, kind, uri, media_type, bytes, sha256, added_by, added_at)
    VALUES (p_community_id, p_case_id, p_kind, p_uri, p_media_type, p_bytes, p_sha256,
        community._case_actor(p_community_id, community._case_doc(p_doc)), clock_timestamp())
    ON CONFLICT (community_id, case_id, sha256) DO NOTHING
    RETURNING attachment_id INTO v_id;
    IF NOT FOUND THEN
        SELECT a.attachment_id INTO v_id FROM community.case_attachment a
         WHERE a.community_id = p_community_id AND a.case_id = p_case_id AND a.sha256 = p_sha256;
    END IF;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.case_attach(bigint, bigint, text, text, text, bytea, bigint, jsonb) IS 'Attach a file to a case by its address and SHA-256; the same file again returns the first number. Refuses case_not_found, attachment_invalid. / 按地址与哈希添加附件；同一文件重复添加返回原附件号。';

CREATE OR REPLACE FUNCTION community.case_assist_add(p_community_id bigint, p_case_id bigint, p_organization_community_id bigint,
    p_organization_id bigint, p_task text, p_doc jsonb DEFAULT '{}')
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_case community.case_file;
BEGIN
    SELECT * INTO v_case FROM community.case_file f
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    PERFORM community.require_capability('dispatcher', p_community_id);
    IF v_case.state NOT IN ('dispatched', 'handling', 'rework') THEN
        PERFORM community.refuse('assist_untimely', v_case.state);
    END IF;
    PERFORM FROM community.organization o
      WHERE o.community_id = p_organization_community_id AND o.organization_id = p_organization_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('organization_not_found', p_organization_id::text, p_organization_community_id::text);
    END IF;
    IF (v_case.organization_community_id = p_organization_community_id AND v_case.organization_id = p_organization_id)
       OR EXISTS (SELECT FROM community.case_assist a
                   WHERE a.community_id = p_community_id AND a.case_id = p_case_id
                     AND a.organization_community_id = p_organization_community_id AND a.organization_id = p_organization_id) THEN
        PERFORM community.refuse('assist_twice', p_organization_id::text);
    END IF;
    INSERT INTO community.case_assist (community_id, case_id, organization_community_id, organization_id, task, assigned_by, assigned_at)
    VALUES (p_community_id, p_case_id, p_organization_community_id, p_organization_id, p_task,
        community._case_actor(p_community_id, community._case_doc(p_doc)), clock_timestamp());
    UPDATE community.case_file f SET assists_open = f.assists_open + 1
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
END $$;
COMMENT ON FUNCTION community.case_assist_add(bigint, bigint, bigint, bigint, text, jsonb) IS 'Call an organization in to assist the one that leads; handling is not done before every assistant is. Needs dispatcher. Refuses case_not_found, capability_missing, assist_untimely, organization_not_found, assist_twice. / 指派协办单位；全部协办完成后方可报处置完成。';

CREATE OR REPLACE FUNCTION community.case_assist_done(p_community_id bigint, p_case_id bigint, p_organization_community_id bigint,
    p_organization_id bigint, p_result text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM FROM community.case_file f WHERE f.community_id = p_community_id AND f.case_id = p_case_id FOR NO KEY UPDATE;
    PERFORM community.require_capability('handler', p_community_id);
    UPDATE community.case_assist a SET done_at = clock_timestamp(), result = p_result
     WHERE a.community_id = p_community_id AND a.case_id = p_case_id AND a.done_at IS NULL
       AND a.organization_community_id = p_organization_community_id AND a.organization_id = p_organization_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('assist_missing', p_organization_id::text);
    END IF;
    UPDATE community.case_file f SET assists_open = f.assists_open - 1
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
END $$;
COMMENT ON FUNCTION community.case_assist_done(bigint, bigint, bigint, bigint, text) IS 'Record that an assisting organization has done its part. Needs handler. Refuses capability_missing, assist_missing. / 登记协办完成。';

CREATE OR REPLACE FUNCTION community.case_pool(p_community_id bigint)
RETURNS TABLE (case_id bigint, case_no text, case_type text, organization_community_id bigint, organization_id bigint,
    since timestamptz, suspend_until timestamptz, time_left interval, reason text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.case_id, f.case_no, f.case_type, f.organization_community_id, f.organization_id, f.last_at, f.suspend_until, f.time_left,
           (SELECT l.reason FROM community.case_log l
             WHERE l.community_id = f.community_id AND l.case_id = f.case_id AND l.event = 'request_suspend'
             ORDER BY l.seq DESC LIMIT 1)
      FROM community.case_file f
     WHERE f.community_id = p_community_id AND f.state = 'suspended' AND f.wake_at IS NOT NULL
     ORDER BY f.suspend_until, f.case_id;
END;
COMMENT ON FUNCTION community.case_pool(bigint) IS 'The suspension pool of a community: what stands still, since when, until when, with how much time left and why; first to end first. / 挂起池：挂起案卷、起止、剩余时限与原因。';
