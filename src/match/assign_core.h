/*
 * assign_core.h
 *		Assignment of requests to providers over candidate edges.
 *
 * This part knows nothing of the server: it takes memory and pauses through
 * the callbacks of AssignHost and answers with an AssignStatus.
 */
#ifndef COMMUNITY_ASSIGN_CORE_H
#define COMMUNITY_ASSIGN_CORE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum AssignStatus
{
	ASSIGN_OK,
	ASSIGN_STOPPED,				/* the pause callback asked to stop */
	ASSIGN_LIMIT,				/* the memory limit would be exceeded */
	ASSIGN_NO_MEMORY,			/* the host has no memory left */
	ASSIGN_TOO_MANY,			/* more edges or keys than an index can count */
	ASSIGN_NAN,					/* a cost is not a number */
	ASSIGN_INFINITE,			/* a cost is infinite on the forbidden side */
	ASSIGN_RANGE,				/* |cost| * (requests + 1) >= 2^62 */
	ASSIGN_CAPACITY,			/* a capacity is negative */
	ASSIGN_CAPACITY_DIFFERS,	/* one provider came with two capacities */
	ASSIGN_REQUEST_DIFFERS,		/* one request came with two capacities */
	ASSIGN_UNMATCHED_DIFFERS	/* one request came with two unmatched costs */
} AssignStatus;

/*
 * What the host lends to the core.  The host takes all memory back at once
 * when it is done with a state, so the core frees only what is large.
 */
typedef struct AssignHost
{
	void	   *arg;			/* passed to both callbacks */
	void	   *(*resize) (void *arg, void *p, size_t size);	/* size 0 frees */
	bool		(*pause) (void *arg);	/* true asks the core to stop */
	size_t		limit;			/* bytes the core may hold at a time */
} AssignHost;

/* A host's memory need not be aligned beyond 8 bytes. */
typedef __int128 AssignWide __attribute__((aligned(8)));

/* One candidate edge as it is kept: indexes are in order of arrival, from
 * prepare on in order of keys. */
typedef struct AssignEdge
{
	double		cost;			/* as given, negated when maximizing */
	int32_t		row;			/* index of the request */
	int32_t		col;			/* index of the provider */
} AssignEdge;

/* An edge as the narrow solver keeps it, in the same place. */
typedef struct AssignArc
{
	int64_t		cost;			/* in units of 2^-scale */
	int32_t		col;
	uint32_t	edge;			/* counted from the first of its row, as given */
} AssignArc;

/* One pair of the answer. */
typedef struct AssignPair
{
	int64_t		request;
	int64_t		provider;
	double		cost;
} AssignPair;

/* One dual variable: big counts unmatched units, value is in units of cost. */
typedef struct AssignDual
{
	int64_t		key;
	int32_t		big;
	double		value;
} AssignDual;

/* A set of keys with an index for each, in order of arrival. */
typedef struct AssignKeys
{
	int64_t    *key;			/* key of each index */
	int32_t		n;
	int32_t		room;
	int32_t    *window;			/* index of key - base, -1 when there is none */
	uint64_t	base;
	uint64_t	width;
	struct AssignSlot *slot;	/* the other keys: open addressing */
	uint32_t	mask;
	int32_t		n_hashed;
	int32_t		last;			/* index of the key last found in the table */
} AssignKeys;

typedef struct AssignState
{
	AssignHost	host;
	size_t		bytes;			/* bytes held now */
	size_t		work;			/* steps since the last pause */
	AssignStatus status;		/* first failure */
	int64_t		bad_key;		/* key the failure is about */
	bool		maximize;		/* costs are scores */
	bool		optional;		/* requests have a cost of staying unmatched */
	bool		stable;			/* edges have a second rank */
	int32_t		same_cap;		/* capacity of all providers, -1 when they differ */
	bool		closed;			/* some key has no capacity */
	bool wide;					/* solve in 128 bits, with request capacities */
	int			patience;		/* scans of all arcs before the auction */
	AssignKeys	request;
	AssignKeys	provider;
	AssignEdge *edge;			/* until the narrow solver makes arcs of them */
	AssignArc  *arc;
	double	   *given;			/* costs of the arcs where units do not tell */
	double	   *second;			/* by edge, the provider's rank of the request */
	size_t		n_edge;
	size_t		edge_room;
	int32_t    *request_cap;	/* by request */
	int32_t    *provider_cap;	/* by provider */
	double	   *unmatched;		/* by request, only when optional */
	/* from prepare on */
	size_t	   *start;			/* first edge of each request, one more */
	bool		grouped;		/* the edges came by request */
	double		greatest;		/* |cost| */
	int			scale;			/* costs are counted in units of 2^-scale */
	double		factor;			/* 2^scale */
	double		unit;			/* 2^-scale */
	int64_t		max_cost;		/* greatest |cost| after scaling */
	/* from solve on */
	AssignPair *pair;
	size_t		n_pair;
	int64_t    *u64;			/* duals, requests then providers */
	int64_t		big64;			/* what an unmatched unit costs in u64 */
	AssignWide *wide_dual;		/* duals of the wide solver */
} AssignState;

