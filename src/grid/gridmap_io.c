/*
 * gridmap_io.c
 *		Text and binary form of gridmap, and the aggregate that builds it.
 *
 * Both outer forms carry the areas only (text is their hexadecimal dump): the
 * raster is made anew on the way in, so that no damaged or forged raster can
 * come in from outside.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "grid/geom_io.h"
#include "grid/gridcode_core.h"
#include "grid/gridmap_cache.h"

PG_FUNCTION_INFO_V1(community_gridmap_in);
PG_FUNCTION_INFO_V1(community_gridmap_out);
PG_FUNCTION_INFO_V1(community_gridmap_recv);
PG_FUNCTION_INFO_V1(community_gridmap_send);
PG_FUNCTION_INFO_V1(community_gridmap_add);
PG_FUNCTION_INFO_V1(community_gridmap_final);

/* State of the aggregate. */
typedef struct GridmapState
{
	MemoryContext context;
	GridmapInput input;
	Oid			valid_reason;	/* PostGIS functions, looked up by the type's schema */
	Oid			make_valid;
	Oid			extract;
} GridmapState;

/* Allocate in the current memory context, also above 1 GB. */
static void *
host_allocate(size_t size)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, size);
}

/* Let a query be cancelled. */
static void
host_interrupt(void)
{
	CHECK_FOR_INTERRUPTS();
}

const GridHost community_grid_host = {host_allocate, repalloc_huge, pfree, host_interrupt};

/* Report why input was refused. */
void
community_gridmap_input_error(GridmapStatus status, const char *what)
{
	switch (status)
	{
		case GRIDMAP_BAD_RING:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s has a ring that is not closed or has fewer than four points", what)));
			break;
		case GRIDMAP_BAD_COORDINATE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s has a coordinate that is not a longitude and latitude", what)));
			break;
		case GRIDMAP_TOO_LARGE:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("%s is too large", what),
					 errhint("Build one map per district.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("%s cannot be read", what)));
	}
}

/* Build the value and put its digest into the head. */
struct varlena *
community_gridmap_make(GridmapInput *in)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *hash;
	void	   *value;
	size_t		size;
	GridmapStatus status = community_gridmap_build(in, &value, &size);

	if (status != GRIDMAP_OK)
		community_gridmap_input_error(status, "gridmap");
	SET_VARSIZE(value, size);
	hash = pg_cryptohash_create(PG_SHA256);
	if (hash == NULL || pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, (uint8 *) value + offsetof(GridmapHead, x0),
							 size - offsetof(GridmapHead, x0)) < 0 ||
		pg_cryptohash_final(hash, digest, sizeof(digest)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the digest of a gridmap")));
	pg_cryptohash_free(hash);
	memcpy(((GridmapHead *) value)->identity, digest, 16);
	return (struct varlena *) value;
}

/* Build a value from its wire form; NULL when the form is broken. */
static struct varlena *
from_wire(const uint8 *wire, Size size, const char **detail)
{
	GridmapInput in;
	GridmapStatus status;
	size_t		bad;

	community_gridmap_input_init(&in, &community_grid_host);
	status = community_gridmap_wire_read(wire, size, &in);
	if (status == GRIDMAP_OK)
		status = community_gridmap_input_check(&in, &bad);
	switch (status)
	{
		case GRIDMAP_OK:
			break;
		case GRIDMAP_BAD_VERSION:
			*detail = "The version of the map is unknown.";
			return NULL;
		case GRIDMAP_BAD_RING:
			*detail = "A ring is not closed or has fewer than four points.";
			return NULL;
		case GRIDMAP_BAD_COORDINATE:
			*detail = "A coordinate is not a longitude and latitude.";
			return NULL;
		default:
			*detail = "The map ends early, goes on too long, or is too large.";
			return NULL;
	}
	for (size_t i = 0; i < in.nareas; i++)
	{
		if (community_gridcode_check(in.areas[i].code) != GRIDCODE_OK)
		{
			*detail = "A code is not a grid code.";
			return NULL;
		}
	}
	return community_gridmap_make(&in);
}

/* Return the value of a hexadecimal digit, -1 for another character. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Read the text form. */
Datum
community_gridmap_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Size		length = strlen(text) / 2;
	uint8	   *wire = MemoryContextAllocHuge(CurrentMemoryContext, length + 1);
	const char *detail = "The map is an even number of hexadecimal digits.";
	struct varlena *value = NULL;
	bool		good = strlen(text) % 2 == 0;

	for (Size i = 0; i < length && good; i++)
	{
		int			high = hex_value(text[2 * i]),
					low = hex_value(text[2 * i + 1]);

		good = high >= 0 && low >= 0;
		wire[i] = (uint8) (high << 4 | low);
	}
	if (good)
		value = from_wire(wire, length, &detail);
	if (value == NULL)
		community_ereturn(fcinfo, (Datum) 0,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s", "gridmap"),
						   errdetail("%s", detail)));
	PG_RETURN_POINTER(value);
}

/* Return the wire form of an argument behind the given number of bytes. */
static uint8 *
to_wire(FunctionCallInfo fcinfo, Size room, Size *size)
{
	const Gridmap *map = community_gridmap_get(fcinfo, 0);
	uint8	   *bytes;

	*size = community_gridmap_wire_size(map);
	bytes = palloc(room + *size);
	community_gridmap_wire_write(map, bytes + room);
	return bytes;
}

/* Write the text form. */
Datum
community_gridmap_out(PG_FUNCTION_ARGS)
{
	static const char digits[] = "0123456789abcdef";
	Size		size;
	uint8	   *wire = to_wire(fcinfo, 0, &size);
	char	   *text = palloc(2 * size + 1);

	for (Size i = 0; i < size; i++)
	{
		text[2 * i] = digits[wire[i] >> 4];
		text[2 * i + 1] = digits[wire[i] & 15];
	}
	text[2 * size] = '\0';
	pfree(wire);
	PG_RETURN_CSTRING(text);
}

