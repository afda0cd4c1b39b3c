/*
 * assign_core.c
 *		Collect candidate edges, order and scale them, hand out the answer.
 */
#include "match/assign_core.h"

#include <string.h>

/* Record the first failure; return false for the caller to hand on. */
bool
community_assign_fail(AssignState *st, AssignStatus status, int64_t key)
{
	if (st->status == ASSIGN_OK)
	{
		st->status = status;
		st->bad_key = key;
	}
	return false;
}

/* Change the size of a block within the limit; NULL on failure or size 0. */
void	   *
community_assign_resize(AssignState *st, void *p, size_t old_size,
						size_t new_size)
{
	void	   *q;

	if (new_size > old_size && new_size - old_size > st->host.limit - st->bytes)
	{
		community_assign_fail(st, ASSIGN_LIMIT, 0);
		return NULL;
	}
	if (new_size == 0)
	{
		if (p)
			st->host.resize(st->host.arg, p, 0);
		st->bytes -= old_size;
		return NULL;
	}
	q = st->host.resize(st->host.arg, p, new_size);
	if (q == NULL)
	{
		community_assign_fail(st, ASSIGN_NO_MEMORY, 0);
		return NULL;
	}
	st->bytes = st->bytes - old_size + new_size;
	return q;
}

/* Let the host look for interrupts; false when it wants to stop. */
bool
community_assign_pause(AssignState *st)
{
	st->work = 0;
	if (st->host.pause && st->host.pause(st->host.arg))
		return community_assign_fail(st, ASSIGN_STOPPED, 0);
	return true;
}

/* Prepare an empty state. */
void
community_assign_init(AssignState *st, const AssignHost *host, bool maximize,
					  bool optional)
{
	memset(st, 0, sizeof(*st));
	st->host = *host;
	st->maximize = maximize;
	st->optional = optional;
	st->patience = 2;
	st->request.last = st->provider.last = -1;
}

/* Make room for one more value in an array beside the keys. */
static bool
side_grow(AssignState *st, void *array, size_t width, size_t room,
		  size_t new_room)
{
	void	  **p = (void **) array;
	void	   *q = community_assign_resize(st, *p, width * room,
											width * new_room);

	if (q == NULL)
		return false;
	*p = q;
	return true;
}

/* The next size of an array of keys, 0 when there cannot be more. */
static int32_t
next_room(int32_t room)
{
	if (room >= 1 << 29)
		return 0;
	return room ? room * 2 : 32;
}

/* Find or add a request with its capacity and unmatched cost. */
static int32_t
request_index(AssignState *st, int64_t key, int32_t capacity, double unmatched)
{
	AssignKeys *k = &st->request;
	int32_t		i = community_assign_keys_find(k, key);

	if (i >= 0)
	{
		if (st->request_cap[i] != capacity)
		{
			community_assign_fail(st, ASSIGN_REQUEST_DIFFERS, key);
			return -1;
		}
		if (st->optional && st->unmatched[i] != unmatched)
		{
			community_assign_fail(st, ASSIGN_UNMATCHED_DIFFERS, key);
			return -1;
		}
		return i;
	}
	if (k->n == k->room)
	{
		int32_t		room = next_room(k->room);

		if (room == 0)
		{
			community_assign_fail(st, ASSIGN_TOO_MANY, key);
			return -1;
		}
		if (!side_grow(st, &k->key, sizeof(int64_t), k->room, room) ||
			!side_grow(st, &st->request_cap, sizeof(int32_t), k->room, room) ||
			(st->optional &&
			 !side_grow(st, &st->unmatched, sizeof(double), k->room, room)))
			return -1;
		k->room = room;
	}
	st->request_cap[k->n] = capacity;
	st->closed |= capacity == 0;
	if (capacity != 1)
		st->wide = true;
	if (st->optional)
		st->unmatched[k->n] = unmatched;
	return community_assign_keys_append(st, k, key);
}

