/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ARP and ND suppression: who asks for the MAC address of a guest of another host is
 * answered by this host, from what it has learned.
 */
#ifndef _VMNET_SUPPRESS_H
#define _VMNET_SUPPRESS_H

#include <linux/skbuff.h>

#include "device.h"

/*
 * Learns from a frame, if it is of ARP or ND. Its source was learned, too. May move
 * the head of @skb. Softirq, RCU read lock held.
 */
void vmnet_suppress_learn(struct vmnet *vm, struct sk_buff *skb, u16 vid);

/*
 * A frame for all from a port or the host, from which was learned. Returns true if it
 * asks for what is known, and was answered: no peer need have it. May move the head of
 * @skb. Softirq, RCU read lock held.
 */
bool vmnet_suppress_answer(struct vmnet *vm, struct sk_buff *skb, u16 vid,
			   const struct vmnet_dest *from);

/* Turns it on, or off and forgets everything. rtnl lock held; may sleep. */
void vmnet_suppress_enable(struct vmnet *vm, bool on);

#endif /* _VMNET_SUPPRESS_H */
