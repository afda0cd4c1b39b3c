/*
 * install.c
 *		install(), migrate() and modules(): bring the platform's modules to the
 *		state of the files beside the extension.
 *
 * Everything runs as the owner role, in the caller's transaction, under a lock
 * that serialises installers of one database.
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/pg_locale.h"

#include "core/install.h"
#include "core/install_owner.h"

PG_FUNCTION_INFO_V1(community_install);
PG_FUNCTION_INFO_V1(community_migrate);
PG_FUNCTION_INFO_V1(community_modules);

/* One row of community.migration. */
typedef struct Applied
{
	char	   *module;
	char	   *file;
	bool		replay;
	char	   *checksum;
	bool		listed;			/* still in the manifest */
} Applied;

/* State of one run of the installer. */
typedef struct Run
{
	House	   *house;
	List	   *applied;		/* Applied * */
	bool		dry_run;
	bool		changed;
	ReturnSetInfo *result;
} Run;

/*
 * Return the owner of the installed platform, or InvalidOid.
 *
 * Queries of the installer are never run as read-only: those would see the
 * snapshot of the calling statement, taken before the lock was waited for.
 */
Oid
community_platform_owner(void)
{
	Oid			owner = InvalidOid;

	if (SPI_execute("SELECT c.relowner FROM pg_catalog.pg_class c"
					" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
					" WHERE n.nspname = 'community' AND c.relname = 'migration' AND c.relkind = 'r'",
					false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for the platform's migration table");
	if (SPI_processed > 0)
	{
		bool		isnull;

		owner = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0],
											   SPI_tuptable->tupdesc, 1, &isnull));
	}
	return owner;
}

/* Return a copy of one text column of the current SPI result. */
static char *
spi_text(uint64 row, int column)
{
	char	   *value = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);

	return value ? value : pstrdup("");
}

/* Refuse a database in which the platform could not work. */
static void
check_database(House *house)
{
	char	   *version = NULL;

	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("the platform is installed at isolation level READ COMMITTED only"),
				 errhint("Start the transaction with BEGIN ISOLATION LEVEL READ COMMITTED.")));
	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the platform needs a database with encoding UTF8, this one has %s",
						GetDatabaseEncodingName()),
				 errhint("Create the database with ENCODING 'UTF8' TEMPLATE template0.")));
	if (lc_ctype_is_c(DEFAULT_COLLATION_OID))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the platform needs a database whose LC_CTYPE is not C"),
				 errdetail("Under LC_CTYPE C the server finds no letters in Chinese text."),
				 errhint("Create the database with LC_CTYPE 'C.UTF-8' TEMPLATE template0.")));

	SPI_execute("SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'community'", false, 1);
	if (SPI_processed > 0)
		version = spi_text(0, 1);
	if (version == NULL || strcmp(version, house->version) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the platform's files are of version %s, the extension is of version %s",
						house->version, version ? version : "none"),
				 errhint("Run ALTER EXTENSION community UPDATE first.")));
}

/* Read community.migration, if it exists, and mark what is installed. */
static void
read_applied(Run *run)
{
	run->applied = NIL;
	if (!OidIsValid(community_platform_owner()))
		return;
	if (SPI_execute("SELECT module, step, kind, checksum FROM community.migration ORDER BY module, step",
					false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read community.migration");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Applied    *applied = palloc0(sizeof(Applied));
		Module	   *module;

		applied->module = spi_text(i, 1);
		applied->file = spi_text(i, 2);
		applied->replay = strcmp(spi_text(i, 3), "replay") == 0;
		applied->checksum = spi_text(i, 4);
		run->applied = lappend(run->applied, applied);
		module = community_house_find(run->house, applied->module);
		if (module == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("module \"%s\" is installed, but the platform's files do not know it",
							applied->module)));
		module->installed = true;
	}
}

/* Find the row of a file among those applied, or return NULL. */
static Applied *
find_applied(Run *run, Module *module, ModuleFile *file)
{
	ListCell   *lc;

	foreach(lc, run->applied)
	{
		Applied    *applied = lfirst(lc);

		if (strcmp(applied->module, module->name) == 0 && strcmp(applied->file, file->name) == 0)
			return applied;
	}
	return NULL;
}

