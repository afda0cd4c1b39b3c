-- Rules, catalogue, parts of the score, lifecycles, settings and jobs.
INSERT INTO community.operating_rule (operating_model, onboarding, government_provides, fee_rate, share_cap)
VALUES ('government', 'supervisor', true, 0, 0.5),
       ('market', 'self', false, 0.03, 0.3),
       ('mixed', 'registered', true, 0.01, 0.4)
ON CONFLICT (operating_model) DO UPDATE
   SET onboarding = EXCLUDED.onboarding, government_provides = EXCLUDED.government_provides, fee_rate = EXCLUDED.fee_rate,
       share_cap = EXCLUDED.share_cap
 WHERE NOT operating_rule.edited;

INSERT INTO community.service_catalog (service, name, tier, qualification, currency, price_cap, cancel_rate, no_show_rate)
VALUES ('certificate_errand', 'Errands for certificates / 证照代办', 'government', '{}', 'CNY', 5000, 0, 0.5),
       ('policy_advice', 'Advice on policies / 政策咨询', 'government', '{}', 'CNY', 0, 0, 0),
       ('legal_aid', 'Legal aid / 法律援助', 'government', '{lawyer}', 'CNY', 0, 0, 0),
       ('water_repair', 'Repair of water pipes / 水管维修', 'utility', '{plumber}', 'CNY', NULL, 0.2, 0.5),
       ('power_repair', 'Repair of wiring / 电路维修', 'utility', '{electrician}', 'CNY', NULL, 0.2, 0.5),
       ('gas_check', 'Gas safety check / 燃气安检', 'utility', '{gas_fitter}', 'CNY', 0, 0, 0),
       ('house_cleaning', 'House cleaning / 家政保洁', 'merchant', '{}', 'CNY', NULL, 0.3, 0.5),
       ('meal_delivery', 'Meals for the elderly / 助餐送餐', 'merchant', '{food_licence}', 'CNY', 3000, 0.5, 1),
       ('home_nursing', 'Nursing at home / 居家护理', 'merchant', '{nurse}', 'CNY', NULL, 0.3, 0.5),
       ('appliance_repair', 'Repair of appliances / 家电维修', 'merchant', '{}', 'CNY', NULL, 0.2, 0.5),
       ('volunteer_visit', 'Visits by volunteers / 志愿探访', 'merchant', '{}', 'TIME', NULL, 0, 0),
       ('volunteer_tutoring', 'Tutoring by volunteers / 志愿课业辅导', 'merchant', '{}', 'TIME', NULL, 0, 0)
ON CONFLICT (service) DO UPDATE
   SET name = EXCLUDED.name, tier = EXCLUDED.tier, qualification = EXCLUDED.qualification, currency = EXCLUDED.currency,
       price_cap = EXCLUDED.price_cap, cancel_rate = EXCLUDED.cancel_rate, no_show_rate = EXCLUDED.no_show_rate
 WHERE NOT service_catalog.edited;

INSERT INTO community.match_part (part, name, weight)
VALUES ('distance', 'Nearness: half at 1 km / 距离：1 公里得一半', 25),
       ('skill', 'Share of the skills wished for / 期望技能满足比例', 15),
       ('time', 'How soon within the time wanted / 期望时段内的早晚', 10),
       ('rating', 'Lower bound of the share of good ratings / 好评率置信下限', 20),
       ('price', 'Cheapness against the highest price accepted / 价格相对上限', 10),
       ('load', 'Few orders this quarter: half at 5 / 本季订单少：5 单得一半', 10),
       ('newcomer', 'Fewer than five ratings yet / 评价不足五条的新服务方', 5),
       ('continuity', 'Has served this requester before / 曾服务该需求方', 5)
ON CONFLICT (part) DO UPDATE SET name = EXCLUDED.name, weight = EXCLUDED.weight WHERE NOT match_part.edited;

