ALTER TABLE community.sentiment ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.sentiment;
CREATE POLICY tenant ON community.sentiment TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.dispute_step ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.dispute_step;
CREATE POLICY tenant ON community.dispute_step TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.dispute_party ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.dispute_party;
CREATE POLICY tenant ON community.dispute_party TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.dispute ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.dispute;
CREATE POLICY tenant ON community.dispute TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.patrol_visit ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.patrol_visit;
CREATE POLICY tenant ON community.patrol_visit TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.patrol_track_default ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.patrol_track_default;
CREATE POLICY tenant ON community.patrol_track_default TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.patrol_track ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.patrol_track;
CREATE POLICY tenant ON community.patrol_track TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.patrol_plan ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.patrol_plan;
CREATE POLICY tenant ON community.patrol_plan TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_attachment ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_attachment;
CREATE POLICY tenant ON community.case_attachment TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_assist ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_assist;
CREATE POLICY tenant ON community.case_assist TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.work_hours ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.work_hours;
CREATE POLICY tenant ON community.work_hours TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.duty ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.duty;
CREATE POLICY tenant ON community.duty TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_counter ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_counter;
CREATE POLICY tenant ON community.case_counter TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_file ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_file;
CREATE POLICY tenant ON community.case_file TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_log ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_log;
CREATE POLICY tenant ON community.case_log TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.case_log_default ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.case_log_default;
CREATE POLICY tenant ON community.case_log_default TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

CREATE OR REPLACE TRIGGER case_log_frozen BEFORE UPDATE OR DELETE ON community.case_log
    FOR EACH ROW EXECUTE FUNCTION community._case_log_frozen();

CREATE OR REPLACE TRIGGER case_transition_frozen BEFORE INSERT OR UPDATE OR DELETE ON community.case_transition
    FOR EACH ROW EXECUTE FUNCTION community._case_transition_frozen();
