/*
 * ring_core.c
 *		Read a key ring, and compute tags and signatures with its keys.
 *
 * A ring is a text: the line "community-ring 1", then a line a key,
 *
 *		number  use  state  material
 *
 * with # for comments.  doc/keys.md describes it.  Material never leaves this
 * file but into libcrypto.
 */
#include "card/ring.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

/* The distinguishing identifier of GM/T 0009 when none is agreed on. */
#define SM2_ID		"1234567812345678"

/* What a use is called in the ring and needs as material. */
static const struct
{
	const char *name;
	uint8_t		use;
	uint8_t		min;
	uint8_t		max;
	bool		private_half;
}			uses[] =
{
	{"hmac-sha256", RING_HMAC_SHA256, 32, 64, true},
	{"hmac-sm3", RING_HMAC_SM3, 32, 64, true},
	{"ed25519", RING_ED25519, 32, 32, true},
	{"ed25519-public", RING_ED25519, 32, 32, false},
	{"sm2", RING_SM2, 32, 32, true},
	{"sm2-public", RING_SM2, 64, 64, false},
	{"sign-ed25519", RING_SIGN_ED25519, 32, 32, true},
	{"sign-ed25519-public", RING_SIGN_ED25519, 32, 32, false},
	{"sign-sm2", RING_SIGN_SM2, 32, 32, true},
	{"sign-sm2-public", RING_SIGN_SM2, 64, 64, false},
	{"seal-aes", RING_SEAL_AES, 32, 32, true},
	{"seal-sm4", RING_SEAL_SM4, 48, 48, true},
	{"index", RING_INDEX, 32, 64, true},
	{"pseudonym", RING_PSEUDONYM, 32, 64, true},
	{"pin", RING_PIN, 32, 64, true},
	{"card", RING_CARD, 32, 64, true}
};

#define N_USES	((int) (sizeof(uses) / sizeof(uses[0])))

/*
 * Tell what a use is called.
 */
const char *
community_ring_use_name(int use)
{
	int			i;

	for (i = 0; i < N_USES; i++)
		if (uses[i].use == use)
			return uses[i].name;
	return "unknown";
}

/* Key a MAC context with HMAC over a digest. */
static EVP_MAC_CTX *
new_mac(const char *digest, const unsigned char *key, size_t len)
{
	EVP_MAC    *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM	params[2];

	EVP_MAC_free(mac);
	if (ctx == NULL)
		return NULL;
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *) digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(ctx, key, len, params) != 1)
	{
		EVP_MAC_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/* Make the SM2 key of a private scalar or of a public point. */
static EVP_PKEY *
new_sm2(const ring_key *key, unsigned char *public_key)
{
	EC_GROUP   *group = EC_GROUP_new_by_curve_name(NID_sm2);
	EC_POINT   *point = group != NULL ? EC_POINT_new(group) : NULL;
	BIGNUM	   *scalar = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY   *pkey = NULL;
	unsigned char encoded[65];

	if (point == NULL || build == NULL)
		goto done;
	if (key->private_half)
	{
		/* GM/T 0003.1: 1 <= d <= n - 2 */
		scalar = BN_bin2bn(key->material, 32, NULL);
		if (scalar == NULL || BN_is_zero(scalar) ||
			BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
			goto done;
		BN_add_word(scalar, 1);
		if (BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
			goto done;
		BN_sub_word(scalar, 1);
		BN_set_flags(scalar, BN_FLG_CONSTTIME);
		if (EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) != 1 ||
			EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
							   encoded, sizeof(encoded), NULL) != sizeof(encoded))
			goto done;
	}
	else
	{
		encoded[0] = POINT_CONVERSION_UNCOMPRESSED;
		memcpy(encoded + 1, key->material, 64);
		if (EC_POINT_oct2point(group, point, encoded, sizeof(encoded), NULL) != 1)
			goto done;
	}
	memcpy(public_key, encoded + 1, 64);
	if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) != 1 ||
		OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
										 encoded, sizeof(encoded)) != 1 ||
		(scalar != NULL &&
		 OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) != 1))
		goto done;
	params = OSSL_PARAM_BLD_to_param(build);
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &pkey, scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
						  params) != 1)
		pkey = NULL;
