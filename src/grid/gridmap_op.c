/*
 * gridmap_op.c
 *		Look-ups in a gridmap, and what it holds.
 */
#include "compat.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "grid/geom_io.h"
#include "grid/gridmap_cache.h"

PG_FUNCTION_INFO_V1(community_gridmap_lookup);
PG_FUNCTION_INFO_V1(community_gridmap_lookup_point);
PG_FUNCTION_INFO_V1(community_gridmap_lookup_all);
PG_FUNCTION_INFO_V1(community_gridmap_lookup_all_point);
PG_FUNCTION_INFO_V1(community_gridmap_codes);
PG_FUNCTION_INFO_V1(community_gridmap_geometry);
PG_FUNCTION_INFO_V1(community_gridmap_pairs);
PG_FUNCTION_INFO_V1(community_gridmap_stats);

/* Return the lowest code of the areas that cover a longitude and latitude. */
Datum
community_gridmap_lookup(PG_FUNCTION_ARGS)
{
	const Gridmap *map = community_gridmap_get(fcinfo, 0);
	int64		code;

	if (!gridmap_lookup(map, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), &code))
		PG_RETURN_NULL();
	PG_RETURN_INT64(code);
}

/* Return the lowest code of the areas that cover a point. */
Datum
community_gridmap_lookup_point(PG_FUNCTION_ARGS)
{
	const Gridmap *map;
	double		lon,
				lat;
	int64		code;

	if (!community_geom_point(PG_GETARG_VARLENA_PP(1), &lon, &lat))
		PG_RETURN_NULL();
	map = community_gridmap_get(fcinfo, 0);
	if (!gridmap_lookup(map, lon, lat, &code))
		PG_RETURN_NULL();
	PG_RETURN_INT64(code);
}

/* Return an array of int64 to the caller of a set-returning function, row by row. */
static Datum
stream_codes(FunctionCallInfo fcinfo)
{
	FuncCallContext *funcctx = SRF_PERCALL_SETUP();
	int64	   *codes = (int64 *) funcctx->user_fctx;

	if (funcctx->call_cntr < funcctx->max_calls)
	{
		int64		code = codes[funcctx->call_cntr];

		SRF_RETURN_NEXT(funcctx, Int64GetDatum(code));
	}
	SRF_RETURN_DONE(funcctx);
}

/* Collect the codes of all areas that cover a point. */
static void
collect_all(FuncCallContext *funcctx, const Gridmap *map, double lon, double lat)
{
	uint64		cursor = 0;
	Size		room = 4;
	int64		code = 0;
	int64	   *codes = palloc(room * sizeof(int64));

	funcctx->max_calls = 0;
	while (community_gridmap_next(map, lon, lat, &cursor, &code))
	{
		if (funcctx->max_calls == room)
		{
			room *= 2;
			codes = repalloc(codes, room * sizeof(int64));
		}
		codes[funcctx->max_calls++] = code;
	}
	funcctx->user_fctx = codes;
}

/*
 * Open the map of a set-returning function.  SRF support keeps its state where
 * the call site would be remembered, so that one for all of them is kept here,
 * for as long as the transaction lasts.
 */
static const Gridmap *
srf_map(FunctionCallInfo fcinfo)
{
	static FmgrInfo site;
	static LocalTransactionId transaction = InvalidLocalTransactionId;
	LOCAL_FCINFO(inner, 1);

	if (transaction != MyProc->lxid)
	{
		transaction = MyProc->lxid;
		site.fn_mcxt = TopTransactionContext;
		site.fn_extra = NULL;
	}
	InitFunctionCallInfoData(*inner, &site, 1, InvalidOid, NULL, NULL);
	inner->args[0] = fcinfo->args[0];
	return community_gridmap_get(inner, 0);
}

/* Return the codes of all areas that cover a longitude and latitude. */
Datum
community_gridmap_lookup_all(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		const Gridmap *map = srf_map(fcinfo);
		FuncCallContext *funcctx = SRF_FIRSTCALL_INIT();
		MemoryContext before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);

		collect_all(funcctx, map, PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2));
		MemoryContextSwitchTo(before);
	}
	return stream_codes(fcinfo);
}

/* Return the codes of all areas that cover a point. */
Datum
community_gridmap_lookup_all_point(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		double		lon = NAN,
					lat = NAN;
		bool		found = community_geom_point(PG_GETARG_VARLENA_PP(1), &lon, &lat);
		const Gridmap *map = srf_map(fcinfo);
		FuncCallContext *funcctx = SRF_FIRSTCALL_INIT();
		MemoryContext before = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);

		if (found)
			collect_all(funcctx, map, lon, lat);
		else
			funcctx->max_calls = 0;
		MemoryContextSwitchTo(before);
	}
	return stream_codes(fcinfo);
}

/* Return the codes in a map, ascending, each once. */
Datum
community_gridmap_codes(PG_FUNCTION_ARGS)
{
	if (SRF_IS_FIRSTCALL())
	{
		const Gridmap *map = srf_map(fcinfo);
		FuncCallContext *funcctx = SRF_FIRSTCALL_INIT();
		int64	   *codes = MemoryContextAlloc(funcctx->multi_call_memory_ctx,
											   (map->head->nareas + 1) * sizeof(int64));

		funcctx->max_calls = 0;
		for (uint32 i = 0; i < map->head->nareas; i++)
		{
			if (i == 0 || map->areas[i].code != map->areas[i - 1].code)
				codes[funcctx->max_calls++] = map->areas[i].code;
		}
		funcctx->user_fctx = codes;
	}
	return stream_codes(fcinfo);
}

