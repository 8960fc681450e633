// SPDX-License-Identifier: GPL-2.0
/* The multicast database of a network. */
#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "breathe.h"
#include "mdb.h"

static const struct rhashtable_params vmnet_mdb_params = {
	.key_len = sizeof(struct vmnet_mdb_key),
	.key_offset = offsetof(struct vmnet_mdb_group, key),
	.head_offset = offsetof(struct vmnet_mdb_group, node),
	.automatic_shrinking = true,
};

/* ---- groups and listeners; the lock is held ---- */

static struct vmnet_mdb_group *vmnet_mdb_find(struct vmnet_mdb *mdb,
					      const struct vmnet_mdb_key *key)
{
	return rhashtable_lookup_fast(&mdb->hash, key, vmnet_mdb_params);
}

static struct vmnet_listener *
vmnet_mdb_find_listener(const struct vmnet_mdb_group *group,
			const struct vmnet_dest *dest)
{
	struct vmnet_listener *l;

	list_for_each_entry_rcu(l, &group->listeners, list, true) {
		if (l->dest == dest)
			return l;
	}
	return NULL;
}

static void vmnet_mdb_remove_group(struct vmnet_mdb *mdb,
				   struct vmnet_mdb_group *group)
{
	rhashtable_remove_fast(&mdb->hash, &group->node, vmnet_mdb_params);
	if (!vmnet_mdb_is_all(group))
		WRITE_ONCE(mdb->count, mdb->count - 1);
	kfree_rcu(group, rcu);
}

static struct vmnet_mdb_group *
vmnet_mdb_new_group(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key)
{
	struct vmnet_mdb_group *group;

	group = kzalloc(sizeof(*group), GFP_ATOMIC | __GFP_NOWARN);
	if (!group)
		return NULL;
	group->key = *key;
	INIT_LIST_HEAD(&group->listeners);
	if (rhashtable_insert_fast(&mdb->hash, &group->node,
				   vmnet_mdb_params)) {
		kfree(group);
		return NULL;
	}
	if (!vmnet_mdb_is_all(group))
		WRITE_ONCE(mdb->count, mdb->count + 1);
	return group;
}

/* What has expired stays so, however long the entry is kept. */
static struct vmnet_listener *vmnet_mdb_new_listener(struct vmnet_mdb *mdb,
						     struct vmnet_mdb_group *group,
						     struct vmnet_dest *dest,
						     unsigned long now)
{
	struct vmnet_listener *l;

	l = kzalloc(sizeof(*l), GFP_ATOMIC | __GFP_NOWARN);
	if (!l)
		return NULL;
	l->group = group;
	l->dest = dest;
	l->until = now;
	l->router_until = now;
	if (__xa_alloc_cyclic(&mdb->ids, &l->id, l, xa_limit_31b, &mdb->next_id,
			      GFP_ATOMIC | __GFP_NOWARN) < 0) {
		kfree(l);
		return NULL;
	}
	list_add_tail_rcu(&l->list, &group->listeners);
	if (!vmnet_mdb_is_all(group))
		WRITE_ONCE(dest->groups, dest->groups + 1);
	return l;
}

static void vmnet_mdb_remove_listener(struct vmnet_mdb *mdb,
				      struct vmnet_listener *l)
{
	struct vmnet_mdb_group *group = l->group;

	__xa_erase(&mdb->ids, l->id);
	list_del_rcu(&l->list);
	if (!vmnet_mdb_is_all(group)) {
		WRITE_ONCE(l->dest->groups, l->dest->groups - 1);
	} else if (group->querier == l->dest) {
		/* Nobody asks any more, so listeners will fall silent. */
		WRITE_ONCE(group->queried, false);
		group->querier = NULL;
	}
	mdb->notify(mdb, l, VMNET_EV_MDB_DEL);
	kfree_rcu(l, rcu);
	if (list_empty(&group->listeners))
		vmnet_mdb_remove_group(mdb, group);
}

