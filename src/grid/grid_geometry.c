/*
 * grid_geometry.c
 *		Between geometries and cells, reading and writing the bytes of PostGIS
 *		in place: a call into its library costs ten times the work.
 */
#include "compat.h"

#include "grid/geom_io.h"
#include "grid/grid.h"
#include "grid/gridcell_core.h"
#include "grid/gserial.h"

PG_FUNCTION_INFO_V1(community_gridcell_from_point);
PG_FUNCTION_INFO_V1(community_gridcell_geometry);
PG_FUNCTION_INFO_V1(community_gridcell_centroid);

/* A rectangle as PostGIS 3 serializes it. */
typedef struct SerialRectangle
{
	int32		vl_len_;		/* varlena header */
	uint8		srid[3];
	uint8		flags;
	float		box[4];			/* xmin xmax ymin ymax */
	uint32		type;
	uint32		nrings;
	uint32		npoints;
	uint32		padding;
	double		coords[10];
} SerialRectangle;

/* A point as PostGIS 3 serializes it. */
typedef struct SerialPoint
{
	int32		vl_len_;		/* varlena header */
	uint8		srid[3];
	uint8		flags;
	uint32		type;
	uint32		npoints;
	double		coords[2];
} SerialPoint;

StaticAssertDecl(sizeof(SerialRectangle) == 120, "a rectangle has 120 bytes");
StaticAssertDecl(sizeof(SerialPoint) == 32, "a point has 32 bytes");

/* Name the cell of a level that holds a point geometry. */
Datum
community_gridcell_from_point(PG_FUNCTION_ARGS)
{
	/* a packed point is read where it lies, at whatever alignment */
	struct varlena *datum = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	int			level = PG_GETARG_INT32(1);
	double		lon;
	double		lat;
	int64_t		cell;
	int32_t		srid;
	GridcellStatus status;

	/* the common case without a call; the others are sorted out there */
	if (unlikely(!gserial_point(VARDATA_ANY(datum), VARSIZE_ANY_EXHDR(datum), &srid, &lon, &lat) ||
				 srid != GRID_SRID))
	{
		if (!community_geom_point(datum, &lon, &lat))
			PG_RETURN_NULL();
	}
	status = gridcell_encode(lon, lat, level, &cell);
	if (unlikely(status != GRIDCELL_OK))
		community_gridcell_refuse(status, lon, lat, level);
	PG_RETURN_GRID(cell);
}

/* Write an SRID of 21 bits. */
static inline void
put_srid(uint8 *srid)
{
	srid[0] = GRID_SRID >> 16;
	srid[1] = (GRID_SRID >> 8) & 0xFF;
	srid[2] = GRID_SRID & 0xFF;
}

/* Step to the next float4 up or down. */
static inline float
step_float(float f, bool up)
{
	union
	{
		float		f;
		uint32		bits;
	}			u;

	u.f = f;
	if (f == 0.0f)
	{
		u.bits = up ? 1 : UINT32_C(0x80000001);
		return u.f;
	}
	u.bits += (f > 0) == up ? 1 : -1;
	return u.f;
}

/* Answer the greatest float4 that is not above a number. */
static inline float
float_down(double v)
{
	float		f = (float) v;

	return f <= v ? f : step_float(f, false);
}

/* Answer the smallest float4 that is not below a number. */
static inline float
float_up(double v)
{
	float		f = (float) v;

	return f >= v ? f : step_float(f, true);
}

/* Draw a cell as a rectangle. */
Datum
community_gridcell_geometry(PG_FUNCTION_ARGS)
{
	GridcellParts parts;
	SerialRectangle *r = palloc(sizeof(SerialRectangle));
	double		west;
	double		east;
	double		south;
	double		north;

	community_gridcell_split(PG_GETARG_GRID(0), &parts);
	west = (double) parts.lon / GRIDCELL_UNITS_PER_DEGREE;
	east = (double) (parts.lon + community_gridcell_width[parts.level]) / GRIDCELL_UNITS_PER_DEGREE;
	south = (double) parts.lat / GRIDCELL_UNITS_PER_DEGREE;
	north = (double) (parts.lat + community_gridcell_height[parts.level]) / GRIDCELL_UNITS_PER_DEGREE;
	if (parts.west)
	{
		double		swap = west;

		west = -east;
		east = 0.0 - swap;
	}
	if (parts.south)
	{
		double		swap = south;

		south = -north;
		north = 0.0 - swap;
	}

	SET_VARSIZE(r, sizeof(SerialRectangle));
	put_srid(r->srid);
	r->flags = GSERIAL_FLAG_VERSION2 | GSERIAL_FLAG_BBOX;
	r->box[0] = float_down(west);
	r->box[1] = float_up(east);
	r->box[2] = float_down(south);
	r->box[3] = float_up(north);
	r->type = GSERIAL_POLYGON;
	r->nrings = 1;
	r->npoints = 5;
	r->padding = 0;
	r->coords[0] = west;
	r->coords[1] = south;
	r->coords[2] = west;
	r->coords[3] = north;
	r->coords[4] = east;
	r->coords[5] = north;
	r->coords[6] = east;
	r->coords[7] = south;
	r->coords[8] = west;
	r->coords[9] = south;
	PG_RETURN_POINTER(r);
}

/* Answer the centre of a cell. */
Datum
community_gridcell_centroid(PG_FUNCTION_ARGS)
{
	GridcellParts parts;
	SerialPoint *p = palloc(sizeof(SerialPoint));

	community_gridcell_split(PG_GETARG_GRID(0), &parts);
	SET_VARSIZE(p, sizeof(SerialPoint));
	put_srid(p->srid);
	p->flags = GSERIAL_FLAG_VERSION2;
	p->type = GSERIAL_POINT;
	p->npoints = 1;
	p->coords[0] = (parts.lon + 0.5 * community_gridcell_width[parts.level]) / GRIDCELL_UNITS_PER_DEGREE;
	p->coords[1] = (parts.lat + 0.5 * community_gridcell_height[parts.level]) / GRIDCELL_UNITS_PER_DEGREE;
	if (parts.west)
		p->coords[0] = -p->coords[0];
	if (parts.south)
		p->coords[1] = -p->coords[1];
	PG_RETURN_POINTER(p);
}
