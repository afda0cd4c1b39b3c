/*
 * gridcell_core.c
 *		The BeiDou grid location code: taking cells apart, text, neighbours.
 *
 * Nothing here knows the server: the file compiles alone.
 */
#include "grid/gridcell_core.h"

const int64_t community_gridcell_span[GRIDCELL_LEVELS + 1] = {
	0,
	GRIDCELL_T1, GRIDCELL_T2, GRIDCELL_T3, GRIDCELL_T4, GRIDCELL_T5,
	GRIDCELL_T6, GRIDCELL_T7, GRIDCELL_T8, GRIDCELL_T9, GRIDCELL_T10
};

const uint32_t community_gridcell_width[GRIDCELL_LEVELS + 1] = {
	0,
	GRIDCELL_W1, GRIDCELL_W2, GRIDCELL_W3, GRIDCELL_W4, GRIDCELL_W5,
	4096, 512, 64, 8, 1
};

const uint32_t community_gridcell_height[GRIDCELL_LEVELS + 1] = {
	0,
	GRIDCELL_H1, GRIDCELL_W2, GRIDCELL_H3, GRIDCELL_W4, GRIDCELL_W5,
	4096, 512, 64, 8, 1
};

/* How a cell of the level is split into its children; level 10 is not. */
const int32_t community_gridcell_columns[GRIDCELL_LEVELS + 1] = {
	60, 12, 2, 15, 15, 2, 8, 8, 8, 8, 0
};

const int32_t community_gridcell_rows[GRIDCELL_LEVELS + 1] = {
	22, 8, 3, 10, 15, 2, 8, 8, 8, 8, 0
};

const int32_t community_gridcell_length[GRIDCELL_LEVELS + 1] = {
	0, 4, 6, 7, 9, 11, 12, 14, 16, 18, 20
};

/* The macros write tables of constants: P(i) for i, i + 1, ... */
#define TIMES2(P, i)	P(i), P((i) + 1)
#define TIMES8(P, i)	TIMES2(P, i), TIMES2(P, (i) + 2), TIMES2(P, (i) + 4), TIMES2(P, (i) + 6)
#define TIMES48(P, i) \
	TIMES8(P, i), TIMES8(P, (i) + 8), TIMES8(P, (i) + 16), \
	TIMES8(P, (i) + 24), TIMES8(P, (i) + 32), TIMES8(P, (i) + 40)
#define TIMES240(P, i) \
	TIMES48(P, i), TIMES48(P, (i) + 48), TIMES48(P, (i) + 96), \
	TIMES48(P, (i) + 144), TIMES48(P, (i) + 192)

/*
 * The parts of levels 1 to 3 by column x of level 3: 24 to a zone, 2 to a cell
 * of level 2.  The digit of level 4 is x4 - 15 * x; x4 is added in full there,
 * the rest is taken off here.
 */
#define LON_LEVELS_2_3(x) \
	((x) / 2 % 12 * 8 * GRIDCELL_T2 + (x) % 2 * GRIDCELL_T3 - (x) * 150 * GRIDCELL_T4)
#define LON_EAST(x)		(INT64_C(22) * (30 + (x) / 24) * GRIDCELL_T1 + LON_LEVELS_2_3(x))
#define LON_WEST(x)		(INT64_C(22) * (29 - (x) / 24) * GRIDCELL_T1 + LON_LEVELS_2_3(x))

const int64_t community_gridcell_lon_part[2][720] = {
	{TIMES240(LON_EAST, 0), TIMES240(LON_EAST, 240), TIMES240(LON_EAST, 480)},
	{TIMES240(LON_WEST, 0), TIMES240(LON_WEST, 240), TIMES240(LON_WEST, 480)}
};

/* The same by row y of level 3: 24 to a zone, 3 to a cell of level 2. */
#define LAT_PART(y) \
	((y) / 24 * GRIDCELL_T1 + (y) / 3 % 8 * GRIDCELL_T2 + (y) % 3 * 2 * GRIDCELL_T3 - \
	 (y) * 10 * GRIDCELL_T4)

const int64_t community_gridcell_lat_part[528] = {
	TIMES240(LAT_PART, 0), TIMES240(LAT_PART, 240), TIMES48(LAT_PART, 480)
};

/* The parts of levels 5, 6 and 7 by the upper bits within level 4. */
#define LON_MID(i)		((i) / 16 * 15 * GRIDCELL_T5 + (i) / 8 % 2 * GRIDCELL_T6 + (i) % 8 * 8 * GRIDCELL_T7)
#define LAT_MID(i)		((i) / 16 * GRIDCELL_T5 + (i) / 8 % 2 * 2 * GRIDCELL_T6 + (i) % 8 * GRIDCELL_T7)

