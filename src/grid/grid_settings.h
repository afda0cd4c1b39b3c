/*
 * grid_settings.h
 *		Settings of the grid functions.
 */
#ifndef COMMUNITY_GRID_GRID_SETTINGS_H
#define COMMUNITY_GRID_GRID_SETTINGS_H

extern int	community_max_cover_cells;	/* community.max_cover_cells */
extern int	community_gridmap_cache_kb; /* community.gridmap_cache */

extern void community_grid_settings(void);

#endif							/* COMMUNITY_GRID_GRID_SETTINGS_H */
