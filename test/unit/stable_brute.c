/*
 * stable_brute.c
 *		Compare the core of stable matching with enumeration.
 *
 * Usage: stable_brute [instances [seed]].  On small instances all matchings
 * are gone through; the answer has to be stable, and where requests are
 * single, no stable matching may be better for any request.
 */
#include "match/assign_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EDGE 14

static uint64_t random_state;

/* Draw a number below a bound. */
static int
draw(int bound)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (int) ((random_state >> 33) % (uint64_t) bound);
}

static struct
{
	int			n,
				p,
				m;
	int			row[MAX_EDGE],
				col[MAX_EDGE];
	double		a[MAX_EDGE],
				b[MAX_EDGE];
	int			row_cap[8],
				col_cap[8];
}			q;

/* Memory is given back when the program ends a chunk of instances. */
static char *pool;
static size_t pool_used;

static void *
resize(void *arg, void *p, size_t size)
{
	size_t	   *block;

	(void) arg;
	if (size == 0)
		return NULL;
	block = (size_t *) (pool + pool_used);
	pool_used += (size + 8 + 15) / 16 * 16;
	if (pool_used > 64 << 20)
		abort();
	block[0] = size;
	if (p)
	{
		size_t		old = ((size_t *) p)[-1];

		memcpy(block + 1, p, old < size ? old : size);
	}
	return block + 1;
}

/* Is edge x better than edge y for the request, or for the provider? */
static int
better_row(int x, int y)
{
	return q.a[x] != q.a[y] ? q.a[x] < q.a[y] : q.col[x] < q.col[y];
}

static int
better_col(int x, int y)
{
	return q.b[x] != q.b[y] ? q.b[x] < q.b[y] : q.row[x] < q.row[y];
}

/* Is a set of edges a stable matching? */
static int
is_stable(unsigned set)
{
	for (int e = 0; e < q.m; e++)
	{
		int			row_used = 0,
					col_used = 0,
					row_worse = 0,
					col_worse = 0;

		for (int f = 0; f < q.m; f++)
			if (set >> f & 1)
			{
				if (q.row[f] == q.row[e])
				{
					row_used++;
					row_worse |= better_row(e, f);
				}
				if (q.col[f] == q.col[e])
				{
					col_used++;
					col_worse |= better_col(e, f);
				}
			}
		if (row_used > q.row_cap[q.row[e]] || col_used > q.col_cap[q.col[e]])
			return 0;
		if (!(set >> e & 1) && q.row_cap[q.row[e]] > 0 && q.col_cap[q.col[e]] > 0 &&
			(row_used < q.row_cap[q.row[e]] || row_worse) &&
			(col_used < q.col_cap[q.col[e]] || col_worse))
			return 0;
	}
	return 1;
}

/* The edge that a set gives to a single request, or -1. */
static int
edge_of(unsigned set, int row)
{
	for (int e = 0; e < q.m; e++)
		if ((set >> e & 1) && q.row[e] == row)
			return e;
	return -1;
}

int
main(int argc, char **argv)
{
	int			instances = argc > 1 ? atoi(argv[1]) : 5000;
	long		matchings = 0;

	random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	pool = malloc(65 << 20);
	for (int it = 0; it < instances; it++)
	{
		int			single = draw(2);
		unsigned	got = 0;
		AssignHost	host = {NULL, resize, NULL, SIZE_MAX};
		AssignState st;

		pool_used = 0;
		memset(&q, 0, sizeof(q));
		q.n = 1 + draw(4);
		q.p = 1 + draw(4);
		for (int i = 0; i < q.n; i++)
			q.row_cap[i] = single ? 1 : draw(4);
		for (int j = 0; j < q.p; j++)
			q.col_cap[j] = draw(4);
		for (int i = 0; i < q.n; i++)
			for (int j = 0; j < q.p; j++)
				if (draw(10) < 7 && q.m < MAX_EDGE)
				{
					q.row[q.m] = i;
					q.col[q.m] = j;
					q.a[q.m] = draw(4);
					q.b[q.m] = draw(4);
					q.m++;
				}
		community_assign_init(&st, &host, false, false);
		for (int k = 0; k < q.m; k++)
		{
			int			e = (k * 5 + it) % q.m;

			/* 5 may divide the number of edges, so each is sure to come */
			if (q.m % 5 == 0)
				e = k;
			if (!community_assign_add_ranks(&st, q.row[e], q.col[e], q.a[e], q.b[e],
											q.col_cap[q.col[e]], q.row_cap[q.row[e]]))
				return 1;
			/* the pair again, ranked worse, for the solver to ignore */
			if (draw(8) == 0 &&
				!community_assign_add_ranks(&st, q.row[e], q.col[e], q.a[e] + draw(2) + 1, 0,
											q.col_cap[q.col[e]], q.row_cap[q.row[e]]))
				return 1;
		}
		if (!community_stable_solve(&st))
			return 1;
		for (size_t k = 0; k < st.n_pair; k++)
			for (int e = 0; e < q.m; e++)
				if (st.pair[k].request == q.row[e] && st.pair[k].provider == q.col[e])
				{
					if (st.pair[k].cost != q.a[e])
					{
						fprintf(stderr, "FAILED: a pair with another rank\n");
						return 1;
					}
					got |= 1U << e;
				}
		if (!is_stable(got))
		{
			fprintf(stderr, "FAILED: instance %d is not stable\n", it);
			return 1;
		}
		for (unsigned set = 0; single && set < 1U << q.m; set++)
		{
			if (!is_stable(set))
				continue;
			matchings++;
			for (int i = 0; i < q.n; i++)
			{
				int			ours = edge_of(got, i),
							other = edge_of(set, i);

				if (other >= 0 && (ours < 0 || better_row(other, ours)))
				{
					fprintf(stderr, "FAILED: instance %d is better for request %d elsewhere\n", it, i);
					return 1;
				}
			}
		}
	}
	printf("%d instances are stable, best for requests among %ld stable matchings\n",
		   instances, matchings);
	return 0;
}
