/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Node table: node number <-> device and MAC (the address translation layer
 * of the paper, 3.4), one per network namespace.
 */
#ifndef _RRDP_NODE_H
#define _RRDP_NODE_H

#include <linux/etherdevice.h>
#include <linux/rhashtable.h>

#include "core/nud.h"
#include "device.h"
#include "net.h"

/**
 * struct rrdp_node - a table entry
 * @by_mac: in rrdp_net.macs (another host's, while its state is usable)
 * @list: in rrdp_net.locals (this host's) or rrdp_net.learned, or among those
 *	being removed
 * @id: node number
 * @mac: its MAC on @rd; for a local entry the device's own, which may change
 *	and is current under rrdp_net.lock
 * @local: this host's own number
 * @learned: node resolution made it, it ages and goes by itself
 * @used: somebody connects to it although it is stale
 * @doubted: who connects to it gets no answer
 * @rd: device it is reached through, NULL while that is not known. A static
 *	or local entry has a use of it. A learned one only has a reference, as
 *	it goes with the local entry that makes the device take part
 * @nud: what is believed of it; under rrdp_net.lock, but for the state
 * @heard: when a connection to it made progress, as of rrdp_now()
 * @rcu: frees the entry
 *
 * But for what is said to change, another host's entry is immutable once
 * published: one that gets another MAC is replaced.
 */
struct rrdp_node {
	struct rhash_head by_mac;
	struct list_head list;
	u32 id;
	u8 mac[ETH_ALEN];
	bool local;
	bool learned;
	bool used;
	bool doubted;
	struct rrdp_dev *rd;
	struct rrdp_nud nud;
	atomic64_t heard;
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
 * -EHOSTUNREACH (not in the table or without an address there, or its device
 * is gone).
 */
int rrdp_node_resolve(struct rrdp_net *rn, u32 node, struct rrdp_path *path);

/* Somebody connects to @node. Any context. */
void rrdp_node_use(struct rrdp_net *rn, u32 node);

/* Can others be asked where a node is? Any context. */
static inline bool rrdp_node_can_ask(const struct rrdp_net *rn)
{
	return READ_ONCE(rn->n_resolving);
}

/* NUD_* of @node, NUD_NONE if it is not in the table. Any context. */
u8 rrdp_node_state(struct rrdp_net *rn, u32 node);

/*
 * A connection to @node at @mac made progress @when (rrdp_now()). Cheap, but
 * not for each segment. RCU read side.
 */
void rrdp_node_heard(struct rrdp_net *rn, u32 node, const u8 mac[ETH_ALEN],
		     u64 when);

/*
 * @node does not answer at @mac, where it may be no more: it is asked now,
 * whatever was believed. RCU read side.
 */
void rrdp_node_doubt(struct rrdp_net *rn, u32 node, const u8 mac[ETH_ALEN]);

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

/* Removes all learned entries, or those on @dev. The same, and the same end. */
void rrdp_node_del_learned(struct rrdp_net *rn, const struct net_device *dev);

/* An entry of @id, this host's or another's, or NULL. rrdp_net.lock held. */
struct rrdp_node *rrdp_node_find(struct rrdp_net *rn, u32 id);
/* That of another host with @mac, or NULL. rrdp_net.lock held. */
struct rrdp_node *rrdp_node_find_mac(struct rrdp_net *rn,
				     const u8 mac[ETH_ALEN]);
/* The attached device whose MAC it is, or NULL. rrdp_net.lock held. */
const struct rrdp_dev *rrdp_node_own_mac(struct rrdp_net *rn,
					 const u8 mac[ETH_ALEN]);

/* Takes an entry out of the table and lists it in @gone. rrdp_net.lock held. */
void rrdp_node_unpublish(struct rrdp_net *rn, struct rrdp_node *node,
			 struct list_head *gone);

/*
 * What node resolution does to the table; rrdp_net.lock held, may sleep.
 *
 * rrdp_node_learn() makes an entry in the state @nud, whose address is not
 * known while @rd is NULL. It replaces that of the same number, which goes to
 * @gone, for rrdp_node_bury(), if it had an address. Returns an ERR_PTR() of
 * -ENOMEM, or -EEXIST if the MAC is in use.
 * rrdp_node_fail(): it is not where it was; the state says so already.
 * rrdp_node_forget(): it is of no use any more. Connections stay.
 */
struct rrdp_node *rrdp_node_learn(struct rrdp_net *rn, u32 id,
				  struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
				  const struct rrdp_nud *nud,
				  struct list_head *gone);
void rrdp_node_fail(struct rrdp_net *rn, struct rrdp_node *node);
void rrdp_node_forget(struct rrdp_net *rn, struct rrdp_node *node);

/*
 * Ends the connections to entries that were taken out of the table, with
 * @err, and frees them. No lock of RRDP held; may sleep.
 */
void rrdp_node_bury(struct rrdp_net *rn, struct list_head *gone, int err);

/* May sleep; clear takes rtnl and removes all entries, for good. */
int rrdp_node_net_init(struct rrdp_net *rn);
void rrdp_node_net_clear(struct rrdp_net *rn);
void rrdp_node_net_exit(struct rrdp_net *rn);

/* The watch for devices that leave or change their MAC. */
int rrdp_node_init(void);
void rrdp_node_exit(void);

#endif /* _RRDP_NODE_H */
