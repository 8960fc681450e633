/* SPDX-License-Identifier: GPL-2.0 */
/* The MAC database for rtnetlink: bridge fdb show, add, del; bridge monitor. */
#ifndef _VMNET_FDB_RTNL_H
#define _VMNET_FDB_RTNL_H

#include <linux/netdevice.h>

#include "device.h"
#include "vmnet-compat.h"

/* Operations of the device; see struct net_device_ops. */
int vmnet_fdb_rtnl_dump(struct sk_buff *skb, struct netlink_callback *cb,
			struct net_device *dev, struct net_device *filter_dev,
			int *idx);
int vmnet_fdb_rtnl_add(struct ndmsg *ndm, struct nlattr *tb[],
		       struct net_device *dev, const unsigned char *addr,
		       u16 vid, u16 flags, COMPAT_FDB_NOTIFIED
		       struct netlink_ext_ack *extack);
int vmnet_fdb_rtnl_del(struct ndmsg *ndm, struct nlattr *tb[],
		       struct net_device *dev, const unsigned char *addr,
		       u16 vid, COMPAT_FDB_NOTIFIED
		       struct netlink_ext_ack *extack);

/* RCU read lock and the lock of the database held. */
void vmnet_fdb_rtnl_notify(const struct vmnet *vm,
			   const struct vmnet_fdb_entry *entry,
			   enum vmnet_event_type event);

/*
 * Adds a static entry, or deletes one, for whichever interface asked. rtnl
 * lock held.
 */
int vmnet_fdb_config_add(struct vmnet *vm, const u8 *addr, u16 vid,
			 struct vmnet_dest *dest,
			 struct netlink_ext_ack *extack);
int vmnet_fdb_config_del(struct vmnet *vm, const u8 *addr, u16 vid,
			 struct netlink_ext_ack *extack);

#endif /* _VMNET_FDB_RTNL_H */
