// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the node table and of the devices below it, in the table of
 * the initial namespace, with devices made for the purpose.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <uapi/linux/rrdp.h>

#include "node.h"

#define RRDP_TEST_SELF	0xffffffff
#define RRDP_TEST_NODE	0xfffffffe

static const u8 mac_a[ETH_ALEN] = { 0x02, 0xaa, 0, 0, 0, 0x01 };
static const u8 mac_b[ETH_ALEN] = { 0x02, 0xbb, 0, 0, 0, 0x02 };
static const u8 mac_group[ETH_ALEN] = { 0x03, 0, 0, 0, 0, 0x01 };
static const u8 mac_zero[ETH_ALEN];

struct rrdp_test {
	struct rrdp_net *rn;
	struct net_device *dev;
	struct net_device *other;
	struct netlink_ext_ack extack;
};

/* The last frame that a test device sent. */
static struct sk_buff *rrdp_test_sent;

static netdev_tx_t rrdp_test_start_xmit(struct sk_buff *skb,
					struct net_device *dev)
{
	kfree_skb(rrdp_test_sent);
	rrdp_test_sent = skb;
	return NETDEV_TX_OK;
}

static const struct net_device_ops rrdp_test_netdev_ops = {
	.ndo_start_xmit = rrdp_test_start_xmit,
	.ndo_set_mac_address = eth_mac_addr,
};

static struct net_device *rrdp_test_netdev(struct kunit *test, const char *name)
{
	struct net_device *dev = alloc_etherdev(0);

	KUNIT_ASSERT_NOT_NULL(test, dev);
	strscpy(dev->name, name, IFNAMSIZ);
	dev->netdev_ops = &rrdp_test_netdev_ops;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	eth_hw_addr_random(dev);
	KUNIT_ASSERT_EQ(test, register_netdev(dev), 0);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(dev, NULL), 0);
	rtnl_unlock();
	return dev;
}

static void rrdp_test_remove(struct net_device **dev)
{
	if (!*dev)
		return;
	unregister_netdev(*dev);
	free_netdev(*dev);
	*dev = NULL;
}

static int rrdp_test_init(struct kunit *test)
{
	struct rrdp_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->rn = rrdp_pernet(&init_net);
	/* Names as long as they get, for the sake of the messages. */
	t->dev = rrdp_test_netdev(test, "rrdp-test-dev-0");
	t->other = rrdp_test_netdev(test, "rrdp-test-dev-1");
	test->priv = t;
	return 0;
}

static void rrdp_test_exit(struct kunit *test)
{
	struct rrdp_test *t = test->priv;

	rtnl_lock();
	rrdp_node_del(t->rn, RRDP_TEST_NODE, NULL, NULL);
	rrdp_node_del(t->rn, RRDP_TEST_SELF, NULL, NULL);
	rtnl_unlock();
	rrdp_test_remove(&t->dev);
	rrdp_test_remove(&t->other);
	kfree_skb(rrdp_test_sent);
	rrdp_test_sent = NULL;
}

static int rrdp_test_add(struct rrdp_test *t, u32 id, struct net_device *dev,
			 const u8 *mac)
{
	int err;

	t->extack._msg = NULL;
	rtnl_lock();
	err = rrdp_node_add(t->rn, id, dev, mac, &t->extack);
	rtnl_unlock();
	return err;
}

static int rrdp_test_add_local(struct rrdp_test *t, u32 id,
			       struct net_device *dev)
{
	int err;

	t->extack._msg = NULL;
	rtnl_lock();
	err = rrdp_node_add_local(t->rn, id, dev, &t->extack);
	rtnl_unlock();
	return err;
}

static int rrdp_test_del(struct rrdp_test *t, u32 id, struct net_device *dev)
{
	int err;

	t->extack._msg = NULL;
	rtnl_lock();
	err = rrdp_node_del(t->rn, id, dev, &t->extack);
	rtnl_unlock();
	return err;
}

/* What the last failure said; a message that was cut fills its buffer. */
static void rrdp_test_expect_msg(struct kunit *test, const char *part)
{
	struct rrdp_test *t = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, t->extack._msg);
	KUNIT_EXPECT_LT(test, strlen(t->extack._msg), (size_t)79);
	KUNIT_EXPECT_TRUE_MSG(test, strstr(t->extack._msg, part),
			      "\"%s\" is not in \"%s\"", part, t->extack._msg);
}

