/*
 * datum_op.c
 *		SQL functions over datum_core: any geometry, GCJ-02 and BD-09 both ways.
 */
#include "compat.h"

#include <math.h>

#include "utils/builtins.h"

#include "grid/datum_core.h"
#include "grid/geom_io.h"

PG_FUNCTION_INFO_V1(community_to_gcj02);
PG_FUNCTION_INFO_V1(community_from_gcj02);
PG_FUNCTION_INFO_V1(community_to_bd09);
PG_FUNCTION_INFO_V1(community_from_bd09);
PG_FUNCTION_INFO_V1(community_from_datum);

/* What the walk over a copy needs. */
typedef struct ShiftWalk
{
	DatumShift	shift;			/* NULL: leave the coordinates */
	double		box[4];			/* xmin xmax ymin ymax of the result */
	bool		arcs;			/* arcs exceed the box of their points */
} ShiftWalk;

/* Shift one array of points where it lies. */
static bool
shift_points(void *arg, const GserialPoints *p)
{
	ShiftWalk  *w = (ShiftWalk *) arg;

	if (p->type == GSERIAL_CIRCSTRING)
		w->arcs = true;
	for (uint32 i = 0; i < p->npoints; i++)
	{
		uint8	   *at = (uint8 *) p->coords + (Size) i * p->stride;
		double		xy[2];

		memcpy(xy, at, sizeof(xy));
		w->shift(&xy[0], &xy[1]);
		memcpy(at, xy, sizeof(xy));
		w->box[0] = Min(w->box[0], xy[0]);
		w->box[1] = Max(w->box[1], xy[0]);
		w->box[2] = Min(w->box[2], xy[1]);
		w->box[3] = Max(w->box[3], xy[1]);
	}
	return true;
}

/* Return a shifted copy of a geometry. */
static Datum
shift_geometry(Datum value, DatumShift shift)
{
	struct varlena *copy = PG_DETOAST_DATUM_COPY(value);
	ShiftWalk	w = {shift, {INFINITY, -INFINITY, INFINITY, -INFINITY}, false};
	Gserial		g;

	community_geom_open(copy, &g);
	if (shift == NULL)
		return PointerGetDatum(copy);
	if (!community_gserial_walk(&g, shift_points, &w))
		community_geom_damaged();
	if (g.box == NULL)
		return PointerGetDatum(copy);
	if (w.arcs)
	{
		/* The box of arcs is PostGIS's to compute: drop it. */
		uint8	   *box = (uint8 *) g.box;
		Size		boxsize = g.body - g.box;

		memmove(box, g.body, g.end - g.body);
		((uint8 *) g.payload)[3] &= ~GSERIAL_FLAG_BBOX;
		SET_VARSIZE(copy, VARSIZE(copy) - boxsize);
	}
	else if (w.box[0] <= w.box[1] && w.box[2] <= w.box[3])
	{
		float		box[4];

		box[0] = community_float_down(w.box[0]);
		box[1] = community_float_up(w.box[1]);
		box[2] = community_float_down(w.box[2]);
		box[3] = community_float_up(w.box[3]);
		memcpy((uint8 *) g.box, box, sizeof(box));
	}
	return PointerGetDatum(copy);
}

/* Convert a geometry from WGS84 to GCJ-02. */
Datum
community_to_gcj02(PG_FUNCTION_ARGS)
{
	return shift_geometry(PG_GETARG_DATUM(0), community_datum_wgs_to_gcj);
}

/* Convert a geometry from GCJ-02 to WGS84. */
Datum
community_from_gcj02(PG_FUNCTION_ARGS)
{
	return shift_geometry(PG_GETARG_DATUM(0), community_datum_gcj_to_wgs);
}

/* Convert a geometry from WGS84 to BD-09. */
Datum
community_to_bd09(PG_FUNCTION_ARGS)
{
	return shift_geometry(PG_GETARG_DATUM(0), community_datum_wgs_to_bd);
}

/* Convert a geometry from BD-09 to WGS84. */
Datum
community_from_bd09(PG_FUNCTION_ARGS)
{
	return shift_geometry(PG_GETARG_DATUM(0), community_datum_bd_to_wgs);
}

/* Convert a geometry to WGS84 from the datum of the given name. */
Datum
community_from_datum(PG_FUNCTION_ARGS)
{
	static const struct
	{
		const char *name;
		DatumShift	shift;
	}			datums[] =
	{
		{"wgs84", NULL},
		{"cgcs2000", NULL},
		{"gcj02", community_datum_gcj_to_wgs},
		{"gcj-02", community_datum_gcj_to_wgs},
		{"bd09", community_datum_bd_to_wgs},
		{"bd-09", community_datum_bd_to_wgs},
	};
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));

	for (int i = 0; i < lengthof(datums); i++)
	{
		if (pg_strcasecmp(name, datums[i].name) == 0)
			return shift_geometry(PG_GETARG_DATUM(0), datums[i].shift);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown datum \"%s\"", name),
			 errhint("Datums are wgs84, cgcs2000, gcj02 and bd09.")));
	PG_RETURN_NULL();
}
