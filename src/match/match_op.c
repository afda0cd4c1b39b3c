/*
 * match_op.c
 *		The aggregates over candidate edges: assignment and stable matching.
 */
#include "compat.h"

#include <limits.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "match/assign_core.h"
#include "match/match.h"

static int	community_match_memory = 512 * 1024;	/* kB */

/* Define the settings of the module. */
void
community_match_settings(void)
{
	DefineCustomIntVariable("community.match_memory",
							"Sets the most memory one assignment may use.",
							"A candidate edge takes from 16 to 64 bytes.",
							&community_match_memory,
							512 * 1024,
							1024,
							MAX_KILOBYTES,
							PGC_USERSET,
							GUC_UNIT_KB,
							NULL, NULL, NULL);
}

/* Lend memory of the aggregate to the core. */
static void *
host_resize(void *arg, void *p, size_t size)
{
	if (size == 0)
	{
		if (p)
			pfree(p);
		return NULL;
	}
	if (p)
		return repalloc_huge(p, size);
	return MemoryContextAllocExtended((MemoryContext) arg, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

/* Let the server handle what has come up; it does not return to cancel. */
static bool
host_pause(void *arg)
{
	CHECK_FOR_INTERRUPTS();
	return false;
}

/* Raise the error that a failed state stands for. */
static void
raise_failure(const AssignState *st)
{
	const char *what = st->stable ? "rank" : st->maximize ? "score" : "cost";

	switch (st->status)
	{
		case ASSIGN_OK:
			break;
		case ASSIGN_STOPPED:
			elog(ERROR, "assignment was stopped");
			break;
		case ASSIGN_LIMIT:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("assignment over %zu edges needs more memory than community.match_memory allows",
							st->n_edge),
					 errdetail("The limit is %d kB.", community_match_memory),
					 errhint("Raise community.match_memory, or offer fewer candidates for each request.")));
			break;
		case ASSIGN_NO_MEMORY:
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY),
					 errmsg("out of memory for an assignment over %zu edges", st->n_edge),
					 errhint("Offer fewer candidates for each request.")));
			break;
		case ASSIGN_TOO_MANY:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many edges for one assignment")));
			break;
		case ASSIGN_NAN:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s of request %lld is not a number", what,
							(long long) st->bad_key)));
			break;
		case ASSIGN_INFINITE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s of request %lld is infinite", what,
							(long long) st->bad_key),
					 st->maximize ?
					 errhint("Minus infinity forbids a pair; plus infinity cannot be added up.") :
					 errhint("Plus infinity forbids a pair; minus infinity cannot be added up.")));
			break;
		case ASSIGN_RANGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%ss are too large for an exact assignment", what),
					 errdetail("The greatest %s times one more than the %d requests must stay below 2^62.",
							   what, st->request.n)));
			break;
		case ASSIGN_CAPACITY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("capacity of %lld is negative", (long long) st->bad_key)));
			break;
		case ASSIGN_CAPACITY_DIFFERS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("provider %lld has differing capacities", (long long) st->bad_key),
					 errhint("Give the same capacity on every edge of a provider.")));
			break;
		case ASSIGN_REQUEST_DIFFERS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("request %lld has differing capacities", (long long) st->bad_key),
					 errhint("Give the same capacity on every edge of a request.")));
			break;
		case ASSIGN_UNMATCHED_DIFFERS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("request %lld has differing costs of staying unmatched",
							(long long) st->bad_key),
					 errhint("Give the same cost on every edge of a request.")));
			break;
	}
}

/* Fetch the state of the aggregate, making it at the first row. */
static AssignState *
fetch_state(FunctionCallInfo fcinfo, bool maximize, bool optional)
{
	MemoryContext context;
	AssignState *st;
	AssignHost	host;

	/* only an aggregate can have a state: no other function gives one */
	if (!PG_ARGISNULL(0))
		return (AssignState *) PG_GETARG_POINTER(0);
	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	st = MemoryContextAlloc(context, sizeof(AssignState));
	host.arg = context;
	host.resize = host_resize;
	host.pause = host_pause;
	host.limit = (size_t) community_match_memory * 1024;
	community_assign_init(st, &host, maximize, optional);
	return st;
}

/* Read a capacity argument, 1 when it was not given. */
static int32
capacity_arg(FunctionCallInfo fcinfo, int n)
{
	if (PG_NARGS() <= n)
		return 1;
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("capacity must not be null")));
	return PG_GETARG_INT32(n);
}

/* Take one edge: state, request, provider, cost [, unmatched] [, capacities]. */
static Datum
add_edge(FunctionCallInfo fcinfo, bool maximize, bool optional)
{
	AssignState *st = fetch_state(fcinfo, maximize, optional);
	int			at = 4;
	double		unmatched = 0;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_POINTER(st);
	if (optional)
	{
		if (PG_ARGISNULL(4))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("cost of staying unmatched must not be null")));
		unmatched = PG_GETARG_FLOAT8(at++);
	}
	if (!community_assign_add(st, PG_GETARG_INT64(1), PG_GETARG_INT64(2),
							  PG_GETARG_FLOAT8(3), capacity_arg(fcinfo, at),
							  capacity_arg(fcinfo, at + 1), unmatched))
		raise_failure(st);
	PG_RETURN_POINTER(st);
}

PG_FUNCTION_INFO_V1(community_assign_min_add);

/* Take one edge with its cost. */
Datum
community_assign_min_add(PG_FUNCTION_ARGS)
{
	return add_edge(fcinfo, false, false);
}

PG_FUNCTION_INFO_V1(community_assign_max_add);

