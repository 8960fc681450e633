/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The multicast database of a network: which ports, peers or host NIC listen to an
 * IP multicast group, and behind which of them multicast routers are.
 *
 * It knows nothing of devices, packets or clocks: time is an argument.
 */
#ifndef _VMNET_MDB_H
#define _VMNET_MDB_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <linux/vmnet.h>

#include "dest.h"

/* Seconds: RFC 3376, section 8.4 and 8.5, and RFC 3810, section 9.4 and 9.5. */
#define VMNET_MDB_MEMBERSHIP_DEFAULT	260
#define VMNET_MDB_QUERIER_DEFAULT	255
#define VMNET_MDB_INTERVAL_MAX		1000000

#define VMNET_MDB_LIMIT_DEFAULT		4096	/* groups of a network */
#define VMNET_MDB_PORT_LIMIT_DEFAULT	512	/* groups of a port */

/* How often a querier asks whether a group has listeners left. */
#define VMNET_MDB_LAST_COUNT		2

/**
 * struct vmnet_mdb_key - what a group is found by
 * @addr: group, mapped into IPv6 if it is IPv4; the unspecified address stands for
 *	all groups of the family
 * @vid: VLAN id, 0 = none
 * @proto: ETH_P_IP or ETH_P_IPV6, network byte order
 */
struct vmnet_mdb_key {
	struct in6_addr addr;
	u16 vid;
	__be16 proto;
};

/**
 * struct vmnet_mdb_group - a group, or all groups of a family, in one VLAN
 * @node: in &vmnet_mdb.hash
 * @key: which
 * @listeners: struct vmnet_listener, changed under the lock, RCU readers
 * @query: jiffies from when on listeners are trusted to be all, as they have
 *	answered the first query; of all groups only, as are the next two
 * @querier_until: jiffies until which there is a querier
 * @querier: where the last query came from; only compared
 * @queried: the other two are set
 * @rcu: frees it
 */
struct vmnet_mdb_group {
	struct rhash_head node;
	struct vmnet_mdb_key key;
	struct list_head listeners;
	unsigned long query;
	unsigned long querier_until;
	const struct vmnet_dest *querier;
	bool queried;
	struct rcu_head rcu;
};

/**
 * struct vmnet_listener - somebody who listens to a group
 * @list: in &vmnet_mdb_group.listeners
 * @group: the group
 * @dest: port, peer or host NIC; valid while RCU read lock or lock are held
 * @id: place in &vmnet_mdb.ids
 * @until: jiffies until which it listens
 * @router_until: jiffies until which there is a multicast router behind it; of all
 *	groups only
 * @rcu: frees it
 *
 * Among the listeners to all groups are those of whose groups not all could be
 * remembered: so that they miss nothing, they are given everything.
 */
struct vmnet_listener {
	struct list_head list;
	struct vmnet_mdb_group *group;
	struct vmnet_dest *dest;
	u32 id;
	unsigned long until;
	unsigned long router_until;
	struct rcu_head rcu;
};

struct vmnet_mdb;

/*
 * Told of each listener that comes or goes, with bottom halves off and the lock of the
 * database held: it must not call back into the database.
 */
typedef void (*vmnet_mdb_notify_t)(struct vmnet_mdb *mdb,
				   const struct vmnet_listener *l,
				   enum vmnet_event_type event);

/**
 * struct vmnet_mdb - multicast database
 * @hash: struct vmnet_mdb_group by &struct vmnet_mdb_key, RCU readers
 * @ids: struct vmnet_listener by id, the order of a dump. Its lock, taken with bottom
 *	halves off, is the lock of the database: all changes are made under it
 * @next_id: hint for the next id; under the lock
 * @count: groups, without those that stand for all; changed under the lock
 * @limit: most of them there may be, 0 = no limit
 * @membership: jiffies that a report holds good
 * @querier: jiffies that a query, or another sign of a router, holds good
 * @enabled: whether frames are looked at
 * @notify: told of changes
 */
struct vmnet_mdb {
	struct rhashtable hash;
	struct xarray ids;
	u32 next_id;
	unsigned int count;
	unsigned int limit;
	unsigned long membership;
	unsigned long querier;
	bool enabled;
	vmnet_mdb_notify_t notify;
};

