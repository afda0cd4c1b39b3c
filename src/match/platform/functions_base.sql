-- Who may do what, lifecycles as data, and the log.

CREATE OR REPLACE FUNCTION community._match_may(p_role text, p_community_id bigint, p_login text)
RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF community._acts_as_owner() THEN
        RETURN true;
    END IF;
    CASE p_role
        WHEN 'provide' THEN
            RETURN NOT community.has_capability('supervise', p_community_id)
               AND (community.has_capability('match', p_community_id)
                    OR (p_login = community.actor() AND community.has_capability('provide', p_community_id)));
        WHEN 'request' THEN
            RETURN community.has_capability('match', p_community_id)
                OR (p_login = community.actor() AND community.has_capability('request', p_community_id));
        WHEN 'supervise' THEN
            RETURN community.has_capability('supervise', p_community_id)
               AND NOT community.has_capability('provide', p_community_id);
        WHEN 'match' THEN
            RETURN community.has_capability('match', p_community_id);
        ELSE
            RETURN false;
    END CASE;
END $$;
COMMENT ON FUNCTION community._match_may(text, bigint, text) IS 'Whether the login may act in a role: provide and request with its own object (p_login) or as the platform (capability match), supervise only without provide, provide only without supervise, job only as the owner. / 登录账号可否以某角色操作；监管与服务互斥。';

CREATE OR REPLACE FUNCTION community._match_require(p_role text, p_community_id bigint, p_login text DEFAULT NULL, p_what text DEFAULT 'act')
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF community._match_may(p_role, p_community_id, p_login) THEN
        RETURN;
    END IF;
    IF p_role = 'provide' AND community.has_capability('supervise', p_community_id) THEN
        PERFORM community.refuse('supervisor_provides', community.actor(), p_community_id::text);
    ELSIF p_role = 'supervise' AND community.has_capability('supervise', p_community_id) THEN
        PERFORM community.refuse('provider_supervises', community.actor(), p_community_id::text);
    END IF;
    PERFORM community.refuse('match_role', community.actor(), p_what, 'community', p_community_id::text);
END $$;
COMMENT ON FUNCTION community._match_require(text, bigint, text, text) IS 'Refuse supervisor_provides, provider_supervises or match_role unless _match_may(). / 无此角色权限时拒绝。';

CREATE OR REPLACE FUNCTION community._match_act(p_community_id bigint, p_kind text, p_id bigint, p_doc jsonb, p_action text, p_object text)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF p_kind = 'person' THEN
        PERFORM community.act_by(p_community_id, p_id, p_doc, p_action, p_object);
    ELSIF p_doc ? 'by_person_id' THEN
        PERFORM community.refuse('match_form', p_action, 'by_person_id acts for a person, not for the ' || p_kind);
    END IF;
END $$;
COMMENT ON FUNCTION community._match_act(bigint, text, bigint, jsonb, text, text) IS 'Record who acts for a requester (p_doc.by_person_id), as act_by() does. Refuses guardian_missing, match_form for an organization. / 登记代办人；无有效代理则拒绝。';

CREATE OR REPLACE FUNCTION community._match_require_overseen(p_community_id bigint, p_login text, p_what text)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF NOT (community._match_may('supervise', p_community_id, NULL) OR community._match_may('match', p_community_id, NULL)) THEN
        PERFORM community._match_require('provide', p_community_id, p_login, p_what);
    END IF;
END $$;
COMMENT ON FUNCTION community._match_require_overseen(bigint, text, text) IS 'Let supervisors, the platform and the provider with this login see what it does under contract; refuses all others as _match_require(). / 合同履行情况仅监管者、平台与该服务方本人可见。';

