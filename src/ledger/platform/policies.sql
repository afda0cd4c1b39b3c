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

-- What holds for any client.  The journal tells a fenced account by its number.
CREATE OR REPLACE TRIGGER transfer_fence BEFORE INSERT OR UPDATE ON community.transfer
    FOR EACH ROW WHEN (NEW.debit_id >= 900000000000000) EXECUTE FUNCTION community._transfer_fence();
CREATE OR REPLACE TRIGGER account_fence_keep BEFORE UPDATE OF community_id, account_id, fence ON community.account
    FOR EACH ROW EXECUTE FUNCTION community._account_fence_keep();

ALTER TABLE community.rollup_transfer_day ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rollup_transfer_day;
CREATE POLICY tenant ON community.rollup_transfer_day TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
