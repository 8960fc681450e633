// SPDX-License-Identifier: GPL-2.0
/* Ports: NICs of guests that belong to a network. */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>

#include "event.h"
#include "forward.h"
#include "peer.h"
#include "port.h"
#include "vlan.h"

void vmnet_port_drop(struct vmnet_port *port, struct sk_buff *skb,
		     enum vmnet_stat reason)
{
	vmnet_count_drop(port->count);
	vmnet_drop(port->vm, skb, reason);
}

bool vmnet_port_may_flood(const struct vmnet_dest *from,
			  const struct sk_buff *skb)
{
	struct vmnet_port *port;
	unsigned int frames;

	if (from->kind != VMNET_DEST_PORT)
		return true;
	port = vmnet_dest_port(from);
	if (likely(!READ_ONCE(port->storm.rate)))
		return true;
	frames = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
	return vmnet_storm_pass(&port->storm, max(frames, 1U), ktime_get_ns());
}

/*
 * Is the source of a frame one that may come from the port? Learns it. Returns
 * false if not, and why.
 */
static bool vmnet_port_learn(struct vmnet_port *port, const struct sk_buff *skb,
			     enum vmnet_stat *why)
{
	const u8 *addr = eth_hdr(skb)->h_source;
	struct vmnet *vm = port->vm;

	*why = VMNET_STAT_DROP_SOURCE;
	if (unlikely(!is_valid_ether_addr(addr)))
		return false;
	if (likely(!READ_ONCE(port->no_learning)))
		return vmnet_learn(vm, addr, vmnet_vlan_of(vm, skb),
				   &port->dest, why);
	*why = VMNET_STAT_DROP_OWN_SOURCE;
	return !vmnet_is_own(vm, addr);
}

/*
 * A frame from the NIC. Softirq, RCU read lock held; skb->data is behind the
 * Ethernet header.
 */
