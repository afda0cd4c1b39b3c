/*
 * gridcode_core.c
 *		Division and management grid codes: validity, text, ancestors, successors.
 *
 * Nothing here knows the server: the file compiles alone.
 */
#include "grid/gridcode_core.h"

const int64_t community_gridcode_span[GRIDCODE_LEVELS + 1] = {
	0,
	GRIDCODE_T1, GRIDCODE_T2, GRIDCODE_T3, GRIDCODE_T4, GRIDCODE_T5, GRIDCODE_T6
};

const int32_t community_gridcode_length[GRIDCODE_LEVELS + 1] = {
	0, 2, 4, 6, 9, 12, 15
};

/* How many values a group has. */
static const int64_t group_size[GRIDCODE_LEVELS + 1] = {
	0, 100, 100, 100, 1000, 1000, 1000
};

/* The level of a text by its length. */
static const int8_t level_by_length[GRIDCODE_DIGITS + 1] = {
	0, 0, 1, 0, 2, 0, 3, 0, 0, 4, 0, 0, 5, 0, 0, 6
};

/*
 * Tell what is wrong with a 15-digit number.  Groups are filled from the left;
 * only the county may be zero above a town, where a prefecture city has none.
 */
GridcodeStatus
community_gridcode_check(int64_t code)
{
	int			level;

	if (code < 0 || code > GRIDCODE_MAX)
		return GRIDCODE_BAD_LENGTH;
	if (code < GRIDCODE_MIN)
		return GRIDCODE_BAD_PROVINCE;
	level = gridcode_level(code);
	for (int l = 2; l < level; l++)
		if (l != 3 && code / community_gridcode_span[l] % group_size[l] == 0)
			return GRIDCODE_SKIPPED_GROUP;
	return GRIDCODE_OK;
}

/* Make a code of a number of 2, 4, 6, 9, 12 or 15 digits. */
GridcodeStatus
community_gridcode_from_number(int64_t number, int64_t *code)
{
	for (int l = 1; l <= GRIDCODE_LEVELS; l++)
	{
		int64_t		span = community_gridcode_span[l];

		if (number >= GRIDCODE_MIN / span && number <= GRIDCODE_MAX / span)
		{
			*code = number * span;
			return community_gridcode_check(*code);
		}
	}
	return GRIDCODE_BAD_LENGTH;
}

/*
 * Read a code of 2, 4, 6, 9, 12 or 15 digits; trailing zero groups only make
 * it longer.  On failure `position` is the first character that is wrong.
 */
GridcodeStatus
community_gridcode_parse(const char *text, size_t length, int64_t *code, int *position)
{
	int64_t		number = 0;
	GridcodeStatus status;

	*position = 0;
	for (size_t i = 0; i < length && i < GRIDCODE_DIGITS; i++)
	{
		if (text[i] < '0' || text[i] > '9')
		{
			*position = (int) i + 1;
			return GRIDCODE_BAD_DIGIT;
		}
		number = number * 10 + (text[i] - '0');
	}
	if (length > GRIDCODE_DIGITS || level_by_length[length] == 0)
		return GRIDCODE_BAD_LENGTH;

	number *= community_gridcode_span[level_by_length[length]];
	status = community_gridcode_check(number);
	if (status == GRIDCODE_OK)
		*code = number;
	return status;
}

/* Write a code in its shortest form, not terminated, and answer its length. */
int
community_gridcode_format(int64_t code, char *out)
{
	int			level = gridcode_level(code);
	int			length = community_gridcode_length[level];

	code /= community_gridcode_span[level];
	for (int i = length - 1; i >= 0; i--)
	{
		out[i] = (char) ('0' + code % 10);
		code /= 10;
	}
	return length;
}

/*
 * Answer the ancestor of a code at a level; the code itself when it is of that
 * level, -1 when it is of a higher one or has no ancestor there (the county of
 * a town that stands directly under its city).
 */
int64_t
community_gridcode_ancestor(int64_t code, int level)
{
	int64_t		ancestor = code - code % community_gridcode_span[level];

	return gridcode_level(ancestor) == level ? ancestor : -1;
}

/* Answer the first code that is not below a number, -1 when there is none. */
int64_t
community_gridcode_ceiling(int64_t number)
{
	if (number < GRIDCODE_MIN)
		return GRIDCODE_MIN;
	if (number > GRIDCODE_MAX)
		return -1;

	/*
	 * A zero group above a non-zero one: the codes between have nothing there,
	 * so go on with the first value of that group.  From the left, since what
	 * is right of it is cleared.
	 */
	for (int l = 2; l < GRIDCODE_LEVELS; l++)
	{
		int64_t		span = community_gridcode_span[l];

		if (number % span == 0)
			break;
		if (l != 3 && number / span % group_size[l] == 0)
		{
			/* below a city without counties the first code is a town */
			number += span - number % span;
			break;
		}
	}
	return number;
}

/* Answer the last code that is not above a number, -1 when there is none. */
int64_t
community_gridcode_floor(int64_t number)
{
	if (number < GRIDCODE_MIN)
		return -1;
	if (number > GRIDCODE_MAX)
		return GRIDCODE_MAX;
	for (int l = 2; l < GRIDCODE_LEVELS; l++)
	{
		int64_t		span = community_gridcode_span[l];

		if (l != 3 && number / span % group_size[l] == 0)
			return number - number % span;
	}
	return number;
}
