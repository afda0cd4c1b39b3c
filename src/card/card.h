/*
 * card.h
 *		Credentials: the signed bytes that a card, a QR code or a phone shows.
 *
 *		off	len
 *		  0	  1	0xC1, magic and version
 *		  1	  1	suite (4 bits), number of zones (4 bits, 0 to 8)
 *		  2	  2	number of the key; the ring binds it to the suite
 *		  4	  4	issuer
 *		  8	  8	card number
 *		 16	  8	pseudonym of the holder
 *		 24	  2	generation
 *		 26	  2	applications
 *		 28	  4	not before, minutes since 2020-01-01 UTC
 *		 32	  4	expires, the same
 *		 36	  4	index of the card in the issuer's status bitmap
 *		 40	 8n	zones: grid codes, ascending, none within another; none: anywhere
 *		 ..		tag of 16 bytes or signature of 64 over all before it
 *
 * Big-endian; one set of claims has one form, so equality is that of bytes.
 * Links libcrypto only; the offline reader uses it too.
 */
#ifndef COMMUNITY_CARD_H
#define COMMUNITY_CARD_H

#include "card/ring.h"

#define CREDENTIAL_MAGIC		0xC1
#define CREDENTIAL_FIXED		40
#define CREDENTIAL_MAX_ZONES	8
#define CREDENTIAL_TAG			16
#define CREDENTIAL_MIN			(CREDENTIAL_FIXED + CREDENTIAL_TAG)
#define CREDENTIAL_MAX_BODY		(CREDENTIAL_FIXED + 8 * CREDENTIAL_MAX_ZONES)
#define CREDENTIAL_MAX			(CREDENTIAL_MAX_BODY + RING_SIGNATURE)

/* 2020-01-01 in seconds since 1970. */
#define CREDENTIAL_EPOCH		INT64_C(1577836800)

#define CREDENTIAL_APPS			7
#define CREDENTIAL_ALL_APPS		((1 << CREDENTIAL_APPS) - 1)

/* Text: "cc1." and base64url; QR: "CC1:" and base45. */
#define CREDENTIAL_TEXT_MAX		(4 + (CREDENTIAL_MAX * 4 + 2) / 3)
#define CREDENTIAL_QR_MAX		(4 + CREDENTIAL_MAX / 2 * 3 + 2)
#define CREDENTIAL_CWT_MAX		512

/* What a credential says. */
typedef struct credential_claims
{
	uint8_t		suite;			/* ring_use 1 to 4 */
	uint8_t		nzones;
	uint16_t	key_id;
	uint32_t	issuer;
	int64_t		cardno;
	uint64_t	holder;
	uint16_t	generation;
	uint16_t	apps;
	uint32_t	not_before;		/* minutes */
	uint32_t	expires;
	uint32_t	index;
	int64_t		zones[CREDENTIAL_MAX_ZONES];
} credential_claims;

/* Answers of a verification, in the order of the checks. */
typedef enum credential_status
{
	CREDENTIAL_OK,
	CREDENTIAL_MALFORMED,
	CREDENTIAL_NO_KEY,			/* unknown key, or one of another suite */
	CREDENTIAL_BAD_TAG,
	CREDENTIAL_NOT_YET,
	CREDENTIAL_EXPIRED,
	CREDENTIAL_WRONG_APP,
	CREDENTIAL_WRONG_ZONE
} credential_status;

extern const char *const community_credential_apps[CREDENTIAL_APPS];
extern const char *const community_credential_suites[5];

extern const char *community_credential_check(const credential_claims *claims);
extern size_t community_credential_encode(const credential_claims *claims, unsigned char *out);
extern const char *community_credential_decode(const unsigned char *data, size_t len,
											   credential_claims *claims);
extern size_t community_credential_tag_size(int suite);
extern bool community_credential_sign(const ring_key *key, unsigned char *data, size_t *len);
extern credential_status community_credential_verify(const card_ring *ring,
													 const unsigned char *data, size_t len,
													 int64_t minute, int64_t zone, int app,
													 credential_claims *claims);
extern const char *community_credential_status_name(credential_status status);
extern bool community_zones_sort(int64_t *zones, int *nzones);

extern size_t community_credential_print(const unsigned char *data, size_t len, char *out);
extern const char *community_credential_parse(const char *text, size_t len,
											  unsigned char *data, size_t *data_len);
extern size_t community_credential_qr(const unsigned char *data, size_t len, char *out);
extern bool community_credential_cwt(const ring_key *key, const credential_claims *claims,
									 unsigned char *out, size_t *len);

#endif							/* COMMUNITY_CARD_H */
