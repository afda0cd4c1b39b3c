/*
 * gridmixed_core.c
 *		Cover a geometry with few cells of mixed levels.
 *
 * Begin with the coarsest cells that meet the geometry and replace, as long as
 * the number allows it, a cell on the border by those of its children that meet
 * the geometry: level by level, and within a level first where fewest children
 * take the place of most area.
 */
#include "grid/gridcover_core.h"

#include <math.h>
#include <stdlib.h>

#include "grid/gridcell_core.h"

/* A cell of the cover that the border of the geometry crosses. */
typedef struct MixedCell
{
	int64_t		x;
	int64_t		y;
	uint32_t   *edges;			/* the edges that touch it */
	size_t		nedges;
	size_t		nchildren;		/* children that meet the geometry */
} MixedCell;

typedef struct Mixed
{
	Cover	   *cover;
	const GridHost *host;
	uint32_t  **slabs;			/* edges by slab of latitude, for parity */
	size_t	   *slab_sizes;
	size_t	   *slab_rooms;
	size_t		nslabs;
	double		south;			/* of the first slab */
	double		slab_height;
	int64_t    *cells;			/* the result */
	size_t		ncells,
				cells_room;
	MixedCell  *now;			/* border cells of the level at work */
	size_t		nnow,
				now_room;
	MixedCell  *next;			/* and of the one below */
	size_t		nnext,
				next_room;
} Mixed;

/* Number the slab of a latitude. */
static size_t
slab_of(const Mixed *m, double y)
{
	double		n = (y - m->south) / m->slab_height;

	if (!(n > 0))
		return 0;
	return n < (double) m->nslabs ? (size_t) n : m->nslabs - 1;
}

/* Index the edges of areas by latitude. */
static void
make_slabs(Mixed *m)
{
	Cover	   *c = m->cover;
	double		north = -90;

	m->south = 90;
	for (size_t i = 0; i < c->nedges; i++)
	{
		m->south = fmin(m->south, fmin(c->edges[i].y1, c->edges[i].y2));
		north = fmax(north, fmax(c->edges[i].y1, c->edges[i].y2));
	}
	m->nslabs = c->nedges / 4 + 1;
	if (m->nslabs > 4096)
		m->nslabs = 4096;
	m->slab_height = (north - m->south) / (double) m->nslabs;
	if (!(m->slab_height > 0))
	{
		m->nslabs = 1;
		m->slab_height = 1;
	}
	m->slabs = m->host->allocate(m->nslabs * sizeof(uint32_t *));
	m->slab_sizes = m->host->allocate(m->nslabs * sizeof(size_t));
	m->slab_rooms = m->host->allocate(m->nslabs * sizeof(size_t));
	memset(m->slabs, 0, m->nslabs * sizeof(uint32_t *));
	memset(m->slab_sizes, 0, m->nslabs * sizeof(size_t));
	memset(m->slab_rooms, 0, m->nslabs * sizeof(size_t));
	for (size_t i = 0; i < c->nedges; i++)
	{
		const CoverEdge *e = &c->edges[i];
		size_t		from = slab_of(m, fmin(e->y1, e->y2)),
					to = slab_of(m, fmax(e->y1, e->y2));

		if (c->kinds[e->part] != COVER_AREA)
			continue;
		for (size_t s = from; s <= to; s++)
		{
			m->slabs[s] = community_grid_grow(m->host, m->slabs[s], &m->slab_rooms[s],
											  m->slab_sizes[s] + 1, sizeof(uint32_t));
			m->slabs[s][m->slab_sizes[s]++] = (uint32_t) i;
		}
	}
}

/* Tell whether a point that no edge touches lies inside an area. */
static bool
inside(const Mixed *m, double x, double y)
{
	const Cover *c = m->cover;
	size_t		slab = slab_of(m, y);
	bool		odd = false,
				on_edge = false;

	/* the edges of a slab are in the order of parts */
	for (size_t i = 0; i < m->slab_sizes[slab]; i++)
	{
		const CoverEdge *e = &c->edges[m->slabs[slab][i]];

		odd ^= community_cover_parity(e, x, y, &on_edge);
		if (odd && (i + 1 == m->slab_sizes[slab] ||
					c->edges[m->slabs[slab][i + 1]].part != e->part))
			return true;
	}
	return on_edge;
}

