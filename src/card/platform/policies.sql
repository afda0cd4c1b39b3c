ALTER TABLE community.card ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.card;
CREATE POLICY tenant ON community.card TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.card_app ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.card_app;
CREATE POLICY tenant ON community.card_app TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.card_binding ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.card_binding;
CREATE POLICY tenant ON community.card_binding TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.card_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.card_log;
CREATE POLICY tenant ON community.card_log TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.pin_attempt ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.pin_attempt;
CREATE POLICY tenant ON community.pin_attempt TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.access_zone ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.access_zone;
CREATE POLICY tenant ON community.access_zone TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.access_point ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.access_point;
CREATE POLICY tenant ON community.access_point TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.access_rule ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.access_rule;
CREATE POLICY tenant ON community.access_rule TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.access_group ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.access_group;
CREATE POLICY tenant ON community.access_group TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.area_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.area_state;
CREATE POLICY tenant ON community.area_state TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.door_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.door_log;
CREATE POLICY tenant ON community.door_log TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.door_event ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.door_event;
CREATE POLICY tenant ON community.door_event TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.card_status ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.card_status;
CREATE POLICY tenant ON community.card_status TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.volunteer_certificate ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.volunteer_certificate;
CREATE POLICY tenant ON community.volunteer_certificate TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.offline_spend ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.offline_spend;
CREATE POLICY tenant ON community.offline_spend TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.rollup_door_hour ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rollup_door_hour;
CREATE POLICY tenant ON community.rollup_door_hour TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));
