/*
 * assign_narrow.c
 *		Solve assignments of single requests in 64-bit integers.
 *
 * The method is the one of Jonker and Volgenant (1987) for sparse problems,
 * with capacities: augmenting row reduction as an auction without epsilon,
 * then one shortest augmenting path for each request that is left.  The arcs
 * of a request are kept in order of cost, so that a scan ends at the first arc
 * that can no longer matter; of long rows only the first arcs are sorted, and
 * more when a scan reaches their end.
 */
#include "match/assign_narrow.h"

#include <string.h>

/* Once no slot is free, find the greatest price, the bound of all scans. */
static void
find_top(Narrow *s)
{
	int64_t		top = INT64_MIN;

	if (s->n_free_slot > 0)
		return;
	s->st->work += (size_t) s->p;
	for (int32_t j = 0; j < s->p; j++)
		if (s->place[j].size > 0 && s->column[j].price > top)
			top = s->column[j].price;
	s->top = top > INT64_MIN ? top : 0;
}

/* Put a column on the heap. */
static bool
heap_push(Narrow *s, int64_t dist, int32_t col)
{
	size_t		at = s->n_heap;

	if (at == s->heap_room)
	{
		size_t		room = s->heap_room * 2 + 64;
		HeapItem   *heap = community_assign_resize(s->st, s->heap,
												   s->heap_room * sizeof(HeapItem),
												   room * sizeof(HeapItem));

		if (heap == NULL)
			return false;
		s->heap = heap;
		s->heap_room = room;
	}
	s->n_heap++;
	while (at > 0)
	{
		size_t		up = (at - 1) / 4;

		if (s->heap[up].dist <= dist)
			break;
		s->heap[at] = s->heap[up];
		at = up;
	}
	s->heap[at].dist = dist;
	s->heap[at].col = col;
	return true;
}

/* Take the nearest column off the heap, which is not empty. */
static HeapItem
heap_pop(Narrow *s)
{
	HeapItem	item = s->heap[0];
	HeapItem	hold = s->heap[--s->n_heap];
	size_t		n = s->n_heap;
	size_t		at = 0;

	for (;;)
	{
		size_t		child = 4 * at + 1;
		size_t		end = child + 4 < n ? child + 4 : n;
		size_t		least = child;

		if (child >= n)
			break;
		for (size_t c = child + 1; c < end; c++)
			if (s->heap[c].dist < s->heap[least].dist)
				least = c;
		if (hold.dist <= s->heap[least].dist)
			break;
		s->heap[at] = s->heap[least];
		at = least;
	}
	s->heap[at] = hold;
	return item;
}

/* What a search is heading for. */
typedef struct Goal
{
	int64_t		bound;			/* distance of the best end so far */
	int32_t		col;			/* a column with a free slot, or */
	int32_t		row;			/* a row to leave unmatched */
} Goal;

/*
 * Scan the arcs of a row from one on; base is the distance at which the row
 * was reached less its dual, now the distance the search has come to.
 */
static bool
scan(Narrow *s, int32_t row, uint32_t at, int64_t now, int64_t base, Goal *goal)
{
	int64_t		floor = base - s->top;
	const AssignArc *a = s->arc + s->row[row].first;
	uint32_t	first = at;
	uint32_t	n = s->row[row].length;
	uint32_t	stop = (uint32_t) community_assign_chunk(at, n);
	bool		end = false;

	if (base + s->row[row].leave < goal->bound)
	{
		goal->bound = base + s->row[row].leave;
		goal->row = row;
		goal->col = NONE;
	}
	for (; at < stop; at++)
	{
		int64_t		d;
		Column	   *c;
		Place	   *place;

		if (floor + a[at].cost >= goal->bound)
		{
			end = true;
			break;
		}
		c = &s->column[a[at].col];
		d = base + a[at].cost - c->price;
		if (d >= goal->bound || d >= c->dist)
			continue;
		if (c->dist == FAR)
			s->touched[s->n_touched++] = a[at].col;
		c->dist = d;
		place = &s->place[a[at].col];
		place->pred = row;
		place->pred_cost = a[at].cost;
		if (place->used < place->size)
		{
			goal->bound = d;
			goal->col = a[at].col;
			goal->row = NONE;
		}
		else
		{
			/* the arcs that come next are seldom in the cache */
			const AssignArc *next = s->arc +
			s->row[s->slot_row[place->slot]].first;

			__builtin_prefetch(next);
			__builtin_prefetch(next + 4);
			if (d == now)
				s->ready[s->n_ready++] = a[at].col;
			else if (!heap_push(s, d, a[at].col))
				return false;
		}
	}
	s->searched += at - first;
	if (!community_assign_step(s->st, at - first + 4))
		return false;
	if (!end && stop < n)
		return scan(s, row, at, now, base, goal);
	/* the arcs beyond a short list wait until the search has come so far */
	if (!end && list_is_short(s, row) &&
		!heap_push(s, floor + a[n - 1].cost, -1 - row))
		return false;
	return true;
}

