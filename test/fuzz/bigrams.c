/*
 * bigrams.c
 *		Fuzz the cutting of texts into character pairs.
 */
#include "fuzz.h"

#include "text/bigrams.h"

/* Pairs are sorted, distinct and survive being cut again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t   *pairs = malloc((size + 1) * sizeof(uint64_t));
	size_t		n;

	if (community_bigram_core(data, size, pairs, &n))
	{
		CHECK(n <= size);
		for (size_t i = 0; i < n; i++)
		{
			unsigned char text[BIGRAM_BYTES];
			uint64_t	again[BIGRAM_BYTES + 1];
			size_t		len = community_bigram_utf8(pairs[i], text);
			size_t		m;

			CHECK(i == 0 || pairs[i - 1] < pairs[i]);
			CHECK(len <= BIGRAM_BYTES);
			CHECK(community_bigram_core(text, len, again, &m) && m == 1 && again[0] == pairs[i]);
		}
	}
	free(pairs);
	return 0;
}
