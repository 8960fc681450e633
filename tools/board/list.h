/* SPDX-License-Identifier: GPL-2.0 */
/* A ring of what its user allocates; the head is part of it. Not locked. */
#ifndef BOARD_LIST_H
#define BOARD_LIST_H

#include <stddef.h>

/**
 * struct list - the head of a list, or a link in it
 * @next: the first, or the next
 * @prev: the last, or the one before
 */
struct list {
	struct list *next;
	struct list *prev;
};

/* What has this link as a member; NULL if the link is the head of @list. */
#define list_entry(link, list, type, member) \
	((type *)list_container(link, list, offsetof(type, member)))

static inline void *list_container(struct list *link, const struct list *list,
				   size_t offset)
{
	return link == list ? NULL : (char *)link - offset;
}

static inline void list_init(struct list *list)
{
	list->next = list;
	list->prev = list;
}

static inline void list_add_tail(struct list *list, struct list *link)
{
	link->next = list;
	link->prev = list->prev;
	list->prev->next = link;
	list->prev = link;
}

static inline void list_del(struct list *link)
{
	link->next->prev = link->prev;
	link->prev->next = link->next;
}

#endif /* BOARD_LIST_H */
