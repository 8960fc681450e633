/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Has guests be given their addresses by DHCP: a dnsmasq for each network with VMs of
 * this host, behind a port that hears no other host and that none hears. So a guest is
 * answered by its own host, and by nobody else, whatever hosts know of one another. The
 * server has the same addresses everywhere: who moves finds it again.
 */
#ifndef AGENT_DHCP_H
#define AGENT_DHCP_H

#include "agent.h"
#include "kernel.h"

/* Starts, changes and stops servers as is wanted now. */
void dhcp_sync(struct agent *a, struct kernel *k);

void dhcp_close(struct agent *a);

/* That of a server, and no VM's. */
bool dhcp_is_port(const struct link *l);

/* Servers of the domain as a list. */
json_t *dhcp_status(const struct domain *d);

#endif /* AGENT_DHCP_H */
