-- core: the installer, who the session is, and word of changed rows.

CREATE OR REPLACE FUNCTION community.install(
    modules text[] DEFAULT NULL,
    owner name DEFAULT 'community_owner',
    dry_run boolean DEFAULT false,
    OUT module text, OUT step text, OUT action text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_install';
COMMENT ON FUNCTION community.install(text[], name, boolean) IS
'Install platform modules and what they require (NULL: all of them) as ordinary objects of the owner role; one row for each file that ran, or would run under dry_run. A superuser may name the owner, which is made when missing; another role installs for itself after allow_owner(). Errors: 22023 unknown module, 55000 edited step or other version, 42501 not allowed. / 安装平台模块及其依赖（NULL 为全部），对象归属 owner 角色；每执行一个文件返回一行，dry_run 只列出将执行的文件。超级用户可指定归属角色（不存在则创建），其他角色须先经 allow_owner() 允许后为自己安装。';
REVOKE EXECUTE ON FUNCTION community.install(text[], name, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.migrate(
    dry_run boolean DEFAULT false,
    OUT module text, OUT step text, OUT action text)
RETURNS SETOF record
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_migrate';
COMMENT ON FUNCTION community.migrate(boolean) IS
'Bring the installed modules to the state of the installed files: new steps once, replayable files when they changed or when a table below them changed. Run it after ALTER EXTENSION community UPDATE. One row for each file that ran; NULL dry_run returns no row. Errors: 55000 not installed, edited step or other version. / 将已安装模块升级到当前文件的状态：新步骤只执行一次，可重放文件在变化或下层表变化时重新执行。在 ALTER EXTENSION community UPDATE 之后运行。';
REVOKE EXECUTE ON FUNCTION community.migrate(boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.uninstall(
    modules text[] DEFAULT NULL,
    confirm text DEFAULT NULL,
    OUT module text, OUT step text, OUT action text)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_uninstall';
COMMENT ON FUNCTION community.uninstall(text[], text) IS
'Drop the objects of modules (NULL: of all). Refuses while their tables hold data, unless confirm is the name of the database, while an installed module requires one of them, and while a foreign object depends on them. DROP EXTENSION ... CASCADE would instead drop every column of the extension''s types without a word. Errors: 22023 not installed or wrong confirmation, 55000 data there, 2BP01 still required. / 卸载模块（NULL 为全部）。表中仍有数据时拒绝，除非 confirm 为数据库名；仍被其他模块或对象依赖时也拒绝。切勿用 DROP EXTENSION ... CASCADE 代替：它会悄悄删除所有使用扩展类型的列。';
REVOKE EXECUTE ON FUNCTION community.uninstall(text[], text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.modules(
    OUT module text, OUT title text, OUT floor integer, OUT requires text[],
    OUT state text, OUT pending integer)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_modules';
COMMENT ON FUNCTION community.modules() IS
'List the platform''s modules, lower floors first: state is available, installed, or pending when files changed since (their number in pending). / 列出平台模块（自低层到高层）：state 为 available（可安装）、installed（已安装）或 pending（有待执行的文件，数目见 pending）。';

CREATE OR REPLACE FUNCTION community.allow_owner(owner name)
RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_allow_owner';
COMMENT ON FUNCTION community.allow_owner(name) IS
'Let a role without superuser rights install and own the platform in this database: grants, and the outward schemas. For superusers only; NULL does nothing. Errors: 42501 no superuser, 22023 the role is a superuser, 42P06 a schema belongs to another role. / 允许一个非超级用户角色在本数据库安装并拥有平台：授予权限并创建对外模式。仅限超级用户。';
REVOKE EXECUTE ON FUNCTION community.allow_owner(name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION community.session_owns(relation regclass)
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_session_owns';
COMMENT ON FUNCTION community.session_owns(regclass) IS
'Whether the login role is a superuser or a member of the owner of a relation: a quick first question of functions that are called all day. NULL for NULL and for a relation that does not exist. / 登录角色是否为超级用户或该关系归属角色的成员，供高频函数先行判断；关系不存在或为 NULL 时返回 NULL。';

CREATE OR REPLACE FUNCTION community.session_roles()
RETURNS name[]
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'community_session_roles';
COMMENT ON FUNCTION community.session_roles() IS
'Names of the login role and of all roles that it is a member of, at first or further hand; never NULL. For a superuser too these are the roles granted to it, not all. / 登录角色及其直接或间接所属各角色的名称，不为 NULL；超级用户也只列出实际授予的角色。';

CREATE OR REPLACE FUNCTION community.relation_changed()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'community_relation_changed';
COMMENT ON FUNCTION community.relation_changed() IS
'Trigger after each row of a table that sessions keep rows of, such as doors: at COMMIT every session reads them anew. Error 39P01 outside of a trigger. / 行级触发器：会话缓存了其内容的表（如门禁点）变更提交后，各会话重新读取。非触发器调用报 39P01。';

GRANT USAGE ON SCHEMA community TO PUBLIC;
