-- What doors decided, by the hour: the log itself is kept for a short time only.
CREATE TABLE community.rollup_door_hour (
    community_id bigint NOT NULL REFERENCES community.community,
    hour timestamptz NOT NULL,
    point_id bigint NOT NULL,
    decision text NOT NULL,
    reason text NOT NULL,
    offline boolean NOT NULL,
    taps bigint NOT NULL CHECK (taps > 0),
    holders bigint NOT NULL CHECK (holders >= 0),
    PRIMARY KEY (community_id, hour, point_id, decision, reason, offline)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE community.rollup_door_hour IS 'Decisions of doors by the hour, counted anew from the log whenever a row of the hour arrives. / 门禁判定小时汇总，该小时有新日志到达即重算。';
COMMENT ON COLUMN community.rollup_door_hour.community_id IS 'Community of the door. / 所属社区。';
COMMENT ON COLUMN community.rollup_door_hour.hour IS 'Begin of the hour. / 小时起点。';
COMMENT ON COLUMN community.rollup_door_hour.point_id IS 'The door. / 门禁点。';
COMMENT ON COLUMN community.rollup_door_hour.decision IS 'granted or refused. / 放行或拒绝。';
COMMENT ON COLUMN community.rollup_door_hour.reason IS 'Why, as in the door log. / 原因，同门禁日志。';
COMMENT ON COLUMN community.rollup_door_hour.offline IS 'Decided by a reader alone. / 是否离线判定。';
COMMENT ON COLUMN community.rollup_door_hour.taps IS 'Decisions. / 判定次数。';
COMMENT ON COLUMN community.rollup_door_hour.holders IS 'Different holders among them; those without a genuine credential are none. / 不同持卡人数，凭证不实者不计。';

CREATE TABLE community.rollup_door_hour_default PARTITION OF community.rollup_door_hour DEFAULT;
COMMENT ON TABLE community.rollup_door_hour_default IS 'Catches hours whose month has no partition yet. / 小时汇总的默认分区。';
