/*
 * secret.h
 *		What cards prove with keys of their own, and PINs.
 */
#ifndef COMMUNITY_SECRET_H
#define COMMUNITY_SECRET_H

#include "card/ring.h"

#define CARD_MAC			16
#define PIN_GUESS			34	/* number of the key, HMAC */
#define PIN_STORED			52	/* version, cost, number of the key, salt, hash */
#define PIN_SALT			16
#define PIN_MIN				4
#define PIN_MAX				12

extern bool community_card_mac(const ring_key *master, int64_t cardno, uint16_t generation,
							   const unsigned char *purpose, size_t purpose_len,
							   const unsigned char *data, size_t len, unsigned char *mac);
extern bool community_card_pseudonym(const ring_key *key, uint32_t issuer, int64_t person,
									 uint64_t *pseudonym);
extern bool community_pin_form(const unsigned char *pin, size_t len);
extern bool community_pin_guess(const ring_key *pepper, int64_t cardno, uint16_t generation,
								const unsigned char *pin, size_t len, unsigned char *guess);
extern bool community_pin_store(const unsigned char *guess, const unsigned char *salt,
								unsigned char *stored);
extern int	community_pin_matches(const unsigned char *guess, const unsigned char *stored);

#endif							/* COMMUNITY_SECRET_H */
