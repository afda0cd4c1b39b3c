/*
 * gridcode_core.h
 *		Division and management grid codes as one hierarchy, without the server.
 *
 * A code is the 15-digit number of its six groups, zero below its level:
 * province 2, city 2, county 2 (GB/T 2260), street or town 3 (GB/T 10114),
 * community or village 3, management grid 3.  A parent stands before its
 * descendants, and those of a code of level l are [c, c + span(l) - 1].
 */
#ifndef COMMUNITY_GRIDCODE_CORE_H
#define COMMUNITY_GRIDCODE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRIDCODE_LEVELS		6		/* province .. management grid */
#define GRIDCODE_DIGITS		15
#define GRIDCODE_MIN		INT64_C(100000000000000)
#define GRIDCODE_MAX		INT64_C(999999999999999)

/* Numbers in the range of a code, by level. */
#define GRIDCODE_T1		INT64_C(10000000000000)
#define GRIDCODE_T2		INT64_C(100000000000)
#define GRIDCODE_T3		INT64_C(1000000000)
#define GRIDCODE_T4		INT64_C(1000000)
#define GRIDCODE_T5		INT64_C(1000)
#define GRIDCODE_T6		INT64_C(1)

typedef enum GridcodeStatus
{
	GRIDCODE_OK = 0,
	GRIDCODE_BAD_LENGTH,		/* not 2, 4, 6, 9, 12 or 15 digits */
	GRIDCODE_BAD_DIGIT,			/* a character that is no digit */
	GRIDCODE_BAD_PROVINCE,		/* the first digit is 0 */
	GRIDCODE_SKIPPED_GROUP		/* a zero group stands above a non-zero one */
} GridcodeStatus;

/* By level 1..6; element 0 is unused. */
extern const int64_t community_gridcode_span[GRIDCODE_LEVELS + 1];
extern const int32_t community_gridcode_length[GRIDCODE_LEVELS + 1];

extern GridcodeStatus community_gridcode_check(int64_t code);
extern GridcodeStatus community_gridcode_from_number(int64_t number, int64_t *code);
extern GridcodeStatus community_gridcode_parse(const char *text, size_t length,
											   int64_t *code, int *position);
extern int	community_gridcode_format(int64_t code, char *out);
extern int64_t community_gridcode_ancestor(int64_t code, int level);
extern int64_t community_gridcode_ceiling(int64_t number);
extern int64_t community_gridcode_floor(int64_t number);

/* Answer the level of a code: that of its last group which is not zero. */
static inline int
gridcode_level(int64_t code)
{
	if (code % GRIDCODE_T5 != 0)
		return 6;
	if (code % GRIDCODE_T4 != 0)
		return 5;
	if (code % GRIDCODE_T3 != 0)
		return 4;
	if (code % GRIDCODE_T2 != 0)
		return 3;
	return code % GRIDCODE_T1 != 0 ? 2 : 1;
}

/*
 * Answer the parent of a code, -1 for a province.  That of a town under a city
 * without counties is the city.
 */
static inline int64_t
gridcode_up(int64_t code)
{
	int			level = gridcode_level(code);

	/* clearing the code's own group leaves the parent, whatever its level */
	return level == 1 ? -1 : code - code % community_gridcode_span[level - 1];
}

/* Answer the last number in the range of a code. */
static inline int64_t
gridcode_last(int64_t code)
{
	return code + community_gridcode_span[gridcode_level(code)] - 1;
}

/* Tell whether a code is another one or its ancestor. */
static inline bool
gridcode_contains(int64_t outer, int64_t inner)
{
	int64_t		distance = inner - outer;

	if (distance <= 0 || distance >= GRIDCODE_T1)
		return distance == 0;
	return distance < community_gridcode_span[gridcode_level(outer)];
}

#endif							/* COMMUNITY_GRIDCODE_CORE_H */
