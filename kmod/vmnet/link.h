/* SPDX-License-Identifier: GPL-2.0 */
/* RRDP peers: one connection per host, shared by all networks. */
#ifndef _VMNET_LINK_H
#define _VMNET_LINK_H

#include <linux/hashtable.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "device.h"
#include "peer.h"

#define VMNET_LINK_HASH_BITS	6

struct rrdp_conn;
struct vmnet_ext;

/*
 * Silence after which the other host is taken for dead, in milliseconds. RRDP's
 * own second is short for hosts that are themselves virtual machines.
 */
#define VMNET_LINK_DEADTIME	5000

/* A failed connection is tried again after between MIN and MIN + SPREAD ms. */
#define VMNET_LINK_RETRY_MIN	250
#define VMNET_LINK_RETRY_SPREAD	750

/* So many times as late if nobody knows where the host is, as all are asked for it. */
#define VMNET_LINK_RETRY_ABSENT	4

/**
 * struct vmnet_conn - one RRDP connection of a link
 * @link: the link; stays while a callback of the connection may run
 * @rc: the connection, with a reference
 * @rcu: frees it and drops the reference
 */
struct vmnet_conn {
	struct vmnet_link *link;
	struct rrdp_conn *rc;
	struct rcu_head rcu;
};

/**
 * struct vmnet_link - the way to another host over RRDP
 * @vn: namespace; its link_lock, taken with bottom halves off, guards
 *	@conn, @pending, @state, @err and @dead. It is not held while calling RRDP
 * @list: in &vmnet_net.links
 * @node: node number of the host
 * @users: peers that use it, under rtnl
 * @peers: struct vmnet_peer by VNI, changed under rtnl, RCU readers
 * @conn: the connection frames are sent on, RCU readers
 * @pending: the connection being opened by this host
 * @state: what the peers' state is
 * @err: why the last connection ended or was not made, 0 while there is one
 * @dead: the link goes away: no new connection, no retry
 * @retry: opens the connection
 */
struct vmnet_link {
	struct vmnet_net *vn;
	struct list_head list;
	u32 node;
	unsigned int users;
	DECLARE_HASHTABLE(peers, VMNET_LINK_HASH_BITS);
	struct vmnet_conn __rcu *conn;
	struct vmnet_conn *pending;
	enum vmnet_peer_state state;
	int err;
	bool dead;
	struct delayed_work retry;
};

/* All: rtnl lock held; may sleep. vmnet_link_put() undoes the attachment. */
int vmnet_link_check(const struct vmnet *vm, u32 node, u32 subnet,
		     struct netlink_ext_ack *extack);
int vmnet_link_attach(struct vmnet_peer *peer, struct netlink_ext_ack *extack);
void vmnet_link_put(struct vmnet_link *link);
const struct net_device *vmnet_link_dev(const struct vmnet_link *link);
unsigned int vmnet_link_mtu(const struct vmnet_link *link);

/* See vmnet_peer_send_ext(). */
void vmnet_link_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			 const struct vmnet_dest *from,
			 const struct vmnet_ext *ext);

#endif /* _VMNET_LINK_H */
