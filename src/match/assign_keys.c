/*
 * assign_keys.c
 *		Sets of keys with an index for each.
 *
 * Keys that stand close together, as those of a sequence do, are looked up in
 * a window, an array by key; all others in a hash table.
 */
#include "match/assign_core.h"

#include <string.h>

typedef struct AssignSlot
{
	int64_t		key;
	int32_t		index;			/* -1 when the slot is empty */
} AssignSlot;

/* Mix all bits of a key. */
static inline uint32_t
key_hash(int64_t key)
{
	uint64_t	h = (uint64_t) key;

	h ^= h >> 32;
	h *= UINT64_C(0x9E3779B97F4A7C15);
	h ^= h >> 29;
	h *= UINT64_C(0xBF58476D1CE4E5B9);
	return (uint32_t) (h >> 32);
}

/* The slot of a key in the hash table, or the free one where it would be. */
static inline AssignSlot *
key_slot(const AssignKeys *k, int64_t key)
{
	uint32_t	at = key_hash(key) & k->mask;

	while (k->slot[at].index >= 0 && k->slot[at].key != key)
		at = (at + 1) & k->mask;
	return &k->slot[at];
}

/* Look a key up in the hash table; -1 when it is not there. */
int32_t
community_assign_keys_hashed(const AssignKeys *k, int64_t key)
{
	return k->slot ? key_slot(k, key)->index : -1;
}

/* Give back the window and the table. */
static void
keys_close(AssignState *st, AssignKeys *k)
{
	if (k->slot)
		community_assign_resize(st, k->slot,
								((size_t) k->mask + 1) * sizeof(AssignSlot), 0);
	if (k->window)
		community_assign_resize(st, k->window,
								(size_t) k->width * sizeof(int32_t), 0);
	k->slot = NULL;
	k->window = NULL;
	k->width = 0;
	k->n_hashed = 0;
}

/*
 * Make a window around all keys when they are close enough for that, and a
 * table with room for as many as there are outside.
 */
static bool
keys_open(AssignState *st, AssignKeys *k)
{
	int64_t		least = INT64_MAX;
	int64_t		most = INT64_MIN;
	uint64_t	range;
	size_t		size = 64;

	keys_close(st, k);
	for (int32_t i = 0; i < k->n; i++)
	{
		least = k->key[i] < least ? k->key[i] : least;
		most = k->key[i] > most ? k->key[i] : most;
		if (!community_assign_turn(st, (size_t) i, 1))
			return false;
	}
	range = (uint64_t) most - (uint64_t) least;
	if (k->n > 0 && range < 8 * (uint64_t) k->n)
	{
		/* with half of it free on each side, so that the keys may spread */
		size_t		width = 2 * (size_t) range + 2;

		k->window = community_assign_resize(st, NULL, 0, width * sizeof(int32_t));
		if (k->window == NULL)
			return false;
		k->width = width;
		k->base = (uint64_t) least - range / 2;
		memset(k->window, 0xFF, width * sizeof(int32_t));
	}
	else
		while (size < 4 * (size_t) k->n)
			size *= 2;
	k->slot = community_assign_resize(st, NULL, 0, size * sizeof(AssignSlot));
	if (k->slot == NULL)
		return false;
	k->mask = (uint32_t) (size - 1);
	memset(k->slot, 0xFF, size * sizeof(AssignSlot));
	for (int32_t i = 0; i < k->n; i++)
	{
		if (k->window)
			k->window[(uint64_t) k->key[i] - k->base] = i;
		else
		{
			AssignSlot *slot = key_slot(k, k->key[i]);

			slot->key = k->key[i];
			slot->index = i;
			k->n_hashed++;
		}
		if (!community_assign_turn(st, (size_t) i, 4))
			return false;
	}
	return true;
}

