/*
 * card_op.c
 *		Issue, attenuate and verify credentials.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "card/card.h"
#include "card/card_pg.h"
#include "card/keys.h"

PG_FUNCTION_INFO_V1(community_credential_issue);
PG_FUNCTION_INFO_V1(community_credential_unsigned);
PG_FUNCTION_INFO_V1(community_credential_attenuate);
PG_FUNCTION_INFO_V1(community_credential_verify_at);
PG_FUNCTION_INFO_V1(community_credential_ok);
PG_FUNCTION_INFO_V1(community_credential_to_cwt);

/* Tell the bit of an application by name. */
static int
find_app(const char *name, size_t len)
{
	int			i;

	for (i = 0; i < CREDENTIAL_APPS; i++)
		if (strlen(community_credential_apps[i]) == len &&
			memcmp(community_credential_apps[i], name, len) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("application \"%s\" is not known", pnstrdup(name, len)),
			 errhint("The applications are door, identity, volunteer, booking, debit, parking and care.")));
}

/*
 * Tell the suite by name.
 */
int
community_card_suite(text *name)
{
	int			i;

	for (i = RING_HMAC_SHA256; i <= RING_SM2; i++)
		if (strlen(community_credential_suites[i]) == VARSIZE_ANY_EXHDR(name) &&
			memcmp(community_credential_suites[i], VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("suite \"%s\" is not known", text_to_cstring(name)),
			 errhint("The suites are hmac-sha256, hmac-sm3, ed25519 and sm2.")));
}

/*
 * Find the key that signs for a suite: the given one, or the active one.
 */
const ring_key *
community_card_signer(int suite, int key_id)
{
	const ring_key *key;

	if (key_id < 0)
		return community_active_key(suite);
	key = key_id > 65535 ? NULL : community_ring_find(community_keys(), (uint16_t) key_id);
	if (key == NULL || key->use != suite)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key ring has no key %d for use \"%s\"", key_id,
						community_credential_suites[suite])));
	if (!key->private_half)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key ring holds only the public half of key %d", key_id)));
	return key;
}

/* Read names of applications as bits. */
static uint16
read_apps(ArrayType *array)
{
	Datum	   *names;
	bool	   *nulls;
	int			n,
				i;
	uint16		apps = 0;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		text	   *name;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("applications must not be null")));
		name = DatumGetTextPP(names[i]);
		apps |= 1 << find_app(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	return apps;
}

/* Read zones into claims, in canonical form. */
static void
read_zones(ArrayType *array, credential_claims *claims)
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	int			zones = n;
	int64_t    *sorted = palloc(sizeof(int64_t) * Max(n, 1));

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("zones must not be null")));
	memcpy(sorted, ARR_DATA_PTR(array), sizeof(int64_t) * n);
	if (!community_zones_sort(sorted, &zones))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a zone is not a grid code")));
	if (zones > CREDENTIAL_MAX_ZONES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a credential has %d zones at most", CREDENTIAL_MAX_ZONES)));
	claims->nzones = (uint8_t) zones;
	memcpy(claims->zones, sorted, sizeof(int64_t) * zones);
	pfree(sorted);
}

/* Read a time as minutes that a credential can hold. */
static uint32
read_minute(TimestampTz at)
{
	int64		minute;

	if (TIMESTAMP_NOT_FINITE(at) || (minute = community_card_minute(at)) < 0 || minute > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("a credential is valid within the years 2020 to 10185")));
	return (uint32) minute;
}

/* Read an integer that fits so many bits. */
static int64
read_number(const char *what, int64 value, int64 least, int64 most)
{
	if (value < least || value > most)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s %lld is out of range", what, (long long) value),
				 errdetail("It lies between %lld and %lld.", (long long) least, (long long) most)));
	return value;
}

/* Read the claims of a new credential: issuer, card, holder and so on. */
static void
read_claims(FunctionCallInfo fcinfo, credential_claims *claims)
{
	const char *problem;

	memset(claims, 0, sizeof(*claims));
	claims->issuer = (uint32_t) read_number("issuer", PG_GETARG_INT32(0), 1, PG_INT32_MAX);
	claims->cardno = PG_GETARG_INT64(1);
	claims->holder = (uint64_t) PG_GETARG_INT64(2);
	claims->generation = (uint16_t) read_number("generation", PG_GETARG_INT32(3), 0, 65535);
	claims->apps = read_apps(PG_GETARG_ARRAYTYPE_P(4));
	claims->not_before = read_minute(PG_GETARG_TIMESTAMPTZ(5));
	claims->expires = read_minute(PG_GETARG_TIMESTAMPTZ(6));
	claims->index = (uint32_t) read_number("card index", PG_GETARG_INT64(7), 0, PG_UINT32_MAX);
	read_zones(PG_GETARG_ARRAYTYPE_P(8), claims);
	claims->suite = (uint8_t) community_card_suite(PG_GETARG_TEXT_PP(9));
	claims->key_id = 1;
	problem = community_credential_check(claims);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the credential cannot be made: %s", problem)));
}

