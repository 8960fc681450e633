// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family, Documentation/netlink/specs/vmnet.yaml. */
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>

#include "compat_netlink.h"
#include "device.h"
#include "fdb_rtnl.h"
#include "mdb_nl.h"
#include "neigh_nl.h"
#include "net_nl.h"
#include "netlink.h"
#include "peer.h"
#include "port.h"
#include "port_nl.h"
#include "subnet.h"

static const struct nla_policy
vmnet_peer_policy[VMNET_A_PEER_LEAVING + 1] = {
	[VMNET_A_PEER_TRANSPORT] = NLA_POLICY_RANGE(NLA_U8, VMNET_TRANSPORT_UDP,
						    VMNET_TRANSPORT_RRDP),
	[VMNET_A_PEER_NODE] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_PEER_IPV4] = NLA_POLICY_EXACT_LEN(sizeof(struct in_addr)),
	[VMNET_A_PEER_IPV6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[VMNET_A_PEER_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[VMNET_A_PEER_PLAIN] = { .type = NLA_FLAG },
	[VMNET_A_PEER_SUBNET] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_PEER_LEAVING] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct nla_policy
vmnet_fdb_policy[VMNET_A_FDB_VID + 1] = {
	[VMNET_A_FDB_LLADDR] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[VMNET_A_FDB_PORT] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_FDB_PEER] = NLA_POLICY_NESTED(vmnet_peer_policy),
	[VMNET_A_FDB_STATIC] = { .type = NLA_FLAG },
	[VMNET_A_FDB_VID] = NLA_POLICY_RANGE(NLA_U16, 1, VLAN_VID_MASK - 1),
};

static const struct nla_policy vmnet_peer_ops_policy[VMNET_A_PEER + 1] = {
	[VMNET_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_PEER] = NLA_POLICY_NESTED(vmnet_peer_policy),
};

static const struct nla_policy vmnet_fdb_ops_policy[VMNET_A_FDB + 1] = {
	[VMNET_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_FDB] = NLA_POLICY_NESTED(vmnet_fdb_policy),
};

static const struct nla_policy vmnet_port_ops_policy[VMNET_A_PORT_INFO + 1] = {
	[VMNET_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_PORT_INFO] = NLA_POLICY_NESTED(vmnet_port_policy),
};

static const struct nla_policy vmnet_net_ops_policy[VMNET_A_NET + 1] = {
	[VMNET_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[VMNET_A_NET] = NLA_POLICY_NESTED(vmnet_net_policy),
};

static const struct nla_policy vmnet_dump_policy[VMNET_A_IFINDEX + 1] = {
	[VMNET_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* ---- requests ---- */

/* The network a request is about. rtnl lock held. */
static struct vmnet *vmnet_nl_net(struct net *net, struct nlattr **attrs,
				  struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	if (!attrs[VMNET_A_IFINDEX]) {
		NL_SET_ERR_MSG(extack, "say which network: its ifindex is missing");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(net, nla_get_u32(attrs[VMNET_A_IFINDEX]));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VMNET_A_IFINDEX],
				    "no device has that ifindex");
		return ERR_PTR(-ENODEV);
	}
	if (!vmnet_is_device(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[VMNET_A_IFINDEX],
				    "that device is not a vmnet (show-nets lists them)");
		return ERR_PTR(-ENODEV);
	}
	return netdev_priv(dev);
}

static int vmnet_nl_udp_id(struct nlattr **tb, struct vmnet_peer_id *id,
			   struct netlink_ext_ack *extack)
{
	if (!tb[VMNET_A_PEER_IPV4] == !tb[VMNET_A_PEER_IPV6]) {
		NL_SET_ERR_MSG(extack, "a UDP peer is named by one IP address");
		return -EINVAL;
	}
	if (tb[VMNET_A_PEER_IPV4]) {
		id->family = VMNET_V4;
		id->v4.s_addr = nla_get_in_addr(tb[VMNET_A_PEER_IPV4]);
		return 0;
	}
	if (!ipv6_mod_enabled()) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VMNET_A_PEER_IPV6],
				    "this kernel has no IPv6, or was booted without it (ipv6.disable=1)");
		return -EAFNOSUPPORT;
	}
	id->family = VMNET_V6;
	id->v6 = nla_get_in6_addr(tb[VMNET_A_PEER_IPV6]);
	return 0;
}

