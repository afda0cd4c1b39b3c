-- Time bank: credits for hours given to others, in the ledger's currency TIME.
-- Orders earn and spend them; so do hours and thanks outside of orders, here.

CREATE OR REPLACE FUNCTION community._time_require(p_community_id bigint, p_person_id bigint, p_what text)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_login text := (SELECT p.login FROM community.provider p
                      WHERE p.community_id = p_community_id AND p.owner_kind = 'person' AND p.owner_id = p_person_id);
BEGIN
    -- The login that a volunteer serves under, or the platform.
    IF v_login IS NULL OR NOT community._match_may('provide', p_community_id, v_login) THEN
        PERFORM community._match_require('match', p_community_id, NULL, p_what);
    END IF;
END $$;
COMMENT ON FUNCTION community._time_require(bigint, bigint, text) IS 'Refuse match_role unless the login is that of the volunteer, or acts for the platform (match). / 仅志愿者本人账号或平台可操作其时间积分。';

CREATE OR REPLACE FUNCTION community.time_earn(p_key uuid, p_community_id bigint, p_person_id bigint, p_minutes bigint, p_reference text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_seq bigint;
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'time');
    IF coalesce(btrim(p_reference), '') = '' THEN
        PERFORM community.refuse('match_form', 'credit', 'a reference to the service is needed');
    END IF;
    SELECT m.seq INTO v_seq
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL::community.transfer, NULL,
        community._match_account(p_community_id, 'TIME', 'community', p_community_id),
        community._match_account(p_community_id, 'TIME', 'person', p_person_id), p_minutes, 'time_earned', p_reference, NULL) m;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community.time_earn(uuid, bigint, bigint, bigint, text) IS 'Credit a person with minutes of service outside of an order, named by p_reference; returns the transfer, the first one for a repeated key. Needs match. Refuses match_form, account_missing, match_role and what the ledger refuses. / 为订单外的志愿服务计入时间积分（分钟）。';

CREATE OR REPLACE FUNCTION community.time_spend(p_key uuid, p_community_id bigint, p_person_id bigint, p_minutes bigint, p_reference text)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_seq bigint;
BEGIN
    PERFORM community._time_require(p_community_id, p_person_id, 'time');
    IF coalesce(btrim(p_reference), '') = '' THEN
        PERFORM community.refuse('match_form', 'spending', 'a reference to what it is spent on is needed');
    END IF;
    SELECT m.seq INTO v_seq
      FROM community._ledger_move(p_community_id, p_key, 'single', NULL::community.transfer, NULL,
        community._match_account(p_community_id, 'TIME', 'person', p_person_id),
        community._match_account(p_community_id, 'TIME', 'community', p_community_id), p_minutes, 'time_spent', p_reference, NULL) m;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community.time_spend(uuid, bigint, bigint, bigint, text) IS 'Spend minutes of a person on what the community gives for them, named by p_reference; returns the transfer, the first one for a repeated key. For the volunteer''s own login, or match. Refuses match_form, account_missing, match_role and what the ledger refuses. / 以时间积分兑换社区所提供之物。';

