-- Settings and refusals of this module.
SELECT community.register_setting('facility.walk_speed', 'numeric', '67', 'Metres that people walk in a minute (4 km an hour). / 步行速度，米每分钟（每小时 4 公里）。', 'facility');
SELECT community.register_setting('facility.duplicate_distance', 'numeric', '100', 'Facilities of one class nearer than this (metres) with similar names are the same. / 同类设施相距小于此值（米）且名称相似视为重复。', 'facility');
SELECT community.register_setting('facility.duplicate_similarity', 'numeric', '0.7', 'Share of common character pairs from which names are similar. / 名称视为相似的字对重合度。', 'facility');
SELECT community.register_setting('facility.survey_days', 'integer', '365', 'Days after which a component must be seen again. / 部件应复查的天数。', 'facility');

SELECT community.register_setting('facility.circle_method', 'text', 'auto', 'auto: life circles follow the walking network where one is loaded; distance: always as the crow flies. / auto 有步行网络时按网络，distance 始终按直线。', 'facility');
SELECT community.register_setting('facility.care_cell', 'integer', '5', 'life_circle_care() lists a cell from so many persons on. / life_circle_care() 列出格元的最少人数。', 'facility');

SELECT community.register_refusal('facility_class_unknown', 404, 'there is no facility class %s', '没有设施类别 %s', 'See community.facility_class.', '请查看 community.facility_class。', 'facility');
SELECT community.register_refusal('life_circle_empty', 404, 'community %s has no life circle of %s', '社区 %s 没有 %s 的生活圈', 'The class needs a row in life_circle_standard, the community grids or population points.', '类别须有生活圈标准，社区须有网格或人口点。', 'facility');
SELECT community.register_refusal('facility_not_found', 404, 'facility %s does not exist in community %s or has ended', '社区 %2$s 中没有设施 %1$s 或已终止', 'Check the number.', '请核对设施编号。', 'facility');
SELECT community.register_refusal('facility_rows_invalid', 422, 'the rows are neither an array nor a FeatureCollection', '数据既不是数组也不是 FeatureCollection', 'Give a JSON array of objects or a GeoJSON FeatureCollection.', '请提供 JSON 对象数组或 GeoJSON FeatureCollection。', 'facility');
SELECT community.register_refusal('datum_unknown', 422, '%s is no known datum', '未知坐标基准 %s', 'Use wgs84, cgcs2000, gcj02 or bd09.', '请用 wgs84、cgcs2000、gcj02 或 bd09。', 'facility');
SELECT community.register_refusal('component_class_unknown', 404, 'there is no component class %s', '没有部件分类 %s', 'See community.component_class.', '请查看 community.component_class。', 'facility');
SELECT community.register_refusal('component_not_found', 404, 'component %s does not exist', '部件 %s 不存在', 'Check the 16 digits.', '请核对 16 位标识码。', 'facility');
SELECT community.register_refusal('component_known', 409, 'component %s is on record in community %s', '部件 %s 已在社区 %s 登记', 'Use the record there is.', '请使用已有记录。', 'facility');
SELECT community.register_refusal('component_geometry_invalid', 422, 'the place of the component is wrong: %s', '部件位置有误：%s', 'Correct the coordinates.', '请更正坐标。', 'facility');
SELECT community.register_refusal('component_numbers_used_up', 409, 'no component number is left under %s', '%s 之下的部件顺序号已用完', 'A county has 999,999 numbers for each class.', '每县区每类最多 999999 个顺序号。', 'facility');
SELECT community.register_refusal('component_id_invalid', 422, '%s is no component number of class %s', '%s 不是分类 %s 的部件标识码', 'Give 6 digits of the county, 4 of the class, 6 in sequence.', '请给出县区 6 位、分类 4 位、顺序 6 位。', 'facility');

SELECT community.register_health('facility', 'community.facility_health', 'facility');
