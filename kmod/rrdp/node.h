/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Node table: node number <-> device and MAC (the address translation layer
 * of the paper, 3.4), one per network namespace.
 */
#ifndef _RRDP_NODE_H
#define _RRDP_NODE_H

#include <linux/etherdevice.h>
#include <linux/rhashtable.h>

#include "device.h"
#include "net.h"

/**
 * struct rrdp_node - a table entry
 * @by_mac: in rrdp_net.macs (another host's)
 * @list: in rrdp_net.locals (this host's), or among those being removed
 * @id: node number
 * @mac: its MAC on @rd; for a local entry the device's own, which may change
 *	and is current under rrdp_net.lock
 * @local: this host's own number
 * @rd: device it is reached through; the entry has a use of it
 * @rcu: frees the entry
 *
 * Another host's entry is immutable once published.
 */
struct rrdp_node {
	struct rhash_head by_mac;
	struct list_head list;
	u32 id;
	u8 mac[ETH_ALEN];
	bool local;
	struct rrdp_dev *rd;
	struct rcu_head rcu;
};

/**
 * struct rrdp_path - where to send what is for a node
 * @rd: device, with a reference: rrdp_dev_put()
 * @mac: destination MAC
 */
struct rrdp_path {
	struct rrdp_dev *rd;
	u8 mac[ETH_ALEN];
};

/*
 * Looks @node up. The local node resolves to the loopback device and its
 * (zero) MAC. Any context. Returns 0, -ENETUNREACH (no local node number) or
 * -EHOSTUNREACH (not in the table, or its device is gone).
 */
int rrdp_node_resolve(struct rrdp_net *rn, u32 node, struct rrdp_path *path);

/*
 * Number of the node that has @mac on @rd, RRDP_NODE_NONE if none; a zero
 * MAC on the loopback device is the local node. RCU read side.
 */
u32 rrdp_node_by_mac(struct rrdp_dev *rd, const u8 mac[ETH_ALEN]);

/*
 * Netlink's verbs; process context, rtnl held. Distinct, helpful extack for
 * each way to fail: number 0 or taken, MAC taken / multicast / zero / our
 * own, device missing or unsuitable, second local number.
 */
int rrdp_node_add(struct rrdp_net *rn, u32 id, struct net_device *dev,
		  const u8 mac[ETH_ALEN], struct netlink_ext_ack *extack);
/*
 * @dev: a device on which this host is to be found under its number, or the
 * loopback device. Any local entry makes the loopback device lead here too.
 */
int rrdp_node_add_local(struct rrdp_net *rn, u32 id, struct net_device *dev,
			struct netlink_ext_ack *extack);
/* @dev NULL: all entries of the number. Connections to it end (conn.h). */
int rrdp_node_del(struct rrdp_net *rn, u32 id, const struct net_device *dev,
		  struct netlink_ext_ack *extack);

/* An entry of @id, this host's or another's, or NULL. rrdp_net.lock held. */
struct rrdp_node *rrdp_node_find(struct rrdp_net *rn, u32 id);

/* Removes every entry on @dev (it is unregistered or leaves). rtnl held. */
void rrdp_node_flush_dev(struct rrdp_net *rn, const struct net_device *dev);

/* May sleep; exit takes rtnl and removes all entries. */
int rrdp_node_net_init(struct rrdp_net *rn);
void rrdp_node_net_exit(struct rrdp_net *rn);

/* The watch for devices that leave or change their MAC. */
int rrdp_node_init(void);
void rrdp_node_exit(void);

#endif /* _RRDP_NODE_H */
