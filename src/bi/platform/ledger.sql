-- Facts of the ledger: sums only, no account of a person, and no group of one to
-- four of them.

CREATE OR REPLACE VIEW community_bi.agg_ledger_daily WITH (security_barrier = true) AS
SELECT to_char(r.day, 'YYYYMMDD')::integer AS date_key,
       r.day,
       r.community_id,
       r.currency,
       r.code,
       r.transfers,
       r.amount
  FROM community.rollup_transfer_day r
 WHERE (r.payers = 0 OR r.payers >= 5) AND (r.payees = 0 OR r.payees >= 5) AND r.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.agg_ledger_daily IS 'Turnover by currency, code and local day, from the rollup of the journal. Days on which one to four persons stand on a side are left out, so sums are lower bounds. / 按币种、用途、当地日的流水（取自日汇总）；任一方不足五人的日不列，合计为下限。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.community_id IS 'Community of the accounts. / 所属社区。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.currency IS 'CNY in fen, TIME in minutes, POINT. / 币种：CNY 分、TIME 分钟、POINT。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.code IS 'Code of the transfers, such as payment, topup, refund, fee. / 用途代码。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.transfers IS 'Transfers and posted holds. / 笔数。';
COMMENT ON COLUMN community_bi.agg_ledger_daily.amount IS 'What they moved, in units of the currency. / 金额（最小单位）。';

CREATE OR REPLACE VIEW community_bi.agg_merchant_daily WITH (security_barrier = true) AS
SELECT to_char(m.day, 'YYYYMMDD')::integer AS date_key,
       m.day,
       m.community_id,
       m.account_id AS merchant_key,
       a.owner_id AS organization_key,
       a.currency,
       m.payments,
       m.gross,
       m.refunds,
       m.fees,
       m.net,
       m.sealed_at AT TIME ZONE c.tz AS sealed_at
  FROM community.merchant_settlement m
  JOIN community.account a ON a.community_id = m.community_id AND a.account_id = m.account_id AND a.owner_kind = 'organization'
  JOIN community.community c ON c.community_id = m.community_id
 WHERE m.payments >= 5 AND m.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.agg_merchant_daily IS 'Sealed settlements of merchants that are organizations, by local day; days with fewer than five payments are left out. / 单位商户按当地日的已封存结算；不足五笔付款的日不列。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.date_key IS 'Local day as YYYYMMDD. / 当地日期（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.community_id IS 'Community of the account. / 所属社区。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.merchant_key IS 'Account of the merchant. / 商户账户。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.organization_key IS 'Organization that owns it. / 所属单位。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.currency IS 'Currency of the account. / 币种。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.payments IS 'Payments received. / 收款笔数。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.gross IS 'What customers paid. / 顾客付款。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.refunds IS 'What was given back. / 退款。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.fees IS 'Fees kept from it. / 手续费。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.net IS 'What the merchant receives. / 商户实收。';
COMMENT ON COLUMN community_bi.agg_merchant_daily.sealed_at IS 'When it was sealed, local time. / 封存当地时间。';

CREATE OR REPLACE VIEW community_bi.clearing_balance WITH (security_barrier = true) AS
SELECT a.account_id AS clearing_key,
       to_char(now() AT TIME ZONE c.tz, 'YYYYMMDD')::integer AS date_key,
       (now() AT TIME ZONE c.tz)::date AS day,
       a.community_id,
       a.owner_id AS other_community_id,
       a.currency,
       a.credits_posted - a.debits_posted AS owed
  FROM community.account a
  JOIN community.community c ON c.community_id = a.community_id
 WHERE a.kind = 'clearing' AND a.owner_kind = 'community' AND a.state <> 'closed' AND a.community_id = ANY ((SELECT community.my_communities())::bigint[]);
COMMENT ON VIEW community_bi.clearing_balance IS 'What each community owes another through clearing now; the books of two communities add up to zero. / 各社区间当前清算头寸，双方账面合计为零。';
COMMENT ON COLUMN community_bi.clearing_balance.clearing_key IS 'Clearing account. / 清算账户。';
COMMENT ON COLUMN community_bi.clearing_balance.date_key IS 'Local day today as YYYYMMDD. / 当地今日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.clearing_balance.day IS 'Local day today. / 当地今日。';
COMMENT ON COLUMN community_bi.clearing_balance.community_id IS 'Community that keeps the account. / 记账社区。';
COMMENT ON COLUMN community_bi.clearing_balance.other_community_id IS 'The other community. / 对方社区。';
COMMENT ON COLUMN community_bi.clearing_balance.currency IS 'What is counted: CNY in fen, TIME in minutes, POINT. / 币种：CNY 分、TIME 分钟、POINT。';
COMMENT ON COLUMN community_bi.clearing_balance.owed IS 'What it owes the other, in units; negative: is owed. / 应付（最小单位），负数为应收。';

CREATE OR REPLACE VIEW community_bi.agg_time_credit_monthly WITH (security_barrier = true) AS
SELECT to_char(m.month, 'YYYYMMDD')::integer AS date_key,
       m.month AS day,
       m.community_id,
       m.flow,
       m.code,
       m.people,
       (m.minutes / 60)::numeric(14,2) AS hours
  FROM (SELECT t.community_id, date_trunc('month', t.at AT TIME ZONE c.tz)::date AS month, f.flow, t.code,
               count(DISTINCT f.person) AS people, sum(t.amount) AS minutes
          FROM community.transfer t
          JOIN community.community c ON c.community_id = t.community_id
          JOIN community.account d ON d.community_id = t.community_id AND d.account_id = t.debit_id
          JOIN community.account p ON p.community_id = t.community_id AND p.account_id = t.credit_id
         CROSS JOIN LATERAL (VALUES ('earned', p.owner_kind, p.account_id), ('spent', d.owner_kind, d.account_id)) f (flow, owner_kind, person)
         WHERE t.currency = 'TIME' AND t.phase IN ('single', 'post') AND f.owner_kind IN ('person', 'card')
           AND t.at >= now() - interval '24 months' AND t.community_id = ANY ((SELECT community.my_communities())::bigint[])
         GROUP BY 1, 2, 3, 4
        HAVING count(DISTINCT f.person) >= 5) m;
COMMENT ON VIEW community_bi.agg_time_credit_monthly IS 'Time credits that residents earned and spent by code and month, in hours; groups of fewer than five are left out. A live count over the last 24 months, by an index of time credits. / 近 24 个月居民时间积分的获得与使用（小时）按用途、月统计，不足五人的组不列；实时统计。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.date_key IS 'First day of the month as YYYYMMDD. / 月首日（YYYYMMDD）。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.day IS 'First day of the month. / 月首日。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.community_id IS 'Community of the accounts. / 所属社区。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.flow IS 'earned or spent. / 获得或使用。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.code IS 'Code of the transfers, such as volunteer. / 用途代码。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.people IS 'Different accounts of persons. / 人数。';
COMMENT ON COLUMN community_bi.agg_time_credit_monthly.hours IS 'Minutes moved, as hours of 60. / 折合小时。';
