/*
 * secret_core.c
 *		Keys of single cards, pseudonyms of holders, PINs.
 */
#include "card/secret.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/hmac.h>

/* scrypt with N = 2^14, r = 8, p = 1 takes 16 MB and some 50 ms. */
#define PIN_VERSION		1
#define PIN_LOG_N		14

static void
put_bytes(unsigned char *out, uint64_t value, int n)
{
	while (n-- > 0)
	{
		out[n] = (unsigned char) value;
		value >>= 8;
	}
}

/*
 * Compute the MAC of a card over data for a purpose (at most 255 bytes): the
 * card's key is the master's HMAC of number and generation, so a replaced card
 * has another.
 */
bool
community_card_mac(const ring_key *master, int64_t cardno, uint16_t generation,
				   const unsigned char *purpose, size_t purpose_len,
				   const unsigned char *data, size_t len, unsigned char *mac)
{
	unsigned char id[14] = "card";
	unsigned char key[32];
	unsigned char full[32];
	unsigned char plen = (unsigned char) purpose_len;
	const unsigned char *part = id;
	size_t		n = sizeof(id);
	unsigned int out = 0;
	unsigned char *input;
	bool		ok;

	if (purpose_len > 255)
		return false;
	put_bytes(id + 4, (uint64_t) cardno, 8);
	put_bytes(id + 12, generation, 2);
	if (!community_ring_tag(master, &part, &n, 1, key))
		return false;
	input = OPENSSL_malloc(1 + purpose_len + len);
	if (input == NULL)
		return false;
	input[0] = plen;
	memcpy(input + 1, purpose, purpose_len);
	memcpy(input + 1 + purpose_len, data, len);
	ok = HMAC(EVP_sha256(), key, sizeof(key), input, 1 + purpose_len + len, full, &out) != NULL &&
		out == sizeof(full);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_free(input);
	memcpy(mac, full, CARD_MAC);
	return ok;
}

/*
 * Compute the pseudonym of a person towards an issuer: the first 64 bits of the
 * HMAC of both.
 */
bool
community_card_pseudonym(const ring_key *key, uint32_t issuer, int64_t person,
						 uint64_t *pseudonym)
{
	unsigned char id[12];
	unsigned char tag[32];
	const unsigned char *part = id;
	size_t		n = sizeof(id);
	int			i;

	put_bytes(id, issuer, 4);
	put_bytes(id + 4, (uint64_t) person, 8);
	if (!community_ring_tag(key, &part, &n, 1, tag))
		return false;
	*pseudonym = 0;
	for (i = 0; i < 8; i++)
		*pseudonym = *pseudonym << 8 | tag[i];
	return true;
}

/*
 * Tell whether a text has the form of a PIN: 4 to 12 digits.
 */
bool
community_pin_form(const unsigned char *pin, size_t len)
{
	size_t		i;

	if (len < PIN_MIN || len > PIN_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (pin[i] < '0' || pin[i] > '9')
			return false;
	return true;
}

/*
 * Key a guess of a PIN with the pepper; PIN_GUESS bytes.
 */
bool
community_pin_guess(const ring_key *pepper, int64_t cardno, uint16_t generation,
					const unsigned char *pin, size_t len, unsigned char *guess)
{
	unsigned char id[10];
	const unsigned char *parts[2] = {id, pin};
	size_t		lens[2] = {sizeof(id), len};

	put_bytes(id, (uint64_t) cardno, 8);
	put_bytes(id + 8, generation, 2);
	put_bytes(guess, pepper->id, 2);
	return community_ring_tag(pepper, parts, lens, 2, guess + 2);
}

/* Stretch a keyed guess with a salt. */
static bool
stretch(const unsigned char *guess, const unsigned char *salt, int log_n, unsigned char *out)
{
	return EVP_PBE_scrypt((const char *) guess, PIN_GUESS, salt, PIN_SALT,
						  UINT64_C(1) << log_n, 8, 1, 64 * 1024 * 1024, out, 32) == 1;
}

/*
 * Turn a keyed guess into what is stored; PIN_STORED bytes.
 */
bool
community_pin_store(const unsigned char *guess, const unsigned char *salt, unsigned char *stored)
{
	stored[0] = PIN_VERSION;
	stored[1] = PIN_LOG_N;
	memcpy(stored + 2, guess, 2);
	memcpy(stored + 4, salt, PIN_SALT);
	return stretch(guess, salt, PIN_LOG_N, stored + 4 + PIN_SALT);
}

/*
 * Tell whether a keyed guess is the stored PIN: 1 or 0, -1 when what is stored
 * has another form or libcrypto fails.  Keyed with another pepper it is not.
 */
int
community_pin_matches(const unsigned char *guess, const unsigned char *stored)
{
	unsigned char hash[32];
	int			same;

	if (stored[0] != PIN_VERSION || stored[1] < 10 || stored[1] > 15 ||
		!stretch(guess, stored + 4, stored[1], hash))
		return -1;
	same = CRYPTO_memcmp(hash, stored + 4 + PIN_SALT, 32) == 0;
	OPENSSL_cleanse(hash, sizeof(hash));
	return same;
}
