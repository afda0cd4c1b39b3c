/*
 * weekly_core.c
 *		Read and write weekly hours in the grammar of OpenStreetMap's
 *		opening_hours, as far as it speaks of weekdays, holidays and times.
 */
#include "worktime/worktime.h"

#include <string.h>

/* A span starts within its day and lasts a day at most. */
#define REACH	(2 * DAY_MINUTES)

/* Longer spans over midnight are written as two: 13:00-12:00 misleads. */
#define NIGHT	(18 * 60)

#define ALL_DAYS	0xFF

static const char day_names[WEEK_DAYS][3] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH"};

/* The text being read, and the hours by the day on which they start. */
typedef struct reader
{
	const char *text;
	size_t		len;
	size_t		at;
	unsigned char open[WEEK_DAYS][REACH];
	bool		holiday_named;
} reader;

/* One rule: days, times, and whether it opens, closes or adds. */
typedef struct week_rule
{
	unsigned	days;
	bool		off;
	bool		additional;
	int			nspans;
	week_span	spans[WEEK_MAX_SPANS / WEEK_DAYS];
} week_rule;

/* Tell the next byte without taking it; 0 at the end. */
static char
peek(const reader *r)
{
	return r->at < r->len ? r->text[r->at] : '\0';
}

/* Pass over white space. */
static void
skip_space(reader *r)
{
	while (r->at < r->len && strchr(" \t\r\n", r->text[r->at]) != NULL && r->text[r->at] != '\0')
		r->at++;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char) (c + ('a' - 'A')) : c;
}

/* Take a word if it stands here, whatever its case, and ends here. */
static bool
take_word(reader *r, const char *word)
{
	size_t		n = strlen(word);
	size_t		i;

	if (r->at + n > r->len)
		return false;
	for (i = 0; i < n; i++)
		if (lower(r->text[r->at + i]) != lower(word[i]))
			return false;
	if (r->at + n < r->len && is_letter(word[n - 1]) && is_letter(r->text[r->at + n]))
		return false;
	r->at += n;
	return true;
}

/* Take the name of a day; -1 when none stands here. */
static int
take_day(reader *r)
{
	int			d;

	for (d = 0; d < WEEK_DAYS; d++)
		if (take_word(r, day_names[d]))
			return d;
	return -1;
}

/* Read `Mo-Fr,Su,PH`; the first name is known to stand here. */
static const char *
read_days(reader *r, unsigned *days)
{
	*days = 0;
	for (;;)
	{
		int			from = take_day(r);
		size_t		mark;

		if (from < 0)
			return "a weekday (Mo, Tu, We, Th, Fr, Sa, Su) or PH was expected";
		*days |= 1u << from;
		skip_space(r);
		if (from != HOLIDAY && peek(r) == '-')
		{
			int			upto;

			r->at++;
			skip_space(r);
			mark = r->at;
			upto = take_day(r);
			if (upto < 0 || upto == HOLIDAY)
			{
				r->at = mark;
				return "a weekday was expected after \"-\"";
			}
			while (from != upto)
			{
				from = (from + 1) % 7;
				*days |= 1u << from;
			}
			skip_space(r);
		}
		if (peek(r) != ',')
			return NULL;
		mark = r->at;
		r->at++;
		skip_space(r);
		if (!is_letter(peek(r)))
		{
			r->at = mark;
			return NULL;
		}
	}
}

/* Read `8:00` or `08:00`, up to a limit of minutes. */
static const char *
read_time(reader *r, int limit, int *minute)
{
	size_t		mark = r->at;
	int			digits = 0;
	int			hour = 0;

	while (is_digit(peek(r)) && digits < 2)
	{
		hour = hour * 10 + (peek(r) - '0');
		r->at++;
		digits++;
	}
	if (digits == 0)
		return "a time (HH:MM) was expected";
	if (peek(r) != ':')
		return "\":\" and minutes were expected";
	r->at++;
	if (!is_digit(peek(r)) || r->at + 1 >= r->len || !is_digit(r->text[r->at + 1]))
		return "two digits of minutes were expected";
	*minute = (r->text[r->at] - '0') * 10 + (r->text[r->at + 1] - '0');
	if (*minute > 59)
		return "minutes end at 59";
	r->at += 2;
	*minute += hour * 60;
	if (*minute > limit)
	{
		r->at = mark;
		return limit == REACH ? "a span ends at 48:00 at the latest" :
			"a span starts at 23:59 at the latest";
	}
	return NULL;
}

