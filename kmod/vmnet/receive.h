/* SPDX-License-Identifier: GPL-2.0 */
/* Frames out of the tunnel. */
#ifndef _VMNET_RECEIVE_H
#define _VMNET_RECEIVE_H

#include <linux/skbuff.h>

#include "encap.h"
#include "peer.h"

/**
 * struct vmnet_outer - outer IP header of a frame
 * @family: of the header
 * @offset: of the header from skb->head, which pulling may move
 * @relay: of a relay copy that is to be passed on, otherwise NULL
 */
struct vmnet_outer {
	enum vmnet_family family;
	unsigned int offset;
	const struct vmnet_ext *relay;
};

/*
 * A frame from @peer, without its tunnel header: skb->data is at the inner
 * Ethernet header. @outer is NULL for frames that came without IP. Consumes
 * @skb. Softirq, RCU read lock held.
 */
void vmnet_receive(struct vmnet_peer *peer, struct sk_buff *skb,
		   const struct vmnet_outer *outer);

#endif /* _VMNET_RECEIVE_H */
