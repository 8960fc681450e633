// SPDX-License-Identifier: GPL-2.0
/* The MAC database for rtnetlink: bridge fdb show, add, del; bridge monitor. */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/neighbour.h>
#include <net/netlink.h>

#include "fdb_rtnl.h"
#include "forward.h"
#include "peer.h"
#include "port.h"
#include "vmnet-compat.h"

/* Where the entry is: a UDP peer's address or a port's index. */
static int vmnet_fdb_put_dest(struct sk_buff *skb,
			      const struct vmnet_dest *dest)
{
	const struct vmnet_peer *peer;

	switch (dest->kind) {
	case VMNET_DEST_LOCAL:
		return 0;
	case VMNET_DEST_PORT:
		return nla_put_u32(skb, NDA_IFINDEX,
				   vmnet_dest_port(dest)->dev->ifindex);
	case VMNET_DEST_PEER:
		break;
	}
	peer = vmnet_dest_peer(dest);
	if (peer->id.transport != VMNET_TRANSPORT_UDP)
		return 0;
	if (peer->id.family == VMNET_V4)
		return nla_put_in_addr(skb, NDA_DST, peer->id.v4.s_addr);
	return nla_put_in6_addr(skb, NDA_DST, &peer->id.v6);
}

static int vmnet_fdb_fill(struct sk_buff *skb, const struct vmnet *vm,
			  const struct vmnet_fdb_entry *entry, u32 portid,
			  u32 seq, int type, unsigned int flags)
{
	unsigned long age = jiffies - READ_ONCE(entry->seen);
	struct nda_cacheinfo ci = {
		.ndm_updated = jiffies_to_clock_t(age),
		.ndm_used = jiffies_to_clock_t(age),
	};
	const struct vmnet_dest *dest = rcu_dereference(entry->dest);
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(skb, portid, seq, type, sizeof(*ndm), flags);
	if (!nlh)
		return -EMSGSIZE;
	ndm = nlmsg_data(nlh);
	memset(ndm, 0, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = vm->dev->ifindex;
	ndm->ndm_flags = NTF_SELF;
	ndm->ndm_state = dest->kind == VMNET_DEST_LOCAL ? NUD_PERMANENT :
			 READ_ONCE(entry->fixed) ? NUD_NOARP : NUD_REACHABLE;
	if (nla_put(skb, NDA_LLADDR, ETH_ALEN, entry->key.addr) ||
	    (entry->key.vid && nla_put_u16(skb, NDA_VLAN, entry->key.vid)) ||
	    vmnet_fdb_put_dest(skb, dest) ||
	    nla_put(skb, NDA_CACHEINFO, sizeof(ci), &ci)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static size_t vmnet_fdb_msg_size(void)
{
	return NLMSG_ALIGN(sizeof(struct ndmsg)) +
	       nla_total_size(ETH_ALEN) +
	       nla_total_size(sizeof(u16)) +
	       nla_total_size(sizeof(struct in6_addr)) +
	       nla_total_size(sizeof(struct nda_cacheinfo));
}

void vmnet_fdb_rtnl_notify(const struct vmnet *vm,
			   const struct vmnet_fdb_entry *entry,
			   enum vmnet_event_type event)
{
	int type = event == VMNET_EV_FDB_DEL ? RTM_DELNEIGH : RTM_NEWNEIGH;
	struct net *net = dev_net(vm->dev);
	struct sk_buff *skb;

	/* Of this rtnetlink has no words; where the entry is it said before. */
	if (event == VMNET_EV_FDB_DAMPED)
		return;
	if (vm->dev->reg_state != NETREG_REGISTERED ||
	    !netlink_has_listeners(net->rtnl, RTNLGRP_NEIGH))
		return;
	skb = nlmsg_new(vmnet_fdb_msg_size(), GFP_ATOMIC);
	if (!skb)
		goto err;
	if (WARN_ON_ONCE(vmnet_fdb_fill(skb, vm, entry, 0, 0, type, 0))) {
		kfree_skb(skb);
		goto err;
	}
	rtnl_notify(skb, net, 0, RTNLGRP_NEIGH, NULL, GFP_ATOMIC);
	return;

err:
	rtnl_set_sk_err(net, RTNLGRP_NEIGH, -ENOBUFS);
}

int vmnet_fdb_rtnl_dump(struct sk_buff *skb, struct netlink_callback *cb,
			struct net_device *dev, struct net_device *filter_dev,
			int *idx)
{
	struct vmnet *vm = netdev_priv(dev);
	struct vmnet_fdb_entry *entry;
	unsigned long id;
	int err = 0;

	/* The place in the dump is an id, so it is good whatever has changed. */
	rcu_read_lock();
	for (id = vmnet_fdb_dump_start(cb);
	     (entry = vmnet_fdb_next(&vm->fdb, &id)); id++) {
		err = vmnet_fdb_fill(skb, vm, entry, NETLINK_CB(cb->skb).portid,
				     cb->nlh->nlmsg_seq, RTM_NEWNEIGH,
				     NLM_F_MULTI);
		if (err)
			break;
	}
	rcu_read_unlock();
	*idx = err ? id : 0;
	return err;
}

int vmnet_fdb_config_add(struct vmnet *vm, const u8 *addr, u16 vid,
			 struct vmnet_dest *dest,
			 struct netlink_ext_ack *extack)
{
	int err;

	if (!is_valid_ether_addr(addr)) {
		NL_SET_ERR_MSG(extack,
			       "only a unicast MAC address, not zero, can be in the MAC database");
		return -EINVAL;
	}
	err = vid && vmnet_is_own(vm, addr) ? -EEXIST :
	      vmnet_fdb_add(&vm->fdb, addr, vid, dest, jiffies);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack,
			       "this MAC address has a static entry already or is the vmnet device's own");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(extack,
			       "the MAC database is full: raise the network's limit");
	return err;
}

int vmnet_fdb_config_del(struct vmnet *vm, const u8 *addr, u16 vid,
			 struct netlink_ext_ack *extack)
{
	int err = vmnet_fdb_del(&vm->fdb, addr, vid);

	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack,
			       "no such MAC address in this network's database; if it is in a VLAN, name that");
	else if (err == -EPERM)
		NL_SET_ERR_MSG(extack,
			       "this is the vmnet device's own MAC address: it cannot be deleted");
	return err;
}

/* What "dst IP" or "via DEV" of "bridge fdb add" names, or an error. */
static struct vmnet_dest *vmnet_fdb_parse_dest(struct vmnet *vm,
					       struct nlattr *tb[],
					       struct netlink_ext_ack *extack)
{
	struct vmnet_peer *peer = NULL;
	struct net_device *dev;
	struct vmnet_port *port;

	if (tb[NDA_DST]) {
		if (nla_len(tb[NDA_DST]) == sizeof(struct in_addr))
			peer = vmnet_peer_find_v4(vm, nla_get_in_addr(tb[NDA_DST]));
		else if (nla_len(tb[NDA_DST]) == sizeof(struct in6_addr))
			peer = vmnet_peer_find_v6(vm, nla_data(tb[NDA_DST]));
		if (peer)
			return &peer->dest;
		NL_SET_ERR_MSG(extack,
			       "no UDP peer of this network has that address");
		return ERR_PTR(-ENOENT);
	}
	if (!tb[NDA_IFINDEX] || nla_len(tb[NDA_IFINDEX]) != sizeof(u32)) {
		NL_SET_ERR_MSG(extack,
			       "say where the address is: dst IP-OF-PEER or via PORT-DEVICE");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(dev_net(vm->dev),
				 nla_get_u32(tb[NDA_IFINDEX]));
	port = dev ? vmnet_port_find(vm, dev) : NULL;
	if (port)
		return &port->dest;
	NL_SET_ERR_MSG(extack, "that device is not a port of this network");
	return ERR_PTR(-ENOENT);
}

int vmnet_fdb_rtnl_add(struct ndmsg *ndm, struct nlattr *tb[],
		       struct net_device *dev, const unsigned char *addr,
		       u16 vid, u16 flags, COMPAT_FDB_NOTIFIED
		       struct netlink_ext_ack *extack)
{
	struct vmnet *vm = netdev_priv(dev);
	struct vmnet_dest *dest;
	int err;

	err = vmnet_may_change(vm, NULL, extack);
	if (err)
		return err;
	if (!(ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP))) {
		NL_SET_ERR_MSG(extack,
			       "entries are either learned or static: add a static one");
		return -EINVAL;
	}
	dest = vmnet_fdb_parse_dest(vm, tb, extack);
	if (IS_ERR(dest))
		return PTR_ERR(dest);
	COMPAT_FDB_SET_NOTIFIED();
	return vmnet_fdb_config_add(vm, addr, vid, dest, extack);
}

int vmnet_fdb_rtnl_del(struct ndmsg *ndm, struct nlattr *tb[],
		       struct net_device *dev, const unsigned char *addr,
		       u16 vid, COMPAT_FDB_NOTIFIED
		       struct netlink_ext_ack *extack)
{
	struct vmnet *vm = netdev_priv(dev);
	int err;

	err = vmnet_may_change(vm, NULL, extack);
	if (err)
		return err;
	COMPAT_FDB_SET_NOTIFIED();
	return vmnet_fdb_config_del(vm, addr, vid, extack);
}
