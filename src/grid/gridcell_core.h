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

/* By level 1..10; element 0 is unused. */
extern const int64_t community_gridcell_span[GRIDCELL_LEVELS + 1];	/* T table */
extern const uint32_t community_gridcell_width[GRIDCELL_LEVELS + 1];	/* units */
extern const uint32_t community_gridcell_height[GRIDCELL_LEVELS + 1];	/* units */
extern const int32_t community_gridcell_columns[GRIDCELL_LEVELS + 1];	/* children across */
extern const int32_t community_gridcell_rows[GRIDCELL_LEVELS + 1];	/* children upward */
extern const int32_t community_gridcell_length[GRIDCELL_LEVELS + 1];	/* characters */

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
 * The levels are nested ifs in a straight line: the compiler turns each
 * division into a multiplication, and a query asks for one level only, so
 * every branch is predicted.
 */
static inline int64_t
gridcell_from_units(bool west, bool south, uint32_t lon, uint32_t lat, int level)
{
	uint32_t	a = lon / GRIDCELL_W1;
	uint32_t	b = lat / GRIDCELL_H1;
	uint32_t	column = west ? 29 - a : 30 + a;
	int64_t		cell = (int64_t) ((south ? 1320 : 0) + column * 22 + b) * GRIDCELL_T1;

	if (level == 1)
		return cell;
	cell += level - 1;

	lon -= a * GRIDCELL_W1;
	lat -= b * GRIDCELL_H1;
	a = lon / GRIDCELL_W2;
	b = lat / GRIDCELL_W2;
	cell += (int64_t) (a * 8 + b) * GRIDCELL_T2;
	if (level == 2)
		return cell;

	lon -= a * GRIDCELL_W2;
	lat -= b * GRIDCELL_W2;
	a = lon / GRIDCELL_W3;
	b = lat / GRIDCELL_H3;
	cell += (int64_t) (b * 2 + a) * GRIDCELL_T3;
	if (level == 3)
		return cell;

	lon -= a * GRIDCELL_W3;
	lat -= b * GRIDCELL_H3;
	a = lon / GRIDCELL_W4;
	b = lat / GRIDCELL_W4;
	cell += (int64_t) (a * 10 + b) * GRIDCELL_T4;
	if (level == 4)
		return cell;

	lon -= a * GRIDCELL_W4;
	lat -= b * GRIDCELL_W4;
	cell += (int64_t) ((lon >> 13) * 15 + (lat >> 13)) * GRIDCELL_T5;
	if (level == 5)
		return cell;
	cell += (int64_t) ((lat >> 12 & 1) * 2 + (lon >> 12 & 1)) * GRIDCELL_T6;
	if (level == 6)
		return cell;
	cell += (int64_t) ((lon >> 9 & 7) * 8 + (lat >> 9 & 7)) * GRIDCELL_T7;
	if (level == 7)
		return cell;
	cell += (int64_t) ((lon >> 6 & 7) * 8 + (lat >> 6 & 7)) * GRIDCELL_T8;
	if (level == 8)
		return cell;
	cell += (int64_t) ((lon >> 3 & 7) * 8 + (lat >> 3 & 7)) * GRIDCELL_T9;
	if (level == 9)
		return cell;
	return cell + (lon & 7) * 8 + (lat & 7);
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

	if (west)
		lon = -lon;
	if (south)
		lat = -lat;

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