const int64_t community_gridcell_lon_mid[240] = {TIMES240(LON_MID, 0)};
const int64_t community_gridcell_lat_mid[240] = {TIMES240(LAT_MID, 0)};

/* The parts of levels 8, 9 and 10 by the lower bits; by longitude eightfold. */
#define LOW(i)			((i) / 64 * GRIDCELL_T8 + (i) / 8 % 8 * GRIDCELL_T9 + (i) % 8)

const int32_t community_gridcell_low[512] = {
	TIMES240(LOW, 0), TIMES240(LOW, 240), TIMES8(LOW, 480), TIMES8(LOW, 488),
	TIMES8(LOW, 496), TIMES8(LOW, 504)
};

/* The bits within level 4 that a level looks at. */
const uint32_t community_gridcell_keep[GRIDCELL_LEVELS + 1] = {
	0, 0, 0, 0, 0, 0x1E000, 0x1F000, 0x1FE00, 0x1FFC0, 0x1FFF8, 0x1FFFF
};

/* The level of a code by its length. */
static const int8_t level_by_length[GRIDCELL_TEXT_MAX + 1] = {
	0, 0, 0, 0, 1, 0, 2, 3, 0, 4, 0, 5, 6, 0, 7, 0, 8, 0, 9, 0, 10
};

static const char hexadecimal[] = "0123456789ABCDEF";

/*
 * Take one level off a rank: the digit of the level goes to `digit`, what is
 * left within that child to `rest`.  A rest of zero means that the cell is of
 * the level above.  The span is a constant, so no division is made.
 */
#define DESCEND(rest, span, digit) \
	((rest)--, (digit) = (uint32_t) ((rest) / (span)), (rest) -= (uint64_t) (digit) * (span))

/* Take a cell apart into its level and its corner nearest to the origin. */
void
community_gridcell_split(int64_t cell, GridcellParts *parts)
{
	uint64_t	rest = (uint64_t) cell;
	uint32_t	zone = (uint32_t) (rest / GRIDCELL_T1);
	uint32_t	column;
	uint32_t	lon;
	uint32_t	lat;
	uint32_t	digit;
	int			level = 1;

	rest -= zone * (uint64_t) GRIDCELL_T1;
	parts->south = zone >= 1320;
	if (parts->south)
		zone -= 1320;
	column = zone / 22;
	parts->west = column < 30;
	lon = (parts->west ? 29 - column : column - 30) * GRIDCELL_W1;
	lat = (zone - column * 22) * GRIDCELL_H1;

	do
	{
		if (rest == 0)
			break;
		level = 2;
		DESCEND(rest, GRIDCELL_T2, digit);
		lon += (digit >> 3) * GRIDCELL_W2;
		lat += (digit & 7) * GRIDCELL_W2;
		if (rest == 0)
			break;
		level = 3;
		DESCEND(rest, GRIDCELL_T3, digit);
		lon += (digit & 1) * GRIDCELL_W3;
		lat += (digit >> 1) * GRIDCELL_H3;
		if (rest == 0)
			break;
		level = 4;
		DESCEND(rest, GRIDCELL_T4, digit);
		lon += digit / 10 * GRIDCELL_W4;
		lat += digit % 10 * GRIDCELL_W4;
		if (rest == 0)
			break;
		level = 5;
		DESCEND(rest, GRIDCELL_T5, digit);
		lon += digit / 15 * GRIDCELL_W5;
		lat += digit % 15 * GRIDCELL_W5;
		if (rest == 0)
			break;
		level = 6;
		DESCEND(rest, GRIDCELL_T6, digit);
		lon += (digit & 1) << 12;
		lat += (digit >> 1) << 12;
		if (rest == 0)
			break;
		level = 7;
		DESCEND(rest, GRIDCELL_T7, digit);
		lon += (digit >> 3) << 9;
		lat += (digit & 7) << 9;
		if (rest == 0)
			break;
		level = 8;
		DESCEND(rest, GRIDCELL_T8, digit);
		lon += (digit >> 3) << 6;
		lat += (digit & 7) << 6;
		if (rest == 0)
			break;
		level = 9;
		DESCEND(rest, GRIDCELL_T9, digit);
		lon += (digit >> 3) << 3;
		lat += (digit & 7) << 3;
		if (rest == 0)
			break;
		level = 10;
		digit = (uint32_t) rest - 1;
		lon += digit >> 3;
		lat += digit & 7;
	} while (0);

	parts->level = level;
	parts->lon = lon;
	parts->lat = lat;
}

