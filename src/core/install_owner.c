/*
 * install_owner.c
 *		Choose, prepare and become the role that owns the platform.
 *
 * Nothing of the platform is ever owned by a superuser: every SECURITY DEFINER
 * function would then be a superuser's.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "core/install_owner.h"

PG_FUNCTION_INFO_V1(community_allow_owner);

#define DEFAULT_OWNER "community_owner"

/* The outward schemas, and what the owner is granted in the database. */
static const char *const owner_schemas[] = {
	"community_api", "community_bi", "community_map"
};

static const char *const owner_grants[] = {
	"GRANT USAGE, CREATE ON SCHEMA community TO %s WITH GRANT OPTION",
	"GRANT EXECUTE ON FUNCTION community.install(text[], name, boolean) TO %s",
	"GRANT EXECUTE ON FUNCTION community.migrate(boolean) TO %s",
	"GRANT EXECUTE ON FUNCTION community.uninstall(text[], text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.key_ring() TO %s",
	"GRANT EXECUTE ON FUNCTION community.seal(text, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.unseal(bytea, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.seal_key_id(bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.data_key_new(text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.seal_under(bytea, text, text, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.unseal_under(bytea, text, bytea, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.blind_index(text, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.blind_index_all(text, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_issue(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_unsigned(integer, community.cardno, bigint, integer, text[], timestamptz, timestamptz, bigint, community.gridcode[], text, integer) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_attenuate(community.credential, text[], timestamptz, timestamptz, community.gridcode[]) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_verify(community.credential, timestamptz, community.gridcode, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_ok(community.credential, timestamptz, community.gridcode, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.credential_cwt(community.credential) TO %s",
	"GRANT EXECUTE ON FUNCTION community.card_mac(community.cardno, integer, text, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.card_mac_ok(community.cardno, integer, text, bytea, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.card_response_ok(community.cardno, integer, bytea, bigint, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.card_pseudonym(integer, bigint) TO %s",
	"GRANT EXECUTE ON FUNCTION community.document_sign(text, text, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.document_verify(text, text, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.pin_guess(community.cardno, integer, text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.pin_guess_again(community.cardno, integer, text, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.pin_store(bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.pin_matches(bytea, bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.status_bitmap(integer, integer, timestamptz, integer, integer[], text) TO %s",
	"GRANT EXECUTE ON FUNCTION community.status_bitmap_ok(bytea) TO %s",
	"GRANT EXECUTE ON FUNCTION community.door_plain(bigint, bigint, community.credential, timestamptz) TO %s",
	"ALTER DEFAULT PRIVILEGES FOR ROLE %s REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
};

/* Run one command that names a role, as the superuser that calls. */
static void
run_for(const char *format, const char *quoted)
{
	char	   *command = psprintf(format, quoted);

	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not run: %s", command);
	pfree(command);
}

/* Grant a role what it needs to own the platform.  SPI is connected. */
static void
owner_prepare(const char *name)
{
	const char *quoted = quote_identifier(name);
	Oid			owner = get_role_oid(name, false);
	SPITupleTable *table;
	uint64		count;

	if (superuser_arg(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("role \"%s\" is a superuser and must not own the platform", name),
				 errdetail("Every SECURITY DEFINER function of the platform would run as a superuser."),
				 errhint("Name a role without superuser rights, or leave the name out.")));
	for (int i = 0; i < lengthof(owner_grants); i++)
		run_for(owner_grants[i], quoted);
	SPI_execute("SELECT DISTINCT n.nspname FROM pg_catalog.pg_extension e"
				" JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
				" WHERE e.extname IN ('postgis', 'btree_gist') AND n.nspname <> 'community'", false, 0);
	count = SPI_processed;
	table = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
		run_for(psprintf("GRANT USAGE ON SCHEMA %s TO %%s",
						 quote_identifier(SPI_getvalue(table->vals[i], table->tupdesc, 1))), quoted);
	run_for(psprintf("GRANT TEMPORARY ON DATABASE %s TO %%s",
					 quote_identifier(get_database_name(MyDatabaseId))), quoted);
	for (int i = 0; i < lengthof(owner_schemas); i++)
	{
		Oid			schema = get_namespace_oid(owner_schemas[i], true);

		if (!OidIsValid(schema))
			run_for(psprintf("CREATE SCHEMA %s AUTHORIZATION %%s", owner_schemas[i]), quoted);
		else if (!pg_namespace_ownercheck(schema, owner))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_SCHEMA),
					 errmsg("schema \"%s\" exists and does not belong to role \"%s\"",
							owner_schemas[i], name),
					 errhint("Drop the schema, or give it to the role with ALTER SCHEMA ... OWNER TO.")));
	}
}

