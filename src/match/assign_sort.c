/*
 * assign_sort.c
 *		Bring the cheapest arcs of a row to its front, in order.
 *
 * What is wanted as a whole is spread over buckets by cost, where each arc
 * then has few neighbours to be compared with; of what is wanted in part the
 * dear arcs are first put aside.
 */
#include "match/assign_narrow.h"

#include <string.h>

#define FEW 24					/* arcs that are sorted by insertion */
#define BUCKETS 2048			/* at most; their arcs are in the cache */

/* Order arcs by cost, then column, then edge. */
static inline bool
arc_less(const AssignArc *a, const AssignArc *b)
{
	if (a->cost != b->cost)
		return a->cost < b->cost;
	if (a->col != b->col)
		return a->col < b->col;
	return a->edge < b->edge;
}

/* Sort few arcs: those from one on into those before it. */
static inline void
sort_few(AssignArc *a, size_t i, size_t n)
{
	for (; i < n; i++)
	{
		AssignArc	hold = a[i];
		size_t		at = i;

		for (; at > 0 && arc_less(&hold, &a[at - 1]); at--)
			a[at] = a[at - 1];
		a[at] = hold;
	}
}

/*
 * Sort few arcs by counting those before each: no branch has to be guessed.
 * What costs the same stays as it came.
 */
static inline void
sort_count(AssignArc *a, size_t n)
{
	AssignArc	hold[FEW];
	uint32_t	rank[FEW];

	for (size_t i = 0; i < n; i++)
	{
		uint32_t	before = 0;

		hold[i] = a[i];
		for (size_t k = 0; k < i; k++)
		{
			uint32_t	first = hold[k].cost <= hold[i].cost;

			before += first;
			rank[k] += 1 - first;
		}
		rank[i] = before;
	}
	for (size_t i = 0; i < n; i++)
		a[rank[i]] = hold[i];
}

/* Restore the heap order below one arc; the greatest arc stands on top. */
static void
sift(AssignArc *a, size_t at, size_t n)
{
	AssignArc	hold = a[at];

	for (;;)
	{
		size_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && arc_less(&a[child], &a[child + 1]))
			child++;
		if (!arc_less(&hold, &a[child]))
			break;
		a[at] = a[child];
		at = child;
	}
	a[at] = hold;
}

/* Sort arcs that the other ways do not get on with. */
static bool
sort_heap(AssignState *st, AssignArc *a, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
	{
		sift(a, i, n);
		if (!community_assign_step(st, 4))
			return false;
	}
	while (n > 1)
	{
		AssignArc	hold = a[--n];

		a[n] = a[0];
		a[0] = hold;
		sift(a, 0, n);
		if (!community_assign_step(st, 32))
			return false;
	}
	return true;
}

/*
 * Spread arcs over buckets by cost, so that each bucket's arcs stand together
 * and the buckets in order; end[] tells where each ends.  Return the number of
 * buckets, 0 when all arcs cost the same, -1 on failure.
 */
static int
spread(Narrow *s, AssignArc *a, size_t n, uint32_t *end)
{
	AssignState *st = s->st;
	int64_t		least = a[0].cost;
	int64_t		most = a[0].cost;
	int			buckets = 16;
	int			shift = 0;
	uint32_t	sum = 0;

	for (size_t i = 0, to; i < n; i = to)
	{
		to = community_assign_chunk(i, n);
		for (size_t k = i; k < to; k++)
		{
			least = a[k].cost < least ? a[k].cost : least;
			most = a[k].cost > most ? a[k].cost : most;
		}
		if (!community_assign_step(st, to - i))
			return -1;
	}
	if (least == most)
		return 0;
	if (n > s->spare_room)
	{
		void	   *spare = community_assign_resize(st, s->spare,
													s->spare_room * sizeof(AssignArc),
													n * sizeof(AssignArc));

		if (spare == NULL)
			return -1;
		s->spare = spare;
		s->spare_room = n;
	}
	while (buckets < BUCKETS && (size_t) buckets < n)
		buckets *= 2;
	while ((uint64_t) (most - least) >> shift >= (uint64_t) buckets)
		shift++;
	memset(end, 0, sizeof(uint32_t) * (size_t) buckets);
	for (size_t i = 0, to; i < n; i = to)
	{
		to = community_assign_chunk(i, n);
		for (size_t k = i; k < to; k++)
			end[(uint64_t) (a[k].cost - least) >> shift]++;
		if (!community_assign_step(st, to - i))
			return -1;
	}
	for (int b = 0; b < buckets; b++)
	{
		uint32_t	count = end[b];

		end[b] = sum;
		sum += count;
	}
	for (size_t i = 0, to; i < n; i = to)
	{
		to = community_assign_chunk(i, n);
		for (size_t k = i; k < to; k++)
			s->spare[end[(uint64_t) (a[k].cost - least) >> shift]++] = a[k];
		if (!community_assign_step(st, (to - i) * 2))
			return -1;
	}
	memcpy(a, s->spare, n * sizeof(AssignArc));
	return buckets;
}