/* Append a new key, for which the array of keys has room; -1 on failure. */
int32_t
community_assign_keys_append(AssignState *st, AssignKeys *k, int64_t key)
{
	uint64_t	at = (uint64_t) key - k->base;
	int32_t		index = k->n++;

	k->key[index] = key;
	k->last = index;
	if (at < k->width)
		k->window[at] = index;
	else if (k->slot && (uint32_t) ++k->n_hashed * 2 <= k->mask)
	{
		AssignSlot *slot = key_slot(k, key);

		slot->key = key;
		slot->index = index;
	}
	else if (!keys_open(st, k))
		return -1;
	return index;
}

/* Rank keys that all stand in the window, by going along it. */
static bool
keys_rank(AssignState *st, AssignKeys *k, int32_t *rank)
{
	int32_t		n = 0;

	for (uint64_t i = 0, to; i < k->width; i = to)
	{
		to = community_assign_chunk(i, k->width);
		for (uint64_t at = i; at < to; at++)
			if (k->window[at] >= 0)
			{
				rank[k->window[at]] = n;
				k->key[n++] = (int64_t) (k->base + at);
			}
		if (!community_assign_step(st, (to - i) * 2))
			return false;
	}
	return true;
}

/* Rank keys by a radix sort, passing over bytes that are equal in all. */
static bool
keys_radix(AssignState *st, AssignKeys *k, int32_t *rank, uint64_t differ)
{
	size_t		n = (size_t) k->n;
	AssignSlot *a,
			   *b;

	a = community_assign_resize(st, NULL, 0, n * 2 * sizeof(AssignSlot));
	if (a == NULL)
		return false;
	b = a + n;
	for (size_t i = 0; i < n; i++)
	{
		a[i].key = k->key[i];
		a[i].index = (int32_t) i;
		if (!community_assign_turn(st, i, 1))
			return false;
	}
	for (int byte = 0; byte < 8; byte++)
	{
		size_t		count[257] = {0};
		int			shift = byte * 8;
		uint64_t	flip = byte == 7 ? 0x80 : 0;	/* signed keys */
		AssignSlot *swap;

		if (((differ >> shift) & 0xFF) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
		{
			count[((((uint64_t) a[i].key >> shift) & 0xFF) ^ flip) + 1]++;
			if (!community_assign_turn(st, i, 1))
				return false;
		}
		for (int c = 0; c < 256; c++)
			count[c + 1] += count[c];
		for (size_t i = 0; i < n; i++)
		{
			b[count[(((uint64_t) a[i].key >> shift) & 0xFF) ^ flip]++] = a[i];
			if (!community_assign_turn(st, i, 2))
				return false;
		}
		swap = a;
		a = b;
		b = swap;
	}
	for (size_t i = 0; i < n; i++)
	{
		k->key[i] = a[i].key;
		rank[a[i].index] = (int32_t) i;
		if (!community_assign_turn(st, i, 2))
			return false;
	}
	community_assign_resize(st, a < b ? a : b, n * 2 * sizeof(AssignSlot), 0);
	return true;
}

/*
 * Bring the keys into ascending order and free what finds them; rank[old
 * index] is the new index, or no array when they are in order already.
 */
bool
community_assign_keys_sort(AssignState *st, AssignKeys *k, int32_t **rank)
{
	size_t		n = (size_t) k->n;
	uint64_t	differ = 0;
	bool		sorted = true;

	for (size_t i = 1; i < n; i++)
	{
		differ |= (uint64_t) (k->key[i] ^ k->key[0]);
		sorted &= k->key[i - 1] < k->key[i];
		if (!community_assign_turn(st, i, 1))
			return false;
	}
	*rank = NULL;
	if (!sorted)
	{
		*rank = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
		if (*rank == NULL ||
			!(k->width > 0 && k->n_hashed == 0 ? keys_rank(st, k, *rank) :
			  keys_radix(st, k, *rank, differ)))
			return false;
	}
	keys_close(st, k);
	return true;
}
