/*
 * ring.c
 *		Fuzz the reading of key rings.
 */
#include "fuzz.h"

#include "card/ring.h"

/* A ring is read or refused with a line; its keys are found by number. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_ring ring;
	int			line;
	const char *error;

	if (!community_ring_read((const char *) data, size, &ring, &line, &error))
	{
		CHECK(error != NULL && line >= 0 && ring.nkeys == 0);
		return 0;
	}
	for (int i = 0; i < ring.nkeys; i++)
	{
		CHECK(community_ring_find(&ring, ring.keys[i].id) == &ring.keys[i]);
		CHECK(ring.keys[i].mac != NULL || ring.keys[i].pkey != NULL);
	}
	community_ring_clear(&ring);
	return 0;
}
