/*
 * worktime_op.c
 *		Working time between timestamps, and deadlines.
 *
 * A call site keeps the clock it prepared as long as hours, calendar and zone
 * stay the same, so that a deadline costs no more than its arithmetic.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "worktime/worktime.h"
#include "worktime/worktime_pg.h"

/* Starts and limits stay within some 20,000 years, so that sums cannot overflow. */
#define LIMIT_DAYS	INT64CONST(7300000)

/* A zone of the server, with the stretch of constant offset met last. */
typedef struct server_zone
{
	workzone	zone;			/* must be first */
	pg_tz	   *tz;
	int64		from;			/* the stretch, half-open */
	int64		until;
	int64		offset;			/* of local time in it */
} server_zone;

/* What a call site keeps. */
typedef struct clock_cache
{
	MemoryContext context;		/* holds all below */
	Datum		args[4];		/* hours, zone, holidays, workdays as given */
	bool		built;
	workclock	clock;
	server_zone zone;
} clock_cache;

/* Which clock a limit runs on. */
typedef enum clock_kind
{
	CLOCK_CALENDAR,
	CLOCK_WORK,
	CLOCK_URGENT
} clock_kind;

PG_FUNCTION_INFO_V1(community_hours_open);
PG_FUNCTION_INFO_V1(community_hours_next_open);
PG_FUNCTION_INFO_V1(community_hours_next_close);
PG_FUNCTION_INFO_V1(community_hours_fit);
PG_FUNCTION_INFO_V1(community_due_at);
PG_FUNCTION_INFO_V1(community_due_back);
PG_FUNCTION_INFO_V1(community_worked_between);
PG_FUNCTION_INFO_V1(community_worked_days);
PG_FUNCTION_INFO_V1(community_tz_offsets);

/* Answer the core: the offset of an instant and until when it holds. */
static void
lookup_zone(workzone *zone, int64_t at, int64_t *offset, int64_t *until)
{
	server_zone *z = (server_zone *) zone;

	if (at < z->from || at >= z->until)
	{
		pg_time_t	now,
					boundary = 0;
		long int	before = 0,
					after = 0;
		int			before_dst,
					after_dst;
		int64		secs = at / USECS_PER_SEC - (at % USECS_PER_SEC < 0);
		int64		end;
		int			found;

		now = secs + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
		found = pg_next_dst_boundary(&now, &before, &before_dst, &boundary,
									 &after, &after_dst, z->tz);
		if (found < 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("timestamp out of range")));
		if (found == 0)
			end = PG_INT64_MAX;
		else
			end = (boundary - (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) *
				USECS_PER_SEC;
		/* the stretch reaches back as far as it has been seen */
		if (z->until == end && z->offset == before * USECS_PER_SEC && at < z->from)
			z->from = secs * USECS_PER_SEC;
		else
		{
			z->from = secs * USECS_PER_SEC;
			z->until = end;
			z->offset = before * USECS_PER_SEC;
		}
	}
	*offset = z->offset;
	*until = z->until;
}

/* Find a zone by name; no stretch of it has been met yet. */
static void
open_zone(server_zone *zone, const char *name)
{
	zone->zone.lookup = lookup_zone;
	zone->tz = pg_tzset(name);
	if (zone->tz == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name)));
	zone->from = PG_INT64_MAX;
	zone->until = PG_INT64_MIN;
}

/* Append the days of an array as exceptions. */
static int
add_days(ArrayType *array, bool workday, workday_exception *out)
{
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	DateADT    *days = (DateADT *) ARR_DATA_PTR(array);
	int			i;

	if (ARR_HASNULL(array) && array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a calendar must not contain null days")));
	for (i = 0; i < n; i++)
	{
		if (days[i] < -LIMIT_DAYS || days[i] > LIMIT_DAYS)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("date out of range for a calendar")));
		out[i].day = days[i];
		out[i].workday = workday;
	}
	return n;
}

/* Prepare the clock of a call site from its arguments. */
static void
build_clock(FunctionCallInfo fcinfo, clock_cache *cache, const Datum *args)
{
	ArrayType  *holidays = DatumGetArrayTypeP(args[2]);
	ArrayType  *workdays = DatumGetArrayTypeP(args[3]);
	char	   *name = text_to_cstring(DatumGetTextPP(args[1]));
	workday_exception *exceptions;
	week_span  *spans;
	int			nspans,
				n,
				i;
	int32_t		twice = 0;
	MemoryContext old;

	cache->built = false;
	MemoryContextReset(cache->context);
	old = MemoryContextSwitchTo(cache->context);

	open_zone(&cache->zone, name);
	spans = community_weekly_spans(fcinfo, DatumGetMultirangeTypeP(args[0]), &nspans);
	n = ArrayGetNItems(ARR_NDIM(holidays), ARR_DIMS(holidays)) +
		ArrayGetNItems(ARR_NDIM(workdays), ARR_DIMS(workdays));
	exceptions = palloc(sizeof(workday_exception) * Max(n, 1));
	n = add_days(holidays, false, exceptions);
	n += add_days(workdays, true, exceptions + n);
	cache->clock.spans = palloc(sizeof(week_span) * (nspans + WEEK_DAYS));
	if (!community_workclock_build(&cache->clock, spans, nspans, exceptions, n, &twice))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is both a holiday and a working day",
						DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(twice))))));

	for (i = 0; i < 4; i++)
		cache->args[i] = datumCopy(args[i], false, -1);
	MemoryContextSwitchTo(old);
	cache->built = true;
}