INSERT INTO community.match_weight (service, part, weight)
VALUES ('volunteer_visit', 'load', 25), ('volunteer_visit', 'continuity', 20), ('volunteer_visit', 'price', 0),
       ('volunteer_tutoring', 'price', 0), ('home_nursing', 'continuity', 20)
ON CONFLICT DO NOTHING;

INSERT INTO community.match_transition (machine, from_state, event, role, to_state)
SELECT v.m, s.f, v.e, w.r, v.t
  FROM (VALUES
    ('provider', 'applied', 'accept', 'supervise', 'active'), ('provider', 'applied', 'accept', 'job', 'active'),
    ('provider', 'applied', 'decline', 'supervise', 'withdrawn'),
    ('provider', 'active', 'warn', 'supervise', 'warned'), ('provider', 'warned', 'clear', 'supervise,job', 'active'),
    ('provider', 'active,warned,suspended', 'suspend', 'supervise', 'suspended'),
    ('provider', 'suspended', 'resume', 'supervise,job', 'active'),
    ('provider', 'active,warned,suspended', 'ban', 'supervise', 'banned'),
    ('provider', 'banned', 'lift', 'supervise', 'active'),
    ('provider', 'applied,active,warned,suspended', 'withdraw', 'provide,job', 'withdrawn'),
    ('demand', 'draft', 'open', 'request', 'open'), ('demand', 'draft,open', 'withdraw', 'request,job', 'withdrawn'),
    ('demand', 'draft,open', 'expire', 'job', 'expired'), ('demand', 'open', 'match', 'match,request', 'matched'),
    ('demand', 'matched', 'reopen', 'match,request,provide,job', 'open'),
    ('demand', 'matched', 'cancel', 'request,match,supervise,job', 'withdrawn'),
    ('demand', 'matched', 'fulfil', 'match,supervise,job', 'fulfilled'),
    ('order', 'matched', 'confirm', 'provide', 'confirmed'), ('order', 'matched', 'reject', 'provide,match,job', 'rejected'),
    ('order', 'matched,confirmed', 'cancel', 'request,provide,match,job', 'cancelled'),
    ('order', 'confirmed', 'check_in', 'provide,request', 'in_service'),
    ('order', 'confirmed', 'no_show', 'provide,request', 'no_show'),
    ('order', 'no_show', 'settle', 'job', 'missed'), ('order', 'no_show', 'dispute', 'request,provide', 'contested'),
    ('order', 'contested', 'refund', 'supervise', 'refunded'), ('order', 'contested', 'dismiss', 'supervise', 'missed'),
    ('order', 'in_service', 'finish', 'provide,job', 'done'), ('order', 'in_service,done,rated', 'dispute', 'request', 'disputed'),
    ('order', 'done', 'rate', 'request', 'rated'), ('order', 'settled', 'rate', 'request,provide', 'settled'),
    ('order', 'done,rated', 'settle', 'match,job', 'settled'),
    ('order', 'disputed', 'refund', 'supervise', 'refunded'), ('order', 'disputed', 'dismiss', 'supervise', 'dismissed'),
    ('booking', 'held', 'confirm', 'request', 'confirmed'), ('booking', 'confirmed', 'check_in', 'request,match', 'checked_in'),
    ('booking', 'checked_in', 'finish', 'request,match,job', 'done'), ('booking', 'held,confirmed', 'cancel', 'request,match,job', 'cancelled'),
    ('booking', 'held', 'expire', 'job', 'expired'), ('booking', 'confirmed', 'no_show', 'match,job', 'no_show'),
    ('penalty', 'proposed', 'decide', 'supervise', 'effective'), ('penalty', 'proposed', 'drop', 'supervise', 'revoked'),
    ('penalty', 'effective', 'appeal', 'provide', 'appealed'), ('penalty', 'appealed', 'uphold', 'supervise', 'upheld'),
    ('penalty', 'appealed', 'revoke', 'supervise', 'revoked'),
    ('lease', 'tender', 'award', 'supervise', 'active'), ('lease', 'tender', 'close', 'supervise', 'void'),
    ('lease', 'active', 'end', 'supervise,job', 'ended'),
    ('procurement', 'published', 'award', 'supervise', 'active'), ('procurement', 'published', 'close', 'supervise', 'void'),
    ('procurement', 'active', 'settle', 'supervise', 'settled')) AS v (m, f, e, r, t),
       unnest(string_to_array(v.f, ',')) s(f), unnest(string_to_array(v.r, ',')) w(r)
