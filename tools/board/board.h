/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The board that runs. Threads: those of libmicrohttpd, which read requests and
 * decide; the store's, which tells what became of it; and the main one, which looks
 * at the clock. A connection whose answer is not yet there is suspended.
 */
#ifndef BOARD_BOARD_H
#define BOARD_BOARD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "history.h"
#include "list.h"
#include "pool.h"
#include "report.h"
#include "request.h"
#include "store.h"
#include "tree.h"
#include "view.h"

/* Places that change at a time and are told apart; more wake all watchers. */
#define TOUCHED_MAX	32

/**
 * struct counters - for /metrics, since the start
 * @requests: by hundreds of the status
 * @problems: by code
 * @retries: transactions that were decided again, as others were faster
 * @expired: leases that ended
 * @slow: connections closed because nothing came for too long
 * @connections: that are open now
 */
struct counters {
	atomic_uint_fast64_t requests[6];
	atomic_uint_fast64_t problems[PROBLEM_CODES];
	atomic_uint_fast64_t retries;
	atomic_uint_fast64_t expired;
	atomic_uint_fast64_t slow;
	atomic_int_fast64_t connections;
};

struct MHD_Daemon;

/**
 * struct board - the board
 * @config: what the administrator wants
 * @daemon: libmicrohttpd's part
 * @store: the records
 * @lock: of all below but what is atomic
 * @view: the records, as they were told
 * @pool: for free addresses
 * @reports: what hosts say of themselves
 * @history: what happened, once @remembers
 * @remembers: what the store tells is news, not what there was
 * @watchers: that wait for a change, @watching of them
 * @watches: requests that watch, whether they wait just now or not
 * @buckets: of the tokens, see limit.h
 * @touched: where something changed in the transaction that is being told
 * @touched_count: how many; above TOUCHED_MAX: everywhere
 * @telling: @lock is held by the thread of the store, which is telling
 * @stopping: nothing new is begun
 * @connections_lock: of @connections
 * @connections: that are open
 * @counters: statistics
 */
struct board {
	struct config config;
	struct MHD_Daemon *daemon;
	struct store *store;
	pthread_mutex_t lock;
	struct view view;
	struct pool pool;
	struct reports reports;
	struct history history;
	bool remembers;
	struct list watchers;
	unsigned int watching;
	unsigned int watches;
	struct tree buckets;
	struct place_key {
		char domain[NAME_SIZE];
		char segment[NAME_SIZE];
	} touched[TOUCHED_MAX];
	unsigned int touched_count;
	bool telling;
	bool stopping;
	pthread_mutex_t connections_lock;
	struct list connections;
	struct counters counters;
};

/* Serves until a signal says to end. Returns the exit status. */
int board_run(const struct config *c);

#endif /* BOARD_BOARD_H */