/* Find or add a provider with its capacity. */
static int32_t
provider_index(AssignState *st, int64_t key, int32_t capacity)
{
	AssignKeys *k = &st->provider;
	int32_t		j = community_assign_keys_find(k, key);

	if (j >= 0)
	{
		/* as long as all capacities are the same there is none to look up */
		if (capacity != st->same_cap && st->provider_cap[j] != capacity)
		{
			community_assign_fail(st, ASSIGN_CAPACITY_DIFFERS, key);
			return -1;
		}
		return j;
	}
	if (k->n == k->room)
	{
		int32_t		room = next_room(k->room);

		if (room == 0)
		{
			community_assign_fail(st, ASSIGN_TOO_MANY, key);
			return -1;
		}
		if (!side_grow(st, &k->key, sizeof(int64_t), k->room, room) ||
			!side_grow(st, &st->provider_cap, sizeof(int32_t), k->room, room))
			return -1;
		k->room = room;
	}
	st->provider_cap[k->n] = capacity;
	st->closed |= capacity == 0;
	if (k->n == 0)
		st->same_cap = capacity;
	else if (st->same_cap != capacity)
		st->same_cap = -1;
	return community_assign_keys_append(st, k, key);
}

/* Set the number of edges there is room for. */
static bool
edges_resize(AssignState *st, size_t room)
{
	AssignEdge *e = community_assign_resize(st, st->edge,
											st->edge_room * sizeof(AssignEdge),
											room * sizeof(AssignEdge));

	if (e == NULL)
		return false;
	st->edge = e;
	if (st->stable &&
		!side_grow(st, &st->second, sizeof(double), st->edge_room, room))
		return false;
	st->edge_room = room;
	return true;
}

/*
 * Make room for more edges: fourfold, since to copy them costs more than to
 * ask for memory that is then not touched, or by half near the limit.
 */
static bool
edges_room(AssignState *st, int64_t request)
{
	size_t		room = st->edge_room * 4;
	size_t		width = sizeof(AssignEdge) + (st->stable ? sizeof(double) : 0);

	if (st->n_edge >= INT32_MAX)
		return community_assign_fail(st, ASSIGN_TOO_MANY, request);
	if (room == 0)
		room = 64;
	else if (room * width > st->host.limit - st->bytes)
		room = st->edge_room + st->edge_room / 2;
	return edges_resize(st, room);
}

/*
 * Take one candidate edge.  An edge of infinite cost (or, when maximizing, of
 * a score of minus infinity) is forbidden and only makes its keys known.
 */
bool
community_assign_add(AssignState *st, int64_t request, int64_t provider,
					 double cost, int32_t capacity, int32_t request_capacity,
					 double unmatched)
{
	int32_t		row,
				col;
	AssignEdge *e;

	if (st->status != ASSIGN_OK)
		return false;
	if (st->maximize)
	{
		cost = 0 - cost;
		unmatched = 0 - unmatched;
	}
	if (isnan(cost) || (st->optional && isnan(unmatched)))
		return community_assign_fail(st, ASSIGN_NAN, request);
	if ((isinf(cost) && cost < 0) || (st->optional && isinf(unmatched)))
		return community_assign_fail(st, ASSIGN_INFINITE, request);
	if (capacity < 0 || request_capacity < 0)
		return community_assign_fail(st, ASSIGN_CAPACITY,
									 capacity < 0 ? provider : request);
	row = request_index(st, request, request_capacity, unmatched);
	if (row < 0)
		return false;
	col = provider_index(st, provider, capacity);
	if (col < 0)
		return false;
	if (isinf(cost))
		return true;
	if (st->n_edge == st->edge_room && !edges_room(st, request))
		return false;
	e = &st->edge[st->n_edge++];
	e->cost = cost;
	e->row = row;
	e->col = col;
	return true;
}

/*
 * Take one pair that both sides rank, the lower the better; an infinite rank
 * says that one side would rather have nobody.
 */
bool
community_assign_add_ranks(AssignState *st, int64_t request, int64_t provider,
						   double request_rank, double provider_rank,
						   int32_t capacity, int32_t request_capacity)
{
	size_t		before = st->n_edge;

	st->stable = true;
	if (isnan(provider_rank))
		return community_assign_fail(st, ASSIGN_NAN, request);
	if (isinf(provider_rank) && provider_rank < 0)
		return community_assign_fail(st, ASSIGN_INFINITE, request);
	if (!community_assign_add(st, request, provider,
							  isinf(provider_rank) && !isnan(request_rank) ?
							  provider_rank : request_rank,
							  capacity, request_capacity, 0))
		return false;
	if (st->n_edge > before)
		st->second[before] = provider_rank;
	return true;
}

