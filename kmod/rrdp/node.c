// SPDX-License-Identifier: GPL-2.0
/*
 * Node table: node number <-> device and MAC.
 *
 * Entries of other hosts are in an xarray by number and a hash table by MAC,
 * those of this host (one for each device) in a list. An entry is unpublished
 * first, then its users are told, then its device is let go. Users make the
 * static ones; resolve.c learns the others, which make way for those.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <uapi/linux/rrdp.h>

#include "compat_netlink.h"
#include "conn.h"
#include "netlink.h"
#include "node.h"
#include "resolve.h"

/* Progress of connections is not noted more often than this. */
#define RRDP_NODE_HEARD_GRAIN	(100 * RRDP_MSEC)

static const struct rhashtable_params rrdp_macs_params = {
	.key_len = ETH_ALEN,
	.key_offset = offsetof(struct rrdp_node, mac),
	.head_offset = offsetof(struct rrdp_node, by_mac),
	.automatic_shrinking = true,
};

/* Another host that has an address. RCU read side. */
static struct rrdp_node *rrdp_node_usable(struct rrdp_net *rn, u32 id)
{
	struct rrdp_node *node = xa_load(&rn->nodes, id);

	return node && rrdp_nud_usable(READ_ONCE(node->nud.state)) ? node : NULL;
}

void rrdp_node_use(struct rrdp_net *rn, u32 id)
{
	struct rrdp_node *node;

	rcu_read_lock();
	node = xa_load(&rn->nodes, id);
	if (node && READ_ONCE(node->nud.state) == NUD_STALE &&
	    !READ_ONCE(node->used)) {
		WRITE_ONCE(node->used, true);
		rrdp_resolve_kick(rn);
	}
	rcu_read_unlock();
}

int rrdp_node_resolve(struct rrdp_net *rn, u32 id, struct rrdp_path *path)
{
	u32 local = READ_ONCE(rn->local_node);
	struct rrdp_dev *rd = NULL;
	struct rrdp_node *node;

	if (local == RRDP_NODE_NONE)
		return -ENETUNREACH;

	rcu_read_lock();
	if (id == local) {
		rd = rcu_dereference(rn->loopback);
		eth_zero_addr(path->mac);
	} else {
		node = rrdp_node_usable(rn, id);
		if (node) {
			rd = node->rd;
			ether_addr_copy(path->mac, node->mac);
		}
	}
	if (rd && !rrdp_dev_tryhold(rd))
		rd = NULL;
	rcu_read_unlock();

	path->rd = rd;
	return rd ? 0 : -EHOSTUNREACH;
}

u32 rrdp_node_by_mac(struct rrdp_dev *rd, const u8 mac[ETH_ALEN])
{
	struct rrdp_net *rn = rd->rn;
	struct rrdp_node *node;

	if (rd == rcu_access_pointer(rn->loopback))
		return is_zero_ether_addr(mac) ? READ_ONCE(rn->local_node) :
						 RRDP_NODE_NONE;

	node = rhashtable_lookup(&rn->macs, mac, rrdp_macs_params);
	return node && node->rd == rd ? node->id : RRDP_NODE_NONE;
}

u8 rrdp_node_state(struct rrdp_net *rn, u32 id)
{
	struct rrdp_node *node;
	u8 state = NUD_NONE;

	if (id == READ_ONCE(rn->local_node))
		return NUD_PERMANENT;
	rcu_read_lock();
	node = xa_load(&rn->nodes, id);
	if (node)
		state = READ_ONCE(node->nud.state);
	rcu_read_unlock();
	return state;
}

void rrdp_node_heard(struct rrdp_net *rn, u32 id, const u8 mac[ETH_ALEN],
		     u64 when)
{
	struct rrdp_node *node = xa_load(&rn->nodes, id);

	if (!node || !node->learned || !ether_addr_equal(node->mac, mac) ||
	    when < atomic64_read(&node->heard) + RRDP_NODE_HEARD_GRAIN)
		return;
	atomic64_set(&node->heard, when);
	if (READ_ONCE(node->nud.state) & (NUD_STALE | NUD_DELAY | NUD_PROBE))
		rrdp_resolve_kick(rn);
}

