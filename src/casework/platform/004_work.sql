-- What the system does by itself, several organizations on one case, attachments.

ALTER TABLE community.case_file ADD COLUMN wake_at timestamptz, ADD COLUMN assists_open integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN community.case_file.wake_at IS 'When the system goes on with it: ends a suspension, evaluates, archives; NULL: not by itself. / 系统自动处理的时间：恢复、评价、归档；NULL 表示不自动处理。';
COMMENT ON COLUMN community.case_file.assists_open IS 'Organizations that assist and have not finished. / 尚未完成的协办单位数。';
CREATE INDEX case_file_wake ON community.case_file (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX case_file_component ON community.case_file (community_id, component_id) WHERE component_id IS NOT NULL;

CREATE TABLE community.case_assist (
    community_id bigint NOT NULL,
    case_id bigint NOT NULL,
    organization_community_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    task text NOT NULL CHECK (task <> ''),
    assigned_by text NOT NULL,
    assigned_at timestamptz NOT NULL,
    done_at timestamptz CHECK (done_at >= assigned_at),
    result text,
    PRIMARY KEY (community_id, case_id, organization_community_id, organization_id),
    FOREIGN KEY (community_id, case_id) REFERENCES community.case_file
);
COMMENT ON TABLE community.case_assist IS 'Organizations that handle a case together with the one that leads it, which is the one it was dispatched to. / 协办单位；主办单位即派遣单位。';
COMMENT ON COLUMN community.case_assist.community_id IS 'Community of the case. / 社区。';
COMMENT ON COLUMN community.case_assist.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.case_assist.organization_community_id IS 'Owner of the assisting organization. / 协办单位所属。';
COMMENT ON COLUMN community.case_assist.organization_id IS 'Assisting organization. / 协办单位。';
COMMENT ON COLUMN community.case_assist.task IS 'What it is to do. / 协办事项。';
COMMENT ON COLUMN community.case_assist.assigned_by IS 'Who called it in. / 指派人。';
COMMENT ON COLUMN community.case_assist.assigned_at IS 'When. / 指派时间。';
COMMENT ON COLUMN community.case_assist.done_at IS 'When it reported its part done; NULL: open. / 完成时间；NULL 表示未完成。';
COMMENT ON COLUMN community.case_assist.result IS 'What it did. / 办理结果。';

CREATE SEQUENCE community.case_attachment_seq;
CREATE TABLE community.case_attachment (
    community_id bigint NOT NULL,
    attachment_id bigint NOT NULL DEFAULT nextval('community.case_attachment_seq'),
    case_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('report', 'handling', 'check', 'other')),
    uri text NOT NULL CHECK (uri <> ''),
    media_type text NOT NULL CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
    bytes bigint CHECK (bytes >= 0),
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (community_id, attachment_id),
    UNIQUE (community_id, case_id, sha256),
    FOREIGN KEY (community_id, case_id) REFERENCES community.case_file
);
ALTER SEQUENCE community.case_attachment_seq OWNED BY community.case_attachment.attachment_id;
COMMENT ON SEQUENCE community.case_attachment_seq IS 'Numbers of attachments. / 附件序列。';
COMMENT ON TABLE community.case_attachment IS 'Pictures and papers of a case by reference and hash; the bytes lie in an object store. / 案卷附件：引用与哈希，内容存于对象存储。';
COMMENT ON COLUMN community.case_attachment.community_id IS 'Community of the case. / 社区。';
COMMENT ON COLUMN community.case_attachment.attachment_id IS 'Number of the attachment. / 附件号。';
COMMENT ON COLUMN community.case_attachment.case_id IS 'The case. / 案卷。';
COMMENT ON COLUMN community.case_attachment.kind IS 'report, handling, check or other: the moment it shows. / 环节：上报、处置、核查、其他。';
COMMENT ON COLUMN community.case_attachment.uri IS 'Where the bytes lie. / 内容地址。';
COMMENT ON COLUMN community.case_attachment.media_type IS 'Media type, such as image/jpeg. / 媒体类型。';
COMMENT ON COLUMN community.case_attachment.bytes IS 'Size; NULL: unknown. / 字节数。';
COMMENT ON COLUMN community.case_attachment.sha256 IS 'SHA-256 of the bytes: one file is kept once per case. / 内容的 SHA-256，同案不重复。';
COMMENT ON COLUMN community.case_attachment.added_by IS 'Who added it. / 添加人。';
COMMENT ON COLUMN community.case_attachment.added_at IS 'When it was added. / 添加时间。';
