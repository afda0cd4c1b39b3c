/*
 * seal.h
 *		Sealed values: text that only the ring opens, bound to its place.
 *
 *		off	len
 *		  0	  1	0xE1, magic and version
 *		  1	  1	1 AES-256-GCM, 2 SM4-CTR then HMAC-SM3
 *		  2	  2	number of the key, big-endian; 0 for a data key
 *		  4	 12	nonce (16 for suite 2)
 *		 ..	  n	text, padded with 0x80 and zeros to a multiple of 16
 *		 ..	 16	tag over everything and the context
 */
#ifndef COMMUNITY_SEAL_H
#define COMMUNITY_SEAL_H

#include "card/ring.h"

#define SEAL_MAGIC		0xE1
#define SEAL_AES		1
#define SEAL_SM4		2
#define SEAL_HEADER		4
#define SEAL_TAG		16
#define SEAL_BLOCK		16
#define SEAL_MAX_NONCE	16

/* Room that a sealed value needs for a text. */
#define SEAL_SIZE(n) \
	(SEAL_HEADER + SEAL_MAX_NONCE + ((n) / SEAL_BLOCK + 1) * SEAL_BLOCK + SEAL_TAG)

typedef enum seal_status
{
	SEAL_OK,
	SEAL_BROKEN,				/* not the form of a sealed value */
	SEAL_NO_KEY,				/* the ring has not the key */
	SEAL_REFUSED,				/* tag, context or padding do not fit */
	SEAL_FAILED					/* libcrypto failed */
} seal_status;

extern seal_status community_seal(const ring_key *key, const unsigned char *nonce,
								  const unsigned char *context, size_t context_len,
								  const unsigned char *text, size_t len,
								  unsigned char *out, size_t *out_len);
extern seal_status community_unseal(const card_ring *ring, const ring_key *data_key,
									const unsigned char *context, size_t context_len,
									const unsigned char *sealed, size_t len,
									unsigned char *out, size_t *out_len);

#endif							/* COMMUNITY_SEAL_H */