/*
 * Answer the ancestor of a cell at a level; the cell itself when it is of that
 * level already, -1 when it is of a higher one.
 */
int64_t
community_gridcell_ancestor(int64_t cell, int level)
{
	GridcellRest rest = {0};

	if (gridcell_descend(cell, &rest) < level)
		return -1;
	switch (level)
	{
		case 1:
			return cell - cell % GRIDCELL_T1;
		case 2:
			return cell - (cell % GRIDCELL_T1 - 1) % GRIDCELL_T2;
		case 3:
			return cell - ((cell % GRIDCELL_T1 - 1) % GRIDCELL_T2 - 1) % GRIDCELL_T3;
		case 4:
			return cell - rest.rest4;
		case 5:
			return cell - (rest.rest4 - 1) % GRIDCELL_T5;
		case 6:
			return cell - rest.rest6;
		case 7:
			return cell - (rest.rest6 - 1) % GRIDCELL_T7;
		case 8:
			return cell - rest.rest8;
		case 9:
			return cell - (rest.rest8 - 1) % GRIDCELL_T9;
		default:
			return cell;
	}
}

/* Answer the parent of a cell, -1 for a cell of level 1. */
int64_t
community_gridcell_up(int64_t cell)
{
	GridcellRest rest = {0};

	switch (gridcell_descend(cell, &rest))
	{
		case 1:
			return -1;
		case 2:
			return cell - cell % GRIDCELL_T1;
		case 3:
			return cell - (cell % GRIDCELL_T1 - 1) % GRIDCELL_T2;
		case 4:
			return cell - ((cell % GRIDCELL_T1 - 1) % GRIDCELL_T2 - 1) % GRIDCELL_T3;
		case 5:
			return cell - rest.rest4;
		case 6:
			return cell - (rest.rest4 - 1) % GRIDCELL_T5;
		case 7:
			return cell - rest.rest6;
		case 8:
			return cell - (rest.rest6 - 1) % GRIDCELL_T7;
		case 9:
			return cell - rest.rest8;
		default:
			return cell - (rest.rest8 - 1) % GRIDCELL_T9;
	}
}

/* Write the code of a cell, which is not terminated, and answer its length. */
int
community_gridcell_format(int64_t cell, char *out)
{
	uint64_t	rest = (uint64_t) cell;
	uint32_t	zone = (uint32_t) (rest / GRIDCELL_T1);
	uint32_t	column;
	uint32_t	digit;

	rest -= zone * (uint64_t) GRIDCELL_T1;
	out[0] = zone >= 1320 ? 'S' : 'N';
	zone %= 1320;
	column = zone / 22 + 1;
	out[1] = (char) ('0' + column / 10);
	out[2] = (char) ('0' + column % 10);
	out[3] = (char) ('A' + zone % 22);
	if (rest == 0)
		return 4;
	DESCEND(rest, GRIDCELL_T2, digit);
	out[4] = hexadecimal[digit >> 3];
	out[5] = hexadecimal[digit & 7];
	if (rest == 0)
		return 6;
	DESCEND(rest, GRIDCELL_T3, digit);
	out[6] = hexadecimal[digit];
	if (rest == 0)
		return 7;
	DESCEND(rest, GRIDCELL_T4, digit);
	out[7] = hexadecimal[digit / 10];
	out[8] = hexadecimal[digit % 10];
	if (rest == 0)
		return 9;
	DESCEND(rest, GRIDCELL_T5, digit);
	out[9] = hexadecimal[digit / 15];
	out[10] = hexadecimal[digit % 15];
	if (rest == 0)
		return 11;
	DESCEND(rest, GRIDCELL_T6, digit);
	out[11] = hexadecimal[digit];
	if (rest == 0)
		return 12;
	DESCEND(rest, GRIDCELL_T7, digit);
	out[12] = hexadecimal[digit >> 3];
	out[13] = hexadecimal[digit & 7];
	if (rest == 0)
		return 14;
	DESCEND(rest, GRIDCELL_T8, digit);
	out[14] = hexadecimal[digit >> 3];
	out[15] = hexadecimal[digit & 7];
	if (rest == 0)
		return 16;
	DESCEND(rest, GRIDCELL_T9, digit);
	out[16] = hexadecimal[digit >> 3];
	out[17] = hexadecimal[digit & 7];
	if (rest == 0)
		return 18;
	digit = (uint32_t) rest - 1;
	out[18] = hexadecimal[digit >> 3];
	out[19] = hexadecimal[digit & 7];
	return 20;
}

