// SPDX-License-Identifier: GPL-2.0
/* KUnit: the MAC database. */
#include <kunit/test.h>

#include "fdb.h"

static const u8 addr_a[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
static const u8 addr_b[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

struct fdb_test {
	struct vmnet_fdb fdb;
	struct vmnet_dest local, port, port2, peer;
};

static unsigned int told[VMNET_EV_PORT_CHANGED + 1];

static void fdb_test_notify(struct vmnet_fdb *fdb,
			    const struct vmnet_fdb_entry *entry,
			    enum vmnet_event_type event)
{
	told[event]++;
}

static int fdb_test_init(struct kunit *test)
{
	struct fdb_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t);
	t->local.kind = VMNET_DEST_LOCAL;
	t->port.kind = VMNET_DEST_PORT;
	t->port2.kind = VMNET_DEST_PORT;
	t->peer.kind = VMNET_DEST_PEER;
	memset(told, 0, sizeof(told));
	test->priv = t;
	return vmnet_fdb_init(&t->fdb, 4, 100, fdb_test_notify);
}

static void fdb_test_exit(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	vmnet_fdb_destroy(&t->fdb);
}

static enum vmnet_learn learn_in(struct fdb_test *t, const u8 *addr, u16 vid,
				 struct vmnet_dest *dest, unsigned long now)
{
	enum vmnet_learn ret;

	rcu_read_lock_bh();
	rcu_read_lock();
	ret = vmnet_fdb_learn(&t->fdb, addr, vid, dest, now);
	rcu_read_unlock();
	rcu_read_unlock_bh();
	return ret;
}

static enum vmnet_learn learn(struct fdb_test *t, const u8 *addr,
			      struct vmnet_dest *dest, unsigned long now)
{
	return learn_in(t, addr, 0, dest, now);
}

/* Where @addr is in VLAN @vid, or NULL. */
static const struct vmnet_dest *where_in(struct fdb_test *t, const u8 *addr,
					 u16 vid)
{
	const struct vmnet_dest *dest = NULL;
	struct vmnet_fdb_entry *entry;

	rcu_read_lock();
	entry = vmnet_fdb_find(&t->fdb, addr, vid);
	if (entry)
		dest = rcu_dereference(entry->dest);
	rcu_read_unlock();
	return dest;
}

static const struct vmnet_dest *where(struct fdb_test *t, const u8 *addr)
{
	return where_in(t, addr, 0);
}

static void fdb_test_learn(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	KUNIT_EXPECT_NULL(test, where(t, addr_a));
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 1), VMNET_LEARN_NEW);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 2),
			VMNET_LEARN_KNOWN);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->port);
	KUNIT_EXPECT_NULL(test, where(t, addr_b));
	KUNIT_EXPECT_EQ(test, t->fdb.count, 1);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_NEW], 1);
}

static void fdb_test_move(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	learn(t, addr_a, &t->port, 1);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->peer, 2),
			VMNET_LEARN_MOVED);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->peer);
	KUNIT_EXPECT_EQ(test, t->fdb.count, 1);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_MOVE], 1);
}

/* Only frames from an address keep it; the limit is inclusive. */
static void fdb_test_age(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	learn(t, addr_a, &t->port, 1000);
	learn(t, addr_b, &t->port, 1000);
	learn(t, addr_b, &t->port, 1050);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 1099), 0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 1100), 1);
	KUNIT_EXPECT_NULL(test, where(t, addr_a));
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_b), &t->port);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 1150), 1);
	KUNIT_EXPECT_EQ(test, t->fdb.count, 0);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_DEL], 2);

	/* Across the wrap of jiffies. */
	learn(t, addr_a, &t->port, -10UL);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 50), 0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 90), 1);

	t->fdb.ageing = 0;
	learn(t, addr_a, &t->port, 1);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 100000), 0);
}

static void fdb_test_limit(struct kunit *test)
{
	struct fdb_test *t = test->priv;
	u8 addr[ETH_ALEN] = { 2, 0, 0, 0, 1, 0 };
	int i;

	for (i = 0; i < 4; i++, addr[5]++)
		KUNIT_EXPECT_EQ(test, learn(t, addr, &t->port, 1),
				VMNET_LEARN_NEW);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 1), VMNET_LEARN_FULL);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_a, 0, &t->port, 1),
			-ENOSPC);
	addr[5]--;
	KUNIT_EXPECT_EQ(test, vmnet_fdb_del(&t->fdb, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 1), VMNET_LEARN_NEW);

	/* What is there already takes no more room when it becomes static. */
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_a, 0, &t->port, 1), 0);
	KUNIT_EXPECT_EQ(test, t->fdb.count, 4);
}

