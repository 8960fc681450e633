/* SPDX-License-Identifier: GPL-2.0 */
/* Frames out of the tunnel. */
#ifndef _VMNET_RECEIVE_H
#define _VMNET_RECEIVE_H

#include <linux/skbuff.h>

#include "encap.h"
#include "peer.h"
#include "stats.h"

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

/* What a message is counted as that the parser of its header refuses. */
static inline enum vmnet_stat vmnet_encap_drop(enum vmnet_encap encap)
{
	switch (encap) {
	case VMNET_ENCAP_FLAGS:
		return VMNET_STAT_DROP_FLAGS;
	case VMNET_ENCAP_RESERVED:
		return VMNET_STAT_DROP_HDR;
	default:
		return VMNET_STAT_DROP_SHORT;
	}
}

/*
 * A frame from @peer, without its tunnel header: skb->data is at the inner
 * Ethernet header. @outer is NULL for frames that came without IP. Consumes
 * @skb. Softirq, RCU read lock held.
 */
void vmnet_receive(struct vmnet_peer *peer, struct sk_buff *skb,
		   const struct vmnet_outer *outer);

#endif /* _VMNET_RECEIVE_H */