/* Bring an array beside the keys into their new order. */
static bool
side_sort(AssignState *st, void *array, size_t width, const int32_t *rank,
		  int32_t n, int32_t room)
{
	char	  **p = (char **) array;
	char	   *q;

	if (rank == NULL)
		return true;
	q = community_assign_resize(st, NULL, 0, width * (size_t) room);
	if (q == NULL)
		return false;
	for (int32_t i = 0; i < n; i++)
	{
		memcpy(q + width * (size_t) rank[i], *p + width * (size_t) i, width);
		if (!community_assign_turn(st, i, 2))
			return false;
	}
	community_assign_resize(st, *p, width * (size_t) room, 0);
	*p = q;
	return true;
}

/* Group the edges by request in place, following the cycles. */
static bool
edges_group(AssignState *st)
{
	int32_t		n = st->request.n;
	AssignEdge *edge = st->edge;
	size_t	   *next;

	next = community_assign_resize(st, NULL, 0, ((size_t) n + 1) * sizeof(size_t));
	if (next == NULL)
		return false;
	memcpy(next, st->start, ((size_t) n + 1) * sizeof(size_t));
	for (int32_t i = 0; i < n; i++)
	{
		size_t		steps = 1;

		while (next[i] < st->start[i + 1])
		{
			AssignEdge	hold = edge[next[i]];

			for (; hold.row != i; steps++)
			{
				size_t		to = next[hold.row]++;
				AssignEdge	other = edge[to];

				edge[to] = hold;
				hold = other;
				if ((steps & 0xFFFF) == 0 && !community_assign_step(st, 0x10000))
					return false;
			}
			edge[next[i]++] = hold;
		}
		if (!community_assign_step(st, (steps & 0xFFFF) + st->start[i + 1] - st->start[i]))
			return false;
	}
	community_assign_resize(st, next, ((size_t) n + 1) * sizeof(size_t), 0);
	return true;
}

/* The cost, as it was given, of the arc or edge at a place of a row. */
double
community_assign_given(const AssignState *st, int32_t row, uint32_t at)
{
	size_t		first = st->start[row];

	if (st->arc == NULL)
		return st->edge[first + at].cost;
	if (st->given)
		return st->given[first + st->arc[first + at].edge];
	return (double) st->arc[first + at].cost * st->unit;
}

/*
 * Choose the scale: as fine as fits, never coarser than one.  The narrow
 * solver leaves room for sums of potentials, so it takes products below 2^55;
 * what is greater goes to the wide one, up to the bound of 2^62.
 */
static bool
choose_scale(AssignState *st)
{
	double		max = st->greatest;
	uint64_t	rows = (uint64_t) st->request.n + 1;
	int			exponent;
	int			bits = 0;

	for (int32_t i = 0; st->optional && i < st->request.n; i++)
	{
		double		c = fabs(st->unmatched[i]);

		max = c > max ? c : max;
		if (!community_assign_turn(st, i, 1))
			return false;
	}
	st->scale = 0;
	st->factor = 1;
	st->unit = 1;
	if (max >= 4611686018427387904.0 ||
		(unsigned __int128) (uint64_t) rint(max) * rows >=
		(unsigned __int128) 1 << 62)
		return community_assign_fail(st, ASSIGN_RANGE, 0);
	if (max == 0)
		return true;
	while (rows >> bits)
		bits++;
	frexp(max, &exponent);
	st->scale = 55 - exponent - bits;
	if (st->scale < 0)
	{
		st->scale = 0;
		st->wide = true;
	}
	if (st->scale > 900)
		st->scale = 900;
	st->factor = ldexp(1, st->scale);
	st->unit = ldexp(1, -st->scale);
	st->max_cost = (int64_t) rint(max * st->factor);
	return true;
}

/*
 * Name the edges by the ranks of their keys, drop those of closed keys, count
 * the edges of each request, and find the greatest cost.
 */