static u32 rrdp_test_by_mac(struct rrdp_test *t, const struct net_device *dev,
			    const u8 *mac)
{
	struct rrdp_dev *rd;
	u32 id;

	rcu_read_lock();
	rd = rrdp_dev_find(t->rn, dev);
	id = rd ? rrdp_node_by_mac(rd, mac) : RRDP_NODE_NONE;
	rcu_read_unlock();
	return id;
}

static void rrdp_node_test_lookup(struct kunit *test)
{
	struct rrdp_test *t = test->priv;
	struct rrdp_path path;

	KUNIT_EXPECT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_NODE, &path),
			-ENETUNREACH);
	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev), 0);
	KUNIT_EXPECT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_NODE, &path),
			-EHOSTUNREACH);
	KUNIT_ASSERT_EQ(test, rrdp_test_add(t, RRDP_TEST_NODE, t->dev, mac_a), 0);
	KUNIT_ASSERT_EQ(test, rrdp_test_add(t, 1, t->other, mac_b), 0);

	KUNIT_ASSERT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_NODE, &path), 0);
	KUNIT_EXPECT_PTR_EQ(test, path.rd->dev, t->dev);
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(path.mac, mac_a));
	rrdp_dev_put(path.rd);

	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, t->dev, mac_a), RRDP_TEST_NODE);
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, t->other, mac_b), 1);
	/* The right MAC on the wrong wire is a stranger's. */
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, t->dev, mac_b), RRDP_NODE_NONE);
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, t->dev, mac_zero),
			RRDP_NODE_NONE);

	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, 1, t->dev), -ENOENT);
	rrdp_test_expect_msg(test, "for rrdp-test-dev-0");
	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, 1, t->other), 0);
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, t->other, mac_b),
			RRDP_NODE_NONE);
	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, 1, NULL), -ENOENT);
	rrdp_test_expect_msg(test, "Node 1 is not in the table");
}

static void rrdp_node_test_local(struct kunit *test)
{
	struct net_device *lo = init_net.loopback_dev;
	struct rrdp_test *t = test->priv;
	struct rrdp_path path;

	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev), 0);
	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, lo), 0);
	KUNIT_EXPECT_EQ(test, t->rn->local_node, RRDP_TEST_SELF);

	KUNIT_ASSERT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_SELF, &path), 0);
	KUNIT_EXPECT_PTR_EQ(test, path.rd->dev, lo);
	KUNIT_EXPECT_TRUE(test, is_zero_ether_addr(path.mac));
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, lo, mac_zero), RRDP_TEST_SELF);
	rrdp_dev_put(path.rd);

	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, RRDP_TEST_SELF, lo), 0);
	KUNIT_EXPECT_EQ(test, rrdp_test_by_mac(t, lo, mac_zero), RRDP_TEST_SELF);
	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, RRDP_TEST_SELF, t->dev), 0);
	KUNIT_EXPECT_EQ(test, t->rn->local_node, RRDP_NODE_NONE);
	KUNIT_EXPECT_TRUE(test, list_empty(&t->rn->devs));
	KUNIT_EXPECT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_SELF, &path),
			-ENETUNREACH);
}

