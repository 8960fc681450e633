// SPDX-License-Identifier: GPL-2.0
/* The neighbour table for generic netlink. */
#include <linux/jiffies.h>
#include <linux/vmnet.h>

#include "neigh_nl.h"

int vmnet_neigh_nl_put(struct sk_buff *msg, const struct vmnet_neigh *n)
{
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_NEIGH);
	const struct vmnet_neigh_key *key = &n->key;

	if (!nest)
		return -EMSGSIZE;
	if (key->proto == htons(ETH_P_IP) ?
	    nla_put_in_addr(msg, VMNET_A_NEIGH_IPV4, key->addr.s6_addr32[3]) :
	    nla_put_in6_addr(msg, VMNET_A_NEIGH_IPV6, &key->addr))
		return -EMSGSIZE;
	if (nla_put(msg, VMNET_A_NEIGH_LLADDR, ETH_ALEN, n->mac) ||
	    (key->vid && nla_put_u16(msg, VMNET_A_NEIGH_VID, key->vid)) ||
	    nla_put_u32(msg, VMNET_A_NEIGH_AGE,
			jiffies_to_msecs(jiffies - READ_ONCE(n->seen))) ||
	    (READ_ONCE(n->router) && nla_put_flag(msg, VMNET_A_NEIGH_ROUTER)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}
