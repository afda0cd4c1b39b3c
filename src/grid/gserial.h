/*
 * gserial.h
 *		Read PostGIS's serialized geometries in place, without PostGIS.
 *
 * Both serial formats (PostGIS 2.x and 3.x) are understood.  A reader gets the
 * payload: the bytes behind the varlena header, at any alignment, so that a
 * short (packed) datum is read where it lies.  Every length is checked against
 * the end of the payload, so that a damaged value is refused, never followed.
 */
#ifndef COMMUNITY_GRID_GSERIAL_H
#define COMMUNITY_GRID_GSERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Geometry types as PostGIS numbers them. */
enum
{
	GSERIAL_POINT = 1,
	GSERIAL_LINE = 2,
	GSERIAL_POLYGON = 3,
	GSERIAL_MULTIPOINT = 4,
	GSERIAL_MULTILINE = 5,
	GSERIAL_MULTIPOLYGON = 6,
	GSERIAL_COLLECTION = 7,
	GSERIAL_CIRCSTRING = 8,
	GSERIAL_COMPOUND = 9,
	GSERIAL_CURVEPOLYGON = 10,
	GSERIAL_MULTICURVE = 11,
	GSERIAL_MULTISURFACE = 12,
	GSERIAL_POLYHEDRAL = 13,
	GSERIAL_TRIANGLE = 14,
	GSERIAL_TIN = 15
};

#define GSERIAL_FLAG_Z			0x01
#define GSERIAL_FLAG_M			0x02
#define GSERIAL_FLAG_BBOX		0x04
#define GSERIAL_FLAG_GEODETIC	0x08
#define GSERIAL_FLAG_EXTENDED	0x10	/* version 2 only */
#define GSERIAL_FLAG_VERSION2	0x40

#define GSERIAL_HEAD			4	/* bytes of SRID and flags */
#define GSERIAL_MAX_DEPTH		32	/* nested collections */

/* A serialized geometry whose head has been read. */
typedef struct Gserial
{
	const uint8_t *payload;		/* first byte: the SRID's */
	const uint8_t *end;			/* one behind the last byte */
	const uint8_t *body;		/* type word of the outermost geometry */
	const uint8_t *box;			/* float4 bounding box, or NULL */
	int32_t		srid;
	uint32_t	type;			/* of the outermost geometry */
	int			ndims;			/* ordinates of a point: 2 to 4 */
	bool		geodetic;		/* a geography */
} Gserial;

/* One array of points, as the walk meets it. */
typedef struct GserialPoints
{
	uint32_t	type;			/* of the primitive that holds the array */
	uint32_t	parent;			/* type of the collection around it, or 0 */
	uint32_t	part;			/* number of the primitive, from 0 */
	uint32_t	ring;			/* number of the ring in a polygon, from 0 */
	uint32_t	nrings;			/* rings of the polygon, 1 for others */
	uint32_t	npoints;
	const uint8_t *coords;		/* float8 ordinates, any alignment */
	size_t		stride;			/* bytes from point to point */
} GserialPoints;

/* A visitor returns false to end the walk. */
typedef bool (*GserialVisitor) (void *arg, const GserialPoints *points);

extern bool community_gserial_open(const void *payload, size_t size, Gserial *g);
extern bool community_gserial_walk(const Gserial *g, GserialVisitor visit, void *arg);
extern bool community_gserial_check(const Gserial *g);
extern float community_float_down(double v);
extern float community_float_up(double v);

/* Read the X and Y of one point of an array. */
static inline void
gserial_xy(const GserialPoints *p, uint32_t i, double *x, double *y)
{
	const uint8_t *at = p->coords + (size_t) i * p->stride;

	memcpy(x, at, sizeof(double));
	memcpy(y, at + sizeof(double), sizeof(double));
}

/* Decode the 21-bit SRID of a payload. */
static inline int32_t
gserial_srid(const uint8_t *payload)
{
	uint32_t	s = ((uint32_t) payload[0] << 16) | ((uint32_t) payload[1] << 8) | payload[2];

	return (int32_t) (s << 11) >> 11;
}

/*
 * Read a non-empty point: false when the payload is something else.  This is
 * the hot path of every point function: no call, no allocation.
 */
static inline bool
gserial_point(const void *payload, size_t size, int32_t *srid, double *x, double *y)
{
	const uint8_t *p = (const uint8_t *) payload;
	size_t		at = GSERIAL_HEAD;
	uint32_t	head[2];
	uint8_t		flags;

	if (size < GSERIAL_HEAD + 24)
		return false;
	flags = p[3];
	if (flags & GSERIAL_FLAG_GEODETIC)
		return false;
	if ((flags & GSERIAL_FLAG_VERSION2) && (flags & GSERIAL_FLAG_EXTENDED))
		at += 8;
	if (flags & GSERIAL_FLAG_BBOX)
		at += 8 * (2 + (flags & GSERIAL_FLAG_Z) + ((flags & GSERIAL_FLAG_M) >> 1));
	if (at + 24 > size)
		return false;
	memcpy(head, p + at, 8);
	if (head[0] != GSERIAL_POINT || head[1] != 1)
		return false;
	*srid = gserial_srid(p);
	memcpy(x, p + at + 8, sizeof(double));
	memcpy(y, p + at + 16, sizeof(double));
	return true;
}

#endif							/* COMMUNITY_GRID_GSERIAL_H */
