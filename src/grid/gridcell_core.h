/*
 * gridcell_core.h
 *		The BeiDou grid location code (GB/T 39409-2020), without the server.
 *
 * A cell is the rank of its node in the preorder of the whole tree of cells:
 * 2640 zones, ten levels.  Every integer in [0, GRIDCELL_COUNT) is one cell; a
 * parent stands just before its descendants, and the descendants of a cell c
 * of level l are exactly [c, c + span(l) - 1].
 *
 * Lengths are counted in units of 1/2048 arc second, for which 32 bits do.
 */
#ifndef COMMUNITY_GRIDCELL_CORE_H
#define COMMUNITY_GRIDCELL_CORE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRIDCELL_LEVELS		10
#define GRIDCELL_ZONES		2640	/* 2 hemispheres, 60 columns, 22 rows */
#define GRIDCELL_TEXT_MAX	20		/* characters at level 10 */

/* Cells in the subtree of a cell, by level. */
#define GRIDCELL_T10	INT64_C(1)
#define GRIDCELL_T9		(1 + 64 * GRIDCELL_T10)
#define GRIDCELL_T8		(1 + 64 * GRIDCELL_T9)
#define GRIDCELL_T7		(1 + 64 * GRIDCELL_T8)
#define GRIDCELL_T6		(1 + 64 * GRIDCELL_T7)
#define GRIDCELL_T5		(1 + 4 * GRIDCELL_T6)
#define GRIDCELL_T4		(1 + 225 * GRIDCELL_T5)
#define GRIDCELL_T3		(1 + 150 * GRIDCELL_T4)
#define GRIDCELL_T2		(1 + 6 * GRIDCELL_T3)
#define GRIDCELL_T1		(1 + 96 * GRIDCELL_T2)
#define GRIDCELL_COUNT	(GRIDCELL_ZONES * GRIDCELL_T1)

/* Units of 1/2048 arc second. */
#define GRIDCELL_UNITS_PER_DEGREE	7372800
#define GRIDCELL_LON_UNITS	UINT32_C(1327104000)	/* 180 degrees */
#define GRIDCELL_LAT_UNITS	UINT32_C(648806400) /* 88 degrees */

#define GRIDCELL_W1		UINT32_C(44236800)
#define GRIDCELL_H1		UINT32_C(29491200)
#define GRIDCELL_W2		UINT32_C(3686400)
#define GRIDCELL_W3		UINT32_C(1843200)
#define GRIDCELL_H3		UINT32_C(1228800)
#define GRIDCELL_W4		UINT32_C(122880)
#define GRIDCELL_W5		UINT32_C(8192)

/* What the functions that can fail answer. */
typedef enum GridcellStatus
{
	GRIDCELL_OK = 0,
	GRIDCELL_BAD_LEVEL,			/* the level is not in 1..10 */
	GRIDCELL_BAD_LONGITUDE,		/* not a number, or beyond 180 degrees */
	GRIDCELL_BAD_LATITUDE,		/* not a number, or beyond 90 degrees */
	GRIDCELL_POLAR,				/* 88 degrees or more from the equator */
	GRIDCELL_BAD_LENGTH,		/* no level has a code of this length */
	GRIDCELL_BAD_HEMISPHERE,	/* the code begins with neither N nor S */
	GRIDCELL_BAD_COLUMN,		/* the column is not in 01..60 */
	GRIDCELL_BAD_ROW,			/* the row is not in A..V */
	GRIDCELL_BAD_DIGIT			/* a digit is outside its level's alphabet */
} GridcellStatus;

/* A cell taken apart. */
typedef struct GridcellParts
{
	int32_t		level;			/* 1..10 */
	bool		west;
	bool		south;
	uint32_t	lon;			/* units from the prime meridian to the near edge */
	uint32_t	lat;			/* units from the equator to the near edge */
} GridcellParts;

/*
 * A cell as a place in the signed lattice of its level: x counts columns east
 * of the prime meridian (-1 is the first one west of it), y rows north of the
 * equator.  The cell's west edge is x * width units, its south edge y * height.
 */
typedef struct GridcellIndex
{
	int32_t		level;
	int32_t		x;
	int32_t		y;
} GridcellIndex;

/* Tables are reached without a detour, as only this library uses them. */
#ifdef __GNUC__
#pragma GCC visibility push(hidden)
#endif

