/*
 * card_core.c
 *		Form, signature and verification of credentials.
 */
#include "card/card.h"

#include <string.h>

#include <openssl/crypto.h>

#include "card/cardno.h"
#include "grid/gridcode_core.h"

/* The applications a card serves, by bit. */
const char *const community_credential_apps[CREDENTIAL_APPS] = {
	"door", "identity", "volunteer", "booking", "debit", "parking", "care"
};

/* The suites by number. */
const char *const community_credential_suites[5] = {
	"", "hmac-sha256", "hmac-sm3", "ed25519", "sm2"
};

static void
put_bytes(unsigned char *out, uint64_t value, int n)
{
	while (n-- > 0)
	{
		out[n] = (unsigned char) value;
		value >>= 8;
	}
}

static uint64_t
get_bytes(const unsigned char *in, int n)
{
	uint64_t	value = 0;

	while (n-- > 0)
		value = value << 8 | *in++;
	return value;
}

/*
 * Tell what is wrong with claims; NULL when nothing is.
 */
const char *
community_credential_check(const credential_claims *claims)
{
	int			i;

	if (claims->suite < RING_HMAC_SHA256 || claims->suite > RING_SM2)
		return "the suite is not known";
	if (claims->key_id == 0)
		return "the number of the key is missing";
	if (claims->issuer == 0 || claims->issuer > INT32_MAX)
		return "the issuer is not a positive number";
	if (community_cardno_check(claims->cardno) != CARDNO_OK)
		return "the card number is not valid";
	if (claims->apps & ~CREDENTIAL_ALL_APPS)
		return "an application is not known";
	if (claims->not_before >= claims->expires)
		return "it expires before it begins";
	if (claims->nzones > CREDENTIAL_MAX_ZONES)
		return "it has more than 8 zones";
	for (i = 0; i < claims->nzones; i++)
	{
		if (community_gridcode_check(claims->zones[i]) != GRIDCODE_OK)
			return "a zone is not a grid code";
		/* a parent stands right before what it contains */
		if (i > 0 && (claims->zones[i] <= claims->zones[i - 1] ||
					  gridcode_contains(claims->zones[i - 1], claims->zones[i])))
			return "its zones are not ascending and apart";
	}
	return NULL;
}

/*
 * Sort zones and drop those within another; false when one is no grid code.
 */
bool
community_zones_sort(int64_t *zones, int *nzones)
{
	int			i,
				j,
				n = 0;

	for (i = 0; i < *nzones; i++)
		if (community_gridcode_check(zones[i]) != GRIDCODE_OK)
			return false;
	for (i = 1; i < *nzones; i++)
	{
		int64_t		zone = zones[i];

		for (j = i; j > 0 && zones[j - 1] > zone; j--)
			zones[j] = zones[j - 1];
		zones[j] = zone;
	}
	for (i = 0; i < *nzones; i++)
		if (n == 0 || !gridcode_contains(zones[n - 1], zones[i]))
			zones[n++] = zones[i];
	*nzones = n;
	return true;
}

/*
 * Write claims that were checked, without the tag; return the length.
 */
size_t
community_credential_encode(const credential_claims *claims, unsigned char *out)
{
	int			i;

	out[0] = CREDENTIAL_MAGIC;
	out[1] = (unsigned char) (claims->suite << 4 | claims->nzones);
	put_bytes(out + 2, claims->key_id, 2);
	put_bytes(out + 4, claims->issuer, 4);
	put_bytes(out + 8, (uint64_t) claims->cardno, 8);
	put_bytes(out + 16, claims->holder, 8);
	put_bytes(out + 24, claims->generation, 2);
	put_bytes(out + 26, claims->apps, 2);
	put_bytes(out + 28, claims->not_before, 4);
	put_bytes(out + 32, claims->expires, 4);
	put_bytes(out + 36, claims->index, 4);
	for (i = 0; i < claims->nzones; i++)
		put_bytes(out + CREDENTIAL_FIXED + 8 * i, (uint64_t) claims->zones[i], 8);
	return CREDENTIAL_FIXED + 8 * (size_t) claims->nzones;
}

/*
 * Tell the length of the tag or signature of a suite.
 */
size_t
community_credential_tag_size(int suite)
{
	return suite == RING_ED25519 || suite == RING_SM2 ? RING_SIGNATURE : CREDENTIAL_TAG;
}

/*
 * Read a credential; NULL, or what is wrong with its form.
 */
