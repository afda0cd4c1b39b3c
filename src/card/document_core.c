/*
 * document_core.c
 *		Sign documents of a kind, and verify them.
 */
#include "card/document.h"

#include <string.h>

#include <openssl/crypto.h>

#define LABEL			"community "
#define LABEL_BYTES		(sizeof(LABEL) - 1)

/*
 * Tell whether a text names a kind of documents: small letters and spaces.
 */
bool
community_document_kind_ok(const char *kind, size_t len)
{
	size_t		i;

	if (len == 0 || len > DOCUMENT_MAX_KIND)
		return false;
	for (i = 0; i < len; i++)
		if (kind[i] != ' ' && (kind[i] < 'a' || kind[i] > 'z'))
			return false;
	return true;
}

/* Put the label before a document; NULL without memory.  Free it by OPENSSL_free. */
static unsigned char *
labelled(const char *kind, size_t kind_len, const unsigned char *document, size_t len,
		 size_t *out_len)
{
	unsigned char *out = OPENSSL_malloc(LABEL_BYTES + kind_len + 1 + len);
	unsigned char *at = out;

	if (out == NULL)
		return NULL;
	memcpy(at, LABEL, LABEL_BYTES);
	at += LABEL_BYTES;
	memcpy(at, kind, kind_len);
	at += kind_len;
	*at++ = '\n';
	if (len > 0)
		memcpy(at, document, len);
	*out_len = LABEL_BYTES + kind_len + 1 + len;
	return out;
}

/*
 * Sign a document of a kind with a key for what is published; proof has
 * DOCUMENT_PROOF bytes.
 */
bool
community_document_sign(const ring_key *key, const char *kind, size_t kind_len,
						const unsigned char *document, size_t len, unsigned char *proof)
{
	unsigned char *data;
	size_t		n;
	bool		ok;

	if (key->use != ring_publisher(ring_algorithm(key->use)) ||
		!community_document_kind_ok(kind, kind_len) ||
		(data = labelled(kind, kind_len, document, len, &n)) == NULL)
		return false;
	proof[0] = (unsigned char) (key->id >> 8);
	proof[1] = (unsigned char) key->id;
	ok = community_ring_sign(key, data, n, proof + 2);
	OPENSSL_free(data);
	return ok;
}

/*
 * Verify the proof of a document of a kind.
 */
bool
community_document_verify(const card_ring *ring, const char *kind, size_t kind_len,
						  const unsigned char *document, size_t len,
						  const unsigned char *proof, size_t proof_len)
{
	const ring_key *key;
	unsigned char *data;
	size_t		n;
	bool		ok;

	if (proof_len != DOCUMENT_PROOF || !community_document_kind_ok(kind, kind_len))
		return false;
	key = community_ring_find(ring, (uint16_t) (proof[0] << 8 | proof[1]));
	if (key == NULL || key->use != ring_publisher(ring_algorithm(key->use)) ||
		(data = labelled(kind, kind_len, document, len, &n)) == NULL)
		return false;
	ok = community_ring_verify(key, data, n, proof + 2);
	OPENSSL_free(data);
	return ok;
}
