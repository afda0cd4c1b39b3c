/*
 * gridmap_input.c
 *		Collect, check and order the areas of a map.
 */
#include "grid/gridmap_core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Make room for more elements of an array. */
void *
community_grid_grow(const GridHost *host, void *old, size_t *room, size_t wanted, size_t width)
{
	if (wanted <= *room)
		return old;
	if (wanted < *room + *room / 2)
		wanted = *room + *room / 2;
	if (wanted < 64)
		wanted = 64;
	*room = wanted;
	return old ? host->enlarge(old, wanted * width) : host->allocate(wanted * width);
}

/* Begin to collect areas. */
void
community_gridmap_input_init(GridmapInput *in, const GridHost *host)
{
	memset(in, 0, sizeof(*in));
	in->host = host;
}

/* Free what was collected. */
void
community_gridmap_input_free(GridmapInput *in)
{
	if (in->areas)
		in->host->release(in->areas);
	if (in->rings)
		in->host->release(in->rings);
	if (in->xy)
		in->host->release(in->xy);
	community_gridmap_input_init(in, in->host);
}

/* Begin an area; its rings follow. */
GridmapStatus
community_gridmap_input_area(GridmapInput *in, int64_t code)
{
	if (in->nareas >= GRIDMAP_AREA_MAX)
		return GRIDMAP_TOO_LARGE;
	in->areas = community_grid_grow(in->host, in->areas, &in->areas_room, in->nareas + 1,
					 sizeof(GridmapInputArea));
	in->areas[in->nareas].code = code;
	in->areas[in->nareas].ring = (uint32_t) in->nrings;
	in->areas[in->nareas].nrings = 0;
	in->nareas++;
	return GRIDMAP_OK;
}

/* Add a ring to the last area; the caller fills its vertices. */
GridmapStatus
community_gridmap_input_ring(GridmapInput *in, bool shell, uint32_t npoints, double **xy)
{
	GridmapInputArea *area = &in->areas[in->nareas - 1];
	GridmapRing *ring;

	if (npoints < 4)
		return GRIDMAP_BAD_RING;
	if (in->nvertices + npoints >= UINT32_MAX / 2 || area->nrings >= GRIDMAP_RING_MAX)
		return GRIDMAP_TOO_LARGE;
	in->rings = community_grid_grow(in->host, in->rings, &in->rings_room, in->nrings + 1,
					 sizeof(GridmapRing));
	in->xy = community_grid_grow(in->host, in->xy, &in->vertices_room, in->nvertices + npoints,
				  2 * sizeof(double));
	ring = &in->rings[in->nrings++];
	ring->vertex = (uint32_t) in->nvertices;
	ring->nvertices = npoints;
	ring->shell = (shell || area->nrings == 0) ? area->nrings : ring[-1].shell;
	ring->reserved = 0;
	area->nrings++;
	*xy = in->xy + 2 * in->nvertices;
	in->nvertices += npoints;
	return GRIDMAP_OK;
}

/* Check that rings are closed and coordinates are degrees; names the bad area. */
GridmapStatus
community_gridmap_input_check(const GridmapInput *in, size_t *area)
{
	for (*area = 0; *area < in->nareas; (*area)++)
	{
		const GridmapInputArea *a = &in->areas[*area];

		for (uint32_t r = 0; r < a->nrings; r++)
		{
			const GridmapRing *ring = &in->rings[a->ring + r];
			const double *xy = in->xy + 2 * (size_t) ring->vertex;
			size_t		last = 2 * (size_t) (ring->nvertices - 1);

			for (size_t v = 0; v <= last; v += 2)
			{
				if (!(fabs(xy[v]) <= 180.0 && fabs(xy[v + 1]) <= 90.0))
					return GRIDMAP_BAD_COORDINATE;
			}
			if (xy[0] != xy[last] || xy[1] != xy[last + 1])
				return GRIDMAP_BAD_RING;
		}
	}
	return GRIDMAP_OK;
}

/* The input that compare_areas() looks into: qsort() hands nothing through. */
typedef struct SortItem
{
	const GridmapInput *in;
	GridmapInputArea area;
} SortItem;

/* Order areas by code, then by content, so that equal sets make equal maps. */
static int
compare_areas(const void *a, const void *b)
{
	const SortItem *x = (const SortItem *) a,
			   *y = (const SortItem *) b;
	const GridmapInput *in = x->in;

	if (x->area.code != y->area.code)
		return x->area.code < y->area.code ? -1 : 1;
	if (x->area.nrings != y->area.nrings)
		return x->area.nrings < y->area.nrings ? -1 : 1;
	for (uint32_t r = 0; r < x->area.nrings; r++)
	{
		const GridmapRing *p = &in->rings[x->area.ring + r],
				   *q = &in->rings[y->area.ring + r];
		int			order;

		if (p->nvertices != q->nvertices)
			return p->nvertices < q->nvertices ? -1 : 1;
		if (p->shell != q->shell)
			return p->shell < q->shell ? -1 : 1;
		order = memcmp(in->xy + 2 * (size_t) p->vertex, in->xy + 2 * (size_t) q->vertex,
					   (size_t) p->nvertices * 2 * sizeof(double));
		if (order != 0)
			return order;
	}
	return 0;
}

/* Sort the collected areas. */
static void
sort_areas(GridmapInput *in)
{
	SortItem   *items = in->host->allocate(in->nareas * sizeof(SortItem) + 1);

	for (size_t i = 0; i < in->nareas; i++)
	{
		items[i].in = in;
		items[i].area = in->areas[i];
	}
	qsort(items, in->nareas, sizeof(SortItem), compare_areas);
	for (size_t i = 0; i < in->nareas; i++)
		in->areas[i] = items[i].area;
	in->host->release(items);
}

/* Sort the areas and put their rings and vertices into the same order. */
void
community_gridmap_input_sort(GridmapInput *in)
{
	GridmapRing *rings = in->host->allocate(in->nrings * sizeof(GridmapRing) + 1);
	double	   *xy = in->host->allocate(in->nvertices * 2 * sizeof(double) + 1);
	size_t		nrings = 0,
				nvertices = 0;

	sort_areas(in);
	for (size_t i = 0; i < in->nareas; i++)
	{
		GridmapInputArea *a = &in->areas[i];
		uint32_t	ring = a->ring;

		a->ring = (uint32_t) nrings;
		for (uint32_t r = 0; r < a->nrings; r++)
		{
			rings[nrings] = in->rings[ring + r];
			memcpy(xy + 2 * nvertices, in->xy + 2 * (size_t) rings[nrings].vertex,
				   (size_t) rings[nrings].nvertices * 2 * sizeof(double));
			rings[nrings].vertex = (uint32_t) nvertices;
			nvertices += rings[nrings].nvertices;
			nrings++;
		}
	}
	if (in->rings)
		in->host->release(in->rings);
	if (in->xy)
		in->host->release(in->xy);
	in->rings = rings;
	in->rings_room = in->nrings;
	in->xy = xy;
	in->vertices_room = in->nvertices;
}
