-- Facts of cards and doors: counts only, no card, no holder, and no group of one
-- to four holders.

CREATE OR REPLACE VIEW community_bi.agg_card_stock WITH (security_barrier = true) AS
SELECT to_char(now() AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (now() AT TIME ZONE c.tz)::date AS day,
       s.community_id,
       s.kind,
       s.state,
       s.cards
  FROM (SELECT k.community_id, k.kind, community.card_state_at(k.state, k.state_until, k.expires, now()) AS state, count(*) AS cards
          FROM community.card k
         WHERE k.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3
        HAVING count(DISTINCT k.holder) >= 5) s
  JOIN community.community c ON c.community_id = s.community_id;
COMMENT ON VIEW community_bi.agg_card_stock IS 'Cards by kind and state now, in the reader''s scope; groups of fewer than five holders are left out. A live count of the cards. / 可见范围内各类别、状态的现有卡数，不足五人的组不列；实时统计。';
COMMENT ON COLUMN community_bi.agg_card_stock.date_key IS 'Local day today as YYYYMMDD. / 当地今日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_card_stock.day IS 'Local day today. / 当地今日。';
COMMENT ON COLUMN community_bi.agg_card_stock.community_id IS 'Community that issued them. / 发卡社区。';
COMMENT ON COLUMN community_bi.agg_card_stock.kind IS 'resident, worker, volunteer, guest, elder or child. / 卡类别。';
COMMENT ON COLUMN community_bi.agg_card_stock.state IS 'State of the card at this moment. / 当前状态。';
COMMENT ON COLUMN community_bi.agg_card_stock.cards IS 'How many there are. / 卡数。';

CREATE OR REPLACE VIEW community_bi.agg_card_monthly WITH (security_barrier = true) AS
SELECT to_char(m.month, 'YYYYMMDD')::integer AS date_key,
       m.month AS day,
       m.community_id,
       m.kind,
       m.event,
       m.state,
       m.events
  FROM (SELECT l.community_id, date_trunc('month', l.at AT TIME ZONE c.tz)::date AS month, k.kind, l.event, l.to_state AS state, count(*) AS events
          FROM community.card_log l
          JOIN community.card k ON k.community_id = l.community_id AND k.card_id = l.card_id
          JOIN community.community c ON c.community_id = l.community_id
         WHERE l.at >= now() - interval '24 months' AND l.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3, 4, 5
        HAVING count(DISTINCT k.holder) >= 5) m;
COMMENT ON VIEW community_bi.agg_card_monthly IS 'What happened to cards by kind and month: issues, losses, replacements and so on; groups of fewer than five holders are left out. A live count over the last 24 months of the card log. / 近 24 个月各类别卡事件（发卡、挂失、补换等）按月统计，不足五人的组不列；实时统计。';
COMMENT ON COLUMN community_bi.agg_card_monthly.date_key IS 'First day of the month as YYYYMMDD. / 月首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_card_monthly.day IS 'First day of the month. / 月首日。';
COMMENT ON COLUMN community_bi.agg_card_monthly.community_id IS 'Community that issued the cards. / 发卡社区。';
COMMENT ON COLUMN community_bi.agg_card_monthly.kind IS 'Kind of card. / 卡类别。';
COMMENT ON COLUMN community_bi.agg_card_monthly.event IS 'What happened, such as issue, lose, replace, expire. / 事件。';
COMMENT ON COLUMN community_bi.agg_card_monthly.state IS 'State the cards came to. / 事件后的状态。';
COMMENT ON COLUMN community_bi.agg_card_monthly.events IS 'How often. / 次数。';

CREATE OR REPLACE VIEW community_bi.agg_door_hourly WITH (security_barrier = true) AS
SELECT to_char(r.hour AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (r.hour AT TIME ZONE c.tz)::date AS day,
       r.community_id,
       p.code::text AS grid_code,
       r.hour AT TIME ZONE c.tz AS hour_start,
       extract(hour FROM r.hour AT TIME ZONE c.tz)::integer AS hour,
       p.zone_id AS zone_key,
       z.name AS zone_name,
       r.point_id AS point_key,
       p.name AS point_name,
       p.direction,
       r.decision,
       r.reason,
       r.offline,
       r.taps
  FROM community.rollup_door_hour r
  JOIN community.community c ON c.community_id = r.community_id
  JOIN community.access_point p ON p.community_id = r.community_id AND p.point_id = r.point_id
  JOIN community.access_zone z ON z.community_id = p.community_id AND z.zone_id = p.zone_id
 WHERE (r.holders = 0 OR r.holders >= 5) AND r.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.agg_door_hourly IS 'Decisions of doors by door, hour and reason, from the rollup of the door log. Hours with one to four holders behind a reason are left out, so sums are lower bounds; taps without a genuine credential are always shown. / 门禁判定按门禁点、小时、原因统计（取自小时汇总）；同一原因不足五人的小时不列，合计为下限；凭证不实的刷卡始终列出。';
COMMENT ON COLUMN community_bi.agg_door_hourly.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_door_hourly.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.agg_door_hourly.community_id IS 'Community of the door. / 所属社区。';
COMMENT ON COLUMN community_bi.agg_door_hourly.grid_code IS 'Grid code of the door. / 门禁点网格代码。';
COMMENT ON COLUMN community_bi.agg_door_hourly.hour_start IS 'Begin of the hour, local time. / 小时起点（当地时间）。';
COMMENT ON COLUMN community_bi.agg_door_hourly.hour IS 'Hour of the day, 0 to 23. / 时（0 至 23）。';
COMMENT ON COLUMN community_bi.agg_door_hourly.zone_key IS 'Key of the zone. / 区域键。';
COMMENT ON COLUMN community_bi.agg_door_hourly.zone_name IS 'Name of the zone. / 区域名称。';
COMMENT ON COLUMN community_bi.agg_door_hourly.point_key IS 'Key of the door. / 门禁点键。';
COMMENT ON COLUMN community_bi.agg_door_hourly.point_name IS 'Name of the door. / 门禁点名称。';
COMMENT ON COLUMN community_bi.agg_door_hourly.direction IS 'in or out. / 进或出。';
COMMENT ON COLUMN community_bi.agg_door_hourly.decision IS 'granted or refused. / 放行或拒绝。';
COMMENT ON COLUMN community_bi.agg_door_hourly.reason IS 'Why, as door_open() says. / 原因，同 door_open()。';
COMMENT ON COLUMN community_bi.agg_door_hourly.offline IS 'Decided by a reader without connection. / 是否离线判定。';
COMMENT ON COLUMN community_bi.agg_door_hourly.taps IS 'Decisions. / 判定次数。';
