/*
 * assign_core.c
 *		Collect candidate edges, order and scale them, hand out the answer.
 */
#include "match/assign_core.h"

#include <math.h>
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
	bool		is_new;
	int32_t		i = community_assign_keys_index(st, k, key, &is_new);

	if (i < 0)
		return -1;
	if (!is_new)
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
	if (capacity != 1)
		st->wide = true;
	if (st->optional)
		st->unmatched[k->n] = unmatched;
	return community_assign_keys_append(st, k, key, i);
}

/* Find or add a provider with its capacity. */
static int32_t
provider_index(AssignState *st, int64_t key, int32_t capacity)
{
	AssignKeys *k = &st->provider;
	bool		is_new;
	int32_t		j = community_assign_keys_index(st, k, key, &is_new);

	if (j < 0)
		return -1;
	if (!is_new)
	{
		if (st->provider_cap[j] != capacity)
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
	return community_assign_keys_append(st, k, key, j);
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
		cost = -cost;
		unmatched = -unmatched;
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
	if (st->n_edge == st->edge_room)
	{
		size_t		room = st->edge_room ? st->edge_room + st->edge_room / 2 : 64;

		if (st->n_edge >= INT32_MAX)
			return community_assign_fail(st, ASSIGN_TOO_MANY, request);
		e = community_assign_resize(st, st->edge,
									st->edge_room * sizeof(AssignEdge),
									room * sizeof(AssignEdge));
		if (e == NULL)
			return false;
		st->edge = e;
		if (st->stable &&
			!side_grow(st, &st->second, sizeof(double), st->edge_room, room))
			return false;
		st->edge_room = room;
	}
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
		memcpy(q + width * (size_t) rank[i], *p + width * (size_t) i, width);
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
	size_t	   *start;
	size_t	   *next;
	bool		sorted = true;

	start = community_assign_resize(st, NULL, 0,
									((size_t) n + 1) * sizeof(size_t));
	if (start == NULL)
		return false;
	st->start = start;
	memset(start, 0, ((size_t) n + 1) * sizeof(size_t));
	for (size_t e = 0; e < st->n_edge; e++)
	{
		start[edge[e].row + 1]++;
		sorted &= e == 0 || edge[e - 1].row <= edge[e].row;
	}
	for (int32_t i = 0; i < n; i++)
		start[i + 1] += start[i];
	if (sorted)
		return true;
	next = community_assign_resize(st, NULL, 0, ((size_t) n + 1) * sizeof(size_t));
	if (next == NULL)
		return false;
	memcpy(next, start, ((size_t) n + 1) * sizeof(size_t));
	for (int32_t i = 0; i < n; i++)
	{
		while (next[i] < start[i + 1])
		{
			AssignEdge	hold = edge[next[i]];

			while (hold.row != i)
			{
				size_t		to = next[hold.row]++;
				AssignEdge	other = edge[to];

				edge[to] = hold;
				hold = other;
			}
			edge[next[i]++] = hold;
		}
		if (!community_assign_step(st, start[i + 1] - start[i]))
			return false;
	}
	community_assign_resize(st, next, ((size_t) n + 1) * sizeof(size_t), 0);
	return true;
}

/* Scale a cost to an integer, halves to the even side. */
int64_t
community_assign_scaled(const AssignState *st, double cost)
{
	double		x = cost * st->factor;

	/* below 2^51 the sum with 1.5 * 2^52 rounds as rint() does, only faster */
	if (x < 2251799813685248.0 && x > -2251799813685248.0)
	{
		union
		{
			double		d;
			int64_t		i;
		}			sum;

		sum.d = x + 6755399441055744.0;
		return sum.i - INT64_C(0x4338000000000000);
	}
	return (int64_t) rint(x);
}

/*
 * Choose the scale: as fine as fits, never coarser than one.  The narrow
 * solver leaves room for sums of potentials, so it takes products below 2^55;
 * what is greater goes to the wide one, up to the bound of 2^62.
 */
static bool
choose_scale(AssignState *st)
{
	double		max = 0;
	uint64_t	rows = (uint64_t) st->request.n + 1;
	int			exponent;
	int			bits = 0;

	for (size_t e = 0; e < st->n_edge; e++)
	{
		double		c = fabs(st->edge[e].cost);

		max = c > max ? c : max;
	}
	for (int32_t i = 0; st->optional && i < st->request.n; i++)
	{
		double		c = fabs(st->unmatched[i]);

		max = c > max ? c : max;
	}
	st->scale = 0;
	st->factor = 1;
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
	st->max_cost = (int64_t) rint(max * st->factor);
	return true;
}

/* Order the keys, name the edges by rank, drop the edges of closed keys. */
bool
community_assign_order(AssignState *st)
{
	int32_t    *row_rank,
			   *col_rank;
	int32_t		n = st->request.n;
	int32_t		p = st->provider.n;
	size_t		kept = 0;

	if (!community_assign_keys_sort(st, &st->request, &row_rank) ||
		!community_assign_keys_sort(st, &st->provider, &col_rank))
		return false;
	if (!side_sort(st, &st->request_cap, sizeof(int32_t), row_rank, n,
				   st->request.room) ||
		!side_sort(st, &st->provider_cap, sizeof(int32_t), col_rank, p,
				   st->provider.room) ||
		(st->optional &&
		 !side_sort(st, &st->unmatched, sizeof(double), row_rank, n,
					st->request.room)))
		return false;
	for (size_t e = 0; e < st->n_edge; e++)
	{
		AssignEdge	edge = st->edge[e];

		if (row_rank)
			edge.row = row_rank[edge.row];
		if (col_rank)
			edge.col = col_rank[edge.col];
		if (st->request_cap[edge.row] == 0 || st->provider_cap[edge.col] == 0)
			continue;
		if (st->stable)
			st->second[kept] = st->second[e];
		st->edge[kept++] = edge;
	}
	st->n_edge = kept;
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
		!edges_group(st) || !choose_scale(st))
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
		n_used += t->used[e] != 0;
	st->pair = community_assign_resize(st, NULL, 0,
									   (n_used + 1) * sizeof(AssignPair));
	if (st->pair == NULL)
		return false;
	for (int32_t i = 0; i < t->n; i++)
		for (size_t e = t->start[i]; e < t->start[i + 1]; e++)
			if (t->used[e])
			{
				AssignPair *pair = &st->pair[st->n_pair++];
				double		cost = st->edge[st->start[i] + t->edge[e]].cost;

				pair->request = st->request.key[i];
				pair->provider = st->provider.key[t->col[e]];
				pair->cost = st->maximize ? 0 - cost : cost;
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
