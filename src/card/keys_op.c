/*
 * keys_op.c
 *		What SQL may know of the ring, sealed values and blind indexes.
 */
#include "compat.h"

#include <openssl/crypto.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "card/keys.h"
#include "card/seal.h"

/* A blind index is the number of its key and 16 bytes of the HMAC. */
#define INDEX_BYTES		18

/* A data key is a random AES key, sealed by the ring. */
#define DATA_KEY_BYTES	32

PG_FUNCTION_INFO_V1(community_key_ring);
PG_FUNCTION_INFO_V1(community_seal_text);
PG_FUNCTION_INFO_V1(community_unseal_text);
PG_FUNCTION_INFO_V1(community_seal_key_id);
PG_FUNCTION_INFO_V1(community_data_key_new);
PG_FUNCTION_INFO_V1(community_seal_under);
PG_FUNCTION_INFO_V1(community_unseal_under);
PG_FUNCTION_INFO_V1(community_blind_index);
PG_FUNCTION_INFO_V1(community_blind_index_all);

/*
 * List the keys of the ring: numbers, uses, public halves and check values.
 */
Datum
community_key_ring(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const card_ring *ring = community_keys();
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < ring->nkeys; i++)
	{
		const ring_key *key = &ring->keys[i];
		Datum		values[6];
		bool		nulls[6] = {false};
		bytea	   *kcv = palloc(VARHDRSZ + 4);

		values[0] = Int32GetDatum(key->id);
		values[1] = CStringGetTextDatum(community_ring_use_name(key->use));
		values[2] = CStringGetTextDatum(key->active ? "active" : "old");
		values[3] = BoolGetDatum(key->private_half);
		nulls[4] = key->public_len == 0;
		if (!nulls[4])
		{
			bytea	   *public_key = palloc(VARHDRSZ + key->public_len);

			SET_VARSIZE(public_key, VARHDRSZ + key->public_len);
			memcpy(VARDATA(public_key), key->public_key, key->public_len);
			values[4] = PointerGetDatum(public_key);
		}
		SET_VARSIZE(kcv, VARHDRSZ + 4);
		memcpy(VARDATA(kcv), key->kcv, 4);
		values[5] = PointerGetDatum(kcv);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Seal bytes with a key. */
static bytea *
seal_bytes(const ring_key *key, const void *data, size_t len, text *context)
{
	unsigned char nonce[SEAL_MAX_NONCE];
	bytea	   *out = palloc(VARHDRSZ + SEAL_SIZE(len));
	size_t		n = 0;

	if (!pg_strong_random(nonce, sizeof(nonce)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	if (community_seal(key, nonce, (unsigned char *) VARDATA_ANY(context),
					   VARSIZE_ANY_EXHDR(context), data, len,
					   (unsigned char *) VARDATA(out), &n) != SEAL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not seal the value")));
	SET_VARSIZE(out, VARHDRSZ + n);
	return out;
}

/* Unseal bytes with the ring or a data key; the result is palloc'd. */
static text *
unseal_bytes(const ring_key *data_key, bytea *sealed, text *context)
{
	size_t		len = VARSIZE_ANY_EXHDR(sealed);
	text	   *out = palloc(VARHDRSZ + len);
	size_t		n = 0;

	switch (community_unseal(data_key != NULL ? NULL : community_keys(), data_key,
							 (unsigned char *) VARDATA_ANY(context), VARSIZE_ANY_EXHDR(context),
							 (unsigned char *) VARDATA_ANY(sealed), len,
							 (unsigned char *) VARDATA(out), &n))
	{
		case SEAL_OK:
			break;
		case SEAL_BROKEN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("this is not a sealed value")));
			break;
		case SEAL_NO_KEY:
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the key ring lacks the key of this sealed value")));
			break;
		case SEAL_REFUSED:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("the sealed value does not belong here"),
					 errdetail("It was changed, or sealed for another place.")));
			break;
		case SEAL_FAILED:
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not unseal the value")));
	}
	SET_VARSIZE(out, VARHDRSZ + n);
	return out;
}

/*
 * Seal a text for a place.
 */
Datum
community_seal_text(PG_FUNCTION_ARGS)
{
	text	   *in = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BYTEA_P(seal_bytes(community_active_key(RING_SEAL_AES), VARDATA_ANY(in),
								 VARSIZE_ANY_EXHDR(in), PG_GETARG_TEXT_PP(1)));
}

/*
 * Unseal a text of a place.
 */
Datum
community_unseal_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(unseal_bytes(NULL, PG_GETARG_BYTEA_PP(0), PG_GETARG_TEXT_PP(1)));
}

/*
 * Tell the number of the key that sealed a value.
 */