/*
 * Fetch the prepared clock for the arguments that start at the given one:
 * hours, zone, holidays, workdays.
 */
static clock_cache *
get_clock(FunctionCallInfo fcinfo, int first)
{
	clock_cache *cache = (clock_cache *) fcinfo->flinfo->fn_extra;
	Datum		args[4];
	bool		same;
	int			i;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(clock_cache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt,
											   "community working time", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	same = cache->built;
	for (i = 0; i < 4; i++)
	{
		struct varlena *v = PG_DETOAST_DATUM(PG_GETARG_DATUM(first + i));

		args[i] = PointerGetDatum(v);
		same = same && VARSIZE(v) == VARSIZE(DatumGetPointer(cache->args[i])) &&
			memcmp(v, DatumGetPointer(cache->args[i]), VARSIZE(v)) == 0;
	}
	if (!same)
		build_clock(fcinfo, cache, args);
	return cache;
}

/* Read a timestamp that the arithmetic can bear. */
static int64
get_instant(FunctionCallInfo fcinfo, int n)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(n);

	if (at < -LIMIT_DAYS * USECS_PER_DAY || at > LIMIT_DAYS * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range for working time")));
	return at;
}

/* Read a limit that the arithmetic can bear. */
static Interval *
get_limit(FunctionCallInfo fcinfo, int n)
{
	Interval   *limit = PG_GETARG_INTERVAL_P(n);

	if (limit->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a limit is counted in days and hours, not in months or years")));
	if (limit->day < 0 || limit->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a limit must not be negative")));
	if (limit->day > LIMIT_DAYS || limit->time > LIMIT_DAYS * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("limit out of range for working time")));
	return limit;
}

/* Read the name of a clock. */
static clock_kind
get_kind(FunctionCallInfo fcinfo, int n)
{
	text	   *name = PG_GETARG_TEXT_PP(n);
	const char *s = VARDATA_ANY(name);
	size_t		len = VARSIZE_ANY_EXHDR(name);

	if (len == 4 && memcmp(s, "work", 4) == 0)
		return CLOCK_WORK;
	if (len == 8 && memcmp(s, "calendar", 8) == 0)
		return CLOCK_CALENDAR;
	if (len == 6 && memcmp(s, "urgent", 6) == 0)
		return CLOCK_URGENT;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("clock \"%s\" is not known", text_to_cstring(name)),
			 errhint("The clocks are work, calendar and urgent.")));
}

/*
 * Tell whether the hours are open at an instant.
 */
Datum
community_hours_open(PG_FUNCTION_ARGS)
{
	clock_cache *cache = get_clock(fcinfo, 1);

	PG_RETURN_BOOL(community_work_open(&cache->clock, &cache->zone.zone, get_instant(fcinfo, 0)));
}

/*
 * Find the first open instant from an instant on.
 */
Datum
community_hours_next_open(PG_FUNCTION_ARGS)
{
	clock_cache *cache = get_clock(fcinfo, 1);
	int64_t		open;

	if (!community_work_next_open(&cache->clock, &cache->zone.zone, get_instant(fcinfo, 0), &open))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(open);
}

/*
 * Find the first closed instant from an instant on.
 */
Datum
community_hours_next_close(PG_FUNCTION_ARGS)
{
	clock_cache *cache = get_clock(fcinfo, 1);
	int64_t		close;

	if (!community_work_next_close(&cache->clock, &cache->zone.zone, get_instant(fcinfo, 0), &close))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(close);
}

/*
 * Find the first instant of a stretch of time from which the hours stay open
 * for a length of time within it.
 */
