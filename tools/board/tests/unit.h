/* SPDX-License-Identifier: GPL-2.0 */
/* Unit tests of the board: results as TAP, and records without a store. */
#ifndef BOARD_TESTS_UNIT_H
#define BOARD_TESTS_UNIT_H

#include "ask.h"
#include "tap.h"

/**
 * struct desk - what asks, and does what comes of it to a view of its own
 * @view: the records
 * @pool: for addresses
 * @caller: who asks
 * @lease: the last that was granted
 * @ask: the last question
 * @json: what came with it
 */
struct desk {
	struct view view;
	struct pool pool;
	struct caller caller;
	uint64_t lease;
	struct ask ask;
	json_t *json;
};

void desk_open(struct desk *d);
void desk_close(struct desk *d);

/*
 * Asks about @path, "DOMAIN/SEGMENT/NAME" with any part empty, with @body or NULL,
 * and does not do what comes of it.
 */
bool desk_ask(struct desk *d, ask_fn fn, const char *path, const char *body);

/* Does a transaction, as a store would. Returns false if a check fails. */
bool desk_do(struct desk *d, const struct txn *t);

/* Both. Returns the code of the problem, or "" */
const char *desk_act(struct desk *d, ask_fn fn, const char *path, const char *body);

/* A text, or a number as text, in the last answer. */
const char *desk_member(struct desk *d, const char *name);

/* All records of a lease end. */
void desk_expire(struct desk *d, uint64_t lease);

void test_tree(void);
void test_prefix(void);
void test_pool(void);
void test_lease(void);
void test_limit(void);
void test_view(void);
void test_etcd(void);
void test_model(void);
void test_races(void);
void test_store(void);

#endif /* BOARD_TESTS_UNIT_H */