ON CONFLICT DO NOTHING;

SELECT community.register_setting('match_pool', 'integer', '40', 'Nearest fitting offers that are scored for one demand, and at least four for each candidate asked for. / 单个需求参与评分的最近适合供给数，且不少于所求候选数的四倍。', 'match');
SELECT community.register_setting('match_area_points', 'integer', '5000', 'Most points of the polygon that an offer serves. / 供给服务多边形的最大点数。', 'match');
SELECT community.register_setting('match_area_km2', 'integer', '10000', 'Largest polygon that an offer serves, in square kilometres. / 供给服务多边形的最大面积（平方公里）。', 'match');
SELECT community.register_setting('match_plan_k', 'integer', '16', 'Candidates for each demand of a plan. / 计划中每个需求的候选数。', 'match');
SELECT community.register_setting('match_share_from', 'integer', '20', 'Orders of a service in a quarter from which share caps hold. / 季度订单达到该数后份额上限生效。', 'match');
SELECT community.register_setting('match_check_in', 'interval', '1 hour', 'How long before the beginning check-in opens. / 开始前多久可签到。', 'match');
SELECT community.register_setting('match_late', 'interval', '30 minutes', 'Lateness after which a no-show can be stated. / 迟到多久可申报爽约。', 'match');
SELECT community.register_setting('match_lapse', 'interval', '3 days', 'Time after its end in which an order that nobody moves on is ended. / 订单时段结束后无人处理则自动了结的时间。', 'match');
SELECT community.register_setting('match_hearing', 'interval', '3 days', 'Time in which a provider is heard before a penalty. / 处罚前申辩时间。', 'match');
SELECT community.register_setting('match_appeal', 'interval', '60 days', 'Time in which a penalty can be appealed. / 申诉期限。', 'match');
SELECT community.register_setting('match_burst', 'integer', '5', 'Best ratings of one provider within an hour that are flagged. / 一小时内同一服务方满分评价达到该数则标记。', 'match');
SELECT community.register_setting('match_rating_k', 'integer', '5', 'Settled orders from which a provider sees its ratings one by one. / 服务方结算订单达到该数后方可逐条查看评价。', 'match');
SELECT community.register_setting('time_expires', 'interval', '3 years', 'Age at which time credits expire. / 时间积分失效年限。', 'match');
SELECT community.register_setting('time_year_cap', 'integer', '6000', 'Minutes that a person may pass on to relatives in a year. / 每年可转让亲属的分钟数上限。', 'match');

SELECT community.register_job('match.upkeep', 'upkeep', '1 minute', 'none', 'community._job_match_upkeep', 'match');
SELECT community.register_job('match.replan', 'upkeep', '1 minute', 'none', 'community._job_match_replan', 'match');
SELECT community.register_job('match.settle', 'upkeep', '10 minutes', 'none', 'community._job_match_settle', 'match');
SELECT community.register_job('match.ratings', 'upkeep', '1 hour', 'none', 'community._job_match_ratings', 'match');
SELECT community.register_job('match.rent', 'upkeep', '1 day', 'none', 'community._job_match_rent', 'match');
SELECT community.register_job('match.time', 'upkeep', '1 day', 'none', 'community._job_match_time', 'match');
SELECT community.register_health('match.settle', 'community._health_match', 'match');
SELECT community.register_grant('bi', 'routine', f, 'EXECUTE', 'match') FROM unnest('{community.wilson_lower,community._st_anchor,community._st_covers}'::text[]) f;
