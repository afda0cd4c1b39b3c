-- The offline purse: money is loaded into an account of the card, terminals
-- collect payments with transaction codes, the settlement checks each of them.

CREATE OR REPLACE FUNCTION community.offline_load(p_key uuid, p_community_id bigint, p_card_id bigint, p_amount bigint)
RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_card community.card;
    v_state text;
    v_fund bigint := community.account_of(p_community_id, 'CNY', 'fund', 'card', p_card_id);
BEGIN
    PERFORM community.require_capability('card', p_community_id);
    v_card := community._card_lock(p_community_id, p_card_id);
    v_state := community.card_state_at(v_card.state, v_card.state_until, v_card.expires, now());
    IF v_state <> 'active' OR v_card.purse_id IS NULL THEN
        PERFORM community.refuse('card_transition', 'offline_load', CASE WHEN v_state = 'active' THEN 'no_purse' ELSE v_state END);
    END IF;
    IF v_fund IS NULL THEN
        v_fund := community.account_open(p_community_id, 'CNY', 'fund', 'card', p_card_id);
    END IF;
    RETURN (SELECT t.seq FROM community.ledger_transfer(p_key, p_community_id, v_card.purse_id, v_fund, p_amount, 'offline_load', NULL) t);
END
$$;
COMMENT ON FUNCTION community.offline_load(uuid, bigint, bigint, bigint) IS 'Load an amount from the purse of a card to its chip (圈存) and return the number of the transfer; offline payments are paid from what was loaded. Needs the capabilities card, account and ledger. Refuses card_transition unless the card is active and has a purse, and as ledger_transfer(). / 从钱包圈存到芯片并返回转账编号；脱机消费由圈存额支付。需要 card、account、ledger 权限。';

CREATE OR REPLACE FUNCTION community.offline_code(
    p_card_no community.cardno, p_generation integer, p_counter bigint, p_amount bigint, p_merchant_id bigint, p_at timestamptz)
RETURNS bytea
LANGUAGE sql STABLE STRICT
RETURN community.card_mac(p_card_no, p_generation, 'tac', int8send(p_counter) || int8send(p_amount) || int8send(p_merchant_id)
                          || int8send(extract(epoch FROM p_at)::bigint));
COMMENT ON FUNCTION community.offline_code(community.cardno, integer, bigint, bigint, bigint, timestamptz) IS 'Transaction code (TAC) that a chip makes for a payment: its MAC for the purpose tac over counter, amount, merchant and seconds since 1970, 8 bytes each. For tests and personalisation. NULL for NULL; 55000 without a key. / 芯片对一笔消费计算的交易验证码（TAC）：计数、金额、商户、秒各 8 字节的 MAC。';

CREATE OR REPLACE FUNCTION community.offline_settle(p_community_id bigint, p_merchant_id bigint, p_items jsonb)
RETURNS TABLE (item integer, status text)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_item record;
    v_card community.card;
    v_fund bigint;
    v_free bigint;
    v_seq bigint;
    v_old community.offline_spend;
