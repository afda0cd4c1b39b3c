/*
 * gridmap_core.c
 *		Point location in a map of areas, the check of its bytes, its wire form.
 */
#include "grid/gridmap_core.h"

#include <math.h>
#include <string.h>

/* Where a point lies with respect to a ring. */
typedef enum RingSide
{
	RING_OUTSIDE,
	RING_BORDER,
	RING_INSIDE
} RingSide;

/*
 * Continue a winding count over consecutive edges; true when the point lies on
 * one of them.  The expression for the side and the order of the comparisons
 * are those of PostGIS: a mathematically better predicate would disagree with
 * ST_Covers on points within rounding of an edge.
 */
static bool
wind(const double *v, uint32_t nedges, double x, double y, int *winding)
{
	int			wn = *winding;
	double		x1 = v[0],
				y1 = v[1];

	for (uint32_t i = 1; i <= nedges; i++)
	{
		double		x2 = v[2 * i],
					y2 = v[2 * i + 1];
		double		side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1);

		if (side == 0.0 && (x1 != x2 || y1 != y2) &&
			x >= (x1 < x2 ? x1 : x2) && x <= (x1 < x2 ? x2 : x1) &&
			y >= (y1 < y2 ? y1 : y2) && y <= (y1 < y2 ? y2 : y1))
			return true;
		/* no branches: which edges count is hard to predict */
		wn += (y1 <= y) & (y < y2) & (side > 0);
		wn -= (y2 <= y) & (y < y1) & (side < 0);
		x1 = x2;
		y1 = y2;
	}
	*winding = wn;
	return false;
}

/* Tell whether an area covers a point, its border included. */
bool
community_gridmap_covers(const Gridmap *map, uint32_t area, double x, double y)
{
	const GridmapArea *a = &map->areas[area];
	const GridmapRun *run,
			   *end;
	const uint32_t *bound;
	uint32_t	row;
	uint32_t	shell = UINT32_MAX; /* the shell that holds the point */

	/* ST_Covers compares the boxes first */
	if (!(x >= a->box[0] && x <= a->box[1] && y >= a->box[2] && y <= a->box[3]))
		return false;
	row = gridmap_slot(y, map->head->y0, map->head->sy, map->head->nrows) - a->row;
	if (row >= a->nrows)
		return false;
	bound = map->bounds + a->bound + row;
	run = map->runs + bound[0];
	end = map->runs + bound[1];
	while (run < end)
	{
		uint32_t	ring = run->tail >> GRIDMAP_RUN_BITS;
		const GridmapRing *r = &map->rings[a->ring + ring];
		RingSide	side = RING_OUTSIDE;
		int			wn = 0;
		bool		wanted = r->shell == ring || r->shell == shell;

		/* a shell that held the point, and none of its holes did */
		if (r->shell == ring && shell != UINT32_MAX)
			return true;
		for (; run < end && run->tail >> GRIDMAP_RUN_BITS == ring; run++)
		{
			if (wanted && wind(map->xy + 2 * (size_t) run->vertex,
							   run->tail & GRIDMAP_RUN_MAX, x, y, &wn))
				return true;
		}
		if (wn != 0)
			side = RING_INSIDE;
		if (r->shell == ring)
			shell = side == RING_INSIDE ? ring : UINT32_MAX;
		else if (side == RING_INSIDE)
			shell = UINT32_MAX;
	}
	return shell != UINT32_MAX;
}

/*
 * Find the next area that covers a point, in order of codes.  The cursor is
 * zero at first.  Areas of one code are reported once.
 */
bool
community_gridmap_next(const Gridmap *map, double x, double y,
					   uint64_t *cursor, int64_t *code)
{
	const GridmapHead *h = map->head;
	uint32_t	cell,
				done = (uint32_t) *cursor;
	uint32_t	n = 0;

	if (!(x >= h->x0 && x <= h->x1 && y >= h->y0 && y <= h->y1))
		return false;
	cell = map->cells[(size_t) gridmap_slot(y, h->y0, h->sy, h->nrows) * h->ncols +
					  gridmap_slot(x, h->x0, h->sx, h->ncols)];
	if (cell == 0)
		return false;
	if (!(cell & GRIDMAP_CELL_LIST))
	{
		if (done > 0)
			return false;
		*cursor = 1;
		*code = map->areas[cell - 1].code;
		return true;
	}
	for (const uint32_t *entry = map->lists + (cell & ~GRIDMAP_CELL_LIST);; entry++)
	{
		uint32_t	area = *entry >> 2;

		if (n++ >= done && !(done > 0 && map->areas[area].code == *code) &&
			((*entry & GRIDMAP_LIST_INSIDE) || community_gridmap_covers(map, area, x, y)))
		{
			*code = map->areas[area].code;
			*cursor = n;
			return true;
		}
		if (*entry & GRIDMAP_LIST_LAST)
			return false;
	}
}

