/*
 * assign_lists.c
 *		Make arcs of the edges, and gather the tight ones at the end.
 */
#include "match/assign_narrow.h"

#include <string.h>

/*
 * Keep the costs that were given, in order of arrival within rows.  Those of
 * the arcs before one, in the rows up to its own, can still be told.
 */
static bool
keep_given(AssignState *st, int32_t row, size_t end)
{
	st->given = community_assign_resize(st, NULL, 0, st->n_edge * sizeof(double));
	if (st->given == NULL)
		return false;
	for (int32_t i = 0; i <= row; i++)
		for (size_t k = st->start[i], to; k < st->start[i + 1] && k < end; k = to)
		{
			to = community_assign_chunk(k, st->start[i + 1]);
			for (size_t at = k; at < to && at < end; at++)
				st->given[st->start[i] + st->arc[at].edge] =
					(double) st->arc[at].cost * st->unit;
			if (!community_assign_step(st, to - k))
				return false;
		}
	return true;
}

/* Make arcs of the edges of a row, with costs in units. */
static bool
convert(AssignState *st, int32_t row)
{
	size_t		first = st->start[row];

	for (size_t i = first, to; i < st->start[row + 1]; i = to)
	{
		to = community_assign_chunk(i, st->start[row + 1]);
		for (size_t k = i; k < to; k++)
		{
			AssignEdge	edge = st->edge[k];
			AssignArc	arc;
			double		back;

			arc.cost = community_assign_scaled(st, edge.cost);
			arc.col = edge.col;
			arc.edge = (uint32_t) (k - first);
			back = (double) arc.cost * st->unit;
			if (st->given == NULL && memcmp(&back, &edge.cost, sizeof(back)) != 0 &&
				!keep_given(st, row, k))
				return false;
			if (st->given)
				st->given[k] = edge.cost;
			st->arc[k] = arc;
		}
		if (!community_assign_step(st, to - i))
			return false;
	}
	return true;
}

/* Measure the range and the spread of costs, over the arcs in order. */
static inline void
measure(Narrow *s, const AssignArc *a, size_t n)
{
	if (n == 0)
		return;
	s->spread += (a[n < 5 ? n - 1 : 4].cost - a[0].cost) / s->n;
	if (a[0].cost < s->least)
		s->least = a[0].cost;
	if (a[n - 1].cost > s->most)
		s->most = a[n - 1].cost;
}

/* Make arcs of all edges and bring the first of each row into order. */
bool
community_assign_lists(Narrow *s)
{
	AssignState *st = s->st;

	/* in the same place, which halves the memory */
	s->arc = st->arc = (AssignArc *) st->edge;
	s->least = INT64_MAX;
	s->most = INT64_MIN;
	for (int32_t i = 0; i < s->n; i++)
	{
		size_t		degree = st->start[i + 1] - st->start[i];
		size_t		length = degree <= 2 * SHORT_LIST ? degree : SHORT_LIST;

		s->row[i].first = st->start[i];
		s->row[i].length = (uint32_t) length;
		s->partial |= length < degree;
		if (!convert(st, i) ||
			!community_assign_arcs_front(s, s->arc + st->start[i], degree, length) ||
			!community_assign_step(st, degree + 1))
			return false;
		measure(s, s->arc + st->start[i], length);
	}
	st->edge = NULL;
	return true;
}

/* Bring four times as many arcs of a row into order. */
bool
community_assign_list_grow(Narrow *s, int32_t row)
{
	AssignState *st = s->st;
	Row		   *r = &s->row[row];
	size_t		degree = st->start[row + 1] - st->start[row];
	size_t		want = (size_t) r->length * 4;

	if (want * 2 > degree)
		want = degree;
	if (!community_assign_arcs_front(s, s->arc + r->first + r->length,
									 degree - r->length, want - r->length))
		return false;
	r->length = (uint32_t) want;
	return true;
}

