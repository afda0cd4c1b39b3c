/*
 * assign_auction.c
 *		Bids of rows for columns: row reduction, and scaling of epsilon.
 *
 * Row reduction bids without epsilon and keeps complementary slackness exact
 * (Jonker and Volgenant 1987).  Where paths would be long, phases of an
 * auction with falling epsilon (Bertsekas 1988) find prices that are nearly
 * right; what they leave is made exact again by setting free all rows that do
 * not hold their best column.
 */
#include "match/assign_narrow.h"

/* Restore the order of a full column's slots below one: highest level first. */
static void
slot_sift(Narrow *s, int32_t col, int32_t at)
{
	int32_t    *row = s->slot_row + s->place[col].slot;
	int32_t		n = s->place[col].used;
	int32_t		hold = row[at];

	for (;;)
	{
		int32_t		child = 2 * at + 1;

		if (child >= n)
			break;
		if (child + 1 < n && s->level[row[child]] < s->level[row[child + 1]])
			child++;
		if (s->level[hold] >= s->level[row[child]])
			break;
		row[at] = row[child];
		s->row[row[at]].mate = s->place[col].slot + at;
		at = child;
	}
	row[at] = hold;
	s->row[hold].mate = s->place[col].slot + at;
}

/*
 * Let a row bid for its best column.  The price falls to the level at which
 * the least content row in the column would rather go elsewhere, and by
 * epsilon beyond; a row that has to give way is returned in *evicted.
 */
static bool
bid(Narrow *s, int32_t row, int64_t epsilon, int32_t *evicted, bool *lowered)
{
	int64_t		best = s->row[row].leave + 1;
	int64_t		second = best;
	int32_t		col = NONE;
	int32_t		other = NONE;
	int64_t		cost = 0;
	int64_t		other_cost = 0;
	uint32_t	at = 0;
	int64_t		old_price;
	Place	   *place;

	*evicted = NONE;
	*lowered = false;
	for (;;)
	{
		const AssignArc *a = s->arc + s->row[row].first;
		uint32_t	n = s->row[row].length;
		uint32_t	stop = (uint32_t) community_assign_chunk(at, n);

		for (; at < stop; at++)
		{
			int64_t		r;

			if (a[at].cost - s->top >= second)
				break;
			r = a[at].cost - s->column[a[at].col].price;
			if (r >= second || a[at].col == col)
				continue;
			if (r < best)
			{
				second = best;
				other = col;
				other_cost = cost;
				best = r;
				col = a[at].col;
				cost = a[at].cost;
			}
			else
			{
				second = r;
				other = a[at].col;
				other_cost = a[at].cost;
			}
		}
		if (at < stop || (at == n && !list_is_short(s, row)))
			break;
		if (at < n ? !community_assign_step(s->st, stop) :
			!community_assign_list_grow(s, row))
			return false;
	}
	if (!community_assign_step(s->st, (at & 0xFFFF) + 8))
		return false;
	if (col == NONE)
		return true;			/* better unmatched */
	if (other == NONE)
		second = s->row[row].leave;

	/* of two equal columns take the one that has a free slot */
	if (best == second && other != NONE &&
		s->place[col].used == s->place[col].size &&
		s->place[other].used < s->place[other].size)
	{
		col = other;
		cost = other_cost;
	}
	place = &s->place[col];
	s->row[row].mate_cost = cost;
	s->level[row] = cost - second - epsilon;
	old_price = s->column[col].price;
	if (place->used < place->size)
	{
		int32_t		slot = place->slot + place->used++;

		s->slot_row[slot] = row;
		s->row[row].mate = slot;
		s->n_free_slot--;
		if (place->used < place->size)
			return true;
		for (int32_t i = place->used / 2; i-- > 0;)
			slot_sift(s, col, i);
	}
	else
	{
		*evicted = s->slot_row[place->slot];
		s->row[*evicted].mate = NONE;
		s->slot_row[place->slot] = row;
		s->row[row].mate = place->slot;
		if (place->size > 1)
			slot_sift(s, col, 0);
	}
	/* a level may be stale, that is higher than need be, but never too low */
	s->column[col].price = s->level[s->slot_row[place->slot]];
	*lowered = s->column[col].price < old_price;
	return true;
}

