/* SPDX-License-Identifier: GPL-2.0 */
/* From where a frame came to where it goes. */
#ifndef _VMNET_FORWARD_H
#define _VMNET_FORWARD_H

#include <linux/skbuff.h>

#include "device.h"

/*
 * A frame with source @addr, in VLAN @vid, came from @from, a port or a peer.
 * Returns false when it must not go on, and why in *@why: the address is the
 * host NIC's own, or is held elsewhere. Softirq, RCU read lock held.
 */
bool vmnet_learn(struct vmnet *vm, const u8 *addr, u16 vid,
		 struct vmnet_dest *from, enum vmnet_stat *why);

/* Is it the address of the host NIC? That is the same in all VLANs. */
bool vmnet_is_own(const struct vmnet *vm, const u8 *addr);

/*
 * Consumes @skb. skb->data and the MAC header are at the Ethernet header, and
 * the network header is set; @from is where the frame came from. Bottom
 * halves off, RCU read lock held.
 */
void vmnet_forward(struct vmnet *vm, struct sk_buff *skb,
		   struct vmnet_dest *from);

/*
 * Gives @skb to one destination, for which vmnet_verdict() is not asked.
 * Otherwise as vmnet_forward().
 */
void vmnet_deliver(struct vmnet *vm, struct sk_buff *skb,
		   const struct vmnet_dest *to, const struct vmnet_dest *from);

/* Throws @skb away and counts it. */
void vmnet_drop(const struct vmnet *vm, struct sk_buff *skb,
		enum vmnet_stat reason);

/* Receive handler of the vmnet device itself: frames out of the tunnel. */
rx_handler_result_t vmnet_tunnel_receive(struct sk_buff **pskb);

int vmnet_forward_init(void);
void vmnet_forward_exit(void);

#endif /* _VMNET_FORWARD_H */