static int vmnet_nl_rrdp_id(struct nlattr **tb, struct vmnet_peer_id *id,
			    struct netlink_ext_ack *extack)
{
	if (!tb[VMNET_A_PEER_NODE]) {
		NL_SET_ERR_MSG(extack, "an RRDP peer is named by its node number");
		return -EINVAL;
	}
	if (tb[VMNET_A_PEER_IPV4] || tb[VMNET_A_PEER_IPV6] ||
	    tb[VMNET_A_PEER_PORT] || tb[VMNET_A_PEER_PLAIN]) {
		NL_SET_ERR_MSG(extack,
			       "IP address, UDP port and plain are for UDP peers only");
		return -EINVAL;
	}
	id->node = nla_get_u32(tb[VMNET_A_PEER_NODE]);
	return 0;
}

/* Parses what names a peer; @tb has the attributes of its nest. */
static int vmnet_nl_peer_id(struct nlattr *nest, struct nlattr **tb,
			    struct vmnet_peer_id *id,
			    struct netlink_ext_ack *extack)
{
	int err;

	if (!nest) {
		NL_SET_ERR_MSG(extack, "say which peer: its description is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VMNET_A_PEER_LEAVING, nest,
			       vmnet_peer_policy, extack);
	if (err)
		return err;
	memset(id, 0, sizeof(*id));
	if (!tb[VMNET_A_PEER_TRANSPORT]) {
		NL_SET_ERR_MSG(extack, "the peer's transport is missing: UDP or RRDP");
		return -EINVAL;
	}
	id->transport = nla_get_u8(tb[VMNET_A_PEER_TRANSPORT]);
	return id->transport == VMNET_TRANSPORT_UDP ?
	       vmnet_nl_udp_id(tb, id, extack) :
	       vmnet_nl_rrdp_id(tb, id, extack);
}

/* Is @peer also reached and known as the request says? */
static bool vmnet_nl_peer_matches(const struct vmnet_peer *peer,
				  struct nlattr **tb)
{
	if (tb[VMNET_A_PEER_PORT] &&
	    nla_get_u16(tb[VMNET_A_PEER_PORT]) != peer->udp_port)
		return false;
	return peer->id.transport != VMNET_TRANSPORT_UDP ||
	       !tb[VMNET_A_PEER_NODE] ||
	       (peer->member && peer->member->number ==
				nla_get_u32(tb[VMNET_A_PEER_NODE]));
}

/* The peer that @nest names; there must be one. @tb gets its attributes. */
static struct vmnet_peer *vmnet_nl_peer(struct vmnet *vm, struct nlattr *nest,
					struct nlattr **tb,
					struct netlink_ext_ack *extack)
{
	struct vmnet_peer_id id;
	struct vmnet_peer *peer;
	int err;

	err = vmnet_nl_peer_id(nest, tb, &id, extack);
	if (err)
		return ERR_PTR(err);
	peer = vmnet_peer_find(vm, &id);
	if (!peer || !vmnet_nl_peer_matches(peer, tb)) {
		NL_SET_ERR_MSG(extack,
			       "this network has no such peer (show-peers lists them)");
		return ERR_PTR(-ENOENT);
	}
	return peer;
}

static int vmnet_nl_do_peer_new(struct vmnet *vm, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_peer_policy)];
	struct vmnet_peer_config cfg = { .udp_port = vm->udp_port };
	struct vmnet_peer_id id;
	int err;

	err = vmnet_nl_peer_id(info->attrs[VMNET_A_PEER], tb, &id,
			       info->extack);
	if (err)
		return err;
	if (tb[VMNET_A_PEER_PORT])
		cfg.udp_port = nla_get_u16(tb[VMNET_A_PEER_PORT]);
	cfg.plain = tb[VMNET_A_PEER_PLAIN];
	if (tb[VMNET_A_PEER_SUBNET])
		cfg.subnet = nla_get_u32(tb[VMNET_A_PEER_SUBNET]);
	/* By its number an RRDP peer is named, in a subnet or not. */
	if (tb[VMNET_A_PEER_NODE] &&
	    (id.transport == VMNET_TRANSPORT_UDP || cfg.subnet))
		cfg.node = nla_get_u32(tb[VMNET_A_PEER_NODE]);
	if (tb[VMNET_A_PEER_LEAVING])
		cfg.leaving = nla_get_u8(tb[VMNET_A_PEER_LEAVING]);
	return vmnet_peer_add(vm, &id, &cfg, info->extack);
}

