/*
 * gridarea_op.c
 *		SQL functions over gridarea_core: families, neighbourhood, measures.
 *
 * The set-returning functions compute a cell when it is asked for, so that a
 * LIMIT ends the work and nothing is kept.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "grid/grid.h"
#include "grid/grid_settings.h"
#include "grid/gridarea_core.h"

PG_FUNCTION_INFO_V1(community_gridcell_children);
PG_FUNCTION_INFO_V1(community_gridcell_children_at);
PG_FUNCTION_INFO_V1(community_gridcell_siblings);
PG_FUNCTION_INFO_V1(community_gridcell_neighbors);
PG_FUNCTION_INFO_V1(community_gridcell_disk_srf);
PG_FUNCTION_INFO_V1(community_gridcell_disk_array);
PG_FUNCTION_INFO_V1(community_gridcell_ring_srf);
PG_FUNCTION_INFO_V1(community_gridcell_line_srf);
PG_FUNCTION_INFO_V1(community_gridcell_steps_between);
PG_FUNCTION_INFO_V1(community_gridcell_distance_between);
PG_FUNCTION_INFO_V1(community_gridcell_area_of);
PG_FUNCTION_INFO_V1(community_gridcell_bounds);
PG_FUNCTION_INFO_V1(community_gridcell_compact_array);
PG_FUNCTION_INFO_V1(community_gridcell_uncompact);

/* Refuse a result that would have too many cells, before it begins. */
static void
check_size(double cells)
{
	if (cells > community_max_cover_cells)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("result would have too many cells"),
				 errhint("About %.0f cells are expected and community.max_cover_cells allows %d: use a coarser level or a smaller radius, or raise the setting.",
						 cells, community_max_cover_cells)));
}

/* Refuse two cells of different levels. */
static void
check_levels(int64 a, int64 b)
{
	int			p = gridcell_level(a),
				q = gridcell_level(b);

	if (p != q)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cells have levels %d and %d", p, q),
				 errhint("Bring both to one level with gridcell_parent.")));
}

/* Refuse a negative radius. */
static void
check_radius(int radius)
{
	if (radius < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("radius %d is negative", radius)));
}

/* Stream the descendants of the first argument at a level, or those one level below. */
static Datum
stream_descent(FunctionCallInfo fcinfo, bool given, int level)
{
	FuncCallContext *funcctx;
	int64_t		cell;

	if (SRF_IS_FIRSTCALL())
	{
		int64		parent = PG_GETARG_GRID(0);
		int			from = gridcell_level(parent);
		GridDescent *d;

		funcctx = SRF_FIRSTCALL_INIT();
		if (!given)
			level = from + 1;
		else if (level < from || level > GRIDCELL_LEVELS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a cell of level %d has no descendants of level %d", from, level),
					 errhint("The level runs from the cell's own to 10.")));
		d = MemoryContextAlloc(funcctx->multi_call_memory_ctx, sizeof(GridDescent));
		if (level > GRIDCELL_LEVELS)
			d->done = true;
		else
		{
			check_size(community_gridcell_descendants(from, level));
			community_gridcell_descend(parent, level, d);
		}
		funcctx->user_fctx = d;
	}
	funcctx = SRF_PERCALL_SETUP();
	if (community_gridcell_descend_next((GridDescent *) funcctx->user_fctx, &cell))
		SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	SRF_RETURN_DONE(funcctx);
}

/* Stream the children of a cell: none at level 10. */
Datum
community_gridcell_children(PG_FUNCTION_ARGS)
{
	return stream_descent(fcinfo, false, 0);
}

/* Stream the descendants of a cell at a level. */
Datum
community_gridcell_children_at(PG_FUNCTION_ARGS)
{
	return stream_descent(fcinfo, true, PG_GETARG_INT32(1));
}