/* Take one edge with its score. */
Datum
community_assign_max_add(PG_FUNCTION_ARGS)
{
	return add_edge(fcinfo, true, false);
}

PG_FUNCTION_INFO_V1(community_assign_optional_add);

/* Take one edge with its cost and that of leaving the request unmatched. */
Datum
community_assign_optional_add(PG_FUNCTION_ARGS)
{
	return add_edge(fcinfo, false, true);
}

PG_FUNCTION_INFO_V1(community_stable_add);

/* Take one pair with the ranks that both sides give each other. */
Datum
community_stable_add(PG_FUNCTION_ARGS)
{
	AssignState *st = fetch_state(fcinfo, false, false);

	st->stable = true;
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
		PG_RETURN_POINTER(st);
	if (!community_assign_add_ranks(st, PG_GETARG_INT64(1), PG_GETARG_INT64(2),
									PG_GETARG_FLOAT8(3), PG_GETARG_FLOAT8(4),
									capacity_arg(fcinfo, 5), capacity_arg(fcinfo, 6)))
		raise_failure(st);
	PG_RETURN_POINTER(st);
}

/*
 * Make an array of n composite values of three 8-byte columns, each formed
 * like the given one; the values are written over it by the caller.
 */
static ArrayType *
make_array(Oid element, TupleDesc desc, size_t n, Size * stride, Size * first)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {false};
	HeapTuple	tuple;
	ArrayType  *array;
	Size		bytes;
	char	   *p;

	/* forming one value and copying it is ten times faster than forming all */
	tuple = heap_form_tuple(desc, values, nulls);
	*stride = MAXALIGN(tuple->t_len);
	*first = ARR_OVERHEAD_NONULLS(1);
	if (n > (MaxAllocSize - *first) / *stride)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many pairs for one array")));
	bytes = *first + n * *stride;
	array = palloc0(bytes);
	SET_VARSIZE(array, bytes);
	array->ndim = 1;
	array->dataoffset = 0;
	array->elemtype = element;
	ARR_DIMS(array)[0] = (int) n;
	ARR_LBOUND(array)[0] = 1;
	p = (char *) array + *first;
	for (size_t k = 0; k < n; k++, p += *stride)
	{
		memcpy(p, DatumGetPointer(HeapTupleGetDatum(tuple)), tuple->t_len);
		if ((k & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	return array;
}

/* Find the row type of the elements that the final function returns. */
static TupleDesc
element_desc(FunctionCallInfo fcinfo, Oid *element)
{
	*element = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	if (!OidIsValid(*element))
		elog(ERROR, "cannot determine the type of the pairs");
	return lookup_rowtype_tupdesc(*element, -1);
}

/* Solve, and give the pairs as an array of assignment. */
static Datum
final_pairs(FunctionCallInfo fcinfo, bool (*solve) (AssignState *))
{
	AssignState *st = PG_ARGISNULL(0) ? NULL : (AssignState *) PG_GETARG_POINTER(0);
	TupleDesc	desc;
	Oid			element;
	ArrayType  *array;
	Size		stride;
	Size		at;
	Size		offset;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	desc = element_desc(fcinfo, &element);
	if (st && !solve(st))
		raise_failure(st);
	if (st == NULL || st->n_pair == 0)
	{
		ReleaseTupleDesc(desc);
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(element));
	}
	array = make_array(element, desc, st->n_pair, &stride, &at);
	offset = stride - sizeof(AssignPair);
	for (size_t k = 0; k < st->n_pair; k++, at += stride)
	{
		memcpy((char *) array + at + offset, &st->pair[k], sizeof(AssignPair));
		if ((k & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	ReleaseTupleDesc(desc);
	PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(community_assign_final);

/* Give the assignment of all edges taken. */
Datum
community_assign_final(PG_FUNCTION_ARGS)
{
	return final_pairs(fcinfo, community_assign_solve);
}

PG_FUNCTION_INFO_V1(community_stable_final);

/* Give the stable matching of all pairs taken. */
Datum
community_stable_final(PG_FUNCTION_ARGS)
{
	return final_pairs(fcinfo, community_stable_solve);
}

PG_FUNCTION_INFO_V1(community_assign_duals_final);

/* Give the dual variables of the assignment, requests first. */
Datum
community_assign_duals_final(PG_FUNCTION_ARGS)
{
	AssignState *st = PG_ARGISNULL(0) ? NULL : (AssignState *) PG_GETARG_POINTER(0);
	ArrayBuildState *build = NULL;
	TupleDesc	desc;
	Oid			element;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	desc = element_desc(fcinfo, &element);
	if (st && !community_assign_solve(st))
		raise_failure(st);
	for (int side = 0; st && side < 2; side++)
	{
		int32		n = side ? st->provider.n : st->request.n;
		AssignDual *dual = palloc_extended(sizeof(AssignDual) * ((Size) n + 1),
										   MCXT_ALLOC_HUGE);

		community_assign_duals(st, side == 1, dual);
		for (int32 k = 0; k < n; k++)
		{
			Datum		values[4];
			bool		nulls[4] = {false};

			CHECK_FOR_INTERRUPTS();
			values[0] = BoolGetDatum(side == 1);
			values[1] = Int64GetDatum(dual[k].key);
			values[2] = Int32GetDatum(dual[k].big);
			values[3] = Float8GetDatum(dual[k].value);
			build = accumArrayResult(build,
									 HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)),
									 false, element, CurrentMemoryContext);
		}
		pfree(dual);
	}
	ReleaseTupleDesc(desc);
	if (build == NULL)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(element));
	PG_RETURN_DATUM(makeArrayResult(build, CurrentMemoryContext));
}
