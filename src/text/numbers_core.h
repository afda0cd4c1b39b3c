/*
 * numbers_core.h
 *		Numbers with check digits: pure part.
 */
#ifndef COMMUNITY_TEXT_NUMBERS_CORE_H
#define COMMUNITY_TEXT_NUMBERS_CORE_H

#include <stdbool.h>
#include <stddef.h>

#define RESIDENT_ID_LEN		18
#define CREDIT_CODE_LEN		18

/* What a resident identity number says. */
typedef struct ResidentId
{
	int			year;
	int			month;			/* 1 to 12 */
	int			day;			/* 1 to 31 */
	bool		male;
} ResidentId;

extern bool community_resident_id_parse(const char *s, size_t len, ResidentId *id);
extern bool community_credit_code_check(const char *s, size_t len);
extern bool community_luhn_check(const char *s, size_t len);
extern size_t community_mask(const char *s, size_t len, size_t head, size_t tail,
							 char *out);

#endif							/* COMMUNITY_TEXT_NUMBERS_CORE_H */