void rrdp_node_doubt(struct rrdp_net *rn, u32 id, const u8 mac[ETH_ALEN])
{
	struct rrdp_node *node = xa_load(&rn->nodes, id);

	if (!node || !node->learned || !ether_addr_equal(node->mac, mac) ||
	    READ_ONCE(node->doubted))
		return;
	WRITE_ONCE(node->doubted, true);
	rrdp_resolve_kick(rn);
}

struct rrdp_node *rrdp_node_find(struct rrdp_net *rn, u32 id)
{
	lockdep_assert_held(&rn->lock);

	if (id != RRDP_NODE_NONE && id == rn->local_node)
		return list_first_entry(&rn->locals, struct rrdp_node, list);
	return xa_load(&rn->nodes, id);
}

struct rrdp_node *rrdp_node_find_mac(struct rrdp_net *rn,
				     const u8 mac[ETH_ALEN])
{
	lockdep_assert_held(&rn->lock);

	return rhashtable_lookup_fast(&rn->macs, mac, rrdp_macs_params);
}

const struct rrdp_dev *rrdp_node_own_mac(struct rrdp_net *rn,
					 const u8 mac[ETH_ALEN])
{
	const struct rrdp_dev *rd;

	lockdep_assert_held(&rn->lock);

	list_for_each_entry(rd, &rn->devs, list)
		if (ether_addr_equal(mac, rd->dev->dev_addr))
			return rd;
	return NULL;
}

static int rrdp_node_check_id(u32 id, struct netlink_ext_ack *extack)
{
	if (id != RRDP_NODE_NONE)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "Node number 0 means no node; give one from 1 to 4294967295");
	return -EINVAL;
}

static int rrdp_node_check_mac(struct rrdp_net *rn,
			       const struct net_device *dev,
			       const u8 mac[ETH_ALEN],
			       struct netlink_ext_ack *extack)
{
	const struct rrdp_node *node;
	const struct rrdp_dev *rd;

	if (is_zero_ether_addr(mac)) {
		NL_SET_ERR_MSG(extack,
			       "The MAC is all zero; give that of the other host's NIC");
		return -EINVAL;
	}
	if (is_multicast_ether_addr(mac)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is a group's MAC; give that of the other host's NIC",
				   mac);
		return -EINVAL;
	}

	rd = rrdp_node_own_mac(rn, mac);
	if (rd || ether_addr_equal(mac, dev->dev_addr)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is this host's own %s; give another host's",
				   mac, rd ? rd->dev->name : dev->name);
		return -EINVAL;
	}

	node = rrdp_node_find_mac(rn, mac);
	if (node && !node->learned) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is node %u; delete that first (del-node %u)",
				   mac, node->id, node->id);
		return -EEXIST;
	}
	return 0;
}

/* One that a user made. */
static bool rrdp_node_is_static(struct rrdp_net *rn, u32 id)
{
	const struct rrdp_node *node = xa_load(&rn->nodes, id);

	return node && !node->learned;
}

static int rrdp_node_check_remote(struct rrdp_net *rn, u32 id,
				  const struct net_device *dev,
				  const u8 mac[ETH_ALEN],
				  struct netlink_ext_ack *extack)
{
	int err;

	err = rrdp_node_check_id(id, extack);
	if (err)
		return err;

	if (id == rn->local_node) {
		NL_SET_ERR_MSG_FMT(extack,
				   "Node %u is this host; give the other host's number",
				   id);
		return -EEXIST;
	}
	if (rrdp_node_is_static(rn, id)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "Node %u is in the table; delete it first (del-node %u)",
				   id, id);
		return -EEXIST;
	}
	if (dev->flags & IFF_LOOPBACK) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%s leads to no other host; give the device that does",
				   dev->name);
		return -EINVAL;
	}
	return rrdp_node_check_mac(rn, dev, mac, extack);
}

static int rrdp_node_publish(struct rrdp_net *rn, struct rrdp_node *node)
{
	int err = 0;

	if (node->rd)
		err = rhashtable_lookup_insert_fast(&rn->macs, &node->by_mac,
						    rrdp_macs_params);
	if (err)
		return err;

	err = xa_insert(&rn->nodes, node->id, node, GFP_KERNEL);
	if (err && node->rd)
		rhashtable_remove_fast(&rn->macs, &node->by_mac,
				       rrdp_macs_params);
	return err;
}