CREATE OR REPLACE FUNCTION community.time_kin_set(p_community_id bigint, p_person_id bigint, p_kin_id bigint, p_relation text,
    p_kin_community_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_there bigint := coalesce(p_kin_community_id, p_community_id);
BEGIN
    PERFORM community._match_require('match', p_community_id, NULL, 'kin');
    PERFORM community._community_known(v_there);
    IF p_person_id IS NULL OR p_kin_id IS NULL OR p_relation IS NULL OR (p_person_id = p_kin_id AND v_there = p_community_id)
       OR p_relation NOT IN ('spouse', 'child', 'parent', 'grandparent', 'grandchild', 'sibling', 'self')
       OR (p_relation = 'self' AND v_there = p_community_id) THEN
        PERFORM community.refuse('match_form', 'relation', format('%s is %s of %s', p_kin_id, p_relation, p_person_id));
    END IF;
    INSERT INTO community.time_kin (community_id, person_id, kin_community_id, kin_id, relation, verified_by)
    VALUES (p_community_id, p_person_id, v_there, p_kin_id, p_relation, community.actor())
    ON CONFLICT (community_id, person_id, kin_community_id, kin_id) DO UPDATE SET relation = EXCLUDED.relation, verified_by = EXCLUDED.verified_by;
    RETURN p_kin_id;
END $$;
COMMENT ON FUNCTION community.time_kin_set(bigint, bigint, bigint, text, bigint) IS 'Record to whom a person may pass time credits: a relative here or in another community (p_kin_community_id), or oneself there (relation self). Returns p_kin_id. Needs match. Refuses match_form, community_unknown, match_role. / 登记可受让时间积分的亲属，或另一社区的本人。';

CREATE OR REPLACE FUNCTION community.time_give(p_key uuid, p_community_id bigint, p_person_id bigint, p_kin_id bigint, p_minutes bigint,
    p_kin_community_id bigint DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_there bigint := coalesce(p_kin_community_id, p_community_id);
    v_relation text;
    v_from bigint;
    v_to bigint;
    v_given bigint;
    v_cap integer := community.setting_int('time_year_cap', p_community_id);
    v_seq bigint;
    v_replayed boolean;
BEGIN
    PERFORM community._time_require(p_community_id, p_person_id, 'time');
    SELECT k.relation INTO v_relation FROM community.time_kin k
     WHERE k.community_id = p_community_id AND k.person_id = p_person_id AND k.kin_community_id = v_there AND k.kin_id = p_kin_id;
    IF NOT FOUND THEN
        PERFORM community.refuse('kin_unknown', coalesce(p_person_id::text, 'NULL'), coalesce(p_kin_id::text, 'NULL'));
    END IF;
    v_from := community._match_account(p_community_id, 'TIME', 'person', p_person_id);
    v_to := community._match_account(v_there, 'TIME', 'person', p_kin_id);
    IF v_there = p_community_id THEN
        SELECT m.seq, m.replayed INTO v_seq, v_replayed
          FROM community._ledger_move(p_community_id, p_key, 'single', NULL::community.transfer, NULL, v_from, v_to, p_minutes, 'time_gift', NULL, NULL) m;
    ELSE
        SELECT m.from_seq, m.replayed INTO v_seq, v_replayed
          FROM community._ledger_between(p_key, p_community_id, v_from, v_there, v_to, p_minutes,
                                         CASE v_relation WHEN 'self' THEN 'time_move' ELSE 'time_gift' END, NULL) m;
    END IF;
    -- The accounts are locked now: nobody gives from this one meanwhile.
    SELECT coalesce(sum(t.amount), 0) INTO v_given
      FROM community.transfer t
     WHERE t.community_id = p_community_id AND t.debit_id = v_from AND t.code = 'time_gift' AND t.at >= community._local_year(p_community_id, now());
    IF NOT v_replayed AND v_given > v_cap THEN
        PERFORM community.refuse('time_year_cap', p_minutes::text, v_cap::text);
    END IF;
    RETURN v_seq;
END $$;
COMMENT ON FUNCTION community.time_give(uuid, bigint, bigint, bigint, bigint, bigint) IS 'Pass minutes of time credit on to a recorded relative, here or in another community, within the yearly cap; to oneself in another community without it. Credits passed on count as earned on that day. Returns the transfer, the first one for a repeated key. For the volunteer''s own login, or match. Refuses kin_unknown, time_year_cap, account_missing, match_role and what the ledger refuses. / 向已登记亲属或另一社区的本人转让时间积分，前者受年度上限约束。';

CREATE OR REPLACE FUNCTION community._local_year(p_community_id bigint, p_at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE
RETURN (SELECT date_trunc('year', p_at AT TIME ZONE c.tz) AT TIME ZONE c.tz FROM community.community c WHERE c.community_id = p_community_id);
COMMENT ON FUNCTION community._local_year(bigint, timestamptz) IS 'Beginning of the local year of a time. / 某时刻所在当地年度的起点。';

CREATE OR REPLACE FUNCTION community.time_balance(p_community_id bigint, p_person_id bigint, OUT balance bigint, OUT available bigint, OUT earned bigint,
    OUT spent bigint, OUT given_this_year bigint, OUT year_cap integer, OUT expires_at timestamptz, OUT expires bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH a AS (
        SELECT x.* FROM community.account x
         WHERE x.community_id = p_community_id
           AND x.account_id = community.account_of(p_community_id, 'TIME', 'purse', 'person', p_person_id)
    ), lot AS (
        -- Credits by day, the oldest spent first: what is left of each.
        SELECT t.at, t.amount, sum(t.amount) OVER (ORDER BY t.at, t.seq) - a.debits_posted - a.debits_pending AS upto
          FROM a JOIN community.transfer t ON t.community_id = a.community_id AND t.credit_id = a.account_id AND t.phase IN ('single', 'post')
    ), next AS (
        SELECT l.at FROM lot l WHERE l.upto > 0 ORDER BY l.at LIMIT 1
    )
    SELECT a.credits_posted - a.debits_posted, a.credits_posted - a.debits_posted - a.debits_pending, a.credits_posted, a.debits_posted,
           (SELECT coalesce(sum(t.amount), 0)::bigint FROM community.transfer t
             WHERE t.community_id = a.community_id AND t.debit_id = a.account_id AND t.code = 'time_gift'
               AND t.at >= community._local_year(p_community_id, now())),
           community.setting_int('time_year_cap', p_community_id),
           (SELECT n.at + community.setting_interval('time_expires', p_community_id) FROM next n),
           (SELECT sum(least(l.amount, l.upto))::bigint FROM lot l JOIN next n ON l.at = n.at WHERE l.upto > 0)
      FROM a;
END;
COMMENT ON FUNCTION community.time_balance(bigint, bigint) IS 'Time credits of a person in minutes: balance, what of it can be spent, all that came in and went out, what was given to relatives in this local year and the most that may be, when the oldest unspent credits expire and how many; one row, of NULLs without an account. / 个人时间积分（分钟）：余额、可用、累计收支、本年转让与上限、最近到期时间与数量；无账户为空。';

CREATE OR REPLACE FUNCTION community._job_match_time(p_now timestamptz)
RETURNS bigint LANGUAGE sql VOLATILE
RETURN community._ledger_lapse('TIME', 'time_expires', p_now);
COMMENT ON FUNCTION community._job_match_time(timestamptz) IS 'Job: take back time credits older than time_expires that were not spent, the oldest counting as spent first; returns the number of purses. / 作业：收回逾期未用的时间积分（先进先出）。';
