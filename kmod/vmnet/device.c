// SPDX-License-Identifier: GPL-2.0
/* The vmnet device: a network, and this host's own NIC on it. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/rrdp.h>
#include <net/rtnetlink.h>

#include "compat_netlink.h"
#include "device.h"
#include "event.h"
#include "fdb_rtnl.h"
#include "forward.h"
#include "gro.h"
#include "group.h"
#include "hello.h"
#include "mtu.h"
#include "peer.h"
#include "port.h"
#include "port_rtnl.h"
#include "relay.h"
#include "snoop.h"
#include "udp.h"
#include "vlan.h"
#include "vmnet-compat.h"

/*
 * Octets in front of a frame: Ethernet, for which the core keeps a multiple of 16,
 * IP, UDP, VXLAN; and the inner VLAN tag. RRDP needs no more than IPv4. Who sends
 * small frames notices: 16 octets may double the memory of a buffer. So there is no
 * room for the extension: what carries it is a copy, whose head is copied anyway.
 */
#define VMNET_HEADROOM_V4	(ALIGN(ETH_HLEN, 16) + 20 + 8 + 8 + VLAN_HLEN)
#define VMNET_HEADROOM_V6	(ALIGN(ETH_HLEN, 16) + 40 + 8 + 8 + VLAN_HLEN)

int vmnet_may_change(const struct vmnet *vm, const struct sk_buff *request,
		     struct netlink_ext_ack *extack)
{
	struct user_namespace *ns = vm->net->user_ns;

	if (request ? netlink_ns_capable(request, ns, CAP_NET_ADMIN) :
		      ns_capable(ns, CAP_NET_ADMIN))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "only an administrator of the namespace in which the network was made may change it");
	return -EPERM;
}

void vmnet_need_v6_headroom(struct vmnet *vm)
{
	struct vmnet_port *port;

	ASSERT_RTNL();
	vm->dev->needed_headroom = VMNET_HEADROOM_V6;
	list_for_each_entry(port, &vm->ports, list)
		netdev_set_rx_headroom(port->dev, VMNET_HEADROOM_V6);
}

/* ---- ageing ---- */

static void vmnet_ageing_start(struct vmnet *vm)
{
	unsigned long ageing = READ_ONCE(vm->fdb.ageing);

	/* So that an entry stays at most an eighth longer than it should. */
	if (ageing)
		queue_delayed_work(vmnet_wq, &vm->ageing_work,
				   clamp(ageing / 8, HZ / 10, 10UL * HZ));
}

static void vmnet_ageing_run(struct work_struct *work)
{
	struct vmnet *vm = container_of(to_delayed_work(work), struct vmnet,
					ageing_work);
	unsigned int n = vmnet_fdb_age(&vm->fdb, jiffies);

	vmnet_neigh_age(&vm->neighs, READ_ONCE(vm->fdb.ageing), jiffies);
	local_bh_disable();
	vmnet_stat_add(vm->mib, VMNET_STAT_AGED, n);
	local_bh_enable();
	vmnet_ageing_start(vm);
}

/* ---- the NIC ---- */

static void vmnet_dev_free(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);

	free_percpu(vm->gro);
	free_percpu(vm->mib);
	free_percpu(dev->tstats);
}

static int vmnet_dev_init(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);
	int err = -ENOMEM;

	dev->tstats = __netdev_alloc_pcpu_stats(struct pcpu_sw_netstats,
						GFP_KERNEL_ACCOUNT);
	vm->mib = vmnet_stats_alloc();
	if (!dev->tstats || !vm->mib)
		goto err_free;
	err = vmnet_gro_init(vm);
	if (err)
		goto err_free;
	err = vmnet_fdb_init(&vm->fdb, vm->fdb.limit, vm->fdb.ageing,
			     vmnet_event_fdb);
	if (err)
		goto err_gro;
	err = vmnet_fdb_set_own(&vm->fdb, dev->dev_addr, &vm->local, jiffies);
	if (err)
		goto err_fdb;
	err = vmnet_mdb_init(&vm->mdb, vmnet_event_mdb);
	if (err)
		goto err_fdb;
	err = vmnet_neighs_init(&vm->neighs);
	if (err)
		goto err_mdb;
	list_add_tail(&vm->list, &vmnet_pernet(vm->net)->nets);
	return 0;

