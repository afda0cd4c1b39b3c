/*
 * keys.h
 *		The key ring of this backend.
 */
#ifndef COMMUNITY_KEYS_H
#define COMMUNITY_KEYS_H

#include "card/ring.h"

extern void community_keys_init(void);
extern const card_ring *community_keys(void);
extern const ring_key *community_active_key(int use);

#endif							/* COMMUNITY_KEYS_H */
