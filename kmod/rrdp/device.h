/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that RRDP listens on: receive hook below, frames out. */
#ifndef _RRDP_DEVICE_H
#define _RRDP_DEVICE_H

#include <linux/netdevice.h>
#include <linux/refcount.h>

#include "net.h"

/* module parameter ethertype= (network byte order) */
extern __be16 rrdp_ethertype;

/**
 * struct rrdp_dev - a device RRDP is attached to
 * @list: in rrdp_net.devs
 * @dev: the device, with a tracked reference
 * @rn: its namespace
 * @pt: the receive hook, of this device only
 * @users: node table entries that use it; changed under rrdp_net.lock
 * @refs: holders of the struct (connections, lookups); freed after RCU
 * @gone: set under rrdp_net.lock once detached: nothing is sent any more
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
	struct rcu_head rcu;
};

/*
 * Attaches @dev or takes another use of it. rrdp_net.lock held, may sleep.
 * Refuses (with extack) what is not Ethernet-like or not of this namespace;
 * the loopback device is accepted.
 */
struct rrdp_dev *rrdp_dev_attach(struct rrdp_net *rn, struct net_device *dev,
				 struct netlink_ext_ack *extack);
/* Gives one use back; the last detaches. rrdp_net.lock held, may sleep. */
void rrdp_dev_detach(struct rrdp_dev *rd);

void rrdp_dev_hold(struct rrdp_dev *rd);
void rrdp_dev_put(struct rrdp_dev *rd);

/*
 * Pushes the Ethernet header (destination @mac) on @skb, whose data is an
 * RRDP segment, and hands it to the device. Consumes @skb always. No lock
 * held. Returns a net_xmit code or -ENETDOWN; a failure is counted.
 */
int rrdp_dev_xmit(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
		  struct sk_buff *skb);

/* Receive hook's upper half, in conn code: owns @skb; softirq, RCU read. */
void rrdp_rcv(struct rrdp_dev *rd, struct sk_buff *skb);

int rrdp_device_init(void);	/* netdevice notifier */
void rrdp_device_exit(void);

#endif /* _RRDP_DEVICE_H */