Datum
community_seal_key_id(PG_FUNCTION_ARGS)
{
	bytea	   *sealed = PG_GETARG_BYTEA_PP(0);
	unsigned char *p = (unsigned char *) VARDATA_ANY(sealed);

	if (VARSIZE_ANY_EXHDR(sealed) < SEAL_HEADER || p[0] != SEAL_MAGIC)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a sealed value")));
	PG_RETURN_INT32(p[2] << 8 | p[3]);
}

/*
 * Make a random data key, sealed for a place.
 */
Datum
community_data_key_new(PG_FUNCTION_ARGS)
{
	unsigned char key[DATA_KEY_BYTES];
	bytea	   *out;

	if (!pg_strong_random(key, sizeof(key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	out = seal_bytes(community_active_key(RING_SEAL_AES), key, sizeof(key), PG_GETARG_TEXT_PP(0));
	OPENSSL_cleanse(key, sizeof(key));
	PG_RETURN_BYTEA_P(out);
}

/* Open a data key. */
static void
open_data_key(bytea *sealed, text *context, ring_key *key)
{
	text	   *material = unseal_bytes(NULL, sealed, context);

	if (VARSIZE_ANY_EXHDR(material) != DATA_KEY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a data key")));
	memset(key, 0, sizeof(*key));
	key->use = RING_SEAL_AES;
	key->len = DATA_KEY_BYTES;
	memcpy(key->material, VARDATA_ANY(material), DATA_KEY_BYTES);
	OPENSSL_cleanse(VARDATA_ANY(material), DATA_KEY_BYTES);
	pfree(material);
}

/*
 * Seal a text for a place under a data key.
 */
Datum
community_seal_under(PG_FUNCTION_ARGS)
{
	text	   *in = PG_GETARG_TEXT_PP(2);
	text	   *context = PG_GETARG_TEXT_PP(3);
	ring_key	key;
	bytea	   *out;

	open_data_key(PG_GETARG_BYTEA_PP(0), PG_GETARG_TEXT_PP(1), &key);
	out = seal_bytes(&key, VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), context);
	OPENSSL_cleanse(&key, sizeof(key));
	PG_RETURN_BYTEA_P(out);
}

/*
 * Unseal a text of a place that was sealed under a data key.
 */
Datum
community_unseal_under(PG_FUNCTION_ARGS)
{
	bytea	   *sealed = PG_GETARG_BYTEA_PP(2);
	text	   *context = PG_GETARG_TEXT_PP(3);
	ring_key	key;
	text	   *out;

	open_data_key(PG_GETARG_BYTEA_PP(0), PG_GETARG_TEXT_PP(1), &key);
	out = unseal_bytes(&key, sealed, context);
	OPENSSL_cleanse(&key, sizeof(key));
	PG_RETURN_TEXT_P(out);
}

/* Compute the blind index of a value for a place with one key. */
static bytea *
index_value(const ring_key *key, text *value, text *context)
{
	unsigned char clen[4];
	size_t		context_len = VARSIZE_ANY_EXHDR(context);
	const unsigned char *parts[3] = {clen, (unsigned char *) VARDATA_ANY(context),
	(unsigned char *) VARDATA_ANY(value)};
	size_t		lens[3] = {sizeof(clen), context_len, VARSIZE_ANY_EXHDR(value)};
	unsigned char tag[32];
	bytea	   *out = palloc(VARHDRSZ + INDEX_BYTES);
	unsigned char *p = (unsigned char *) VARDATA(out);
	int			i;

	for (i = 0; i < 4; i++)
		clen[i] = (unsigned char) (context_len >> (24 - 8 * i));
	if (!community_ring_tag(key, parts, lens, 3, tag))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the blind index")));
	SET_VARSIZE(out, VARHDRSZ + INDEX_BYTES);
	p[0] = (unsigned char) (key->id >> 8);
	p[1] = (unsigned char) key->id;
	memcpy(p + 2, tag, INDEX_BYTES - 2);
	return out;
}

/*
 * Compute the blind index of a value with the active key.
 */
Datum
community_blind_index(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(index_value(community_active_key(RING_INDEX),
								  PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1)));
}

/*
 * Compute the blind indexes of a value with all keys, the active one first.
 */
Datum
community_blind_index_all(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	text	   *context = PG_GETARG_TEXT_PP(1);
	const ring_key *active = community_active_key(RING_INDEX);
	const card_ring *ring = community_keys();
	Datum		out[RING_MAX_KEYS];
	int			n = 0;
	int			i;

	out[n++] = PointerGetDatum(index_value(active, value, context));
	for (i = 0; i < ring->nkeys; i++)
		if (ring->keys[i].use == RING_INDEX && &ring->keys[i] != active)
			out[n++] = PointerGetDatum(index_value(&ring->keys[i], value, context));
	PG_RETURN_ARRAYTYPE_P(construct_array(out, n, BYTEAOID, -1, false, TYPALIGN_INT));
}
