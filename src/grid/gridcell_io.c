/*
 * gridcell_io.c
 *		Type gridcell: text and binary form, casts, levels, containment.
 */
#include "compat.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "grid/grid.h"
#include "grid/gridcell_core.h"

PG_FUNCTION_INFO_V1(community_gridcell_in);
PG_FUNCTION_INFO_V1(community_gridcell_out);
PG_FUNCTION_INFO_V1(community_gridcell_recv);
PG_FUNCTION_INFO_V1(community_gridcell_send);
PG_FUNCTION_INFO_V1(community_gridcell_from_int8);
PG_FUNCTION_INFO_V1(community_gridcell_to_text);
PG_FUNCTION_INFO_V1(community_gridcell_from_lonlat);
PG_FUNCTION_INFO_V1(community_gridcell_level);
PG_FUNCTION_INFO_V1(community_gridcell_parent);
PG_FUNCTION_INFO_V1(community_gridcell_parent_at);
PG_FUNCTION_INFO_V1(community_gridcell_contains);
PG_FUNCTION_INFO_V1(community_gridcell_contained);
PG_FUNCTION_INFO_V1(community_gridcell_overlaps);

/* Answer the level of a cell to the engine. */
static int
cell_level(int64 value)
{
	return gridcell_level(value);
}

/* Answer the last descendant of a cell to the engine. */
static int64
cell_last(int64 value)
{
	return gridcell_last(value);
}

/* Answer the first cell at or above a number to the engine. */
static int64
cell_ceiling(int64 number)
{
	return number >= GRIDCELL_COUNT ? -1 : Max(number, 0);
}

/* Answer the last cell at or below a number to the engine. */
static int64
cell_floor(int64 number)
{
	return number < 0 ? -1 : Min(number, GRIDCELL_COUNT - 1);
}

const GridType community_gridcell_type = {
	.name = "gridcell",
	.levels = GRIDCELL_LEVELS,
	.first = 0,
	.last = GRIDCELL_COUNT - 1,
	.level = cell_level,
	.last_descendant = cell_last,
	.parent = community_gridcell_up,
	.ceiling = cell_ceiling,
	.floor = cell_floor
};

/* Say in a sentence what is wrong with a code. */
static const char *
gridcell_detail(GridcellStatus status, int position, int length)
{
	switch (status)
	{
		case GRIDCELL_BAD_LENGTH:
			return psprintf("The code is %d long; codes have 4, 6, 7, 9, 11, 12, 14, 16, 18 or 20 characters.",
							length);
		case GRIDCELL_BAD_HEMISPHERE:
			return "A code begins with N or S.";
		case GRIDCELL_BAD_COLUMN:
			return "Characters 2 and 3 are the column of the zone, 01 to 60.";
		case GRIDCELL_BAD_ROW:
			return "Character 4 is the row of the zone, A to V.";
		default:
			return psprintf("Character %d is outside the digits of its level, which are upper-case hexadecimal.",
							position);
	}
}

/* Read the code of a cell. */
Datum
community_gridcell_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	size_t		length = strlen(text);
	int64_t		cell;
	int			position;
	GridcellStatus status = community_gridcell_parse(text, length, &cell, &position);

	if (status != GRIDCELL_OK)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s: \"%s\"", "gridcell", text),
						   errdetail_internal("%s", gridcell_detail(status, position, (int) length))));
	PG_RETURN_GRID(cell);
}

/* Write the code of a cell. */
Datum
community_gridcell_out(PG_FUNCTION_ARGS)
{
	char	   *result = palloc(GRIDCELL_TEXT_MAX + 1);

	result[community_gridcell_format(PG_GETARG_GRID(0), result)] = '\0';
	PG_RETURN_CSTRING(result);
}

/* Refuse a number that is no cell, softly where the caller can take it. */
static Datum
gridcell_checked(FunctionCallInfo fcinfo, int64 value)
{
	if (!gridcell_valid(value))
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						   errmsg("value %lld is out of range for type %s", (long long) value, "gridcell"),
						   errdetail("The numbers of cells run from 0 to %lld.",
									 (long long) GRIDCELL_COUNT - 1)));
	PG_RETURN_GRID(value);
}

