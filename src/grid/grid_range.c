/*
 * grid_range.c
 *		Ranges of both grid types, and areas of cells.
 *
 * The canonical form of a range is closed on both sides: the last value has no
 * successor, so that a half-open range could not hold it.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "grid/grid.h"
#include "grid/gridcell_area_core.h"
#include "grid/gridcell_core.h"

PG_FUNCTION_INFO_V1(community_gridcell_canonical);
PG_FUNCTION_INFO_V1(community_gridcode_canonical);
PG_FUNCTION_INFO_V1(community_grid_subdiff);
PG_FUNCTION_INFO_V1(community_gridcell_range);
PG_FUNCTION_INFO_V1(community_gridcode_range);
PG_FUNCTION_INFO_V1(community_gridcell_area_set);
PG_FUNCTION_INFO_V1(community_gridcell_area_union);
PG_FUNCTION_INFO_V1(community_gridcell_area_intersection);
PG_FUNCTION_INFO_V1(community_gridcell_area_difference);
PG_FUNCTION_INFO_V1(community_gridcell_area_equals);

/* Bring a range into its closed form. */
static Datum
grid_canonical(FunctionCallInfo fcinfo, const GridType *type)
{
	RangeType  *range = PG_GETARG_RANGE_P(0);
	TypeCacheEntry *typcache = range_get_typcache(fcinfo, RangeTypeGetOid(range));
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(typcache, range, &lower, &upper, &empty);
	if (empty)
		PG_RETURN_RANGE_P(range);

	if (!lower.infinite && !lower.inclusive)
	{
		int64		value = type->ceiling(DatumGetGrid(lower.val) + 1);

		if (value < 0)
			PG_RETURN_RANGE_P(make_empty_range(typcache));
		lower.val = GridGetDatum(value);
		lower.inclusive = true;
	}
	if (!upper.infinite && !upper.inclusive)
	{
		int64		value = type->floor(DatumGetGrid(upper.val) - 1);

		if (value < 0)
			PG_RETURN_RANGE_P(make_empty_range(typcache));
		upper.val = GridGetDatum(value);
		upper.inclusive = true;
	}
	if (!lower.infinite && !upper.infinite && DatumGetGrid(lower.val) > DatumGetGrid(upper.val))
		PG_RETURN_RANGE_P(make_empty_range(typcache));
	PG_RETURN_RANGE_P(range_serialize(typcache, &lower, &upper, false));
}

/* Bring a range of cells into its closed form. */
Datum
community_gridcell_canonical(PG_FUNCTION_ARGS)
{
	return grid_canonical(fcinfo, &community_gridcell_type);
}

/* Bring a range of codes into its closed form. */
Datum
community_gridcode_canonical(PG_FUNCTION_ARGS)
{
	return grid_canonical(fcinfo, &community_gridcode_type);
}

/* Measure the distance of two values for GiST. */
Datum
community_grid_subdiff(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8((double) PG_GETARG_GRID(0) - (double) PG_GETARG_GRID(1));
}

/* Build the range of a value and its descendants. */
static Datum
grid_range(FunctionCallInfo fcinfo, const GridType *type)
{
	int64		value = PG_GETARG_GRID(0);
	TypeCacheEntry *typcache = range_get_typcache(fcinfo, get_fn_expr_rettype(fcinfo->flinfo));
	RangeBound	lower = {GridGetDatum(value), false, true, true};
	RangeBound	upper = {GridGetDatum(type->last_descendant(value)), false, true, false};

	PG_RETURN_RANGE_P(range_serialize(typcache, &lower, &upper, false));
}

/* Answer the range of a cell's subtree. */
Datum
community_gridcell_range(PG_FUNCTION_ARGS)
{
	return grid_range(fcinfo, &community_gridcell_type);
}

/* Answer the range of a code and all below it. */
Datum
community_gridcode_range(PG_FUNCTION_ARGS)
{
	return grid_range(fcinfo, &community_gridcode_type);
}