/* The opposite; one that failed has no place by its MAC. */
static void rrdp_node_unhash(struct rrdp_net *rn, struct rrdp_node *node)
{
	xa_erase(&rn->nodes, node->id);
	if (rrdp_nud_usable(node->nud.state))
		rhashtable_remove_fast(&rn->macs, &node->by_mac,
				       rrdp_macs_params);
	if (node->learned) {
		list_del(&node->list);
		rn->n_learned--;
	}
}

static void rrdp_node_count_change(struct rrdp_net *rn)
{
	/* 0 is how netlink says that a dump has no generation. */
	if (!++rn->node_seq)
		rn->node_seq++;
}

static void rrdp_node_changed(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_node *node)
{
	rrdp_node_count_change(rn);
	rrdp_netlink_notify_node(rn, event, node);
}

/* A learned entry has no use of its device. */
static void rrdp_node_free(struct rrdp_node *node)
{
	if (node->rd)
		rrdp_dev_put(node->rd);
	kfree_rcu(node, rcu);
}

/* An entry that is in no table yet, with a use of its device. */
static struct rrdp_node *rrdp_node_new(struct rrdp_net *rn, u32 id,
				       struct net_device *dev,
				       const u8 mac[ETH_ALEN],
				       struct netlink_ext_ack *extack)
{
	struct rrdp_node *node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	struct rrdp_dev *rd;

	if (!node)
		return ERR_PTR(-ENOMEM);
	rd = rrdp_dev_attach(rn, dev, extack);
	if (IS_ERR(rd)) {
		kfree(node);
		return ERR_CAST(rd);
	}
	node->id = id;
	ether_addr_copy(node->mac, mac);
	node->rd = rd;
	rrdp_nud_fix(&node->nud);
	return node;
}

static int rrdp_node_insert(struct rrdp_net *rn, u32 id,
			    struct net_device *dev, const u8 mac[ETH_ALEN],
			    struct netlink_ext_ack *extack)
{
	struct rrdp_node *node = rrdp_node_new(rn, id, dev, mac, extack);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);

	err = rrdp_node_publish(rn, node);
	if (err) {
		rrdp_dev_detach(node->rd);
		/* A reader may have found it before it was taken back. */
		kfree_rcu(node, rcu);
		return err;
	}
	rrdp_node_changed(rn, RRDP_EV_NODE_NEW, node);
	return 0;
}

/* What was learned of a number or MAC gives way to what a user says of it. */
static void rrdp_node_make_way(struct rrdp_net *rn, u32 id, const u8 *mac,
			       struct list_head *gone)
{
	struct rrdp_node *node = xa_load(&rn->nodes, id);

	if (node)
		rrdp_node_unpublish(rn, node, gone);
	node = mac ? rrdp_node_find_mac(rn, mac) : NULL;
	if (node)
		rrdp_node_unpublish(rn, node, gone);
}

/**
 * rrdp_node_add - add another host to the node table
 * @rn: namespace
 * @id: its number
 * @dev: device that leads to it
 * @mac: its MAC on that link
 * @extack: where the reason of a failure goes
 *
 * Context: process, rtnl held; sleeps.
 * Return: 0, -EINVAL (number 0, unusable MAC, loopback), -EEXIST (number or
 * MAC is in use), -EOPNOTSUPP (@dev is not suitable) or -ENOMEM.
 */
int rrdp_node_add(struct rrdp_net *rn, u32 id, struct net_device *dev,
		  const u8 mac[ETH_ALEN], struct netlink_ext_ack *extack)
{
	LIST_HEAD(gone);
	int err;

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	err = rrdp_node_check_remote(rn, id, dev, mac, extack);
	if (!err) {
		rrdp_node_make_way(rn, id, mac, &gone);
		err = rrdp_node_insert(rn, id, dev, mac, extack);
	}
	mutex_unlock(&rn->lock);
	rrdp_node_bury(rn, &gone, -EHOSTUNREACH);
	return err;
}

static int rrdp_node_check_local(struct rrdp_net *rn, u32 id,
				 const struct net_device *dev,
				 struct netlink_ext_ack *extack)
{
	const struct rrdp_node *node;
	int err;

	err = rrdp_node_check_id(id, extack);
	if (err)
		return err;

