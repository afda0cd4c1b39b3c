/*
 * assign_wide.c
 *		Solve assignments with capacities on requests, and those whose costs
 *		need more than 64 bits: successive shortest paths in 128-bit integers.
 */
#include "match/assign_core.h"

#include <string.h>

#define NONE (-1)

typedef AssignWide wide;

#define FAR ((wide) 1 << 120)

typedef struct WideItem
{
	wide		dist;
	int32_t		node;
} WideItem;

typedef struct Wide
{
	AssignState *st;
	int32_t		n;
	int32_t		p;
	uint8_t    *used;			/* by edge */
	size_t	   *by_start;		/* first entry of each provider, one more */
	size_t	   *by_edge;		/* its edges */
	wide	   *dual;			/* requests, then providers */
	int32_t    *free;			/* free slots of each provider */
	int32_t    *unmatched;		/* units of each request left unmatched */
	wide	   *leave;			/* what such a unit costs */
	/* the search, by node: requests, then providers */
	wide	   *dist;
	size_t	   *via;			/* edge by which the node was reached */
	int32_t    *touched;
	int32_t		n_touched;
	WideItem   *heap;
	size_t		n_heap;
	size_t		heap_room;
} Wide;

/* Order the edges of a request by provider, then cost. */
static inline bool
edge_less(const AssignEdge *a, const AssignEdge *b)
{
	return a->col != b->col ? a->col < b->col : a->cost < b->cost;
}

/* Restore the heap order below one edge; the greatest edge stands on top. */
static void
edge_sift(AssignEdge *a, size_t at, size_t n)
{
	AssignEdge	hold = a[at];

	for (;;)
	{
		size_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && edge_less(&a[child], &a[child + 1]))
			child++;
		if (!edge_less(&hold, &a[child]))
			break;
		a[at] = a[child];
		at = child;
	}
	a[at] = hold;
}

/* Sort the edges of each request and keep the cheapest of equal pairs. */
static bool
edges_unique(AssignState *st)
{
	size_t		kept = 0;

	for (int32_t i = 0; i < st->request.n; i++)
	{
		AssignEdge *a = st->edge + st->start[i];
		size_t		n = st->start[i + 1] - st->start[i];
		size_t		first = kept;

		for (size_t k = n / 2; k-- > 0;)
		{
			edge_sift(a, k, n);
			if (!community_assign_step(st, 8))
				return false;
		}
		for (size_t k = n; k > 1;)
		{
			AssignEdge	hold = a[--k];

			a[k] = a[0];
			a[0] = hold;
			edge_sift(a, 0, k);
			if (!community_assign_step(st, 32))
				return false;
		}
		for (size_t k = 0; k < n; k++)
		{
			if (kept == first || st->edge[kept - 1].col != a[k].col)
				st->edge[kept++] = a[k];
			if (!community_assign_turn(st, k, 2))
				return false;
		}
		st->start[i] = first;
		if (!community_assign_step(st, 4))
			return false;
	}
	st->start[st->request.n] = kept;
	st->n_edge = kept;
	return true;
}

/* Allocate and fill what the solver works on. */
static bool
start(Wide *s)
{
	AssignState *st = s->st;
	size_t		n = (size_t) s->n;
	size_t		p = (size_t) s->p;
	size_t		m = st->n_edge;

#define TAKE(field, count) \
	(s->field = community_assign_resize(st, NULL, 0, \
										((count) + 2) * sizeof(*s->field)))
	TAKE(used, m);
	TAKE(by_start, p);
	TAKE(by_edge, m);
	TAKE(dual, n + p);
	TAKE(free, p);
	TAKE(unmatched, n);
	TAKE(leave, n);
	TAKE(dist, n + p);
	TAKE(via, n + p);
	TAKE(touched, n + p);
#undef TAKE
	if (st->status != ASSIGN_OK)
		return false;
	memset(s->used, 0, m + 2);
	memset(s->by_start, 0, (p + 2) * sizeof(size_t));
	for (size_t e = 0; e < m; e++)
	{
		s->by_start[st->edge[e].col + 2]++;
		if (!community_assign_turn(st, e, 1))
			return false;
	}
	for (size_t j = 1; j <= p; j++)
	{
		s->by_start[j + 1] += s->by_start[j];
		if (!community_assign_turn(st, j, 1))
			return false;
	}
	for (size_t e = 0; e < m; e++)
	{
		s->by_edge[s->by_start[st->edge[e].col + 1]++] = e;
		if (!community_assign_turn(st, e, 2))
			return false;
	}
	for (size_t i = 0; i < n; i++)
	{
		s->unmatched[i] = 0;
		s->leave[i] = st->optional ?
			(wide) community_assign_scaled(st, st->unmatched[i]) : (wide) 1 << 80;
	}
	for (size_t j = 0; j < p; j++)
	{
		s->free[j] = st->provider_cap[j];
		s->dual[n + j] = 0;
	}
	for (size_t v = 0; v < n + p; v++)
		s->dist[v] = FAR;
	st->wide_dual = s->dual;
	return true;
}

