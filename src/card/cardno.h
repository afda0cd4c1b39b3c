/*
 * cardno.h
 *		Numbers of cards: 6 digits of region, 10 of serial, 2 check digits.
 */
#ifndef COMMUNITY_CARDNO_H
#define COMMUNITY_CARDNO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARDNO_MIN			INT64_C(100000000000000000)
#define CARDNO_MAX			INT64_C(999999999999999999)
#define CARDNO_MAX_SERIAL	INT64_C(9999999999)

/* A number is written as 330203-0000-0001-2346. */
#define CARDNO_TEXT			21

typedef enum cardno_status
{
	CARDNO_OK,
	CARDNO_BAD_FORM,			/* not 18 digits, plain or in groups */
	CARDNO_BAD_REGION,			/* begins with 0 */
	CARDNO_BAD_CHECK			/* check digits do not fit */
} cardno_status;

extern cardno_status community_cardno_check(int64_t number);
extern cardno_status community_cardno_parse(const char *text, size_t len, int64_t *number);
extern void community_cardno_print(int64_t number, char *out);
extern int64_t community_cardno_make(int64_t region, int64_t serial);

static inline int64_t
cardno_region(int64_t number)
{
	return number / INT64_C(1000000000000);
}

static inline int64_t
cardno_serial(int64_t number)
{
	return number / 100 % INT64_C(10000000000);
}

#endif							/* COMMUNITY_CARDNO_H */
