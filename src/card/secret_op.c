/*
 * secret_op.c
 *		Proofs of cards, pseudonyms and PINs.
 */
#include "compat.h"

#include <openssl/crypto.h>

#include "utils/builtins.h"

#include "card/card_pg.h"
#include "card/keys.h"
#include "card/secret.h"

PG_FUNCTION_INFO_V1(community_card_mac_of);
PG_FUNCTION_INFO_V1(community_card_mac_ok);
PG_FUNCTION_INFO_V1(community_card_response_ok);
PG_FUNCTION_INFO_V1(community_card_pseudonym_of);
PG_FUNCTION_INFO_V1(community_pin_guess_of);
PG_FUNCTION_INFO_V1(community_pin_guess_again);
PG_FUNCTION_INFO_V1(community_pin_store_of);
PG_FUNCTION_INFO_V1(community_pin_matches_of);

/* Read the generation of a card. */
static uint16
read_generation(int32 generation)
{
	if (generation < 0 || generation > 65535)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("generation %d is out of range", generation)));
	return (uint16) generation;
}

/* Read the purpose of a MAC. */
static text *
read_purpose(text *purpose)
{
	if (VARSIZE_ANY_EXHDR(purpose) > 255)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the purpose is longer than 255 bytes")));
	return purpose;
}

/* Compare a MAC with that of each master key of the ring. */
static bool
mac_fits(int64 cardno, uint16 generation, const char *purpose, size_t purpose_len,
		 const char *data, size_t len, bytea *given)
{
	const card_ring *ring = community_keys();
	bool		fits = false;
	int			i;

	for (i = 0; i < ring->nkeys; i++)
	{
		unsigned char mac[CARD_MAC];

		if (ring->keys[i].use == RING_CARD &&
			community_card_mac(&ring->keys[i], cardno, generation,
							   (const unsigned char *) purpose, purpose_len,
							   (const unsigned char *) data, len, mac) &&
			VARSIZE_ANY_EXHDR(given) == CARD_MAC &&
			CRYPTO_memcmp(mac, VARDATA_ANY(given), CARD_MAC) == 0)
			fits = true;
	}
	return fits;
}

/*
 * Compute the MAC of a card: what its chip would answer.
 */
Datum
community_card_mac_of(PG_FUNCTION_ARGS)
{
	text	   *purpose = read_purpose(PG_GETARG_TEXT_PP(2));
	bytea	   *data = PG_GETARG_BYTEA_PP(3);
	unsigned char mac[CARD_MAC];

	if (!community_card_mac(community_active_key(RING_CARD), PG_GETARG_INT64(0),
							read_generation(PG_GETARG_INT32(1)),
							(unsigned char *) VARDATA_ANY(purpose), VARSIZE_ANY_EXHDR(purpose),
							(unsigned char *) VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), mac))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the MAC")));
	PG_RETURN_BYTEA_P(community_bytea(mac, CARD_MAC));
}

/*
 * Tell whether a MAC is the card's.
 */
Datum
community_card_mac_ok(PG_FUNCTION_ARGS)
{
	text	   *purpose = read_purpose(PG_GETARG_TEXT_PP(2));
	bytea	   *data = PG_GETARG_BYTEA_PP(3);

	PG_RETURN_BOOL(mac_fits(PG_GETARG_INT64(0), read_generation(PG_GETARG_INT32(1)),
							VARDATA_ANY(purpose), VARSIZE_ANY_EXHDR(purpose),
							VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), PG_GETARG_BYTEA_PP(4)));
}

/*
 * Tell whether a card answered a challenge: its MAC over nonce and counter.
 */
Datum
community_card_response_ok(PG_FUNCTION_ARGS)
{
	bytea	   *nonce = PG_GETARG_BYTEA_PP(2);
	int64		counter = PG_GETARG_INT64(3);
	size_t		len = VARSIZE_ANY_EXHDR(nonce);
	char	   *data = palloc(len + 8);
	int			i;

	if (len < 8)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a nonce has 8 bytes at least")));
	memcpy(data, VARDATA_ANY(nonce), len);
	for (i = 0; i < 8; i++)
		data[len + i] = (char) ((uint64) counter >> (56 - 8 * i));
	PG_RETURN_BOOL(mac_fits(PG_GETARG_INT64(0), read_generation(PG_GETARG_INT32(1)),
							"response", 8, data, len + 8, PG_GETARG_BYTEA_PP(4)));
}

