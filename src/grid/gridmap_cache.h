/*
 * gridmap_cache.h
 *		Checked maps kept by the backend.
 */
#ifndef COMMUNITY_GRID_GRIDMAP_CACHE_H
#define COMMUNITY_GRID_GRIDMAP_CACHE_H

#include "grid/gridmap_core.h"

extern const Gridmap *community_gridmap_get(FunctionCallInfo fcinfo, int argno);
extern struct varlena *community_gridmap_make(GridmapInput *in);
extern void community_gridmap_input_error(GridmapStatus status, const char *what)
			pg_attribute_noreturn();

#endif							/* COMMUNITY_GRID_GRIDMAP_CACHE_H */