static void fdb_test_static(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	learn(t, addr_a, &t->port, 1);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_a, 0, &t->peer, 1),
			0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_a, 0, &t->peer, 1),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 2),
			VMNET_LEARN_FIXED);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->peer);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_age(&t->fdb, 100000), 0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_del(&t->fdb, addr_a, 0), 0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_del(&t->fdb, addr_a, 0), -ENOENT);
}

static void fdb_test_own(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	learn(t, addr_a, &t->port, 1);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_set_own(&t->fdb, addr_a, &t->local, 1),
			0);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 2), VMNET_LEARN_OWN);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_del(&t->fdb, addr_a, 0), -EPERM);
	KUNIT_EXPECT_EQ(test, t->fdb.count, 0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_set_own(&t->fdb, addr_b, &t->local, 1),
			0);
	KUNIT_EXPECT_NULL(test, where(t, addr_a));
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_b), &t->local);

	/* A static entry was made on purpose and stays. */
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_a, 0, &t->peer, 1),
			0);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_set_own(&t->fdb, addr_a, &t->local, 1),
			-EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->peer);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_b), &t->local);
}

static void fdb_test_flush(struct kunit *test)
{
	struct fdb_test *t = test->priv;

	learn(t, addr_a, &t->port, 1);
	learn(t, addr_b, &t->peer, 1);
	vmnet_fdb_flush(&t->fdb, &t->port);
	KUNIT_EXPECT_NULL(test, where(t, addr_a));
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_b), &t->peer);
	vmnet_fdb_flush_kind(&t->fdb, VMNET_DEST_PORT);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_b), &t->peer);
	vmnet_fdb_flush_kind(&t->fdb, VMNET_DEST_PEER);
	KUNIT_EXPECT_NULL(test, where(t, addr_b));
}

static void fdb_test_vlans(struct kunit *test)
{
	DECLARE_BITMAP(keep, 4096) = {};
	struct fdb_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, learn_in(t, addr_a, 1, &t->port, 1),
			VMNET_LEARN_NEW);
	KUNIT_EXPECT_EQ(test, learn_in(t, addr_a, 2, &t->peer, 1),
			VMNET_LEARN_NEW);
	KUNIT_EXPECT_EQ(test, learn_in(t, addr_b, 2, &t->port, 1),
			VMNET_LEARN_NEW);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr_b, 3, &t->port, 1), 0);
	KUNIT_EXPECT_PTR_EQ(test, where_in(t, addr_a, 1), &t->port);
	KUNIT_EXPECT_PTR_EQ(test, where_in(t, addr_a, 2), &t->peer);
	KUNIT_EXPECT_NULL(test, where(t, addr_a));

	__set_bit(1, keep);
	vmnet_fdb_flush_vlans(&t->fdb, &t->port, keep);
	KUNIT_EXPECT_PTR_EQ(test, where_in(t, addr_a, 1), &t->port);
	KUNIT_EXPECT_PTR_EQ(test, where_in(t, addr_a, 2), &t->peer);
	KUNIT_EXPECT_NULL(test, where_in(t, addr_b, 2));
	KUNIT_EXPECT_PTR_EQ(test, where_in(t, addr_b, 3), &t->port);
}

