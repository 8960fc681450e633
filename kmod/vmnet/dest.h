/* SPDX-License-Identifier: GPL-2.0 */
/* Where frames come from and go to. */
#ifndef _VMNET_DEST_H
#define _VMNET_DEST_H

#include <linux/compiler.h>
#include <linux/types.h>

struct vmnet_vlans;

enum vmnet_dest_kind {
	VMNET_DEST_LOCAL,	/* the vmnet device, a NIC of this host */
	VMNET_DEST_PORT,	/* struct vmnet_port */
	VMNET_DEST_PEER,	/* struct vmnet_peer */
};

/**
 * struct vmnet_dest - what a MAC address can be behind
 * @kind: which struct this is embedded in
 * @isolated: it neither sends to nor hears of others that are isolated; changed
 *	under rtnl
 * @confined: it neither sends to peers nor hears of them; changed under rtnl
 * @vlans: VLANs that it is in, NULL = all of them, with tags as they are.
 *	Never set of a peer. Changed under rtnl, RCU readers
 * @macs: addresses learned from it; changed under the lock of the MAC database
 * @limit: most of them there may be, 0 = no limit; changed under rtnl
 * @groups: multicast groups it listens to; changed under the lock of the multicast
 *	database
 * @group_limit: most of them there may be, 0 = no limit; changed under rtnl
 */
struct vmnet_dest {
	enum vmnet_dest_kind kind;
	bool isolated;
	bool confined;
	struct vmnet_vlans __rcu *vlans;
	unsigned int macs;
	unsigned int limit;
	unsigned int groups;
	unsigned int group_limit;
};

enum vmnet_verdict {
	VMNET_PASS,
	VMNET_DROP_SAME,	/* back where it came from */
	VMNET_DROP_SPLIT,	/* from one peer to another */
	VMNET_DROP_ISOLATED,	/* from one isolated port to another */
	VMNET_DROP_CONFINED,	/* between a confined port and a peer */
};

/**
 * vmnet_verdict - may a frame go on
 * @from: where it came from; peers may be told apart or not
 * @to: where it is to go
 *
 * Split horizon: every host sends to all others itself, so what came from a
 * peer never goes to a peer. The same rule keeps a loop of hosts from forming.
 *
 * Of VLANs vmnet_vlan_carries() judges.
 */
static inline enum vmnet_verdict vmnet_verdict(const struct vmnet_dest *from,
					       const struct vmnet_dest *to)
{
	if (from == to)
		return VMNET_DROP_SAME;
	if (from->kind == VMNET_DEST_PEER && to->kind == VMNET_DEST_PEER)
		return VMNET_DROP_SPLIT;
	if (unlikely(READ_ONCE(from->isolated)) && READ_ONCE(to->isolated))
		return VMNET_DROP_ISOLATED;
	if (unlikely(READ_ONCE(from->confined)) && to->kind == VMNET_DEST_PEER)
		return VMNET_DROP_CONFINED;
	if (from->kind == VMNET_DEST_PEER && unlikely(READ_ONCE(to->confined)))
		return VMNET_DROP_CONFINED;
	return VMNET_PASS;
}

/**
 * vmnet_reaches_peers - may what comes from there go to peers at all
 * @from: where it came from
 *
 * As vmnet_verdict() says of each of them.
 */
static inline bool vmnet_reaches_peers(const struct vmnet_dest *from)
{
	return from->kind != VMNET_DEST_PEER &&
	       likely(!READ_ONCE(from->confined));
}

#endif /* _VMNET_DEST_H */
