/*
 * assign_tie.c
 *		Among all optimal assignments take the first in order of keys.
 *
 * The optimal assignments are the flows over tight arcs.  Going through
 * requests and their tight edges in order of keys, an edge is taken whenever
 * the flow can be turned along a cycle through it that leaves all earlier
 * decisions alone; so the answer is the optimum whose list of pairs, read in
 * order, is smallest, whatever path the solver came by.  Strongly connected
 * components tell beforehand which edges lie on a cycle at all: with costs
 * that do not tie, none does, and this costs one pass.
 */
#include "match/assign_core.h"

#include <string.h>

#define NONE (-1)
#define NO_EDGE SIZE_MAX

typedef struct Tie
{
	AssignState *st;
	AssignTight *t;
	int32_t		hub;			/* the node that free slots drain to */
	int32_t		n_node;
	size_t	   *by_start;		/* first entry of each provider, one more */
	size_t	   *by_edge;		/* tight edge */
	int32_t    *by_row;			/* and its request */
	int32_t    *open;			/* used edges of each provider not yet fixed */
	uint8_t    *live;			/* may a request in the provider have a choice */
	int32_t    *comp;			/* component of each node */
	bool		by_comp;		/* keep searches within components */
	int32_t		cur_row;		/* edges before these two are fixed */
	size_t		cur_edge;
	/* searches from both ends; index 0 forward, 1 backward */
	int32_t    *seen[2];		/* round in which a node was reached */
	int32_t    *from[2];		/* node it was reached from */
	size_t	   *via[2];			/* over this tight edge */
	int32_t    *queue[2];
	int32_t		round;
	size_t		failed_work;	/* since the components were last found */
	size_t		now_work;		/* of the search under way */
} Tie;

/* Is a tight edge of a request decided already? */
static inline bool
is_fixed(const Tie *x, int32_t row, size_t edge)
{
	return x->t->used[edge] == ASSIGN_FORCED || row < x->cur_row || (row == x->cur_row && edge < x->cur_edge);
}

/* May a search step from a to b? */
static inline bool
same_comp(const Tie *x, int32_t a, int32_t b)
{
	return !x->by_comp || x->comp[a] == x->comp[b];
}

/*
 * Step to the next arc out of a node (or into it, when backward): return the
 * node at its other end and the edge, or NONE when the arcs are used up or the
 * host asked to stop.
 */
static int32_t
next_arc(Tie *x, int32_t node, bool backward, size_t *cursor, size_t *edge)
{
	AssignTight *t = x->t;
	int32_t		n = t->n;

	*edge = NO_EDGE;
	if (node < n)
	{
		/* a request goes forth over unused edges and back over used ones */
		size_t		first = t->start[node];
		size_t		degree = t->start[node + 1] - first;

		while (*cursor < degree)
		{
			size_t		e = first + (*cursor)++;

			if (!community_assign_turn(x->st, *cursor, 2))
				return NONE;
			if ((t->used[e] != 0) == backward && !is_fixed(x, node, e) &&
				same_comp(x, node, n + t->col[e]))
			{
				*edge = e;
				return n + t->col[e];
			}
		}
		if ((*cursor)++ == degree && same_comp(x, node, x->hub) &&
			(backward ? t->unmatched[node] > 0 :
			 t->may_leave[node] && node >= x->cur_row))
			return x->hub;
		return NONE;
	}
	if (node < x->hub)
	{
		int32_t		j = node - n;
		size_t		first = x->by_start[j];
		size_t		degree = x->by_start[j + 1] - first;

		while (*cursor < degree)
		{
			size_t		k = first + (*cursor)++;
			size_t		e = x->by_edge[k];
			int32_t		row = x->by_row[k];

			if (!community_assign_turn(x->st, *cursor, 2))
				return NONE;
			if ((t->used[e] != 0) != backward && !is_fixed(x, row, e) &&
				same_comp(x, node, row))
			{
				*edge = e;
				return row;
			}
		}
		if ((*cursor)++ == degree && same_comp(x, node, x->hub) &&
			(backward ? t->may_empty[j] && t->taken[j] > 0 : t->free[j] > 0))
			return x->hub;
		return NONE;
	}
	while (*cursor < (size_t) n + (size_t) t->p)
	{
		int32_t		other = (int32_t) (*cursor)++;
		bool		arc;

		if (!community_assign_turn(x->st, *cursor, 3))
			return NONE;
		if (other < n)
			arc = other >= x->cur_row &&
				(backward ? t->may_leave[other] : t->unmatched[other] > 0);
		else if (backward)
			arc = t->free[other - n] > 0;
		else
			arc = x->live[other - n] && t->may_empty[other - n] &&
				t->taken[other - n] > 0;
		if (arc && same_comp(x, node, other))
			return other;
	}
	return NONE;
}

