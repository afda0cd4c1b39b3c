/*
 * credential_text.c
 *		Fuzz the texts of credentials: one credential, one text of each form.
 */
#include "fuzz.h"

#include "card/card.h"

/* Read a text; what is read is written as the same text. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char bytes[CREDENTIAL_MAX];
	unsigned char body[CREDENTIAL_MAX];
	char		text[CREDENTIAL_TEXT_MAX];
	char		qr[CREDENTIAL_QR_MAX];
	credential_claims claims;
	size_t		len;
	size_t		n;

	if (community_credential_parse((const char *) data, size, bytes, &len) != NULL)
		return 0;
	CHECK(len <= CREDENTIAL_MAX);
	n = community_credential_print(bytes, len, text);
	if (data[0] == 'c')
		CHECK(n == size && memcmp(text, data, n) == 0);
	n = community_credential_qr(bytes, len, qr);
	if (data[0] == 'C')
		CHECK(n == size && memcmp(qr, data, n) == 0);
	if (community_credential_decode(bytes, len, &claims) == NULL)
	{
		n = community_credential_encode(&claims, body);
		CHECK(n + community_credential_tag_size(claims.suite) == len && memcmp(body, bytes, n) == 0);
	}
	return 0;
}
