/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GRO of frames out of the tunnel, so that guests get super-frames.
 *
 * The kernel's gro_cells make every frame wait for a softirq of its own. Most of
 * what virtual wires carry gains nothing by that, super-frames and acknowledgements:
 * here these go on at once where nothing waits that they could overtake.
 */
#ifndef _VMNET_GRO_H
#define _VMNET_GRO_H

#include <linux/skbuff.h>

struct vmnet;

/* What waits on one processor */
struct vmnet_gro;

/* For ndo_init. Returns 0 or -ENOMEM. rtnl lock held; may sleep. */
int vmnet_gro_init(struct vmnet *vm);

/*
 * Drops what waits. Nobody may receive any more. rtnl lock held; may sleep. vm->gro
 * may be freed an RCU grace period later, as netpoll looks at all NAPIs of a device.
 */
void vmnet_gro_destroy(struct vmnet *vm);

/**
 * vmnet_gro_receive - let a frame enter the stack at the vmnet device
 * @vm: network
 * @skb: frame; skb->data is behind its Ethernet header, the MAC and network headers
 *	are set. Consumed
 *
 * Context: bottom halves off, RCU read lock held.
 */
void vmnet_gro_receive(struct vmnet *vm, struct sk_buff *skb);

#endif /* _VMNET_GRO_H */
