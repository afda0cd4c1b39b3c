-- Registries that every module fills: refusals, settings, classes, logs,
-- calendars, health checks, grants.  All of them are reference tables.
CREATE TABLE community.refusal (
    reason text PRIMARY KEY CHECK (reason ~ '^[a-z][a-z0-9_]*$'),
    http integer NOT NULL CHECK (http BETWEEN 400 AND 599),
    message_en text NOT NULL,
    message_zh text NOT NULL,
    hint_en text NOT NULL,
    hint_zh text NOT NULL,
    module text NOT NULL
);
COMMENT ON TABLE community.refusal IS 'Every reason for which a procedure refuses a call, in two languages. / 存储过程拒绝调用的全部原因，中英文对照。';
COMMENT ON COLUMN community.refusal.reason IS 'Stable name of the reason; DETAIL of the error begins with reason=<it>. / 原因的固定名称；错误的 DETAIL 以 reason=<名称> 开头。';
COMMENT ON COLUMN community.refusal.http IS 'HTTP status that the refusal maps to; SQLSTATE is PT followed by it. / 对应的 HTTP 状态码；SQLSTATE 为 PT 加此码。';
COMMENT ON COLUMN community.refusal.message_en IS 'English message, a format() pattern over the arguments of refuse(). / 英文消息，format() 模板。';
COMMENT ON COLUMN community.refusal.message_zh IS 'Chinese message, a format() pattern over the same arguments. / 中文消息，format() 模板，参数相同。';
COMMENT ON COLUMN community.refusal.hint_en IS 'What the caller can do, in English. / 调用者可以采取的措施（英文）。';
COMMENT ON COLUMN community.refusal.hint_zh IS 'What the caller can do, in Chinese. / 调用者可以采取的措施（中文）。';
COMMENT ON COLUMN community.refusal.module IS 'Module that raises it. / 提出此原因的模块。';

CREATE TABLE community.setting_definition (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$'),
    type text NOT NULL CHECK (type IN ('text', 'integer', 'numeric', 'boolean', 'interval')),
    default_value text,
    value text,
    description text NOT NULL,
    module text NOT NULL
);
COMMENT ON TABLE community.setting_definition IS 'Settings that exist, their types and defaults, and the value for the whole database. / 可用的设置项、类型、默认值以及全库生效的值。';
COMMENT ON COLUMN community.setting_definition.name IS 'Name of the setting. / 设置项名称。';
COMMENT ON COLUMN community.setting_definition.type IS 'Type that every value must have: text, integer, numeric, boolean or interval. / 取值必须符合的类型。';
COMMENT ON COLUMN community.setting_definition.default_value IS 'Value shipped with the module; a new version may change it. / 模块自带的默认值，新版本可能更改。';
COMMENT ON COLUMN community.setting_definition.value IS 'Value chosen for the whole database; NULL means the default. / 全库设定值；NULL 表示采用默认值。';
COMMENT ON COLUMN community.setting_definition.description IS 'What the setting does, English then Chinese. / 设置项的作用（先英文后中文）。';
COMMENT ON COLUMN community.setting_definition.module IS 'Module that reads it. / 使用此设置的模块。';

CREATE TABLE community.table_class (
    table_name text PRIMARY KEY,
    class text NOT NULL CHECK (class IN ('tenant', 'ref', 'index', 'local'))
);
COMMENT ON TABLE community.table_class IS 'How each table is placed when the database is distributed. / 各表在分布式部署中的归类。';
COMMENT ON COLUMN community.table_class.table_name IS 'Table in schema community. / community 模式中的表名。';
COMMENT ON COLUMN community.table_class.class IS 'tenant: rows belong to one community; ref: small, read everywhere; index: city-wide uniqueness; local: stays on the node. / tenant 属于某社区；ref 小型公共表；index 全市唯一索引；local 留在本节点。';

CREATE TABLE community.data_class (
    table_name text NOT NULL REFERENCES community.table_class,
    column_name text NOT NULL,
    level text NOT NULL CHECK (level IN ('public', 'internal', 'personal', 'sensitive')),
    purpose text NOT NULL,
    retention interval CHECK (retention > interval '0'),
    PRIMARY KEY (table_name, column_name)
);
COMMENT ON TABLE community.data_class IS 'Protection level, purpose and retention of every column, as personal information law asks. / 每一列的保护级别、处理目的和保存期限（个人信息保护法要求）。';
COMMENT ON COLUMN community.data_class.table_name IS 'Table in schema community. / community 模式中的表名。';
COMMENT ON COLUMN community.data_class.column_name IS 'Column of the table. / 表中的列名。';
COMMENT ON COLUMN community.data_class.level IS 'Protection level: public < internal < personal < sensitive. / 保护级别：公开 < 内部 < 个人信息 < 敏感个人信息。';
COMMENT ON COLUMN community.data_class.purpose IS 'Purpose for which the value is held. / 保存该值的目的。';
COMMENT ON COLUMN community.data_class.retention IS 'Longest time a row may be kept after it was made; NULL sets no limit. / 自产生起最长保存时间；NULL 表示不限。';

