/* SPDX-License-Identifier: GPL-2.0 */
/* Messages on their way: they come back in the order in which they left. */
#ifndef PING_PENDING_H
#define PING_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#define PENDING_MAX	4096

/**
 * struct pending - a queue
 * @seq: number of the oldest
 * @sent: when each was sent, by number modulo the size
 * @count: how many
 * @late: of them, the oldest, those of which it was said that they are late
 */
struct pending {
	uint64_t seq;
	uint64_t sent[PENDING_MAX];
	unsigned int count;
	unsigned int late;
};

/* Adds message @seq, the next one unless the queue is empty; there must be room. */
void pending_add(struct pending *p, uint64_t seq, uint64_t now);

/* Takes the oldest; false if there is none. */
bool pending_take(struct pending *p, uint64_t *seq, uint64_t *sent);

/*
 * Makes the oldest that was sent at or before @then and is not late yet so; false
 * if there is none.
 */
bool pending_make_late(struct pending *p, uint64_t then, uint64_t *seq);

/* When the oldest that is not late was sent, UINT64_MAX if there is none. */
uint64_t pending_oldest(const struct pending *p);

#endif /* PING_PENDING_H */