	if (rn->local_node != RRDP_NODE_NONE && rn->local_node != id) {
		NL_SET_ERR_MSG_FMT(extack,
				   "This host is node %u; delete that first (del-node %u)",
				   rn->local_node, rn->local_node);
		return -EEXIST;
	}
	if (rrdp_node_is_static(rn, id)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "Node %u is another host; delete it first (del-node %u)",
				   id, id);
		return -EEXIST;
	}
	list_for_each_entry(node, &rn->locals, list) {
		if (node->rd->dev != dev)
			continue;
		NL_SET_ERR_MSG_FMT(extack, "This host is node %u on %s already",
				   id, dev->name);
		return -EEXIST;
	}
	return 0;
}

static int rrdp_node_insert_local(struct rrdp_net *rn, u32 id,
				  struct net_device *dev,
				  struct netlink_ext_ack *extack)
{
	struct rrdp_dev *loopback;
	struct rrdp_node *node;

	node = rrdp_node_new(rn, id, dev, dev->dev_addr, extack);
	if (IS_ERR(node))
		return PTR_ERR(node);
	node->local = true;

	/* Each local entry has a use of its own of the loopback device. */
	loopback = rrdp_dev_attach(rn, rn->net->loopback_dev, extack);
	if (IS_ERR(loopback)) {
		rrdp_dev_detach(node->rd);
		kfree(node);
		return PTR_ERR(loopback);
	}

	list_add_tail(&node->list, &rn->locals);
	rcu_assign_pointer(rn->loopback, loopback);
	WRITE_ONCE(rn->local_node, id);
	rrdp_resolve_join(node->rd);
	rrdp_node_changed(rn, RRDP_EV_NODE_NEW, node);
	return 0;
}

/**
 * rrdp_node_add_local - give this host its number on a device
 * @rn: namespace
 * @id: this host's number, the same on all devices
 * @dev: device, may be the loopback device
 * @extack: where the reason of a failure goes
 *
 * Context: process, rtnl held; sleeps.
 * Return: 0, -EINVAL (number 0), -EEXIST (this host has another number, the
 * number is another host's, or set on @dev before), -EOPNOTSUPP (@dev is not
 * suitable) or -ENOMEM.
 */
int rrdp_node_add_local(struct rrdp_net *rn, u32 id, struct net_device *dev,
			struct netlink_ext_ack *extack)
{
	LIST_HEAD(gone);
	int err;

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	err = rrdp_node_check_local(rn, id, dev, extack);
	if (!err) {
		rrdp_node_make_way(rn, id, NULL, &gone);
		err = rrdp_node_insert_local(rn, id, dev, extack);
	}
	mutex_unlock(&rn->lock);
	rrdp_node_bury(rn, &gone, -EHOSTUNREACH);
	return err;
}

/* Takes the learned entries on @rd, or all if it is NULL, out of the table. */
static void rrdp_node_unlearn(struct rrdp_net *rn, const struct rrdp_dev *rd,
			      struct list_head *gone)
{
	struct rrdp_node *node, *next;

	list_for_each_entry_safe(node, next, &rn->learned, list)
		if (!rd || node->rd == rd)
			rrdp_node_unpublish(rn, node, gone);
}

static void rrdp_node_unpublish_local(struct rrdp_net *rn,
				      struct rrdp_node *node,
				      struct list_head *gone)
{
	rrdp_resolve_leave(node->rd);
	rrdp_node_unlearn(rn, node->rd, gone);
	list_move_tail(&node->list, gone);
	if (list_empty(&rn->locals)) {
		WRITE_ONCE(rn->local_node, RRDP_NODE_NONE);
		RCU_INIT_POINTER(rn->loopback, NULL);
	}
}

void rrdp_node_unpublish(struct rrdp_net *rn, struct rrdp_node *node,
			 struct list_head *gone)
{
	if (node->local) {
		rrdp_node_unpublish_local(rn, node, gone);
	} else {
		rrdp_node_unhash(rn, node);
		list_add_tail(&node->list, gone);
	}
	rrdp_node_changed(rn, RRDP_EV_NODE_DEL, node);
}

/* Has another entry taken over from one whose connections go on? */
static bool rrdp_node_lives_on(struct rrdp_net *rn, const struct rrdp_node *node)
{
	struct rrdp_path path;
	bool same;

	if (rrdp_node_resolve(rn, node->id, &path))
		return false;
	/* Those that wait for an address have one now. */
	same = !node->rd ||
	       (path.rd == node->rd && ether_addr_equal(path.mac, node->mac));
	rrdp_dev_put(path.rd);
	return same;
}

