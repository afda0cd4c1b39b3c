/*
 * grid.h
 *		What the two grid types share: gridcell and gridcode are both integers
 *		of 8 bytes in which a parent stands just before its descendants.  One
 *		engine serves them; what differs stands in a descriptor.
 */
#ifndef COMMUNITY_GRID_GRID_H
#define COMMUNITY_GRID_GRID_H

#include "fmgr.h"

/* Both types are passed as int8. */
#define DatumGetGrid(d)			DatumGetInt64(d)
#define GridGetDatum(v)			Int64GetDatum(v)
#define PG_GETARG_GRID(n)		DatumGetGrid(PG_GETARG_DATUM(n))
#define PG_RETURN_GRID(v)		return GridGetDatum(v)

/* The spatial reference of geometries that come out; 4490 is taken as equal. */
#define GRID_SRID				4326

/* What the engine must know of a type. */
typedef struct GridType
{
	const char *name;			/* of the SQL type */
	int			levels;			/* the finest level */
	int64		first;			/* the lowest value */
	int64		last;			/* the highest value */
	int			(*level) (int64 value);
	int64		(*last_descendant) (int64 value);
	int64		(*parent) (int64 value);	/* -1 when there is none */
	int64		(*ceiling) (int64 number);	/* first value at or above, or -1 */
	int64		(*floor) (int64 number);	/* last value at or below, or -1 */
} GridType;

extern const GridType community_gridcell_type;
extern const GridType community_gridcode_type;

/*
 * The mark of the two constants that the planner support function makes of one
 * containment.  It stands where a node says its place in the query's text: any
 * negative place means none, copies keep it, comparisons overlook it.
 */
#define GRID_BOUND_LOCATION		(-0x67726964)

/* The highest number of levels of a type. */
#define GRID_MAX_LEVELS			10

/* grid_op.c */
extern int	community_grid_lineage(const GridType *type, int64 value, int64 *lineage);

/* gridcell_io.c */
extern void community_gridcell_refuse(int status, double lon, double lat, int level)
			pg_attribute_noreturn();

#endif							/* COMMUNITY_GRID_GRID_H */
