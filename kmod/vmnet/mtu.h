/* SPDX-License-Identifier: GPL-2.0 */
/* MTU of a network, and what happens to frames that are too large. */
#ifndef _VMNET_MTU_H
#define _VMNET_MTU_H

#include <linux/skbuff.h>

#include "device.h"
#include "vmnet-compat.h"

/*
 * Is the packet in the frame, or each segment of a super-frame, at most @mtu
 * octets? skb->data is at the Ethernet header.
 */
static inline bool vmnet_mtu_fits(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, mtu);
	return skb->len <= mtu + ETH_HLEN;
}

/*
 * The frame does not fit @to. If its sender can be told (RFC 1191, RFC 8201),
 * tells it, consumes @skb and returns true, as it does when memory runs out over
 * that. Softirq, RCU read lock held.
 */
bool vmnet_mtu_answer(struct vmnet *vm, struct sk_buff *skb,
		      struct vmnet_dest *to,
		      const struct vmnet_dest *from, unsigned int mtu);

/*
 * The MTU of the device follows its peers. vmnet_mtu_update(): rtnl lock held;
 * vmnet_mtu_schedule(): any context, while the device is registered.
 */
void vmnet_mtu_update(struct vmnet *vm);
void vmnet_mtu_schedule(struct vmnet *vm);
int vmnet_mtu_change(struct net_device *dev, int mtu);
void vmnet_mtu_init(struct vmnet *vm);

#endif /* _VMNET_MTU_H */