/* Read `08:00-12:00,14:00-26:00`. */
static const char *
read_times(reader *r, week_rule *rule)
{
	for (;;)
	{
		week_span	span;
		const char *error;
		size_t		mark = r->at;

		if (rule->nspans == (int) (sizeof(rule->spans) / sizeof(rule->spans[0])))
			return "a rule has too many spans";
		if ((error = read_time(r, DAY_MINUTES - 1, &span.from)) != NULL)
			return error;
		skip_space(r);
		if (peek(r) != '-')
			return "\"-\" and the end of the span were expected";
		r->at++;
		skip_space(r);
		if ((error = read_time(r, REACH, &span.upto)) != NULL)
			return error;
		if (span.upto <= span.from)
			span.upto += DAY_MINUTES;
		if (span.upto - span.from > DAY_MINUTES)
		{
			r->at = mark;
			return "a span lasts 24 hours at most";
		}
		rule->spans[rule->nspans++] = span;
		skip_space(r);
		if (peek(r) != ',')
			return NULL;
		mark = r->at;
		r->at++;
		skip_space(r);
		if (!is_digit(peek(r)))
		{
			r->at = mark;
			return NULL;
		}
	}
}

/* Set or clear minutes of a starting day. */
static void
paint(reader *r, int day, int from, int upto, unsigned char value)
{
	if (from < 0)
		from = 0;
	if (upto > REACH)
		upto = REACH;
	if (from < upto)
		memset(r->open[day] + from, value, upto - from);
}

/* Let a rule take effect over those before it. */
static void
apply(reader *r, const week_rule *rule)
{
	int			d,
				i;

	if (rule->days & (1u << HOLIDAY))
		r->holiday_named = true;
	for (d = 0; d < WEEK_DAYS; d++)
	{
		int			before = d == HOLIDAY ? HOLIDAY : (d + 6) % 7;
		int			after = d == HOLIDAY ? HOLIDAY : (d + 1) % 7;

		if (!(rule->days & (1u << d)))
			continue;
		if (rule->nspans == 0 || !(rule->off || rule->additional))
			memset(r->open[d], 0, REACH);
		if (rule->nspans == 0 && !rule->off)
			paint(r, d, 0, DAY_MINUTES, 1);
		for (i = 0; i < rule->nspans; i++)
		{
			int			from = rule->spans[i].from;
			int			upto = rule->spans[i].upto;

			paint(r, d, from, upto, !rule->off);
			if (rule->off)
			{
				/* a night that began the day before, and the one after */
				paint(r, before, from + DAY_MINUTES, upto + DAY_MINUTES, 0);
				paint(r, after, from - DAY_MINUTES, upto - DAY_MINUTES, 0);
			}
		}
	}
}

/* Read one rule. */
static const char *
read_rule(reader *r, week_rule *rule)
{
	const char *error;
	bool		said = false;

	rule->days = ALL_DAYS;
	rule->off = false;
	rule->nspans = 0;
	if (take_word(r, "24/7"))
	{
		rule->spans[rule->nspans++] = (week_span) {0, DAY_MINUTES};
		said = true;
		skip_space(r);
	}
	else
	{
		if (is_letter(peek(r)))
		{
			size_t		mark = r->at;

			if (take_day(r) >= 0)
			{
				r->at = mark;
				if ((error = read_days(r, &rule->days)) != NULL)
					return error;
				said = true;
			}
		}
		if (is_digit(peek(r)))
		{
			if ((error = read_times(r, rule)) != NULL)
				return error;
			said = true;
		}
	}
	if (take_word(r, "off") || take_word(r, "closed"))
		rule->off = said = true;
	else if (take_word(r, "open"))
		said = true;
	skip_space(r);
	return said ? NULL : "a weekday, PH, a time, 24/7 or off was expected";
}

