/* SPDX-License-Identifier: GPL-2.0 */
/* The IP multicast group of a network, for the hosts of one subnet. */
#ifndef _VMNET_GROUP_H
#define _VMNET_GROUP_H

#include "peer.h"

/*
 * The group as something to send to, or NULL while this host is not in it. RCU read
 * lock held.
 */
static inline struct vmnet_peer *vmnet_group_peer(const struct vmnet *vm)
{
	return rcu_dereference(vm->group);
}

/*
 * Joins the group on the device behind which the hosts of this subnet are now, or
 * leaves it. rtnl lock held; may sleep.
 */
void vmnet_group_update(struct vmnet *vm);

/* Has that device changed? Then it is updated soon. Process context. */
void vmnet_group_check(struct vmnet *vm);

/* IP may have gone from a device, and its groups with it. rtnl lock held. */
void vmnet_group_device_changed(struct vmnet *vm, struct net_device *dev);

/* Leaves the group. rtnl lock held; may sleep. */
void vmnet_group_leave(struct vmnet *vm);

#endif /* _VMNET_GROUP_H */