/* Answer the value of an upper-case hexadecimal digit, 99 when it is none. */
static inline uint32_t
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t) (c - '0');
	if (c >= 'A' && c <= 'F')
		return (uint32_t) (c - 'A') + 10;
	return 99;
}

/*
 * Read a code of `length` characters.  On failure `position` is the first
 * character that is wrong, counted from 1.
 */
GridcellStatus
community_gridcell_parse(const char *text, size_t length,
						 int64_t *cell, int *position)
{
	int			level;
	int			at = 4;
	uint32_t	column;
	int64_t		rank;

	*position = 1;
	if (length > 0 && text[0] != 'N' && text[0] != 'S')
		return GRIDCELL_BAD_HEMISPHERE;
	if (length > GRIDCELL_TEXT_MAX || level_by_length[length] == 0)
		return GRIDCELL_BAD_LENGTH;
	level = level_by_length[length];

	*position = 2;
	if (text[1] < '0' || text[1] > '6' || text[2] < '0' || text[2] > '9')
		return GRIDCELL_BAD_COLUMN;
	column = (uint32_t) (text[1] - '0') * 10 + (uint32_t) (text[2] - '0');
	if (column < 1 || column > 60)
		return GRIDCELL_BAD_COLUMN;
	*position = 4;
	if (text[3] < 'A' || text[3] > 'V')
		return GRIDCELL_BAD_ROW;
	rank = (int64_t) ((text[0] == 'S' ? 1320 : 0) + (column - 1) * 22 +
					  (uint32_t) (text[3] - 'A')) * GRIDCELL_T1;

	for (int l = 2; l <= level; l++)
	{
		uint32_t	columns = (uint32_t) community_gridcell_columns[l - 1];
		uint32_t	rows = (uint32_t) community_gridcell_rows[l - 1];
		uint32_t	digit;

		if (l == 3 || l == 6)
		{
			digit = digit_value(text[at]);
			if (digit >= columns * rows)
			{
				*position = at + 1;
				return GRIDCELL_BAD_DIGIT;
			}
			at += 1;
		}
		else
		{
			uint32_t	lon = digit_value(text[at]);
			uint32_t	lat = digit_value(text[at + 1]);

			if (lon >= columns || lat >= rows)
			{
				*position = lon >= columns ? at + 1 : at + 2;
				return GRIDCELL_BAD_DIGIT;
			}
			digit = lon * rows + lat;
			at += 2;
		}
		rank += 1 + (int64_t) digit * community_gridcell_span[l];
	}

	*position = 0;
	*cell = rank;
	return GRIDCELL_OK;
}

/* Place a cell in the signed lattice of its level. */
void
community_gridcell_to_index(int64_t cell, GridcellIndex *index)
{
	GridcellParts parts;
	int32_t		x;
	int32_t		y;

	community_gridcell_split(cell, &parts);
	x = (int32_t) (parts.lon / community_gridcell_width[parts.level]);
	y = (int32_t) (parts.lat / community_gridcell_height[parts.level]);
	index->level = parts.level;
	index->x = parts.west ? -1 - x : x;
	index->y = parts.south ? -1 - y : y;
}

/*
 * Name the cell at a place of the lattice.  Columns wrap around the world;
 * false is answered for rows at 88 degrees and beyond, and for a wrong level.
 */
bool
community_gridcell_from_index(int level, int64_t x, int64_t y, int64_t *cell)
{
	int64_t		half;
	int64_t		rows;
	bool		west;
	bool		south;

	if (level < 1 || level > GRIDCELL_LEVELS)
		return false;
	half = GRIDCELL_LON_UNITS / community_gridcell_width[level];
	rows = GRIDCELL_LAT_UNITS / community_gridcell_height[level];
	if (y < -rows || y >= rows)
		return false;
	if (x < -half || x >= half)
	{
		x %= 2 * half;
		if (x < -half)
			x += 2 * half;
		else if (x >= half)
			x -= 2 * half;
	}

	west = x < 0;
	south = y < 0;
	*cell = gridcell_from_units(west, south,
								(uint32_t) (west ? -1 - x : x) * community_gridcell_width[level],
								(uint32_t) (south ? -1 - y : y) * community_gridcell_height[level],
								level);
	return true;
}