/* Has a request tight edges that might yet be taken? */
static bool
may_take(const Tie *x, int32_t row)
{
	const AssignTight *t = x->t;

	for (size_t e = t->start[row]; e < t->start[row + 1]; e++)
		if (t->used[e] == 0 && !is_fixed(x, row, e))
			return true;
	return false;
}

/*
 * Find the strongly connected components of what is not fixed (Tarjan).  Only
 * those matter in which an edge might yet be taken, so that the search starts
 * from the requests of such edges; a node that none of them reaches is left a
 * component of its own.
 */
static bool
components(Tie *x)
{
	AssignState *st = x->st;
	AssignTight *t = x->t;
	size_t		n = (size_t) x->n_node;
	/* what searches use is free between them */
	int32_t    *index = x->from[0];
	int32_t    *low = x->from[1];
	int32_t    *stack = x->queue[0];
	int32_t    *call = x->queue[1];
	size_t	   *cursor = x->via[0];
	int32_t		counter = 0,
				n_comp = 0,
				n_stack = 0,
				n_call = 0;

	x->by_comp = false;
	for (size_t v = 0; v < n; v++)
	{
		index[v] = NONE;
		x->comp[v] = NONE;
		if (!community_assign_turn(st, v, 2))
			return false;
	}
	for (int32_t root = x->cur_row; root < t->n; root++)
	{
		if (index[root] != NONE)
			continue;
		if (!community_assign_step(st, t->start[root + 1] - t->start[root] + 1))
			return false;
		if (!may_take(x, root))
			continue;
		call[n_call++] = root;
		while (n_call > 0)
		{
			int32_t		v = call[n_call - 1];
			int32_t		w;
			size_t		edge;
			size_t		arcs = 0;

			if (index[v] == NONE)
			{
				index[v] = low[v] = counter++;
				stack[n_stack++] = v;
				cursor[v] = 0;
			}
			while ((w = next_arc(x, v, false, &cursor[v], &edge)) != NONE)
			{
				if (index[w] == NONE)
					break;
				if (x->comp[w] == NONE && index[w] < low[v])
					low[v] = index[w];
				arcs++;
			}
			if (st->status != ASSIGN_OK || !community_assign_step(st, arcs * 2 + 8))
				return false;
			if (w != NONE)
			{
				call[n_call++] = w;
				continue;
			}
			n_call--;
			if (n_call > 0 && low[v] < low[call[n_call - 1]])
				low[call[n_call - 1]] = low[v];
			if (low[v] == index[v])
			{
				do
				{
					w = stack[--n_stack];
					x->comp[w] = n_comp;
				} while (w != v);
				n_comp++;
			}
		}
	}
	for (int32_t v = 0; v < x->n_node; v++)
	{
		if (x->comp[v] == NONE)
			x->comp[v] = n_comp++;
		if (!community_assign_turn(st, (size_t) v, 2))
			return false;
	}
	x->by_comp = true;
	x->failed_work = 0;
	return true;
}

/* Let one end of the search reach a node. */
static inline void
reach(Tie *x, int side, int32_t node, int32_t from, size_t edge, int32_t *tail)
{
	x->seen[side][node] = x->round;
	x->from[side][node] = from;
	x->via[side][node] = edge;
	x->queue[side][(*tail)++] = node;
}

