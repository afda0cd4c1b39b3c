/*
 * cardno_core.c
 *		Card numbers with the check digits of ISO/IEC 7064, MOD 97-10.
 */
#include "card/cardno.h"

/*
 * Tell whether a number is a card number: the whole is 1 modulo 97.  Check digits
 * are 02 to 98; 00, 01 and 99 would be a second form of 97, 98 and 02.
 */
cardno_status
community_cardno_check(int64_t number)
{
	if (number < 0 || number > CARDNO_MAX)
		return CARDNO_BAD_FORM;
	if (number < CARDNO_MIN)
		return CARDNO_BAD_REGION;
	return number % 97 == 1 && number % 100 >= 2 && number % 100 <= 98 ? CARDNO_OK :
		CARDNO_BAD_CHECK;
}

/*
 * Read 18 digits, plain or in groups of 6, 4, 4 and 4 with dashes between.
 */
cardno_status
community_cardno_parse(const char *text, size_t len, int64_t *number)
{
	bool		dashes = len == CARDNO_TEXT;
	size_t		i;

	if (len != 18 && !dashes)
		return CARDNO_BAD_FORM;
	*number = 0;
	for (i = 0; i < len; i++)
	{
		if (dashes && (i == 6 || i == 11 || i == 16))
		{
			if (text[i] != '-')
				return CARDNO_BAD_FORM;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return CARDNO_BAD_FORM;
		*number = *number * 10 + (text[i] - '0');
	}
	return community_cardno_check(*number);
}

/*
 * Write a card number in groups; CARDNO_TEXT bytes, not terminated.
 */
void
community_cardno_print(int64_t number, char *out)
{
	int			i;

	for (i = CARDNO_TEXT - 1; i >= 0; i--)
	{
		if (i == 6 || i == 11 || i == 16)
			out[i] = '-';
		else
		{
			out[i] = (char) ('0' + number % 10);
			number /= 10;
		}
	}
}

/*
 * Make a card number of a region and a serial number; 0 when one is out of
 * range.
 */
int64_t
community_cardno_make(int64_t region, int64_t serial)
{
	int64_t		number;

	if (region < 100000 || region > 999999 || serial < 0 || serial > CARDNO_MAX_SERIAL)
		return 0;
	number = (region * INT64_C(10000000000) + serial) * 100;
	return number + 98 - number % 97;
}
