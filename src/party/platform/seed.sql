-- Refusals of this module.
SELECT community.register_refusal('organization_not_found', 404, 'organization %s does not exist in community %s', '社区 %2$s 中没有组织 %1$s', 'Check the number.', '请核对组织编号。', 'party');
SELECT community.register_refusal('organization_known', 409, 'organization %s is on record already in community %s', '组织 %s 已在社区 %s 建档', 'Use the record there is.', '请使用已有档案。', 'party');
SELECT community.register_refusal('credit_code_invalid', 422, '%s is no unified social credit code', '%s 不是有效的统一社会信用代码', 'Check the 18 characters and the check digit.', '请核对 18 位字符与校验位。', 'party');
SELECT community.register_refusal('organization_name_missing', 422, 'an organization needs a name', '组织须有名称', 'Give the official name.', '请给出法定名称。', 'party');
SELECT community.register_refusal('organization_kind_invalid', 422, '%s is no kind of organization', '%s 不是组织类别', 'See the comment of community.organization.kind.', '请参见 community.organization.kind 的说明。', 'party');
SELECT community.register_refusal('organization_cycle', 409, 'organization %s would lie under itself', '组织 %s 不能隶属于自身', 'Name another parent.', '请另选上级。', 'party');
SELECT community.register_refusal('person_not_found', 404, 'person %s is not on record in community %s', '社区 %2$s 中没有人员 %1$s', 'Check the number.', '请核对人员编号。', 'party');
SELECT community.register_refusal('person_closed', 409, 'the record of person %s is closed (%s)', '人员 %s 的档案已关闭（%s）', 'Use the active record.', '请使用在册档案。', 'party');
SELECT community.register_refusal('person_known', 409, 'a person with this document is on record', '该证件的人员已建档', 'Find the record, or ask the city''s register to move it here.', '请查找已有档案，或申请迁入。', 'party');
SELECT community.register_refusal('person_name_invalid', 422, 'a person needs a name of at most 100 characters', '须有姓名且不超过 100 字', 'Give the name.', '请填写姓名。', 'party');
SELECT community.register_refusal('id_kind_invalid', 422, 'kind and number of the document do not go together', '证件类型与号码不匹配', 'Give both, the kind being resident_id, passport, permit, birth_certificate or other.', '两者须同时给出，类型为 resident_id、passport、permit、birth_certificate 或 other。', 'party');
SELECT community.register_refusal('id_no_invalid', 422, 'the number of the document is not valid', '证件号码无效', 'Check its digits.', '请核对号码。', 'party');
SELECT community.register_refusal('phone_invalid', 422, 'the telephone number is not valid', '电话号码无效', 'Use digits, spaces and hyphens, + first.', '请使用数字、空格与连字符，可以 + 开头。', 'party');
SELECT community.register_refusal('birth_year_invalid', 422, 'the year of birth is not valid', '出生年无效', 'Give four digits that agree with the document.', '请给出与证件一致的四位年份。', 'party');
SELECT community.register_refusal('sex_invalid', 422, 'the sex is not valid', '性别无效', 'Use male, female or unknown, as in the document.', '请使用 male、female 或 unknown，并与证件一致。', 'party');
SELECT community.register_refusal('find_field_invalid', 422, 'persons are not found by %s', '不能按 %s 查找人员', 'Use id_no, phone or name.', '请使用 id_no、phone 或 name。', 'party');
SELECT community.register_refusal('residence_overlap', 409, 'person %s has a residence (%s) at that time', '人员 %s 同期已有居住记录（%s）', 'End the other first, or pass "replace": true.', '请先终止原记录，或传入 "replace": true。', 'party');
SELECT community.register_refusal('residence_kind_invalid', 422, '%s is no kind of residence', '%s 不是居住类别', 'Use registered, floating, overseas or workplace.', '请使用 registered、floating、overseas 或 workplace。', 'party');
SELECT community.register_refusal('residence_place_unknown', 422, 'the grid or address is not one of community %s at that time', '网格或地址当时不属于社区 %s', 'Check the place.', '请核对地点。', 'party');
SELECT community.register_refusal('residence_invalid', 422, 'the period or place of the residence is not valid', '居住时段或地点无效', 'It needs a first day, an end after it, and either a community or a place outside; nobody lives at a workplace.', '须有起始日、其后的终止日，以及社区或市外地点之一；工作地不可居住。', 'party');
SELECT community.register_refusal('residence_not_found', 404, 'residence %s of community %s does not run on that day', '社区 %2$s 的居住记录 %1$s 当日不在效', 'Check the number and the day.', '请核对编号与日期。', 'party');
SELECT community.register_refusal('household_not_found', 404, 'household %s does not exist in community %s', '社区 %2$s 中没有户 %1$s', 'Check the number.', '请核对户编号。', 'party');
SELECT community.register_refusal('household_form', 422, '%s is no kind of household and no relation to its head', '%s 不是户类别，也不是与户主关系', 'See the comments of community.household.kind and community.household_member.relation.', '请参见 community.household.kind 与 community.household_member.relation 的说明。', 'party');
SELECT community.register_refusal('household_member_overlap', 409, 'person %s cannot join household %s at that time', '人员 %s 当时不能加入户 %s', 'A household has one head, a person one household.', '每户一名户主，每人一户。', 'party');
SELECT community.register_refusal('person_day_invalid', 422, 'the day or the community is not valid', '日期或社区无效', 'Give a day of the calendar that fits.', '请给出合理的日期。', 'party');
SELECT community.register_refusal('care_kind_unknown', 422, '%s is no kind of care', '%s 不是关怀标签', 'See community.care_kind.', '请参见 community.care_kind。', 'party');
SELECT community.register_refusal('care_known', 409, 'person %s has the tag %s at that time', '人员 %s 同期已有标签 %s', 'End the other first.', '请先终止原标签。', 'party');
SELECT community.register_refusal('care_not_found', 404, 'person %s has no tag %s on that day', '人员 %s 当日没有标签 %s', 'Check tag and day.', '请核对标签与日期。', 'party');
SELECT community.register_refusal('guardian_invalid', 422, 'the guardianship or proxy is not valid', '监护或代理无效', 'It needs a kind (parent, guardian, proxy), a document, and another person of age.', '须有类别、证明文件，且代行人为另一成年人。', 'party');
SELECT community.register_refusal('guardian_known', 409, 'person %s has this guardian or proxy at that time', '人员 %s 同期已有该监护或代理', 'End the other first.', '请先终止原关系。', 'party');
SELECT community.register_refusal('guardian_missing', 403, 'no guardianship or proxy of %s covers this today', '%s 当前无相应监护或代理', 'Record it with its document first.', '请先凭证明文件登记。', 'party');
SELECT community.register_refusal('purpose_unknown', 422, '%s is no purpose', '%s 不是处理目的', 'See community.purpose.', '请参见 community.purpose。', 'party');
SELECT community.register_refusal('consent_invalid', 422, 'a consent needs evidence', '同意须有凭证', 'Name the form or recording.', '请注明表单或录音。', 'party');
SELECT community.register_refusal('consent_minor', 403, 'person %s may be under 14: a guardian consents', '人员 %s 可能未满 14 岁，须由监护人同意', 'Pass by_person_id of the guardian.', '请传入监护人 by_person_id。', 'party');
SELECT community.register_refusal('consent_missing', 403, 'person %s does not consent to %s', '人员 %s 未同意目的 %s', 'Ask for consent first.', '请先征得同意。', 'party');
SELECT community.register_refusal('consent_not_found', 404, 'consent %s does not stand', '同意 %s 不存在或已撤回', 'Check the number.', '请核对编号。', 'party');
SELECT community.register_refusal('merge_invalid', 422, 'a merge needs two records and a reason', '合并须有两份档案与理由', 'Say why they are the same person.', '请说明为同一人的理由。', 'party');
SELECT community.register_refusal('merge_numbers', 409, 'persons %s and %s have different documents of one kind', '人员 %s 与 %s 的同类证件号不同', 'They are two persons, or one number is wrong: correct it first.', '系两人，或号码有误，请先更正。', 'party');
SELECT community.register_refusal('merge_not_found', 404, 'merge %s does not stand', '合并 %s 不存在或已撤销', 'Check the number.', '请核对编号。', 'party');
SELECT community.register_refusal('erase_invalid', 422, 'an erasure needs a reason', '删除须有理由', 'Name the request.', '请注明请求。', 'party');
SELECT community.register_refusal('person_action', 422, '%s is nothing that is done to a person', '%s 不是人员变更事项', 'See the comment of community_api.person_change().', '请参见 community_api.person_change() 的说明。', 'party');
SELECT community.register_refusal('key_absent', 503, 'the key ring has no active key for this', '密钥环缺少现用密钥', 'Let the key officer set community.key_file.', '请密钥管理员设置 community.key_file。', 'party');
SELECT community.register_refusal('access_standby', 503, 'a standby opens no sealed values', '备库不提供密封信息', 'Ask the primary server.', '请访问主库。', 'party');
SELECT community.register_refusal('access_object_invalid', 422, 'this names nothing that can be read', '读取对象无效', 'Use person/<community>/<number>[,<number>...] or population/<community>.', '请使用 person/<社区>/<编号>[,…] 或 population/<社区>。', 'party');
SELECT community.register_refusal('access_reason_missing', 422, 'a ticket needs a reason', '凭单须有事由', 'Say why, without personal data.', '请说明事由，不含个人信息。', 'party');
SELECT community.register_refusal('purpose_fields', 403, 'purpose %s covers only %s', '目的 %s 仅涵盖 %s', 'Ask for less, or state another purpose.', '请减少项目或另选目的。', 'party');
SELECT community.register_refusal('purpose_rows', 403, 'purpose %s covers at most %s persons a ticket', '目的 %s 每张凭单至多 %s 人', 'Open several tickets.', '请分多张凭单。', 'party');
SELECT community.register_refusal('batch_not_found', 404, 'import %s does not exist', '导入批次 %s 不存在', 'Open it with person_import_open().', '请先调用 person_import_open()。', 'party');
SELECT community.register_refusal('import_header', 422, 'the first line must name the columns, but: %s', '首行须为列名，但：%s', 'See the comment of community.person_import().', '请参见 community.person_import() 的说明。', 'party');
SELECT community.register_refusal('import_encoding', 422, 'the bytes are no text in the encoding of the file (%s)', '字节不是该文件编码（%s）的文本', 'Encodings are UTF8 and GB18030.', '编码为 UTF8 或 GB18030。', 'party');
SELECT community.register_refusal('import_row', 422, 'the row has not as many fields as the first line', '该行字段数与首行不符', 'Check commas and quotes.', '请核对逗号与引号。', 'party');

