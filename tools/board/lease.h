/* SPDX-License-Identifier: GPL-2.0 */
/* The leases of a store that keeps time itself. Not locked. */
#ifndef BOARD_LEASE_H
#define BOARD_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "tree.h"

/**
 * struct lease - a promise to be heard of again
 * @node: in the table, by @key
 * @key: @id as text
 * @id: of the lease, never 0
 * @ttl: seconds
 * @deadline: milliseconds of the monotonic clock
 * @next_fresh: another that is not yet durable
 */
struct lease {
	struct tree_node node;
	char key[17];
	uint64_t id;
	uint32_t ttl;
	uint64_t deadline;
	struct lease *next_fresh;
};

/**
 * struct leases - all of them
 * @tree: by id
 * @fresh: those that are not yet durable
 * @next: no deadline is before this
 * @count: how many there are
 */
struct leases {
	struct tree tree;
	struct lease *fresh;
	uint64_t next;
	unsigned int count;
};

/* Milliseconds since some time in the past; no clock that anybody sets. */
uint64_t lease_now(void);

struct lease *lease_find(const struct leases *l, uint64_t id);

/* Adds a lease that begins at @now. */
struct lease *lease_add(struct leases *l, uint64_t id, uint32_t ttl,
			uint64_t now);

/* The same for one that is not yet durable; lease_settle() comes next. */
struct lease *lease_grant(struct leases *l, uint64_t id, uint32_t ttl,
			  uint64_t now);

/* Begins it anew. Returns false if there is none. */
bool lease_renew(struct leases *l, uint64_t id, uint64_t now);

/* It has ended, if it is there. */
void lease_revoke(struct leases *l, uint64_t id);

/* One that ended at or before @now, or NULL. */
struct lease *lease_expired(struct leases *l, uint64_t now);

/* All end @ms later: for so long nobody could have been heard. */
void lease_delay(struct leases *l, uint64_t ms);

/* Those that were fresh are now durable, or gone. */
void lease_settle(struct leases *l, bool durable);

void lease_del(struct leases *l, struct lease *lease);
void lease_clear(struct leases *l);

#endif /* BOARD_LEASE_H */
