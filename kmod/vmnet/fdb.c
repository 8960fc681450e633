// SPDX-License-Identifier: GPL-2.0
/* The MAC database of a network. */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "breathe.h"
#include "fdb.h"

/* Inlined, unlike the table's own ways to hash and to compare. */
static __always_inline u32 vmnet_fdb_hash(const void *data, u32 len, u32 seed)
{
	const struct vmnet_fdb_key *key = data;

	return jhash_2words(key->word[0], key->word[1], seed);
}

static __always_inline int
vmnet_fdb_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct vmnet_fdb_key *a = arg->key;
	const struct vmnet_fdb_key *b = &((const struct vmnet_fdb_entry *)obj)->key;

	return a->word[0] != b->word[0] || a->word[1] != b->word[1];
}

static const struct rhashtable_params vmnet_fdb_params = {
	.key_len = sizeof(struct vmnet_fdb_key),
	.key_offset = offsetof(struct vmnet_fdb_entry, key),
	.head_offset = offsetof(struct vmnet_fdb_entry, node),
	.hashfn = vmnet_fdb_hash,
	.obj_cmpfn = vmnet_fdb_differs,
	.automatic_shrinking = true,
};

/* Ids must fit the int in which a dump through rtnetlink keeps its place. */
#define VMNET_FDB_IDS	XA_LIMIT(0, INT_MAX - 1)

static struct vmnet_fdb_key vmnet_fdb_key(const u8 *addr, u16 vid)
{
	struct vmnet_fdb_key key = { .vid = vid };

	ether_addr_copy(key.addr, addr);
	return key;
}

struct vmnet_fdb_entry *vmnet_fdb_find(struct vmnet_fdb *fdb, const u8 *addr,
				       u16 vid)
{
	struct vmnet_fdb_key key = vmnet_fdb_key(addr, vid);

	return rhashtable_lookup(&fdb->hash, &key, vmnet_fdb_params);
}

static struct vmnet_dest *vmnet_fdb_dest(struct vmnet_fdb *fdb,
					 const struct vmnet_fdb_entry *entry)
{
	return rcu_dereference_protected(entry->dest,
					 lockdep_is_held(&fdb->ids.xa_lock));
}

static bool vmnet_fdb_is_own(struct vmnet_fdb *fdb,
			     const struct vmnet_fdb_entry *entry)
{
	return vmnet_fdb_dest(fdb, entry)->kind == VMNET_DEST_LOCAL;
}

static bool vmnet_fdb_full(const struct vmnet_fdb *fdb)
{
	return fdb->limit && READ_ONCE(fdb->count) >= fdb->limit;
}

static bool vmnet_fdb_dest_full(const struct vmnet_dest *dest)
{
	unsigned int limit = READ_ONCE(dest->limit);

	return limit && READ_ONCE(dest->macs) >= limit;
}

/* A learned entry is behind @dest now, or no more. The lock is held. */
static void vmnet_fdb_count_in(struct vmnet_dest *dest)
{
	WRITE_ONCE(dest->macs, dest->macs + 1);
}

static void vmnet_fdb_count_out(struct vmnet_dest *dest)
{
	WRITE_ONCE(dest->macs, dest->macs - 1);
}

/* Adds an entry. The lock is held, and no entry of @addr is there. */
static int vmnet_fdb_insert(struct vmnet_fdb *fdb, const u8 *addr, u16 vid,
			    struct vmnet_dest *dest, bool fixed,
			    unsigned long now)
{
	struct vmnet_fdb_entry *entry;
	int err;

	entry = kmalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return -ENOMEM;
	entry->key = vmnet_fdb_key(addr, vid);
	entry->fixed = fixed;
	entry->seen = now;
	memset(&entry->moves, 0, sizeof(entry->moves));
	RCU_INIT_POINTER(entry->dest, dest);

	err = __xa_alloc_cyclic(&fdb->ids, &entry->id, entry, VMNET_FDB_IDS,
				&fdb->next_id, GFP_ATOMIC | __GFP_NOWARN);
	if (err < 0)
		goto err_free;
	err = rhashtable_insert_fast(&fdb->hash, &entry->node,
				     vmnet_fdb_params);
	if (err)
		goto err_id;

	if (dest->kind != VMNET_DEST_LOCAL)
		WRITE_ONCE(fdb->count, fdb->count + 1);
	if (!fixed)
		vmnet_fdb_count_in(dest);
	fdb->notify(fdb, entry, VMNET_EV_FDB_NEW);
	return 0;

err_id:
	__xa_erase(&fdb->ids, entry->id);
err_free:
	/* A dump may have seen it already. */
	kfree_rcu(entry, rcu);
	return err;
}