static int vmnet_nl_do_peer_set(struct vmnet *vm, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_peer_policy)];
	struct vmnet_peer *peer;

	peer = vmnet_nl_peer(vm, info->attrs[VMNET_A_PEER], tb, info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	if (!tb[VMNET_A_PEER_LEAVING]) {
		NL_SET_ERR_MSG(info->extack,
			       "say what to set of the peer: leaving");
		return -EINVAL;
	}
	return vmnet_peer_set_leaving(peer,
				      nla_get_u8(tb[VMNET_A_PEER_LEAVING]),
				      info->extack);
}

static int vmnet_nl_do_peer_del(struct vmnet *vm, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_peer_policy)];
	struct vmnet_peer *peer;

	peer = vmnet_nl_peer(vm, info->attrs[VMNET_A_PEER], tb, info->extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	vmnet_peer_del(peer);
	return 0;
}

static struct vmnet_dest *vmnet_nl_fdb_dest(struct vmnet *vm,
					    struct nlattr **tb,
					    struct netlink_ext_ack *extack)
{
	struct nlattr *of_peer[ARRAY_SIZE(vmnet_peer_policy)];
	struct net_device *dev;
	struct vmnet_peer *peer;
	struct vmnet_port *port;

	if (!tb[VMNET_A_FDB_PORT] == !tb[VMNET_A_FDB_PEER]) {
		NL_SET_ERR_MSG(extack,
			       "a MAC address is behind one port or one peer: name it");
		return ERR_PTR(-EINVAL);
	}
	if (tb[VMNET_A_FDB_PEER]) {
		peer = vmnet_nl_peer(vm, tb[VMNET_A_FDB_PEER], of_peer, extack);
		return IS_ERR(peer) ? ERR_CAST(peer) : &peer->dest;
	}
	dev = __dev_get_by_index(dev_net(vm->dev),
				 nla_get_u32(tb[VMNET_A_FDB_PORT]));
	port = dev ? vmnet_port_find(vm, dev) : NULL;
	if (!port) {
		NL_SET_ERR_MSG_ATTR(extack, tb[VMNET_A_FDB_PORT],
				    "that device is not a port of this network");
		return ERR_PTR(-ENOENT);
	}
	return &port->dest;
}

static int vmnet_nl_fdb_parse(struct genl_info *info, struct nlattr **tb)
{
	int err;

	if (!info->attrs[VMNET_A_FDB]) {
		NL_SET_ERR_MSG(info->extack, "the MAC database entry is missing");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, VMNET_A_FDB_VID,
			       info->attrs[VMNET_A_FDB], vmnet_fdb_policy,
			       info->extack);
	if (!err && !tb[VMNET_A_FDB_LLADDR]) {
		NL_SET_ERR_MSG(info->extack, "the MAC address is missing");
		err = -EINVAL;
	}
	return err;
}

static u16 vmnet_nl_fdb_vid(struct nlattr **tb)
{
	return tb[VMNET_A_FDB_VID] ? nla_get_u16(tb[VMNET_A_FDB_VID]) : 0;
}

static int vmnet_nl_do_fdb_new(struct vmnet *vm, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_fdb_policy)];
	struct vmnet_dest *dest;
	int err = vmnet_nl_fdb_parse(info, tb);

	if (err)
		return err;
	dest = vmnet_nl_fdb_dest(vm, tb, info->extack);
	if (IS_ERR(dest))
		return PTR_ERR(dest);
	return vmnet_fdb_config_add(vm, nla_data(tb[VMNET_A_FDB_LLADDR]),
				    vmnet_nl_fdb_vid(tb), dest, info->extack);
}