/* Refuse a history that the files contradict: an edited, lost or late step. */
static void
check_history(Run *run, Module *module)
{
	const char *pending = NULL;
	ListCell   *lc;

	foreach(lc, module->files)
	{
		ModuleFile *file = lfirst(lc);
		Applied    *applied = find_applied(run, module, file);

		community_file_load(module, file);
		if (applied)
			applied->listed = true;
		if (file->replay)
			continue;
		if (applied == NULL)
		{
			if (pending == NULL)
				pending = file->name;
			continue;
		}
		if (pending)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("step \"%s\" of module \"%s\" stands before the applied step \"%s\"",
							pending, module->name, file->name),
					 errdetail("Steps are applied in the order of the manifest, new ones at its end.")));
		if (strcmp(applied->checksum, file->checksum) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("step \"%s\" of module \"%s\" was changed after it had been applied",
							file->name, module->name),
					 errdetail("Applied with checksum %s, the file now has %s.",
							   applied->checksum, file->checksum),
					 errhint("Restore the file, and put the change into a new step.")));
	}
	foreach(lc, run->applied)
	{
		Applied    *applied = lfirst(lc);

		if (strcmp(applied->module, module->name) == 0 && !applied->listed && !applied->replay)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("applied step \"%s\" of module \"%s\" is missing in its manifest",
							applied->file, module->name)));
	}
}

/* Select a module and, first, what it requires. */
static void
select_module(Run *run, const char *name)
{
	Module	   *module = community_house_find(run->house, name);
	ListCell   *lc;

	if (module == NULL)
	{
		StringInfoData known;

		initStringInfo(&known);
		foreach(lc, run->house->modules)
			appendStringInfo(&known, "%s%s", known.len ? ", " : "", ((Module *) lfirst(lc))->name);
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no module \"%s\"", name),
				 errhint("The modules are: %s.", known.data)));
	}
	if (module->selected)
		return;
	module->selected = true;
	foreach(lc, module->requires)
		select_module(run, lfirst(lc));
}

/* Add one row to the result. */
static void
report_row(Run *run, Module *module, const char *file, const char *action)
{
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	values[0] = CStringGetTextDatum(module->name);
	values[1] = CStringGetTextDatum(file);
	values[2] = CStringGetTextDatum(action);
	tuplestore_putvalues(run->result->setResult, run->result->setDesc, values, nulls);
}

/* Run one file and write it down. */
static void
apply_file(Run *run, Module *module, ModuleFile *file)
{
	Oid			types[4] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	Datum		values[4];

	run->changed = true;
	if (run->dry_run)
	{
		report_row(run, module, file->name, file->replay ? "to replay" : "to apply");
		return;
	}
	community_file_run(module->name, file->name, file->content);
	values[0] = CStringGetTextDatum(module->name);
	values[1] = CStringGetTextDatum(file->name);
	values[2] = CStringGetTextDatum(file->replay ? "replay" : "step");
	values[3] = CStringGetTextDatum(file->checksum);
	SPI_execute_with_args("INSERT INTO community.migration (module, step, kind, checksum)"
						  " VALUES ($1, $2, $3, $4) ON CONFLICT (module, step) DO UPDATE"
						  " SET checksum = excluded.checksum, applied_at = excluded.applied_at",
						  4, types, values, NULL, false, 0);
	community_objects_record(module->name, file->when);
	report_row(run, module, file->name, file->replay ? "replayed" : "applied");
}

/* Tell whether all modules that a file waits for are or will be installed. */
static bool
file_is_due(Run *run, ModuleFile *file)
{
	ListCell   *lc;

	foreach(lc, file->when)
	{
		Module	   *other = community_house_find(run->house, lfirst(lc));

		if (other == NULL || !(other->installed || other->selected))
			return false;
	}
	return true;
}

/* Bring one module to the state of its files. */
static void
bring_up(Run *run, Module *module)
{
	ListCell   *lc;

	foreach(lc, module->requires)
	{
		if (community_house_find(run->house, lfirst(lc))->dirty)
			module->dirty = true;
	}
	foreach(lc, module->files)
	{
		ModuleFile *file = lfirst(lc);

		if (!file->replay && find_applied(run, module, file) == NULL)
		{
			apply_file(run, module, file);
			module->dirty = true;
		}
	}
	foreach(lc, module->files)
	{
		ModuleFile *file = lfirst(lc);
		Applied    *applied;
		bool		dirty = module->dirty;
		ListCell   *lw;

		if (!file->replay || !file_is_due(run, file))
			continue;
		foreach(lw, file->when)
			dirty |= community_house_find(run->house, lfirst(lw))->dirty;
		applied = find_applied(run, module, file);
		if (dirty || applied == NULL || strcmp(applied->checksum, file->checksum) != 0)
			apply_file(run, module, file);
	}
}

/* Select every installed module that stands on a selected one, directly or not. */
static void
select_dependents(Run *run)
{
	ListCell   *lc;

	foreach(lc, run->house->modules)
	{
		Module	   *module = lfirst(lc);
		ListCell   *lf;

		if (!module->installed || module->selected)
			continue;
		foreach(lf, module->requires)
			module->selected |= community_house_find(run->house, lfirst(lf))->selected;
		foreach(lf, module->files)
		{
			ListCell   *lw;

			foreach(lw, ((ModuleFile *) lfirst(lf))->when)
			{
				Module	   *other = community_house_find(run->house, lfirst(lw));

				module->selected |= other && other->selected;
			}
		}
	}
}

