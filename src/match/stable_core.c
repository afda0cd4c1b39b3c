/*
 * stable_core.c
 *		Stable matching of requests and providers that rank each other.
 *
 * Deferred acceptance (Gale and Shapley 1962) with capacities on both sides:
 * requests propose in the order of their ranks, providers keep the best they
 * have been offered.  The result is stable, and no other stable matching is
 * better for any request.  Equal ranks are told apart by key, lower first.
 */
#include "match/assign_core.h"

#include <string.h>

typedef struct Stable
{
	AssignState *st;
	int32_t    *list;			/* edges in order of request and rank */
	size_t	   *start;			/* first of each request, one more */
	size_t	   *next;			/* of each request: where it proposes next */
	int32_t    *have;			/* of each request: offers accepted */
	int32_t    *held;			/* edges kept by providers, worst first */
	size_t	   *first;			/* of each provider, one more */
	int32_t    *n_held;			/* of each provider */
} Stable;

/* Would the provider rather have edge b than a? */
static inline bool
is_worse(const AssignState *st, int32_t a, int32_t b)
{
	if (st->second[a] != st->second[b])
		return st->second[a] > st->second[b];
	return st->edge[a].row > st->edge[b].row;
}

/* Order of proposals: request, rank, provider, rank on the other side. */
static inline bool
proposes_before(const AssignState *st, int32_t a, int32_t b)
{
	const AssignEdge *x = &st->edge[a];
	const AssignEdge *y = &st->edge[b];

	if (x->cost != y->cost)
		return x->cost < y->cost;
	if (x->col != y->col)
		return x->col < y->col;
	return st->second[a] < st->second[b];
}

/* Order of pairs: provider, then rank: the first of equal pairs counts. */
static inline bool
pair_before(const AssignState *st, int32_t a, int32_t b)
{
	return st->edge[a].col != st->edge[b].col ?
		st->edge[a].col < st->edge[b].col : proposes_before(st, a, b);
}

/* Sort a list of edges by one of the orders. */
static bool
list_sort(AssignState *st, int32_t *a, size_t n,
		  bool (*before) (const AssignState *, int32_t, int32_t))
{
	for (size_t end = n, top = n / 2; end > 1;)
	{
		int32_t		hold;
		size_t		at;

		if (top > 0)
			at = --top;
		else
		{
			hold = a[--end];
			a[end] = a[0];
			a[0] = hold;
			at = 0;
		}
		hold = a[at];
		for (;;)
		{
			size_t		child = 2 * at + 1;

			if (child >= end)
				break;
			if (child + 1 < end && before(st, a[child], a[child + 1]))
				child++;
			if (!before(st, hold, a[child]))
				break;
			a[at] = a[child];
			at = child;
		}
		a[at] = hold;
		if (!community_assign_step(st, 32))
			return false;
	}
	return true;
}

/* List the edges of each request in the order of its proposals. */
static bool
lists(Stable *s)
{
	AssignState *st = s->st;
	size_t		n = (size_t) st->request.n;
	size_t		p = (size_t) st->provider.n;
	size_t		m = st->n_edge;
	size_t		kept = 0;

#define TAKE(field, count) \
	(s->field = community_assign_resize(st, NULL, 0, \
										((count) + 2) * sizeof(*s->field)))
	TAKE(list, m);
	TAKE(start, n);
	TAKE(next, n);
	TAKE(have, n);
	TAKE(held, m);
	TAKE(first, p);
	TAKE(n_held, p);
#undef TAKE
	if (st->status != ASSIGN_OK)
		return false;
	memset(s->start, 0, (n + 2) * sizeof(size_t));
	memset(s->first, 0, (p + 2) * sizeof(size_t));
	memset(s->have, 0, (n + 2) * sizeof(int32_t));
	memset(s->n_held, 0, (p + 2) * sizeof(int32_t));
	for (size_t e = 0; e < m; e++)
	{
		s->start[st->edge[e].row + 2]++;
		if (!community_assign_turn(st, e, 1))
			return false;
	}
	for (size_t i = 1; i <= n; i++)
		s->start[i + 1] += s->start[i];
	for (size_t e = 0; e < m; e++)
	{
		s->list[s->start[st->edge[e].row + 1]++] = (int32_t) e;
		if (!community_assign_turn(st, e, 2))
			return false;
	}
	for (size_t i = 0; i < n; i++)
	{
		size_t		begin = kept;
		size_t		degree = s->start[i + 1] - s->start[i];
		int32_t    *a = s->list + s->start[i];

		if (!list_sort(st, a, degree, pair_before))
			return false;
		for (size_t k = 0; k < degree; k++)
			if (kept == begin ||
				st->edge[a[k]].col != st->edge[s->list[kept - 1]].col)
			{
				s->first[st->edge[a[k]].col + 1]++;
				s->list[kept++] = a[k];
			}
		s->next[i] = begin;
		s->start[i] = begin;
		if (!list_sort(st, s->list + begin, kept - begin, proposes_before) ||
			!community_assign_step(st, degree * 4))
			return false;
	}
	s->start[n] = kept;
	for (size_t j = 0; j < p; j++)
	{
		s->first[j + 1] += s->first[j];
		if (!community_assign_turn(st, j, 1))
			return false;
	}
	return true;
}

