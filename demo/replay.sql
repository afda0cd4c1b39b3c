-- Taking a stream in through the platform's own procedures.
--
--   CALL demo.replay('haishu');
--
-- Each event's key is the md5 of source and event id, so a second delivery, or
-- a replay that starts again after a crash, finds its first answer.  A batch is
-- one transaction together with the position reached.  It first runs as a
-- whole; when the platform refuses a row, it is taken again row by row, each
-- under its own savepoint, fifty to a transaction so that the savepoints stay
-- in the server's cache.

-- Take one row in; the platform's refusal passes through.
CREATE FUNCTION demo._take_row(s demo.stream) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    v_key       uuid := md5(s.source || ':' || s.event_id)::uuid;
    v_case      demo.case_ref;
    v_into      bigint;
    v_doc       jsonb := s.doc;
BEGIN
    IF s.event = 'report' THEN
        SELECT r.community_id, r.case_id INTO v_case.community_id, v_case.case_id
          FROM community.case_report(v_key, s.case_type, s.lon, s.lat, s.description, s.channel, v_doc, s.at) AS r;
        INSERT INTO demo.case_ref VALUES (s.source, s.case_ref, v_case.community_id, v_case.case_id)
        ON CONFLICT DO NOTHING;
        RETURN;
    END IF;
    SELECT * INTO v_case FROM demo.case_ref WHERE source = s.source AND case_ref = s.case_ref;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'PT404', DETAIL = 'reason=report_refused',
            MESSAGE = format('the report of case %s was refused', s.case_ref);
    END IF;
    IF s.into_ref IS NOT NULL THEN
        SELECT case_id INTO v_into FROM demo.case_ref WHERE source = s.source AND case_ref = s.into_ref;
        v_doc := v_doc || jsonb_build_object('into_case_id', v_into);
    END IF;
    PERFORM community.case_event(v_key, v_case.community_id, v_case.case_id, s.event, v_doc, s.at);
END
$$;

-- Take the rows (p_from, p_to] in and move the position; refused rows are
-- listed when p_one_by_one, otherwise they end the whole call.
CREATE FUNCTION demo._take(p_source text, p_lane int, p_from bigint, p_to bigint, p_one_by_one boolean) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    s           demo.stream;
    v_began     timestamptz := clock_timestamp();
    v_reports   bigint := 0;
    v_events    bigint := 0;
    v_repeated  bigint := 0;
    v_detail    text;
    v_ok        boolean;
BEGIN
    FOR s IN SELECT * FROM demo.stream WHERE source = p_source AND lane = p_lane AND pos > p_from AND pos <= p_to
              ORDER BY pos LOOP
        v_ok := true;
        IF p_one_by_one THEN
            BEGIN
                PERFORM demo._take_row(s);
            EXCEPTION WHEN OTHERS THEN
                IF SQLSTATE NOT LIKE 'PT4__' THEN
                    RAISE;              -- a failure, not a refusal
                END IF;
                GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
                v_ok := false;
                INSERT INTO demo.refused
                VALUES (s.source, s.event_id, s.event, coalesce(substring(v_detail FROM 'reason=(\w+)'), SQLSTATE), SQLERRM)
                ON CONFLICT DO NOTHING;
            END;
        ELSE
            PERFORM demo._take_row(s);
        END IF;
        IF s.again THEN
            v_repeated := v_repeated + 1;
        ELSIF v_ok AND s.event = 'report' THEN
            v_reports := v_reports + 1;
        ELSIF v_ok THEN
            v_events := v_events + 1;
        END IF;
    END LOOP;
    UPDATE demo.progress
       SET pos = p_to, reports = reports + v_reports, events = events + v_events, repeated = repeated + v_repeated,
           seconds = seconds + extract(epoch FROM clock_timestamp() - v_began)
     WHERE source = p_source AND lane = p_lane;
END
$$;

CREATE PROCEDURE demo.replay(p_source text, p_lane int DEFAULT 0, p_batch int DEFAULT 500)
    LANGUAGE plpgsql AS
$$
DECLARE
    v_pos       bigint;
    v_to        bigint;
    v_mid       bigint;
    v_rows      bigint;
    v_done      bigint;
    v_shown     int;
    v_ok        boolean;
BEGIN
    INSERT INTO demo.progress (source, lane) VALUES (p_source, p_lane) ON CONFLICT DO NOTHING;
    SELECT pos INTO v_pos FROM demo.progress WHERE source = p_source AND lane = p_lane;
    SELECT count(*), count(*) FILTER (WHERE pos <= v_pos) INTO v_rows, v_done
      FROM demo.stream WHERE source = p_source AND lane = p_lane;
    COMMIT;
    LOOP
        -- the position at the end of the next batch
        SELECT max(pos) INTO v_to
          FROM (SELECT pos FROM demo.stream WHERE source = p_source AND lane = p_lane AND pos > v_pos
                 ORDER BY pos LIMIT p_batch) AS b;
        EXIT WHEN v_to IS NULL;
        BEGIN
            PERFORM demo._take(p_source, p_lane, v_pos, v_to, false);
            v_ok := true;
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE NOT LIKE 'PT4__' THEN
                RAISE;
            END IF;
            v_ok := false;
        END;
        WHILE NOT v_ok AND v_pos < v_to LOOP
            SELECT max(pos) INTO v_mid
              FROM (SELECT pos FROM demo.stream WHERE source = p_source AND lane = p_lane AND pos > v_pos AND pos <= v_to
                     ORDER BY pos LIMIT 50) AS b;
            PERFORM demo._take(p_source, p_lane, v_pos, v_mid, true);
            v_pos := v_mid;
            COMMIT;
        END LOOP;
        v_pos := v_to;
        v_done := least(v_done + p_batch, v_rows);
        COMMIT;
        IF v_shown IS DISTINCT FROM v_done * 4 / v_rows THEN
            v_shown := v_done * 4 / v_rows;
            RAISE NOTICE '% (lane %): % of % events', p_source, p_lane, v_done, v_rows;
        END IF;
        PERFORM set_config('application_name', format('demo replay %s %s %s/%s', p_source, p_lane, v_done, v_rows), false);
    END LOOP;
END
$$;
