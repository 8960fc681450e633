/* SPDX-License-Identifier: GPL-2.0 */
/* A peer: another host of a network. */
#ifndef _VMNET_PEER_H
#define _VMNET_PEER_H

#include <linux/in.h>
#include <linux/in6.h>
#include <net/dst_cache.h>

#include "device.h"

struct vmnet_link;
struct vmnet_member;
struct vmnet_ext;

/**
 * struct vmnet_peer_id - what a peer is named by
 * @transport: enum vmnet_transport
 * @family: of @v4 or @v6; UDP only
 * @v4: address of a UDP peer
 * @v6: address of a UDP peer
 * @node: node number of an RRDP peer
 */
struct vmnet_peer_id {
	u8 transport;
	enum vmnet_family family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
		u32 node;
	};
};

/**
 * struct vmnet_source - where this host sends to a peer from
 * @ifindex: device
 * @v4: this host's address that the peer sees, if its own is one of IPv4
 * @v6: the same of IPv6
 */
struct vmnet_source {
	int ifindex;
	union {
		__be32 v4;
		struct in6_addr v6;
	};
};

/**
 * struct vmnet_peer_config - what is said of a peer
 * @udp_port: UDP peers: its port
 * @plain: UDP peers: it knows no extension of the header
 * @node: its node number, 0 = not known; that of an RRDP peer only with @subnet
 * @subnet: its subnet of the underlay, 0 = not known
 * @leaving: it is to forward no more for its subnet, if others can
 */
struct vmnet_peer_config {
	u16 udp_port;
	bool plain;
	u32 node;
	u32 subnet;
	bool leaving;
};

/**
 * struct vmnet_peer - another host of a network
 * @dest: the peer as a destination
 * @vm: network
 * @id: its name
 * @seq: place in a dump: larger than that of all peers made before
 * @udp_port: its UDP port, host byte order
 * @plain: it knows no extension of the header
 * @mtu: largest packet it can be sent as far as is known, 0 = not known
 * @member: what it is in the one-to-many part, NULL if its number is not known
 * @list: in &vmnet.peers
 * @single: in &vmnet.singles, unless it is sent what goes to its subnet
 * @node: in &vmnet.udp_peers or &vmnet_link.peers
 * @source: where this host is in the group, if the peer is that
 * @cache: route to a UDP peer
 * @link: connection to an RRDP peer
 * @count: counters
 * @rcu: frees it
 */
struct vmnet_peer {
	struct vmnet_dest dest;
	struct vmnet *vm;
	struct vmnet_peer_id id;
	u64 seq;
	u16 udp_port;
	bool plain;
	unsigned int mtu;
	struct vmnet_member *member;
	struct list_head list;
	struct list_head single;
	struct hlist_node node;
	struct vmnet_source source;
	struct dst_cache cache;
	struct vmnet_link *link;
	struct vmnet_count __percpu *count;
	struct rcu_head rcu;
};

static inline struct vmnet_peer *vmnet_dest_peer(const struct vmnet_dest *dest)
{
	return container_of(dest, struct vmnet_peer, dest);
}

/* All five: rtnl lock held; may sleep. */
int vmnet_peer_add(struct vmnet *vm, const struct vmnet_peer_id *id,
		   const struct vmnet_peer_config *cfg,
		   struct netlink_ext_ack *extack);
int vmnet_peer_set_leaving(struct vmnet_peer *peer, bool leaving,
			   struct netlink_ext_ack *extack);
void vmnet_peer_del(struct vmnet_peer *peer);
void vmnet_peer_del_all(struct vmnet *vm);
struct vmnet_peer *vmnet_peer_find(struct vmnet *vm,
				   const struct vmnet_peer_id *id);

/*
 * A peer that is not in the network: it can be sent to. Freed after a grace period.
 * rtnl lock held; may sleep.
 */
struct vmnet_peer *vmnet_peer_alloc(struct vmnet *vm,
				    const struct vmnet_peer_id *id);
void vmnet_peer_free_later(struct vmnet_peer *peer);

/* Does a peer of @vm lie behind @dev? rtnl lock held. */
bool vmnet_peer_uses(struct vmnet *vm, const struct net_device *dev);

/* Largest packet the peer can be sent now, 0 = not known. rtnl lock held. */
unsigned int vmnet_peer_mtu(struct vmnet_peer *peer);

/* Any context. */
enum vmnet_peer_state vmnet_peer_state(const struct vmnet_peer *peer);

/* Why it is not up, a negative errno; 0 if it is, or there was no attempt yet. Any context. */
int vmnet_peer_error(const struct vmnet_peer *peer);

/*
 * Consumes @skb; see vmnet_deliver(). @ext is the extension of the header, NULL = none;
 * not for a super-frame.
 */
void vmnet_peer_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			 const struct vmnet_dest *from,
			 const struct vmnet_ext *ext);

static inline void vmnet_peer_send(struct vmnet_peer *peer, struct sk_buff *skb,
				   const struct vmnet_dest *from)
{
	vmnet_peer_send_ext(peer, skb, from, NULL);
}

/* Throws @skb away and counts it for the network and for the peer. */
void vmnet_peer_drop(struct vmnet_peer *peer, struct sk_buff *skb,
		     enum vmnet_stat reason);

/*
 * Peer that sent from this address. RCU read lock held, or rtnl lock.
 */
struct vmnet_peer *vmnet_peer_find_v4(struct vmnet *vm, __be32 addr);
struct vmnet_peer *vmnet_peer_find_v6(struct vmnet *vm,
				      const struct in6_addr *addr);

#endif /* _VMNET_PEER_H */