/* The lock is held. */
static void vmnet_fdb_remove(struct vmnet_fdb *fdb,
			     struct vmnet_fdb_entry *entry)
{
	rhashtable_remove_fast(&fdb->hash, &entry->node, vmnet_fdb_params);
	__xa_erase(&fdb->ids, entry->id);
	if (!vmnet_fdb_is_own(fdb, entry))
		WRITE_ONCE(fdb->count, fdb->count - 1);
	if (!entry->fixed)
		vmnet_fdb_count_out(vmnet_fdb_dest(fdb, entry));
	fdb->notify(fdb, entry, VMNET_EV_FDB_DEL);
	kfree_rcu(entry, rcu);
}

/*
 * A learned entry becomes a static one, or the host NIC's own. That needs no
 * memory, so it cannot fail halfway. Told as the end of one entry and the start
 * of another. The lock is held.
 */
static void vmnet_fdb_fix(struct vmnet_fdb *fdb, struct vmnet_fdb_entry *entry,
			  struct vmnet_dest *dest, unsigned long now)
{
	fdb->notify(fdb, entry, VMNET_EV_FDB_DEL);
	if (dest->kind == VMNET_DEST_LOCAL)
		WRITE_ONCE(fdb->count, fdb->count - 1);
	vmnet_fdb_count_out(vmnet_fdb_dest(fdb, entry));
	memset(&entry->moves, 0, sizeof(entry->moves));
	WRITE_ONCE(entry->fixed, true);
	WRITE_ONCE(entry->seen, now);
	rcu_assign_pointer(entry->dest, dest);
	fdb->notify(fdb, entry, VMNET_EV_FDB_NEW);
}

/* The lock is held. */
static void vmnet_fdb_place(struct vmnet_fdb *fdb,
			    struct vmnet_fdb_entry *entry,
			    struct vmnet_dest *dest, unsigned long now)
{
	vmnet_fdb_count_out(vmnet_fdb_dest(fdb, entry));
	vmnet_fdb_count_in(dest);
	rcu_assign_pointer(entry->dest, dest);
	WRITE_ONCE(entry->seen, now);
	fdb->notify(fdb, entry, VMNET_EV_FDB_MOVE);
}

/* A learned entry is elsewhere, a frame says. The lock is held. */
static enum vmnet_learn vmnet_fdb_move(struct vmnet_fdb *fdb,
				       struct vmnet_fdb_entry *entry,
				       struct vmnet_dest *dest,
				       unsigned long now)
{
	struct vmnet_dest *old = vmnet_fdb_dest(fdb, entry);
	struct vmnet_dest *home;

	if (vmnet_fdb_dest_full(dest))
		return VMNET_LEARN_DEST_FULL;
	switch (vmnet_moves_next(&entry->moves, old, now)) {
	case VMNET_MOVE_OK:
		vmnet_fdb_place(fdb, entry, dest, now);
		return VMNET_LEARN_MOVED;
	case VMNET_MOVE_DAMP:
		/* Where frames in a loop come back is not where they come from. */
		home = entry->moves.home;
		if (home && home != old)
			vmnet_fdb_place(fdb, entry, home, now);
		fdb->notify(fdb, entry, VMNET_EV_FDB_DAMPED);
		return VMNET_LEARN_DAMPED;
	case VMNET_MOVE_HELD:
		break;
	}
	return VMNET_LEARN_HELD;
}