/* States of a tight edge besides 0. */
#define ASSIGN_USED 1			/* in the assignment, and may leave it */
#define ASSIGN_FORCED 2			/* in every optimal assignment */

/* A tight subgraph, over which ties are broken (assign_tie.c). */
typedef struct AssignTight
{
	int32_t		n;				/* requests */
	int32_t		p;				/* providers */
	size_t	   *start;			/* first tight edge of each request, one more */
	int32_t    *col;			/* ascending within a request */
	uint32_t   *edge;			/* edge, counted from the request's start */
	uint8_t    *used;			/* 0, ASSIGN_USED or ASSIGN_FORCED */
	int32_t    *unmatched;		/* units of each request left unmatched */
	uint8_t    *may_leave;		/* may the request leave a unit unmatched */
	int32_t    *free;			/* free slots of each provider */
	int32_t    *taken;			/* slots taken, by tight or fixed edges */
	uint8_t    *may_empty;		/* may the provider lose a unit */
} AssignTight;

extern void community_assign_init(AssignState *st, const AssignHost *host,
								  bool maximize, bool optional);
extern bool community_assign_add(AssignState *st, int64_t request,
								 int64_t provider, double cost,
								 int32_t capacity, int32_t request_capacity,
								 double unmatched);
extern bool community_assign_add_ranks(AssignState *st, int64_t request,
									   int64_t provider, double request_rank,
									   double provider_rank, int32_t capacity,
									   int32_t request_capacity);
extern bool community_assign_solve(AssignState *st);
extern bool community_stable_solve(AssignState *st);
extern size_t community_assign_duals(AssignState *st, bool providers,
									 AssignDual *out);

/* Shared by the files of the core. */
extern void *community_assign_resize(AssignState *st, void *p, size_t old_size,
									 size_t new_size);
extern bool community_assign_fail(AssignState *st, AssignStatus status,
								  int64_t key);
extern bool community_assign_pause(AssignState *st);
extern int32_t community_assign_keys_hashed(const AssignKeys *k, int64_t key);
extern int32_t community_assign_keys_append(AssignState *st, AssignKeys *k,
											int64_t key);
extern bool community_assign_keys_sort(AssignState *st, AssignKeys *k,
									   int32_t **rank);
extern bool community_assign_order(AssignState *st);
extern double community_assign_given(const AssignState *st, int32_t row,
									 uint32_t at);
extern bool community_assign_narrow(AssignState *st);
extern bool community_assign_wide(AssignState *st);
extern bool community_assign_tie(AssignState *st, AssignTight *t);
extern bool community_assign_collect(AssignState *st, AssignTight *t);

/* Count steps of work; false when the host asked to stop. */
static inline bool
community_assign_step(AssignState *st, size_t steps)
{
	st->work += steps;
	return st->work < 200000 || community_assign_pause(st);
}

/* The same within a loop over i, once in 65536 turns; weight is of one turn. */
static inline bool
community_assign_turn(AssignState *st, size_t i, size_t weight)
{
	return (i & 0xFFFF) != 0xFFFF || community_assign_step(st, weight << 16);
}

/* Find the index of a key; -1 when it is new. */
static inline int32_t
community_assign_keys_find(AssignKeys *k, int64_t key)
{
	uint64_t	at = (uint64_t) key - k->base;
	int32_t		index;

	if (at < k->width)
		return k->window[at];
	if (k->last >= 0 && k->key[k->last] == key)
		return k->last;
	index = community_assign_keys_hashed(k, key);
	if (index >= 0)
		k->last = index;
	return index;
}

/* The end of the steps from one on that go without counting. */
static inline size_t
community_assign_chunk(size_t from, size_t n)
{
	return n - from > 65536 ? from + 65536 : n;
}

/* Scale a cost to an integer, halves to the even side. */
static inline int64_t
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

#endif							/* COMMUNITY_ASSIGN_CORE_H */
