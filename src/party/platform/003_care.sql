-- Purposes, care tags, guardians, acting for others, consent, merges.

CREATE TABLE community.purpose (
    purpose text NOT NULL,
    name text NOT NULL,
    name_zh text NOT NULL,
    basis text NOT NULL,
    fields text[] NOT NULL,
    sensitivity smallint NOT NULL,
    max_rows integer NOT NULL,
    ttl interval NOT NULL,
    edited boolean NOT NULL DEFAULT false,
    CONSTRAINT purpose_pkey PRIMARY KEY (purpose),
    CONSTRAINT purpose_purpose_check CHECK (purpose ~ '^[a-z][a-z0-9_]{1,30}$'),
    CONSTRAINT purpose_basis_check CHECK (basis IN ('duty', 'consent', 'emergency', 'subject', 'statistics')),
    CONSTRAINT purpose_fields_check CHECK (fields <@ '{name,id_no,phone,address,care,export,count}'),
    CONSTRAINT purpose_sensitivity_check CHECK (sensitivity BETWEEN 0 AND 3),
    CONSTRAINT purpose_max_rows_check CHECK (max_rows BETWEEN 1 AND 10000),
    CONSTRAINT purpose_ttl_check CHECK (ttl BETWEEN interval '0' AND interval '1 day')
);
COMMENT ON TABLE community.purpose IS 'Purposes for which personal data may be read, and how far each goes. / 处理个人信息的目的及其范围。';
COMMENT ON COLUMN community.purpose.purpose IS 'Code; the capability purpose_<code> in member lets a role state it. / 代码；在 member 中以 purpose_<代码> 授权使用。';
COMMENT ON COLUMN community.purpose.name IS 'Meaning in English. / 英文名称。';
COMMENT ON COLUMN community.purpose.name_zh IS 'Meaning in Chinese. / 中文名称。';
COMMENT ON COLUMN community.purpose.basis IS 'Legal ground: duty (statutory), consent (of each person), emergency, subject (the person''s own request), statistics. / 法律依据：法定职责、个人同意、紧急情况、本人请求、统计。';
COMMENT ON COLUMN community.purpose.fields IS 'What may be read: name, id_no, phone, address, care, export (everything on one person), count (exact counts). / 可读项目：姓名、证件号、电话、住址、关怀标签、全部导出、精确计数。';
COMMENT ON COLUMN community.purpose.sensitivity IS 'Highest sensitivity of care tags that it shows, 0 none. / 可见关怀标签的最高敏感级，0 为不可见。';
COMMENT ON COLUMN community.purpose.max_rows IS 'Most persons one ticket may name. / 每张凭单可列的最多人数。';
COMMENT ON COLUMN community.purpose.ttl IS 'How long a ticket can be read. / 凭单有效时长。';
COMMENT ON COLUMN community.purpose.edited IS 'Changed by the city: new versions leave the row alone. / 已由本市修改，升级不覆盖。';

CREATE TABLE community.care_kind (
    tag text NOT NULL,
    name text NOT NULL,
    name_zh text NOT NULL,
    sensitivity smallint NOT NULL,
    counted boolean NOT NULL,
    edited boolean NOT NULL DEFAULT false,
    CONSTRAINT care_kind_pkey PRIMARY KEY (tag),
    CONSTRAINT care_kind_tag_check CHECK (tag ~ '^[a-z][a-z0-9_]{1,30}$'),
    CONSTRAINT care_kind_sensitivity_check CHECK (sensitivity BETWEEN 1 AND 3)
);
COMMENT ON TABLE community.care_kind IS 'Kinds of care that people may need. / 关怀标签种类。';
COMMENT ON COLUMN community.care_kind.tag IS 'Code of the kind. / 标签代码。';
COMMENT ON COLUMN community.care_kind.name IS 'Meaning in English. / 英文名称。';
COMMENT ON COLUMN community.care_kind.name_zh IS 'Meaning in Chinese. / 中文名称。';
COMMENT ON COLUMN community.care_kind.sensitivity IS '1 ordinary, 2 sensitive, 3 most sensitive (health, correction, drugs). / 敏感级：1 一般、2 敏感、3 高度敏感（健康、矫正、涉毒）。';
COMMENT ON COLUMN community.care_kind.counted IS 'Whether statistics may break down by it. / 是否可用于统计分组。';
COMMENT ON COLUMN community.care_kind.edited IS 'Changed by the city: new versions leave the row alone. / 已由本市修改，升级不覆盖。';

CREATE SEQUENCE community.care_tag_seq;
COMMENT ON SEQUENCE community.care_tag_seq IS 'Numbers of care tags. / 关怀标签编号序列。';