/* Make room for more tight edges. */
static bool
tight_room(AssignState *st, AssignTight *t, size_t *room, size_t want)
{
	size_t		more = want + want / 2 + 16;
	void	   *p;

	if (want <= *room)
		return true;
	p = community_assign_resize(st, t->col, *room * sizeof(int32_t),
								more * sizeof(int32_t));
	if (p == NULL)
		return false;
	t->col = p;
	p = community_assign_resize(st, t->edge, *room * sizeof(uint32_t),
								more * sizeof(uint32_t));
	if (p == NULL)
		return false;
	t->edge = p;
	*room = more;
	return true;
}

/*
 * List the arcs of a row whose reduced cost is the row's dual, as arcs that
 * cost their column and name the place of the arc in the row.
 */
static bool
tight_list(Narrow *s, int32_t row, int64_t u, size_t *n_line)
{
	uint32_t	at = 0;
	size_t		n = 0;
	bool		sorted = true;

	for (;;)
	{
		const AssignArc *a = s->arc + s->row[row].first;
		uint32_t	length = s->row[row].length;
		uint32_t	stop = (uint32_t) community_assign_chunk(at, length);

		for (; at < stop; at++)
		{
			AssignArc	tight = {a[at].col, 0, at};

			if (a[at].cost > u + s->top)
				break;
			if (a[at].cost - s->column[a[at].col].price != u)
				continue;
			if (n == s->line_room)
			{
				size_t		room = n * 2 + 64;
				void	   *line = community_assign_resize(s->st, s->line,
														   n * sizeof(AssignArc),
														   room * sizeof(AssignArc));

				if (line == NULL)
					return false;
				s->line = line;
				s->line_room = room;
			}
			sorted &= n == 0 || s->line[n - 1].cost < tight.cost;
			s->line[n++] = tight;
		}
		if (at < stop || (at == length && !list_is_short(s, row)))
			break;
		if (at < length ? !community_assign_step(s->st, stop) :
			!community_assign_list_grow(s, row))
			return false;
	}
	*n_line = n;
	return (sorted || community_assign_arcs_front(s, s->line, n, n)) &&
		community_assign_step(s->st, (at & 0xFFFF) + (n & 0xFFFF) + 1);
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
		size_t		end = t->start[i];
		size_t		n_line;

		st->u64[i] = u;
		t->unmatched[i] = slot == NONE;
		t->may_leave[i] = u == s->row[i].leave;
		if (!tight_list(s, i, u, &n_line) ||
			!tight_room(st, t, &room, end + n_line))
			return false;
		for (size_t k = 0; k < n_line; k++)
		{
			uint32_t	arc = s->line[k].edge;

			if (k == 0 || s->line[k].cost != s->line[k - 1].cost)
			{
				t->col[end] = (int32_t) s->line[k].cost;
				t->edge[end++] = arc;
			}
			/* the same pair twice: the cheaper edge, which scaling may hide */
			else if (community_assign_given(st, i, arc) <
					 community_assign_given(st, i, t->edge[end - 1]))
				t->edge[end - 1] = arc;
			if (!community_assign_turn(st, k, 2))
				return false;
		}
		t->start[i + 1] = end;
	}
	t->used = community_assign_resize(st, NULL, 0, t->start[n] + 1);
	if (t->used == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		int32_t		slot = s->row[i].mate;

		for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
			t->used[e] = slot != NONE && s->slot_col[slot] == t->col[e];
		if (!community_assign_step(st, t->start[i + 1] - t->start[i] + 2))
			return false;
	}
	for (size_t j = 0; j < p; j++)
	{
		st->u64[n + j] = s->column[j].price;
		t->taken[j] = s->place[j].used;
		t->free[j] = s->place[j].size - s->place[j].used;
		t->may_empty[j] = s->column[j].price == 0;
		if (!community_assign_turn(st, j, 4))
			return false;
	}
	return true;
}
