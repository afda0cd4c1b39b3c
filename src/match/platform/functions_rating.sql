-- Ratings: anomalies, appeals, ranking.  A provider sees what was said, never who
-- said it.

CREATE OR REPLACE FUNCTION community._job_match_ratings(p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rows bigint;
BEGIN
    WITH RECURSIVE best AS (
        SELECT r.community_id, r.order_id, r.side, r.provider_id, r.requester_kind, r.requester_id, p.owner_kind, p.owner_id,
               count(*) OVER (PARTITION BY r.community_id, r.provider_id ORDER BY r.rated_at
                              RANGE BETWEEN interval '1 hour' PRECEDING AND interval '1 hour' FOLLOWING) AS near,
               community.setting_int('match_burst', r.community_id) AS burst
          FROM community.rating r
          JOIN community.provider p ON p.community_id = r.community_id AND p.provider_id = r.provider_id
         WHERE r.side = 'requester' AND r.stars = 5 AND r.rated_at > p_now - interval '90 days'
    ), edge AS (
        -- Who gave best ratings to whom, among parties that provide themselves.
        SELECT DISTINCT b.community_id, b.requester_kind AS from_kind, b.requester_id AS from_id, b.owner_kind AS to_kind, b.owner_id AS to_id
          FROM best b
          JOIN community.provider p ON p.community_id = b.community_id AND p.owner_kind = b.requester_kind AND p.owner_id = b.requester_id
    ), walk AS (
        SELECT e.*, e.to_kind AS head_kind, e.to_id AS head_id, 1 AS length FROM edge e
        UNION
        SELECT w.community_id, w.from_kind, w.from_id, w.to_kind, w.to_id, e.to_kind, e.to_id, w.length + 1
          FROM walk w
          JOIN edge e ON e.community_id = w.community_id AND e.from_kind = w.head_kind AND e.from_id = w.head_id
         WHERE w.length < 4 AND (w.head_kind, w.head_id) <> (w.from_kind, w.from_id)
    ), found AS (
        SELECT b.community_id, b.order_id, b.side,
               CASE WHEN EXISTS (SELECT FROM walk w
                                  WHERE w.community_id = b.community_id AND (w.from_kind, w.from_id) = (b.requester_kind, b.requester_id)
                                    AND (w.to_kind, w.to_id) = (b.owner_kind, b.owner_id)
                                    AND (w.head_kind, w.head_id) = (b.requester_kind, b.requester_id)) THEN 'ring'
                    WHEN b.near >= b.burst THEN 'burst' END AS flag
          FROM best b
    )
    UPDATE community.rating r
       SET flag = f.flag, counted = false
      FROM found f
     WHERE r.community_id = f.community_id AND r.order_id = f.order_id AND r.side = f.side
       AND f.flag IS NOT NULL AND r.flag IS NULL AND r.cleared_at IS NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows;
END $$;
COMMENT ON FUNCTION community._job_match_ratings(timestamptz) IS 'Job: flag best ratings that go around a ring of two to four parties (ring) or that come many within an hour either way (burst), and take them out of the counts until a supervisor clears them; returns their number. / 作业：标记二至四方循环互评与突发好评并暂不计入。';

CREATE OR REPLACE FUNCTION community.rating_clear(p_community_id bigint, p_order_id bigint)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'rating');
    UPDATE community.rating r
       SET flag = NULL, cleared_at = now(),
           counted = (SELECT o.state = 'settled' FROM community.service_order o WHERE o.community_id = r.community_id AND o.order_id = r.order_id)
     WHERE r.community_id = p_community_id AND r.order_id = p_order_id AND r.side = 'requester' AND r.flag IN ('ring', 'burst');
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'flagged rating of order', coalesce(p_order_id::text, 'NULL'));
    END IF;
    RETURN p_order_id;
END $$;
COMMENT ON FUNCTION community.rating_clear(bigint, bigint) IS 'Let a flagged rating count after all; returns the order. Needs supervise. Refuses match_unknown, provider_supervises, match_role. / 解除评价异常标记并计入。';

CREATE OR REPLACE FUNCTION community.provider_ranking(p_community_id bigint, p_service text DEFAULT NULL)
RETURNS TABLE (place bigint, provider_id bigint, name text, kind text, rated integer, good integer, lower_bound numeric) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT rank() OVER (ORDER BY community.wilson_lower(p.good, p.rated) DESC), p.provider_id, p.name, p.kind, p.rated, p.good,
           round(community.wilson_lower(p.good, p.rated)::numeric, 6)
      FROM community.provider p
     WHERE p.community_id = p_community_id AND p.state IN ('active', 'warned')
       AND (p_service IS NULL OR EXISTS (SELECT FROM community.offer o
             WHERE o.community_id = p.community_id AND o.provider_id = p.provider_id AND o.service = p_service AND o.state = 'open'))
     ORDER BY 1, 2;
END;
COMMENT ON FUNCTION community.provider_ranking(bigint, text) IS 'Providers by the lower bound of their share of good ratings (Wilson): few ratings never outrank many equally good ones; no raters are shown. / 按好评率 Wilson 下限排名，不显示评价人。';

