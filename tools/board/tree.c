// SPDX-License-Identifier: GPL-2.0
/* A treap: a search tree by key that is a heap by rank. */
#include <stddef.h>
#include <string.h>

#include "tree.h"

static uint32_t next_rank(struct tree *t)
{
	uint32_t x = t->seed ? t->seed : 0x9e3779b9;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	t->seed = x;
	return x;
}

struct tree_node *tree_find(const struct tree *t, const char *key)
{
	struct tree_node *n = t->root;

	while (n) {
		int cmp = strcmp(key, n->key);

		if (!cmp)
			break;
		n = n->child[cmp > 0];
	}
	return n;
}

/* Cuts the tree below @n in two: keys below @key, and the others. */
static void split(struct tree_node *n, const char *key, struct tree_node **low,
		  struct tree_node **high)
{
	while (n) {
		if (strcmp(n->key, key) < 0) {
			*low = n;
			low = &n->child[1];
			n = n->child[1];
		} else {
			*high = n;
			high = &n->child[0];
			n = n->child[0];
		}
	}
	*low = NULL;
	*high = NULL;
}

void tree_add(struct tree *t, struct tree_node *n)
{
	struct tree_node **at = &t->root;

	n->rank = next_rank(t);
	while (*at && (*at)->rank >= n->rank)
		at = &(*at)->child[strcmp(n->key, (*at)->key) > 0];
	split(*at, n->key, &n->child[0], &n->child[1]);
	*at = n;
}

void tree_del(struct tree *t, struct tree_node *n)
{
	struct tree_node *low = n->child[0], *high = n->child[1];
	struct tree_node **at = &t->root;

	while (*at != n)
		at = &(*at)->child[strcmp(n->key, (*at)->key) > 0];
	while (low && high) {
		if (low->rank >= high->rank) {
			*at = low;
			at = &low->child[1];
			low = *at;
		} else {
			*at = high;
			at = &high->child[0];
			high = *at;
		}
	}
	*at = low ? low : high;
}

struct tree_node *tree_from(const struct tree *t, const char *key, bool after)
{
	struct tree_node *n = t->root, *best = NULL;

	while (n) {
		int cmp = strcmp(n->key, key);

		if (cmp > 0 || (!cmp && !after)) {
			best = n;
			n = n->child[0];
		} else {
			n = n->child[1];
		}
	}
	return best;
}

static bool walk(struct tree_node *n, const char *from,
		 bool (*visit)(struct tree_node *n, void *arg), void *arg)
{
	if (!n)
		return true;
	if (strcmp(n->key, from) >= 0 &&
	    (!walk(n->child[0], from, visit, arg) || !visit(n, arg)))
		return false;
	return walk(n->child[1], from, visit, arg);
}

void tree_walk(const struct tree *t, const char *from,
	       bool (*visit)(struct tree_node *n, void *arg), void *arg)
{
	walk(t->root, from, visit, arg);
}