static void rrdp_node_release(struct rrdp_net *rn, struct rrdp_node *node)
{
	if (node->learned) {
		rrdp_node_free(node);
		return;
	}
	rrdp_dev_detach(node->rd);
	if (node->local)
		rrdp_dev_detach(rrdp_dev_find(rn, rn->net->loopback_dev));
	kfree_rcu(node, rcu);
}

/*
 * Connections come before devices, so that they can still tell their peers;
 * and they tell their owners.
 */
void rrdp_node_bury(struct rrdp_net *rn, struct list_head *gone, int err)
{
	struct rrdp_node *node, *next;

	if (list_empty(gone))
		return;
	list_for_each_entry(node, gone, list) {
		if (!node->local && !rrdp_node_lives_on(rn, node))
			rrdp_conn_node_gone(rn, node->id, err);
		else if (READ_ONCE(rn->local_node) == RRDP_NODE_NONE)
			/* Without a number this host has no connections. */
			rrdp_conn_node_gone(rn, RRDP_NODE_NONE, err);
	}

	mutex_lock(&rn->lock);
	list_for_each_entry_safe(node, next, gone, list)
		rrdp_node_release(rn, node);
	mutex_unlock(&rn->lock);
	/* Connections may wait for what has changed. */
	rrdp_resolve_kick(rn);
}

struct rrdp_node *rrdp_node_learn(struct rrdp_net *rn, u32 id,
				  struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
				  const struct rrdp_nud *nud,
				  struct list_head *gone)
{
	struct rrdp_node *old = xa_load(&rn->nodes, id);
	struct rrdp_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	bool moved = old && rrdp_nud_usable(old->nud.state);
	int err;

	lockdep_assert_held(&rn->lock);
	if (!node)
		return ERR_PTR(-ENOMEM);
	node->id = id;
	node->learned = true;
	node->nud = *nud;
	if (rd) {
		ether_addr_copy(node->mac, mac);
		rrdp_dev_hold(rd);
		node->rd = rd;
	}

	if (old)
		rrdp_node_unhash(rn, old);
	err = rrdp_node_publish(rn, node);
	if (old && err)
		rrdp_node_changed(rn, RRDP_EV_NODE_DEL, old);
	if (moved)
		list_add_tail(&old->list, gone);
	else if (old)
		rrdp_node_free(old);
	if (err) {
		rrdp_node_free(node);
		return ERR_PTR(err);
	}

	list_add_tail(&node->list, &rn->learned);
	rn->n_learned++;
	rrdp_node_count_change(rn);
	if (rd)
		rrdp_netlink_notify_node(rn, moved ? RRDP_EV_NODE_CHANGED :
						     RRDP_EV_NODE_NEW, node);
	return node;
}

void rrdp_node_fail(struct rrdp_net *rn, struct rrdp_node *node)
{
	if (node->rd)
		rhashtable_remove_fast(&rn->macs, &node->by_mac,
				       rrdp_macs_params);
	rrdp_netlink_notify_node(rn, RRDP_EV_NODE_FAILED, node);
}

void rrdp_node_forget(struct rrdp_net *rn, struct rrdp_node *node)
{
	rrdp_node_unhash(rn, node);
	rrdp_node_changed(rn, RRDP_EV_NODE_DEL, node);
	rrdp_node_free(node);
}

static bool rrdp_node_is_on(const struct rrdp_node *node,
			    const struct net_device *dev)
{
	return node->rd && node->rd->dev == dev;
}

/**
 * rrdp_node_del - remove a node
 * @rn: namespace
 * @id: its number
 * @dev: only its entry on this device; NULL for all
 * @extack: where the reason of a failure goes
 *
 * Connections to it end with -EHOSTUNREACH.
 *
 * Context: process, rtnl held; sleeps.
 * Return: 0 or -ENOENT.
 */
int rrdp_node_del(struct rrdp_net *rn, u32 id, const struct net_device *dev,
		  struct netlink_ext_ack *extack)
{
	struct rrdp_node *node, *next;
	LIST_HEAD(gone);

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	list_for_each_entry_safe(node, next, &rn->locals, list)
		if (node->id == id && (!dev || node->rd->dev == dev))
			rrdp_node_unpublish(rn, node, &gone);
	node = xa_load(&rn->nodes, id);
	if (node && (!dev || rrdp_node_is_on(node, dev)))
		rrdp_node_unpublish(rn, node, &gone);
	mutex_unlock(&rn->lock);

