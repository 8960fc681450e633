/* SPDX-License-Identifier: GPL-2.0 */
/* How many requests a token may make: so many a second, and a burst. */
#ifndef BOARD_LIMIT_H
#define BOARD_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "tree.h"

/*
 * Takes one from the bucket of @id at @now (milliseconds). Returns false if it is
 * empty. Called for tokens that are known, so there are not more buckets than those.
 */
bool limit_take(struct tree *buckets, const char *id, uint64_t now, uint64_t rate,
		uint64_t burst);
void limit_clear(struct tree *buckets);

#endif /* BOARD_LIMIT_H */
