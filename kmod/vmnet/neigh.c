// SPDX-License-Identifier: GPL-2.0
/* The neighbour table of a network. */
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "breathe.h"
#include "neigh.h"

static const struct rhashtable_params vmnet_neigh_params = {
	.key_len = sizeof(struct vmnet_neigh_key),
	.key_offset = offsetof(struct vmnet_neigh, key),
	.head_offset = offsetof(struct vmnet_neigh, node),
	.automatic_shrinking = true,
};

struct vmnet_neigh *vmnet_neigh_find(struct vmnet_neighs *neighs,
				     const struct vmnet_neigh_key *key)
{
	return rhashtable_lookup(&neighs->hash, key, vmnet_neigh_params);
}

/* The lock is held. */
static void vmnet_neigh_remove(struct vmnet_neighs *neighs,
			       struct vmnet_neigh *n)
{
	rhashtable_remove_fast(&neighs->hash, &n->node, vmnet_neigh_params);
	__xa_erase(&neighs->ids, n->id);
	WRITE_ONCE(neighs->count, neighs->count - 1);
	kfree_rcu(n, rcu);
}

/* The lock is held, and no entry of the address is there. */
static int vmnet_neigh_insert(struct vmnet_neighs *neighs,
			      const struct vmnet_neigh_key *key, const u8 *mac,
			      bool router, unsigned long now)
{
	struct vmnet_neigh *n;
	int err;

	n = kzalloc(sizeof(*n), GFP_ATOMIC | __GFP_NOWARN);
	if (!n)
		return -ENOMEM;
	n->key = *key;
	ether_addr_copy(n->mac, mac);
	n->router = router;
	n->seen = now;
	err = __xa_alloc_cyclic(&neighs->ids, &n->id, n, xa_limit_31b,
				&neighs->next_id, GFP_ATOMIC | __GFP_NOWARN);
	if (err < 0)
		goto err_free;
	err = rhashtable_insert_fast(&neighs->hash, &n->node,
				     vmnet_neigh_params);
	if (err)
		goto err_id;
	WRITE_ONCE(neighs->count, neighs->count + 1);
	return 0;

err_id:
	__xa_erase(&neighs->ids, n->id);
err_free:
	/* A dump may have seen it already. */
	kfree_rcu(n, rcu);
	return -ENOMEM;
}

static bool vmnet_neigh_full(const struct vmnet_neighs *neighs)
{
	unsigned int limit = READ_ONCE(neighs->limit);

	return limit && READ_ONCE(neighs->count) >= limit;
}

static bool vmnet_neigh_says(const struct vmnet_neigh *n, const u8 *mac)
{
	return ether_addr_equal(n->mac, mac);
}

static void vmnet_neigh_refresh(struct vmnet_neigh *n, bool router,
				unsigned long now)
{
	if (READ_ONCE(n->seen) != now)
		WRITE_ONCE(n->seen, now);
	if (READ_ONCE(n->router) != router)
		WRITE_ONCE(n->router, router);
}

int vmnet_neigh_learn(struct vmnet_neighs *neighs,
		      const struct vmnet_neigh_key *key, const u8 *mac,
		      bool router, unsigned long now)
{
	struct vmnet_neigh *n = vmnet_neigh_find(neighs, key);
	int err;

	if (n && vmnet_neigh_says(n, mac)) {
		vmnet_neigh_refresh(n, router, now);
		return 0;
	}
	/* A flood of such addresses must not make others wait. */
	if (!n && vmnet_neigh_full(neighs))
		return -ENOSPC;

	xa_lock_bh(&neighs->ids);
	n = vmnet_neigh_find(neighs, key);
	if (n)
		vmnet_neigh_remove(neighs, n);
	err = vmnet_neigh_full(neighs) ? -ENOSPC :
	      vmnet_neigh_insert(neighs, key, mac, router, now);
	xa_unlock_bh(&neighs->ids);
	return err;
}

void vmnet_neigh_confirm(struct vmnet_neighs *neighs,
			 const struct vmnet_neigh_key *key, const u8 *mac,
			 unsigned long now)
{
	struct vmnet_neigh *n = vmnet_neigh_find(neighs, key);

	if (!n)
		return;
	if (vmnet_neigh_says(n, mac)) {
		vmnet_neigh_refresh(n, READ_ONCE(n->router), now);
		return;
	}
	xa_lock_bh(&neighs->ids);
	n = vmnet_neigh_find(neighs, key);
	if (n && !vmnet_neigh_says(n, mac))
		vmnet_neigh_remove(neighs, n);
	xa_unlock_bh(&neighs->ids);
}

unsigned int vmnet_neigh_age(struct vmnet_neighs *neighs, unsigned long ageing,
			     unsigned long now)
{
	unsigned int removed = 0, seen = 0;
	struct vmnet_neigh *n;
	unsigned long id;

	xa_lock_bh(&neighs->ids);
	xa_for_each(&neighs->ids, id, n) {
		if (time_after_eq(now, READ_ONCE(n->seen) + ageing)) {
			vmnet_neigh_remove(neighs, n);
			removed++;
		}
		vmnet_breathe(&neighs->ids, ++seen);
	}
	xa_unlock_bh(&neighs->ids);
	return removed;
}

struct vmnet_neigh *vmnet_neigh_next(struct vmnet_neighs *neighs,
				     unsigned long *id)
{
	return xa_find(&neighs->ids, id, ULONG_MAX, XA_PRESENT);
}

int vmnet_neighs_init(struct vmnet_neighs *neighs)
{
	memset(neighs, 0, sizeof(*neighs));
	neighs->limit = VMNET_NEIGH_LIMIT_DEFAULT;
	xa_init_flags(&neighs->ids, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_BH);
	return rhashtable_init(&neighs->hash, &vmnet_neigh_params);
}

/* Entries go last: until the table is at rest, its worker moves them. */
static void vmnet_neigh_free(void *ptr, void *unused)
{
	kfree_rcu((struct vmnet_neigh *)ptr, rcu);
}

void vmnet_neighs_destroy(struct vmnet_neighs *neighs)
{
	xa_destroy(&neighs->ids);
	rhashtable_free_and_destroy(&neighs->hash, vmnet_neigh_free, NULL);
}
