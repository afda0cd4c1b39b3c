/*
 * assign_brute.c
 *		Compare the core of assignment with enumeration on small instances.
 *
 * Usage: assign_brute [instances [seed]].  Every instance is solved by the
 * narrow solver (when requests are single), by the wide one and by the narrow
 * one starting with its auction, each with the edges in another order.  The oracle goes through all subsets of the edges
 * with the earlier edge taken first, so that the first best one is also the
 * one that the rule on ties asks for.  Duals are checked to certify.
 */
#include "match/assign_core.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EDGE 64

typedef struct Instance
{
	int			n,
				p,
				m;
	int			row[MAX_EDGE],
				col[MAX_EDGE];
	double		cost[MAX_EDGE];
	int			row_cap[16],
				col_cap[16];
	double		leave[16];
	bool		optional;
	bool		maximize;
} Instance;

static uint64_t random_state;

/* Draw a number below a bound. */
static int
draw(int bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (int) ((random_state >> 33) % (uint64_t) bound);
}

/* Memory for one state, freed at once. */
typedef struct Block
{
	struct Block *next,
			  **prev;
	double		align;
} Block;

static void *
resize(void *arg, void *p, size_t size)
{
	Block	  **list = arg;
	Block	   *b = p ? (Block *) p - 1 : NULL;

	if (b)
	{
		*b->prev = b->next;
		if (b->next)
			b->next->prev = b->prev;
	}
	if (size == 0)
	{
		free(b);
		return NULL;
	}
	b = realloc(b, sizeof(Block) + size);
	if (b == NULL)
		exit(2);
	b->next = *list;
	b->prev = list;
	if (b->next)
		b->next->prev = &b->next;
	*list = b;
	return b + 1;
}

static void
fail(const Instance *q, const char *what)
{
	fprintf(stderr, "FAILED: %s\nn=%d p=%d optional=%d maximize=%d\n", what,
			q->n, q->p, q->optional, q->maximize);
	for (int i = 0; i < q->n; i++)
		fprintf(stderr, "request %d capacity %d leave %g\n", i, q->row_cap[i],
				q->leave[i]);
	for (int j = 0; j < q->p; j++)
		fprintf(stderr, "provider %d capacity %d\n", j, q->col_cap[j]);
	for (int e = 0; e < q->m; e++)
		fprintf(stderr, "%d %d %g\n", q->row[e], q->col[e], q->cost[e]);
	exit(1);
}

/* Enumeration: take edge e or not, the taking first. */
static struct
{
	bool		found;
	int			count;
	double		cost;
	bool		take[MAX_EDGE];
	bool		now[MAX_EDGE];
	int			row_used[16],
				col_used[16];
} brute;

static void
enumerate(const Instance *q, int e, int count, double cost)
{
	if (e == q->m)
	{
		bool		better;

		if (!brute.found)
			better = true;
		else if (q->optional)
			better = cost < brute.cost;
		else
			better = count > brute.count ||
				(count == brute.count && cost < brute.cost);
		if (better)
		{
			brute.found = true;
			brute.count = count;
			brute.cost = cost;
			memcpy(brute.take, brute.now, sizeof(brute.take));
		}
		return;
	}
	if (brute.row_used[q->row[e]] < q->row_cap[q->row[e]] &&
		brute.col_used[q->col[e]] < q->col_cap[q->col[e]] &&
		!(e > 0 && q->row[e - 1] == q->row[e] && q->col[e - 1] == q->col[e]))
	{
		double		c = q->maximize ? -q->cost[e] : q->cost[e];

		if (fabs(c) < 1e-200)
			c = 0;				/* too little to count, but to be given back */
		if (q->optional)
			c -= q->maximize ? -q->leave[q->row[e]] : q->leave[q->row[e]];
		brute.row_used[q->row[e]]++;
		brute.col_used[q->col[e]]++;
		brute.now[e] = true;
		enumerate(q, e + 1, count + 1, cost + c);
		brute.now[e] = false;
		brute.row_used[q->row[e]]--;
		brute.col_used[q->col[e]]--;
	}
	enumerate(q, e + 1, count, cost);
}

/* Sum up units taken from a request or provider. */
static int
units(const AssignState *st, int64_t key, bool provider)
{
	int			sum = 0;

	for (size_t k = 0; k < st->n_pair; k++)
		sum += (provider ? st->pair[k].provider : st->pair[k].request) == key;
	return sum;
}

