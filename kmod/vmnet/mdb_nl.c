// SPDX-License-Identifier: GPL-2.0
/* The multicast database for generic netlink. */
#include <linux/jiffies.h>

#include "mdb_nl.h"
#include "netlink.h"

static int vmnet_mdb_nl_put_group(struct sk_buff *msg,
				  const struct vmnet_mdb_key *key)
{
	if (key->proto == htons(ETH_P_IP) ?
	    nla_put_in_addr(msg, VMNET_A_MDB_IPV4, key->addr.s6_addr32[3]) :
	    nla_put_in6_addr(msg, VMNET_A_MDB_IPV6, &key->addr))
		return -EMSGSIZE;
	return key->vid ? nla_put_u16(msg, VMNET_A_MDB_VID, key->vid) : 0;
}

/* Of what is over nothing is said. */
static int vmnet_mdb_nl_put_left(struct sk_buff *msg, int attr,
				 unsigned long until)
{
	long left = until - jiffies;

	return left > 0 ? nla_put_u32(msg, attr, jiffies_to_msecs(left)) : 0;
}

int vmnet_mdb_nl_put(struct sk_buff *msg, const struct vmnet *vm,
		     const struct vmnet_listener *l)
{
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_MDB);
	const struct vmnet_mdb_group *group = l->group;

	if (!nest || vmnet_mdb_nl_put_group(msg, &group->key) ||
	    vmnet_nl_put_dest(msg, vm, l->dest, VMNET_A_MDB_PORT,
			      VMNET_A_MDB_PEER) ||
	    vmnet_mdb_nl_put_left(msg, VMNET_A_MDB_EXPIRES,
				  READ_ONCE(l->until)) ||
	    vmnet_mdb_nl_put_left(msg, VMNET_A_MDB_ROUTER,
				  READ_ONCE(l->router_until)))
		return -EMSGSIZE;
	if (READ_ONCE(group->queried) &&
	    READ_ONCE(group->querier) == l->dest &&
	    nla_put_flag(msg, VMNET_A_MDB_QUERIER))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}