done:
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_clear_free(scalar);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return pkey;
}

/* Make the libcrypto objects, the public half and the check value of a key. */
static bool
prepare_key(ring_key *key)
{
	static const unsigned char label[] = "community kcv";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	const unsigned char *part = label;
	size_t		len = sizeof(label) - 1;

	switch (ring_algorithm(key->use))
	{
		case RING_ED25519:
			if (key->private_half)
			{
				size_t		size = 32;

				key->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
														 key->material, 32);
				if (key->pkey == NULL ||
					EVP_PKEY_get_raw_public_key(key->pkey, key->public_key, &size) != 1)
					return false;
			}
			else
			{
				key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
														key->material, 32);
				memcpy(key->public_key, key->material, 32);
			}
			key->public_len = 32;
			break;
		case RING_SM2:
			key->pkey = new_sm2(key, key->public_key);
			key->public_len = 64;
			break;
		case RING_HMAC_SM3:
			key->mac = new_mac("SM3", key->material, key->len);
			break;
		case RING_SEAL_SM4:
			/* 16 bytes encrypt, 32 authenticate */
			key->mac = new_mac("SM3", key->material + 16, 32);
			break;
		default:
			key->mac = new_mac("SHA256", key->material, key->len);
	}
	if (key->pkey == NULL && key->mac == NULL)
		return false;
	if (key->pkey != NULL)
	{
		if (EVP_Digest(key->public_key, key->public_len, digest, &n, EVP_sha256(), NULL) != 1)
			return false;
	}
	else if (!community_ring_tag(key, &part, &len, 1, digest))
		return false;
	memcpy(key->kcv, digest, 4);
	return true;
}

/* Split off the next word of a line. */
static bool
next_word(const char **at, const char *end, const char **word, size_t *len)
{
	const char *p = *at;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	*word = p;
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	*len = p - *word;
	*at = p;
	return *len > 0;
}

static bool
word_is(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(word, text, len) == 0;
}

/* Read hexadecimal digits. */
static bool
read_hex(const char *text, size_t len, unsigned char *out, size_t max, size_t *n)
{
	size_t		i;

	if (len % 2 != 0 || len / 2 > max)
		return false;
	for (i = 0; i < len; i++)
	{
		char		c = text[i];
		int			v;

		if (c >= '0' && c <= '9')
			v = c - '0';
		else if (c >= 'a' && c <= 'f')
			v = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			v = c - 'A' + 10;
		else
			return false;
		out[i / 2] = (unsigned char) (i % 2 == 0 ? v << 4 : out[i / 2] | v);
	}
	*n = len / 2;
	return true;
}

/* Read a line that holds a key. */
static const char *
read_key(const char *at, const char *end, ring_key *key)
{
	const char *word;
	size_t		len,
				n,
				i;
	unsigned	id = 0;
	int			u;

	memset(key, 0, sizeof(*key));
	next_word(&at, end, &word, &len);
	for (i = 0; i < len; i++)
	{
		if (word[i] < '0' || word[i] > '9' || i > 4)
			return "the number of a key is 1 to 65535";
		id = id * 10 + (word[i] - '0');
	}
	if (id < 1 || id > 65535)
		return "the number of a key is 1 to 65535";
	key->id = (uint16_t) id;

	next_word(&at, end, &word, &len);
	for (u = 0; u < N_USES && !word_is(word, len, uses[u].name); u++)
		;
	if (u == N_USES)
		return "the use of the key is not known";
	key->use = uses[u].use;
	key->private_half = uses[u].private_half;

	next_word(&at, end, &word, &len);
	if (word_is(word, len, "active"))
		key->active = true;
	else if (!word_is(word, len, "old"))
		return "the state of a key is active or old";
	if (key->active && !key->private_half)
		return "a public key makes no new values, so it is old";

	next_word(&at, end, &word, &len);
	if (!read_hex(word, len, key->material, RING_MATERIAL, &n) ||
		n < uses[u].min || n > uses[u].max)
		return "the material has not the length or form that the use needs";
	key->len = (uint8_t) n;
	if (next_word(&at, end, &word, &len))
		return "a line holds number, use, state and material only";
	return NULL;
}

