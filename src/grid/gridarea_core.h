/*
 * gridarea_core.h
 *		Neighbourhood, measures and sets of cells: pure part.
 */
#ifndef COMMUNITY_GRID_GRIDAREA_CORE_H
#define COMMUNITY_GRID_GRIDAREA_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grid/gridcell_core.h"

/* Widths up to this are looked up: radius 31. */
#define GRIDDISK_TABLE	63

/* Cells of one level around a centre, row by row from south to north. */
typedef struct GridDisk
{
	int			level;
	int64_t		x0,				/* the window in the lattice */
				x1,
				y0,
				y1;
	int64_t		x,				/* the next cell */
				y;
	int64_t		cx,				/* the centre */
				cy;
	int64_t		hollow;			/* leave out what is closer than this */
	bool		tabled;			/* columns[] is filled */
	int64_t		row_shift;		/* from the first row's cells to this row's */
	int64_t		columns[GRIDDISK_TABLE];	/* the cells of the first row */
} GridDisk;

/* The descendants of a cell at one level, in order. */
typedef struct GridDescent
{
	int64_t		cell;			/* the next descendant */
	int			from;			/* level of the ancestor */
	int			to;
	int64_t		left[GRIDCELL_LEVELS + 1];	/* by level: siblings still to come */
	bool		done;
} GridDescent;

/* Cells on the straight way from one cell to another. */
typedef struct GridLine
{
	int			level;
	int64_t		x,
				y,
				dx,
				dy;
	int64_t		n,				/* steps */
				i;
} GridLine;

extern void community_gridcell_disk(int64_t centre, int64_t radius, int64_t hollow, GridDisk *disk);
extern double community_gridcell_disk_size(const GridDisk *disk);
extern bool community_gridcell_disk_next(GridDisk *disk, int64_t *cell);
extern bool community_gridcell_steps(int64_t a, int64_t b, int64_t *steps);
extern bool community_gridcell_line(int64_t a, int64_t b, GridLine *line);
extern bool community_gridcell_line_next(GridLine *line, int64_t *cell);
extern double community_gridcell_descendants(int from, int to);
extern void community_gridcell_descend(int64_t cell, int level, GridDescent *d);
extern bool community_gridcell_descend_next(GridDescent *d, int64_t *cell);
extern size_t community_gridcell_compact(int64_t *cells, size_t n);
extern double community_gridcell_area(int64_t cell);
extern double community_gridcell_distance(int64_t a, int64_t b);

/* Answer the next cell of a disk: within a tabled row without a call. */
static inline bool
griddisk_next(GridDisk *d, int64_t *cell)
{
	if (d->tabled && d->hollow == 0 && d->y <= d->y1 && d->x < d->x1)
	{
		*cell = d->columns[d->x++ - d->x0] + d->row_shift;
		return true;
	}
	return community_gridcell_disk_next(d, cell);
}

#endif							/* COMMUNITY_GRID_GRIDAREA_CORE_H */
