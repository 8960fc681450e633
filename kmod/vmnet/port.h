/* SPDX-License-Identifier: GPL-2.0 */
/* A port: a local NIC that belongs to a network, as a rule a guest's. */
#ifndef _VMNET_PORT_H
#define _VMNET_PORT_H

#include "device.h"
#include "storm.h"

/* Addresses that may be learned from a port, unless it is told otherwise. */
#define VMNET_PORT_LIMIT_DEFAULT	65536

/**
 * struct vmnet_port - a port
 * @dest: the port as a destination
 * @vm: its network
 * @dev: the NIC; the reference is dropped when the port is deleted
 * @dev_tracker: tracks that reference
 * @list: in &vmnet.ports
 * @seq: place in a dump: larger than that of all ports made before
 * @no_learning: what it sends is not learned from; changed under rtnl
 * @storm: limit of what it floods; changed under rtnl
 * @count: counters
 * @rcu: frees it
 */
struct vmnet_port {
	struct vmnet_dest dest;
	struct vmnet *vm;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	struct list_head list;
	u64 seq;
	bool no_learning;
	struct vmnet_storm storm;
	struct vmnet_count __percpu *count;
	struct rcu_head rcu;
};

static inline struct vmnet_port *vmnet_dest_port(const struct vmnet_dest *dest)
{
	return container_of(dest, struct vmnet_port, dest);
}

/* All: rtnl lock held; may sleep. */
int vmnet_port_add(struct vmnet *vm, struct net_device *dev,
		   struct netlink_ext_ack *extack);
int vmnet_port_del(struct vmnet *vm, struct net_device *dev);
void vmnet_port_del_all(struct vmnet *vm);
struct vmnet_port *vmnet_port_find(struct vmnet *vm,
				   const struct net_device *dev);
struct vmnet_port *vmnet_port_of(const struct net_device *dev);

/* Throws @skb, which was for the port, away and counts it. Softirq. */
void vmnet_port_drop(struct vmnet_port *port, struct sk_buff *skb,
		     enum vmnet_stat reason);

/* May a frame from there be flooded? Of what is no port always. Softirq. */
bool vmnet_port_may_flood(const struct vmnet_dest *from,
			  const struct sk_buff *skb);

#endif /* _VMNET_PORT_H */
