/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions that etcd can do as one: what one of them writes no other checks or
 * writes, so that it is the same as if they were done one after the other.
 */
#ifndef BOARD_ETCD_GROUP_H
#define BOARD_ETCD_GROUP_H

#include "tree.h"
#include "txn.h"

/* Of these so many are below what etcd allows by default, 128 in all. */
enum {
	GROUP_MAX	= 48,		/* transactions */
	GROUP_OPS_MAX	= 64,		/* checks, and writes, of each */
	GROUP_OCTETS	= 512 << 10,	/* of keys and values */
};

/**
 * struct group - what they use
 * @keys: that they check or write
 * @prefixes: of keys of which there must be none, @prefix_count of them
 * @count: transactions
 * @octets: of keys and values
 */
struct group {
	struct tree keys;
	const char **prefixes;
	unsigned int prefix_count;
	unsigned int count;
	size_t octets;
};

/* Adds @t, which must live longer; false if it has to wait for the next group. */
bool group_add(struct group *g, const struct txn *t);

void group_clear(struct group *g);

#endif /* BOARD_ETCD_GROUP_H */
