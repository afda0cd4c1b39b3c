/*
 * gridmap_build.c
 *		Build a map of areas: collect rings, index their rows, fill the raster.
 */
#include "grid/gridmap_core.h"

#include <math.h>
#include <string.h>

#include "grid/gserial.h"

/* Raster cells per vertex, and the bounds of their number. */
#define CELLS_PER_VERTEX	4
#define CELLS_MIN			256
#define CELLS_MAX			(1 << 22)

/* Candidates per cell above which the raster is too fine for the areas. */
#define NODES_PER_CELL		16

/*
 * Cells within this many degrees of an edge count as touched by it: 0.1 mm,
 * some thousand times what rounding can move an edge or a point.
 */
#define TOUCH				1e-9

#define NO_NODE				UINT32_MAX

/* A candidate of a raster cell while the lists grow. */
typedef struct Node
{
	uint32_t	entry;			/* area << 2 | GRIDMAP_LIST_INSIDE */
	uint32_t	next;			/* next node of the cell, of a higher area */
} Node;

/* What the steps of a build share. */
typedef struct Build
{
	const GridHost *host;
	GridmapInput *in;
	Gridmap		map;			/* sections under construction */
	GridmapHead head;
	GridmapArea *areas;
	uint32_t   *bounds;
	GridmapRun *runs;
	size_t		bounds_room,
				runs_room;
	uint32_t   *first;			/* by raster cell: its first node */
	Node	   *nodes;
	size_t		nnodes,
				nodes_room;
	uint8_t    *touched;		/* by cell of one area's window */
	size_t		touched_room;
	uint32_t   *lists;
	size_t		lists_room;
	uint32_t   *cells;
} Build;

/* Compute the boxes of the areas and of the map. */
static void
make_boxes(Build *b)
{
	GridmapInput *in = b->in;
	GridmapHead *h = &b->head;
	bool		any = false;

	for (size_t i = 0; i < in->nareas; i++)
	{
		const GridmapInputArea *src = &in->areas[i];
		GridmapArea *a = &b->areas[i];
		double		box[4] = {INFINITY, -INFINITY, INFINITY, -INFINITY};

		memset(a, 0, sizeof(*a));
		a->code = src->code;
		a->ring = src->ring;
		a->nrings = src->nrings;
		for (uint32_t r = 0; r < src->nrings; r++)
		{
			const GridmapRing *ring = &in->rings[src->ring + r];
			const double *xy = in->xy + 2 * (size_t) ring->vertex;

			for (size_t v = 0; v < 2 * (size_t) ring->nvertices; v += 2)
			{
				box[0] = fmin(box[0], xy[v]);
				box[1] = fmax(box[1], xy[v]);
				box[2] = fmin(box[2], xy[v + 1]);
				box[3] = fmax(box[3], xy[v + 1]);
			}
		}
		if (src->nrings == 0)
		{
			/* an empty area covers nothing: a box that holds no point */
			a->box[0] = a->box[2] = 1;
			a->box[1] = a->box[3] = -1;
			continue;
		}
		a->box[0] = community_float_down(box[0]);
		a->box[1] = community_float_up(box[1]);
		a->box[2] = community_float_down(box[2]);
		a->box[3] = community_float_up(box[3]);
		h->x0 = any ? fmin(h->x0, a->box[0]) : a->box[0];
		h->x1 = any ? fmax(h->x1, a->box[1]) : a->box[1];
		h->y0 = any ? fmin(h->y0, a->box[2]) : a->box[2];
		h->y1 = any ? fmax(h->y1, a->box[3]) : a->box[3];
		any = true;
	}
	if (!any)
	{
		h->x0 = h->y0 = 1;
		h->x1 = h->y1 = -1;
	}
}

