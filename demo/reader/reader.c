/*
 * reader.c
 *		A door without a connection: decides by the package that
 *		community.door_package_file() made, with the same core as the database.
 *
 *		reader PACKAGE ROOT [ROOT]
 *
 * ROOT is the public half of the key sign-ed25519 in hexadecimal, the only thing
 * a reader must be told when it is built in; the next one beside it lets that key
 * be replaced without a visit on the day.  Each line of standard input is a
 * tap: seconds since 1970, credential, and the counter if the card has a chip.
 * Each answer is a line: number, seconds, granted or refused, reason, holder,
 * card, counter - what community.door_upload() takes later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/card.h"
#include "card/document.h"
#include "card/status.h"
#include "worktime/worktime.h"

#define EPOCH_2000		INT64_C(946684800)
#define USECS			INT64_C(1000000)

/* A rule of the door. */
typedef struct rule
{
	int64_t		from;			/* seconds since 1970 */
	int64_t		until;
	bool		needs_pin;
	bool		when_locked;
	bool		listed;			/* only for the holders below */
	int64_t    *holders;
	int			nholders;
	week_span	spans[WEEK_MAX_SPANS];
	int			nspans;
	workclock	clock;
} rule;

/* What was seen of a card. */
typedef struct seen
{
	int64_t		card;
	int64_t		counter;
	uint64_t	window;			/* of the 64 counters below, which were seen */
} seen;

/* An offset from UTC. */
typedef struct zone_offset
{
	int64_t		from;			/* microseconds since 2000 */
	int64_t		offset;			/* microseconds */
} zone_offset;

static card_ring ring;
static rule *rules;
static int	nrules;
static workday_exception *days;
static int	ndays;
static zone_offset *offsets;	/* ascending */
static int	noffsets;
static uint32_t *blocked;
static int	nblocked;
static seen *cards;
static int	ncards;
static unsigned char *bitmap;
static size_t bitmap_len;
static int64_t code,
			stale;
static bool locked,
			released,
			active,
			needs_counter;

/* End with a message. */
static void
die(const char *what)
{
	fprintf(stderr, "reader: %s\n", what);
	exit(2);
}

/* Enlarge an array by one. */
static void *
grow(void *array, int n, size_t size)
{
	void	   *p = realloc(array, (size_t) (n + 1) * size);

	if (p == NULL)
		die("out of memory");
	return p;
}

/* Read hexadecimal digits up to the end of the line. */
static unsigned char *
unhex(const char *text, size_t *len)
{
	size_t		n = strspn(text, "0123456789abcdef") / 2;
	unsigned char *out = malloc(n + 1);
	size_t		i;

	if (out == NULL)
		die("out of memory");
	for (i = 0; i < n; i++)
	{
		char		byte[3] = {text[2 * i], text[2 * i + 1], 0};

		out[i] = (unsigned char) strtoul(byte, NULL, 16);
	}
	*len = n;
	return out;
}

/* Answer the core: the offset of an instant and until when it holds. */
static void
lookup(workzone *zone, int64_t at, int64_t *offset, int64_t *until)
{
	int			i = 0;

	(void) zone;
	while (i + 1 < noffsets && offsets[i + 1].from <= at)
		i++;
	*offset = offsets[i].offset;
	*until = i + 1 < noffsets ? offsets[i + 1].from : INT64_MAX;
}

/* Tell whether the package's signature is that of a root key. */
static bool
proof_fits(const char *text, size_t body, const char *proof, const char *root)
{
	static const char kind[] = "door package";
	static card_ring trusted;
	char		line[256];
	size_t		len;
	unsigned char *bytes = unhex(proof, &len);
	bool		fits = false;
	int			at;
	const char *error;

	if (len != DOCUMENT_PROOF)
		die("the package has no proof");
	snprintf(line, sizeof(line), "community-ring 1\n%d sign-ed25519-public old %.64s\n",
			 bytes[0] << 8 | bytes[1], root);
	if (community_ring_read(line, strlen(line), &trusted, &at, &error))
	{
		fits = community_document_verify(&trusted, kind, sizeof(kind) - 1,
										 (const unsigned char *) text, body, bytes, len);
		community_ring_clear(&trusted);
	}
	free(bytes);
	return fits;
}

