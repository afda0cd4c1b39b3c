/*
 * card_io.c
 *		The type credential: text, binary form, equality, hash, claims.
 */
#include "compat.h"

#include <openssl/crypto.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "card/card.h"
#include "card/card_pg.h"

PG_FUNCTION_INFO_V1(community_credential_in);
PG_FUNCTION_INFO_V1(community_credential_out);
PG_FUNCTION_INFO_V1(community_credential_recv);
PG_FUNCTION_INFO_V1(community_credential_send);
PG_FUNCTION_INFO_V1(community_credential_from_bytea);
PG_FUNCTION_INFO_V1(community_credential_eq);
PG_FUNCTION_INFO_V1(community_credential_ne);
PG_FUNCTION_INFO_V1(community_credential_hash);
PG_FUNCTION_INFO_V1(community_credential_hash_extended);
PG_FUNCTION_INFO_V1(community_credential_to_qr);
PG_FUNCTION_INFO_V1(community_credential_claims_of);

/*
 * Copy bytes into a bytea.
 */
bytea *
community_bytea(const void *data, size_t len)
{
	bytea	   *out = palloc(VARHDRSZ + len);

	SET_VARSIZE(out, VARHDRSZ + len);
	memcpy(VARDATA(out), data, len);
	return out;
}

/*
 * Tell a time in minutes since 2020-01-01 UTC, rounded down.
 */
int64
community_card_minute(TimestampTz at)
{
	int64		since;

	if (TIMESTAMP_IS_NOBEGIN(at))
		return PG_INT64_MIN;
	if (TIMESTAMP_IS_NOEND(at))
		return PG_INT64_MAX;
	since = at - community_card_timestamp(0);
	return since / USECS_PER_MINUTE - (since % USECS_PER_MINUTE < 0);
}

/*
 * Tell the time of a minute since 2020-01-01 UTC.
 */
TimestampTz
community_card_timestamp(uint32 minute)
{
	return (CREDENTIAL_EPOCH - (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) *
		USECS_PER_SEC + minute * USECS_PER_MINUTE;
}

/* Refuse bytes that are no credential, shared by recv and the cast. */
static void
check_bytes(const unsigned char *data, size_t len)
{
	credential_claims claims;
	const char *problem = community_credential_decode(data, len, &claims);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid credential: %s", problem)));
}

/*
 * Read a credential.  The message does not repeat the text, which might open a
 * door.
 */
Datum
community_credential_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	unsigned char data[CREDENTIAL_MAX];
	size_t		len;
	credential_claims claims;
	const char *problem = community_credential_parse(str, strlen(str), data, &len);

	if (problem == NULL)
		problem = community_credential_decode(data, len, &claims);
	if (problem != NULL)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid credential: %s", problem)));
	PG_RETURN_BYTEA_P(community_bytea(data, len));
}

/*
 * Write a credential as text.
 */
Datum
community_credential_out(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	char	   *out = palloc(CREDENTIAL_TEXT_MAX + 1);
	size_t		n = community_credential_print((unsigned char *) VARDATA_ANY(in),
											   VARSIZE_ANY_EXHDR(in), out);

	out[n] = '\0';
	PG_RETURN_CSTRING(out);
}

/*
 * Receive a credential as its bytes.
 */
Datum
community_credential_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;
	const char *data = pq_getmsgbytes(buf, len);

	check_bytes((const unsigned char *) data, len);
	PG_RETURN_BYTEA_P(community_bytea(data, len));
}

/*
 * Send a credential as its bytes.
 */
Datum
community_credential_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

/*
 * Take bytes as a credential.
 */
Datum
community_credential_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);

	check_bytes((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in));
	PG_RETURN_BYTEA_P(community_bytea(VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in)));
}

/* Compare two credentials in constant time. */
static bool
same_credential(bytea *a, bytea *b)
{
	size_t		len = VARSIZE_ANY_EXHDR(a);

	return len == VARSIZE_ANY_EXHDR(b) && CRYPTO_memcmp(VARDATA_ANY(a), VARDATA_ANY(b), len) == 0;
}

/*
 * Tell whether two credentials are equal.
 */
Datum
community_credential_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_credential(PG_GETARG_BYTEA_PP(0), PG_GETARG_BYTEA_PP(1)));
}

/*
 * Tell whether two credentials differ.
 */
Datum
community_credential_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_credential(PG_GETARG_BYTEA_PP(0), PG_GETARG_BYTEA_PP(1)));
}

/*
 * Hash a credential to 32 bits.
 */
Datum
community_credential_hash(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);

	return hash_any((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in));
}

/*
 * Hash a credential to 64 bits with a seed.
 */
Datum
community_credential_hash_extended(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);

	return hash_any_extended((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in),
							 PG_GETARG_INT64(1));
}

/*
 * Write a credential for a QR code.
 */
Datum
community_credential_to_qr(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	char		out[CREDENTIAL_QR_MAX];

	PG_RETURN_TEXT_P(cstring_to_text_with_len(out,
											  community_credential_qr((unsigned char *) VARDATA_ANY(in),
																	  VARSIZE_ANY_EXHDR(in), out)));
}

/*
 * Tell what a credential says, whether its signature is right or not.
 */
Datum
community_credential_claims_of(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	credential_claims claims;
	TupleDesc	desc;
	Datum		values[11];
	bool		nulls[11] = {false};
	Datum		apps[CREDENTIAL_APPS];
	Datum		zones[CREDENTIAL_MAX_ZONES];
	int			napps = 0;
	int			i;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	BlessTupleDesc(desc);
	if (community_credential_decode((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in),
									&claims) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid credential")));
	for (i = 0; i < CREDENTIAL_APPS; i++)
		if (claims.apps & (1 << i))
			apps[napps++] = CStringGetTextDatum(community_credential_apps[i]);
	for (i = 0; i < claims.nzones; i++)
		zones[i] = Int64GetDatum(claims.zones[i]);
	values[0] = CStringGetTextDatum(community_credential_suites[claims.suite]);
	values[1] = Int32GetDatum(claims.key_id);
	values[2] = Int32GetDatum((int32) claims.issuer);
	values[3] = Int64GetDatum(claims.cardno);
	values[4] = Int64GetDatum((int64) claims.holder);
	values[5] = Int32GetDatum(claims.generation);
	values[6] = PointerGetDatum(construct_array(apps, napps, TEXTOID, -1, false, TYPALIGN_INT));
	values[7] = TimestampTzGetDatum(community_card_timestamp(claims.not_before));
	values[8] = TimestampTzGetDatum(community_card_timestamp(claims.expires));
	values[9] = Int64GetDatum((int64) claims.index);
	values[10] = PointerGetDatum(construct_array(zones, claims.nzones,
												 get_element_type(TupleDescAttr(desc, 10)->atttypid),
												 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