/* Stream the other children of a cell's parent: none at level 1. */
Datum
community_gridcell_siblings(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	GridDescent *d;
	int64_t		cell;

	if (SRF_IS_FIRSTCALL())
	{
		int64		self = PG_GETARG_GRID(0);
		int			level = gridcell_level(self);

		funcctx = SRF_FIRSTCALL_INIT();
		d = MemoryContextAlloc(funcctx->multi_call_memory_ctx, sizeof(GridDescent));
		if (level == 1)
			d->done = true;
		else
			community_gridcell_descend(community_gridcell_up(self), level, d);
		funcctx->user_fctx = d;
	}
	funcctx = SRF_PERCALL_SETUP();
	d = (GridDescent *) funcctx->user_fctx;
	while (community_gridcell_descend_next(d, &cell))
	{
		if (cell != PG_GETARG_GRID(0))
			SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	}
	SRF_RETURN_DONE(funcctx);
}

/* Stream the cells whose distance in steps lies between hollow and radius. */
static Datum
stream_disk(FunctionCallInfo fcinfo, int radius, int hollow)
{
	FuncCallContext *funcctx;
	int64_t		cell;

	if (SRF_IS_FIRSTCALL())
	{
		GridDisk   *disk;

		check_radius(radius);
		funcctx = SRF_FIRSTCALL_INIT();
		disk = MemoryContextAlloc(funcctx->multi_call_memory_ctx, sizeof(GridDisk));
		community_gridcell_disk(PG_GETARG_GRID(0), radius, hollow, disk);
		check_size(community_gridcell_disk_size(disk));
		funcctx->user_fctx = disk;
	}
	funcctx = SRF_PERCALL_SETUP();
	if (griddisk_next((GridDisk *) funcctx->user_fctx, &cell))
		SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	SRF_RETURN_DONE(funcctx);
}

/* Stream the neighbours of a cell. */
Datum
community_gridcell_neighbors(PG_FUNCTION_ARGS)
{
	return stream_disk(fcinfo, 1, 1);
}

/* Stream the cells within a number of steps. */
Datum
community_gridcell_disk_srf(PG_FUNCTION_ARGS)
{
	return stream_disk(fcinfo, PG_GETARG_INT32(1), 0);
}

/* Stream the cells at exactly a number of steps. */
Datum
community_gridcell_ring_srf(PG_FUNCTION_ARGS)
{
	return stream_disk(fcinfo, PG_GETARG_INT32(1), PG_GETARG_INT32(1));
}

/* Make an array of cells, of the type of the function's result. */
static Datum
cell_array(FunctionCallInfo fcinfo, Datum *cells, int n)
{
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));

	PG_RETURN_ARRAYTYPE_P(construct_array(cells, n, type, sizeof(int64), FLOAT8PASSBYVAL,
										  TYPALIGN_DOUBLE));
}

/* Return the cells within a number of steps as an array. */
Datum
community_gridcell_disk_array(PG_FUNCTION_ARGS)
{
	GridDisk	disk;
	Datum	   *cells;
	double		size;
	int64_t		cell;
	int			n = 0;

	check_radius(PG_GETARG_INT32(1));
	community_gridcell_disk(PG_GETARG_GRID(0), PG_GETARG_INT32(1), 0, &disk);
	size = community_gridcell_disk_size(&disk);
	check_size(size);
	cells = palloc((Size) size * sizeof(Datum));
	while (griddisk_next(&disk, &cell))
		cells[n++] = GridGetDatum(cell);
	return cell_array(fcinfo, cells, n);
}

/* Stream the cells on the way from one cell to another. */
Datum
community_gridcell_line_srf(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	int64_t		cell;

	if (SRF_IS_FIRSTCALL())
	{
		GridLine   *line;

		check_levels(PG_GETARG_GRID(0), PG_GETARG_GRID(1));
		funcctx = SRF_FIRSTCALL_INIT();
		line = MemoryContextAlloc(funcctx->multi_call_memory_ctx, sizeof(GridLine));
		(void) community_gridcell_line(PG_GETARG_GRID(0), PG_GETARG_GRID(1), line);
		check_size((double) line->n + 1);
		funcctx->user_fctx = line;
	}
	funcctx = SRF_PERCALL_SETUP();
	if (community_gridcell_line_next((GridLine *) funcctx->user_fctx, &cell))
		SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	SRF_RETURN_DONE(funcctx);
}