/* Bring all selected modules up, as the owner; SPI is connected. */
static void
run_installer(Run *run)
{
	ListCell   *lc;

	select_dependents(run);
	foreach(lc, run->house->modules)
	{
		Module	   *module = lfirst(lc);

		if (module->selected)
			check_history(run, module);
	}
	foreach(lc, run->house->modules)
	{
		Module	   *module = lfirst(lc);

		if (module->selected)
			bring_up(run, module);
	}
	if (run->changed && !run->dry_run)
	{
		SPI_execute("SELECT pg_catalog.to_regprocedure('community.apply_grants()') IS NOT NULL", false, 1);
		if (strcmp(spi_text(0, 1), "t") == 0)
			SPI_execute("SELECT community.apply_grants()", false, 0);
	}
}

/* Read the house and lock the database's platform. */
static void
run_begin(Run *run, FunctionCallInfo fcinfo, bool dry_run)
{
	InitMaterializedSRF(fcinfo, 0);
	memset(run, 0, sizeof(Run));
	run->result = (ReturnSetInfo *) fcinfo->resultinfo;
	run->dry_run = dry_run;
	LockDatabaseObject(ExtensionRelationId, get_extension_oid("community", false), 0, ExclusiveLock);
	SPI_connect();
	run->house = community_house_read();
	check_database(run->house);
}

/* Install modules, and what they require; all of them when none is named. */
Datum
community_install(PG_FUNCTION_ARGS)
{
	ArrayType  *names = PG_ARGISNULL(0) ? NULL : PG_GETARG_ARRAYTYPE_P(0);
	Run			run;
	OwnerState	state;
	Oid			owner;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("owner and dry_run must not be null")));
	run_begin(&run, fcinfo, PG_GETARG_BOOL(2));
	owner = community_owner_choose(NameStr(*PG_GETARG_NAME(1)), run.dry_run);
	community_owner_become(owner, &state);
	read_applied(&run);
	if (names)
	{
		ListCell   *lc;

		foreach(lc, community_names_read(names))
		{
			if (lfirst(lc) == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("a module name must not be null")));
			select_module(&run, lfirst(lc));
		}
	}
	else
	{
		ListCell   *lc;

		foreach(lc, run.house->modules)
			((Module *) lfirst(lc))->selected = true;
	}
	run_installer(&run);
	community_owner_leave(&state);
	SPI_finish();
	return (Datum) 0;
}

/* Bring the installed modules to the state of the files. */
Datum
community_migrate(PG_FUNCTION_ARGS)
{
	Run			run;
	OwnerState	state;
	Oid			owner;
	ListCell   *lc;

	run_begin(&run, fcinfo, PG_GETARG_BOOL(0));
	owner = community_owner_installed();
	community_owner_become(owner, &state);
	read_applied(&run);
	foreach(lc, run.house->modules)
	{
		Module	   *module = lfirst(lc);

		if (module->installed)
			select_module(&run, module->name);
	}
	run_installer(&run);
	community_owner_leave(&state);
	SPI_finish();
	return (Datum) 0;
}

/* Count the files of a module that install() or migrate() would run. */
static int
count_pending(Run *run, Module *module)
{
	int			pending = 0;
	ListCell   *lc;

	foreach(lc, module->files)
	{
		ModuleFile *file = lfirst(lc);
		Applied    *applied = find_applied(run, module, file);

		community_file_load(module, file);
		if (file->replay && !file_is_due(run, file))
			continue;
		if (applied == NULL || strcmp(applied->checksum, file->checksum) != 0)
			pending++;
	}
	return pending;
}

/* List the modules: installed, available, or installed with files pending. */
Datum
community_modules(PG_FUNCTION_ARGS)
{
	Run			run;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	memset(&run, 0, sizeof(run));
	run.result = (ReturnSetInfo *) fcinfo->resultinfo;
	SPI_connect();
	run.house = community_house_read();
	read_applied(&run);
	foreach(lc, run.house->modules)
	{
		Module	   *module = lfirst(lc);
		int			pending = module->installed ? count_pending(&run, module) : 0;
		Datum		values[6];
		bool		nulls[6] = {false, false, false, false, false, false};
		ArrayBuildState *requires = initArrayResult(TEXTOID, CurrentMemoryContext, false);
		ListCell   *lr;

		foreach(lr, module->requires)
			accumArrayResult(requires, CStringGetTextDatum(lfirst(lr)), false, TEXTOID, CurrentMemoryContext);
		values[0] = CStringGetTextDatum(module->name);
		values[1] = CStringGetTextDatum(module->title);
		values[2] = Int32GetDatum(module->floor);
		values[3] = makeArrayResult(requires, CurrentMemoryContext);
		values[4] = CStringGetTextDatum(!module->installed ? "available" : pending ? "pending" : "installed");
		values[5] = Int32GetDatum(pending);
		tuplestore_putvalues(run.result->setResult, run.result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
