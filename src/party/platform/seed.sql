-- Refusals of this module.
SELECT community.register_refusal('organization_not_found', 404, 'organization %s does not exist in community %s', '社区 %2$s 中没有组织 %1$s', 'Check the number.', '请核对组织编号。', 'party');
SELECT community.register_refusal('organization_known', 409, 'organization %s is on record already in community %s', '组织 %s 已在社区 %s 建档', 'Use the record there is.', '请使用已有档案。', 'party');
SELECT community.register_refusal('credit_code_invalid', 422, '%s is no unified social credit code', '%s 不是有效的统一社会信用代码', 'Check the 18 characters and the check digit.', '请核对 18 位字符与校验位。', 'party');
SELECT community.register_refusal('organization_name_missing', 422, 'an organization needs a name', '组织须有名称', 'Give the official name.', '请给出法定名称。', 'party');
SELECT community.register_refusal('organization_kind_invalid', 422, '%s is no kind of organization', '%s 不是组织类别', 'See the comment of community.organization.kind.', '请参见 community.organization.kind 的说明。', 'party');
SELECT community.register_refusal('organization_cycle', 409, 'organization %s would lie under itself', '组织 %s 不能隶属于自身', 'Name another parent.', '请另选上级。', 'party');
