/*
 * orient.h
 *		On which side of a line a point lies, exactly.
 */
#ifndef COMMUNITY_GRID_ORIENT_H
#define COMMUNITY_GRID_ORIENT_H

extern int	community_orient(double ax, double ay, double bx, double by,
							 double px, double py);

#endif							/* COMMUNITY_GRID_ORIENT_H */
