/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hosts say of themselves: counters, MAC databases, events. In memory only, of
 * bounded size, and forgotten with the host. Not locked.
 */
#ifndef BOARD_REPORT_H
#define BOARD_REPORT_H

#include "ask.h"
#include "list.h"
#include "tree.h"

#define REPORT_BODY_MAX	(256 << 10)	/* octets of one */

/**
 * struct reports - the last of each host
 * @tree: by "DOMAIN/HOST"
 * @recent: the oldest first
 * @octets: of all
 */
struct reports {
	struct tree tree;
	struct list recent;
	size_t octets;
};

void reports_init(struct reports *r);
void reports_clear(struct reports *r);

/* The host that record @key is of is no longer there. */
void reports_forget(struct reports *r, const char *key);

/* Checks the body; a problem if it is no report. Needs no lock. */
bool report_check(struct ask *a);

/* Answers: a report comes, is shown, and those of a domain in short. */
bool report_put(struct ask *a);
bool report_get(struct ask *a);
bool report_list(struct ask *a);

#endif /* BOARD_REPORT_H */