static void fdb_test_dest_limit(struct kunit *test)
{
	u8 addr[ETH_ALEN] = { 2, 0, 0, 0, 1, 0 };
	struct fdb_test *t = test->priv;

	t->port.limit = 2;
	learn(t, addr_a, &t->port2, 1);
	learn(t, addr, &t->port, 1);
	addr[5]++;
	learn(t, addr, &t->port, 1);
	KUNIT_EXPECT_EQ(test, t->port.macs, 2);
	addr[5]++;
	KUNIT_EXPECT_EQ(test, learn(t, addr, &t->port, 1),
			VMNET_LEARN_DEST_FULL);
	/* Nor does it get what is another's. */
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 1),
			VMNET_LEARN_DEST_FULL);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->port2);
	KUNIT_EXPECT_EQ(test, learn(t, addr, &t->port2, 1), VMNET_LEARN_NEW);

	/* Each way for an entry to go or to stay makes room. */
	addr[5] = 0;
	KUNIT_EXPECT_EQ(test, learn(t, addr, &t->port2, 1), VMNET_LEARN_MOVED);
	KUNIT_EXPECT_EQ(test, t->port.macs, 1);
	KUNIT_EXPECT_EQ(test, t->port2.macs, 3);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_add(&t->fdb, addr, 0, &t->port, 1), 0);
	KUNIT_EXPECT_EQ(test, t->port2.macs, 2);
	KUNIT_EXPECT_EQ(test, vmnet_fdb_del(&t->fdb, addr, 0), 0);
	KUNIT_EXPECT_EQ(test, t->port.macs, 1);
	vmnet_fdb_flush(&t->fdb, &t->port);
	vmnet_fdb_age(&t->fdb, 1000);
	KUNIT_EXPECT_EQ(test, t->port.macs, 0);
	KUNIT_EXPECT_EQ(test, t->port2.macs, 0);
}

/* A loop: frames from port come back at port2 and at the peer. */
static void fdb_test_damp(struct kunit *test)
{
	struct fdb_test *t = test->priv;
	unsigned int i;

	learn(t, addr_a, &t->port, 1);
	for (i = 0; i < VMNET_MOVES_MAX; i++)
		KUNIT_EXPECT_EQ(test, learn(t, addr_a, i % 2 ? &t->peer :
					    &t->port2, 2), VMNET_LEARN_MOVED);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->peer, 3),
			VMNET_LEARN_DAMPED);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_DAMPED], 1);

	/* It is held where it was first. */
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->port);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port2, 4), VMNET_LEARN_HELD);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->peer, 4), VMNET_LEARN_HELD);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port, 4), VMNET_LEARN_KNOWN);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_DAMPED], 1);
	KUNIT_EXPECT_EQ(test, t->port.macs, 1);
	KUNIT_EXPECT_EQ(test, t->port2.macs + t->peer.macs, 0);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->peer, 3 + VMNET_MOVES_HOLD),
			VMNET_LEARN_MOVED);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->peer);

	/* Who deletes it frees it. */
	for (i = 0; i < VMNET_MOVES_MAX; i++)
		learn(t, addr_a, i % 2 ? &t->peer : &t->port2,
		      4 + VMNET_MOVES_HOLD);
	KUNIT_EXPECT_EQ(test, told[VMNET_EV_FDB_DAMPED], 2);
	vmnet_fdb_del(&t->fdb, addr_a, 0);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->port2, 4 + VMNET_MOVES_HOLD),
			VMNET_LEARN_NEW);
}

/* Where it was first may have gone. */
static void fdb_test_damp_homeless(struct kunit *test)
{
	struct fdb_test *t = test->priv;
	unsigned int i;

	learn(t, addr_a, &t->port, 1);
	for (i = 0; i < VMNET_MOVES_MAX; i++)
		learn(t, addr_a, i % 2 ? &t->peer : &t->port2, 2);
	vmnet_fdb_flush(&t->fdb, &t->port);
	KUNIT_EXPECT_EQ(test, learn(t, addr_a, &t->peer, 3),
			VMNET_LEARN_DAMPED);
	KUNIT_EXPECT_PTR_EQ(test, where(t, addr_a), &t->port2);
}

static struct kunit_case fdb_test_cases[] = {
	KUNIT_CASE(fdb_test_learn),
	KUNIT_CASE(fdb_test_move),
	KUNIT_CASE(fdb_test_age),
	KUNIT_CASE(fdb_test_limit),
	KUNIT_CASE(fdb_test_static),
	KUNIT_CASE(fdb_test_own),
	KUNIT_CASE(fdb_test_flush),
	KUNIT_CASE(fdb_test_vlans),
	KUNIT_CASE(fdb_test_dest_limit),
	KUNIT_CASE(fdb_test_damp),
	KUNIT_CASE(fdb_test_damp_homeless),
	{}
};

static struct kunit_suite fdb_test_suite = {
	.name = "vmnet_fdb",
	.init = fdb_test_init,
	.exit = fdb_test_exit,
	.test_cases = fdb_test_cases,
};

kunit_test_suite(fdb_test_suite);