/* Read the lines of a package that was verified. */
static void
read_package(char *text)
{
	char		keys[RING_MAX_BYTES] = "community-ring 1\n";
	size_t		nkeys = strlen(keys);
	char	   *save = NULL;
	char	   *line;
	int			at;
	const char *error;

	for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
	{
		char		a[64],
					b[64],
					c[64],
					d[64];
		long long	n;

		if (sscanf(line, "point %*s %*s %63s %63s %63s %63s", a, b, c, d) == 4)
		{
			size_t		digits = strlen(a);

			for (code = atoll(a); digits < 15; digits++)
				code *= 10;
			locked = strcmp(b, "locked") == 0;
			released = strcmp(b, "released") == 0;
			active = strcmp(c, "active") == 0;
			needs_counter = strcmp(d, "counter") == 0;
		}
		else if (sscanf(line, "stale %lld", &n) == 1)
			stale = n;
		else if (sscanf(line, "offset %63s %lld", a, &n) == 2)
		{
			offsets = grow(offsets, noffsets, sizeof(*offsets));
			offsets[noffsets].from = strcmp(a, "-") == 0 ? INT64_MIN : (atoll(a) - EPOCH_2000) * USECS;
			offsets[noffsets++].offset = n * USECS;
		}
		else if (strncmp(line, "key ", 4) == 0 && nkeys + strlen(line) < sizeof(keys))
			nkeys += (size_t) snprintf(keys + nkeys, sizeof(keys) - nkeys, "%s\n", line + 4);
		else if (sscanf(line, "holiday %lld", &n) == 1 || sscanf(line, "workday %lld", &n) == 1)
		{
			days = grow(days, ndays, sizeof(*days));
			days[ndays].day = (int32_t) n;
			days[ndays++].workday = line[0] == 'w';
		}
		else if (sscanf(line, "blocked %lld", &n) == 1)
		{
			blocked = grow(blocked, nblocked, sizeof(*blocked));
			blocked[nblocked++] = (uint32_t) n;
		}
		else if (sscanf(line, "rule %63s %63s %63s %63s", a, b, c, d) == 4)
		{
			rules = grow(rules, nrules, sizeof(*rules));
			memset(&rules[nrules], 0, sizeof(*rules));
			rules[nrules].from = strcmp(a, "-") == 0 ? INT64_MIN : atoll(a);
			rules[nrules].until = strcmp(b, "-") == 0 ? INT64_MAX : atoll(b);
			rules[nrules].needs_pin = strcmp(c, "pin") == 0;
			rules[nrules++].when_locked = strcmp(d, "locked") == 0;
		}
		else if (nrules > 0 && sscanf(line, "hours %63s %63s", a, b) == 2)
		{
			rule	   *r = &rules[nrules - 1];

			if (r->nspans < WEEK_MAX_SPANS)
				r->spans[r->nspans++] = (week_span) {atoi(a), atoi(b)};
		}
		else if (nrules > 0 && strcmp(line, "listed") == 0)
			rules[nrules - 1].listed = true;
		else if (nrules > 0 && sscanf(line, "holder %lld", &n) == 1)
		{
			rule	   *r = &rules[nrules - 1];

			r->holders = grow(r->holders, r->nholders, sizeof(int64_t));
			r->holders[r->nholders++] = n;
		}
		else if (strncmp(line, "bitmap ", 7) == 0)
			bitmap = unhex(line + 7, &bitmap_len);
	}
	if (noffsets == 0)
		die("the package has no offset from UTC");
	if (!community_ring_read(keys, nkeys, &ring, &at, &error))
		die("the package's keys cannot be read");
	if (bitmap != NULL && !community_status_verify(&ring, bitmap, bitmap_len))
		die("the status bitmap is not the issuer's");
	for (at = 0; at < nrules; at++)
	{
		rule	   *r = &rules[at];
		workday_exception *own = malloc(sizeof(*days) * (size_t) (ndays + 1));
		int32_t		twice;

		r->clock.spans = malloc(sizeof(week_span) * (size_t) (r->nspans + WEEK_DAYS));
		if (own == NULL || r->clock.spans == NULL)
			die("out of memory");
		if (ndays > 0)
			memcpy(own, days, sizeof(*days) * (size_t) ndays);
		if (!community_workclock_build(&r->clock, r->spans, r->nspans, own, ndays, &twice))
			die("a day is holiday and working day");
	}
}

/* Accept a counter once: a higher one, or one of the 64 below not seen. */
static bool
take_counter(int64_t card, int64_t counter)
{
	seen	   *s = NULL;
	int64_t		ahead;
	int			i;

	for (i = 0; i < ncards; i++)
		if (cards[i].card == card)
			s = &cards[i];
	if (s == NULL)
	{
		cards = grow(cards, ncards, sizeof(*cards));
		s = &cards[ncards++];
		*s = (seen) {card, -1, 0};
	}
	ahead = counter - s->counter;
	if (ahead > 0)
	{
		s->window = ahead > 64 || s->counter < 0 ? 0 : ahead == 64 ? UINT64_C(1) << 63 :
			s->window << ahead | UINT64_C(1) << (ahead - 1);
		s->counter = counter;
		return true;
	}
	if (counter < 0 || ahead == 0 || ahead < -64 || (s->window >> (-ahead - 1) & 1))
		return false;
	s->window |= UINT64_C(1) << (-ahead - 1);
	return true;
}