static rx_handler_result_t vmnet_port_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct vmnet_port *port = rcu_dereference(skb->dev->rx_handler_data);
	const struct vmnet_vlans *vlans;
	enum vmnet_stat reason;
	struct vmnet *vm;
	int err;

	if (unlikely(!port || skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;

	vm = port->vm;
	vmnet_count(vm, VMNET_STAT_RX_PORT);
	skb_push(skb, ETH_HLEN);
	vmnet_count_rx(port->count, skb->len);
	reason = VMNET_STAT_DROP_DOWN;
	if (unlikely(!netif_running(vm->dev)))
		goto drop;
	/* The checksum of a whole frame is of no use to the next device. */
	skb_forward_csum(skb);
	vlans = rcu_dereference(port->dest.vlans);
	if (vlans) {
		err = vmnet_vlan_ingress(vlans, &skb);
		reason = err == -ENOMEM ? VMNET_STAT_DROP_NOMEM :
			 VMNET_STAT_DROP_VLAN_IN;
		if (unlikely(err))
			goto drop;
	}
	if (unlikely(!vmnet_port_learn(port, skb, &reason)))
		goto drop;
	vmnet_forward(vm, skb, &port->dest);
	return RX_HANDLER_CONSUMED;

drop:
	vmnet_count_rx_drop(port->count);
	vmnet_drop(vm, skb, reason);
	return RX_HANDLER_CONSUMED;
}

struct vmnet_port *vmnet_port_of(const struct net_device *dev)
{
	if (rtnl_dereference(dev->rx_handler) != vmnet_port_receive)
		return NULL;
	return rtnl_dereference(dev->rx_handler_data);
}

struct vmnet_port *vmnet_port_find(struct vmnet *vm,
				   const struct net_device *dev)
{
	struct vmnet_port *port = vmnet_port_of(dev);

	return port && port->vm == vm ? port : NULL;
}

static int vmnet_port_check(struct vmnet *vm, struct net_device *dev,
			    struct netlink_ext_ack *extack)
{
	if (dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG(extack,
			       "the loopback device cannot be a port: use a NIC of a guest (vif, tap, veth, ...)");
		return -EINVAL;
	}
	if (vmnet_is_device(dev)) {
		NL_SET_ERR_MSG(extack,
			       "a vmnet device cannot be a port of a vmnet: join two networks with a guest that routes");
		return -ELOOP;
	}
	if (dev->type != ARPHRD_ETHER || dev->addr_len != ETH_ALEN ||
	    !is_valid_ether_addr(dev->dev_addr)) {
		NL_SET_ERR_MSG(extack,
			       "not an Ethernet device with a unicast MAC address: only those can be ports");
		return -EINVAL;
	}
	if (dev->priv_flags & IFF_DONT_BRIDGE) {
		NL_SET_ERR_MSG(extack,
			       "this kind of device cannot be bridged (its driver says so)");
		return -EOPNOTSUPP;
	}
	if (netdev_has_upper_dev(vm->dev, dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device lies on top of this network (a VLAN of it, a bridge, ...): it cannot be a port of it, too");
		return -ELOOP;
	}
	if (netdev_is_rx_handler_busy(dev)) {
		NL_SET_ERR_MSG(extack,
			       "something else takes the frames of this device already (macvlan, ipvlan, ...)");
		return -EBUSY;
	}
	if (vmnet_peer_uses(vm, dev)) {
		NL_SET_ERR_MSG(extack,
			       "a peer is reached through this device: it carries the tunnel and cannot be a port of it");
		return -ELOOP;
	}
	return 0;
}

/**
 * vmnet_port_add - make a NIC a port
 * @vm: network
 * @dev: the NIC
 * @extack: says what is wrong with it
 *
 * Context: rtnl lock held.
 */
int vmnet_port_add(struct vmnet *vm, struct net_device *dev,
		   struct netlink_ext_ack *extack)
{
	struct vmnet_port *port;
	static u64 seq;
	int err;

	err = vmnet_port_check(vm, dev, extack);
	if (err)
		return err;
	port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	if (!port)
		return -ENOMEM;
	port->count = vmnet_count_alloc();
	if (!port->count) {
		kfree(port);
		return -ENOMEM;
	}
	port->dest.kind = VMNET_DEST_PORT;
	port->dest.limit = VMNET_PORT_LIMIT_DEFAULT;
	port->dest.group_limit = VMNET_MDB_PORT_LIMIT_DEFAULT;
	port->vm = vm;
	port->dev = dev;
	port->seq = ++seq;
	netdev_hold(dev, &port->dev_tracker, GFP_KERNEL);

	err = dev_set_promiscuity(dev, 1);
	if (err)
		goto err_free;
	err = netdev_master_upper_dev_link(dev, vm->dev, NULL, NULL, extack);
	if (err)
		goto err_promisc;
	dev_disable_lro(dev);
	netdev_set_rx_headroom(dev, vm->dev->needed_headroom);
	list_add_tail_rcu(&port->list, &vm->ports);
	vm->n_ports++;

	err = netdev_rx_handler_register(dev, vmnet_port_receive, port);
	if (err)
		goto err_list;
	vmnet_event_port(vm, dev, VMNET_EV_PORT_NEW);
	return 0;

err_list:
	vm->n_ports--;
	list_del_rcu(&port->list);
	netdev_reset_rx_headroom(dev);
	netdev_upper_dev_unlink(dev, vm->dev);
	synchronize_net();
err_promisc:
	dev_set_promiscuity(dev, -1);
err_free:
	netdev_put(dev, &port->dev_tracker);
	free_percpu(port->count);
	kfree(port);
	return err;
}

static void vmnet_port_free_rcu(struct rcu_head *rcu)
{
	struct vmnet_port *port = container_of(rcu, struct vmnet_port, rcu);

	free_percpu(port->count);
	kfree(port);
}

static void vmnet_port_free(struct vmnet_port *port)
{
	struct net_device *dev = port->dev;
	struct vmnet *vm = port->vm;

	/* Waits for the receive handler, so that nothing is learned later. */
	netdev_rx_handler_unregister(dev);
	list_del_rcu(&port->list);
	vm->n_ports--;
	vmnet_vlans_replace(vm, &port->dest, NULL);
	vmnet_fdb_flush(&vm->fdb, &port->dest);
	vmnet_mdb_flush(&vm->mdb, &port->dest);
	netdev_reset_rx_headroom(dev);
	netdev_upper_dev_unlink(dev, vm->dev);
	dev_set_promiscuity(dev, -1);
	vmnet_event_port(vm, dev, VMNET_EV_PORT_DEL);

	/*
	 * Whoever still sends to the port holds the RCU read lock; a device
	 * that is being unregistered waits for that, too, before it goes.
	 */
	netdev_put(dev, &port->dev_tracker);
	call_rcu(&port->rcu, vmnet_port_free_rcu);
}

int vmnet_port_del(struct vmnet *vm, struct net_device *dev)
{
	struct vmnet_port *port = vmnet_port_find(vm, dev);

	if (!port)
		return -EINVAL;
	vmnet_port_free(port);
	return 0;
}

void vmnet_port_del_all(struct vmnet *vm)
{
	struct vmnet_port *port, *next;

	list_for_each_entry_safe(port, next, &vm->ports, list)
		vmnet_port_free(port);
}
