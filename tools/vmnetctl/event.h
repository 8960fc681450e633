/* SPDX-License-Identifier: GPL-2.0 */
/* Events as rows. */
#ifndef VMNETCTL_EVENT_H
#define VMNETCTL_EVENT_H

#include "vmnetctl.h"

/* Time, source and event come first in every row. */
#define EVENT_LEAD	3

void event_table_begin(struct table *t, struct buf *out);

/* A row with no more than what happened to @source, now. */
void event_row(struct table *t, const char *source, const char *event);

/*
 * Rows for what the families and the kernel's links say. Return 0, or -EBADMSG
 * with no row made.
 */
int rrdp_event_row(struct table *t, const struct nlmsghdr *nlh);
int vmnet_event_row(struct table *t, const struct nlmsghdr *nlh);
int link_event_row(struct table *t, const struct nlmsghdr *nlh);

/* Remembers the name in a message about a link; an nlk_reply_fn. */
int link_learn(const struct nlmsghdr *nlh, void *unused);

#endif /* VMNETCTL_EVENT_H */
