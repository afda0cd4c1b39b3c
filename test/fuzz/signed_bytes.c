/*
 * signed_bytes.c
 *		Fuzz what is signed with public keys: credentials, status bitmaps and
 *		documents are never accepted, whatever bytes stand where the signature is.
 */
#include "fuzz.h"

#include "card/card.h"
#include "card/document.h"
#include "card/status.h"

/* RFC 8032 and GB/T 32918.5 examples: nobody here has the secret halves at hand. */
static const char ring_text[] = "community-ring 1\n"
"1 ed25519-public old d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n"
"2 sm2-public old 09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
"ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13\n"
"3 sign-ed25519-public old 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\n";

/* Put the input as the signature of a good body, and as the whole. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static card_ring ring;
	credential_claims claims = {.suite = RING_ED25519, .key_id = 1, .issuer = 7, .cardno = INT64_C(330203000000012346),
	.apps = 1, .not_before = 0, .expires = 1000};
	status_head head = {.suite = RING_ED25519, .key_id = 3, .issuer = 7, .epoch = 1, .published = 1, .ncards = 8};
	unsigned char bytes[CREDENTIAL_MAX];
	unsigned char proof[DOCUMENT_PROOF] = {0, 3};
	size_t		n;

	if (ring.nkeys == 0)
	{
		int			line;
		const char *error;

		CHECK(community_ring_read(ring_text, sizeof(ring_text) - 1, &ring, &line, &error));
	}
	CHECK(community_credential_verify(&ring, data, size, 5, -1, -1, &claims) != CREDENTIAL_OK);
	CHECK(!community_status_verify(&ring, data, size));
	CHECK(!community_document_verify(&ring, "certificate", 11, data, size / 2, data + size / 2, size - size / 2));
	(void) community_document_kind_ok((const char *) data, size);
	if (size < RING_SIGNATURE + 1)
		return 0;
	claims = (credential_claims) {.suite = data[0] & 1 ? RING_SM2 : RING_ED25519, .key_id = data[0] & 1 ? 2 : 1, .issuer = 7,
		.cardno = INT64_C(330203000000012346), .apps = 1, .not_before = 0, .expires = 1000};
	n = community_credential_encode(&claims, bytes);
	memcpy(bytes + n, data + 1, RING_SIGNATURE);
	CHECK(community_credential_verify(&ring, bytes, n + RING_SIGNATURE, 5, -1, -1, &claims) == CREDENTIAL_BAD_TAG);
	n = community_status_begin(&head, bytes);
	memcpy(bytes + n, data + 1, RING_SIGNATURE);
	CHECK(!community_status_verify(&ring, bytes, n + RING_SIGNATURE));
	memcpy(proof + 2, data + 1, RING_SIGNATURE);
	CHECK(!community_document_verify(&ring, "door package", 12, (const unsigned char *) "x", 1, proof, sizeof(proof)));
	return 0;
}