/*
 * Look for a path from a provider to a request, from both ends in turn.
 * Return the node where the ends meet, or NONE, also when told to stop.
 */
static int32_t
find_path(Tie *x, int32_t source, int32_t target)
{
	int32_t		head[2] = {0, 0};
	int32_t		tail[2] = {0, 0};
	bool		hub_waits[2] = {false, false};

	x->round++;
	x->now_work = 0;
	reach(x, 0, source, NONE, NO_EDGE, &tail[0]);
	reach(x, 1, target, NONE, NO_EDGE, &tail[1]);
	for (int side = 0;; side = 1 - side)
	{
		int32_t		node;
		int32_t		other;
		size_t		cursor = 0;
		size_t		edge;

		if (head[side] < tail[side])
			node = x->queue[side][head[side]++];
		else if (hub_waits[side])
		{
			/* the hub has very many arcs, so its turn comes last */
			node = x->hub;
			hub_waits[side] = false;
		}
		else
			return NONE;
		while ((other = next_arc(x, node, side == 1, &cursor, &edge)) != NONE)
		{
			x->now_work++;
			if (x->seen[side][other] == x->round)
				continue;
			reach(x, side, other, node, edge, &tail[side]);
			if (x->seen[1 - side][other] == x->round)
				return other;
			if (other == x->hub)
			{
				tail[side]--;
				hub_waits[side] = true;
			}
		}
		x->now_work += cursor + 1;
		if (x->st->status != ASSIGN_OK ||
			!community_assign_step(x->st, (cursor & 0xFFFF) * 2 + 4))
			return NONE;
	}
}

/* Turn the flow over one arc that leads from node a to node b. */
static void
turn(Tie *x, int32_t a, int32_t b, size_t edge)
{
	AssignTight *t = x->t;
	int32_t		n = t->n;

	if (edge != NO_EDGE)
	{
		bool		use = a < n;

		t->used[edge] = use ? ASSIGN_USED : 0;
		x->open[t->col[edge]] += use ? 1 : -1;
		x->live[t->col[edge]] = true;	/* of the edge it came from, at least */
	}
	else if (a == x->hub)
	{
		if (b < n)
			t->unmatched[b]--;
		else
		{
			t->free[b - n]++;
			t->taken[b - n]--;
		}
	}
	else if (a < n)
		t->unmatched[a]++;
	else
	{
		t->free[a - n]--;
		t->taken[a - n]++;
	}
}

/* Turn the flow along the path that was found, and over the edge closing it. */
static void
turn_cycle(Tie *x, int32_t meet, int32_t row, size_t edge)
{
	for (int32_t v = meet; x->from[0][v] != NONE; v = x->from[0][v])
		turn(x, x->from[0][v], v, x->via[0][v]);
	for (int32_t v = meet; x->from[1][v] != NONE; v = x->from[1][v])
		turn(x, v, x->from[1][v], x->via[1][v]);
	turn(x, row, x->t->n + x->t->col[edge], edge);
}

/*
 * List the tight edges of each provider, and find the providers that matter to
 * the hub: from one whose requests can go nowhere else there is no way on.
 */
