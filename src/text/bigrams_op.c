/*
 * bigrams_op.c
 *		The SQL function bigrams(text).
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "text/bigrams.h"

PG_FUNCTION_INFO_V1(community_bigrams);

/*
 * Return the character pairs of a text as a sorted array without repeats.
 */
Datum
community_bigrams(PG_FUNCTION_ARGS)
{
	text	   *in = PG_GETARG_TEXT_PP(0);
	size_t		len = VARSIZE_ANY_EXHDR(in);
	uint64_t   *pairs;
	size_t		n,
				i;
	Size		size;
	ArrayType  *result;
	char	   *at;

	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("bigrams needs a database with encoding UTF8")));

	pairs = palloc_extended((len + 1) * sizeof(uint64_t), MCXT_ALLOC_HUGE);
	if (!community_bigram_core((unsigned char *) VARDATA_ANY(in), len, pairs, &n))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("invalid byte sequence for encoding \"UTF8\"")));
	if (n == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(TEXTOID));

	/* an element is its header and text, padded to four bytes */
	size = ARR_OVERHEAD_NONULLS(1);
	for (i = 0; i < n; i++)
	{
		unsigned char buf[BIGRAM_BYTES];

		size += INTALIGN(VARHDRSZ + community_bigram_utf8(pairs[i], buf));
	}
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the text has too many character pairs")));
	result = (ArrayType *) palloc0(size);
	SET_VARSIZE(result, size);
	result->ndim = 1;
	result->dataoffset = 0;
	result->elemtype = TEXTOID;
	ARR_DIMS(result)[0] = (int) n;
	ARR_LBOUND(result)[0] = 1;
	at = ARR_DATA_PTR(result);
	for (i = 0; i < n; i++)
	{
		size_t		chars = community_bigram_utf8(pairs[i], (unsigned char *) at + VARHDRSZ);

		SET_VARSIZE(at, VARHDRSZ + chars);
		at += INTALIGN(VARHDRSZ + chars);
	}
	pfree(pairs);
	PG_RETURN_ARRAYTYPE_P(result);
}