/* Read the binary form. */
Datum
community_gridmap_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buf->len - buf->cursor;
	const char *detail = NULL;
	struct varlena *value;

	value = from_wire((const uint8 *) pq_getmsgbytes(buf, size), size, &detail);
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "gridmap"),
				 errdetail("%s", detail)));
	PG_RETURN_POINTER(value);
}

/* Write the binary form. */
Datum
community_gridmap_send(PG_FUNCTION_ARGS)
{
	Size		size;
	uint8	   *bytes = to_wire(fcinfo, VARHDRSZ, &size);

	SET_VARSIZE(bytes, VARHDRSZ + size);
	PG_RETURN_BYTEA_P(bytes);
}

/* Find a function of PostGIS in the schema of its type. */
static Oid
postgis_function(Oid geometry, const char *name, int nargs, Oid second)
{
	HeapTuple	type = SearchSysCache1(TYPEOID, ObjectIdGetDatum(geometry));
	Oid			args[2] = {geometry, second};
	char	   *schema;

	if (!HeapTupleIsValid(type))
		elog(ERROR, "cache lookup failed for type %u", geometry);
	schema = get_namespace_name(((Form_pg_type) GETSTRUCT(type))->typnamespace);
	ReleaseSysCache(type);

	return LookupFuncName(list_make2(makeString(schema), makeString(pstrdup(name))),
						  nargs, args, false);
}

/* Make the state of the aggregate. */
static GridmapState *
make_state(FunctionCallInfo fcinfo, MemoryContext context)
{
	Oid			geometry = get_fn_expr_argtype(fcinfo->flinfo, 2);
	GridmapState *state = MemoryContextAllocZero(context, sizeof(GridmapState));

	state->context = context;
	community_gridmap_input_init(&state->input, &community_grid_host);
	state->valid_reason = postgis_function(geometry, "st_isvalidreason", 1, InvalidOid);
	state->make_valid = postgis_function(geometry, "st_makevalid", 1, InvalidOid);
	state->extract = postgis_function(geometry, "st_collectionextract", 2, INT4OID);
	return state;
}

/* Copy one ring into the input. */
static bool
add_ring(void *arg, const GserialPoints *p)
{
	GridmapInput *in = (GridmapInput *) arg;
	double	   *xy;
	GridmapStatus status = community_gridmap_input_ring(in, p->ring == 0, p->npoints, &xy);

	if (status != GRIDMAP_OK)
		community_gridmap_input_error(status, "gridmap");
	for (uint32 i = 0; i < p->npoints; i++)
		gserial_xy(p, i, &xy[2 * i], &xy[2 * i + 1]);
	return true;
}

/* Return the area to enter: the polygon itself, or repaired; refuse the rest. */
static struct varlena *
valid_polygon(GridmapState *state, struct varlena *geom, const char *grid, bool repair)
{
	Gserial		g;
	char	   *reason;

	community_geom_open(geom, &g);
	if (g.type != GSERIAL_POLYGON && g.type != GSERIAL_MULTIPOLYGON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("grid %s is not a polygon", grid),
				 errhint("Use ST_CollectionExtract(geom, 3) to take the polygons of a collection.")));
	reason = TextDatumGetCString(OidFunctionCall1(state->valid_reason, PointerGetDatum(geom)));
	if (strcmp(reason, "Valid Geometry") == 0)
		return geom;
	if (!repair)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("grid %s has an invalid polygon", grid),
				 errdetail("%s.", reason),
				 errhint("Correct it, or let gridmap(code, geom, true) repair it with ST_MakeValid.")));
	return (struct varlena *)
		PG_DETOAST_DATUM(OidFunctionCall2(state->extract,
										  OidFunctionCall1(state->make_valid, PointerGetDatum(geom)),
										  Int32GetDatum(3)));
}

/* Take one area into the aggregate. */
Datum
community_gridmap_add(PG_FUNCTION_ARGS)
{
	GridmapState *state = PG_ARGISNULL(0) ? NULL : (GridmapState *) PG_GETARG_POINTER(0);
	bool		repair = PG_NARGS() > 3 && !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	char		grid[GRIDCODE_DIGITS + 1];
	struct varlena *geom;
	GridmapStatus status;
	MemoryContext context,
				before;
	GridmapInput last;
	Gserial		g;
	size_t		bad;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "gridmap_add called outside an aggregate");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (state == NULL)
		state = make_state(fcinfo, context);
	grid[community_gridcode_format(PG_GETARG_INT64(1), grid)] = '\0';
	geom = valid_polygon(state, PG_GETARG_VARLENA_P(2), grid, repair);
	community_geom_open(geom, &g);
	before = MemoryContextSwitchTo(context);
	status = community_gridmap_input_area(&state->input, PG_GETARG_INT64(1));
	if (status != GRIDMAP_OK)
		community_gridmap_input_error(status, "gridmap");
	if (!community_gserial_walk(&g, add_ring, &state->input))
		community_geom_damaged();
	MemoryContextSwitchTo(before);
	last = state->input;
	last.areas += last.nareas - 1;
	last.nareas = 1;
	status = community_gridmap_input_check(&last, &bad);
	if (status != GRIDMAP_OK)
		community_gridmap_input_error(status, psprintf("grid %s", grid));
	PG_RETURN_POINTER(state);
}

/* Build the map of the areas taken in. */
Datum
community_gridmap_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(community_gridmap_make(&((GridmapState *) PG_GETARG_POINTER(0))->input));
}