static void rrdp_node_test_refusals(struct kunit *test)
{
	struct net_device *lo = init_net.loopback_dev;
	struct rrdp_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, rrdp_test_add_local(t, 0, t->dev), -EINVAL);
	rrdp_test_expect_msg(test, "1 to 4294967295");
	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev), 0);
	KUNIT_ASSERT_EQ(test, rrdp_test_add(t, RRDP_TEST_NODE, t->dev, mac_a), 0);

	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 0, t->dev, mac_b), -EINVAL);
	rrdp_test_expect_msg(test, "1 to 4294967295");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, RRDP_TEST_SELF, t->dev, mac_b),
			-EEXIST);
	rrdp_test_expect_msg(test, "is this host");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, RRDP_TEST_NODE, t->other, mac_b),
			-EEXIST);
	rrdp_test_expect_msg(test, "(del-node 4294967294)");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->other, mac_a), -EEXIST);
	rrdp_test_expect_msg(test, "(del-node 4294967294)");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, lo, mac_b), -EINVAL);
	rrdp_test_expect_msg(test, "lo leads to no other host");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->dev, mac_zero), -EINVAL);
	rrdp_test_expect_msg(test, "all zero");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->dev, mac_group), -EINVAL);
	rrdp_test_expect_msg(test, "03:00:00:00:00:01 is a group");
	/* Also that of another device that RRDP uses. */
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->other, t->other->dev_addr),
			-EINVAL);
	rrdp_test_expect_msg(test, "own rrdp-test-dev-1;");
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->other, t->dev->dev_addr),
			-EINVAL);
	rrdp_test_expect_msg(test, "own rrdp-test-dev-0;");

	KUNIT_EXPECT_EQ(test, rrdp_test_add_local(t, 6, t->other), -EEXIST);
	rrdp_test_expect_msg(test, "This host is node 4294967295; delete");
	KUNIT_EXPECT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev),
			-EEXIST);
	rrdp_test_expect_msg(test, "on rrdp-test-dev-0 already");
	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, RRDP_TEST_SELF, NULL), 0);
	KUNIT_EXPECT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_NODE, t->dev),
			-EEXIST);
	rrdp_test_expect_msg(test, "is another host");

	/* Nothing of what was refused is left, nor does it use a device. */
	KUNIT_EXPECT_NULL(test, xa_load(&t->rn->nodes, 5));
	KUNIT_EXPECT_EQ(test, rrdp_test_del(t, RRDP_TEST_NODE, NULL), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&t->rn->devs));
}

static void rrdp_node_test_unsuitable(struct kunit *test)
{
	struct rrdp_test *t = test->priv;

	t->other->type = ARPHRD_NONE;
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->other, mac_b), -EOPNOTSUPP);
	rrdp_test_expect_msg(test, "no Ethernet device");
	t->other->type = ARPHRD_ETHER;

	t->other->priv_flags |= IFF_BRIDGE_PORT;
	KUNIT_EXPECT_EQ(test, rrdp_test_add(t, 5, t->other, mac_b), -EOPNOTSUPP);
	rrdp_test_expect_msg(test, "port of a bridge or bond");
	KUNIT_EXPECT_EQ(test, rrdp_test_add_local(t, 5, t->other), -EOPNOTSUPP);
	t->other->priv_flags &= ~IFF_BRIDGE_PORT;

	KUNIT_EXPECT_NULL(test, xa_load(&t->rn->nodes, 5));
	KUNIT_EXPECT_EQ(test, t->rn->local_node, RRDP_NODE_NONE);
	KUNIT_EXPECT_TRUE(test, list_empty(&t->rn->devs));
}

static int rrdp_test_xmit(struct kunit *test, struct rrdp_dev *rd)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, "fourteen bytes", 14);
	return rrdp_dev_xmit(rd, mac_a, skb);
}

static u64 rrdp_test_stat(struct rrdp_test *t, enum rrdp_stat stat)
{
	u64 value[RRDP_STAT_COUNT];

	rrdp_stats_read(t->rn->mib, value);
	return value[stat];
}

static void rrdp_node_test_device_goes(struct kunit *test)
{
	struct rrdp_test *t = test->priv;
	struct rrdp_path path;
	struct ethhdr *eth;
	u64 drops;

	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev), 0);
	KUNIT_ASSERT_EQ(test, rrdp_test_add(t, RRDP_TEST_NODE, t->dev, mac_a), 0);
	KUNIT_ASSERT_EQ(test, rrdp_node_resolve(t->rn, RRDP_TEST_NODE, &path), 0);

	KUNIT_EXPECT_EQ(test, rrdp_test_xmit(test, path.rd), 0);
	KUNIT_ASSERT_NOT_NULL(test, rrdp_test_sent);
	KUNIT_ASSERT_EQ(test, rrdp_test_sent->len, ETH_HLEN + 14);
	eth = (struct ethhdr *)rrdp_test_sent->data;
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth->h_dest, mac_a));
	KUNIT_EXPECT_TRUE(test, ether_addr_equal(eth->h_source, t->dev->dev_addr));
	KUNIT_EXPECT_EQ(test, eth->h_proto, rrdp_ethertype);
	KUNIT_EXPECT_EQ(test, memcmp(eth + 1, "fourteen bytes", 14), 0);

	drops = rrdp_test_stat(t, RRDP_STAT_DROP_TX);
	rtnl_lock();
	dev_close(t->dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, rrdp_test_xmit(test, path.rd), -ENETDOWN);

	/* The reference in path does not keep the device. */
	rrdp_test_remove(&t->dev);
	KUNIT_EXPECT_EQ(test, rrdp_test_xmit(test, path.rd), -ENETDOWN);
	KUNIT_EXPECT_EQ(test, rrdp_test_stat(t, RRDP_STAT_DROP_TX), drops + 2);
	rrdp_dev_put(path.rd);

	KUNIT_EXPECT_EQ(test, t->rn->local_node, RRDP_NODE_NONE);
	KUNIT_EXPECT_NULL(test, xa_load(&t->rn->nodes, RRDP_TEST_NODE));
	KUNIT_EXPECT_TRUE(test, list_empty(&t->rn->devs));
}

