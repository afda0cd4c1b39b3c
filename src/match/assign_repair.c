/*
 * assign_repair.c
 *		Fill, or bring to price zero, the columns an auction left with a price
 *		and a free slot.
 *
 * Such a column wants a row.  The search runs backward from it, over the rows
 * that might move into it and the columns those would leave, to a row that is
 * unmatched or a column that may lose one; when nothing is nearer than the
 * column's own price, that price falls to zero instead.
 */
#include "match/assign_narrow.h"

#include <string.h>

typedef struct Back
{
	int32_t		row;
	uint32_t	arc;			/* counted from the row's first arc */
} Back;

typedef struct Repair
{
	Narrow	   *s;
	size_t	   *start;			/* first entry of each column, one more */
	Back	   *back;
	int32_t    *next_col;		/* the column a path goes on to */
	int32_t    *next_row;		/* and the row that moves there */
	int64_t    *next_cost;		/* at this cost */
	HeapItem   *heap;
	size_t		n_heap;
	size_t		heap_room;
} Repair;

/* List the edges of each column. */
static bool
index_columns(Repair *x)
{
	Narrow	   *s = x->s;
	AssignState *st = s->st;
	size_t		p = (size_t) s->p;

	x->start = community_assign_resize(st, NULL, 0, (p + 2) * sizeof(size_t));
	x->back = community_assign_resize(st, NULL, 0,
									  (st->n_edge + 1) * sizeof(Back));
	x->next_col = community_assign_resize(st, NULL, 0, p * sizeof(int32_t));
	x->next_row = community_assign_resize(st, NULL, 0, p * sizeof(int32_t));
	x->next_cost = community_assign_resize(st, NULL, 0, p * sizeof(int64_t));
	if (st->status != ASSIGN_OK)
		return false;
	memset(x->start, 0, (p + 2) * sizeof(size_t));
	for (size_t e = 0; e < st->n_edge; e++)
	{
		x->start[s->arc[e].col + 2]++;
		if (!community_assign_turn(st, e, 1))
			return false;
	}
	for (size_t j = 1; j <= p; j++)
	{
		x->start[j + 1] += x->start[j];
		if (!community_assign_turn(st, j, 1))
			return false;
	}
	for (int32_t i = 0; i < s->n; i++)
	{
		for (size_t e = st->start[i]; e < st->start[i + 1]; e++)
		{
			Back	   *b = &x->back[x->start[s->arc[e].col + 1]++];

			b->row = i;
			b->arc = (uint32_t) (e - st->start[i]);
		}
		if (!community_assign_step(st, (st->start[i + 1] - st->start[i]) * 2))
			return false;
	}
	return true;
}

/* Reach a column at a distance. */
static bool
push(Repair *x, int64_t dist, int32_t col)
{
	size_t		at = x->n_heap;

	if (at == x->heap_room)
	{
		size_t		room = x->heap_room * 2 + 64;
		HeapItem   *heap = community_assign_resize(x->s->st, x->heap,
												   x->heap_room * sizeof(HeapItem),
												   room * sizeof(HeapItem));

		if (heap == NULL)
			return false;
		x->heap = heap;
		x->heap_room = room;
	}
	x->n_heap++;
	for (; at > 0 && x->heap[(at - 1) / 2].dist > dist; at = (at - 1) / 2)
		x->heap[at] = x->heap[(at - 1) / 2];
	x->heap[at].dist = dist;
	x->heap[at].col = col;
	return true;
}

/* Take the nearest column off the heap, which is not empty. */
static HeapItem
pop(Repair *x)
{
	HeapItem	item = x->heap[0];
	HeapItem	hold = x->heap[--x->n_heap];
	size_t		at = 0;

	for (;;)
	{
		size_t		child = 2 * at + 1;

		if (child >= x->n_heap)
			break;
		if (child + 1 < x->n_heap &&
			x->heap[child + 1].dist < x->heap[child].dist)
			child++;
		if (hold.dist <= x->heap[child].dist)
			break;
		x->heap[at] = x->heap[child];
		at = child;
	}
	x->heap[at] = hold;
	return item;
}