CREATE OR REPLACE FUNCTION community.provider_ratings(p_community_id bigint, p_provider_id bigint)
RETURNS TABLE (rating_id bigint, stars integer, comment text, counted boolean, appealed boolean, struck boolean) LANGUAGE sql STABLE
BEGIN ATOMIC
    -- None while so few that each would tell its rater.
    SELECT r.rating_id, r.stars, r.comment, r.counted, r.appealed_at IS NOT NULL, r.flag IS NOT DISTINCT FROM 'struck'
      FROM community.rating r
      JOIN community.service_order o ON o.community_id = r.community_id AND o.order_id = r.order_id
     WHERE r.community_id = p_community_id AND r.provider_id = p_provider_id AND r.side = 'requester' AND o.state = 'settled'
       AND (SELECT count(*) FROM community.service_order s
             WHERE s.community_id = p_community_id AND s.provider_id = p_provider_id AND s.state = 'settled')
           >= community.setting_int('match_rating_k', p_community_id)
     ORDER BY r.rating_id;
END;
COMMENT ON FUNCTION community.provider_ratings(bigint, bigint) IS 'Ratings of a provider in an order that tells nothing, without order, time and rater; no row before it has match_rating_k settled orders. / 服务方收到的评价，不含订单、时间与评价人；结算订单不足 match_rating_k 时无行。';

CREATE OR REPLACE FUNCTION community.rating_appeal(p_community_id bigint, p_rating_id bigint, p_reason text)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_rating community.rating;
    v_login text;
BEGIN
    SELECT * INTO v_rating FROM community.rating r
     WHERE r.community_id = p_community_id AND r.rating_id = p_rating_id AND r.side = 'requester' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'rating', coalesce(p_rating_id::text, 'NULL'));
    END IF;
    SELECT p.login INTO v_login FROM community.provider p WHERE p.community_id = p_community_id AND p.provider_id = v_rating.provider_id;
    PERFORM community._match_require('provide', p_community_id, v_login, 'rating');
    IF coalesce(btrim(p_reason), '') = '' THEN
        PERFORM community.refuse('match_form', 'appeal', 'a reason is needed');
    END IF;
    IF v_rating.appealed_at IS NOT NULL THEN
        PERFORM community.refuse('match_state', 'appeal', 'rating', p_rating_id::text, 'appealed');
    END IF;
    UPDATE community.rating r SET appeal = p_reason, appealed_at = clock_timestamp()
     WHERE r.community_id = p_community_id AND r.rating_id = p_rating_id;
    PERFORM community._match_note('rating', p_community_id, p_rating_id, 'given', 'appeal', 'appealed', 'provide', NULL);
    RETURN 'appealed';
END $$;
COMMENT ON FUNCTION community.rating_appeal(bigint, bigint, text) IS 'Appeal against a rating, once, as the provider it is for; it counts until a supervisor decides. Returns its state. Refuses match_unknown, match_form, match_state, supervisor_provides, match_role. / 服务方对评价申诉一次，决定前仍计入。';

CREATE OR REPLACE FUNCTION community.rating_decide(p_community_id bigint, p_rating_id bigint, p_strike boolean)
RETURNS text LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_to text := CASE WHEN p_strike THEN 'struck' ELSE 'kept' END;
BEGIN
    PERFORM community._match_require('supervise', p_community_id, NULL, 'rating');
    IF p_strike IS NULL THEN
        PERFORM community.refuse('match_form', 'decision', 'strike or keep');
    END IF;
    UPDATE community.rating r
       SET decided_at = clock_timestamp(), decided_by = community.actor(),
           flag = CASE WHEN p_strike THEN 'struck' ELSE r.flag END, counted = r.counted AND NOT p_strike
     WHERE r.community_id = p_community_id AND r.rating_id = p_rating_id AND r.appealed_at IS NOT NULL AND r.decided_at IS NULL;
    IF NOT FOUND THEN
        PERFORM community.refuse('match_unknown', 'appealed rating', coalesce(p_rating_id::text, 'NULL'));
    END IF;
    PERFORM community._match_note('rating', p_community_id, p_rating_id, 'appealed', 'decide', v_to, 'supervise', NULL);
    RETURN v_to;
END $$;
COMMENT ON FUNCTION community.rating_decide(bigint, bigint, boolean) IS 'Decide on the appeal against a rating: strike it out, so that it counts no more, or keep it. Returns struck or kept. Needs supervise. Refuses match_form, match_unknown, provider_supervises, match_role. / 对评价申诉作出剔除或保留的决定。';

CREATE OR REPLACE FUNCTION community.rating_review(p_community_id bigint)
RETURNS TABLE (rating_id bigint, order_id bigint, provider_id bigint, stars integer, comment text, flag text, appeal text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.rating_id, r.order_id, r.provider_id, r.stars, r.comment, r.flag, r.appeal
      FROM community.rating r
     WHERE r.community_id = p_community_id AND r.side = 'requester'
       AND (r.flag IN ('ring', 'burst') OR (r.appealed_at IS NOT NULL AND r.decided_at IS NULL))
     ORDER BY r.rated_at, r.order_id;
END;
COMMENT ON FUNCTION community.rating_review(bigint) IS 'Ratings that wait for a supervisor: flagged ones, and those appealed against. / 待监管者处理的评价：异常标记与申诉。';
