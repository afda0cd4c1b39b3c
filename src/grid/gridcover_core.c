/*
 * gridcover_core.c
 *		Cover a geometry with cells of one level, exactly by mode.
 *
 * Which cells an edge may touch is found with doubles and a margin; whether it
 * does is decided for each of these cells by the exact predicate, on the very
 * doubles that gridcell_geometry() gives for the corners.
 */
#include "grid/gridcover_core.h"

#include <math.h>
#include <stdlib.h>

#include "grid/gridcell_core.h"
#include "grid/orient.h"

/* Degrees by which candidates reach beyond an edge; far above any rounding. */
#define MARGIN		1e-9

/* Columns up to which the cells of a row are tabled. */
#define TABLE_MAX	65536

/* Begin a part of the geometry. */
static void
add_part(Cover *c, CoverKind kind)
{
	c->kinds = community_grid_grow(c->host, c->kinds, &c->kinds_room, c->nparts + 1, 1);
	c->kinds[c->nparts++] = (uint8_t) kind;
}

/* Add an edge to the last part. */
static void
add_edge(Cover *c, double x1, double y1, double x2, double y2)
{
	CoverEdge  *e;

	c->edges = community_grid_grow(c->host, c->edges, &c->edges_room, c->nedges + 1,
								   sizeof(CoverEdge));
	e = &c->edges[c->nedges++];
	e->x1 = x1;
	e->y1 = y1;
	e->x2 = x2;
	e->y2 = y2;
	e->part = (uint32_t) c->nparts - 1;
	e->row = e->last_row = 0;
}

/* Take in one array of points. */
static bool
collect(void *arg, const GserialPoints *p)
{
	Cover	   *c = (Cover *) arg;
	bool		area = p->type == GSERIAL_POLYGON || p->type == GSERIAL_TRIANGLE;
	double		x0,
				y0,
				x1,
				y1;
	double		twice = 0;

	if (p->type == GSERIAL_CIRCSTRING || p->parent == GSERIAL_COMPOUND ||
		p->parent == GSERIAL_CURVEPOLYGON)
	{
		c->status = COVER_CURVE;
		return false;
	}
	if (p->npoints == 0)
		return true;
	if (!area || p->ring == 0)
		add_part(c, area ? COVER_AREA : COVER_LINE);
	gserial_xy(p, 0, &x0, &y0);
	x1 = x0;
	y1 = y0;
	if (!(fabs(x0) <= 180.0 && fabs(y0) <= 90.0))
	{
		c->status = COVER_BAD_COORDINATE;
		return false;
	}
	for (uint32_t i = 1; i < p->npoints; i++)
	{
		double		x2,
					y2;

		gserial_xy(p, i, &x2, &y2);
		if (!(fabs(x2) <= 180.0 && fabs(y2) <= 90.0))
		{
			c->status = COVER_BAD_COORDINATE;
			return false;
		}
		if (x1 != x2 || y1 != y2)
			add_edge(c, x1, y1, x2, y2);
		twice += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
		x1 = x2;
		y1 = y2;
	}
	if (area && (x1 != x0 || y1 != y0))
	{
		c->status = COVER_DAMAGED;
		return false;
	}
	/* a point, or a line of no length */
	if (!area && (c->nedges == 0 || c->edges[c->nedges - 1].part != c->nparts - 1))
		add_edge(c, x0, y0, x0, y0);
	if (area)
		c->area += (p->ring == 0 ? 0.5 : -0.5) * fabs(twice);
	return true;
}

/* Read the edges of a geometry. */
CoverStatus
community_cover_open(Cover *c, const GridHost *host, const Gserial *g)
{
	memset(c, 0, sizeof(*c));
	c->host = host;
	if (!community_gserial_walk(g, collect, c))
		return COVER_DAMAGED;
	return c->status;
}

/* Free what a cover holds. */
void
community_cover_close(Cover *c)
{
	void	   *parts[] = {c->edges, c->kinds, c->active, c->entries, c->crossings, c->spans, c->table};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
	{
		if (parts[i])
			c->host->release(parts[i]);
	}
	memset(c, 0, sizeof(*c));
}

