/*
 * grid_op.c
 *		Comparison, sorting and hashing, the same for gridcell and gridcode.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/sortsupport.h"

#include "grid/grid.h"

PG_FUNCTION_INFO_V1(community_grid_eq);
PG_FUNCTION_INFO_V1(community_grid_ne);
PG_FUNCTION_INFO_V1(community_grid_lt);
PG_FUNCTION_INFO_V1(community_grid_le);
PG_FUNCTION_INFO_V1(community_grid_gt);
PG_FUNCTION_INFO_V1(community_grid_ge);
PG_FUNCTION_INFO_V1(community_grid_cmp);
PG_FUNCTION_INFO_V1(community_grid_sortsupport);
PG_FUNCTION_INFO_V1(community_grid_hash);
PG_FUNCTION_INFO_V1(community_grid_hash_extended);
PG_FUNCTION_INFO_V1(community_grid_first);
PG_FUNCTION_INFO_V1(community_gridcell_last);
PG_FUNCTION_INFO_V1(community_gridcode_last);
PG_FUNCTION_INFO_V1(community_gridcell_ancestors);
PG_FUNCTION_INFO_V1(community_gridcode_ancestors);

/* Tell whether two values are equal. */
Datum
community_grid_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) == PG_GETARG_GRID(1));
}

/* Tell whether two values differ. */
Datum
community_grid_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) != PG_GETARG_GRID(1));
}

/* Tell whether a value stands before another. */
Datum
community_grid_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) < PG_GETARG_GRID(1));
}

/* Tell whether a value does not stand behind another. */
Datum
community_grid_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) <= PG_GETARG_GRID(1));
}

/* Tell whether a value stands behind another. */
Datum
community_grid_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) > PG_GETARG_GRID(1));
}

/* Tell whether a value does not stand before another. */
Datum
community_grid_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_GRID(0) >= PG_GETARG_GRID(1));
}

/* Compare two values for a btree. */
Datum
community_grid_cmp(PG_FUNCTION_ARGS)
{
	int64		a = PG_GETARG_GRID(0);
	int64		b = PG_GETARG_GRID(1);

	PG_RETURN_INT32((a > b) - (a < b));
}

#if SIZEOF_DATUM < 8
/* Compare two values that are passed by reference. */
static int
grid_fastcmp(Datum x, Datum y, SortSupport ssup)
{
	int64		a = DatumGetGrid(x);
	int64		b = DatumGetGrid(y);

	return (a > b) - (a < b);
}
#endif

/* Give sorts the comparison that they know how to inline. */
Datum
community_grid_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

#if SIZEOF_DATUM >= 8
	ssup->comparator = ssup_datum_signed_cmp;
#else
	ssup->comparator = grid_fastcmp;
#endif
	PG_RETURN_VOID();
}

/*
 * Mix all bits of a value into all bits of its hash.
 *
 * hashint8 folds the two halves together, under which these keys, whose halves
 * depend on each other, collide massively: 687,029 cells gave 12,102 hashes.
 */
static inline uint64
grid_mix(uint64 x)
{
	x ^= x >> 32;
	x *= UINT64CONST(0xD6E8FEB86659FD93);
	x ^= x >> 32;
	x *= UINT64CONST(0xD6E8FEB86659FD93);
	x ^= x >> 32;
	return x;
}

/* Hash a value to 32 bits. */
Datum
community_grid_hash(PG_FUNCTION_ARGS)
{
	return UInt32GetDatum((uint32) grid_mix((uint64) PG_GETARG_GRID(0)));
}

/* Hash a value to 64 bits; under the seed 0 the low half is the 32-bit hash. */
Datum
community_grid_hash_extended(PG_FUNCTION_ARGS)
{
	uint64		value = (uint64) PG_GETARG_GRID(0);
	uint64		seed = (uint64) PG_GETARG_INT64(1);

	if (seed != 0)
		value ^= grid_mix(seed + UINT64CONST(0x9E3779B97F4A7C15));
	PG_RETURN_INT64((int64) grid_mix(value));
}

/*
 * Answer the first value of a subtree, which is the value itself.
 *
 * The planner's index conditions say `col >= x_first(x) AND col <= x_last(x)`:
 * written so, the estimators recognise the two halves of one containment.
 */
Datum
community_grid_first(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* Answer the last descendant of a cell. */
Datum
community_gridcell_last(PG_FUNCTION_ARGS)
{
	PG_RETURN_GRID(community_gridcell_type.last_descendant(PG_GETARG_GRID(0)));
}

/* Answer the last number in the range of a code. */
Datum
community_gridcode_last(PG_FUNCTION_ARGS)
{
	PG_RETURN_GRID(community_gridcode_type.last_descendant(PG_GETARG_GRID(0)));
}

/*
 * List a value and its ancestors, coarsest first, and answer how many they are.
 */
int
community_grid_lineage(const GridType *type, int64 value, int64 *lineage)
{
	int64		up[GRID_MAX_LEVELS];
	int			n = 0;

	for (; value >= 0 && n < GRID_MAX_LEVELS; value = type->parent(value))
		up[n++] = value;
	for (int i = 0; i < n; i++)
		lineage[i] = up[n - 1 - i];
	return n;
}

/* Build the array of a value and its ancestors. */
static ArrayType *
grid_ancestors(FunctionCallInfo fcinfo, const GridType *type)
{
	int64		lineage[GRID_MAX_LEVELS];
	Datum		elements[GRID_MAX_LEVELS];
	int			n = community_grid_lineage(type, PG_GETARG_GRID(0), lineage);
	Oid			element = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));

	if (!OidIsValid(element))
		elog(ERROR, "could not determine the element type of an array of %s", type->name);
	for (int i = 0; i < n; i++)
		elements[i] = GridGetDatum(lineage[i]);
	return construct_array(elements, n, element, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/* Answer a cell and its ancestors. */
Datum
community_gridcell_ancestors(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(grid_ancestors(fcinfo, &community_gridcell_type));
}

/* Answer a code and its ancestors. */
Datum
community_gridcode_ancestors(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(grid_ancestors(fcinfo, &community_gridcode_type));
}
