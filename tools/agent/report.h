/* SPDX-License-Identifier: GPL-2.0 */
/* What this host tells the board of its state, for those who look after it. */
#ifndef AGENT_REPORT_H
#define AGENT_REPORT_H

#include "agent.h"

struct kernel;

void report_open(struct domain *d);
void report_close(struct domain *d);

/* There may be news: they are told within the usual time. */
void report_soon(struct domain *d);

/* The networks of the domain as the kernel has them: an array. */
json_t *report_nets(const struct domain *d, struct kernel *k);

#endif /* AGENT_REPORT_H */
