/*
 * install_objects.c
 *		Remember which module made which object, and drop them on uninstall().
 *
 * Objects are written down by name in community.module_object, so that the
 * knowledge survives a dump.  What hangs on them (indexes, triggers, policies,
 * constraints, partitions) goes with them.
 */
#include "compat.h"

#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "catalog/pg_extension.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/install.h"
#include "core/install_owner.h"

PG_FUNCTION_INFO_V1(community_uninstall);

/* The objects of the platform that exist now, owned by the current user. */
#define CURRENT_OBJECTS \
	"WITH space AS (SELECT oid FROM pg_catalog.pg_namespace" \
	"  WHERE nspname IN ('community', 'community_api', 'community_bi', 'community_map'))," \
	" me AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)," \
	" found AS (" \
	"  SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, oid FROM pg_catalog.pg_class" \
	"   WHERE relnamespace IN (SELECT oid FROM space) AND relowner = (SELECT oid FROM me)" \
	"     AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT relispartition" \
	"  UNION ALL" \
	"  SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, oid FROM pg_catalog.pg_proc" \
	"   WHERE pronamespace IN (SELECT oid FROM space) AND proowner = (SELECT oid FROM me)" \
	"  UNION ALL" \
	"  SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, oid FROM pg_catalog.pg_type" \
	"   WHERE typnamespace IN (SELECT oid FROM space) AND typowner = (SELECT oid FROM me)" \
	"     AND (typtype IN ('e', 'd', 'r') OR typrelid IN" \
	"      (SELECT oid FROM pg_catalog.pg_class WHERE relkind = 'c')))," \
	" object AS (SELECT f.classid, f.oid, a.type, a.object_names, a.object_args FROM found f" \
	"  CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(f.classid, f.oid, 0) a" \
	"  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d" \
	"   WHERE d.classid = f.classid AND d.objid = f.oid AND d.deptype = 'e')) "

/* Run a query with one text[] argument. */
static void
run_with_names(const char *query, Datum names)
{
	Oid			types[1] = {TEXTARRAYOID};
	Datum		values[1] = {names};

	if (SPI_execute_with_args(query, 1, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not run: %s", query);
}

/* Make a text[] of a list of names. */
static Datum
names_array(List *names)
{
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	ListCell   *lc;

	foreach(lc, names)
		accumArrayResult(state, CStringGetTextDatum(lfirst(lc)), false, TEXTOID, CurrentMemoryContext);
	return makeArrayResult(state, CurrentMemoryContext);
}

/* Read a text[] into a list of names, the inverse of names_array(); NULL stays NULL. */
List *
community_names_read(ArrayType *array)
{
	List	   *names = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
		names = lappend(names, nulls[i] ? NULL : TextDatumGetCString(elements[i]));
	return names;
}

/* Write down the objects that a file of a module has just made. */
void
community_objects_record(const char *module, List *needs)
{
	Oid			types[2] = {TEXTOID, TEXTARRAYOID};
	Datum		values[2];

	values[0] = CStringGetTextDatum(module);
	values[1] = names_array(needs);
	SPI_execute_with_args(CURRENT_OBJECTS
						  "INSERT INTO community.module_object (module, needs, kind, names, args)"
						  " SELECT $1, $2, type, object_names, object_args FROM object"
						  " ON CONFLICT DO NOTHING",
						  2, types, values, NULL, false, 0);
	SPI_execute(CURRENT_OBJECTS
				"DELETE FROM community.module_object m WHERE NOT EXISTS"
				" (SELECT FROM object o WHERE o.type = m.kind AND o.object_names = m.names"
				"  AND o.object_args = m.args)", false, 0);
}

/* Refuse to uninstall a module on which an installed one stands. */
static void
check_standing(House *house, List *going)
{
	ListCell   *lc;

	foreach(lc, house->modules)
	{
		Module	   *module = lfirst(lc);
		ListCell   *lr;

		if (!module->installed || community_list_has(going, module->name))
			continue;
		foreach(lr, module->requires)
		{
			if (community_list_has(going, lfirst(lr)))
				ereport(ERROR,
						(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
						 errmsg("module \"%s\" is required by installed module \"%s\"",
								(char *) lfirst(lr), module->name),
						 errhint("Uninstall \"%s\" too.", module->name)));
		}
	}
}

/* Refuse to drop tables that hold data, unless the caller says so. */
static void
check_data(Datum names, const char *confirm)
{
	const char *database = get_database_name(MyDatabaseId);
	uint64		count;
	char	  **tables;

	if (confirm && strcmp(confirm, database) == 0)
		return;
	if (confirm)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the confirmation must be the name of the database")));
	run_with_names("SELECT m.names FROM community.module_object m"
				   " WHERE m.module = ANY ($1) AND m.kind = 'table' AND (m.names[2] = 'community'"
				   " OR EXISTS (SELECT FROM community.table_class c"
				   "  WHERE c.table_name = m.names[2] AND c.class IN ('tenant', 'index')))"
				   " ORDER BY m.names", names);
	count = SPI_processed;
	tables = palloc(sizeof(char *) * Max(count, 1));
	for (uint64 i = 0; i < count; i++)
	{
		bool		isnull;
		Datum		value = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
		List	   *parts = community_names_read(DatumGetArrayTypeP(value));

		tables[i] = quote_qualified_identifier(linitial(parts), lsecond(parts));
	}
	for (uint64 i = 0; i < count; i++)
	{
		SPI_execute(psprintf("SELECT FROM %s LIMIT 1", tables[i]), false, 1);
		if (SPI_processed > 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("table %s holds data", tables[i]),
					 errdetail("Uninstalling drops the tables of the modules."),
					 errhint("Save the data, then confirm with the name of the database: confirm => %s.",
							 quote_literal_cstr(database))));
	}
}

/* Drop the objects of modules, and of face files that need one of them. */
static void
drop_objects(Datum names)
{
	ObjectAddresses *objects = new_object_addresses();

	/* A trigger on a table that stays goes with its function. */
	run_with_names(CURRENT_OBJECTS
				   ", going AS ("
				   " SELECT o.classid::pg_catalog.oid, o.oid FROM object o JOIN community.module_object m"
				   " ON m.kind = o.type AND m.names = o.object_names AND m.args = o.object_args"
				   " WHERE m.module = ANY ($1) OR m.needs && $1)"
				   " SELECT classid, oid FROM going UNION ALL"
				   " SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass::pg_catalog.oid, t.oid"
				   " FROM pg_catalog.pg_trigger t JOIN going g ON g.oid = t.tgfoid"
				   " AND g.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
				   " WHERE NOT t.tgisinternal AND t.tgparentid = 0", names);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		ObjectAddress object;

		object.classId = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		object.objectId = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));
		object.objectSubId = 0;
		add_exact_object_address(&object, objects);
	}
	performMultipleDeletions(objects, DROP_RESTRICT, 0);
	free_object_addresses(objects);
}

