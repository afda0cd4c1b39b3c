/*
 * geom_io.h
 *		Geometry arguments of the grid functions.
 */
#ifndef COMMUNITY_GRID_GEOM_IO_H
#define COMMUNITY_GRID_GEOM_IO_H

#include "grid/gserial.h"

/* SRIDs taken as equal: WGS84 and CGCS2000. */
#define GEOM_SRID_WGS84		4326
#define GEOM_SRID_CGCS2000	4490

/* Tell whether coordinates of an SRID are longitude and latitude as we use them. */
static inline bool
geom_srid_ok(int32 srid)
{
	return srid == GEOM_SRID_WGS84 || srid == GEOM_SRID_CGCS2000;
}

extern void community_geom_srid_error(int32 srid) pg_attribute_noreturn();
extern void community_geom_damaged(void) pg_attribute_noreturn();
extern void community_geom_open(struct varlena *value, Gserial *g);
extern bool community_geom_point(struct varlena *value, double *lon, double *lat);
extern struct varlena *community_geom_polygon(const double *xy, uint32 npoints, int32 srid);

#endif							/* COMMUNITY_GRID_GEOM_IO_H */
