/*
 * bigrams.h
 *		Adjacent character pairs of a text, for index search in Chinese.
 */
#ifndef COMMUNITY_BIGRAMS_H
#define COMMUNITY_BIGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pair packs two code points; the second is 0 for a one-character word. */
#define BIGRAM_FIRST(p)		((uint32_t) ((p) >> 32))
#define BIGRAM_SECOND(p)	((uint32_t) (p))

/* UTF-8 needs at most four bytes for a code point. */
#define BIGRAM_BYTES		8

extern uint32_t community_bigram_fold(uint32_t c);
extern bool community_bigram_core(const unsigned char *text, size_t len,
								  uint64_t *pairs, size_t *npairs);
extern size_t community_bigram_utf8(uint64_t pair, unsigned char *out);

#endif							/* COMMUNITY_BIGRAMS_H */
