/*
 * gridcell_area_core.c
 *		Areas of cells: sets of level-10 cells and their normal form.
 *
 * Nothing here knows the server: the file compiles alone.
 */
#include "grid/gridcell_area_core.h"
#include "grid/gridcell_core.h"

/* Leaves below a cell, by level 1..10. */
static const int64_t leaves_below[GRIDCELL_LEVELS + 1] = {
	0,
	INT64_C(96) * 6 * 150 * 225 * 4 * 64 * 64 * 64 * 64,
	INT64_C(6) * 150 * 225 * 4 * 64 * 64 * 64 * 64,
	INT64_C(150) * 225 * 4 * 64 * 64 * 64 * 64,
	INT64_C(225) * 4 * 64 * 64 * 64 * 64,
	INT64_C(4) * 64 * 64 * 64 * 64,
	INT64_C(64) * 64 * 64 * 64,
	INT64_C(64) * 64 * 64,
	INT64_C(64) * 64,
	INT64_C(64),
	1
};

/* Answer the number of the first leaf of a cell. */
int64_t
community_gridcell_leaf(int64_t cell)
{
	int64_t		rest = cell % GRIDCELL_T1;
	int64_t		leaf = cell / GRIDCELL_T1 * leaves_below[1];

	for (int l = 2; rest != 0; l++)
	{
		rest--;
		leaf += rest / community_gridcell_span[l] * leaves_below[l];
		rest %= community_gridcell_span[l];
	}
	return leaf;
}

/* Answer the cell of level 10 with a leaf number. */
int64_t
community_gridcell_from_leaf(int64_t leaf)
{
	int64_t		cell = leaf / leaves_below[1] * GRIDCELL_T1;

	for (int l = 2; l <= GRIDCELL_LEVELS; l++)
	{
		leaf %= leaves_below[l - 1];
		cell += 1 + leaf / leaves_below[l] * community_gridcell_span[l];
	}
	return cell;
}

/*
 * Find the leaves within the ranks [low, high].  False when there are none,
 * as in a range that holds a parent alone.
 */
bool
community_gridcell_leaves(int64_t low, int64_t high, GridcellSpan *span)
{
	/* the first leaf of a cell is the first one at or behind its rank */
	span->low = community_gridcell_leaf(low);
	span->high = high + 1 < GRIDCELL_COUNT ? community_gridcell_leaf(high + 1) :
		GRIDCELL_LEAVES_COUNT;
	return span->low < span->high;
}

/* Join intervals that touch or overlap; they are sorted by their lower end. */
size_t
community_gridcell_area_merge(GridcellSpan *spans, size_t n)
{
	size_t		kept = 0;

	for (size_t i = 0; i < n; i++)
	{
		if (kept > 0 && spans[i].low <= spans[kept - 1].high)
		{
			if (spans[i].high > spans[kept - 1].high)
				spans[kept - 1].high = spans[i].high;
		}
		else
			spans[kept++] = spans[i];
	}
	return kept;
}

/*
 * Combine two areas.  `result` takes at most na + nb intervals.
 *
 * The ends of all intervals are met in order; between two ends the area either
 * holds everything or nothing.
 */
size_t
community_gridcell_area_combine(GridcellSetOp op,
								const GridcellSpan *a, size_t na,
								const GridcellSpan *b, size_t nb,
								GridcellSpan *result)
{
	size_t		i = 0;
	size_t		j = 0;
	bool		ina = false;
	bool		inb = false;
	bool		in = false;
	size_t		n = 0;

	while (i < na || j < nb)
	{
		int64_t		enda = i < na ? (ina ? a[i].high : a[i].low) : INT64_MAX;
		int64_t		endb = j < nb ? (inb ? b[j].high : b[j].low) : INT64_MAX;
		int64_t		end = enda < endb ? enda : endb;
		bool		now;

		if (enda == end)
		{
			ina = !ina;
			i += !ina;
		}
		if (endb == end)
		{
			inb = !inb;
			j += !inb;
		}
		now = op == GRIDCELL_UNION ? ina || inb :
			op == GRIDCELL_INTERSECTION ? ina && inb : ina && !inb;
		if (now && !in)
			result[n].low = end;
		else if (in && !now)
			result[n++].high = end;
		in = now;
	}
	return n;
}

/*
 * Write an interval of leaves as ranks in normal form and answer the number of
 * pieces.
 *
 * A cell that begins within the interval and reaches beyond its end is not in
 * the area: the ranks are cut there.  All such cells are ancestors of the last
 * leaf.  Of the cells that begin where a piece begins, those that end within
 * the interval stand before the piece's first leaf and belong to it.
 */
int
community_gridcell_area_ranks(GridcellSpan leaves, GridcellSpan ranks[GRIDCELL_AREA_PIECES])
{
	int64_t		last = leaves.high - 1;
	int64_t		start = leaves.low;
	int			n = 0;

	for (int l = 1; l <= GRIDCELL_LEVELS; l++)
	{
		int64_t		cut = l < GRIDCELL_LEVELS ? last - last % leaves_below[l] : leaves.high;

		/* only a cell that begins behind the last cut and does not fit */
		if (l < GRIDCELL_LEVELS &&
			(cut <= start || cut + leaves_below[l] <= leaves.high))
			continue;

		ranks[n].low = community_gridcell_from_leaf(start);
		for (int k = GRIDCELL_LEVELS - 1; k >= 1; k--)
		{
			if (start % leaves_below[k] != 0 || start + leaves_below[k] > leaves.high)
				break;
			ranks[n].low--;
		}
		ranks[n].high = community_gridcell_from_leaf(cut - 1);
		n++;
		start = cut;
	}
	return n;
}
