-- Row security: members see the rows of their communities.
ALTER TABLE community.provider ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.provider;
CREATE POLICY tenant ON community.provider TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.provider_staff ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.provider_staff;
CREATE POLICY tenant ON community.provider_staff TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.qualification ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.qualification;
CREATE POLICY tenant ON community.qualification TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.offer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.offer;
CREATE POLICY tenant ON community.offer TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.offer_area ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.offer_area;
CREATE POLICY tenant ON community.offer_area TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.demand ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.demand;
CREATE POLICY tenant ON community.demand TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.match_block ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.match_block;
CREATE POLICY tenant ON community.match_block TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.match_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.match_log;
CREATE POLICY tenant ON community.match_log TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.match_log_default ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.match_log_default;
CREATE POLICY tenant ON community.match_log_default TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.service_order ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.service_order;
CREATE POLICY tenant ON community.service_order TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.market_count ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.market_count;
CREATE POLICY tenant ON community.market_count TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.rating ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rating;
CREATE POLICY tenant ON community.rating TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.resource ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.resource;
CREATE POLICY tenant ON community.resource TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.booking ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.booking;
CREATE POLICY tenant ON community.booking TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.booking_wait ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.booking_wait;
CREATE POLICY tenant ON community.booking_wait TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.violation ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.violation;
CREATE POLICY tenant ON community.violation TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.penalty ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.penalty;
CREATE POLICY tenant ON community.penalty TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.match_plan ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.match_plan;
CREATE POLICY tenant ON community.match_plan TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.match_plan_pair ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.match_plan_pair;
CREATE POLICY tenant ON community.match_plan_pair TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.lease ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.lease;
CREATE POLICY tenant ON community.lease TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.lease_bid ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.lease_bid;
CREATE POLICY tenant ON community.lease_bid TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.lease_rent ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.lease_rent;
CREATE POLICY tenant ON community.lease_rent TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.procurement ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.procurement;
CREATE POLICY tenant ON community.procurement TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.procurement_offer ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.procurement_offer;
CREATE POLICY tenant ON community.procurement_offer TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.procurement_kpi ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.procurement_kpi;
CREATE POLICY tenant ON community.procurement_kpi TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.time_kin ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.time_kin;
CREATE POLICY tenant ON community.time_kin TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

-- What holds for any client.
CREATE OR REPLACE TRIGGER match_log_frozen BEFORE UPDATE OR DELETE ON community.match_log
    FOR EACH ROW EXECUTE FUNCTION community._match_log_frozen();
CREATE OR REPLACE TRIGGER service_order_guard BEFORE INSERT OR UPDATE OR DELETE ON community.service_order
    FOR EACH ROW EXECUTE FUNCTION community._order_guard();
CREATE OR REPLACE TRIGGER offer_sex BEFORE INSERT ON community.offer
    FOR EACH ROW EXECUTE FUNCTION community._offer_sex();
CREATE OR REPLACE TRIGGER provider_sex AFTER UPDATE OF sex ON community.provider
    FOR EACH ROW EXECUTE FUNCTION community._offer_sex();
CREATE OR REPLACE TRIGGER rating_guard BEFORE INSERT OR UPDATE ON community.rating
    FOR EACH ROW EXECUTE FUNCTION community._rating_guard();
CREATE OR REPLACE TRIGGER booking_guard BEFORE INSERT OR UPDATE OF seat, resource_id ON community.booking
    FOR EACH ROW EXECUTE FUNCTION community._booking_guard();
CREATE OR REPLACE TRIGGER member_separate BEFORE INSERT OR UPDATE ON community.member
    FOR EACH ROW EXECUTE FUNCTION community._member_separate();
