-- Zones, doors, rules, where people are, what doors decided.
CREATE SEQUENCE community.access_zone_seq;
COMMENT ON SEQUENCE community.access_zone_seq IS 'Keys of zones. / 区域键序列。';
CREATE TABLE community.access_zone (
    community_id bigint NOT NULL REFERENCES community.community,
    zone_id bigint NOT NULL DEFAULT nextval('community.access_zone_seq'),
    name text NOT NULL,
    anti_passback text NOT NULL DEFAULT 'off' CHECK (anti_passback IN ('off', 'soft', 'hard')),
    forgive interval NOT NULL DEFAULT interval '12 hours' CHECK (forgive >= interval '0'),
    mode text NOT NULL DEFAULT 'normal' CHECK (mode IN ('normal', 'locked', 'released')),
    within_zone bigint CHECK (within_zone <> zone_id),
    PRIMARY KEY (community_id, zone_id),
    FOREIGN KEY (community_id, within_zone) REFERENCES community.access_zone (community_id, zone_id),
    UNIQUE (community_id, name)
);
ALTER SEQUENCE community.access_zone_seq OWNED BY community.access_zone.zone_id;
COMMENT ON TABLE community.access_zone IS 'Zones that doors lead into. / 门禁区域。';
COMMENT ON COLUMN community.access_zone.community_id IS 'Community of the zone. / 所属社区。';
COMMENT ON COLUMN community.access_zone.zone_id IS 'Key of the zone. / 区域键。';
COMMENT ON COLUMN community.access_zone.name IS 'What people call it. / 通称。';
COMMENT ON COLUMN community.access_zone.anti_passback IS 'What happens to a card that enters twice or leaves without having entered: nothing, a mark in the log, refusal. / 反潜回：关闭、仅记录、拒绝。';
COMMENT ON COLUMN community.access_zone.forgive IS 'Where a card is counts no longer than this. / 位置状态的有效时长，逾期不计。';
COMMENT ON COLUMN community.access_zone.within_zone IS 'Zone that it counts with for anti-passback: all that count with one zone are one area, in which a card is inside or not. NULL: counts alone. / 反潜回时与之合并计算的区域：合并者为同一片区；NULL 为单独计算。';
COMMENT ON COLUMN community.access_zone.mode IS 'normal; locked: nobody but cards with a rule that says so; released (fire): everybody. / 正常、封闭、释放（消防）。';

CREATE TRIGGER access_zone_changed AFTER INSERT OR UPDATE OR DELETE ON community.access_zone
    FOR EACH ROW EXECUTE FUNCTION community.relation_changed();
ALTER TABLE community.access_zone ENABLE ALWAYS TRIGGER access_zone_changed;
COMMENT ON TRIGGER access_zone_changed ON community.access_zone IS 'Sessions keep these rows for door_plain(). / 各会话为 door_plain() 缓存这些行。';

CREATE SEQUENCE community.access_point_seq;
COMMENT ON SEQUENCE community.access_point_seq IS 'Keys of doors. / 门禁点键序列。';
CREATE TABLE community.access_point (
    community_id bigint NOT NULL,
    point_id bigint NOT NULL DEFAULT nextval('community.access_point_seq'),
    zone_id bigint NOT NULL,
    name text NOT NULL,
    code community.gridcode NOT NULL,
    code_key bigint NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    needs_counter boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (community_id, point_id),
    FOREIGN KEY (community_id, zone_id) REFERENCES community.access_zone (community_id, zone_id),
    UNIQUE (community_id, name),
    CHECK (code::bigint = code_key)
);
ALTER SEQUENCE community.access_point_seq OWNED BY community.access_point.point_id;
COMMENT ON TABLE community.access_point IS 'Doors and gates. / 门禁点。';
COMMENT ON COLUMN community.access_point.community_id IS 'Community of the door. / 所属社区。';
COMMENT ON COLUMN community.access_point.point_id IS 'Key of the door. / 门禁点键。';
COMMENT ON COLUMN community.access_point.zone_id IS 'Zone that it leads into, or out of. / 所通区域。';
COMMENT ON COLUMN community.access_point.name IS 'What people call it. / 通称。';
COMMENT ON COLUMN community.access_point.code IS 'Grid code that credentials must cover. / 凭证须覆盖的网格代码。';
COMMENT ON COLUMN community.access_point.code_key IS 'The same as a number. / 网格代码的数值。';
COMMENT ON COLUMN community.access_point.direction IS 'Whether passing it enters or leaves the zone. / 通行方向：进或出。';
COMMENT ON COLUMN community.access_point.needs_counter IS 'Refuse credentials that show no counter: a picture of a code can be copied. / 是否要求计数器。';
COMMENT ON COLUMN community.access_point.active IS 'False takes the door out of service. / 是否启用。';

