/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers of the fuzzers, the same again from the same seed. */
#ifndef TESTS_RND_H
#define TESTS_RND_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t rnd_state;

/* Begins with the seed that @text is, or with @seed if that is NULL, and says which. */
static inline void rnd_begin(const char *text, uint64_t seed)
{
	/* From 0 nothing else would come. */
	rnd_state = (text ? strtoull(text, NULL, 10) : seed) | 1;
	printf("# seed %" PRIu64 "\n", rnd_state);
	fflush(stdout);
}

/* From 0 to @below, which it is not */
static inline uint32_t rnd(uint32_t below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return (rnd_state >> 16) % below;
}

#endif /* TESTS_RND_H */