/**
 * struct vmnet_mdb_set - who is given a frame
 * @group: listeners to its group, NULL = none or routers only
 * @all: listeners to all groups and routers
 * @routers: it is for routers only
 * @now: jiffies
 */
struct vmnet_mdb_set {
	struct vmnet_mdb_group *group;
	struct vmnet_mdb_group *all;
	bool routers;
	unsigned long now;
};

/**
 * struct vmnet_mdb_iter - place in a set
 * @set: the set
 * @group: of @l
 * @l: last one given, NULL before the first
 */
struct vmnet_mdb_iter {
	const struct vmnet_mdb_set *set;
	struct vmnet_mdb_group *group;
	struct vmnet_listener *l;
};

enum vmnet_mdb_join {
	VMNET_JOIN_OK,
	VMNET_JOIN_FULL,	/* no room: limit or memory */
	VMNET_JOIN_DEST_FULL,	/* no room: limit of the port */
};

/* 0 or -ENOMEM; process context. */
int vmnet_mdb_init(struct vmnet_mdb *mdb, vmnet_mdb_notify_t notify);
/* Nobody uses it any more; it is emptied, without notice. Process context. */
void vmnet_mdb_destroy(struct vmnet_mdb *mdb);

/* ---- learning; softirq or bottom halves off ---- */

enum vmnet_mdb_join vmnet_mdb_join(struct vmnet_mdb *mdb,
				   const struct vmnet_mdb_key *key,
				   struct vmnet_dest *dest, unsigned long now);
void vmnet_mdb_leave(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		     const struct vmnet_dest *dest, unsigned long now);
int vmnet_mdb_router(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		     struct vmnet_dest *dest, unsigned long now);
int vmnet_mdb_query(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		    struct vmnet_dest *dest, unsigned long delay,
		    unsigned long now);
void vmnet_mdb_last_call(struct vmnet_mdb *mdb,
			 const struct vmnet_mdb_key *key, unsigned long delay,
			 unsigned long now);

/* ---- forgetting; process context, may sleep ---- */

unsigned int vmnet_mdb_age(struct vmnet_mdb *mdb, unsigned long now);
void vmnet_mdb_flush(struct vmnet_mdb *mdb, const struct vmnet_dest *dest);
void vmnet_mdb_flush_vlans(struct vmnet_mdb *mdb, const struct vmnet_dest *dest,
			   const unsigned long *keep);
void vmnet_mdb_flush_kind(struct vmnet_mdb *mdb, enum vmnet_dest_kind kind);

/* ---- looking up; RCU read lock held ---- */

bool vmnet_mdb_lookup(struct vmnet_mdb *mdb, struct vmnet_mdb_key *key,
		      bool routers, unsigned long now,
		      struct vmnet_mdb_set *set);

/* The next of the set, or NULL; each is given once. */
struct vmnet_dest *vmnet_mdb_next(struct vmnet_mdb_iter *it);

bool vmnet_mdb_has(const struct vmnet_mdb_set *set,
		   const struct vmnet_dest *dest);

/* Is there a querier for all groups of @group? */
bool vmnet_mdb_queried(const struct vmnet_mdb_group *group, unsigned long now);

/* First listener with an id of at least *@id, or NULL; sets *@id to its id. */
struct vmnet_listener *vmnet_mdb_dump_next(struct vmnet_mdb *mdb,
					   unsigned long *id);

static inline bool vmnet_mdb_is_all(const struct vmnet_mdb_group *group)
{
	return !(group->key.addr.s6_addr32[0] | group->key.addr.s6_addr32[1] |
		 group->key.addr.s6_addr32[2] | group->key.addr.s6_addr32[3]);
}

static inline bool vmnet_listener_listens(const struct vmnet_listener *l,
					  unsigned long now)
{
	return time_before(now, READ_ONCE(l->until));
}

static inline bool vmnet_listener_routes(const struct vmnet_listener *l,
					 unsigned long now)
{
	return time_before(now, READ_ONCE(l->router_until));
}

/* Before the first of @set. */
static inline void vmnet_mdb_iter_init(struct vmnet_mdb_iter *it,
				       const struct vmnet_mdb_set *set)
{
	*it = (struct vmnet_mdb_iter){ .set = set };
}

#endif /* _VMNET_MDB_H */
