/*
 * assign_keys.c
 *		Sets of keys with an index for each.
 */
#include "match/assign_core.h"

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

/* Double the table of a key set and put the keys in again. */
static bool
keys_grow(AssignState *st, AssignKeys *k)
{
	size_t		old = k->slot ? (size_t) k->mask + 1 : 0;
	size_t		size = old ? old * 2 : 64;
	AssignSlot *slot;

	slot = community_assign_resize(st, NULL, 0, size * sizeof(AssignSlot));
	if (slot == NULL)
		return false;
	for (size_t i = 0; i < size; i++)
		slot[i].index = -1;
	for (int32_t i = 0; i < k->n; i++)
	{
		size_t		at = key_hash(k->key[i]) & (size - 1);

		while (slot[at].index >= 0)
			at = (at + 1) & (size - 1);
		slot[at].key = k->key[i];
		slot[at].index = i;
	}
	community_assign_resize(st, k->slot, old * sizeof(AssignSlot), 0);
	k->slot = slot;
	k->mask = (uint32_t) (size - 1);
	return true;
}

/* Find the index of a key, adding it at the end when new; -1 on failure. */
int32_t
community_assign_keys_index(AssignState *st, AssignKeys *k, int64_t key, bool *is_new)
{
	size_t		at;

	*is_new = false;
	if (k->last >= 0 && k->key[k->last] == key)
		return k->last;
	if (k->slot == NULL && !keys_grow(st, k))
		return -1;
	at = key_hash(key) & k->mask;
	while (k->slot[at].index >= 0)
	{
		if (k->slot[at].key == key)
			return k->last = k->slot[at].index;
		at = (at + 1) & k->mask;
	}
	*is_new = true;
	return (int32_t) at;
}

/* Append a new key at the free slot found by looking it up. */
int32_t
community_assign_keys_append(AssignState *st, AssignKeys *k, int64_t key, int32_t at)
{
	k->key[k->n] = key;
	k->slot[at].key = key;
	k->slot[at].index = k->n;
	k->last = k->n++;
	if ((size_t) k->n * 2 > k->mask && !keys_grow(st, k))
		return -1;
	return k->last;
}

/*
 * Bring the keys into ascending order and free the table; rank[old index] is
 * the new index.  A radix sort by bytes, passing over bytes that are equal in
 * all keys.
 */
bool
community_assign_keys_sort(AssignState *st, AssignKeys *k, int32_t **rank)
{
	size_t		n = (size_t) k->n;
	size_t		slot_bytes = sizeof(AssignSlot);
	AssignSlot *a,
			   *b;
	uint64_t	differ = 0;
	bool		sorted = true;

	if (k->slot)
		community_assign_resize(st, k->slot,
								((size_t) k->mask + 1) * slot_bytes, 0);
	k->slot = NULL;
	for (size_t i = 1; i < n; i++)
	{
		differ |= (uint64_t) (k->key[i] ^ k->key[0]);
		sorted &= k->key[i - 1] < k->key[i];
	}
	*rank = NULL;
	if (sorted)
		return true;
	a = community_assign_resize(st, NULL, 0, n * 2 * slot_bytes);
	*rank = community_assign_resize(st, NULL, 0, n * sizeof(int32_t));
	if (a == NULL || *rank == NULL)
		return false;
	b = a + n;
	for (size_t i = 0; i < n; i++)
	{
		a[i].key = k->key[i];
		a[i].index = (int32_t) i;
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
			count[((((uint64_t) a[i].key >> shift) & 0xFF) ^ flip) + 1]++;
		for (int c = 0; c < 256; c++)
			count[c + 1] += count[c];
		for (size_t i = 0; i < n; i++)
			b[count[(((uint64_t) a[i].key >> shift) & 0xFF) ^ flip]++] = a[i];
		swap = a;
		a = b;
		b = swap;
	}
	for (size_t i = 0; i < n; i++)
	{
		k->key[i] = a[i].key;
		(*rank)[a[i].index] = (int32_t) i;
	}
	community_assign_resize(st, a < b ? a : b, n * 2 * slot_bytes, 0);
	return true;
}