/* The listener @dest to @key, which is made if it is not there; NULL: no memory. */
static struct vmnet_listener *vmnet_mdb_get(struct vmnet_mdb *mdb,
					    const struct vmnet_mdb_key *key,
					    struct vmnet_dest *dest,
					    unsigned long now, bool *made)
{
	struct vmnet_mdb_group *group = vmnet_mdb_find(mdb, key);
	struct vmnet_listener *l;

	*made = false;
	l = group ? vmnet_mdb_find_listener(group, dest) : NULL;
	if (l)
		return l;
	if (!group)
		group = vmnet_mdb_new_group(mdb, key);
	if (!group)
		return NULL;
	l = vmnet_mdb_new_listener(mdb, group, dest, now);
	if (l)
		*made = true;
	else if (list_empty(&group->listeners))
		vmnet_mdb_remove_group(mdb, group);
	return l;
}

static struct vmnet_mdb_key vmnet_mdb_all_key(const struct vmnet_mdb_key *key)
{
	return (struct vmnet_mdb_key){ .vid = key->vid, .proto = key->proto };
}

/* ---- learning ---- */

/* Is there no room for @dest as a new listener to @key? */
static enum vmnet_mdb_join vmnet_mdb_room(struct vmnet_mdb *mdb,
					  const struct vmnet_mdb_key *key,
					  const struct vmnet_dest *dest)
{
	struct vmnet_mdb_group *group = vmnet_mdb_find(mdb, key);
	unsigned int limit = READ_ONCE(dest->group_limit);

	if (group && vmnet_mdb_find_listener(group, dest))
		return VMNET_JOIN_OK;
	if (limit && dest->groups >= limit)
		return VMNET_JOIN_DEST_FULL;
	limit = READ_ONCE(mdb->limit);
	if (!group && limit && mdb->count >= limit)
		return VMNET_JOIN_FULL;
	return VMNET_JOIN_OK;
}

static bool vmnet_mdb_listen(struct vmnet_mdb *mdb,
			     const struct vmnet_mdb_key *key,
			     struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_listener *l;
	bool made;

	l = vmnet_mdb_get(mdb, key, dest, now, &made);
	if (!l)
		return false;
	WRITE_ONCE(l->until, now + READ_ONCE(mdb->membership));
	if (made)
		mdb->notify(mdb, l, VMNET_EV_MDB_NEW);
	return true;
}

/**
 * vmnet_mdb_join - a report for a group came from @dest
 * @mdb: database
 * @key: group, not all of them
 * @dest: port, peer or host NIC
 * @now: jiffies
 *
 * When there is no room for it, @dest becomes a listener to all groups, so that
 * what it asked for is not kept from it.
 *
 * Context: softirq or bottom halves off.
 */
enum vmnet_mdb_join vmnet_mdb_join(struct vmnet_mdb *mdb,
				   const struct vmnet_mdb_key *key,
				   struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_mdb_key all = vmnet_mdb_all_key(key);
	enum vmnet_mdb_join ret;

	xa_lock_bh(&mdb->ids);
	ret = vmnet_mdb_room(mdb, key, dest);
	if (ret == VMNET_JOIN_OK && !vmnet_mdb_listen(mdb, key, dest, now))
		ret = VMNET_JOIN_FULL;
	if (ret != VMNET_JOIN_OK)
		vmnet_mdb_listen(mdb, &all, dest, now);
	xa_unlock_bh(&mdb->ids);
	return ret;
}

/* The querier, if there is one, asks who is left of the listeners. */
static void vmnet_mdb_hurry(struct vmnet_listener *l, unsigned long end)
{
	if (time_before(end, l->until))
		WRITE_ONCE(l->until, end);
}

/**
 * vmnet_mdb_leave - somebody behind @dest left a group
 * @mdb: database
 * @key: group
 * @dest: port, peer or host NIC
 * @now: jiffies
 *
 * Others behind it may still listen. While there is a querier it will ask them, and
 * vmnet_mdb_last_call() does the rest. Without one nobody will answer, and what is
 * known is not used: it goes after the time that a querier would give.
 *
 * Context: softirq or bottom halves off.
 */