err_mdb:
	vmnet_mdb_destroy(&vm->mdb);
err_fdb:
	vmnet_fdb_destroy(&vm->fdb);
err_gro:
	vmnet_gro_destroy(vm);
err_free:
	vmnet_dev_free(dev);
	vm->gro = NULL;
	dev->tstats = NULL;
	vm->mib = NULL;
	return err;
}

static void vmnet_dev_uninit(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);

	list_del(&vm->list);
	vmnet_port_del_all(vm);
	vmnet_peer_del_all(vm);
	vmnet_group_leave(vm);
	/* Who sent or received while the device was stopped may have begun them. */
	vmnet_hello_stop(vm);
	vmnet_relay_stop(vm);
	vmnet_snoop_stop(vm);
	netdev_rx_handler_unregister(dev);
	vmnet_vlans_replace(vm, &vm->local, NULL);
	vmnet_gro_destroy(vm);
	vmnet_neighs_destroy(&vm->neighs);
	vmnet_mdb_destroy(&vm->mdb);
	vmnet_fdb_destroy(&vm->fdb);
}

static int vmnet_dev_open(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);

	vmnet_ageing_start(vm);
	vmnet_hello_start(vm);
	vmnet_snoop_start(vm);
	return 0;
}

static int vmnet_dev_stop(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);

	cancel_delayed_work_sync(&vm->ageing_work);
	vmnet_hello_stop(vm);
	vmnet_relay_stop(vm);
	vmnet_snoop_stop(vm);
	return 0;
}

/* The host sends a frame to the network. */
static netdev_tx_t vmnet_dev_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);
	const struct vmnet_vlans *vlans;
	int err;

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	vmnet_count(vm, VMNET_STAT_RX_HOST);
	skb_reset_mac_header(skb);
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN))) {
		vmnet_drop(vm, skb, VMNET_STAT_DROP_SHORT);
		return NETDEV_TX_OK;
	}
	rcu_read_lock();
	vlans = rcu_dereference(vm->local.vlans);
	err = vlans ? vmnet_vlan_ingress(vlans, &skb) : 0;
	if (likely(!err))
		vmnet_forward(vm, skb, &vm->local);
	else
		vmnet_drop(vm, skb, err == -ENOMEM ? VMNET_STAT_DROP_NOMEM :
			   VMNET_STAT_DROP_VLAN_IN);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

static int vmnet_dev_set_mac(struct net_device *dev, void *p)
{
	struct vmnet *vm = netdev_priv(dev);
	const struct sockaddr *addr = p;
	int err;

	err = eth_prepare_mac_addr_change(dev, p);
	if (err)
		return err;
	err = vmnet_fdb_set_own(&vm->fdb, addr->sa_data, &vm->local, jiffies);
	if (err)
		return err;
	eth_commit_mac_addr_change(dev, p);
	return 0;
}

static int vmnet_dev_add_slave(struct net_device *dev, struct net_device *port,
			       struct netlink_ext_ack *extack)
{
	return vmnet_port_add(netdev_priv(dev), port, extack);
}

static int vmnet_dev_del_slave(struct net_device *dev, struct net_device *port)
{
	return vmnet_port_del(netdev_priv(dev), port);
}