SELECT community.register_setting('party.keep_person', 'interval', '5 years', 'How long closed records of persons are kept before they are anonymised. / 销档人员信息保存多久后匿名化。', 'party');
SELECT community.register_setting('party.keep_ticket', 'interval', '3 years', 'How long access tickets are kept. / 访问凭单保存时间。', 'party');
SELECT community.register_job('party.retention', 'upkeep', '1 day', 'none', 'community._job_party_retention', 'party');
SELECT community.register_health('party', 'community.party_health', 'party');

INSERT INTO community.purpose (purpose, name, name_zh, basis, fields, sensitivity, max_rows, ttl) VALUES
    ('identify', 'Identification at a counter', '窗口身份核验', 'duty', '{name,id_no}', 0, 20, '10 minutes'),
    ('contact', 'Contact about a case or notice', '事件与通知联系', 'duty', '{name,phone}', 0, 200, '10 minutes'),
    ('care', 'Care and home visits', '关怀与走访', 'consent', '{name,phone,address,care}', 2, 50, '10 minutes'),
    ('health', 'Health services', '健康服务', 'consent', '{name,phone,address,care}', 3, 20, '10 minutes'),
    ('emergency', 'Rescue, fire, flood, missing persons', '应急救援', 'emergency', '{name,phone,address,care}', 2, 2000, '1 hour'),
    ('subject', 'Request of the person concerned', '本人查询与复制', 'subject', '{name,id_no,phone,address,care,export}', 3, 1, '1 hour'),
    ('statistics', 'Exact counts', '精确统计', 'statistics', '{count}', 0, 1, '1 hour')