BEGIN
    PERFORM community.require_capability('ledger', p_community_id);
    IF NOT EXISTS (SELECT FROM community.account a
                    WHERE a.community_id = p_community_id AND a.account_id = p_merchant_id AND a.kind = 'merchant') THEN
        PERFORM community.refuse('account_unknown', coalesce(p_merchant_id::text, 'NULL'));
    END IF;
    -- In the order of cards and counters: two batches never wait in a circle.
    FOR v_item IN
        SELECT e.o::integer AS o, e.i->>'card' AS card, e.i->>'counter' AS counter, e.i->>'amount' AS amount, e.i->>'at' AS at, e.i->>'tac' AS tac
          FROM jsonb_array_elements(CASE jsonb_typeof(p_items) WHEN 'array' THEN p_items ELSE '[]' END) WITH ORDINALITY e (i, o)
         ORDER BY e.i->>'card', lpad(e.i->>'counter', 20, '0'), e.o
    LOOP
        item := v_item.o;
        IF v_item.card !~ '^[1-9][0-9]{17}$' OR v_item.counter !~ '^[0-9]{1,18}$' OR v_item.amount !~ '^[1-9][0-9]{0,17}$'
           OR v_item.at !~ '^[0-9]{1,11}$' OR v_item.tac !~ '^[0-9a-f]{32}$'
           OR num_nulls(v_item.card, v_item.counter, v_item.amount, v_item.at, v_item.tac) > 0 THEN
            status := 'invalid';
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT c.* INTO v_card FROM community.card c
         WHERE c.community_id = p_community_id AND c.number_key = v_item.card::bigint
           FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            status := 'unknown_card';
        ELSIF NOT community.card_mac_ok(v_card.card_no, v_card.generation, 'tac',
                int8send(v_item.counter::bigint) || int8send(v_item.amount::bigint) || int8send(p_merchant_id) || int8send(v_item.at::bigint),
                decode(v_item.tac, 'hex')) THEN
            status := 'bad_tac';
        ELSE
            SELECT * INTO v_old FROM community.offline_spend s
             WHERE s.community_id = p_community_id AND s.card_id = v_card.card_id AND s.counter = v_item.counter::bigint;
            IF FOUND THEN
                -- The same payment again, or one counter for two payments: a copied chip.
                status := CASE WHEN v_old.merchant_id = p_merchant_id AND v_old.amount = v_item.amount::bigint
                                AND v_old.spent_at = to_timestamp(v_item.at::bigint) THEN 'repeated' ELSE 'duplicate_counter' END;
            ELSE
                v_fund := community.account_of(p_community_id, 'CNY', 'fund', 'card', v_card.card_id);
                v_free := 0;
                IF v_fund IS NOT NULL THEN
                    v_free := (SELECT a.credits_posted - a.debits_posted - a.debits_pending
                                 FROM community._account_lock(p_community_id, v_fund) a);
                END IF;
                v_seq := NULL;
                IF v_free >= v_item.amount::bigint THEN
                    v_seq := (SELECT m.seq FROM community._ledger_move(p_community_id,
                        md5(format('offline/%s/%s', v_card.card_id, v_item.counter))::uuid, 'single', NULL, NULL, v_fund, p_merchant_id,
                        v_item.amount::bigint, 'offline', format('card %s counter %s', v_card.card_id, v_item.counter), NULL) m);
                END IF;
                status := CASE WHEN v_seq IS NULL THEN 'over_limit' ELSE 'paid' END;
                INSERT INTO community.offline_spend (community_id, card_id, counter, merchant_id, amount, spent_at, status, transfer_seq)
                VALUES (p_community_id, v_card.card_id, v_item.counter::bigint, p_merchant_id, v_item.amount::bigint,
                        to_timestamp(v_item.at::bigint), status, v_seq);
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION community.offline_settle(bigint, bigint, jsonb) IS 'Settle a batch of offline payments of a merchant: an array of {card, counter, amount, at (seconds since 1970), tac (hexadecimal)}, all as text or numbers. Each gets paid, repeated, duplicate_counter (one counter, two payments: a copied chip), over_limit, bad_tac, unknown_card or invalid; repeating a batch changes nothing. Needs the capability ledger. Refuses account_unknown, capability_missing. / 结算商户脱机消费批次，逐笔验证 TAC、计数与圈存额；重复批次无影响。需要 ledger 权限。';

CREATE OR REPLACE FUNCTION community.offline_gaps(p_community_id bigint)
RETURNS TABLE (card_id bigint, first_missing bigint, missing bigint)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.card_id, g.before + 1, g.counter - g.before - 1
      FROM (SELECT s.card_id, s.counter, lag(s.counter) OVER (PARTITION BY s.card_id ORDER BY s.counter) AS before
              FROM community.offline_spend s
             WHERE s.community_id = p_community_id) g
     WHERE g.counter > g.before + 1
     ORDER BY g.card_id, g.before;
END;
COMMENT ON FUNCTION community.offline_gaps(bigint) IS 'Counters of chips that no batch has brought yet: card, first missing counter, how many. / 尚无批次送达的芯片计数：卡、首个缺失计数与数量。';
