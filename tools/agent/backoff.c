// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "backoff.h"

/* Beyond this many doublings each limit is reached. */
#define DOUBLINGS_MAX	20

/* @random of all there are, of @range. */
static uint64_t part(uint64_t range, uint32_t random)
{
	return (range * random) >> 32;
}

uint64_t backoff_next(struct backoff *b, uint64_t cap, uint32_t random)
{
	unsigned int doublings = b->failures;
	uint64_t most;

	if (doublings > DOUBLINGS_MAX)
		doublings = DOUBLINGS_MAX;
	b->failures++;
	most = (uint64_t)BACKOFF_FIRST << doublings;
	if (most > cap)
		most = cap;
	/* Half of it is certain, so that no host asks all the time. */
	return most / 2 + part(most - most / 2 + 1, random);
}

void backoff_reset(struct backoff *b)
{
	b->failures = 0;
}

uint64_t backoff_jitter(uint64_t ms, uint32_t random)
{
	return ms - ms / 3 + part(2 * (ms / 3), random);
}

uint32_t backoff_random(void)
{
	uint32_t n;

	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) == sizeof(n))
		return n;
	/* Early in a boot: hosts still have to differ. */
	return (uint32_t)(time(NULL) * 2654435761u) ^ (uint32_t)gethostid() ^ (uint32_t)getpid();
}
