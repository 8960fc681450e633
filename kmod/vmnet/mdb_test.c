// SPDX-License-Identifier: GPL-2.0
/* KUnit: the multicast database, and what reports and queries mean. */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/if_vlan.h>
#include <net/ipv6.h>

#include "mdb.h"
#include "snoop.h"

/**
 * struct mdb_test - a database and who listens
 * @mdb: the database
 * @port: two ports
 * @peer: a peer
 * @events: told so far, by type
 */
struct mdb_test {
	struct vmnet_mdb mdb;
	struct vmnet_dest port[2];
	struct vmnet_dest peer;
	unsigned int events[VMNET_EV_NET_CHANGED + 1];
};

static void mdb_test_notify(struct vmnet_mdb *mdb, const struct vmnet_listener *l,
			    enum vmnet_event_type event)
{
	container_of(mdb, struct mdb_test, mdb)->events[event]++;
}

static int mdb_test_init(struct kunit *test)
{
	struct mdb_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->port[0].kind = VMNET_DEST_PORT;
	t->port[1].kind = VMNET_DEST_PORT;
	t->peer.kind = VMNET_DEST_PEER;
	test->priv = t;
	return vmnet_mdb_init(&t->mdb, mdb_test_notify);
}

static void mdb_test_exit(struct kunit *test)
{
	struct mdb_test *t = test->priv;

	vmnet_mdb_destroy(&t->mdb);
}

/* Group N in a VLAN. */
static struct vmnet_mdb_key key(unsigned int n, u16 vid)
{
	struct vmnet_mdb_key key = { .vid = vid, .proto = htons(ETH_P_IP) };

	ipv6_addr_set_v4mapped(htonl(0xef000000 + n), &key.addr);
	return key;
}

static enum vmnet_mdb_join join(struct mdb_test *t, unsigned int n,
				struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_mdb_key k = key(n, 0);

	return vmnet_mdb_join(&t->mdb, &k, dest, now);
}

static void query(struct mdb_test *t, struct vmnet_dest *dest, unsigned long now)
{
	struct vmnet_mdb_key k = key(0, 0);

	vmnet_mdb_query(&t->mdb, &k, dest, HZ, now);
}

/* Who gets group N, a bit for each of the ports and for the peer; -1: everybody. */
static int gets(struct mdb_test *t, unsigned int n, u16 vid, bool routers,
		unsigned long now)
{
	struct vmnet_mdb_key k = key(n, vid);
	const struct vmnet_dest *to;
	struct vmnet_mdb_iter it;
	struct vmnet_mdb_set set;
	int bits = -1;

	rcu_read_lock();
	if (vmnet_mdb_lookup(&t->mdb, &k, routers, now, &set)) {
		bits = 0;
		/* Who comes twice makes the sum wrong. */
		vmnet_mdb_iter_init(&it, &set);
		while ((to = vmnet_mdb_next(&it)))
			bits += to == &t->peer ? 4 : 1 << (to - t->port);
		if (vmnet_mdb_has(&set, &t->peer) != !!(bits & 4))
			bits = -2;
	}
	rcu_read_unlock();
	return bits;
}

static void mdb_test_querier(struct kunit *test)
{
	struct mdb_test *t = test->priv;
	unsigned long now = 1000;

	KUNIT_EXPECT_EQ(test, join(t, 1, &t->port[0], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), -1);
	query(t, &t->peer, now);
	/* Listeners have time to answer. */
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), -1);
	now += HZ;
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), 1 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 2, 0, false, now), 4);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, true, now), 4);
	/* In another VLAN nobody asks. */
	KUNIT_EXPECT_EQ(test, gets(t, 1, 7, false, now), -1);

	query(t, &t->peer, now);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), 1 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now + t->mdb.querier), -1);
	/* Without the querier's port or peer nobody asks any more. */
	vmnet_mdb_flush_kind(&t->mdb, VMNET_DEST_PEER);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), -1);
}

