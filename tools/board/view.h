/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All records, in memory, as the store told them: what is read and decided is read
 * and decided here, and transactions check that it still was so. Not locked.
 */
#ifndef BOARD_VIEW_H
#define BOARD_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "store.h"
#include "tree.h"

/**
 * struct record - a record
 * @node: in the view, by @key
 * @recent: in the view, by @modified
 * @value: NULL: it was deleted, at revision @modified
 * @created: revision
 * @modified: revision
 * @lease: it is bound to, 0 if none
 * @key: its key
 */
struct record {
	struct tree_node node;
	struct list recent;
	char *value;
	uint64_t created;
	uint64_t modified;
	uint64_t lease;
	char key[];
};

/**
 * struct view - the records
 * @tree: by key
 * @recent: by revision, the newest last
 * @revision: up to which all is known
 * @compacted: up to which deletions are forgotten
 * @records: how many there are, without the deleted
 */
struct view {
	struct tree tree;
	struct list recent;
	uint64_t revision;
	uint64_t compacted;
	unsigned int records;
};

void view_init(struct view *v);
void view_clear(struct view *v);

/* What the store tells. */
void view_event(struct view *v, const struct event *e);
void view_committed(struct view *v, uint64_t revision, uint64_t compacted);

/* The record with this key, or NULL. */
const struct record *view_find(const struct view *v, const char *key);

/* The first whose key begins with @prefix and is above @after (may be NULL). */
const struct record *view_next(const struct view *v, const char *prefix,
			       const char *after);

/*
 * The first change after revision @since, and the one after @r: records, also
 * deleted ones, in order of revision; of a record only its last change.
 */
const struct record *view_changed(const struct view *v, uint64_t since);
const struct record *view_changed_next(const struct view *v, const struct record *r);

#endif /* BOARD_VIEW_H */
