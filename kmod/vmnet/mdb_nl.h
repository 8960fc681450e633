/* SPDX-License-Identifier: GPL-2.0 */
/* The multicast database for generic netlink: what is set and what is shown of it. */
#ifndef _VMNET_MDB_NL_H
#define _VMNET_MDB_NL_H

#include <net/netlink.h>

#include "device.h"

/* Attributes of VMNET_A_NET that a request may have. */
extern const struct nla_policy
vmnet_net_policy[VMNET_A_NET_MCAST_QUERIER + 1];

/*
 * Sets what @nest, a VMNET_A_NET or NULL, says: all of it or, with an error, nothing.
 * rtnl lock held, may sleep.
 */
int vmnet_mdb_nl_set_net(struct vmnet *vm, struct nlattr *nest,
			 struct netlink_ext_ack *extack);

/* Both: RCU read lock or rtnl lock held. Return 0 or -EMSGSIZE. */
int vmnet_mdb_nl_put_net(struct sk_buff *msg, const struct vmnet *vm);
int vmnet_mdb_nl_put(struct sk_buff *msg, const struct vmnet *vm,
		     const struct vmnet_listener *l);

#endif /* _VMNET_MDB_NL_H */