CREATE TABLE community.log_table (
    table_name text PRIMARY KEY,
    period text NOT NULL CHECK (period IN ('day', 'month', 'year')),
    keep interval NOT NULL CHECK (keep > interval '0')
);
COMMENT ON TABLE community.log_table IS 'Tables partitioned by time, whose partitions are made ahead and dropped by jobs. / 按时间分区的表，由作业提前建分区并按期清理。';
COMMENT ON COLUMN community.log_table.table_name IS 'Partitioned table in schema community. / community 模式中的分区表。';
COMMENT ON COLUMN community.log_table.period IS 'Length of one partition: day, month or year, in UTC. / 单个分区的跨度：日、月或年（按 UTC）。';
COMMENT ON COLUMN community.log_table.keep IS 'Partitions that ended longer ago than this are dropped. / 结束时间早于此期限的分区将被删除。';

CREATE TABLE community.calendar (
    calendar text NOT NULL,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name text NOT NULL,
    source text NOT NULL,
    PRIMARY KEY (calendar, day)
);
COMMENT ON TABLE community.calendar IS 'Days that differ from the ordinary week: public holidays, and weekend days that are worked instead. / 与平常星期不同的日子：法定节假日和调休上班日。';
COMMENT ON COLUMN community.calendar.calendar IS 'Name of the calendar, such as cn; the setting calendar chooses it. / 日历名称，例如 cn，由设置项 calendar 选定。';
COMMENT ON COLUMN community.calendar.day IS 'Local day. / 当地日期。';
COMMENT ON COLUMN community.calendar.kind IS 'holiday: not worked; workday: worked although it falls on a weekend. / holiday 放假；workday 调休上班。';
COMMENT ON COLUMN community.calendar.name IS 'Name of the holiday that causes it. / 相应节日名称。';
COMMENT ON COLUMN community.calendar.source IS 'Document that set the day. / 规定该日的文件。';

CREATE TABLE community.health_check (
    name text PRIMARY KEY,
    function text NOT NULL,
    module text NOT NULL
);
COMMENT ON TABLE community.health_check IS 'Checks that health() runs. / health() 执行的检查项。';
COMMENT ON COLUMN community.health_check.name IS 'Name of the check. / 检查项名称。';
COMMENT ON COLUMN community.health_check.function IS 'Function without arguments that returns severity, subject and detail. / 无参数函数，返回严重程度、对象和说明。';
COMMENT ON COLUMN community.health_check.module IS 'Module that registered it. / 登记该检查的模块。';

CREATE TABLE community.follower (
    topic text NOT NULL,
    name text NOT NULL,
    function text NOT NULL,
    module text NOT NULL,
    PRIMARY KEY (topic, name)
);
COMMENT ON TABLE community.follower IS 'Functions of modules that follow what happens to an object of a lower module, such as the end of a person. / 上层模块跟随下层模块对象事件（如人员销档）的函数。';
COMMENT ON COLUMN community.follower.topic IS 'Kind of object, such as person. / 对象类别，如 person。';
COMMENT ON COLUMN community.follower.name IS 'Name of the follower; followers run in the order of their names. / 跟随者名称，按名称顺序执行。';
COMMENT ON COLUMN community.follower.function IS 'Function that takes community, object and event. / 以社区、对象和事件为参数的函数。';
COMMENT ON COLUMN community.follower.module IS 'Module that registered it. / 登记该函数的模块。';

CREATE TABLE community.role_map (
    role text PRIMARY KEY,
    role_name name NOT NULL UNIQUE
);
COMMENT ON TABLE community.role_map IS 'Roles of the platform and the database roles that stand for them here. / 平台角色与本库数据库角色的对应关系。';
COMMENT ON COLUMN community.role_map.role IS 'Role of the platform: admin, app, bi and so on. / 平台角色，如 admin、app、bi。';
COMMENT ON COLUMN community.role_map.role_name IS 'Database role that setup_roles() made or took. / setup_roles() 创建或采用的数据库角色。';

CREATE TABLE community.grant_rule (
    role text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('schema', 'relation', 'routine', 'relations_in', 'routines_in')),
    object text NOT NULL,
    privilege text NOT NULL CHECK (privilege IN ('USAGE', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE')),
    module text NOT NULL,
    PRIMARY KEY (role, kind, object, privilege)
);
COMMENT ON TABLE community.grant_rule IS 'Grants as data; apply_grants() makes the privileges of the platform equal to these rows. / 以数据形式保存的授权；apply_grants() 使平台权限与之一致。';
COMMENT ON COLUMN community.grant_rule.role IS 'Role of the platform, or public for everyone. / 平台角色，public 表示所有人。';
COMMENT ON COLUMN community.grant_rule.kind IS 'Kind of object; relations_in and routines_in mean all tables and views, or all functions, of a schema. / 对象类别；relations_in、routines_in 指模式内全部表视图或全部函数。';
COMMENT ON COLUMN community.grant_rule.object IS 'Schema, schema.relation, or schema.function without arguments. / 模式、模式.表，或不带参数的模式.函数。';
COMMENT ON COLUMN community.grant_rule.privilege IS 'Privilege that is granted. / 授予的权限。';
COMMENT ON COLUMN community.grant_rule.module IS 'Module that asked for it. / 提出授权的模块。';
