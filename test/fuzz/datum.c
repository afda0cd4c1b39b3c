/*
 * datum.c
 *		Fuzz the datum shifts: any doubles, and the way back inside the box.
 */
#include "fuzz.h"

#include <math.h>

#include "grid/datum_core.h"
#include "grid/orient.h"

/* Shift one point there and back; orient three points both ways around. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double		v[6];

	if (size < sizeof(v))
		return 0;
	memcpy(v, data, sizeof(v));
	for (int i = 0; i < 2; i++)
	{
		double		lon = v[0],
					lat = v[1];

		(i ? community_datum_bd_to_wgs : community_datum_gcj_to_wgs) (&lon, &lat);
		lon = v[0];
		lat = v[1];
		(i ? community_datum_wgs_to_bd : community_datum_wgs_to_gcj) (&lon, &lat);
		(i ? community_datum_bd_to_wgs : community_datum_gcj_to_wgs) (&lon, &lat);
		/* within a kilometre outside of the box two points have one image */
		if (v[0] > 72.05 && v[0] < 137.79 && v[1] > 0.88 && v[1] < 55.78)
			CHECK(fabs(lon - v[0]) < 1e-9 && fabs(lat - v[1]) < 1e-9);
	}
	for (int i = 0; i < 6; i++)
	{
		if (!(fabs(v[i]) <= 180) || (v[i] != 0 && fabs(v[i]) < 1e-100))
			return 0;
	}
	CHECK(community_orient(v[0], v[1], v[2], v[3], v[4], v[5]) == -community_orient(v[2], v[3], v[0], v[1], v[4], v[5]));
	CHECK(community_orient(v[0], v[1], v[2], v[3], v[4], v[5]) == community_orient(v[2], v[3], v[4], v[5], v[0], v[1]));
	CHECK(community_orient(v[0], v[1], v[2], v[3], v[0], v[1]) == 0);
	return 0;
}