/* The lock is held. */
static enum vmnet_learn vmnet_fdb_learn_slow(struct vmnet_fdb *fdb,
					     const u8 *addr, u16 vid,
					     struct vmnet_dest *dest,
					     unsigned long now)
{
	struct vmnet_fdb_entry *entry = vmnet_fdb_find(fdb, addr, vid);

	if (!entry) {
		if (vmnet_fdb_dest_full(dest))
			return VMNET_LEARN_DEST_FULL;
		if (vmnet_fdb_full(fdb) ||
		    vmnet_fdb_insert(fdb, addr, vid, dest, false, now))
			return VMNET_LEARN_FULL;
		return VMNET_LEARN_NEW;
	}
	if (vmnet_fdb_dest(fdb, entry) == dest)
		return VMNET_LEARN_KNOWN;
	if (vmnet_fdb_is_own(fdb, entry))
		return VMNET_LEARN_OWN;
	if (entry->fixed)
		return VMNET_LEARN_FIXED;
	return vmnet_fdb_move(fdb, entry, dest, now);
}

/*
 * What can be said of an address that is not known to be behind @dest without
 * the lock, for which a flood of such addresses must not make others wait;
 * VMNET_LEARN_KNOWN if nothing.
 */
static enum vmnet_learn vmnet_fdb_learn_quick(const struct vmnet_fdb *fdb,
					      const struct vmnet_fdb_entry *entry,
					      const struct vmnet_dest *dest,
					      unsigned long now)
{
	if (entry && READ_ONCE(entry->fixed))
		return rcu_dereference(entry->dest)->kind == VMNET_DEST_LOCAL ?
		       VMNET_LEARN_OWN : VMNET_LEARN_FIXED;
	if (entry)
		return vmnet_moves_held(&entry->moves, now) ?
		       VMNET_LEARN_HELD : VMNET_LEARN_KNOWN;
	if (vmnet_fdb_dest_full(dest))
		return VMNET_LEARN_DEST_FULL;
	return vmnet_fdb_full(fdb) ? VMNET_LEARN_FULL : VMNET_LEARN_KNOWN;
}

/**
 * vmnet_fdb_learn - a frame from @addr came from @dest
 * @fdb: database
 * @addr: source address, a unicast address
 * @vid: VLAN id
 * @dest: where the frame came from; a port or a peer
 * @now: jiffies
 *
 * Only this refreshes an entry: sending to an address must not keep it alive
 * after the guest has moved away.
 *
 * Context: softirq or bottom halves off, RCU read lock held. Takes the lock
 * of the database only when the entry is new or moves.
 */
enum vmnet_learn vmnet_fdb_learn(struct vmnet_fdb *fdb, const u8 *addr, u16 vid,
				 struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_fdb_entry *entry = vmnet_fdb_find(fdb, addr, vid);
	enum vmnet_learn ret;

	if (likely(entry && rcu_access_pointer(entry->dest) == dest)) {
		if (READ_ONCE(entry->seen) != now)
			WRITE_ONCE(entry->seen, now);
		return VMNET_LEARN_KNOWN;
	}
	ret = vmnet_fdb_learn_quick(fdb, entry, dest, now);
	if (ret != VMNET_LEARN_KNOWN)
		return ret;

	xa_lock_bh(&fdb->ids);
	ret = vmnet_fdb_learn_slow(fdb, addr, vid, dest, now);
	xa_unlock_bh(&fdb->ids);
	return ret;
}

/**
 * vmnet_fdb_add - add a static entry
 * @fdb: database
 * @addr: unicast address
 * @vid: VLAN id
 * @dest: where it is
 * @now: jiffies
 *
 * A learned entry of the same address gives way.
 *
 * Context: process. Return: 0, -EEXIST when the address is static already or
 * is the host NIC's own, -ENOSPC when the database is full, or -ENOMEM; then
 * nothing has changed.
 */
