/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the kernel have what it should have, and changes nothing else. */
#ifndef AGENT_RECONCILE_H
#define AGENT_RECONCILE_H

#include "agent.h"
#include "kernel.h"

/* What the alias of a network of ours begins with; "DOMAIN/SEGMENT" follows. */
#define ALIAS_PREFIX	"vmnetd "

/* The networks, peers and own node number of a domain, and only of it. */
void reconcile_domain(struct domain *d, struct kernel *k);

/* Deletes networks of domains that this host is in no more. */
void reconcile_strangers(struct agent *a, struct kernel *k);

/* The network of segment @segment; NULL if the kernel has none. */
const struct link *reconcile_net(const struct domain *d, const struct kernel *k,
				 const char *segment);

/* The domain takes part in the segment, if there is one of that name. */
bool reconcile_wants(const struct domain *d, const char *segment);

/*
 * Who host @o is as a peer in a network of this host. Returns false if it says no
 * address that this host could use.
 */
bool reconcile_peer(const struct domain *d, const json_t *o, struct peer *p);

#endif /* AGENT_RECONCILE_H */
