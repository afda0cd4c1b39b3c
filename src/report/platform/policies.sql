-- Row security of tenants, and rows that no longer change.

ALTER TABLE community.rollup_case_day ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rollup_case_day;
CREATE POLICY tenant ON community.rollup_case_day TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.rollup_case_due ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.rollup_case_due;
CREATE POLICY tenant ON community.rollup_case_due TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.report_period ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.report_period;
CREATE POLICY tenant ON community.report_period TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.report_line ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.report_line;
CREATE POLICY tenant ON community.report_line TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.report_value ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.report_value;
CREATE POLICY tenant ON community.report_value TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

ALTER TABLE community.report_seal ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS tenant ON community.report_seal;
CREATE POLICY tenant ON community.report_seal TO PUBLIC
    USING (community_id = ANY ((SELECT community.my_communities())::bigint[]));

CREATE OR REPLACE TRIGGER report_seal_frozen BEFORE UPDATE OR DELETE ON community.report_seal
    FOR EACH ROW EXECUTE FUNCTION community._report_seal_frozen();
CREATE OR REPLACE TRIGGER report_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON community.report_line
    FOR EACH ROW EXECUTE FUNCTION community._report_frozen();
CREATE OR REPLACE TRIGGER report_value_frozen BEFORE INSERT OR UPDATE OR DELETE ON community.report_value
    FOR EACH ROW EXECUTE FUNCTION community._report_frozen();