/* Move a row into a free slot of a column. */
static void
settle(Narrow *s, int32_t row, int32_t col, int64_t cost)
{
	Place	   *c = &s->place[col];
	int32_t		slot = c->slot + c->used++;

	s->slot_row[slot] = row;
	s->row[row].mate = slot;
	s->row[row].mate_cost = cost;
}

/* Take a row out of its column. */
static void
unsettle(Narrow *s, int32_t row)
{
	int32_t		slot = s->row[row].mate;
	Place	   *c = &s->place[s->slot_col[slot]];
	int32_t		last = s->slot_row[c->slot + --c->used];

	s->slot_row[slot] = last;
	s->row[last].mate = slot;
	s->row[row].mate = NONE;
}

/* Bring one unit to a column that wants it, or its price to zero. */
static bool
repair(Repair *x, int32_t source)
{
	Narrow	   *s = x->s;
	AssignState *st = s->st;
	int64_t		bound = -s->column[source].price;
	int32_t		end_col = NONE; /* the column that loses a unit, or */
	int32_t		end_row = NONE; /* the unmatched row */
	int32_t		end_into = NONE;	/* which moves into this column */
	int64_t		end_cost = 0;
	int32_t		n_touched = 0;

	x->n_heap = 0;
	s->column[source].dist = 0;
	s->touched[n_touched++] = source;
	if (!push(x, 0, source))
		return false;
	while (x->n_heap > 0)
	{
		HeapItem	item = pop(x);
		int64_t		price = s->column[item.col].price;

		if (item.dist >= bound)
			break;
		if (item.dist > s->column[item.col].dist)
			continue;
		for (size_t k = x->start[item.col]; k < x->start[item.col + 1]; k++)
		{
			Row		   *r = &s->row[x->back[k].row];
			int64_t		cost = s->arc[r->first + x->back[k].arc].cost;
			int64_t		dist = item.dist + cost - price;
			Column	   *c;
			int32_t		col;

			if (r->mate == NONE)
			{
				dist -= r->leave;
				if (dist < bound)
				{
					bound = dist;
					end_col = NONE;
					end_row = x->back[k].row;
					end_into = item.col;
					end_cost = cost;
				}
				continue;
			}
			col = s->slot_col[r->mate];
			c = &s->column[col];
			dist -= r->mate_cost - c->price;
			if (col == item.col || dist >= bound || dist >= c->dist)
				continue;
			if (c->dist == FAR)
				s->touched[n_touched++] = col;
			c->dist = dist;
			x->next_col[col] = item.col;
			x->next_row[col] = x->back[k].row;
			x->next_cost[col] = cost;
			if (dist - c->price < bound)
			{
				bound = dist - c->price;
				end_col = col;
				end_row = NONE;
			}
			if (!push(x, dist, col))
				return false;
		}
		if (!community_assign_step(st, (x->start[item.col + 1] - x->start[item.col]) * 4))
			return false;
	}
	for (int32_t k = 0; k < n_touched; k++)
	{
		Column	   *c = &s->column[s->touched[k]];

		if (c->dist < bound)
			c->price += bound - c->dist;
		c->dist = FAR;
	}
	if (end_col != NONE)
	{
		end_row = x->next_row[end_col];
		end_cost = x->next_cost[end_col];
		end_into = x->next_col[end_col];
		unsettle(s, end_row);
	}
	/* each column on the way gives up its row before it takes the one coming */
	while (end_row != NONE)
	{
		int32_t		row = NONE;
		int64_t		cost = 0;
		int32_t		into = NONE;

		if (end_into != source)
		{
			row = x->next_row[end_into];
			cost = x->next_cost[end_into];
			into = x->next_col[end_into];
			unsettle(s, row);
		}
		settle(s, end_row, end_into, end_cost);
		end_row = row;
		end_cost = cost;
		end_into = into;
	}
	return true;
}

/* Repair all columns that have both a price and a free slot. */
bool
community_assign_repair(Narrow *s)
{
	Repair		x = {.s = s};

	for (int32_t j = 0; j < s->p; j++)
		while (s->column[j].price < 0 && s->place[j].used < s->place[j].size)
		{
			if (x.start == NULL && !index_columns(&x))
				return false;
			if (!repair(&x, j))
				return false;
		}
	return true;
}
