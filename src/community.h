/*
 * community.h
 *		What the C modules share.
 */
#ifndef COMMUNITY_H
#define COMMUNITY_H

#endif							/* COMMUNITY_H */