/* Forget modules that leave while core stays. */
static void
forget_modules(House *house, List *going, Datum names)
{
	ListCell   *lc;

	foreach(lc, house->modules)
	{
		Module	   *module = lfirst(lc);
		ListCell   *lf;

		foreach(lf, module->files)
		{
			ModuleFile *file = lfirst(lf);
			Datum		pair;
			bool		leaves = community_list_has(going, module->name);
			ListCell   *lw;

			foreach(lw, file->when)
				leaves |= community_list_has(going, lfirst(lw));
			if (!leaves)
				continue;
			pair = names_array(list_make2(module->name, file->name));
			run_with_names("DELETE FROM community.migration"
						   " WHERE module = ($1)[1] AND step = ($1)[2]", pair);
		}
	}
	run_with_names("DELETE FROM community.module_object WHERE module = ANY ($1) OR needs && $1", names);
	run_with_names("SELECT community._module_forget(m) FROM pg_catalog.unnest($1) m", names);
}

/* Drop modules: all of them, or those named, which no other may require. */
Datum
community_uninstall(PG_FUNCTION_ARGS)
{
	ArrayType  *names = PG_ARGISNULL(0) ? NULL : PG_GETARG_ARRAYTYPE_P(0);
	char	   *confirm = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *going = NIL;
	House	   *house;
	OwnerState	state;
	ListCell   *lc;
	Datum		going_array;

	InitMaterializedSRF(fcinfo, 0);
	LockDatabaseObject(ExtensionRelationId, get_extension_oid("community", false), 0, ExclusiveLock);
	SPI_connect();
	house = community_house_read();
	community_owner_become(community_owner_installed(), &state);
	SPI_execute("SELECT DISTINCT module FROM community.migration", false, 0);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Module	   *module = community_house_find(house,
												  SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));

		if (module)
			module->installed = true;
	}
	foreach(lc, house->modules)
	{
		Module	   *module = lfirst(lc);

		if (names == NULL && module->installed)
			going = lappend(going, module->name);
	}
	if (names)
	{
		foreach(lc, community_names_read(names))
		{
			char	   *name = lfirst(lc) ? lfirst(lc) : "";
			Module	   *module = community_house_find(house, name);

			if (module == NULL || !module->installed)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("module \"%s\" is not installed", name)));
			if (!community_list_has(going, module->name))
				going = lappend(going, module->name);
		}
	}
	check_standing(house, going);
	going_array = names_array(going);
	check_data(going_array, confirm);
	drop_objects(going_array);
	if (!community_list_has(going, "core"))
		forget_modules(house, going, going_array);
	foreach(lc, going)
	{
		Datum		values[3];
		bool		nulls[3] = {false, true, false};

		values[0] = CStringGetTextDatum(lfirst(lc));
		values[1] = (Datum) 0;
		values[2] = CStringGetTextDatum("dropped");
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	community_owner_leave(&state);
	SPI_finish();
	return (Datum) 0;
}