/* Sort arcs. */
static bool
sort_all(Narrow *s, AssignArc *a, size_t n, int depth)
{
	uint32_t	end[BUCKETS];
	uint32_t	first = 0;
	int			buckets;

	if (n <= FEW)
	{
		sort_count(a, n);
		return true;
	}
	buckets = depth < 3 ? spread(s, a, n, end) : 0;
	if (buckets < 0)
		return false;
	if (buckets == 0)
	{
		size_t		i = 1;

		while (i < n && !arc_less(&a[i], &a[i - 1]))
			i++;
		return i == n || sort_heap(s->st, a, n);
	}
	for (int b = 0; b < buckets; first = end[b++])
		if (end[b] - first > FEW &&
			!sort_all(s, a + first, end[b] - first, depth + 1))
			return false;
	for (size_t i = 1, to; i < n; i = to)
	{
		to = community_assign_chunk(i, n);
		sort_few(a, i, to);
		if (!community_assign_step(s->st, (to - i) * 4))
			return false;
	}
	return true;
}

/*
 * Part arcs so that none before the place returned is greater than any from
 * there on; the place is neither the first, which says stop, nor beyond the end.
 */
static size_t
part(AssignState *st, AssignArc *a, size_t n)
{
	AssignArc	low = a[n / 4];
	AssignArc	mid = a[n / 2];
	AssignArc	high = a[n - 1 - n / 4];
	AssignArc	pivot;
	size_t		i = 0;
	size_t		j = n - 1;
	size_t		swaps = 0;

	if (arc_less(&mid, &low))
	{
		pivot = mid;
		mid = low;
		low = pivot;
	}
	pivot = arc_less(&high, &low) ? low : arc_less(&high, &mid) ? high : mid;
	for (;; i++, j--)
	{
		AssignArc	hold;

		for (; arc_less(&a[i], &pivot); i++)
			if (!community_assign_turn(st, i, 4))
				return 0;
		for (; arc_less(&pivot, &a[j]); j--)
			if (!community_assign_turn(st, j, 4))
				return 0;
		if (i >= j)
			break;
		hold = a[i];
		a[i] = a[j];
		a[j] = hold;
		if (!community_assign_turn(st, swaps++, 4))
			return 0;
	}
	return i;
}

/*
 * Bring the least arcs, as many as wanted, to the front of n and into order.
 * A row has at most 2^31 arcs, which the counts of buckets rely on.
 */
bool
community_assign_arcs_front(Narrow *s, AssignArc *a, size_t n, size_t want)
{
	for (int turn = 0; n > FEW && want < n - n / 4; turn++)
	{
		size_t		at;

		if (turn == 64)
			return sort_heap(s->st, a, n);
		at = part(s->st, a, n);
		if (at == 0 || !community_assign_step(s->st, n & 0xFFFF))
			return false;
		if (want <= at)
			n = at;
		else
		{
			if (!sort_all(s, a, at, 0))
				return false;
			a += at;
			n -= at;
			want -= at;
		}
	}
	return sort_all(s, a, n, 0);
}