CREATE TABLE community.care_tag (
    community_id bigint NOT NULL,
    care_tag_id bigint NOT NULL DEFAULT nextval('community.care_tag_seq'),
    person_id bigint NOT NULL,
    tag text NOT NULL REFERENCES community.care_kind (tag),
    valid daterange NOT NULL,
    source text,
    suspended_by bigint,
    merge_id bigint,
    CONSTRAINT care_tag_pkey PRIMARY KEY (community_id, care_tag_id),
    CONSTRAINT care_tag_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT care_tag_valid_check CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT care_tag_excl EXCLUDE USING gist (community_id WITH =, person_id WITH =, tag WITH =, valid WITH &&) WHERE (suspended_by IS NULL)
);
COMMENT ON TABLE community.care_tag IS 'Care that a person needs, and when. / 人员的关怀标签及时段。';
COMMENT ON COLUMN community.care_tag.community_id IS 'Community that keeps the person. / 建档社区。';
COMMENT ON COLUMN community.care_tag.care_tag_id IS 'Number of the row. / 行编号。';
COMMENT ON COLUMN community.care_tag.person_id IS 'The person. / 人员编号。';
COMMENT ON COLUMN community.care_tag.tag IS 'Kind of care. / 标签代码。';
COMMENT ON COLUMN community.care_tag.valid IS 'Days on which it holds. / 有效期。';
COMMENT ON COLUMN community.care_tag.source IS 'Who established it. / 认定来源。';
COMMENT ON COLUMN community.care_tag.suspended_by IS 'Merge that took the row out of force, NULL when it counts. / 使其停用的合并编号，生效为空。';
COMMENT ON COLUMN community.care_tag.merge_id IS 'Merge that brought the row from a duplicate. / 由合并带来的合并编号。';

CREATE SEQUENCE community.guardian_seq;
COMMENT ON SEQUENCE community.guardian_seq IS 'Numbers of guardianships and proxies. / 监护与代理编号序列。';

CREATE TABLE community.guardian (
    community_id bigint NOT NULL,
    guardian_id bigint NOT NULL DEFAULT nextval('community.guardian_seq'),
    person_id bigint NOT NULL,
    by_community_id bigint NOT NULL,
    by_person_id bigint NOT NULL,
    kind text NOT NULL,
    actions text[] NOT NULL DEFAULT '{all}',
    document text NOT NULL,
    valid daterange NOT NULL,
    CONSTRAINT guardian_pkey PRIMARY KEY (community_id, guardian_id),
    CONSTRAINT guardian_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT guardian_kind_check CHECK (kind IN ('parent', 'guardian', 'proxy')),
    CONSTRAINT guardian_self_check CHECK (community_id <> by_community_id OR person_id <> by_person_id),
    CONSTRAINT guardian_document_check CHECK (document <> ''),
    CONSTRAINT guardian_valid_check CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT guardian_excl EXCLUDE USING gist (community_id WITH =, person_id WITH =, by_community_id WITH =, by_person_id WITH =, valid WITH &&)
);
COMMENT ON TABLE community.guardian IS 'Who may act for a person: parents and guardians of minors and wards, proxies of others. / 可代为行事者：父母、监护人、代理人。';
COMMENT ON COLUMN community.guardian.community_id IS 'Community that keeps the person. / 建档社区。';
COMMENT ON COLUMN community.guardian.guardian_id IS 'Number of the relation. / 关系编号。';
COMMENT ON COLUMN community.guardian.person_id IS 'Person acted for. / 被代理人。';
COMMENT ON COLUMN community.guardian.by_community_id IS 'Community that keeps who acts. / 代理人建档社区。';
COMMENT ON COLUMN community.guardian.by_person_id IS 'Who acts. / 代理人编号。';
COMMENT ON COLUMN community.guardian.kind IS 'parent, guardian or proxy. / 父母、监护人、代理人。';
COMMENT ON COLUMN community.guardian.actions IS 'What may be done for the person, all for everything. / 可代办事项，all 为全部。';
COMMENT ON COLUMN community.guardian.document IS 'Paper that proves it (kind and place of keeping, no number of a person). / 证明文件（种类与存放处，不写个人号码）。';
COMMENT ON COLUMN community.guardian.valid IS 'Days on which it holds. / 有效期。';

CREATE SEQUENCE community.proxy_act_seq;
COMMENT ON SEQUENCE community.proxy_act_seq IS 'Numbers of acts done for others. / 代办记录编号序列。';

CREATE TABLE community.proxy_act (
    community_id bigint NOT NULL,
    proxy_act_id bigint NOT NULL DEFAULT nextval('community.proxy_act_seq'),
    guardian_id bigint NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    actor text NOT NULL,
    acted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT proxy_act_pkey PRIMARY KEY (community_id, proxy_act_id),
    CONSTRAINT proxy_act_guardian_fkey FOREIGN KEY (community_id, guardian_id) REFERENCES community.guardian (community_id, guardian_id)
);
COMMENT ON TABLE community.proxy_act IS 'What was done for a person by somebody else. / 代办记录。';
COMMENT ON COLUMN community.proxy_act.community_id IS 'Community that keeps the person acted for. / 被代理人建档社区。';
COMMENT ON COLUMN community.proxy_act.proxy_act_id IS 'Number of the act. / 记录编号。';
COMMENT ON COLUMN community.proxy_act.guardian_id IS 'Relation that allowed it. / 所依据的关系。';
COMMENT ON COLUMN community.proxy_act.action IS 'What was done. / 事项。';
COMMENT ON COLUMN community.proxy_act.object IS 'To what, such as consent/17. / 对象，如 consent/17。';
COMMENT ON COLUMN community.proxy_act.actor IS 'Login role that recorded it. / 经办登录角色。';
COMMENT ON COLUMN community.proxy_act.acted_at IS 'When. / 时间。';
CREATE INDEX proxy_act_guardian_idx ON community.proxy_act (community_id, guardian_id);

