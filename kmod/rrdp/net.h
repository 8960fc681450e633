/* SPDX-License-Identifier: GPL-2.0 */
/* What RRDP keeps for one network namespace. */
#ifndef _RRDP_NET_H
#define _RRDP_NET_H

#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "stats.h"

#define RRDP_PORT_HASH	256

struct rrdp_dev;

/* module parameter family= */
extern unsigned int rrdp_family;

extern unsigned int rrdp_net_id;

/**
 * struct rrdp_net - RRDP in one network namespace
 * @net: the namespace; valid for the life of this struct
 * @mib: counters
 * @local_node: this host's node number, %RRDP_NODE_NONE if it has none;
 *	written under @lock, read with READ_ONCE()
 * @lock: changes of the node table and of the attached devices; taken inside
 *	the rtnl lock where both are held; may sleep
 * @nodes: number -> struct rrdp_node of another host, RCU readers
 * @macs: MAC -> struct rrdp_node of another host, RCU readers
 * @locals: struct rrdp_node of this host's own number, one per device; under
 *	@lock
 * @loopback: the loopback device while this host has a number, RCU readers
 * @devs: attached devices (struct rrdp_dev), RCU list
 * @node_seq: changes with every change of the node table; under @lock
 * @conns: connections by peer MAC and ports, RCU readers
 * @all_conns: all connections; under @conn_lock
 * @conn_lock: @all_conns, @listeners, choice of ports; bottom halves off,
 *	taken outside any lock of a connection
 * @listeners: by port, RCU readers
 * @conn_seq: changes with @all_conns; under @conn_lock
 * @exiting: no connection may be added; under @conn_lock
 * @replies: answers to strangers in the second that began at @replies_since
 * @replies_since: jiffies
 */
struct rrdp_net {
	struct net *net;
	struct rrdp_mib __percpu *mib;
	u32 local_node;

	struct mutex lock;	/* writers of nodes and devices */
	struct xarray nodes;
	struct rhashtable macs;
	struct list_head locals;
	struct rrdp_dev __rcu *loopback;
	struct list_head devs;
	unsigned int node_seq;

	struct rhashtable conns;
	struct list_head all_conns;
	spinlock_t conn_lock;	/* connections and listeners */
	struct hlist_head listeners[RRDP_PORT_HASH];
	unsigned int conn_seq;
	bool exiting;
	atomic_t replies;
	unsigned long replies_since;
};

static inline struct rrdp_net *rrdp_pernet(const struct net *net)
{
	return net_generic(net, rrdp_net_id);
}

#endif /* _RRDP_NET_H */
