/*
 * gridmap_core.h
 *		A map of irregular areas for point location: pure part.
 *
 * The value is one block of bytes.  A raster over the areas' bounding box says
 * for each of its cells either "no area", "wholly inside this area", or "look
 * at this list": the areas whose border may touch the cell.  Only those are
 * tested, exactly, and only against the edges that share the raster row of the
 * point.  The test repeats the arithmetic of PostGIS's ST_Covers(polygon,
 * point), so that both give the same answer on every double.
 */
#ifndef COMMUNITY_GRID_GRIDMAP_CORE_H
#define COMMUNITY_GRID_GRIDMAP_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grid/gridalloc.h"

#define GRIDMAP_MAGIC			0x31504d47	/* "GMP1" little-endian */
#define GRIDMAP_WIRE_VERSION	1

/* The head of a value; the sections follow in the order of their counts. */
typedef struct GridmapHead
{
	int32_t		vl_len_;		/* varlena header */
	uint32_t	magic;
	uint8_t		identity[16];	/* digest of all that follows, set by the host */
	double		x0,				/* the raster's box, bounds of every area */
				x1,
				y0,
				y1;
	double		sx,				/* raster columns and rows per degree */
				sy;
	uint32_t	ncols;
	uint32_t	nrows;
	uint32_t	nareas;
	uint32_t	nvertices;
	uint32_t	nrings;
	uint32_t	nbounds;		/* entries of all row tables */
	uint32_t	nruns;
	uint32_t	nlists;			/* entries of all lists */
} GridmapHead;

/* One area: the polygons of one row of the input. */
typedef struct GridmapArea
{
	int64_t		code;
	float		box[4];			/* xmin xmax ymin ymax, rounded outward */
	uint32_t	ring;			/* first ring */
	uint32_t	nrings;
	uint32_t	row;			/* first raster row */
	uint32_t	nrows;
	uint32_t	bound;			/* first of nrows + 1 entries of the row table */
	uint32_t	reserved;		/* zero */
} GridmapArea;

/* One closed ring. */
typedef struct GridmapRing
{
	uint32_t	vertex;			/* first vertex */
	uint32_t	nvertices;		/* the last repeats the first */
	uint32_t	shell;			/* the shell it belongs to, within the area */
	uint32_t	reserved;		/* zero */
} GridmapRing;

/* Consecutive edges of one ring that share a raster row. */
typedef struct GridmapRun
{
	uint32_t	vertex;			/* first vertex of the first edge */
	uint32_t	tail;			/* ring within the area << 12 | number of edges */
} GridmapRun;

#define GRIDMAP_RUN_BITS		12
#define GRIDMAP_RUN_MAX			((1U << GRIDMAP_RUN_BITS) - 1)
#define GRIDMAP_RING_MAX		((1U << (32 - GRIDMAP_RUN_BITS)) - 1)

/* Raster cells: 0 nothing, area + 1, or LIST | first list entry. */
#define GRIDMAP_CELL_LIST		0x80000000U
/* List entries: area << 2, with these. */
#define GRIDMAP_LIST_INSIDE		2U	/* the cell lies wholly inside the area */
#define GRIDMAP_LIST_LAST		1U
#define GRIDMAP_AREA_MAX		(1U << 29)

/* A checked value with its sections found. */
typedef struct Gridmap
{
	const GridmapHead *head;
	const GridmapArea *areas;
	const double *xy;
	const GridmapRing *rings;
	const GridmapRun *runs;
	const uint32_t *bounds;
	const uint32_t *lists;
	const uint32_t *cells;
} Gridmap;

/* Why input was refused. */
typedef enum GridmapStatus
{
	GRIDMAP_OK,
	GRIDMAP_TRUNCATED,			/* the bytes end early or go on too long */
	GRIDMAP_BAD_VERSION,
	GRIDMAP_BAD_RING,			/* fewer than four points, or not closed */
	GRIDMAP_BAD_COORDINATE,		/* not a longitude and latitude in degrees */
	GRIDMAP_TOO_LARGE
} GridmapStatus;

/* Areas as they are collected. */
typedef struct GridmapInputArea
{
	int64_t		code;
	uint32_t	ring;			/* first ring */
	uint32_t	nrings;
} GridmapInputArea;

typedef struct GridmapInput
{
	const GridHost *host;
	GridmapInputArea *areas;
	GridmapRing *rings;
	double	   *xy;
	size_t		nareas,
				nrings,
				nvertices;
	size_t		areas_room,
				rings_room,
				vertices_room;
} GridmapInput;

extern void community_gridmap_input_init(GridmapInput *in, const GridHost *host);
extern void community_gridmap_input_free(GridmapInput *in);
extern GridmapStatus community_gridmap_input_area(GridmapInput *in, int64_t code);
extern GridmapStatus community_gridmap_input_ring(GridmapInput *in, bool shell,
												  uint32_t npoints, double **xy);
extern GridmapStatus community_gridmap_input_check(const GridmapInput *in, size_t *area);
extern void community_gridmap_input_sort(GridmapInput *in);
extern GridmapStatus community_gridmap_build(GridmapInput *in, void **value, size_t *size);

extern bool community_gridmap_open(const void *value, size_t size, Gridmap *map);
extern size_t community_gridmap_wire_size(const Gridmap *map);
extern void community_gridmap_wire_write(const Gridmap *map, uint8_t *wire);
extern GridmapStatus community_gridmap_wire_read(const uint8_t *wire, size_t size,
												 GridmapInput *in);

extern bool community_gridmap_covers(const Gridmap *map, uint32_t area, double x, double y);
extern bool community_gridmap_next(const Gridmap *map, double x, double y,
								   uint64_t *cursor, int64_t *code);

/* Number the raster cell of an ordinate: monotone, never out of range. */
static inline uint32_t
gridmap_slot(double v, double v0, double scale, uint32_t n)
{
	double		d = (v - v0) * scale;

	return d < n ? (uint32_t) d : n - 1;
}

/* Find the area of a point: false when none covers it, else the lowest code. */
static inline bool
gridmap_lookup(const Gridmap *map, double x, double y, int64_t *code)
{
	const GridmapHead *h = map->head;
	uint32_t	cell;

	if (!(x >= h->x0 && x <= h->x1 && y >= h->y0 && y <= h->y1))
		return false;
	cell = map->cells[(size_t) gridmap_slot(y, h->y0, h->sy, h->nrows) * h->ncols +
					  gridmap_slot(x, h->x0, h->sx, h->ncols)];
	if (cell == 0)
		return false;
	if (!(cell & GRIDMAP_CELL_LIST))
	{
		*code = map->areas[cell - 1].code;
		return true;
	}
	for (const uint32_t *entry = map->lists + (cell & ~GRIDMAP_CELL_LIST);; entry++)
	{
		uint32_t	area = *entry >> 2;

		if ((*entry & GRIDMAP_LIST_INSIDE) || community_gridmap_covers(map, area, x, y))
		{
			*code = map->areas[area].code;
			return true;
		}
		if (*entry & GRIDMAP_LIST_LAST)
			return false;
	}
}

#endif							/* COMMUNITY_GRID_GRIDMAP_CORE_H */
