// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "etcd_group.h"
#include "memory.h"

/**
 * struct used - a key that is used
 * @node: in the group, by the key
 * @written: not only checked
 */
struct used {
	struct tree_node node;
	bool written;
};

static struct used *used_of(struct tree_node *n)
{
	return (struct used *)n;
}

static bool begins_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool writes_below(const struct group *g, const char *prefix)
{
	struct tree_node *n;

	for (n = tree_from(&g->keys, prefix, false); n && begins_with(n->key, prefix);
	     n = tree_from(&g->keys, n->key, true))
		if (used_of(n)->written)
			return true;
	return false;
}

static bool check_is_apart(const struct group *g, const struct check *c)
{
	struct used *u;

	if (c->kind == CHECK_EMPTY)
		return !writes_below(g, c->key);
	u = used_of(tree_find(&g->keys, c->key));
	return !u || !u->written;
}

static bool write_is_apart(const struct group *g, const struct write *w)
{
	unsigned int i;

	for (i = 0; i < g->prefix_count; i++)
		if (begins_with(w->key, g->prefixes[i]))
			return false;
	return !tree_find(&g->keys, w->key);
}

static bool is_apart(const struct group *g, const struct txn *t)
{
	unsigned int i;

	for (i = 0; i < t->check_count; i++)
		if (!check_is_apart(g, &t->checks[i]))
			return false;
	for (i = 0; i < t->write_count; i++)
		if (!write_is_apart(g, &t->writes[i]))
			return false;
	return true;
}

static size_t octets_of(const struct txn *t)
{
	size_t sum = 0;
	unsigned int i;

	for (i = 0; i < t->check_count; i++)
		sum += strlen(t->checks[i].key);
	for (i = 0; i < t->write_count; i++)
		sum += strlen(t->writes[i].key) +
		       (t->writes[i].value ? strlen(t->writes[i].value) : 0);
	return sum;
}

static void use(struct group *g, const char *key, bool written)
{
	struct used *u = used_of(tree_find(&g->keys, key));

	if (!u) {
		u = memory_new(sizeof(*u));
		u->node.key = key;
		tree_add(&g->keys, &u->node);
	}
	u->written |= written;
}

static void use_all(struct group *g, const struct txn *t)
{
	unsigned int i;

	for (i = 0; i < t->check_count; i++) {
		if (t->checks[i].kind != CHECK_EMPTY) {
			use(g, t->checks[i].key, false);
			continue;
		}
		g->prefixes = memory_grow(g->prefixes, g->prefix_count, sizeof(*g->prefixes));
		g->prefixes[g->prefix_count++] = t->checks[i].key;
	}
	for (i = 0; i < t->write_count; i++)
		use(g, t->writes[i].key, true);
}

bool group_add(struct group *g, const struct txn *t)
{
	size_t octets = octets_of(t);

	/* Whatever it is, alone it may be done. */
	if (g->count && (g->count == GROUP_MAX || t->check_count > GROUP_OPS_MAX ||
			 t->write_count > GROUP_OPS_MAX ||
			 g->octets + octets > GROUP_OCTETS || !is_apart(g, t)))
		return false;
	use_all(g, t);
	g->count++;
	g->octets += octets;
	/* Nor do others go with what is large. */
	if (t->check_count > GROUP_OPS_MAX || t->write_count > GROUP_OPS_MAX)
		g->count = GROUP_MAX;
	return true;
}

void group_clear(struct group *g)
{
	while (g->keys.root) {
		struct used *u = used_of(g->keys.root);

		tree_del(&g->keys, &u->node);
		free(u);
	}
	free(g->prefixes);
	*g = (struct group){ };
}
