// SPDX-License-Identifier: GPL-2.0
/* Ports for generic netlink: what is set and what is shown of them. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "event.h"
#include "port_nl.h"
#include "vlan.h"

/* Nobody writes it, but older kernels do not say so of the pointer to it. */
static struct netlink_range_validation vmnet_storm_range = {
	.max = VMNET_STORM_MAX,
};

const struct nla_policy vmnet_port_policy[VMNET_A_PORT_CONFINED + 1] = {
	[VMNET_A_PORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_PORT_ALL_VLANS] = { .type = NLA_FLAG },
	[VMNET_A_PORT_VLANS] = NLA_POLICY_EXACT_LEN(VMNET_VLANS_LEN),
	[VMNET_A_PORT_UNTAGGED] = NLA_POLICY_EXACT_LEN(VMNET_VLANS_LEN),
	[VMNET_A_PORT_PVID] = NLA_POLICY_MAX(NLA_U16, VLAN_VID_MASK - 1),
	[VMNET_A_PORT_ISOLATED] = NLA_POLICY_MAX(NLA_U8, 1),
	[VMNET_A_PORT_LEARNING] = NLA_POLICY_MAX(NLA_U8, 1),
	[VMNET_A_PORT_LIMIT] = { .type = NLA_U32 },
	[VMNET_A_PORT_STORM] = NLA_POLICY_FULL_RANGE(NLA_U32, &vmnet_storm_range),
	[VMNET_A_PORT_MCAST_LIMIT] = { .type = NLA_U32 },
	[VMNET_A_PORT_CONFINED] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* ---- requests ---- */

/* The port that @tb names, or NULL for the host NIC, or an error. */
static struct vmnet_port *vmnet_port_nl_find(struct vmnet *vm,
					     struct nlattr **tb,
					     struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct vmnet_port *port;

	if (!tb[VMNET_A_PORT_IFINDEX]) {
		NL_SET_ERR_MSG(extack, "say which port: its ifindex is missing");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(dev_net(vm->dev),
				 nla_get_u32(tb[VMNET_A_PORT_IFINDEX]));
	if (dev == vm->dev)
		return NULL;
	port = dev ? vmnet_port_find(vm, dev) : NULL;
	if (port)
		return port;
	NL_SET_ERR_MSG_ATTR(extack, tb[VMNET_A_PORT_IFINDEX],
			    "that device is not a port of this network");
	return ERR_PTR(-ENOENT);
}

static void vmnet_port_nl_get_set(unsigned long *map, const struct nlattr *attr)
{
	const u8 *octets = nla_data(attr);
	unsigned int vid;

	bitmap_zero(map, VLAN_N_VID);
	for (vid = 0; vid < VLAN_N_VID; vid++)
		if (octets[vid / 8] & BIT(vid % 8))
			__set_bit(vid, map);
}

/* VLANs that @tb describes: NULL for all, or an error. */
static struct vmnet_vlans *vmnet_port_nl_vlans(struct nlattr **tb,
					       struct netlink_ext_ack *extack)
{
	struct vmnet_vlans *vlans;
	int err;

	if (!tb[VMNET_A_PORT_ALL_VLANS] == !tb[VMNET_A_PORT_VLANS]) {
		NL_SET_ERR_MSG(extack,
			       "a port is in all VLANs or in a set of them: give one of both, and with a set the PVID and those without tags");
		return ERR_PTR(-EINVAL);
	}
	if (tb[VMNET_A_PORT_ALL_VLANS]) {
		if (!tb[VMNET_A_PORT_UNTAGGED] && !tb[VMNET_A_PORT_PVID])
			return NULL;
		NL_SET_ERR_MSG(extack,
			       "a port in all VLANs hands on tags as they are: it has no PVID");
		return ERR_PTR(-EINVAL);
	}

	vlans = kzalloc(sizeof(*vlans), GFP_KERNEL_ACCOUNT);
	if (!vlans)
		return ERR_PTR(-ENOMEM);
	vmnet_port_nl_get_set(vlans->member, tb[VMNET_A_PORT_VLANS]);
	if (tb[VMNET_A_PORT_UNTAGGED])
		vmnet_port_nl_get_set(vlans->untagged,
				      tb[VMNET_A_PORT_UNTAGGED]);
	if (tb[VMNET_A_PORT_PVID])
		vlans->pvid = nla_get_u16(tb[VMNET_A_PORT_PVID]);
	err = vmnet_vlans_check(vlans, extack);
	if (!err)
		return vlans;
	kfree(vlans);
	return ERR_PTR(err);
}

static bool vmnet_port_nl_has_vlans(struct nlattr **tb)
{
	return tb[VMNET_A_PORT_ALL_VLANS] || tb[VMNET_A_PORT_VLANS] ||
	       tb[VMNET_A_PORT_UNTAGGED] || tb[VMNET_A_PORT_PVID];
}

/* What is not VLANs. */
static void vmnet_port_nl_apply(struct vmnet_port *port, struct nlattr **tb)
{
	if (tb[VMNET_A_PORT_ISOLATED])
		WRITE_ONCE(port->dest.isolated,
			   nla_get_u8(tb[VMNET_A_PORT_ISOLATED]));
	if (tb[VMNET_A_PORT_CONFINED])
		WRITE_ONCE(port->dest.confined,
			   nla_get_u8(tb[VMNET_A_PORT_CONFINED]));
	if (tb[VMNET_A_PORT_LEARNING])
		WRITE_ONCE(port->no_learning,
			   !nla_get_u8(tb[VMNET_A_PORT_LEARNING]));
	if (tb[VMNET_A_PORT_LIMIT])
		WRITE_ONCE(port->dest.limit,
			   nla_get_u32(tb[VMNET_A_PORT_LIMIT]));
	if (tb[VMNET_A_PORT_STORM])
		vmnet_storm_set(&port->storm,
				nla_get_u32(tb[VMNET_A_PORT_STORM]));
	if (tb[VMNET_A_PORT_MCAST_LIMIT])
		WRITE_ONCE(port->dest.group_limit,
			   nla_get_u32(tb[VMNET_A_PORT_MCAST_LIMIT]));
}

int vmnet_port_nl_set(struct vmnet *vm, struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_port_policy)];
	struct vmnet_vlans *vlans = NULL;
	struct vmnet_port *port;
	bool has_vlans;
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack, "say what to set: the port's description is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VMNET_A_PORT_CONFINED, nest,
			       vmnet_port_policy, extack);
	if (err)
		return err;
	port = vmnet_port_nl_find(vm, tb, extack);
	if (IS_ERR(port))
		return PTR_ERR(port);
	if (!port && (tb[VMNET_A_PORT_ISOLATED] || tb[VMNET_A_PORT_LEARNING] ||
		      tb[VMNET_A_PORT_LIMIT] || tb[VMNET_A_PORT_STORM] ||
		      tb[VMNET_A_PORT_MCAST_LIMIT] ||
		      tb[VMNET_A_PORT_CONFINED])) {
		NL_SET_ERR_MSG(extack,
			       "of the vmnet device itself only the VLANs can be set: the rest is for ports");
		return -EOPNOTSUPP;
	}
	has_vlans = vmnet_port_nl_has_vlans(tb);
	if (has_vlans)
		vlans = vmnet_port_nl_vlans(tb, extack);
	if (IS_ERR(vlans))
		return PTR_ERR(vlans);

	if (has_vlans)
		vmnet_vlans_replace(vm, port ? &port->dest : &vm->local, vlans);
	if (port)
		vmnet_port_nl_apply(port, tb);
	vmnet_event_port(vm, port ? port->dev : vm->dev, VMNET_EV_PORT_CHANGED);
	return 0;
}

