/*
 * fuzz.h
 *		What the fuzz targets share: libFuzzer's entry, a host, an assertion.
 */
#ifndef COMMUNITY_FUZZ_H
#define COMMUNITY_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid/gridalloc.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Allocate or end: the pure parts expect a host that never gives NULL. */
static inline void *
fuzz_allocate(size_t size)
{
	void	   *p = malloc(size ? size : 1);

	if (p == NULL)
		exit(0);
	return p;
}

/* Enlarge or end. */
static inline void *
fuzz_enlarge(void *old, size_t size)
{
	void	   *p = realloc(old, size);

	if (p == NULL)
		exit(0);
	return p;
}

/* Nothing interrupts a fuzz run. */
static inline void
fuzz_interrupt(void)
{
}

static const GridHost fuzz_host = {fuzz_allocate, fuzz_enlarge, free, fuzz_interrupt};

/* An assertion that stays in optimised builds. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* Keep a static function used in every target. */
static inline const GridHost *
fuzz_get_host(void)
{
	return &fuzz_host;
}

#endif							/* COMMUNITY_FUZZ_H */