/* Go on with the arcs of a row beyond its short list. */
static bool
scan_more(Narrow *s, int32_t source, int32_t row, int64_t now, Goal *goal)
{
	uint32_t	at = s->row[row].length;
	int64_t		base = 0;

	if (row != source)
	{
		const Column *c = &s->column[s->slot_col[s->row[row].mate]];

		base = c->dist - s->row[row].mate_cost + c->price;
	}
	return community_assign_list_grow(s, row) &&
		scan(s, row, at, now, base, goal);
}

/* Move the rows along the path that ends in the goal. */
static void
augment(Narrow *s, int32_t source, const Goal *goal)
{
	int32_t		col = goal->col;
	int32_t		slot;

	if (col != NONE)
	{
		slot = s->place[col].slot + s->place[col].used++;
		s->n_free_slot--;
	}
	else
	{
		slot = s->row[goal->row].mate;
		s->row[goal->row].mate = NONE;
		if (goal->row == source)
			return;
		col = s->slot_col[slot];
	}
	for (;;)
	{
		int32_t		row = s->place[col].pred;
		int32_t		next = s->row[row].mate;

		s->slot_row[slot] = row;
		s->row[row].mate = slot;
		s->row[row].mate_cost = s->place[col].pred_cost;
		if (row == source)
			return;
		slot = next;
		col = s->slot_col[slot];
	}
}

/* Find the shortest augmenting path from an unmatched row and take it. */
static bool
search(Narrow *s, int32_t source)
{
	Goal		goal = {FAR, NONE, NONE};
	int64_t		now = 0;

	s->n_heap = 0;
	s->n_done = 0;
	s->n_ready = 0;
	s->n_touched = 0;
	if (!scan(s, source, 0, INT64_MIN, 0, &goal))
		return false;
	for (;;)
	{
		int32_t		col;
		int32_t		end;

		if (s->n_ready > 0)
		{
			col = s->ready[--s->n_ready];
			if (now >= goal.bound)
				continue;
		}
		else
		{
			HeapItem	item;

			if (s->n_heap == 0)
				break;
			item = heap_pop(s);
			if (item.dist >= goal.bound)
				break;
			if (item.col < 0)
			{
				now = item.dist;
				if (!scan_more(s, source, -1 - item.col, now, &goal))
					return false;
				continue;
			}
			if (item.dist > s->column[item.col].dist)
				continue;		/* reached again, nearer, after this */
			now = item.dist;
			col = item.col;
		}
		s->done[s->n_done++] = col;
		end = s->place[col].slot + s->place[col].used;
		for (int32_t slot = s->place[col].slot; slot < end; slot++)
		{
			int32_t		row = s->slot_row[slot];

			if (!scan(s, row, 0, now, now - s->row[row].mate_cost + s->column[col].price,
					  &goal))
				return false;
		}
	}
	for (int32_t i = 0; i < s->n_done; i++)
		s->column[s->done[i]].price += s->column[s->done[i]].dist - goal.bound;
	for (int32_t i = 0; i < s->n_touched; i++)
		s->column[s->touched[i]].dist = FAR;
	augment(s, source, &goal);
	return true;
}

/* Search from each row of a list, as long as the arcs scanned stay below max. */
static bool
searches(Narrow *s, const int32_t *queue, int32_t n, size_t max, int32_t *left)
{
	for (int32_t q = 0; q < n; q++)
	{
		if ((q & 1023) == 0)
			find_top(s);
		if (s->searched > max)
		{
			*left = n - q;
			return true;
		}
		if (!search(s, queue[q]))
			return false;
	}
	*left = 0;
	return true;
}

/*
 * Set what it costs to leave a row unmatched.  Where as many rows as can be
 * have to be matched, the true cost is beyond all others; but searches are
 * short only while it is moderate, so it starts as some multiple of the range
 * of costs.
 */
static void
set_leave(Narrow *s)
{
	AssignState *st = s->st;
	int64_t		leave = 0;

	if (s->most >= s->least)
		leave = s->most + EPS_CEILING * (s->most - s->least + s->spread);
	if (leave > st->big64)
		leave = st->big64;
	for (int32_t i = 0; i < s->n; i++)
		s->row[i].leave = st->optional ?
			community_assign_scaled(st, st->unmatched[i]) : leave;
}

