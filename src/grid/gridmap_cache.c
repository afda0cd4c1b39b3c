/*
 * gridmap_cache.c
 *		Keep checked maps across calls, queries and transactions of a backend.
 *
 * A map of a district is some megabytes: it is fetched and checked once.  Maps
 * are known by the digest of their content.  A call site also remembers the
 * TOAST pointer it saw last, so that the usual call compares 16 bytes and reads
 * nothing.
 */
#include "compat.h"

#include "access/detoast.h"
#include "utils/memutils.h"

#include "grid/grid_settings.h"
#include "grid/gridmap_cache.h"

#define CACHE_SLOTS		32

/* One cached map. */
typedef struct CachedMap
{
	MemoryContext context;		/* holds the value; NULL for a free slot */
	Gridmap		map;
	Size		size;
	uint64		used;			/* time of the last use */
} CachedMap;

/* What a call site remembers. */
typedef struct CallSite
{
	uint64		epoch;			/* of the cache when the slot was found */
	const CachedMap *slot;
	bool		ondisk;			/* pointer is the one seen last */
	varatt_external pointer;
} CallSite;

static CachedMap cache[CACHE_SLOTS];
static uint64 cache_epoch = 1;	/* changes whenever a slot is emptied */
static uint64 cache_clock = 0;

/* Empty a slot; every call site looks its map up again. */
static void
empty_slot(CachedMap *slot)
{
	MemoryContextDelete(slot->context);
	slot->context = NULL;
	cache_epoch++;
}

/* Find a free slot, giving up the maps unused for longest. */
static CachedMap *
free_slot(Size wanted)
{
	for (;;)
	{
		CachedMap  *free = NULL,
				   *oldest = NULL;
		Size		total = wanted;

		for (int i = 0; i < CACHE_SLOTS; i++)
		{
			if (cache[i].context == NULL)
			{
				free = &cache[i];
				continue;
			}
			total += cache[i].size;
			if (oldest == NULL || cache[i].used < oldest->used)
				oldest = &cache[i];
		}
		if (oldest == NULL || (free && total <= (Size) community_gridmap_cache_kb * 1024))
			return free;
		empty_slot(oldest);
	}
}

/* Find a cached map by its digest. */
static CachedMap *
find_slot(const uint8 *identity)
{
	for (int i = 0; i < CACHE_SLOTS; i++)
	{
		if (cache[i].context && memcmp(cache[i].map.head->identity, identity, 16) == 0)
			return &cache[i];
	}
	return NULL;
}

/* Read the digest in the head of a value without fetching the whole of it. */
static bool
read_identity(struct varlena *value, uint8 *identity)
{
	struct varlena *head;
	bool		good;

	head = PG_DETOAST_DATUM_SLICE(PointerGetDatum(value), 0, sizeof(GridmapHead) - VARHDRSZ);
	good = VARSIZE_ANY_EXHDR(head) == sizeof(GridmapHead) - VARHDRSZ;
	if (good)
		memcpy(identity, VARDATA_ANY(head) + offsetof(GridmapHead, identity) - VARHDRSZ, 16);
	pfree(head);
	return good;
}

/* Copy a value into the cache and check it. */
static CachedMap *
load(struct varlena *value)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "gridmap",
												  ALLOCSET_START_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(context);
	struct varlena *copy = PG_DETOAST_DATUM_COPY(PointerGetDatum(value));
	CachedMap  *slot;
	Gridmap		map;

	MemoryContextSwitchTo(before);
	if (!community_gridmap_open(copy, VARSIZE(copy), &map))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("gridmap is damaged"),
				 errhint("Build it again with the aggregate gridmap.")));
	slot = free_slot(VARSIZE(copy));
	slot->map = map;
	slot->size = VARSIZE(copy);
	slot->context = context;
	MemoryContextSetParent(context, CacheMemoryContext);
	return slot;
}

/* Find or load the map of a value and remember it at the call site. */
static const Gridmap *
look_up(FunctionCallInfo fcinfo, struct varlena *value)
{
	CallSite   *site = fcinfo->flinfo ? (CallSite *) fcinfo->flinfo->fn_extra : NULL;
	uint8		identity[16];
	CachedMap  *slot;

	if (!read_identity(value, identity))
		slot = load(value);		/* reports the damage */
	else
	{
		slot = find_slot(identity);
		if (slot == NULL)
			slot = load(value);
	}
	slot->used = ++cache_clock;
	if (fcinfo->flinfo)
	{
		if (site == NULL)
		{
			site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
			fcinfo->flinfo->fn_extra = site;
		}
		site->epoch = cache_epoch;
		site->slot = slot;
		site->ondisk = VARATT_IS_EXTERNAL_ONDISK(value);
		if (site->ondisk)
			VARATT_EXTERNAL_GET_POINTER(site->pointer, value);
	}
	return &slot->map;
}

/*
 * Return the map in an argument.  It stays valid until the next call of this
 * function only, because another map may push it out of the cache.
 */
const Gridmap *
community_gridmap_get(FunctionCallInfo fcinfo, int argno)
{
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(argno);
	CallSite   *site = fcinfo->flinfo ? (CallSite *) fcinfo->flinfo->fn_extra : NULL;

	if (likely(site != NULL && site->epoch == cache_epoch))
	{
		if (VARATT_IS_EXTERNAL_ONDISK(value))
		{
			if (site->ondisk &&
				memcmp(VARDATA_1B_E(value), &site->pointer, sizeof(varatt_external)) == 0)
				return &site->slot->map;
		}
		else if (VARATT_IS_4B_U(value) && VARSIZE(value) >= sizeof(GridmapHead) &&
				 memcmp(((GridmapHead *) value)->identity,
						site->slot->map.head->identity, 16) == 0)
			return &site->slot->map;
	}
	return look_up(fcinfo, value);
}
