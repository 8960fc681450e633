/* SPDX-License-Identifier: GPL-2.0 */
/* What the generators of the storm share: random numbers, time and a report. */
#ifndef _NET_STORM_H
#define _NET_STORM_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* Each thread has random numbers of its own: what one draws does not depend on others. */
struct rng {
	uint64_t state;
};

/* Number @who of those that were given @seed. */
static inline void rng_begin(struct rng *rng, uint64_t seed, uint64_t who)
{
	/* From 0 nothing else would come. */
	rng->state = (seed + 1) * 0x9e3779b97f4a7c15ull ^ (who + 1) * 0xbf58476d1ce4e5b9ull;
	rng->state |= 1;
}

static inline uint32_t rng_any(struct rng *rng)
{
	rng->state ^= rng->state << 13;
	rng->state ^= rng->state >> 7;
	rng->state ^= rng->state << 17;
	return (uint32_t)(rng->state >> 16);
}

/* From 0 to @below, which it is not */
static inline uint32_t rng_below(struct rng *rng, uint32_t below)
{
	return rng_any(rng) % below;
}

static inline bool rng_percent(struct rng *rng, uint32_t percent)
{
	return rng_below(rng, 100) < percent;
}

#define RNG_PICK(rng, array)	((array)[rng_below(rng, NR(array))])

/* Numbers at which something ends or turns. */
static inline uint32_t rng_edge(struct rng *rng)
{
	static const uint32_t edges[] = {
		0, 1, 2, 3, 7, 8, 15, 16, 64, 127, 128, 255, 256, 1000, 1500, 4095, 4096,
		8191, 8192, 16383, 32767, 32768, 65534, 65535, 65536, 0xffffff,
		0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};

	return RNG_PICK(rng, edges);
}

static inline void rng_fill(struct rng *rng, void *at, size_t len)
{
	uint8_t *p = at;

	while (len--)
		*p++ = (uint8_t)rng_any(rng);
}

static inline uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* One line of the report: how often, and how often it was accepted. */
static inline void tell(const char *program, const char *what, uint64_t runs, uint64_t good)
{
	printf("# %s %s: %" PRIu64 ", %" PRIu64 " accepted\n", program, what, runs, good);
}

#endif /* _NET_STORM_H */