/* Sign claims and return the credential. */
static bytea *
sign_claims(const credential_claims *claims, const ring_key *key)
{
	unsigned char data[CREDENTIAL_MAX];
	size_t		len = community_credential_encode(claims, data);

	if (!community_credential_sign(key, data, &len))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign the credential")));
	return community_bytea(data, len);
}

/*
 * Make and sign a credential.
 */
Datum
community_credential_issue(PG_FUNCTION_ARGS)
{
	credential_claims claims;
	const ring_key *key;
	int			i;

	for (i = 0; i < 10; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	read_claims(fcinfo, &claims);
	key = community_card_signer(claims.suite, PG_ARGISNULL(10) ? -1 : PG_GETARG_INT32(10));
	claims.key_id = key->id;
	PG_RETURN_BYTEA_P(sign_claims(&claims, key));
}

/*
 * Make the bytes that a signer outside the server signs.
 */
Datum
community_credential_unsigned(PG_FUNCTION_ARGS)
{
	credential_claims claims;
	unsigned char data[CREDENTIAL_MAX];

	read_claims(fcinfo, &claims);
	claims.key_id = (uint16_t) read_number("key", PG_GETARG_INT32(10), 1, 65535);
	PG_RETURN_BYTEA_P(community_bytea(data, community_credential_encode(&claims, data)));
}

/* Tell whether every zone of a credential lies within those of another. */
static bool
zones_within(const credential_claims *inner, const credential_claims *outer)
{
	credential_claims both;
	int64_t		zones[2 * CREDENTIAL_MAX_ZONES];
	int			n = outer->nzones + inner->nzones;

	if (outer->nzones == 0)
		return true;
	if (inner->nzones == 0)
		return false;
	/* together they are no more than the outer ones */
	both = *outer;
	memcpy(zones, outer->zones, sizeof(int64_t) * outer->nzones);
	memcpy(zones + outer->nzones, inner->zones, sizeof(int64_t) * inner->nzones);
	return community_zones_sort(zones, &n) && n == both.nzones &&
		memcmp(zones, both.zones, sizeof(int64_t) * n) == 0;
}

/*
 * Make a credential that allows less than a valid one: fewer applications, a
 * shorter time, smaller zones.
 */
Datum
community_credential_attenuate(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	credential_claims whole;
	credential_claims less;
	const char *problem;

	if (community_credential_verify(community_keys(), (unsigned char *) VARDATA_ANY(in),
									VARSIZE_ANY_EXHDR(in),
									community_card_minute(GetCurrentTimestamp()), -1, -1,
									&whole) != CREDENTIAL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the credential is not valid")));
	less = whole;
	less.apps = read_apps(PG_GETARG_ARRAYTYPE_P(1));
	less.not_before = read_minute(PG_GETARG_TIMESTAMPTZ(2));
	less.expires = read_minute(PG_GETARG_TIMESTAMPTZ(3));
	read_zones(PG_GETARG_ARRAYTYPE_P(4), &less);
	problem = community_credential_check(&less);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the credential cannot be made: %s", problem)));
	if ((less.apps & ~whole.apps) || less.not_before < whole.not_before ||
		less.expires > whole.expires || !zones_within(&less, &whole))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a pass cannot allow more than its credential"),
				 errhint("Give applications, times and zones that the credential has.")));
	PG_RETURN_BYTEA_P(sign_claims(&less, community_card_signer(less.suite, less.key_id)));
}

/* Verify the credential of a call: credential, time, grid, application. */
static credential_status
verify_call(FunctionCallInfo fcinfo)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(1);
	int64		zone = PG_ARGISNULL(2) ? -1 : PG_GETARG_INT64(2);
	int			app = -1;
	credential_claims claims;

	if (!PG_ARGISNULL(3))
	{
		text	   *name = PG_GETARG_TEXT_PP(3);

		app = find_app(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	return community_credential_verify(community_keys(), (unsigned char *) VARDATA_ANY(in),
									   VARSIZE_ANY_EXHDR(in), community_card_minute(at),
									   zone, app, &claims);
}

/*
 * Tell auditors why a credential is refused, or ok.
 */
Datum
community_credential_verify_at(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(community_credential_status_name(verify_call(fcinfo))));
}

/*
 * Tell whether a credential is valid.
 */
Datum
community_credential_ok(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(verify_call(fcinfo) == CREDENTIAL_OK);
}

/*
 * Export a valid credential as a CBOR web token.
 */
Datum
community_credential_to_cwt(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	credential_claims claims;
	unsigned char out[CREDENTIAL_CWT_MAX];
	size_t		len;

	if (community_credential_verify(community_keys(), (unsigned char *) VARDATA_ANY(in),
									VARSIZE_ANY_EXHDR(in),
									community_card_minute(GetCurrentTimestamp()), -1, -1,
									&claims) != CREDENTIAL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the credential is not valid")));
	if (claims.suite != RING_HMAC_SHA256 && claims.suite != RING_ED25519)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COSE has no algorithm for suite \"%s\"",
						community_credential_suites[claims.suite])));
	if (!community_credential_cwt(community_card_signer(claims.suite, claims.key_id), &claims,
								  out, &len))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign the token")));
	PG_RETURN_BYTEA_P(community_bytea(out, len));
}
