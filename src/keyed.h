/*
 * keyed.h
 *		Read rows of platform tables by key, without the executor.
 */
#ifndef COMMUNITY_KEYED_H
#define COMMUNITY_KEYED_H

#include "access/genam.h"
#include "access/relscan.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#define KEYED_MAX_KEYS		3
#define KEYED_MAX_COLUMNS	16
#define KEYED_MAX_TABLES	8

/* A column as the caller expects it. */
typedef struct keyed_column
{
	const char *name;			/* NULL ends the list */
	Oid			type;
	bool		nullable;
} keyed_column;

/* A table and the key that its rows are found by. */
typedef struct keyed_table
{
	const char *name;
	int			nkeys;			/* so many of the columns, the first, are the key */
	keyed_column columns[KEYED_MAX_COLUMNS + 1];
	/* where that is in this database, found out by keyed_open() */
	Oid			relation;
	Oid			index;
	AttrNumber	attnums[KEYED_MAX_COLUMNS];
	Oid			collations[KEYED_MAX_KEYS];
} keyed_table;

/* Tables that are used together. */
typedef struct keyed_set
{
	keyed_table *tables;
	int			ntables;
	bool		kept;			/* what rows say is kept: triggers must tell of changes */
	bool		found;			/* what the tables say is still true */
	uint64		changes;		/* grows whenever rows of them may have changed */
	struct keyed_set *next;		/* sets of this backend */
} keyed_set;

extern bool community_keyed_open(keyed_set *set, Relation *relations);
extern bool community_keyed_written(const keyed_set *set);
extern void community_keyed_close(const keyed_set *set, Relation *relations);
extern SysScanDesc community_keyed_scan(const keyed_table *table, Relation relation,
										Snapshot snapshot, const Datum *keys);

/* Read a column of the row that a scan stands on, by its place in the list. */
static inline Datum
keyed_value(const keyed_table *table, SysScanDesc scan, int column, bool *isnull)
{
	return slot_getattr(scan->slot, table->attnums[column], isnull);
}

/* Read a column that is never null. */
static inline Datum
keyed_known(const keyed_table *table, SysScanDesc scan, int column)
{
	bool		isnull;

	return keyed_value(table, scan, column, &isnull);
}

extern bool community_keyed_says(const keyed_table *table, SysScanDesc scan, int column,
								 const char *what);

#endif							/* COMMUNITY_KEYED_H */