/* Add a cell to the result. */
static void
add_cell(Mixed *m, int level, int64_t x, int64_t y)
{
	m->cells = community_grid_grow(m->host, m->cells, &m->cells_room, m->ncells + 1,
								   sizeof(int64_t));
	(void) community_gridcell_from_index(level, x, y, &m->cells[m->ncells++]);
}

/* What a cell is to the geometry. */
typedef enum Meeting
{
	APART,
	WITHIN,						/* the cell lies inside an area */
	BORDER
} Meeting;

/*
 * Find what a cell is to the geometry.  The edges that touch it are among the
 * given ones, NULL for all; they are written to touching, which has room.
 */
static Meeting
meet_cell(const Mixed *m, int level, int64_t x, int64_t y,
		  const uint32_t *edges, size_t nedges, uint32_t *touching, size_t *ntouching)
{
	const Cover *c = m->cover;
	int64_t		w = community_gridcell_width[level],
				h = community_gridcell_height[level];
	double		west = (double) (x * w) / GRIDCELL_UNITS_PER_DEGREE,
				east = (double) ((x + 1) * w) / GRIDCELL_UNITS_PER_DEGREE,
				south = (double) (y * h) / GRIDCELL_UNITS_PER_DEGREE,
				north = (double) ((y + 1) * h) / GRIDCELL_UNITS_PER_DEGREE;
	bool		crossed = false;

	*ntouching = 0;
	for (size_t i = 0; i < nedges; i++)
	{
		uint32_t	n = edges ? edges[i] : (uint32_t) i;
		uint8_t		flags = community_cover_meet(&c->edges[n], west, south, east, north);

		if (flags)
			touching[(*ntouching)++] = n;
		crossed |= (flags & COVER_CROSSES) && c->kinds[c->edges[n].part] == COVER_AREA;
	}
	if (!crossed && inside(m, west + (east - west) / 2, south + (north - south) / 2))
		return WITHIN;
	return *ntouching > 0 ? BORDER : APART;
}

/* Keep a border cell for the level below. */
static void
add_border(Mixed *m, int64_t x, int64_t y, const uint32_t *touching, size_t ntouching)
{
	MixedCell  *cell;

	m->next = community_grid_grow(m->host, m->next, &m->next_room, m->nnext + 1,
								  sizeof(MixedCell));
	cell = &m->next[m->nnext++];
	cell->x = x;
	cell->y = y;
	cell->nedges = ntouching;
	cell->nchildren = 0;
	cell->edges = m->host->allocate(ntouching * sizeof(uint32_t) + 1);
	memcpy(cell->edges, touching, ntouching * sizeof(uint32_t));
}

/* Visit the children of a cell: count them, or put them into the cover. */
static size_t
visit_children(Mixed *m, int level, const MixedCell *cell, bool put, uint32_t *touching)
{
	int			columns = community_gridcell_columns[level],
				rows = community_gridcell_rows[level];
	size_t		n = 0;

	for (int64_t y = cell->y * rows; y < (cell->y + 1) * rows; y++)
	{
		m->host->interrupt();
		for (int64_t x = cell->x * columns; x < (cell->x + 1) * columns; x++)
		{
			size_t		ntouching;
			Meeting		meeting = meet_cell(m, level + 1, x, y, cell->edges, cell->nedges,
											touching, &ntouching);

			if (meeting == APART)
				continue;
			n++;
			if (!put)
				continue;
			if (meeting == WITHIN)
				add_cell(m, level + 1, x, y);
			else
				add_border(m, x, y, touching, ntouching);
		}
	}
	return n;
}

/* Order border cells by what refining them costs, then by place. */
static int
compare_cells(const void *a, const void *b)
{
	const MixedCell *p = (const MixedCell *) a,
			   *q = (const MixedCell *) b;

	if (p->nchildren != q->nchildren)
		return p->nchildren < q->nchildren ? -1 : 1;
	if (p->y != q->y)
		return p->y < q->y ? -1 : 1;
	return (p->x > q->x) - (p->x < q->x);
}