/* Let a role without superuser rights install and own the platform. */
Datum
community_allow_owner(PG_FUNCTION_ARGS)
{
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser may allow a role to own the platform")));
	SPI_connect();
	owner_prepare(NameStr(*PG_GETARG_NAME(0)));
	SPI_finish();
	PG_RETURN_VOID();
}

/* Refuse a caller that may not act as the owner. */
static void
check_member(Oid owner)
{
	if (!has_privs_of_role(GetUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the platform belongs to role \"%s\"", GetUserNameFromId(owner, false)),
				 errhint("Run this as that role, as a member of it, or as a superuser.")));
}

/* Choose the owner for install(), making the role when a superuser calls. */
Oid
community_owner_choose(const char *name, bool dry_run)
{
	Oid			owner = community_platform_owner();

	if (OidIsValid(owner))
	{
		check_member(owner);
		if (strcmp(name, DEFAULT_OWNER) != 0 && get_role_oid(name, true) != owner)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the platform already belongs to role \"%s\"",
							GetUserNameFromId(owner, false))));
		return owner;
	}
	if (!superuser())
	{
		owner = GetUserId();
		if (strcmp(name, DEFAULT_OWNER) != 0 && get_role_oid(name, true) != owner)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("only a superuser may install the platform for another role")));
		if (pg_namespace_aclcheck(get_namespace_oid("community", false), owner, ACL_CREATE) != ACLCHECK_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("role \"%s\" is not allowed to own the platform", GetUserNameFromId(owner, false)),
					 errhint("A superuser allows it with: SELECT community.allow_owner(%s);",
							 quote_literal_cstr(GetUserNameFromId(owner, false)))));
		return owner;
	}
	if (!OidIsValid(get_role_oid(name, true)))
	{
		if (dry_run)
			return InvalidOid;
		run_for("CREATE ROLE %s NOLOGIN", quote_identifier(name));
	}
	if (!dry_run)
		owner_prepare(name);
	return get_role_oid(name, false);
}

/* Return the owner of the installed platform, checking the caller's right. */
Oid
community_owner_installed(void)
{
	Oid			owner = community_platform_owner();

	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the platform is not installed in this database"),
				 errhint("Install it with: SELECT community.install();")));
	check_member(owner);
	return owner;
}

/* Act as the owner, with the path and settings that platform files expect. */
void
community_owner_become(Oid owner, OwnerState *state)
{
	char	   *schema;

	SPI_execute("SELECT n.nspname FROM pg_catalog.pg_extension e"
				" JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
				" WHERE e.extname = 'postgis'", false, 1);
	if (SPI_processed == 0)
		elog(ERROR, "extension postgis is missing");
	schema = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	GetUserIdAndSecContext(&state->user, &state->context);
	if (OidIsValid(owner))
		SetUserIdAndSecContext(owner, state->context | SECURITY_LOCAL_USERID_CHANGE);
	state->nestlevel = NewGUCNestLevel();
	(void) set_config_option("search_path",
							 psprintf("pg_catalog, community, %s, pg_temp", quote_identifier(schema)),
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("check_function_bodies", "off",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (client_min_messages < WARNING)
		(void) set_config_option("client_min_messages", "warning",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (strcmp(GetConfigOption("lock_timeout", false, false), "0") == 0)
		(void) set_config_option("lock_timeout", "10s",
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Undo community_owner_become(); an error does the same by itself. */
void
community_owner_leave(OwnerState *state)
{
	AtEOXact_GUC(true, state->nestlevel);
	SetUserIdAndSecContext(state->user, state->context);
}