static int vmnet_nl_do_fdb_del(struct vmnet *vm, struct genl_info *info)
{
	struct nlattr *tb[ARRAY_SIZE(vmnet_fdb_policy)];
	int err = vmnet_nl_fdb_parse(info, tb);

	if (err)
		return err;
	return vmnet_fdb_config_del(vm, nla_data(tb[VMNET_A_FDB_LLADDR]),
				    vmnet_nl_fdb_vid(tb), info->extack);
}

static int vmnet_nl_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vmnet *vm;
	int err;

	rtnl_lock();
	vm = vmnet_nl_net(genl_info_net(info), info->attrs, info->extack);
	if (IS_ERR(vm)) {
		err = PTR_ERR(vm);
		goto out;
	}
	err = vmnet_may_change(vm, skb, info->extack);
	if (err)
		goto out;
	switch (info->genlhdr->cmd) {
	case VMNET_CMD_PEER_NEW:
		err = vmnet_nl_do_peer_new(vm, info);
		break;
	case VMNET_CMD_PEER_DEL:
		err = vmnet_nl_do_peer_del(vm, info);
		break;
	case VMNET_CMD_PEER_SET:
		err = vmnet_nl_do_peer_set(vm, info);
		break;
	case VMNET_CMD_FDB_NEW:
		err = vmnet_nl_do_fdb_new(vm, info);
		break;
	case VMNET_CMD_FDB_DEL:
		err = vmnet_nl_do_fdb_del(vm, info);
		break;
	case VMNET_CMD_PORT_SET:
		err = vmnet_port_nl_set(vm, info->attrs[VMNET_A_PORT_INFO],
					info->extack);
		break;
	case VMNET_CMD_NET_SET:
		err = vmnet_net_nl_set(vm, info->attrs[VMNET_A_NET],
				       info->extack);
		break;
	default:
		err = -EOPNOTSUPP;
	}
out:
	rtnl_unlock();
	return err;
}

/* ---- answers ---- */

static int vmnet_nl_put_peer_id(struct sk_buff *msg,
				const struct vmnet_peer *peer)
{
	const struct vmnet_peer_id *id = &peer->id;

	if (nla_put_u8(msg, VMNET_A_PEER_TRANSPORT, id->transport))
		return -EMSGSIZE;
	if (id->transport == VMNET_TRANSPORT_RRDP)
		return nla_put_u32(msg, VMNET_A_PEER_NODE, id->node);
	if (id->family == VMNET_V4 ?
	    nla_put_in_addr(msg, VMNET_A_PEER_IPV4, id->v4.s_addr) :
	    nla_put_in6_addr(msg, VMNET_A_PEER_IPV6, &id->v6))
		return -EMSGSIZE;
	if (nla_put_u16(msg, VMNET_A_PEER_PORT, peer->udp_port) ||
	    (peer->plain && nla_put_flag(msg, VMNET_A_PEER_PLAIN)))
		return -EMSGSIZE;
	return 0;
}

static int vmnet_nl_put_member(struct sk_buff *msg,
			       const struct vmnet_member *m)
{
	if (!m)
		return 0;
	/* That of an RRDP peer is its name. */
	if (m->peer->id.transport == VMNET_TRANSPORT_UDP &&
	    nla_put_u32(msg, VMNET_A_PEER_NODE, m->number))
		return -EMSGSIZE;
	if (!m->subnet_id)
		return 0;
	if (nla_put_u32(msg, VMNET_A_PEER_SUBNET, m->subnet_id) ||
	    nla_put_u8(msg, VMNET_A_PEER_LEAVING, READ_ONCE(m->leaving)))
		return -EMSGSIZE;
	if (!m->subnet)
		return 0;
	if (nla_put_u32(msg, VMNET_A_PEER_RANK, vmnet_member_rank(m)) ||
	    nla_put_u8(msg, VMNET_A_PEER_ROLE, vmnet_member_role(m)))
		return -EMSGSIZE;
	return READ_ONCE(m->hears) ? nla_put_flag(msg, VMNET_A_PEER_HEARS) : 0;
}

