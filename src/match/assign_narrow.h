/*
 * assign_narrow.h
 *		What the files of the narrow solver share.
 */
#ifndef COMMUNITY_ASSIGN_NARROW_H
#define COMMUNITY_ASSIGN_NARROW_H

#include "match/assign_core.h"

#define NONE (-1)
#define FAR (INT64_MAX / 2)
/* Phases of the auction, found by measuring. */
#define EPS_FIRST 2				/* first epsilon: this times the costs' spread */
#define EPS_DIVIDE 10
#define EPS_PHASES 5
#define EPS_BIDS 30				/* bids a row and phase, at most */
#define EPS_CEILING 15			/* cost of staying over: this times the range */
#ifndef SHORT_LIST
#define SHORT_LIST 32			/* arcs of a long row that are sorted at first */
#endif

typedef struct HeapItem
{
	int64_t		dist;
	int32_t		col;
} HeapItem;

/* What scans read of a column, four to a cache line. */
typedef struct Column
{
	int64_t		price;			/* v, at most 0 */
	int64_t		dist;			/* in the search, FAR when not reached */
} Column;

/* What is in a column, and how a search came to it. */
typedef struct Place
{
	int32_t		slot;			/* its first slot */
	int32_t		size;			/* number of its slots */
	int32_t		used;			/* slots taken */
	int32_t		pred;			/* row from which it was reached */
	int64_t		pred_cost;		/* over an arc of this cost */
} Place;

/* A row, two to a cache line. */
typedef struct Row
{
	size_t		first;			/* its first arc */
	uint32_t	length;			/* arcs in order */
	int32_t		mate;			/* slot or NONE */
	int64_t		mate_cost;		/* cost of the arc to it */
	int64_t		leave;			/* cost of leaving the row unmatched */
} Row;

typedef struct Narrow
{
	AssignState *st;
	int32_t		n;
	int32_t		p;
	AssignArc  *arc;			/* by row, the first of each in order of cost */
	bool		partial;		/* are rows not in order as a whole */
	AssignArc  *spare;			/* room to sort */
	size_t		spare_room;
	AssignArc  *line;			/* tight arcs of one row */
	size_t		line_room;
	/* the assignment */
	Row		   *row;
	Column	   *column;
	Place	   *place;			/* by column */
	int64_t    *level;			/* lowest price at which a row is content */
	int32_t    *slot_col;		/* column of each slot */
	int32_t    *slot_row;		/* row in each slot */
	int64_t		top;			/* no column has a greater price */
	int32_t		n_free_slot;	/* in all columns */
	int64_t		least;			/* range of the costs brought into order */
	int64_t		most;
	int64_t		spread;			/* how far fifth choices are from first ones */
	size_t		searched;		/* arcs scanned by searches */
	/* the search */
	int32_t    *touched;		/* columns reached */
	int32_t		n_touched;
	int32_t    *done;			/* columns whose distance is final */
	int32_t		n_done;
	int32_t    *ready;			/* columns at the current distance */
	int32_t		n_ready;
	HeapItem   *heap;
	size_t		n_heap;
	size_t		heap_room;
} Narrow;

/* Does a row have arcs beyond those in order? */
static inline bool
list_is_short(const Narrow *s, int32_t row)
{
	return s->row[row].length < s->st->start[row + 1] - s->st->start[row];
}

extern bool community_assign_arcs_front(Narrow *s, AssignArc *a, size_t n,
										size_t want);
extern bool community_assign_lists(Narrow *s);
extern bool community_assign_list_grow(Narrow *s, int32_t row);
extern bool community_assign_reduce(Narrow *s, int32_t *queue, int32_t *n_queue);
extern bool community_assign_scaling(Narrow *s, int32_t *queue,
									 int32_t *n_queue);
extern bool community_assign_repair(Narrow *s);
extern bool community_assign_tighten(Narrow *s, AssignTight *t);

#endif							/* COMMUNITY_ASSIGN_NARROW_H */
