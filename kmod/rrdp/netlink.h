/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink family "rrdp" (Documentation/netlink/specs/rrdp.yaml). */
#ifndef _RRDP_NETLINK_H
#define _RRDP_NETLINK_H

#include <linux/if_ether.h>
#include <linux/types.h>
#include <uapi/linux/rrdp.h>

struct rrdp_dev;
struct rrdp_net;
struct rrdp_node;

/*
 * Tell the listeners of the group "events", if there are any. An event that
 * cannot be sent is lost, and its listeners see ENOBUFS.
 */

/* RRDP_EV_NODE_*; rrdp_net.lock held, may sleep. */
void rrdp_netlink_notify_node(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_node *node);
/*
 * RRDP_EV_NODE_CONFLICT: @node, which another host or this one has, was claimed
 * by @mac on @rd. The same.
 */
void rrdp_netlink_notify_conflict(struct rrdp_net *rn, u32 node,
				  const struct rrdp_dev *rd,
				  const u8 mac[ETH_ALEN]);
/* RRDP_EV_CONN_*; any context but hard interrupt. */
void rrdp_netlink_notify_conn(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_info *info);
/* Whether a struct rrdp_info is worth filling in. Any context. */
bool rrdp_netlink_has_listeners(struct rrdp_net *rn);

int rrdp_netlink_init(void);
void rrdp_netlink_exit(void);

#endif /* _RRDP_NETLINK_H */