/* Tell whether two keys are one, which may then not have two uses. */
static bool
same_key(const ring_key *a, const ring_key *b)
{
	if (a->pkey != NULL && b->pkey != NULL)
		return a->public_len == b->public_len &&
			memcmp(a->public_key, b->public_key, a->public_len) == 0;
	return a->pkey == NULL && b->pkey == NULL && a->len == b->len &&
		CRYPTO_memcmp(a->material, b->material, a->len) == 0;
}

/* Tell the uses of which only one key may be active: both kinds of seals are one. */
static int
use_class(int use)
{
	return use == RING_SEAL_SM4 ? RING_SEAL_AES : use;
}

/*
 * Read a ring; on failure nothing is kept, and line and error say where and why
 * without a byte of material.
 */
bool
community_ring_read(const char *text, size_t len, card_ring *ring, int *line, const char **error)
{
	const char *at = text;
	const char *end = text + len;
	bool		header = false;
	bool		active[RING_USES + 1] = {false};

	memset(ring, 0, sizeof(*ring));
	*line = 0;
	*error = NULL;
	while (at < end && *error == NULL)
	{
		const char *stop = memchr(at, '\n', end - at);
		const char *first = at;
		const char *word;
		size_t		n;

		++*line;
		if (stop == NULL)
			stop = end;
		if (stop > at && stop[-1] == '\r')
			*error = "lines end with a line feed alone";
		else if (!next_word(&first, stop, &word, &n) || *word == '#')
			;					/* nothing on this line */
		else if (!header)
		{
			const char *version = first;
			const char *rest;

			if (!word_is(word, n, "community-ring") ||
				!next_word(&version, stop, &word, &n) || !word_is(word, n, "1") ||
				next_word(&version, stop, &rest, &n))
				*error = "a ring begins with: community-ring 1";
			header = true;
		}
		else if (ring->nkeys == RING_MAX_KEYS)
			*error = "a ring holds 256 keys at most";
		else
		{
			ring_key	key;
			int			i;

			*error = read_key(at, stop, &key);
			for (i = 0; *error == NULL && i < ring->nkeys; i++)
				if (ring->keys[i].id == key.id)
					*error = "two keys have the same number";
			if (*error == NULL && key.active)
			{
				if (active[use_class(key.use)])
					*error = "two keys of the same use are active";
				active[use_class(key.use)] = true;
			}
			if (*error == NULL && !prepare_key(&key))
				*error = "libcrypto refuses the material";
			for (i = 0; *error == NULL && i < ring->nkeys; i++)
				if (ring->keys[i].use != key.use && same_key(&ring->keys[i], &key))
					*error = "two uses share one key";
			if (*error == NULL)
			{
				for (i = ring->nkeys; i > 0 && ring->keys[i - 1].id > key.id; i--)
					ring->keys[i] = ring->keys[i - 1];
				ring->keys[i] = key;
				ring->nkeys++;
			}
			else
			{
				EVP_MAC_CTX_free(key.mac);
				EVP_PKEY_free(key.pkey);
			}
			OPENSSL_cleanse(&key, sizeof(key));
		}
		at = stop + 1;
	}
	if (*error == NULL && !header)
		*error = "a ring begins with: community-ring 1";
	if (*error == NULL)
		return true;
	community_ring_clear(ring);
	return false;
}

/*
 * Forget a ring.
 */
void
community_ring_clear(card_ring *ring)
{
	int			i;

	for (i = 0; i < ring->nkeys; i++)
	{
		EVP_MAC_CTX_free(ring->keys[i].mac);
		EVP_PKEY_free(ring->keys[i].pkey);
	}
	OPENSSL_cleanse(ring, sizeof(*ring));
}

/*
 * Find a key by number; NULL when the ring has none.
 */
