/* SPDX-License-Identifier: GPL-2.0 */
/* Networks for generic netlink: what is set and what is shown of them. */
#ifndef _VMNET_NET_NL_H
#define _VMNET_NET_NL_H

#include <net/netlink.h>

#include "device.h"

/* Attributes of VMNET_A_NET that a request may have. */
extern const struct nla_policy vmnet_net_policy[VMNET_A_NET_NEIGH_LIMIT + 1];

/*
 * Sets what @nest, a VMNET_A_NET or NULL, says: all of it or, with an error, nothing.
 * rtnl lock held, may sleep.
 */
int vmnet_net_nl_set(struct vmnet *vm, struct nlattr *nest,
		     struct netlink_ext_ack *extack);

/* Adds a VMNET_A_NET. rtnl lock held. Returns 0 or -EMSGSIZE. */
int vmnet_net_nl_put(struct sk_buff *msg, const struct vmnet *vm);

#endif /* _VMNET_NET_NL_H */
