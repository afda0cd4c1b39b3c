-- Settings, refusals, health checks of this module.
SELECT community.register_setting('place.overlap_tolerance', 'numeric', '1', 'Overlaps and gaps between grids below this area in square metres are rounding of coordinates and not reported. / 网格重叠与缝隙小于此面积（平方米）视为坐标取舍，不报告。', 'place');
SELECT community.register_setting('place.sliver_width', 'numeric', '1', 'An overlap whose mean width in metres is below this is a sliver. / 平均宽度小于此值（米）的重叠称为狭缝。', 'place');
SELECT community.register_setting('place.cover_tolerance', 'numeric', '0.001', 'Share of a grid by which the parts of a split may miss or exceed it. / 拆分后各部分与原网格面积允许的相对偏差。', 'place');
SELECT community.register_setting('place.rename_similarity', 'numeric', '0.5', 'A division whose old and new names share at least this share of character pairs was renamed; below it the code counts as re-used. / 新旧名称相似度不低于此值视为更名，否则视为代码重用。', 'place');
SELECT community.register_setting('place.nearest_grid', 'numeric', '5000', 'Farthest grid, in metres, that tells the district of a point outside all grids when no boundary is loaded. / 未载入边界时，据以推断区县的最近网格的最大距离（米）。', 'place');
SELECT community.register_setting('place.fallback_community', 'integer', NULL, 'Community that takes the cases of a district that fall in no grid; NULL: the district itself. / 区县内不属于任何网格的事项归入的社区；为空则归区县自身。', 'place');

SELECT community.register_refusal('division_rows_invalid', 422, '%s rows of the edition are wrong, first: %s', '年度版中有 %s 行有误，首例：%s', 'Correct the list and load it again; nothing was changed.', '请更正清单后重新载入，数据未改动。', 'place');
SELECT community.register_refusal('division_edition_missing', 422, 'an edition of the division list needs a name', '区划年度版须有名称', 'Give the year of the list, 2023 for example; without rows those in division_stage are taken.', '请给出年度，如 2023；不附清单时取暂存表。', 'place');
SELECT community.register_refusal('edition_loaded', 409, 'edition %s was already loaded for %s with other rows', '年度版 %s 已按其他内容载入范围 %s', 'Load corrections as an edition of their own.', '请将更正作为新的版次载入。', 'place');
SELECT community.register_refusal('edition_out_of_order', 409, 'edition %s would begin on %s, not after %s', '年度版 %s 的生效日 %s 不晚于 %s', 'Load editions from the oldest to the newest.', '请按时间先后载入各版。', 'place');
SELECT community.register_refusal('change_not_found', 404, 'no undecided change of code %s in edition %s', '年度版 %2$s 中没有代码 %1$s 的待定变更', 'List community.division_change where not decided.', '请查看 community.division_change 中未定的变更。', 'place');
SELECT community.register_refusal('division_not_found', 404, 'no division %s is in force on %s', '%2$s 没有有效的区划 %1$s', 'Load the edition that holds it first.', '请先载入包含该区划的年度版。', 'place');
SELECT community.register_refusal('not_virtual', 422, 'community %s is not virtual', '社区 %s 不是虚拟社区', 'Only a community of kind virtual has members.', '只有虚拟社区才有成员。', 'place');
SELECT community.register_refusal('virtual_cycle', 409, 'community %s already contains %s', '社区 %s 已包含 %s', 'A virtual community cannot lie within itself.', '虚拟社区不能包含自身。', 'place');
SELECT community.register_refusal('member_already', 409, 'community %2$s is a member of %1$s in that period already', '社区 %2$s 在该时期已是 %1$s 的成员', 'End the membership first.', '请先终止原成员关系。', 'place');
SELECT community.register_refusal('grid_code_invalid', 422, '%s is no 15-digit grid code', '%s 不是 15 位网格编码', 'Give the 12 digits of the community and 3 of the grid.', '请给出社区 12 位加网格 3 位。', 'place');
SELECT community.register_refusal('grid_kind_invalid', 422, '%s is no kind of grid', '%s 不是网格类别', 'Use unit, management, evaluation or exclusive.', '请用 unit、management、evaluation 或 exclusive。', 'place');
SELECT community.register_refusal('grid_geometry_invalid', 422, 'grid %s: %s', '网格 %s：%s', 'Correct the polygon, or ask for its repair.', '请更正多边形，或要求修复。', 'place');
SELECT community.register_refusal('grid_period_empty', 422, 'the period of grid %s has no day', '网格 %s 的有效期为空', 'The end, which is excluded, must lie after the beginning.', '止日（不含）须晚于起日。', 'place');
SELECT community.register_refusal('grid_code_in_force', 409, 'grid %s of kind %s is in force in that period already', '网格 %s（%s）在该时期已存在', 'End the other version first, or give another period.', '请先终止原版本，或改用其他有效期。', 'place');
SELECT community.register_refusal('grid_not_found', 404, 'grid %s does not exist in community %s or is not in force on %s', '社区 %2$s 中没有网格 %1$s，或其在 %3$s 无效', 'Check the number and the day.', '请核对网格编号与日期。', 'place');
SELECT community.register_refusal('grid_numbers_used_up', 409, 'community %s has no free grid number left', '社区 %s 的网格编号已用完', 'A community holds at most 999 grids of a kind over all time.', '每个社区每类网格历史上最多 999 个编号。', 'place');
SELECT community.register_refusal('split_not_covering', 422, 'the parts differ from grid %s by %s square metres', '各部分与网格 %s 相差 %s 平方米', 'The parts must cover the grid, and nothing else, without overlapping.', '各部分须恰好覆盖原网格且互不重叠。', 'place');
SELECT community.register_refusal('grids_not_adjacent', 422, 'the grids do not form one connected area', '所选网格不相连', 'Merge neighbours only.', '只能合并相邻网格。', 'place');
SELECT community.register_refusal('too_few_grids', 422, 'at least %s grids or parts are needed', '至少需要 %s 个网格或部分', 'Name all of them in one call.', '请在一次调用中列出全部。', 'place');
SELECT community.register_refusal('import_invalid', 422, 'the document is no GeoJSON FeatureCollection', '文档不是 GeoJSON FeatureCollection', 'Give an object with type FeatureCollection and an array features.', '请提供 type 为 FeatureCollection 且含 features 数组的对象。', 'place');
SELECT community.register_refusal('address_not_found', 404, 'address %s does not exist in community %s', '社区 %2$s 中没有地址 %1$s', 'Check the number.', '请核对地址编号。', 'place');
SELECT community.register_refusal('address_kind_invalid', 422, '%s is no kind of address', '%s 不是地址类别', 'Use street, compound, building, unit, floor, room or gate.', '请用 street、compound、building、unit、floor、room 或 gate。', 'place');
SELECT community.register_refusal('address_known', 409, 'address %s is known already', '地址 %s 已存在', 'Use the existing one.', '请使用已有地址。', 'place');
SELECT community.register_refusal('coordinates_invalid', 422, 'longitude %s, latitude %s is no place on Earth', '经度 %s、纬度 %s 不是有效位置', 'Give degrees in CGCS2000 or WGS84.', '请给出 CGCS2000 或 WGS84 的度值。', 'place');

SELECT community.register_health('place', 'community.place_health', 'place');
SELECT community.register_job('place.grid_map', 'upkeep', interval '1 minute', 'none', 'community.grid_map_refresh', 'place');