/* Return the pairs of areas that share a raster cell: what may overlap. */
Datum
community_gridmap_pairs(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const Gridmap *map = srf_map(fcinfo);
	const uint32 *list = map->lists,
			   *end = map->lists + map->head->nlists;
	HASHCTL		ctl = {0};
	HTAB	   *seen;
	HASH_SEQ_STATUS scan;
	uint64	   *pair;

	InitMaterializedSRF(fcinfo, 0);
	ctl.keysize = sizeof(uint64);
	ctl.entrysize = sizeof(uint64);
	ctl.hcxt = CurrentMemoryContext;
	seen = hash_create("gridmap pairs", 1024, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	while (list < end)
	{
		const uint32 *last = list;

		CHECK_FOR_INTERRUPTS();
		while (last < end - 1 && !(*last & GRIDMAP_LIST_LAST))
			last++;
		for (const uint32 *a = list; a < last; a++)
		{
			for (const uint32 *b = a + 1; b <= last; b++)
			{
				uint64		key = (uint64) (*a >> 2) << 32 | *b >> 2;

				(void) hash_search(seen, &key, HASH_ENTER, NULL);
			}
		}
		list = last + 1;
	}
	hash_seq_init(&scan, seen);
	while ((pair = (uint64 *) hash_seq_search(&scan)) != NULL)
	{
		Datum		values[2] = {Int64GetDatum(map->areas[*pair >> 32].code),
		Int64GetDatum(map->areas[(uint32) *pair].code)};
		bool		nulls[2] = {false, false};

		if (values[0] != values[1])
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Append bytes and step on. */
static uint8 *
put_bytes(uint8 *at, const void *bytes, Size size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* Return the area of a code as a multipolygon. */
Datum
community_gridmap_geometry(PG_FUNCTION_ARGS)
{
	const Gridmap *map = community_gridmap_get(fcinfo, 0);
	int64		code = PG_GETARG_INT64(1);
	uint32		from = 0,
				to = map->head->nareas;
	uint32		nparts = 0;
	Size		size = VARHDRSZ + GSERIAL_HEAD + 8;
	uint8	   *value,
			   *at,
			   *box = NULL;
	float		whole[4] = {INFINITY, -INFINITY, INFINITY, -INFINITY};
	uint32		words[2] = {GSERIAL_MULTIPOLYGON, 0};

	/* the first area of the code, then one behind the last */
	while (from < to)
	{
		uint32		middle = from + (to - from) / 2;

		if (map->areas[middle].code < code)
			from = middle + 1;
		else
			to = middle;
	}
	for (to = from; to < map->head->nareas && map->areas[to].code == code; to++)
	{
		const GridmapArea *a = &map->areas[to];

		for (uint32 r = 0, next; r < a->nrings; r = next)
		{
			for (next = r; next < a->nrings && (next == r || map->rings[a->ring + next].shell != next); next++)
				size += 4 + (Size) map->rings[a->ring + next].nvertices * 16;
			size += 8 + ((next - r) & 1) * 4;
			nparts++;
		}
		if (a->nrings > 0)
		{
			whole[0] = Min(whole[0], a->box[0]);
			whole[1] = Max(whole[1], a->box[1]);
			whole[2] = Min(whole[2], a->box[2]);
			whole[3] = Max(whole[3], a->box[3]);
		}
	}
	if (from == to)
		PG_RETURN_NULL();
	if (nparts > 0)
		size += sizeof(whole);
	value = palloc0(size);
	SET_VARSIZE(value, size);
	at = value + VARHDRSZ;
	at[1] = GEOM_SRID_WGS84 >> 8;
	at[2] = GEOM_SRID_WGS84 & 0xff;
	at[3] = GSERIAL_FLAG_VERSION2 | (nparts > 0 ? GSERIAL_FLAG_BBOX : 0);
	at += GSERIAL_HEAD;
	if (nparts > 0)
	{
		box = at;
		at = put_bytes(box, whole, sizeof(whole));
	}
	words[1] = nparts;
	at = put_bytes(at, words, sizeof(words));
	for (uint32 i = from; i < to; i++)
	{
		const GridmapArea *a = &map->areas[i];

		for (uint32 r = 0, next; r < a->nrings; r = next)
		{
			for (next = r + 1; next < a->nrings && map->rings[a->ring + next].shell != next;)
				next++;
			words[0] = GSERIAL_POLYGON;
			words[1] = next - r;
			at = put_bytes(at, words, sizeof(words));
			for (uint32 k = r; k < next; k++)
				at = put_bytes(at, &map->rings[a->ring + k].nvertices, 4);
			at += ((next - r) & 1) * 4;
			for (uint32 k = r; k < next; k++)
			{
				const GridmapRing *ring = &map->rings[a->ring + k];

				at = put_bytes(at, map->xy + 2 * (Size) ring->vertex, (Size) ring->nvertices * 16);
			}
		}
	}
	Assert(at == value + size);
	PG_RETURN_POINTER(value);
}

/* Return the size of a map in figures. */
Datum
community_gridmap_stats(PG_FUNCTION_ARGS)
{
	const Gridmap *map = community_gridmap_get(fcinfo, 0);
	const GridmapHead *h = map->head;
	int64		ncells = (int64) h->ncols * h->nrows,
				shared = 0;
	TupleDesc	desc;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "gridmap_stats needs a row type");
	for (int64 i = 0; i < ncells; i++)
		shared += map->cells[i] >> 31;
	values[0] = Int64GetDatum(h->nareas);
	values[1] = Int64GetDatum(h->nrings);
	values[2] = Int64GetDatum(h->nvertices);
	values[3] = Int32GetDatum(h->ncols);
	values[4] = Int32GetDatum(h->nrows);
	values[5] = Int64GetDatum(shared);
	values[6] = Int64GetDatum(VARSIZE(h));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
