/*
 * worktime_core.c
 *		Arithmetic of working time: an instant is working when its local time
 *		of the week lies in the hours of its day.
 *
 * Working time is a function W that grows with local time; within a stretch of
 * constant offset worked time is a difference of W and a deadline its inverse.
 * W is a sum over weeks plus the changes that exceptions make, so nothing loops
 * over days.
 */
#include "worktime/worktime.h"

#include <stdlib.h>

/* 2000-01-01 was a Saturday. */
#define DAY_ZERO	5

/* No answer lies beyond this day (some 200,000 years), so nothing overflows. */
#define LAST_DAY	INT64_C(73000000)

/* Divide, rounding down. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t		q = a / b;

	return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

/* Tell the weekday, Monday 0. */
static int
weekday(int64_t day)
{
	int64_t		r = (day + DAY_ZERO) % 7;

	return (int) (r < 0 ? r + 7 : r);
}

/* Find the number of exceptions before a day. */
static int
exceptions_before(const workclock *clock, int64_t day)
{
	int			lo = 0,
				hi = clock->nexceptions;

	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;

		if (clock->exceptions[mid].day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Tell whose hours hold on a day. */
static int
pattern_of(const workclock *clock, int64_t day)
{
	int			i = exceptions_before(clock, day);

	if (i < clock->nexceptions && clock->exceptions[i].day == day)
		return clock->exceptions[i].pattern;
	return weekday(day);
}

/* Sum a measure over all days before a day, from a fixed Monday. */
static int64_t
sum_before(const workclock *clock, const work_measure *measure, int64_t day)
{
	int64_t		weeks = floor_div(day + DAY_ZERO, 7);
	int			i = exceptions_before(clock, day);
	int64_t		sum = weeks * measure->week + measure->before[weekday(day)];

	if (i > 0)
		sum += measure == &clock->minutes ? clock->exceptions[i - 1].minutes :
			clock->exceptions[i - 1].days;
	return sum;
}

/*
 * Find the day, from a day on, during which a measure reaches a value: the sum
 * before it is less, the sum after it is not.  False when it never does.
 */
static bool
day_reaching(const workclock *clock, const work_measure *measure, int64_t from,
			 int64_t value, int64_t *day)
{
	int			lo = exceptions_before(clock, from),
				hi = clock->nexceptions;
	int64_t		d = from;

	/* the last exception before which the value is not reached */
	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;

		if (sum_before(clock, measure, clock->exceptions[mid].day) < value)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > 0 && clock->exceptions[lo - 1].day >= from)
	{
		d = clock->exceptions[lo - 1].day;
		if (sum_before(clock, measure, d + 1) >= value)
		{
			*day = d;
			return true;
		}
		d++;
	}
	if (measure->week <= 0)
		return false;
	d += (value - sum_before(clock, measure, d) - 1) / measure->week * 7;
	if (d > LAST_DAY)
		return false;
	while (sum_before(clock, measure, d + 1) < value)
		d++;
	*day = d;
	return true;
}

/* Tell the working microseconds of a day before a time of that day. */
static int64_t
worked_in_day(const workclock *clock, int pattern, int64_t time)
{
	int64_t		sum = 0;
	int			i;

	for (i = clock->first[pattern]; i < clock->first[pattern + 1]; i++)
	{
		int64_t		from = clock->spans[i].from * USECS_MINUTE;
		int64_t		upto = clock->spans[i].upto * USECS_MINUTE;

		if (time <= from)
			break;
		sum += (time < upto ? time : upto) - from;
	}
	return sum;
}

/* Find the earliest time of a day before which a working time (> 0) lies. */
static int64_t
time_reaching(const workclock *clock, int pattern, int64_t worked)
{
	int			i;

	for (i = clock->first[pattern]; i < clock->first[pattern + 1]; i++)
	{
		int64_t		from = clock->spans[i].from * USECS_MINUTE;
		int64_t		len = clock->spans[i].upto * USECS_MINUTE - from;

		if (worked <= len)
			return from + worked;
		worked -= len;
	}
	return USECS_DAY;			/* not reached: callers ask within the day */
}

/* Tell the working microseconds before a local time. */
static int64_t
worked_before(const workclock *clock, int64_t local)
{
	int64_t		day = floor_div(local, USECS_DAY);

	return sum_before(clock, &clock->minutes, day) * USECS_MINUTE +
		worked_in_day(clock, pattern_of(clock, day), local - day * USECS_DAY);
}

/*
 * Find the earliest local time, from a local time on, before which so many
 * working microseconds lie; there are fewer before the start.
 */
static bool
local_reaching(const workclock *clock, int64_t from, int64_t worked, int64_t *local)
{
	int64_t		day;

	/* whole minutes rounded up are reached on the same day */
	if (!day_reaching(clock, &clock->minutes, floor_div(from, USECS_DAY),
					  floor_div(worked + USECS_MINUTE - 1, USECS_MINUTE), &day))
		return false;
	worked -= sum_before(clock, &clock->minutes, day) * USECS_MINUTE;
	*local = day * USECS_DAY + time_reaching(clock, pattern_of(clock, day), worked);
	return true;
}

/*
 * Find the earliest instant, from an instant on, at which the local clock has
 * reached a local time.
 */
static int64_t
instant_of(workzone *zone, int64_t from, int64_t local)
{
	for (;;)
	{
		int64_t		offset,
					until;

		zone->lookup(zone, from, &offset, &until);
		if (until == INT64_MAX || local - offset < until)
			return local - offset > from ? local - offset : from;
		from = until;
	}
}

static int
compare_exceptions(const void *a, const void *b)
{
	int32_t		x = ((const workday_exception *) a)->day;
	int32_t		y = ((const workday_exception *) b)->day;

	return (x > y) - (x < y);
}

/* Fill the sums of a measure from its lengths. */
static void
sum_week(work_measure *measure)
{
	int			d;

	measure->week = 0;
	for (d = 0; d < 7; d++)
	{
		measure->before[d] = measure->week;
		measure->week += measure->len[d];
	}
}

/*
 * Prepare a clock.  clock->spans has room for nspans + 8, the exceptions are
 * kept and sorted; false, and the day, when a day is holiday and working day.
 */
bool
community_workclock_build(workclock *clock, const week_span *spans, int nspans,
						  workday_exception *exceptions, int nexceptions, int32_t *twice)
{
	int			d,
				i,
				n = 0,
				longest = 0;
	int64_t		minutes = 0,
				days = 0;

	/* cut the spans at midnight */
	i = 0;
	for (d = 0; d < WEEK_DAYS; d++)
	{
		int			midnight = d * DAY_MINUTES;

		clock->first[d] = n;
		clock->minutes.len[d] = 0;
		while (i < nspans && spans[i].upto <= midnight)
			i++;
		while (i < nspans && spans[i].from < midnight + DAY_MINUTES)
		{
			week_span	part;

			part.from = spans[i].from > midnight ? spans[i].from - midnight : 0;
			part.upto = spans[i].upto - midnight;
			if (part.upto > DAY_MINUTES)
				part.upto = DAY_MINUTES;
			clock->spans[n++] = part;
			clock->minutes.len[d] += part.upto - part.from;
			if (spans[i].upto > midnight + DAY_MINUTES)
				break;
			i++;
		}
		clock->days.len[d] = clock->minutes.len[d] > 0;
	}
	clock->first[WEEK_DAYS] = n;
	sum_week(&clock->minutes);
	sum_week(&clock->days);

	/* the longest day from Monday to Friday stands for shifted working days */
	for (d = 1; d < 5; d++)
		if (clock->minutes.len[d] > clock->minutes.len[longest])
			longest = d;

	if (nexceptions > 1)
		qsort(exceptions, nexceptions, sizeof(workday_exception), compare_exceptions);
	for (i = 0, n = 0; i < nexceptions; i++)
	{
		if (n > 0 && exceptions[n - 1].day == exceptions[i].day)
		{
			if (exceptions[n - 1].workday == exceptions[i].workday)
				continue;
			*twice = exceptions[i].day;
			return false;
		}
		exceptions[n++] = exceptions[i];
	}
	for (i = 0; i < n; i++)
	{
		int			own = weekday(exceptions[i].day);
		int			pattern = HOLIDAY;

		if (exceptions[i].workday)
			pattern = clock->minutes.len[own] >= clock->minutes.len[longest] ? own : longest;
		exceptions[i].pattern = (int8_t) pattern;
		minutes += clock->minutes.len[pattern] - clock->minutes.len[own];
		days += clock->days.len[pattern] - clock->days.len[own];
		exceptions[i].minutes = minutes;
		exceptions[i].days = days;
	}
	clock->exceptions = exceptions;
	clock->nexceptions = n;
	return true;
}

/*
 * Tell whether an instant is within the hours.
 */
bool
community_work_open(const workclock *clock, workzone *zone, int64_t at)
{
	int64_t		offset,
				until,
				day,
				minute;
	int			pattern,
				i;

	zone->lookup(zone, at, &offset, &until);
	day = floor_div(at + offset, USECS_DAY);
	minute = (at + offset - day * USECS_DAY) / USECS_MINUTE;
	pattern = pattern_of(clock, day);
	for (i = clock->first[pattern]; i < clock->first[pattern + 1]; i++)
		if (minute >= clock->spans[i].from && minute < clock->spans[i].upto)
			return true;
	return false;
}

/*
 * Find the first open instant from an instant on; false when there is none.
 */
bool
community_work_next_open(const workclock *clock, workzone *zone, int64_t at, int64_t *open)
{
	for (;;)
	{
		int64_t		offset,
					until,
					local;

		zone->lookup(zone, at, &offset, &until);
		/* just before the first further microsecond of work */
		if (!local_reaching(clock, at + offset, worked_before(clock, at + offset) + 1, &local))
			return false;
		*open = local - 1 - offset;
		if (until == INT64_MAX || *open < until)
			return true;
		at = until;
	}
}

/*
 * Find the first closed instant from an instant on; false when there is none.
 */
bool
community_work_next_close(const workclock *clock, workzone *zone, int64_t at, int64_t *close)
{
	int64_t		horizon = 0;
	bool		known = false;

	for (;;)
	{
		int64_t		offset,
					until,
					day,
					time,
					end = -1;
		int			pattern,
					i;

		zone->lookup(zone, at, &offset, &until);
		day = floor_div(at + offset, USECS_DAY);
		time = at + offset - day * USECS_DAY;
		if (!known)
		{
			/* a week open beyond the last exception never closes */
			horizon = day;
			if (clock->nexceptions > 0 && clock->exceptions[clock->nexceptions - 1].day > day)
				horizon = clock->exceptions[clock->nexceptions - 1].day;
			horizon += 9;
			known = true;
		}
		if (day > horizon)
			return false;
		pattern = pattern_of(clock, day);
		for (i = clock->first[pattern]; i < clock->first[pattern + 1]; i++)
			if (time >= clock->spans[i].from * USECS_MINUTE &&
				time < clock->spans[i].upto * USECS_MINUTE)
				end = clock->spans[i].upto * USECS_MINUTE;
		if (end < 0)
		{
			*close = at;
			return true;
		}
		at = day * USECS_DAY + end - offset;
		if (until != INT64_MAX && at > until)
			at = until;
	}
}

/*
 * Tell the working microseconds from an instant to a later one.
 */
int64_t
community_work_between(const workclock *clock, workzone *zone, int64_t from, int64_t upto)
{
	int64_t		sum = 0;

	while (from < upto)
	{
		int64_t		offset,
					until,
					end;

		zone->lookup(zone, from, &offset, &until);
		end = upto < until ? upto : until;
		sum += worked_before(clock, end + offset) - worked_before(clock, from + offset);
		from = end;
	}
	return sum;
}

/* Find the instant some working days after an instant; false when never. */
static bool
step_days(const workclock *clock, workzone *zone, int64_t from, int64_t days, int64_t *due)
{
	int64_t		offset,
				until,
				day,
				worked,
				target;
	int			pattern;

	zone->lookup(zone, from, &offset, &until);
	day = floor_div(from + offset, USECS_DAY);
	pattern = pattern_of(clock, day);
	worked = worked_in_day(clock, pattern, from + offset - day * USECS_DAY);
	if (worked == clock->minutes.len[pattern] * USECS_MINUTE)
	{
		/* after hours, or no hours at all: count from the next working day */
		if (!day_reaching(clock, &clock->days, day + 1,
						  sum_before(clock, &clock->days, day + 1) + 1, &day))
			return false;
		worked = 0;
	}
	/* days before this one, this one, and as many more as asked */
	target = sum_before(clock, &clock->days, day) + days + (worked > 0);
	if (!day_reaching(clock, &clock->days, day, target, &day))
		return false;
	pattern = pattern_of(clock, day);
	if (worked == 0 || worked > clock->minutes.len[pattern] * USECS_MINUTE)
		worked = clock->minutes.len[pattern] * USECS_MINUTE;
	*due = instant_of(zone, from, day * USECS_DAY + time_reaching(clock, pattern, worked));
	return true;
}

/*
 * Find the instant at which a limit of working days, then of working time, has
 * passed; false when it never does.
 */
bool
community_work_due(const workclock *clock, workzone *zone, int64_t from, int64_t days,
				   int64_t usecs, int64_t *due)
{
	if (days > 0 && !step_days(clock, zone, from, days, &from))
		return false;
	*due = from;
	while (usecs > 0)
	{
		int64_t		offset,
					until,
					worked,
					local;

		zone->lookup(zone, from, &offset, &until);
		worked = worked_before(clock, from + offset);
		if (!local_reaching(clock, from + offset, worked + usecs, &local))
			return false;
		*due = local - offset;
		if (until == INT64_MAX || *due <= until)
			return true;
		usecs -= worked_before(clock, until + offset) - worked;
		*due = from = until;
	}
	return true;
}

/*
 * Find the latest instant between which and a later one a working time (> 0)
 * lies; false when there never was so much.
 */
bool
community_work_back(const workclock *clock, workzone *zone, int64_t upto, int64_t usecs,
					int64_t *from)
{
	int64_t		step = usecs + USECS_DAY,
				low,
				high = upto;

	/* far enough back, twice as far each time */
	for (;;)
	{
		low = upto - step;
		if (community_work_between(clock, zone, low, upto) >= usecs)
			break;
		if (step > LAST_DAY * USECS_DAY / 2)
			return false;
		high = low;
		step *= 2;
	}
	/* the work up to the end falls by steps of at most one microsecond */
	while (high - low > 1)
	{
		int64_t		mid = low + (high - low) / 2;

		if (community_work_between(clock, zone, mid, upto) >= usecs)
			low = mid;
		else
			high = mid;
	}
	*from = low;
	return true;
}

/*
 * Tell how many whole working days lie between two instants: the most that,
 * counted from the first, are due by the second.
 */
int64_t
community_work_days(const workclock *clock, workzone *zone, int64_t from, int64_t upto)
{
	int64_t		offset,
				until,
				days,
				due;

	zone->lookup(zone, from, &offset, &until);
	days = -sum_before(clock, &clock->days, floor_div(from + offset, USECS_DAY));
	zone->lookup(zone, upto, &offset, &until);
	days += sum_before(clock, &clock->days, floor_div(upto + offset, USECS_DAY) + 2);
	while (days > 0 && (!step_days(clock, zone, from, days, &due) || due > upto))
		days--;
	return days;
}

/*
 * Find the instant with the same local time so many days later.
 */
int64_t
community_local_step(workzone *zone, int64_t from, int64_t days)
{
	int64_t		offset,
				until;

	if (days <= 0)
		return from;
	zone->lookup(zone, from, &offset, &until);
	return instant_of(zone, from, from + offset + days * USECS_DAY);
}

/*
 * Tell the most days for which the local step does not pass the second instant.
 */
int64_t
community_local_days(workzone *zone, int64_t from, int64_t upto)
{
	int64_t		days = (upto - from) / USECS_DAY + 1;

	while (days > 0 && community_local_step(zone, from, days) > upto)
		days--;
	return days;
}