/* Offer an edge to its provider; return the edge turned down, or -1. */
static int32_t
offer(Stable *s, int32_t edge)
{
	AssignState *st = s->st;
	int32_t		j = st->edge[edge].col;
	int32_t    *a = s->held + s->first[j];
	int32_t		n = s->n_held[j];
	int32_t		worst = -1;
	int32_t		at;

	if (n < st->provider_cap[j])
	{
		/* up from the end */
		s->n_held[j]++;
		for (at = n; at > 0 && is_worse(st, edge, a[(at - 1) / 2]); at = (at - 1) / 2)
			a[at] = a[(at - 1) / 2];
		a[at] = edge;
		return -1;
	}
	if (is_worse(st, edge, a[0]))
		return edge;
	/* down from the top, which goes */
	worst = a[0];
	for (at = 0;;)
	{
		int32_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && is_worse(st, a[child + 1], a[child]))
			child++;
		if (!is_worse(st, a[child], edge))
			break;
		a[at] = a[child];
		at = child;
	}
	a[at] = edge;
	return worst;
}

/* Find the stable matching that is best for the requests; once. */
bool
community_stable_solve(AssignState *st)
{
	Stable		stable = {.st = st};
	Stable	   *s = &stable;
	size_t		n_pair = 0;

	if (st->status != ASSIGN_OK || !community_assign_order(st) || !lists(s))
		return false;
	for (int32_t i = 0; i < st->request.n; i++)
	{
		int32_t		row = i;

		while (row >= 0)
		{
			int32_t		down;

			if (s->have[row] == st->request_cap[row] ||
				s->next[row] == s->start[row + 1])
			{
				/* settled for now; the proposer of this round goes on */
				if (row == i)
					break;
				row = i;
				continue;
			}
			s->have[row]++;
			down = offer(s, s->list[s->next[row]++]);
			if (down >= 0)
			{
				row = st->edge[down].row;
				s->have[row]--;
			}
			if (!community_assign_step(st, 16))
				return false;
		}
	}
	for (int32_t j = 0; j < st->provider.n; j++)
		n_pair += (size_t) s->n_held[j];
	st->pair = community_assign_resize(st, NULL, 0,
									   (n_pair + 1) * sizeof(AssignPair));
	if (st->pair == NULL)
		return false;
	/* gather by request: the providers come in ascending order */
	memset(s->have, 0, (size_t) st->request.n * sizeof(int32_t));
	for (int32_t j = 0; j < st->provider.n; j++)
	{
		for (int32_t k = 0; k < s->n_held[j]; k++)
			s->have[st->edge[s->held[s->first[j] + (size_t) k]].row]++;
		if (!community_assign_step(st, (size_t) s->n_held[j] + 1))
			return false;
	}
	for (int32_t i = 0; i < st->request.n; i++)
	{
		s->next[i] = st->n_pair;
		st->n_pair += (size_t) s->have[i];
	}
	for (int32_t j = 0; j < st->provider.n; j++)
	{
		for (int32_t k = 0; k < s->n_held[j]; k++)
		{
			const AssignEdge *e = &st->edge[s->held[s->first[j] + (size_t) k]];
			AssignPair *pair = &st->pair[s->next[e->row]++];

			pair->request = st->request.key[e->row];
			pair->provider = st->provider.key[j];
			pair->cost = e->cost;
		}
		if (!community_assign_step(st, (size_t) s->n_held[j] * 4 + 1))
			return false;
	}
	return true;
}
