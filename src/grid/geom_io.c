/*
 * geom_io.c
 *		Geometry arguments of the grid functions: opening and refusing.
 */
#include "compat.h"

#include "grid/geom_io.h"

/* Refuse a geometry whose coordinates are not WGS84 or CGCS2000 degrees. */
void
community_geom_srid_error(int32 srid)
{
	if (srid == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("geometry has no SRID"),
				 errhint("Use ST_SetSRID(geom, 4326) when its coordinates are WGS84 degrees.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("geometry has SRID %d instead of 4326 or 4490", srid),
			 errhint("Use ST_Transform(geom, 4326).")));
}

/* Refuse a geometry whose bytes contradict themselves. */
void
community_geom_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("serialized geometry is damaged")));
}

/* Open a detoasted (also packed) geometry, refusing foreign SRIDs. */
void
community_geom_open(struct varlena *value, Gserial *g)
{
	if (!community_gserial_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), g) ||
		g->geodetic || !community_gserial_check(g))
		community_geom_damaged();
	if (!geom_srid_ok(g->srid))
		community_geom_srid_error(g->srid);
}

/* Read a point; false for an empty one, an error for another geometry type. */
bool
community_geom_point(struct varlena *value, double *lon, double *lat)
{
	int32		srid;
	Gserial		g;

	if (likely(gserial_point(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &srid, lon, lat)))
	{
		if (unlikely(!geom_srid_ok(srid)))
			community_geom_srid_error(srid);
		return true;
	}
	community_geom_open(value, &g);
	if (g.type != GSERIAL_POINT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("geometry is not a point"),
				 errhint("Use ST_Centroid or ST_PointOnSurface, or a function that takes areas.")));
	return false;
}

/* Build a polygon of one closed ring in serial format 2, with its box. */
struct varlena *
community_geom_polygon(const double *xy, uint32 npoints, int32 srid)
{
	Size		size = VARHDRSZ + GSERIAL_HEAD + 16 + 16 + (Size) npoints * 16;
	char	   *value = palloc0(size);
	uint8	   *p = (uint8 *) value + VARHDRSZ;
	double		xmin = xy[0],
				xmax = xy[0],
				ymin = xy[1],
				ymax = xy[1];
	float		box[4];
	uint32		words[4] = {GSERIAL_POLYGON, 1, npoints, 0};

	for (uint32 i = 1; i < npoints; i++)
	{
		xmin = Min(xmin, xy[2 * i]);
		xmax = Max(xmax, xy[2 * i]);
		ymin = Min(ymin, xy[2 * i + 1]);
		ymax = Max(ymax, xy[2 * i + 1]);
	}
	box[0] = community_float_down(xmin);
	box[1] = community_float_up(xmax);
	box[2] = community_float_down(ymin);
	box[3] = community_float_up(ymax);
	SET_VARSIZE(value, size);
	p[0] = (srid >> 16) & 0x1f;
	p[1] = (srid >> 8) & 0xff;
	p[2] = srid & 0xff;
	p[3] = GSERIAL_FLAG_VERSION2 | GSERIAL_FLAG_BBOX;
	memcpy(p + GSERIAL_HEAD, box, sizeof(box));
	memcpy(p + GSERIAL_HEAD + 16, words, sizeof(words));
	memcpy(p + GSERIAL_HEAD + 32, xy, (Size) npoints * 16);
	return (struct varlena *) value;
}
