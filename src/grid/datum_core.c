/*
 * datum_core.c
 *		GCJ-02 and BD-09 both ways.
 *
 * The forward formulas are public knowledge; the inverses iterate the forward
 * formula to a fixed point, which contracts by two digits a step.  Outside the
 * box in which the services shift coordinates everything stays as it is.
 */
#include "grid/datum_core.h"

#include <math.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

/* Krasovsky's ellipsoid as the services use it. */
#define GCJ_A		6378245.0
#define GCJ_EE		0.00669342162296594323

/* The box of validity, in WGS84 degrees. */
#define GCJ_WEST	72.004
#define GCJ_EAST	137.8347
#define GCJ_SOUTH	0.8293
#define GCJ_NORTH	55.8271

/* The inverses end when a step is below this, at the latest after MAX_STEPS. */
#define STEP_END	1e-10
#define MAX_STEPS	10

#define BD_TURN		(M_PI * 3000.0 / 180.0)

/* Tell whether a WGS84 point lies where the services shift. */
static bool
in_box(double lon, double lat)
{
	return lon >= GCJ_WEST && lon <= GCJ_EAST && lat >= GCJ_SOUTH && lat <= GCJ_NORTH;
}

/* Tell whether a shifted point can have come from the box (shifts stay below 0.03 degrees). */
static bool
near_box(double lon, double lat)
{
	return lon >= GCJ_WEST - 0.05 && lon <= GCJ_EAST + 0.05 &&
		lat >= GCJ_SOUTH - 0.05 && lat <= GCJ_NORTH + 0.05;
}

/* Shift from WGS84 to GCJ-02, wherever the point is. */
static void
gcj_shift(double *lon, double *lat)
{
	double		x = *lon - 105.0;
	double		y = *lat - 35.0;
	double		root = sqrt(fabs(x));
	double		common = (20.0 * sin(6.0 * x * M_PI) + 20.0 * sin(2.0 * x * M_PI)) * 2.0 / 3.0;
	double		dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root;
	double		dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root;
	double		phi = *lat / 180.0 * M_PI;
	double		sine = sin(phi);
	double		magic = 1.0 - GCJ_EE * sine * sine;
	double		rootmagic = sqrt(magic);

	dlat += common;
	dlat += (20.0 * sin(y * M_PI) + 40.0 * sin(y / 3.0 * M_PI)) * 2.0 / 3.0;
	dlat += (160.0 * sin(y / 12.0 * M_PI) + 320.0 * sin(y * M_PI / 30.0)) * 2.0 / 3.0;
	dlon += common;
	dlon += (20.0 * sin(x * M_PI) + 40.0 * sin(x / 3.0 * M_PI)) * 2.0 / 3.0;
	dlon += (150.0 * sin(x / 12.0 * M_PI) + 300.0 * sin(x / 30.0 * M_PI)) * 2.0 / 3.0;
	*lat += dlat * 180.0 / ((GCJ_A * (1.0 - GCJ_EE)) / (magic * rootmagic) * M_PI);
	*lon += dlon * 180.0 / (GCJ_A / rootmagic * cos(phi) * M_PI);
}

/* Shift from GCJ-02 to BD-09, wherever the point is. */
static void
bd_shift(double *lon, double *lat)
{
	double		x = *lon,
				y = *lat;
	double		z = sqrt(x * x + y * y) + 0.00002 * sin(y * BD_TURN);
	double		theta = atan2(y, x) + 0.000003 * cos(x * BD_TURN);

	*lon = z * cos(theta) + 0.0065;
	*lat = z * sin(theta) + 0.006;
}

/* Find the point that a shift moves to the given one. */
static void
invert(DatumShift shift, double *lon, double *lat)
{
	double		x = *lon,
				y = *lat;

	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		fx = x,
					fy = y;

		shift(&fx, &fy);
		fx -= *lon;
		fy -= *lat;
		x -= fx;
		y -= fy;
		if (fabs(fx) < STEP_END && fabs(fy) < STEP_END)
			break;
	}
	*lon = x;
	*lat = y;
}

/* Convert WGS84 to GCJ-02. */
void
community_datum_wgs_to_gcj(double *lon, double *lat)
{
	if (in_box(*lon, *lat))
		gcj_shift(lon, lat);
}

/* Convert GCJ-02 to WGS84: the point of the box that is shifted to the given one. */
void
community_datum_gcj_to_wgs(double *lon, double *lat)
{
	double		x = *lon,
				y = *lat;

	if (!near_box(x, y))
		return;
	invert(gcj_shift, &x, &y);
	if (in_box(x, y))
	{
		*lon = x;
		*lat = y;
	}
}

/* Convert WGS84 to BD-09. */
void
community_datum_wgs_to_bd(double *lon, double *lat)
{
	if (in_box(*lon, *lat))
	{
		gcj_shift(lon, lat);
		bd_shift(lon, lat);
	}
}

/* Convert BD-09 to WGS84: the point of the box that is shifted to the given one. */
void
community_datum_bd_to_wgs(double *lon, double *lat)
{
	double		x = *lon,
				y = *lat;

	if (!near_box(x, y))
		return;
	invert(bd_shift, &x, &y);
	invert(gcj_shift, &x, &y);
	if (in_box(x, y))
	{
		*lon = x;
		*lat = y;
	}
}
