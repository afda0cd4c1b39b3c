-- core: the installer (the only part of core that the extension owns).

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

GRANT USAGE ON SCHEMA community TO PUBLIC;
