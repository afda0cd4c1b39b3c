/*
 * numbers_core.c
 *		Resident identity numbers (GB 11643), unified social credit codes
 *		(GB 32100), Luhn numbers (ISO/IEC 7812) and masks.
 */
#include "text/numbers_core.h"

/* Years outside this range cannot be a living or recorded person's. */
#define YEAR_MIN	1800
#define YEAR_MAX	2999

/* Tell whether a byte is a decimal digit, whatever the locale. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Read decimal digits whose form has been checked. */
static int
digits(const char *s, int n)
{
	int			v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

/* Return the number of days of a month in the Gregorian calendar. */
static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

/* Check a resident identity number and read what it says. */
bool
community_resident_id_parse(const char *s, size_t len, ResidentId *id)
{
	static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
	int			sum = 0;

	if (len != RESIDENT_ID_LEN)
		return false;
	for (int i = 0; i < RESIDENT_ID_LEN - 1; i++)
	{
		if (!is_digit(s[i]))
			return false;
		sum += weights[i] * (s[i] - '0');
	}
	if (s[RESIDENT_ID_LEN - 1] != "10X98765432"[sum % 11])
		return false;
	id->year = digits(s + 6, 4);
	id->month = digits(s + 10, 2);
	id->day = digits(s + 12, 2);
	id->male = (s[16] - '0') % 2 == 1;
	return id->year >= YEAR_MIN && id->year <= YEAR_MAX &&
		id->month >= 1 && id->month <= 12 &&
		id->day >= 1 && id->day <= month_days(id->year, id->month);
}

/* Return the value of a character of a credit code, -1 for a foreign one. */
static int
credit_value(char c)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

	for (int i = 0; alphabet[i]; i++)
	{
		if (alphabet[i] == c)
			return i;
	}
	return -1;
}

/* Check a unified social credit code. */
bool
community_credit_code_check(const char *s, size_t len)
{
	int			sum = 0,
				weight = 1,
				last = 0;

	if (len != CREDIT_CODE_LEN)
		return false;
	for (int i = 0; i < CREDIT_CODE_LEN; i++)
	{
		last = credit_value(s[i]);
		if (last < 0 || (i >= 2 && i < 8 && !is_digit(s[i])))
			return false;
		if (i < CREDIT_CODE_LEN - 1)
		{
			sum += weight * last;
			weight = weight * 3 % 31;
		}
	}
	return last == (31 - sum % 31) % 31;
}

/* Check the last digit of a number by Luhn's rule. */
bool
community_luhn_check(const char *s, size_t len)
{
	int			sum = 0;

	if (len < 2)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		char		c = s[len - 1 - i];
		int			d;

		if (!is_digit(c))
			return false;
		d = c - '0';
		if (i % 2 == 1)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum = (sum + d) % 10;
	}
	return sum == 0;
}

/* Tell whether a byte continues a UTF-8 character. */
static bool
is_continuation(char c)
{
	return ((unsigned char) c & 0xC0) == 0x80;
}

/*
 * Write a masked copy of UTF-8 text: the first head and last tail characters
 * stay, each other becomes an asterisk; a text too short to hide at least half
 * of its characters is hidden whole.  The copy is never longer than the text.
 */
size_t
community_mask(const char *s, size_t len, size_t head, size_t tail, char *out)
{
	size_t		chars = 0,
				nth = 0,
				n = 0;

	for (size_t i = 0; i < len; i++)
		chars += !is_continuation(s[i]);
	if ((head + tail) * 2 > chars)
		head = tail = 0;
	for (size_t i = 0; i < len; i++)
	{
		if (!is_continuation(s[i]))
			nth++;
		if (nth <= head || nth > chars - tail)
			out[n++] = s[i];
		else if (!is_continuation(s[i]))
			out[n++] = '*';
	}
	return n;
}
