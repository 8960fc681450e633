/* SPDX-License-Identifier: GPL-2.0 */
/* Who wants to know of changes. All are called with the board's lock held. */
#ifndef BOARD_WATCH_H
#define BOARD_WATCH_H

#include "board.h"

/* Reads what is to be watched, and whether as a stream. */
bool watch_begin(struct request *r);

/*
 * Puts into the answer what there is. Returns false if there is nothing yet and the
 * request waits, suspended.
 */
bool watch_poll(struct request *r);

/* Answers by server-sent events. Called without the lock. */
enum MHD_Result watch_stream(struct request *r);

/* No longer waits. */
void watch_end(struct request *r);

/* Something in the record changed. */
void watch_touch(struct board *b, const char *key);

/* Wakes those who watch what was touched. */
void watch_wake(struct board *b);

/* Wakes those who have waited long enough, or all. */
void watch_tick(struct board *b, uint64_t now, bool all);

#endif /* BOARD_WATCH_H */
