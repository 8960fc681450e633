// SPDX-License-Identifier: GPL-2.0
/*
 * Node table: node number <-> device and MAC.
 *
 * Entries of other hosts are in an xarray by number and a hash table by MAC,
 * those of this host (one for each device) in a list. An entry is unpublished
 * first, then its users are told, then its device is let go.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <uapi/linux/rrdp.h>

#include "compat_netlink.h"
#include "conn.h"
#include "netlink.h"
#include "node.h"

static const struct rhashtable_params rrdp_macs_params = {
	.key_len = ETH_ALEN,
	.key_offset = offsetof(struct rrdp_node, mac),
	.head_offset = offsetof(struct rrdp_node, by_mac),
	.automatic_shrinking = true,
};

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
		node = xa_load(&rn->nodes, id);
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

struct rrdp_node *rrdp_node_find(struct rrdp_net *rn, u32 id)
{
	lockdep_assert_held(&rn->lock);

	if (id != RRDP_NODE_NONE && id == rn->local_node)
		return list_first_entry(&rn->locals, struct rrdp_node, list);
	return xa_load(&rn->nodes, id);
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

	if (ether_addr_equal(mac, dev->dev_addr)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is this host's own %s; give another host's",
				   mac, dev->name);
		return -EINVAL;
	}
	list_for_each_entry(rd, &rn->devs, list) {
		if (!ether_addr_equal(mac, rd->dev->dev_addr))
			continue;
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is this host's own %s; give another host's",
				   mac, rd->dev->name);
		return -EINVAL;
	}

	node = rhashtable_lookup_fast(&rn->macs, mac, rrdp_macs_params);
	if (node) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%pM is node %u; delete that first (del-node %u)",
				   mac, node->id, node->id);
		return -EEXIST;
	}
	return 0;
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
	if (xa_load(&rn->nodes, id)) {
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
	int err;

	err = rhashtable_lookup_insert_fast(&rn->macs, &node->by_mac,
					    rrdp_macs_params);
	if (err)
		return err;

	err = xa_insert(&rn->nodes, node->id, node, GFP_KERNEL);
	if (err)
		rhashtable_remove_fast(&rn->macs, &node->by_mac,
				       rrdp_macs_params);
	return err;
}

static void rrdp_node_changed(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_node *node)
{
	/* 0 is how netlink says that a dump has no generation. */
	if (!++rn->node_seq)
		rn->node_seq++;
	rrdp_netlink_notify_node(rn, event, node);
}

/* An entry that is in no table yet, with a use of its device. */
static struct rrdp_node *rrdp_node_new(struct rrdp_net *rn, u32 id,
				       struct net_device *dev,
				       const u8 mac[ETH_ALEN],
				       struct netlink_ext_ack *extack)
{
	struct rrdp_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
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
	int err;

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	err = rrdp_node_check_remote(rn, id, dev, mac, extack);
	if (!err)
		err = rrdp_node_insert(rn, id, dev, mac, extack);
	mutex_unlock(&rn->lock);
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
	if (xa_load(&rn->nodes, id)) {
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
	int err;

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	err = rrdp_node_check_local(rn, id, dev, extack);
	if (!err)
		err = rrdp_node_insert_local(rn, id, dev, extack);
	mutex_unlock(&rn->lock);
	return err;
}

/* Takes an entry out of the table and lists it in @gone. */
static void rrdp_node_unpublish(struct rrdp_net *rn, struct rrdp_node *node,
				struct list_head *gone)
{
	if (node->local) {
		list_move_tail(&node->list, gone);
		if (list_empty(&rn->locals)) {
			WRITE_ONCE(rn->local_node, RRDP_NODE_NONE);
			RCU_INIT_POINTER(rn->loopback, NULL);
		}
	} else {
		xa_erase(&rn->nodes, node->id);
		rhashtable_remove_fast(&rn->macs, &node->by_mac,
				       rrdp_macs_params);
		list_add_tail(&node->list, gone);
	}
	rrdp_node_changed(rn, RRDP_EV_NODE_DEL, node);
}

/*
 * Ends the connections to unpublished entries, lets their devices go and
 * frees them. No lock of RRDP held, as connections tell their owners; they
 * come first, so that they can still tell their peers.
 */
static void rrdp_node_bury(struct rrdp_net *rn, struct list_head *gone, int err)
{
	struct rrdp_node *node, *next;

	list_for_each_entry(node, gone, list) {
		if (!node->local)
			rrdp_conn_node_gone(rn, node->id, err);
		else if (READ_ONCE(rn->local_node) == RRDP_NODE_NONE)
			/* Without a number this host has no connections. */
			rrdp_conn_node_gone(rn, RRDP_NODE_NONE, err);
	}

	mutex_lock(&rn->lock);
	list_for_each_entry_safe(node, next, gone, list) {
		rrdp_dev_detach(node->rd);
		if (node->local)
			rrdp_dev_detach(rrdp_dev_find(rn, rn->net->loopback_dev));
		kfree_rcu(node, rcu);
	}
	mutex_unlock(&rn->lock);
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
	if (node && (!dev || node->rd->dev == dev))
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

/* Removes the entries on @dev, or all if it is NULL. */
static void rrdp_node_flush(struct rrdp_net *rn, const struct net_device *dev)
{
	struct rrdp_node *node, *next;
	unsigned long id;
	LIST_HEAD(gone);

	ASSERT_RTNL();

	mutex_lock(&rn->lock);
	/* Without the loopback device this host's number means nothing. */
	list_for_each_entry_safe(node, next, &rn->locals, list)
		if (!dev || node->rd->dev == dev || (dev->flags & IFF_LOOPBACK))
			rrdp_node_unpublish(rn, node, &gone);
	xa_for_each(&rn->nodes, id, node)
		if (!dev || node->rd->dev == dev)
			rrdp_node_unpublish(rn, node, &gone);
	mutex_unlock(&rn->lock);

	rrdp_node_bury(rn, &gone, -ENETDOWN);
}

void rrdp_node_flush_dev(struct rrdp_net *rn, const struct net_device *dev)
{
	rrdp_node_flush(rn, dev);
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
	INIT_LIST_HEAD(&rn->devs);
	rn->local_node = RRDP_NODE_NONE;
	rn->node_seq = 1;
	return rhashtable_init(&rn->macs, &rrdp_macs_params);
}

void rrdp_node_net_exit(struct rrdp_net *rn)
{
	rtnl_lock();
	rrdp_node_flush(rn, NULL);
	rtnl_unlock();

	WARN_ON(!list_empty(&rn->devs));
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