/* Augmenting row reduction: bids until the budget or the bidders run out. */
bool
community_assign_reduce(Narrow *s, int32_t *queue, int32_t *n_queue)
{
	int32_t		n = *n_queue;

	for (int pass = 0; pass < 2 && n > 0; pass++)
	{
		int32_t		left = 0;
		int64_t		budget = (int64_t) n * 3 + 1000;

		for (int32_t q = 0; q < n; q++)
		{
			int32_t		row = queue[q];

			while (row != NONE)
			{
				int32_t		evicted;
				bool		lowered;

				if (!bid(s, row, 0, &evicted, &lowered))
					return false;
				budget--;
				if (evicted != NONE && (!lowered || budget < 0))
				{
					queue[left++] = evicted;
					evicted = NONE;
				}
				row = evicted;
			}
		}
		n = left;
	}
	*n_queue = n;
	return true;
}


/*
 * Set free the rows that are farther than epsilon from their best column, and
 * list all free rows.
 */
static bool
set_free(Narrow *s, int64_t epsilon, int32_t *queue, int32_t *n_queue)
{
	int32_t		n = 0;

	for (int32_t i = 0; i < s->n; i++)
	{
		Row		   *r = &s->row[i];
		int64_t		best = r->leave;
		uint32_t	at = 0;

		if (r->mate == NONE)
			continue;
		for (;;)
		{
			uint32_t	stop = (uint32_t) community_assign_chunk(at, r->length);

			for (; at < stop; at++)
			{
				const AssignArc *a = s->arc + r->first + at;
				int64_t		u;

				if (a->cost - s->top >= best)
					break;
				u = a->cost - s->column[a->col].price;
				if (u < best)
					best = u;
			}
			if (at < stop || (at == r->length && !list_is_short(s, i)))
				break;
			if (at < r->length ? !community_assign_step(s->st, stop) :
				!community_assign_list_grow(s, i))
				return false;
		}
		if (!community_assign_step(s->st, (at & 0xFFFF) + 4))
			return false;
		if (r->mate_cost - s->column[s->slot_col[r->mate]].price > best + epsilon)
			r->mate = NONE;
	}
	for (int32_t j = 0; j < s->p; j++)
	{
		Place	   *c = &s->place[j];
		int32_t		kept = 0;

		for (int32_t k = c->slot; k < c->slot + c->used; k++)
		{
			int32_t		row = s->slot_row[k];

			if (s->row[row].mate == NONE)
				continue;
			s->slot_row[c->slot + kept] = row;
			s->row[row].mate = c->slot + kept++;
			/* content at this price, which is all that is known */
			s->level[row] = s->column[j].price;
		}
		if (!community_assign_step(s->st, (size_t) c->used + 1))
			return false;
		s->n_free_slot += c->used - kept;
		c->used = kept;
	}
	for (int32_t i = 0; i < s->n; i++)
		if (s->row[i].mate == NONE)
			queue[n++] = i;
	*n_queue = n;
	return true;
}

/*
 * Start over with phases of an auction.  The rows left are listed; the state
 * is exact but for columns with a price and a free slot.
 */
bool
community_assign_scaling(Narrow *s, int32_t *queue, int32_t *n_queue)
{
	int64_t		epsilon = s->spread * EPS_FIRST + 1;

	for (int32_t i = 0; i < s->n; i++)
		s->row[i].mate = NONE;
	for (int32_t j = 0; j < s->p; j++)
		s->column[j].price = 0;
	s->top = 0;
	if (!set_free(s, 0, queue, n_queue))
		return false;
	for (int phase = 0; phase < EPS_PHASES; phase++)
	{
		int64_t		budget = (int64_t) s->n * EPS_BIDS;
		int32_t		n;

		if (phase > 0 && !set_free(s, epsilon, queue, n_queue))
			return false;
		n = *n_queue;
		while (n > 0 && budget > 0)
		{
			int32_t		left = 0;

			for (int32_t q = 0; q < n; q++)
			{
				int32_t		evicted;
				bool		lowered;

				if (!bid(s, queue[q], epsilon, &evicted, &lowered))
					return false;
				if (evicted != NONE)
					queue[left++] = evicted;
			}
			budget -= n;
			n = left;
		}
		epsilon = epsilon / EPS_DIVIDE + 1;
	}
	return set_free(s, 0, queue, n_queue);
}
