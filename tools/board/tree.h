/* SPDX-License-Identifier: GPL-2.0 */
/* A sorted set of strings, part of what its user allocates. Not locked. */
#ifndef BOARD_TREE_H
#define BOARD_TREE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct tree_node - what a member has in it
 * @child: smaller and larger keys
 * @rank: random; never above that of the parent, which keeps the tree flat
 * @key: lives as long as the member
 */
struct tree_node {
	struct tree_node *child[2];
	uint32_t rank;
	const char *key;
};

/**
 * struct tree - the set
 * @root: NULL if it is empty
 * @seed: of the ranks
 */
struct tree {
	struct tree_node *root;
	uint32_t seed;
};

/* Member with this key, or NULL. */
struct tree_node *tree_find(const struct tree *t, const char *key);

/* Adds a member; there must be none with its key. */
void tree_add(struct tree *t, struct tree_node *n);

/* Removes a member. */
void tree_del(struct tree *t, struct tree_node *n);

/* First member whose key is not below @key (or is above it, if @after). */
struct tree_node *tree_from(const struct tree *t, const char *key, bool after);

/*
 * Calls @visit for each member whose key is not below @from, in order, until it
 * returns false. It may not change the set.
 */
void tree_walk(const struct tree *t, const char *from,
	       bool (*visit)(struct tree_node *n, void *arg), void *arg);

#endif /* BOARD_TREE_H */