CREATE OR REPLACE FUNCTION community._match_find(p_machine text, p_community_id bigint, p_object_id bigint, p_state text, p_event text,
    p_provider_login text, p_requester_login text, p_role text, OUT to_state text, OUT role text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_try record;
    v_denied text;
BEGIN
    FOR v_try IN
        SELECT t.role, t.to_state
          FROM community.match_transition t
         WHERE t.machine = p_machine AND t.from_state = p_state AND t.event = p_event AND (p_role IS NULL OR t.role = p_role)
         ORDER BY array_position('{request,provide,supervise,match,job}'::text[], t.role)
    LOOP
        IF community._match_may(v_try.role, p_community_id,
                                CASE v_try.role WHEN 'provide' THEN p_provider_login ELSE p_requester_login END) THEN
            to_state := v_try.to_state;
            role := v_try.role;
            RETURN;
        END IF;
        v_denied := coalesce(v_denied, v_try.role);
    END LOOP;
    IF v_denied IS NULL THEN
        PERFORM community.refuse('match_state', p_event, p_machine, p_object_id::text, p_state);
    END IF;
    PERFORM community._match_require(v_denied, p_community_id, NULL, p_machine || ' ' || p_event);
END $$;
COMMENT ON FUNCTION community._match_find(text, bigint, bigint, text, text, text, text, text) IS 'Find the transition that an event makes, in the first role that the login has (p_role chooses); returns the new state and the role. Refuses match_state, match_role, supervisor_provides, provider_supervises. / 查找事件对应的状态迁移与角色。';

CREATE OR REPLACE FUNCTION community._match_note(p_machine text, p_community_id bigint, p_object_id bigint, p_from text, p_event text,
    p_to text, p_role text, p_doc jsonb)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    INSERT INTO community.match_log (community_id, machine, object_id, event, from_state, to_state, role, actor, doc, occurred_at)
    VALUES (p_community_id, p_machine, p_object_id, p_event, p_from, p_to, p_role, community.actor(), coalesce(p_doc, '{}'::jsonb), clock_timestamp());
END $$;
COMMENT ON FUNCTION community._match_note(text, bigint, bigint, text, text, text, text, jsonb) IS 'Write a change of state into the log. / 记录状态迁移。';

CREATE OR REPLACE FUNCTION community._match_move(p_machine text, p_community_id bigint, p_object_id bigint, p_state text, p_event text,
    p_provider_login text, p_requester_login text, p_role text, p_doc jsonb, OUT to_state text, OUT role text)
LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    SELECT f.to_state, f.role INTO to_state, role
      FROM community._match_find(p_machine, p_community_id, p_object_id, p_state, p_event, p_provider_login, p_requester_login, p_role) f;
    PERFORM community._match_note(p_machine, p_community_id, p_object_id, p_state, p_event, to_state, role, p_doc);
END $$;
COMMENT ON FUNCTION community._match_move(text, bigint, bigint, text, text, text, text, text, jsonb) IS 'Find the transition that an event makes and log it; returns the new state and the role. Refuses as _match_find(). / 查找并记录状态迁移，返回新状态与角色。';

CREATE OR REPLACE FUNCTION community._match_log_frozen()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'rows of match_log are never changed' USING ERRCODE = '55000';
END $$;
COMMENT ON FUNCTION community._match_log_frozen() IS 'Keep the log append-only for any client (55000). / 保证日志只增不改。';

CREATE OR REPLACE FUNCTION community._member_separate()
RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF NEW.capability NOT IN ('provide', 'supervise') THEN
        RETURN NEW;
    END IF;
    -- Two grants that meet in a community meet at its row.
    PERFORM FROM community.community c
      WHERE c.community_id = NEW.community_id OR c.code <@ NEW.scope
      ORDER BY c.community_id
        FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM community.member m
                LEFT JOIN community.community c ON c.community_id = m.community_id
                LEFT JOIN community.community n ON n.community_id = NEW.community_id
                WHERE m.member_role = NEW.member_role AND m.member_id <> NEW.member_id AND m.valid && NEW.valid
                  AND m.capability = CASE NEW.capability WHEN 'provide' THEN 'supervise' ELSE 'provide' END
                  AND (coalesce(m.scope, c.code) @> coalesce(NEW.scope, n.code)
                       OR coalesce(m.scope, c.code) <@ coalesce(NEW.scope, n.code))) THEN
        PERFORM community.refuse(CASE NEW.capability WHEN 'provide' THEN 'supervisor_provides' ELSE 'provider_supervises' END,
                                 NEW.member_role::text, coalesce(NEW.community_id::text, NEW.scope::text));
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION community._member_separate() IS 'Keep the capabilities supervise and provide of one role apart in overlapping areas, for any client. / 同一角色在重叠范围内不得同时拥有监管与服务权限。';

