/*
 * worktime.h
 *		Weekly hours and working-time arithmetic.
 *
 * A week has eight days of 1,440 minutes: Monday to Sunday, then the day that
 * stands for every public holiday.
 */
#ifndef COMMUNITY_WORKTIME_H
#define COMMUNITY_WORKTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEEK_DAYS		8
#define HOLIDAY			7
#define DAY_MINUTES		1440
#define WEEK_MINUTES	(WEEK_DAYS * DAY_MINUTES)
#define WEEK_MAX_SPANS	(WEEK_MINUTES / 2)

/* Longest text of weekly hours: a span of 12 bytes every second minute. */
#define WEEK_TEXT_MAX	(WEEK_MAX_SPANS * 12 + 512)

#define USECS_MINUTE	INT64_C(60000000)
#define USECS_DAY		(DAY_MINUTES * USECS_MINUTE)

/* A half-open span of minutes. */
typedef struct week_span
{
	int32_t		from;			/* first minute */
	int32_t		upto;			/* minute after the last */
} week_span;

/* What a text of weekly hours says, one byte a minute. */
typedef struct week_map
{
	unsigned char open[WEEK_MINUTES];
} week_map;

extern const char *community_week_parse(const char *text, size_t len,
										week_map *map, size_t *at);
extern size_t community_week_print(const week_map *map, char *out);
extern int	community_week_spans(const week_map *map, week_span *spans);

/* A day that does not follow the weekly hours. */
typedef struct workday_exception
{
	int32_t		day;			/* days since 2000-01-01 */
	bool		workday;		/* a shifted working day, else a holiday */
	int8_t		pattern;		/* day of the week whose hours hold */
	int64_t		minutes;		/* change of working minutes up to this day */
	int64_t		days;			/* change of working days up to this day */
} workday_exception;

/* A measure that grows by a number a day. */
typedef struct work_measure
{
	int64_t		len[WEEK_DAYS]; /* growth on each day of the week */
	int64_t		before[7];		/* growth from Monday to the day */
	int64_t		week;			/* growth in a week without exceptions */
} work_measure;

/* Weekly hours with a calendar, ready for arithmetic. */
typedef struct workclock
{
	week_span  *spans;			/* of all days, minutes of the day */
	int			first[WEEK_DAYS + 1];	/* index of each day's first span */
	work_measure minutes;
	work_measure days;			/* days with working time */
	workday_exception *exceptions;	/* by day */
	int			nexceptions;
} workclock;

/*
 * A zone tells, for an instant (microseconds since 2000-01-01 UTC), the offset
 * of local time and until when it holds (INT64_MAX for ever).
 */
typedef struct workzone
{
	void		(*lookup) (struct workzone *zone, int64_t at,
						   int64_t *offset, int64_t *until);
} workzone;

extern bool community_workclock_build(workclock *clock, const week_span *spans, int nspans,
									  workday_exception *exceptions, int nexceptions,
									  int32_t *twice);
extern bool community_work_open(const workclock *clock, workzone *zone, int64_t at);
extern bool community_work_next_open(const workclock *clock, workzone *zone,
									 int64_t at, int64_t *open);
extern bool community_work_next_close(const workclock *clock, workzone *zone,
									  int64_t at, int64_t *close);
extern int64_t community_work_between(const workclock *clock, workzone *zone,
									  int64_t from, int64_t upto);
extern bool community_work_due(const workclock *clock, workzone *zone,
							   int64_t from, int64_t days, int64_t usecs, int64_t *due);
extern bool community_work_back(const workclock *clock, workzone *zone,
								int64_t upto, int64_t usecs, int64_t *from);
extern int64_t community_work_days(const workclock *clock, workzone *zone,
								   int64_t from, int64_t upto);
extern int64_t community_local_step(workzone *zone, int64_t from, int64_t days);
extern int64_t community_local_days(workzone *zone, int64_t from, int64_t upto);

#endif							/* COMMUNITY_WORKTIME_H */