/*
 * Estimate the number of cells of a cover, rather above than below: the area in
 * cells, and the cells along the edges.
 */
double
community_cover_estimate(const Cover *c, int level, CoverMode mode)
{
	double		width = (double) community_gridcell_width[level] / GRIDCELL_UNITS_PER_DEGREE;
	double		height = (double) community_gridcell_height[level] / GRIDCELL_UNITS_PER_DEGREE;
	double		along = 0;

	for (size_t i = 0; i < c->nedges; i++)
	{
		const CoverEdge *e = &c->edges[i];

		along += fabs(e->x2 - e->x1) / width + fabs(e->y2 - e->y1) / height;
	}
	along += (double) c->nparts;
	/* half of the cells along the border of an area lie inside it already */
	return fabs(c->area) / (width * height) + (mode == COVER_OVERLAP ? along : 0);
}

/* Order edges by the first row that they meet, then by part. */
static int
compare_edges(const void *a, const void *b)
{
	const CoverEdge *x = (const CoverEdge *) a,
			   *y = (const CoverEdge *) b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

/* Put the edges into the order of their parts. */
void
community_cover_sort_parts(Cover *c)
{
	for (size_t i = 0; i < c->nedges; i++)
		c->edges[i].row = 0;
	if (c->nedges > 1)
		qsort(c->edges, c->nedges, sizeof(CoverEdge), compare_edges);
}

/* Number the row or column of a coordinate, kept inside the lattice. */
static int32_t
lattice(double v, double size, int64_t half)
{
	double		n = floor(v / size);

	if (n < (double) -half)
		return (int32_t) -half;
	if (n > (double) (half - 1))
		return (int32_t) (half - 1);
	return (int32_t) n;
}

/*
 * Table the cells of one row.  A rank is the sum of a part that depends on the
 * column and one that depends on the row, so that a shift gives other rows.
 */
static void
make_table(Cover *c)
{
	double		west = 180,
				east = -180;
	int64_t		width;

	if (c->table)
		c->host->release(c->table);
	c->table = NULL;
	for (size_t i = 0; i < c->nedges; i++)
	{
		west = fmin(west, fmin(c->edges[i].x1, c->edges[i].x2));
		east = fmax(east, fmax(c->edges[i].x1, c->edges[i].x2));
	}
	c->table_from = lattice(west - MARGIN, c->width, c->columns);
	width = lattice(east + MARGIN, c->width, c->columns) - c->table_from + 1;
	/* a table pays only where a column is met again */
	if (c->nedges == 0 || width > TABLE_MAX)
		return;
	c->table = c->host->allocate((size_t) width * sizeof(int64_t));
	for (int64_t x = 0; x < width; x++)
		(void) community_gridcell_from_index(c->level, c->table_from + x, 0, &c->table[x]);
}

/* Begin a cover of one level. */
void
community_cover_begin(Cover *c, int level, CoverMode mode)
{
	c->level = level;
	c->mode = mode;
	c->unit_width = community_gridcell_width[level];
	c->unit_height = community_gridcell_height[level];
	c->width = (double) c->unit_width / GRIDCELL_UNITS_PER_DEGREE;
	c->height = (double) c->unit_height / GRIDCELL_UNITS_PER_DEGREE;
	c->columns = GRIDCELL_LON_UNITS / c->unit_width;
	c->rows = GRIDCELL_LAT_UNITS / c->unit_height;
	for (size_t i = 0; i < c->nedges; i++)
	{
		CoverEdge  *e = &c->edges[i];

		e->row = lattice(fmin(e->y1, e->y2) - MARGIN, c->height, c->rows);
		e->last_row = lattice(fmax(e->y1, e->y2) + MARGIN, c->height, c->rows);
	}
	if (c->nedges > 0)
	{
		qsort(c->edges, c->nedges, sizeof(CoverEdge), compare_edges);
		c->row = (int64_t) c->edges[0].row - 1;
	}
	c->next_edge = 0;
	c->nactive = 0;
	c->nspans = 0;
	c->span = 0;
	make_table(c);
}

/* Tell what an edge does with a rectangle. */
uint8_t
community_cover_meet(const CoverEdge *e, double west, double south, double east, double north)
{
	double		xmin = e->x1 < e->x2 ? e->x1 : e->x2,
				xmax = e->x1 < e->x2 ? e->x2 : e->x1,
				ymin = e->y1 < e->y2 ? e->y1 : e->y2,
				ymax = e->y1 < e->y2 ? e->y2 : e->y1;
	bool		rising;
	int			left,
				right;

	if (xmax < west || xmin > east || ymax < south || ymin > north)
		return 0;
	if (xmin == xmax && ymin == ymax)
		return COVER_TOUCHES |
			(xmin > west && xmin < east && ymin > south && ymin < north ? COVER_CROSSES : 0);

	/* the two corners that lie furthest to both sides of the line */
	rising = (e->x2 > e->x1) == (e->y2 > e->y1);
	left = community_orient(e->x1, e->y1, e->x2, e->y2, west, rising ? north : south);
	right = community_orient(e->x1, e->y1, e->x2, e->y2, east, rising ? south : north);
	if (left == right && left != 0)
		return 0;
	if (left * right < 0 && xmax > west && xmin < east && ymax > south && ymin < north)
		return COVER_TOUCHES | COVER_CROSSES;
	return COVER_TOUCHES;
}

/* Tell whether an edge changes the side of a point, in PostGIS's arithmetic. */
bool
community_cover_parity(const CoverEdge *e, double x, double y, bool *on_edge)
{
	double		side;

	if ((e->y1 < y && e->y2 < y) || (e->y1 > y && e->y2 > y))
		return false;
	side = (e->x2 - e->x1) * (y - e->y1) - (x - e->x1) * (e->y2 - e->y1);
	if (side == 0.0 && x >= fmin(e->x1, e->x2) && x <= fmax(e->x1, e->x2))
		*on_edge = true;
	return (e->y1 <= y && y < e->y2 && side > 0) || (e->y2 <= y && y < e->y1 && side < 0);
}

/* Order entries by column. */
static int
compare_entries(const void *a, const void *b)
{
	int32_t		x = ((const CoverEntry *) a)->column,
				y = ((const CoverEntry *) b)->column;

	return (x > y) - (x < y);
}

/* Order crossings from west to east. */
static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a,
				y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Order spans from west to east. */
static int
compare_spans(const void *a, const void *b)
{
	int32_t		x = ((const CoverSpan *) a)->from,
				y = ((const CoverSpan *) b)->from;

	return (x > y) - (x < y);
}

/* Add a span, joining it to the one before where they meet. */
static void
add_span(Cover *c, size_t first, int64_t from, int64_t to)
{
	if (from > to)
		return;
	if (c->nspans > first && c->spans[c->nspans - 1].to + (int64_t) 1 >= from)
	{
		if (to > c->spans[c->nspans - 1].to)
			c->spans[c->nspans - 1].to = (int32_t) to;
		return;
	}
	c->spans = community_grid_grow(c->host, c->spans, &c->spans_room, c->nspans + 1,
								   sizeof(CoverSpan));
	c->spans[c->nspans].from = (int32_t) from;
	c->spans[c->nspans].to = (int32_t) to;
	c->nspans++;
}

/* Collect the cells of the current row that an edge may touch. */
static size_t
edge_entries(Cover *c, const CoverEdge *e, size_t n, double south, double north)
{
	double		xa = fmin(e->x1, e->x2),
				xb = fmax(e->x1, e->x2);
	int32_t		from,
				to;

	if (e->row != e->last_row && e->y1 != e->y2)
	{
		/* the part of the edge within this row, a little more on both sides */
		double		slope = (e->x2 - e->x1) / (e->y2 - e->y1);
		double		ya = fmax(south - MARGIN, fmin(e->y1, e->y2)),
					yb = fmin(north + MARGIN, fmax(e->y1, e->y2));
		double		pa = e->x1 + (ya - e->y1) * slope,
					pb = e->x1 + (yb - e->y1) * slope;

		if (fmin(pa, pb) <= xb && fmax(pa, pb) >= xa)
		{
			xa = fmax(xa, fmin(pa, pb));
			xb = fmin(xb, fmax(pa, pb));
		}
	}
	from = lattice(xa - MARGIN, c->width, c->columns);
	to = lattice(xb + MARGIN, c->width, c->columns);
	c->entries = community_grid_grow(c->host, c->entries, &c->entries_room,
									 n + (size_t) ((int64_t) to - from + 1), sizeof(CoverEntry));
	for (int64_t x = from; x <= to; x++)
	{
		double		west = (double) (x * c->unit_width) / GRIDCELL_UNITS_PER_DEGREE;
		double		east = (double) ((x + 1) * c->unit_width) / GRIDCELL_UNITS_PER_DEGREE;

		c->entries[n].column = (int32_t) x;
		c->entries[n++].flags = community_cover_meet(e, west, south, east, north);
	}
	return n;
}

/* Tell exactly whether one part covers a point; its active edges are given. */
static bool
covers_point(const Cover *c, const uint32_t *active, size_t nactive, double x, double y)
{
	bool		inside = false,
				on_edge = false;

	for (size_t i = 0; i < nactive; i++)
		inside ^= community_cover_parity(&c->edges[active[i]], x, y, &on_edge);
	return inside || on_edge;
}

/* Find the spans of one part in the current row. */
static void
cover_part(Cover *c, const uint32_t *active, size_t nactive, bool area)
{
	double		south = (double) (c->row * c->unit_height) / GRIDCELL_UNITS_PER_DEGREE;
	double		north = (double) ((c->row + 1) * c->unit_height) / GRIDCELL_UNITS_PER_DEGREE;
	double		middle = ((double) (c->row * c->unit_height) + 0.5 * c->unit_height) / GRIDCELL_UNITS_PER_DEGREE;
	size_t		n = 0,
				ncrossings = 0,
				crossed = 0,
				first = c->nspans;

	c->crossings = community_grid_grow(c->host, c->crossings, &c->crossings_room, nactive,
									   sizeof(double));
	for (size_t i = 0; i < nactive; i++)
	{
		const CoverEdge *e = &c->edges[active[i]];

		n = edge_entries(c, e, n, south, north);
		if (area && (e->y1 <= middle) != (e->y2 <= middle))
			c->crossings[ncrossings++] = e->x1 + (middle - e->y1) * ((e->x2 - e->x1) / (e->y2 - e->y1));
	}
	if (n > 1)
		qsort(c->entries, n, sizeof(CoverEntry), compare_entries);
	if (ncrossings > 1)
		qsort(c->crossings, ncrossings, sizeof(double), compare_doubles);
	for (size_t i = 0; i < n;)
	{
		int64_t		column = c->entries[i].column;
		double		centre = ((double) (column * c->unit_width) + 0.5 * c->unit_width) / GRIDCELL_UNITS_PER_DEGREE;
		uint8_t		flags = 0;
		bool		inside;

		for (; i < n && c->entries[i].column == column; i++)
			flags |= c->entries[i].flags;
		if (!area)
		{
			if (c->mode == COVER_OVERLAP && (flags & COVER_TOUCHES))
				add_span(c, first, column, column);
			continue;
		}
		/* where no edge crosses the cell its centre is half a cell from any */
		while (crossed < ncrossings && c->crossings[crossed] < centre)
			crossed++;
		inside = crossed & 1;
		if (c->mode == COVER_OVERLAP)
			inside |= (flags & COVER_TOUCHES) != 0;
		else if (flags & COVER_CROSSES)
			inside = c->mode == COVER_CENTRE && covers_point(c, active, nactive, centre, middle);
		if (inside)
			add_span(c, first, column, column);
		if (i < n)
		{
			/* no edge touches the cells up to the next entry: one test for all */
			double		next = ((double) ((column + 1) * c->unit_width) + 0.5 * c->unit_width) / GRIDCELL_UNITS_PER_DEGREE;
			size_t		k = crossed;

			while (k < ncrossings && c->crossings[k] < next)
				k++;
			if (k & 1)
				add_span(c, first, column + 1, (int64_t) c->entries[i].column - 1);
		}
	}
}

/* Put the edges that the row meets first among the active ones, in order of parts. */
static void
merge_active(Cover *c, size_t fresh)
{
	size_t		old = c->nactive,
				new = c->next_edge,
				at = c->nactive + (c->next_edge - fresh);

	c->active = community_grid_grow(c->host, c->active, &c->active_room, at, sizeof(uint32_t));
	c->nactive = at;
	/* both lists are ordered by part: merge them from the back */
	while (new > fresh)
	{
		if (old > 0 && c->edges[c->active[old - 1]].part > c->edges[new - 1].part)
			c->active[--at] = c->active[--old];
		else
			c->active[--at] = (uint32_t) --new;
	}
}

/* Sort the spans of several parts and join those that meet. */
static void
join_spans(Cover *c)
{
	size_t		last = 0;

	qsort(c->spans, c->nspans, sizeof(CoverSpan), compare_spans);
	for (size_t i = 1; i < c->nspans; i++)
	{
		if (c->spans[last].to + (int64_t) 1 >= c->spans[i].from)
		{
			if (c->spans[i].to > c->spans[last].to)
				c->spans[last].to = c->spans[i].to;
		}
		else
			c->spans[++last] = c->spans[i];
	}
	c->nspans = last + 1;
}

/* Go to the next row; false behind the last one. */
static bool
next_row(Cover *c)
{
	size_t		kept = 0,
				fresh;

	if (c->nactive == 0 && c->next_edge >= c->nedges)
		return false;
	c->row++;
	for (size_t i = 0; i < c->nactive; i++)
	{
		if (c->edges[c->active[i]].last_row >= c->row)
			c->active[kept++] = c->active[i];
	}
	c->nactive = kept;
	if (c->nactive == 0)
	{
		if (c->next_edge >= c->nedges)
			return false;
		c->row = c->edges[c->next_edge].row;
	}
	fresh = c->next_edge;
	while (c->next_edge < c->nedges && c->edges[c->next_edge].row <= c->row)
		c->next_edge++;
	merge_active(c, fresh);
	c->nspans = 0;
	c->span = 0;
	/* part by part: areas that overlap must not cancel each other */
	for (size_t i = 0, end; i < c->nactive; i = end)
	{
		uint32_t	part = c->edges[c->active[i]].part;

		for (end = i + 1; end < c->nactive && c->edges[c->active[end]].part == part;)
			end++;
		cover_part(c, c->active + i, end - i, c->kinds[part] == COVER_AREA);
	}
	if (c->nparts > 1 && c->nspans > 1)
		join_spans(c);
	if (c->nspans > 0)
		c->column = c->spans[0].from;
	if (c->table)
	{
		int64_t		cell;

		(void) community_gridcell_from_index(c->level, c->table_from, c->row, &cell);
		c->row_shift = cell - c->table[0];
	}
	return true;
}

/* Answer the next cell of a cover: from south to north, from west to east. */
bool
community_cover_next(Cover *c, int64_t *cell)
{
	while (c->span >= c->nspans)
	{
		c->host->interrupt();
		if (!next_row(c))
			return false;
	}
	if (c->table)
		*cell = c->table[c->column - c->table_from] + c->row_shift;
	else
		(void) community_gridcell_from_index(c->level, c->column, c->row, cell);
	if (c->column < c->spans[c->span].to)
		c->column++;
	else if (++c->span < c->nspans)
		c->column = c->spans[c->span].from;
	return true;
}
