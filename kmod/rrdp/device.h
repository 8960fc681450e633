/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that RRDP listens on: receive hook below, frames out. */
#ifndef _RRDP_DEVICE_H
#define _RRDP_DEVICE_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>

#include "net.h"

/* module parameters ethertype= and resolve_ethertype= (network byte order) */
extern __be16 rrdp_ethertype, rrdp_resolve_ethertype;

/**
 * struct rrdp_dev - a device RRDP is attached to
 * @list: in rrdp_net.devs
 * @dev: the device; may be used under rtnl or rrdp_net.lock while attached,
 *	elsewhere through rrdp_dev_netdev()
 * @tracker: of the reference to @dev, which ends with the attachment, so that
 *	a holder of the struct never delays the end of the device
 * @rn: its namespace
 * @pt: the receive hook, of this device only
 * @users: node table entries that use it; changed under rrdp_net.lock
 * @refs: holders of the struct (attachment, connections, lookups)
 * @gone: set under rrdp_net.lock when detached: nothing is sent any more
 * @local: others find this host here under its number: it takes part in node
 *	resolution; written under rrdp_net.lock
 * @up: it was up with a carrier; under rrdp_net.lock
 * @announce: this host's number is to be announced; under rrdp_net.lock
 * @resolve_pt: receive hook of node resolution, while @local
 * @rcu: frees the struct after the last holder
 */
struct rrdp_dev {
	struct list_head list;
	struct net_device *dev;
	netdevice_tracker tracker;
	struct rrdp_net *rn;
	struct packet_type pt;
	unsigned int users;
	refcount_t refs;
	bool gone;
	bool local;
	bool up;
	bool announce;
	struct packet_type resolve_pt;
	struct rcu_head rcu;
};

/*
 * Attaches @dev or takes another use of it. rrdp_net.lock held, may sleep.
 * Refuses (with extack) what is not Ethernet-like, and the ports of a bridge
 * or bond, whose master takes their frames; the loopback device is accepted.
 * Returns an ERR_PTR() of -EOPNOTSUPP or -ENOMEM.
 */
struct rrdp_dev *rrdp_dev_attach(struct rrdp_net *rn, struct net_device *dev,
				 struct netlink_ext_ack *extack);
/*
 * Gives one use back; the last detaches: when it returns, no receive hook
 * and no rrdp_dev_xmit() runs on the device. rrdp_net.lock held, may sleep.
 */
void rrdp_dev_detach(struct rrdp_dev *rd);

/*
 * Has frames of node resolution received, or no more. rrdp_net.lock held, may
 * sleep.
 */
void rrdp_dev_listen(struct rrdp_dev *rd, bool listen);

/* Attached device of @dev or NULL. rrdp_net.lock or RCU read side. */
struct rrdp_dev *rrdp_dev_find(struct rrdp_net *rn,
			       const struct net_device *dev);

/* Leads nowhere: for a path that is not known yet. Never freed. */
extern struct rrdp_dev rrdp_dev_nowhere;

static inline void rrdp_dev_hold(struct rrdp_dev *rd)
{
	refcount_inc(&rd->refs);
}

/* For one found under RCU: false when its last holder has gone. */
static inline bool rrdp_dev_tryhold(struct rrdp_dev *rd)
{
	return refcount_inc_not_zero(&rd->refs);
}

void rrdp_dev_put(struct rrdp_dev *rd);

/* The device, valid to the end of the RCU read side, or NULL once detached. */
static inline struct net_device *rrdp_dev_netdev(const struct rrdp_dev *rd)
{
	return READ_ONCE(rd->gone) ? NULL : rd->dev;
}

/*
 * Pushes the Ethernet header (destination @mac) on @skb, whose data is an
 * RRDP segment, and hands it to the device. Consumes @skb always. No lock
 * held; any context but hard interrupt. Returns a net_xmit code or an error
 * (-ENETDOWN: detached, down or without carrier); a failure is counted.
 */
int rrdp_dev_xmit(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
		  struct sk_buff *skb);
/* The same for a frame of node resolution. */
int rrdp_dev_xmit_resolve(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
			  struct sk_buff *skb);

/* Could it send now? RCU read side or rrdp_net.lock. */
static inline bool rrdp_dev_is_up(const struct rrdp_dev *rd)
{
	const struct net_device *dev = rrdp_dev_netdev(rd);

	return dev && netif_running(dev) && netif_carrier_ok(dev);
}

/* Receive hooks' upper halves: own @skb; softirq, RCU read. */
void rrdp_rcv(struct rrdp_dev *rd, struct sk_buff *skb);
void rrdp_resolve_rcv(struct rrdp_dev *rd, struct sk_buff *skb);

#endif /* _RRDP_DEVICE_H */
