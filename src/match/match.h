/*
 * match.h
 *		What the module match shows to the library.
 */
#ifndef COMMUNITY_MATCH_H
#define COMMUNITY_MATCH_H

extern void community_match_settings(void);

#endif							/* COMMUNITY_MATCH_H */
