/* SPDX-License-Identifier: GPL-2.0 */
/* The neighbour table for generic netlink. */
#ifndef _VMNET_NEIGH_NL_H
#define _VMNET_NEIGH_NL_H

#include <net/netlink.h>

#include "neigh.h"

/* Adds a VMNET_A_NEIGH. RCU read lock held. Returns 0 or -EMSGSIZE. */
int vmnet_neigh_nl_put(struct sk_buff *msg, const struct vmnet_neigh *n);

#endif /* _VMNET_NEIGH_NL_H */