static void rrdp_node_test_mac_changes(struct kunit *test)
{
	struct rrdp_test *t = test->priv;
	struct sockaddr_storage addr = { .ss_family = ARPHRD_ETHER };
	/* The type that dev_set_mac_address() takes differs with the kernel. */
	void *sa = &addr;
	struct rrdp_node *node;

	KUNIT_ASSERT_EQ(test, rrdp_test_add_local(t, RRDP_TEST_SELF, t->dev), 0);
	ether_addr_copy(((struct sockaddr *)sa)->sa_data, mac_b);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_set_mac_address(t->dev, sa, NULL), 0);
	rtnl_unlock();

	mutex_lock(&t->rn->lock);
	node = rrdp_node_find(t->rn, RRDP_TEST_SELF);
	KUNIT_EXPECT_NOT_NULL(test, node);
	KUNIT_EXPECT_TRUE(test, node && ether_addr_equal(node->mac, mac_b));
	mutex_unlock(&t->rn->lock);
}

/* Many entries, so that the tables grow and shrink. */
static void rrdp_node_test_many(struct kunit *test)
{
	struct rrdp_test *t = test->priv;
	u8 mac[ETH_ALEN] = { 0x02 };
	u32 i, id;

	for (i = 1; i <= 5000; i++) {
		id = i * 0x9e3779b1;
		put_unaligned_be32(i, mac + 2);
		KUNIT_ASSERT_EQ(test, rrdp_test_add(t, id, t->dev, mac), 0);
	}
	for (i = 1; i <= 5000; i++) {
		id = i * 0x9e3779b1;
		put_unaligned_be32(i, mac + 2);
		if (rrdp_test_by_mac(t, t->dev, mac) != id)
			break;
	}
	KUNIT_EXPECT_EQ(test, i, 5001);

	rrdp_test_remove(&t->dev);
	KUNIT_EXPECT_TRUE(test, xa_empty(&t->rn->nodes));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->rn->macs.nelems), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&t->rn->devs));
}

static void rrdp_stats_test_names(struct kunit *test)
{
	int i, j;

	for (i = 0; i < RRDP_STAT_COUNT; i++) {
		KUNIT_ASSERT_NOT_NULL(test, rrdp_stat_names[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, rrdp_stat_names[i],
					    rrdp_stat_names[j]);
	}
}

static struct kunit_case rrdp_node_test_cases[] = {
	KUNIT_CASE(rrdp_node_test_lookup),
	KUNIT_CASE(rrdp_node_test_local),
	KUNIT_CASE(rrdp_node_test_refusals),
	KUNIT_CASE(rrdp_node_test_unsuitable),
	KUNIT_CASE(rrdp_node_test_device_goes),
	KUNIT_CASE(rrdp_node_test_mac_changes),
	KUNIT_CASE(rrdp_node_test_many),
	KUNIT_CASE(rrdp_stats_test_names),
	{}
};

static struct kunit_suite rrdp_node_test_suite = {
	.name = "rrdp_node",
	.init = rrdp_test_init,
	.exit = rrdp_test_exit,
	.test_cases = rrdp_node_test_cases,
};

kunit_test_suite(rrdp_node_test_suite);
