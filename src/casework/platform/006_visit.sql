-- Visits get a number of their own, for readers that want one key.
CREATE SEQUENCE community.patrol_visit_seq;
COMMENT ON SEQUENCE community.patrol_visit_seq IS 'Numbers of visits. / 到访行号序列。';
ALTER TABLE community.patrol_visit ADD COLUMN visit_id bigint NOT NULL DEFAULT nextval('community.patrol_visit_seq');
COMMENT ON COLUMN community.patrol_visit.visit_id IS 'Number of the row, for BI tools. / 行号，供 BI 工具使用。';
ALTER SEQUENCE community.patrol_visit_seq OWNED BY community.patrol_visit.visit_id;
