/*
 * cardno.c
 *		Fuzz card numbers as text and as eight bytes.
 */
#include "fuzz.h"

#include "card/cardno.h"

/* A text that is read is written again as itself, but for dashes; one wrong digit is refused. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		text[CARDNO_TEXT];
	char		copy[64];
	int64_t		number;
	int64_t		again;
	size_t		i;

	if (community_cardno_parse((const char *) data, size, &number) == CARDNO_OK)
	{
		CHECK(community_cardno_check(number) == CARDNO_OK);
		CHECK(community_cardno_make(cardno_region(number), cardno_serial(number)) == number);
		community_cardno_print(number, text);
		CHECK(community_cardno_parse(text, CARDNO_TEXT, &again) == CARDNO_OK && again == number);
		CHECK(size < sizeof(copy));
		for (i = 0; i < size; i++)
		{
			memcpy(copy, data, size);
			if (copy[i] < '0' || copy[i] > '9')
				continue;
			copy[i] = copy[i] == '9' ? '0' : copy[i] + 1;
			CHECK(community_cardno_parse(copy, size, &again) != CARDNO_OK);
		}
	}
	if (size == 8)
	{
		uint64_t	bits = 0;

		for (i = 0; i < 8; i++)
			bits = bits << 8 | data[i];
		number = (int64_t) bits;
		if (community_cardno_check(number) == CARDNO_OK)
		{
			community_cardno_print(number, text);
			CHECK(community_cardno_parse(text, CARDNO_TEXT, &again) == CARDNO_OK && again == number);
		}
	}
	return 0;
}
