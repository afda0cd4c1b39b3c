/*
 * assign_lists.c
 *		Short lists of arcs in order of cost, and the tight arcs at the end.
 */
#include "match/assign_narrow.h"

#include <string.h>

/* Order arcs by cost, then column, then edge. */
static inline bool
arc_less(const Arc *a, const Arc *b)
{
	if (a->cost != b->cost)
		return a->cost < b->cost;
	if (a->col != b->col)
		return a->col < b->col;
	return a->edge < b->edge;
}

/* Restore the heap order below one arc; the greatest arc stands on top. */
static void
arc_sift(Arc *a, size_t at, size_t n)
{
	Arc			hold = a[at];

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

/* Sort a list of arcs. */
static void
arcs_sort(Arc *a, size_t n, bool is_heap)
{
	if (n <= 40 && !is_heap)
	{
		for (size_t i = 1; i < n; i++)
		{
			Arc			hold = a[i];
			size_t		at = i;

			for (; at > 0 && arc_less(&hold, &a[at - 1]); at--)
				a[at] = a[at - 1];
			a[at] = hold;
		}
		return;
	}
	if (!is_heap)
		for (size_t i = n / 2; i-- > 0;)
			arc_sift(a, i, n);
	while (n > 1)
	{
		Arc			hold = a[--n];

		a[n] = a[0];
		a[0] = hold;
		arc_sift(a, 0, n);
	}
}

/* Write the cheapest arcs of a row, in order, to a place with room. */
static void
arcs_select(Narrow *s, int32_t row, Arc *out, size_t want)
{
	AssignState *st = s->st;
	const AssignEdge *edge = st->edge + st->start[row];
	size_t		degree = st->start[row + 1] - st->start[row];
	size_t		n = want < degree ? want : degree;
	double		worst;

	for (size_t e = 0; e < n; e++)
	{
		out[e].cost = community_assign_scaled(st, edge[e].cost);
		out[e].col = edge[e].col;
		out[e].edge = (uint32_t) e;
	}
	if (n == degree)
	{
		arcs_sort(out, n, false);
		return;
	}
	for (size_t i = n / 2; i-- > 0;)
		arc_sift(out, i, n);
	worst = edge[out[0].edge].cost;
	for (size_t e = n; e < degree; e++)
	{
		Arc			a;

		/* scaling keeps the order, so most edges are passed over unscaled */
		if (edge[e].cost > worst)
			continue;
		a.cost = community_assign_scaled(st, edge[e].cost);
		a.col = edge[e].col;
		a.edge = (uint32_t) e;
		if (arc_less(&a, &out[0]))
		{
			out[0] = a;
			arc_sift(out, 0, n);
			worst = edge[out[0].edge].cost;
		}
	}
	arcs_sort(out, n, true);
}

/* Sort the short lists of all rows. */
bool
community_assign_lists(Narrow *s)
{
	AssignState *st = s->st;
	size_t		total = 0;

	for (int32_t i = 0; i < s->n; i++)
	{
		size_t		degree = st->start[i + 1] - st->start[i];

		s->row[i].first = total;
		s->row[i].length = (uint32_t) (degree <= 2 * SHORT_LIST ? degree : SHORT_LIST);
		total += s->row[i].length;
	}
	s->arc_room = total;
	s->n_arc = total;
	s->arc = community_assign_resize(st, NULL, 0, (total + 1) * sizeof(Arc));
	if (s->arc == NULL)
		return false;
	for (int32_t i = 0; i < s->n; i++)
	{
		arcs_select(s, i, s->arc + s->row[i].first, s->row[i].length);
		if (!community_assign_step(st, st->start[i + 1] - st->start[i]))
			return false;
	}
	return true;
}

/* Lengthen the short list of a row fourfold, at the end of the arena. */
bool
community_assign_list_grow(Narrow *s, int32_t row)
{
	AssignState *st = s->st;
	size_t		degree = st->start[row + 1] - st->start[row];
	size_t		want = (size_t) s->row[row].length * 4;

	if (want > degree || want * 2 > degree)
		want = degree;
	if (s->n_arc + want > s->arc_room)
	{
		size_t		room = s->arc_room + s->arc_room / 2 + want;
		Arc		   *arc = community_assign_resize(st, s->arc,
												  (s->arc_room + 1) * sizeof(Arc),
												  (room + 1) * sizeof(Arc));

		if (arc == NULL)
			return false;
		s->arc = arc;
		s->arc_room = room;
	}
	arcs_select(s, row, s->arc + s->n_arc, want);
	s->row[row].first = s->n_arc;
	s->row[row].length = (uint32_t) want;
	s->n_arc += want;
	return community_assign_step(st, degree);
}

/* Append one tight arc, sorted by column within its row. */
static bool
tight_put(Narrow *s, AssignTight *t, int32_t row, size_t *room, const Arc *a)
{
	AssignState *st = s->st;
	const AssignEdge *edge = st->edge + st->start[row];
	size_t		at = t->start[row + 1];

	if (at + 1 >= *room)
	{
		size_t		more = *room + *room / 2 + 16;
		void	   *col = community_assign_resize(st, t->col,
												  *room * sizeof(int32_t),
												  more * sizeof(int32_t));
		void	   *e;

		if (col == NULL)
			return false;
		t->col = col;
		e = community_assign_resize(st, t->edge, *room * sizeof(uint32_t),
									more * sizeof(uint32_t));
		if (e == NULL)
			return false;
		t->edge = e;
		*room = more;
	}
	while (at > t->start[row] && t->col[at - 1] > a->col)
		at--;
	if (at > t->start[row] && t->col[at - 1] == a->col)
	{
		/* the same pair twice: the cheaper edge, which scaling may hide */
		if (edge[a->edge].cost < edge[t->edge[at - 1]].cost)
			t->edge[at - 1] = a->edge;
		return true;
	}
	memmove(t->col + at + 1, t->col + at,
			(t->start[row + 1] - at) * sizeof(int32_t));
	memmove(t->edge + at + 1, t->edge + at,
			(t->start[row + 1] - at) * sizeof(uint32_t));
	t->col[at] = a->col;
	t->edge[at] = a->edge;
	t->start[row + 1]++;
	return true;
}

/* Gather the arcs of reduced cost zero and what may move over them. */
bool
community_assign_tighten(Narrow *s, AssignTight *t)
{
	AssignState *st = s->st;
	size_t		n = (size_t) s->n;
	size_t		p = (size_t) s->p;
	size_t		room = 0;

	memset(t, 0, sizeof(*t));
	t->n = s->n;
	t->p = s->p;
	t->start = community_assign_resize(st, NULL, 0, (n + 1) * sizeof(size_t));
	t->unmatched = community_assign_resize(st, NULL, 0, (n + 1) * sizeof(int32_t));
	t->may_leave = community_assign_resize(st, NULL, 0, n + 1);
	t->free = community_assign_resize(st, NULL, 0, (p + 1) * sizeof(int32_t));
	t->taken = community_assign_resize(st, NULL, 0, (p + 1) * sizeof(int32_t));
	t->may_empty = community_assign_resize(st, NULL, 0, p + 1);
	if (st->status != ASSIGN_OK)
		return false;
	t->start[0] = 0;
	for (int32_t i = 0; i < s->n; i++)
	{
		int32_t		slot = s->row[i].mate;
		int64_t		u = slot == NONE ? s->row[i].leave :
		s->row[i].mate_cost - s->column[s->slot_col[slot]].price;
		uint32_t	at = 0;

		st->u64[i] = u;
		t->unmatched[i] = slot == NONE;
		t->may_leave[i] = u == s->row[i].leave;
		t->start[i + 1] = t->start[i];
		for (;;)
		{
			bool		end = false;

			for (; at < s->row[i].length && !end; at++)
			{
				const Arc  *a = s->arc + s->row[i].first + at;

				end = a->cost > u + s->top;
				if (!end && a->cost - s->column[a->col].price == u &&
					!tight_put(s, t, i, &room, a))
					return false;
			}
			if (end || !list_is_short(s, i))
				break;
			if (!community_assign_list_grow(s, i))
				return false;
		}
		if (!community_assign_step(st, at + 1))
			return false;
	}
	t->used = community_assign_resize(st, NULL, 0, t->start[n] + 1);
	if (t->used == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
			t->used[e] = s->row[i].mate != NONE &&
				s->slot_col[s->row[i].mate] == t->col[e];
	for (size_t j = 0; j < p; j++)
	{
		st->u64[n + j] = s->column[j].price;
		t->taken[j] = s->column[j].used;
		t->free[j] = s->column[j].size - s->column[j].used;
		t->may_empty[j] = s->column[j].price == 0;
	}
	return true;
}