/* Choose the raster: cells about square, a number that follows the vertices. */
static void
make_raster(Build *b, double wanted)
{
	GridmapHead *h = &b->head;
	double		width = h->x1 - h->x0,
				height = h->y1 - h->y0;
	double		columns;

	h->ncols = h->nrows = 1;
	h->sx = h->sy = 0;
	if (!(width > 0 && height > 0))
		return;
	columns = fmin(fmax(sqrt(wanted * width / height), 1.0), wanted);
	h->ncols = (uint32_t) columns;
	h->nrows = (uint32_t) fmax(wanted / columns, 1.0);
	h->sx = h->ncols / width;
	h->sy = h->nrows / height;
	if (!isfinite(h->sx) || !isfinite(h->sy))
	{
		h->ncols = h->nrows = 1;
		h->sx = h->sy = 0;
	}
}

/* Return the raster row of an ordinate. */
static uint32_t
row_of(const Build *b, double y)
{
	return y <= b->head.y0 ? 0 : gridmap_slot(y, b->head.y0, b->head.sy, b->head.nrows);
}

/* Return the raster column of an ordinate. */
static uint32_t
column_of(const Build *b, double x)
{
	return x <= b->head.x0 ? 0 : gridmap_slot(x, b->head.x0, b->head.sx, b->head.ncols);
}

/* Index the edges of an area by raster row. */
static void
make_rows(Build *b, GridmapArea *a)
{
	GridmapInput *in = b->in;
	uint32_t   *bound;
	GridmapRun *last;			/* by row: the run that may grow */
	uint32_t   *count;

	if (a->nrings == 0)
	{
		a->row = a->nrows = 0;
		a->bound = b->head.nbounds;
		b->bounds = community_grid_grow(b->host, b->bounds, &b->bounds_room, b->head.nbounds + 1,
						 sizeof(uint32_t));
		b->bounds[b->head.nbounds++] = b->head.nruns;
		return;
	}
	a->row = row_of(b, a->box[2]);
	a->nrows = row_of(b, a->box[3]) - a->row + 1;
	a->bound = b->head.nbounds;
	b->bounds = community_grid_grow(b->host, b->bounds, &b->bounds_room,
					 (size_t) b->head.nbounds + a->nrows + 1, sizeof(uint32_t));
	bound = b->bounds + a->bound;
	b->head.nbounds += a->nrows + 1;
	last = b->host->allocate(a->nrows * sizeof(GridmapRun));
	count = b->host->allocate(a->nrows * sizeof(uint32_t));

	/* twice over the edges: count the runs of each row, then place them */
	for (int pass = 0; pass < 2; pass++)
	{
		memset(last, 0xff, a->nrows * sizeof(GridmapRun));
		memset(count, 0, a->nrows * sizeof(uint32_t));
		for (uint32_t r = 0; r < a->nrings; r++)
		{
			const GridmapRing *ring = &in->rings[a->ring + r];

			for (uint32_t v = ring->vertex; v < ring->vertex + ring->nvertices - 1; v++)
			{
				double		y1 = in->xy[2 * (size_t) v + 1],
							y2 = in->xy[2 * (size_t) v + 3];
				uint32_t	from = row_of(b, fmin(y1, y2)) - a->row,
							to = row_of(b, fmax(y1, y2)) - a->row;

				for (uint32_t row = from; row <= to; row++)
				{
					GridmapRun *l = &last[row];

					/* last[].vertex is the vertex at which the run ends */
					if (count[row] > 0 && l->vertex == v && l->tail >> GRIDMAP_RUN_BITS == r &&
						(l->tail & GRIDMAP_RUN_MAX) < GRIDMAP_RUN_MAX)
						l->tail++;
					else
					{
						l->tail = r << GRIDMAP_RUN_BITS | 1;
						count[row]++;
					}
					l->vertex = v + 1;
					if (pass == 1)
					{
						GridmapRun *run = &b->runs[bound[row] + count[row] - 1];

						run->tail = l->tail;
						run->vertex = l->vertex - (l->tail & GRIDMAP_RUN_MAX);
					}
				}
			}
		}
		if (pass == 0)
		{
			size_t		n = b->head.nruns;

			for (uint32_t row = 0; row < a->nrows; row++)
			{
				bound[row] = (uint32_t) n;
				n += count[row];
			}
			bound[a->nrows] = (uint32_t) n;
			b->runs = community_grid_grow(b->host, b->runs, &b->runs_room, n, sizeof(GridmapRun));
			b->head.nruns = (uint32_t) n;
		}
	}
	b->host->release(last);
	b->host->release(count);
}

