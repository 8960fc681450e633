// SPDX-License-Identifier: GPL-2.0
/* KUnit: the neighbour table. */
#include <kunit/test.h>
#include <net/ipv6.h>

#include "neigh.h"

static const u8 mac1[ETH_ALEN] __aligned(2) = { 2, 0, 0, 0, 0, 1 };
static const u8 mac2[ETH_ALEN] __aligned(2) = { 2, 0, 0, 0, 0, 2 };

static int neigh_test_init(struct kunit *test)
{
	struct vmnet_neighs *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	return vmnet_neighs_init(t);
}

static void neigh_test_exit(struct kunit *test)
{
	vmnet_neighs_destroy(test->priv);
}

/* Address N in a VLAN. */
static struct vmnet_neigh_key key(unsigned int n, u16 vid)
{
	struct vmnet_neigh_key key = { .vid = vid, .proto = htons(ETH_P_IP) };

	ipv6_addr_set_v4mapped(htonl(0x0a000000 + n), &key.addr);
	return key;
}

static int learn(struct vmnet_neighs *t, unsigned int n, const u8 *mac,
		 unsigned long now)
{
	struct vmnet_neigh_key k = key(n, 0);
	int err;

	rcu_read_lock();
	err = vmnet_neigh_learn(t, &k, mac, false, now);
	rcu_read_unlock();
	return err;
}

/* Last octet of the MAC address of address N, 0 if it is not known. */
static int mac_of(struct vmnet_neighs *t, unsigned int n, u16 vid)
{
	struct vmnet_neigh_key k = key(n, vid);
	struct vmnet_neigh *neigh;
	int octet;

	rcu_read_lock();
	neigh = vmnet_neigh_find(t, &k);
	octet = neigh ? neigh->mac[5] : 0;
	rcu_read_unlock();
	return octet;
}

static void neigh_test_learn(struct kunit *test)
{
	struct vmnet_neighs *t = test->priv;
	struct vmnet_neigh_key k = key(1, 0);

	KUNIT_EXPECT_EQ(test, learn(t, 1, mac1, 1000), 0);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 7), 0);
	KUNIT_EXPECT_EQ(test, mac_of(t, 2, 0), 0);
	/* It moves. */
	KUNIT_EXPECT_EQ(test, learn(t, 1, mac2, 1000), 0);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 0), 2);
	KUNIT_EXPECT_EQ(test, t->count, 1);
	/* Who uses it otherwise makes it unknown, and nothing known. */
	rcu_read_lock();
	vmnet_neigh_confirm(t, &k, mac2, 1000);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 0), 2);
	vmnet_neigh_confirm(t, &k, mac1, 1000);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 0), 0);
	vmnet_neigh_confirm(t, &k, mac1, 1000);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, t->count, 0);
}

static void neigh_test_limit(struct kunit *test)
{
	struct vmnet_neighs *t = test->priv;

	t->limit = 2;
	KUNIT_EXPECT_EQ(test, learn(t, 1, mac1, 1000), 0);
	KUNIT_EXPECT_EQ(test, learn(t, 2, mac1, 1000), 0);
	KUNIT_EXPECT_EQ(test, learn(t, 3, mac1, 1000), -ENOSPC);
	/* What is there may move and stay. */
	KUNIT_EXPECT_EQ(test, learn(t, 1, mac2, 1000), 0);
	KUNIT_EXPECT_EQ(test, learn(t, 2, mac1, 1000), 0);
	KUNIT_EXPECT_EQ(test, mac_of(t, 1, 0), 2);
	KUNIT_EXPECT_EQ(test, t->count, 2);
	t->limit = 0;
	KUNIT_EXPECT_EQ(test, learn(t, 3, mac1, 1000), 0);
}

static void neigh_test_age(struct kunit *test)
{
	struct vmnet_neighs *t = test->priv;
	struct vmnet_neigh_key k = key(2, 0);
	unsigned long id = 0;

	learn(t, 1, mac1, 1000);
	learn(t, 2, mac1, 1000);
	learn(t, 3, mac1, 1000);
	learn(t, 1, mac1, 1000 + HZ);
	rcu_read_lock();
	vmnet_neigh_confirm(t, &k, mac1, 1000 + HZ);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, vmnet_neigh_age(t, 10 * HZ, 1000 + 10 * HZ), 1);
	KUNIT_EXPECT_EQ(test, mac_of(t, 2, 0), 1);
	KUNIT_EXPECT_EQ(test, mac_of(t, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, vmnet_neigh_age(t, 0, 1000 + HZ), 2);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, vmnet_neigh_next(t, &id));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, t->count, 0);
}

static struct kunit_case neigh_test_cases[] = {
	KUNIT_CASE(neigh_test_learn),
	KUNIT_CASE(neigh_test_limit),
	KUNIT_CASE(neigh_test_age),
	{}
};

static struct kunit_suite neigh_test_suite = {
	.name = "vmnet_neigh",
	.init = neigh_test_init,
	.exit = neigh_test_exit,
	.test_cases = neigh_test_cases,
};

kunit_test_suite(neigh_test_suite);