static void mdb_test_routers(struct kunit *test)
{
	struct mdb_test *t = test->priv;
	struct vmnet_mdb_key k = key(0, 0);
	unsigned long now = 1000;

	query(t, &t->port[1], now);
	vmnet_mdb_router(&t->mdb, &k, &t->port[0], now);
	join(t, 1, &t->port[0], now);
	join(t, 1, &t->port[1], now);
	join(t, 1, &t->peer, now);
	now += HZ;
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), 1 + 2 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, true, now), 1 + 2);
	query(t, &t->port[1], now + t->mdb.querier - 2 * HZ);
	now += t->mdb.querier - HZ;
	KUNIT_EXPECT_EQ(test, gets(t, 2, 0, false, now), 2);
	KUNIT_EXPECT_EQ(test, vmnet_mdb_age(&t->mdb, now), 1);
	KUNIT_EXPECT_EQ(test, t->events[VMNET_EV_MDB_NEW], 5);
	KUNIT_EXPECT_EQ(test, t->events[VMNET_EV_MDB_DEL], 1);
}

static void mdb_test_ageing(struct kunit *test)
{
	struct mdb_test *t = test->priv;
	unsigned long now = 1000;

	query(t, &t->peer, now);
	join(t, 1, &t->port[0], now);
	join(t, 2, &t->port[1], now);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 2);
	now += t->mdb.membership / 2;
	join(t, 2, &t->port[1], now);
	query(t, &t->peer, now);
	now += t->mdb.membership / 2;
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), 4);
	KUNIT_EXPECT_EQ(test, gets(t, 2, 0, false, now), 2 + 4);
	KUNIT_EXPECT_EQ(test, vmnet_mdb_age(&t->mdb, now), 1);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 1);
	KUNIT_EXPECT_EQ(test, t->port[0].groups, 0);
	KUNIT_EXPECT_EQ(test, t->port[1].groups, 1);
	now += t->mdb.membership;
	KUNIT_EXPECT_EQ(test, vmnet_mdb_age(&t->mdb, now), 2);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&t->mdb.ids));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->mdb.hash.nelems), 0);
}

static void mdb_test_leave(struct kunit *test)
{
	struct mdb_test *t = test->priv;
	struct vmnet_mdb_key k = key(1, 0);
	unsigned long now = 1000;

	query(t, &t->peer, now);
	join(t, 1, &t->port[0], now);
	join(t, 1, &t->port[1], now);
	now += HZ;
	/* The querier is to ask first. */
	vmnet_mdb_leave(&t->mdb, &k, &t->port[0], now);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now + 10 * HZ), 1 + 2 + 4);
	vmnet_mdb_last_call(&t->mdb, &k, HZ, now);
	join(t, 1, &t->port[1], now);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now + HZ), 1 + 2 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now + 2 * HZ), 2 + 4);
	/* Nobody asks. */
	now += t->mdb.querier;
	join(t, 1, &t->port[0], now);
	vmnet_mdb_leave(&t->mdb, &k, &t->port[0], now);
	KUNIT_EXPECT_EQ(test, vmnet_mdb_age(&t->mdb, now + HZ), 1);
	vmnet_mdb_age(&t->mdb, now + 2 * HZ);
	KUNIT_EXPECT_EQ(test, t->port[0].groups, 0);
	/* Who never joined leaves in vain. */
	k = key(9, 0);
	vmnet_mdb_leave(&t->mdb, &k, &t->port[0], now);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 1);
}

static void mdb_test_limits(struct kunit *test)
{
	struct mdb_test *t = test->priv;
	unsigned long now = 1000;

	query(t, &t->peer, now);
	t->port[0].group_limit = 2;
	t->mdb.limit = 4;
	KUNIT_EXPECT_EQ(test, join(t, 1, &t->port[0], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, join(t, 2, &t->port[0], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, join(t, 3, &t->port[0], now),
			VMNET_JOIN_DEST_FULL);
	KUNIT_EXPECT_EQ(test, join(t, 2, &t->port[0], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, join(t, 3, &t->port[1], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, join(t, 4, &t->port[1], now), VMNET_JOIN_OK);
	now += HZ;
	/* It gets everything, but no reports; the other only what it asked for. */
	KUNIT_EXPECT_EQ(test, gets(t, 1, 0, false, now), 1 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 3, 0, false, now), 1 + 2 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 8, 0, false, now), 1 + 4);
	KUNIT_EXPECT_EQ(test, gets(t, 8, 0, true, now), 4);
	KUNIT_EXPECT_EQ(test, join(t, 5, &t->port[1], now), VMNET_JOIN_FULL);
	KUNIT_EXPECT_EQ(test, gets(t, 5, 0, false, now), 1 + 2 + 4);
	KUNIT_EXPECT_EQ(test, join(t, 1, &t->port[1], now), VMNET_JOIN_OK);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 4);
}

static void mdb_test_flush(struct kunit *test)
{
	DECLARE_BITMAP(keep, VLAN_N_VID) = {};
	struct mdb_test *t = test->priv;
	struct vmnet_mdb_key k = key(1, 10);
	unsigned long now = 1000, id = 0;

	vmnet_mdb_join(&t->mdb, &k, &t->port[0], now);
	k.vid = 20;
	vmnet_mdb_join(&t->mdb, &k, &t->port[0], now);
	vmnet_mdb_join(&t->mdb, &k, &t->port[1], now);
	__set_bit(10, keep);
	vmnet_mdb_flush_vlans(&t->mdb, &t->port[0], keep);
	KUNIT_EXPECT_EQ(test, t->port[0].groups, 1);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 2);
	vmnet_mdb_flush(&t->mdb, &t->port[0]);
	KUNIT_EXPECT_EQ(test, t->port[0].groups, 0);
	KUNIT_EXPECT_EQ(test, t->mdb.count, 1);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, vmnet_mdb_dump_next(&t->mdb, &id)->dest,
			    &t->port[1]);
	rcu_read_unlock();
}