/* Find the sections of a value by its counts; false when the size disagrees. */
static bool
sections(const uint8_t *value, size_t size, Gridmap *map)
{
	const GridmapHead *h = (const GridmapHead *) value;
	uint64_t	at = sizeof(GridmapHead);

	map->head = h;
	map->areas = (const GridmapArea *) (value + at);
	at += (uint64_t) h->nareas * sizeof(GridmapArea);
	if (at > size)
		return false;
	map->xy = (const double *) (value + at);
	at += (uint64_t) h->nvertices * 2 * sizeof(double);
	if (at > size)
		return false;
	map->rings = (const GridmapRing *) (value + at);
	at += (uint64_t) h->nrings * sizeof(GridmapRing);
	if (at > size)
		return false;
	map->runs = (const GridmapRun *) (value + at);
	at += (uint64_t) h->nruns * sizeof(GridmapRun);
	if (at > size)
		return false;
	map->bounds = (const uint32_t *) (value + at);
	at += (uint64_t) h->nbounds * sizeof(uint32_t);
	if (at > size)
		return false;
	map->lists = (const uint32_t *) (value + at);
	at += (uint64_t) h->nlists * sizeof(uint32_t);
	if (at > size)
		return false;
	map->cells = (const uint32_t *) (value + at);
	if (h->ncols == 0 || h->nrows == 0 ||
		(uint64_t) h->ncols * h->nrows > (size - at) / sizeof(uint32_t))
		return false;
	at += (uint64_t) h->ncols * h->nrows * sizeof(uint32_t);
	return at == size;
}

/* Check one area and what it refers to. */
static bool
check_area(const Gridmap *map, uint32_t area)
{
	const GridmapHead *h = map->head;
	const GridmapArea *a = &map->areas[area];

	if (area > 0 && map->areas[area - 1].code > a->code)
		return false;
	if (a->reserved != 0 || a->ring > h->nrings || a->nrings > h->nrings - a->ring ||
		a->row > h->nrows || a->nrows > h->nrows - a->row ||
		a->bound > h->nbounds || a->nrows >= h->nbounds - a->bound)
		return false;
	for (uint32_t r = 0; r < a->nrings; r++)
	{
		const GridmapRing *ring = &map->rings[a->ring + r];

		if (ring->reserved != 0 || ring->shell > r || ring->nvertices == 0 ||
			ring->vertex > h->nvertices || ring->nvertices > h->nvertices - ring->vertex)
			return false;
	}
	for (uint32_t r = 0; r < a->nrows; r++)
	{
		uint32_t	from = map->bounds[a->bound + r],
					to = map->bounds[a->bound + r + 1];

		if (from > to || to > h->nruns)
			return false;
		for (uint32_t i = from; i < to; i++)
		{
			const GridmapRun *run = &map->runs[i];

			/* a run of n edges reads n + 1 vertices */
			if (run->tail >> GRIDMAP_RUN_BITS >= a->nrings ||
				run->vertex >= h->nvertices ||
				(run->tail & GRIDMAP_RUN_MAX) >= h->nvertices - run->vertex)
				return false;
		}
	}
	return true;
}

/*
 * Check every reference of a value and find its sections.  What passes cannot
 * make a look-up read outside the value, whatever else is wrong with it.  The
 * value must be aligned to 8 bytes.
 */
bool
community_gridmap_open(const void *value, size_t size, Gridmap *map)
{
	const GridmapHead *h = (const GridmapHead *) value;
	size_t		ncells;
	bool		good = true;

	if (size < sizeof(GridmapHead) || h->magic != GRIDMAP_MAGIC ||
		!isfinite(h->x0) || !isfinite(h->x1) || !isfinite(h->y0) || !isfinite(h->y1) ||
		!(h->sx >= 0 && h->sy >= 0) || !sections((const uint8_t *) value, size, map))
		return false;
	if (h->nareas > GRIDMAP_AREA_MAX || h->nlists > GRIDMAP_CELL_LIST)
		return false;
	for (uint32_t a = 0; a < h->nareas; a++)
	{
		if (!check_area(map, a))
			return false;
	}
	for (uint32_t i = 0; i < h->nlists; i++)
	{
		if (map->lists[i] >> 2 >= h->nareas)
			return false;
	}
	if (h->nlists > 0 && !(map->lists[h->nlists - 1] & GRIDMAP_LIST_LAST))
		return false;
	ncells = (size_t) h->ncols * h->nrows;
	for (size_t i = 0; i < ncells; i++)
	{
		uint32_t	cell = map->cells[i];

		/* no branches: the compiler checks several cells at once */
		good &= (cell & GRIDMAP_CELL_LIST) ?
			(cell & ~GRIDMAP_CELL_LIST) < h->nlists : cell <= h->nareas;
	}
	return good;
}