int vmnet_nl_put_peer(struct sk_buff *msg, int attr,
		      const struct vmnet_peer *peer)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	int err = vmnet_peer_error(peer);
	struct vmnet_count_sum sum;

	vmnet_count_read(peer->count, &sum);
	if (!nest || vmnet_nl_put_peer_id(msg, peer) ||
	    vmnet_nl_put_member(msg, peer->member) ||
	    nla_put_u8(msg, VMNET_A_PEER_STATE, vmnet_peer_state(peer)) ||
	    nla_put_u32(msg, VMNET_A_PEER_MTU, READ_ONCE(peer->mtu)) ||
	    nla_put_u64_64bit(msg, VMNET_A_PEER_TX_FRAMES, sum.tx_frames,
			      VMNET_A_PEER_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PEER_TX_BYTES, sum.tx_bytes,
			      VMNET_A_PEER_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PEER_RX_FRAMES, sum.rx_frames,
			      VMNET_A_PEER_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PEER_RX_BYTES, sum.rx_bytes,
			      VMNET_A_PEER_PAD) ||
	    nla_put_u64_64bit(msg, VMNET_A_PEER_DROPS, sum.drops,
			      VMNET_A_PEER_PAD) ||
	    (err && nla_put_u32(msg, VMNET_A_PEER_ERROR, -err)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int vmnet_nl_put_dest(struct sk_buff *msg, const struct vmnet *vm,
		      const struct vmnet_dest *dest, int port_attr,
		      int peer_attr)
{
	const struct vmnet_peer *peer;
	struct nlattr *nest;

	switch (dest->kind) {
	case VMNET_DEST_LOCAL:
		return nla_put_u32(msg, port_attr, vm->dev->ifindex);
	case VMNET_DEST_PORT:
		return nla_put_u32(msg, port_attr,
				   vmnet_dest_port(dest)->dev->ifindex);
	case VMNET_DEST_PEER:
		break;
	}
	peer = vmnet_dest_peer(dest);
	nest = nla_nest_start(msg, peer_attr);
	if (!nest || vmnet_nl_put_peer_id(msg, peer))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int vmnet_nl_put_fdb(struct sk_buff *msg, const struct vmnet *vm,
		     const struct vmnet_fdb_entry *entry)
{
	unsigned long age = jiffies - READ_ONCE(entry->seen);
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_FDB);

	if (!nest ||
	    nla_put(msg, VMNET_A_FDB_LLADDR, ETH_ALEN, entry->key.addr) ||
	    (entry->key.vid &&
	     nla_put_u16(msg, VMNET_A_FDB_VID, entry->key.vid)) ||
	    (vmnet_moves_held(&entry->moves, jiffies) &&
	     nla_put_flag(msg, VMNET_A_FDB_HELD)) ||
	    vmnet_nl_put_dest(msg, vm, rcu_dereference(entry->dest),
			      VMNET_A_FDB_PORT, VMNET_A_FDB_PEER))
		return -EMSGSIZE;
	if (READ_ONCE(entry->fixed) ? nla_put_flag(msg, VMNET_A_FDB_STATIC) :
	    nla_put_u32(msg, VMNET_A_FDB_AGE, jiffies_to_msecs(age)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int vmnet_nl_put_stat(struct sk_buff *msg, enum vmnet_stat id, u64 value)
{
	struct nlattr *stat = nla_nest_start(msg, VMNET_A_STAT);

	if (!stat ||
	    nla_put_string(msg, VMNET_A_STAT_NAME, vmnet_stat_names[id]) ||
	    nla_put_u64_64bit(msg, VMNET_A_STAT_VALUE, value, VMNET_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, stat);
	return 0;
}

static int vmnet_nl_put_stats(struct sk_buff *msg, const struct vmnet *vm)
{
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_STATS);
	u64 values[VMNET_STAT_COUNT];
	int i;

	if (!nest)
		return -EMSGSIZE;
	vmnet_stats_read(vm->mib, values);
	for (i = 0; i < VMNET_STAT_COUNT; i++) {
		if (vmnet_nl_put_stat(msg, i, values[i]))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* What the namespace counts: messages that cannot be given to a network. */
static int vmnet_nl_put_net_stats(struct sk_buff *msg,
				  const struct vmnet_net *vn)
{
	static const enum vmnet_stat ids[] = {
		VMNET_STAT_DROP_SHORT, VMNET_STAT_DROP_FLAGS,
		VMNET_STAT_DROP_HDR, VMNET_STAT_DROP_VNI,
	};
	struct nlattr *nest = nla_nest_start(msg, VMNET_A_STATS);
	u64 values[VMNET_STAT_COUNT];
	int i;

	if (!nest)
		return -EMSGSIZE;
	vmnet_stats_read(vn->mib, values);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		if (vmnet_nl_put_stat(msg, ids[i], values[ids[i]]))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* ---- dumps ---- */

/*
 * Where a dump goes on: the network by its ifindex, which only grows, and
 * within it the first peer or MAC entry that was not sent yet. So nothing is
 * sent twice or left out that was there all the time.
 */
struct vmnet_nl_pos {
	long ifindex;
	unsigned long next;
};

static struct vmnet_nl_pos *vmnet_nl_pos(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct vmnet_nl_pos) > sizeof(cb->ctx));
	return (struct vmnet_nl_pos *)cb->ctx;
}

static u8 vmnet_nl_cmd(const struct netlink_callback *cb)
{
	const struct genlmsghdr *hdr = nlmsg_data(cb->nlh);

	return hdr->cmd;
}

typedef int (*vmnet_nl_fill_t)(struct sk_buff *msg, const struct vmnet *vm,
			       const void *item);

static void *vmnet_nl_put_header(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &vmnet_genl_family, NLM_F_MULTI, vmnet_nl_cmd(cb));
}

static int vmnet_nl_put_item(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct vmnet *vm, vmnet_nl_fill_t fill,
			     const void *item)
{
	void *hdr = vmnet_nl_put_header(skb, cb);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, VMNET_A_IFINDEX, vm->dev->ifindex) ||
	    fill(skb, vm, item)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* Comes before the networks and has no ifindex. */
static int vmnet_nl_dump_net_stats(struct sk_buff *skb,
				   struct netlink_callback *cb, struct net *net)
{
	void *hdr = vmnet_nl_put_header(skb, cb);

	if (!hdr)
		return -EMSGSIZE;
	if (vmnet_nl_put_net_stats(skb, vmnet_pernet(net))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

static int vmnet_nl_fill_net(struct sk_buff *msg, const struct vmnet *vm,
			     const void *item)
{
	return vmnet_net_nl_put(msg, vm);
}

static int vmnet_nl_fill_stats(struct sk_buff *msg, const struct vmnet *vm,
			       const void *item)
{
	return vmnet_nl_put_stats(msg, vm);
}

static int vmnet_nl_fill_peer(struct sk_buff *msg, const struct vmnet *vm,
			      const void *item)
{
	return vmnet_nl_put_peer(msg, VMNET_A_PEER, item);
}

static int vmnet_nl_fill_fdb(struct sk_buff *msg, const struct vmnet *vm,
			     const void *item)
{
	return vmnet_nl_put_fdb(msg, vm, item);
}

static int vmnet_nl_dump_peers(struct sk_buff *skb, struct netlink_callback *cb,
			       struct vmnet *vm)
{
	struct vmnet_nl_pos *pos = vmnet_nl_pos(cb);
	struct vmnet_peer *peer;
	int err;

	list_for_each_entry(peer, &vm->peers, list) {
		if (peer->seq < pos->next)
			continue;
		err = vmnet_nl_put_item(skb, cb, vm, vmnet_nl_fill_peer, peer);
		if (err)
			return err;
		pos->next = peer->seq + 1;
	}
	return 0;
}

static int vmnet_nl_fill_port(struct sk_buff *msg, const struct vmnet *vm,
			      const void *item)
{
	return vmnet_port_nl_put(msg, vm, item);
}

/* The host NIC is the first, and a port's place is behind its own. */
static int vmnet_nl_dump_ports(struct sk_buff *skb, struct netlink_callback *cb,
			       struct vmnet *vm)
{
	struct vmnet_nl_pos *pos = vmnet_nl_pos(cb);
	struct vmnet_port *port;
	int err;

	if (!pos->next) {
		err = vmnet_nl_put_item(skb, cb, vm, vmnet_nl_fill_port, NULL);
		if (err)
			return err;
		pos->next = 1;
	}
	list_for_each_entry(port, &vm->ports, list) {
		if (port->seq < pos->next)
			continue;
		err = vmnet_nl_put_item(skb, cb, vm, vmnet_nl_fill_port, port);
		if (err)
			return err;
		pos->next = port->seq + 1;
	}
	return 0;
}

static int vmnet_nl_fill_mdb(struct sk_buff *msg, const struct vmnet *vm,
			     const void *item)
{
	return vmnet_mdb_nl_put(msg, vm, item);
}

static int vmnet_nl_fill_neigh(struct sk_buff *msg, const struct vmnet *vm,
			       const void *item)
{
	return vmnet_neigh_nl_put(msg, item);
}

/* First item of a table with an id of at least *@id; sets *@id to its id. */
static const void *vmnet_nl_next(struct vmnet *vm, u8 cmd, unsigned long *id)
{
	switch (cmd) {
	case VMNET_CMD_FDB_GET:
		return vmnet_fdb_next(&vm->fdb, id);
	case VMNET_CMD_MDB_GET:
		return vmnet_mdb_dump_next(&vm->mdb, id);
	default:
		return vmnet_neigh_next(&vm->neighs, id);
	}
}

/* A table whose items have ids. */
static int vmnet_nl_dump_table(struct sk_buff *skb, struct netlink_callback *cb,
			       struct vmnet *vm, vmnet_nl_fill_t fill)
{
	struct vmnet_nl_pos *pos = vmnet_nl_pos(cb);
	const void *item;
	int err = 0;

	rcu_read_lock();
	while ((item = vmnet_nl_next(vm, vmnet_nl_cmd(cb), &pos->next))) {
		err = vmnet_nl_put_item(skb, cb, vm, fill, item);
		if (err)
			break;
		pos->next++;
	}
	rcu_read_unlock();
	return err;
}

static int vmnet_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			     struct vmnet *vm)
{
	switch (vmnet_nl_cmd(cb)) {
	case VMNET_CMD_NET_GET:
		return vmnet_nl_put_item(skb, cb, vm, vmnet_nl_fill_net, NULL);
	case VMNET_CMD_STATS_GET:
		return vmnet_nl_put_item(skb, cb, vm, vmnet_nl_fill_stats, NULL);
	case VMNET_CMD_PEER_GET:
		return vmnet_nl_dump_peers(skb, cb, vm);
	case VMNET_CMD_PORT_GET:
		return vmnet_nl_dump_ports(skb, cb, vm);
	case VMNET_CMD_FDB_GET:
		return vmnet_nl_dump_table(skb, cb, vm, vmnet_nl_fill_fdb);
	case VMNET_CMD_MDB_GET:
		return vmnet_nl_dump_table(skb, cb, vm, vmnet_nl_fill_mdb);
	case VMNET_CMD_NEIGH_GET:
		return vmnet_nl_dump_table(skb, cb, vm, vmnet_nl_fill_neigh);
	}
	return -EOPNOTSUPP;
}

/* The network of @net with the least ifindex from @from on, or NULL. */
static struct vmnet *vmnet_nl_next_net(struct net *net, long from)
{
	struct net_device *dev, *best = NULL;

	for_each_netdev(net, dev) {
		if (vmnet_is_device(dev) && dev->ifindex >= from &&
		    (!best || dev->ifindex < best->ifindex))
			best = dev;
	}
	return best ? netdev_priv(best) : NULL;
}

static int vmnet_nl_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = compat_genl_dump_attrs(cb);
	struct vmnet_nl_pos *pos = vmnet_nl_pos(cb);
	struct net *net = sock_net(skb->sk);
	bool one = attrs[VMNET_A_IFINDEX];
	struct vmnet *vm;
	int err = 0;

	rtnl_lock();
	if (one && !pos->ifindex) {
		vm = vmnet_nl_net(net, attrs, cb->extack);
		if (IS_ERR(vm)) {
			err = PTR_ERR(vm);
			goto out;
		}
		pos->ifindex = vm->dev->ifindex;
	} else if (!pos->ifindex) {
		if (vmnet_nl_cmd(cb) == VMNET_CMD_STATS_GET)
			err = vmnet_nl_dump_net_stats(skb, cb, net);
		if (err)
			goto out;
		pos->ifindex = 1;
	}
	while ((vm = vmnet_nl_next_net(net, pos->ifindex))) {
		if (one && vm->dev->ifindex !=
			   nla_get_u32(attrs[VMNET_A_IFINDEX]))
			break;
		if (vm->dev->ifindex != pos->ifindex) {
			pos->ifindex = vm->dev->ifindex;
			pos->next = 0;
		}
		err = vmnet_nl_dump_one(skb, cb, vm);
		if (err)
			break;
		pos->ifindex++;
		pos->next = 0;
	}
out:
	rtnl_unlock();
	/* A full message is no error: the dump goes on with the next. */
	return err == -EMSGSIZE && skb->len ? skb->len : err ?: skb->len;
}

#define VMNET_NL_DOIT(id, what) { \
	.cmd = id, \
	.flags = GENL_UNS_ADMIN_PERM, \
	.doit = vmnet_nl_doit, \
	.policy = vmnet_##what##_ops_policy, \
	.maxattr = ARRAY_SIZE(vmnet_##what##_ops_policy) - 1, \
}

#define VMNET_NL_DUMP(id) { \
	.cmd = id, \
	.dumpit = vmnet_nl_dumpit, \
	.policy = vmnet_dump_policy, \
	.maxattr = ARRAY_SIZE(vmnet_dump_policy) - 1, \
}

static const struct genl_ops vmnet_genl_ops[] = {
	VMNET_NL_DUMP(VMNET_CMD_NET_GET),
	VMNET_NL_DOIT(VMNET_CMD_PEER_NEW, peer),
	VMNET_NL_DOIT(VMNET_CMD_PEER_DEL, peer),
	VMNET_NL_DUMP(VMNET_CMD_PEER_GET),
	VMNET_NL_DOIT(VMNET_CMD_FDB_NEW, fdb),
	VMNET_NL_DOIT(VMNET_CMD_FDB_DEL, fdb),
	VMNET_NL_DUMP(VMNET_CMD_FDB_GET),
	VMNET_NL_DUMP(VMNET_CMD_STATS_GET),
	VMNET_NL_DOIT(VMNET_CMD_PORT_SET, port),
	VMNET_NL_DUMP(VMNET_CMD_PORT_GET),
	VMNET_NL_DOIT(VMNET_CMD_PEER_SET, peer),
	VMNET_NL_DOIT(VMNET_CMD_NET_SET, net),
	VMNET_NL_DUMP(VMNET_CMD_MDB_GET),
	VMNET_NL_DUMP(VMNET_CMD_NEIGH_GET),
};

static const struct genl_multicast_group vmnet_genl_groups[] = {
	{ .name = VMNET_GENL_MCGRP_EVENTS },
};

struct genl_family vmnet_genl_family __ro_after_init = {
	.name = VMNET_GENL_NAME,
	.version = VMNET_GENL_VERSION,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = vmnet_genl_ops,
	.n_ops = ARRAY_SIZE(vmnet_genl_ops),
	.resv_start_op = VMNET_CMD_NET_GET,
	.mcgrps = vmnet_genl_groups,
	.n_mcgrps = ARRAY_SIZE(vmnet_genl_groups),
};

int __init vmnet_netlink_init(void)
{
	return genl_register_family(&vmnet_genl_family);
}

void vmnet_netlink_exit(void)
{
	genl_unregister_family(&vmnet_genl_family);
}