static void snoop_test_codes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmnet_igmp_delay(100), 100);
	KUNIT_EXPECT_EQ(test, vmnet_igmp_delay(0x7f), 127);
	KUNIT_EXPECT_EQ(test, vmnet_igmp_delay(0x80), 128);
	KUNIT_EXPECT_EQ(test, vmnet_igmp_delay(0xff), 31744);
	KUNIT_EXPECT_EQ(test, vmnet_mld_delay(0x7fff), 32767);
	KUNIT_EXPECT_EQ(test, vmnet_mld_delay(0x8000), 32768);
	KUNIT_EXPECT_EQ(test, vmnet_mld_delay(0xffff), 8387584);
}

static void snoop_test_records(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_MODE_IS_EXCLUDE, 0),
			VMNET_RECORD_JOIN);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_CHANGE_TO_EXCLUDE, 3),
			VMNET_RECORD_JOIN);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_MODE_IS_INCLUDE, 1),
			VMNET_RECORD_JOIN);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_CHANGE_TO_INCLUDE, 0),
			VMNET_RECORD_LEAVE);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_ALLOW_NEW_SOURCES, 1),
			VMNET_RECORD_JOIN);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(IGMPV3_BLOCK_OLD_SOURCES, 1),
			VMNET_RECORD_NOTHING);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(0, 0), VMNET_RECORD_NOTHING);
	KUNIT_EXPECT_EQ(test, vmnet_snoop_record(7, 0), VMNET_RECORD_NOTHING);
}

static void snoop_test_exempt(struct kunit *test)
{
	struct in6_addr group = { .s6_addr = { 0xff, 0x02 } };

	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v4(htonl(0xe0000001)));
	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v4(htonl(0xe00000ff)));
	KUNIT_EXPECT_FALSE(test, vmnet_snoop_exempt_v4(htonl(0xe0000100)));
	KUNIT_EXPECT_FALSE(test, vmnet_snoop_exempt_v4(htonl(0xefffffff)));
	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v4(htonl(0x0a000001)));
	group.s6_addr[15] = 1;
	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v6(&group));
	group.s6_addr[15] = 0xfb;
	KUNIT_EXPECT_FALSE(test, vmnet_snoop_exempt_v6(&group));
	group.s6_addr[1] = 1;
	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v6(&group));
	group.s6_addr[1] = 0x1e;
	KUNIT_EXPECT_FALSE(test, vmnet_snoop_exempt_v6(&group));
	group.s6_addr[0] = 0xfe;
	KUNIT_EXPECT_TRUE(test, vmnet_snoop_exempt_v6(&group));
}

static struct kunit_case mdb_test_cases[] = {
	KUNIT_CASE(mdb_test_querier),
	KUNIT_CASE(mdb_test_routers),
	KUNIT_CASE(mdb_test_ageing),
	KUNIT_CASE(mdb_test_leave),
	KUNIT_CASE(mdb_test_limits),
	KUNIT_CASE(mdb_test_flush),
	KUNIT_CASE(snoop_test_codes),
	KUNIT_CASE(snoop_test_records),
	KUNIT_CASE(snoop_test_exempt),
	{}
};

static struct kunit_suite mdb_test_suite = {
	.name = "vmnet_mdb",
	.init = mdb_test_init,
	.exit = mdb_test_exit,
	.test_cases = mdb_test_cases,
};

kunit_test_suite(mdb_test_suite);
