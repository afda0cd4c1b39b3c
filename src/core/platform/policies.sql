-- Rows of a community are seen by those who have a capability in it.

ALTER TABLE community.setting ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS setting_scope ON community.setting;
CREATE POLICY setting_scope ON community.setting
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.module_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS module_state_scope ON community.module_state;
CREATE POLICY module_state_scope ON community.module_state
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.outbox_head ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS outbox_head_scope ON community.outbox_head;
CREATE POLICY outbox_head_scope ON community.outbox_head
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.outbox ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS outbox_scope ON community.outbox;
CREATE POLICY outbox_scope ON community.outbox
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.inbox ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS inbox_scope ON community.inbox;
CREATE POLICY inbox_scope ON community.inbox
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.audit_head ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS audit_head_scope ON community.audit_head;
CREATE POLICY audit_head_scope ON community.audit_head
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.audit_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS audit_log_scope ON community.audit_log;
CREATE POLICY audit_log_scope ON community.audit_log
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

-- The chain of the installation itself belongs to no community: whoever may
-- read the audit at all (grant_rule) may read it.
DROP POLICY IF EXISTS audit_head_installation ON community.audit_head;
CREATE POLICY audit_head_installation ON community.audit_head FOR SELECT USING (community_id = 0);
DROP POLICY IF EXISTS audit_log_installation ON community.audit_log;
CREATE POLICY audit_log_installation ON community.audit_log FOR SELECT USING (community_id = 0);

ALTER TABLE community.audit_block ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS audit_block_scope ON community.audit_block;
CREATE POLICY audit_block_scope ON community.audit_block
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
