-- Counting turnover.

CREATE OR REPLACE FUNCTION community._rollup_transfer_day(p_from bigint, p_to bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_day record;
    v_rows bigint := 0;
BEGIN
    -- Different payers do not add up, so a day is counted anew as a whole.
    FOR v_day IN
        SELECT t.community_id, c.tz, community.local_day(t.at, c.tz) AS day, count(*) AS n
          FROM community.transfer t
          JOIN community.community c ON c.community_id = t.community_id
         WHERE t.tx >= p_from AND t.tx < p_to AND t.phase IN ('single', 'post')
         GROUP BY 1, 2, 3 ORDER BY 1, 3
    LOOP
        DELETE FROM community.rollup_transfer_day r WHERE r.community_id = v_day.community_id AND r.day = v_day.day;
        INSERT INTO community.rollup_transfer_day (community_id, day, currency, code, transfers, amount, payers, payees)
        SELECT v_day.community_id, v_day.day, t.currency, t.code, count(*), sum(t.amount),
               count(DISTINCT t.debit_id) FILTER (WHERE d.owner_kind IN ('person', 'card')),
               count(DISTINCT t.credit_id) FILTER (WHERE p.owner_kind IN ('person', 'card'))
          FROM community.transfer t
          JOIN community.account d ON d.community_id = t.community_id AND d.account_id = t.debit_id
          JOIN community.account p ON p.community_id = t.community_id AND p.account_id = t.credit_id
         WHERE t.community_id = v_day.community_id AND t.phase IN ('single', 'post')
           AND t.at >= v_day.day::timestamp AT TIME ZONE v_day.tz AND t.at < (v_day.day + 1)::timestamp AT TIME ZONE v_day.tz
         GROUP BY t.currency, t.code;
        v_rows := v_rows + v_day.n;
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION community._rollup_transfer_day(bigint, bigint) IS 'Job: count the local days anew that transfers in a window of transactions fall into; returns the transfers. / 作业：对事务窗口内流水涉及的当地日重新计数，返回笔数。';