static const struct net_device_ops vmnet_dev_ops = {
	.ndo_init = vmnet_dev_init,
	.ndo_uninit = vmnet_dev_uninit,
	.ndo_open = vmnet_dev_open,
	.ndo_stop = vmnet_dev_stop,
	.ndo_start_xmit = vmnet_dev_xmit,
	.ndo_set_mac_address = vmnet_dev_set_mac,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = vmnet_mtu_change,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_add_slave = vmnet_dev_add_slave,
	.ndo_del_slave = vmnet_dev_del_slave,
	.ndo_fdb_add = vmnet_fdb_rtnl_add,
	.ndo_fdb_del = vmnet_fdb_rtnl_del,
	.ndo_fdb_dump = vmnet_fdb_rtnl_dump,
	.ndo_bridge_setlink = vmnet_port_rtnl_setlink,
	.ndo_bridge_getlink = vmnet_port_rtnl_getlink,
	.ndo_bridge_dellink = vmnet_port_rtnl_dellink,
	.ndo_features_check = passthru_features_check,
};

/* ---- ethtool ---- */

static void vmnet_get_drvinfo(struct net_device *dev,
			      struct ethtool_drvinfo *info)
{
	strscpy(info->driver, VMNET_LINK_KIND, sizeof(info->driver));
}

static int vmnet_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? VMNET_STAT_COUNT : -EOPNOTSUPP;
}

static void vmnet_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	int i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < VMNET_STAT_COUNT; i++)
		strscpy_pad(data + i * ETH_GSTRING_LEN, vmnet_stat_names[i],
			    ETH_GSTRING_LEN);
}

static void vmnet_get_ethtool_stats(struct net_device *dev,
				    struct ethtool_stats *stats, u64 *data)
{
	struct vmnet *vm = netdev_priv(dev);

	vmnet_stats_read(vm->mib, data);
}

static const struct ethtool_ops vmnet_ethtool_ops = {
	.get_drvinfo = vmnet_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = vmnet_get_sset_count,
	.get_strings = vmnet_get_strings,
	.get_ethtool_stats = vmnet_get_ethtool_stats,
};

/* ---- rtnetlink ---- */

static const struct device_type vmnet_type = {
	.name = VMNET_LINK_KIND,
};

bool vmnet_is_device(const struct net_device *dev)
{
	return dev->netdev_ops == &vmnet_dev_ops;
}

static void vmnet_setup(struct net_device *dev)
{
	struct vmnet *vm = netdev_priv(dev);

	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &vmnet_dev_ops;
	dev->ethtool_ops = &vmnet_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = vmnet_dev_free;
	SET_NETDEV_DEVTYPE(dev, &vmnet_type);
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	vmnet_set_lltx(dev);
	dev->features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			 NETIF_F_RXCSUM | NETIF_F_GSO_SOFTWARE;
	dev->hw_features = dev->features;
	/* Tags stay beside the frame, so that VLANs have super-frames, too. */
	dev->vlan_features = dev->features;
	dev->features |= NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	dev->needed_headroom = VMNET_HEADROOM_V4;
	dev->max_mtu = ETH_MAX_MTU;

	vm->dev = dev;
	vm->local.kind = VMNET_DEST_LOCAL;
	vm->tunnel.kind = VMNET_DEST_PEER;
	INIT_LIST_HEAD(&vm->ports);
	INIT_LIST_HEAD(&vm->peers);
	hash_init(vm->udp_peers);
	vmnet_relay_init(vm);
	vmnet_hello_init(vm);
	vmnet_snoop_init(vm);
	INIT_DELAYED_WORK(&vm->ageing_work, vmnet_ageing_run);
	vmnet_mtu_init(vm);
}

static const struct nla_policy vmnet_link_policy[IFLA_VMNET_MAX + 1] = {
	[IFLA_VMNET_VNI] = { .type = NLA_U32 },
	[IFLA_VMNET_PORT] = { .type = NLA_U16 },
	[IFLA_VMNET_AGEING] = { .type = NLA_U32 },
	[IFLA_VMNET_LIMIT] = { .type = NLA_U32 },
	[IFLA_VMNET_NODE] = { .type = NLA_U32 },
	[IFLA_VMNET_SUBNET] = { .type = NLA_U32 },
};

