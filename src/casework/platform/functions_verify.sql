-- Proving the log of cases.

CREATE OR REPLACE FUNCTION community.case_verify(p_community_id bigint)
RETURNS TABLE (problem text, block bigint, case_id bigint, seq integer) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.problem, v.block, NULL::bigint, NULL::integer
      FROM community.audit_block_verify('case_log', p_community_id) v
    UNION ALL
    -- Within each case the log is a chain of its own, also where it is not yet sealed.
    SELECT CASE WHEN x.seq_before IS NULL AND x.seq <> 1 THEN 'the log does not begin with the report'
                WHEN x.seq <> x.seq_before + 1 THEN 'events are missing before this one'
                WHEN x.from_state <> x.state_before THEN 'does not begin where the event before ended'
                ELSE 'lies before the event before' END,
           NULL, x.case_id, x.seq
      FROM (SELECT l.case_id, l.seq, l.from_state, l.occurred_at,
                   lag(l.seq) OVER w AS seq_before, lag(l.to_state) OVER w AS state_before, lag(l.occurred_at) OVER w AS before
              FROM community.case_log l
             WHERE l.community_id = p_community_id
            WINDOW w AS (PARTITION BY l.case_id ORDER BY l.seq)) x
     -- The beginning of old cases goes with the log's retention.
     WHERE (x.seq_before IS NULL AND x.seq <> 1
            AND NOT EXISTS (SELECT FROM community.case_file f
                             WHERE f.community_id = p_community_id AND f.case_id = x.case_id
                               AND f.reported_at < (SELECT now() - k.keep FROM community.log_table k WHERE k.table_name = 'case_log')))
        OR x.seq <> x.seq_before + 1 OR x.from_state <> x.state_before OR x.occurred_at < x.before
    UNION ALL
    SELECT CASE WHEN l.case_id IS NULL THEN 'the case has no log' ELSE 'the case is not what its last event made it' END,
           NULL, f.case_id, f.seq
      FROM community.case_file f
      LEFT JOIN (SELECT DISTINCT ON (g.case_id) g.case_id, g.seq, g.to_state, g.deadline, g.on_time
                   FROM community.case_log g
                  WHERE g.community_id = p_community_id
                  ORDER BY g.case_id, g.seq DESC) l ON l.case_id = f.case_id
     WHERE f.community_id = p_community_id
       AND (l.case_id IS NOT NULL OR f.last_at >= (SELECT now() - k.keep FROM community.log_table k WHERE k.table_name = 'case_log'))
       AND (l.case_id IS NULL OR l.seq <> f.seq OR l.to_state <> f.state
            OR COALESCE(l.deadline, 'infinity') <> COALESCE(f.deadline, 'infinity')
            OR COALESCE(l.on_time::text, '') <> COALESCE(f.on_time::text, ''))
     ORDER BY 2, 3, 4;
END;
COMMENT ON FUNCTION community.case_verify(bigint) IS 'Everything that is wrong with the log of a community''s cases: blocks that differ from their rows (changed, removed, added or reordered), events that do not follow the one before, cases that are not what their log says. Empty when whole. / 校验社区案卷日志：与封存块不符、事件不连续、案卷与日志不一致；完好则为空。';