	if (list_empty(&gone)) {
		if (dev)
			NL_SET_ERR_MSG_FMT(extack,
					   "Node %u is not in the table for %s (see show-nodes)",
					   id, dev->name);
		else
			NL_SET_ERR_MSG_FMT(extack,
					   "Node %u is not in the table (see show-nodes)",
					   id);
		return -ENOENT;
	}
	rrdp_node_bury(rn, &gone, -EHOSTUNREACH);
	return 0;
}

void rrdp_node_del_learned(struct rrdp_net *rn, const struct net_device *dev)
{
	const struct rrdp_dev *rd = NULL;
	LIST_HEAD(gone);

	mutex_lock(&rn->lock);
	if (dev)
		rd = rrdp_dev_find(rn, dev);
	if (!dev || rd)
		rrdp_node_unlearn(rn, rd, &gone);
	mutex_unlock(&rn->lock);
	rrdp_node_bury(rn, &gone, -EHOSTUNREACH);
}

/* Removes the entries on @dev, or all if it is NULL. */
static void rrdp_node_flush(struct rrdp_net *rn, const struct net_device *dev)
{
	struct rrdp_node *node, *next, *other;
	unsigned long id;
	LIST_HEAD(gone);

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	/* Without the loopback device this host's number means nothing. */
	list_for_each_entry_safe(node, next, &rn->locals, list)
		if (!dev || node->rd->dev == dev || (dev->flags & IFF_LOOPBACK))
			rrdp_node_unpublish(rn, node, &gone);
	xa_for_each(&rn->nodes, id, other)
		if (!dev || rrdp_node_is_on(other, dev))
			rrdp_node_unpublish(rn, other, &gone);
	mutex_unlock(&rn->lock);

	rrdp_node_bury(rn, &gone, -ENETDOWN);
}

/* Local entries show their device's MAC, which has changed. */
static void rrdp_node_update_mac(struct rrdp_net *rn,
				 const struct net_device *dev)
{
	struct rrdp_node *node;

	mutex_lock(&rn->lock);
	list_for_each_entry(node, &rn->locals, list) {
		if (node->rd->dev != dev ||
		    ether_addr_equal(node->mac, dev->dev_addr))
			continue;
		ether_addr_copy(node->mac, dev->dev_addr);
		rrdp_node_changed(rn, RRDP_EV_NODE_NEW, node);
	}
	mutex_unlock(&rn->lock);
}

static int rrdp_node_netdev_event(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct rrdp_net *rn = rrdp_pernet(dev_net(dev));

	switch (event) {
	case NETDEV_UNREGISTER:		/* also when it leaves the namespace */
	case NETDEV_PRE_TYPE_CHANGE:	/* to one whose MACs may be longer */
		rrdp_node_flush(rn, dev);
		break;
	case NETDEV_CHANGEADDR:
		rrdp_node_update_mac(rn, dev);
		rrdp_resolve_dev_event(rn, dev, true);
		break;
	case NETDEV_NOTIFY_PEERS:	/* it moved: a bond, a guest */
		rrdp_resolve_dev_event(rn, dev, true);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:		/* its carrier, too */
		rrdp_resolve_dev_event(rn, dev, false);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block rrdp_node_notifier = {
	.notifier_call = rrdp_node_netdev_event,
};

int rrdp_node_net_init(struct rrdp_net *rn)
{
	mutex_init(&rn->lock);
	xa_init(&rn->nodes);
	INIT_LIST_HEAD(&rn->locals);
	INIT_LIST_HEAD(&rn->learned);
	INIT_LIST_HEAD(&rn->devs);
	rn->local_node = RRDP_NODE_NONE;
	rn->node_seq = 1;
	return rhashtable_init(&rn->macs, &rrdp_macs_params);
}

void rrdp_node_net_clear(struct rrdp_net *rn)
{
	rtnl_lock();
	rrdp_node_flush(rn, NULL);
	rtnl_unlock();
	WARN_ON(!list_empty(&rn->devs));
}

void rrdp_node_net_exit(struct rrdp_net *rn)
{
	rhashtable_destroy(&rn->macs);
	xa_destroy(&rn->nodes);
	mutex_destroy(&rn->lock);
}

int rrdp_node_init(void)
{
	return register_netdevice_notifier(&rrdp_node_notifier);
}

void rrdp_node_exit(void)
{
	unregister_netdevice_notifier(&rrdp_node_notifier);
}