/* Count the steps between two cells of one level. */
Datum
community_gridcell_steps_between(PG_FUNCTION_ARGS)
{
	int64_t		steps;

	check_levels(PG_GETARG_GRID(0), PG_GETARG_GRID(1));
	(void) community_gridcell_steps(PG_GETARG_GRID(0), PG_GETARG_GRID(1), &steps);
	PG_RETURN_INT64(steps);
}

/* Return the metres between the centres of two cells. */
Datum
community_gridcell_distance_between(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(community_gridcell_distance(PG_GETARG_GRID(0), PG_GETARG_GRID(1)));
}

/* Return the area of a cell in square metres. */
Datum
community_gridcell_area_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(community_gridcell_area(PG_GETARG_GRID(0)));
}

/* Return the edges of a cell in degrees. */
Datum
community_gridcell_bounds(PG_FUNCTION_ARGS)
{
	GridcellIndex index;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};
	int64		width,
				height;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "gridcell_bounds needs a row type");
	community_gridcell_to_index(PG_GETARG_GRID(0), &index);
	width = community_gridcell_width[index.level];
	height = community_gridcell_height[index.level];
	values[0] = Float8GetDatum((double) (index.x * width) / GRIDCELL_UNITS_PER_DEGREE);
	values[1] = Float8GetDatum((double) (index.y * height) / GRIDCELL_UNITS_PER_DEGREE);
	values[2] = Float8GetDatum((double) ((index.x + 1) * width) / GRIDCELL_UNITS_PER_DEGREE);
	values[3] = Float8GetDatum((double) ((index.y + 1) * height) / GRIDCELL_UNITS_PER_DEGREE);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* Take the cells out of an array argument; an element that is NULL is refused. */
static int64 *
array_cells(ArrayType *array, int *n)
{
	Datum	   *elements;
	bool	   *nulls;

	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &elements, &nulls, n);
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("array of cells contains a null"),
					 errhint("Remove it with array_remove(cells, NULL).")));
	}
	/* a Datum holds the cell itself */
	return (int64 *) elements;
}

/* Return the fewest cells that contain the same cells. */
Datum
community_gridcell_compact_array(PG_FUNCTION_ARGS)
{
	int			n;
	int64	   *cells = array_cells(PG_GETARG_ARRAYTYPE_P(0), &n);

	n = (int) community_gridcell_compact(cells, n);
	return cell_array(fcinfo, (Datum *) cells, n);
}

/* What uncompacting keeps between rows. */
typedef struct Uncompact
{
	int64	   *cells;
	int			n;
	int			i;				/* the next cell to descend from */
	int			level;
	GridDescent descent;
} Uncompact;

/* Stream the descendants of an array of cells at a level. */
Datum
community_gridcell_uncompact(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	Uncompact  *u;
	int64_t		cell;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext before;
		double		size = 0;

		funcctx = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		u = palloc0(sizeof(Uncompact));
		u->cells = array_cells(PG_GETARG_ARRAYTYPE_P_COPY(0), &u->n);
		u->level = PG_GETARG_INT32(1);
		u->descent.done = true;
		MemoryContextSwitchTo(before);
		if (u->level < 1 || u->level > GRIDCELL_LEVELS)
			community_gridcell_refuse(GRIDCELL_BAD_LEVEL, 0, 0, u->level);
		for (int i = 0; i < u->n; i++)
		{
			int			from = gridcell_level(u->cells[i]);

			if (from > u->level)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("a cell of level %d has no descendants of level %d", from, u->level),
						 errhint("Choose the finest level among the cells, or bring them up with gridcell_parent.")));
			size += community_gridcell_descendants(from, u->level);
		}
		check_size(size);
		funcctx->user_fctx = u;
	}
	funcctx = SRF_PERCALL_SETUP();
	u = (Uncompact *) funcctx->user_fctx;
	for (;;)
	{
		if (community_gridcell_descend_next(&u->descent, &cell))
			SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
		if (u->i >= u->n)
			SRF_RETURN_DONE(funcctx);
		community_gridcell_descend(u->cells[u->i++], u->level, &u->descent);
	}
}
