/*
 * gridcell_area_core.h
 *		Areas of cells: sets of level-10 cells, without the server.
 *
 * The level-10 cells (leaves) are numbered through without the cells above
 * them; an area is a list of half-open intervals of leaf numbers, sorted and
 * apart from each other.  On these, union, intersection and difference are
 * exact, which they are not on ranks, where a parent counts by itself.
 *
 * The normal form turns leaves back into ranks: it holds the rank of a cell
 * above level 10 exactly when all its leaves are in the area.
 */
#ifndef COMMUNITY_GRIDCELL_AREA_CORE_H
#define COMMUNITY_GRIDCELL_AREA_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leaves below a cell, by level. */
#define GRIDCELL_LEAVES_COUNT	(INT64_C(2640) * 96 * 6 * 150 * 225 * 4 * 64 * 64 * 64 * 64)

/* Pieces of the normal form that one interval can give. */
#define GRIDCELL_AREA_PIECES	10

/* Leaves [low, high), or ranks [low, high]. */
typedef struct GridcellSpan
{
	int64_t		low;
	int64_t		high;
} GridcellSpan;

typedef enum GridcellSetOp
{
	GRIDCELL_UNION,
	GRIDCELL_INTERSECTION,
	GRIDCELL_DIFFERENCE
} GridcellSetOp;

extern int64_t community_gridcell_leaf(int64_t cell);
extern int64_t community_gridcell_from_leaf(int64_t leaf);
extern bool community_gridcell_leaves(int64_t low, int64_t high, GridcellSpan *span);
extern size_t community_gridcell_area_merge(GridcellSpan *spans, size_t n);
extern size_t community_gridcell_area_combine(GridcellSetOp op,
											  const GridcellSpan *a, size_t na,
											  const GridcellSpan *b, size_t nb,
											  GridcellSpan *result);
extern int	community_gridcell_area_ranks(GridcellSpan leaves,
										  GridcellSpan ranks[GRIDCELL_AREA_PIECES]);

#endif							/* COMMUNITY_GRIDCELL_AREA_CORE_H */