void vmnet_mdb_leave(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		     const struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_mdb_key all_key = vmnet_mdb_all_key(key);
	struct vmnet_mdb_group *group, *all;
	struct vmnet_listener *l = NULL;

	xa_lock_bh(&mdb->ids);
	group = vmnet_mdb_find(mdb, key);
	all = vmnet_mdb_find(mdb, &all_key);
	if (group)
		l = vmnet_mdb_find_listener(group, dest);
	if (l && !(all && vmnet_mdb_queried(all, now)))
		vmnet_mdb_hurry(l, now + VMNET_MDB_LAST_COUNT * HZ);
	xa_unlock_bh(&mdb->ids);
}

/**
 * vmnet_mdb_last_call - a querier asks who still listens to a group
 * @mdb: database
 * @key: group
 * @delay: jiffies in which they are to answer
 * @now: jiffies
 *
 * Context: softirq or bottom halves off.
 */
void vmnet_mdb_last_call(struct vmnet_mdb *mdb,
			 const struct vmnet_mdb_key *key, unsigned long delay,
			 unsigned long now)
{
	struct vmnet_mdb_group *group;
	struct vmnet_listener *l;

	xa_lock_bh(&mdb->ids);
	group = vmnet_mdb_find(mdb, key);
	if (group) {
		list_for_each_entry(l, &group->listeners, list)
			vmnet_mdb_hurry(l, now + VMNET_MDB_LAST_COUNT * delay);
	}
	xa_unlock_bh(&mdb->ids);
}

/* The lock is held. */
static struct vmnet_listener *vmnet_mdb_route(struct vmnet_mdb *mdb,
					      const struct vmnet_mdb_key *key,
					      struct vmnet_dest *dest,
					      unsigned long now)
{
	struct vmnet_mdb_key all = vmnet_mdb_all_key(key);
	struct vmnet_listener *l;
	bool made, was;

	l = vmnet_mdb_get(mdb, &all, dest, now, &made);
	if (!l)
		return NULL;
	was = vmnet_listener_routes(l, now);
	WRITE_ONCE(l->router_until, now + READ_ONCE(mdb->querier));
	if (!was)
		mdb->notify(mdb, l, VMNET_EV_MDB_NEW);
	return l;
}

/**
 * vmnet_mdb_router - there is a multicast router behind @dest
 * @mdb: database
 * @key: any group of its family and VLAN
 * @dest: port, peer or host NIC
 * @now: jiffies
 *
 * Context: softirq or bottom halves off. Return: 0 or -ENOMEM.
 */
int vmnet_mdb_router(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		     struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_listener *l;

	xa_lock_bh(&mdb->ids);
	l = vmnet_mdb_route(mdb, key, dest, now);
	xa_unlock_bh(&mdb->ids);
	return l ? 0 : -ENOMEM;
}

/**
 * vmnet_mdb_query - a general query came from @dest
 * @mdb: database
 * @key: any group of its family and VLAN
 * @dest: port, peer or host NIC
 * @delay: jiffies in which listeners are to answer
 * @now: jiffies
 *
 * Context: softirq or bottom halves off. Return: 0 or -ENOMEM.
 */
int vmnet_mdb_query(struct vmnet_mdb *mdb, const struct vmnet_mdb_key *key,
		    struct vmnet_dest *dest, unsigned long delay,
		    unsigned long now)
{
	struct vmnet_mdb_group *all;
	struct vmnet_listener *l;

	xa_lock_bh(&mdb->ids);
	l = vmnet_mdb_route(mdb, key, dest, now);
	if (l) {
		all = l->group;
		if (!all->queried || time_after_eq(now, all->querier_until))
			WRITE_ONCE(all->query, now + delay);
		WRITE_ONCE(all->querier_until, now + READ_ONCE(mdb->querier));
		WRITE_ONCE(all->querier, dest);
		/* Who sees it set sees what it is about. */
		smp_store_release(&all->queried, true);
	}
	xa_unlock_bh(&mdb->ids);
	return l ? 0 : -ENOMEM;
}

/* ---- forgetting ---- */