const char *
community_credential_decode(const unsigned char *data, size_t len, credential_claims *claims)
{
	int			i;

	memset(claims, 0, sizeof(*claims));
	if (len < CREDENTIAL_MIN || len > CREDENTIAL_MAX)
		return "the length does not fit";
	if (data[0] != CREDENTIAL_MAGIC)
		return "it is of another version";
	claims->suite = data[1] >> 4;
	claims->nzones = data[1] & 0x0F;
	if (claims->suite < RING_HMAC_SHA256 || claims->suite > RING_SM2)
		return "the suite is not known";
	if (claims->nzones > CREDENTIAL_MAX_ZONES)
		return "it has more than 8 zones";
	if (len != CREDENTIAL_FIXED + 8 * (size_t) claims->nzones +
		community_credential_tag_size(claims->suite))
		return "the length does not fit";
	claims->key_id = (uint16_t) get_bytes(data + 2, 2);
	claims->issuer = (uint32_t) get_bytes(data + 4, 4);
	claims->cardno = (int64_t) get_bytes(data + 8, 8);
	claims->holder = get_bytes(data + 16, 8);
	claims->generation = (uint16_t) get_bytes(data + 24, 2);
	claims->apps = (uint16_t) get_bytes(data + 26, 2);
	claims->not_before = (uint32_t) get_bytes(data + 28, 4);
	claims->expires = (uint32_t) get_bytes(data + 32, 4);
	claims->index = (uint32_t) get_bytes(data + 36, 4);
	for (i = 0; i < claims->nzones; i++)
		claims->zones[i] = (int64_t) get_bytes(data + CREDENTIAL_FIXED + 8 * i, 8);
	return community_credential_check(claims);
}

/*
 * Append tag or signature to encoded claims whose suite and key are the key's;
 * data has room for CREDENTIAL_MAX bytes.
 */
bool
community_credential_sign(const ring_key *key, unsigned char *data, size_t *len)
{
	if (key->use > RING_SM2 || key->use != data[1] >> 4 || key->id != get_bytes(data + 2, 2) || !key->private_half)
		return false;
	if (key->mac != NULL)
	{
		const unsigned char *part = data;
		unsigned char tag[32];

		if (!community_ring_tag(key, &part, len, 1, tag))
			return false;
		memcpy(data + *len, tag, CREDENTIAL_TAG);
		*len += CREDENTIAL_TAG;
		return true;
	}
	if (!community_ring_sign(key, data, *len, data + *len))
		return false;
	*len += RING_SIGNATURE;
	return true;
}

/* Check tag or signature; the key is of the credential's suite. */
static bool
tag_fits(const ring_key *key, const unsigned char *data, size_t body)
{
	unsigned char tag[32];

	if (key->mac == NULL)
		return community_ring_verify(key, data, body, data + body);
	return community_ring_tag(key, &data, &body, 1, tag) &&
		CRYPTO_memcmp(tag, data + body, CREDENTIAL_TAG) == 0;
}

/*
 * Verify a credential: form, key and suite, tag, time (minutes since 2020),
 * application (a bit, -1 for none), zone (a grid code, -1 for none).  An
 * unknown key costs a tag too, so that time does not tell which keys exist.
 */
credential_status
community_credential_verify(const card_ring *ring, const unsigned char *data, size_t len,
							int64_t minute, int64_t zone, int app, credential_claims *claims)
{
	const ring_key *key;
	size_t		body;
	int			i;

	if (community_credential_decode(data, len, claims) != NULL)
		return CREDENTIAL_MALFORMED;
	body = CREDENTIAL_FIXED + 8 * (size_t) claims->nzones;
	key = community_ring_find(ring, claims->key_id);
	if (key == NULL || key->use != claims->suite)
	{
		for (i = 0; i < ring->nkeys; i++)
			if (ring->keys[i].use == claims->suite)
			{
				(void) tag_fits(&ring->keys[i], data, body);
				break;
			}
		return CREDENTIAL_NO_KEY;
	}
	if (!tag_fits(key, data, body))
		return CREDENTIAL_BAD_TAG;
	if (minute < (int64_t) claims->not_before)
		return CREDENTIAL_NOT_YET;
	if (minute >= (int64_t) claims->expires)
		return CREDENTIAL_EXPIRED;
	if (app >= 0 && !(claims->apps & (1 << app)))
		return CREDENTIAL_WRONG_APP;
	if (zone >= 0 && claims->nzones > 0)
	{
		for (i = 0; i < claims->nzones; i++)
			if (gridcode_contains(claims->zones[i], zone))
				return CREDENTIAL_OK;
		return CREDENTIAL_WRONG_ZONE;
	}
	return CREDENTIAL_OK;
}

/*
 * Tell what a status is called.
 */
const char *
community_credential_status_name(credential_status status)
{
	static const char *const names[] = {
		"ok", "malformed", "no_key", "bad_tag", "not_yet", "expired", "wrong_app", "wrong_zone"
	};

	return names[status];
}