/* Read the binary form of a cell, an int8 in network order. */
Datum
community_gridcell_recv(PG_FUNCTION_ARGS)
{
	return gridcell_checked(fcinfo, pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0)));
}

/* Write the binary form of a cell. */
Datum
community_gridcell_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, (uint64) PG_GETARG_GRID(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Cast a number to the cell it is the rank of. */
Datum
community_gridcell_from_int8(PG_FUNCTION_ARGS)
{
	return gridcell_checked(fcinfo, PG_GETARG_INT64(0));
}

/* Cast a cell to its code. */
Datum
community_gridcell_to_text(PG_FUNCTION_ARGS)
{
	text	   *result = palloc(VARHDRSZ + GRIDCELL_TEXT_MAX);
	int			length = community_gridcell_format(PG_GETARG_GRID(0), VARDATA(result));

	SET_VARSIZE(result, VARHDRSZ + length);
	PG_RETURN_TEXT_P(result);
}

/* Raise the error of a point or level that has no cell. */
void
community_gridcell_refuse(int status, double lon, double lat, int level)
{
	switch ((GridcellStatus) status)
	{
		case GRIDCELL_BAD_LEVEL:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("level %d is not a level of gridcell", level),
					 errhint("Levels run from 1 (6 by 4 degrees) to 10 (1/2048 arc second).")));
			break;
		case GRIDCELL_POLAR:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("latitude %.15g has no gridcell", lat),
					 errdetail("The polar caps beyond 88 degrees have no cells."),
					 errhint("Leave out points at 88 degrees and beyond, or keep them as geometry.")));
			break;
		case GRIDCELL_BAD_LATITUDE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("latitude %.15g is out of range", lat),
					 errhint("Arguments are longitude, then latitude, in degrees.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("longitude %.15g is out of range", lon),
					 errhint("Arguments are longitude, then latitude, in degrees.")));
	}
	pg_unreachable();
}

/* Name the cell of a level that holds a point. */
Datum
community_gridcell_from_lonlat(PG_FUNCTION_ARGS)
{
	double		lon = PG_GETARG_FLOAT8(0);
	double		lat = PG_GETARG_FLOAT8(1);
	int			level = PG_GETARG_INT32(2);
	int64_t		cell;
	GridcellStatus status = gridcell_encode(lon, lat, level, &cell);

	if (unlikely(status != GRIDCELL_OK))
		community_gridcell_refuse(status, lon, lat, level);
	PG_RETURN_GRID(cell);
}

/* Answer the level of a cell. */
Datum
community_gridcell_level(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(gridcell_level(PG_GETARG_GRID(0)));
}

/* Answer the cell one level up, NULL for a cell of level 1. */
Datum
community_gridcell_parent(PG_FUNCTION_ARGS)
{
	int64		parent = community_gridcell_up(PG_GETARG_GRID(0));

	if (parent < 0)
		PG_RETURN_NULL();
	PG_RETURN_GRID(parent);
}

/* Answer the ancestor of a level, NULL when the cell is coarser than that. */
Datum
community_gridcell_parent_at(PG_FUNCTION_ARGS)
{
	int			level = PG_GETARG_INT32(1);
	int64		parent;

	if (level < 1 || level > GRIDCELL_LEVELS)
		community_gridcell_refuse(GRIDCELL_BAD_LEVEL, 0, 0, level);
	parent = community_gridcell_ancestor(PG_GETARG_GRID(0), level);
	if (parent < 0)
		PG_RETURN_NULL();
	PG_RETURN_GRID(parent);
}

/* Tell whether the first cell is the second or its ancestor. */
Datum
community_gridcell_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(gridcell_contains(PG_GETARG_GRID(0), PG_GETARG_GRID(1)));
}

/* Tell whether the first cell is the second or its descendant. */
Datum
community_gridcell_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(gridcell_contains(PG_GETARG_GRID(1), PG_GETARG_GRID(0)));
}

/* Tell whether one of two cells contains the other. */
Datum
community_gridcell_overlaps(PG_FUNCTION_ARGS)
{
	int64		a = PG_GETARG_GRID(0);
	int64		b = PG_GETARG_GRID(1);

	/* only the one that stands before can be the ancestor */
	PG_RETURN_BOOL(a <= b ? gridcell_contains(a, b) : gridcell_contains(b, a));
}
