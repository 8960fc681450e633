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
 * struct rrdp_node - a table entry; immutable once published, freed after RCU
 * @id: node number
 * @mac: its MAC on @rd; the device's own for a local entry
 * @local: this host's own number; such entries are not in the hash tables
 *	(@rd->dev's MAC may change; read it from the device) but in a list
 */
struct rrdp_node {
	struct rhash_head by_id;
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
int rrdp_node_add(struct rrdp_net *rn, u32 node, struct net_device *dev,
		  const u8 *mac, struct netlink_ext_ack *extack);
int rrdp_node_add_local(struct rrdp_net *rn, u32 node, struct net_device *dev,
			struct netlink_ext_ack *extack);
/* @dev NULL: all entries of the number. Connections to it end (conn.h). */
int rrdp_node_del(struct rrdp_net *rn, u32 node, struct net_device *dev,
		  struct netlink_ext_ack *extack);

/* Removes every entry on @dev (it is unregistered or leaves). rtnl held. */
void rrdp_node_flush_dev(struct rrdp_net *rn, struct net_device *dev);

int rrdp_node_net_init(struct rrdp_net *rn);
void rrdp_node_net_exit(struct rrdp_net *rn);

#endif /* _RRDP_NODE_H */
