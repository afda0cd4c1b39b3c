/*
 * gridcode_io.c
 *		Type gridcode: text and binary form, casts, levels, containment.
 */
#include "compat.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "grid/grid.h"
#include "grid/gridcode_core.h"

PG_FUNCTION_INFO_V1(community_gridcode_in);
PG_FUNCTION_INFO_V1(community_gridcode_out);
PG_FUNCTION_INFO_V1(community_gridcode_recv);
PG_FUNCTION_INFO_V1(community_gridcode_send);
PG_FUNCTION_INFO_V1(community_gridcode_from_int8);
PG_FUNCTION_INFO_V1(community_gridcode_to_text);
PG_FUNCTION_INFO_V1(community_gridcode_level);
PG_FUNCTION_INFO_V1(community_gridcode_parent);
PG_FUNCTION_INFO_V1(community_gridcode_parent_at);
PG_FUNCTION_INFO_V1(community_gridcode_community);
PG_FUNCTION_INFO_V1(community_gridcode_kind);
PG_FUNCTION_INFO_V1(community_gridcode_contains);
PG_FUNCTION_INFO_V1(community_gridcode_contained);
PG_FUNCTION_INFO_V1(community_gridcode_overlaps);

/* Answer the level of a code to the engine. */
static int
code_level(int64 value)
{
	return gridcode_level(value);
}

/* Answer the last number of a code's range to the engine. */
static int64
code_last(int64 value)
{
	return gridcode_last(value);
}

/* Answer the parent of a code to the engine. */
static int64
code_parent(int64 value)
{
	return gridcode_up(value);
}

const GridType community_gridcode_type = {
	.name = "gridcode",
	.levels = GRIDCODE_LEVELS,
	.first = GRIDCODE_MIN,
	.last = GRIDCODE_MAX,
	.level = code_level,
	.last_descendant = code_last,
	.parent = code_parent,
	.ceiling = community_gridcode_ceiling,
	.floor = community_gridcode_floor
};

/* Say in a sentence what is wrong with a code. */
static const char *
gridcode_detail(GridcodeStatus status, int position)
{
	switch (status)
	{
		case GRIDCODE_BAD_LENGTH:
			return "A code has 2, 4, 6, 9, 12 or 15 digits.";
		case GRIDCODE_BAD_PROVINCE:
			return "The first digit of a code is not 0.";
		case GRIDCODE_SKIPPED_GROUP:
			return "A group of zeros stands before a group that is not zero; only the county may be 00, above a town.";
		default:
			return psprintf("Character %d is not a digit.", position);
	}
}

/* Read a code. */
Datum
community_gridcode_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	int64_t		code;
	int			position;
	GridcodeStatus status = community_gridcode_parse(text, strlen(text), &code, &position);

	if (status != GRIDCODE_OK)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s: \"%s\"", "gridcode", text),
						   errdetail_internal("%s", gridcode_detail(status, position))));
	PG_RETURN_GRID(code);
}

/* Write a code in its shortest form. */
Datum
community_gridcode_out(PG_FUNCTION_ARGS)
{
	char	   *result = palloc(GRIDCODE_DIGITS + 1);

	result[community_gridcode_format(PG_GETARG_GRID(0), result)] = '\0';
	PG_RETURN_CSTRING(result);
}

/* Read the binary form of a code, its 15-digit number as int8. */
Datum
community_gridcode_recv(PG_FUNCTION_ARGS)
{
	int64		value = pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0));
	GridcodeStatus status = community_gridcode_check(value);

	if (status != GRIDCODE_OK)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						   errmsg("value %lld is out of range for type %s", (long long) value, "gridcode"),
						   errdetail_internal("%s", status == GRIDCODE_SKIPPED_GROUP ?
											  gridcode_detail(status, 0) :
											  "The binary form of a code is its number of 15 digits.")));
	PG_RETURN_GRID(value);
}