/* By level 1..10; element 0 is unused. */
extern const int64_t community_gridcell_span[GRIDCELL_LEVELS + 1];	/* T table */
extern const uint32_t community_gridcell_width[GRIDCELL_LEVELS + 1];	/* units */
extern const uint32_t community_gridcell_height[GRIDCELL_LEVELS + 1];	/* units */
extern const int32_t community_gridcell_columns[GRIDCELL_LEVELS + 1];	/* children across */
extern const int32_t community_gridcell_rows[GRIDCELL_LEVELS + 1];	/* children upward */
extern const int32_t community_gridcell_length[GRIDCELL_LEVELS + 1];	/* characters */

/* Parts of ranks by coordinate: see gridcell_from_units(). */
extern const int64_t community_gridcell_lon_part[2][720];
extern const int64_t community_gridcell_lat_part[528];
extern const int64_t community_gridcell_lon_mid[240];
extern const int64_t community_gridcell_lat_mid[240];
extern const int32_t community_gridcell_low[512];
extern const uint32_t community_gridcell_keep[GRIDCELL_LEVELS + 1];

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

extern void community_gridcell_split(int64_t cell, GridcellParts *parts);
extern int64_t community_gridcell_ancestor(int64_t cell, int level);
extern int64_t community_gridcell_up(int64_t cell);
extern int	community_gridcell_format(int64_t cell, char *out);
extern GridcellStatus community_gridcell_parse(const char *text, size_t length,
											   int64_t *cell, int *position);
extern void community_gridcell_to_index(int64_t cell, GridcellIndex *index);
extern bool community_gridcell_from_index(int level, int64_t x, int64_t y,
										  int64_t *cell);

/* Tell whether an integer is a cell. */
static inline bool
gridcell_valid(int64_t cell)
{
	return (uint64_t) cell < (uint64_t) GRIDCELL_COUNT;
}

/*
 * Name the cell of a level that holds a point given in units from the prime
 * meridian and the equator.  lon < GRIDCELL_LON_UNITS, lat < GRIDCELL_LAT_UNITS
 * and 1 <= level <= 10 are the caller's duty.
 *
 * The rank is a sum over the levels of digit times span, and each digit is a
 * sum of a part by longitude and a part by latitude: so is the rank.  Tables
 * hold the parts of levels 1 to 3 by the number of the level-3 column or row,
 * those of 5 to 7 and of 8 to 10 by the bits that are left within level 4.
 * Nothing waits for the remainder of another level, nothing branches.
 */
static inline int64_t
gridcell_from_units(bool west, bool south, uint32_t lon, uint32_t lat, int level)
{
	uint32_t	x3 = lon / GRIDCELL_W3;
	uint32_t	y3 = lat / GRIDCELL_H3;
	int64_t		cell;

	if (level >= 4)
	{
		uint32_t	x4 = lon / GRIDCELL_W4;
		uint32_t	y4 = lat / GRIDCELL_W4;
		uint32_t	keep = community_gridcell_keep[level];

		lon = (lon - x4 * GRIDCELL_W4) & keep;
		lat = (lat - y4 * GRIDCELL_W4) & keep;
		cell = community_gridcell_lon_part[west][x3] + community_gridcell_lat_part[y3];
		cell += (int64_t) (x4 * 10 + y4) * GRIDCELL_T4;
		cell += community_gridcell_lon_mid[lon >> 9] + community_gridcell_lat_mid[lat >> 9];
		cell += community_gridcell_low[lon & 511] * 8 + community_gridcell_low[lat & 511];
	}
	else
	{
		/* the digits above the level, and the tables' share of level 4 back */
		x3 -= level == 3 ? 0 : level == 2 ? x3 % 2 : x3 % 24;
		y3 -= level == 3 ? 0 : level == 2 ? y3 % 3 : y3 % 24;
		cell = community_gridcell_lon_part[west][x3] + community_gridcell_lat_part[y3];
		cell += (int64_t) (x3 * 150 + y3 * 10) * GRIDCELL_T4;
	}
	return cell + (south ? 1320 * GRIDCELL_T1 : 0) + level - 1;
}

/*
 * Count the units in an angle.  The 1e-6 unit (4e-10 arc second) puts back
 * what the product loses: without it one exact edge in 25 falls into the cell
 * below.
 */
static inline uint32_t
gridcell_units(double degrees)
{
	return (uint32_t) (degrees * GRIDCELL_UNITS_PER_DEGREE + 1e-6);
}