/* ---- answers ---- */

static int vmnet_port_nl_put_set(struct sk_buff *msg, int type,
				 const unsigned long *map)
{
	struct nlattr *attr = nla_reserve(msg, type, VMNET_VLANS_LEN);
	unsigned int vid;
	u8 *octets;

	if (!attr)
		return -EMSGSIZE;
	octets = nla_data(attr);
	memset(octets, 0, VMNET_VLANS_LEN);
	for_each_set_bit(vid, map, VLAN_N_VID)
		octets[vid / 8] |= BIT(vid % 8);
	return 0;
}

static int vmnet_port_nl_put_vlans(struct sk_buff *msg,
				   const struct vmnet_dest *dest)
{
	const struct vmnet_vlans *vlans = rtnl_dereference(dest->vlans);

	if (!vlans)
		return nla_put_flag(msg, VMNET_A_PORT_ALL_VLANS);
	if (vmnet_port_nl_put_set(msg, VMNET_A_PORT_VLANS, vlans->member) ||
	    vmnet_port_nl_put_set(msg, VMNET_A_PORT_UNTAGGED,
				  vlans->untagged) ||
	    nla_put_u16(msg, VMNET_A_PORT_PVID, vlans->pvid))
		return -EMSGSIZE;
	return 0;
}

static int vmnet_port_nl_put_count(struct sk_buff *msg,
				   const struct vmnet_port *port)
{
	struct vmnet_count_sum sum;

	vmnet_count_read(port->count, &sum);
	if (nla_put_u64_64bit(msg, VMNET_A_PORT_TX_FRAMES, sum.tx_frames,
			      VMNET_A_PORT_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PORT_TX_BYTES, sum.tx_bytes,
			      VMNET_A_PORT_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PORT_RX_FRAMES, sum.rx_frames,
			      VMNET_A_PORT_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PORT_RX_BYTES, sum.rx_bytes,
			      VMNET_A_PORT_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PORT_DROPS, sum.drops,
			      VMNET_A_PORT_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PORT_RX_DROPS, sum.rx_drops,
			      VMNET_A_PORT_PAD))
		return -EMSGSIZE;
	return 0;
}

/* What the host NIC has not. */
static int vmnet_port_nl_put_limits(struct sk_buff *msg,
				    const struct vmnet_port *port)
{
	if (nla_put_u8(msg, VMNET_A_PORT_ISOLATED, port->dest.isolated) ||
	    nla_put_u8(msg, VMNET_A_PORT_CONFINED, port->dest.confined) ||
	    nla_put_u8(msg, VMNET_A_PORT_LEARNING, !port->no_learning) ||
	    nla_put_u32(msg, VMNET_A_PORT_LIMIT, port->dest.limit) ||
	    nla_put_u32(msg, VMNET_A_PORT_STORM, port->storm.rate) ||
	    nla_put_u32(msg, VMNET_A_PORT_MACS, READ_ONCE(port->dest.macs)) ||
	    nla_put_u32(msg, VMNET_A_PORT_MCAST_LIMIT, port->dest.group_limit) ||
	    nla_put_u32(msg, VMNET_A_PORT_GROUPS, READ_ONCE(port->dest.groups)))
		return -EMSGSIZE;
	return vmnet_port_nl_put_count(msg, port);
}

int vmnet_port_nl_put(struct sk_buff *msg, const struct vmnet *vm,
		      const struct vmnet_port *port)
{
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_PORT_INFO);

	if (!nest ||
	    nla_put_u32(msg, VMNET_A_PORT_IFINDEX,
			port ? port->dev->ifindex : vm->dev->ifindex) ||
	    vmnet_port_nl_put_vlans(msg, port ? &port->dest : &vm->local) ||
	    (port && vmnet_port_nl_put_limits(msg, port)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}