/* Decide by the rules. */
static const char *
rule_reason(int64_t holder, int64_t at)
{
	workzone	zone = {lookup};
	const char *answer = "no_rule";
	int			pass,
				i,
				j;

	/* rules without a PIN first, as the database has them */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < nrules; i++)
		{
			rule	   *r = &rules[i];
			bool		mine = !r->listed;

			for (j = 0; j < r->nholders && !mine; j++)
				mine = r->holders[j] == holder;
			if (!mine || r->needs_pin != (pass == 1) || at < r->from || at >= r->until ||
				(locked && !r->when_locked))
				continue;
			if (community_work_open(&r->clock, &zone, (at - EPOCH_2000) * USECS))
				return r->needs_pin ? "pin_missing" : "ok";
			answer = "out_of_hours";
		}
	return locked ? "locked" : answer;
}

/* Decide one tap. */
static const char *
decide(const char *text, int64_t at, bool has_counter, int64_t counter,
	   credential_claims *claims, bool *genuine)
{
	unsigned char data[CREDENTIAL_MAX];
	size_t		len;
	credential_status status;
	status_head head;
	int			door = 0;
	int			i;

	*genuine = false;
	if (released && active)
		return "released";
	if (!active)
		return "point_off";
	if (community_credential_parse(text, strlen(text), data, &len) != NULL)
		return "malformed";
	status = community_credential_verify(&ring, data, len, (at - CREDENTIAL_EPOCH) / 60, code,
										 door, claims);
	*genuine = status == CREDENTIAL_OK || status > CREDENTIAL_BAD_TAG;
	if (status != CREDENTIAL_OK)
		return community_credential_status_name(status);
	if (bitmap == NULL || !community_status_read(bitmap, bitmap_len, &head) ||
		at - (CREDENTIAL_EPOCH + INT64_C(60) * head.published) > stale)
		return "stale";
	if (head.issuer != claims->issuer)
		return "other_issuer";
	if (community_status_revoked(bitmap, bitmap_len, claims->index) != 0)
		return "revoked";
	for (i = 0; i < nblocked; i++)
		if (blocked[i] == claims->index)
			return "application_off";
	if (needs_counter && !has_counter)
		return "counter_missing";
	if (has_counter && !take_counter(claims->cardno, counter))
		return "replay";
	return rule_reason((int64_t) claims->holder, at);
}

int
main(int argc, char **argv)
{
	FILE	   *file;
	char	   *text;
	char	   *proof;
	long		size;
	char		line[1024];
	long		event = 0;

	if (argc < 3 || argc > 4 || strlen(argv[2]) != 64 || strlen(argv[argc - 1]) != 64)
		die("usage: reader PACKAGE ROOT [ROOT]");
	file = fopen(argv[1], "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		die("the package cannot be read");
	rewind(file);
	text = calloc(1, (size_t) size + 1);
	if (text == NULL || fread(text, 1, (size_t) size, file) != (size_t) size)
		die("the package cannot be read");
	fclose(file);
	proof = strstr(text, "\nproof ");
	if (strncmp(text, "community-door 1\n", 17) != 0 || proof == NULL)
		die("this is not a package");
	if (!proof_fits(text, (size_t) (proof + 1 - text), proof + 7, argv[2]) &&
		!proof_fits(text, (size_t) (proof + 1 - text), proof + 7, argv[argc - 1]))
		die("the package is not the issuer's");
	proof[1] = '\0';
	read_package(text);

	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		char		credential[512];
		long long	at,
					counter = 0;
		int			n = sscanf(line, "%lld %511s %lld", &at, credential, &counter);
		credential_claims claims;
		bool		genuine;
		const char *reason;
		bool		granted;

		if (n < 2)
			continue;
		reason = decide(credential, at, n == 3, counter, &claims, &genuine);
		granted = strcmp(reason, "ok") == 0 || strcmp(reason, "released") == 0;
		printf("%ld %lld %s %s ", ++event, at, granted ? "granted" : "refused", reason);
		if (genuine)
			printf("%lld %lld ", (long long) claims.holder, (long long) claims.cardno);
		else
			printf("- - ");
		if (n == 3)
			printf("%lld\n", counter);
		else
			printf("-\n");
	}
	return 0;
}
