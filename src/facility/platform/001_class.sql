-- What facilities and components there are, and how near they should be.

CREATE TABLE community.facility_class (
    class text NOT NULL,
    parent_class text,
    name_en text NOT NULL,
    name_zh text NOT NULL,
    layer text NOT NULL,
    osm_tag text,
    std_code text,
    name_pattern text,
    source text NOT NULL,
    edited boolean NOT NULL DEFAULT false,
    CONSTRAINT facility_class_pkey PRIMARY KEY (class),
    CONSTRAINT facility_class_parent_fkey FOREIGN KEY (parent_class) REFERENCES community.facility_class (class),
    CONSTRAINT facility_class_layer_check CHECK (layer IN ('base', 'surrounding')),
    CONSTRAINT facility_class_class_check CHECK (class ~ '^[a-z][a-z0-9_]*$')
);
COMMENT ON TABLE community.facility_class IS 'Classes of facilities, as a tree; editable data. / 设施类别（树形），可编辑数据。';
COMMENT ON COLUMN community.facility_class.class IS 'Word that names the class. / 类别代号。';
COMMENT ON COLUMN community.facility_class.parent_class IS 'Wider class, NULL at the top: a question for it finds this one too. / 上级类别；按上级查询时包含本类。';
COMMENT ON COLUMN community.facility_class.name_en IS 'English name. / 英文名称。';
COMMENT ON COLUMN community.facility_class.name_zh IS 'Chinese name. / 中文名称。';
COMMENT ON COLUMN community.facility_class.layer IS 'base (infrastructure: car parks, green space, playgrounds) or surrounding (banks, hospitals, schools, shops). / 基础设施层或周边设施层。';
COMMENT ON COLUMN community.facility_class.osm_tag IS 'Tag of OpenStreetMap, key=value. / OpenStreetMap 标签。';
COMMENT ON COLUMN community.facility_class.std_code IS 'Code of the class in the standard that source names, NULL where none was read. / 来源所列标准中的代码，未查到则为空。';
COMMENT ON COLUMN community.facility_class.name_pattern IS 'Regular expression: a facility of the parent class with such a name is put into this class on import when refinement is asked for. / 名称规则：导入上级类别设施时据此细分。';
COMMENT ON COLUMN community.facility_class.source IS 'Where the code comes from: the standard, code and title there (an industry is the nearest class of GB/T 4754, which classes activities, not buildings), and where it was read; conventional: the class is customary and has no code. / 来源：标准、代码与名称及查阅处；conventional 为惯用类别，无代码。';
COMMENT ON COLUMN community.facility_class.edited IS 'True when the city changed the row: upgrades leave it alone. / 城市修改过的行，升级时不覆盖。';

CREATE TABLE community.life_circle_standard (
    circle smallint NOT NULL,
    class text NOT NULL,
    radius_m integer NOT NULL,
    source text NOT NULL,
    edited boolean NOT NULL DEFAULT false,
    CONSTRAINT life_circle_standard_pkey PRIMARY KEY (circle, class),
    CONSTRAINT life_circle_standard_class_fkey FOREIGN KEY (class) REFERENCES community.facility_class (class),
    CONSTRAINT life_circle_standard_circle_check CHECK (circle IN (0, 5, 10, 15)),
    CONSTRAINT life_circle_standard_radius_check CHECK (radius_m > 0)
);
COMMENT ON TABLE community.life_circle_standard IS 'What residents should find within which distance (life circles after GB 50180-2018); editable data. / 生活圈配套标准（参照 GB 50180-2018），可编辑数据。';
COMMENT ON COLUMN community.life_circle_standard.circle IS 'Minutes on foot: 5, 10, 15; 0 for what must be at the door. / 步行分钟数：5、10、15；0 为门前设施。';
COMMENT ON COLUMN community.life_circle_standard.class IS 'Class of facility that must be there. / 应配设施类别。';
COMMENT ON COLUMN community.life_circle_standard.radius_m IS 'Service radius in metres. / 服务半径（米）。';
COMMENT ON COLUMN community.life_circle_standard.source IS 'Where the radius comes from. / 半径来源。';
COMMENT ON COLUMN community.life_circle_standard.edited IS 'True when the city changed the row: upgrades leave it alone. / 城市修改过的行，升级时不覆盖。';

CREATE TABLE community.component_class (
    class text NOT NULL,
    major text NOT NULL,
    name text NOT NULL,
    source text NOT NULL,
    edited boolean NOT NULL DEFAULT false,
    CONSTRAINT component_class_pkey PRIMARY KEY (class),
    CONSTRAINT component_class_class_check CHECK (class ~ '^\d{4}$')
);
COMMENT ON TABLE community.component_class IS 'Classes of city components (部件): two digits of the major class and two of the minor. / 城市部件分类：大类两位加小类两位。';
COMMENT ON COLUMN community.component_class.class IS 'Four digits. / 四位分类代码。';
COMMENT ON COLUMN community.component_class.major IS 'Name of the major class. / 大类名称。';
COMMENT ON COLUMN community.component_class.name IS 'Name of the minor class. / 小类名称。';
COMMENT ON COLUMN community.component_class.source IS 'Where the class was read. / 来源。';
COMMENT ON COLUMN community.component_class.edited IS 'True when the city changed the row: upgrades leave it alone. / 城市修改过的行，升级时不覆盖。';
