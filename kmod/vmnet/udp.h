/* SPDX-License-Identifier: GPL-2.0 */
/* UDP peers: sockets, sending and receiving. */
#ifndef _VMNET_UDP_H
#define _VMNET_UDP_H

#include <linux/skbuff.h>

#include "device.h"
#include "encap.h"
#include "peer.h"

#define VMNET_VNI_HASH_BITS	6

/**
 * struct vmnet_sock - a UDP socket, shared by networks with the same port
 * @vn: namespace
 * @list: in &vmnet_net.socks
 * @family: of the socket
 * @port: UDP port, host byte order
 * @users: networks that use it, under rtnl
 * @sock: the kernel's socket
 * @nets: struct vmnet by VNI, changed under rtnl, RCU readers
 */
struct vmnet_sock {
	struct vmnet_net *vn;
	struct list_head list;
	enum vmnet_family family;
	u16 port;
	unsigned int users;
	struct socket *sock;
	DECLARE_HASHTABLE(nets, VMNET_VNI_HASH_BITS);
};

/* The first UDP peer of a family opens the socket, the last closes it. rtnl. */
int vmnet_udp_open(struct vmnet *vm, enum vmnet_family family,
		   struct netlink_ext_ack *extack);
void vmnet_udp_close(struct vmnet *vm, enum vmnet_family family);

/* A device of the underlay asks for the open ports, or to forget them. rtnl. */
void vmnet_udp_offload(struct net_device *dev, bool push);

/* Device and MTU of the route to a peer; see peer.h. Bottom halves on. */
const struct net_device *vmnet_udp_dev(struct vmnet_peer *peer);
unsigned int vmnet_udp_mtu(struct vmnet_peer *peer);

/*
 * Where this host sends to a peer from, or false: there is no route. RCU read lock
 * held, bottom halves on.
 */
bool vmnet_udp_source(struct vmnet_peer *peer, struct vmnet_source *source);

/* Is the address one of this host's own? rtnl lock held. */
bool vmnet_udp_is_own(const struct vmnet *vm, const struct vmnet_peer_id *id);

void vmnet_udp_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			const struct vmnet_dest *from,
			const struct vmnet_ext *ext);
int vmnet_udp_send_hello(struct vmnet_peer *peer, const struct vmnet_ext *ext);

#endif /* _VMNET_UDP_H */
