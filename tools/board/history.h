/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened lately in each domain, for people who look after it: in memory
 * only, and as far as this board was told. Not locked.
 */
#ifndef BOARD_HISTORY_H
#define BOARD_HISTORY_H

#include "ask.h"
#include "list.h"
#include "store.h"
#include "tree.h"

/**
 * struct history - what happened
 * @domains: in each domain
 * @all: in all of them, the oldest first
 * @count: of that
 */
struct history {
	struct tree domains;
	struct list all;
	unsigned int count;
};

void history_init(struct history *h);
void history_clear(struct history *h);

/* What the store tells, before view @v knows it. */
void history_event(struct history *h, const struct view *v, const struct event *e);

/* Somebody was refused what would have changed the domain that @a names. */
void history_problem(struct history *h, const struct ask *a);

/* Answers what happened in a domain, the newest first. */
bool history_list(struct ask *a);

#endif /* BOARD_HISTORY_H */
