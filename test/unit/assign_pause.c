/*
 * assign_pause.c
 *		Count what the core of matching does between two looks for interrupts,
 *		and the memory it holds.
 *
 * The core is compiled with -fsanitize-coverage=trace-pc, so that each basic
 * block it runs is counted here; no clock is read.  A block is a few
 * instructions, some of them a miss of the cache: 6 million of them are some
 * 5 to 50 milliseconds.  Usage: assign_pause [small] prints the longest way
 * between two looks for each instance and fails when one is longer, or when
 * the memory is not linear in edges and keys.
 */
#include "match/assign_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 6000000
#define PER_EDGE 64				/* bytes, at most */
#define PER_KEY 512

static uint64_t blocks;			/* run so far */
static uint64_t looked;			/* when the core last looked for interrupts */
static uint64_t longest;
static size_t most;				/* bytes held */
static uint64_t random_state;

/* Called by the core at each basic block. */
void
__sanitizer_cov_trace_pc(void)
{
	blocks++;
}

/* Note how far the core has come since it last looked, and what it holds. */
static bool
look(void *arg)
{
	const AssignState *st = arg;

	if (st->bytes > most)
		most = st->bytes;
	if (blocks - looked > longest)
		longest = blocks - looked;
	looked = blocks;
	return false;
}

static void *
resize(void *arg, void *p, size_t size)
{
	(void) arg;
	if (size == 0)
	{
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

/* Draw a number below a bound. */
static int
draw(int bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (int) ((random_state >> 33) % (uint64_t) bound);
}

/* An instance: requests, providers, edges a request (0: all), greatest cost. */
typedef struct Instance
{
	const char *name;
	int			n;
	int			p;
	int			degree;
	int			range;			/* 0: cost is request times provider */
	int			capacity;
	int			request_capacity;
	bool		stable;
	bool		optional;
	bool		backward;		/* edges come in no order, keys far apart */
} Instance;

static const Instance small[] = {
	{"dense", 600, 600, 0, 1000000, 1, 1, false, false, false},
	{"dense equal", 600, 600, 0, 1, 1, 1, false, false, false},
	{"dense products", 400, 400, 0, 0, 1, 1, false, false, false},
	{"sparse", 10000, 10000, 20, 10000, 1, 1, false, false, false},
	{"sparse equal", 10000, 10000, 20, 1, 1, 1, false, false, false},
	{"one request", 1, 1000000, 0, 1000000, 1, 1, false, false, true},
	{"one request, equal", 1, 1000000, 0, 1, 1, 1, false, false, true},
	{"one provider", 300000, 1, 0, 1000, 1000, 1, false, false, true},
	{"capacities", 10000, 2000, 20, 1000, 5, 1, false, false, true},
	{"both capacities", 2000, 1000, 20, 1000, 5, 2, false, false, false},
	{"optional", 10000, 8000, 20, 1000, 1, 1, false, true, true},
	{"stable", 1000, 1000, 0, 1000, 1, 1, true, false, false},
	{"one request, stable", 1, 1000000, 0, 1000, 1, 1, true, false, false},
};
static const Instance large[] = {
	{"dense", 4000, 4000, 0, 1000000, 1, 1, false, false, false},
	{"dense equal", 4000, 4000, 0, 1, 1, 1, false, false, false},
	{"sparse", 100000, 100000, 20, 10000, 1, 1, false, false, false},
	{"sparse equal", 100000, 100000, 20, 1, 1, 1, false, false, false},
	{"optional", 100000, 80000, 20, 1000, 1, 1, false, true, true},
	{"one request", 1, 10000000, 0, 1000000, 1, 1, false, false, true},
	{"stable", 100000, 100000, 20, 1000, 1, 1, true, false, true},
};

/* Feed one edge, after which the executor looks for interrupts itself. */
static bool
feed(AssignState *st, const Instance *q, int i, int j)
{
	int64_t		request = q->backward ? i * INT64_C(7919) * 1000003 : i;
	int64_t		provider = q->backward ? -j * INT64_C(104729) * 1000003 : j;
	double		cost = q->range ? draw(q->range) : (double) i * j;
	bool		ok;

	if (q->stable)
		ok = community_assign_add_ranks(st, request, provider, cost,
										draw(q->range), q->capacity,
										q->request_capacity);
	else
		ok = community_assign_add(st, request, provider, cost, q->capacity,
								  q->request_capacity, q->range / 2);
	look(st);
	return ok;
}

/* Solve an instance; the longest way between two looks. */
static bool
run(const Instance *q)
{
	AssignState st;
	AssignHost	host = {&st, resize, look, SIZE_MAX};
	size_t		degree = (size_t) (q->degree ? q->degree : q->p);
	size_t		keys = (size_t) q->n + (size_t) q->p;
	const char *wrong = NULL;
	bool		ok = true;

	random_state = 1;
	longest = 0;
	most = 0;
	looked = blocks;
	community_assign_init(&st, &host, false, q->optional);
	for (int i = 0; ok && i < q->n; i++)
		for (int k = 0; ok && k < (int) degree; k++)
			ok = feed(&st, q, q->backward ? q->n - 1 - i : i,
					  q->degree ? draw(q->p) : q->backward ? q->p - 1 - k : k);
	ok = ok && (q->stable ? community_stable_solve(&st) : community_assign_solve(&st));
	look(&st);
	printf("%s %d x %d: %zu pairs, at most %llu blocks between looks, %llu in all, %zu bytes\n",
		   q->name, q->n, q->p, st.n_pair, (unsigned long long) longest,
		   (unsigned long long) blocks, most);
	blocks = 0;
	if (!ok)
		wrong = "not solved";
	else if (longest > LONGEST)
		wrong = "too long without a look";
	else if (most > PER_EDGE * degree * (size_t) q->n + PER_KEY * keys + (1 << 20))
		wrong = "too much memory";
	if (wrong)
		fprintf(stderr, "FAILED: %s: %s\n", q->name, wrong);
	return wrong == NULL;
}

int
main(int argc, char **argv)
{
	bool		ok = true;
	bool		few = argc > 1 && strcmp(argv[1], "small") == 0;
	size_t		n = few ? sizeof(small) / sizeof(small[0]) : sizeof(large) / sizeof(large[0]);

	for (size_t k = 0; k < n; k++)
		ok &= run(few ? &small[k] : &large[k]);
	return ok ? 0 : 1;
}
