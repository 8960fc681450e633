/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family, Documentation/netlink/specs/vmnet.yaml. */
#ifndef _VMNET_NETLINK_H
#define _VMNET_NETLINK_H

#include <net/genetlink.h>

#include "fdb.h"
#include "peer.h"

extern struct genl_family vmnet_genl_family;

/* RCU read lock or rtnl lock held. Both return 0 or -EMSGSIZE. */
int vmnet_nl_put_peer(struct sk_buff *msg, int attr,
		      const struct vmnet_peer *peer);
int vmnet_nl_put_fdb(struct sk_buff *msg, const struct vmnet *vm,
		     const struct vmnet_fdb_entry *entry);

/* Adds where something is, as one of two attributes; see vmnet_nl_put_fdb(). */
int vmnet_nl_put_dest(struct sk_buff *msg, const struct vmnet *vm,
		      const struct vmnet_dest *dest, int port_attr,
		      int peer_attr);

int vmnet_netlink_init(void);
void vmnet_netlink_exit(void);

#endif /* _VMNET_NETLINK_H */
