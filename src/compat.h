/*
 * compat.h
 *		Every difference between server versions stands here and nowhere else.
 */
#ifndef COMMUNITY_COMPAT_H
#define COMMUNITY_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "community needs PostgreSQL 15 or later"
#endif

/*
 * Soft errors: from PostgreSQL 16 an input function may report through
 * fcinfo->context instead of raising.  On 15 these raise.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define community_ereturn(fcinfo, dummy, ...) \
	ereturn((fcinfo)->context, dummy, __VA_ARGS__)
#else
#define community_ereturn(fcinfo, dummy, ...) \
	do { \
		ereport(ERROR, __VA_ARGS__); \
		return dummy; \
	} while (0)
#endif

#endif							/* COMMUNITY_COMPAT_H */
