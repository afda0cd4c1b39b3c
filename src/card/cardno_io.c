/*
 * cardno_io.c
 *		The type cardno: text, binary form, casts, parts, hash.
 */
#include "compat.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "card/cardno.h"

PG_FUNCTION_INFO_V1(community_cardno_in);
PG_FUNCTION_INFO_V1(community_cardno_out);
PG_FUNCTION_INFO_V1(community_cardno_recv);
PG_FUNCTION_INFO_V1(community_cardno_send);
PG_FUNCTION_INFO_V1(community_cardno_from_bigint);
PG_FUNCTION_INFO_V1(community_cardno_new);
PG_FUNCTION_INFO_V1(community_cardno_region);
PG_FUNCTION_INFO_V1(community_cardno_serial);
PG_FUNCTION_INFO_V1(community_card_mask);
PG_FUNCTION_INFO_V1(community_cardno_hash);
PG_FUNCTION_INFO_V1(community_cardno_hash_extended);

/* Tell why a card number is refused. */
static const char *
cardno_problem(cardno_status status)
{
	switch (status)
	{
		case CARDNO_BAD_REGION:
			return "A region does not begin with 0.";
		case CARDNO_BAD_CHECK:
			return "The check digits do not fit.";
		default:
			return "A card number has 18 digits, written 330203-0000-0001-2346 or without dashes.";
	}
}

/* Refuse a number that is no card number, shared by recv and the cast. */
static int64
check_number(int64 number)
{
	cardno_status status = community_cardno_check(number);

	if (status != CARDNO_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%lld is not a card number", (long long) number),
				 errdetail_internal("%s", cardno_problem(status))));
	return number;
}

/*
 * Read a card number.
 */
Datum
community_cardno_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	int64_t		number;
	cardno_status status = community_cardno_parse(str, strlen(str), &number);

	if (status != CARDNO_OK)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s: \"%s\"", "cardno", str),
						   errdetail_internal("%s", cardno_problem(status))));
	PG_RETURN_INT64(number);
}

/*
 * Write a card number in groups.
 */
Datum
community_cardno_out(PG_FUNCTION_ARGS)
{
	char	   *out = palloc(CARDNO_TEXT + 1);

	community_cardno_print(PG_GETARG_INT64(0), out);
	out[CARDNO_TEXT] = '\0';
	PG_RETURN_CSTRING(out);
}

/*
 * Receive a card number as int8.
 */
Datum
community_cardno_recv(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(check_number(pq_getmsgint64((StringInfo) PG_GETARG_POINTER(0))));
}

/*
 * Send a card number as int8.
 */
Datum
community_cardno_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint64(&buf, PG_GETARG_INT64(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Take a bigint as a card number.
 */
Datum
community_cardno_from_bigint(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(check_number(PG_GETARG_INT64(0)));
}

/*
 * Make a card number of region and serial.
 */
Datum
community_cardno_new(PG_FUNCTION_ARGS)
{
	int64		number = community_cardno_make(PG_GETARG_INT32(0), PG_GETARG_INT64(1));

	if (number == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("no card number has region %d and serial %lld",
						PG_GETARG_INT32(0), (long long) PG_GETARG_INT64(1)),
				 errdetail("A region has 6 digits, a serial at most 10.")));
	PG_RETURN_INT64(number);
}

/*
 * Tell the region of a card number.
 */
Datum
community_cardno_region(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(cardno_region(PG_GETARG_INT64(0)));
}

/*
 * Tell the serial of a card number.
 */
Datum
community_cardno_serial(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(cardno_serial(PG_GETARG_INT64(0)));
}

/*
 * Mask a card number but for its region and last four digits.
 */
Datum
community_card_mask(PG_FUNCTION_ARGS)
{
	char		out[CARDNO_TEXT];

	community_cardno_print(PG_GETARG_INT64(0), out);
	memcpy(out + 7, "****-****", 9);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, CARDNO_TEXT));
}

/* Mix all bits of a number into all bits of a hash. */
static uint64
mix(uint64 x)
{
	x ^= x >> 30;
	x *= UINT64CONST(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64CONST(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/*
 * Hash a card number to 32 bits: serials differ in low digits only, which the
 * folding hash of int8 would waste.
 */
Datum
community_cardno_hash(PG_FUNCTION_ARGS)
{
	PG_RETURN_UINT32((uint32) mix((uint64) PG_GETARG_INT64(0)));
}

/*
 * Hash a card number to 64 bits with a seed; seed 0 agrees with the above.
 */
Datum
community_cardno_hash_extended(PG_FUNCTION_ARGS)
{
	uint64		hash = mix((uint64) PG_GETARG_INT64(0));
	uint64		seed = (uint64) PG_GETARG_INT64(1);

	PG_RETURN_UINT64(seed == 0 ? hash : mix(hash ^ mix(seed + UINT64CONST(0x9e3779b97f4a7c15))));
}