const ring_key *
community_ring_find(const card_ring *ring, uint16_t id)
{
	int			lo = 0,
				hi = ring->nkeys;

	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;

		if (ring->keys[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < ring->nkeys && ring->keys[lo].id == id ? &ring->keys[lo] : NULL;
}

/*
 * Find the key that makes new values of a use; NULL when the ring has none.
 */
const ring_key *
community_ring_active(const card_ring *ring, int use)
{
	int			i;

	for (i = 0; i < ring->nkeys; i++)
		if (ring->keys[i].use == use && ring->keys[i].active)
			return &ring->keys[i];
	return NULL;
}

/*
 * Compute the 32-byte HMAC of some parts with a symmetric key.
 */
bool
community_ring_tag(const ring_key *key, const unsigned char *const *parts, const size_t *lens,
				   int nparts, unsigned char *tag)
{
	size_t		n = 0;
	int			i;

	/* without a key the context starts again with the one it has */
	if (key->mac == NULL || EVP_MAC_init(key->mac, NULL, 0, NULL) != 1)
		return false;
	for (i = 0; i < nparts; i++)
		if (EVP_MAC_update(key->mac, parts[i], lens[i]) != 1)
			return false;
	return EVP_MAC_final(key->mac, tag, &n, 32) == 1 && n == 32;
}

/* Make a digest context for SM2 with the agreed identifier, or for Ed25519. */
static EVP_MD_CTX *
new_signer(const ring_key *key, EVP_PKEY_CTX **pctx)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	*pctx = NULL;
	if (ctx != NULL && ring_algorithm(key->use) == RING_SM2)
	{
		*pctx = EVP_PKEY_CTX_new(key->pkey, NULL);
		if (*pctx == NULL ||
			EVP_PKEY_CTX_set1_id(*pctx, SM2_ID, sizeof(SM2_ID) - 1) != 1)
		{
			EVP_PKEY_CTX_free(*pctx);
			EVP_MD_CTX_free(ctx);
			*pctx = NULL;
			return NULL;
		}
		EVP_MD_CTX_set_pkey_ctx(ctx, *pctx);
	}
	return ctx;
}

/*
 * Sign data with the private half of a key; 64 bytes.
 */
bool
community_ring_sign(const ring_key *key, const unsigned char *data, size_t len,
					unsigned char *signature)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;
	unsigned char der[128];
	size_t		n = sizeof(der);
	bool		ok = false;

	if (key->pkey == NULL || !key->private_half)
		return false;
	ctx = new_signer(key, &pctx);
	if (ctx == NULL)
		return false;
	if (ring_algorithm(key->use) == RING_ED25519)
	{
		n = RING_SIGNATURE;
		ok = EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
			EVP_DigestSign(ctx, signature, &n, data, len) == 1 && n == RING_SIGNATURE;
	}
	else if (EVP_DigestSignInit(ctx, NULL, EVP_sm3(), NULL, key->pkey) == 1 &&
			 EVP_DigestSign(ctx, der, &n, data, len) == 1)
	{
		const unsigned char *p = der;
		ECDSA_SIG  *sig = d2i_ECDSA_SIG(NULL, &p, (long) n);

		ok = sig != NULL &&
			BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32) == 32 &&
			BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32) == 32;
		ECDSA_SIG_free(sig);
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	return ok;
}

/*
 * Verify a signature of 64 bytes.
 */
bool
community_ring_verify(const ring_key *key, const unsigned char *data, size_t len,
					  const unsigned char *signature)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx;
	bool		ok = false;

	if (key->pkey == NULL)
		return false;
	ctx = new_signer(key, &pctx);
	if (ctx == NULL)
		return false;
	if (ring_algorithm(key->use) == RING_ED25519)
		ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
			EVP_DigestVerify(ctx, signature, RING_SIGNATURE, data, len) == 1;
	else
	{
		ECDSA_SIG  *sig = ECDSA_SIG_new();
		BIGNUM	   *r = BN_bin2bn(signature, 32, NULL);
		BIGNUM	   *s = BN_bin2bn(signature + 32, 32, NULL);
		unsigned char *der = NULL;
		int			n = 0;

		if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1)
		{
			r = s = NULL;
			n = i2d_ECDSA_SIG(sig, &der);
			ok = n > 0 &&
				EVP_DigestVerifyInit(ctx, NULL, EVP_sm3(), NULL, key->pkey) == 1 &&
				EVP_DigestVerify(ctx, der, n, data, len) == 1;
		}
		OPENSSL_free(der);
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
	}
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	return ok;
}