/* The reduced cost of an edge. */
static inline wide
reduced(const Wide *s, size_t e)
{
	const AssignEdge *edge = &s->st->edge[e];

	return community_assign_scaled(s->st, edge->cost) - s->dual[edge->row] -
		s->dual[s->n + edge->col];
}

/* Reach a node at a distance, if that is nearer than before. */
static bool
reach(Wide *s, int32_t node, wide dist, size_t via)
{
	size_t		at = s->n_heap;

	if (dist >= s->dist[node])
		return true;
	if (s->dist[node] == FAR)
		s->touched[s->n_touched++] = node;
	s->dist[node] = dist;
	s->via[node] = via;
	if (at == s->heap_room)
	{
		size_t		room = s->heap_room * 2 + 64;
		WideItem   *heap = community_assign_resize(s->st, s->heap,
												   s->heap_room * sizeof(WideItem),
												   room * sizeof(WideItem));

		if (heap == NULL)
			return false;
		s->heap = heap;
		s->heap_room = room;
	}
	s->n_heap++;
	while (at > 0 && s->heap[(at - 1) / 2].dist > dist)
	{
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at].dist = dist;
	s->heap[at].node = node;
	return true;
}

/* Take the nearest node off the heap, which is not empty. */
static WideItem
heap_pop(Wide *s)
{
	WideItem	item = s->heap[0];
	WideItem	hold = s->heap[--s->n_heap];
	size_t		n = s->n_heap;
	size_t		at = 0;

	for (;;)
	{
		size_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && s->heap[child + 1].dist < s->heap[child].dist)
			child++;
		if (hold.dist <= s->heap[child].dist)
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = hold;
	return item;
}

/* Send one more unit of a request along the shortest path. */
static bool
search(Wide *s, int32_t source)
{
	AssignState *st = s->st;
	wide		bound = FAR;
	int32_t		end = NONE;

	s->n_heap = 0;
	s->n_touched = 0;
	if (!reach(s, source, 0, 0))
		return false;
	while (s->n_heap > 0)
	{
		WideItem	item = heap_pop(s);
		size_t		work;

		if (item.dist >= bound)
			break;
		if (item.dist > s->dist[item.node])
			continue;
		if (item.node < s->n)
		{
			wide		out = item.dist + s->leave[item.node] - s->dual[item.node];

			if (out < bound)
			{
				bound = out;
				end = item.node;
			}
			for (size_t e = st->start[item.node]; e < st->start[item.node + 1]; e++)
				if (!s->used[e] &&
					!reach(s, s->n + st->edge[e].col, item.dist + reduced(s, e), e))
					return false;
			work = st->start[item.node + 1] - st->start[item.node];
		}
		else
		{
			int32_t		j = item.node - s->n;

			if (s->free[j] > 0)
			{
				/* its dual is 0, so this end is as near as the node */
				bound = item.dist;
				end = item.node;
				break;
			}
			for (size_t k = s->by_start[j]; k < s->by_start[j + 1]; k++)
			{
				size_t		e = s->by_edge[k];

				if (s->used[e] &&
					!reach(s, st->edge[e].row, item.dist - reduced(s, e), e))
					return false;
			}
			work = s->by_start[j + 1] - s->by_start[j];
		}
		if (!community_assign_step(st, work * 8 + 8))
			return false;
	}
	for (int32_t k = 0; k < s->n_touched; k++)
	{
		int32_t		node = s->touched[k];
		wide		gain = bound - s->dist[node];

		if (gain > 0)
			s->dual[node] += node < s->n ? gain : -gain;
		s->dist[node] = FAR;
	}
	if (end < s->n)
		s->unmatched[end]++;
	else
		s->free[end - s->n]--;
	for (int32_t node = end; node != source;)
	{
		size_t		e = s->via[node];

		s->used[e] = node >= s->n;
		node = node >= s->n ? st->edge[e].row : s->n + st->edge[e].col;
	}
	return true;
}

