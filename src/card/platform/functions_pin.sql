-- PINs by two calls: the attempt is committed before it is judged, so that no
-- ROLLBACK takes a guess back.

CREATE OR REPLACE FUNCTION community.pin_set(p_community_id bigint, p_card_id bigint, p_pin text, p_duress text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock(p_community_id, p_card_id);
    IF p_pin IS NULL OR p_pin !~ '^[0-9]{4,12}$' OR p_duress !~ '^[0-9]{4,12}$' THEN
        PERFORM community.refuse('pin_form');
    END IF;
    IF p_pin = p_duress THEN
        PERFORM community.refuse('pin_same');
    END IF;
    UPDATE community.card c
       SET pin = community.pin_store(community.pin_guess(v_card.card_no, v_card.generation, p_pin)),
           duress = community.pin_store(community.pin_guess(v_card.card_no, v_card.generation, p_duress))
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id;
    PERFORM community._card_log(v_card, 'pin_set', v_card.state);
END
$$;
COMMENT ON FUNCTION community.pin_set(bigint, bigint, text, text) IS 'Set the PIN of a card and, if wanted, the one that is entered under duress; pass both as bound parameters. Needs the capability card. Refuses pin_form, pin_same, card_unknown, capability_missing. / 设置密码与可选的胁迫密码，须以绑定参数传入。需要 card 权限。';

CREATE OR REPLACE FUNCTION community.pin_attempt(p_community_id bigint, p_card_id bigint, p_pin text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_window interval := community.setting_interval('pin_window', p_community_id);
    v_guesses bigint;
    v_last timestamptz;
    v_id bigint;
BEGIN
    PERFORM community.require_capability('door', p_community_id);
    IF p_pin IS NULL OR p_pin !~ '^[0-9]{4,12}$' THEN
        PERFORM community.refuse('pin_form');
    END IF;
    -- Written, not only locked: else a transaction with an older snapshot would
    -- wait here and then count without the guesses that it waited for.
    UPDATE community.card c SET changed_at = c.changed_at
     WHERE c.community_id = p_community_id AND c.card_id = p_card_id
    RETURNING * INTO v_card;
    IF NOT FOUND THEN
        PERFORM community.refuse('card_unknown', coalesce(p_card_id::text, 'NULL'));
    END IF;
    IF v_card.pin IS NULL THEN
        PERFORM community.refuse('pin_unset');
    END IF;
    SELECT count(*), min(a.at) INTO v_guesses, v_last
      FROM (SELECT t.at FROM community.pin_attempt t
             WHERE t.community_id = p_community_id AND t.card_id = p_card_id AND t.outcome IN ('open', 'wrong')
               AND t.at > clock_timestamp() - v_window
             ORDER BY t.at DESC
             LIMIT community.setting_int('pin_guesses', p_community_id)) a;
    IF v_guesses >= community.setting_int('pin_guesses', p_community_id) THEN
        PERFORM community.refuse('pin_locked', (v_last + v_window)::text);
    END IF;
    INSERT INTO community.pin_attempt (community_id, card_id, guess)
    VALUES (p_community_id, p_card_id, community.pin_guess_again(v_card.card_no, v_card.generation, p_pin, v_card.pin))
    RETURNING attempt_id INTO v_id;
    RETURN v_id;
END
$$;
COMMENT ON FUNCTION community.pin_attempt(bigint, bigint, text) IS 'Enter a PIN and return the number of the attempt; the client commits, then asks pin_result(). Wrong and unjudged attempts within pin_window are limited; at REPEATABLE READ an attempt that others overtook fails with 40001. Pass the PIN as a bound parameter. Needs the capability door. Refuses pin_locked, pin_unset, pin_form, card_unknown, capability_missing. / 输入密码并返回尝试编号；客户端提交后再调 pin_result()。窗口内错误与未判次数受限；REPEATABLE READ 下被他人抢先的尝试以 40001 失败。需要 door 权限。';

CREATE OR REPLACE FUNCTION community.pin_result(p_community_id bigint, p_attempt_id bigint)
RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_attempt community.pin_attempt;
    v_card community.card;
    v_outcome text;
BEGIN
    PERFORM community.require_capability('door', p_community_id);
    SELECT * INTO v_attempt
      FROM community.pin_attempt a
     WHERE a.community_id = p_community_id AND a.attempt_id = p_attempt_id
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'uncommitted';
    END IF;
    IF v_attempt.outcome <> 'open' THEN
        RETURN v_attempt.outcome;
    END IF;
    -- Nobody learns anything from an attempt that may still be undone.
    IF v_attempt.at < now() - community.setting_interval('pin_window', p_community_id)
       OR pg_xact_status(v_attempt.xid::text::xid8) IS DISTINCT FROM 'committed' THEN
        RETURN 'uncommitted';
    END IF;
    SELECT * INTO v_card FROM community.card c
     WHERE c.community_id = p_community_id AND c.card_id = v_attempt.card_id;
    -- Both are always tried, so that time does not tell a duress PIN from a wrong one.
    v_outcome := CASE WHEN community.pin_matches(v_attempt.guess, v_card.pin) THEN 'right' ELSE 'wrong' END;
    IF v_card.duress IS NOT NULL AND community.pin_matches(v_attempt.guess, v_card.duress) THEN
        v_outcome := 'duress';
    END IF;
    UPDATE community.pin_attempt a SET outcome = v_outcome, guess = NULL
     WHERE a.community_id = p_community_id AND a.attempt_id = p_attempt_id;
    RETURN v_outcome;
END
$$;
COMMENT ON FUNCTION community.pin_result(bigint, bigint) IS 'Judge a committed attempt: right, duress, wrong; uncommitted when its transaction is not committed or it does not exist. The answer stays the same. Needs the capability door. Refuses capability_missing. / 判定已提交的尝试：right、duress、wrong；未提交或不存在为 uncommitted，结果不变。需要 door 权限。';
