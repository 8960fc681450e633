// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "etcd_snapshot.h"
#include "lease.h"
#include "memory.h"

enum {
	PAGE		= 1000,		/* records that are asked for at a time */
	ASK_MS		= 8000,
};

static void write_range(struct buf *b, const char *prefix, const char *after,
			uint64_t revision)
{
	buf_putc(b, '{');
	if (after)
		etcd_write_next(b, prefix, after);
	else
		etcd_write_key(b, prefix, "");
	buf_putc(b, ',');
	etcd_write_end(b, prefix, "");
	buf_putc(b, ',');
	etcd_write_number(b, "limit", PAGE);
	if (revision) {
		buf_putc(b, ',');
		etcd_write_number(b, "revision", revision);
	}
	buf_putc(b, '}');
}

static void add(struct snapshot *all, const json_t *kvs, const char *prefix)
{
	size_t i;

	for (i = 0; i < json_array_size(kvs); i++) {
		all->records = memory_grow(all->records, all->count, sizeof(*all->records));
		all->count += etcd_read_record(json_array_get(kvs, i), false, prefix,
					       &all->records[all->count]);
	}
}

/* Returns whether a page came, and in @more whether it is the last. */
static bool read_page(struct snapshot *all, struct etcd *e, const char *prefix, bool *more)
{
	const char *after = all->count ? all->records[all->count - 1].key : NULL;
	struct etcd_call call = { .path = "kv/range" };
	const json_t *got;
	unsigned int before = all->count;
	bool good;

	write_range(&call.body, prefix, after, all->revision);
	good = etcd_ask(e, &call, 1, lease_now() + ASK_MS);
	if (good) {
		got = json_array_get(call.answer, 0);
		/* The pages that follow are of the same. */
		if (!all->revision)
			all->revision = etcd_revision(got);
		add(all, json_object_get(got, "kvs"), prefix);
		*more = json_is_true(json_object_get(got, "more")) && all->count > before;
	}
	etcd_call_free(&call);
	return good;
}

static int compare(const void *a, const void *b)
{
	const struct etcd_record *x = a, *y = b;

	return (x->modified > y->modified) - (x->modified < y->modified);
}

bool snapshot_read(struct snapshot *all, struct etcd *e, const char *prefix,
		   uint64_t revision)
{
	bool more = true;
	unsigned int i;

	*all = (struct snapshot){ .revision = revision };
	while (more) {
		if (!read_page(all, e, prefix, &more)) {
			snapshot_free(all);
			return false;
		}
	}
	qsort(all->records, all->count, sizeof(*all->records), compare);
	all->nodes = memory_new((all->count + 1) * sizeof(*all->nodes));
	for (i = 0; i < all->count; i++) {
		all->nodes[i].key = all->records[i].key;
		tree_add(&all->keys, &all->nodes[i]);
	}
	return true;
}

bool snapshot_has(const struct snapshot *all, const char *key)
{
	return tree_find(&all->keys, key);
}

void snapshot_free(struct snapshot *all)
{
	while (all->count)
		etcd_record_free(&all->records[--all->count]);
	free(all->records);
	free(all->nodes);
	*all = (struct snapshot){ };
}