/* Write 32 bits in network order. */
static uint8_t *
put32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t) (v >> (24 - 8 * i));
	return at + 4;
}

/* Write 64 bits in network order. */
static uint8_t *
put64(uint8_t *at, uint64_t v)
{
	return put32(put32(at, (uint32_t) (v >> 32)), (uint32_t) v);
}

/* Read 32 bits in network order. */
static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* Read 64 bits in network order. */
static uint64_t
get64(const uint8_t *at)
{
	return (uint64_t) get32(at) << 32 | get32(at + 4);
}

/* Return the bytes of the wire form: the areas alone, the raster is made anew. */
size_t
community_gridmap_wire_size(const Gridmap *map)
{
	const GridmapHead *h = map->head;
	size_t		size = 8 + (size_t) h->nareas * 12;

	for (uint32_t a = 0; a < h->nareas; a++)
	{
		for (uint32_t r = 0; r < map->areas[a].nrings; r++)
			size += 8 + (size_t) map->rings[map->areas[a].ring + r].nvertices * 16;
	}
	return size;
}

/* Write the wire form. */
void
community_gridmap_wire_write(const Gridmap *map, uint8_t *wire)
{
	wire = put32(wire, GRIDMAP_WIRE_VERSION);
	wire = put32(wire, map->head->nareas);
	for (uint32_t i = 0; i < map->head->nareas; i++)
	{
		const GridmapArea *a = &map->areas[i];

		wire = put64(wire, (uint64_t) a->code);
		wire = put32(wire, a->nrings);
		for (uint32_t r = 0; r < a->nrings; r++)
		{
			const GridmapRing *ring = &map->rings[a->ring + r];

			wire = put32(wire, ring->shell == r);
			wire = put32(wire, ring->nvertices);
			for (size_t v = 0; v < 2 * (size_t) ring->nvertices; v++)
			{
				uint64_t	bits;

				memcpy(&bits, map->xy + 2 * (size_t) ring->vertex + v, 8);
				wire = put64(wire, bits);
			}
		}
	}
}

/* Read the wire form into an input that community_gridmap_build() takes. */
GridmapStatus
community_gridmap_wire_read(const uint8_t *wire, size_t size, GridmapInput *in)
{
	const uint8_t *end = wire + size;
	uint32_t	nareas;

	if (size < 8)
		return GRIDMAP_TRUNCATED;
	if (get32(wire) != GRIDMAP_WIRE_VERSION)
		return GRIDMAP_BAD_VERSION;
	nareas = get32(wire + 4);
	wire += 8;
	for (uint32_t a = 0; a < nareas; a++)
	{
		GridmapStatus status;
		uint32_t	nrings;

		if (end - wire < 12)
			return GRIDMAP_TRUNCATED;
		status = community_gridmap_input_area(in, (int64_t) get64(wire));
		if (status != GRIDMAP_OK)
			return status;
		nrings = get32(wire + 8);
		wire += 12;
		for (uint32_t r = 0; r < nrings; r++)
		{
			uint32_t	shell,
						npoints;
			double	   *xy;

			if (end - wire < 8)
				return GRIDMAP_TRUNCATED;
			shell = get32(wire);
			npoints = get32(wire + 4);
			wire += 8;
			if (shell > 1 || (r == 0 && shell == 0))
				return GRIDMAP_BAD_RING;
			if (npoints > (size_t) (end - wire) / 16)
				return GRIDMAP_TRUNCATED;
			status = community_gridmap_input_ring(in, shell == 1, npoints, &xy);
			if (status != GRIDMAP_OK)
				return status;
			for (size_t v = 0; v < 2 * (size_t) npoints; v++, wire += 8)
			{
				uint64_t	bits = get64(wire);

				memcpy(xy + v, &bits, 8);
			}
		}
	}
	return wire == end ? GRIDMAP_OK : GRIDMAP_TRUNCATED;
}
