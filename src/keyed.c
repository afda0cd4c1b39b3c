/*
 * keyed.c
 *		Read rows of platform tables by key, without the executor.
 *
 * Starting and ending the executor costs more than finding a row.  Where a
 * function is called for every tap on a door, it reads its few rows here: each
 * by an index, under a snapshot of the caller, with the locks that a query
 * takes.  Where a table is, is found out once, and again after any
 * change of it; what rows say may be kept as well, until set->changes moves, when
 * a trigger with relation_changed() stands on the table and fires always.  Row
 * security and column privileges are not for these reads, so they are open to
 * whoever has the rights of the owner only; for others, and wherever a table is
 * not as expected, keyed_open() answers false and the caller asks by SQL.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#include "keyed.h"

PG_FUNCTION_INFO_V1(community_relation_changed);

static keyed_set *known_sets = NULL;

/* Forget where tables are, and what they say, when they changed. */
static void
forget_relation(Datum arg, Oid relid)
{
	keyed_set  *set;
	int			i;

	for (set = known_sets; set != NULL; set = set->next)
		for (i = 0; i < set->ntables; i++)
			if (!OidIsValid(relid) || relid == set->tables[i].relation ||
				relid == set->tables[i].index)
			{
				set->found = false;
				set->changes++;
				break;
			}
}

/*
 * Tell every session that rows of a table changed, once that is committed: a
 * trigger after each row.
 */
Datum
community_relation_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("relation_changed() is for triggers")));
	CacheInvalidateRelcache(trigger->tg_relation);
	PG_RETURN_POINTER(NULL);
}

/* Tell the function that compares keys of a type. */
static RegProcedure
key_equal(Oid type)
{
	switch (type)
	{
		case INT4OID:
			return F_INT4EQ;
		case INT8OID:
			return F_INT8EQ;
		default:
			Assert(type == TEXTOID);
			return F_TEXTEQ;
	}
}

/* Tell whether an index finds rows by the key of a table. */
static bool
index_serves(Relation index, keyed_table *table)
{
	Form_pg_index form = index->rd_index;
	int			i;

	if (index->rd_rel->relam != BTREE_AM_OID || !form->indisvalid ||
		form->indnkeyatts < table->nkeys ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	/* as the planner: an index that was built around broken HOT chains */
	if (form->indcheckxmin &&
		!TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin))
		return false;
	for (i = 0; i < table->nkeys; i++)
	{
		if (form->indkey.values[i] != table->attnums[i])
			return false;
		table->collations[i] = index->rd_indcollation[i];
	}
	return true;
}

/* Tell whether a trigger tells of every change of a row, whoever makes it. */
static bool
tells_changes(Relation relation, Oid namespace)
{
	TriggerDesc *triggers = relation->trigdesc;
	int			i;

	for (i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		Trigger    *trigger = &triggers->triggers[i];

		if (trigger->tgenabled == TRIGGER_FIRES_ALWAYS && TRIGGER_FOR_ROW(trigger->tgtype) &&
			TRIGGER_FOR_AFTER(trigger->tgtype) && TRIGGER_FOR_INSERT(trigger->tgtype) &&
			TRIGGER_FOR_UPDATE(trigger->tgtype) && TRIGGER_FOR_DELETE(trigger->tgtype) &&
			trigger->tgnattr == 0 && trigger->tgqual == NULL &&
			get_func_namespace(trigger->tgfoid) == namespace &&
			strcmp(get_func_name(trigger->tgfoid), "relation_changed") == 0)
			return true;
	}
	return false;
}

/* Tell whether a column has its type, and a value wherever one is taken for granted. */
static bool
as_expected(Relation relation, AttrNumber attnum, const keyed_column *column)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), attnum - 1);

	return attribute->atttypid == column->type && (attribute->attnotnull || column->nullable);
}

