/*
 * worktime_pg.h
 *		What the server side of the module shares.
 */
#ifndef COMMUNITY_WORKTIME_PG_H
#define COMMUNITY_WORKTIME_PG_H

#include "fmgr.h"
#include "utils/multirangetypes.h"

#include "worktime/worktime.h"

extern week_span *community_weekly_spans(FunctionCallInfo fcinfo, MultirangeType *hours,
										 int *nspans);

#endif							/* COMMUNITY_WORKTIME_PG_H */