int vmnet_fdb_add(struct vmnet_fdb *fdb, const u8 *addr, u16 vid,
		  struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_fdb_entry *entry;
	int err = 0;

	rcu_read_lock();
	xa_lock_bh(&fdb->ids);
	entry = vmnet_fdb_find(fdb, addr, vid);
	if (entry && entry->fixed)
		err = -EEXIST;
	else if (entry)
		vmnet_fdb_fix(fdb, entry, dest, now);
	else if (vmnet_fdb_full(fdb))
		err = -ENOSPC;
	else
		err = vmnet_fdb_insert(fdb, addr, vid, dest, true, now);
	xa_unlock_bh(&fdb->ids);
	rcu_read_unlock();
	return err;
}

/**
 * vmnet_fdb_del - delete an entry, static or learned
 * @fdb: database
 * @addr: address
 * @vid: VLAN id
 *
 * Context: process. Return: 0, -ENOENT, or -EPERM when the address is the host
 * NIC's own.
 */
int vmnet_fdb_del(struct vmnet_fdb *fdb, const u8 *addr, u16 vid)
{
	struct vmnet_fdb_entry *entry;
	int err = 0;

	rcu_read_lock();
	xa_lock_bh(&fdb->ids);
	entry = vmnet_fdb_find(fdb, addr, vid);
	if (!entry)
		err = -ENOENT;
	else if (vmnet_fdb_is_own(fdb, entry))
		err = -EPERM;
	else
		vmnet_fdb_remove(fdb, entry);
	xa_unlock_bh(&fdb->ids);
	rcu_read_unlock();
	return err;
}

/* Sets the address; the one before is still there. The lock is held. */
static int vmnet_fdb_add_own(struct vmnet_fdb *fdb, const u8 *addr,
			     struct vmnet_dest *local, unsigned long now)
{
	struct vmnet_fdb_entry *entry = vmnet_fdb_find(fdb, addr, 0);

	if (!entry)
		return vmnet_fdb_insert(fdb, addr, 0, local, true, now);
	if (entry->fixed)
		return -EEXIST;
	vmnet_fdb_fix(fdb, entry, local, now);
	return 0;
}

/**
 * vmnet_fdb_set_own - set the address of the host NIC
 * @fdb: database
 * @addr: its address; replaces the one before, and a learned entry of it
 * @local: the host NIC
 * @now: jiffies
 *
 * Context: process, rtnl lock held. Return: 0, -EEXIST when the address has a
 * static entry, or -ENOMEM; then nothing has changed.
 */
int vmnet_fdb_set_own(struct vmnet_fdb *fdb, const u8 *addr,
		      struct vmnet_dest *local, unsigned long now)
{
	struct vmnet_fdb_entry *old;
	int err = 0;

	rcu_read_lock();
	xa_lock_bh(&fdb->ids);
	if (ether_addr_equal(fdb->own, addr))
		goto out;
	err = vmnet_fdb_add_own(fdb, addr, local, now);
	if (err)
		goto out;
	old = vmnet_fdb_find(fdb, fdb->own, 0);
	if (old)
		vmnet_fdb_remove(fdb, old);
	ether_addr_copy(fdb->own, addr);
out:
	xa_unlock_bh(&fdb->ids);
	rcu_read_unlock();
	return err;
}

/* Forgets what is behind @dest, or if that is NULL behind all of its kind. */
static void vmnet_fdb_forget(struct vmnet_fdb *fdb, enum vmnet_dest_kind kind,
			     const struct vmnet_dest *dest)
{
	const struct vmnet_dest *has, *home;
	struct vmnet_fdb_entry *entry;
	unsigned int n = 0;
	unsigned long id;

	xa_lock_bh(&fdb->ids);
	xa_for_each(&fdb->ids, id, entry) {
		has = vmnet_fdb_dest(fdb, entry);
		home = entry->moves.home;
		if (dest ? has == dest : has->kind == kind)
			vmnet_fdb_remove(fdb, entry);
		else if (home && (dest ? home == dest : home->kind == kind))
			entry->moves.home = NULL;
		vmnet_breathe(&fdb->ids, ++n);
	}
	xa_unlock_bh(&fdb->ids);
}

/**
 * vmnet_fdb_flush - forget all that is behind @dest
 * @fdb: database
 * @dest: a port or peer that goes away and learns no more
 *
 * Context: process, may sleep.
 */
