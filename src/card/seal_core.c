/*
 * seal_core.c
 *		Seal and unseal values with a key of the ring.
 */
#include "card/seal.h"

#include <string.h>

#include <openssl/crypto.h>

/* Encode the length of the context, so that no two contexts look alike. */
static void
put_length(unsigned char *out, size_t n)
{
	int			i;

	for (i = 0; i < 8; i++)
		out[i] = (unsigned char) (n >> (56 - 8 * i));
}

/* Run AES-256-GCM over padded text; the tag is written, or checked. */
static bool
run_aes(const unsigned char *key, bool encrypt, const unsigned char *header,
		const unsigned char *nonce, const unsigned char *context, size_t context_len,
		const unsigned char *in, size_t len, unsigned char *out, unsigned char *tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char clen[8];
	int			n;
	bool		ok;

	put_length(clen, context_len);
	ok = ctx != NULL &&
		EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
		EVP_CipherUpdate(ctx, NULL, &n, header, SEAL_HEADER) == 1 &&
		EVP_CipherUpdate(ctx, NULL, &n, clen, sizeof(clen)) == 1 &&
		(context_len == 0 || EVP_CipherUpdate(ctx, NULL, &n, context, (int) context_len) == 1) &&
		EVP_CipherUpdate(ctx, out, &n, in, (int) len) == 1 &&
		(encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, tag) == 1) &&
		EVP_CipherFinal_ex(ctx, out + n, &n) == 1 &&
		(!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, tag) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Run SM4 in counter mode. */
static bool
run_sm4(const unsigned char *key, const unsigned char *nonce,
		const unsigned char *in, size_t len, unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int			n;
	bool		ok;

	ok = ctx != NULL &&
		EVP_CipherInit_ex(ctx, EVP_sm4_ctr(), NULL, key, nonce, 1) == 1 &&
		EVP_CipherUpdate(ctx, out, &n, in, (int) len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* Compute the tag of a value sealed with SM4: over header, nonce, text, context. */
static bool
sm4_tag(const ring_key *key, const unsigned char *sealed, size_t len,
		const unsigned char *context, size_t context_len, unsigned char *tag)
{
	unsigned char clen[8];
	const unsigned char *parts[3] = {clen, context, sealed};
	size_t		lens[3] = {sizeof(clen), context_len, len};

	put_length(clen, context_len);
	return community_ring_tag(key, parts, lens, 3, tag);
}

/*
 * Seal a text with a key under a nonce that is used once (12 or 16 bytes); the
 * result needs SEAL_SIZE(len) bytes.
 */
seal_status
community_seal(const ring_key *key, const unsigned char *nonce,
			   const unsigned char *context, size_t context_len,
			   const unsigned char *text, size_t len, unsigned char *out, size_t *out_len)
{
	size_t		nonce_len = key->use == RING_SEAL_AES ? 12 : 16;
	size_t		padded = (len / SEAL_BLOCK + 1) * SEAL_BLOCK;
	unsigned char *body = out + SEAL_HEADER + nonce_len;
	bool		ok;

	out[0] = SEAL_MAGIC;
	out[1] = key->use == RING_SEAL_AES ? SEAL_AES : SEAL_SM4;
	out[2] = (unsigned char) (key->id >> 8);
	out[3] = (unsigned char) key->id;
	memcpy(out + SEAL_HEADER, nonce, nonce_len);
	/* the ciphers work in place */
	memcpy(body, text, len);
	body[len] = 0x80;
	memset(body + len + 1, 0, padded - len - 1);
	if (key->use == RING_SEAL_AES)
		ok = run_aes(key->material, true, out, nonce, context, context_len,
					 body, padded, body, body + padded);
	else
	{
		unsigned char tag[32];

		ok = run_sm4(key->material, nonce, body, padded, body) &&
			sm4_tag(key, out, SEAL_HEADER + nonce_len + padded, context, context_len, tag);
		memcpy(body + padded, tag, SEAL_TAG);
	}
	*out_len = SEAL_HEADER + nonce_len + padded + SEAL_TAG;
	return ok ? SEAL_OK : SEAL_FAILED;
}

/*
 * Unseal a value with a key of the ring, or with the given data key; the text
 * needs at most len bytes.
 */
seal_status
community_unseal(const card_ring *ring, const ring_key *data_key,
				 const unsigned char *context, size_t context_len,
				 const unsigned char *sealed, size_t len, unsigned char *out, size_t *out_len)
{
	const ring_key *key = data_key;
	size_t		nonce_len;
	size_t		padded;
	const unsigned char *body;
	uint16_t	id;

	if (len < SEAL_HEADER || sealed[0] != SEAL_MAGIC ||
		(sealed[1] != SEAL_AES && sealed[1] != SEAL_SM4))
		return SEAL_BROKEN;
	nonce_len = sealed[1] == SEAL_AES ? 12 : 16;
	if (len < SEAL_HEADER + nonce_len + SEAL_BLOCK + SEAL_TAG ||
		(len - SEAL_HEADER - nonce_len - SEAL_TAG) % SEAL_BLOCK != 0)
		return SEAL_BROKEN;
	padded = len - SEAL_HEADER - nonce_len - SEAL_TAG;
	body = sealed + SEAL_HEADER + nonce_len;
	id = (uint16_t) (sealed[2] << 8 | sealed[3]);
	if (key == NULL)
		key = community_ring_find(ring, id);
	if (key == NULL || key->id != id ||
		key->use != (sealed[1] == SEAL_AES ? RING_SEAL_AES : RING_SEAL_SM4))
		return SEAL_NO_KEY;

	if (key->use == RING_SEAL_AES)
	{
		unsigned char tag[SEAL_TAG];

		memcpy(tag, body + padded, SEAL_TAG);
		if (!run_aes(key->material, false, sealed, sealed + SEAL_HEADER, context, context_len,
					 body, padded, out, tag))
		{
			OPENSSL_cleanse(out, padded);
			return SEAL_REFUSED;
		}
	}
	else
	{
		unsigned char tag[32];

		if (!sm4_tag(key, sealed, len - SEAL_TAG, context, context_len, tag))
			return SEAL_FAILED;
		if (CRYPTO_memcmp(tag, body + padded, SEAL_TAG) != 0)
			return SEAL_REFUSED;
		if (!run_sm4(key->material, sealed + SEAL_HEADER, body, padded, out))
			return SEAL_FAILED;
	}

	/* the last block ends the text */
	while (padded > 0 && out[padded - 1] == 0)
		padded--;
	if (padded == 0 || out[padded - 1] != 0x80 ||
		padded - 1 < len - SEAL_HEADER - nonce_len - SEAL_TAG - SEAL_BLOCK)
		return SEAL_REFUSED;
	*out_len = padded - 1;
	return SEAL_OK;
}
