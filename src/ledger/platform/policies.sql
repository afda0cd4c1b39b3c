ALTER TABLE community.account ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.account;
CREATE POLICY tenant ON community.account TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.transfer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.transfer;
CREATE POLICY tenant ON community.transfer TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.credit_delta ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.credit_delta;
CREATE POLICY tenant ON community.credit_delta TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.fee_rule ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.fee_rule;
CREATE POLICY tenant ON community.fee_rule TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.bank_order ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.bank_order;
CREATE POLICY tenant ON community.bank_order TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.merchant_settlement ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.merchant_settlement;
CREATE POLICY tenant ON community.merchant_settlement TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
