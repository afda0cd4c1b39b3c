/*
 * credential_bytes.c
 *		Fuzz credentials, status bitmaps, deltas and sealed values as bytes: none
 *		is ever accepted without the key.
 */
#include "fuzz.h"

#include "card/card.h"
#include "card/seal.h"
#include "card/status.h"

static const char ring_text[] = "community-ring 1\n"
"1 hmac-sha256 active 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"2 hmac-sm3 active 020102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"3 seal-aes active 030102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
"4 seal-sm4 old 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
"202122232425262728292a2b2c2d2e2f\n";

/* Take the input as each of them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_ring ring;
	static unsigned char out[1 << 16];
	credential_claims claims;
	unsigned char body[CREDENTIAL_MAX];
	size_t		n;

	if (ring.nkeys == 0)
	{
		int			line;
		const char *error;

		CHECK(community_ring_read(ring_text, sizeof(ring_text) - 1, &ring, &line, &error));
	}
	if (size > sizeof(out))
		return 0;
	CHECK(community_credential_verify(&ring, data, size, 0, -1, -1, &claims) != CREDENTIAL_OK);
	if (community_credential_decode(data, size, &claims) == NULL)
	{
		n = community_credential_encode(&claims, body);
		CHECK(n + community_credential_tag_size(claims.suite) == size && memcmp(body, data, n) == 0);
	}
	CHECK(!community_status_verify(&ring, data, size));
	(void) community_status_revoked(data, size, 5);
	if (size > 4)
	{
		size_t		split = data[0] | data[1] << 8;

		if (split <= size)
		{
			n = community_status_apply(data, split, data + split, size - split, out, sizeof(out));
			CHECK(n <= sizeof(out));
			CHECK(n == 0 || !community_status_verify(&ring, out, n));
			n = community_status_delta_size(data, split, data + split, size - split);
			if (n > 0 && n <= sizeof(out))
				CHECK(community_status_delta(data, split, data + split, size - split, out) == n);
		}
	}
	CHECK(community_unseal(&ring, NULL, data, 0, data, size, out, &n) != SEAL_OK);
	return 0;
}