/*
 * Read weekly hours; return NULL, or what was expected at byte *at.
 */
const char *
community_week_parse(const char *text, size_t len, week_map *map, size_t *at)
{
	reader		r;
	week_rule	rule;
	int			d,
				m;

	memset(&r, 0, sizeof(r));
	r.text = text;
	r.len = len;
	rule.additional = false;
	for (;;)
	{
		const char *error;

		skip_space(&r);
		if ((error = read_rule(&r, &rule)) != NULL)
		{
			*at = r.at;
			return error;
		}
		apply(&r, &rule);
		if (r.at == len)
			break;
		if (peek(&r) != ';' && peek(&r) != ',')
		{
			*at = r.at;
			return "\";\", \",\" or the end was expected";
		}
		rule.additional = peek(&r) == ',';
		r.at++;
	}

	/* nights run into the next morning; a holiday's into its own */
	memset(map, 0, sizeof(*map));
	for (d = 0; d < WEEK_DAYS; d++)
	{
		unsigned char *day = map->open + d * DAY_MINUTES;
		unsigned char *next = map->open + (d == HOLIDAY ? HOLIDAY : (d + 1) % 7) * DAY_MINUTES;

		for (m = 0; m < DAY_MINUTES; m++)
		{
			day[m] |= r.open[d][m];
			next[m] |= r.open[d][DAY_MINUTES + m];
		}
	}

	/* without a word on holidays, what holds on every weekday holds on them */
	if (!r.holiday_named)
		for (m = 0; m < DAY_MINUTES; m++)
		{
			unsigned char all = 1;

			for (d = 0; d < HOLIDAY; d++)
				all &= map->open[d * DAY_MINUTES + m];
			map->open[HOLIDAY * DAY_MINUTES + m] = all;
		}
	return NULL;
}

/*
 * Write the spans of the map, at most WEEK_MAX_SPANS, and return their number.
 */
int
community_week_spans(const week_map *map, week_span *spans)
{
	int			n = 0;
	int			m = 0;

	while (m < WEEK_MINUTES)
	{
		int			from;

		while (m < WEEK_MINUTES && !map->open[m])
			m++;
		if (m == WEEK_MINUTES)
			break;
		from = m;
		while (m < WEEK_MINUTES && map->open[m])
			m++;
		spans[n++] = (week_span) {from, m};
	}
	return n;
}

/* The spans of one day as they will be written. */
typedef struct day_list
{
	int			n;
	week_span	spans[DAY_MINUTES / 2 + 1];
} day_list;

/* Collect the spans that start on a day of the map. */
static void
list_day(const week_map *map, int d, day_list *list)
{
	const unsigned char *day = map->open + d * DAY_MINUTES;
	int			m = 0;

	list->n = 0;
	while (m < DAY_MINUTES)
	{
		int			from;

		while (m < DAY_MINUTES && !day[m])
			m++;
		if (m == DAY_MINUTES)
			break;
		from = m;
		while (m < DAY_MINUTES && day[m])
			m++;
		list->spans[list->n++] = (week_span) {from, m};
	}
}

static char *
put_text(char *out, const char *text)
{
	size_t		n = strlen(text);

	memcpy(out, text, n);
	return out + n;
}

static char *
put_time(char *out, int minute)
{
	*out++ = (char) ('0' + minute / 600);
	*out++ = (char) ('0' + minute / 60 % 10);
	*out++ = ':';
	*out++ = (char) ('0' + minute % 60 / 10);
	*out++ = (char) ('0' + minute % 10);
	return out;
}

