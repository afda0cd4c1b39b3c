/*
 * numbers_op.c
 *		SQL functions over numbers_core.
 */
#include "compat.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "text/numbers_core.h"

PG_FUNCTION_INFO_V1(community_resident_id_valid);
PG_FUNCTION_INFO_V1(community_resident_id_birth);
PG_FUNCTION_INFO_V1(community_resident_id_sex);
PG_FUNCTION_INFO_V1(community_resident_id_mask);
PG_FUNCTION_INFO_V1(community_credit_code_valid);
PG_FUNCTION_INFO_V1(community_luhn_valid);
PG_FUNCTION_INFO_V1(community_card_number_valid);
PG_FUNCTION_INFO_V1(community_card_number_mask);
PG_FUNCTION_INFO_V1(community_phone_mask);
PG_FUNCTION_INFO_V1(community_name_mask);

/* Lengths of card numbers (ISO/IEC 7812). */
#define CARD_NUMBER_MIN		12
#define CARD_NUMBER_MAX		19

/* Parse a resident identity number given as text. */
static bool
parse_resident_id(text *t, ResidentId *id)
{
	return community_resident_id_parse(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t), id);
}

/* Return a masked copy of a text. */
static Datum
mask_text(text *t, size_t head, size_t tail)
{
	size_t		len = VARSIZE_ANY_EXHDR(t);
	text	   *out = palloc(VARHDRSZ + len);

	len = community_mask(VARDATA_ANY(t), len, head, tail, VARDATA(out));
	SET_VARSIZE(out, VARHDRSZ + len);
	PG_RETURN_TEXT_P(out);
}

/* Check a resident identity number. */
Datum
community_resident_id_valid(PG_FUNCTION_ARGS)
{
	ResidentId	id;

	PG_RETURN_BOOL(parse_resident_id(PG_GETARG_TEXT_PP(0), &id));
}

/* Return the date of birth in a resident identity number. */
Datum
community_resident_id_birth(PG_FUNCTION_ARGS)
{
	ResidentId	id;

	if (!parse_resident_id(PG_GETARG_TEXT_PP(0), &id))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(date2j(id.year, id.month, id.day) - POSTGRES_EPOCH_JDATE);
}

/* Return the sex in a resident identity number. */
Datum
community_resident_id_sex(PG_FUNCTION_ARGS)
{
	ResidentId	id;

	if (!parse_resident_id(PG_GETARG_TEXT_PP(0), &id))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(id.male ? "male" : "female"));
}

/* Mask a resident identity number: the first three and last four stay. */
Datum
community_resident_id_mask(PG_FUNCTION_ARGS)
{
	return mask_text(PG_GETARG_TEXT_PP(0), 3, 4);
}

/* Check a unified social credit code. */
Datum
community_credit_code_valid(PG_FUNCTION_ARGS)
{
	text	   *t = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(community_credit_code_check(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)));
}

/* Check digits of any length by Luhn's rule. */
Datum
community_luhn_valid(PG_FUNCTION_ARGS)
{
	text	   *t = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(community_luhn_check(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t)));
}

/* Check a card number: 12 to 19 digits with Luhn's check digit. */
Datum
community_card_number_valid(PG_FUNCTION_ARGS)
{
	text	   *t = PG_GETARG_TEXT_PP(0);
	size_t		len = VARSIZE_ANY_EXHDR(t);

	PG_RETURN_BOOL(len >= CARD_NUMBER_MIN && len <= CARD_NUMBER_MAX &&
				   community_luhn_check(VARDATA_ANY(t), len));
}

/* Mask a card number: the last four stay. */
Datum
community_card_number_mask(PG_FUNCTION_ARGS)
{
	return mask_text(PG_GETARG_TEXT_PP(0), 0, 4);
}

/* Mask a telephone number: the first three and the last two stay. */
Datum
community_phone_mask(PG_FUNCTION_ARGS)
{
	return mask_text(PG_GETARG_TEXT_PP(0), 3, 2);
}

/* Mask a person's name: the first character stays. */
Datum
community_name_mask(PG_FUNCTION_ARGS)
{
	return mask_text(PG_GETARG_TEXT_PP(0), 1, 0);
}
