/*
 * status_op.c
 *		Signed status bitmaps in SQL.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "card/card_pg.h"
#include "card/keys.h"
#include "card/status.h"

PG_FUNCTION_INFO_V1(community_status_bitmap);
PG_FUNCTION_INFO_V1(community_status_bitmap_ok);
PG_FUNCTION_INFO_V1(community_status_bitmap_revoked);
PG_FUNCTION_INFO_V1(community_status_bitmap_info);
PG_FUNCTION_INFO_V1(community_status_bitmap_delta);
PG_FUNCTION_INFO_V1(community_status_bitmap_apply);

/* Refuse what is no bitmap. */
static void
read_bitmap(bytea *in, status_head *head)
{
	if (!community_status_read((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in), head))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this is not a status bitmap")));
}

/*
 * Make and sign the bitmap of an issuer's revoked cards.
 */
Datum
community_status_bitmap(PG_FUNCTION_ARGS)
{
	int32		ncards = PG_GETARG_INT32(3);
	ArrayType  *revoked = PG_GETARG_ARRAYTYPE_P(4);
	const ring_key *key = community_publishing_key(PG_GETARG_TEXT_PP(5));
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(2);
	int64		minute = TIMESTAMP_NOT_FINITE(at) ? -1 : community_card_minute(at);
	status_head head;
	bytea	   *out;
	unsigned char *data;
	size_t		len;
	int			n = ArrayGetNItems(ARR_NDIM(revoked), ARR_DIMS(revoked));
	int32	   *indexes = (int32 *) ARR_DATA_PTR(revoked);
	int			i;

	if (PG_GETARG_INT32(0) < 1 || PG_GETARG_INT32(1) < 0 || minute < 0 || minute > PG_UINT32_MAX ||
		ncards < 0 || ncards > STATUS_MAX_CARDS)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("issuer, epoch, time or number of cards is out of range"),
				 errdetail("A bitmap covers %d cards at most.", STATUS_MAX_CARDS)));
	if (array_contains_nulls(revoked))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a card index must not be null")));
	head.suite = (uint8_t) ring_algorithm(key->use);
	head.key_id = key->id;
	head.issuer = PG_GETARG_INT32(0);
	head.epoch = PG_GETARG_INT32(1);
	head.published = (uint32_t) minute;
	head.ncards = ncards;
	out = palloc(VARHDRSZ + STATUS_SIZE(ncards));
	data = (unsigned char *) VARDATA(out);
	len = community_status_begin(&head, data);
	for (i = 0; i < n; i++)
	{
		if (indexes[i] < 0 || indexes[i] >= ncards)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("card index %d is not covered by the bitmap", indexes[i])));
		data[STATUS_HEADER + indexes[i] / 8] |= (unsigned char) (1 << (indexes[i] % 8));
	}
	if (!community_status_sign(key, data, &len))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign the bitmap")));
	SET_VARSIZE(out, VARHDRSZ + len);
	PG_RETURN_BYTEA_P(out);
}

/*
 * Tell whether form and signature of a bitmap are right.
 */
Datum
community_status_bitmap_ok(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_BOOL(community_status_verify(community_keys(), (unsigned char *) VARDATA_ANY(in),
										   VARSIZE_ANY_EXHDR(in)));
}

/*
 * Tell whether a card is revoked; NULL when the bitmap does not cover it.
 */
Datum
community_status_bitmap_revoked(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	int64		index = PG_GETARG_INT64(1);
	status_head head;
	int			revoked;

	read_bitmap(in, &head);
	if (index < 0 || index > PG_UINT32_MAX)
		PG_RETURN_NULL();
	revoked = community_status_revoked((unsigned char *) VARDATA_ANY(in), VARSIZE_ANY_EXHDR(in),
									   (uint32_t) index);
	if (revoked < 0)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(revoked == 1);
}

/*
 * Tell the head of a bitmap and how many cards it revokes.
 */
Datum
community_status_bitmap_info(PG_FUNCTION_ARGS)
{
	bytea	   *in = PG_GETARG_BYTEA_PP(0);
	status_head head;
	TupleDesc	desc;
	Datum		values[7];
	bool		nulls[7] = {false};
	int32		revoked = 0;
	size_t		i;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	BlessTupleDesc(desc);
	read_bitmap(in, &head);
	for (i = STATUS_HEADER; i < head.body; i++)
		revoked += __builtin_popcount(((unsigned char *) VARDATA_ANY(in))[i]);
	values[0] = Int32GetDatum((int32) head.issuer);
	values[1] = Int32GetDatum((int32) head.epoch);
	values[2] = TimestampTzGetDatum(community_card_timestamp(head.published));
	values[3] = Int32GetDatum((int32) head.ncards);
	values[4] = Int32GetDatum(revoked);
	values[5] = CStringGetTextDatum(community_credential_suites[head.suite]);
	values[6] = Int32GetDatum(head.key_id);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/*
 * Make the delta from one bitmap to a later one.
 */
Datum
community_status_bitmap_delta(PG_FUNCTION_ARGS)
{
	bytea	   *old = PG_GETARG_BYTEA_PP(0);
	bytea	   *new = PG_GETARG_BYTEA_PP(1);
	size_t		len;
	bytea	   *out;

	len = community_status_delta_size((unsigned char *) VARDATA_ANY(old), VARSIZE_ANY_EXHDR(old),
									  (unsigned char *) VARDATA_ANY(new), VARSIZE_ANY_EXHDR(new));
	if (len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no delta between these bitmaps"),
				 errdetail("They are of one issuer, and the second is later and covers no fewer cards.")));
	out = palloc(VARHDRSZ + len);
	community_status_delta((unsigned char *) VARDATA_ANY(old), VARSIZE_ANY_EXHDR(old),
						   (unsigned char *) VARDATA_ANY(new), VARSIZE_ANY_EXHDR(new),
						   (unsigned char *) VARDATA(out));
	SET_VARSIZE(out, VARHDRSZ + len);
	PG_RETURN_BYTEA_P(out);
}

/*
 * Apply a delta to the bitmap it starts from; the result carries the signature
 * of the later bitmap.
 */
Datum
community_status_bitmap_apply(PG_FUNCTION_ARGS)
{
	bytea	   *old = PG_GETARG_BYTEA_PP(0);
	bytea	   *delta = PG_GETARG_BYTEA_PP(1);
	status_head head;
	size_t		len = 0;
	bytea	   *out = NULL;

	if (community_status_delta_read((unsigned char *) VARDATA_ANY(delta),
									VARSIZE_ANY_EXHDR(delta), &head))
	{
		out = palloc(VARHDRSZ + STATUS_SIZE(head.ncards));
		len = community_status_apply((unsigned char *) VARDATA_ANY(old), VARSIZE_ANY_EXHDR(old),
									 (unsigned char *) VARDATA_ANY(delta),
									 VARSIZE_ANY_EXHDR(delta), (unsigned char *) VARDATA(out),
									 STATUS_SIZE(head.ncards));
	}
	if (len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the delta does not fit the bitmap")));
	SET_VARSIZE(out, VARHDRSZ + len);
	PG_RETURN_BYTEA_P(out);
}
