/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long to wait before something is tried again: longer each time, up to a limit,
 * and never the same for two hosts, so that a board that comes back is not asked by
 * all of them at once.
 */
#ifndef AGENT_BACKOFF_H
#define AGENT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST	500	/* milliseconds, at most, after the first failure */

/**
 * struct backoff - how often it failed
 * @failures: since it last succeeded
 */
struct backoff {
	unsigned int failures;
};

/* It failed. Returns milliseconds to wait, @cap at most; @random is any number. */
uint64_t backoff_next(struct backoff *b, uint64_t cap, uint32_t random);

void backoff_reset(struct backoff *b);

/* Somewhere between two thirds and four thirds of @ms. */
uint64_t backoff_jitter(uint64_t ms, uint32_t random);

/* Any number. */
uint32_t backoff_random(void);

#endif /* AGENT_BACKOFF_H */