/* Mark the cells that an edge may touch; the window begins at (column, row). */
static void
touch_edge(Build *b, double x1, double y1, double x2, double y2,
		   uint32_t column, uint32_t row, uint32_t ncols)
{
	const GridmapHead *h = &b->head;
	double		low = fmin(y1, y2) - TOUCH,
				high = fmax(y1, y2) + TOUCH;
	uint32_t	from = row_of(b, low),
				to = row_of(b, high);
	double		slope = y1 == y2 ? 0 : (x2 - x1) / (y2 - y1);

	for (uint32_t r = from; r <= to; r++)
	{
		double		xa = fmin(x1, x2),
					xb = fmax(x1, x2);

		if (from != to && y1 != y2)
		{
			/* the part of the edge within this row, a little more on both sides */
			double		ya = fmax(h->y0 + r / h->sy - TOUCH, fmin(y1, y2)),
						yb = fmin(h->y0 + (r + 1) / h->sy + TOUCH, fmax(y1, y2));
			double		pa = x1 + (ya - y1) * slope,
						pb = x1 + (yb - y1) * slope;

			xa = fmax(xa, fmin(pa, pb));
			xb = fmin(xb, fmax(pa, pb));
			/* a row that the edge reaches only by the margin: its nearest end */
			if (xa > xb)
			{
				xa = fmin(x1, x2);
				xb = fmax(x1, x2);
			}
		}
		memset(b->touched + (size_t) (r - row) * ncols + (column_of(b, xa - TOUCH) - column),
			   1, column_of(b, xb + TOUCH) - column_of(b, xa - TOUCH) + 1);
	}
}

/* Put a candidate in front of a cell's list. */
static void
add_node(Build *b, size_t cell, uint32_t entry)
{
	b->nodes = community_grid_grow(b->host, b->nodes, &b->nodes_room, b->nnodes + 1, sizeof(Node));
	b->nodes[b->nnodes].entry = entry;
	b->nodes[b->nnodes].next = b->first[cell];
	b->first[cell] = (uint32_t) b->nnodes++;
}

/*
 * Enter one area into the raster.  Neighbouring cells that no edge touches lie
 * on the same side of the area, so that one test serves a run of them.
 */
static void
fill_area(Build *b, uint32_t area)
{
	const GridmapHead *h = &b->head;
	const GridmapArea *a = &b->areas[area];
	uint32_t	column,
				row,
				ncols,
				nrows;

	if (a->nrings == 0)
		return;
	/* the window reaches one margin further than the area */
	column = column_of(b, a->box[0] - 2 * TOUCH);
	ncols = column_of(b, a->box[1] + 2 * TOUCH) - column + 1;
	row = row_of(b, a->box[2] - 2 * TOUCH);
	nrows = row_of(b, a->box[3] + 2 * TOUCH) - row + 1;
	b->touched = community_grid_grow(b->host, b->touched, &b->touched_room, (size_t) ncols * nrows, 1);
	memset(b->touched, 0, (size_t) ncols * nrows);
	for (uint32_t r = 0; r < a->nrings; r++)
	{
		const GridmapRing *ring = &b->in->rings[a->ring + r];
		const double *xy = b->in->xy + 2 * (size_t) ring->vertex;

		for (uint32_t v = 0; v + 1 < ring->nvertices; v++, xy += 2)
			touch_edge(b, xy[0], xy[1], xy[2], xy[3], column, row, ncols);
	}
	for (uint32_t r = 0; r < nrows; r++)
	{
		const uint8_t *touched = b->touched + (size_t) r * ncols;
		size_t		cell = (size_t) (row + r) * h->ncols + column;

		for (uint32_t c = 0; c < ncols; c++)
		{
			uint32_t	from = c;
			double		x,
						y;
			bool		certain;

			if (touched[c])
			{
				add_node(b, cell + c, area << 2);
				continue;
			}
			while (c + 1 < ncols && !touched[c + 1])
				c++;
			x = h->x0 + (column + from + 0.5) / h->sx;
			y = h->y0 + (row + r + 0.5) / h->sy;
			certain = column_of(b, x) == column + from && row_of(b, y) == row + r;
			if (certain && !community_gridmap_covers(&b->map, area, x, y))
				continue;
			for (uint32_t i = from; i <= c; i++)
				add_node(b, cell + i, area << 2 | (certain ? GRIDMAP_LIST_INSIDE : 0));
		}
	}
}

