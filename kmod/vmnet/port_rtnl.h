/* SPDX-License-Identifier: GPL-2.0 */
/* Ports for rtnetlink: bridge vlan add, del, show; bridge link set, show. */
#ifndef _VMNET_PORT_RTNL_H
#define _VMNET_PORT_RTNL_H

#include <linux/netdevice.h>

/*
 * Operations of the vmnet device; see struct net_device_ops. @dev is one of its
 * ports, or the vmnet device itself for the host NIC.
 */
int vmnet_port_rtnl_setlink(struct net_device *dev, struct nlmsghdr *nlh,
			    u16 flags, struct netlink_ext_ack *extack);
int vmnet_port_rtnl_dellink(struct net_device *dev, struct nlmsghdr *nlh,
			    u16 flags);
int vmnet_port_rtnl_getlink(struct sk_buff *skb, u32 portid, u32 seq,
			    struct net_device *dev, u32 filter_mask,
			    int nlflags);

#endif /* _VMNET_PORT_RTNL_H */
