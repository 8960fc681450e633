// SPDX-License-Identifier: GPL-2.0
/* The multicast database for generic netlink. */
#include <linux/jiffies.h>
#include <linux/rtnetlink.h>

#include "event.h"
#include "mdb_nl.h"
#include "netlink.h"
#include "snoop.h"

/* Nobody writes it, but older kernels do not say so of the pointer to it. */
static struct netlink_range_validation vmnet_mdb_interval = {
	.min = 1,
	.max = VMNET_MDB_INTERVAL_MAX,
};

const struct nla_policy vmnet_net_policy[VMNET_A_NET_MCAST_QUERIER + 1] = {
	[VMNET_A_NET_MCAST_SNOOPING] = NLA_POLICY_MAX(NLA_U8, 1),
	[VMNET_A_NET_MCAST_LIMIT] = { .type = NLA_U32 },
	[VMNET_A_NET_MCAST_MEMBERSHIP] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vmnet_mdb_interval),
	[VMNET_A_NET_MCAST_QUERIER] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vmnet_mdb_interval),
};

static void vmnet_mdb_nl_set_seconds(unsigned long *to,
				     const struct nlattr *attr)
{
	if (attr)
		WRITE_ONCE(*to, nla_get_u32(attr) * (unsigned long)HZ);
}

int vmnet_mdb_nl_set_net(struct vmnet *vm, struct nlattr *nest,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_net_policy)];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack,
			       "say what to set: the network's description is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VMNET_A_NET_MCAST_QUERIER, nest,
			       vmnet_net_policy, extack);
	if (err)
		return err;
	if (tb[VMNET_A_NET_MCAST_LIMIT])
		WRITE_ONCE(vm->mdb.limit,
			   nla_get_u32(tb[VMNET_A_NET_MCAST_LIMIT]));
	vmnet_mdb_nl_set_seconds(&vm->mdb.membership,
				 tb[VMNET_A_NET_MCAST_MEMBERSHIP]);
	vmnet_mdb_nl_set_seconds(&vm->mdb.querier,
				 tb[VMNET_A_NET_MCAST_QUERIER]);
	vmnet_snoop_start(vm);
	if (tb[VMNET_A_NET_MCAST_SNOOPING])
		vmnet_snoop_enable(vm, nla_get_u8(tb[VMNET_A_NET_MCAST_SNOOPING]));
	vmnet_event_net(vm);
	return 0;
}

int vmnet_mdb_nl_put_net(struct sk_buff *msg, const struct vmnet *vm)
{
	const struct vmnet_mdb *mdb = &vm->mdb;

	if (nla_put_u8(msg, VMNET_A_NET_MCAST_SNOOPING, mdb->enabled) ||
	    nla_put_u32(msg, VMNET_A_NET_MCAST_LIMIT, mdb->limit) ||
	    nla_put_u32(msg, VMNET_A_NET_MCAST_MEMBERSHIP,
			mdb->membership / HZ) ||
	    nla_put_u32(msg, VMNET_A_NET_MCAST_QUERIER, mdb->querier / HZ) ||
	    nla_put_u32(msg, VMNET_A_NET_GROUPS, READ_ONCE(mdb->count)))
		return -EMSGSIZE;
	return 0;
}

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