CREATE TRIGGER access_point_changed AFTER INSERT OR UPDATE OR DELETE ON community.access_point
    FOR EACH ROW EXECUTE FUNCTION community.relation_changed();
ALTER TABLE community.access_point ENABLE ALWAYS TRIGGER access_point_changed;
COMMENT ON TRIGGER access_point_changed ON community.access_point IS 'Sessions keep these rows for door_plain(). / 各会话为 door_plain() 缓存这些行。';

CREATE SEQUENCE community.access_rule_seq;
COMMENT ON SEQUENCE community.access_rule_seq IS 'Keys of rules. / 规则键序列。';
CREATE TABLE community.access_rule (
    community_id bigint NOT NULL,
    rule_id bigint NOT NULL DEFAULT nextval('community.access_rule_seq'),
    zone_id bigint NOT NULL,
    card_kind text,
    person_id bigint,
    group_name text,
    hours int4multirange NOT NULL DEFAULT '{[0,11520)}',
    valid tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    needs_pin boolean NOT NULL DEFAULT false,
    when_locked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (community_id, rule_id),
    FOREIGN KEY (community_id, zone_id) REFERENCES community.access_zone (community_id, zone_id),
    CHECK (NOT isempty(valid)),
    CHECK (hours <@ '{[0,11520)}'::int4multirange)
);
ALTER SEQUENCE community.access_rule_seq OWNED BY community.access_rule.rule_id;
COMMENT ON TABLE community.access_rule IS 'Who may pass into a zone, and when; any rule suffices. / 区域准入规则，满足其一即可。';
COMMENT ON COLUMN community.access_rule.community_id IS 'Community of the zone. / 所属社区。';
COMMENT ON COLUMN community.access_rule.rule_id IS 'Key of the rule. / 规则键。';
COMMENT ON COLUMN community.access_rule.zone_id IS 'The zone. / 区域。';
COMMENT ON COLUMN community.access_rule.card_kind IS 'Kind of card; NULL: any. / 卡类别，NULL 不限。';
COMMENT ON COLUMN community.access_rule.person_id IS 'One person; NULL: any. / 指定人员，NULL 不限。';
COMMENT ON COLUMN community.access_rule.group_name IS 'Members of a group; NULL: any. / 指定群组，NULL 不限。';
COMMENT ON COLUMN community.access_rule.hours IS 'Weekly hours, see weekly_hours(). / 每周时段，见 weekly_hours()。';
COMMENT ON COLUMN community.access_rule.valid IS 'Time in which the rule holds. / 规则有效期。';
COMMENT ON COLUMN community.access_rule.needs_pin IS 'A right PIN is needed. / 是否须验密码。';
COMMENT ON COLUMN community.access_rule.when_locked IS 'Holds while the zone is locked too. / 区域封闭时是否仍有效。';

CREATE TRIGGER access_rule_changed AFTER INSERT OR UPDATE OR DELETE ON community.access_rule
    FOR EACH ROW EXECUTE FUNCTION community.relation_changed();
ALTER TABLE community.access_rule ENABLE ALWAYS TRIGGER access_rule_changed;
COMMENT ON TRIGGER access_rule_changed ON community.access_rule IS 'Sessions keep these rows for door_plain(). / 各会话为 door_plain() 缓存这些行。';

