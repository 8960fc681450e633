// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "view.h"

static struct record *record_of(struct tree_node *n)
{
	return (struct record *)n;
}

static struct record *recent_of(const struct view *v, struct list *link)
{
	return list_entry(link, &v->recent, struct record, recent);
}

void view_init(struct view *v)
{
	*v = (struct view){ };
	list_init(&v->recent);
}

static void forget(struct view *v, struct record *r)
{
	list_del(&r->recent);
	tree_del(&v->tree, &r->node);
	free(r->value);
	free(r);
}

void view_clear(struct view *v)
{
	struct record *r;

	while ((r = recent_of(v, v->recent.next)))
		forget(v, r);
}

static struct record *add(struct view *v, const char *key)
{
	size_t len = strlen(key) + 1;
	struct record *r = memory_new(sizeof(*r) + len);

	memcpy(r->key, key, len);
	r->node.key = r->key;
	tree_add(&v->tree, &r->node);
	return r;
}

void view_event(struct view *v, const struct event *e)
{
	struct record *r = record_of(tree_find(&v->tree, e->key));

	if (r)
		list_del(&r->recent);
	else
		r = add(v, e->key);
	list_add_tail(&v->recent, &r->recent);
	v->records += !!e->value - !!r->value;
	free(r->value);
	r->value = e->value ? memory_string(e->value) : NULL;
	r->created = e->created;
	r->modified = e->modified;
	r->lease = e->lease;
}

void view_committed(struct view *v, uint64_t revision, uint64_t compacted)
{
	struct record *r, *next;

	v->revision = revision;
	if (compacted == v->compacted)
		return;
	v->compacted = compacted;
	for (r = recent_of(v, v->recent.next); r && r->modified <= compacted; r = next) {
		next = recent_of(v, r->recent.next);
		if (!r->value)
			forget(v, r);
	}
}

const struct record *view_find(const struct view *v, const char *key)
{
	struct record *r = record_of(tree_find(&v->tree, key));

	return r && r->value ? r : NULL;
}

const struct record *view_next(const struct view *v, const char *prefix,
			       const char *after)
{
	struct record *r;

	r = record_of(tree_from(&v->tree, after ? after : prefix, after));
	while (r && !r->value && !strncmp(r->key, prefix, strlen(prefix)))
		r = record_of(tree_from(&v->tree, r->key, true));
	if (!r || strncmp(r->key, prefix, strlen(prefix)))
		return NULL;
	return r;
}

const struct record *view_changed(const struct view *v, uint64_t since)
{
	struct list *link = v->recent.prev;
	const struct record *r;

	while ((r = recent_of(v, link)) && r->modified > since)
		link = link->prev;
	return recent_of(v, link->next);
}

const struct record *view_changed_next(const struct view *v, const struct record *r)
{
	return recent_of(v, r->recent.next);
}
