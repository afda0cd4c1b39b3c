/*
 * worktime.c
 *		Fuzz the working-time clock: deadlines and worked time are inverses, in
 *		a zone whose offset jumps.
 */
#include "fuzz.h"

#include "worktime/worktime.h"

/* A zone that changes its offset each half year. */
typedef struct jumping
{
	workzone	zone;
	int64_t		offset[2];
} jumping;

#define HALF_YEAR	(INT64_C(182) * USECS_DAY)

static void
lookup(workzone *zone, int64_t at, int64_t *offset, int64_t *until)
{
	int64_t		half = at / HALF_YEAR - (at % HALF_YEAR < 0);

	*offset = ((jumping *) zone)->offset[half & 1];
	*until = (half + 1) * HALF_YEAR;
}

/* Make hours, calendar, zone, start and limit of the input. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	week_span	spans[16];
	week_span	room[16 + WEEK_DAYS];
	workday_exception days[32];
	workclock	clock = {.spans = room};
	jumping		zone = {.zone = {lookup}};
	int			nspans = 0,
				ndays = 0;
	int32_t		twice;
	int64_t		start,
				limit,
				due,
				open;
	size_t		i = 0;
	int			minute = 0;

	if (size < 24)
		return 0;
	memcpy(&start, data, 8);
	memcpy(&limit, data + 8, 8);
	start = (int64_t) ((uint64_t) start % (UINT64_C(40000) * USECS_DAY));
	limit = (int64_t) ((uint64_t) limit % (UINT64_C(200) * USECS_DAY));
	zone.offset[0] = (int64_t) (data[16] % 96 - 48) * 15 * USECS_MINUTE;
	zone.offset[1] = zone.offset[0] + (int64_t) (data[17] % 9 - 4) * 15 * USECS_MINUTE;
	for (i = 20; i + 4 <= size && nspans < 16 && data[18] > nspans; i += 4)
	{
		int			from = minute + 1 + (data[i] << 8 | data[i + 1]) % 2000;
		int			upto = from + 1 + (data[i + 2] << 8 | data[i + 3]) % 2000;

		if (upto > WEEK_MINUTES)
			break;
		spans[nspans++] = (week_span) {from, upto};
		minute = upto;
	}
	for (; i + 3 <= size && ndays < 32; i += 3)
	{
		days[ndays].day = (int32_t) (start / USECS_DAY) + (data[i] << 8 | data[i + 1]) % 400 - 100;
		days[ndays++].workday = data[i + 2] & 1;
	}
	if (!community_workclock_build(&clock, spans, nspans, days, ndays, &twice))
		return 0;
	if (community_work_due(&clock, &zone.zone, start, 0, limit, &due))
	{
		CHECK(due >= start);
		CHECK(community_work_between(&clock, &zone.zone, start, due) == limit);
		if (limit > 0)
			CHECK(community_work_between(&clock, &zone.zone, start, due - 1) < limit);
	}
	if (community_work_next_open(&clock, &zone.zone, start, &open))
	{
		CHECK(open >= start && community_work_open(&clock, &zone.zone, open));
		CHECK(open == start || !community_work_open(&clock, &zone.zone, start));
		CHECK(community_work_between(&clock, &zone.zone, start, open) == 0);
	}
	if (community_work_next_close(&clock, &zone.zone, start, &open))
		CHECK(open >= start && !community_work_open(&clock, &zone.zone, open));
	if (community_work_due(&clock, &zone.zone, start, data[19], 0, &due))
		CHECK(community_work_days(&clock, &zone.zone, start, due) >= data[19]);
	return 0;
}
