/* SPDX-License-Identifier: GPL-2.0 */
/* What happens in the kernel: devices, ports and modules that come and go. */
#ifndef AGENT_EVENT_H
#define AGENT_EVENT_H

#include "agent.h"
#include "nlk.h"

/**
 * struct events - sockets that tell
 * @agent: who is told
 * @links: of rtnetlink
 * @genl: of vmnet and of modules
 * @link_fd: in the loop
 * @genl_fd: in the loop
 * @vmnet: number of the family, 0 while it does not exist
 */
struct events {
	struct agent *agent;
	struct nlk links;
	struct nlk genl;
	struct loop_fd link_fd;
	struct loop_fd genl_fd;
	int vmnet;
};

void events_open(struct events *e, struct agent *a);
void events_close(struct events *e);

#endif /* AGENT_EVENT_H */
