/*
 * grid_settings.c
 *		Define the settings of the grid functions.
 */
#include "compat.h"

#include <limits.h>

#include "utils/guc.h"

#include "grid/grid_settings.h"

int			community_max_cover_cells = 1000000;
int			community_gridmap_cache_kb = 65536;

/* Define the settings of grid. */
void
community_grid_settings(void)
{
	DefineCustomIntVariable("community.max_cover_cells",
							"Sets the largest number of cells that a cover or a descent may give.",
							"A call that would give more is refused before it begins.",
							&community_max_cover_cells,
							1000000, 1, INT_MAX,
							PGC_USERSET, 0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("community.gridmap_cache",
							"Sets the memory in which a session keeps the grid maps it used.",
							"The maps unused for longest are given up first; the last one stays.",
							&community_gridmap_cache_kb,
							65536, 0, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
}