static bool
edges_rank(AssignState *st, const int32_t *row_rank, const int32_t *col_rank)
{
	size_t	   *count;
	size_t		kept = 0;
	int32_t		last = 0;
	double		max = 0;

	count = community_assign_resize(st, NULL, 0, ((size_t) st->request.n + 1) *
									sizeof(size_t));
	if (count == NULL)
		return false;
	st->start = count;
	memset(count, 0, ((size_t) st->request.n + 1) * sizeof(size_t));
	st->grouped = true;
	for (size_t i = 0, to; i < st->n_edge; i = to)
	{
		to = community_assign_chunk(i, st->n_edge);
		for (size_t e = i; e < to; e++)
		{
			AssignEdge	edge = st->edge[e];
			double		c = fabs(edge.cost);

			if (row_rank)
				edge.row = row_rank[edge.row];
			if (col_rank)
				edge.col = col_rank[edge.col];
			if (st->closed &&
				(st->request_cap[edge.row] == 0 || st->provider_cap[edge.col] == 0))
				continue;
			if (st->stable)
				st->second[kept] = st->second[e];
			st->edge[kept++] = edge;
			max = c > max ? c : max;
			st->grouped &= last <= edge.row;
			last = edge.row;
			count[last + 1]++;
		}
		if (!community_assign_step(st, (to - i) * 2))
			return false;
	}
	st->n_edge = kept;
	st->greatest = max;
	for (int32_t i = 0; i < st->request.n; i++)
	{
		count[i + 1] += count[i];
		if (!community_assign_turn(st, i, 1))
			return false;
	}
	return true;
}

/* Order the keys and what stands beside them, and name the edges by rank. */
bool
community_assign_order(AssignState *st)
{
	int32_t    *row_rank,
			   *col_rank;
	int32_t		n = st->request.n;
	int32_t		p = st->provider.n;

	/* what was asked for beyond the edges that came is given back */
	if (st->n_edge < st->edge_room && !edges_resize(st, st->n_edge + 1))
		return false;
	if (!community_assign_keys_sort(st, &st->request, &row_rank) ||
		!community_assign_keys_sort(st, &st->provider, &col_rank) ||
		!side_sort(st, &st->request_cap, sizeof(int32_t), row_rank, n,
				   st->request.room) ||
		!side_sort(st, &st->provider_cap, sizeof(int32_t), col_rank, p,
				   st->provider.room) ||
		(st->optional &&
		 !side_sort(st, &st->unmatched, sizeof(double), row_rank, n,
					st->request.room)) ||
		!edges_rank(st, row_rank, col_rank))
		return false;
	community_assign_resize(st, row_rank,
							row_rank ? (size_t) n * sizeof(int32_t) : 0, 0);
	community_assign_resize(st, col_rank,
							col_rank ? (size_t) p * sizeof(int32_t) : 0, 0);
	return community_assign_pause(st);
}

/* Find the best assignment of the edges taken so far; once. */
bool
community_assign_solve(AssignState *st)
{
	if (st->status != ASSIGN_OK || !community_assign_order(st) ||
		!choose_scale(st) || (!st->grouped && !edges_group(st)))
		return false;
	if (st->wide)
		return community_assign_wide(st);
	return community_assign_narrow(st);
}

/* Write the used edges of the tight subgraph as the answer, in key order. */
bool
community_assign_collect(AssignState *st, AssignTight *t)
{
	size_t		n_used = 0;

	for (size_t e = 0; e < t->start[t->n]; e++)
	{
		n_used += t->used[e] != 0;
		if (!community_assign_turn(st, e, 1))
			return false;
	}
	st->pair = community_assign_resize(st, NULL, 0,
									   (n_used + 1) * sizeof(AssignPair));
	if (st->pair == NULL)
		return false;
	for (int32_t i = 0; i < t->n; i++)
	{
		for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
			if (t->used[e])
			{
				AssignPair *pair = &st->pair[st->n_pair++];
				double		cost = community_assign_given(st, i, t->edge[e]);

				pair->request = st->request.key[i];
				pair->provider = st->provider.key[t->col[e]];
				pair->cost = st->maximize ? 0 - cost : cost;
			}
		if (!community_assign_step(st, (t->start[i + 1] - t->start[i]) * 2 + 4))
			return false;
	}
	return true;
}

/* Give the duals of one side in order of keys; the number of them. */
size_t
community_assign_duals(AssignState *st, bool providers, AssignDual *out)
{
	AssignKeys *k = providers ? &st->provider : &st->request;
	size_t		at = providers ? (size_t) st->request.n : 0;

	for (int32_t i = 0; i < k->n; i++)
	{
		__int128	w = st->wide_dual ? st->wide_dual[at + i] :
		st->u64[at + i];
		__int128	big = st->wide_dual ? (__int128) 1 << 80 : st->big64;
		__int128	n = 0;

		if (big > 0)
		{
			n = (w >= 0 ? w + big / 2 : w - big / 2) / big;
			w -= n * big;
		}
		out[i].key = k->key[i];
		out[i].big = (int32_t) n;
		out[i].value = ldexp((double) w, -st->scale);
	}
	return (size_t) k->n;
}
