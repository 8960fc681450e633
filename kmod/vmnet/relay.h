/* SPDX-License-Identifier: GPL-2.0 */
/* One to many: one frame for each subnet, which a host there passes on. */
#ifndef _VMNET_RELAY_H
#define _VMNET_RELAY_H

#include "encap.h"
#include "receive.h"
#include "subnet.h"

/* For the peers with a subnet; see vmnet_relay_flood(). */
void vmnet_relay_flood_subnets(struct vmnet *vm, struct sk_buff *skb,
			       const struct vmnet_dest *from);

/*
 * To all peers that have a subnet; the others are sent copies one by one. @skb
 * stays the caller's; otherwise as vmnet_forward().
 */
static inline void vmnet_relay_flood(struct vmnet *vm, struct sk_buff *skb,
				     const struct vmnet_dest *from)
{
	if (!list_empty(&vm->subnets))
		vmnet_relay_flood_subnets(vm, skb, from);
}

/*
 * Copies that vmnet_relay_flood() would send, but no more than @enough are counted.
 * RCU read lock held.
 */
unsigned int vmnet_relay_copies(struct vmnet *vm, unsigned int enough);

/*
 * A message with the extension. Returns the peer that a frame comes from, after
 * setting what of @outer is about relaying, or NULL when the skb was consumed.
 * Softirq, RCU read lock held.
 */
struct vmnet_peer *vmnet_relay_receive(struct vmnet_peer *from,
				       struct sk_buff *skb,
				       const struct vmnet_ext *ext, bool group,
				       struct vmnet_outer *outer);

/*
 * A good relay copy: passes it on in this host's subnet. skb->data is behind its
 * Ethernet header; @skb stays the caller's. Softirq, RCU read lock held.
 */
void vmnet_relay_pass_on(struct vmnet_peer *origin, struct sk_buff *skb,
			 const struct vmnet_ext *ext);

/*
 * The forwarder of @subnet has got what was counted up to @counter. Returns true if
 * there is more. Softirq.
 */
bool vmnet_relay_acknowledged(struct vmnet_subnet *subnet, u32 counter);

/*
 * @m was deleted, a grace period ago: what it has not acknowledged goes to the next.
 * rtnl lock held.
 */
void vmnet_relay_gone(struct vmnet_member *m);

/* Something is to be acknowledged, by this host or by others. Any context. */
void vmnet_relay_schedule(struct vmnet *vm);

/* vmnet_relay_stop(): rtnl lock held; may sleep. */
void vmnet_relay_init(struct vmnet *vm);
void vmnet_relay_stop(struct vmnet *vm);

#endif /* _VMNET_RELAY_H */