CREATE SEQUENCE community.consent_seq;
COMMENT ON SEQUENCE community.consent_seq IS 'Numbers of consents. / 同意编号序列。';

CREATE TABLE community.consent (
    community_id bigint NOT NULL,
    consent_id bigint NOT NULL DEFAULT nextval('community.consent_seq'),
    person_id bigint NOT NULL,
    purpose text NOT NULL REFERENCES community.purpose (purpose),
    sensitive boolean NOT NULL DEFAULT false,
    given_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    evidence text NOT NULL,
    proxy_act_id bigint,
    CONSTRAINT consent_pkey PRIMARY KEY (community_id, consent_id),
    CONSTRAINT consent_person_fkey FOREIGN KEY (community_id, person_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT consent_proxy_act_fkey FOREIGN KEY (community_id, proxy_act_id) REFERENCES community.proxy_act (community_id, proxy_act_id),
    CONSTRAINT consent_evidence_check CHECK (evidence <> ''),
    CONSTRAINT consent_withdrawn_check CHECK (withdrawn_at >= given_at)
);
COMMENT ON TABLE community.consent IS 'Consents of persons to purposes, and their withdrawal. / 个人对处理目的的同意与撤回。';
COMMENT ON COLUMN community.consent.community_id IS 'Community that keeps the person. / 建档社区。';
COMMENT ON COLUMN community.consent.consent_id IS 'Number of the consent. / 同意编号。';
COMMENT ON COLUMN community.consent.person_id IS 'Who consents. / 人员编号。';
COMMENT ON COLUMN community.consent.purpose IS 'To which purpose. / 处理目的。';
COMMENT ON COLUMN community.consent.sensitive IS 'Separate consent to sensitive data was given too. / 是否另行单独同意处理敏感个人信息。';
COMMENT ON COLUMN community.consent.given_at IS 'When it was given. / 同意时间。';
COMMENT ON COLUMN community.consent.withdrawn_at IS 'When it was withdrawn, NULL while it stands. / 撤回时间，未撤回为空。';
COMMENT ON COLUMN community.consent.evidence IS 'Form or recording that proves it. / 同意凭证。';
COMMENT ON COLUMN community.consent.proxy_act_id IS 'Act of the guardian or proxy who gave it; NULL when given in person. / 代为同意的代办记录，本人同意为空。';
CREATE INDEX consent_person_idx ON community.consent (community_id, person_id, purpose);

CREATE SEQUENCE community.person_merge_seq;
COMMENT ON SEQUENCE community.person_merge_seq IS 'Numbers of merges. / 合并编号序列。';

CREATE TABLE community.person_merge (
    community_id bigint NOT NULL,
    merge_id bigint NOT NULL DEFAULT nextval('community.person_merge_seq'),
    kept_id bigint NOT NULL,
    merged_id bigint NOT NULL,
    reason text NOT NULL,
    took_number boolean NOT NULL,
    actor text NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now(),
    undone_at timestamptz,
    undone_by text,
    CONSTRAINT person_merge_pkey PRIMARY KEY (community_id, merge_id),
    CONSTRAINT person_merge_kept_fkey FOREIGN KEY (community_id, kept_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT person_merge_merged_fkey FOREIGN KEY (community_id, merged_id) REFERENCES community.person (community_id, person_id),
    CONSTRAINT person_merge_self_check CHECK (kept_id <> merged_id),
    CONSTRAINT person_merge_undone_check CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
COMMENT ON TABLE community.person_merge IS 'Merges of duplicate records, which can be undone. / 重复档案的合并（可撤销）。';
COMMENT ON COLUMN community.person_merge.community_id IS 'Community of both records. / 所属社区。';
COMMENT ON COLUMN community.person_merge.merge_id IS 'Number of the merge. / 合并编号。';
COMMENT ON COLUMN community.person_merge.kept_id IS 'Record that stays. / 保留的档案。';
COMMENT ON COLUMN community.person_merge.merged_id IS 'Duplicate. / 被并入的档案。';
COMMENT ON COLUMN community.person_merge.reason IS 'Why they are the same person. / 理由。';
COMMENT ON COLUMN community.person_merge.took_number IS 'Whether the record that stays took the number of the duplicate. / 保留档案是否取用了被并档案的证件号。';
COMMENT ON COLUMN community.person_merge.actor IS 'Who merged. / 操作者。';
COMMENT ON COLUMN community.person_merge.merged_at IS 'When. / 合并时间。';
COMMENT ON COLUMN community.person_merge.undone_at IS 'When it was undone, NULL while it stands. / 撤销时间，未撤销为空。';
COMMENT ON COLUMN community.person_merge.undone_by IS 'Who undid it. / 撤销者。';
CREATE INDEX person_merge_merged_idx ON community.person_merge (community_id, merged_id);