/* Name the cell of a level that holds a point given in degrees. */
static inline GridcellStatus
gridcell_encode(double lon, double lat, int level, int64_t *cell)
{
	bool		west = lon < 0;
	bool		south = lat < 0;
	uint32_t	ulon;
	uint32_t	ulat;

	lon = fabs(lon);
	lat = fabs(lat);

	/* written so that NaN fails them */
	if (!(lon <= 180.0))
		return GRIDCELL_BAD_LONGITUDE;
	if (!(lat < 88.0))
		return lat <= 90.0 ? GRIDCELL_POLAR : GRIDCELL_BAD_LATITUDE;
	if ((unsigned) (level - 1) >= GRIDCELL_LEVELS)
		return GRIDCELL_BAD_LEVEL;

	/* the last column owns the far meridian */
	ulon = gridcell_units(lon);
	if (ulon >= GRIDCELL_LON_UNITS)
		ulon = GRIDCELL_LON_UNITS - 1;
	/* the double just below 88 rounds up to it */
	ulat = gridcell_units(lat);
	if (ulat >= GRIDCELL_LAT_UNITS)
		return GRIDCELL_POLAR;

	*cell = gridcell_from_units(west, south, ulon, ulat, level);
	return GRIDCELL_OK;
}

/* The ranks of a cell within its ancestors of levels 4, 6 and 8. */
typedef struct GridcellRest
{
	int64_t		rest4;			/* rank within the ancestor of level 4 */
	int64_t		rest6;
	int64_t		rest8;
} GridcellRest;

/*
 * Find the rest of a cell within its ancestors of levels 4, 6 and 8 and answer
 * its level.  rest[] is filled down to the level found.
 *
 * Going down one level at a time costs nine dependent divisions.  Two or three
 * levels go at once here: the n-th cell of level 4 has rank n * T4 plus the
 * number of its ancestors and their elder siblings, which is so small beside
 * T4 that rank / T4 is n, or n + 1 for the last few ranks.
 */
#ifdef __GNUC__
__attribute__((always_inline))
#endif
static inline int
gridcell_descend(int64_t cell, GridcellRest *rest)
{
	uint64_t	n;
	int64_t		r;

	/* levels 1 to 4 */
	n = (uint64_t) cell / GRIDCELL_T4;
	r = cell - (int64_t) (n * GRIDCELL_T4 + n / 86400 + n / 900 + n / 150 + 3);
	if (r < 0)
	{
		/* the cell lies in the tail of the one before, or above level 4 */
		if (n > 0)
		{
			n--;
			r = cell - (int64_t) (n * GRIDCELL_T4 + n / 86400 + n / 900 + n / 150 + 3);
		}
		if (r < 0 || r >= GRIDCELL_T4)
		{
			r = cell % GRIDCELL_T1;
			if (r == 0)
				return 1;
			return (r - 1) % GRIDCELL_T2 == 0 ? 2 : 3;
		}
	}
	rest->rest4 = r;
	if (r <= 1)
		return 4 + (int) r;

	/* levels 5 and 6 */
	n = (uint64_t) (r - 2) / GRIDCELL_T6;
	r -= 2 + n * GRIDCELL_T6 + (n >> 2);
	if (r < 0)
	{
		r += GRIDCELL_T6 + ((n & 3) == 0);
		if (r >= GRIDCELL_T6)
			return 5;
	}
	rest->rest6 = r;
	if (r <= 1)
		return 6 + (int) r;

	/* levels 7 and 8 */
	n = (uint32_t) (r - 2) / (uint32_t) GRIDCELL_T8;
	r -= 2 + n * GRIDCELL_T8 + (n >> 6);
	if (r < 0)
	{
		r += GRIDCELL_T8 + ((n & 63) == 0);
		if (r >= GRIDCELL_T8)
			return 7;
	}
	rest->rest8 = r;
	if (r == 0)
		return 8;
	return (uint32_t) (r - 1) % (uint32_t) GRIDCELL_T9 == 0 ? 9 : 10;
}

/* Answer the level of a cell. */
static inline int
gridcell_level(int64_t cell)
{
	GridcellRest rest;

	return gridcell_descend(cell, &rest);
}

/* Answer the last descendant of a cell. */
static inline int64_t
gridcell_last(int64_t cell)
{
	return cell + community_gridcell_span[gridcell_level(cell)] - 1;
}

/* Tell whether a cell is another one or its ancestor. */
static inline bool
gridcell_contains(int64_t outer, int64_t inner)
{
	int64_t		distance = inner - outer;

	/* most pairs are told apart without the level */
	if (distance <= 0 || distance >= GRIDCELL_T1)
		return distance == 0;
	return distance < community_gridcell_span[gridcell_level(outer)];
}

#endif							/* COMMUNITY_GRIDCELL_CORE_H */