/* Gather the arcs of reduced cost zero, and those that are forced. */
static bool
tighten(Wide *s, AssignTight *t)
{
	AssignState *st = s->st;
	size_t		n = (size_t) s->n;
	size_t		p = (size_t) s->p;
	size_t		count = 0;

	for (size_t e = 0; e < st->n_edge; e++)
	{
		count += s->used[e] || reduced(s, e) == 0;
		if (!community_assign_turn(st, e, 4))
			return false;
	}
	memset(t, 0, sizeof(*t));
	t->n = s->n;
	t->p = s->p;
	t->start = community_assign_resize(st, NULL, 0, (n + 1) * sizeof(size_t));
	t->col = community_assign_resize(st, NULL, 0, (count + 1) * sizeof(int32_t));
	t->edge = community_assign_resize(st, NULL, 0, (count + 1) * sizeof(uint32_t));
	t->used = community_assign_resize(st, NULL, 0, count + 1);
	t->may_leave = community_assign_resize(st, NULL, 0, n + 1);
	t->taken = community_assign_resize(st, NULL, 0, (p + 1) * sizeof(int32_t));
	t->may_empty = community_assign_resize(st, NULL, 0, p + 1);
	if (st->status != ASSIGN_OK)
		return false;
	t->unmatched = s->unmatched;
	t->free = s->free;
	count = 0;
	for (size_t i = 0; i < n; i++)
	{
		t->start[i] = count;
		t->may_leave[i] = s->dual[i] == s->leave[i];
		for (size_t e = st->start[i]; e < st->start[i + 1]; e++)
		{
			bool		tight = reduced(s, e) == 0;

			if (!tight && !s->used[e])
				continue;
			t->col[count] = st->edge[e].col;
			t->edge[count] = (uint32_t) (e - st->start[i]);
			t->used[count++] = !s->used[e] ? 0 : tight ? ASSIGN_USED : ASSIGN_FORCED;
		}
		if (!community_assign_step(st, (st->start[i + 1] - st->start[i]) * 4))
			return false;
	}
	t->start[n] = count;
	for (size_t j = 0; j < p; j++)
	{
		t->taken[j] = st->provider_cap[j] - s->free[j];
		t->may_empty[j] = s->dual[n + j] == 0;
	}
	return true;
}

/* Solve, break ties by key, and write the answer. */
bool
community_assign_wide(AssignState *st)
{
	Wide		solver = {.st = st,.n = st->request.n,.p = st->provider.n};
	AssignTight tight;
	Wide	   *s = &solver;

	if (!edges_unique(st) || !start(s))
		return false;
	for (int32_t i = 0; i < s->n; i++)
	{
		size_t		degree = st->start[i + 1] - st->start[i];
		size_t		units = (size_t) st->request_cap[i];

		/* one unit more than there are edges tells what the others cost */
		if (units > degree)
			units = degree + 1;
		s->dual[i] = s->leave[i];
		for (size_t e = st->start[i]; e < st->start[i + 1]; e++)
		{
			wide		r = community_assign_scaled(st, st->edge[e].cost) -
			s->dual[s->n + st->edge[e].col];

			if (r < s->dual[i])
				s->dual[i] = r;
		}
		if (!community_assign_step(st, degree * 4))
			return false;
		for (size_t k = 0; k < units; k++)
			if (!search(s, i))
				return false;
	}
	return tighten(s, &tight) &&
		community_assign_tie(st, &tight) &&
		community_assign_collect(st, &tight);
}