/*
 * Compute the pseudonym of a person towards an issuer.
 */
Datum
community_card_pseudonym_of(PG_FUNCTION_ARGS)
{
	uint64_t	pseudonym;

	if (!community_card_pseudonym(community_active_key(RING_PSEUDONYM), PG_GETARG_INT32(0),
								  PG_GETARG_INT64(1), &pseudonym))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the pseudonym")));
	PG_RETURN_INT64((int64) pseudonym);
}

/* Key a guess of a PIN with a pepper. */
static bytea *
key_pin(const ring_key *pepper, int64 cardno, int32 generation, text *pin)
{
	unsigned char guess[PIN_GUESS];

	if (!community_pin_form((unsigned char *) VARDATA_ANY(pin), VARSIZE_ANY_EXHDR(pin)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a PIN has %d to %d digits", PIN_MIN, PIN_MAX)));
	if (!community_pin_guess(pepper, cardno, read_generation(generation),
							 (unsigned char *) VARDATA_ANY(pin), VARSIZE_ANY_EXHDR(pin), guess))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not key the PIN")));
	return community_bytea(guess, PIN_GUESS);
}

/*
 * Key a guess of a PIN, so that no table ever holds the digits.
 */
Datum
community_pin_guess_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(key_pin(community_active_key(RING_PIN), PG_GETARG_INT64(0),
							  PG_GETARG_INT32(1), PG_GETARG_TEXT_PP(2)));
}

/*
 * Key a guess as a stored PIN was keyed.
 */
Datum
community_pin_guess_again(PG_FUNCTION_ARGS)
{
	bytea	   *stored = PG_GETARG_BYTEA_PP(3);
	unsigned char *p = (unsigned char *) VARDATA_ANY(stored);
	const ring_key *pepper;

	if (VARSIZE_ANY_EXHDR(stored) != PIN_STORED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a stored PIN")));
	/* after version and cost stands the number of the pepper */
	pepper = community_ring_find(community_keys(), (uint16_t) (p[2] << 8 | p[3]));
	if (pepper == NULL || pepper->use != RING_PIN)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key ring lacks the pepper of this PIN"),
				 errhint("Put the key back as old, or set the PIN anew.")));
	PG_RETURN_BYTEA_P(key_pin(pepper, PG_GETARG_INT64(0), PG_GETARG_INT32(1), PG_GETARG_TEXT_PP(2)));
}

/* Read a keyed guess. */
static unsigned char *
read_guess(bytea *guess)
{
	if (VARSIZE_ANY_EXHDR(guess) != PIN_GUESS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a keyed PIN")));
	return (unsigned char *) VARDATA_ANY(guess);
}

/*
 * Turn a keyed guess into what is stored.
 */
Datum
community_pin_store_of(PG_FUNCTION_ARGS)
{
	unsigned char *guess = read_guess(PG_GETARG_BYTEA_PP(0));
	unsigned char salt[PIN_SALT];
	unsigned char stored[PIN_STORED];

	if (!pg_strong_random(salt, sizeof(salt)) || !community_pin_store(guess, salt, stored))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not store the PIN")));
	PG_RETURN_BYTEA_P(community_bytea(stored, PIN_STORED));
}

/*
 * Tell whether a keyed guess is the stored PIN.
 */
Datum
community_pin_matches_of(PG_FUNCTION_ARGS)
{
	unsigned char *guess = read_guess(PG_GETARG_BYTEA_PP(0));
	bytea	   *stored = PG_GETARG_BYTEA_PP(1);
	int			same = -1;

	if (VARSIZE_ANY_EXHDR(stored) == PIN_STORED)
		same = community_pin_matches(guess, (unsigned char *) VARDATA_ANY(stored));
	if (same < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a stored PIN")));
	PG_RETURN_BOOL(same == 1);
}
