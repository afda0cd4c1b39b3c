/*
 * weekly_io.c
 *		Weekly hours between text and int4multirange.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"

#include "worktime/worktime.h"
#include "worktime/worktime_pg.h"

PG_FUNCTION_INFO_V1(community_weekly_hours);
PG_FUNCTION_INFO_V1(community_weekly_text);

/*
 * Read the spans of weekly hours, palloc'd; refuse what is not in a week.
 */
week_span *
community_weekly_spans(FunctionCallInfo fcinfo, MultirangeType *hours, int *nspans)
{
	TypeCacheEntry *typcache = lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO);
	RangeType **ranges;
	int32		n,
				i;
	week_span  *spans;

	multirange_deserialize(typcache, hours, &n, &ranges);
	spans = palloc(sizeof(week_span) * Max(n, 1));
	for (i = 0; i < n; i++)
	{
		RangeBound	lower,
					upper;
		bool		empty;

		range_deserialize(typcache, ranges[i], &lower, &upper, &empty);
		if (lower.infinite || upper.infinite ||
			DatumGetInt32(lower.val) < 0 || DatumGetInt32(upper.val) > WEEK_MINUTES)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weekly hours must lie within minutes 0 to %d", WEEK_MINUTES),
					 errdetail("A week has seven days from Monday and an eighth for public holidays, of %d minutes each.",
							   DAY_MINUTES)));
		spans[i].from = DatumGetInt32(lower.val);
		spans[i].upto = DatumGetInt32(upper.val);
	}
	*nspans = n;
	return spans;
}

/*
 * Read weekly hours from the grammar of opening_hours.
 */
Datum
community_weekly_hours(PG_FUNCTION_ARGS)
{
	text	   *in = PG_GETARG_TEXT_PP(0);
	char	   *str = VARDATA_ANY(in);
	size_t		len = VARSIZE_ANY_EXHDR(in);
	week_map   *map = palloc(sizeof(week_map));
	TypeCacheEntry *typcache = lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO);
	const char *expected;
	size_t		at = 0;
	week_span  *spans;
	RangeType **ranges;
	int			n,
				i;

	expected = community_week_parse(str, len, map, &at);
	if (expected != NULL)
	{
		int			chars = pg_mbstrlen_with_len(str, at);

		if (at < len)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for weekly hours: \"%s\"", text_to_cstring(in)),
					 errdetail("At character %d, before \"%s\": %s.", chars + 1,
							   pnstrdup(str + at, pg_mbcliplen(str + at, len - at, 20)),
							   expected)));
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for weekly hours: \"%s\"", text_to_cstring(in)),
				 errdetail("At the end: %s.", expected)));
	}

	spans = palloc(sizeof(week_span) * WEEK_MAX_SPANS);
	n = community_week_spans(map, spans);
	ranges = palloc(sizeof(RangeType *) * Max(n, 1));
	for (i = 0; i < n; i++)
	{
		RangeBound	lower = {.val = Int32GetDatum(spans[i].from), .inclusive = true, .lower = true};
		RangeBound	upper = {.val = Int32GetDatum(spans[i].upto), .lower = false};

		ranges[i] = make_range(typcache, &lower, &upper, false);
	}
	PG_RETURN_MULTIRANGE_P(make_multirange(INT4MULTIRANGEOID, typcache, n, ranges));
}

/*
 * Write weekly hours as a text that reads back as the same value.
 */
Datum
community_weekly_text(PG_FUNCTION_ARGS)
{
	week_map   *map = palloc0(sizeof(week_map));
	int			nspans,
				i;
	week_span  *spans = community_weekly_spans(fcinfo, PG_GETARG_MULTIRANGE_P(0), &nspans);
	char	   *out = palloc(WEEK_TEXT_MAX);

	for (i = 0; i < nspans; i++)
		memset(map->open + spans[i].from, 1, spans[i].upto - spans[i].from);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out, community_week_print(map, out)));
}
