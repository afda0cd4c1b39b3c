-- Disputes and what people feel.

CREATE OR REPLACE FUNCTION community.dispute_open(p_community_id bigint, p_case_id bigint, p_level text, p_mediator text, p_parties jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_kind text;
    v_no text;
BEGIN
    SELECT t.kind, f.case_no INTO v_kind, v_no
      FROM community.case_file f JOIN community.case_type t ON t.case_type = f.case_type
     WHERE f.community_id = p_community_id AND f.case_id = p_case_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('case_not_found', p_case_id::text);
    END IF;
    PERFORM community.require_capability('handler', p_community_id);
    IF v_kind <> 'dispute' THEN
        PERFORM community.refuse('dispute_kind', v_no);
    END IF;
    IF jsonb_typeof(p_parties) IS DISTINCT FROM 'array'
       OR NOT (p_parties @> '[{"side": "applicant"}]' AND p_parties @> '[{"side": "respondent"}]')
       OR EXISTS (SELECT FROM jsonb_array_elements(p_parties) p
                   WHERE (p ->> 'side' IN ('applicant', 'respondent', 'third') AND p ->> 'name' <> '') IS NOT TRUE) THEN
        PERFORM community.refuse('dispute_parties');
    END IF;
    INSERT INTO community.dispute (community_id, case_id, level, mediator, opened_at)
    VALUES (p_community_id, p_case_id, p_level, p_mediator, clock_timestamp())
    ON CONFLICT (community_id, case_id) DO NOTHING;
    IF NOT FOUND THEN
        PERFORM community.refuse('dispute_opened', v_no);
    END IF;
    INSERT INTO community.dispute_party (community_id, case_id, party_no, side, name)
    SELECT p_community_id, p_case_id, p.n, p.j ->> 'side', p.j ->> 'name'
      FROM jsonb_array_elements(p_parties) WITH ORDINALITY p (j, n);
END $$;
COMMENT ON FUNCTION community.dispute_open(bigint, bigint, text, text, jsonb) IS 'Begin to mediate a dispute at a level with its parties, a list of objects with side (applicant, respondent, third) and name. Needs handler. Refuses case_not_found, capability_missing, dispute_kind, dispute_parties, dispute_opened. / 开始调解：层级、调解人与当事人。';

CREATE OR REPLACE FUNCTION community.dispute_session(p_community_id bigint, p_case_id bigint, p_level text, p_mediator text,
    p_outcome text, p_note text DEFAULT NULL, p_agreement text DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_levels constant text[] := '{grid,community,street,district,court}';
    v_dispute community.dispute;
    v_no integer;
BEGIN
    PERFORM community.require_capability('handler', p_community_id);
    SELECT * INTO v_dispute FROM community.dispute d
     WHERE d.community_id = p_community_id AND d.case_id = p_case_id AND d.outcome = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('dispute_missing', p_case_id::text);
    END IF;
    IF COALESCE(array_position(v_levels, p_level), 0) < array_position(v_levels, v_dispute.level) THEN
        PERFORM community.refuse('dispute_level', v_dispute.level, p_level);
    END IF;
    IF p_outcome = 'agreed' AND NULLIF(btrim(p_agreement), '') IS NULL THEN
        PERFORM community.refuse('agreement_missing');
    END IF;
    SELECT COALESCE(max(s.step_no), 0) + 1 INTO v_no FROM community.dispute_step s
     WHERE s.community_id = p_community_id AND s.case_id = p_case_id;
    INSERT INTO community.dispute_step (community_id, case_id, step_no, level, mediator, outcome, note, at)
    VALUES (p_community_id, p_case_id, v_no, p_level, p_mediator, p_outcome, p_note, clock_timestamp());
    UPDATE community.dispute d
       SET level = p_level, mediator = p_mediator, outcome = p_outcome, agreement = CASE WHEN p_outcome = 'agreed' THEN p_agreement END,
           ended_at = CASE WHEN p_outcome <> 'pending' THEN clock_timestamp() END
     WHERE d.community_id = p_community_id AND d.case_id = p_case_id;
    IF p_outcome = 'agreed' THEN
        UPDATE community.dispute_party d SET agrees = true
         WHERE d.community_id = p_community_id AND d.case_id = p_case_id AND d.side <> 'third';
    END IF;
    RETURN v_no;
END $$;
COMMENT ON FUNCTION community.dispute_session(bigint, bigint, text, text, text, text, text) IS 'Record a session of mediation and its outcome (pending, agreed with the agreement, withdrawn, failed); the level may rise; the last one is the level that resolved it. Needs handler. Refuses capability_missing, dispute_missing, dispute_level, agreement_missing. / 登记一次调解及结果；层级可升不可降。';

CREATE OR REPLACE FUNCTION community.sentiment_add(p_lon double precision, p_lat double precision, p_source text, p_topic text,
    p_polarity integer, p_content text DEFAULT NULL, p_at timestamptz DEFAULT NULL, p_case_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_place record;
    v_id bigint;
    v_at timestamptz := COALESCE(p_at, clock_timestamp());
BEGIN
    IF (p_source <> '' AND p_topic <> '' AND p_polarity BETWEEN -1 AND 1) IS NOT TRUE THEN
        PERFORM community.refuse('sentiment_invalid');
    END IF;
    v_place := community._case_locate(p_lon, p_lat, v_at);
    IF v_place.community_id IS NULL THEN
        PERFORM community.refuse('location_outside', p_lon::text, p_lat::text);
    END IF;
    PERFORM community.require_capability('grid_worker', v_place.community_id);
    IF p_case_id IS NOT NULL THEN
        PERFORM FROM community.case_file f WHERE f.community_id = v_place.community_id AND f.case_id = p_case_id;
        IF NOT FOUND THEN
            PERFORM community.refuse('case_not_found', p_case_id::text);
        END IF;
    END IF;
    INSERT INTO community.sentiment (community_id, source, topic, polarity, grid_id, content, case_id, at)
    VALUES (v_place.community_id, p_source, p_topic, p_polarity, v_place.grid_id, p_content, p_case_id, v_at)
    RETURNING sentiment_id INTO v_id;
    RETURN v_id;
END $$;
COMMENT ON FUNCTION community.sentiment_add(double precision, double precision, text, text, integer, text, timestamptz, bigint) IS 'Record what people say at a place: source, topic, polarity (-1, 0, 1), perhaps the case it led to. Needs grid_worker. Refuses sentiment_invalid, location_outside, capability_missing, case_not_found. / 登记社情民意：来源、主题、倾向及关联案卷。';

CREATE OR REPLACE FUNCTION community.sentiment_warning(p_community_id bigint, p_at timestamptz, p_weeks integer DEFAULT 8, p_deviations double precision DEFAULT 3)
RETURNS TABLE (grid_id bigint, grid_code text, negative bigint, usual double precision, spread double precision, topics text[]) LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Each grid against its own weeks; the spread is never taken below that of a
    -- count of one, so that a quiet grid does not warn of a single voice.
    SELECT g.grid_id, g.code::text, w.now_n, w.mean, w.sd,
           ARRAY(SELECT s.topic FROM community.sentiment s
                  WHERE s.community_id = p_community_id AND s.grid_id = g.grid_id AND s.polarity < 0
                    AND s.at > p_at - interval '7 days' AND s.at <= p_at
                  GROUP BY s.topic ORDER BY count(*) DESC, s.topic LIMIT 3)
      FROM (SELECT x.grid_id, sum(x.n) FILTER (WHERE x.week = 0)::bigint AS now_n,
                   COALESCE(sum(x.n) FILTER (WHERE x.week > 0), 0)::double precision / p_weeks AS mean,
                   greatest(1, sqrt(greatest(0, COALESCE(sum(x.n * x.n) FILTER (WHERE x.week > 0), 0)::double precision / p_weeks
                       - power(COALESCE(sum(x.n) FILTER (WHERE x.week > 0), 0)::double precision / p_weeks, 2)))) AS sd
              FROM (SELECT s.grid_id, floor(extract(epoch FROM p_at - s.at) / 604800)::integer AS week, count(*) AS n
                      FROM community.sentiment s
                     WHERE s.community_id = p_community_id AND s.grid_id IS NOT NULL AND s.polarity < 0
                       AND s.at <= p_at AND s.at > p_at - make_interval(weeks => p_weeks + 1)
                     GROUP BY 1, 2) x
             GROUP BY x.grid_id) w
      JOIN community.grid g ON g.community_id = p_community_id AND g.grid_id = w.grid_id
     WHERE w.now_n > w.mean + p_deviations * w.sd
     ORDER BY (w.now_n - w.mean) / w.sd DESC, g.code;
END;
COMMENT ON FUNCTION community.sentiment_warning(bigint, timestamptz, integer, double precision) IS 'Grids whose negative voices of the last seven days exceed what their own weeks before lead to expect by some standard deviations; most unusual first. / 情绪预警：近七日负面数显著高于本网格历史的网格。';
