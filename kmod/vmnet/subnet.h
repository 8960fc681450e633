/* SPDX-License-Identifier: GPL-2.0 */
/* Hosts of a network by subnet of the underlay, and who forwards for each. */
#ifndef _VMNET_SUBNET_H
#define _VMNET_SUBNET_H

#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "dup.h"
#include "peer.h"

/* Relay copies of a subnet kept until its forwarder says that it has them. */
#define VMNET_SUBNET_KEEP	64

/**
 * struct vmnet_subnet - the peers of a network in one subnet
 * @list: in &vmnet.subnets, changed under rtnl, RCU readers
 * @id: its number
 * @users: members there are, and those whose last users are not done; rtnl
 * @members: struct vmnet_member in the order of the election, likewise
 * @kept: relay copies not yet acknowledged, oldest first; its lock is taken
 *	with bottom halves off and not held over transmission
 * @rcu: frees it
 */
struct vmnet_subnet {
	struct list_head list;
	u32 id;
	unsigned int users;
	struct list_head members;
	struct sk_buff_head kept;
	struct rcu_head rcu;
};

/**
 * struct vmnet_member - what a peer is in the one-to-many part of a network
 * @peer: the peer; frees it
 * @vm: network
 * @number: node number, by which frames name their origin
 * @subnet_id: subnet, 0 = not known
 * @subnet: the same, NULL if this peer is always sent copies of its own:
 *	neither it nor this host may be without a subnet for anything else
 * @list: in &vmnet_subnet.members
 * @node: in &vmnet.members, changed under rtnl, RCU readers
 * @leaving: it is to forward no more, if others can; changed under rtnl
 * @silent: it does not acknowledge relay copies
 * @asked: jiffies of the first relay copy not acknowledged, 0 = none
 * @hears: it hears the group of this host's subnet, which is its own, too
 * @unheard: probes to the group since it last said that it does
 * @answered: jiffies of the last answer to one of its probes, 0 = none
 * @relayed: counter of its last relay copy to this host
 * @acked: jiffies when that was last acknowledged
 * @ack_due: and it is to be again
 * @dup_lock: guards @dup, with bottom halves off
 * @dup: which frames it was the origin of have been received
 *
 * Stamps and flags are hints, written without lock: what is lost between two
 * writers is but a message more or less between the hosts.
 */
struct vmnet_member {
	struct vmnet_peer *peer;
	struct vmnet *vm;
	u32 number;
	u32 subnet_id;
	struct vmnet_subnet *subnet;
	struct list_head list;
	struct hlist_node node;
	bool leaving;

	bool silent;
	unsigned long asked;
	bool hears;
	unsigned int unheard;
	unsigned long answered;
	u32 relayed;
	unsigned long acked;
	bool ack_due;

	spinlock_t dup_lock;	/* dup */
	struct vmnet_dup dup;
};

/* Is it in the same subnet as this host? */
static inline bool vmnet_member_is_near(const struct vmnet_member *m)
{
	return m->subnet && m->subnet_id == m->vm->subnet;
}

/* Is it in another subnet, so that frames are relayed between it and this host? */
static inline bool vmnet_member_is_far(const struct vmnet_member *m)
{
	return m->subnet && m->subnet_id != m->vm->subnet;
}

/* Is it sent what goes to its subnet, and not copies of its own? */
static inline bool vmnet_peer_in_subnet(const struct vmnet_peer *peer)
{
	return peer->member && peer->member->subnet;
}

static inline bool vmnet_subnet_is_own(const struct vmnet *vm,
				       const struct vmnet_subnet *subnet)
{
	return subnet->id == vm->subnet;
}

/*
 * A peer becomes a member. It is not found by anybody before vmnet_member_link(),
 * and no more after vmnet_member_unlink() and a grace period, after which
 * vmnet_member_release() is due. All: rtnl lock held; may sleep.
 */
int vmnet_member_check(struct vmnet *vm, const struct vmnet_peer_config *cfg,
		       struct netlink_ext_ack *extack);
int vmnet_member_new(struct vmnet_peer *peer,
		     const struct vmnet_peer_config *cfg);
void vmnet_member_link(struct vmnet_member *m);
void vmnet_member_unlink(struct vmnet_member *m);
void vmnet_member_release(struct vmnet_member *m);

/* Member with that node number, or NULL. RCU read lock held, or rtnl lock. */
struct vmnet_member *vmnet_member_find(const struct vmnet *vm, u32 number);

/* All: RCU read lock held, or rtnl lock. */

/* Who forwards for a subnet that is not this host's, or NULL if nobody answers. */
struct vmnet_member *vmnet_subnet_forwarder(struct vmnet_subnet *subnet);

/* Does this host forward for its subnet, as far as it knows the members? */
bool vmnet_subnet_elected(const struct vmnet *vm);

/*
 * Place in the order of the subnet, from 1, of a peer (0: it is in none) and of
 * this host; and what that makes of it.
 */
unsigned int vmnet_member_rank(const struct vmnet_member *m);
enum vmnet_role vmnet_member_role(const struct vmnet_member *m);
unsigned int vmnet_subnet_own_rank(const struct vmnet *vm);

/* The members' subnet of this host, or NULL if it has no peer there. */
struct vmnet_subnet *vmnet_subnet_own(const struct vmnet *vm);

#endif /* _VMNET_SUBNET_H */
