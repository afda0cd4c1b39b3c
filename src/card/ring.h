/*
 * ring.h
 *		The key ring: keys by number, each bound to one use.
 *
 * Links libcrypto only; the offline reader uses it too.
 */
#ifndef COMMUNITY_RING_H
#define COMMUNITY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

/*
 * What a key is for; the first four are the suites of a credential.  A key that
 * signs credentials signs nothing else, and the other way round.
 */
typedef enum ring_use
{
	RING_HMAC_SHA256 = 1,
	RING_HMAC_SM3 = 2,
	RING_ED25519 = 3,
	RING_SM2 = 4,
	RING_SEAL_AES = 5,			/* sealed values, AES-256-GCM */
	RING_SEAL_SM4 = 6,			/* sealed values, SM4-CTR with HMAC-SM3 */
	RING_INDEX = 7,				/* blind index */
	RING_PSEUDONYM = 8,			/* pseudonyms of card holders */
	RING_PIN = 9,				/* pepper of PINs */
	RING_CARD = 10,				/* master of the cards' own keys */
	RING_SIGN_ED25519 = 11,		/* what is published: bitmaps, documents */
	RING_SIGN_SM2 = 12
} ring_use;

#define RING_USES		12
#define RING_MAX_KEYS	256
#define RING_MAX_BYTES	65536
#define RING_MATERIAL	64
#define RING_SIGNATURE	64		/* Ed25519, and SM2 as r || s */

/* One key of the ring. */
typedef struct ring_key
{
	uint16_t	id;
	uint8_t		use;			/* ring_use */
	bool		active;			/* new values are made with it */
	bool		private_half;	/* can sign, seal, make tags */
	uint8_t		len;			/* of material */
	uint8_t		public_len;
	unsigned char material[RING_MATERIAL];	/* secret, unless only public */
	unsigned char public_key[RING_MATERIAL];	/* Ed25519 32, SM2 x || y 64 */
	unsigned char kcv[4];		/* check value, tells nothing of the key */
	EVP_MAC_CTX *mac;			/* keyed, for the symmetric uses */
	EVP_PKEY   *pkey;			/* for the suites with signatures */
} ring_key;

/* A ring, keys in the order of their numbers. */
typedef struct card_ring
{
	int			nkeys;
	ring_key	keys[RING_MAX_KEYS];
} card_ring;

/*
 * Tell the algorithm of a use: keys of two uses may share it.
 */
static inline int
ring_algorithm(int use)
{
	return use == RING_SIGN_ED25519 ? RING_ED25519 : use == RING_SIGN_SM2 ? RING_SM2 : use;
}

/*
 * Tell the use of the keys that sign with an algorithm what is published; 0 when
 * it makes no signatures.
 */
static inline int
ring_publisher(int algorithm)
{
	return algorithm == RING_ED25519 ? RING_SIGN_ED25519 :
		algorithm == RING_SM2 ? RING_SIGN_SM2 : 0;
}

extern const char *community_ring_use_name(int use);
extern bool community_ring_read(const char *text, size_t len, card_ring *ring,
								int *line, const char **error);
extern void community_ring_clear(card_ring *ring);
extern const ring_key *community_ring_find(const card_ring *ring, uint16_t id);
extern const ring_key *community_ring_active(const card_ring *ring, int use);
extern bool community_ring_tag(const ring_key *key, const unsigned char *const *parts,
							   const size_t *lens, int nparts, unsigned char *tag);
extern bool community_ring_sign(const ring_key *key, const unsigned char *data, size_t len,
								unsigned char *signature);
extern bool community_ring_verify(const ring_key *key, const unsigned char *data, size_t len,
								  const unsigned char *signature);

#endif							/* COMMUNITY_RING_H */