static int vmnet_validate(struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	u32 vni;

	if (tb[IFLA_ADDRESS] &&
	    (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN ||
	     !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS])))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				    "not a unicast MAC address");
		return -EADDRNOTAVAIL;
	}
	if (!data)
		return 0;
	if (data[IFLA_VMNET_VNI]) {
		vni = nla_get_u32(data[IFLA_VMNET_VNI]);
		if (!vni || vni > VMNET_VNI_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VMNET_VNI],
					    "the VNI must be from 1 to 16777215");
			return -ERANGE;
		}
	}
	if (data[IFLA_VMNET_PORT] && !nla_get_be16(data[IFLA_VMNET_PORT])) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VMNET_PORT],
				    "the UDP port must be from 1 to 65535");
		return -ERANGE;
	}
	if (data[IFLA_VMNET_AGEING] &&
	    nla_get_u32(data[IFLA_VMNET_AGEING]) > VMNET_AGEING_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VMNET_AGEING],
				    "the ageing time must be at most 1000000 seconds, 0 for never");
		return -ERANGE;
	}
	return 0;
}

static u32 vmnet_data_u32(struct nlattr *data[], int attr, u32 otherwise)
{
	return data && data[attr] ? nla_get_u32(data[attr]) : otherwise;
}

static int vmnet_check_unique(const struct vmnet *vm,
			      struct netlink_ext_ack *extack)
{
	struct vmnet *other;

	list_for_each_entry(other, &vmnet_pernet(vm->net)->nets, list) {
		if (other->vni == vm->vni && other->udp_port == vm->udp_port) {
			NL_SET_ERR_MSG_FMT(extack,
					   "%s has VNI %u on UDP port %u already: choose another VNI",
					   other->dev->name, vm->vni,
					   vm->udp_port);
			return -EEXIST;
		}
	}
	return 0;
}

/* Where this host is, for the one-to-many part. */
static int vmnet_set_place(struct vmnet *vm, struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	vm->node = vmnet_data_u32(data, IFLA_VMNET_NODE, 0) ?:
		   rrdp_local_node(vm->net);
	vm->subnet = vmnet_data_u32(data, IFLA_VMNET_SUBNET, 0);
	if (vm->subnet && !vm->node) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_VMNET_SUBNET],
				    "a network with a subnet needs this host's node number, too");
		return -EINVAL;
	}
	return 0;
}

static int vmnet_newlink_in(struct net *net, struct net_device *dev,
			    struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct vmnet *vm = netdev_priv(dev);
	int err;

	vm->net = net;
	vm->vni = vmnet_data_u32(data, IFLA_VMNET_VNI, VMNET_VNI_DEFAULT);
	vm->udp_port = data && data[IFLA_VMNET_PORT] ?
		       ntohs(nla_get_be16(data[IFLA_VMNET_PORT])) :
		       VMNET_PORT_DEFAULT;
	vm->fdb.ageing = HZ * (unsigned long)
		vmnet_data_u32(data, IFLA_VMNET_AGEING, VMNET_AGEING_DEFAULT);
	vm->fdb.limit = vmnet_data_u32(data, IFLA_VMNET_LIMIT,
				       VMNET_LIMIT_DEFAULT);
	if (tb[IFLA_MTU])
		vm->mtu_user = nla_get_u32(tb[IFLA_MTU]);

	err = vmnet_set_place(vm, data, extack);
	if (err)
		return err;
	err = vmnet_check_unique(vm, extack);
	if (err)
		return err;
	err = register_netdevice(dev);
	if (err)
		return err;
	err = netdev_rx_handler_register(dev, vmnet_tunnel_receive, vm);
	if (err)
		unregister_netdevice(dev);
	return err;
}

COMPAT_NEWLINK(vmnet_newlink, vmnet_newlink_in)

static void vmnet_dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice_queue(dev, head);
}

static size_t vmnet_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u32)) * 5 + nla_total_size(sizeof(u16));
}