CREATE OR REPLACE FUNCTION community.wilson_lower(p_good bigint, p_all bigint, p_z double precision DEFAULT 1.96)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_all > 0 THEN greatest(0, ((p_good::double precision / p_all) + p_z * p_z / (2 * p_all)
         - p_z * sqrt((p_good::double precision / p_all) * (1 - p_good::double precision / p_all) / p_all + p_z * p_z / (4.0 * p_all * p_all)))
        / (1 + p_z * p_z / p_all)) ELSE 0 END;
COMMENT ON FUNCTION community.wilson_lower(bigint, bigint, double precision) IS 'Lower bound of the interval of Wilson (1927) for a share: what share is at least likely, given good ones of all; 0 without any. p_z 1.96 means 95 %. / 比例的 Wilson 置信下限，无样本为 0。';

CREATE OR REPLACE FUNCTION community._quarter(p_community_id bigint, p_at timestamptz)
RETURNS date LANGUAGE sql STABLE
RETURN (SELECT date_trunc('quarter', p_at AT TIME ZONE c.tz)::date FROM community.community c WHERE c.community_id = p_community_id);
COMMENT ON FUNCTION community._quarter(bigint, timestamptz) IS 'First day of the local quarter of a time. / 某时刻所在当地季度首日。';

CREATE OR REPLACE FUNCTION community._match_days(p_community_id bigint, p_from date, p_upto date, OUT holidays date[], OUT workdays date[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    SELECT coalesce(array_agg(c.day) FILTER (WHERE c.kind = 'holiday'), '{}'), coalesce(array_agg(c.day) FILTER (WHERE c.kind = 'workday'), '{}')
      INTO holidays, workdays
      FROM community.calendar c
     WHERE c.calendar = community.setting_value('calendar', p_community_id) AND c.day BETWEEN p_from - 2 AND p_upto + 2;
END $$;
COMMENT ON FUNCTION community._match_days(bigint, date, date) IS 'Holidays and shifted working days of a community about some days, as hours_fit() takes them. / 某些日期前后的节假日与调休日。';

CREATE OR REPLACE FUNCTION community._match_account(p_community_id bigint, p_currency text, p_kind text, p_id bigint, p_needed boolean DEFAULT true)
RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
DECLARE
    v_account bigint := community.account_of(p_community_id, p_currency,
        CASE p_kind WHEN 'person' THEN 'purse' WHEN 'organization' THEN 'merchant' WHEN 'facility' THEN 'fund'
                    ELSE CASE p_currency WHEN 'TIME' THEN 'issue' ELSE 'fee' END END, p_kind, p_id);
BEGIN
    IF v_account IS NULL AND p_needed THEN
        PERFORM community.refuse('account_missing', p_currency, p_kind, p_id::text);
    END IF;
    RETURN v_account;
END $$;
COMMENT ON FUNCTION community._match_account(bigint, text, text, bigint, boolean) IS 'Account of a party: purse of a person, merchant of an organization, fund of a facility, fees (for TIME the source of credits) of the community. Refuses account_missing when needed. / 各方账户：个人钱包、商户、设施专户、社区手续费或时间积分发行户。';

CREATE OR REPLACE FUNCTION community._check_in_module(p_community_id bigint)
RETURNS void LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM community.migration g WHERE g.module = 'card') THEN
        PERFORM community.refuse('module_off', 'card', p_community_id::text);
    END IF;
    PERFORM community.module_require('card', p_community_id);
END $$;
COMMENT ON FUNCTION community._check_in_module(bigint) IS 'Refuse module_off unless the module card is installed and on: check-in by card needs it, the rest of matching does not. / 未安装或未启用 card 模块时拒绝刷卡签到。';
