/*
 * seal_bytes.c
 *		Fuzz sealed values: what is sealed opens at its place, nothing else opens.
 */
#include "fuzz.h"

#include "card/seal.h"

static const char ring_text[] = "community-ring 1\n"
"3 seal-aes active 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"4 seal-sm4 old 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
"202122232425262728292a2b2c2d2e2f\n";

/* Seal the input, open it, and open it with one byte changed. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_ring ring;
	static unsigned char sealed[SEAL_SIZE(4096)];
	static unsigned char out[SEAL_SIZE(4096)];
	unsigned char nonce[SEAL_MAX_NONCE] = {0};
	const ring_key *key;
	size_t		split;
	size_t		len;
	size_t		n;
	size_t		at;

	if (ring.nkeys == 0)
	{
		int			line;
		const char *error;

		CHECK(community_ring_read(ring_text, sizeof(ring_text) - 1, &ring, &line, &error));
	}
	if (size < 4 || size > 4096)
		return 0;
	CHECK(community_unseal(&ring, NULL, data, 2, data, size, out, &n) != SEAL_OK);
	key = community_ring_find(&ring, data[0] & 1 ? 3 : 4);
	split = data[1] < size - 4 ? data[1] : 0;
	CHECK(community_seal(key, nonce, data, split, data + split, size - split, sealed, &len) == SEAL_OK);
	CHECK(len <= SEAL_SIZE(size - split));
	CHECK(community_unseal(&ring, NULL, data, split, sealed, len, out, &n) == SEAL_OK && n == size - split &&
		  memcmp(out, data + split, n) == 0);
	at = (size_t) (data[2] | data[3] << 8) % len;
	sealed[at] ^= 1 << (data[0] >> 5);
	CHECK(community_unseal(&ring, NULL, data, split, sealed, len, out, &n) != SEAL_OK);
	return 0;
}
