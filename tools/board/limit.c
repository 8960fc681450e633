// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "memory.h"

/**
 * struct bucket - what a token may still do
 * @node: in the tree, by @id
 * @left: thousandths of requests
 * @when: it was so, in milliseconds
 * @id: of the token
 */
struct bucket {
	struct tree_node node;
	uint64_t left;
	uint64_t when;
	char id[];
};

static struct bucket *new_bucket(struct tree *buckets, const char *id, uint64_t now,
				 uint64_t burst)
{
	size_t len = strlen(id) + 1;
	struct bucket *b = memory_new(sizeof(*b) + len);

	memcpy(b->id, id, len);
	b->node.key = b->id;
	b->left = burst * 1000;
	b->when = now;
	tree_add(buckets, &b->node);
	return b;
}

bool limit_take(struct tree *buckets, const char *id, uint64_t now, uint64_t rate,
		uint64_t burst)
{
	struct bucket *b = (struct bucket *)tree_find(buckets, id);

	if (!b)
		b = new_bucket(buckets, id, now, burst);
	if (now > b->when) {
		b->left += (now - b->when) * rate;
		b->when = now;
	}
	if (b->left > burst * 1000)
		b->left = burst * 1000;
	if (b->left < 1000)
		return false;
	b->left -= 1000;
	return true;
}

void limit_clear(struct tree *buckets)
{
	while (buckets->root) {
		struct tree_node *n = buckets->root;

		tree_del(buckets, n);
		free(n);
	}
}
