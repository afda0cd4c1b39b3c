/*
 * status.h
 *		Signed status bitmaps: which cards of an issuer are revoked.
 *
 *		off	len
 *		  0	  1	0xC2, magic and version (0xC3 for a delta)
 *		  1	  1	suite: ed25519 or sm2
 *		  2	  2	number of the key
 *		  4	  4	issuer
 *		  8	  4	epoch, grows with every publication
 *		 12	  4	published, minutes since 2020-01-01 UTC
 *		 16	  4	number of cards covered
 *		 20	 ..	a bit a card, the lowest first; 1 is revoked
 *		 ..	 64	signature over all before it, by a key for what is published
 *
 * A delta has the header of the new bitmap, the old epoch (4), the gaps between
 * bits that change as 7-bit groups, and the new bitmap's signature.
 */
#ifndef COMMUNITY_STATUS_H
#define COMMUNITY_STATUS_H

#include "card/ring.h"

#define STATUS_MAGIC		0xC2
#define STATUS_DELTA_MAGIC	0xC3
#define STATUS_HEADER		20
#define STATUS_DELTA_HEADER	24
#define STATUS_MAX_CARDS	100000000

/* The head of a bitmap or delta. */
typedef struct status_head
{
	uint8_t		suite;
	uint16_t	key_id;
	uint32_t	issuer;
	uint32_t	epoch;
	uint32_t	published;		/* minutes */
	uint32_t	ncards;
	uint32_t	from_epoch;		/* of a delta only */
	size_t		body;			/* bytes before the signature */
} status_head;

#define STATUS_SIZE(n)	(STATUS_HEADER + ((size_t) (n) + 7) / 8 + RING_SIGNATURE)

extern bool community_status_read(const unsigned char *data, size_t len, status_head *head);
extern size_t community_status_begin(const status_head *head, unsigned char *out);
extern bool community_status_sign(const ring_key *key, unsigned char *data, size_t *len);
extern bool community_status_verify(const card_ring *ring, const unsigned char *data, size_t len);
extern int	community_status_revoked(const unsigned char *data, size_t len, uint32_t index);
extern size_t community_status_delta(const unsigned char *old, size_t old_len,
									 const unsigned char *new, size_t new_len,
									 unsigned char *out);
extern size_t community_status_delta_size(const unsigned char *old, size_t old_len,
										  const unsigned char *new, size_t new_len);
extern bool community_status_delta_read(const unsigned char *delta, size_t len, status_head *head);
extern size_t community_status_apply(const unsigned char *old, size_t old_len,
									 const unsigned char *delta, size_t len,
									 unsigned char *out, size_t room);

#endif							/* COMMUNITY_STATUS_H */