Datum
community_hours_fit(PG_FUNCTION_ARGS)
{
	int64_t		at = get_instant(fcinfo, 0);
	int64_t		upto = get_instant(fcinfo, 1);
	Interval   *length = get_limit(fcinfo, 2);
	clock_cache *cache = get_clock(fcinfo, 3);
	int64_t		latest = upto - length->day * USECS_PER_DAY - length->time;

	while (at <= latest &&
		   community_work_next_open(&cache->clock, &cache->zone.zone, at, &at) && at <= latest)
	{
		int64_t		close;

		if (!community_work_next_close(&cache->clock, &cache->zone.zone, at, &close) ||
			close - at >= upto - latest)
			PG_RETURN_TIMESTAMPTZ(at);
		at = close;
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}

/*
 * Find the instant at which a limit has run out.
 */
Datum
community_due_at(PG_FUNCTION_ARGS)
{
	int64		from = get_instant(fcinfo, 0);
	Interval   *limit = get_limit(fcinfo, 1);
	clock_kind	kind = get_kind(fcinfo, 2);
	clock_cache *cache = get_clock(fcinfo, 3);
	int64_t		due;

	switch (kind)
	{
		case CLOCK_URGENT:
			due = from + limit->day * USECS_PER_DAY + limit->time;
			break;
		case CLOCK_CALENDAR:
			due = community_local_step(&cache->zone.zone, from, limit->day) + limit->time;
			break;
		default:
			if (!community_work_due(&cache->clock, &cache->zone.zone, from, limit->day,
									limit->time, &due))
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("the limit never runs out"),
						 errdetail("The weekly hours hold too little working time.")));
	}
	if (!IS_VALID_TIMESTAMP(due))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	PG_RETURN_TIMESTAMPTZ(due);
}

/*
 * Find the latest instant from which a limit in working time runs out at another.
 */
Datum
community_due_back(PG_FUNCTION_ARGS)
{
	int64		upto = get_instant(fcinfo, 0);
	Interval   *limit = PG_GETARG_INTERVAL_P(1);
	clock_cache *cache = get_clock(fcinfo, 2);
	int64_t		from = upto;

	if (limit->month != 0 || limit->day != 0 || limit->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("working time is counted back in hours that are not negative")));
	if (limit->time > LIMIT_DAYS * USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("limit out of range for working time")));
	if (limit->time > 0 &&
		!community_work_back(&cache->clock, &cache->zone.zone, upto, limit->time, &from))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the limit never began"),
				 errdetail("The weekly hours hold too little working time.")));
	if (!IS_VALID_TIMESTAMP(from))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	PG_RETURN_TIMESTAMPTZ(from);
}

/*
 * Tell how much of a limit runs between two instants.
 */
Datum
community_worked_between(PG_FUNCTION_ARGS)
{
	int64		from = get_instant(fcinfo, 0);
	int64		upto = get_instant(fcinfo, 1);
	clock_kind	kind = get_kind(fcinfo, 2);
	clock_cache *cache = get_clock(fcinfo, 3);
	Interval   *result = palloc0(sizeof(Interval));
	bool		turned = upto < from;

	if (turned)
	{
		int64		swap = from;

		from = upto;
		upto = swap;
	}
	switch (kind)
	{
		case CLOCK_URGENT:
			result->time = upto - from;
			break;
		case CLOCK_CALENDAR:
			result->day = community_local_days(&cache->zone.zone, from, upto);
			result->time = upto - community_local_step(&cache->zone.zone, from, result->day);
			break;
		default:
			result->time = community_work_between(&cache->clock, &cache->zone.zone, from, upto);
	}
	if (turned)
	{
		result->day = -result->day;
		result->time = -result->time;
	}
	PG_RETURN_INTERVAL_P(result);
}

/*
 * Tell how many whole working days lie between two instants.
 */
Datum
community_worked_days(PG_FUNCTION_ARGS)
{
	int64		from = get_instant(fcinfo, 0);
	int64		upto = get_instant(fcinfo, 1);
	clock_cache *cache = get_clock(fcinfo, 2);

	if (upto < from)
		PG_RETURN_INT64(-community_work_days(&cache->clock, &cache->zone.zone, upto, from));
	PG_RETURN_INT64(community_work_days(&cache->clock, &cache->zone.zone, from, upto));
}

/*
 * List the offsets from UTC that a zone has between two instants: the one of the
 * first instant, and each with the instant from which it holds.
 */
Datum
community_tz_offsets(PG_FUNCTION_ARGS)
{
	int64		at = get_instant(fcinfo, 1);
	int64		upto = get_instant(fcinfo, 2);
	server_zone zone;
	int64		last = PG_INT64_MIN;
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	open_zone(&zone, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	InitMaterializedSRF(fcinfo, 0);
	while (at < upto)
	{
		int64		offset,
					until;

		CHECK_FOR_INTERRUPTS();
		lookup_zone(&zone.zone, at, &offset, &until);
		/* some changes are of the name alone */
		if (offset != last)
		{
			Datum		values[] = {TimestampTzGetDatum(at), Int32GetDatum(offset / USECS_PER_SEC)};
			bool		nulls[] = {false, false};

			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
		last = offset;
		at = until;
	}
	return (Datum) 0;
}
