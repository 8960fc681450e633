/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the records are kept.
 *
 * A record is a key, a value, and the revisions at which it was created and last
 * written. Each transaction that writes takes the next revision of the whole
 * store. A record may be bound to a lease: unless that is renewed within its TTL,
 * all its records are deleted in one transaction. These are the terms of etcd's
 * version 3, so that a cluster of it can be another kind of store; nothing above
 * this knows which one there is.
 *
 * Several programs may use a store at a time. What each of them commits is told
 * to all, in order of revision.
 */
#ifndef BOARD_STORE_H
#define BOARD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "txn.h"

/**
 * struct event - a record was written or deleted
 * @key: of the record
 * @value: NULL: it was deleted
 * @created: revision
 * @modified: revision
 * @lease: that it is bound to, 0 if to none
 */
struct event {
	const char *key;
	const char *value;
	uint64_t created;
	uint64_t modified;
	uint64_t lease;
};

struct config;

/**
 * struct store_listener - who is told
 * @event: a change that is durable; those of one revision follow one another
 * @committed: they were all up to @revision; what was deleted at or before
 *	@compacted is forgotten
 * @expired: leases that ended since the last call, for statistics
 * @next: of the keys that were told and not deleted the first above @after; for a
 *	store that has forgotten what was deleted in the meantime. May be NULL
 * @arg: of the functions
 *
 * Called by one thread at a time, and from store_open() for what there is.
 */
struct store_listener {
	void (*event)(void *arg, const struct event *e);
	void (*committed)(void *arg, uint64_t revision, uint64_t compacted);
	void (*expired)(void *arg, unsigned int leases);
	const char *(*next)(void *arg, const char *after);
	void *arg;
};

/**
 * struct store_job - what is asked of a store
 * @next: for the store
 * @txn: the transaction, if it has checks or writes
 * @renew: otherwise, the lease to renew
 * @done: called when the answer is durable and the listener knows it, by a thread
 *	of the store; the job is then the caller's again. @result: 0, -EAGAIN if
 *	a check failed, -ENOENT if there is no such lease, -ENOSPC, -E2BIG, -EIO,
 *	-EHOSTUNREACH: it may have been done or not; @revision: of the transaction
 */
struct store_job {
	struct store_job *next;
	struct txn txn;
	uint64_t renew;
	void (*done)(struct store_job *job, int result, uint64_t revision);
};

/**
 * struct store_stats - since the store was opened
 * @commits: times that something was made durable
 * @jobs: that were done
 * @conflicts: of which a check failed
 * @failures: of which could not be made durable
 * @down: nothing can be made durable for now
 */
struct store_stats {
	uint64_t commits;
	uint64_t jobs;
	uint64_t conflicts;
	uint64_t failures;
	bool down;
};

struct store;

/**
 * struct store_ops - a kind of store
 * @submit: see store_submit()
 * @stats: see store_stats()
 * @close: see store_close()
 */
struct store_ops {
	void (*submit)(struct store *s, struct store_job *job);
	void (*stats)(struct store *s, struct store_stats *stats);
	void (*close)(struct store *s);
};

/**
 * struct store - a store; its kind has more
 * @ops: what it can do
 */
struct store {
	const struct store_ops *ops;
};

/*
 * Opens the store in the file @path, made if there is none, and tells @listener
 * (which is copied) all that is in it. One program at a time is its @keeper, who
 * ends leases; they then begin anew, and nobody else can use them. Returns NULL
 * after it wrote to @why what to do about it.
 */
struct store *store_sqlite_open(const char *path, bool keeper,
				const struct store_listener *listener,
				char *why, size_t size);

/* The same for the store that the configuration names, whichever it is. */
struct store *store_open(const struct config *c, bool keeper,
			 const struct store_listener *listener, char *why, size_t size);

/* Does not wait; jobs are done in the order they come. */
void store_submit(struct store *s, struct store_job *job);

void store_stats(struct store *s, struct store_stats *stats);

/* Does what was submitted and ends. */
void store_close(struct store *s);

#endif /* BOARD_STORE_H */
