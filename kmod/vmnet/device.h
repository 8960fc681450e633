/* SPDX-License-Identifier: GPL-2.0 */
/* A network: the vmnet device and what hangs from it. */
#ifndef _VMNET_DEVICE_H
#define _VMNET_DEVICE_H

#include <linux/hashtable.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <linux/vmnet.h>

#include "dest.h"
#include "fdb.h"
#include "mdb.h"
#include "neigh.h"
#include "stats.h"

#define VMNET_VNI_DEFAULT	1
#define VMNET_AGEING_DEFAULT	300	/* seconds */
#define VMNET_AGEING_MAX	1000000	/* seconds, as of a bridge */
#define VMNET_LIMIT_DEFAULT	1048576	/* entries of the MAC database */

/* Buckets of the peers of one network, by address. */
#define VMNET_PEER_HASH_BITS	6

struct rrdp_listener;
struct vmnet_peer;
struct vmnet_sock;

/* Work that may outlive the device it is for; flushed before unload. */
extern struct workqueue_struct *vmnet_wq;

/* Where underlay addresses and sockets differ by family. */
enum vmnet_family {
	VMNET_V4,
	VMNET_V6,
	VMNET_FAMILIES
};

/**
 * struct vmnet - a network, private data of its device
 * @dev: the device; it is also a NIC of this host on the network
 * @net: namespace of the underlay, in which the device was made. The device
 *	may move on to another. Valid while the device is: the exit of the
 *	namespace deletes the device
 * @list: in &vmnet_net.nets, under rtnl
 * @vni: network identifier
 * @udp_port: UDP port of this host, host byte order
 * @local: the host NIC as a destination
 * @tunnel: stands for any peer, once a frame has gone through GRO
 * @fdb: MAC database
 * @mdb: multicast database
 * @neighs: neighbour table, which ages as @fdb does
 * @ports: struct vmnet_port, changed under rtnl, RCU readers
 * @peers: struct vmnet_peer, likewise
 * @n_ports: length of @ports, under rtnl
 * @n_peers: length of @peers, under rtnl
 * @n_vlans: how many of the ports and the host NIC are in chosen VLANs only.
 *	While there are any, addresses are learned per VLAN. Changed under rtnl
 * @udp_peers: UDP peers by address, likewise
 * @node: node number of this host, by which frames name their origin; 0 = none
 * @subnet: subnet of the underlay in which this host is, 0 = not known: then
 *	this host sends what it floods to each peer
 * @singles: those of @peers that are sent copies one by one, likewise
 * @subnets: struct vmnet_subnet, those of the others, likewise
 * @members: struct vmnet_member by node number, likewise
 * @relay_counter: counter of the last frame that was flooded with one
 * @group: the IP multicast group of the hosts in this host's subnet, as a peer to
 *	send to; NULL while this host is not in it; changed under rtnl, RCU readers
 * @hello_work: probes who hears whom, while the device is up
 * @relay_work: sends acknowledgements of relay copies and looks for those missing
 * @sock: UDP sockets while there are peers of that family; RCU readers
 * @sock_node: in &vmnet_sock.nets
 * @gro: frames out of the tunnel that are to be merged
 * @mib: counters
 * @ageing_work: ages @fdb and @neighs while the device is up
 * @mdb_work: ages @mdb while the device is up and anything is in it
 * @mtu_work: computes the MTU anew; holds the device while it is queued
 * @mtu_user: MTU that the user asked for, 0 = as large as the peers allow.
 *	Under rtnl
 */
struct vmnet {
	struct net_device *dev;
	struct net *net;
	struct list_head list;
	u32 vni;
	u16 udp_port;

	struct vmnet_dest local;
	struct vmnet_dest tunnel;
	struct vmnet_fdb fdb;
	struct vmnet_mdb mdb;
	struct vmnet_neighs neighs;

	struct list_head ports;
	struct list_head peers;
	unsigned int n_ports;
	unsigned int n_peers;
	unsigned int n_vlans;
	DECLARE_HASHTABLE(udp_peers, VMNET_PEER_HASH_BITS);

	u32 node;
	u32 subnet;
	struct list_head singles;
	struct list_head subnets;
	DECLARE_HASHTABLE(members, VMNET_PEER_HASH_BITS);
	atomic_t relay_counter;
	struct vmnet_peer __rcu *group;
	struct delayed_work hello_work;
	struct delayed_work relay_work;

	struct vmnet_sock __rcu *sock[VMNET_FAMILIES];
	struct hlist_node sock_node[VMNET_FAMILIES];

	struct vmnet_gro __percpu *gro;
	struct vmnet_mib __percpu *mib;
	struct delayed_work ageing_work;
	struct delayed_work mdb_work;
	struct work_struct mtu_work;
	unsigned int mtu_user;
};

/**
 * struct vmnet_net - vmnet in one namespace
 * @net: the namespace
 * @nets: struct vmnet whose underlay this is, under rtnl
 * @socks: struct vmnet_sock, under rtnl
 * @links: struct vmnet_link; changed under rtnl and @link_lock, RCU readers
 * @link_lock: see struct vmnet_link
 * @listener: accepts RRDP connections while there are links, under rtnl
 * @mib: counters of frames that belong to no network
 */
struct vmnet_net {
	struct net *net;
	struct list_head nets;
	struct list_head socks;
	struct list_head links;
	spinlock_t link_lock;	/* links */
	struct rrdp_listener *listener;
	struct vmnet_mib __percpu *mib;
};

extern unsigned int vmnet_net_id;

static inline struct vmnet_net *vmnet_pernet(const struct net *net)
{
	return net_generic(net, vmnet_net_id);
}

/* Softirq or bottom halves off. */
static inline void vmnet_count(const struct vmnet *vm, enum vmnet_stat id)
{
	vmnet_stat_inc(vm->mib, id);
}

bool vmnet_is_device(const struct net_device *dev);

/*
 * May the caller change the network? The device may have been given to another
 * namespace than that of the underlay. Who rules there must not thereby rule what
 * this one sends and to whom. With the @request, also who opened the socket that it
 * came by must be allowed to, or else a privileged program could be made to write it;
 * NULL for rtnetlink, which does not tell it. 0 or -EPERM.
 */
int vmnet_may_change(const struct vmnet *vm, const struct sk_buff *request,
		     struct netlink_ext_ack *extack);

/* From now on, frames shall have room for the headers of IPv6 peers. rtnl. */
void vmnet_need_v6_headroom(struct vmnet *vm);

int vmnet_device_register(void);
void vmnet_device_unregister(void);

#endif /* _VMNET_DEVICE_H */
