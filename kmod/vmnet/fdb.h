/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MAC database of a network: which port, peer or host NIC a MAC address is
 * behind.
 *
 * It knows nothing of devices, packets or clocks: time is an argument.
 */
#ifndef _VMNET_FDB_H
#define _VMNET_FDB_H

#include <linux/cache.h>
#include <linux/etherdevice.h>
#include <linux/rhashtable.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <linux/vmnet.h>

#include "dest.h"
#include "move.h"

/**
 * struct vmnet_fdb_key - what an entry is found by
 * @addr: MAC address
 * @vid: VLAN id, 0 for untagged
 * @word: both, for one step of a hash
 */
struct vmnet_fdb_key {
	union {
		struct {
			u8 addr[ETH_ALEN];
			u16 vid;
		};
		u32 word[2];
	};
};

/**
 * struct vmnet_fdb_entry - one MAC address
 * @node: in &vmnet_fdb.hash
 * @key: address
 * @id: place in &vmnet_fdb.ids
 * @fixed: neither learning moves it nor age removes it
 * @dest: where it is; valid while RCU read lock or the lock of the database
 *	is held
 * @rcu: frees it
 * @seen: jiffies of the last frame from it. Written by every CPU that receives
 *	from it, so it has a cache line of its own, and is only written when
 *	it changes
 * @moves: how often it has moved; changed under the lock of the database
 */
struct vmnet_fdb_entry {
	struct rhash_head node;
	struct vmnet_fdb_key key;
	u32 id;
	bool fixed;
	struct vmnet_dest __rcu *dest;
	struct rcu_head rcu;
	unsigned long seen ____cacheline_aligned_in_smp;
	struct vmnet_moves moves;
};

struct vmnet_fdb;

/*
 * Told of each change, with bottom halves off and the lock of the database
 * held: it must not call back into the database.
 */
typedef void (*vmnet_fdb_notify_t)(struct vmnet_fdb *fdb,
				   const struct vmnet_fdb_entry *entry,
				   enum vmnet_event_type event);

/**
 * struct vmnet_fdb - MAC database
 * @hash: entries by &struct vmnet_fdb_key, RCU readers
 * @ids: entries by id: the order of a dump, which so can go on from any id.
 *	Its lock, taken with bottom halves off, is the lock of the database:
 *	all changes are made under it
 * @next_id: hint for the next id; under the lock
 * @count: entries, without those of the host NIC; changed under the lock
 * @limit: most entries there may be, 0 = no limit
 * @ageing: jiffies after which a silent entry goes, 0 = never
 * @own: address of the host NIC, zeros before it has one; under the lock
 * @notify: told of changes
 */
struct vmnet_fdb {
	struct rhashtable hash;
	struct xarray ids;
	u32 next_id;
	unsigned int count;
	unsigned int limit;
	unsigned long ageing;
	u8 own[ETH_ALEN] __aligned(2);
	vmnet_fdb_notify_t notify;
};

enum vmnet_learn {
	VMNET_LEARN_KNOWN,	/* it is there already */
	VMNET_LEARN_NEW,
	VMNET_LEARN_MOVED,
	VMNET_LEARN_FIXED,	/* a fixed entry says it is elsewhere */
	VMNET_LEARN_OWN,	/* it is the address of the host NIC */
	VMNET_LEARN_FULL,	/* no room: limit or memory */
	VMNET_LEARN_DEST_FULL,	/* no room: limit of the port */
	VMNET_LEARN_DAMPED,	/* it moved too often: held from now on */
	VMNET_LEARN_HELD,	/* it is held elsewhere */
};

int vmnet_fdb_init(struct vmnet_fdb *fdb, unsigned int limit,
		   unsigned long ageing, vmnet_fdb_notify_t notify);
void vmnet_fdb_destroy(struct vmnet_fdb *fdb);

/* The entry of @addr or NULL. RCU read lock or lock of the database held. */
struct vmnet_fdb_entry *vmnet_fdb_find(struct vmnet_fdb *fdb, const u8 *addr,
				       u16 vid);

enum vmnet_learn vmnet_fdb_learn(struct vmnet_fdb *fdb, const u8 *addr, u16 vid,
				 struct vmnet_dest *dest, unsigned long now);
int vmnet_fdb_add(struct vmnet_fdb *fdb, const u8 *addr, u16 vid,
		  struct vmnet_dest *dest, unsigned long now);
int vmnet_fdb_del(struct vmnet_fdb *fdb, const u8 *addr, u16 vid);
int vmnet_fdb_set_own(struct vmnet_fdb *fdb, const u8 *addr,
		      struct vmnet_dest *local, unsigned long now);
void vmnet_fdb_flush(struct vmnet_fdb *fdb, const struct vmnet_dest *dest);
void vmnet_fdb_flush_vlans(struct vmnet_fdb *fdb, const struct vmnet_dest *dest,
			   const unsigned long *keep);
void vmnet_fdb_flush_kind(struct vmnet_fdb *fdb, enum vmnet_dest_kind kind);
unsigned int vmnet_fdb_age(struct vmnet_fdb *fdb, unsigned long now);

/*
 * First entry with an id of at least *@id, or NULL; sets *@id to its id.
 * RCU read lock held.
 */
struct vmnet_fdb_entry *vmnet_fdb_next(struct vmnet_fdb *fdb,
				       unsigned long *id);

#endif /* _VMNET_FDB_H */