/* Read the leaves of a multirange of cells. */
static GridcellSpan *
read_area(TypeCacheEntry *typcache, MultirangeType *area, size_t *n)
{
	int32		count;
	RangeType **ranges;
	GridcellSpan *spans;

	multirange_deserialize(typcache->rngtype, area, &count, &ranges);
	spans = palloc_extended(Max(count, 1) * sizeof(GridcellSpan), MCXT_ALLOC_HUGE);
	*n = 0;
	for (int32 i = 0; i < count; i++)
	{
		RangeBound	lower;
		RangeBound	upper;
		bool		empty;

		range_deserialize(typcache->rngtype, ranges[i], &lower, &upper, &empty);
		if (community_gridcell_leaves(lower.infinite ? 0 : DatumGetGrid(lower.val),
									  upper.infinite ? GRIDCELL_COUNT - 1 : DatumGetGrid(upper.val),
									  &spans[*n]))
			(*n)++;
	}
	*n = community_gridcell_area_merge(spans, *n);
	return spans;
}

/* Write leaves as a multirange of cells in normal form. */
static Datum
write_area(TypeCacheEntry *typcache, const GridcellSpan *spans, size_t n)
{
	RangeType **ranges;
	int32		count = 0;

	if (n > INT_MAX / GRIDCELL_AREA_PIECES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the area has too many ranges")));
	ranges = palloc_extended(Max(n, 1) * GRIDCELL_AREA_PIECES * sizeof(RangeType *),
							 MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n; i++)
	{
		GridcellSpan pieces[GRIDCELL_AREA_PIECES];
		int			npieces = community_gridcell_area_ranks(spans[i], pieces);

		for (int k = 0; k < npieces; k++)
		{
			RangeBound	lower = {GridGetDatum(pieces[k].low), false, true, true};
			RangeBound	upper = {GridGetDatum(pieces[k].high), false, true, false};

			ranges[count++] = range_serialize(typcache->rngtype, &lower, &upper, false);
		}
	}
	return MultirangeTypePGetDatum(make_multirange(typcache->type_id, typcache->rngtype,
												   count, ranges));
}

/* Combine two areas and write the result in normal form. */
static Datum
combine_areas(FunctionCallInfo fcinfo, GridcellSetOp op)
{
	MultirangeType *a = PG_GETARG_MULTIRANGE_P(0);
	MultirangeType *b = PG_GETARG_MULTIRANGE_P(1);
	TypeCacheEntry *typcache = multirange_get_typcache(fcinfo, MultirangeTypeGetOid(a));
	size_t		na;
	size_t		nb;
	GridcellSpan *spansa = read_area(typcache, a, &na);
	GridcellSpan *spansb = read_area(typcache, b, &nb);
	GridcellSpan *result = palloc_extended(Max(na + nb, 1) * sizeof(GridcellSpan),
										   MCXT_ALLOC_HUGE);
	size_t		n = community_gridcell_area_combine(op, spansa, na, spansb, nb, result);

	return write_area(typcache, result, n);
}

/* Bring a multirange of cells into the normal form of an area. */
Datum
community_gridcell_area_set(PG_FUNCTION_ARGS)
{
	MultirangeType *area = PG_GETARG_MULTIRANGE_P(0);
	TypeCacheEntry *typcache = multirange_get_typcache(fcinfo, MultirangeTypeGetOid(area));
	size_t		n;
	GridcellSpan *spans = read_area(typcache, area, &n);

	return write_area(typcache, spans, n);
}

/* Answer what lies in either area. */
Datum
community_gridcell_area_union(PG_FUNCTION_ARGS)
{
	return combine_areas(fcinfo, GRIDCELL_UNION);
}

/* Answer what lies in both areas. */
Datum
community_gridcell_area_intersection(PG_FUNCTION_ARGS)
{
	return combine_areas(fcinfo, GRIDCELL_INTERSECTION);
}

/* Answer what lies in the first area and not in the second. */
Datum
community_gridcell_area_difference(PG_FUNCTION_ARGS)
{
	return combine_areas(fcinfo, GRIDCELL_DIFFERENCE);
}

/* Tell whether two areas hold the same places. */
Datum
community_gridcell_area_equals(PG_FUNCTION_ARGS)
{
	MultirangeType *a = PG_GETARG_MULTIRANGE_P(0);
	MultirangeType *b = PG_GETARG_MULTIRANGE_P(1);
	TypeCacheEntry *typcache = multirange_get_typcache(fcinfo, MultirangeTypeGetOid(a));
	size_t		na;
	size_t		nb;
	GridcellSpan *spansa = read_area(typcache, a, &na);
	GridcellSpan *spansb = read_area(typcache, b, &nb);

	PG_RETURN_BOOL(na == nb && memcmp(spansa, spansb, na * sizeof(GridcellSpan)) == 0);
}