ON CONFLICT (purpose) DO UPDATE
   SET name = excluded.name, name_zh = excluded.name_zh, basis = excluded.basis, fields = excluded.fields,
       sensitivity = excluded.sensitivity, max_rows = excluded.max_rows, ttl = excluded.ttl
 WHERE NOT purpose.edited;

INSERT INTO community.care_kind (tag, name, name_zh, sensitivity, counted) VALUES
    ('living_alone', 'Elderly living alone', '独居老人', 1, true),
    ('empty_nest', 'Elderly without children nearby', '空巢老人', 1, true),
    ('very_old', 'Aged 80 and more', '高龄老人', 1, true),
    ('left_behind', 'Child left behind', '留守儿童', 2, true),
    ('disabled', 'Disabled', '残疾人', 2, true),
    ('low_income', 'On minimum living allowance', '低保对象', 2, true),
    ('destitute', 'In extreme difficulty', '特困人员', 2, true),
    ('veteran', 'Veteran or family with preferential treatment', '优抚对象', 1, true),
    ('bereaved', 'Family that lost its only child', '计生特殊家庭', 2, true),
    ('dementia', 'Dementia', '认知障碍', 3, true),
    ('bedridden', 'Unable to look after oneself', '失能人员', 2, true),
    ('mental', 'Severe mental disorder', '严重精神障碍', 3, false),
    ('correction', 'In community correction', '社区矫正对象', 3, false),
    ('drug', 'In drug rehabilitation', '社区戒毒康复', 3, false)
ON CONFLICT (tag) DO UPDATE
   SET name = excluded.name, name_zh = excluded.name_zh, sensitivity = excluded.sensitivity, counted = excluded.counted
 WHERE NOT care_kind.edited;

SELECT community.register_grant('auditor', 'relation', 'community.' || t, 'SELECT', 'party') FROM unnest('{access_log,purpose}'::text[]) t;
SELECT community.register_grant('auditor', 'routine', 'community.access_by', 'EXECUTE', 'party');
SELECT community.register_grant('analyst', 'relation', 'community.' || t, 'SELECT', 'party') FROM unnest('{care_kind,purpose}'::text[]) t;
SELECT community.register_grant('admin', 'relation', 'community.' || t, 'SELECT', 'party') FROM unnest('{care_kind,purpose,import_batch,import_error}'::text[]) t;
