/*
 * gridalloc.h
 *		What the pure parts of grid need from their host: memory, interrupts.
 */
#ifndef COMMUNITY_GRID_GRIDALLOC_H
#define COMMUNITY_GRID_GRIDALLOC_H

#include <stddef.h>

/*
 * In the server memory comes from the current context and failing raises; a
 * host without exceptions ends the process, so that no caller sees NULL.
 */
typedef struct GridHost
{
	void	   *(*allocate) (size_t size);
	void	   *(*enlarge) (void *old, size_t size);
	void		(*release) (void *old);
	void		(*interrupt) (void);	/* called now and then in long loops */
} GridHost;

extern void *community_grid_grow(const GridHost *host, void *old, size_t *room,
								 size_t wanted, size_t width);

extern const GridHost community_grid_host;	/* the server's (geom_io.c) */

#endif							/* COMMUNITY_GRID_GRIDALLOC_H */
