/* SPDX-License-Identifier: GPL-2.0 */
/* A transaction: what must hold, and what is then written, all or nothing. */
#ifndef BOARD_TXN_H
#define BOARD_TXN_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

#define TXN_KEY_MAX	320	/* longest key and its NUL */

enum check_kind {
	CHECK_MODIFIED,		/* the record was last written at the revision */
	CHECK_CREATED,		/* it was first written then; 0: there is none */
	CHECK_EMPTY,		/* no record has a key that begins so */
};

/**
 * struct check - a condition
 * @kind: of what
 * @key: of the record, or what its key begins with
 * @revision: see @kind
 */
struct check {
	enum check_kind kind;
	char *key;
	uint64_t revision;
};

/**
 * struct write - a change
 * @key: of the record
 * @value: NULL deletes it, if it is there
 * @leased: it ends with the lease of the transaction
 */
struct write {
	char *key;
	char *value;
	bool leased;
};

/**
 * struct txn - a transaction
 * @checks: conditions, @check_count of them
 * @writes: changes, @write_count of them, each of another record
 * @lease: of what is leased, which also renews it; 0: a new one of @ttl seconds is
 *	granted
 * @ttl: seconds, 0 if nothing is leased or @lease is given
 * @revoke: a lease that then ends, with what is still bound to it; 0: none
 */
struct txn {
	struct check *checks;
	struct write *writes;
	unsigned int check_count;
	unsigned int write_count;
	uint64_t lease;
	uint32_t ttl;
	uint64_t revoke;
};

/* Makes a key of at most TXN_KEY_MAX octets. */
__printf(2, 3) void key_format(char key[TXN_KEY_MAX], const char *fmt, ...);

/* All copy what they are given. */
void txn_check(struct txn *t, enum check_kind kind, const char *key,
	       uint64_t revision);
void txn_absent(struct txn *t, const char *key);
void txn_put(struct txn *t, const char *key, const char *value);
void txn_put_leased(struct txn *t, const char *key, const char *value);
void txn_delete(struct txn *t, const char *key);

/* Frees what is in @t and makes it empty. */
void txn_clear(struct txn *t);

#endif /* BOARD_TXN_H */
