/*
 * card_pg.h
 *		What the server side of the module shares.
 */
#ifndef COMMUNITY_CARD_PG_H
#define COMMUNITY_CARD_PG_H

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "card/card.h"
#include "card/ring.h"

extern int64 community_card_minute(TimestampTz at);
extern TimestampTz community_card_timestamp(uint32 minute);
extern int	community_card_suite(text *name);
extern const ring_key *community_card_signer(int suite, int key_id);
extern const ring_key *community_publishing_key(text *name);
extern bytea *community_bytea(const void *data, size_t len);

#endif							/* COMMUNITY_CARD_PG_H */
