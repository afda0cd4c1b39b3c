/*
 * gserial.c
 *		Walk PostGIS's serialized geometries: the pure part.
 *
 * Layout: SRID (3 bytes), flags (1), extended flags (8, version 2 on demand),
 * bounding box (float4 pairs per dimension, on demand), then the geometry: type
 * and count words (uint32), for a polygon the ring sizes padded to 8 bytes, and
 * float8 ordinates.
 */
#include "grid/gserial.h"

#include <float.h>
#include <math.h>

/* State of a walk. */
typedef struct Walk
{
	const uint8_t *at;			/* next unread byte */
	const uint8_t *end;
	size_t		stride;
	uint32_t	part;			/* primitives met so far */
	uint32_t	parent;			/* type of the collection being walked, or 0 */
	GserialVisitor visit;
	void	   *arg;
	bool		stopped;		/* the visitor ended the walk */
} Walk;

/* Read a 32-bit word at the cursor, if there is one. */
static bool
walk_word(Walk *w, uint32_t *word)
{
	if (w->end - w->at < 4)
		return false;
	memcpy(word, w->at, 4);
	w->at += 4;
	return true;
}

/* Hand one array of points to the visitor and step behind it. */
static bool
walk_points(Walk *w, uint32_t type, uint32_t ring, uint32_t nrings, uint32_t npoints)
{
	GserialPoints p;

	if (npoints > (size_t) (w->end - w->at) / w->stride)
		return false;
	p.type = type;
	p.parent = w->parent;
	p.part = w->part;
	p.ring = ring;
	p.nrings = nrings;
	p.npoints = npoints;
	p.coords = w->at;
	p.stride = w->stride;
	w->at += (size_t) npoints * w->stride;
	if (w->visit && !w->visit(w->arg, &p))
		w->stopped = true;
	return true;
}

/* Walk one polygon: ring sizes first, then the rings' points. */
static bool
walk_polygon(Walk *w, uint32_t nrings)
{
	const uint8_t *sizes = w->at;
	size_t		padded = ((size_t) nrings + (nrings & 1)) * 4;

	if (padded > (size_t) (w->end - w->at))
		return false;
	w->at += padded;
	for (uint32_t r = 0; r < nrings && !w->stopped; r++)
	{
		uint32_t	npoints;

		memcpy(&npoints, sizes + (size_t) r * 4, 4);
		if (!walk_points(w, GSERIAL_POLYGON, r, nrings, npoints))
			return false;
	}
	w->part++;
	return true;
}

/* Walk one geometry and what it contains. */
static bool
walk_geometry(Walk *w, int depth)
{
	uint32_t	type,
				count;

	if (depth > GSERIAL_MAX_DEPTH || !walk_word(w, &type) || !walk_word(w, &count))
		return false;
	switch (type)
	{
		case GSERIAL_POINT:
		case GSERIAL_LINE:
		case GSERIAL_CIRCSTRING:
		case GSERIAL_TRIANGLE:
			if (!walk_points(w, type, 0, 1, count))
				return false;
			w->part++;
			return true;
		case GSERIAL_POLYGON:
			return walk_polygon(w, count);
		case GSERIAL_MULTIPOINT:
		case GSERIAL_MULTILINE:
		case GSERIAL_MULTIPOLYGON:
		case GSERIAL_COLLECTION:
		case GSERIAL_COMPOUND:
		case GSERIAL_CURVEPOLYGON:
		case GSERIAL_MULTICURVE:
		case GSERIAL_MULTISURFACE:
		case GSERIAL_POLYHEDRAL:
		case GSERIAL_TIN:
			for (uint32_t i = 0; i < count && !w->stopped; i++)
			{
				w->parent = type;
				if (!walk_geometry(w, depth + 1))
					return false;
			}
			return true;
		default:
			return false;
	}
}

/* Read the head of a payload of the given size; false when it is damaged. */
bool
community_gserial_open(const void *payload, size_t size, Gserial *g)
{
	const uint8_t *p = (const uint8_t *) payload;
	size_t		at = GSERIAL_HEAD;
	uint8_t		flags;

	if (size < GSERIAL_HEAD + 8)
		return false;
	flags = p[3];
	g->payload = p;
	g->end = p + size;
	g->srid = gserial_srid(p);
	g->ndims = 2 + ((flags & GSERIAL_FLAG_Z) ? 1 : 0) + ((flags & GSERIAL_FLAG_M) ? 1 : 0);
	g->geodetic = (flags & GSERIAL_FLAG_GEODETIC) != 0;
	if ((flags & GSERIAL_FLAG_VERSION2) && (flags & GSERIAL_FLAG_EXTENDED))
		at += 8;
	g->box = NULL;
	if (flags & GSERIAL_FLAG_BBOX)
	{
		g->box = p + at;
		at += 8 * (size_t) (g->geodetic ? 3 : g->ndims);
	}
	if (at + 8 > size)
		return false;
	g->body = p + at;
	memcpy(&g->type, g->body, 4);
	return true;
}

/*
 * Visit every array of points in storage order.  False when the value is
 * damaged; a visitor that ends the walk early makes it succeed.
 */
bool
community_gserial_walk(const Gserial *g, GserialVisitor visit, void *arg)
{
	Walk		w = {0};

	w.at = g->body;
	w.end = g->end;
	w.stride = (size_t) g->ndims * sizeof(double);
	w.visit = visit;
	w.arg = arg;
	return walk_geometry(&w, 0);
}

/* Check that every count of the geometry fits into its bytes. */
bool
community_gserial_check(const Gserial *g)
{
	return community_gserial_walk(g, NULL, NULL);
}

/* Return the greatest float4 that is not above the value, as PostGIS boxes do. */
float
community_float_down(double v)
{
	float		f;

	if (v >= FLT_MAX)
		return FLT_MAX;
	if (v <= -FLT_MAX)
		return -FLT_MAX;
	f = (float) v;
	return ((double) f <= v) ? f : nextafterf(f, -FLT_MAX);
}

/* Return the smallest float4 that is not below the value. */
float
community_float_up(double v)
{
	float		f;

	if (v >= FLT_MAX)
		return FLT_MAX;
	if (v <= -FLT_MAX)
		return -FLT_MAX;
	f = (float) v;
	return ((double) f >= v) ? f : nextafterf(f, FLT_MAX);
}