/* Order cells. */
static int
compare_ids(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a,
				y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* Refine the border cells of one level while the number allows it. */
static void
refine_level(Mixed *m, int level, size_t max_cells, uint32_t *touching)
{
	size_t		total = m->ncells + m->nnow;

	for (size_t i = 0; i < m->nnow; i++)
	{
		m->now[i].nchildren = visit_children(m, level, &m->now[i], false, touching);
	}
	if (m->nnow > 1)
		qsort(m->now, m->nnow, sizeof(MixedCell), compare_cells);
	for (size_t i = 0; i < m->nnow; i++)
	{
		MixedCell  *cell = &m->now[i];

		if (total - 1 + cell->nchildren <= max_cells)
		{
			total += cell->nchildren - 1;
			(void) visit_children(m, level, cell, true, touching);
		}
		else
			add_cell(m, level, cell->x, cell->y);
		m->host->release(cell->edges);
	}
	m->nnow = 0;
}

/*
 * Cover a geometry with at most so many cells.  The result contains every cell
 * of level 10 that meets the geometry and is in order; COVER_TOO_FEW reports in
 * *ncells how many cells the coarsest cover needs.
 */
CoverStatus
community_cover_mixed(Cover *c, size_t max_cells, int64_t **cells, size_t *ncells)
{
	Mixed		m = {0};
	uint32_t   *touching;
	int64_t    *roots;
	size_t		nroots = 0;
	int64_t		cell;

	*cells = NULL;
	*ncells = 0;
	if (c->nedges == 0)
		return COVER_OK;
	m.cover = c;
	m.host = c->host;
	community_cover_begin(c, 1, COVER_OVERLAP);
	while (community_cover_next(c, &cell))
		(*ncells)++;
	if (*ncells > max_cells)
		return COVER_TOO_FEW;

	touching = m.host->allocate(c->nedges * sizeof(uint32_t));
	roots = m.host->allocate(*ncells * sizeof(int64_t) + 1);
	community_cover_begin(c, 1, COVER_OVERLAP);
	while (nroots < *ncells && community_cover_next(c, &roots[nroots]))
		nroots++;
	community_cover_sort_parts(c);
	make_slabs(&m);
	for (size_t i = 0; i < nroots; i++)
	{
		GridcellIndex index;
		size_t		ntouching;

		community_gridcell_to_index(roots[i], &index);
		if (meet_cell(&m, 1, index.x, index.y, NULL, c->nedges, touching, &ntouching) == WITHIN)
			add_cell(&m, 1, index.x, index.y);
		else
			add_border(&m, index.x, index.y, touching, ntouching);
	}
	m.host->release(roots);
	for (int level = 1; level < GRIDCELL_LEVELS && m.nnext > 0; level++)
	{
		MixedCell  *swap = m.now;
		size_t		room = m.now_room;

		m.now = m.next;
		m.nnow = m.nnext;
		m.now_room = m.next_room;
		m.next = swap;
		m.next_room = room;
		m.nnext = 0;
		refine_level(&m, level, max_cells, touching);
	}
	for (size_t i = 0; i < m.nnext; i++)
	{
		add_cell(&m, GRIDCELL_LEVELS, m.next[i].x, m.next[i].y);
		m.host->release(m.next[i].edges);
	}
	if (m.ncells > 1)
		qsort(m.cells, m.ncells, sizeof(int64_t), compare_ids);
	for (size_t i = 0; i < m.nslabs; i++)
	{
		if (m.slabs[i])
			m.host->release(m.slabs[i]);
	}
	m.host->release(m.slabs);
	m.host->release(m.slab_sizes);
	m.host->release(m.slab_rooms);
	m.host->release(touching);
	if (m.now)
		m.host->release(m.now);
	if (m.next)
		m.host->release(m.next);
	*cells = m.cells;
	*ncells = m.ncells;
	return COVER_OK;
}
