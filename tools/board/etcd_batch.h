/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is asked of etcd together: leases first, then transactions, which become one as
 * far as they have nothing to do with one another.
 *
 * With each goes a record, the mark, so that its revision is one that is watched, also if
 * all else of it failed. What is deleted without a mark was deleted by etcd, with its
 * lease.
 */
#ifndef BOARD_ETCD_BATCH_H
#define BOARD_ETCD_BATCH_H

#include "etcd.h"
#include "store.h"

#define MARK		"mark"
#define BATCH_MAX	256	/* jobs */

/**
 * struct asker - who asks; one thread at a time
 * @client: of the cluster
 * @prefix: of our keys
 * @complained: the last error of etcd that was complained about; 0: it works
 * @commits: transactions that were done
 */
struct asker {
	struct etcd *client;
	char *prefix;
	int complained;
	uint64_t commits;
};

/* The last time no member could do what was asked. */
bool asker_is_down(const struct asker *a);

/* As etcd_ask(), for as long as it may help: not long, if the last time it did not. */
bool asker_ask(struct asker *a, struct etcd_call *calls, unsigned int count);

/* Adds the mark, as a part of a transaction. */
void asker_write_mark(const struct asker *a, struct buf *b);

/**
 * struct batch - jobs that are done together
 * @next: that is answered after it
 * @jobs: the jobs
 * @results: for their done()
 * @revisions: for their done()
 * @leases: of what is bound to one
 * @left: not done yet
 * @count: how many
 * @need: revision that must be told before they are answered; 0: none
 * @since: when they were done, lease_now()
 */
struct batch {
	struct batch *next;
	struct store_job *jobs[BATCH_MAX];
	int results[BATCH_MAX];
	uint64_t revisions[BATCH_MAX];
	uint64_t leases[BATCH_MAX];
	bool left[BATCH_MAX];
	unsigned int count;
	uint64_t need;
	uint64_t since;
};

/* Does them, and sets the results and @need. */
void batch_do(struct batch *b, struct asker *a);

#endif /* BOARD_ETCD_BATCH_H */
