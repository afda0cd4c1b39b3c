/*
 * numbers.c
 *		Fuzz the checks of numbers and the masks.
 */
#include "fuzz.h"

#include "text/numbers_core.h"

/* Check a text as every kind of number, and that one wrong digit is refused. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *) data;
	ResidentId	id;
	char	   *out = malloc(size + 1);
	char		copy[32];

	if (community_resident_id_parse(s, size, &id))
	{
		CHECK(id.month >= 1 && id.month <= 12 && id.day >= 1 && id.day <= 31);
		memcpy(copy, s, size);
		copy[3] = copy[3] == '9' ? '0' : copy[3] + 1;
		CHECK(!community_resident_id_parse(copy, size, &id));
	}
	if (community_credit_code_check(s, size))
	{
		memcpy(copy, s, size);
		copy[4] = copy[4] == '9' ? '0' : copy[4] + 1;
		CHECK(!community_credit_code_check(copy, size));
	}
	if (community_luhn_check(s, size) && size < sizeof(copy))
	{
		memcpy(copy, s, size);
		copy[0] = copy[0] == '9' ? '0' : copy[0] + 1;
		CHECK(!community_luhn_check(copy, size));
	}
	for (size_t head = 0; head < 4; head++)
	{
		for (size_t tail = 0; tail < 5; tail++)
			CHECK(community_mask(s, size, head, tail, out) <= size);
	}
	free(out);
	return 0;
}
