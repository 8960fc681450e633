// SPDX-License-Identifier: GPL-2.0
/* Networks for generic netlink: what is set and what is shown of them. */
#include <linux/rtnetlink.h>

#include "event.h"
#include "net_nl.h"
#include "snoop.h"
#include "subnet.h"
#include "suppress.h"

/* Nobody writes it, but older kernels do not say so of the pointer to it. */
static struct netlink_range_validation vmnet_net_interval = {
	.min = 1,
	.max = VMNET_MDB_INTERVAL_MAX,
};

const struct nla_policy vmnet_net_policy[VMNET_A_NET_NEIGH_LIMIT + 1] = {
	[VMNET_A_NET_MCAST_SNOOPING] = NLA_POLICY_MAX(NLA_U8, 1),
	[VMNET_A_NET_MCAST_LIMIT] = { .type = NLA_U32 },
	[VMNET_A_NET_MCAST_MEMBERSHIP] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vmnet_net_interval),
	[VMNET_A_NET_MCAST_QUERIER] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &vmnet_net_interval),
	[VMNET_A_NET_NEIGH_SUPPRESS] = NLA_POLICY_MAX(NLA_U8, 1),
	[VMNET_A_NET_NEIGH_LIMIT] = { .type = NLA_U32 },
};

static void vmnet_net_nl_set_seconds(unsigned long *to,
				     const struct nlattr *attr)
{
	if (attr)
		WRITE_ONCE(*to, nla_get_u32(attr) * (unsigned long)HZ);
}

int vmnet_net_nl_set(struct vmnet *vm, struct nlattr *nest,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_net_policy)];
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack,
			       "say what to set: the network's description is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VMNET_A_NET_NEIGH_LIMIT, nest,
			       vmnet_net_policy, extack);
	if (err)
		return err;
	if (tb[VMNET_A_NET_MCAST_LIMIT])
		WRITE_ONCE(vm->mdb.limit,
			   nla_get_u32(tb[VMNET_A_NET_MCAST_LIMIT]));
	vmnet_net_nl_set_seconds(&vm->mdb.membership,
				 tb[VMNET_A_NET_MCAST_MEMBERSHIP]);
	vmnet_net_nl_set_seconds(&vm->mdb.querier,
				 tb[VMNET_A_NET_MCAST_QUERIER]);
	vmnet_snoop_start(vm);
	if (tb[VMNET_A_NET_MCAST_SNOOPING])
		vmnet_snoop_enable(vm, nla_get_u8(tb[VMNET_A_NET_MCAST_SNOOPING]));
	if (tb[VMNET_A_NET_NEIGH_LIMIT])
		WRITE_ONCE(vm->neighs.limit,
			   nla_get_u32(tb[VMNET_A_NET_NEIGH_LIMIT]));
	if (tb[VMNET_A_NET_NEIGH_SUPPRESS])
		vmnet_suppress_enable(vm, nla_get_u8(tb[VMNET_A_NET_NEIGH_SUPPRESS]));
	vmnet_event_net(vm);
	return 0;
}

static int vmnet_net_nl_put_mcast(struct sk_buff *msg, const struct vmnet *vm)
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

static int vmnet_net_nl_put_neigh(struct sk_buff *msg, const struct vmnet *vm)
{
	if (nla_put_u8(msg, VMNET_A_NET_NEIGH_SUPPRESS, vm->neighs.enabled) ||
	    nla_put_u32(msg, VMNET_A_NET_NEIGH_LIMIT, vm->neighs.limit) ||
	    nla_put_u32(msg, VMNET_A_NET_NEIGHS, READ_ONCE(vm->neighs.count)))
		return -EMSGSIZE;
	return 0;
}

static int vmnet_net_nl_put_place(struct sk_buff *msg, const struct vmnet *vm)
{
	if (vm->node && nla_put_u32(msg, VMNET_A_NET_NODE, vm->node))
		return -EMSGSIZE;
	if (!vm->subnet)
		return 0;
	if (nla_put_u32(msg, VMNET_A_NET_SUBNET, vm->subnet) ||
	    nla_put_u32(msg, VMNET_A_NET_RANK, vmnet_subnet_own_rank(vm)) ||
	    nla_put_u8(msg, VMNET_A_NET_ROLE, vmnet_subnet_elected(vm) ?
		       VMNET_ROLE_FORWARDER : VMNET_ROLE_STANDBY))
		return -EMSGSIZE;
	return 0;
}

int vmnet_net_nl_put(struct sk_buff *msg, const struct vmnet *vm)
{
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_NET);

	if (!nest ||
	    nla_put_string(msg, VMNET_A_NET_NAME, vm->dev->name) ||
	    nla_put_u32(msg, VMNET_A_NET_VNI, vm->vni) ||
	    nla_put_u16(msg, VMNET_A_NET_PORT, vm->udp_port) ||
	    nla_put_u32(msg, VMNET_A_NET_MTU, vm->dev->mtu) ||
	    nla_put_u32(msg, VMNET_A_NET_AGEING, vm->fdb.ageing / HZ) ||
	    nla_put_u32(msg, VMNET_A_NET_LIMIT, vm->fdb.limit) ||
	    nla_put_u32(msg, VMNET_A_NET_PORTS, vm->n_ports) ||
	    nla_put_u32(msg, VMNET_A_NET_PEERS, vm->n_peers) ||
	    nla_put_u32(msg, VMNET_A_NET_MACS, READ_ONCE(vm->fdb.count)) ||
	    vmnet_net_nl_put_place(msg, vm) ||
	    vmnet_net_nl_put_mcast(msg, vm) || vmnet_net_nl_put_neigh(msg, vm))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}
