/*
 * gridcover_op.c
 *		SQL functions over gridcover_core.
 */
#include "compat.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "grid/geom_io.h"
#include "grid/grid.h"
#include "grid/grid_settings.h"
#include "grid/gridcell_core.h"
#include "grid/gridcover_core.h"

PG_FUNCTION_INFO_V1(community_gridcell_cover);
PG_FUNCTION_INFO_V1(community_gridcell_cover_mixed);
PG_FUNCTION_INFO_V1(community_gridcell_cover_estimate);

/* Read the name of a mode. */
static CoverMode
read_mode(text *t)
{
	char	   *name = text_to_cstring(t);

	if (strcmp(name, "overlap") == 0)
		return COVER_OVERLAP;
	if (strcmp(name, "centre") == 0 || strcmp(name, "center") == 0)
		return COVER_CENTRE;
	if (strcmp(name, "contain") == 0)
		return COVER_CONTAIN;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown cover mode \"%s\"", name),
			 errhint("Modes are centre, overlap and contain.")));
	return COVER_OVERLAP;
}

/* Refuse a level that does not exist. */
static void
check_level(int level)
{
	if (level < 1 || level > GRIDCELL_LEVELS)
		community_gridcell_refuse(GRIDCELL_BAD_LEVEL, 0, 0, level);
}

/* Read the edges of a geometry argument. */
static void
open_cover(FunctionCallInfo fcinfo, Cover *cover)
{
	Gserial		g;

	community_geom_open(PG_GETARG_VARLENA_PP(0), &g);
	switch (community_cover_open(cover, &community_grid_host, &g))
	{
		case COVER_OK:
			return;
		case COVER_CURVE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("geometry has curves"),
					 errhint("Use ST_CurveToLine(geom).")));
			break;
		case COVER_BAD_COORDINATE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("geometry has a coordinate that is not a longitude and latitude")));
			break;
		default:
			community_geom_damaged();
	}
}

/*
 * Cells that may be looked at for each one allowed: a sliver may contain none
 * and yet pass through millions.
 */
#define WORK_PER_CELL	10

/* Tell whether a cover of a level stays within the limit. */
static bool
cover_allowed(const Cover *cover, int level, CoverMode mode)
{
	return community_cover_estimate(cover, level, mode) <= community_max_cover_cells &&
		community_cover_estimate(cover, level, COVER_OVERLAP) <=
		(double) WORK_PER_CELL * community_max_cover_cells;
}

/* Refuse a cover of too many cells before it begins. */
static void
check_cover(const Cover *cover, int level, CoverMode mode)
{
	double		cells = community_cover_estimate(cover, level, mode);
	int			coarser = level;

	if (cover_allowed(cover, level, mode))
		return;
	while (coarser > 1 && !cover_allowed(cover, coarser, mode))
		coarser--;
	if (cells <= community_max_cover_cells)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cover would look at too many cells"),
				 errhint("The outline passes through about %.0f cells at level %d, more than %d times what community.max_cover_cells allows (%d): use level %d, or raise the setting.",
						 community_cover_estimate(cover, level, COVER_OVERLAP), level,
						 WORK_PER_CELL, community_max_cover_cells, coarser)));
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("cover would have too many cells"),
			 errhint("About %.0f cells are expected at level %d and community.max_cover_cells allows %d: level %d gives about %.0f, or raise the setting.",
					 cells, level, community_max_cover_cells, coarser,
					 community_cover_estimate(cover, coarser, mode))));
}

/* Stream the cells of one level that cover a geometry. */
Datum
community_gridcell_cover(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	MemoryContext before;
	Cover	   *cover;
	int64_t		cell;
	bool		found;

	if (SRF_IS_FIRSTCALL())
	{
		int			level = PG_GETARG_INT32(1);
		CoverMode	mode = read_mode(PG_GETARG_TEXT_PP(2));

		check_level(level);
		funcctx = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		cover = palloc(sizeof(Cover));
		open_cover(fcinfo, cover);
		check_cover(cover, level, mode);
		community_cover_begin(cover, level, mode);
		MemoryContextSwitchTo(before);
		funcctx->user_fctx = cover;
	}
	funcctx = SRF_PERCALL_SETUP();
	before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
	found = community_cover_next((Cover *) funcctx->user_fctx, &cell);
	MemoryContextSwitchTo(before);
	if (found)
		SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	SRF_RETURN_DONE(funcctx);
}

/* Return the number of cells that a cover is expected to have. */
Datum
community_gridcell_cover_estimate(PG_FUNCTION_ARGS)
{
	Cover		cover;

	check_level(PG_GETARG_INT32(1));
	open_cover(fcinfo, &cover);
	PG_RETURN_FLOAT8(rint(community_cover_estimate(&cover, PG_GETARG_INT32(1),
												   read_mode(PG_GETARG_TEXT_PP(2)))));
}

/* Cells computed at once and handed out one by one. */
typedef struct CellList
{
	int64_t    *cells;
	size_t		n;
} CellList;

/* Stream at most so many cells of mixed levels that cover a geometry. */
Datum
community_gridcell_cover_mixed(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	CellList   *list;

	if (SRF_IS_FIRSTCALL())
	{
		int			max_cells = PG_GETARG_INT32(1);
		MemoryContext before;
		Cover		cover;

		if (max_cells < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("number of cells %d is not positive", max_cells)));
		if (max_cells > community_max_cover_cells)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("cover would have too many cells"),
					 errhint("%d cells are asked for and community.max_cover_cells allows %d.",
							 max_cells, community_max_cover_cells)));
		funcctx = SRF_FIRSTCALL_INIT();
		before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		list = palloc(sizeof(CellList));
		open_cover(fcinfo, &cover);
		if (community_cover_mixed(&cover, (size_t) max_cells, &list->cells, &list->n) == COVER_TOO_FEW)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%d cells cannot cover the geometry", max_cells),
					 errhint("Its coarsest cover has %zu cells.", list->n)));
		MemoryContextSwitchTo(before);
		funcctx->user_fctx = list;
	}
	funcctx = SRF_PERCALL_SETUP();
	list = (CellList *) funcctx->user_fctx;
	if (funcctx->call_cntr < list->n)
	{
		int64		cell = list->cells[funcctx->call_cntr];

		SRF_RETURN_NEXT(funcctx, GridGetDatum(cell));
	}
	SRF_RETURN_DONE(funcctx);
}
