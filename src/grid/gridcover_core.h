/*
 * gridcover_core.h
 *		The cells that cover a geometry: pure part.
 *
 * A cover is computed row by row of the lattice, from the edges that the row
 * meets, so that its memory follows the geometry and not the number of cells.
 */
#ifndef COMMUNITY_GRID_GRIDCOVER_CORE_H
#define COMMUNITY_GRID_GRIDCOVER_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grid/gridalloc.h"
#include "grid/gserial.h"

/* Which cells belong to the cover. */
typedef enum CoverMode
{
	COVER_CENTRE,				/* ST_Covers(geometry, centre of the cell) */
	COVER_OVERLAP,				/* ST_Intersects(geometry, cell) */
	COVER_CONTAIN				/* ST_Covers(geometry, cell) */
} CoverMode;

typedef enum CoverStatus
{
	COVER_OK,
	COVER_DAMAGED,				/* the geometry contradicts itself */
	COVER_CURVE,				/* arcs must be made lines first */
	COVER_BAD_COORDINATE,		/* not a longitude and latitude */
	COVER_TOO_FEW				/* fewer cells allowed than the coarsest cover has */
} CoverStatus;

/* A part: one polygon with its holes, one line, or one point. */
typedef enum CoverKind
{
	COVER_AREA,
	COVER_LINE
} CoverKind;

/* One edge; a point is an edge of no length. */
typedef struct CoverEdge
{
	double		x1,
				y1,
				x2,
				y2;
	uint32_t	part;
	int32_t		row;			/* first and last row that it may touch */
	int32_t		last_row;
} CoverEdge;

/* A cell of the current row that edges may touch. */
typedef struct CoverEntry
{
	int32_t		column;
	uint8_t		flags;
} CoverEntry;

/* Neighbouring cells of the current row that belong to the cover. */
typedef struct CoverSpan
{
	int32_t		from;
	int32_t		to;
} CoverSpan;

/* The edges of a geometry, and a cover in progress. */
typedef struct Cover
{
	const GridHost *host;
	CoverEdge  *edges;
	uint8_t    *kinds;			/* by part: CoverKind */
	size_t		nedges,
				edges_room;
	size_t		nparts,
				kinds_room;
	double		area;			/* square degrees, for the estimate */
	CoverStatus status;			/* of the collecting */

	int			level;
	CoverMode	mode;
	double		width,			/* of a cell, degrees */
				height;
	uint32_t	unit_width,		/* and in units of the lattice */
				unit_height;
	int64_t		columns,		/* columns in each hemisphere */
				rows;
	int64_t		row;			/* the current row */
	size_t		next_edge;		/* first edge not yet met */
	uint32_t   *active;			/* edges that meet the current row */
	size_t		nactive,
				active_room;
	CoverEntry *entries;
	size_t		entries_room;
	double	   *crossings;
	size_t		crossings_room;
	CoverSpan  *spans;
	size_t		nspans,
				spans_room;
	size_t		span;			/* the next cell to answer */
	int64_t		column;
	int64_t    *table;			/* cells of one row, or NULL for a wide cover */
	int64_t		table_from;		/* the table's first column */
	int64_t		row_shift;		/* from the table's cells to this row's */
} Cover;

extern CoverStatus community_cover_open(Cover *cover, const GridHost *host, const Gserial *g);
extern void community_cover_close(Cover *cover);
extern double community_cover_estimate(const Cover *cover, int level, CoverMode mode);
extern void community_cover_begin(Cover *cover, int level, CoverMode mode);
extern void community_cover_sort_parts(Cover *cover);
extern bool community_cover_next(Cover *cover, int64_t *cell);
extern CoverStatus community_cover_mixed(Cover *cover, size_t max_cells,
										 int64_t **cells, size_t *ncells);

/* What an edge does with a cell: the bits of CoverEntry.flags. */
#define COVER_TOUCHES		1	/* shares a point with the closed cell */
#define COVER_CROSSES		2	/* shares a point with the open cell */

extern uint8_t community_cover_meet(const CoverEdge *e, double west, double south,
									double east, double north);
extern bool community_cover_parity(const CoverEdge *e, double x, double y, bool *on_edge);

#endif							/* COMMUNITY_GRID_GRIDCOVER_CORE_H */
