/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The neighbour table of a network: which MAC address an IP address has, as ARP and ND
 * told.
 *
 * It knows nothing of devices, packets or clocks: time is an argument.
 */
#ifndef _VMNET_NEIGH_H
#define _VMNET_NEIGH_H

#include <linux/etherdevice.h>
#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/types.h>
#include <linux/xarray.h>

#define VMNET_NEIGH_LIMIT_DEFAULT	65536

/**
 * struct vmnet_neigh_key - what an entry is found by
 * @addr: IP address, mapped into IPv6 if it is IPv4
 * @vid: VLAN id, 0 = none
 * @proto: ETH_P_IP or ETH_P_IPV6, network byte order
 */
struct vmnet_neigh_key {
	struct in6_addr addr;
	u16 vid;
	__be16 proto;
};

/**
 * struct vmnet_neigh - one IP address
 * @node: in &vmnet_neighs.hash
 * @key: address
 * @mac: its MAC address; another takes another entry
 * @router: it said that it is a router; IPv6 only
 * @id: place in &vmnet_neighs.ids
 * @seen: jiffies when it was last told
 * @rcu: frees it
 */
struct vmnet_neigh {
	struct rhash_head node;
	struct vmnet_neigh_key key;
	u8 mac[ETH_ALEN] __aligned(2);
	bool router;
	u32 id;
	unsigned long seen;
	struct rcu_head rcu;
};

/**
 * struct vmnet_neighs - neighbour table
 * @hash: struct vmnet_neigh by &struct vmnet_neigh_key, RCU readers
 * @ids: the same by id, the order of a dump. Its lock, taken with bottom halves off,
 *	is the lock of the table: all changes are made under it
 * @next_id: hint for the next id; under the lock
 * @count: entries; changed under the lock
 * @limit: most of them there may be, 0 = no limit
 * @enabled: whether it is learned and answered; changed under rtnl
 */
struct vmnet_neighs {
	struct rhashtable hash;
	struct xarray ids;
	u32 next_id;
	unsigned int count;
	unsigned int limit;
	bool enabled;
};

/* 0 or -ENOMEM; process context. */
int vmnet_neighs_init(struct vmnet_neighs *neighs);
/* Nobody uses it any more. Process context. */
void vmnet_neighs_destroy(struct vmnet_neighs *neighs);

/*
 * The address @key has @mac now. Returns 0; -ENOSPC when there is no room for it; or
 * -ENOMEM. Then nothing that is wrong is known. Softirq, RCU read lock held; takes the
 * lock only if that is news.
 */
int vmnet_neigh_learn(struct vmnet_neighs *neighs,
		      const struct vmnet_neigh_key *key, const u8 *mac,
		      bool router, unsigned long now);

/*
 * The address @key was used by @mac: holds an entry good, or removes one that says
 * otherwise, and makes none. As vmnet_neigh_learn().
 */
void vmnet_neigh_confirm(struct vmnet_neighs *neighs,
			 const struct vmnet_neigh_key *key, const u8 *mac,
			 unsigned long now);

/* The entry of an address or NULL. RCU read lock held. */
struct vmnet_neigh *vmnet_neigh_find(struct vmnet_neighs *neighs,
				     const struct vmnet_neigh_key *key);

/*
 * Removes what was not told for @ageing jiffies, 0 for all. Returns how many. Process
 * context, may sleep.
 */
unsigned int vmnet_neigh_age(struct vmnet_neighs *neighs, unsigned long ageing,
			     unsigned long now);

/* First entry with an id of at least *@id, or NULL; sets *@id to it. RCU read lock. */
struct vmnet_neigh *vmnet_neigh_next(struct vmnet_neighs *neighs,
				     unsigned long *id);

#endif /* _VMNET_NEIGH_H */