/* Find a list like the one just written behind nlists, or keep the new one. */
static uint32_t
share_list(Build *b, uint32_t *table, uint32_t mask, uint32_t length)
{
	const uint32_t *new = b->lists + b->head.nlists;
	uint64_t	hash = length;
	uint32_t	slot;

	for (uint32_t i = 0; i < length; i++)
		hash = (hash ^ new[i]) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 29);
	for (slot = (uint32_t) (hash >> 32) & mask; table[slot] != NO_NODE; slot = (slot + 1) & mask)
	{
		const uint32_t *old = b->lists + table[slot];
		uint32_t	i = 0;

		while (i < length && old[i] == new[i])
			i++;
		/* a list ends where its last flag stands, so equal prefixes are equal lists */
		if (i == length)
			return table[slot];
	}
	table[slot] = b->head.nlists;
	b->head.nlists += length;
	return table[slot];
}

/* Turn the nodes of each cell into its final word. */
static GridmapStatus
make_cells(Build *b)
{
	size_t		ncells = (size_t) b->head.ncols * b->head.nrows;
	size_t		slots = 1024;
	uint32_t   *table;

	/* never more lists than cells that have one */
	while (slots < 2 * ncells)
		slots *= 2;
	table = b->host->allocate(slots * sizeof(uint32_t));
	memset(table, 0xff, slots * sizeof(uint32_t));
	for (size_t c = 0; c < ncells; c++)
	{
		uint32_t	node = b->first[c];
		uint32_t	length = 0;

		if (node == NO_NODE)
		{
			b->cells[c] = 0;
			continue;
		}
		if (b->nodes[node].next == NO_NODE && (b->nodes[node].entry & GRIDMAP_LIST_INSIDE))
		{
			b->cells[c] = (b->nodes[node].entry >> 2) + 1;
			continue;
		}
		for (; node != NO_NODE; node = b->nodes[node].next)
		{
			if (b->head.nlists + (size_t) length + 1 >= GRIDMAP_CELL_LIST)
				return GRIDMAP_TOO_LARGE;
			b->lists = community_grid_grow(b->host, b->lists, &b->lists_room,
							b->head.nlists + (size_t) length + 1, sizeof(uint32_t));
			b->lists[b->head.nlists + length++] = b->nodes[node].entry;
		}
		b->lists[b->head.nlists + length - 1] |= GRIDMAP_LIST_LAST;
		b->cells[c] = GRIDMAP_CELL_LIST | share_list(b, table, (uint32_t) slots - 1, length);
	}
	b->host->release(table);
	return GRIDMAP_OK;
}

/* Copy a section behind the value and step on. */
static uint8_t *
put(uint8_t *at, const void *section, size_t size)
{
	if (size > 0)
		memcpy(at, section, size);
	return at + size;
}