/* Returns true if the listener is one no more. The lock is held. */
static bool vmnet_mdb_expire(struct vmnet_mdb *mdb, struct vmnet_listener *l,
			     unsigned long now)
{
	bool listens = vmnet_listener_listens(l, now);
	bool routes = vmnet_listener_routes(l, now);

	if (!listens && !routes) {
		vmnet_mdb_remove_listener(mdb, l);
		return true;
	}
	/* A time that is long past would be in the future one day. */
	if (!listens)
		WRITE_ONCE(l->until, now);
	if (!routes)
		WRITE_ONCE(l->router_until, now);
	return false;
}

/**
 * vmnet_mdb_age - forget who was silent for too long
 * @mdb: database
 * @now: jiffies
 *
 * Context: process, may sleep. Return: number of listeners that are gone.
 */
unsigned int vmnet_mdb_age(struct vmnet_mdb *mdb, unsigned long now)
{
	struct vmnet_listener *l;
	unsigned int n = 0, seen = 0;
	struct vmnet_mdb_group *all;
	unsigned long id;

	xa_lock_bh(&mdb->ids);
	xa_for_each(&mdb->ids, id, l) {
		all = l->group;
		if (all->queried && time_after_eq(now, all->querier_until))
			WRITE_ONCE(all->queried, false);
		n += vmnet_mdb_expire(mdb, l, now);
		vmnet_breathe(&mdb->ids, ++seen);
	}
	xa_unlock_bh(&mdb->ids);
	return n;
}

/* Forgets @dest, or if that is NULL all of its kind, but in the VLANs @keep. */
static void vmnet_mdb_forget(struct vmnet_mdb *mdb, enum vmnet_dest_kind kind,
			     const struct vmnet_dest *dest,
			     const unsigned long *keep)
{
	struct vmnet_listener *l;
	unsigned int n = 0;
	unsigned long id;

	xa_lock_bh(&mdb->ids);
	xa_for_each(&mdb->ids, id, l) {
		if ((dest ? l->dest == dest : l->dest->kind == kind) &&
		    !(keep && test_bit(l->group->key.vid, keep)))
			vmnet_mdb_remove_listener(mdb, l);
		vmnet_breathe(&mdb->ids, ++n);
	}
	xa_unlock_bh(&mdb->ids);
}

/**
 * vmnet_mdb_flush - forget @dest
 * @mdb: database
 * @dest: a port or peer that goes away and joins no more
 *
 * Context: process, may sleep.
 */
void vmnet_mdb_flush(struct vmnet_mdb *mdb, const struct vmnet_dest *dest)
{
	vmnet_mdb_forget(mdb, dest->kind, dest, NULL);
}

/**
 * vmnet_mdb_flush_vlans - forget @dest in some VLANs
 * @mdb: database
 * @dest: a port or the host NIC
 * @keep: bitmap of the VLANs in which it is not forgotten
 *
 * Context: process, may sleep.
 */
void vmnet_mdb_flush_vlans(struct vmnet_mdb *mdb, const struct vmnet_dest *dest,
			   const unsigned long *keep)
{
	vmnet_mdb_forget(mdb, dest->kind, dest, keep);
}

/**
 * vmnet_mdb_flush_kind - forget all ports or all peers
 * @mdb: database
 * @kind: of destinations, all of which go away and join no more
 *
 * Context: process, may sleep.
 */
void vmnet_mdb_flush_kind(struct vmnet_mdb *mdb, enum vmnet_dest_kind kind)
{
	vmnet_mdb_forget(mdb, kind, NULL, NULL);
}

/* ---- looking up ---- */

bool vmnet_mdb_queried(const struct vmnet_mdb_group *group, unsigned long now)
{
	/* Pairs with the release in vmnet_mdb_query(). */
	return smp_load_acquire(&group->queried) &&
	       time_after_eq(now, READ_ONCE(group->query)) &&
	       time_before(now, READ_ONCE(group->querier_until));
}

/**
 * vmnet_mdb_lookup - who is to be given a frame
 * @mdb: database
 * @key: its group; used up
 * @routers: it is for routers only
 * @now: jiffies
 * @set: who
 *
 * Context: RCU read lock held; takes no lock. Return: false when that is not known,
 * since no querier makes listeners tell: then it is for everybody.
 */
