/*
 * helper.c
 *		For the benchmarks only: the floor of a C function, and a clock.
 */
#include "postgres.h"
#include "fmgr.h"

#include <time.h>

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_nothing);
PG_FUNCTION_INFO_V1(bench_edge);

/* Take an edge and keep nothing: what feeding an aggregate costs at least. */
Datum
bench_edge(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(bench_cpu);

/* Take three arguments and answer a number: what any such function costs. */
Datum
bench_nothing(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_INT32(2));
}

/* Answer the CPU time of this backend in nanoseconds. */
Datum
bench_cpu(PG_FUNCTION_ARGS)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	PG_RETURN_INT64((int64) t.tv_sec * INT64CONST(1000000000) + t.tv_nsec);
}