/* Allocate and fill what the solver works on. */
static bool
start(Narrow *s)
{
	AssignState *st = s->st;
	size_t		n = (size_t) s->n;
	size_t		p = (size_t) s->p;
	size_t		slots = 0;

#define TAKE(field, count) \
	(s->field = community_assign_resize(st, NULL, 0, \
										((count) + 1) * sizeof(*s->field)))
	TAKE(row, n);
	TAKE(column, p);
	TAKE(level, n);
	TAKE(place, p);
	TAKE(touched, p);
	TAKE(done, p);
	TAKE(ready, p);
	if (st->status != ASSIGN_OK)
		return false;
	memset(s->row, 0, n * sizeof(Row));
	memset(s->column, 0, p * sizeof(Column));
	memset(s->place, 0, p * sizeof(Place));
	/* one slot more than there are edges keeps a price at zero */
	for (size_t i = 0, to; st->same_cap != 1 && i < st->n_edge; i = to)
	{
		to = community_assign_chunk(i, st->n_edge);
		for (size_t e = i; e < to; e++)
			s->place[st->edge[e].col].size++;
		if (!community_assign_step(st, to - i))
			return false;
	}
	for (size_t j = 0; j < p; j++)
	{
		s->place[j].size++;
		if (s->place[j].size > st->provider_cap[j])
			s->place[j].size = st->provider_cap[j];
		s->place[j].slot = (int32_t) slots;
		slots += (size_t) s->place[j].size;
		if (!community_assign_turn(st, j, 2))
			return false;
	}
	s->n_free_slot = (int32_t) slots;
	TAKE(slot_col, slots);
	TAKE(slot_row, slots);
	if (st->status != ASSIGN_OK)
		return false;
	st->big64 = st->optional ? 0 : 8 * (st->max_cost * (s->n + 1)) + 1;
	for (int32_t i = 0; i < s->n; i++)
		s->row[i].mate = NONE;
	for (int32_t j = 0; j < s->p; j++)
	{
		s->column[j].dist = FAR;
		for (int32_t k = 0; k < s->place[j].size; k++)
			s->slot_col[s->place[j].slot + k] = j;
		if (!community_assign_step(st, (size_t) s->place[j].size + 1))
			return false;
	}
#undef TAKE
	if (!community_assign_lists(s))
		return false;
	set_leave(s);
	return true;
}

/*
 * How often searches may scan as many arcs as there are before an auction is
 * worth its while: soon where all lists are complete and columns single, late
 * where bids would lengthen the lists or fight over many slots.
 */
static size_t
patience(const Narrow *s)
{
	size_t		times = (size_t) s->st->patience;

	if (s->partial)
		return times * 100;
	for (int32_t j = 0; j < s->p; j++)
		if (s->st->provider_cap[j] > 1)
			return times * 100;
	return times;
}

/* Solve, break ties by key, and write the answer. */
bool
community_assign_narrow(AssignState *st)
{
	Narrow		solver = {.st = st,.n = st->request.n,.p = st->provider.n};
	AssignTight tight;
	Narrow	   *s = &solver;
	int32_t    *queue;
	int32_t		n_queue = s->n;
	int32_t		n_left;

	queue = community_assign_resize(st, NULL, 0,
									((size_t) s->n + 1) * sizeof(int32_t));
	st->u64 = community_assign_resize(st, NULL, 0,
									  ((size_t) s->n + (size_t) s->p + 1) *
									  sizeof(int64_t));
	if (queue == NULL || st->u64 == NULL || !start(s))
		return false;
	for (int32_t i = 0; i < s->n; i++)
		queue[i] = i;
	n_left = n_queue;
	if (st->patience > 0 &&
		(!community_assign_reduce(s, queue, &n_queue) ||
		 !searches(s, queue, n_queue, st->n_edge * patience(s), &n_left)))
		return false;
	if (n_left > 0)
	{
		/* the paths are long, so it pays to start from better prices */
		if (!community_assign_scaling(s, queue, &n_queue) ||
			!community_assign_reduce(s, queue, &n_queue) ||
			!searches(s, queue, n_queue, SIZE_MAX, &n_left) ||
			!community_assign_repair(s))
			return false;
	}
	if (!st->optional)
	{
		/* now that all else is right, no row may stay over that need not */
		n_queue = 0;
		for (int32_t i = 0; i < s->n; i++)
		{
			s->row[i].leave = st->big64;
			if (s->row[i].mate == NONE)
				queue[n_queue++] = i;
		}
		if (!searches(s, queue, n_queue, SIZE_MAX, &n_left))
			return false;
	}
	find_top(s);
	return community_assign_tighten(s, &tight) &&
		community_assign_tie(st, &tight) &&
		community_assign_collect(st, &tight);
}