bool vmnet_mdb_lookup(struct vmnet_mdb *mdb, struct vmnet_mdb_key *key,
		      bool routers, unsigned long now,
		      struct vmnet_mdb_set *set)
{
	struct vmnet_mdb_key all = vmnet_mdb_all_key(key);

	set->all = rhashtable_lookup(&mdb->hash, &all, vmnet_mdb_params);
	if (!set->all || !vmnet_mdb_queried(set->all, now))
		return false;
	set->group = routers ? NULL :
		     rhashtable_lookup(&mdb->hash, key, vmnet_mdb_params);
	set->routers = routers;
	set->now = now;
	return true;
}

static bool vmnet_mdb_wants(const struct vmnet_mdb_set *set,
			    const struct vmnet_mdb_group *group,
			    const struct vmnet_listener *l)
{
	const struct vmnet_listener *other;

	if (group == set->group)
		return vmnet_listener_listens(l, set->now);
	if (!vmnet_listener_routes(l, set->now) &&
	    (set->routers || !vmnet_listener_listens(l, set->now)))
		return false;
	/* It was given among those of the group. */
	other = set->group ? vmnet_mdb_find_listener(set->group, l->dest) : NULL;
	return !other || !vmnet_listener_listens(other, set->now);
}

struct vmnet_dest *vmnet_mdb_next(struct vmnet_mdb_iter *it)
{
	const struct vmnet_mdb_set *set = it->set;
	struct list_head *listeners, *prev;

	if (!it->group)
		it->group = set->group ?: set->all;
	for (;;) {
		listeners = &it->group->listeners;
		prev = it->l ? &it->l->list : listeners;
		it->l = list_next_or_null_rcu(listeners, prev,
					      struct vmnet_listener, list);
		if (it->l && vmnet_mdb_wants(set, it->group, it->l))
			return it->l->dest;
		if (it->l)
			continue;
		if (it->group == set->all)
			return NULL;
		it->group = set->all;
	}
}

bool vmnet_mdb_has(const struct vmnet_mdb_set *set,
		   const struct vmnet_dest *dest)
{
	const struct vmnet_listener *l = NULL;

	if (set->group)
		l = vmnet_mdb_find_listener(set->group, dest);
	if (l && vmnet_listener_listens(l, set->now))
		return true;
	l = vmnet_mdb_find_listener(set->all, dest);
	return l && (vmnet_listener_routes(l, set->now) ||
		     (!set->routers && vmnet_listener_listens(l, set->now)));
}

struct vmnet_listener *vmnet_mdb_dump_next(struct vmnet_mdb *mdb,
					   unsigned long *id)
{
	return xa_find(&mdb->ids, id, ULONG_MAX, XA_PRESENT);
}

/* ---- start and end ---- */

/**
 * vmnet_mdb_init - make an empty database
 * @mdb: database
 * @notify: told of changes
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int vmnet_mdb_init(struct vmnet_mdb *mdb, vmnet_mdb_notify_t notify)
{
	memset(mdb, 0, sizeof(*mdb));
	mdb->enabled = true;
	mdb->limit = VMNET_MDB_LIMIT_DEFAULT;
	mdb->membership = VMNET_MDB_MEMBERSHIP_DEFAULT * HZ;
	mdb->querier = VMNET_MDB_QUERIER_DEFAULT * HZ;
	mdb->notify = notify;
	xa_init_flags(&mdb->ids, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	return rhashtable_init(&mdb->hash, &vmnet_mdb_params);
}

/* Groups go last: until the table is at rest, its worker moves them. */
static void vmnet_mdb_free_group(void *ptr, void *unused)
{
	struct vmnet_mdb_group *group = ptr;
	struct vmnet_listener *l, *next;

	list_for_each_entry_safe(l, next, &group->listeners, list)
		kfree_rcu(l, rcu);
	kfree_rcu(group, rcu);
}

void vmnet_mdb_destroy(struct vmnet_mdb *mdb)
{
	xa_destroy(&mdb->ids);
	rhashtable_free_and_destroy(&mdb->hash, vmnet_mdb_free_group, NULL);
}