void vmnet_fdb_flush(struct vmnet_fdb *fdb, const struct vmnet_dest *dest)
{
	vmnet_fdb_forget(fdb, dest->kind, dest);
}

/**
 * vmnet_fdb_flush_vlans - forget what was learned from @dest in some VLANs
 * @fdb: database
 * @dest: a port or the host NIC
 * @keep: bitmap of the VLANs in which it is not forgotten
 *
 * Context: process, may sleep.
 */
void vmnet_fdb_flush_vlans(struct vmnet_fdb *fdb, const struct vmnet_dest *dest,
			   const unsigned long *keep)
{
	struct vmnet_fdb_entry *entry;
	unsigned int n = 0;
	unsigned long id;

	xa_lock_bh(&fdb->ids);
	xa_for_each(&fdb->ids, id, entry) {
		if (!entry->fixed && vmnet_fdb_dest(fdb, entry) == dest &&
		    !test_bit(entry->key.vid, keep))
			vmnet_fdb_remove(fdb, entry);
		vmnet_breathe(&fdb->ids, ++n);
	}
	xa_unlock_bh(&fdb->ids);
}

/**
 * vmnet_fdb_flush_kind - forget all that is behind any port or any peer
 * @fdb: database
 * @kind: of destinations, all of which go away and learn no more
 *
 * Context: process, may sleep.
 */
void vmnet_fdb_flush_kind(struct vmnet_fdb *fdb, enum vmnet_dest_kind kind)
{
	vmnet_fdb_forget(fdb, kind, NULL);
}

/**
 * vmnet_fdb_age - remove what was silent for too long
 * @fdb: database
 * @now: jiffies
 *
 * Context: process, may sleep.
 *
 * Return: number of entries removed.
 */
unsigned int vmnet_fdb_age(struct vmnet_fdb *fdb, unsigned long now)
{
	unsigned long ageing = READ_ONCE(fdb->ageing);
	struct vmnet_fdb_entry *entry;
	unsigned int n = 0, seen = 0;
	unsigned long id;

	if (!ageing)
		return 0;

	xa_lock_bh(&fdb->ids);
	xa_for_each(&fdb->ids, id, entry) {
		if (!entry->fixed &&
		    time_after_eq(now, READ_ONCE(entry->seen) + ageing)) {
			vmnet_fdb_remove(fdb, entry);
			n++;
		}
		vmnet_breathe(&fdb->ids, ++seen);
	}
	xa_unlock_bh(&fdb->ids);
	return n;
}

struct vmnet_fdb_entry *vmnet_fdb_next(struct vmnet_fdb *fdb,
				       unsigned long *id)
{
	return xa_find(&fdb->ids, id, ULONG_MAX, XA_PRESENT);
}

/**
 * vmnet_fdb_init - make an empty database
 * @fdb: database
 * @limit: most entries there may be, 0 = no limit
 * @ageing: jiffies after which a silent entry goes, 0 = never
 * @notify: told of changes
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int vmnet_fdb_init(struct vmnet_fdb *fdb, unsigned int limit,
		   unsigned long ageing, vmnet_fdb_notify_t notify)
{
	memset(fdb, 0, sizeof(*fdb));
	fdb->limit = limit;
	fdb->ageing = ageing;
	fdb->notify = notify;
	xa_init_flags(&fdb->ids, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	return rhashtable_init(&fdb->hash, &vmnet_fdb_params);
}

static void vmnet_fdb_free_entry(void *entry, void *unused)
{
	kfree_rcu((struct vmnet_fdb_entry *)entry, rcu);
}

/**
 * vmnet_fdb_destroy - end of a database
 * @fdb: database that nobody uses any more; it is emptied, without notice
 *
 * Context: process.
 */
void vmnet_fdb_destroy(struct vmnet_fdb *fdb)
{
	xa_destroy(&fdb->ids);
	/* Entries go last: until the table is at rest, its worker moves them. */
	rhashtable_free_and_destroy(&fdb->hash, vmnet_fdb_free_entry, NULL);
}
