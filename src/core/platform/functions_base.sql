-- Refusals, hashes, local days and settings: what every module stands on.

CREATE OR REPLACE FUNCTION community.register_refusal(
    p_reason text, p_http integer, p_message_en text, p_message_zh text,
    p_hint_en text, p_hint_zh text, p_module text)
RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO community.refusal (reason, http, message_en, message_zh, hint_en, hint_zh, module)
    VALUES (p_reason, p_http, p_message_en, p_message_zh, p_hint_en, p_hint_zh, p_module)
    ON CONFLICT (reason) DO UPDATE
       SET http = excluded.http, message_en = excluded.message_en, message_zh = excluded.message_zh,
           hint_en = excluded.hint_en, hint_zh = excluded.hint_zh, module = excluded.module;
END;
COMMENT ON FUNCTION community.register_refusal(text, integer, text, text, text, text, text) IS 'Define or redefine a reason for refusals; http is 400 to 599, messages are format() patterns. NULL in any argument is an error (23502). / 登记或更新一个拒绝原因；http 取 400 至 599，消息为 format() 模板；任何参数为 NULL 报错（23502）。';

CREATE OR REPLACE FUNCTION community.refuse(p_reason text, VARIADIC p_args text[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_refusal community.refusal;
    v_zh boolean := coalesce(current_setting('community.lang', true), 'en') = 'zh';
BEGIN
    SELECT * INTO v_refusal FROM community.refusal WHERE reason = p_reason;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'reason "%" is not registered', p_reason
            USING ERRCODE = '22023',
                  HINT = 'Register it with community.register_refusal() in the seed of its module.';
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'PT' || v_refusal.http,
        MESSAGE = format(CASE WHEN v_zh THEN v_refusal.message_zh ELSE v_refusal.message_en END, VARIADIC p_args),
        DETAIL = 'reason=' || p_reason,
        HINT = CASE WHEN v_zh THEN v_refusal.hint_zh ELSE v_refusal.hint_en END;
END
$$;
COMMENT ON FUNCTION community.refuse(text, text[]) IS 'Raise the refusal of this reason: SQLSTATE PT and the HTTP status, message in the language of community.lang with p_args put in, DETAIL reason=<reason>, HINT. Never returns. Error 22023 when the reason is not registered. / 按原因抛出拒绝：SQLSTATE 为 PT 加 HTTP 状态码，消息按 community.lang 的语言代入 p_args，DETAIL 为 reason=<原因>，并给出 HINT。从不返回；原因未登记时报 22023。';

CREATE OR REPLACE FUNCTION community._number_check(p_what text, p_value double precision, p_least integer)
RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    -- What is no number compares greater than any.
    IF p_value < p_least OR p_value IN ('NaN', 'Infinity') THEN
        RAISE EXCEPTION '% is not a %', p_value, p_what
            USING ERRCODE = '22023',
                  DETAIL = format('The %s must be at least %s.', p_what, p_least),
                  HINT = 'Give such a number, or leave the argument out where it has a default.';
    END IF;
END
$$;
COMMENT ON FUNCTION community._number_check(text, double precision, integer) IS 'Raise 22023 with detail and hint when a number given by a caller is below its least value or not finite; NULL passes. / 数值小于下限或非有限时报 22023 并附说明；NULL 通过。';

CREATE OR REPLACE FUNCTION community.hash_fields(VARIADIC p_fields text[])
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_field text;
    v_encoded text := '';
BEGIN
    FOREACH v_field IN ARRAY p_fields LOOP
        v_encoded := v_encoded || coalesce(octet_length(v_field) || ':' || v_field, '-') || ',';
    END LOOP;
    RETURN sha256(convert_to(v_encoded, 'UTF8'));
END
$$;
COMMENT ON FUNCTION community.hash_fields(text[]) IS 'SHA-256 (32 bytes) over an unambiguous encoding of the fields in UTF-8: each is its length in bytes, a colon, its text and a comma; NULL is a hyphen and a comma. No two lists of fields share an encoding. A NULL array is an error (22004). / 对字段无歧义编码（UTF-8）计算 SHA-256（32 字节）：每个字段为 字节数:内容, ，NULL 为 -, 。不同字段列表的编码必不相同；数组为 NULL 报错（22004）。';

CREATE OR REPLACE FUNCTION community.local_day(p_at timestamptz, p_tz text)
RETURNS date
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (p_at AT TIME ZONE p_tz)::date;
COMMENT ON FUNCTION community.local_day(timestamptz, text) IS 'Day on which a moment falls in a time zone; the zone of the server plays no part. NULL for NULL; 22023 for an unknown zone. / 某时刻在指定时区所处的日期，与服务器时区无关。参数为 NULL 返回 NULL；未知时区报 22023。';

CREATE OR REPLACE FUNCTION community.register_setting(
    p_name text, p_type text, p_default text, p_comment text, p_module text)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_type text := CASE WHEN p_type IN ('int', 'bigint') THEN 'integer'
                        WHEN p_type = 'bool' THEN 'boolean' ELSE p_type END;
BEGIN
    PERFORM community._setting_check(p_name, v_type, p_default);
    INSERT INTO community.setting_definition (name, type, default_value, description, module)
    VALUES (p_name, v_type, p_default, p_comment, p_module)
    ON CONFLICT (name) DO UPDATE
       SET type = excluded.type, default_value = excluded.default_value,
           description = excluded.description, module = excluded.module;
END
$$;
COMMENT ON FUNCTION community.register_setting(text, text, text, text, text) IS 'Define or redefine a setting; values that were set are kept. p_type: text, integer (also int, bigint; 8 bytes), numeric, boolean (also bool) or interval; p_default may be NULL. Refuses setting_invalid when the default is not of the type; 23514 for an unknown type. / 登记或更新设置项，已设定的值保留。p_type 可为 text、integer、numeric、boolean、interval；p_default 可为 NULL。默认值类型不符则拒绝 setting_invalid。';

CREATE OR REPLACE FUNCTION community._setting_check(p_name text, p_type text, p_value text)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
BEGIN
    IF p_type = 'integer' THEN
        PERFORM p_value::bigint;
    ELSIF p_type = 'numeric' THEN
        PERFORM p_value::numeric;
    ELSIF p_type = 'boolean' THEN
        PERFORM p_value::boolean;
    ELSIF p_type = 'interval' AND p_value::interval < interval '0' THEN
        PERFORM community.refuse('setting_invalid', p_value, p_name, p_type);
    END IF;
EXCEPTION WHEN data_exception THEN
    PERFORM community.refuse('setting_invalid', p_value, p_name, p_type);
END
$$;
COMMENT ON FUNCTION community._setting_check(text, text, text) IS 'Refuse setting_invalid when a value cannot be read as the type of its setting, or is a negative interval; NULL passes. / 值无法按设置项类型解析或为负时间间隔时拒绝 setting_invalid；NULL 通过。';

CREATE OR REPLACE FUNCTION community.setting_value(p_name text, p_community_id bigint DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_value text;
BEGIN
    IF p_community_id IS NOT NULL THEN
        SELECT s.value INTO v_value
          FROM community.setting s
         WHERE s.community_id = p_community_id AND s.name = p_name;
        IF FOUND THEN
            RETURN v_value;
        END IF;
    END IF;
    SELECT coalesce(d.value, d.default_value) INTO v_value
      FROM community.setting_definition d
     WHERE d.name = p_name;
    IF NOT FOUND THEN
        PERFORM community.refuse('setting_unknown', p_name);
    END IF;
    RETURN v_value;
END
$$;
COMMENT ON FUNCTION community.setting_value(text, bigint) IS 'Value of a setting as text: the community''s own, else the database''s, else the default (which may be NULL). Refuses setting_unknown. / 以文本返回设置值：依次取社区值、全库值、默认值（可为 NULL）。未知设置拒绝 setting_unknown。';

CREATE OR REPLACE FUNCTION community.setting_int(p_name text, p_community_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE sql STABLE
RETURN community.setting_value(p_name, p_community_id)::bigint;
COMMENT ON FUNCTION community.setting_int(text, bigint) IS 'Value of a setting as bigint, see setting_value(); 22P02 when it is no integer. / 以 bigint 返回设置值，见 setting_value()；非整数报 22P02。';

CREATE OR REPLACE FUNCTION community.setting_numeric(p_name text, p_community_id bigint DEFAULT NULL)
RETURNS numeric
LANGUAGE sql STABLE
RETURN community.setting_value(p_name, p_community_id)::numeric;
COMMENT ON FUNCTION community.setting_numeric(text, bigint) IS 'Value of a setting as numeric, see setting_value(); 22P02 when it is no number. / 以 numeric 返回设置值，见 setting_value()；非数字报 22P02。';

CREATE OR REPLACE FUNCTION community.setting_interval(p_name text, p_community_id bigint DEFAULT NULL)
RETURNS interval
LANGUAGE sql STABLE
RETURN community.setting_value(p_name, p_community_id)::interval;
COMMENT ON FUNCTION community.setting_interval(text, bigint) IS 'Value of a setting as interval, see setting_value(); 22007 when it is none. / 以 interval 返回设置值，见 setting_value()；非时间间隔报 22007。';

CREATE OR REPLACE FUNCTION community.setting_bool(p_name text, p_community_id bigint DEFAULT NULL)
RETURNS boolean
LANGUAGE sql STABLE
RETURN community.setting_value(p_name, p_community_id)::boolean;
COMMENT ON FUNCTION community.setting_bool(text, bigint) IS 'Value of a setting as boolean, see setting_value(); 22P02 when it is none. / 以布尔值返回设置值，见 setting_value()；非布尔值报 22P02。';

CREATE OR REPLACE FUNCTION community.setting_set(p_name text, p_value text, p_community_id bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_type text;
BEGIN
    PERFORM community.require_capability('setting', p_community_id);
    SELECT d.type INTO v_type FROM community.setting_definition d WHERE d.name = p_name;
    IF NOT FOUND THEN
        PERFORM community.refuse('setting_unknown', p_name);
    END IF;
    PERFORM community._setting_check(p_name, v_type, p_value);
    IF p_community_id IS NULL THEN
        UPDATE community.setting_definition SET value = p_value WHERE name = p_name;
    ELSIF p_value IS NULL THEN
        DELETE FROM community.setting WHERE community_id = p_community_id AND name = p_name;
    ELSE
        PERFORM community._community_known(p_community_id);
        INSERT INTO community.setting (community_id, name, value)
        VALUES (p_community_id, p_name, p_value)
        ON CONFLICT (community_id, name) DO UPDATE SET value = excluded.value;
    END IF;
END
$$;
COMMENT ON FUNCTION community.setting_set(text, text, bigint) IS 'Set a value for one community, or for the whole database when p_community_id is NULL; a NULL value takes the setting back. Needs the capability setting. Refuses setting_unknown, setting_invalid, community_unknown, capability_missing. / 为某社区设置值，p_community_id 为 NULL 时对全库生效；值为 NULL 表示撤销设定。需要 setting 权限。可拒绝 setting_unknown、setting_invalid、community_unknown、capability_missing。';

CREATE OR REPLACE FUNCTION community.calendar_days(p_community_id bigint, p_kind text, p_at timestamptz DEFAULT NULL)
RETURNS date[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, community, pg_temp
AS $$
DECLARE
    v_calendar text := community.setting_value('calendar', p_community_id);
BEGIN
    -- In plpgsql for its kept plan, and so that the setting is read once.
    RETURN coalesce((SELECT array_agg(d.day ORDER BY d.day)
                       FROM community.calendar d
                      WHERE d.calendar = v_calendar AND d.kind = p_kind
                        AND d.day BETWEEN coalesce((p_at AT TIME ZONE 'UTC')::date - 2, '-infinity')
                                      AND coalesce((p_at AT TIME ZONE 'UTC')::date + 2, 'infinity')), '{}'::date[]);
END
$$;
COMMENT ON FUNCTION community.calendar_days(bigint, text, timestamptz) IS 'Holidays (holiday) or shifted working days (workday) of a community''s calendar, for hours_open() and due_at(), in order; p_at: only those within two days of it, which is all that hours_open() at that time asks for. Never NULL. / 社区日历的节假日或调休上班日，按日期排列，供 hours_open() 与 due_at() 使用；给出 p_at 时仅取其前后两天，hours_open() 判定该时刻只需这些；不为 NULL。';
