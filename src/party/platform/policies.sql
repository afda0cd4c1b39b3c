-- Row policies: a row is seen by those whose membership covers its community.
ALTER TABLE community.organization ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS organization_scope ON community.organization;
CREATE POLICY organization_scope ON community.organization TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