/* Write `Mo-We,Fr,PH`. */
static char *
put_days(char *out, unsigned days)
{
	int			d = 0;
	bool		first = true;

	while (d < WEEK_DAYS)
	{
		int			last = d;

		if (!(days & (1u << d)))
		{
			d++;
			continue;
		}
		while (d < HOLIDAY && last + 1 < HOLIDAY && (days & (1u << (last + 1))))
			last++;
		if (!first)
			*out++ = ',';
		first = false;
		out = put_text(out, day_names[d]);
		if (last > d)
		{
			*out++ = last == d + 1 ? ',' : '-';
			out = put_text(out, day_names[last]);
		}
		d = last + 1;
	}
	return out;
}

/* Write a list of spans, or off. */
static char *
put_list(char *out, const day_list *list)
{
	int			i;

	if (list->n == 0)
		return put_text(out, "off");
	for (i = 0; i < list->n; i++)
	{
		if (i > 0)
			*out++ = ',';
		out = put_time(out, list->spans[i].from);
		*out++ = '-';
		out = put_time(out, list->spans[i].upto);
	}
	return out;
}

static bool
same_list(const day_list *a, const day_list *b)
{
	return a->n == b->n && memcmp(a->spans, b->spans, a->n * sizeof(week_span)) == 0;
}

/*
 * Write weekly hours so that they read back as the same map; return the length
 * of the text, which is below WEEK_TEXT_MAX.
 */
size_t
community_week_print(const week_map *map, char *out)
{
	char	   *start = out;
	day_list	lists[WEEK_DAYS];
	bool		night[WEEK_DAYS];	/* the first span belongs to the day before */
	unsigned	done = 0;
	int			d,
				e;

	for (d = 0; d < WEEK_DAYS; d++)
		list_day(map, d, &lists[d]);

	/* a span up to midnight takes in the early hours after it */
	memset(night, 0, sizeof(night));
	for (d = 0; d < WEEK_DAYS; d++)
	{
		day_list   *next = &lists[d == HOLIDAY ? HOLIDAY : (d + 1) % 7];
		week_span  *last = lists[d].n > 0 ? &lists[d].spans[lists[d].n - 1] : NULL;

		if (last != NULL && last->upto == DAY_MINUTES && next->n > 0 &&
			next->spans[0].from == 0 && next->spans[0].upto < last->from &&
			DAY_MINUTES - last->from + next->spans[0].upto <= NIGHT)
			night[next - lists] = true;
	}
	for (d = 0; d < WEEK_DAYS; d++)
	{
		int			before = d == HOLIDAY ? HOLIDAY : (d + 6) % 7;

		if (night[d])
			lists[before].spans[lists[before].n - 1].upto = lists[d].spans[0].upto;
	}
	for (d = 0; d < WEEK_DAYS; d++)
		if (night[d])
		{
			lists[d].n--;
			memmove(lists[d].spans, lists[d].spans + 1, lists[d].n * sizeof(week_span));
		}

	for (d = 1; d < WEEK_DAYS && same_list(&lists[0], &lists[d]); d++)
		;
	if (d == WEEK_DAYS)
	{
		if (lists[0].n == 1 && lists[0].spans[0].from == 0 &&
			lists[0].spans[0].upto == DAY_MINUTES)
			out = put_text(out, "24/7");
		else
			out = put_list(out, &lists[0]);
		return out - start;
	}

	for (d = 0; d < WEEK_DAYS; d++)
	{
		unsigned	days = 0;

		if ((done & (1u << d)) || (lists[d].n == 0 && d != HOLIDAY))
			continue;
		for (e = d; e < WEEK_DAYS; e++)
			if (same_list(&lists[d], &lists[e]))
				days |= 1u << e;
		done |= days;
		if (out > start)
			out = put_text(out, "; ");
		out = put_days(out, days);
		*out++ = ' ';
		out = put_list(out, &lists[d]);
	}
	return out - start;
}
