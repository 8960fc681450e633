/* SPDX-License-Identifier: GPL-2.0 */
/* What RRDP keeps for one network namespace. */
#ifndef _RRDP_NET_H
#define _RRDP_NET_H

#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
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
 * struct rrdp_rate - how often something was done
 * @n: times in the second that began at @since
 * @since: jiffies
 */
struct rrdp_rate {
	atomic_t n;
	unsigned long since;
};

/* May it be done once more, if not more than @most times a second? Any context. */
static inline bool rrdp_rate_allows(struct rrdp_rate *rate, int most)
{
	if (jiffies - READ_ONCE(rate->since) > HZ) {
		WRITE_ONCE(rate->since, jiffies);
		atomic_set(&rate->n, 0);
	}
	return atomic_inc_return(&rate->n) <= most;
}

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
 * @exiting: no connection or listener may be added; under @conn_lock
 * @waiting: connections whose node is being asked for; under @conn_lock
 * @ready: those that need not wait any more; under @conn_lock
 * @n_waiting: length of both; under @conn_lock
 * @rto_min_us: sysctl: floor of the retransmission timeout, microseconds
 * @sysctl: the namespace's
 * @replies: answers to strangers
 * @learned: the entries of @nodes that no user made; under @lock
 * @n_learned: their number; under @lock
 * @n_resolving: devices that take part in node resolution; written under
 *	@lock, read with READ_ONCE()
 * @resolve: does what node resolution has to do, see resolve.c
 * @claims: frames for it
 * @introductions: answers to those who ask for this host; apart from @replies, or
 *	strangers' segments could keep others from finding it
 * @asks: requests to all hosts
 * @conflicts: events of a number that two hosts claim
 * @defended: jiffies when this host last defended its number; under @lock
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
	struct list_head waiting;
	struct list_head ready;
	unsigned int n_waiting;
	unsigned int rto_min_us;
	struct ctl_table_header *sysctl;
	struct rrdp_rate replies;

	struct list_head learned;
	unsigned int n_learned;
	unsigned int n_resolving;
	struct delayed_work resolve;
	struct sk_buff_head claims;
	struct rrdp_rate introductions;
	struct rrdp_rate asks;
	struct rrdp_rate conflicts;
	unsigned long defended;
};

static inline struct rrdp_net *rrdp_pernet(const struct net *net)
{
	return net_generic(net, rrdp_net_id);
}

#endif /* _RRDP_NET_H */