static bool
index_providers(Tie *x)
{
	AssignTight *t = x->t;
	AssignState *st = x->st;
	size_t		p = (size_t) t->p;
	size_t		m = t->start[t->n];

	x->by_start = community_assign_resize(st, NULL, 0, (p + 2) * sizeof(size_t));
	x->by_edge = community_assign_resize(st, NULL, 0, (m + 1) * sizeof(size_t));
	x->by_row = community_assign_resize(st, NULL, 0, (m + 1) * sizeof(int32_t));
	x->open = community_assign_resize(st, NULL, 0, (p + 1) * sizeof(int32_t));
	x->live = community_assign_resize(st, NULL, 0, p + 1);
	if (st->status != ASSIGN_OK)
		return false;
	memset(x->by_start, 0, (p + 2) * sizeof(size_t));
	memset(x->open, 0, (p + 1) * sizeof(int32_t));
	memset(x->live, 0, p + 1);
	for (size_t e = 0; e < m; e++)
	{
		x->by_start[t->col[e] + 2]++;
		x->open[t->col[e]] += t->used[e] == ASSIGN_USED;
		if (!community_assign_turn(st, e, 2))
			return false;
	}
	for (size_t j = 1; j <= p; j++)
	{
		x->by_start[j + 1] += x->by_start[j];
		if (!community_assign_turn(st, j, 1))
			return false;
	}
	for (int32_t i = 0; i < t->n; i++)
	{
		size_t		n_used = 0;

		for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
		{
			size_t		at = x->by_start[t->col[e] + 1]++;

			x->by_edge[at] = e;
			x->by_row[at] = i;
			n_used += t->used[e] != 0;
		}
		if (t->may_leave[i] || n_used < t->start[i + 1] - t->start[i])
			for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
				x->live[t->col[e]] |= t->used[e] == ASSIGN_USED;
		if (!community_assign_step(st, (t->start[i + 1] - t->start[i]) * 2))
			return false;
	}
	return true;
}

/* The edges of a request, from one on, that are used and may be given up. */
static size_t
used_from(const AssignTight *t, int32_t row, size_t edge)
{
	size_t		n = 0;

	for (; edge < t->start[row + 1]; edge++)
		n += t->used[edge] == ASSIGN_USED;
	return n;
}

/* Make the assignment the smallest optimal one in order of keys. */
bool
community_assign_tie(AssignState *st, AssignTight *t)
{
	Tie			tie = {.st = st,.t = t,.hub = t->n + t->p};
	Tie		   *x = &tie;
	size_t		n;
	size_t		m = t->start[t->n];
	size_t		n_used = 0;

	x->n_node = x->hub + 1;
	n = (size_t) x->n_node;
	for (size_t e = 0; e < m; e++)
	{
		n_used += t->used[e] != 0;
		if (!community_assign_turn(st, e, 1))
			return false;
	}
	if (n_used == m)
		return true;			/* no tight edge but the used ones */
	x->comp = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
	for (int side = 0; side < 2; side++)
	{
		x->seen[side] = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
		x->from[side] = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
		x->via[side] = community_assign_resize(st, NULL, 0, n * sizeof(size_t));
		x->queue[side] = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
	}
	if (st->status != ASSIGN_OK || !index_providers(x) || !components(x))
		return false;
	for (int side = 0; side < 2; side++)
		memset(x->seen[side], 0, n * sizeof(int32_t));
	for (int32_t i = 0; i < t->n; i++)
	{
		size_t		left = used_from(t, i, t->start[i]);
		size_t		e = t->start[i];

		x->cur_row = i;
		/* a request that has all it can have takes no further edge */
		for (; e < t->start[i + 1] && (left > 0 || t->unmatched[i] > 0); e++)
		{
			int32_t		j = t->col[e];
			int32_t		meet;

			x->cur_edge = e;
			if (t->used[e])
			{
				/* fixed from here on */
				x->open[j] -= t->used[e] == ASSIGN_USED;
				left -= t->used[e] == ASSIGN_USED;
				continue;
			}
			if (x->comp[i] != x->comp[t->n + j] ||
				(t->free[j] == 0 && x->open[j] == 0))
				continue;
			x->cur_edge = e + 1;
			meet = find_path(x, t->n + j, i);
			if (st->status != ASSIGN_OK)
				return false;
			if (meet != NONE)
			{
				turn_cycle(x, meet, i, e);
				x->open[j]--;
				left = used_from(t, i, e + 1);
				continue;
			}
			x->failed_work += x->now_work;
			if (x->failed_work > 4 * (n + m) + 1000)
			{
				if (!components(x))
					return false;
			}
		}
		if (!community_assign_step(st, t->start[i + 1] - t->start[i] + e - t->start[i] + 1))
			return false;
	}
	return true;
}