/* Put the sections together. */
static GridmapStatus
assemble(Build *b, void **value, size_t *size)
{
	GridmapHead *h = &b->head;
	size_t		ncells = (size_t) h->ncols * h->nrows;
	uint8_t    *at;

	*size = sizeof(GridmapHead) + h->nareas * sizeof(GridmapArea) +
		(size_t) h->nvertices * 2 * sizeof(double) + h->nrings * sizeof(GridmapRing) +
		(size_t) h->nruns * sizeof(GridmapRun) + (size_t) h->nbounds * sizeof(uint32_t) +
		(size_t) h->nlists * sizeof(uint32_t) + ncells * sizeof(uint32_t);
	if (*size >= 0x3fffffff)
		return GRIDMAP_TOO_LARGE;
	at = *value = b->host->allocate(*size);
	at = put(at, h, sizeof(GridmapHead));
	at = put(at, b->areas, h->nareas * sizeof(GridmapArea));
	at = put(at, b->in->xy, (size_t) h->nvertices * 2 * sizeof(double));
	at = put(at, b->in->rings, h->nrings * sizeof(GridmapRing));
	at = put(at, b->runs, (size_t) h->nruns * sizeof(GridmapRun));
	at = put(at, b->bounds, (size_t) h->nbounds * sizeof(uint32_t));
	at = put(at, b->lists, (size_t) h->nlists * sizeof(uint32_t));
	put(at, b->cells, ncells * sizeof(uint32_t));
	return GRIDMAP_OK;
}

/* Free what a build holds. */
static void
free_build(Build *b)
{
	void	   *parts[] = {b->areas, b->bounds, b->runs, b->first, b->nodes, b->touched, b->lists, b->cells};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		if (parts[i])
			b->host->release(parts[i]);
	}
}

/* Build with a raster of about so many cells; *dense tells that they are too many. */
static GridmapStatus
build_raster(GridmapInput *in, double wanted, bool *dense, void **value, size_t *size)
{
	Build		b = {0};
	GridmapStatus status = GRIDMAP_OK;
	size_t		ncells;

	b.host = in->host;
	b.in = in;
	b.head.magic = GRIDMAP_MAGIC;
	b.head.nareas = (uint32_t) in->nareas;
	b.head.nrings = (uint32_t) in->nrings;
	b.head.nvertices = (uint32_t) in->nvertices;
	b.areas = b.host->allocate(in->nareas * sizeof(GridmapArea) + 1);
	make_boxes(&b);
	make_raster(&b, wanted);
	for (size_t i = 0; i < in->nareas && status == GRIDMAP_OK; i++)
	{
		b.host->interrupt();
		make_rows(&b, &b.areas[i]);
		if (b.head.nruns > UINT32_MAX / 4 || b.head.nbounds > UINT32_MAX / 4)
			status = GRIDMAP_TOO_LARGE;
	}
	b.map.head = &b.head;
	b.map.areas = b.areas;
	b.map.xy = in->xy;
	b.map.rings = in->rings;
	b.map.runs = b.runs;
	b.map.bounds = b.bounds;
	ncells = (size_t) b.head.ncols * b.head.nrows;
	b.first = b.host->allocate(ncells * sizeof(uint32_t));
	memset(b.first, 0xff, ncells * sizeof(uint32_t));
	/* from the highest code down, so that the lowest ends up in front */
	for (size_t i = in->nareas; i-- > 0 && status == GRIDMAP_OK && !*dense;)
	{
		b.host->interrupt();
		fill_area(&b, (uint32_t) i);
		*dense = ncells > CELLS_MIN && b.nnodes > NODES_PER_CELL * ncells;
		if (b.nnodes > UINT32_MAX / 4)
			status = GRIDMAP_TOO_LARGE;
	}
	if (status == GRIDMAP_OK && !*dense)
	{
		b.cells = b.host->allocate(ncells * sizeof(uint32_t));
		status = make_cells(&b);
		if (status == GRIDMAP_OK)
			status = assemble(&b, value, size);
	}
	free_build(&b);
	return status;
}

/*
 * Build a map from checked input, which is put into order on the way.  The same
 * set of areas gives the same bytes whatever order it came in.  Where many areas
 * overlap the raster is made coarser, so that the lists stay in proportion.
 */
GridmapStatus
community_gridmap_build(GridmapInput *in, void **value, size_t *size)
{
	double		wanted = (double) in->nvertices * CELLS_PER_VERTEX;
	GridmapStatus status;
	bool		dense;

	community_gridmap_input_sort(in);
	do
	{
		wanted = fmin(fmax(wanted, CELLS_MIN), CELLS_MAX);
		dense = false;
		status = build_raster(in, wanted, &dense, value, size);
		wanted /= 4;
	} while (status == GRIDMAP_OK && dense);
	return status;
}