/* Check that the duals certify the answer. */
static void
certify(const Instance *q, const AssignState *st)
{
	int			n = st->request.n,
				p = st->provider.n;
	__int128	u[16],
				v[16],
				leave[16];

	for (int i = 0; i < n; i++)
	{
		u[i] = st->wide_dual ? st->wide_dual[i] : st->u64[i];
		leave[i] = st->optional ? community_assign_scaled(st, st->unmatched[i]) :
			st->wide_dual ? (__int128) 1 << 80 : st->big64;
		if (u[i] > leave[i])
			fail(q, "a request's dual exceeds the cost of leaving it");
		if (u[i] < leave[i] &&
			units(st, st->request.key[i], false) < st->request_cap[i])
			fail(q, "a request with slack is not filled");
	}
	for (int j = 0; j < p; j++)
	{
		v[j] = st->wide_dual ? st->wide_dual[n + j] : st->u64[n + j];
		if (v[j] > 0)
			fail(q, "a provider's dual is positive");
		if (v[j] < 0 &&
			units(st, st->provider.key[j], true) < st->provider_cap[j])
			fail(q, "a provider with a price is not full");
	}
	for (int i = 0; i < n; i++)
		for (size_t e = st->start[i]; e < st->start[i + 1]; e++)
		{
			int			j = st->arc ? st->arc[e].col : st->edge[e].col;
			double		cost = community_assign_given(st, i, (uint32_t) (e - st->start[i]));
			__int128	r = community_assign_scaled(st, cost) - u[i] - v[j];
			bool		used = false;

			for (size_t k = 0; k < st->n_pair; k++)
				used |= st->pair[k].request == st->request.key[i] &&
					st->pair[k].provider == st->provider.key[j] &&
					st->pair[k].cost == (st->maximize ? -cost : cost);
			if (!used && r < 0 && !st->wide)
				fail(q, "an unused edge has negative reduced cost");
			if (used && (st->wide ? r > 0 : r != 0))
				fail(q, "a used edge has positive reduced cost");
		}
}

/* Solve once and compare with the enumeration. */
static void
solve(const Instance *q, const int *order, bool wide, int patience)
{
	Block	   *list = NULL;
	AssignHost	host = {&list, resize, NULL, SIZE_MAX};
	AssignState st;
	size_t		at = 0;

	community_assign_init(&st, &host, q->maximize, q->optional);
	for (int k = 0; k < q->m; k++)
	{
		int			e = order[k];

		if (!community_assign_add(&st, q->row[e] * 10 - 20, q->col[e] * 7 - 9,
								  q->cost[e], q->col_cap[q->col[e]],
								  q->row_cap[q->row[e]], q->leave[q->row[e]]))
			fail(q, "edge refused");
	}
	st.wide |= wide;
	st.patience = patience;
	if (!community_assign_solve(&st))
		fail(q, "not solved");
	if ((int) st.n_pair != brute.count)
		fail(q, "another number of pairs");
	for (int e = 0; e < q->m; e++)
		if (brute.take[e])
		{
			AssignPair *a = &st.pair[at++];

			if (a->request != q->row[e] * 10 - 20 ||
				a->provider != q->col[e] * 7 - 9 || a->cost != q->cost[e])
			{
				for (size_t k = 0; k < st.n_pair; k++)
					fprintf(stderr, "got %d %d %g\n", (int) (st.pair[k].request + 20) / 10,
							(int) (st.pair[k].provider + 9) / 7, st.pair[k].cost);
				fail(q, "another pair");
			}
		}
	certify(q, &st);
	while (list)
		resize(&list, list + 1, 0);
}

int
main(int argc, char **argv)
{
	int			instances = argc > 1 ? atoi(argv[1]) : 20000;
	int			tied = 0;

	random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	for (int it = 0; it < instances; it++)
	{
		Instance	q = {.n = 1 + draw(6),.p = 1 + draw(6)};
		int			range = (int[]) {1, 2, 4, 10, 1000}[draw(5)];
		int			density = 20 + draw(80);
		bool		single = draw(3) > 0;
		bool		whole = draw(2);
		bool		tiny = draw(3) == 0;
		int			order[MAX_EDGE];

		q.optional = draw(3) == 0;
		q.maximize = draw(4) == 0;
		for (int i = 0; i < q.n; i++)
		{
			q.row_cap[i] = single ? 1 : draw(4);
			q.leave[i] = draw(range * 2) - range / 2;
		}
		for (int j = 0; j < q.p; j++)
			q.col_cap[j] = draw(3) ? 1 : draw(4);
		for (int i = 0; i < q.n; i++)
			for (int j = 0; j < q.p; j++)
				if (draw(100) < density && q.m < 14)
				{
					q.row[q.m] = i;
					q.col[q.m] = j;
					q.cost[q.m] = draw(range) - (draw(3) ? 0 : range / 2);
					if (!whole)
						q.cost[q.m] /= 8;
					if (tiny && q.cost[q.m] == 0)
						q.cost[q.m] = (draw(3) - 1) * 1e-300;
					q.m++;
					if (draw(12) == 0)
					{
						/* the pair again, dearer, for the solver to ignore */
						q.row[q.m] = i;
						q.col[q.m] = j;
						q.cost[q.m] = q.cost[q.m - 1] + (q.maximize ? -1 : 1) *
							(tiny && draw(2) ? 1e-299 : draw(3));
						q.m++;
					}
				}
		memset(&brute, 0, sizeof(brute));
		enumerate(&q, 0, 0, 0);
		for (int k = 0; k < q.m; k++)
			order[k] = k;
		for (int turn = 0; turn < 3; turn++)
		{
			solve(&q, order, turn == 1, turn == 2 ? 0 : 4);
			for (int k = q.m - 1; k > 0; k--)
			{
				int			other = draw(k + 1);
				int			hold = order[k];

				order[k] = order[other];
				order[other] = hold;
			}
		}
		tied += range < 5;
	}
	printf("%d instances agree with enumeration, %d of them full of ties\n",
		   instances, tied);
	return 0;
}
