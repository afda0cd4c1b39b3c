-- Facts of matching.  Places are coarse, persons are left out.

CREATE OR REPLACE VIEW community_bi.fact_service_demand WITH (security_barrier = true) AS
SELECT d.demand_id AS demand_key,
       to_char(lower(d.slot) AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (lower(d.slot) AT TIME ZONE c.tz)::date AS day,
       d.community_id,
       community.gridcell_parent(community.gridcell(d.cell_key), 5)::text AS cell,
       g.code::text AS grid_code,
       round(d.lon::numeric, 3)::double precision AS lon,
       round(d.lat::numeric, 3)::double precision AS lat,
       d.service,
       s.name AS service_name,
       s.tier AS service_tier,
       d.channel,
       d.proxy IS NOT NULL AS by_proxy,
       d.repeat_every IS NOT NULL AS recurring,
       d.state,
       d.opened_at AT TIME ZONE c.tz AS opened_at,
       (SELECT min(o.matched_at) FROM community.service_order o WHERE o.community_id = d.community_id AND o.demand_id = d.demand_id)
           AT TIME ZONE c.tz AS matched_at
  FROM community.demand d
  JOIN community.community c ON c.community_id = d.community_id
  JOIN community.service_catalog s ON s.service = d.service
  LEFT JOIN community.grid g ON g.community_id = d.community_id AND g.grid_id = d.grid_id
 WHERE d.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_service_demand IS 'Demands for services in the reader''s scope, without persons; places to about 100 m. / 可见范围内服务需求，不含个人信息，位置约 100 米。';
COMMENT ON COLUMN community_bi.fact_service_demand.demand_key IS 'Key of the demand. / 需求主键。';
COMMENT ON COLUMN community_bi.fact_service_demand.date_key IS 'Local day wanted as YYYYMMDD. / 期望当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_service_demand.day IS 'Local day wanted. / 期望当地日期。';
COMMENT ON COLUMN community_bi.fact_service_demand.community_id IS 'Community of the demand. / 所属社区。';
COMMENT ON COLUMN community_bi.fact_service_demand.cell IS 'BeiDou grid cell of level 5. / 北斗网格码第 5 级。';
COMMENT ON COLUMN community_bi.fact_service_demand.grid_code IS 'Unit grid; NULL: in none. / 单元网格代码。';
COMMENT ON COLUMN community_bi.fact_service_demand.lon IS 'Longitude to three digits. / 经度（三位小数）。';
COMMENT ON COLUMN community_bi.fact_service_demand.lat IS 'Latitude to three digits. / 纬度（三位小数）。';
COMMENT ON COLUMN community_bi.fact_service_demand.service IS 'Service wanted. / 服务。';
COMMENT ON COLUMN community_bi.fact_service_demand.service_name IS 'Its name. / 服务名称。';
COMMENT ON COLUMN community_bi.fact_service_demand.service_tier IS 'Government, utility or merchant. / 政务、公用事业、便民商业。';
COMMENT ON COLUMN community_bi.fact_service_demand.channel IS 'Channel it came by. / 渠道。';
COMMENT ON COLUMN community_bi.fact_service_demand.by_proxy IS 'Somebody asked on behalf of the requester. / 是否代办。';
COMMENT ON COLUMN community_bi.fact_service_demand.recurring IS 'One of a series. / 是否周期性。';
COMMENT ON COLUMN community_bi.fact_service_demand.state IS 'State of the demand. / 需求状态。';
COMMENT ON COLUMN community_bi.fact_service_demand.opened_at IS 'When it was opened, local time. / 开放当地时间。';
COMMENT ON COLUMN community_bi.fact_service_demand.matched_at IS 'When it was first matched, local time; NULL: not yet. / 首次成交当地时间，未成交为空。';

CREATE OR REPLACE VIEW community_bi.fact_service_order WITH (security_barrier = true) AS
SELECT o.order_id AS order_key,
       to_char(lower(o.period) AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (lower(o.period) AT TIME ZONE c.tz)::date AS day,
       o.community_id,
       o.demand_id AS demand_key,
       o.service,
       s.name AS service_name,
       o.provider_id AS provider_key,
       CASE WHEN p.owner_kind = 'organization' THEN p.name END AS provider_name,
       p.kind AS provider_kind,
       o.state,
       o.currency,
       o.price,
       o.fee,
       o.paid,
       o.score,
       o.plan_id IS NOT NULL AS planned,
       (extract(epoch FROM upper(o.period) - lower(o.period)) / 60)::integer AS minutes,
       o.matched_at AT TIME ZONE c.tz AS matched_at,
       o.done_at AT TIME ZONE c.tz AS done_at,
       o.ended_at AT TIME ZONE c.tz AS ended_at
  FROM community.service_order o
  JOIN community.community c ON c.community_id = o.community_id
  JOIN community.service_catalog s ON s.service = o.service
  JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id
 WHERE o.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.fact_service_order IS 'Orders of services in the reader''s scope, without requesters. / 可见范围内服务订单，不含需求方。';
COMMENT ON COLUMN community_bi.fact_service_order.order_key IS 'Key of the order. / 订单主键。';
COMMENT ON COLUMN community_bi.fact_service_order.date_key IS 'Local day of the service as YYYYMMDD. / 服务当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.fact_service_order.day IS 'Local day of the service. / 服务当地日期。';
COMMENT ON COLUMN community_bi.fact_service_order.community_id IS 'Community of the order. / 所属社区。';
COMMENT ON COLUMN community_bi.fact_service_order.demand_key IS 'Demand it fulfils. / 对应需求。';
COMMENT ON COLUMN community_bi.fact_service_order.service IS 'Key of the service in the catalogue. / 服务目录键。';
COMMENT ON COLUMN community_bi.fact_service_order.service_name IS 'Its name. / 服务名称。';
COMMENT ON COLUMN community_bi.fact_service_order.provider_key IS 'Provider. / 服务方。';
COMMENT ON COLUMN community_bi.fact_service_order.provider_name IS 'Name of an organization; NULL for persons. / 组织名称，个人为空。';
COMMENT ON COLUMN community_bi.fact_service_order.provider_kind IS 'merchant, ngo, volunteer, resident or public. / 服务方类别。';
COMMENT ON COLUMN community_bi.fact_service_order.state IS 'State of the order. / 订单状态。';
COMMENT ON COLUMN community_bi.fact_service_order.currency IS 'Currency of the price. / 币种。';
COMMENT ON COLUMN community_bi.fact_service_order.price IS 'Price in units of the currency. / 价格（最小单位）。';
COMMENT ON COLUMN community_bi.fact_service_order.fee IS 'What the platform keeps at settlement. / 平台费。';
COMMENT ON COLUMN community_bi.fact_service_order.paid IS 'What was paid at the end; NULL before. / 终结实收，未终结为空。';
COMMENT ON COLUMN community_bi.fact_service_order.score IS 'Score of the match. / 撮合得分。';
COMMENT ON COLUMN community_bi.fact_service_order.planned IS 'Made by a plan, not on line. / 由批量计划产生。';
COMMENT ON COLUMN community_bi.fact_service_order.minutes IS 'Length of the service in minutes. / 服务时长（分钟）。';
COMMENT ON COLUMN community_bi.fact_service_order.matched_at IS 'When it was matched, local time. / 撮合当地时间。';
COMMENT ON COLUMN community_bi.fact_service_order.done_at IS 'When it was finished. / 完成当地时间。';
COMMENT ON COLUMN community_bi.fact_service_order.ended_at IS 'When it came to its last state. / 终结当地时间。';

CREATE OR REPLACE VIEW community_bi.agg_service_weekly WITH (security_barrier = true) AS
SELECT to_char(w.week, 'YYYYMMDD')::integer AS date_key,
       w.week AS day,
       w.community_id,
       w.grid_code,
       w.service,
       w.demands,
       w.open,
       w.fulfilled,
       w.lost,
       (SELECT coalesce(sum(o.capacity), 0)::bigint FROM community.offer o
         WHERE o.community_id = w.community_id AND o.service = w.service AND o.state = 'open'
           AND (w.grid_id IS NULL OR (o.area && k.keys AND (o.sure IS NULL OR o.sure && k.keys
                OR EXISTS (SELECT FROM community.offer_area a WHERE a.community_id = o.community_id AND a.offer_id = o.offer_id
                              AND community._st_covers(a.geom, k.middle)))))) AS capacity
  FROM (SELECT d.community_id, d.grid_id, g.code::text AS grid_code, d.service, date_trunc('week', lower(d.slot) AT TIME ZONE c.tz)::date AS week,
               count(*) AS demands, count(*) FILTER (WHERE d.state = 'open') AS open, count(*) FILTER (WHERE d.state = 'fulfilled') AS fulfilled,
               count(*) FILTER (WHERE d.state IN ('expired', 'withdrawn')) AS lost
          FROM community.demand d
          JOIN community.community c ON c.community_id = d.community_id
          LEFT JOIN community.grid g ON g.community_id = d.community_id AND g.grid_id = d.grid_id
         WHERE d.state <> 'draft' AND d.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3, 4, 5) w
  LEFT JOIN community.grid g ON g.community_id = w.community_id AND g.grid_id = w.grid_id
  LEFT JOIN LATERAL (SELECT x.middle, int8multirange(int8range(-g.code_key, -g.code_key, '[]'))
                            + int8multirange(int8range(x.cell, x.cell, '[]')) AS keys
                       FROM (SELECT m.middle, community.gridcell(m.middle, 10)::bigint AS cell
                               FROM (SELECT community._st_anchor(g.geom) AS middle) m) x) k ON true;
COMMENT ON VIEW community_bi.agg_service_weekly IS 'Supply and demand by service, unit grid and week. / 按服务、网格、周的供需。';
COMMENT ON COLUMN community_bi.agg_service_weekly.date_key IS 'Monday of the week as YYYYMMDD. / 周一日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_service_weekly.day IS 'Monday of the week. / 周一。';
COMMENT ON COLUMN community_bi.agg_service_weekly.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.agg_service_weekly.grid_code IS 'Unit grid; NULL: in none. / 单元网格。';
COMMENT ON COLUMN community_bi.agg_service_weekly.service IS 'Key of the service in the catalogue. / 服务目录键。';
COMMENT ON COLUMN community_bi.agg_service_weekly.demands IS 'Demands of the week. / 需求数。';
COMMENT ON COLUMN community_bi.agg_service_weekly.open IS 'Of these, open. / 其中未成交。';
COMMENT ON COLUMN community_bi.agg_service_weekly.fulfilled IS 'Of these, fulfilled. / 其中已完成。';
COMMENT ON COLUMN community_bi.agg_service_weekly.lost IS 'Of these, expired or withdrawn. / 其中过期或撤回。';
COMMENT ON COLUMN community_bi.agg_service_weekly.capacity IS 'Capacity of the open offers that serve the middle of the grid today; without grid, of the community. / 当前服务该网格（以网格中点计）的供给容量，无网格时为全社区。';

CREATE OR REPLACE VIEW community_bi.agg_service_funnel WITH (security_barrier = true) AS
SELECT to_char(f.month, 'YYYYMMDD')::integer AS date_key,
       f.month AS day,
       f.community_id,
       f.service,
       f.demands,
       f.matched,
       f.confirmed,
       f.done,
       f.settled
  FROM (SELECT d.community_id, d.service, date_trunc('month', lower(d.slot) AT TIME ZONE c.tz)::date AS month, count(*) AS demands,
               count(x.n) AS matched, count(*) FILTER (WHERE x.confirmed) AS confirmed, count(*) FILTER (WHERE x.done) AS done,
               count(*) FILTER (WHERE x.settled) AS settled
          FROM community.demand d
          JOIN community.community c ON c.community_id = d.community_id
          LEFT JOIN (SELECT o.community_id, o.demand_id, count(*) AS n,
                            bool_or(o.hold_seq IS NOT NULL OR o.state NOT IN ('matched', 'rejected', 'cancelled')) AS confirmed,
                            bool_or(o.done_at IS NOT NULL) AS done, bool_or(o.state = 'settled') AS settled
                       FROM community.service_order o GROUP BY 1, 2) x ON x.community_id = d.community_id AND x.demand_id = d.demand_id
         WHERE d.opened_at IS NOT NULL AND d.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3) f;
COMMENT ON VIEW community_bi.agg_service_funnel IS 'From demand to settlement by service and month. / 按服务、月的转化漏斗。';
COMMENT ON COLUMN community_bi.agg_service_funnel.date_key IS 'First day of the month as YYYYMMDD. / 月首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_service_funnel.day IS 'First day of the month. / 月首日。';
COMMENT ON COLUMN community_bi.agg_service_funnel.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.agg_service_funnel.service IS 'Key of the service in the catalogue. / 服务目录键。';
COMMENT ON COLUMN community_bi.agg_service_funnel.demands IS 'Demands that were opened. / 已开放需求。';
COMMENT ON COLUMN community_bi.agg_service_funnel.matched IS 'Of these, matched at least once. / 其中曾成交。';
COMMENT ON COLUMN community_bi.agg_service_funnel.confirmed IS 'Of these, confirmed by a provider. / 其中曾确认。';
COMMENT ON COLUMN community_bi.agg_service_funnel.done IS 'Of these, finished. / 其中已完成服务。';
COMMENT ON COLUMN community_bi.agg_service_funnel.settled IS 'Of these, settled. / 其中已结算。';

CREATE OR REPLACE VIEW community_bi.dim_provider WITH (security_barrier = true) AS
SELECT p.provider_id AS provider_key,
       p.community_id,
       CASE WHEN p.owner_kind = 'organization' THEN p.name END AS provider_name,
       p.kind AS provider_kind,
       p.state,
       p.points,
       p.rated,
       p.good,
       round(community.wilson_lower(p.good, p.rated)::numeric, 4)::numeric(6,4) AS rating_bound,
       rank() OVER (PARTITION BY p.community_id ORDER BY community.wilson_lower(p.good, p.rated) DESC) AS place
  FROM community.provider p
 WHERE p.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.dim_provider IS 'Providers with the lower bound of their good ratings; persons without name. / 服务方及好评率下限，个人不显示名称。';
COMMENT ON COLUMN community_bi.dim_provider.provider_key IS 'Key of the provider. / 服务方主键。';
COMMENT ON COLUMN community_bi.dim_provider.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.dim_provider.provider_name IS 'Name of an organization; NULL for persons. / 组织名称，个人为空。';
COMMENT ON COLUMN community_bi.dim_provider.provider_kind IS 'merchant, ngo, volunteer, resident or public. / 类别。';
COMMENT ON COLUMN community_bi.dim_provider.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community_bi.dim_provider.points IS 'Penalty points. / 扣分。';
COMMENT ON COLUMN community_bi.dim_provider.rated IS 'Ratings that count. / 计入评价数。';
COMMENT ON COLUMN community_bi.dim_provider.good IS 'Of these, with 4 or 5 stars. / 好评数。';
COMMENT ON COLUMN community_bi.dim_provider.rating_bound IS 'Lower bound (Wilson, 95 %) of the share of good ratings. / 好评率 Wilson 下限。';
COMMENT ON COLUMN community_bi.dim_provider.place IS 'Rank within the community. / 社区内名次。';

CREATE OR REPLACE VIEW community_bi.agg_market_share WITH (security_barrier = true) AS
SELECT to_char(m.period, 'YYYYMMDD')::integer AS date_key,
       m.period AS day,
       m.community_id,
       m.service,
       m.provider_id AS provider_key,
       m.orders,
       m.share::numeric(8,6) AS share,
       (sum((100 * m.share) ^ 2) OVER (PARTITION BY m.community_id, m.service, m.period))::numeric(8,2) AS hhi
  FROM (SELECT c.*, c.orders / sum(c.orders) OVER (PARTITION BY c.community_id, c.service, c.period) AS share
          FROM community.market_count c
         WHERE c.provider_id > 0 AND c.orders > 0 AND c.community_id = ANY ((SELECT community.my_communities())::bigint[])) m;
COMMENT ON VIEW community_bi.agg_market_share IS 'Shares and concentration of the market by service and quarter. / 按服务、季度的市场份额与集中度。';
COMMENT ON COLUMN community_bi.agg_market_share.date_key IS 'First day of the quarter as YYYYMMDD. / 季度首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_market_share.day IS 'First day of the quarter. / 季度首日。';
COMMENT ON COLUMN community_bi.agg_market_share.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.agg_market_share.service IS 'Key of the service in the catalogue. / 服务目录键。';
COMMENT ON COLUMN community_bi.agg_market_share.provider_key IS 'Provider. / 服务方。';
COMMENT ON COLUMN community_bi.agg_market_share.orders IS 'Its orders that were not rejected or cancelled. / 有效订单数。';
COMMENT ON COLUMN community_bi.agg_market_share.share IS 'Its share of them. / 份额。';
COMMENT ON COLUMN community_bi.agg_market_share.hhi IS 'Herfindahl-Hirschman index of the service, to 10,000. / 赫芬达尔指数。';

CREATE OR REPLACE VIEW community_bi.agg_volunteer_monthly WITH (security_barrier = true) AS
SELECT to_char(v.month, 'YYYYMMDD')::integer AS date_key,
       v.month AS day,
       v.community_id,
       v.service,
       v.volunteers,
       v.orders,
       v.hours,
       v.credits
  FROM (SELECT o.community_id, o.service, date_trunc('month', lower(o.period) AT TIME ZONE c.tz)::date AS month,
               count(DISTINCT o.provider_id) AS volunteers, count(*) AS orders,
               (sum(extract(epoch FROM upper(o.period) - lower(o.period))) / 3600)::numeric(12,2) AS hours,
               coalesce(sum(o.paid) FILTER (WHERE o.currency = 'TIME'), 0)::bigint AS credits
          FROM community.service_order o
          JOIN community.provider p ON p.community_id = o.community_id AND p.provider_id = o.provider_id AND p.kind = 'volunteer'
          JOIN community.community c ON c.community_id = o.community_id
         WHERE o.done_at IS NOT NULL AND o.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3) v;
COMMENT ON VIEW community_bi.agg_volunteer_monthly IS 'Hours of volunteers by service and month. / 按服务、月的志愿服务时长。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.date_key IS 'First day of the month as YYYYMMDD. / 月首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.day IS 'First day of the month. / 月首日。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.service IS 'Key of the service in the catalogue. / 服务目录键。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.volunteers IS 'Volunteers who served. / 志愿者人数。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.orders IS 'Their finished orders. / 完成订单数。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.hours IS 'Hours of service. / 服务小时。';
COMMENT ON COLUMN community_bi.agg_volunteer_monthly.credits IS 'Minutes of time credit earned. / 获得时间积分（分钟）。';

CREATE OR REPLACE VIEW community_bi.agg_lease_monthly WITH (security_barrier = true) AS
SELECT to_char(r.month, 'YYYYMMDD')::integer AS date_key,
       r.month AS day,
       r.community_id,
       l.facility_id AS facility_key,
       f.name AS facility_name,
       sum(r.amount)::bigint AS due,
       coalesce(sum(r.amount) FILTER (WHERE r.state = 'paid'), 0)::bigint AS paid,
       coalesce(sum(r.amount) FILTER (WHERE r.state = 'arrears'), 0)::bigint AS arrears
  FROM community.lease_rent r
  JOIN community.lease l ON l.community_id = r.community_id AND l.lease_id = r.lease_id
  JOIN community.facility f ON f.community_id = l.community_id AND f.facility_id = l.facility_id
 WHERE r.community_id = ANY ((SELECT community.my_communities())::bigint[])
 GROUP BY r.month, r.community_id, l.facility_id, f.name;
COMMENT ON VIEW community_bi.agg_lease_monthly IS 'Rent of public facilities by month, due and paid. / 公共设施按月租金应收与实收。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.date_key IS 'First day of the month as YYYYMMDD. / 月首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.day IS 'First day of the month. / 月首日。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.community_id IS 'Community. / 社区。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.facility_key IS 'Facility that is let. / 设施。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.facility_name IS 'Its name. / 设施名称。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.due IS 'Rent due, in fen. / 应收租金（分）。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.paid IS 'Of it, paid into the fund of the facility. / 已入设施专户。';
COMMENT ON COLUMN community_bi.agg_lease_monthly.arrears IS 'Of it, in arrears. / 欠缴。';