/* Write the binary form of a code. */
Datum
community_gridcode_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, (uint64) PG_GETARG_GRID(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Cast a number of 2, 4, 6, 9, 12 or 15 digits to a code. */
Datum
community_gridcode_from_int8(PG_FUNCTION_ARGS)
{
	int64		number = PG_GETARG_INT64(0);
	int64_t		code;
	GridcodeStatus status = community_gridcode_from_number(number, &code);

	if (status != GRIDCODE_OK)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						   errmsg("value %lld is out of range for type %s", (long long) number, "gridcode"),
						   errdetail_internal("%s", gridcode_detail(status, 0))));
	PG_RETURN_GRID(code);
}

/* Cast a code to its shortest text. */
Datum
community_gridcode_to_text(PG_FUNCTION_ARGS)
{
	text	   *result = palloc(VARHDRSZ + GRIDCODE_DIGITS);
	int			length = community_gridcode_format(PG_GETARG_GRID(0), VARDATA(result));

	SET_VARSIZE(result, VARHDRSZ + length);
	PG_RETURN_TEXT_P(result);
}

/* Answer the level of a code, 1 (province) to 6 (management grid). */
Datum
community_gridcode_level(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(gridcode_level(PG_GETARG_GRID(0)));
}

/* Answer the parent of a code, NULL for a province. */
Datum
community_gridcode_parent(PG_FUNCTION_ARGS)
{
	int64		parent = gridcode_up(PG_GETARG_GRID(0));

	if (parent < 0)
		PG_RETURN_NULL();
	PG_RETURN_GRID(parent);
}

/* Answer the ancestor of a level, NULL when there is none. */
Datum
community_gridcode_parent_at(PG_FUNCTION_ARGS)
{
	int			level = PG_GETARG_INT32(1);
	int64		parent;

	if (level < 1 || level > GRIDCODE_LEVELS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level %d is not a level of gridcode", level),
				 errhint("Levels run from 1 (province) to 6 (management grid).")));
	parent = community_gridcode_ancestor(PG_GETARG_GRID(0), level);
	if (parent < 0)
		PG_RETURN_NULL();
	PG_RETURN_GRID(parent);
}

/* Answer the 12-digit number of a code's community, NULL above communities. */
Datum
community_gridcode_community(PG_FUNCTION_ARGS)
{
	int64		code = PG_GETARG_GRID(0);

	if (gridcode_level(code) < 5)
		PG_RETURN_NULL();
	PG_RETURN_INT64(code / GRIDCODE_T5);
}

/*
 * Name what a code stands for.  Streets and communities are told apart by the
 * parts of their numbers that the statistical division codes set aside.
 */
Datum
community_gridcode_kind(PG_FUNCTION_ARGS)
{
	int64		code = PG_GETARG_GRID(0);
	const char *kind;
	int			part;

	switch (gridcode_level(code))
	{
		case 1:
			kind = "province";
			break;
		case 2:
			kind = "city";
			break;
		case 3:
			kind = "district";
			break;
		case 4:
			part = (int) (code / GRIDCODE_T4 % 1000);
			kind = part < 100 ? "street" : part < 200 ? "town" : part < 400 ? "township" : "zone";
			break;
		case 5:
			part = (int) (code / GRIDCODE_T5 % 1000);
			if (part >= 600)
				kind = "virtual";
			else
				kind = part < 200 || (part >= 400 && part < 500) ? "residential" : "village";
			break;
		default:
			kind = "grid";
			break;
	}
	PG_RETURN_TEXT_P(cstring_to_text(kind));
}

/* Tell whether the first code is the second or its ancestor. */
Datum
community_gridcode_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(gridcode_contains(PG_GETARG_GRID(0), PG_GETARG_GRID(1)));
}

/* Tell whether the first code is the second or its descendant. */
Datum
community_gridcode_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(gridcode_contains(PG_GETARG_GRID(1), PG_GETARG_GRID(0)));
}

/* Tell whether one of two codes contains the other. */
Datum
community_gridcode_overlaps(PG_FUNCTION_ARGS)
{
	int64		a = PG_GETARG_GRID(0);
	int64		b = PG_GETARG_GRID(1);

	PG_RETURN_BOOL(a <= b ? gridcode_contains(a, b) : gridcode_contains(b, a));
}