CREATE INDEX access_rule_zone_idx ON community.access_rule (community_id, zone_id);

CREATE TABLE community.access_group (
    community_id bigint NOT NULL REFERENCES community.community,
    group_name text NOT NULL,
    person_id bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, group_name, person_id)
);
COMMENT ON TABLE community.access_group IS 'Members of groups that rules name. / 规则所用群组成员。';
COMMENT ON COLUMN community.access_group.community_id IS 'Community of the group. / 所属社区。';
COMMENT ON COLUMN community.access_group.group_name IS 'Name of the group. / 群组名称。';
COMMENT ON COLUMN community.access_group.person_id IS 'Member. / 成员。';
COMMENT ON COLUMN community.access_group.since IS 'Time of joining. / 加入时间。';

CREATE TABLE community.area_state (
    community_id bigint NOT NULL,
    zone_id bigint NOT NULL,
    card_id bigint NOT NULL,
    inside boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (community_id, zone_id, card_id),
    FOREIGN KEY (community_id, zone_id) REFERENCES community.access_zone (community_id, zone_id),
    FOREIGN KEY (community_id, card_id) REFERENCES community.card (community_id, card_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE community.area_state IS 'Where a card was last, for anti-passback. / 卡的最近位置，供反潜回判断。';
COMMENT ON COLUMN community.area_state.community_id IS 'Community of the zone. / 所属社区。';
COMMENT ON COLUMN community.area_state.zone_id IS 'The zone. / 区域。';
COMMENT ON COLUMN community.area_state.card_id IS 'The card. / 卡。';
COMMENT ON COLUMN community.area_state.inside IS 'Whether it is inside. / 是否在内。';
COMMENT ON COLUMN community.area_state.at IS 'Since when. / 起始时间。';

CREATE SEQUENCE community.door_log_seq;
COMMENT ON SEQUENCE community.door_log_seq IS 'Numbers of door log rows. / 门禁日志行号序列。';
CREATE TABLE community.door_log (
    community_id bigint NOT NULL,
    log_id bigint NOT NULL DEFAULT nextval('community.door_log_seq'),
    point_id bigint NOT NULL,
    holder bigint,
    decision text NOT NULL CHECK (decision IN ('granted', 'refused')),
    reason text NOT NULL,
    counter bigint,
    offline boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL DEFAULT now(),
    tx bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (community_id, log_id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE community.door_log_seq OWNED BY community.door_log.log_id;
COMMENT ON TABLE community.door_log IS 'Every decision of a door; people stand in it by pseudonym only. / 门禁判定日志，仅记假名。';
COMMENT ON COLUMN community.door_log.community_id IS 'Community of the door. / 所属社区。';
COMMENT ON COLUMN community.door_log.log_id IS 'Number of the row. / 行编号。';
COMMENT ON COLUMN community.door_log.point_id IS 'The door. / 门禁点。';
COMMENT ON COLUMN community.door_log.holder IS 'Pseudonym of the holder; NULL when the credential was not genuine. / 持卡人假名，凭证不实时为 NULL。';
COMMENT ON COLUMN community.door_log.decision IS 'granted or refused. / 放行或拒绝。';
COMMENT ON COLUMN community.door_log.reason IS 'Why: ok, duress, passback, released, or what was wrong. / 原因。';
COMMENT ON COLUMN community.door_log.counter IS 'Counter that the card showed. / 卡出示的计数。';
COMMENT ON COLUMN community.door_log.offline IS 'Decided by the reader alone and uploaded later. / 是否离线判定后上传。';
COMMENT ON COLUMN community.door_log.at IS 'Time of the decision. / 判定时间。';
COMMENT ON COLUMN community.door_log.tx IS 'Number of the transaction. / 事务号。';

CREATE TABLE community.door_log_default PARTITION OF community.door_log DEFAULT;
COMMENT ON TABLE community.door_log_default IS 'Catches rows of the door log whose month has no partition yet. / 门禁日志的默认分区。';
CREATE INDEX door_log_at_idx ON community.door_log USING brin (at);
CREATE INDEX door_log_tx_idx ON community.door_log USING brin (tx);

CREATE TABLE community.door_event (
    community_id bigint NOT NULL,
    point_id bigint NOT NULL,
    event_no bigint NOT NULL,
    log_id bigint NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, point_id, event_no),
    FOREIGN KEY (community_id, point_id) REFERENCES community.access_point (community_id, point_id)
);
COMMENT ON TABLE community.door_event IS 'Offline decisions that were uploaded, by reader and number: a repeated upload changes nothing. / 已上传的离线事件，重复上传无影响。';
COMMENT ON COLUMN community.door_event.community_id IS 'Community of the door. / 所属社区。';
COMMENT ON COLUMN community.door_event.point_id IS 'The door. / 门禁点。';
COMMENT ON COLUMN community.door_event.event_no IS 'Number that the reader gave. / 读卡器编号的事件号。';
COMMENT ON COLUMN community.door_event.log_id IS 'Row of the door log. / 门禁日志行。';
COMMENT ON COLUMN community.door_event.uploaded_at IS 'Time of the upload. / 上传时间。';

CREATE TABLE community.card_status (
    community_id bigint NOT NULL REFERENCES community.community,
    epoch integer NOT NULL,
    published_at timestamptz NOT NULL,
    bitmap bytea NOT NULL,
    PRIMARY KEY (community_id, epoch)
);
COMMENT ON TABLE community.card_status IS 'Published status bitmaps, the last few of each issuer. / 已发布的状态位图。';
COMMENT ON COLUMN community.card_status.community_id IS 'Community of the issuer. / 发卡方社区。';
COMMENT ON COLUMN community.card_status.epoch IS 'Number of the publication, one higher each time. / 发布批次，逐次加一。';
COMMENT ON COLUMN community.card_status.published_at IS 'Time of publication. / 发布时间。';
COMMENT ON COLUMN community.card_status.bitmap IS 'Signed bitmap, see status_bitmap(). / 签名位图，见 status_bitmap()。';

CREATE SEQUENCE community.volunteer_certificate_seq;
COMMENT ON SEQUENCE community.volunteer_certificate_seq IS 'Numbers of certificates. / 证明编号序列。';
CREATE TABLE community.volunteer_certificate (
    community_id bigint NOT NULL REFERENCES community.community,
    certificate_id bigint NOT NULL DEFAULT nextval('community.volunteer_certificate_seq'),
    person_id bigint NOT NULL,
    minutes bigint NOT NULL CHECK (minutes > 0),
    content text NOT NULL,
    period daterange NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    document text NOT NULL,
    proof bytea NOT NULL,
    PRIMARY KEY (community_id, certificate_id)
);
ALTER SEQUENCE community.volunteer_certificate_seq OWNED BY community.volunteer_certificate.certificate_id;
COMMENT ON TABLE community.volunteer_certificate IS 'Signed certificates of voluntary service. / 志愿服务证明，已签名。';
COMMENT ON COLUMN community.volunteer_certificate.community_id IS 'Community that certifies. / 出具社区。';
COMMENT ON COLUMN community.volunteer_certificate.certificate_id IS 'Number of the certificate. / 证明编号。';
COMMENT ON COLUMN community.volunteer_certificate.person_id IS 'Volunteer. / 志愿者。';
COMMENT ON COLUMN community.volunteer_certificate.minutes IS 'Confirmed service in minutes. / 确认的服务时长，分钟。';
COMMENT ON COLUMN community.volunteer_certificate.content IS 'What was done. / 服务内容。';
COMMENT ON COLUMN community.volunteer_certificate.period IS 'Days of service. / 服务期间。';
COMMENT ON COLUMN community.volunteer_certificate.issued_at IS 'Time of issue. / 出具时间。';
COMMENT ON COLUMN community.volunteer_certificate.document IS 'The signed text: identity, hours and content, issuer, number and date. / 证明文本：身份、时长与内容、出具方、编号与日期。';
COMMENT ON COLUMN community.volunteer_certificate.proof IS 'Keyed proof of the document. / 文本的密钥证明。';

