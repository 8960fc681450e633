/* SPDX-License-Identifier: GPL-2.0 */
/* A port: a local NIC that belongs to a network, as a rule a guest's. */
#ifndef _VMNET_PORT_H
#define _VMNET_PORT_H

#include "device.h"

/**
 * struct vmnet_port - a port
 * @dest: the port as a destination
 * @vm: its network
 * @dev: the NIC; the reference is dropped when the port is deleted
 * @dev_tracker: tracks that reference
 * @list: in &vmnet.ports
 * @rcu: frees it
 */
struct vmnet_port {
	struct vmnet_dest dest;
	struct vmnet *vm;
	struct net_device *dev;
	netdevice_tracker dev_tracker;
	struct list_head list;
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

#endif /* _VMNET_PORT_H */