/* Find a table, its columns and an index for its key. */
static bool
find_table(keyed_table *table, bool kept, Oid namespace)
{
	Relation	relation;
	List	   *indexes;
	ListCell   *cell;
	int			i;

	table->relation = get_relname_relid(table->name, namespace);
	table->index = InvalidOid;
	if (!OidIsValid(table->relation) ||
		(relation = try_table_open(table->relation, AccessShareLock)) == NULL)
		return false;
	for (i = 0; table->columns[i].name != NULL; i++)
	{
		table->attnums[i] = get_attnum(table->relation, table->columns[i].name);
		if (table->attnums[i] <= 0 || !as_expected(relation, table->attnums[i], &table->columns[i]))
			break;
	}
	if (table->columns[i].name == NULL && relation->rd_rel->relkind == RELKIND_RELATION &&
		(!kept || tells_changes(relation, namespace)))
	{
		indexes = RelationGetIndexList(relation);
		foreach(cell, indexes)
		{
			Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

			if (index_serves(index, table))
				table->index = RelationGetRelid(index);
			index_close(index, NoLock);
			if (OidIsValid(table->index))
				break;
		}
		list_free(indexes);
	}
	table_close(relation, NoLock);
	return OidIsValid(table->index);
}

/* Find all tables of a set. */
static bool
find_set(keyed_set *set)
{
	static bool registered = false;
	Oid			namespace = get_namespace_oid("community", true);
	keyed_set  *known;
	int			i;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
		registered = true;
	}
	for (known = known_sets; known != NULL && known != set; known = known->next)
		;
	if (known == NULL)
	{
		set->next = known_sets;
		known_sets = set;
	}
	/* what changes while we look makes this false again */
	set->found = true;
	for (i = 0; i < set->ntables; i++)
		if (!find_table(&set->tables[i], set->kept, namespace))
			set->found = false;
	return set->found;
}

/* Tell whether the current user reads a table as its owner does. */
static bool
owner_reads(Relation relation)
{
	return !relation->rd_rel->relforcerowsecurity &&
		has_privs_of_role(GetUserId(), relation->rd_rel->relowner);
}

/*
 * Open the tables of a set for the current user, or answer false.
 */
bool
community_keyed_open(keyed_set *set, Relation *relations)
{
	bool		good = set->found || find_set(set);
	int			opened;

	for (opened = 0; good && opened < set->ntables; opened++)
	{
		/* taking the lock lets us see changes, which may empty the set */
		relations[opened] = try_table_open(set->tables[opened].relation, AccessShareLock);
		if (relations[opened] == NULL)
			break;
		good = owner_reads(relations[opened]);
	}
	if (good && opened == set->ntables && set->found)
		return true;
	while (--opened >= 0)
		table_close(relations[opened], AccessShareLock);
	return false;
}

/*
 * Tell whether this transaction may have written rows of a set that was found:
 * whoever writes to a table has this lock on it until the end.
 */
bool
community_keyed_written(const keyed_set *set)
{
	LOCKTAG		tag;
	int			i;

	for (i = 0; i < set->ntables; i++)
	{
		SET_LOCKTAG_RELATION(tag, MyDatabaseId, set->tables[i].relation);
		if (LockHeldByMe(&tag, RowExclusiveLock))
			return true;
	}
	return false;
}

/*
 * Close the tables of a set.  Locks of a dozen tables that stayed until the end
 * of the transaction would crowd out the cheap ones.
 */
void
community_keyed_close(const keyed_set *set, Relation *relations)
{
	int			i;

	for (i = 0; i < set->ntables; i++)
		table_close(relations[i], AccessShareLock);
}

/*
 * Start to read the rows of a table with a key; systable_getnext() and
 * systable_endscan() do the rest.
 */
SysScanDesc
community_keyed_scan(const keyed_table *table, Relation relation, Snapshot snapshot,
					 const Datum *keys)
{
	ScanKeyData scankeys[KEYED_MAX_KEYS];
	int			i;

	for (i = 0; i < table->nkeys; i++)
		ScanKeyEntryInitialize(&scankeys[i], 0, table->attnums[i], BTEqualStrategyNumber, InvalidOid,
							   table->collations[i], key_equal(table->columns[i].type), keys[i]);
	return systable_beginscan(relation, table->index, true, snapshot, table->nkeys, scankeys);
}

/*
 * Tell whether a text column of the row that a scan stands on says this.
 */
bool
community_keyed_says(const keyed_table *table, SysScanDesc scan, int column, const char *what)
{
	text	   *value = DatumGetTextPP(keyed_known(table, scan, column));

	return VARSIZE_ANY_EXHDR(value) == strlen(what) &&
		memcmp(VARDATA_ANY(value), what, strlen(what)) == 0;
}