static int vmnet_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct vmnet *vm = netdev_priv(dev);

	if (nla_put_u32(skb, IFLA_VMNET_VNI, vm->vni) ||
	    nla_put_be16(skb, IFLA_VMNET_PORT, htons(vm->udp_port)) ||
	    nla_put_u32(skb, IFLA_VMNET_AGEING, vm->fdb.ageing / HZ) ||
	    nla_put_u32(skb, IFLA_VMNET_LIMIT, vm->fdb.limit) ||
	    nla_put_u32(skb, IFLA_VMNET_NODE, vm->node) ||
	    nla_put_u32(skb, IFLA_VMNET_SUBNET, vm->subnet))
		return -EMSGSIZE;
	return 0;
}

static struct net *vmnet_get_link_net(const struct net_device *dev)
{
	const struct vmnet *vm = netdev_priv(dev);

	return vm->net;
}

static struct rtnl_link_ops vmnet_link_ops __read_mostly = {
	.kind = VMNET_LINK_KIND,
	.maxtype = IFLA_VMNET_MAX,
	.policy = vmnet_link_policy,
	.priv_size = sizeof(struct vmnet),
	.setup = vmnet_setup,
	.validate = vmnet_validate,
	.newlink = vmnet_newlink,
	.dellink = vmnet_dellink,
	.get_size = vmnet_get_size,
	.fill_info = vmnet_fill_info,
	.get_link_net = vmnet_get_link_net,
};

/* ---- other devices ---- */

/*
 * The networks whose underlay @dev may be of. The devices of a namespace that
 * could not be made go before it has anything of ours.
 */
static struct list_head *vmnet_nets_of(const struct net_device *dev)
{
	static LIST_HEAD(none);
	struct vmnet_net *vn = vmnet_pernet(dev_net(dev));

	return vn ? &vn->nets : &none;
}

/* A route or a device of the underlay may have changed. */
static void vmnet_underlay_changed(const struct net_device *dev)
{
	struct vmnet *vm;

	list_for_each_entry(vm, vmnet_nets_of(dev), list)
		if (vm->n_peers)
			vmnet_mtu_schedule(vm);
}

static void vmnet_groups_changed(struct net_device *dev)
{
	struct vmnet *vm;

	list_for_each_entry(vm, vmnet_nets_of(dev), list)
		vmnet_group_device_changed(vm, dev);
}

static int vmnet_netdev_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct vmnet_port *port = vmnet_port_of(dev);

	switch (event) {
	case NETDEV_UNREGISTER:
		if (port)
			vmnet_port_del(port->vm, dev);
		/* It may only move; its ports do not go along. */
		if (vmnet_is_device(dev))
			vmnet_port_del_all(netdev_priv(dev));
		vmnet_groups_changed(dev);
		break;
	case NETDEV_PRE_TYPE_CHANGE:
		return port ? NOTIFY_BAD : NOTIFY_DONE;
	case NETDEV_CHANGEMTU:
		vmnet_groups_changed(dev);
		fallthrough;
	case NETDEV_UP:
	case NETDEV_DOWN:
		if (!vmnet_is_device(dev) && !port)
			vmnet_underlay_changed(dev);
		break;
	case NETDEV_UDP_TUNNEL_PUSH_INFO:
	case NETDEV_UDP_TUNNEL_DROP_INFO:
		vmnet_udp_offload(dev, event == NETDEV_UDP_TUNNEL_PUSH_INFO);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block vmnet_netdev_notifier = {
	.notifier_call = vmnet_netdev_event,
};

int __init vmnet_device_register(void)
{
	int err;

	err = register_netdevice_notifier(&vmnet_netdev_notifier);
	if (err)
		return err;
	err = rtnl_link_register(&vmnet_link_ops);
	if (err)
		unregister_netdevice_notifier(&vmnet_netdev_notifier);
	return err;
}

void vmnet_device_unregister(void)
{
	rtnl_link_unregister(&vmnet_link_ops);
	unregister_netdevice_notifier(&vmnet_netdev_notifier);
}

MODULE_ALIAS_RTNL_LINK(VMNET_LINK_KIND);
