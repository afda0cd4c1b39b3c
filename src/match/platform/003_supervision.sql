-- Supervision, and plans for many demands at once.

CREATE SEQUENCE community.violation_seq;
COMMENT ON SEQUENCE community.violation_seq IS 'Numbers of violations. / 违规编号序列。';
CREATE TABLE community.violation (
    community_id bigint NOT NULL,
    violation_id bigint NOT NULL DEFAULT nextval('community.violation_seq'),
    provider_id bigint NOT NULL,
    rule text NOT NULL CHECK (rule <> ''),
    order_id bigint,
    evidence text NOT NULL CHECK (evidence <> ''),
    reported_by text NOT NULL,
    reported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (community_id, violation_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    FOREIGN KEY (community_id, order_id) REFERENCES community.service_order (community_id, order_id)
);
ALTER SEQUENCE community.violation_seq OWNED BY community.violation.violation_id;
CREATE INDEX violation_provider_idx ON community.violation (community_id, provider_id);
COMMENT ON TABLE community.violation IS 'Violations of rules by providers, with their evidence. / 服务方违规及证据。';
COMMENT ON COLUMN community.violation.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.violation.violation_id IS 'Number of the violation. / 违规编号。';
COMMENT ON COLUMN community.violation.provider_id IS 'Who is said to have violated a rule. / 被指违规的服务方。';
COMMENT ON COLUMN community.violation.rule IS 'Rule that was broken. / 所违反的规则。';
COMMENT ON COLUMN community.violation.order_id IS 'Order it happened in, or NULL. / 相关订单。';
COMMENT ON COLUMN community.violation.evidence IS 'What shows it. / 证据。';
COMMENT ON COLUMN community.violation.reported_by IS 'Who recorded it. / 记录人。';
COMMENT ON COLUMN community.violation.reported_at IS 'When. / 时间。';

CREATE SEQUENCE community.penalty_seq;
COMMENT ON SEQUENCE community.penalty_seq IS 'Numbers of penalties. / 处罚编号序列。';
CREATE TABLE community.penalty (
    community_id bigint NOT NULL,
    penalty_id bigint NOT NULL DEFAULT nextval('community.penalty_seq'),
    violation_id bigint NOT NULL,
    provider_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('warning', 'fine', 'points', 'suspension', 'ban')),
    amount bigint CHECK (amount > 0),
    lasts interval CHECK (lasts > interval '0'),
    state text NOT NULL DEFAULT 'proposed',
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    hearing_until timestamptz NOT NULL,
    decided_by text,
    effective_at timestamptz,
    appeal_until timestamptz,
    appealed_at timestamptz,
    appeal_by text,
    ended_at timestamptz,
    fine_seq bigint,
    PRIMARY KEY (community_id, penalty_id),
    FOREIGN KEY (community_id, violation_id) REFERENCES community.violation (community_id, violation_id),
    FOREIGN KEY (community_id, provider_id) REFERENCES community.provider (community_id, provider_id),
    CONSTRAINT penalty_amount_lasts_check CHECK ((kind IN ('fine', 'points')) = (amount IS NOT NULL) AND (kind = 'suspension') = (lasts IS NOT NULL)),
    CONSTRAINT penalty_hands_check CHECK (decided_by <> proposed_by AND appeal_by <> decided_by AND appeal_by <> proposed_by),
    CONSTRAINT penalty_hearing_check CHECK (effective_at >= hearing_until)
);
ALTER SEQUENCE community.penalty_seq OWNED BY community.penalty.penalty_id;
CREATE UNIQUE INDEX penalty_violation_key ON community.penalty (community_id, violation_id) WHERE state <> 'revoked';
CREATE INDEX penalty_provider_idx ON community.penalty (community_id, provider_id);
COMMENT ON TABLE community.penalty IS 'Penalties with due process: proposed, heard, put into effect by a second person, appealed to a third. / 处罚及正当程序：提议、申辩、他人决定、第三人复核。';
COMMENT ON COLUMN community.penalty.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.penalty.penalty_id IS 'Number of the penalty. / 处罚编号。';
COMMENT ON COLUMN community.penalty.violation_id IS 'Violation it answers. / 所对应的违规。';
COMMENT ON COLUMN community.penalty.provider_id IS 'Provider it is for. / 服务方。';
COMMENT ON COLUMN community.penalty.kind IS 'warning, fine, points, suspension or ban. / 警告、罚款、扣分、暂停、禁入。';
COMMENT ON COLUMN community.penalty.amount IS 'Fine in fen, or points. / 罚款（分）或扣分数。';
COMMENT ON COLUMN community.penalty.lasts IS 'Length of a suspension. / 暂停时长。';
COMMENT ON COLUMN community.penalty.state IS 'State of its lifecycle. / 状态。';
COMMENT ON COLUMN community.penalty.proposed_by IS 'Who proposed it. / 提议人。';
COMMENT ON COLUMN community.penalty.proposed_at IS 'When. / 提议时间。';
COMMENT ON COLUMN community.penalty.hearing_until IS 'Until then the provider may be heard; it takes effect no earlier. / 陈述申辩期限，此前不得生效。';
COMMENT ON COLUMN community.penalty.decided_by IS 'Who put it into effect: somebody else. / 决定人，须为他人。';
COMMENT ON COLUMN community.penalty.effective_at IS 'When it took effect. / 生效时间。';
COMMENT ON COLUMN community.penalty.appeal_until IS 'Last moment for an appeal. / 申诉期限。';
COMMENT ON COLUMN community.penalty.appealed_at IS 'When the provider appealed. / 申诉时间。';
COMMENT ON COLUMN community.penalty.appeal_by IS 'Who decided on the appeal: a third one. / 复核人，须为第三人。';
COMMENT ON COLUMN community.penalty.ended_at IS 'When it was upheld or revoked. / 维持或撤销时间。';
COMMENT ON COLUMN community.penalty.fine_seq IS 'Transfer of the fine. / 罚款转账编号。';

CREATE SEQUENCE community.match_plan_seq;
COMMENT ON SEQUENCE community.match_plan_seq IS 'Numbers of plans. / 计划编号序列。';
CREATE TABLE community.match_plan (
    community_id bigint NOT NULL REFERENCES community.community,
    plan_id bigint NOT NULL DEFAULT nextval('community.match_plan_seq'),
    service text REFERENCES community.service_catalog,
    upto timestamptz NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    made_by text NOT NULL,
    demands integer NOT NULL,
    assigned integer NOT NULL,
    cost numeric(14,6) NOT NULL,
    fcfs_assigned integer NOT NULL,
    fcfs_cost numeric(14,6) NOT NULL,
    committed_at timestamptz,
    made integer,
    skipped integer,
    PRIMARY KEY (community_id, plan_id)
);
ALTER SEQUENCE community.match_plan_seq OWNED BY community.match_plan.plan_id;
COMMENT ON TABLE community.match_plan IS 'Plans over all open demands of a scope, compared with first come first served. / 批量撮合计划，与先到先得比较。';
COMMENT ON COLUMN community.match_plan.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.match_plan.plan_id IS 'Number of the plan. / 计划编号。';
COMMENT ON COLUMN community.match_plan.service IS 'Service planned; NULL: all. / 服务，空为全部。';
COMMENT ON COLUMN community.match_plan.upto IS 'Demands that begin before are planned. / 计划范围截止时间。';
COMMENT ON COLUMN community.match_plan.made_at IS 'When it was made. / 制定时间。';
COMMENT ON COLUMN community.match_plan.made_by IS 'Who made it. / 制定人。';
COMMENT ON COLUMN community.match_plan.demands IS 'Open demands in its scope. / 范围内需求数。';
COMMENT ON COLUMN community.match_plan.assigned IS 'Of these, assigned by the plan. / 计划匹配数。';
COMMENT ON COLUMN community.match_plan.cost IS 'Total cost (1 less the score) of the plan. / 计划总成本（1 减得分之和）。';
COMMENT ON COLUMN community.match_plan.fcfs_assigned IS 'Assigned when the demands choose in the order of their arrival. / 先到先得匹配数。';
COMMENT ON COLUMN community.match_plan.fcfs_cost IS 'Total cost of that. / 先到先得总成本。';
COMMENT ON COLUMN community.match_plan.committed_at IS 'When it was carried out; NULL: a dry run. / 执行时间，空为仅推演。';
COMMENT ON COLUMN community.match_plan.made IS 'Orders made. / 产生订单数。';
COMMENT ON COLUMN community.match_plan.skipped IS 'Pairs that were no longer possible. / 已不可行的配对数。';

CREATE TABLE community.match_plan_pair (
    community_id bigint NOT NULL,
    plan_id bigint NOT NULL,
    demand_id bigint NOT NULL,
    offer_id bigint NOT NULL,
    cost numeric(8,6) NOT NULL,
    order_id bigint,
    PRIMARY KEY (community_id, plan_id, demand_id),
    FOREIGN KEY (community_id, plan_id) REFERENCES community.match_plan (community_id, plan_id)
);
COMMENT ON TABLE community.match_plan_pair IS 'Pairs of a plan. / 计划中的配对。';
COMMENT ON COLUMN community.match_plan_pair.community_id IS 'Community that keeps the row. / 所属社区。';
COMMENT ON COLUMN community.match_plan_pair.plan_id IS 'The plan. / 计划。';
COMMENT ON COLUMN community.match_plan_pair.demand_id IS 'Demand. / 需求。';
COMMENT ON COLUMN community.match_plan_pair.offer_id IS 'Offer assigned to it. / 所分配的供给。';
COMMENT ON COLUMN community.match_plan_pair.cost IS '1 less the score. / 1 减得分。';
COMMENT ON COLUMN community.match_plan_pair.order_id IS 'Order it became; NULL: not carried out. / 产生的订单，空为未执行。';
